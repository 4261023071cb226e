"""Calls in processes and threads: forked and spawned children, pools, what a pickle holds, and how a program ends."""

from __future__ import annotations

import asyncio
import copy
import gc
import io
import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen import AsyncClient, Client
from wenwen.testing import LocalGateway, Reply

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
ANSWER = "Hi! How can I help you today?"
DELTA = {"type": "response.output_text.delta", "delta": "x"}


@pytest.fixture
def gateway(wenwen_gateway: LocalGateway) -> LocalGateway:
    return wenwen_gateway


@contextmanager
def forking() -> Iterator[None]:
    """From 3.12 on, forking with threads about is warned of."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        yield


def in_fork(work: Callable[[], None], seconds: float = 20.0) -> None:
    """Runs `work` in a forked child; fails with the child's traceback if it fails or hangs."""
    reading, writing = os.pipe()
    with forking():
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(reading)
            work()
            code = 0
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[-60000:])
        finally:
            os._exit(code)
    os.close(writing)
    end = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            os.close(reading)
            pytest.fail("the forked child hangs")
        time.sleep(0.01)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    assert os.waitstatus_to_exitcode(status) == 0, said or f"the child ended with {os.waitstatus_to_exitcode(status)}"


def ask_both(client: Client | None = None, other: AsyncClient | None = None) -> None:
    """Sync, async and streamed calls; the module's where no clients are given."""
    create = client.responses.create if client else wenwen.create_response
    acreate = other.responses.create if other else wenwen.aio.create_response

    async def main() -> None:
        replies = await asyncio.gather(*(acreate(**HELLO) for _ in range(10)))
        assert [reply.output_text for reply in replies] == [ANSWER] * 10
        assert [event.type async for event in await acreate(**HELLO, stream=True)][-1] == "response.completed"

    assert create(**HELLO).output_text == ANSWER
    assert [event.type for event in create(**HELLO, stream=True)][-1] == "response.completed"
    asyncio.run(main())
    assert create(**HELLO).output_text == ANSWER


# Fork


def test_fork_after_use(gateway: LocalGateway) -> None:
    client, other = gateway.client(), gateway.async_client()
    ask_both()
    ask_both(client, other)
    in_fork(ask_both)
    in_fork(lambda: ask_both(client, other))

    def grandchild() -> None:
        ask_both(client, other)
        in_fork(lambda: ask_both(client, other))
        ask_both(client, other)

    in_fork(grandchild)
    ask_both(client, other)


def test_fork_with_calls_and_a_stream_in_flight(gateway: LocalGateway) -> None:
    client, other = gateway.client(), gateway.async_client()
    gateway.script(Reply(delay=1.5, times=10), Reply(chunk_delay=0.02, events=[DELTA] * 100 + [_completed()]))
    with ThreadPoolExecutor(10) as pool:
        calls = [pool.submit(client.responses.create, **HELLO) for _ in range(10)]
        gateway.wait_until(lambda: len(gateway.requests) == 10)
        stream = client.responses.create(**HELLO, stream=True)
        events = [next(stream).type]

        def child() -> None:
            with pytest.raises(RuntimeError, match="belongs to the parent process"):
                for _ in stream:  # what had arrived may still be read
                    pass
            with pytest.raises(RuntimeError, match="belongs to the parent process"):
                stream.close()
            ask_both(client, other)

        in_fork(child)
        events += [event.type for event in stream]
        assert events == [DELTA["type"]] * 100 + ["response.completed"]
        assert [call.result(30).output_text for call in calls] == [ANSWER] * 10


def test_dropping_an_inherited_stream_does_not_harm_the_parent(gateway: LocalGateway) -> None:
    gateway.script(Reply(chunk_delay=0.02, events=[DELTA] * 50 + [_completed()]))
    stream = gateway.client().responses.create(**HELLO, stream=True)
    held = [stream, next(stream)]

    def child() -> None:
        nonlocal stream
        held.clear()
        del stream

    in_fork(child)
    assert len(list(held[0])) == 50


def _completed() -> dict[str, Any]:
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "x"}]}
    return {"type": "response.completed", "response": {"object": "response", "id": "r", "output": [message]}}


