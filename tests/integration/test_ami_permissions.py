"""Who may do what, by the built server's own list: every action by every class of a user.

1. each action of ListCommands, asked for without parameters by a user who may write one class
   alone, is refused with `Permission denied` exactly where `(Priv: ...)` does not name that class
2. ListCommands shows each of those users what they may do, and nothing else
3. what every event tells: Privilege, then Timestamp and SystemName where they are configured;
   CoreSettings has the SystemName too
"""
import re

import pytest

from harness import Server

CLASSES = ["system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf",
           "reporting", "cdr", "dialplan", "originate", "agi", "cc", "aoc", "test", "security",
           "message"]
# Asked for without parameters they end the session, or the server's other parts.
NOT_RUN = {"logoff", "login"}


@pytest.fixture(scope="module")
def server():
    users = "".join(f"[{each}]\nsecret = s\nread = {each}\nwrite = {each}\n" for each in CLASSES)
    # One address logs in for all of them.
    with Server(users=users + "[none]\nsecret = s\n") as server:
        yield server


def privileges(client):
    """{action: the classes it asks for} of what a user is shown."""
    listed = client.request("ListCommands")
    out = {}
    for name, value in listed.lines:
        found = re.search(r"\(Priv: ([^)]*)\)$", value)
        if found:
            out[name] = set() if found[1] == "<none>" else set(found[1].split(",")) - {"all"}
    return out


@pytest.mark.parametrize("user", CLASSES + ["none"])
def test_every_action(server, user):
    actions = privileges(server.ami(events="off"))
    assert len(actions) >= 20
    mine = {name for name, needed in actions.items() if not needed or user in needed}
    client = server.ami(username=user, secret="s", events="off")
    assert set(privileges(client)) == mine
    for name in actions:
        if name.lower() in NOT_RUN:
            continue
        reply = client.request(name, deadline=20, headers=["Timeout: 0"])
        denied = reply.get("Message") == "Permission denied"
        assert denied == (name not in mine), f"{name} as {user}:\n{reply}"


def test_headers_of_events():
    server = Server(general="timestampevents = yes")
    (server.config / "asterisk.conf").write_text(
        "[directories](!)\nastetcdir => /etc/asterisk\n[options]\nverbose = 3\n"
        "systemname = texts-1\n")
    with server:
        client = server.ami(events="user")
        client.request("UserEvent", UserEvent="X")
        event = client.event("UserEvent")
        names = [name for name, _ in event.lines]
        assert names[:4] == ["Event", "Privilege", "Timestamp", "SystemName"]
        assert event["SystemName"] == "texts-1"
        assert re.fullmatch(r"\d+\.\d{6}", event["Timestamp"])
        assert client.request("CoreSettings")["SystemName"] == "texts-1"
