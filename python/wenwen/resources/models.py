"""`/v1/models`: `client.models`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.models import Model, ModelDeleted, ModelList, ModelListParams, ModelRetrieveParams
from ..types.shared import RequestOptions
from ._base import Resource
from ._methods import awaited, documented
from ._page import AsyncPage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator
    from typing import Any

    from .._core import APIResponse
    from ._base import StreamingResponse
    from ._faces import AsyncModels as AsyncModels
    from ._faces import ByModel, DeleteModel, ListModels, RawModels

LIST = endpoint("models.list", reply=ModelList, params=ModelListParams)
RETRIEVE = endpoint("models.retrieve", reply=Model, params=ModelRetrieveParams)
DELETE = endpoint("models.delete", reply=ModelDeleted, params=RequestOptions)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


class AsyncModelPage(AsyncPage):
    """The models to come: await it for the list, or iterate over it with `async for`."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __await__(self) -> Generator[Any, Any, ModelList]: ...
        def __aiter__(self) -> AsyncIterator[Model]: ...


class Models(Resource):
    """`/v1/models`: what the key may use."""

    if TYPE_CHECKING:
        list: ListModels[ModelList, _Dict]
        retrieve: ByModel[Model, _Dict]
        delete: DeleteModel[ModelDeleted, _Dict]
        with_raw_response: RawModels[APIResponse]
        with_streaming_response: RawModels[StreamingResponse]
    else:

        @documented(ModelListParams, sends=LIST, page=AsyncModelPage)
        def list(self, **params):
            """The models that the key may use: `GET /v1/models`.

            Returns a `ModelList`, all on one page: `for model in client.models.list()`, or `data`."""

        @documented(ModelRetrieveParams, "model")
        def retrieve(self, model: str = "", **params):
            """One model: `GET /v1/models/{model}`.

            Raises NotFoundError for a model that the gateway's own list lacks; it may work all the same: what counts is
            `list()`."""
            return RETRIEVE, params, (params.pop("model_id", None) or model,)

        @documented(RequestOptions, "model")
        def delete(self, model: str, **options):
            """Deletes a model of your own making: `DELETE /v1/models/{model}`.

            The Wenwen gateway has no such route (501); other servers of the dialect do."""
            return DELETE, options, (model,)


if not TYPE_CHECKING:
    AsyncModels = awaited(Models)
