"""Runs of tools: in all dialects the same calls, results, limits and ends, whole and streamed, sync and awaited."""

from __future__ import annotations

import asyncio
import base64
import contextvars
import copy
import dataclasses
import io
import json
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pydantic
import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Dialect:
    """What a test of all dialects needs to know of one."""

    name: str
    history: str
    cut: str

    def method(self, client: Any) -> Any:
        raise NotImplementedError

    def params(self, **more: Any) -> dict[str, Any]:
        raise NotImplementedError

    def reply(self, *calls: Any, text: str = "", cut: str = "", **more: Any) -> dict[str, Any]:
        """A reply with calls, each (id, name, arguments as the dialect has them)."""
        raise NotImplementedError

    def raw(self, arguments: Any) -> Any:
        """Arguments on the wire."""
        return json.dumps(arguments)

    def results(self, body: Any) -> list[tuple[str, str]]:
        """The results in a request: which call's, and the text."""
        raise NotImplementedError

    def calls(self, body: Any) -> list[tuple[str, Any]]:
        """The calls that a request sends back: id and arguments."""
        raise NotImplementedError

    def tools(self, body: Any) -> list[dict[str, Any]]:
        """Each function's own part of a request's tools."""
        raise NotImplementedError

    def text(self, reply: Any) -> str:
        return str(reply.text)


class Responses(Dialect):
    name, history, cut = "responses", "input", "max_output_tokens"
    forced, freed = {"tool_choice": "required"}, {"tool_choice": "auto"}
    tokens = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "input_tokens_details": {"cached_tokens": 2}}
    twice = {"input_tokens": 20, "output_tokens": 10, "total_tokens": 30, "input_tokens_details": {"cached_tokens": 4}}
    usage = "usage"

    def method(self, client: Any) -> Any:
        return client.responses

    def params(self, **more: Any) -> dict[str, Any]:
        return {"model": "m", "input": "Hello!", **more}

    def reply(self, *calls: Any, text: str = "", cut: str = "", **more: Any) -> dict[str, Any]:
        output: list[Any] = [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "kept=="}]
        for id, name, arguments in calls:
            ids = {} if id is None else {"call_id": id}
            output.append({"type": "function_call", "id": "fc_1", "name": name, "arguments": arguments, **ids})
        if text:
            part = {"type": "output_text", "text": text, "annotations": []}
            output.append({"type": "message", "id": "msg_1", "role": "assistant", "content": [part]})
        whole = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "completed"}
        whole |= {"output": output, "usage": self.tokens}
        if cut:
            whole |= {"status": "incomplete", "incomplete_details": {"reason": cut}}
        return {**whole, **more}

    def results(self, body: Any) -> list[tuple[str, str]]:
        found = [item for item in body["input"] if item.get("type") == "function_call_output"]
        return [(item["call_id"], item["output"]) for item in found]

    def calls(self, body: Any) -> list[tuple[str, Any]]:
        found = [item for item in body["input"] if item.get("type") == "function_call"]
        return [(item["call_id"], item["arguments"]) for item in found]

    def tools(self, body: Any) -> list[dict[str, Any]]:
        return [{**tool, "schema": tool["parameters"]} for tool in body["tools"]]

    def text(self, reply: Any) -> str:
        return str(reply.output_text)


class Chat(Dialect):
    name, history, cut = "chat", "messages", "length"
    forced, freed = {"tool_choice": "required"}, {"tool_choice": "auto"}
    tokens = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    twice = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
    usage = "usage"

    def method(self, client: Any) -> Any:
        return client.chat.completions

    def params(self, **more: Any) -> dict[str, Any]:
        return {"model": "m", "messages": [{"role": "user", "content": "Hello!"}], **more}

    def reply(self, *calls: Any, text: str = "", cut: str = "", **more: Any) -> dict[str, Any]:
        made = [
            {**({} if id is None else {"id": id}), "type": "function", "function": {"name": name, "arguments": given}}
            for id, name, given in calls
        ]
        message = {"role": "assistant", "content": text or None, "reasoning_content": "kept"}
        message |= {"tool_calls": made} if made else {}
        choice = {"index": 0, "message": message, "finish_reason": cut or ("tool_calls" if made else "stop")}
        whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        return {**whole, "usage": self.tokens, **more}

    def results(self, body: Any) -> list[tuple[str, str]]:
        found = [message for message in body["messages"] if message["role"] == "tool"]
        return [(message["tool_call_id"], message["content"]) for message in found]

    def calls(self, body: Any) -> list[tuple[str, Any]]:
        found = [call for message in body["messages"] for call in message.get("tool_calls") or ()]
        return [(call["id"], call["function"]["arguments"]) for call in found]

    def tools(self, body: Any) -> list[dict[str, Any]]:
        return [{**tool["function"], "schema": tool["function"]["parameters"]} for tool in body["tools"]]


class Messages(Dialect):
    name, history, cut = "messages", "messages", "max_tokens"
    forced = {"tool_choice": {"type": "any", "disable_parallel_tool_use": True}}
    freed = {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}
    tokens = {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 3}
    twice = {"input_tokens": 20, "output_tokens": 10, "cache_read_input_tokens": 6}
    usage = "usage"

    def method(self, client: Any) -> Any:
        return client.messages

    def params(self, **more: Any) -> dict[str, Any]:
        return {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello!"}], **more}

    def reply(self, *calls: Any, text: str = "", cut: str = "", **more: Any) -> dict[str, Any]:
        content: list[Any] = [{"type": "thinking", "thinking": "Hm.", "signature": "kept=="}]
        content += [{"type": "redacted_thinking", "data": "kept=="}]
        content += [{"type": "text", "text": text}] if text else []
        content += [
            {"type": "tool_use", **({} if id is None else {"id": id}), "name": name, "input": given}
            for id, name, given in calls
        ]
        whole = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content}
        whole |= {"stop_reason": cut or ("tool_use" if calls else "end_turn"), "stop_sequence": None}
        return {**whole, "usage": self.tokens, **more}

    def raw(self, arguments: Any) -> Any:
        return arguments

    def results(self, body: Any) -> list[tuple[str, str]]:
        found = [block for message in body["messages"] for block in message["content"] if isinstance(block, dict)]
        return [(block["tool_use_id"], block["content"]) for block in found if block["type"] == "tool_result"]

    def calls(self, body: Any) -> list[tuple[str, Any]]:
        found = [block for message in body["messages"] for block in message["content"] if isinstance(block, dict)]
        return [(block["id"], block["input"]) for block in found if block["type"] == "tool_use"]

    def tools(self, body: Any) -> list[dict[str, Any]]:
        return [{**tool, "schema": tool["input_schema"]} for tool in body["tools"]]


class Gemini(Dialect):
    name, history, cut = "gemini", "contents", "MAX_TOKENS"
    forced = {"tool_config": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]}}}
    freed = {"toolConfig": {"functionCallingConfig": {"mode": "AUTO"}}}
    tokens = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
    twice = {"promptTokenCount": 20, "candidatesTokenCount": 10, "totalTokenCount": 30}
    usage = "usageMetadata"

    def method(self, client: Any) -> Any:
        return client.gemini

    def params(self, **more: Any) -> dict[str, Any]:
        return {"model": "m", "contents": "Hello!", **more}

    def reply(self, *calls: Any, text: str = "", cut: str = "", **more: Any) -> dict[str, Any]:
        parts: list[Any] = [
            {
                "functionCall": {**({} if id is None else {"id": id}), "name": name, "args": given},
                "thoughtSignature": "kept==",
            }
            for id, name, given in calls
        ]
        parts += [{"text": text}] if text else []
        candidate = {"content": {"role": "model", "parts": parts}, "finishReason": cut or "STOP", "index": 0}
        return {"candidates": [candidate], "usageMetadata": self.tokens, **more}

    def raw(self, arguments: Any) -> Any:
        return arguments

    def results(self, body: Any) -> list[tuple[str, str]]:
        found = [part["functionResponse"] for one in body["contents"] for part in one["parts"]
                 if "functionResponse" in part]  # fmt: skip
        return [(one.get("id", ""), next(iter(one["response"].values()))) for one in found]

    def calls(self, body: Any) -> list[tuple[str, Any]]:
        found = [part["functionCall"] for one in body["contents"] for part in one["parts"] if "functionCall" in part]
        return [(one.get("id", ""), one["args"]) for one in found]

    def tools(self, body: Any) -> list[dict[str, Any]]:
        [tool] = body["tools"]
        return [{**one, "schema": one.get("parameters")} for one in tool["functionDeclarations"]]


DIALECTS = [Responses(), Chat(), Messages(), Gemini()]
everywhere = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
whole_and_streamed = pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])


def weather(city: str, days: int = 1) -> str:
    """The weather in a city.

    Args:
        city: where.
        days: how many.
    """
    return f"sunny in {city} for {days}"


async def web(query: str) -> dict[str, str]:
    """Searches the web."""
    await asyncio.sleep(0)
    return {"found": query}


class Runner:
    """`run(dialect, script, tools=...)`, sync or awaited, whole or streamed; `bodies` are what went over the wire."""

    def __init__(self, call: Call, streams: bool = False) -> None:
        self.call = call
        self.streams = streams
        self.bodies: list[Any] = []
        self.events: list[Any] = []

    def __call__(self, dialect: Dialect, script: list[Any], **params: Any) -> Any:
        with LocalGateway(script) as gateway:
            run = dialect.method(self.call.client(gateway)).run
            try:
                if not self.streams:
                    return self.call.wait(run(**dialect.params(**params)))
                coming = run(**dialect.params(**params), stream=True)
                self.events = []
                for event in self.call.each(coming):
                    self.events.append(event)
                return coming.reply
            finally:
                self.bodies = [request.json() for request in gateway.requests]
                assert gateway.script_left == 0 or len(self.bodies) < len(script)


