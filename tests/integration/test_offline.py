"""Users who are away: kept, sent when they come back, told to the dialplan.

1. a message to a phone that is off: 202, and once, with Date and Expires, when it registers
2. Date and Expires are not on what was delivered at once
3. five messages of one sender arrive in their order; those of two senders all arrive
4. message_store = no, of an AOR or an endpoint: refused, as before there was an outbox
5. message_expiry, also of the AOR before that of the endpoint: expired, with its event
6. an endpoint that does not exist is refused at once, with nothing kept
7. max_per_recipient: the third is refused with its reason, and there is room again later
8. message_offline_context runs the dialplan once for each message; the message still arrives
9. a hook that sends to the same user comes to an end
10. kill -9 and another start: what was kept is delivered
11. a phone that is there and does not take it (480) gets it when it registers again
12. MessageSend(...,w()): the outcome and its code, MESSAGE_ID, and who is away
13. a phone that moves to another address, or un-registers and comes back there, with a message on
    its way to the old one: it and those behind it arrive at the new one before a time-out
14. route = users: an outbox that is full holds messages of phones back and loses none
"""
import contextlib
import email.utils
import signal
import time

import pytest

from harness import Server, account, wait_until
from sip_user import User

# Long enough that a test which needs the schedule fails: it is registering that wakes.
SLOW = "[outbox]\nretry = 1h\n"
USERS = "[messaging]\nroute = users\n"


@contextlib.contextmanager
def offline(pjsip="", missive_conf=SLOW + USERS, **server):
    """A server with alice registered and bob away."""
    users = account("alice") + account("bob") + account("carol")
    with Server(pjsip=users + pjsip, missive_conf=missive_conf, **server) as server, \
            User(server, "alice") as alice, User(server, "bob") as bob:
        assert alice.register().status == 200
        yield server, alice, bob


def bodies(phone):
    return [request.body.decode() for request in phone.messages()]


def queued(client, count=1, deadline=15):
    """Waits for that many messages to wait; the events that say so."""
    return [client.event("MessageStatus", Status="queued", deadline=deadline)
            for _ in range(count)]


def seconds_since(text):
    return time.time() - email.utils.parsedate_to_datetime(text).timestamp()


# 1, 2, 3: kept and sent.

def test_phone_that_was_off_gets_it_once():
    with offline() as (server, alice, bob):
        client = server.ami()
        assert alice.message("bob", "when you are back").status == 202
        status, = queued(client)
        assert status["Destination"] == "pjsip:bob"
        assert bob.register().status == 200
        request = bob.wait_one(b"when you are back")
        assert -2 <= seconds_since(request.header("Date")) < 60
        assert 0 < int(request.header("Expires")) <= 7 * 86400
        client.event("MessageStatus", MessageID=status["MessageID"], Status="delivered")
        # Coming again does not bring it again.
        assert bob.register().status == 200
        assert alice.message("bob", "the end").status == 202
        bob.wait_one(b"the end")
        assert bodies(bob) == ["when you are back", "the end"]


def test_what_is_not_late_says_nothing_of_time():
    with offline() as (_, alice, bob):
        assert bob.register().status == 200
        assert alice.message("bob", "now").status == 202
        request = bob.wait_one(b"now")
        assert not request.all("Date") and not request.all("Expires"), request


def test_order():
    with offline() as (server, alice, bob), User(server, "carol") as carol:
        client = server.ami()
        for i in range(5):
            assert alice.message("bob", f"alice {i}").status == 202
            assert carol.message("bob", f"carol {i}").status == 202
        queued(client, 10)
        assert bob.register().status == 200
        bob.wait(10)
        assert sorted(bodies(bob)) == sorted(f"{n} {i}" for n in ("alice", "carol")
                                             for i in range(5))
        for name in ("alice", "carol"):
            assert [b for b in bodies(bob) if b.startswith(name)] == [f"{name} {i}"
                                                                      for i in range(5)]


# 4, 5, 6, 7: what is not kept.

