"""AMI over HTTP: the built server against curl, Python's requests and its own digest.

By cookie
1. curl: Login, the cookie, an action by GET and by POST, Logoff; text, XML and page
2. without a session: Permission denied, no cookie; a wrong secret takes a second; a cookie of
   another is nobody's; one that is made up is not taken over
3. classes and addresses hold as by TCP; Challenge and a Key by cookie
4. WaitEvent: events since the login, the long poll, its end by the next request
5. a MessageSend arrives at the phone; a line end in a value is refused
6. the session ends after httptimeout; the prefix of http.conf; HTTPS has a Secure cookie; a reload
   of http.conf that fails is an Error and no reload
7. webenabled=no, and off by a reload: 404; no sessions without end: max_web_sessions
By digest
8. curl and requests, MD5 and SHA-256, both algorithms offered; one session for all requests
9. wrong secrets and unknown users look alike and take a second; a nonce is good once for an nc; a
   made-up one gives stale; rspauth is right
10. security events: ChallengeSent, ChallengeResponseFailed, InvalidAccountID, UnexpectedAddress
Both
11. many requests at a time by both ways; the server ends while a long poll waits
12. bad requests: bodies that are no forms, methods, odd escapes, huge headers
"""
import concurrent.futures
import hashlib
import re
import subprocess
import time
import xml.etree.ElementTree as xml

import pytest

from certificates import Certificates
from harness import Server, aor, free_port, wait_until

requests = pytest.importorskip("requests")


class WebServer(Server):
    """With http.conf on a free port, and webenabled."""

    def __init__(self, general="webenabled = yes", http="", users="", missive_conf="", pjsip="",
                 prefix="", tls=None):
        self.http_port, self.https_port = free_port(), free_port()
        super().__init__(general=general, pjsip=pjsip, missive_conf=missive_conf, users=users)
        lines = ["[general]", "enabled = yes", "bindaddr = 127.0.0.1",
                 f"bindport = {self.http_port}", http]
        if prefix:
            lines.append(f"prefix = {prefix}")
        if tls:
            lines += ["tlsenable = yes", f"tlsbindaddr = 127.0.0.1:{self.https_port}",
                      f"tlscertfile = {tls}"]
        (self.config / "http.conf").write_text("\n".join(lines) + "\n")
        self.url = f"http://127.0.0.1:{self.http_port}" + (f"/{prefix}" if prefix else "")

    def get(self, page="rawman", session=None, **parameters):
        return (session or requests).get(f"{self.url}/{page}", params=parameters, timeout=20)

    def log_in(self, username="admin", secret="secret", **more):
        session = requests.Session()
        reply = self.get("rawman", session, action="login", username=username, secret=secret,
                         **more)
        assert "Authentication accepted" in reply.text, reply.text
        return session


@pytest.fixture(scope="module")
def web():
    with WebServer() as server:
        yield server


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "--max-time", "20", *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


# --- by cookie

def test_curl(web, tmp_path):
    jar = tmp_path / "jar"
    said = curl("-i", "-c", jar, f"{web.url}/rawman?action=login&username=admin&secret=secret")
    assert re.search(r'(?m)^Set-Cookie: mansession_id="[0-9a-v]{32}"; Version=1; Max-Age=60;', said)
    assert re.search(r"(?m)^Content-Type: text/plain\r$", said)
    assert said.endswith("\r\n\r\nResponse: Success\r\nMessage: Authentication accepted\r\n\r\n")
    said = curl("-b", jar, f"{web.url}/rawman?action=Ping&ActionID=p%201")
    assert said.startswith("Response: Success\r\nActionID: p 1\r\nPing: Pong\r\n")
    said = curl("-b", jar, "-d", "action=CoreStatus&actionid=p+2", f"{web.url}/rawman")
    assert "ActionID: p 2\r\nCoreStartupDate: " in said

    said = curl("-i", "-b", jar, f"{web.url}/mxml?action=CoreSettings&actionid=x")
    assert re.search(r"(?m)^Content-Type: text/xml\r$", said)
    document = xml.fromstring(said.partition("\r\n\r\n")[2])
    assert document.tag == "ajax-response"
    response, = document
    assert response.attrib == {"type": "object", "id": "unknown"}
    generic, = response
    assert generic.tag == "generic" and generic.get("response") == "Success"
    assert generic.get("actionid") == "x" and generic.get("corehttpenabled") == "Yes"

    said = curl("-b", jar, f"{web.url}/manager?action=ping")
    assert "<td>Ping</td><td>Pong</td>" in said and "<form" in said
    assert "<form" in curl(f"{web.url}/manager")
    assert "Thanks for all the fish." in curl("-b", jar, f"{web.url}/rawman?action=logoff")
    assert "Permission denied" in curl("-b", jar, f"{web.url}/rawman?action=ping")


