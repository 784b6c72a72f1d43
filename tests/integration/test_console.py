"""missive console: the local socket of a running server, as operators and their scripts use it.

1. the socket is there for its user alone, mode 0600, and goes with the server
2. one command: words or one line, exit status; no server: a sentence and status 1
3. lines of standard input, up to quit; no prompt
4. a terminal: prompt, completion of commands and arguments by the tab key, history from one console
   to the next, the log shown above the line, quit
5. the same commands by AMI's Command, in Output: lines; only for those with class command
6. every command of the list is there and says something; none shows a secret
7. tables keep the columns that scripts cut
8. pjsip set logger: packets with direction, peer and time at a console; off again
9. pjsip show history: the last packets, one in full
10. reload of one part: a new endpoint is there; a bad file changes nothing and is named
11. database put is seen by the dialplan's DB()
12. message retry and cancel
13. manager show connected: who is logged in
14. logger set level at a console; logger.conf: files, their levels, logger rotate
15. core stop gracefully waits for what is under way; core stop now does not; both end with status 0
16. many consoles at a time; one that reads nothing holds nobody up
"""
import os
import pty
import re
import select
import socket
import stat
import subprocess
import time

import pytest

from harness import BINARY, Server, account, aor, missive, wait_until
from sip_user import User

DIALPLAN = """[messages]
exten => _X.,1,NoOp(${MESSAGE(body)})
 same => n(end),Hangup()
exten => who,1,Set(MESSAGE(body)=${DB(cid/100)})
 same => n,MessageSend(pjsip:alice)
"""


@pytest.fixture
def server(phone):
    pjsip = (aor("alice", f"sip:alice@{phone.address}", endpoint="callerid = Alice <100>")
             + account("bob", password="b0b-s3cret")
             + "[trunk]\ntype = registration\nserver_uri = sip:127.0.0.1:9\n"
             + "client_uri = sip:me@127.0.0.1\noutbound_auth = bob\n")
    with Server(pjsip=pjsip, extensions=DIALPLAN) as server:
        yield server


def console(server, *command, text=None):
    return subprocess.run([BINARY, "console", "--state", server.state, *command], text=True,
                          input=text, stdin=subprocess.DEVNULL if text is None else None,
                          capture_output=True, timeout=60)


def said(server, command):
    done = console(server, command)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class Terminal:
    """missive console on a terminal of its own."""

    def __init__(self, server, home):
        self.text = ""
        environment = {**os.environ, "TERM": "xterm", "HOME": str(home)}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(BINARY, [BINARY, "console", "--state", str(server.state)], environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def wait_for(self, pattern, deadline=15):
        """What came up to and with the pattern."""
        end = time.monotonic() + deadline
        while True:
            match = re.search(pattern, self.text)
            if match:
                seen, self.text = self.text[:match.end()], self.text[match.end():]
                return seen
            assert time.monotonic() < end, f"{pattern} did not come:\n{self.text}"
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    text = os.read(self.fd, 65536).decode(errors="replace")
                    self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x09\x0b-\x1f]", "", text)
                except OSError:
                    raise AssertionError(f"{pattern} did not come before the end:\n{self.text}")

    def ended(self):
        try:
            while select.select([self.fd], [], [], 10)[0] and os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        return True


def test_socket(server):
    path = server.state / "missive.ctl"
    mode = path.stat().st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
    server.stop()
    assert not path.exists()
    server.start()
    assert path.exists()


def test_one_command(server):
    done = console(server, "core show version")
    assert done.returncode == 0 and done.stdout.startswith("Asterisk ") and done.stderr == ""
    assert console(server, "core", "show", "version").stdout == done.stdout
    assert console(server, "database", "put", "cid", "7", "two words").returncode == 0
    assert said(server, "database get cid 7") == "Value: two words\n"
    done = console(server, "no such")
    assert done.returncode == 1 and done.stdout.startswith("No such command 'no such'")
    done = console(server, "pjsip show endpoint")
    assert done.returncode == 1 and done.stdout == "Usage: pjsip show endpoint NAME\n"
    done = missive("console", "--state", server.folder / "nowhere", "core show version")
    assert done.returncode == 1 and done.stdout == ""
    assert "nowhere/missive.ctl" in done.stderr and len(done.stderr.splitlines()) == 1


