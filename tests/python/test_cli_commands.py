"""The commands of `wenwen`, in this process: what they send, write and say."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shlex
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wenwen import _cli
from wenwen._cli import _files, _parser, _screen
from wenwen.testing import LocalGateway, Reply

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(20)
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L" + bytes(14)
WAV = b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x08\0\0" + bytes(2048)
PDF = b"%PDF-1.7\n"
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
EVIL = "a\x1b]52;c;ZXZpbA==\x07\x9b8m\u202e\nb\tc"
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]")


@dataclass
class Done:
    code: int
    out: str
    err: str
    data: bytes

    def json(self) -> Any:
        return json.loads(self.data)


class _Stream(io.TextIOWrapper):
    terminal = False

    def isatty(self) -> bool:
        return self.terminal


Run = Callable[..., Done]


@pytest.fixture
def run(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty folder, whose standard input, unless it is a terminal, is what is given."""
    for name, value in gateway.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("COLUMNS", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "argv", ["wenwen"])

    def run(*arguments: str, stdin: bytes = b"", terminal: bool = False) -> Done:
        streams = [_Stream(io.BytesIO(data), "utf-8") for data in (stdin, b"", b"")]
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            stream.terminal = terminal and name != "stdin"
            monkeypatch.setattr(sys, name, stream)
        code = _cli.main(arguments)
        for stream in streams[1:]:
            stream.flush()
        out, err = (stream.buffer.getvalue() for stream in streams[1:])  # type: ignore[attr-defined]
        return Done(code, out.decode(errors="replace"), err.decode(), out)

    return run


def names() -> list[str]:
    return sorted(os.listdir())


def spoken(text: str) -> Reply:
    """An answer of `responses`."""
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
    whole = {"id": "r", "object": "response", "status": "completed", "output": [message]}
    delta = {"type": "response.output_text.delta", "delta": text, "item_id": "m", "content_index": 0}
    return Reply(events=[delta, {"type": "response.completed", "response": whole}])


# ---- help, wrong arguments ----


@pytest.mark.parametrize("command", _parser.COMMANDS)
def test_help(run: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in ("200", "80", "20"):
        monkeypatch.setenv("COLUMNS", columns)
        done = run(command, "--help")
        assert (done.code, done.err) == (0, "")
        assert "Examples:\n" in done.out and "Exit codes: 0 done" in done.out


GUIDE = (Path(__file__).parents[2] / "python" / "README.md").read_text(encoding="utf-8")
EXAMPLES = [line for command in _parser.COMMANDS.values() for line in command.examples.splitlines()]
EXAMPLES += re.findall(r"^(?:cat \S+ \| |source <\()?wenwen .*$", GUIDE, re.M)


@pytest.mark.parametrize("line", EXAMPLES)
def test_examples_are_of_this_parser(line: str) -> None:
    words = shlex.split(line, comments=True)
    words = words[words.index("wenwen") + 1 :] if "wenwen" in words else words[words.index("<(wenwen") + 1 :]
    end = min((words.index(sign) for sign in ("|", "<") if sign in words), default=len(words))
    options = _parser.parsed([word.rstrip(")") for word in words[:end]])
    assert hasattr(__import__(f"wenwen._cli.{options.run.split('.')[0]}", fromlist=("",)), options.run.split(".")[1])


GIVEN = {
    "report.txt": b"All is well.", "photo.png": PNG, "report.pdf": PDF, "chapter.txt": b"Once", "talk.mp3": WAV,
    "vortrag.wav": WAV, "sentences.txt": b"a\nb\n", "reviews.csv": b"text\ngood\n",
    "person.json": json.dumps(SCHEMA).encode(), "schema.json": json.dumps(SCHEMA).encode(),
}  # fmt: skip
ENDLESS = ("gateway", "jobs", "demo", "completion")


def test_examples_run_one_after_another(run: Run) -> None:
    """In one folder, as somebody who is new tries them: none stands in the way of the next."""
    for name, data in GIVEN.items():
        Path(name).write_bytes(data)
    task = ""
    for command in (command for name, command in _parser.COMMANDS.items() if name not in ENDLESS):
        for line in command.examples.splitlines():
            before, _, rest = line.replace("1712205491372224", task or "0").rpartition("wenwen ")
            source = shlex.split(before)[1:2] or shlex.split(rest.partition("<")[2])
            words = shlex.split(re.split("[|<]", rest)[0])
            done = run(*words, stdin=Path(source[0]).read_bytes() if source else b"")
            assert done.code == 0, (line, done.err)
            task = task or next(iter(re.findall(r"task (\d+)", done.err)), "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ask x --modle=m", "did you mean --model?"),
        ("image x --sise 3", "did you mean --size?"),
        ("transcribe a.mp3 --langage zh", "did you mean --language?"),
        ("imagine a cat --ar 16:9", "put the prompt in quotes"),
        ("image x -n 11", "'11': give a whole number from 1 to 10"),
        ("image x -n 0", "'0': give a whole number from 1 to 10"),
        ("speak x --speed 5", "'5': give a number from 0.25 to 4"),
        ("speak x --format mp4", "invalid choice: 'mp4'"),
        ("embed x --dimensions -1", "'-1': give a whole number of at least 1"),
        ("gateway --port 70000", "'70000': give a whole number from 0 to 65535"),
        ("completion tcsh", "invalid choice: 'tcsh'"),
        ("transcribe", "arguments are required: FILE"),
        ("image", "there is no prompt"),
        ("imagine", "there is no prompt"),
        ("speak", "there is no text"),
        ("embed", "there is no text"),
        ("ask", "there is no question"),
        ("image x --mask m.png", "--mask goes with --edit"),
        ("image x -n 2 -o -", "-o - is for one picture"),
        ("image x -o - --json", "-o - and --json"),
        ("imagine x --task 5", "--task goes on with a task"),
        ("embed x -o vectors.csv", "give a name that ends in .npy, .json, .jsonl"),
        ("ask x -o ''", "-o: the name is empty"),
        ("image ''", "there is no prompt"),
        ("imagine ' '", "there is no prompt"),
        ("speak ''", "there is no text"),
        ("embed x ''", "text 2 is empty"),
    ],
)
def test_wrong_arguments(run: Run, gateway: LocalGateway, line: str, words: str) -> None:
    done = run(*shlex.split(line))
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert not gateway.requests and names() == []


