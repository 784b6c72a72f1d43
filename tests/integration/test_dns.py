"""Finding the next hop by RFC 3263, against nsd.

1. a URI and a contact without a port go where SRV points, with the domain in the Request-URI
2. priorities and weights over many messages
3. failover: the first target is closed, answers 503, is silent; on UDP and TCP; a new branch
   each, the same Call-ID, within timer_b; all of them bad: the message fails with its reason
4. an answer that is final (404) goes to nobody else
5. NAPTR chooses TCP; an explicit port, a numeric host and transport= ask what they may ask
6. without SRV the addresses of the domain; aliases; "." means no
7. the cache: many messages, one question; a record that has expired is asked for again
8. the name server is down, or silent: the message waits, or fails with its reason
9. explain shows NAPTR, SRV, addresses and the order of failover
10. resolver_unbound.conf; missive.conf wins
"""
import re
import time

import pytest

import name_server
from harness import Phone, Server, aor, free_port, loopback_host, missive, wait_until
from name_server import NameServer

pytestmark = pytest.mark.skipif(not name_server.available(), reason="nsd is not installed")

# timer_b is 64 * timer_t1: 6.4 s for a message and all its targets.
TIMERS = "[system]\ntype = system\ntimer_t1 = 100\ntimer_b = 6400\n"
OUT = "[global]\ntype = global\ndefault_outbound_endpoint = out\n[out]\ntype = endpoint\n"
ONE_TRY = "[outbox]\ndurability = off\n"
HOME = ["a A 127.0.0.1", "b A 127.0.0.1", "c A 127.0.0.1"]


def srv(protocol, *targets):
    """SRV records of (priority, weight, port, host)."""
    return [f"_sip._{protocol} SRV {' '.join(str(part) for part in target)}" for target in targets]


def configured(dns, pjsip="", more=ONE_TRY, resolver="", files=None):
    server = Server(pjsip=TIMERS + OUT + pjsip, missive_conf=dns.missive_conf(more, resolver))
    for name, text in (files or {}).items():
        (server.config / name).write_text(text)
    return server


def failed(client, reply):
    """Why the message was not delivered, whether it is said at once or later."""
    if not reply.ok:
        return reply["Reason"]
    event = client.outcome(reply["MessageID"], deadline=30)
    assert event["Status"] == "failed", event
    return event["ResponseText"]


def send(client, destination, body="Test"):
    """Sends, and waits until it is delivered."""
    reply = client.message_send(destination, body)
    assert reply.ok, reply
    event = client.outcome(reply["MessageID"], deadline=30)
    assert event["Status"] == "delivered", event
    return event


def branch(request):
    return re.search(r"branch=([^;,\s]+)", request.all("Via")[0])[1]


def closed_port():
    """A port that nobody listens on."""
    return free_port()


# 1: SRV.

@pytest.mark.parametrize("destination", ["pjsip:sip:alice@example.test", "pjsip:alice",
                                         "pjsip:sip:alice@EXAMPLE.test"])
def test_srv_leads_to_the_phone(phone, destination):
    with NameServer(HOME + srv("udp", (10, 0, phone.port, "a"))) as dns, \
            configured(dns, aor("alice", "sip:alice@example.test")) as server:
        send(server.ami(), destination)
        request = phone.wait_one()
        assert request.uri.lower() == "sip:alice@example.test"
        assert request.transport == "UDP"
        assert "SRV _sip._udp.example.test" in dns.questions


# 2: priorities and weights.

def test_priorities_and_weights():
    with Phone() as heavy, Phone() as light, Phone() as backup:
        records = HOME + srv("udp", (10, 75, heavy.port, "a"), (10, 25, light.port, "b"),
                             (20, 100, backup.port, "c"))
        with NameServer(records) as dns, configured(dns) as server:
            client = server.ami(events="off")
            for i in range(200):
                assert client.message_send("pjsip:sip:alice@example.test", str(i)).ok
            wait_until(lambda: len(heavy.messages()) + len(light.messages()) == 200,
                       what="200 messages")
            assert not backup.messages()
            # 150 of 200 with a standard deviation of 6.
            assert 105 <= len(heavy.messages()) <= 190
            assert dns.asked("SRV").count("SRV _sip._udp.example.test") == 1


