"""Every Python block of every document, run in order on a local gateway, like the cells of one notebook."""

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

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
GUIDE = ROOT / "python" / "README.md"
CHINESE = ROOT / "python" / "README.zh.md"
DOCUMENTS = sorted(
    path for folder in (".", ".github", "python", "src", "tests", "tests/*") for path in ROOT.glob(f"{folder}/*.md")
)
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
    "own.pem": b"",
    "own-key.pem": b"",
}


def name(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def blocks(text: str) -> list[tuple[str, str]]:
    """Script and code of each block; the code stands on the lines that it has in the document."""
    return [
        (found["script"] or "", "\n" * text.count("\n", 0, found.start("code")) + found["code"])
        for found in BLOCK.finditer(text)
    ]


def run(code: str, names: dict[str, Any], document: Path = GUIDE) -> None:
    compiled = compile(code, document, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, names)
    if inspect.iscoroutine(result):
        asyncio.run(result)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_bytes(content)


documents = pytest.mark.parametrize("document", DOCUMENTS, ids=name)


@documents
@pytest.mark.usefixtures("directory")
def test_blocks(document: Path, wenwen_gateway: LocalGateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "wenwen")  # the block about logging sets it too; this one is undone
    names: dict[str, Any] = {"__name__": "readme"}
    text = document.read_text(encoding="utf-8")
    found = blocks(text)
    assert text.count("```python\n") == len(found)
    assert found or document not in (README, GUIDE, CHINESE)
    for script, code in found:
        wenwen_gateway.clear_script()
        if script:
            wenwen_gateway.script(eval(script, {"Reply": Reply}))
        before = set(names)
        run(code, names, document)
        assert wenwen_gateway.script_left == 0, f"the block does not ask for {script}"
        for test in sorted(set(names) - before):
            if test.startswith("test_"):
                wenwen_gateway.clear_script()
                names[test](wenwen_gateway)


def endpoints(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^\| [\w., ]+ \| (.+?) \| `(.+)` \|$", text, re.M)


@pytest.mark.usefixtures("directory")
def test_table_of_endpoints(wenwen_gateway: LocalGateway) -> None:
    """Every example runs and asks the endpoint of its row, and every function of the module has one."""
    import wenwen
    from wenwen._names import FUNCTIONS

    question = [{"role": "user", "content": "Hello!"}]
    names: dict[str, Any] = {"__name__": "readme", "wenwen": wenwen, "client": wenwen.Client(), "messages": question}
    run(NAMES, names)
    text = GUIDE.read_text(encoding="utf-8")
    rows = endpoints(text)
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


def from_the_peers(text: str) -> list[str]:
    """What is written now, in the tables for those who come from other packages."""
    return re.findall(
        r"^\| `[^`]+` \| `([^`]+)` \| .+ \|$", text[text.rindex("### ", 0, text.index("| `from openai import")) :], re.M
    )


@pytest.mark.usefixtures("directory")
def test_coming_from_the_peers(wenwen_gateway: LocalGateway) -> None:
    """Each row runs."""
    import wenwen

    messages = [{"role": "user", "content": "Hello!"}]
    names: dict[str, Any] = {"wenwen": wenwen, "client": wenwen.Client(), "messages": messages}
    run(NAMES, names)
    rows = from_the_peers(GUIDE.read_text(encoding="utf-8"))
    assert len(rows) > 20
    assert rows == from_the_peers(CHINESE.read_text(encoding="utf-8"))
    for code in rows:
        run(code, names)


def test_the_chinese_guide_keeps_up() -> None:
    """The same endpoints, errors and chapters, and in each as many blocks."""

    def facts(document: Path) -> tuple[list[str], set[str], list[int]]:
        text = document.read_text(encoding="utf-8")
        chapters = [chapter.count("```python\n") for chapter in re.split(r"^## ", text, flags=re.M)]
        errors = set(re.findall(r"^\| `(\w+Error)` \|", text, re.M)) - {"APIStatusError", "AnswerError"}
        return [code for _, code in endpoints(text)], errors, [count for count in chapters if count]

    assert facts(CHINESE) == facts(GUIDE)


def test_commands() -> None:
    """The two commands that the README begins with are those of .ci/run."""
    text = README.read_text(encoding="utf-8")
    commands = ["pip install . && python -m wenwen demo", "pip install '.[test]' && python -m pytest"]
    assert re.findall(r"^```sh\n(.*)\n```$", text, re.M)[:2] == commands
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "'.[test]'\n" in ci and re.search(r"^ *python -m pytest$", ci, re.M)


def anchors(document: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@documents
def test_links(document: Path) -> None:
    """What a document links to is there: a file or folder beside it, a heading in one."""
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if path.startswith("https://"):
            continue
        found = document.parent / path if path else document
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def test_the_table_of_attacks() -> None:
    """The tests that it names are there."""
    text = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.(?:py|rs))(?:::(\w+))?`", text[text.index("| attack |") :])
    assert len(named) > 60
    for file, test in named:
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert not test or re.search(rf"^(def|fn) {test}\(", source, re.M), (file, test)


def test_what_is_cited_of_the_wire_is_written_down() -> None:
    """Comments cite the reference by the numbers of its headings, its paragraphs (1.8) and its lists (G.8.7)."""
    text = (ROOT / "tests" / "samples" / "REFERENCE.md").read_text(encoding="utf-8")
    there = set(re.findall(r"^#+ (\w(?:\.\d+)?)[. ]", text, re.M))
    for paragraph in re.findall(r"^\W*\*\*(\w[\w., –]*)\*\*", text, re.M):
        there.update(re.findall(r"[\dN](?:\.?\d+)?", paragraph))
    for number, section in re.findall(r"^### (G\.\d+)(.*?)(?=^##)", text, re.M | re.S):
        there.update(f"{number}.{point}" for point in re.findall(r"^(\d+)\. ", section, re.M))
    cited = set()
    for path in (path for folder in ("src", "python", "tests") for path in (ROOT / folder).rglob("*.*")):
        if path.suffix in (".rs", ".py") and path != Path(__file__):
            code = path.read_text(encoding="utf-8")
            cited.update(re.findall(r"\b(?:REFERENCE )([0-9GHN][\d.]*\d|\d)", code))
            cited.update(re.findall(r"[(, ]([GH]\.\d+(?:\.\d+)?)(?=[),: ])", code))
    assert len(cited) > 15
    assert not cited - there


def test_the_readme_is_short() -> None:
    assert len(README.read_bytes()) <= 14_000, "the guide has room: python/README.md"


def test_table_of_errors() -> None:
    """Every exception stands in the table, and no other."""
    import wenwen
    from wenwen import _errors

    def below(cls: type) -> set[str]:
        return {cls.__name__}.union(*(below(child) for child in cls.__subclasses__()))

    rows = set(re.findall(r"^\| `(\w+Error)` \|", GUIDE.read_text(encoding="utf-8"), re.M))
    assert rows == below(_errors.APIError) - {"APIError"}
    assert all(hasattr(wenwen, name) for name in rows)
