"""The `xmpp:` technology with a real prosody and the XMPP user of npm.

Sending
1. a text arrives as a message stanza of its id, from the account; From in both of its forms
2. Subject, Thread, Type and Language; a full JID reaches one device
3. sent; delivered by the receipt; displayed by the marker; to someone offline: sent, then later
4. without From, with an unknown account, to what is no JID: refused with a reason
5. a stanza error: failed, with condition and text
6. what is sent before the server is there waits, and leaves in its order when it is
7. JabberSend
Logging in
8. a wrong password: the reason in the log and on AMI; others are not held up; a reload mends it
9. a certificate of another name, of an unknown authority; verify_server = no
10. SCRAM-SHA-256, and TLS from the first octet on
11. a resource in use: the second session has it, and the first does not fight
Components
12. sending as a component; receiving for any of its users; receipts
Rooms
13. joined at the start; groupchat is delivered when the room shows it; own echoes and history
    never reach the dialplan
14. a new room is opened; a room that we are not in: refused
Receiving
15. what the dialplan and AMI see; the account's name before `s`; nobody takes it: an error
16. no body, an error, a copy of what another device of ours sent: never to the dialplan
17. an asked-for receipt is sent when what we relayed is delivered, and an error when it fails
Faults
18. the connection is cut with messages on their way: the stream is resumed, each arrives once
19. prosody is killed with messages unacknowledged: each arrives
20. Missive is killed with messages unacknowledged: each arrives
21. without stream management: sent when the server has answered
"""
import re

import pytest

from cable import Cable
from harness import Phone, aor, free_port, wait_until
from prosody import Prosody
from xmpp_steps import (OURS, PATIENT, RECEIVING, ROOM, TELL, USERS, arrives, got, refusal, send,
                        status, texting, told)
from xmpp_user import XmppUser


@pytest.fixture
def gateway(prosody):
    """The account `gateway`, which is texts@xmpp.test."""
    with texting(prosody.account("gateway", "texts", **RECEIVING)) as (server, client):
        yield server, client


# 1 to 3: sending, and what becomes of it.

@pytest.mark.parametrize("account", ["gateway", "xmpp:gateway"])
def test_a_text(gateway, alice, account):
    _, client = gateway
    message_id = send(client, alice.jid, "Grüße & <Küsse>", account=account, To="ignored")
    stanza = alice.wait(body="Grüße & <Küsse>")
    assert stanza["id"] == message_id
    assert stanza["from"] == OURS
    assert stanza["type"] == "chat"
    assert stanza["subject"] is None and stanza["thread"] is None
    arrives(client, message_id)


def test_subject_thread_type_language(prosody, gateway, alice):
    _, client = gateway
    with XmppUser(prosody, "alice", "tablet") as tablet:
        send(client, tablet.full, "to one device",
             ["Variable: Subject=News,Thread=t-1,Type=normal,Language=de"])
        stanza = tablet.wait(body="to one device")
        assert (stanza["subject"], stanza["thread"]) == ("News", "t-1")
        assert stanza["type"] in (None, "normal")
        assert stanza["lang"] == "de"
        send(client, tablet.full, "the end", ["Variable: Type=headline"])
        assert tablet.wait(body="the end")["type"] == "headline"
        assert alice.bodies() == []
    # headline goes to nobody later; what is no type is refused.
    reason = refusal(client, f"xmpp:{alice.jid}", From="gateway", headers=["Variable: Type=letter"])
    assert "letter" in reason and "chat" in reason


def test_sent_delivered_displayed(gateway, alice):
    _, client = gateway
    alice.do("receipts", on=False)
    message_id = send(client, alice.jid, "seen?", Receipt="yes")
    stanza = alice.wait(body="seen?")
    assert {"request", "markable"} <= set(stanza["has"])
    status(client, message_id, "sent")
    # A receipt of somebody else's, and for something else, says nothing.
    alice.do("answer", to=OURS, id="something-else", **{"with": "received"})
    alice.do("answer", to=OURS, id=message_id, **{"with": "received"})
    assert alice.jid in status(client, message_id, "delivered")["Contact"]
    alice.do("answer", to=OURS, id=message_id, **{"with": "displayed"})
    status(client, message_id, "displayed")
    assert told(client) == []


