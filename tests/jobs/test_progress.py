"""How a job shows its progress: on a terminal, in a log, by tqdm, by a function. The only clock is the tests' own."""

from __future__ import annotations

import importlib
import io
import logging
import os
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import pytest

from wenwen._jobs import _progress
from wenwen._jobs._progress import Progress, clear, described


def status(**fields: Any) -> Any:
    usual: dict[str, Any] = {
        "total": 10_000, "done": 0, "failed": 0, "cached": 0, "running": 0, "input_tokens": 0, "output_tokens": 0,
        "cost": None, "refused": 0, "billed": 0, "elapsed": 0.0, "rate": 0.0, "eta": None, "held": None,
    }  # fmt: skip
    return types.SimpleNamespace(**{**usual, **fields})


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(_progress, "time", clock)
    return clock


class Screen(io.StringIO):
    tty = True

    def isatty(self) -> bool:
        return self.tty


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal on stderr, and no tqdm. (pytest has a stderr of its own from the test's first line on.)"""
    screen = Screen()
    monkeypatch.setattr(_progress, "sys", types.SimpleNamespace(stderr=screen, modules=sys.modules))
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    return screen


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "0/10,000 rows"),
        ({"total": None}, "0 rows"),
        ({"total": 1, "done": 1}, "1/1 row"),
        ({"total": None, "done": 1}, "1 row"),
        (
            {"done": 1200, "failed": 34, "cached": 200, "running": 150, "rate": 95.24},
            "1,234/10,000 rows, 200 known before, 34 failed, 150 in flight, 95.2/s",
        ),
        ({"rate": 12_345.6}, "0/10,000 rows, 12,346/s"),
        ({"input_tokens": 999, "output_tokens": 0}, "0/10,000 rows, 999 + 0 tokens"),
        ({"input_tokens": 1_234_000, "output_tokens": 56_700}, "0/10,000 rows, 1.2M + 57k tokens"),
        # What is left costs as much a row as what was paid for, and rows of the ledger cost nothing.
        ({"done": 1000, "cost": 1.25}, "1,000/10,000 rows, $1.25 of about $12.50"),
        ({"done": 2000, "cached": 1000, "cost": 1.25}, "2,000/10,000 rows, 1,000 known before, $1.25 of about $11.25"),
        ({"done": 10, "cached": 10, "cost": 0.0}, "10/10,000 rows, 10 known before, $0.0000"),
        ({"done": 10_000, "cost": 0.00123}, "10,000/10,000 rows, $0.0012"),
        ({"total": None, "done": 10, "cost": 2.0}, "10 rows, $2.00"),
        ({"eta": 92.4}, "0/10,000 rows, 1:33 left"),
        ({"eta": 3661.0}, "0/10,000 rows, 1:01:01 left"),
        ({"eta": float("inf")}, "0/10,000 rows"),
        ({"eta": float("nan")}, "0/10,000 rows"),
        ({"held": "quota"}, "0/10,000 rows, at the quota"),
        ({"held": "budget"}, "0/10,000 rows, the budget is reserved"),
        ({"held": "\x1b]0;owned\x07"}, "0/10,000 rows"),
    ],
)
def test_a_status_in_a_line(fields: Any, text: str) -> None:
    assert described(status(**fields)) == text


@pytest.mark.parametrize(
    ("room", "left"),
    [
        (
            127,
            "9 known before, 4 failed, 7 in flight, 9.5/s, 1.2k + 57 tokens, $1.25 of about $499.55, 1:33 left, "
            "at the quota",
        ),
        (126, "9 known before, 4 failed, 7 in flight, 9.5/s, $1.25 of about $499.55, 1:33 left, at the quota"),
        (100, "4 failed, 7 in flight, 9.5/s, $1.25 of about $499.55, 1:33 left, at the quota"),
        (80, "4 failed, 9.5/s, $1.25 of about $499.55, 1:33 left, at the quota"),
        (79, "4 failed, $1.25 of about $499.55, 1:33 left, at the quota"),
        (49, "4 failed, 1:33 left, at the quota"),
        (39, "1:33 left, at the quota"),
        (30, "1:33 left"),
        (20, ""),
        (0, ""),
    ],
)  # fmt: skip
def test_what_matters_least_is_left_out_of_a_narrow_line(room: int, left: str) -> None:
    full = status(
        done=30, failed=4, cached=9, running=7, rate=9.46, input_tokens=1200, output_tokens=57, cost=1.25, eta=92.4,
        held="quota",
    )  # fmt: skip
    assert described(full, room) == "34/10,000 rows" + (left and f", {left}")


def test_at_most_four_times_a_second(clock: Clock) -> None:
    seen: list[int] = []
    progress = Progress(lambda status: seen.append(status.done), 10)
    for done in range(100):
        progress.update(status(done=done))
        clock.now += 1 / 128
    assert seen == [0, 32, 64, 96]
    progress.close(status(done=100))
    progress.close(status(done=101))
    progress.update(status(done=102))
    assert seen == [0, 32, 64, 96, 100]


def test_what_a_function_raises_is_the_callers() -> None:
    def stop(status: Any) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        Progress(stop, 10).update(status())


