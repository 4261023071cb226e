"""`/mj`: Midjourney's tasks, their buttons, and the parameters. Names as on the wire; `image_url` is `imageUrl` too.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation says, and a field
that is not declared here is an attribute all the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Generic, Literal, Protocol, Required, Self, TypeAlias, TypedDict, TypeVar

from wenwen._core import Object, Reply, Timeout, hide_in
from wenwen._frames import frameless

from .shared import Progress, RequestOptions, settings_of

R = TypeVar("R")

__all__ = [
    "AccountFilterParam", "ActionParams", "AsyncTask", "BlendParams", "Button", "ChangeParams",
    "DescribeParams", "EditsParams", "ImageInput", "ImageSeed", "ImagineParams", "MidjourneyVideoParams",
    "ModalParams", "ShortenParams", "SimpleChangeParams", "SwapFaceParams", "Task", "TaskAction", "TaskFields",
    "TaskListParams", "TaskProperties", "TaskStatus", "UploadParams", "UploadedImages",
]  # fmt: skip

# "" is a task that the gateway has not looked at yet. What is not named here is running too.
TaskStatus: TypeAlias = Literal["", "NOT_START", "SUBMITTED", "IN_PROGRESS", "MODAL", "SUCCESS", "FAILURE", "CANCEL"]


class _PNG(Protocol):
    """What can show itself as a PNG, like an image of PIL's."""

    def _repr_png_(self) -> bytes | None: ...


# Bytes and files are sent as data URIs; a str is a data URI already: "data:image/png;base64,…".
ImageInput: TypeAlias = str | bytes | bytearray | memoryview | os.PathLike[str] | _PNG


class Button(Object):
    """What can be done with a finished task; any field may be null or of another type."""

    customId: str
    emoji: str  # "🔄"; "" where there is a label
    label: str  # "U1"; "" where there is an emoji
    type: int
    style: int

    @property
    def custom_id(self) -> str:
        """`customId`."""
        return self.customId


class TaskProperties(Object):
    """More of a task, or of the reply to a submit, which has other fields than a task."""

    finalPrompt: str
    finalZhPrompt: str
    numberOfQueues: int
    bannedWord: str
    promptEn: str
    imageUrl: str
    status: TaskStatus


def _name(text: str) -> str:
    """What a pickled TaskAction becomes."""
    return text


@frameless
class TaskAction(str, Generic[R]):
    """The name of what a task does, which is called with a button of the task."""

    _click: Callable[..., R]

    def __new__(cls, name: str | None, click: Callable[..., R]) -> Self:
        action = super().__new__(cls, name or "")
        action._click = click
        return action

    def __call__(self, button: str, **params: Any) -> R:
        hide_in(params)
        return self._click(button, **params)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema

        return core_schema.str_schema()

    def __reduce__(self) -> tuple[Callable[[str], str], tuple[str]]:
        return _name, (str(self),)


