"""What calls leave behind: a short run of `tests/soak`, and what it found."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
SOAK = Path(__file__).parents[1] / "soak"
linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts in /proc")


@pytest.mark.slow
@linux
def test_a_short_soak(tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(wenwen.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    counts = ["--requests", "2400", "--streams", "600", "--errors", "600", "--rounds", "12"]
    # Memory has not settled after so few calls, nor has the gateway's journal; of connections each thread keeps some.
    limits = ["--noise", "30", "--spare", "80"]
    done = subprocess.run(
        [sys.executable, str(SOAK), *counts, *limits, "--out", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Flat." in (tmp_path / "table.txt").read_text()


class Service:
    """Knows its client, whose key comes from the service: a circle."""

    def __init__(self, call: Call, gateway: LocalGateway) -> None:
        self.client = call.client(gateway, api_key=self.key)
        self.kept: list[Any] = []

    def key(self) -> str:
        return "sk-1"


def test_circles_through_a_keys_function_are_collected(call: Call, gateway: LocalGateway) -> None:
    service = Service(call, gateway)
    service.kept.append(service.client.with_options(timeout=3))
    call(service.client, **HELLO)
    gone = weakref.ref(service)
    del service
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("what", ["reply", "raw", "raw stream", "stream", "body"])
def test_circles_through_what_a_call_gave_are_collected(call: Call, gateway: LocalGateway, what: str) -> None:
    service = Service(call, gateway)
    responses = service.client.responses
    if what == "reply":
        service.kept.append(call(service.client, **HELLO))
    elif what == "stream":
        service.kept.append(call(service.client, stream=True, **HELLO))
    elif what == "body":
        manager = responses.with_streaming_response.create(**HELLO)
        service.kept.append(call.wait(manager.__aenter__()) if call.is_async else manager.__enter__())
        del manager
    else:
        options = {"stream": True} if what == "raw stream" else {}
        service.kept.append(call.wait(responses.with_raw_response.create(**HELLO, **options)))
    gone = weakref.ref(service)
    del service, responses
    gc.collect()
    assert gone() is None


def test_circles_of_objects_are_collected(call: Call, gateway: LocalGateway) -> None:
    reply = call(gateway, **HELLO)
    reply.itself = [reply]
    gone = weakref.ref(reply)
    del reply
    gc.collect()
    assert gone() is None


@linux
def test_limits_of_connecting_leave_no_connections(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    for number in range(100):
        call(client, **HELLO, timeout=wenwen.Timeout(30, connect=5 + number / 1000))
    # Sync calls close what they no longer need when the next one begins.
    call(client, **HELLO)
    call(client, **HELLO)
    gateway.wait_until(lambda: gateway.open_connections < 50)


def test_many_ways_at_once(call: Call, gateway: LocalGateway) -> None:
    """A way that was given up while a call is on it serves that call to its end."""
    gateway.script(Reply(events=None, chunk_delay=0.01))
    stream = call(call.client(gateway), stream=True, **HELLO)
    for number in range(40):
        call(call.client(gateway), **HELLO, timeout=wenwen.Timeout(30, connect=5 + number / 1000))
    assert [event.type for event in call.each(stream)][-1] == "response.completed"
