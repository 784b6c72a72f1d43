"""What every integration test starts with: ports, a configuration, the built server.

Nothing here sleeps for a fixed time: every wait is for a condition, with a deadline.
"""
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from ami_client import AmiClient
from sip_phone import Challenge, Phone, Request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("MISSIVE_BIN", ROOT / "build" / "release" / "missive"))
DEADLINE = 15.0
# What a sanitizer writes when it has found something.
SANITIZER = re.compile(r"(?m)^.*(?:\w+Sanitizer[:\]]|runtime error:).*$")

__all__ = ["AmiClient", "Challenge", "Phone", "Request", "Server", "ROOT", "BINARY", "DEADLINE",
           "account", "aor", "free_port", "loopback_host", "missive", "wait_until"]


def wait_until(condition, deadline=DEADLINE, what="the condition"):
    """Polls until condition() is true; answers what it gave."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{what} did not come true in {deadline} s"
        time.sleep(0.01)


def free_port(host="127.0.0.1"):
    """A port that is free for TCP and UDP, from below the range the kernel gives to clients."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(200):
        port = random.randrange(10000, 32000)
        with socket.socket(family, socket.SOCK_STREAM) as tcp, \
                socket.socket(family, socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind((host, port))
                udp.bind((host, port))
                return port
            except OSError:
                continue
    raise OSError(f"no free port on {host}")


def loopback_host():
    """An address of this machine that no other test uses: its well-known ports are free."""
    return f"127.{random.randrange(16, 250)}.{random.randrange(1, 250)}.{random.randrange(2, 250)}"


def aor(name, *contacts, endpoint="", options=""):
    """The sections of an endpoint and its AOR of one name."""
    lines = [f"[{name}]", "type = aor", "max_contacts = 10"]
    # A bare semicolon begins a comment.
    lines += ["contact = " + contact.replace(";", r"\;") for contact in contacts]
    lines += [options, f"[{name}]", "type = endpoint", "context = messages", f"aors = {name}"]
    return "\n".join(lines + [endpoint, ""])


def account(name, password="", aor="", endpoint="", auth=""):
    """The sections of a user who registers; with a password, asked for in a digest."""
    lines = [f"[{name}]", "type = aor"]
    if "max_contacts" not in aor:
        lines.append("max_contacts = 10")
    lines += [aor, f"[{name}]", "type = endpoint", f"aors = {name}", endpoint]
    if "context" not in endpoint:
        lines.append("context = messages")
    if password:
        lines += [f"auth = {name}", f"[{name}]", "type = auth", f"username = {name}",
                  f"password = {password}", auth]
    return "\n".join(lines + [""])


def missive(*arguments, deadline=60, **kwargs):
    """Runs a command of missive to its end."""
    return subprocess.run([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=deadline, **kwargs)


class Server:
    """`missive serve` on free loopback ports with the given configuration.

    with Server(pjsip=aor("alice", f"sip:alice@{phone.address}")) as server:
        reply = server.ami().message_send("pjsip:alice")

    Leaving the block sends SIGTERM and asserts exit status 0 and no sanitizer report.
    """

    MANAGER = """[general]
enabled = yes
port = {ami_port}
bindaddr = 127.0.0.1
{general}
[admin]
secret = secret
read = all
write = all
[reader]
secret = reader
read = all
write = system
{users}
"""
    PJSIP = """[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:{sip_port}
[transport-tcp]
type = transport
protocol = tcp
bind = 127.0.0.1:{sip_port}
"""

    def __init__(self, pjsip="", files=None, general="", users="", missive_conf="",
                 extensions="", xmpp="", ami_port=None, sip_port=None):
        self.ami_port = ami_port or free_port()
        self.sip_port = sip_port or free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="missive-test-"))
        self.config = self.folder / "etc"
        self.state = self.folder / "var"
        self.config.mkdir()
        self.state.mkdir()
        self.process = None
        self._clients = []
        if files is None:
            self.pjsip_base = self.PJSIP.format(sip_port=self.sip_port)
            files = {
                "manager.conf": self.MANAGER.format(ami_port=self.ami_port, general=general,
                                                    users=users),
                "pjsip.conf": self.pjsip_base + pjsip,
            }
            if missive_conf:
                files["missive.conf"] = missive_conf
            if extensions:
                files["extensions.conf"] = extensions
            if xmpp:
                files["xmpp.conf"] = xmpp
        for name, text in files.items():
            (self.config / name).write_text(text)

    @property
    def sip_address(self):
        return f"127.0.0.1:{self.sip_port}"

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self._discard()
            raise

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.stop()
        finally:
            # pytest shows it beside a test that failed.
            print(f"--- log of the server\n{self.log()[-6000:]}")
            self._discard()

    def _discard(self):
        for client in self._clients:
            client.close()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def launch(self):
        """Starts the process and does not wait for it."""
        assert BINARY.exists(), f"{BINARY} is not built (MISSIVE_BIN names another)"
        with open(self.folder / "stdout", "wb") as out, open(self.folder / "stderr", "wb") as err:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--config", self.config, "--state", self.state],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        return self

    def start(self):
        self.launch()
        wait_until(self._answers, what="the AMI banner")
        return self

    def _answers(self):
        assert self.process.poll() is None, (
            f"missive ended with status {self.process.returncode}:\n{self.log()}")
        try:
            with AmiClient(self.ami_port, login=False) as client:
                return client.banner
        except ConnectionError:
            return None

    def stdout(self):
        return (self.folder / "stdout").read_text(errors="replace")

    def stderr(self):
        return (self.folder / "stderr").read_text(errors="replace")

    def log(self):
        return self.stdout() + self.stderr()

    def ami(self, **kwargs):
        """A client that is closed with the server."""
        client = AmiClient(self.ami_port, **kwargs)
        self._clients.append(client)
        return client

    def write(self, name, text):
        """Replaces a file of the configuration at once."""
        scratch = self.config / (name + ".new")
        scratch.write_text(text)
        scratch.rename(self.config / name)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def resident_kb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def kill(self):
        """SIGKILL: nothing is tidied up. start() begins again on the same folders and ports."""
        for client in self._clients:
            client.close()
        self._clients.clear()
        self.process.kill()
        self.process.wait()

    def stop(self, deadline=30):
        """SIGTERM, then: exit status 0, nothing from a sanitizer."""
        for client in self._clients:
            client.close()
        assert self.process.poll() is None, (
            f"the server had ended by itself, status {self.process.returncode}:\n{self.log()}")
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running {deadline} s after SIGTERM:\n{self.log()}") from None
        report = SANITIZER.search(self.stderr())
        assert not report, f"a sanitizer found something:\n{self.stderr()[-8000:]}"
        assert status == 0, f"exit status {status} after SIGTERM:\n{self.log()}"
