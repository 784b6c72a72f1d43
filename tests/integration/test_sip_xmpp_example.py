"""etc/examples/sip-xmpp as it is, but for ports, the component's name and its secret.

1. the phone's text reaches the XMPP user as from an address that can be answered, with language,
   subject and the Call-ID as its thread
2. the answer reaches the phone: From is the XMPP user's address, thread, language and subject are
   headers
3. the phone's IMDN request: it hears that its text was delivered, and that it was displayed
4. the XMPP user's receipt request: a receipt when the phone has the text; a marker when the phone
   says that it was displayed
5. a text to nobody: an error with its condition for XMPP, 404 at the phone's IMDN
"""
import re

import pytest

from harness import ROOT, Server, free_port, wait_until
from prosody import Prosody
from sip_user import User
from test_receipts import Cpim, in_cpim, imdn
from xmpp_user import XmppUser

EXAMPLE = ROOT / "etc" / "examples" / "sip-xmpp"


def example(prosody, ami_port, sip_port):
    """The files of the example, for that server and those ports."""
    files = {path.name: path.read_text() for path in EXAMPLE.glob("*.conf")}
    assert set(files) == {"extensions.conf", "manager.conf", "missive.conf", "pjsip.conf",
                          "xmpp.conf"}
    return {name: re.sub(r"(?m)^port = 5347$", f"port = {prosody.component_port}",
                         text.replace("sip.example.com", prosody.COMPONENT)
                         .replace("port = 5038", f"port = {ami_port}")
                         .replace(":5060", f":{sip_port}")
                         .replace("secret = change-me", f"secret = {prosody.COMPONENT_SECRET}"))
            for name, text in files.items()}


@pytest.fixture(scope="module")
def prosody():
    with Prosody({"bob": "his"}) as prosody:
        yield prosody


@pytest.fixture
def between(prosody):
    ami_port, sip_port = free_port(), free_port()
    server = Server(files=example(prosody, ami_port, sip_port), ami_port=ami_port,
                    sip_port=sip_port)
    # The phone is there until the server has stopped, which tells it what becomes of its texts.
    with XmppUser(prosody, "bob") as bob, User(server, "alice", "alice-secret") as alice, server:
        wait_until(lambda: "'gateway' is connected" in server.log(), what="the component")
        assert alice.register().status == 200
        yield server, bob, alice


def alice_of(prosody):
    return f"alice@{prosody.COMPONENT}"


def write(alice, bob, body, headers=(), content_type="text/plain"):
    """Alice's phone texts to sip:bob@xmpp.test by way of the server."""
    response = alice.message("bob", body, headers=headers, content_type=content_type,
                             to=f"<sip:{bob.jid}>")
    assert response.status == 202, response


# 1, 2: there and back.

def test_there_and_back(prosody, between):
    _, bob, alice = between
    write(alice, bob, "Hallo Bob", ["Content-Language: de", "Subject: Gruß"])
    stanza = bob.wait(body="Hallo Bob")
    assert stanza["from"] == alice_of(prosody)
    assert stanza["lang"] == "de"
    assert stanza["subject"] == "Gruß"
    assert stanza["thread"]

    bob.message(stanza["from"], "Hallo Alice", thread=stanza["thread"], lang="de", subject="Re")
    request = alice.wait_one(b"Hallo Alice")
    assert f"<sip:{bob.jid}>" in request.header("From")
    assert alice_of(prosody) in request.header("To")
    assert request.header("Call-ID") == stanza["thread"]
    assert request.header("Content-Language") == "de"
    assert request.header("Subject") == "Re"


# 3, 4: receipts.

def test_imdn_of_the_phone(between):
    _, bob, alice = between
    text = in_cpim(alice, "seen?", "text/plain", [
        "NS: imdn <urn:ietf:params:imdn>", "imdn.Message-ID: from-alice-1",
        "imdn.Disposition-Notification: positive-delivery, display"])
    write(alice, bob, text, content_type="message/cpim")
    stanza = bob.wait(body="seen?")  # his client answers with the receipt by itself
    bob.do("answer", to=stanza["from"], id=stanza["id"], **{"with": "displayed"})
    for disposition in (b"<delivered/>", b"<displayed/>"):
        request = alice.wait(1, lambda one, what=disposition: what in one.body)[-1]
        assert Cpim(request.body).content["Content-Type"] == "message/imdn+xml"
        assert b"from-alice-1" in request.body
        assert bob.jid in request.header("From")


def test_receipts_of_the_xmpp_user(prosody, between):
    _, bob, alice = between
    bob.message(alice_of(prosody), "there?", id="from-bob-1", receipt=True, markable=True)
    request = alice.wait(1, lambda one: b"there?" in one.body)[-1]
    receipt = bob.wait(xml=lambda xml: "<received" in xml and "from-bob-1" in xml)
    assert receipt["from"] == alice_of(prosody)
    asked = Cpim(request.body)
    assert "display" in asked.headers["imdn.Disposition-Notification"]
    said = imdn(asked.headers["imdn.Message-ID"], "display", "displayed")
    assert alice.message("bob", in_cpim(alice, said), content_type="message/cpim").status == 200
    bob.wait(xml=lambda xml: "<displayed" in xml and "from-bob-1" in xml)


# 5: nobody there.

def test_nobody(prosody, between):
    _, bob, alice = between
    bob.message(f"nobody@{prosody.COMPONENT}", "anybody?", id="to-nobody-1")
    error = bob.wait(type="error", id="to-nobody-1")
    assert "<service-unavailable" in error["xml"]
    text = in_cpim(alice, "anybody?", "text/plain", [
        "NS: imdn <urn:ietf:params:imdn>", "imdn.Message-ID: from-alice-2",
        "imdn.Disposition-Notification: negative-delivery"])
    response = alice.message("nobody", text, content_type="message/cpim",
                             to=f"<sip:nobody@{prosody.DOMAIN}>")
    assert response.status == 202
    request = alice.wait(1, lambda one: b"<failed/>" in one.body)[-1]
    assert b"from-alice-2" in request.body
