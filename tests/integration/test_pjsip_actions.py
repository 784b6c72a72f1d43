"""The actions and events of AMI about pjsip.conf, states and mailboxes, with phones that register.

 1. PJSIPShowEndpoints and its device states, before and after a phone registers; the events of it,
    and of the phone that leaves
 2. PJSIPShowEndpoint: every part of it, and no secret in any list
 3. PJSIPShowContacts, PJSIPShowRegistrationsInbound and its ContactStatuses
 4. PJSIPQualify asks the phone; one that does not answer becomes unavailable
 5. PJSIPNotify: Variables, an Option of pjsip_notify.conf, also after a reload
 6. a message's dialplan sets and reads states; AMI tells of them; they survive a restart
 7. ExtensionState of hints, of a pattern, after a reload
 8. mailboxes survive a restart; MessageWaiting
 9. clients of npm (nami) and Debian (panoramisk) read the lists
10. 10,000 endpoints: each list in one go, within three quarters of max_unsent
"""
import json
import subprocess
import sys
import time

import npm
from harness import Server, account, wait_until
from sip_user import User

HINTS = """[messages]
exten => alice,hint,PJSIP/alice,CustomPresence:alice
exten => _2XX,hint,Custom:room${EXTEN:1}
"""
DIALPLAN = HINTS + """exten => set,1,Set(DEVICE_STATE(Custom:lamp)=${CUT(MESSAGE(body),:,1)})
 same => n,Set(PRESENCE_STATE(CustomPresence:alice)=${CUT(MESSAGE(body),:,2)})
 same => n,UserEvent(States,Lamp: ${DEVICE_STATE(Custom:lamp)},Phone: ${DEVICE_STATE(PJSIP/alice)},\
Reached: ${EXTENSION_STATE(alice@messages)},Hint: ${HINT(alice@messages)},\
Presence: ${PRESENCE_STATE(CustomPresence:alice,value)})
"""


def lists(client, action, complete, headers=(), **fields):
    """The events of a list, and how many it says there are."""
    action_id = client.send(action, headers, **fields)
    reply = client.reply(action_id)
    assert reply.ok, reply
    assert reply["EventList"] == "start"
    end = client.event(complete, ActionID=action_id)
    events = [e for e in client.events if e.get("ActionID") == action_id]
    client.events = [e for e in client.events if e.get("ActionID") != action_id]
    assert end["ListItems"] == str(len(events))
    return events


def devices(client):
    return {e["Device"]: e["State"] for e in lists(client, "DeviceStateList",
                                                   "DeviceStateListComplete")}


def alice_server(more="", parts=None, **options):
    """alice and bob, who register; `parts` are more options of alice's objects."""
    alice = account("alice", "s3cret", **(parts or {}))
    return Server(pjsip=alice + account("bob", "s3cret") + more, **options)


def test_a_phone_comes_and_goes():
    with alice_server(extensions=DIALPLAN) as server:
        client = server.ami()

        def endpoints():
            return {e["ObjectName"]: e for e in lists(client, "PJSIPShowEndpoints",
                                                      "EndpointListComplete")}

        before = endpoints()
        assert list(before) == ["alice", "bob"]
        assert (before["alice"]["DeviceState"], before["alice"]["Contacts"]) == ("Unavailable", "")
        assert devices(client) == {"PJSIP/alice": "UNAVAILABLE", "PJSIP/bob": "UNAVAILABLE"}
        with User(server, "alice", "s3cret") as alice:
            assert alice.register(60).status == 200
            status = client.event("ContactStatus", AOR="alice")
            assert (status["ContactStatus"], status["EndpointName"]) == ("NonQualified", "alice")
            client.event("PeerStatus", Peer="PJSIP/alice", PeerStatus="Reachable")
            client.event("DeviceStateChange", Device="PJSIP/alice", State="NOT_INUSE")
            extension = client.event("ExtensionStatus", Exten="alice")
            assert extension["Hint"] == "PJSIP/alice,CustomPresence:alice"
            assert (extension["Status"], extension["StatusText"]) == ("0", "Idle")
            after = endpoints()["alice"]
            assert after["DeviceState"] == "Not in use"
            assert after["Contacts"] == f"alice/sip:alice@{alice.address},"
            assert alice.register(0).status == 200
        client.event("DeviceStateChange", Device="PJSIP/alice", State="UNAVAILABLE")
        assert client.event("ExtensionStatus", Exten="alice")["Status"] == "4"
        assert client.event("ContactStatus", AOR="alice")["ContactStatus"] == "Removed"