# 3: failover.

def broken_phone(kind):
    if kind == "refused":
        return None
    return Phone(status=503) if kind == "503" else Phone(ignore=10 ** 9)


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@pytest.mark.parametrize("kind", ["refused", "503", "silent"])
def test_failover(phone, protocol, kind):
    first = broken_phone(kind)
    try:
        port = first.port if first else closed_port()
        records = HOME + srv(protocol, (10, 0, port, "a"), (20, 0, phone.port, "b"))
        destination = f"pjsip:sip:alice@example.test;transport={protocol}"
        with NameServer(records) as dns, configured(dns) as server:
            began = time.monotonic()
            send(server.ami(), destination)
            assert time.monotonic() - began < 6.4
            there = phone.wait_one()
            assert there.transport == protocol.upper()
            if first:
                tried = first.wait(1)
                assert {branch(request) for request in tried} != {branch(there)}
                assert len({branch(request) for request in tried}) == 1
                assert tried[0].header("Call-ID") == there.header("Call-ID")
                assert tried[0].uri == there.uri
            assert len(phone.messages()) == 1
    finally:
        if first:
            first.close()


def test_failover_through_three(phone):
    with Phone(status=503) as busy:
        records = HOME + srv("udp", (1, 0, closed_port(), "a"), (2, 0, busy.port, "b"),
                             (3, 0, phone.port, "c"))
        with NameServer(records) as dns, configured(dns) as server:
            send(server.ami(), "pjsip:sip:alice@example.test")
            assert len(busy.wait(1)) == 1
            assert len(phone.wait(1)) == 1


@pytest.mark.parametrize("kind", ["503", "silent"])
def test_all_targets_are_bad(kind):
    with broken_phone(kind) as first, broken_phone(kind) as second:
        records = HOME + srv("udp", (1, 0, first.port, "a"), (2, 0, second.port, "b"))
        with NameServer(records) as dns, configured(dns) as server:
            client = server.ami()
            began = time.monotonic()
            why = failed(client, client.message_send("pjsip:sip:alice@example.test"))
            assert time.monotonic() - began < 9
            assert why
            first.wait(1)
            second.wait(1)


# 4: final answers.

def test_final_answer_goes_no_further(phone):
    with Phone(status=404) as first:
        records = HOME + srv("udp", (10, 0, first.port, "a"), (20, 0, phone.port, "b"))
        with NameServer(records) as dns, configured(dns) as server:
            client = server.ami()
            failed(client, client.message_send("pjsip:sip:alice@example.test"))
            assert len(first.messages()) == 1
            assert not phone.messages()


# 5: NAPTR, and what is not asked.

def test_naptr_chooses_tcp(phone):
    with Phone() as wrong:
        records = HOME + [
            '@ NAPTR 10 10 "s" "SIPS+D2W" "" _sips._wss',
            '@ NAPTR 20 10 "s" "SIP+D2T" "" _special._tcp',
            '@ NAPTR 30 10 "s" "SIP+D2U" "" _sip._udp',
            f"_special._tcp SRV 10 0 {phone.port} a"] + srv("udp", (1, 0, wrong.port, "a"))
        with NameServer(records) as dns, configured(dns) as server:
            send(server.ami(), "pjsip:sip:alice@example.test")
            assert phone.wait_one().transport == "TCP"
            assert not wrong.messages()


def test_explicit_port_asks_for_addresses_alone(phone):
    with Phone() as wrong:
        records = HOME + ["@ A 127.0.0.1", '@ NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp']
        records += srv("udp", (1, 0, wrong.port, "a"))
        with NameServer(records) as dns, configured(dns) as server:
            send(server.ami(), f"pjsip:sip:alice@example.test:{phone.port}")
            assert len(phone.messages()) == 1
            assert not wrong.messages()
            assert set(dns.questions) <= {"A example.test", "AAAA example.test"}


