"""pjsip_wizard.conf: phones and trunks in one section each.

1. missive check: a good folder counts what the wizards make; without the file there is nothing
2. missive check: each error with pjsip_wizard.conf and its line, exit status 1
3. missive explain goes through an endpoint of a wizard
4. a phone of a wizard registers with its password, gets a text and sends one; a wrong password
5. a trunk of a wizard gets a text at its remote host, and is known by it
6. a reload reads the file again; a bad one leaves the former in force
"""
import pytest

from harness import Server, missive, wait_until
from sip_user import User

PHONES = """[phone](!)
type = wizard
accepts_auth = yes
accepts_registrations = yes
endpoint/context = messages
aor/max_contacts = 2
[alice](phone)
inbound_auth/username = alice
inbound_auth/password = secret
[bob](phone)
inbound_auth/username = bob
inbound_auth/password = hidden
"""
EXTENSIONS = """[messages]
exten => _.,1,MessageSend(pjsip:${EXTEN},${MESSAGE(from)})
[trunk]
exten => _.,1,MessageSend(pjsip:alice,sip:trunk@example.net)
"""


def trunk(address):
    return f"""[trunk]
type = wizard
remote_hosts = {address}
endpoint/context = trunk
contact_pattern = sip:office@${{REMOTE_HOST}}
"""


def server_with(wizards, **options):
    server = Server(**options)
    server.write("pjsip_wizard.conf", wizards)
    return server


@pytest.fixture
def server():
    with server_with(PHONES, extensions=EXTENSIONS) as server:
        yield server


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "manager.conf").write_text(Server.MANAGER.format(ami_port=5038, general="",
                                                                 users=""))
    (tmp_path / "pjsip.conf").write_text(Server.PJSIP.format(sip_port=5060))
    return tmp_path


def check(folder, wizards):
    (folder / "pjsip_wizard.conf").write_text(wizards)
    return missive("check", "--config", folder)


def test_check_good(folder):
    done = missive("check", "--config", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 endpoints" in done.stdout
    done = check(folder, PHONES + trunk("192.0.2.1"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 3 endpoints, 3 AORs" in done.stdout


def test_check_errors(folder):
    done = check(folder, """[one]
type = wizard
sends_auth = yes
[two]
type = wizard
sends_registrations = yes
outbound_auth/username = two
[three]
type = wizard
aor/max_contacts = many
endpoint/contxt = messages
""")
    assert done.returncode == 1
    for line, word in [(3, "outbound_auth/username"), (6, "remote_hosts"), (10, "many"),
                       (11, "'context'")]:
        assert any(f"pjsip_wizard.conf:{line}: error" in said and word in said
                   for said in done.stdout.splitlines()), f"{line} {word}:\n{done.stdout}"


def test_explain(folder):
    (folder / "pjsip_wizard.conf").write_text(trunk("192.0.2.1:5070"))
    done = missive("explain", "--config", folder, "pjsip:trunk")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "trunk (pjsip_wizard.conf:1)" in done.stdout
    assert "sip:office@192.0.2.1:5070" in done.stdout


def test_phone(server):
    client = server.ami()
    with User(server, "alice", "secret") as alice, User(server, "bob", "hidden") as bob, \
            User(server, "bob", "wrong") as stranger:
        assert stranger.register().status in (401, 403)
        assert alice.register().status == 200
        assert bob.register().status == 200
        reply = client.message_send("pjsip:alice", "to a wizard's phone")
        assert reply.ok, reply
        assert alice.wait_one(b"to a wizard's phone").uri.startswith("sip:alice@")
        assert alice.message("bob", "from phone to phone").status == 202
        assert bob.wait_one(b"from phone to phone")
        assert not stranger.messages()


def test_trunk():
    server = server_with(PHONES, extensions=EXTENSIONS)
    with User(server, "carrier") as carrier, User(server, "alice", "secret") as alice:
        server.write("pjsip_wizard.conf", PHONES + trunk(carrier.address))
        with server:
            assert server.ami().message_send("pjsip:trunk", "out").ok
            assert carrier.wait_one(b"out").uri == f"sip:office@{carrier.address}"
            assert alice.register().status == 200
            assert carrier.message("12345", "in").status == 202
            assert alice.wait_one(b"in")


def test_reload(server):
    client = server.ami()
    with User(server, "carol", "new") as carol:
        assert carol.register().status in (401, 403)
        server.write("pjsip_wizard.conf", PHONES + """[carol](phone)
inbound_auth/username = carol
inbound_auth/password = new
""")
        server.reload()
        wait_until(lambda: carol.register().status == 200, what="carol may register")
        server.write("pjsip_wizard.conf", "[carol]\ntype = wizard\nsends_auth = yes\n")
        server.reload()
        wait_until(lambda: "pjsip_wizard.conf:3" in server.log(), what="the error in the log")
        assert client.message_send("pjsip:carol", "still here").ok
        assert carol.wait_one(b"still here")
