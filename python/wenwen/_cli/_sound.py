"""`speak` and `transcribe`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from . import CommandError
from ._ask import client_of
from ._files import checked, name_of, read, save, words
from ._screen import as_json, put, put_bytes, put_json

if TYPE_CHECKING:
    from argparse import Namespace

_FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")


def speak(options: Namespace) -> int:
    path = checked(options, binary=True)
    text = words(options.text, "text")
    ending = os.path.splitext(path or "")[1][1:].lower()
    format = options.format or (ending if ending in _FORMATS else "mp3")
    params: dict[str, Any] = {"model": options.model, "voice": options.voice, "response_format": format}
    params |= {name: value for name in ("instructions", "speed") if (value := getattr(options, name)) is not None}
    content: bytes = cast("Any", client_of(options).audio.speech.create)(input=text, **params).content
    if not content:
        raise CommandError("the reply has no sound")
    if path == "-":
        put_bytes(content)
        return 0
    if path is None or os.path.isdir(path):
        path = os.path.join(path or "", f"{name_of(text, 'speech')}.{format}")
    path = save(path, content, options.force, shows=True)
    if options.json:
        put_json({"path": path, "format": format, "bytes": len(content), "model": options.model})
    else:
        put(path)
    return 0


def transcribe(options: Namespace) -> int:
    path = checked(options)
    data = read(options.file)
    if not data:
        raise CommandError(f"{'standard input' if options.file == '-' else options.file} is empty")
    # Without a name it gets one by its first bytes.
    file: Any = data if options.file == "-" else (os.path.basename(options.file), data)
    params: dict[str, Any] = {"model": options.model}
    params |= {name: value for name in ("language", "prompt") if (value := getattr(options, name)) is not None}
    if options.format != "text":  # "json", which all models have, has the text
        params["response_format"] = options.format
    audio = client_of(options).audio
    if options.translate:
        params.pop("language", None)
    make: Any = audio.translations.create if options.translate else audio.transcriptions.create
    reply = make(file=file, **params)
    whole: Any = {"text": reply} if isinstance(reply, str) else reply
    text = reply if isinstance(reply, str) else str(reply.text or "")
    json = options.json or options.format.endswith("_json")  # of times and speakers the JSON is the text
    if path is not None and path != "-":
        text = as_json(whole) if json else text.rstrip("\n")
        save(path, text.encode("utf-8", "backslashreplace") + b"\n", options.force)
    elif json:
        put_json(whole)
    else:
        put(text.rstrip("\n"))
    return 0
