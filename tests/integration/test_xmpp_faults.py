"""An XMPP server that misbehaves, or is lost at the worst moment.

Each time: the server goes on, says what was wrong, and loses nothing that it accepted.

Acknowledgements
1. withheld: `sending` until they come; then sent, in one burst
2. the server goes in the middle of a stanza: resumed, and sent again; what it has is not
3. a resume that fails: all that was not acknowledged is sent again, nothing is lost
   a new stream in place of one that was closed counts from zero: what is resumed after it is right
4. a stanza that the server sends again is dropped, after a resume and after a new session
5. an error of the type `wait` is tried again; others are final, with a code and a condition
Connections
6. <stream:error> of several kinds: the reason in the log, then connected again
7. a silent server is found by its missing answer to a ping
8. two accounts that want one resource do not fight over it
9. connections that are reset at every step of the login
10. a login refused: the condition in the log and an event; a reload tries it again, and is enough
    for the first account
11. a server that demands TLS of an account with usetls = no, and one that has none
12. twenty accounts log in at the same time, by SCRAM-SHA-1
13. at a stop the server is asked to keep what comes; what is under way gets its outcome
"""
import re
import signal
import time

import pytest

from certificates import Certificates
from harness import wait_until
from prosody import Prosody
from xmpp_peer import XmppPeer, body_of
from xmpp_steps import (ALICE, PHONE, RECEIVING, USERS, connected, got, send, status, texting, told,
                        wait_connected, works)
from xmpp_user import XmppUser


@pytest.fixture
def peer():
    with XmppPeer() as peer:
        yield peer


def seen(client, message_id):
    return [event["Status"] for event in client.events if event["Event"] == "MessageStatus"
            and event["MessageID"] == message_id]


def in_order(peer, bodies):
    """How the peer got these."""
    return [body_of(stanza) for stanza in peer.messages() if body_of(stanza) in bodies]


# 1 to 5: acknowledgements.

def test_withheld(peer):
    with connected(peer) as (_, client, session):
        peer.acks = False
        ids = [send(client, ALICE, f"held {number}") for number in range(5)]
        session.message("held 4")
        status(client, ids[-1], "sending")
        session.say(PHONE, "fence")
        got(client, "fence")
        assert not [event for event in client.events if event.get("Status") == "sent"]
        peer.acks = True
        session.acknowledge()
        for message_id in ids:
            status(client, message_id, "sent")


@pytest.mark.parametrize("rudely", [False, True])
def test_gone_in_mid_message(peer, rudely):
    with connected(peer) as (_, client, session):
        peer.acks = False
        bodies = [f"unsure {number}" for number in range(6)]
        ids = [send(client, ALICE, body) for body in bodies]
        session.message(bodies[-1])
        # It has half of them, and is gone.
        peer.handled = peer.received - 3
        session.write("<message from='alice@xmpp.test/phone' to='texts@xm")
        session.cut(rudely)
        second = peer.session(2)
        assert second.resumed
        for body in bodies[3:]:
            second.message(body)
        peer.handled = None
        peer.acks = True
        second.acknowledge()
        for message_id in ids:
            status(client, message_id, "sent")
        assert in_order(peer, bodies) == bodies + bodies[3:]
        stanzas = peer.messages(bodies[4])
        assert [one.get("id") for one in stanzas] == [ids[4], ids[4]]
        works(client, second, "on")


@pytest.mark.parametrize("farewells", [True, False])
def test_resume_that_fails(peer, farewells):
    peer.farewells = farewells  # of the stream that was to be another one resumed
    with connected(peer) as (_, client, session):
        peer.acks = False
        bodies = [f"lost {number}" for number in range(6)]
        ids = [send(client, ALICE, body) for body in bodies]
        session.message(bodies[-1])
        peer.resumes = False
        peer.acks = True
        session.cut()
        second = peer.session(2)
        assert not second.resumed
        for message_id, body in zip(ids, bodies):
            assert second.message(body).get("id") == message_id
            status(client, message_id, "sent", deadline=30)
        works(client, second, "on")


def test_closed_then_cut(peer):
    with connected(peer) as (_, client, session):
        for word in ("one", "two", "three"):
            works(client, session, word)
        peer.resumes = False
        session.write("</stream:stream>")
        second = peer.session(2)
        assert not second.resumed
        before = len(peer.messages())
        works(client, second, "new")
        peer.resumes = True
        second.cut()
        third = peer.session(3)
        assert third.resumed
        works(client, third, "again")
        assert [body_of(one) for one in peer.messages()[before:]] == ["new out", "again out"]


def test_sent_twice_by_the_server(peer):
    with connected(peer) as (_, client, session):
        twice = session.say(PHONE, "only once", "an-id-of-its-own")
        got(client, "only once")
        session.cut()
        second = peer.session(2)  # the peer sends again what was not acknowledged
        assert second.resumed
        works(client, second, "resumed")
        peer.resumes = False
        second.cut()
        third = peer.session(3)
        third.say(PHONE, "only once", twice,
                  inside="<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>")
        works(client, third, "new")
        assert told(client) == []
        # The same id of somebody else is another message.
        third.say("bob@xmpp.test/x", "only once", twice)
        assert got(client, "only once")["From"] == "xmpp:bob@xmpp.test/x"


