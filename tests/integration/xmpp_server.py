"""What the real XMPP servers of the tests have in common: a process in a folder of its own.

A subclass writes the server's configuration and says how it is run. Every server serves the
domain xmpp.test with the users of `users` (name to password), rooms at rooms.xmpp.test and a
component gw.xmpp.test, on free ports of the loopback, with a certificate of an authority made
for it, and leaves nothing behind.
"""
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from certificates import Certificates
from harness import DEADLINE, free_port, wait_until


class XmppServer:
    NAME = ""
    DOMAIN = "xmpp.test"
    ROOMS = "rooms.xmpp.test"
    COMPONENT, COMPONENT_SECRET = "gw.xmpp.test", "component-secret"
    START_DEADLINE = 30

    def __init__(self, users, certificate_names=None, **options):
        self.users = users
        self.options = options
        self.port, self.component_port = free_port(), free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"missive-{self.NAME}-"))
        self.certificates = Certificates(self.folder)
        self.certificate = self.certificates.make(
            "server", certificate_names or f"DNS:{self.DOMAIN}")
        self.process = None

    # What a subclass has of its own.

    def command(self):
        """Writes the configuration; the program and its arguments."""
        raise NotImplementedError

    def environment(self):
        return None

    def ready(self):
        return self.listens(self.port) and self.listens(self.component_port)

    # Its life.

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self._discard()
            raise

    def __exit__(self, *_):
        print(f"--- log of {self.NAME}\n{self.log()[-6000:]}")
        self._discard()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=self.folder, env=self.environment())
        wait_until(self._started, self.START_DEADLINE, what=f"{self.NAME} to listen")
        return self

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DEADLINE)

    def kill(self):
        """SIGKILL: nothing is written, no stream is closed."""
        self.process.kill()
        self.process.wait()

    def pause(self):
        """It keeps its connections and says nothing more."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def restart(self):
        self.stop()
        self.start()

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def ca(self):
        return self.certificates.ca

    @staticmethod
    def listens(port):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    def _started(self):
        assert self.process.poll() is None, f"{self.NAME} has ended:\n{self.log()}"
        return self.ready()

    def _discard(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What Missive has to know of it.

    def account(self, name, user=None, **options):
        """A section of xmpp.conf: `user` of this server; an option of None is left out."""
        user = user or name
        return self._section(name, {
            "type": "client", "serverhost": "127.0.0.1", "port": self.port,
            "username": f"{user}@{self.DOMAIN}/missive", "secret": self.users.get(user, "none"),
            "ca_list_file": self.ca, **options})

    def component(self, name, **options):
        return self._section(name, {
            "type": "component", "serverhost": "127.0.0.1", "port": self.component_port,
            "username": self.COMPONENT, "secret": self.COMPONENT_SECRET, "usetls": "no",
            **options})

    @staticmethod
    def _section(name, options):
        lines = [f"{key} = {value}" for key, value in options.items() if value is not None]
        return "\n".join([f"[{name}]", *lines, ""])