def test_receipt_of_another_account_does_not_count(prosody, gateway, alice):
    _, client = gateway
    alice.do("receipts", on=False)
    message_id = send(client, alice.jid, "for alice", Receipt="yes")
    alice.wait(body="for alice")
    status(client, message_id, "sent")
    with XmppUser(prosody, "bob") as bob:
        bob.do("answer", to=OURS, id=message_id, **{"with": "received"})
        bob.message(OURS, "after it")
        got(client, "after it")
    assert not [e for e in client.events if e.get("Status") == "delivered"]


def test_someone_offline(prosody, gateway):
    _, client = gateway
    message_id = send(client, "bob@xmpp.test", "later", Receipt="yes")
    status(client, message_id, "sent")
    with XmppUser(prosody, "bob") as bob:
        assert bob.wait(body="later")["id"] == message_id
        status(client, message_id, "delivered")


# 4, 5: what cannot be sent.

def test_refused(gateway):
    _, client = gateway
    assert "xmpp.conf" in refusal(client, "xmpp:alice@xmpp.test")
    reason = refusal(client, "xmpp:alice@xmpp.test", From="nobody")
    assert "nobody" in reason and "xmpp.conf" in reason
    for destination in ("xmpp:", "xmpp:@xmpp.test", "xmpp:alice@", "xmpp:a@b@c/", "xmpp:alice@x y",
                        "xmpp:" + "a" * 1100 + "@xmpp.test"):
        assert refusal(client, destination, From="gateway")


def test_stanza_errors(gateway):
    _, client = gateway
    nobody = status(client, send(client, "nobody@xmpp.test", "anyone?"), "failed")
    assert re.match("service-unavailable|item-not-found", nobody["ResponseText"]), nobody
    assert 400 <= int(nobody["ResponseCode"]) < 700
    elsewhere = status(client, send(client, "x@elsewhere.test", "anyone?"), "failed")
    assert re.match("[a-z]+(-[a-z]+)*: .", elsewhere["ResponseText"]), elsewhere


# 6: the outbox.

def test_waits_for_the_server():
    port = free_port()
    prosody = Prosody(USERS)
    try:
        prosody.port, port = port, prosody.port
        with texting(prosody.account("gateway", "texts")) as (server, client):
            ids = []
            for number in range(5):
                reply = client.message_send("xmpp:alice@xmpp.test", f"early {number}",
                                            From="gateway")
                assert reply.ok and reply["Status"] == "queued", reply
                ids.append(reply["MessageID"])
            status(client, ids[-1], "queued")
            with prosody, XmppUser(prosody, "alice") as alice:
                for number, message_id in enumerate(ids):
                    arrives(client, message_id, deadline=40)
                    assert alice.wait(body=f"early {number}")["id"] == message_id
    finally:
        prosody._discard()


# 7: JabberSend.

def test_jabber_send(gateway, alice):
    _, client = gateway
    action = client.send("JabberSend", Jabber="gateway", JID=alice.jid, Message="by JabberSend")
    assert client.reply(action)["Message"] == "Attempting to send Jabber Message"
    outcome = client.reply(action)
    assert outcome.ok, outcome
    stanza = alice.wait(body="by JabberSend")
    assert (stanza["from"], stanza["id"]) == (OURS, outcome["MessageID"])
    action = client.send("JabberSend", Jabber="nobody", JID=alice.jid, Message="x")
    assert client.reply(action).ok
    outcome = client.reply(action)
    assert not outcome.ok and outcome["Message"] == "Could not find Sender", outcome


# 8 to 11: logging in.

def test_wrong_password(prosody, alice):
    gateway = prosody.account("gateway", "texts")
    with texting(gateway) as (server, client):
        server.write("xmpp.conf", gateway + prosody.account("locked", "bob", secret="not his"))
        server.reload()
        event = client.event("JabberStatus", Account="locked", Status="Rejected")
        assert "not-authorized" in event["Reason"]
        kept = client.message_send(f"xmpp:{alice.jid}", "one day", From="locked")
        assert kept.ok and kept["Status"] == "queued", kept
        assert re.search(r"'locked' .*not-authorized", server.log())
        assert "not his" not in server.log()
        send(client, alice.jid, "meanwhile")
        alice.wait(body="meanwhile")
        shown = str(client.request("Command", Command="xmpp show connections"))
        assert re.search(r"\[locked\].*Disconnected .*not-authorized", shown), shown
        assert re.search(r"\[gateway\].*Connected", shown), shown
        server.write("xmpp.conf", gateway + prosody.account("locked", "bob"))
        server.reload()
        assert client.event("JabberStatus", Account="locked", Status="Connected")["JID"].startswith(
            "bob@xmpp.test/")
        assert alice.wait(body="one day")["from"].startswith("bob@xmpp.test/")
        arrives(client, kept["MessageID"])