@pytest.mark.parametrize(
    "line",
    [
        "ask x --api-key sk-hidden123456",
        "ask x --key=sk-hidden123456",
        "ask x --other sk-hidden123456",
        "sk-hidden123456 x",
        "speak x --speed sk-hidden123456",
        "ask x --base-url sk-hidden123456",
        "ask x --base-url http://sk-hidden123456@127.0.0.1",
        "ask x -f sk-hidden123456",
        "ask x -o no/sk-hidden123456/x",
    ],
)
def test_a_key_is_not_said_again(run: Run, line: str) -> None:
    done = run(*shlex.split(line))
    assert done.code in (1, 2) and "hidden" not in done.out + done.err


CALLS = [
    "ask x",
    "image x",
    "imagine x",
    "speak x",
    "transcribe a.wav",
    "embed x",
    "models",
    "usage",
    "image x --edit a.png",
    "transcribe --translate a.wav",
    "ask x --schema s.json",
    "ask x --json",
    "models --prices --json",
]


@pytest.fixture
def files(run: Run) -> None:
    Path("a.wav").write_bytes(WAV)
    Path("a.png").write_bytes(PNG)
    Path("s.json").write_text(json.dumps(SCHEMA))


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("line", CALLS)
def test_failures_are_a_line(run: Run, gateway: LocalGateway, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = names()

    def fails(words: str) -> None:
        done = run(*shlex.split(line), terminal=True)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("wenwen: ") and done.err.count("\n") == 1 and words in done.err
        assert not CONTROLS.search(done.err)
        assert names() == before

    gateway.script(Reply(status=400, json={"error": {"message": EVIL}}))
    fails("\\u001b]52")
    monkeypatch.setenv("WENWEN_BASE_URL", "nonsense")
    fails("base_url")
    monkeypatch.delenv("WENWEN_API_KEY")
    monkeypatch.setenv("WENWEN_BASE_URL", gateway.base_url)
    fails("no API key")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("line", CALLS)
def test_json_is_one_document(run: Run, line: str) -> None:
    done = run(*shlex.split(line), "--json", *(["--poll", "0.01"] if "imagine" in line else []))
    assert (done.code, done.err) == (0, "")
    assert isinstance(done.json(), (dict, list))


@pytest.mark.parametrize(
    "line",
    ["ask x -f {}", "image x --edit {}", "image x --edit a.png --mask {}", "imagine x --image {}", "transcribe {}",
     "embed -f {}", "ask x --schema {}"],
)  # fmt: skip
@pytest.mark.usefixtures("files")
def test_files_that_are_none(
    run: Run, gateway: LocalGateway, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("binary").write_bytes(b"\0\xff\1")
    Path("empty").touch()
    Path("large").write_bytes(b"x" * 101)
    monkeypatch.setattr(_files, "MOST", 100)
    told = {"missing": "No such file", ".": "Is a directory", "large": "is larger than"}
    if "transcribe" not in line:  # which takes whatever sounds
        told["binary"] = "is no"
    if "ask x -f" not in line:
        told["empty"] = "is no JSON" if "schema" in line else "empty" if line[0] in "te" else "is no picture"
    for name, words in told.items():
        done = run(*shlex.split(line.format(name)))
        assert done.code == (2 if "is no JSON" in words or (name == "empty" and "embed" in line) else 1), name
        assert words in done.err and done.err.count("\n") == 1, (name, done.err)
    assert not gateway.requests


@pytest.mark.parametrize("line", ["ask", "ask -f -", "speak", "image -", "imagine -", "embed", "transcribe -", "chat"])
def test_endless_standard_input(run: Run, gateway: LocalGateway, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_files, "MOST", 100)
    monkeypatch.setattr("wenwen._cli._ask.MOST", 100)
    done = run(*line.split(), stdin=b"x" * 1000)
    assert done.code == 1 and "standard input is larger than" in done.err and not gateway.requests


# ---- ask ----


def test_files_go_along(run: Run, gateway: LocalGateway) -> None:
    Path("p.png").write_bytes(PNG)
    Path("r.pdf").write_bytes(PDF)
    Path("说明.txt").write_text("甲", encoding="utf-8-sig")
    urls = ["-f", "https://example.com/a.png?x", "--image", "https://example.com/b.PDF"]
    done = run("ask", "look", "-f", "p.png", "--file", "r.pdf", "-f", "说明.txt", *urls)
    assert done.code == 0, done.err
    (message,) = gateway.requests[0].json()["input"]
    assert message["role"] == "user"
    assert message["content"] == [
        {"type": "input_text", "text": "look"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"},
        {"type": "input_file", "filename": "r.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjcK"},
        {"type": "input_text", "text": "说明.txt:\n\n甲"},
        {"type": "input_image", "image_url": "https://example.com/a.png?x"},
        {"type": "input_file", "file_url": "https://example.com/b.PDF"},
    ]


@pytest.mark.parametrize(
    ("arguments", "piped", "kinds"),
    [
        (["look"], PNG, ["input_text", "input_image"]),
        (["look", "-"], JPEG, ["input_text", "input_image"]),
        ([], PDF, ["input_file"]),
        (["look", "-f", "-"], WEBP, ["input_text", "input_image"]),
        (["look", "-f", "-"], b"text", ["input_text", "input_text"]),
        (["-f", "-"], b"text", ["input_text"]),
    ],
)
def test_what_is_piped_may_be_a_picture(
    run: Run, gateway: LocalGateway, arguments: list[str], piped: bytes, kinds: list[str]
) -> None:
    assert run("ask", *arguments, stdin=piped).code == 0
    assert [part["type"] for part in gateway.requests[0].json()["input"][0]["content"]] == kinds


@pytest.mark.parametrize("piped", ["年".encode("gbk"), b"a\0\xff", b"\x80"])
def test_what_is_no_text_is_not_sent(run: Run, gateway: LocalGateway, piped: bytes) -> None:
    done = run("ask", "x", stdin=piped)
    assert done.code == 1 and "standard input is no text" in done.err and not gateway.requests


def test_a_conversation_goes_on(run: Run, gateway: LocalGateway) -> None:
    done = run("ask", "--chat", "x")
    assert done.code == 1 and "there is no conversation" in done.err and not gateway.requests
    assert run("ask", "My name is Ada", "-m", "gpt-4o", "--instructions", "short").code == 0
    assert run("ask", "-c", "And mine?").code == 0
    second = gateway.requests[1].json()
    assert (second["model"], second["instructions"]) == ("gpt-4o", "short")
    said = [item["content"] for item in second["input"] if item["role"] == "user"]
    assert said == ["My name is Ada", "And mine?"]
    assert [item["type"] for item in second["input"] if "type" in item] == ["message"]
    gateway.script(403)
    assert run("ask", "-c", "lost").code == 1
    assert run("ask", "-c", "Third", "-m", "gpt-5").code == 0
    third = gateway.requests[3].json()
    assert third["model"] == "gpt-5" and len(third["input"]) == 5 and "lost" not in json.dumps(third)
    assert run("ask", "another").code == 0
    assert run("chat", "--continue", stdin=b"on\n").code == 0
    assert gateway.requests[5].json()["input"][0]["content"] == "another"


@pytest.mark.skipif(os.name == "nt", reason="needs modes")
def test_a_conversation_is_its_user_s(run: Run) -> None:
    assert run("ask", "x").code == 0
    assert stat.S_IMODE(os.stat(_files.state_file()).st_mode) == 0o600


def test_a_conversation_that_cannot_be_kept_is_not_mixed_with_another(
    run: Run, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("ask", "first").code == 0
    monkeypatch.setattr(_files, "MOST", 400)
    assert run("ask", "second").code == 0
    assert "there is no conversation" in run("ask", "-c", "x").err
    monkeypatch.undo()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"input": 5, "model": "m"}'])
def test_a_conversation_that_is_broken(run: Run, gateway: LocalGateway, content: bytes) -> None:
    os.makedirs(os.path.dirname(_files.state_file()))
    Path(_files.state_file()).write_bytes(content)
    done = run("ask", "-c", "x")
    assert done.code == 1 and "is no conversation" in done.err and not gateway.requests


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("schema", ["s.json", json.dumps(SCHEMA), f"\n {json.dumps(SCHEMA)}"])
def test_an_answer_by_a_schema(run: Run, gateway: LocalGateway, schema: str) -> None:
    gateway.script(spoken('```json\n{"name": "艾达"}\n```'))
    done = run("ask", "Who?", "--schema", schema)
    assert done.json() == {"name": "艾达"} and "艾达" in done.out
    assert gateway.requests[0].json()["text"]["format"]["schema"]["properties"] == SCHEMA["properties"]


@pytest.mark.parametrize("answer", ["no idea", '{"name": 5}', "{}", '{"name": "a"'])
def test_an_answer_that_does_not_fit_is_not_lost(run: Run, gateway: LocalGateway, answer: str) -> None:
    gateway.script(spoken(answer))
    done = run("ask", "Who?", "--schema", json.dumps(SCHEMA), "-o", "out.json")
    assert done.code == 1 and done.err.endswith(f"It was: {answer}\n") and names() == []


@pytest.mark.parametrize("schema", ["[]", "5", '"x"', "null", "{", '{"type": "wurst"}', "{}", '{"type": 5}'])
def test_what_is_no_schema(run: Run, gateway: LocalGateway, schema: str) -> None:
    Path("s.json").write_text(schema)
    done = run("ask", "Who?", "--schema", "s.json")
    assert (done.code, done.out) == (2, "") and "s.json is no JSON" in done.err and not gateway.requests


def test_a_schema_of_great_depth(run: Run) -> None:
    Path("s.json").write_text('{"items":' * 100_000 + "{}" + "}" * 100_000)
    done = run("ask", "Who?", "--schema", "s.json")
    assert done.code in (1, 2) and done.err.count("\n") == 1


def test_a_reply_that_was_not_streamed_is_shown(run: Run, gateway: LocalGateway) -> None:
    (_, ended) = spoken("all of it").events  # type: ignore[union-attr, misc]
    gateway.script(Reply(events=[ended]))
    assert run("ask", "x").out == "all of it\n"


def test_json_is_json_whatever_came(run: Run, gateway: LocalGateway) -> None:
    text = '{"type":"response.completed","response":{"id":"r","status":"completed","x":NaN,"y":"\\ud83d","output":[]}}'
    gateway.script(Reply(events=[f"data: {text}\n\n"]))
    done = run("ask", "x", "--json")
    assert "NaN" not in done.out and done.json()["x"] is None
    assert _screen.as_json(["\ud83d", float("inf")]) == '[\n  "\\ud83d",\n  null\n]'


# ---- files that are written ----


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "line",
    ["ask x -o {}.txt", "ask x --json -o {}.json", "ask x --schema s.json -o {}.json", "image x -o {}.png",
     "imagine x --poll 0.01 -o {}.png", "speak x -o {}.mp3", "transcribe a.wav -o {}.txt", "embed x -o {}.npy",
     "embed x -o {}.jsonl"],
)  # fmt: skip
def test_files_are_written_whole_and_replace_none(run: Run, gateway: LocalGateway, line: str) -> None:
    before = names()
    words = shlex.split(line.format("out"))
    path = Path(words[-1])
    gateway.script(Reply(status=400, json={}))
    assert run(*words).code == 1 and names() == before
    done = run(*words)
    assert done.code == 0, done.err
    content = path.read_bytes()
    assert content and names() == sorted([*before, path.name])
    path.write_bytes(b"mine")
    asked = len(gateway.requests)
    done = run(*words)
    assert done.code == 1 and "is there already: --force" in done.err
    assert len(gateway.requests) == asked and path.read_bytes() == b"mine"
    assert run(*words, "--force").code == 0 and path.read_bytes() != b"mine"
    asked = len(gateway.requests)
    for bad, told in (("no/x", "no such folder"), ("a.png/x", "no such folder"), ("x" * 300, "name too long")):
        done = run(*shlex.split(line.format(bad)))
        assert done.code == 1 and told in done.err
    if line.startswith(("ask", "transcribe", "embed")):
        assert run(*words[:-1], ".").code in (1, 2)
    assert len(gateway.requests) == asked and names() == sorted([*before, path.name])


@pytest.mark.parametrize("line", ["ask x -o {}", "image x -o {}", "speak x -o {}"])
def test_a_file_that_appears_meanwhile_stays(run: Run, gateway: LocalGateway, line: str) -> None:
    name = "out.png" if "image" in line else "out.mp3"

    def answer(_: Any) -> Any:
        Path(name).write_bytes(b"mine")

    gateway.script(answer)
    done = run(*shlex.split(line.format(name)))
    assert done.code == 0 and Path(name).read_bytes() == b"mine"
    (other,) = set(names()) - {name}
    assert other.startswith("out-2") and other in done.out + done.err


@pytest.mark.parametrize(
    ("options", "content", "name"),
    [
        ("-o cat.png", PNG, "cat.png"),
        ("-o cat.png", JPEG, "cat.jpg"),
        ("-o cat.jpeg", JPEG, "cat.jpeg"),
        ("-o cat.JPG", JPEG, "cat.JPG"),
        ("-o cat.jpg", WEBP, "cat.webp"),
        ("-o cat", WEBP, "cat.webp"),
        ("-o cat.v2", PNG, "cat.v2.png"),
        ("-o sub", PNG, "sub/a-big-cat.png"),
        ("-o sub/", JPEG, "sub/a-big-cat.jpg"),
        ("", JPEG, "a-big-cat.jpg"),
        ("-o cat.png", b"GIF89a....", "cat.gif"),
        ("-o cat.png", b"<svg/>", "cat.bin"),
    ],
)
def test_pictures_have_names_of_their_kind(
    run: Run, gateway: LocalGateway, options: str, content: bytes, name: str
) -> None:
    os.mkdir("sub")
    gateway.script({"data": [{"b64_json": base64.b64encode(content).decode()}]})
    done = run("image", "A big, cat!", *options.split())
    assert (done.code, done.out) == (0, f"{name}\n")
    assert Path(name).read_bytes() == content
    assert ("no picture of a kind" in done.err) == name.endswith(".bin")


def test_a_name_that_was_not_said_is_not_replaced(run: Run, gateway: LocalGateway) -> None:
    Path("cat.jpg").write_bytes(b"mine")
    gateway.script({"data": [{"b64_json": base64.b64encode(JPEG).decode()}]})
    assert run("image", "x", "-o", "cat.png", "--force").out == "cat-2.jpg\n"
    assert Path("cat.jpg").read_bytes() == b"mine"


@pytest.mark.parametrize("prompt", ["", "../../etc/passwd", "猫" * 300, "\x00\n", "a/b\\c:d", ".", "-x", "CON"])
def test_names_of_any_prompt(run: Run, gateway: LocalGateway, prompt: str) -> None:
    name = _files.name_of(prompt, "picture")
    assert name and len(name.encode()) < 200 and re.fullmatch(r"\w[\w-]*", name)


def test_pictures_that_are_not_all_there(run: Run, gateway: LocalGateway) -> None:
    good, bad = base64.b64encode(PNG).decode(), {"url": f"{gateway.root}/nothing/here.png"}
    gateway.script({"data": [{"b64_json": good}, bad, {"b64_json": ""}, {"b64_json": good}], "usage": {"x": 1}})
    done = run("image", "x", "-n", "5", "-o", "p", "--json")
    assert done.code == 1 and names() == ["p-1.png", "p-4.png"]
    assert [row["path"] for row in done.json()["data"]] == ["p-1.png", "p-4.png"] and done.json()["usage"] == {"x": 1}
    assert f"it is at {bad['url']}" in done.err and "4 of 5 pictures came" in done.err
    for nothing in ({"data": []}, {"data": [5]}, {"data": None}, {}):
        gateway.clear_script()
        gateway.script(Reply(json=nothing, times=3))
        assert run("image", "x").code == 1, nothing


def test_a_picture_for_a_pipe(run: Run) -> None:
    done = run("image", "x", "-o", "-")
    assert done.code == 0 and done.data.startswith(b"\x89PNG") and names() == []
    done = run("image", "x", "-o", "-", terminal=True)
    assert done.code == 2 and "a terminal cannot show that" in done.err


@pytest.mark.usefixtures("files")
def test_pictures_are_edited(run: Run, gateway: LocalGateway) -> None:
    Path("b").write_bytes(JPEG)  # its name says nothing, and its bytes do
    done = run("image", "night", "--edit", "a.png", "--edit", "b", "--mask", "a.png", "--quality", "high", "-o", "n")
    assert done.code == 0, done.err
    assert gateway.requests[0].path == "/v1/images/edits"
    form = gateway.requests[0].form()
    assert (form["prompt"], form["quality"], form["model"]) == (["night"], ["high"], ["gpt-image-1"])
    assert re.findall(rb'filename="([^"]+)"', gateway.requests[0].body) == [
        b"picture.png",
        b"picture.jpeg",
        b"picture.png",
    ]


# ---- imagine ----


def test_imagine(run: Run, gateway: LocalGateway) -> None:
    done = run("imagine", "A cat --ar 16:9", "--poll", "0.01")
    assert (done.code, done.out) == (0, "a-cat-ar-16-9.png\n") and names() == ["a-cat-ar-16-9.png"]
    task = re.match(r"task (\d+); --click U1, U2", done.err)
    assert task
    done = run("imagine", "--task", task[1], "--click", "U2", "--poll", "0.01", "--json", "-o", "up")
    assert done.json()["action"] == "UPSCALE" and done.json()["path"] == "up.png"
    done = run("imagine", "x", "--no-wait")
    assert re.fullmatch(r"\d+\n", done.out)


def test_a_task_that_does_not_end_can_be_gone_on_with(run: Run) -> None:
    done = run("imagine", "x", "--timeout", "0.05", "--poll", "5")
    assert done.code == 1 and re.search(r"the task goes on: wenwen imagine --task \d+\n", done.err)
    done = run("imagine", "x --colour red", "--poll", "0.01")
    assert done.code == 1 and "failed" in done.err and "goes on" not in done.err
    assert run("imagine", "--task", "99", "--poll", "0.01").code == 1


# ---- sound ----


@pytest.mark.parametrize(
    ("options", "format", "name"),
    [
        ("", "mp3", "good-morning.mp3"),
        ("-o x.wav", "wav", "x.wav"),
        ("-o x.FLAC", "flac", "x.FLAC"),
        ("-o x.bin --format opus", "opus", "x.bin"),
        ("-o .", "mp3", "./good-morning.mp3"),
    ],
)
def test_speak(run: Run, gateway: LocalGateway, options: str, format: str, name: str) -> None:
    done = run("speak", "Good", "morning", "--voice", "coral", *options.split())
    assert (done.code, done.out, done.err) == (0, f"{name}\n", "")
    asked = {"model": "gpt-4o-mini-tts", "input": "Good morning", "voice": "coral", "response_format": format}
    assert gateway.requests[0].json() == asked and Path(name).stat().st_size


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ("", "words"),
        ("--format srt", "words"),
        ("--format verbose_json", "{\n"),
        ("--json", "{\n"),
        ("--translate", "words"),
    ],
)
def test_transcribe(run: Run, gateway: LocalGateway, options: str, shown: str) -> None:
    if "words" in shown:
        gateway.script({"text": "words\n"})
    done = run("transcribe", "a.wav", "--prompt", "p", *options.split())
    assert done.code == 0 and done.out.startswith(shown) and done.out.endswith("\n") and not done.out.endswith("\n\n")
    assert gateway.requests[0].path.endswith("translations" if "translate" in options else "transcriptions")
    assert run("transcribe", "-", *options.split(), stdin=Path("a.wav").read_bytes()).code == 0


