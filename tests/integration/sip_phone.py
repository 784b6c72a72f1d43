"""A SIP phone for tests, in plain Python: takes MESSAGE over UDP and TCP and answers as told.

It shares no code with the server, so that both can not be wrong in the same way.
"""
import hashlib
import re
import secrets
import select
import socket
import threading
import time

DEADLINE = 15.0


class Packet:
    """What requests and responses have in common: headers in order, body."""

    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "surrogateescape").split("\r\n")
        self.raw = data
        self.line = lines[0]
        self.header_lines = lines[1:]
        self.at = time.monotonic()

    @property
    def headers(self):
        return [tuple(part.strip() for part in line.split(":", 1)) for line in self.header_lines]

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        values = self.all(name)
        assert len(values) == 1, f"{name} stands {len(values)} times in\n{self}"
        return values[0]

    def __str__(self):
        return self.raw.decode("utf-8", "replace")


class Request(Packet):
    """One request as it came, and where from."""

    def __init__(self, data, transport, source):
        super().__init__(data)
        self.method, self.uri, self.version = self.line.split(" ", 2)
        self.transport = transport
        self.source = source


def parse_parameters(text):
    """`a=b, c="d"` of an Authorization header as a dict, quotes taken off."""
    found = re.findall(r'([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,]+)', text)
    return {key.lower(): re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == '"' else value
            for key, value in found}


class Challenge:
    """A digest challenge (RFC 7616) and the check of what comes back."""

    HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}

    def __init__(self, user, password, realm="phones", algorithm="MD5", status=401, qop="auth",
                 name_algorithm=True):
        self.user, self.password, self.realm = user, password, realm
        self.algorithm, self.status, self.qop = algorithm, status, qop
        self.name_algorithm = name_algorithm
        self.opaque = secrets.token_hex(8)
        self.nonces = []
        self.problems = []

    @property
    def request_header(self):
        return "Authorization" if self.status == 401 else "Proxy-Authorization"

    def header(self):
        """A new challenge, with a nonce never used before."""
        self.nonces.append(secrets.token_hex(16))
        name = "WWW-Authenticate" if self.status == 401 else "Proxy-Authenticate"
        text = f'{name}: Digest realm="{self.realm}", nonce="{self.nonces[-1]}"'
        text += f', opaque="{self.opaque}"'
        if self.name_algorithm:
            text += f", algorithm={self.algorithm}"
        if self.qop:
            text += f', qop="{self.qop}"'
        return text

    def _hash(self, text):
        return hashlib.new(self.HASHES[self.algorithm], text.encode()).hexdigest()

    def accepts(self, request):
        """Whether the request answers one of our nonces rightly; `problems` says why not."""
        values = request.all(self.request_header)
        if not values:
            return False
        given = parse_parameters(values[0].partition(" ")[2])
        expected = {"username": self.user, "realm": self.realm, "uri": request.uri,
                    "opaque": self.opaque}
        for key, value in expected.items():
            if given.get(key) != value:
                self.problems.append(f"{key} is {given.get(key)!r}, not {value!r}")
        if self.name_algorithm and given.get("algorithm", "MD5") != self.algorithm:
            self.problems.append(f"algorithm is {given.get('algorithm')!r}")
        if given.get("nonce") not in self.nonces:
            self.problems.append(f"nonce {given.get('nonce')!r} is none of ours")
        ha1 = self._hash(f"{self.user}:{self.realm}:{self.password}")
        ha2 = self._hash(f"{request.method}:{given.get('uri')}")
        if self.qop:
            if given.get("qop") != "auth" or not re.fullmatch("[0-9a-f]{8}", given.get("nc", "")):
                self.problems.append(f"qop {given.get('qop')!r}, nc {given.get('nc')!r}")
            if not given.get("cnonce"):
                self.problems.append("no cnonce")
            middle = f"{given.get('nonce')}:{given.get('nc')}:{given.get('cnonce')}:auth"
        else:
            middle = str(given.get("nonce"))
        return self._hash(f"{ha1}:{middle}:{ha2}") == given.get("response")


