"""The actions of Asterisk's core on the built server: files, database, dialplan, variables, modules.

1. UpdateConfig adds a phone to pjsip.conf, comments stay, `Reload` puts it into force: it registers
   and is sent to; GetConfig and ListCategories show it; DelCat takes it away again
2. a file that would be wrong leaves the old configuration in force, with its place as Reason of Reload
3. nothing outside of the configuration folder is shown or changed; secrets need the class config
4. DBPut, DBGet, DBGetTree: what the dialplan reads, and after a restart; DBDelTree
5. DialplanExtensionAdd is in force on all shards at once, ShowDialPlan shows it; it is gone after a
   reload of pbx_config, not after one of another part; DialplanExtensionRemove
6. Originate runs a dialplan that sends a message to a phone; Async tells OriginateResponse
7. Getvar and Setvar: what the dialplan sees, and what SHELL does with and without live_dangerously
8. Newexten and VarSet while somebody reads the class dialplan
9. Reload with a Module and its event, ModuleCheck, ModuleLoad, LoggerRotate, CoreStatus
10. twenty UpdateConfig at a time from two sessions: none is lost
11. clients of npm read lists and change files with their own calls
"""
import json
import re
import subprocess

import pytest

import npm
from harness import Server, account, wait_until
from sip_user import User

EXTENSIONS = """[globals]
CITY=Bern
[messages]
exten => alice,1,Set(MESSAGE(body)=${DB(names/alice)} in ${CITY})
 same => n,MessageSend(pjsip:alice)
[notify]
exten => s,1,Set(MESSAGE(body)=ticket ${TICKET})
 same => n,MessageSend(pjsip:alice,${MESSAGE(from)})
exten => run,1,Set(GLOBAL(said)=${SHELL(echo hello)})
"""


def changes(*each):
    """Headers of UpdateConfig: (action, category, variable, value, ...), numbered."""
    headers = []
    for number, parts in enumerate(each):
        for name, value in zip(("Action", "Cat", "Var", "Value", "Match", "Line", "Options"), parts):
            if value is not None:
                headers.append(f"{name}-{number:06}: {value}")
    return headers


def update(ami, name, *each, **fields):
    return ami.request("UpdateConfig", changes(*each), SrcFilename=name, DstFilename=name, **fields)


def listed(ami, action, event, complete, **fields):
    """A list's events, in order; its last one is checked."""
    reply = ami.request(action, **fields)
    assert reply.ok and reply["EventList"] == "start", reply
    last = ami.event(complete, ActionID=reply["ActionID"])
    found = [e for e in ami.events if e["Event"] == event and e["ActionID"] == reply["ActionID"]]
    ami.events = [e for e in ami.events if e not in found]
    assert last["EventList"] == "Complete" and int(last["ListItems"]) == len(found)
    return found


def lines_of(reply):
    return [value for name, value in reply.lines if name.startswith(("Category-", "Line-"))]


@pytest.fixture
def server():
    with Server(pjsip="; our phones\n" + account("alice"), extensions=EXTENSIONS) as running:
        yield running


@pytest.fixture
def ami(server):
    return server.ami()