def test_one_endpoint():
    more = "transport = transport-udp\nallow = !all,ulaw\ndirect_media = no"
    hosts = "[alice-hosts]\ntype = identify\nendpoint = alice\nmatch = 192.0.2.0/24\n"
    with alice_server(hosts, parts={"endpoint": more}) as server:
        client = server.ami()
        with User(server, "alice", "s3cret") as alice:
            assert alice.register(60).status == 200
            events = lists(client, "PJSIPShowEndpoint", "EndpointDetailComplete", Endpoint="alice")
        parts = {e["Event"]: e for e in events}
        assert list(parts) == ["EndpointDetail", "TransportDetail", "AorDetail", "AuthDetail",
                               "IdentifyDetail", "ContactStatusDetail"]
        assert parts["EndpointDetail"]["DirectMedia"] == "false"
        assert parts["EndpointDetail"]["Allow"] == "(ulaw)"
        assert parts["EndpointDetail"]["DeviceState"] == "Not in use"
        assert parts["TransportDetail"]["Bind"] == server.sip_address
        assert parts["AorDetail"]["ContactsRegistered"] == "1"
        assert parts["AuthDetail"]["Username"] == "alice"
        assert parts["ContactStatusDetail"]["URI"] == f"sip:alice@{alice.address}"
        everything = [str(e) for e in events + lists(client, "PJSIPShowAuths", "AuthListComplete")]
        assert not [text for text in everything if "s3cret" in text]
        reply = client.request("PJSIPShowEndpoint", Endpoint="nosuch")
        assert reply["Message"] == "Unable to retrieve endpoint nosuch"


def test_contacts():
    with alice_server() as server:
        client = server.ami()
        assert client.request("PJSIPShowContacts")["Message"] == "No Contacts found"
        with User(server, "alice", "s3cret") as alice:
            assert alice.register(60).status == 200
            contact, = lists(client, "PJSIPShowContacts", "ContactListComplete")
            assert contact["Uri"] == f"sip:alice@{alice.address}"
            assert contact["ObjectName"].startswith("alice;@")
            assert contact["Status"] == "NonQualified"
            assert abs(int(contact["ExpirationTime"]) - time.time() - 60) < 10
            assert f"{contact['ViaAddr']}:{contact['ViaPort']}" == alice.address
            inbound = lists(client, "PJSIPShowRegistrationsInbound",
                            "InboundRegistrationDetailComplete")
            assert [e["Contacts"] for e in inbound] == [f"alice/sip:alice@{alice.address}", ""]
            status, = lists(client, "PJSIPShowRegistrationInboundContactStatuses",
                            "ContactStatusDetailComplete")
            assert status["ID"] == contact["ObjectName"]
            assert status["ViaAddress"] == alice.address


def test_qualify():
    parts = {"aor": "qualify_frequency = 3600\nqualify_timeout = 0.5"}
    with alice_server(parts=parts) as server, User(server, "alice", "s3cret") as alice:
        client = server.ami()
        assert alice.register(60).status == 200
        client.event("ContactStatus", AOR="alice", ContactStatus="Reachable")
        asked = len([r for r in alice.received if r.method == "OPTIONS"])
        reply = client.request("PJSIPQualify", Endpoint="alice")
        assert reply["Message"] == "Endpoint found, will qualify"
        alice.wait(asked + 1, lambda request: request.method == "OPTIONS")
        contact, = lists(client, "PJSIPShowContacts", "ContactListComplete")
        assert contact["Status"] == "Reachable"
        assert int(contact["RoundtripUsec"]) > 0
        client.event("DeviceStateChange", Device="PJSIP/alice", State="NOT_INUSE")
        alice.close()

        def is_away():
            # While one OPTIONS is under way another is not sent: its answer may not be read yet.
            assert client.request("PJSIPQualify", Endpoint="alice").ok
            contact, = lists(client, "PJSIPShowContacts", "ContactListComplete")
            return contact["Status"] == "Unreachable"

        wait_until(is_away, 40, what="the phone that is gone")
        client.event("ContactStatus", AOR="alice", ContactStatus="Unreachable")
        client.event("DeviceStateChange", Device="PJSIP/alice", State="UNAVAILABLE")
        assert client.request("PJSIPQualify")["Message"] == "Endpoint parameter missing."