def test_without_a_session(web):
    reply = web.get(action="ping")
    assert reply.text == "Response: Error\r\nMessage: Permission denied\r\n\r\n"
    assert "Set-Cookie" not in reply.headers
    began = time.monotonic()
    reply = web.get(action="login", username="admin", secret="wrong")
    assert reply.text == "Response: Error\r\nMessage: Authentication failed\r\n\r\n"
    assert time.monotonic() - began >= 1 and "Set-Cookie" not in reply.headers

    made_up = "0" * 32
    session = requests.Session()
    session.cookies.set("mansession_id", made_up)
    reply = web.get(session=session, action="login", username="admin", secret="secret")
    assert "accepted" in reply.text
    assert made_up not in reply.headers["Set-Cookie"]


def test_rights():
    users = "[far]\nsecret = far\nread = all\nwrite = all\ndeny = 0.0.0.0/0\n"
    with WebServer(users=users) as server:
        session = server.log_in("reader", "reader")
        assert "Permission denied" in server.get(session=session, action="MessageSend",
                                                 destination="pjsip:x").text
        assert "CoreStartupDate" in server.get(session=session, action="CoreStatus").text
        assert "Authentication failed" in server.get(action="login", username="far",
                                                     secret="far").text
        session = requests.Session()
        challenge = re.search(r"Challenge: (\d+)", server.get(
            session=session, action="Challenge", authtype="MD5").text)[1]
        key = hashlib.md5((challenge + "secret").encode()).hexdigest()
        assert "accepted" in server.get(session=session, action="login", authtype="MD5",
                                        username="admin", key=key).text


def test_wait_event(web):
    ami = web.ami(events="off")
    session = web.log_in(Events="user")
    for number in range(3):
        ami.request("UserEvent", UserEvent="Early", Number=number)
    said = web.get(session=session, action="WaitEvent", timeout=10).text
    assert re.fullmatch(
        r"Response: Success\r\nMessage: Waiting for Event completed.\r\n\r\n"
        r"(Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Early\r\n(?:.+\r\n)+\r\n){3}"
        r"Event: WaitEventComplete\r\n\r\n", said), said
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waits = pool.submit(web.get, "mxml", session, action="WaitEvent", timeout=15)
        time.sleep(0.2)
        assert not waits.done()
        ami.request("UserEvent", UserEvent="Late")
        document = xml.fromstring(waits.result(10).text)
        assert [each[0].get("event") for each in document] == [
            None, "UserEvent", "WaitEventComplete"]
        waits = pool.submit(web.get, "rawman", session, action="WaitEvent")
        time.sleep(0.2)
        assert "Pong" in web.get(session=session, action="ping").text
        assert waits.result(5).text.endswith("Event: WaitEventComplete\r\n\r\n")
    began = time.monotonic()
    assert "WaitEventComplete" in web.get(session=session, action="WaitEvent", timeout=1).text
    assert 0.9 < time.monotonic() - began < 8


def test_messages(phone):
    with WebServer(pjsip=aor("alice", f"sip:alice@{phone.address}")) as server:
        session = server.log_in()
        reply = session.post(f"{server.url}/rawman", timeout=20, data={
            "action": "MessageSend", "destination": "pjsip:alice", "body": "from the web é",
            "variable": "X-Ticket=1", "ActionID": "m"})
        assert "ActionID: m\r\nMessage: Message successfully sent\r\n" in reply.text
        assert phone.wait()[0].body == "from the web é".encode()
        reply = server.get(session=session, action="MessageSend", destination="pjsip:alice",
                           body="two\r\nAction: Logoff")
        assert reply.status_code == 400 and "Base64Body" in reply.text
        assert "Pong" in server.get(session=session, action="ping").text


def test_time_out_prefix_and_https(tmp_path):
    certificates = Certificates(tmp_path)
    with WebServer(general="webenabled = yes\nhttptimeout = 1", prefix="asterisk",
                   tls=certificates.right) as server:
        session = server.log_in()
        assert "Pong" in server.get(session=session, action="ping").text
        time.sleep(1.3)
        assert "Permission denied" in server.get(session=session, action="ping").text
        assert requests.get(f"http://127.0.0.1:{server.http_port}/rawman",
                            timeout=20).status_code == 404
        secure = requests.get(
            f"https://127.0.0.1:{server.https_port}/asterisk/rawman", timeout=20,
            params={"action": "login", "username": "admin", "secret": "secret"},
            verify=str(certificates.ca))
        assert secure.headers["Set-Cookie"].endswith("; Secure")


