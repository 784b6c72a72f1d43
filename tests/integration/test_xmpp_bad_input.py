"""What no XMPP server should send, and what people may make it send.

The server goes on, and the account is there, or there again.

1. malformed stanzas: no harm
2. the stream that is no XML ends, and the next one works; an empty <stream:error/>
3. a namespace prefix of 300 characters, ten thousand attributes, thirty thousand levels
4. bodies of 1 MB both ways, over TLS, with a real server
5. a hundred streams of rubbish; then a good one
6. receipts and errors for what was never sent, acknowledgements that lie
7. what only our server or the recipient may say counts for nothing from others
8. a text that its sender keeps from other devices is a text
"""
import contextlib
import random

import pytest

from certificates import Certificates
from harness import wait_until
from prosody import Prosody
from xmpp_peer import SM, XmppPeer, body_of
from xmpp_steps import (ALICE, PHONE, RECEIVING, USERS, connected, got, send, status, texting, told,
                        works)
from xmpp_user import XmppUser


@pytest.fixture
def peer():
    with XmppPeer() as peer:
        yield peer


MALFORMED = [
    "<message/>",
    "<message from='' to=''><body/></message>",
    "<message from='@' id=''><body>x</body></message>",
    "<message from='a@b@c/d' type='chat' id='x'><body>bad sender</body></message>",
    "<message type='no-such-type' from='alice@xmpp.test/x'/>",
    "<message type='error' id='nobody-knows'/>",
    "<message from='alice@xmpp.test/x' type='error'><error/></message>",
    "<message from='alice@xmpp.test/x'><received xmlns='urn:xmpp:receipts'/></message>",
    "<message from='a@xmpp.test/x'><displayed xmlns='urn:xmpp:chat-markers:0' id=''/></message>",
    "<message from='a@xmpp.test/x'><result xmlns='urn:xmpp:mam:2'><forwarded/></result></message>",
    "<message from='texts@xmpp.test'><sent xmlns='urn:xmpp:carbons:2'/></message>",
    "<presence/>", "<presence type='subscribe'/>", "<presence from='///' type='x'/>",
    "<presence from='a@xmpp.test/x'><show>what</show><priority>9999999999</priority></presence>",
    "<presence from='r@rooms.xmpp.test/gw'><x xmlns='http://jabber.org/protocol/muc#user'>"
    "<status code='zzz'/><status/></x></presence>",
    "<iq/>", "<iq type='result' id='unknown'/>", "<iq type='set' id='s'/>",
    "<iq type='get' id='q' from='alice@xmpp.test/x'><query xmlns='jabber:iq:nothing'/></iq>",
    "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='///'/><item/></query></iq>",
    "<iq type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    f"<a xmlns='{SM[1:-1]}'/>", f"<a xmlns='{SM[1:-1]}' h='-7'/>",
    f"<a xmlns='{SM[1:-1]}' h='99999999999999999999'/>", f"<a xmlns='{SM[1:-1]}' h='x'/>",
    f"<r xmlns='{SM[1:-1]}'>x</r>", f"<enabled xmlns='{SM[1:-1]}'/>",
    f"<failed xmlns='{SM[1:-1]}'/>", f"<resumed xmlns='{SM[1:-1]}' h='5' previd='?'/>",
    "<unknown xmlns='urn:example'/>",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
]


@pytest.mark.parametrize("part", range(4))
def test_malformed_stanzas(peer, part):
    with connected(peer) as (server, client, session):
        for number, stanza in enumerate(MALFORMED[part::4]):
            # It may end the stream over nonsense; then the next one works.
            peer.session(deadline=30).write(stanza)
            wait_until(lambda: _answers(client, peer, f"{part}-{number}"), 40,
                       what=f"a message behind {stanza}")
        assert "bad sender" not in told(client)


def _answers(client, peer, word):
    """A stanza of ours comes through the newest session; a lost one was rightly not counted."""
    session = peer.session(deadline=30)
    session.write(f"<message from='{PHONE}' to='{peer.JID}' id='{random.random()}' type='chat'>"
                  f"<body>{word}</body></message>")
    try:
        return got(client, word, deadline=2)
    except AssertionError:
        return None


@pytest.mark.parametrize("octets", [
    "<message from='alice@xmpp.test/x'><body>never closed</message>",
    "<message <<<", "\0\1\2", "&undefined;", "<a:b/>", "\xff\xfe".encode("latin-1"),
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><message>&b;</message>",
    "</stream:stream>", "<?php echo 1 ?>", "]]>", "<stream:error/></stream:stream>",
])
def test_what_is_no_xml(peer, octets):
    with connected(peer) as (server, client, session):
        session.write(octets)
        second = peer.session(2, deadline=30) if octets != "<?php echo 1 ?>" else session
        works(client, second, "again")


@pytest.mark.parametrize("case", ["prefix", "long-attribute", "attributes", "deep", "name"])
def test_large_xml(peer, case):
    prefix = "p" * 300
    inside = {
        "prefix": f"<{prefix}:x xmlns:{prefix}='urn:example'><{prefix}:y/></{prefix}:x>",
        "long-attribute": f"<x xmlns='urn:example' a='{'v' * 200_000}'/>",
        "attributes": "<x xmlns='urn:example' " + " ".join(f"a{i}='{i}'" for i in range(10_000))
                      + "/>",
        "deep": "<x xmlns='urn:example'>" + "<y>" * 30_000 + "</y>" * 30_000 + "</x>",
        "name": f"<{'n' * 70_000} xmlns='urn:example'/>",
    }[case]
    with connected(peer) as (_, client, session):
        session.say(PHONE, f"with {case}", inside=inside)
        # What it may take or leave is the stanza; the account stays, or comes back.
        wait_until(lambda: _answers(client, peer, f"after {case}"), 40, what="a message behind it")
        if case == "prefix":
            assert f"with {case}" in told(client)