# ---- embed ----


def test_embed(run: Run, gateway: LocalGateway) -> None:
    done = run("embed", "a", "你", "--dimensions", "8")
    assert [len(json.loads(line)) for line in done.out.splitlines()] == [8, 8]
    assert gateway.requests[0].json()["input"] == ["a", "你"]
    assert run("embed", stdin=b"one\r\ntwo\n").code == 0
    assert gateway.requests[1].json()["input"] == ["one", "two"]
    Path("t.txt").write_text("a\nb\n")
    assert run("embed", "-f", "t.txt", "-", stdin=b"c").code == 0
    assert gateway.requests[2].json()["input"] == ["c", "a\nb\n"]
    done = run("embed", stdin=b"one\n\ntwo\n")
    assert done.code == 2 and "text 2 is empty" in done.err and len(gateway.requests) == 3


def test_embed_writes_what_numpy_reads(run: Run) -> None:
    numpy = pytest.importorskip("numpy")
    for texts in (["a"], ["a", "b", "c"]):
        assert run("embed", *texts, "--dimensions", "8", "-o", "v.npy", "--force").code == 0
        assert run("embed", *texts, "--dimensions", "8", "-o", "v.jsonl", "--force").code == 0
        lines = [json.loads(line) for line in Path("v.jsonl").read_text().splitlines()]
        matrix = numpy.load("v.npy")
        assert matrix.dtype == numpy.float32 and numpy.array_equal(matrix, numpy.array(lines, numpy.float32))


