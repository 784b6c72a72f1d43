"""AMI clients of npm, unchanged: asterisk-manager, nami, asterisk-ami-client.

The steps are those of client_steps.py; the programs are in clients/.
"""
import pytest

import npm
from client_steps import run_client


@pytest.fixture(scope="module", autouse=True)
def packages():
    npm.install()


@pytest.mark.parametrize("name", ["asterisk-manager", "nami", "asterisk-ami-client"])
def test_client(name, server, phone):
    run_client(["node", npm.CLIENTS / f"{name}.js"], server, phone, name)
