"""Every way of giving a call up, at every point where a call can be: the server sees the connection close, nothing is
left behind, and the client works on.

`python tests/py/test_cancel.py` prints how long it took until the server saw it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import types
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
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
LONG = 12 * 2**20  # more than the buffers of both systems hold
ENOUGH = 2**20  # of an upload that is under way
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
    """A server that reads a little of what it is sent, nothing more until it is told, and never answers."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.base_url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.read = 0
        self.go_on = threading.Event()
        self.closed = 0.0  # when
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
                    if not piece:
                        self.closed = time.monotonic()
                    self.changed.notify_all()
                if not piece:
                    return
                if self.read > ENOUGH:
                    self.go_on.wait()

    def wait_until(self, condition: Callable[[], Any], timeout: float) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, timeout), f"{self.read} bytes, {self.closed} closed"

    def close(self) -> None:
        self.go_on.set()
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


async def stream_into_a_list(client: Any, _: Path) -> None:
    """In a sync program all of it happens in C, where nobody looks for Ctrl-C."""
    events = await got(client.responses.create(**HELLO, stream=True))
    assert [event async for event in events] if hasattr(events, "__aiter__") else list(events)


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
    "a stream that runs": Case(
        stream, [Reply(events=[DELTA] * 5000, chunk_delay=0.002, stall=4999 * len(DELTA_BYTES))]
    ),
    "a stream into a list": Case(
        stream_into_a_list,
        # Quicker than its reader, who waits for nothing, and without an end should the reader be through all the same.
        [
            Reply(
                body=DELTA_BYTES * 200_000,
                headers={"Content-Type": "text/event-stream"},
                stall=199_999 * len(DELTA_BYTES),
            )
        ],
    ),
    "a stream in a with block": Case(
        stream_in_a_with_block, [Reply(events=[{"object": "chat.completion.chunk"}] * 5000, chunk_delay=0.002)]
    ),
    "a stream helper": Case(helper, [Reply(events=[DELTA] * 5000, chunk_delay=0.002)]),
    "a body piece by piece": Case(body, [Reply(json={"x": "y" * 9000}, chunk_size=10, chunk_delay=0.02)]),
    "a body as a whole": Case(whole_body, [Reply(json={"x": "y" * 9000}, chunk_size=10, chunk_delay=0.02)]),
    "a download": Case(download, [Reply(body=bytes(50_000), chunk_size=1, chunk_delay=0.001)]),
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


