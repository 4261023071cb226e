"""What is seen of a call from outside: OpenTelemetry's spans and metrics, the hooks of a client, its tags."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply

SECRET = "sk-never-shown-1234"
MESSAGES = [{"role": "user", "content": "Hello!"}]
CONTENTS = [{"role": "user", "parts": [{"text": "Hello!"}]}]


class Seen:
    """The spans and metrics of a test."""

    def __init__(self) -> None:
        sdk = pytest.importorskip("opentelemetry.sdk")
        assert sdk
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])

    @property
    def spans(self) -> list[Any]:
        return [*self.exporter.get_finished_spans()]

    @property
    def span(self) -> Any:
        (span,) = self.spans
        return span

    def points(self) -> dict[str, list[Any]]:
        data = self.reader.get_metrics_data()
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics]
        return {metric.name: [*metric.data.data_points] for scope in scopes for metric in scope.metrics}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    seen = Seen()
    from opentelemetry import trace
    from opentelemetry.metrics import _internal as metrics

    # They are set once in a process, and this one has other tests.
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", seen.provider)
    monkeypatch.setattr(metrics, "_METER_PROVIDER", seen.meters)
    yield seen
    seen.meters.shutdown()
    seen.provider.shutdown()


# Each dialect: what is called, and what its span says.
CALLS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "responses": ("responses.create", {"model": "gpt-5", "input": "Hello!"}, "chat gpt-5", "openai"),
    "chat": ("chat.completions.create", {"model": "gpt-5", "messages": MESSAGES}, "chat gpt-5", "openai"),
    "messages": (
        "messages.create",
        {"model": "claude-sonnet-4-5", "max_tokens": 99, "messages": MESSAGES},
        "chat claude-sonnet-4-5",
        "anthropic",
    ),
    "gemini": (
        "gemini.generate_content",
        {"model": "gemini-2.5-pro", "contents": CONTENTS},
        "generate_content gemini-2.5-pro",
        "gcp.gemini",
    ),
}


def method(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


@pytest.mark.parametrize("form", ["typed", "as_dict", "raw", "stream", "helper", "body"])
@pytest.mark.parametrize("name", CALLS)
def test_a_span_of_each_dialect(call: Call, gateway: LocalGateway, seen: Seen, name: str, form: str) -> None:
    path, params, title, provider = CALLS[name]
    client = call.client(gateway)
    owner, _, last = path.rpartition(".")
    part = method(client, owner)
    if form == "raw":
        call.wait(getattr(part.with_raw_response, last)(**params))
    elif form == "body":
        with call.open(getattr(part.with_streaming_response, last)(**params)) as response:
            assert not seen.spans
            call.wait(response.read())
    elif form == "helper":
        with call.open(part.stream(**params)) as stream:
            for _ in call.each(stream):
                assert not seen.spans
    elif form == "stream":
        if name == "gemini":
            last = "generate_content"
        stream = call.wait(getattr(part, last)(**params, stream=True))
        assert not seen.spans
        list(call.each(stream))
    else:
        call.wait(getattr(part, last)(**params, as_dict=form == "as_dict"))
    span = seen.span
    from opentelemetry.trace import SpanKind, StatusCode

    assert span.name == title and span.kind is SpanKind.CLIENT
    assert span.status.status_code is StatusCode.UNSET
    told = dict(span.attributes)
    port = int(gateway.root.rpartition(":")[2])
    assert told.pop("server.address") == "127.0.0.1" and told.pop("server.port") == port
    assert told["gen_ai.operation.name"] == title.partition(" ")[0]
    assert told["gen_ai.provider.name"] == provider
    assert told["gen_ai.request.model"] == params["model"]
    assert told["gen_ai.response.model"].startswith(params["model"])
    assert told.get("gen_ai.response.id") or name == "gemini"
    assert told["gen_ai.usage.input_tokens"] > 0 and told["gen_ai.usage.output_tokens"] > 0
    assert told["gen_ai.response.finish_reasons"] == {
        "responses": ("completed",), "chat": ("stop",), "messages": ("end_turn",), "gemini": ("STOP",)
    }[name]  # fmt: skip
    assert ("gen_ai.request.stream" in told) is (form in ("stream", "helper"))
    assert told["wenwen.request_id"]
    assert told.get("gen_ai.request.max_tokens") == params.get("max_tokens")
    assert not [key for key in told if "messages" in key or "instructions" in key]
    firsts = [points.sum for points in seen.points().get("gen_ai.client.operation.time_to_first_chunk", ())]
    assert firsts == ([told["gen_ai.response.time_to_first_chunk"]] if form in ("stream", "helper") else [])
    (event,) = span.events
    assert event.name == "wenwen.attempt"
    assert event.attributes["http.response.status_code"] == 200 and event.attributes["wenwen.number"] == 1
    points = seen.points()
    (duration,) = points["gen_ai.client.operation.duration"]
    assert duration.count == 1 and duration.attributes["gen_ai.request.model"] == params["model"]
    usage = {one.attributes["gen_ai.token.type"]: one.sum for one in points["gen_ai.client.token.usage"]}
    assert usage == {
        "input": told["gen_ai.usage.input_tokens"],
        "output": told["gen_ai.usage.output_tokens"],
    }


SAID: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("chat.completions.create", {"stop": "end"}, {"gen_ai.request.stop_sequences": ("end",)}),
    ("chat.completions.create", {"stop": ["a", "b"]}, {"gen_ai.request.stop_sequences": ("a", "b")}),
    ("messages.create", {"stop_sequences": ["a"]}, {"gen_ai.request.stop_sequences": ("a",)}),
    (
        "gemini.generate_content",
        {"generationConfig": {"stopSequences": ["a"]}},
        {"gen_ai.request.stop_sequences": ("a",)},
    ),
    ("gemini.generate_content", {"generationConfig": {"candidateCount": 2}}, {"gen_ai.request.choice.count": 2}),
    ("responses.create", {"service_tier": "flex"}, {"openai.request.service_tier": "flex"}),
    ("responses.create", {"conversation": "conv_1"}, {"gen_ai.conversation.id": "conv_1"}),
    ("responses.create", {"conversation": {"id": "conv_1"}}, {"gen_ai.conversation.id": "conv_1"}),
    ("responses.create", {"text": {"format": {"type": "json_object"}}}, {"gen_ai.output.type": "json"}),
    ("chat.completions.create", {"response_format": {"type": "json_object"}}, {"gen_ai.output.type": "json"}),
    ("chat.completions.create", {"response_format": {"type": "text"}}, {"gen_ai.output.type": "text"}),
    ("chat.completions.create", {}, {"gen_ai.output.type": None, "gen_ai.request.stop_sequences": None}),
    (
        "embeddings.create",
        {"model": "text-embedding-3-small", "input": "a", "dimensions": 256, "encoding_format": "float"},
        {"gen_ai.embeddings.dimension.count": 256, "gen_ai.request.encoding_formats": ("float",)},
    ),
    ("images.generate", {"model": "gpt-image-1", "prompt": "a"}, {"gen_ai.output.type": "image"}),
    ("audio.speech.create", {"model": "tts-1", "input": "a", "voice": "alloy"}, {"gen_ai.output.type": "speech"}),
    ("completions.create", {"model": "m", "prompt": "a"}, {"gen_ai.operation.name": "text_completion"}),
]


@pytest.mark.parametrize(("path", "params", "told"), SAID, ids=[f"{n} {one[0]}" for n, one in enumerate(SAID)])
def test_what_was_asked(
    call: Call, gateway: LocalGateway, seen: Seen, path: str, params: dict[str, Any], told: dict[str, Any]
) -> None:
    given = {own: given for own, given, *_ in CALLS.values()}.get(path, {})
    call.wait(method(call.client(gateway), path)(**{**given, **params}))
    attributes = seen.span.attributes
    assert {name: attributes.get(name) for name in told} == told


USED: dict[str, Any] = {
    "chat.completions.create": {
        "choices": [{"message": {"content": "a"}, "finish_reason": "stop"}],
        "service_tier": "flex",
        "system_fingerprint": "fp_1",
        "usage": {
            "prompt_tokens": 9,
            "completion_tokens": 8,
            "prompt_tokens_details": {"cached_tokens": 7},
            "completion_tokens_details": {"reasoning_tokens": 6},
        },
    },
    "messages.create": {
        "content": [{"type": "text", "text": "a"}],
        "usage": {
            "input_tokens": 2,
            "output_tokens": 8,
            "cache_read_input_tokens": 4,
            "cache_creation_input_tokens": 3,
        },
    },
    "gemini.generate_content": {
        "candidates": [{"content": {"parts": [{"text": "a"}]}}],
        "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 6},
    },
}


@pytest.mark.parametrize("path", USED)
def test_tokens_of_caches_and_thinking(call: Call, gateway: LocalGateway, seen: Seen, path: str) -> None:
    gateway.script(Reply(json=USED[path]))
    params = {own: given for own, given, *_ in CALLS.values()}[path]
    call.wait(method(call.client(gateway), path)(**params))
    told = {name.removeprefix("gen_ai.usage."): value for name, value in seen.span.attributes.items()}
    assert told["input_tokens"] == 9 and told["output_tokens"] == 8
    if path.startswith("chat"):
        assert told["cache_read.input_tokens"] == 7 and told["reasoning.output_tokens"] == 6
        assert told["openai.response.service_tier"] == "flex"
        assert told["openai.response.system_fingerprint"] == "fp_1"
    elif path.startswith("messages"):
        assert told["cache_read.input_tokens"] == 4 and told["cache_creation.input_tokens"] == 3
    else:
        assert told["reasoning.output_tokens"] == 6


OTHERS: list[tuple[str, dict[str, Any], str]] = [
    ("embeddings.create", {"model": "text-embedding-3-small", "input": "a"}, "embeddings text-embedding-3-small"),
    ("embeddings.create", {"model": "e", "input": "a", "as_dict": True}, "embeddings e"),
    ("images.generate", {"model": "gpt-image-1", "prompt": "a"}, "images.generate gpt-image-1"),
    ("midjourney.imagine", {"prompt": "a"}, "midjourney.imagine"),
    ("audio.speech.create", {"model": "tts-1", "input": "a", "voice": "alloy"}, "audio.speech.create tts-1"),
    ("models.list", {}, "models.list"),
    ("pricing.list", {}, "pricing.list"),
]


@pytest.mark.parametrize(("path", "params", "title"), OTHERS)
def test_a_span_of_the_others(
    call: Call, gateway: LocalGateway, seen: Seen, path: str, params: dict[str, Any], title: str
) -> None:
    call.wait(method(call.client(gateway), path)(**params))
    assert seen.spans[0].name == title
    assert ("gen_ai.request.model" in seen.spans[0].attributes) is ("model" in params)


def test_any_path_by_what_it_is(call: Call, gateway: LocalGateway, seen: Seen) -> None:
    client = call.client(gateway)
    call.wait(client.post("/v1/chat/completions", body={"model": "gpt-5", "messages": MESSAGES}))
    call.wait(client.get("/v1/models"))
    assert [span.name for span in seen.spans] == ["chat gpt-5", "get"]


# Failures


@pytest.mark.parametrize("name", CALLS)
def test_an_error_ends_the_span(call: Call, gateway: LocalGateway, seen: Seen, name: str) -> None:
    path, params, _, _ = CALLS[name]
    gateway.script(Reply(status=400, json={"error": {"message": "It is wrong.", "type": "x"}}))
    with pytest.raises(wenwen.BadRequestError):
        call.wait(method(call.client(gateway), path)(**params))
    span = seen.span
    from opentelemetry.trace import StatusCode

    assert span.attributes["error.type"] == "BadRequestError"
    assert span.status.status_code is StatusCode.ERROR and "It is wrong." in span.status.description
    (duration,) = seen.points()["gen_ai.client.operation.duration"]
    assert duration.attributes["error.type"] == "BadRequestError"


def test_a_batch_is_a_span_a_request(call: Call, gateway: LocalGateway, seen: Seen) -> None:
    client = call.client(gateway)
    call.wait(client.embeddings.create(model="e", input=["a"] * 5000))
    assert len(seen.spans) == len(gateway.requests) > 1
    assert not [span for span in seen.spans if "error.type" in span.attributes]
    seen.exporter.clear()
    gateway.clear()
    gateway.script(Reply(status=400), Reply(delay=60), Reply(delay=60))
    with pytest.raises(wenwen.BadRequestError):
        call.wait(client.embeddings.create(model="e", input=["a"] * 5000))
    assert [span.attributes["error.type"] for span in seen.spans] == ["BadRequestError"] * 3


def test_rows_of_a_job_have_none(call: Call, gateway: LocalGateway, seen: Seen, told: list[Any]) -> None:
    job = call.client(gateway, on_request=told.append).responses.map(["a", "b"], model="gpt-5")
    assert len(list(call.each(job))) == 2
    assert not seen.spans and not told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_ends_nothing_of_its_parents(gateway: LocalGateway, seen: Seen) -> None:
    stream = gateway.client().responses.create(model="gpt-5", input="Hello!", stream=True)
    next(stream)
    child = os.fork()
    if not child:
        del stream
        gc.collect()
        os._exit(len(seen.spans))
    assert os.waitpid(child, 0)[1] == 0
    stream.close()
    assert seen.span.name == "chat gpt-5"


def test_attempts_are_events(call: Call, gateway: LocalGateway, seen: Seen) -> None:
    gateway.script(Reply(status=503, headers={"retry-after": "0"}), Reply(fault="reset"), Reply())
    call(gateway, model="gpt-5", input="Hello!")
    events = [dict(event.attributes) for event in seen.span.events]
    assert [event["wenwen.number"] for event in events] == [1, 2, 3]
    assert [event.get("http.response.status_code") for event in events] == [503, None, 200]
    assert events[0]["wenwen.failure"] and events[0]["wenwen.retry_in"] == 0 and "wenwen.failure" not in events[2]
    assert "error.type" not in seen.span.attributes


def test_a_stream_that_breaks_off(call: Call, gateway: LocalGateway, seen: Seen) -> None:
    gateway.script(Reply(fault="reset in body"))
    with pytest.raises(wenwen.IncompleteStreamError):
        call.events(gateway, model="gpt-5", input="Hello!")
    assert seen.span.attributes["error.type"] == "IncompleteStreamError"
    assert seen.span.attributes["gen_ai.response.model"].startswith("gpt-5")


@pytest.mark.parametrize("way", ["close", "block", "drop", "body", "raw"])
def test_a_stream_that_is_left(call: Call, gateway: LocalGateway, seen: Seen, way: str) -> None:
    gateway.script(Reply(stall=900))
    client = call.client(gateway)
    params = {"model": "gpt-5", "input": "Hello!"}
    if way == "body":
        with call.open(client.responses.with_streaming_response.create(**params, stream=True)) as response:
            pieces = call.each(response.iter_bytes())
            next(pieces)
    elif way == "raw":
        stream = call.wait(client.responses.with_raw_response.create(**params, stream=True)).parse()
        events = call.each(stream)
        next(events)
        call.wait(stream.close())
        del stream, events
    else:
        stream = call.wait(client.responses.create(**params, stream=True))
        events = call.each(stream)
        next(events)
        assert not seen.spans
        if way == "close":
            call.wait(stream.close())
        elif way == "block":
            with call.open(stream):
                pass
        del stream, events
    gc.collect()
    assert "error.type" not in seen.span.attributes
    assert "gen_ai.usage.output_tokens" not in seen.span.attributes


def test_a_call_that_is_cancelled(gateway: LocalGateway, seen: Seen) -> None:
    async def cancelled() -> None:
        client = gateway.async_client()
        gateway.script(Reply(delay=60))
        task = asyncio.ensure_future(client.responses.create(model="gpt-5", input="Hello!"))
        while not gateway.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen.span.attributes["error.type"] == "CancelledError"

    asyncio.run(cancelled())


def test_a_sync_call_that_a_signal_ends(gateway: LocalGateway, seen: Seen) -> None:
    import signal

    def handler(*_: object) -> None:
        raise KeyboardInterrupt

    gateway.script(Reply(delay=60))
    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            gateway.client().responses.create(model="gpt-5", input="Hello!")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert seen.span.attributes["error.type"] == "KeyboardInterrupt"


# What goes along


def test_the_trace_goes_along(call: Call, gateway: LocalGateway, seen: Seen) -> None:
    from opentelemetry import baggage, context, trace

    client = call.client(gateway)

    async def within() -> None:
        with trace.get_tracer("mine").start_as_current_span("outer"):
            token = context.attach(baggage.set_baggage("user", "u-1"))
            reply = client.responses.create(model="gpt-5", input="Hello!")
            await reply if call.is_async else reply
            context.detach(token)

    asyncio.run(within())
    span, outer = seen.spans
    assert span.name == "chat gpt-5" and outer.name == "outer"
    assert span.parent.span_id == outer.context.span_id
    assert gateway.last_request is not None
    trace_id, span_id = f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}"
    assert f"{gateway.last_request.header('traceparent')}".startswith(f"00-{trace_id}-{span_id}-0")
    assert gateway.last_request.header("baggage") is None


@pytest.mark.parametrize("of", ["call", "client"])
@pytest.mark.parametrize("own", ["00-" + "1" * 32 + "-" + "2" * 16 + "-01", None])
def test_a_header_of_the_callers_own_stays(
    call: Call, gateway: LocalGateway, seen: Seen, own: str | None, of: str
) -> None:
    headers = {"Traceparent": own}
    client = call.client(gateway, **({"default_headers": headers} if of == "client" else {}))
    call(client, model="gpt-5", input="Hello!", **({"extra_headers": headers} if of == "call" else {}))
    assert gateway.last_request is not None and gateway.last_request.header("traceparent") == own
    assert seen.span


def test_nothing_goes_to_another_host(call: Call, gateway: LocalGateway, seen: Seen, tmp_path: Path) -> None:
    with LocalGateway() as other:
        other.script(Reply(body=b"\x89PNG\r\n\x1a\n", headers={"content-type": "image/png"}))
        client = call.client(gateway, allow_private=True)
        call.wait(client.download(f"{other.root}/picture.png?token={SECRET}", tmp_path / "a.png"))
        assert other.last_request is not None and other.last_request.header("traceparent") is None
    assert seen.span.name == "download" and SECRET not in seen.span.to_json()


# Contents

TOOL_CALL = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Hello!"}, {"type": "image_url", "image_url": {"url": "x"}}]},
    {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": "{}"}}]},
    {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
]


@pytest.mark.parametrize("value", ["true", "SPAN_ONLY", "span_and_event", "false", "", "EVENT_ONLY", "nonsense"])
@pytest.mark.parametrize("name", CALLS)
def test_contents_on_request_alone(
    call: Call, gateway: LocalGateway, seen: Seen, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", value)
    path, params, _, _ = CALLS[name]
    call.wait(method(call.client(gateway), path)(**params))
    told = seen.span.attributes
    if value.lower() not in ("true", "span_only", "span_and_event"):
        assert "Hello!" not in seen.span.to_json()
        return
    asked = [{"role": "user", "parts": [{"type": "text", "content": "Hello!"}]}]
    assert json.loads(told["gen_ai.input.messages"]) == asked
    (answer,) = json.loads(told["gen_ai.output.messages"])
    assert answer["finish_reason"] == told["gen_ai.response.finish_reasons"][0]
    assert any(part["type"] == "text" and part["content"] for part in answer["parts"])


def test_contents_of_any_kind(call: Call, gateway: LocalGateway, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")
    client = call.client(gateway)
    call.wait(client.chat.completions.create(model="gpt-5", messages=TOOL_CALL))
    assert json.loads(seen.spans[0].attributes["gen_ai.input.messages"]) == [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": "Hello!"}, {"type": "image_url"}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "f", "arguments": "{}"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "sunny"}]},
    ]
    items = [
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
    ]
    call(client, model="gpt-5", input=items, instructions="Be brief.")
    told = seen.spans[1].attributes
    assert json.loads(told["gen_ai.system_instructions"]) == [{"type": "text", "content": "Be brief."}]
    assert json.loads(told["gen_ai.input.messages"]) == [
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "f", "arguments": "{}"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "sunny"}]},
    ]


# Replies that say anything


@pytest.mark.parametrize("value", [None, "", [], {}, 0, False, "x", 1.5, [None], [1], {"a": None}, -1])
@pytest.mark.parametrize("field", ["usage", "model", "id", "choices", "object", "incomplete_details"])
def test_any_reply(
    call: Call, gateway: LocalGateway, seen: Seen, caplog: pytest.LogCaptureFixture, field: str, value: Any
) -> None:
    """It is told as far as it makes sense, and is the caller's as without."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}
    reply = {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice], field: value}
    gateway.script(Reply(json=reply))
    client = call.client(gateway, max_retries=0)
    try:
        call.wait(client.chat.completions.create(model="gpt-5", messages=MESSAGES))
    except wenwen.WenwenError as error:
        assert seen.span.attributes["error.type"] == type(error).__qualname__
    assert seen.span.name == "chat gpt-5" and not caplog.records


