"""What becomes of contacts: events, qualifying, connections, a restart.

1. ContactStatus when one is created, updated, removed; PeerStatus with the first and the last
2. qualify_frequency: OPTIONS; Unreachable and PeerStatus when it does not answer, Reachable again
3. an unreachable contact is not chosen while there is a better one
4. authenticate_qualify: the challenge of the phone is answered
5. TCP: messages come down the connection that registered; it is gone with the connection
6. TCP: CRLF keep-alive is answered, before and between requests (RFC 5626 section 4.4.1)
7. contacts survive a restart with the same state folder, but not beyond their time
8. a reload keeps contacts; those of an AOR that is gone are removed
9. a hundred thousand contacts (MISSIVE_TEST_CONTACTS: more): limits hold, 2 KiB each at most
"""
import os

import pytest

from harness import Challenge, Phone, Server, account, wait_until
from sip_user import User


@pytest.fixture
def server():
    users = "[global]\ntype = global\nsend_contact_status_on_update_registration = yes\n"
    users += account("alice", "secret") + account("bob") + account(
        "nat", endpoint="rewrite_contact = yes")
    with Server(pjsip=users) as server:
        yield server


def test_events(server):
    client = server.ami()
    with User(server, "alice", "secret") as alice:
        assert alice.register(600).status == 200
        created = client.event("ContactStatus", AOR="alice")
        assert created["ContactStatus"] == "NonQualified"
        assert created["URI"] == alice.contact.strip("<>")
        assert created["EndpointName"] == "alice"
        assert created["Privilege"] == "system,all"
        assert client.event("PeerStatus", Peer="PJSIP/alice")["PeerStatus"] == "Reachable"
        assert alice.register(700).status == 200
        assert client.event("ContactStatus", AOR="alice")["ContactStatus"] == "Updated"
        assert alice.register(0).status == 200
        assert client.event("ContactStatus", AOR="alice")["ContactStatus"] == "Removed"
        peer = client.event("PeerStatus", Peer="PJSIP/alice")
        assert (peer["PeerStatus"], peer["ChannelType"]) == ("Unreachable", "PJSIP")


QUALIFIED = "qualify_frequency = 1\nqualify_timeout = 0.3"


def test_qualify():
    with Server(pjsip=account("alice", aor=QUALIFIED)) as server:
        client = server.ami()
        with User(server, "alice") as alice:
            assert alice.register().status == 200
            reachable = client.event("ContactStatus", AOR="alice", ContactStatus="Reachable")
            assert int(reachable["RoundtripUsec"]) > 0
            options = alice.wait(1, lambda request: request.method == "OPTIONS")[0]
            assert options.uri == alice.contact.strip("<>")
            alice.ignore = 1000
            client.event("ContactStatus", AOR="alice", ContactStatus="Unreachable")
            client.event("PeerStatus", Peer="PJSIP/alice", PeerStatus="Unreachable")
            alice.ignore = 0
            client.event("ContactStatus", AOR="alice", ContactStatus="Reachable")
            client.event("PeerStatus", Peer="PJSIP/alice", PeerStatus="Reachable")


def test_unreachable_contact_is_passed_over():
    with Server(pjsip=account("alice", aor=QUALIFIED)) as server, Phone(ignore=10**6) as silent:
        client = server.ami()
        with User(server, "alice") as alice:
            first = f"<sip:alice@{silent.address}>;q=1.0"
            assert alice.register(600, f"{first}, {alice.contact};q=0.1").status == 200
            client.event("ContactStatus", URI=f"sip:alice@{silent.address}",
                         ContactStatus="Unreachable")
            client.event("ContactStatus", URI=alice.contact.strip("<>"), ContactStatus="Reachable")
            assert client.message_send("pjsip:alice", "to who answers").ok
            alice.wait_one(b"to who answers")
            assert silent.messages() == []


def test_authenticated_qualify():
    challenge = Challenge("server", "knock knock")
    sections = account("alice", aor=QUALIFIED + "\nauthenticate_qualify = yes",
                       endpoint="outbound_auth = server")
    sections += "[server]\ntype = auth\nusername = server\npassword = knock knock\n"
    with Server(pjsip=sections) as server:
        client = server.ami()
        with User(server, "alice", challenge=challenge) as alice:
            assert alice.register().status == 200
            client.event("ContactStatus", AOR="alice", ContactStatus="Reachable")
            alice.wait(1, lambda request: request.all("Authorization"))
        assert challenge.problems == []


