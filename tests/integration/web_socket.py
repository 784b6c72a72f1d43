"""A WebSocket client in plain sockets, which also sends what no client should (RFC 6455)."""
import base64
import hashlib
import os
import secrets
import socket
import struct

DEADLINE = 15.0
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The handshake was not answered with 101; `status` and `text` say how."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status, self.text = status, text


def frame(opcode, payload=b"", last=True, mask=True, length=None):
    """The octets of one frame; `length` claims another length than the payload's."""
    length = len(payload) if length is None else length
    head = bytes([opcode | (0x80 if last else 0)])
    bit = 0x80 if mask else 0
    if length < 126:
        head += bytes([bit | length])
    elif length <= 0xFFFF:
        head += bytes([bit | 126]) + struct.pack("!H", length)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", length)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(octet ^ key[i % 4] for i, octet in enumerate(payload))


class WebSocket:
    def __init__(self, port, path="/ws", protocol="sip", version="13", host="127.0.0.1", tls=None):
        self.stream = socket.create_connection((host, port), DEADLINE)
        if tls:
            self.stream = tls.wrap_socket(self.stream, server_hostname=host)
        self.local = "%s:%d" % self.stream.getsockname()[:2]
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
                 f"Sec-WebSocket-Version: {version}"]
        if protocol:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        self.stream.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self.buffer:
            self._read()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        status = int(self.head.split(" ")[1])
        if status != 101:
            self.close()
            raise Refused(status, self.buffer.decode())
        whole = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()
        accept = base64.b64encode(hashlib.sha1(whole).digest()).decode()
        assert f"Sec-WebSocket-Accept: {accept}" in self.head, self.head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stream.close()

    def _read(self):
        data = self.stream.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.buffer += data

    def _take(self, octets):
        while len(self.buffer) < octets:
            self._read()
        out, self.buffer = self.buffer[:octets], self.buffer[octets:]
        return out

    def send(self, data, opcode=TEXT, **how):
        self.raw(frame(opcode, data.encode() if isinstance(data, str) else data, **how))

    def raw(self, octets):
        self.stream.sendall(octets)

    def receive(self):
        """The next frame: its opcode and payload."""
        first, second = self._take(2)
        assert first & 0x80 and not second & 0x80, "in one piece and not masked"
        length = second
        if length == 126:
            length = struct.unpack("!H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self._take(8))[0]
        return first & 0x0F, self._take(length)

    def close_code(self):
        """What the server closes with, whatever it says before that."""
        while True:
            opcode, payload = self.receive()
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0]


def sip(method, user, domain, body="", uri=None, headers=(), length=True):
    """A SIP request as a phone in a browser writes it."""
    uri = uri or f"sip:{domain}"
    lines = [f"{method} {uri} SIP/2.0",
             f"Via: SIP/2.0/WS {secrets.token_hex(6)}.invalid;branch=z9hG4bK{secrets.token_hex(8)}",
             "Max-Forwards: 70", f"From: <sip:{user}@{domain}>;tag={secrets.token_hex(4)}",
             f"To: <{uri}>", f"Call-ID: {secrets.token_hex(8)}", f"CSeq: 1 {method}", *headers]
    if length:
        lines.append(f"Content-Length: {len(body.encode())}")
    return "\r\n".join([*lines, "", body])
