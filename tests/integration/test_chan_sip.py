"""The technology sip: and sip.conf, beside pjsip.conf and alone.

1. a phone registers with its secret and texts another through the dialplan; outofcall_message_context
2. MessageSend to peers static and dynamic, to user@peer and to hosts; the variable Request-URI
3. a wrong secret, a name nobody has and a guest's REGISTER get the same answer
4. both technologies at once, each on its port, with users of one name
5. auth_message_requests=no and insecure=invite: MESSAGE without the secret, REGISTER with it
6. a static peer is known by address and port; guests come to the general context
7. accept_outofcall_message=no: 405 for everybody
8. deny and permit
9. register => with a challenge; its refresh is taken back at the end
10. a peer's challenge is answered with remotesecret
11. who has not registered is waited for, and refused with durability = off
12. sip.conf alone; missive check, missive explain and missive send with sip:
13. what is wrong in sip.conf is told with its line, and the server does not start
"""
import pathlib
import re

import pytest

from harness import Challenge, Phone, Server, account, free_port, missive, wait_until
from sip_user import User

EXTENSIONS = r"""
[messages]
exten => ben,1,MessageSend(sip:ben,${MESSAGE(from)})
exten => tell,1,Set(WAY=${MESSAGE_DATA(SIP_PEERNAME)}|${MESSAGE(to)})
 same => n,Set(MESSAGE(body)=${WAY})
 same => n,MessageSend(sip:ben)
exten => over,1,MessageSend(pjsip:ben,${MESSAGE(from)})
[guests]
exten => tell,1,Set(WAY=guest|${MESSAGE(from)})
 same => n,Set(MESSAGE(body)=${WAY})
 same => n,MessageSend(sip:ben)
[calls]
exten => calls-only,1,NoOp()
[trunks]
exten => tell,1,Set(WAY=trunk|${MESSAGE(from)})
 same => n,Set(MESSAGE(body)=${WAY})
 same => n,MessageSend(sip:ben)
"""

GENERAL = """[general]
udpbindaddr = 127.0.0.1:{port}
tcpenable = yes
context = calls
useragent = missive-test
{general}
[phone](!)
type = friend
host = dynamic
outofcall_message_context = messages
[anna](phone)
secret = anna-secret
callerid = "Anna A" <anna>
[ben](phone)
secret = ben-secret
{peers}
"""


class ChanSip(Server):
    """A Server with a sip.conf of its own port."""

    def __init__(self, peers="", general="", pjsip="", **options):
        self.port = free_port()
        super().__init__(pjsip=pjsip, extensions=options.pop("extensions", EXTENSIONS), **options)
        self.write("sip.conf", GENERAL.format(port=self.port, general=general, peers=peers))

    def user(self, name, password=None, **options):
        """A phone of sip.conf."""
        return User(Side(self.port), name, password, **options)


class Side:
    def __init__(self, port):
        self.sip_port = port


@pytest.fixture(scope="module")
def server():
    with ChanSip(general="outofcall_message_context = guests",
                 pjsip=account("ben", "other")) as server:
        yield server


@pytest.fixture
def client(server):
    return server.ami(events="off")


@pytest.fixture
def ben(server):
    with server.user("ben", "ben-secret") as ben:
        assert ben.register().status == 200
        yield ben
        ben.register(0)


# 1

@pytest.mark.parametrize("transport", ["UDP", "TCP"])
def test_phone_to_phone(transport, server, ben):
    with server.user("anna", "anna-secret", transport=transport) as anna:
        assert anna.register().status == 200
        assert anna.message("ben", f"hello by {transport}").status == 202
        arrived = ben.wait_one(f"hello by {transport}".encode())
        sender = arrived.header("From")
        assert sender.startswith('"Anna A" <sip:anna@127.0.0.1') or "sip:anna@" in sender, sender
        assert arrived.header("Content-Type").startswith("text/plain")
        assert arrived.header("User-Agent") == "missive-test"
        anna.register(0)


def test_what_the_dialplan_sees(server, ben):
    with server.user("anna", "anna-secret") as anna:
        assert anna.message("tell", "x").status == 202
        way = ben.wait(1, lambda r: r.body.startswith(b"anna|"))[-1].body.decode()
        assert re.fullmatch(r"anna\|sip:tell@127\.0\.0\.1", way), way
        # The context of calls is none of texts.
        assert anna.message("calls-only", "x").status == 404


# 2

def test_message_send(server, client, ben):
    reply = client.message_send("sip:ben", "to a phone", From="crm")
    assert reply.ok, reply
    request = ben.wait_one(b"to a phone")
    assert request.uri == ben.contact.strip("<>")
    assert re.match(rf'"crm" <sip:asterisk@127\.0\.0\.1:{server.port}>;tag=',
                    request.header("From"))
    assert "rport" not in request.all("Via")[0]
    assert client.message_send("sip:100@ben", "with a user").ok
    assert ben.wait_one(b"with a user").uri.startswith("sip:100@")
    assert client.message_send("sip:ben", "from a peer", From="anna").ok
    assert ben.wait_one(b"from a peer").header("From").startswith('"Anna A" <sip:anna@')


