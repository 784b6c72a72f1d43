"""REGISTER: who may, what is kept, what is answered (RFC 3261 section 10, RFC 7616, RFC 3327).

1. digest with MD5, SHA-256 and SHA-512-256: registered, and messages arrive
2. a wrong password and an unknown user: the same answer, with and without credentials
3. a nonce: used again with a higher nc, replayed, made up
4. how long: default, minimum (423), maximum, and gone when it has passed
5. bindings: query, refresh, remove, `*`, several with q, CSeq order, one device twice
6. limits: no contact allowed, max_contacts, remove_existing
7. Path: kept and used, 420 without Supported
8. rewrite_contact: messages go where the request came from
9. malformed ones are refused, and the server goes on
"""
import re

import pytest

from harness import Phone, Server, account
from sip_user import User

USERS = "".join([
    account("alice", "secret", auth="supported_algorithms_uas = MD5"),
    account("sha256", "secret", auth="supported_algorithms_uas = SHA-256"),
    account("sha512", "secret", auth="supported_algorithms_uas = SHA-512-256"),
    account("open"),
    account("short", aor="minimum_expiration = 1"),
    account("timed", aor="minimum_expiration = 100\nmaximum_expiration = 200\n"
                         "default_expiration = 150"),
    account("closed", aor="max_contacts = 0"),
    account("single", aor="max_contacts = 1"),
    account("newest", aor="max_contacts = 1\nremove_existing = yes"),
    account("path", aor="support_path = yes"),
    account("nat", endpoint="rewrite_contact = yes"),
])


@pytest.fixture(scope="module")
def server():
    with Server(pjsip=USERS, missive_conf="[sip]\nunidentified_rate = 0\n") as server:
        yield server


@pytest.fixture
def client(server):
    return server.ami(events="off")


@pytest.fixture
def alice(server):
    with User(server, "alice", "secret") as alice:
        yield alice


@pytest.fixture
def user(server):
    """A user without a password, with no contact yet."""
    with User(server, "open") as user:
        yield user
        user.register(0, "*")


def expires(contact):
    return int(re.search(r";\s*expires=(\d+)", contact)[1])


def bindings(user):
    """The URIs that are registered."""
    answer = user.register(None, "")
    assert answer.status == 200, answer
    return [re.search("<([^>]*)>", contact)[1] for contact in answer.contacts]


# 1, 2, 3: authentication.

@pytest.mark.parametrize("name, algorithm", [
    ("alice", "MD5"), ("sha256", "SHA-256"), ("sha512", "SHA-512-256")])
def test_digest(name, algorithm, server, client):
    with User(server, name, "secret", algorithm=algorithm) as user:
        answer = user.register(600)
        assert answer.status == 200, answer
        assert [user.contact in c for c in answer.contacts] == [True], answer
        assert 590 <= expires(answer.contacts[0]) <= 600
        assert user.last_challenge["qop"] == "auth"
        assert client.message_send(f"pjsip:{name}", "to the new contact").ok
        assert user.wait_one().uri == user.contact.strip("<>")
        assert user.register(0).contacts == []


def form(answer):
    """An answer without what differs from request to request."""
    challenge = answer.challenge()
    names = [name for name, _ in answer.headers]
    fixed = {key: value for key, value in challenge.items() if key not in ("nonce", "opaque")}
    return answer.line, names, fixed, len(challenge["nonce"]), answer.body


def test_unknown_user_looks_like_a_wrong_password(server, alice):
    asked = alice.register(auth=False)
    assert asked.status == 401
    with User(server, "nobody", "secret") as nobody:
        unknown = nobody.register(auth=False)
        assert form(unknown) == form(asked)
        alice.password = "wrong"
        wrong, unknown = alice.register(), nobody.register()
        assert form(unknown) == form(wrong)
        assert wrong.status in (401, 403)
    alice.password = "secret"
    assert bindings(alice) == []


def registration(user, credentials):
    return user.exchange(user.build("REGISTER", to=f"<{user.uri}>", headers=[credentials]))


def test_nonce_is_good_for_more_than_one_request(alice):
    alice.take_challenge(alice.register(auth=False))
    for _ in range(5):
        assert registration(alice, alice.credentials("REGISTER")).status == 200


