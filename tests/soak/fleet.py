"""A job of many processes, for long: `python tests/soak/fleet.py storm`, `… kills`.

storm: four workers, a quota of 100 requests a second that nobody tells; how much of it is used and how much is refused.
kills: workers, and then their governor, are killed 20 times each at random moments. The exit code is 1 where a row is
lost, is stored twice, or was paid more often than is listed.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import wenwen
from wenwen.testing import LocalGateway, Quota, Request

TOKEN = "a token of sixteen and more"
WORKER = """
import sys, wenwen

client = wenwen.Client(api_key="sk-test", base_url=sys.argv[1])
texts = [f"text {number}" for number in range(int(sys.argv[3]), int(sys.argv[4]))]
for row in client.responses.map(texts, model="gpt-5", store=sys.argv[2], progress=False):
    assert row.output == f"re: {row.input}", row
    print(row.input, flush=True)
"""
GOVERNOR = """
import sys, threading, wenwen

governor = wenwen.serve_jobs(sys.argv[1], port=int(sys.argv[2]), token=sys.argv[3])
print(governor.address, flush=True)
threading.Event().wait()
"""


def echo(request: Request) -> dict[str, Any]:
    content = [{"type": "output_text", "text": f"re: {request.json()['input']}", "annotations": []}]
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
    usage = {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20}
    return {"id": "resp_1", "object": "response", "status": "completed", "output": [message], "usage": usage}


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "WENWEN_JOBS_TOKEN": TOKEN}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


class Reader(threading.Thread):
    """What a worker has been handed over."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self.process, self.lines = process, list[str]()
        self.start()

    def run(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.strip())


def storm(rows: int, workers: int, rate: float) -> int:
    # The gateway's journal is bounded: the answers are counted here.
    with tempfile.TemporaryDirectory() as folder:
        quota = Quota(rpm=rate * 60, latency=0.3)
        with (
            LocalGateway(quota=quota, journal_entries=4 * rows) as gateway,
            wenwen.serve_jobs(Path(folder) / "job.db", token=TOKEN) as governor,
        ):
            code = WORKER.replace('assert row.output == f"re: {row.input}", row', "assert row.error is None, row")
            each = rows // workers
            readers = [
                Reader(child(code, gateway.base_url, governor.address, number * each, (number + 1) * each))
                for number in range(workers)
            ]
            while not governor.status().done:
                time.sleep(0.02)
            began = time.monotonic()
            for reader in readers:
                assert reader.process.wait() == 0
            took, status = time.monotonic() - began, governor.status()
            used = status.done / took / rate
            share = status.refused / (status.done + status.refused)
            print(f"{workers} workers, {rate:g}/s: {status.done} rows in {took:.1f} s, {used:.1%} of the quota")
            print(f"{status.refused} refused, {share:.1%} of the requests")
            return int(status.done != rows)


def kills(rows: int, times: int, lost: str, seed: int) -> int:
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, LocalGateway(script=echo, journal_entries=8 * rows) as gateway:
        gateway.limit(Quota(rpm=rows, latency=0.1))
        store = Path(folder) / "job.db"
        governor = child(GOVERNOR, store, 0, TOKEN)
        assert governor.stdout is not None
        address = governor.stdout.readline().strip()
        half = rows // 2
        parts = [(0, half), (half // 2, rows)]
        told: set[str] = set()
        readers = [Reader(child(WORKER, gateway.base_url, address, *part)) for part in parts]
        for _ in range(times):
            time.sleep(moments.random() * 3)
            which = moments.randrange(2)
            if lost == "governor":
                governor.kill()
                governor.wait()
                time.sleep(moments.random())
                governor = child(GOVERNOR, store, address.rpartition(":")[2], TOKEN)
                assert governor.stdout is not None
                governor.stdout.readline()
            else:
                readers[which].process.kill()
                readers[which].process.wait()
                readers[which].join()
                told |= set(readers[which].lines)
                readers[which] = Reader(child(WORKER, gateway.base_url, address, *parts[which]))
        for reader in readers:
            assert reader.process.wait() == 0
            reader.join()
            told |= set(reader.lines)
        governor.kill()
        governor.wait()
        stored = wenwen.open_job(store)
        found, unknown = Counter(row.input for row in stored.rows()), stored.unknown()
        sent = Counter(
            request.json()["input"] for request in gateway.requests if request.status == 200 or not request.status
        )
        twice = sum(count - 1 for count in sent.values())
        print(f"{times} kills of a {lost}: {len(found)} rows of {rows}, {len(told)} handed over")
        print(f"{twice} paid twice, {len(unknown)} listed")
        whole = len(found) == rows == len(told) and set(found.values()) == {1}
        return int(not whole or twice > len(unknown))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("storm", "kills"))
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    if options.what == "storm":
        return storm(options.rows, options.workers, options.rate)
    ends = [kills(options.rows, options.times, lost, options.seed) for lost in ("worker", "governor")]
    return max(ends)


if __name__ == "__main__":
    sys.exit(main())
