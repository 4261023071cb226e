"""Streams whose answer is of a class: `partial` and `event.parsed` are what is there so far, the `parsed` of the whole
is an instance. Loaded by the first `stream` that is given a class."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._answers import reader, settle, text_of
from ..types.chat import _Told
from ..types.gemini import GenerateContentResponse
from ..types.gemini import text_of as chunk_text
from ..types.messages import ContentBlockStopEvent, MessageStopEvent, TextBlock, TextEvent
from ..types.responses import (
    ResponseCompletedEvent,
    ResponseFailedEvent,
    ResponseIncompleteEvent,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)
from .chat import AsyncChatCompletionStream, ChatCompletionStream
from .gemini import AsyncGenerateContentHelper, GenerateContentHelper
from .messages import AsyncMessageStream, MessageStream
from .responses import AsyncResponseStream, ResponseStream

if TYPE_CHECKING:
    from .._output import Output
    from ..types._parsed import ParsedChatCompletion, ParsedContent, ParsedMessage, ParsedResponse

T = TypeVar("T")


class _Typed:
    """What they share. The events are marked: they make their `parsed` when it is asked for."""

    __slots__ = ()

    _output: Output[Any]
    _texts: list[str]
    _stream: Any

    def __init__(self, open: Callable[[], Any], output: Output[Any]) -> None:
        super().__init__(open)  # type: ignore[call-arg]
        self._output = output  # type: ignore[misc]
        self._texts = []  # type: ignore[misc]

    @property
    def partial(self) -> Any:
        """What of the answer has arrived, as plain values, not validated: fields that are not whole yet are absent.
        None before there is anything. Made when it is asked for, of the whole text: at each event of a long answer that
        is the square of its length. `event.parsed` is the same up to that event."""
        return self._output.partial(text_of(self._stream._partial()))

    def _marked(self, event: Any) -> Any:
        kind = event.__class__
        if kind is ResponseTextDeltaEvent or kind is TextEvent:
            event._output = self._output
        elif kind is ResponseTextDoneEvent:
            event._read = reader(event, self._output, self)
        elif kind in (ResponseCompletedEvent, ResponseIncompleteEvent, ResponseFailedEvent):
            event.response._output = self._output
        elif kind is ContentBlockStopEvent and isinstance(event.content_block, TextBlock):
            event.content_block._output = self._output
        elif kind is MessageStopEvent:
            event.message._output = self._output
        elif isinstance(event, GenerateContentResponse):
            if text := chunk_text(event):
                self._texts.append(text)
            event._so_far = self._output, self._texts, len(self._texts)
        return event


class _Sync(_Typed):
    __slots__ = ()

    def _final(self) -> Any:
        return settle(super()._final(), self._output)  # type: ignore[misc]


class _Marking(_Sync):
    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self._marked(next(self._stream))


class _Async(_Typed):
    __slots__ = ()

    async def _final(self) -> Any:
        return settle(await super()._final(), self._output)  # type: ignore[misc]


class _AsyncMarking(_Async):
    __slots__ = ()

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        return self._marked(await self._stream.__anext__())


class ParsedResponseStream(_Marking, ResponseStream, Generic[T]):
    """A `ResponseStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `get_final_response()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output", "_texts")

    if TYPE_CHECKING:

        def get_final_response(self) -> ParsedResponse[T]: ...


class AsyncParsedResponseStream(_AsyncMarking, AsyncResponseStream, Generic[T]):
    """An `AsyncResponseStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `await get_final_response()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output", "_texts")

    if TYPE_CHECKING:

        async def get_final_response(self) -> ParsedResponse[T]: ...


class ParsedChatCompletionStream(_Sync, ChatCompletionStream, Generic[T]):
    """A `ChatCompletionStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `get_final_completion()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output", "_texts")

    def __init__(self, open: Callable[[], Any], output: Output[T]) -> None:
        super().__init__(open, output)
        self._told = _Told(output)

    if TYPE_CHECKING:

        def get_final_completion(self) -> ParsedChatCompletion[T]: ...


class AsyncParsedChatCompletionStream(_Async, AsyncChatCompletionStream, Generic[T]):
    """An `AsyncChatCompletionStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `await get_final_completion()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output", "_texts")

    def __init__(self, open: Callable[[], Any], output: Output[T]) -> None:
        super().__init__(open, output)
        self._told = _Told(output)

    if TYPE_CHECKING:

        async def get_final_completion(self) -> ParsedChatCompletion[T]: ...


class ParsedMessageStream(_Marking, MessageStream, Generic[T]):
    """A `MessageStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `get_final_message()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output", "_texts")

    if TYPE_CHECKING:

        def get_final_message(self) -> ParsedMessage[T]: ...


class AsyncParsedMessageStream(_AsyncMarking, AsyncMessageStream, Generic[T]):
    """An `AsyncMessageStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `await get_final_message()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output", "_texts")

    if TYPE_CHECKING:

        async def get_final_message(self) -> ParsedMessage[T]: ...


class ParsedGenerateContentHelper(_Marking, GenerateContentHelper, Generic[T]):
    """A `GenerateContentHelper` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `get_final_response()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output", "_texts")

    if TYPE_CHECKING:

        def get_final_response(self) -> ParsedContent[T]: ...


class AsyncParsedGenerateContentHelper(_AsyncMarking, AsyncGenerateContentHelper, Generic[T]):
    """An `AsyncGenerateContentHelper` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `await get_final_response()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output", "_texts")

    if TYPE_CHECKING:

        async def get_final_response(self) -> ParsedContent[T]: ...
