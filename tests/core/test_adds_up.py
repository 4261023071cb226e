"""What a stream adds up to, in every dialect: what was streamed counts, once, and calls of tools stay apart."""

from __future__ import annotations

import io
import json
import math
from typing import Any, NamedTuple

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply

SAY: Any = [{"role": "user", "content": "Hi"}]


class Sum(NamedTuple):
    """One stream, read in every way there is: as a helper's whole, its text, its events, and to a call that asked for
    none."""

    whole: Any
    text: str
    events: list[Any]
    unasked: Any


def wire(events: list[Any], done: bool = True) -> Reply:
    """A stream; strings are data as it stands."""
    lines = [event if isinstance(event, str) else json.dumps(event, ensure_ascii=False) for event in events]
    return Reply(events="".join(f"data: {line}\n\n" for line in [*lines, *(["[DONE]"] if done else [])]))


def calls(client: Any, dialect: str) -> tuple[Any, Any, dict[str, Any]]:
    """How a reply is asked for, how a stream, and with what."""
    return {
        "responses": (client.responses.create, client.responses.stream, {"model": "m", "input": "Hi"}),
        "chat": (client.chat.completions.create, client.chat.completions.stream, {"model": "m", "messages": SAY}),
        "messages": (
            client.messages.create,
            client.messages.stream,
            {"model": "m", "max_tokens": 9, "messages": SAY},
        ),
        "gemini": (client.gemini.generate_content, client.gemini.stream, {"model": "m", "contents": "Hi"}),
    }[dialect]


def sum_of(call: Call, gateway: LocalGateway, dialect: str, events: list[Any], *, done: bool = True) -> Sum:
    """All ways of reading agree, as objects and as dicts."""
    gateway.script(*[wire(events, done)] * 5)
    create, stream, params = calls(call.client(gateway, max_retries=0), dialect)
    final = {"chat": "get_final_completion", "messages": "get_final_message"}.get(dialect, "get_final_response")
    with call.open(stream(**params)) as helper:
        text = "".join(call.each(helper.text_stream))
        whole = call.wait(getattr(helper, final)())
    with call.open(stream(**params, as_dict=True)) as helper:
        shown = list(call.each(helper))
        same(call.wait(getattr(helper, final)()), whole.to_dict())
    asked = call.wait(create(**params, stream=True))
    plain = [event.to_dict() for event in call.each(asked)]
    assert len(plain) <= len(shown)
    unasked = call.wait(create(**params))
    same(unasked.to_dict(), whole.to_dict())
    same(call.wait(create(**params, as_dict=True)), whole.to_dict())
    return Sum(whole, text, plain, unasked)


def same(one: Any, other: Any) -> None:
    assert json.dumps(one) == json.dumps(other)  # NaN is not itself


# ---- responses ----

