"""`parse`: answers as instances of a class of the user's, pydantic's or one that looks like it."""

from __future__ import annotations

import copy
import json
import pickle
import re
from typing import Any

import pytest
from conftest import Call, sample

import wenwen
from wenwen.testing import LocalGateway

TALK: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Where is the tower?"}]}
ASK: dict[str, Any] = {"model": "gpt-4o", "input": "Where is the tower?"}


class Place:
    """What pydantic's models have, and no more: pydantic is not needed."""

    def __init__(self, city: str) -> None:
        self.city = city

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and other.city == self.city

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {"type": "object", "title": "Place", "properties": {"city": {"type": "string", "default": None}}}

    @classmethod
    def model_validate_json(cls, text: str) -> Place:
        return cls(**json.loads(text))


STRICT = {
    "type": "object",
    "title": "Place",
    "properties": {"city": {"type": "string"}},
    "additionalProperties": False,
    "required": ["city"],
}


def test_responses(call: Call, gateway: LocalGateway) -> None:
    responses = call.client(gateway).responses
    reply = call.wait(responses.parse(**ASK, text_format=Place, text={"verbosity": "low"}))
    assert isinstance(reply.output_parsed, Place)
    assert reply.output[0].content[0].parsed is reply.output_parsed
    assert reply.request_id
    assert gateway.requests[0].json() == {
        **ASK,
        "text": {
            "verbosity": "low",
            "format": {"type": "json_schema", "name": "Place", "schema": STRICT, "strict": True},
        },
    }
    for twin in (pickle.loads(pickle.dumps(reply)), copy.copy(reply), copy.deepcopy(reply)):
        assert (twin, twin.output_parsed, twin.request_id) == (reply, reply.output_parsed, reply.request_id)
    # The parsed answer stands beside the data, which goes back as it came.
    assert "parsed" not in reply.to_json()
    call(gateway, model="gpt-4o", input=[*reply.output, {"role": "user", "content": "Thanks"}])
    assert gateway.requests[-1].json()["input"][0] == reply.output[0].to_dict()


def test_chat(call: Call, gateway: LocalGateway) -> None:
    completions = call.client(gateway).chat.completions
    reply = call.wait(completions.parse(**TALK, response_format=Place, n=2))
    assert [type(choice.message.parsed) for choice in reply.choices] == [Place, Place]
    described = {"name": "Place", "schema": STRICT, "strict": True}
    assert gateway.requests[0].json()["response_format"] == {"type": "json_schema", "json_schema": described}
    assert pickle.loads(pickle.dumps(reply)).choices[1].message.parsed == reply.choices[1].message.parsed
    call.wait(
        completions.create(model="gpt-4o", messages=[*TALK["messages"], reply.choices[0].message, *TALK["messages"]])
    )
    assert gateway.requests[-1].json()["messages"][1] == reply.choices[0].message.to_dict()
    assert "parsed" not in gateway.requests[-1].json()["messages"][1]


