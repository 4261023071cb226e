"""`/v1/images/generations` and `/v1/images/edits`: the reply, its images, the stream's events, the parameters.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation
says, and a field that is not declared here is an attribute all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Literal, Required, TypeAlias, TypedDict, cast

from wenwen._core import Object, Reply
from wenwen._frames import frameless

from .shared import FileTypes, RequestOptions, UploadOptions, settings_of

if TYPE_CHECKING:
    from wenwen._core import Settings

__all__ = [
    "Image", "ImageBackground", "ImageEditCompletedEvent", "ImageEditParams", "ImageEditPartialImageEvent",
    "ImageEditStreamEvent", "ImageGenCompletedEvent", "ImageGenPartialImageEvent", "ImageGenStreamEvent",
    "ImageGenerateParams", "ImageInputReferenceParam", "ImageModel", "ImageOutputFormat", "ImageQuality", "ImageUsage",
    "ImageUsageInputTokensDetails", "ImageUsageOutputTokensDetails", "ImagesResponse",
]  # fmt: skip

ImageModel: TypeAlias = Literal["dall-e-2", "dall-e-3", "gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5"]

ImageQuality: TypeAlias = Literal["standard", "hd", "low", "medium", "high", "auto"]

ImageBackground: TypeAlias = Literal["transparent", "opaque", "auto"]

ImageOutputFormat: TypeAlias = Literal["png", "jpeg", "webp"]

_Bytes: TypeAlias = bytes  # a property of that name stands in the way


# ---- the pictures ----


@frameless
class _Picture(Object):
    """What a picture in base64 or at a URL can do."""

    # Of the client that asked for it.
    if TYPE_CHECKING:
        _settings: Settings | None
    else:
        _settings = None

    # Properties and no fields: an upstream's "" is no value.

    @property
    def b64_json(self) -> str | None:
        """The picture in base64; None where there is a `url`."""
        return self.get("b64_json") or None

    @property
    def url(self) -> str | None:
        """Where the picture can be fetched, mostly for an hour; None where it came with the reply."""
        return self.get("url") or None

    @property
    def bytes(self) -> _Bytes:
        """What `read()` returns. A property that fetches a picture at a URL each time it is looked at, by a debugger
        that shows all fields too; `read()` is for programs that would rather say so."""
        return self.read()

    def read(self) -> _Bytes:
        """The picture as a file: decoded, or fetched from its URL (each time anew, without sending the key there).

        ValueError if there is neither; APIError and its kin if the fetching fails. An async program awaits `abytes()`
        instead, which does not hold up its loop."""
        data = self._data()
        if isinstance(data, str):
            from ..resources.downloads import Downloads

            return Downloads(settings_of(self)).download(data).content
        return data

    async def abytes(self) -> _Bytes:
        """The same as `read()`, awaited."""
        data = self._data()
        if isinstance(data, str):
            from ..resources.downloads import AsyncDownloads

            return (await AsyncDownloads(settings_of(self)).download(data)).content
        return data

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the picture to a file, under just that name and in the format that it came in (`content_type`). From a
        URL it goes there piece by piece; the key is not sent. A file that fails half-way is not left behind.

        ValueError if there is no picture; OSError for the path; APIError and its kin if the fetching fails. An async
        program awaits `asave(path)` instead."""
        data = self._data()
        if isinstance(data, str):
            from ..resources.downloads import Downloads

            Downloads(settings_of(self)).download(data, path)
        else:
            from .._files import write

            write(path, data)

    async def asave(self, path: str | PathLike[str]) -> None:
        """The same as `save`, awaited."""
        data = self._data()
        if isinstance(data, str):
            from ..resources.downloads import AsyncDownloads

            await AsyncDownloads(settings_of(self)).download(data, path)
        else:
            from .._files import write

            write(path, data)

    def show(self) -> None:
        """Shows the picture: in a notebook below the cell; elsewhere in a window of the system's, by PIL if that is
        installed, else by what opens such files."""
        import sys

        data = self.bytes
        kind = _sniffed(data) or "image/png"
        ipython = sys.modules.get("IPython")
        shell = ipython and ipython.get_ipython()
        if shell is not None and getattr(shell, "kernel", None) is not None:
            from IPython import display

            bundle = {"text/plain": repr(self), kind: _encoded(data)}
            display.display(bundle, raw=True)  # type: ignore[no-untyped-call,unused-ignore]
            return
        from importlib import import_module

        try:
            pictures = import_module("PIL.Image")
        except ImportError:
            import tempfile
            import webbrowser

            ending = kind.partition("/")[2].replace("jpeg", "jpg")
            # Left for the viewer, which opens it after we have gone on.
            with tempfile.NamedTemporaryFile(suffix=f".{ending}", prefix="wenwen-", delete=False) as file:
                file.write(data)
            webbrowser.open(_uri(file.name))
        else:
            import io

            pictures.open(io.BytesIO(data)).show()

    @property
    def content_type(self) -> str | None:
        """What the picture is, told by its first bytes: "image/png". None if it is none that is known, or at a URL."""
        data = self.b64_json
        if data is None and not (self.url or "").startswith("data:"):
            return None
        return _sniffed(_decoded(_without_prefix(data or self.url or "")[:64]))

    def _data(self) -> _Bytes | str:
        """The picture, or the URL where it is."""
        data, url = self.b64_json, self.url
        if data is None and url is not None:
            if not url.startswith("data:"):
                return url
            data = url
        if data is None:
            raise ValueError("there is no picture here: b64_json and url are both missing or empty")
        return _decoded(_without_prefix(data))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: the picture, if it came with the reply. Nothing is fetched for that."""
        bundle = {"text/plain": repr(self)}
        try:
            data = b"" if self.content_type is None else self._data()
        except ValueError:
            data = b""
        if isinstance(data, _Bytes) and (kind := _sniffed(data)) is not None:
            bundle[kind] = _encoded(data)  # anew: what stood around it in the server's text is HTML there
        return bundle


def _without_prefix(text: str) -> str:
    """Some upstreams write `data:image/png;base64,` first."""
    return text.partition(",")[2] if text.startswith("data:") else text


def _decoded(text: str) -> _Bytes:
    from binascii import Error, a2b_base64

    try:
        return a2b_base64(text)
    except Error as error:
        raise ValueError(f"the picture's base64 is broken: {error}") from None


def _encoded(data: _Bytes) -> str:
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).decode()


def _sniffed(data: _Bytes) -> str | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/gif" if data.startswith(b"GIF8") else None


def _uri(path: str) -> str:
    from pathlib import Path

    return Path(path).as_uri()


class Image(_Picture):
    """One image of a reply, in base64 (`b64_json`) or at a URL (`url`), which is fetched by the same calls:
    `image.save(path)`, `image.bytes`, `image.show()`. It may be given to `edit_image` as it is, if it is in base64."""

    @property
    def revised_prompt(self) -> str | None:
        """The prompt that the model made of yours; None where it made none (only dall-e-3 does)."""
        return self.get("revised_prompt") or None


# ---- the reply ----


class ImageUsageInputTokensDetails(Object):
    """Of what the input tokens were."""

    text_tokens: int
    image_tokens: int


class ImageUsageOutputTokensDetails(Object):
    """Of what the output tokens were."""

    text_tokens: int
    image_tokens: int


class ImageUsage(Object):
    """The tokens of a call; the gpt-image models have them."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_tokens_details: ImageUsageInputTokensDetails | None
    output_tokens_details: ImageUsageOutputTokensDetails | None


