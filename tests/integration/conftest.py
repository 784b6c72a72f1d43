"""Fixtures that the test files share."""
import pytest

from harness import Phone, Server, aor
from prosody import Prosody
from xmpp_steps import USERS
from xmpp_user import XmppUser


@pytest.fixture
def phone():
    with Phone() as phone:
        yield phone


@pytest.fixture
def server(phone):
    """A server with the endpoint alice at the phone, and nobody at `absent`."""
    with Server(pjsip=aor("alice", f"sip:alice@{phone.address}") + aor("absent")) as server:
        yield server


@pytest.fixture(scope="module")
def prosody():
    """Prosody with the accounts of xmpp_steps."""
    with Prosody(USERS) as prosody:
        yield prosody


@pytest.fixture
def alice(prosody):
    """Alice, logged in at it with a client."""
    with XmppUser(prosody, "alice") as alice:
        yield alice