def test_without_a_class(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    reply = call.wait(client.responses.parse(**ASK))
    assert (reply.output_parsed, type(reply).__name__) == (None, "ParsedResponse")
    assert reply.output_text
    assert gateway.requests[-1].json() == ASK
    assert call.wait(client.chat.completions.parse(**TALK)).choices[0].message.parsed is None
    assert call.wait(client.chat.completions.create(**TALK)).choices[0].message.parsed is None


def test_answers_that_are_none(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    reply = call.wait(client.responses.parse(**ASK, text_format=Place, max_output_tokens=1))
    assert (reply.status, reply.output_parsed) == ("incomplete", None)
    cut = call.wait(client.chat.completions.create(**TALK, max_tokens=1)).to_dict()
    for reason, error in [
        ("length", wenwen.LengthFinishReasonError),
        ("content_filter", wenwen.ContentFilterFinishReasonError),
    ]:
        cut["choices"][0]["finish_reason"] = reason
        gateway.script(cut)
        with pytest.raises(error) as caught:
            call.wait(client.chat.completions.parse(**TALK, response_format=Place))
        assert caught.value.completion == cut
        assert type(pickle.loads(pickle.dumps(caught.value))) is error
    refused = sample("1.1-chat/response.json")
    refused["choices"][0]["message"].update(content=None, refusal="No")
    gateway.script(refused)
    message = call.wait(client.chat.completions.parse(**TALK, response_format=Place)).choices[0].message
    assert (message.parsed, message.refusal) == (None, "No")


def test_what_is_said_on_the_way_is_no_answer(call: Call, gateway: LocalGateway) -> None:
    def message(phase: str | None, text: str) -> dict[str, Any]:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        return {"type": "message", "role": "assistant", "status": "completed", "phase": phase, "content": content}

    whole = {"id": "r", "object": "response", "status": "completed", "model": "m"}
    responses = call.client(gateway).responses
    for said in ("Let me see.", '{"city": "nowhere"}'):
        for phase in ("final_answer", None):
            gateway.script({**whole, "output": [message("commentary", said), message(phase, '{"city": "Paris"}')]})
            reply = call.wait(responses.parse(**ASK, text_format=Place))
            assert reply.output_parsed == Place("Paris")
            assert [item.content[0].parsed for item in reply.output] == [None, Place("Paris")]
            assert reply.output[0].content[0].text == said  # as openai's, `output_text` has it too
    gateway.script({**whole, "output": [message("commentary", "Let me see.")]})
    assert call.wait(responses.parse(**ASK, text_format=Place)).output_parsed is None


@pytest.mark.parametrize(
    ("name", "sent"),
    [("Place", "Place"), ("a-b_C9", "a-b_C9"), ("A" * 64, "A" * 64), ("人物", r"___\w{8}"),
     ("Box[int]", r"Box_int__\w{8}"),
     ("A" * 65, r"A{55}_\w{8}"), ("Ärger", r"_rger_\w{8}")],
)  # fmt: skip
def test_names_that_the_api_does_not_take(call: Call, gateway: LocalGateway, name: str, sent: str) -> None:
    client = call.client(gateway)
    for twin in (name, f"{name}́"):
        cls = type(twin, (Place,), {})
        call.wait(client.responses.parse(**ASK, text_format=cls, max_output_tokens=1))
        gateway.script(sample("1.1-chat/response.json"))
        with pytest.raises(wenwen.AnswerValidationError):
            call.wait(client.chat.completions.parse(**TALK, response_format=cls))
    bodies = [request.json() for request in gateway.requests]
    names = [bodies[n]["text"]["format"]["name"] for n in (0, 2)]
    assert names == [bodies[n]["response_format"]["json_schema"]["name"] for n in (1, 3)]
    assert re.fullmatch(sent, names[0]) and len(set(names)) == 2
    assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", name) for name in names)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text_format": {"type": "json_object"}}, r"text_format is .*give a pydantic model"),
        ({"text_format": Place, "text": {"format": {"type": "text"}}}, "only one of them"),
        ({"text_format": Place, "stream": True}, "cannot take stream"),
        ({"text_format": Place, "as_dict": True}, "cannot take as_dict"),
        ({"text_format": Place, "inputs": "x"}, "'inputs'"),
    ],
)
def test_what_is_refused_before_it_is_sent(
    call: Call, gateway: LocalGateway, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError, match=words):
        call.wait(call.client(gateway).responses.parse(**ASK, **params))
    with pytest.raises(TypeError, match="retries in a raw form"):
        call.wait(call.client(gateway).responses.with_raw_response.parse(**ASK, retries=1))
    assert gateway.requests == []


