"""What LocalGateway's models answer by default: values that fit a schema, calls of tools, answers that use the results.
In four dialects, whole and streamed. What they refuse is in test_gateway.py."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import uuid
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway

QUESTION = "How is the weather, and what time is it?"


@dataclasses.dataclass
class Answer:
    text: str
    calls: list[tuple[str, Any]]
    """Names and arguments."""
    said: Any
    """For the history: what the model said."""
    ids: list[str]


class Talk:
    """A conversation in one dialect: what was said so far, and how it goes on."""

    dialect: str

    def __init__(self, call: Call, gateway: LocalGateway, streamed: bool) -> None:
        self.call, self.streamed = call, streamed
        self.client = call.client(gateway)
        self.history: list[Any] = []

    def make(self, resource: Any, name: str, final: str, params: dict[str, Any]) -> Any:
        if not self.streamed:
            return self.call.wait(getattr(resource, name)(**params))
        with self.call.open(resource.stream(**params)) as stream:
            return self.call.wait(getattr(stream, final)())


class Responses(Talk):
    def say(self, text: str | None = None, schema: Any = None, tools: Any = (), **more: Any) -> Answer:
        if text is not None:
            self.history.append({"role": "user", "content": text})
        params: dict[str, Any] = {"model": "gpt-5", "input": self.history, **more}
        if schema is not None:
            params["text"] = {"format": {"type": "json_schema", "name": "answer", "schema": schema}}
        if tools:
            params["tools"] = [
                {"type": "function", "name": name, "description": said, "parameters": schema}
                for name, said, schema in tools
            ]
        reply = self.make(self.client.responses, "create", "get_final_response", params)
        items = [item.to_dict() for item in reply.output]
        self.history += items
        calls = [item for item in items if item["type"] == "function_call"]
        made = [(item["name"], json.loads(item["arguments"])) for item in calls]
        return Answer(reply.output_text, made, items, [item["call_id"] for item in calls])

    def result(self, ids: list[str], results: list[str]) -> None:
        for call_id, result in zip(ids, results, strict=True):
            self.history.append({"type": "function_call_output", "call_id": call_id, "output": result})

    choices: ClassVar[Any] = {
        "none": {"tool_choice": "none"},
        "must": {"tool_choice": "required"},
        "named": {"tool_choice": {"type": "function", "name": "clock"}},
        "one": {"parallel_tool_calls": False},
    }


class Chat(Talk):
    def say(self, text: str | None = None, schema: Any = None, tools: Any = (), **more: Any) -> Answer:
        if text is not None:
            self.history.append({"role": "user", "content": text})
        params: dict[str, Any] = {"model": "gpt-4o", "messages": self.history, **more}
        if schema is not None:
            params["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
        if tools:
            params["tools"] = [
                {"type": "function", "function": {"name": name, "description": said, "parameters": schema}}
                for name, said, schema in tools
            ]
        reply = self.make(self.client.chat.completions, "create", "get_final_completion", params)
        message = reply.choices[0].message
        calls = message.tool_calls or []
        assert reply.choices[0].finish_reason == ("tool_calls" if calls else "stop")
        said: dict[str, Any] = {"role": "assistant", "content": message.content}
        if calls:
            said["tool_calls"] = [call.to_dict() for call in calls]
        self.history.append(said)
        made = [(call.function.name, json.loads(call.function.arguments)) for call in calls]
        return Answer(message.content or "", made, said, [call.id for call in calls])

    def result(self, ids: list[str], results: list[str]) -> None:
        for call_id, result in zip(ids, results, strict=True):
            self.history.append({"role": "tool", "tool_call_id": call_id, "content": result})

    choices: ClassVar[Any] = {
        "none": {"tool_choice": "none"},
        "must": {"tool_choice": "required"},
        "named": {"tool_choice": {"type": "function", "function": {"name": "clock"}}},
        "one": {"parallel_tool_calls": False},
    }


class Messages(Talk):
    def say(self, text: str | None = None, schema: Any = None, tools: Any = (), **more: Any) -> Answer:
        if text is not None:
            self.history.append({"role": "user", "content": text})
        params: dict[str, Any] = {"model": "claude-sonnet-4-20250514", "max_tokens": 4096, "messages": self.history}
        if schema is not None:
            params["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        if tools:
            params["tools"] = [
                {"name": name, "description": said, "input_schema": schema} for name, said, schema in tools
            ]
        reply = self.make(self.client.messages, "create", "get_final_message", params | more)
        blocks = [block.to_dict() for block in reply.content]
        calls = [block for block in blocks if block["type"] == "tool_use"]
        assert reply.stop_reason == ("tool_use" if calls else "end_turn")
        self.history.append({"role": "assistant", "content": blocks})
        made = [(block["name"], block["input"]) for block in calls]
        return Answer(reply.text, made, blocks, [block["id"] for block in calls])

    def result(self, ids: list[str], results: list[str]) -> None:
        pairs = zip(ids, results, strict=True)
        blocks = [{"type": "tool_result", "tool_use_id": call_id, "content": result} for call_id, result in pairs]
        self.history.append({"role": "user", "content": blocks})

    choices: ClassVar[Any] = {
        "none": {"tool_choice": {"type": "none"}},
        "must": {"tool_choice": {"type": "any"}},
        "named": {"tool_choice": {"type": "tool", "name": "clock"}},
        "one": {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
    }


class Gemini(Talk):
    def say(self, text: str | None = None, schema: Any = None, tools: Any = (), **more: Any) -> Answer:
        if text is not None:
            self.history.append({"role": "user", "parts": [{"text": text}]})
        params: dict[str, Any] = {"model": "gemini-2.5-flash", "contents": self.history} | more
        if schema is not None:
            params["generation_config"] = {"responseMimeType": "application/json", "responseJsonSchema": schema}
        if tools:
            functions = [{"name": n, "description": said, "parametersJsonSchema": schema} for n, said, schema in tools]
            params["tools"] = [{"functionDeclarations": functions}]
        if self.streamed:
            with self.call.open(self.client.gemini.stream(**params)) as stream:
                reply = self.call.wait(stream.get_final_response())
        else:
            reply = self.call.wait(self.client.gemini.generate_content(**params))
        content = reply.candidates[0].content.to_dict()
        self.history.append(content)
        calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
        return Answer(reply.text, [(call["name"], call["args"]) for call in calls], content, [c["name"] for c in calls])

    def result(self, ids: list[str], results: list[str]) -> None:
        pairs = zip(ids, results, strict=True)
        parts = [{"functionResponse": {"name": name, "response": {"result": result}}} for name, result in pairs]
        self.history.append({"role": "user", "parts": parts})

    choices: ClassVar[Any] = {
        "none": {"tool_config": {"functionCallingConfig": {"mode": "NONE"}}},
        "must": {"tool_config": {"functionCallingConfig": {"mode": "ANY"}}},
        "named": {"tool_config": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["clock"]}}},
        "one": None,  # Gemini has none
    }


DIALECTS: list[type[Any]] = [Responses, Chat, Messages, Gemini]


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.__name__.lower())
def talk(request: pytest.FixtureRequest, call: Call, gateway: LocalGateway) -> Callable[..., Any]:
    return lambda streamed=False: request.param(call, gateway, streamed)


both = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])


# Schemas


def kinds() -> dict[str, Any]:
    """Types of pydantic's, by what is hard about each."""
    pydantic = pytest.importorskip("pydantic")
    field = pydantic.Field

    class Colour(enum.Enum):
        RED = "red"
        BLUE = "blue"

    class Level(enum.IntEnum):
        LOW = 7
        HIGH = 9

    class Point(pydantic.BaseModel):
        x: int
        y: int = field(default=3, ge=10, le=12)

    class Circle(pydantic.BaseModel):
        kind: Literal["circle"]
        radius: float = field(gt=0, lt=0.25)

    class Square(pydantic.BaseModel):
        kind: Literal["square"]
        side: Annotated[decimal.Decimal, field(max_digits=4, decimal_places=2)]

    class Node(pydantic.BaseModel):
        value: int
        children: list[Node]
        parent: Node | None

    class Times(pydantic.BaseModel):
        at: datetime.datetime
        day: datetime.date
        hour: datetime.time
        length: datetime.timedelta
        key: uuid.UUID
        link: pydantic.HttpUrl
        home: pydantic.IPvAnyAddress
        blob: bytes
        money: decimal.Decimal

    class Texts(pydantic.BaseModel):
        code: str = field(pattern=r"^[A-Z]{3}-\d{4}(\.[a-f]+)?$")
        short: str = field(max_length=3)
        long: str = field(min_length=40, max_length=41)
        both: str = field(pattern="^[a-z]+$", min_length=12, max_length=20)

    class Lists(pydantic.BaseModel):
        three: list[Point] = field(min_length=3, max_length=3)
        none: list[int] = field(max_length=0)
        unique: set[int] = field(min_length=5)
        colours: set[Colour] = field(min_length=2)
        pair: tuple[int, str]
        any: list[Any]
        table: dict[str, list[float]]
        counts: dict[Literal["de", "fr"], Annotated[int, field(ge=100)]]

    class Numbers(pydantic.BaseModel):
        seven: int = field(multiple_of=7, ge=50)
        tenth: float = field(multiple_of=0.1, gt=0.35, lt=0.45)
        huge: int = field(ge=2**60 + 1)
        negative: int = field(lt=-5)

    Node.model_rebuild()
    shape = Annotated[Circle | Square, field(discriminator="kind")]
    return {
        "enum": dict[str, Colour],
        "int enum": list[Level],
        "nested": Point,
        "union": list[Circle | Square],
        "discriminated": list[shape],
        "recursive": Node,
        "formats": Times,
        "texts": Texts,
        "lists": Lists,
        "numbers": Numbers,
        "optional": dict[str, Point | None],
        "literals": tuple[Literal["a", 3, None], Literal[True]],
        "scalars": tuple[bool, int, float, str, None],
    }


