"""SIP over TLS: the built server against openssl s_client, Python's ssl, baresip and sipp.

1. s_client: the certificate is right; TLS 1.1 is refused; a client certificate is demanded
2. a text from a phone to another, both registered over TLS, down their own connections
3. a text over a connection that the server opens: verified, with a client certificate, with SNI
4. wrong name, wildcard, expired, self-signed: refused, and the reason is in MessageStatus; what
   verify_server=no and allow_wildcard_certs=yes accept
5. sips: contacts go over TLS; without a TLS transport the reason is in the answer
6. a peer that speaks no TLS, one that is not there, one that goes in the handshake
7. SIGHUP: new connections see the new certificate, an old one goes on; a bad file changes nothing
8. a certificate that cannot be used: the server says which file, and does not start
9. connections that stop in the middle of a handshake, at any octet, and garbage
10. baresip, both ways; sipp, both ways, where it was built with TLS
"""
import shutil
import socket
import ssl
import subprocess
import threading
from types import SimpleNamespace

import pytest

from certificates import Certificates, openssl
from harness import Server, account, aor, free_port, missive, wait_until
from real_phones import Baresip
from sip_phone import DEADLINE
from test_sipp import Sipp
from test_sipp_phones import call
from tls_phone import TlsPhone, TlsSocket, TlsUser, client_context

EXTENSIONS = "[messages]\nexten => _[a-z].,1,MessageSend(pjsip:${EXTEN})\n"
USERS = account("alice", "secreta") + account("bob", "secretb")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("tls"))


def transport(certificates, port, options="", certificate=None, verify="yes"):
    return f"""
[transport-tls]
type = transport
protocol = tls
bind = 127.0.0.1:{port}
cert_file = {certificate or certificates.right}
ca_list_file = {certificates.ca}
verify_server = {verify}
{options or "method = tlsv1_2"}
"""


class TlsServer(Server):
    def __init__(self, certificates, pjsip="", options="", certificate=None, verify="yes",
                 **server):
        self.tls_port = free_port()
        super().__init__(pjsip=pjsip + transport(certificates, self.tls_port, options, certificate,
                                                 verify),
                         **{"extensions": EXTENSIONS, **server})

    def certificate(self):
        """The common name of the certificate that a new connection is shown."""
        return s_client(self, "-showcerts").stdout.split("subject=", 1)[1].splitlines()[0]


@pytest.fixture(scope="module")
def server(certificates):
    with TlsServer(certificates, USERS) as server:
        yield server


def s_client(server, *options):
    return openssl("s_client", "-connect", f"127.0.0.1:{server.tls_port}", *options)


def contact(phone, scheme="sip"):
    return f"{scheme}:dora@127.0.0.1:{phone.port};transport=tls"


def outcome(server, body="Test"):
    """What became of a message to dora; the whole event."""
    client = server.ami()
    reply = client.message_send("pjsip:dora", body)
    assert reply.ok, reply
    return client.outcome(reply["MessageID"])


def refused(server, *words):
    event = outcome(server)
    assert event["Status"].lower() != "delivered", event
    for word in words:
        assert word in str(event), event


# 1

def test_right_certificate(server, certificates):
    done = s_client(server, "-CAfile", certificates.ca, "-verify_ip", "127.0.0.1",
                    "-verify_return_error")
    assert done.returncode == 0, done.stdout
    assert "Verify return code: 0 (ok)" in done.stdout
    assert "TLSv1.3" in done.stdout
    assert s_client(server, "-tls1_2").returncode == 0


