"""A real ejabberd, Debian's, without Erlang's distribution: no node name, no epmd.

    with Ejabberd(users={"texts": "secret", "alice": "hers"}) as ejabberd: ...
"""
import glob
import os
import shutil

from xmpp_server import XmppServer

PROGRAM = shutil.which("erl")
INSTALLED = sorted(glob.glob("/usr/lib/*/ejabberd-*/ebin"))

CONFIGURATION = """loglevel: debug
log_rotate_count: 0
hosts:
  - {domain}
certfiles:
  - "{certificate}"
ca_file: "{ca}"
auth_method: internal
auth_password_format: scram
disable_sasl_mechanisms: ["digest-md5", "X-OAUTH2"]
listen:
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 4000000
    starttls_required: true
    access: all
  - port: {component_port}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    hosts:
      {component}:
        password: "{component_secret}"
shaper: {{}}
api_permissions: {{}}
modules:
  mod_carboncopy: {{}}
  mod_disco: {{}}
  mod_muc:
    hosts: ["{rooms}"]
    access: all
    access_create: all
    default_room_options:
      allow_change_subj: true
      persistent: false
  mod_offline: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_stream_mgmt:
    resend_on_timeout: if_offline
    resume_timeout: 60
"""


class Ejabberd(XmppServer):
    NAME = "ejabberd"
    START_DEADLINE = 75  # it is slow on a busy machine

    def start(self):
        """Erlang hangs at its start once in a while; then it begins again."""
        try:
            return super().start()
        except AssertionError:
            self.kill()
            return super().start()

    def command(self):
        assert PROGRAM and INSTALLED, "ejabberd is not installed: apt-get install ejabberd"
        (self.folder / "ejabberd.yml").write_text(CONFIGURATION.format(
            domain=self.DOMAIN, certificate=self.certificate, ca=self.ca, port=self.port,
            component_port=self.component_port, component=self.COMPONENT,
            component_secret=self.COMPONENT_SECRET, rooms=self.ROOMS))
        register = "".join(f'ejabberd_auth:try_register(<<"{name}">>,<<"{self.DOMAIN}">>,'
                           f'<<"{password}">>),' for name, password in self.users.items())
        # `ready` is written when the accounts are there.
        ready = f'file:write_file("{self.folder}/ready",<<>>).'
        (self.folder / "ready").unlink(missing_ok=True)
        return [PROGRAM, "-noinput", "+S", "1", "-pa", INSTALLED[-1], "-mnesia", "dir",
                f'"{self.folder}/spool"', "-eval", "ejabberd:start()," + register + ready]

    def environment(self):
        return {**os.environ, "EJABBERD_CONFIG_PATH": str(self.folder / "ejabberd.yml"),
                "EJABBERD_LOG_PATH": str(self.folder / "ejabberd.log"),
                "ERL_LIBS": str(os.path.dirname(os.path.dirname(INSTALLED[-1]))),
                "ERL_CRASH_DUMP": "/dev/null", "HOME": str(self.folder)}

    def ready(self):
        return (self.folder / "ready").exists() and super().ready()
