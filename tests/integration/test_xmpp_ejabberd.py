"""The `xmpp:` technology with a second server, ejabberd, and the XMPP user of npm.

1. sent, delivered by the receipt, displayed by the marker
2. received: what the dialplan sees
3. to nobody: failed, with condition and text
4. a wrong password; a wrong certificate
5. a room: joined, delivered when the room shows it, received
6. a component: both ways
7. a connection cut with messages on their way is resumed, each arrives once
8. ejabberd is killed with messages unacknowledged: each arrives
"""
import re

import pytest

from cable import Cable
from ejabberd import Ejabberd
from harness import wait_until
from xmpp_steps import OURS, RECEIVING, ROOM, USERS, arrives, got, send, status, texting, told
from xmpp_user import XmppUser


@pytest.fixture(scope="module")
def ejabberd():
    with Ejabberd(USERS) as ejabberd:
        yield ejabberd


@pytest.fixture
def alice(ejabberd):
    with XmppUser(ejabberd, "alice") as alice:
        yield alice


def test_both_ways(ejabberd, alice):
    with texting(ejabberd.account("gateway", "texts", **RECEIVING)) as (_, client):
        message_id = send(client, alice.jid, "Grüße", ["Variable: Subject=News,Thread=t-1"],
                          Receipt="yes")
        stanza = alice.wait(body="Grüße")
        assert (stanza["id"], stanza["from"]) == (message_id, OURS)
        assert (stanza["subject"], stanza["thread"]) == ("News", "t-1")
        status(client, message_id, "delivered")
        alice.do("answer", to=OURS, id=message_id, **{"with": "displayed"})
        status(client, message_id, "displayed")
        alice.message("texts@xmpp.test", "und zurück", id="m-1", thread="t-1")
        event = got(client, "und zurück")
        assert event["From"] == f"xmpp:{alice.full}"
        assert (event["Id"], event["Thread"], event["Type"]) == ("m-1", "t-1", "chat")
        assert told(client) == []


def test_to_nobody(ejabberd):
    with texting(ejabberd.account("gateway", "texts")) as (_, client):
        nobody = status(client, send(client, "nobody@xmpp.test", "anyone?"), "failed")
        assert re.match("service-unavailable|item-not-found", nobody["ResponseText"]), nobody
        assert int(nobody["ResponseCode"]) >= 400


def test_not_let_in(ejabberd, alice):
    accounts = [ejabberd.account("locked", "bob", secret="wrong"),
                ejabberd.account("strange", "bob", ca_list_file=None)]
    with texting(ejabberd.account("gateway", "texts"), *accounts) as (server, client):
        for name, reason in (("locked", "not-authorized"), ("strange", "certificate")):
            kept = client.message_send(f"xmpp:{alice.jid}", "x", From=name)
            assert kept.ok and kept["Status"] == "queued", kept
            wait_until(lambda: re.search(f"(?i){name}.*{reason}", server.log()),
                       what="the reason in the log")
        send(client, alice.jid, "meanwhile")
        alice.wait(body="meanwhile")


def test_room(ejabberd, alice):
    alice.join(ROOM, "al")
    account = ejabberd.account("gateway", "texts", room=f"{ROOM}/gw", **RECEIVING)
    with texting(account) as (_, client):
        alice.wait("presence", **{"from": f"{ROOM}/gw"})
        message_id = send(client, ROOM, "hello all", ["Variable: Type=groupchat"])
        assert alice.wait(body="hello all")["from"] == f"{ROOM}/gw"
        status(client, message_id, "delivered")
        alice.message(ROOM, "hello gw", type="groupchat")
        assert got(client, "hello gw")["From"] == f"xmpp:{ROOM}/al"
        assert told(client) == []


def test_component(ejabberd, alice):
    with texting(ejabberd.component("gateway", **RECEIVING)) as (_, client):
        message_id = send(client, alice.jid, "from a component", Receipt="yes")
        sender = alice.wait(body="from a component")["from"]
        assert sender.split("@")[-1].split("/")[0] == ejabberd.COMPONENT
        status(client, message_id, "delivered")
        alice.message("orders@gw.xmpp.test", "an order")
        assert got(client, "an order")["To"] == "xmpp:orders@gw.xmpp.test"


def test_resumed_after_a_cut(ejabberd, alice):
    with Cable(ejabberd.port) as cable, \
            texting(ejabberd.account("gateway", "texts", port=cable.port,
                                     **RECEIVING)) as (_, client):
        send(client, alice.jid, "ready")
        alice.wait(body="ready")
        cable.hold()
        bodies = [f"cut {number}" for number in range(10)]
        ids = [send(client, alice.jid, body) for body in bodies]
        alice.message(OURS, "in")
        cable.cut()
        for message_id in ids:
            arrives(client, message_id, deadline=30)
        got(client, "in")
        wait_until(lambda: [body for body in alice.bodies() if body in bodies] == bodies,
                   what="every message, once and in order")
        assert told(client) == []


# Last: it takes the server that the others share.

def test_ejabberd_is_killed(ejabberd, alice):
    with texting(ejabberd.account("gateway", "texts")) as (_, client):
        send(client, alice.jid, "ready")
        alice.wait(body="ready")
        ejabberd.pause()
        bodies = [f"kept {number}" for number in range(10)]
        ids = [send(client, alice.jid, body) for body in bodies]
        ejabberd.kill()
        ejabberd.start()
        for message_id in ids:
            arrives(client, message_id, deadline=60)
        wait_until(lambda: sorted(body for body in alice.bodies() if body in bodies)
                   == sorted(bodies), 40, what="every message")
