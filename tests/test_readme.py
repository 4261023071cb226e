"""Every Python block of the README, run in order on a local gateway, like the cells of one notebook."""

from __future__ import annotations

import ast
import asyncio
import inspect
import logging
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from wenwen.testing import LocalGateway, Reply

README = Path(__file__).parent.parent / "README.md"
# An invisible comment above a block says what the gateway answers it: a list of a script's items.
BLOCK = re.compile(r"(?:^<!-- script: (?P<script>[^\n]*) -->\n)?^```python\n(?P<code>.*?)^```$", re.M | re.S)
# What the rows of the table of endpoints use.
NAMES = """
from pathlib import Path
import numpy
from pydantic import BaseModel

class Person(BaseModel):
    name: str
    age: int

def weather(city: str) -> str:
    return "sunny"

chat_tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
"""
FILES = {
    "talk.wav": b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x08\0\0"
    + bytes(2048),
    "photo.png": b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
    ),
    "report.pdf": b"%PDF-1.7\n",
    "key.txt": b"sk-from-a-file\n",
    "company-ca.pem": b"",
}


def blocks() -> list[tuple[str, str]]:
    """Script and code of each block; the code stands on the lines that it has in the README."""
    text = README.read_text(encoding="utf-8")
    return [
        (found["script"] or "", "\n" * text.count("\n", 0, found.start("code")) + found["code"])
        for found in BLOCK.finditer(text)
    ]


def run(code: str, names: dict[str, Any]) -> None:
    compiled = compile(code, README, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, names)
    if inspect.iscoroutine(result):
        asyncio.run(result)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_bytes(content)


@pytest.mark.usefixtures("directory")
def test_blocks(wenwen_gateway: LocalGateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "wenwen")  # the block about logging sets it too; this one is undone
    names: dict[str, Any] = {"__name__": "readme"}
    found = blocks()
    assert len(found) > 20
    assert README.read_text(encoding="utf-8").count("```python\n") == len(found)
    for script, code in found:
        wenwen_gateway.clear_script()
        if script:
            wenwen_gateway.script(eval(script, {"Reply": Reply}))
        before = set(names)
        run(code, names)
        assert wenwen_gateway.script_left == 0, f"the block does not ask for {script}"
        for name in sorted(set(names) - before):
            if name.startswith("test_"):
                wenwen_gateway.clear_script()
                names[name](wenwen_gateway)


@pytest.mark.usefixtures("directory")
def test_table_of_endpoints(wenwen_gateway: LocalGateway) -> None:
    """Every example runs and asks the endpoint of its row, and every function of the module has one."""
    import wenwen
    from wenwen._names import FUNCTIONS

    question = [{"role": "user", "content": "Hello!"}]
    names: dict[str, Any] = {"__name__": "readme", "wenwen": wenwen, "client": wenwen.Client(), "messages": question}
    run(NAMES, names)
    text = README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| [\w., ]+ \| (.+?) \| `(.+)` \|$", text, re.M)
    assert len(rows) > 30
    asked = ""
    for endpoint, code in rows:
        asked = endpoint.strip("`") if endpoint.startswith("`") else asked
        wenwen_gateway.clear()
        run(code, names)
        method, _, path = asked.partition(" ")
        pattern = re.sub(r"\\{.*?\\}", "[^/]+", re.escape(path))
        assert any(
            request.method == method and re.fullmatch(pattern, request.path) for request in wenwen_gateway.requests
        ), (asked, code)
    assert not [name for name in {*FUNCTIONS} - {"download"} if f"wenwen.{name}(" not in text]


def test_commands() -> None:
    """The two commands that the README begins with are those of the issue and of .ci/run."""
    text = README.read_text(encoding="utf-8")
    for command in ("pip install . && python -m wenwen demo", "pip install '.[test]' && python -m pytest"):
        assert f"```sh\n{command}\n```" in text
    ci = (README.parent / ".ci" / "run").read_text(encoding="utf-8")
    assert "'.[test]'\n" in ci and "\npython -m pytest\n" in ci


def test_links() -> None:
    text = README.read_text(encoding="utf-8")
    words = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.M)]
    for anchor in re.findall(r"\]\(#(.*?)\)", text):
        assert anchor in words, anchor


def test_table_of_errors() -> None:
    """Every exception stands in the table, and no other."""
    import wenwen
    from wenwen import _errors

    def below(cls: type) -> set[str]:
        return {cls.__name__}.union(*(below(child) for child in cls.__subclasses__()))

    rows = set(re.findall(r"^\| `(\w+Error)` \|", README.read_text(encoding="utf-8"), re.M))
    assert rows == below(_errors.APIError) - {"APIError"}
    assert all(hasattr(wenwen, name) for name in rows)