def test_hosts(server, client):
    with Phone() as phone:
        for destination, uri in [
                (f"sip:{phone.address}", f"sip:{phone.address}"),
                (f"sip:carl@{phone.address}", f"sip:carl@{phone.address}"),
                (f'sip:"Carl C" <sip:carl@{phone.address};transport=tcp>',
                 f"sip:carl@{phone.address};transport=tcp")]:
            body = f"to {destination}"
            reply = client.message_send(destination, body, To="sip:ignored@example.com")
            assert reply.ok, reply
            request = phone.wait_one(body.encode())
            assert request.uri == uri
            assert "ignored" not in request.header("To")
        assert request.header("To").startswith('"Carl C" <sip:carl@')
        assert request.transport == "TCP"


def test_request_uri(server, client):
    with Phone() as phone:
        reply = client.message_send(f"sip:{phone.address}", "elsewhere",
                                    headers=["Variable: Request-URI=sip:+1555@example.net"])
        assert reply.ok, reply
        assert phone.wait_one(b"elsewhere").uri == "sip:+1555@example.net"
        assert not client.message_send(f"sip:{phone.address}", "x",
                                       headers=["Variable: Request-URI=nonsense"]).ok


@pytest.mark.parametrize("destination, reason", [
    ("sip:", "destination is empty"), ("sip:a@", "names nobody"),
    ("sip:4711", "neither a peer of sip.conf nor a host"),
    ("sip:sips:a@127.0.0.1", "")])
def test_refused(destination, reason, client):
    reply = client.message_send(destination)
    assert not reply.ok
    assert reason in reply["Reason"], reply


# 3

def test_wrong_secret(server):
    answers = []
    for name in ("anna", "nobody"):
        with server.user(name, "wrong") as user:
            answers += [user.register().status, user.register(auth=False).status,
                        user.message("ben", "x").status if name == "anna" else 401]
    assert answers == [401] * 6


# 4

def test_both_technologies(server, client, ben):
    with User(server, "ben", "other") as other:
        assert other.register().status == 200
        assert client.message_send("sip:ben", "to sip").ok
        assert client.message_send("pjsip:ben", "to pjsip").ok
        other.wait_one(b"to pjsip")
        ben.wait_one(b"to sip")
        assert [r.body for r in other.messages()] == [b"to pjsip"]
        # From one to the other.
        with server.user("anna", "anna-secret") as anna:
            assert anna.message("over", "across").status == 202
            other.wait_one(b"across")
        # The secret of one is none of the other.
        with User(server, "ben", "ben-secret") as stranger:
            assert stranger.register().status == 401
        other.register(0)


# 5

def test_messages_without_secret():
    with ChanSip(general="auth_message_requests = no") as server:
        with server.user("ben", "ben-secret") as ben, server.user("anna") as anna:
            assert ben.register().status == 200
            assert anna.register().status == 401
            assert anna.message("ben", "no secret").status == 202
            ben.wait_one(b"no secret")


def test_insecure_invite():
    peers = "[carl](phone)\nsecret = carl-secret\ninsecure = invite\n"
    with ChanSip(peers=peers) as server:
        with server.user("carl") as carl, server.user("anna") as anna:
            assert carl.register().status == 401
            assert carl.message("nowhere", "x").status == 404
            assert anna.message("nowhere", "x").status == 401


# 6

def test_static_peers_and_guests():
    with Phone() as trunk, Phone() as guest:
        peers = f"[trunk]\ntype=peer\nhost=127.0.0.1\nport={trunk.port}\n" \
                "outofcall_message_context=trunks\n"
        with ChanSip(peers=peers, general="outofcall_message_context = guests") as server:
            with server.user("ben", "ben-secret") as ben:
                assert ben.register().status == 200
                for phone, who in ((trunk, "trunk"), (guest, "guest")):
                    with server.user("+1555") as sender:
                        data = sender.build("MESSAGE", f"sip:tell@127.0.0.1:{server.port}",
                                            headers=["Content-Type: text/plain"], body="x")
                        phone.udp.sendto(data, ("127.0.0.1", server.port))
                    way = ben.wait(1, lambda r, w=who: r.body.startswith(w.encode()))[-1].body
                    assert re.fullmatch(rf"{who}\|<sip:\+1555@127\.0\.0\.1>", way.decode()), way
        with ChanSip(general="allowguest = no") as server, server.user("+1555") as sender:
            assert sender.message("tell", "x").status == 401


# 7

def test_no_messages_from_outside():
    with ChanSip(general="accept_outofcall_message = no") as server:
        with server.user("anna", "anna-secret") as anna, server.user("eve") as eve:
            for user in (anna, eve):
                answer = user.message("ben", "x")
                assert answer.status == 405
                assert "MESSAGE" not in answer.header("Allow")
            assert anna.register().status == 200


# 8

