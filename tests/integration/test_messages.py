"""MESSAGE from phone to phone, through the dialplan or straight to the user.

1. phone to phone over UDP and TCP, with a digest; what arrives; order of two hundred
2. a retransmitted MESSAGE reaches the dialplan once and gets the same answer
3. headers: readable as MESSAGE_DATA, not sent on unless marked, and marked
4. message_context goes before context; 404 where the dialplan has nothing
5. 415 with Accept; message_accept
6. 481 in a dialog that does not exist; 483 without hops left
7. 64 KiB over TCP; 413 over max_body; text that is no UTF-8; NUL and control characters
8. route = users: no dialplan needed, an extension goes first
9. a From that is not the sender's
10. MessageReceived on AMI, with Body and with Base64Body
11. a flood from one address is cut, with a line in the log, and others are served
12. a sender that stops in the middle of a message on TCP harms nobody
"""
import base64
import re
import socket
import threading

import pytest

from harness import Server, account, wait_until
from sip_user import User

EXTENSIONS = r"""
[messages]
exten => marked,1,Set(MESSAGE(custom_data)=mark_all_outbound)
 same => n,Set(MESSAGE_DATA(X-Added)=by the dialplan)
 same => n,MessageSend(pjsip:bob)
exten => cleared,1,Set(MESSAGE(custom_data)=mark_all_outbound)
 same => n,Set(MESSAGE(custom_data)=clear_all_outbound)
 same => n,MessageSend(pjsip:bob)
exten => data,1,Set(SEEN=${MESSAGE_DATA(X-Secret)}|${MESSAGE_DATA(PJSIP_RECVADDR)})
 same => n,Set(SEEN=${SEEN}|${MESSAGE_DATA(PJSIP_TRANSPORT)}|${MESSAGE_DATA(PJSIP_ENDPOINT)})
 same => n,Set(MESSAGE(body)=${SEEN})
 same => n,MessageSend(pjsip:bob)
exten => counted,1,Set(GLOBAL(COUNT)=${MATH(0${GLOBAL(COUNT)}+1,int)})
 same => n,Set(MESSAGE(body)=${COUNT})
 same => n,MessageSend(pjsip:bob)
exten => nowhere,1,NoOp(taken)
exten => alice,1,MessageSend(pjsip:alice)
exten => bob,1,MessageSend(pjsip:bob)
[texts]
exten => where,1,Set(MESSAGE(body)=in texts)
 same => n,MessageSend(pjsip:bob)
[calls]
exten => where,1,Set(MESSAGE(body)=in calls)
 same => n,MessageSend(pjsip:bob)
exten => calls-only,1,NoOp()
"""
USERS = "".join([
    account("alice", "secret"), account("bob"), account("carol", "secret"),
    account("texter", endpoint="context = calls\nmessage_context = texts"),
    account("caller", endpoint="context = calls"),
    account("gate", endpoint="identify_by = ip"),
    "[by-address]\ntype = identify\nendpoint = gate\nmatch = 127.0.0.9\n",
])


@pytest.fixture(scope="module")
def server():
    with Server(pjsip=USERS, extensions=EXTENSIONS) as server:
        yield server


@pytest.fixture(params=["UDP"])
def alice(request, server):
    with User(server, "alice", "secret", transport=request.param) as alice:
        assert alice.register().status == 200
        yield alice
        alice.register(0, "*")


@pytest.fixture
def bob(server):
    with User(server, "bob") as bob:
        assert bob.register().status == 200
        yield bob
        bob.register(0, "*")


# 1: phone to phone.

@pytest.mark.parametrize("alice", ["UDP", "TCP"], indirect=True)
def test_phone_to_phone(alice, bob):
    there = alice.message("bob", "Grüße, Bob: \"1\" < 2; 100 %")
    assert there.status == 202, there
    request = bob.wait_one()
    assert request.body.decode() == "Grüße, Bob: \"1\" < 2; 100 %"
    assert request.uri == bob.contact.strip("<>")
    assert request.header("Content-Type").startswith("text/plain")
    assert re.match(r"<sip:alice@", request.header("From")), request
    assert int(request.header("Max-Forwards")) < 70
    assert not request.all("Authorization"), "credentials must not travel on"
    assert bob.message("alice", "thank you").status == 202
    assert alice.wait_one(b"thank you").transport == alice.transport


