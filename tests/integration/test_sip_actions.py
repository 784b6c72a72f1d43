"""The SIP* actions of AMI and the event PeerStatus, for the peers of sip.conf.

1. without sip.conf each action is one that does not exist
2. SIPpeers: a phone before and after it registers, a fixed peer, no user; the same with SIPshowpeer
3. PeerStatus: Registered, Reachable, Unregistered; SIPpeerstatus of one, of all, of nobody
4. SIPqualifypeer asks the phone; SIPQualifyPeerDone
5. SIPnotify: to a peer, with Content; without an Event; nobody there, nobody of that name
6. SIPshowregistry: Registered, and Rejected
7. peers of sip.conf and endpoints of pjsip.conf do not know each other
"""
import types

import pytest

from harness import Phone, Server, account, free_port, wait_until
from sip_user import User

SIP = """[general]
udpbindaddr = 127.0.0.1:{port}
context = messages
{general}
[alice]
type = friend
host = dynamic
secret = secret
accountcode = 42
{alice}
[gateway]
type = peer
host = {host}
port = {gateway_port}
[sender]
type = user
secret = hidden
"""


class Side:
    """A server with sip.conf and a phone that is its fixed peer."""

    def __init__(self, general="", alice="", **phone):
        self.gateway = Phone(**phone)
        self.port = free_port()
        self.server = Server(pjsip=account("bob", "secret"))
        self.server.write("sip.conf", SIP.format(
            port=self.port, host=self.gateway.host, gateway_port=self.gateway.port, alice=alice,
            general=general.format(gateway=self.gateway.address)))

    def __enter__(self):
        self.server.__enter__()
        self.client = self.server.ami()
        return self

    def __exit__(self, *error):
        try:
            self.server.__exit__(*error)
        finally:
            self.gateway.close()

    def alice(self):
        return User(types.SimpleNamespace(sip_port=self.port), "alice", "secret")

    def listing(self, action, entry, complete, **fields):
        """What an action lists: its entries; the count is right."""
        action_id = self.client.send(action, **fields)
        reply = self.client.reply(action_id)
        assert reply.ok, reply
        assert reply["EventList"] == "start"
        end = self.client.event(complete, ActionID=action_id)
        entries = [e for e in self.client.events
                   if e["Event"] == entry and e.get("ActionID") == action_id]
        assert end["ListItems"] == str(len(entries))
        return entries

    def peers(self):
        return {e["ObjectName"]: e for e in self.listing("SIPpeers", "PeerEntry",
                                                         "PeerlistComplete")}

    def statuses(self, **fields):
        return {e["Peer"]: e["PeerStatus"] for e in self.listing(
            "SIPpeerstatus", "PeerStatus", "SIPpeerstatusComplete", **fields)}

    def refused(self, action, headers=(), **fields):
        reply = self.client.request(action, headers, **fields)
        assert not reply.ok, reply
        return reply["Message"]


@pytest.fixture
def side():
    with Side() as side:
        yield side


def test_without_sip_conf():
    with Server() as server:
        client = server.ami()
        for action in ("SIPpeers", "SIPshowpeer", "SIPpeerstatus", "SIPqualifypeer",
                       "SIPshowregistry", "SIPnotify"):
            reply = client.request(action, Peer="alice")
            assert reply["Response"] == "Error"
            assert reply["Message"].startswith(f"Invalid/unknown command: {action}.")


def test_peers(side):
    before = side.peers()
    assert sorted(before) == ["alice", "gateway"]
    assert before["alice"]["IPaddress"] == "-none-"
    assert before["alice"]["Dynamic"] == "yes"
    assert before["gateway"]["IPaddress"] == side.gateway.host
    assert before["gateway"]["IPport"] == str(side.gateway.port)
    assert before["gateway"]["Dynamic"] == "no"
    assert before["gateway"]["Status"] == "Unmonitored"
    with side.alice() as alice:
        assert alice.register(60).status == 200
        entry = side.peers()["alice"]
        assert (entry["IPaddress"], entry["IPport"]) == (alice.host, str(alice.port))
        shown = side.client.request("SIPshowpeer", Peer="alice")
        assert shown.ok, shown
        assert shown["SecretExist"] == "Y"
        assert shown["Accountcode"] == "42"
        assert shown["Address-Port"] == str(alice.port)
        assert shown["Reg-Contact"] == f"sip:alice@{alice.address}"
        assert 50 <= int(shown["RegExpire"].split()[0]) <= 60
    assert side.client.request("SIPshowpeer", Peer="gateway")["ToHost"] == side.gateway.host
    assert side.refused("SIPshowpeer") == "Peer: <name> missing."
    assert side.refused("SIPshowpeer", Peer="nobody") == "Peer nobody not found."
    assert side.refused("SIPshowpeer", Peer="sender") == "Peer sender not found."