class Phone:
    """Listens on UDP and TCP of one port and records every request.

    status      what a MESSAGE is answered with
    ignore      so many requests are not answered at all, the first ones
    challenge   a Challenge that must be met before `status` is given
    answer      a function Request -> list of bytes to send, instead of all that
    """

    def __init__(self, host="127.0.0.1", port=0, status=200, ignore=0, challenge=None, answer=None):
        self.host, self.status, self.ignore = host, status, ignore
        self.challenge, self.answer = challenge, answer
        self.received = []
        self._changed = threading.Condition()
        self._tag = secrets.token_hex(4)
        self.udp, self.tcp = self._bind(host, port)
        self.port = self.udp.getsockname()[1]
        self._wake, self._waker = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name=f"phone {self.port}", daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @staticmethod
    def _bind(host, port):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        for _ in range(50):
            udp = socket.socket(family, socket.SOCK_DGRAM)
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            tcp = socket.socket(family, socket.SOCK_STREAM)
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                udp.bind((host, port))
                tcp.bind(udp.getsockname()[:2])
                tcp.listen(16)
                return udp, tcp
            except OSError:
                udp.close()
                tcp.close()
                if port:
                    raise
        raise OSError(f"no port free for both UDP and TCP on {host}")

    def close(self):
        self._waker.close()
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # What the test asks.

    def messages(self):
        with self._changed:
            return [r for r in self.received if r.method == "MESSAGE"]

    def wait(self, count=1, where=lambda request: True, deadline=DEADLINE):
        """The requests that fit, as soon as there are so many."""
        def fitting():
            return [r for r in self.received if where(r)]

        with self._changed:
            enough = self._changed.wait_for(lambda: len(fitting()) >= count, deadline)
            assert enough, (f"{len(fitting())} of {count} requests after {deadline} s at "
                            f"{self.address}; got: {[r.line for r in self.received]}")
            return fitting()

    def wait_one(self, body=None, deadline=DEADLINE):
        """The one MESSAGE, or the one with this body."""
        fits = (lambda r: True) if body is None else (lambda r: r.body == body)
        return self.wait(1, fits, deadline)[-1]

    # The thread.

    def _run(self):
        streams = {}
        sockets = [self.udp, self.tcp, self._wake]
        try:
            while True:
                ready, _, _ = select.select(sockets + list(streams), [], [])
                if self._wake in ready:
                    return
                for sock in ready:
                    if sock is self.udp:
                        data, source = sock.recvfrom(65535)
                        self._take(data, "UDP", source,
                                   lambda out, to=source: self.udp.sendto(out, to))
                    elif sock is self.tcp:
                        stream, source = sock.accept()
                        streams[stream] = (bytearray(), source)
                    elif not self._read(sock, *streams[sock]):
                        del streams[sock]
                        sock.close()
        finally:
            for sock in sockets + list(streams):
                sock.close()

    def _read(self, stream, buffer, source):
        try:
            data = stream.recv(65536)
        except ConnectionError:
            return False
        buffer += data
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            length = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", buffer[:end])
            size = end + 4 + (int(length[1]) if length else 0)
            if len(buffer) < size:
                break
            self._take(bytes(buffer[:size]), "TCP", source, stream.sendall)
            del buffer[:size]
        return bool(data)

    def _take(self, data, transport, source, send):
        if not data.strip(b"\r\n\0") or data.startswith(b"SIP/2.0"):
            return
        request = Request(data, transport, source)
        if request.method == "ACK":
            answers = []
        elif self.answer:
            answers = self.answer(request)
        elif self.ignore > 0:
            self.ignore -= 1
            answers = []
        elif self.challenge and not self.challenge.accepts(request):
            answers = [self.response(request, self.challenge.status, [self.challenge.header()])]
        else:
            answers = [self.response(request, self.status)]
        with self._changed:
            self.received.append(request)
            self._changed.notify_all()
        for out in answers:
            send(out)

    def response(self, request, status, extra=()):
        lines = [f"SIP/2.0 {status} Answer"]
        for key, value in request.headers:
            if key.lower() == "to" and ";tag=" not in value:
                value += f";tag={self._tag}"
            if key.lower() in ("via", "from", "to", "call-id", "cseq"):
                lines.append(f"{key}: {value}")
        lines += list(extra) + ["Content-Length: 0", "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape")