@frameless
class TaskFields(Reply):
    """A task: the reply to a submit, of which `id` is known, or what the gateway says of it since.

    From a submit it has `code` (1 accepted; 21 it exists, or `needs_modal`; 22 queued), `description`, `result` and
    `properties`; once it was looked at, the fields of a task.
    """

    status: TaskStatus
    progress: str  # "46%"; may be "" or no number, and is "100%" for a failed task too
    imageUrl: str  # "" until there is one; a preview while it runs
    videoUrl: str
    videoUrls: list[str] | None
    buttons: list[Button] | None
    properties: TaskProperties | None
    prompt: str
    promptEn: str
    description: str
    state: str  # yours, from the submit
    customId: str  # this and the next two are "" through the gateway
    botType: str
    maskBase64: str
    failReason: str
    submitTime: int  # milliseconds since 1970; 0 when unset
    startTime: int
    finishTime: int
    # Of the reply to a submit.
    code: int | None
    result: str | int | None

    @property
    def id(self) -> str:
        """The task's id, always a str: on the wire a submit's `result` may be a number."""
        value = self.get("id") or self.get("result")
        return "" if value is None else str(value)

    @property
    def is_done(self) -> bool:
        """Whether it has ended, well or not."""
        return self.succeeded or self.failed

    @property
    def succeeded(self) -> bool:
        """Whether it has ended well."""
        return self.status == "SUCCESS"

    @property
    def failed(self) -> bool:
        """Whether it has ended otherwise; `fail_reason` says why."""
        return self.status in ("FAILURE", "CANCEL")

    @property
    def needs_modal(self) -> bool:
        """Whether it waits for `modal(prompt=...)` before it begins: "Vary (Region)", "Custom Zoom"."""
        properties = self.properties
        exists = properties is not None and (properties.get("status") or properties.get("imageUrl"))
        return self.status == "MODAL" or (self.code == 21 and not exists)

    @property
    def percent(self) -> int | None:
        """`progress` as a number, 0 to 100; None where it is none. Says nothing of success."""
        digits = str(self.progress or "").strip().removesuffix("%")
        return min(int(digits), 100) if digits.isascii() and digits.isdigit() else None

    @property
    def queue_position(self) -> int | None:
        """How many tasks were before this one when it was submitted, if the reply said so."""
        return None if self.properties is None else self.properties.get("numberOfQueues")

    @property
    def image_url(self) -> str:
        """`imageUrl`."""
        return self.imageUrl

    @property
    def video_url(self) -> str:
        """`videoUrl`."""
        return self.videoUrl

    @property
    def prompt_en(self) -> str:
        """`promptEn`."""
        return self.promptEn

    @property
    def fail_reason(self) -> str:
        """`failReason`."""
        return self.failReason

    @property
    def submit_time(self) -> int:
        """`submitTime`: milliseconds since 1970."""
        return self.submitTime

    @property
    def start_time(self) -> int:
        """`startTime`: milliseconds since 1970, 0 when unset."""
        return self.startTime

    @property
    def finish_time(self) -> int:
        """`finishTime`: milliseconds since 1970, 0 when unset."""
        return self.finishTime

    def button(self, which: str) -> Button:
        """The button of that label ("U1", whatever its case), emoji ("🔄") or customId; ValueError names those there
        are."""
        buttons = self.buttons or []
        for button in buttons:
            if which and which in (button.customId, button.emoji, button.label):
                return button
        for button in buttons:
            if which and str(button.label or "").lower() == which.lower():
                return button
        if not buttons:
            hint = "" if self.is_done else ": they come with success, so wait() first"
            raise ValueError(f"task {self.id} has no buttons (status {self.status!r}){hint}")
        names = ", ".join(repr(button.label or button.emoji or button.customId) for button in buttons)
        raise ValueError(f"task {self.id} has no button {which!r}; it has {names}")

    def _become(self, other: TaskFields) -> None:
        """Takes over what the gateway says of it now."""
        for name in tuple(self):
            del self[name]
        for name, value in other.to_dict().items():
            self[name] = value

    def _has_image(self) -> str:
        if not self.imageUrl:
            hint = "" if self.is_done else ": wait() for it first"
            raise ValueError(f"task {self.id} has no image (status {self.status!r}){hint}")
        return self.imageUrl

    def _write(self, path: str | os.PathLike[str], data: bytes) -> str:
        from .._files import safe_name, write

        path = os.fspath(path)
        if os.path.isdir(path):
            kinds = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"), (b"RIFF", "webp"), (b"GIF8", "gif"))
            ending = next((kind for magic, kind in kinds if data.startswith(magic)), "png")
            path = os.path.join(path, f"{safe_name(self.id)}.{ending}")
        write(path, data)
        return path


