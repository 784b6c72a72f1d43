"""kill -9 at random moments under load: what was acknowledged arrives.

1. Four AMI clients (MessageSend with MessageID) and two SIP users (MESSAGE through the dialplan)
   send to phones that are there, to phones that answer some requests only when they come again,
   and to users who come and go. The server is killed at a random moment, also while it starts,
   and started again on the same state folder, MISSIVE_KILL_ROUNDS times (5).
   Then: what had Success or 202 has arrived, whole, at the right phone; nothing was refused;
   each message that came twice was under way or answered just before a kill, so that its outcome
   was not on disk; and one more restart brings nothing again.

By hand, with the figures: MISSIVE_KILL_ROUNDS=100 python3 tests/reliability/test_kill.py
MISSIVE_KILL_SEED repeats the moments of an earlier run (the order of events is never the same).
"""
import collections
import os
import pathlib
import random
import statistics
import sys
import time

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from harness import account, aor, wait_until
from journal import WINDOW, Journal
from load import (PATIENCE, AmiLoad, ComingAndGoing, KillableServer, SipLoad, recording_phone)

ROUNDS = int(os.environ.get("MISSIVE_KILL_ROUNDS", "5"))
SEED = os.environ.get("MISSIVE_KILL_SEED") or str(random.randrange(1_000_000))
PHONES = [f"p{i}" for i in range(12)]
COMING = [f"r{i}" for i in range(6)]
SENDERS = ["s0", "s1"]
QUIET = 3.0  # longer than what a restart spreads its deliveries over

MISSIVE_CONF = """[general]
shards = 2
[outbox]
durability = always
retry = 1s, 1s, 2s
flush_rate = 1000
"""
EXTENSIONS = """[messages]
exten => _pX!,1,MessageSend(pjsip:${EXTEN},${MESSAGE(from)})
exten => _rX!,1,MessageSend(pjsip:${EXTEN},${MESSAGE(from)})
"""


