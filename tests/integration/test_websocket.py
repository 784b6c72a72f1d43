"""SIP over WebSocket: phones of npm, a page in Chromium, and frames that no client should send.

1. JsSIP and SIP.js register over ws, get a text and answer it, and unregister
2. two of them text each other, by contacts whose host is .invalid
3. a page in headless Chromium does the same as 1 with JsSIP
4. wss: a certificate of our own, a text both ways; after a reload the new one, nobody dropped
5. the handshake: sub-protocol, version, path; what http.conf's status page says
6. a message in fragments, with a ping between them; without Content-Length; a CRLF keep-alive
7. too large (1009), unmasked (1002), a length that overflows: that connection ends, others go on
8. a phone that went is reached no more, and what is sent to it waits or fails
9. no http.conf: nothing listens
"""
import contextlib
import http.server
import json
import pathlib
import queue
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request

import pytest

import npm
from certificates import Certificates
from harness import DEADLINE, Server, account, free_port, wait_until
from sip_user import User
from web_socket import BINARY, CLOSE, PING, PONG, Refused, WebSocket, frame, sip

HTTP_CONF = """[general]
enabled = yes
bindaddr = 127.0.0.1
bindport = {port}
enable_status = yes
{more}
"""
TRANSPORTS = """[transport-ws]
type = transport
protocol = ws
bind = 0.0.0.0
[transport-wss]
type = transport
protocol = wss
bind = 0.0.0.0
"""
USERS = "".join(account(name, f"{name}-secret") for name in ("alice", "bob", "carol"))


def web_server(http_conf="", files=(), users=USERS, pjsip=TRANSPORTS):
    """A server with the HTTP server on `http_port`; not started yet."""
    server = Server(pjsip=pjsip + users, missive_conf="[messaging]\nroute = users\n")
    server.http_port = free_port()
    server.write("http.conf", HTTP_CONF.format(port=server.http_port, more=http_conf))
    for name, text in files:
        server.write(name, text)
    server.ws = f"ws://127.0.0.1:{server.http_port}/ws"
    server.domain = f"127.0.0.1:{server.sip_port}"
    return server


@pytest.fixture(scope="module")
def server():
    with web_server() as server:
        yield server


class Steps:
    """What a phone says it did, one JSON object a step, in the order it says it."""

    def __init__(self):
        self._waiting = queue.Queue()
        self.all = []

    def put(self, step):
        self._waiting.put(step)

    def next(self, name, deadline=DEADLINE):
        try:
            step = self._waiting.get(timeout=deadline)
        except queue.Empty:
            raise AssertionError(f"no '{name}' in {deadline} s; so far {self.all}") from None
        self.all.append(step)
        assert step["step"] == name, self.all
        return step


