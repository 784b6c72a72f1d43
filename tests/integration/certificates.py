"""A certificate authority and certificates for tests, made with the openssl command line.

with a folder of its own:  certificates = Certificates(tmp_path)
Every certificate is one PEM file with its key in it, so that cert_file alone is enough.
"""
import functools
import pathlib
import subprocess


def openssl(*arguments, deadline=60):
    """Runs openssl to its end; its output is what it wrote to both of its streams."""
    return subprocess.run(["openssl", *map(str, arguments)], text=True, input="",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=deadline)


class Certificates:
    HERE = "IP:127.0.0.1,IP:::1,DNS:localhost"

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "certificates"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca = self._self_signed("ca", "test authority", "critical,CA:TRUE", "")

    def make(self, name, names=HERE, days=2):
        """A certificate of the authority for these names; replaces a file of that name."""
        key, request, signed = (self.folder / f"{name}.{kind}" for kind in ("key", "csr", "crt"))
        self._run("req", "-new", *self._new_key(key), "-subj", f"/CN={name}", "-out", request)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName = {names}\n")
        self._run("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca,
                  "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", signed)
        return self._join(name, signed, key)

    @functools.cached_property
    def right(self):
        return self.make("right")

    @functools.cached_property
    def wrong(self):
        return self.make("wrong", "DNS:wrong.example.org")

    @functools.cached_property
    def wildcard(self):
        return self.make("wildcard", "DNS:*.example.org")

    @functools.cached_property
    def expired(self):
        return self.make("expired", days=-1)

    @functools.cached_property
    def self_signed(self):
        return self._self_signed("self-signed", "self-signed", "CA:FALSE", self.HERE)

    @functools.cached_property
    def client(self):
        return self.make("client", "URI:sip:client.example.org")

    def _self_signed(self, name, common_name, constraints, names):
        key, signed = self.folder / f"{name}.key", self.folder / f"{name}.crt"
        options = ["-addext", f"subjectAltName={names}"] if names else []
        self._run("req", "-x509", *self._new_key(key), "-subj", f"/CN={common_name}", "-days", "2",
                  "-addext", f"basicConstraints={constraints}", *options, "-out", signed)
        return self._join(name, signed, key)

    def _join(self, name, signed, key):
        """At once, for a server that may be reading it."""
        scratch, out = self.folder / f"{name}.new", self.folder / f"{name}.pem"
        scratch.write_text(signed.read_text() + key.read_text())
        scratch.rename(out)
        return out

    @staticmethod
    def _new_key(path):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path]

    @staticmethod
    def _run(*arguments):
        done = openssl(*arguments)
        assert done.returncode == 0, done.stdout