def test_order_of_one_pair(alice, bob):
    alice.take_challenge(alice.request("MESSAGE", f"sip:bob@{alice.domain}", auth=False))
    uri = f"sip:bob@{alice.domain}"
    for i in range(200):
        alice.transmit(alice.build("MESSAGE", uri, branch=f"z9hG4bKorder{i}", body=f"number {i}",
                                   headers=["Content-Type: text/plain",
                                            alice.credentials("MESSAGE", uri)]))
    statuses = {alice.final(f"z9hG4bKorder{i}").status for i in range(200)}
    assert statuses == {202}
    arrived = [request.body.decode() for request in bob.wait(200)]
    assert arrived == [f"number {i}" for i in range(200)]


# 2: retransmissions.

def test_retransmission_reaches_the_dialplan_once(alice, bob):
    uri = f"sip:counted@{alice.domain}"
    alice.take_challenge(alice.request("MESSAGE", uri, auth=False))
    first = alice.build("MESSAGE", uri, branch="z9hG4bKagain", body="again",
                        headers=["Content-Type: text/plain", alice.credentials("MESSAGE", uri)])
    alice.transmit(first)
    assert alice.final("z9hG4bKagain").status == 202
    for _ in range(4):
        alice.transmit(first)
    assert alice.final("z9hG4bKagain", 5).status == 202
    assert alice.message("bob", "the end").status == 202
    bob.wait_one(b"the end")
    assert len(bob.messages()) == 2, [r.body for r in bob.messages()]
    assert len({r.raw for r in alice.responses if r.branch == "z9hG4bKagain"}) == 1


# 3: headers.

SECRET = ["X-Secret: one, two", "P-Asserted-Identity: <sip:boss@example.net>"]


def test_headers_do_not_travel_on(alice, bob):
    assert alice.message("bob", "plain", headers=SECRET).status == 202
    assert not {"x-secret", "p-asserted-identity"} & {k.lower() for k, _ in bob.wait_one().headers}
    assert alice.message("cleared", "cleared", headers=SECRET).status == 202
    assert not bob.wait_one(b"cleared").all("X-Secret")


def test_marked_headers_travel_on(alice, bob):
    assert alice.message("marked", "marked", headers=SECRET).status == 202
    request = bob.wait_one()
    assert request.header("X-Secret") == "one, two"
    assert request.header("X-Added") == "by the dialplan"
    for name in ("Via", "From", "To", "Call-ID", "CSeq", "Content-Length", "Max-Forwards"):
        request.header(name)
    assert not request.all("Authorization")


def test_headers_are_data(alice, bob):
    assert alice.message("data", "ask", headers=SECRET).status == 202
    secret, address, transport, endpoint = bob.wait_one().body.decode().split("|")
    assert (secret, transport, endpoint) == ("one, two", "udp", "alice")
    assert address.startswith("127.0.0.1")


# 4: contexts.

def test_message_context_goes_before_context(server, bob):
    with User(server, "texter") as texter, User(server, "caller") as caller:
        assert texter.message("where", "?").status == 202
        bob.wait_one(b"in texts")
        assert caller.message("where", "?").status == 202
        bob.wait_one(b"in calls")
        assert texter.message("calls-only", "?").status == 404
        assert caller.message("calls-only", "?").status == 202


def test_nobody_there(alice):
    assert alice.message("nobody", "?").status == 404
    assert alice.message("alice.", "?").status == 404
    assert alice.message(f"sip:{alice.domain}", "no user part").status == 404
    assert alice.message("nowhere", "taken and dropped").status == 202


# 5: content types.

@pytest.mark.parametrize("content_type", [
    "text/html", "application/im-iscomposing+xml", "message/cpim", "text", "/", ""])
def test_content_type_that_is_not_taken(content_type, alice):
    answer = alice.message("bob", "<b>", content_type)
    assert answer.status == 415, answer
    assert answer.header("Accept") == "text/plain"


@pytest.mark.parametrize("content_type", ["TEXT/Plain", "text/plain;charset=UTF-8",
                                          "text/plain ; format=flowed"])