def test_a_failed_reload(tmp_path):
    certificates = Certificates(tmp_path)
    with WebServer(tls=certificates.right) as server:
        ami = server.ami(events="system")
        before = ami.request("CoreStatus")
        server.write("http.conf", (server.config / "http.conf").read_text().replace(
            str(certificates.right), str(tmp_path / "gone.pem")))
        time.sleep(1.1)
        for module in ("http", ""):
            reply = ami.request("Reload", Module=module)
            assert reply["Message"] == "An unknown error occurred", reply
            assert "gone.pem" in reply["Reason"]
            assert ami.event("Reload")["Status"] == "3"
        after = ami.request("CoreStatus")
        assert after["CoreReloadTime"] == before["CoreReloadTime"]
        assert "Permission denied" in server.get(action="ping").text


def test_off_and_limits():
    with WebServer(general="") as server:
        assert server.get(action="ping").status_code == 404
    with WebServer(missive_conf="[ami]\nmax_web_sessions = 2\n") as server:
        sessions = [server.log_in() for _ in range(2)]
        reply = server.get(action="login", username="admin", secret="secret")
        assert reply.status_code == 503 and "Too many web sessions, 2 at most" in reply.text
        server.get(session=sessions[0], action="logoff")
        server.log_in()
        server.write("manager.conf",
                     (server.config / "manager.conf").read_text().replace("webenabled = yes", ""))
        server.reload()
        wait_until(lambda: server.get(session=sessions[1], action="ping").status_code == 404,
                   what="404 after the reload")


# --- by digest

def digest_header(response, method, uri, username="admin", secret="secret", nc=1,
                  algorithm="MD5", nonce=None):
    """By hand, so that what is wrong can be sent."""
    hashed = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]

    def h(text):
        return hashed(text.encode()).hexdigest()

    nonce = nonce or re.search(r'nonce="(\w+)"', response.headers["WWW-Authenticate"])[1]
    ha1, ha2 = h(f"{username}:asterisk:{secret}"), h(f"{method}:{uri}")
    proof = h(f"{ha1}:{nonce}:{nc:08x}:abc:auth:{ha2}")
    header = (f'Digest username="{username}", realm="asterisk", nonce="{nonce}", uri="{uri}", '
              f'response="{proof}", algorithm={algorithm}, qop=auth, nc={nc:08x}, cnonce="abc"')
    rspauth = h(f"{ha1}:{nonce}:{nc:08x}:abc:auth:" + h(f":{uri}"))
    return header, nonce, rspauth


def test_digest_of_clients(web):
    said = curl("--digest", "-u", "admin:secret", f"{web.url}/arawman?action=ping")
    assert "Ping: Pong" in said
    said = curl("--digest", "-u", "admin:secret", "-d", "action=ping", f"{web.url}/amxml")
    assert xml.fromstring(said)[0][0].get("ping") == "Pong"
    assert "<td>Pong</td>" in curl("--digest", "-u", "admin:secret",
                                   f"{web.url}/amanager?action=ping")

    offered = requests.get(f"{web.url}/arawman", timeout=20)
    assert offered.status_code == 401
    headers = offered.raw.headers.getlist("WWW-Authenticate")
    assert ["algorithm=MD5" in headers[0], "algorithm=SHA-256" in headers[1]] == [True, True]

    session = requests.Session()
    session.auth = requests.auth.HTTPDigestAuth("admin", "secret")
    ami = web.ami(events="off")
    assert "Pong" in web.get("arawman", session, action="ping").text
    ami.request("UserEvent", UserEvent="ForDigest")
    assert "UserEvent: ForDigest" in web.get("arawman", session, action="WaitEvent",
                                             timeout=5).text


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_digest_step_by_step(web, algorithm):
    uri = "/arawman?action=ping"
    asked = requests.get(web.url + uri, timeout=20)
    header, nonce, rspauth = digest_header(asked, "GET", uri, algorithm=algorithm)

    def ask(header):
        return requests.get(web.url + uri, headers={"Authorization": header}, timeout=20)

    first = ask(header)
    assert first.status_code == 200 and "Pong" in first.text
    assert f'rspauth="{rspauth}"' in first.headers["Authentication-Info"]
    again = ask(header)
    assert again.status_code == 401 and "stale=true" in again.headers["WWW-Authenticate"]
    assert ask(digest_header(asked, "GET", uri, nc=2, algorithm=algorithm)[0]).status_code == 200
    made_up = ask(digest_header(asked, "GET", uri, nonce="f" * len(nonce), algorithm=algorithm)[0])
    assert "stale=true" in made_up.headers["WWW-Authenticate"]

    looks = []
    for username, secret in (("admin", "wrong"), ("nobody", "secret"), ("", "")):
        began = time.monotonic()
        reply = ask(digest_header(asked, "GET", uri, username, secret, nc=3,
                                  algorithm=algorithm)[0])
        assert time.monotonic() - began >= 1
        shown = re.sub(r'nonce="\w+"', "", str(reply.raw.headers.getlist("WWW-Authenticate")))
        looks.append((reply.status_code, shown, reply.text))
    assert len(set(looks)) == 1 and looks[0][0] == 401 and "stale" not in looks[0][1]
    for nonsense in ("Digest", "Basic YTpi", "Digest " + "x" * 5000, 'Digest nonce="'):
        assert ask(nonsense).status_code == 401