def test_stanza_errors(peer):
    with connected(peer, missive_conf="[outbox]\nretry = 1\n") as (_, client, session):
        codes = {"item-not-found": "404", "service-unavailable": None, "forbidden": "403",
                 "not-allowed": None, "policy-violation": None, "made-up-condition": None}
        for condition, code in codes.items():
            message_id = send(client, ALICE, condition)
            session.error(session.message(condition), condition, text="words of the server")
            failed = status(client, message_id, "failed")
            assert failed["ResponseText"].endswith(": words of the server"), failed
            if condition != "made-up-condition":
                assert failed["ResponseText"].startswith(condition), failed
            assert code in (None, failed["ResponseCode"]), failed
            assert 400 <= int(failed["ResponseCode"]) < 700, failed
        peer.acks = False  # the server bounces what it has not acknowledged yet
        message_id = send(client, ALICE, "busy")
        session.error(session.message("busy"), "resource-constraint", "wait")
        peer.acks = True
        wait_until(lambda: len(peer.messages("busy")) == 2, 30, what="the second try")
        assert "failed" not in seen(client, message_id)


# 6 to 11: connections.

@pytest.mark.parametrize("condition", ["system-shutdown", "policy-violation", "not-well-formed",
                                       "no-such-thing"])
def test_stream_error(peer, condition):
    with connected(peer) as (server, client, session):
        session.write(f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                      "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>going now</text>"
                      "</stream:error></stream:stream>")
        session.cut()
        second = peer.session(2, deadline=30)
        works(client, second, "again")
        assert re.search("gateway.*going now", server.log())
        if condition in ("system-shutdown", "policy-violation"):
            assert re.search(f"gateway.*{condition}", server.log())


def test_silent_server(peer):
    with texting(peer.account(ping_interval=1, **RECEIVING)) as (server, client):
        session = peer.session()
        peer.acks = peer.answers = False
        message_id = send(client, ALICE, "into silence")
        session.message("into silence")
        second = peer.session(2, deadline=60)
        assert second is not session
        peer.acks = peer.answers = True
        second.acknowledge()
        status(client, message_id, "sent", deadline=30)
        assert re.search("(?i)gateway.*(answer|silent|ping)", server.log())


def test_two_accounts_and_one_resource():
    with Prosody(USERS) as prosody, XmppUser(prosody, "alice") as alice, \
            texting(prosody.account("one", "texts"), prosody.account("two", "texts")) as (
                server, client):
        wait_until(lambda: re.search("(?i)(one|two).*conflict", server.log()),
                   what="the conflict in the log")
        for account in ("one", "two"):
            send(client, alice.jid, f"of {account}", account=account)
        before = prosody.log().count("Authenticated as texts")
        time.sleep(4)
        assert prosody.log().count("Authenticated as texts") - before <= 3
        assert {"of one", "of two"} & set(alice.bodies())


def test_reset_at_every_step(peer):
    """At the stream, before and after the features, and then at each element of the client's."""
    steps = iter(["connect", "stream", "features", "features"])

    def opening(session):
        step = next(steps, None)
        if step is None:
            peer.opening = None
            session._open()
            return
        if step != "connect":
            session.write("<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='1' "
                          "version='1.0' xmlns:stream='http://etherx.jabber.org/streams'>")
        if step == "features":
            session.write("<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sa")
        session.cut(rudely=True)

    peer.opening = opening
    with texting(peer.account(**RECEIVING)) as (_, client):
        message_id = send(client, ALICE, "patient")
        session = peer.session(deadline=60)
        session.message("patient")
        status(client, message_id, "sent")


@pytest.mark.parametrize("condition", ["not-authorized", "account-disabled",
                                       "temporary-auth-failure", "invalid-mechanism"])
def test_login_refused(peer, condition):
    peer.refusal = condition
    with texting() as (server, client):
        # Read once the client is there to see what comes of it.
        server.write("xmpp.conf", peer.account(**RECEIVING))
        server.reload()
        passing = condition == "temporary-auth-failure"
        client.event("JabberStatus", Status="Disconnected" if passing else "Rejected")
        wait_until(lambda: re.search(f"gateway.*{condition}", server.log()),
                   what="the condition in the log")
        message_id = send(client, ALICE, "in the end")
        status(client, message_id, "queued")
        peer.refusal = None
        server.write("xmpp.conf", peer.account(priority=2))
        server.reload()
        peer.session().message("in the end")
        status(client, message_id, "sent")


def test_first_account(peer):
    with texting() as (server, client):
        server.write("xmpp.conf", peer.account(**RECEIVING))
        server.reload()
        session = peer.session()
        wait_connected(client)
        works(client, session, "first")


def test_tls_that_does_not_fit(tmp_path):
    certificate = Certificates(tmp_path).make("server", "DNS:xmpp.test")
    with XmppPeer(certificate) as strict, XmppPeer() as plain, \
            texting(strict.account("without", usetls="no"),
                    plain.account("with", usetls="yes")) as (server, client):
        for name in ("without", "with"):
            kept = client.message_send(f"xmpp:{ALICE}", "x", From=name)
            assert kept.ok and kept["Status"] == "queued", kept
            wait_until(lambda: re.search(f"(?i){name}.*TLS", server.log()),
                       what=f"the reason of {name}")
        assert not any(one.bound for one in strict.sessions + plain.sessions)


def test_twenty_at_the_same_time():
    """libstrophe's SHA-1 has one buffer for all threads."""
    with XmppPeer(mechanisms=("SCRAM-SHA-1",)) as peer:
        peer.stream_management = False
        names = [f"a{number}" for number in range(20)]
        with texting(*map(peer.account, names)) as (server, client):
            for name in names:
                wait_connected(client, name)
            assert "not-authorized" not in server.log()


def test_stop(peer):
    with connected(peer) as (server, client, session):
        peer.acks = False
        message_id = send(client, ALICE, "the last one")
        session.message("the last one")
        status(client, message_id, "sending")
        server.process.send_signal(signal.SIGTERM)
        session.wait(lambda one: one.findtext("{jabber:client}priority") == "-1",
                     "presence that takes no texts")
        peer.acks = True
        session.acknowledge()
        status(client, message_id, "sent")
        assert server.process.wait(30) == 0
        server.start()
