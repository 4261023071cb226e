"""What is left out, by our values and the peers' own: at any depth, of bodies, forms, queries, headers and options."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen import Client
from wenwen.testing import LocalGateway

PNG = b"\x89PNG\r\n\x1a\n and so on"


class NotGiven:
    """As the peers' packages have it; theirs are of modules that are named otherwise."""

    def __bool__(self) -> bool:
        return False


class Omit:
    def __bool__(self) -> bool:
        return False


VALUES = [wenwen.omit, wenwen.NOT_GIVEN, wenwen.not_given, wenwen.Omit(), wenwen.NotGiven(), Omit(), NotGiven()]


@pytest.fixture(params=VALUES, ids=lambda value: f"{type(value).__module__}.{type(value).__name__}")
def left_out(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_peers_own() -> None:
    for peer in ("openai", "anthropic"):
        module: Any = pytest.importorskip(peer)
        with LocalGateway() as gateway:
            for value in (module.omit, module.not_given, module.NOT_GIVEN, module.Omit(), module.NotGiven()):
                gateway.client().responses.create(model="gpt-5", input=[{"role": "user", "content": "a", "x": value}])
                assert gateway.last_request is not None
                assert gateway.last_request.json()["input"] == [{"role": "user", "content": "a"}]


def test_of_a_body(call: Call, gateway: LocalGateway, left_out: Any) -> None:
    message = {"x": left_out, "role": "user", "y": left_out, "content": [left_out, "a", left_out], "z": left_out}
    gateway.script({"output": []}, {"choices": []}, {"content": []}, {"data": []}, {"candidates": []})
    client = call.client(gateway)
    call.wait(client.responses.create(model="gpt-5", input=[left_out, message], temperature=left_out, tools=left_out))
    call.wait(client.chat.completions.create(model="gpt-5", messages=[message], stream=left_out, stop=left_out))
    call.wait(client.messages.create(model="m", max_tokens=9, messages=[message, left_out], betas=left_out))
    call.wait(client.images.generate(model=left_out, prompt="a", size=left_out, svg={"model": left_out}))
    call.wait(
        client.gemini.generate_content(model="m", contents="a", generation_config={"a": left_out, "b": [left_out]})
    )
    plain = [{"role": "user", "content": ["a"]}]
    assert [request.json() for request in gateway.requests] == [
        {"model": "gpt-5", "input": plain},
        {"model": "gpt-5", "messages": plain},
        {"model": "m", "max_tokens": 9, "messages": plain},
        {"model": "dall-e-2", "prompt": "a", "svg": {}},
        {"contents": [{"role": "user", "parts": [{"text": "a"}]}], "generationConfig": {"b": []}},
    ]
    assert all(request.header("anthropic-beta") is None for request in gateway.requests)


def test_of_a_form_a_query_and_headers(call: Call, gateway: LocalGateway, left_out: Any) -> None:
    gateway.script({"data": []}, {"id": "m"})
    client = call.client(gateway, default_headers={"x-one": "1"}, default_query={"a": left_out})
    svg = {"model": left_out, "names": [left_out, "b"]}
    call.wait(client.images.edit(image=PNG, mask=left_out, prompt="a", svg=svg, n=left_out))
    assert gateway.last_request is not None
    form = gateway.last_request.form()
    assert {name: value for name, value in form.items() if name not in ("image", "model")} == {
        "prompt": ["a"],
        "svg[names][]": ["b"],
    }
    headers = {"x-one": left_out, "x-two": left_out}
    call.wait(client.get("/v1/x", query={"b": left_out, "c": [left_out, 1]}, extra_headers=headers))
    request = gateway.last_request
    assert (request.query, request.header("x-two")) == ("c%5B%5D=1", None)
    # `Omit` takes a header away, as the peers' does; what is not given changes nothing.
    assert request.header("x-one") == (None if type(left_out).__name__ == "Omit" else "1")


def test_of_options(call: Call, gateway: LocalGateway, left_out: Any) -> None:
    client = call.client(gateway, timeout=left_out, max_retries=left_out, default_headers=left_out, proxy=left_out)
    assert (client.timeout, client.max_retries) == (Client(api_key="sk-1").timeout, 2)
    assert client.with_options(max_retries=5).with_options(max_retries=left_out, api_key=left_out).max_retries == 5
    call(
        client, model="gpt-5", input="a", timeout=left_out, max_retries=left_out, extra_body=left_out, as_dict=left_out
    )
    call.wait(client.responses.with_raw_response.create(model="gpt-5", input="a", extra_query=left_out))
    with call.open(client.responses.stream(model="gpt-5", input="a", text_format=left_out)) as stream:
        assert list(call.each(stream))
    with pytest.raises(TypeError, match="'input'"):
        call(client, model="gpt-5", input=left_out)


def test_of_a_whole_body(call: Call, gateway: LocalGateway, left_out: Any) -> None:
    gateway.script({"id": "m"})
    call.wait(call.client(gateway).post("/v1/x", body=left_out))
    assert gateway.last_request is not None
    assert gateway.last_request.body == b"{}"


def test_a_class_of_that_name_that_is_a_value_stays_one(gateway: LocalGateway) -> None:
    class Omit(dict[str, Any]):
        pass

    gateway.script({"output": []})
    gateway.client().responses.create(model="gpt-5", input="a", metadata=Omit(a="b"))
    assert gateway.last_request is not None
    assert gateway.last_request.json()["metadata"] == {"a": "b"}


def test_what_they_are() -> None:
    assert (bool(wenwen.omit), bool(wenwen.NOT_GIVEN), repr(wenwen.omit), repr(wenwen.NOT_GIVEN)) == (
        False, False, "omit", "NOT_GIVEN",
    )  # fmt: skip
    assert isinstance(wenwen.omit, wenwen.Omit)
    assert isinstance(wenwen.NOT_GIVEN, wenwen.NotGiven)