def test_raw_forms(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    for resource, params, keyword in (
        (client.responses, ASK, "text_format"),
        (client.chat.completions, TALK, "response_format"),
        (client.messages, {**TALK, "max_tokens": 99}, "output_format"),
        (client.gemini, {"model": "gemini-2.5-pro", "contents": "Where?"}, "response_schema"),
    ):
        raw = call.wait(resource.with_raw_response.parse(**params, **{keyword: Place}))
        assert raw.status_code == 200 and isinstance(raw.parse().parsed, Place)
        assert raw.parse().request_id == raw.request_id
        assert raw.parse(to=object) == raw.json()
        with call.open(resource.with_streaming_response.parse(Place, **params)) as reply:
            assert isinstance(call.wait(reply.parse()).parsed, Place)
        bare = call.wait(resource.with_raw_response.parse(**params)).parse()
        assert bare.parsed is None and type(bare).__name__.startswith("Parsed")
    gateway.script({"id": "r", "object": "response", "status": "completed", "output": [message(None, "none")]})
    raw = call.wait(client.responses.with_raw_response.parse(**ASK, text_format=Place))
    with pytest.raises(wenwen.AnswerValidationError):
        raw.parse()
    assert raw.status_code == 200


def message(phase: str | None, text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "role": "assistant", "status": "completed", "phase": phase, "content": content}


class Town(Place):
    """Another class."""


UPDATE = {"type": "configuration_update", "text": {"format": {"type": "json_schema", "name": "Town", "schema": {}}}}
RESET = {"type": "configuration_update", "text": {"format": {"type": "text"}}}
HELLO = {"role": "user", "content": "Hi"}


@pytest.mark.parametrize(
    ("input", "params", "read"),
    [
        ("Hi", {"parse_as": Town}, Town),
        ("Hi", {"text_format": Place, "parse_as": Town}, Town),
        ("Hi", {"text_format": Place, "parse_as": None}, None),
        ("Hi", {"text_format": Place}, Place),
        ([HELLO, UPDATE], {"parse_as": Town}, Town),
        ([UPDATE], {}, None),
        ([UPDATE, RESET, {"type": "configuration_update", "reasoning": {}}], {"text_format": Place}, None),
        ([UPDATE], {"text_format": Place}, r"Pass parse_as"),
        ([RESET], {"text_format": Place, "parse_as": Town}, "plain-text format update"),
        ("Hi", {"parse_as": "Town"}, "parse_as is"),
        ("Hi", {"parse_as": Town, "retries": 1}, "retries with parse_as"),
    ],
    ids=range(11),
)
def test_a_class_whose_schema_was_sent_before(
    call: Call, gateway: LocalGateway, input: Any, params: dict[str, Any], read: Any
) -> None:
    gateway.script({"id": "r", "object": "response", "status": "completed", "output": [message(None, '{"city": "P"}')]})
    responses = call.client(gateway).responses
    if isinstance(read, str):
        with pytest.raises(TypeError, match=read):
            call.wait(responses.parse(model="m", input=input, **params))
        assert gateway.requests == []
        return
    reply = call.wait(responses.parse(model="m", input=input, **params))
    assert type(reply.output_parsed) is (read or type(None))
    body = gateway.requests[0].json()
    sent = body.pop("text", {}).get("format", {}).get("name")
    assert (body, sent) == ({"model": "m", "input": input}, "Place" if "text_format" in params else None)


def test_pydantic(call: Call, gateway: LocalGateway) -> None:
    pydantic = pytest.importorskip("pydantic")
    point = pydantic.create_model("Point", x=(float, ...), y=(float, 0.0))
    field = pydantic.Field(description="where it begins")
    line = pydantic.create_model("Line", start=(point, field), end=(point | None, None), tags=(list[str], []))
    reply = call.wait(call.client(gateway).responses.parse(**ASK, text_format=line))
    assert isinstance(reply.output_parsed, line)
    assert isinstance(reply.output_parsed.start, point)
    schema = gateway.requests[0].json()["text"]["format"]["schema"]
    assert schema["required"] == ["start", "end", "tags"]
    assert "default" not in schema["properties"]["end"]
    assert schema["$defs"]["Point"]["required"] == ["x", "y"]
    start = schema["properties"]["start"]
    assert "$ref" not in start  # a reference may have nothing beside it
    assert (start["description"], start["additionalProperties"]) == ("where it begins", False)