@pytest.fixture(params=["whole", "streamed"])
def run(call: Call, request: pytest.FixtureRequest) -> Runner:
    return Runner(call, request.param == "streamed")


@pytest.fixture
def whole(call: Call) -> Runner:
    return Runner(call)


# A turn and the next


@everywhere
def test_calls_are_made_and_the_model_is_told(run: Runner, dialect: Any) -> None:
    script = [
        dialect.reply(("c1", "weather", dialect.raw({"city": "Paris", "days": 2})),
                      ("c2", "web", dialect.raw({"query": "Rome"}))),
        dialect.reply(text="Paris."),
    ]  # fmt: skip
    reply = run(dialect, script, tools=[weather, web])
    assert dialect.text(reply) == "Paris."
    first, second = run.bodies
    assert [tool["name"] for tool in dialect.tools(first)] == ["weather", "web"]
    assert dialect.tools(first)[0]["description"] == "The weather in a city."
    city = dialect.tools(first)[0]["schema"]["properties"]["city"]
    assert (city["type"], city["description"]) == ("string", "where.")
    assert dialect.results(second) == [("c1", "sunny in Paris for 2"), ("c2", '{"found": "Rome"}')]
    assert second["tools"] == first["tools"]
    # What the model wrote goes back to the letter, thinking and signatures too.
    assert json.dumps(second).count("kept") == json.dumps(script[0]).count("kept") > 0
    told = [(step.turn, step.id, step.name, step.status, step.result, step.error) for step in reply.steps]
    assert told == [
        (0, "c1", "weather", "done", "sunny in Paris for 2", None),
        (0, "c2", "web", "done", {"found": "Rome"}, None),
    ]
    assert reply.steps[0].parsed_arguments == {"city": "Paris", "days": 2}
    assert all(step.seconds >= 0 for step in reply.steps)
    assert reply.to_dict()[dialect.usage] == reply.usage.to_dict() == dialect.twice
    assert [turn.usage.to_dict() for turn in reply.turns] == [dialect.tokens] * 2
    assert dialect.results({dialect.history: reply.history}) == dialect.results(second)
    if run.streams:
        kinds = [event.type for event in run.events if isinstance(event, wenwen.ToolResult)]
        assert kinds == ["tool_result"] * 2
        assert len(run.events) >= 4


@everywhere
def test_without_a_call_it_is_one_turn(run: Runner, dialect: Any) -> None:
    reply = run(dialect, [dialect.reply(text="Hello.")], tools=[weather])
    assert dialect.text(reply) == "Hello."
    assert (reply.steps, len(reply.turns)) == ([], 1)
    assert reply.usage.to_dict() == dialect.tokens
    assert json.dumps(plain(reply.history)).count("Hello.") == 1


@everywhere
def test_without_tools_none_are_sent(whole: Runner, dialect: Any) -> None:
    for tools in ([], None, ()):
        whole(dialect, [dialect.reply(text="Hello.")], tools=tools)
        assert "tools" not in whole.bodies[0]


@everywhere
def test_a_forced_choice_is_for_the_first_turn(whole: Runner, dialect: Any) -> None:
    script = [dialect.reply(("c1", "weather", dialect.raw({"city": "Paris"}))), dialect.reply(text="x")]
    [[forced]] = [list(dialect.forced.items())]
    for resets, want in ((True, dialect.freed), (False, None)):
        whole(dialect, script, tools=[weather], reset_tool_choice=resets, **dict([forced]))
        first, second = whole.bodies
        [name] = dialect.freed
        assert first[name] == forced[1]
        assert second[name] == (want[name] if want else forced[1])


@pytest.mark.parametrize(
    ("dialect", "choice", "then"),
    [
        (DIALECTS[0], {"type": "function", "name": "weather"}, "auto"),
        (DIALECTS[0], "none", "none"),
        (DIALECTS[0], {"type": "allowed_tools", "mode": "required", "tools": []},
         {"type": "allowed_tools", "mode": "auto", "tools": []}),
        (DIALECTS[0], {"type": "allowed_tools", "mode": "auto", "tools": []},
         {"type": "allowed_tools", "mode": "auto", "tools": []}),
        (DIALECTS[1], {"type": "function", "function": {"name": "weather"}}, "auto"),
        (DIALECTS[1], {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}},
         {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}),
        (DIALECTS[2], {"type": "tool", "name": "weather"}, {"type": "auto"}),
        (DIALECTS[2], {"type": "none"}, {"type": "none"}),
        (DIALECTS[2], None, None),
    ],
)  # fmt: skip
def test_what_becomes_of_a_choice(whole: Runner, dialect: Any, choice: Any, then: Any) -> None:
    script = [dialect.reply(("c1", "weather", dialect.raw({"city": "Paris"}))), dialect.reply(text="x")]
    whole(dialect, script, tools=[weather], tool_choice=choice)
    assert [body["tool_choice"] for body in whole.bodies] == [choice, then]


# What cannot be called


@everywhere
def test_each_call_has_one_result(run: Runner, dialect: Any) -> None:
    def bad(code: int) -> None:
        """Fails."""
        if code == 1:
            raise wenwen.ToolError("Give another code.")
        raise RuntimeError("the password is hunter2")

    calls = [
        ("c1", "wether", dialect.raw({"city": "Paris"})),
        ("c2", "weather", dialect.raw({})),
        ("c3", "weather", dialect.raw({"city": 7, "planet": "Mars"})),
        ("c4", "bad", dialect.raw({"code": 1})),
        ("c5", "bad", dialect.raw({"code": 2})),
        ("c6", "weather", dialect.raw({"city": "Rome"})),
        ("c7", "weather", dialect.raw([1])),
    ]
    reply = run(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[weather, bad])
    results = dialect.results(run.bodies[1])
    assert [id for id, _ in results] == ["c1", "c2", "c3", "c4", "c5", "c6", "c7"]
    texts = [text for _, text in results]
    assert "no tool 'wether': did you mean weather" in texts[0]
    assert texts[1] == "Error: city: Field required"
    assert "city: Input should be a valid string" in texts[2] and "planet" in texts[2]
    assert texts[3] == "Error: Give another code."
    assert texts[4] == "Error: The function failed (RuntimeError)."
    assert texts[5] == "sunny in Rome for 1"
    assert "no JSON object" in texts[6]
    assert "hunter2" not in json.dumps(run.bodies)
    assert [step.status for step in reply.steps] == ["failed"] * 5 + ["done", "failed"]
    assert "hunter2" in str(reply.steps[4].error)
    if dialect.name == "messages":
        blocks = run.bodies[1]["messages"][-1]["content"]
        assert [block.get("is_error", False) for block in blocks] == [True] * 5 + [False, True]


