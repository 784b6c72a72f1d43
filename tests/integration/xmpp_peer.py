"""An XMPP server that does what a test tells it: withholds, refuses, lies, cuts, writes rubbish.

It speaks for everybody of its domain, and knows one account, texts@xmpp.test. Logging in, binding
and IQs go by themselves; what a test wants otherwise it says with an attribute, at any time:

    with XmppPeer() as peer, Server(files=...peer.account("gateway")...) as server:
        session = peer.session()            # the newest, when it is there
        peer.acks = False                   # <r/> gets no answer from now on
        stanza = session.message("hello")   # an ElementTree element
        session.cut()
        peer.session(2)                     # the second one: resumed or new

Each connection is a Session; what came over all of them is in `peer.messages()`. Like the other
peers it shares no code with the server.
"""
import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
import threading
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape, quoteattr

from harness import DEADLINE, free_port

CLIENT = "{jabber:client}"
SM = "{urn:xmpp:sm:3}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
BIND = "{urn:ietf:params:xml:ns:xmpp-bind}"
STREAMS = "{http://etherx.jabber.org/streams}"
STANZAS = {CLIENT + name for name in ("message", "presence", "iq")}


def body_of(stanza):
    return stanza.findtext(CLIENT + "body")


def message(sender, to, body, stanza_id, kind="chat", inside=""):
    """The octets of a message stanza."""
    return (f"<message from={quoteattr(sender)} to={quoteattr(to)} type='{kind}' "
            f"id={quoteattr(stanza_id)}><body>{escape(body)}</body>{inside}</message>")


class XmppPeer:
    DOMAIN = "xmpp.test"
    JID = "texts@xmpp.test/missive"

    def __init__(self, certificate=None, mechanisms=("PLAIN",), password="secret"):
        self.certificate = certificate  # with one, STARTTLS is required
        self.mechanisms = mechanisms
        self.password = password
        # What a test may change while it runs.
        self.stream_management = True
        self.resumes = True    # False: every <resume/> fails
        self.acks = True       # False: <r/> gets no answer
        self.answers = True    # False: nor does any IQ after the bind
        self.farewells = True  # False: </stream:stream> gets no answer
        self.refusal = None    # a SASL condition: nobody gets in
        self.opening = None    # called with a Session in place of everything that follows
        # What is known of the stream that may be resumed.
        self.resume_id = None
        self.received = 0      # stanzas of the client's since <enable/>
        self.handled = None    # told in <a/> and <resumed/> instead of `received`
        self.unacknowledged = []  # ours to it
        self.acknowledged = 0
        self.sessions = []
        self.changed = threading.Condition()
        self.port = free_port()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for session in self.sessions:
            session.cut()
        for session in self.sessions:
            session.thread.join()
        print("--- what the XMPP peer saw\n" + "\n".join(
            f"{number} {line}" for number, one in enumerate(self.sessions, 1)
            for line in one.seen)[-6000:])

    def account(self, name="gateway", **options):
        """A section of xmpp.conf."""
        lines = {"type": "client", "serverhost": "127.0.0.1", "port": self.port,
                 "username": self.JID, "secret": self.password,
                 "usetls": "yes" if self.certificate else "no", **options}
        return "\n".join([f"[{name}]", *(f"{k} = {v}" for k, v in lines.items()), ""])

    def wait(self, condition, what, deadline=DEADLINE):
        with self.changed:
            found = self.changed.wait_for(condition, deadline)
            assert found, f"no {what} in {deadline} s; {len(self.sessions)} connections"
            return found

    def session(self, number=None, deadline=DEADLINE):
        """The number-th that was resumed or has sent its presence; the newest that lives."""
        def find():
            ready = [one for one in self.sessions if one.ready]
            if number:
                return ready[number - 1] if len(ready) >= number else None
            return next((one for one in reversed(ready) if not one.closed), None)

        return self.wait(find, f"session {number or ''}", deadline)

    def messages(self, body=None):
        """The messages of all sessions in the order they came."""
        with self.changed:
            return [stanza for one in self.sessions for stanza in one.stanzas
                    if stanza.tag == CLIENT + "message" and body_of(stanza) is not None
                    and body in (None, body_of(stanza))]

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self.changed:
                self.sessions.append(Session(self, sock))
                self.changed.notify_all()


