"""Transports for httpx and httpx2, whichever a request is of: neither is imported here."""

from __future__ import annotations

import sys
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .._core import Relay, hide
from .._loop import _more

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import TracebackType
    from typing import Self

    import httpx2
    from httpx import AsyncBaseTransport, BaseTransport

    from .._core import Settings

    class _Base(BaseTransport, AsyncBaseTransport, httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def handle_request(self, request: Any) -> Any: ...
        async def handle_async_request(self, request: Any) -> Any: ...

else:
    _Base = object  # by what it does alone: anthropic refuses whatever derives from a class of httpx

# Of the call whose attempts this thread or task makes: when it began, and which attempt of what was the last. A peer's
# retry says which it is, not of what.
_attempt: ContextVar[tuple[float, int, str]] = ContextVar("attempt")
_RETRY = "x-stainless-retry-count"


class Transport(_Base):
    """For the clients of httpx and httpx2, sync and, in event loops of asyncio's kind, async: frameworks make both with
    the same options."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def handle_request(self, request: Any) -> Any:
        """Sends a request of httpx or httpx2."""
        relay, httpx = _begin(self._settings, request, _key(self._settings))
        try:
            if not _is_here(request, httpx) and all(relay.put(piece) for piece in request.stream):
                relay.finish()
            head = relay.next()
        except BaseException:
            relay.close()
            raise
        return _response(httpx, request, head, _classes(httpx)[0](relay, request))

    async def handle_async_request(self, request: Any) -> Any:
        """The same; cancelling the task closes the connection."""
        key = _key(self._settings)
        if key is not None and hasattr(key, "__await__"):
            key = hide(await key)[0]
        relay, httpx = _begin(self._settings, request, key)
        try:
            if not _is_here(request, httpx):
                async for piece in request.stream:
                    while (taken := relay.offer(piece)) is None:
                        await _more(relay)
                    if not taken:
                        break
                else:
                    relay.finish()
            while (head := relay.take()) is relay:
                await _more(relay)
        except BaseException:
            relay.close()
            raise
        return _response(httpx, request, head, _classes(httpx)[1](relay, request))

    def close(self) -> None:
        """Nothing to do: connections belong to the process."""

    async def aclose(self) -> None:
        """As `close`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None: ...

    def __repr__(self) -> str:
        return f"<Transport of {self._settings.root!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Without the key, as a client."""
        return _rebuild, (self._settings.options(),)

    def __copy__(self) -> Self:
        return self  # configuration alone

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class _Body:
    """The body of a reply as its bytes come; what was compressed still is."""

    def __init__(self, relay: Relay, request: Any) -> None:
        self._relay = relay
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        relay = self._relay
        try:
            while (piece := relay.next()) is not None:
                if piece.__class__ is not bytes:
                    raise _failure(self._request, piece)
                yield piece
        finally:
            relay.close()

    def close(self) -> None:
        """Ends the connection, unless the body has been read to its end."""
        self._relay.close()


class _AsyncBody:
    """The same, awaited."""

    def __init__(self, relay: Relay, request: Any) -> None:
        self._relay = relay
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        relay = self._relay
        try:
            while (piece := relay.take()) is not None:
                if piece is relay:
                    await _more(relay)
                elif piece.__class__ is bytes:
                    yield piece
                else:
                    raise _failure(self._request, piece)
        finally:
            relay.close()

    async def aclose(self) -> None:
        """As `_Body.close`."""
        self._relay.close()


def _key(settings: Settings) -> Any:
    """What the client's own function says of the key, hidden, or to be awaited; None where the key is known."""
    key = settings.key
    if not callable(key):
        return None
    key = key()
    return key if hasattr(key, "__await__") else hide(key)[0]


def _begin(settings: Settings, request: Any, key: Any) -> tuple[Relay, Any]:
    """A request that is on its way, and the module that it is of."""
    httpx = _module(request)
    if hasattr(key, "__await__"):
        key.close()
        raise TypeError("an async api_key function needs an async transport: wenwen.bridge.async_transport(client)")
    url = str(request.url)
    spent = _spent(request.headers.get(_RETRY), url)
    limits: dict[str, Any] = request.extensions.get("timeout") or {}
    content = b"".join(request.stream) if _is_here(request, httpx) else None
    relay = Relay(
        settings,
        request.method,
        url,
        request.headers.raw,
        content,
        (limits.get("connect"), limits.get("read"), limits.get("write"), limits.get("pool")),
        spent,
        key,
    )
    return relay, httpx


def _spent(retry: str | None, url: str) -> float:
    """Seconds that the attempts before have used up."""
    now, number = time.monotonic(), int(retry) if retry and retry.isdecimal() else 0
    began, before, of = _attempt.get((now, 0, "")) if number else (now, 0, "")
    if (before + 1, of) != (number, url):
        began = now
    _attempt.set((began, number, url))
    return now - began


def _is_here(request: Any, httpx: Any) -> bool:
    """Whether its whole body is in memory."""
    return isinstance(request.stream, httpx.ByteStream)


def _response(httpx: Any, request: Any, head: Any, stream: Any) -> Any:
    if head.__class__ is not tuple or len(head) != 4:
        raise _failure(request, head)
    status, headers, version, reason = head
    extensions = {"http_version": version}
    if reason is not None:
        extensions["reason_phrase"] = reason
    return httpx.Response(status, headers=headers, stream=stream, extensions=extensions)


def _failure(request: Any, failure: Any) -> Exception:
    name, message = failure or ("ReadError", "the reply was closed")
    error: Exception = getattr(_module(request), name)(message, request=request)
    return error


def _module(request: Any) -> Any:
    """httpx or httpx2: what a request's class is of, or the class that it derives from."""
    for cls in type(request).__mro__:
        module = sys.modules.get(cls.__module__.partition(".")[0])
        if hasattr(module, "SyncByteStream"):
            return module
    raise TypeError(f"the request is a {type(request).__name__}: give one of httpx or httpx2")


_made: dict[str, tuple[Any, Any]] = {}


def _classes(httpx: Any) -> tuple[Any, Any]:
    """The bodies of replies as that module knows them: it asks for its own classes."""
    made = _made.get(httpx.__name__)
    if made is None:
        made = _made[httpx.__name__] = (
            type("Body", (_Body, httpx.SyncByteStream), {"__module__": __name__}),
            type("AsyncBody", (_AsyncBody, httpx.AsyncByteStream), {"__module__": __name__}),
        )
    return made


def _rebuild(options: dict[str, Any]) -> Transport:
    from .._client import checked
    from .._core import Settings

    return Transport(checked(Settings(options)))