class NodePhone(Steps):
    """with NodePhone("jssip.js", server, "alice", "bob") as phone: phone.next("registered")"""

    def __init__(self, script, server, user, peer):
        super().__init__()
        npm.install()
        self.process = subprocess.Popen(
            ["node", npm.CLIENTS / script, server.ws, user, server.domain, f"{user}-secret", peer],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.put(json.loads(line))

    def leave(self):
        """Unregisters and ends; the exit status."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.wait(DEADLINE)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if kind:
            print(f"--- {self.process.args[1]}\n{self.process.stderr.read()[-3000:]}")


@pytest.mark.parametrize("script, name", [("jssip.js", "JsSIP"), ("sipjs.js", "SIP.js")])
def test_phone_of_npm(server, script, name):  # 1
    with User(server, "bob", "bob-secret") as bob, \
            NodePhone(script, server, "alice", "bob") as alice:
        assert bob.register().status == 200
        assert alice.next("registered")["status"] == 200
        assert bob.message("alice", "grüße").status == 202
        received = alice.next("received")
        assert received["text"] == "grüße"
        assert received["from"].startswith("sip:bob@")
        assert alice.next("sent")["status"] == 202
        text = bob.wait_one()
        assert text.body == f"{name} got: grüße".encode()
        assert text.header("From").split(";")[0].endswith("<sip:alice@127.0.0.1>")
        assert alice.leave() == 0
        alice.next("unregistered")


def test_phones_of_npm_to_each_other(server):  # 2
    with NodePhone("jssip.js", server, "alice", "bob") as alice, \
            NodePhone("sipjs.js", server, "bob", "carol") as bob, \
            User(server, "carol", "carol-secret") as carol:
        assert carol.register().status == 200
        alice.next("registered")
        bob.next("registered")
        # carol writes to alice, who answers to bob, who answers to carol.
        assert carol.message("alice", "pass it on").status == 202
        assert alice.next("received")["text"] == "pass it on"
        alice.next("sent")
        assert bob.next("received")["text"] == "JsSIP got: pass it on"
        bob.next("sent")
        assert carol.wait_one().body == b"SIP.js got: JsSIP got: pass it on"
        assert alice.leave() == 0
        assert bob.leave() == 0


class PageServer(Steps):
    """Shows clients/ on loopback, and hears what the page has to say."""

    def __enter__(self):
        steps = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(npm.CLIENTS))

            def do_POST(self):
                steps.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.httpd.shutdown()
        self.httpd.server_close()

    def url(self, **query):
        return (f"http://127.0.0.1:{self.httpd.server_port}/web_phone.html?"
                + urllib.parse.urlencode(query))


@contextlib.contextmanager
def chromium(url):
    program = shutil.which("chromium")
    assert program, "chromium is not installed"
    folder = tempfile.mkdtemp(prefix="missive-chromium-")
    with open(pathlib.Path(folder) / "log", "w+") as log:
        # The debugging port keeps it running; nobody uses it.
        process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0",
             f"--user-data-dir={folder}/profile", url],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.seek(0)
            print(f"--- chromium\n{log.read()[-3000:]}")
            shutil.rmtree(folder, ignore_errors=True)


def test_page_in_chromium(server):  # 3
    npm.install()
    with PageServer() as page, User(server, "bob", "bob-secret") as bob:
        assert bob.register().status == 200
        with chromium(page.url(url=server.ws, user="alice", domain=server.domain,
                               password="alice-secret", peer="bob")):
            registered = page.next("registered", deadline=60)
            assert registered["status"] == 200
            assert "Chrome" in registered["agent"]
            assert bob.message("alice", "to the page ✓").status == 202
            assert page.next("received")["text"] == "to the page ✓"
            assert page.next("sent")["status"] == 202
            assert bob.wait_one().body == "the page got: to the page ✓".encode()


class RawPhone(WebSocket):
    """A phone whose every octet the test writes."""

    def response(self):
        opcode, data = self.receive()
        text = data.decode()
        assert text.startswith("SIP/2.0 "), text
        return int(text.split(" ")[1])


OPEN = "".join(account(name) for name in ("alice", "bob"))


def registering(user, server, **how):
    """A REGISTER whose To is the user's own address."""
    request = sip("REGISTER", user, server.domain, headers=[
        f"Contact: <sip:{user}@{user}.invalid;transport=ws>", "Expires: 300"], **how)
    return request.replace(f"To: <sip:{server.domain}>", f"To: <sip:{user}@{server.domain}>")


@pytest.fixture(scope="module")
def open_server():
    """Nobody is asked for a password."""
    with web_server(users=OPEN) as server:
        yield server


@pytest.fixture
def alice(open_server):
    with RawPhone(open_server.http_port) as phone:
        phone.send(registering("alice", open_server))
        assert phone.response() == 200
        yield phone


def answer_to(request):
    """200 OK to a MESSAGE as it came."""
    lines = request.split("\r\n\r\n")[0].split("\r\n")
    kept = [line for line in lines if line.split(":")[0] in
            ("Via", "From", "To", "Call-ID", "CSeq", "Record-Route")]
    return "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""])


def text_to(server, phone, user, body):
    """AMI sends; the phone gets it and answers 200."""
    sent = server.ami().message_send(f"pjsip:{user}", body)
    opcode, data = phone.receive()
    request = data.decode()
    assert request.startswith(f"MESSAGE sip:{user}@{user}.invalid;transport=ws SIP/2.0\r\n"), request
    assert request.endswith("\r\n\r\n" + body)
    phone.send(answer_to(request))
    assert sent["Response"] == "Success"
    return request


def test_handshake(open_server):  # 5
    for path, protocol, version, status in [("/ws", None, "13", 400), ("/ws", "chat", "13", 400),
                                            ("/ws", "sip", "8", 426), ("/wsx", "sip", "13", 404)]:
        with pytest.raises(Refused) as refused:
            WebSocket(open_server.http_port, path, protocol, version)
        assert refused.value.status == status, refused.value
    with WebSocket(open_server.http_port, protocol="chat, sip") as phone:
        assert "Sec-WebSocket-Protocol: sip" in phone.head
        with urllib.request.urlopen(f"http://127.0.0.1:{open_server.http_port}/httpstatus",
                                    timeout=DEADLINE) as page:
            assert b"<h1>HTTP server status</h1>" in page.read()


def test_fragments(open_server, alice):  # 6
    text = text_to(open_server, alice, "alice", "whole ✓")
    assert "Via: SIP/2.0/WS " in text
    request = sip("MESSAGE", "alice", open_server.domain, "in pieces", f"sip:bob@{open_server.domain}",
                  headers=["Content-Type: text/plain"], length=False).encode()
    with RawPhone(open_server.http_port) as bob:
        bob.send(registering("bob", open_server, length=False))
        assert bob.response() == 200
        third = len(request) // 3
        alice.raw(frame(BINARY, request[:third], last=False) + frame(PING, b"still there?"))
        assert alice.receive() == (PONG, b"still there?")
        alice.raw(frame(0, request[third:2 * third], last=False) + frame(0, request[2 * third:]))
        assert alice.response() == 202
        opcode, data = bob.receive()
        assert data.endswith(b"\r\n\r\nin pieces")
        bob.send(answer_to(data.decode()))
    alice.send("\r\n\r\n")
    assert alice.receive()[1] == b"\r\n"


@pytest.mark.parametrize("octets, codes", [
    (frame(1, b"x" * 200_000), {1009}),
    (frame(1, b"x" * 150_000, last=False) + frame(0, b"x" * 150_000), {1009}),
    (frame(1, b"abcd", length=2**63 - 1), {1009}),
    (frame(1, b"abcd", length=2**64 - 1), {1002, 1009}),
    (frame(1, b"not masked", mask=False), {1002}),
    (frame(1, b"caf\xe9"), {1007}),
    (frame(PING, b"x" * 126), {1002}),
], ids=["large", "large in fragments", "length", "overflow", "unmasked", "utf-8", "long ping"])
def test_bad_frames(open_server, alice, octets, codes):  # 7
    with WebSocket(open_server.http_port) as bad:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            bad.raw(octets)
        assert bad.close_code() in codes
    text_to(open_server, alice, "alice", "the others go on")


def web_sockets(server):
    """How many the status page counts."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.http_port}/httpstatus",
                                timeout=DEADLINE) as page:
        return int(re.search(rb"WebSockets</th><td>(\d+) of", page.read())[1])


def test_gone(open_server):  # 8
    others = web_sockets(open_server)
    with RawPhone(open_server.http_port) as phone:
        phone.send(registering("bob", open_server))
        assert phone.response() == 200
        phone.send(b"\x03\xe8", opcode=CLOSE)
        assert phone.receive()[0] == CLOSE
    wait_until(lambda: web_sockets(open_server) <= others, what="the end of the connection")
    sent = open_server.ami().message_send("pjsip:bob", "while you were away")
    assert sent["Response"] == "Success"
    with RawPhone(open_server.http_port) as phone:
        phone.send(registering("bob", open_server))
        assert phone.response() == 200
        opcode, data = phone.receive()
        assert data.endswith(b"\r\n\r\nwhile you were away")
        phone.send(answer_to(data.decode()))


def test_wss(tmp_path):  # 4
    certificates = Certificates(tmp_path)
    port = free_port()
    here = "IP:127.0.0.1"
    with web_server(f"tlsenable = yes\ntlsbindaddr = 127.0.0.1:{port}\n"
                    f"tlscertfile = {certificates.make('web', here)}\n", users=OPEN) as server:
        trust = ssl.create_default_context(cafile=certificates.ca)
        with RawPhone(port, tls=trust) as phone:
            phone.send(registering("alice", server).replace("SIP/2.0/WS ", "SIP/2.0/WSS "))
            assert phone.response() == 200
            text = text_to(server, phone, "alice", "over TLS")
            assert "Via: SIP/2.0/WSS " in text
            serial = phone.stream.getpeercert()["serialNumber"]
            certificates.make("web", here)
            server.reload()

            def renewed():
                with WebSocket(port, tls=trust) as other:
                    return other.stream.getpeercert()["serialNumber"] != serial

            wait_until(renewed, what="the new certificate")
            text_to(server, phone, "alice", "still connected")


def test_no_http_conf():  # 9
    with Server() as server:
        listening = subprocess.run(["ss", "-Hltnp"], stdout=subprocess.PIPE, text=True, check=True)
        own = [line for line in listening.stdout.splitlines()
               if f"pid={server.process.pid}," in line]
        ports = {int(line.split()[3].rsplit(":", 1)[1]) for line in own}
        assert ports == {server.ami_port, server.sip_port}
