"""The server against sipp as phone and sipsak and plain sockets as callers.

1. sipp takes 20 messages over UDP, over TCP.
2. A phone that takes its time gets the same octets again, and there is one outcome.
3. sipp asks for a digest and checks it.
4. 404 and 486 become the outcome of the message.
5. sipsak: OPTIONS is answered 200 with Allow and Accept.
6. Requests that this server does not serve get their right answers; the server goes on.
"""
import pathlib
import re
import socket
import subprocess

import pytest

from harness import DEADLINE, Server, aor, free_port, wait_until

SCENARIOS = pathlib.Path(__file__).parent / "sipp"


class Sipp:
    """sipp as the phone of one scenario; leaving the block asserts that all calls went well."""

    def __init__(self, folder, scenario, calls=1, transport="udp", keys=None):
        self.folder, self.calls, self.transport = folder, calls, transport
        self.port = free_port()
        self.log = folder / "messages.log"
        self.command = [
            "sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1",
            "-p", str(self.port), "-t", "u1" if transport == "udp" else "t1", "-m", str(calls),
            "-nostdin", "-timeout", "60s", "-timeout_error",
            "-trace_msg", "-message_file", str(self.log),
            "-trace_err", "-error_file", str(folder / "errors.log"),
        ]
        for name, value in (keys or {}).items():
            self.command += ["-key", name, value]

    def __enter__(self):
        with open(self.folder / "screen.log", "wb") as screen:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=screen,
                                            stderr=subprocess.STDOUT, cwd=self.folder)
        wait_until(self._bound, what="sipp to take its port")
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                status = self.process.wait(60)
                assert status == 0, f"sipp ended with {status}:\n{self.output()}"
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def output(self):
        logs = [self.folder / name for name in ("screen.log", "errors.log", "messages.log")]
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in logs if log.exists())

    def _bound(self):
        assert self.process.poll() is None, self.output()
        table = pathlib.Path(f"/proc/net/{self.transport}").read_text()
        return f"0100007F:{self.port:04X} " in table

    def received(self):
        """The requests that sipp logged."""
        text = self.log.read_text(errors="replace")
        return re.findall(r"message received.*?\n\n(MESSAGE .*?)(?=\n-{20,}|\Z)", text, re.DOTALL)


def serve(sipp, endpoint=""):
    parameter = ";transport=tcp" if sipp.transport == "tcp" else ""
    auth = """
[secret]
type = auth
auth_type = userpass
username = crm
password = open sesame
"""
    return Server(pjsip=auth + aor("alice", f"sip:alice@127.0.0.1:{sipp.port}{parameter}",
                                   endpoint=endpoint))


def send(client, status, body="Test"):
    """Sends to alice; answers the event with the outcome."""
    reply = client.message_send("pjsip:alice", body, From="sip:crm@example.net")
    assert reply.ok, reply
    event = client.outcome(reply["MessageID"])
    assert event["Status"].lower() == status, event
    return event


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_messages_arrive(transport, tmp_path):
    with Sipp(tmp_path, "uas_200", 20, transport) as sipp, serve(sipp) as server:
        client = server.ami()
        for i in range(20):
            send(client, "delivered", f"number {i}")
    assert [f"number {i}" in text for i, text in enumerate(sipp.received())] == [True] * 20


def test_retransmission(tmp_path):
    with Sipp(tmp_path, "uas_slow") as sipp, serve(sipp) as server:
        client = server.ami()
        send(client, "delivered")
        assert client.request("Ping").ok
        assert not [event for event in client.events if event["Event"] == "MessageStatus"]
    first, second = sipp.received()
    assert first.strip() == second.strip()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_digest(transport, tmp_path):
    with Sipp(tmp_path, "uas_401", 1, transport) as sipp, \
            serve(sipp, "outbound_auth = secret") as server:
        send(server.ami(), "delivered")


@pytest.mark.parametrize("status, outcome", [(404, "failed"), (486, "queued")])
def test_refusal_is_the_outcome(status, outcome, tmp_path):
    with Sipp(tmp_path, f"uas_{status}") as sipp, serve(sipp) as server:
        assert str(status) in str(send(server.ami(), outcome))


@pytest.fixture(scope="module")
def lone_server():
    with Server() as server:
        yield server


