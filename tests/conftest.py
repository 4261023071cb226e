"""One test, both worlds: `call` makes the same calls with `Client` and with `AsyncClient`."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen.testing import LocalGateway

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> Any:
    """A JSON file of the samples."""
    return json.loads((SAMPLES / name).read_bytes())


@pytest.hookimpl(optionalhook=True)  # pytest-xdist's
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Folders run in as many processes as there are cores, and one more, for much of it is waiting. A file that is
    named runs here: it begins at once, and `-s` and `--pdb` work."""
    if not all(Path(argument).is_dir() for argument in config.args):
        return 0
    return 1 + (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own key and proxies have no part in the tests, nor has the default client of the test before."""
    monkeypatch.setattr("wenwen._client._default", None)
    for name in list(os.environ):
        if name.startswith("WENWEN_") or name.upper() in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
            monkeypatch.delenv(name)


@pytest.fixture
def gateway() -> Iterator[LocalGateway]:
    with LocalGateway() as gateway:
        yield gateway


class Call:
    """`call(gateway, **params)` is `client.responses.create(**params)`, sync or awaited.

    `wait`, `each` and `open` stand for `await`, `async for` and `async with` where the client is an async one.
    """

    def __init__(self, runner: asyncio.Runner | None) -> None:
        self.is_async = runner is not None
        self._runner = runner

    def client(self, gateway: LocalGateway, **options: Any) -> Any:
        return gateway.async_client(**options) if self.is_async else gateway.client(**options)

    def new_client(self, **options: Any) -> Any:
        return wenwen.AsyncClient(**options) if self.is_async else wenwen.Client(**options)

    def function(self, **params: Any) -> Any:
        """The module-level function."""
        return self.wait((wenwen.aio.create_response if self.is_async else wenwen.create_response)(**params))

    def __call__(self, target: Any, **params: Any) -> Any:
        client = self.client(target) if isinstance(target, LocalGateway) else target
        return self.wait(client.responses.create(**params))

    def events(self, target: Any, **params: Any) -> list[Any]:
        return list(self.each(self(target, stream=True, **params)))

    def wait(self, value: Any) -> Any:
        if self._runner is None or not inspect.isawaitable(value):
            return value

        async def waited() -> Any:
            return await value

        return self._runner.run(waited())

    def each(self, values: Any) -> Iterator[Any]:
        if self._runner is None:
            yield from values
            return
        values = values.__aiter__()
        while True:
            try:
                value = self.wait(values.__anext__())
            except StopAsyncIteration:
                return
            yield value

    @contextlib.contextmanager
    def open(self, manager: Any) -> Iterator[Any]:
        if self._runner is None:
            with manager as value:
                yield value
            return
        value = self.wait(manager.__aenter__())
        try:
            yield value
        finally:
            self.wait(manager.__aexit__(None, None, None))


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Iterator[Call]:
    if request.param == "sync":
        yield Call(None)
    else:
        with asyncio.Runner() as runner:
            yield Call(runner)
