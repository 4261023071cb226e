"""Jobs on Spark, in local mode."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fleets import KEY, client, echo, interrupted, sent

import wenwen
from wenwen.testing import LocalGateway

NOT_HERE = "Spark is not installed: pip install 'wenwen[fleet-spark]', or bash .ci/run fleet"
sql = pytest.importorskip("pyspark.sql", reason=NOT_HERE)

pytestmark = [pytest.mark.fleet, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(400, func_only=True)]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    os.environ |= {"WENWEN_API_KEY": KEY, "PYSPARK_PYTHON": sys.executable}
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "200")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
    for name in ("WENWEN_API_KEY", "PYSPARK_PYTHON"):
        os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, environment: None) -> None:
    monkeypatch.setenv("WENWEN_API_KEY", KEY)


def test_two_actions_pay_once_and_partitions_keep_their_order(spark: Any, tmp_path: Path) -> None:
    count, store = 2000, tmp_path / "job.db"
    rows = [(f"text {n}", n, {"a": [n]} if n % 2 else None) for n in range(count)]
    with LocalGateway(echo) as gateway:
        df = spark.createDataFrame(rows, "text string, n int, nested map<string, array<int>>").coalesce(2)
        made = wenwen.spark.map(
            df, "{text}", model="gpt-5", store=store, price=(1.0, 2.0), client=client(gateway), progress=False
        )
        assert made.columns == ["text", "n", "nested", "output", "error", "cost"]
        assert made.schema.fields[:3] == df.schema.fields
        assert not gateway.requests  # lazy
        assert made.count() == count
        found = made.collect()
        assert [row.n for row in found] == [row.n for row in df.collect()]
        assert all(row.output == f"re: {row.text}" and row.error is None for row in found)
        assert {row.n: row.nested for row in found} == {n: nested for _, n, nested in rows}
        assert max(sent(gateway).values()) == 1 and len(gateway.requests) == count
        assert wenwen.open_job(store).status().done == count


INTERRUPTED = """
import os
from pyspark.sql import SparkSession

os.environ["PYSPARK_PYTHON"] = sys.executable
builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
session = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
df = session.createDataFrame([(text,) for text in texts], "text string").coalesce(2)
wenwen.spark.map(df, "{text}", **options).collect()
"""


def test_an_interrupted_driver_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    assert "KeyboardInterrupt" in interrupted(INTERRUPTED, tmp_path)


def test_errors_are_rows(spark: Any) -> None:
    with LocalGateway(lambda _: 400) as gateway:
        df = spark.createDataFrame([("a",), (None,)], "text string")
        made = wenwen.spark.map(df, "{text}", model="gpt-5", client=client(gateway), progress=False).collect()
    assert [row.output for row in made] == [None, None]
    assert [row.error.split(":")[0] for row in made] == ["BadRequestError", "RowError"]
