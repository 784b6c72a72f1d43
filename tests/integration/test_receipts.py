"""Receipts (IMDN) of phones, and telling a phone what became of its message.

1. Receipt: yes is a message/cpim that names the message; sent, delivered, displayed as it answers
2. a receipt as bare message/imdn+xml; a negative one; one that says nothing
3. a phone that answers 415 gets the plain text, in a request of its own
4. a receipt of another endpoint does not count
5. without Receipt the text is plain; a body that is message/cpim already is not wrapped
6. a receipt that cannot be read is answered as any other MESSAGE
7. pass_receipts: taken, and passed on octet by octet
8. notify_sender = failed: a sentence, or an IMDN to who asked for one; nothing of what arrived
9. notify_sender = all; no: nobody is told
"""
import base64
import contextlib
import re
import xml.etree.ElementTree as ElementTree

import pytest

from harness import Server, account
from sip_user import User

USERS = account("alice") + account("bob") + account("carol")
MESSAGING = "[messaging]\nroute = users\nmessage_accept = text/plain, message/cpim\n"
NAMESPACE = "{urn:ietf:params:xml:ns:imdn}"


@contextlib.contextmanager
def phones(missive_conf=MESSAGING):
    """A server with alice, bob and carol registered."""
    with Server(pjsip=USERS, missive_conf=missive_conf) as server, \
            User(server, "alice") as alice, User(server, "bob") as bob, \
            User(server, "carol") as carol:
        for user in (alice, bob, carol):
            assert user.register().status == 200
        yield server, alice, bob, carol


class Cpim:
    """A message/cpim taken apart by its two empty lines."""

    def __init__(self, octets):
        head, content, self.body = octets.split(b"\r\n\r\n", 2)

        def pairs(part):
            return dict(line.split(": ", 1) for line in part.decode().split("\r\n"))

        self.headers, self.content = pairs(head), pairs(content)


def imdn(message_id, kind="delivery", status="delivered"):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<imdn xmlns="{NAMESPACE[1:-1]}">\n'
            f"<message-id>{message_id}</message-id>\n<datetime>2026-01-02T00:00:00Z</datetime>\n"
            f"<{kind}-notification><status><{status}/></status></{kind}-notification>\n</imdn>\n")


def in_cpim(user, content, content_type="message/imdn+xml", headers=()):
    lines = [f"From: <{user.uri}>", f"To: <sip:bob@{user.domain}>", *headers, "",
             f"Content-Type: {content_type}", "", content]
    return "\r\n".join(lines)


def send_receipt(user, *said, to="crm"):
    return user.message(to, in_cpim(user, imdn(*said)), content_type="message/cpim").status


def status_of(client, message_id, status):
    return client.event("MessageStatus", MessageID=message_id, Status=status)


def seen(client, message_id):
    """The states told of it that nobody has waited for."""
    return [e["Status"] for e in client.events
            if e["Event"] == "MessageStatus" and e["MessageID"] == message_id]


# 1, 2: receipts of what was asked for.

