"""Answers of a type: whatever a class may be, in every dialect, whole and streamed; what goes out for it, what comes
back, what is in an answer's place, and asking again."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import datetime
import decimal
import enum
import itertools
import json
import pickle
import re
import subprocess
import sys
import typing
import uuid
import warnings
from collections.abc import Iterable
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar

import pydantic
import pytest
import typing_extensions
from conftest import Call
from pydantic import BaseModel, Field

import wenwen
from wenwen.testing import LocalGateway, Reply

msgspec = pytest.importorskip("msgspec")
attrs = pytest.importorskip("attrs")

ASK: dict[str, dict[str, Any]] = {
    "responses": {"model": "gpt-5", "input": "Where is the tower?"},
    "chat": {"model": "gpt-5", "messages": [{"role": "user", "content": "Where is the tower?"}]},
    "messages": {
        "model": "claude-sonnet-4-5",
        "max_tokens": 500,
        "messages": [{"role": "user", "content": "Where is the tower?"}],
    },
    "gemini": {"model": "gemini-2.5-flash", "contents": "Where is the tower?"},
}
DIALECTS = list(ASK)


def resource(client: Any, dialect: str) -> Any:
    return client.chat.completions if dialect == "chat" else getattr(client, dialect)


def message(text: str, phase: str | None = None) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "role": "assistant", "status": "completed", "phase": phase, "content": content}


def whole(dialect: str, text: str | None, **more: Any) -> dict[str, Any]:
    """A reply with that answer; `more` are fields of what says how it ended."""
    if dialect == "responses":
        usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "output_tokens_details": {"reasoning": 2}}
        fields = {"id": "resp_1", "object": "response", "model": "gpt-5", "status": "completed", "usage": usage}
        return {**fields, "output": [] if text is None else [message(text)], **more}
    if dialect == "chat":
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        said = {"role": "assistant", "content": text, **more.pop("message", {})}
        choice = {"index": 0, "message": said, "finish_reason": "stop", **more}
        fields = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5", "usage": usage}
        return {**fields, "choices": [choice]}
    if dialect == "messages":
        content = [] if text is None else [{"type": "text", "text": text}]
        fields = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "end_turn"}
        return {**fields, "content": content, "usage": {"input_tokens": 10, "output_tokens": 5}, **more}
    parts = [] if text is None else [{"text": text}]
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0, **more}
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
    return {"candidates": [candidate], "usageMetadata": usage}


def streamed(dialect: str, pieces: list[str]) -> Reply:
    """The same as events, a piece of the text in each."""
    text = "".join(pieces)
    events: list[Any] = []
    if dialect == "responses":
        at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        item = {**message(""), "id": "msg_1", "content": []}
        part = {"type": "output_text", "text": "", "annotations": []}
        begun = {**whole(dialect, None), "status": "in_progress", "usage": None}
        events += [{"type": "response.created", "response": begun}]
        events += [{"type": "response.output_item.added", "output_index": 0, "item": item}]
        events += [{"type": "response.content_part.added", **at, "part": part}]
        events += [{"type": "response.output_text.delta", **at, "delta": piece} for piece in pieces]
        events += [{"type": "response.output_text.done", **at, "text": text}]
        events += [{"type": "response.content_part.done", **at, "part": {**part, "text": text}}]
        done = {**message(text), "id": "msg_1"}
        events += [{"type": "response.output_item.done", "output_index": 0, "item": done}]
        events += [{"type": "response.completed", "response": {**whole(dialect, None), "output": [done]}}]
    elif dialect == "chat":
        chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5"}
        for piece in pieces:
            tokens = {"content": [{"token": piece, "logprob": -0.1, "top_logprobs": []}]}
            events.append({**chunk, "choices": [{"index": 0, "delta": {"content": piece}, "logprobs": tokens}]})
        events.append({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        events.append("data: [DONE]\n\n")
    elif dialect == "messages":
        events += [{"type": "message_start", "message": {**whole(dialect, None), "stop_reason": None}}]
        events += [{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}]
        for piece in pieces:
            delta = {"type": "text_delta", "text": piece}
            events.append({"type": "content_block_delta", "index": 0, "delta": delta})
        events += [{"type": "content_block_stop", "index": 0}]
        ended = {"stop_reason": "end_turn", "stop_sequence": None}
        events += [{"type": "message_delta", "delta": ended, "usage": {"output_tokens": 5}}, {"type": "message_stop"}]
    else:
        events = [whole(dialect, piece, finishReason=None) for piece in pieces] + [whole(dialect, "")]
    return Reply(events=events)


def schema_sent(dialect: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """The schema that a request holds the model to; None where it is said in words."""
    if dialect == "responses":
        return body["text"]["format"]["schema"]  # type: ignore[no-any-return]
    if dialect == "chat":
        return body["response_format"]["json_schema"]["schema"]  # type: ignore[no-any-return]
    if dialect == "messages":
        return (body.get("output_config") or {}).get("format", {}).get("schema")  # type: ignore[no-any-return]
    return body["generationConfig"].get("responseSchema")  # type: ignore[no-any-return]


# ---- whatever a class may be ----


class Place(BaseModel):
    city: str
    days: int = 3


@dataclasses.dataclass
class Plain:
    city: str
    tags: list[str] = dataclasses.field(default_factory=list)


@pydantic.dataclasses.dataclass
class Pydantic:
    city: str


class Old(typing.TypedDict):
    city: str
    days: NotRequired[int]


class OldWithin(typing.TypedDict):
    one: Old
    more: list[Old]


class New(typing_extensions.TypedDict, total=False):
    city: str


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Struct(msgspec.Struct):
    city: str
    days: int = 3


@attrs.define
class Attrs:
    city: str
    tags: list[str] = attrs.field(factory=list)


class Pair(NamedTuple):
    city: str
    days: int


X = TypeVar("X")


class Box(BaseModel, Generic[X]):
    content: X


class Node(BaseModel):
    name: str
    children: list[Node] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool


class Bag(BaseModel):
    things: dict[str, int]


class Open(BaseModel, extra="allow"):
    city: str


class Places(pydantic.RootModel[list[Place]]):
    pass


CIRCLE: dict[str, Any] = {"type": "object", "properties": {}}
CIRCLE["properties"]["self"] = CIRCLE
Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}

# A class, an answer as the model would give it, and what becomes of it.
KINDS: dict[str, tuple[Any, Any, Any]] = {
    "model": (Place, {"city": "Paris", "days": 2}, Place(city="Paris", days=2)),
    "dataclass": (Plain, {"city": "Paris", "tags": ["a"]}, Plain("Paris", ["a"])),
    "left out": (Plain, {"city": "Paris", "tags": None}, Plain("Paris")),
    "pydantic dataclass": (Pydantic, {"city": "Paris"}, Pydantic("Paris")),
    "typing.TypedDict": (Old, {"city": "Paris", "days": None}, {"city": "Paris"}),
    "TypedDicts within": (
        OldWithin,
        {"one": {"city": "a", "days": 1}, "more": [{"city": "b", "days": None}]},
        {"one": {"city": "a", "days": 1}, "more": [{"city": "b"}]},
    ),
    "typing_extensions.TypedDict": (New, {"city": "Paris"}, {"city": "Paris"}),
    "Enum": (Colour, {"value": "blue"}, Colour.BLUE),
    "IntEnum": (Size, {"value": 2}, Size.LARGE),
    "Literal": (Literal["a", 1, None], {"value": 1}, 1),
    "str": (str, {"value": "Paris"}, "Paris"),
    "int": (int, {"value": 7}, 7),
    "float": (float, {"value": 1.5}, 1.5),
    "bool": (bool, {"value": False}, False),
    "list": (list[Place], {"value": [{"city": "a", "days": 1}]}, [Place(city="a", days=1)]),
    "empty list": (list[int], {"value": []}, []),
    "set": (set[int], {"value": [1, 2]}, {1, 2}),
    "tuple": (tuple[int, str], {"value": [1, "a"]}, (1, "a")),
    "NamedTuple": (Pair, {"value": ["Paris", 2]}, Pair("Paris", 2)),
    "union": (Place | Pydantic, {"value": {"city": "a", "days": 1}}, Place(city="a", days=1)),
    "Optional": (Place | None, {"value": None}, None),
    "discriminated": (Pet, {"value": {"kind": "dog", "good": True}}, Dog(kind="dog", good=True)),
    "iterable": (Iterable[Place], {"value": [{"city": "a", "days": 1}]}, [Place(city="a", days=1)]),
    "dict": (dict[str, int], {"a": 1}, {"a": 1}),
    "dict within": (Bag, {"things": {"a": 1}}, Bag(things={"a": 1})),
    "any": (Any, {"value": {"a": [1]}}, {"a": [1]}),
    "generic": (Box[int], {"content": 1}, Box[int](content=1)),
    "root": (Places, {"value": [{"city": "a", "days": 1}]}, Places([Place(city="a", days=1)])),
    "recursive": (
        Node,
        {"name": "a", "children": [{"name": "b", "children": []}]},
        Node(name="a", children=[Node(name="b")]),
    ),
    "msgspec": (Struct, {"city": "Paris", "days": 2}, Struct("Paris", 2)),
    "list of msgspec": (list[Struct], {"value": [{"city": "a", "days": 1}]}, [Struct("a", 1)]),
    "attrs": (Attrs, {"city": "Paris", "tags": []}, Attrs("Paris")),
    "TypeAdapter": (pydantic.TypeAdapter(list[int]), {"value": [1]}, [1]),
    "schema": (SCHEMA, {"city": "Paris"}, {"city": "Paris"}),
    "schema in capitals": (
        {"type": "OBJECT", "properties": {"city": {"type": "STRING", "nullable": True}, "type": {"type": "INTEGER"}}},
        {"city": None, "type": 2},
        {"city": None, "type": 2},
    ),
    "schema of a list": ({"type": "array", "items": {"type": "integer"}}, {"value": [1]}, [1]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_kinds(call: Call, gateway: LocalGateway, dialect: str, kind: str) -> None:
    given, answer, value = KINDS[kind]
    text = json.dumps(answer)
    calls = resource(call.client(gateway), dialect)
    # Whole: as it is wrapped, and without its wrapping, by position and by the peers' keyword.
    gateway.script(whole(dialect, text), whole(dialect, json.dumps(answer.get("value", answer))))
    reply = call.wait(calls.parse(given, **ASK[dialect]))
    assert (reply.parsed, type(reply.parsed)) == (value, type(value))
    keyword = {"responses": "text_format", "chat": "response_format", "messages": "output_format"}
    bare = call.wait(calls.parse(**{keyword.get(dialect, "response_schema"): given}, **ASK[dialect]))
    assert bare.parsed == value
    assert "parsed" not in reply.to_json()
    if kind != "TypeAdapter":  # compared by what it is, and no more can be said of it
        assert gateway.requests[0].json() == gateway.requests[1].json()
    # What goes along and what does not.
    for twin in (copy.copy(reply), copy.deepcopy(reply), pickle.loads(pickle.dumps(reply))):
        assert twin.parsed == value and twin == reply
    # Streamed: what is there so far never takes anything back, and is the whole at the end.
    gateway.script(streamed(dialect, [text[at : at + 3] for at in range(0, len(text), 3)]))
    with call.open(calls.stream(given, **ASK[dialect])) as stream:
        parts = [
            event.parsed
            for event in call.each(stream)
            if getattr(event, "type", "") in ("response.output_text.delta", "content.delta", "text", "")
        ]
        assert all(grows(one, two) for one, two in itertools.pairwise(parts))
        assert len(parts) >= len(text) / 3 and parts[-1] == answer.get("value", answer)
        assert stream.partial == answer.get("value", answer)
        assert call.wait(final(stream, dialect)).parsed == value


def final(stream: Any, dialect: str) -> Any:
    names = {"chat": "get_final_completion", "messages": "get_final_message"}
    return getattr(stream, names.get(dialect, "get_final_response"))()


def grows(part: Any, whole: Any) -> bool:
    """Whether a value is the beginning of another."""
    if part is None:
        return True
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and grows(value, whole[name]) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(grows, part, whole))
    return bool(part == whole)


FUNCTIONS = {"responses": "response", "chat": "chat_completion", "messages": "message", "gemini": "content"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_functions(call: Call, gateway: LocalGateway, dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENWEN_BASE_URL", gateway.base_url)
    monkeypatch.setenv("WENWEN_API_KEY", gateway.api_key or "sk-test")
    wenwen.configure()
    module: Any = wenwen.aio if call.is_async else wenwen
    gateway.script(whole(dialect, '{"city": "Paris"}'), streamed(dialect, ['{"city": ', '"Paris"}']))
    names = [f"parse_{FUNCTIONS[dialect]}", f"stream_{FUNCTIONS[dialect]}"]
    assert call.wait(getattr(module, names[0])(Place, **ASK[dialect])).parsed == Place(city="Paris")
    with call.open(getattr(module, names[1])(output=Place, **ASK[dialect])) as stream:
        assert "".join(call.each(stream.text_stream)) == '{"city": "Paris"}'
        assert stream.partial == {"city": "Paris"}
    if dialect == "responses":
        gateway.script(whole(dialect, '{"city": "Paris"}'))
        assert call.wait(module.parse(Place, **ASK[dialect])).output_parsed == Place(city="Paris")
        assert type(module.stream(Place, **ASK[dialect])).__name__.endswith("ParsedResponseStream")
    wenwen.configure()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_by_default_the_gateway_answers_fittingly(call: Call, gateway: LocalGateway, dialect: str) -> None:
    reply = call.wait(resource(call.client(gateway), dialect).parse(Place, **ASK[dialect]))
    assert isinstance(reply.parsed, Place)


# ---- what goes out ----


class Described(BaseModel, regex_engine="python-re"):
    place: Place = Field(description="where")
    count: Annotated[int, Field(ge=1, le=9, description="how many")] = 2
    name: Annotated[str, Field(min_length=1, max_length=5, pattern=r"^(?!x)\w+$")]
    code: Annotated[str, Field(pattern="^[a-z]+$")]
    alias: str = Field(alias="other-name")


class Defaults(BaseModel):
    tags: list[str] = []
    made: list[int] = Field(default_factory=list)
    maybe: int | None = None
    colour: Colour | None = None


class Times(BaseModel):
    at: datetime.datetime
    day: datetime.date
    long: datetime.timedelta
    id: uuid.UUID
    price: decimal.Decimal
    url: pydantic.HttpUrl
    data: bytes
    numbers: set[int]


# The classes that are hard to say in a strict schema, and whether it can be said.
HARD: dict[str, tuple[Any, bool]] = {
    "optional": (Place | None, True),
    "union": (int | str | Place, True),
    "recursive": (Node, True),
    "decimal": (decimal.Decimal, True),
    "times": (Times, True),
    "bounds, patterns, descriptions, aliases": (Described, True),
    "generic": (Box[list[Place]], True),
    "defaults": (Defaults, True),
    "discriminated": (list[Pet], True),
    "set": (set[Colour], True),
    "frozenset": (frozenset[int], True),
    "tuple": (tuple[int, str, Place], True),
    "endless tuple": (tuple[int, ...], True),
    "NamedTuple": (Pair, True),
    "root": (Places, True),
    "url": (pydantic.HttpUrl, True),
    "bytes": (bytes, True),
    "literals of several kinds": (Literal["a", 1, True, None], True),
    "IntEnum": (Size, True),
    "optional Enum": (Colour | None, True),
    "TypedDict": (Old, True),
    "dataclass": (Plain, True),
    "msgspec": (Struct, True),
    "attrs": (Attrs, True),
    "schema": ({"type": ["object", "null"], "properties": {"a": {"enum": ["x", None], "default": "x"}}}, True),
    "schema of parts": (
        {
            "allOf": [{"$ref": "#/definitions/a"}, {"properties": {"b": {"const": 1}}}],
            "definitions": {"a": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}},
        },
        True,
    ),
    "dict": (dict[str, int], False),
    "dict within": (Bag, False),
    "any": (Any, False),
    "bare dict": (dict, False),  # type: ignore[type-arg]
    "bare list": (list, False),  # type: ignore[type-arg]
    "extra fields": (Open, False),
}

FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
TAKES = {
    "responses": {
        "anyOf",
        "$ref",
        "$defs",
        "additionalProperties",
        "pattern",
        "format",
        "minItems",
        "maxItems",
        *BOUNDS,
    },
    "messages": {"anyOf", "$ref", "$defs", "additionalProperties", "format", "minItems"},
    "gemini": {"anyOf", "nullable", "propertyOrdering", "format", "minItems", "maxItems", "minimum", "maximum"},
}
TAKES["chat"] = TAKES["responses"]


def check(dialect: str, schema: dict[str, Any]) -> None:
    """The rules that the services publish for schemas that they hold a model to."""

    def node(one: dict[str, Any], within: tuple[str, ...]) -> None:
        common = {"type", "description", "title", "properties", "required", "items", "enum"}
        assert set(one) <= common | TAKES[dialect], one
        if "$ref" in one:
            assert set(one) == {"$ref"}
            name = one["$ref"].removeprefix("#/$defs/")
            if name in within:
                assert dialect != "messages", "recursion"
            else:
                node(schema["$defs"][name], (*within, name))
            return
        assert "type" in one or "anyOf" in one
        assert isinstance(one.get("type", ""), str)
        for option in one.get("anyOf", ()):
            node(option, within)
        if one.get("type") == "object":
            properties = one["properties"]
            assert one["required"] == list(properties)
            assert dialect == "gemini" or one["additionalProperties"] is False
            assert dialect != "gemini" or one.get("propertyOrdering", []) == list(properties)
            for each in properties.values():
                node(each, within)
        if one.get("type") == "array":
            node(one["items"], within)
        if "enum" in one:
            assert all(type(value) in (str, int, bool, float) for value in one["enum"])
            assert dialect != "gemini" or all(type(value) is str for value in one["enum"])
        assert one.get("format", "date") in (FORMATS | {"uri"} if dialect == "messages" else FORMATS)
        assert dialect != "gemini" or one.get("format", "date-time") == "date-time"
        assert not re.search(r"\(\?[!=<]", one.get("pattern", ""))
        assert dialect != "messages" or one.get("minItems", 0) <= 1

    assert schema["type"] == "object" and "anyOf" not in schema
    node(schema, ())


@pytest.mark.parametrize("kind", HARD)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_strict_schemas(gateway: LocalGateway, dialect: str, kind: str) -> None:
    given, strict = HARD[kind]
    gateway.script(whole(dialect, "no JSON"))
    before = copy.deepcopy(given) if isinstance(given, dict) else given
    with pytest.raises(wenwen.AnswerValidationError):
        resource(gateway.client(), dialect).parse(given, **ASK[dialect])
    assert given == before
    body = gateway.requests[0].json()
    schema = schema_sent(dialect, body)
    if dialect in ("messages", "gemini") and (not strict or kind == "recursive"):
        # What these cannot be held to is said in words.
        assert schema is None
        said = json.dumps(body["system"] if dialect == "messages" else body["systemInstruction"])
        assert "JSON schema" in said
        return
    assert schema is not None
    if dialect in ("responses", "chat"):
        named = body["text"]["format"] if dialect == "responses" else body["response_format"]["json_schema"]
        assert named["strict"] is strict
        assert re.fullmatch("[a-zA-Z0-9_-]{1,64}", named["name"])
    if strict:
        check(dialect, schema)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_schemas_that_are_odd_go_out(gateway: LocalGateway, dialect: str) -> None:
    """What a schema says wrongly is the server's to refuse: nothing of it ends in an error of ours."""
    odd: list[dict[str, Any]] = [
        {"allOf": [{"$ref": "#"}], "properties": {}},
        {"allOf": [{"properties": [1], "required": "a"}], "type": "object"},
        {"type": "array", "items": {}, "minItems": "x"},
        {"type": "object", "properties": {"a": {"anyOf": {}, "enum": "x"}}, "required": [{}]},
    ]
    for schema in odd:
        gateway.script(whole(dialect, "no JSON"))
        with pytest.raises(wenwen.AnswerValidationError):
            resource(gateway.client(), dialect).parse(schema, **ASK[dialect])


