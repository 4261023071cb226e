"""Jobs of processes that are killed, interrupted and come second."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen.testing import LocalGateway, Reply, Request

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def echo(request: Request) -> dict[str, Any]:
    content = [{"type": "output_text", "text": f"re: {request.json()['input']}", "annotations": []}]
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
    usage = {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20}
    return {"id": "resp_1", "object": "response", "status": "completed", "output": [message], "usage": usage}


BEGIN = """
import asyncio, sys
import wenwen

base_url, store, count = sys.argv[1], sys.argv[2] or None, int(sys.argv[3])
options = dict(api_key="sk-test", base_url=base_url)
rows = (f"text {number}" for number in range(count))

def told(row):
    print(row.index, flush=True)

"""
SYNC = """
for row in wenwen.Client(**options).responses.map(rows, model="gpt-5", store=store, progress=False):
    told(row)
print("all", flush=True)
"""
ASYNC = """
async def main():
    async for row in wenwen.AsyncClient(**options).responses.map(rows, model="gpt-5", store=store, progress=False):
        told(row)
    print("all", flush=True)

asyncio.run(main())
"""


@contextlib.contextmanager
def child(code: str, gateway: LocalGateway, store: Path | str, count: int) -> Iterator[subprocess.Popen[str]]:
    """A process that runs a job."""
    arguments = [sys.executable, "-c", BEGIN + textwrap.dedent(code), gateway.base_url, str(store), str(count)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(process: subprocess.Popen[str], most: int) -> list[str]:
    """Its next lines, as they come."""
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(most)]


def sent(gateway: LocalGateway) -> Counter[str]:
    return Counter(request.json()["input"] for request in gateway.requests)


def is_sound(store: Path) -> bool:
    with sqlite3.connect(store) as database:
        found = database.execute("pragma integrity_check").fetchone()
    database.close()
    return found == ("ok",)


# A process that has imported everything and started nothing: its children are killed, each in hundredths of a second.
LIVES = """
import os, signal, time

def told(row):
    if not row.cached:
        os.write(1, f"{row.index}\\n".encode())  # whole, or not at all

def live():
{job}

for line in sys.stdin:
    most, wait = line.split()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write, 1)
        os.close(read)
        live()
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as out:
        for number, index in enumerate(out, 1):
            print(index, end="")
            if number == int(most):
                time.sleep(float(wait))
                os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print("-", flush=True)
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("code", [SYNC, ASYNC], ids=["sync", "async"])
def test_nothing_that_was_told_is_lost_or_paid_twice(tmp_path: Path, code: str) -> None:
    """kill -9 at fifty random moments of a job."""
    store, count, told = tmp_path / "job.db", 5000, list[int]()
    moments = random.Random(17)
    lives = LIVES.replace("{job}", textwrap.indent(code, "    "))
    command = [sys.executable, "-c", BEGIN + lives, "", str(store), str(count)]
    with LocalGateway(script=echo, latency=0.01, journal_entries=100_000) as gateway:
        command[3] = gateway.base_url
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None and process.stdout is not None
            for life in range(50):
                process.stdin.write(f"{moments.randrange(1, 40)} {moments.random() * 0.02}\n")
                process.stdin.flush()
                while (line := process.stdout.readline()) != "-\n":
                    assert line, "the process has ended"
                    if line != "all\n":
                        told.append(int(line))
                if life % 10 == 0:
                    assert is_sound(store)
            process.stdin.close()
        assert is_sound(store)
        unknown = wenwen.open_job(store).unknown()
        done = {row.index for row in wenwen.open_job(store).rows()}
        # What was handed over is there, and was handed over as new once.
        assert set(told) <= done and len(set(told)) == len(told)
        texts = (f"text {number}" for number in range(count))
        gateway.client().responses.map(texts, model="gpt-5", store=store, progress=False).run()
        # What was asked twice was in flight, and is listed.
        twice = {text: times - 1 for text, times in sent(gateway).items() if times > 1}
        listed = Counter(f"text {one.index}" for one in unknown)
        assert all(times <= listed[text] for text, times in twice.items()), (twice, listed)
        rows = wenwen.open_job(store).to_list()
        assert [row.output for row in rows] == [f"re: text {number}" for number in range(count)]
        print(f"{len(told)} told and none lost, {sum(twice.values())} paid twice of {len(unknown)} listed")
    assert is_sound(store)


def test_what_was_in_flight_may_be_left_alone(tmp_path: Path) -> None:
    store = tmp_path / "job.db"

    def script(request: Request) -> Any:
        return Reply(delay=60) if request.json()["input"] == "text 3" and hangs else echo(request)

    hangs = True
    with LocalGateway(script=script) as gateway:
        with child(SYNC, gateway, store, 10) as process:
            assert "3" not in lines(process, 9)
            process.kill()
            process.wait()
        hangs = False
        gateway.clear()
        texts = [f"text {number}" for number in range(10)]
        client = gateway.client()
        rows = client.responses.map(texts, model="gpt-5", store=store, on_unknown="error").to_list()
        assert not gateway.requests
        assert [row.index for row in rows if row.error is not None] == [3]
        assert isinstance(rows[3].error, wenwen.APIConnectionError)
        assert "may have been paid for" in str(rows[3].error)
        assert [one.index for one in wenwen.open_job(store).unknown()] == [3]
        [row] = [
            row for row in client.responses.map(texts, model="gpt-5", store=store, retry_errors=True) if not row.cached
        ]
        assert (row.index, row.output) == (3, "re: text 3")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("code", [SYNC, ASYNC], ids=["sync", "async"])
