"""AMI clients of Debian, unchanged: panoramisk (Python) and Telephony::Asterisk::AMI (Perl).

The steps are those of client_steps.py; the programs are in clients/.
"""
import pathlib
import sys

from client_steps import run_client

CLIENTS = pathlib.Path(__file__).parent / "clients"


def test_panoramisk(server, phone):
    run_client([sys.executable, CLIENTS / "panoramisk_client.py"], server, phone, "panoramisk")


def test_telephony_asterisk_ami(server, phone):
    run_client(["perl", CLIENTS / "telephony-asterisk-ami.pl"], server, phone,
               "Telephony::Asterisk::AMI")