def test_tls_1_1_is_refused(server):
    done = s_client(server, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert done.returncode != 0, done.stdout
    assert "alert protocol version" in done.stdout


def test_tls_1_1_where_it_is_asked_for(certificates):
    with TlsServer(certificates, options="method = tlsv1_1") as server:
        assert s_client(server, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0").returncode == 0


def test_client_certificate_is_demanded(certificates):
    with TlsServer(certificates, USERS, "require_client_cert = yes") as server:
        done = s_client(server, "-tls1_2")
        assert done.returncode != 0 and "alert handshake failure" in done.stdout, done.stdout
        done = s_client(server, "-tls1_2", "-cert", certificates.self_signed)
        assert done.returncode != 0 and "alert" in done.stdout, done.stdout
        done = s_client(server, "-tls1_2", "-cert", certificates.client)
        assert done.returncode == 0, done.stdout
        with TlsUser(server, server.tls_port, "alice", "secreta",
                     client_context(certificates.ca, certificates.client)) as alice:
            assert alice.register().status == 200
        wait_until(lambda: "TLS handshake with" in server.log(), what="the line in the log")


# 2

@pytest.mark.parametrize("scheme", ["sip", "sips"])
def test_text_between_phones(scheme, server, certificates):
    context = client_context(certificates.ca)
    with TlsUser(server, server.tls_port, "alice", "secreta", context, scheme) as alice, \
            TlsUser(server, server.tls_port, "bob", "secretb", context, scheme) as bob:
        assert alice.register().status == 200
        assert bob.register().status == 200
        for i in range(5):
            assert alice.message("bob", f"{i}: Grüße").status in (200, 202)
            request = bob.wait_one(f"{i}: Grüße".encode())
            assert request.header("Via").startswith("SIP/2.0/TLS ")
            assert bob.message("alice", f"{i}: hello").status in (200, 202)
            alice.wait_one(f"{i}: hello".encode())
        assert alice.register(0).status == 200
        assert bob.register(0).status == 200


def test_keep_alive(server):
    with TlsUser(server, server.tls_port, "alice", "secreta") as alice:
        alice.transmit(b"\r\n\r\n")
        with alice._changed:
            assert alice._changed.wait_for(lambda: alice.pongs == 1, DEADLINE)


# 3

def test_connection_of_the_server(certificates):
    with TlsPhone(certificates.right) as phone:
        with TlsServer(certificates, aor("dora", contact(phone))) as server:
            for i in range(3):
                event = outcome(server, f"number {i}")
                assert event["Status"].lower() == "delivered", event
                phone.wait_one(f"number {i}".encode())
        assert phone.connections == 1
        assert phone.asked_for == [None], "an address is not asked for by name"


def test_server_shows_its_certificate(certificates):
    with TlsPhone(certificates.right) as phone:
        phone._context.load_verify_locations(certificates.ca)
        phone._context.verify_mode = ssl.CERT_REQUIRED
        with TlsServer(certificates, aor("dora", contact(phone))) as server:
            assert outcome(server)["Status"].lower() == "delivered"


# 4

@pytest.mark.parametrize("kind, words", [
    ("wrong", ["is not for 127.0.0.1 but for wrong.example.org"]),
    ("wildcard", ["is not for 127.0.0.1 but for *.example.org"]),
    ("expired", ["'expired'", "certificate has expired"]),
    ("self_signed", ["'self-signed'", "self-signed certificate"])])
def test_bad_certificates(kind, words, certificates):
    with TlsPhone(getattr(certificates, kind)) as phone:
        with TlsServer(certificates, aor("dora", contact(phone))) as server:
            refused(server, f"127.0.0.1:{phone.port}", *words)
        assert phone.messages() == []
        with TlsServer(certificates, aor("dora", contact(phone)), verify="no") as server:
            assert outcome(server)["Status"].lower() == "delivered"


# 5

def test_sips_contact(certificates):
    with TlsPhone(certificates.right) as phone:
        uri = f"sips:dora@127.0.0.1:{phone.port}"
        with TlsServer(certificates, aor("dora", uri)) as server:
            assert outcome(server)["Status"].lower() == "delivered"
            assert phone.wait_one().uri.startswith("sips:dora@")


def test_sips_without_tls():
    with Server(pjsip=aor("dora", "sips:dora@127.0.0.1:5061")) as server:
        client = server.ami()
        reply = client.message_send("pjsip:dora")
        text = str(reply)
        if reply.ok:
            event = client.outcome(reply["MessageID"])
            assert event["Status"].lower() != "delivered", event
            text = str(event)
        assert "tls" in text.lower(), text


# 6

@pytest.mark.parametrize("says, why", [
    (b"SIP/2.0 400 What is this\r\n\r\n", "what the peer sends is no TLS"),
    (b"", "closed by peer")])
def test_peer_without_tls(says, why, certificates):
    with socket.create_server(("127.0.0.1", 0)) as peer:
        port = peer.getsockname()[1]

        def serve():
            try:
                while True:
                    stream = peer.accept()[0]
                    stream.recv(65536)
                    stream.sendall(says)
                    stream.close()
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        uri = f"sip:dora@127.0.0.1:{port};transport=tls"
        with TlsServer(certificates, aor("dora", uri)) as server:
            refused(server, f"TLS handshake with 127.0.0.1:{port} failed: {why}")
        peer.shutdown(socket.SHUT_RDWR)


def test_nobody_there(certificates):
    with TlsServer(certificates, aor("dora", f"sip:dora@127.0.0.1:{free_port()};transport=tls")) \
            as server:
        refused(server, "Connection refused")


# 7

def test_reload(certificates):
    path = certificates.make("first")
    with TlsServer(certificates, USERS, certificate=path) as server, \
            TlsUser(server, server.tls_port, "alice", "secreta") as alice:
        assert alice.register().status == 200
        assert "first" in server.certificate()
        path.write_text(certificates.make("second").read_text())
        server.reload()
        wait_until(lambda: "second" in server.certificate(), what="the new certificate")
        assert alice.request("OPTIONS").status == 200

        path.write_text("this is no certificate\n")
        server.reload()
        wait_until(lambda: f"cert_file {path}" in server.log(), what="the complaint")
        assert "second" in server.certificate()
        assert alice.request("OPTIONS").status == 200


# 8

def test_unusable_certificate(certificates, tmp_path):
    server = TlsServer(certificates, certificate=tmp_path / "missing.pem")
    try:
        done = missive("serve", "--config", server.config, "--state", server.state)
        assert done.returncode != 0
        assert f"cert_file {tmp_path}/missing.pem: No such file" in done.stdout + done.stderr
        assert "transport-tls" in done.stdout + done.stderr
    finally:
        shutil.rmtree(server.folder)


# 9

def test_broken_handshakes(server):
    hello, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = client_context().wrap_bio(hello, outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    octets = outgoing.read()
    for size in range(0, len(octets), 7):
        with socket.create_connection(("127.0.0.1", server.tls_port), DEADLINE) as plain:
            plain.sendall(octets[:size])
            if size % 2:
                plain.shutdown(socket.SHUT_WR)
    for garbage in (b"MESSAGE sip:bob@127.0.0.1 SIP/2.0\r\n\r\n", b"\x16\x03\x01\xff\xff" * 4000,
                    bytes(range(256)) * 40, b"GET / HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.tls_port), DEADLINE) as plain:
            plain.sendall(garbage)
            try:
                while plain.recv(65536):
                    pass
            except ConnectionError:
                pass
    with TlsUser(server, server.tls_port, "alice", "secreta") as alice:
        assert alice.register().status == 200


def test_garbage_inside(server):
    with socket.create_connection(("127.0.0.1", server.tls_port), DEADLINE) as plain:
        stream = TlsSocket(plain, client_context())
        stream.sendall(b"\x00\x01 this is no SIP \r\n\r\n")
        assert stream.recv(1000) == b""


# 10

class TlsBaresip(Baresip):
    class Port:
        def __init__(self, port):
            self.sip_port = port

    def __init__(self, folder, server, name, password, friend, certificate):
        super().__init__(folder, self.Port(server.tls_port), name, password, "tls", friend)
        self.certificate = certificate

    def prepare(self):
        command = super().prepare()
        config = self.folder / "config"
        config.write_text(config.read_text() + f"sip_certificate {self.certificate}\n"
                                               "sip_verify_server no\n")
        return command


@pytest.mark.skipif(not shutil.which("baresip"), reason="no baresip here")
def test_baresip(server, certificates, tmp_path):
    with TlsBaresip(tmp_path, server, "alice", "secreta", "bob", certificates.client) as alice, \
            TlsUser(server, server.tls_port, "bob", "secretb") as bob:
        assert bob.register().status == 200
        # Its own `message` command says ok and sends nothing where the contact says tls.
        assert bob.message("alice", "hello from Python").status in (200, 202)
        alice.heard("hello from Python", "bob")


def sipp_speaks_tls():
    """Debian's is built without."""
    if not shutil.which("sipp"):
        return False
    done = subprocess.run(["sipp", "-t", "l1", "-sf", "/dev/null", "127.0.0.1"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60)
    return "must compile" not in done.stdout


needs_sipp = pytest.mark.skipif(not sipp_speaks_tls(), reason="this sipp is built without TLS")


class TlsSipp(Sipp):
    def __init__(self, folder, scenario, calls, certificate):
        super().__init__(folder, scenario, calls, "tcp")
        self.command[self.command.index("t1")] = "l1"
        self.command += sipp_options(certificate)


def sipp_options(certificate):
    return ["-tls_cert", str(certificate), "-tls_key", str(certificate)]


@needs_sipp
def test_sipp_takes_messages(certificates, tmp_path):
    with TlsSipp(tmp_path, "uas_200", 10, certificates.right) as sipp:
        with TlsServer(certificates, aor("dora", contact(sipp))) as server:
            for i in range(10):
                assert outcome(server, f"number {i}")["Status"].lower() == "delivered"
    assert [f"number {i}" in text for i, text in enumerate(sipp.received())] == [True] * 10


@needs_sipp
def test_sipp_sends(server, certificates, tmp_path):
    with TlsUser(server, server.tls_port, "bob", "secretb") as bob:
        assert bob.register().status == 200
        call(SimpleNamespace(sip_address=f"127.0.0.1:{server.tls_port}"), "message", tmp_path,
             "bob", 5, "tcp", login=("alice", "secreta"),
             options=["-t", "l1", *sipp_options(certificates.client)])
        bob.wait(5, lambda request: request.method == "MESSAGE")
