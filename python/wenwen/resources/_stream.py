"""What the stream helpers of all dialects share: a stream that also knows the whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from .._frames import without_frames
from .._shown import AsyncShows, Shows
from ._base import AsyncReading, Entered, Reading

if TYPE_CHECKING:
    from types import TracebackType

    from .._core import APIResponse, Headers, Stream
    from .._loop import AsyncStream

E = TypeVar("E")  # the events
R = TypeVar("R")  # the whole reply

_CLOSED = "the stream was closed before its last event"


class _Texts(Reading):
    def __init__(self, stream: Stream[Any], text: Callable[[Any], str | None]) -> None:
        self._stream = stream
        self._text = text
        self._over = False

    def __next__(self) -> str:
        try:
            while not self._over:
                if text := self._text(next(self._stream)):
                    return text
            raise StopIteration
        except BaseException as error:
            without_frames(error)
            raise

    def close(self) -> None:
        """Ends the stream too, and wakes whoever reads."""
        self._over = True
        self._stream.close()


class _AsyncTexts(AsyncReading):
    def __init__(self, stream: AsyncStream[Any], text: Callable[[Any], str | None]) -> None:
        self._stream = stream
        self._text = text
        self._over = False

    async def __anext__(self) -> str:
        try:
            while not self._over:
                if text := self._text(await self._stream.__anext__()):
                    return text
            raise StopAsyncIteration
        except BaseException as error:
            without_frames(error)
            raise

    async def aclose(self) -> None:
        """As `_Texts.close`."""
        self._over = True
        await self._stream.close()


class StreamHelper(Shows, Entered, Generic[E, R]):
    """A stream for a `with` block, which sends the request when it begins and closes the connection when it ends."""

    __slots__ = ("_open", "_stream")

    _stream: Stream[E]

    def __init__(self, open: Callable[[], Any]) -> None:
        self._open = open

    def __enter__(self) -> Self:
        self._stream = self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[E]:
        return iter(self._stream)

    def __next__(self) -> E:
        return next(self._stream)

    @staticmethod
    def _text(event: E) -> str | None:
        """The piece of the answer's text in an event, if there is one. Each dialect says."""
        raise NotImplementedError

    @property
    def text_stream(self) -> Iterator[str]:
        """The answer's text, piece by piece as it arrives."""
        return _Texts(self._stream, self._text)

    def until_done(self) -> Self:
        """Reads to the end."""
        for _ in self._stream:
            pass
        return self

    def _final(self) -> R:
        reply: R | None = self.until_done()._stream._reply()
        if reply is None:
            raise RuntimeError(_CLOSED)
        return reply

    @property
    def snapshot(self) -> R | None:
        """The reply as far as it has arrived; None before the first event."""
        partial: R | None = self._stream._partial()
        return partial

    def close(self) -> None:
        """Ends the stream and its connection."""
        self._stream.close()

    @property
    def response(self) -> APIResponse:
        """The HTTP reply whose body these are: its status and headers."""
        return self._stream.response

    @property
    def request_id(self) -> str | None:
        """The gateway's id of the request; None if it gave none."""
        return self._stream.request_id

    @property
    def workspace_id(self) -> str | None:
        """Anthropic's header for the workspace that is billed; None where there is none."""
        found: str | None = self._stream.headers.get("anthropic-workspace-id")
        return found

    @property
    def headers(self) -> Headers:
        """The headers of the HTTP reply."""
        return self._stream.headers


class AsyncStreamHelper(AsyncShows, Entered, Generic[E, R]):
    """A stream for an `async with` block, which sends the request when it begins and closes the connection when it
    ends."""

    __slots__ = ("_open", "_stream")

    _stream: AsyncStream[E]

    def __init__(self, open: Callable[[], Awaitable[Any]]) -> None:
        self._open = open

    async def __aenter__(self) -> Self:
        self._stream = await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> AsyncIterator[E]:
        return self._stream

    def __anext__(self) -> Coroutine[Any, Any, E]:
        return self._stream.__anext__()

    @staticmethod
    def _text(event: E) -> str | None:
        """The piece of the answer's text in an event, if there is one. Each dialect says."""
        raise NotImplementedError

    @property
    def text_stream(self) -> AsyncIterator[str]:
        """The answer's text, piece by piece as it arrives."""
        return _AsyncTexts(self._stream, self._text)

    async def until_done(self) -> Self:
        """Reads to the end."""
        async for _ in self._stream:
            pass
        return self

    async def _final(self) -> R:
        await self.until_done()
        reply: R | None = self._stream._reply()
        if reply is None:
            raise RuntimeError(_CLOSED)
        return reply

    @property
    def snapshot(self) -> R | None:
        """The reply as far as it has arrived; None before the first event."""
        partial: R | None = self._stream._partial()
        return partial

    async def close(self) -> None:
        """Ends the stream and its connection."""
        await self._stream.close()

    @property
    def response(self) -> APIResponse:
        """The HTTP reply whose body these are: its status and headers."""
        return self._stream.response

    @property
    def request_id(self) -> str | None:
        """The gateway's id of the request; None if it gave none."""
        return self._stream.request_id

    @property
    def workspace_id(self) -> str | None:
        """Anthropic's header for the workspace that is billed; None where there is none."""
        found: str | None = self._stream.headers.get("anthropic-workspace-id")
        return found

    @property
    def headers(self) -> Headers:
        """The headers of the HTTP reply."""
        return self._stream.headers
