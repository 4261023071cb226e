"""One adapter, one case, one process: measures and prints a line of JSON.

    python client.py ADAPTER CASE URLS BUDGET

CPU is user and system time of the whole process, all of its threads, per unit of work; wall is elapsed time per unit.
The work is repeated until the budget of seconds is used up. Importing, connecting and a first call are not counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import pathlib
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

IMAGE = 10 << 20
UPLOAD = 50 << 20
EVENTS = 20_000  # of a long stream


def used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak() -> float:
    """MB of memory, at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Meter:
    """Adds up what was done and what it took."""

    def __init__(self, budget: float) -> None:
        self.budget = budget
        self.units = 0
        self.cpu = self.wall = 0.0
        self.latencies: list[float] = []

    @contextlib.contextmanager
    def count(self, units: int) -> Any:
        wall, cpu = time.perf_counter(), used()
        yield
        self.cpu += used() - cpu
        self.wall += time.perf_counter() - wall
        self.units += units

    @property
    def goes_on(self) -> bool:
        return self.wall < self.budget

    def result(self) -> dict[str, Any]:
        result = {"cpu": self.cpu / self.units, "wall": self.wall / self.units, "units": self.units, "rss": peak()}
        if self.latencies:
            self.latencies.sort()
            result["p50"], result["p99"] = (self.latencies[int(len(self.latencies) * part)] for part in (0.5, 0.99))
        return result


def sync_calls(adapter: Any, meter: Meter, url: str, batch: int, work: Callable[[Any], Any], units: int = 1) -> None:
    client = adapter.client(url)
    work(client)
    while meter.goes_on:
        with meter.count(batch * units):
            for _ in range(batch):
                work(client)


async def opened(adapter: Any, url: str) -> Any:
    client = adapter.aclient(url)
    return await client if inspect.isawaitable(client) else client


async def async_calls(
    adapter: Any, meter: Meter, url: str, flight: int, work: Callable[[Any], Any], units: int = 1
) -> None:
    """`flight` tasks at a time, each of which makes one call after another until the time is up."""
    client = await opened(adapter, url)
    await asyncio.gather(*(work(client) for _ in range(flight)))
    # So many that beginning and end, when fewer are in flight, count little.
    end = time.perf_counter() + max(meter.budget, flight / 2000)

    async def task() -> None:
        # One call at least: it may be late already where those before it have left much to close.
        now = time.perf_counter()
        while True:
            began = now
            await work(client)
            now = time.perf_counter()
            meter.latencies.append(now - began)
            if now >= end:
                return

    with meter.count(0):
        await asyncio.gather(*(task() for _ in range(flight)))
    meter.units = len(meter.latencies) * units


def threads(adapter: Any, meter: Meter, url: str, count: int, each: int) -> None:
    client = adapter.client(url)
    adapter.ask(client)
    while meter.goes_on:

        def task() -> None:
            for _ in range(each):
                adapter.ask(client)

        workers = [threading.Thread(target=task) for _ in range(count)]
        with meter.count(count * each):
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()


def either(adapter: Any, meter: Meter, url: str, batch: int, name: str, *args: Any, units: int = 1) -> None:
    """The sync form, or the async one where there is no other."""
    if getattr(adapter, name, None):
        sync_calls(adapter, meter, url, batch, lambda client: getattr(adapter, name)(client, *args), units)
    else:
        work = getattr(adapter, f"a{name}")
        asyncio.run(async_calls(adapter, meter, url, 1, lambda client: work(client, *args), units))


async def drained(adapter: Any, client: Any) -> int:
    count = 0
    async for _ in adapter.aevents(client):
        count += 1
    return count


def stream(adapter: Any, meter: Meter, url: str) -> None:
    client = adapter.client(url)
    for _ in adapter.events(client):
        pass
    while meter.goes_on:
        with meter.count(0):
            for _ in adapter.events(client):
                meter.units += 1


