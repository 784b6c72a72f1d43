"""AMI clients of npm, unchanged: asterisk-manager, nami, asterisk-ami-client.

The steps are those of client_steps.py; the programs are in clients/.
"""
import pathlib
import shutil
import subprocess

import pytest

from client_steps import run_client

CLIENTS = pathlib.Path(__file__).parent / "clients"


@pytest.fixture(scope="module", autouse=True)
def packages():
    """npm ci, once for every state of the lock file."""
    installed = CLIENTS / "node_modules" / ".package-lock.json"
    lock = CLIENTS / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    assert shutil.which("npm"), "npm is not installed"
    done = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=CLIENTS, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    installed.touch()


@pytest.mark.parametrize("name", ["asterisk-manager", "nami", "asterisk-ami-client"])
def test_client(name, server, phone):
    run_client(["node", CLIENTS / f"{name}.js"], server, phone, name)
