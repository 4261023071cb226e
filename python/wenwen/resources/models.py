"""`/v1/models`: `client.models`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.models import Model, ModelList
from ..types.shared import RequestOptions
from ._base import Resource
from ._methods import awaited, documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Generator
    from typing import Any

    from .._core import APIResponse
    from ._base import StreamingResponse
    from ._faces import AsyncModels as AsyncModels
    from ._faces import ByModel, ListAll, RawModels

LIST = endpoint("models.list", reply=ModelList, params=RequestOptions)
RETRIEVE = endpoint("models.retrieve", reply=Model, params=RequestOptions)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


class AsyncModelPage:
    """The models to come: await it for the list, or iterate over it with `async for`."""

    __slots__ = ("_list",)

    def __init__(self, coming: Coroutine[Any, Any, ModelList]) -> None:
        self._list = coming

    def __await__(self) -> Generator[Any, Any, ModelList]:
        return self._list.__await__()

    # A coroutine too, for `asyncio.run` and `create_task`.
    def send(self, value: None, /) -> Any:
        return self._list.send(value)

    def throw(self, *error: Any) -> Any:
        return self._list.throw(*error)

    def close(self) -> None:
        self._list.close()

    async def __aiter__(self) -> AsyncIterator[Model]:
        for model in (await self._list)["data"] or ():
            yield model


class Models(Resource):
    """`/v1/models`: what the key may use."""

    if TYPE_CHECKING:
        list: ListAll[ModelList, _Dict]
        retrieve: ByModel[Model, _Dict]
        with_raw_response: RawModels[APIResponse]
        with_streaming_response: RawModels[StreamingResponse]
    else:

        @documented(RequestOptions, sends=LIST, page=AsyncModelPage)
        def list(self, **options):
            """The models that the key may use: `GET /v1/models`.

            Returns a `ModelList`, all on one page: `for model in client.models.list()`, or `data`."""

        @documented(RequestOptions, "model")
        def retrieve(self, model: str, **options):
            """One model: `GET /v1/models/{model}`.

            Raises NotFoundError for a model that the gateway's own list lacks; it may work all the same: what counts is
            `list()`."""
            return RETRIEVE, options, (model,)


if not TYPE_CHECKING:
    AsyncModels = awaited(Models)
