"""Every form of destination that the documentation of MessageSend names, a test each.

1. Forms through a named endpoint: endpoint, endpoint/aor, endpoint@domain, endpoint/ with
   each way to write a URI.
2. The same eight ways without an endpoint, through default_outbound_endpoint.
3. PJSIP/user@endpoint.
4. Ports, URI parameters, ;transport=tcp, a host name, an IPv6 literal.
5. sips forms are refused with a reason while no transport carries TLS.
6. Forms that mean nothing are refused with a reason.
"""
import socket

import pytest

from harness import Phone, Server, aor, free_port, loopback_host


class Bench:
    """A server, a phone on the well-known port of a host of its own, one on another port."""

    def __init__(self):
        self.host = loopback_host()
        self.home = Phone(self.host, 5060)
        self.other = Phone(self.host)
        self.server = Server(pjsip=f"""
[global]
type = global
default_outbound_endpoint = outbound
[outbound]
type = endpoint
context = messages
[work]
type = aor
contact = sip:bob.work@{self.other.address}
[nouser]
type = aor
contact = sip:{self.other.address}
[anonymous]
type = endpoint
context = messages
aors = nouser
""" + aor("bob", f"sip:bob@{self.host}", endpoint="").replace("aors = bob", "aors = bob,work"))

    def fill(self, text):
        return text.format(host=self.host, other=self.other.address)


@pytest.fixture(scope="module")
def bench():
    bench = Bench()
    try:
        with bench.server:
            bench.client = bench.server.ami(events="off")
            yield bench
    finally:
        bench.home.close()
        bench.other.close()


# The destination after pjsip:, the Request-URI, the To header, the phone.
URI_FORMS = [
    ("<sip:{host}>", "sip:{host}", "<sip:{host}>", "home"),
    ("<sip:carl@{other}>", "sip:carl@{other}", "<sip:carl@{host}>", "other"),
    ('"Carl C" <sip:{host}>', "sip:{host}", '"Carl C" <sip:{host}>', "home"),
    ('"Carl C" <sip:carl@{host}>', "sip:carl@{host}", '"Carl C" <sip:carl@{host}>', "home"),
    ("sip:{host}", "sip:{host}", "<sip:{host}>", "home"),
    ("sip:carl@{host}", "sip:carl@{host}", "<sip:carl@{host}>", "home"),
    ("{host}", "sip:{host}", "<sip:{host}>", "home"),
    ("carl@{host}", "sip:carl@{host}", "<sip:carl@{host}>", "home"),
]
FORMS = [
    ("bob", "sip:bob@{host}", "<sip:bob@{host}>", "home"),
    ("bob/work", "sip:bob.work@{other}", "<sip:bob.work@{host}>", "other"),
    ("bob@anything.example", "sip:bob@{host}", "<sip:bob@{host}>", "home"),
    *[("bob/" + form, uri, to, phone) for form, uri, to, phone in URI_FORMS],
    *URI_FORMS,
    ("PJSIP/8005551212@bob", "sip:8005551212@{host}", "<sip:8005551212@{host}>", "home"),
    ("PJSIP/8005551212@anonymous", "sip:8005551212@{other}", "<sip:8005551212@{host}>", "other"),
    # Ports and parameters.
    ("bob/{other}", "sip:{other}", "<sip:{host}>", "other"),
    ("bob/carl@{other}", "sip:carl@{other}", "<sip:carl@{host}>", "other"),
    ("{other}", "sip:{other}", "<sip:{host}>", "other"),
    ("sip:carl@{other};user=phone", "sip:carl@{other};user=phone", None, "other"),
    ("bob/sip:carl@{other};x=1;lr", "sip:carl@{other};x=1;lr", None, "other"),
    ("bob/<sip:carl@{other};x=1>", "sip:carl@{other};x=1", None, "other"),
    ("sip:c%20d@{other}", "sip:c%20d@{other}", "<sip:c%20d@{host}>", "other"),
]


