"""Every group of actions by every AMI client: three of npm, panoramisk, Telephony::Asterisk::AMI.

Each client, unchanged, makes the steps of all groups in one session; what it made of the replies
and of the events, all events of lists too, is compared group by group.

 1. core: Ping, CoreStatus, CoreSettings
 2. events: UserEvent comes back; nothing after Events off, nor what a Filter holds back
 3. database: DBPut, DBGet, DBDel, and a key that is gone
 4. config: CreateConfig, UpdateConfig, GetConfig, ListCategories of a file of the client's own
 5. dialplan: DialplanExtensionAdd, ShowDialPlan, DialplanExtensionRemove; Setvar, Getvar
 6. pjsip: PJSIPShowEndpoints, PJSIPShowEndpoint, PJSIPShowContacts; PJSIPQualify asks the phone
 7. states: DeviceStateList, PresenceStateList, ExtensionState, after a Setvar of each
 8. mailboxes: MWIUpdate and its event, MailboxCount, MWIGet, MWIDelete
 9. modules: ModuleCheck, Reload and its event, LoggerRotate
10. console: Command with one line of output, with many, and a command that there is not
11. messages: MessageSend to the phone, MessageStatus, MessageList, MessageCancel of one that waits
12. sip: SIPpeers, SIPshowpeer
13. each program ends by itself, with an answer to every step
"""
import functools
import json
import re
import subprocess
import sys

import pytest

import npm
from harness import Phone, Server, aor, free_port

CLIENTS = {
    "asterisk-manager": ["node", npm.CLIENTS / "groups.js", "asterisk-manager"],
    "nami": ["node", npm.CLIENTS / "groups.js", "nami"],
    "asterisk-ami-client": ["node", npm.CLIENTS / "groups.js", "asterisk-ami-client"],
    "panoramisk": [sys.executable, npm.CLIENTS / "groups.py"],
    "Telephony::Asterisk::AMI": ["perl", npm.CLIENTS / "groups.pl"],
}

# What a client cannot do by its own doing.
NAMI = "takes 'Command output follows' for the beginning of a list, and waits for its end"
DEFECTS = {
    ("nami", "console"): NAMI,
    ("nami", "console-lines"): NAMI,
    ("asterisk-ami-client", "console-lines"): "keeps the last of several headers of one name",
}
# Headers of replies that a client hides: nami's own list of events is in place of `Events: Off`.
HIDDEN = {"nami": {"events"}}

EXTENSIONS = """[messages]
exten => alice,1,NoOp(alice)
exten => alice,hint,PJSIP/alice
"""
SIP = """[general]
udpbindaddr = 127.0.0.1:{port}
[anna]
type = friend
host = dynamic
secret = anna-secret
context = messages
[desk]
type = friend
host = 127.0.0.1
port = 9
context = messages
"""


def step(action, reply=None, until=None, events=(), never=None, **headers):
    """An action with what its reply has in it; the event it is over with, and events before that.

    `until` and `events` are names of events, with values in braces; `never`: no such event so far.
    Values are texts or regular expressions. CLIENT stands for the name of the client.
    """
    return {"send": {"Action": action, **headers},
            "reply": {"response": "Success", **(reply or {})}, "until": until,
            "events": events, "never": never}


def error(action, message, **headers):
    return step(action, {"response": "Error", "message": message}, **headers)


def changes(*each):
    """Headers of UpdateConfig: (action, category, variable, value), numbered."""
    return {f"{name}-{number:06}": value for number, parts in enumerate(each)
            for name, value in zip(("Action", "Cat", "Var", "Value"), parts)}


def event(name, **values):
    return {"event": name, **values}


EXTEN = {"Context": "messages", "Extension": "CLIENT"}
KEY = {"Family": "groups", "Key": "CLIENT"}
FILE = "CLIENT.conf"