@pytest.mark.parametrize(
    ("raw", "sent", "status"),
    [
        ('{"city": "Rome"', "{}", "failed"),
        ("{'city': 'Rome'}", "{}", "failed"),
        ('{"city": NaN}', "{}", "failed"),
        pytest.param("[" * 100_000, "{}", "failed", id="deep"),
        pytest.param('{"city":' * 100_000, "{}", "failed", id="deep objects"),
        ("[]", "{}", "failed"),
        ('"Rome"', "{}", "failed"),
        ("", "{}", "failed"),  # no arguments: one is missing
        ("null", "{}", "failed"),
        (None, "{}", "failed"),
        ({"city": "Rome"}, '{"city": "Rome"}', "done"),
        ('{"city": "Ro\nme"}', '{"city": "Ro\\nme"}', "done"),
        ('{ "city":"Rome" }', '{ "city":"Rome" }', "done"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS[:2], ids=lambda dialect: dialect.name)
def test_arguments_as_text(whole: Runner, dialect: Any, raw: Any, sent: str, status: str) -> None:
    reply = whole(dialect, [dialect.reply(("c1", "weather", raw)), dialect.reply(text="x")], tools=[weather])
    assert reply.steps[0].status == status
    # A history with broken JSON would be refused from then on.
    assert dialect.calls(whole.bodies[1]) == [("c1", sent)]
    assert reply.steps[0].raw == raw


@pytest.mark.parametrize(
    ("raw", "sent", "status"),
    [
        (None, {}, "failed"),
        ({}, {}, "failed"),
        ('{"city": "Rome"}', {"city": "Rome"}, "done"),
        ("{", {}, "failed"),
        ([1], {}, "failed"),
        (7, {}, "failed"),
        ({"city": "Rome"}, {"city": "Rome"}, "done"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS[2:], ids=lambda dialect: dialect.name)
def test_arguments_as_objects(whole: Runner, dialect: Any, raw: Any, sent: Any, status: str) -> None:
    reply = whole(dialect, [dialect.reply(("c1", "weather", raw)), dialect.reply(text="x")], tools=[weather])
    assert reply.steps[0].status == status
    assert dialect.calls(whole.bodies[1]) == [("c1", sent)]


@everywhere
@pytest.mark.parametrize("raw", ["", None, "null", {}])
def test_no_arguments_for_a_function_without_parameters(whole: Runner, dialect: Any, raw: Any) -> None:
    def now() -> str:
        """The time."""
        return "noon"

    if dialect.name in ("messages", "gemini") and isinstance(raw, str):
        raw = raw or None
    reply = whole(dialect, [dialect.reply(("c1", "now", raw)), dialect.reply(text="x")], tools=[now])
    assert dialect.results(whole.bodies[1])[0][1] == "noon"
    assert reply.steps[0].arguments == {}


@everywhere
def test_large_integers_are_exact(whole: Runner, dialect: Any) -> None:
    seen: list[int] = []

    def take(id: int) -> None:
        seen.append(id)

    number = 9007199254740993
    whole(dialect, [dialect.reply(("c1", "take", dialect.raw({"id": number}))), dialect.reply(text="x")], tools=[take])
    assert seen == [number]


@everywhere
@pytest.mark.parametrize("ids", [(None, None), ("", ""), ("same", "same")])
def test_ids_that_are_missing_or_doubled(whole: Runner, dialect: Any, ids: tuple[Any, Any]) -> None:
    calls = [(ids[0], "weather", dialect.raw({"city": "Rome"})), (ids[1], "weather", dialect.raw({"city": "Paris"}))]
    reply = whole(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[weather])
    sent, results = dialect.calls(whole.bodies[1]), dialect.results(whole.bodies[1])
    assert [text for _, text in results] == ["sunny in Rome for 1", "sunny in Paris for 1"]
    assert len({step.id for step in reply.steps}) == 2
    if dialect.name == "gemini":  # paired by their order: an id that the model did not give is not made up there
        assert [id for id, _ in sent] == [id or "" for id in ids]
    else:
        assert [id for id, _ in sent] == [id for id, _ in results] == [step.id for step in reply.steps]
        assert all(id for id, _ in sent)


@everywhere
@pytest.mark.parametrize(
    "name", ["functions.weather", "default_api.weather", "default_api:weather", "weather<|channel|>commentary"]
)
def test_names_that_are_wrapped(whole: Runner, dialect: Any, name: str) -> None:
    reply = whole(
        dialect,
        [dialect.reply(("c1", name, dialect.raw({"city": "Rome"}))), dialect.reply(text="x")],
        tools=[weather],
    )
    assert (reply.steps[0].name, reply.steps[0].status) == ("weather", "done")
    assert name in json.dumps(whole.bodies[1][dialect.history])  # as it came


def test_an_exact_name_comes_first(whole: Runner) -> None:
    dialect = DIALECTS[2]
    named = wenwen.tool(lambda: "own", name="functions-weather")
    script = [dialect.reply(("c1", "functions-weather", {})), dialect.reply(text="x")]
    assert whole(dialect, script, tools=[weather, named]).steps[0].result == "own"


@everywhere
def test_what_was_cut_short_runs_nothing(run: Runner, dialect: Any) -> None:
    ran: list[str] = []

    def act(what: str = "") -> None:
        ran.append(what)

    for call in (("c1", "act", dialect.raw({"what": "all"})), ("c1", "act", dialect.raw({}))):
        with pytest.raises(wenwen.IncompleteTurnError) as caught:
            run(dialect, [dialect.reply(call, cut=dialect.cut)], tools=[act])
        error = caught.value
        assert (error.reason, ran) == (dialect.cut, [])
        assert error.steps[0].status == "skipped"
        assert dialect.results({dialect.history: plain(error.history)})[0][1].startswith("Error: Not run")
        assert plain(pickle.loads(pickle.dumps(error)).history) == plain(error.history)


@everywhere
def test_an_answer_that_was_cut_short_is_an_answer(run: Runner, dialect: Any) -> None:
    reply = run(dialect, [dialect.reply(text="Once upon", cut=dialect.cut)], tools=[weather])
    assert dialect.text(reply) == "Once upon"


def plain(value: Any) -> Any:
    """Typed objects as dicts."""
    return json.loads(wenwen._core.dumps(value))


# Limits


@everywhere
@pytest.mark.parametrize(("limit", "value"), [("max_turns", 2), ("budget", 30), ("budget", 19)])
def test_limits(run: Runner, dialect: Any, limit: str, value: int) -> None:
    ran: list[int] = []

    def act() -> None:
        ran.append(1)

    script = [dialect.reply(("c1", "act", dialect.raw({})), ("c2", "act", dialect.raw({})))] * 2
    with pytest.raises(wenwen.MaxTurnsError) as caught:
        run(dialect, script, tools=[act], **{limit: value})
    error = caught.value
    assert (error.limit, len(ran), len(run.bodies)) == (limit, 2, 2)  # none of the second turn's has begun
    assert [step.status for step in error.steps] == ["done", "done", "skipped", "skipped"]
    assert error.usage == dialect.twice
    assert error.reply.to_dict()[dialect.usage] == dialect.tokens
    history = plain(error.history)
    assert len(dialect.results({dialect.history: history})) == len(dialect.calls({dialect.history: history})) == 4
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.limit, plain(again.history)) == (wenwen.MaxTurnsError, limit, history)
    # And the conversation goes on.
    reply = run(dialect, [dialect.reply(text="x")], **{dialect.history: error.history}, tools=[act])
    assert run.bodies[0][dialect.history] == history
    assert dialect.text(reply) == "x"


@everywhere
def test_an_answer_within_the_last_turn_counts(whole: Runner, dialect: Any) -> None:
    script = [dialect.reply(("c1", "weather", dialect.raw({"city": "Rome"}))), dialect.reply(text="x")]
    assert dialect.text(whole(dialect, script, tools=[weather], max_turns=2, budget=19)) == "x"


def test_sixteen_turns_unless_said_otherwise(whole: Runner) -> None:
    dialect = DIALECTS[0]
    with pytest.raises(wenwen.MaxTurnsError, match="max_turns=16"):
        whole(dialect, [dialect.reply(("c1", "weather", '{"city": "Rome"}'))] * 20, tools=[weather])
    assert len(whole.bodies) == 16


@pytest.mark.parametrize(
    "options",
    [
        {"max_turns": 0}, {"max_turns": -1}, {"max_turns": None}, {"max_turns": True}, {"max_turns": 1.5},
        {"budget": 0}, {"budget": "many"}, {"parallel": 0}, {"parallel": "yes"}, {"parallel": None},
        {"tool_timeout": 0}, {"tool_timeout": "1"}, {"on_error": "ignore"}, {"on_error": None},
        {"before_tool": True}, {"context": ["x"]}, {"max_result": 0}, {"as_dict": True}, {"n": 2},
    ],
)  # fmt: skip
def test_options_that_are_wrong(call: Call, gateway: LocalGateway, options: dict[str, Any]) -> None:
    client = call.client(gateway)
    with pytest.raises((TypeError, ValueError)) as caught:
        call.wait(client.chat.completions.run(**DIALECTS[1].params(tools=[weather], **options)))
    assert next(iter(options)) in str(caught.value)
    assert not gateway.requests


# Failures


@everywhere
def test_failures_that_are_raised(run: Runner, dialect: Any) -> None:
    def bad() -> None:
        raise ZeroDivisionError("by zero")

    for name, arguments, cause in [
        ("bad", {}, ZeroDivisionError),
        ("bad", {"x": 1}, ValueError),
        ("worse", {}, LookupError),
    ]:
        calls = [("c1", name, dialect.raw(arguments)), ("c2", "weather", dialect.raw({"city": "Rome"}))]
        with pytest.raises(wenwen.ToolFailedError) as caught:
            run(dialect, [dialect.reply(*calls)], tools=[weather, bad], on_error="raise")
        error = caught.value
        assert isinstance(error.__cause__, cause)
        assert error.step.id == "c1"
        results = dialect.results({dialect.history: plain(error.history)})
        assert [id for id, _ in results] == ["c1", "c2"]


@everywhere
def test_the_words_for_a_failure(whole: Runner, dialect: Any) -> None:
    def bad() -> None:
        raise ZeroDivisionError("by zero")

    script = [dialect.reply(("c1", "bad", dialect.raw({}))), dialect.reply(text="x")]
    whole(dialect, script, tools=[bad], on_error=lambda step: f"{step.name}: {step.error}")
    assert dialect.results(whole.bodies[1]) == [("c1", "Error: bad: by zero")]
    with pytest.raises(TypeError, match="on_error returned None"):
        whole(dialect, script[:1], tools=[bad], on_error=lambda step: None)


@everywhere
def test_what_cannot_be_told_is_the_developers(run: Runner, dialect: Any) -> None:
    class Thing:
        pass

    def make() -> Any:
        return {"a": [Thing()]}

    with pytest.raises(wenwen.ToolFailedError, match="make: a tool returned a Thing") as caught:
        run(dialect, [dialect.reply(("c1", "make", dialect.raw({})))], tools=[make])
    assert isinstance(caught.value.__cause__, TypeError)
    assert len(dialect.results({dialect.history: plain(caught.value.history)})) == 1


def words(error: BaseException) -> Callable[[], Any]:
    def act() -> None:
        raise error

    return act


def generates() -> Any:
    yield 1
    raise wenwen.ToolError("No more.")


async def agenerates() -> Any:
    yield 1
    raise wenwen.ToolError("No more.")


# As Anthropic's package has it, whose own tools raise it.
Theirs = type("ToolError", (Exception,), {"__module__": "anthropic.lib.tools._beta_functions"})
BLOCKS = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]


class Coded(wenwen.ToolError):
    def __init__(self, code: int) -> None:
        self.code = code

    def __str__(self) -> str:
        return f"code {self.code}"


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (words(wenwen.ToolError()), "Error: The function failed."),
        (words(wenwen.ToolError("")), "Error: The function failed."),
        (words(wenwen.ToolError({"code": 7})), "Error: {'code': 7}"),
        (words(wenwen.ToolError(404)), "Error: 404"),
        (words(Coded(7)), "Error: code 7"),
        (words(Theirs("theirs")), "Error: theirs"),
        (words(type("Own", (Theirs,), {})("of theirs")), "Error: of theirs"),
        (words(type("ToolError", (Exception,), {})("hunter2")), "Error: The function failed (ToolError)."),
        (words(wenwen.ToolError(BLOCKS)), "Error: one\ntwo"),
        (words(wenwen.ToolError([*BLOCKS, {"type": "x"}])), "'type': 'x'}]"),
        (words(wenwen.ToolError([])), "Error: []"),
        (words(wenwen.ToolError("\ud800 is no text")), "Error: \ufffd is no text"),
        (words(wenwen.ToolError("x" * 5000)), "4000 of 5000 characters are left out"),
        (words(ExceptionGroup("hunter2", [ValueError("hunter2")])), "Error: The function failed (ExceptionGroup)."),
        (generates, "Error: No more."),
        (agenerates, "Error: No more."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_what_a_failure_is_told_as(whole: Runner, act: Any, told: str) -> None:
    dialect = DIALECTS[0]
    tools, script = [wenwen.tool(act, name="act")], [dialect.reply(("c1", "act", "{}")), dialect.reply(text="x")]
    reply = whole(dialect, script, tools=tools, max_result=1000)
    [(_, text)] = dialect.results(whole.bodies[1])
    assert text == told or (told[0] != "E" and told in text)
    assert reply.steps[0].status == "failed"


@everywhere
def test_a_failure_that_shows_a_picture(whole: Runner, dialect: Any) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}

    def look() -> None:
        raise wenwen.ToolError([{"type": "text", "text": "It broke:"}, {"type": "image", "source": source}])

    script = [dialect.reply(("c1", "look", dialect.raw({}))), dialect.reply(text="x")]
    reply = whole(dialect, script, tools=[look])
    assert reply.steps[0].is_error and reply.steps[0].text == "Error: It broke:"
    assert "iVBORw0KGgo=" in str(whole.bodies[1]) and "It broke:" in str(whole.bodies[1])


@everywhere
def test_words_that_no_request_takes(whole: Runner, dialect: Any) -> None:
    """A name of a file may hold half a character."""
    calls = [(f"c{n}", "act", dialect.raw({"n": n})) for n in range(4)]

    def act(n: int) -> Any:
        return ["\ud83d\ude00 \udcff", {"\udcff": 1}, ["\udcff"], "x"][n]

    tools: Any = [act]
    whole(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=tools,
          before_tool=lambda call: "\udcff" if call.id == "c3" else None)  # fmt: skip
    texts = [text for _, text in dialect.results(whole.bodies[1])]
    assert texts == ["\U0001f600 \ufffd", '{"\ufffd": 1}', '["\ufffd"]', "Error: \ufffd"]


@everywhere
@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_ctrl_c_within_a_function(whole: Runner, dialect: Any, stop: type[BaseException]) -> None:
    def act() -> None:
        raise stop

    calls = [("c1", "act", dialect.raw({})), ("c2", "weather", dialect.raw({"city": "Rome"}))]
    with pytest.raises(stop) as caught:
        whole(dialect, [dialect.reply(*calls)], tools=[act, weather], parallel=False)
    history = plain(caught.value.run.history)  # type: ignore[attr-defined]
    results = dialect.results({dialect.history: history})
    assert [id for id, _ in results] == ["c1", "c2"]
    assert results[1][1] == "Error: Not run: the run ended before."  # nobody has to fear that it has taken effect


@everywhere
def test_an_error_of_a_later_turn_has_what_was_before(run: Runner, dialect: Any) -> None:
    script = [dialect.reply(("c1", "weather", dialect.raw({"city": "Rome"}))), 400]
    with pytest.raises(wenwen.BadRequestError) as caught:
        run(dialect, script, tools=[weather])
    so_far = caught.value.run  # type: ignore[attr-defined]
    assert [step.result for step in so_far.steps] == ["sunny in Rome for 1"]
    assert dialect.results({dialect.history: plain(so_far.history)}) == [("c1", "sunny in Rome for 1")]
    assert pickle.loads(pickle.dumps(caught.value)).run.steps[0].result == "sunny in Rome for 1"


def test_a_stop_iteration_ends_nothing_silently(run: Runner) -> None:
    def act() -> None:
        raise StopIteration("x")

    def ask(step: Any) -> bool:
        raise StopIteration("x")

    dialect = DIALECTS[0]
    reply = run(dialect, [dialect.reply(("c1", "act", "{}")), dialect.reply(text="x")], tools=[act])
    assert reply.steps[0].status == "failed"
    with pytest.raises(RuntimeError, match="StopIteration"):
        run(dialect, [dialect.reply(("c1", "weather", '{"city": "Rome"}'))], tools=[weather], before_tool=ask)


# Whoever is asked before


@everywhere
def test_before_a_call(run: Runner, dialect: Any) -> None:
    asked: list[Any] = []
    answers: dict[str, Any] = {
        "a": True, "b": None, "c": False, "d": "Not on Sundays.", "e": {"city": "Oslo", "days": "3"},
    }  # fmt: skip

    def before(call: wenwen.ToolCall) -> Any:
        asked.append((call.id, call.name, call.arguments, call.parsed_arguments))
        return answers[call.id]

    calls = [(id, "weather", dialect.raw({"city": id})) for id in answers]
    calls.append(("f", "weather", dialect.raw({"town": "x"})))  # which nobody needs to be asked about
    script = [dialect.reply(*calls), dialect.reply(text="x")]
    reply = run(dialect, script, tools=[weather], before_tool=before)
    assert asked == [(id, "weather", {"city": id}, {"city": id}) for id in answers]
    texts = [text for _, text in dialect.results(run.bodies[1])]
    assert texts[:5] == [
        "sunny in a for 1",
        "sunny in b for 1",
        "Error: This call was not allowed.",
        "Error: Not on Sundays.",
        "sunny in Oslo for 3",
    ]
    assert [step.status for step in reply.steps] == ["done", "done", "refused", "refused", "done", "failed"]


def test_before_a_call_awaited(gateway: LocalGateway) -> None:
    dialect = DIALECTS[0]
    gateway.script(dialect.reply(("c1", "weather", '{"city": "Rome"}')), dialect.reply(text="x"))

    async def before(call: wenwen.ToolCall) -> str:
        await asyncio.sleep(0)
        return "no"

    async def main() -> Any:
        client = gateway.async_client()
        return await client.responses.run(**dialect.params(tools=[weather], before_tool=before))

    assert asyncio.run(main()).steps[0].status == "refused"
    gateway.script(dialect.reply(("c1", "weather", '{"city": "Rome"}')))
    with pytest.raises(TypeError, match="before_tool returned"):
        gateway.client().responses.run(**dialect.params(tools=[weather], before_tool=before))


def test_wrong_answers_of_whoever_is_asked(run: Runner) -> None:
    dialect = DIALECTS[2]
    script = [dialect.reply(("c1", "weather", {"city": "Rome"}))]
    for answer in (1, ["x"], object()):
        with pytest.raises(TypeError, match="before_tool returned"):
            run(dialect, script, tools=[weather], before_tool=lambda step, answer=answer: answer)
    with pytest.raises(ValueError, match="city: Field required"):
        run(dialect, script, tools=[weather], before_tool=lambda step: {})


# Several at once


@everywhere
def test_calls_run_at_once(run: Runner, dialect: Any) -> None:
    met = threading.Barrier(3)

    def first(n: int) -> int:
        met.wait(20)
        return n

    async def second(n: int) -> int:
        await asyncio.to_thread(met.wait, 20)
        return n

    calls = [("c1", "first", dialect.raw({"n": 1})), ("c2", "second", dialect.raw({"n": 2})),
             ("c3", "first", dialect.raw({"n": 3}))]  # fmt: skip
    reply = run(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[first, second])
    assert [step.result for step in reply.steps] == [1, 2, 3]
    assert dialect.results(run.bodies[1]) == [("c1", "1"), ("c2", "2"), ("c3", "3")]


@pytest.mark.parametrize("parallel", [False, 1])
def test_one_by_one(run: Runner, parallel: Any) -> None:
    dialect = DIALECTS[0]
    within, most = [0], [0]

    def act(n: int) -> int:
        within[0] += 1
        most[0] = max(most[0], within[0])
        time.sleep(0.002)
        within[0] -= 1
        return n

    calls = [(f"c{n}", "act", json.dumps({"n": n})) for n in range(5)]
    reply = run(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[act], parallel=parallel)
    assert [step.result for step in reply.steps] == [0, 1, 2, 3, 4]
    assert most == [1]


@pytest.mark.parametrize("parallel", [False, 1])
def test_one_by_one_wherever_they_run(run: Runner, parallel: Any) -> None:
    """In the caller's thread, in another and on a loop: in their order, and never two."""
    dialect = DIALECTS[0]
    seen: list[str] = []

    async def awaited() -> None:
        seen.append("awaited begins")
        await asyncio.sleep(0.02)
        seen.append("awaited ends")

    def plain() -> None:
        seen.append("plain")

    @wenwen.tool(thread=False)
    def here() -> None:
        seen.append("here")

    calls = [(name, name, "{}") for name in ("here", "awaited", "plain")]
    run(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[awaited, plain, here], parallel=parallel)
    assert seen == ["here", "awaited begins", "awaited ends", "plain"]


def test_what_holds_up_all_others_comes_last(run: Runner) -> None:
    dialect = DIALECTS[0]
    begun = threading.Event()

    @wenwen.tool(thread=False)
    def here() -> bool:
        return begun.wait(20)

    def plain() -> None:
        begun.set()

    if run.call.is_async:
        return  # it is the loop's thread then, and holds up what has not begun
    calls = [("c1", "here", "{}"), ("c2", "plain", "{}")]
    reply = run(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[here, plain])
    assert reply.steps[0].result is True


def test_no_more_than_so_many_at_once(run: Runner) -> None:
    dialect = DIALECTS[0]
    lock, within, most = threading.Lock(), [0], [0]

    def act(n: int) -> int:
        with lock:
            within[0] += 1
            most[0] = max(most[0], within[0])
        time.sleep(0.002)
        with lock:
            within[0] -= 1
        return n

    calls = [(f"c{n}", "act", json.dumps({"n": n})) for n in range(12)]
    reply = run(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[act], parallel=3)
    assert [step.result for step in reply.steps] == [*range(12)]
    assert most[0] <= 3


variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="")


def test_functions_in_threads_know_the_context(run: Runner) -> None:
    dialect = DIALECTS[0]

    def who() -> str:
        return variable.get()

    async def who_else() -> str:
        return variable.get()

    def before(step: Any) -> None:
        variable.set("Ada")

    calls = [("c1", "who", "{}"), ("c2", "who_else", "{}"), ("c3", "who", "{}")]
    script = [dialect.reply(*calls), dialect.reply(text="x")]
    reply = contextvars.copy_context().run(run, dialect, script, tools=[who, who_else], before_tool=before)
    assert [step.result for step in reply.steps] == ["Ada"] * 3


def test_the_context_in_a_notebook(gateway: LocalGateway) -> None:
    """A sync client's coroutine functions, where the caller's thread runs a loop already."""
    dialect = DIALECTS[0]
    gateway.script(dialect.reply(("c1", "who", "{}")), dialect.reply(text="x"))

    async def who() -> str:
        return variable.get()

    def hidden() -> Any:  # which nothing tells to be one
        return who()

    async def main() -> Any:
        variable.set("Ada")
        return gateway.client().responses.run(**dialect.params(tools=[wenwen.tool(hidden, name="who")]))

    assert asyncio.run(main()).steps[0].result == "Ada"


def test_the_thread(run: Runner) -> None:
    dialect = DIALECTS[0]
    threads: dict[str, int] = {}

    def alone() -> None:
        threads["alone"] = threading.get_ident()

    @wenwen.tool(thread=False)
    def bound() -> None:
        threads["bound"] = threading.get_ident()

    calls = [("c1", "bound", "{}"), ("c2", "alone", "{}")]
    run(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[alone, bound])
    assert threads["bound"] == threading.get_ident() != threads["alone"]
    run(dialect, [dialect.reply(calls[1]), dialect.reply(text="x")], tools=[alone, bound])
    # One call needs no thread, where nobody's loop would wait for it.
    assert (threads["alone"] == threading.get_ident()) is not run.call.is_async


@pytest.mark.parametrize("how", ["run", "own"])
def test_a_timeout_for_each(run: Runner, how: str) -> None:
    dialect = DIALECTS[2]
    over = threading.Event()

    def hangs() -> None:
        over.wait(20)

    async def hangs_too() -> None:
        await asyncio.sleep(20)

    tools: list[Any] = [hangs, hangs_too]
    options: dict[str, Any] = {"tool_timeout": 0.05}
    if how == "own":
        tools, options = [wenwen.tool(timeout=0.05)(tool) for tool in tools], {"tool_timeout": 20}
    calls = [("c1", "hangs", {}), ("c2", "hangs_too", {}), ("c3", "weather", {"city": "Rome"})]
    try:
        reply = run(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[*tools, weather], **options)
    finally:
        over.set()
    assert [step.status for step in reply.steps] == ["timeout", "timeout", "done"]
    assert isinstance(reply.steps[0].error, TimeoutError)
    assert "may have taken effect" in dialect.results(run.bodies[1])[0][1]


def test_what_cancels_itself_or_will_not_be_cancelled(run: Runner) -> None:
    dialect = DIALECTS[1]
    left: list[bool] = []

    async def cancels() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(20)

    async def stays() -> None:
        while not left:
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue

    @wenwen.tool(thread=False, timeout=0.01)
    def late() -> str:
        time.sleep(0.03)
        return "late"

    calls = [("c1", "cancels", "{}"), ("c2", "stays", "{}"), ("c3", "late", "{}")]
    try:
        reply = run(dialect, [dialect.reply(*calls), dialect.reply(text="x")],
                    tools=[cancels, wenwen.tool(stays, timeout=0.1), late])  # fmt: skip
    finally:
        left.append(True)
    # Nothing of Python's stops what holds its thread: what it returned is there.
    assert [step.status for step in reply.steps] == ["failed", "timeout", "done"]


def test_a_run_is_left_though_a_tool_stays(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wenwen._run_async._GRACE", 0.05)
    dialect = DIALECTS[0]
    gateway.script(dialect.reply(("c1", "stays", "{}")))

    async def main() -> None:
        begun, left = asyncio.Event(), asyncio.Event()

        async def stays() -> None:
            begun.set()
            while not left.is_set():
                try:
                    await left.wait()
                except asyncio.CancelledError:
                    continue

        task = asyncio.create_task(gateway.async_client().responses.run(**dialect.params(tools=[stays])))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert [step.status for step in caught.value.run.steps] == ["interrupted"]  # type: ignore[attr-defined]
        left.set()

    asyncio.run(main())


# Ends


def test_a_cancelled_run_cancels_its_tools(gateway: LocalGateway) -> None:
    for dialect in DIALECTS:
        ended: list[str] = []

        async def main(dialect: Any = dialect, ended: list[str] = ended) -> Any:
            begun = asyncio.Event()

            async def hangs() -> None:
                begun.set()
                try:
                    await asyncio.sleep(20)
                finally:
                    ended.append("hangs")

            gateway.script(dialect.reply(("c1", "hangs", dialect.raw({})),
                                         ("c2", "weather", dialect.raw({"city": "Rome"}))))  # fmt: skip
            resource = dialect.method(gateway.async_client())

            async def asked() -> Any:
                try:
                    return await resource.run(**dialect.params(tools=[hangs, weather]))
                except asyncio.CancelledError as error:
                    return error.run.history  # type: ignore[attr-defined]

            task = asyncio.create_task(asked())
            await begun.wait()
            task.cancel()
            return plain(await task)

        history = asyncio.run(main())
        assert ended == ["hangs"]
        results = dialect.results({dialect.history: history})
        assert [id for id, _ in results] == ["c1", "c2"]
        assert "interrupted" in results[0][1]


def test_a_read_that_a_timeout_ended_goes_on(gateway: LocalGateway) -> None:
    dialect = DIALECTS[0]
    gateway.script(dialect.reply(("c1", "slow", "{}")), dialect.reply(text="x"))

    async def main() -> None:
        go = asyncio.Event()
        runs: list[int] = []

        async def slow() -> str:
            runs.append(1)
            await go.wait()
            return "here"

        run = gateway.async_client().responses.run(**dialect.params(tools=[slow]), stream=True)
        timeouts = 0
        events = []
        while True:
            try:
                async with asyncio.timeout(0.05 if not go.is_set() else 20):
                    events.append(await run.__anext__())
            except TimeoutError:
                timeouts += 1
                if timeouts == 3:
                    go.set()
            except StopAsyncIteration:
                break
        assert (timeouts, runs) == (3, [1])
        assert run.reply is not None and run.reply.steps[0].result == "here"

    asyncio.run(main())


@everywhere
def test_a_run_that_was_left(call: Call, gateway: LocalGateway, dialect: Any) -> None:
    gateway.script(dialect.reply(("c1", "weather", dialect.raw({"city": "Rome"}))))
    run = dialect.method(call.client(gateway)).run(**dialect.params(tools=[weather]), stream=True)
    with call.open(run) as opened:
        assert opened is run
        for event in call.each(run):
            if isinstance(event, wenwen.ToolResult):
                break
    assert list(call.each(run)) == []
    assert run.reply is None
    assert [step.status for step in run.steps] == ["done"]
    assert len(gateway.requests) == 1
    assert dialect.results({dialect.history: plain(run.history)}) == [("c1", "sunny in Rome for 1")]


def test_a_run_that_another_thread_closes(gateway: LocalGateway) -> None:
    """Whoever reads it is woken, and gets no more."""
    dialect = DIALECTS[0]
    begun, go = threading.Event(), threading.Event()

    def waits() -> None:
        begun.set()
        go.wait(20)

    gateway.script(dialect.reply(("c1", "waits", "{}"), ("c2", "waits", "{}")))
    run = gateway.client().responses.run(**dialect.params(tools=[waits]), stream=True)

    def close() -> None:
        assert begun.wait(20)
        run.close()

    closing = threading.Thread(target=close)
    closing.start()
    assert not any(isinstance(event, wenwen.ToolResult) for event in run)
    closing.join()
    go.set()
    assert run.reply is None and len(run.steps) == 2
    assert "interrupted" in {step.status for step in run.steps} <= {"interrupted", "skipped"}


@pytest.mark.parametrize("who", ["tool", "before_tool"])
@everywhere
def test_a_run_that_its_own_function_closes(call: Call, gateway: LocalGateway, dialect: Any, who: str) -> None:
    gateway.script(dialect.reply(("c1", "ends", dialect.raw({})), ("c2", "ends", dialect.raw({}))))

    async def close() -> None:
        await run.aclose()

    def close_now(step: Any = None) -> None:
        run.close()

    ends = wenwen.tool(close if call.is_async else close_now, name="ends")
    before = (lambda step: close()) if call.is_async else close_now
    options = {"before_tool": before} if who == "before_tool" else {}
    run = dialect.method(call.client(gateway)).run(**dialect.params(tools=[ends]), stream=True, **options)
    assert not any(isinstance(event, wenwen.ToolResult) for event in call.each(run))
    assert run.reply is None and len(run.steps) == 2 and len(gateway.requests) == 1
    assert {step.status for step in run.steps} <= {"interrupted", "skipped"}


def test_a_stream_may_be_awaited_first(gateway: LocalGateway) -> None:
    async def main() -> list[str]:
        client = gateway.async_client()
        gateway.script(DIALECTS[0].reply(text="x"))
        return [event.type async for event in await client.responses.run(model="m", input="x", tools=[], stream=True)]

    assert asyncio.run(main())[-1] == "response.completed"


def test_true_streams(call: Call, gateway: LocalGateway) -> None:
    """With events as servers send them: calls in pieces, arguments that are absent, indexes that repeat."""
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def delta(**fields: Any) -> dict[str, Any]:
        return {**chunk, "choices": [{"index": 0, "delta": fields, "finish_reason": None}]}

    def piece(**fields: Any) -> dict[str, Any]:
        return delta(tool_calls=[fields])

    end = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
    first = [
        piece(index=0, id="a", type="function", function={"name": "weather", "arguments": ""}),
        piece(index=0, function={"arguments": '{"city":'}),
        piece(index=0, function={"arguments": ' "Rome"}'}),
        piece(index=0, id="b", type="function", function={"name": "now"}),  # no arguments at all
        end,
        "data: [DONE]\n\n",
    ]
    ran: list[str] = []

    def now() -> str:
        ran.append("now")
        return "noon"

    gateway.script(Reply(events=first), DIALECTS[1].reply(text="x"))
    run = call.client(gateway).chat.completions.run(**DIALECTS[1].params(tools=[weather, now]), stream=True)
    events = list(call.each(run))
    assert ran == ["now"]
    assert DIALECTS[1].results(gateway.requests[1].json()) == [("a", "sunny in Rome for 1"), ("b", "noon")]
    assert sum(isinstance(event, wenwen.ToolResult) for event in events) == 2
    assert run.reply.text == "x"


def test_pauses_of_the_service(run: Runner) -> None:
    dialect = DIALECTS[2]
    paused = dialect.reply(text="Searching", stop_reason="pause_turn")
    reply = run(dialect, [paused, dialect.reply(text="Found.")], tools=[weather])
    assert reply.text == "Found."
    assert [message["role"] for message in run.bodies[1]["messages"]] == ["user", "assistant"]


# What is the caller's to do


@everywhere
def test_a_function_without_a_body_ends_the_run(run: Runner, dialect: Any) -> None:
    ran: list[str] = []

    def act() -> None:
        ran.append("act")

    mine: Any = {
        "responses": {"type": "function", "name": "mine", "parameters": {"type": "object"}},
        "chat": {"type": "function", "function": {"name": "mine", "parameters": {"type": "object"}}},
        "messages": {"name": "mine", "input_schema": {"type": "object"}},
        "gemini": {"functionDeclarations": [{"name": "mine"}]},
    }[dialect.name]
    calls = [("c2", "mine", dialect.raw({"x": 1})), ("c3", "act", dialect.raw({}))]
    script = [dialect.reply(("c1", "weather", dialect.raw({"city": "Rome"}))), dialect.reply(*calls)]
    reply = run(dialect, script, tools=[weather, act, mine])
    assert [step.name for step in reply.steps] == ["weather"]
    assert [(call.id, call.name, call.arguments) for call in reply.calls] == [
        ("c2", "mine", {"x": 1}),
        ("c3", "act", {}),
    ]
    assert ran == []

    def answer(x: int) -> str:
        return f"mine {x}"

    added = run.call.wait(
        reply.run_tools_async([wenwen.tool(answer, name="mine"), act])
        if run.call.is_async
        else reply.run_tools([wenwen.tool(answer, name="mine"), act])
    )
    history = plain([*reply.history, *added])
    assert [id for id, _ in dialect.calls({dialect.history: history})] == ["c1", "c2", "c3"]
    assert [text for _, text in dialect.results({dialect.history: history})] == [
        "sunny in Rome for 1", "mine 1", "(no output)",
    ]  # fmt: skip


def test_other_calls_of_the_callers_end_the_run(run: Runner) -> None:
    dialect = DIALECTS[0]
    for item, ends in [
        ({"type": "custom_tool_call", "call_id": "x1", "name": "c", "input": "x"}, True),
        ({"type": "computer_call", "call_id": "x1", "id": "cu_1", "action": {"type": "screenshot"}}, True),
        ({"type": "mcp_approval_request", "id": "m", "name": "x", "server_label": "y", "arguments": "{}"}, True),
        ({"type": "web_search_call", "id": "ws_1", "status": "completed"}, False),
    ]:
        first = dialect.reply(("c1", "weather", '{"city": "Rome"}'))
        first["output"].append(item)
        reply = run(dialect, [first, dialect.reply(text="x")], tools=[weather])
        assert (len(run.bodies), len(reply.steps)) == ((1, 0) if ends else (2, 1))


# What comes back


def figure() -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(PNG))


@everywhere
@pytest.mark.parametrize("make", [lambda: PNG, figure, lambda: ["Look:", PNG]], ids=["bytes", "PIL", "with a text"])
def test_pictures(run: Runner, dialect: Any, make: Callable[[], Any]) -> None:
    def draw() -> Any:
        return make()

    calls = [("c1", "draw", dialect.raw({})), ("c2", "weather", dialect.raw({"city": "Rome"}))]
    reply = run(dialect, [dialect.reply(*calls), dialect.reply(text="x")], tools=[draw, weather])
    items = run.bodies[1][dialect.history]
    data = next(part for part in reply.steps[0].output if not isinstance(part, str)).data
    assert base64.b64decode(data).startswith(b"\x89PNG")
    url = f"data:image/png;base64,{data}"
    if dialect.name == "responses":
        assert items[-2]["output"][-1] == {"type": "input_image", "image_url": url}
    elif dialect.name == "chat":  # a tool's message holds text there: the picture is the user's next
        assert [item["role"] for item in items[-3:]] == ["tool", "tool", "user"]
        assert items[-1]["content"][-1] == {"type": "image_url", "image_url": {"url": url}}
        assert items[-3]["content"]
    elif dialect.name == "messages":
        source = {"type": "base64", "media_type": "image/png", "data": data}
        assert items[-1]["content"][0]["content"][-1] == {"type": "image", "source": source}
    else:
        assert items[-1]["parts"][-1] == {"inlineData": {"mimeType": "image/png", "data": data}}
        assert [[*part] for part in items[-1]["parts"]] == [["functionResponse"], ["functionResponse"], ["inlineData"]]


def test_a_large_result_is_cut(whole: Runner) -> None:
    dialect = DIALECTS[0]

    def dump(n: int) -> str:
        return "a" * n + "z"

    script = [dialect.reply(("c1", "dump", '{"n": 1000}')), dialect.reply(text="x")]
    reply = whole(dialect, script, tools=[dump], max_result=100)
    text = dialect.results(whole.bodies[1])[0][1]
    assert text.startswith("a" * 75 + "\n…") and text.endswith("a" * 24 + "z") and "901 of 1001" in text
    assert len(reply.steps[0].result) == 1001


# One turn by hand


@everywhere
def test_one_turn_by_hand(call: Call, gateway: LocalGateway, dialect: Any) -> None:
    calls = [("c1", "weather", dialect.raw({"city": "Rome"})), ("c2", "nope", dialect.raw({}))]
    first = dialect.reply(*calls)
    gateway.script(first, dialect.reply(text="x"))
    method = getattr(dialect.method(call.client(gateway)), "generate_content" if dialect.name == "gemini" else "create")
    history: Any = [{"role": "user", "content": "Hello!"}]
    if dialect.name == "gemini":
        history = [{"role": "user", "parts": [{"text": "Hello!"}]}]
    reply = call.wait(method(**dialect.params(**{dialect.history: history}, tools=[weather])))
    assert [(one.id, one.name, one.arguments) for one in reply.calls] == [("c1", "weather", {"city": "Rome"}),
                                                                         ("c2", "nope", {})]  # fmt: skip
    assert (reply.steps, reply.turns) == ([], [reply])
    added = reply.run_tools([weather]) if not call.is_async else call.wait(reply.run_tools_async([weather]))
    history += added
    last = call.wait(method(**dialect.params(**{dialect.history: history})))
    assert dialect.text(last) == "x" and last.calls == []
    results = dialect.results(gateway.requests[1].json())
    assert [id for id, _ in results] == ["c1", "c2"]
    assert results[0][1] == "sunny in Rome for 1"
    assert json.dumps(gateway.requests[1].json()).count("kept") == json.dumps(first).count("kept")
    # Without calls: the reply alone.
    assert plain(last.run_tools([weather])) == plain(last.history)
    for wrong in ("max_turns", "output", "retries", "nope"):
        with pytest.raises(TypeError, match=f"no {wrong}: .* takes before_tool"):
            reply.run_tools([weather], **{wrong: 3})


@everywhere
def test_calls_without_a_function_are_not_run_by_hand(call: Call, gateway: LocalGateway, dialect: Any) -> None:
    class Query(pydantic.BaseModel):
        text: str

    ran: list[str] = []
    own = wenwen.tool(lambda: ran.append("own"), name="own")
    theirs = wenwen.pydantic_function_tool(Query)
    dicts = [wenwen.tool(weather).to_dict(dialect.name)]
    if dialect.name == "gemini":
        dicts = [{"functionDeclarations": dicts}]
    method = getattr(dialect.method(call.client(gateway)), "generate_content" if dialect.name == "gemini" else "create")
    for tool, name in ((theirs, "Query"), (dicts[0], "weather")):
        gateway.script(dialect.reply(("c1", "own", dialect.raw({})), ("c2", name, dialect.raw({"text": "x"}))))
        reply = call.wait(method(**dialect.params(tools=[own])))
        with pytest.raises(ValueError, match=f"the reply calls {name}, which has no function here"):
            reply.run_tools([own, tool])
    assert ran == []


@everywhere
def test_nothing_of_a_cut_reply_is_run_by_hand(dialect: Any, gateway: LocalGateway) -> None:
    gateway.script(dialect.reply(("c1", "weather", dialect.raw({"city": "Rome"})), cut=dialect.cut))
    resource = dialect.method(gateway.client())
    reply = (resource.generate_content if dialect.name == "gemini" else resource.create)(**dialect.params())
    with pytest.raises(wenwen.IncompleteTurnError):
        reply.run_tools([weather])


# Replies that know their run


@everywhere
def test_replies_keep_their_run(whole: Runner, dialect: Any) -> None:
    script = [dialect.reply(("c1", "weather", dialect.raw({"city": "Rome"}))), dialect.reply(text="x")]
    reply = whole(dialect, script, tools=[weather])
    for again in (pickle.loads(pickle.dumps(reply)), copy.copy(reply), copy.deepcopy(reply)):
        assert type(again) is type(reply) and again == reply
        assert [step.result for step in again.steps] == ["sunny in Rome for 1"]
        assert plain(again.history) == plain(reply.history)
        assert [turn.usage.to_dict() for turn in again.turns] == [dialect.tokens] * 2


def test_what_does_not_pickle_is_left_out(whole: Runner) -> None:
    dialect = DIALECTS[0]

    class Local(list[int]):
        pass

    def act() -> Any:
        return Local([1])

    reply = whole(dialect, [dialect.reply(("c1", "act", "{}")), dialect.reply(text="x")], tools=[act])
    [step] = pickle.loads(pickle.dumps(reply)).steps
    assert (step.result, step.text, step.status) == (None, "[1]", "done")


def test_there_is_no_raw_form(call: Call, gateway: LocalGateway) -> None:
    for raw in ("with_raw_response", "with_streaming_response"):
        with pytest.raises((TypeError, AttributeError)):
            made = getattr(call.client(gateway).responses, raw).run(model="m", input="x", tools=[])
            with call.open(made):
                pass


# An answer of a class


@dataclasses.dataclass
class Verdict:
    city: str
    days: int


GOOD, BAD = '{"city": "Rome", "days": 3}', '{"city": "Rome", "days": "many"}'


@everywhere
def test_the_last_answer_is_of_the_class(run: Runner, dialect: Any) -> None:
    script = [
        dialect.reply(("c1", "weather", dialect.raw({"city": "Rome"})), text="I look it up."),
        dialect.reply(text=GOOD),
    ]
    system = {"system_instruction": "Be brief."} if dialect.name == "gemini" else {}
    reply = run(dialect, script, tools=[weather], output=Verdict, **system)
    assert reply.parsed == Verdict("Rome", 3)
    assert type(reply).__name__.startswith("Parsed")
    assert [step.result for step in reply.steps] == ["sunny in Rome for 1"]
    for body in run.bodies:
        assert "days" in json.dumps({**body, "tools": None, dialect.history: None})
    if dialect.name == "gemini":
        assert run.bodies[1]["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    again = pickle.loads(pickle.dumps(reply))
    assert again.parsed == Verdict("Rome", 3) and len(again.steps) == 1
    assert reply.usage.to_dict() == dialect.twice


@everywhere
def test_an_answer_that_does_not_fit(run: Runner, dialect: Any) -> None:
    first = dialect.reply(("c1", "weather", dialect.raw({"city": "Rome"})))
    script = [first, dialect.reply(text=BAD)]
    with pytest.raises(wenwen.AnswerValidationError) as caught:
        run(dialect, script, tools=[weather], output=Verdict)
    error = caught.value
    assert error.text == BAD and error.usage.to_dict() == dialect.twice
    assert [step.status for step in error.run.steps] == ["done"]  # type: ignore[attr-defined]
    reply = run(dialect, [*script, dialect.reply(text=GOOD)], tools=[weather], output=Verdict, retries=1)
    assert reply.parsed == Verdict("Rome", 3)
    assert [one.text for one in reply.tries] == [BAD]
    assert reply.usage.to_dict()[next(iter(dialect.tokens))] == 30
    history = run.bodies[2][dialect.history]
    assert "days" in json.dumps(history[-1]) and BAD in json.dumps(history[-2]).replace("\\", "")
    with pytest.raises(wenwen.AnswerValidationError) as caught:
        run(dialect, [*script, *script[1:]], tools=[weather], output=Verdict, retries=1)
    assert [one.text for one in caught.value.tries] == [BAD, BAD]


def test_the_class_by_the_names_of_others(whole: Runner) -> None:
    names = ("text_format", "response_format", "output_format", "response_schema")
    for dialect, name in zip(DIALECTS, names, strict=True):
        reply = whole(dialect, [dialect.reply(text=GOOD)], tools=[weather], **{name: Verdict})
        assert reply.parsed == Verdict("Rome", 3)
        with pytest.raises(TypeError, match="give only one"):
            whole(dialect, [], tools=[weather], output=Verdict, **{name: Verdict})
    given = {"type": "json_object"}
    reply = whole(DIALECTS[1], [DIALECTS[1].reply(text=GOOD)], tools=[weather], response_format=given)
    assert whole.bodies[0]["response_format"] == given and reply.parsed is None
    for retries in (-1, 1.5, "2"):
        with pytest.raises(TypeError, match="retries is"):
            whole(DIALECTS[0], [], tools=[weather], output=Verdict, retries=retries)


@pytest.mark.parametrize("kind", [{}, {"type": None}, {"type": ""}, {"type": 5}, {"type": "function"}], ids=str)
def test_calls_of_chat_that_do_not_say_their_type(call: Call, gateway: LocalGateway, kind: dict[str, Any]) -> None:
    def weather(city: str) -> str:
        return f"sunny in {city}"

    def reply(**message: Any) -> dict[str, Any]:
        choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
        return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}

    asked = {"id": "call_1", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}, **kind}
    gateway.script(reply(content=None, tool_calls=[asked]), reply(content="done"))
    messages = [{"role": "user", "content": "Hello!"}]
    done = call.wait(call.client(gateway).chat.completions.run(model="m", messages=messages, tools=[weather]))
    assert done.text == "done"
    assert [step.result for step in done.steps] == ["sunny in Rome"]
    said = done.history[1]["tool_calls"][0]
    assert said["function"]["arguments"] == '{"city": "Rome"}'


