"""A SIP phone and an XMPP user text each other by way of the dialplan.

1. both ways, several languages, in order
2. sipp as the phone takes twenty texts of an XMPP user
3. MESSAGE_SEND_STATUS of xmpp: destinations
4. the phone is offline: kept; the receipt goes to the XMPP user when the phone has it
5. the XMPP server is away: the phone gets its 202, and the text leaves when the server is there
6. notify_sender = failed: the phone is told of a stanza error
7. a stanza error after the server had taken the text: the phone is told of it all the same
8. a phone's reason in octets that XML cannot carry: the XMPP user reads what can be read
9. the XMPP server is away when a receipt is due: it is sent when the server is back
10. two dialplans that answer each other do not keep others from being served
"""
import contextlib

import pytest

from harness import Phone, account, aor, wait_until
from prosody import Prosody
from sip_user import User
from test_sipp import Sipp
from xmpp_peer import XmppPeer
from xmpp_steps import PATIENT, PHONE, RECEIVING, USERS, texting
from xmpp_user import XmppUser

RECEIVED = "{urn:xmpp:receipts}received"

# From SIP: to the XMPP user of that name. From XMPP: to the phone bob, as from the user's JID.
DIALPLAN = """[messages]
exten => alice,1,MessageSend(xmpp:alice@xmpp.test,gateway)
exten => nobody,1,MessageSend(xmpp:nobody@xmpp.test,gateway)
[texts]
exten => s,1,Set(WHO=${CUT(MESSAGE(from),/,1)})
 same => n,MessageSend(pjsip:bob,sip:${WHO:5})
"""


@pytest.fixture
def peer():
    with XmppPeer() as peer:
        yield peer


@contextlib.contextmanager
def to_peer(peer, pjsip=account("bob", "secret"), missive_conf=PATIENT):
    with texting(peer.account(**RECEIVING), pjsip=pjsip, extensions=DIALPLAN,
                 missive_conf=missive_conf) as (server, client):
        yield server, client


@contextlib.contextmanager
def between(prosody, pjsip=account("bob", "secret"), extensions=DIALPLAN, missive_conf=PATIENT):
    with texting(prosody.account("gateway", "texts", **RECEIVING), pjsip=pjsip,
                 extensions=extensions, missive_conf=missive_conf) as (server, client):
        yield server, client


# 1, 2: both ways.

def test_both_ways(prosody, alice):
    with between(prosody) as (server, client), User(server, "bob", "secret") as bob:
        assert bob.register().status == 200
        texts = ["Hallo Alice", "Grüße aus Köln", "Привет", "こんにちは 👋", "<b>&amp;</b>"]
        for text in texts:
            assert bob.message("alice", text).status == 202
        for text in texts:
            assert alice.wait(body=text)["from"] == "texts@xmpp.test/missive"
        for text in texts:
            alice.message("texts@xmpp.test", text)
        requests = bob.wait(len(texts), lambda one: one.method == "MESSAGE")
        assert [request.body.decode() for request in requests] == texts
        assert "<sip:alice@xmpp.test>" in requests[0].header("From")
        assert requests[0].header("Content-Type").startswith("text/plain")


def test_sipp(prosody, alice, tmp_path):
    with Sipp(tmp_path, "uas_200", 20) as sipp:
        with between(prosody, aor("bob", f"sip:bob@127.0.0.1:{sipp.port}")):
            for number in range(20):
                alice.message("texts@xmpp.test", f"number {number}")
            wait_until(lambda: len(sipp.received()) == 20, what="twenty texts at sipp")
    assert [f"number {i}" in text for i, text in enumerate(sipp.received())] == [True] * 20


# 3: what the dialplan is told.

def test_send_status(prosody, alice):
    extensions = r"""[texts]
exten => s,1,Set(ACCOUNT=${IF($["${MESSAGE_DATA(Thread)}" = ""]?gateway:nobody)})
 same => n,MessageSend(${MESSAGE(body)},${ACCOUNT})
 same => n,Set(MESSAGE(body)=${MESSAGE_SEND_STATUS})
 same => n,MessageSend(xmpp:alice@xmpp.test,gateway)
"""
    with between(prosody, extensions=extensions):
        for destination, expected in (
                ("xmpp:bob@xmpp.test", ["SUCCESS"]), ("xmpp:", ["INVALID_URI", "FAILURE"]),
                ("xmpp:a@b@c", ["INVALID_URI", "FAILURE"]), ("nosuch:x", ["INVALID_PROTOCOL"])):
            alice.message("texts@xmpp.test", destination)
            answer = alice.wait("message", body=lambda text: text is not None)
            assert answer["body"] in expected, destination
        alice.message("texts@xmpp.test", "xmpp:bob@xmpp.test", thread="by nobody")
        answer = alice.wait("message", body=lambda text: text is not None)
        assert answer["body"] in ("FAILURE", "INVALID_URI")


