"""A full disk and a read-only state folder: nothing acknowledged is lost, and senders are told.

The state folder is a small tmpfs in a mount namespace of its own: this file runs itself there
(unshare --mount as root, otherwise with --user --map-root-user), and is skipped with the reason
where the kernel allows neither.

1. the disk fills up: MessageSend is answered with Error and a Reason that says so, to a phone that
   is there as well as to a user who is away; MESSAGE with 503 and Retry-After, over UDP and TCP;
   what was refused is not sent. There is room again: the server goes on by itself, and every
   message that had Success or 202 comes to its phone, once
2. the same, and the users come back while the disk is full: they get what waits for them, and
   when there is room again the outcomes are written down: a restart brings nothing again
3. SIP users fill the disk: what had 202 arrives, also what came when the room was just enough to
   take it and not to send it on
4. killed with a full disk and started again: it serves, or says in one line what is wrong; with
   room again all that was acknowledged arrives
5. a read-only state folder: refused at start with a line that names it; writable again, the
   server takes up what it had
"""
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

import pytest

from harness import AmiClient, account, aor, missive, wait_until
from journal import Journal, body_of
from load import ComingAndGoing, KillableServer, recording_phone
from sip_user import User

INSIDE = "MISSIVE_IN_NAMESPACE"
MISSIVE_CONF = """[outbox]
durability = always
retry = 1s, 1s, 2s
flush_rate = 1000
"""
EXTENSIONS = """[messages]
exten => _pX!,1,MessageSend(pjsip:${EXTEN},${MESSAGE(from)})
exten => _rX!,1,MessageSend(pjsip:${EXTEN},${MESSAGE(from)})
"""
SIZE = 12 << 20  # of the disk, octets
PATIENCE = 60
# As SQLite and the kernel say it.
FULL = re.compile(r"(?i)\bfull\b|no space|no room")
UNWRITABLE = re.compile(r"(?i)read-?only|may not be written|cannot (be written|write)")


def namespace():
    """The command that gives us mounts of our own; None where there is none."""
    ways = [["unshare", "--mount"]] if os.geteuid() == 0 else []
    ways += [["unshare", "--user", "--map-root-user", "--mount"]]
    for way in ways:
        probe = ["sh", "-c", "d=$(mktemp -d) && mount -t tmpfs none $d && umount $d; s=$?;"
                             " rmdir $d; exit $s"]
        if subprocess.run([*way, *probe], capture_output=True, check=False).returncode == 0:
            return way
    return None


if not os.environ.get(INSIDE):

    def test_disk():
        way = namespace()
        if way is None:
            pytest.skip("neither unshare --mount nor a user namespace is allowed here, so there"
                        " is no small disk to fill")
        done = subprocess.run(
            [*way, sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", __file__],
            env={**os.environ, INSIDE: "1"}, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False)
        print(done.stdout)
        assert done.returncode == 0, done.stdout[-8000:]


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True)