def test_content_type_that_is_taken(content_type, alice, bob):
    assert alice.message("bob", "text", content_type).status == 202
    bob.wait_one(b"text")


@pytest.mark.parametrize("accept, taken, refused", [
    ("text/plain, message/imdn+xml", "message/imdn+xml", "text/html"),
    ("*/*", "application/vnd.example+json", None)])
def test_message_accept(accept, taken, refused):
    with Server(pjsip=USERS, extensions=EXTENSIONS,
                missive_conf=f"[messaging]\nmessage_accept = {accept}\n") as server, \
            User(server, "bob") as bob, User(server, "caller") as caller:
        bob.register()
        assert bob.message("bob", "{}", taken).status == 202
        assert bob.wait_one().header("Content-Type") == taken
        if refused:
            answer = caller.message("where", "{}", refused)
            assert answer.status == 415
            assert answer.header("Accept").replace(" ", "") == accept.replace(" ", "")


# 6: dialogs and hops.

def test_dialog_that_does_not_exist(alice, bob):
    answer = alice.message("bob", "?", to=f"<sip:bob@{alice.domain}>;tag=dialog")
    assert answer.status == 481, answer
    assert alice.message("bob", "but this").status == 202
    bob.wait_one(b"but this")
    assert len(bob.messages()) == 1


def test_no_hops_left(alice):
    answer = alice.message("bob", "?", headers=["Max-Forwards: 0"])
    assert answer.status == 483, answer


# 7: bodies.

@pytest.mark.parametrize("alice", ["TCP"], indirect=True)
def test_64_kib(server, alice):
    body = ("0123456789abcdé" * 4096).encode()
    assert len(body) == 65536
    with User(server, "bob", transport="TCP") as bob:
        assert bob.register().status == 200
        assert alice.message("bob", body).status == 202
        assert bob.wait_one().body == body
        assert alice.message("bob", "x" * (65536 + 1)).status == 413
        assert alice.message("bob", "x" * 100_000).status == 413
        assert alice.message("bob", "still there").status == 202
        bob.wait_one(b"still there")
        bob.register(0, "*")


@pytest.mark.parametrize("body", [
    b"\xff\xfe\xfd", b"cut \xc3", b"overlong \xc0\xaf", b"surrogate \xed\xa0\x80"])
def test_what_is_no_utf_8(body, alice, bob):
    """Refused, or carried octet by octet; never changed, never cut."""
    status = alice.message("bob", body).status
    assert status in (202, 400, 415, 488), status
    assert alice.message("bob", "the end").status == 202
    bob.wait_one(b"the end")
    assert [r.body for r in bob.messages()] == ([body] if status == 202 else []) + [b"the end"]


@pytest.mark.parametrize("body", [
    b"a\0b", b"\r\nMESSAGE sip:x SIP/2.0\r\n\r\n", b"", b"${EXTEN} $[1+1] ${SHELL(id)}",
    b'quotes " and \\, commas; semicolons', "\U0001f600\u200f \u05e9\u05dc\u05d5\u05dd".encode()])
def test_body_arrives_as_it_is(body, alice, bob):
    assert alice.message("bob", body).status == 202
    assert bob.wait_one().body == body


# 8: without a dialplan.

def test_route_users(bob):
    with Server(pjsip=USERS, missive_conf="[messaging]\nroute = users\n",
                extensions="[messages]\nexten => nowhere,1,NoOp()\n") as server, \
            User(server, "alice", "secret") as alice, User(server, "bob") as bob:
        assert alice.register().status == bob.register().status == 200
        assert alice.message("bob", "straight").status == 202
        request = bob.wait_one(b"straight")
        assert re.match(r"<sip:alice@", request.header("From"))
        assert bob.message("alice", "back").status == 202
        alice.wait_one(b"back")
        assert alice.message("nowhere", "the dialplan goes first").status == 202
        assert alice.message("nobody", "?").status == 404


# 9: who it is from.

def test_from_of_somebody_else(alice, bob):
    """With alice's credentials and another's name in From: refused, or sent on as hers."""
    uri = f"sip:bob@{alice.domain}"
    alice.take_challenge(alice.request("MESSAGE", uri, auth=False))
    answers = [alice.exchange(alice.build("MESSAGE", uri, sender=sender, body="who am I?", headers=[
        "Content-Type: text/plain", alice.credentials("MESSAGE", uri)]))
        for sender in (f"<sip:carol@{alice.domain}>", '"Boss" <sip:boss@example.net>')]
    check_sender(alice, bob, answers)