# Hooks and tags


@pytest.fixture
def told() -> list[Any]:
    return []


def hooks(told: list[Any]) -> dict[str, Any]:
    return {
        "on_request": lambda call: told.append(("request", call, call.error, call.reply)),
        "on_response": lambda call: told.append(("response", call, call.error, call.reply)),
        "on_attempt": lambda call, attempt: told.append(("attempt", call, attempt)),
    }


def test_hooks_are_told(call: Call, gateway: LocalGateway, told: list[Any]) -> None:
    gateway.script(Reply(status=503, headers={"retry-after": "0"}), Reply())
    client = call.client(gateway, api_key=SECRET, **hooks(told)).with_tags(user="u-1")
    reply = call(client, model="gpt-5", input="Hello!", extra_headers={"x-own-key": SECRET})
    assert [one[0] for one in told] == ["request", "attempt", "attempt", "response"]
    info = told[0][1]
    assert all(one[1] is info for one in told)
    assert (info.endpoint, info.operation, info.model) == ("responses.create", "chat", "gpt-5")
    assert (info.method, info.host, info.path) == ("POST", "127.0.0.1", "/v1/responses")
    assert dict(info.params) == {"model": "gpt-5", "input": "Hello!"} and info.tags == {"user": "u-1"}
    assert info.reply is reply and info.error is None and info.elapsed > 0
    assert info.request_id == reply.request_id and info.status_code == 200
    assert info.input_tokens == reply.usage.input_tokens and info.output_tokens == reply.usage.output_tokens
    assert [(one[2].number, one[2].status) for one in told[1:3]] == [(1, 503), (2, 200)]
    assert told[1][2].retry_in == 0 and told[1][2].failure and told[2][2].failure is None
    assert isinstance(info, wenwen.CallInfo) and isinstance(told[1][2], wenwen.AttemptInfo)
    shown = f"{[vars(one[1]) for one in told]}"
    assert SECRET not in shown
    assert gateway.last_request is not None and "u-1" not in f"{gateway.last_request.headers}"


