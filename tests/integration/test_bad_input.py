"""Bad input harms nobody else: an error, a limit or a time-out, and the server goes on.

While each of these happens to the server, another client keeps sending messages, and every
one of them arrives (`neighbour`).

AMI: 1. half a packet, then silence  2. rubbish  3. a line without end  4. a million headers
5. connects and says nothing (authtimeout)  6. too many of those (authlimit)  7. reads nothing
8. goes away in the middle of a hundred actions.
Bodies: 9. 60 KiB over UDP arrive whole  10. 70 KiB over UDP are refused with a reason
11. 70 KiB over TCP arrive whole.
SIP: 12. rubbish datagrams  13. half a message on TCP, lengths that lie, a header without end.
Start: 14. a port in use, AMI and SIP  15. a folder or file that cannot be read  16. a bad
option: one line, exit status 1.
Signals: 17. SIGTERM with messages in flight  18. SIGHUP with a good and with a broken file.
"""
import base64
import contextlib
import os
import random
import re
import signal
import socket
import threading
import time

import pytest

from harness import DEADLINE, AmiClient, Phone, Server, aor, wait_until


@contextlib.contextmanager
def neighbour(server, phone):
    """Sends one message after the other for as long as the block lasts."""
    client = server.ami(events="off")
    stop = threading.Event()
    sent, problems = [], []

    def run():
        try:
            while not stop.is_set() or not sent:
                body = f"neighbour {len(sent)}"
                reply = client.message_send("pjsip:alice", body)
                assert reply.ok, reply
                phone.wait_one(body.encode())
                sent.append(body)
        except Exception as problem:  # shown by the test, not by the thread
            problems.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(2 * DEADLINE)
    assert not problems, f"the neighbour was disturbed after {len(sent)} messages: {problems[0]!r}"
    assert sent and not thread.is_alive()


def closed_by_server(sock, deadline=DEADLINE):
    """Waits until the server has closed the connection."""
    sock.settimeout(deadline)
    try:
        while sock.recv(65536):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


def flood(sock, chunks):
    """Writes until all is written or the server has had enough."""
    sock.settimeout(DEADLINE)
    with contextlib.suppress(ConnectionError, TimeoutError):
        for chunk in chunks:
            sock.sendall(chunk)


# AMI.

def test_half_a_packet_then_silence(server, phone):
    with neighbour(server, phone):
        client = server.ami(events="off")
        client.write("Action: Ping\r\nActionID: ha")
        # Nothing may answer half a packet; the other half makes it whole.
        stranger = server.ami(events="off")
        assert stranger.request("Ping").ok
        client.write("lf\r\n\r\n")
        assert client.reply("half")["Ping"] == "Pong"


@pytest.mark.parametrize("login", [False, True])
def test_rubbish(login, server, phone):
    noise = random.Random(1).randbytes(1 << 20)
    with neighbour(server, phone):
        client = server.ami(login=login)
        flood(client.socket, [noise])
    assert server.ami().request("Ping").ok


@pytest.mark.parametrize("login", [False, True])
def test_line_without_end(login, server, phone):
    before = server.resident_kb()
    with neighbour(server, phone):
        client = server.ami(login=login, events="off") if login else server.ami(login=False)
        flood(client.socket, [b"Action: Ping\r\nX: "] + [b"x" * 65536] * 1024)
    assert server.resident_kb() - before < 48 * 1024, "64 MiB of one line were kept"


def test_line_too_long_is_an_error_and_the_session_goes_on(server):
    client = server.ami(events="off")
    client.write(b"Action: MessageSend\r\nActionID: long\r\nDestination: pjsip:alice\r\nBody: "
                 + b"x" * (2 << 20) + b"\r\n\r\n")
    reply = client.reply("long")
    assert reply["Response"] == "Error"
    assert reply["Message"] == "Failed to parse message: line too long"
    assert client.request("Ping").ok


def test_million_headers(server, phone):
    before = server.resident_kb()
    with neighbour(server, phone):
        client = server.ami(events="off")
        headers = b"".join(b"X-%d: y\r\n" % i for i in range(10_000))
        flood(client.socket, [b"Action: Ping\r\nActionID: many\r\n"] + [headers] * 100 + [b"\r\n"])
        with contextlib.suppress(ConnectionError):
            assert client.reply("many")["Response"] == "Error"
    assert server.resident_kb() - before < 48 * 1024