def test_replayed_credentials_are_refused(alice):
    alice.take_challenge(alice.register(auth=False))
    credentials = alice.credentials("REGISTER")
    assert registration(alice, credentials).status == 200
    again = registration(alice, credentials)
    assert again.status == 401
    assert again.challenge()["nonce"] != alice.last_challenge["nonce"]
    assert registration(alice, alice.credentials("REGISTER", count=1)).status == 401
    assert registration(alice, alice.credentials("REGISTER")).status == 200


@pytest.mark.parametrize("change", [
    {"nonce": "made up"}, {"nonce": ""}, {"realm": "elsewhere"}, {"username": "open"},
    {"uri": "sip:elsewhere"}, {"qop": "auth-int"}, {"nc": "x"}, {"nc": ""}, {"cnonce": ""}])
def test_forged_credentials_are_refused(change, alice):
    alice.take_challenge(alice.register(auth=False))
    answer = registration(alice, alice.credentials("REGISTER", **change))
    assert answer.status in (400, 401, 403), answer


def test_nonce_of_another_user_does_not_pass_for_his_password(server, alice):
    with User(server, "sha256", "secret", algorithm="SHA-256") as other:
        other.take_challenge(other.register(auth=False))
        alice.take_challenge(alice.register(auth=False))
        answer = registration(alice, other.credentials("REGISTER"))
        assert answer.status in (401, 403), answer


# 4: for how long.

def test_expiration_is_kept_within_its_limits(server):
    with User(server, "timed") as user:
        too_brief = user.register(99)
        assert too_brief.status == 423
        assert too_brief.header("Min-Expires") == "100"
        assert bindings(user) == []
        assert expires(user.register(None).contacts[0]) in (149, 150)
        assert expires(user.register(100000).contacts[0]) in (199, 200)
        in_contact = f"{user.contact};expires=120"
        assert expires(user.register(None, in_contact).contacts[0]) in (119, 120)
        assert expires(user.register(180, in_contact).contacts[0]) in (119, 120)
        assert user.register(0).status == 200
        assert bindings(user) == []


def test_expired_contact_is_gone(server):
    client = server.ami()
    with User(server, "short") as user:
        assert user.register(1).status == 200
        assert client.event("ContactStatus", AOR="short", ContactStatus="Removed")
        assert bindings(user) == []
        assert client.message_send("pjsip:short", "too late")["Message"] == "Message queued"


# 5: bindings.

def test_query_refresh_remove(user):
    other = "<sip:open@127.0.0.1:5099>"
    assert bindings(user) == []
    assert len(user.register(600).contacts) == 1
    assert len(user.register(600, other).contacts) == 2
    assert sorted(bindings(user)) == sorted([user.contact.strip("<>"), other.strip("<>")])
    assert 1900 < max(map(expires, user.register(2000).contacts)) <= 2000
    assert [other in c for c in user.register(0).contacts] == [True]
    assert user.register(0).status == 200, "removing what is not there is no error"
    assert bindings(user) == [other.strip("<>")]
    assert user.register(0, "*").contacts == []
    assert bindings(user) == []


@pytest.mark.parametrize("seconds, contact", [
    (60, "*"), (None, "*"), (0, "*, <sip:open@127.0.0.1:5099>")])
def test_star_stands_alone_and_with_expires_0(seconds, contact, user):
    assert user.register().status == 200
    assert user.register(seconds, contact).status == 400
    assert len(bindings(user)) == 1


def test_two_contacts_in_one_request_and_q(user, client):
    with Phone() as better:
        both = f"{user.contact};q=0.3, <sip:open@{better.address}>;q=0.8"
        assert len(user.register(600, both).contacts) == 2
        assert client.message_send("pjsip:open", "to the better one").ok
        better.wait_one(b"to the better one")
        assert user.register(600, f"{user.contact};q=0.9").status == 200
        assert client.message_send("pjsip:open", "to the other").ok
        user.wait_one(b"to the other")