def test_the_runner_shows_messages_before_their_calls_run(call: Call, gateway: LocalGateway) -> None:
    ran = []

    def weather(location: str) -> str:
        """The weather."""
        ran.append(location)
        return "sunny"

    asked: dict[str, Any] = {
        "model": "m",
        "max_tokens": 99,
        "messages": [{"role": "user", "content": "How is the weather in Boston?"}],
    }
    client = call.client(gateway)
    runner = client.messages.tool_runner(**asked, tools=[weather])
    shown = []
    for message in call.each(runner):
        shown.append((message.stop_reason, len(ran)))
    assert shown == [("tool_use", 0), ("end_turn", 1)]
    # Whoever looks away has run nothing.
    runner = client.messages.tool_runner(**asked, tools=[weather])
    for _ in call.each(runner):
        break
    call.wait(runner.close())
    assert list(call.each(runner)) == []
    assert len(ran) == 1
    # A result that was asked for is made once.
    runner = client.messages.tool_runner(**asked, tools=[weather])
    results = [call.wait(runner.generate_tool_call_response()) for _ in call.each(runner)]
    assert results[0] == call.wait(runner.generate_tool_call_response()) or results[1] is None
    assert len(ran) == 2
    # The conversation may go on otherwise.
    runner = client.messages.tool_runner(**asked, tools=[weather], max_iterations=2)
    for at, _ in enumerate(call.each(runner)):
        if at == 0:
            runner.append_messages({"role": "user", "content": "Be brief."})
            runner.set_messages_params(lambda params: {**params, "max_tokens": 5})
    assert gateway.last_request is not None
    body = gateway.last_request.json()
    assert body["max_tokens"] == 5
    assert body["messages"][-1] == {"role": "user", "content": "Be brief."}