BEGUN = {"id": "r1", "object": "response", "created_at": 1, "model": "m", "status": "in_progress", "output": []}
MESSAGE = {
    "id": "m1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "The sky is blue.", "annotations": []}],
}
CALL = {
    "id": "f1",
    "type": "function_call",
    "call_id": "c1",
    "name": "f",
    "arguments": '{"x":1}',
    "status": "completed",
}
THOUGHT = {"id": "t1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}


def r(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", **fields}


def spoken(at: int = 0, *, ends: bool = True, **more: Any) -> list[Any]:
    """MESSAGE as events."""
    where = {"output_index": at, "content_index": 0, "item_id": "m1", **more}
    part = {"type": "output_text", "text": "", "annotations": []}
    return [
        r("output_item.added", output_index=at, item={**MESSAGE, "content": [], "status": "in_progress"}),
        r("content_part.added", **where, part=part),
        r("output_text.delta", **where, delta="The sky "),
        r("output_text.delta", **where, delta="is blue."),
        *([r("output_text.done", **where, text="The sky is blue.")] if ends else []),
        *([r("output_item.done", output_index=at, item=MESSAGE)] if ends else []),
    ]


START = r("created", response=BEGUN)
TEXT = "The sky is blue."
USAGE = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}


@pytest.mark.parametrize("kind", ["completed", "done", "failed", "incomplete"])
@pytest.mark.parametrize("ends", [True, False], ids=["items end", "items do not"])
@pytest.mark.parametrize(
    "last",
    [
        {"response": {**BEGUN, "output": []}},
        {"response": {**BEGUN, "output": None}},
        {"response": {key: value for key, value in BEGUN.items() if key != "output"}},
        {"response": {"id": "", "model": None, "output": [{**MESSAGE, "content": []}]}},
        {"response": {"output": [{**MESSAGE, "content": None}]}},
        {"response": {"output": [{"type": "message", "content": [{"type": "output_text", "text": "The "}]}]}},
        {"response": {**BEGUN, "output": [MESSAGE]}},
        {"response": {}},
        {"response": None},
        {},
    ],
    ids=lambda last: json.dumps(last)[:60],
)
def test_a_last_event_that_says_less(call: Call, gateway: LocalGateway, kind: str, ends: bool, last: Any) -> None:
    response = last.get("response")
    status = "completed" if kind == "done" else kind
    if response and "status" in response:
        last = {**last, "response": {**response, "status": status, "usage": USAGE}}
    got = sum_of(call, gateway, "responses", [START, *spoken(ends=ends), r(kind, **last)])
    assert (got.whole.output_text, got.text) == (TEXT, TEXT)
    assert (got.whole.id, got.whole.model, got.whole.status) == ("r1", "m", status)
    assert len(got.whole.output) == 1
    assert got.whole.output[0].status != "in_progress"
    # The event itself has it too.
    assert got.events[-1]["response"] == got.whole.to_dict()
    assert got.whole.usage == (USAGE if "status" in (response or {}) else None)


def test_a_last_event_that_has_some_of_it(call: Call, gateway: LocalGateway) -> None:
    events = [
        START,
        r("output_item.done", output_index=0, item=THOUGHT),
        *spoken(1),
        r("output_item.done", output_index=2, item=CALL),
    ]
    for output in (
        [],
        [MESSAGE],
        [THOUGHT, CALL],
        [{**MESSAGE, "id": "other"}, {**CALL, "arguments": ""}],
        [THOUGHT, MESSAGE, CALL],
    ):
        got = sum_of(call, gateway, "responses", [*events, r("completed", response={**BEGUN, "output": output})])
        assert [item.type for item in got.whole.output] == ["reasoning", "message", "function_call"]
        assert (got.whole.output_text, got.whole.output[2].arguments) == (TEXT, '{"x":1}')
        assert got.whole.output[0].summary[0].text == "Hm."
    # What the end says beyond it counts too, and so does what it says otherwise.
    filtered = {**MESSAGE, "content": [{"type": "output_text", "text": "[removed]"}]}
    more = [filtered, CALL, {**CALL, "id": "f2", "call_id": "c2"}]
    got = sum_of(call, gateway, "responses", [START, *spoken(), r("completed", response={**BEGUN, "output": more})])
    assert (len(got.whole.output), got.whole.output_text) == (3, "[removed]")


CITED = {"type": "url_citation", "url": "https://a.b", "title": "t", "start_index": 0, "end_index": 3}
SAID: Any = MESSAGE["content"]
ANNOTATED = {**MESSAGE, "content": [{**SAID[0], "annotations": [CITED]}]}
WHERE: dict[str, Any] = {"output_index": 0, "content_index": 0, "item_id": "m1"}


@pytest.mark.parametrize("stem", ["output_text.annotation", "output_text_annotation"])
@pytest.mark.parametrize(
    "parts",
    [
        [],
        [r("content_part.done", **WHERE, part=SAID[0])],
        [r("content_part.done", **WHERE, part=ANNOTATED["content"][0])],
        [r("content_part.done", **WHERE, part=SAID[0]), r("output_item.done", output_index=0, item=MESSAGE)],
        [r("output_item.done", output_index=0, item=ANNOTATED)],
    ],
    ids=["alone", "not in the part", "in the part", "not in the item", "in the item"],
)
@pytest.mark.parametrize("annotations", [[], None, ..., [CITED], "no output"])
def test_annotations_stay(call: Call, gateway: LocalGateway, stem: str, parts: list[Any], annotations: Any) -> None:
    part = {**SAID[0], "annotations": annotations}
    if annotations is ...:
        del part["annotations"]
    output = [] if annotations == "no output" else [{**MESSAGE, "content": [part]}]
    added = r(f"{stem}.added", **WHERE, annotation_index=0, annotation=CITED)
    last = r("completed", response={**BEGUN, "status": "completed", "output": output})
    got = sum_of(call, gateway, "responses", [START, *spoken(ends=False), added, *parts, last])
    assert got.whole.output[0].content[0].to_dict() == ANNOTATED["content"][0]
    assert (got.text, got.events[-1]["response"]) == (TEXT, got.whole.to_dict())


@pytest.mark.parametrize(
    ("item", "last"),
    [
        ({**THOUGHT, "encrypted_content": "AAAA"}, THOUGHT),
        (CALL, {**CALL, "call_id": "", "name": None}),
        ({**MESSAGE, "content": [{**SAID[0], "logprobs": [{"token": "T", "logprob": -1}]}]}, MESSAGE),
        (MESSAGE, {**MESSAGE, "role": ""}),
        ({"id": "i", "type": "image_generation_call", "result": "AAAA"}, {"id": "i", "type": "image_generation_call"}),
        ({"id": "w", "type": "web_search_call", "action": {"query": "q"}}, {"id": "w", "type": "web_search_call"}),
        ({"id": "m", "type": "mcp_call", "output": "o"}, {"id": "m", "type": "mcp_call", "output": None}),
    ],
    ids=lambda value: value["type"],
)
def test_fields_of_an_item_stay(call: Call, gateway: LocalGateway, item: Any, last: Any) -> None:
    done = r("output_item.done", output_index=0, item=item)
    end = r("completed", response={**BEGUN, "status": "completed", "output": [last]})
    assert sum_of(call, gateway, "responses", [START, done, end]).whole.output[0].to_dict() == item


def test_an_item_that_says_less_than_its_deltas(call: Call, gateway: LocalGateway) -> None:
    empty = {**MESSAGE, "content": []}
    done = r("output_item.done", output_index=0, item=empty)
    end = r("completed", response={**BEGUN, "status": "completed", "output": [empty]})
    got = sum_of(call, gateway, "responses", [START, *spoken(ends=False), done, end])
    assert got.whole.output_text == TEXT


def test_usage_beside_the_response(call: Call, gateway: LocalGateway) -> None:
    end = r("completed", response={**BEGUN, "status": "completed", "output": [MESSAGE]}, usage=USAGE)
    assert sum_of(call, gateway, "responses", [START, *spoken(), end]).whole.usage.total_tokens == 7
    begun = r("in_progress", response={**BEGUN, "usage": USAGE})
    end = r("completed", response={**BEGUN, "status": "completed", "output": [MESSAGE], "usage": None})
    assert sum_of(call, gateway, "responses", [begun, *spoken(), end]).whole.usage.total_tokens == 7


def test_a_last_event_that_says_all_goes_through_as_it_came(call: Call, gateway: LocalGateway) -> None:
    odd = '{"type": "response.completed",  "response": {"id":"r1", "object":"response", "created_at": 1.0, "model":"m",'
    odd += '"status":"completed","output": [' + json.dumps(MESSAGE) + '], "n": 12345678901234567890123 }}'
    got = sum_of(call, gateway, "responses", [START, *spoken(), odd])
    assert got.whole["n"] == 12345678901234567890123


@pytest.mark.parametrize("indices", [(0, 1), (0, 0), (None, None)], ids=["own", "shared", "none"])
@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("end", [[], [CALL, {**CALL, "id": "f2", "call_id": "c2", "name": "g"}]], ids=["empty", "all"])
def test_calls_of_responses(call: Call, gateway: LocalGateway, indices: Any, announced: bool, end: Any) -> None:
    events: list[Any] = [START]
    second = {**CALL, "id": "f2", "call_id": "c2", "name": "g"}
    for index, item in zip(indices, (CALL, second), strict=True):
        at = {} if index is None else {"output_index": index}
        if announced:
            events.append(r("output_item.added", **at, item={**item, "arguments": "", "status": "in_progress"}))
            events.append(r("function_call_arguments.delta", **at, item_id=item["id"], delta='{"x"'))
            events.append(r("function_call_arguments.delta", **at, item_id=item["id"], delta=":1}"))
        events.append(r("output_item.done", **at, item=item))
    events.append(r("completed", response={**BEGUN, "status": "completed", "output": end}))
    got = sum_of(call, gateway, "responses", events)
    assert [(item.call_id, item.name, item.arguments) for item in got.whole.output] == [
        ("c1", "f", '{"x":1}'),
        ("c2", "g", '{"x":1}'),
    ]


def test_calls_of_responses_at_the_same_time(call: Call, gateway: LocalGateway) -> None:
    """Their pieces are told apart by the ids alone."""
    events: list[Any] = [START]
    for id in ("f1", "f2"):
        events.append(r("output_item.added", item={**CALL, "id": id, "name": id, "arguments": ""}))
    for id, piece in (("f1", '{"x"'), ("f2", '{"y"'), ("f1", ":1}"), ("f2", ":2}")):
        events.append(r("function_call_arguments.delta", item_id=id, delta=piece))
    got = sum_of(call, gateway, "responses", [*events, r("completed", response={})])
    assert [(item.name, item.arguments) for item in got.whole.output] == [("f1", '{"x":1}'), ("f2", '{"y":2}')]


# ---- chat ----


def chunk(delta: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}


STOP = chunk({}, "stop")
TOKENS = {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}
SPOKEN = [chunk({"role": "assistant", "content": "Hello, "}), chunk({"content": "Ada."})]


def whole_message(finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": TOKENS}


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([*SPOKEN, whole_message(content="Hello, Ada.")], "Hello, Ada."),
        ([*SPOKEN, whole_message(content="")], "Hello, Ada."),
        ([*SPOKEN, whole_message(content=None)], "Hello, Ada."),
        ([*SPOKEN, whole_message(content=[])], "Hello, Ada."),
        ([*SPOKEN, whole_message(content=[{"type": "text", "text": "Hello, Ada. "}])], "Hello, Ada."),
        ([*SPOKEN, whole_message()], "Hello, Ada."),
        ([*SPOKEN, whole_message(content="Hello")], "Hello, Ada."),
        ([*SPOKEN, whole_message(content="Hello, Ada. Bye.")], "Hello, Ada. Bye."),
        ([whole_message(content="Hello, Ada.")], "Hello, Ada."),
        ([chunk({"role": "assistant", "content": ""}), whole_message(content="Hello, Ada.")], "Hello, Ada."),
        ([whole_message(None, content="Hello, "), whole_message(content="Hello, Ada.")], "Hello, Ada."),
        ([whole_message(None, content="Hello, "), whole_message(content="Ada.")], "Hello, Ada."),
    ],
)
def test_a_whole_message_among_deltas(call: Call, gateway: LocalGateway, events: list[Any], text: str) -> None:
    got = sum_of(call, gateway, "chat", events)
    assert (got.whole.text, got.text, got.whole.usage.total_tokens) == (text, text, 9)
    assert "".join(event["choices"][0]["delta"].get("content") or "" for event in got.events) == text


