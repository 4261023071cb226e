"""Each kind of thing that a notebook or a terminal may be given, in each host that does not need a browser."""

from __future__ import annotations

import base64
import html
import io
import os
import pprint
import re
import struct
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen.testing import LocalGateway, Reply

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
WAV = b"RIFF" + struct.pack("<I4s4sIHHIIHH4sI", 32036, b"WAVE", b"fmt ", 16, 1, 1, 16000, 32000, 2, 16, b"data", 32000)
ASK: dict[str, Any] = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hello!"}]}
THREE: dict[str, Any] = {"model": "gpt-image-1", "prompt": "Cats", "n": 3}


def scripted(client: Any, gateway: LocalGateway, json: Any) -> Any:
    gateway.script(Reply(json=json))
    return client.responses.create(model="gpt-5", input="?")


def failed_row(client: Any, gateway: LocalGateway) -> Any:
    gateway.script(Reply(json={"error": {"message": "no <b>luck</b>"}}, status=400))
    return next(iter(client.responses.map(["a"], model="gpt-5", progress=False)))


# Each kind: how it is made, what a rich host shows of it, and what every host, its line too.
Make = Callable[[Any, LocalGateway], Any]
KINDS: dict[str, tuple[Make, list[str], str]] = {
    "responses": (lambda c, _: c.responses.create(model="gpt-5", input="Hello!"), ["Hi!", "tokens"], "gpt-5"),
    "chat": (lambda c, _: c.chat.completions.create(**ASK), ["tokens", "stop"], "gpt-5"),
    "messages": (lambda c, _: c.messages.create(max_tokens=99, **ASK), ["tokens", "end_turn"], "gpt-5"),
    "gemini": (lambda c, _: c.gemini.generate_content(model="gemini-2.5-pro", contents="Hi"), ["tokens"], "gemini-2.5"),
    "run": (lambda c, _: c.responses.run(model="gpt-5", input="Hi", tools=[]), ["tokens"], "gpt-5"),
    "completion": (lambda c, _: c.completions.create(model="m", prompt="Hi"), ["choices"], "Completion"),
    "pictures": (lambda c, _: c.images.generate(**THREE), ["<img", "3 pictures"], "ImagesResponse"),
    "links": (
        lambda c, _: c.images.generate(model="dall-e-3", prompt="Cat", response_format="url"),
        ["<a href", "1 picture"],
        "http",
    ),
    "speech": (lambda c, _: c.audio.speech.create(model="tts-1", input="Hi", voice="alloy"), ["<audio"], "audio/mpeg"),
    "transcript": (
        lambda c, _: c.audio.transcriptions.create(model="whisper-1", file=WAV + bytes(32000)),
        [],
        "Transcription",
    ),
    "video": (
        lambda c, _: c.videos.create(model="sora-2", prompt="Cat").wait(poll=0.01),
        ["<video", "completed"],
        "sora-2",
    ),
    "task": (lambda c, _: c.midjourney.imagine(prompt="Cat").wait(poll=0.01), ["<img", "[U1]", "SUCCESS"], "Cat"),
    "submitted task": (lambda c, _: c.midjourney.imagine(prompt="Cat"), [], "Task"),
    "vectors": (
        lambda c, _: c.embeddings.create(model="text-embedding-3-small", input=["a", "b"]),
        ["2 vectors of 1,536 numbers"],
        "text-embedding-3-small",
    ),
    "models": (lambda c, _: c.models.list(), ["<table", "10 models"], "gpt-4o"),
    "model": (lambda c, _: c.models.list().data[0], ["<table"], "gpt-4o"),
    "prices": (lambda c, _: c.pricing.list(), ["<table", "$2.5"], "gpt-4o"),
    "price": (lambda c, _: c.pricing.list()["gpt-5"], ["<table", "$1.25"], "gpt-5"),
    "moderation": (lambda c, _: c.moderations.create(input="x"), ["flagged"], "ModerationCreateResponse"),
    "key": (lambda c, _: c.billing.key(), ["total_granted"], "KeyUsage"),
    "subscription": (lambda c, _: c.billing.subscription(), ["<table"], "hard_limit_usd"),
    "failed reply": (
        lambda c, g: scripted(c, g, {"object": "response", "status": "incomplete", "output": [
            {"type": "message", "content": [{"type": "refusal", "refusal": "I would <b>rather</b> not"}]}]}),
        ["⚠️", "I would <b>rather</b> not"],
        "rather",
    ),
    "replies": (lambda c, _: [c.chat.completions.create(**ASK)] * 2, [], "ChatCompletion("),
    "part": (lambda c, _: c.chat.completions.create(**ASK).usage, [], "prompt_tokens"),
    "raw": (lambda c, _: c.responses.with_raw_response.create(model="gpt-5", input="Hello!"), [], "APIResponse"),
    "headers": (lambda c, _: c.responses.create(model="gpt-5", input="Hello!").headers, [], "content-type"),
    "client": (lambda c, _: c, [], "Client"),
    "job": (lambda c, _: c.responses.map(["a"], model="gpt-5", progress=False), [], "Job"),
    "plan": (lambda c, _: c.responses.map(["a"], model="gpt-5", progress=False).plan(), ["<table"], "requests"),
    "status": (
        lambda c, _: wenwen.JobStatus(9, 3, 0, 0, 2, 10, 5, None, 0, 0, 1.5, 2.0, 3.0, None),
        ["<table"],
        "running",
    ),
    "row": (lambda c, _: next(iter(c.responses.map(["a"], model="gpt-5", progress=False))), ["row 0"], "0"),
    "failed row": (failed_row, ["⚠️ ", "no <b>luck</b>", "row 0"], "luck"),
    "error": (lambda c, g: wenwen.BadRequestError("no luck"), [], "no luck"),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with LocalGateway() as gateway, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        client = gateway.client(max_retries=0)
        yield {kind: make(client, gateway) for kind, (make, _, _) in KINDS.items()}


def bundle(value: Any) -> dict[str, Any]:
    """What Jupyter, VS Code and Colab are sent."""
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter(active_types=["text/plain", "text/markdown", "text/html"]).format(value)
    return dict(data)


def seen(text: str) -> str:
    """Without what escapes it."""
    return html.unescape(html.unescape(text))


@pytest.mark.parametrize("kind", KINDS)
def test_notebooks(made: dict[str, Any], kind: str) -> None:
    data = bundle(made[kind])
    _, rich, _ = KINDS[kind]
    best = data.get("text/html") or data.get("text/markdown") or data["text/plain"]
    for words in rich:
        assert words in seen(best), best[:2000]
    assert bool(rich) <= (len(data) > 1) and "\x1b" not in "".join(data.values())
    assert len(data["text/plain"]) < 20_000 and PNG not in data["text/plain"]


# VS Code cleans the HTML in Markdown down to such elements; Colab shows HTML in a frame of another origin, which has
# none of the page's styles and nothing beside it. Players of sound are HTML alone: VS Code keeps none.
KEPT = {"a", "b", "br", "details", "div", "figcaption", "figure", "img", "p", "small", "span", "summary", "video"}
KEPT |= {"table", "tbody", "td", "th", "thead", "tr"}


@pytest.mark.parametrize("kind", [*KINDS, "thinking"])
def test_hosts_that_clean_or_frame_what_they_show(made: dict[str, Any], kind: str) -> None:
    block = {"type": "thinking", "thinking": "Well **then**", "signature": "x"}
    thinking = {"type": "message", "content": [block, {"type": "text", "text": "Hi!"}], "model": "m"}
    data = bundle(made[kind] if kind in made else wenwen.types.Message(thinking))
    for mime, kept in (("text/markdown", KEPT), ("text/html", KEPT | {"audio"})):
        # Code within Markdown is no HTML.
        text = re.sub(r"```.*?```|`[^`\n]*`", "", data.get(mime, ""), flags=re.DOTALL)
        tags = re.findall(r"<([a-z][a-z0-9]*)\b([^>]*)>", text)
        assert {name for name, _ in tags} <= kept, (mime, text[:2000])
        for name, attributes in tags:
            given = dict(re.findall(r"""\s([a-z-]+)=["']([^"']*)["']""", attributes))
            assert given.keys() <= {"alt", "class", "href", "preload", "referrerpolicy", "rel", "src", "style"}, given
            assert given.get("class") in (None, "tex2jax_ignore mathjax_ignore"), given
            for address in (given.get("src"), given.get("href")):
                assert address is None or re.match(r"https?://|data:(image|audio|video)/", address), (
                    name,
                    address[:80],
                )


@pytest.mark.parametrize("format", ["html", "markdown"])
def test_what_nbconvert_makes(made: dict[str, Any], format: str) -> None:
    nbformat, nbconvert = pytest.importorskip("nbformat"), pytest.importorskip("nbconvert")
    v4 = nbformat.v4
    cells = []
    for kind in KINDS:
        output = v4.new_output("display_data", data=bundle(made[kind]))
        cells.append(v4.new_code_cell(f"#### {kind} ####", outputs=[output]))
    exporter = nbconvert.HTMLExporter() if format == "html" else nbconvert.MarkdownExporter()
    page, _ = exporter.from_notebook_node(v4.new_notebook(cells=cells))
    bare = seen(re.sub(r"</?span[^>]*>", "", page))
    for (kind, (_, rich, _)), text in zip(KINDS.items(), re.split(r"#### [\w ]+ ####", bare)[1:], strict=True):
        for words in rich:
            # Sounds and pictures are in the HTML alone.
            if words.startswith("<") and format == "markdown":
                continue
            assert words in text, (kind, words, text[:3000])


@pytest.mark.parametrize("kind", KINDS)
def test_terminals(made: dict[str, Any], kind: str) -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    console = pytest.importorskip("rich.console").Console(file=io.StringIO(), width=200)
    value, (_, _, line) = made[kind], KINDS[kind]
    console.print(value)
    shown = {
        "repr": repr(value),
        "pprint": pprint.pformat(value, width=200),
        "IPython": pretty(value),
        "rich": console.file.getvalue(),
    }
    for host, text in shown.items():
        assert (line in text or host in ("IPython", "rich")) and text.strip(), (host, text)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text) and len(text) < 20_000, (host, text)
    assert "\n" not in shown["repr"] and len(shown["repr"]) < 3000


