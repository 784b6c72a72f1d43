"""MessageSend against what Asterisk certified-20.7 answered and put on the wire.

1. Every case of tests/data/observed/messagesend-observed.json, one test each: the reply and
   the MESSAGE, header by header, in order. `*` stands for anything.
2. DIFFERENCES names the cases where Missive does something else on purpose, and why.
3. Every name in DIFFERENCES is a case, so that none stays behind unnoticed.

The recorded addresses and ports are replaced by free ones, and put back before comparing.
"""
import json
import re

import pytest

from harness import ROOT, Phone, Server, free_port, loopback_host

DATA = ROOT / "tests" / "data" / "observed"
CASES = json.loads((DATA / "messagesend-observed.json").read_text(encoding="utf-8"))["cases"]
SUCCESS = ["Response: Success", "Message: Message successfully sent"]
FAILURE = ["Response: Error", "Message: Message failed to send."]
PHONE_HOST = "127.0.0.2"
PHONE_PORTS = (5060, 5061, 5062, 5063)

# By case: what differs, and why. `headers` replace those of the recorded MESSAGE; `sent`
# replaces the MESSAGE by none, or by that of another case with another body.
DIFFERENCES = {
    "dest pjsip:bob/nosuchaor": {
        "why": "the message never left: Success would be untrue", "reply": FAILURE},
    "dest pjsip:bob/sips:carl@127.0.0.2:5063": {
        "why": "there is no TLS transport, so the message cannot leave", "reply": FAILURE},
    "to ralph@somewhere.com": {
        "why": "the documentation allows To in the form user@host",
        "headers": {"To": "<sip:ralph@somewhere.com>"}},
    "from/bob crm@example.net:5090": {
        "why": "[example.net:5090] is no host",
        "headers": {"From": "<sip:crm@example.net>;tag=*"}},
    "from <crm@example.net>": {
        "why": "an angle bracket is no part of a user",
        "headers": {"From": "<sip:crm@example.net>;tag=*"}},
    "b64 1300": {"why": "a line may be longer than 1022 octets", "reply": SUCCESS,
                 "sent_as": "dest pjsip:alice", "body": "z" * 1300},
    "b64 3000": {"why": "a line may be longer than 1022 octets", "reply": SUCCESS,
                 "sent_as": "dest pjsip:alice", "body": "z" * 3000},
    "b64 nul": {"why": "NUL is an octet of the body like any other", "body": "a\0b"},
    "var content-type bad": {
        "why": "a Content-Type that is none is refused, not replaced in silence",
        "reply": FAILURE, "sent": []},
    "var spaces": {"why": "a header name with a space in it is no header name",
                   "names": {"X-S ": "X-S"}},
}


class Bench:
    """The server with the recorded configuration, the four phones it knows, and the map."""

    def __init__(self):
        self.host = loopback_host()
        self.ami_port, self.sip_port, self.chan_sip_port = free_port(), free_port(), free_port()
        # By the recorded address, ours.
        self.own = {"127.0.0.1:5070": f"127.0.0.1:{self.sip_port}",
                    "127.0.0.1:5080": f"127.0.0.1:{self.chan_sip_port}"}
        self.phones = {port: Phone(self.host, port) for port in PHONE_PORTS}
        files = {path.name: self.to_ours(path.read_text()) for path in DATA.glob("*.conf")}
        self.server = Server(files=files, ami_port=self.ami_port, sip_port=self.sip_port)

    def to_ours(self, text):
        text = text.replace(PHONE_HOST, self.host)
        for theirs, ours in self.own.items():
            text = text.replace(theirs, ours)
        return text.replace("port = 5038", f"port = {self.ami_port}")

    def to_theirs(self, text):
        text = text.replace(self.host, PHONE_HOST)
        for theirs, ours in self.own.items():
            text = text.replace(ours, theirs)
        # chan_sip writes its port behind other hosts too.
        return text.replace(f":{self.chan_sip_port}>", ":5080>")

    def arrived(self):
        """Every MESSAGE since the last call, with the recorded address of its phone."""
        found = []
        for port, phone in self.phones.items():
            found += [(f"{PHONE_HOST}:{port}", request) for request in phone.messages()]
            phone.received.clear()
        return found


@pytest.fixture(scope="module")
def bench():
    bench = Bench()
    try:
        with bench.server:
            bench.client = bench.server.ami(events="message")
            yield bench
    finally:
        for phone in bench.phones.values():
            phone.close()


def fits(pattern, text):
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def expectation(name):
    """The recorded reply and MESSAGEs with our differences in them."""
    case, change = CASES[name], DIFFERENCES.get(name, {})
    reply = change.get("reply", case["reply"])
    if "sent_as" in change:
        case = CASES[change["sent_as"]]
    sent = []
    for message in change.get("sent", case["sent"]):
        headers = [header.split(":", 1) for header in message["headers"]]
        headers = [(change.get("names", {}).get(key, key), value.removeprefix(" "))
                   for key, value in headers]
        headers = [(key, change.get("headers", {}).get(key, value)) for key, value in headers]
        body = change.get("body", message["body"])
        sent.append({**message, "headers": headers, "body": body})
    return reply, sent


def compare_reply(expected, reply):
    lines = [f"{key}: {value}" for key, value in reply.lines if key != "ActionID"]
    ours = "MessageID" if expected[0] == SUCCESS[0] else "Reason"
    extra = [line for line in lines if line.startswith(f"{ours}: ")]
    # This one says all that there is to say.
    if expected[1] != "Message: No 'To' address specified.":
        assert len(extra) == 1 and len(extra[0]) > len(ours) + 2, f"one {ours} is due in {lines}"
    assert [line for line in lines if line not in extra] == expected


def compare_message(expected, at, request, bench):
    assert at == expected["at"]
    assert bench.to_theirs(request.line) == expected["line"]
    names = [line.split(":", 1)[0] for line in request.header_lines]
    assert names == [name for name, _ in expected["headers"]]
    for line, (name, value) in zip(request.header_lines, expected["headers"]):
        found = bench.to_theirs(line.split(":", 1)[1])
        if name == "Content-Length":
            assert int(found) == len(request.body)
        else:
            assert fits(value.strip(), found.strip()), f"{name}: {found!r}, recorded {value!r}"
    assert request.body == expected["body"].encode("utf-8")


@pytest.mark.parametrize("name", CASES)
def test_case(name, bench):
    case = CASES[name]
    fields = {key: bench.to_ours(value) for key, value in case["action"].items()}
    expected_reply, expected_sent = expectation(name)
    bench.arrived()  # what a test that failed left behind

    reply = bench.client.request("MessageSend", headers=case["extra"], **fields)
    compare_reply(expected_reply, reply)

    # A last message shows that no other is on its way. Who sends to one that is still under way
    # is told "Message queued", so each outcome is awaited.
    last = bench.client.message_send("pjsip:alice", "the last one")
    for accepted in (reply, last):
        if accepted.ok:
            bench.client.outcome(accepted["MessageID"])
    bench.phones[5060].wait(1, lambda request: request.body == b"the last one")
    for message in expected_sent:
        bench.phones[int(message["at"].split(":")[1])].wait(
            1, lambda request: request.body != b"the last one")
    arrived = [(at, r) for at, r in bench.arrived() if r.body != b"the last one"]
    assert len(arrived) == len(expected_sent), [request.line for _, request in arrived]
    for expected, (at, request) in zip(expected_sent, arrived):
        compare_message(expected, at, request, bench)


def test_every_difference_is_a_case():
    assert set(DIFFERENCES) <= set(CASES)