@pytest.mark.parametrize("case", ["name", "authority"])
def test_wrong_certificate(prosody, case):
    if case == "name":
        other, options = Prosody(USERS, certificate_names="DNS:other.example"), {}
    else:
        other, options = Prosody(USERS), {"ca_list_file": prosody.ca}
    with other, XmppUser(prosody, "bob") as bob, \
            texting(other.account("gateway", "texts", **options),
                    prosody.account("right", "bob")) as (server, client):
        kept = client.message_send("xmpp:alice@xmpp.test", "trusting", From="gateway")
        assert kept.ok and kept["Status"] == "queued", kept
        wait_until(lambda: re.search(r"(?i)gateway.*certificate", server.log()),
                   what="the certificate in the log")
        assert "Authenticated as texts" not in other.log()
        send(client, bob.full, "meanwhile", account="right")
        bob.wait(body="meanwhile")
        server.write("xmpp.conf", other.account("gateway", "texts", verify_server="no")
                     + prosody.account("right", "bob"))
        server.reload()
        status(client, kept["MessageID"], "sent")


def test_scram(prosody, gateway, alice):
    _, client = gateway
    send(client, alice.jid, "secretly")
    alice.wait(body="secretly")
    assert "SCRAM-SHA-256" in prosody.log()


def test_tls_from_the_first_octet():
    with Prosody(USERS, tls_port=free_port()) as prosody, XmppUser(prosody, "alice") as alice, \
            texting(prosody.account("gateway", "texts", forceoldssl="yes",
                                    port=prosody.options["tls_port"])) as (_, client):
        send(client, alice.jid, "old way")
        alice.wait(body="old way")


def test_resource_in_use(prosody, gateway, alice):
    server, client = gateway
    send(client, alice.jid, "before")
    alice.wait(body="before")
    with XmppUser(prosody, "texts", "missive") as rival:
        wait_until(lambda: re.search("(?i)gateway.*conflict", server.log()),
                   what="the conflict in the log")
        message_id = send(client, alice.jid, "after")
        status(client, message_id, "queued")
        assert not rival.all("error")
    # The rival has gone; a reload need not wait as long as the account would.
    server.write("xmpp.conf", prosody.account("gateway", "texts", priority=2))
    server.reload()
    arrives(client, message_id)
    alice.wait(body="after")


# 12: components.

def test_component(prosody, alice):
    extensions = f"[texts]\nexten => orders,1,{TELL}\nexten => s,1,{TELL}\n"
    # There is no TLS to a component, whatever an account says of it.
    component = prosody.component("gateway", verify_server="no", forceoldssl="yes", **RECEIVING)
    with texting(component, extensions=extensions) as (server, client):
        message_id = send(client, alice.jid, "from a component", Receipt="yes")
        stanza = alice.wait(body="from a component")
        assert stanza["id"] == message_id
        assert stanza["from"].split("@")[-1].split("/")[0] == prosody.COMPONENT
        status(client, message_id, "delivered")
        alice.message("orders@gw.xmpp.test", "an order", id="o-1")
        event = got(client, "an order")
        assert event["Exten"] == "orders"
        assert event["From"] == f"xmpp:{alice.full}"
        assert event["To"] == "xmpp:orders@gw.xmpp.test"
        alice.message("anybody@gw.xmpp.test", "hello")
        assert got(client, "hello")["Exten"] == "s"
        # Whoever wants its presence is answered by whom he asked.
        alice.do("presence", to="orders@gw.xmpp.test", type="subscribe")
        wait_until(lambda: re.search('SENT: <presence [^>]*from="orders@gw.xmpp.test"', server.log()),
                   what="the answer")
        alice.message("anybody@gw.xmpp.test", "still there?")
        got(client, "still there?")
        assert "Digest: " not in server.log()


def test_component_with_a_wrong_secret(prosody):
    with texting(prosody.component("gateway", secret="wrong")) as (server, client):
        kept = client.message_send("xmpp:alice@xmpp.test", "x", From="gateway")
        assert kept.ok and kept["Status"] == "queued", kept
        wait_until(lambda: re.search("(?i)gateway.*not-authorized", server.log()),
                   what="the reason in the log")