def test_numeric_host_asks_nothing(phone):
    with NameServer(HOME) as dns, configured(dns) as server:
        send(server.ami(), f"pjsip:sip:alice@127.0.0.1:{phone.port}")
        assert len(phone.messages()) == 1
        assert dns.questions == []


def test_transport_parameter_asks_no_naptr(phone):
    with Phone() as wrong:
        records = HOME + ['@ NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp']
        records += srv("udp", (1, 0, wrong.port, "a")) + srv("tcp", (1, 0, phone.port, "a"))
        with NameServer(records) as dns, configured(dns) as server:
            send(server.ami(), "pjsip:sip:alice@example.test;transport=tcp")
            assert phone.wait_one().transport == "TCP"
            assert not wrong.messages()
            assert dns.asked("NAPTR") == []
            assert dns.asked("SRV") == ["SRV _sip._tcp.example.test"]


# 6: what else a zone may say.

def test_addresses_of_the_domain():
    """The default port 5060, at an address of this machine that nobody else uses."""
    host = loopback_host()
    with Phone(host=host, port=5060) as phone, NameServer([f"@ A {host}"]) as dns, \
            configured(dns) as server:
        send(server.ami(), "pjsip:sip:alice@example.test")
        assert len(phone.messages()) == 1
        assert "NAPTR example.test" in dns.questions
        assert "SRV _sip._udp.example.test" in dns.questions


def test_aliases(phone):
    records = HOME + ["_sip._udp CNAME _there._udp", "phone CNAME a",
                      f"_there._udp SRV 1 0 {phone.port} phone"]
    with NameServer(records) as dns, configured(dns) as server:
        send(server.ami(), "pjsip:sip:alice@example.test")
        assert len(phone.messages()) == 1


def test_decidedly_not():
    with NameServer(HOME + ["@ A 127.0.0.1", "_sip._udp SRV 0 0 0 ."]) as dns, \
            configured(dns) as server:
        client = server.ami()
        why = failed(client, client.message_send("pjsip:sip:alice@example.test"))
        assert "SRV _sip._udp.example.test points to no host" in why


def test_no_such_domain():
    with NameServer(HOME) as dns, configured(dns) as server:
        client = server.ami()
        why = failed(client, client.message_send("pjsip:sip:alice@nosuch.example.test"))
        assert "nosuch.example.test" in why and "not found" in why


# 7: the cache.

def test_cache(phone):
    with NameServer(HOME + srv("udp", (1, 0, phone.port, "a")), ttl=2, negative_ttl=2) as dns, \
            configured(dns) as server:
        client = server.ami()
        for i in range(20):
            send(client, "pjsip:sip:alice@example.test", str(i))
        assert len(phone.messages()) == 20
        question = "SRV _sip._udp.example.test"
        first = dns.questions.count(question)

        def asked_again():
            send(client, "pjsip:sip:alice@example.test")
            return dns.questions.count(question) > first

        wait_until(asked_again, what="a question after the TTL")
        assert len(phone.messages()) > 20


# 8: no name server.

@pytest.mark.parametrize("silent", [False, True])
def test_no_name_server_fails(silent):
    with NameServer(HOME) as dns:
        dns.silent = silent
        if not silent:
            dns.go_down()
        with configured(dns) as server:
            client = server.ami()
            why = failed(client, client.message_send("pjsip:sip:alice@example.test"))
            assert "example.test" in why
            assert "DNS servers" in why


def test_message_waits_for_the_name_server(phone):
    with NameServer(HOME + srv("udp", (1, 0, phone.port, "a"))) as dns:
        dns.silent = True
        with configured(dns, more="[outbox]\nretry = 6\n") as server:
            client = server.ami()
            reply = client.message_send("pjsip:sip:alice@example.test", "patience")
            assert reply.ok, reply
            assert client.event("MessageStatus", MessageID=reply["MessageID"], Status="queued",
                                deadline=30)
            dns.silent = False
            client.event("MessageStatus", MessageID=reply["MessageID"], Status="delivered",
                         deadline=30)
            assert [request.body for request in phone.messages()] == [b"patience"]