def test_none_of_it(screen: Screen, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    progress = Progress(False, 10)
    progress.update(status())
    progress.close(status())
    assert screen.getvalue() == "" and not caplog.records


@pytest.mark.parametrize("wanted", [True, None])
def test_a_line_on_a_terminal(screen: Screen, clock: Clock, wanted: bool | None) -> None:
    progress = Progress(wanted, 100)
    progress.update(status(total=100, done=5, held="quota"))
    progress.update(status(total=100, done=6))
    clock.now += 0.25
    progress.update(status(total=100, done=50))
    progress.close(status(total=100, done=100))
    first, second, third = "5/100 rows, at the quota", "50/100 rows", "100/100 rows"
    assert screen.getvalue() == f"\r{first}\r{second:{len(first)}}\r{third}\n"


def test_a_line_is_as_wide_as_the_terminal(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, text in (12, "1,234/10,00"), (1, ""), (0, "1,234/10,000 rows"):
        monkeypatch.setattr(
            _progress.os, "get_terminal_size", lambda _, columns=columns: os.terminal_size((columns, 9))
        )
        monkeypatch.setattr(screen, "fileno", lambda: 2)
        screen.truncate(0), screen.seek(0)
        Progress(True, 10_000).update(status(done=1234))
        assert screen.getvalue() == f"\r{text}"


def test_what_is_said_meanwhile_has_a_line_of_its_own(screen: Screen, clock: Clock) -> None:
    progress = Progress(True, 10)
    clear()  # those of other tests too
    screen.truncate(0), screen.seek(0)
    progress.update(status(total=10, done=5, held="quota"))
    clear()
    clear()
    screen.write("said\n")
    clock.now += 1
    progress.update(status(total=10, done=6))
    progress.close(status(total=10, done=7))
    clear()
    assert screen.getvalue() == "\r5/10 rows, at the quota\nsaid\n\r6/10 rows\r7/10 rows\n"


@pytest.mark.parametrize("error", [OSError, ValueError])
def test_a_terminal_that_goes_does_not_end_the_job(
    screen: Screen, clock: Clock, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Progress(True, 10)

    def write(text: str) -> int:
        raise error

    monkeypatch.setattr(screen, "write", write)
    progress.update(status())
    clock.now += 1
    progress.update(status())
    progress.close(status())


@pytest.mark.parametrize("stderr", [None, "closed", "file"])
def test_lines_of_a_log_elsewhere(
    screen: Screen, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, stderr: str | None
) -> None:
    caplog.set_level(logging.INFO, "wenwen")
    screen.tty = False
    if stderr == "closed":
        screen.close()
    if stderr is None:
        monkeypatch.setattr(_progress.sys, "stderr", None)
    for wanted in True, None:
        caplog.clear()
        progress = Progress(wanted, 10)
        for second in range(0, 100, 5):
            progress.update(status(total=10, done=second // 10))
            clock.now += 5
        progress.close(status(total=10, done=10))
        lines = [f"job: {done}/10 rows" for done in (3, 6, 9, 10)]
        assert [record.message for record in caplog.records] == lines
        assert {(record.name, record.levelname) for record in caplog.records} == {("wenwen", "INFO")}
    assert stderr != "file" or screen.getvalue() == ""


class Bar:
    made: list[Bar] = []

    def __init__(self, total: int | None, bar_format: str, dynamic_ncols: bool) -> None:
        if total == -1:
            raise ImportError("IProgress not found")
        self.total, self.format, self.n = total, bar_format, 0
        self.seen: list[tuple[int, str]] = []
        self.made.append(self)

    def set_description_str(self, text: str) -> None:
        self.seen.append((self.n, text))

    def close(self) -> None:
        self.seen.append((self.n, "closed"))


@pytest.mark.parametrize("total", [None, 10])
def test_the_bar_of_tqdm(screen: Screen, clock: Clock, monkeypatch: pytest.MonkeyPatch, total: int | None) -> None:
    module: Any = types.ModuleType("tqdm.auto")
    module.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    progress = Progress(True, total)
    progress.update(status(total=total, done=3, failed=1))
    progress.update(status(total=total, done=4, failed=1))
    progress.close(status(total=total, done=8, failed=2))
    bar = Bar.made.pop()
    of = "" if total is None else "/10"
    assert (bar.total, "{bar" in bar.format) == (total, total is not None)
    assert bar.seen == [(4, f"4{of} rows, 1 failed"), (10, f"10{of} rows, 2 failed"), (10, "closed")]
    # Asked for, it is there elsewhere too; else only where somebody sees it.
    screen.tty = False
    assert Progress(True, 1)._bar is not None and Progress(None, 1)._bar is None
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
    assert Progress(None, 1)._bar is None
    kernel = types.SimpleNamespace(kernel=1)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: kernel))
    assert Progress(None, 1)._bar is not None
    # One that cannot be made is none.
    screen.tty = True
    Progress(True, -1).update(status())
    assert screen.getvalue() == "\r0/10,000 rows"


def test_the_bar_of_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A widget has a bar of its own; that there are no widgets is no warning of ours."""
    (tmp_path / "tqdm").mkdir()
    (tmp_path / "tqdm" / "__init__.py").touch()
    (tmp_path / "tqdm" / "auto.py").write_text("import warnings\nwarnings.warn('IProgress not found')\n")
    monkeypatch.syspath_prepend(tmp_path)
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] != "tqdm"}
    monkeypatch.setattr(sys, "modules", modules)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Progress(True, 10)._bar is None
    auto: Any = importlib.import_module("tqdm.auto")
    monkeypatch.setattr(auto, "tqdm", type("tqdm", (type("tqdm_notebook", (Bar,), {}),), {}), raising=False)
    Progress(True, 10)
    assert Bar.made.pop().format == "{percentage:3.0f}%|{bar}| {desc}"


async def later(status: Any) -> None: ...


class Later:
    async def __call__(self, status: Any) -> None: ...


@pytest.mark.parametrize("wanted", [1, 0, "yes", [], later, Later()])
def test_what_cannot_show_progress(wanted: Any) -> None:
    with pytest.raises(TypeError, match=r"progress is .*: give "):
        Progress(wanted, 10)
