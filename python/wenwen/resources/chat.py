"""`/v1/chat/completions`: `client.chat.completions`."""

from __future__ import annotations

from collections import deque

from .._core import send
from ..types._schema import endpoint
from ..types.chat import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionCreateParams,
    ChatCompletionStreamEvent,
    content_text,
    events_of,
)
from ..types.shared import items, part
from ._base import (
    AsyncResource,
    AsyncStreamingResponse,
    Resource,
    Streaming,
    StreamingResponse,
    documented,
    kept,
    no_positional,
)
from ._stream import AsyncStreamHelper, StreamHelper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
    from typing import Any, Generic, TypeVar, Unpack

    from .._core import APIResponse, Stream
    from .._loop import AsyncStream
    from ..types._calls import CreateChatCompletion
    from ..types._parsed import ParsedChatCompletion

    T = TypeVar("T")  # a class of the user's

CREATE = endpoint(
    "chat.completions.create", reply=ChatCompletion, event=ChatCompletionChunk, params=ChatCompletionCreateParams
)

if TYPE_CHECKING:
    # The raw forms have the methods of the resource, each with the same result: R.
    R = TypeVar("R")
    _Dict = dict[str, Any]

    class RawCompletions(Generic[R]):
        create: CreateChatCompletion[R, R, R, R]

    class RawChat(Generic[R]):
        completions: RawCompletions[R]


_FIRST = (0, None, "0")  # of a choice's index


def _text(event: ChatCompletionChunk) -> str | None:
    """The text of the first choice: a chunk may have none, and another choice's."""
    for choice in items(part(event, "choices")):
        content = part(part(choice, "delta"), "content")
        if content and part(choice, "index") in _FIRST:
            return content_text(content)
    return None


class ChatCompletionStream(StreamHelper[ChatCompletionChunk, ChatCompletion]):
    """The events of a chat completion, for a `with` block, which sends the request when it begins and closes the
    connection when it ends.

    Iterate over it for the events: each chunk, then what is made of it ("content.delta" with the text so far as
    `snapshot`, "tool_calls.function.arguments.done" and others). Or over `text_stream` for the answer's text alone.
    `get_final_completion()` reads to the end and returns the whole.
    """

    __slots__ = ("_done", "_events")
    _text = staticmethod(_text)

    def __init__(self, open: Callable[[], Any]) -> None:
        super().__init__(open)
        self._done: set[int] = set()
        self._events: deque[ChatCompletionStreamEvent] = deque()

    def __iter__(self) -> Iterator[ChatCompletionStreamEvent]:  # type: ignore[override]
        return self

    def __next__(self) -> ChatCompletionStreamEvent:  # type: ignore[override]
        if not self._events:
            self._events.extend(events_of(next(self._stream), self._stream, self._done))
        return self._events.popleft()

    def get_final_completion(self) -> ChatCompletion:
        """The whole completion, read to its end."""
        return self._final()


class AsyncChatCompletionStream(AsyncStreamHelper[ChatCompletionChunk, ChatCompletion]):
    """The events of a chat completion, for an `async with` block, which sends the request when it begins and closes
    the connection when it ends.

    Iterate over it for the events: each chunk, then what is made of it ("content.delta" with the text so far as
    `snapshot`, "tool_calls.function.arguments.done" and others). Or over `text_stream` for the answer's text alone.
    `await get_final_completion()` reads to the end and returns the whole.
    """

    __slots__ = ("_done", "_events")
    _text = staticmethod(_text)

    def __init__(self, open: Callable[[], Awaitable[Any]]) -> None:
        super().__init__(open)
        self._done: set[int] = set()
        self._events: deque[ChatCompletionStreamEvent] = deque()

    def __aiter__(self) -> AsyncIterator[ChatCompletionStreamEvent]:  # type: ignore[override]
        return self

    async def __anext__(self) -> ChatCompletionStreamEvent:  # type: ignore[override]
        if not self._events:
            self._events.extend(events_of(await self._stream.__anext__(), self._stream, self._done))
        return self._events.popleft()

    async def get_final_completion(self) -> ChatCompletion:
        """The whole completion, read to its end."""
        return await self._final()