@contextmanager
def no_collector() -> Iterator[None]:
    """hypothesis counts collections in a Python function: a signal that comes there raises there, and is lost."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def ctrl_c(way: Way) -> None:
    with no_collector(), pytest.raises(KeyboardInterrupt), way.acting(press):
        at_once(way.work())


def handler_that_raises(way: Way) -> None:
    def ring(*_: object) -> NoReturn:
        raise ZeroDivisionError

    old = signal.signal(signal.SIGUSR1, ring)
    try:
        killing = way.acting(lambda: os.kill(os.getpid(), signal.SIGUSR1))
        with no_collector(), pytest.raises(ZeroDivisionError), killing:
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
            assert not asyncio.all_tasks(runner.get_loop())
    gc.collect()
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
        condition = (lambda: server.read > ENOUGH) if case.slow else (lambda: case.there(gateway))
        way = Way(lambda: case.work(client, folder), lambda: server.wait_until(condition, PATIENCE))
        act(way)
        seen: list[float] = []
        if case.slow:
            server.go_on.set()
            server.wait_until(lambda: server.closed, PATIENCE)
            seen = [server.closed]
            assert server.read < LONG  # what was on its way, and no more
        elif case.closes:
            seen = [request.ended_at or 0 for request in gateway.wait_closed(case.closes, PATIENCE)]
        gateway.clear_script()
        works(gateway, is_async)
        until(lambda: python_threads() <= threads, python_threads)
        until(lambda: descriptors() <= before, lambda: (before, sorted(map(link, os.listdir("/proc/self/fd")))))
        return (max(seen) - way.began if seen else None), way.returned - way.began


def link(number: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return "-"


@pytest.mark.slow
@pytest.mark.parametrize("way", SYNC)
@pytest.mark.parametrize("case", CASES)
def test_a_sync_call(case: str, way: str, tmp_path: Path) -> None:
    give_up(CASES[case], SYNC[way], False, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("way", ASYNC)
@pytest.mark.parametrize("case", CASES)
def test_an_async_call(case: str, way: str, tmp_path: Path) -> None:
    give_up(CASES[case], ASYNC[way], True, tmp_path)


# At odd moments


@pytest.fixture
def gateway(wenwen_gateway: LocalGateway) -> LocalGateway:
    return wenwen_gateway


@contextmanager
def pressed(there: Callable[[], Any]) -> Iterator[None]:
    """Presses Ctrl-C a little later."""
    way = Way(lambda: anyio.sleep(0), lambda: (there(), time.sleep(0.1)))
    with pytest.raises(KeyboardInterrupt), way.acting(press):
        yield


def full() -> contextlib.ExitStack:
    """An address where a connection hangs: its queue is full."""
    stack = contextlib.ExitStack()
    server = stack.enter_context(socket.socket())
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    for _ in range(4):
        each = stack.enter_context(socket.socket())
        each.setblocking(False)
        each.connect_ex(server.getsockname())
    stack.port = server.getsockname()[1]  # type: ignore[attr-defined]
    return stack


def test_the_connecting(gateway: LocalGateway) -> None:
    for is_async in (False, True):
        works(gateway, is_async)
    before = descriptors()
    with full() as stack:
        options = {"api_key": "sk-1", "base_url": f"http://127.0.0.1:{stack.port}", "proxy": False}  # type: ignore[attr-defined]
        with pressed(lambda: None):
            wenwen.Client(**options).responses.create(**HELLO)

        async def main() -> None:
            with anyio.move_on_after(0.1) as scope:
                await wenwen.AsyncClient(**options).responses.create(**HELLO)
            assert scope.cancelled_caught

        run(main())
    assert wenwen.create_response(**HELLO).output_text == ANSWER
    until(lambda: descriptors() <= before, lambda: (before, descriptors()))


@pytest.mark.parametrize("what", ["stream", "raw stream", "body"])
def test_what_arrives_at_the_last_moment_is_closed(gateway: LocalGateway, what: str) -> None:
    """The reply is here and its task has not run when it is cancelled: the error's traceback would hold it open."""
    responses = gateway.async_client().responses
    errors: list[BaseException] = []

    async def main(turns: int) -> None:
        task = asyncio.create_task(
            responses.create(**HELLO, stream=True)
            if what == "stream"
            else responses.with_raw_response.create(**HELLO, stream=True)
            if what == "raw stream"
            else responses.with_streaming_response.create(**HELLO).__aenter__()
        )
        await asyncio.sleep(0)
        gateway.wait_until(lambda: len(gateway.requests) == turns + 1 and gateway.requests[turns].bytes_written)
        time.sleep(0.05)  # the loop stands still while it arrives
        for _ in range(turns):
            await asyncio.sleep(0)
        if not task.done():
            task.cancel()
        try:
            reply = await task
        except asyncio.CancelledError as error:
            errors.append(error)
        else:  # not cancelled any more
            if what == "body":
                await reply.__aexit__(None, None, None)
            else:
                await (reply.parse() if what == "raw stream" else reply).close()

    for turns in range(5):
        gateway.script(Reply(events=[DELTA] * 2, stall=len(DELTA_BYTES) + 10))
        run(main(turns))
    gateway.wait_closed(5)
    assert errors


def test_leaving_a_block_while_a_cancellation_is_on_its_way(gateway: LocalGateway) -> None:
    gateway.script(Reply(events=[DELTA] * 2, stall=len(DELTA_BYTES) + 10, times=3))
    client = gateway.async_client()

    async def work(manager: Any) -> None:
        async with manager as events:
            async for _ in events:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()  # comes at the next await: that of the block's end
                break
        await asyncio.sleep(0)

    async def main() -> None:
        for manager in (await client.responses.create(**HELLO, stream=True), client.responses.stream(**HELLO)):
            with pytest.raises(asyncio.CancelledError):
                await asyncio.create_task(work(manager))

    run(main())
    gateway.wait_closed(2)
    stream = gateway.client().responses.create(**HELLO, stream=True)

    def loop_body() -> None:
        with stream:
            for _ in stream:
                signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        loop_body()
    gateway.wait_closed(3)


# Callbacks that raise