@frameless
class ImagesResponse(Reply):
    """The images that were made; of the rest, all but `created` comes with the gpt-image models only."""

    created: int
    """When, in Unix seconds."""
    data: list[Image]
    """The images. May be fewer than were asked for, or none."""
    background: Literal["transparent", "opaque"] | None
    output_format: ImageOutputFormat | None
    quality: Literal["low", "medium", "high"] | None
    size: str | None
    usage: ImageUsage | None
    svg_usage: ImageUsage | None
    safety_identifier: str | None

    def _bind(self, settings: Settings) -> None:
        data = self.get("data")
        if isinstance(data, list):  # an upstream's may be anything
            for image in cast("list[object]", data):
                if isinstance(image, Image):
                    image._settings = settings


# ---- the events of a stream ----


class _PartialImage(_Picture):
    created_at: int
    size: str
    quality: Literal["low", "medium", "high", "auto"]
    background: ImageBackground
    output_format: ImageOutputFormat
    partial_image_index: int


class _CompletedImage(_Picture):
    created_at: int
    size: str
    quality: Literal["low", "medium", "high", "auto"]
    background: ImageBackground
    output_format: ImageOutputFormat
    usage: ImageUsage | None
    safety_identifier: str | None


class ImageGenPartialImageEvent(_PartialImage):
    """An image as far as it is painted: `event.save(path)`, `event.bytes`, `event.show()`."""

    type: Literal["image_generation.partial_image"]