def test_fork_inside_a_running_loop(gateway: LocalGateway) -> None:
    other = gateway.async_client()

    async def main() -> None:
        gateway.script(Reply(delay=1.0, times=10), Reply(chunk_delay=0.02, events=[DELTA] * 60 + [_completed()]))
        calls = [asyncio.create_task(other.responses.create(**HELLO)) for _ in range(10)]
        await asyncio.to_thread(gateway.wait_until, lambda: len(gateway.requests) == 10)
        stream = await other.responses.create(**HELLO, stream=True)
        count = 1 if await anext(stream) else 0

        def child() -> None:
            async def read() -> None:
                async for _ in stream:
                    pass

            ask_both(gateway.client(), other)  # asyncio knows that the parent's loop is not the child's
            for call in calls:
                call.get_coro().close()  # as at the child's end: it must not reach into the parent's runtime
            with pytest.raises(RuntimeError, match="belongs to the parent process"):
                asyncio.run(read())

        await asyncio.to_thread(in_fork, child)
        in_fork(child)
        async for _ in stream:
            count += 1
        assert count == 61
        assert [reply.output_text for reply in await asyncio.gather(*calls)] == [ANSWER] * 10

    asyncio.run(main())


def test_forks_from_a_busy_process(gateway: LocalGateway) -> None:
    """Threads and a loop call on while the process forks again and again: no child inherits a lock that is held."""
    client, other = gateway.client(), gateway.async_client()
    # Before the threads: a fork in the middle of another thread's import leaves Python's import lock held.
    ask_both(client, other)
    stop = threading.Event()
    failures: list[BaseException] = []

    def busy() -> None:
        try:
            while not stop.is_set():
                client.responses.create(**HELLO)
        except BaseException as error:
            failures.append(error)

    def busy_loop() -> None:
        async def main() -> None:
            while not stop.is_set():
                await asyncio.gather(*(other.responses.create(**HELLO) for _ in range(5)))

        try:
            asyncio.run(main())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=target) for target in (busy, busy, busy_loop)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(15):
            in_fork(lambda: ask_both(client, other))
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert not failures


def test_a_forked_child_ends_without_delay(gateway: LocalGateway) -> None:
    """A child that runs its exit hooks (`sys.exit` and not `os._exit`) while its parent's threads were in calls."""
    script = """
        import os, sys, threading, time, wenwen

        def busy():
            while True:
                wenwen.create_response(model="gpt-5", input="Hello!")

        # Before the threads: a fork in the middle of another thread's import leaves Python's import lock held.
        wenwen.create_response(model="gpt-5", input="Hello!")
        for _ in range(4):
            threading.Thread(target=busy, daemon=True).start()
        time.sleep(0.1)
        fastest = 10
        for _ in range(10):
            began = time.monotonic()
            pid = os.fork()
            if pid == 0:
                wenwen.create_response(model="gpt-5", input="Hello!")
                sys.exit(3)
            _, status = os.waitpid(pid, 0)
            assert os.waitstatus_to_exitcode(status) == 3, status
            fastest = min(fastest, time.monotonic() - began)
        print(fastest)
        sys.exit(7)
    """
    done = finish(start(script, gateway))
    assert done.code == 7, done
    assert float(done.out) < 0.9, "the exit hook waited for threads that do not exist in the child"


def test_workers_that_are_forked_before_they_serve(gateway: LocalGateway) -> None:
    """Like gunicorn's: the parent has used the client and has calls and streams in flight while they work and end."""
    script = """
        import asyncio, os, sys, threading, time, traceback, wenwen, wenwen.aio
        HELLO = dict(model="gpt-5", input="Hello!")
        client, other, failures, stop = wenwen.Client(), wenwen.AsyncClient(), [], threading.Event()

        def ask():
            assert client.responses.create(**HELLO).output_text
            assert list(client.responses.create(**HELLO, stream=True))[-1].type == "response.completed"

        async def aask():
            assert (await other.responses.create(**HELLO)).output_text
            events = await other.responses.create(**HELLO, stream=True)
            assert [event.type async for event in events][-1] == "response.completed"

        def forever(work):
            try:
                while not stop.is_set():
                    work()
            except BaseException:
                failures.append(traceback.format_exc())

        async def many():
            await asyncio.gather(*(aask() for _ in range(5)))

        ask()
        asyncio.run(aask())
        threads = [threading.Thread(target=forever, args=(work,)) for work in (ask, ask, lambda: asyncio.run(many()))]
        [thread.start() for thread in threads]
        workers = []
        for _ in range(8):
            pid = os.fork()
            if pid == 0:
                try:
                    for _ in range(5):
                        ask()
                        asyncio.run(many())
                except BaseException:
                    traceback.print_exc()
                    os._exit(1)
                sys.exit(5)
            workers.append(pid)
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in workers]
        stop.set()
        [thread.join() for thread in threads]
        print(codes, failures)
        sys.exit(7)
    """
    done = finish(start(script, gateway))
    assert (done.code, done.out) == (7, f"{[5] * 8} []"), done


