"""Replies whose answer is an instance of a class of the user's. Loaded by the first `parse` or typed `stream`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from ._schema import endpoint
from .chat import ChatCompletion, ChatCompletionChunk, ChatCompletionCreateParams
from .gemini import GenerateContentBody, GenerateContentResponse
from .messages import Message, MessageCreateParams, MessageStreamEvent
from .responses import Response, ResponseCreateParams, ResponseStreamEvent

T = TypeVar("T")


class ParsedResponse(Response, Generic[T]):
    """The reply of `responses.parse`: a `Response` whose answer is an instance of your class, `parsed`."""

    if TYPE_CHECKING:

        @property
        def parsed(self) -> T: ...
        @property
        def output_parsed(self) -> T | None: ...


class ParsedChatCompletion(ChatCompletion, Generic[T]):
    """The reply of `chat.completions.parse`: the first answer is an instance of your class, `parsed`, and each
    message has its own."""

    if TYPE_CHECKING:

        @property
        def parsed(self) -> T: ...


class ParsedMessage(Message, Generic[T]):
    """The reply of `messages.parse`: a `Message` whose answer is an instance of your class, `parsed`."""

    if TYPE_CHECKING:

        @property
        def parsed(self) -> T: ...
        @property
        def parsed_output(self) -> T | None: ...


class ParsedContent(GenerateContentResponse, Generic[T]):
    """The reply of `gemini.parse`: its first answer is an instance of your class, `parsed`."""

    if TYPE_CHECKING:

        @property
        def parsed(self) -> T: ...


CLASSES: dict[str, type] = {
    "responses": ParsedResponse,
    "chat": ParsedChatCompletion,
    "messages": ParsedMessage,
    "gemini": ParsedContent,
}
ENDPOINTS = {
    "responses": endpoint(
        "responses.create", reply=ParsedResponse, event=ResponseStreamEvent, params=ResponseCreateParams
    ),
    "chat": endpoint(
        "chat.completions.create",
        reply=ParsedChatCompletion,
        event=ChatCompletionChunk,
        params=ChatCompletionCreateParams,
    ),
    "messages": endpoint("messages.create", reply=ParsedMessage, event=MessageStreamEvent, params=MessageCreateParams),
    "gemini": endpoint("gemini.generate_content", reply=ParsedContent, params=GenerateContentBody),
}
GEMINI_STREAM = endpoint(
    "gemini.stream.generate_content", reply=ParsedContent, event=GenerateContentResponse, params=GenerateContentBody
)