@pytest.mark.parametrize("named", [True, False])
def test_an_interruption_waits_for_what_is_in_flight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str, named: bool
) -> None:
    store = tmp_path / "job.db" if named else ""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def script(request: Request) -> Any:
        return Reply(json=echo(request), delay=0.0 if int(request.json()["input"].split()[1]) < 10 else 1.0)

    with LocalGateway(script=script) as gateway, child(code, gateway, store, 1000) as process:
        assert sorted(map(int, lines(process, 10))) == list(range(10))
        gateway.wait_until(lambda: len(gateway.requests) > 10, 20)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert "all" not in out
        # Python's own ends of it: KeyboardInterrupt by the signal, or as an exit status.
        ended = {signal.SIGINT: (130, -signal.SIGINT, 1), signal.SIGTERM: (128 + signal.SIGTERM,)}
        assert process.returncode in ended[signal.Signals(number)], err
        assert "the same call" in err
        # All that was sent is kept.
        [found] = [Path(store)] if named else [*tmp_path.glob("wenwen/jobs/*.db")]
        assert str(found) in err
        assert 10 < wenwen.open_job(found).status().done == len(gateway.requests) < 1000
        assert wenwen.open_job(found).unknown() == []


@pytest.mark.parametrize("code", [SYNC, ASYNC], ids=["sync", "async"])
def test_a_second_interruption_waits_for_nothing(tmp_path: Path, code: str) -> None:
    store = tmp_path / "job.db"
    with (
        LocalGateway(script=lambda request: Reply(delay=60)) as gateway,
        child(code, gateway, store, 100) as process,
    ):
        gateway.wait_until(lambda: len(gateway.requests) >= 32, 20)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        if code is SYNC:
            assert "Ctrl-C again stops now" in process.stderr.readline()
        else:
            threading.Event().wait(0.5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode != 0
        unknown = wenwen.open_job(store).unknown()
        assert {one.index for one in unknown} == set(range(len(gateway.requests)))


def test_a_second_process_is_told_which_has_the_store(tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(script=echo, latency=0.05) as gateway, child(SYNC, gateway, store, 5000) as process:
        lines(process, 1)
        with pytest.raises(wenwen.StoreError, match=f"in use by process {process.pid}"):
            gateway.client().responses.map(["a"], model="gpt-5", store=store).run()


def test_a_child_of_a_process_leaves_its_parent_s_job_alone(tmp_path: Path) -> None:
    code = """
    import os
    job = wenwen.Client(**options).responses.map(rows, model="gpt-5", store=store, progress=False)
    ended = iter(job)
    told(next(ended))
    child = os.fork()
    if child == 0:
        try:
            for _ in ended:  # some rows were taken already
                pass
        except RuntimeError as error:
            print("refused", error, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    for row in ended:
        told(row)
    print("all", flush=True)
    """
    with LocalGateway(script=echo) as gateway, child(code, gateway, tmp_path / "job.db", 50) as process:
        out, err = process.communicate(timeout=30)
        assert "belongs to the parent process" in out, err
        assert out.count("\n") == 52 and out.endswith("all\n")
        assert sum(sent(gateway).values()) == 50


MEMORY = """
import resource
for row in wenwen.Client(**options).responses.map(rows, model="gpt-5", store=store, max_concurrency=100):
    assert row.output
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
"""


@pytest.mark.slow
def test_memory_is_flat(tmp_path: Path) -> None:
    taken = []
    with LocalGateway(journal_entries=0) as gateway:
        for count in 4000, 20_000:
            with child(MEMORY, gateway, tmp_path / f"{count}.db", count) as process:
                out, err = process.communicate(timeout=100)
                assert process.returncode == 0, err
                taken.append(int(out))
    assert taken[1] < taken[0] + 12_000, taken  # kB


def test_a_full_disk_keeps_what_is_there(tmp_path: Path) -> None:
    code = """
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for row in wenwen.Client(**options).responses.map(rows, model="gpt-5", store=store, progress=False):
            told(row)
    except wenwen.StoreError as error:
        print("full", error, flush=True)
    """
    store = tmp_path / "job.db"
    with LocalGateway(script=echo) as gateway, child(code, gateway, store, 3000) as process:
        out, err = process.communicate(timeout=60)
        assert "full" in out, (out[-500:], err)
        told = {int(line) for line in out.splitlines() if line.isdigit()}
        assert told <= {row.index for row in wenwen.open_job(store).rows()}
        rows = (
            gateway.client()
            .responses.map((f"text {number}" for number in range(3000)), model="gpt-5", store=store, progress=False)
            .to_list()
        )
        assert all(row.error is None for row in rows) and len(rows) == 3000
        assert sum(sent(gateway).values()) <= 3000 + 128
