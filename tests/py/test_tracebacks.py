"""Tracebacks: the user's lines and the error's words, and none of our frames, whoever shows them."""

from __future__ import annotations

import contextlib
import inspect
import io
import logging
import os
import subprocess
import sys
import traceback
import types
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Call
from pydantic import BaseModel

import wenwen
from wenwen import _frames
from wenwen.testing import LocalGateway, Reply

PACKAGE = str(Path(wenwen.__file__ or "").parent)
HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
CHAT: dict[str, Any] = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hello!"}]}
DONE = {"id": "1", "status": "SUCCESS", "progress": "100%", "buttons": []}
CUT = Reply(
    events=[
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": f"word {n} "}}]}
        for n in range(20)
    ],
    cut=900,
)


class Person(BaseModel):
    name: str


def frames(error: BaseException) -> list[str]:
    """The functions of a traceback, and of what the error comes from."""
    found: list[str] = []
    one: BaseException | None = error
    while one is not None:
        for frame, _ in traceback.walk_tb(one.__traceback__):
            home = "wenwen." if frame.f_code.co_filename.startswith(PACKAGE) else ""
            found.append(home + frame.f_code.co_name)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found


def check(caught: Any) -> None:
    found = frames(caught.value)
    assert found and not [name for name in found if name.startswith("wenwen.")], found


def to_the_end(call: Call, stream: Any) -> None:
    for _ in call.each(stream):
        pass


def block(call: Call, opens: Any) -> None:
    with call.open(opens):
        pass


def weather(city: str) -> str:
    raise KeyError(city)


# What a client without a gateway raises, by every way into it.
CALLS: dict[str, Callable[[Call, Any], Any]] = {
    "create": lambda call, client: call.wait(client.responses.create(**HELLO)),
    "misspelt": lambda call, client: call.wait(client.responses.create(**HELLO, modle=1)),
    "missing": lambda call, client: call.wait(client.responses.create()),
    "by position": lambda call, client: call.wait(client.responses.create("gpt-5")),
    "an id": lambda call, client: call.wait(client.responses.retrieve("")),
    "as_dict": lambda call, client: call.wait(client.responses.create(**HELLO, as_dict=True)),
    "raw": lambda call, client: call.wait(client.responses.with_raw_response.create(**HELLO)),
    "streamed raw": lambda call, client: block(call, client.responses.with_streaming_response.create(**HELLO)),
    "stream=True": lambda call, client: to_the_end(call, call.wait(client.responses.create(**HELLO, stream=True))),
    "stream": lambda call, client: block(call, client.responses.stream(**HELLO)),
    "stream, by position": lambda call, client: block(call, client.responses.stream("gpt-5", **HELLO)),
    "parse": lambda call, client: call.wait(client.chat.completions.parse(**CHAT, response_format=Person)),
    "parse of no class": lambda call, client: call.wait(client.responses.parse(3, **HELLO)),
    "run": lambda call, client: call.wait(client.responses.run(**HELLO, tools=[weather])),
    "run of no tool": lambda call, client: call.wait(client.responses.run(**HELLO, tools=[3])),
    "run, streamed": lambda call, client: to_the_end(
        call, call.wait(client.responses.run(**HELLO, tools=[weather], stream=True))
    ),
    "chat": lambda call, client: call.wait(client.chat.completions.create(**CHAT)),
    "messages": lambda call, client: call.wait(client.messages.create(**CHAT, max_tokens=5)),
    "messages.parse": lambda call, client: call.wait(client.messages.parse(Person, **CHAT, max_tokens=5)),
    "tool_runner": lambda call, client: call.wait(
        client.beta.messages.tool_runner(**CHAT, max_tokens=5, tools=[wenwen.beta_tool(weather)]).until_done()
    ),
    "gemini": lambda call, client: call.wait(client.gemini.generate_content(model="m", contents="x")),
    "images": lambda call, client: call.wait(client.images.generate(model="m", prompt="x")),
    "edits": lambda call, client: call.wait(client.images.edit(model="m", prompt="x", image=b"x")),
    "a file": lambda call, client: call.wait(client.audio.transcriptions.create(model="m", file=Path("nothing.mp3"))),
    "speech": lambda call, client: call.wait(client.audio.speech.create(model="m", voice="alloy", input="x")),
    "embeddings": lambda call, client: call.wait(client.embeddings.create(model="m", input="x")),
    "models": lambda call, client: call.wait(client.models.list()),
    "pages": lambda call, client: to_the_end(call, client.models.list() if call.is_async else [client.models.list()]),
    "prices": lambda call, client: call.wait(client.pricing.list()),
    "imagine": lambda call, client: call.wait(client.midjourney.imagine(prompt="x")),
    "wait": lambda call, client: call.wait(client.midjourney.wait(["1"], poll=-1)),
    "videos": lambda call, client: call.wait(client.videos.create(model="m", prompt="x")),
    "get": lambda call, client: call.wait(client.get("/v1/models")),
    "post": lambda call, client: call.wait(client.post("/v1/responses", body={})),
    "request": lambda call, client: call.wait(client.request("BREW", "/v1/responses")),
    "with_options": lambda call, client: client.with_options(timeout=-1),
    "with_tags": lambda call, client: client.with_tags({"a": object()}),
    "client": lambda call, client: type(client)(api_key=3),
    "client, misspelt": lambda call, client: type(client)(api_kee="sk-1"),
    "configure": lambda call, client: wenwen.configure(timeout="soon"),  # type: ignore[arg-type]
    "function": lambda call, client: call.function(**HELLO, base_url="http://127.0.0.1:9"),
    "functions": lambda call, client: call.wait((wenwen.aio if call.is_async else wenwen).parse(Person, modle="m")),
    "map": lambda call, client: client.responses.map(["a"], modell="m"),
    "map, run": lambda call, client: call.wait(
        client.responses.map(["a"], "{nothing}", model="m", progress=False).run()
    ),
    "map, iterated": lambda call, client: to_the_end(
        call, client.responses.map(["a"], "{nothing}", model="m", progress=False)
    ),
    "map, a sink": lambda call, client: call.wait(
        client.responses.map(["a"], "{nothing}", model="m", progress=False).to_list()
    ),
    "open_job": lambda call, client: wenwen.open_job("nothing.db"),
    "tool": lambda call, client: wenwen.tool(3),  # type: ignore[call-overload]
    "a tool": lambda call, client: wenwen.tool(weather).to_dict("latin"),
}