def test_deny_and_permit():
    peers = "[carl](phone)\nsecret = carl-secret\ndeny = 0.0.0.0/0\npermit = 127.0.0.0/8\n" \
            "contactdeny = 0.0.0.0/0\ncontactpermit = 192.0.2.0/24\n" \
            "[dora](phone)\nsecret = dora-secret\ndeny = 127.0.0.1\n"
    with ChanSip(peers=peers) as server:
        with server.user("carl", "carl-secret") as carl:
            assert carl.register(contact="<sip:carl@192.0.2.7>").status == 200
            assert carl.register().status == 401
        with server.user("dora", "dora-secret") as dora:
            assert dora.register().status == 401


# 9, 10

def test_register_line():
    challenge = Challenge("auth", "provider-secret", realm="provider.example")
    with Phone() as registrar:
        def answer(request):
            if not challenge.accepts(request):
                return [respond(request, 401, challenge.header())]
            return [respond(request, 200, f"Contact: {request.header('Contact')};expires=600")]

        registrar.answer = answer
        line = f"register => 4711@provider.example:provider-secret:auth@{registrar.address}/100~600"
        with ChanSip(general=line) as server:
            found = registrar.wait(1, lambda r: r.method == "REGISTER" and r.all("Authorization"))
            request = found[-1]
            assert request.uri == f"sip:{registrar.address}"
            assert "<sip:4711@provider.example>" in request.header("To")
            assert f"<sip:100@127.0.0.1:{server.port}" in request.header("Contact")
            assert not challenge.problems, challenge.problems


def respond(request, status, *headers):
    """A response as octets, with what every one copies from its request."""
    reason = {200: "OK", 401: "Unauthorized"}[status]
    lines = [f"SIP/2.0 {status} {reason}", *(f"Via: {via}" for via in request.all("Via")),
             f"From: {request.header('From')}", f"To: {request.header('To')};tag=there",
             f"Call-ID: {request.header('Call-ID')}", f"CSeq: {request.header('CSeq')}",
             *headers, "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode()


def test_remotesecret():
    challenge = Challenge("joe", "out", realm="provider.example")
    with Phone(challenge=challenge) as provider:
        peers = f"[provider]\ntype=peer\nhost=127.0.0.1\nport={provider.port}\n" \
                "secret=in\nremotesecret=out\ndefaultuser=joe\nfromuser=4711\n" \
                "fromdomain=provider.example\n"
        with ChanSip(peers=peers) as server:
            client = server.ami()
            reply = client.message_send("sip:+1555@provider", "paid")
            assert reply.ok, reply
            request = provider.wait(2)[-1]
            assert request.uri == f"sip:+1555@127.0.0.1:{provider.port}"
            assert f"<sip:4711@provider.example:{server.port}>" in request.header("From")
            assert client.outcome(reply["MessageID"])["Status"] == "delivered"
            assert not challenge.problems, challenge.problems


# 11

def test_waits_for_a_phone():
    with ChanSip() as server:
        client = server.ami()
        assert client.message_send("sip:ben", "later").ok
        with server.user("ben", "ben-secret") as ben:
            assert ben.register().status == 200
            request = ben.wait_one(b"later")
            assert request.all("Date") and request.all("Expires")


def test_refused_where_nothing_waits():
    with ChanSip(missive_conf="[outbox]\ndurability = off\n") as server:
        reply = server.ami().message_send("sip:ben", "never")
        assert not reply.ok
        assert "peer 'ben' (host=dynamic) has not registered" in reply["Reason"]


# 12

def test_alone():
    with Phone() as phone:
        server = ChanSip(peers=f"[desk]\ntype=peer\nhost=127.0.0.1\nport={phone.port}\n")
        (server.config / "pjsip.conf").unlink()
        with server:
            checked = missive("check", "--config", server.config)
            assert checked.returncode == 0, checked.stdout + checked.stderr
            told = missive("explain", "--config", server.config, "sip:100@desk")
            assert told.returncode == 0, told.stdout + told.stderr
            for step in ("user@peer", "desk (sip.conf:", f"sip:100@127.0.0.1:{phone.port}"):
                assert step in told.stdout, told.stdout
            sent = missive("send", "--config", server.config, "sip:desk", "from the command line")
            assert sent.returncode == 0, sent.stdout + sent.stderr
            phone.wait_one(b"from the command line")


# 13

def test_errors():
    server = ChanSip(peers="[carl]\ntype=friend\nhost=dynamic\nsecrte=x\n")
    path = pathlib.Path(server.config)
    checked = missive("check", "--config", path)
    assert checked.returncode != 0
    line = 1 + (path / "sip.conf").read_text().split("\n").index("secrte=x")
    assert f"sip.conf:{line}: error: [carl] unknown sip.conf peer option 'secrte'; did you mean " \
           "'secret'?" in checked.stdout + checked.stderr
    server.launch()
    try:
        wait_until(lambda: server.process.poll() is not None, what="the end of missive")
        assert server.process.returncode != 0
    finally:
        server._discard()