def test_says_nothing(phone):
    with Server(pjsip=aor("alice", f"sip:alice@{phone.address}"),
                general="authtimeout = 1") as server:
        with neighbour(server, phone):
            begin = time.monotonic()
            with AmiClient(server.ami_port, login=False) as silent:
                assert closed_by_server(silent.socket)
            assert time.monotonic() - begin > 0.5
            with AmiClient(server.ami_port, login=False) as half:
                half.write("Action: Log")
                assert closed_by_server(half.socket)


def test_too_many_that_say_nothing(phone):
    with Server(pjsip=aor("alice", f"sip:alice@{phone.address}"),
                general="authtimeout = 60\nauthlimit = 3") as server:
        with neighbour(server, phone):
            silent = [socket.create_connection(("127.0.0.1", server.ami_port)) for _ in range(6)]
            try:
                for sock in silent[:3]:
                    sock.settimeout(DEADLINE)
                    assert sock.recv(100).startswith(b"Asterisk Call Manager/")
                for sock in silent[3:]:
                    assert closed_by_server(sock)
            finally:
                for sock in silent:
                    sock.close()
        wait_until(lambda: can_log_in(server), what="a login after the silent ones have gone")


def can_log_in(server):
    try:
        return server.ami().request("Ping").ok
    except ConnectionError:
        return False


def test_slow_reader(phone):
    """Events pile up for a client that never reads; it is cut off, the others are not."""
    with Server(pjsip=aor("alice", f"sip:alice@{phone.address}"),
                missive_conf="[ami]\nmax_unsent = 256k\n") as server:
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", server.ami_port))
        slow.sendall(b"Action: Login\r\nUsername: admin\r\nSecret: secret\r\nEvents: on\r\n\r\n")
        talker = server.ami(events="off")
        with slow, neighbour(server, phone):
            for _ in range(400):
                talker.send("UserEvent", UserEvent="Flood", Text="x" * 50_000)
            assert talker.request("Ping", deadline=60).ok
            assert closed_by_server(slow, 60)


def test_goes_away_in_the_middle(server, phone):
    with neighbour(server, phone):
        client = server.ami()
        for i in range(100):
            client.send("MessageSend", Destination="pjsip:alice", Body=f"gone {i}")
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
    assert server.ami().request("Ping").ok


# Bodies.