async def async_stream(adapter: Any, meter: Meter, url: str, flight: int = 1) -> None:
    client = await opened(adapter, url)
    await asyncio.gather(*(drained(adapter, client) for _ in range(flight)))
    while meter.goes_on:
        with meter.count(0):
            meter.units += sum(await asyncio.gather(*(drained(adapter, client) for _ in range(flight))))


def first_event(adapter: Any, meter: Meter, url: str) -> None:
    """From the call to its first event; the rest of the stream is read outside of the measurement."""
    client = adapter.client(url)
    for _ in adapter.events(client):
        pass
    while meter.goes_on:
        events = iter(adapter.events(client))
        began = time.perf_counter()
        with meter.count(1):
            next(events)
        meter.latencies.append(time.perf_counter() - began)
        for _ in events:
            pass


def start(make: Callable[[], Any], url: str, call: bool) -> dict[str, Any]:
    """Import and client; with a call, the memory that it all takes."""
    wall, cpu, memory = time.perf_counter(), used(), peak()
    adapter = make()
    if not adapter.client:
        raise NotImplementedError
    client = adapter.client(url)
    if call:
        adapter.ask(client)
    return {"cpu": used() - cpu, "wall": time.perf_counter() - wall, "units": 1, "rss": peak() - memory}


def reviews(goes_on: Callable[[int], bool]) -> Iterator[dict[str, Any]]:
    """Rows for as long as wanted, no two alike."""
    number = 0
    while goes_on(number):
        yield {"id": number, "text": f"These headphones broke after {number} days, and nobody answered my letters."}
        number += 1


def ended(adapter: Any, url: str, rows: Iterator[dict[str, Any]], flight: int, store: str) -> int:
    """Sends all rows, `flight` of them at a time: as a job, where the adapter has one, else as people do, with a task a
    row and a semaphore. How many had their text."""
    if getattr(adapter, "job", None):
        return sum(1 for row in adapter.job(adapter.client(url), rows, flight, store) if row)
    from adapters import TEMPLATE

    done = 0

    async def loop() -> None:
        client, gate = await opened(adapter, url), asyncio.Semaphore(flight)

        async def one(text: str) -> None:
            nonlocal done
            try:
                answer = await adapter.arow(client, text)
                done += bool(answer)
            finally:
                gate.release()

        async with asyncio.TaskGroup() as tasks:
            for row in rows:
                await gate.acquire()
                tasks.create_task(one(TEMPLATE.format(**row)))

    asyncio.run(loop())
    return done


def job(adapter: Any, meter: Meter, url: str, flight: int, folder: str) -> None:
    """So long that beginning and end, when fewer are in flight, count little."""
    ended(adapter, url, reviews(lambda number: number < 100), flight, f"{folder}/first.db")
    end = time.perf_counter() + max(10 * meter.budget, flight / 400)
    with meter.count(0):
        meter.units = ended(adapter, url, reviews(lambda _: time.perf_counter() < end), flight, f"{folder}/job.db")


def job_memory(adapter: Any, url: str, rows: int, folder: str) -> dict[str, Any]:
    """MB that a job of so many rows takes more than one of 10 000."""
    few = min(10_000, rows)
    ended(adapter, url, reviews(lambda number: number < few), 1000, f"{folder}/few.db")
    memory, cpu, wall = peak(), used(), time.perf_counter()
    done = ended(adapter, url, reviews(lambda number: number < rows), 1000, f"{folder}/many.db")
    took = {"cpu": (used() - cpu) / done, "wall": time.perf_counter() - wall}
    return {**took, "units": done, "rss": peak() - memory}


def job_again(adapter: Any, meter: Meter, url: str, rows: int, folder: str) -> None:
    """A job that is done already: a row that is not sent again."""
    ended(adapter, url, reviews(lambda number: number < rows), 1000, f"{folder}/job.db")
    with meter.count(rows):
        ended(adapter, url, reviews(lambda number: number < rows), 1000, f"{folder}/job.db")


def construct(adapter: Any, meter: Meter, url: str) -> None:
    adapter.client(url)
    while meter.goes_on:
        with meter.count(1000):
            for _ in range(1000):
                adapter.client(url)


