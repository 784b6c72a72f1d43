"""The outbox as its users see it: AMI actions and events, missive outbox, missive console.

Offline users
1. a message to an endpoint without contact is queued, is listed, is delivered when its phone
   registers; the events come in order, with the ActionID, and match the store
2. what was kept is sent oldest first, once, and Date says when it was accepted
3. a phone that is busy gets it when the operator has it tried again
4. it is kept over a restart, also one by kill -9
The action
5. a MessageID twice is sent once; after the outcome too, and after a restart
6. wrong options are refused and nothing is sent
7. Expiry: it is expired, and not sent any more
8. Wait: yes and SECONDS, delivered, refused, queued, expired; Logoff waits
9. max_per_recipient: outbox full
Operating
10. MessageCancel; MessageStatus and MessageList of what there is not
11. MessageRetry of one message, one recipient, all
12. missive outbox list, show, cancel, retry, flush; exit statuses; send says that it is queued
13. missive console: one command, lines, an unknown command
14. durability = off: there is no outbox, and an offline user's message is refused
"""
import datetime
import signal
import subprocess

import pytest

from harness import BINARY, Phone, Server, account, aor, missive, wait_until
from sip_user import User

OFFLINE = account("bob") + account("carol")
# So that nothing is tried again but by what the test does.
PATIENT = "[outbox]\nretry = 3600\n"


@pytest.fixture
def server(phone):
    """bob and carol are offline, alice is at the phone."""
    with Server(pjsip=OFFLINE + aor("alice", f"sip:alice@{phone.address}"),
                missive_conf=PATIENT) as server:
        yield server


@pytest.fixture
def client(server):
    return server.ami()


def statuses(client, count, message_id):
    """The next `count` MessageStatus events of the message."""
    return [client.event("MessageStatus", MessageID=message_id) for _ in range(count)]


def names(events):
    return [event["Status"] for event in events]


def listing(client, **fields):
    """The entries of MessageList, and its last packet."""
    action = client.send("MessageList", **fields)
    first = client.reply(action)
    assert first.ok and first["EventList"] == "start", first
    end = client.event("MessageListComplete", ActionID=action)
    entries = [e for e in client.events if e["Event"] == "MessageListEntry"
               and e.get("ActionID") == action]
    for entry in entries:
        client.events.remove(entry)
    assert end["EventList"] == "Complete"
    assert int(end["ListItems"]) == len(entries)
    return entries, end


def status_of(client, message_id):
    return client.request("MessageStatus", MessageID=message_id)


def wait_for_status(client, message_id, status):
    wait_until(lambda: status_of(client, message_id).get("Status") == status,
               what=f"status {status} of {message_id}")


def keep(client, message_id, recipient="bob", **fields):
    """Sends one that must wait."""
    reply = client.message_send(f"pjsip:{recipient}", f"body of {message_id}",
                                MessageID=message_id, **fields)
    assert reply.ok, reply
    assert reply["Message"] == "Message queued"
    assert reply["Status"] == "queued"
    assert reply["MessageID"] == message_id
    return reply


# 1 to 4: offline users.

def test_delivered_when_the_phone_registers(server, client):
    action = client.send("MessageSend", Destination="pjsip:bob", Body="are you there?",
                         From="sip:crm@example.net", MessageID="m-1")
    reply = client.reply(action)
    assert reply.ok and reply["Message"] == "Message queued", reply
    queued = client.event("MessageStatus", MessageID="m-1")
    assert queued["Status"] == "queued"
    assert queued["ActionID"] == action
    assert queued["Destination"] == "pjsip:bob"
    assert queued["ResponseText"]

    [entry], end = listing(client, State="queued")
    assert entry["MessageID"] == "m-1"
    assert entry["OriginalActionID"] == action
    assert entry["Destination"] == entry["Recipient"] == "pjsip:bob"
    assert status_of(client, "m-1")["From"] == "sip:crm@example.net"
    assert int(entry["Size"]) > 0
    assert entry["Accepted"] <= entry["Updated"] < entry["Expires"]
    assert (end["Messages"], end["Waiting"], end["Recipients"]) == ("1", "1", "1")
    assert int(end["Octets"]) > 0 and int(end["OldestAge"]) >= 0

    with User(server, "bob") as bob:
        assert bob.register().status == 200
        assert bob.wait_one().body == b"are you there?"
        events = statuses(client, 2, "m-1")
    assert names(events) == ["sending", "delivered"]
    for event in events:
        assert event["ActionID"] == action
    assert events[-1]["ResponseCode"] == "200"
    assert events[-1]["Attempt"] == "1"
    assert bob.address in events[-1]["Contact"]

    wait_for_status(client, "m-1", "delivered")
    entries, end = listing(client, State="queued")
    assert entries == []
    wait_until(lambda: listing(client)[1]["Messages"] == "0", what="an empty outbox")
    assert listing(client)[1]["OldestAge"] == "0"


