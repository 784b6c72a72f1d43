"""Digest challenges of MESSAGE (RFC 7616, RFC 3261 22), checked by a phone with its own hashes.

1. 401 and 407, with MD5, SHA-256 and SHA-512-256: the second request is right and is taken.
2. A challenge without qop, and one that names no algorithm (that is MD5).
3. Two challenges in one answer.
4. md5_cred instead of a password.
5. A wrong password: one more try and no other, though every challenge has a new nonce.
6. No outbound_auth: no second request.
"""
import hashlib

import pytest

from harness import Challenge, Phone, Server, aor

AUTH = """
[secret]
type = auth
auth_type = userpass
username = crm
password = open sesame
supported_algorithms_uac = MD5,SHA-256,SHA-512-256
"""


def server_for(phone, auth=AUTH, endpoint="outbound_auth = secret"):
    return Server(pjsip=auth + aor("alice", f"sip:alice@{phone.address}", endpoint=endpoint))


def send_and_wait(server, status):
    """Sends to alice and waits for the final outcome."""
    client = server.ami()
    reply = client.message_send("pjsip:alice", "with digest")
    assert reply.ok, reply
    event = client.outcome(reply["MessageID"])
    assert event["Status"].lower() == status, event
    return event


@pytest.mark.parametrize("status", [401, 407])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
def test_challenge_is_met(status, algorithm):
    challenge = Challenge("crm", "open sesame", algorithm=algorithm, status=status)
    with Phone(challenge=challenge) as phone, server_for(phone) as server:
        send_and_wait(server, "delivered")
        first, second = phone.messages()
        assert challenge.problems == []
        assert not first.all("Authorization") + first.all("Proxy-Authorization")
        assert second.all(challenge.request_header)
        # RFC 3261 22.2: the same Call-ID and From tag, the next CSeq; a new transaction.
        assert second.header("Call-ID") == first.header("Call-ID")
        assert second.header("From") == first.header("From")
        number = int(first.header("CSeq").split()[0])
        assert second.header("CSeq") == f"{number + 1} MESSAGE"
        assert second.header("Via") != first.header("Via")
        assert second.body == first.body == b"with digest"


@pytest.mark.parametrize("options", [
    {"qop": ""}, {"name_algorithm": False}, {"qop": "auth,auth-int"}])
def test_other_challenges(options):
    challenge = Challenge("crm", "open sesame", **options)
    with Phone(challenge=challenge) as phone, server_for(phone) as server:
        send_and_wait(server, "delivered")
        assert len(phone.messages()) == 2
        assert challenge.problems == []


def test_two_challenges_in_one_answer():
    strong = Challenge("crm", "open sesame", algorithm="SHA-256")
    weak = Challenge("crm", "open sesame", algorithm="MD5")

    def answer(request):
        for value in request.all("Authorization"):
            challenge = strong if "SHA-256" in value else weak
            if challenge.accepts(request):
                return [phone.response(request, 200)]
        return [phone.response(request, 401, [strong.header(), weak.header()])]

    with Phone(answer=answer) as phone, server_for(phone) as server:
        send_and_wait(server, "delivered")
        assert len(phone.messages()) == 2
        # RFC 7616 3.7: the first of those it knows.
        assert "SHA-256" in phone.messages()[1].header("Authorization")


def test_md5_cred():
    challenge = Challenge("crm", "open sesame", realm="phones")
    hashed = hashlib.md5(b"crm:phones:open sesame").hexdigest()
    auth = f"""
[secret]
type = auth
auth_type = md5
username = crm
realm = phones
md5_cred = {hashed}
"""
    with Phone(challenge=challenge) as phone, server_for(phone, auth) as server:
        send_and_wait(server, "delivered")
        assert challenge.problems == []


@pytest.mark.parametrize("status", [401, 407])
def test_wrong_password_is_tried_once(status):
    challenge = Challenge("crm", "another password", status=status)
    with Phone(challenge=challenge) as phone, server_for(phone) as server:
        event = send_and_wait(server, "failed")
        assert str(status) in str(event)
        # Another message to the same phone shows that no third request was on its way.
        send_and_wait(server, "failed")
        assert len(phone.messages()) == 4
        calls = [request.header("Call-ID") for request in phone.messages()]
        assert calls[0] == calls[1] != calls[2] == calls[3]


def test_without_outbound_auth():
    challenge = Challenge("crm", "open sesame")
    with Phone(challenge=challenge) as phone, server_for(phone, endpoint="") as server:
        send_and_wait(server, "failed")
        assert len(phone.messages()) == 1
