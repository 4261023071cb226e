"""The functions of the module `wenwen`: calls with the default settings."""

from __future__ import annotations

from ._client import default_settings
from ._core import send
from .resources._base import documented
from .resources.responses import CREATE, Responses
from .types.responses import ResponseCreateParams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._core import Stream
    from .types._calls import CreateResponse
    from .types.responses import Response, ResponseStreamEvent

    create_response: CreateResponse[Response, dict[str, Any], Stream[ResponseStreamEvent], Stream[dict[str, Any]]]
else:

    @documented(ResponseCreateParams, streams=True, like=Responses.create)
    def create_response(**params):
        return send(default_settings(), CREATE, params)
