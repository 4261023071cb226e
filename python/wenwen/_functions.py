"""The functions of the module `wenwen`: calls with the default settings."""

from __future__ import annotations

from ._client import default_settings
from ._core import send
from .resources._base import documented
from .resources.messages import CREATE as CREATE_MESSAGE
from .resources.messages import Messages
from .resources.responses import CREATE, Responses
from .types.messages import MessageCreateParams
from .types.responses import ResponseCreateParams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._core import Stream
    from .types._calls import CreateMessage, CreateResponse
    from .types.messages import Message, RawMessageStreamEvent
    from .types.responses import Response, ResponseStreamEvent

    create_response: CreateResponse[Response, dict[str, Any], Stream[ResponseStreamEvent], Stream[dict[str, Any]]]
    create_message: CreateMessage[Message, dict[str, Any], Stream[RawMessageStreamEvent], Stream[dict[str, Any]]]
else:

    @documented(ResponseCreateParams, streams=True, like=Responses.create)
    def create_response(**params):
        return send(default_settings(), CREATE, params)

    @documented(MessageCreateParams, streams=True, like=Messages.create)
    def create_message(**params):
        return send(default_settings(), CREATE_MESSAGE, params)