def test_choices_within_choices(gateway: LocalGateway) -> None:
    """There are 4 ** 40 ways through it, unless each choice is made once."""
    kinds = [{"type": "object", "properties": {"k": {"const": at}, "a": {"$ref": "#"}}} for at in range(4)]
    value: Any = {"k": 3}
    for _ in range(40):
        value = {"k": 3, "a": value}
    gateway.script(whole("chat", json.dumps({"value": value})))
    parsed = gateway.client().chat.completions.parse({"anyOf": kinds}, **ASK["chat"]).parsed
    assert parsed == value


def test_what_cannot_be_checked_there_is_said_and_checked_here(call: Call, gateway: LocalGateway) -> None:
    messages = call.client(gateway).messages
    good = {"place": {"city": "a", "days": 1}, "count": 3, "name": "ab", "code": "a", "other-name": "z"}
    for wrong in ({"count": 10}, {"name": "toolong"}, {"name": "xy"}, {"code": "A"}):
        gateway.script(whole("messages", json.dumps({**good, **wrong})))
        with pytest.raises(wenwen.AnswerValidationError) as caught:
            call.wait(messages.parse(Described, **ASK["messages"]))
        assert next(iter(wrong)) in str(caught.value)
    properties = gateway.requests[0].json()["output_config"]["format"]["schema"]["properties"]
    assert properties["place"]["description"] == "where"  # no reference, which would stand alone
    assert properties["count"]["description"] == "how many\n(minimum: 1; maximum: 9; default: 2)"
    assert "minLength: 1" in properties["name"]["description"]
    assert list(properties) == ["place", "count", "name", "code", "other-name"]


