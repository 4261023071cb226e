"""One adapter, one case, so many units of work and nothing else: for valgrind, which counts their instructions.

python instructions.py ADAPTER CASE URLS COUNT
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from adapters import ADAPTERS
from client import EVENTS, drained, opened


def work(adapter: Any, case: str, urls: dict[str, str], count: int) -> None:
    if case == "sync":
        client = adapter.client(urls["small" + adapter.suffix])
        for _ in range(count):
            adapter.ask(client)
    elif case == "stream":
        client = adapter.client(urls["stream" + adapter.suffix])
        for _ in range(count // EVENTS):
            for _ in adapter.events(client):
                pass
    else:
        asyncio.run(async_work(adapter, case, urls, count))


async def async_work(adapter: Any, case: str, urls: dict[str, str], count: int) -> None:
    if case == "async stream":
        client = await opened(adapter, urls["stream" + adapter.suffix])
        for _ in range(count // EVENTS):
            await drained(adapter, client)
        return
    client = await opened(adapter, urls["small" + adapter.suffix])

    async def task() -> None:
        for _ in range(count // 64):
            await adapter.aask(client)

    await asyncio.gather(*(task() for _ in range(64)))


if __name__ == "__main__":
    work(ADAPTERS[sys.argv[1]](), sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4]))
