"""The packages of clients/package.json, installed once for every state of the lock file."""
import fcntl
import pathlib
import shutil
import subprocess

CLIENTS = pathlib.Path(__file__).parent / "clients"


def install():
    """npm ci. Tests run side by side: the first one installs, the others wait for it."""
    with open(CLIENTS / "package-lock.json") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = CLIENTS / "node_modules" / ".package-lock.json"
        if installed.exists() and installed.stat().st_mtime >= pathlib.Path(lock.name).stat().st_mtime:
            return
        assert shutil.which("npm"), "npm is not installed"
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                              cwd=CLIENTS, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)
        assert done.returncode == 0, done.stdout
        installed.touch()