def test_defaults(call: Call, gateway: LocalGateway) -> None:
    gateway.script(whole("chat", '{"tags": null, "made": null, "maybe": null, "colour": null}'))
    reply = call.wait(call.client(gateway).chat.completions.parse(Defaults, **ASK["chat"]))
    assert reply.parsed == Defaults()
    properties = gateway.requests[0].json()["response_format"]["json_schema"]["schema"]["properties"]
    assert properties["tags"]["description"] == "(default: [])"
    # Without a default that could be told, null says that it is left out.
    assert {"type": "null"} in properties["made"]["anyOf"]


def test_a_chain_of_references_does_not_double(gateway: LocalGateway) -> None:
    inner: Any = Place
    for at in range(40):
        field = Field(description="again")
        inner = pydantic.create_model(f"M{at}", a=(inner, field), b=(inner, field))
    for dialect in DIALECTS:
        gateway.script(whole(dialect, "no JSON"))
        with pytest.raises(wenwen.AnswerValidationError):
            resource(gateway.client(), dialect).parse(inner, **ASK[dialect])
        assert len(gateway.requests[-1].body) < 200_000


@pytest.mark.parametrize("dialect", ["messages", "gemini"])
def test_words_for_a_schema_join_those_that_are_there(call: Call, gateway: LocalGateway, dialect: str) -> None:
    name = "system" if dialect == "messages" else "system_instruction"
    blocks: Any = [{"type": "text", "text": "Be brief."}]
    blocks = blocks if dialect == "messages" else {"parts": [{"text": "Be brief."}]}
    for given in ("Be brief.", blocks):
        gateway.script(whole(dialect, '{"a": 1}'))
        reply = call.wait(
            resource(call.client(gateway), dialect).parse(dict[str, int], **{name: given}, **ASK[dialect])
        )
        assert reply.parsed == {"a": 1}
        body = gateway.requests[-1].json()
        said = json.dumps(body["system"] if dialect == "messages" else body["systemInstruction"])
        assert said.index("Be brief.") < said.index("JSON schema")