def test_notify():
    with alice_server() as server, User(server, "alice", "s3cret") as alice:
        client = server.ami()

        def notify(count, headers=(), **fields):
            reply = client.request("PJSIPNotify", headers, **fields)
            assert reply.get("Message") == "NOTIFY sent", reply
            return alice.wait(count, lambda request: request.method == "NOTIFY")[-1]

        event = ["Variable: Event=check-sync"]
        reply = client.request("PJSIPNotify", event, Endpoint="alice")
        assert not reply.ok and "contact" in reply["Reason"]
        assert alice.register(60).status == 200
        assert notify(1, event, Endpoint="alice").header("Event") == "check-sync"
        assert notify(2, event, URI=f"sip:alice@{alice.address}").header("Event") == "check-sync"
        reply = client.request("PJSIPNotify", Endpoint="alice", Option="reboot")
        assert reply["Reason"] == "pjsip_notify.conf has no section [reboot]"
        server.write("pjsip_notify.conf", "[reboot]\nEvent => check-sync\n"
                                          "Content-Type => text/plain\nContent => now\n")
        server.reload()
        client.event("Reload")
        request = notify(3, Endpoint="PJSIP/alice", Option="reboot")
        assert (request.header("Content-Type"), request.body) == ("text/plain", b"now")


def test_the_dialplan_sets_states():
    with alice_server(extensions=DIALPLAN) as server:
        client = server.ami()
        with User(server, "alice", "s3cret") as alice:
            assert alice.register(60).status == 200
            assert alice.message("set", "BUSY:away,lunch,back at two").status == 202
            told = client.event("UserEvent", UserEvent="States")
            assert (told["Lamp"], told["Phone"]) == ("BUSY", "NOT_INUSE")
            assert told["Reached"] == "NOT_INUSE"
            assert told["Hint"] == "PJSIP/alice"  # the comma behind it ends the header
            assert told["Presence"] == "away"
            client.event("DeviceStateChange", Device="Custom:lamp", State="BUSY")
            presence = client.event("PresenceStateChange", Presentity="CustomPresence:alice")
            assert (presence["Status"], presence["Subtype"]) == ("away", "lunch")
            assert client.event("PresenceStatus", Exten="alice")["Message"] == "back at two"
            assert alice.register(0).status == 200
        server.stop()
        server.start()
        client = server.ami()
        assert devices(client)["Custom:lamp"] == "BUSY"
        state = client.request("PresenceState", Provider="CustomPresence:alice")
        assert (state["State"], state["PresenceMessage"]) == ("away", "back at two")
        presences = lists(client, "PresenceStateList", "PresenceStateListComplete")
        assert [e["Presentity"] for e in presences] == ["CustomPresence:alice"]


def test_hints():
    with alice_server(extensions=HINTS) as server:
        client = server.ami()

        def state(exten):
            reply = client.request("ExtensionState", Exten=exten, Context="messages")
            return reply["Hint"], reply["Status"], reply["StatusText"]

        def listed():
            return [e["Exten"] for e in lists(client, "ExtensionStateList",
                                              "ExtensionStateListComplete")]

        assert state("alice") == ("PJSIP/alice,CustomPresence:alice", "4", "Unavailable")
        assert state("nobody") == ("", "-1", "Unknown")
        assert listed() == ["alice"]
        assert state("207") == ("Custom:room07", "0", "Idle")
        assert listed() == ["alice", "207"]
        server.write("extensions.conf", "[messages]\nexten => bob,hint,PJSIP/bob\n")
        server.reload()
        client.event("Reload")
        assert listed() == ["bob"]