def test_closing_a_stream_while_a_forked_child_lives(gateway: LocalGateway) -> None:
    gateway.script(Reply(chunk_delay=0.02, events=[DELTA] * 1000))
    stream = gateway.client().responses.create(**HELLO, stream=True)
    next(stream)
    with forking():
        pid = os.fork()
    if pid == 0:
        time.sleep(20)
        os._exit(0)
    try:
        stream.close()
        gateway.wait_closed()
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def test_an_inherited_gateway(gateway: LocalGateway) -> None:
    def child() -> None:
        gateway.close()
        ask_both()

    in_fork(child)
    ask_both()


# multiprocessing


def _ask(client: Client) -> tuple[int, Any]:
    return os.getpid(), client.responses.create(**HELLO)


def _ask_plainly(_: int) -> Any:
    return wenwen.create_response(**HELLO)


def _events(_: int) -> list[Any]:
    return list(wenwen.create_response(**HELLO, stream=True))


def _ask_async(_: int) -> Any:
    return asyncio.run(wenwen.aio.create_response(**HELLO))


def _fail(body: dict[str, Any]) -> None:
    wenwen.create_response(**HELLO, extra_body=body, max_retries=0)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_process_pools(gateway: LocalGateway, method: str) -> None:
    ask_both()
    client = gateway.client()  # pickled without its key: the child finds it in the environment
    with forking(), ProcessPoolExecutor(2, multiprocessing.get_context(method)) as pool:
        for pid, reply in pool.map(_ask, [client] * 6):
            assert pid != os.getpid()
            assert type(reply) is wenwen.types.responses.Response
            assert reply.output_text == ANSWER
            assert reply.request_id
        assert pool.submit(_events, 0).result(30)[-1].response.output_text == ANSWER
        assert pool.submit(_ask_async, 0).result(30).output_text == ANSWER
    # Of one process: the connection that it has kept is the one that fails.
    with forking(), ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        assert pool.submit(_ask_plainly, 0).result(30).output_text == ANSWER
        # The kept connection, and the fresh one that stands in for it.
        gateway.script(Reply(close=True), Reply(close=True))
        gateway.script(Reply(status=429), Reply(status=400), Reply(html="<p>"), Reply(events=[DELTA]))
        classes = [
            wenwen.APIConnectionError,
            wenwen.RateLimitError,
            wenwen.BadRequestError,
            wenwen.NotAnAPIError,
        ]
        for cls in classes:
            with pytest.raises(cls) as caught:
                pool.submit(_fail, {}).result(30)
            assert type(caught.value) is cls
            assert caught.value.attempts == (2 if cls is wenwen.APIConnectionError else 1)
        with pytest.raises(wenwen.IncompleteStreamError) as broken:
            pool.submit(_events, 0).result(30)
        assert broken.value.partial is not None
        assert pool.submit(_ask, client).result(30)[1].output_text == ANSWER
    ask_both()


# Pickles


class OfOurs(pickle.Unpickler):
    """As those who do not trust a pickle restrict it: by module. A name with a dot would lead out of it."""

    def find_class(self, module: str, name: str) -> Any:
        assert module.partition(".")[0] == "wenwen" and "." not in name, f"{module}.{name}"
        return super().find_class(module, name)


def round_trip(value: Any) -> Any:
    loaded = [pickle.loads(pickle.dumps(value, 2))]  # whose bytes are text for Python's own `_codecs.encode`
    for protocol in range(3, pickle.HIGHEST_PROTOCOL + 1):
        loaded.append(OfOurs(io.BytesIO(pickle.dumps(value, protocol))).load())
    loaded += [copy.copy(value), copy.deepcopy(value)]
    assert {type(each) for each in loaded} == {type(value)}
    return loaded[0]


def test_pickles_of_replies_and_events(gateway: LocalGateway) -> None:
    reply = wenwen.create_response(**HELLO)
    again = round_trip(reply)
    assert again == reply
    assert (again.to_dict(), again.output_text) == (reply.to_dict(), ANSWER)
    assert again.request_id == reply.request_id
    assert dict(again.headers) == dict(reply.headers)
    assert type(again.output[1].content[0]) is type(reply.output[1].content[0])
    assert round_trip(reply.usage) == reply.usage
    for event in wenwen.create_response(**HELLO, stream=True):
        assert round_trip(event) == event
    raw = gateway.client().responses.with_raw_response.create(**HELLO)
    assert round_trip(raw).json() == raw.json()
    assert dict(round_trip(reply.headers)) == dict(reply.headers)
    assert round_trip(wenwen.Timeout(total=3, idle=2)) == wenwen.Timeout(total=3, idle=2)
    stream = wenwen.create_response(**HELLO, stream=True)
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(stream)


