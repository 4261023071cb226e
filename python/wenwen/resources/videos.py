"""`/v1/videos` and `/v1/video/generations`: `client.videos`."""

from __future__ import annotations

from .._errors import TaskFailedError
from .._files import decoded, write
from ..types._schema import endpoint
from ..types.shared import RequestOptions
from ..types.videos import (
    AsyncVideo,
    AsyncVideoGeneration,
    AsyncVideoList,
    Video,
    VideoCharacter,
    VideoCreateAndPollParams,
    VideoCreateCharacterParams,
    VideoCreateParams,
    VideoDeleted,
    VideoDownloadParams,
    VideoEditParams,
    VideoExtendParams,
    VideoGeneration,
    VideoGenerationCreateParams,
    VideoList,
    VideoListParams,
    VideoPollParams,
    VideoRemixParams,
    later,
)
from ._base import Resource, inner
from ._methods import awaited, documented, pair, steps
from ._page import AsyncPage
from ._poll import Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator
    from os import PathLike
    from typing import Any, Unpack

    from .._core import APIResponse, BinaryContent, Endpoint, Timeout
    from ..types._calls import DownloadVideo
    from ..types.shared import Progress
    from ..types.videos import _Task
    from ._base import StreamingResponse
    from ._faces import (
        AsyncGenerations as AsyncGenerations,
    )
    from ._faces import AsyncKling as AsyncKling
    from ._faces import (
        AsyncVideos as AsyncVideos,
    )
    from ._faces import (
        ByCharacterId,
        ByVideoId,
        ByVideoTask,
        CreateCharacter,
        CreateVideo,
        CreateVideoGeneration,
        EditVideo,
        ExtendVideo,
        ListVideos,
        RawGenerations,
        RawKling,
        RawVideos,
        RemixVideo,
    )

CREATE = pair("videos.create", Video, AsyncVideo, VideoCreateParams)
RETRIEVE = pair("videos.retrieve", Video, AsyncVideo, RequestOptions)
REMIX = pair("videos.remix", Video, AsyncVideo, VideoRemixParams)
EDIT = pair("videos.edit", Video, AsyncVideo, VideoEditParams)
EXTEND = pair("videos.extend", Video, AsyncVideo, VideoExtendParams)
LIST = pair("videos.list", VideoList, AsyncVideoList, VideoListParams)
DELETE = endpoint("videos.delete", reply=VideoDeleted, params=RequestOptions)
CREATE_CHARACTER = endpoint("videos.create_character", reply=VideoCharacter, params=VideoCreateCharacterParams)
GET_CHARACTER = endpoint("videos.get_character", reply=VideoCharacter, params=RequestOptions)
CONTENT = endpoint("videos.download_content", params=VideoDownloadParams)
SAVE = endpoint("videos.generations.save", params=RequestOptions)

GENERATE = pair("videos.generations.create", VideoGeneration, AsyncVideoGeneration, VideoGenerationCreateParams)
TEXT2VIDEO = pair("videos.kling.text2video", VideoGeneration, AsyncVideoGeneration, VideoGenerationCreateParams)
IMAGE2VIDEO = pair("videos.kling.image2video", VideoGeneration, AsyncVideoGeneration, VideoGenerationCreateParams)
FETCH = pair("videos.generations.retrieve", VideoGeneration, AsyncVideoGeneration, RequestOptions)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


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


def _asked(task: Any) -> tuple[tuple[Endpoint, Endpoint], str]:
    """What looks at it, and its id."""
    if isinstance(task, (Video, AsyncVideo)):
        return RETRIEVE, task.id
    return FETCH, task.task_id


async def _waited(resource: Resource, task: Any, wait: Wait) -> Any:
    async def look(ids: list[str], seconds: float) -> _Dict:
        return {id: later(task, await resource._ask(endpoints[resource._awaits], {"timeout": seconds}, (id,)))}

    endpoints, id = _asked(task)
    tasks = {id: task}
    await wait.run(tasks, look, resource._awaits)
    return tasks[id]


def _seconds(params: dict[str, Any]) -> dict[str, Any]:
    """`seconds` is a text on the wire."""
    seconds = params.get("seconds")
    if isinstance(seconds, int) and not isinstance(seconds, bool):
        params["seconds"] = str(seconds)
    return params


def _of_a_model(params: dict[str, Any]) -> dict[str, Any]:
    """OpenAI's default is sent: the gateway goes by the model."""
    extra: Any = params.get("extra_body") or ()
    return _seconds(params if "model" in params or "model" in extra else {"model": "sora-2", **params})