def test_oldest_first_with_its_date(server, client):
    expected = [f"m-{i}" for i in range(8)]
    before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    for message_id in expected:
        keep(client, message_id)
    with User(server, "bob") as bob:
        assert bob.register().status == 200
        requests = bob.wait(len(expected), lambda r: r.method == "MESSAGE")
        for message_id in expected:
            wait_for_status(client, message_id, "delivered")
        assert len(bob.messages()) == len(expected), "one came twice"
    assert [r.body.decode() for r in requests] == [f"body of {i}" for i in expected]
    for request in requests:
        date = datetime.datetime.strptime(request.header("Date"), "%a, %d %b %Y %H:%M:%S GMT")
        assert date.replace(tzinfo=datetime.timezone.utc) >= before
        assert request.header("Expires")


def test_busy_phone_is_tried_again(server, client):
    with Phone(status=480) as busy:
        server.write("pjsip.conf", server.pjsip_base + aor("dave", f"sip:dave@{busy.address}"))
        server.reload()
        client.event("Reload")
        wait_until(lambda: client.message_send("pjsip:dave", "x", MessageID="m-1").ok,
                   what="the endpoint dave")
        busy.wait_one()
        queued = client.event("MessageStatus", MessageID="m-1", Status="queued")
        assert queued["ResponseCode"] == "480"
        assert queued["Attempt"] == "1"
        assert busy.address in queued["Contact"]
        busy.status = 200
        assert client.request("MessageRetry", MessageID="m-1")["Messages"] == "1"
        delivered = client.event("MessageStatus", MessageID="m-1", Status="delivered")
        assert delivered["Attempt"] == "2"


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_kept_over_a_restart(server, client, by):
    keep(client, "m-1")
    keep(client, "m-2", "carol")
    if by == signal.SIGTERM:
        server.stop()
    else:
        server.process.kill()
        server.process.wait()
    server.start()
    again = server.ami()
    entries, end = listing(again)
    assert [(e["MessageID"], e["Status"]) for e in entries] == [("m-1", "queued"),
                                                                ("m-2", "queued")]
    assert end["Recipients"] == "2"
    with User(server, "bob") as bob:
        assert bob.register().status == 200
        assert bob.wait_one().body == b"body of m-1"
        wait_for_status(again, "m-1", "delivered")
    assert status_of(again, "m-2")["Status"] == "queued"


# 5 to 9: the action.

def test_a_message_id_is_sent_once(server, client, phone):
    first = client.message_send("pjsip:alice", "once", MessageID="ticket-1")
    assert first.ok and "Duplicate" not in first
    wait_for_status(client, "ticket-1", "delivered")
    second = client.message_send("pjsip:alice", "once", MessageID="ticket-1")
    assert second.ok
    assert second["MessageID"] == "ticket-1"
    assert second["Message"] == "Message successfully sent"
    assert second["Duplicate"] == "yes"
    server.stop()
    server.start()
    again = server.ami()
    assert again.message_send("pjsip:alice", "once", MessageID="ticket-1")["Duplicate"] == "yes"
    # What comes after them arrives alone.
    assert again.message_send("pjsip:alice", "end", Wait="yes")["Message"] == "Message delivered"
    assert [r.body for r in phone.messages()] == [b"once", b"end"]


def test_a_message_id_that_waits(server, client):
    keep(client, "m-1")
    again = client.message_send("pjsip:bob", "body of m-1", MessageID="m-1")
    assert again.ok and again["Duplicate"] == "yes"
    assert len(listing(client)[0]) == 1


@pytest.mark.parametrize("field, value", [
    ("MessageID", "a b"), ("MessageID", "x" * 129), ("Expiry", "0"), ("Expiry", "soon"),
    ("Wait", "301"), ("Wait", "perhaps"), ("Receipt", "7x")])
def test_wrong_options(client, phone, field, value):
    reply = client.message_send("pjsip:alice", "x", **{field: value})
    assert reply["Response"] == "Error"
    assert reply["Message"] == "Message failed to send."
    assert field in reply["Reason"]
    assert client.message_send("pjsip:alice", "end", Wait="yes").ok
    assert [r.body for r in phone.messages()] == [b"end"]


def test_expiry(server, client):
    keep(client, "m-1", Expiry="1")
    keep(client, "m-2")
    expired = client.event("MessageStatus", MessageID="m-1", Status="expired")
    assert "ActionID" in expired
    wait_for_status(client, "m-1", "expired")
    with User(server, "bob") as bob:
        assert bob.register().status == 200
        client.event("MessageStatus", MessageID="m-2", Status="delivered")
        assert [r.body for r in bob.messages()] == [b"body of m-2"]


