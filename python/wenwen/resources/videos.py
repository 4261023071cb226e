"""`/v1/videos` and `/v1/video/generations`: `client.videos`."""

from __future__ import annotations

from .._core import send
from .._errors import TaskFailedError
from .._files import decoded, write
from ..types._schema import endpoint
from ..types.shared import RequestOptions
from ..types.videos import (
    AsyncVideo,
    AsyncVideoGeneration,
    Video,
    VideoCreateAndPollParams,
    VideoCreateParams,
    VideoGeneration,
    VideoGenerationCreateParams,
    VideoPollParams,
    VideoRemixParams,
)
from ._base import (
    AsyncResource,
    AsyncStreamingResponse,
    Resource,
    Streaming,
    StreamingResponse,
    documented,
    fetched,
    fetched_async,
    kept,
)
from ._poll import Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from os import PathLike
    from typing import Any, Generic, TypeVar, Unpack

    from .._core import APIResponse, BinaryContent, Endpoint, Settings, Timeout
    from ..types._calls import ByVideoId, ByVideoTask, CreateVideo, CreateVideoGeneration, DownloadVideo, RemixVideo

CREATE = endpoint("videos.create", reply=Video, params=VideoCreateParams)
RETRIEVE = endpoint("videos.retrieve", reply=Video, params=RequestOptions)
REMIX = endpoint("videos.remix", reply=Video, params=VideoRemixParams)
ASYNC_CREATE = endpoint("videos.create", reply=AsyncVideo, params=VideoCreateParams)
ASYNC_RETRIEVE = endpoint("videos.retrieve", reply=AsyncVideo, params=RequestOptions)
ASYNC_REMIX = endpoint("videos.remix", reply=AsyncVideo, params=VideoRemixParams)
CONTENT = endpoint("videos.download_content", params=RequestOptions)
SAVE = endpoint("videos.generations.save", params=RequestOptions)

GENERATE = endpoint("videos.generations.create", reply=VideoGeneration, params=VideoGenerationCreateParams)
FETCH = endpoint("videos.generations.retrieve", reply=VideoGeneration, params=RequestOptions)
ASYNC_GENERATE = endpoint("videos.generations.create", reply=AsyncVideoGeneration, params=VideoGenerationCreateParams)
ASYNC_FETCH = endpoint("videos.generations.retrieve", reply=AsyncVideoGeneration, params=RequestOptions)

if TYPE_CHECKING:
    R = TypeVar("R")
    B = TypeVar("B")  # what a download returns
    V = TypeVar("V", Video, VideoGeneration)
    AV = TypeVar("AV", AsyncVideo, AsyncVideoGeneration)
    _Dict = dict[str, Any]

    class RawGenerations(Generic[R]):
        create: CreateVideoGeneration[R, R]
        retrieve: ByVideoTask[R, R]

    class RawVideos(Generic[R]):
        create: CreateVideo[R, R]
        retrieve: ByVideoId[R, R]
        remix: RemixVideo[R, R]
        download_content: ByVideoId[R, R]
        generations: RawGenerations[R]


# ---- waiting ----


def _state(task: Any) -> tuple[Any, ...]:
    return task.done, task.progress or 0, task.status


def _checked(task: Any) -> Any:
    """The finished task, unless it failed."""
    if not task.failed:
        return task
    error = task.get("error")
    reason = task.get("fail_reason") or getattr(task, "fail_reason", None) or (error and error.get("message"))
    code = error.get("code") if error else None
    text = f"video {_asked(task)[1]} failed: {reason or 'no reason was given'}" + (f" (code {code})" if code else "")
    raise TaskFailedError(text, task=task, tasks=[task])


def _asked(task: Any) -> tuple[Endpoint, str]:
    """What looks at it, and its id."""
    if isinstance(task, (Video, AsyncVideo)):
        return RETRIEVE if isinstance(task, Video) else ASYNC_RETRIEVE, task.id
    return FETCH if isinstance(task, VideoGeneration) else ASYNC_FETCH, task.task_id


def finished(task: V, timeout: float | Timeout | None, *, poll: float, progress: Any) -> V:
    """The task when it is done; TaskFailedError if it failed."""
    return _checked(_waited(task, Wait(_state, timeout=timeout, poll=poll, progress=progress)))  # type: ignore[no-any-return]


def _waited(task: Any, wait: Wait) -> Any:
    from ..types.videos import later, settings_of

    settings, (endpoint, id) = settings_of(task), _asked(task)
    tasks = {id: task}
    wait.run(tasks, lambda ids, seconds: {id: later(task, send(settings, endpoint, {"timeout": seconds}, (id,)))})
    return tasks[id]


