"""What is read and written: standard input, files that go along, files that replies become."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, cast

from wenwen._files import written

from . import CommandError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace

MOST = 128 << 20  # bytes: the gateway takes no larger body
PICTURES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif"}
_ENDINGS = {ending: kind for kind, ending in PICTURES.items()} | {".jpeg": "image/jpeg"}


# ---- what goes in ----


def read(path: str) -> bytes:
    """A file; - is standard input."""
    if path == "-":
        return standard_input()
    with open(path, "rb") as file:
        return _limited(file, path)


def standard_input(what: str = "text") -> bytes:
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise CommandError("standard input is closed")
    if sys.stdin.isatty():
        print(f"Type the {what}; end it with Ctrl-D on a line of its own.", file=sys.stderr)
    return _limited(sys.stdin.buffer, "standard input")


def _limited(file: IO[bytes], name: str) -> bytes:
    data = file.read(MOST + 1)
    if len(data) > MOST:
        raise CommandError(f"{name} is larger than {MOST >> 20} MB, the most that the gateway takes")
    return data


def text_of(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{name} is no text in UTF-8 (byte {error.start}): say its encoding, as in iconv -f GBK -t UTF-8"
        ) from None


def words(given: list[str], what: str) -> str:
    """The text of a command: its words, or standard input."""
    is_piped = not given or given == ["-"]
    text = text_of(standard_input(what), "standard input").strip() if is_piped else " ".join(given)
    if not text.strip():
        raise UsageError(f"there is no {what}")
    return text


def kind_of(data: bytes) -> str | None:
    """What a picture or a PDF is, by its first bytes; None for text and whatever else there is."""
    from wenwen.types.images import _sniffed

    return "application/pdf" if data.startswith(b"%PDF-") else _sniffed(data)


def part_of(path: str) -> dict[str, Any]:
    """A file as a part of a message: a picture, a PDF, or text under its name."""
    if path.startswith(("https://", "http://")):
        if path.partition("?")[0].lower().endswith(".pdf"):
            return {"type": "input_file", "file_url": path}
        return {"type": "input_image", "image_url": path}
    return part_from(read(path), "standard input" if path == "-" else path)


def part_from(data: bytes, name: str) -> dict[str, Any]:
    kind = kind_of(data)
    if kind is None:
        if b"\0" in data[:4096]:
            raise CommandError(f"{name} is no text, no picture (PNG, JPEG, WebP, GIF) and no PDF")
        return {"type": "input_text", "text": f"{os.path.basename(name)}:\n\n{text_of(data, name)}"}
    from binascii import b2a_base64

    uri = f"data:{kind};base64,{b2a_base64(data, newline=False).decode()}"
    if kind == "application/pdf":
        return {"type": "input_file", "filename": os.path.basename(name), "file_data": uri}
    return {"type": "input_image", "image_url": uri}


def schema_of(given: str) -> dict[str, Any]:
    """A JSON schema: a file's, or the text itself."""
    is_text = given.lstrip().startswith("{")
    text = given if is_text else text_of(read(given), given)
    name = "--schema" if is_text else given
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is no JSON: {error}") from None
    from wenwen._output import output_of

    try:
        if not isinstance(schema, dict):  # null would be the type None
            raise TypeError
        output_of(schema).wire("responses")
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
        raise UsageError(
            f"{name} is no JSON schema: give an object like "
            '{"type": "object", "properties": {"name": {"type": "string"}}}'
        ) from None
    return cast("dict[str, Any]", schema)


# ---- what comes out ----