@pytest.mark.parametrize("server_of", ["prosody", "peer"])
def test_large_bodies(server_of, tmp_path):
    body = ("0123456789abcdef" * 65536)[:1_000_000]
    extensions = "[texts]\nexten => s,1,UserEvent(Length,Length: ${LEN(${MESSAGE(body)})})\n"
    missive_conf = "[messaging]\nmax_body = 2M\n"
    with contextlib.ExitStack() as stack:
        if server_of == "prosody":
            prosody = stack.enter_context(Prosody(USERS))
            account = prosody.account("gateway", "texts", **RECEIVING)
        else:
            certificates = Certificates(tmp_path)
            peer = stack.enter_context(XmppPeer(certificates.make("server", "DNS:xmpp.test")))
            account = peer.account(ca_list_file=certificates.ca, **RECEIVING)
        _, client = stack.enter_context(texting(account, extensions=extensions,
                                                missive_conf=missive_conf))
        message_id = send(client, ALICE if server_of == "peer" else "bob@xmpp.test", body)
        status(client, message_id, "sent", deadline=40)
        if server_of == "peer":
            session = peer.session()
            assert body_of(session.message(body)) == body
            session.say(PHONE, body)
        else:
            with XmppUser(prosody, "bob") as bob:
                assert bob.wait(deadline=40, body=lambda text: text and len(text) > 1000)[
                    "body"] == body
                bob.message("texts@xmpp.test/missive", body)
                client.event("UserEvent", UserEvent="Length", Length="1000000", deadline=40)
            return
        client.event("UserEvent", UserEvent="Length", Length="1000000", deadline=40)


def test_a_hundred_streams_of_rubbish():
    """A hundred accounts connect to it at once, and each is told something else."""
    numbers = random.Random(7)
    openings = ["", "<?xml version='1.0'?>", "<?xml version='1.0'?><stream:stream "
                "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1'>"]
    words = [b"<", b">", b"</", b"/>", b"<message>", b"<stream:features>", b"<proceed "
             b"xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", b"&amp;", b"\xc3\x28", b"\0", b"'",
             b"<stream:error/>", b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"]

    def opening(session):
        octets = numbers.choice(openings).encode()
        for _ in range(numbers.randrange(40)):
            octets += numbers.choice(words) if numbers.random() < 0.5 else numbers.randbytes(
                numbers.randrange(50))
        # The one that libstrophe died of, before any login.
        session.write(openings[2] + "<stream:error/>" if numbers.random() < 0.1 else octets)
        session.cut()

    with XmppPeer() as rubbish, XmppPeer() as peer:
        rubbish.opening = opening
        accounts = [rubbish.account(f"r{number}") for number in range(100)]
        with texting(peer.account(**RECEIVING), *accounts, debug=False) as (server, client):
            wait_until(lambda: sum(one.closed for one in rubbish.sessions) >= 100
                       or server.process.poll() is not None, 60, what="a hundred connections")
            assert server.process.poll() is None, server.log()
            works(client, peer.session(deadline=60), "good")
            assert server.process.poll() is None


def test_lies(peer):
    with connected(peer) as (_, client, session):
        peer.acks = False
        message_id = send(client, ALICE, "truth")
        session.message("truth")
        session.acknowledge(peer.received + 1000)
        for _ in range(50):
            session.write(f"<message type='error' id='{random.random()}' from='{ALICE}'/>"
                          f"<message id='x' from='{ALICE}/x'><received xmlns='urn:xmpp:receipts' "
                          f"id='{random.random()}'/></message>")
        peer.acks = True
        wait_until(lambda: _answers(client, peer, "honest"), 40, what="a message behind it")
        # Whatever it made of that acknowledgement, it did not forget the message.
        peer.session().acknowledge()
        wait_until(lambda: client.request("MessageStatus", MessageID=message_id).get("Status")
                   == "sent", 30, what="sent")


def test_strangers(peer):
    with connected(peer) as (_, client, session):
        # 7: the roster, and an error for somebody else's message.
        session.send(f"<iq type='result' id='missive-roster' from='mallory@evil.test/x' "
                     f"to='{peer.JID}'><query xmlns='jabber:iq:roster'>"
                     "<item jid='friend@evil.test' subscription='both'/></query></iq>")
        peer.acks = False
        message_id = send(client, ALICE, "for alice")
        stanza = session.message("for alice")
        stanza.set("to", "mallory@evil.test/x")
        session.error(stanza, "item-not-found")
        peer.acks = True
        session.acknowledge()
        status(client, message_id, "sent")
        buddies = client.request("Command", Command="xmpp show buddies")
        assert "evil.test" not in str(buddies), buddies
        # 8
        session.say(PHONE, "private", inside="<private xmlns='urn:xmpp:carbons:2'/>")
        got(client, "private")
