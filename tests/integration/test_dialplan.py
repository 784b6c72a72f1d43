"""extensions.conf at work: what the dialplan does with a message, and with the world around.

1. MESSAGE_SEND_STATUS: SUCCESS, FAILURE, INVALID_PROTOCOL, INVALID_URI, told to the sender
2. MessageSend(destination,from,to), MESSAGE(from), MESSAGE(to): which one holds
3. patterns, Goto, Gosub, GotoIf, While, Wait: what a message runs through
4. UserEvent on AMI
5. a dialplan that sends to itself ends by Max-Forwards; one that runs in a circle by max_steps
6. a reload takes the new dialplan; one with an error leaves the old in force, file:line in the log
7. an unknown application or function: a warning with file:line, at load time
8. DB() survives a restart
9. CURL: a page, a page that does not come, one that is too large
10. FastAGI: variables both ways; a script that is not there
11. System and SHELL are off unless live_dangerously
12. a slow message holds up only its own pair
"""
import contextlib
import http.server
import re
import socketserver
import threading

import pytest

from harness import Server, account, free_port, wait_until
from sip_user import User

USERS = account("alice") + account("bob") + account("absent")
REPLY = """ same => n,Set(MESSAGE(body)=${RESULT})
 same => n,MessageSend(pjsip:alice)
"""


@contextlib.contextmanager
def dialplan(text, missive_conf="", pjsip=USERS):
    """A server with this in [messages], and alice registered at it."""
    with Server(pjsip=pjsip, extensions=f"[messages]\n{text}",
                missive_conf=missive_conf) as server, User(server, "alice") as alice:
        assert alice.register().status == 200
        yield server, alice


def ask(alice, exten, body="?", **parts):
    """Sends to an extension that answers alice; what it answers."""
    before = len(alice.messages())
    assert alice.message(exten, body, **parts).status == 202
    return alice.wait(before + 1, lambda r: r.method == "MESSAGE")[before].body.decode()


# 1, 2: MessageSend.

def test_send_status():
    with dialplan(r"""
exten => success,1,MessageSend(pjsip:alice)
 same => n,Set(RESULT=${MESSAGE_SEND_STATUS})
""" + REPLY + r"""
exten => _X.,1,MessageSend(${DESTINATION${EXTEN}})
 same => n,Set(RESULT=${MESSAGE_SEND_STATUS})
""" + REPLY + r"""
[globals]
DESTINATION10 = pjsip:absent
DESTINATION11 = pjsip:nosuch/sip:x@127.0.0.1
DESTINATION20 = nosuch:alice
DESTINATION21 = alice
DESTINATION30 = pjsip:alice/sip:x@:::
DESTINATION31 = pjsip:
""") as (server, alice):
        assert alice.message("success", "first").status == 202
        assert [r.body for r in alice.wait(2)] == [b"first", b"SUCCESS"]
        answers = {number: ask(alice, str(number)) for number in (10, 11, 20, 21, 30, 31)}
        assert answers[10] == "SUCCESS"  # it waits for the registration
        assert answers[20] == answers[21] == "INVALID_PROTOCOL"
        assert answers[30] == answers[31] == "INVALID_URI"
        assert answers[11] in ("FAILURE", "INVALID_URI")


def test_from_and_to():
    with dialplan(r"""
exten => argument,1,Set(MESSAGE(from)="Set" <sip:set@example.net>)
 same => n,Set(MESSAGE(to)=sip:set@example.org)
 same => n,MessageSend(pjsip:alice,"Arg" <sip:argument@example.net>,sip:argument@example.org)
exten => set,1,Set(MESSAGE(from)="Set" <sip:set@example.net>)
 same => n,Set(MESSAGE(to)=sip:set@example.org)
 same => n,MessageSend(pjsip:alice)
exten => incoming,1,MessageSend(pjsip:alice)
exten => shown,1,Set(RESULT=${MESSAGE(from)} ${MESSAGE(to)} ${MESSAGE(body)})
""" + REPLY) as (server, alice):
        for name in ("argument", "set"):
            ask(alice, name)
            request = alice.messages()[-1]
            assert f"<sip:{name}@example.net>" in request.header("From")
            assert f"<sip:{name}@example.org>" in request.header("To")
        ask(alice, "incoming")
        assert "sip:alice@" in alice.messages()[-1].header("From")
        shown = ask(alice, "shown", sender=f'"Alice A" <{alice.uri}>')
        assert re.fullmatch(r'"Alice A" <sip:alice@[^>]*> .*\bshown@[^ ]* \?', shown), shown