def test_old_request_does_not_overtake_a_newer_one(user):
    assert user.register(600, cseq=20).status == 200
    assert user.register(0, cseq=19).status >= 400
    assert len(bindings(user)) == 1
    assert user.register(0, cseq=21).status == 200


def test_device_that_comes_back_from_another_port_is_one_contact(user):
    device = ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";reg-id=1'
    outbound = ["Supported: outbound, path"]
    assert user.register(600, "<sip:open@127.0.0.1:5098>" + device, outbound).status == 200
    answer = user.register(600, user.contact + device, outbound)
    assert [user.contact in c for c in answer.contacts] == [True], answer


# 6: limits.

def test_no_contact_is_allowed(server, client):
    with User(server, "closed") as user:
        assert user.register().status == 403
        assert not client.message_send("pjsip:closed", "nobody there").ok


def test_max_contacts(server):
    with User(server, "single") as user:
        assert user.register().status == 200
        assert user.register(600, "<sip:single@127.0.0.1:5099>").status == 403
        assert user.register().status == 200, "a refresh is no second contact"
        assert bindings(user) == [user.contact.strip("<>")]


def test_remove_existing(server):
    with User(server, "newest") as user:
        assert user.register(600, "<sip:newest@127.0.0.1:5099>").status == 200
        answer = user.register(600)
        assert answer.status == 200
        assert [user.contact in c for c in answer.contacts] == [True], answer


# 7, 8: the way back.

def test_path(server, client):
    with User(server, "path") as user, Phone() as edge:
        path = f"Path: <sip:edge@{edge.address};lr>"
        refused = user.register(600, headers=[path])
        assert refused.status == 420
        assert refused.header("Unsupported") == "path"
        answer = user.register(600, headers=[path, "Supported: path"])
        assert answer.status == 200
        assert edge.address in answer.header("Path")
        assert client.message_send("pjsip:path", "by the edge").ok
        request = edge.wait_one(b"by the edge")
        assert request.uri == user.contact.strip("<>")
        assert f"<sip:edge@{edge.address};lr>" in request.header("Route")
        assert user.messages() == []
        assert user.register(0).status == 200


def test_rewrite_contact(server, client):
    with User(server, "nat") as user:
        behind = "<sip:nat@192.0.2.7:5062>"
        assert user.register(600, behind).status == 200
        assert client.message_send("pjsip:nat", "through the NAT").ok
        user.wait_one(b"through the NAT")
        assert user.register(0, behind).contacts == []


# 9: what is malformed.

@pytest.mark.parametrize("headers", [
    ["Contact: <sip:"], ["Contact: <>"], ["Contact: sip:@"], ["Contact: <sip:open@[::1>"],
    ["Contact: <sip:open@127.0.0.1:99999>"], ["Contact: <sip:open@127.0.0.1>;q=9"],
    ["Contact: <sip:open@127.0.0.1>, ,"], ['Contact: "open <sip:open@127.0.0.1>'],
    ["Contact: <sip:open@127.0.0.1>", "To: <"], ["Contact: <sip:open@127.0.0.1>", "From: <"],
    ["Contact: <sip:open@127.0.0.1>", "CSeq: 1 MESSAGE"],
    ["Contact: <sip:open@127.0.0.1>", "CSeq: 99999999999 REGISTER"],
    ["Contact: <mailto:open@127.0.0.1>"], ["Contact: <sip:" + "x" * 40000 + "@127.0.0.1>"],
    ["Contact: " + ", ".join(f"<sip:o{i}@127.0.0.1>" for i in range(2000))]],
    ids=lambda headers: headers[-1][:40])
def test_malformed_register(headers, user):
    assert user.refused(user.build("REGISTER", to=f"<{user.uri}>", headers=headers))
    assert bindings(user) == []


def test_authorization_that_is_none(alice):
    for value in ("", "Digest", "Digest ,,,", 'Digest username="alice', "Basic YWxpY2U6c2VjcmV0",
                  "Digest " + "x=y," * 3000, 'Digest username="alice", response="0"'):
        answer = alice.exchange(alice.build("REGISTER", to=f"<{alice.uri}>",
                                            headers=[f"Authorization: {value}"]))
        assert answer.status in (400, 401, 403), (value, answer)
    assert bindings(alice) == []
