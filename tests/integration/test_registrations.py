"""type=registration against a real kamailio: registered elsewhere, and reachable by that.

1. registered with digest: the event Registry, PJSIPShowRegistrationsOutbound, kamailio's own list
2. refreshed before a short time is over, for as long as it is wanted
3. a wrong password: Rejected, with its cause; not tried again
4. Min-Expires: asked again for as long as the registrar wants
5. PJSIPUnregister takes it back, PJSIPRegister registers again; unknown names
6. a MESSAGE through kamailio arrives, and is from the endpoint of the line; without one it is not
7. kamailio restarted: registered again by the next refresh (UDP), by the lost connection (TCP)
8. over TCP: registered, reachable
9. support_outbound: an instance that is the same after a restart
10. a reload: what is new is registered, what has changed anew, what is gone is taken back
11. missive stopped: taken back; and while the registrar does not answer, within a few seconds
12. what several shards have is listed as one
"""
import re
import signal
import time

import pytest

from harness import Server, wait_until
from kamailio import Kamailio

USERS = {"me": "secret", "you": "hidden"}


@pytest.fixture(scope="module")
def kamailio():
    with Kamailio(USERS) as kamailio:
        yield kamailio


@pytest.fixture
def fresh():
    """One that the test may stop and start."""
    with Kamailio(USERS) as kamailio:
        yield kamailio


def registration(kamailio, options="", name="trunk", user="me", password="secret"):
    """The sections of an account at kamailio; a later line of an option counts."""
    return f"""[{name}]
type = auth
username = {user}
password = {password}
[{name}]
type = registration
server_uri = sip:{kamailio.address}
client_uri = sip:{user}@{kamailio.address}
contact_user = inbound
outbound_auth = {name}
max_random_initial_delay = 0
{options}
"""


LINE = "line = yes\nendpoint = carrier\n"
CARRIER = "[carrier]\ntype = endpoint\ncontext = from-carrier\n"
EXTENSIONS = "[from-carrier]\nexten => inbound,1,NoOp(from the carrier)\n"


def serving(pjsip, **options):
    return Server(pjsip=CARRIER + pjsip, extensions=EXTENSIONS, **options)


def registered(kamailio, user="me"):
    """The one binding of the user: its URI."""
    def only():
        found = list(kamailio.bindings(user))
        return found[0] if len(found) == 1 else None
    return wait_until(only, what=f"a binding of {user}")


def details(client):
    """PJSIPShowRegistrationsOutbound: the detail of each by name, and the last packet."""
    action = client.send("PJSIPShowRegistrationsOutbound")
    assert client.reply(action)["EventList"] == "start"
    complete = client.event("OutboundRegistrationDetailComplete", ActionID=action)
    found = [e for e in client.events
             if e["Event"] == "OutboundRegistrationDetail" and e.get("ActionID") == action]
    return {e["ObjectName"]: e for e in found}, complete


def is_registered(client, name="trunk"):
    return details(client)[0][name]["Status"] == "Registered"


# 1, 2, 3, 4: what the registrar says.

def test_registers(kamailio):
    with serving(registration(kamailio)) as server:
        client = server.ami()
        assert registered(kamailio) == f"sip:inbound@{server.sip_address}"
        wait_until(lambda: is_registered(client), what="Status: Registered")
        found, complete = details(client)
        assert found["trunk"]["ClientUri"] == f"sip:me@{kamailio.address}"
        assert found["trunk"]["OutboundAuth"] == "trunk"
        assert 0 < int(found["trunk"]["NextReg"]) <= 3570
        assert (complete["Registered"], complete["NotRegistered"]) == ("1", "0")
        client.request("PJSIPRegister", Registration="trunk")
        event = client.event("Registry", Status="Registered")
        assert event["ChannelType"] == "PJSIP"
        assert event["Username"] == f"sip:me@{kamailio.address}"
        assert event["Domain"] == f"sip:{kamailio.address}"
        assert "Cause" not in event


def test_refreshes(kamailio):
    with serving(registration(kamailio, "expiration = 3")) as server:
        client = server.ami()
        uri = registered(kamailio)
        end = time.monotonic() + 7  # more than twice as long as it holds
        while time.monotonic() < end:
            assert list(kamailio.bindings("me")) == [uri]
        assert len([1 for _ in range(2) if client.event("Registry", Status="Registered")]) == 2


def test_wrong_password(kamailio):
    with serving(registration(kamailio, password="wrong")) as server:
        client = server.ami()
        client.request("PJSIPRegister", Registration="trunk")
        event = client.event("Registry")
        assert event["Status"] == "Rejected"
        assert event["Cause"].startswith("401 ")
        detail = details(client)[0]["trunk"]
        assert (detail["Status"], detail["NextReg"]) == ("Rejected", "0")
        assert kamailio.bindings("me") == {}


