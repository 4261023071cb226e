"""`/v1/models`: `client.models`."""

from __future__ import annotations

from .._core import send
from ..types._schema import endpoint
from ..types.models import Model, ModelList
from ..types.shared import RequestOptions
from ._base import (
    AsyncResource,
    AsyncStreamingResponse,
    Resource,
    Streaming,
    StreamingResponse,
    coroutine_function,
    documented,
    kept,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Generator
    from typing import Any, Generic, TypeVar

    from .._core import APIResponse
    from ..types._calls import ByModel, ListAll

LIST = endpoint("models.list", reply=ModelList, params=RequestOptions)
RETRIEVE = endpoint("models.retrieve", reply=Model, params=RequestOptions)

if TYPE_CHECKING:
    R = TypeVar("R")
    _Dict = dict[str, Any]

    class RawModels(Generic[R]):
        list: ListAll[R, R]
        retrieve: ByModel[R, R]


class Models(Resource):
    """`/v1/models`: what the key may use."""

    if TYPE_CHECKING:
        list: ListAll[ModelList, _Dict]
        retrieve: ByModel[Model, _Dict]
    else:

        @documented(RequestOptions)
        def list(self, **options):
            """The models that the key may use: `GET /v1/models`.

            Returns a `ModelList`, all on one page: `for model in client.models.list()`, or `data`."""
            return send(self._settings, LIST, options, (), self._form)

        @documented(RequestOptions, "model")
        def retrieve(self, model, **options):
            """One model: `GET /v1/models/{model}`.

            Raises NotFoundError for a model that the gateway's own list lacks; it may work all the same: what counts is
            `list()`."""
            return send(self._settings, RETRIEVE, options, (model,), self._form)

    @kept
    def with_raw_response(self) -> RawModels[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Models(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawModels[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Models(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


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


class AsyncModels(AsyncResource):
    """`/v1/models`, awaited: what the key may use."""

    if TYPE_CHECKING:
        list: ListAll[AsyncModelPage, Coroutine[Any, Any, _Dict]]
        retrieve: ByModel[Coroutine[Any, Any, Model], Coroutine[Any, Any, _Dict]]
    else:

        @coroutine_function
        @documented(RequestOptions, like=Models.list)
        def list(self, **options):
            coming = self._call(self._settings, LIST, options, (), self._form)
            return AsyncModelPage(coming) if self._form == "parsed" else coming

        @documented(RequestOptions, "model", like=Models.retrieve)
        async def retrieve(self, model, **options):
            return await self._call(self._settings, RETRIEVE, options, (model,), self._form)

    @kept
    def with_raw_response(self) -> RawModels[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncModels(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawModels[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncModels(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {"list_models": "Models.list"}