class Session:
    """One connection. Its thread answers; tests wait for stanzas and write what they like."""

    def __init__(self, peer, sock):
        self.peer, self.socket = peer, sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.secure = self.authenticated = self.bound = self.resumed = self.closed = False
        self.ready = False  # resumed, or bound and present
        self.counting = False
        self.stanzas, self.seen = [], []
        self.scram = None
        self._restart()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    # What tests do.

    def write(self, octets):
        """As it is, whether XML or not. A connection that is gone is no error."""
        try:
            self.socket.sendall(octets if isinstance(octets, bytes) else octets.encode())
        except OSError:
            pass

    def send(self, stanza):
        """A stanza that counts for stream management."""
        with self.peer.changed:
            self.peer.unacknowledged.append(stanza)
        self.write(stanza)

    def say(self, sender, body, stanza_id=None, to=None, **parts):
        """A message from somebody to the account; answers its id."""
        stanza_id = stanza_id or secrets.token_hex(6)
        self.send(message(sender, to or self.peer.JID, body, stanza_id, **parts))
        return stanza_id

    def cut(self, rudely=False):
        """Closes the connection; rudely: with a reset."""
        if rudely:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def wait(self, fits, what, deadline=DEADLINE):
        """The first stanza that fits; it stays in `stanzas`."""
        return self.peer.wait(lambda: next((one for one in self.stanzas if fits(one)), None),
                              what, deadline)

    def message(self, body, deadline=DEADLINE):
        return self.wait(lambda one: one.tag == CLIENT + "message" and body_of(one) == body,
                         f"message {body[:40]!r}", deadline)

    def message_with(self, child, deadline=DEADLINE):
        """The first message with this child, in Clark's notation."""
        return self.wait(lambda one: one.tag == CLIENT + "message" and one.find(child) is not None,
                         f"message with {child}", deadline)

    def acknowledge(self, handled=None):
        handled = self.peer.received if handled is None else handled
        self.write(f"<a xmlns='{SM[1:-1]}' h='{handled}'/>")

    def wait_acknowledged(self, deadline=DEADLINE):
        """Until the client has acknowledged all that was sent to it."""
        self.write(f"<r xmlns='{SM[1:-1]}'/>")
        self.peer.wait(lambda: not self.peer.unacknowledged, "acknowledgement", deadline)

    def error(self, stanza, condition, kind="cancel", text=""):
        """Sends a message back as an error (RFC 6120, 8.3)."""
        space = "urn:ietf:params:xml:ns:xmpp-stanzas"
        text = f"<text xmlns='{space}'>{escape(text)}</text>" if text else ""
        self.send(f"<message type='error' from={quoteattr(stanza.get('to'))} to='{self.peer.JID}' "
                  f"id={quoteattr(stanza.get('id'))}><error type='{kind}'>"
                  f"<{condition} xmlns='{space}'/>{text}</error></message>")

    def wait_closed(self, deadline=DEADLINE):
        self.peer.wait(lambda: self.closed, "end of the connection", deadline)

    # The stream.

    def _run(self):
        try:
            while True:
                data = self.socket.recv(65536)
                if not data:
                    break
                self.parser.feed(data)
                for kind, element in self.parser.read_events():
                    self._event(kind, element)
        except (OSError, ElementTree.ParseError) as problem:
            self._note(f"ended: {problem!r}")
        with self.peer.changed:
            self.closed = True
            self.peer.changed.notify_all()
        self.socket.close()

    def _restart(self):
        self.parser = ElementTree.XMLPullParser(("start", "end"))
        self.depth = 0

    def _event(self, kind, element):
        if kind == "start":
            self.depth += 1
            if self.depth == 1:
                self._open()
            return
        self.depth -= 1
        if self.depth == 1:
            self._note(ElementTree.tostring(element, encoding="unicode")[:400])
            self._take(element)
        elif self.depth == 0:
            self._close(element)

    def _close(self, _):
        if self.peer.farewells:
            self.write("</stream:stream>")
            self.cut()

    def _note(self, line):
        self.seen.append(line)

    def _open(self):
        if self.peer.opening:
            self.peer.opening(self)
            return
        self.write("<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' "
                   "xmlns:stream='http://etherx.jabber.org/streams' "
                   f"id='{secrets.token_hex(8)}' from='{self.peer.DOMAIN}'>")
        self.write(f"<stream:features>{self._features()}</stream:features>")

    def _features(self):
        if self.peer.certificate and not self.secure:
            return f"<starttls xmlns='{TLS[1:-1]}'><required/></starttls>"
        if not self.authenticated:
            names = "".join(f"<mechanism>{name}</mechanism>" for name in self.peer.mechanisms)
            return f"<mechanisms xmlns='{SASL[1:-1]}'>{names}</mechanisms>"
        managed = f"<sm xmlns='{SM[1:-1]}'/>" if self.peer.stream_management else ""
        return f"<bind xmlns='{BIND[1:-1]}'/>{managed}"

    def _take(self, element):
        handler = {TLS + "starttls": self._start_tls, SASL + "auth": self._auth,
                   SASL + "response": self._response, SM + "enable": self._enable,
                   SM + "resume": self._resume, SM + "r": self._asked, SM + "a": self._told,
                   CLIENT + "iq": self._iq, STREAMS + "error": self._close}.get(element.tag)
        if element.tag in STANZAS:
            with self.peer.changed:
                if self.counting:
                    self.peer.received += 1
                self.stanzas.append(element)
                self.ready = self.ready or element.tag == CLIENT + "presence"
                self.peer.changed.notify_all()
        if handler:
            handler(element)

    def _start_tls(self, _):
        self.write(f"<proceed xmlns='{TLS[1:-1]}'/>")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.peer.certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.secure = True
        self._restart()

    # SASL.

    def _auth(self, element):
        if self.peer.refusal:
            self._refuse(self.peer.refusal)
            return
        words = base64.b64decode(element.text or "")
        if element.get("mechanism") == "PLAIN":
            _, user, password = words.decode().split("\0")
            good = (user, password) == (self.peer.JID.split("@")[0], self.peer.password)
            self._admit() if good else self._refuse("not-authorized")
        else:
            self._scram_first(words.decode())

    def _scram_first(self, words):
        bare = words.split(",", 2)[2]
        nonce = dict(part.split("=", 1) for part in bare.split(","))["r"] + secrets.token_hex(8)
        salt = secrets.token_bytes(12)
        first = f"r={nonce},s={base64.b64encode(salt).decode()},i=4096"
        self.scram = (bare, first, salt)
        self.write(f"<challenge xmlns='{SASL[1:-1]}'>{base64.b64encode(first.encode()).decode()}"
                   "</challenge>")

    def _response(self, element):
        """RFC 5802, with SHA-1."""
        final = base64.b64decode(element.text).decode()
        bare, first, salt = self.scram
        without_proof, _, proof = final.rpartition(",p=")
        salted = hashlib.pbkdf2_hmac("sha1", self.peer.password.encode(), salt, 4096)

        def keyed(key, text):
            return hmac.new(key, text.encode(), "sha1").digest()

        said = f"{bare},{first},{without_proof}"
        key = keyed(salted, "Client Key")
        signature = keyed(hashlib.sha1(key).digest(), said)
        right = bytes(a ^ b for a, b in zip(key, signature))
        if base64.b64decode(proof) != right:
            self._refuse("not-authorized")
            return
        ours = base64.b64encode(keyed(keyed(salted, "Server Key"), said)).decode()
        self._admit(base64.b64encode(f"v={ours}".encode()).decode())

    def _admit(self, words=""):
        self.authenticated = True
        self.write(f"<success xmlns='{SASL[1:-1]}'>{words}</success>")
        self._restart()

    def _refuse(self, condition):
        self.write(f"<failure xmlns='{SASL[1:-1]}'><{condition}/></failure>")

    # Stream management.

    def _enable(self, _):
        with self.peer.changed:
            self.peer.resume_id = secrets.token_hex(8)
            self.peer.received, self.peer.unacknowledged, self.peer.acknowledged = 0, [], 0
        self.counting = True
        self.write(f"<enabled xmlns='{SM[1:-1]}' id='{self.peer.resume_id}' resume='true'/>")

    def _resume(self, element):
        if not self.peer.resumes or element.get("previd") != self.peer.resume_id:
            self.write(f"<failed xmlns='{SM[1:-1]}'>"
                       "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>")
            return
        self.resumed = self.counting = True
        self._told(element)
        handled = self.peer.received if self.peer.handled is None else self.peer.handled
        with self.peer.changed:
            self.peer.received = handled
        self.write(f"<resumed xmlns='{SM[1:-1]}' previd='{self.peer.resume_id}' h='{handled}'/>")
        self.write("".join(self.peer.unacknowledged))
        with self.peer.changed:
            self.bound = self.ready = True
            self.peer.changed.notify_all()

    def _asked(self, _):
        if self.peer.acks:
            self.acknowledge(self.peer.handled)

    def _told(self, element):
        """Drops what the client says it has."""
        with self.peer.changed:
            new = int(element.get("h")) - self.peer.acknowledged
            del self.peer.unacknowledged[:new]
            self.peer.acknowledged += new
            self.peer.changed.notify_all()

    # IQs.

    def _iq(self, element):
        stanza_id, kind = element.get("id"), element.get("type")
        if element.find(BIND + "bind") is not None:
            self.write(f"<iq type='result' id={quoteattr(stanza_id)}><bind xmlns='{BIND[1:-1]}'>"
                       f"<jid>{self.peer.JID}</jid></bind></iq>")
            self.bound = True
        elif kind in ("get", "set") and self.peer.answers:
            answer = f"<iq type='result' id={quoteattr(stanza_id)}"
            if to := element.get("to"):
                answer += f" from={quoteattr(to)}"
            query = "<query xmlns='jabber:iq:roster'/>" if element.find(
                "{jabber:iq:roster}query") is not None and kind == "get" else ""
            answer += f" to='{self.peer.JID}'>{query}</iq>"
            self.send(answer) if self.counting else self.write(answer)
