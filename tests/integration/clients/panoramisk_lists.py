"""panoramisk: asks for lists and says what came of each, one JSON line a list.

Argument: port.
"""
import asyncio
import json
import sys

from panoramisk import Manager

LISTS = [{"Action": "PJSIPShowEndpoints"}, {"Action": "PJSIPShowEndpoint", "Endpoint": "alice"},
         {"Action": "PJSIPShowContacts"}, {"Action": "DeviceStateList"},
         {"Action": "ExtensionStateList"}]


async def main(port):
    manager = Manager(host="127.0.0.1", port=port, username="admin", secret="secret",
                      loop=asyncio.get_running_loop())
    await manager.connect()
    for action in LISTS:
        name = action["Action"]
        response, *events = await manager.send_action(action, as_list=True)
        print(json.dumps({"list": name, "response": response["Response"],
                          "events": [{key.lower(): value for key, value in event.items()}
                                     for event in events]}), flush=True)
    manager.close()


asyncio.run(asyncio.wait_for(main(int(sys.argv[1])), 30))
