"""The functions of the module `wenwen`: calls with the default settings."""

from __future__ import annotations

from ._client import default_settings
from ._core import send
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
    from typing import Any

    from ._core import Stream
    from .types._calls import CreateChatCompletion, CreateMessage, CreateResponse
    from .types.chat import ChatCompletion, ChatCompletionChunk
    from .types.messages import Message, RawMessageStreamEvent
    from .types.responses import Response, ResponseStreamEvent

    create_response: CreateResponse[Response, dict[str, Any], Stream[ResponseStreamEvent], Stream[dict[str, Any]]]
    create_chat_completion: CreateChatCompletion[
        ChatCompletion, dict[str, Any], Stream[ChatCompletionChunk], Stream[dict[str, Any]]
    ]
    create_message: CreateMessage[Message, dict[str, Any], Stream[RawMessageStreamEvent], Stream[dict[str, Any]]]
else:

    @documented(ResponseCreateParams, streams=True, like=Responses.create)
    def create_response(**params):
        return send(default_settings(), CREATE, params)

    @documented(ChatCompletionCreateParams, streams=True, like=Completions.create)
    def create_chat_completion(**params):
        return send(default_settings(), CREATE_CHAT, params)

    @documented(MessageCreateParams, streams=True, like=Messages.create)
    def create_message(**params):
        return send(default_settings(), CREATE_MESSAGE, params)
