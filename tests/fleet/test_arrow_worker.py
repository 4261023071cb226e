"""The worker that engines run: Arrow batches through a model, and the configuration that travels to it."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import pytest
from fleets import KEY, answer, echo, interrupted, sent

import wenwen
from wenwen import ArrowWorker, WorkerConfig
from wenwen._fleet import _driver, _worker
from wenwen._fleet._driver import governed
from wenwen._fleet._signals import hear_no_more
from wenwen.testing import LocalGateway, Reply, Request

arrow = pytest.importorskip("pyarrow")
pydantic = pytest.importorskip("pydantic")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, environment: None) -> Iterator[None]:
    monkeypatch.setenv("WENWEN_API_KEY", KEY)
    yield
    _driver._end()  # what a traceback still holds
    hear_no_more()


def configured(gateway: LocalGateway, prompt: Any = "{text}", **params: Any) -> WorkerConfig:
    return WorkerConfig.of(prompt, model="gpt-5", client=wenwen.Client(base_url=gateway.base_url), **params)


def texts(*values: Any) -> Any:
    return arrow.record_batch({"text": arrow.array(values, arrow.string())})


def header(request: Request, name: str) -> str | None:
    return {each.lower(): value for each, value in request.headers}.get(name)


@pytest.fixture
def echoing() -> Iterator[LocalGateway]:
    with LocalGateway(echo) as gateway:
        yield gateway


# ---- what comes out ----


@pytest.mark.parametrize("kind", ["RecordBatch", "Table"])
def test_a_batch_comes_back_with_its_answers(echoing: LocalGateway, kind: str) -> None:
    batch = texts("a", "b", "c")
    given = batch if kind == "RecordBatch" else arrow.Table.from_batches([batch.slice(0, 1), batch.slice(1)])
    with ArrowWorker(configured(echoing, price=(1.0, 2.0))) as worker:
        made = worker.process(given)
    assert type(made) is type(given)
    assert made.schema.names == ["text", "output", "error", "cost"]
    assert made.column("output").to_pylist() == ["re: a", "re: b", "re: c"]
    assert made.column("error").null_count == 3
    assert made.column("cost").to_pylist() == pytest.approx([3e-5] * 3)
    assert configured(echoing).columns(given.schema) == made.schema


PICTURE = "struct<bytes: binary, path: string>"
ENDPOINTS: dict[str, tuple[dict[str, Any], str]] = {
    "responses": ({}, "string"),
    "chat.completions": ({}, "string"),
    "messages": ({"max_tokens": 9}, "string"),
    "gemini": ({}, "string"),
    "embeddings": ({}, "list<item: float>"),
    "images.generate": ({}, PICTURE),
    "audio.speech": ({"voice": "alloy"}, "binary"),
}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint_has_its_column_also_where_all_rows_fail(gateway: LocalGateway, endpoint: str) -> None:
    params, kind = ENDPOINTS[endpoint]
    model = "text-embedding-3-small" if endpoint == "embeddings" else "gpt-5"
    config = WorkerConfig.of(
        "{text}", model=model, endpoint=endpoint, client=wenwen.Client(base_url=gateway.base_url), **params
    )
    with ArrowWorker(config) as worker:
        good = worker.process(texts("Hello", "there"))
        gateway.script(*[Reply(status=400)] * 2)
        bad = worker.process(texts("No", "way"))
    assert good.column("error").null_count == 2 and good.column("output").null_count == 0
    assert bad.column("output").null_count == 2
    assert all(text.startswith("BadRequestError: ") for text in bad.column("error").to_pylist())
    assert good.schema == bad.schema == config.columns(texts().schema)
    assert str(good.schema.field("output").type) == kind


WAV = b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x08\0\0" + bytes(2048)
PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")


@pytest.mark.parametrize(
    ("endpoint", "file", "prompt"),
    [
        ("audio.transcriptions", WAV, lambda row: row["data"]),
        ("images.edit", PNG, lambda row: {"image": row["data"], "prompt": "Blue"} if row["data"] else None),
    ],
    ids=["transcriptions", "edit"],
)
def test_files_in_columns(gateway: LocalGateway, endpoint: str, file: bytes, prompt: Any) -> None:
    batch = arrow.record_batch({"data": arrow.array([file, None], arrow.binary())})
    model = "whisper-1" if file is WAV else "gpt-image-1"
    config = WorkerConfig.of(prompt, model=model, endpoint=endpoint, client=wenwen.Client(base_url=gateway.base_url))
    with ArrowWorker(config) as worker:
        made = worker.process(batch)
    assert made.column("error").to_pylist()[0] is None
    assert made.column("output").is_valid().to_pylist() == [True, False]


def test_pictures_of_several(gateway: LocalGateway) -> None:
    with ArrowWorker(configured(gateway, endpoint="images.generate", n=2)) as worker:
        made = worker.process(texts("A cat"))
    assert made.schema.field("output").type == arrow.list_(
        arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    )
    assert [len(pictures) for pictures in made.column("output").to_pylist()] == [2]


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


class Place(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    city: str
    zip: int | None = None


class Node(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    name: str
    below: list[Node] = []


class Review(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    mood: Mood
    stars: int
    share: float | None
    sure: bool = True
    kind: Literal[1, 2]
    places: list[Place]
    first: Place | None = None
    words: dict[str, int]
    either: int | str
    tree: Node


REVIEW = {
    "mood": "string",
    "stars": "int64",
    "share": "double",
    "sure": "bool",
    "kind": "int64",
    "places": "list<item: struct<city: string, zip: int64>>",
    "first": "struct<city: string, zip: int64>",
    "words": "string",
    "either": "string",
    "tree": "struct<name: string, below: list<item: string>>",
}


def test_the_fields_of_a_class_are_columns_of_types_that_its_schema_says() -> None:
    whole = {
        "mood": "good", "stars": 4, "share": 1, "sure": False, "kind": 2, "places": [{"city": "Rome", "zip": None}],
        "first": {"city": "Paris", "zip": 7}, "words": {"a": 1}, "either": 5,
        "tree": {"name": "x", "below": [{"name": "y", "below": []}]},
    }  # fmt: skip
    batch = arrow.record_batch({"text": ["a", "b", "c"], "stars": [1, 2, 3]})

    def script(request: Request) -> Any:
        text = request.json()["input"]
        return answer(json.dumps(whole)) if text == "a" else answer("none") if text == "b" else Reply(status=400)

    with (
        LocalGateway(script) as gateway,
        ArrowWorker(configured(gateway, output=Review, validate_retries=0)) as worker,
    ):
        made = worker.process(batch)
        failed = worker.process(batch.slice(1))
    assert made.schema == failed.schema
    names = ["stars_output" if name == "stars" else name for name in REVIEW]
    assert made.schema.names == ["text", "stars", *names, "error", "cost"]
    assert [str(made.schema.field(name).type) for name in names] == list(REVIEW.values())
    first, second, third = made.to_pylist()
    assert first["stars"] == 1 and first["stars_output"] == 4 and first["share"] == 1.0 and first["places"]
    assert first["words"] == '{"a": 1}' and first["either"] == "5"
    assert first["tree"] == {"name": "x", "below": ['{"name": "y", "below": []}']}
    assert second["error"].startswith("AnswerValidationError: ") and second["mood"] is None
    assert third["error"].startswith("BadRequestError: ")


ALONE = {
    "list of int": (list[int], "[1, 2]", "list<item: int64>", [1, 2]),
    "int": (int, "3", "int64", 3),
    "literal": (Literal["a", "b"], '"b"', "string", "b"),
    "list of models": (list[Place], '[{"city": "Rome", "zip": null}]', "list<item: struct<city: string, zip: int64>>",
                       [{"city": "Rome", "zip": None}]),
    "schema": ({"type": "array", "items": {"type": ["number", "null"]}}, "[1, null]", "list<item: double>",
               [1.0, None]),
}  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
def test_what_is_no_record_is_one_column(name: str) -> None:
    output, text, kind, value = ALONE[name]
    with (
        LocalGateway(lambda _: answer(f'{{"value": {text}}}')) as gateway,
        ArrowWorker(configured(gateway, output=output)) as worker,
    ):
        made = worker.process(texts("a"))
    assert made.schema.names == ["text", "output", "error", "cost"]
    assert (str(made.schema.field("output").type), made.column("output").to_pylist()) == (kind, [value])


def test_fields_that_an_answer_leaves_out_and_those_beyond_its_class() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer", "default": 7}, "b": {"type": "string"}},
        "additionalProperties": True,
    }
    with (
        LocalGateway([answer('{"b": "x", "c": [1]}'), answer('{"a": 1, "b": "y"}')]) as gateway,
        ArrowWorker(configured(gateway, output=schema, max_concurrency=1)) as worker,
    ):
        made = worker.process(texts("a", "b"))
    assert made.select(["a", "b", "model_extra"]).to_pylist() == [
        {"a": 7, "b": "x", "model_extra": '{"c": [1]}'},
        {"a": 1, "b": "y", "model_extra": None},
    ]


def test_what_a_column_cannot_hold_is_the_error_of_its_row() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    given = {"a": "1", "b": str(2**70), "c": "3.0"}
    with (
        LocalGateway(lambda request: answer(f'{{"n": {given[request.json()["input"]]}}}')) as gateway,
        ArrowWorker(configured(gateway, output=schema)) as worker,
    ):
        made = worker.process(texts("a", "b", "c"))
    assert made.column("n").to_pylist() == [1, None, 3]
    first, second, third = made.column("error").to_pylist()
    assert first is None and third is None
    assert second.startswith(f"ValueError: n is {2**70}, which its column (int64) cannot hold")


def test_half_characters_reach_a_column() -> None:
    with LocalGateway(lambda _: answer("a\ud83d")) as gateway, ArrowWorker(configured(gateway)) as worker:
        made = worker.process(texts("a", "b"))
    assert made.column("error").null_count == 2
    assert made.column("output").to_pylist()[0].startswith("a")


def test_the_input_is_kept_as_it_was(echoing: LocalGateway) -> None:
    class Point(arrow.ExtensionType):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(arrow.list_(arrow.float32(), 2), "tests.point")

        def __arrow_ext_serialize__(self) -> bytes:
            return b""

        @classmethod
        def __arrow_ext_deserialize__(cls, storage: Any, serialized: bytes) -> Any:
            return cls()

    points = arrow.ExtensionArray.from_storage(Point(), arrow.array([[1, 2], [3, 4]], arrow.list_(arrow.float32(), 2)))
    columns = {
        "text": arrow.array(["a", "b"]).dictionary_encode(),
        "point": points,
        "late": arrow.array([2**62, None], arrow.timestamp("us")),  # a year that Python has not
        "map": arrow.array([[("k", 1)], None], arrow.map_(arrow.string(), arrow.int64())),
        "deep": arrow.array([{"a": [None, {"b": 1}]}, None]),
        "nothing": arrow.nulls(2),
    }
    fields = [arrow.field(name, column.type, metadata={"of": name}) for name, column in columns.items()]
    schema = arrow.schema(fields, metadata={"table": "whole"})
    batch = arrow.RecordBatch.from_arrays(list(columns.values()), schema=schema)
    with ArrowWorker(configured(echoing)) as worker:
        made = worker.process(batch)
    assert made.schema.metadata == {b"table": b"whole"}
    for at, field in enumerate(fields):
        assert made.schema.field(at).equals(field, check_metadata=True)
        assert made.column(at).equals(batch.column(at))
    assert made.column("output").to_pylist() == ["re: a", "re: b"]


def test_an_empty_batch_asks_nothing(echoing: LocalGateway) -> None:
    with ArrowWorker(configured(echoing, output=Place)) as worker:
        made = worker.process(texts())
    assert made.num_rows == 0 and made.schema.names == ["text", "city", "zip", "error", "cost"]
    assert not echoing.requests


# ---- batches overlap ----


def test_a_slow_row_holds_up_its_own_batch_alone() -> None:
    def script(request: Request) -> Any:
        return Reply(json=echo(request), delay=8) if request.json()["input"] == "slow" else echo(request)

    with LocalGateway(script) as gateway, ArrowWorker(configured(gateway)) as worker:
        waiting = worker.submit(texts("a", "slow"))
        for number in range(3):
            made = worker.process(texts(f"b{number}", "b"))
            assert made.column("output").to_pylist() == [f"re: b{number}", "re: b"]
        assert not waiting.done()
        assert sent(gateway)["b"] == 1  # one engine: what asks the same is asked once


def test_awaited_batches_run_together_in_any_loop(echoing: LocalGateway) -> None:
    worker = ArrowWorker(configured(echoing))

    async def main(first: int) -> list[Any]:
        batches = [texts(f"{n}", f"{n} too") for n in range(first, first + 10)]
        return await asyncio.gather(*map(worker.aprocess, batches))

    made = [*asyncio.run(main(0)), *asyncio.run(main(10))]
    worker.close()
    assert [one.column("output").to_pylist() for one in made] == [[f"re: {n}", f"re: {n} too"] for n in range(20)]


def test_threads_share_an_engine(echoing: LocalGateway) -> None:
    worker, made = ArrowWorker(configured(echoing)), dict[int, Any]()

    def work(n: int) -> None:
        made[n] = worker.process(texts(f"{n}")).column("output").to_pylist()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.close()
    assert made == {n: [f"re: {n}"] for n in range(12)}


def test_a_worker_that_was_closed_begins_anew(echoing: LocalGateway) -> None:
    worker = ArrowWorker(configured(echoing))
    for text in ("a", "b"):
        assert worker.process(texts(text)).column("output").to_pylist() == [f"re: {text}"]
        worker.close()


def test_rows_of_any_kind(echoing: LocalGateway) -> None:
    with ArrowWorker(configured(echoing, "{}")) as worker:
        made = worker.submit_rows(["a", "b"]).result()
    assert made[1] == {"input": "b", "output": "re: b", "error": None, "cost": None}
    with ArrowWorker(configured(echoing, "{x}")) as worker:
        made = worker.submit_rows([{"x": 1, "output": 2}, {"x": None}, {"y": 1}]).result()
    assert made[0] == {"x": 1, "output": 2, "output_output": "re: 1", "error": None, "cost": None}
    assert [row["error"] and row["error"].split(":")[0] for row in made] == [None, "RowError", "RowError"]


# ---- nothing about a row raises ----


def raising(row: Any) -> Any:
    made: dict[str, Any] = {
        "fine": "ok",
        "raises": None,
        "nothing": None,
        "number": 3,
        "unknown": {"inptu": "x"},
        "no text": {"temperature": 0},
        "no json": {"input": "x", "metadata": {"a": object()}},
    }
    if row["text"] == "raises":
        raise KeyError("of the user's own")
    return made[row["text"]]


async def awaiting(row: Any) -> Any:
    await asyncio.sleep(0)
    return raising(row)


WRONG = ["raises", "nothing", "number", "unknown", "no text", "no json"]


@pytest.mark.parametrize("prompt", [raising, awaiting], ids=["function", "coroutine"])
@pytest.mark.parametrize("first", WRONG)
def test_a_row_that_cannot_be_asked_is_an_error_also_as_the_first(
    echoing: LocalGateway, prompt: Any, first: str
) -> None:
    with ArrowWorker(configured(echoing, prompt)) as worker:
        made = worker.process(texts(first, "fine", *WRONG))
    assert made.column("output").to_pylist() == [None, "re: ok", *[None] * len(WRONG)]
    assert made.column("error").is_valid().to_pylist() == [True, False, *[True] * len(WRONG)]
    assert sent(echoing) == {"ok": 1}


def test_a_missing_cell_and_a_row_without_a_key(echoing: LocalGateway) -> None:
    batch = arrow.record_batch({"text": ["a", None, "c"], "id": [None, 1, 2]})
    with ArrowWorker(configured(echoing, key="id")) as worker:
        made = worker.process(batch)
    assert made.column("output").to_pylist() == [None, None, "re: c"]
    assert "key of a row is None" in made.column("error").to_pylist()[0]
    assert "{text} is missing" in made.column("error").to_pylist()[1]


def test_a_column_that_is_not_there_is_the_programs_mistake(echoing: LocalGateway) -> None:
    with pytest.raises(ValueError, match=r"\{txt\} is no column: did you mean 'text'\?"):
        configured(echoing, "{txt}", schema=texts().schema)
    with ArrowWorker(configured(echoing, "{txt}")) as worker:
        with pytest.raises(ValueError, match=r"\{txt\} is no column: did you mean 'text'\?"):
            worker.process(texts("a"))
        made = worker.process(arrow.record_batch({"txt": ["b"]}))  # another batch has it
    assert made.column("output").to_pylist() == ["re: b"]
    assert sent(echoing) == {"b": 1}


@pytest.mark.parametrize("name", ["no money", "key disabled"])
def test_what_ends_the_job_is_raised_and_the_next_batch_goes_on(tmp_path: Path, name: Any) -> None:
    with LocalGateway([Reply(fault=name)]) as gateway:
        worker = ArrowWorker(configured(gateway, store=tmp_path / "job.db", max_concurrency=1))
        with pytest.raises(wenwen.APIStatusError):
            worker.process(texts("a", "b"))
        assert worker.process(texts("a", "b")).column("error").null_count == 2
        worker.close()


def test_a_budget_that_is_used_up(echoing: LocalGateway, tmp_path: Path) -> None:
    config = configured(echoing, store=tmp_path / "job.db", budget=1e-9, price=(1.0, 1.0))
    with ArrowWorker(config) as worker, pytest.raises(wenwen.BudgetError, match="budget"):
        worker.process(texts("a"))
    assert not echoing.requests


def test_a_store_is_gone_on_with(echoing: LocalGateway, tmp_path: Path) -> None:
    config = configured(echoing, store=tmp_path / "job.db")
    for rows in (("a", "b"), ("a", "b", "c")):
        with ArrowWorker(config) as worker:
            assert worker.process(texts(*rows)).column("output").to_pylist() == [f"re: {row}" for row in rows]
    assert sent(echoing) == {"a": 1, "b": 1, "c": 1}
    assert wenwen.open_job(tmp_path / "job.db").status().done == 3


# ---- what travels ----


def prompt_of_a_module(row: Any) -> str:
    return f"{row['text']}!"


def key_of_a_module() -> str:
    return KEY


@pytest.mark.parametrize("prompt", ["{text}!", prompt_of_a_module], ids=["template", "function"])
def test_a_configuration_travels_without_the_key(echoing: LocalGateway, prompt: Any, tmp_path: Path) -> None:
    config = configured(echoing, prompt, output=None, store=tmp_path / "job.db", key="text", timeout=5)
    worker = ArrowWorker(config)
    worker.process(texts("a"))
    for thing in (config, worker):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            assert KEY.encode() not in pickle.dumps(thing, protocol)
        assert KEY not in repr(thing) and KEY not in str(vars(thing))
    worker.close()
    with pickle.loads(pickle.dumps(worker)) as copy:
        assert copy.config == config
        assert copy.process(texts("b")).column("output").to_pylist() == ["re: b!"]
    assert {header(request, "authorization") for request in echoing.requests} == {f"Bearer {KEY}"}


def test_a_class_travels_as_its_schema(echoing: LocalGateway) -> None:
    class Local(pydantic.BaseModel):  # type: ignore[misc, name-defined]
        name: str

    for keyword in ("output", "text_format"):
        config = pickle.loads(pickle.dumps(configured(echoing, **{keyword: Local})))
        assert json.loads(config.output)["properties"].keys() == {"name"}
        assert config.columns(texts().schema).names == ["text", "name", "error", "cost"]


def test_a_key_that_was_given_is_refused(echoing: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    url = echoing.base_url
    given: list[dict[str, Any]] = [
        {"client": wenwen.Client(api_key="sk-given", base_url=url)},
        {"client": wenwen.AsyncClient(api_key="sk-given", base_url=url)},
        {"client": wenwen.Client(auth_token="sk-given", base_url=url)},
        {"client": wenwen.Client(default_headers={"x-api-key": "sk-given"}, base_url=url)},
        {"extra_headers": {"Authorization": "Bearer sk-given"}},
        {"extra_query": {"key": "sk-given"}},
    ]
    for refused in given:
        with pytest.raises(TypeError, match="a key does not travel") as caught:
            WorkerConfig.of("{text}", model="m", **refused)
        assert "sk-given" not in str(caught.value) and "WENWEN_API_KEY" in str(caught.value)
    wenwen.configure(api_key="sk-given")
    with pytest.raises(TypeError, match="a key does not travel"):
        WorkerConfig.of("{text}", model="m")


def test_the_key_of_another_variable_or_of_a_function(echoing: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_KEY", "sk-other")
    url = echoing.base_url
    clients: dict[str, dict[str, Any]] = {
        "Bearer sk-other": {"client": wenwen.Client(api_key="sk-other", base_url=url), "api_key_env": "OTHER_KEY"},
        f"Bearer {KEY}": {"client": wenwen.Client(api_key=key_of_a_module, base_url=url)},
    }
    for number, (expected, options) in enumerate(clients.items()):
        config = pickle.loads(pickle.dumps(WorkerConfig.of("{text}", model="m", **options)))
        with ArrowWorker(config) as worker:
            assert worker.process(texts(f"{number}")).column("error").to_pylist() == [None]
        assert header(echoing.requests[-1], "authorization") == expected
    monkeypatch.delenv("OTHER_KEY")
    config = WorkerConfig.of("{text}", model="m", api_key_env="OTHER_KEY", client=wenwen.Client(base_url=url))
    with ArrowWorker(config) as worker, pytest.raises(wenwen.WenwenError, match="OTHER_KEY is not set in the worker"):
        worker.process(texts("a"))


def test_a_worker_that_ends_before_it_is_given_more_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def started(thread: threading.Thread) -> None:
        start(thread)
        if thread.name == "wenwen-worker":  # as fast as can be
            thread.join(30)

    monkeypatch.setattr(threading.Thread, "start", started)
    client = wenwen.Client(base_url="http://wenwen.invalid")
    config = WorkerConfig.of("{text}", model="m", api_key_env="NO_SUCH_KEY", client=client)
    with ArrowWorker(config) as worker:
        for text in "ab":
            with pytest.raises(wenwen.WenwenError, match="NO_SUCH_KEY is not set in the worker"):
                worker.submit(texts(text)).result(30)


def test_a_batch_whose_prompts_are_awaited_when_the_job_ends_fails_with_it(echoing: LocalGateway) -> None:
    both = threading.Event()

    async def prompt(row: Any) -> Any:
        while not both.is_set():
            await asyncio.sleep(0.01)
        if row["text"] == "later":
            await asyncio.sleep(3600)
        return row["text"]

    with ArrowWorker(configured(echoing, prompt, budget=1e-9, price=(1.0, 1.0))) as worker:
        batches = [worker.submit(texts(text)) for text in ("now", "later")]
        both.set()
        for batch in batches:
            with pytest.raises(wenwen.BudgetError):
                batch.result(60)


def test_headers_that_are_no_keys_travel(echoing: LocalGateway) -> None:
    config = pickle.loads(pickle.dumps(configured(echoing, extra_headers={"X-Tenant": "blue"})))
    with ArrowWorker(config) as worker:
        worker.process(texts("a"))
    assert header(echoing.requests[-1], "x-tenant") == "blue"


def test_what_a_worker_is_not_told(echoing: LocalGateway) -> None:
    for refused, words in (
        ({"progress": True}, "progress"),
        ({"on_error": "raise"}, "on_error"),
        ({"max_elapsed": 3}, "max_elapsed"),
        ({"as_dict": True}, "as_dict"),
        ({"stream": True}, "stream"),
        ({"rpm": "9"}, "rpm"),
        ({"output": 3}, "output"),
    ):
        with pytest.raises(TypeError, match=words):
            configured(echoing, **refused)
    with pytest.raises(ValueError, match="endpoint is 'chats': give one of 'responses'"):
        configured(echoing, endpoint="chats")


def test_its_share_of_the_limits_is_each_workers_who_know_nothing_of_each_other(echoing: LocalGateway) -> None:
    config = configured(echoing, rpm=600, tpm=9000.0, budget=1.0, price=(1.0, 1.0), max_concurrency=3)
    assert config.shared(4).options == {
        "rpm": 150, "tpm": 2250, "budget": 0.25, "price": (1.0, 1.0), "max_concurrency": 1
    }  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_builds_its_own_engine(echoing: LocalGateway) -> None:
    worker = ArrowWorker(configured(echoing))
    worker.process(texts("a"))
    if (child := os.fork()) == 0:
        good = False
        try:
            good = worker.process(texts("b")).column("output").to_pylist() == ["re: b"]
        finally:
            os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert worker.process(texts("c")).column("output").to_pylist() == ["re: c"]
    worker.close()


# ---- the driver ----


def test_the_driver_shows_the_whole_job_and_ends_its_governor(echoing: LocalGateway, tmp_path: Path) -> None:
    seen: list[Any] = []
    config = governed(configured(echoing, store=tmp_path / "job.db", rpm=60000), 2, lambda: None, seen.append)
    assert isinstance(config.options["store"], wenwen.JobStore) and "rpm" not in config.options
    assert KEY.encode() not in pickle.dumps(config)
    store = config.options["store"]
    workers = [ArrowWorker(pickle.loads(pickle.dumps(config))) for _ in range(2)]
    for worker in workers:  # the second is told what the first has asked
        assert worker.process(texts("a", "b")).column("output").to_pylist() == ["re: a", "re: b"]
    while not seen or seen[-1].done < 2:
        threading.Event().wait(0.01)
    assert seen[-1].workers == 1  # connections: both are this process's
    assert sent(echoing) == {"a": 1, "b": 1}
    again = governed(configured(echoing, store=tmp_path / "job.db", rpm=60000), 2, lambda: None, False)
    assert again.options["store"] == store  # one governor for a store
    more = governed(configured(echoing, store=tmp_path / "job.db", rpm=90000), 2, lambda: None, False)
    assert more.options["store"] == store  # other limits, in its place
    for worker in workers:
        worker.close()
    del config, again, more
    gc.collect()
    while store.address:
        try:
            store.status()
        except wenwen.StoreError:
            break
    assert wenwen.open_job(tmp_path / "job.db").status().done == 2


def test_a_governor_that_is_kept_is_so_with_other_limits(echoing: LocalGateway, tmp_path: Path) -> None:
    for rpm in (60000, 90000):
        config = governed(configured(echoing, store=tmp_path / "job.db", rpm=rpm), 2, lambda: None, False, keep=True)
        store = config.options["store"]
        del config
        gc.collect()
        for thread in threading.enumerate():
            if thread.name == "wenwen-fleet-end":
                thread.join()
        assert store.status().done == 0


def test_a_worker_whose_driver_has_gone_waits_no_longer(
    echoing: LocalGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = governed(configured(echoing, store=tmp_path / "job.db"), 1, lambda: None, False)
    with ArrowWorker(config) as worker:
        worker.process(texts("a"))
        _driver._SERVED[str(tmp_path / "job.db")].governor.close()
        monkeypatch.setattr(_worker, "_AWAY", 0.5)
        with pytest.raises(wenwen.StoreError, match="has gone with its driver"):
            worker.submit(texts("b")).result(60)
    assert sent(echoing) == {"a": 1}


def test_signals_are_whose_they_were(echoing: LocalGateway, tmp_path: Path) -> None:
    usual = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    config = governed(configured(echoing, store=tmp_path / "job.db"), 1, lambda: None, False)
    with pytest.raises(KeyboardInterrupt):  # nothing is on its way: as ever
        signal.raise_signal(signal.SIGINT)
    with ArrowWorker(config) as worker:
        worker.process(texts("a"))
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] != usual
    del config, worker
    gc.collect()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == usual


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_of_the_driver_ends_nothing_of_it(echoing: LocalGateway, tmp_path: Path) -> None:
    config = governed(configured(echoing, store=tmp_path / "job.db"), 1, lambda: None, False)
    if (child := os.fork()) == 0:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
    with ArrowWorker(config) as worker:
        assert worker.process(texts("a")).column("output").to_pylist() == ["re: a"]


def test_without_a_store_it_is_said_what_that_means(echoing: LocalGateway, caplog: pytest.LogCaptureFixture) -> None:
    config = governed(configured(echoing, rpm=600), 4, lambda: None, False)
    assert config.options == {"rpm": 150}
    assert "store='job.db' makes one job of it" in caplog.text


THREADS = """
import pyarrow
from concurrent.futures import ThreadPoolExecutor
from wenwen._fleet._driver import led
from wenwen._fleet._worker import worker_of

