"""Chat completions through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import pickle
import re
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wenwen
import wenwen.types
from wenwen.testing import LocalGateway, Reply
from wenwen.types import chat
from wenwen.types.chat import ChatCompletion, ChatCompletionMessage

SAMPLES = Path(__file__).parents[1] / "samples"
FOLDERS = sorted(path for pattern in ("1.*", "n2-*") for path in SAMPLES.glob(pattern))
HELLO: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}

by_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)


class Face:
    """The sync and the async face under one name: each call is made to its end."""

    def __init__(self, gateway: LocalGateway, is_async: bool) -> None:
        self.gateway = gateway
        self.is_async = is_async
        self.client: Any = gateway.async_client() if is_async else gateway.client()

    def _run(self, make: Callable[[], Any]) -> Any:
        async def run() -> Any:
            return await make()

        return asyncio.run(run()) if self.is_async else make()

    def create(self, **params: Any) -> Any:
        return self._run(lambda: self.client.chat.completions.create(**params))

    def chunks(self, **params: Any) -> list[Any]:
        if not self.is_async:
            return list(self.client.chat.completions.create(stream=True, **params))

        async def run() -> list[Any]:
            return [chunk async for chunk in await self.client.chat.completions.create(stream=True, **params)]

        return asyncio.run(run())

    def helper(self, **params: Any) -> tuple[list[Any], ChatCompletion]:
        """All events of the helper and the whole."""
        if not self.is_async:
            with self.client.chat.completions.stream(**params) as stream:
                return list(stream), stream.get_final_completion()

        async def run() -> tuple[list[Any], ChatCompletion]:
            async with self.client.chat.completions.stream(**params) as stream:
                return [event async for event in stream], await stream.get_final_completion()

        return asyncio.run(run())

    def texts(self, **params: Any) -> list[str]:
        if not self.is_async:
            with self.client.chat.completions.stream(**params) as stream:
                return list(stream.text_stream)

        async def run() -> list[str]:
            async with self.client.chat.completions.stream(**params) as stream:
                return [text async for text in stream.text_stream]

        return asyncio.run(run())


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def face(request: pytest.FixtureRequest, wenwen_gateway: LocalGateway) -> Face:
    return Face(wenwen_gateway, request.param)


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def chunks_of(*deltas: dict[str, Any], finish: str | None = "stop", done: bool = True) -> Reply:
    choices: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    if finish:
        choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    events = [json.dumps({"id": "c", "object": "chat.completion.chunk", "choices": [choice]}) for choice in choices]
    return Reply(events="".join(f"data: {event}\n\n" for event in [*events, *(["[DONE]"] if done else [])]).encode())


def message(**fields: Any) -> ChatCompletionMessage:
    return ChatCompletionMessage(role="assistant", **fields)


# ---- whole replies ----


def test_types_of_the_parts(wenwen_gateway: LocalGateway) -> None:
    client = wenwen_gateway.client()
    for folder in ("1.4-chat-tools", "1.5-chat-vision", "1.8-chat-audio"):
        wenwen_gateway.script(load(SAMPLES / folder / "response.json"))
    reply = client.chat.completions.create(**HELLO)
    call = reply.choices[0].message.tool_calls[0]
    assert isinstance(call, chat.ChatCompletionMessageFunctionToolCall)
    assert isinstance(call.function, chat.Function)
    assert json.loads(call.function.arguments) == {"location": "Boston, MA"}
    assert isinstance(reply.usage, chat.CompletionUsage)
    assert reply.usage.completion_tokens_details.reasoning_tokens == 0  # type: ignore[union-attr]
    reply = client.chat.completions.create(**HELLO)
    assert reply.choices[0].content_filter_results.hate.severity == "safe"
    assert reply.prompt_filter_results[0].content_filter_results.violence.filtered is False
    reply = client.chat.completions.create(**HELLO)
    assert reply.choices[0].message.audio.transcript == "是的,我可以听到你的声音。"
    assert reply.choices[0].message.tool_calls is None


def test_the_module_level_functions(wenwen_gateway: LocalGateway) -> None:
    assert wenwen.create_chat_completion(**HELLO).text == "Hi! How can I help you today?"
    assert wenwen.create_chat_completion(**HELLO, as_dict=True)["object"] == "chat.completion"
    stream = wenwen.create_chat_completion(**HELLO, stream=True, as_dict=True)
    assert next(stream)["choices"][0]["delta"]["role"] == "assistant"
    stream.close()

    async def main() -> Any:
        parts: list[str] = []
        async for chunk in await wenwen.aio.create_chat_completion(**HELLO, stream=True):
            parts += [choice.delta.content or "" for choice in chunk.choices]
        return "".join(parts) + (await wenwen.aio.create_chat_completion(**HELLO)).text

    assert asyncio.run(main()) == "Hi! How can I help you today?" * 2


def test_raw_and_streaming_response(wenwen_gateway: LocalGateway) -> None:
    client = wenwen_gateway.client()
    raw = client.chat.completions.with_raw_response.create(**HELLO)
    assert raw.parse().text == "Hi! How can I help you today?"
    assert client.chat.with_raw_response.completions.create(**HELLO).status_code == 200
    with client.chat.completions.with_streaming_response.create(**HELLO, stream=True) as response:
        lines = list(response.iter_lines())
    assert lines[-2] == "data: [DONE]"
    assert '"usage":{' in lines[-4]
    with client.chat.with_streaming_response.completions.create(**HELLO) as response:
        assert response.parse().text == "Hi! How can I help you today?"

    async def main() -> None:
        client = wenwen_gateway.async_client()
        raw = await client.chat.completions.with_raw_response.create(**HELLO)
        assert raw.parse().text == "Hi! How can I help you today?"
        async with client.chat.completions.with_streaming_response.create(**HELLO) as response:
            assert (await response.json())["object"] == "chat.completion"

    asyncio.run(main())


# ---- what messages say ----


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, ""),
        ({"content": None}, ""),
        ({"content": "a"}, "a"),
        ({"content": []}, ""),
        ({"content": [{"type": "text", "text": "a"}, {"type": "new"}, "b", {"type": "text", "text": None}]}, "ab"),
    ],
)
def test_text(fields: dict[str, Any], text: str) -> None:
    assert message(**fields).text == text
    assert ChatCompletion(choices=[{"index": 0, "message": fields}]).text == text


def test_text_of_nothing() -> None:
    nothing: list[dict[str, Any]] = [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": [{}]},
        {"choices": [{"message": None}]},
    ]
    for fields in (*nothing, {"choices": [{"message": None}]}):
        assert ChatCompletion(fields).text == ""


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"content": "a"}, ""),
        ({"reasoning_content": "r", "reasoning": "s"}, "r"),
        ({"reasoning_content": "", "reasoning": "s"}, "s"),
        ({"reasoning_details": [{"type": "reasoning.text", "text": "d"}, {"type": "x"}]}, "d"),
        ({"content": "<think>\nc\n</think>\nd"}, "c"),
        ({"content": "<think>cut off"}, "cut off"),
    ],
)
def test_reasoning_text(fields: dict[str, Any], text: str) -> None:
    assert message(**fields).reasoning_text == text


def test_images() -> None:
    for folder in ("1.6-chat-image-edit", "1.7-chat-image-generate"):
        reply = ChatCompletion(load(SAMPLES / folder / "response.json"))
        assert reply.choices[0].message.images == ["https://files.example.com/cdn/20250611/4f1c2d7a.png"]
    data = "data:image/png;base64,AAAA"
    assert message(content=f'![a]({data}) and ![b]( <https://x/y.png> "t")').images == [data, "https://x/y.png"]
    assert message(content=f"here: {data}\n").images == [data]
    assert message(content="[a link](https://x/y.mp4)").images == []
    part = {"type": "image_url", "image_url": {"url": data}}
    assert message(content=[{"type": "text", "text": "a"}, part]).images == [data]
    assert message(content="a", images=[part]).images == [data]


# ---- streams ----


@by_folder
def test_streams_of_the_samples(face: Face, folder: Path) -> None:
    body = (folder / "stream.sse").read_bytes()
    sent = [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: {")]
    face.gateway.script(
        *(Reply(events=body, chunk_size=size) for size in (1, 7, 1000)),
    )
    finals = []
    for _ in range(3):
        events, final = face.helper(**HELLO)
        chunks = [event.chunk.to_dict() for event in events if event.type == "chunk"]
        assert [{name: value for name, value in chunk.items() if name != "snapshot"} for chunk in chunks] == sent
        finals.append(final)
        text = ""
        for event in events:
            if event.type == "content.delta":
                text += event.delta
                assert event.snapshot == text
        assert text == final.text
    assert finals[0] == finals[1] == finals[2]
    assert isinstance(finals[0], ChatCompletion)


def test_events_of_the_helper(face: Face) -> None:
    body = (SAMPLES / "1.4-chat-tools/stream.sse").read_bytes()
    face.gateway.script(Reply(events=body), None)
    events, final = face.helper(**HELLO)
    grown = [event for event in events if event.type == "tool_calls.function.arguments.delta"]
    assert [event.arguments for event in grown][:4] == ["", '{"', '{"location', '{"location":"']
    named = dict.fromkeys((event.index, event.name) for event in grown)
    assert [*named] == [(n, "get_current_weather") for n in (0, 1)]
    done = [event for event in events if event.type == "tool_calls.function.arguments.done"]
    assert [event.parsed_arguments["location"] for event in done] == ["Boston, MA", "Cambridge, MA"]
    assert [event.id for event in done] == [call.id for call in final.choices[0].message.tool_calls or ()]
    assert final.choices[0].finish_reason == "tool_calls"
    assert events[-1].type == "tool_calls.function.arguments.done"
    assert pickle.loads(pickle.dumps(events)) == events
    assert events[0].snapshot.object == "chat.completion"

    events, final = face.helper(**HELLO)
    assert [event.type for event in events] == [
        "chunk", *["chunk", "content.delta"] * 9, "chunk", "content.done", "chunk",
    ]  # fmt: skip
    assert events[-2].content == final.text == "Hi! How can I help you today?"
    assert events[-1].chunk.usage.total_tokens == final.usage.total_tokens  # type: ignore[union-attr]
    assert "ContentDeltaEvent(delta='Hi', index=0)" in repr(events)
    assert "".join(face.texts(**HELLO)) == final.text


def test_the_snapshot_of_a_stream(wenwen_gateway: LocalGateway) -> None:
    with wenwen_gateway.client().chat.completions.stream(**HELLO) as stream:
        for _ in stream:
            assert stream.snapshot is not None
            assert "Hi! How can I help you today?".startswith(stream.snapshot.text)
        assert stream.snapshot == stream.get_final_completion()
    begun = {"id": "c", "choices": [{"index": 0, "delta": {"content": "a"}}]}
    wenwen_gateway.script(Reply(events=[begun, "data: [DONE]\n\n"], chunk_delay=30))
    with wenwen_gateway.client().chat.completions.stream(**HELLO) as stream:
        stream.close()
        with pytest.raises(RuntimeError, match="closed"):
            stream.get_final_completion()


def test_the_helper_with_dicts(wenwen_gateway: LocalGateway) -> None:
    odd = {"choices": [{"index": "x", "delta": [1], "finish_reason": "stop"}]}
    wenwen_gateway.script(None, Reply(events=[odd, "data: [DONE]\n\n"]))
    options: dict[str, Any] = {"as_dict": True}
    with wenwen_gateway.client().chat.completions.stream(**HELLO, **options) as stream:
        events: list[Any] = list(stream)
        assert [event.get("snapshot") for event in events[:4]] == [None, "Hi", "Hi!", "Hi! How"]
        assert isinstance(stream.get_final_completion(), dict)
    with wenwen_gateway.client().chat.completions.stream(**HELLO) as stream:
        assert [event.type for event in stream] == ["chunk"]


def test_several_choices(face: Face) -> None:
    _, final = face.helper(**HELLO, n=2)
    assert [choice.message.text for choice in final.choices] == ["Hi! How can I help you today?"] * 2
    assert "".join(face.texts(**HELLO, n=2)) == "Hi! How can I help you today?"


def test_a_whole_reply_to_a_request_for_a_stream(face: Face) -> None:
    want = load(SAMPLES / "_sse-quirks/chat_json_body_for_stream_request.json")
    face.gateway.script(want, want)
    _, final = face.helper(**HELLO)
    assert final == want
    assert "".join(face.texts(**HELLO)) == "ok"


def test_streams_that_break_off(face: Face) -> None:
    body = (SAMPLES / "_sse-quirks/chat_done_without_finish_reason.sse").read_bytes()
    face.gateway.script(Reply(events=body), chunks_of({"content": "a"}, {"content": "b"}, finish=None, done=False))
    with pytest.raises(wenwen.IncompleteStreamError) as caught:
        face.helper(**HELLO)
    assert isinstance(caught.value.partial, ChatCompletion)
    assert caught.value.partial.text == "partial"
    assert pickle.loads(pickle.dumps(caught.value)).partial.text == "partial"
    with pytest.raises(wenwen.IncompleteStreamError) as caught:
        face.chunks(**HELLO)
    assert isinstance(caught.value.partial, ChatCompletion)
    assert caught.value.partial.text == "ab"


def test_errors_inside_a_stream(face: Face) -> None:
    body = (SAMPLES / "_sse-quirks/chat_ping_then_raw_json_error.sse").read_bytes()
    face.gateway.script(Reply(events=body))
    with pytest.raises(wenwen.InternalServerError) as caught:
        face.chunks(**HELLO, max_retries=0)
    assert caught.value.code == "bad_response_status_code"
    begun = b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    for error in (
        b'data: {"error":{"message":"slow down","type":"rate_limit_error"}}\n\n',
        b'{"error":{"message":"slow down","type":"rate_limit_error"},"type":"error"}',
    ):
        face.gateway.script(Reply(events=begun + error))
        with pytest.raises(wenwen.RateLimitError, match="slow down"):
            face.chunks(**HELLO)


@pytest.mark.slow
def test_a_megabyte_of_tool_arguments(face: Face) -> None:
    pieces = ["x" * 100] * 10_000
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": ""}}
    deltas = [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
    reply = chunks_of({"role": "assistant", "tool_calls": [call]}, *deltas, finish="tool_calls")
    face.gateway.script(reply)
    events, final = face.helper(**HELLO)
    assert final.choices[0].message.tool_calls[0].function.arguments == "".join(pieces)  # type: ignore[index]
    assert events[-1].arguments == "".join(pieces)
    assert events[-3].type == "tool_calls.function.arguments.delta"
    assert len(events[-3].arguments) == 1_000_000


# ---- requests ----


def test_usage_is_asked_for_and_a_refusal_survived(face: Face) -> None:
    usage = face.chunks(**HELLO)[-1]
    assert usage.choices == []
    assert usage.usage.total_tokens == usage.usage.prompt_tokens + usage.usage.completion_tokens
    assert face.gateway.requests[-1].json()["stream_options"] == {"include_usage": True}
    face.chunks(**HELLO, stream_options={"include_usage": False})
    assert face.gateway.requests[-1].json()["stream_options"] == {"include_usage": False}
    face.create(**HELLO)
    assert "stream_options" not in face.gateway.requests[-1].json()

    error = {"error": {"message": "Unknown parameter", "type": "invalid_request_error", "param": "stream_options"}}
    face.gateway.clear()
    face.gateway.script(Reply(json=error, status=400))
    chunks = face.chunks(**HELLO, max_retries=0)
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert [request.json().get("stream_options") for request in face.gateway.requests] == [
        {"include_usage": True},
        None,
    ]
    face.gateway.script(Reply(json=error, status=400))
    with pytest.raises(wenwen.BadRequestError):
        face.chunks(**HELLO, stream_options={"include_usage": True})


def test_a_tool_loop(face: Face) -> None:
    messages: list[Any] = [{"role": "user", "content": "What's the weather like in Boston today?"}]
    tools = load(SAMPLES / "1.4-chat-tools/request.json")["tools"]
    params: dict[str, Any] = {"model": "gpt-4o", "tools": tools, "tool_choice": "required"}
    first = face.create(messages=messages, **params)
    messages.append(first.choices[0].message)
    for call in first.choices[0].message.tool_calls:
        assert set(json.loads(call.function.arguments)) >= {"location"}
        messages.append({"role": "tool", "tool_call_id": call.id, "content": '{"temperature":22}'})
    _, last = face.helper(messages=messages, **params)
    assert '{"temperature":22}' in last.text
    sent = face.gateway.requests[-1].json()["messages"]
    assert sent[1] == first.choices[0].message.to_dict()
    assert sent[2]["tool_call_id"] == first.choices[0].message.tool_calls[0].id


def test_structured_output_and_speech(face: Face) -> None:
    params = load(SAMPLES / "1.3-chat-structured/request.json")
    assert set(json.loads(face.create(**params).text)) == {"steps", "final_answer"}
    params = load(SAMPLES / "1.8-chat-audio/request.json")
    audio = face.create(**params).choices[0].message.audio
    assert base64.b64decode(audio.data).startswith(b"RIFF\xff\xff\xff\xffWAVE")
    params["audio"] = {"format": "pcm16", "voice": "alloy"}
    _, final = face.helper(**params)
    streamed = final.choices[0].message.audio
    assert streamed is not None
    assert base64.b64decode(streamed.data, validate=True) == base64.b64decode(audio.data)[44:]
    assert streamed.transcript == audio.transcript
    params["audio"]["format"] = "wav"
    with pytest.raises(wenwen.BadRequestError, match="pcm16"):
        face.chunks(**params)


def test_binary_parts(face: Face, tmp_path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n123"
    (tmp_path / "a.png").write_bytes(png)
    parts: list[Any] = [
        {"type": "image_url", "image_url": {"url": png}},
        {"type": "image_url", "image_url": {"url": tmp_path / "a.png", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": b"abc", "format": "wav"}},
        {"type": "file", "file": {"file_data": b"%PDF-1.4", "filename": "a.pdf"}},
        {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
    ]
    reply = face.create(model="gpt-4o", messages=[{"role": "user", "content": parts}])
    assert reply.text.startswith("I can see the image")
    sent = face.gateway.requests[-1].json()["messages"][0]["content"]
    uri = "data:image/png;base64," + base64.b64encode(png).decode()
    assert [part["image_url"]["url"] for part in (sent[0], sent[1], sent[4])] == [uri, uri, "https://x/y.png"]
    assert sent[2]["input_audio"]["data"] == "YWJj"
    assert sent[3]["file"]["file_data"].startswith("data:application/pdf;base64,")


def test_what_is_refused_before_it_is_sent(face: Face) -> None:
    for params, words in (
        ({"model": "m"}, "messages"),
        ({"messages": []}, "model"),
        (HELLO | {"temprature": 1}, "temperature"),
        (HELLO | {"messages": "Hello!"}, "messages"),
        (HELLO | {"n": "2"}, "n is"),
    ):
        with pytest.raises(TypeError, match=words):
            face.create(**params)
    assert face.gateway.requests == []


def test_refusals_of_the_gateway(face: Face) -> None:
    with pytest.raises(wenwen.APIStatusError, match="field messages is required"):
        face.create(model="gpt-4o", messages=[])
    assert len(face.gateway.requests) == 1
    with pytest.raises(wenwen.BadRequestError):
        face.create(model="", messages=HELLO["messages"])


# ---- the declarations ----

CLASSES = [v for v in vars(chat).values() if isinstance(v, type) and v.__module__ == chat.__name__]
PARAMS = [cls for cls in CLASSES if typing.is_typeddict(cls)]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_docstrings_and_annotations(cls: type) -> None:
    assert cls.__dict__.get("__doc__")
    hints = typing.get_type_hints(cls, include_extras=True)
    if cls not in PARAMS:
        assert "\n\n" not in (cls.__doc__ or "")
        return
    options = wenwen.types.RequestOptions.__annotations__
    own = [key for key in cls.__annotations__ if key not in options]
    documented = re.findall(r"^(\w+): ", inspect.cleandoc(cls.__doc__ or ""), flags=re.MULTILINE)
    assert documented == own
    assert set(own) <= set(hints)


def test_pieces_of_several_calls_in_one_chunk(face: Face) -> None:
    """Each has its function's name and the arguments of its own call, also where an upstream gives no index."""

    def chunk(*calls: tuple[int | None, str | None, str | None], finish: str | None = None) -> dict[str, Any]:
        pieces = []
        for index, name, arguments in calls:
            function = {} if name is None else {"name": name}
            function |= {} if arguments is None else {"arguments": arguments}
            pieces.append({"function": function, **({} if index is None else {"index": index, "id": f"c{index}"})})
        delta = {"tool_calls": pieces} if pieces else {}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}

    def script(*chunks: dict[str, Any]) -> Reply:
        whole = [*chunks, chunk(finish="tool_calls")]
        return Reply(events="".join(f"data: {json.dumps(one)}\n\n" for one in whole) + "data: [DONE]\n\n")

    for chunks, expected in (
        (
            [chunk((0, "f", None), (1, "g", "{")), chunk((0, None, "["), (1, None, "}")), chunk((0, None, "]"))],
            [(0, "f", ""), (1, "g", "{"), (0, "f", "["), (1, "g", "{}"), (0, "f", "[]")],
        ),
        (
            [chunk((0, "f", "{")), chunk((0, None, "}"), (0, None, " "))],
            [(0, "f", "{"), (0, "f", "{}"), (0, "f", "{} ")],
        ),
        ([chunk((None, "f", "{}")), chunk((None, "g", "{}"))], [(None, "f", "{}"), (None, "g", "{}")]),
    ):
        face.gateway.script(script(*chunks))
        events, _ = face.helper(**HELLO)
        grown = [event for event in events if event.type == "tool_calls.function.arguments.delta"]
        assert [(event.index, event.name, event.arguments) for event in grown] == expected
        assert pickle.loads(pickle.dumps(grown)) == grown


def test_names() -> None:
    source = inspect.getsource(chat)
    defined = re.findall(r"^(?:class )?([A-Z]\w*)(?:\(|: TypeAlias)", source, flags=re.MULTILINE)
    defined.remove("Moderation")  # `wenwen.types` has that of responses
    assert sorted(chat.__all__) == sorted(defined)
    for name in chat.__all__:
        assert getattr(wenwen.types, name) is getattr(chat, name)


def test_help_lists_the_parameters() -> None:
    for function in (wenwen.create_chat_completion, wenwen.aio.create_chat_completion):
        assert isinstance(function, types.FunctionType)
        names = list(inspect.signature(function).parameters)
        assert names[:2] == ["model", "messages"]
        assert {"stream", "as_dict"} < set(names)
        assert "stream_options:" in (function.__doc__ or "")