def test_a_phone_by_update_config(server, ami):
    before = (server.config / "pjsip.conf").read_text()
    for section in (["type=endpoint", "aors=bob", "auth=bob", "context=messages"],
                    ["type=aor", "max_contacts=1"],
                    ["type=auth", "username=bob", "password=bob"]):
        assert ami.request("CreateConfig", Filename=f"bob-{section[0][5:]}.conf").ok
        steps = [("newcat", "bob")] + [("append", "bob", *option.split("=")) for option in section]
        assert update(ami, f"bob-{section[0][5:]}.conf", *steps).ok
    # Sections of one name are told apart by their options only, so each began in a file of its own.
    server.write("pjsip.conf", before + "#include bob-*.conf\n")
    assert update(ami, "pjsip.conf", ("update", "bob", "max_contacts", "2", None, None,
                                      'catfilter="type=aor"'), Reload="res_pjsip.so").ok
    assert "max_contacts = 2" in (server.config / "bob-aor.conf").read_text()
    assert (server.config / "pjsip.conf").read_text() == before + "#include bob-*.conf\n"
    ami.event("Reload", Module="res_pjsip.so", Status="0")
    shown = ami.request("GetConfig", Filename="pjsip.conf", Category="bob", Filter="type=aor")
    assert lines_of(shown) == ["bob", "type=aor", "max_contacts=2"]
    names = ami.request("ListCategories", Filename="pjsip.conf")
    assert [value for name, value in names.lines if name.startswith("Category-")].count("bob") == 3
    with User(server, "bob", password="bob") as bob:
        assert bob.register().status == 200
        assert ami.message_send("pjsip:bob", "hello").ok
        assert bob.wait(1, lambda r: r.method == "MESSAGE")[0].body == b"hello"
    assert update(ami, "pjsip.conf", ("delcat", "bob"), Reload="yes").ok
    ami.event("Reload", Module="All", Status="0")
    assert ami.message_send("pjsip:bob", "hello")["Reason"].startswith("endpoint 'bob' not found")
    assert (server.config / "pjsip.conf").read_text().startswith(before)


def test_a_wrong_file_leaves_the_old_one_in_force(server, ami):
    assert update(ami, "pjsip.conf", ("append", "transport-udp", "nosuch", "1")).ok
    reply = ami.request("Reload", Module="res_pjsip.so")
    assert not reply.ok and reply["Message"] == "An unknown error occurred"
    assert re.search(r"pjsip\.conf:\d+: .*nosuch", reply["Reason"])
    ami.event("Reload", Module="res_pjsip.so", Status="3")
    assert ami.message_send("pjsip:alice", "hello").ok
    assert update(ami, "pjsip.conf", ("delete", "transport-udp", "nosuch")).ok
    assert ami.request("Reload").ok


def test_files_stay_inside_of_the_folder(server, ami):
    outside = server.folder / "outside.conf"
    outside.write_text("[o]\nx=1\n")
    (server.config / "link.conf").symlink_to(outside)
    for name in ("../outside.conf", str(outside), "link.conf", "/etc/passwd"):
        for action in ("GetConfig", "GetConfigJSON", "ListCategories", "CreateConfig"):
            assert ami.request(action, Filename=name)["Message"] == (
                "File requires escalated privileges"), (action, name)
        assert not update(ami, name, ("newcat", "evil")).ok
    assert outside.read_text() == "[o]\nx=1\n"
    reader = server.ami(username="reader", secret="reader")
    assert "secret=secret" in lines_of(ami.request("GetConfig", Filename="manager.conf"))
    hidden = lines_of(reader.request("GetConfig", Filename="manager.conf", Category="admin"))
    assert "secret=(hidden)" in hidden and "read=all" in hidden
    assert reader.request("UpdateConfig")["Message"] == "Permission denied"
    shown = json.loads(ami.request("GetConfigJSON", Filename="manager.conf")["JSON"])
    assert shown["admin"]["secret"] == "secret"


def test_the_database(server, ami):
    assert ami.request("DBPut", Family="names", Key="alice", Val="Alice B").ok
    assert ami.request("DBPut", Family="names", Key="bob/first", Val="").ok
    with User(server, "alice") as alice:
        assert alice.register().status == 200
        assert alice.message("alice", "?").status == 202
        received = alice.wait(1, lambda r: r.method == "MESSAGE")
        assert received[0].body == b"Alice B in Bern"
    server.stop()
    server.start()
    again = server.ami()
    found = listed(again, "DBGet", "DBGetResponse", "DBGetComplete", Family="names", Key="alice")
    assert [(e["Family"], e["Key"], e["Val"]) for e in found] == [("names", "alice", "Alice B")]
    tree = listed(again, "DBGetTree", "DBGetTreeResponse", "DBGetTreeComplete", Family="names")
    assert [(e["Key"], e["Val"]) for e in tree] == [("/names/alice", "Alice B"),
                                                    ("/names/bob/first", "")]
    assert again.request("DBDelTree", Family="names").ok
    assert again.request("DBDel", Family="names", Key="alice")["Message"] == (
        "Database entry not found")


