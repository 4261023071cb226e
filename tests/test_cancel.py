"""Every way of giving a call up, at every point where a call can be: the server sees the connection close, nothing is
left behind, and the client works on.

`python tests/test_cancel.py` prints how long it took until the server saw it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import anyio
import pytest
import uvloop

import wenwen
from wenwen.testing import LocalGateway, Reply

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
ANSWER = "Hi! How can I help you today?"
DELTA = {"type": "response.output_text.delta", "delta": "x"}
DELTA_BYTES = b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"x"}\n\n'
LONG = 50 * 2**20
PATIENCE = 10.0  # a hang guard; the table shows what is usual


# One text for both worlds: with a sync client nothing in it ever suspends.


async def got(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def each(values: Any) -> AsyncIterator[Any]:
    if hasattr(values, "__aiter__"):
        async for value in values:
            yield value
    else:
        for value in values:
            yield value


@asynccontextmanager
async def opened(manager: Any) -> AsyncIterator[Any]:
    if hasattr(manager, "__aenter__"):
        async with manager as value:
            yield value
    else:
        with manager as value:
            yield value


def at_once(work: Coroutine[Any, Any, Any]) -> None:
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("a sync client has suspended")


# What a call is at


class Slow:
    """A server that reads 64 kB every 10 ms and never answers."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.base_url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.read = self.closed = 0
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.converse, args=(connection,))
            self.threads.append(thread)
            thread.start()

    def converse(self, connection: socket.socket) -> None:
        with connection:
            while True:
                try:
                    piece = connection.recv(65536)
                except ConnectionResetError:
                    piece = b""
                with self.changed:
                    self.read += len(piece)
                    self.closed += not piece
                    self.changed.notify_all()
                if not piece:
                    return
                time.sleep(0.01)

    def wait_until(self, condition: Callable[[], Any], timeout: float) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, timeout), f"{self.read} bytes, {self.closed} closed"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(PATIENCE)


@dataclass
class Case:
    """`there` says that the call is at the point; `closes` how many connections the server then sees closed."""

    work: Callable[[Any, Path], Coroutine[Any, Any, Any]]
    script: list[Any] = field(default_factory=list)
    there: Callable[[LocalGateway], Any] = lambda gateway: gateway.requests
    closes: int = 1
    slow: bool = False


async def reply(client: Any, _: Path) -> None:
    await got(client.responses.create(**HELLO))


async def stream(client: Any, _: Path) -> None:
    async for event in each(await got(client.responses.create(**HELLO, stream=True))):
        assert event.delta == "x"


async def stream_in_a_with_block(client: Any, _: Path) -> None:
    async with opened(await got(client.chat.completions.create(model="m", messages=[], stream=True))) as events:
        async for _ in each(events):
            pass


async def helper(client: Any, _: Path) -> None:
    async with opened(client.responses.stream(**HELLO)) as events:
        async for text in each(events.text_stream):
            assert text == "x"


async def body(client: Any, _: Path) -> None:
    async with opened(client.responses.with_streaming_response.create(**HELLO)) as response:
        async for _ in each(response.iter_bytes()):
            pass


async def whole_body(client: Any, _: Path) -> None:
    async with opened(client.responses.with_streaming_response.create(**HELLO)) as response:
        await got(response.read())


async def download(client: Any, folder: Path) -> None:
    try:
        await got(client.download(f"{client.base_url}/files/cat.png", folder / "cat.png"))
    finally:
        assert list(folder.iterdir()) == []


async def upload(client: Any, folder: Path) -> None:
    path = folder / "cat.png"
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(LONG)
    await got(client.images.edit(model="m", prompt="a cat", image=path))


async def upload_from_memory(client: Any, _: Path) -> None:
    await got(client.images.edit(model="m", prompt="a cat", image=b"\x89PNG\r\n\x1a\n" + bytes(LONG)))


async def upload_of_json(client: Any, _: Path) -> None:
    await got(client.responses.create(model="m", input="x" * LONG))


async def batches(client: Any, _: Path) -> None:
    await got(client.embeddings.create(model="m", input=["x"] * 20, batch_size=5, max_concurrency=3))


async def task(client: Any, _: Path) -> None:
    begun = await got(client.midjourney.imagine(prompt="Cat"))
    await got(begun.wait(poll=60))


async def create_and_poll(client: Any, _: Path) -> None:
    await got(client.videos.create_and_poll(model="sora-2", prompt="a cat", poll_interval_ms=60_000))


def answered(count: int) -> Callable[[LocalGateway], bool]:
    return lambda gateway: [request.ended for request in gateway.requests] == ["answered"] * count