# 3, 4: the run.

def test_flow():
    with dialplan(r"""
exten => _loop[0-9],1,Set(i=0)
 same => n,While($[${i} < ${EXTEN:4}])
 same => n,Set(i=${INC(i)})
 same => n,Set(RESULT=${RESULT}${i},)
 same => n,EndWhile()
 same => n,Wait(0.05)
 same => n,GotoIf($["${EXTEN}" = "loop9"]?nine:send)
 same => n(nine),Gosub(sub,s,1(9 times))
 same => n,Set(RESULT=${GOSUB_RETVAL})
 same => n(send),NoOp()
""" + REPLY + """[sub]
exten => s,1,Return(${TOUPPER(${ARG1})})
""") as (server, alice):
        assert ask(alice, "loop3") == "1,2,3,"
        assert ask(alice, "loop9") == "9 TIMES"
        assert alice.message("loop", "?").status == 404


def test_user_event():
    with dialplan(r"""
exten => event,1,UserEvent(Texted,Who: ${MESSAGE(from)},What: ${MESSAGE(body)})
""") as (server, alice):
        client = server.ami()
        assert alice.message("event", "to all: hear").status == 202
        event = client.event("UserEvent", UserEvent="Texted")
        assert event["What"] == "to all: hear"
        assert "sip:alice@" in event["Who"]


# 5: circles.

def test_loop_ends_by_max_forwards():
    port = free_port()
    loop = f"""[loop]
type = aor
contact = sip:round@127.0.0.1:{port}
[loop]
type = endpoint
context = messages
aors = loop
identify_by = ip
[by-port]
type = identify
endpoint = loop
match = 127.0.0.1
"""
    with Server(pjsip=loop, sip_port=port, extensions="""[messages]
exten => round,1,MessageSend(pjsip:loop)
""") as server, User(server, "loop") as user:
        client = server.ami()
        assert user.message("round", "and round", headers=["Max-Forwards: 5"]).status == 202
        for _ in range(5):
            client.event("MessageReceived")
        assert "483" in str(client.event("MessageStatus", Status="failed"))
        assert client.request("Ping").ok
        assert not [e for e in client.events if e["Event"] == "MessageReceived"]


def test_circle_ends_by_max_steps():
    with dialplan("""
exten => circle,1,NoOp()
 same => n,Goto(1)
exten => fine,1,Set(RESULT=fine)
""" + REPLY, "[dialplan]\nmax_steps = 500\n") as (server, alice):
        assert alice.message("circle", "?").status == 202
        assert ask(alice, "fine") == "fine"
        wait_until(lambda: "max_steps" in server.log(), what="a word about max_steps")
        assert "extensions.conf:" in server.log()


# 6, 7: loading.

def test_reload():
    def text(word):
        return f"[messages]\nexten => word,1,Set(RESULT={word})\n{REPLY}"

    with dialplan("") as (server, alice):
        assert alice.message("word", "?").status == 404
        server.write("extensions.conf", text("first"))
        server.reload()
        wait_until(lambda: alice.message("word", "?").status == 202)
        assert ask(alice, "word") == "first"
        server.write("extensions.conf", text("second") + "exten => broken,priority,NoOp()\n")
        server.reload()
        line = text("second").count("\n") + 1
        wait_until(lambda: f"extensions.conf:{line}" in server.log(), what="the error in the log")
        assert ask(alice, "word") == "first"
        server.write("extensions.conf", text("third"))
        server.reload()
        wait_until(lambda: ask(alice, "word") == "third", what="the third dialplan")


def test_what_does_not_exist_is_told_at_load_time():
    with dialplan("exten => odd,1,Dail(PJSIP/alice)\n same => n,Set(RESULT=[${NOSUCHF(1)}])\n"
                  + REPLY) as (server, alice):
        for line, word in ((2, "Dail"), (3, "NOSUCHF")):
            assert re.search(rf"extensions\.conf:{line}\b.*{word}", server.log()), server.log()


# 8, 9, 10, 11: the world around.

def test_database_survives_a_restart():
    with dialplan(r"""
exten => put,1,Set(DB(texts/last)=${MESSAGE(body)})
exten => get,1,Set(RESULT=<${DB(texts/last)}>)
""" + REPLY) as (server, alice):
        assert ask(alice, "get") == "<>"
        assert alice.message("put", "kept, \"this\"").status == 202
        wait_until(lambda: ask(alice, "get") == '<kept, "this">')
        server.stop()
        server.start()
        assert ask(alice, "get") == '<kept, "this">'