def test_from_of_a_trusted_address(server, bob):
    """Whom the address identifies is no more free to choose a name."""
    with User(server, "carol", host="127.0.0.9") as gate:
        answer = gate.message("bob", "who am I?", sender=f'"Carol" <sip:carol@{gate.domain}>')
        check_sender(gate, bob, [answer])


def check_sender(user, bob, answers):
    answers.append(user.message("bob", "the end", sender=f"<sip:end@{user.domain}>"))
    assert max(answer.status for answer in answers) < 500
    with User(user, "texter") as texter:
        answers.append(texter.message("where", "?"))
    requests = bob.wait(sum(answer.status == 202 for answer in answers))
    assert b"in texts" in [r.body for r in requests]
    senders = [r.header("From") for r in requests]
    assert not [s for s in senders if "carol" in s.lower() or "boss" in s.lower()], senders


def test_control_characters_in_a_display_name(alice, bob):
    answer = alice.message("bob", "odd name", sender=f'"x\\\x01y\\\x7fz" <{alice.uri}>')
    if answer.status == 202:
        assert bob.wait_one().header("From").startswith('"x y z" <sip:alice@')
    else:
        assert answer.status == 400, answer


# 10: AMI.

def test_message_received(server, alice, bob):
    client = server.ami(username="reader", secret="reader")
    assert alice.message("bob", "to be seen").status == 202
    event = client.event("MessageReceived", Endpoint="alice")
    assert event["Privilege"] == "message,all"
    assert (event["Context"], event["Exten"]) == ("messages", "bob")
    assert (event["ContentType"], event["Body"]) == ("text/plain", "to be seen")
    assert "alice" in event["From"] and "bob" in event["To"]
    first = event["MessageID"]
    assert alice.message("bob", "two\r\nAction: lines\r\n\r\n").status == 202
    event = client.event("MessageReceived", Endpoint="alice")
    assert base64.b64decode(event["Base64Body"]) == b"two\r\nAction: lines\r\n\r\n"
    assert "Body" not in event and event["MessageID"] not in ("", first)
    bob.wait(2)


# 11, 12: those who do harm.

def test_flood_from_one_address():
    with Server(pjsip=USERS, extensions=EXTENSIONS,
                missive_conf="[sip]\nunidentified_rate = 20\n") as server, \
            User(server, "alice", "secret") as alice, User(server, "bob") as bob, \
            User(server, "mallory", host="127.0.0.66") as mallory:
        assert bob.register().status == 200
        for i in range(2000):
            mallory.transmit(mallory.build("REGISTER", to=f"<sip:u{i}@{mallory.domain}>"))
            if i % 500 == 0:
                assert alice.message("bob", f"meanwhile {i}").status == 202
                bob.wait_one(f"meanwhile {i}".encode())
        wait_until(lambda: "127.0.0.66" in server.log(), what="the line in the log")
        assert len([line for line in server.log().splitlines() if "127.0.0.66" in line]) < 200
        assert len(mallory.responses) < 500
        assert alice.register().status == 200


def test_half_a_message_on_tcp(server, bob):
    stuck = [socket.create_connection(("127.0.0.1", server.sip_port)) for _ in range(20)]
    try:
        for sock in stuck:
            sock.sendall(b"MESSAGE sip:bob@x SIP/2.0\r\nContent-Length: 5000\r\n\r\nhalf")
        with User(server, "alice", "secret", transport="TCP") as alice:
            assert alice.message("bob", "whole").status == 202
        bob.wait_one(b"whole")
    finally:
        for sock in stuck:
            sock.close()


def test_many_pairs_at_a_time(server, bob):
    names = ("alice", "texter", "caller")
    problems = []

    def talk(name, i):
        try:
            with User(server, name, "secret") as user:
                to = "bob" if name == "alice" else "where"
                assert [user.message(to, f"{name} {i} {k}").status for k in range(20)] == [202] * 20
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=talk, args=(name, i)) for name in names for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    bob.wait(240)
    assert len(bob.messages()) == 240