def test_messages_come_down_the_connection(server):
    client = server.ami()
    with User(server, "nat", transport="TCP") as user:
        behind = "<sip:nat@192.0.2.9:5066;transport=tcp>"
        assert user.register(600, behind).status == 200
        for i in range(3):
            assert client.message_send("pjsip:nat", f"down there {i}").ok
        requests = user.wait(3)
        assert {(r.transport, r.source[1]) for r in requests} == {
            ("TCP", int(user.local.split(":")[1]))}
        user.disconnect()
        client.event("ContactStatus", AOR="nat", ContactStatus="Removed")
        assert client.message_send("pjsip:nat", "nobody there")["Message"] == "Message queued"
        user.connect()
        assert user.register(600, behind).status == 200
        assert client.message_send("pjsip:nat", "there again").ok
        user.wait_one(b"there again")


def test_keep_alive(server):
    with User(server, "alice", "secret", transport="TCP") as alice:
        alice.transmit(b"\r\n\r\n")
        wait_until(lambda: alice.pongs >= 1, what="the first pong")
        assert alice.register().status == 200
        request = alice.build("OPTIONS", branch="z9hG4bKbetween")
        alice.transmit(b"\r\n\r\n" + request[:40])
        wait_until(lambda: alice.pongs >= 2, what="the second pong")
        alice.transmit(request[40:] + b"\r\n\r\n")
        alice.final("z9hG4bKbetween")
        wait_until(lambda: alice.pongs >= 3, what="the third pong")


def test_restart_keeps_contacts():
    users = account("alice", "secret", aor="support_path = yes") + account(
        "brief", aor="minimum_expiration = 1")
    with Server(pjsip=users) as server:
        with User(server, "alice", "secret") as alice, User(server, "brief") as brief, \
                Phone() as edge:
            path = [f"Path: <sip:{edge.address};lr>", "Supported: path"]
            assert alice.register(600, f"{alice.contact};q=0.5", path).status == 200
            assert alice.register(600, "<sip:alice@127.0.0.1:5099>;q=0.1").status == 200
            before = alice.register(None, "").contacts
            assert brief.register(1).status == 200
            server.stop()
            server.start()
            after = alice.register(None, "").contacts
            assert [c.split(";expires")[0] for c in after] == [
                c.split(";expires")[0] for c in before]
            client = server.ami(events="off")
            assert client.message_send("pjsip:alice", "after the restart").ok
            assert edge.wait_one().uri == alice.contact.strip("<>")
            wait_until(lambda: brief.register(None, "").contacts == [],
                       what="the contact to expire that was short of it")
            assert alice.register(0, "*").status == 200
            server.stop()
            server.start()
            assert alice.register(None, "").contacts == [], "what was removed came back"


def test_reload_keeps_contacts(server):
    client = server.ami()
    with User(server, "alice", "secret") as alice, User(server, "bob") as bob:
        assert alice.register().status == bob.register().status == 200
        server.write("pjsip.conf", server.pjsip_base + account("alice", "secret"))
        server.reload()
        client.event("ContactStatus", AOR="bob", ContactStatus="Removed")
        assert len(alice.register(None, "").contacts) == 1


def test_many_contacts():
    users = 1000
    each = int(os.environ.get("MISSIVE_TEST_CONTACTS", 100_000)) // users
    sections = "".join(account(f"u{i}", aor=f"max_contacts = {each}") for i in range(users))
    with Server(pjsip=sections) as server:
        client = server.ami(events="off")
        with User(server, "u0") as user:
            for i in range(users):
                user.uri = f"sip:u{i}@{user.domain}"
                listed = ",".join(f"<sip:c{k}@127.0.0.1:9>" for k in range(each))
                answer = user.register(3600, listed)
                assert (answer.status, len(answer.contacts)) == (200, each), answer.line
            assert user.register(3600, "<sip:one.more@127.0.0.1:9>").status == 403
            assert user.register(0, "*").status == 200
            assert user.register().status == 200
            assert client.message_send(f"pjsip:u{users - 1}", "in the crowd").ok
            user.wait_one(b"in the crowd")
        assert server.resident_kb() < 128 * 1024 + 2 * users * each
