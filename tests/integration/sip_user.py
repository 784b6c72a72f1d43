"""A SIP user agent for tests: a Phone that registers and sends requests of its own.

Over UDP it sends from the port it listens on; over TCP everything goes both ways through the
one connection it opened. Like sip_phone it shares no code with the server.
"""
import hashlib
import re
import secrets
import socket
import threading

from sip_phone import DEADLINE, Challenge, Packet, Phone, parse_parameters


class Response(Packet):
    def __init__(self, data):
        super().__init__(data)
        self.status = int(self.line.split(" ")[1])
        self.branch = re.search(r"branch=([^;,\s]*)", self.all("Via")[0])[1]

    @property
    def contacts(self):
        """The values of Contact, however many stand in one header."""
        return [value for line in self.all("Contact")
                for value in re.findall(r"(<[^>]*>[^,]*)", line)]

    def challenge(self, algorithm=None):
        """The parameters of the first challenge (of that algorithm)."""
        found = [parse_parameters(value.partition(" ")[2]) for value in
                 self.all("WWW-Authenticate") + self.all("Proxy-Authenticate")]
        assert found, f"no challenge in\n{self}"
        if algorithm:
            found = [c for c in found if c.get("algorithm", "MD5").upper() == algorithm]
            assert found, f"no challenge with {algorithm} in\n{self}"
        return found[0]


