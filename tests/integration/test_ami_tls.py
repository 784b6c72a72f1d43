"""AMI over TLS: the built server against openssl s_client, Python's ssl and panoramisk.

1. s_client: the certificate is right, a Login gets its answer; TLS 1.1 is refused, and TLS 1.2 with
   tlsdisablev12; one of the ciphers of tlscipher is used
2. messages, events and pipelined actions, as by TCP; SessionLimit, SuccessfulAuth say TLS
3. panoramisk over TLS
4. tlsverifyclient: nobody without a certificate of tlscafile
5. SIGHUP: new connections see the new certificate, an old one goes on; a bad file changes nothing;
   tlsenable=no closes the port
6. what cannot be used: the server says which file and does not start, `missive check` as well
7. plain text on the TLS port, a handshake that stops: they harm nobody
8. a large reply and 5 MB of events over TLS arrive whole
"""
import asyncio
import socket
import ssl

import pytest

from certificates import Certificates, openssl
from harness import Server, aor, free_port, missive, wait_until


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("tls"))


def trusting(certificates, certificate=None):
    context = ssl.create_default_context(cafile=certificates.ca)
    if certificate:
        context.load_cert_chain(certificate)
    return context


def options(certificates, port, more="", certificate=None):
    return f"""tlsenable = yes
tlsbindaddr = 127.0.0.1:{port}
tlscertfile = {certificate or certificates.right}
{more}"""


class TlsServer(Server):
    def __init__(self, certificates, more="", **server):
        self.tls_port = free_port()
        self.certificates = certificates
        super().__init__(general=options(certificates, self.tls_port, more), **server)

    def tls_ami(self, certificate=None, **kwargs):
        from ami_client import AmiClient
        client = AmiClient(self.tls_port, tls=trusting(self.certificates, certificate), **kwargs)
        self._clients.append(client)
        return client

    def rewrite(self, text):
        self.write("manager.conf", self.MANAGER.format(ami_port=self.ami_port, general=text,
                                                       users=""))
        self.reload()

    def s_client(self, *arguments, say=""):
        import subprocess
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.tls_port}", "-CAfile",
             str(self.certificates.ca), "-verify_return_error", "-ign_eof", *arguments],
            input=say, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
        return done.stdout


LOGIN = "Action: Login\r\nUsername: admin\r\nSecret: secret\r\nEvents: off\r\n\r\n"
LOGOFF = "Action: Logoff\r\n\r\n"


def test_s_client(certificates):
    with TlsServer(certificates, "tlscipher = ECDHE-ECDSA-AES256-GCM-SHA384") as server:
        said = server.s_client("-tls1_2", say=LOGIN + LOGOFF)
        assert "Verification: OK" in said
        assert "Cipher is ECDHE-ECDSA-AES256-GCM-SHA384" in said
        assert "Asterisk Call Manager/" in said
        assert "Message: Authentication accepted" in said
        assert "Thanks for all the fish." in said
        assert "Asterisk Call Manager" not in server.s_client("-tls1_1", say=LOGOFF)
    with TlsServer(certificates, "tlsdisablev12 = yes") as server:
        assert "Asterisk Call Manager" not in server.s_client("-tls1_2", say=LOGOFF)
        assert "Thanks for all" in server.s_client("-tls1_3", say=LOGOFF)


def test_everything_as_by_tcp(certificates, phone):
    with TlsServer(certificates, pjsip=aor("alice", f"sip:alice@{phone.address}")) as server:
        watcher = server.ami()
        client = server.tls_ami()
        event = watcher.event("SuccessfulAuth")
        while "/TLS/" not in event["RemoteAddress"]:
            event = watcher.event("SuccessfulAuth")
        assert event["LocalAddress"] == f"IPV4/TLS/127.0.0.1/{server.tls_port}"
        reply = client.message_send("pjsip:alice", "over TLS")
        assert reply.ok
        assert phone.wait()[0].body == b"over TLS"
        client.outcome(reply["MessageID"])
        ids = [client.send("Ping") for _ in range(50)]
        assert all(client.reply(each)["Ping"] == "Pong" for each in ids)
        watcher.request("UserEvent", UserEvent="Hello")
        assert client.event("UserEvent")["UserEvent"] == "Hello"