def test_a_whole_message_with_more_than_text(call: Call, gateway: LocalGateway) -> None:
    tool = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
    streamed = [
        chunk({"role": "assistant", "reasoning_content": "Hm"}),
        chunk({"reasoning_content": ", well."}),
        chunk({"tool_calls": [{**tool, "index": 0}]}),
    ]
    message = {"content": None, "reasoning_content": "Hm, well.", "tool_calls": [tool]}
    for events in (
        [*streamed, whole_message("tool_calls", **message)],
        [*streamed, whole_message("tool_calls", content=None, reasoning_content="", tool_calls=None)],
        [whole_message("tool_calls", **message)],
    ):
        got = sum_of(call, gateway, "chat", events).whole.choices[0]
        assert (got.message.reasoning_content, got.finish_reason) == ("Hm, well.", "tool_calls")
        assert got.message.to_dict()["tool_calls"] == [tool]


THINK = [{"type": "thinking", "thinking": [{"type": "text", "text": "a greet"}]}]
ING = [{"type": "thinking", "thinking": [{"type": "text", "text": "ing"}]}]
THOUGHTS = {"type": "thinking", "thinking": [{"type": "text", "text": "a greeting"}]}


@pytest.mark.parametrize(
    ("contents", "want"),
    [
        ([THINK, ING, "Hello", "!"], [THOUGHTS, {"type": "text", "text": "Hello!"}]),
        ([THINK, ING, [{"type": "text", "text": "Hello!"}]], [THOUGHTS, {"type": "text", "text": "Hello!"}]),
        (["Hello!", THINK, ING], [{"type": "text", "text": "Hello!"}, THOUGHTS]),
        (["", THINK, ING, ""], [THOUGHTS]),
        ([None, "Hello", [], "!"], "Hello!"),
    ],
)
def test_parts_of_thinking_stay(call: Call, gateway: LocalGateway, contents: list[Any], want: Any) -> None:
    got = sum_of(call, gateway, "chat", [*(chunk({"content": content}) for content in contents), STOP])
    assert got.whole.choices[0].message.to_dict()["content"] == want
    assert got.text == got.whole.text


