"""`/v1/moderations`: `client.moderations`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.moderations import ModerationCreateParams, ModerationCreateResponse
from ._base import Resource
from ._methods import awaited, documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._core import APIResponse
    from ._base import StreamingResponse
    from ._faces import AsyncModerations as AsyncModerations
    from ._faces import CreateModeration, RawModerations

CREATE = endpoint("moderations.create", reply=ModerationCreateResponse, params=ModerationCreateParams)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


class Moderations(Resource):
    """`/v1/moderations`: find what may do harm."""

    if TYPE_CHECKING:
        create: CreateModeration[ModerationCreateResponse, _Dict]
        with_raw_response: RawModerations[APIResponse]
        with_streaming_response: RawModerations[StreamingResponse]
    else:

        @documented(ModerationCreateParams, sends=CREATE)
        def create(self, **params):
            """Says whether texts and pictures may do harm: `POST /v1/moderations`.

            Returns a `ModerationCreateResponse`, whose `results` say for each input whether it is `flagged`, and in
            which `categories`. Raises APIError and its kin."""


if not TYPE_CHECKING:
    AsyncModerations = awaited(Moderations)