def body_of(size):
    text = random.Random(size).randbytes(size // 2 + 1).hex()[:size]
    return text


@pytest.mark.parametrize("size", [10_000, 60_000])
def test_large_body_over_udp(size, server, phone):
    text = body_of(size)
    reply = server.ami(events="off").message_send("pjsip:alice", text)
    assert reply.ok, reply
    assert phone.wait_one().body == text.encode()


def test_body_too_large_for_udp_is_refused(server, phone):
    client = server.ami(events="off")
    reply = client.message_send("pjsip:alice", body_of(70 * 1024))
    assert reply["Response"] == "Error"
    assert re.search(r"(?i)udp|large|long|big|size", reply["Reason"]), reply
    assert client.message_send("pjsip:alice", "small").ok
    assert [phone.wait_one(b"small")] == phone.messages()


def test_large_body_over_tcp(server, phone):
    text = body_of(70 * 1024)
    reply = server.ami(events="off").message_send(
        f"pjsip:alice/sip:alice@{phone.address};transport=tcp", text)
    assert reply.ok, reply
    request = phone.wait_one()
    assert request.transport == "TCP"
    assert request.body == text.encode()


def test_large_base64_body_over_tcp(server, phone):
    body = random.Random(7).randbytes(64 * 1024)
    reply = server.ami(events="off").request(
        "MessageSend", Destination=f"pjsip:alice/sip:alice@{phone.address};transport=tcp",
        Base64Body=base64.b64encode(body).decode())
    assert reply.ok, reply
    assert phone.wait_one().body == body


@pytest.mark.parametrize("text", ["not base64!", "YWJj*", "YWJ", "=YWJ", "YW=J"])
def test_bad_base64_is_refused(text, server, phone):
    client = server.ami(events="off")
    reply = client.request("MessageSend", Destination="pjsip:alice", Base64Body=text)
    assert reply["Response"] == "Error"
    assert "base64" in reply["Reason"].lower()
    assert client.message_send("pjsip:alice", "good").ok
    assert [phone.wait_one(b"good")] == phone.messages()


# SIP.

OPTIONS = ("OPTIONS sip:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bK{tag};rport\r\n"
           "From: <sip:t@{us}>;tag=1\r\nTo: <sip:{server}>\r\nCall-ID: {tag}@{us}\r\n"
           "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n")


def answers_options(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(DEADLINE)
        us = f"127.0.0.1:{sock.getsockname()[1]}"
        text = OPTIONS.format(server=server.sip_address, us=us, tag=random.randrange(1 << 30))
        sock.sendto(text.encode(), ("127.0.0.1", server.sip_port))
        return sock.recv(65535).startswith(b"SIP/2.0 200")


RUBBISH = [
    b"", b"\0", b"\r\n\r\n", b"hello\r\n\r\n", b"\xff" * 65000, b"MESSAGE", b"MESSAGE sip:x SIP/2.0",
    b"MESSAGE sip:x SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n", b"SIP/2.0 999999999999 x\r\n\r\n",
    b"MESSAGE sip:x SIP/2.0\r\nVia: " + b"," * 60000 + b"\r\n\r\n",
    b"MESSAGE sip:x SIP/2.0\r\n" + b"Via: SIP/2.0/UDP a\r\n" * 3000 + b"\r\n",
    b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <<<<\r\n"
    b"To: \"\"\"\r\nCall-ID: \r\nCSeq: 99999999999999999999 OPTIONS\r\n\r\n",
    b"MESSAGE sip:x SIP/2.0\r\n" + b"X: " + b"\r\n " * 20000 + b"\r\n\r\n",
    b"INVITE sip:%00%ff@[::::::1] SIP/2.0\r\nContent-Length: -1\r\n\r\n",
]


def test_rubbish_datagrams(server, phone):
    noise = random.Random(2)
    with neighbour(server, phone), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        for data in RUBBISH + [noise.randbytes(noise.randrange(1, 2000)) for _ in range(500)]:
            sock.sendto(data, ("127.0.0.1", server.sip_port))
        assert answers_options(server)


@pytest.mark.parametrize("start", [
    b"MESSAGE sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKx\r\nContent-Le",
    b"MESSAGE sip:x SIP/2.0\r\nContent-Length: 1000000000\r\n\r\nhello",
    b"MESSAGE sip:x SIP/2.0\r\nContent-Length: -5\r\n\r\n",
    b"MESSAGE sip:x SIP/2.0\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"MESSAGE sip:x SIP/2.0\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"\0\0\0\0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
])
def test_bad_stream(start, server, phone):
    with neighbour(server, phone):
        with socket.create_connection(("127.0.0.1", server.sip_port), DEADLINE) as stream:
            flood(stream, [start])
            assert answers_options(server)


def test_endless_header_on_a_stream(server, phone):
    before = server.resident_kb()
    with neighbour(server, phone):
        with socket.create_connection(("127.0.0.1", server.sip_port), DEADLINE) as stream:
            flood(stream, [b"MESSAGE sip:x SIP/2.0\r\nX: "] + [b"x" * 65536] * 512)
            assert closed_by_server(stream)
    assert server.resident_kb() - before < 32 * 1024


# Start.

def assert_ends_with_one_line(server, *words):
    server.launch()
    try:
        status = server.process.wait(DEADLINE)
        lines = server.stderr().splitlines()
        assert status == 1, server.log()
        assert len(lines) == 1, f"one line is due:\n{server.stderr()}"
        for word in words:
            assert str(word) in lines[0], lines[0]
    finally:
        server._discard()


def test_ami_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_ends_with_one_line(Server(ami_port=port), port, "in use")


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
def test_sip_port_in_use(kind):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        assert_ends_with_one_line(Server(sip_port=port), port, "in use")


def test_second_server_on_the_same_sip_port(server):
    assert_ends_with_one_line(Server(sip_port=server.sip_port), server.sip_port, "in use")
    assert answers_options(server)


def test_missing_folder():
    server = Server()
    server.config = server.folder / "nosuch"
    assert_ends_with_one_line(server, "nosuch")


@pytest.mark.parametrize("name", ["manager.conf", "pjsip.conf"])
def test_unreadable_file(name):
    server = Server()
    (server.config / name).unlink()
    (server.config / name).mkdir()  # not even root can read this
    assert_ends_with_one_line(server, name)


@pytest.mark.parametrize("name", ["manager.conf", "pjsip.conf"])
def test_missing_file(name):
    server = Server()
    (server.config / name).unlink()
    assert_ends_with_one_line(server, name)


def test_bad_option():
    server = Server(pjsip="[alice]\ntype = endpoint\nfrom_usr = x\n")
    line = 1 + (server.config / "pjsip.conf").read_text().splitlines().index("from_usr = x")
    assert_ends_with_one_line(server, f"pjsip.conf:{line}", "from_usr", "from_user")


# Signals.

def test_sigterm_lets_what_is_in_flight_finish():
    """The phone misses the first request; the server, told to end, sends it again."""
    with Phone(ignore=1) as phone:
        with Server(pjsip=aor("alice", f"sip:alice@{phone.address}")) as server:
            assert server.ami().message_send("pjsip:alice", "in flight").ok
            phone.wait(1)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(30) == 0, server.log()
            first, second = phone.messages()
            assert first.raw == second.raw
            server.start()  # for the block to stop


def test_sigterm_does_not_wait_for_ever():
    with Phone(ignore=1000) as phone:
        pjsip = "[system]\ntype = system\ntimer_t1 = 100\ntimer_b = 6400\n"
        with Server(pjsip=pjsip + aor("alice", f"sip:alice@{phone.address}")) as server:
            client = server.ami()
            for i in range(20):
                # Those of one sender go to one recipient one by one.
                assert client.message_send("pjsip:alice", f"lost {i}", From=f"sip:{i}@x.net").ok
            phone.wait(20)
            server.stop(deadline=30)
            server.start()


def test_sigterm_refuses_new_connections():
    with Phone(ignore=3) as phone:
        with Server(pjsip=aor("alice", f"sip:alice@{phone.address}")) as server:
            assert server.ami().message_send("pjsip:alice", "in flight").ok
            phone.wait(1)
            server.process.send_signal(signal.SIGTERM)

            def refused():
                try:
                    with socket.create_connection(("127.0.0.1", server.ami_port), 1) as sock:
                        return sock.recv(1) == b""
                except OSError:
                    return True

            wait_until(refused, what="an end to new connections")
            assert server.process.wait(30) == 0
            server.start()


def can_send(client, destination):
    return client.message_send(destination, "hello").ok


def test_sighup_takes_the_new_configuration(server, phone):
    client = server.ami(events="off")
    assert not can_send(client, "pjsip:carol")
    text = (server.config / "pjsip.conf").read_text()
    with neighbour(server, phone), Phone() as other:
        server.write("pjsip.conf", text + aor("carol", f"sip:carol@{other.address}"))
        server.reload()
        wait_until(lambda: can_send(client, "pjsip:carol"), what="the new endpoint")
        assert other.wait_one().uri == f"sip:carol@{other.address}"


def test_sighup_with_a_broken_file_keeps_the_old_one(server, phone):
    client = server.ami(events="off")
    text = (server.config / "pjsip.conf").read_text()
    with neighbour(server, phone), Phone() as other:
        carol = aor("carol", f"sip:carol@{other.address}")
        server.write("pjsip.conf", text + carol + "[dave]\ntype = endpoint\nfrom_usr = x\n")
        server.reload()
        wait_until(lambda: "from_usr" in server.log(), what="a word about the broken file")
        assert not can_send(client, "pjsip:carol"), "half of a broken file was taken"
        assert can_send(client, "pjsip:alice")
        server.write("pjsip.conf", text + carol)
        server.reload()
        wait_until(lambda: can_send(client, "pjsip:carol"), what="the mended file")
        other.wait_one()  # else the server would wait for its answer at the end


def test_sighup_a_hundred_times(server, phone):
    with neighbour(server, phone):
        for _ in range(100):
            server.reload()
            os.sched_yield()
        assert server.ami().request("Ping").ok
    assert server.process.poll() is None