NAMES = (
    *("enum", "int enum", "nested", "union", "discriminated", "recursive", "formats", "texts", "lists", "numbers"),
    *("optional", "literals", "scalars"),
)


def closed(schema: Any) -> Any:
    """Tuples with the `items` that OpenAI wants of every list."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {"items": False} if "prefixItems" in schema else {}
    return rest | {name: closed(each) for name, each in schema.items()}


@pytest.mark.parametrize("name", NAMES)
def test_answers_fit_their_schema(gateway: LocalGateway, name: str) -> None:
    """By pydantic's judgement. Anthropic takes few rules in an answer's schema, and all in a tool's."""
    pydantic = pytest.importorskip("pydantic")
    adapter = pydantic.TypeAdapter(kinds()[name])
    schema = closed(adapter.json_schema())
    wrapped = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    wrapped |= {key: schema.pop(key) for key in ("$defs",) if key in schema}
    for dialect in DIALECTS:
        for streamed in (False, True):
            talk = dialect(Call(None), gateway, streamed)
            calls = talk.say("Hello!", tools=[("make", "", wrapped)], **talk.choices["must"]).calls
            assert [called for called, _ in calls] == ["make"]
            adapter.validate_json(json.dumps(calls[0][1]["it"]))
            if dialect is not Messages:
                answers = [dialect(Call(None), gateway, streamed).say("Hello!", schema=wrapped).text for _ in range(2)]
                adapter.validate_json(json.dumps(json.loads(answers[0])["it"]))
                assert answers[0] == answers[1]


