"""`/v1/videos` and Kling's `/v1/video/generations`: videos, which take minutes. A task is begun, looked at until it is
done, and its file is fetched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, Required, TypeVar, cast

from wenwen._core import Object, Reply, Timeout
from wenwen._frames import frameless

from .shared import FileTypes, Misalignment, Progress, RequestOptions, UploadOptions, settings_of

__all__ = [
    "AsyncVideo", "AsyncVideoGeneration", "AsyncVideoList", "Video", "VideoCharacter", "VideoCreateAndPollParams",
    "VideoCreateCharacterParams", "VideoCreateCharacterResponse", "VideoCreateError", "VideoCreateParams",
    "VideoDeleteResponse", "VideoDeleted", "VideoDownloadParams",
    "VideoEditParams", "VideoExtendParams", "VideoGeneration", "VideoGenerationCreateParams", "VideoGenerationData",
    "VideoGetCharacterResponse",
    "VideoList", "VideoListParams", "VideoPollParams", "VideoRemixParams",
]  # fmt: skip


T = TypeVar("T", bound="_Task")


class VideoCreateError(Object):
    """Why a video failed."""

    code: str
    message: str
    param: str | None  # the parameter that it blames
    type: str | None
    headers: dict[str, str] | None  # of the reply that it was
    misalignment: Misalignment | None  # why it was blocked


class _Task(Reply):
    """What the two kinds of tasks share."""

    @property
    def done(self) -> bool:
        """Whether it is over, well or not."""
        raise NotImplementedError

    @property
    def failed(self) -> bool:
        """Whether it is over and there is no video."""
        raise NotImplementedError

    @property
    def other_ratios(self) -> dict[str, float] | None:
        """What the price of a call is multiplied by for it: {"seconds": 8, "size": 1}. For `prices.cost(video)`. None
        for a task that this process did not begin: only the reply to that tells, by a header."""
        own: dict[str, Any] = object.__getattribute__(self, "__dict__")  # `self.__dict__` is what the server sent
        kept: Any = own.get("_ratios")
        if kept is None and (text := self.headers.get("x-new-api-other-ratios")):
            import json

            try:
                made = json.loads(text)
            except ValueError:
                return None
            kept = own["_ratios"] = cast("Any", made) if isinstance(made, dict) else None
        return cast("dict[str, float] | None", kept)


@frameless
class _Video(_Task):
    id: str
    task_id: str | None
    object: Literal["video"]
    model: str
    # "queued", "in_progress", "completed", "failed"; "unknown" is none of them yet.
    status: str
    progress: int  # per cent
    created_at: int  # seconds since 1970
    completed_at: int | None
    expires_at: int | None  # when its file is deleted
    prompt: str | None
    seconds: str | None  # "4", "8", "12"
    size: str | None  # "720x1280"
    remixed_from_video_id: str | None
    error: VideoCreateError | None
    metadata: dict[str, Any] | None

    @property
    def done(self) -> bool:
        """Whether it is over, well or not."""
        return self.status in ("completed", "failed", "cancelled")

    @property
    def failed(self) -> bool:
        """Whether it is over and there is no video; `error` says why."""
        return self.status in ("failed", "cancelled")

    @property
    def url(self) -> str | None:
        """Where its file is, which may be at the gateway, where it takes the key; None before it is done, and where the
        gateway does not tell: `save` works all the same."""
        metadata = self.metadata or {}
        url = metadata.get("url") or self.get("url") or self.get("video_url")
        return url if isinstance(url, str) else None


@frameless
class Video(_Video):
    """A video that is made or has been."""

    def refresh(self) -> Video:
        """The video as it is now, fetched anew."""
        from ..resources.videos import Videos

        return later(self, Videos(settings_of(self)).retrieve(self.id))

    def wait(
        self, timeout: float | Timeout | None = None, *, poll: float = 5.0, progress: Progress[Video] = None
    ) -> Video:
        """Waits until the video is completed, and returns it.

        timeout: seconds in all; None for 3660 (an hour and a minute), `wenwen.NO_TIMEOUT` for no limit.
        poll: seconds between two looks (5).
        progress: True for a bar (tqdm's if it is installed), or a function that is given the video after the
            first look and at each change.

        What passes (no connection, a busy gateway) is waited out. Raises TaskFailedError if the video failed,
        TaskTimeoutError, whose `task` can be waited for again, and APIError for what does not pass.
        """
        from ..resources.videos import Videos

        return Videos(settings_of(self))._finish(self, timeout, poll=poll, progress=progress)  # type: ignore[no-any-return]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Fetches the file of a completed video and writes it, piece by piece."""
        from ..resources.videos import Videos

        Videos(settings_of(self)).download_content(self.id, path)


@frameless
class AsyncVideo(_Video):
    """A video that is made or has been."""

    async def refresh(self) -> AsyncVideo:
        """The video as it is now, fetched anew."""
        from ..resources.videos import AsyncVideos

        return later(self, await AsyncVideos(settings_of(self)).retrieve(self.id))

    async def wait(
        self, timeout: float | Timeout | None = None, *, poll: float = 5.0, progress: Progress[AsyncVideo] = None
    ) -> AsyncVideo:
        """Waits until the video is completed, and returns it.

        timeout: seconds in all; None for 3660 (an hour and a minute), `wenwen.NO_TIMEOUT` for no limit.
        poll: seconds between two looks (5).
        progress: True for a bar (tqdm's if it is installed), or a function that is given the video after the
            first look and at each change; what it returns is awaited if it can be.

        What passes (no connection, a busy gateway) is waited out. Raises TaskFailedError if the video failed,
        TaskTimeoutError, whose `task` can be waited for again, and APIError for what does not pass.
        """
        from ..resources.videos import AsyncVideos

        return await AsyncVideos(settings_of(self))._finish(self, timeout, poll=poll, progress=progress)  # type: ignore[no-any-return]

    async def save(self, path: str | os.PathLike[str]) -> None:
        """Fetches the file of a completed video and writes it, piece by piece."""
        from ..resources.videos import AsyncVideos

        await AsyncVideos(settings_of(self)).download_content(self.id, path)


class _VideoList(Reply):
    """A page of the videos that the service keeps. Iterating gives the videos of this page; `has_more` says whether
    there is another, `list(after=page.last_id)`."""

    object: Literal["list"]
    first_id: str | None
    last_id: str | None
    has_more: bool


class VideoList(_VideoList):
    """A page of the videos that the service keeps. Iterating gives the videos of this page; `has_more` says whether
    there is another, `list(after=page.last_id)`."""

    data: list[Video]

    def __iter__(self) -> Iterator[Video]:  # type: ignore[override]
        return iter(self.data or ())


class AsyncVideoList(_VideoList):
    """A page of the videos that the service keeps. Iterating gives the videos of this page; `has_more` says whether
    there is another, `list(after=page.last_id)`."""

    data: list[AsyncVideo]

    def __iter__(self) -> Iterator[AsyncVideo]:  # type: ignore[override]
        return iter(self.data or ())


class VideoDeleted(Reply):
    """The reply to the deletion of a video."""

    id: str
    object: Literal["video.deleted"]
    deleted: bool


class VideoCharacter(Reply):
    """Somebody who may be in videos."""

    id: str | None
    name: str | None
    created_at: int  # seconds since 1970


class VideoGenerationData(Object):
    """How a task of `/v1/video/generations` is doing."""

    task_id: str
    platform: str
    action: str  # "textGenerate", "generate"
    # "NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE", "UNKNOWN"
    status: str
    fail_reason: str | None  # builds before late 2025 put the URL of a finished video here
    submit_time: int  # seconds since 1970
    start_time: int
    finish_time: int
    progress: str  # "100%"
    result_url: str | None
    data: Any  # as the vendor gave it


# openai's names.
VideoDeleteResponse = VideoDeleted
VideoCreateCharacterResponse = VideoGetCharacterResponse = VideoCharacter


@frameless
class _VideoGeneration(_Task):
    """What is begun has `id`, `model` and `status` of its own; what is fetched has them in `data`."""

    id: str | None
    object: str | None
    model: str | None
    created_at: int | None
    code: str | None  # "success"
    message: str | None
    data: VideoGenerationData | None

    @property
    def _inner(self) -> Any:
        return self.data or {}

    @property
    def task_id(self) -> str:
        """What to ask for it by."""
        return cast("str", self._inner.get("task_id") or self.get("task_id") or self.get("id"))

    @property
    def status(self) -> str:
        """ "NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS" or "FAILURE"; just begun, "queued"."""
        return cast("str", self._inner.get("status") or self.get("status") or "UNKNOWN")

    @property
    def progress(self) -> int:
        """Per cent."""
        text = self._inner.get("progress") or self.get("progress") or 0
        digits = str(text).rstrip("%").strip()
        return int(float(digits)) if digits.replace(".", "", 1).isdigit() else 0

    @property
    def done(self) -> bool:
        """Whether it is over, well or not."""
        return self.status.upper() in ("SUCCESS", "FAILURE", "COMPLETED", "SUCCEEDED", "FAILED")

    @property
    def failed(self) -> bool:
        """Whether it is over and there is no video; `fail_reason` says why."""
        return self.status.upper() in ("FAILURE", "FAILED")

    @property
    def fail_reason(self) -> str | None:
        """Why it failed; None where it did not."""
        return self._inner.get("fail_reason") or None if self.failed else None

    @property
    def url(self) -> str | None:
        """Where the finished video is, wherever in the reply that stands; None before."""
        if not self.done or self.failed:
            return None
        data = self._inner
        for url in (data.get("result_url"), _find_url(data.get("data")), data.get("fail_reason")):
            if isinstance(url, str) and url.startswith(("http://", "https://", "data:")):
                return url
        return None

    def _file(self) -> str:
        """The URL of its file."""
        if self.url is None:
            hint = "" if self.done else ": wait() for it first"
            raise ValueError(f"video {self.task_id} has no file (status {self.status!r}){hint}")
        return self.url


@frameless
class VideoGeneration(_VideoGeneration):
    """A task of `/v1/video/generations`."""

    def refresh(self) -> VideoGeneration:
        """The task as it is now, fetched anew."""
        from ..resources.videos import Generations

        return later(self, Generations(settings_of(self)).retrieve(self.task_id))

    def wait(
        self, timeout: float | Timeout | None = None, *, poll: float = 5.0, progress: Progress[VideoGeneration] = None
    ) -> VideoGeneration:
        """Waits until the video is there, and returns the task, with its `url`.

        timeout: seconds in all; None for 3660 (an hour and a minute), `wenwen.NO_TIMEOUT` for no limit.
        poll: seconds between two looks (5).
        progress: True for a bar (tqdm's if it is installed), or a function that is given the task after the
            first look and at each change.

        What passes (no connection, a busy gateway) is waited out. Raises TaskFailedError if the task failed,
        TaskTimeoutError, whose `task` can be waited for again, and APIError for what does not pass.
        """
        from ..resources.videos import Videos

        return Videos(settings_of(self))._finish(self, timeout, poll=poll, progress=progress)  # type: ignore[no-any-return]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Fetches the file of a finished video and writes it, piece by piece. The key goes along where the gateway
        itself has it, and nowhere else. ValueError before there is one."""
        from ..resources.videos import Videos

        Videos(settings_of(self))._save(self._file(), path)


@frameless
class AsyncVideoGeneration(_VideoGeneration):
    """A task of `/v1/video/generations`."""

    async def refresh(self) -> AsyncVideoGeneration:
        """The task as it is now, fetched anew."""
        from ..resources.videos import AsyncGenerations

        return later(self, await AsyncGenerations(settings_of(self)).retrieve(self.task_id))

    async def wait(
        self,
        timeout: float | Timeout | None = None,
        *,
        poll: float = 5.0,
        progress: Progress[AsyncVideoGeneration] = None,
    ) -> AsyncVideoGeneration:
        """Waits until the video is there, and returns the task, with its `url`.

        timeout: seconds in all; None for 3660 (an hour and a minute), `wenwen.NO_TIMEOUT` for no limit.
        poll: seconds between two looks (5).
        progress: True for a bar (tqdm's if it is installed), or a function that is given the task after the
            first look and at each change; what it returns is awaited if it can be.

        What passes (no connection, a busy gateway) is waited out. Raises TaskFailedError if the task failed,
        TaskTimeoutError, whose `task` can be waited for again, and APIError for what does not pass.
        """
        from ..resources.videos import AsyncVideos

        return await AsyncVideos(settings_of(self))._finish(self, timeout, poll=poll, progress=progress)  # type: ignore[no-any-return]

    async def save(self, path: str | os.PathLike[str]) -> None:
        """Fetches the file of a finished video and writes it, piece by piece. The key goes along where the gateway
        itself has it, and nowhere else. ValueError before there is one."""
        from ..resources.videos import AsyncVideos

        await AsyncVideos(settings_of(self))._save(self._file(), path)


def later(begun: _Task, task: T) -> T:
    """The task as it is now, which keeps what only the reply to its beginning told."""
    object.__getattribute__(task, "__dict__")["_ratios"] = begun.other_ratios
    return task


def _find_url(value: Any) -> str | None:
    """The first URL in a vendor's JSON."""
    if hasattr(value, "items"):
        for name, inner in value.items():
            if name in ("url", "video_url") and isinstance(inner, str) and inner.startswith("http"):
                return inner
        value = list(value.values())
    if not isinstance(value, list):
        return None
    for item in cast("list[object]", value):
        if url := _find_url(item):
            return url
    return None


class _VideoCreateParams(RequestOptions, total=False):
    """The parameters of `videos.create`.

    model: id of the model, e.g. "sora-2-pro"; "sora-2" is sent where none is named.
    prompt: what the video should show. Required.
    seconds: its length: "4" (the default), "8" or "12"; a number does too.
    size: width by height: "720x1280" (the default), "1280x720"; sora-2-pro also "1024x1792", "1792x1024".
    input_reference: the first picture: bytes, a path, a URL or base64; {"image_url": ...} or {"file_id": ...}.
    images: several of them, for models that take a first and a last one: bytes, paths, URLs or base64.
    """

    model: str
    prompt: Required[str]
    seconds: str | int | None
    size: str | None
    input_reference: str | FileTypes | Mapping[str, object] | None
    images: Iterable[str | bytes | os.PathLike[str]] | None


class VideoCreateParams(_VideoCreateParams, UploadOptions, total=False):
    """The parameters of `videos.create`."""


_SENDING = """
    progress: True for a bar where sending takes more than a second (tqdm's if it is installed), or a function that is
        given the bytes that are on their way, and how many there are in all.
    """
VideoCreateParams.__doc__ = (_VideoCreateParams.__doc__ or "").rstrip() + _SENDING

_POLLING = """
    poll_interval_ms: milliseconds between two looks (5000).
    progress: True for a bar (tqdm's if it is installed), or a function that is given the video after the
        first look and at each change; what it returns is awaited by an AsyncClient if it can be.
    """


class VideoCreateAndPollParams(_VideoCreateParams, total=False):
    """The parameters of `videos.create_and_poll`."""

    poll_interval_ms: float | None
    progress: Progress[Any]


class VideoPollParams(RequestOptions, total=False):
    """The parameters of `videos.poll`."""

    poll_interval_ms: float | None
    progress: Progress[Any]


VideoCreateAndPollParams.__doc__ = (_VideoCreateParams.__doc__ or "").rstrip() + _POLLING
VideoPollParams.__doc__ = f"{VideoPollParams.__doc__}\n{_POLLING}"


class VideoListParams(RequestOptions, total=False):
    """The parameters of `videos.list`; they go into the query.

    after: id of a video; the page starts behind it.
    limit: videos per page.
    order: "asc" or "desc", by time.
    """

    after: str | None
    limit: int | None
    order: Literal["asc", "desc"] | None


class VideoDownloadParams(RequestOptions, total=False):
    """The parameters of `videos.download_content` besides the id.

    variant: "video" (the default), "thumbnail" or "spritesheet".
    """

    variant: Literal["video", "thumbnail", "spritesheet"] | None


class VideoEditParams(UploadOptions, total=False):
    """The parameters of `videos.edit`.

    video: a completed one, as it is or as {"id": ...}; or a file: bytes, a path, an open file. Required.
    prompt: what should be different. Required.
    progress: True for a bar where sending takes more than a second (tqdm's if it is installed), or a function that is
        given the bytes that are on their way, and how many there are in all.
    """

    video: Required[FileTypes | _Video | Mapping[str, object]]
    prompt: Required[str]


class VideoExtendParams(VideoEditParams, total=False):
    """The parameters of `videos.extend`.

    video: a completed one, as it is or as {"id": ...}; or a file: bytes, a path, an open file. Required.
    prompt: how it goes on. Required.
    seconds: how long: "4", "8", "12", "16" or "20"; a number does too. Required.
    progress: True for a bar where sending takes more than a second (tqdm's if it is installed), or a function that is
        given the bytes that are on their way, and how many there are in all.
    """

    seconds: Required[str | int]


class VideoCreateCharacterParams(UploadOptions, total=False):
    """The parameters of `videos.create_character`.

    name: what the character is called. Required.
    video: a file that shows it: bytes, a path, an open file. Required.
    progress: True for a bar where sending takes more than a second (tqdm's if it is installed), or a function that is
        given the bytes that are on their way, and how many there are in all.
    """

    name: Required[str]
    video: Required[FileTypes]


class VideoRemixParams(RequestOptions, total=False):
    """The parameters of `videos.remix`.

    prompt: what should be different. Required.
    """

    prompt: Required[str]


class VideoGenerationCreateParams(RequestOptions, total=False):
    """The parameters of `videos.generations.create`.

    model: id of the model, e.g. "kling-v1-6". Required.
    prompt: what the video should show. Required.
    image: the first picture: bytes, a path, a URL or base64.
    images: several of them: bytes, paths, URLs or base64.
    duration: seconds: 5 or 10.
    size: "1280x720" (16:9), "720x1280" (9:16) or "1024x1024" (1:1, as any other).
    mode: "std" or "pro".
    metadata: of the vendor's own, merged into its request: {"negative_prompt": ..., "cfg_scale": ...,
        "image_tail": the last picture, "camera_control": ...}.
    """

    model: Required[str]
    prompt: Required[str]
    image: str | bytes | os.PathLike[str] | None
    images: Iterable[str | bytes | os.PathLike[str]] | None
    duration: int | None
    size: str | None
    mode: str | None
    metadata: Mapping[str, object] | None
