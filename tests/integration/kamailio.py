"""A real kamailio as registrar and proxy, for tests of registrations of our own.

Debian's, in the foreground, on a free loopback port for UDP and TCP, with a configuration in a
folder of its own: bindings in memory, REGISTER with digest, users in a table of the configuration
itself. It asks nobody and leaves nothing behind.

    with Kamailio(users={"me": "secret"}) as kamailio:
        kamailio.bindings("me")            # URIs
        kamailio.relay("me", b"hi")        # a MESSAGE through it; the final status
        kamailio.restart()                 # its memory is gone
"""
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile

from harness import DEADLINE, free_port, wait_until

PROGRAM = shutil.which("kamailio", path="/usr/sbin:/usr/bin")
MODULES = ["tm", "tmx", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils",
           "auth", "htable", "ctl", "kex"]

CONFIGURATION = """#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
tcp_connection_lifetime=3610
{modules}
modparam("ctl", "binrpc", "unix:{folder}/ctl")
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "timer_interval", 1)
modparam("registrar", "min_expires", {min_expires})
modparam("registrar", "max_expires", {max_expires})
modparam("registrar", "default_expires", 3600)
modparam("registrar", "path_mode", 1)
modparam("registrar", "use_path", 1)
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
modparam("htable", "htable", "users=>size=4;")
modparam("tm", "fr_timer", 3000)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (is_method("REGISTER")) {{
        $var(secret) = $sht(users=>$au);
        if ($var(secret) == $null || !pv_auth_check("{realm}", "$var(secret)", "0", "1")) {{
            auth_challenge("{realm}", "1");
            exit;
        }}
        save("location");
        exit;
    }}
    if (!lookup("location")) {{
        sl_send_reply("404", "Not Found");
        exit;
    }}
    if (!t_relay()) sl_reply_error();
}}

event_route[htable:mod-init] {{
{users}
}}
"""


class Kamailio:
    def __init__(self, users, realm="kamailio.test", min_expires=1, max_expires=3600):
        self.port = free_port()
        self.realm = realm
        self.users = users
        self.limits = {"min_expires": min_expires, "max_expires": max_expires}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="missive-kamailio-"))
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self._discard()
            raise

    def __exit__(self, kind, *_):
        print(f"--- log of kamailio\n{self.log()[-4000:]}")
        self._discard()

    def start(self):
        assert PROGRAM, "kamailio is not installed: apt-get install kamailio"
        text = CONFIGURATION.format(
            port=self.port, folder=self.folder, realm=self.realm, **self.limits,
            modules="\n".join(f'loadmodule "{name}.so"' for name in MODULES),
            users="\n".join(f'    $sht(users=>{name}) = "{secret}";'
                            for name, secret in self.users.items()))
        (self.folder / "kamailio.cfg").write_text(text)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "-DD", "-E", "-m", "32", "-M", "4", "-Y", self.folder, "-f",
                 self.folder / "kamailio.cfg", "-P", self.folder / "pid"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self._answers, what="kamailio's answer")
        return self

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DEADLINE)

    def restart(self):
        self.stop()
        self.start()

    def _discard(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _answers(self):
        assert self.process.poll() is None, f"kamailio has ended:\n{self.log()}"
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return self.relay("nobody-at-all", b"", deadline=0.3) == 404
        except OSError:
            return False

    def rpc(self, *command):
        """What kamcmd prints."""
        done = subprocess.run(["kamcmd", "-s", f"unix:{self.folder}/ctl", *command], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE)
        return done.stdout

    def bindings(self, user):
        """The contacts of a user: URI to seconds left."""
        contacts = self.rpc("ul.lookup", "location", user)
        uris = re.findall(r"Address: (\S+)", contacts)
        times = [int(value) for value in re.findall(r"Expires: (\d+)", contacts)]
        return dict(zip(uris, times))

    def relay(self, user, body, sender="sip:someone@example.net", deadline=DEADLINE):
        """Sends a MESSAGE to the user by way of kamailio; the status of the final response."""
        branch = "z9hG4bK" + secrets.token_hex(8)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.settimeout(deadline)
            lines = [f"MESSAGE sip:{user}@{self.address} SIP/2.0",
                     f"Via: SIP/2.0/UDP 127.0.0.1:{sock.getsockname()[1]};rport;branch={branch}",
                     "Max-Forwards: 70", f"From: <{sender}>;tag={secrets.token_hex(4)}",
                     f"To: <sip:{user}@{self.address}>", f"Call-ID: {secrets.token_hex(8)}",
                     "CSeq: 1 MESSAGE", "Content-Type: text/plain",
                     f"Content-Length: {len(body)}", "", ""]
            sock.sendto("\r\n".join(lines).encode() + body, ("127.0.0.1", self.port))
            while True:
                status = int(sock.recv(65536).split(b" ")[1])
                if status >= 200:
                    return status