def test_a_progress_function_and_a_bar(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C lands in the function that is told of a task, or in tqdm: the wait ends, the bar is closed."""
    closed: list[bool] = []

    class Bar:
        def __init__(self, **_: Any) -> None:
            self.n = 0

        def set_description(self, *_: Any, **__: Any) -> None:
            pass

        def refresh(self) -> None:
            signal.raise_signal(signal.SIGINT)

        def close(self) -> None:
            closed.append(True)

    auto = types.ModuleType("tqdm.auto")
    auto.tqdm = Bar  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    for progress in (True, lambda _: signal.raise_signal(signal.SIGINT)):
        task = gateway.client().midjourney.imagine(prompt="Cat")
        with pytest.raises(KeyboardInterrupt):
            task.wait(poll=0.001, progress=progress)
        assert task.wait(poll=0.001).succeeded

        async def main(progress: Any = progress) -> None:
            task = await gateway.async_client().midjourney.imagine(prompt="Cat")
            # The runner's handler cancels the main task, which this is.
            await task.wait(poll=0.001, progress=progress)

        with pytest.raises(KeyboardInterrupt):
            run(main())
    assert closed == [True, True]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_logging_handler(gateway: LocalGateway, error: type[BaseException]) -> None:
    """What it raises is nobody else's: calls whose replies arrive in the same moment have theirs."""
    import logging

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            left.pop()
            if not left:
                logger.removeHandler(self)
                raise error

    logger = logging.getLogger("wenwen")
    logger.setLevel(logging.INFO)
    client = gateway.async_client()
    loop = Strict()
    try:
        left = [1]
        logger.addHandler(Handler())
        with pytest.raises(error):
            gateway.client().responses.create(**HELLO)
        left = [1, 1, 1]
        logger.addHandler(Handler())

        async def main() -> list[str]:
            tasks = [asyncio.ensure_future(client.responses.create(**HELLO)) for _ in range(8)]
            await asyncio.sleep(0)
            gateway.wait_until(lambda: [each.ended for each in gateway.requests] == ["answered"] * 9)
            time.sleep(0.2)  # all arrive in one turn of the loop
            return [(await task).output_text for task in tasks]

        task = loop.create_task(main())
        if error is KeyboardInterrupt:  # goes through the loop, which can be run again
            with pytest.raises(KeyboardInterrupt):
                loop.run_until_complete(task)
        assert loop.run_until_complete(asyncio.wait_for(task, PATIENCE)) == [ANSWER] * 8
        assert [type(each["exception"]) for each in loop.complaints] == [error] * (error is ZeroDivisionError)
    finally:
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        loop.close()


def test_a_signal_handler_that_does_not_raise(gateway: LocalGateway) -> None:
    """It runs in the middle of the call, and may make calls of its own; the call goes on."""
    seen: list[str] = []
    old = signal.signal(signal.SIGALRM, lambda *_: seen.append(wenwen.create_response(**HELLO).output_text))
    gateway.script(Reply(delay=0.6))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        assert wenwen.create_response(**HELLO).output_text == ANSWER
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert seen == [ANSWER]


def test_a_signal_that_is_pending_already(gateway: LocalGateway) -> None:
    gateway.script(Reply(delay=0.3))

    def ask() -> None:
        signal.raise_signal(signal.SIGINT)
        wenwen.create_response(**HELLO)

    with pytest.raises(KeyboardInterrupt):
        ask()
    gateway.clear_script()
    assert wenwen.create_response(**HELLO).output_text == ANSWER


def test_inside_a_key_function(gateway: LocalGateway) -> None:
    def key() -> str:
        raise KeyboardInterrupt

    async def akey() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gateway.client(api_key=key).responses.create(**HELLO)

    def slow() -> str:
        signal.raise_signal(signal.SIGINT)
        time.sleep(30)
        return "sk-1"

    with pytest.raises(KeyboardInterrupt):
        gateway.client(api_key=slow).responses.create(**HELLO)
    for each in (key, akey):  # asyncio takes a real Ctrl-C to the main task only when the loop has its turn
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(gateway.async_client(api_key=each).responses.create(**HELLO))
    assert not gateway.requests
    assert gateway.client(api_key=lambda: "sk-1").responses.create(**HELLO).output_text == ANSWER
    assert asyncio.run(gateway.async_client().responses.create(**HELLO)).output_text == ANSWER


def test_a_call_in_another_thread_goes_on(gateway: LocalGateway) -> None:
    gateway.script(Reply(delay=0.5), Reply(delay=60))
    texts: list[str] = []
    thread = threading.Thread(target=lambda: texts.append(wenwen.create_response(**HELLO).output_text))
    thread.start()
    gateway.wait_until(lambda: gateway.requests)
    with pressed(lambda: gateway.wait_until(lambda: len(gateway.requests) == 2)):
        wenwen.create_response(**HELLO)
    thread.join(10)
    assert texts == [ANSWER]


@pytest.mark.parametrize("what", ["call", "stream", "async", "pause"])
def test_a_program_ends_as_others_do(what: str) -> None:
    """A KeyboardInterrupt that nobody catches: a traceback, and the signal's exit status."""
    scripts = {
        "call": "wenwen.create_response(model='m', input='x')",
        "stream": "list(wenwen.create_response(model='m', input='x', stream=True))",
        "async": "import asyncio; asyncio.run(wenwen.aio.create_response(model='m', input='x'))",
        "pause": "wenwen.create_response(model='m', input='x')",
    }
    replies = {"pause": Reply(status=503, headers={"Retry-After": "30"}), "stream": Reply(events=[DELTA], stall=30)}
    with LocalGateway([replies.get(what, Reply(delay=60))]) as gateway:
        package = str(Path(wenwen.__file__).parents[1])
        path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent("import wenwen; " + scripts[what])],
            env={**os.environ, **gateway.env(), "PYTHONPATH": path, "NO_PROXY": "*"},
            stderr=subprocess.PIPE,
            text=True,
        )
        gateway.wait_until(lambda: gateway.requests, 20)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)  # what it waits for takes longer
        assert process.returncode == -signal.SIGINT
        assert said.rstrip().endswith("KeyboardInterrupt")


