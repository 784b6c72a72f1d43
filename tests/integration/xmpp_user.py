"""A person with an XMPP client: clients/xmpp_user.mjs, which is @xmpp/client of npm.

    with XmppUser(prosody, "alice") as alice:
        alice.message("texts@xmpp.test", "hello", receipt=True)
        stanza = alice.wait("message", body="hi")       # a dictionary
"""
import contextlib
import json
import os
import shutil
import subprocess
import threading
import time

import npm
from harness import DEADLINE

PROGRAM = npm.CLIENTS / "xmpp_user.mjs"


class XmppUser:
    def __init__(self, server, name, resource="phone"):
        npm.install()
        self.jid = f"{name}@{server.DOMAIN}"
        self.full = f"{self.jid}/{resource}"
        self.stanzas = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [shutil.which("node"), PROGRAM, f"xmpp://127.0.0.1:{server.port}", server.DOMAIN, name,
             server.users[name], resource],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(server.ca)})
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        try:
            self.wait("online")
            return self
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def close(self):
        """As a client that is closed, so that the server keeps no session for it."""
        try:
            self.do("stop")
            self.process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    def do(self, what, **fields):
        self.process.stdin.write(json.dumps({"do": what, **fields}) + "\n")
        self.process.stdin.flush()

    def message(self, to, body, **fields):
        self.do("message", to=to, body=body, **fields)

    def join(self, room, nick):
        """In the room when this is over."""
        self.do("join", room=room, nick=nick)
        stanza = self.wait("presence", **{"from": f"{room}/{nick}"})
        assert stanza.get("type") != "error", stanza["xml"]

    def all(self, kind="message", **fields):
        """What has come so far; stanzas stay until somebody waits for them."""
        with self._changed:
            return [one for one in self.stanzas if self._fits(one, kind, fields)]

    def bodies(self):
        return [one["body"] for one in self.all() if one.get("body")]

    def wait(self, kind="message", deadline=DEADLINE, **fields):
        """The first one with these fields; it is taken out. A value may be a function."""
        end = time.monotonic() + deadline
        with self._changed:
            while True:
                for one in self.stanzas:
                    if self._fits(one, kind, fields):
                        self.stanzas.remove(one)
                        return one
                left = end - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    seen = "\n".join(map(str, self.stanzas))
                    raise AssertionError(f"no {kind} {fields} in {deadline} s; seen:\n{seen}")
                self._changed.wait(min(left, 0.5))

    @staticmethod
    def _fits(one, kind, fields):
        return one["is"] == kind and all(
            value(one.get(key)) if callable(value) else one.get(key) == value
            for key, value in fields.items())

    def _read(self):
        for line in self.process.stdout:
            try:
                one = json.loads(line)
            except ValueError:
                one = {"is": "output", "text": line}
            with self._changed:
                self.stanzas.append(one)
                self._changed.notify_all()