CASES = {
    "a reply": Case(reply, [Reply(delay=60)]),
    "a reply that drips": Case(reply, [Reply(json={"x": "y" * 9000}, chunk_size=1, chunk_delay=0.01)]),
    "a retry pause": Case(reply, [Reply(status=503, headers={"Retry-After": "30"})], answered(1), 0),
    "a stream before its first event": Case(stream, [Reply(events=[DELTA], pings=100, ping_interval=1)]),
    "a stream between two events": Case(
        stream,
        [Reply(events=[DELTA] * 3, stall=2 * len(DELTA_BYTES))],
        lambda gateway: gateway.requests and gateway.requests[0].events_written,
    ),
    "a stream that runs": Case(stream, [Reply(events=[DELTA] * 5000, chunk_delay=0.002)]),
    "a stream in a with block": Case(
        stream_in_a_with_block, [Reply(events=[{"object": "chat.completion.chunk"}] * 5000, chunk_delay=0.002)]
    ),
    "a stream helper": Case(helper, [Reply(events=[DELTA] * 5000, chunk_delay=0.002)]),
    "a body piece by piece": Case(body, [Reply(json={"x": "y" * 9000}, chunk_size=10, chunk_delay=0.02)]),
    "a body as a whole": Case(whole_body, [Reply(json={"x": "y" * 9000}, chunk_size=10, chunk_delay=0.02)]),
    "a download": Case(download, [Reply(body=bytes(9000), chunk_size=10, chunk_delay=0.02)]),
    "an upload from disk": Case(upload, slow=True),
    "an upload from memory": Case(upload_from_memory, slow=True),
    "an upload of JSON": Case(upload_of_json, slow=True),
    "several requests of one call": Case(
        batches, [Reply(delay=60, times=None)], lambda gateway: len(gateway.requests) == 3, 3
    ),
    "a wait between two looks": Case(task, [], answered(2), 0),
    "a wait in a look": Case(task, [None, Reply(delay=60)], lambda gateway: len(gateway.requests) == 2),
    "create_and_poll": Case(create_and_poll, [], answered(2), 0),
}


# Ways of giving it up. Each runs the work until it is there, says so by `begin`, and ends it.


Work = Callable[[], Coroutine[Any, Any, Any]]


class Way:
    """What a way is given: the work, when to act, and where to write the time down."""

    def __init__(self, work: Work, there: Callable[[], Any]) -> None:
        self.work = work
        self.there = there
        self.began = 0.0
        self.returned = 0.0

    def begin(self) -> None:
        self.began = time.monotonic()

    @contextmanager
    def acting(self, act: Callable[[], Any]) -> Iterator[None]:
        """Acts from another thread as soon as the call is there."""

        def run() -> None:
            self.there()
            self.begin()
            act()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            self.returned = time.monotonic()
            thread.join()


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def ctrl_c(way: Way) -> None:
    with pytest.raises(KeyboardInterrupt), way.acting(press):
        at_once(way.work())


def handler_that_raises(way: Way) -> None:
    def ring(*_: object) -> NoReturn:
        raise ZeroDivisionError

    old = signal.signal(signal.SIGUSR1, ring)
    try:
        with pytest.raises(ZeroDivisionError), way.acting(lambda: os.kill(os.getpid(), signal.SIGUSR1)):
            at_once(way.work())
    finally:
        signal.signal(signal.SIGUSR1, old)


class Strict(asyncio.SelectorEventLoop):
    """A loop that keeps what it is told of as unhandled."""

    def __init__(self) -> None:
        super().__init__()
        self.complaints: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.complaints.append(context))
        self.set_debug(True)
        self.slow_callback_duration = 60


def run(main: Coroutine[Any, Any, Any]) -> None:
    loops: list[Strict] = []

    def new_loop() -> Strict:
        loops.append(Strict())
        return loops[-1]

    with asyncio.Runner(loop_factory=new_loop) as runner:
        try:
            runner.run(main)
        finally:
            gc.collect()
            # Also what a cancelled task has left on the loop.
            left = runner.get_loop()
            assert not asyncio.all_tasks(left)
    assert [loop.complaints for loop in loops] == [[]]


def task_cancel(way: Way, run: Callable[[Coroutine[Any, Any, Any]], None] = run) -> None:
    async def main() -> None:
        task = asyncio.create_task(way.work())
        await asyncio.to_thread(way.there)
        way.begin()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        way.returned = time.monotonic()

    run(main())


def on_uvloop(way: Way) -> None:
    task_cancel(way, uvloop.run)


class Bare(Strict):
    """A loop like Windows' Proactor: it watches no descriptors for us."""

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> NoReturn:
        raise NotImplementedError


def without_add_reader(way: Way) -> None:
    def run(main: Coroutine[Any, Any, Any]) -> None:
        with asyncio.Runner(loop_factory=Bare) as runner:
            runner.run(main)

    task_cancel(way, run)


def asyncio_timeout(way: Way) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(None) as limit:

                async def expire() -> None:
                    await asyncio.to_thread(way.there)
                    way.begin()
                    limit.reschedule(asyncio.get_running_loop().time())

                expiring = asyncio.create_task(expire())
                await way.work()
        way.returned = time.monotonic()
        await expiring

    run(main())


def task_group(way: Way) -> None:
    """Another task of the group fails."""

    async def fail() -> NoReturn:
        await asyncio.to_thread(way.there)
        way.begin()
        raise ZeroDivisionError

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as caught:
            async with asyncio.TaskGroup() as group:
                group.create_task(way.work())
                group.create_task(fail())
        way.returned = time.monotonic()
        assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError]

    run(main())


