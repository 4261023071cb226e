"""`client.beta`: the same resources under the names that code for the peers' packages uses."""

from __future__ import annotations

from ._base import Resource, inner
from ._methods import awaited
from .chat import Chat
from .messages import Messages
from .models import Models
from .responses import Responses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._core import APIResponse
    from ._base import StreamingResponse
    from ._faces import AsyncBeta as AsyncBeta
    from ._faces import RawBeta


class Beta(Resource):
    """What the peers' packages have in the making: the same as without `beta`. `betas=` of `messages` names
    features."""

    chat = inner(Chat)
    messages = inner(Messages)
    models = inner(Models)
    responses = inner(Responses)

    if TYPE_CHECKING:
        with_raw_response: RawBeta[APIResponse]
        with_streaming_response: RawBeta[StreamingResponse]


if not TYPE_CHECKING:
    AsyncBeta = awaited(Beta)