def test_pickles_of_errors(gateway: LocalGateway) -> None:
    gateway.script(Reply(status=429, headers={"Retry-After": "600"}), Reply(events=[DELTA, DELTA]))
    # The kept connection, and the fresh one that stands in for it.
    gateway.script(Reply(close=True), Reply(close=True))
    with pytest.raises(wenwen.RateLimitError) as limited:
        wenwen.create_response(**HELLO)
    again = round_trip(limited.value)
    assert str(again) == str(limited.value)
    assert again.status_code == 429
    assert again.headers["retry-after"] == "600"
    names = ("message", "code", "type", "param", "category", "request_id", "body", "attempts", "elapsed")
    assert [getattr(again, name) for name in names] == [getattr(limited.value, name) for name in names]
    with pytest.raises(wenwen.IncompleteStreamError) as broken:
        list(wenwen.create_response(**HELLO, stream=True))
    assert round_trip(broken.value).partial == broken.value.partial
    with pytest.raises(wenwen.APIConnectionError) as refused:
        wenwen.create_response(**HELLO, max_retries=0)
    assert str(round_trip(refused.value)) == str(refused.value)
    gateway.script(Reply(delay=30))
    with pytest.raises(wenwen.APITimeoutError) as late:
        wenwen.create_response(**HELLO, timeout=0.05)
    assert round_trip(late.value).limit == "total"