@pytest.mark.parametrize(
    "events",
    [
        [chunk({}, "stop", usage=TOKENS)],
        [chunk({}, "stop", usage=TOKENS), chunk({}, usage=None)],
        [chunk({}, usage={**TOKENS, "total_tokens": 2}), chunk({}, "stop", usage=TOKENS)],
        [chunk({}, "stop", usage=TOKENS), chunk({}, usage=dict.fromkeys(TOKENS, 0))],
        [STOP, {**STOP, "choices": [], "usage": TOKENS}],
        [STOP, {"usage": TOKENS}],
        [{**STOP, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": TOKENS}]}],
        [{**STOP, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": TOKENS}], "usage": None}],
        [chunk({"usage": TOKENS}, "stop")],
        [chunk({}, "stop", x_groq={"id": "req", "usage": TOKENS})],
        [chunk({}, x_groq={"id": "req"}), chunk({}, "stop", x_groq={"id": "req", "usage": TOKENS})],
    ],
    ids=lambda events: json.dumps(events)[-90:],
)
def test_usage_is_found(call: Call, gateway: LocalGateway, events: list[Any]) -> None:
    got = sum_of(call, gateway, "chat", [chunk({"content": "hi"}), *events])
    assert got.whole.usage == TOKENS


@pytest.mark.parametrize("roles", [["assistant", "", None], ["", "assistant"], [None, "assistant", None], ["", None]])
def test_an_empty_role_is_none(call: Call, gateway: LocalGateway, roles: list[Any]) -> None:
    got = sum_of(call, gateway, "chat", [*(chunk({"role": role, "content": "a"}) for role in roles), STOP])
    assert got.whole.choices[0].message.role == "assistant"


def t(**fields: Any) -> dict[str, Any]:
    return chunk({"tool_calls": [fields]})


def f(name: Any = ..., arguments: Any = ...) -> dict[str, Any]:
    given = {"name": name, "arguments": arguments}
    return {key: value for key, value in given.items() if value is not ...}


ADD, NOW = f("add", '{"day":1}'), f("now", '{"zone":2}')
TWO = [("add", '{"day":1}'), ("now", '{"zone":2}')]
FN = {"type": "function"}


@pytest.mark.parametrize(
    ("pieces", "want"),
    [
        # One index for all, whatever the ids.
        ([t(index=0, id="", function=ADD, **FN), t(index=0, id="", function=NOW, **FN)], TWO),
        ([t(index=0, id=None, function=ADD), t(index=0, id=None, function=NOW)], TWO),
        ([t(index=0, function=ADD), t(index=0, function=NOW)], TWO),
        ([t(index=0, id="x", function=ADD), t(index=0, id="x", function=NOW)], TWO),
        ([t(index=0, id="x", function=ADD), t(index=0, id="y", function=NOW)], TWO),
        ([t(index=0, function=ADD), t(index=0, function=f("add", '{"day":2}'))], [TWO[0], ("add", '{"day":2}')]),
        (
            [
                t(index=0, function=f("add", ""), **FN),
                t(index=0, function=f(..., '{"day"')),
                t(index=0, function=f(..., ":1}")),
                t(index=0, function=f("now", ""), **FN),
                t(index=0, function=f(..., '{"zone":')),
                t(index=0, function=f(..., "2}")),
            ],
            TWO,
        ),
        ([t(index=0, function=f("a", ""), **FN), t(index=0, function=f("b", ""), **FN)], [("a", ""), ("b", "")]),
        # One id for all, whatever the index.
        ([t(index=0, id="x", function=ADD), t(index=1, id="x", function=NOW)], TWO),
        ([t(index=0, id="add", function=ADD), t(index=1, id="add", function=ADD)], [TWO[0], TWO[0]]),
        (
            [
                t(index=0, id="x", function=f("add", ""), **FN),
                t(index=1, id="x", function=f("now", ""), **FN),
                t(index=0, id="x", function=f(..., '{"day":1}')),
                t(index=1, id="x", function=f(..., '{"zone":2}')),
            ],
            TWO,
        ),
        # Arguments at another index than their head, or at one for all.
        (
            [
                t(index=0, id="x", function=f("add", "")),
                t(index=1, function=f(..., '{"day":1}')),
                t(index=1, id="y", function=f("now", "")),
                t(index=2, function=f(..., '{"zone":2}')),
            ],
            TWO,
        ),
        (
            [
                t(index=0, id="x", function=f("add", "")),
                t(index=1, id="y", function=f("now", "")),
                t(index=0, function=f(..., '{"day":1}')),
                t(index=0, function=f(..., '{"zone":2}')),
            ],
            TWO,
        ),
        # No index.
        (
            [
                t(id="x", function=f("add", ""), **FN),
                t(function=f(..., '{"day":')),
                t(function=f(..., "1}")),
                t(id="y", function=NOW, **FN),
            ],
            TWO,
        ),
        ([t(function=ADD), t(function=NOW)], TWO),
        ([chunk({"tool_calls": [{"function": ADD}, {"function": NOW}]})], TWO),
        ([chunk({"tool_calls": {"index": 0, "function": ADD}}), t(index=1, function=NOW)], TWO),
        # Names repeated, in pieces, late, null.
        ([t(index=0, id="x", function=f("add", p)) for p in ('{"day"', ":", "1}")], TWO[:1]),
        ([t(function=f("add", p)) for p in ('{"day"', ":", "1}")], TWO[:1]),
        (
            [
                t(index=0, id="x", function=f("a")),
                t(index=0, function=f("dd")),
                t(index=0, function=f(..., ADD["arguments"])),
            ],
            TWO[:1],
        ),
        ([t(index=0, id="x", function=f("ad", "")), t(index=0, id="x", function=ADD)], TWO[:1]),
        ([t(index=0, id="x", function=f(None, "")), t(index=0, function=ADD)], TWO[:1]),
        ([t(index=0, id="x", **FN), t(index=0, function=ADD), t(index=1, id="y", **FN), t(index=1, function=NOW)], TWO),
        ([t(index=0, id="x", function=f("add", "")), t(index=0, function=f("", '{"day":1}'))], TWO[:1]),
        # Again at the end.
        ([t(index=0, id="x", function=ADD), t(index=0, id="x", function=f("add", ""))], TWO[:1]),
        ([t(index=0, id="x", function=ADD), t(index=0, id="x", function=ADD)], TWO[:1]),
        ([t(index=0, id="x", function=ADD), t(index=0, function=f(..., '{"day":1}'))], TWO[:1]),
        # An id of its own for each piece.
        ([t(index=0, id="x", function=f("add", '{"day"')), t(index=0, id="y", function=f(..., ":1}"))], TWO[:1]),
        # Converters begin with an empty object.
        ([t(index=0, id="x", function=f("add", "{}")), t(index=0, function=f(..., '{"day":1}'))], TWO[:1]),
        ([t(index=0, id="x", function=f("add", {})), t(index=0, function=f(..., '{"day":1}'))], TWO[:1]),
        # Objects for text.
        (
            [t(index=0, function=f("add", {"day": 1})), t(index=0, function=f("now", {"zone": 2}))],
            [("add", {"day": 1}), ("now", {"zone": 2})],
        ),
        ([t(index=0, function=f("add", "")), t(index=0, function=f(..., {"day": 1}))], [("add", {"day": 1})]),
        ([t(index=0, id="x", function=f("add"))], [("add", "")]),
    ],
)
def test_calls_of_chat(call: Call, gateway: LocalGateway, pieces: list[Any], want: Any) -> None:
    got = sum_of(call, gateway, "chat", [*pieces, chunk({}, "tool_calls")]).whole.choices[0].message.to_dict()
    assert [(each["function"]["name"], each["function"]["arguments"]) for each in got["tool_calls"]] == want
    assert all(each["type"] == "function" for each in got["tool_calls"])


def test_ids_of_calls_stay(call: Call, gateway: LocalGateway) -> None:
    pieces = [
        t(index=0, id="x", function=f("add", "")),
        t(index=0, id="", function=f(..., '{"day":1}')),
        t(index=0, id=None, function=f(..., "")),
        t(index=0, id="z", function=f(..., " ")),
        t(index=1, id="y", function=NOW),
    ]
    got = sum_of(call, gateway, "chat", [*pieces, STOP]).whole.choices[0].message
    assert [each.id for each in got.tool_calls] == ["x", "y"]


# ---- messages ----

M = {"id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}


def m(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


def block(index: int | None, start: Any, *deltas: Any, stop: bool = True) -> list[Any]:
    at = {} if index is None else {"index": index}
    events = [m("content_block_start", **at, content_block=start)]
    events += [m("content_block_delta", **at, delta=delta) for delta in deltas]
    return [*events, *([m("content_block_stop", **at)] if stop else [])]


def tool_use(id: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": id, "input": {}}


def say(text: str) -> dict[str, Any]:
    return {"type": "text_delta", "text": text}


def put(text: Any) -> dict[str, Any]:
    return {"type": "input_json_delta", "partial_json": text}


BEGIN = m("message_start", message={**M, "usage": {"input_tokens": 3, "output_tokens": 1}})
END = [m("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 4}), m("message_stop")]
BLANK = {"type": "text", "text": ""}


@pytest.mark.parametrize(
    ("blocks", "want"),
    [
        (block(0, BLANK, say("a"), say("b")), ["ab"]),
        (block(0, BLANK, say("ab"), stop=False), ["ab"]),
        ([*block(0, BLANK, say("a")), m("content_block_delta", index=0, delta=say("b"))], ["a", "b"]),
        ([m("content_block_delta", index=0, delta=say("ab"))], ["ab"]),
        (block(0, {"type": "text", "text": "ab"}), ["ab"]),
        (
            [*block(0, tool_use("f"), put('{"x":'), put("1}")), *block(0, tool_use("g"), put('{"x":2}'))],
            [("f", 1), ("g", 2)],
        ),
        (
            [
                *block(0, tool_use("f"), put('{"x":1}'), stop=False),
                *block(0, tool_use("g"), put('{"x":2}'), stop=False),
            ],
            [("f", 1), ("g", 2)],
        ),
        (
            [*block(None, tool_use("f"), put('{"x":1}')), *block(None, tool_use("g"), put('{"x":2}'))],
            [("f", 1), ("g", 2)],
        ),
        (block(0, tool_use("f"), put({"x": 1})), [("f", 1)]),
        (block(0, {**tool_use("f"), "input": {"x": 1}}), [("f", 1)]),
        (block(0, {**tool_use("f"), "input": {"x": 1}}, put(""), stop=False), [("f", 1)]),
        # The input at another index than its call.
        (
            [
                *block(0, BLANK, say("a"), stop=False),
                *block(1, tool_use("f"), stop=False),
                m("content_block_delta", index=0, delta=put('{"x":1}')),
            ],
            ["a", ("f", 1)],
        ),
        (
            [*block(0, tool_use("f"), stop=False), m("content_block_delta", index=1, delta=put('{"x":1}'))],
            [("f", 1)],
        ),
        (
            [*block(0, tool_use("f"), put('{"x":1}'), stop=False), m("content_block_delta", index=0, delta=say("a"))],
            [("f", 1), "a"],
        ),
    ],
)
def test_blocks_of_messages(call: Call, gateway: LocalGateway, blocks: list[Any], want: Any) -> None:
    got = sum_of(call, gateway, "messages", [BEGIN, *blocks, *END], done=False).whole
    assert [b.text if b.type == "text" else (b.name, b.input["x"]) for b in got.content] == want
    assert (got.id, got.role, got.stop_reason) == ("m1", "assistant", "end_turn")
    assert (got.usage.input_tokens, got.usage.output_tokens) == (3, 4)


@pytest.mark.parametrize(
    ("usage", "later"),
    [
        ({"input_tokens": 3, "output_tokens": 1}, {"input_tokens": 0, "output_tokens": 4}),
        ({"input_tokens": 0, "output_tokens": 0}, {"input_tokens": 3, "output_tokens": 4}),
        (None, {"input_tokens": 3, "output_tokens": 4}),
        ({"input_tokens": 3, "output_tokens": 4}, None),
        ({"input_tokens": 3, "output_tokens": 4}, {}),
    ],
)
def test_usage_of_messages(call: Call, gateway: LocalGateway, usage: Any, later: Any) -> None:
    events = [
        m("message_start", message={**M, "usage": usage}),
        *block(0, BLANK, say("a")),
        m("message_delta", delta={"stop_reason": "end_turn", "role": ""}, usage=later),
        m("message_stop"),
    ]
    got = sum_of(call, gateway, "messages", events).whole
    assert (got.usage.input_tokens, got.usage.output_tokens, got.role) == (3, 4, "assistant")


@pytest.mark.parametrize(
    "end",
    [
        [m("message_delta", delta={"stop_reason": "end_turn", "usage": {"output_tokens": 4}}), m("message_stop")],
        [m("message_delta", delta={"stop_reason": "end_turn"}), m("message_stop", usage={"output_tokens": 4})],
    ],
    ids=["in the delta", "in the last event"],
)
def test_usage_of_messages_elsewhere(call: Call, gateway: LocalGateway, end: list[Any]) -> None:
    events = [m("message_start", message={**M, "usage": {"input_tokens": 3, "output_tokens": 1}})]
    got = sum_of(call, gateway, "messages", [*events, *block(0, BLANK, say("a")), *end]).whole
    assert (got.usage.input_tokens, got.usage.output_tokens) == (3, 4)


def test_a_whole_message_at_the_start(call: Call, gateway: LocalGateway) -> None:
    whole = {**M, "content": [{"type": "text", "text": "ab"}], "usage": {"input_tokens": 3}}
    got = sum_of(call, gateway, "messages", [m("message_start", message=whole), *END])
    assert got.whole.text == "ab"
    # Said twice, it is there once.
    got = sum_of(call, gateway, "messages", [m("message_start", message=whole), *block(0, BLANK, say("ab")), *END])
    assert got.whole.text == "ab"


# ---- gemini ----


def g(*parts: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    candidate = {
        "index": 0,
        "content": {"role": "model", "parts": list(parts)},
        **({"finishReason": finish} if finish else {}),
    }
    return {"candidates": [candidate], "modelVersion": "m", **more}


META = {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7}


def test_parts_of_gemini(call: Call, gateway: LocalGateway) -> None:
    one, two = ({"functionCall": {"name": name, "args": {"x": 1}}} for name in ("f", "g"))
    last = {
        "candidates": [{"index": 0, "content": {"role": "", "parts": []}, "finishReason": "STOP"}],
        "usageMetadata": META,
    }
    for end in (
        last,
        {**last, "candidates": [{"finishReason": "STOP"}]},
        {**last, "usageMetadata": dict.fromkeys(META, 0)},
        {**last, "candidates": [{"content": None, "finishReason": "STOP"}], "usageMetadata": None},
    ):
        events = [
            g({"text": "a", "thought": True}),
            g({"text": "b"}, usageMetadata=META),
            g({"text": "c"}),
            g(one, one),
            g(two),
            end,
        ]
        got = sum_of(call, gateway, "gemini", events, done=False)
        parts = got.whole.candidates[0].content.to_dict()["parts"]
        assert parts == [{"text": "a", "thought": True}, {"text": "bc"}, one, one, two]
        assert (got.whole.candidates[0].content.role, got.text) == ("model", "bc")
        assert got.whole.usage_metadata.totalTokenCount == 7


# ---- transcripts ----


@pytest.mark.parametrize("text", ["", None, ..., "Hi", "Hi, Ada."])
def test_the_text_of_a_transcript(call: Call, gateway: LocalGateway, text: Any) -> None:
    last = {"type": "transcript.text.done", "text": text, "usage": USAGE}
    if text is ...:
        del last["text"]
    deltas = [{"type": "transcript.text.delta", "delta": delta} for delta in ("Hi, ", "Ada.")]
    gateway.script(*[wire([*deltas, last], done=False)] * 2)
    wav: Any = ("a.wav", io.BytesIO(b"RIFF"))
    transcriptions = call.client(gateway).audio.transcriptions
    events = list(call.each(call.wait(transcriptions.create(file=("a.wav", b"RIFF"), model="m", stream=True))))
    assert (events[-1].text, events[-1].usage.total_tokens) == ("Hi, Ada.", 7)
    assert call.wait(transcriptions.create(file=wav, model="m")).text == "Hi, Ada."


# ---- characters in halves ----

HIGH, LOW = "\\ud83d", "\\ude00"


def halves(event: dict[str, Any]) -> list[str]:
    """Two events of the one, whose text `@` is cut within its emoji."""
    text = json.dumps(event)
    return [text.replace("@", f"Hi {HIGH}"), text.replace("@", f"{LOW}!")]


@pytest.mark.parametrize(
    ("dialect", "begin", "event", "end", "field"),
    [
        (
            "responses",
            [START],
            r("output_text.delta", output_index=0, content_index=0, delta="@"),
            r("completed"),
            "output.0.content.0.text",
        ),
        (
            "responses",
            [START],
            r("function_call_arguments.delta", output_index=0, delta="@"),
            r("completed"),
            "output.0.arguments",
        ),
        (
            "responses",
            [START],
            r("reasoning_summary_text.delta", output_index=0, summary_index=0, delta="@"),
            r("completed"),
            "output.0.summary.0.text",
        ),
        (
            "responses",
            [START],
            r("refusal.delta", item_id="a", delta="@"),
            r("completed"),
            "output.0.content.0.refusal",
        ),
        ("chat", [], chunk({"content": "@"}), STOP, "choices.0.message.content"),
        ("chat", [], chunk({"content": "@", "reasoning_content": "@"}), STOP, "choices.0.message.reasoning_content"),
        ("chat", [], chunk({"refusal": "@"}), STOP, "choices.0.message.refusal"),
        ("chat", [], chunk({"audio": {"transcript": "@"}}), STOP, "choices.0.message.audio.transcript"),
        (
            "chat",
            [t(index=0, id="a", function=f("f", ""), **FN)],
            t(index=0, function=f(..., "@")),
            STOP,
            "choices.0.message.tool_calls.0.function.arguments",
        ),
        ("chat", [], chunk({"content": [{"type": "text", "text": "@"}]}), STOP, "choices.0.message.content.0.text"),
        (
            "messages",
            [BEGIN, *block(0, BLANK, stop=False)],
            m("content_block_delta", index=0, delta=say("@")),
            END,
            "content.0.text",
        ),
        (
            "messages",
            [BEGIN, *block(0, {"type": "thinking", "thinking": ""}, stop=False)],
            m("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "@"}),
            END,
            "content.0.thinking",
        ),
        (
            "messages",
            [BEGIN, *block(0, tool_use("f"), put('{"x":"'), stop=False)],
            m("content_block_delta", index=0, delta=put("@")),
            [m("content_block_delta", index=0, delta=put('"}')), *END],
            "content.0.input.x",
        ),
        ("gemini", [], g({"text": "@"}), g(finish="STOP"), "candidates.0.content.parts.0.text"),
        ("gemini", [], g({"text": "@", "thought": True}), g(finish="STOP"), "candidates.0.content.parts.0.text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_halves_of_a_character(
    call: Call, gateway: LocalGateway, dialect: str, begin: Any, event: Any, end: Any, field: str
) -> None:
    def at(value: Any) -> Any:
        for name in field.split("."):
            value = value[int(name) if name.isdigit() else name]
        return value

    ends = end if isinstance(end, list) else [end]
    got = sum_of(call, gateway, dialect, [*begin, *halves(event), *ends])
    assert at(got.whole.to_dict()) == "Hi 😀!"
    assert got.text in ("Hi 😀!", "")
    # The events have whole characters. Something between the halves does not part them, but a text does.
    first, second = halves(event)
    assert "Hi " in json.dumps(got.events[len(begin)]) and "\\ud83d\\ude00!" in json.dumps(got.events[len(begin) + 1])
    got = sum_of(call, gateway, dialect, [*begin, first, "null", second.replace(f"{LOW}!", ""), second, *ends])
    assert at(got.whole.to_dict()) == "Hi 😀!"
    got = sum_of(call, gateway, dialect, [*begin, first, second.replace(LOW, ""), *ends])
    assert at(got.whole.to_dict()) == "Hi \ufffd!"
    # Nor is it lost where the other one never comes.
    got = sum_of(call, gateway, dialect, [*begin, first, *ends])
    assert at(got.whole.to_dict()) == "Hi \ufffd"
    assert got.text in ("Hi \ufffd", "")
    assert sum("\\ufffd" in json.dumps(event) for event in got.events) >= 1


@pytest.mark.parametrize(
    ("dialect", "events"),
    [
        ("chat", [chunk({"content": "@"}, "stop")]),
        ("chat", [chunk({"content": "@"}), chunk({"content": ""}, "stop"), {"id": "c", "choices": []}]),
        ("messages", [BEGIN, *block(0, BLANK, say("@")), *END]),
        ("messages", [BEGIN, *block(0, BLANK, say("@")), *block(1, BLANK, say("")), *END]),
        ("gemini", [g({"text": "@"}, finish="STOP")]),
        ("gemini", [g({"text": "@"}), {"candidates": [{"index": 0, "finishReason": "STOP"}]}]),
        (
            "responses",
            [
                START,
                r("output_text.delta", output_index=0, content_index=0, item_id="m1", delta="@"),
                r("output_text.done", output_index=0, content_index=0, item_id="m1", text="@"),
                r("completed"),
            ],
        ),
    ],
)
def test_a_half_at_the_end_of_a_text(call: Call, gateway: LocalGateway, dialect: str, events: list[Any]) -> None:
    got = sum_of(call, gateway, dialect, [json.dumps(event).replace("@", f"Hi {HIGH}") for event in events])
    assert (getattr(got.whole, "output_text", None) or got.whole.text, got.text) == ("Hi \ufffd", "Hi \ufffd")


def test_a_half_waits_while_another_choice_ends(call: Call, gateway: LocalGateway) -> None:
    def choice(at: int, text: str, finish: str | None = None) -> str:
        event = {"id": "c", "choices": [{"index": at, "delta": {"content": text}, "finish_reason": finish}]}
        return json.dumps(event).replace("\\\\u", "\\u")

    pieces = [choice(0, f"a{HIGH}"), choice(1, f"b{HIGH}"), choice(1, "", "stop"), choice(0, LOW, "stop")]
    got = sum_of(call, gateway, "chat", pieces)
    assert [choice.message.content for choice in got.whole.choices] == ["a😀", "b\ufffd"]


def test_halves_of_two_texts_at_once(call: Call, gateway: LocalGateway) -> None:
    def both(first: str, second: str) -> str:
        choices = [{"index": at, "delta": {"content": text}} for at, text in enumerate((first, second))]
        return json.dumps({"id": "c", "choices": choices}).replace("\\\\u", "\\u")

    ends = {"id": "c", "choices": [{"index": at, "delta": {}, "finish_reason": "stop"} for at in (0, 1)]}
    got = sum_of(call, gateway, "chat", [both(f"a{HIGH}", "\\ud83c"), both(LOW, "\\udf0dz"), ends])
    assert [choice.message.content for choice in got.whole.choices] == ["a😀", "🌍z"]


# ---- what does no harm ----

PLAIN: dict[str, tuple[list[Any], str]] = {
    "responses": (
        [START, *spoken(), r("completed", response={**BEGUN, "status": "completed", "output": [MESSAGE]})],
        TEXT,
    ),
    "chat": ([*SPOKEN, STOP], "Hello, Ada."),
    "messages": ([BEGIN, *block(0, BLANK, say("a"), say("b")), *END], "ab"),
    "gemini": ([g({"text": "a"}), g({"text": "b"}, finish="STOP")], "ab"),
}
dialects = pytest.mark.parametrize("dialect", PLAIN)


@dialects
@pytest.mark.parametrize("data", ["null", "0", "-1.5", '"ping"', "true", "false", "[]", "[1]", "NaN", " null "])
def test_data_that_is_no_object_is_passed_over(call: Call, gateway: LocalGateway, dialect: str, data: str) -> None:
    events, text = PLAIN[dialect]
    got = sum_of(call, gateway, dialect, [data, *(each for event in events for each in (event, data))])
    assert (got.text, len(got.events)) == (text, len(events))


@pytest.mark.parametrize("data", ["null", "0", '"ping"', "[]"])
def test_data_that_is_no_object_elsewhere(call: Call, gateway: LocalGateway, data: str) -> None:
    client = call.client(gateway)
    done = {"type": "image_generation.completed", "b64_json": "AAAA", "created_at": 1}
    gateway.script(wire([data, done, data]))
    images = call.wait(client.images.generate(model="gpt-image-1", prompt="x", stream=True))
    assert [event.type for event in call.each(images)] == ["image_generation.completed"]
    speech = [{"type": "speech.audio.delta", "audio": "AAAA"}, {"type": "speech.audio.done"}]
    gateway.script(wire([data, speech[0], data, speech[1]], done=False))
    spoken = call.wait(client.audio.speech.create(model="m", input="x", voice="alloy", stream_format="sse"))
    assert [event.type for event in call.each(spoken)] == [event["type"] for event in speech]
    gateway.script(wire([data, {"type": "transcript.text.done", "text": "a"}], done=False))
    told = call.wait(client.audio.transcriptions.create(file=("a.wav", b"RIFF"), model="m", stream=True))
    assert [event.text for event in call.each(told)] == ["a"]


@dialects
def test_objects_in_a_list(call: Call, gateway: LocalGateway, dialect: str) -> None:
    events, text = PLAIN[dialect]
    got = sum_of(call, gateway, dialect, [json.dumps(events[:-1]), json.dumps(events[-1:])])
    assert (got.text, len(got.events)) == (text, len(events))
    gateway.script(wire(['[{"error": {"message": "too much", "code": 429}}]']))
    create, _, params = calls(call.client(gateway, max_retries=0), dialect)
    with pytest.raises(wenwen.RateLimitError, match="too much"):
        list(call.each(call.wait(create(**params, stream=True))))


@dialects
@pytest.mark.parametrize("error", [None, "", {}, [], False, 0, 0.0, " ", "0", {"message": "", "code": None}])
def test_an_error_that_says_nothing_is_none(call: Call, gateway: LocalGateway, dialect: str, error: Any) -> None:
    events, text = PLAIN[dialect]
    got = sum_of(call, gateway, dialect, [{**event, "error": error} for event in events])
    assert got.text == text
    alive = [] if dialect == "gemini" else [{"type": "keepalive", "error": error}]
    if dialect != "chat":
        assert sum_of(call, gateway, dialect, [events[0], *alive, *events[1:]]).text == text


@dialects
@pytest.mark.parametrize("words", [{"message": "no more"}, {"detail": "no more"}, {"msg": "no more", "code": None}])
def test_last_words_of_a_stream_that_breaks_off(call: Call, gateway: LocalGateway, dialect: str, words: Any) -> None:
    events, text = PLAIN[dialect]
    # While it goes on, they are none.
    assert sum_of(call, gateway, dialect, [events[0], words, *events[1:]]).text == text
    create, _, params = calls(call.client(gateway, max_retries=0), dialect)
    for begin in ([], events[:1]):
        for done in (False, True):
            gateway.script(wire([*begin, words], done))
            with pytest.raises(wenwen.APIStatusError, match="no more"):
                list(call.each(call.wait(create(**params, stream=True))))


@dialects
@pytest.mark.parametrize("error", ["m", {"message": "m"}, {"code": 429}, 1, True, ["m"], [{"message": "m"}]])
def test_an_error_that_says_something_is_one(call: Call, gateway: LocalGateway, dialect: str, error: Any) -> None:
    gateway.script(*[wire([{"error": error}])] * 2)
    create, _, params = calls(call.client(gateway, max_retries=0), dialect)
    with pytest.raises(wenwen.APIError):
        list(call.each(call.wait(create(**params, stream=True))))
    with pytest.raises(wenwen.APIError):
        call.wait(create(**params))


@dialects
def test_numbers_as_python_writes_them(call: Call, gateway: LocalGateway, dialect: str) -> None:
    events, text = PLAIN[dialect]
    odd = {"a": math.nan, "b": [math.inf, -math.inf], "c": "NaN -Infinity"}

    def put(event: Any) -> Any:
        """With the numbers in the event, and in the reply within."""
        within = {name: {**event[name], "odd": odd} for name in ("response", "message") if name in event}
        return {**event, **within, "odd": odd}

    got = sum_of(call, gateway, dialect, [put(event) for event in events])
    assert got.text == text
    same(got.whole.to_dict()["odd"], odd)
    same(got.events, [put(event) for event in events])
    # A whole reply to a request for a stream.
    gateway.script(
        Reply(
            body=json.dumps({**got.whole.to_dict(), "odd": odd}).encode(), headers={"Content-Type": "application/json"}
        )
    )
    _, stream, params = calls(call.client(gateway), dialect)
    with call.open(stream(**params)) as helper:
        assert "".join(call.each(helper.text_stream)) == text


MADE_UP = {"id": "", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [], "usage": TOKENS}


@pytest.mark.parametrize(
    ("dialect", "events"),
    [
        ("chat", [MADE_UP]),
        ("chat", [{**MADE_UP, "choices": None}]),
        ("chat", [{**MADE_UP, "usage": None}, MADE_UP]),
        ("chat", []),
        ("responses", []),
        ("messages", []),
        ("gemini", []),
        ("gemini", [{"candidates": [], "usageMetadata": META}]),
        ("gemini", [{"usageMetadata": META}]),
    ],
)
def test_a_stream_of_nothing_is_tried_again(call: Call, gateway: LocalGateway, dialect: str, events: list[Any]) -> None:
    create, _, params = calls(call.client(gateway), dialect)
    headers = {"retry-after-ms": "1", "Content-Type": "text/event-stream"}
    empty = Reply(events=wire(events).events, headers=headers)
    for ask in (lambda: list(call.each(call.wait(create(**params, stream=True)))), lambda: call.wait(create(**params))):
        gateway.clear()
        gateway.script(empty)
        assert ask()
        assert len(gateway.requests) == 2
    gateway.script(*[empty] * 3)
    with pytest.raises(wenwen.APIError) as caught:
        list(call.each(call.wait(create(**params, stream=True))))
    assert (caught.value.attempts, caught.value.category) == (3, "incomplete")


def test_a_first_chunk_without_choices_is_not_lost(call: Call, gateway: LocalGateway) -> None:
    filters = {"id": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    got = sum_of(call, gateway, "chat", [filters, *SPOKEN, STOP, MADE_UP])
    assert got.events[0] == filters
    assert (len(got.events), got.whole.usage, got.whole.id) == (5, TOKENS, "c1")