@pytest.mark.parametrize("parts", [
    {"endpoint": "message_store = no"},
    {"aor": "message_store = no"},
    {"aor": "message_store = no", "endpoint": "message_store = yes"},
])
def test_message_store(parts):
    with offline(account("dave", **parts)) as (server, alice, _):
        client = server.ami()
        reply = client.message_send("pjsip:dave", "for nobody")
        assert not reply.ok
        assert "no contact" in reply["Reason"], reply
        assert client.message_send("pjsip:bob", "for bob").ok
        queued(client)
        with User(server, "dave") as dave:
            assert dave.register().status == 200
            assert client.message_send("pjsip:dave", "for dave").ok
            dave.wait_one(b"for dave")
            assert bodies(dave) == ["for dave"]


@pytest.mark.parametrize("parts", [
    {"endpoint": "message_expiry = 1s"},
    {"endpoint": "message_expiry = 1d", "aor": "message_expiry = 1"},
])
def test_message_expiry(parts):
    with offline(account("dave", **parts)) as (server, _, bob):
        client = server.ami()
        reply = client.message_send("pjsip:dave", "too late")
        assert reply.ok, reply
        assert client.message_send("pjsip:bob", "in time").ok
        client.event("MessageStatus", MessageID=reply["MessageID"], Status="expired")
        with User(server, "dave") as dave:
            assert dave.register().status == 200
            assert client.message_send("pjsip:dave", "in time").ok
            dave.wait_one(b"in time")
            assert bodies(dave) == ["in time"]
        assert bob.register().status == 200
        bob.wait_one(b"in time")


def test_nobody_of_that_name():
    with offline() as (server, _, _):
        client = server.ami()
        reply = client.message_send("pjsip:nobody", "for nobody")
        assert not reply.ok and "'nobody' not found" in reply["Reason"], reply
        listing = client.send("MessageList")
        assert client.reply(listing).ok
        assert client.event("MessageListComplete", ActionID=listing)["ListItems"] == "0"


def test_full():
    with offline(missive_conf=SLOW + "max_per_recipient = 2\n" + USERS) as (server, _, bob):
        client = server.ami()
        for i in range(2):
            assert client.message_send("pjsip:bob", f"number {i}").ok
        refused = client.message_send("pjsip:bob", "too much")
        assert not refused.ok and "outbox full" in refused["Reason"], refused
        assert client.message_send("pjsip:carol", "another one").ok
        assert bob.register().status == 200
        bob.wait(2)
        for _ in range(2):
            client.event("MessageStatus", Status="delivered")
        assert client.message_send("pjsip:bob", "room again").ok
        bob.wait_one(b"room again")
        assert bodies(bob) == ["number 0", "number 1", "room again"]


# 8, 9: the dialplan hears of it.

PUSH = r"""
[push]
exten => dave,1,Set(TEXT=${EXTEN} missed ${MESSAGE(body)} ${MESSAGE_DATA(MESSAGE_ID)})
 same => n,Set(MESSAGE(body)=${TEXT})
 same => n,MessageSend(pjsip:alice)
[round]
exten => dave,1,UserEvent(Round)
 same => n,MessageSend(pjsip:dave)
"""


def test_offline_context():
    with offline(account("dave", endpoint="message_offline_context = push"),
                 extensions=PUSH) as (server, alice, _):
        client = server.ami()
        replies = [client.message_send("pjsip:dave", f"text {i}") for i in range(2)]
        assert all(reply.ok for reply in replies)
        expected = {f"dave missed text {i} {reply['MessageID']}"
                    for i, reply in enumerate(replies)}
        alice.wait(2)
        assert set(bodies(alice)) == expected
        # At home, and it does not answer for now: the hook had its turn.
        with User(server, "dave", status=480) as dave:
            assert dave.register().status == 200
            dave.wait(1, lambda r: r.method == "MESSAGE")
            queued(client, 3)
            dave.status = 200
            assert dave.register().status == 200
            wait_until(lambda: {"text 0", "text 1"} <= set(bodies(dave)), what="both texts")
        assert client.message_send("pjsip:alice", "the end").ok
        alice.wait_one(b"the end")
        assert len(bodies(alice)) == 3, bodies(alice)