def test_delivered_and_displayed():
    with phones() as (server, _, bob, _):
        client = server.ami()
        bob.status = 202
        reply = client.message_send("pjsip:bob", "Grüße", From="sip:crm@example.net",
                                    Receipt="yes")
        assert reply.ok, reply
        request = bob.wait_one()
        assert request.header("Content-Type") == "message/cpim"
        cpim = Cpim(request.body)
        assert cpim.headers["From"] == "<sip:crm@example.net>"
        assert cpim.headers["To"] == f"<sip:bob@{bob.host}>"
        assert cpim.headers["NS"] == "imdn <urn:ietf:params:imdn>"
        assert cpim.headers["imdn.Message-ID"] == reply["MessageID"]
        asked = cpim.headers["imdn.Disposition-Notification"].split(", ")
        assert asked == ["positive-delivery", "negative-delivery", "display"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", cpim.headers["DateTime"])
        assert cpim.content["Content-Type"] == "text/plain;charset=utf-8"
        assert cpim.body.decode() == "Grüße"
        message_id = reply["MessageID"]
        assert status_of(client, message_id, "sent")["ResponseCode"] == "202"
        assert send_receipt(bob, message_id) == 200
        status_of(client, message_id, "delivered")
        assert send_receipt(bob, message_id, "display", "displayed") == 200
        status_of(client, message_id, "displayed")
        # Again, and going back: nothing more is told.
        assert send_receipt(bob, message_id, "display", "displayed") == 200
        assert send_receipt(bob, message_id) == 200
        later = client.message_send("pjsip:bob", "later")
        status_of(client, later["MessageID"], "sent")
        assert not {"delivered", "displayed"} & set(seen(client, message_id))


def test_bare_negative_and_silent():
    with phones() as (server, _, bob, _):
        client = server.ami()
        bob.status = 202
        message_id = client.message_send("pjsip:bob", Receipt="yes")["MessageID"]
        status_of(client, message_id, "sent")
        for said in (("delivery", "forbidden"), ("display", "error"), ("processing", "stored")):
            assert send_receipt(bob, message_id, *said) == 200
        answer = bob.message("crm", imdn(message_id, "delivery", "failed"),
                             content_type="message/imdn+xml")
        assert answer.status == 200, answer
        status_of(client, message_id, "failed")
        assert not {"delivered", "displayed", "failed"} & set(seen(client, message_id))


# 3: phones that do not know message/cpim.

def test_415_gets_the_plain_text():
    with phones() as (server, _, bob, _):
        client = server.ami()

        def answer(request):
            plain = request.header("Content-Type").startswith("text/plain")
            return [bob.response(request, 200 if plain else 415, ["Accept: text/plain"])]

        bob.answer = answer
        reply = client.message_send("pjsip:bob", "hello", Receipt="yes", Wait="yes")
        assert reply.ok, reply
        assert reply["ResponseCode"] == "200", reply
        wrapped, plain = bob.messages()
        assert wrapped.header("Content-Type") == "message/cpim"
        assert (plain.header("Content-Type"), plain.body) == ("text/plain", b"hello")
        assert wrapped.header("Call-ID") != plain.header("Call-ID") \
            or wrapped.header("CSeq") != plain.header("CSeq")
        status_of(client, reply["MessageID"], "delivered")


# 4: nobody speaks for another.

def test_receipt_of_another_endpoint_does_not_count():
    with phones() as (server, _, bob, carol):
        client = server.ami()
        bob.status = 202
        message_id = client.message_send("pjsip:bob", Receipt="yes")["MessageID"]
        status_of(client, message_id, "sent")
        assert send_receipt(carol, message_id, "display", "displayed") == 200
        assert send_receipt(carol, message_id, "delivery", "failed") == 200
        # After displayed or failed, delivered would change nothing.
        assert send_receipt(bob, message_id) == 200
        status_of(client, message_id, "delivered")
        assert not {"displayed", "failed"} & set(seen(client, message_id))
        assert send_receipt(bob, message_id, "display", "displayed") == 200
        status_of(client, message_id, "displayed")


# 5: who is not asked.

def test_not_asked():
    with phones() as (server, _, bob, _):
        client = server.ami()
        assert client.message_send("pjsip:bob", "plain").ok
        assert bob.wait_one(b"plain").header("Content-Type") == "text/plain"
        body = "From: <sip:a@b>\n\nContent-Type: text/plain\n\nmine"
        reply = client.request("MessageSend", Destination="pjsip:bob", Receipt="yes",
                               Base64Body=base64.b64encode(body.encode()).decode(),
                               Variable="Content-Type=message/cpim")
        assert reply.ok, reply
        assert bob.wait_one(body.encode()).header("Content-Type") == "message/cpim"


# 6, 7: the ordinary way.

def test_unreadable_receipt_goes_the_ordinary_way():
    with phones("[messaging]\nroute = users\n") as (_, _, bob, _):
        for body in ("<imdn>", "", imdn("x").replace("delivered", "displayed")):
            answer = bob.message("alice", body, content_type="message/imdn+xml")
            assert answer.status == 415, answer
            assert answer.header("Accept") == "text/plain"
        assert bob.message("alice", in_cpim(bob, "hello", "text/plain"),
                           content_type="message/cpim").status == 415


def test_pass_receipts():
    with phones(MESSAGING + "[outbox]\npass_receipts = yes\n") as (server, alice, bob, _):
        client = server.ami()
        bob.status = 202
        message_id = client.message_send("pjsip:bob", Receipt="yes")["MessageID"]
        status_of(client, message_id, "sent")
        body = in_cpim(bob, imdn(message_id))
        answer = bob.message("alice", body, content_type="message/cpim")
        assert answer.status == 202, answer
        status_of(client, message_id, "delivered")
        passed = alice.wait_one(body.encode())
        assert passed.header("Content-Type") == "message/cpim"
        # This type is not in message_accept.
        answer = bob.message("alice", imdn(message_id, "display", "displayed"),
                             content_type="message/imdn+xml")
        assert answer.status == 415, answer
        status_of(client, message_id, "displayed")


# 8, 9: what the sender is told.

def asking(user, wanted, message_id="abc-1"):
    return in_cpim(user, "hello", "text/plain", [
        "DateTime: 2026-01-01T10:00:00Z", "NS: n <urn:ietf:params:imdn>",
        f"n.Message-ID: {message_id}", f"n.Disposition-Notification: {wanted}"])


def check_imdn(user, request, status):
    assert request.header("Content-Type") == "message/cpim"
    cpim = Cpim(request.body)
    assert cpim.headers["From"] == f"<sip:bob@{user.domain}>"
    assert cpim.headers["To"] == f"<{user.uri}>"
    assert cpim.headers["NS"] == "imdn <urn:ietf:params:imdn>"
    assert cpim.content["Content-Type"] == "message/imdn+xml"
    assert cpim.content["Content-Disposition"] == "notification"
    document = ElementTree.fromstring(cpim.body)
    assert document.findtext(NAMESPACE + "message-id") == "abc-1"
    assert document.findtext(NAMESPACE + "datetime") == "2026-01-01T10:00:00Z"
    assert document.findtext(NAMESPACE + "recipient-uri") == f"sip:bob@{user.domain}"
    path = f"{NAMESPACE}delivery-notification/{NAMESPACE}status/{NAMESPACE}{status}"
    assert document.find(path) is not None, request


def test_failed_is_told():
    with phones(MESSAGING + "[outbox]\nnotify_sender = failed\n") as (_, alice, bob, _):
        assert alice.message("bob", "fine").status == 202
        bob.wait_one(b"fine")
        bob.status = 404
        assert alice.message("bob", "lost").status == 202
        told = alice.wait_one(b"Your message to bob was not delivered: 404 Answer")
        assert told.header("From").startswith("<sip:bob@127.0.0.1>"), told
        assert told.header("Content-Type") == "text/plain"
        body = asking(alice, "positive-delivery, negative-delivery")
        assert alice.message("bob", body, content_type="message/cpim").status == 202
        told = alice.wait(2)[1]
        assert bob.messages()[-1].body.decode() == body
        check_imdn(alice, told, "failed")
        # Asked for display only: a sentence.
        assert alice.message("bob", asking(alice, "display"),
                             content_type="message/cpim").status == 202
        assert alice.wait(3)[2].body == b"Your message to bob was not delivered: 404 Answer"
        assert len(alice.messages()) == 3, "of what arrived nothing is told"


def test_all_is_told():
    with phones(MESSAGING + "[outbox]\nnotify_sender = all\n") as (_, alice, bob, _):
        assert alice.message("bob", "fine").status == 202
        alice.wait_one(b"Your message to bob was delivered")
        body = asking(alice, "positive-delivery")
        assert alice.message("bob", body, content_type="message/cpim").status == 202
        check_imdn(alice, alice.wait(2)[1], "delivered")
        # What alice is told is no message of bob's: nobody is told of that.
        assert bob.message("carol", "the end").status == 202
        bob.wait_one(b"Your message to carol was delivered")
        assert len(bob.messages()) == 3, [r.body for r in bob.messages()]


@pytest.mark.parametrize("option", ["", "[outbox]\nnotify_sender = no\n"])
def test_nobody_is_told(option):
    with phones(MESSAGING + option) as (server, alice, bob, _):
        client = server.ami()
        bob.status = 404
        assert alice.message("bob", "lost").status == 202
        client.event("MessageStatus", Status="failed")
        assert client.message_send("pjsip:alice", "the end").ok
        alice.wait_one(b"the end")
        assert len(alice.messages()) == 1