# What is left lying about


def open_stream(gateway: LocalGateway) -> Any:
    gateway.script(Reply(events=[DELTA] * 2, stall=len(DELTA_BYTES) + 10))
    return gateway.client().responses.create(**HELLO, stream=True)


def test_streams_that_are_collected_elsewhere(gateway: LocalGateway) -> None:
    """By another thread, in a signal handler in the middle of a call, and by a weak reference's callback."""
    gone: list[str] = []

    class Ring:
        """Only the collector finds it."""

        def __init__(self, stream: Any) -> None:
            self.stream, self.ring = stream, self

    Ring(open_stream(gateway))
    thread = threading.Thread(target=gc.collect)
    thread.start()
    thread.join()
    gateway.wait_closed(1)

    Ring(open_stream(gateway))
    old = signal.signal(signal.SIGALRM, lambda *_: gc.collect())
    gateway.script(Reply(delay=0.5))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        wenwen.create_response(**HELLO)
    finally:
        signal.signal(signal.SIGALRM, old)
    gateway.wait_closed(2)

    stream, other = open_stream(gateway), open_stream(gateway)

    def callback(_: Any) -> None:
        other.close()
        gone.append(wenwen.create_response(**HELLO).output_text)

    ref = weakref.ref(stream, callback)
    del stream
    gateway.wait_closed(4)
    assert (ref(), gone) == (None, [ANSWER])


def test_coroutines_that_are_closed_by_another_thread(gateway: LocalGateway) -> None:
    """A loop that was stopped for ever; its tasks go when a thread's collector finds them."""
    client = gateway.async_client()
    gateway.script(Reply(delay=60, times=5), Reply(events=[DELTA] * 2, stall=len(DELTA_BYTES) + 10))
    loop = Strict()

    async def read() -> None:
        async for _ in await client.responses.create(**HELLO, stream=True):
            pass

    tasks = [loop.create_task(client.responses.create(**HELLO)) for _ in range(5)]
    loop.run_until_complete(asyncio.sleep(0.05))
    tasks.append(loop.create_task(read()))
    loop.run_until_complete(asyncio.sleep(0.05))
    loop.run_until_complete(loop.run_in_executor(None, gateway.wait_until, lambda: len(gateway.requests) == 6))
    for task in tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]

    def end() -> None:
        for task in tasks:
            task.get_coro().close()
        tasks.clear()
        gc.collect()

    thread = threading.Thread(target=end)
    thread.start()
    thread.join()
    gateway.wait_closed(6)
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    assert loop.complaints == []


def test_threads_that_change_all_the_time(gateway: LocalGateway) -> None:
    """Calls, streams and cancellations while the interpreter hands its lock on every microsecond."""
    client, other = gateway.client(), gateway.async_client()
    failures: list[BaseException] = []
    interval = sys.getswitchinterval()

    async def asked() -> None:
        for n in range(30):
            calls = [asyncio.create_task(other.responses.create(**HELLO, stream=k % 2 == 1)) for k in range(6)]
            await asyncio.sleep(n % 5 * 1e-3)
            for call in calls[:3]:
                call.cancel()
            results = await asyncio.gather(*calls, return_exceptions=True)
            odd = [each for each in results if isinstance(each, Exception)]
            assert odd == []

    def asks() -> None:
        for _ in range(30):
            assert client.responses.create(**HELLO).output_text == ANSWER
            for _ in client.responses.create(**HELLO, stream=True):
                break

    def work(what: Callable[[], None]) -> None:
        try:
            what()
        except BaseException as error:
            failures.append(error)

    targets = [asks, asks, asks, lambda: asyncio.run(asked()), lambda: asyncio.run(asked()), gc.collect]
    threads = [threading.Thread(target=work, args=(target,)) for target in targets]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    finally:
        sys.setswitchinterval(interval)
    assert failures == []
    gc.collect()
    gateway.wait_until(lambda: "open" not in {request.ended for request in gateway.requests})


def main() -> None:
    """Milliseconds until the server saw it; in brackets, where there is nothing to see, until the caller had it."""
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
