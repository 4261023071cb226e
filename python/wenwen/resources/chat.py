"""`/v1/chat/completions`: `client.chat.completions`."""

from __future__ import annotations

from collections import deque

from ..types._schema import endpoint
from ..types.chat import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionCreateParams,
    ChatCompletionRunParams,
    ChatCompletionStreamEvent,
    _Told,
    content_text,
    events_of,
)
from ..types.shared import items, part
from ._base import Resource, inner
from ._maps import mapped, started
from ._methods import awaited, documented
from ._outputs import asked, opening, typed
from ._stream import AsyncStreamHelper, StreamHelper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from typing import Any

    from .._core import APIResponse, Stream
    from .._run import ToolRun as ToolRun
    from ..types._parsed import ParsedChatCompletion as ParsedChatCompletion
    from ._base import StreamingResponse
    from ._faces import AsyncChat as AsyncChat
    from ._faces import AsyncCompletions as AsyncCompletions
    from ._faces import (
        CreateChatCompletion,
        MapChatCompletion,
        ParseChatCompletion,
        RawChat,
        RawCompletions,
        RunChatCompletion,
        StreamChatCompletion,
    )
    from ._parsed_streams import AsyncParsedChatCompletionStream as AsyncParsedChatCompletionStream
    from ._parsed_streams import ParsedChatCompletionStream as ParsedChatCompletionStream


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

    __slots__ = ("_events", "_told")
    _text = staticmethod(_text)

    def __init__(self, open: Callable[[], Any]) -> None:
        super().__init__(open)
        self._told = _Told()
        self._events: deque[ChatCompletionStreamEvent] = deque()

    def __iter__(self) -> Iterator[ChatCompletionStreamEvent]:  # type: ignore[override]
        return self

    def __next__(self) -> ChatCompletionStreamEvent:  # type: ignore[override]
        if not self._events:
            self._events.extend(events_of(next(self._stream), self._stream, self._told))
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

    __slots__ = ("_events", "_told")
    _text = staticmethod(_text)

    def __init__(self, open: Callable[[], Awaitable[Any]]) -> None:
        super().__init__(open)
        self._told = _Told()
        self._events: deque[ChatCompletionStreamEvent] = deque()

    def __aiter__(self) -> AsyncIterator[ChatCompletionStreamEvent]:  # type: ignore[override]
        return self

    async def __anext__(self) -> ChatCompletionStreamEvent:  # type: ignore[override]
        if not self._events:
            self._events.extend(events_of(await self._stream.__anext__(), self._stream, self._told))
        return self._events.popleft()

    async def get_final_completion(self) -> ChatCompletion:
        """The whole completion, read to its end."""
        return await self._final()


class Completions(Resource):
    """`/v1/chat/completions`: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/305778685e0"""

    if TYPE_CHECKING:
        create: CreateChatCompletion[ChatCompletion, _Dict, Stream[ChatCompletionChunk], Stream[_Dict]]
        run: RunChatCompletion
        map: MapChatCompletion

        parse: ParseChatCompletion
        stream: StreamChatCompletion
        with_raw_response: RawCompletions[APIResponse]
        with_streaming_response: RawCompletions[StreamingResponse]
    else:

        @documented(ChatCompletionCreateParams, streams=True, sends=CREATE)
        def create(self, **params):
            """Asks a model to go on with a conversation: `POST /v1/chat/completions`.

            Returns a `ChatCompletion`, of which `text` is the answer; with `stream=True` a `Stream` of its chunks.
            Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
            that cannot be sent. https://wenwen-ai.apifox.cn/305778685e0"""

        @documented(
            mapped(ChatCompletionCreateParams, "messages", classes=True), "data", "prompt", whole=True, lazy=True
        )
        def map(self, data, prompt=None, **params):
            """Asks a model for each row of any data, as fast as its limits let.

            Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
            sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
            order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
            goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
            anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
            asked (no money, a wrong key), for the job."""
            return started("chat.completions", self, data, prompt, params)

        @documented(typed(ChatCompletionCreateParams, "response_format", retries=True), "output", dicts=False)
        async def parse(self, output=None, **params):
            """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns, and of each
            choice `message.parsed`.

            The schema of `output` goes out as `response_format`, strict where a strict one can express it. What comes
            and does not fit is an AnswerValidationError that has the reply; an answer that is cut short raises
            LengthFinishReasonError or ContentFilterFinishReasonError. Where the model declines or calls tools,
            `message.parsed` is None, and `parsed` raises AnswerRefusedError or NoAnswerError."""
            from .._answers import parse

            return await parse(self, "chat", output, params)

        @documented(
            typed(ChatCompletionRunParams, "response_format", retries=True), streams=True, dicts=False, whole=True
        )
        def run(self, **params):
            """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

            Returns a `ChatCompletion`, whose `steps` are the calls with their results, `usage` that of all
            turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
            `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
            MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
            `run`."""
            from .._run import started

            return started("chat", self, params)

        @documented(
            typed(ChatCompletionCreateParams, "response_format"),
            "output",
            opens=opening(ChatCompletionStream, AsyncChatCompletionStream),
        )
        def stream(self, output=None, **params):
            """Streams a chat completion, for a `with` block: events with snapshots, `text_stream`,
            `get_final_completion()`.

            With `output` the answer is of that class: `partial` and `event.parsed` are what is there so far, and the
            `parsed` of `get_final_completion()` is an instance."""
            return asked("chat", "response_format", CREATE, output, params)


class Chat(Resource):
    """Conversations in OpenAI's older form."""

    completions = inner(Completions)

    if TYPE_CHECKING:
        with_raw_response: RawChat[APIResponse]
        with_streaming_response: RawChat[StreamingResponse]


if not TYPE_CHECKING:
    AsyncCompletions, AsyncChat = awaited(Completions), awaited(Chat)
