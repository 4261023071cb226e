"""Ctrl-C: whatever a call is at, it ends at once, its connection closes, and the client works on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen.testing import LocalGateway, Reply

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
ANSWER = "Hi! How can I help you today?"
DELTA = {"type": "response.output_text.delta", "delta": "x"}
SOON = 1.0  # a hang guard: 50 ms is usual


@pytest.fixture
def gateway(wenwen_gateway: LocalGateway) -> LocalGateway:
    return wenwen_gateway


@contextmanager
def interrupted(
    when: Callable[[], Any], record_property: Callable[[str, object], None], error: type[BaseException]
) -> Iterator[None]:
    """Presses Ctrl-C a little after `when` is true; fails unless the body ends in `error` soon after."""
    pressed: list[float] = []

    def press() -> None:
        end = time.monotonic() + 10
        while not when() and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(0.1)
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    try:
        with pytest.raises(error):
            yield
        took = time.monotonic() - pressed[0]
    finally:
        thread.join()
    record_property("milliseconds", round(took * 1000, 1))
    print(f"{took * 1000:.1f} ms from Ctrl-C to {error.__name__}")
    assert took < SOON


Record = Callable[[str, object], None]


def test_a_sync_call(gateway: LocalGateway, record_property: Record) -> None:
    gateway.script(Reply(delay=60))
    with interrupted(lambda: gateway.requests, record_property, KeyboardInterrupt):
        wenwen.create_response(**HELLO)
    gateway.wait_closed()
    assert wenwen.create_response(**HELLO).output_text == ANSWER


def test_a_call_whose_reply_drips(gateway: LocalGateway, record_property: Record) -> None:
    gateway.script(Reply(json={"object": "response", "x": "y" * 5000}, chunk_size=1, chunk_delay=0.01))
    with interrupted(lambda: gateway.requests, record_property, KeyboardInterrupt):
        wenwen.create_response(**HELLO)
    gateway.wait_closed()
    assert wenwen.create_response(**HELLO).output_text == ANSWER


def test_a_stream_between_events(gateway: LocalGateway, record_property: Record) -> None:
    gateway.script(Reply(events=[DELTA, DELTA], stall=2 * len(event_bytes())))
    stream = wenwen.create_response(**HELLO, stream=True)
    assert [next(stream).delta for _ in range(2)] == ["x", "x"]
    with interrupted(lambda: True, record_property, KeyboardInterrupt):
        next(stream)
    gateway.wait_closed()
    assert list(stream) == []
    assert wenwen.create_response(**HELLO).output_text == ANSWER


def test_a_stream_that_runs(gateway: LocalGateway, record_property: Record) -> None:
    gateway.script(Reply(events=[DELTA] * 5000, chunk_delay=0.002))

    def read() -> None:
        with wenwen.create_response(**HELLO, stream=True) as stream:
            for _ in stream:
                pass

    with interrupted(lambda: gateway.requests, record_property, KeyboardInterrupt):
        read()
    gateway.wait_closed()
    assert wenwen.create_response(**HELLO).output_text == ANSWER


def test_before_the_first_event(gateway: LocalGateway, record_property: Record) -> None:
    gateway.script(Reply(events=[DELTA], pings=100, ping_interval=1))
    with interrupted(lambda: gateway.requests, record_property, KeyboardInterrupt):
        wenwen.create_response(**HELLO, stream=True)
    gateway.wait_closed()
    assert wenwen.create_response(**HELLO).output_text == ANSWER


def test_a_retry_pause(gateway: LocalGateway, record_property: Record) -> None:
    gateway.script(Reply(status=503, headers={"Retry-After": "30"}, times=3))
    done = lambda: gateway.requests and gateway.requests[0].ended == "answered"  # noqa: E731
    with interrupted(done, record_property, KeyboardInterrupt):
        wenwen.create_response(**HELLO)
    gateway.clear_script()
    assert len(gateway.requests) == 1
    assert wenwen.create_response(**HELLO).output_text == ANSWER


def test_a_body_read_in_pieces(gateway: LocalGateway, record_property: Record) -> None:
    gateway.script(Reply(json={"x": "y" * 5000}, chunk_size=10, chunk_delay=0.02))
    client = gateway.client()

    def read() -> None:
        with client.responses.with_streaming_response.create(**HELLO) as response:
            response.read()

    with interrupted(lambda: gateway.requests, record_property, KeyboardInterrupt):
        read()
    gateway.wait_closed()
    assert client.responses.create(**HELLO).output_text == ANSWER


def test_the_connecting(gateway: LocalGateway, record_property: Record) -> None:
    import socket

    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        held = []
        for _ in range(4):  # its queue is full: a connection hangs
            each = socket.socket()
            each.setblocking(False)
            each.connect_ex(full.getsockname())
            held.append(each)
        client = wenwen.Client(api_key="sk-1", base_url=f"http://127.0.0.1:{full.getsockname()[1]}", proxy=False)
        with interrupted(lambda: True, record_property, KeyboardInterrupt):
            client.responses.create(**HELLO)
        for each in held:
            each.close()
    assert wenwen.create_response(**HELLO).output_text == ANSWER


def test_another_signal_handler_that_raises(gateway: LocalGateway, record_property: Record) -> None:
    class AlarmError(Exception):
        pass

    def ring(*_: object) -> None:
        raise AlarmError

    old = signal.signal(signal.SIGINT, ring)
    try:
        gateway.script(Reply(delay=60))
        with interrupted(lambda: gateway.requests, record_property, AlarmError):
            wenwen.create_response(**HELLO)
    finally:
        signal.signal(signal.SIGINT, old)
    gateway.wait_closed()


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


def test_an_async_call(gateway: LocalGateway, record_property: Record) -> None:
    gateway.script(Reply(delay=60, times=3))
    client = gateway.async_client()

    async def main() -> None:
        await asyncio.gather(*(client.responses.create(**HELLO) for _ in range(3)))

    with interrupted(lambda: len(gateway.requests) == 3, record_property, KeyboardInterrupt):
        asyncio.run(main())
    gateway.wait_closed(3)
    assert asyncio.run(client.responses.create(**HELLO)).output_text == ANSWER


def test_a_call_in_another_thread_goes_on(gateway: LocalGateway, record_property: Record) -> None:
    gateway.script(Reply(delay=0.5), Reply(delay=60))
    texts: list[str] = []
    thread = threading.Thread(target=lambda: texts.append(wenwen.create_response(**HELLO).output_text))
    thread.start()
    gateway.wait_until(lambda: gateway.requests)
    with interrupted(lambda: len(gateway.requests) == 2, record_property, KeyboardInterrupt):
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
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert time.monotonic() - began < 5
        assert process.returncode == -signal.SIGINT
        assert said.rstrip().endswith("KeyboardInterrupt")


def event_bytes() -> bytes:
    return b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"x"}\n\n'