# 4 to 6: one side is away.

def test_phone_offline(prosody, alice):
    with between(prosody) as (server, client), User(server, "bob", "secret") as bob:
        alice.message("texts@xmpp.test", "when you are back", id="w-1", receipt=True)
        client.event("MessageStatus", Status="queued")
        assert not alice.all(has=["received"])
        assert bob.register().status == 200
        assert bob.wait_one(b"when you are back")
        assert 'id="w-1"' in alice.wait(has=["received"])["xml"]


def test_xmpp_server_away():
    with Prosody(USERS) as prosody, between(prosody) as (server, client), \
            User(server, "bob", "secret") as bob:
        assert bob.register().status == 200
        prosody.kill()
        for number in range(3):
            assert bob.message("alice", f"patiently {number}").status == 202
        prosody.start()
        with XmppUser(prosody, "alice") as alice:
            for number in range(3):
                alice.wait(body=f"patiently {number}", deadline=40)


def test_failure_is_told(prosody):
    with between(prosody, missive_conf=PATIENT + "notify_sender = failed\n") as (server, client), \
            User(server, "bob", "secret") as bob:
        assert bob.register().status == 200
        assert bob.message("nobody", "anyone?").status == 202
        status_event = client.event("MessageStatus", Status="failed")
        told = bob.wait_one().body.decode()
        assert told.startswith("Your message to ") and "was not delivered" in told
        assert status_event["ResponseText"].split(":")[0] in told


def test_failure_after_sent(peer):
    with to_peer(peer, missive_conf=PATIENT + "notify_sender = failed\n") as (server, client), \
            User(server, "bob", "secret") as bob:
        assert bob.register().status == 200
        session = peer.session()
        assert bob.message("alice", "anyone?").status == 202
        stanza = session.message("anyone?")
        client.event("MessageStatus", Status="sent")
        session.error(stanza, "service-unavailable")
        told = bob.wait_one().body.decode()
        assert told.startswith("Your message to ") and "service-unavailable" in told


# 8, 9: what the XMPP user is told.

def test_reason_in_another_encoding(peer):
    def answer(request):
        response = phone.response(request, 404)
        return [response.replace(b"404 Answer", b"404 besch\xe4ftigt")]

    with Phone(answer=answer) as phone, \
            to_peer(peer, pjsip=aor("bob", f"sip:{phone.address}")) as (_, client):
        session = peer.session()
        session.say(PHONE, "hello?", "m-1")
        client.event("MessageStatus", Status="failed")
        error = session.wait(lambda one: one.get("type") == "error", "error")
        assert error.get("id") == "m-1"
        assert "besch?ftigt" in "".join(error.itertext())
        session.say(PHONE, "hello again", "m-2")
        session.wait(lambda one: one.get("id") == "m-2", "error of the second")


def test_receipt_that_is_due_while_the_server_is_away(peer):
    with to_peer(peer) as (server, client), User(server, "bob", "secret") as bob:
        session = peer.session()
        session.say(PHONE, "when you can", "r-1", inside="<request xmlns='urn:xmpp:receipts'/>")
        client.event("MessageStatus", Status="queued")
        peer.opening = lambda late: late.cut()
        session.cut()
        client.event("JabberStatus", Status="Disconnected")
        assert bob.register().status == 200
        assert bob.wait_one(b"when you can")
        client.event("MessageStatus", Status="delivered")
        peer.opening = None
        back = peer.session(2, deadline=60)
        receipt = back.message_with(RECEIVED).find(RECEIVED)
        assert receipt.get("id") == "r-1"


# 10: endless talk.

def test_a_circle_leaves_room(prosody):
    """Two accounts, each passing on to the other what it gets, for a hundred rounds."""
    count = "Set(GLOBAL(rounds)=${INC(rounds)})\n same => n,GotoIf($[${rounds} > 100]?9)"
    extensions = f"""[globals]
rounds = 0
[one]
exten => s,1,{count}
 same => n,MessageSend(xmpp:bob@xmpp.test/missive,one)
exten => s,9,NoOp()
[two]
exten => s,1,{count}
 same => n,MessageSend(xmpp:texts@xmpp.test/missive,two)
exten => s,9,NoOp()
"""
    accounts = [prosody.account("one", "texts", sendtodialplan="yes", context="one"),
                prosody.account("two", "bob", sendtodialplan="yes", context="two")]
    with texting(*accounts, extensions=extensions) as (server, client), \
            XmppUser(prosody, "alice") as alice:
        alice.message("texts@xmpp.test", "round and round")
        # XMPP has no Max-Forwards: nothing but the dialplan ends this. Others are served meanwhile.
        for _ in range(20):
            client.event("MessageReceived")
        assert client.message_send(f"xmpp:{alice.jid}", "still here", From="one").ok
        alice.wait(body="still here")
        for _ in range(80):
            client.event("MessageReceived")
