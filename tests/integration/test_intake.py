"""An incoming MESSAGE that was answered 202 is never lost and, where that can be, handled once.

1. on disk when 202 comes; taken out when it has been handled
2. the same request in a new transaction (same Call-ID, CSeq, From tag): 202, handled and told once,
   over UDP, over TCP, and from one to the other; another CSeq is another message
3. the same after kill -9 and after an orderly restart on the same state folder
4. answered 202 and then kill -9 before it was handled: handled after the restart, in order
5. many at once over both transports: all 202, all handled once; retransmissions meanwhile change
   nothing
6. durability = off: 202 and handled, nothing of it on disk
"""
import shutil
import sqlite3
import tempfile

import pytest

from harness import Phone, Server, account, aor, wait_until
from sip_user import User

EXTENSIONS = """[messages]
exten => bob,1,MessageSend(pjsip:bob)
exten => held,1,Wait(60)
 same => n,MessageSend(pjsip:bob)
"""
FINAL_STATE = 2  # of the outbox: from there on nothing more is tried


@pytest.fixture
def bob():
    with Phone() as bob:
        yield bob


@pytest.fixture
def server(bob):
    with Server(pjsip=account("alice") + aor("bob", f"sip:bob@{bob.address}"),
                extensions=EXTENSIONS) as server:
        yield server


@pytest.fixture
def alice(server):
    with User(server, "alice") as alice:
        yield alice


def on_disk(server, query):
    """The one number that the query gives, asked of a copy: the server has its file for itself."""
    def ask():
        with tempfile.TemporaryDirectory() as folder:
            for file in server.state.glob("missive.db*"):
                shutil.copy(file, folder)
            try:
                with sqlite3.connect(f"{folder}/missive.db") as copy:
                    return copy.execute(query).fetchone()[0] + 1
            except sqlite3.DatabaseError:
                return None  # copied while it was written to
            finally:
                copy.close()
    return wait_until(ask, what="a sound copy of the database") - 1


def unhandled(server):
    return on_disk(server, "SELECT count(*) FROM received WHERE NOT handled")


def settled(server):
    """All that came in has been handled and sent, and the disk knows it."""
    wait_until(lambda: unhandled(server) == 0, what="handled messages to be marked so")
    wait_until(lambda: on_disk(server, "SELECT count(*) FROM outbox"
                                       f" WHERE state < {FINAL_STATE}") == 0,
               what="the outcome of every message to be written")


def say(user, recipient, body, **parts):
    answer = user.message(recipient, body, **parts)
    assert answer.status == 202, answer


def arrived(bob):
    """The bodies; a retransmission of ours counts once."""
    return [r.body.decode() for r in {r.header("Via"): r for r in bob.messages()}.values()]


def nothing_else(alice, bob, bodies):
    """What may still come of earlier messages comes before this one."""
    say(alice, "bob", "the end")
    bob.wait_one(b"the end")
    assert arrived(bob) == [*bodies, "the end"]


# 1

def test_on_disk_when_202_comes(server, alice, bob):
    assert unhandled(server) == 0
    say(alice, "held", "later")
    assert unhandled(server) == 1
    say(alice, "bob", "now")
    assert bob.wait_one().body == b"now"
    wait_until(lambda: unhandled(server) == 1, what="the handled one to be taken out")
    server.kill()
    server.write("extensions.conf", EXTENSIONS.replace("Wait(60)", "NoOp()"))
    server.start()  # with nothing that holds up the orderly end of this test
    bob.wait_one(b"later")


# 2

@pytest.mark.parametrize("first, second", [("UDP", "UDP"), ("TCP", "TCP"), ("UDP", "TCP"),
                                           ("TCP", "UDP")])
def test_the_same_in_a_new_transaction(server, bob, first, second):
    events = server.ami()
    same = {"call_id": "the-same-call", "cseq": 17}
    with User(server, "alice", transport=first) as one, \
            User(server, "alice", transport=second) as two:
        say(one, "bob", "once", **same)
        bob.wait_one(b"once")
        for _ in range(3):
            say(two, "bob", "once", **same)
        say(two, "bob", "another", call_id="the-same-call", cseq=18)
        bob.wait_one(b"another")
        nothing_else(one, bob, ["once", "another"])
    told = [events.event("MessageReceived", Endpoint="alice")["Body"] for _ in range(3)]
    assert told == ["once", "another", "the end"]


# 3

@pytest.mark.parametrize("end", ["kill -9", "orderly"])
def test_the_same_after_a_restart(server, alice, bob, end):
    same = {"call_id": "before-and-after", "cseq": 17}
    say(alice, "bob", "once", **same)
    bob.wait_one(b"once")
    if end == "orderly":
        server.stop()
    else:
        settled(server)
        server.kill()
    server.start()
    say(alice, "bob", "once", **same)
    nothing_else(alice, bob, ["once"])


# 4

def test_handled_after_a_crash(server, alice, bob):
    bodies = [f"number {i}" for i in range(5)]
    for body in bodies:
        say(alice, "held", body)
    server.kill()
    assert not bob.messages()
    server.write("extensions.conf", EXTENSIONS.replace("Wait(60)", "NoOp()"))
    server.start()
    bob.wait_one(bodies[-1].encode())
    assert arrived(bob) == bodies
    settled(server)
    server.kill()
    server.start()
    nothing_else(alice, bob, bodies)


# 5

@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_many_at_once(server, bob, transport):
    with User(server, "alice", transport=transport) as alice:
        requests = {}
        for i in range(300):
            branch = f"z9hG4bKmany{i}x"
            requests[branch] = alice.build("MESSAGE", f"sip:bob@{alice.domain}", branch=branch,
                                           body=f"number {i}",
                                           headers=["Content-Type: text/plain"])
            alice.transmit(requests[branch])
            if transport == "UDP":
                alice.transmit(requests[branch])
        assert {alice.final(branch).status for branch in requests} == {202}
        bob.wait_one(b"number 299")
        settled(server)
        nothing_else(alice, bob, [f"number {i}" for i in range(300)])


# 6

def test_durability_off(bob):
    with Server(pjsip=account("alice") + aor("bob", f"sip:bob@{bob.address}"),
                extensions=EXTENSIONS, missive_conf="[outbox]\ndurability = off\n") as server, \
            User(server, "alice") as alice:
        say(alice, "bob", "quickly")
        bob.wait_one(b"quickly")
        assert on_disk(server, "SELECT count(*) FROM received") == 0