PLAIN = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "degrees": {"type": "integer"},
        "unit": {"type": "string", "enum": ["c", "f"]},
        "seen": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
    },
    "required": ["city", "degrees", "unit", "seen"],
    "additionalProperties": False,
}


@both
def test_a_schema_that_all_take(talk: Callable[..., Any], streamed: bool) -> None:
    answer = json.loads(talk(streamed).say("Hello!", schema=PLAIN).text)
    assert answer == {"city": "Boston, MA", "degrees": 3, "unit": "c", "seen": "2025-08-08"}


def test_other_names_of_a_format(call: Call, gateway: LocalGateway) -> None:
    talk = Messages(call, gateway, False)
    beta = {"type": "json_schema", "schema": PLAIN}
    assert set(json.loads(talk.say("Hello!", extra_body={"output_format": beta}).text)) == set(PLAIN["properties"])
    google = {"type": "STRING", "enum": ["north", "south"], "format": "enum"}
    config = {"responseMimeType": "text/x.enum", "responseSchema": google}
    assert Gemini(call, gateway, False).say("Hello!", generation_config=config).text == "north"
    nullable = {"type": "OBJECT", "properties": {"n": {"type": "INTEGER", "nullable": True, "minimum": 5}}}
    config = {"responseMimeType": "application/json", "responseSchema": nullable}
    assert json.loads(Gemini(call, gateway, False).say("Hello!", generation_config=config).text) == {"n": 5}


# Tools

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [("weather", "The weather in a city.", CITY), ("clock", "", {"type": "object", "properties": {}})]
WEATHER, CLOCK = ("weather", {"city": "Boston, MA"}), ("clock", {})


@both
def test_a_loop(talk: Callable[..., Any], streamed: bool) -> None:
    """It calls what the words suit, several at once, and then answers with what it was told."""
    told = talk(streamed)
    time = [("get_time", "", {"type": "object", "properties": {}})]
    first = told.say(QUESTION, tools=[*TOOLS, *time])
    assert first.calls == [WEATHER, ("get_time", {})]
    assert first.text == ""
    assert len(set(first.ids)) == 2
    told.result(first.ids, ["17 degrees", "noon"])
    second = told.say(tools=[*TOOLS, *time], **told.choices["must"])
    assert second.calls == []
    assert second.text.index("17 degrees") < second.text.index("noon")
    # It has been answered: the next question is a new one.
    assert told.say("And the weather in Rome?", tools=TOOLS).calls == [WEATHER]