def test_marimo(tmp_path: Path) -> None:
    """A cell of each, and a stream in every form."""
    pytest.importorskip("marimo")
    ends = [
        'client.responses.create(model="gpt-5", input="Hello!")',
        'client.responses.create(model="gpt-5", input="Hello!", stream=True)',
        'client.responses.stream(model="gpt-5", input="Hello!")',
        'client.responses.stream(model="gpt-5", input="Hello!").show()',
        'await gateway.async_client().responses.create(model="gpt-5", input="Hello!", stream=True)',
        'await gateway.async_client().responses.stream(model="gpt-5", input="Hello!").show()',
    ]
    cells = [
        f"@app.cell\n{'async ' * ('await' in end)}def _(client, gateway):\n    {end}\n    return\n" for end in ends
    ]
    begin = """
        import marimo
        app = marimo.App()
        @app.cell
        def _():
            from wenwen.testing import LocalGateway
            gateway = LocalGateway().start()
            client = gateway.client()
            return client, gateway
    """
    path, page = tmp_path / "cells.py", tmp_path / "cells.html"
    path.write_text(textwrap.dedent(begin) + "".join(cells))
    command = [sys.executable, "-m", "marimo", "export", "html", str(path), "-o", str(page)]
    package = str(Path(wenwen.__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))}
    done = subprocess.run(command, capture_output=True, text=True, env={**env, "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    shown = page.read_text(encoding="utf-8")
    assert shown.count("vnd.marimo+mimebundle") >= len(ends) and "Stream open" not in shown
    assert shown.count("How can I help you today?") >= len(ends)
