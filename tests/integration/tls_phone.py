"""SIP over TLS for tests: a phone that is connected to, and one that connects and registers."""
import select
import socket
import ssl
import threading

from sip_phone import DEADLINE, Phone
from sip_user import User


class TlsSocket:
    """TLS on a socket; may be read by one thread while another writes."""

    def __init__(self, plain, context, **options):
        self._plain = plain
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, **options)
        self._lock = threading.Lock()
        plain.settimeout(DEADLINE)
        self._until_done(self._tls.do_handshake)
        plain.settimeout(None)

    def _until_done(self, operation):
        """Feeds the operation until it succeeds; None when the peer has ended the stream."""
        while True:
            with self._lock:
                try:
                    return operation()
                except ssl.SSLWantReadError:
                    pass
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return None
                finally:
                    self._flush()
            data = self._plain.recv(65536)
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    def _flush(self):
        while data := self._outgoing.read():
            self._plain.sendall(data)

    def recv(self, size):
        return self._until_done(lambda: self._tls.read(size)) or b""

    def sendall(self, data):
        with self._lock:
            self._tls.write(data)
            self._flush()

    def version(self):
        return self._tls.version()

    def peer_certificate(self):
        """In DER."""
        return self._tls.getpeercert(binary_form=True)

    def getsockname(self):
        return self._plain.getsockname()

    def shutdown(self, how):
        self._plain.shutdown(how)

    def close(self):
        self._plain.close()


def client_context(ca=None, certificate=None):
    """Verifies the server (without asking for its name) when `ca` is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED if ca else ssl.CERT_NONE
    if ca:
        context.load_verify_locations(ca)
    if certificate:
        context.load_cert_chain(certificate)
    return context


class TlsPhone(Phone):
    """Takes requests over TLS on the TCP port; `asked_for` lists the server names of SNI.

    `failures` are the handshakes that went wrong.
    """

    def __init__(self, certificate, **phone):
        self.asked_for = []
        self.failures = []
        self.connections = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._context.sni_callback = lambda _, name, __: self.asked_for.append(name)
        super().__init__(**phone)

    def _run(self):
        streams = []
        try:
            while True:
                ready, _, _ = select.select([self.tcp, self._wake], [], [])
                if self._wake in ready:
                    return
                plain, source = self.tcp.accept()
                streams.append(plain)
                threading.Thread(target=self._serve, args=(plain, source), daemon=True).start()
        finally:
            for sock in [self.udp, self.tcp, self._wake, *streams]:
                sock.close()

    def _serve(self, plain, source):
        try:
            stream = TlsSocket(plain, self._context, server_side=True)
            with self._changed:
                self.connections += 1
                self._changed.notify_all()
            buffer = bytearray()
            while self._read(stream, buffer, source):
                pass
        except OSError as error:  # ssl.SSLError is one
            with self._changed:
                self.failures.append(str(error))
                self._changed.notify_all()
        plain.close()

    def _take(self, data, transport, source, send):
        super()._take(data, "TLS", source, send)


class TlsUser(User):
    """A User whose only road is one TLS connection to `port`.

    scheme  of its contact: sip or sips
    """

    def __init__(self, server, port, name, password=None, context=None, scheme="sip", **user):
        self._context = context or client_context()
        self.scheme = scheme
        super().__init__(server, name, password, transport="TLS", **user)
        self.sip_port = port
        self.domain = f"127.0.0.1:{port}"
        self.uri = f"sip:{name}@{self.domain}"
        self.connect()

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.sip_port), DEADLINE)
        try:
            self.stream = TlsSocket(plain, self._context)
        except BaseException:
            plain.close()
            super().close()
            raise
        self.local = "127.0.0.1:%d" % self.stream.getsockname()[1]
        threading.Thread(target=self._read_stream, args=(self.stream,), daemon=True).start()

    def disconnect(self):
        self.stream.shutdown(socket.SHUT_RDWR)

    @property
    def contact(self):
        return f"<{self.scheme}:{self.name}@{self.local};transport=tls>"

    def transmit(self, data):
        self.stream.sendall(data)
