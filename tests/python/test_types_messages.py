"""The declarations of `/v1/messages` hold together: unions, docstrings, annotations, names."""

from __future__ import annotations

import inspect
import re
import types
import typing
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

import wenwen
import wenwen.types
from wenwen.types import messages, responses, shared

# Names of this dialect that are something else in `wenwen.types`.
MODULE_ONLY = {"Caller", "MessageRunnerParams", "OutputTokensDetails"}

CLASSES = [
    value for value in vars(messages).values() if isinstance(value, type) and value.__module__ == messages.__name__
]
PARAMS = [cls for cls in CLASSES if typing.is_typeddict(cls)]
UNIONS = {
    name: value
    for name, value in vars(messages).items()
    if get_origin(value) in (types.UnionType, typing.Union) and not name.endswith("Param")
}

by_name = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)


def literals(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [value for member in get_args(annotation) for value in literals(member)]


@pytest.mark.parametrize("name", UNIONS)
def test_type_tells_the_members_of_a_union_apart(name: str) -> None:
    members = [member for member in get_args(UNIONS[name]) if isinstance(member, type)]
    values = [value for member in members for value in literals(get_type_hints(member)["type"])]
    assert len(values) == len(set(values)) >= len(members)


def test_every_event_of_the_reference_has_its_class() -> None:
    def kinds(union: Any) -> set[str]:
        return {value for event in get_args(union) for value in literals(get_type_hints(event)["type"])}

    wire = {"message_start", "message_delta", "message_stop"}
    wire |= {"content_block_start", "content_block_delta", "content_block_stop"}
    assert kinds(messages.RawMessageStreamEvent) == wire
    helper = {"text", "thinking", "input_json", "citation", "signature", "compaction"}
    assert kinds(messages.MessageStreamEvent) == wire | helper
    deltas = {"text_delta", "input_json_delta", "thinking_delta", "signature_delta", "citations_delta"}
    assert kinds(messages.RawContentBlockDelta) == deltas


@by_name
def test_annotations_resolve(cls: type) -> None:
    get_type_hints(cls, include_extras=True)


@by_name
def test_docstring(cls: type) -> None:
    doc = cls.__dict__.get("__doc__")
    assert doc, "no docstring of its own"
    if cls not in PARAMS:
        assert "\n" not in doc
        assert doc.endswith(".")


@pytest.mark.parametrize("cls", PARAMS, ids=lambda cls: cls.__name__)
def test_every_parameter_is_documented_and_nothing_else(cls: type) -> None:
    own = [key for key in cls.__annotations__ if key not in shared.RequestOptions.__annotations__]
    documented = re.findall(r"^(\w+): ", inspect.cleandoc(cls.__doc__ or ""), flags=re.MULTILINE)
    assert documented == own  # in the same order, too


def test_names() -> None:
    with open(inspect.getsourcefile(messages) or "", encoding="utf-8") as file:
        source = file.read()
    defined = set(re.findall(r"^(?:class )?([A-Z]\w*)(?:\(|: TypeAlias)", source, flags=re.MULTILINE))
    assert defined - set(messages.__all__) == MODULE_ONLY
    assert set(messages.__all__) < defined
    assert not set(messages.__all__) & {*responses.__all__, *shared.__all__}
    for name in messages.__all__:
        assert getattr(wenwen.types, name) is getattr(messages, name)


@pytest.mark.parametrize("function", [wenwen.create_message, wenwen.aio.create_message])
def test_help(function: Any) -> None:
    signature = inspect.signature(function)
    required = [name for name, parameter in signature.parameters.items() if parameter.default is parameter.empty]
    assert required == ["model", "messages"]
    assert "stream" in signature.parameters
    assert "limit for the answer, thinking included" in function.__doc__