def anyio_scope(way: Way) -> None:
    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(way.work)
            await anyio.to_thread.run_sync(way.there)
            way.begin()
            group.cancel_scope.cancel()
        way.returned = time.monotonic()

    anyio.run(main)


def ctrl_c_in_a_loop(way: Way) -> None:
    with pytest.raises(KeyboardInterrupt), way.acting(press):
        run(way.work())


def loop_closed(way: Way) -> None:
    """Nobody cancels and nobody waits: the loop is closed and let go."""
    loop = Strict()
    task = loop.create_task(way.work())
    loop.run_until_complete(loop.run_in_executor(None, way.there))
    loop.run_until_complete(loop.shutdown_default_executor())
    way.begin()
    loop.close()
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # it was, by this test
    complaints = loop.complaints
    del task, loop
    gc.collect()
    way.returned = time.monotonic()
    assert complaints == []


uvloop.run(asyncio.sleep(0))  # it keeps some descriptors of its own

SYNC = {"Ctrl-C": ctrl_c, "a handler that raises": handler_that_raises}
ASYNC = {
    "task.cancel": task_cancel,
    "on uvloop": on_uvloop,
    "without add_reader": without_add_reader,
    "asyncio.timeout": asyncio_timeout,
    "TaskGroup": task_group,
    "anyio": anyio_scope,
    "Ctrl-C": ctrl_c_in_a_loop,
    "loop closed": loop_closed,
}


# The table


def descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0


def python_threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def until(condition: Callable[[], Any], what: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what()
        time.sleep(0.01)


def works(gateway: LocalGateway, is_async: bool) -> None:
    """A call and a stream, from a client and from the same connections."""

    async def ask(client: Any) -> None:
        assert (await got(client.responses.create(**HELLO))).output_text == ANSWER
        events = [event.type async for event in each(await got(client.responses.create(**HELLO, stream=True)))]
        assert events[-1] == "response.completed"

    if is_async:
        run(ask(gateway.async_client()))
    else:
        at_once(ask(gateway.client()))


def give_up(case: Case, act: Callable[[Way], None], is_async: bool, folder: Path) -> tuple[float | None, float]:
    """Seconds until the server saw it, and until the caller had it."""
    with LocalGateway() as gateway, contextlib.ExitStack() as stack:
        works(gateway, is_async)
        server: Any = gateway
        if case.slow:
            server = Slow()
            stack.callback(server.close)
        before, threads = descriptors(), python_threads()
        gateway.clear()
        gateway.script(*case.script)
        options: dict[str, Any] = {"base_url": server.base_url, "max_retries": 2}
        client = gateway.async_client(**options) if is_async else gateway.client(**options)
        condition = (lambda: server.read > 2**20) if case.slow else (lambda: case.there(gateway))
        way = Way(lambda: case.work(client, folder), lambda: server.wait_until(condition, PATIENCE))
        seen: list[float] = []

        def watch() -> None:
            if case.slow:
                server.wait_until(lambda: server.closed, PATIENCE)
            elif case.closes:
                gateway.wait_closed(case.closes, PATIENCE)
            else:
                return
            seen.append(time.monotonic())

        watching = threading.Thread(target=watch)
        watching.start()
        act(way)
        watching.join()
        assert bool(seen) == bool(case.closes)
        gateway.clear_script()
        works(gateway, is_async)
        until(lambda: python_threads() <= threads, python_threads)
        until(lambda: descriptors() <= before, lambda: (before, sorted(map(link, os.listdir("/proc/self/fd")))))
        return (seen[0] - way.began if seen else None), way.returned - way.began


def link(number: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return "-"


@pytest.mark.parametrize("way", SYNC)
@pytest.mark.parametrize("case", CASES)
def test_a_sync_call(case: str, way: str, tmp_path: Path) -> None:
    give_up(CASES[case], SYNC[way], False, tmp_path)


@pytest.mark.parametrize("way", ASYNC)
@pytest.mark.parametrize("case", CASES)
def test_an_async_call(case: str, way: str, tmp_path: Path) -> None:
    give_up(CASES[case], ASYNC[way], True, tmp_path)


def main() -> None:
    """Milliseconds until the server saw it; in brackets until the caller had it, where the server has nothing to see."""
    ways = [(name, act, False) for name, act in SYNC.items()] + [(name, act, True) for name, act in ASYNC.items()]
    print("| the call is at | " + " | ".join(f"{'' if a else 'sync '}{name}" for name, _, a in ways) + " |")
    print("|---" * (len(ways) + 1) + "|")
    for name, case in CASES.items():
        cells = []
        for _, act, is_async in ways:
            with tempfile.TemporaryDirectory() as folder:
                seen, returned = give_up(case, act, is_async, Path(folder))
            cells.append(f"({returned * 1e3:.0f})" if seen is None else f"{seen * 1e3:.0f}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