GROUPS = {
    "core": [
        step("Ping", {"ping": "Pong", "timestamp": re.compile(r"\d+\.\d{6}")}),
        step("CoreStatus", {"corecurrentcalls": "0",
                            "corestartuptime": re.compile(r"\d\d:\d\d:\d\d"),
                            "corestartupdate": re.compile(r"\d{4}-\d\d-\d\d")}),
        step("CoreSettings", {"asteriskversion": re.compile(r"\d+\.\d+\.\d+-missive-.*"),
                              "amiversion": re.compile(r"\d+\.\d+\.\d+"), "corecdrenabled": "No"}),
    ],
    "events": [
        step("UserEvent", {"message": "Event Sent"}, UserEvent="Hello", Key="a: value",
             until=event("UserEvent", userevent="Hello", key="a: value")),
        step("Events", {"events": "Off"}, EventMask="off"),
        step("UserEvent", UserEvent="Unheard"),
        step("Events", {"events": "On"}, EventMask="on"),
        step("Filter", {"message": "Success"}, Operation="Add", Filter="!UserEvent: Secret"),
        step("UserEvent", UserEvent="Secret"),
        step("UserEvent", UserEvent="Open", until=event("UserEvent", userevent="Open"),
             never=event("UserEvent", userevent=re.compile("Unheard|Secret"))),
    ],
    "database": [
        step("DBPut", {"message": "Updated database successfully"}, **KEY, Val="of CLIENT"),
        step("DBGet", {"message": "Result will follow"}, **KEY, until=event("DBGetComplete"),
             events=[event("DBGetResponse", family="groups", key="CLIENT", val="of CLIENT")]),
        step("DBDel", {"message": "Key deleted successfully"}, **KEY),
        error("DBGet", "Database entry not found", **KEY, until=event("DBGetComplete")),
    ],
    "config": [
        step("CreateConfig", {"message": "New configuration file created successfully"},
             Filename=FILE),
        step("UpdateConfig", SrcFilename=FILE, DstFilename=FILE,
             **changes(("NewCat", "door"), ("Append", "door", "color", "red"), ("NewCat", "roof"))),
        step("GetConfig", {"category-000000": "door", "line-000000-000000": "color=red",
                           "category-000001": "roof"}, Filename=FILE),
        step("ListCategories", {"category-000000": "door", "category-000001": "roof"},
             Filename=FILE),
        error("GetConfig", "Config file not found", Filename="nosuch.conf"),
    ],
    "dialplan": [
        step("DialplanExtensionAdd", {"message": "Added requested extension"}, **EXTEN,
             Priority="1", Application="NoOp", ApplicationData="hello"),
        step("ShowDialPlan", {"message": "DialPlan list will follow"}, **EXTEN,
             until=event("ShowDialPlanComplete", listextensions="1"),
             events=[event("ListDialplan", context="messages", extension="CLIENT", priority="1",
                           application="NoOp", appdata="hello")]),
        step("DialplanExtensionRemove", {"message": "Removed the requested extension"}, **EXTEN),
        error("ShowDialPlan", "Did not find extension CLIENT@messages", **EXTEN),
        step("Setvar", {"message": "Variable Set"}, Variable="TOWN", Value="of CLIENT"),
        step("Getvar", {"value": "of CLIENT"}, Variable="TOWN"),
    ],
    "pjsip": [
        step("PJSIPShowEndpoints", until=event("EndpointListComplete"),
             events=[event("EndpointList", objectname="alice", devicestate="Not in use"),
                     event("EndpointList", objectname="absent", devicestate="Unavailable")]),
        step("PJSIPShowEndpoint", Endpoint="alice", until=event("EndpointDetailComplete"),
             events=[event("EndpointDetail", objectname="alice", context="messages"),
                     event("AorDetail", objectname="alice", maxcontacts="10"),
                     event("ContactStatusDetail", aor="alice", endpointname="alice")]),
        step("PJSIPShowContacts", until=event("ContactListComplete"),
             events=[event("ContactList", endpoint="alice", uri=re.compile("sip:alice@.*")),
                     event("ContactList", endpoint="CLIENT", status="NonQualified")]),
        step("PJSIPQualify", {"message": "Endpoint found, will qualify"}, Endpoint="CLIENT",
             until=event("ContactStatus", endpointname="CLIENT", contactstatus="Reachable")),
        error("PJSIPShowEndpoint", "Unable to retrieve endpoint nosuch", Endpoint="nosuch"),
    ],
    "states": [
        step("Setvar", Variable="DEVICE_STATE(Custom:CLIENT)", Value="BUSY",
             until=event("DeviceStateChange", device="Custom:CLIENT", state="BUSY")),
        step("DeviceStateList", until=event("DeviceStateListComplete"),
             events=[event("DeviceStateChange", device="PJSIP/alice", state="NOT_INUSE"),
                     event("DeviceStateChange", device="Custom:CLIENT", state="BUSY")]),
        step("Setvar", Variable="PRESENCE_STATE(CustomPresence:CLIENT)", Value="away,,at lunch",
             until=event("PresenceStateChange", presentity="CustomPresence:CLIENT")),
        step("PresenceStateList", until=event("PresenceStateListComplete"),
             events=[event("PresenceStateChange", presentity="CustomPresence:CLIENT", status="away",
                           message="at lunch")]),
        step("ExtensionState", {"message": "Extension Status", "hint": "PJSIP/alice", "status": "0",
                                "statustext": "Idle"}, Exten="alice", Context="messages"),
    ],
    "mailboxes": [
        step("MWIUpdate", Mailbox="CLIENT@default", NewMessages="2", OldMessages="3",
             until=event("MessageWaiting", mailbox="CLIENT@default", new="2", old="3")),
        step("MailboxCount", {"message": "Mailbox Message Count", "newmessages": "2",
                              "oldmessages": "3"}, Mailbox="CLIENT@default"),
        step("MWIGet", Mailbox="CLIENT@default", until=event("MWIGetComplete"),
             events=[event("MWIGet", mailbox="CLIENT@default", newmessages="2")]),
        step("MWIDelete", Mailbox="CLIENT@default",
             until=event("MessageWaiting", mailbox="CLIENT@default", new="0")),
    ],
    "modules": [
        step("ModuleCheck", Module="res_pjsip.so"),
        error("ModuleCheck", "Module not loaded", Module="app_queue.so"),
        step("Reload", {"message": "Module Reloaded"}, Module="pbx_config.so",
             until=event("Reload", module="pbx_config.so", status="0")),
        error("Reload", "No such module", Module="app_queue.so"),
        step("LoggerRotate"),
    ],
    "console": [
        step("Command", {"message": "Command output follows",
                         "output": re.compile("Asterisk .* running .*")},
             Command="core show version"),
        error("Command", "Command output follows", Command="no such command"),
    ],
    "console-lines": [
        step("Command", {"message": "Command output follows",
                         "output": re.compile(r"(?s).*\n Endpoint:  alice .*\nObjects found: \d+.*")},
             Command="pjsip show endpoints"),
    ],
    "messages": [
        # MessageStatus events carry the ActionID too: panoramisk and Telephony::Asterisk::AMI take
        # whatever comes first with it for the reply.
        step("Events", {"events": "Off"}, EventMask="off"),
        step("MessageSend", {"message": "Message delivered", "responsecode": "200",
                             "messageid": "CLIENT-1"},
             Destination="pjsip:alice", Body="hello by CLIENT", MessageID="CLIENT-1", Wait="yes"),
        step("MessageStatus", {"status": "delivered", "destination": "pjsip:alice", "attempt": "1"},
             MessageID="CLIENT-1"),
        step("MessageSend", {"message": "Message queued"}, Destination="pjsip:absent", Body="later",
             MessageID="CLIENT-2", Wait="yes"),
        step("MessageList", State="queued", Recipient="pjsip:absent",
             until=event("MessageListComplete", messages="1"),
             events=[event("MessageListEntry", messageid="CLIENT-2", status="queued")]),
        step("MessageCancel", {"message": "Message cancelled"}, MessageID="CLIENT-2"),
        step("MessageStatus", {"status": "cancelled"}, MessageID="CLIENT-2"),
        error("MessageStatus", "No such message", MessageID="nosuch"),
        error("MessageSend", "Message failed to send.", Destination="pjsip:nobody", Body="x"),
        step("Events", {"events": "On"}, EventMask="on"),
    ],
    "sip": [
        step("SIPpeers", {"message": "Peer status list will follow"},
             until=event("PeerlistComplete"),
             events=[event("PeerEntry", objectname="anna", dynamic="yes", channeltype="SIP"),
                     event("PeerEntry", objectname="desk", dynamic="no", ipport="9")]),
        step("SIPshowpeer", {"objectname": "anna", "channeltype": "SIP", "secretexist": "Y"},
             Peer="anna"),
    ],
}


