"""`/v1/messages` through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import inspect
import json
import pathlib
import pickle
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import Message, messages

SAMPLES = pathlib.Path(__file__).parents[1] / "samples"
HELLO: dict[str, Any] = {
    "model": "claude-3-5-sonnet-20241022",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "Hello, world"}],
}
WEATHER: Any = {
    "name": "get_weather",
    "description": "The weather at a place",
    "input_schema": {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)

REPLIES = sorted(
    path.relative_to(SAMPLES) for path in (*SAMPLES.glob("3.*/response*.json"), *SAMPLES.glob("n[34]-*/response*.json"))
)
STREAMS = sorted(path.relative_to(SAMPLES) for path in SAMPLES.glob("3.*/*.sse"))


def sample(name: object) -> Any:
    return json.loads((SAMPLES / str(name)).read_text("utf-8"))


class Sync:
    """How a test calls: the sync client, or the async one with everything awaited."""

    def __init__(self, gateway: LocalGateway, **options: Any) -> None:
        self.gateway = gateway
        self.client: Any = gateway.client(max_retries=0, **options)

    def create(self, **params: Any) -> Any:
        return self.client.messages.create(**params)

    def events(self, **params: Any) -> list[Any]:
        return list(self.create(stream=True, **params))

    def helper(self, use: Callable[[Any], Any], **params: Any) -> Any:
        """What `use` finds with a helper. It is a generator that yields what the async form awaits."""
        with self.client.messages.stream(**params) as stream:
            work = use(stream)
            try:
                step = next(work)
                while True:
                    step = work.send(list(step) if isinstance(step, Generator) else step)
            except StopIteration as end:
                return end.value

    def module(self, **params: Any) -> Any:
        return wenwen.create_message(**params)

    def raw(self, **params: Any) -> Any:
        return self.client.messages.with_raw_response.create(**params)

    def body(self, **params: Any) -> bytes:
        with self.client.messages.with_streaming_response.create(**params) as response:
            assert response.status_code == 200
            return bytes(response.read())


class Async(Sync):
    def __init__(self, gateway: LocalGateway, **options: Any) -> None:
        self.gateway = gateway
        self.client = gateway.async_client(max_retries=0, **options)

    def create(self, **params: Any) -> Any:
        async def run() -> Any:
            return await self.client.messages.create(**params)

        return asyncio.run(run())

    def events(self, **params: Any) -> list[Any]:
        async def run() -> list[Any]:
            return [event async for event in await self.client.messages.create(stream=True, **params)]

        return asyncio.run(run())

    def helper(self, use: Callable[[Any], Any], **params: Any) -> Any:
        async def run() -> Any:
            async with self.client.messages.stream(**params) as stream:
                work = use(stream)
                try:
                    step = next(work)
                    while True:
                        if inspect.isawaitable(step):
                            step = await step
                        elif hasattr(step, "__aiter__"):
                            step = [item async for item in step]
                        step = work.send(step)
                except StopIteration as end:
                    return end.value

        return asyncio.run(run())

    def module(self, **params: Any) -> Any:
        async def run() -> Any:
            return await wenwen.aio.create_message(**params)

        return asyncio.run(run())

    def raw(self, **params: Any) -> Any:
        async def run() -> Any:
            return await self.client.messages.with_raw_response.create(**params)

        return asyncio.run(run())

    def body(self, **params: Any) -> bytes:
        async def run() -> bytes:
            async with self.client.messages.with_streaming_response.create(**params) as response:
                return bytes(await response.read())

        return asyncio.run(run())


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def face(request: pytest.FixtureRequest, wenwen_gateway: LocalGateway) -> Any:
    return request.param(wenwen_gateway)


# ---- replies ----


@pytest.mark.parametrize("name", REPLIES, ids=str)
def test_the_parts_of_every_sample(face: Sync, name: str) -> None:
    data = sample(name)
    face.gateway.script(data, data)
    message = face.create(**HELLO)
    assert face.raw(**HELLO).parse() == message
    for twin in (pickle.loads(pickle.dumps(message)), copy.deepcopy(message)):
        assert twin == message
        assert twin.request_id == message.request_id
    assert message.text == "".join(block["text"] for block in data["content"] if block["type"] == "text")
    kinds = {"text": messages.TextBlock, "tool_use": messages.ToolUseBlock, "thinking": messages.ThinkingBlock}
    assert [type(block) for block in message.content] == [kinds[block["type"]] for block in data["content"]]
    assert type(message.usage) is messages.Usage
    if message.usage.cache_creation is not None:
        assert message.usage.cache_creation.ephemeral_5m_input_tokens == 2051
    assert message.stop_details is None


def test_odd_content() -> None:
    assert Message({"content": "Hi"}).text == "Hi"
    assert Message({"content": None}).text == Message({}).text == ""
    odd = [{"type": "text", "text": None}, {"type": "new"}, {}, {"type": "text", "text": "Hi"}]
    assert Message({"content": odd}).text == "Hi"
    new = Message({"content": [{"type": "new", "x": {"y": 1}}]}).content[0]
    assert type(new) is wenwen.Object
    assert new.x.y == 1


def test_module_functions(face: Sync) -> None:
    assert "Hello, world" in face.module(**HELLO).text
    assert isinstance(face.module(**HELLO, as_dict=True), dict)


def test_raw_and_streaming_bodies(face: Sync) -> None:
    raw = face.raw(**HELLO)
    assert raw.headers["request-id"].startswith("req_")
    assert raw.parse().type == raw.json()["type"] == "message"
    assert json.loads(face.body(**HELLO))["role"] == "assistant"
    assert face.body(**HELLO, stream=True).count(b"event: message_stop\n") == 1


# ---- the request ----


def header(face: Sync, name: str) -> str | None:
    request = face.gateway.last_request
    assert request is not None
    return request.header(name)


def test_key_and_version(face: Sync) -> None:
    face.create(**HELLO)
    assert header(face, "x-api-key") == face.gateway.api_key
    assert header(face, "authorization") is None
    assert header(face, "anthropic-version") == "2023-06-01"
    face.create(**HELLO, extra_headers={"anthropic-version": "2024-01-01", "anthropic-beta": "x"})
    assert (header(face, "anthropic-version"), header(face, "anthropic-beta")) == ("2024-01-01", "x")
    face.create(**HELLO, extra_headers={"anthropic-version": None})
    assert header(face, "anthropic-version") is None
    face.create(**HELLO, extra_headers={"Authorization": "Bearer mine"})
    assert (header(face, "x-api-key"), header(face, "authorization")) == (None, "Bearer mine")
    face.create(**HELLO, extra_headers={"X-Api-Key": "mine"})
    assert header(face, "x-api-key") == "mine"


def test_version_of_a_client(wenwen_gateway: LocalGateway) -> None:
    sent = lambda: wenwen_gateway.last_request.header("anthropic-version")  # type: ignore[union-attr] # noqa: E731
    client = wenwen.Client(anthropic_version="2023-01-01")
    client.messages.create(**HELLO)
    assert sent() == "2023-01-01"
    pickle.loads(pickle.dumps(client)).messages.create(**HELLO)
    assert sent() == "2023-01-01"
    client.with_options(anthropic_version="2025-01-01").messages.create(**HELLO)
    assert sent() == "2025-01-01"
    client.responses.create(model="gpt-5", input="Hello!")
    assert sent() is None
    request = wenwen_gateway.last_request
    assert request is not None
    assert (request.header("x-api-key"), request.header("authorization")) == (None, "Bearer " + wenwen_gateway.api_key)
    wenwen.configure(anthropic_version="2026-01-01")
    wenwen.create_message(**HELLO)
    assert sent() == "2026-01-01"
    for wrong in ("", "\n", 2023):
        with pytest.raises(ValueError, match="anthropic_version is "):
            wenwen.Client(anthropic_version=wrong)  # type: ignore[arg-type]


def test_a_key_in_the_headers_is_enough(wenwen_gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENWEN_API_KEY")
    client = wenwen.Client(default_headers={"x-api-key": "mine"})
    client.messages.create(**HELLO)
    assert "mine" not in repr(client)
    with pytest.raises(wenwen.WenwenError, match="no API key"):
        client.responses.create(model="gpt-5", input="Hello!")


def test_a_key_from_a_function(face: Sync) -> None:
    type(face)(face.gateway, api_key=lambda: "sk-asked").create(**HELLO)
    assert header(face, "x-api-key") == "sk-asked"
    face.gateway.script(Reply(status=500, json={"type": "error", "error": {"message": "your key is sk-asked-01"}}))
    with pytest.raises(wenwen.InternalServerError) as caught:
        type(face)(face.gateway, api_key=lambda: "sk-asked-01").create(**HELLO)
    assert "sk-asked" not in str(caught.value) + repr(caught.value.body)


@pytest.mark.parametrize("data", [PNG, bytearray(PNG), "path"], ids=["bytes", "bytearray", "path"])
def test_bytes_become_base64_with_their_type(face: Sync, data: Any, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(PNG)
    data = path if data == "path" else data

    def sent(source: Any) -> Any:
        content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
        reply = face.create(**{**HELLO, "messages": [{"role": "user", "content": content}]})
        assert "image you sent" in reply.text
        request = face.gateway.last_request
        assert request is not None
        return request.json()["messages"][0]["content"][0]["source"]

    base64 = "iVBORw0KGgoAAAAAAAAAAA=="
    assert sent({"type": "base64", "data": data}) == {"type": "base64", "data": base64, "media_type": "image/png"}
    given = {"type": "base64", "media_type": "image/webp", "data": data}
    assert sent(given) == {**given, "data": base64}
    assert sent({"type": "base64", "data": base64}) == {"type": "base64", "data": base64}

    @dataclasses.dataclass
    class Source:
        data: Any
        type: str = "base64"

    assert sent(Source(data)) == {"data": base64, "type": "base64", "media_type": "image/png"}


def test_what_is_refused_before_it_is_sent(face: Sync) -> None:
    for params, words in [
        ({"model": "m", "max_tokens": 9}, "create() misses its required keyword argument 'messages'"),
        ({**HELLO, "max_token": 5}, "Did you mean 'max_tokens'?"),
        ({**HELLO, "max_tokens": "5"}, "max_tokens is '5': give int"),
        ({**HELLO, "messages": "Hello"}, "messages is 'Hello': give list"),
        ({**HELLO, "messages": [{"role": "user", "content": b"x"}]}, "messages[0].content: "),
    ]:
        with pytest.raises(TypeError) as caught:
            face.create(**params)
        assert words in str(caught.value)
    assert face.gateway.requests == []
    assert face.create(**{**HELLO, "max_tokens": 60_000}, extra_body={"new": 1}).type == "message"


# ---- streams ----


def final(stream: Any) -> Iterator[Any]:
    return (yield stream.get_final_message())


@pytest.mark.parametrize("chunk", [1, 3, 17, 64, None])
@pytest.mark.parametrize("name", STREAMS, ids=str)
def test_sample_streams_in_odd_chunks(face: Sync, name: str, chunk: int | None) -> None:
    raw = (SAMPLES / name).read_bytes()
    wire = [json.loads(line[6:]) for line in raw.decode().splitlines() if line.startswith("data: ")]
    wire = [event for event in wire if event["type"] != "ping"]
    face.gateway.script(*(Reply(events=raw.decode(), chunk_size=chunk) for _ in range(3)))
    typed = face.events(**HELLO)
    assert typed == wire == [json.loads(event.to_json()) for event in typed]
    assert [type(event).__name__ for event in typed][-2:] == ["RawMessageDeltaEvent", "RawMessageStopEvent"]
    assert face.events(**HELLO, as_dict=True) == wire
    message = face.helper(final, **HELLO)
    reply = {
        "3.2-messages-stream/stream.sse": "3.2-messages-stream/response.json",
        "3.2-messages-stream/stream_thinking.sse": "n3-messages-thinking/response.json",
        "3.3-messages-vision/stream.sse": "3.3-messages-vision/response.json",
        "3.4-messages-tools/stream.sse": "3.4-messages-tools/response.json",
    }.get(str(name))
    if reply:
        expected = sample(reply)
        expected["usage"].pop("service_tier", None)  # not in the stream's sample
        assert message == expected
    assert type(message) is Message
    assert message.request_id is not None


@pytest.mark.parametrize("name", ["messages_no_event_lines", "messages_done_terminator"])
def test_quirks(face: Sync, name: str) -> None:
    text = (SAMPLES / f"_sse-quirks/{name}.sse").read_text()
    without_end = text[: text.rindex('data: {"type":"message_stop"}')].removesuffix("event: message_stop\n")
    for stream in (
        text,
        without_end,
        without_end + "data: [DONE]\n\n",
        text.replace("\n", "\r\n"),
        ": PING\n\n" + text,
    ):
        face.gateway.script(Reply(body=stream.encode(), headers={"Content-Type": "text/event-stream"}, times=2))
        assert face.helper(final, **HELLO).text == "ok"
        assert face.events(**HELLO)[-1].type in ("message_stop", "message_delta")


def test_a_reply_where_a_stream_was_asked_for_and_the_other_way_round(face: Sync) -> None:
    data = sample("3.4-messages-tools/response.json")
    pinged = ": PING\n\n" + json.dumps(data)
    face.gateway.script(data, Reply(body=pinged.encode(), headers={"Content-Type": "text/event-stream"}), data)
    for _ in range(2):
        assert face.helper(final, **HELLO) == data
    assert [event.type for event in face.events(**HELLO)][:3] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
    ]
    face.gateway.script(Reply(events=(SAMPLES / "3.1-messages/stream.sse").read_text()))
    assert face.create(**HELLO).text == "Hello! How can I help you today?"


def every(stream: Any) -> Iterator[Any]:
    return (yield (event for event in stream) if hasattr(stream, "__iter__") else stream)


def test_helper_events(face: Sync) -> None:
    text = (SAMPLES / "3.4-messages-tools/stream.sse").read_text()
    face.gateway.script(
        Reply(events=text), Reply(events=(SAMPLES / "3.2-messages-stream/stream_thinking.sse").read_text())
    )
    events = face.helper(every, **HELLO)
    assert [event.type for event in events if not event.type.startswith(("message", "content"))] == [
        *["text"] * 2,
        *["input_json"] * 3,
    ]
    texts = [event for event in events if event.type == "text"]
    assert [(type(event), event.text, event.snapshot) for event in texts] == [
        (messages.TextEvent, "我来帮您查询", "我来帮您查询"),
        (messages.TextEvent, "北京的天气情况。", "我来帮您查询北京的天气情况。"),
    ]
    inputs = [event for event in events if event.type == "input_json"]
    assert [event.partial_json for event in inputs] == ["", '{"location": "北', '京"}']
    assert [event.snapshot for event in inputs] == [{}, {}, {"location": "北京"}]
    assert pickle.loads(pickle.dumps(inputs[2])).to_dict()["snapshot"] == {"location": "北京"}
    for event in events:  # each right after the delta that it is made of
        assert json.loads(event.to_json()) == event.to_dict()
    assert events[events.index(texts[0]) - 1].delta.text == texts[0].text
    block = next(event for event in events if event.type == "content_block_stop" and event.index == 1).content_block
    assert type(block) is messages.ToolUseBlock
    assert (block.name, block.input) == ("get_weather", {"location": "北京"})
    assert type(events[-1]) is messages.MessageStopEvent
    assert type(events[-1].message) is Message
    assert events[-1].message.stop_reason == "tool_use"

    events = face.helper(every, **HELLO)
    thoughts = [event for event in events if event.type == "thinking"]
    assert thoughts[1].snapshot == "The user says hello. I should greet back."
    assert [event.signature for event in events if event.type == "signature"] == [
        events[-1].message.content[0].signature
    ]


def streamed(*blocks: Any, start: Any = (), delta: Any = (), deltas: Any = (), beside: Any = ()) -> Reply:
    """A stream of one message: its blocks, with a delta for each that has one, and what `message_delta` says."""
    wire: list[Any] = [{"type": "message_start", "message": {"type": "message", "content": [], **dict(start)}}]
    for at, block in enumerate(blocks):
        wire.append({"type": "content_block_start", "index": at, "content_block": block})
        if found := dict(deltas).get(at):
            wire.append({"type": "content_block_delta", "index": at, "delta": found})
        wire.append({"type": "content_block_stop", "index": at})
    end = {"delta": {"stop_reason": "end_turn", **dict(delta)}, "usage": {"output_tokens": 1}, **dict(beside)}
    return Reply(events=[*wire, {"type": "message_delta", **end}, {"type": "message_stop"}])


EDITS = {"applied_edits": [{"type": "clear_tool_uses_20250919", "cleared_tool_uses": 2}]}


@pytest.mark.parametrize(
    ("start", "delta", "beside", "field", "value"),
    [
        pytest.param({}, {}, {"context_management": EDITS}, "context_management", EDITS, id="beside"),
        pytest.param({}, {"context_management": EDITS}, {}, "context_management", EDITS, id="within"),
        pytest.param({"new": [1]}, {}, {"new": [2]}, "new", [2], id="replaced"),
        pytest.param({"new": [1]}, {}, {"new": []}, "new", [], id="replaced by nothing"),
        pytest.param({"new": [1]}, {}, {"new": None}, "new", [1], id="null says nothing"),
        pytest.param({"new": [1]}, {}, {}, "new", [1], id="left out"),
        pytest.param({}, {"stop_details": {"type": "refusal"}}, {}, "stop_details", {"type": "refusal"}, id="details"),
        pytest.param({"content": []}, {}, {"content": [5], "index": 5, "message": 5}, "content", [], id="no field"),
    ],
)
def test_what_the_end_says_of_the_message(
    face: Sync, start: Any, delta: Any, beside: Any, field: str, value: Any
) -> None:
    face.gateway.script(streamed(start=start, delta=delta, beside=beside))
    assert face.helper(final, **HELLO).to_dict()[field] == value


def test_another_model_goes_on(face: Sync) -> None:
    fallback = {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}}
    for block, model in ((fallback, "b"), ({"type": "fallback", "to": {"model": 5}}, "a"), ({"type": "fallback"}, "a")):
        face.gateway.script(streamed(block, {"type": "text", "text": "Hi"}, start={"model": "a"}))
        message = face.helper(final, **HELLO)
        assert (message.model, message.text, message.content[0].to_dict()) == (model, "Hi", block)


@pytest.mark.parametrize("content", ["A summary.", "", None], ids=["some", "empty", "none"])
def test_a_compaction_comes_whole(face: Sync, content: str | None) -> None:
    block = {"type": "compaction", "content": None, "encrypted_content": None}
    delta = {"type": "compaction_delta", "content": content, "encrypted_content": "x"}
    face.gateway.script(streamed(block, deltas={0: delta}, delta={"stop_reason": "compaction"}))
    events = face.helper(every, **HELLO)
    whole = {"type": "compaction", "content": content, "encrypted_content": "x"}
    assert events[-1].message.content[0].to_dict() == whole
    found = [(event.content, event.encrypted_content) for event in events if event.type == "compaction"]
    assert found == ([] if content is None else [(content, "x")])


def test_the_workspace_of_a_stream(face: Sync) -> None:
    def use(stream: Any) -> Iterator[Any]:
        yield stream.until_done()
        return stream.workspace_id

    for headers, expected in (({"anthropic-workspace-id": "wrkspc_1"}, "wrkspc_1"), ({}, None)):
        reply = streamed()
        face.gateway.script(dataclasses.replace(reply, headers=headers) if headers else reply)
        assert face.helper(use, **HELLO) == expected


def test_citations(face: Sync) -> None:
    cited = [{"type": "web_search_result_location", "url": f"https://h/{n}", "cited_text": "x"} for n in range(2)]
    wire: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"type": "message", "content": [], "usage": {}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "", "citations": []}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": c}}
            for c in cited
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]
    face.gateway.script(Reply(events=wire))
    events = face.helper(every, **HELLO)
    last = [event for event in events if event.type == "citation"][-1]
    assert last.citation.url == "https://h/1"
    assert last.snapshot == cited
    assert type(last.snapshot[0]) is messages.CitationsWebSearchResultLocation
    assert events[-1].message.content[0].citations == cited


def test_helper(face: Sync) -> None:
    def use(stream: Any) -> Iterator[Any]:
        pieces = yield stream.text_stream
        message = stream.current_message_snapshot
        assert type(message) is Message
        assert "".join(pieces) == message.text == (yield stream.get_final_text())
        assert (yield stream.get_final_message()) == message == stream.snapshot
        assert (yield stream.until_done()) is stream
        assert stream.request_id == message.request_id
        return len(pieces)

    assert face.helper(use, **HELLO) > 20

    def closed(stream: Any) -> Iterator[Any]:
        yield stream.close()
        with pytest.raises(RuntimeError, match="closed before"):
            yield from final(stream)

    if isinstance(face, Async):
        return  # the exception is raised where the test awaits
    face.gateway.script(Reply(events=(SAMPLES / "3.1-messages/stream.sse").read_text(), chunk_delay=5))
    face.helper(closed, **HELLO)


def test_no_text(face: Sync) -> None:
    def use(stream: Any) -> Iterator[Any]:
        return (yield stream.get_final_text())

    with pytest.raises(RuntimeError, match="tool_use"):
        face.helper(use, **HELLO, tools=[WEATHER], tool_choice={"type": "any"})


def test_a_helper_of_dicts(face: Sync) -> None:
    events = face.helper(every, **HELLO, as_dict=True)
    assert all(type(event) is dict for event in events)
    assert [event["snapshot"] for event in events if event["type"] == "text"][-1] == events[-1]["message"]["content"][
        0
    ]["text"]


def test_closing_early_ends_the_connection(wenwen_gateway: LocalGateway) -> None:
    wenwen_gateway.script(Reply(events=(SAMPLES / "3.1-messages/stream.sse").read_text(), chunk_delay=30))
    with wenwen_gateway.client().messages.create(**HELLO, stream=True) as stream:
        assert next(stream).type == "message_start"
    assert wenwen_gateway.wait_closed(1)[0].ended == "client closed"


@pytest.mark.slow
def test_a_megabyte_of_input(face: Sync) -> None:
    long = "x" * (1 << 20)
    whole = json.dumps({"text": long})
    wire: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"type": "message", "content": [], "usage": {}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "name": "f", "input": {}}},
    ]
    wire += [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": whole[at : at + 64]},
        }
        for at in range(0, len(whole), 64)
    ]
    wire += [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]
    face.gateway.script(Reply(events=wire))
    began = time.process_time()
    events = face.helper(every, **HELLO)
    assert time.process_time() - began < 20  # 16,000 parses of half a megabyte would be minutes
    assert events[-1].message.content[0].input == {"text": long}
    assert events[-4].snapshot == {"text": long}


# ---- errors ----


def test_a_nil_type_is_none(face: Sync) -> None:
    face.gateway.script(Reply(status=400, json={"type": "error", "error": {"type": "<nil>", "message": "bad"}}))
    with pytest.raises(wenwen.BadRequestError, match="bad") as caught:
        face.create(**HELLO)
    assert caught.value.type is None


@pytest.mark.parametrize(
    ("kind", "status", "cls"),
    [
        ("overloaded_error", 529, wenwen.OverloadedError),
        ("rate_limit_error", 429, wenwen.RateLimitError),
        ("invalid_request_error", 400, wenwen.BadRequestError),
        ("authentication_error", 401, wenwen.AuthenticationError),
        ("permission_error", 403, wenwen.PermissionDeniedError),
        ("not_found_error", 404, wenwen.NotFoundError),
        ("request_too_large", 413, wenwen.RequestTooLargeError),
        ("api_error", 500, wenwen.InternalServerError),
        ("timeout_error", 504, wenwen.DeadlineExceededError),
        ("<nil>", 500, wenwen.InternalServerError),
    ],
)
@pytest.mark.parametrize("form", ["event", "data", "bare"])
def test_errors_in_a_stream(face: Sync, form: str, kind: str, status: int, cls: type) -> None:
    start = (SAMPLES / "_sse-quirks/messages_error_event.sse").read_text().partition("event: error")[0]
    error = json.dumps({"type": "error", "error": {"type": kind, "message": "No"}})
    text = start + {"event": f"event: error\ndata: {error}\n\n", "data": f"data: {error}\n\n", "bare": error}[form]
    face.gateway.script(Reply(body=text.encode(), headers={"Content-Type": "text/event-stream"}, times=2))
    with pytest.raises(wenwen.APIError) as caught:
        face.events(**HELLO)
    assert type(caught.value) is cls
    assert (caught.value.status_code, caught.value.message) == (status, "No")
    assert type(caught.value.partial) is Message
    assert caught.value.partial.text == "par"
    with pytest.raises(wenwen.APIError):
        face.helper(final, **HELLO)


def test_a_stream_that_breaks_off(face: Sync) -> None:
    text = (SAMPLES / "3.4-messages-tools/stream.sse").read_text()
    for end, words in [("event: message_delta", "before its last event"), ("京\\", "in the middle of an event")]:
        body = text[: text.index(end)].encode()
        face.gateway.script(Reply(body=body, headers={"Content-Type": "text/event-stream"}))
        with pytest.raises(wenwen.IncompleteStreamError, match=words) as caught:
            face.events(**HELLO)
        partial = caught.value.partial
        assert isinstance(partial, Message)
        assert partial.text == "我来帮您查询北京的天气情况。"
        assert type(partial.content[1]) is messages.ToolUseBlock
        assert partial.content[1].input == ({"location": "北京"} if end.startswith("event") else {})
        assert partial.stop_reason is None


def test_overload_is_retried(wenwen_gateway: LocalGateway) -> None:
    wenwen_gateway.script(Reply(status=529, headers={"Retry-After": "0.01"}))
    assert wenwen_gateway.client().messages.create(**HELLO).type == "message"
    assert [request.status for request in wenwen_gateway.requests] == [529, 200]


# ---- conversations ----


def test_tool_loop(face: Sync) -> None:
    conversation: list[Any] = [{"role": "user", "content": "How is the weather in Boston?"}]
    params: dict[str, Any] = {**HELLO, "tools": [WEATHER], "messages": conversation}
    for streamed in (False, True):
        ask = {**params, "tool_choice": {"type": "tool", "name": "get_weather"}}
        message = face.helper(final, **ask) if streamed else face.create(**ask)
        assert message.stop_reason == "tool_use"
        call = message.content[0]
        assert call.input == {"location": "Boston, MA"}
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny, 26 degrees"}
        conversation += [{"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
        answer = face.create(**params)
        assert "sunny, 26 degrees" in answer.text
        request = face.gateway.last_request
        assert request is not None
        assert request.json()["messages"][-2]["content"] == [call.to_dict()]
        conversation += [answer.to_dict(), {"role": "user", "content": "And tomorrow?"}]
        conversation[-2] = {"role": answer.role, "content": answer.content}


def test_thinking_goes_back_as_it_came(face: Sync) -> None:
    data = sample("n3-messages-thinking/response.json")
    face.gateway.script(data, Reply(events=(SAMPLES / "3.2-messages-stream/stream_thinking.sse").read_text()))
    thinking = {"type": "enabled", "budget_tokens": 1024}
    for message in (face.create(**HELLO), face.helper(final, **HELLO)):
        turn = [
            *HELLO["messages"],
            {"role": "assistant", "content": message.content},
            {"role": "user", "content": "Go on"},
        ]
        reply = face.create(**{**HELLO, "max_tokens": 2048, "messages": turn}, thinking=thinking)
        assert [type(block) for block in reply.content] == [messages.ThinkingBlock, messages.TextBlock]
        request = face.gateway.last_request
        assert request is not None
        assert request.json()["messages"][1]["content"] == data["content"]


def test_a_slow_reply_is_waited_for(face: Sync) -> None:
    """anthropic's client refuses a large max_tokens without a stream."""
    face.gateway.script(Reply(json=sample("3.1-messages/response.json"), delay=0.3))
    assert face.create(**{**HELLO, "max_tokens": 1_000_000}).stop_reason == "end_turn"
