"""What the soak does: each kind makes about `count` calls, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import pathlib
import struct
import tempfile
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import wenwen

KEY = "sk-soak-0123456789"
MODEL = "gpt-5"
HELLO = {"model": MODEL, "input": "Hello!"}
MESSAGES = [{"role": "user", "content": "Hello!"}]
CHAT = {"model": "gpt-4o", "messages": MESSAGES}
MESSAGE = {"model": "claude-sonnet-4-20250514", "max_tokens": 100, "messages": MESSAGES}
EMBED = {"model": "text-embedding-3-small", "input": ["one", "two", "three"], "dimensions": 64}
WAV = struct.pack(
    "<4sI4s4sIHHIIHH4sI", b"RIFF", 4036, b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", 4000
) + bytes(4000)
THREADS = 8
FLIGHT = 100


class Work:
    """The clients that all kinds share."""

    def __init__(self, urls: dict[str, str]) -> None:
        self.urls = urls
        # A call that is to be answered has the time, whatever else the machine does.
        options: dict[str, Any] = {"api_key": KEY, "proxy": False, "max_retries": 0, "timeout": 60}
        self.options = options
        self.sync = {name: wenwen.Client(base_url=url, **options) for name, url in urls.items()}
        self.aio = {name: wenwen.AsyncClient(base_url=url, **options) for name, url in urls.items()}
        self._folder = tempfile.TemporaryDirectory()
        self.wav = pathlib.Path(self._folder.name, "talk.wav")
        self.wav.write_bytes(WAV)

    def threads(self, count: int, call: Callable[[int], object]) -> int:
        """`call` from some threads, so often in all."""
        numbers = iter(range(count))
        lock = threading.Lock()

        def some(_: int) -> None:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                call(number)

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(some, range(THREADS)))
        return count

    def flight(self, count: int, call: Callable[[int], Awaitable[object]]) -> int:
        """`call` so often, many at a time, in an event loop of its own."""

        async def main() -> None:
            numbers = iter(range(count))

            async def some() -> None:
                for number in numbers:
                    await call(number)

            await asyncio.gather(*(some() for _ in range(min(FLIGHT, count))))

        asyncio.run(main())
        return count


# Requests


def sync(work: Work, count: int) -> int:
    client = work.sync["usual"]

    def call(number: int) -> None:
        reply = client.responses.create(**HELLO, as_dict=number % 2 == 0)
        assert reply["output"]

    return work.threads(count, call)


def flight(work: Work, count: int) -> int:
    client = work.aio["usual"]

    async def call(number: int) -> None:
        match number % 4:
            case 0:
                assert (await client.responses.create(**HELLO)).output_text
            case 1:
                assert (await client.chat.completions.create(**CHAT)).text
            case 2:
                assert (await client.messages.create(**MESSAGE, as_dict=True))["content"]
            case _:
                assert (await client.models.list(as_dict=True))["data"]

    return work.flight(count, call)


def embeddings(work: Work, count: int) -> int:
    client, other = work.sync["usual"], work.aio["usual"]
    work.threads(count // 2, lambda _: memoryview(client.embeddings.create(**EMBED)).tobytes())

    async def call(number: int) -> None:
        assert (await other.embeddings.create(**EMBED, as_dict=number % 2 == 0))["data"]

    return count // 2 + work.flight(count - count // 2, call)


def multipart(work: Work, count: int) -> int:
    client, other = work.sync["usual"], work.aio["usual"]

    def file(number: int) -> Any:
        return work.wav if number % 2 else ("talk.wav", WAV)

    work.threads(count // 2, lambda n: client.audio.transcriptions.create(file=file(n), model="whisper-1"))

    async def call(number: int) -> None:
        assert (await other.audio.transcriptions.create(file=file(number), model="whisper-1")).text

    return count // 2 + work.flight(count - count // 2, call)


def raw(work: Work, count: int) -> int:
    client, other = work.sync["usual"], work.aio["usual"]

    def one(number: int) -> None:
        if number % 2:
            assert client.responses.with_raw_response.create(**HELLO).parse().output_text
        else:
            with client.responses.with_streaming_response.create(**HELLO) as response:
                assert response.read()

    async def call(number: int) -> None:
        if number % 2:
            response = await other.responses.with_raw_response.create(**HELLO)
            assert response.headers and response.parse().output_text
        else:
            async with other.responses.with_streaming_response.create(**HELLO) as response:
                assert await response.read()

    work.threads(count // 2, one)
    return count // 2 + work.flight(count - count // 2, call)


def options(work: Work, count: int) -> int:
    """Clients for one call each, with keys from functions and limits that are never the same again."""

    def call(number: int) -> None:
        # No two calls have the same limit of connecting: those that were used are not kept for ever.
        limits = wenwen.Timeout(60, connect=30 + number / 1e4)
        client = work.sync["usual"].with_options(default_headers={"X-Number": str(number)}, timeout=limits)
        assert client.responses.create(**HELLO).output_text

    class Service:
        """Knows its client, whose key comes from the service: a circle, which the collector must see."""

        def __init__(self) -> None:
            self.client = wenwen.AsyncClient(**{**work.options, "api_key": self.key}, base_url=work.urls["usual"])
            self.reply: Any = None

        def key(self) -> str:
            return KEY

    async def ask(number: int) -> None:
        service = Service()
        service.reply = await service.client.responses.create(**HELLO)

    work.threads(count // 2, call)
    return count // 2 + work.flight(count - count // 2, ask)


def loops(work: Work, count: int) -> int:
    """Event loops that come and go; some of them with calls in flight."""
    client, silent = work.aio["usual"], work.aio["silent"]

    async def calls() -> None:
        await asyncio.gather(*(client.responses.create(**HELLO) for _ in range(8)))

    for _ in range(count // 8):
        asyncio.run(calls())
    loop = asyncio.new_event_loop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a coroutine that was never finished: that is what is tried
        left = [loop.create_task(silent.responses.create(**HELLO)) for _ in range(4)]
        loop.run_until_complete(asyncio.sleep(0.02))
        loop.close()
        for task in left:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        del left, task, loop
        gc.collect()
    return max(8, count // 8 * 8)


# Streams


def whole(work: Work, count: int) -> int:
    client, other = work.sync["usual"], work.aio["usual"]

    def one(number: int) -> None:
        match number % 3:
            case 0:
                assert [event.type for event in client.responses.create(**HELLO, stream=True)]
            case 1:
                with client.chat.completions.stream(**CHAT) as stream:
                    assert "".join(stream.text_stream)
            case _:
                assert list(client.messages.create(**MESSAGE, stream=True, as_dict=True))

    async def call(number: int) -> None:
        if number % 2:
            async with other.responses.stream(**HELLO) as stream:
                assert (await stream.get_final_response()).output_text
        else:
            assert [event async for event in await other.chat.completions.create(**CHAT, stream=True)]

    work.threads(count // 2, one)
    return count // 2 + work.flight(count - count // 2, call)


def dropped(work: Work, count: int) -> int:
    """Begun, read a little, and let go of while the gateway has not ended them."""
    client, other = work.sync["stalled"], work.aio["stalled"]

    def one(number: int) -> None:
        match number % 4:
            case 0:
                stream = client.responses.create(**HELLO, stream=True)
                next(stream)
                stream.close()
            case 1:
                next(client.responses.create(**HELLO, stream=True))  # nobody holds it any more
            case 2:
                with client.responses.stream(**HELLO) as helper:
                    next(iter(helper))
            case _:
                circle: list[Any] = [client.responses.create(**HELLO, stream=True, as_dict=True)]
                circle.append(circle)  # the collector's
                next(circle[0])

    async def call(number: int) -> None:
        match number % 4:
            case 0:
                stream = await other.responses.create(**HELLO, stream=True)
                await anext(stream)
                await stream.close()
            case 1:
                stream = await other.responses.create(**HELLO, stream=True)
                await anext(stream)
            case 2:

                async def read() -> None:
                    async for _ in await other.responses.create(**HELLO, stream=True):
                        begun.set()

                begun = asyncio.Event()
                task = asyncio.create_task(read())
                await begun.wait()
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            case _:
                async with other.responses.with_streaming_response.create(**HELLO, stream=True) as response:
                    async for _ in response.iter_bytes():
                        break

    work.threads(count // 2, one)
    return count // 2 + work.flight(count - count // 2, call)


# Errors


def statuses(work: Work, count: int) -> int:
    names = [name for name in work.urls if name.startswith("status ")] + ["html", "half", "hidden", "redirect"]

    def one(number: int) -> None:
        try:
            work.sync[names[number % len(names)]].responses.create(**HELLO)
        except wenwen.APIError:
            return
        raise AssertionError("no error")

    async def call(number: int) -> None:
        try:
            await work.aio[names[number % len(names)]].chat.completions.create(**CHAT, stream=number % 3 == 0)
        except wenwen.APIError:
            return
        raise AssertionError("no error")

    work.threads(count // 2, one)
    return count // 2 + work.flight(count - count // 2, call)


def broken(work: Work, count: int) -> int:
    names = ["reset", "cut", "broken", "refused"]

    def one(number: int) -> None:
        name = names[number % 4]
        try:
            for _ in work.sync[name].responses.create(**HELLO, stream=name == "broken"):
                pass
        except wenwen.APIConnectionError:
            return
        raise AssertionError("no error")

    async def call(number: int) -> None:
        name = names[number % 4]
        try:
            reply = await work.aio[name].responses.create(**HELLO, stream=name == "broken")
            async for _ in reply:
                pass
        except wenwen.APIConnectionError:
            return
        raise AssertionError("no error")

    work.threads(count // 2, one)
    return count // 2 + work.flight(count - count // 2, call)


def late(work: Work, count: int) -> int:
    """Nobody answers: a limit of time, or somebody who loses patience."""
    client = work.aio["silent"]

    async def call(number: int) -> None:
        if number % 2:
            with contextlib.suppress(wenwen.APITimeoutError):
                await client.responses.create(**HELLO, timeout=0.01)
                raise AssertionError("no error")
        else:
            task = asyncio.create_task(client.responses.create(**HELLO))
            await asyncio.sleep(0.001 * (number % 8))
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    few = count // 10

    def one(number: int) -> None:
        with contextlib.suppress(wenwen.APITimeoutError):
            work.sync["silent"].responses.create(**HELLO, timeout=0.01)
            raise AssertionError("no error")

    work.threads(few, one)
    return few + work.flight(count - few, call)


@dataclass
class Kind:
    """group: whose share it takes. part: how much of it, in percent."""

    run: Callable[[Work, int], int]
    group: str
    part: int


KINDS = {
    "sync": Kind(sync, "requests", 25),
    "flight": Kind(flight, "requests", 40),
    "embeddings": Kind(embeddings, "requests", 8),
    "multipart": Kind(multipart, "requests", 5),
    "raw": Kind(raw, "requests", 10),
    "options": Kind(options, "requests", 10),
    "loops": Kind(loops, "requests", 2),
    "whole": Kind(whole, "streams", 50),
    "dropped": Kind(dropped, "streams", 50),
    "statuses": Kind(statuses, "errors", 60),
    "broken": Kind(broken, "errors", 20),
    "late": Kind(late, "errors", 20),
}


def shares(group: str, count: int, only: list[str] | None) -> Iterator[tuple[str, int]]:
    """The kinds of a group and how many calls each makes; with `only`, these share all of it."""
    kinds = {name: kind for name, kind in KINDS.items() if kind.group == group and (not only or name in only)}
    parts = sum(kind.part for kind in kinds.values())
    for name, kind in kinds.items():
        if share := count * kind.part // parts:
            yield name, share
