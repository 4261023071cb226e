"""Jobs on Dask: threads of this process, and workers of their own."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fleets import KEY, answer, client, echo, interrupted, is_listed, sent

import wenwen
from wenwen.testing import LocalGateway

NOT_HERE = "Dask is not installed: pip install 'wenwen[fleet]', or bash .ci/run fleet"
frames = pytest.importorskip("dask.dataframe", reason=NOT_HERE)
bags = pytest.importorskip("dask.bag", reason=NOT_HERE)
distributed = pytest.importorskip("dask.distributed", reason=NOT_HERE)
pandas = pytest.importorskip("pandas")

pytestmark = [pytest.mark.fleet, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300, func_only=True)]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, environment: None) -> None:
    monkeypatch.setenv("WENWEN_API_KEY", KEY)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    os.environ["WENWEN_API_KEY"] = KEY  # which its workers inherit
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client
    os.environ.pop("WENWEN_API_KEY", None)


def frame(count: int, partitions: int = 6) -> Any:
    whole = pandas.DataFrame({"text": [f"text {n}" for n in range(count)], "n": range(count)})
    whole.index = pandas.Index([f"i{n:06}" for n in range(count)], name="name")
    return frames.from_pandas(whole, npartitions=partitions, sort=False)


def test_processes_have_one_ledger(cluster: Any, tmp_path: Path) -> None:
    count, store = 2000, tmp_path / "job.db"
    with LocalGateway(echo) as gateway:
        given = frame(count)
        made = wenwen.dask.map(
            given, "{text}", model="gpt-5", store=store, price=(1.0, 2.0), client=client(gateway), progress=False
        )
        assert not gateway.requests  # lazy
        found = made.compute()
        again = made.compute()
        assert found.dtypes.equals(made.dtypes) and found.equals(again)
        assert list(found.index) == list(given.compute().index)
        assert list(found.output) == [f"re: text {n}" for n in range(count)]
        assert list(found.n) == list(range(count)) and found.error.isna().all()
        assert found.cost.sum() == pytest.approx(count * 3e-5)
        assert max(sent(gateway).values()) == 1 and len(gateway.requests) == count
        assert wenwen.open_job(store).status().done == count


def test_a_worker_that_is_killed(cluster: Any, tmp_path: Path) -> None:
    count, store = 1000, tmp_path / "job.db"
    with LocalGateway(echo, latency=0.05) as gateway:
        made = wenwen.dask.map(
            frame(count, 10), "{text}", model="gpt-5", store=store, max_concurrency=30, client=client(gateway),
            progress=False,
        )  # fmt: skip
        pid = next(iter(cluster.run(os.getpid).values()))

        def kill() -> None:
            while len(gateway.requests) < 200:
                time.sleep(0.02)
            os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        found = made.compute()
        killer.join()
        assert list(found.output) == [f"re: text {n}" for n in range(count)]
        assert is_listed(gateway, store)


def test_what_is_persisted_goes_on_without_its_collection(cluster: Any, tmp_path: Path) -> None:
    with LocalGateway(echo, latency=0.05) as gateway:
        coming = cluster.compute(
            wenwen.dask.map(
                frame(60), "{text}", model="gpt-5", store=tmp_path / "job.db", max_concurrency=5,
                client=client(gateway), progress=False,
            )
        )  # fmt: skip
        assert list(coming.result(200).output) == [f"re: text {n}" for n in range(60)]


GIVEN = """
import dask.dataframe, distributed, pandas

def ask(**how):
    ddf = dask.dataframe.from_pandas(pandas.DataFrame({"text": texts}), npartitions=10, sort=False)
    wenwen.dask.map(ddf, "{text}", **options).compute(**how)
"""
THREADS = """
ask(scheduler="threads", num_workers=2)
"""
PROCESSES = """
if __name__ == "__main__":
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster):
        ask()
"""


@pytest.mark.parametrize("how", [THREADS, PROCESSES], ids=["threads", "processes"])
def test_an_interrupted_driver_waits_for_what_is_in_flight(how: str, tmp_path: Path) -> None:
    assert "KeyboardInterrupt" in interrupted(GIVEN + how, tmp_path)


def test_types_are_the_same_where_all_rows_fail() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Person(pydantic.BaseModel):  # type: ignore[misc, name-defined]
        n: int
        name: str | None
        tags: list[str]

    def script(request: Any) -> Any:
        number = int(request.json()["input"].split()[1])
        return 400 if number < 5 else answer(f'{{"n": {number}, "name": "x", "tags": ["a"]}}')

    with LocalGateway(script) as gateway:
        made = wenwen.dask.map(
            frame(10, 2), "{text}", model="gpt-5", output=Person, client=client(gateway), progress=False
        )
        found = made.compute(scheduler="threads")
    assert found.dtypes.equals(made.dtypes)
    assert list(found.columns) == ["text", "n", "n_output", "name", "tags", "error", "cost"]
    assert list(found.n_output[5:]) == [5, 6, 7, 8, 9] and found.n_output[:5].isna().all()
    assert str(found.n_output.dtype) == "Int64"
    assert found.error[:5].str.startswith("BadRequestError").all()


@pytest.mark.parametrize(
    ("items", "prompt", "first"),
    [
        (["a", "b"], "{}", {"input": "a", "output": "re: a", "error": None, "cost": None}),
        ([{"x": 1}, {"x": 2}], "no {x}", {"x": 1, "output": "re: no 1", "error": None, "cost": None}),
        ([{"x": 1}, {"x": 2}], lambda row: str(row["x"]), {"x": 1, "output": "re: 1", "error": None, "cost": None}),
    ],
    ids=["texts", "dicts", "function"],
)
def test_a_bag(items: list[Any], prompt: Any, first: dict[str, Any]) -> None:
    with LocalGateway(echo) as gateway:
        bag = bags.from_sequence(items, npartitions=2)
        made = wenwen.dask.map(bag, prompt, model="gpt-5", client=client(gateway), progress=False)
        assert made.compute(scheduler="threads")[0] == first


def test_what_is_none_of_dasks_is_refused() -> None:
    with pytest.raises(TypeError, match="data is a list: give a DataFrame or a Bag of dask's"):
        wenwen.dask.map([1], "{}", model="gpt-5")