def test_wait_for_the_outcome(client, phone):
    reply = client.message_send("pjsip:alice", "x", Wait="yes")
    assert reply.ok and reply["Message"] == "Message delivered"
    assert (reply["Status"], reply["ResponseCode"]) == ("delivered", "200")
    assert phone.address in reply["Contact"]
    assert reply["Attempt"] == "1"
    phone.status = 202
    assert client.message_send("pjsip:alice", "x", Wait="20")["Status"] == "sent"
    phone.status = 403
    reply = client.message_send("pjsip:alice", "x", Wait="20")
    assert reply["Response"] == "Error"
    assert reply["Message"] == "Message failed to send."
    assert (reply["Status"], reply["ResponseCode"]) == ("failed", "403")
    assert reply["Reason"] and reply["MessageID"]
    assert client.message_send("pjsip:nobody", "x", Wait="yes")["Response"] == "Error"


def test_wait_for_who_is_away(server, client, phone):
    reply = client.message_send("pjsip:bob", "x", Wait="yes")
    assert reply.ok and reply["Message"] == "Message queued"
    assert reply["Status"] == "queued" and reply["ResponseText"]
    phone.status = 480
    reply = client.message_send("pjsip:alice", "x", Wait="yes")
    assert reply.ok and reply["Message"] == "Message queued"
    assert (reply["Status"], reply["ResponseCode"]) == ("queued", "480")

    reply = client.message_send("pjsip:carol", "x", Wait="1")
    assert reply.ok and reply["Message"] == "Message queued"
    reply = client.message_send("pjsip:carol", "x", Wait="20", Expiry="1")
    assert reply["Response"] == "Error" and reply["Status"] == "expired"


def test_wait_until_the_phone_registers(server, client):
    waits = client.send("MessageSend", Destination="pjsip:bob", Body="x", Wait="60")
    behind = client.send("Ping")
    # Replies and events of that session wait; those of others do not.
    other = server.ami()
    wait_until(lambda: listing(other, State="queued")[0], what="the message in the list")
    with User(server, "bob") as bob:
        assert bob.register().status == 200
        assert client.reply(waits)["Message"] == "Message delivered"
    assert client.reply(behind).ok
    assert not client.replies


def test_outbox_full():
    with Server(pjsip=OFFLINE, missive_conf=PATIENT + "max_per_recipient = 2\n") as server:
        client = server.ami()
        keep(client, "m-1")
        keep(client, "m-2")
        reply = client.message_send("pjsip:bob", "x")
        assert reply["Response"] == "Error"
        assert reply["Message"] == "Message failed to send."
        assert reply["Reason"].startswith("outbox full")
        keep(client, "m-3", "carol")
        assert client.request("MessageCancel", MessageID="m-1").ok
        wait_until(lambda: client.message_send("pjsip:bob", "x", MessageID="m-4").ok,
                   what="room for another message")


# 10 to 14: operating it.

def test_cancel(server, client):
    keep(client, "m-1")
    keep(client, "m-2")
    reply = client.request("MessageCancel", MessageID="m-1")
    assert reply.ok and reply["Messages"] == "1", reply
    assert client.event("MessageStatus", MessageID="m-1", Status="cancelled")["ActionID"]
    wait_for_status(client, "m-1", "cancelled")
    for wrong in ("m-1", "nosuch"):
        reply = client.request("MessageCancel", MessageID=wrong)
        assert reply["Response"] == "Error" and reply["Reason"]
    with User(server, "bob") as bob:
        assert bob.register().status == 200
        client.event("MessageStatus", MessageID="m-2", Status="delivered")
        assert [r.body for r in bob.messages()] == [b"body of m-2"]


def test_what_there_is_not(client):
    assert status_of(client, "nosuch")["Message"] == "No such message"
    entries, end = listing(client)
    assert entries == []
    assert end["Messages"] == end["Waiting"] == end["Octets"] == end["Recipients"] == "0"
    assert "asleep" in client.request("MessageList", State="asleep")["Reason"]
    assert "Limit" in client.request("MessageList", Limit="none")["Reason"]


def test_list_filters(client):
    for i in range(3):
        keep(client, f"b-{i}")
    keep(client, "c-0", "carol")
    assert [e["MessageID"] for e in listing(client, Recipient="pjsip:bob")[0]] == [
        "b-0", "b-1", "b-2"]
    assert [e["MessageID"] for e in listing(client, Recipient="carol")[0]] == ["c-0"]
    entries, end = listing(client, Limit="2")
    assert [e["MessageID"] for e in entries] == ["b-0", "b-1"]
    assert end["Messages"] == "4"
    assert listing(client, State="delivered")[0] == []