def test_hook_that_goes_round_ends():
    with offline(account("dave", endpoint="message_offline_context = round"),
                 extensions=PUSH) as (server, _, _):
        client = server.ami()
        assert client.message_send("pjsip:dave", "round", headers=["Variable: Max-Forwards=5"]).ok
        wait_until(lambda: "no hops are left" in server.log(), what="the end of the hops")
        for _ in range(5):
            client.event("UserEvent", UserEvent="Round")
        assert client.request("Ping").ok
        assert not [e for e in client.events if e["Event"] == "UserEvent"], "a sixth round"


# 10, 11: what survives.

def test_survives_a_kill():
    with offline() as (server, alice, bob):
        client = server.ami()
        for i in range(5):
            assert alice.message("bob", f"number {i}").status == 202
        queued(client, 5)
        assert client.message_send("pjsip:carol", "for carol").ok
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        server.start()
        assert bob.register().status == 200
        bob.wait(5)
        assert bodies(bob) == [f"number {i}" for i in range(5)]
        with User(server, "carol") as carol:
            assert carol.register().status == 200
            carol.wait_one(b"for carol")


def test_phone_that_does_not_take_it():
    with offline() as (server, _, bob):
        client = server.ami()
        bob.status = 480
        assert bob.register().status == 200
        reply = client.message_send("pjsip:bob", "busy?")
        assert reply.ok, reply
        status = client.event("MessageStatus", MessageID=reply["MessageID"], Status="queued")
        assert status["ResponseCode"] == "480"
        bob.status = 200
        assert bob.register().status == 200
        client.event("MessageStatus", MessageID=reply["MessageID"], Status="delivered")
        first, second = bob.messages()
        assert first.body == second.body == b"busy?"
        assert not first.all("Date") and second.all("Date")


# 12: the dialplan waits.

WAITING = r"""
[messages]
exten => _[a-d].,1,MessageSend(pjsip:${EXTEN},,,w(20))
 same => n,Set(RESULT=${MESSAGE_SEND_STATUS} ${MESSAGE_SEND_CODE} ${LEN(${MESSAGE_ID})})
 same => n,Set(MESSAGE(body)=${RESULT})
 same => n,MessageSend(pjsip:alice)
"""


def test_waiting_for_the_outcome():
    with offline(extensions=WAITING, missive_conf=SLOW) as (server, alice, bob):
        assert bob.register().status == 200
        answers = {}
        for status in (200, 202, 404, 480):
            bob.status = status
            before = len(alice.messages())
            assert alice.message("bob", f"answer {status}").status == 202
            answers[status] = alice.wait(before + 1)[before].body.decode()
        assert answers == {200: "SUCCESS 200 36", 202: "SUCCESS 202 36", 404: "FAILURE 404 36",
                           480: "SUCCESS 480 36"}
        before = len(alice.messages())
        assert alice.message("carol", "away").status == 202
        assert alice.wait(before + 1)[before].body == b"SUCCESS  36"


# 13: phones that move.

@pytest.mark.parametrize("leaves", [True, False], ids=["un-registers", "is replaced"])
def test_phone_that_moves(leaves):
    dave = account("dave", aor="max_contacts = 1\nremove_existing = yes")
    with offline(dave) as (server, alice, _), \
            User(server, "dave", ignore=1000) as before, User(server, "dave") as after:
        client = server.ami()
        assert before.register().status == 200
        assert alice.message("dave", "first").status == 202
        before.wait_one(b"first")
        assert alice.message("dave", "second").status == 202
        if leaves:
            assert before.register(0, "*").status == 200
            queued(client)
        assert after.register().status == 200
        after.wait(2)
        assert bodies(after) == ["first", "second"]
        assert set(bodies(before)) == {"first"}


# 14: full, and a phone that sends.

def test_full_outbox_holds_back_what_phones_send():
    with offline(missive_conf=SLOW + "max_per_recipient = 1\n" + USERS) as (server, alice, bob):
        client = server.ami()
        for i in range(3):
            assert alice.message("bob", f"number {i}").status == 202
        queued(client)
        wait_until(lambda: "outbox full" in server.log(), what="the line in the log")
        assert bob.register().status == 200
        bob.wait(3)
        assert bodies(bob) == [f"number {i}" for i in range(3)]
