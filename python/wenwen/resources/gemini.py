"""`/v1beta/models/{model}:generateContent`: `client.gemini`."""

from __future__ import annotations

from .._core import add_query, send
from ..types._schema import endpoint
from ..types.gemini import GenerateContentBody, GenerateContentParams, GenerateContentResponse, text_of
from ._base import AsyncResource, AsyncStreamingResponse, Resource, Streaming, StreamingResponse, documented, kept
from ._stream import AsyncStreamHelper, StreamHelper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, Generic, TypeVar, Unpack

    from .._core import APIResponse, Endpoint, Stream
    from .._loop import AsyncStream
    from ..types._calls import GenerateContent, GenerateContentStream

GENERATE = endpoint("gemini.generate_content", reply=GenerateContentResponse, params=GenerateContentBody)
STREAM = endpoint(
    "gemini.stream.generate_content",
    reply=GenerateContentResponse,
    event=GenerateContentResponse,
    params=GenerateContentBody,
)

if TYPE_CHECKING:
    R = TypeVar("R")
    _Dict = dict[str, Any]

    class RawGemini(Generic[R]):
        generate_content: GenerateContent[R, R, R, R]
        generate_content_stream: GenerateContentStream[R, R]


_CAMEL = {
    "system_instruction": "systemInstruction",
    "generation_config": "generationConfig",
    "tool_config": "toolConfig",
    "safety_settings": "safetySettings",
    "cached_content": "cachedContent",
}


def _prepared(params: dict[str, Any], streams: object) -> tuple[Endpoint, dict[str, Any], tuple[str]]:
    """The endpoint, its parameters in the API's spelling, and the model, which is a part of the path."""
    if "model" not in params:
        raise TypeError("generate_content() misses its required keyword argument 'model'")
    model = params.pop("model")
    if not isinstance(model, str):
        raise TypeError(f'model is {model!r}: give the id of a model, like "gemini-2.5-flash"')
    wire: dict[str, Any] = {_CAMEL.get(name, name): value for name, value in params.items()}
    if "contents" in wire:
        wire["contents"] = _contents(wire["contents"])
    instruction = wire.get("systemInstruction")
    if isinstance(instruction, str):
        wire["systemInstruction"] = {"parts": [{"text": instruction}]}
    if streams:
        wire["stream"] = streams
        add_query(wire, {"alt": "sse"})
    return STREAM if streams else GENERATE, wire, (model.removeprefix("models/"),)


def _contents(contents: Any) -> list[Any]:
    """Messages as the API has them. What stands next to each other without being a message is one of the user's."""
    if isinstance(contents, (str, bytes)) or hasattr(contents, "keys") or not hasattr(contents, "__iter__"):
        contents = [contents]
    messages: list[Any] = []
    parts: list[Any] | None = None
    for item in contents:
        if hasattr(item, "keys") and ("parts" in item or "role" in item):
            messages.append(item)
            parts = None
            continue
        if parts is None:
            messages.append({"role": "user", "parts": (parts := [])})
        if item is None or isinstance(item, (int, float)):
            raise TypeError(f"contents has {item!r}: give texts, bytes, paths, parts or messages")
        if isinstance(item, str):
            parts.append({"text": item})
        elif hasattr(item, "keys"):
            parts.append(item)
        else:  # bytes, a path, a picture: the core says what it is, or that it is none of them
            parts.append({"inline_data": {"data": item}})
    if not messages:
        raise ValueError("contents is empty: give a text, or a list of messages")
    return messages


def _text(event: GenerateContentResponse) -> str | None:
    return text_of(event)


class GenerateContentHelper(StreamHelper[GenerateContentResponse, GenerateContentResponse]):
    """The chunks of an answer, for a `with` block, which sends the request when it begins and closes the connection
    when it ends.

    Iterate over it for the chunks, or over `text_stream` for the answer's text alone. `get_final_response()` reads to
    the end and returns the whole.
    """

    __slots__ = ()
    _text = staticmethod(_text)

    def get_final_response(self) -> GenerateContentResponse:
        """The whole answer, read to its end."""
        return self._final()