# ---- models, usage ----


def test_models(run: Run) -> None:
    rows = [line.split("\t") for line in run("models").out.splitlines()]
    assert ["gpt-5", "openai", "openai, openai-response"] in rows
    assert {row[0] for row in rows} == {row["id"] for row in run("models", "--json").json()}
    assert run("models", "CLAUDE", "anthropic").out.startswith("claude-sonnet-4")
    done = run("models", "gpt5")
    assert (done.code, done.out) == (1, "") and "did you mean gpt-5" in done.err
    row = next(row for row in run("models", "gpt-5", "--prices", "--json").json() if row["id"] == "gpt-5")
    assert row["price"] == {"input": 1.25, "output": 10.0, "call": None}
    assert "gpt-5\t1.25\t10\t\topenai\n" in run("models", "gpt-5", "--prices").out
    done = run("models", "--prices", "--group", "nobody")
    assert done.code == 1 and "--group nobody: there are default" in done.err


def test_models_of_hostile_names(run: Run, gateway: LocalGateway) -> None:
    odd = {"id": 7, "owned_by": {}, "supported_endpoint_types": 3}
    models: Any = {"data": [{"id": EVIL, "owned_by": EVIL}, {"id": None}, 5, odd]}
    for terminal in (True, False):
        gateway.script(models)
        done = run("models", terminal=terminal)
        assert done.code == 0 and len(done.out.splitlines()) == 2 + terminal
        assert not CONTROLS.search(re.sub("\x1b\\[[01]m", "", done.out))
    for models in ({"data": None}, {"data": []}, {"data": 5}):
        gateway.clear_script()
        gateway.script(Reply(json=models, times=3))
        assert run("models").code == 1