@pytest.mark.parametrize(
    ("dialect", "given", "params", "words"),
    [
        *((dialect, 5, {}, "output is 5: give a pydantic model") for dialect in DIALECTS),
        *((dialect, "Place", {}, "output is 'Place'") for dialect in DIALECTS),
        *((dialect, {"a": 1}, {}, "no JSON schema") for dialect in DIALECTS),
        *((dialect, type[Place], {}, "give the class itself") for dialect in DIALECTS),
        *((dialect, CIRCLE, {}, "holds itself") for dialect in DIALECTS),
        *((dialect, Place, {"retries": -1}, "retries is -1") for dialect in DIALECTS),
        *((dialect, Place, {"retries": True}, "retries is True") for dialect in DIALECTS),
        *((dialect, Place, {"as_dict": True}, "cannot take as_dict") for dialect in DIALECTS),
        *((dialect, Place, {"modle": "x"}, "modle") for dialect in DIALECTS),
        ("responses", Place, {"text_format": Place}, "the same"),
        ("responses", Place, {"text": {"format": {"type": "text"}}}, "only one of them"),
        ("chat", {"type": "json_object"}, {}, "no JSON schema"),
        ("chat", Place, {"response_format": {"type": "text"}}, "the same"),
        ("messages", Place, {"output_config": {"format": {"type": "json_schema"}}}, "only one of them"),
        ("gemini", Place, {"generation_config": {"response_schema": {}}}, "only one of them"),
    ],
)
def test_refused_before_it_is_sent(
    call: Call, gateway: LocalGateway, dialect: str, given: Any, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(words)):
        call.wait(resource(call.client(gateway), dialect).parse(given, **ASK[dialect], **params))
    assert gateway.requests == []


def test_formats_of_the_api_stream_as_they_are(call: Call, gateway: LocalGateway) -> None:
    formats: list[Any] = [{"type": "json_object"}, {"type": "text"}, None]
    formats += [{"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}]
    for given in formats:
        gateway.script(streamed("chat", ["{}"]))
        with call.open(call.client(gateway).chat.completions.stream(response_format=given, **ASK["chat"])) as stream:
            final = call.wait(stream.get_final_completion())
        assert (final.text, final.parsed) == ("{}", None)
        assert gateway.requests[-1].json().get("response_format") == given


class Here(BaseModel):
    city: str
    days: int = 3


class There(BaseModel):
    city: str


class Elsewhere(BaseModel):
    city: list[str]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Place | Here, "an answer of Here is read as Place"),
        (list[Here | Place | None], "an answer of Place is read as Here"),
        (Box[Here | There | Place], "an answer of Place is read as Here"),
        (Here | There, None),
        (There | Elsewhere, None),
        (Cat | Dog, None),
        (Pet, None),
        (Here | str | int, None),
        ({"anyOf": [Here.model_json_schema(), Place.model_json_schema()]}, None),
    ],
)
def test_classes_that_are_taken_for_another(gateway: LocalGateway, given: Any, words: str | None) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            gateway.client().chat.completions.stream(given, **ASK["chat"])
    assert [words in str(one.message) for one in told] == ([True] if words else [])  # once for a class


def test_the_order_of_a_union_counts(gateway: LocalGateway) -> None:
    for given in (Here | There, There | Here, list[Here | There], list[There | Here]):
        first = typing.get_args(typing.get_args(given)[0])[:1] or typing.get_args(given)
        gateway.script(whole("chat", '{"value": [{"city": "a"}]}' if "list" in repr(given) else '{"city": "a"}'))
        parsed = gateway.client().chat.completions.parse(given, **ASK["chat"]).parsed
        assert type(parsed[0] if isinstance(parsed, list) else parsed) is first[0]


# ---- what comes back ----

PARIS = Place(city="Paris", days=2)
SEEN_THROUGH = [
    '```json\n{"city": "Paris", "days": 2}\n```',
    '```\n{"city": "Paris", "days": 2}\n```',
    'Sure! Here it is:\n\n```json\n{"city": "Paris", "days": 2}\n```\nAnything else?',
    '```bash\nls [a-z]*\n```\n```json\n{"city": "Paris", "days": 2}\n```',
    'The answer is {"city": "Paris", "days": 2}, as you asked [1].',
    '<think>{"city": "Rome", "days": 1}? No.</think>\n{"city": "Paris", "days": 2}',
    '{"city": "Paris", "days": "2"}',
    '{"city": "Paris", "days": 2.0}',
    '\ufeff{"city": "Paris", "days": 2}'.removeprefix("\ufeff"),
    '{"output": {"city": "Paris", "days": 2}}',
    '{"Place": {"city": "Paris", "days": 2}}',
    '{"parameters": "{\\"city\\": \\"Paris\\", \\"days\\": 2}"}',
    '"{\\"city\\": \\"Paris\\", \\"days\\": 2}"',
]


@pytest.mark.parametrize("text", SEEN_THROUGH)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_seen_through(call: Call, gateway: LocalGateway, dialect: str, text: str) -> None:
    gateway.script(whole(dialect, text))
    assert call.wait(resource(call.client(gateway), dialect).parse(Place, **ASK[dialect])).parsed == PARIS


class Backticks(BaseModel):
    code: str


class Spare(BaseModel):
    city: str = Field("Rome", validation_alias=pydantic.AliasChoices("city", "TOWN"))
    days: int = 1


class Keyed(typing_extensions.TypedDict):
    id: int
    x: typing_extensions.NotRequired[str]


