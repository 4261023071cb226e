"""A fleet in processes of its own, whose members are killed: here, and for long in `tests/soak/fleet.py`."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleets import echo

import wenwen
from wenwen.testing import LocalGateway, Quota

TOKEN = "a token of sixteen and more"

# base_url, store, the first of its texts, and the one after the last.
WORKER = """
import sys, wenwen

client = wenwen.Client(api_key="sk-test", base_url=sys.argv[1])
texts = [f"text {number}" for number in range(int(sys.argv[3]), int(sys.argv[4]))]
try:
    for row in client.responses.map(texts, model="gpt-5", store=sys.argv[2], progress=False):
        assert row.error is None, row
        print(f"{row.input}\\n", end="", flush=True)  # at once: others write into the same pipe
    print("all", flush=True)
except wenwen.BudgetError:
    print("no money", flush=True)
"""

GOVERNOR = """
import sys, threading, wenwen

governor = wenwen.serve_jobs(sys.argv[1], port=int(sys.argv[2]), token=sys.argv[3])
print(governor.address, flush=True)
threading.Event().wait()
"""


# Port, store, token, base_url, what its workers run, and of each the first of its texts and the one after the last.
DRIVER = """
import subprocess, sys, wenwen

governor = wenwen.serve_jobs(sys.argv[2], port=int(sys.argv[1]), token=sys.argv[3])
print(governor.address, flush=True)
code, base_url, *parts = sys.argv[4:]
command = [sys.executable, "-c", code, base_url, governor.address]
workers = [subprocess.Popen([*command, *part]) for part in zip(parts[::2], parts[1::2], strict=True)]
sys.exit(max(worker.wait() for worker in workers))
"""


class Child:
    """A process, and the lines that it and its own children have printed."""

    def __init__(self, code: str, *arguments: object) -> None:
        environment = {**os.environ, "WENWEN_JOBS_TOKEN": TOKEN}
        command = [sys.executable, "-c", code, *map(str, arguments)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )
        self.lines: list[str] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self.lines.append(line.strip())
                self._more.notify_all()
        with self._more:
            self._more.notify_all()

    def wait_for(self, count: int) -> list[str]:
        with self._more:
            self._more.wait_for(lambda: len(self.lines) >= count or not self._reader.is_alive(), 60)
            return list(self.lines)

    def kill(self) -> list[str]:
        """With all that it has started."""
        self._kill_group()
        return self.end()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> list[str]:
        try:
            self.process.wait(120)
        finally:
            self._kill_group()
        self._reader.join(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.lines


@contextlib.contextmanager
def children() -> Iterator[Callable[..., Child]]:
    made: list[Child] = []

    def child(*arguments: Any) -> Child:
        made.append(Child(*arguments))
        return made[-1]

    try:
        yield child
    finally:
        for one in made:
            one.kill()


@dataclass(frozen=True, slots=True)
class Left:
    """What is left when all is done."""

    told: int
    """Texts that workers were handed over."""
    twice: int
    """Requests that were made for a text that had one."""
    unknown: int
    """Requests that are listed as unknown."""


def killed(store: Path, lost: str, *, count: int, times: int, quota: Quota, seed: int, away: float = 0.0) -> Left:
    """kill -9 of a worker, of the governor or of the driver at random moments, so many times, until `count` texts are
    done: each is in the store once, with its answer, and was handed over. `away`: seconds at most until there is a
    governor again."""
    moments = random.Random(seed)
    told: set[str] = set()
    parts = [(0, count // 2), (count // 4, count)]  # some are in both
    with LocalGateway(script=echo, quota=quota, journal_entries=8 * count) as gateway, children() as child:
        if lost == "driver":
            told = _drivers(store, gateway.base_url, parts, child, times, moments, away)
            return _left(store, gateway, count, told)
        governor = child(GOVERNOR, store, 0, TOKEN)
        [address] = governor.wait_for(1)
        workers = [child(WORKER, gateway.base_url, address, *part) for part in parts]
        for _ in range(times):
            which = moments.randrange(2)
            workers[which].wait_for(len(workers[which].lines) + moments.randrange(1, 60))
            if lost == "governor":
                governor.kill()
                time.sleep(away * moments.random())
                governor = child(GOVERNOR, store, address.rpartition(":")[2], TOKEN)
                assert governor.wait_for(1) == [address]
            else:
                told |= set(workers[which].kill())
                workers[which] = child(WORKER, gateway.base_url, address, *parts[which])
        for worker in workers:
            lines = worker.end()
            assert lines[-1:] == ["all"], lines[-1:]
            told |= set(lines)
        governor.kill()
        return _left(store, gateway, count, told)


def _drivers(
    store: Path,
    base_url: str,
    parts: list[tuple[int, int]],
    child: Callable[..., Child],
    times: int,
    moments: random.Random,
    away: float,
) -> set[str]:
    """kill -9 of a driver, by turns alone and with the workers that it has started. Those that were left go on with the
    next driver's governor, beside its own workers, which have the same texts. What they all have said."""
    port, told = 0, set[str]()
    left: list[Child] = []
    for number in range(times + 1):
        driver = child(DRIVER, port, store, TOKEN, WORKER, base_url, *(end for part in parts for end in part))
        [address, *_] = driver.wait_for(1)
        port = int(address.rpartition(":")[2])
        if number == times:
            break
        driver.wait_for(1 + moments.randrange(1, 60))
        left.append(driver)
        if number % 2:
            driver.process.kill()
            driver.process.wait(20)
        else:
            told |= {line for one in left for line in one.kill()}
            left.clear()
        time.sleep(away * moments.random())
    lines = driver.end()
    assert (driver.process.returncode, lines[-1]) == (0, "all"), lines[-1:]
    told |= {line for one in [driver, *left] for line in one.kill()}
    return {line for line in told if not line.startswith("tcp:")}


def _left(store: Path, gateway: LocalGateway, count: int, told: set[str]) -> Left:
    stored = wenwen.open_job(store)
    found, texts = Counter((row.input, row.output) for row in stored.rows()), [f"text {n}" for n in range(count)]
    assert found == Counter((text, f"re: {text}") for text in texts)
    assert not told ^ {*texts, "all"}
    asked = Counter(request.json()["input"] for request in gateway.requests if request.status != 429)
    twice = asked.total() - len(asked)
    return Left(len(told) - 1, twice, len(stored.unknown()))