@pytest.mark.parametrize("name", CALLS)
def test_no_frame_of_ours(call: Call, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    client = call.new_client(api_key="sk-1", base_url="http://127.0.0.1:9", proxy=False, max_retries=0)
    with pytest.raises((wenwen.WenwenError, TypeError, ValueError, LookupError, OSError)) as caught:
        CALLS[name](call, client)
    check(caught)


def test_no_frame_of_ours_in_a_stream_that_breaks_off(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, max_retries=0)

    def read(how: str) -> None:
        stream = client.chat.completions.stream(**CHAT)
        with call.open(stream) as opened:
            if how == "events":
                to_the_end(call, opened)
            elif how == "texts":
                to_the_end(call, opened.text_stream)
            elif how == "whole":
                call.wait(opened.until_done())
            else:
                call.wait(opened.get_final_completion())

    for how in ("events", "texts", "whole", "final"):
        gateway.script(CUT)
        with pytest.raises(wenwen.IncompleteStreamError) as caught:
            read(how)
        check(caught)
    gateway.script(CUT)
    with pytest.raises(wenwen.IncompleteStreamError) as caught:
        to_the_end(call, call.wait(client.chat.completions.create(**CHAT, stream=True)))
    check(caught)
    gateway.script(Reply(body=b"x" * 5000, cut=900))
    with (
        pytest.raises(wenwen.WenwenError) as caught,
        call.open(client.responses.with_streaming_response.create(**HELLO)) as raw,
    ):
        to_the_end(call, raw.iter_lines())
    check(caught)


def test_no_frame_of_ours_in_what_replies_can_do(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(json=DONE))
    task = call.wait(call.client(gateway, max_retries=0).midjourney.fetch("1"))
    gateway.script(*[400] * 2)
    for act in (
        lambda: call.wait(task.action("U1")),
        lambda: task.button("U1"),
        lambda: call.wait(task.save("x")),
        lambda: call.wait(task.modal(nonsense=1)),
        lambda: call.wait(task.refresh()),
        lambda: call.wait(task.wait(poll=-1)),
    ):
        with pytest.raises((wenwen.WenwenError, ValueError, TypeError)) as caught:
            act()
        check(caught)


def test_the_users_own_frames_stay(call: Call, gateway: LocalGateway) -> None:
    def key() -> str:
        raise OSError("no key today")

    def rows() -> Iterator[Any]:
        yield "a"
        raise OSError("no rows today")

    def fails(city: str) -> str:
        raise OSError("no weather today")

    client = call.client(gateway, max_retries=0)
    gateway.script(
        Reply(json={"object": "response", "status": "completed", "output": [
            {"type": "function_call", "call_id": "c", "name": "fails", "arguments": '{"city": "Paris"}'}
        ]})
    )  # fmt: skip
    for name, act in (
        ("fails", lambda: client.responses.run(**HELLO, tools=[fails], on_error="raise")),
        ("key", lambda: call.client(gateway, api_key=key).responses.create(**HELLO)),
        ("rows", lambda: client.responses.map(rows(), model="gpt-5", progress=False).run()),
    ):
        with pytest.raises((OSError, wenwen.WenwenError)) as caught:
            call.wait(act())  # type: ignore[no-untyped-call]
        check(caught)
        assert name in frames(caught.value), name


def test_whoever_shows_them(gateway: LocalGateway) -> None:
    client = gateway.client(max_retries=0)
    gateway.script(400)
    stream = io.StringIO()
    logger = logging.Logger("own")
    logger.addHandler(logging.StreamHandler(stream))
    try:
        client.responses.create(**HELLO)
    except wenwen.APIError as error:
        logger.exception("asked")
        lines = traceback.format_exception(error)
    for text in (stream.getvalue(), "".join(lines)):
        assert text.count("  File ") == 1 and "client.responses.create(**HELLO)" in text and PACKAGE not in text


SCRIPT = """
import wenwen

def ask():
    return wenwen.create_response(model="gpt-5", input="Hello!")

ask()
"""


@pytest.mark.parametrize("dev", [False, True], ids=["plain", "dev"])
def test_a_program_that_ends_so(tmp_path: Path, dev: bool) -> None:
    (tmp_path / "program.py").write_text(SCRIPT, "utf-8")
    environment = {**os.environ, "WENWEN_API_KEY": "sk-1", "WENWEN_BASE_URL": "http://127.0.0.1:9", "NO_PROXY": "*"}
    command = [sys.executable, *(["-X", "dev", "-W", "ignore"] if dev else []), "program.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "no connection to 127.0.0.1:9" in done.stderr
    found = [line.strip() for line in done.stderr.splitlines() if line.startswith("  File ")]
    assert [line.rpartition(" ")[2] for line in found if PACKAGE not in line] == ["<module>", "ask"]
    assert any(PACKAGE in line for line in found) == dev


def test_a_mistake_of_ours_keeps_its_frames(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody has thought of is found by them."""
    code = compile("def mistaken(*_, **__):\n    return None.nothing", PACKAGE + "/mistaken.py", "exec")
    home: dict[str, Any] = {"__name__": "wenwen.mistaken"}
    exec(code, home)
    monkeypatch.setattr("wenwen.resources._methods.hide_in", home["mistaken"])
    with pytest.raises(AttributeError) as caught:
        call.wait(call.client(gateway).embeddings.create(model="m", input="x"))
    assert frames(caught.value)[-1] == "wenwen.mistaken"


def test_what_is_decorated_stays_what_it_is() -> None:
    class Some:
        def plain(self, a: int, *, b: str = "x") -> str:
            """What it does."""
            return f"{a}{b}"

        async def awaited(self) -> int:
            return 1

        def iterated(self) -> Iterator[int]:
            got = yield 1
            yield got

        async def iterated_awaited(self) -> AsyncIterator[int]:
            yield 1

        @property
        def one(self) -> int:
            """One."""
            return 1

        def _own(self) -> None: ...

    before = dict(vars(Some))
    _frames.frameless(Some)
    for name in ("plain", "awaited", "iterated", "iterated_awaited"):
        made: Any = vars(Some)[name]
        assert made is not before[name] and inspect.signature(made) == inspect.signature(before[name])
        assert (made.__name__, made.__doc__) == (name, before[name].__doc__) and made.__qualname__.endswith(name)
        for kind in (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction):
            assert kind(made) == kind(before[name])
    some = Some()
    steps = some.iterated()
    assert (some.plain(1, b="y"), some.one, next(steps), steps.send(5)) == ("1y", 1, 1, 5)  # type: ignore[attr-defined]
    assert Some._own is before["_own"] and Some.one.__doc__ == "One."


def test_one_error_in_two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chains that come back to themselves end, and what they come from is told without our frames too."""
    home: dict[str, Any] = {"__name__": "wenwen.somewhere"}
    exec("def fails(words):\n    raise ValueError(words)", home)
    fails: types.FunctionType = home["fails"]
    one, other = [], []
    for found in (one, other):
        with contextlib.suppress(ValueError):
            try:
                fails("words")
            except ValueError as error:
                found.append(error)
                raise
    one[0].__cause__, other[0].__cause__ = other[0], one[0]
    _frames.without_frames(one[0])
    for error in (one[0], other[0]):
        names = [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)]
        assert names == ["test_one_error_in_two_places"]
