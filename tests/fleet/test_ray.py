"""Jobs on a Ray cluster of this machine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fleets import KEY, client, echo, interrupted, is_listed, sent

import wenwen
from wenwen.testing import LocalGateway

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'wenwen[fleet]', or bash .ci/run fleet")
arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

pytestmark = [pytest.mark.fleet, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(900, func_only=True)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    runtime = {"env_vars": {"WENWEN_API_KEY": KEY}}
    for left in (2, 1, 0):
        try:
            ray.init(
                num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error", runtime_env=runtime
            )
            break
        except Exception:  # it waits 30 s for its own processes, which a busy machine may not be done with
            ray.shutdown()
            if not left:
                raise
    try:
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.execution_options.preserve_order = True
        yield ray.get_runtime_context().gcs_address
    finally:
        ray.shutdown()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, environment: None, cluster: str) -> None:
    monkeypatch.setenv("WENWEN_API_KEY", KEY)


def rows(count: int) -> list[dict[str, Any]]:
    return [{"text": f"text {n}", "n": n, "nested": {"a": [n]} if n % 2 else None} for n in range(count)]


@pytest.mark.parametrize("actors", [2, 4])
def test_the_same_answers_as_a_job_of_one_process_and_nothing_paid_twice(actors: int, tmp_path: Path) -> None:
    count, store = 2000, tmp_path / "job.db"
    with LocalGateway(echo) as gateway:
        local = client(gateway).responses.map(rows(count), "{text}", model="gpt-5", price=(1.0, 2.0), progress=False)
        expected = local.to_arrow()
        gateway.clear()
        ds = ray.data.from_items(rows(count), override_num_blocks=8)
        made = wenwen.ray.map(
            ds, "{text}", model="gpt-5", price=(1.0, 2.0), store=store, concurrency=actors,

            client=client(gateway), progress=False,
        )  # fmt: skip
        assert not gateway.requests  # lazy
        assert made.count() == count
        made.write_parquet(str(tmp_path / "out"))
        table = parquet.read_table(tmp_path / "out")
        assert table.sort_by("n").to_pylist() == expected.to_pylist()
        assert max(sent(gateway).values()) == 1 and len(gateway.requests) == count
        stored = wenwen.open_job(store)
        assert stored.status().done == count
        assert {row.output for row in stored.rows()} == set(expected.column("output").to_pylist())


ROOM = """
import sys, pyarrow, ray, wenwen

ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="error")
ray.data.DataContext.get_current().enable_progress_bars = False
made = wenwen.ray.map(
    ray.data.read_parquet(sys.argv[2]), "{text}", model="gpt-5", concurrency=3, progress=False,
    client=wenwen.Client(api_key=None, base_url=sys.argv[1]),
)
print(made.count())
"""


def test_actors_leave_room_to_what_reads(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    parquet.write_table(arrow.table({"text": ["a", "b", "c"]}), tmp_path / "in.parquet")
    with LocalGateway(echo) as gateway:
        command = [sys.executable, "-c", ROOM, gateway.base_url, str(tmp_path / "in.parquet")]
        run = subprocess.run(command, capture_output=True, text=True)
        assert run.stdout == "3\n", run.stderr
        ds = ray.data.from_items(rows(2))
        wenwen.ray.map(ds, "{text}", model="gpt-5", concurrency=4, num_cpus=0.4, client=client(gateway))
        assert "4 actors of num_cpus=0.4 leave less than one of the cluster's 2 CPUs" in caplog.text


INTERRUPTED = """
import ray

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
ray.data.DataContext.get_current().enable_progress_bars = False
ds = ray.data.from_items([{"text": text} for text in texts], override_num_blocks=4)
wenwen.ray.map(ds, "{text}", concurrency=2, batch_size=20, **options).take_all()
"""


def test_an_interrupted_driver_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    assert "KeyboardInterrupt" in interrupted(INTERRUPTED, tmp_path)


def test_an_actor_that_is_killed(tmp_path: Path) -> None:
    count, store, pids = 1200, tmp_path / "job.db", tmp_path / "pids"
    pids.touch()
    shown = str(pids)

    def prompt(row: Any) -> str:
        with open(shown, "a") as file:
            file.write(f"{os.getpid()}\n")
        return str(row["text"])

    with LocalGateway(echo, latency=0.05) as gateway:
        ds = ray.data.from_items(rows(count), override_num_blocks=6)
        made = wenwen.ray.map(
            ds, prompt, model="gpt-5", store=store, concurrency=2, batch_size=64, max_concurrency=40,
            client=client(gateway), progress=False,
        )  # fmt: skip

        def kill() -> None:
            while len(gateway.requests) < 300:
                time.sleep(0.02)
            os.kill(int(pids.read_text().split()[0]), signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        found = made.take_all()
        killer.join()
        assert [row["output"] for row in found] == [f"re: text {n}" for n in range(count)]
        assert is_listed(gateway, store)


def test_a_budget_that_is_used_up_ends_the_dataset_and_more_of_it_goes_on(tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(echo) as gateway:

        def mapped(budget: float) -> Any:
            ds = ray.data.from_items(rows(200), override_num_blocks=2)
            return wenwen.ray.map(
                ds, "{text}", model="gpt-5", store=store, budget=budget, price=(1000.0, 1000.0), max_concurrency=4,
                client=client(gateway), progress=False,
            )  # fmt: skip

        with pytest.raises(Exception, match="BudgetError"):  # what Ray makes of it
            mapped(2.5).take_all()
        status = wenwen.open_job(store).status()
        assert status.done < 200 and status.cost is not None and status.cost <= 2.5
        assert len(mapped(50.0).take_all()) == 200
        assert max(sent(gateway).values()) == 1


def test_a_column_that_is_not_there_and_a_key_that_is_not_there(tmp_path: Path) -> None:
    with LocalGateway(echo) as gateway:
        ds = ray.data.from_items(rows(2))
        with pytest.raises(Exception, match=r"\{txt\} is no column: did you mean 'text'\?"):
            wenwen.ray.map(ds, "{txt}", model="gpt-5", client=client(gateway)).take_all()
        with pytest.raises(Exception, match="NO_SUCH_KEY is not set in the worker's environment"):
            wenwen.ray.map(ds, "{text}", model="gpt-5", client=client(gateway), api_key_env="NO_SUCH_KEY").take_all()
        assert not gateway.requests


DRIVER = """
import sys
import pyarrow.fs, ray, wenwen