def checked(options: Namespace, *, binary: bool = False) -> str | None:
    """The path of `-o`, before anything is paid for: what cannot be written is told now. binary: of pictures and sound,
    which a folder may be given for, and which no terminal is given."""
    path: str | None = options.output
    if path is None:
        return None
    if path == "-":
        if binary and sys.stdout.isatty():
            raise UsageError("-o -: a terminal cannot show that: give a file, or a pipe")
        if options.json:
            raise UsageError("-o - and --json both write to standard output: give a file")
        return path
    if not path:
        raise UsageError("-o: the name is empty")
    is_folder = os.path.isdir(path)
    if is_folder and not binary:
        raise IsADirectoryError(21, "it is a folder: give the path of a file", path)
    folder = path if is_folder else os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise FileNotFoundError(2, "no such folder", folder)
    if not os.access(folder, os.W_OK):
        raise PermissionError(13, "nothing can be written there", folder)
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        return path
    # A pipe or a device stays what it is.
    if (stat.S_ISREG(there.st_mode) or stat.S_ISLNK(there.st_mode)) and not options.force and not is_folder:
        raise CommandError(f"{path} is there already: --force replaces it")
    return path


def save(path: str, data: bytes | memoryview, force: bool, *, shows: bool = False) -> str:
    """Writes a file whole, and returns its name. One that is there meanwhile is replaced only by `force`: the reply was
    paid for, and goes beside it. shows: whether the caller shows the name; else another one than was asked for is
    told."""
    from ._screen import complain

    stem, ending = os.path.splitext(path)
    name, number = path, 1
    while True:
        try:
            with written(name, replace=force) as file:
                file.write(data)
            break
        except FileExistsError:
            number += 1
            name = f"{stem}-{number}{ending}"
    if name != path and not shows:
        complain(f"{path} is there by now: it is {name}")
    return name


def name_of(prompt: str, otherwise: str) -> str:
    """A name for what was made of a prompt."""
    return re.sub(r"[\W_]+", "-", prompt[:40]).strip("-").lower() or otherwise


def picture_path(path: str | None, prompt: str, kind: str | None, number: int | None) -> str:
    """Where a picture goes: its ending says what it is, whatever was asked for."""
    ending = PICTURES.get(kind or "", ".bin")
    if path is None or os.path.isdir(path):
        path = os.path.join(path or "", name_of(prompt, "picture"))
    stem, given = os.path.splitext(path)
    if given.lower() in _ENDINGS:
        path, ending = stem, given if _ENDINGS[given.lower()] == kind else ending
    return f"{path}{'' if number is None else f'-{number}'}{ending}"


# ---- the last conversation ----


def state_file() -> str:
    """Where the last conversation is kept."""
    folder = os.environ.get("XDG_STATE_HOME")
    if not folder and sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA")
    if not folder:
        folder = "~/Library/Application Support" if sys.platform == "darwin" else "~/.local/state"
    folder = os.path.expanduser(folder)
    if not os.path.isabs(folder):  # of a user whom the system does not know
        raise CommandError("there is no home folder to keep a conversation in: set XDG_STATE_HOME")
    return os.path.join(folder, "wenwen", "conversation.json")


def remembered() -> dict[str, Any]:
    """The last conversation: model, instructions, and its items as `input`."""
    path = state_file()
    try:
        with open(path, "rb") as file:
            found = json.load(file)
        if isinstance(found["input"], list) and isinstance(found["model"], str):
            return dict(found)
    except FileNotFoundError:
        raise CommandError("there is no conversation to go on with: begin one without --chat") from None
    except (ValueError, TypeError, KeyError):
        pass
    raise CommandError(f"{path} is no conversation: begin a new one")


def remember(conversation: dict[str, Any]) -> None:
    """Keeps it for the next `--chat`, for this user alone; one that cannot be kept leaves none, for the one before must
    not be gone on with in its place."""
    from ._screen import as_json, complain

    with suppress(CommandError):
        path = state_file()
        data = as_json(conversation, None).encode()
        try:
            if len(data) > MOST >> 2:  # mostly pictures: 32 MB
                raise OSError
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            with written(path) as file:
                if hasattr(os, "fchmod"):
                    os.fchmod(file.fileno(), 0o600)
                file.write(data)
        except OSError:
            with suppress(OSError):
                os.unlink(path)
            if os.path.lexists(path):
                complain(f"--chat would go on with the conversation before this: {path} cannot be written")