@frameless
class Task(TaskFields):
    """A task of Midjourney's: `client.midjourney.imagine(prompt="Cat").wait().save("cat.png")`."""

    def wait(
        self, timeout: float | Timeout | None = None, *, poll: float = 5.0, progress: Progress[Task] = None
    ) -> Self:
        """Waits until the task has ended well, and returns it, with its image and buttons.

        timeout: seconds in all; None for 3660 (an hour and a minute), `wenwen.NO_TIMEOUT` for no limit.
        poll: seconds between two looks (5). The gateway asks Midjourney every 15 s itself.
        progress: True for a bar (tqdm's if it is installed), or a function that is given the task after the
            first look and at each change.

        What passes (no connection, a busy gateway) is waited out. Raises TaskFailedError if the task failed,
        TaskTimeoutError, whose `task` can be waited for again, and APIError for what does not pass.
        """
        from ..resources.midjourney import Midjourney

        task: Self = Midjourney(settings_of(self))._wait_one(self, timeout, poll=poll, progress=progress)
        return task

    def refresh(self) -> Self:
        """Looks at the task once: what the gateway says of it now."""
        from ..resources.midjourney import Midjourney

        self._become(Midjourney(settings_of(self)).fetch(self.id))
        return self

    @property
    def action(self) -> TaskAction[Task]:
        """What it does: "IMAGINE", "UPSCALE", "VARIATION", "REROLL", "BLEND", "DESCRIBE", …; "" before the first look.

        Called, it clicks a button of the finished task and returns the new one: `task.action("U1")`.

        button: "U1" to "U4" for one of the images, "V1" to "V4" for variations of it, "🔄" for four new ones; a label,
            an emoji or a customId of `buttons`.
        The other parameters are those of `client.midjourney.action`.
        """
        return TaskAction(self.get("action"), self._click)

    @frameless
    def _click(self, button: str, **params: Any) -> Task:
        from ..resources.midjourney import Midjourney

        hide_in(params)
        if not self.is_done:
            self.refresh()
        custom = self.button(button).customId
        task: Task = Midjourney(settings_of(self)).action(taskId=self.id, customId=custom, as_dict=False, **params)
        return task

    def modal(self, **params: Any) -> Task:
        """Answers a task that `needs_modal`: prompt, maskBase64 (white where the image is to be drawn anew). Returns
        the task that begins."""
        from ..resources.midjourney import Midjourney

        hide_in(params)
        task: Task = Midjourney(settings_of(self)).modal(taskId=self.id, as_dict=False, **params)
        return task

    def seed(self) -> str:
        """The seed of a task that succeeded, for `--seed` in a prompt."""
        from ..resources.midjourney import Midjourney

        return Midjourney(settings_of(self)).seed(self.id).seed

    def save(self, path: str | os.PathLike[str]) -> str:
        """Downloads the image into a file, or into a folder under the task's id; returns the file's path. The key does
        not go along."""
        from ..resources.downloads import Downloads

        return self._write(path, Downloads(settings_of(self)).download(self._has_image()).content)