cluster, base_url, store, there, endpoint = sys.argv[1:]
filesystem = None
if endpoint:
    filesystem = pyarrow.fs.S3FileSystem(
        access_key="a", secret_key="b", endpoint_override=endpoint, scheme="http", region="us-east-1"
    )
ray.init(cluster, log_to_driver=False, runtime_env={"env_vars": {"WENWEN_API_KEY": "sk-of-the-cluster"}})
ray.data.DataContext.get_current().enable_progress_bars = False
ds = ray.data.read_parquet(f"{there}/in", filesystem=filesystem)
made = wenwen.ray.map(
    ds, "{text}", model="gpt-5", store=store, batch_size=32, max_concurrency=20, progress=False,
    client=wenwen.Client(api_key=None, base_url=base_url),
)
made.write_parquet(f"{there}/out", filesystem=filesystem)
print("written", flush=True)
"""


@contextlib.contextmanager
def storage(kind: str, folder: Path) -> Iterator[tuple[str, str, Any]]:
    """A folder, or a bucket of a server here: its path, the server, and what reads it."""
    if kind == "disk":
        yield str(folder), "", None
        return
    moto = pytest.importorskip("moto.server", reason="moto is not installed: pip install 'wenwen[fleet]'")
    fs = pytest.importorskip("pyarrow.fs")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        s3 = fs.S3FileSystem(
            access_key="a", secret_key="b", endpoint_override=f"{host}:{port}", scheme="http", region="us-east-1",
            allow_bucket_creation=True,
        )  # fmt: skip
        s3.create_dir("lake")
        yield "lake", f"{host}:{port}", s3
    finally:
        server.stop()


@pytest.mark.parametrize("kind", ["disk", "s3"])
def test_a_driver_that_is_killed_is_gone_on_with(kind: str, tmp_path: Path, cluster: str) -> None:
    count, store = 600, tmp_path / "job.db"
    with LocalGateway(echo, latency=0.05) as gateway, storage(kind, tmp_path) as (there, endpoint, filesystem):
        ray.data.from_items(rows(count), override_num_blocks=4).write_parquet(f"{there}/in", filesystem=filesystem)
        told = cluster, gateway.base_url, str(store), there, endpoint
        arguments = [sys.executable, "-c", textwrap.dedent(DRIVER), *told]
        with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while len(gateway.requests) < 100 and process.poll() is None:
                time.sleep(0.02)
            process.kill()
        assert process.returncode == -signal.SIGKILL
        run = subprocess.run(arguments, capture_output=True, text=True)
        assert "written" in run.stdout, run.stderr
        table = parquet.read_table(f"{there}/out", filesystem=filesystem)
        found = {row["text"]: row["output"] for row in table.to_pylist()}
        assert found == {f"text {n}": f"re: text {n}" for n in range(count)} and table.num_rows == count
        assert is_listed(gateway, store)
        assert wenwen.open_job(store).status().done == count


def test_the_guides_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (Path(__file__).parents[2] / "python" / "README.md").read_text(encoding="utf-8")
    code = next(block for block in re.findall(r"^```py\n(.*?)^```$", guide, re.M | re.S) if "wenwen.ray" in block)
    code = "".join(line for line in code.splitlines(True) if not line.startswith("ray.init("))  # the cluster is there
    monkeypatch.chdir(tmp_path)
    ray.data.from_items(rows(20)).write_parquet(str(tmp_path / "reviews"))
    code = code.replace('"reviews"', repr(str(tmp_path / "reviews"))).replace('"answers"', repr(str(tmp_path / "out")))
    with LocalGateway(echo) as gateway:
        monkeypatch.setenv("WENWEN_BASE_URL", gateway.base_url)
        exec(code, {})
    assert parquet.read_table(tmp_path / "out").num_rows == 20
