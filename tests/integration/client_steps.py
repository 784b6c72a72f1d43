"""What every AMI client library has to manage; the test files name the programs.

1. log in and Ping
2. MessageSend with two variables: the phone gets the text and both headers
3. MessageSend to nobody: an Error with the known Message and a Reason
4. a UserEvent comes back as an event
5. Logoff: Goodbye
"""
import json
import subprocess

STEPS = ["ping", "sent", "refused", "event", "logoff"]


def run_client(command, server, phone, name):
    done = subprocess.run(
        [*map(str, command), str(server.ami_port), "pjsip:alice", "pjsip:nobody/x@127.0.0.1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=60)
    shown = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, shown
    steps = {}
    for line in done.stdout.splitlines():
        packet = json.loads(line)
        # Every library has its own idea of how header names are written.
        steps[packet["step"]] = {key.lower(): value for key, value in packet.items()}
    assert list(steps) == STEPS, shown

    assert steps["ping"]["response"] == "Success"
    assert steps["ping"]["ping"] == "Pong"
    assert steps["sent"]["response"] == "Success"
    assert steps["sent"]["message"] == "Message successfully sent"
    assert steps["sent"]["messageid"]
    assert steps["refused"]["response"] == "Error"
    assert steps["refused"]["message"] == "Message failed to send."
    assert "nobody" in steps["refused"]["reason"]
    assert steps["event"]["userevent"] == "Hello"
    assert steps["event"]["key"] == "value"
    assert steps["logoff"]["response"] == "Goodbye"

    request = phone.wait_one()
    assert request.body == f"from {name}".encode()
    assert request.header("X-One") == "1"
    assert request.header("X-Two") == "2"
    assert request.header("From").startswith("<sip:crm@example.net>")
