"""`missive explain --incoming FROM RURI`: how a MESSAGE would be identified and routed.

1. the endpoint and the method it was identified by, context, extension and handler; status 0
2. by address with --source, anonymous
3. message_context; a pattern; an included context
4. route = users: the handler is the user road
5. nobody takes it: no endpoint, no extension, no dialplan; a reason, status 1
6. nothing is sent, and no server needs to run
7. a wrong command line
"""
import pytest

from harness import Server, account, missive

EXTENSIONS = """[messages]
include => more
exten => bob,1,MessageSend(pjsip:bob)
exten => _1NXX,1,MessageSend(pjsip:PJSIP/${EXTEN}@bob)
[more]
exten => included,1,NoOp()
[texts]
exten => only-texts,1,NoOp()
"""
USERS = "".join([account("alice", "secret"), account("bob"),
                 account("texter", endpoint="context = messages\nmessage_context = texts")])


@pytest.fixture(scope="module")
def explain():
    server = Server(pjsip=USERS, extensions=EXTENSIONS)

    def run(sender, uri, *options, status=0):
        done = missive("explain", "--config", server.config, *options, "--incoming",
                       f"sip:{sender}@127.0.0.1", uri)
        shown = done.stdout + done.stderr
        assert done.returncode == status, shown
        assert "internal error" not in shown
        return shown

    run.server = server
    yield run
    server._discard()


def has(shown, *words):
    for word in words:
        assert word.lower() in shown.lower(), f"{word} is missing in\n{shown}"


def test_identification_and_route(explain):
    has(explain("alice", "sip:bob@127.0.0.1"), "endpoint", "alice", "username", "context",
        "messages", "extension", "bob", "dialplan", "password")


def test_pattern_and_include(explain):
    has(explain("alice", "sip:1234@127.0.0.1"), "_1NXX")
    has(explain("bob", "sip:included@127.0.0.1"), "included")


def test_message_context(explain):
    has(explain("texter", "sip:only-texts@127.0.0.1"), "texts", "only-texts")
    has(explain("texter", "sip:bob@127.0.0.1", status=1), "texts", "404")


@pytest.mark.parametrize("sender, uri, words", [
    ("nobody", "sip:bob@127.0.0.1", ["nobody", "endpoint"]),
    ("alice", "sip:nobody@127.0.0.1", ["nobody", "404", "messages"]),
    ("alice", "sip:127.0.0.1", ["404"]),
    ("alice", "sip:@@", ["uri"])])
def test_nobody_takes_it(sender, uri, words, explain):
    has(explain(sender, uri, status=1), *words)


def test_route_users():
    server = Server(pjsip=USERS, missive_conf="[messaging]\nroute = users\n")
    try:
        shown = missive("explain", "--config", server.config, "--incoming", "sip:alice@127.0.0.1",
                        "sip:bob@127.0.0.1")
        assert shown.returncode == 0, shown.stdout
        has(shown.stdout, "users", "bob", "alice")
        shown = missive("explain", "--config", server.config, "--incoming", "sip:alice@127.0.0.1",
                        "sip:nobody@127.0.0.1")
        assert shown.returncode == 1, shown.stdout
    finally:
        server._discard()


def test_anonymous():
    server = Server(pjsip=account("anonymous"), extensions=EXTENSIONS)
    try:
        shown = missive("explain", "--config", server.config, "--incoming", "sip:who@example.net",
                        "sip:bob@127.0.0.1")
        assert shown.returncode == 0, shown.stdout + shown.stderr
        has(shown.stdout, "anonymous", "bob")
    finally:
        server._discard()


def test_wrong_command_line(explain):
    done = missive("explain", "--config", explain.server.config, "--incoming", "sip:alice@x")
    assert done.returncode > 0
    assert done.stderr.strip()