class ImageGenCompletedEvent(_CompletedImage):
    """The finished image: `event.save(path)`, `event.bytes`, `event.show()`."""

    type: Literal["image_generation.completed"]


class ImageEditPartialImageEvent(_PartialImage):
    """An edited image as far as it is painted: `event.save(path)`, `event.bytes`, `event.show()`."""

    type: Literal["image_edit.partial_image"]


class ImageEditCompletedEvent(_CompletedImage):
    """The finished edited image: `event.save(path)`, `event.bytes`, `event.show()`."""

    type: Literal["image_edit.completed"]


ImageGenStreamEvent: TypeAlias = ImageGenPartialImageEvent | ImageGenCompletedEvent

# Where an upstream answered whole, the gateway calls the events of an edit as those of a generation (REFERENCE H.2).
ImageEditStreamEvent: TypeAlias = (
    ImageEditPartialImageEvent | ImageEditCompletedEvent | ImageGenPartialImageEvent | ImageGenCompletedEvent
)


# ---- the parameters ----


class ImageGenerateParams(RequestOptions, total=False):
    """The parameters of `generate_image` and `images.generate`.

    model: id of the model: "dall-e-2" (the default), "dall-e-3", "gpt-image-1" (the default with a parameter that
        only gpt-image has) or another one's.
    prompt: what to paint; at most 1000 characters for dall-e-2, 4000 for dall-e-3, 32000 for gpt-image. Required.
    n: how many images; 1 to 10, default 1. dall-e-3 makes 1.
    size: width and height in pixels, with the letter x. dall-e-2: "256x256", "512x512", "1024x1024"; dall-e-3:
        "1024x1024", "1792x1024", "1024x1792"; gpt-image: "1024x1024", "1536x1024", "1024x1536", "auto".
    quality: dall-e-3: "standard" (the default) or "hd"; gpt-image: "low", "medium", "high" or "auto" (the default).
    style: dall-e-3 only: "vivid" (the default) or "natural".
    response_format: "url" (the default) or "b64_json". gpt-image takes neither: it always answers base64.
    output_format: gpt-image only: "png" (the default), "jpeg" or "webp".
    output_compression: gpt-image only: quality of a jpeg or webp; 0 to 100 percent, default 100.
    background: gpt-image only: "transparent", "opaque" or "auto" (the default). A transparent one needs png or webp.
    moderation: gpt-image only: "low" for a milder filter, or "auto" (the default).
    partial_images: with `stream`: how many unfinished images to show first; 0 to 3, default 0.
    user: name for your end user.
    safety_identifier: stable name for your end user, hashed, for abuse reports; the newer form of `user`.
    complexity: newer models only: "low", "medium" or "high": how much is planned first.
    frame_count: with output_format "gif": how many pictures; 2 to 16, default 9.
    frame_duration_ms: how long each is shown; default 200.
    svg: with output_format "svg": who writes it, {"model": ..., "reasoning": {"effort": ...}}.
    """

    model: ImageModel | str
    prompt: Required[str]
    n: int | None
    size: str | None
    quality: ImageQuality | None
    style: Literal["vivid", "natural"] | None
    response_format: Literal["url", "b64_json"] | None
    output_format: ImageOutputFormat | None
    output_compression: int | None
    background: ImageBackground | None
    moderation: Literal["low", "auto"] | None
    partial_images: int | None
    user: str | None
    safety_identifier: str | None
    complexity: Literal["low", "medium", "high"] | None
    frame_count: int | None
    frame_duration_ms: int | None
    svg: Mapping[str, object] | None


