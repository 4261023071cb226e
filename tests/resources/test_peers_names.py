"""What code for the peers' packages calls beside the usual: `beta`, what other servers have, their parameters."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway

HELLO: list[dict[str, Any]] = [{"role": "user", "content": "Hello!"}]


def test_beta_has_the_same_resources(call: Call, gateway: LocalGateway) -> None:
    beta = call.client(gateway).beta
    assert call.wait(beta.messages.create(model="m", max_tokens=9, messages=HELLO, betas=["a", "b"])).text
    assert gateway.last_request is not None
    assert gateway.last_request.header("anthropic-beta") == "a,b"
    assert "betas" not in gateway.last_request.json()
    assert call.wait(beta.chat.completions.create(model="gpt-5", messages=HELLO)).text
    assert call.wait(beta.responses.create(model="gpt-5", input="Hello!")).output_text
    assert [model.id for model in call.wait(beta.models.list())]
    assert call.wait(beta.with_raw_response.messages.create(model="m", max_tokens=9, messages=HELLO)).status_code == 200
    with call.open(beta.messages.stream(model="m", max_tokens=9, messages=HELLO)) as stream:
        assert "".join(call.each(stream.text_stream))


def test_anthropics_parameters_that_go_as_headers(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    named: dict[str, Any] = {"workspace_id": "w", "user_profile_id": "u"}
    call.wait(client.messages.create(model="m", max_tokens=9, messages=HELLO, speed="fast", betas=("a",), **named))
    list(call.each(call.wait(client.messages.create(model="m", max_tokens=9, messages=HELLO, stream=True, **named))))
    for request in gateway.requests:
        assert request.header("anthropic-workspace-id") == "w"
        assert request.header("anthropic-user-profile-id") == "u"
        assert not {"workspace_id", "user_profile_id", "betas"} & {*request.json()}
    assert gateway.requests[0].json()["speed"] == "fast"
    # The caller's own header is more than its parameter; None is none.
    own = {"anthropic-beta": "mine"}
    call.wait(client.messages.create(model="m", max_tokens=9, messages=HELLO, betas=["a"], extra_headers=own))
    assert gateway.requests[-1].header("anthropic-beta") == "mine"
    call.wait(client.messages.create(model="m", max_tokens=9, messages=HELLO, betas=None, workspace_id=None))
    assert gateway.requests[-1].header("anthropic-beta") is None
    with pytest.raises(ValueError, match=r"workspace_id.*line break"):
        call.wait(client.messages.create(model="m", max_tokens=9, messages=HELLO, workspace_id="a\nb"))


def test_models_as_anthropic_lists_them(call: Call, gateway: LocalGateway) -> None:
    models = call.client(gateway).models
    page = call.wait(models.list(limit=3, after_id="a", before_id=None, lifecycle=["active"], workspace_id="w"))
    assert [model.id for model in page]
    request = gateway.requests[-1]
    assert (request.query, request.header("anthropic-workspace-id")) == (
        "limit=3&after_id=a&lifecycle%5B%5D=active", "w",
    )  # fmt: skip
    assert call.wait(models.retrieve(model_id="gpt-5")).id == call.wait(models.retrieve("gpt-5")).id == "gpt-5"
    with pytest.raises(ValueError, match="model"):
        call.wait(models.retrieve())


def test_keywords_of_today(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    gateway.script({"output": []}, {"data": []}, {"data": []})
    responses: dict[str, Any] = {
        "access_programs": {"cyber": "standard"},
        "background_options": {"completion_window": "2h"},
        "image": {"context_compression": "auto"},
    }
    call.wait(client.responses.create(model="gpt-5", input="a", **responses))
    images: dict[str, Any] = {"complexity": "low", "frame_count": 2, "frame_duration_ms": 10, "safety_identifier": "s"}
    call.wait(client.images.generate(model="m", prompt="a", svg={"model": "x"}, **images))
    png = b"\x89PNG\r\n\x1a\n and so on"
    call.wait(client.images.edit(model="m", prompt="a", image=png, markup=("m.png", png), svg={"model": "x"}, **images))
    sent = gateway.requests
    assert sent[0].json() == {"model": "gpt-5", "input": "a", **responses}
    assert sent[1].json() == {"model": "m", "prompt": "a", "svg": {"model": "x"}, **images}
    form = sent[2].form()
    assert form["markup"] == [("m.png", "image/png", png)]
    assert (form["svg[model]"], form["frame_count"]) == (["x"], ["2"])


def test_a_conversation_made_shorter_goes_on(call: Call, gateway: LocalGateway) -> None:
    responses = call.client(gateway).responses
    compacted = call.wait(responses.compact(model="gpt-5", input=HELLO, instructions="Be brief."))
    assert (compacted.object, compacted.output[0].type) == ("response.compaction", "compaction")
    assert compacted.usage.input_tokens > 0
    gateway.script({"output": []})
    call.wait(responses.create(model="gpt-5", input=[*compacted.output, *HELLO]))
    assert gateway.requests[-1].json()["input"][0] == compacted.output[0].to_dict()


def test_what_the_gateway_does_not_route(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    for ask in (
        lambda: client.responses.input_tokens.count(model="gpt-5", input="a"),
        lambda: client.messages.count_tokens(model="m", messages=HELLO),
        lambda: client.gemini.count_tokens(model="m", contents="a"),
        lambda: client.models.delete("ft:a"),
        lambda: client.videos.list(),
        lambda: client.videos.delete("v"),
        lambda: client.videos.edit(video={"id": "v"}, prompt="a"),
        lambda: client.videos.extend(video={"id": "v"}, prompt="a", seconds=4),
        lambda: client.videos.create_character(name="a", video=b"abc"),
        lambda: client.videos.get_character("c"),
    ):
        with pytest.raises((wenwen.NotFoundError, wenwen.BadRequestError)):
            call.wait(ask())


def test_what_other_servers_answer(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    tools: list[Any] = [_weather]
    gateway.script(
        {"object": "response.input_tokens", "input_tokens": 11},
        {"input_tokens": 12},
        {"totalTokens": 13},
        {"id": "ft:a", "object": "model", "deleted": True},
    )
    assert call.wait(client.responses.input_tokens.count(model="gpt-5", input="a", tools=tools)).input_tokens == 11
    assert (
        call.wait(client.messages.count_tokens(model="m", messages=HELLO, tools=tools, betas=["b"])).input_tokens == 12
    )
    assert call.wait(client.gemini.count_tokens(model="models/m", contents="a")).total_tokens == 13
    assert call.wait(client.models.delete("ft:a")).deleted is True
    assert [f"{request.method} {request.path}" for request in gateway.requests] == [
        "POST /v1/responses/input_tokens",
        "POST /v1/messages/count_tokens",
        "POST /v1beta/models/m:countTokens",
        "DELETE /v1/models/ft%3Aa",
    ]
    assert [request.json()["tools"][0]["name"] for request in gateway.requests[:2]] == ["_weather"] * 2
    assert gateway.requests[1].header("anthropic-beta") == "b"


def _weather(city: str) -> str:
    """The weather in a city."""
    return city


def test_features_in_the_making(call: Call, gateway: LocalGateway) -> None:
    beta = call.client(gateway).beta
    call.wait(beta.responses.create(model="gpt-5", input="Hello!", betas=["a", "b"], multi_agent={"enabled": True}))
    request = gateway.requests[-1]
    assert request.header("openai-beta") == "a,b"
    assert request.json() == {"model": "gpt-5", "input": "Hello!", "multi_agent": {"enabled": True}}
    call.wait(beta.messages.create(model="m", max_tokens=9, messages=HELLO, fallbacks="default", thread="t"))
    assert gateway.requests[-1].json()["fallbacks"] == "default"


def test_names_in_the_making() -> None:
    from wenwen.types import Message, ModelInfo, beta

    assert beta.BetaMessage is Message
    assert beta.BetaModelInfo is ModelInfo is wenwen.types.Model
    for name in ("BetaNothing", "Message", "_Beta"):
        with pytest.raises(AttributeError, match=name):
            getattr(beta, name)


@pytest.mark.parametrize("name", ["text_format", "output_format", "parse_as", "output"])
def test_create_is_told_of_parse(call: Call, gateway: LocalGateway, name: str) -> None:
    with pytest.raises(TypeError, match=r"parse\(\) and stream\(\) take it"):
        call.wait(call.client(gateway).responses.create(model="m", input="a", **{name: str}))
    with pytest.raises(TypeError, match=r"is a class, not a value: parse\(\)"):
        call.wait(call.client(gateway).chat.completions.create(model="m", messages=HELLO, response_format=str))
    assert gateway.requests == []


@pytest.mark.parametrize(
    ("module", "name", "fields"),
    [
        ("chat", "ChatCompletionMessageToolCallParam", {"id": "c", "type": "function"}),
        ("chat", "ChatCompletionToolParam", {"type": "function", "function": {"name": "f"}}),
        ("chat", "ChatCompletionCustomToolParam", {"type": "custom", "custom": {"name": "f"}}),
        ("responses", "ResponseFunctionToolCallParam", {"type": "function_call", "name": "f"}),
        ("responses", "ToolChoiceMcpParam", {"type": "mcp", "server_label": "a"}),
        ("shared_params", "Reasoning", {"effort": "low"}),
        ("shared_params", "ResponseFormatJSONSchema", {"type": "json_schema"}),
        ("", "ToolParam", {"name": "f", "input_schema": {"type": "object"}}),
        ("", "CodeExecutionTool20250825Param", {"name": "code_execution"}),
        ("beta", "BetaToolParam", {"name": "f", "input_schema": {"type": "object"}}),
        ("beta", "BetaMCPToolUseBlockParam", {"type": "mcp_tool_use"}),
    ],
)
def test_a_part_of_a_request_by_its_name(module: str, name: str, fields: dict[str, Any]) -> None:
    home = importlib.import_module(f"wenwen.types.{module}".rstrip("."))
    assert getattr(home, name)(**fields) == fields


@pytest.mark.parametrize("name", ["ParsedResponse", "ParsedMessage", "ParsedChatCompletion"])
def test_a_reply_with_a_class_is_written_with_it(name: str) -> None:
    homes: dict[str, Any] = {
        "ParsedResponse": wenwen.types.responses,
        "ParsedMessage": wenwen.types.messages,
        "ParsedChatCompletion": wenwen.types.chat,
    }
    own = getattr(homes[name], name)
    assert own[int].__origin__ is own is getattr(wenwen.types, name)
    with pytest.raises(AttributeError, match="NoSuchName"):
        homes[name].NoSuchName  # noqa: B018