def test_mailboxes():
    with alice_server() as server:
        client = server.ami()
        update = client.request("MWIUpdate", Mailbox="100@default", NewMessages=2, OldMessages=5)
        assert update.ok and "Message" not in update
        waiting = client.event("MessageWaiting", Mailbox="100@default")
        assert (waiting["Waiting"], waiting["New"], waiting["Old"]) == ("1", "2", "5")
        server.stop()
        server.start()
        client = server.ami()
        count = client.request("MailboxCount", Mailbox="100@default")
        assert (count["NewMessages"], count["OldMessages"]) == ("2", "5")
        assert client.request("MailboxStatus", Mailbox="100@default")["Waiting"] == "1"
        found = lists(client, "MWIGet", "MWIGetComplete", Mailbox="/^100/")
        assert [e["NewMessages"] for e in found] == ["2"]
        assert client.request("MWIDelete", Mailbox="100@default").ok
        assert client.event("MessageWaiting", Mailbox="100@default")["Waiting"] == "0"
        assert lists(client, "MWIGet", "MWIGetComplete", Mailbox="/./") == []


def read_lists(command, server):
    done = subprocess.run([*map(str, command), str(server.ami_port)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(answer["response"] == "Success" for answer in answers), answers
    # Some libraries count the ...Complete, some do not.
    return {answer["list"]: [e for e in answer["events"]
                             if not e["event"].endswith("Complete")] for answer in answers}


def test_clients():
    npm.install()
    programs = [["node", npm.CLIENTS / "nami_lists.js"],
                [sys.executable, npm.CLIENTS / "panoramisk_lists.py"]]
    with alice_server(extensions=HINTS) as server, User(server, "alice", "s3cret") as alice:
        assert alice.register(60).status == 200
        for program in programs:
            found = read_lists(program, server)
            assert [e["objectname"] for e in found["PJSIPShowEndpoints"]] == ["alice", "bob"]
            # nami takes a reply for a list where its Message has "follow" in it, in small letters.
            if "PJSIPShowEndpoint" in found:
                assert [e["event"] for e in found["PJSIPShowEndpoint"]] == [
                    "EndpointDetail", "AorDetail", "AuthDetail", "ContactStatusDetail"]
            assert [e["uri"] for e in found["PJSIPShowContacts"]] == [f"sip:alice@{alice.address}"]
            assert {e["device"]: e["state"] for e in found["DeviceStateList"]} == {
                "PJSIP/alice": "NOT_INUSE", "PJSIP/bob": "UNAVAILABLE"}
            assert [e["exten"] for e in found["ExtensionStateList"]] == ["alice"]


def read_list(client, action, complete):
    """The octets of a list, and how long it took; AmiClient would take its time over so many."""
    begin = time.monotonic()
    action_id = client.send(action)
    answer = b""
    end = f"Event: {complete}\r\nActionID: {action_id}\r\n".encode()
    while end not in answer[-4096:] or not answer.endswith(b"\r\n\r\n"):
        answer += client.socket.recv(1 << 20)
    return answer, time.monotonic() - begin


def test_ten_thousand_endpoints():
    count = 10_000
    many = "".join(account(f"u{i}", aor=f"contact = sip:u{i}@192.0.2.1") for i in range(count))
    with Server(pjsip=many) as server:
        client, other = server.ami(events="off"), server.ami(events="off")
        for action, event in (("PJSIPShowEndpoints", "EndpointList"), ("PJSIPShowAors", "AorList"),
                              ("PJSIPShowContacts", "ContactList"),
                              ("PJSIPShowRegistrationsInbound", "InboundRegistrationDetail"),
                              ("DeviceStateList", "DeviceStateChange")):
            complete = {"DeviceStateList": "DeviceStateListComplete"}.get(action, event + "Complete")
            answer, took = read_list(client, action, complete)
            listed = answer.count(f"Event: {event}\r\n".encode())
            print(f"{action}: {listed} of {count} in {len(answer) / 1e6:.1f} MB, {took:.3f} s")
            assert f"ListItems: {listed}\r\n".encode() in answer
            assert listed == count
            assert len(answer) < 6 * 1024 * 1024  # of 8 that a session may leave unread
        assert other.request("Ping").ok