@frameless
class AsyncTask(TaskFields):
    """A task of Midjourney's, awaited: `task = await client.midjourney.imagine(prompt="Cat")`, `await task.wait()`."""

    async def wait(
        self, timeout: float | Timeout | None = None, *, poll: float = 5.0, progress: Progress[AsyncTask] = None
    ) -> Self:
        """Waits until the task has ended well, and returns it, with its image and buttons.

        timeout: seconds in all; None for 3660 (an hour and a minute), `wenwen.NO_TIMEOUT` for no limit.
        poll: seconds between two looks (5). The gateway asks Midjourney every 15 s itself.
        progress: True for a bar (tqdm's if it is installed), or a function that is given the task after the
            first look and at each change; what it returns is awaited if it can be.

        What passes (no connection, a busy gateway) is waited out. Raises TaskFailedError if the task failed,
        TaskTimeoutError, whose `task` can be waited for again, and APIError for what does not pass.
        """
        from ..resources.midjourney import AsyncMidjourney

        task: Self = await AsyncMidjourney(settings_of(self))._wait_one(self, timeout, poll=poll, progress=progress)
        return task

    async def refresh(self) -> Self:
        """Looks at the task once: what the gateway says of it now."""
        from ..resources.midjourney import AsyncMidjourney

        self._become(await AsyncMidjourney(settings_of(self)).fetch(self.id))
        return self

    @property
    def action(self) -> TaskAction[Coroutine[Any, Any, AsyncTask]]:
        """What it does: "IMAGINE", "UPSCALE", "VARIATION", "REROLL", "BLEND", "DESCRIBE", …; "" before the first look.

        Called, it clicks a button of the finished task and returns the new one: `await task.action("U1")`.

        button: "U1" to "U4" for one of the images, "V1" to "V4" for variations of it, "🔄" for four new ones; a label,
            an emoji or a customId of `buttons`.
        The other parameters are those of `client.midjourney.action`.
        """
        return TaskAction(self.get("action"), self._click)

    @frameless
    async def _click(self, button: str, **params: Any) -> AsyncTask:
        from ..resources.midjourney import AsyncMidjourney

        hide_in(params)
        if not self.is_done:
            await self.refresh()
        custom = self.button(button).customId
        task: AsyncTask = await AsyncMidjourney(settings_of(self)).action(
            taskId=self.id, customId=custom, as_dict=False, **params
        )
        return task

    async def modal(self, **params: Any) -> AsyncTask:
        """Answers a task that `needs_modal`: prompt, maskBase64 (white where the image is to be drawn anew). Returns
        the task that begins."""
        from ..resources.midjourney import AsyncMidjourney

        hide_in(params)
        task: AsyncTask = await AsyncMidjourney(settings_of(self)).modal(taskId=self.id, as_dict=False, **params)
        return task

    async def seed(self) -> str:
        """The seed of a task that succeeded, for `--seed` in a prompt."""
        from ..resources.midjourney import AsyncMidjourney

        return (await AsyncMidjourney(settings_of(self)).seed(self.id)).seed

    async def save(self, path: str | os.PathLike[str]) -> str:
        """Downloads the image into a file, or into a folder under the task's id; returns the file's path. The key does
        not go along."""
        from ..resources.downloads import AsyncDownloads

        url = self._has_image()
        return self._write(path, (await AsyncDownloads(settings_of(self)).download(url)).content)


class ImageSeed(Reply):
    """The seed of a task."""

    code: int
    description: str
    properties: dict[str, Any] | None
    result: str | int | None

    @property
    def seed(self) -> str:
        """The seed, always a str."""
        return "" if self.result is None else str(self.result)


class UploadedImages(Reply):
    """Where pictures lie that were uploaded, for prompts that name them."""

    code: int
    description: str
    result: list[str] | None

    @property
    def urls(self) -> list[str]:
        """Their URLs, in the order given."""
        return list(self.result or ())


# ---- parameters ----


class AccountFilterParam(TypedDict, total=False):
    """Which account may do it. The gateway leaves it out unless its operator has turned it on."""

    channelId: str
    instanceId: str
    modes: Iterable[Literal["RELAX", "FAST", "TURBO"]]
    remark: str
    remix: bool
    remixAutoConsidered: bool


class ImagineParams(RequestOptions, total=False):
    """The parameters of `imagine` and `midjourney.imagine`.

    prompt: what to draw; Midjourney's own parameters go into it: "Cat --ar 16:9 --v 6.1". Required.
    mode: "RELAX" (the default), "FAST" or "TURBO".
    base64Array: reference images: bytes, paths (pathlib.Path), PIL images or data URIs.
    botType: "MID_JOURNEY" or "NIJI_JOURNEY".
    state: text of yours; the task has it as `state`.
    accountFilter: which account may do it; the gateway leaves it out unless its operator has turned it on.
    notifyHook: URL to call when the task has changed; left out likewise, so do not build on it.
    """

    prompt: Required[str]
    mode: Literal["RELAX", "FAST", "TURBO"] | None
    base64Array: Iterable[ImageInput] | None
    botType: Literal["MID_JOURNEY", "NIJI_JOURNEY"] | None
    state: str | None
    accountFilter: AccountFilterParam | Mapping[str, object] | None
    notifyHook: str | None


