"""Streams: every event, in order, whole; the end known from a breaking off; the connection closed when left."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import pickle
import threading
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from conftest import SAMPLES, Call, sample

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import Response

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
WHOLE = sample("2.3-responses-stream/response.json")
STREAM = SAMPLES / "2.3-responses-stream"
QUIRKS = SAMPLES / "_sse-quirks"
SSE = {"Content-Type": "text/event-stream"}
# Those that end well.
FILES = sorted([*STREAM.glob("*.sse"), *SAMPLES.glob("2.[24]*/*.sse"), *QUIRKS.glob("responses_*.sse")])
GOOD = [path for path in FILES if path.name != "stream_error_event.sse"]
named = pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.stem}")


def parsed(data: bytes) -> list[dict[str, Any]]:
    """The events of a well-formed stream, by a parser that shares nothing with ours."""
    events = []
    for block in data.decode().replace("\r\n", "\n").split("\n\n"):
        lines = [line[5:].removeprefix(" ") for line in block.split("\n") if line.startswith("data:")]
        if lines and lines != ["[DONE]"]:
            events.append(json.loads("\n".join(lines)))
    return events


def delta(text: str, index: int = 0) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "output_index": index, "content_index": 0, "delta": text}


CREATED = {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}}
COMPLETED = {"type": "response.completed", "response": {**WHOLE, "id": "resp_1"}}
TEXT = "Hi! How can I help you today?"


# The samples


def test_what_is_sent(call: Call, gateway: LocalGateway) -> None:
    events = call.events(gateway, **HELLO)
    assert gateway.requests[0].json() == {**HELLO, "stream": True}
    assert gateway.requests[0].header("Accept") == "text/event-stream"
    assert type(events[-1].response) is Response


@named
def test_helper(call: Call, gateway: LocalGateway, path: Any) -> None:
    data = path.read_bytes()
    gateway.script(Reply(body=data, headers=SSE, times=3))
    client = call.client(gateway)
    texts: dict[Any, str] = {}
    with call.open(client.responses.stream(**HELLO)) as stream:
        for event in call.each(stream):
            if hasattr(event, "delta"):
                place = event.type, event.output_index, event.get("content_index")
                texts[place] = texts.get(place, "") + event.delta
                assert event.snapshot == event["snapshot"] == texts[place]
                assert type(event.snapshot) is str
            else:
                assert "snapshot" not in event
        final = call.wait(stream.get_final_response())
        assert final == parsed(data)[-1]["response"]
        assert type(final) is Response
        assert final.request_id == stream.request_id == stream.headers["x-oneapi-request-id"]
    with call.open(client.responses.stream(**HELLO)) as stream:
        assert "".join(call.each(stream.text_stream)) == final.output_text
        assert call.wait(stream.get_final_response()) == final
    with call.open(client.responses.stream(**HELLO)) as stream:
        assert call.wait(stream.until_done()) is stream
        assert list(call.each(stream)) == []
        assert stream.snapshot == final


CUTS = [*range(1, 8), 64, 1000]


@pytest.mark.parametrize("size", CUTS)
def test_odd_borders(call: Call, gateway: LocalGateway, size: int) -> None:
    web = (SAMPLES / "2.4-responses-web-search/stream.sse").read_bytes()  # Chinese: cut within characters
    client = call.client(gateway)
    for data in [web, web.replace(b"\n", b"\r\n"), web.replace(b"\n", b"\r"), b"\xef\xbb\xbf" + web]:
        gateway.script(Reply(body=data, headers=SSE, chunk_size=size))
        assert call.events(client, **HELLO, as_dict=True) == parsed(web)


@pytest.mark.parametrize("as_dict", [False, True])
def test_helper_text_stream(call: Call, gateway: LocalGateway, as_dict: bool) -> None:
    with call.open(call.client(gateway).responses.stream(**HELLO, as_dict=as_dict)) as stream:
        text = "".join(call.each(stream.text_stream))
        final = call.wait(stream.get_final_response())
    assert type(final) is (dict if as_dict else Response)
    assert Response(final).output_text == text != ""


def test_helper_snapshot_on_the_way(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(body=(STREAM / "stream.sse").read_bytes(), headers=SSE))
    seen = []
    with call.open(call.client(gateway).responses.stream(**HELLO)) as stream:
        for event in call.each(stream):
            assert isinstance(stream.snapshot, Response)
            seen.append(event)
    assert len(seen) == 19
    assert stream.snapshot.output_text == TEXT


def test_helper_without_its_block(call: Call, gateway: LocalGateway) -> None:
    responses = call.client(gateway).responses
    stream, body = responses.stream(**HELLO), responses.with_streaming_response.create(**HELLO)
    for use in (
        lambda: call.wait(stream.get_final_response()),
        lambda: list(call.each(stream)),
        lambda: stream.snapshot,
        lambda: body.status_code,
        lambda: call.wait(body.read()),
    ):
        with pytest.raises(RuntimeError, match="nothing has been sent yet: use it in a block"):
            use()
    assert gateway.requests == []


def test_helper_left_early(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(events=[CREATED, delta("Hi"), delta("!")], stall=10**9))
    with call.open(call.client(gateway).responses.stream(**HELLO)) as stream:
        for event in call.each(stream):
            if event.type.endswith("delta"):
                break
    gateway.wait_closed()
    with pytest.raises(RuntimeError, match="closed"):
        call.wait(stream.get_final_response())


def test_facts_of_a_stream(call: Call, gateway: LocalGateway) -> None:
    stream = call(gateway, **HELLO, stream=True)
    assert stream.status_code == 200
    assert stream.request_id == stream.headers["X-Oneapi-Request-Id"]
    assert "open" in repr(stream)
    assert len(list(call.each(stream))) > 5
    assert list(call.each(stream)) == []
    assert "ended" in repr(stream)


def test_two_streams_at_once_and_a_connection_used_again(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    one, two = call(client, **HELLO, stream=True), call(client, **HELLO, stream=True)
    pairs = list(zip(call.each(one), call.each(two), strict=True))
    assert all(a.type == b.type for a, b in pairs)
    for _ in range(3):
        call.events(client, **HELLO)
    assert gateway.connections <= 2


# Errors inside a stream


def error_of(call: Call, gateway: LocalGateway, *replies: Reply, **params: Any) -> tuple[list[Any], Any]:
    """The events before the error, and the error."""
    gateway.script(*replies)
    events: list[Any] = []
    with pytest.raises(wenwen.APIError) as caught:
        gather(events, call.each(call(gateway, **HELLO, **params, stream=True)))
    assert pickle.loads(pickle.dumps(caught.value)).partial == caught.value.partial
    return events, caught.value


def gather(events: list[Any], more: Iterable[Any]) -> None:
    """As `extend`, but keeps what came before an error."""
    for event in more:
        events.append(event)


def test_error_event(call: Call, gateway: LocalGateway) -> None:
    data = (STREAM / "stream_error_event.sse").read_bytes()
    events, error = error_of(call, gateway, Reply(body=data, headers=SSE))
    assert [event.type for event in events] == ["response.created"]
    assert type(error) is wenwen.RateLimitError
    assert (error.code, error.message, error.category) == (
        "rate_limit_exceeded",
        "Rate limit reached for gpt-5",
        "rate_limit",
    )
    assert error.status_code == 429
    assert error.response.status_code == 200
    assert error.partial == events[0].response
    assert (error.attempts, len(gateway.requests)) == (1, 1)


@pytest.mark.parametrize(
    "tail",
    [
        'event: error\ndata: {"type":"error","code":"server_error","message":"m"}\n\n',
        'data: {"error":{"message":"m","code":"server_error"}}\n\n',
        '{"error":{"message":"m","code":"server_error"},"type":"error"}',
        '{"error":{"message":"m","code":"server_error"}}\n\n',
    ],
)
def test_errors_in_the_middle(call: Call, gateway: LocalGateway, tail: str) -> None:
    events, error = error_of(call, gateway, Reply(events=[CREATED, delta("Hi"), delta("!"), tail]))
    assert len(events) == 3
    assert type(error) is wenwen.InternalServerError
    assert (error.message, error.code) == ("m", "server_error")
    assert error.partial.output_text == "Hi!"
    assert len(gateway.requests) == 1


def test_bare_error_after_pings(call: Call, gateway: LocalGateway) -> None:
    """Nothing has been delivered yet, so the call is made again."""
    bare = '{"error":{"message":"m","code":"rate_limit_exceeded"},"type":"error"}'
    headers = {"retry-after-ms": "1"}
    gateway.script(Reply(events=[bare], pings=3, headers=headers, times=2))
    assert call.events(gateway, **HELLO)[-1].type == "response.completed"
    assert len(gateway.requests) == 3
    gateway.clear()
    _, error = error_of(call, gateway, Reply(events=[bare], pings=3, headers=headers, times=2), max_retries=1)
    assert type(error) is wenwen.RateLimitError
    assert (error.attempts, error.partial, len(gateway.requests)) == (2, None, 2)


@pytest.mark.parametrize("kind", ["failed", "incomplete"])
def test_failed_and_incomplete_are_delivered(call: Call, gateway: LocalGateway, kind: str) -> None:
    gateway.script(Reply(body=(STREAM / f"stream_{kind}.sse").read_bytes(), headers=SSE))
    with call.open(call.client(gateway).responses.stream(**HELLO)) as stream:
        final = call.wait(stream.get_final_response())
    assert final.status == kind
    assert (final.error is not None) == (kind == "failed")
    assert (final.incomplete_details is not None) == (kind == "incomplete")


# Breaking off


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("framing", ["chunked", "close", "length"])
def test_cut(call: Call, gateway: LocalGateway, framing: Any, reset: bool) -> None:
    data = (STREAM / "stream.sse").read_bytes()
    cut = data.index(b'"delta":" help"')
    # A reset may overtake what was sent before it, so there are pauses.
    slow: dict[str, Any] = {"reset": True, "chunk_size": 500, "chunk_delay": 0.02} if reset else {}
    events, error = error_of(call, gateway, Reply(body=data, headers=SSE, framing=framing, cut=cut, **slow))
    assert type(error) is wenwen.IncompleteStreamError
    assert error.request_id == gateway_id(error)
    assert (error.attempts, len(gateway.requests)) == (1, 1)  # nothing is repeated after the first event
    if not reset:
        assert error.partial.output_text == "Hi! How can I"
        assert [event.to_dict() for event in events] == parsed(data)[: len(events)]
        assert len(events) == 11
    assert error.partial.id == events[0].response.id


def gateway_id(error: wenwen.APIError) -> str:
    assert error.headers is not None
    return error.headers["x-oneapi-request-id"]


def test_end_without_the_last_event(call: Call, gateway: LocalGateway) -> None:
    _, error = error_of(call, gateway, Reply(events=[CREATED, delta("Hi")]))
    assert type(error) is wenwen.IncompleteStreamError
    assert (error.category, error.partial.output_text) == ("incomplete", "Hi")
    assert error.partial.request_id == error.request_id is not None
    _, error = error_of(call, gateway, Reply(events=[CREATED, delta("Hi")]), as_dict=True)
    assert type(error.partial) is dict
    assert Response(error.partial).output_text == "Hi"
    _, error = error_of(call, gateway, Reply(events=[CREATED, delta("Hi"), "data: [DONE]\n\n"]))
    assert type(error) is wenwen.IncompleteStreamError


def test_helper_raises_too(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(events=[CREATED, delta("Hi")]))
    with call.open(call.client(gateway).responses.stream(**HELLO)) as stream:
        with pytest.raises(wenwen.IncompleteStreamError) as caught:
            call.wait(stream.get_final_response())
        assert caught.value.partial is not None
        assert stream.snapshot is not None
        assert stream.snapshot.output_text == "Hi"


def test_cut_before_the_first_event_is_tried_again(call: Call, gateway: LocalGateway) -> None:
    headers = {**SSE, "retry-after-ms": "1"}
    gateway.script(Reply(body=b": PING\n\n", headers=headers), Reply(body=b"", headers=headers))
    assert call.events(gateway, **HELLO)[-1].type == "response.completed"
    assert len(gateway.requests) == 3


def test_last_event_without_blank_line(call: Call, gateway: LocalGateway) -> None:
    data = (STREAM / "stream.sse").read_bytes().rstrip()
    gateway.script(Reply(body=data, headers=SSE))
    assert call.events(gateway, **HELLO, as_dict=True) == parsed(data)


def test_data_that_is_no_json(call: Call, gateway: LocalGateway) -> None:
    events, error = error_of(call, gateway, Reply(events=[CREATED, "data: {broken\n\n"]))
    assert len(events) == 1
    assert type(error) is wenwen.IncompleteStreamError
    assert "{broken" in error.message


def test_oddities(call: Call, gateway: LocalGateway) -> None:
    """Doubled prefixes, [DONE] after the end, empty data, comments, ids, unknown events, no types at all."""
    gateway.script(
        Reply(
            events=[
                f"data: data: {json.dumps(CREATED)}\n\n",
                "id: 5\nretry: 10\n: PING\n\n",
                "data:\n\n",
                'event: odd\ndata: {"type":"vendor.thing","x":{"y":1}}\n\n',
                'data: {"no":"type"}\n\ndata: 5\n\n',
                f"event: response.output_text.delta\ndata: {json.dumps({'delta': 'Hi'})}\n\n",
                COMPLETED,
                "data: [DONE]\n\n",
            ]
        )
    )
    events = call.events(gateway, **HELLO)
    assert [getattr(event, "type", None) for event in events] == [
        "response.created",
        "vendor.thing",
        None,
        None,
        "response.completed",
    ]
    assert events[1].x.y == 1


# The wrong kind of reply


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "text/event-stream", "text/plain", None]
)
def test_json_to_a_stream(call: Call, gateway: LocalGateway, kind: str | None) -> None:
    body = json.dumps(WHOLE, indent=2).encode()
    reply = Reply(body=body, headers={"Content-Type": kind or ""})
    gateway.script(reply, reply)
    events = call.events(gateway, **HELLO)
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    assert events[-1].response == WHOLE
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == TEXT
    with call.open(call.client(gateway).responses.stream(**HELLO)) as stream:
        assert "".join(call.each(stream.text_stream)) == TEXT
        assert call.wait(stream.get_final_response()) == WHOLE


@pytest.mark.parametrize("kind", ["text/event-stream", "text/event-stream; charset=utf-8", "text/plain", None])
def test_a_stream_to_a_plain_call(call: Call, gateway: LocalGateway, kind: str | None) -> None:
    data = b": PING\n\n" + (STREAM / "stream.sse").read_bytes()
    gateway.script(Reply(body=data, headers={"Content-Type": kind or ""}, times=2))
    reply = call(gateway, **HELLO)
    assert (type(reply), reply.to_dict()) == (Response, WHOLE)
    assert reply.request_id is not None
    assert call(gateway, **HELLO, as_dict=True) == WHOLE


def test_a_broken_stream_to_a_plain_call(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(events=[CREATED, delta("Hi")], times=2, headers={"retry-after-ms": "1"}))
    with pytest.raises(wenwen.IncompleteStreamError) as caught:
        call(gateway, **HELLO, max_retries=1)
    assert caught.value.attempts == len(gateway.requests) == 2
    gateway.script(Reply(body=(STREAM / "stream_error_event.sse").read_bytes(), headers=SSE))
    with pytest.raises(wenwen.RateLimitError):
        call(gateway, **HELLO, max_retries=0)


def test_a_type_that_is_no_stream(call: Call, gateway: LocalGateway) -> None:
    """wpt-mime-valid-bogus of the conformance vectors: to be refused rather than parsed."""
    gateway.script(Reply(body=b"data: data\n\n\n", headers={"Content-Type": "text/x-bogus"}))
    with pytest.raises(wenwen.NotAnAPIError):
        call.events(call.client(gateway), **HELLO)


@pytest.mark.parametrize("kind", ["text/html", "text/event-stream", "text/plain"])
def test_html_with_status_200(call: Call, gateway: LocalGateway, kind: str) -> None:
    page = b"<!doctype html><html><body>New API</body></html>"
    for stream in (True, False):
        gateway.clear()
        gateway.script(Reply(body=page, headers={"Content-Type": kind}))
        with pytest.raises(wenwen.NotAnAPIError, match="base_url"):
            call(gateway, **HELLO, stream=stream)
        assert len(gateway.requests) == 1


def test_error_status_with_event_stream_type(call: Call, gateway: LocalGateway) -> None:
    body = json.dumps({"error": {"message": "m (request id: A)", "type": "t", "code": "c"}}).encode()
    for status, error in [(400, wenwen.BadRequestError), (429, wenwen.RateLimitError)]:
        gateway.script(Reply(status=status, body=body, headers=SSE))
        with pytest.raises(error) as caught:
            call(gateway, **HELLO, stream=True, max_retries=0)
        assert (caught.value.message, caught.value.code) == ("m", "c")


def test_errors_before_the_stream_are_tried_again(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(status=500, headers={"retry-after-ms": "1"}), Reply(close=True))
    assert call.events(gateway, **HELLO)[-1].type == "response.completed"
    assert len(gateway.requests) == 3


# Closing


OPEN = Reply(events=[CREATED, *[delta("Hi")] * 3], stall=10**9)


def test_close(call: Call, gateway: LocalGateway) -> None:
    gateway.script(OPEN)
    stream = call(gateway, **HELLO, stream=True)
    assert next(call.each(stream)).type == "response.created"
    call.wait(stream.close())
    gateway.wait_closed()
    assert list(call.each(stream)) == []
    call.wait(stream.close())


def test_leaving_the_block(call: Call, gateway: LocalGateway) -> None:
    gateway.script(OPEN)
    with call.open(call(gateway, **HELLO, stream=True)) as stream:
        assert next(call.each(stream))
    gateway.wait_closed()


def test_dropping_the_last_reference(call: Call, gateway: LocalGateway) -> None:
    gateway.script(OPEN, OPEN)
    stream = call(gateway, **HELLO, stream=True)
    events = call.each(stream)
    next(events)
    events.close()
    del stream, events
    gateway.wait_closed(1)
    call(gateway, **HELLO, stream=True)
    gateway.wait_closed(2)


def test_break(gateway: LocalGateway) -> None:
    gateway.script(OPEN, OPEN)
    for _ in gateway.client().responses.create(**HELLO, stream=True):
        break
    gateway.wait_closed(1)

    async def main() -> None:
        async for _ in await gateway.async_client().responses.create(**HELLO, stream=True):
            break
        await asyncio.to_thread(gateway.wait_closed, 2)

    asyncio.run(main())


@pytest.mark.parametrize("reading", [True, False])
def test_cancelling_the_task(gateway: LocalGateway, reading: bool) -> None:
    gateway.script(OPEN if reading else Reply(delay=30))

    async def read() -> None:
        async for _ in await gateway.async_client().responses.create(**HELLO, stream=True):
            pass

    async def main() -> None:
        task = asyncio.create_task(read())
        await asyncio.to_thread(gateway.wait_until, lambda: len(gateway.requests) == 1)
        if reading:
            await asyncio.to_thread(gateway.wait_until, lambda: gateway.requests[0].events_written >= 4)
        await asyncio.sleep(0.05)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await asyncio.to_thread(gateway.wait_closed)

    asyncio.run(main())


def test_cancelling_a_plain_call(gateway: LocalGateway) -> None:
    gateway.script(Reply(delay=30))

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await gateway.async_client().responses.create(**HELLO)
        await asyncio.to_thread(gateway.wait_closed)

    asyncio.run(main())


def test_a_loop_that_ends_with_a_stream_open(gateway: LocalGateway) -> None:
    gateway.script(OPEN)
    held: list[AsyncIterator[Any]] = []

    async def main() -> None:
        stream = await gateway.async_client().responses.create(**HELLO, stream=True)
        held.append(stream)
        await anext(stream)

    asyncio.run(main())
    held.clear()
    gc.collect()
    gateway.wait_closed()


def test_close_from_elsewhere_ends_a_waiting_reader(gateway: LocalGateway) -> None:
    gateway.script(OPEN, OPEN)
    stream = gateway.client().responses.create(**HELLO, stream=True)
    seen: list[Any] = []
    reader = threading.Thread(target=lambda: gather(seen, stream))
    reader.start()
    while len(seen) < 4:
        time.sleep(0.05)
    stream.close()
    gateway.wait_closed(1)
    reader.join(5)
    assert not reader.is_alive()

    async def main() -> None:
        stream = await gateway.async_client().responses.create(**HELLO, stream=True)

        seen: list[Any] = []

        async def read() -> None:
            async for event in stream:
                seen.append(event)

        task = asyncio.create_task(read())
        while len(seen) < 4:
            await asyncio.sleep(0.05)
        await stream.close()
        await asyncio.to_thread(gateway.wait_closed, 2)
        await asyncio.wait_for(task, 5)

    asyncio.run(main())


def test_two_readers_of_one_stream_are_told(gateway: LocalGateway) -> None:
    gateway.script(OPEN)

    async def main() -> None:
        stream = await gateway.async_client().responses.create(**HELLO, stream=True)
        for _ in range(4):
            await anext(stream)
        task = asyncio.create_task(anext(stream))
        await asyncio.sleep(0.1)
        with pytest.raises(RuntimeError, match="read already"):
            await anext(stream)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
            await task

    asyncio.run(main())


# Back-pressure


def test_a_slow_reader_slows_the_sender(call: Call, gateway: LocalGateway) -> None:
    many = 1000
    gateway.script(Reply(events=[CREATED, *[delta("x" * 50_000)] * many, COMPLETED]))
    stream = call(gateway, **HELLO, stream=True)
    request = gateway.requests[0]
    events = call.each(stream)
    next(events)
    written = -1
    while written != request.bytes_written:  # until it stands still
        written = request.bytes_written
        time.sleep(0.3)
    assert 0 < written < 25_000_000
    assert request.ended == "open"
    assert sum(len(event.delta) for event in events if event.type == "response.output_text.delta") == many * 50_000
    assert request.bytes_written > many * 50_000
