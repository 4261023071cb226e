"""`/v1/rerank`: `client.rerank`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.rerank import RerankCreateParams, RerankResponse
from ._base import Resource
from ._methods import awaited, documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._core import APIResponse
    from ._base import StreamingResponse
    from ._faces import AsyncRerank as AsyncRerank
    from ._faces import CreateRerank, RawRerank

CREATE = endpoint("rerank.create", reply=RerankResponse, params=RerankCreateParams)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


class Rerank(Resource):
    """`/v1/rerank`: put texts in the order in which they answer a question."""

    if TYPE_CHECKING:
        create: CreateRerank[RerankResponse, _Dict]
        with_raw_response: RawRerank[APIResponse]
        with_streaming_response: RawRerank[StreamingResponse]
    else:

        @documented(RerankCreateParams, sends=CREATE)
        def create(self, **params):
            """Puts texts in the order in which they answer a question: `POST /v1/rerank`, in Jina's and Cohere's form.

            Returns a `RerankResponse`, whose `results` have the `index` of a document and its `relevance_score`, the
            best one first. Raises APIError and its kin."""


if not TYPE_CHECKING:
    AsyncRerank = awaited(Rerank)
