"""Where a message goes besides the first contact: redirects, forks, transports, IPv6.

1. 302 is followed where the endpoint says so, and a failure that says so where not; sipp redirects.
2. message_fork: all contacts at once, or one after the other, each contact's result in the event.
3. Several transports of a kind: the endpoint's `transport` is the one that is sent from.
4. external_signaling_address is shown to peers outside of local_net.
5. IPv6: UDP, TCP, TLS; a [::] and a 0.0.0.0 transport on one port.
6. A second connection of an address beyond the limit is refused, and the first goes on.
"""
import socket

import pytest

from certificates import Certificates
from harness import Phone, Server, aor, free_port, wait_until
from test_sipp import Sipp
from tls_phone import TlsPhone


def outcome(server, destination, body="Test", **more):
    client = server.ami()
    reply = client.message_send(destination, body, **more)
    assert reply.ok, reply
    return client.outcome(reply["MessageID"])


def to(*phones, endpoint="", options=""):
    contacts = [f"sip:alice{i}@{phone.address}" for i, phone in enumerate(phones)]
    return aor("alice", *contacts, endpoint=endpoint, options=options)


@pytest.mark.parametrize("option", ["follow_redirect_methods = message",
                                    "redirect_method = uri_pjsip"])
def test_redirect_is_followed(option, tmp_path):  # 1
    with Phone() as phone:
        keys = {"elsewhere": f"sip:moved@{phone.address}"}
        with Sipp(tmp_path, "uas_302", keys=keys) as sipp:
            contact = f"sip:alice@127.0.0.1:{sipp.port}"
            with Server(pjsip=aor("alice", contact, endpoint=option)) as server:
                event = outcome(server, "pjsip:alice", "follow me")
                assert (event["Status"], event["ResponseCode"]) == ("delivered", "200"), event
                assert event["Contact"] == f"sip:moved@{phone.address}"
        request = phone.wait_one(b"follow me")
        assert request.uri == f"sip:moved@{phone.address}"
        assert request.header("To").startswith("<sip:alice@127.0.0.1")


def test_redirect_is_not_followed(tmp_path):  # 1
    with Phone() as phone, Sipp(tmp_path, "uas_302", keys={
            "elsewhere": f"sip:moved@{phone.address}"}) as sipp:
        with Server(pjsip=aor("alice", f"sip:alice@127.0.0.1:{sipp.port}")) as server:
            event = outcome(server, "pjsip:alice")
            assert (event["Status"], event["ResponseCode"]) == ("failed", "302"), event
            assert "not followed" in event["ResponseText"]
            assert f"sip:moved@{phone.address}" in event["ResponseText"]
        assert not phone.messages()


def test_fork_to_all(tmp_path):  # 2
    with Phone(status=486) as busy, Phone() as there, Phone(status=404) as gone:
        with Server(pjsip=to(busy, there, gone, endpoint="message_fork = all")) as server:
            event = outcome(server, "pjsip:alice", "to all of you")
            assert (event["Status"], event["ResponseCode"]) == ("delivered", "200"), event
            assert event["Contact"] == f"sip:alice1@{there.address}"
            results = sorted(value for key, value in event.lines if key == "ContactResult")
            assert results == [
                f'<sip:alice0@{busy.address}>;code=486;text="Answer"',
                f'<sip:alice1@{there.address}>;code=200;text="Answer"',
                f'<sip:alice2@{gone.address}>;code=404;text="Answer"']
        for phone in (busy, there, gone):
            assert [request.body for request in phone.messages()] == [b"to all of you"]


def test_fork_one_after_the_other():  # 2
    with Phone(status=480) as away, Phone() as there, Phone() as spare:
        with Server(pjsip=to(away, there, spare, endpoint="message_fork = sequential")) as server:
            event = outcome(server, "pjsip:alice", "whoever")
            assert event["Status"] == "delivered", event
        asked = [len(phone.messages()) for phone in (away, there, spare)]
        assert sum(asked) >= 1 and asked[1] + asked[2] == 1, asked


def test_first_contact_alone():  # 2
    with Phone() as one, Phone() as two, Server(pjsip=to(one, two)) as server:
        event = outcome(server, "pjsip:alice")
        assert event["Status"] == "delivered"
        assert "ContactResult" not in dict(event.lines)
        assert len(one.messages()) + len(two.messages()) == 1


