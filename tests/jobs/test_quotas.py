"""A job against a gateway that limits it: every row comes, each is answered once, and little is asked for in vain. How
fast that is says the limiter's simulator (`limiter.rs`); a machine with other work says nothing of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Quota

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def texts(count: int) -> list[str]:
    return [f"Text {number}" for number in range(count)]


def answered(gateway: LocalGateway) -> tuple[Counter[str], int]:
    """How often each text had an answer, and how many requests were refused."""
    done = Counter(request.json()["input"] for request in gateway.requests if request.status == 200)
    return done, sum(request.status == 429 for request in gateway.requests)


# 200 a second, or about as many, of a client that could send five times as many. Not without any limit: on a machine
# that has other work, all rows are on their way before the first refusal is seen.
@pytest.mark.parametrize(
    "quota",
    [
        pytest.param([Quota(rpm=12_000, latency=0.05)], id="rate"),
        pytest.param([Quota(rpm=12_000, burst=100, latency=(0.02, 0.02, 0.02, 0.3))], id="burst and tail"),
        pytest.param([Quota(rpm=12_000, latency=0.05, named=True)], id="named"),
        pytest.param([Quota(rpm=12_000, latency=0.05, channels=1500)], id="wrong headers"),
        pytest.param([Quota(rpm=12_000, latency=0.05, channels=(900, 60_000))], id="headers of two"),
        pytest.param([Quota(rpm=12_000, latency=0.05, retry_after=0.2)], id="retry-after"),
        pytest.param([Quota(rpm=12_000), Quota(rpm=6000, since=1), Quota(rpm=12_000, since=2)], id="halved"),
        pytest.param([Quota(max_concurrency=10, latency=0.05)], id="at once"),
        pytest.param([Quota(max_concurrency=10, latency=0.05, named=True)], id="at once, named"),
        pytest.param([Quota(window=(300, 1.5), latency=0.05)], id="window"),
        pytest.param([Quota(window=(300, 3), latency=0.05)], id="longer window"),
        pytest.param([Quota(rpm=12_000, latency=(*[0.05] * 40, 1))], id="tail"),
    ],
)
def test_every_row_is_answered_once(quota: list[Quota]) -> None:
    rows = texts(600)
    with LocalGateway(quota=quota) as gateway:
        job = gateway.client().responses.map(rows, model="gpt-5", progress=False, max_concurrency=50)
        found = {row.index: row for row in job}
        assert sorted(found) == list(range(600)) and not [row.error for row in found.values() if row.error]
        done, refused = answered(gateway)
        assert done == Counter(rows)
        assert refused <= 300
        status = job.status()
        assert (status.done, status.failed, status.refused) == (600, 0, refused)


def test_tokens_a_minute(call: Call) -> None:
    """A quota that requests alone do not show: some answers are a hundred times as long."""
    rows = texts(200)
    with LocalGateway(quota=Quota(tpm=40_000, latency=0.02)) as gateway:
        rows = [("word " * 500 if number % 10 == 0 else "") + text for number, text in enumerate(rows)]
        job = call.client(gateway).responses.map(rows, model="gpt-5", progress=False, max_concurrency=50)
        assert sorted(row.index for row in call.each(job) if row.error is None) == list(range(200))
        assert answered(gateway)[0] == Counter(rows)


def test_requests_that_hang(call: Call) -> None:
    """They hold up no other, are given up after the row's own time, and made once more."""
    rows = texts(300)
    with LocalGateway(quota=Quota(hangs=0.03, latency=0.02)) as gateway:
        job = call.client(gateway).responses.map(rows, model="gpt-5", progress=False, timeout=4, max_concurrency=30)
        found = list(call.each(job))
        assert sorted(row.index for row in found) == list(range(300))
        # On a busy machine others take as long.
        sent = Counter(request.json()["input"] for request in gateway.requests)
        assert sent == Counter({row.input: row.attempts for row in found}) and max(sent.values()) == 2
        lost = [row for row in found if row.error is not None]
        assert all(isinstance(row.error, wenwen.APITimeoutError) and row.attempts == 2 for row in lost)
        status = job.status()
        assert status.billed == sum(sent.values()) - 300 + len(lost) >= 2
        assert (status.done, status.failed) == (300 - len(lost), len(lost))


def test_money_runs_out_and_comes_back(call: Call, tmp_path: Path) -> None:
    rows, store = texts(300), tmp_path / "job.db"
    with LocalGateway(quota=Quota(money=100)) as gateway:

        def job() -> Any:
            return call.client(gateway).responses.map(rows, model="gpt-5", store=store, progress=False)

        seen: list[int] = []
        with pytest.raises(wenwen.WenwenError, match="quota"):
            for row in call.each(job()):
                assert row.error is None
                seen.append(row.index)
        assert len(seen) == 100
        gateway.limit()
        found = list(call.each(job()))
        assert sorted(row.index for row in found) == list(range(300))
        assert sorted(row.index for row in found if row.cached) == sorted(seen)
        assert answered(gateway)[0] == Counter(rows)