@both
@pytest.mark.parametrize(
    ("choice", "said", "calls"),
    [
        ("none", QUESTION, []),
        ("must", "Hello!", [WEATHER, CLOCK]),
        ("must", QUESTION, [WEATHER]),
        ("named", QUESTION, [CLOCK]),
        (None, "Hello!", []),
        (None, "你好", []),
        (None, "Paris or Rome?", [WEATHER]),
        (None, "Use your tools.", [WEATHER, CLOCK]),
        (None, "What does the clock say about the weather?", [WEATHER, CLOCK]),
        ("one", "What does the clock say about the weather?", [WEATHER]),
    ],
)
def test_choices(talk: Callable[..., Any], streamed: bool, choice: str | None, said: str, calls: Any) -> None:
    told = talk(streamed)
    more = told.choices[choice] if choice else {}
    if more is not None:
        answer = told.say(said, tools=TOOLS, **more)
        assert answer.calls == calls
        assert bool(answer.text) == (not calls)


@both
def test_tools_and_a_schema(talk: Callable[..., Any], streamed: bool) -> None:
    told = talk(streamed)
    first = told.say("How is the weather?", schema=PLAIN, tools=TOOLS)
    assert first.calls == [WEATHER]
    told.result(first.ids, ['{"city": "Oslo", "degrees": -4, "unit": "kelvin"}'])
    answer = json.loads(told.say(schema=PLAIN, tools=TOOLS).text)
    assert answer == {"city": "Oslo", "degrees": -4, "unit": "c", "seen": "2025-08-08"}


def test_calls_that_are_cut(call: Call, gateway: LocalGateway) -> None:
    """At the limit the last call breaks off, and those after it do not come."""
    client = call.client(gateway)
    long = {"type": "object", "properties": {"text": {"type": "string", "minLength": 400}}, "required": ["text"]}
    functions = [{"name": name, "parameters": long} for name in ("first", "second")]
    tools: Any = [{"type": "function", **function} for function in functions]
    params = {"model": "gpt-4.1", "input": "Hi", "tools": tools, "tool_choice": "required", "max_output_tokens": 150}
    for reply in (call(gateway, **params), call.events(gateway, **params)[-1].response):
        assert [item.status for item in reply.output] == ["completed", "incomplete"]
        assert (reply.status, reply.usage.output_tokens) == ("incomplete", 150)
        with pytest.raises(ValueError, match="Unterminated"):
            json.loads(reply.output[1].arguments)
    tools = [{"type": "function", "function": function} for function in functions]
    said: Any = [{"role": "user", "content": "Hi"}]
    params = {"model": "gpt-4o", "messages": said, "tools": tools, "tool_choice": "required", "max_tokens": 50}
    choice = call.wait(client.chat.completions.create(**params)).choices[0]
    assert (choice.finish_reason, len(choice.message.tool_calls)) == ("length", 1)
    tools = [{"name": name, "input_schema": long} for name in ("first", "second")]
    params = {"model": "claude-sonnet-4-20250514", "messages": said, "tools": tools, "tool_choice": {"type": "any"}}
    message = call.wait(client.messages.create(**params, max_tokens=150))
    assert (message.stop_reason, [block.input == {} for block in message.content]) == ("max_tokens", [False, True])


def test_a_picture_that_a_tool_made(call: Call, gateway: LocalGateway) -> None:
    """It cannot be a tool's result in a chat: it follows as the user's."""
    told = Chat(call, gateway, False)
    first = told.say("Draw the weather?", tools=TOOLS)
    told.result(first.ids, ["drawn"])
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    told.history.append({"role": "user", "content": [picture]})
    assert "drawn" in told.say(tools=TOOLS).text


def test_signed_calls(call: Call, gateway: LocalGateway) -> None:
    """Newer models of Gemini's want the signature of the first of several calls back."""
    for kept in (True, False):
        told = Gemini(call, gateway, False)
        first = told.say(QUESTION, tools=TOOLS, model="gemini-3-pro", **told.choices["must"])
        call_part = next(part for part in first.said["parts"] if "functionCall" in part)
        assert call_part["thoughtSignature"]
        told.result(first.ids, ["sunny"])
        if kept:
            assert "sunny" in told.say(tools=TOOLS, model="gemini-3-pro").text
        else:
            del call_part["thoughtSignature"]
            with pytest.raises(wenwen.BadRequestError, match="missing a `thought_signature`"):
                told.say(tools=TOOLS, model="gemini-3-pro")


def test_thoughts_are_signed(call: Call, gateway: LocalGateway) -> None:
    told = Messages(call, gateway, False)
    thinking: Any = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    first = told.say("How is the weather?", tools=TOOLS, **thinking)
    assert [block["type"] for block in first.said] == ["thinking", "tool_use"]
    told.result(first.ids, ["sunny"])
    assert "sunny" in told.say(tools=TOOLS, **thinking).text
