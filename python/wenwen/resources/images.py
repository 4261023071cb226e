"""`/v1/images`: `client.images`."""

from __future__ import annotations

from .._core import send
from ..types._schema import endpoint
from ..types.images import (
    Image,
    ImageEditParams,
    ImageEditStreamEvent,
    ImageGenerateParams,
    ImagesResponse,
)
from ._base import AsyncResource, AsyncStreamingResponse, Resource, Streaming, StreamingResponse, documented, kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, Generic, TypeVar

    from .._core import APIResponse, Settings, Stream
    from .._loop import AsyncStream
    from ..types._calls import EditImage, GenerateImage
    from ..types.images import ImageGenStreamEvent

# An event of another type is a picture all the same.
_EVENT = ImageEditStreamEvent | Image
GENERATE = endpoint("images.generate", reply=ImagesResponse, event=_EVENT, params=ImageGenerateParams)
EDIT = endpoint("images.edit", reply=ImagesResponse, event=_EVENT, params=ImageEditParams)

if TYPE_CHECKING:
    R = TypeVar("R")
    _Dict = dict[str, Any]

    class RawImages(Generic[R]):
        generate: GenerateImage[R, R, R, R]
        edit: EditImage[R, R, R, R]


# Only gpt-image takes these.
_GPT_IMAGE = (
    "background",
    "input_fidelity",
    "moderation",
    "output_compression",
    "output_format",
    "partial_images",
    "stream",
)


def _with_model(params: dict[str, Any]) -> dict[str, Any]:
    """The model that the API takes where none is named. It is sent all the same: builds of the gateway differ in it."""
    extra: Any = params.get("extra_body") or ()
    if "model" in params or "model" in extra:
        return params
    image: list[Any] = params["image"] if isinstance(params.get("image"), list) else []
    is_gpt = len(image) > 1 or params.get("quality") in ("low", "medium", "high")
    is_gpt = is_gpt or any(params.get(name) not in (None, False) for name in _GPT_IMAGE)
    return {"model": "gpt-image-1" if is_gpt else "dall-e-2", **params}


def _bound(reply: Any, settings: Settings) -> Any:
    """An image that is at a URL is fetched the way of the client that asked for it."""
    if isinstance(reply, ImagesResponse):
        reply._bind(settings)
    return reply


class Images(Resource):
    """`/v1/images`: paint images, whole or streamed. https://wenwen-ai.apifox.cn/305836915e0"""

    if TYPE_CHECKING:
        generate: GenerateImage[ImagesResponse, _Dict, Stream[ImageGenStreamEvent], Stream[_Dict]]
        edit: EditImage[ImagesResponse, _Dict, Stream[ImageEditStreamEvent], Stream[_Dict]]
    else:

        @documented(ImageGenerateParams, streams=True)
        def generate(self, **params):
            """Paints images from a prompt: `POST /v1/images/generations`.

            Returns an `ImagesResponse`; each image of its `data` has `save(path)`, `bytes` and `show()`, whether it
            came in base64 or is at a URL, which mostly expires within an hour. With `stream=True` (gpt-image) a
            `Stream` of events that are images too. Takes 10 to 120 s. Raises APIError and its kin for whatever goes
            wrong with the call, TypeError and ValueError for arguments that cannot be sent.
            https://wenwen-ai.apifox.cn/305836915e0"""
            return _bound(send(self._settings, GENERATE, _with_model(params), (), self._form), self._settings)

        @documented(ImageEditParams, streams=True)
        def edit(self, **params):
            """Edits images, or makes one of several: `POST /v1/images/edits`, as a multipart form.

            Returns an `ImagesResponse`; each image of its `data` has `save(path)`, `bytes` and `show()`. With
            `stream=True` (gpt-image) a `Stream` of events that are images too. Takes 10 to 120 s. Raises APIError and
            its kin for whatever goes wrong with the call; OSError for a file that cannot be opened, TypeError and
            ValueError for arguments that cannot be sent. https://wenwen-ai.apifox.cn/307224279e0"""
            return _bound(send(self._settings, EDIT, _with_model(params), (), self._form), self._settings)

    @kept
    def with_raw_response(self) -> RawImages[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Images(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawImages[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Images(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class AsyncImages(AsyncResource):
    """`/v1/images`, awaited: paint images, whole or streamed. https://wenwen-ai.apifox.cn/305836915e0"""

    if TYPE_CHECKING:
        generate: GenerateImage[
            Coroutine[Any, Any, ImagesResponse],
            Coroutine[Any, Any, _Dict],
            Coroutine[Any, Any, AsyncStream[ImageGenStreamEvent]],
            Coroutine[Any, Any, AsyncStream[_Dict]],
        ]
        edit: EditImage[
            Coroutine[Any, Any, ImagesResponse],
            Coroutine[Any, Any, _Dict],
            Coroutine[Any, Any, AsyncStream[ImageEditStreamEvent]],
            Coroutine[Any, Any, AsyncStream[_Dict]],
        ]
    else:

        @documented(ImageGenerateParams, streams=True, like=Images.generate)
        async def generate(self, **params):
            return _bound(
                await self._call(self._settings, GENERATE, _with_model(params), (), self._form), self._settings
            )

        @documented(ImageEditParams, streams=True, like=Images.edit)
        async def edit(self, **params):
            return _bound(await self._call(self._settings, EDIT, _with_model(params), (), self._form), self._settings)

    @kept
    def with_raw_response(self) -> RawImages[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncImages(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawImages[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncImages(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {"generate_image": "Images.generate", "edit_image": "Images.edit"}