def options(adapter: Any, meter: Meter, url: str) -> None:
    client = adapter.client(url)
    adapter.options(client)
    while meter.goes_on:
        with meter.count(1000):
            for _ in range(1000):
                adapter.options(client)


def main(name: str, case: str, urls: dict[str, str], budget: float) -> dict[str, Any]:
    if case == "b64encode":
        import base64

        data, meter = os.urandom(IMAGE), Meter(budget)
        while meter.goes_on:
            with meter.count(1):
                base64.b64encode(data)
        return meter.result()
    from adapters import ADAPTERS

    make = ADAPTERS[name]

    def url(kind: str) -> str:
        return urls[kind + make.suffix]

    if case.startswith("tls"):
        os.environ["SSL_CERT_FILE"] = url("ca")
    if case in ("import + client", "memory"):
        return start(make, url("small"), case == "memory")
    adapter, meter = make(), Meter(budget)
    if case.startswith("job"):
        rows = int(os.environ.get("BENCHMARK_ROWS", "100000"))
        with tempfile.TemporaryDirectory() as folder:
            match case.split():
                case ["job", "memory"]:
                    return job_memory(adapter, url("small"), rows, folder)
                case ["job", "again"]:
                    job_again(adapter, meter, url("small"), rows, folder)
                case [_, flight]:
                    job(adapter, meter, url("late"), int(flight), folder)
        return meter.result()
    match case.split():
        case ["sync"]:
            sync_calls(adapter, meter, url("small"), 100, adapter.ask)
        case ["threads", count]:
            threads(adapter, meter, url("small"), int(count), 50)
        case ["stream"]:
            stream(adapter, meter, url("stream"))
        case ["async", "stream"]:
            asyncio.run(async_stream(adapter, meter, url("stream")))
        case ["tls", flight]:
            asyncio.run(async_calls(adapter, meter, url("tls"), int(flight), adapter.aask))
        case ["tls", "new", flight]:
            asyncio.run(async_calls(adapter, meter, url("tls_new"), int(flight), adapter.aask))
        case ["async", flight]:
            asyncio.run(async_calls(adapter, meter, url("small"), int(flight), adapter.aask))
        case ["streams", flight]:
            asyncio.run(async_stream(adapter, meter, url("short"), int(flight)))
        case ["first", "event"]:
            first_event(adapter, meter, url("short"))
        case ["1", "MB", "reply"]:
            either(adapter, meter, url("large"), 5, "ask")
        case ["1", "MB", ("Chinese" | "escaped") as kind]:
            either(adapter, meter, url(kind.lower()), 5, "ask")
        case ["10", "MB", "image"]:
            either(adapter, meter, url("small"), 1, "image", os.urandom(IMAGE))
        case ["50", "MB", "upload"]:
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "long.wav")
                path.write_bytes(b"RIFF\0\0\0\0WAVE" + os.urandom(1 << 20) * (UPLOAD >> 20))
                either(adapter, meter, url("transcription"), 1, "upload", path)
        case ["embeddings"]:
            either(adapter, meter, url("embeddings"), 1, "embed", units=1024)
        case ["arguments", size]:
            either(adapter, meter, url(f"arguments_{size}"), 1, "arguments", units=1)
        case ["parsed"]:
            either(adapter, meter, url("parsed"), 50, "parsed")
        case ["tool", "loop"]:
            either(adapter, meter, url("loop"), 5, "loop")
        case ["client"]:
            construct(adapter, meter, url("small"))
        case ["with_options"]:
            options(adapter, meter, url("small"))
        case _:
            raise SystemExit(f"no case {case!r}")
    return meter.result()


if __name__ == "__main__":
    try:
        print(json.dumps(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), float(sys.argv[4]))))
    except (AttributeError, TypeError, NotImplementedError) as error:
        if os.environ.get("BENCHMARK_DEBUG"):
            raise
        print(json.dumps({"missing": str(error)}))
