"""Who talks to the server while it is killed: AMI clients, SIP senders, phones, users who come
and go. Each is a thread; all report to a Journal.
"""
import contextlib
import io
import random
import subprocess
import threading
import time

from harness import BINARY, AmiClient, Phone, Server
from journal import Kill, body_of
from sip_user import User

# Without an answer for so long, somebody has forgotten us.
PATIENCE = 60.0


class KillableServer(Server):
    """A Server that is killed and started again on the same ports and state; its log goes on."""

    def launch(self):
        assert BINARY.exists(), f"{BINARY} is not built (MISSIVE_BIN names another)"
        with open(self.folder / "stdout", "ab") as out, open(self.folder / "stderr", "ab") as err:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--config", self.config, "--state", self.state],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        return self

    def __exit__(self, kind, *rest):
        # The log matters only beside a failure.
        sink = io.StringIO()
        try:
            with contextlib.redirect_stdout(sink):
                super().__exit__(kind, *rest)
        except BaseException:
            kind = "stopping failed"
            raise
        finally:
            if kind is not None:
                print(sink.getvalue())

    def kill(self):
        """SIGKILL; answers when that was."""
        at = time.monotonic()
        assert self.process.poll() is None, (
            f"the server had ended by itself, status {self.process.returncode}:\n"
            f"{self.log()[-6000:]}")
        self.process.kill()
        self.process.wait()
        return Kill(at, time.monotonic())


class Recorder:
    """How a phone answers: as `answer` of a Phone.

    mode       here: 200 to each MESSAGE, but some only when they come again;
               refusing: 480; off: no answer at all
    """

    def __init__(self, phone, name, journal, withhold=0.0, seed=0):
        self.phone, self.name, self.journal = phone, name, journal
        self.random = random.Random(f"{name} {seed}")
        self.withhold = withhold
        self.mode = "here"
        phone.answer = self

    def __call__(self, request):
        del self.phone.received[:-20]  # the journal keeps what matters
        if request.method != "MESSAGE":
            return [self.phone.response(request, 200)]
        if self.mode == "off":
            return []
        if self.mode == "refusing":
            return [self.phone.response(request, 480)]
        if self.journal.note_arrival(self.name, request,
                                     lambda: self.random.random() < self.withhold):
            return [self.phone.response(request, 200)]
        return []


def recording_phone(name, journal, **options):
    phone = Phone()
    Recorder(phone, name, journal, **options)
    return phone


class Worker(threading.Thread):
    """A thread whose failure is kept for the test; stop() asks it to come to its end."""

    def __init__(self, name):
        super().__init__(name=name, daemon=True)
        self.stopping = threading.Event()
        self.problem = None

    def run(self):
        try:
            self.work()
        except Exception as error:  # noqa: BLE001: it is raised again in finish()
            self.problem = error

    def stop(self):
        self.stopping.set()

    def finish(self, deadline=PATIENCE + 30):
        self.join(deadline)
        if self.problem:
            raise self.problem
        assert not self.is_alive(), f"{self.name} does not come to its end"