def test_what_the_runner_refuses(call: Call, gateway: LocalGateway) -> None:
    messages = call.client(gateway).messages
    asked: dict[str, Any] = {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": "Hello!"}]}
    for wrong in ({"max_iterations": 0}, {"max_iterations": True}, {"max_retrys": 1}, {"max_turns": 0}):
        with pytest.raises((TypeError, ValueError), match=next(iter(wrong))):
            messages.tool_runner(**{**asked, **wrong})
    with pytest.raises(TypeError, match="no raw form"):
        messages.with_raw_response.tool_runner(**asked)
    assert gateway.requests == []


def said(*blocks: Any, stop: str = "tool_use") -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [*blocks], "stop_reason": stop, "usage": {}}


def calls(id: str, name: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": name, "input": given}


DONE = said({"type": "text", "text": "Done."}, stop="end_turn")
SUMMARY = {"type": "compaction", "content": "So far.", "encrypted_content": None}
TOLD: list[str] = []


def noted(name: str) -> Any:
    def run() -> str:
        TOLD.append(name)
        return f"{name} ran"

    return wenwen.beta_tool(run, name=name, description=f"Runs {name}.")


class Shown:
    """A runner on a script of the gateway's, sync or awaited, whole or streamed."""

    def __init__(
        self, call: Call, gateway: LocalGateway, script: list[Any], streams: bool = False, **params: Any
    ) -> None:
        TOLD.clear()
        self.call, self.gateway = call, gateway
        self.before = len(gateway.requests)
        gateway.script(*script)
        asked = {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": "Hi"}], "stream": streams}
        self.client = call.client(self.gateway, max_retries=0)
        self.runner: Any = self.client.messages.tool_runner(**{**asked, **params})

    def __iter__(self) -> Iterator[Any]:
        for shown in self.call.each(self.runner):
            yield self.call.wait(shown.get_final_message()) if hasattr(shown, "get_final_message") else shown

    @property
    def bodies(self) -> list[Any]:
        return [request.json() for request in self.gateway.requests[self.before :]]


@pytest.fixture(params=[False, True], ids=["whole", "streamed"])
def streams(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_tools_come_and_go(call: Call, gateway: LocalGateway, streams: bool) -> None:
    script = [said(calls("1", "a")), said(calls("2", "b")), said(calls("3", "a")), said(calls("4", "raw")), DONE]
    shown = Shown(call, gateway, script, streams, tools=[noted("a")])
    raw = {"name": "raw", "input_schema": {"type": "object"}}

    def changing() -> None:
        for at, _ in enumerate(shown):
            if at == 0:
                shown.runner.add_tools(noted("b"))
            elif at == 1:
                shown.runner.remove_tools("a")
                shown.runner.add_tools(raw)

    with pytest.warns(UserWarning, match="the model called") as warned:
        changing()
    assert [str(one.message).split("'")[1] for one in warned] == ["a", "raw"]
    assert TOLD == ["a", "b"]
    bodies = shown.bodies
    assert all(body["tools"] == bodies[0]["tools"] for body in bodies)  # which the service has in its cache
    addition = {"type": "tool_definition", "definition": noted("b").to_dict()}
    assert bodies[1]["messages"][-1] == {"role": "system", "content": [{"type": "tool_addition", "tool": addition}]}
    removal = {"type": "tool_reference", "name": "a"}
    assert bodies[2]["messages"][-1]["content"] == [
        {"type": "tool_removal", "tool": removal},
        {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": raw}},
    ]
    assert [body["messages"][-1]["content"][0]["is_error"] for body in bodies[3:]] == [True, True]


@pytest.mark.parametrize("place", ["system", "compaction"])
def test_what_the_conversation_says_of_tools(call: Call, gateway: LocalGateway, place: str) -> None:
    change = {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "a"}}
    content: Any = [change] if place == "system" else [{**SUMMARY, "tool_changes": [change, {}, 5]}]
    role = "system" if place == "system" else "assistant"
    messages = [{"role": "user", "content": "Hi"}, {"role": role, "content": content}, {"role": "system"}]
    with pytest.warns(UserWarning, match="the model called 'a'"):
        list(Shown(call, gateway, [said(calls("1", "a")), DONE], tools=[noted("a")], messages=messages))
    assert TOLD == []
    back = {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "a"}}
    messages.append({"role": "system", "content": [back]})
    list(Shown(call, gateway, [said(calls("1", "a")), DONE], tools=[noted("a")], messages=messages))
    assert TOLD == ["a"]


def test_the_conversation_is_compacted(call: Call, gateway: LocalGateway, streams: bool) -> None:
    script = [said(calls("1", "a")), said(SUMMARY, stop="compaction"), DONE, said(SUMMARY, stop="compaction")]
    format = {"format": {"type": "json_schema", "schema": {}}, "effort": "low"}
    shown = Shown(call, gateway, script, streams, tools=[noted("a")], stop_sequences=["x"], output_config=format)
    seen = []
    for message in shown:
        seen.append(message.stop_reason)
        if message.stop_reason == "compaction":
            shown.runner.compact_before_next_turn()  # which it is already
            with pytest.raises(ValueError, match="being compacted"):
                shown.runner.append_messages({"role": "user", "content": "More"})
        else:
            shown.runner.compact_before_next_turn()
    assert seen == ["tool_use", "compaction", "end_turn", "compaction"]
    _, compaction, after, last = shown.bodies
    assert (compaction["compaction"], compaction["output_config"]) == ({"type": "summarize"}, {"effort": "low"})
    assert "stop_sequences" not in compaction
    assert len(compaction["messages"]) == 3
    assert after["messages"] == [{"role": "assistant", "content": [SUMMARY]}]
    assert (after["stop_sequences"], after["output_config"]) == (["x"], format)
    assert last["messages"][-1]["content"] == DONE["content"]
    # Without a summary it stays as it is; with an edit of the service's own it is refused.
    shown = Shown(call, gateway, [said(calls("1", "a")), said(stop="compaction"), DONE], tools=[noted("a")])
    for message in shown:
        if message.stop_reason == "tool_use":
            shown.runner.compact_before_next_turn()
    assert len(shown.bodies[-1]["messages"]) == 3
    edits = {"edits": [{"type": "compact_20260112"}]}
    with pytest.raises(ValueError, match="compaction of its own"):
        Shown(call, gateway, [], tools=[noted("a")], context_management=edits).runner.compact_before_next_turn()
    with pytest.raises(ValueError, match="compact_before_next_turn"):
        Shown(call, gateway, [], tools=[noted("a")], compaction={"type": "summarize"})


@pytest.mark.parametrize("stop", ["max_tokens", "refusal"])
def test_calls_that_are_cut_short_end_it(call: Call, gateway: LocalGateway, streams: bool, stop: str) -> None:
    shown = Shown(call, gateway, [said(calls("1", "a"), stop=stop)], streams, tools=[noted("a")])
    seen = []
    for message in shown:
        seen.append(message.stop_reason)
        assert call.wait(shown.runner.generate_tool_call_response()) is None
        shown.runner.compact_before_next_turn()  # not of a conversation that ends with a call
    assert (seen, TOLD, len(shown.bodies)) == ([stop], [], 1)


def test_parameters_that_change_leave_the_message_that_is_looked_at(call: Call, gateway: LocalGateway) -> None:
    shown = Shown(call, gateway, [said(calls("1", "a")), DONE], tools=[noted("a")])
    for message in shown:
        if message.stop_reason == "tool_use":
            shown.runner.set_messages_params(lambda params: {**params, "max_tokens": 5})
            shown.runner.set_messages_params(lambda p: {**p, "messages": [{"role": "user", "content": "Else"}]})
    assert [body["max_tokens"] for body in shown.bodies] == [99, 5]
    first, called, result = shown.bodies[1]["messages"]
    assert (first["content"], called["content"]) == ("Else", [calls("1", "a")])
    assert result["content"][0]["content"] == "a ran"


def test_one_that_failed_is_over(call: Call, gateway: LocalGateway) -> None:
    shown = Shown(call, gateway, [said(calls("1", "a")), 500, DONE], tools=[noted("a")])
    with pytest.raises(wenwen.InternalServerError):
        list(call.each(shown.runner))
    assert list(call.each(shown.runner)) == []
    assert len(shown.bodies) == 2


def test_calls_that_run_while_the_message_comes(call: Call, gateway: LocalGateway) -> None:
    blocks = [calls("1", "a"), calls("2", "b"), {"type": "text", "text": "Both."}, calls("3", "a")]
    for held in ((), ("2",), ("1", "2", "3")):
        tools = [noted("a"), noted("b")]
        shown = Shown(call, gateway, [said(*blocks), DONE], True, tools=tools, run_tools_eagerly=True)
        ran: list[Any] = []
        for stream in call.each(shown.runner):
            for event in call.each(stream):
                block = getattr(event, "content_block", None)
                if event.type == "content_block_start" and getattr(block, "id", None) in held:
                    shown.runner.defer_tool_call(block)
            ran.append([*TOLD])
            assert [one.id for one in shown.runner.deferred_tool_calls] == ([*held] if len(ran) == 1 else [])
        assert ran[0] == [name for id, name in (("1", "a"), ("2", "b"), ("3", "a")) if id not in held]
        assert sorted(TOLD) == ["a", "a", "b"]
        results = shown.bodies[1]["messages"][-1]["content"]
        assert [(one["tool_use_id"], one["content"]) for one in results] == [
            ("1", "a ran"),
            ("2", "b ran"),
            ("3", "a ran"),
        ]
    with pytest.raises(ValueError, match="stream=True"):
        Shown(call, gateway, [], tools=[noted("a")], run_tools_eagerly=True)


def test_a_call_before_another_model_s_answer_may_be_cut_off(call: Call, gateway: LocalGateway, streams: bool) -> None:
    blocks = [calls("1", "a"), {"type": "fallback", "to": {"model": "b"}}, {"type": "text", "text": "Hi"}]
    for stop, times in (("end_turn", 0), ("tool_use", 1)):
        list(Shown(call, gateway, [said(*blocks, stop=stop), *[DONE] * times], streams, tools=[noted("a")]))
        assert len(TOLD) == times


def test_tools_that_write_themselves(call: Call, gateway: LocalGateway) -> None:
    class Memory:
        def to_dict(self) -> dict[str, Any]:
            return {"type": "memory_20250818", "name": "memory"}

        def call(self, given: Any) -> str:
            TOLD.append(given["command"])
            return "kept"

    class Schema:
        def to_dict(self) -> dict[str, Any]:
            return {"name": "b", "input_schema": {"type": "object"}}

    shown = Shown(call, gateway, [said(calls("1", "memory", command="view")), DONE], tools=[Memory(), Schema()])
    list(shown)
    assert (TOLD, shown.bodies[0]["tools"]) == (["view"], [Memory().to_dict(), Schema().to_dict()])
    hello = [{"role": "user", "content": "Hi"}]
    call.wait(call.client(gateway).messages.create(model="m", max_tokens=9, messages=hello, tools=[Memory()]))
    assert gateway.last_request is not None
    assert gateway.last_request.json()["tools"] == [Memory().to_dict()]


def test_what_messages_know_of_a_tool() -> None:
    more: Any = {"defer_loading": True, "cache_control": {"type": "ephemeral"}, "input_examples": [{}], "strict": True}

    @wenwen.beta_tool(**more, allowed_callers=None)
    def look(place: str) -> str:
        """Looks."""
        return place

    assert more.items() <= look.to_dict().items()
    assert "defer_loading" not in look.to_dict("responses")
    assert "allowed_callers" not in look.to_dict()
    with pytest.raises(TypeError, match="deferloading"):
        wenwen.beta_tool(look, deferloading=True)


@pytest.mark.parametrize(
    ("returned", "is_content"),
    [
        ([{"type": "tool_reference", "tool_name": "a"}], True),
        ([{"type": "text", "text": "x"}, {"type": "image", "source": {}}], True),
        ([{"type": "text", "text": "x"}, 5], False),
        ([{"type": "text"}], False),
        ([{"type": "row", "row": 1}], False),
        ([{"type": ["text"], "text": 1}], False),
        ([], False),
        ({"type": "text", "text": "x"}, False),
    ],
    ids=["reference", "several", "mixed", "no text", "other type", "type of no text", "empty", "one"],
)
def test_content_as_messages_have_it(call: Call, gateway: LocalGateway, returned: Any, is_content: bool) -> None:
    made = wenwen.beta_tool(lambda: returned, name="a", description="x")
    shown = Shown(call, gateway, [said(calls("1", "a")), DONE], tools=[made])
    list(shown)
    content = shown.bodies[1]["messages"][-1]["content"][0]["content"]
    assert content == returned if is_content else json.loads(content) == returned