def test_lines(server):
    done = console(server, text="core show uptime seconds\n\nno such\nquit\ncore show version\n")
    assert done.returncode == 1
    assert re.match(r"System uptime: \d+\nLast reload: \d+\nNo such command", done.stdout)
    assert "CLI>" not in done.stdout and "Asterisk" not in done.stdout


def test_terminal(server, tmp_path):
    prompt = re.escape(socket.gethostname()) + r"\*CLI> "
    with Terminal(server, tmp_path) as terminal:
        terminal.wait_for(r"Connected to missive \d[\s\S]*" + prompt)
        terminal.type("pjsip show endp\t")
        terminal.wait_for("endpoint")
        terminal.type("\t")
        terminal.wait_for(r"endpoint +endpoints")
        terminal.type(" al\t\r")
        shown = terminal.wait_for(r"ParameterName[\s\S]*" + prompt)
        assert " Endpoint:  alice/100" in shown
        terminal.type("database get")
        server.reload()  # what is logged comes above the line, which stays
        terminal.wait_for(r"reloaded [\s\S]*CLI> database get")
        terminal.type(" cid 9\r")
        terminal.wait_for("Database entry not found")
        terminal.type("quit\r")
        assert terminal.ended()
    history = tmp_path / ".missive_history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    with Terminal(server, tmp_path) as terminal:
        terminal.wait_for(prompt)
        terminal.type("\x1b[A\x1b[A")  # two lines up
        terminal.wait_for("database get cid 9")
        terminal.type("\r")
        terminal.wait_for("Database entry not found")
        terminal.type("\x04")  # the end of input on an empty line
        assert terminal.ended()


def test_command_of_ami(server):
    client = server.ami()
    reply = client.request("Command", Command="core show uptime seconds")
    assert reply["Response"] == "Success" and reply["Message"] == "Command output follows"
    assert reply["Output"].startswith("System uptime: ")
    for command in ("pjsip show endpoints", "pjsip show auths", "manager show users"):
        reply = client.request("Command", Command=command)
        lines = [value for name, value in reply.lines if name == "Output"]
        assert [line.rstrip() for line in lines] == \
            [line.rstrip() for line in said(server, command).splitlines()]
    assert client.request("Command", Command="no such")["Response"] == "Error"
    reader = server.ami(username="reader", secret="reader")
    assert reader.request("Command", Command="core show version")["Response"] == "Error"


COMMANDS = """core show version|core show uptime|core show settings|core show channels|core show help
module show|module show like pjsip|manager show commands|manager show command Ping
manager show users|manager show user admin|manager show connected|manager show events
manager show eventq|pjsip show endpoints|pjsip show endpoint bob|pjsip show aors|pjsip show aor bob
pjsip show auths|pjsip show auth bob|pjsip show contacts|pjsip show identifies
pjsip show transports|pjsip show registrations|pjsip show registration trunk|pjsip show settings
pjsip show history|pjsip qualify alice|pjsip send register trunk|pjsip send unregister trunk
pjsip reload|manager reload|dialplan reload|core reload|module reload manager
dialplan show|dialplan show messages|database show|message show outbox|message show technologies
message show handlers|message retry all|logger show channels|logger rotate|http show status"""