def test_the_dialplan_is_changed(server, ami):
    fields = {"Context": "messages", "Extension": "bob", "Priority": "1", "Application": "MessageSend",
              "ApplicationData": "pjsip:alice"}
    assert ami.request("DialplanExtensionAdd", **fields).ok
    assert not ami.request("DialplanExtensionAdd", **fields).ok
    with User(server, "alice") as alice:
        assert alice.register().status == 200
        count = 0
        for _ in range(8):  # whatever shard gets it
            assert alice.message("bob", "over").status == 202
            count += 1
            alice.wait(count, lambda r: r.method == "MESSAGE")
        shown = listed(ami, "ShowDialPlan", "ListDialplan", "ShowDialPlanComplete",
                       Context="messages", Extension="bob")
        assert [(e["Application"], e["AppData"]) for e in shown] == [("MessageSend", "pjsip:alice")]
        assert ami.request("Reload", Module="res_pjsip.so").ok
        assert alice.message("bob", "still there").status == 202
        alice.wait(count + 1, lambda r: r.method == "MESSAGE")
        assert ami.request("Reload", Module="pbx_config").ok
        wait_until(lambda: alice.message("bob", "gone").status == 404, what="the reload")
    assert ami.request("DialplanExtensionRemove", Context="messages", Extension="alice").ok
    assert ami.request("ShowDialPlan", Context="messages", Extension="alice")["Message"] == (
        "Did not find extension alice@messages")


def test_originate(server, ami):
    with User(server, "alice") as alice:
        assert alice.register().status == 200
        reply = ami.request("Originate", Channel="Local/s@notify", Variable="TICKET=4711",
                            CallerID="sip:crm@example.net", Application="MessageSend",
                            Data="pjsip:alice,sip:crm@example.net")
        assert reply.ok, reply
        first, second = alice.wait(2, lambda r: r.method == "MESSAGE")
        assert first.body == b"ticket 4711" and second.body == b""
        assert "sip:crm@" in first.header("From")
        reply = ami.request("Originate", Channel="Local/s@notify", Variable="TICKET=1", Async="true",
                            Context="messages", Exten="alice", Priority="1")
        assert reply["Message"] == "Originate successfully queued"
        done = ami.event("OriginateResponse", ActionID=reply["ActionID"])
        assert done["Response"] == "Success" and done["Exten"] == "alice"
        alice.wait(4, lambda r: r.method == "MESSAGE")
    refused = ami.request("Originate", Channel="PJSIP/alice", Application="NoOp")
    assert refused["Message"] == "Originate failed" and "Local/" in refused["Reason"]


@pytest.mark.parametrize("dangerous", ["no", "yes"])
def test_variables(dangerous):
    with Server(pjsip=account("alice"), extensions=EXTENSIONS,
                users="[caller]\nsecret = caller\nread = all\nwrite = call,originate\n",
                missive_conf=f"[dialplan]\nlive_dangerously = {dangerous}\n") as server:
        ami = server.ami()

        def get(name):
            reply = ami.request("Getvar", Variable=name)
            assert reply.ok and reply["Variable"] == name
            return reply["Value"]

        assert get("CITY") == "Bern"
        assert ami.request("Setvar", Variable="CITY", Value="Basel").ok
        assert ami.request("Setvar", Variable="DB(names/alice)", Value="Alice").ok
        assert get("DB(names/alice)") == "Alice"
        assert get("SHELL(echo -n hello)") == ("hello" if dangerous == "yes" else "")
        with User(server, "alice") as alice:
            assert alice.register().status == 200
            assert alice.message("alice", "?").status == 202
            assert alice.wait(1, lambda r: r.method == "MESSAGE")[0].body == b"Alice in Basel"
        caller = server.ami(username="caller", secret="caller")
        assert caller.request("Getvar", Variable="SHELL(id)")["Message"] == (
            "GetVar Access Forbidden: Variable")
        assert caller.request("Originate", Channel="Local/run@notify", Application="System",
                              Data="id")["Message"] == "Originate Access Forbidden: Application"
        assert ami.request("Originate", Channel="Local/run@notify", Application="System",
                           Data="touch " + str(server.folder / "made")).ok
        assert get("said") == ("hello\\x0a" if dangerous == "yes" else "")
        if dangerous == "yes":
            wait_until(lambda: (server.folder / "made").exists(), what="what System makes")
        else:
            wait_until(lambda: "live_dangerously" in server.log(), what="the refusal of System")
            assert not (server.folder / "made").exists()