def test_retry(client):
    keep(client, "b-0")
    keep(client, "b-1")
    keep(client, "c-0", "carol")
    assert client.request("MessageRetry", MessageID="c-0")["Messages"] == "1"
    assert client.request("MessageRetry", Recipient="pjsip:bob")["Messages"] == "2"
    assert client.request("MessageRetry", All="yes")["Messages"] == "3"
    assert client.request("MessageRetry", MessageID="nosuch")["Response"] == "Error"
    assert client.request("MessageRetry")["Response"] == "Error"
    assert len(listing(client, State="queued")[0]) == 3


def outbox(server, *arguments):
    return missive("outbox", *arguments, "--config", server.config)


def test_outbox_command(server, client, phone):
    done = outbox(server, "list")
    assert done.returncode == 0, done.stderr
    assert "no messages" in done.stdout and "empty" in done.stdout

    done = missive("send", "pjsip:bob", "hello", "--id", "m-1", "--expiry", "600", "--config",
                   server.config)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("queued: ") and "(m-1)" in done.stdout
    keep(client, "m-2", "carol")
    assert client.message_send("pjsip:alice", "x", MessageID="m-3", Wait="yes").ok

    lines = outbox(server, "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["MESSAGE", "m-1", "m-2", "2"]
    column = lines[0].index("STATUS")
    assert all(line[column:].startswith("queued ") for line in lines[1:3])
    assert "m-3" in wait_until(
        lambda: [line for line in outbox(server, "list", "--state", "all").stdout.splitlines()
                 if line.startswith("m-3") and "delivered" in line], what="m-3 in the list")[0]
    assert "m-2" not in outbox(server, "list", "--recipient", "bob").stdout
    assert outbox(server, "list", "--limit", "1").stdout.count("queued") == 1

    shown = outbox(server, "show", "m-1")
    assert shown.returncode == 0
    assert "pjsip:bob" in shown.stdout and "queued" in shown.stdout
    assert outbox(server, "retry", "m-1").stdout.startswith("1 message")
    assert outbox(server, "flush", "carol").stdout.startswith("1 message")
    assert outbox(server, "flush").stdout.startswith("2 messages")
    assert outbox(server, "cancel", "m-2").returncode == 0
    wait_for_status(client, "m-2", "cancelled")

    for wrong in (["show", "nosuch"], ["cancel", "nosuch"], ["cancel", "m-2"],
                  ["retry", "nosuch"], ["list", "--state", "asleep"]):
        done = outbox(server, *wrong)
        assert done.returncode == 1, wrong
        assert len(done.stderr.splitlines()) == 1 and done.stdout == ""
    for usage in ([], ["show"], ["frobnicate"], ["list", "--limit", "0"]):
        assert missive("outbox", *usage).returncode == 2, usage


def test_send_twice_by_its_id(server, phone):
    for _ in range(2):
        done = missive("send", "pjsip:alice", "x", "--id", "m-1", "--config", server.config)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(("delivered", "sen"))
    assert len(phone.messages()) == 1


def test_console(server, client):
    keep(client, "m-1")

    def console(*command, text=""):
        return subprocess.run([BINARY, "console", "--state", server.state, *command],
                              input=text, text=True, capture_output=True, timeout=60)

    done = console("message show outbox")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("m-1 ")
    assert done.stdout == console("message", "show", "outbox", "bob").stdout
    assert "no messages" in console("message", "show", "outbox", "carol").stdout
    assert "queued" in console("message show status m-1").stdout

    done = console("no such")
    assert done.returncode == 1
    assert done.stdout.startswith("No such command 'no such'")

    done = console(text="message show status m-1\n\ncore show help\nquit\nno such\n")
    assert done.returncode == 0, done.stderr
    assert "m-1" in done.stdout and "message show status  " in done.stdout
    assert "No such command" not in done.stdout
    assert "CLI>" not in done.stdout, "a prompt where there is no terminal"

    reply = client.request("Command", Command="no such")
    assert reply["Response"] == "Error"
    assert reply["Message"] == "Command output follows"
    assert reply["Output"].startswith("No such command 'no such'")


def test_without_outbox(phone):
    with Server(pjsip=OFFLINE + aor("alice", f"sip:alice@{phone.address}"),
                missive_conf="[outbox]\ndurability = off\n") as server:
        client = server.ami()
        none = "There is no outbox (missive.conf, [outbox] durability = off)"
        for action, fields in [("MessageStatus", {"MessageID": "x"}), ("MessageList", {}),
                               ("MessageCancel", {"MessageID": "x"}),
                               ("MessageRetry", {"All": "yes"})]:
            reply = client.request(action, **fields)
            assert reply["Response"] == "Error" and reply["Message"] == none
        done = outbox(server, "list")
        assert done.returncode == 1 and none in done.stderr
        reply = client.message_send("pjsip:bob", "x")
        assert reply["Response"] == "Error" and "bob" in reply["Reason"]
        reply = client.message_send("pjsip:alice", "x", Wait="yes")
        assert reply.ok and reply["Message"] == "Message delivered"