@pytest.mark.parametrize(
    ("given", "text", "value"),
    [
        (Backticks, '```json\n{"code": "```py\\nx = {}\\n```"}\n```', Backticks(code="```py\nx = {}\n```")),
        (list[Place], '{"value": "[{\\"city\\": \\"Paris\\", \\"days\\": 2}]"}', [PARIS]),
        (Box[Place], '{"content": "{\\"city\\": \\"Paris\\", \\"days\\": 2}"}', Box[Place](content=PARIS)),
        (Box[str], '{"content": "{}"}', Box[str](content="{}")),  # a text that looks like JSON stays one
        (int, "```json\n42\n```", 42),
        (int, '{"value": 9007199254740993.0}', 9007199254740993),
        (Box[int], '{"content": 1.2345678901234567891e19}', Box[int](content=12345678901234567891)),
        (Colour, '"red"', Colour.RED),
        (Box[str], '{"content": "NaN and Infinity"}', Box[str](content="NaN and Infinity")),
        (Box[str], '{"content": "nul \\u0000 l"}', Box[str](content="nul \0 l")),
        # What a model thinks of is not what it says; what it says may speak of thinking.
        (Node, '```json\n{"name": "</think>"}\n```', Node(name="</think>")),
        (Node, 'Hm, {"name": "a"}?</think>{"name": "b"}', Node(name="b")),
        (Node, '<think>{"name": "a"}</think>\n<think>b</think>{"name": "c"}', Node(name="c")),
        (Node, '<thinking>{"name": "a"}</thinking>{"name": "b"}', Node(name="b")),
        # Among words: what is no JSON is none of its values, nor is what repeats one.
        (Node, 'I [1, p. 5] say [see {y}] {{"name": "b"}}', Node(name="b")),
        (Node, '{"name": "b"} or {"name": "b", "children": []}', Node(name="b")),
        (Node, '```json\n{"name": "a", oops}\n```\nSorry:\n```json\n{"name": "b"}\n```', Node(name="b")),
        (list[int], "As [see above]: [1, 2]", [1, 2]),
        (Box[str], '{"content": "a\nb\tc"}', Box[str](content="a\nb\tc")),
        (int, '{"value": 5, "value": 6}', 6),  # as in all objects, the last one
        (Spare, '{"output": {"days": 2}}', Spare(days=2)),
        (Spare, '{"days": 2, "more": 1}', Spare(days=2)),
        (Spare, "{}", Spare()),
        (Spare, '{"TOWN": "a"}', Spare(city="a")),
        (Keyed, '{"id": 9007199254740993.0, "x": null}', {"id": 9007199254740993}),
        ({"type": "number", "multipleOf": 0.1}, '{"value": 0.3}', 0.3),
        ({"type": "integer", "multipleOf": 3}, '{"value": 9223372036854775809}', 9223372036854775809),
    ],
)
def test_read_as_meant(call: Call, gateway: LocalGateway, given: Any, text: str, value: Any) -> None:
    gateway.script(whole("chat", text))
    assert call.wait(call.client(gateway).chat.completions.parse(given, **ASK["chat"])).parsed == value


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (Place, "Paris"),
        (Place, '{"city": "Par'),
        (Place, '{"days": 2}'),
        (Place, 'Either {"city": "Paris"} or {"city": "Rome"}.'),
        # A part of what is broken is not the whole, though it fits.
        (Node, '{"name": "a", "children": [{"name": "b", "children": []}'),
        (Node, 'Sure: {"name": "a",, "children": [{"name": "b"}]} Bye.'),
        (Node, '[{"name": "a"}, {"na'),
        (Node, '[{"name": "a"},]'),
        (Node, "{'name': 'a', 'children': [{\"name\": \"b\"}]}"),
        (Node, '<think>Perhaps {"name": "a"}'),
        (Node, '<think>{"name": "a"}</think>'),
        (list[int], "[[1, 2], [3"),
        (list[int], "[1, 2] or [3]"),
        (Spare, '{"error": "I cannot"}'),
        ({"type": "integer", "multipleOf": 3}, '{"value": 9223372036854775808}'),
        ({"type": "integer", "minimum": "x", "maxLength": {}, "multipleOf": "y"}, '{"value": "a"}'),
        ({"type": "STRING", "nullable": False}, '{"value": null}'),
        (Place, "[" * 5000),
        (Place, '{"a":' * 5000),
        (Place, "[{" * 20_000 + " nonsense"),
        (Box[float], '{"content": NaN}'),
        (Box[float], '{"content": -Infinity}'),
        (Box[float], '{"content": 1e999}'),
        (list[int], '{"value": 42'),
        (int, '{"value": 42'),
        (SCHEMA, '{"city": 1}'),
        ({"type": "integer", "minimum": 2}, '{"value": 1}'),
        ({"type": "array", "items": {"enum": ["a"]}, "minItems": 1}, '{"value": []}'),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, '{"value": 1}'),
        (Struct, '{"city": 1}'),
        (Attrs, "{}"),
    ],
)
def test_what_does_not_fit(call: Call, gateway: LocalGateway, given: Any, text: str) -> None:
    gateway.script(whole("responses", text))
    with pytest.raises(wenwen.AnswerValidationError) as caught:
        call.wait(call.client(gateway).responses.parse(given, **ASK["responses"]))
    error = caught.value
    assert (error.category, error.text, error.usage.total_tokens) == ("bad_answer", text, 15)
    assert error.reply.output_text == text and error.request_id and error.__cause__ is not None
    assert isinstance(error, wenwen.APIError) and isinstance(error, ValueError)
    assert len(str(error)) < 4000
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), str(twin), twin.text, twin.reply) == (type(error), str(error), error.text, error.reply)
    assert str(twin.__cause__) == str(error.__cause__)
    assert twin.usage == error.usage and [one.text for one in twin.tries] == [text]


class Picky(BaseModel):
    city: str

    @pydantic.field_validator("city")
    @classmethod
    def _known(cls, city: str) -> str:
        if city == "crash":
            raise ZeroDivisionError("a mistake of the validator's")
        if city != "Paris":
            raise ValueError("no such city")
        CALLS.append(city)
        return city


CALLS: list[str] = []


def test_what_a_validator_raises(call: Call, gateway: LocalGateway) -> None:
    for city, cause in [("Rome", pydantic.ValidationError), ("crash", ZeroDivisionError)]:
        gateway.script(whole("chat", json.dumps({"city": city})))
        with pytest.raises(wenwen.AnswerValidationError) as caught:
            call.wait(call.client(gateway).chat.completions.parse(Picky, **ASK["chat"]))
        assert type(caught.value.__cause__) is cause
        assert city != "Rome" or "no such city" in str(pickle.loads(pickle.dumps(caught.value)).__cause__)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_validators_run_once_and_on_the_whole(call: Call, gateway: LocalGateway, dialect: str) -> None:
    CALLS.clear()
    gateway.script(streamed(dialect, ['{"ci', 'ty": "Pa', 'ris"', "}"]))
    with call.open(resource(call.client(gateway), dialect).stream(Picky, **ASK[dialect])) as stream:
        for event in call.each(stream):
            if not hasattr(event, "type") or event.type.endswith("delta"):
                getattr(event, "parsed", None)
        reply = call.wait(final(stream, dialect))
    assert (reply.parsed.city, CALLS) == ("Paris", ["Paris"])


