"""`/v1/messages`: `client.messages`."""

from __future__ import annotations

from .._core import send
from ..types._schema import endpoint
from ..types.messages import Message, MessageCreateParams, MessageStreamEvent, RawMessageStreamEvent
from ..types.shared import part
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
    from collections.abc import Coroutine
    from typing import Any, Generic, TypeVar, Unpack

    from .._core import APIResponse, Stream
    from .._loop import AsyncStream
    from ..types._calls import CreateMessage

CREATE = endpoint("messages.create", reply=Message, event=RawMessageStreamEvent, params=MessageCreateParams)
# The same for the helper, whose events are more and say more.
STREAM = endpoint("messages.create", reply=Message, event=MessageStreamEvent, params=MessageCreateParams)

if TYPE_CHECKING:
    R = TypeVar("R")
    _Dict = dict[str, Any]

    class RawMessages(Generic[R]):
        create: CreateMessage[R, R, R, R]


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

        def stream(self, **params: Unpack[MessageCreateParams]) -> MessageStream: ...
    else:

        @documented(MessageCreateParams, streams=True)
        def create(self, *args, **params):
            """Asks a model for a message: `POST /v1/messages`.

            Returns a `Message`, of which `text` is the answer; with `stream=True` a `Stream` of its events. Raises
            APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments that
            cannot be sent. https://wenwen-ai.apifox.cn/307273240e0"""
            return send(self._settings, CREATE, params, args and no_positional(self.create, params), self._form)

        @documented(MessageCreateParams)
        def stream(self, **params):
            """Streams a message, for a `with` block: events with snapshots, `text_stream`, `get_final_message()`."""
            return MessageStream(lambda: send(self._settings, STREAM, params, (), "helper"))

    @kept
    def with_raw_response(self) -> RawMessages[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Messages(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawMessages[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Messages(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class AsyncMessages(AsyncResource):
    """`/v1/messages`, awaited: ask a Claude model, whole or streamed. https://wenwen-ai.apifox.cn/307273240e0"""

    if TYPE_CHECKING:
        create: CreateMessage[
            Coroutine[Any, Any, Message],
            Coroutine[Any, Any, _Dict],
            Coroutine[Any, Any, AsyncStream[RawMessageStreamEvent]],
            Coroutine[Any, Any, AsyncStream[_Dict]],
        ]

        def stream(self, **params: Unpack[MessageCreateParams]) -> AsyncMessageStream: ...
    else:

        @documented(MessageCreateParams, streams=True, like=Messages.create)
        async def create(self, *args, **params):
            return await self._call(
                self._settings, CREATE, params, args and no_positional(self.create, params), self._form
            )

        @documented(MessageCreateParams, like=Messages.stream)
        def stream(self, **params):
            return AsyncMessageStream(lambda: self._call(self._settings, STREAM, params, (), "helper"))

    @kept
    def with_raw_response(self) -> RawMessages[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncMessages(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawMessages[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncMessages(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {"create_message": "Messages.create"}