class ImageInputReferenceParam(TypedDict, total=False):
    """A picture that is elsewhere.

    image_url: where it is, or a data URI. file_id: of a file that the service keeps. One of them.
    """

    image_url: str
    file_id: str


class ImageEditParams(UploadOptions, total=False):
    """The parameters of `edit_image` and `images.edit`.

    model: id of the model: "dall-e-2" (the default), "gpt-image-1" (the default with several images, or with a
        parameter that only gpt-image has) or another one's.
    image: the image to edit, or a list of them: a `pathlib.Path`, bytes, a file open for reading in binary mode, a
        data URI, a PIL image, an `Image` of an earlier reply, (name, content) or (name, content, type). Files are read
        from disk while they are sent. An open file is sent from where it stands: one on disk stays there, another
        (BytesIO, gzip) is at its end afterwards. dall-e-2: one square PNG below 4 MB; gpt-image: up to 16 PNG, WEBP or
        JPEG files below 50 MB each. The gateway goes by the ending of the name. Or {"image_url": ...} or
        {"file_id": ...}, or a list of them, for gpt-image: these go as JSON, `mask` and `markup` then too. Required.
    prompt: what to make of it; at most 1000 characters for dall-e-2, 32000 for gpt-image. Required.
    mask: a PNG of the same size, whose transparent parts say where to paint; forms as for `image`.
    markup: a transparent PNG of the same size, laid upon the first image to show what is meant; newer models only, and
        not together with `mask`.
    n: how many images; 1 to 10, default 1.
    size: width and height in pixels, with the letter x. dall-e-2: "256x256", "512x512", "1024x1024"; gpt-image:
        "1024x1024", "1536x1024", "1024x1536", "auto".
    quality: gpt-image only: "low", "medium", "high" or "auto" (the default).
    input_fidelity: gpt-image only: how close to stay to the given images: "high" or "low" (the default).
    response_format: dall-e-2 only: "url" (the default) or "b64_json". gpt-image always answers base64.
    output_format: gpt-image only: "png" (the default), "jpeg" or "webp".
    output_compression: gpt-image only: quality of a jpeg or webp; 0 to 100 percent, default 100.
    background: gpt-image only: "transparent", "opaque" or "auto" (the default). A transparent one needs png or webp.
    partial_images: with `stream`: how many unfinished images to show first; 0 to 3, default 0.
    user: name for your end user.
    safety_identifier: stable name for your end user, hashed, for abuse reports; the newer form of `user`.
    complexity: newer models only: "low", "medium" or "high": how much is planned first.
    frame_count: with output_format "gif": how many pictures; 2 to 16, default 9.
    frame_duration_ms: how long each is shown; default 200.
    svg: with output_format "svg": who writes it, {"model": ..., "reasoning": {"effort": ...}}.
    progress: True for a bar where sending takes more than a second (tqdm's if it is installed), or a function that is
        given the bytes that are on their way, and how many there are in all.
    """

    model: ImageModel | str
    image: Required[
        FileTypes | Image | ImageInputReferenceParam | Sequence[FileTypes | Image | ImageInputReferenceParam]
    ]
    prompt: Required[str]
    mask: FileTypes | Image | ImageInputReferenceParam | None
    markup: FileTypes | Image | ImageInputReferenceParam | None
    n: int | None
    size: str | None
    quality: ImageQuality | None
    input_fidelity: Literal["high", "low"] | None
    response_format: Literal["url", "b64_json"] | None
    output_format: ImageOutputFormat | None
    output_compression: int | None
    background: ImageBackground | None
    partial_images: int | None
    user: str | None
    safety_identifier: str | None
    complexity: Literal["low", "medium", "high"] | None
    frame_count: int | None
    frame_duration_ms: int | None
    svg: Mapping[str, object] | None