def test_events_of_the_dialplan(server):
    quiet = server.ami(events="off")
    watcher = server.ami(events="dialplan")
    assert quiet.request("Setvar", Variable="X", Value="1").ok
    event = watcher.event("VarSet", Variable="X", Value="1")
    assert event["Channel"] == "none" and event["Privilege"] == "dialplan,all"
    assert quiet.request("Originate", Channel="Local/s@notify", Application="NoOp", Data="end").ok
    step = watcher.event("Newexten", Application="MessageSend")
    assert (step["Context"], step["Exten"], step["Priority"]) == ("notify", "s", "2")
    assert watcher.event("Newexten", Application="NoOp")["AppData"] == "end"
    assert not quiet.events


def test_modules(server, ami):
    assert ami.request("ModuleCheck", Module="res_pjsip.so").ok
    assert ami.request("ModuleCheck", Module="app_queue.so")["Message"] == "Module not loaded"
    before = ami.request("CoreStatus")
    assert ami.request("ModuleLoad", LoadType="reload", Module="manager")["Message"] == (
        "Module reloaded.")
    ami.event("Reload", Module="manager", Status="0")
    assert ami.request("Reload")["Message"] == "Module Reloaded"
    ami.event("Reload", Module="All", Status="0")
    assert ami.request("Reload", Module="app_queue.so")["Message"] == "No such module"
    assert ami.request("ModuleLoad", LoadType="unload", Module="res_pjsip.so")["Message"] == (
        "Could not unload module.")
    assert ami.request("LoggerRotate").ok
    after = ami.request("CoreStatus")
    assert before["CoreStartupTime"] == after["CoreStartupTime"] and "CoreProcessedCalls" not in after
    assert listed(ami, "CoreShowChannels", "CoreShowChannel", "CoreShowChannelsComplete") == []
    assert listed(ami, "Status", "Status", "StatusComplete") == []


def test_updates_at_a_time(server):
    sessions = [server.ami(events="off"), server.ami(events="off")]
    sessions[0].request("CreateConfig", Filename="many.conf")
    sent = [(ami, ami.send("UpdateConfig", changes(("newcat", f"c{number}-{which}")),
                           SrcFilename="many.conf", DstFilename="many.conf"))
            for number in range(10) for which, ami in enumerate(sessions)]
    for ami, action_id in sent:
        assert ami.reply(action_id).ok
    names = lines_of(sessions[0].request("GetConfig", Filename="many.conf"))
    assert sorted(names) == sorted(f"c{number}-{which}" for number in range(10) for which in (0, 1))
    assert [p.name for p in server.config.iterdir() if p.name.startswith("many")] == ["many.conf"]


@pytest.mark.parametrize("client", ["asterisk-manager", "nami"])
def test_clients_of_npm(server, client):
    npm.install()
    done = subprocess.run(["node", npm.CLIENTS / "core-actions.js", client, str(server.ami_port)],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout)
    assert seen["put"] == "Updated database successfully"
    assert seen["got"] == "npm"
    assert seen["tree"] == ["/clients/name"]
    assert seen["variable"] == "Bern"
    assert seen["extensions"] == ["alice", "alice"]
    assert "[carol]\ntype = aor" in (server.config / "pjsip.conf").read_text()