def test_security_events(web):
    watcher = web.ami(events="security")
    uri = "/arawman?action=ping"
    asked = requests.get(web.url + uri, timeout=20)
    event = watcher.event("ChallengeSent")
    assert event["Service"] == "AMI" and event["Challenge"] in asked.headers["WWW-Authenticate"]
    assert event["LocalAddress"] == f"IPV4/TCP/127.0.0.1/{web.http_port}"
    for username, name in (("admin", "ChallengeResponseFailed"), ("nobody", "InvalidAccountID")):
        header = digest_header(asked, "GET", uri, username, "wrong")[0]
        requests.get(web.url + uri, headers={"Authorization": header}, timeout=20)
        event = watcher.event(name)
        assert event["AccountID"] == username and event["Severity"] == "Error"
        assert "secret" not in str(event)

    session = web.log_in()
    cookie = session.cookies["mansession_id"].strip('"')
    said = curl("--interface", "127.0.0.2", "-b", f'mansession_id="{cookie}"',
                f"{web.url}/rawman?action=ping")
    assert "Permission denied" in said
    event = watcher.event("UnexpectedAddress")
    assert event["AccountID"] == "admin"
    assert event["RemoteAddress"].startswith("IPV4/TCP/127.0.0.2/")
    assert event["ExpectedAddress"].startswith("IPV4/TCP/127.0.0.1/")
    assert "Pong" in web.get(session=session, action="ping").text
    assert cookie not in web.log()


# --- both

def test_many_at_a_time(web):
    cookie = web.log_in()
    digest = requests.Session()
    digest.auth = requests.auth.HTTPDigestAuth("admin", "secret")
    web.get("arawman", digest, action="ping")

    def ask(number):
        page, session = (("rawman", cookie), ("arawman", digest))[number % 2]
        reply = web.get(page, session, action="ping", actionid=number)
        return f"ActionID: {number}\r\n" in reply.text

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(200)))


def test_stop_while_waiting():
    with WebServer() as server:
        session = server.log_in(Events="call")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waits = pool.submit(server.get, "rawman", session, action="WaitEvent")
            time.sleep(0.3)
            server.stop()
            assert waits.result(5).text.endswith("Event: WaitEventComplete\r\n\r\n")
        server.start()


def test_bad_requests(web):
    def status(method, path, **more):
        return requests.request(method, web.url + path, timeout=20, **more).status_code

    assert status("POST", "/rawman", data="{}", headers={"Content-Type": "application/json"}) == 415
    assert status("PUT", "/rawman?action=ping") == 405
    assert status("GET", "/rawman?a%0d%0aAction:x=1") == 400
    assert status("GET", "/rawman?action=ping&x=%00") == 400
    assert status("GET", "/rawman?%zz=%&&&==&action=ping") == 200
    assert status("GET", "/rawman?" + "a=b&" * 2000) == 200
    assert status("GET", "/rawman?" + "a" * 60_000) == 431
    assert status("POST", "/rawman", data="a=b&" * 500_000,
                  headers={"Content-Type": "application/x-www-form-urlencoded"}) == 413
    assert status("GET", "/rawman", headers={"Cookie": "mansession_id=" + "x" * 3000}) == 200
    assert status("GET", "/rawman/below") == 404
