"""panoramisk: logs in, pings, sends, is refused, hears an event, logs off.

Arguments: port, destination, destination that is refused. One JSON line a step.
"""
import asyncio
import json
import sys

from panoramisk import Manager


def say(step, packet):
    print(json.dumps({"step": step, **{k: v for k, v in packet.items() if isinstance(v, str)}}),
          flush=True)


async def main(port, good, bad):
    manager = Manager(host="127.0.0.1", port=port, username="admin", secret="secret",
                      loop=asyncio.get_running_loop())
    heard = asyncio.get_running_loop().create_future()
    manager.register_event("UserEvent", lambda _, event: heard.done() or heard.set_result(event))
    await manager.connect()
    say("ping", await manager.send_action({"Action": "Ping"}))
    say("sent", await manager.send_action({
        "Action": "MessageSend", "Destination": good, "Body": "from panoramisk",
        "From": "sip:crm@example.net", "Variable": ["X-One=1", "X-Two=2"]}))
    say("refused", await manager.send_action({
        "Action": "MessageSend", "Destination": bad, "Body": "x"}))
    await manager.send_action({"Action": "UserEvent", "UserEvent": "Hello", "Key": "value"})
    say("event", await heard)
    say("logoff", await manager.send_action({"Action": "Logoff"}))
    manager.close()


asyncio.run(asyncio.wait_for(main(int(sys.argv[1]), *sys.argv[2:]), 30))