# 13, 14: rooms.

def test_room(prosody, alice):
    alice.join(ROOM, "al")
    alice.message(ROOM, "before you came", type="groupchat")
    alice.wait(body="before you came")
    account = prosody.account("gateway", "texts", room=f"{ROOM}/gw", **RECEIVING)
    with Cable(prosody.port) as cable, \
            texting(account.replace(str(prosody.port), str(cable.port))) as (_, client):
        alice.wait("presence", **{"from": f"{ROOM}/gw"})
        message_id = send(client, ROOM, "hello all", ["Variable: Type=groupchat"])
        stanza = alice.wait(body="hello all")
        assert (stanza["from"], stanza["type"]) == (f"{ROOM}/gw", "groupchat")
        status(client, message_id, "delivered")
        alice.message(ROOM, "hello gw", type="groupchat")
        event = got(client, "hello gw")
        assert event["From"] == f"xmpp:{ROOM}/al"
        assert event["Type"] == "groupchat"
        # It is in the room still when its stream is resumed.
        cable.cut()
        status(client, send(client, ROOM, "still here", ["Variable: Type=groupchat"]), "delivered")
        alice.wait(body="still here")
        assert told(client) == []


def test_new_room_and_one_that_we_are_not_in(prosody, alice):
    room = "fresh@rooms.xmpp.test"
    account = prosody.account("gateway", "texts", room=f"{room}/gw", **RECEIVING)
    with texting(account) as (_, client):
        first = send(client, room, "first", ["Variable: Type=groupchat"])
        status(client, first, "delivered")
        alice.join(room, "al")
        alice.message(room, "may I?", type="groupchat")
        got(client, "may I?")
        assert "elsewhere@rooms.xmpp.test" in refusal(
            client, "xmpp:elsewhere@rooms.xmpp.test", From="gateway",
            headers=["Variable: Type=groupchat"])


# 15 to 17: receiving.

def test_received(gateway, alice):
    _, client = gateway
    alice.message(OURS, "ein Text", id="m-1", subject="Betreff", thread="t-7", lang="de")
    event = got(client, "ein Text")
    assert event["Exten"] == "s"
    assert event["From"] == f"xmpp:{alice.full}"
    assert event["To"].startswith("xmpp:texts@xmpp.test")
    assert [event[key] for key in ("Subject", "Thread", "Id", "Type", "Lang")] == [
        "Betreff", "t-7", "m-1", "chat", "de"]
    received = client.event("MessageReceived")
    assert received["From"] == f"xmpp:{alice.full}"
    assert received["Body"] == "ein Text"
    assert received["Context"] == "texts"
    alice.message("texts@xmpp.test", "to the account", type="normal")
    assert got(client, "to the account")["Type"] == "normal"


def test_extension_of_the_account_name(prosody, alice):
    extensions = f"[texts]\nexten => gateway,1,{TELL}\nexten => s,1,{TELL}\n"
    with texting(prosody.account("gateway", "texts", **RECEIVING),
                 extensions=extensions) as (_, client):
        alice.message("texts@xmpp.test", "by name")
        assert got(client, "by name")["Exten"] == "gateway"


def test_nobody_takes_it(prosody, alice):
    off = prosody.account("off", "bob")
    with texting(prosody.account("gateway", "texts", **{**RECEIVING, "context": "nowhere"}),
                 off) as (_, client):
        send(client, alice.jid, "ready")
        alice.wait(body="ready")
        alice.message(OURS, "anyone?", id="n-1")
        assert alice.wait(type="error")["id"] == "n-1"
        assert told(client) == []


