"""`/v1/chat/completions`: `client.chat.completions`."""

from __future__ import annotations

from collections import deque

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
from ._base import Resource, inner
from ._methods import awaited, documented
from ._stream import AsyncStreamHelper, StreamHelper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from typing import Any, TypeVar, Unpack

    from .._core import APIResponse, Stream
    from ..types._parsed import ParsedChatCompletion
    from ._base import StreamingResponse
    from ._faces import (
        AsyncChat as AsyncChat,
    )
    from ._faces import (
        AsyncCompletions as AsyncCompletions,
    )
    from ._faces import (
        CreateChatCompletion,
        RawChat,
        RawCompletions,
    )

    T = TypeVar("T")  # a class of the user's

CREATE = endpoint(
    "chat.completions.create", reply=ChatCompletion, event=ChatCompletionChunk, params=ChatCompletionCreateParams
)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


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

        with_raw_response: RawCompletions[APIResponse]
        with_streaming_response: RawCompletions[StreamingResponse]
    else:

        @documented(ChatCompletionCreateParams, streams=True, sends=CREATE)
        def create(self, **params):
            """Asks a model to go on with a conversation: `POST /v1/chat/completions`.

            Returns a `ChatCompletion`, of which `text` is the answer; with `stream=True` a `Stream` of its chunks.
            Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
            that cannot be sent. https://wenwen-ai.apifox.cn/305778685e0"""

        @documented(ChatCompletionCreateParams, dicts=False)
        async def parse(self, *, response_format=None, **params):
            """Asks for an answer that is an instance of a class of yours: `choices[0].message.parsed`.

            `response_format` is a pydantic model, or any class with `model_json_schema` and `model_validate_json`. Its
            schema goes out, and the answer comes back through it; what the class raises, this raises. An answer that is
            cut short raises LengthFinishReasonError or ContentFilterFinishReasonError."""
            from ..types._parsed import ParsedChatCompletion, attach, prepared

            params = prepared(params, "response_format", response_format, self._form)
            return attach(await self._ask(CREATE, params, cast_to=ParsedChatCompletion), response_format)

        @documented(ChatCompletionCreateParams, opens=(ChatCompletionStream, AsyncChatCompletionStream))
        def stream(self, **params):
            """Streams a chat completion, for a `with` block: events with snapshots, `text_stream`,
            `get_final_completion()`."""
            return CREATE, params, ()


class Chat(Resource):
    """Conversations in OpenAI's older form."""

    completions = inner(Completions)

    if TYPE_CHECKING:
        with_raw_response: RawChat[APIResponse]
        with_streaming_response: RawChat[StreamingResponse]


if not TYPE_CHECKING:
    AsyncCompletions, AsyncChat = awaited(Completions), awaited(Chat)