# How a reply may end without an answer: its fields, the error, its words; and whether `parse` itself raises it.
L, F = wenwen.LengthFinishReasonError, wenwen.ContentFilterFinishReasonError
R, N = wenwen.AnswerRefusedError, wenwen.NoAnswerError
TOOL = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
ENDS: list[tuple[str, str | None, dict[str, Any], type[wenwen.AnswerError], str, bool]] = [
    (
        "responses",
        '{"ci',
        {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
        L,
        "",
        False,
    ),
    ("responses", '{"ci', {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, F, "", False),
    ("responses", '{"ci', {"status": "incomplete"}, L, "", False),
    ("responses", None, {}, N, "empty", False),
    ("responses", "", {}, N, "empty", False),
    ("responses", None, {"output": [{"type": "function_call", "name": "look", "arguments": "{}"}]}, N, "look", False),
    (
        "responses",
        None,
        {"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}]},
        R,
        "I cannot.",
        False,
    ),
    ("responses", None, {"output": [message("{}", "commentary")]}, N, "empty", False),
    ("chat", '{"ci', {"finish_reason": "length"}, L, "", True),
    ("chat", "", {"finish_reason": "content_filter"}, F, "", True),
    ("chat", None, {"message": {"refusal": "I cannot."}}, R, "I cannot.", False),
    ("chat", None, {"message": {"tool_calls": [TOOL]}, "finish_reason": "tool_calls"}, N, "look", False),
    ("chat", "Let me look.", {"message": {"tool_calls": [TOOL]}, "finish_reason": "tool_calls"}, N, "look", False),
    ("chat", None, {}, N, "empty", False),
    ("messages", '{"ci', {"stop_reason": "max_tokens"}, L, "", True),
    ("messages", '{"ci', {"stop_reason": "model_context_window_exceeded"}, L, "", True),
    ("messages", "I cannot.", {"stop_reason": "refusal"}, R, "I cannot.", False),
    ("messages", "", {"content": [{"type": "thinking", "thinking": "x", "signature": "y"}]}, N, "empty", False),
    ("messages", None, {"content": [{"type": "tool_use", "id": "1", "name": "look", "input": {}}]}, N, "look", False),
    ("messages", "x", {"stop_reason": "pause_turn"}, N, "paused", False),
    ("gemini", '{"ci', {"finishReason": "MAX_TOKENS"}, L, "", True),
    ("gemini", None, {"finishReason": "SAFETY"}, F, "", True),
    ("gemini", None, {"finishReason": "RECITATION"}, F, "", True),
    ("gemini", None, {"finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "bad call"}, N, "bad call", False),
    ("gemini", None, {"content": {"parts": [{"functionCall": {"name": "look", "args": {}}}]}}, N, "look", False),
    ("gemini", None, {}, N, "empty", False),
    # Words of another dialect, as a gateway that converts hands them on.
    *(("chat", '{"ci', {"finish_reason": word}, L, "", True) for word in ("MAX_TOKENS", "max_tokens", "model_length")),
    *(("chat", None, {"finish_reason": word}, F, "", True) for word in ("SAFETY", "sensitive", "content_filter")),
    ("chat", "I cannot.", {"finish_reason": "refusal"}, R, "I cannot.", False),
    ("messages", '{"ci', {"stop_reason": "length"}, L, "", True),
    ("messages", '{"ci', {"stop_reason": "content_filter"}, F, "", True),
    ("gemini", '{"ci', {"finishReason": "length"}, L, "", True),
    ("gemini", None, {"finishReason": "IMAGE_PROHIBITED_CONTENT"}, F, "", True),
    # A word that nobody knows is told.
    ("chat", None, {"finish_reason": "network_error"}, N, "empty; it ended with 'network_error'", False),
    ("messages", None, {"stop_reason": "moon"}, N, "empty; it ended with 'moon'", False),
    ("gemini", None, {"finishReason": "OTHER"}, N, "empty; it ended with 'OTHER'", False),
    ("chat", None, {"message": {"function_call": {"name": "look", "arguments": "{}"}}}, N, "look", False),
    ("chat", None, {"message": {"tool_calls": [{"type": "custom", "custom": {"name": "look"}}]}}, N, "look", False),
    *(
        ("responses", None, {"output": [{"type": kind, "call_id": "1"}]}, N, f"it calls {kind} instead", False)
        for kind in ("computer_call", "local_shell_call", "apply_patch_call", "custom_tool_call")
    ),
    ("responses", None, {"output": [{"type": "mcp_approval_request", "name": "look"}]}, N, "it calls look", False),
    ("responses", None, {"status": "queued"}, N, "the response is queued", False),
    ("responses", '{"ci', {"status": "failed", "error": {"message": "too hot"}}, N, "too hot", False),
    ("responses", '{"ci', {"output": [{**message('{"ci'), "status": "incomplete"}]}, L, "", False),
    ("chat", '{"city":' + " " * 99, {"finish_reason": "length"}, L, "ends in 99 blanks", True),
]


@pytest.mark.parametrize(("dialect", "text", "more", "kind", "words", "raises"), ENDS)
def test_no_answer(
    call: Call,
    gateway: LocalGateway,
    dialect: str,
    text: str | None,
    more: dict[str, Any],
    kind: type[wenwen.AnswerError],
    words: str,
    raises: bool,
) -> None:
    gateway.script(whole(dialect, text, **more))
    with pytest.raises(kind, match=re.escape(words or "answer")) as caught:
        reply = call.wait(resource(call.client(gateway), dialect).parse(Place, retries=2, **ASK[dialect]))
        assert not raises
        peers = {"responses": "output_parsed", "messages": "parsed_output"}
        assert dialect not in peers or getattr(reply, peers[dialect]) is None
        assert dialect != "chat" or reply.choices[0].message.parsed is None
        _ = reply.parsed
    error = caught.value
    assert error.reply is not None and error.usage is not None
    assert error.text == (text or "" if kind is not R else words)
    assert type(pickle.loads(pickle.dumps(error))) is kind
    assert len(gateway.requests) == 1  # what asking again would not mend


def test_a_final_answer_beside_calls(call: Call, gateway: LocalGateway) -> None:
    called = {"type": "function_call", "call_id": "1", "name": "look", "arguments": "{}"}
    for phase, kind in (("final_answer", wenwen.AnswerValidationError), (None, N), ("commentary", N)):
        gateway.script(whole("responses", None, output=[called, message("no JSON", phase)]))
        with pytest.raises(kind):
            _ = call.wait(call.client(gateway).responses.parse(Place, **ASK["responses"])).parsed


def test_a_blocked_prompt(call: Call, gateway: LocalGateway) -> None:
    gateway.script({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}})
    with pytest.raises(F, match="SAFETY"):
        call.wait(call.client(gateway).gemini.parse(Place, **ASK["gemini"]))


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        ("responses", {"output": [message("Let me see."), message('{"city": "Paris"}')]}),
        ("responses", {"output": [message('{"city": "Rome"}'), message('{"city": "Paris"}')]}),
        ("responses", {"output": [message('{"city": "Rome"}', "commentary"), message('{"city": "Paris"}', None)]}),
        ("responses", {"output": [message('{"city": "Paris"}', "final_answer"), message('{"city": "Rome"}')]}),
        ("responses", {"output": [{**message(""), "content": [*message('{"city": ')["content"],
                                                              *message('"Paris"}')["content"]]}]}),
        ("responses", {"output": [{"type": "web_search_call"}, message('{"city": "Paris"}')]}),
        ("responses", {"output": [message('{"city": "Paris"}', "")]}),
        ("responses", {"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]},
                                  message('{"city": "Paris"}')]}),
        ("responses", {"output": [{**message(""), "content": [*message("Here:")["content"],
                                                              *message('{"city": "Paris"}')["content"]]}]}),
        ("messages", {"content": [{"type": "text", "text": "{x}"}, {"type": "server_tool_use", "name": "s"},
                                  {"type": "text", "text": '{"city": "Paris"}'}, {"type": "text", "text": ""}]}),
        ("messages", {"content": [{"type": "text", "text": '{"city": "Paris"}'}, {"type": "server_tool_use"},
                                  {"type": "text", "text": "Done."}]}),
        ("messages", {"stop_reason": "stop", "content": [{"type": "text", "text": '{"city": "Paris"}'}]}),
        ("gemini", {"finishReason": "stop", "content": {"parts": [{"text": '{"city": "Paris"}'}]}}),
        ("gemini", {"finishReason": "OTHER", "content": {"parts": [{"text": '{"city": "Paris"}'}]}}),
        ("messages", {"content": [{"type": "text", "text": "I'll look."}, {"type": "server_tool_use", "name": "s"},
                                  {"type": "text", "text": '{"city": '}, {"type": "text", "text": '"Paris"}'}]}),
        ("messages", {"content": [{"type": "thinking", "thinking": "{}"},
                                  {"type": "text", "text": '{"city": "Paris"}'}]}),
        ("messages", {"content": '{"city": "Paris"}'}),
        ("chat", {"message": {"content": [{"type": "text", "text": '{"city": "Paris"}'}]}}),
        ("gemini", {"content": {"parts": [{"text": "{}", "thought": True}, {"text": '{"city": '},
                                          {"text": '"Paris"}'}]}}),
    ],
)  # fmt: skip
def test_where_the_answer_is(call: Call, gateway: LocalGateway, dialect: str, fields: dict[str, Any]) -> None:
    gateway.script(whole(dialect, None, **fields))
    reply = call.wait(resource(call.client(gateway), dialect).parse(Place, **ASK[dialect]))
    assert reply.parsed == Place(city="Paris")


HOLDERS: dict[str, Any] = {
    "responses": lambda reply: [part for item in reply.output for part in item.content],
    "chat": lambda reply: [choice.message for choice in reply.choices],
    "messages": lambda reply: reply.content,
    "gemini": lambda reply: reply.candidates,
}
COPIES: list[Any] = [
    copy.copy,
    copy.deepcopy,
    lambda value: value.model_copy(),
    lambda value: value.model_copy(deep=True),
    lambda value: value.model_copy(update={"id": "x"}),
    lambda value: pickle.loads(pickle.dumps(value)),
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_copies_keep_the_answer(call: Call, gateway: LocalGateway, dialect: str) -> None:
    fields: dict[str, Any] = {}
    text = '{"city": "Paris"}'
    if dialect == "responses":
        fields = {"output": [{**message(""), "content": [*message("So:")["content"], *message(text)["content"]]}]}
        fields["output"].append(message("Bye."))
    if dialect == "messages":
        fields = {"content": [{"type": "text", "text": "So:"}, {"type": "server_tool_use"},
                              {"type": "text", "text": text}]}  # fmt: skip
    gateway.script(whole(dialect, text, **fields))
    reply = call.wait(resource(call.client(gateway), dialect).parse(Place, **ASK[dialect]))

    def held(one: Any) -> Any:
        return getattr(one, "parsed_output" if dialect == "messages" else "parsed", None)

    answers = [held(one) for one in HOLDERS[dialect](reply)]
    assert Place(city="Paris") in answers
    for copied in COPIES:
        twin = copied(reply)
        assert twin.parsed == reply.parsed and "parsed" not in json.dumps(twin.to_dict())
        assert [held(one) for one in HOLDERS[dialect](twin)] == answers  # at its own place
        for one in HOLDERS[dialect](reply):
            assert held(copied(one)) == held(one)


@pytest.mark.parametrize("dialect", ["responses", "messages"])
def test_two_answers_in_one(call: Call, gateway: LocalGateway, dialect: str) -> None:
    texts = ['{"city": "Paris"}', '{"city": "Rome"}']
    if dialect == "responses":
        fields: dict[str, Any] = {
            "output": [{**message(""), "content": [message(text)["content"][0] for text in texts]}]
        }
    else:
        fields = {"content": [{"type": "text", "text": text} for text in texts]}
    gateway.script(whole(dialect, None, **fields))
    with pytest.raises(wenwen.AnswerValidationError, match="which one is meant"):
        call.wait(resource(call.client(gateway), dialect).parse(Place, **ASK[dialect]))


def test_several_answers(call: Call, gateway: LocalGateway) -> None:
    two = whole("chat", '{"city": "Paris"}')
    two["choices"].append({**two["choices"][0], "index": 1, "message": {"role": "assistant", "content": "Rome"}})
    gateway.script(two)
    with pytest.raises(wenwen.AnswerValidationError) as caught:
        call.wait(call.client(gateway).chat.completions.parse(Place, n=2, **ASK["chat"]))
    assert [choice.message.parsed for choice in caught.value.reply.choices] == [Place(city="Paris"), None]


# ---- asking again ----


@pytest.mark.parametrize("dialect", DIALECTS)
def test_asked_again(call: Call, gateway: LocalGateway, dialect: str) -> None:
    calls = resource(call.client(gateway), dialect)
    bad = ["no JSON", '{"days": "x"}' + " " * 500]
    gateway.script(*(whole(dialect, text) for text in [*bad, '{"city": "Paris"}']))
    params = dict(ASK[dialect])
    place = {"responses": "input", "gemini": "contents"}.get(dialect, "messages")
    if dialect in ("chat", "messages"):
        params[place] = iter(params[place])  # all of it is there again
    reply = call.wait(calls.parse(Place, retries=2, **params))
    assert reply.parsed == Place(city="Paris")
    assert [one.text for one in reply.tries] == bad and all(one.error and one.reply for one in reply.tries)
    usage = reply.usageMetadata if dialect == "gemini" else reply.usage
    total = {"gemini": "totalTokenCount", "messages": "input_tokens"}.get(dialect, "total_tokens")
    assert usage[total] == 3 * reply.tries[0].usage[total]
    assert dialect != "responses" or usage.output_tokens_details["reasoning"] == 6
    first, second, third = (json.dumps(request.json()[place]) for request in gateway.requests)
    assert "Where is the tower?" in first and "Where is the tower?" in third
    assert "no JSON" in second and "no JSON" not in third  # the last one alone
    assert "city: Field required" in third and '\\"x\\"' in third and " " * 50 not in third
    assert json.loads(third)[-2]["role"] == ("model" if dialect == "gemini" else "assistant")
    assert pickle.loads(pickle.dumps(reply)).tries[1].text == bad[1]
    # Never one that fits: all tries are in the error, and what they took.
    gateway.clear()
    gateway.script(*(whole(dialect, f"no {at}") for at in range(3)))
    with pytest.raises(wenwen.AnswerValidationError) as caught:
        call.wait(calls.parse(Place, retries=2, **ASK[dialect]))
    assert [one.text for one in caught.value.tries] == ["no 0", "no 1", "no 2"] and len(gateway.requests) == 3
    assert caught.value.usage[total] == usage[total]
    assert [one.text for one in pickle.loads(pickle.dumps(caught.value)).tries] == ["no 0", "no 1", "no 2"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fits", [True, False])
def test_a_try_that_does_not_say_what_it_used(call: Call, gateway: LocalGateway, dialect: str, fits: bool) -> None:
    usage = "usageMetadata" if dialect == "gemini" else "usage"
    calls = resource(call.client(gateway), dialect)
    for gone in (None, 0, 1):
        replies = [whole(dialect, "no"), whole(dialect, '{"city": "Paris"}' if fits else "no!")]
        used = replies[0][usage]
        if gone is not None:
            replies[gone][usage] = None
        gateway.script(*replies)
        try:
            told = call.wait(calls.parse(Place, retries=1, **ASK[dialect]))
        except wenwen.AnswerValidationError as error:
            told = error
        assert told.usage_partial is (gone is not None)
        twin = pickle.loads(pickle.dumps(told))
        assert twin.usage_partial is told.usage_partial
        count = next(iter(used))
        total = told[usage] if fits else told.usage
        assert total[count] == used[count] * (2 if gone is None else 1)


def test_the_same_answer_again_and_again(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(json=whole("chat", "no JSON"), times=None))
    with pytest.raises(wenwen.AnswerValidationError):
        call.wait(call.client(gateway).chat.completions.parse(Place, retries=9, **ASK["chat"]))
    assert len(gateway.requests) == 3


def test_an_error_while_it_is_asked_again(call: Call, gateway: LocalGateway) -> None:
    gateway.script(whole("chat", "no JSON"), Reply(status=400, json={"error": {"message": "Invalid schema"}}))
    with pytest.raises(wenwen.BadRequestError, match="Invalid schema") as caught:
        call.wait(call.client(gateway).chat.completions.parse(Node, retries=1, **ASK["chat"]))
    assert [one.text for one in caught.value.tries] == ["no JSON"]  # type: ignore[attr-defined]
    assert "properties" in caught.value.__notes__[0]  # servers do not say which of their limits it was


# ---- while it streams ----


def test_events_as_the_peers_have_them(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    pieces = ['{"city": ', '"Paris', '", "days', '": 2}']
    gateway.script(*(streamed(dialect, pieces) for dialect in DIALECTS))
    with call.open(client.responses.stream(text_format=Place, **ASK["responses"])) as stream:
        events = list(call.each(stream))
    parsed = [event.parsed for event in events if event.type == "response.output_text.delta"]
    assert parsed == [{}, {}, {"city": "Paris"}, {"city": "Paris", "days": 2}]
    assert [event.parsed for event in events if event.type == "response.output_text.done"] == [PARIS]
    assert events[-1].type == "response.completed" and events[-1].response.output_parsed == PARIS
    with call.open(client.chat.completions.stream(response_format=Place, **ASK["chat"])) as stream:
        events = list(call.each(stream))
    assert [event.parsed for event in events if event.type == "content.delta"] == parsed
    assert [event.parsed for event in events if event.type == "content.done"] == [PARIS]
    tokens = [event for event in events if event.type == "logprobs.content.delta"]
    assert [event.content[0].token for event in tokens] == pieces
    assert [len(event.snapshot) for event in tokens] == [1, 2, 3, 4]
    assert [len(event.content) for event in events if event.type == "logprobs.content.done"] == [4]
    with call.open(client.messages.stream(output_format=Place, **ASK["messages"])) as stream:
        events = list(call.each(stream))
    assert [event.parsed_snapshot() for event in events if event.type == "text"] == parsed
    assert [event.content_block.parsed_output for event in events if event.type == "content_block_stop"] == [PARIS]
    assert events[-1].message.parsed_output == PARIS
    with call.open(client.gemini.stream(Place, **ASK["gemini"])) as stream:
        assert [chunk.parsed for chunk in call.each(stream)][:4] == parsed


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_streamed_answer_that_does_not_fit(call: Call, gateway: LocalGateway, dialect: str) -> None:
    gateway.script(streamed(dialect, ['{"days"', ": 2}"]))
    with call.open(resource(call.client(gateway), dialect).stream(Place, **ASK[dialect])) as stream:
        events = list(call.each(stream))  # nothing of it ends the stream
        assert stream.partial == {"days": 2}
        with pytest.raises(wenwen.AnswerValidationError, match="city") as caught:
            call.wait(final(stream, dialect))
    assert caught.value.text == '{"days": 2}' and caught.value.reply is not None
    for event in events:
        if getattr(event, "type", "") in ("response.output_text.done", "content.done"):
            with pytest.raises(wenwen.AnswerValidationError):
                _ = event.parsed


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_cut_of_an_answer(gateway: LocalGateway, dialect: str) -> None:
    text = '{"value": [{"kind": "cat", "lives": 12}, {"kind": "dog", "good": true, "n": "\\ud83d\\ude00 \\"x\\""}]}'
    answer = json.loads(text)["value"]
    gateway.script(streamed(dialect, list(text)))
    with resource(gateway.client(), dialect).stream(list[Pet], **ASK[dialect]) as stream:
        seen = [event.parsed for event in stream if hasattr(event, "parsed")]
    parts = [part for part in seen if isinstance(part, list) and all(isinstance(one, dict) for one in part)]
    assert all(grows(part, answer) for part in parts) and parts[0] == []
    assert len({json.dumps(part) for part in parts}) > 5


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("way", ["events", "texts", "final"])
def test_a_stream_of_blanks_is_ended(call: Call, gateway: LocalGateway, dialect: str, way: str) -> None:
    gateway.script(streamed(dialect, ['{"city": "Paris", ', *["\n  \t "] * 5000]))
    read = 0
    with call.open(resource(call.client(gateway), dialect).stream(Place, **ASK[dialect])) as stream:
        for _ in range(2):  # and it stays so
            with pytest.raises(wenwen.AnswerValidationError, match="blanks, and was ended") as caught:
                if way == "final":
                    call.wait(final(stream, dialect))
                for _ in call.each(stream if way == "events" else stream.text_stream):
                    read += 1
        assert stream.partial == {"city": "Paris"}
    assert caught.value.text.startswith('{"city": "Paris",') and caught.value.reply is not None
    assert read < 2000 and (way == "final" or read > 100)
    # As many as that in all, and never in a row, are none.
    pieces = ['{"city": "', *["a" + " " * 500] * 10, '"}']
    gateway.script(streamed(dialect, pieces))
    with call.open(resource(call.client(gateway), dialect).stream(Place, **ASK[dialect])) as stream:
        assert call.wait(final(stream, dialect)).parsed.city == "".join(pieces[1:-1])


def test_what_is_said_on_the_way_has_no_part_in_a_stream(call: Call, gateway: LocalGateway) -> None:
    said = [{**message('{"city": "Rome"}', "commentary"), "id": "a"}, {**message('{"city": "Paris"}'), "id": "b"}]
    events: list[Any] = [
        {"type": "response.created", "response": {**whole("responses", None), "status": "in_progress"}}
    ]
    for at, item in enumerate(said):
        place = {"item_id": item["id"], "output_index": at, "content_index": 0}
        text = item["content"][0]["text"]
        events += [
            {"type": "response.output_item.added", "output_index": at, "item": {**item, "content": []}},
            {"type": "response.content_part.added", **place, "part": {"type": "output_text", "text": ""}},
            {"type": "response.output_text.delta", **place, "delta": text},
            {"type": "response.output_text.done", **place, "text": text},
            {"type": "response.output_item.done", "output_index": at, "item": item},
        ]
    events.append({"type": "response.completed", "response": whole("responses", None, output=said)})
    gateway.script(Reply(events=events))
    with call.open(call.client(gateway).responses.stream(Place, **ASK["responses"])) as stream:
        seen = [event.parsed for event in call.each(stream) if hasattr(type(event), "parsed")]
        assert seen == [None, None, {"city": "Paris"}, Place(city="Paris")]


def test_places_that_are_none(call: Call, gateway: LocalGateway) -> None:
    events: list[Any] = list(streamed("responses", ['{"city": ', '"Paris"}']).events or ())
    events.insert(1, {"type": "response.output_item.added", "output_index": [], "item": message("x", "commentary")})
    for index in ({}, [], "0", None, 1.5):
        events[4] = {**events[4], "output_index": index}
        gateway.script(Reply(events=events))
        with call.open(call.client(gateway).responses.stream(Place, **ASK["responses"])) as stream:
            assert call.wait(stream.get_final_response()).parsed == Place(city="Paris")


@pytest.mark.parametrize(
    ("pieces", "parts"),
    [
        (['<think>{"city": "Rome"}', "</think>", '{"city": "Paris"', "}"], [None, None, {"city": "Paris"}]),
        (['{"city": "</think>', ' Paris"', "}"], [{}, {"city": "</think> Paris"}]),
        (["As [1] says: {y} ", '{"city": ', '"Paris"}'], [None, {}, {"city": "Paris"}]),
        (["```json", '\n{"city": "Paris"', "}\n```"], [None, {"city": "Paris"}]),
    ],
)
def test_what_is_there_so_far_of_an_answer_with_more_around_it(
    call: Call, gateway: LocalGateway, pieces: list[str], parts: list[Any]
) -> None:
    gateway.script(streamed("chat", pieces))
    with call.open(call.client(gateway).chat.completions.stream(Place, **ASK["chat"])) as stream:
        seen = [event.parsed for event in call.each(stream) if event.type == "content.delta"]
        assert seen[: len(parts)] == parts and seen[-1] == parts[-1]
        assert call.wait(stream.get_final_completion()).parsed.city.endswith("Paris")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_stream_refuses(call: Call, gateway: LocalGateway, dialect: str) -> None:
    calls = resource(call.client(gateway), dialect)
    with pytest.raises(TypeError, match="cannot take retries"):
        calls.stream(Place, retries=1, **ASK[dialect])
    for raw in (calls.with_raw_response, calls.with_streaming_response):
        for output in ((), (Place,)):
            with pytest.raises(TypeError, match="no raw form"), call.open(raw.stream(*output, **ASK[dialect])):
                raise AssertionError
    assert gateway.requests == []


# ---- without the libraries ----


def test_without_libraries(gateway: LocalGateway) -> None:
    gateway.script(whole("responses", '{"city": "Paris"}'))
    code = f"""
import sys
sys.modules["pydantic"] = sys.modules["msgspec"] = None
import wenwen
assert not any(name in sys.modules for name in ("typing", "wenwen._output", "wenwen._strict"))
client = wenwen.Client(base_url={gateway.base_url!r}, api_key="sk-test")
class Place: city: str
for kind in (list[int], int, Place):
    try:
        client.responses.parse(kind, model="gpt-5", input="x")
    except TypeError as error:
        assert "wenwen[output]" in str(error), error
    else:
        raise AssertionError(kind)
schema = {SCHEMA!r}
assert client.responses.parse(schema, model="gpt-5", input="x").parsed == {{"city": "Paris"}}
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    # Nothing is loaded before it is asked for.
    code = "import sys, wenwen; wenwen.Client(api_key='x').responses.stream(model='m', input='x'); wenwen.parse\n"
    code += "assert not {'pydantic', 'msgspec', 'json', 'wenwen._output'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_only_msgspec(gateway: LocalGateway) -> None:
    gateway.script(whole("responses", '{"city": "Paris"}'), whole("responses", '{"value": [1]}'))
    code = f"""
import sys, dataclasses
sys.modules["pydantic"] = None
import wenwen
client = wenwen.Client(base_url={gateway.base_url!r}, api_key="sk-test")
@dataclasses.dataclass
class Place: city: str
assert client.responses.parse(Place, model="gpt-5", input="x").parsed == Place("Paris")
assert client.responses.parse(list[int], model="gpt-5", input="x").parsed == [1]
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_at_once(gateway: LocalGateway) -> None:
    async def many() -> list[Any]:
        client = gateway.async_client()
        asked = (client.responses.parse(Place, **ASK["responses"]) for _ in range(20))
        return [reply.parsed for reply in await asyncio.gather(*asked)]

    gateway.script(Reply(json=whole("responses", '{"city": "Paris"}'), times=None))
    assert asyncio.run(many()) == [Place(city="Paris")] * 20