class AmiLoad(Worker):
    """Pipelines MessageSend with a MessageID and a body of its own, for ever.

    What had no reply when the connection broke is sent again with the same MessageID, or, one in
    two, forgotten: nothing was promised. When it is told to stop it waits for what is under way.
    """

    def __init__(self, name, server, journal, destinations, seed, in_flight=16, rate=100):
        super().__init__(name)
        self.server, self.journal, self.destinations = server, journal, destinations
        self.random = random.Random(f"{name} {seed}")
        self.in_flight, self.gap = in_flight, 1.0 / rate
        self.under_way = {}  # ActionID -> id
        self.again = []
        self.number = 0
        self.due = time.monotonic()

    def work(self):
        while True:
            try:
                with AmiClient(self.server.ami_port, events="off") as client:
                    self._talk(client)
                    return
            except (ConnectionError, AssertionError):
                # A login that broke off is an AssertionError of the client.
                left = list(self.under_way.values())
                self.under_way.clear()
                self.again += [i for i in left if self.random.random() < 0.5]
                self.stopping.wait(0.01)

    def _talk(self, client):
        moved = time.monotonic()
        while self.under_way or self.again or not self.stopping.is_set():
            while len(self.under_way) < self.in_flight and self._send_one(client):
                moved = time.monotonic()
            try:
                self._take(client.packet(0.02))
                moved = time.monotonic()
            except TimeoutError:
                if time.monotonic() - moved > PATIENCE and self.under_way:
                    raise RuntimeError(f"{self.name}: no reply for {PATIENCE} s to "
                                       f"{sorted(self.under_way.values())}") from None

    def _send_one(self, client):
        """Sends what is to be sent again, or something new when it is time."""
        if self.again:
            message_id = self.again.pop(0)
            destination = self.journal.sent[message_id].destination
        else:
            now = time.monotonic()
            if self.stopping.is_set() or now < self.due:
                return False
            self.due = max(self.due + self.gap, now - 0.1)
            self.number += 1
            message_id = f"{self.name}-{self.number:06}"
            destination = self.random.choice(self.destinations)
        self.journal.note_sent(message_id, "ami", destination)
        # Before it is written: the server may break off in the middle.
        self.under_way[f"before {message_id}"] = message_id
        action_id = client.send("MessageSend", MessageID=message_id,
                                Destination=f"pjsip:{destination}",
                                From=f"sip:{self.name}@example.net", Body=body_of(message_id))
        del self.under_way[f"before {message_id}"]
        self.under_way[action_id] = message_id
        return True

    def _take(self, reply):
        message_id = self.under_way.pop(reply["ActionID"])
        if reply.ok:
            if reply.get("MessageID") != message_id:
                raise RuntimeError(f"the reply for {message_id} is\n{reply}")
            self.journal.note_accepted(message_id)
        else:
            self.journal.note_refused(message_id, reply.get("Reason") or reply)


class SipLoad(Worker):
    """A SIP user who sends one MESSAGE after the other and repeats each until it is answered."""

    def __init__(self, name, server, journal, destinations, seed, rate=25):
        super().__init__(name)
        self.journal, self.destinations = journal, destinations
        self.random = random.Random(f"{name} {seed}")
        self.gap = 1.0 / rate
        self.user = User(server, name)

    def work(self):
        number = 0
        with self.user:
            while not self.stopping.wait(self.gap):
                number += 1
                self._send(f"{self.name}-{number:06}", self.random.choice(self.destinations))

    def _send(self, message_id, destination):
        self.journal.note_sent(message_id, "sip", destination)
        data = self.user.build("MESSAGE", f"sip:{destination}@{self.user.domain}",
                               headers=["Content-Type: text/plain"], body=body_of(message_id),
                               call_id=message_id, branch=f"z9hG4bK{message_id}")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.user.transmit(data)
            try:
                answer = self.user.final(f"z9hG4bK{message_id}", deadline=0.5)
            except AssertionError:
                continue  # Timer E
            self.user.responses.clear()
            if answer.status == 202:
                self.journal.note_accepted(message_id)
            else:
                self.journal.note_refused(message_id, answer.line)
            return
        raise RuntimeError(f"{message_id} was never answered")


class ComingAndGoing(Worker):
    """Users who register now and then; in between they refuse, or their phones are off.

    At the end all are there.
    """

    def __init__(self, server, journal, names, seed, withhold=0.0, pause=0.1):
        super().__init__("coming and going")
        self.random = random.Random(f"coming {seed}")
        self.pause = pause
        self.users = [User(server, name) for name in names]
        for user in self.users:
            Recorder(user, user.name, journal, withhold, seed).mode = "off"

    def work(self):
        while not self.stopping.wait(self.random.uniform(0, 2 * self.pause)):
            user = self.random.choice(self.users)
            mode = self.random.choice(["here", "here", "refusing", "off"])
            user.answer.mode = mode
            if mode == "here":
                self._register(user, 3600)
            elif self.random.random() < 0.5:  # the others just vanish
                self._register(user, 0)

    def come_all(self):
        for user in self.users:
            user.answer.mode = "here"
            end = time.monotonic() + PATIENCE
            while not self._register(user, 3600):
                assert time.monotonic() < end, f"{user.name} cannot register"

    def close(self):
        for user in self.users:
            user.close()

    @staticmethod
    def _register(user, expires):
        request = user.build("REGISTER", to=f"<{user.uri}>", call_id=user.call_id, headers=[
            f"Contact: {user.contact}", f"Expires: {expires}"])
        try:
            return user.exchange(request, deadline=0.5).status == 200
        except AssertionError:
            return False
        finally:
            user.responses.clear()