def udp(name, port, options=""):
    return f"[{name}]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{port}\n{options}\n"


def test_transport_of_the_endpoint():  # 3
    ports = {"second": free_port(), "third": free_port()}
    with Phone() as phone:
        contact = f"sip:x@{phone.address}"
        pjsip = "".join(udp(name, port) + aor(name + "-user", contact, endpoint=f"transport = {name}")
                        for name, port in ports.items())
        with Server(pjsip=pjsip) as server:
            for name, port in ports.items():
                assert outcome(server, f"pjsip:{name}-user", name)["Status"] == "delivered"
                request = phone.wait_one(name.encode())
                assert request.source[1] == port
                assert f"127.0.0.1:{port}" in request.header("Via")


def test_external_address():  # 4
    outside = udp("nat", free_port(), "external_signaling_address = sip.example.org\n"
                  "external_signaling_port = 5099\nlocal_net = 127.0.0.2/32")
    with Phone() as far, Phone("127.0.0.2") as near:
        pjsip = outside + "".join(
            aor(name, f"sip:{name}@{phone.address}", endpoint="transport = nat")
            for name, phone in (("far", far), ("near", near)))
        with Server(pjsip=pjsip) as server:
            for name in ("far", "near"):
                assert outcome(server, f"pjsip:{name}", name)["Status"] == "delivered"
        assert "sip.example.org:5099" in far.wait_one(b"far").header("Via")
        assert "sip.example.org" not in near.wait_one(b"near").header("Via")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("routes"))


def ipv6(protocol, port, more=""):
    return f"[six-{protocol}]\ntype = transport\nprotocol = {protocol}\nbind = [::1]:{port}\n{more}\n"


def test_ipv6(certificates):  # 5
    tls_port, port = free_port("::1"), free_port("::1")
    keys = f"cert_file = {certificates.right}\nca_list_file = {certificates.ca}\nverify_server = yes"
    with Phone("::1") as plain, TlsPhone(certificates.right, host="::1") as secure:
        pjsip = (ipv6("udp", port) + ipv6("tcp", port) + ipv6("tls", tls_port, keys) +
                 aor("udp", f"sip:u@{plain.address}") +
                 aor("tcp", f"sip:t@{plain.address};transport=tcp") +
                 aor("tls", f"sip:s@{secure.address};transport=tls"))
        with Server(pjsip=pjsip) as server:
            for name, phone in (("udp", plain), ("tcp", plain), ("tls", secure)):
                assert outcome(server, f"pjsip:{name}", name)["Status"] == "delivered"
                request = phone.wait_one(name.encode())
                assert request.header("Via").startswith(f"SIP/2.0/{name.upper()} [::1]:")


def test_both_families_on_one_port():  # 5
    port = free_port()
    both = "".join(f"[{name}]\ntype = transport\nprotocol = {protocol}\nbind = {bind}:{port}\n"
                   for protocol in ("udp", "tcp")
                   for name, bind in ((f"four-{protocol}", "0.0.0.0"), (f"six-{protocol}", "[::]")))
    with Phone() as four, Phone("::1") as six:
        pjsip = both + aor("four", f"sip:x@{four.address}") + aor("six", f"sip:x@{six.address}")
        with Server(pjsip=pjsip) as server:
            for name, phone in (("four", four), ("six", six)):
                assert outcome(server, f"pjsip:{name}", name)["Status"] == "delivered"
                phone.wait_one(name.encode())


def test_connections_of_one_address():  # 6
    conf = "[general]\nshards = 1\n[sip]\nmax_connections_per_address = 1\n"
    request = (b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK%d\r\n"
               b"From: <sip:a@b>;tag=1\r\nTo: <sip:x>\r\nCall-ID: %d\r\nCSeq: 1 OPTIONS\r\n"
               b"Content-Length: 0\r\n\r\n")
    with Server(missive_conf=conf) as server:
        place = ("127.0.0.1", server.sip_port)
        with socket.create_connection(place) as first, socket.create_connection(place) as second:
            first.settimeout(10)
            second.settimeout(10)
            assert wait_until(lambda: second.recv(1) == b"", what="the refusal")
            first.sendall(request % (1, 1))
            assert first.recv(4096).startswith(b"SIP/2.0 200")
