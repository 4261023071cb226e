"""The functions of `wenwen`, to await: `await wenwen.aio.create_response(model="gpt-5", input="Hello!")`."""

from __future__ import annotations

from ._client import default_settings
from ._loop import call
from .resources._base import documented
from .resources.chat import CREATE as CREATE_CHAT
from .resources.chat import Completions
from .resources.messages import CREATE as CREATE_MESSAGE
from .resources.messages import Messages
from .resources.responses import CREATE, Responses
from .types.chat import ChatCompletionCreateParams
from .types.messages import MessageCreateParams
from .types.responses import ResponseCreateParams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from ._loop import AsyncStream
    from .types._calls import CreateChatCompletion, CreateMessage, CreateResponse
    from .types.chat import ChatCompletion, ChatCompletionChunk
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
else:

    @documented(ResponseCreateParams, streams=True, like=Responses.create)
    async def create_response(**params):
        return await call(default_settings(), CREATE, params)

    @documented(ChatCompletionCreateParams, streams=True, like=Completions.create)
    async def create_chat_completion(**params):
        return await call(default_settings(), CREATE_CHAT, params)

    @documented(MessageCreateParams, streams=True, like=Messages.create)
    async def create_message(**params):
        return await call(default_settings(), CREATE_MESSAGE, params)
