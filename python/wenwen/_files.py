"""Files that replies are written to: one writer for all, and names for what a server has named."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import BufferedWriter
    from os import PathLike
    from types import TracebackType


class written:  # noqa: N801
    """`open(path, "wb")`, of which there is a file at that path only once the block has ended well.

    Until then the bytes are in a file of a random name in the same folder, which nobody else can have put there; a link
    at the path is replaced, not followed, and a file keeps its mode. What is interrupted leaves nothing.

    replace: whether a file that is at the path then is replaced, or a FileExistsError."""

    def __init__(self, path: str | PathLike[str], *, replace: bool = True) -> None:
        self._path = os.fsdecode(path)
        self._replace = replace
        self._part: str | None = None

    def __enter__(self) -> BufferedWriter:
        try:
            there = os.lstat(self._path)
        except FileNotFoundError:
            there = None
        if os.path.isdir(self._path) or not os.path.basename(self._path):  # also by a link
            raise IsADirectoryError(21, "it is a folder: give the path of a file", self._path)
        if there is not None and not (stat.S_ISREG(there.st_mode) or stat.S_ISLNK(there.st_mode)):
            self._file = open(self._path, "wb")  # a pipe or a device stays one
            return self._file
        if there is not None and not self._replace:
            raise FileExistsError(17, "it is there already", self._path)
        self._part = os.path.join(os.path.dirname(self._path), f".wenwen-{os.urandom(8).hex()}.part")
        file = None
        try:
            file = self._file = open(self._part, "xb")  # exclusive, so that no link is followed
            if there is not None and stat.S_ISREG(there.st_mode) and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), there.st_mode & 0o777)
        except BaseException as error:  # Ctrl-C among them: nobody will leave the block
            if file is not None:
                file.close()
            self._drop()
            if isinstance(error, OSError):
                raise OSError(error.errno, error.strerror, self._path) from None
            raise
        return file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
            if kind is None and self._part is not None:
                self._place(self._part)
        finally:
            self._drop()

    def _place(self, part: str) -> None:
        if self._replace:
            os.replace(part, self._path)
            return
        try:
            os.link(part, self._path)  # unlike a rename it replaces nothing
        except FileExistsError:
            raise
        except OSError:  # of a disk without links
            if os.path.lexists(self._path):
                raise FileExistsError(17, "it is there already", self._path) from None
            os.rename(part, self._path)

    def _drop(self) -> None:
        if self._part is not None:
            with suppress(OSError):  # gone with its folder, say: what went wrong before is the news
                os.unlink(self._part)


def write(path: str | PathLike[str], data: bytes | memoryview) -> None:
    """Writes a file whole."""
    with written(path) as file:
        file.write(data)


def decoded(text: str, what: str = "file") -> bytes:
    """Of base64, or a data URI, which some upstreams write for it."""
    from binascii import Error, a2b_base64

    try:
        return a2b_base64(text.partition(",")[2] if text.startswith("data:") else text)
    except (Error, ValueError) as error:
        raise ValueError(f"the {what}'s base64 is broken: {error}") from None


# Devices of Windows, whatever ending they are given.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))}


def safe_name(text: object) -> str:
    """A name of a file, without an ending, of one that a server has given: it leads to no other folder."""
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in str(text)[:100]) or "_"
    return f"_{name}" if name.startswith("-") or name.lower() in _RESERVED else name