class Disk:
    """The state folder of a server, on a file system of its own that can be filled."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ballast = self.folder / "ballast"
        mount("-t", "tmpfs", "-o", f"size={SIZE}", "none", self.folder)

    def free(self):
        about = os.statvfs(self.folder)
        return about.f_bavail * about.f_frsize

    def fill(self, leave=0):
        """Takes all room but so many octets."""
        with open(self.ballast, "ab") as file:
            while self.free() > leave:
                try:
                    os.write(file.fileno(), b"x" * min(1 << 16, self.free() - leave))
                except OSError:
                    return

    def empty(self):
        self.ballast.unlink(missing_ok=True)

    def read_only(self, on):
        mount("-o", "remount," + ("ro" if on else "rw"), self.folder)

    def close(self):
        subprocess.run(["umount", "-l", self.folder], check=False, capture_output=True)


class World:
    """A server on a Disk, a phone p0 that is there, a user r0 who comes and goes, a sender s0."""

    def __init__(self):
        self.journal = Journal()
        self.phone = recording_phone("p0", self.journal)
        self.server = KillableServer(
            pjsip=account("r0") + account("s0") + aor("p0", f"sip:p0@{self.phone.address}"),
            extensions=EXTENSIONS, missive_conf=MISSIVE_CONF)
        self.disk = Disk(self.server.state)
        self.away = ComingAndGoing(self.server, self.journal, ["r0"], seed=1)
        self.number = 0
        self.random = random.Random(7)

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *error):
        try:
            self.disk.read_only(False)
            self.disk.empty()  # so that the server can write down what it has
            self.server.__exit__(*error)
        finally:
            self.away.close()
            self.phone.close()
            self.disk.close()
            shutil.rmtree(self.server.folder, ignore_errors=True)

    def next_id(self, what):
        self.number += 1
        return f"{what}-{self.number:05}"

    def send(self, client, destination, size=0):
        """One MessageSend; the reply. The journal knows only what it says."""
        message_id = self.next_id("ami")
        # Room is taken by a variable, so that the body is still known by its id.
        self.journal.note_sent(message_id, "ami", destination)
        more = [f"Variable: X-Padding={'y' * size}"] if size else []
        reply = client.message_send(f"pjsip:{destination}", body_of(message_id), more,
                                    deadline=PATIENCE, MessageID=message_id,
                                    From="sip:crm@example.net")
        if reply.ok:
            self.journal.note_accepted(message_id)
        else:
            self.journal.note_refused(message_id, reply["Reason"])
        return reply

    def message(self, user, destination, size=0):
        """One MESSAGE; the final response."""
        message_id = self.next_id("sip")
        self.journal.note_sent(message_id, "sip", destination)
        padding = [f"X-Padding: {'y' * size}"] if size else []
        answer = user.message(destination, body_of(message_id), headers=padding)
        if answer.status == 202:
            self.journal.note_accepted(message_id)
        else:
            self.journal.note_refused(message_id, answer.line)
        return answer

    def send_until_refused(self, client, destination="r0"):
        """Fills the disk with messages; the first Error."""
        for _ in range(20000):
            reply = self.send(client, destination, size=1500)
            if not reply.ok:
                return reply
        raise AssertionError("the disk is full and every message is accepted")

    def until_accepted(self, client, destination):
        """The server goes on by itself: how long that took."""
        begin = time.monotonic()
        wait_until(lambda: self.send(client, destination).ok, PATIENCE, "a Success")
        return time.monotonic() - begin

    def all_delivered(self):
        """All that was acknowledged has come, nothing that was refused has."""
        wait_until(lambda: not self.journal.missing(), PATIENCE, "the last delivery")
        wait_until(lambda: self.journal.quiet_for() > 1.5, PATIENCE, "the end of deliveries")
        assert not self.journal.strange, self.journal.strange[:5]
        sent_all_the_same = [i for i in self.journal.refused if i in self.journal.arrivals]
        assert not sent_all_the_same, sent_all_the_same[:10]

    def report(self, title, **figures):
        journal = self.journal
        figures = {"acknowledged": len(journal.accepted), "refused": len(journal.refused),
                   "delivered": journal.delivered_count(), "lost": len(journal.missing()),
                   "duplicates": len(journal.duplicates()), **figures}
        print(f"\n| {title}: " + ", ".join(f"{k.replace('_', ' ')} {v}"
                                         for k, v in figures.items()), flush=True)


if os.environ.get(INSIDE):

    @pytest.fixture
    def world():
        with World() as world:
            yield world

    def fill_up(world, client):
        """Some messages of each kind, then no room; the Reason of the first Error."""
        assert world.send(client, "p0").ok
        world.disk.fill(leave=1 << 20)
        refused = world.send_until_refused(client)
        assert FULL.search(refused["Reason"]), refused
        world.disk.fill()  # the last page of room for smaller ones
        # What is small may still find room in what the log has already.
        for destination in ("r0", "p0"):
            wait_until(lambda d=destination: not world.send(client, d).ok, PATIENCE, "an Error")
        return refused["Reason"]

    # 1: full, and room again.

    def test_full_disk(world):
        client = world.server.ami()
        reason = fill_up(world, client)
        for transport in ("UDP", "TCP"):
            with User(world.server, "s0", transport=transport) as sender:
                answer = world.message(sender, "r0")
                assert answer.status == 503, answer
                assert int(answer.header("Retry-After")) > 0
                assert world.message(sender, "p0").status == 503
        world.disk.empty()
        after = world.until_accepted(client, "p0")
        with User(world.server, "s0") as sender:
            assert world.message(sender, "r0").status == 202
        assert world.send(client, "r0").ok
        world.away.come_all()
        world.all_delivered()
        assert not world.journal.duplicates(), world.journal.duplicates()[:5]
        world.report("full disk", goes_on_after=f"{after:.2f} s", reason=repr(reason))

    # 2: full while they come back.

    def test_full_disk_while_users_come_back(world):
        client = world.server.ami()
        fill_up(world, client)
        before = world.journal.delivered_count()
        world.away.come_all()
        wait_until(lambda: world.journal.delivered_count() > before or
                   world.journal.quiet_for() > 5, PATIENCE, "a delivery")
        while_full = world.journal.delivered_count() - before
        world.disk.empty()
        world.until_accepted(client, "p0")
        world.all_delivered()
        in_time = len(world.journal.duplicates())
        world.server.stop()
        world.server.start()
        world.away.come_all()
        world.all_delivered()
        world.report("full disk while users come back", delivered_while_full=while_full,
                     duplicates_before_the_restart=in_time)
        assert not world.journal.duplicates(), world.journal.duplicates()[:5]

    # 3: SIP users fill it.

    def test_disk_filled_by_sip_users(world):
        client = world.server.ami()
        world.disk.fill(leave=1 << 20)
        with User(world.server, "s0", transport="TCP") as sender:
            def refused():
                return world.message(sender, world.random.choice(["p0", "r0"]),
                                     size=world.random.randrange(2500)).status == 503

            wait_until(refused, PATIENCE, "a 503")
            world.disk.fill()
            for _ in range(5):
                assert refused()
        world.disk.empty()
        world.until_accepted(client, "p0")
        world.away.come_all()
        world.all_delivered()
        assert not world.journal.duplicates(), world.journal.duplicates()[:5]
        world.report("disk filled by SIP users")

    # 4: killed while full.

    def test_killed_with_a_full_disk(world):
        client = world.server.ami()
        fill_up(world, client)
        world.journal.note_kill(world.server.kill())
        client.close()
        world.server.launch()
        status = wait_until(lambda: world.server.process.poll() is not None or serves(world),
                            PATIENCE, "a start or an end")
        started = world.server.process.poll() is None
        if started:
            world.journal.note_kill(world.server.kill())
        else:
            assert status and world.server.process.returncode == 1, world.server.log()[-2000:]
            last = world.server.stderr().strip().splitlines()[-1]
            assert FULL.search(last) and str(world.server.state) in last, last
        world.disk.empty()
        world.server.start()
        world.away.come_all()
        world.all_delivered()
        assert all(why for _, why in world.journal.duplicates()), world.journal.duplicates()
        world.report("killed with a full disk", started_while_full="yes" if started else "no")

    def serves(world):
        try:
            with AmiClient(world.server.ami_port, login=False) as client:
                return bool(client.banner)
        except ConnectionError:
            return False

    # 5: read-only.

    def test_read_only_state_folder(world):
        client = world.server.ami()
        for _ in range(20):
            assert world.send(client, "r0").ok
        client.close()
        world.journal.note_kill(world.server.kill())
        world.disk.read_only(True)
        refused = missive("serve", "--config", world.server.config, "--state", world.server.state)
        assert refused.returncode == 1, refused
        last = refused.stderr.strip().splitlines()[-1]
        assert str(world.server.state) in last and UNWRITABLE.search(last), refused.stderr
        world.disk.read_only(False)
        world.server.start()
        world.away.come_all()
        world.all_delivered()
        assert not world.journal.duplicates()
        world.report("read-only state folder", told=repr(last))
