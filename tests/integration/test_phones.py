"""Real phones of different make register and text each other through the server.

1. baresip and linphonec, both ways, over UDP and TCP, through the dialplan
2. the same without a line of dialplan: route = users
3. two baresips
4. sipsak writes to baresip; with a wrong password it does not
5. a phone that has gone (its registration taken away) gets no message: its sender is told
"""
import re
import shutil

import pytest

from harness import Server, account
from real_phones import Baresip, Linphone, sipsak_says

EXTENSIONS = "[messages]\nexten => _[a-z].,1,MessageSend(pjsip:${EXTEN})\n"
USERS = account("alice", "secreta") + account("bob", "secretb") + account("carl", "secretc")
needs_linphone = pytest.mark.skipif(not shutil.which("linphonec"), reason="no linphonec here")


@pytest.fixture(scope="module")
def server():
    with Server(pjsip=USERS, extensions=EXTENSIONS) as server:
        yield server


def exchange(one, other):
    for i in range(3):
        one.say(other.name, f"{i}: how are you? Grüße")
        other.heard(f"{i}: how are you? Grüße", one.name)
        other.say(one.name, f"{i}: 很好, thank you")
        one.heard(f"{i}: 很好, thank you", other.name)


@needs_linphone
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_baresip_and_linphone(transport, server, tmp_path):
    with Baresip(tmp_path, server, "alice", "secreta", transport, "bob") as alice, \
            Linphone(tmp_path, server, "bob", "secretb", transport) as bob:
        exchange(alice, bob)


@needs_linphone
def test_without_a_dialplan(tmp_path):
    with Server(pjsip=USERS, missive_conf="[messaging]\nroute = users\n") as server, \
            Baresip(tmp_path, server, "alice", "secreta", "udp", "bob") as alice, \
            Linphone(tmp_path, server, "bob", "secretb", "tcp") as bob:
        exchange(alice, bob)


def test_two_baresips(server, tmp_path):
    with Baresip(tmp_path, server, "alice", "secreta", "udp", "bob") as alice, \
            Baresip(tmp_path, server, "bob", "secretb", "tcp", "alice") as bob:
        exchange(alice, bob)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_sipsak_to_baresip(transport, server, tmp_path):
    with Baresip(tmp_path, server, "bob", "secretb") as bob:
        done = sipsak_says(tmp_path, server, "carl", "secretc", "bob", "by sipsak", transport)
        assert done.returncode == 0 and re.search("(?m)^ *SIP/2.0 202 ", done.stdout), done.stdout
        bob.heard("by sipsak", "carl")
        done = sipsak_says(tmp_path, server, "carl", "guessed", "bob", "let me in", transport)
        assert done.returncode != 0 and "202 " not in done.stdout, done.stdout
        assert "let me in" not in bob.screen()


def test_phone_that_has_gone(server, tmp_path):
    client = server.ami()
    with Baresip(tmp_path, server, "bob", "secretb"):
        client.event("ContactStatus", AOR="bob")
    # At its end baresip takes its registration away.
    client.event("ContactStatus", AOR="bob", ContactStatus="Removed")
    assert client.message_send("pjsip:bob", "nobody there")["Message"] == "Message queued"