def test_hooks_are_told_of_streams_and_errors(call: Call, gateway: LocalGateway, told: list[Any]) -> None:
    client = call.client(gateway, max_retries=0, **hooks(told))
    call.events(client, model="gpt-5", input="Hello!")
    assert [one[0] for one in told] == ["request", "attempt", "response"]
    assert told[-1][3].output_text and told[-1][1].output_tokens
    gateway.script(Reply(status=400))
    with pytest.raises(wenwen.BadRequestError) as caught:
        call(client, model="gpt-5", input="Hello!")
    assert told[-1][0] == "response" and told[-1][2] is caught.value and told[-1][3] is None


def test_what_on_request_raises_is_the_calls(call: Call, gateway: LocalGateway, told: list[Any], seen: Seen) -> None:
    def refuse(info: Any) -> None:
        raise PermissionError(info.model)

    client = call.client(gateway, **{**hooks(told), "on_request": refuse})
    for stream in (False, True):
        with pytest.raises(PermissionError, match="gpt-5"):
            call(client, model="gpt-5", input="Hello!", stream=stream)
    assert not gateway.requests and not told
    assert [span.attributes["error.type"] for span in seen.spans] == ["PermissionError"] * 2


@pytest.mark.parametrize("name", ["on_response", "on_attempt"])
def test_what_the_others_raise_is_logged(
    call: Call, gateway: LocalGateway, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("mine")

    client = call.client(gateway, **{name: broken})
    assert call(client, model="gpt-5", input="Hello!").output_text
    assert len(call.events(client, model="gpt-5", input="Hello!")) > 2
    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(failures) == 2 and "the call goes on" in failures[0].message and "mine" in caplog.text


def test_where_hooks_go_and_what_they_may_be(call: Call, gateway: LocalGateway, told: list[Any]) -> None:
    async def later(call: object) -> None: ...

    plain = call.client(gateway)
    for wrong in (1, "x", [], later):
        with pytest.raises(TypeError, match="on_response"):
            plain.with_options(on_response=wrong)
    client = plain.with_options(on_request=told.append).with_options(timeout=9).with_tags(a=1).with_tags({"b.c": "x"})
    for each in (client, client.with_tags(a=None), client.copy()):
        call(each, model="gpt-5", input="Hello!")
    call.wait(client.embeddings.create(model="e", input="a"))
    call(plain, model="gpt-5", input="Hello!")
    tags = {"a": 1, "b.c": "x"}
    assert [info.tags for info in told] == [tags, {"b.c": "x"}, tags, tags]
    for wrong_tags in ({"a": []}, {"a": object()}, {1: "x"}, {"": "x"}):
        with pytest.raises(TypeError, match="the tag"):
            plain.with_tags(wrong_tags)
    wenwen.configure(base_url=gateway.root, api_key="sk-local", on_request=told.append)
    call.function(model="gpt-5", input="Hello!")
    assert len(told) == 5


def test_tags_are_attributes(call: Call, gateway: LocalGateway, seen: Seen) -> None:
    client = call.client(gateway).with_tags({"app.user": "u-1", "gen_ai.request.model": "mine"}, trial=True, count=3)
    call(client, model="gpt-5", input="Hello!")
    told = seen.span.attributes
    assert (told["app.user"], told["trial"], told["count"]) == ("u-1", True, 3)
    assert told["gen_ai.request.model"] == "gpt-5"


def test_hooks_go_with_their_client(gateway: LocalGateway) -> None:
    """A client that its hook knows is collected with it."""
    import weakref

    class Watcher:
        def __init__(self) -> None:
            self.client = gateway.client(on_request=self.told, on_response=self.told)

        def told(self, info: object) -> None: ...

    watcher = Watcher()
    watcher.client.responses.create(model="gpt-5", input="Hello!")
    gone = weakref.ref(watcher)
    del watcher
    gc.collect()
    assert gone() is None


# Where nobody looks


@pytest.mark.parametrize("imported", [False, True])
def test_nothing_is_imported_where_nobody_watches(imported: bool) -> None:
    if imported:
        pytest.importorskip("opentelemetry.trace")
    code = f"""
import sys
{"import opentelemetry.trace" if imported else ""}
import wenwen
from wenwen.testing import LocalGateway
with LocalGateway() as gateway:
    client = gateway.client()
    client.responses.create(model="gpt-5", input="Hello!")
    list(client.responses.create(model="gpt-5", input="Hello!", stream=True))
    assert gateway.last_request.header("traceparent") is None
assert "wenwen._telemetry" not in sys.modules
assert {imported} or not [name for name in sys.modules if name.startswith("opentelemetry")]
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=100)


def test_telemetry_that_fails_fails_no_call(
    call: Call, gateway: LocalGateway, seen: Seen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no span today")

    for name in ("start_span", "end"):
        from opentelemetry.sdk import trace as sdk

        owner = sdk.Tracer if name == "start_span" else sdk.Span
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, broken)
            assert call(gateway, model="gpt-5", input="Hello!").output_text
        assert "no span today" in caplog.text
        caplog.clear()
