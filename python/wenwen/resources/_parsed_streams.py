"""Streams whose answer is of a class: `partial` and `event.parsed` are what is there so far, the `parsed` of the whole
is an instance. Loaded by the first `stream` that is given a class."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from .._answers import endless, read_calls, reader, settle, text_of
from ..types.chat import _Told
from ..types.gemini import GenerateContentResponse
from ..types.gemini import text_of as chunk_text
from ..types.messages import ContentBlockStopEvent, MessageStopEvent, TextBlock, TextEvent
from ..types.responses import (
    ResponseCompletedEvent,
    ResponseFailedEvent,
    ResponseIncompleteEvent,
    ResponseOutputItemAddedEvent,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)
from ..types.shared import part
from .chat import AsyncChatCompletionStream, ChatCompletionStream
from .gemini import AsyncGenerateContentHelper, GenerateContentHelper
from .messages import AsyncMessageStream, MessageStream
from .responses import AsyncResponseStream, ResponseStream

if TYPE_CHECKING:
    from .._output import Output
    from ..types._parsed import ParsedChatCompletion, ParsedContent, ParsedMessage, ParsedResponse

T = TypeVar("T")


# Characters of a text that may be blank in a row: no answer has so many, and a model that has lost its way writes them
# up to its limit of tokens.
_ENDLESS = 2000


class _Watched:
    """The events of a stream, marked: they make their `parsed` when it is asked for. Ended where there is nothing but
    blanks any more. It knows nothing of its helper: whoever lets go of that lets go of the connection too."""

    __slots__ = ("_blank", "_error", "_inner", "_output", "_silent", "_text", "_texts", "_tools")

    def __init__(
        self, inner: Any, output: Output[Any] | None, text: Callable[[Any], str | None], tools: dict[str, Any]
    ) -> None:
        self._inner = inner
        self._output = output
        self._tools = tools
        self._text = text
        self._texts: list[str] = []
        self._silent: set[int] = set()  # where the model says what is no answer
        self._blank = 0
        self._error: BaseException | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _lost(self, event: Any) -> bool:
        """Whether this is one blank too many."""
        if self._output is None or not (text := self._text(event)):
            return False
        self._blank = self._blank + len(text) if text.isspace() else len(text) - len(text.rstrip())
        if self._blank >= _ENDLESS:
            self._error = endless(self._inner._partial(), self._blank)
        return self._error is not None

    def _reply(self) -> Any:
        reply = self._inner._reply()
        read_calls(reply, self._tools)
        return reply

    def _marked(self, event: Any) -> Any:
        kind = event.__class__
        if kind in _ENDS or kind is MessageStopEvent:
            read_calls(event.message if kind is MessageStopEvent else event.response, self._tools)
        if self._output is None:
            return event
        if kind is ResponseTextDeltaEvent or kind is TextEvent:
            if not self._silent or _at(event) not in self._silent:
                event._output = self._output
        elif kind is ResponseOutputItemAddedEvent:
            if part(event.item, "phase") not in (None, "", "final_answer"):
                self._silent.add(_at(event))
        elif kind is ResponseTextDoneEvent:
            event._read = reader(event, self._output, self._inner)
        elif kind in _ENDS:
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


_ENDS = (ResponseCompletedEvent, ResponseIncompleteEvent, ResponseFailedEvent)


def _at(event: Any) -> int:
    index = event.get("output_index")
    return index if isinstance(index, int) else -1


class _SyncWatched(_Watched):
    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._error is not None:
            raise self._error
        event = next(self._inner)
        if self._lost(event):
            self._inner.close()
            raise self._error  # type: ignore[misc]
        return self._marked(event)


class _AsyncWatched(_Watched):
    __slots__ = ()

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        if self._error is not None:
            raise self._error
        event = await self._inner.__anext__()
        if self._lost(event):
            await self._inner.close()
            raise self._error  # type: ignore[misc]
        return self._marked(event)


class _Typed:
    """What they share."""

    __slots__ = ()

    _output: Output[Any] | None
    _stream: Any

    @property
    def partial(self) -> Any:
        """What of the answer has arrived, as plain values, not validated: fields that are not whole yet are absent.
        None before there is anything. Made when it is asked for, of the whole text: at each event of a long answer that
        is the square of its length. `event.parsed` is the same up to that event."""
        return None if self._output is None else self._output.partial(text_of(self._stream._partial()))


class _Sync(_Typed):
    __slots__ = ()

    def __init__(self, open: Callable[[], Any], output: Output[Any] | None, tools: dict[str, Any]) -> None:
        text: Any = getattr(self, "_text")  # noqa: B009
        super().__init__(lambda: _SyncWatched(open(), output, text, tools))  # type: ignore[call-arg]
        self._output = output  # type: ignore[misc]

    def _final(self) -> Any:
        reply = cast("Any", super()._final())  # type: ignore[misc]
        return reply if self._output is None else settle(reply, self._output)


class _Async(_Typed):
    __slots__ = ()

    def __init__(self, open: Callable[[], Any], output: Output[Any] | None, tools: dict[str, Any]) -> None:
        text: Any = getattr(self, "_text")  # noqa: B009

        async def opened() -> Any:
            return _AsyncWatched(await open(), output, text, tools)

        super().__init__(opened)  # type: ignore[call-arg]
        self._output = output  # type: ignore[misc]

    async def _final(self) -> Any:
        reply = cast("Any", await super()._final())  # type: ignore[misc]
        return reply if self._output is None else settle(reply, self._output)


class ParsedResponseStream(_Sync, ResponseStream, Generic[T]):
    """A `ResponseStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `get_final_response()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output",)

    if TYPE_CHECKING:

        def get_final_response(self) -> ParsedResponse[T]: ...


