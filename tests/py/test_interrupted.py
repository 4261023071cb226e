"""Reads that are given up: by a timeout, a cancellation, a signal's handler. The next read goes on, or says why not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
MESSAGES: list[dict[str, Any]] = [{"role": "user", "content": "Hello!"}]
WORDS = ["one", " two", " three"]


class Stepwise:
    """A server that sends the next piece of its one reply when it is told to."""

    def __init__(self, pieces: list[bytes], kind: str) -> None:
        self.pieces = pieces
        self._kind = kind
        self._steps: queue.Queue[int | None] = queue.Queue()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.closed = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            head, _, body = b"", b"", b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            head, _, body = head.partition(b"\r\n\r\n")
            length = int(next(line for line in head.lower().split(b"\r\n") if b"content-length" in line).split(b":")[1])
            while len(body) < length:
                body += connection.recv(65536)
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {self._kind}\r\nConnection: close\r\n\r\n".encode())
            threading.Thread(target=self._watch, args=(connection.dup(),)).start()
            while (step := self._steps.get()) is not None:
                with contextlib.suppress(OSError):
                    connection.sendall(self.pieces[step])
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _watch(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(1)
        self.closed.set()

    def step(self, number: int) -> None:
        self._steps.put(number)
        if number == len(self.pieces) - 1:
            self._steps.put(None)

    def __enter__(self) -> Stepwise:
        return self

    def __exit__(self, *_: object) -> None:
        self._steps.put(None)
        self._thread.join()
        self._listener.close()


def sse(*events: dict[str, Any] | str) -> bytes:
    return b"".join(f"data: {e if isinstance(e, str) else json.dumps(e)}\n\n".encode() for e in events)


def chat(text: str | None, finish: str | None = None) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


RESPONSE = {
    "object": "response",
    "status": "completed",
    "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "".join(WORDS)}]}],
}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
# Each dialect: a piece for each word, then the end.
DIALECTS: dict[str, tuple[list[bytes], str, dict[str, Any]]] = {
    "responses": (
        [
            *(sse({"type": "response.output_text.delta", "delta": word}) for word in WORDS),
            sse({"type": "response.completed", "response": RESPONSE}),
        ],
        "responses",
        HELLO,
    ),
    "chat": (
        [*(sse(chat(word)) for word in WORDS), sse(chat(None, "stop"), "[DONE]")],
        "chat.completions",
        {"model": "m", "messages": MESSAGES},
    ),
    "messages": (
        [
            sse({"type": "message_start", "message": {"type": "message", "content": []}}, BLOCK)
            + sse({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": WORDS[0]}}),
            *(
                sse({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}})
                for word in WORDS[1:]
            ),
            sse({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}}, {"type": "message_stop"}),
        ],
        "messages",
        {"model": "m", "max_tokens": 9, "messages": MESSAGES},
    ),
    "gemini": (
        [
            *(sse({"candidates": [{"content": {"parts": [{"text": word}]}}]}) for word in WORDS),
            sse({"candidates": [{"content": {"parts": [{"text": ""}]}, "finishReason": "STOP"}]}),
        ],
        "gemini",
        {"model": "m", "contents": "Hello!"},
    ),
}


def resource(client: Any, dialect: str) -> Any:
    for name in DIALECTS[dialect][1].split("."):
        client = getattr(client, name)
    return client


def words(dialect: str, event: Any) -> str:
    """The text in an event, typed or a dict."""
    event = event if isinstance(event, dict) else event.to_dict()
    found = [event.get("delta")]
    if dialect == "chat":
        found = [choice["delta"].get("content") for choice in event.get("choices", [])]
    elif dialect == "messages":
        found = [(event.get("delta") or {}).get("text")]
    elif dialect == "gemini":
        found = [part["text"] for each in event["candidates"] for part in each["content"]["parts"]]
    return "".join(filter(None, found))


def stream_of(client: Any, dialect: str, way: str) -> Any:
    """What has to be awaited or entered for a stream of that kind."""
    params, of = DIALECTS[dialect][2], resource(client, dialect)
    create = of.generate_content if dialect == "gemini" else of.create
    if way == "typed":
        return create(**params, stream=True)
    if way == "dict":
        return create(**params, stream=True, as_dict=True)
    if way == "raw":
        raw = of.with_raw_response
        return (raw.generate_content if dialect == "gemini" else raw.create)(**params, stream=True)
    return (
        of.generate_content_helper if dialect == "gemini" and hasattr(of, "generate_content_helper") else of.stream
    )(**params)


# Ways of giving a read up. Each waits until it has: nothing is sent meanwhile.


async def by_wait_for(read: Callable[[], Any]) -> Any:
    return await asyncio.wait_for(read(), 0.02)


async def by_timeout(read: Callable[[], Any]) -> Any:
    async with asyncio.timeout(0.02):
        return await read()


async def by_anyio(read: Callable[[], Any]) -> Any:
    with anyio.fail_after(0.02):
        return await read()


async def by_a_task(read: Callable[[], Any]) -> Any:
    task = asyncio.ensure_future(read())
    await asyncio.wait([task], timeout=0.02)
    if task.done():
        return task.result()
    task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        raise TimeoutError from None


WAYS = [by_wait_for, by_timeout, by_anyio, by_a_task]


async def gathered(server: Stepwise, events: Any, give_up: Callable[[Callable[[], Any]], Any]) -> list[Any]:
    """All of a stream whose first piece was sent. Before each other one comes, a read is given up."""
    got: list[Any] = []
    for number in range(1, len(server.pieces)):
        with pytest.raises(TimeoutError):
            while True:
                got.append(await give_up(events.__anext__))
        server.step(number)
        with contextlib.suppress(StopAsyncIteration):
            got.append(await events.__anext__())
    return got + [event async for event in events]


@pytest.mark.parametrize("give_up", WAYS)
@pytest.mark.parametrize("way", ["typed", "dict", "raw", "text_stream"])
@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_stream_goes_on(dialect: str, way: str, give_up: Any) -> None:
    pieces = DIALECTS[dialect][0]

    async def main() -> None:
        with Stepwise(pieces, "text/event-stream") as server:
            client = wenwen.AsyncClient(api_key="sk-1", base_url=server.base_url, max_retries=0)
            opening = stream_of(client, dialect, way)
            server.step(0)
            if way == "text_stream":
                async with opening as helper:
                    assert "".join(await gathered(server, helper.text_stream, give_up)) == "".join(WORDS)
                return
            stream = await opening
            stream = stream.parse() if way == "raw" else stream
            got = await gathered(server, stream, give_up)
            assert "".join(words(dialect, event) for event in got) == "".join(WORDS)

    asyncio.run(main())


class Alarm(Exception):  # noqa: N818
    pass


@contextlib.contextmanager
def alarms(error: type[BaseException]) -> Iterator[Callable[[], None]]:
    """What it yields has a signal come 20 ms later, whose handler raises."""

    def ring(*_: object) -> None:
        raise error

    old = signal.signal(signal.SIGUSR1, ring)
    try:
        yield lambda: threading.Timer(0.02, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
    finally:
        signal.signal(signal.SIGUSR1, old)


@pytest.mark.parametrize("way", ["typed", "dict", "raw", "text_stream"])
@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_sync_stream_goes_on(dialect: str, way: str) -> None:
    pieces = DIALECTS[dialect][0]
    with Stepwise(pieces, "text/event-stream") as server, alarms(Alarm) as ring, contextlib.ExitStack() as stack:
        client = wenwen.Client(api_key="sk-1", base_url=server.base_url, max_retries=0)
        server.step(0)
        events: Any = stream_of(client, dialect, way)
        if way == "text_stream":
            events = stack.enter_context(events).text_stream
        elif way == "raw":
            events = events.parse()
        got = [next(events)]
        for number in range(1, len(pieces)):
            ring()
            with pytest.raises(Alarm):
                while True:
                    got.append(next(events))
            server.step(number)
            got += [event for event in [next(events, None)] if event is not None]
        got += events
        text = got if way == "text_stream" else [words(dialect, event) for event in got]
        assert "".join(text) == "".join(WORDS)


@pytest.mark.parametrize("way", ["typed", "text_stream", "body"])
def test_ctrl_c_ends_a_stream_and_says_so(way: str) -> None:
    """Whoever presses it wants the gateway to stop, though a notebook keeps the stream."""
    pieces = DIALECTS["responses"][0]
    with (
        Stepwise(pieces, "text/event-stream") as server,
        alarms(KeyboardInterrupt) as ring,
        contextlib.ExitStack() as stack,
    ):
        client = wenwen.Client(api_key="sk-1", base_url=server.base_url, max_retries=0)
        server.step(0)
        if way == "body":
            reply = stack.enter_context(client.responses.with_streaming_response.create(**HELLO, stream=True))
            events = reply.iter_lines()
        else:
            events = stream_of(client, "responses", way)
            events = stack.enter_context(events).text_stream if way == "text_stream" else events
        next(events)
        ring()
        with pytest.raises(KeyboardInterrupt):
            list(events)
        assert server.closed.wait(20)
        with pytest.raises(wenwen.IncompleteStreamError, match="Ctrl-C interrupted the reading") as caught:
            next(events)
        if way != "body":
            assert caught.value.partial.output_text == WORDS[0]
        assert list(events) == []


LINES = [b"first\nsec", b"ond\nthi", b"rd"]
READS: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
    "iter_bytes": (lambda reply: reply.iter_bytes(), LINES),
    "iter_bytes of a size": (lambda reply: reply.iter_bytes(9), [b"first\nsec", b"ond\nthird"[:9]]),
    "iter_text": (lambda reply: reply.iter_text(), [line.decode() for line in LINES]),
    "iter_lines": (lambda reply: reply.iter_lines(), ["first", "second", "third"]),
}


@pytest.mark.parametrize("give_up", WAYS)
@pytest.mark.parametrize("read", READS)
def test_a_body_goes_on(read: str, give_up: Any) -> None:
    begin, wanted = READS[read]

    async def main() -> None:
        with Stepwise(LINES, "text/plain") as server:
            client = wenwen.AsyncClient(api_key="sk-1", base_url=server.base_url, max_retries=0)
            async with client.responses.with_streaming_response.create(**HELLO) as reply:
                pieces, got = begin(reply), []
                for number in range(len(LINES)):
                    with pytest.raises(TimeoutError):
                        while True:
                            got.append(await give_up(pieces.__anext__))
                    server.step(number)
                got += [piece async for piece in pieces]
                assert got == wanted or b"".join(got) == b"".join(LINES)

    asyncio.run(main())


@pytest.mark.parametrize("then", ["read", "iter_bytes", "parse"])
@pytest.mark.parametrize("is_async", [False, True])
def test_a_whole_body_goes_on(is_async: bool, then: str) -> None:
    reply_bytes = json.dumps(RESPONSE).encode()
    with Stepwise([reply_bytes[:20], reply_bytes[20:]], "application/json") as server, alarms(Alarm) as ring:
        if is_async:

            async def main() -> Any:
                client = wenwen.AsyncClient(api_key="sk-1", base_url=server.base_url, max_retries=0)
                async with client.responses.with_streaming_response.create(**HELLO) as reply:
                    server.step(0)
                    with pytest.raises(TimeoutError):
                        await asyncio.wait_for(reply.read(), 0.02)
                    server.step(1)
                    if then == "iter_bytes":
                        return b"".join([piece async for piece in reply.iter_bytes()])
                    return await getattr(reply, then)()

            got = asyncio.run(main())
        else:
            client = wenwen.Client(api_key="sk-1", base_url=server.base_url, max_retries=0)
            with client.responses.with_streaming_response.create(**HELLO) as reply:
                server.step(0)
                ring()
                with pytest.raises(Alarm):
                    reply.read()
                server.step(1)
                got = b"".join(reply.iter_bytes()) if then == "iter_bytes" else getattr(reply, then)()
        assert got.output_text == "".join(WORDS) if then == "parse" else got == reply_bytes


def test_a_cancelled_task_closes_its_stream_though_somebody_keeps_it() -> None:
    kept: list[Any] = []

    async def main() -> None:
        with Stepwise(DIALECTS["responses"][0], "text/event-stream") as server:
            client = wenwen.AsyncClient(api_key="sk-1", base_url=server.base_url, max_retries=0)
            server.step(0)

            async def work() -> None:
                kept.append(await client.responses.create(**HELLO, stream=True))
                async for event in kept[0]:
                    seen.append(event)

            seen: list[Any] = []
            task = asyncio.create_task(work())
            while not seen:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(server.closed.wait, 20)
            with pytest.raises(wenwen.IncompleteStreamError, match="the task that read it was cancelled"):
                await anext(kept[0])

    asyncio.run(main())


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_streamed_body_is_parsed_to_its_stream(dialect: str, is_async: bool) -> None:
    """`with_streaming_response` of a streamed call, in every dialect; and where the reply came whole."""
    with LocalGateway() as gateway:
        params = {**DIALECTS[dialect][2], "stream": True}

        def managers(client: Any) -> Any:
            of = resource(client, dialect).with_streaming_response
            return (of.generate_content if dialect == "gemini" else of.create)(**params)

        if is_async:

            async def main() -> list[Any]:
                async with managers(gateway.async_client()) as reply:
                    stream = await reply.parse()
                    assert type(stream) is wenwen.AsyncStream
                    return [event async for event in stream]

            events = asyncio.run(main())
        else:
            with managers(gateway.client()) as reply:
                stream = reply.parse()
                assert type(stream) is wenwen.Stream
                assert reply.parse() is stream
                events = list(stream)
        assert len(events) > 2
        assert "".join(words(dialect, event) for event in events)


def test_closing_a_body_wakes_its_reader() -> None:
    for read in (lambda reply: list(reply.iter_bytes()), lambda reply: list(reply.iter_lines())):
        with Stepwise([b"begin"], "text/plain") as server:
            client = wenwen.Client(api_key="sk-1", base_url=server.base_url, max_retries=0)
            with client.responses.with_streaming_response.create(**HELLO) as reply:
                server.step(0)
                got: list[Any] = []
                reader = threading.Thread(target=lambda reply=reply, read=read, got=got: got.append(read(reply)))  # type: ignore[misc]
                reader.start()
                reader.join(0.1)
                reply._body.close()
                reader.join(20)
                assert not reader.is_alive()
                assert [b"".join(p if isinstance(p, bytes) else p.encode() for p in got[0])] in ([b"begin"], [b""])
            assert server.closed.wait(20)


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_closing_the_texts_of_a_stream_wakes_their_reader(dialect: str) -> None:
    with Stepwise(DIALECTS[dialect][0], "text/event-stream") as server:
        client = wenwen.Client(api_key="sk-1", base_url=server.base_url, max_retries=0)
        server.step(0)
        with stream_of(client, dialect, "text_stream") as helper:
            texts, got, first = helper.text_stream, [], threading.Event()

            def read() -> None:
                for text in texts:
                    got.append(text)
                    first.set()

            reader = threading.Thread(target=read)
            reader.start()
            assert first.wait(20)
            texts.close()
            reader.join(20)
            assert not reader.is_alive()
            assert (got, next(texts, None)) == (WORDS[:1], None)
            assert server.closed.wait(20)


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_closing_the_texts_of_an_async_stream_wakes_their_reader(dialect: str) -> None:
    async def main() -> None:
        with Stepwise(DIALECTS[dialect][0], "text/event-stream") as server:
            client = wenwen.AsyncClient(api_key="sk-1", base_url=server.base_url, max_retries=0)
            server.step(0)
            async with stream_of(client, dialect, "text_stream") as helper:
                texts, got, first = helper.text_stream, [], asyncio.Event()

                async def read() -> None:
                    async for text in texts:
                        got.append(text)
                        first.set()

                reader = asyncio.create_task(read())
                await asyncio.wait_for(first.wait(), 20)
                await texts.aclose()
                await asyncio.wait_for(reader, 20)
                assert got == WORDS[:1] and await anext(texts, None) is None
                assert await asyncio.to_thread(server.closed.wait, 20)

    asyncio.run(main())


PIECES: dict[str, Callable[[Any], Any]] = {
    "bytes": lambda reply: reply.iter_bytes(),
    "bytes of a size": lambda reply: reply.iter_bytes(2),
    "text": lambda reply: reply.iter_text(),
    "lines": lambda reply: reply.iter_lines(),
}


@pytest.mark.parametrize("way", PIECES)
def test_closing_what_is_read_piece_by_piece_wakes_its_reader(way: str) -> None:
    """With the pieces that were whole."""
    with Stepwise([b"begi\nn", b"more"], "text/plain") as server:
        client = wenwen.Client(api_key="sk-1", base_url=server.base_url, max_retries=0)
        with client.responses.with_streaming_response.create(**HELLO) as reply:
            pieces, got, first = PIECES[way](reply), [], threading.Event()
            server.step(0)

            def read() -> None:
                for piece in pieces:
                    got.append(piece)
                    first.set()

            reader = threading.Thread(target=read)
            reader.start()
            assert first.wait(20)
            pieces.close()
            reader.join(20)
            assert not reader.is_alive()
            assert next(pieces, None) is None
            pieces.close()
        assert server.closed.wait(20)
    whole = {"bytes": [b"begi\nn"], "bytes of a size": [b"be", b"gi", b"\nn"], "text": ["begi\nn"], "lines": ["begi"]}
    assert got == whole[way][: len(got)]


@pytest.mark.parametrize("way", [way for way in PIECES if way != "bytes"])
def test_closing_what_is_read_piece_by_piece_wakes_its_task(way: str) -> None:
    async def main(server: Stepwise) -> None:
        client = wenwen.AsyncClient(api_key="sk-1", base_url=server.base_url, max_retries=0)
        async with client.responses.with_streaming_response.create(**HELLO) as reply:
            pieces, got, first = PIECES[way](reply), [], asyncio.Event()
            server.step(0)

            async def read() -> None:
                async for piece in pieces:
                    got.append(piece)
                    first.set()

            reader = asyncio.create_task(read())
            await asyncio.wait_for(first.wait(), 20)
            await pieces.aclose()
            await asyncio.wait_for(reader, 20)
            assert await anext(pieces, None) is None
            await pieces.aclose()
        assert await asyncio.to_thread(server.closed.wait, 20)

    with Stepwise([b"begi\nn", b"more"], "text/plain") as server:
        asyncio.run(main(server))


CLOSED: dict[str, Callable[[Any, Any], Any]] = {
    "a file": lambda reply, path: reply.stream_to_file(path),
    "a file in pieces": lambda reply, path: reply.stream_to_file(path, chunk_size=2),
    "read": lambda reply, path: reply.read(),
    "text": lambda reply, path: reply.text(),
    "json": lambda reply, path: reply.json(),
    "parse": lambda reply, path: reply.parse(),
}


@pytest.mark.parametrize("way", CLOSED)
def test_what_was_closed_before_its_end_is_not_taken_for_whole(call: Call, tmp_path: Path, way: str) -> None:
    path = tmp_path / "speech.mp3"
    path.write_bytes(b"before")
    stalled = Reply(body=b"x" * 1000, headers={"Content-Type": "audio/mpeg"}, stall=100)
    with LocalGateway([stalled]) as gateway:
        speech = call.client(gateway).audio.speech.with_streaming_response
        with call.open(speech.create(model="tts-1", voice="alloy", input="x")) as reply:
            closer = threading.Timer(0.05, reply._body.close)
            closer.start()
            with pytest.raises(wenwen.IncompleteStreamError, match="closed before its end"):
                call.wait(CLOSED[way](reply, path))
            closer.join()
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == b"before"


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs signals for a thread")
@pytest.mark.parametrize("debug", [False, True])
def test_ctrl_c_that_does_not_wake_the_loop(debug: bool) -> None:
    """It comes as the loop is about to wait, or another thread gets it: here surely that."""
    signal.set_wakeup_fd(-1)
    with LocalGateway([Reply(delay=600)]) as gateway:

        def press() -> None:
            gateway.wait_until(lambda: gateway.requests, 20)
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)

        thread = threading.Thread(target=press)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(gateway.async_client(timeout=60).responses.create(**HELLO), debug=debug)
        thread.join()
        gateway.wait_closed()
    assert signal.set_wakeup_fd(-1) == -1  # as it was


def test_who_hears_signals_already_goes_on_hearing_them() -> None:
    hears, rings = socket.socketpair()
    with hears, rings, LocalGateway() as gateway:
        rings.setblocking(False)
        signal.set_wakeup_fd(rings.fileno())
        try:
            asyncio.run(gateway.async_client().responses.create(**HELLO))
            old = signal.signal(signal.SIGUSR1, lambda *_: None)
            os.kill(os.getpid(), signal.SIGUSR1)
            signal.signal(signal.SIGUSR1, old)
            assert hears.recv(1) == bytes([signal.SIGUSR1])
        finally:
            assert signal.set_wakeup_fd(-1) == rings.fileno()
