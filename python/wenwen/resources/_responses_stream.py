"""`client.responses.stream(...)`: a stream that also knows the whole."""

from __future__ import annotations

from ._base import Entered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from types import TracebackType
    from typing import Any

    from .._core import Headers, Stream
    from .._loop import AsyncStream
    from ..types.responses import Response, ResponseStreamEvent


class ResponseStream(Entered):
    """The events of a response, for a `with` block, which sends the request when it begins and closes the connection
    when it ends.

    Iterate over it for the events; those with a `delta` have the text up to them as `snapshot`. Or over `text_stream`
    for the answer's text alone. `get_final_response()` reads to the end and returns the whole.
    """

    __slots__ = ("_open", "_stream")

    _stream: Stream[ResponseStreamEvent]

    def __init__(self, open: Callable[[], Any]) -> None:
        self._open = open

    def __enter__(self) -> ResponseStream:
        self._stream = self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[ResponseStreamEvent]:
        return iter(self._stream)

    def __next__(self) -> ResponseStreamEvent:
        return next(self._stream)

    @property
    def text_stream(self) -> Iterator[str]:
        """The answer's text, piece by piece as it arrives."""
        for event in self._stream:
            if event.type == "response.output_text.delta":
                yield event.delta

    def until_done(self) -> ResponseStream:
        """Reads to the end."""
        for _ in self._stream:
            pass
        return self

    def get_final_response(self) -> Response:
        """The whole response, read to its end. `status` says how it ended: "completed", "incomplete" or "failed"."""
        reply: Response | None = self.until_done()._stream._reply()
        if reply is None:
            raise RuntimeError("the stream was closed before its last event")
        return reply

    @property
    def snapshot(self) -> Response | None:
        """The response as far as it has arrived; None before the first event."""
        partial: Response | None = self._stream._partial()
        return partial

    def close(self) -> None:
        """Ends the stream and its connection."""
        self._stream.close()

    @property
    def request_id(self) -> str | None:
        """The gateway's id of the request; None if it gave none."""
        return self._stream.request_id

    @property
    def headers(self) -> Headers:
        """The headers of the HTTP reply."""
        return self._stream.headers


class AsyncResponseStream(Entered):
    """The events of a response, for an `async with` block, which sends the request when it begins and closes the
    connection when it ends.

    Iterate over it for the events; those with a `delta` have the text up to them as `snapshot`. Or over `text_stream`
    for the answer's text alone. `await get_final_response()` reads to the end and returns the whole.
    """

    __slots__ = ("_open", "_stream")

    _stream: AsyncStream[ResponseStreamEvent]

    def __init__(self, open: Callable[[], Awaitable[Any]]) -> None:
        self._open = open

    async def __aenter__(self) -> AsyncResponseStream:
        self._stream = await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> AsyncIterator[ResponseStreamEvent]:
        return self._stream

    async def __anext__(self) -> ResponseStreamEvent:
        return await self._stream.__anext__()

    @property
    async def text_stream(self) -> AsyncIterator[str]:
        """The answer's text, piece by piece as it arrives."""
        async for event in self._stream:
            if event.type == "response.output_text.delta":
                yield event.delta

    async def until_done(self) -> AsyncResponseStream:
        """Reads to the end."""
        async for _ in self._stream:
            pass
        return self

    async def get_final_response(self) -> Response:
        """The whole response, read to its end. `status` says how it ended: "completed", "incomplete" or "failed"."""
        await self.until_done()
        reply: Response | None = self._stream._reply()
        if reply is None:
            raise RuntimeError("the stream was closed before its last event")
        return reply

    @property
    def snapshot(self) -> Response | None:
        """The response as far as it has arrived; None before the first event."""
        partial: Response | None = self._stream._partial()
        return partial

    async def close(self) -> None:
        """Ends the stream and its connection."""
        await self._stream.close()

    @property
    def request_id(self) -> str | None:
        """The gateway's id of the request; None if it gave none."""
        return self._stream.request_id

    @property
    def headers(self) -> Headers:
        """The headers of the HTTP reply."""
        return self._stream.headers
