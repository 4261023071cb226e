"""`create_response` from end to end: what goes over the wire, and what comes back."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
from typing import Any

import pytest
from conftest import SAMPLES, Call, sample

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import Response

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
CREATE = "2.2-responses-create"
REQUEST = sample(f"{CREATE}/request.json")
REPLY = sample(f"{CREATE}/response.json")
KEY = "sk-very-secret-0123456789"


def sent(gateway: LocalGateway) -> Any:
    """The JSON of the last request."""
    assert gateway.last_request is not None
    return gateway.last_request.json()


def header(gateway: LocalGateway, name: str) -> str | None:
    assert gateway.last_request is not None
    return gateway.last_request.header(name)


# The seed's request and reply


def test_the_seed_goes_through(call: Call, gateway: LocalGateway) -> None:
    gateway.script(REPLY)
    reply = call(gateway, **REQUEST)
    assert isinstance(reply, Response)
    assert reply.to_dict() == REPLY
    assert reply.output_text == "Hi! How can I help you today?"
    assert reply.usage.output_tokens_details.reasoning_tokens == 64
    assert reply.usage.total_tokens == reply["usage"]["total_tokens"] == 86
    assert sent(gateway) == REQUEST


def test_as_dict(call: Call, gateway: LocalGateway) -> None:
    gateway.script(REPLY)
    reply = call(gateway, **REQUEST, as_dict=True)
    assert type(reply) is dict
    assert reply == REPLY
    assert list(reply) == list(REPLY)
    assert type(reply["output"][1]["content"][0]) is dict
    assert sent(gateway) == REQUEST


def test_module_level(call: Call, wenwen_gateway: LocalGateway) -> None:
    wenwen_gateway.script(REPLY, REPLY)
    assert call.function(**REQUEST).to_dict() == REPLY
    assert call.function(**REQUEST, as_dict=True) == REPLY
    assert [request.json() for request in wenwen_gateway.requests] == [REQUEST, REQUEST]


def test_the_default_answer(call: Call, gateway: LocalGateway) -> None:
    reply = call(gateway, **HELLO)
    assert reply.output_text
    assert reply.status == "completed"
    assert reply.request_id == reply.headers["x-oneapi-request-id"]


# The wire


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
def test_base_url_forms(call: Call, gateway: LocalGateway, suffix: str) -> None:
    client = call.client(gateway, base_url=gateway.root + suffix)
    call(client, **HELLO)
    assert (gateway.requests[0].method, gateway.requests[0].path) == ("POST", "/v1/responses")
    assert client.base_url == gateway.root


def test_headers_and_body(call: Call, gateway: LocalGateway) -> None:
    call(call.client(gateway, api_key=KEY), **HELLO)
    request = gateway.requests[0]
    assert sorted(name.lower() for name, _ in request.headers) == [
        "accept",
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ]
    assert request.header("Authorization") == f"Bearer {KEY}"
    assert request.header("Content-Type") == "application/json"
    assert request.header("Accept") == "application/json"
    assert request.header("User-Agent") == f"wenwen-python/{wenwen.__version__}"
    assert request.body == b'{"model":"gpt-5","input":"Hello!"}'
    assert request.query == ""


def test_none_is_null_and_omitted_is_not_sent(call: Call, gateway: LocalGateway) -> None:
    call(gateway, **HELLO, temperature=None, tools=[], metadata={}, store=False)
    assert sent(gateway) == {**HELLO, "temperature": None, "tools": [], "metadata": {}, "store": False}


def test_every_parameter_is_sent_as_given(call: Call, gateway: LocalGateway) -> None:
    params: dict[str, Any] = {
        **HELLO,
        "instructions": "be brief",
        "background": True,
        "previous_response_id": "resp_1",
        "include": ["reasoning.encrypted_content"],
        "max_output_tokens": 16,
        "metadata": {"a": "b"},
        "parallel_tool_calls": False,
        "reasoning": {"effort": "low"},
        "service_tier": "auto",
        "stream": False,
        "temperature": 1,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [{"type": "web_search_preview"}],
        "top_p": 0.5,
        "truncation": "auto",
        "user": "u",
    }
    call(gateway, **params)
    assert sent(gateway) == params


# Wrong arguments


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("modle", "model"), ("max_tokens", "max_output_tokens"), ("temprature", "temperature"), ("timeot", "timeout")],
)
def test_unknown_keyword(call: Call, gateway: LocalGateway, name: str, nearest: str) -> None:
    with pytest.raises(TypeError, match=rf"'{name}'.*'{nearest}'.*extra_body"):
        call(gateway, **HELLO, **{name: 1})
    assert gateway.requests == []


@pytest.mark.parametrize("missing", ["model", "input"])
def test_missing_keyword(call: Call, gateway: LocalGateway, missing: str) -> None:
    params = {key: value for key, value in HELLO.items() if key != missing}
    with pytest.raises(TypeError, match=f"'{missing}'"):
        call(gateway, **params)
    assert gateway.requests == []
    call(gateway, **params, extra_body={missing: "given otherwise"})
    assert sent(gateway)[missing] == "given otherwise"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", 5),
        ("input", 5),
        ("temperature", "hot"),
        ("max_output_tokens", "16"),
        ("store", "yes"),
        ("tools", "web_search"),
        ("stream", "yes"),
        ("as_dict", "yes"),
        ("timeout", "soon"),
        ("extra_body", 5),
    ],
)
def test_wrong_kinds(call: Call, gateway: LocalGateway, name: str, value: object) -> None:
    with pytest.raises(TypeError, match=rf"^{name} is {value!r}"):
        call(gateway, **{**HELLO, name: value})
    assert gateway.requests == []


@pytest.mark.parametrize("name", ["extra_headers", "extra_query"])
def test_wrong_kinds_where_a_key_may_be(call: Call, gateway: LocalGateway, name: str) -> None:
    for value, kind in ((f"Authorization: {KEY}", "str"), ({5: KEY}, "dict")):
        with pytest.raises(TypeError, match=rf"^{name} is a {kind}: give a mapping") as caught:
            call(gateway, **{**HELLO, name: value})
        assert KEY not in str(caught.value)
    assert gateway.requests == []


@pytest.mark.parametrize(
    ("name", "value"), [("timeout", 0), ("timeout", -1), ("max_retries", -1), ("max_retries", 1.5)]
)
def test_wrong_values(call: Call, gateway: LocalGateway, name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        call(gateway, **HELLO, **{name: value})
    assert gateway.requests == []


# Extras of a call


def test_extra_headers(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, default_headers={"X-One": "1", "X-Two": "2", "User-Agent": "mine"})
    call(client, **HELLO, extra_headers={"x-two": "zwei", "X-Three": "3", "X-One": None})
    request = gateway.requests[0]
    assert [request.header(name) for name in ("X-One", "X-Two", "X-Three")] == [None, "zwei", "3"]
    assert request.header("User-Agent") == "mine"
    assert len([name for name, _ in request.headers if name.lower() == "x-two"]) == 1
    call(client, **HELLO)
    assert [header(gateway, name) for name in ("X-One", "X-Two", "X-Three")] == ["1", "2", None]


def test_extra_headers_take_the_key_away_or_replace_it(call: Call, gateway: LocalGateway) -> None:
    call(gateway, **HELLO, extra_headers={"Authorization": "Bearer other"})
    assert header(gateway, "Authorization") == "Bearer other"
    with pytest.raises(wenwen.AuthenticationError):
        call(gateway, **HELLO, extra_headers={"authorization": None})
    assert header(gateway, "Authorization") is None


@pytest.mark.parametrize("value", ["a\nb", "a\r\nX-Injected: 1", "\0"])
def test_a_header_cannot_hold_a_line_break(call: Call, gateway: LocalGateway, value: str) -> None:
    with pytest.raises(ValueError, match=r"extra_headers.*X-Bad"):
        call(gateway, **HELLO, extra_headers={"X-Bad": value})
    assert gateway.requests == []


def test_extra_query(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, default_query={"a": "1", "b": "2"})
    call(client, **HELLO, extra_query={"b": "ü&=", "c": [1, 2], "d": True, "e": None})
    assert gateway.requests[0].path == "/v1/responses"
    assert gateway.requests[0].query == "a=1&b=%C3%BC%26%3D&c%5B%5D=1&c%5B%5D=2&d=true"


def test_extra_body(call: Call, gateway: LocalGateway) -> None:
    call(gateway, **HELLO, extra_body={"model": "other", "new_option": {"deep": [1]}})
    assert sent(gateway) == {"model": "other", "input": "Hello!", "new_option": {"deep": [1]}}


def test_timeout_and_max_retries_of_a_call(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, max_retries=0)
    gateway.script(Reply(status=500, headers={"retry-after-ms": "1"}, times=3), None)
    assert call(client, **HELLO, max_retries=3).output_text
    assert len(gateway.requests) == 4
    gateway.script(Reply(delay=30))
    with pytest.raises(wenwen.APITimeoutError):
        call(client, **HELLO, timeout=0.1)
    gateway.script(Reply(delay=30))
    with pytest.raises(wenwen.APITimeoutError):
        call(client, **HELLO, timeout=wenwen.Timeout(total=0.1))


# Clients


def test_with_options(call: Call, gateway: LocalGateway) -> None:
    first = call.client(gateway, max_retries=5, default_headers={"X-One": "1"}, default_query={"a": "1"})
    second = first.with_options(timeout=3, default_headers={"X-Two": "2"}, default_query={"b": "2"}, api_key="sk-2")
    assert (first.timeout.total, second.timeout.total) == (600, 3)
    assert second.max_retries == 5
    call(second, **HELLO)
    request = gateway.requests[0]
    assert [request.header(name) for name in ("X-One", "X-Two")] == ["1", "2"]
    assert request.header("Authorization") == "Bearer sk-2"
    assert request.query == "a=1&b=2"
    call(first.copy(max_retries=0), **HELLO)
    assert header(gateway, "Authorization") == f"Bearer {gateway.api_key}"
    assert (header(gateway, "X-One"), header(gateway, "X-Two")) == ("1", None)


def test_configure(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wenwen._client._default", None)
    wenwen.configure(api_key=KEY, base_url=gateway.root, default_headers={"X-One": "1"}, proxy=False)
    call.function(**HELLO)
    assert header(gateway, "Authorization") == f"Bearer {KEY}"
    assert header(gateway, "X-One") == "1"
    wenwen.configure(api_key="sk-other", base_url=gateway.root, proxy=False)
    call.function(**HELLO)
    assert header(gateway, "Authorization") == "Bearer sk-other"
    assert header(gateway, "X-One") is None


def test_clients_begin_with_what_was_configured(
    call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    wenwen.configure(
        api_key=KEY, base_url=gateway.root, max_retries=7, timeout=5, default_headers={"X-One": "1"}, proxy=False
    )
    client = call.new_client()
    assert (client.base_url, client.max_retries, client.timeout.total) == (gateway.root, 7, 5)
    call(client, **HELLO)
    assert (header(gateway, "Authorization"), header(gateway, "X-One")) == (f"Bearer {KEY}", "1")
    # Its own options go before, and headers are added.
    own = call.new_client(api_key="sk-own", max_retries=0, default_headers={"X-Two": "2"})
    call(own, **HELLO)
    assert own.max_retries == 0 and header(gateway, "Authorization") == "Bearer sk-own"
    assert (header(gateway, "X-One"), header(gateway, "X-Two")) == ("1", "2")
    # What the environment says later still counts where nothing was configured, and so does the next configuration.
    wenwen.configure(max_retries=1)
    monkeypatch.setenv("WENWEN_API_KEY", "sk-env")
    monkeypatch.setenv("WENWEN_BASE_URL", gateway.root)
    client = call.new_client(proxy=False)
    call(client, **HELLO)
    assert (client.max_retries, header(gateway, "Authorization"), header(gateway, "X-One")) == (
        1,
        "Bearer sk-env",
        None,
    )
    wenwen.configure()
    assert call.new_client().max_retries == 2
    assert client.max_retries == 1  # one that is there stays as it is


def test_the_same_client_in_two_runs(gateway: LocalGateway) -> None:
    client = gateway.async_client()
    for _ in range(2):

        async def many() -> None:
            await asyncio.gather(*[client.responses.create(**HELLO) for _ in range(20)])

        asyncio.run(many())
    assert len(gateway.requests) == 40


def test_client_context_and_close(call: Call, gateway: LocalGateway) -> None:
    with call.open(call.client(gateway)) as client:
        call(client, **HELLO)
    call.wait(client.close())
    call(client, **HELLO)


# The key


def test_key_from_the_environment(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENWEN_API_KEY", f" {KEY}\n")
    monkeypatch.setenv("WENWEN_BASE_URL", gateway.base_url)
    call(call.new_client(), **HELLO)
    assert header(gateway, "Authorization") == f"Bearer {KEY}"
    call(call.new_client(api_key=" sk-argument\n"), **HELLO)
    assert header(gateway, "Authorization") == "Bearer sk-argument"


def test_missing_key(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENWEN_API_KEY", raising=False)
    with pytest.raises(wenwen.WenwenError, match="WENWEN_API_KEY"):
        call.new_client()
    monkeypatch.setenv("WENWEN_BASE_URL", gateway.base_url)
    monkeypatch.setattr("wenwen._client._default", None)
    with pytest.raises(wenwen.WenwenError, match=r"WENWEN_API_KEY.*configure"):
        call.function(**HELLO)
    # What the message says to do helps.
    monkeypatch.setenv("WENWEN_API_KEY", KEY)
    call.function(**HELLO)
    assert header(gateway, "Authorization") == f"Bearer {KEY}"


def test_a_client_whose_headers_carry_the_key(
    call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WENWEN_API_KEY", raising=False)
    client = call.new_client(base_url=gateway.root, proxy=False, default_headers={"authorization": f"Bearer {KEY}"})
    call(client, **HELLO)
    assert header(gateway, "Authorization") == f"Bearer {KEY}"
    assert KEY.encode() not in pickle.dumps(client)


@pytest.mark.parametrize("key", ["", "  ", "sk-a b", "sk-a\nb", "sk-中"])
def test_keys_that_cannot_be_sent(call: Call, key: str) -> None:
    with pytest.raises(ValueError, match="API key"):
        call.new_client(api_key=key)


def test_key_of_another_type(call: Call) -> None:
    with pytest.raises(TypeError, match="api_key is a bytes"):
        call.new_client(api_key=KEY.encode())


def test_key_from_a_function_is_asked_for_each_attempt(call: Call, gateway: LocalGateway) -> None:
    keys = iter(f"sk-{number}" for number in range(10))
    client = call.client(gateway, api_key=lambda: next(keys))
    gateway.script(Reply(status=500, headers={"retry-after-ms": "1"}), Reply(status=429, headers={"retry-after": "0"}))
    call(client, **HELLO)
    call(client, **HELLO)
    got = [request.header("Authorization") for request in gateway.requests]
    assert got == ["Bearer sk-0", "Bearer sk-1", "Bearer sk-2", "Bearer sk-3"]


def test_key_from_an_async_function(gateway: LocalGateway) -> None:
    keys = iter(f"sk-{number}" for number in range(10))

    async def key() -> str:
        await asyncio.sleep(0.001)
        return next(keys)

    gateway.script(Reply(status=500, headers={"retry-after-ms": "1"}))
    asyncio.run(gateway.async_client(api_key=key).responses.create(**HELLO))
    assert [request.header("Authorization") for request in gateway.requests] == ["Bearer sk-0", "Bearer sk-1"]
    with pytest.raises(TypeError, match="AsyncClient"):
        gateway.client(api_key=key).responses.create(**HELLO)


def test_key_function_that_makes_a_call_itself(call: Call, gateway: LocalGateway) -> None:
    def key() -> str:
        return f"sk-{gateway.client().responses.create(**HELLO).id}"

    call(call.client(gateway, api_key=key), **HELLO)
    first, second = gateway.requests
    assert first.header("Authorization") == f"Bearer {gateway.api_key}"
    assert str(second.header("Authorization")).startswith("Bearer sk-resp_")


def test_key_function_that_fails(call: Call, gateway: LocalGateway) -> None:
    def key() -> str:
        raise LookupError("no key today")

    with pytest.raises(LookupError, match="no key today"):
        call(call.client(gateway, api_key=key), **HELLO)
    with pytest.raises(TypeError, match="api_key function returned a"):
        call(call.client(gateway, api_key=lambda: 5), **HELLO)
    with pytest.raises(ValueError, match="api_key function"):
        call(call.client(gateway, api_key=lambda: "a b"), **HELLO)
    assert gateway.requests == []


def test_the_key_shows_nowhere(call: Call, gateway: LocalGateway, caplog: pytest.LogCaptureFixture) -> None:
    """Not in reprs and pickles, and not in errors and logs where a server echoes it."""
    echo = {"error": {"message": f"bad key {KEY}", "type": "t", "code": f"c {KEY}", "param": f"p {KEY}"}}
    client = call.client(gateway, api_key=KEY)
    gateway.script(Reply(status=401, json=echo, headers={"X-Echo": KEY}), Reply(json=echo), Reply(status=500, text=KEY))
    shown = [repr(client), str(client), repr(vars(client)), pickle.dumps(client).decode("latin-1")]
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            with pytest.raises(wenwen.APIError) as caught:
                call(client, **HELLO, max_retries=0)
            error = caught.value
            shown += [str(error), repr(error), repr(vars(error)), repr(error.headers), str(error.body)]
            shown += [error.response.text, pickle.dumps(error).decode("latin-1")]
    shown += [record.getMessage() for record in caplog.records]
    assert len(caplog.records) == 3
    for text in shown:
        assert KEY not in text


def test_the_key_is_not_in_errors_of_a_stream(call: Call, gateway: LocalGateway) -> None:
    created = {"type": "response.created", "response": {"id": "resp_1"}}
    gateway.script(Reply(events=[created, {"type": "error", "code": "x", "message": f"bad key {KEY}"}]))
    with pytest.raises(wenwen.APIError) as caught:
        call.events(call.client(gateway, api_key=KEY), **HELLO)
    assert caught.value.message == "bad key ***"
    assert KEY not in repr(vars(caught.value))


def test_a_client_pickles_without_its_key(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    client = call.client(
        gateway, api_key=KEY, max_retries=7, timeout=9, default_headers={"X-Title": "1", "X-Two": None}
    )
    data = pickle.dumps(client)
    monkeypatch.setenv("WENWEN_API_KEY", "sk-there")
    loaded = pickle.loads(data)
    assert type(loaded) is type(client)
    assert (loaded.max_retries, loaded.timeout, loaded.base_url) == (7, client.timeout, client.base_url)
    call(loaded, **HELLO)
    assert (header(gateway, "Authorization"), header(gateway, "X-Title")) == ("Bearer sk-there", "1")


def test_a_copy_of_a_client_keeps_its_key(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENWEN_API_KEY", raising=False)
    for api_key in (KEY, lambda: KEY):
        client = call.client(gateway, api_key=api_key)
        for other in (copy.copy(client), copy.deepcopy(client), copy.deepcopy([client])[0]):
            assert other is not client
            call(other, **HELLO)
            assert header(gateway, "Authorization") == f"Bearer {KEY}"


# Raw and streaming forms


def test_with_raw_response(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(status=500, headers={"retry-after-ms": "1"}), Reply(json=REPLY, headers={"X-Two": "2"}))
    response = call.wait(call.client(gateway).responses.with_raw_response.create(**REQUEST))
    assert (response.status_code, response.headers["x-two"]) == (200, "2")
    assert response.request_id == response.headers["X-Oneapi-Request-Id"]
    assert (response.attempts, response.retries_taken) == (2, 1)
    assert response.elapsed > 0
    assert json.loads(response.content) == json.loads(response.text) == response.json() == REPLY
    assert isinstance(response.parse(), Response)
    assert response.parse().to_dict() == REPLY
    assert pickle.loads(pickle.dumps(response)).content == response.content


def test_with_raw_response_of_a_stream(call: Call, gateway: LocalGateway) -> None:
    response = call.wait(call.client(gateway).responses.with_raw_response.create(**HELLO, stream=True))
    assert response.headers["content-type"] == "text/event-stream"
    events = list(call.each(response.parse()))
    assert events[-1].type == "response.completed"


def test_with_raw_response_raises_errors(call: Call, gateway: LocalGateway) -> None:
    gateway.script(400)
    with pytest.raises(wenwen.BadRequestError):
        call.wait(call.client(gateway).responses.with_raw_response.create(**HELLO))


def test_with_streaming_response(call: Call, gateway: LocalGateway) -> None:
    body = json.dumps(REPLY, ensure_ascii=False, indent=1).replace("Hi!", "嗨!").encode()
    text = body.decode()
    gateway.script(Reply(body=body, headers={"Content-Type": "application/json"}, chunk_size=7, times=None))
    create = call.client(gateway).responses.with_streaming_response.create

    with call.open(create(**HELLO)) as response:
        assert response.status_code == 200
        assert response.request_id == response.headers["x-oneapi-request-id"]
        assert call.wait(response.read()) == body
        assert call.wait(response.read()) == body
        assert call.wait(response.text()) == text
        assert call.wait(response.json()) == json.loads(body)
        parsed = call.wait(response.parse())
        assert isinstance(parsed, Response)
        assert parsed.output_text.startswith("嗨!")
        assert parsed.request_id == response.request_id
    with call.open(create(**HELLO)) as response:
        chunks = list(call.each(response.iter_bytes()))
        assert len(chunks) > 1
        assert b"".join(chunks) == body
        with pytest.raises(RuntimeError, match="read"):
            call.wait(response.read())
    with call.open(create(**HELLO)) as response:
        assert "".join(call.each(response.iter_text())) == text
    with call.open(create(**HELLO)) as response:
        assert list(call.each(response.iter_lines())) == text.splitlines()


def test_a_streaming_response_left_early_closes(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(body=b"x" * 1000, chunk_size=10, stall=500))
    with call.open(call.client(gateway).responses.with_streaming_response.create(**HELLO)) as response:
        assert next(call.each(response.iter_bytes()))
    gateway.wait_closed()


def test_streaming_response_to_a_file(call: Call, gateway: LocalGateway, tmp_path: Any) -> None:
    gateway.script(REPLY)
    with call.open(call.client(gateway).responses.with_streaming_response.create(**HELLO)) as response:
        call.wait(response.stream_to_file(tmp_path / "reply.json"))
    assert json.loads((tmp_path / "reply.json").read_bytes()) == REPLY


# Any path


class Model(wenwen.Object):
    id: str


def test_generic_verbs(call: Call, gateway: LocalGateway) -> None:
    gateway.script({"id": "m"}, {"id": "m"}, {"deleted": True}, REPLY, {"id": "m"}, [1, {"a": 1}])
    client = call.client(gateway)
    assert call.wait(client.get("/v1/things/ü", query={"a": [1, 2], "b": False})).id == "m"
    assert isinstance(call.wait(client.get("/v1/things", cast_to=Model)), Model)
    assert call.wait(client.delete("/v1/things", as_dict=True)) == {"deleted": True}
    assert call.wait(client.post("/v1/responses", body=HELLO, cast_to=Response)).output_text
    assert call.wait(client.post("/v1/things")).id == "m"
    assert call.wait(client.get("/v1/list"))[1].a == 1
    got = [(request.method, request.path, request.query, request.body) for request in gateway.requests]
    assert got == [
        ("GET", "/v1/things/%C3%BC", "a%5B%5D=1&a%5B%5D=2&b=false", b""),
        ("GET", "/v1/things", "", b""),
        ("DELETE", "/v1/things", "", b""),
        ("POST", "/v1/responses", "", b'{"model":"gpt-5","input":"Hello!"}'),
        ("POST", "/v1/things", "", b"{}"),
        ("GET", "/v1/list", "", b""),
    ]
    assert gateway.requests[0].header("Content-Type") is None


def test_generic_verbs_take_the_options_of_every_call(call: Call, gateway: LocalGateway) -> None:
    gateway.script({}, {})
    client = call.client(gateway)
    call.wait(client.get("/v1/x", query={"a": "1", "b": "1"}, extra_query={"b": "2"}, extra_headers={"X-One": "1"}))
    assert sorted((gateway.requests[0].query).split("&")) == ["a=1", "b=2"]
    assert gateway.requests[0].header("X-One") == "1"
    call.wait(client.get("/v1/x", extra_query={"c": "3"}))
    assert gateway.requests[1].query == "c=3"
    for verb in (client.get, client.post, client.delete):
        with pytest.raises(TypeError, match=r"'tiemout'.*'timeout'"):
            call.wait(verb("/v1/x", tiemout=3))
    assert len(gateway.requests) == 2


def test_generic_stream(call: Call, gateway: LocalGateway) -> None:
    events = list(call.each(call.wait(call.client(gateway).post("/v1/responses", body=HELLO, stream=True))))
    assert gateway.requests[0].json() == {**HELLO, "stream": True}
    assert events[-1].type == "response.completed"


@pytest.mark.parametrize("path", ["v1/models", "", "//evil.example/v1", "http://evil.example", "/v1/x#a"])
def test_generic_path_must_be_one(call: Call, gateway: LocalGateway, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        call.wait(call.client(gateway).get(path))
    assert gateway.connections == 0


# Stored responses


def test_stored_responses(call: Call, gateway: LocalGateway) -> None:
    deleted = {"id": "resp_1", "object": "response", "deleted": True}
    items = {"object": "list", "data": [{"type": "message", "role": "user", "content": []}], "has_more": False}
    gateway.script(REPLY, deleted, {**REPLY, "status": "cancelled"}, items, REPLY)
    responses = call.client(gateway).responses
    assert call.wait(responses.retrieve("resp_1", include=["a", "b"])).to_dict() == REPLY
    assert call.wait(responses.delete("resp/1 ü")).deleted is True
    assert call.wait(responses.cancel("resp_1")).status == "cancelled"
    listed = call.wait(responses.input_items.list("resp_1", limit=5, after="x"))
    assert listed.data[0].role == "user"
    assert call.wait(responses.with_raw_response.retrieve("resp_1")).json() == REPLY
    assert [(request.method, request.path, request.query) for request in gateway.requests] == [
        ("GET", "/v1/responses/resp_1", "include%5B%5D=a&include%5B%5D=b"),
        ("DELETE", "/v1/responses/resp%2F1%20%C3%BC", ""),
        ("POST", "/v1/responses/resp_1/cancel", ""),
        ("GET", "/v1/responses/resp_1/input_items", "limit=5&after=x"),
        ("GET", "/v1/responses/resp_1", ""),
    ]


def test_stored_response_as_a_stream(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(events=(SAMPLES / "2.3-responses-stream/stream.sse").read_text()))
    events = list(call.each(call.wait(call.client(gateway).responses.retrieve("resp_1", stream=True))))
    assert events[-1].response.output_text
    assert (gateway.requests[0].method, gateway.requests[0].query) == ("GET", "stream=true")


@pytest.mark.parametrize("id", ["", ".", ".."])
def test_an_id_that_is_none_is_refused(call: Call, gateway: LocalGateway, id: str) -> None:
    responses = call.client(gateway).responses
    for method in (responses.retrieve, responses.delete, responses.cancel, responses.input_items.list):
        with pytest.raises(ValueError, match="response_id"):
            call.wait(method(id))
    assert gateway.requests == []


def test_the_gateway_stores_nothing(call: Call, gateway: LocalGateway) -> None:
    responses = call.client(gateway).responses
    for method in (responses.retrieve, responses.delete, responses.cancel, responses.input_items.list):
        with pytest.raises(wenwen.NotFoundError, match="Invalid URL"):
            call.wait(method("resp_1"))


@pytest.mark.parametrize(
    ("id", "sent"),
    [
        ("resp_1", "resp_1"),
        ("a/../b?c=1#d", "a%2F..%2Fb%3Fc%3D1%23d"),
        ("%2e%2e", "%252e%252e"),
        ("中 ", "%E4%B8%AD%20"),
    ],
)
def test_an_id_leads_to_no_other_path(call: Call, gateway: LocalGateway, id: str, sent: str) -> None:
    client = call.client(gateway)
    for method, path in (
        (client.responses.retrieve, f"/v1/responses/{sent}"),
        (client.midjourney.fetch, f"/mj/task/{sent}/fetch"),
        (client.videos.retrieve, f"/v1/videos/{sent}"),
        (client.models.retrieve, f"/v1/models/{sent}"),
    ):
        gateway.clear()
        gateway.script(Reply(status=400))
        with pytest.raises(wenwen.BadRequestError):
            call.wait(method(id))
        assert [request.path for request in gateway.requests] == [path]


# What a reply says of its request


def test_raw_replies_have_the_peers_names(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, default_query={"key": "sk-secret", "a": "b c"})
    raw = call.wait(client.responses.with_raw_response.create(**HELLO))
    url = f"{gateway.root}/v1/responses?key=***&a=b+c"
    assert (raw.method, raw.url, raw.http_version, raw.is_closed) == ("POST", url, "HTTP/1.1", True)
    assert (raw.http_request.method, raw.http_request.url, raw.http_response) == ("POST", url, raw)
    assert raw.request == raw.http_request
    assert raw.read() == raw.content == b"".join(raw.iter_bytes()) == b"".join(raw.iter_bytes(7))
    assert "".join(raw.iter_text()) == raw.text == "\n".join(raw.iter_lines())
    assert isinstance(raw.parse(to=Model), Model)
    assert raw.parse(to=object) == raw.json()
    assert pickle.loads(pickle.dumps(raw)).url == ""
    stream = call.wait(client.responses.with_raw_response.create(**HELLO, stream=True))
    assert (stream.is_closed, stream.url) == (False, url)
    assert [event.type for event in call.each(stream.parse())][-1] == "response.completed"


def test_a_raw_reply_has_what_was_sent(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    messages: list[Any] = [{"role": "user", "content": "Hello!"}]
    for raw in (
        call.wait(client.responses.with_raw_response.create(**HELLO)),
        call.wait(client.responses.with_raw_response.create(**HELLO, stream=True)),
        call.wait(client.chat.completions.with_raw_response.create(model="m", messages=messages)),
        call.wait(client.with_raw_response.messages.create(model="m", max_tokens=9, messages=messages)),
    ):
        assert gateway.last_request is not None
        assert raw.http_request.content
        assert json.loads(raw.http_request.content) == next(
            sent.json() for sent in gateway.requests if sent.body == raw.http_request.content
        )
        assert pickle.loads(pickle.dumps(raw.http_request)).content == raw.http_request.content
    assert call.wait(client.models.with_raw_response.list()).http_request.content == b""
    # Where nobody asked for it, nothing of a body is kept.
    with call.open(client.responses.with_streaming_response.create(**HELLO)) as response:
        assert response.http_request.content is None
    gateway.script(Reply(status=400))
    with pytest.raises(wenwen.BadRequestError) as raised:
        call.wait(client.responses.create(**HELLO))
    assert raised.value.request.content is None


def test_replies_that_are_read_piece_by_piece_have_them_too(call: Call, gateway: LocalGateway) -> None:
    with call.open(call.client(gateway).responses.with_streaming_response.create(**HELLO)) as response:
        assert (response.method, response.url) == ("POST", f"{gateway.root}/v1/responses")
        assert (response.http_request, response.http_response) == (response.request, response)
        assert (response.attempts, response.retries_taken, response.is_closed) == (1, 0, False)
        assert response.elapsed > 0
        call.wait(response.close())
        assert response.is_closed
    assert response.is_closed
    with call.open(call.client(gateway).responses.with_streaming_response.create(**HELLO)) as response:
        pass
    assert response.is_closed


def test_streams_and_errors_say_what_was_asked(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, max_retries=0)
    stream = call.wait(client.responses.create(**HELLO, stream=True))
    assert (stream.response.status_code, stream.response.url) == (200, f"{gateway.root}/v1/responses")
    assert list(call.each(stream))
    gateway.script(404, "reset")
    for _ in range(2):
        with pytest.raises(wenwen.APIError) as caught:
            call.wait(client.get("/v1/x", query={"token": "secret"}))
        request = caught.value.request
        assert (request.method, request.url) == ("GET", f"{gateway.root}/v1/x?token=***")
        assert pickle.loads(pickle.dumps(caught.value)).request == request
    assert "secret" not in repr(request)