if __name__ == "__main__":
    config = led("{text}", lambda: (2, lambda: None), **options)
    batches = [pyarrow.record_batch({"text": texts[at : at + 20]}) for at in range(0, 200, 20)]
    with ThreadPoolExecutor(4) as pool:
        pool.map(worker_of(config).process, batches)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_interrupted_program_waits_for_what_is_in_flight(tmp_path: Path, number: signal.Signals) -> None:
    interrupted(THREADS, tmp_path, number)


# ---- engines ----

ENGINES = ["ray", "dask", "spark", "daft"]


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_is_imported_when_it_is_asked_for(name: str) -> None:
    package = {"spark": "pyspark"}.get(name, name)
    code = f"""
import sys
sys.path = [path for path in sys.path if "site-packages" not in path] + {[str(Path(wenwen.__file__).parents[1])]!r}
import wenwen
before = set(sys.modules)
module = wenwen.{name}
loaded = {{each.partition(".")[0] for each in set(sys.modules) - before}}
assert not loaded & {{"ray", "dask", "pyspark", "daft", "pyarrow", "pandas", "asyncio"}}, loaded
assert "{name}" not in wenwen.__all__ and "{name}" in dir(wenwen)
class Table:
    _meta = columns = None
    def map_partitions(self): ...
try:
    module.map(Table(), "Hello", model="m")
except ImportError as error:
    assert "needs {package}" in str(error) and "pip install" in str(error), error
else:
    raise SystemExit("it is there")
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_a_program_that_ends_lets_its_rows_end(echoing: LocalGateway, tmp_path: Path) -> None:
    code = f"""
import pyarrow, wenwen
config = wenwen.WorkerConfig.of("{{text}}", model="m", client=wenwen.Client(base_url={echoing.base_url!r}))
worker = wenwen.ArrowWorker(config)
print(worker.process(pyarrow.record_batch({{"text": ["a"]}})).column("output").to_pylist())
"""
    told = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=told)
    assert (run.stdout, run.stderr) == ("['re: a']\n", "")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]  # its store went with it
