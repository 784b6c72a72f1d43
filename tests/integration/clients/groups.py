"""Runs steps with panoramisk.

Argument: port. Standard input: a JSON list of {send, until}: the action's headers, and headers of
an event to wait for, if any. One JSON line a step: {reply, events}, names in lower case.
"""
import asyncio
import json
import sys

from panoramisk import Manager


def lower(packet):
    return {name.lower(): value for name, value in packet.items() if name != "content"}


async def main(port, steps):
    manager = Manager(host="127.0.0.1", port=port, username="admin", secret="secret",
                      loop=asyncio.get_running_loop())
    events = []
    more = asyncio.Event()

    def hear(_, event):
        events.append(lower(event))
        more.set()

    manager.register_event("*", hear)
    await manager.connect()
    for step in steps:
        # A list is told by the reply itself: then its events come with it.
        answer = await manager.send_action(step["send"])
        reply, *listed = answer if isinstance(answer, list) else [answer]
        events += map(lower, listed)
        wanted = (step.get("until") or {}).items()
        while wanted and reply.success and not any(wanted <= each.items() for each in events):
            more.clear()
            await more.wait()
        print(json.dumps({"reply": lower(reply), "events": events}), flush=True)
        events.clear()
    manager.close()


asyncio.run(asyncio.wait_for(main(int(sys.argv[1]), json.load(sys.stdin)), 30))