def test_sipsak_options(lone_server):
    done = subprocess.run(
        ["sipsak", "-vvv", "-H", "127.0.0.1", "-s", f"sip:127.0.0.1:{lone_server.sip_port}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=60)
    assert done.returncode == 0, done.stdout
    assert re.search(r"(?m)^SIP/2\.0 200 ", done.stdout), done.stdout
    assert re.search(r"(?mi)^Allow: .*\bOPTIONS\b", done.stdout), done.stdout
    assert re.search(r"(?mi)^Accept: .*text/plain", done.stdout), done.stdout


class Caller:
    """Sends requests to the server and reads its answers, over UDP or TCP."""

    def __init__(self, server, transport):
        self.server, self.transport = server, transport
        if transport == "UDP":
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.connect(("127.0.0.1", server.sip_port))
        else:
            self.socket = socket.create_connection(("127.0.0.1", server.sip_port))
        self.socket.settimeout(DEADLINE)
        self.us = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.buffer = b""
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, method, extra="", branch=None):
        self.count += 1
        text = (f"{method} sip:x@{self.server.sip_address} SIP/2.0\r\n"
                f"Via: SIP/2.0/{self.transport} {self.us};branch={branch or f'z9hG4bK{self.count}'}"
                f"\r\nFrom: <sip:caller@{self.us}>;tag=c\r\nTo: <sip:x@{self.server.sip_address}>"
                f"\r\nCall-ID: {self.count}@{self.us}\r\nCSeq: {self.count} {method}\r\n"
                f"Max-Forwards: 70\r\n{extra}Content-Length: 0\r\n\r\n")
        self.socket.sendall(text.encode())

    def answer(self):
        """The next response: its status and its headers by lower-case name."""
        while b"\r\n\r\n" not in self.buffer:
            data = self.socket.recv(65535)
            assert data, "the server closed"
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {key.lower(): value.strip()
                   for key, value in (line.split(":", 1) for line in lines[1:])}
        assert lines[0].startswith("SIP/2.0 "), lines[0]
        assert headers.get("content-length", "0") == "0"
        return int(lines[0].split(" ")[1]), headers


@pytest.fixture(params=["UDP", "TCP"])
def caller(request, lone_server):
    with Caller(lone_server, request.param) as caller:
        yield caller


def test_options(caller):
    caller.send("OPTIONS")
    status, headers = caller.answer()
    assert status == 200
    assert "OPTIONS" in headers["allow"]
    assert "text/plain" in headers["accept"]
    assert ";tag=" in headers["to"]
    assert headers["cseq"] == "1 OPTIONS"
    assert headers["via"].startswith(f"SIP/2.0/{caller.transport} {caller.us}")


@pytest.mark.parametrize("method, statuses", [
    ("INVITE", {488, 501}), ("CANCEL", {481}), ("BYE", {405, 481}), ("FROBNICATE", {501})])
def test_what_is_not_served(method, statuses, caller):
    caller.send(method)
    status, headers = caller.answer()
    while status == 100:
        status, headers = caller.answer()
    assert status in statuses
    assert status != 405 or "OPTIONS" in headers["allow"]
    assert headers["call-id"] == f"1@{caller.us}"
    caller.send("ACK", branch="z9hG4bK1")
    # The next answer is that to OPTIONS: nothing answers an ACK.
    caller.send("OPTIONS")
    assert caller.answer()[1]["cseq"] == "3 OPTIONS"


def test_ack_is_absorbed(caller):
    for _ in range(10):
        caller.send("ACK")
    caller.send("OPTIONS")
    assert caller.answer()[1]["cseq"] == "11 OPTIONS"


def test_unknown_extension_is_refused(caller):
    """RFC 3261 8.2.2.3: 420 and Unsupported."""
    caller.send("OPTIONS", extra="Require: teleportation\r\n")
    status, headers = caller.answer()
    assert status == 420
    assert headers["unsupported"] == "teleportation"


def test_retransmitted_request_gets_the_same_answer(lone_server):
    with Caller(lone_server, "UDP") as caller:
        caller.send("OPTIONS", branch="z9hG4bKsame")
        caller.count -= 1
        caller.send("OPTIONS", branch="z9hG4bKsame")
        assert caller.answer() == caller.answer()


def test_source_port_is_told(lone_server):
    """RFC 3581: rport is filled in, and received where it differs."""
    with Caller(lone_server, "UDP") as caller:
        us, caller.us = caller.us, "192.0.2.1:5060;rport"
        caller.send("OPTIONS")
        via = caller.answer()[1]["via"]
        assert f"rport={us.split(':')[1]}" in via
        assert "received=127.0.0.1" in via


def test_message_without_a_served_endpoint_is_answered(caller):
    """Who sends a MESSAGE to us gets a final answer, whatever the configuration holds."""
    caller.send("MESSAGE", extra="Content-Type: text/plain\r\n")
    assert caller.answer()[0] >= 300