class User(Phone):
    """with User(server, "alice", "secret") as alice: alice.register(); alice.message("bob", "hi")

    algorithm  answers only challenges of this one
    """

    def __init__(self, server, name, password=None, transport="UDP", auth_name=None,
                 algorithm=None, **phone):
        self.responses = []
        self.pongs = 0
        super().__init__(**phone)
        self.sip_port = server.sip_port
        self.domain = f"127.0.0.1:{server.sip_port}"
        self.name, self.password = name, password
        self.auth_name = auth_name or name
        self.algorithm = algorithm
        self.transport = transport
        self.uri = f"sip:{name}@{self.domain}"
        self.last_challenge = None
        self.nonce_count = 0
        self.cseq = 0
        self.call_id = secrets.token_hex(8)
        self.stream = None
        self.local = self.address
        if transport == "TCP":
            self.connect()

    def connect(self):
        """Opens the TCP connection; a second call opens another one."""
        self.stream = socket.create_connection(("127.0.0.1", self.sip_port), DEADLINE)
        self.stream.settimeout(None)
        self.local = "127.0.0.1:%d" % self.stream.getsockname()[1]
        threading.Thread(target=self._read_stream, args=(self.stream,), daemon=True).start()

    def disconnect(self):
        self.stream.shutdown(socket.SHUT_RDWR)

    def close(self):
        if self.stream:
            self.stream.close()
        super().close()

    @property
    def contact(self):
        parameter = ";transport=tcp" if self.transport == "TCP" else ""
        return f"<sip:{self.name}@{self.local}{parameter}>"

    # Requests.

    def build(self, method, uri=None, *, headers=(), body=b"", to=None, sender=None, call_id=None,
              cseq=None, branch=None, tag="ua"):
        """A request as octets. A line of `headers` stands in place of the usual one of its name."""
        self.cseq += 1
        uri = uri or f"sip:{self.domain}"
        body = body.encode() if isinstance(body, str) else body
        usual = {
            "Via": f"SIP/2.0/{self.transport} {self.local};rport"
                   f";branch={branch or 'z9hG4bK' + secrets.token_hex(8)}",
            "Max-Forwards": "70",
            "From": f"{sender or f'<{self.uri}>'};tag={tag}",
            "To": to or f"<{uri}>",
            "Call-ID": call_id or secrets.token_hex(8),
            "CSeq": f"{cseq or self.cseq} {method}",
            "Content-Length": str(len(body)),
        }
        given = {line.partition(":")[0].strip().lower() for line in headers}
        lines = [f"{method} {uri} SIP/2.0"]
        lines += [f"{name}: {value}" for name, value in usual.items() if name.lower() not in given]
        text = "\r\n".join([*lines, *headers, "", ""])
        return text.encode("utf-8", "surrogateescape") + body

    def transmit(self, data):
        if self.transport == "TCP":
            self.stream.sendall(data)
        else:
            self.udp.sendto(data, ("127.0.0.1", self.sip_port))

    def final(self, branch, count=1, deadline=DEADLINE):
        """The newest of `count` final responses to the transaction with this branch."""
        def fitting():
            return [r for r in self.responses if r.branch == branch and r.status >= 200]

        with self._changed:
            enough = self._changed.wait_for(lambda: len(fitting()) >= count, deadline)
            assert enough, (f"{len(fitting())} of {count} answers in {deadline} s; got "
                            f"{[r.line for r in self.responses]}")
            return fitting()[-1]

    def exchange(self, data, deadline=DEADLINE):
        self.transmit(data)
        return self.final(re.search(rb"branch=([^;,\s]*)", data)[1].decode(), 1, deadline)

    def refused(self, data):
        """Whether it is answered with an error, or not at all while a later request is."""
        branch = re.search(rb"branch=([^;,\s]*)", data)[1].decode()
        self.transmit(data)
        self.exchange(self.build("OPTIONS"))
        return all(r.status >= 400 for r in self.responses if r.branch == branch)

    def request(self, method, uri=None, *, headers=(), auth=True, **parts):
        """Sends it, answers a challenge once, and gives the final response."""
        answer = self.exchange(self.build(method, uri, headers=headers, **parts))
        if answer.status in (401, 407) and auth and self.password is not None:
            self.take_challenge(answer)
            headers = [*headers, self.credentials(method, uri)]
            answer = self.exchange(self.build(method, uri, headers=headers, **parts))
        return answer

    def register(self, expires=3600, contact=None, headers=(), **parts):
        """`expires` None: no Expires; `contact` "": no Contact, which asks for the bindings."""
        contact = self.contact if contact is None else contact
        lines = [f"Contact: {contact}"] if contact else []
        lines += [] if expires is None else [f"Expires: {expires}"]
        return self.request("REGISTER", headers=[*lines, *headers],
                            **{"to": f"<{self.uri}>", "call_id": self.call_id, **parts})

    def message(self, recipient, body, content_type="text/plain", headers=(), **parts):
        uri = recipient if ":" in recipient else f"sip:{recipient}@{self.domain}"
        return self.request("MESSAGE", uri, body=body,
                            headers=[f"Content-Type: {content_type}", *headers], **parts)

    # Digest (RFC 7616).

    def take_challenge(self, answer):
        self.last_challenge = answer.challenge(self.algorithm)
        self.last_challenge["status"] = answer.status
        self.nonce_count = 0

    def credentials(self, method, uri=None, count=None, **changes):
        """The header that answers the last challenge; `changes` forge single parameters."""
        asked = self.last_challenge
        self.nonce_count += 1
        algorithm = asked.get("algorithm", "MD5")
        values = {"username": self.auth_name, "realm": asked["realm"], "nonce": asked["nonce"],
                  "uri": uri or f"sip:{self.domain}", "cnonce": secrets.token_hex(4),
                  "nc": f"{count or self.nonce_count:08x}", "qop": "auth", **changes}

        def digest(text):
            return hashlib.new(Challenge.HASHES[algorithm.upper()], text.encode()).hexdigest()

        secret = digest(f"{values['username']}:{values['realm']}:{self.password}")
        request = digest(f"{method}:{values['uri']}")
        middle = ":".join(values[key] for key in ("nonce", "nc", "cnonce", "qop"))
        quoted = [f'{key}="{values[key]}"' for key in
                  ("username", "realm", "nonce", "uri", "cnonce")]
        quoted += [f"nc={values['nc']}", f"qop={values['qop']}", f"algorithm={algorithm}",
                   f'response="{digest(f"{secret}:{middle}:{request}")}"']
        if "opaque" in asked:
            quoted.append(f'opaque="{asked["opaque"]}"')
        name = "Authorization" if asked["status"] == 401 else "Proxy-Authorization"
        return f"{name}: Digest {', '.join(quoted)}"

    # The threads: Phone's own for UDP, one for each connection.

    def _take(self, data, transport, source, send):
        if data.startswith(b"SIP/2.0 "):
            with self._changed:
                self.responses.append(Response(data))
                self._changed.notify_all()
        else:
            super()._take(data, transport, source, send)

    def _read_stream(self, stream):
        buffer = b""
        while True:
            try:
                data = stream.recv(65536)
            except OSError:
                return
            if not data:
                return
            buffer += data
            while True:
                while buffer.startswith(b"\r\n"):
                    buffer = buffer[2:]
                    with self._changed:
                        self.pongs += 1
                        self._changed.notify_all()
                head = buffer.find(b"\r\n\r\n")
                length = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", buffer[:head + 2])
                size = head + 4 + (int(length[1]) if length else 0)
                if head < 0 or len(buffer) < size:
                    break
                self._take(buffer[:size], "TCP", stream.getsockname(), stream.sendall)
                buffer = buffer[size:]