def test_every_command(server):
    for command in COMMANDS.replace("\n", "|").split("|"):
        done = console(server, command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert "b0b-s3cret" not in done.stdout, command
        assert "secret: secret" not in done.stdout, command
    shown = said(server, "manager show user admin")
    assert re.search(r"(?m)^ +username: admin$", shown) and "secret: <Set>" in shown


def test_columns(server, phone):
    endpoints = said(server, "pjsip show endpoints")
    row = next(line for line in endpoints.splitlines() if line.startswith(" Endpoint:  alice"))
    assert row[12:65].rstrip() == "alice/100" and row[65:77].rstrip() == "Not in use"
    assert row[79:] == "0 of inf"
    contact = next(line for line in endpoints.splitlines() if "Contact:  alice" in line)
    assert contact[16:58].rstrip() == f"alice/sip:alice@{phone.address}"
    assert re.fullmatch(r"[0-9a-f]{10} NonQual         nan", contact[59:])
    assert endpoints.rstrip().endswith("Objects found: 2")
    assert said(server, "pjsip show contacts").rstrip().endswith("Objects found: 1")
    plan = said(server, "dialplan show messages")
    assert "[ Context 'messages' created by 'pbx_config' ]" in plan
    assert re.search(r"(?m)^  '_X\.' => +1\. NoOp\(\$\{MESSAGE\(body\)\}\) +"
                     r"\[extensions\.conf:2\]$", plan)
    assert "-= 2 extensions (4 priorities) in 1 context. =-" in plan


def test_logger(server, phone, tmp_path):
    screen = tmp_path / "screen"
    with screen.open("w") as output, \
            subprocess.Popen([BINARY, "console", "--state", server.state, "--follow"],
                             stdout=output) as follower:

        def shown():
            """Sends a message, and whether the follower has seen it leave and be answered."""
            assert server.ami().message_send("pjsip:alice").ok
            seen = screen.read_text()
            address = re.escape(phone.address)
            return re.search(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] <--- Transmitting SIP "
                             rf"request \(\d+ bytes\) to UDP:{address} --->\nMESSAGE sip:alice@",
                             seen) and \
                re.search(rf"<--- Received SIP response \(\d+ bytes\) from UDP:{address} --->", seen)

        try:
            assert said(server, "pjsip set logger on") == "PJSIP Logging enabled\n"
            wait_until(shown, what="the packets at the console")
            assert said(server, "pjsip set logger off") == "PJSIP Logging disabled\n"
            assert said(server, "pjsip set logger host 192.0.2.1").endswith("host: 192.0.2.1\n")
        finally:
            follower.terminate()


def test_history(server, phone):
    assert said(server, "pjsip set history on") == "PJSIP History enabled\n"
    server.ami().message_send("pjsip:alice")
    wait_until(lambda: "SIP/2.0 200" in said(server, "pjsip show history"), what="the answer")
    lines = said(server, "pjsip show history").splitlines()
    assert re.match(rf"00000 \d{{10}} \* ==> {re.escape(phone.address)} +MESSAGE sip:alice@", lines[2])
    assert re.match(rf"00001 \d{{10}} \* <== {re.escape(phone.address)} +SIP/2.0 200 ", lines[3])
    entry = said(server, "pjsip show history entry 0")
    assert entry.startswith(f"<--- History Entry 0 Sent to {phone.address} at ")
    assert "\nVia: SIP/2.0/UDP" in entry
    assert said(server, "pjsip set history clear") == "PJSIP History cleared\n"
    assert len(said(server, "pjsip show history").splitlines()) == 2


def test_reload(server):
    base = (server.config / "pjsip.conf").read_text()
    server.write("pjsip.conf", base + aor("carol"))
    assert said(server, "module reload pbx_config.so").endswith("reloaded successfully.\n")
    assert console(server, "pjsip show endpoint carol").returncode == 1
    assert said(server, "pjsip reload") == "Module 'res_pjsip.so' reloaded successfully.\n"
    assert "carol" in said(server, "pjsip show endpoint carol")
    server.write("pjsip.conf", base + "[x]\ntype = nonsense\n")
    for command in ("pjsip reload", "core reload"):
        done = console(server, command)
        assert done.returncode == 1 and "pjsip.conf:" in done.stdout, done.stdout
    assert "carol" in said(server, "pjsip show endpoint carol")
    assert console(server, "module reload nosuch.so").stdout == "No such module 'nosuch.so'\n"