def _of_a_video(params: dict[str, Any]) -> dict[str, Any]:
    """A video of a reply is named by its id."""
    video = params.get("video")
    if isinstance(video, (Video, AsyncVideo)):
        params["video"] = {"id": video.id}
    return _seconds(params)


def _wait(params: dict[str, Any]) -> Wait:
    """For openai's methods, where `timeout` is the limit of all of it; takes what is not of the first call."""
    interval, progress = params.pop("poll_interval_ms", None), params.pop("progress", None)
    poll = interval / 1000 if isinstance(interval, (int, float)) else 5.0 if interval is None else interval
    return Wait(_state, timeout=params.get("timeout"), poll=poll, progress=progress)


# ---- the resources ----


class AsyncVideoPage(AsyncPage):
    """The videos to come: await it for the page, or iterate over it with `async for`."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __await__(self) -> Generator[Any, Any, AsyncVideoList]: ...
        def __aiter__(self) -> AsyncIterator[AsyncVideo]: ...


class Generations(Resource):
    """`/v1/video/generations`: videos by Kling and others."""

    if TYPE_CHECKING:
        create: CreateVideoGeneration[VideoGeneration, _Dict]
        retrieve: ByVideoTask[VideoGeneration, _Dict]
        with_raw_response: RawGenerations[APIResponse]
        with_streaming_response: RawGenerations[StreamingResponse]
    else:

        @documented(VideoGenerationCreateParams, sends=GENERATE)
        def create(self, **params):
            """Begins a video: `POST /v1/video/generations`.

            Returns the task: `task.wait().url` is where the video is. The task is billed, so a request that may have
            been accepted is never sent again. Raises APIError and its kin."""

        @documented(RequestOptions, "task_id")
        def retrieve(self, task_id: str, **options):
            """How a video is doing: `GET /v1/video/generations/{task_id}`. Its `status`, `progress`, `url`.

            Raises BadRequestError with the code "task_not_exist" for an id that the key does not have."""
            return FETCH[self._awaits], options, (task_id,)


class Kling(Resource):
    """`/kling/v1/videos`: the same tasks under Kling's own paths."""

    if TYPE_CHECKING:
        text2video: CreateVideoGeneration[VideoGeneration, _Dict]
        image2video: CreateVideoGeneration[VideoGeneration, _Dict]
        with_raw_response: RawKling[APIResponse]
        with_streaming_response: RawKling[StreamingResponse]
    else:

        @documented(VideoGenerationCreateParams, sends=TEXT2VIDEO)
        def text2video(self, **params):
            """Begins a video of a text: `POST /kling/v1/videos/text2video`. As `videos.generations.create`."""

        @documented(VideoGenerationCreateParams, sends=IMAGE2VIDEO)
        def image2video(self, **params):
            """Begins a video of a picture: `POST /kling/v1/videos/image2video`. As `videos.generations.create`."""