def plain(client):
    """The client's name for names of files and objects."""
    return re.sub(r"\W+", "-", client)


@pytest.fixture(scope="module")
def phone():
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def server(phone):
    npm.install()
    at_phone = ["alice", *map(plain, CLIENTS)]
    pjsip = "".join(aor(name, f"sip:{name}@{phone.address}") for name in at_phone)
    server = Server(pjsip=pjsip + aor("absent"), extensions=EXTENSIONS)
    server.write("sip.conf", SIP.format(port=free_port()))
    with server:
        yield server


def of_client(part, name):
    """A part of a step with the client's name in it."""
    if isinstance(part, str):
        return part.replace("CLIENT", name)
    if isinstance(part, dict):
        return {key: of_client(value, name) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [of_client(value, name) for value in part]
    return part


def fits(packet, wanted):
    def same(value, pattern):
        if isinstance(value, list):
            value = "\n".join(value)
        if isinstance(pattern, re.Pattern):
            return isinstance(value, str) and pattern.fullmatch(value) is not None
        return value == pattern

    return all(same(packet.get(name), pattern) for name, pattern in wanted.items())


def run(client, groups, server):
    """What the client made of the steps: {group: [(reply, events)]}, and what it printed."""
    asked = [{"send": each["send"], "until": each["until"]} for steps in groups.values()
             for each in steps]
    process = subprocess.Popen([*map(str, CLIENTS[client]), str(server.ami_port)], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        shown, problems = process.communicate(json.dumps(asked), timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        shown, problems = process.communicate()
    answers = iter([json.loads(line) for line in shown.splitlines()])

    def named(packet):  # nami writes an underscore for the first hyphen of a name
        return {key.replace("_", "-"): value for key, value in packet.items()}

    found = {group: [(named(each["reply"]), [named(event) for event in each["events"]])
                     for _, each in zip(steps, answers)] for group, steps in groups.items()}
    return found, f"status {process.returncode}\n{problems}"


@pytest.fixture(scope="module")
def played(server):
    """played(client): the steps by group, and what run() gave, which runs once."""
    @functools.cache
    def play(client):
        groups = {group: of_client(steps, plain(client)) for group, steps in GROUPS.items()
                  if (client, group) not in DEFECTS}
        return groups, *run(client, groups, server)

    return play


def check_list(reply, events):
    """All of a list is there: as many events of the action as the last of them says."""
    own = [each for each in events if each.get("actionid") == reply["actionid"]]
    assert reply["eventlist"] == "start"
    assert own[-1]["eventlist"] == "Complete" and own[-1]["listitems"] == str(len(own) - 1), own


def check(step, reply, events, so_far, hidden):
    shown = f"{step}\n{reply}\n{events}"
    assert fits(reply, {k: v for k, v in step["reply"].items() if k not in hidden}), shown
    if reply["response"] == "Error":
        return
    for wanted in [*step["events"], *filter(None, [step["until"]])]:
        assert any(fits(each, wanted) for each in events), f"no {wanted} in\n{shown}"
    if step["events"]:
        check_list(reply, events)
    if step["never"]:
        assert not any(fits(each, step["never"]) for each in so_far), shown


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("client", CLIENTS)
def test_group(client, group, played, server, phone):
    if (client, group) in DEFECTS:
        pytest.skip(f"{client} {DEFECTS[client, group]}")
    groups, found, problems = played(client)
    steps = groups[group]
    assert len(found[group]) == len(steps), f"no answer to {steps[len(found[group])]}\n{problems}"
    so_far = []
    for each, (reply, events) in zip(steps, found[group]):
        so_far += events
        check(each, reply, events, so_far, HIDDEN.get(client, set()))
    name = plain(client)
    if group == "pjsip":
        phone.wait(1, lambda request: request.line.startswith(f"OPTIONS sip:{name}@"))
    if group == "messages":
        phone.wait_one(f"hello by {name}".encode())
    if group == "config":
        assert (server.config / f"{name}.conf").read_text().split() == [
            "[door]", "color", "=", "red", "[roof]"]


@pytest.mark.parametrize("client", CLIENTS)
def test_the_end(client, played):
    _, _, problems = played(client)
    assert problems.startswith("status 0\n"), problems
