"""`image` and `imagine`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, cast

import wenwen
from wenwen.types.shared import items, part

from . import CommandError, UsageError
from ._ask import client_of
from ._files import checked, kind_of, picture_path, read, save, words
from ._screen import complain, put, put_bytes, put_json, tell

if TYPE_CHECKING:
    from argparse import Namespace

    from wenwen.types import Task


# ---- image ----


def image(options: Namespace) -> int:
    path = checked(options, binary=True)
    if options.mask and not options.edit:
        raise UsageError("--mask goes with --edit, the picture whose parts it says")
    if path == "-" and (options.n or 1) > 1:
        raise UsageError("-o - is for one picture: give a file or a folder")
    prompt = words(options.prompt, "prompt")
    params = {name: getattr(options, name) for name in ("n", "size", "quality", "background")}
    params |= {"model": options.model, "prompt": prompt, "output_format": options.format}
    params = {name: value for name, value in params.items() if value is not None}
    images = client_of(options).images
    make: Any = images.generate
    if options.edit:
        make = images.edit
        params["image"] = [_picture(name) for name in options.edit]
        if options.mask:
            params["mask"] = _picture(options.mask)
    reply = make(**params)
    made = [picture for picture in items(reply.get("data")) if isinstance(picture, wenwen.types.Image)]
    if not made:
        raise CommandError("the reply has no picture")
    numbers = [None] if len(made) == 1 else range(1, len(made) + 1)
    data: list[dict[str, Any]] = []
    failed = False
    for number, picture in zip(numbers, made, strict=True):
        try:
            content = picture.read()
            if not content:
                raise ValueError("it is empty")
        except (wenwen.WenwenError, ValueError) as error:  # the others are there, and paid for
            failed = True
            complain(f"picture {number or 1}: {error}{_where(picture)}")
            continue
        row = _stored(path, prompt, number, content, options)
        data.append({**row, **{name: value for name, value in picture.to_dict().items() if name != "b64_json"}})
    if options.json:
        put_json({**reply.to_dict(), "data": data})
    if len(made) < (options.n or 1):
        complain(f"{len(made)} of {options.n} pictures came")
    return 1 if failed else 0


def _picture(path: str) -> tuple[str, bytes]:
    """A picture to send; the gateway goes by the ending of its name."""
    data = read(path)
    kind = kind_of(data)
    if kind is None or not kind.startswith("image/"):
        raise CommandError(f"{'standard input' if path == '-' else path} is no picture: give a PNG, JPEG, WebP or GIF")
    return f"picture.{kind.partition('/')[2]}", data


def _stored(path: str | None, prompt: str, number: int | None, content: bytes, options: Namespace) -> dict[str, Any]:
    """Writes a picture to where it belongs, and shows its name."""
    kind = kind_of(content)
    if kind is None or not kind.startswith("image/"):
        complain("what came is no picture of a kind that is known: look at it")
    if path == "-":
        put_bytes(content)
        return {"path": "-", "content_type": kind}
    name = picture_path(path, prompt, kind, number)
    # What was not named by the user is not replaced.
    force = options.force and os.path.splitext(path or "")[1].lower() in ("", os.path.splitext(name)[1].lower())
    name = save(name, content, force, shows=True)
    if not options.json:
        put(name)
    return {"path": name, "content_type": kind}


def _where(picture: Any) -> str:
    """Where it can still be had."""
    url = part(picture, "url")
    return f"; it is at {url}" if isinstance(url, str) and url.startswith("http") else ""


# ---- imagine ----


def imagine(options: Namespace) -> int:
    path = checked(options, binary=True)
    if path == "-" and options.no_wait:
        raise UsageError("--no-wait has no picture for -o")
    midjourney = client_of(options).midjourney
    limit = 3660.0 if options.timeout is None else options.timeout
    prompt = ""
    if options.task:
        if options.prompt or options.image:
            raise UsageError("--task goes on with a task that has its prompt: leave out the prompt and --image")
        task = midjourney.fetch(options.task)
    else:
        prompt = words(options.prompt, "prompt")
        params: dict[str, Any] = {"prompt": prompt}
        if options.image:
            params["base64Array"] = [_picture(name)[1] for name in options.image]
        task = cast("Task", midjourney.imagine(**params))
    for button in options.click:
        task = _waited(task, limit, options)
        task = task.action(button)
    if options.no_wait:
        if options.json:
            put_json(task)
        else:
            put(task.id)
        return 0
    task = _waited(task, limit, options)
    try:
        content = client_of(options).download(task.image_url).content if task.image_url else b""
    except (wenwen.WenwenError, ValueError) as error:
        raise CommandError(f"{error}; the picture is at {task.image_url}, the task is {task.id}") from None
    if not content:
        raise CommandError(f"task {task.id} has no picture: {task.description or task.status}")
    row = _stored(path, prompt or str(task.prompt or ""), None, content, options)
    if options.json:
        put_json({**task.to_dict(), **row})
    else:
        buttons = [str(part(button, "label") or part(button, "emoji") or "") for button in items(part(task, "buttons"))]
        tell(f"task {task.id}; --click {', '.join(filter(None, buttons))}" if any(buttons) else f"task {task.id}")
    return 0


def _waited(task: Task, limit: float, options: Namespace) -> Task:
    """The task when it has ended well. However else this ends, the user knows how to come back to it."""
    try:
        return task.wait(limit, poll=options.poll, progress=sys.stderr.isatty())
    except (KeyboardInterrupt, wenwen.WenwenError) as error:
        if not isinstance(error, wenwen.TaskFailedError):
            tell(f"the task goes on: wenwen imagine --task {task.id}")
        raise