# 9: explain.

def test_explain():
    records = HOME + ["b AAAA ::1", '@ NAPTR 20 10 "s" "SIP+D2T" "" _sip._tcp',
                      '@ NAPTR 30 10 "s" "SIP+D2U" "" _sip._udp']
    records += srv("udp", (1, 0, 5071, "a")) + srv("tcp", (1, 0, 5072, "b"), (2, 0, 5073, "gone"))
    with NameServer(records) as dns:
        server = configured(dns)
        try:
            done = missive("explain", "--config", server.config, "pjsip:sip:alice@example.test")
        finally:
            server._discard()
        assert done.returncode == 0, done.stdout + done.stderr
        expected = [r"NAPTR\W+example\.test: 20 10 s SIP\+D2T _sip\._tcp\.example\.test",
                    r"SRV\W+_sip\._tcp\.example\.test: 1 0 5072 b\.example\.test",
                    r"SRV\W+_sip\._udp\.example\.test: 1 0 5071 a\.example\.test",
                    r"A/AAAA\W+b\.example\.test: 127\.0\.0\.1, ::1",
                    r"A/AAAA\W+gone\.example\.test: .*not found",
                    r"A/AAAA\W+a\.example\.test: 127\.0\.0\.1"]
        for pattern in expected:
            assert re.search(pattern, done.stdout), f"no {pattern} in\n{done.stdout}"
        ports = [done.stdout.find(f"127.0.0.1:{port}") for port in (5072, 5071)]
        assert -1 not in ports and ports == sorted(ports), done.stdout


def test_explain_says_none_and_why():
    with NameServer(HOME) as dns:
        server = configured(dns)
        try:
            done = missive("explain", "--config", server.config, "pjsip:sip:x@no.example.test")
        finally:
            server._discard()
        assert done.returncode == 1, done.stdout
        assert re.search(r"NAPTR\W+no\.example\.test: none", done.stdout), done.stdout
        assert re.search(r"SRV\W+_sip\._udp\.no\.example\.test: none", done.stdout), done.stdout
        assert "no server for sip:no.example.test" in done.stdout + done.stderr


# 10: where the name servers come from.

def test_resolver_unbound_conf(phone):
    with NameServer(HOME + srv("udp", (1, 0, phone.port, "a"))) as dns:
        server = Server(pjsip=TIMERS + OUT, missive_conf=ONE_TRY)
        server.write("resolver_unbound.conf", f"[general]\nnameserver = 127.0.0.1@{dns.port}\n")
        with server:
            send(server.ami(), "pjsip:sip:alice@example.test")
            assert len(phone.messages()) == 1


def test_hosts_file_of_resolver_unbound_conf(phone):
    with NameServer(HOME) as dns:
        server = configured(dns)
        hosts = server.folder / "hosts"
        hosts.write_text("127.0.0.1 gate.example.test\n")
        server.write("resolver_unbound.conf", f"[general]\nhosts = {hosts}\n")
        with server:
            send(server.ami(), f"pjsip:sip:alice@gate.example.test:{phone.port}")
            assert len(phone.messages()) == 1
            assert dns.questions == []


def test_missive_conf_wins(phone):
    with NameServer(HOME + srv("udp", (1, 0, phone.port, "a"))) as dns, \
            NameServer(HOME + srv("udp", (1, 0, closed_port(), "a"))) as other:
        server = configured(dns)
        server.write("resolver_unbound.conf", f"[general]\nnameserver = 127.0.0.1@{other.port}\n")
        with server:
            send(server.ami(), "pjsip:sip:alice@example.test")
            assert len(phone.messages()) == 1
            assert other.questions == []


def test_check_names_bad_name_servers():
    server = Server(missive_conf="[resolver]\nnameservers = dns.example\n")
    try:
        done = missive("check", "--config", server.config)
    finally:
        server._discard()
    assert done.returncode != 0
    assert "missive.conf:2" in done.stdout + done.stderr
    assert "dns.example" in done.stdout + done.stderr
