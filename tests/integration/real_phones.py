"""Real user agents for tests, without a screen and without sound: baresip, linphonec, sipsak.

Each runs in a folder of its own, registers as `name`, sends with say() and shows what came in
heard(). All of it on 127.0.0.1. A baresip has one `friend` that it writes to.
"""
import json
import os
import socket
import subprocess

from harness import DEADLINE, free_port, wait_until


class Program:
    """A phone that is a process with a command line on its standard input."""

    def __init__(self, folder, server, name, password, transport="udp", friend="nobody"):
        self.folder = folder / name
        self.folder.mkdir()
        self.server, self.name, self.password = server, name, password
        self.transport = transport
        self.friend = friend
        self.port = free_port()
        self.process = None

    def __enter__(self):
        command = self.prepare()
        environment = dict(os.environ, HOME=str(self.folder), TERM="dumb")
        with open(self.folder / "screen", "wb") as screen:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=screen,
                                            stderr=subprocess.STDOUT, env=environment,
                                            cwd=self.folder)
        try:
            wait_until(self.is_registered, what=f"{self.name} to register")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        print(f"--- {self.name}\n{self.screen()[-3000:]}")
        self.process.terminate()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()

    def screen(self):
        return (self.folder / "screen").read_text(errors="replace")

    def heard(self, text, sender):
        """Waits until the phone shows this text as from that user."""
        def shown():
            assert self.process.poll() is None, f"{self.name} has ended:\n{self.screen()}"
            return [line for line in self.screen().splitlines()
                    if text in line and f"sip:{sender}@" in line and not self.is_own(line)]

        return wait_until(shown, what=f"'{text}' at {self.name}")

    def is_own(self, line):
        return False


class Baresip(Program):
    """baresip, told what to do as JSON over TCP (module ctrl_tcp)."""

    def prepare(self):
        self.control = free_port()
        domain = f"127.0.0.1:{self.server.sip_port}"
        (self.folder / "config").write_text(f"""
module_path /usr/lib/baresip/modules
net_interface 127.0.0.1
sip_listen 127.0.0.1:{self.port}
module stdio.so
module_app account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{self.control}
""")
        (self.folder / "accounts").write_text(
            f"<sip:{self.name}@{domain};transport={self.transport}>;auth_user={self.name}"
            f";auth_pass={self.password};regint=60\n")
        (self.folder / "contacts").write_text(
            f'"{self.friend}" <sip:{self.friend}@{domain};transport={self.transport}>\n')
        return ["baresip", "-f", str(self.folder)]

    def is_registered(self):
        return "registered successfully" in self.screen()

    def say(self, to, text):
        """The command `message` writes to the current contact: the only one there is."""
        assert to == self.friend
        with socket.create_connection(("127.0.0.1", self.control), DEADLINE) as control:
            self._ask(control, "contact_next")
            self._ask(control, "message", text)

    @staticmethod
    def _ask(control, command, parameters=""):
        """One command and its answer, both JSON in a netstring."""
        data = json.dumps({"command": command, "params": parameters, "token": "t"}).encode()
        control.sendall(b"%d:%s," % (len(data), data))
        answer = b""
        while b"\"response\":true" not in answer or not answer.endswith(b","):
            more = control.recv(65536)
            assert more, f"baresip closed after {answer!r}"
            answer += more
        assert b'"ok":true' in answer, answer
        return answer.decode(errors="replace")


class Linphone(Program):
    """linphonec, told what to do on its standard input."""

    def prepare(self):
        domain = f"127.0.0.1:{self.server.sip_port}"
        (self.folder / ".local/share/linphone").mkdir(parents=True)
        (self.folder / "rc").write_text(f"""[sip]
bind_address=127.0.0.1
sip_port={self.port if self.transport == "udp" else 0}
sip_tcp_port={self.port if self.transport == "tcp" else 0}
sip_tls_port=0
use_ipv6=0
default_proxy=0
register_only_when_network_is_up=0
guess_hostname=0
contact=sip:{self.name}@127.0.0.1
[auth_info_0]
username={self.name}
passwd={self.password}
realm=*
domain=127.0.0.1
[proxy_0]
reg_proxy=<sip:{domain};transport={self.transport}>
reg_identity=sip:{self.name}@{domain}
reg_expires=60
reg_sendregister=1
publish=0
""")
        return ["linphonec", "-c", str(self.folder / "rc"), "-d", "6",
                "-l", str(self.folder / "log")]

    def is_registered(self):
        log = self.folder / "log"
        return log.exists() and "Register refresher [200]" in log.read_text(errors="replace")

    def say(self, to, text):
        self.process.stdin.write(
            f"chat sip:{to}@127.0.0.1:{self.server.sip_port} {text}\n".encode())
        self.process.stdin.flush()

    def is_own(self, line):
        return "Message received from" not in line


def sipsak_says(folder, server, name, password, to, text, transport="udp"):
    """One MESSAGE by sipsak with a digest. Its own option -M crashes in Debian's 0.9.8.1."""
    body = text.encode()
    path = folder / "message"
    path.write_bytes(f"""MESSAGE sip:{to}@127.0.0.1 SIP/2.0
From: <sip:{name}@127.0.0.1>;tag=sipsak
To: <sip:{to}@127.0.0.1>
Call-ID: sipsak-{free_port()}@127.0.0.1
CSeq: 1 MESSAGE
Max-Forwards: 70
Content-Type: text/plain
Content-Length: {len(body)}

""".encode() + body)
    return subprocess.run(
        ["sipsak", "-vv", "-E", transport, "-H", "127.0.0.1", "-f", path, "-u", name,
         "-a", password, "-s", f"sip:{to}@127.0.0.1:{server.sip_port}"], timeout=60, text=True,
        errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