class BlendParams(RequestOptions, total=False):
    """The parameters of `blend` and `midjourney.blend`.

    base64Array: 2 to 5 images: bytes, paths (pathlib.Path), PIL images or data URIs. Required.
    dimensions: "PORTRAIT" (2:3), "SQUARE" (1:1, the default) or "LANDSCAPE" (3:2).
    mode: "RELAX" (the default), "FAST" or "TURBO".
    botType: "MID_JOURNEY" or "NIJI_JOURNEY".
    state: text of yours; the task has it as `state`.
    accountFilter: which account may do it; the gateway leaves it out unless its operator has turned it on.
    notifyHook: URL to call when the task has changed; left out likewise, so do not build on it.
    """

    base64Array: Required[Iterable[ImageInput]]
    dimensions: Literal["PORTRAIT", "SQUARE", "LANDSCAPE"] | None
    mode: Literal["RELAX", "FAST", "TURBO"] | None
    botType: Literal["MID_JOURNEY", "NIJI_JOURNEY"] | None
    state: str | None
    accountFilter: AccountFilterParam | Mapping[str, object] | None
    notifyHook: str | None


class ActionParams(RequestOptions, total=False):
    """The parameters of `midjourney.action`.

    taskId: the task that has the button. Required.
    customId: of the button. Required.
    chooseSameChannel: whether the same account is to do it.
    state: text of yours; the task has it as `state`.
    accountFilter: which account may do it; the gateway leaves it out unless its operator has turned it on.
    notifyHook: URL to call when the task has changed; left out likewise, so do not build on it.
    """

    taskId: Required[str]
    customId: Required[str]
    chooseSameChannel: bool | None
    state: str | None
    accountFilter: AccountFilterParam | Mapping[str, object] | None
    notifyHook: str | None


class ModalParams(RequestOptions, total=False):
    """The parameters of `midjourney.modal`.

    taskId: the task that waits for it. Required.
    prompt: what to draw; for a custom zoom with "--zoom 1.8".
    maskBase64: where to draw: an image of the size of the task's, white where it is to be drawn anew; bytes, a path, a
        PIL image or a data URI.
    state: text of yours; the task has it as `state`.
    notifyHook: URL to call when the task has changed; the gateway leaves it out.
    """

    taskId: Required[str]
    prompt: str | None
    maskBase64: ImageInput | None
    state: str | None
    notifyHook: str | None


class ChangeParams(RequestOptions, total=False):
    """The parameters of `midjourney.change`.

    taskId: a task of four images. Required.
    action: "UPSCALE", "VARIATION" or "REROLL". Required.
    index: of the image, 1 to 4; a reroll needs none.
    state: text of yours; the task has it as `state`.
    notifyHook: URL to call when the task has changed; the gateway leaves it out.
    """

    taskId: Required[str]
    action: Required[Literal["UPSCALE", "VARIATION", "REROLL"]]
    index: int | None
    state: str | None
    notifyHook: str | None


class SimpleChangeParams(RequestOptions, total=False):
    """The parameters of `midjourney.simple_change`.

    content: the task's id and what to do: "1712205491372224 U2"; U1 to U4, V1 to V4, R. Required.
    state: text of yours; the task has it as `state`.
    notifyHook: URL to call when the task has changed; the gateway leaves it out.
    """

    content: Required[str]
    state: str | None
    notifyHook: str | None