@pytest.mark.parametrize("form, uri, to, phone", FORMS, ids=[form[0] for form in FORMS])
def test_form(form, uri, to, phone, bench):
    body = f"to {form}"
    reply = bench.client.message_send(bench.fill(f"pjsip:{form}"), body, From="sip:crm@example.net")
    assert reply.ok, reply
    assert reply["MessageID"]
    request = getattr(bench, phone).wait_one(body.encode())
    assert request.uri == bench.fill(uri)
    if to:
        assert request.header("To") == bench.fill(to)
    assert request.header("From").startswith("<sip:crm@example.net>;tag=")
    user = form.split("@")[-1] if form.startswith("PJSIP/") else "bob"
    if not form.startswith(("bob", "PJSIP/")):
        user = "outbound"
    assert request.header("Contact") == f"<sip:{user}@{bench.server.sip_address}>"
    assert request.transport == "UDP"


@pytest.mark.parametrize("form", [
    "sip:carl@{other};transport=tcp", "<sip:carl@{other};transport=tcp>",
    "bob/sip:carl@{other};transport=tcp", '"Carl C" <sip:carl@{other};transport=tcp>',
    "sip:carl@{other};transport=TCP"])
def test_transport_parameter(form, bench):
    body = f"by TCP to {form}"
    assert bench.client.message_send(bench.fill(f"pjsip:{form}"), body).ok
    request = bench.other.wait_one(body.encode())
    assert request.transport == "TCP"
    assert request.header("Via").startswith(f"SIP/2.0/TCP {bench.server.sip_address}")


def test_host_name(bench):
    with Phone() as phone:
        reply = bench.client.message_send(f"pjsip:bob/carl@localhost:{phone.port}", "by name")
        assert reply.ok, reply
        assert phone.wait_one(b"by name").uri == f"sip:carl@localhost:{phone.port}"


def has_ipv6():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("::1", 0))
            return True
        except OSError:
            return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
@pytest.mark.parametrize("form, uri", [
    ("sip:carl@{v6}", "sip:carl@{v6}"),
    ("bob/carl@{v6}", "sip:carl@{v6}"),
    ("bob/<sip:{v6}>", "sip:{v6}"),
    ("{v6}", "sip:{v6}"),
    ("sip:carl@{v6};transport=tcp", "sip:carl@{v6};transport=tcp"),
])
def test_ipv6_literal(form, uri):
    port = free_port("::1")
    pjsip = f"""
[global]
type = global
default_outbound_endpoint = outbound
[outbound]
type = endpoint
[transport-udp6]
type = transport
protocol = udp
bind = [::1]:{port}
[transport-tcp6]
type = transport
protocol = tcp
bind = [::1]:{port}
""" + aor("bob", "sip:bob@127.0.0.1")
    with Phone("::1") as phone, Server(pjsip=pjsip) as server:
        reply = server.ami().message_send("pjsip:" + form.format(v6=phone.address), "six")
        assert reply.ok, reply
        request = phone.wait_one(b"six")
        assert request.uri == uri.format(v6=phone.address)
        assert f"[::1]:{port}" in request.header("Via")
        assert request.transport == ("TCP" if "tcp" in form else "UDP")


SIPS = [form.replace("sip:", "sips:") for form, *_ in URI_FORMS if "sip:" in form]


@pytest.mark.parametrize("form", SIPS + ["bob/" + form for form in SIPS])
def test_sips_is_refused_without_tls(form, bench):
    reply = bench.client.message_send(bench.fill(f"pjsip:{form}"), "secret")
    assert reply["Response"] == "Error"
    assert reply["Message"] == "Message failed to send."
    assert "tls" in reply["Reason"].lower(), reply


@pytest.mark.parametrize("form, word", [
    ("nobody/carl@{host}", "nobody"),
    ("bob/nosuchaor", "nosuchaor"),
    ("bob/work/extra", ""),
    ("PJSIP/800@nobody", "nobody"),
    ("", ""),
    ("/carl@{host}", ""),
    ("@example.net", ""),
    ("bob/", ""),
    ("<sip:carl@{host}", ""),
    ("sip:carl@", ""),
    ("sip:carl@{host}:99999", ""),
    ("bob/http://{host}/", ""),
])
def test_what_means_nothing_is_refused(form, word, bench):
    reply = bench.client.message_send(bench.fill(f"pjsip:{form}"), "never")
    assert reply["Response"] == "Error", reply
    assert reply["Message"] == "Message failed to send."
    assert word in reply["Reason"]
    assert len(reply["Reason"]) > 10, "a reason a person can act on"
    assert not [r for p in (bench.home, bench.other) for r in p.messages() if r.body == b"never"]
