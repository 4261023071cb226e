"""The functions of `wenwen`, to await: `await wenwen.aio.create_response(model="gpt-5", input="Hello!")`."""

from __future__ import annotations

from ._functions import HOMES, make

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from ._core import BinaryContent
    from ._loop import AsyncStream
    from .types._calls import CreateChatCompletion, CreateMessage, CreateResponse, Download, EditImage, GenerateImage
    from .types.chat import ChatCompletion, ChatCompletionChunk
    from .types.images import ImageEditStreamEvent, ImageGenStreamEvent, ImagesResponse
    from .types.messages import Message, RawMessageStreamEvent
    from .types.responses import Response, ResponseStreamEvent

    create_response: CreateResponse[
        Coroutine[Any, Any, Response],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[ResponseStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    create_chat_completion: CreateChatCompletion[
        Coroutine[Any, Any, ChatCompletion],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[ChatCompletionChunk]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    create_message: CreateMessage[
        Coroutine[Any, Any, Message],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[RawMessageStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    generate_image: GenerateImage[
        Coroutine[Any, Any, ImagesResponse],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[ImageGenStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    edit_image: EditImage[
        Coroutine[Any, Any, ImagesResponse],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[ImageEditStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    download: Download[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]
else:

    def __getattr__(name):
        value = globals()[name] = make(name, "wenwen.aio", "Async")
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
