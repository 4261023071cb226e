"""`map` over the local gateway: what goes out, what comes back, and what is not sent a second time."""

from __future__ import annotations

import asyncio
import base64
import json
import pickle
import re
import sqlite3
import struct
import time
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Quota, Reply, Request

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgAAIAAAUAAeImBZsAAAAASUVORK5CYII=")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "wenwen" / "jobs"


def answer(text: str, **fields: Any) -> dict[str, Any]:
    """A reply of `/v1/responses`."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
    usage = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
    whole = {"id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5", "output": [message]}
    return {**whole, "usage": usage, **fields}


def echo(request: Request) -> dict[str, Any]:
    """Answers with what was asked."""
    return answer(f"re: {request.json()['input']}")


def error(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", **fields}}


def index(row: wenwen.Row) -> int:
    return row.index


def asked(gateway: LocalGateway) -> list[Any]:
    """What rows have asked."""
    return [request.json()["input"] for request in gateway.requests if request.method == "POST"]


ROWS = [{"text": f"text {number}", "n": number} for number in range(20)]


# ---- rows and what becomes of them ----


def test_each_row_has_its_answer(call: Call) -> None:
    with LocalGateway(script=echo) as gateway:
        job = call.client(gateway).responses.map(ROWS, "Say: {text}", model="gpt-5", temperature=0.5)
        rows = list(call.each(job))
        assert sorted(asked(gateway)) == sorted(f"Say: {row['text']}" for row in ROWS)
        first = gateway.requests[0]
        assert first.path == "/v1/responses"
        assert first.json() == {"model": "gpt-5", "temperature": 0.5, "input": first.json()["input"]}
    assert sorted(row.index for row in rows) == list(range(20))
    for row in rows:
        assert row.input is ROWS[row.index]
        assert row.output == f"re: Say: text {row.index}" == row.reply.output_text
        assert isinstance(row.reply, wenwen.types.Response)
        assert (row.error, row.key, row.cost, row.attempts, row.cached) == (None, None, None, 1, False)
        assert row.usage.input_tokens == 1000
        assert row.elapsed > 0


def test_input_order(call: Call) -> None:
    with LocalGateway(script=echo) as gateway:
        job = call.client(gateway).responses.map((row for row in ROWS), lambda row: row["text"], model="gpt-5")
        rows = list(call.each(job.rows()))
        assert [row.output for row in rows] == [f"re: text {number}" for number in range(20)]
        assert [row.input for row in rows] == ROWS
        assert not any(row.cached for row in rows)
        # Again: nothing is sent.
        assert [row.output for row in call.wait(job.to_list())] == [row.output for row in rows]
        assert [row.index for row in call.each(job)] == list(range(20))
        assert len(gateway.requests) == 20


def test_the_module_has_it(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    with LocalGateway(script=echo) as gateway:
        monkeypatch.setenv("WENWEN_API_KEY", "sk-test")
        monkeypatch.setenv("WENWEN_BASE_URL", gateway.base_url)
        map = wenwen.aio.map if call.is_async else wenwen.map
        job = map(["a", "b"], model="gpt-5")
        assert isinstance(job, wenwen.AsyncJob if call.is_async else wenwen.Job)
        assert [row.output for row in call.wait(job.to_list())] == ["re: a", "re: b"]
    assert "map" not in wenwen.__all__  # a star import would hide Python's own
    assert "map" in dir(wenwen) and "open_job" in wenwen.__all__


SOUND = (
    b"RIFF" + struct.pack("<I", 236) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    + b"data" + struct.pack("<I", 200) + bytes(200)
)  # fmt: skip


def endpoints(client: Any) -> list[tuple[Any, Any, dict[str, Any], str, type, type]]:
    """A map of each endpoint, its data, its parameters, where it asks, what its outputs and replies are."""
    types = wenwen.types
    return [
        (client.responses.map, ["a"], {"model": "gpt-5"}, "/v1/responses", str, types.Response),
        (client.chat.completions.map, ["a"], {"model": "gpt-4o"}, "/v1/chat/completions", str, types.ChatCompletion),
        (client.messages.map, ["a"], {"model": "claude", "max_tokens": 9}, "/v1/messages", str, types.Message),
        (
            client.gemini.map, ["a"], {"model": "gemini-2.5-pro"}, "/v1beta/models/gemini-2.5-pro:generateContent", str,
            types.GenerateContentResponse,
        ),
        (
            client.images.map, ["a"], {"model": "gpt-image-1"}, "/v1/images/generations", types.Image,
            types.ImagesResponse,
        ),
        (
            client.images.map_edit, [{"prompt": "a", "image": PNG}], {"model": "gpt-image-1"}, "/v1/images/edits",
            types.Image, types.ImagesResponse,
        ),
        (
            client.audio.transcriptions.map, [SOUND], {"model": "whisper-1"}, "/v1/audio/transcriptions", str,
            types.Transcription,
        ),
        (
            client.audio.transcriptions.map, [SOUND], {"model": "whisper-1", "response_format": "srt"},
            "/v1/audio/transcriptions", str, str,
        ),
        (
            client.audio.transcriptions.map, [{"file": SOUND, "response_format": "verbose_json"}],
            {"model": "whisper-1"}, "/v1/audio/transcriptions", str, types.Transcription,
        ),
        (
            client.audio.speech.map, ["a"], {"model": "tts-1", "voice": "alloy"}, "/v1/audio/speech",
            wenwen.BinaryContent, wenwen.BinaryContent,
        ),
        (
            client.embeddings.map, ["a"], {"model": "text-embedding-3-small"}, "/v1/embeddings", list,
            types.CreateEmbeddingResponse,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(11))
def test_each_endpoint(call: Call, gateway: LocalGateway, number: int, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    map, data, params, path, output, reply = endpoints(call.client(gateway))[number]
    job = map(data, **params, store=store)
    [row] = call.each(job)
    assert row.error is None
    assert gateway.last_request is not None
    assert gateway.last_request.path == path
    assert isinstance(row.output, output)
    assert isinstance(row.reply, reply)
    assert [*asdict(row)] == [field.name for field in fields(wenwen.Row)]
    again = pickle.loads(pickle.dumps(row))
    assert again.index == 0 and type(again.reply) is type(row.reply)
    # The same is in the store, and is not asked again.
    [stored] = wenwen.open_job(store).rows()
    assert type(stored.output) is type(row.output)
    assert str(stored.reply) == str(row.reply)
    [known] = call.each(map(data, **params, store=store))
    assert known.cached and known.error is None
    assert type(known.output) is type(row.output)
    assert len(gateway.requests) == 1


def test_rows_may_have_parameters_of_their_own(call: Call) -> None:
    rows = [{"input": "a"}, {"input": "b", "model": "other"}, {"input": "c", "temperature": 0.1}]
    with LocalGateway(script=echo) as gateway:
        call.wait(call.client(gateway).responses.map(rows, model="gpt-5", top_p=0.5).run())
        bodies = {request.json()["input"]: request.json() for request in gateway.requests}
    assert bodies == {
        "a": {"input": "a", "model": "gpt-5", "top_p": 0.5},
        "b": {"input": "b", "model": "other", "top_p": 0.5},
        "c": {"input": "c", "model": "gpt-5", "top_p": 0.5, "temperature": 0.1},
    }


def test_all_of_a_call_may_be_of_the_row(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    rows = [{"model": "gemini-a", "contents": "x"}, {"model": "gemini-b", "contents": ["y", PNG]}]
    call.wait(client.gemini.map(rows, system_instruction="Be brief").run())
    assert sorted(request.path for request in gateway.requests) == [
        "/v1beta/models/gemini-a:generateContent",
        "/v1beta/models/gemini-b:generateContent",
    ]
    for request in gateway.requests:
        assert request.json()["systemInstruction"] == {"parts": [{"text": "Be brief"}]}


def test_options_of_calls(call: Call) -> None:
    with LocalGateway(script=echo) as gateway:
        job = call.client(gateway).responses.map(
            ["a"], model="gpt-5", extra_headers={"X-Own": "1"}, extra_query={"q": "2"}, extra_body={"own": 3}, timeout=7
        )
        call.wait(job.run())
        [request] = gateway.requests
    assert ("1", "x-own") in [(value, name.lower()) for name, value in request.headers]
    assert request.query == "q=2"
    assert request.json() == {"model": "gpt-5", "own": 3, "input": "a"}


def parts(*texts: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text} for text in texts]
    return {"id": "r", "object": "response", "output": [{"type": "message", "content": content}]}


def turn(content: Any, **more: Any) -> dict[str, Any]:
    return {"id": "c", "choices": [{"index": 0, "message": {"role": "assistant", "content": content}}], **more}


def message(*blocks: Any) -> dict[str, Any]:
    return {"id": "m", "type": "message", "role": "assistant", "content": [*blocks]}


# Of replies of each dialect the text: of plain ones it is found where it lies, of all others the whole is read.
TEXTS: dict[str, list[tuple[dict[str, Any], str]]] = {
    "responses": [
        (parts("Hi"), "Hi"),
        (parts(""), ""),
        (parts(None), ""),
        (parts(7), ""),
        (parts("a", "b"), "ab"),
        (parts(), ""),
        (parts('中\n"q" \ud83d'), '中\n"q" \ufffd'),
        ({**parts("a"), "output": [{"type": "reasoning", "summary": []}, *parts("b")["output"]]}, "b"),
        ({**parts("a"), "output": [*parts("a")["output"], *parts("b")["output"]]}, "ab"),
        ({**parts("a"), "output": [{"type": "message", "content": "whole"}]}, "whole"),
        ({**parts("a"), "output": [{"type": "message", "content": [{"type": "refusal", "refusal": "No"}]}]}, ""),
        ({**parts("a"), "output": None}, ""),
        ({**parts("a"), "output": []}, ""),
    ],
    "chat.completions": [
        (turn("Hi"), "Hi"),
        (turn(""), ""),
        (turn(None), ""),
        (turn(5), ""),
        (turn([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]), "ab"),
        (turn("a", choices=[*turn("a")["choices"], *turn("b")["choices"]]), "a"),
        (turn("a", choices=[]), ""),
    ],
    "messages": [
        (message({"type": "text", "text": "Hi"}), "Hi"),
        (message({"type": "thinking", "thinking": "t"}, {"type": "text", "text": "a"}), "a"),
        (message({"type": "text", "text": "a"}, {"type": "text", "text": "b"}), "ab"),
        (message({"type": "text", "text": None}), ""),
        (message(), ""),
        ({**message(), "content": "whole"}, "whole"),
        ({**message(), "content": None}, ""),
    ],
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_of_a_row_is_that_of_its_reply(call: Call, name: str, tmp_path: Path) -> None:
    replies = [
        Reply(body=json.dumps(reply).encode(), headers={"Content-Type": "application/json"}) for reply, _ in TEXTS[name]
    ]
    with LocalGateway(
        script=lambda request: replies[int(re.findall(r"row (\d+)", request.body.decode())[0])]
    ) as gateway:
        resource = call.client(gateway)
        for part in name.split("."):
            resource = getattr(resource, part)
        for as_dict in False, True:
            rows = [f"row {number}" for number in range(len(replies))]
            fixed = {"max_tokens": 9} if name == "messages" else {}
            store = tmp_path / f"{as_dict}.db"
            ended = call.wait(resource.map(rows, model="m", store=store, as_dict=as_dict, **fixed).to_list())
            assert [row.output for row in ended] == [text for _, text in TEXTS[name]]
            assert [row.error for row in ended] == [None] * len(rows)
            if not as_dict:
                whole = [getattr(row.reply, "output_text" if name == "responses" else "text") for row in ended]
                assert whole == [text for _, text in TEXTS[name]]


def test_as_dict(call: Call) -> None:
    with LocalGateway(script=echo) as gateway:
        [row] = call.each(call.client(gateway).responses.map(["a"], model="gpt-5", as_dict=True))
    assert type(row.reply) is dict and row.output == "re: a" and row.usage["output_tokens"] == 100


def test_a_coroutine_makes_the_prompt() -> None:
    async def prompt(row: Any) -> str:
        await asyncio.sleep(0)
        return f"Say {row}"

    async def numbers() -> Any:
        for number in range(5):
            await asyncio.sleep(0)
            yield str(number)

    async def main(gateway: LocalGateway) -> None:
        job = gateway.async_client().responses.map(numbers(), prompt, model="gpt-5")
        assert [row.output async for row in job.rows()] == [f"re: Say {number}" for number in range(5)]

    with LocalGateway(script=echo) as gateway:
        asyncio.run(main(gateway))
        with pytest.raises(TypeError, match=r"wenwen\.aio\.map"):
            gateway.client().responses.map(["a"], prompt, model="gpt-5")
        with pytest.raises(TypeError, match=r"wenwen\.aio\.map"):
            gateway.client().responses.map(numbers(), model="gpt-5")


async def awaited(row: Any) -> str:
    await asyncio.sleep(0)
    return str(row)


@pytest.mark.parametrize("prompt", [None, str, awaited], ids=["none", "function", "coroutine"])
def test_a_row_waits_for_none_after_it(prompt: Any) -> None:
    async def main(gateway: LocalGateway) -> None:
        heard = asyncio.Event()

        async def numbers() -> Any:
            for number in range(4):
                yield str(number)
                await heard.wait()  # until that row has ended
                heard.clear()

        seen = []
        async for row in gateway.async_client().responses.map(numbers(), prompt, model="gpt-5"):
            seen.append(row.output)
            heard.set()
        assert seen == [f"re: {number}" for number in range(4)]

    with LocalGateway(script=echo) as gateway:
        asyncio.run(asyncio.wait_for(main(gateway), 60))


def test_prompts_are_awaited_together_and_rows_keep_their_order() -> None:
    async def main(gateway: LocalGateway) -> None:
        running, most, all_run = 0, 0, asyncio.Event()

        async def prompt(row: str) -> str:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == 32:
                all_run.set()
            await all_run.wait()
            for _ in range(int(row) % 3):
                await asyncio.sleep(0)
            running -= 1
            return row

        texts = [str(number) for number in range(100)]
        job = gateway.async_client().responses.map(texts, prompt, model="gpt-5")
        assert [row.output async for row in job.rows()] == [f"re: {text}" for text in texts]
        assert most == 32

    with LocalGateway(script=echo) as gateway:
        asyncio.run(asyncio.wait_for(main(gateway), 60))


def test_what_breaks_a_prompt_or_its_source_comes_after_the_rows_before_it() -> None:
    async def numbers() -> Any:
        for number in range(5):
            yield str(number)
        raise OSError("the disk is gone")

    async def wrong(row: str) -> Any:
        await asyncio.sleep(0)
        return 3

    async def main(gateway: LocalGateway, tmp: list[Any]) -> None:
        responses = gateway.async_client().responses
        with pytest.raises(OSError, match="the disk is gone"):
            async for row in responses.map(numbers(), awaited, model="gpt-5"):
                tmp.append(row.index)
        with pytest.raises(TypeError, match="row 0: what the prompt's function returned is 3"):
            await responses.map(numbers(), wrong, model="gpt-5").run()

    seen: list[Any] = []
    with LocalGateway(script=echo) as gateway:
        asyncio.run(asyncio.wait_for(main(gateway, seen), 60))
        assert len(asked(gateway)) <= 5
    assert set(seen) <= set(range(5))


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"prompt": "{txet}"}, ValueError, "text"),
        ({"modle": "gpt-5"}, TypeError, "Did you mean 'model'"),
        ({"stream": True}, TypeError, "map.. takes no stream"),
        ({"max_retries": 3}, TypeError, "map.. takes no max_retries"),
        ({"on_error": "skip"}, ValueError, "'row' or 'raise'"),
        ({"on_quota": 1}, ValueError, "'stop' or 'wait'"),
        ({"on_unknown": "fail"}, ValueError, "'retry' or 'error'"),
        ({"durability": "full"}, ValueError, "'process' or 'power'"),
        ({"budget": 0}, ValueError, "budget is 0"),
        ({"budget": "5"}, TypeError, "budget is '5'"),
        ({"budget": float("nan")}, ValueError, "budget is nan"),
        ({"rpm": -1}, ValueError, "rpm is -1"),
        ({"tpm": True}, TypeError, "tpm is True"),
        ({"max_concurrency": 2.5}, TypeError, "max_concurrency is 2.5"),
        ({"max_elapsed": 0}, ValueError, "max_elapsed is 0"),
        ({"validate_retries": -1}, TypeError, "validate_retries is -1"),
        ({"dedup": 1}, TypeError, "dedup is 1"),
        ({"price": (1,)}, TypeError, "price is"),
        ({"price": (1, -2)}, ValueError, "price has -2"),
        ({"price": 3}, TypeError, "price is 3"),
        ({"key": 3}, TypeError, "key is 3"),
        ({"store": 3}, TypeError, "PathLike"),
        ({"timeout": "x"}, TypeError, "timeout"),
        ({"progress": 3}, TypeError, "progress"),
        ({"output": object()}, TypeError, "output is"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_before_anything_is_sent(
    call: Call, gateway: LocalGateway, given: dict[str, Any], kind: type[Exception], words: str
) -> None:
    params = {"prompt": "{text}", "model": "gpt-5", **given}
    with pytest.raises(kind, match=words):
        call.wait(call.client(gateway).responses.map(ROWS, **params).run())
    assert not gateway.requests


def test_raw_forms_have_no_map(call: Call, gateway: LocalGateway) -> None:
    with pytest.raises(TypeError, match="no raw form"):
        call.client(gateway).responses.with_raw_response.map(["a"], model="gpt-5")


def test_a_loop_that_is_left_may_be_gone_on_with(call: Call) -> None:
    async def numbers() -> Any:
        for number in range(600):
            yield str(number)

    for rows in [str(number) for number in range(600)], numbers():
        if not call.is_async and hasattr(rows, "__aiter__"):
            continue
        with LocalGateway(script=echo) as gateway:
            job = call.client(gateway).responses.map(rows, model="gpt-5")
            seen = []
            for row in call.each(job):
                seen.append(row.index)
                if len(seen) == 5:
                    break
            seen += [row.index for row in call.each(job)]
            assert sorted(seen) == list(range(600))
            assert len(gateway.requests) == 600


def test_one_reader_at_a_time() -> None:
    async def main(gateway: LocalGateway) -> None:
        job = gateway.async_client().responses.map(range_of(50), model="gpt-5")
        first = job.__aiter__()
        await anext(first)
        with pytest.raises(RuntimeError, match="iterated already"):
            await job.run()
        assert len([row async for row in first]) == 49

    with LocalGateway(script=echo) as gateway:
        asyncio.run(main(gateway))


# ---- errors ----


def test_errors_are_rows(call: Call) -> None:
    def script(request: Request) -> Any:
        text = request.json()["input"]
        if text == "bad":
            return Reply(status=400, json=error("bad words", code="sensitive", param="input"))
        if text == "broken":
            return Reply(body=b'{"id": "resp_1", "output": [', headers={"Content-Type": "application/json"})
        return echo(request)

    with LocalGateway(script=script) as gateway:
        rows = call.wait(call.client(gateway).responses.map(["a", "bad", "broken", "b"], model="gpt-5").to_list())
    assert [row.output for row in rows] == ["re: a", None, None, "re: b"]
    bad, broken = rows[1], rows[2]
    assert type(bad.error) is wenwen.BadRequestError
    assert (bad.error.status_code, bad.error.code, bad.error.param) == (400, "sensitive", "input")
    assert "bad words" in str(bad.error) and bad.reply is None
    assert type(broken.error) is wenwen.APIResponseValidationError


def test_on_error_raise(call: Call) -> None:
    def script(request: Request) -> Any:
        bad = request.json()["input"] == "text 3"
        return Reply(status=400, json=error("bad words")) if bad else echo(request)

    with LocalGateway(script=script) as gateway:
        job = call.client(gateway).responses.map(ROWS, "{text}", model="gpt-5", on_error="raise")
        with pytest.raises(wenwen.BadRequestError, match="bad words"):
            call.wait(job.run())


def test_what_is_refused_is_sent_again(call: Call) -> None:
    busy = Reply(status=503, json=error("too busy"))
    refused: dict[str, list[Any]] = {"text 1": [429, 429, busy], "text 2": [500], "text 3": [504, 504]}

    def script(request: Request) -> Any:
        left = refused.get(request.json()["input"])
        return left.pop(0) if left else echo(request)

    with LocalGateway(script=script) as gateway:
        rows = call.wait(call.client(gateway).responses.map(ROWS[:4], "{text}", model="gpt-5").to_list())
    assert [row.attempts for row in rows] == [1, 4, 2, 2]
    assert [row.error and row.error.status_code for row in rows] == [None, None, None, 504]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (401, wenwen.AuthenticationError),
        ("no money", wenwen.PermissionDeniedError),
        (Reply(status=402, json=error("credits used up")), wenwen.APIStatusError),
    ],
)
def test_no_money_stops_the_job_and_keeps_everything(
    call: Call, tmp_path: Path, reply: Any, kind: type[Exception]
) -> None:
    store = tmp_path / "job.db"
    money = [6]

    def script(request: Request) -> Any:
        if money[0] <= 0:
            return reply
        money[0] -= 1
        return echo(request)

    with LocalGateway(script=script) as gateway:
        client = call.client(gateway)
        job = client.responses.map(ROWS, "{text}", model="gpt-5", store=store, max_concurrency=2)
        rows = []
        with pytest.raises(kind) as caught:
            for row in call.each(job):
                rows.append(row)
        assert any(str(store) in note for note in caught.value.__notes__)
        assert len(rows) == 6 and all(row.error is None for row in rows)
        money[0] = 100
        gateway.clear()
        rows = call.wait(client.responses.map(ROWS, "{text}", model="gpt-5", store=store).to_list())
        assert len(asked(gateway)) == 14
        assert [row.output for row in rows] == [f"re: text {number}" for number in range(20)]
        assert sum(row.cached for row in rows) == 6


def test_a_job_may_wait_for_money(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    with LocalGateway(script=echo, quota=Quota(money=3)) as gateway:
        job = call.client(gateway).responses.map(ROWS, "{text}", model="gpt-5", on_quota="wait", max_elapsed=1.0)
        with pytest.raises(wenwen.JobTimeoutError):
            call.wait(job.run())
        assert job.status().done == 3
        assert "it looks again each minute" in caplog.text


def test_rows_that_cannot_be_asked(call: Call) -> None:
    rows = [{"text": "a"}, {"text": None}, {"text": "c"}]
    with LocalGateway(script=echo) as gateway:
        ended = call.wait(call.client(gateway).responses.map(rows, "{text}", model="gpt-5").to_list())
        assert [row.output for row in ended] == ["re: a", None, "re: c"]
        assert isinstance(ended[1].error, wenwen.RowError)
        assert len(gateway.requests) == 2
        # What no row can be sent with is the program's mistake.
        with pytest.raises(TypeError, match="temperature"):
            call.wait(call.client(gateway).responses.map([{"input": "a", "temperature": "hot"}], model="gpt-5").run())
        ended = call.wait(call.client(gateway).responses.map(["a", {"input": {1, 2}}, "c"], model="gpt-5").to_list())
        assert isinstance(ended[1].error, wenwen.RowError) and "set" in str(ended[1].error)
        assert ended[1].attempts == 0
        plan = call.wait(call.client(gateway).responses.map(["a", {"input": {1, 2}}, "a"], model="gpt-5").plan())
        assert (plan.rows, plan.requests, plan.duplicates) == (3, 1, 1)


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ({"temperature": 0.5}, {"temperature": 0.5}),
        ({"model": "gpt-5-mini"}, {"model": "gpt-5-mini"}),
        ({"extra_body": {"seed": 3}}, {"seed": 3}),
        ({"extra_body": {"temperature": 1}, "temperature": 0}, {"temperature": 1}),
        ({"extra_headers": {"X-Own": "1"}}, "extra_headers"),
        ({"extra_query": {"a": "1"}}, "extra_query"),
        ({"timeout": 3.0}, "timeout"),
        ({"max_retries": 3}, "max_retries"),
        ({"max_response_bytes": 100}, "max_response_bytes"),
        ({"stream": True}, "stream"),
        ({"as_dict": True}, "as_dict"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_rows_may_say_of_their_calls(call: Call, own: dict[str, Any], found: Any) -> None:
    """Parameters go out as they are; what is said of a call and not in it is the same for all rows, and never sent."""
    with LocalGateway(script=echo) as gateway:
        rows = ["a", {"input": "b", **own}]
        first, ended = call.wait(call.client(gateway).responses.map(rows, model="gpt-5", max_concurrency=1).to_list())
        assert first.output == "re: a"
        if isinstance(found, str):
            assert isinstance(ended.error, wenwen.RowError) and found in str(ended.error)
            assert asked(gateway) == ["a"]
        else:
            assert ended.output == "re: b"
            assert gateway.requests[1].json() == {"model": "gpt-5", "input": "b", **found}


def test_a_file_that_is_not_there_is_its_row_s_error(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    sound = tmp_path / "a.wav"
    sound.write_bytes(SOUND)
    paths = [tmp_path / "b.wav", sound, tmp_path / "c.wav", sound]
    rows = sorted(call.each(call.client(gateway).audio.transcriptions.map(paths, model="whisper-1")), key=index)
    assert [type(row.error) for row in rows] == [wenwen.RowError, type(None), wenwen.RowError, type(None)]
    assert "b.wav" in str(rows[0].error) and isinstance(rows[0].error.__cause__, FileNotFoundError)
    assert len(gateway.requests) == 1  # of two that are the same


# ---- going on ----


def test_the_same_call_goes_on(call: Call, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(script=echo) as gateway:
        client = call.client(gateway)

        def run(rows: list[Any], **options: Any) -> tuple[list[str], list[Any]]:
            gateway.clear()
            job = client.responses.map(rows, "{text}", model="gpt-5", store=store, **options)
            ended = call.wait(job.to_list())
            assert [row.output for row in ended] == [f"re: {row['text']}" for row in rows]
            assert [row.input for row in ended] == rows
            return sorted(asked(gateway)), ended

        assert len(run(ROWS[:10])[0]) == 10
        assert run(ROWS[:10])[0] == []
        assert run(ROWS)[0] == sorted(row["text"] for row in ROWS[10:])
        # What changed is asked, and nothing else.
        changed = [*ROWS[:5], {"text": "new", "n": 5}, *ROWS[6:]]
        assert run(changed)[0] == ["new"]
        # Moved: it is known by its content.
        assert run([{"text": "first", "n": 0}, *changed])[0] == ["first"]
        # Other columns are no other question, and are there.
        more = [{**row, "more": 1} for row in changed]
        assert run(more)[0] == []
        assert run(changed[:3])[0] == []
        # Other parameters are.
        gateway.clear()
        call.wait(client.responses.map(changed[:3], "{text}", model="gpt-5", temperature=0, store=store).run())
        assert len(asked(gateway)) == 3
        # The order of keywords is none.
        gateway.clear()
        call.wait(client.responses.map(changed[:3], "{text}", temperature=0, model="gpt-5", store=store).run())
        assert asked(gateway) == []


def test_keys_name_rows(call: Call, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(script=echo) as gateway:
        client = call.client(gateway)
        for key in "n", lambda row: row["n"]:
            rows = call.wait(client.responses.map(ROWS, "{text}", model="gpt-5", store=store, key=key).to_list())
            assert [row.key for row in rows] == [str(number) for number in range(20)]
            assert len(gateway.requests) == 20
        gateway.clear()
        moved = [ROWS[7], {"text": "new", "n": 100}, *ROWS[:3], {"text": "changed", "n": 3}]
        rows = call.wait(client.responses.map(moved, "{text}", model="gpt-5", store=store, key="n").to_list())
        assert sorted(asked(gateway)) == ["changed", "new"]
        assert [row.output for row in rows] == [f"re: {row['text']}" for row in moved]
        for key in "id", lambda row: row["id"]:
            with pytest.raises(ValueError, match=r"key.*id"):
                call.wait(client.responses.map(ROWS, "{text}", model="gpt-5", key=key).run())


@pytest.mark.parametrize("key", ["n", lambda row: row["n"]], ids=["column", "function"])
def test_a_row_without_a_name(call: Call, key: Any) -> None:
    """Of the first it would be so with all; any other is that row's error."""
    rows = [{"text": "a", "n": 0}, {"text": "b"}, {"text": "c", "n": None}, {"text": "d", "n": 3}]
    with LocalGateway(script=echo) as gateway:
        job = call.client(gateway).responses.map(rows, "{text}", model="gpt-5", key=key)
        plan, ended = call.wait(job.plan()), call.wait(job.to_list())
        assert plan.requests == 2
        assert [row.output for row in ended] == ["re: a", None, None, "re: d"]
        assert [row.key for row in ended] == ["0", None, None, "3"]
        assert all(isinstance(row.error, wenwen.RowError) and "key" in str(row.error) for row in ended[1:3])
        assert sorted(asked(gateway)) == ["a", "d"]