async def finished_async(task: AV, timeout: float | Timeout | None, *, poll: float, progress: Any) -> AV:
    """The same, awaited."""
    return _checked(await _waited_async(task, Wait(_state, timeout=timeout, poll=poll, progress=progress)))  # type: ignore[no-any-return]


async def _waited_async(task: Any, wait: Wait) -> Any:
    from .._loop import call
    from ..types.videos import later, settings_of

    async def look(ids: list[str], seconds: float) -> _Dict:
        return {id: later(task, await call(settings, endpoint, {"timeout": seconds}, (id,)))}

    settings, (endpoint, id) = settings_of(task), _asked(task)
    tasks = {id: task}
    await wait.run_async(tasks, look)
    return tasks[id]


# ---- files at a URL that a result names ----


def save(settings: Settings, url: str, path: str | PathLike[str]) -> None:
    """Writes the file at the URL, which may hold it, to a file."""
    if url.startswith("data:"):
        return write(path, decoded(url))
    return fetched(path, lambda: send(settings, SAVE, {}, (), "body", path=url))


async def save_async(settings: Settings, url: str, path: str | PathLike[str]) -> None:
    """The same, awaited."""
    from .._loop import call

    if url.startswith("data:"):
        return write(path, decoded(url))
    return await fetched_async(path, lambda: call(settings, SAVE, {}, (), "body", path=url))


def _seconds(params: dict[str, Any]) -> dict[str, Any]:
    """`seconds` is a text on the wire."""
    seconds = params.get("seconds")
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        params["seconds"] = str(seconds)
    return params


def _wait(params: dict[str, Any]) -> Wait:
    """For openai's methods, where `timeout` is the limit of all of it; takes what is not of the first call."""
    interval, progress = params.pop("poll_interval_ms", None), params.pop("progress", None)
    poll = interval / 1000 if isinstance(interval, (int, float)) else 5.0 if interval is None else interval
    return Wait(_state, timeout=params.get("timeout"), poll=poll, progress=progress)


# ---- the resources ----


