"""A real prosody, Debian's, in the foreground on free loopback ports.

    with Prosody(users={"texts": "secret", "alice": "hers"}) as prosody:
        prosody.account("gateway", "texts")     # a section of xmpp.conf
        prosody.restart()

Options: `smacks` and `carbons` (False: without), `room_locking`, `extra` (lines for the host).
"""
import shutil

from xmpp_server import XmppServer

PROGRAM = shutil.which("prosody", path="/usr/bin:/usr/sbin:/bin")

CONFIGURATION = """run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
certificates = "{folder}/certificates"
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "ping", "presence", "message", "iq",
                    "offline", "c2s", "posix", "smacks", "carbons" }}
modules_disabled = {{ "s2s", {disabled} }}
c2s_require_encryption = {encryption}
allow_registration = false
authentication = "internal_plain"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{}}
legacy_ssl_ports = {{ {tls_port} }}
component_ports = {{ {component_port} }}
component_interfaces = {{ "127.0.0.1" }}
s2s_ports = {{}}
http_ports = {{}}
https_ports = {{}}
c2s_stanza_size_limit = 4 * 1024 * 1024
limits = {{}}
smacks_hibernation_time = 60
log = {{ debug = "*console" }}

VirtualHost "{domain}"
  ssl = {{ key = "{certificate}", certificate = "{certificate}" }}
{extra}
Component "{component}"
  component_secret = "{component_secret}"
Component "{rooms}" "muc"
  muc_room_locking = {room_locking}
"""


class Prosody(XmppServer):
    NAME = "prosody"

    def command(self):
        assert PROGRAM, "prosody is not installed: apt-get install prosody"
        self._write_users()
        disabled = [f'"{name}"' for name in ("smacks", "carbons")
                    if not self.options.get(name, True)]
        (self.folder / "prosody.cfg.lua").write_text(CONFIGURATION.format(
            folder=self.folder, port=self.port, component_port=self.component_port,
            tls_port=self.options.get("tls_port", ""), disabled=", ".join(disabled),
            encryption=str(self.options.get("encryption", True)).lower(),
            room_locking=str(self.options.get("room_locking", True)).lower(),
            extra=self.options.get("extra", ""), certificate=self.certificate, domain=self.DOMAIN,
            rooms=self.ROOMS, component=self.COMPONENT, component_secret=self.COMPONENT_SECRET))
        return [PROGRAM, "--config", self.folder / "prosody.cfg.lua", "-F"]

    def _write_users(self):
        """As its store has them: a folder a host, a file an account."""
        folder = self.folder / "data" / self.DOMAIN.replace(".", "%2e") / "accounts"
        folder.mkdir(parents=True, exist_ok=True)
        for name, password in self.users.items():
            path = folder / f"{name}.dat"
            if not path.exists():
                path.write_text(f'return {{\n\t["password"] = "{password}";\n}};\n')
