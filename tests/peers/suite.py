"""The conftest of a translated suite: fixtures under the peer's names, async tests on one event loop."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import left_out
import ours
import pytest

LOOP = asyncio.new_event_loop()
KEYS = {"openai": "My-API-Key", "anthropic": "my-anthropic-api-key"}
SYNC, ASYNC = {"openai": ("OpenAI", "AsyncOpenAI"), "anthropic": ("Anthropic", "AsyncAnthropic")}[ours.PEER]


def pytest_configure(config: pytest.Config) -> None:
    for name in ("respx(base_url)", "respx2(base_url)", "asyncio", "inline_snapshot"):
        config.addinivalue_line("markers", name)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    LOOP.run_until_complete(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Iterator[None]:
    made = fixturedef.func
    if inspect.isasyncgenfunction(made):

        def func(*args: Any, **options: Any) -> Iterator[Any]:
            steps = made(*args, **options)
            yield LOOP.run_until_complete(anext(steps))
            LOOP.run_until_complete(anext(steps, None))

        fixturedef.func = functools.wraps(made)(func)
        del fixturedef.func.__wrapped__
    elif inspect.iscoroutinefunction(made):
        fixturedef.func = lambda *args, **options: LOOP.run_until_complete(made(*args, **options))
    yield


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    # Each test runs with the peer's own strict validation, and with aiohttp, too: nothing that there is two of here.
    items[:] = [item for item in items if not re.search(r"\[.*(strict|aiohttp)", item.nodeid)]
    for item in items:
        reason = left_out.reason(ours.PEER, item.nodeid, item.function)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def _made(name: str, request: pytest.FixtureRequest) -> Any:
    if isinstance(getattr(request, "param", True), dict):
        pytest.skip("aiohttp: there is one kind of connection")
    return ours.named(ours.PEER, name)(base_url=ours.MAIN.url, api_key=KEYS[ours.PEER])


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Any:
    return _made(SYNC, request)


@pytest.fixture
def async_client(request: pytest.FixtureRequest) -> Any:
    return _made(ASYNC, request)


@pytest.fixture
def respx2_mock() -> Iterator[Any]:
    router = ours.MockRouter()
    ours.MAIN.handler = router.answer
    yield router
    ours.MAIN.handler = None


@pytest.fixture
def respx_mock(respx2_mock: Any) -> Any:
    return respx2_mock


@pytest.fixture
def snapshot_client(http_snapshot: Any, respx2_mock: Any) -> Any:
    ours.MAIN.handler = ours.recorded(http_snapshot)
    return ours.named(ours.PEER, SYNC)(base_url=ours.MAIN.url, api_key=KEYS[ours.PEER])


@pytest.fixture
def async_snapshot_client(http_snapshot: Any, respx2_mock: Any) -> Any:
    ours.MAIN.handler = ours.recorded(http_snapshot)
    return ours.named(ours.PEER, ASYNC)(base_url=ours.MAIN.url, api_key=KEYS[ours.PEER])


@pytest.fixture(autouse=True)
def _journal(request: pytest.FixtureRequest) -> Iterator[None]:
    """What each test sent, for a comparison of what two packages send."""
    del ours.MAIN.seen[:]
    yield
    if path := os.environ.get("PEERS_JOURNAL"):
        sent = [{**each, "body": each["body"].decode("utf-8", "replace")} for each in ours.MAIN.seen]
        with Path(path).open("a") as file:
            file.write(json.dumps([request.node.nodeid, sent]) + "\n")
