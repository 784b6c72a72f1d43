"""sipp as the phone that registers and texts; the scenarios are sipp/*.xml.

1. REGISTER with a digest, ten times; with the wrong password; again with the same nonce; for too
   short a time; with Path
2. a text to another phone, sent twice with the same branch: 202 twice, one arrives
3. 404, 415 with Accept, 481
"""
import subprocess

import pytest

from harness import Server, account, aor, free_port
from test_sipp import SCENARIOS, Sipp

EXTENSIONS = "[messages]\nexten => _bo.,1,MessageSend(pjsip:${EXTEN})\n"


@pytest.fixture(scope="module")
def server():
    with Server(pjsip=account("alice", "secret") + account("open", aor="support_path = yes"),
                extensions=EXTENSIONS) as server:
        yield server


def call(server, scenario, folder, user, calls=1, transport="udp", login=("alice", "secret"),
         options=()):
    """Runs a scenario against the server; what sipp logged of it."""
    log = folder / "caller.log"
    done = subprocess.run(
        ["sipp", server.sip_address, "-sf", SCENARIOS / f"{scenario}.xml", "-s", user,
         "-i", "127.0.0.1", "-p", str(free_port()), "-t", "u1" if transport == "udp" else "t1",
         "-au", login[0], "-ap", login[1], "-m", str(calls), "-l", "1", "-r", "100",
         "-nostdin", "-timeout", "30s", "-timeout_error",
         "-trace_err", "-error_file", folder / "caller-errors.log",
         "-trace_msg", "-message_file", log, *options],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd=folder, timeout=60)
    text = log.read_text(errors="replace") if log.exists() else ""
    assert done.returncode == 0, f"{text[-6000:]}\n{done.stdout[-1500:]}"
    return text


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_register(transport, server, tmp_path):
    client = server.ami()
    call(server, "register_digest", tmp_path, "alice", 10, transport)
    assert client.event("ContactStatus", AOR="alice")


def test_wrong_password(server, tmp_path):
    for name in ("alice", "nobody"):
        call(server, "register_wrong", tmp_path, name, login=(name, "guessed"))


@pytest.mark.parametrize("scenario, user", [
    ("register_again", "alice"), ("register_brief", "open"), ("register_path", "open")])
def test_other_registrations(scenario, user, server, tmp_path):
    call(server, scenario, tmp_path, user, 3)


def test_text_to_another_phone(tmp_path):
    with Sipp(tmp_path, "uas_200", 5) as phone:
        users = account("alice", "secret") + aor("bob", f"sip:bob@127.0.0.1:{phone.port}")
        with Server(pjsip=users, extensions=EXTENSIONS) as server:
            call(server, "message", tmp_path, "bob", 5,
                 # -nr: the second answer is the first one again, which sipp would take for lost.
                 options=["-nr", "-auth_uri", f"bob@{server.sip_address}"])
            phone.process.wait(30)
        texts = [text.rstrip().rsplit("\n", 1)[1] for text in phone.received()]
        assert texts == [f"text {i}" for i in range(1, 6)]


@pytest.mark.parametrize("scenario, user", [
    ("message_404", "nobody"), ("message_415", "bob"), ("message_481", "bob")])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_refusals(scenario, user, transport, server, tmp_path):
    call(server, scenario, tmp_path, user, 3, transport)
