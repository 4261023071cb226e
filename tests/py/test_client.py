"""The client as code for the peers' packages uses it: its attributes, its options, calls to any path."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import inspect
import pickle
from typing import Any, Union

import pytest
from conftest import Call

import wenwen
from wenwen import AsyncClient, Client
from wenwen.testing import LocalGateway
from wenwen.types import Response

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}


def header(gateway: LocalGateway, name: str) -> str | None:
    assert gateway.last_request is not None
    return gateway.last_request.header(name)


# Attributes


def test_organization_and_project(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, organization="org-1", project="proj-1")
    assert (client.organization, client.project, client.default_headers) == ("org-1", "proj-1", {})
    call(client, **HELLO)
    assert (header(gateway, "openai-organization"), header(gateway, "openai-project")) == ("org-1", "proj-1")
    client.organization = "org-2"
    call(client.with_options(project="proj-2"), **HELLO)
    assert (header(gateway, "openai-organization"), header(gateway, "openai-project")) == ("org-2", "proj-2")
    plain = call.client(gateway)
    assert (plain.organization, plain.project) == (None, None)
    # By a header of the caller's own, it is the same.
    assert call.client(gateway, default_headers={"OpenAI-Organization": "org-3"}).organization == "org-3"
    for name, value in (("organization", 5), ("project", b"x"), ("auth_token", 5)):
        with pytest.raises(TypeError, match=f"{name} is a"):
            call.client(gateway, **{name: value})
    with pytest.raises(ValueError, match=r"organization cannot be sent"):
        call.client(gateway, organization="a\nb")


@pytest.mark.parametrize("dialect", ["responses", "messages"])
def test_auth_token_goes_in_place_of_the_key(call: Call, gateway: LocalGateway, dialect: str) -> None:
    for client in (
        call.new_client(base_url=gateway.root, auth_token="token-1"),
        call.client(gateway, api_key="sk-1").with_options(auth_token="token-1"),
    ):
        if dialect == "responses":
            call(client, **HELLO)
        else:
            messages = [{"role": "user", "content": "Hello!"}]
            call.wait(client.messages.create(model="m", max_tokens=9, messages=messages))
        assert (header(gateway, "authorization"), header(gateway, "x-api-key")) == ("Bearer token-1", None)
        assert client.auth_token.get_secret_value() == "token-1"
        assert "token-1" not in repr(vars(client)) + repr(client.auth_token) + repr(client.default_headers)
        assert b"token-1" not in pickle.dumps(client)


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION"])
def test_a_header_that_is_written_out_goes_first(call: Call, gateway: LocalGateway, name: str) -> None:
    options: Any = {"auth_token": "token-1", "organization": "org-1", "project": "p-1"}
    written = {name: "Bearer own", "openai-organization": "org-2", "OpenAI-Project": None}
    call(call.new_client(base_url=gateway.root, default_headers=written, **options), **HELLO)
    assert (header(gateway, "authorization"), header(gateway, "openai-organization")) == ("Bearer own", "org-2")
    assert header(gateway, "openai-project") is None


def test_a_key_in_another_header_is_one(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENWEN_API_KEY", raising=False)
    client = call.new_client(base_url=gateway.root, default_headers={"x-api-key": "own"})
    call.wait(client.get("/v1/models"))
    with pytest.raises(wenwen.WenwenError, match="no API key"):
        call(client, **HELLO)
    assert (header(gateway, "x-api-key"), header(gateway, "authorization")) == ("own", None)
    # Beside a key of ours it is a header like others.
    call(call.client(gateway, api_key="sk-1", default_headers={"x-api-key": "own"}), **HELLO)
    assert (header(gateway, "x-api-key"), header(gateway, "authorization")) == ("own", "Bearer sk-1")


@pytest.mark.parametrize(
    ("path", "query", "sent"),
    [
        ("/v1/x?beta=true", None, "beta=true"),
        ("/v1/x?a=b+c", {"q": "d e"}, "a=b+c&q=d%20e"),
        ("/v1/x?", {"q": "a+b c"}, "q=a%2Bb%20c"),
        ("/v1/x?a=?&b", None, "a=?&b"),
        ("/v1/x", {"q": "ä&="}, "q=%C3%A4%26%3D"),
    ],
    ids=["path", "both", "mark", "marks", "query"],
)
def test_a_query_of_the_callers_own(call: Call, gateway: LocalGateway, path: str, query: Any, sent: str) -> None:
    with contextlib.suppress(wenwen.APIError):
        call.wait(call.client(gateway).get(path, query=query))
    assert gateway.last_request is not None
    assert (gateway.last_request.path, gateway.last_request.query) == ("/v1/x", sent)
    for wrong in ("/v1/x#y", "/v1/x?y#z", "//h/v1/x?y", "https://h/x?y", "?y"):
        with pytest.raises(ValueError, match="from the gateway's root"):
            call.wait(call.client(gateway).get(wrong))


def test_the_key_shows_nowhere_and_can_be_handed_on(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, api_key="sk-secret")
    assert repr(client.api_key) == str(client.api_key) == "***"
    assert client.api_key.get_secret_value() == "sk-secret"
    call(call.new_client(api_key=client.api_key, base_url=client.base_url), **HELLO)
    assert header(gateway, "authorization") == "Bearer sk-secret"
    client.api_key = "sk-other"
    call(client, **HELLO)
    assert header(gateway, "authorization") == "Bearer sk-other"

    def key() -> str:
        return "sk-asked"

    assert call.new_client(api_key=key).api_key is key
    assert call.new_client(default_headers={"authorization": "x"}).api_key is None


def test_what_goes_with_every_request(call: Call, gateway: LocalGateway) -> None:
    headers = {"x-request-id": "a", "x-api-key": "sk-other", "accept-language": None}
    client = call.client(gateway, default_headers=headers, default_query={"a": 1, "key": "sk-other"})
    assert client.default_headers == {"x-request-id": "a", "accept-language": None}
    assert client.default_query == {"a": "1"}


def test_closing_closes_nothing(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    assert client.is_closed() is False
    with call.open(client) as entered:
        assert entered is client
    assert client.is_closed() is True
    assert call(client, **HELLO).output_text
    other = call.client(gateway)
    call.wait(other.close())
    assert other.is_closed() is True


def test_raw_forms_of_all_parts(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    assert call.wait(client.with_raw_response.responses.create(**HELLO)).parse().output_text
    messages = [{"role": "user", "content": "Hello!"}]
    assert (
        call.wait(client.with_raw_response.chat.completions.create(model="gpt-5", messages=messages)).status_code == 200
    )
    with call.open(client.with_streaming_response.responses.create(**HELLO)) as response:
        assert call.wait(response.json())["output"]
    assert "responses" in dir(client.with_raw_response)
    with pytest.raises(AttributeError):
        client.with_raw_response.nonsense  # noqa: B018


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("http_client", r"proxy=, verify= and timeout="),
        ("_strict_response_validation", r"wenwen\.types"),
        ("credentials", r"api_key= may be a function"),
        ("websocket_base_url", r"no websockets"),
        ("organisation", r"Did you mean 'organization'"),
        ("limits", r"It has api_key"),
    ],
)
def test_what_a_client_has_not_says_what_to_do(name: str, words: str) -> None:
    for make in (
        Client,
        AsyncClient,
        Client(api_key="sk-1").with_options,
        Client(api_key="sk-1").copy,
        wenwen.configure,
    ):
        with pytest.raises(TypeError, match=rf"unexpected keyword argument '{name}'.*{words}"):
            make(**{name: 1})


@pytest.mark.parametrize("name", ["set_default_headers", "set_default_query"])
def test_what_is_set_is_of_with_options_alone(name: str) -> None:
    for make in (Client, AsyncClient, wenwen.configure):
        with pytest.raises(TypeError, match=rf"unexpected keyword argument '{name}'.*with_options has it"):
            make(**{name: {}})


@pytest.mark.parametrize(
    ("made", "changed", "headers"),
    [
        pytest.param({}, {"set_default_headers": {"X-Two": "2"}}, {"x-one": None, "x-two": "2"}, id="others"),
        pytest.param({}, {"set_default_headers": {}}, {"x-one": None}, id="none"),
        pytest.param({}, {"set_default_headers": None}, {"x-one": "1"}, id="null is not given"),
        pytest.param({}, {"set_default_headers": wenwen.omit}, {"x-one": "1"}, id="left out"),
        pytest.param({}, {"default_headers": None, "set_default_headers": {}}, {"x-one": None}, id="beside null"),
        pytest.param(
            {"organization": "o", "project": "p", "auth_token": "t"},
            {"set_default_headers": {}},
            {"x-one": None, "openai-organization": "o", "openai-project": "p", "authorization": "Bearer t"},
            id="options stay",
        ),
        pytest.param(
            {"organization": "o"},
            {"default_headers": {"OpenAI-Organization": "mine"}},
            {"openai-organization": "mine", "x-one": "1"},
            id="added over an option",
        ),
        pytest.param(
            {"organization": "o", "default_headers": {"OpenAI-Organization": "mine", "Authorization": "Basic a"}},
            {"set_default_headers": {}},
            {"openai-organization": "o", "authorization": "Bearer sk-1"},
            id="over which nothing stands any more",
        ),
        pytest.param(
            {},
            {"set_default_headers": {"Authorization": "Basic a"}, "auth_token": "t"},
            {"authorization": "Basic a"},
            id="written out before an option",
        ),
    ],
)
def test_headers_in_place_of_those_there_are(
    call: Call, gateway: LocalGateway, made: dict[str, Any], changed: dict[str, Any], headers: dict[str, str | None]
) -> None:
    client = call.client(gateway, **{"api_key": "sk-1", "default_headers": {"X-One": "1"}, **made})
    for other in (client.with_options(**changed), client.copy(**changed).with_options(max_retries=1)):
        call.wait(other.responses.create(**HELLO))
        request = gateway.requests[-1]
        assert {name: request.header(name) for name in headers} == headers
    call.wait(client.responses.create(**HELLO))
    assert "x-one" not in headers or gateway.requests[-1].header("x-one") == "1"


@pytest.mark.parametrize(
    ("query", "sent"),
    [({"b": ["2", "3"]}, "b%5B%5D=2&b%5B%5D=3"), ({}, ""), (None, "a=1"), (wenwen.NOT_GIVEN, "a=1")],
    ids=["others", "none", "null", "left out"],
)
def test_a_query_in_place_of_that_there_is(call: Call, gateway: LocalGateway, query: Any, sent: str) -> None:
    client = call.client(gateway, default_query={"a": 1})
    call.wait(client.with_options(set_default_query=query).responses.create(**HELLO))
    assert gateway.requests[-1].query == sent


@pytest.mark.parametrize("name", ["default_headers", "default_query"])
def test_added_or_in_place(call: Call, gateway: LocalGateway, name: str) -> None:
    client = call.client(gateway)
    with pytest.raises(ValueError, match=rf"{name} adds .* set_{name} stands in their place: give one"):
        client.with_options(**{name: {"x": "1"}, f"set_{name}": {}})
    with pytest.raises(TypeError, match=rf"{name} is a int: give a mapping"):
        client.with_options(**{f"set_{name}": 1})


class Limits:
    """As httpx has them."""

    def __init__(self, connect: Any, read: Any, write: Any = 5, pool: Any = None) -> None:
        self.connect, self.read, self.write, self.pool = connect, read, write, pool


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Limits(5, 60), wenwen.Timeout(600, connect=5, first_event=60, idle=60)),
        (Limits(None, 3600), wenwen.Timeout(3600, connect=None, first_event=3600, idle=3600)),
        (Limits(None, None, None), wenwen.NO_TIMEOUT),
        (Limits(2, None), wenwen.Timeout(None, connect=2, first_event=None, idle=None)),
    ],
)
def test_limits_of_a_connection(call: Call, gateway: LocalGateway, given: Any, expected: Any) -> None:
    assert call.client(gateway, timeout=given).timeout == expected
    assert call.client(gateway).with_options(timeout=given).timeout == expected
    assert call(gateway, timeout=given, **HELLO).output_text
    for wrong, error in ((Limits("a", 5), TypeError), (Limits(0, 5), ValueError), (Limits(1, -1), ValueError)):
        with pytest.raises(error):
            call(gateway, timeout=wrong, **HELLO)


def test_the_peers_own_limits() -> None:
    for peer in ("openai", "anthropic", "httpx"):
        module: Any = pytest.importorskip(peer)
        assert Client(api_key="sk-1", timeout=module.Timeout(60, connect=5)).timeout == wenwen.Timeout(
            600, connect=5, first_event=60, idle=60
        )


# Any path


@pytest.mark.parametrize(
    ("path", "goes"),
    [
        ("/responses", "/v1/responses"),
        ("/chat/completions", "/v1/chat/completions"),
        ("/models", "/v1/models"),
        ("/models/gpt-5", "/v1/models/gpt-5"),
        ("/files", "/v1/files"),
        ("/vector_stores/vs_1/files", "/v1/vector_stores/vs_1/files"),
        ("/v1/responses", "/v1/responses"),
        ("/v1beta/models", "/v1beta/models"),
        ("/api/pricing", "/api/pricing"),
        ("/mj/submit/imagine", "/mj/submit/imagine"),
        ("/kling/v1/videos/text2video", "/kling/v1/videos/text2video"),
        ("/responsesx", "/responsesx"),
        ("/", "/"),
    ],
)
def test_paths_as_the_peers_have_them(call: Call, gateway: LocalGateway, path: str, goes: str) -> None:
    gateway.script(*[{"id": "m"}] * 3)
    client = call.client(gateway)
    call.wait(client.get(path))
    call.wait(client.with_options(base_url=f"{gateway.root}/v1").post(path))
    # A version of the root's own stands in place of `/v1`.
    call.wait(client.with_options(base_url=f"{gateway.root}/api/paas/v4").get(path))
    own = goes.replace("/v1/", "/v4/", 1) if goes.startswith("/v1/") else goes
    assert [request.path for request in gateway.requests] == [goes, goes, f"/api/paas{own}"]


def test_all_methods(call: Call, gateway: LocalGateway) -> None:
    gateway.script(*[{"id": "m"}] * 8)
    client = call.client(gateway)
    for verb in ("get", "delete"):
        assert call.wait(getattr(client, verb)("/v1/x", query={"a": 1})).id == "m"
    for verb in ("post", "put", "patch"):
        assert call.wait(getattr(client, verb)("/v1/x", body={"a": 1}, as_dict=True)) == {"id": "m"}
    assert call.wait(client.request("PATCH", "/v1/x", body=[1])).id == "m"
    assert call.wait(client.request("get", "/v1/x")).id == "m"
    got = [(request.method, request.query or request.body) for request in gateway.requests]
    assert got == [
        ("GET", "a=1"), ("DELETE", "a=1"), ("POST", b'{"a":1}'), ("PUT", b'{"a":1}'), ("PATCH", b'{"a":1}'),
        ("PATCH", b"[1]"), ("GET", b""),
    ]  # fmt: skip
    for method in ("HEAD", "", 5, None):
        with pytest.raises(ValueError, match="method is"):
            call.wait(client.request(method, "/v1/x"))


def test_options_by_the_peers_names(call: Call, gateway: LocalGateway) -> None:
    gateway.script(*[{"id": "m"}] * 2)
    client = call.client(gateway)
    options: dict[str, Any] = {
        "headers": {"x-one": "1"}, "params": {"a": 1, "b": 1}, "extra_json": {"c": 1}, "idempotency_key": "k",
        "timeout": 9, "max_retries": None,
    }  # fmt: skip
    call.wait(client.post("/v1/x", body={"a": 1}, query={"b": 2}, options=options))
    request = gateway.requests[0]
    assert sorted(request.query.split("&")) == ["a=1", "b=1"]  # `options` are the call's, before the client's
    assert request.json() == {"a": 1, "c": 1}
    assert (request.header("x-one"), request.header("idempotency-key")) == ("1", "k")
    call.wait(client.request("POST", "/v1/x", options={"headers": {"x-one": "1"}}, extra_headers={"x-one": "2"}))
    assert gateway.requests[1].header("x-one") == "2"
    for wrong in ({"header": {}}, {"files": []}, 5, "abc"):
        with pytest.raises(TypeError, match="options"):
            call.wait(client.post("/v1/x", options=wrong))
    assert len(gateway.requests) == 2


def test_the_class_of_a_reply(call: Call, gateway: LocalGateway) -> None:
    pydantic = pytest.importorskip("pydantic")

    class Own(pydantic.BaseModel):  # type: ignore[name-defined, misc]
        id: str

    client = call.client(gateway)
    for cast_to, kind in ((Response, Response), (object, dict), (dict, dict), (Own, Own), (type(None), type(None))):
        assert type(call.wait(client.post("/responses", body=HELLO, cast_to=cast_to))) is kind
    gateway.script([1], {"id": 5})
    assert call.wait(client.get("/v1/x", cast_to=object)) == [1]
    with pytest.raises(pydantic.ValidationError):
        call.wait(client.get("/v1/x", cast_to=Own))


def test_the_peers_names_of_ours() -> None:
    assert wenwen.OpenAI is wenwen.Anthropic is wenwen.Client
    assert wenwen.AsyncOpenAI is wenwen.AsyncAnthropic is wenwen.AsyncClient
    assert wenwen.OpenAIError is wenwen.AnthropicError is wenwen.WenwenError
    assert "OpenAI" in dir(wenwen)
    assert not {"OpenAI", "Anthropic"} & {*wenwen.__all__}  # a star import would hide what is the caller's
    with pytest.raises(AttributeError, match="AzureOpenAI"):
        wenwen.AzureOpenAI  # noqa: B018


def test_the_module_is_set_up_as_openai_s_is(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wenwen._client, "_default", None)
    monkeypatch.setattr(wenwen._client, "_configured", None)
    openai: Any = wenwen
    openai.api_key = "sk-by-name"
    openai.base_url = gateway.base_url
    openai.default_headers = {"x-app": "a"}
    openai.max_retries = 0
    assert openai.responses.create(**HELLO).output_text
    assert header(gateway, "authorization") == "Bearer sk-by-name"
    assert header(gateway, "x-app") == "a"
    openai.api_key = "sk-another"
    assert openai.create_response(**HELLO).output_text
    assert header(gateway, "authorization") == "Bearer sk-another"
    gateway.script(500)
    with pytest.raises(wenwen.InternalServerError):
        openai.responses.create(**HELLO)
    with pytest.raises(ValueError, match="max_retries"):
        openai.max_retries = "many"
    openai.a_name_of_my_own = 1
    assert openai.a_name_of_my_own == 1
    del openai.a_name_of_my_own


def test_the_peers_own_classes() -> None:
    types: Any = pytest.importorskip("openai.types.responses")
    with LocalGateway() as gateway:
        reply = gateway.client().post("/responses", body=HELLO, cast_to=types.Response)
        assert type(reply) is types.Response
        assert reply.output_text


def test_a_stream_by_the_peers_name(call: Call, gateway: LocalGateway) -> None:
    events = call.wait(call.client(gateway).post("/responses", body=HELLO, stream_cls=object()))
    assert [event.type for event in call.each(events)][-1] == "response.completed"


def test_requests_of_any_kind_are_one(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    for method in ("get", "post", "put", "patch", "delete", "request"):
        function = getattr(type(client), method)
        assert inspect.iscoroutinefunction(function) == call.is_async
        assert inspect.signature(function).parameters["cast_to"].default is wenwen.Reply
        assert ("await client." in (function.__doc__ or "")) == (call.is_async and method in ("get", "post", "request"))
    assert call.wait(client.request("GET", "/models", query={"a": 1})).data
    assert gateway.last_request is not None
    assert gateway.last_request.query == "a=1"
    with pytest.raises(TypeError, match="quary"):
        call.wait(client.get("/models", quary=1))


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_a_reply_as_httpx_has_it(call: Call, gateway: LocalGateway, name: str) -> None:
    httpx = pytest.importorskip(name)
    reply = call.wait(call.client(gateway).get("/models", cast_to=httpx.Response))
    assert type(reply) is httpx.Response
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert [model["id"] for model in reply.json()["data"]]


def test_a_reply_as_it_came(call: Call, gateway: LocalGateway) -> None:
    reply = call.wait(call.client(gateway).get("/models", cast_to=wenwen.APIResponse[object]))
    assert type(reply) is wenwen.APIResponse
    assert call.wait(reply.parse())["data"] == reply.json()["data"]


def test_a_reply_of_one_of_several_classes(call: Call, gateway: LocalGateway) -> None:
    pydantic = pytest.importorskip("pydantic")
    a, b = (pydantic.create_model(name, **{field: (str, ...)}) for name, field in (("A", "nothing"), ("B", "object")))
    client = call.client(gateway)
    for union in (a | b, Union[a, b], b | a):  # noqa: UP007
        assert type(call.wait(client.get("/models", cast_to=union))) is b
    with pytest.raises(pydantic.ValidationError):
        call.wait(client.get("/models", cast_to=a | a | pydantic.create_model("C", other=(str, ...))))


def test_raw_replies_may_be_awaited(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    raw = call.wait(client.with_raw_response.responses.create(**HELLO, extra_headers={"X-App": "a", "X-Secret": "b"}))
    sent = raw.http_request.headers
    assert (sent["x-app"], sent["x-secret"], sent.get("authorization")) == ("a", "***", None)
    assert pickle.loads(pickle.dumps(raw.http_request)) == raw.http_request
    assert raw.is_closed
    raw.close()
    reply = raw.parse()
    assert isinstance(reply, wenwen.types.Response)
    assert reply.request_id == raw.request_id
    assert copy.deepcopy(reply) == reply
    assert type(pickle.loads(pickle.dumps(reply))) is wenwen.types.Response
    if call.is_async:

        async def awaited() -> None:
            assert await raw.parse() == reply
            await raw.aclose()

        call.wait(awaited())
    else:
        assert not inspect.isawaitable(reply)


def test_a_streams_reply_is_open_until_it_ends(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    stream = call.wait(client.responses.create(**HELLO, stream=True))
    assert not stream.response.is_closed
    assert list(call.each(stream))
    assert stream.response.is_closed
    raw = call.wait(client.with_raw_response.responses.create(**HELLO, stream=True))
    assert not raw.is_closed
    call.wait(raw.close())
    assert raw.is_closed
    with call.open(client.responses.stream(**HELLO)) as helper:
        assert helper.response.status_code == 200
        assert not helper.response.is_closed
    assert helper.response.is_closed


def test_the_module_has_the_parts_of_a_client(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wenwen._client, "_default", None)
    monkeypatch.setattr(wenwen._client, "_configured", None)
    before = wenwen.responses
    wenwen.configure(api_key=gateway.api_key, base_url=gateway.base_url)
    assert wenwen.responses is before
    assert before.create(**HELLO).output_text
    messages = [{"role": "user", "content": "Hello!"}]
    assert wenwen.chat.completions.create(model="gpt-5", messages=messages).text
    assert wenwen.beta.messages.create(model="m", max_tokens=9, messages=messages).text
    assert asyncio.run(wenwen.aio.chat.completions.create(model="gpt-5", messages=messages)).text
    assert {"chat", "responses", "images"} <= {*dir(wenwen)} & {*dir(wenwen.aio)}
    assert "chat" not in wenwen.__all__  # a star import would hide what is the caller's
    wenwen.configure(api_key=gateway.api_key, base_url=gateway.base_url, default_headers={"x-app": "b"})
    before.create(**HELLO)
    assert header(gateway, "x-app") == "b"
