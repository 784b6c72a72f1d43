"""A real name server for tests: nsd with one zone, behind a relay that notes what is asked.

    with NameServer(["_sip._udp SRV 10 0 5060 a", "a A 127.0.0.1"]) as dns:
        Server(missive_conf=dns.missive_conf())

Names are relative to example.test unless they end in a dot. Both listen on loopback only.
"""
import pathlib
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import threading

from harness import free_port, wait_until

ZONE = "example.test"
NSD = shutil.which("nsd") or "/usr/sbin/nsd"
TYPES = {1: "A", 5: "CNAME", 6: "SOA", 28: "AAAA", 33: "SRV", 35: "NAPTR"}
CONFIG = """server:
  ip-address: 127.0.0.1@{port}
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  logfile: "{folder}/nsd.log"
  zonelistfile: "{folder}/zone.list"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: {zone}
  zonefile: "{folder}/zone"
"""
HEAD = """$ORIGIN {zone}.
$TTL {ttl}
@ SOA ns admin 1 3600 600 86400 {negative_ttl}
@ NS ns
ns A 127.0.0.1
"""


def available():
    return pathlib.Path(NSD).exists()


def query(name, type_number=6):
    """A question as it goes over the wire."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H",
                                                                                   type_number, 1)


def question_of(packet):
    """"SRV _sip._udp.example.test" of a query."""
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode().lower())
        at += packet[at] + 1
    kind = struct.unpack(">H", packet[at + 1:at + 3])[0]
    return f"{TYPES.get(kind, kind)} {'.'.join(labels)}"


class NameServer:
    """Answers on UDP `port`; `questions` is what was asked there, in order."""

    def __init__(self, records, ttl=60, negative_ttl=60):
        self.records, self.ttl, self.negative_ttl = records, ttl, negative_ttl
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="missive-nsd-"))
        self.process = None
        self.questions = []
        self.silent = False
        self._relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wake, self._waker = socket.socketpair()
        self._thread = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def start(self):
        self._relay.bind(("127.0.0.1", free_port()))
        self.port = self._relay.getsockname()[1]
        self.nsd_port = free_port()
        zone = HEAD.format(zone=ZONE, ttl=self.ttl, negative_ttl=self.negative_ttl)
        (self.folder / "zone").write_text(zone + "\n".join(self.records) + "\n")
        (self.folder / "nsd.conf").write_text(
            CONFIG.format(port=self.nsd_port, folder=self.folder, zone=ZONE))
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen([NSD, "-d", "-c", self.folder / "nsd.conf"],
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        wait_until(self._answers, what="an answer of nsd")
        self._thread = threading.Thread(target=self._run, name="name server", daemon=True)
        self._thread.start()
        return self

    def _answers(self):
        assert self.process.poll() is None, f"nsd ended:\n{self.log()}"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.2)
            try:
                probe.connect(("127.0.0.1", self.nsd_port))
                probe.send(query(ZONE))
                answer = probe.recv(4096)
            except OSError:
                return False
        assert answer[3] & 15 == 0, f"nsd does not serve the zone:\n{self.log()}"
        return True

    def log(self):
        return "\n".join(path.read_text(errors="replace")
                         for path in (self.folder / "output", self.folder / "nsd.log")
                         if path.exists())

    def go_down(self):
        """Nobody listens on `port` any more."""
        self._waker.close()
        if self._thread:
            self._thread.join(15)
            self._thread = None
        self._relay.close()

    def close(self):
        self.go_down()
        self._wake.close()
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def missive_conf(self, more="", resolver=""):
        """[resolver] of a missive.conf that asks here, soon tired of waiting."""
        return (f"[resolver]\nnameservers = 127.0.0.1:{self.port}\ntimeout = 300\ntries = 2\n"
                f"{resolver}\n{more}\n")

    def asked(self, kind):
        return [question for question in self.questions if question.startswith(kind + " ")]

    def _run(self):
        """Relays one query at a time: nsd answers at once."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
            upstream.connect(("127.0.0.1", self.nsd_port))
            upstream.settimeout(5)
            while True:
                ready, _, _ = select.select([self._relay, self._wake], [], [])
                if self._wake in ready:
                    return
                packet, source = self._relay.recvfrom(4096)
                self.questions.append(question_of(packet))
                if self.silent:
                    continue
                try:
                    upstream.send(packet)
                    answer = upstream.recv(65535)
                except OSError:
                    continue
                self._relay.sendto(answer, source)
