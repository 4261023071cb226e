"""Calls under event loops: many at once, loop after loop, other loops, cancelled, closed under a call."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest
import uvloop

import wenwen
from wenwen import AsyncClient
from wenwen.testing import LocalGateway, Reply, Request

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
ANSWER = "Hi! How can I help you today?"


class Bare(asyncio.SelectorEventLoop):
    """A loop like Windows' Proactor: it watches no descriptors."""

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:
        raise NotImplementedError


class Strict(asyncio.SelectorEventLoop):
    """A loop that keeps what it is told of as unhandled."""

    def __init__(self) -> None:
        super().__init__()
        self.complaints: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.complaints.append(context))


LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.SelectorEventLoop,
    "uvloop": uvloop.new_event_loop,
    "bare": Bare,
}


@pytest.fixture(params=list(LOOPS))
def new_loop(request: pytest.FixtureRequest) -> Callable[[], asyncio.AbstractEventLoop]:
    return LOOPS[request.param]


@pytest.fixture
def gateway(wenwen_gateway: LocalGateway) -> LocalGateway:
    return wenwen_gateway


def run(main: Coroutine[Any, Any, Any], new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None) -> Any:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main)


def open_fds() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def helper_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "wenwen-mailbox"]


def until(condition: Callable[[], Any], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


async def many(client: AsyncClient | None, count: int) -> None:
    create = wenwen.aio.create_response if client is None else client.responses.create
    replies = await asyncio.gather(*(create(model="gpt-5", input=f"Say {n}") for n in range(count)))
    assert len(replies) == count
    assert len({reply.id for reply in replies}) == count
    assert all(reply.status == "completed" for reply in replies)


# Many at once, loop after loop


@pytest.mark.slow
def test_a_thousand_at_once_twice(gateway: LocalGateway, new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    client = gateway.async_client()
    for _ in range(2):
        run(many(None, 1000), new_loop)
    run(many(client, 100), new_loop)
    run(many(client, 100), new_loop)
    assert sorted({request.ended for request in gateway.requests}) == ["answered"]
    assert len(gateway.requests) == 2200


def test_each_reply_reaches_its_own_caller() -> None:
    def echo(request: Request) -> dict[str, Any]:
        return {"object": "response", "id": request.json()["input"]}

    with LocalGateway(echo) as gateway:
        client = gateway.async_client()

        async def one(n: int) -> None:
            assert (await client.responses.create(model="m", input=f"n{n}")).id == f"n{n}"

        async def main() -> None:
            await asyncio.gather(*map(one, range(300)))

        run(main())


def test_asyncio_run_and_uvloop_run(gateway: LocalGateway) -> None:
    client = gateway.async_client()
    asyncio.run(many(client, 20))
    uvloop.run(many(client, 20))
    asyncio.run(many(client, 20))


def test_a_loop_in_each_of_8_threads(gateway: LocalGateway, new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    client = gateway.async_client()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(2):
                run(many(client, 50), new_loop)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert len(gateway.requests) == 800


def test_one_loop_among_other_loops_at_the_same_time(gateway: LocalGateway) -> None:
    """A loop is closed while another one in another thread has calls in flight."""
    gateway.script(Reply(delay=0.5, times=10))
    client = gateway.async_client()
    thread = threading.Thread(target=run, args=(many(client, 10),))
    thread.start()
    gateway.wait_until(lambda: len(gateway.requests) == 10)
    for _ in range(5):
        run(many(client, 5))
    thread.join(30)
    assert [request.ended for request in gateway.requests[:10]] == ["answered"] * 10


def test_streams_at_once(gateway: LocalGateway, new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    client = gateway.async_client()

    async def one() -> str:
        text = ""
        async for event in await client.responses.create(**HELLO, stream=True):
            if event.type == "response.output_text.delta":
                text += event.delta
        return text

    async def main() -> list[str]:
        return await asyncio.gather(*(one() for _ in range(100)))

    assert set(run(main(), new_loop)) == {ANSWER}


# asyncio's ways of waiting


def test_timeout_task_group_create_task(
    gateway: LocalGateway, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    client = gateway.async_client()

    async def main() -> None:
        gateway.script(Reply(delay=30))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.responses.create(**HELLO)
        gateway.script(Reply(delay=30))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.responses.create(**HELLO), 0.1)
        await asyncio.to_thread(gateway.wait_closed, 2)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(client.responses.create(**HELLO)) for _ in range(10)]
        assert [task.result().output_text for task in tasks] == [ANSWER] * 10

        # One fails: the others are cancelled, and their connections close.
        gateway.script(Reply(delay=30, times=4), 400)

        async def group_of_five() -> None:
            async with asyncio.TaskGroup() as group:
                for _ in range(4):
                    group.create_task(client.responses.create(**HELLO))
                await asyncio.to_thread(gateway.wait_until, lambda: len(gateway.requests) == 16)
                group.create_task(client.responses.create(**HELLO))

        with pytest.raises(ExceptionGroup) as caught:
            await group_of_five()
        assert [type(error) for error in caught.value.exceptions] == [wenwen.BadRequestError]
        await asyncio.to_thread(gateway.wait_closed, 6)

        task = asyncio.create_task(client.responses.create(**HELLO))
        assert (await task).output_text == ANSWER
        assert (await asyncio.shield(client.responses.create(**HELLO))).output_text == ANSWER
        first, _ = await asyncio.wait([asyncio.create_task(client.responses.create(**HELLO)) for _ in range(3)])
        assert len(first) == 3
        done = [await each for each in asyncio.as_completed([client.responses.create(**HELLO) for _ in range(3)])]
        assert len(done) == 3
        results = await asyncio.gather(client.responses.create(**HELLO), client.get("/x"), return_exceptions=True)
        assert results[0].output_text == ANSWER
        assert isinstance(results[1], wenwen.APIError)

    run(main(), new_loop)


def test_cancelling_before_the_start_and_after_the_end(gateway: LocalGateway) -> None:
    client = gateway.async_client()

    async def main() -> None:
        task = asyncio.create_task(client.responses.create(**HELLO))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # Cancelled when the reply is here already but its task has not run.
        task = asyncio.create_task(client.responses.create(**HELLO))
        await asyncio.sleep(0)
        time.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await client.responses.create(**HELLO)).output_text == ANSWER

    run(main())
    assert len(gateway.requests) == 2


@pytest.mark.parametrize("how", ["close", "with", "drop", "break"])
def test_leaving_a_stream_closes_the_connection(
    gateway: LocalGateway, new_loop: Callable[[], asyncio.AbstractEventLoop], how: str
) -> None:
    client = gateway.async_client()
    gateway.script(Reply(chunk_delay=0.05, events=[{"type": "response.output_text.delta", "delta": "x"}] * 500))

    async def main() -> None:
        stream = await client.responses.create(**HELLO, stream=True)
        assert (await anext(stream)).delta == "x"

        if how == "close":
            await stream.close()
            await stream.close()
            assert [event async for event in stream] == []
        elif how == "with":
            async with stream:
                await anext(stream)
        elif how == "break":
            async for _ in stream:
                break
            del stream
        else:
            del stream
        gc.collect()
        await asyncio.to_thread(gateway.wait_closed, 1)
        assert (await client.responses.create(**HELLO)).output_text == ANSWER

    run(main(), new_loop)


def test_two_tasks_cannot_read_one_stream(gateway: LocalGateway) -> None:
    gateway.script(Reply(events=['data: {"type":"response.created"}\n\n'], stall=40))
    client = gateway.async_client()

    async def main() -> None:
        stream = await client.responses.create(**HELLO, stream=True)
        await anext(stream)
        task = asyncio.create_task(anext(stream))
        await asyncio.sleep(0.05)
        with pytest.raises(RuntimeError, match="read already"):
            await anext(stream)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    gateway.wait_closed()


# anyio


def test_anyio(gateway: LocalGateway) -> None:
    client = gateway.async_client()

    async def main() -> None:
        texts: list[str] = []

        async def one() -> None:
            texts.append((await client.responses.create(**HELLO)).output_text)

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(one)
        assert texts == [ANSWER] * 20

        gateway.script(Reply(delay=60))
        with pytest.raises(TimeoutError), anyio.fail_after(0.1):
            await client.responses.create(**HELLO)
        gateway.script(Reply(delay=60))
        with anyio.move_on_after(0.1) as scope:
            await client.responses.create(**HELLO)
        assert scope.cancelled_caught
        await anyio.to_thread.run_sync(gateway.wait_closed, 2)

        # A stream in a scope that is cancelled from beside it.
        gateway.script(Reply(chunk_delay=0.05, events=[{"type": "response.output_text.delta", "delta": "x"}] * 500))
        async with anyio.create_task_group() as group:

            async def read() -> None:
                async for _ in await client.responses.create(**HELLO, stream=True):
                    pass

            group.start_soon(read)
            await anyio.sleep(0.2)
            group.cancel_scope.cancel()
        await anyio.to_thread.run_sync(gateway.wait_closed, 3)
        assert (await client.responses.create(**HELLO)).output_text == ANSWER
        # A sync call from a worker thread of anyio's.
        sync = gateway.client()
        reply = await anyio.to_thread.run_sync(lambda: sync.responses.create(**HELLO))
        assert reply.output_text == ANSWER

    anyio.run(main)
    anyio.run(main)
    anyio.run(main, backend_options={"use_uvloop": True})


def coroutine_by_hand(client: AsyncClient) -> None:
    client.responses.create(**HELLO).send(None)


def in_trio(client: AsyncClient) -> None:
    pytest.importorskip("trio")

    async def main() -> None:
        sync = wenwen.Client(base_url=client.base_url, api_key="sk-1", proxy=False)
        assert (await anyio.to_thread.run_sync(lambda: sync.responses.create(**HELLO))).output_text == ANSWER
        await client.responses.create(**HELLO)

    anyio.run(main, backend="trio")


@pytest.mark.parametrize("world", [coroutine_by_hand, in_trio])
def test_worlds_without_asyncio(gateway: LocalGateway, world: Callable[[AsyncClient], None]) -> None:
    with pytest.raises(RuntimeError, match=r"Under trio call a wenwen.Client in a thread: await anyio.to_thread"):
        world(gateway.async_client())


# Loops that end


def test_a_sync_call_inside_a_running_loop(gateway: LocalGateway) -> None:
    async def main() -> None:
        assert gateway.client().responses.create(**HELLO).output_text == ANSWER
        assert (await gateway.async_client().responses.create(**HELLO)).output_text == ANSWER

    run(main())


def test_a_loop_that_is_closed_with_calls_in_flight(
    gateway: LocalGateway, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Nobody cancels and nobody waits: the connections close all the same, and nothing of the loop stays."""
    client = gateway.async_client()
    run(client.responses.create(**HELLO), new_loop)
    before = open_fds()
    gateway.script(Reply(delay=60, times=10))
    loop = new_loop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loop.set_exception_handler(lambda *_: None)  # "Task was destroyed but it is pending": it was, by this test
        tasks = [loop.create_task(client.responses.create(**HELLO)) for _ in range(10)]
        loop.run_until_complete(asyncio.sleep(0.05))
        gateway.wait_until(lambda: len(gateway.requests) == 11)
        loop.run_until_complete(asyncio.sleep(0.05))
        loop.close()
        for task in tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        del tasks, task, loop
        assert until(lambda: not helper_threads())
        gc.collect()
    gateway.wait_closed(10)
    assert until(lambda: open_fds() <= before), (open_fds(), before)
    assert run(client.responses.create(**HELLO), new_loop).output_text == ANSWER


def test_a_loop_that_is_closed_with_a_stream_open(
    gateway: LocalGateway, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    client = gateway.async_client()
    event = {"type": "response.output_text.delta", "delta": "x"}
    gateway.script(Reply(chunk_delay=0.05, events=[event] * 500))

    async def main() -> Any:
        stream = await client.responses.create(**HELLO, stream=True)
        await anext(stream)
        return stream

    stream = run(main(), new_loop)

    async def go_on() -> None:
        await anext(stream)
        await stream.close()

    run(go_on(), new_loop)  # it belongs to the process, not to a loop
    gateway.wait_closed()


def test_nothing_is_left_of_many_loops(
    gateway: LocalGateway, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    client = gateway.async_client()
    run(many(client, 5), new_loop)
    assert until(lambda: not helper_threads())
    before, threads, mailboxes = open_fds(), threading.active_count(), client_mailboxes()
    for _ in range(30):
        run(many(client, 5), new_loop)
    assert until(lambda: not helper_threads())
    assert threading.active_count() <= threads
    # The connections are the process's: as many as are used at once.
    assert until(lambda: open_fds() <= before + 20), (open_fds(), before)
    # Of other tests' loops, whose errors are still shown, some may be there.
    assert until(lambda: client_mailboxes() <= max(1, mailboxes)), (client_mailboxes(), mailboxes)


def client_mailboxes() -> int:
    gc.collect()
    from wenwen import _loop

    return len(_loop._mailboxes)


def test_the_helper_thread_ends_with_its_loop(gateway: LocalGateway) -> None:
    client = gateway.async_client()
    loop = Bare()
    loop.run_until_complete(client.responses.create(**HELLO))
    assert helper_threads() == ["wenwen-mailbox"]
    loop.run_until_complete(client.responses.create(**HELLO))
    assert helper_threads() == ["wenwen-mailbox"]
    loop.close()
    assert until(lambda: not helper_threads())


def test_no_complaint_reaches_the_loop(gateway: LocalGateway) -> None:
    client = gateway.async_client()
    loops: list[Strict] = []

    def new_loop() -> Strict:
        loops.append(Strict())
        loops[-1].set_debug(True)
        loops[-1].slow_callback_duration = 60
        return loops[-1]

    async def main() -> None:
        gateway.script(Reply(delay=60, times=3), 500, 400)
        tasks = [asyncio.create_task(client.responses.create(**HELLO)) for _ in range(3)]
        await asyncio.to_thread(gateway.wait_until, lambda: len(gateway.requests) >= 3)
        with pytest.raises(wenwen.BadRequestError):
            await client.responses.create(**HELLO)
        tasks[0].cancel()
        await asyncio.sleep(0.05)
        await client.responses.create(**HELLO, stream=True)  # never read
        # The runner cancels the two that are left.

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(main(), new_loop)
        gc.collect()
    assert [loop.complaints for loop in loops] == [[]]
    gateway.wait_closed(3)


def test_a_task_that_nobody_holds_is_not_lost(gateway: LocalGateway) -> None:
    gateway.script(Reply(delay=0.3))
    done: list[str] = []

    async def fire_and_forget() -> None:
        done.append((await gateway.async_client().responses.create(**HELLO)).output_text)

    async def main() -> None:
        asyncio.ensure_future(fire_and_forget())  # noqa: RUF006
        for _ in range(8):
            await asyncio.sleep(0.1)
            gc.collect()

    run(main())
    assert done == [ANSWER]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with 3.12")
def test_eager_tasks(gateway: LocalGateway) -> None:
    client = gateway.async_client()

    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
        await many(client, 100)
        gateway.script(Reply(delay=60))
        task = asyncio.create_task(client.responses.create(**HELLO))
        await asyncio.to_thread(gateway.wait_until, lambda: len(gateway.requests) == 101)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(gateway.wait_closed)

    run(main())


@pytest.mark.slow
def test_the_loop_stays_responsive(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """1000 replies of 100 kB that arrive together do not hold the loop for one long turn: others tick in between."""
    document = {"object": "response", "output": [{"type": "message", "n": n, "text": "x" * 80} for n in range(1000)]}
    with LocalGateway(Reply(json=document, delay=0.3, times=None)) as gateway:
        client = gateway.async_client()
        between = 0

        async def main() -> None:
            nonlocal between
            tasks = [asyncio.create_task(client.responses.create(**HELLO, as_dict=True)) for _ in range(1000)]
            first = asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await first
            while not all(task.done() for task in tasks):
                between += 1
                await asyncio.sleep(0)

        run(main(), new_loop)
        assert between > 50, between  # one turn takes 2 ms of replies, or 64
