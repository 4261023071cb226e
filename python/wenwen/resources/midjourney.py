"""`/mj`: `client.midjourney`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._core import Timeout
from .._errors import TaskFailedError, WenwenError
from ..types._schema import endpoint
from ..types.midjourney import (
    ActionParams,
    AsyncTask,
    BlendParams,
    ChangeParams,
    DescribeParams,
    EditsParams,
    ImageSeed,
    ImagineParams,
    MidjourneyVideoParams,
    ModalParams,
    ShortenParams,
    SimpleChangeParams,
    SwapFaceParams,
    Task,
    TaskFields,
    TaskListParams,
    UploadedImages,
    UploadParams,
)
from ..types.shared import Progress, RequestOptions
from ._base import Resource
from ._methods import awaited, documented, pair, steps
from ._poll import Wait

_Dict = dict[str, Any]
_Tasks = list[Task]
_AsyncTasks = list[AsyncTask]
_Dicts = list[_Dict]
_Ids = list[str]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from .._core import APIResponse, Endpoint
    from ._base import StreamingResponse
    from ._faces import (
        AsyncMidjourney as AsyncMidjourney,
    )
    from ._faces import (
        ByTaskId,
        ListTasks,
        RawMidjourney,
        SubmitAction,
        SubmitBlend,
        SubmitChange,
        SubmitDescribe,
        SubmitEdits,
        SubmitImagine,
        SubmitModal,
        SubmitShorten,
        SubmitSimpleChange,
        SubmitVideo,
        SwapFace,
        UploadImages,
    )


def _endpoints(name: str, params: type) -> tuple[Endpoint, Endpoint]:
    return pair(f"midjourney.{name}", Task, AsyncTask, params)


IMAGINE = _endpoints("imagine", ImagineParams)
BLEND = _endpoints("blend", BlendParams)
ACTION = _endpoints("action", ActionParams)
MODAL = _endpoints("modal", ModalParams)
CHANGE = _endpoints("change", ChangeParams)
SIMPLE_CHANGE = _endpoints("simple_change", SimpleChangeParams)
DESCRIBE = _endpoints("describe", DescribeParams)
SHORTEN = _endpoints("shorten", ShortenParams)
EDITS = _endpoints("edits", EditsParams)
VIDEO = _endpoints("video", MidjourneyVideoParams)
SWAP_FACE = _endpoints("swap_face", SwapFaceParams)
UPLOAD = endpoint("midjourney.upload", reply=UploadedImages, params=UploadParams)
FETCH = _endpoints("fetch", RequestOptions)
LIST = pair("midjourney.list", list[Task], list[AsyncTask], TaskListParams)
SEED = endpoint("midjourney.seed", reply=ImageSeed, params=RequestOptions)


def _task_id(task: object) -> str:
    if isinstance(task, TaskFields):
        return task.id
    if isinstance(task, int) and not isinstance(task, bool):
        return str(task)
    if isinstance(task, str):
        return task
    raise TypeError(f"{task!r:.80} is no task: give a Task, or its id as str")


def _task_list(tasks: Any) -> list[Any]:
    if isinstance(tasks, (str, TaskFields)) or not hasattr(tasks, "__iter__"):
        raise TypeError(f"{tasks!r:.80}: give a list of tasks or ids, also for one")
    return list(tasks)


def _task_ids(tasks: Any) -> list[str]:
    return [_task_id(task) for task in _task_list(tasks)]


def _with_images(params: dict[str, Any], least: int = 0, most: int | None = None) -> dict[str, Any]:
    """Checks what is told from the data alone; bytes, files and images become data URIs further down."""
    for name in ("base64", "maskBase64"):
        if name in params:
            _check_image(name, params[name])
    images: Any = params.get("base64Array")
    if type(images) in (bytes, bytearray, memoryview) or hasattr(images, "__fspath__"):
        raise TypeError(f"base64Array is one image ({type(images).__name__}): give a list, also for one")
    if images is None or isinstance(images, str) or not hasattr(images, "__iter__"):
        return params  # None is null, and the core says what is wrong with the rest
    images = params["base64Array"] = list(images)
    for index, image in enumerate(images):
        _check_image(f"base64Array[{index}]", image)
    if len(images) < least or (most is not None and len(images) > most):
        raise ValueError(f"base64Array has {len(images)} images: give {least} to {most}")
    return params


def _check_image(name: str, image: object) -> None:
    if isinstance(image, str) and not image.startswith("data:"):
        raise ValueError(
            f"{name} is {image[:60]!r}: give bytes, a pathlib.Path, a PIL image, or a data URI "
            "(data:image/png;base64,...)"
        )


def _check_begun(task: TaskFields) -> None:
    if task.needs_modal:
        raise WenwenError(f"task {task.id} has not begun: it waits for task.modal(prompt=...), which returns the task")


def _failed(task: TaskFields, tasks: list[Any]) -> TaskFailedError:
    return TaskFailedError(
        f"task {task.id} failed: {task.failReason or task.description or task.status}", task=task, tasks=tasks
    )


def _state(task: TaskFields) -> tuple[Any, ...]:
    return task.is_done, task.percent or 0, task.status or "", task.imageUrl or ""


def _wanted(tasks: Iterable[Any]) -> tuple[list[str], dict[str, Any]]:
    """The ids in the order given, and the tasks by their ids, as far as they are known."""
    given = _task_list(tasks)
    ids = _task_ids(given)
    known: dict[str, Any] = dict.fromkeys(ids)
    for id, task in zip(ids, given, strict=True):
        if isinstance(task, TaskFields):
            _check_begun(task)
            known[id] = task
        if not id or id in (".", ".."):
            raise ValueError(f"{task!r:.80} has no id that can be asked for")
    return ids, known


def _found(known: dict[str, Any], tasks: list[Any]) -> dict[str, Any]:
    """What a look has found; the tasks that the user has are those that change."""
    found = {task.id: task for task in tasks}
    for id, task in found.items():
        if known.get(id) is not None:
            known[id]._become(task)
            found[id] = known[id]
    return found


def _outcome(ids: list[str], known: dict[str, Any], return_failed: bool = False) -> list[Any]:
    tasks = [known[id] for id in ids]
    failed = [task for task in tasks if task.failed]
    if failed and not return_failed:
        raise _failed(failed[0], tasks)
    return tasks


class Midjourney(Resource):
    """`/mj`: draw with Midjourney. A submit, `client.midjourney.imagine(prompt="Cat")`, returns a task at
    once, whose `wait()` returns it with its image. https://wenwen-ai.apifox.cn/308815708e0"""

    if TYPE_CHECKING:
        imagine: SubmitImagine[Task, _Dict]
        blend: SubmitBlend[Task, _Dict]
        action: SubmitAction[Task, _Dict]
        modal: SubmitModal[Task, _Dict]
        change: SubmitChange[Task, _Dict]
        simple_change: SubmitSimpleChange[Task, _Dict]
        describe: SubmitDescribe[Task, _Dict]
        shorten: SubmitShorten[Task, _Dict]
        edits: SubmitEdits[Task, _Dict]
        video: SubmitVideo[Task, _Dict]
        swap_face: SwapFace[Task, _Dict]
        upload: UploadImages[UploadedImages, _Dict]
        fetch: ByTaskId[Task, _Dict]
        list: ListTasks[_Tasks, _Dicts]
        seed: ByTaskId[ImageSeed, _Dict]
        with_raw_response: RawMidjourney[APIResponse]
        with_streaming_response: RawMidjourney[StreamingResponse]

        def wait(
            self,
            tasks: Iterable[Task | str],
            timeout: float | Timeout | None = None,
            *,
            poll: float = 5.0,
            progress: Progress[Task] = None,
            return_failed: bool = False,
        ) -> _Tasks: ...

        def _wait_one(
            self, task: Any, timeout: float | Timeout | None, *, poll: float, progress: Progress[Any]
        ) -> Any: ...

        @property
        def modes(self) -> dict[Literal["fast", "relax", "turbo"], Midjourney]: ...
    else:

        @property
        def modes(self):
            """The same calls in Midjourney's modes, "fast", "relax" and "turbo", under paths of their own:
            `client.midjourney.modes["fast"].imagine(prompt="Cat")` is `POST /mj-fast/mj/submit/imagine`. What its tasks
            do goes the same way."""
            of_mode = lambda name: type(self)(self._settings.under(f"mj-{name}"), self._form)  # noqa: E731
            return {name: of_mode(name) for name in ("fast", "relax", "turbo")}

        @documented(ImagineParams)
        def imagine(self, **params):
            """Has four images drawn: `POST /mj/submit/imagine`.

            Returns a `Task` at once: `task.wait()` waits for its images, `task.action("U1")` picks one of them. Raises
            RateLimitError where the queue is full (code 23: not billed), BadRequestError for a banned word (code 24,
            which the message names) and for a wrong parameter, APIError and its kin for the rest.

            A submit is billed, so it is sent again only where it certainly was not accepted. After a connection that
            broke, a timeout or a 5xx the task may exist: the message says so.
            https://wenwen-ai.apifox.cn/308815708e0"""
            return IMAGINE[self._awaits], _with_images(params), ()

        @documented(BlendParams)
        def blend(self, **params):
            """Blends 2 to 5 images into new ones: `POST /mj/submit/blend`.

            Returns a `Task` at once. Errors as of `imagine`. https://wenwen-ai.apifox.cn/308817874e0"""
            return BLEND[self._awaits], _with_images(params, 2, 5), ()

        @documented(ActionParams, sends=ACTION)
        def action(self, **params):
            """Clicks a button of a finished task: `POST /mj/submit/action`. `task.action("U1")` is shorter.

            Returns the new `Task`. If that `needs_modal` ("Vary (Region)", "Custom Zoom"), it begins with
            `task.modal(prompt=...)`. Errors as of `imagine`. https://wenwen-ai.apifox.cn/308835035e0"""

        @documented(ModalParams)
        def modal(self, **params):
            """Answers a task that `needs_modal`: `POST /mj/submit/modal`. Returns the `Task` that begins.

            Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
            return MODAL[self._awaits], _with_images(params), ()

        @documented(ChangeParams, sends=CHANGE)
        def change(self, **params):
            """Enlarges or varies an image of a task by its number: `POST /mj/submit/change`. Returns the new `Task`.

            Not on the gateway's pages, but routed by it; buttons (`task.action`) do more. Errors as of `imagine`."""

        @documented(SimpleChangeParams, sends=SIMPLE_CHANGE)
        def simple_change(self, **params):
            """The same in a line of text: `POST /mj/submit/simple-change`. Returns the new `Task`.

            Not on the gateway's pages, but routed by it. Errors as of `imagine`."""

        @documented(DescribeParams)
        def describe(self, **params):
            """Has prompts written for an image: `POST /mj/submit/describe`. Returns a `Task`, whose `prompt` has them
            when it has ended.

            Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
            return DESCRIBE[self._awaits], _with_images(params), ()

        @documented(ShortenParams, sends=SHORTEN)
        def shorten(self, **params):
            """Has a prompt made shorter: `POST /mj/submit/shorten`. Returns a `Task`.

            Not on the gateway's pages, but routed by it. Errors as of `imagine`."""

        @documented(EditsParams)
        def edits(self, **params):
            """Draws a part of a picture of yours anew: `POST /mj/submit/edits`. Returns a `Task`.

            Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
            return EDITS[self._awaits], _with_images(params), ()

        @documented(MidjourneyVideoParams, sends=VIDEO)
        def video(self, **params):
            """Makes a video of a picture: `POST /mj/submit/video`. Returns a `Task`, whose `videoUrl` is where it is.

            Not on the gateway's pages, but routed by it. Errors as of `imagine`."""

        @documented(SwapFaceParams, sends=SWAP_FACE)
        def swap_face(self, **params):
            """Puts a face into a picture: `POST /mj/insight-face/swap`. Returns a `Task`.

            Not on the gateway's pages, but routed by it. Errors as of `imagine`."""

        @documented(UploadParams)
        def upload(self, **params):
            """Puts pictures where prompts can name them: `POST /mj/submit/upload-discord-images`. Returns an
            `UploadedImages`: `urls`.

            Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
            return UPLOAD, _with_images(params, 1), ()

        @documented(RequestOptions, "task_id")
        def fetch(self, task_id: TaskFields | str | int, **params):
            """Looks at a task: `GET /mj/task/{task_id}/fetch`.

            Returns the `Task` as it is now. BadRequestError ("task_no_found") where the account has no such task.
            https://wenwen-ai.apifox.cn/308833168e0"""
            return FETCH[self._awaits], params, (_task_id(task_id),)

        @documented(RequestOptions, "ids")
        def list(self, ids: Iterable[TaskFields | str | int], **params):
            """Looks at several tasks (or ids) at once: `POST /mj/task/list-by-condition`.

            Returns a list of `Task`s in an order of the gateway's own; it leaves out those that there are not.
            https://wenwen-ai.apifox.cn/308833696e0"""
            return LIST[self._awaits], {**params, "ids": _task_ids(ids)}, ()

        @documented(RequestOptions, "task_id")
        def seed(self, task_id: TaskFields | str | int, **params):
            """The seed of a task that succeeded: `GET /mj/task/{task_id}/image-seed`. Returns an `ImageSeed`, of which
            `seed` is the number as text, for `--seed` in a prompt. The gateway asks Midjourney for it, up to 30 s."""
            return SEED, params, (_task_id(task_id),)

        @steps
        async def wait(
            self,
            tasks: Iterable[TaskFields | str],
            timeout: float | Timeout | None = None,
            *,
            poll: float = 5.0,
            progress: Progress[Any] = None,
            return_failed: bool = False,
        ) -> list[TaskFields]:
            """Waits until all of the tasks (or ids) have ended, and returns them in the order given. Each look is one
            request for all of them.

            timeout: seconds in all; None for 3660 (an hour and a minute), `wenwen.NO_TIMEOUT` for no limit.
            poll: seconds between two looks (5). The gateway asks Midjourney every 15 s itself.
            progress: True for a bar (tqdm's if it is installed), or a function that is given each task after the
                first look and at each change; what it returns is awaited by an AsyncClient if it can be.
            return_failed: True to have failed tasks returned too; else, when all have ended, the first one raises
                TaskFailedError, whose `tasks` are all.

            What passes (no connection, a busy gateway) is waited out. Raises TaskTimeoutError, whose `tasks` can be
            waited for again, NotFoundError for an id that the gateway does not know, and APIError for what does not
            pass.
            """

            async def look(ids, seconds):
                return _found(known, await self._ask(LIST[self._awaits], {"ids": ids, "timeout": seconds}))

            ids, known = _wanted(tasks)
            await Wait(_state, timeout=timeout, poll=poll, progress=progress).run(known, look, self._awaits)
            return _outcome(ids, known, return_failed)

        @steps
        async def _wait_one(self, task, timeout, *, poll, progress):
            async def look(ids, seconds):
                return _found(known, [await self._ask(FETCH[self._awaits], {"timeout": seconds}, ids)])

            ids, known = _wanted([task])
            await Wait(_state, timeout=timeout, poll=poll, progress=progress).run(known, look, self._awaits)
            return _outcome(ids, known)[0]


if not TYPE_CHECKING:
    AsyncMidjourney = awaited(Midjourney)
