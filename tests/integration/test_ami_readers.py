"""Many who listen, and some who do not read.

1. a client that does not read is disconnected at max_unsent, with a line in the log; others get
   every event in order meanwhile, and actions are answered without delay
2. the same over TLS
3. one that has gone without a word is dropped when its output stands still for its writetimeout
4. one address takes no more than max_per_address places, and of those that have not logged in no
   more than max_logins_per_address; SessionLimit is told; another address comes in meanwhile
5. a reply of more than max_unsent is cut, and says so; who asked for it stays
"""
import socket
import time

import pytest

from ami_client import AmiClient
from certificates import Certificates
from harness import Server, wait_until
from test_ami_tls import TlsServer, trusting

LIMIT = "[ami]\nmax_unsent = 1M\n"


def deaf(port, context=None):
    """Logs in, listens to class user, and never reads again."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.connect(("127.0.0.1", port))
    stream = context.wrap_socket(plain, server_hostname="127.0.0.1") if context else plain
    stream.sendall(b"Action: Login\r\nUsername: admin\r\nSecret: secret\r\nEvents: user\r\n\r\n")
    said = b""
    while b"accepted" not in said:
        said += stream.recv(512)
    return stream


def flood(talker, listener, server, until):
    """Events until `until()`, all of which the listener gets in order; the slowest Ping, and how
    many events it were."""
    slowest, sent = 0.0, 0
    fill = "f" * 20_000
    end = time.monotonic() + 60
    while not until():
        assert time.monotonic() < end, f"{sent} events, and nobody was dropped:\n{server.log()}"
        for number in range(sent, sent + 20):
            talker.send("UserEvent", UserEvent="E", Number=number, Fill=fill)
        began = time.monotonic()
        assert talker.request("Ping").ok
        slowest = max(slowest, time.monotonic() - began)
        for number in range(sent, sent + 20):
            assert listener.event("UserEvent")["Number"] == str(number)
        sent += 20
        talker.replies.clear()
    return slowest, sent


@pytest.mark.parametrize("secure", [False, True])
def test_who_does_not_read(tmp_path, secure):
    certificates = Certificates(tmp_path)
    with TlsServer(certificates, missive_conf=LIMIT) as server:
        port = server.tls_port if secure else server.ami_port
        stuck = deaf(port, trusting(certificates) if secure else None)
        listener, talker = server.ami(events="user"), server.ami(events="off")
        line = "does not read what it is sent"
        slowest, sent = flood(talker, listener, server, lambda: line in server.log())
        assert sent * 20_000 > 1_000_000
        assert slowest < 2, "an action waited for the one who does not read"
        assert f"AMI client 127.0.0.1:{stuck.getsockname()[1]} ('admin')" in server.log()
        assert talker.request("Ping").ok
        stuck.close()


def test_write_timeout():
    users = "[slow]\nsecret = s\nread = user\nwritetimeout = 300\n"
    with Server(users=users) as server:
        stuck = socket.socket()
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", server.ami_port))
        stuck.sendall(b"Action: Login\r\nUsername: slow\r\nSecret: s\r\n\r\n")
        talker = server.ami(events="off")
        fill = "f" * 50_000
        wait_until(lambda: talker.request("UserEvent", UserEvent="E", Fill=fill).ok and
                   "has taken nothing for its writetimeout" in server.log(),
                   what="the end of the one that stands still")
        stuck.close()


def test_places_of_an_address():
    limits = "[ami]\nmax_per_address = 4\nmax_logins_per_address = 2\n"
    with Server(missive_conf=limits) as server:
        watcher = server.ami(events="security")
        strangers = [AmiClient(server.ami_port, login=False) for _ in range(2)]
        with socket.create_connection(("127.0.0.1", server.ami_port), 10) as refused:
            said = refused.recv(4096).decode()
        assert said == ("Response: Error\r\nMessage: Too many sessions of this address that have "
                        "not logged in, 2 at most\r\n\r\n")
        event = watcher.event("SessionLimit")
        assert event["Severity"] == "Error" and event["RemoteAddress"].startswith("IPV4/TCP/127.")
        with socket.create_connection(("127.0.0.1", server.ami_port), 10,
                                      source_address=("127.0.0.2", 0)) as other:
            assert other.recv(4096).startswith(b"Asterisk Call Manager")
        for each in strangers:
            each.close()
        wait_until(lambda: can_come_in(server), what="the places of the strangers")


def can_come_in(server):
    with socket.create_connection(("127.0.0.1", server.ami_port), 10) as probe:
        return probe.recv(4096).startswith(b"Asterisk")


def test_a_reply_that_is_too_long():
    with Server(missive_conf=LIMIT) as server:
        client = server.ami(events="off")
        value = "v" * 100_000
        for number in range(15):
            assert client.request("DBPut", Family="big", Key=str(number), Val=value).ok
        reply = client.request("Command", Command="database show")
        shown = [line for key, line in reply.lines if key == "Output" and value in line]
        assert 1 <= len(shown) < 15
        assert int(reply["Omitted"]) >= 15 - len(shown)
        server.write("long.conf", "[a]\n" + f"x = {value}\n" * 15 + "[b]\ny = 1\n")
        refused = client.request("GetConfig", Filename="long.conf")
        assert not refused.ok and "Category" in refused["Reason"], refused
        assert client.request("GetConfig", Filename="long.conf", Category="b").ok
        assert client.request("Ping").ok