@pytest.mark.parametrize("dedup", [True, False])
@pytest.mark.parametrize("key", ["n", lambda row: row["n"]], ids=["column", "function"])
def test_a_name_is_one_row_s(call: Call, key: Any, dedup: bool, tmp_path: Path) -> None:
    """And of those that ask the same. One that asks something else cannot have it, also when a job goes on."""
    rows = [
        {"text": "a", "n": 1}, {"text": "b", "n": "x"}, {"text": "a", "n": 1, "more": True}, {"text": "c", "n": "1"},
        {"text": None, "n": "x"}, {"text": None, "n": "y"}, {"text": "d", "n": "y"}, {"text": "b", "n": "z"},
    ]  # fmt: skip
    store = tmp_path / "job.db"
    with LocalGateway(script=echo) as gateway:
        client = call.client(gateway)
        for data in (rows, rows, rows[::-1]):
            job = client.responses.map(data, "{text}", model="gpt-5", key=key, store=store, dedup=dedup)
            if data is rows:
                plan = call.wait(job.plan())
                assert plan.rows == 8 and plan.duplicates + plan.done >= 2
            ended = call.wait(job.to_list())
            if data is rows:
                assert [row.output for row in ended] == ["re: a", "re: b", "re: a", None, None, None, None, "re: b"]
                assert [row.key for row in ended] == ["1", "x", "1", None, None, "y", None, "z"]
                assert [row.input for row in ended] == rows
                for at, first in (3, 0), (6, 5):
                    wrong = ended[at].error
                    assert isinstance(wrong, wenwen.RowError)
                    assert f"row {at}: the key {rows[at]['n']!r}" in str(wrong).replace('"', "'")
                    assert f"row {first}" in str(wrong)
                assert sorted(asked(gateway)) == (["a", "b"] if dedup else ["a", "a", "b", "b"])
            else:
                # Of two that ask different things, the first has the name now.
                assert [row.output for row in ended] == ["re: b", "re: d", None, None, "re: c", None, None, None]
        with pytest.raises(wenwen.RowError, match="row 3: the key"):
            call.wait(client.responses.map(rows, "{text}", model="gpt-5", key=key, on_error="raise").run())