def test_pickles_of_the_rest(gateway: LocalGateway) -> None:
    client = gateway.client()
    raw = client.responses.with_raw_response.create(**HELLO)
    again = round_trip(raw)
    assert (again.status_code, again.content, again.headers) == (200, raw.content, raw.headers)
    speech = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello!")
    assert bytes(round_trip(speech)) == bytes(speech)
    vectors = client.embeddings.create(model="m", input=["a", "b"])
    assert round_trip(vectors) == vectors and round_trip(vectors.data[1]) == vectors.data[1]
    for timeout in (wenwen.Timeout(3, idle=None), wenwen.NO_TIMEOUT):
        assert round_trip(timeout) == timeout
    assert round_trip(raw.headers) == raw.headers
    task = client.midjourney.imagine(prompt="a cat")
    assert round_trip(task) == task
    assert OfOurs(io.BytesIO(pickle.dumps(task.action))).load() == str(task.action)
    failed = round_trip(wenwen.TaskFailedError("no", task=task, tasks=[task]))
    assert (str(failed), failed.tasks) == ("no", [task])


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_pickles_of_clients(
    gateway: LocalGateway, kind: type[Client] | type[AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = kind(
        api_key="sk-never-written-down",
        base_url=gateway.base_url,
        timeout=wenwen.Timeout(total=7, idle=3),
        max_retries=5,
        default_headers={
            "X-Title": "blue",
            "X-Tenant": "never-written",
            "Authorization": "Bearer sk-never-written-down",
        },
        default_query={"a": "1"},
        proxy=False,
    )
    dumped = pickle.dumps(client)
    assert b"never-written" not in dumped
    monkeypatch.setenv("WENWEN_API_KEY", "sk-from-the-environment")
    again = pickle.loads(dumped)
    assert type(again) is kind
    assert repr(again) == repr(client)
    assert (again.base_url, again.timeout, again.max_retries) == (client.base_url, client.timeout, 5)
    call = again.responses.create(**HELLO)
    assert (asyncio.run(call) if kind is AsyncClient else call).output_text == ANSWER
    request = gateway.last_request
    assert request is not None
    assert request.header("authorization") == "Bearer sk-from-the-environment"
    assert (request.header("x-title"), request.query) == ("blue", "a=1")
    monkeypatch.delenv("WENWEN_API_KEY")
    keyless = pickle.loads(dumped)

    def ask() -> Any:
        call = keyless.responses.create(**HELLO)
        return asyncio.run(call) if kind is AsyncClient else call

    with pytest.raises(wenwen.WenwenError, match="no API key"):
        ask()
    with_key = keyless.with_options(api_key="sk-new")
    call = with_key.responses.create(**HELLO)
    assert (asyncio.run(call) if kind is AsyncClient else call).output_text == ANSWER


def test_the_default_client_in_a_spawned_child(gateway: LocalGateway) -> None:
    done = finish(start("import wenwen; print(wenwen.create_response(model='m', input='Hello!').output_text)", gateway))
    assert (done.code, done.out) == (0, ANSWER)


# Threads


@pytest.mark.parametrize("threads", [8, 64])
def test_threads_on_one_client(gateway: LocalGateway, threads: int) -> None:
    client = gateway.client()
    barrier = threading.Barrier(threads)

    def work(n: int) -> list[Any]:
        barrier.wait(30)
        ids = [client.responses.create(**HELLO).id for _ in range(10)]
        return [*ids, len(list(client.responses.create(**HELLO, stream=True)))]

    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(work, range(threads)))
    ids = [each for result in results for each in result[:-1]]
    assert len(set(ids)) == len(ids) == threads * 10
    assert len({result[-1] for result in results}) == 1
    assert gateway.connections <= threads * 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
def test_64_threads_leave_nothing(gateway: LocalGateway) -> None:
    """Calls and streams at once, from new threads each time: descriptors and threads stay what one time takes."""
    client = gateway.client()

    def counts() -> tuple[int, int]:
        gc.collect()
        return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

    def work(n: int) -> None:
        barrier.wait(30)
        for _ in range(5):
            if n % 2:
                assert client.responses.create(**HELLO).output_text == ANSWER
            else:
                assert list(client.responses.create(**HELLO, stream=True))[-1].type == "response.completed"

    before, seen = counts(), []
    for _ in range(40):
        barrier = threading.Barrier(64)
        with ThreadPoolExecutor(64) as pool:
            list(pool.map(work, range(64)))
        seen.append(counts())
    # A call at a time has a runtime (3) and a connection, of which the gateway has the other end. How many are at once
    # is chance, so no round can be held against another; but what one in fifty calls left behind would not fit.
    assert max(seen)[0] < before[0] + 64 * 6, (before, seen)
    assert max(threads for _, threads in seen) < before[1] + 8, (before, seen)


def test_many_threads_at_first_use(gateway: LocalGateway) -> None:
    """The core is built by whoever is first."""
    script = """
        import threading, wenwen

        barrier, texts = threading.Barrier(32), []

        def work():
            barrier.wait()
            texts.append(wenwen.create_response(model="gpt-5", input="Hello!").output_text)

        threads = [threading.Thread(target=work) for _ in range(32)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        print(len(texts), len(set(texts)))
    """
    done = finish(start(script, gateway))
    assert (done.code, done.out) == (0, "32 1"), done


def test_a_subinterpreter_is_refused_in_words(gateway: LocalGateway) -> None:
    script = """
        import textwrap
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        import wenwen
        wenwen.create_response(model="gpt-5", input="Hello!")
        code = '''
        try:
            import wenwen
            wenwen.Client()
        except ImportError as error:
            print(error, flush=True)
        '''
        interpreters.run_string(interpreters.create(), textwrap.dedent(code))
        print(wenwen.create_response(model="gpt-5", input="Hello!").output_text)
    """
    done = finish(start(script, gateway))
    assert done.code == 0 and "subinterpreters" in done.out and done.out.endswith(ANSWER), done


def test_development_mode(gateway: LocalGateway) -> None:
    """`-X dev` and every warning an error, of what is left open at the end too: nothing is said."""
    script = """
        import asyncio, wenwen, wenwen.aio
        from wenwen.testing import LocalGateway
        HELLO = dict(model="gpt-5", input="Hello!")
        assert wenwen.create_response(**HELLO).output_text
        with wenwen.Client() as client, client.responses.stream(**HELLO) as stream:
            stream.get_final_response()
        stream = wenwen.create_response(**HELLO, stream=True)
        next(stream)
        gateway = LocalGateway().start()
        async def main():
            async with wenwen.AsyncClient() as client:
                task = asyncio.create_task(client.responses.create(**HELLO))
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(*(client.responses.create(**HELLO) for _ in range(20)))
                async for event in await client.responses.create(**HELLO, stream=True):
                    break
            await gateway.async_client(api_key=later).responses.create(**HELLO)
        async def later():
            return "sk-1"
        asyncio.run(main())
    """
    done = finish(start(script, gateway, "-X", "dev", "-X", "faulthandler", "-W", "error"))
    assert (done.code, done.out, done.err) == (0, "", ""), done


# Exit codes

EXITS = int(os.environ.get("WENWEN_EXITS", "6"))
# Read here: the tests have an environment without such names.
PYTHON = os.environ.get("WENWEN_PYTHON", sys.executable)
PRELUDE = """
import asyncio, sys, threading, time, random
import wenwen, wenwen.aio
HELLO = dict(model="gpt-5", input="Hello!")
def daemon(target, count=1):
    for _ in range(count):
        threading.Thread(target=target, daemon=True).start()
"""
CASES = {
    "sync calls in daemon threads": """
        def busy():
            while True:
                wenwen.create_response(**HELLO)
        daemon(busy, 4)
    """,
    "sync calls that wait": """
        def busy():
            wenwen.create_response(**HELLO, extra_headers={"X-Case": "slow"})
        daemon(busy, 8)
    """,
    "sync calls that fail": """
        def busy():
            while True:
                try:
                    wenwen.create_response(**HELLO, max_retries=0, extra_headers={"X-Case": "400"})
                except wenwen.WenwenError as error:
                    str(error)
        daemon(busy, 4)
    """,
    "sync calls of everything": """
        import dataclasses
        @dataclasses.dataclass
        class Part:
            type: str = "message"
            role: str = "user"
            content: str = "Hello!"
        class Custom(Part):
            def __getattribute__(self, name):
                sum(range(100))
                return super().__getattribute__(name)
        def busy():
            client = wenwen.Client()
            while True:
                reply = client.responses.create(model="m", input=[Part(), Custom()] * 20)
                for item in reply.output:
                    repr(item), item == item, list(item), item.to_dict()
                reply.output_text
        daemon(busy, 4)
    """,
    "key functions": """
        def key():
            sum(range(2000))
            return "sk-1"
        def busy():
            client = wenwen.Client(api_key=key)
            while True:
                client.responses.create(**HELLO)
        daemon(busy, 4)
    """,
    "sync calls with logging": """
        import logging
        logging.getLogger("wenwen").setLevel(logging.INFO)
        logging.getLogger("wenwen").addHandler(logging.FileHandler("/dev/null"))
        def busy():
            while True:
                wenwen.create_response(**HELLO)
        daemon(busy, 4)
    """,
    "streams in daemon threads": """
        def busy():
            while True:
                for event in wenwen.create_response(**HELLO, stream=True):
                    event.type
        daemon(busy, 4)
    """,
    "stream helpers in daemon threads": """
        def busy():
            client = wenwen.Client()
            while True:
                with client.responses.stream(**HELLO) as stream:
                    for event in stream:
                        repr(event)
        daemon(busy, 4)
    """,
    "a stream left open": """
        stream = wenwen.create_response(**HELLO, stream=True)
        next(stream)
    """,
    "async calls in the main thread": """
        async def main():
            tasks = [asyncio.create_task(wenwen.aio.create_response(**HELLO)) for _ in range(100)]
            await asyncio.sleep(random.random() * 0.02)
            sys.exit(7)
        asyncio.run(main())
    """,
    "a loop that is stopped": """
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)
        tasks = [loop.create_task(wenwen.aio.create_response(**HELLO)) for _ in range(100)]
        loop.run_until_complete(asyncio.sleep(random.random() * 0.02))
    """,
    "a loop in a daemon thread": """
        async def one():
            while True:
                await wenwen.aio.create_response(**HELLO)
        async def main():
            await asyncio.gather(*(one() for _ in range(20)))
        daemon(lambda: asyncio.run(main()), 2)
    """,
    "a loop with failures and key functions in a daemon thread": """
        def key():
            sum(range(2000))
            return "sk-1"
        async def akey():
            await asyncio.sleep(0)
            return key()
        async def one(client):
            while True:
                try:
                    await client.responses.create(**HELLO, extra_headers={"X-Case": "400"})
                except wenwen.WenwenError:
                    pass
        async def main():
            clients = [wenwen.AsyncClient(api_key=each, max_retries=0) for each in (key, akey, "sk-1")]
            await asyncio.gather(*(one(client) for client in clients * 5))
        daemon(lambda: asyncio.run(main()), 2)
    """,
    "streams of a loop in a daemon thread": """
        async def one():
            while True:
                async for event in await wenwen.aio.create_response(**HELLO, stream=True):
                    event.type
        async def main():
            await asyncio.gather(*(one() for _ in range(20)))
        daemon(lambda: asyncio.run(main()), 2)
    """,
    "a loop without add_reader in a daemon thread": """
        class Bare(asyncio.SelectorEventLoop):
            def add_reader(self, *_):
                raise NotImplementedError
        async def one():
            while True:
                await wenwen.aio.create_response(**HELLO)
        async def main():
            await asyncio.gather(*(one() for _ in range(20)))
        def go():
            with asyncio.Runner(loop_factory=Bare) as runner:
                runner.run(main())
        daemon(go, 2)
    """,
    "uploads in daemon threads": """
        import io, pathlib, tempfile
        file = tempfile.NamedTemporaryFile(suffix=".png")
        png = b"\\x89PNG\\r\\n\\x1a\\n" + bytes(1_000_000)
        file.write(png)
        file.flush()
        def busy(*images):
            client = wenwen.Client()
            while True:
                for image in images:
                    client.images.edit(model="m", prompt="x", image=image())
        daemon(lambda: busy(lambda: pathlib.Path(file.name), lambda: png, lambda: io.BytesIO(png)), 4)
    """,
    "uploads of a loop in a daemon thread": """
        import pathlib, tempfile
        file = tempfile.NamedTemporaryFile(suffix=".png")
        file.write(b"\\x89PNG\\r\\n\\x1a\\n" + bytes(1_000_000))
        file.flush()
        async def one():
            while True:
                await wenwen.AsyncClient().images.edit(model="m", prompt="x", image=pathlib.Path(file.name))
        async def main():
            await asyncio.gather(*(one() for _ in range(10)))
        daemon(lambda: asyncio.run(main()), 2)
    """,
    "several requests of a call in daemon threads": """
        def busy():
            while True:
                wenwen.create_embeddings(model="m", input=["x"] * 12, batch_size=2)
        daemon(busy, 4)
    """,
    "waits in daemon threads": """
        def busy():
            client = wenwen.Client()
            while True:
                client.midjourney.imagine(prompt="Cat").wait(poll=0.001, progress=repr)
        async def one():
            client = wenwen.AsyncClient()
            while True:
                await (await client.midjourney.imagine(prompt="Cat")).wait(poll=0.001)
        daemon(busy, 2)
        daemon(lambda: asyncio.run(one()))
    """,
    "bodies piece by piece in daemon threads": """
        def busy():
            client = wenwen.Client()
            while True:
                with client.responses.with_streaming_response.create(**HELLO) as response:
                    for piece in response.iter_bytes():
                        pass
        daemon(busy, 4)
    """,
    "calls that are given up in daemon threads": """
        async def one():
            while True:
                try:
                    async with asyncio.timeout(0.001):
                        await wenwen.aio.create_response(**HELLO)
                except TimeoutError:
                    pass
        async def main():
            await asyncio.gather(*(one() for _ in range(20)))
        daemon(lambda: asyncio.run(main()), 2)
    """,
    "functions that take longer than the program": """
        import types
        def key():
            time.sleep(1.3)
            return "sk-1"
        class Pipe:
            def read(self):
                time.sleep(1.3)
                return b"x"
        class Last:
            # The interpreter is at its end for so long that the threads wake up within it.
            def __del__(self, now=time.monotonic, sleep=time.sleep):
                end = now() + 1.5
                while now() < end:
                    sleep(0.01)
        client = wenwen.Client(api_key=key)
        daemon(lambda: client.responses.create(**HELLO), 2)
        daemon(lambda: wenwen.Client().images.edit(model="m", prompt="x", image=Pipe()), 2)
        sys.modules["last"] = types.ModuleType("last")
        sys.modules["last"].last = Last()
    """,
    "gateways": """
        from wenwen.testing import LocalGateway
        def answer(request):
            return {"object": "response", "output": []}
        gateways = [LocalGateway().start(), LocalGateway(answer).start()]
        clients = [gateway.client() for gateway in gateways]
        def busy():
            while True:
                for client in clients:
                    client.responses.create(**HELLO)
        daemon(busy, 2)
    """,
    "an exit hook from before that waits for what a call's thread holds": """
        import atexit
        lock = threading.Lock()
        def last():
            with lock:
                wenwen.create_response(**HELLO)
        atexit.register(last)
        import wenwen._core
        def busy():
            while True:
                with lock:
                    wenwen.create_response(**HELLO)
        daemon(busy, 4)
    """,
    "calls in an exit hook": """
        import atexit
        def last():
            wenwen.create_response(**HELLO)
        atexit.register(last)
        def busy():
            while True:
                wenwen.create_response(**HELLO)
        daemon(busy, 4)
    """,
}
END = """
time.sleep(random.random() * 0.05)
sys.exit(7)
"""


class Done:
    def __init__(self, code: int | None, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out.strip(), err.strip()

    def __repr__(self) -> str:
        return f"exit code {self.code}\n{self.out}\n{self.err[-3000:]}"


def start(script: str, gateway: LocalGateway, *flags: str) -> subprocess.Popen[str]:
    import wenwen

    package = str(Path(wenwen.__file__).parents[1])
    path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, **gateway.env(), "PYTHONPATH": path, "NO_PROXY": "*"}
    return subprocess.Popen(
        [PYTHON, *flags, "-c", textwrap.dedent(script)],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[str], seconds: float = 60.0) -> Done:
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return Done(None, out, f"it hangs\n{err}")
    return Done(process.returncode, out, err)


def run_many(script: str, gateway: LocalGateway, count: int, at_once: int = 4) -> list[Done]:
    """`count` runs of the script, some at once: a busy machine is where threads meet at odd moments."""
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda _: finish(start(script, gateway)), range(count)))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("case", CASES)
def test_a_program_ends_with_its_own_exit_code(case: str) -> None:
    def answer(request: Any) -> Any:
        wanted = request.header("x-case")
        return Reply(delay=60) if wanted == "slow" else int(wanted) if wanted else None

    script = PRELUDE + textwrap.dedent(CASES[case]) + END
    with LocalGateway(answer if "X-Case" in script else None, journal_entries=0) as gateway:
        done = run_many(script, gateway, EXITS)
    bad = [each for each in done if each.code != 7 or each.err]
    assert not bad, f"{len(bad)} of {EXITS} ended badly, the first with {bad[0]}"


