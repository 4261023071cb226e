"""The command line: `wenwen ask "Hello!"`, or `python -m wenwen ask "Hello!"`. A file for each theme; `_parser` has all
commands and options. Nothing of it is loaded before it is run."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from ._screen import complain

if TYPE_CHECKING:
    from collections.abc import Sequence


class UsageError(Exception):
    """Arguments that cannot be meant: exit code 2."""


class CommandError(Exception):
    """What is told in a line: exit code 1."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit code: 0 done, 1 failed, 2 wrong arguments, 130 Ctrl-C, 141 nobody reads
    what it writes."""
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    try:
        code = _outcome(arguments)
        if sys.stdout is not None:  # pyright: ignore[reportUnnecessaryComparison]
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        with suppress(OSError):
            print(file=sys.stderr)
        return _ended(130)
    except OSError as error:
        # Whoever read has enough (`| head`). Windows calls it EINVAL.
        if isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL):
            return _ended(141)
        complain(error)
        return _ended(1)


def _outcome(arguments: Sequence[str] | None) -> int:
    from ._parser import parsed

    try:
        options = parsed(arguments)
    except SystemExit as stop:  # of --help and --version, and of what is wrong
        return stop.code if isinstance(stop.code, int) else 2
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise OSError(errno.EBADF, "standard output is closed")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an answer may hold what a terminal of another encoding cannot show
            stream.reconfigure(errors="replace")
    from wenwen._errors import WenwenError

    module, name = options.run.split(".")
    try:
        code: int = getattr(import_module(f"wenwen._cli.{module}"), name)(options)
        return code
    except UsageError as error:
        complain(error)
        return 2
    # JSON of great depth; a library that a table needs.
    except (WenwenError, CommandError, ValueError, RecursionError, ModuleNotFoundError) as error:
        complain(error)
        return 1


def _ended(code: int) -> int:
    """Python would complain once more when it flushes at exit what cannot be written."""
    try:
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):
        with suppress(AttributeError, OSError, ValueError):  # ValueError: of a test, it has no descriptor
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
