"""Ctrl-C and SIGTERM, heard first by whoever has something to end: engines end their workers at once."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

# Who is told first, and of each signal who hears it then.
_first: Callable[[], object] | None = None
_usual: dict[int, Any] = {}
_telling = False


def hear(first: Callable[[], object]) -> None:
    """From now on both call this before they do what they did. In the main thread; elsewhere nothing changes."""
    global _first
    if threading.current_thread() is threading.main_thread():
        _first = first
        _install()
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if shell is not None and _install not in shell.events.callbacks["pre_run_cell"]:
            shell.events.register("pre_run_cell", _install)  # notebooks give each cell a Ctrl-C of its own


def hear_no_more() -> None:
    global _first
    if threading.current_thread() is threading.main_thread():
        _first = None
        for number, usual in _usual.items():
            if signal.getsignal(number) is _heard:
                signal.signal(number, usual)


def _install(*_: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        usual = signal.getsignal(number)
        ends = callable(usual) or (usual is signal.SIG_DFL and number == signal.SIGTERM)
        if _first is not None and ends and usual is not _heard:
            _usual[number] = usual
            signal.signal(number, _heard)


def _heard(number: int, frame: Any) -> None:
    global _telling
    if _telling:
        raise KeyboardInterrupt  # it is not waited for any longer
    _telling = True
    try:
        if _first is not None:
            _first()
    finally:
        _telling = False
    usual = _usual[number]
    if not callable(usual):
        raise SystemExit(128 + number)
    usual(number, frame)