class DescribeParams(RequestOptions, total=False):
    """The parameters of `midjourney.describe`.

    base64: the image: bytes, a path (pathlib.Path), a PIL image or a data URI. Required.
    botType: "MID_JOURNEY" or "NIJI_JOURNEY".
    state: text of yours; the task has it as `state`.
    notifyHook: URL to call when the task has changed; the gateway leaves it out.
    """

    base64: Required[ImageInput]
    botType: Literal["MID_JOURNEY", "NIJI_JOURNEY"] | None
    state: str | None
    notifyHook: str | None


class ShortenParams(RequestOptions, total=False):
    """The parameters of `midjourney.shorten`.

    prompt: the prompt that is to become shorter. Required.
    botType: "MID_JOURNEY" or "NIJI_JOURNEY".
    state: text of yours; the task has it as `state`.
    notifyHook: URL to call when the task has changed; the gateway leaves it out.
    """

    prompt: Required[str]
    botType: Literal["MID_JOURNEY", "NIJI_JOURNEY"] | None
    state: str | None
    notifyHook: str | None


class EditsParams(RequestOptions, total=False):
    """The parameters of `midjourney.edits`.

    prompt: what to make of it. Required.
    base64Array: the image: bytes, paths (pathlib.Path), PIL images or data URIs.
    maskBase64: where to draw: an image of the same size, white or transparent where it is to be drawn anew.
    remix: whether the prompt may be changed later.
    botType: "MID_JOURNEY" or "NIJI_JOURNEY".
    state: text of yours; the task has it as `state`.
    notifyHook: URL to call when the task has changed; the gateway leaves it out.
    """

    prompt: Required[str]
    base64Array: Iterable[ImageInput] | None
    maskBase64: ImageInput | None
    remix: bool | None
    botType: Literal["MID_JOURNEY", "NIJI_JOURNEY"] | None
    state: str | None
    notifyHook: str | None


class MidjourneyVideoParams(RequestOptions, total=False):
    """The parameters of `midjourney.video`.

    image: the first picture: bytes, a path (pathlib.Path), a PIL image, a data URI or a URL.
    prompt: what happens in it.
    motion: "low" or "high".
    endImage: the last picture.
    loop: whether the end leads back to the beginning.
    videoType: which of Midjourney's, e.g. "vid_1.1_i2v_480".
    batchSize: how many videos; 1, 2 or 4.
    action: "VIDEO" (the default), or "VIDEO_EXTEND" for one that goes on.
    taskId: the task whose picture or video it is made of.
    index: which of its pictures, from 0.
    state: text of yours; the task has it as `state`.
    notifyHook: URL to call when the task has changed; the gateway leaves it out.
    """

    image: ImageInput | None
    prompt: str | None
    motion: Literal["low", "high"] | None
    endImage: ImageInput | None
    loop: bool | None
    videoType: str | None
    batchSize: int | None
    action: str | None
    taskId: str | None
    index: int | None
    state: str | None
    notifyHook: str | None


class SwapFaceParams(RequestOptions, total=False):
    """The parameters of `midjourney.swap_face`.

    sourceBase64: a picture of the face: bytes, a path (pathlib.Path), a PIL image or a data URI. Required.
    targetBase64: the picture that it goes into. Required.
    state: text of yours; the task has it as `state`.
    notifyHook: URL to call when the task has changed; the gateway leaves it out.
    """

    sourceBase64: Required[ImageInput]
    targetBase64: Required[ImageInput]
    state: str | None
    notifyHook: str | None


class UploadParams(RequestOptions, total=False):
    """The parameters of `midjourney.upload`.

    base64Array: the pictures: bytes, paths (pathlib.Path), PIL images or data URIs. Required.
    """

    base64Array: Required[Iterable[ImageInput]]


class TaskListParams(RequestOptions, total=False):
    """The parameters of `midjourney.list`.

    ids: the tasks to look at. Required.
    """

    ids: Required[Iterable[str]]