class Videos(Resource):
    """`/v1/videos`: videos by Sora, Veo and others."""

    generations = inner(Generations)
    kling = inner(Kling)

    if TYPE_CHECKING:
        create: CreateVideo[Video, _Dict]
        retrieve: ByVideoId[Video, _Dict]
        remix: RemixVideo[Video, _Dict]
        edit: EditVideo[Video, _Dict]
        extend: ExtendVideo[Video, _Dict]
        list: ListVideos[VideoList, _Dict]
        delete: ByVideoId[VideoDeleted, _Dict]
        create_character: CreateCharacter[VideoCharacter, _Dict]
        get_character: ByCharacterId[VideoCharacter, _Dict]
        download_content: DownloadVideo[BinaryContent, None]

        def create_and_poll(self, **params: Unpack[VideoCreateAndPollParams]) -> Video: ...

        def poll(self, video_id: str, **options: Unpack[VideoPollParams]) -> Video: ...

        def _finish(
            self, task: _Task, timeout: float | Timeout | None, *, poll: float, progress: Progress[Any]
        ) -> Any: ...

        def _save(self, url: str, path: str | PathLike[str]) -> None: ...

        with_raw_response: RawVideos[APIResponse]
        with_streaming_response: RawVideos[StreamingResponse]
    else:

        @documented(VideoCreateParams)
        def create(self, **params):
            """Begins a video: `POST /v1/videos`.

            Returns a `Video`: `video = video.wait()`, then `video.save("cat.mp4")`. The video is billed, so a request
            that may have been accepted is never sent again. Raises APIError and its kin, TypeError and ValueError for
            arguments that cannot be sent."""
            return CREATE[self._awaits], _of_a_model(params), ()

        @documented(RequestOptions, "video_id")
        def retrieve(self, video_id: str, **options):
            """How a video is doing: `GET /v1/videos/{video_id}`. Its `status`, `progress`, `error`.

            Raises BadRequestError with the code "task_not_exist" for an id that the key does not have."""
            return RETRIEVE[self._awaits], options, (video_id,)

        @documented(VideoRemixParams, "video_id")
        def remix(self, video_id: str, **params):
            """Begins another video like one that is completed: `POST /v1/videos/{video_id}/remix`."""
            return REMIX[self._awaits], params, (video_id,)

        @documented(VideoEditParams)
        def edit(self, **params):
            """Begins another video, made of one that is completed or of a file: `POST /v1/videos/edits`.

            The Wenwen gateway has no such route (404), but `remix`; other servers of the dialect do."""
            return EDIT[self._awaits], _of_a_video(params), ()

        @documented(VideoExtendParams)
        def extend(self, **params):
            """Begins a video that goes on where another ends: `POST /v1/videos/extensions`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return EXTEND[self._awaits], _of_a_video(params), ()

        @documented(VideoListParams, sends=LIST, page=AsyncVideoPage)
        def list(self, **params):
            """A page of the videos that the service keeps: `GET /v1/videos`. Iterating gives those of this page;
            `has_more` says whether there is another, `list(after=page.last_id)`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""

        @documented(RequestOptions, "video_id")
        def delete(self, video_id: str, **options):
            """Deletes a video: `DELETE /v1/videos/{video_id}`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return DELETE, options, (video_id,)

        @documented(VideoCreateCharacterParams, sends=CREATE_CHARACTER)
        def create_character(self, **params):
            """Makes somebody who may be in videos: `POST /v1/videos/characters`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""

        @documented(RequestOptions, "character_id")
        def get_character(self, character_id: str, **options):
            """Who may be in videos: `GET /v1/videos/characters/{character_id}`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return GET_CHARACTER, options, (character_id,)

        @documented(VideoDownloadParams, "video_id", "path", dicts=False)
        async def download_content(self, video_id, path=None, **options):
            """The file of a completed video: `GET /v1/videos/{video_id}/content`.

            Returns a `BinaryContent` of at most `max_response_bytes` (256 MiB); with a `path`, writes the file there
            piece by piece, whatever its size, and returns None. `variant` asks for a picture of it. Raises
            NotFoundError for an unknown id, BadRequestError before the video is completed."""
            if path is None:
                return await self._ask(CONTENT, options, (video_id,), self._form)
            return await self._write(path, CONTENT, options, (video_id,))

        @documented(VideoCreateAndPollParams, dicts=False)
        async def create_and_poll(self, **params):
            """Begins a video and waits until it is done; openai's name for `create(...)` and a `wait()` that does not
            raise: see `status`, which may be "failed".

            `timeout`: seconds in all; None for 3660 (an hour and a minute), `wenwen.NO_TIMEOUT` for no limit.

            What passes (no connection, a busy gateway) is waited out. Raises TaskTimeoutError, whose `task` can be
            waited for again, and APIError for what does not pass."""
            wait = _wait(params)
            return await _waited(self, await self._ask(CREATE[self._awaits], _seconds(params), (), self._form), wait)

        @documented(VideoPollParams, "video_id", dicts=False)
        async def poll(self, video_id: str, **options):
            """Waits until a video is done, as `create_and_poll` does."""
            wait = _wait(options)
            return await _waited(self, await self._ask(RETRIEVE[self._awaits], options, (video_id,), self._form), wait)

        @steps
        async def _finish(self, task, timeout, *, poll, progress):
            """The task of either kind when it is done; TaskFailedError if it failed."""
            return _checked(await _waited(self, task, Wait(_state, timeout=timeout, poll=poll, progress=progress)))

        @steps
        async def _save(self, url, path):
            """Writes the file at the URL, which may hold it, to a file."""
            if url.startswith("data:"):
                return write(path, decoded(url))
            return await self._write(path, SAVE, {}, path=url)


if not TYPE_CHECKING:
    AsyncGenerations, AsyncKling, AsyncVideos = awaited(Generations), awaited(Kling), awaited(Videos)
