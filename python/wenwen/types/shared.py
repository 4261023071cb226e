"""What several dialects share: the options of every call and a few small shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, Literal, Protocol, TypeAlias, TypedDict, TypeVar, cast

from wenwen import _shown as _shown  # has replies show themselves
from wenwen._core import Object, Settings, Timeout

__all__ = [
    "AllModels",
    "AudioModel",
    "ChatModel",
    "DownloadOptions",
    "DownloadParams",
    "EmbeddingModel",
    "FileContent",
    "FileTypes",
    "FunctionParameters",
    "Metadata",
    "Misalignment",
    "MisalignmentSteer",
    "ModelParam",
    "ModerationModel",
    "PILImage",
    "Progress",
    "Readable",
    "ReasoningEffort",
    "RequestOptions",
    "ResponseFormatJSONObject",
    "ResponseFormatText",
    "ResponsesModel",
    "SpeechModel",
    "UploadOptions",
    "VideoModel",
    "VideoModelParam",
]


class Readable(Protocol):
    """A file open for reading in binary mode, or what reads like one."""

    def read(self, size: int = ..., /) -> bytes: ...


class PILImage(Protocol):
    """A picture of PIL's."""

    def save(self, fp: Any, format: str | None = ...) -> None: ...


# A path (`pathlib.Path`), bytes, an open file, a picture. No str, which may be somebody else's words and would name a
# file of this machine. (A data URI is taken too, which no checker can tell from other texts.)
FileContent: TypeAlias = PathLike[str] | bytes | bytearray | memoryview | Readable | PILImage

# The content, or with its name, or with its type too: ("cat.png", data, "image/png"). None as a name: its own.
FileTypes: TypeAlias = FileContent | tuple[str | None, FileContent] | tuple[str | None, FileContent, str | None]

# Up to 16 pairs; a key has at most 64 characters, a value at most 512.
Metadata: TypeAlias = dict[str, str]

# The name of a model, by the names that the peers' packages have for it.
AllModels: TypeAlias = str
AudioModel: TypeAlias = str
ChatModel: TypeAlias = str
EmbeddingModel: TypeAlias = str
ModelParam: TypeAlias = str
ModerationModel: TypeAlias = str
ResponsesModel: TypeAlias = str
SpeechModel: TypeAlias = str
VideoModel: TypeAlias = str
VideoModelParam: TypeAlias = str

# The JSON schema of a function's arguments.
FunctionParameters: TypeAlias = dict[str, object]

ReasoningEffort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]

_Task = TypeVar("_Task")
# How a wait shows how far a task is: a bar, or a function that is given the task.
Progress: TypeAlias = bool | Callable[[_Task], object] | None


class ResponseFormatText(Object):
    """The answer is plain text; the default format."""

    type: Literal["text"]


class ResponseFormatJSONObject(Object):
    """The answer is some JSON object, with no schema to hold it to."""

    type: Literal["json_object"]


class MisalignmentSteer(Object):
    """How to go on."""

    message: str


class Misalignment(Object):
    """Why a response was blocked."""

    detailed_explanation: str | None
    error_type: str
    review_target: str | None
    steer: MisalignmentSteer | None


class RequestOptions(TypedDict, total=False):
    """Options that every call takes besides its own parameters.

    extra_headers: headers to add or replace; None as a value leaves a default header out.
    extra_query: query parameters to add to the URL.
    extra_body: fields to add to the JSON body or replace there, for what has no keyword yet.
    timeout: seconds for the whole call, attempts and pauses included, or a `Timeout`; None means the
        client's.
    max_retries: attempts after the first one; 0 for none, None for the client's.
    max_response_bytes: how large the reply may be, decompressed, a stream over all its events; None for the
        client's (256 MiB). Beyond that it is a ResponseTooLargeError.
    """

    extra_headers: Mapping[str, str | None] | None
    extra_query: Mapping[str, object] | None
    extra_body: Mapping[str, object] | None
    timeout: float | Timeout | None
    max_retries: int | None
    max_response_bytes: int | None


class DownloadOptions(RequestOptions, total=False):
    """Options of a download.

    allow_private: True follows the URL to this machine and its network too; None means the client's (False).
    """

    allow_private: bool | None


class DownloadParams(DownloadOptions, total=False):
    """What a download takes besides its URL.

    allow_private: True follows the URL to this machine and its network too; None means the client's (False).
    progress: with a path: True for a bar where it takes more than a second (tqdm's if it is installed), or a function
        that is given the bytes so far, and how many there are in all or None.
    """

    progress: bool | Callable[[int, int | None], object] | None


class UploadOptions(RequestOptions, total=False):
    """Options of a call that sends files.

    progress: True for a bar where sending them takes more than a second (tqdm's if it is installed), or a function that
        is given the bytes that are on their way, and how many there are in all; each attempt begins anew.
    """

    progress: bool | Callable[[int, int], object] | None


def settings_of(reply: Any) -> Settings:
    """The settings that a reply acts by: of the client that it came from; of one that was made by hand or loaded from a
    pickle, the default ones."""
    from .._client import default_settings

    return reply._settings or default_settings()


def later(module: str, name: str) -> Callable[[str], object]:
    """The `__getattr__` of a module that has this name of `_parsed`'s, which rests on it."""

    def get(asked: str) -> object:
        if asked != name:
            raise AttributeError(f"module {module!r} has no attribute {asked!r}")
        from . import _parsed

        return getattr(_parsed, name)

    return get


def part(value: Any, name: str) -> Any:
    """A field of an object, or of a dict with as_dict=True; None of anything else that a server may send there."""
    return value.get(name) if hasattr(value, "get") else None


def items(value: Any) -> list[Any]:
    """A list's items; none of anything else that a server may send there."""
    return cast("list[object]", value) if isinstance(value, list) else []