def test_peer_status():
    with Side(alice="qualify = yes") as side, side.alice() as alice:
        assert side.statuses() == {"SIP/alice": "Unknown", "SIP/gateway": "Unmonitored"}
        assert alice.register().status == 200
        event = side.client.event("PeerStatus", Peer="SIP/alice", PeerStatus="Registered")
        assert event["ChannelType"] == "SIP"
        assert event["Address"] == alice.address
        event = side.client.event("PeerStatus", Peer="SIP/alice", PeerStatus="Reachable")
        assert int(event["Time"]) >= 0
        assert side.statuses(Peer="alice") == {"SIP/alice": "Reachable"}
        assert side.refused("SIPpeerstatus", Peer="nobody") == "No such peer"
        assert alice.register(0).status == 200
        side.client.event("PeerStatus", Peer="SIP/alice", PeerStatus="Unregistered")


def test_qualify(side):
    reply = side.client.request("SIPqualifypeer", Peer="gateway")
    assert reply["Message"] == "SIP peer found - will qualify"
    assert side.client.event("SIPQualifyPeerDone")["Peer"] == "gateway"
    side.gateway.wait(1, lambda request: request.method == "OPTIONS")
    assert side.refused("SIPqualifypeer", Peer="nobody") == "Peer not found"


def test_notify(side):
    reply = side.client.request("SIPnotify", Channel="SIP/gateway", headers=[
        "Variable: Event=check-sync,X-One=1,Call-ID=mine", "Variable: Content-Type=text/plain",
        "Variable: Content=first", "Variable: Content=second"])
    assert reply["Message"] == "Notify Sent", reply
    request, = side.gateway.wait(1, lambda request: request.method == "NOTIFY")
    assert request.header("Event") == "check-sync"
    assert request.header("Subscription-State") == "terminated"
    assert request.header("X-One") == "1"
    assert request.header("Call-ID") != "mine"
    assert request.header("Content-Type") == "text/plain"
    assert request.body == b"first\r\nsecond"
    wait_until(lambda: "NOTIFY to sip:" in side.server.log(), what="the outcome in the log")
    event = ["Variable: Event=check-sync"]
    assert side.refused("SIPnotify", event) == "SIPNotify requires a channel name"
    assert side.refused("SIPnotify", event, Channel="nobody") == "Could not create address"
    assert side.refused("SIPnotify", event, Channel="alice") == "Notify not sent"
    assert side.refused("SIPnotify", ["Variable: X-One=1"], Channel="gateway") == "Notify not sent"


def registration_of(side, state):
    def entry():
        entries = side.listing("SIPshowregistry", "RegistryEntry", "RegistrationsComplete")
        return entries[-1] if entries and entries[-1]["State"] == state else None

    return wait_until(entry, what=f"a registration that is {state}")


@pytest.mark.parametrize("status, state", [(200, "Registered"), (403, "Rejected")])
def test_registry(status, state):
    with Side(general="register => office:secret@{gateway}", status=status) as side:
        entry = registration_of(side, state)
        assert entry["Host"] == side.gateway.host
        assert entry["Port"] == str(side.gateway.port)
        assert entry["Username"] == "office"


def test_both(side):
    assert "bob" not in side.peers()
    assert side.refused("SIPshowpeer", Peer="bob") == "Peer bob not found."
    assert not side.client.message_send("pjsip:gateway", "not a pjsip endpoint").ok