@pytest.mark.parametrize("columns", [8, 20, 40, 200])
def test_tables_fit_the_terminal(
    run: Run, gateway: LocalGateway, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    gateway.script(
        {"data": [{"id": "通义千问" * n, "owned_by": "阿里", "supported_endpoint_types": ["a"] * 9} for n in (1, 3)]}
    )
    done = run("models", terminal=True)
    assert max(map(_screen.width_of, done.out.splitlines())) <= columns and "\x1b" not in done.out
    assert done.out.splitlines()[1][0] == "通"


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("你好", 4), ("é", 1), ("e\u0301", 1), ("👍", 2), ("ａ", 2)]
)
def test_width(text: str, width: int) -> None:
    assert _screen.width_of(text) == width


def test_usage(run: Run, gateway: LocalGateway) -> None:
    done = run("usage")
    assert done.out == "left     $12.6475\nused     $7.3525\ngranted  $20.0000\nexpires  never\nkey      local\n"
    assert gateway.requests[0].path == "/api/usage/token/"
    assert run("usage", "--json").json() == {
        "name": "local", "left": 12.6475, "used": 7.3525, "granted": 20.0, "unlimited": False, "expires": None,
        "models": None,
    }  # fmt: skip
    gateway.script(404)
    assert run("usage").out == "left     $12.6475\nused     $7.3525\ngranted  $20.0000\nexpires  never\n"
    odd = {"total_available": "x", "total_used": 5e5, "expires_at": 1e300, "model_limits": {"a": True}, "name": EVIL}
    gateway.script({"data": {**odd, "model_limits_enabled": True, "unlimited_quota": True}})
    done = run("usage", terminal=True)
    assert done.out.startswith("left     no limit\nused     $1.0000\nexpires  never\n") and done.out.endswith(
        "models   a\n"
    )
    assert not CONTROLS.search(done.out)
    for odd in ({"data": None}, {"data": {}}, {"data": {"total_used": "5"}}):
        gateway.script(odd)
        done = run("usage")
        assert done.code == 1 and "does not say what the key has left" in done.err


