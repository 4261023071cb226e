"""`/v1/completions`: `client.completions`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.completions import Completion, CompletionCreateParams
from ._base import Resource
from ._methods import awaited, documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._core import APIResponse, Stream
    from ._base import StreamingResponse
    from ._faces import AsyncTextCompletions as AsyncTextCompletions
    from ._faces import CreateCompletion, RawTextCompletions

CREATE = endpoint("completions.create", reply=Completion, event=Completion, params=CompletionCreateParams)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


class TextCompletions(Resource):
    """`/v1/completions`: texts that go on, whole or streamed."""

    if TYPE_CHECKING:
        create: CreateCompletion[Completion, _Dict, Stream[Completion], Stream[_Dict]]
        with_raw_response: RawTextCompletions[APIResponse]
        with_streaming_response: RawTextCompletions[StreamingResponse]
    else:

        @documented(CompletionCreateParams, streams=True, sends=CREATE)
        def create(self, **params):
            """Has a model go on with a text: `POST /v1/completions`, of which few models are left.

            Returns a `Completion`, of which `text` is the text; with `stream=True` a `Stream` of its pieces, each of
            which is one too. Raises APIError and its kin."""


if not TYPE_CHECKING:
    AsyncTextCompletions = awaited(TextCompletions)
