"""`/v1/images`: `client.images`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.images import (
    Image,
    ImageEditParams,
    ImageEditStreamEvent,
    ImageGenerateParams,
    ImagesResponse,
)
from ._base import Resource
from ._maps import mapped, started
from ._methods import awaited, documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._core import APIResponse, Endpoint, Settings, Stream
    from ..types.images import ImageGenStreamEvent
    from ._base import StreamingResponse
    from ._faces import AsyncImages as AsyncImages
    from ._faces import EditImage, GenerateImage, MapImage, MapImageEdit, RawImages

# An event of another type is a picture all the same.
_EVENT = ImageEditStreamEvent | Image
GENERATE = endpoint("images.generate", reply=ImagesResponse, event=_EVENT, params=ImageGenerateParams)
EDIT = endpoint("images.edit", reply=ImagesResponse, event=_EVENT, params=ImageEditParams)
_NAMED = {name: value for name, value in ImageEditParams.__annotations__.items() if name != "image"}
EDIT_BY_REFERENCE = endpoint(
    "images.edit.json",
    reply=ImagesResponse,
    event=_EVENT,
    params=type(
        "ImageEditParams",
        (dict,),
        {
            "__annotations__": {**_NAMED, "images": "Sequence[ImageInputReferenceParam]"},
            "__module__": ImageEditParams.__module__,
            "__total__": False,
        },
    ),
)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


# Only gpt-image takes these.
_GPT_IMAGE = (
    "background",
    "images",
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


def _is_reference(image: Any) -> bool:
    return isinstance(image, dict) and ("image_url" in image or "file_id" in image)


def _edited(params: dict[str, Any]) -> tuple[Endpoint, dict[str, Any]]:
    """A form with files, or, where all pictures are named by references, JSON with these."""
    given: Any = params.get("image")
    images: list[Any] = [*given] if isinstance(given, list) else [given]
    more = [params[name] for name in ("mask", "markup") if params.get(name)]  # None and `omit` are none
    named = [_is_reference(each) for each in (*images, *more)]
    if not any(named):
        return EDIT, _with_model(params)
    if not all(named):
        raise TypeError(
            "image, mask and markup are files and references mixed: give all as files, or all as "
            '{"image_url": ...} or {"file_id": ...}'
        )
    params.pop("progress", None)  # there is nothing to send that takes a while
    params = {"images": images, **{name: value for name, value in params.items() if name != "image"}}
    return EDIT_BY_REFERENCE, _with_model(params)


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
        map: MapImage
        map_edit: MapImageEdit
        with_raw_response: RawImages[APIResponse]
        with_streaming_response: RawImages[StreamingResponse]
    else:

        @documented(ImageGenerateParams, streams=True)
        async def generate(self, **params):
            """Paints images from a prompt: `POST /v1/images/generations`.

            Returns an `ImagesResponse`; each image of its `data` has `save(path)`, `bytes` and `show()`, whether it
            came in base64 or is at a URL, which mostly expires within an hour. With `stream=True` (gpt-image) a
            `Stream` of events that are images too. Takes 10 to 120 s. Raises APIError and its kin for whatever goes
            wrong with the call, TypeError and ValueError for arguments that cannot be sent.
            https://wenwen-ai.apifox.cn/305836915e0"""
            return _bound(await self._ask(GENERATE, _with_model(params), (), self._form), self._settings)

        @documented(ImageEditParams, streams=True)
        async def edit(self, **params):
            """Edits images, or makes one of several: `POST /v1/images/edits`, as a multipart form, or as JSON where the
            images are references.

            Returns an `ImagesResponse`; each image of its `data` has `save(path)`, `bytes` and `show()`. With
            `stream=True` (gpt-image) a `Stream` of events that are images too. Takes 10 to 120 s. Raises APIError and
            its kin for whatever goes wrong with the call; OSError for a file that cannot be opened, TypeError and
            ValueError for arguments that cannot be sent. https://wenwen-ai.apifox.cn/307224279e0"""
            endpoint, params = _edited(params)
            return _bound(await self._ask(endpoint, params, (), self._form), self._settings)

        @documented(mapped(ImageGenerateParams, "prompt"), "data", "prompt", whole=True, lazy=True)
        def map(self, data, prompt=None, **params):
            """Paints images for each row of any data, as fast as its limits let.

            Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
            sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
            order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
            goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
            anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
            asked (no money, a wrong key), for the job."""
            return started("images.generate", self, data, prompt, params)

        @documented(mapped(ImageEditParams, "prompt", "image"), "data", "prompt", whole=True, lazy=True)
        def map_edit(self, data, prompt=None, **params):
            """Edits images for each row of any data, as fast as its limits let.

            Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
            sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
            order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
            goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
            anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
            asked (no money, a wrong key), for the job."""
            return started("images.edit", self, data, prompt, params)


if not TYPE_CHECKING:
    AsyncImages = awaited(Images)
