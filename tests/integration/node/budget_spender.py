"""One process of a node that spends the shared budget, as its arguments say: data folder, path of the call, priority,
callers at once, seconds.

Prints `ready`, waits for a line, then asks as fast as it can for so many seconds, and prints what became of it as JSON.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from freehold.node.context import Node, open_node
from freehold.node.governor import Priority
from freehold.node.settings import NodeSettings
from freehold.providers.calls import ApiCall, Throttled


async def spend(node: Node, call: ApiCall, priority: Priority, until: float) -> list[float]:
    """Ask again and again; gives how many seconds each served call took."""
    served = []
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            await node.governor.send(call, priority)
        except Throttled:
            await asyncio.sleep(0.05)
            continue
        served.append(time.monotonic() - began)
        if priority is Priority.INTERACTIVE:
            break
    return served


async def main(folder: str, path: str, priority: str, callers: str, seconds: str) -> None:
    """Spend, and tell."""
    call = ApiCall("GET", path, {"fields": "id"}, asset_id=path.rpartition("/")[2])
    async with open_node(NodeSettings.load(Path(folder))) as node:
        async with node.database.reading():
            sys.stdout.write("ready\n")
            sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        until = time.monotonic() + float(seconds)
        spending = [spend(node, call, Priority[priority], until) for _ in range(int(callers))]
        served = [second for each in await asyncio.gather(*spending) for second in each]
    sys.stdout.write(json.dumps(served) + "\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