def test_what_is_no_message(prosody, gateway, alice):
    _, client = gateway
    send(client, alice.jid, "ready")
    alice.wait(body="ready")
    alice.do("write", xml=f"<message to='{OURS}' type='error' id='e-1'><body>bad</body>"
             "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
             "</message>")
    alice.do("write", xml=f"<message to='{OURS}' type='chat' id='c-1'>"
             "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
    # A forged carbon: who sends it is not our own account.
    alice.do("write", xml=f"<message to='{OURS}' type='chat'><received xmlns='urn:xmpp:carbons:2'>"
             "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
             f"from='bob@xmpp.test/x' to='{OURS}' type='chat'><body>forged</body></message>"
             "</forwarded></received></message>")
    with XmppUser(prosody, "texts", "person") as person:
        person.message(alice.jid, "I am a person too")
        stanza = alice.wait(body="I am a person too")
        alice.message(stanza["from"], "only to you")
        person.wait(body="only to you")
        alice.message(OURS, "to the machine")
        got(client, "to the machine")
    assert told(client) == []


def test_receipts_of_what_is_relayed(prosody, alice):
    with Phone() as bob:
        pjsip = aor("bob", f"sip:bob@{bob.address}") + aor("busy", f"sip:busy@{bob.address}")
        with texting(prosody.account("gateway", "texts", **RECEIVING), pjsip=pjsip,
                     missive_conf=PATIENT) as (_, client):
            alice.message(OURS, "relay bob", id="r-1", receipt=True)
            assert bob.wait_one(b"relay bob").method == "MESSAGE"
            receipt = alice.wait(has=["received"])
            assert 'id="r-1"' in receipt["xml"] and "urn:xmpp:receipts" in receipt["xml"]
            bob.status = 404
            alice.message(OURS, "relay busy", id="r-2", receipt=True)
            error = alice.wait(type="error")
            assert error["id"] == "r-2"
            assert not alice.all(has=["received"])
            # Who asks for nothing is told nothing of what arrived.
            bob.status = 200
            alice.message(OURS, "relay bob", id="r-3")
            bob.wait(3)
            alice.message(OURS, "fence", id="r-4")
            got(client, "fence")
            assert not alice.all(has=["received"])


# 18 to 21: faults.

def arrived(user, bodies):
    """How often each of these has come to the user."""
    return {body: user.bodies().count(body) for body in bodies}


def test_resumed_after_a_cut(prosody, alice):
    with Cable(prosody.port) as cable, \
            texting(prosody.account("gateway", "texts", port=cable.port,
                                    **RECEIVING)) as (server, client):
        send(client, alice.jid, "ready")
        alice.wait(body="ready")
        cable.hold()
        bodies = [f"cut {number}" for number in range(10)]
        ids = [send(client, alice.jid, body) for body in bodies]
        for number in range(10):
            alice.message(OURS, f"in {number}")
        cable.cut()
        for message_id in ids:
            arrives(client, message_id, deadline=30)
        for number in range(10):
            got(client, f"in {number}")
        wait_until(lambda: set(arrived(alice, bodies).values()) == {1},
                   what="every message, once")
        assert [body for body in alice.bodies() if body in bodies] == bodies
        assert told(client) == []
        assert "resum" in prosody.log()


def test_prosody_is_killed():
    with Prosody(USERS) as prosody, XmppUser(prosody, "alice") as alice, \
            texting(prosody.account("gateway", "texts")) as (_, client):
        send(client, alice.jid, "ready")
        alice.wait(body="ready")
        prosody.pause()
        bodies = [f"kept {number}" for number in range(20)]
        ids = [send(client, alice.jid, body) for body in bodies]
        prosody.kill()
        prosody.start()
        for message_id in ids:
            arrives(client, message_id, deadline=60)
        wait_until(lambda: set(arrived(alice, bodies).values()) == {1}, 40, what="every message")


def test_missive_is_killed(prosody, alice):
    with Cable(prosody.port) as cable, \
            texting(prosody.account("gateway", "texts", port=cable.port)) as (server, client):
        send(client, alice.jid, "ready")
        alice.wait(body="ready")
        cable.hold()
        bodies = [f"durable {number}" for number in range(10)]
        ids = [send(client, alice.jid, body) for body in bodies]
        server.kill()
        cable.cut()
        server.start()
        client = server.ami()
        # What had left may come twice, under the same id; nothing is missing.
        wait_until(lambda: min(arrived(alice, bodies).values()) >= 1, 30, what="every message")
        assert {one["id"] for one in alice.all() if one["body"] in bodies} == set(ids)
        for message_id in ids:
            wait_until(lambda: client.request("MessageStatus", MessageID=message_id).get(
                "Status") in ("sent", "delivered"), what="sent")


def test_without_stream_management():
    with Prosody(USERS, smacks=False) as prosody, XmppUser(prosody, "alice") as alice, \
            texting(prosody.account("gateway", "texts")) as (_, client):
        message_id = send(client, alice.jid, "pinged behind")
        alice.wait(body="pinged behind")
        arrives(client, message_id)