def test_panoramisk(certificates):
    panoramisk = pytest.importorskip("panoramisk")
    with TlsServer(certificates) as server:
        async def ask():
            manager = panoramisk.Manager(host="127.0.0.1", port=server.tls_port, username="admin",
                                         secret="secret", ssl=trusting(certificates))
            await manager.connect()
            pong = await asyncio.wait_for(manager.send_action({"Action": "Ping"}), 10)
            manager.close()
            return pong

        assert asyncio.run(ask()).success


def test_client_certificates(certificates):
    more = f"tlsverifyclient = yes\ntlscafile = {certificates.ca}"
    with TlsServer(certificates, more) as server:
        assert server.tls_ami(certificates.client).request("Ping").ok
        for bad in (None, certificates.self_signed):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                server.tls_ami(bad)
        wait_until(lambda: "AMI: TLS handshake with 127.0.0.1" in server.log(),
                   what="a line about the handshake")


def test_reload(certificates):
    def shown(server):
        with socket.create_connection(("127.0.0.1", server.tls_port), 10) as plain:
            with trusting(certificates).wrap_socket(plain, server_hostname="localhost") as secure:
                return secure.getpeercert()["serialNumber"]

    with TlsServer(certificates) as server:
        old = server.tls_ami()
        before = shown(server)
        other = certificates.make("other")
        server.rewrite(options(certificates, server.tls_port, certificate=other))
        old.event("Reload")
        wait_until(lambda: shown(server) != before, what="the new certificate")
        assert old.request("Ping").ok

        server.rewrite(options(certificates, server.tls_port, certificate="/nowhere.pem"))
        wait_until(lambda: "tlscertfile /nowhere.pem: No such file" in server.log(),
                   what="a line about the file")
        assert server.tls_ami().request("Ping").ok

        server.rewrite("tlsenable = no")

        def closed():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", server.tls_port)) != 0
        wait_until(closed, what="the end of the TLS port")
        assert old.request("Ping").ok


@pytest.mark.parametrize("lines, problem", [
    ("tlsenable = yes", "tlscertfile is missing"),
    ("tlsenable = yes\ntlscertfile = {ca}\ntlsprivatekey = {other}",
     "the key is not that of tlscertfile"),
    ("tlsenable = yes\ntlscertfile = {ca}\ntlscipher = NOSUCH", "tlscipher NOSUCH is not known"),
    ("tlsenable = yes\ntlscertfile = {ca}\ntlsverifyclient = yes",
     "tlsverifyclient needs tlscafile or tlscapath"),
    ("tlsenable = yes\ntlscertfile = {ca}\ntlsbindaddr = somewhere",
     "tlsbindaddr: 'somewhere' is no IP address"),
    ("tlsenable = maybe", "tlsenable"),
])
def test_mistakes(certificates, tmp_path, lines, problem):
    lines = lines.format(ca=certificates.right, other=certificates.wrong)
    (tmp_path / "pjsip.conf").write_text("")
    (tmp_path / "manager.conf").write_text(f"[general]\nenabled = yes\n{lines}\n")
    checked = missive("check", "--config", tmp_path)
    assert checked.returncode != 0
    assert problem in checked.stdout and "manager.conf:" in checked.stdout, checked.stdout
    served = missive("serve", "--config", tmp_path, "--state", tmp_path / "state")
    assert served.returncode != 0 and problem in served.stderr, served.stderr


def test_nonsense(certificates):
    with TlsServer(certificates) as server:
        with socket.create_connection(("127.0.0.1", server.tls_port), 10) as plain:
            plain.sendall(LOGIN.encode())
            assert b"Asterisk" not in plain.recv(4096)
        stuck = socket.create_connection(("127.0.0.1", server.tls_port), 10)
        stuck.sendall(b"\x16\x03\x01")
        assert server.tls_ami().request("Ping").ok
        stuck.close()


def test_much(certificates):
    with TlsServer(certificates) as server:
        listener, talker = server.tls_ami(events="user"), server.tls_ami(events="off")
        ids = [talker.send("UserEvent", UserEvent="Big", Number=i, Fill="f" * 50_000)
               for i in range(100)]
        for each in ids:
            assert talker.reply(each).ok
        for i in range(100):
            event = listener.event("UserEvent")
            assert event["Number"] == str(i) and len(event["Fill"]) == 50_000