class Generations(Resource):
    """`/v1/video/generations`: videos by Kling and others."""

    if TYPE_CHECKING:
        create: CreateVideoGeneration[VideoGeneration, _Dict]
        retrieve: ByVideoTask[VideoGeneration, _Dict]
    else:

        @documented(VideoGenerationCreateParams)
        def create(self, **params):
            """Begins a video: `POST /v1/video/generations`.

            Returns the task: `task.wait().url` is where the video is. The task is billed, so a request that may have
            been accepted is never sent again. Raises APIError and its kin."""
            return send(self._settings, GENERATE, params, (), self._form)

        @documented(RequestOptions, "task_id")
        def retrieve(self, task_id, **options):
            """How a video is doing: `GET /v1/video/generations/{task_id}`. Its `status`, `progress`, `url`.

            Raises BadRequestError with the code "task_not_exist" for an id that the key does not have."""
            return send(self._settings, FETCH, options, (task_id,), self._form)

    @kept
    def with_raw_response(self) -> RawGenerations[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Generations(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawGenerations[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Generations(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class Videos(Resource):
    """`/v1/videos`: videos by Sora, Veo and others."""

    @kept
    def generations(self) -> Generations:
        """`/v1/video/generations`: videos by Kling and others."""
        return Generations(self._settings, self._form)

    if TYPE_CHECKING:
        create: CreateVideo[Video, _Dict]
        retrieve: ByVideoId[Video, _Dict]
        remix: RemixVideo[Video, _Dict]
        download_content: DownloadVideo[BinaryContent, None]

        def create_and_poll(self, **params: Unpack[VideoCreateAndPollParams]) -> Video: ...

        def poll(self, video_id: str, **options: Unpack[VideoPollParams]) -> Video: ...
    else:

        @documented(VideoCreateParams)
        def create(self, **params):
            """Begins a video: `POST /v1/videos`.

            Returns a `Video`: `video = video.wait()`, then `video.save("cat.mp4")`. The video is billed, so a request
            that may have been accepted is never sent again. Raises APIError and its kin, TypeError and ValueError for
            arguments that cannot be sent."""
            return send(self._settings, CREATE, _seconds(params), (), self._form)

        @documented(RequestOptions, "video_id")
        def retrieve(self, video_id, **options):
            """How a video is doing: `GET /v1/videos/{video_id}`. Its `status`, `progress`, `error`.

            Raises BadRequestError with the code "task_not_exist" for an id that the key does not have."""
            return send(self._settings, RETRIEVE, options, (video_id,), self._form)

        @documented(VideoRemixParams, "video_id")
        def remix(self, video_id, **params):
            """Begins another video like one that is completed: `POST /v1/videos/{video_id}/remix`."""
            return send(self._settings, REMIX, params, (video_id,), self._form)

        @documented(RequestOptions, "video_id", "path", dicts=False)
        def download_content(self, video_id, path=None, **options):
            """The file of a completed video: `GET /v1/videos/{video_id}/content`.

            Returns a `BinaryContent` of at most `max_response_bytes` (256 MiB); with a `path`, writes the file there
            piece by piece, whatever its size, and returns None. Raises NotFoundError for an unknown id, BadRequestError
            before the video is completed."""
            if path is None:
                return send(self._settings, CONTENT, options, (video_id,), self._form)
            return fetched(path, lambda: send(self._settings, CONTENT, options, (video_id,), "body"))

        @documented(VideoCreateAndPollParams, dicts=False)
        def create_and_poll(self, **params):
            """Begins a video and waits until it is done; openai's name for `create(...)` and a `wait()` that does not
            raise: see `status`, which may be "failed".

            `timeout`: seconds in all; None for 3660 (an hour and a minute), `wenwen.NO_TIMEOUT` for no limit.

            What passes (no connection, a busy gateway) is waited out. Raises TaskTimeoutError, whose `task` can be
            waited for again, and APIError for what does not pass."""
            wait = _wait(params)
            return _waited(self.create(**params), wait)

        @documented(VideoPollParams, "video_id", dicts=False)
        def poll(self, video_id, **options):
            """Waits until a video is done, as `create_and_poll` does."""
            wait = _wait(options)
            return _waited(self.retrieve(video_id, **options), wait)

    @kept
    def with_raw_response(self) -> RawVideos[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Videos(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawVideos[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Videos(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class AsyncGenerations(AsyncResource):
    """`/v1/video/generations`, awaited: videos by Kling and others."""

    if TYPE_CHECKING:
        create: CreateVideoGeneration[Coroutine[Any, Any, AsyncVideoGeneration], Coroutine[Any, Any, _Dict]]
        retrieve: ByVideoTask[Coroutine[Any, Any, AsyncVideoGeneration], Coroutine[Any, Any, _Dict]]
    else:

        @documented(VideoGenerationCreateParams, like=Generations.create)
        async def create(self, **params):
            return await self._call(self._settings, ASYNC_GENERATE, params, (), self._form)

        @documented(RequestOptions, "task_id", like=Generations.retrieve)
        async def retrieve(self, task_id, **options):
            return await self._call(self._settings, ASYNC_FETCH, options, (task_id,), self._form)

    @kept
    def with_raw_response(self) -> RawGenerations[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncGenerations(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawGenerations[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncGenerations(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


class AsyncVideos(AsyncResource):
    """`/v1/videos`, awaited: videos by Sora, Veo and others."""

    @kept
    def generations(self) -> AsyncGenerations:
        """`/v1/video/generations`: videos by Kling and others."""
        return AsyncGenerations(self._settings, self._form)

    if TYPE_CHECKING:
        create: CreateVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
        retrieve: ByVideoId[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
        remix: RemixVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
        download_content: DownloadVideo[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]

        async def create_and_poll(self, **params: Unpack[VideoCreateAndPollParams]) -> AsyncVideo: ...

        async def poll(self, video_id: str, **options: Unpack[VideoPollParams]) -> AsyncVideo: ...
    else:

        @documented(VideoCreateParams, like=Videos.create)
        async def create(self, **params):
            return await self._call(self._settings, ASYNC_CREATE, _seconds(params), (), self._form)

        @documented(RequestOptions, "video_id", like=Videos.retrieve)
        async def retrieve(self, video_id, **options):
            return await self._call(self._settings, ASYNC_RETRIEVE, options, (video_id,), self._form)

        @documented(VideoRemixParams, "video_id", like=Videos.remix)
        async def remix(self, video_id, **params):
            return await self._call(self._settings, ASYNC_REMIX, params, (video_id,), self._form)

        @documented(RequestOptions, "video_id", "path", dicts=False, like=Videos.download_content)
        async def download_content(self, video_id, path=None, **options):
            if path is None:
                return await self._call(self._settings, CONTENT, options, (video_id,), self._form)
            return await fetched_async(path, lambda: self._call(self._settings, CONTENT, options, (video_id,), "body"))

        @documented(VideoCreateAndPollParams, dicts=False, like=Videos.create_and_poll)
        async def create_and_poll(self, **params):
            wait = _wait(params)
            return await _waited_async(await self.create(**params), wait)

        @documented(VideoPollParams, "video_id", dicts=False, like=Videos.poll)
        async def poll(self, video_id, **options):
            wait = _wait(options)
            return await _waited_async(await self.retrieve(video_id, **options), wait)

    @kept
    def with_raw_response(self) -> RawVideos[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncVideos(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawVideos[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncVideos(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {"create_video": "Videos.create"}
