"""The same rows as a local job and by the engines that are installed: `python tests/soak/engines.py`, `… ray dask`.

Rows lie in Parquet files, which each engine reads; a gateway here echoes them after 50 ms. Seconds are those from `map`
to the last row in hand, workers' imports included, the start of the cluster not. The exit code is 1 where an answer is
another one than the local job's, a row was asked twice, or an order that is promised is not kept.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import wenwen
from wenwen.testing import LocalGateway

sys.path.insert(0, str(Path(__file__).parents[1] / "fleet"))
from fleets import KEY, client, echo, sent

FILES = 8
HEAD = f"{'':30}{'seconds':>8}{'rows/s':>8}{'requests':>9}  {'answers':8}order"
# What comes back: the numbers of the rows and their outputs, as the engine gives them.
Found = tuple[list[int], list[str]]
Runs = Iterator[dict[str, Callable[..., Found]]]


def columns(table: Any) -> Found:
    """Of whatever has columns as Arrow, pandas or Daft have them."""
    return [*map(int, table["n"])], [*map(str, table["output"])]


@contextmanager
def ray(folder: str) -> Runs:
    module: Any = import_module("ray")
    data: Any = import_module("ray.data")
    arrow: Any = import_module("pyarrow")
    module.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True

    def run(actors: int, **options: Any) -> Found:
        made = wenwen.ray.map(data.read_parquet(folder, override_num_blocks=FILES), concurrency=actors, **options)
        return columns(arrow.concat_tables(made.iter_batches(batch_format="pyarrow", batch_size=None)).to_pydict())

    try:
        yield {f"Ray, {n} actors": partial(run, n) for n in (2, 4)}
    finally:
        module.shutdown()


@contextmanager
def dask(folder: str) -> Runs:
    frames: Any = import_module("dask.dataframe")
    distributed: Any = import_module("distributed")

    def run(**options: Any) -> Found:
        return columns(wenwen.dask.map(frames.read_parquet(folder), **options).compute())

    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster):
        yield {"Dask, 2 processes": run}


@contextmanager
def spark(folder: str) -> Runs:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder: Any = import_module("pyspark.sql").SparkSession.builder
    options = {"ui.enabled": "false", "driver.host": "127.0.0.1", "sql.execution.arrow.maxRecordsPerBatch": "256",
               "sql.execution.arrow.pyspark.enabled": "true"}  # fmt: skip
    for name, value in options.items():
        builder = builder.config(f"spark.{name}", value)
    session = builder.master("local[2]").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")

    def run(**options: Any) -> Found:
        return columns(wenwen.spark.map(session.read.parquet(f"{folder}/*.parquet"), **options).toPandas())

    try:
        yield {"Spark, local[2]": run}
    finally:
        session.stop()


@contextmanager
def daft(folder: str) -> Runs:
    module: Any = import_module("daft")

    def run(**options: Any) -> Found:
        return columns(wenwen.daft.map(module.read_parquet(f"{folder}/*.parquet"), **options).to_pydict())

    yield {"Daft": run}


# Each with the package that it is, and whether rows keep their order.
ENGINES: dict[str, tuple[Callable[[str], Any], str, bool]] = {
    "ray": (ray, "ray", True),
    "dask": (dask, "dask", True),
    "spark": (spark, "pyspark", False),  # within a partition; which is the first, its reader decides by their sizes
    "daft": (daft, "daft", False),
}


def row(name: str, count: int, seconds: float, requests: int, same: bool, order: str) -> str:
    answers = "same" if same else "OTHER"
    return f"{name:30}{seconds:8.1f}{count / seconds:8.0f}{requests:9}  {answers:8}{order}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engines", nargs="*", choices=[[], *ENGINES], help="by default those that are installed")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--limit", type=float, default=600.0, help="seconds of an engine; then all threads are shown")
    options = parser.parse_args()
    os.environ["WENWEN_API_KEY"] = KEY  # which workers inherit
    arrow: Any = import_module("pyarrow")
    parquet: Any = import_module("pyarrow.parquet")
    count, failed = options.rows, 0
    print(f"{count} rows, CPython {platform.python_version()}, {os.cpu_count()} CPUs", flush=True)
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as folder, LocalGateway(journal_entries=2 * count) as gateway:
        rows = [{"n": n, "text": f"text {n}"} for n in range(count)]
        gateway.script(echo)
        there = Path(folder) / "in"
        there.mkdir()
        each = -(-count // FILES)
        for part in range(FILES):
            table = arrow.Table.from_pylist(rows[part * each : (part + 1) * each])
            parquet.write_table(table, there / f"{part}.parquet")

        def asked(name: str, run: Callable[..., Found], ordered: bool | None, expected: list[str] | None) -> list[str]:
            nonlocal failed
            gateway.clear()
            faulthandler.dump_traceback_later(options.limit, exit=True)
            began = time.monotonic()
            numbers, outputs = run(
                prompt="{text}", model="gpt-5", store=f"{folder}/{name}.db", progress=False, client=client(gateway)
            )
            seconds = time.monotonic() - began
            faulthandler.cancel_dump_traceback_later()
            by_number = dict(zip(numbers, outputs, strict=True))
            answers = [by_number.get(n, "") for n in range(count)]
            kept = numbers == list(range(count))
            same = len(numbers) == count and (expected is None or answers == expected)
            requests = len(gateway.requests)
            print(row(name, count, seconds, requests, same, "kept" if kept else "another"), flush=True)
            failed |= not same or (bool(ordered) and not kept) or max(sent(gateway).values()) > 1
            return answers

        def local(prompt: str, client: wenwen.Client, **options: Any) -> Found:
            made = client.responses.map(rows, prompt, **options).to_list()
            return [one.input["n"] for one in made], [one.output for one in made]

        expected = asked("a local job", local, True, None)
        for name in options.engines or ENGINES:
            engine, package, ordered = ENGINES[name]
            try:
                found = version(package)
            except ImportError:
                if options.engines:
                    raise
                continue
            with engine(str(there)) as runs:
                for title, run in runs.items():
                    asked(f"{title} ({found})", run, ordered, expected)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