class Trial:
    """Phones, server and load; kills; then the account of it all."""

    def __init__(self, rounds, seed):
        self.rounds, self.seed = rounds, seed
        self.random = random.Random(f"kills {seed}")
        self.journal = Journal()
        self.ready = []  # seconds from start to AMI banner, after a kill
        # Every third phone loses some answers, so that messages are under way for longer.
        self.phones = {name: recording_phone(name, self.journal, seed=seed,
                                             withhold=0.1 if i % 3 == 0 else 0.0)
                       for i, name in enumerate(PHONES)}
        users = "".join([account(name) for name in COMING + SENDERS]
                        + [aor(name, f"sip:{name}@{phone.address}")
                           for name, phone in self.phones.items()])
        self.server = KillableServer(pjsip=users, extensions=EXTENSIONS,
                                     missive_conf=MISSIVE_CONF)
        self.coming = ComingAndGoing(self.server, self.journal, COMING, seed, withhold=0.05)
        everybody = PHONES + COMING
        self.senders = [AmiLoad(f"ami{i}", self.server, self.journal, everybody, seed)
                        for i in range(4)]
        self.senders += [SipLoad(name, self.server, self.journal, everybody, seed)
                         for name in SENDERS]

    def run(self):
        print(f"\n| kill -9: {self.rounds} rounds, seed {self.seed}", flush=True)
        try:
            with self.server:
                for worker in [self.coming, *self.senders]:
                    worker.start()
                for _ in range(self.rounds):
                    self._let_run()
                    self.journal.note_kill(self.server.kill())
                    self._start_again()
                self._drain()
                self._restart_once_more()
        finally:
            for worker in [self.coming, *self.senders]:
                worker.stop()
            self.coming.close()
            for phone in self.phones.values():
                phone.close()

    def _let_run(self):
        """Up to a random moment; that is what this test is about."""
        time.sleep(self.random.choice([self.random.uniform(0.0, 0.1),
                                       self.random.uniform(0.1, 1.2),
                                       self.random.uniform(1.0, 3.0)]))

    def _start_again(self):
        if self.random.random() < 0.15:
            self.server.launch()
            time.sleep(self.random.uniform(0.0, 0.1))
            self.journal.note_kill(self.server.kill())
        begin = time.monotonic()
        self.server.start()
        self.ready.append(time.monotonic() - begin)

    def _drain(self):
        """Everybody is there; whatever waits goes out."""
        self.coming.stop()
        self.coming.finish()
        for sender in self.senders:
            sender.stop()
        for sender in self.senders:
            sender.finish()
        self.coming.come_all()
        end = time.monotonic() + PATIENCE
        while missing := self.journal.missing():
            if self.journal.quiet_for() > PATIENCE / 2 or time.monotonic() > end + PATIENCE:
                raise AssertionError(self._lost(missing))
            time.sleep(0.1)
        wait_until(lambda: self.journal.quiet_for() > QUIET, PATIENCE, "the end of deliveries")

    def _restart_once_more(self):
        arrived = sum(map(len, self.journal.arrivals.values()))
        self.server.stop()
        self.server.start()
        begin = time.monotonic()
        wait_until(lambda: min(self.journal.quiet_for(), time.monotonic() - begin) > QUIET,
                   PATIENCE, "the end of deliveries")
        more = sum(map(len, self.journal.arrivals.values())) - arrived
        assert more == 0, f"{more} messages came again after an orderly restart"

    def _lost(self, missing):
        journal = self.journal
        lines = [f"{len(missing)} of {len(journal.accepted)} acknowledged messages are lost:"]
        for message_id in missing[:20]:
            sent, at = journal.sent[message_id], journal.accepted[message_id]
            kills = [k.at - at for k in journal.kills if k.at >= at]
            lines.append(f"  {message_id} for {sent.destination}, acknowledged "
                         + (f"{kills[0] * 1000:.0f} ms before a kill" if kills
                            else "after the last kill"))
        return "\n".join(lines)

    def judge(self):
        journal = self.journal
        reasons = collections.Counter()
        unexplained, gaps = [], [0]
        for message_id, why in journal.duplicates():
            if why is None:
                unexplained.append(message_id)
                continue
            if why.startswith("answered"):
                gaps.append(int(why.split()[1]))
                why = "answered just before a kill, its outcome not yet on disk"
            reasons[why] += 1
        self._print(reasons, unexplained, gaps)
        assert not journal.strange, journal.strange[:10]
        assert not journal.refused, list(journal.refused.items())[:10]
        assert not journal.missing(), self._lost(journal.missing())
        assert not unexplained, (
            f"{len(unexplained)} messages came twice without a kill that explains it: "
            + ", ".join(f"{i} {journal.arrivals[i]}" for i in unexplained[:5]))

    def _print(self, reasons, unexplained, gaps):
        journal = self.journal
        by_origin = collections.Counter(journal.sent[i].origin for i in journal.accepted)
        lines = [
            ("kills", f"{len(journal.kills)}, of them "
                      f"{len(journal.kills) - self.rounds} while the server started"),
            ("acknowledged", f"{len(journal.accepted)}: {by_origin['ami']} by AMI, "
                             f"{by_origin['sip']} by SIP"),
            ("sent again by its sender", journal.retried),
            ("never acknowledged", len(journal.sent) - len(journal.accepted)),
            ("delivered", journal.delivered_count()),
            ("acknowledged and lost", len(journal.missing())),
            ("duplicates", sum(reasons.values()) + len(unexplained)),
            *[(f"  {why}", count) for why, count in sorted(reasons.items())],
            (f"  the longest of them, ms (limit {WINDOW * 1000:.0f})", max(gaps)),
            ("  unexplained", len(unexplained)),
            ("retransmissions", journal.retransmissions),
            ("ready after a kill, s", f"median {statistics.median(self.ready):.2f}, "
                                      f"longest {max(self.ready):.2f}"),
        ]
        for what, figure in lines:
            print(f"| {what:<62} {figure}")
        sys.stdout.flush()


def test_kill():
    trial = Trial(ROUNDS, SEED)
    trial.run()
    trial.judge()


if __name__ == "__main__":
    test_kill()
