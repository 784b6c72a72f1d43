"""Fixtures that the test files share."""
import pytest

from harness import Phone, Server, aor


@pytest.fixture
def phone():
    with Phone() as phone:
        yield phone


@pytest.fixture
def server(phone):
    """A server with the endpoint alice at the phone, and nobody at `absent`."""
    with Server(pjsip=aor("alice", f"sip:alice@{phone.address}") + aor("absent")) as server:
        yield server
