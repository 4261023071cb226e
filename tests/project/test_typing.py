"""What type checkers and editors see: up to date, and what `tests/typing` says of each call."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen._names import FUNCTIONS, PARTS

ROOT = Path(__file__).parents[2]


def run(*command: str, expect: int = 0) -> str:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_stubs_are_made_of_what_is_written_once() -> None:
    run(".ci/faces.py")


@pytest.mark.parametrize(
    ("file", "before", "after", "stale"),
    [
        ("_names.py", '"imagine": "midj', '"draw": "midj', "__init__.pyi, python/wenwen/aio.pyi"),
        ("_names.py", '"chat": "chat.Chat"', '"talk": "chat.Chat"', "resources/_faces.pyi"),
        ("resources/videos.py", "remix: RemixVideo[Video,", "remix: RemixVideo[str,", "resources/_faces.pyi"),
        (
            "resources/responses.py",
            "(ResponseCreateParams, streams=True",
            "(ResponseCreateParams",
            "has 2 kinds of results",
        ),
        ("resources/pricing.py", "(RequestOptions, sends=LIST", "(Other, sends=LIST", "are called in different ways"),
    ],
)
def test_a_stub_that_is_not_up_to_date_is_refused(
    tmp_path: Path, file: str, before: str, after: str, stale: str
) -> None:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    shutil.copytree(
        ROOT / "python" / "wenwen", tmp_path / "python" / "wenwen", ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    path = tmp_path / "python" / "wenwen" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    assert stale in run(str(tmp_path / ".ci" / "faces.py"), expect=1)


def names(part: Any, path: str) -> list[str]:
    """The calls of a part of a client, and of its parts."""
    if inspect.ismethod(part):
        return [path]
    found = []
    for name in dir(type(part)):
        if name[0] != "_" and not name.startswith("with_"):
            found += names(getattr(part, name), f"{path}.{name}")
    return found


@pytest.mark.parametrize("face", ["client", "async_client", "wenwen", "wenwen.aio"])
@pytest.mark.parametrize("form", ["", "with_raw_response.", "with_streaming_response."])
def test_every_call_is_among_the_typing_tests(face: str, form: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "typing").glob("*.py"))
    if "client" not in face:
        calls = [f"{face}.{name}" for name in FUNCTIONS] if not form else []
    else:
        client: Any = (wenwen.AsyncClient if "async" in face else wenwen.Client)(api_key="sk-1")
        # `beta` has the same resources once more.
        calls = [name for part in PARTS if part != "beta" for name in names(getattr(client, part), f"{face}.{part}")]
    if form:  # not of what takes several requests, or streams by itself
        own = (
            "stream",
            "parse",
            "run",
            "map",
            "map_edit",
            "wait",
            "poll",
            "create_and_poll",
            "download",
            "tool_runner",
        )
        calls = [call for call in calls if call.rpartition(".")[2] not in own]
        calls = [f"{call.rpartition('.')[0]}.{form}{call.rpartition('.')[2]}" for call in calls]
        for inner in ("input_items", "input_tokens"):
            text = text.replace(f"responses.{form}{inner}.", f"responses.{inner}.{form}")
    assert [call for call in calls if not re.search(rf"(?<!\w){re.escape(call)}\(", text)] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_agree(checker: str) -> None:
    pytest.importorskip(checker)
    run("-m", checker, *(["--level", "error"] if checker == "pyright" else []))
