"""Every `map`, and what its jobs have."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import wenwen
from wenwen import (
    AsyncClient,
    AsyncJob,
    Client,
    FleetStatus,
    Governor,
    Job,
    JobPlan,
    JobStatus,
    JobStore,
    Row,
    StoredJob,
    UnknownRequest,
)  # fmt: skip


class Review:
    good: bool


def calls(client: Client) -> None:
    assert_type(client.responses.map(["a"], model="m", output=Review, store=Path("a.db"), budget=5.0), Job)
    assert_type(client.chat.completions.map("a.csv", "{text}", model="m", temperature=0.5), Job)
    assert_type(client.messages.map(["a"], lambda row: row["text"], model="m", max_tokens=9, key="id"), Job)
    assert_type(client.gemini.map(["a"], model="m", price=(0.25, 2.0), progress=print), Job)
    assert_type(client.embeddings.map(["a"], model="m", max_concurrency=9, timeout=5), Job)
    assert_type(client.images.map(["a"], model="m", n=2, on_error="raise"), Job)
    assert_type(client.images.map_edit([{"image": b""}], model="m", on_quota="wait"), Job)
    assert_type(client.audio.transcriptions.map([b""], model="m", on_unknown="error"), Job)
    assert_type(client.audio.speech.map(["a"], model="m", voice="alloy", durability="power"), Job)
    assert_type(wenwen.map(["a"], model="m", as_dict=True), Job)


def awaited(async_client: AsyncClient) -> None:
    assert_type(async_client.responses.map(["a"], model="m", output=Review, validate_retries=2), AsyncJob)
    assert_type(async_client.chat.completions.map(["a"], model="m"), AsyncJob)
    assert_type(async_client.messages.map(["a"], model="m", max_tokens=9), AsyncJob)
    assert_type(async_client.gemini.map(["a"], model="m"), AsyncJob)
    assert_type(async_client.embeddings.map(["a"], model="m"), AsyncJob)
    assert_type(async_client.images.map(["a"], model="m"), AsyncJob)
    assert_type(async_client.images.map_edit([{"image": b""}], model="m"), AsyncJob)
    assert_type(async_client.audio.transcriptions.map([b""], model="m"), AsyncJob)
    assert_type(async_client.audio.speech.map(["a"], model="m", voice="alloy"), AsyncJob)
    assert_type(wenwen.aio.map(["a"], model="m"), AsyncJob)


def governed(client: Client, async_client: AsyncClient, governor: Governor) -> None:
    store = governor.connect()
    assert_type(store, JobStore)
    assert_type(client.responses.map(["a"], model="m", store=store), Job)
    assert_type(client.embeddings.map(["a"], model="m", store="tcp://127.0.0.1:9"), Job)
    assert_type(async_client.chat.completions.map(["a"], model="m", store=store), AsyncJob)
    assert_type(wenwen.map(["a"], model="m", store=store), Job)
    assert_type(wenwen.aio.map(["a"], model="m", store=store), AsyncJob)
    assert_type(store.status(), FleetStatus)
    assert_type(wenwen.serve_jobs(Path("a.db"), budget=5.0, price=(0.25, 2.0)), Governor)


def jobs(job: Job) -> None:
    for row in job:
        assert_type(row, Row)
        assert_type(row.output, Any)
        assert_type(row.cost, float | None)
    assert_type([*job.rows()], list[Row])
    assert_type(job.run(), Job)
    assert_type(job.to_list(), list[Row])
    assert_type(job.status(), JobStatus)
    assert_type(job.plan(), JobPlan)
    assert_type(job.unknown(), list[UnknownRequest])
    assert_type(job.retry_errors(), int)
    stored = wenwen.open_job("a.db", Review)
    assert_type(stored, StoredJob)
    assert_type(stored.to_jsonl("a.jsonl"), Path)


async def awaited_jobs(job: AsyncJob) -> None:
    async for row in job:
        assert_type(row, Row)
    assert_type([row async for row in job.rows()], list[Row])
    assert_type(await job.run(), AsyncJob)
    assert_type(await job.to_list(), list[Row])
    assert_type(await job.plan(), JobPlan)