COLLECTED = """
    import asyncio, faulthandler, gc, os, select, sys, time, weakref
    import wenwen, wenwen._loop

    faulthandler.enable()
    gc.disable()
    kept = []
    MODEL = {"model": "gpt-5", "input": "Hello!"}

    def make(kind, how):
        '''A client in a circle with its own key function, which nothing else holds.'''
        class Holder:
            pass
        holder = Holder()
        def key():
            str(holder), len("x"), time.time()
            return "sk-test"
        async def coroutine():
            await asyncio.sleep(0)
            return key()
        holder.client = kind(api_key=coroutine if how == "coroutine" else key, max_retries=0)
        kept.append(weakref.ref(holder))
        return holder.client

    def collect(*_):
        wenwen.Timeout(1)  # what Rust threads have dropped goes now
        gc.collect()

    def sync():
        client = make(wenwen.Client, "function")
        client.responses.create(**MODEL)
        list(client.responses.create(**MODEL, stream=True))
        client.embeddings.create(model="m", input=["a", "b"], batch_size=1)

    async def whole(how):
        await make(wenwen.AsyncClient, how).responses.create(**MODEL)

    async def streamed(how):
        async for _ in await make(wenwen.AsyncClient, how).responses.create(**MODEL, stream=True):
            pass

    async def parts(how):
        await make(wenwen.AsyncClient, how).embeddings.create(model="m", input=["a", "b"], batch_size=1)

    async def cancelled(how, turns):
        '''After so many turns of the loop; the letter that asks for the key lies in the mailbox, perhaps.'''
        task = asyncio.ensure_future(whole(how))
        for _ in range(turns):
            await asyncio.sleep(0)
        mailbox = wenwen._loop._mailboxes.get(asyncio.get_running_loop())
        if mailbox is not None:
            select.select([mailbox().fileno()], [], [], 0.1)
        del mailbox
        task.cancel()
        del task

        def later():
            for _ in range(10):
                time.sleep(0.001)
                collect()
        asyncio.get_running_loop().call_soon(later)
        for _ in range(4):
            await asyncio.sleep(0.001)

    def all_of_it():
        sync()
        for how in ("function", "coroutine"):
            for run in (whole, streamed, parts):
                asyncio.run(run(how))

    all_of_it()  # imports what it needs
    gc.freeze()  # what is here already need not be looked at
    sys.setprofile(collect)
    sys.settrace(lambda *_: collect)
    all_of_it()
    sys.setprofile(None)
    sys.settrace(None)
    for how in ("function", "coroutine"):
        for turns in (1, 1, 1, 1, 2, 3):
            asyncio.run(cancelled(how, turns))
    gc.unfreeze()
    collect()
    assert len(kept) == 26, len(kept)
    assert not any(ref() for ref in kept), "a client is left"
    print("alive")
"""


@pytest.mark.slow
def test_the_collector_at_every_step(gateway: LocalGateway) -> None:
    """It must not take what a call in flight is about to use; where it does, the process crashes."""
    done = finish(start(COLLECTED, gateway))
    assert (done.code, done.out) == (0, "alive"), done