class Pages(http.server.BaseHTTPRequestHandler):
    posted = []

    def do_GET(self):
        body = b"x" * 5000 if self.path == "/large" else f"page of {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        Pages.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listening(server):
    """Runs a socketserver in a thread; its port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_curl():
    with listening(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)) as port, dialplan(rf"""
exten => _page.,1,Set(URL=http://127.0.0.1:{port}/${{EXTEN}}?q=${{URIENCODE(${{MESSAGE(body)}})}})
 same => n,Set(RESULT=<${{CURL(${{URL}})}}>)
{REPLY}
exten => post,1,Set(RESULT=${{CURL(http://127.0.0.1:{port}/post,${{MESSAGE(body)}})}})
{REPLY}
exten => large,1,Set(RESULT=${{LEN(${{CURL(http://127.0.0.1:{port}/large)}})}})
{REPLY}
exten => gone,1,Set(RESULT=<${{CURL(http://127.0.0.1:{free_port()}/)}}>)
{REPLY}
""", "[dialplan]\ncurl_max_size = 1k\n") as (server, alice):
        assert ask(alice, "page1", "a & b") == "<page of /page1?q=a%20%26%20b>"
        assert ask(alice, "post", "field=1") == "page of /post"
        assert Pages.posted == [b"field=1"]
        assert int(ask(alice, "large")) <= 1024
        assert ask(alice, "gone") == "<>"


class Agi(socketserver.StreamRequestHandler):
    seen = {}

    def handle(self):
        for line in iter(self.rfile.readline, b"\n"):
            key, _, value = line.decode().rstrip("\n").partition(": ")
            Agi.seen[key] = value
        self.command("VERBOSE \"from AGI\" 1")
        body = re.search(r"\((.*)\)", self.command("GET FULL VARIABLE ${MESSAGE(body)}"))[1]
        self.command(f'SET VARIABLE RESULT "{body[::-1]}"')
        Agi.unknown = self.command("FROBNICATE")

    def command(self, text):
        self.wfile.write(text.encode() + b"\n")
        return self.rfile.readline().decode()


def test_fast_agi():
    with listening(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Agi)) as port, dialplan(rf"""
exten => agi,1,AGI(agi://127.0.0.1:{port}/reverse?a=1,one,two)
{REPLY}
exten => gone,1,AGI(agi://127.0.0.1:{free_port()}/)
 same => n,Set(RESULT=${{AGISTATUS}})
{REPLY}
""") as (server, alice):
        assert ask(alice, "agi", "drawer") == "reward"
        assert Agi.seen["agi_extension"] == "agi" and Agi.seen["agi_context"] == "messages"
        assert (Agi.seen["agi_arg_1"], Agi.seen["agi_arg_2"]) == ("one", "two")
        assert Agi.seen["agi_network_script"].startswith("reverse")
        assert Agi.unknown.startswith("510 ")
        assert ask(alice, "gone") == "FAILURE"


@pytest.mark.parametrize("dangerous", [False, True])
def test_shell(dangerous, tmp_path):
    mark = tmp_path / "mark"
    with dialplan(rf"""
exten => run,1,System(touch {mark})
 same => n,TrySystem(touch {mark})
 same => n,Set(RESULT=<${{SHELL(echo out)}}>)
{REPLY}
""", f"[dialplan]\nlive_dangerously = {'yes' if dangerous else 'no'}\n") as (server, alice):
        assert ask(alice, "run").strip("<>\n") == ("out" if dangerous else "")
        assert mark.exists() == dangerous
        assert dangerous or "live_dangerously" in server.log()


# 12: who waits for whom.

def test_slow_message_holds_up_only_its_own_pair():
    with dialplan("exten => slow,1,ExecIf($[\"${MESSAGE(body)}\" = \"wait\"]?Wait(1))\n"
                  " same => n,Set(RESULT=after ${MESSAGE(body)})\n" + REPLY
                  + "exten => fast,1,Set(RESULT=fast)\n" + REPLY) as (server, alice), \
            User(server, "bob") as bob:
        assert alice.message("slow", "wait").status == 202
        assert alice.message("slow", "go").status == 202
        assert alice.message("fast", "?").status == 202
        assert bob.message("slow", "bob").status == 202
        bodies = [request.body for request in alice.wait(4)]
        assert sorted(bodies[:2]) == [b"after bob", b"fast"]
        assert bodies[2:] == [b"after wait", b"after go"]
