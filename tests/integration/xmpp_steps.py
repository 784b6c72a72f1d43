"""What the tests of the `xmpp:` technology share: a server with accounts, and its dialplan.

The dialplan tells AMI of every message that reaches it, as the UserEvent `Got`; with the body
`relay PJSIP-NAME` it passes the message on to that endpoint.
"""
import contextlib
import re
import time

from harness import DEADLINE, Server, wait_until

USERS = {"texts": "secret", "alice": "hers", "bob": "his"}
OURS = "texts@xmpp.test/missive"
ROOM = "lobby@rooms.xmpp.test"
ALICE, PHONE = "alice@xmpp.test", "alice@xmpp.test/phone"

TELL = ("UserEvent(Got,Exten: ${EXTEN},From: ${MESSAGE(from)},To: ${MESSAGE(to)},"
        "Body: ${MESSAGE(body)},Subject: ${MESSAGE_DATA(Subject)},"
        "Thread: ${MESSAGE_DATA(Thread)},Id: ${MESSAGE_DATA(Id)},Type: ${MESSAGE_DATA(Type)},"
        "Lang: ${MESSAGE_DATA(Language)})")
DIALPLAN = f"""[texts]
exten => s,1,{TELL}
 same => n,GotoIf($["${{MESSAGE(body):0:6}}" = "relay "]?relay)
 same => n,Hangup()
 same => n(relay),MessageSend(pjsip:${{MESSAGE(body):6}},sip:xmpp@example.net)
"""
# So that nothing is tried again but by what the test does.
PATIENT = "[outbox]\nretry = 3600\n"
RECEIVING = {"sendtodialplan": "yes", "context": "texts"}


@contextlib.contextmanager
def texting(*accounts, extensions=DIALPLAN, debug=True, **options):
    """A server with these accounts, and an AMI client of it."""
    general = f"[general]\ndebug = {'yes' if debug else 'no'}\n"
    with Server(xmpp=general + "".join(accounts), extensions=extensions,
                **options) as server:
        yield server, server.ami()


def wait_connected(client, account="gateway"):
    """Until what is sent leaves at once."""
    wait_until(lambda: re.search(rf"\[{account}\].* - Connected", str(
        client.request("Command", Command="xmpp show connections"))), what=f"{account} connected")


def send(client, to, body, headers=(), account="gateway", **fields):
    """Accepted, now or for later; its id."""
    reply = client.message_send(f"xmpp:{to}", body, headers, From=account, **fields)
    assert reply.ok, reply
    return reply["MessageID"]


def refusal(client, to, **fields):
    """Why it was not accepted."""
    reply = client.message_send(to, "x", **fields)
    assert not reply.ok, reply
    assert reply["Message"] == "Message failed to send."
    return reply["Reason"]


def status(client, message_id, name, **fields):
    return client.event("MessageStatus", MessageID=message_id, Status=name, **fields)


def arrives(client, message_id, deadline=DEADLINE):
    """The server has it: sent, or delivered already where the receipt was faster."""
    end = time.monotonic() + deadline
    while True:
        event = client.event("MessageStatus", end - time.monotonic(), MessageID=message_id)
        assert event["Status"] in ("sending", "queued", "sent", "delivered"), event
        if event["Status"] in ("sent", "delivered"):
            return event


def got(client, body, **fields):
    """The message as it reached the dialplan."""
    return client.event("UserEvent", UserEvent="Got", Body=body, **fields)


def told(client):
    """The bodies of all that reached the dialplan and that no test has waited for."""
    return [event.get("Body") for event in client.events
            if event["Event"] == "UserEvent" and event.get("UserEvent") == "Got"]


# With an XmppPeer.

@contextlib.contextmanager
def connected(peer, missive_conf="[outbox]\nretry = 3600\npipeline = 64\n"):
    """A server whose account `gateway` is bound at the peer: the session, and an AMI client."""
    with texting(peer.account(**RECEIVING), missive_conf=missive_conf) as (server, client):
        session = peer.session()
        wait_connected(client)
        yield server, client, session


def works(client, session, word):
    """Both ways; a fence too: what was sent before it has been dealt with."""
    message_id = send(client, ALICE, f"{word} out")
    session.message(f"{word} out")
    status(client, message_id, "sent")
    session.say(PHONE, f"{word} in")
    got(client, f"{word} in")