class AsyncParsedResponseStream(_Async, AsyncResponseStream, Generic[T]):
    """An `AsyncResponseStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `await get_final_response()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output",)

    if TYPE_CHECKING:

        async def get_final_response(self) -> ParsedResponse[T]: ...


class ParsedChatCompletionStream(_Sync, ChatCompletionStream, Generic[T]):
    """A `ChatCompletionStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `get_final_completion()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output",)

    def __init__(self, open: Callable[[], Any], output: Output[T] | None, tools: dict[str, Any]) -> None:
        super().__init__(open, output, tools)
        self._told = _Told(output, tools)

    if TYPE_CHECKING:

        def get_final_completion(self) -> ParsedChatCompletion[T]: ...


class AsyncParsedChatCompletionStream(_Async, AsyncChatCompletionStream, Generic[T]):
    """An `AsyncChatCompletionStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `await get_final_completion()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output",)

    def __init__(self, open: Callable[[], Any], output: Output[T] | None, tools: dict[str, Any]) -> None:
        super().__init__(open, output, tools)
        self._told = _Told(output, tools)

    if TYPE_CHECKING:

        async def get_final_completion(self) -> ParsedChatCompletion[T]: ...


class ParsedMessageStream(_Sync, MessageStream, Generic[T]):
    """A `MessageStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `get_final_message()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output",)

    if TYPE_CHECKING:

        def get_final_message(self) -> ParsedMessage[T]: ...


class AsyncParsedMessageStream(_Async, AsyncMessageStream, Generic[T]):
    """An `AsyncMessageStream` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `await get_final_message()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output",)

    if TYPE_CHECKING:

        async def get_final_message(self) -> ParsedMessage[T]: ...


class ParsedGenerateContentHelper(_Sync, GenerateContentHelper, Generic[T]):
    """A `GenerateContentHelper` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `get_final_response()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output",)

    if TYPE_CHECKING:

        def get_final_response(self) -> ParsedContent[T]: ...


class AsyncParsedGenerateContentHelper(_Async, AsyncGenerateContentHelper, Generic[T]):
    """An `AsyncGenerateContentHelper` whose answer is of a class: `event.parsed` and `partial` are what is there so
    far; the `parsed` of `await get_final_response()` is an instance. AnswerValidationError: it does not fit."""

    __slots__ = ("_output",)

    if TYPE_CHECKING:

        async def get_final_response(self) -> ParsedContent[T]: ...