def test_failures_are_told_again_unless_they_are_to_be_asked(call: Call, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    broken = [True]

    def script(request: Request) -> Any:
        bad = broken[0] and request.json()["input"] in ("text 1", "text 2")
        return Reply(status=400, json=error("bad words")) if bad else echo(request)

    with LocalGateway(script=script) as gateway:
        client = call.client(gateway)

        def run(**options: Any) -> list[Any]:
            gateway.clear()
            job = client.responses.map(ROWS[:4], "{text}", model="gpt-5", store=store, **options)
            return call.wait(job.to_list())  # type: ignore[no-any-return]

        run()
        rows = run()
        assert asked(gateway) == []
        assert [type(row.error) for row in rows] == [type(None), *[wenwen.BadRequestError] * 2, type(None)]
        assert "bad words" in str(rows[1].error) and rows[1].error.status_code == 400
        broken[0] = False
        assert all(row.error is None for row in run(retry_errors=True))
        assert sorted(asked(gateway)) == ["text 1", "text 2"]
        broken[0] = True
        run(temperature=1)
        assert wenwen.open_job(store).retry_errors() == 2
        broken[0] = False
        assert all(row.error is None for row in run(temperature=1))
        assert sorted(asked(gateway)) == ["text 1", "text 2"]


@pytest.mark.parametrize(("dedup", "sent"), [(True, 3), (False, 30)])
def test_the_same_is_asked_once(call: Call, dedup: bool, sent: int) -> None:
    texts = [f"text {number % 3}" for number in range(30)]
    with LocalGateway(script=echo) as gateway:
        job = call.client(gateway).responses.map(texts, model="gpt-5", dedup=dedup, price=(1.0, 0.0))
        rows = call.wait(job.to_list())
        assert len(gateway.requests) == sent
    assert [row.output for row in rows] == [f"re: {text}" for text in texts]
    assert sum(row.cost for row in rows) == pytest.approx(sent / 1000)


def test_one_text_many_times(call: Call) -> None:
    read: list[int] = []

    def rows() -> Any:
        for number in range(20_000):
            read.append(number)
            yield "the same"

    with LocalGateway(script=echo, latency=0.5) as gateway:
        job = call.client(gateway).responses.map(rows(), model="gpt-5")
        ended = call.each(job)
        assert next(ended).output == "re: the same"
        assert len(read) < 20_000
        assert all(row.output == "re: the same" and row.cached for row in ended)
        assert len(gateway.requests) == 1


def test_the_store_is_for_people_too(call: Call, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(script=echo) as gateway:
        call.wait(call.client(gateway).responses.map(ROWS[:3], "{text}", model="gpt-5", store=store, key="n").run())
    with sqlite3.connect(store) as database:
        rows = database.execute("select seq, key, status, input_tokens, input from rows order by seq").fetchall()
        meta = dict(database.execute("select * from meta"))
    database.close()
    assert [(seq, key, status, tokens, json.loads(row)) for seq, key, status, tokens, row in rows] == [
        (number, str(number), "done", 1000, ROWS[number]) for number in range(3)
    ]
    assert meta["resource"] == "responses" and meta["model"] == "gpt-5"


def test_a_store_of_another_job(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    client = call.client(gateway)
    call.wait(client.responses.map(["a"], model="gpt-5", store=store).run())
    with pytest.raises(wenwen.StoreError, match=r"resource is responses, and here it is chat\.completions"):
        call.wait(client.chat.completions.map(["a"], model="gpt-5", store=store).run())
    (tmp_path / "text.db").write_text("no database of ours, though there are many words in it" * 100)
    with pytest.raises(wenwen.StoreError, match="no store of jobs"):
        call.wait(client.responses.map(["a"], model="gpt-5", store=tmp_path / "text.db").run())
    with pytest.raises(FileNotFoundError):
        wenwen.open_job(tmp_path / "none.db")
    with pytest.raises(wenwen.StoreError):
        wenwen.open_job(tmp_path / "text.db")


def test_two_jobs_on_a_store(call: Call, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(script=echo) as gateway:
        client = call.client(gateway)
        first = client.responses.map(map(str, range(3000)), model="gpt-5", store=store)
        rows = call.each(first)
        next(rows)
        with pytest.raises(wenwen.StoreError, match="in use by process"):
            call.wait(client.responses.map(ROWS, "{text}", model="gpt-5", store=store).run())
        # Who only reads may.
        assert wenwen.open_job(store).status().done >= 1
        assert len(list(rows)) == 2999


def test_half_a_character_is_its_row_s_error(call: Call, tmp_path: Path) -> None:
    """And of what is not sent there is a "?" in the store: a row of a text that is no Unicode stops no job."""
    half = "\ud800"
    rows = [
        {"text": half, "id": "a"}, {"text": "x", "id": "b", "more": half}, {"text": "y", "id": "c", half: 1},
        {"text": "z", "id": half}, {"text": "raise", "id": "e"}, {"text": "ok", "id": "f"},
    ]  # fmt: skip

    def prompt(row: Any) -> str:
        if row["text"] == "raise":
            raise KeyError(half)
        return str(row["text"])

    with LocalGateway(script=echo) as gateway:
        for _ in range(2):
            job = call.client(gateway).responses.map(rows, prompt, model="gpt-5", key="id", store=tmp_path / "job.db")
            ended = call.wait(job.to_list())
            assert [row.output for row in ended] == [None, "re: x", "re: y", None, None, "re: ok"]
            assert [row.key for row in ended] == ["a", "b", "c", None, "e", "f"]
            assert all(isinstance(ended[at].error, wenwen.RowError) for at in (0, 3, 4))
        assert len(asked(gateway)) == 3
        stored = list(wenwen.open_job(tmp_path / "job.db").rows())
        assert stored[1].input == {"text": "x", "id": "b", "more": "?"}
        with pytest.raises(ValueError, match="key of a row is no valid Unicode"):
            call.wait(call.client(gateway).responses.map(rows[3:], "{text}", model="gpt-5", key="id").run())


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("responses", {}, "create() misses its required keyword argument 'model'"),
        ("embeddings", {}, "create() misses its required keyword argument 'model'"),
        ("audio.speech", {"model": "tts-1"}, "create() misses its required keyword argument 'voice'"),
        ("chat.completions", {}, "create() misses its required keyword argument 'model'"),
    ],
    ids=["responses", "embeddings", "speech", "chat"],
)
def test_what_all_rows_lack_is_said_by_its_name(
    call: Call, gateway: LocalGateway, name: str, given: dict[str, Any], words: str
) -> None:
    resource: Any = call.client(gateway)
    for part in name.split("."):
        resource = getattr(resource, part)
    with pytest.raises(TypeError, match=re.escape(words)):
        call.wait(resource.map(["a"], **given).run())
    assert gateway.requests == []


def test_a_store_of_what_is_not_known(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    call.wait(call.client(gateway).responses.map(["a"], model="gpt-5", store=store).run())
    with closing(sqlite3.connect(store)) as file, file:
        file.execute("update meta set value = 'holograms' where key = 'resource'")
    with pytest.raises(wenwen.StoreError, match="a job of 'holograms', which this version does not know"):
        wenwen.open_job(store)


def test_what_open_job_has(call: Call, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(script=echo) as gateway:
        call.wait(call.client(gateway).responses.map(ROWS, "{text}", model="gpt-5", store=store, price=(1, 1)).run())
    job = wenwen.open_job(store)
    status = job.status()
    assert (status.done, status.failed, status.running, status.input_tokens) == (20, 0, 0, 20_000)
    assert status.cost == pytest.approx(20 * 1100 / 1e6)
    assert [row.output for row in job.rows()] == [f"re: text {number}" for number in range(20)]
    assert [row.output for row in job.to_list()] == [f"re: text {number}" for number in range(20)]
    assert job.unknown() == []
    assert str(store) in repr(job)


# ---- the store that nobody named ----


def test_the_store_of_a_job_goes_with_it(call: Call, cache: Path) -> None:
    with LocalGateway(script=echo) as gateway:
        job = call.client(gateway).responses.map(ROWS, "{text}", model="gpt-5")
        assert len(list(call.each(job))) == 20
        assert len(call.wait(job.to_list())) == 20  # while somebody has the job
        del job
    # An event loop's job ends in a thread of its own, once the loop's own threads have let go of it.
    until = time.monotonic() + 30
    while [*cache.glob("*")] and time.monotonic() < until:
        time.sleep(0.01)
    assert [*cache.glob("*")] == []


def test_what_is_left_of_a_job_is_told(call: Call, cache: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with LocalGateway(script=echo) as gateway:
        job = call.client(gateway).responses.map(ROWS, "{text}", model="gpt-5", max_concurrency=1)
        assert next(call.each(job)).error is None
        call.wait(job.close())
        with pytest.raises(wenwen.JobError, match="has stopped"):
            call.wait(job.run())
        [store] = cache.glob("*.db")
        assert str(store) in capfd.readouterr().err
        sent = len(gateway.requests)
        job = call.client(gateway).responses.map(ROWS, "{text}", model="gpt-5", store=store)
        call.wait(job.run())
        assert len(asked(gateway)) == 20 and sent < 20


# ---- money ----


def test_a_budget_is_kept_to_the_cent(call: Call, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    texts = [f"{number:03d} " + "word " * 50 for number in range(200)]

    def script(request: Request) -> Any:
        return answer("x", usage={"input_tokens": 100, "output_tokens": 100, "total_tokens": 200})

    with LocalGateway(script=script) as gateway:
        client = call.client(gateway)

        def run(budget: float) -> Any:
            return client.responses.map(
                texts, model="gpt-5", store=store, price=(100.0, 100.0), budget=budget, max_output_tokens=100
            )

        # A row costs 2 cents.
        job = run(1.0)
        with pytest.raises(wenwen.BudgetError, match=r"budget of \$1 is used up") as caught:
            call.wait(job.run())
        done = len(gateway.requests)
        assert caught.value.store == str(store)
        assert caught.value.status.cost == pytest.approx(done * 0.02)
        assert 0.9 < done * 0.02 <= 1.0
        # What was spent counts.
        gateway.clear()
        with pytest.raises(wenwen.BudgetError):
            call.wait(run(1.0).run())
        assert len(gateway.requests) <= 1
        rows = call.wait(run(5.0).to_list())
        assert sum(row.cost for row in rows) == pytest.approx(4.0)


def test_the_price_is_the_gateway_s(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    price = call.wait(client.pricing.list())["gpt-5"]
    gateway.clear()
    for options in {"budget": 5.0}, {"price": True}, {"price": price}, {"price": price, "budget": 5.0}:
        [row] = call.each(client.responses.map(["a"], model="gpt-5", **options))
        expected = price.cost(row.usage)
        assert row.cost == pytest.approx(expected)
    assert [request.path for request in gateway.requests].count("/api/pricing") == 2
    gateway.clear()
    with pytest.raises(wenwen.BudgetError, match=r"no price for the model 'gpt-nope'.*price="):
        call.wait(client.responses.map(["a"], model="gpt-nope", budget=5.0).run())
    with pytest.raises(wenwen.BudgetError, match="not the same for all rows"):
        call.wait(client.responses.map([{"input": "a", "model": "gpt-5"}], budget=5.0).run())
    assert not [request for request in gateway.requests if request.method == "POST"]
    [row] = call.each(client.images.map(["a cat"], model="gpt-image-1", price=True))
    assert row.error is None


def test_a_plan_asks_nobody(call: Call, tmp_path: Path, gateway: LocalGateway) -> None:
    store = tmp_path / "job.db"
    client = call.client(gateway)
    call.wait(client.responses.map(ROWS[:5], "{text}", model="gpt-5", store=store).run())
    gateway.clear()
    data = [*ROWS, ROWS[19]]
    plan = call.wait(client.responses.map(data, "{text}", model="gpt-5", store=store, price=(1, 2), budget=1).plan())
    assert (plan.rows, plan.done, plan.duplicates, plan.requests) == (21, 5, 1, 15)
    assert plan.input_tokens > 0 and plan.output_tokens > 0
    assert plan.cost == pytest.approx((plan.input_tokens + 2 * plan.output_tokens) / 1e6, rel=0.1)
    assert call.wait(client.responses.map(data, "{text}", model="gpt-5").plan()).cost is None
    with pytest.raises(ValueError, match="can be read once"):
        call.wait(client.responses.map(iter(data), "{text}", model="gpt-5").plan())
    assert not gateway.requests


# ---- answers of a class ----


@dataclass
class Review:
    good: bool
    stars: int


def reviews(bad: int) -> Any:
    """Answers of which the first so many for each text do not fit."""
    told: dict[str, int] = {}

    def script(request: Request) -> Any:
        first = request.json()["input"]
        text = first if isinstance(first, str) else first[0]["content"]
        told[text] = told.get(text, 0) + 1
        return answer('{"good": "maybe"}' if told[text] <= bad else '{"good": true, "stars": 5}')

    return script


def test_answers_of_a_class(call: Call, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(script=reviews(0)) as gateway:
        client = call.client(gateway)
        rows = call.wait(client.responses.map(["a", "b"], model="gpt-5", output=Review, store=store).to_list())
        assert [row.output for row in rows] == [Review(True, 5)] * 2
        schema = gateway.requests[0].json()["text"]["format"]
        assert schema["type"] == "json_schema" and set(schema["schema"]["properties"]) == {"good", "stars"}
        assert [row.output for row in wenwen.open_job(store, Review).rows()] == [Review(True, 5)] * 2
        assert [row.output for row in wenwen.open_job(store).rows()] == [{"good": True, "stars": 5}] * 2
        [row] = call.each(client.responses.map(["c"], model="gpt-5", text_format=Review))
        assert row.output == Review(True, 5)


def test_an_answer_that_does_not_fit_is_asked_for_again(call: Call, tmp_path: Path) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(script=reviews(1)) as gateway:
        client = call.client(gateway)
        options: Any = {"model": "gpt-5", "output": Review, "store": store, "price": (1000.0, 0.0)}
        [row] = call.each(client.responses.map(["a"], **options))
        assert row.output == Review(True, 5) and row.error is None
        assert (row.attempts, row.cost, row.usage.input_tokens) == (2, 2.0, 2000)
        again = gateway.requests[1].json()["input"]
        assert [turn["role"] for turn in again] == ["user", "assistant", "user"]
        assert again[1]["content"] == '{"good": "maybe"}' and "stars" in again[2]["content"]
        # It is known by what was asked first.
        [row] = call.each(client.responses.map(["a"], **options))
        assert row.cached and row.output == Review(True, 5)
        assert len(gateway.requests) == 2
    with sqlite3.connect(store) as database:
        assert database.execute("select tries, attempts, cost from rows").fetchall() == [(1, 2, 2.0)]
        assert [json.loads(body)["output"][0]["content"][0]["text"] for (body,) in database.execute(
            "select body from tries")] == ['{"good": "maybe"}']  # fmt: skip
    database.close()


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_an_answer_that_never_fits(call: Call, tmp_path: Path, retries: int) -> None:
    store = tmp_path / "job.db"
    with LocalGateway(script=reviews(10)) as gateway:
        client = call.client(gateway)
        options: Any = {"model": "gpt-5", "output": Review, "store": store, "validate_retries": retries}
        for cached in False, True:
            job = client.responses.map(["a", "a"], **options)
            rows = list(call.each(job))
            assert len(gateway.requests) == retries + 1
            for row in rows:
                assert type(row.error) is wenwen.AnswerValidationError
                assert row.error.text == '{"good": "maybe"}' and row.output is None
                assert row.reply.output_text == row.error.text
            assert (job.status().done, job.status().failed) == (0, 2)
            assert cached == all(row.cached for row in rows)
        assert wenwen.open_job(store).status().failed == 2
        [row, _] = wenwen.open_job(store).rows()
        assert type(row.error) is wenwen.AnswerValidationError and "stars" in str(row.error)


def test_other_ends_of_an_answer(call: Call) -> None:
    def script(request: Request) -> Any:
        cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        return answer('{"good": tr', **cut)

    with LocalGateway(script=script) as gateway:
        [row] = call.each(call.client(gateway).responses.map(["a"], model="gpt-5", output=Review))
        assert type(row.error) is wenwen.LengthFinishReasonError
        assert len(gateway.requests) == 1


@pytest.mark.parametrize("number", range(4))
def test_classes_in_each_dialect(call: Call, gateway: LocalGateway, number: int) -> None:
    map, data, params, *_ = endpoints(call.client(gateway))[number]
    [row] = call.each(map(data, **{**params, "max_tokens": 500} if number == 2 else params, output=Review))
    assert isinstance(row.output, Review), row.error
    map, data, params, *_ = endpoints(call.client(gateway))[4]
    with pytest.raises(TypeError, match="output"):
        map(data, **params, output=Review)


# ---- limits and readers ----


def test_progress_tells_how_far_it_is(call: Call) -> None:
    told: list[Any] = []
    with LocalGateway(script=echo) as gateway:
        job = call.client(gateway).responses.map(ROWS, "{text}", model="gpt-5", progress=told.append, price=(1, 1))
        assert job.status().done == 0 and job.status().total == 20
        call.wait(job.run())
    last = told[-1]
    assert (last.total, last.done, last.failed, last.running) == (20, 20, 0, 0)
    assert (last.input_tokens, last.output_tokens) == (20_000, 2000)
    assert last.cost == pytest.approx(20 * 1100 / 1e6)
    assert job.status() == last


def test_a_slow_reader_reads_no_further_than_it_must(call: Call) -> None:
    read: list[int] = []

    def rows() -> Any:
        for number in range(100_000):
            read.append(number)
            yield f"text {number}"

    with LocalGateway(script=echo, journal_entries=0) as gateway:
        job = call.client(gateway).responses.map(rows(), model="gpt-5")
        ended = call.each(job)
        for _ in range(10):
            next(ended)
        assert len(read) < 10_000
        call.wait(job.close())


def test_a_concurrency_cap_and_a_rate_lose_no_row(call: Call) -> None:
    with LocalGateway(script=echo, quota=Quota(max_concurrency=3, latency=0.01)) as gateway:
        rows = call.wait(call.client(gateway).responses.map(range_of(60), model="gpt-5").to_list())
        assert [row.output for row in rows] == [f"re: {text}" for text in range_of(60)]
        assert all(row.error is None for row in rows)


def range_of(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def test_keys_that_a_function_gives(call: Call) -> None:
    given: list[int] = []

    def key() -> str:
        given.append(1)
        return "sk-function"

    with LocalGateway(script=echo, api_key="sk-function") as gateway:
        client = call.new_client(api_key=key, base_url=gateway.base_url)
        rows = call.wait(client.responses.map(range_of(5), model="gpt-5").to_list())
        assert all(row.error is None for row in rows) and len(given) == 5

        def fails() -> str:
            raise LookupError("no key today")

        client = call.new_client(api_key=fails, base_url=gateway.base_url)
        with pytest.raises(LookupError, match="no key today"):
            call.wait(client.responses.map(range_of(5), model="gpt-5").run())


def test_no_key_is_said_at_once(call: Call) -> None:
    map = wenwen.aio.map if call.is_async else wenwen.map
    with pytest.raises(wenwen.WenwenError, match="no API key"):
        call.wait(map(["a"], model="gpt-5").run())


def test_max_elapsed(call: Call, tmp_path: Path) -> None:
    with LocalGateway(script=echo, latency=0.3) as gateway:
        job = call.client(gateway).responses.map(
            range_of(50), model="gpt-5", max_concurrency=1, max_elapsed=0.5, store=tmp_path / "job.db"
        )
        with pytest.raises(wenwen.JobTimeoutError, match=r"max_elapsed, 0\.5 s"):
            call.wait(job.run())
        assert job.status().done < 50


def test_a_source_that_breaks(call: Call, tmp_path: Path) -> None:
    def rows() -> Any:
        yield from ("a", "b")
        raise OSError("the disk is gone")

    with LocalGateway(script=echo) as gateway:
        job = call.client(gateway).responses.map(rows(), model="gpt-5", store=tmp_path / "job.db")
        with pytest.raises(OSError, match="the disk is gone"):
            call.wait(job.run())
        assert wenwen.open_job(tmp_path / "job.db").status().done <= 2


def test_nothing_to_do(call: Call, gateway: LocalGateway) -> None:
    job = call.client(gateway).responses.map([], model="gpt-5")
    assert list(call.each(job)) == []
    assert call.wait(call.client(gateway).responses.map(iter(()), model="gpt-5").to_list()) == []
    assert not gateway.requests
