"""Jobs on Daft, by its runner in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fleets import KEY, client, echo, interrupted, sent

import wenwen
from wenwen.testing import LocalGateway

daft = pytest.importorskip(
    "daft", reason="Daft is not installed: pip install 'wenwen[fleet-daft]', or bash .ci/run fleet"
)

pytestmark = [pytest.mark.fleet, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, environment: None) -> None:
    monkeypatch.setenv("WENWEN_API_KEY", KEY)


def test_what_is_computed_twice_is_paid_once(tmp_path: Path) -> None:
    count, store = 2000, tmp_path / "job.db"
    data: dict[str, list[Any]] = {"text": [f"text {n}" for n in range(count)], "n": list(range(count))}
    data["deep"] = [{"a": [1, None]}] * count
    with LocalGateway(echo) as gateway:
        df = daft.from_pydict(data)
        made = wenwen.daft.map(
            df, "{text}", model="gpt-5", store=store, price=(1.0, 2.0), client=client(gateway), progress=False
        )
        assert made.column_names == ["text", "n", "deep", "output", "error", "cost"]
        assert not gateway.requests  # lazy
        assert made.count_rows() == count
        made.write_parquet(str(tmp_path / "out"))
        found = daft.read_parquet(str(tmp_path / "out") + "/*.parquet").sort("n").to_pydict()
        assert found["text"] == data["text"] and found["deep"] == data["deep"]
        assert found["output"] == [f"re: {text}" for text in data["text"]]
        assert max(sent(gateway).values()) == 1 and len(gateway.requests) == count
        assert wenwen.open_job(store).status().done == count


INTERRUPTED = """
import daft

wenwen.daft.map(daft.from_pydict({"text": texts}), "{text}", batch_size=20, **options).collect()
"""


def test_an_interrupted_driver_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    assert "KeyboardInterrupt" in interrupted(INTERRUPTED, tmp_path)


def test_errors_are_rows() -> None:
    def script(_: Any) -> int:
        return 400

    with LocalGateway(script) as gateway:
        df = daft.from_pydict({"text": ["a", None]})
        made = wenwen.daft.map(df, "{text}", model="gpt-5", client=client(gateway), progress=False).to_pydict()
    assert made["output"] == [None, None]
    assert {error.split(":")[0] for error in made["error"]} == {"BadRequestError", "RowError"}