class Completions(Resource):
    """`/v1/chat/completions`: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/305778685e0"""

    if TYPE_CHECKING:
        create: CreateChatCompletion[ChatCompletion, _Dict, Stream[ChatCompletionChunk], Stream[_Dict]]

        def stream(self, **params: Unpack[ChatCompletionCreateParams]) -> ChatCompletionStream: ...

        # A class here, where the parameter is a format.
        def parse(  # type: ignore[misc]
            self,
            *,
            response_format: type[T] | None = None,
            **params: Unpack[ChatCompletionCreateParams],  # pyright: ignore[reportGeneralTypeIssues]
        ) -> ParsedChatCompletion[T]: ...
    else:

        @documented(ChatCompletionCreateParams, streams=True)
        def create(self, *args, **params):
            """Asks a model to go on with a conversation: `POST /v1/chat/completions`.

            Returns a `ChatCompletion`, of which `text` is the answer; with `stream=True` a `Stream` of its chunks.
            Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
            that cannot be sent. https://wenwen-ai.apifox.cn/305778685e0"""
            return send(self._settings, CREATE, params, args and no_positional(self.create, params), self._form)

        @documented(ChatCompletionCreateParams, dicts=False)
        def parse(self, *, response_format=None, **params):
            """Asks for an answer that is an instance of a class of yours: `choices[0].message.parsed`.

            `response_format` is a pydantic model, or any class with `model_json_schema` and `model_validate_json`. Its
            schema goes out, and the answer comes back through it; what the class raises, this raises. An answer that is
            cut short raises LengthFinishReasonError or ContentFilterFinishReasonError."""
            from ..types._parsed import ParsedChatCompletion, attach, prepared

            params = prepared(params, "response_format", response_format, self._form)
            return attach(send(self._settings, CREATE, params, cast_to=ParsedChatCompletion), response_format)

        @documented(ChatCompletionCreateParams)
        def stream(self, **params):
            """Streams a chat completion, for a `with` block: events with snapshots, `text_stream`,
            `get_final_completion()`."""
            return ChatCompletionStream(lambda: send(self._settings, CREATE, params, (), "helper"))

    @kept
    def with_raw_response(self) -> RawCompletions[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Completions(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawCompletions[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Completions(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class Chat(Resource):
    """Conversations in OpenAI's older form."""

    @kept
    def completions(self) -> Completions:
        """`/v1/chat/completions`."""
        return Completions(self._settings, self._form)

    @kept
    def with_raw_response(self) -> RawChat[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Chat(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawChat[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Chat(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class AsyncCompletions(AsyncResource):
    """`/v1/chat/completions`, awaited: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/305778685e0"""

    if TYPE_CHECKING:
        create: CreateChatCompletion[
            Coroutine[Any, Any, ChatCompletion],
            Coroutine[Any, Any, _Dict],
            Coroutine[Any, Any, AsyncStream[ChatCompletionChunk]],
            Coroutine[Any, Any, AsyncStream[_Dict]],
        ]

        def stream(self, **params: Unpack[ChatCompletionCreateParams]) -> AsyncChatCompletionStream: ...

        async def parse(  # type: ignore[misc]
            self,
            *,
            response_format: type[T] | None = None,
            **params: Unpack[ChatCompletionCreateParams],  # pyright: ignore[reportGeneralTypeIssues]
        ) -> ParsedChatCompletion[T]: ...
    else:

        @documented(ChatCompletionCreateParams, dicts=False, like=Completions.parse)
        async def parse(self, *, response_format=None, **params):
            from ..types._parsed import ParsedChatCompletion, attach, prepared

            params = prepared(params, "response_format", response_format, self._form)
            return attach(
                await self._call(self._settings, CREATE, params, cast_to=ParsedChatCompletion), response_format
            )

        @documented(ChatCompletionCreateParams, streams=True, like=Completions.create)
        async def create(self, *args, **params):
            return await self._call(
                self._settings, CREATE, params, args and no_positional(self.create, params), self._form
            )

        @documented(ChatCompletionCreateParams, like=Completions.stream)
        def stream(self, **params):
            return AsyncChatCompletionStream(lambda: self._call(self._settings, CREATE, params, (), "helper"))

    @kept
    def with_raw_response(self) -> RawCompletions[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncCompletions(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawCompletions[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncCompletions(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


class AsyncChat(AsyncResource):
    """Conversations in OpenAI's older form, awaited."""

    @kept
    def completions(self) -> AsyncCompletions:
        """`/v1/chat/completions`."""
        return AsyncCompletions(self._settings, self._form)

    @kept
    def with_raw_response(self) -> RawChat[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncChat(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawChat[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncChat(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {"create_chat_completion": "Completions.create"}
