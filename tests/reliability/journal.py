"""What is known of every message of a reliability test: who was promised what, what arrived.

A message is its id. The id stands at the beginning of its body, so that both ends know it, and
the rest of the body follows from the id. All threads write here; times are time.monotonic().
"""
import collections
import dataclasses
import re
import threading
import time
import zlib

# An outcome is written down a moment after it is known. What was answered no longer than this
# before a kill may be sent again; a busy machine takes a little longer than the server's batch.
WINDOW = 0.25
# That a SIP request has been handled is written down a little later: two intervals of 100 ms.
HANDLED_WINDOW = 0.4


@dataclasses.dataclass
class Sent:
    origin: str  # "ami" or "sip"
    destination: str
    first: float


@dataclasses.dataclass
class Arrival:
    """One SIP transaction that brought the message, with all its retransmissions."""
    phone: str
    first: float
    answered: float | None = None  # when a 200 last went out


@dataclasses.dataclass
class Kill:
    at: float    # just before the signal
    gone: float  # the process is no more


def body_of(message_id):
    return f"{message_id} {'x' * (zlib.crc32(message_id.encode()) % 300)} end"


class Journal:
    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}
        self.accepted = {}  # id -> when we knew
        self.refused = {}   # id -> why
        self.arrivals = collections.defaultdict(dict)  # id -> branch -> Arrival
        self.kills = []
        self.retried = 0
        self.retransmissions = 0
        self.strange = []  # what arrived and should not look like that
        self.last_arrival = time.monotonic()

    # What senders and phones report.

    def note_sent(self, message_id, origin, destination):
        with self.lock:
            if message_id in self.sent:
                self.retried += 1
            else:
                self.sent[message_id] = Sent(origin, destination, time.monotonic())

    def note_accepted(self, message_id):
        with self.lock:
            self.accepted.setdefault(message_id, time.monotonic())

    def note_refused(self, message_id, why):
        with self.lock:
            self.refused[message_id] = str(why)

    def note_arrival(self, phone, request, withhold=lambda: False):
        """True when it is to be answered; `withhold` is asked when the transaction is new."""
        body = request.body.decode("utf-8", "replace")
        message_id = body.partition(" ")[0]
        branch = re.search(r"branch=([^;,\s]*)", request.all("Via")[0])[1]
        now = time.monotonic()
        with self.lock:
            self.last_arrival = now
            sent = self.sent.get(message_id)
            if sent is None or body != body_of(message_id) or sent.destination != phone:
                self.strange.append(f"at {phone}: {body[:80]!r}")
                return True
            arrival = self.arrivals[message_id].get(branch)
            if arrival is None:
                arrival = self.arrivals[message_id][branch] = Arrival(phone, now)
                if withhold():
                    return False
            else:
                self.retransmissions += 1
            arrival.answered = now
            return True

    def note_kill(self, kill):
        with self.lock:
            self.kills.append(kill)

    # What the test asks.

    def is_delivered(self, message_id):
        return any(a.answered for a in self.arrivals.get(message_id, {}).values())

    def missing(self):
        """What was accepted and no phone has answered."""
        with self.lock:
            return [i for i in self.accepted if not self.is_delivered(i)]

    def delivered_count(self):
        with self.lock:
            return sum(self.is_delivered(i) for i in self.arrivals)

    def quiet_for(self):
        with self.lock:
            return time.monotonic() - self.last_arrival

    def duplicates(self):
        """Every message that came by more than one transaction: a list of (id, why)."""
        with self.lock:
            found = []
            for message_id, by_branch in self.arrivals.items():
                in_order = sorted(by_branch.values(), key=lambda a: a.first)
                found += [(message_id, self._why(message_id, earlier, later))
                          for earlier, later in zip(in_order, in_order[1:])]
            return found

    def _why(self, message_id, earlier, later):
        """Why it was sent again; None: for no reason that we know."""
        between = [k for k in self.kills if earlier.first <= k.gone and k.at <= later.first]
        if earlier.answered is None:
            return "under way at a kill" if between else "the phone had not answered it before"
        after = [k for k in between if earlier.answered <= k.gone]
        if after and after[0].at - earlier.answered <= WINDOW:
            return f"answered {max(0, after[0].at - earlier.answered) * 1000:.0f} ms before a kill"
        sent = self.sent[message_id]
        if sent.origin == "sip" and any(
                sent.first <= k.gone and k.at <= self.accepted.get(message_id, k.at) + HANDLED_WINDOW
                for k in self.kills):
            return "its SIP request was being handled at a kill"
        return None
