"""`/v1/messages`: `client.messages`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.messages import (
    Message,
    MessageCountTokensParams,
    MessageCreateParams,
    MessageRunnerParams,
    MessageRunParams,
    MessageStreamEvent,
    MessageTokensCount,
    RawMessageStreamEvent,
)
from ..types.shared import part
from ._base import Resource
from ._maps import mapped, started
from ._methods import awaited, documented
from ._outputs import asked, opening, typed
from ._stream import AsyncStreamHelper, StreamHelper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Unpack

    from .._core import APIResponse, Stream
    from .._run import ToolRun as ToolRun
    from .._runner import AsyncToolRunner as AsyncToolRunner
    from .._runner import ToolRunner as ToolRunner
    from ..types._parsed import ParsedMessage as ParsedMessage
    from ._base import StreamingResponse
    from ._faces import AsyncMessages as AsyncMessages
    from ._faces import (
        CountMessageTokens,
        CreateMessage,
        MapMessage,
        ParseMessage,
        RawMessages,
        RunMessage,
        StreamMessage,
    )
    from ._parsed_streams import AsyncParsedMessageStream as AsyncParsedMessageStream
    from ._parsed_streams import ParsedMessageStream as ParsedMessageStream

CREATE = endpoint("messages.create", reply=Message, event=RawMessageStreamEvent, params=MessageCreateParams)
# The same for the helper, whose events are more and say more.
STREAM = endpoint("messages.create", reply=Message, event=MessageStreamEvent, params=MessageCreateParams)
COUNT = endpoint("messages.count_tokens", reply=MessageTokensCount, params=MessageCountTokensParams)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


def _text(event: MessageStreamEvent) -> str | None:
    if part(event, "type") != "content_block_delta":
        return None
    delta = part(event, "delta")
    text = part(delta, "text") if part(delta, "type") == "text_delta" else None
    return text if isinstance(text, str) else None


def _final_text(message: Message) -> str:
    kinds = [getattr(block, "type", None) for block in message.content or ()]
    if "text" not in kinds:
        raise RuntimeError(f"the message has no text block, only {kinds}: see get_final_message().content")
    return message.text


_NOT_BEGUN = "no event has been read yet, so there is no message"


class MessageStream(StreamHelper[MessageStreamEvent, Message]):
    """The events of a message, for a `with` block, which sends the request when it begins and closes the connection
    when it ends.

    Iterate over it for the events. After each `content_block_delta` comes an event of the helper's own, "text",
    "thinking", "input_json", "citation" or "signature", with the `snapshot` of its block; "content_block_stop" has the
    `content_block` and "message_stop" the `message`. Or iterate over `text_stream` for the answer's text alone.
    `get_final_message()` and `get_final_text()` read to the end.
    """

    __slots__ = ()
    _text = staticmethod(_text)

    def get_final_message(self) -> Message:
        """The whole message, read to its end."""
        return self._final()

    def get_final_text(self) -> str:
        """The text of the whole message; RuntimeError if it has no text block."""
        return _final_text(self._final())

    @property
    def current_message_snapshot(self) -> Message:
        """The message as far as it has arrived, which may be further than you have read."""
        message = self.snapshot
        if message is None:
            raise RuntimeError(_NOT_BEGUN)
        return message


class AsyncMessageStream(AsyncStreamHelper[MessageStreamEvent, Message]):
    """The events of a message, for an `async with` block, which sends the request when it begins and closes the
    connection when it ends.

    Iterate over it for the events. After each `content_block_delta` comes an event of the helper's own, "text",
    "thinking", "input_json", "citation" or "signature", with the `snapshot` of its block; "content_block_stop" has the
    `content_block` and "message_stop" the `message`. Or iterate over `text_stream` for the answer's text alone.
    `await get_final_message()` and `await get_final_text()` read to the end.
    """

    __slots__ = ()
    _text = staticmethod(_text)

    async def get_final_message(self) -> Message:
        """The whole message, read to its end."""
        return await self._final()

    async def get_final_text(self) -> str:
        """The text of the whole message; RuntimeError if it has no text block."""
        return _final_text(await self._final())

    @property
    def current_message_snapshot(self) -> Message:
        """The message as far as it has arrived, which may be further than you have read."""
        message = self.snapshot
        if message is None:
            raise RuntimeError(_NOT_BEGUN)
        return message


class Messages(Resource):
    """`/v1/messages`: ask a Claude model, whole or streamed. https://wenwen-ai.apifox.cn/307273240e0"""

    if TYPE_CHECKING:
        create: CreateMessage[Message, _Dict, Stream[RawMessageStreamEvent], Stream[_Dict]]
        count_tokens: CountMessageTokens[MessageTokensCount, _Dict]
        run: RunMessage
        map: MapMessage

        def tool_runner(self, *, stream: bool | None = ..., **params: Unpack[MessageRunnerParams]) -> ToolRunner: ...

        parse: ParseMessage
        stream: StreamMessage

        with_raw_response: RawMessages[APIResponse]
        with_streaming_response: RawMessages[StreamingResponse]
    else:

        @documented(MessageCreateParams, streams=True, sends=CREATE)
        def create(self, **params):
            """Asks a model for a message: `POST /v1/messages`.

            Returns a `Message`, of which `text` is the answer; with `stream=True` a `Stream` of its events. Raises
            APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments that
            cannot be sent. https://wenwen-ai.apifox.cn/307273240e0"""

        @documented(mapped(MessageCreateParams, "messages", classes=True), "data", "prompt", whole=True, lazy=True)
        def map(self, data, prompt=None, **params):
            """Asks a Claude model for each row of any data, as fast as its limits let.

            Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
            sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
            order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
            goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
            anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
            asked (no money, a wrong key), for the job."""
            return started("messages", self, data, prompt, params)

        @documented(MessageCountTokensParams, sends=COUNT)
        def count_tokens(self, **params):
            """How many tokens an input has: `POST /v1/messages/count_tokens`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""

        @documented(typed(MessageRunParams, "output_format", retries=True), streams=True, dicts=False, whole=True)
        def run(self, **params):
            """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

            Returns a `Message`, whose `steps` are the calls with their results, `usage` that of all
            turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
            `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
            MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
            `run`."""
            from .._run import started

            return started("messages", self, params)

        @documented(MessageRunnerParams, streams=True, dicts=False, whole=True, lazy=True)
        def tool_runner(self, **params):
            """A run of tools that shows each message of the model's, as Anthropic's package has it.

            Returns a `ToolRunner`, or an `AsyncToolRunner` with an async client: iterate over it for the messages, or
            with `stream=True` for a `MessageStream` of each. What a message calls is run when the next is asked for.
            `until_done()` gives the last message; `run` does the same in one call."""
            from .._runner import runner

            return runner(self, params)

        @documented(typed(MessageCreateParams, "output_format", retries=True), "output", dicts=False)
        async def parse(self, output=None, **params):
            """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns.

            The schema of `output` goes out as `output_config.format`; one that this dialect cannot be held to (any
            keys, classes that hold themselves) goes out in words, as part of `system`. What comes and does not fit is
            an AnswerValidationError that has the reply; an answer that is cut short raises LengthFinishReasonError.
            Where the model declines or calls tools, `parsed_output` is None, and `parsed` raises AnswerRefusedError or
            NoAnswerError."""
            from .._answers import parse

            return await parse(self, "messages", output, params)

        @documented(
            typed(MessageCreateParams, "output_format"), "output", opens=opening(MessageStream, AsyncMessageStream)
        )
        def stream(self, output=None, **params):
            """Streams a message, for a `with` block: events with snapshots, `text_stream`, `get_final_message()`.

            With `output` the answer is of that class: `partial` and `event.parsed` are what is there so far, and the
            `parsed` of `get_final_message()` is an instance."""
            return asked("messages", "output_format", STREAM, output, params)


if not TYPE_CHECKING:
    AsyncMessages = awaited(Messages)