class AsyncGenerateContentHelper(AsyncStreamHelper[GenerateContentResponse, GenerateContentResponse]):
    """The chunks of an answer, for an `async with` block, which sends the request when it begins and closes the
    connection when it ends.

    Iterate over it for the chunks, or over `text_stream` for the answer's text alone. `await get_final_response()`
    reads to the end and returns the whole.
    """

    __slots__ = ()
    _text = staticmethod(_text)

    async def get_final_response(self) -> GenerateContentResponse:
        """The whole answer, read to its end."""
        return await self._final()


class Gemini(Resource):
    """Gemini's own dialect: `/v1beta/models/{model}:generateContent`. https://wenwen-ai.apifox.cn/349755828e0"""

    if TYPE_CHECKING:
        generate_content: GenerateContent[
            GenerateContentResponse, _Dict, Stream[GenerateContentResponse], Stream[_Dict]
        ]
        generate_content_stream: GenerateContentStream[Stream[GenerateContentResponse], Stream[_Dict]]

        def stream(self, **params: Unpack[GenerateContentParams]) -> GenerateContentHelper: ...
    else:

        @documented(GenerateContentParams, streams=True)
        def generate_content(self, **params):
            """Asks a Gemini model: `POST /v1beta/models/{model}:generateContent`; text and pictures, in and out.

            Returns a `GenerateContentResponse`: `text` is the answer, `images` its pictures, with `save(path)`. With
            `stream=True` a `Stream` of chunks, each of which is one too (`:streamGenerateContent?alt=sse`).
            Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
            that cannot be sent. https://wenwen-ai.apifox.cn/349755828e0 (pictures:
            https://wenwen-ai.apifox.cn/349750134e0)"""
            endpoint, wire, ids = _prepared(params, params.pop("stream", None))
            return send(self._settings, endpoint, wire, ids, self._form)

        @documented(GenerateContentParams)
        def generate_content_stream(self, **params):
            """Google's name for `generate_content(stream=True)`: a `Stream` of chunks."""
            endpoint, wire, ids = _prepared(params, True)
            return send(self._settings, endpoint, wire, ids, self._form)

        @documented(GenerateContentParams)
        def stream(self, **params):
            """Streams an answer, for a `with` block: chunks, `text_stream`, `get_final_response()`."""
            endpoint, wire, ids = _prepared(params, True)
            return GenerateContentHelper(lambda: send(self._settings, endpoint, wire, ids, "helper"))

    @kept
    def with_raw_response(self) -> RawGemini[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Gemini(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawGemini[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Gemini(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class AsyncGemini(AsyncResource):
    """Gemini's own dialect, awaited. https://wenwen-ai.apifox.cn/349755828e0"""

    if TYPE_CHECKING:
        generate_content: GenerateContent[
            Coroutine[Any, Any, GenerateContentResponse],
            Coroutine[Any, Any, _Dict],
            Coroutine[Any, Any, AsyncStream[GenerateContentResponse]],
            Coroutine[Any, Any, AsyncStream[_Dict]],
        ]
        generate_content_stream: GenerateContentStream[
            Coroutine[Any, Any, AsyncStream[GenerateContentResponse]], Coroutine[Any, Any, AsyncStream[_Dict]]
        ]

        def stream(self, **params: Unpack[GenerateContentParams]) -> AsyncGenerateContentHelper: ...
    else:

        @documented(GenerateContentParams, streams=True, like=Gemini.generate_content)
        async def generate_content(self, **params):
            endpoint, wire, ids = _prepared(params, params.pop("stream", None))
            return await self._call(self._settings, endpoint, wire, ids, self._form)

        @documented(GenerateContentParams, like=Gemini.generate_content_stream)
        async def generate_content_stream(self, **params):
            endpoint, wire, ids = _prepared(params, True)
            return await self._call(self._settings, endpoint, wire, ids, self._form)

        @documented(GenerateContentParams, like=Gemini.stream)
        def stream(self, **params):
            endpoint, wire, ids = _prepared(params, True)
            return AsyncGenerateContentHelper(lambda: self._call(self._settings, endpoint, wire, ids, "helper"))

    @kept
    def with_raw_response(self) -> RawGemini[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncGemini(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawGemini[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncGemini(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {"generate_content": "Gemini.generate_content"}