def test_database(server, phone):
    said(server, "database put cid 100 hello-from-the-console")
    with User(server, "bob", "b0b-s3cret") as bob:
        assert bob.message("who", "?").status == 202
        phone.wait_one(b"hello-from-the-console")
    assert "/cid/100" in said(server, "database show")
    query = said(server, 'database query "SELECT value FROM astdb"')
    assert "hello-from-the-console" in query
    assert console(server, 'database query "DROP TABLE astdb"').returncode == 1


def test_messages(server):
    client = server.ami()
    client.request("MessageSend", To="pjsip:bob", From="sip:x@y.example", Body="later",
                   MessageID="m-1")
    assert "m-1" in said(server, "message show outbox")
    assert re.search(r"Status +queued", said(server, "message show message m-1"))
    assert said(server, "message retry m-1") == "1 message tried again\n"
    assert said(server, "message cancel m-1") == "1 message cancelled\n"
    assert console(server, "message cancel m-1").returncode == 1


def test_connected(server):
    assert said(server, "manager show connected").endswith("0 users connected.\n")
    client = server.ami()
    client.request("Ping")
    shown = said(server, "manager show connected")
    assert re.search(r"(?m)^  admin +127\.0\.0\.1", shown) and shown.endswith("1 users connected.\n")


LOGGER_CONF = """[general]
[logfiles]
messages => notice,warning,error
{config}/pjsip.conf/impossible => error
debugging => debug
"""


def test_logs(server, tmp_path):
    server.stop()
    server.write("logger.conf", LOGGER_CONF.format(config=server.config))
    server.start()
    channels = said(server, "logger show channels")
    assert re.search(r"(?m)^Console +Console +default +Enabled +- ", channels)
    messages = server.state / "log" / "messages"
    assert re.search(r"(?m) File +default +Enabled +- NOTICE WARNING ERROR ?$", channels)
    assert "is ready" in messages.read_text()
    assert "impossible" in messages.read_text(), "what cannot be written is said"
    assert said(server, "logger rotate") == ""
    server.reload()
    wait_until(lambda: "reloaded" in messages.read_text(), what="the new file")
    assert "is ready" not in messages.read_text()
    assert "is ready" in (server.state / "log" / "messages.0").read_text()
    done = console(server, text="logger set level DEBUG on\n")
    assert done.stdout == "Logger status for 'DEBUG' has been set to 'on'.\n"
    assert console(server, "logger set level LOUD on").returncode == 1


def test_stop_gracefully(server):
    assert "Waiting for inactivity" in said(server, "core stop gracefully")
    assert server.process.wait(30) == 0
    assert "stopping: waiting" in server.log()
    server.start()


def test_stop_at_the_prompt(server, tmp_path):
    with Terminal(server, tmp_path) as terminal:
        terminal.wait_for("CLI> ")
        terminal.type("core show help core st\t")
        terminal.wait_for("core show help core stop ")
        terminal.type("\x15core stop gracefully\r")
        terminal.wait_for("The server has stopped")
        assert terminal.ended()
    assert terminal.status == 0
    assert server.process.wait(30) == 0
    server.start()


def test_stop_now(server):
    done = console(server, "core stop now")
    assert done.returncode == 0, done.stderr
    assert server.process.wait(30) == 0
    assert "stopping: waiting" not in server.log()
    server.start()


def test_many_consoles(server):
    path = str(server.state / "missive.ctl")
    silent = []
    for _ in range(40):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(path)
        sock.sendall(b"follow 0\nrun 17\ncore show version")
        silent.append(sock)
    said(server, "pjsip set logger on")
    client = server.ami()
    begun = time.monotonic()
    for _ in range(200):
        assert client.message_send("pjsip:alice").ok
    assert time.monotonic() - begun < 30
    assert "Asterisk" in said(server, "core show version")
    for sock in silent:
        sock.close()
