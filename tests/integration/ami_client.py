"""An AMI client for tests on a bare socket: sends what it is told, byte for byte."""
import itertools
import socket
import time

DEADLINE = 15.0


class Packet:
    """One reply or event: its lines as (name, value), in order."""

    def __init__(self, text):
        self.lines = [tuple((line + ":").split(":", 1)) for line in text.split("\r\n")]
        self.lines = [(name, value[:-1].removeprefix(" ")) for name, value in self.lines]

    def get(self, name, default=None):
        return next((v for n, v in self.lines if n.lower() == name.lower()), default)

    def __getitem__(self, name):
        value = self.get(name)
        assert value is not None, f"no {name} in\n{self}"
        return value

    def __contains__(self, name):
        return self.get(name) is not None

    def __str__(self):
        return "\n".join(f"{name}: {value}" for name, value in self.lines)

    @property
    def ok(self):
        return self["Response"] == "Success"


class AmiClient:
    """Logs in unless told not to. Events are kept in `events`, replies found by ActionID."""

    _ids = itertools.count(1)

    def __init__(self, port, host="127.0.0.1", username="admin", secret="secret", login=True,
                 events="on", tls=None):
        self.socket = socket.create_connection((host, port), DEADLINE)
        if tls:  # an ssl.SSLContext
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        self.buffer = b""
        self.events = []
        self.replies = []
        self.banner = self._read_until(b"\r\n", time.monotonic() + DEADLINE).decode()
        if login:
            reply = self.request("Login", Username=username, Secret=secret, Events=events)
            assert reply.ok, reply

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def write(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode("utf-8"))

    def send(self, action, headers=(), **fields):
        """Writes one action; answers its ActionID. `headers` are raw lines after the fields."""
        action_id = f"t{next(self._ids)}"
        lines = [f"Action: {action}", f"ActionID: {action_id}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        lines += list(headers)
        self.write("\r\n".join(lines) + "\r\n\r\n")
        return action_id

    def request(self, action, headers=(), deadline=DEADLINE, **fields):
        return self.reply(self.send(action, headers, **fields), deadline)

    def message_send(self, destination, body="Test", headers=(), deadline=DEADLINE, **fields):
        return self.request("MessageSend", headers, deadline, Destination=destination, Body=body,
                            **fields)

    def reply(self, action_id, deadline=DEADLINE):
        return self._wait(self.replies, lambda p: p.get("ActionID") == action_id, deadline,
                          f"reply to {action_id}")

    def event(self, name, deadline=DEADLINE, **fields):
        """The first event of this name with these fields; it is taken out of `events`."""
        def fits(packet):
            return packet["Event"] == name and all(packet.get(k) == v for k, v in fields.items())

        return self._wait(self.events, fits, deadline, f"event {name} {fields or ''}")

    def outcome(self, message_id, deadline=DEADLINE):
        """The event that says what became of a message, or that it is kept."""
        while True:
            event = self.event("MessageStatus", deadline, MessageID=message_id)
            if event["Status"] != "sending":
                return event

    def packet(self, deadline=DEADLINE):
        """The next packet from the wire, whatever it is."""
        text = self._read_until(b"\r\n\r\n", time.monotonic() + deadline)
        return Packet(text.decode("utf-8", "surrogateescape"))

    def at_end(self, deadline=DEADLINE):
        """Reads until the server closes; what came before that."""
        end = time.monotonic() + deadline
        rest = self.buffer
        while True:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                data = self.socket.recv(65536)
            except ConnectionError:
                return rest
            if not data:
                return rest
            rest += data

    def _wait(self, kept, fits, deadline, what):
        end = time.monotonic() + deadline
        while True:
            for packet in kept:
                if fits(packet):
                    kept.remove(packet)
                    return packet
            try:
                packet = self.packet(end - time.monotonic())
            except TimeoutError:
                seen = "\n\n".join(map(str, self.replies + self.events))
                raise AssertionError(f"no {what} in {deadline} s; seen:\n{seen}") from None
            (self.events if "Event" in packet else self.replies).append(packet)

    def _read_until(self, mark, end):
        while mark not in self.buffer:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no {mark!r} in time; got {self.buffer[-200:]!r}")
            self.socket.settimeout(left)
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError(f"the server closed; before that {self.buffer[-200:]!r}")
            self.buffer += data
        text, _, self.buffer = self.buffer.partition(mark)
        return text