# ---- chat ----


def test_a_chat_of_lines(run: Run, gateway: LocalGateway) -> None:
    gateway.script(spoken("one"), spoken("two\x1b[31m"))
    done = run("chat", "--instructions", "short", stdin="你好\n\n/exit\r\n".encode())
    assert (done.code, done.out, done.err) == (0, "one\ntwo\x1b[31m\n", "")
    asked = [request.json() for request in gateway.requests]
    assert asked[0]["input"] == "你好"
    assert [item["content"] for item in asked[1]["input"] if item["role"] == "user"] == ["你好", "/exit"]
    done = run("chat", "--json", stdin=b"a\nb")
    assert [json.loads(line)["status"] for line in done.out.splitlines()] == ["completed"] * 2
    gateway.script(403)
    done = run("chat", stdin=b"a\nb")
    assert (done.code, done.out) == (1, "") and done.err.startswith("wenwen: 403")
    assert run("chat").code == 0


# ---- map, job ----

ROWS = "id,text\n1,good\n2,bad\n3,好\n"


@pytest.fixture
def table(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("r.csv").write_text(ROWS, encoding="utf-8")
    Path("s.json").write_text(json.dumps(SCHEMA))


@pytest.mark.usefixtures("table")
def test_map_goes_on_where_it_was(run: Run, gateway: LocalGateway) -> None:
    gateway.script(Reply(status=400, json={"error": {"message": EVIL}}))
    words = ["map", "r.csv", "Classify: {text}", "--store", "r.db", "--instructions", "short", "--temperature", "0.5"]
    done = run(*words, "-o", "out.csv", terminal=True)
    assert (done.code, done.out) == (1, "") and "2 rows done, 1 failed" in done.err
    assert not CONTROLS.search(done.err.replace("\r", ""))
    head, *lines = csv.reader(io.StringIO(Path("out.csv").read_text(encoding="utf-8")))
    assert head == ["id", "text", "output", "error", "cost"] and [line[0] for line in lines] == ["1", "2", "3"]
    assert sum("\\u001b]52" in line[3] for line in lines) == 1
    asked = [request.json() for request in gateway.requests]
    assert sorted(body["input"] for body in asked) == ["Classify: bad", "Classify: good", "Classify: 好"]
    assert {(body["model"], body["instructions"], body["temperature"]) for body in asked} == {("gpt-5", "short", 0.5)}
    # Nothing is sent again, and the file that is there stays.
    before = Path("out.csv").read_bytes()
    done = run(*words, "-o", "out.csv")
    assert done.code == 1 and "is there already: --force" in done.err and Path("out.csv").read_bytes() == before
    assert run(*words).code == 1 and len(gateway.requests) == 3
    status = run("job", "r.db", "--json").json()
    assert (status["done"], status["failed"], status["unknown"]) == (2, 1, [])
    assert re.search(r"^failed +1$", run("job", "r.db").out, re.M)
    assert run("job", "r.db", "retry", "--json").json() == {"retry": 1}
    done = run(*words, "-o", "out.jsonl", "--json")
    assert done.code == 0 and (done.json()["done"], done.json()["failed"]) == (3, 0) and len(gateway.requests) == 4
    assert run("job", "r.db", "export", "-o", "again.jsonl").code == 0
    rows = [json.loads(line) for line in Path("again.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for row in rows] == ["good", "bad", "好"] and all(row["output"] for row in rows)
    rows = [json.loads(line) for line in run("job", "r.db", "export").out.splitlines()]
    assert [(row["index"], row["input"]["id"]) for row in rows] == [(0, "1"), (1, "2"), (2, "3")]


@pytest.mark.usefixtures("table")
def test_map_by_a_schema_and_within_a_budget(run: Run, gateway: LocalGateway) -> None:
    words = ["map", "r.csv", "Who? {text}", "--schema", "s.json", "--price", "1", "2", "--key", "id"]
    plan = run(*words, "--plan", "--json").json()
    assert (plan["rows"], plan["requests"]) == (3, 3) and plan["cost"] > 0 and not gateway.requests
    assert "requests      3\n" in run(*words, "--plan").out
    rows = [json.loads(line) for line in run(*words, "--budget", "5").out.splitlines()]
    assert {row["key"] for row in rows} == {"1", "2", "3"}
    assert all(set(row["output"]) == {"name"} and row["cost"] > 0 for row in rows)
    asked = len(gateway.requests)
    done = run(*words, "--budget", "0.0000001")
    assert done.code == 1 and "the budget of $1e-07 is used up" in done.err and len(gateway.requests) == asked


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("piped", "prompt", "asked"),
    [
        ("a\n\n你\r\n", "Say {input}", None),
        ("a\n\n你\r\n", None, ["a", "你"]),
        ('{"t": "a"}\n{"t": "你"}\n', "Say {t}", ["Say a", "Say 你"]),
        ('{"input": "a"}', None, ["a"]),
        ("", "Say {t}", []),
    ],
)
def test_map_of_standard_input(
    run: Run, gateway: LocalGateway, piped: str, prompt: str | None, asked: list[str] | None
) -> None:
    done = run("map", "-", *([prompt] if prompt else []), "-q", stdin=piped.encode())
    if asked is None:  # texts have no columns
        assert done.code == 1 and not gateway.requests
        return
    assert done.code == 0 and len(done.out.splitlines()) == len(asked)
    assert sorted(request.json()["input"] for request in gateway.requests) == asked


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("map no.csv x", 1, "no.csv: no such file"),
        ("map . x", 1, "is a folder"),
        ("map s.json x", 1, "give a .jsonl, .csv or .parquet file"),
        ("map r.csv {txt}", 1, "{txt} is no column: did you mean 'text'?"),
        ("map r.csv {text} --key nokey", 1, "no such column"),
        ("map r.csv {text} -o out.xlsx", 2, "give a name that ends in .jsonl, .csv, .parquet"),
        ("map r.csv {text} -o out.parquet.gz", 2, "give a name that ends in"),
        ("map r.csv {text} -o no/out.csv", 1, "no such folder"),
        ("map r.csv {text} --schema r.csv", 2, "r.csv is no JSON"),
        ("map r.csv {text} --store r.csv", 1, "is no store of jobs"),
        ("map r.csv {text} --rpm 0", 2, "'0': give a number above 0"),
        ("map r.csv {text} --price 1", 2, "expected 2 arguments"),
        ("map r.csv {text} --max-retries 2", 2, "unrecognized arguments: --max-retries"),
        ("job no.db", 1, "no.db: no store of a job"),
        ("job r.csv", 1, "is no store of jobs"),
        ("job r.csv -o x.csv", 2, "-o is for export, and not for status"),
        ("job r.csv erase", 2, "invalid choice: 'erase'"),
    ],
)
def test_wrong_jobs(run: Run, gateway: LocalGateway, line: str, code: int, words: str) -> None:
    before = names()
    done = run(*shlex.split(line))
    assert (done.code, done.out) == (code, "") and words in done.err and (code == 2 or done.err.count("\n") == 1)
    assert not gateway.requests and names() == before


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("piped", "words"),
    [
        (b'{"a": 1}\nno\n', "line 2 of standard input is no JSON"),
        (b'{"a": 1}\n[1]\n', "line 2 of standard input is no object"),
        (b"a\n\xff\n", "line 2 of standard input is no text"),
    ],
)
def test_lines_that_are_no_rows(run: Run, piped: bytes, words: str) -> None:
    done = run("map", "-", *(["{a}"] if b"{" in piped else []), "-q", stdin=piped)
    assert done.code == 1 and words in done.err


@pytest.mark.usefixtures("table")
def test_a_job_without_money_says_how_to_go_on(run: Run, gateway: LocalGateway) -> None:
    gateway.script(*[Reply(fault="no money")] * 3)
    done = run("map", "r.csv", "{text}", "--store", "r.db", "-o", "out.csv")
    assert done.code == 1 and "the same call goes on from there" in done.err and "out.csv" not in names()
    gateway.clear_script()
    assert run("map", "r.csv", "{text}", "--store", "r.db", "-o", "out.csv").code == 0
