"""The declarations of `/v1/responses` hold together: unions, docstrings, annotations, names."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import types
import typing
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

import wenwen.types
from wenwen.types import responses, shared

# Every type of event in section 2.3 of the wire reference.
EVENT_TYPES = """
response.created response.queued response.in_progress response.compaction.compacting
response.completed response.failed response.incomplete
response.output_item.added response.output_item.done
response.content_part.added response.content_part.done
response.output_text.delta response.output_text.done response.output_text.annotation.added
response.refusal.delta response.refusal.done
response.function_call_arguments.delta response.function_call_arguments.done
response.custom_tool_call_input.delta response.custom_tool_call_input.done
response.reasoning_text.delta response.reasoning_text.done
response.reasoning_summary_part.added response.reasoning_summary_part.done
response.reasoning_summary_text.delta response.reasoning_summary_text.done
response.web_search_call.in_progress response.web_search_call.searching response.web_search_call.completed
response.file_search_call.in_progress response.file_search_call.searching response.file_search_call.completed
response.code_interpreter_call.in_progress response.code_interpreter_call.interpreting
response.code_interpreter_call.completed
response.code_interpreter_call_code.delta response.code_interpreter_call_code.done
response.image_generation_call.in_progress response.image_generation_call.generating
response.image_generation_call.partial_image response.image_generation_call.completed
response.mcp_call.in_progress response.mcp_call.completed response.mcp_call.failed
response.mcp_call_arguments.delta response.mcp_call_arguments.done
response.mcp_list_tools.in_progress response.mcp_list_tools.completed response.mcp_list_tools.failed
response.audio.delta response.audio.done response.audio.transcript.delta response.audio.transcript.done
response.shell_call_command.added response.shell_call_command.delta response.shell_call_command.done
response.shell_call_output_content.delta response.shell_call_output_content.done
error
"""

# The delta events whose text so far the `.stream()` helper fills in.
EVENTS_WITH_SNAPSHOT = """
response.output_text.delta response.refusal.delta response.function_call_arguments.delta
response.custom_tool_call_input.delta response.reasoning_text.delta response.reasoning_summary_text.delta
response.code_interpreter_call_code.delta response.mcp_call_arguments.delta response.audio.transcript.delta
"""

CLASSES = [
    value
    for module in (shared, responses)
    for value in vars(module).values()
    if isinstance(value, type) and value.__module__ == module.__name__
]
PARAMS = [cls for cls in CLASSES if typing.is_typeddict(cls)]
UNIONS = {
    name: value
    for name, value in vars(responses).items()
    if get_origin(value) in (types.UnionType, typing.Union) and not name.endswith("Param")
}

by_name = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)


def literals(annotation: Any) -> list[str]:
    """The values of a Literal, also where it is part of a union."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [value for member in get_args(annotation) for value in literals(member)]


def test_every_event_has_exactly_one_class() -> None:
    declared = [
        value for event in get_args(responses.ResponseStreamEvent) for value in literals(get_type_hints(event)["type"])
    ]
    # What some upstreams call the completed one.
    assert sorted(declared) == sorted([*EVENT_TYPES.split(), "response.done"])
    assert len(declared) == 60


def test_every_event_class_is_in_the_union() -> None:
    events = {cls for cls in CLASSES if cls.__name__.endswith("Event") and not cls.__name__.startswith("_")}
    assert events == set(get_args(responses.ResponseStreamEvent))


def test_snapshots() -> None:
    with_snapshot = [
        get_type_hints(event)["type"].__args__[0]
        for event in get_args(responses.ResponseStreamEvent)
        if "snapshot" in get_type_hints(event)
    ]
    assert sorted(with_snapshot) == sorted(EVENTS_WITH_SNAPSHOT.split())


@pytest.mark.parametrize("name", UNIONS)
def test_type_tells_the_members_of_a_union_apart(name: str) -> None:
    members = [member for member in get_args(UNIONS[name]) if get_origin(member) is not Literal]
    values = [value for member in members for value in literals(get_type_hints(member)["type"])]
    if name in ("ResponseItem", "ResponseInputItem"):  # there a message has two classes, told by the role
        values.remove("message")
    assert len(values) == len(set(values))


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
    own = list(cls.__annotations__)
    if cls is not shared.RequestOptions and set(shared.RequestOptions.__annotations__) <= set(own):
        own = [key for key in own if key not in shared.RequestOptions.__annotations__]
    documented = re.findall(r"^(\w+): ", inspect.cleandoc(cls.__doc__ or ""), flags=re.MULTILINE)
    assert documented == own  # in the same order, too


@pytest.mark.parametrize("module", [shared, responses], ids=lambda module: module.__name__)
def test_all_lists_every_public_name(module: types.ModuleType) -> None:
    with open(inspect.getsourcefile(module) or "", encoding="utf-8") as file:
        source = file.read()
    defined = re.findall(r"^(?:class )?([A-Z]\w*)(?:\(|: TypeAlias)", source, flags=re.MULTILINE)
    # Three that `wenwen.types` has of messages.
    of_messages = {*defined} & {"ToolChoiceParam", "ToolParam", "UserLocationParam"}
    assert sorted(module.__all__) == sorted({*defined} - of_messages)


def test_the_package_hands_out_every_name() -> None:
    for module in (shared, responses):
        for name in module.__all__:
            assert getattr(wenwen.types, name) is getattr(module, name)
            assert name in dir(wenwen.types)
    unknown = "NoSuchName"
    with pytest.raises(AttributeError, match=unknown):
        getattr(wenwen.types, unknown)


def test_the_package_loads_nothing_by_itself() -> None:
    code = """if True:
        import sys, wenwen.types
        getattr(wenwen.types, "__wrapped__", None)
        assert "wenwen.types.responses" not in sys.modules
        assert wenwen.types.responses.Response is wenwen.types.Response
        from wenwen.types import ResponseUsage
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def message(*parts: object) -> dict[str, object]:
    return {"type": "message", "content": list(parts)}


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (None, ""),
        ([], ""),
        ("nonsense", ""),
        ([1, None, "x"], ""),
        ([{"type": "reasoning", "summary": []}], ""),
        ([{}], ""),
        ([{"type": "message", "content": None}], ""),
        ([{"type": "message", "content": "Hi"}], "Hi"),
        ([message({"type": "refusal", "refusal": "No"})], ""),
        ([message({"type": "output_text", "text": None}, 3)], ""),
        (
            [
                {"type": "reasoning", "summary": []},
                message({"type": "output_text", "text": "Hi"}, {"type": "new"}),
                message({"type": "output_text", "text": "!"}),
            ],
            "Hi!",
        ),
    ],
)
def test_output_text(output: Any, text: str) -> None:
    assert responses.Response(output=output).output_text == text
