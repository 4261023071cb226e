"""Types that are completed when somebody asks for them: `wenwen.types._late`."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import wenwen
from wenwen._core import Object
from wenwen.types import _late

MODULES = [
    "audio", "chat", "embeddings", "gemini", "images", "messages", "midjourney", "models", "pricing", "responses",
    "shared", "videos",
]  # fmt: skip


def run(code: str) -> str:
    """In a Python that has loaded nothing."""
    root = Path(wenwen.__file__).parent.parent
    start = f"import sys; sys.path.insert(0, {str(root)!r})\n"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", start + code], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout


def test_a_typed_reply_loads_neither_typing_nor_collections() -> None:
    code = """
import wenwen
client = wenwen.Client(api_key="k", base_url="http://127.0.0.1:9", max_retries=0)
client.chat.completions, client.messages, client.embeddings, wenwen.create_response
try:
    client.responses.create(model="gpt-5", input="Hello!", reasoning={"effort": "low"})
except wenwen.APIConnectionError:
    pass
from wenwen.types.responses import Response
part = {"type": "output_text", "text": "Hi!", "annotations": []}
item = {"type": "message", "role": "assistant", "content": [part]}
reply = Response({"output": [item], "usage": {"input_tokens": 1}})
assert reply.output_text == "Hi!"
assert type(reply.output[0].content[0]).__name__ == "ResponseOutputText"
assert type(reply.usage).__name__ == "ResponseUsage"
print(*({"typing", "collections", "asyncio", "logging", "re", "inspect", "enum"} & set(sys.modules)))
"""
    assert run(code).split() == []


@pytest.mark.parametrize("name", MODULES)
def test_whoever_asks_finds_what_the_source_says(name: str) -> None:
    module = sys.modules.get(f"wenwen.types.{name}") or __import__(f"wenwen.types.{name}", fromlist=("",))
    for public in getattr(module, "__all__", ()):
        value = getattr(module, public)
        assert not isinstance(value, str), public
        assert getattr(wenwen.types, public) is value
        if isinstance(value, type):
            assert not issubclass(value, _late.Light), public
            assert typing.get_type_hints(value) is not None
        if public.endswith("Params") or public == "RequestOptions":
            assert typing.is_typeddict(value), public
            assert typing.get_type_hints(value, include_extras=True)


@pytest.mark.parametrize(
    "ask",
    [
        "from wenwen.types.responses import ResponseCreateParams, ItemStatus, ToolParam, ReasoningEffort",
        "from wenwen.types import ResponseCreateParams, ItemStatus, ToolParam, ReasoningEffort",
        "import wenwen.types.responses as r; hints = typing.get_type_hints(r.Response); globals().update(vars(r))",
        "from wenwen.resources import responses; from wenwen.types.responses import *\n"
        "from wenwen.types.responses import ReasoningEffort",
    ],
)
def test_in_any_order(ask: str) -> None:
    code = f"""
import typing
{ask}
assert typing.is_typeddict(ResponseCreateParams) and ResponseCreateParams(model="m") == dict(model="m")
assert typing.get_args(ItemStatus) == ("in_progress", "completed", "incomplete")
assert typing.is_typeddict(typing.get_args(ToolParam)[0])
assert "high" in typing.get_args(ReasoningEffort)
hints = typing.get_type_hints(ResponseCreateParams)
assert hints["model"] is str and hints["max_retries"] == int | None, hints
from wenwen.resources.responses import Responses
import inspect
assert str(inspect.signature(Responses.create)).startswith("(self, *, model: str, input: ")
"""
    run(code)


def test_a_class_of_the_users_is_read_too() -> None:
    class Inner(Object):
        number: int

    class Own(wenwen.Reply):
        inner: Inner
        inners: list[Inner]

    # As a module without `from __future__ import annotations` has them.
    Own.__annotations__ = {"inner": Inner, "inners": typing.Optional[list[Inner]]}  # noqa: UP045
    own = Own({"inner": {"number": 1}, "inners": [{"number": 2}]})
    assert isinstance(own.inner, Inner) and isinstance(own.inners[0], Inner)


def test_signatures_name_the_bases_first() -> None:
    names = list(inspect.signature(wenwen.create_response).parameters)
    assert names[0] == "model" and names[-1] == "max_retries"