def test_min_expires():
    with Kamailio(USERS, min_expires=120) as strict, \
            serving(registration(strict, "expiration = 60")):
        uri = registered(strict)
        assert 110 <= strict.bindings("me")[uri] <= 120


# 5: by AMI.

def test_unregister_and_register(kamailio):
    with serving(registration(kamailio)) as server:
        client = server.ami()
        registered(kamailio)
        reply = client.request("PJSIPUnregister", Registration="trunk")
        assert reply.ok and reply["Message"] == "Unregistration sent"
        client.event("Registry", Status="Unregistered")
        assert kamailio.bindings("me") == {}
        assert kamailio.relay("me", b"?") == 404
        reply = client.request("PJSIPRegister", Registration="*all")
        assert reply.ok and reply["Message"] == "Reregistrations queued."
        client.event("Registry", Status="Registered")
        registered(kamailio)
        unknown = client.request("PJSIPUnregister", Registration="nobody")
        assert not unknown.ok
        assert unknown["Message"] == "Unable to retrieve registration entry"


# 6, 8: by the line.

@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_message_by_the_line(kamailio, protocol):
    options = LINE + f"transport = transport-{protocol}\n"
    with serving(registration(kamailio, options)) as server:
        client = server.ami()
        uri = registered(kamailio)
        assert re.search(r";line=[0-9a-f]{16}", uri), uri
        assert (";transport=tcp" in uri) == (protocol == "tcp")
        assert kamailio.relay("me", b"by the line") == 202
        event = client.event("MessageReceived")
        assert event["Endpoint"] == "carrier"
        assert event["Context"] == "from-carrier"
        assert event["Exten"] == "inbound"
        assert event["Body"] == "by the line"


def test_without_a_line_it_is_from_nobody(kamailio):
    with serving(registration(kamailio)):
        registered(kamailio)
        assert kamailio.relay("me", b"from whom?") == 401


# 7: the registrar forgets.

def test_restarted_registrar(fresh):
    with serving(registration(fresh, "expiration = 4\nretry_interval = 1")) as server:
        client = server.ami()
        registered(fresh)
        fresh.restart()
        registered(fresh)
        wait_until(lambda: is_registered(client), what="Status: Registered")


def test_lost_connection(fresh):
    options = "transport = transport-tcp\nretry_interval = 1\n"
    with serving(registration(fresh, options)) as server:
        client = server.ami()
        registered(fresh)
        wait_until(lambda: is_registered(client), what="Status: Registered")
        fresh.restart()
        event = client.event("Registry", Status="Unregistered")
        assert "connection" in event["Cause"]
        client.event("Registry", Status="Registered")
        registered(fresh)


# 9: RFC 5626.

def test_instance_survives_a_restart(kamailio):
    def instance():
        return re.search(r"Instance: (<urn:uuid:\S+)", kamailio.rpc("ul.dump"))[1]

    with serving(registration(kamailio, "support_outbound = yes")) as server:
        assert ";ob" in registered(kamailio)
        first = instance()
        server.kill()
        server.start()
        registered(kamailio)
        assert instance() == first


# 10: a reload.

def test_reload(kamailio):
    gone = registration(kamailio, "contact_user = gone", "gone", "you", "hidden")
    with serving(registration(kamailio) + gone) as server:
        assert "inbound@" in registered(kamailio)
        assert "gone@" in registered(kamailio, "you")
        server.write("pjsip.conf",
                     server.pjsip_base + CARRIER + registration(kamailio, "contact_user = changed"))
        server.reload()
        wait_until(lambda: kamailio.bindings("you") == {}, what="the one that is gone taken back")
        wait_until(lambda: "changed@" in "".join(kamailio.bindings("me")), what="the changed one")
        assert len(kamailio.bindings("me")) == 1


# 11: the end.

def test_stop_takes_it_back(kamailio):
    with serving(registration(kamailio) +
                 registration(kamailio, "", "other", "you", "hidden")):
        registered(kamailio)
        registered(kamailio, "you")
    assert kamailio.bindings("me") == kamailio.bindings("you") == {}
    assert kamailio.relay("me", b"?") == 404


def test_stop_does_not_wait_for_ever(fresh):
    with serving(registration(fresh)) as server:
        registered(fresh)
        fresh.stop()
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)
        assert time.monotonic() - started < 8
        server.start()  # for the end of the block


# 12: many.

def test_many(fresh):
    accounts = "".join(registration(fresh, f"contact_user = c{i}", f"trunk{i}") for i in range(12))
    with serving(accounts) as server:
        client = server.ami()
        wait_until(lambda: len(fresh.bindings("me")) == 12, what="12 bindings")
        wait_until(lambda: details(client)[1]["Registered"] == "12", what="Registered: 12")
        found, complete = details(client)
        assert complete["ListItems"] == "12"
        assert list(found) == sorted(f"trunk{i}" for i in range(12))
    assert fresh.bindings("me") == {}
