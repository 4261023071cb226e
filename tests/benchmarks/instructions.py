"""What a call and an event take in instructions, counted by valgrind: of the client process, outside of the kernel.

A machine's moods change seconds by half and these counts by a hundredth: they show what a change to the code is worth.
Each is the difference of a longer and a shorter run, so that starting, importing and connecting do not count.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

# Case, unit, and how many of them the shorter and the longer run do. A stream has 20,000 events.
CASES = {
    "sync": ("call", 50, 250),
    "async 64": ("call", 64, 640),
    "stream": ("event", 20_000, 40_000),
    "async stream": ("event", 20_000, 40_000),
}
EVENTS = 20_000


def counted(command: list[str]) -> int:
    """The instructions of a command and its threads."""
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run([*valgrind, *command], capture_output=True, text=True)
    found = re.search(r"I +refs: +([\d,]+)", done.stderr)
    if done.returncode or not found:
        raise RuntimeError(done.stderr)
    return int(found[1].replace(",", ""))


def measure(adapter: str, case: str, urls: dict[str, str], floor: pathlib.Path | None) -> float | None:
    """Instructions per unit; None where the adapter does not have the case."""
    _, few, many = CASES[case]

    def run(count: int) -> int:
        if adapter != "floor":
            return counted([sys.executable, __file__, adapter, case, json.dumps(urls), str(count)])
        url, count = (urls["stream"], count // EVENTS) if "stream" in case else (urls["small"], count)
        return counted([str(floor), case, url, str(count)])

    try:
        return (run(many) - run(few)) / (many - few)
    except RuntimeError as error:
        if "has no" in str(error):
            return None
        raise


def table(adapters: list[str], urls: dict[str, str], floor: pathlib.Path | None) -> str:
    """All cases and adapters, several at a time: it changes nothing in what is counted."""
    cells = [(case, name) for case in CASES for name in adapters if name != "floor" or floor]
    with concurrent.futures.ThreadPoolExecutor(max(1, (os.cpu_count() or 2) - 1)) as pool:
        results = dict(zip(cells, pool.map(lambda cell: measure(cell[1], cell[0], urls, floor), cells), strict=True))
    lines = []
    for case, (unit, _, _) in CASES.items():
        lines.append(f"\n{case}: thousands of instructions per {unit}, as a multiple of wenwen's")
        for name in adapters:
            count, ours = results.get((case, name)), results.get((case, "wenwen"))
            if count is not None:
                lines.append(f"  {name:16} {count / 1e3:10.1f}" + (f" {count / ours:7.2f}" if ours else ""))
    return "\n".join(lines)


def work(name: str, case: str, urls: dict[str, str], count: int) -> None:
    from adapters import ADAPTERS

    adapter: Any = ADAPTERS[name]()
    method = {"sync": "ask", "async 64": "aask", "stream": "events", "async stream": "aevents"}[case]
    if not getattr(adapter, method, None):
        raise SystemExit(f"{name} has no {method}")
    if case == "sync":
        client = adapter.client(urls["small"])
        for _ in range(count):
            adapter.ask(client)
    elif case == "stream":
        client = adapter.client(urls["stream"])
        for _ in range(count // EVENTS):
            for _ in adapter.events(client):
                pass
    else:
        asyncio.run(async_work(adapter, case, urls, count))


async def async_work(adapter: Any, case: str, urls: dict[str, str], count: int) -> None:
    from client import drained, opened

    if case == "async stream":
        client = await opened(adapter, urls["stream"])
        for _ in range(count // EVENTS):
            await drained(adapter, client)
        return
    client = await opened(adapter, urls["small"])

    async def task() -> None:
        for _ in range(count // 64):
            await adapter.aask(client)

    await asyncio.gather(*(task() for _ in range(64)))


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4]))
