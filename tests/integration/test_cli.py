"""The commands of missive, run as a person runs them.

1. --help names every command; each command has its own --help; --version
2. no command, an unknown command, an unknown option: exit status 2 or 1 and a word about it
3. explain: the way of a message that can be sent, and why another cannot
4. check: a good folder, a bad option, several problems at once, a missing folder
5. send: delivered, refused by the server, refused by the phone, no server, wrong secret
6. demo: arrivals are shown, exit status 0
"""
import re
import socket

import pytest

from harness import ROOT, Phone, Server, aor, missive

COMMANDS = ["serve", "check", "explain", "send", "outbox", "console", "demo"]


def test_help():
    done = missive("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert re.search(rf"(?m)^\s+{command}\b", done.stdout), done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command):
    done = missive(command, "--help")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 2
    assert done.stderr == ""


def test_version():
    done = missive("--version")
    assert done.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", done.stdout)


@pytest.mark.parametrize("arguments, word", [
    ([], ""), (["frobnicate"], "frobnicate"), (["serve", "--frobnicate"], "frobnicate"),
    (["explain"], "")])
def test_wrong_command_line(arguments, word):
    done = missive(*arguments)
    assert done.returncode not in (0, None) and done.returncode > 0
    assert word in done.stderr
    assert done.stderr.strip()


@pytest.fixture
def folder(phone):
    """A configuration folder that no server runs on."""
    server = Server(pjsip=aor("alice", f"sip:alice@{phone.address}"))
    yield server.config
    server._discard()


def test_explain(folder, phone):
    done = missive("explain", "--config", folder, "pjsip:alice")
    assert done.returncode == 0, done.stderr
    for word in ("pjsip", "endpoint", "alice", f"sip:alice@{phone.address}", "udp"):
        assert word.lower() in done.stdout.lower(), f"{word} is missing in\n{done.stdout}"
    assert phone.messages() == [], "explain sent a message"


def test_explain_runs_the_code_that_sends(server, phone):
    client = server.ami(events="off")
    for destination in ("pjsip:alice", f"pjsip:alice/carl@{phone.address}",
                        "pjsip:PJSIP/800@alice"):
        assert client.message_send(destination, destination).ok
        uri = phone.wait_one(destination.encode()).uri
        assert uri in missive("explain", "--config", server.config, destination).stdout


@pytest.mark.parametrize("destination, word", [
    ("pjsip:nobody/x@127.0.0.1", "nobody"), ("nosuch:x", "nosuch"), ("pjsip:", ""),
    ("pjsip:alice/sips:x@127.0.0.1", "tls")])
def test_explain_says_where_it_stops(destination, word, server, phone):
    done = missive("explain", "--config", server.config, destination)
    assert done.returncode == 1
    assert word in (done.stdout + done.stderr).lower()
    reply = server.ami(events="off").message_send(destination)
    assert reply["Response"] == "Error"
    assert reply["Reason"] in done.stdout + done.stderr


def test_check_good(folder):
    done = missive("check", "--config", folder)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not (ROOT / "etc" / "pjsip.conf").exists(), reason="there is no etc/")
def test_check_sample_configuration():
    done = missive("check", "--config", ROOT / "etc")
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_reports_every_problem(folder):
    pjsip = folder / "pjsip.conf"
    lines = pjsip.read_text().splitlines()
    first = len(lines) + 3
    pjsip.write_text("\n".join(lines + ["[dave]", "type = endpoint", "from_usr = x",
                                        "force_rport = perhaps", "[eve]", "type = nosuch", ""]))
    manager = folder / "manager.conf"
    manager.write_text(manager.read_text().replace("enabled = yes", "enabled = yes\nauthlimt = 3"))
    done = missive("check", "--config", folder)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    for where, word in [(f"pjsip.conf:{first}", "from_usr"), (f"pjsip.conf:{first + 1}", "perhaps"),
                        (f"pjsip.conf:{first + 3}", "nosuch"), ("manager.conf:3", "authlimt")]:
        assert re.search(rf"(?m)^.*{re.escape(where)}\b.*{word}", said), f"{where} {word}:\n{said}"


def test_check_missing_folder(tmp_path):
    done = missive("check", "--config", tmp_path / "nosuch")
    assert done.returncode == 1
    assert "nosuch" in done.stdout + done.stderr


def send(server, *arguments):
    return missive("send", "--host", "127.0.0.1", "--port", server.ami_port, "--username", "admin",
                   "--secret", "secret", *arguments)


def test_send(server, phone):
    done = send(server, "pjsip:alice", "hello from the shell", "--from", "sip:crm@example.net")
    assert done.returncode == 0, done.stdout + done.stderr
    request = phone.wait_one()
    assert request.body == b"hello from the shell"
    assert request.header("From").startswith("<sip:crm@example.net>")
    assert "delivered" in done.stdout.lower()


def test_send_several_lines(server, phone):
    done = send(server, "pjsip:alice", "one\ntwo\nthree")
    assert done.returncode == 0, done.stdout + done.stderr
    assert phone.wait_one().body == b"one\ntwo\nthree"


def test_send_reads_the_account_from_the_configuration(server, phone):
    done = missive("send", "--config", server.config, "pjsip:alice", "by config")
    assert done.returncode == 0, done.stdout + done.stderr
    assert phone.wait_one().body == b"by config"


def test_send_to_nobody(server):
    done = send(server, "pjsip:nobody/x@127.0.0.1", "x")
    assert done.returncode == 1
    assert "nobody" in done.stdout + done.stderr


def test_send_refused_by_the_phone():
    with Phone(status=403) as phone, \
            Server(pjsip=aor("alice", f"sip:alice@{phone.address}")) as server:
        done = send(server, "pjsip:alice", "x")
        assert done.returncode == 1
        assert "403" in done.stdout + done.stderr


def test_send_without_server():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        done = missive("send", "--host", "127.0.0.1", "--port", port, "--username", "a",
                       "--secret", "b", "pjsip:alice", "x")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(port) in done.stderr


def test_send_with_a_wrong_secret(server):
    done = missive("send", "--host", "127.0.0.1", "--port", server.ami_port, "--username", "admin",
                   "--secret", "wrong", "pjsip:alice", "x")
    assert done.returncode == 1
    assert "Authentication failed" in done.stdout + done.stderr


def test_demo():
    done = missive("demo", deadline=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "MESSAGE sip:" in done.stdout
    assert "Action: MessageSend" in done.stdout
    assert "\x1b[" not in done.stdout, "colour where there is no terminal"
    assert done.stderr == ""
