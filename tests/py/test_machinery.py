"""In other people's machinery: mocks, instrumentation, frameworks that ask what a function is, pydantic, json.dumps."""

from __future__ import annotations

import asyncio
import copy
import functools
import inspect
import json
import pickle
import subprocess
import sys
import typing
from typing import Any
from unittest.mock import AsyncMock, Mock, patch

import pydantic
import pydantic_core
import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
NAMES = sorted(__import__("wenwen._names", fromlist=("",)).FUNCTIONS)
# The resources of a client, and the parts of them.
PATHS = [
    *("responses", "responses.input_items", "chat", "chat.completions", "messages", "audio", "audio.transcriptions"),
    *("audio.translations", "audio.speech", "embeddings", "midjourney", "gemini", "models", "videos"),
    *("videos.generations", "pricing", "billing", "images"),
]


def at(client: Any, path: str) -> Any:
    return functools.reduce(getattr, path.split("."), client)


def methods(resource: Any) -> list[str]:
    return [name for name, value in inspect.getmembers(type(resource), inspect.isfunction) if name[0] != "_"]


@pytest.fixture(params=["Client", "AsyncClient"])
def client(request: pytest.FixtureRequest) -> Any:
    return getattr(wenwen, request.param)(api_key="sk-1", base_url="http://127.0.0.1:9")


# Mocks and instrumentation


@pytest.mark.parametrize("path", PATHS)
def test_each_part_is_one_object_whose_methods_can_be_patched(client: Any, path: str) -> None:
    resource = at(client, path)
    forms = [resource]
    for form in ("with_raw_response", "with_streaming_response"):
        if hasattr(resource, form):
            assert getattr(resource, form) is getattr(resource, form)
            forms.append(getattr(resource, form))
    assert at(client, path) is resource
    for each in forms:
        for name in methods(resource):
            with patch.object(each, name, Mock(return_value="fake")) as fake:
                assert getattr(each, name)() == "fake"
                assert getattr(at(client, path), name) is fake or each is not resource
            assert getattr(each, name) is not fake
    for name in methods(resource):
        with patch.object(type(resource), name, Mock(return_value="fake")):
            assert getattr(at(client, path), name)() == "fake"


def test_parts_and_download_can_be_replaced(client: Any) -> None:
    for owner, name in ((client, "responses"), (client.chat, "completions"), (client, "download")):
        with patch.object(owner, name) as fake:
            assert getattr(owner, name) is fake
        assert getattr(owner, name) is getattr(owner, name) is not fake


@pytest.mark.parametrize("name", NAMES)
def test_functions_go_by_what_the_class_has_now(name: str, gateway: LocalGateway) -> None:
    """Patched before the first use or after it."""
    code = f"""
import asyncio, wenwen
from unittest.mock import AsyncMock, patch
from wenwen._names import FUNCTIONS
module, owner, attribute = FUNCTIONS[{name!r}].split(".")
home = __import__("wenwen.resources." + module, fromlist=("",))
for _ in range(2):
    with patch.object(getattr(home, owner), attribute, return_value="fake"):
        assert wenwen.{name}() == "fake"
    with patch.object(getattr(home, "Async" + owner), attribute, AsyncMock(return_value="fake")):
        assert asyncio.run(wenwen.aio.{name}()) == "fake"
    assert wenwen.{name}.__doc__ and wenwen.{name}.__name__ == {name!r}
    with patch("wenwen.{name}", return_value="fake"):
        assert wenwen.{name}() == "fake"
"""
    subprocess.run(
        [sys.executable, "-c", code], env={**__import__("os").environ, **gateway.env()}, check=True, timeout=60
    )


def test_a_wrapped_method(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    from wenwen.resources.responses import AsyncResponses, Responses

    seen: list[str] = []
    cls: Any = AsyncResponses if call.is_async else Responses
    original = cls.create

    @functools.wraps(original)
    def traced(self: Any, *args: Any, **params: Any) -> Any:
        seen.append(params["model"])
        return original(self, *args, **params)

    monkeypatch.setattr(cls, "create", traced)
    for name, value in gateway.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("wenwen._client._default", None)
    assert call(gateway, **HELLO).output_text == call.function(**HELLO).output_text
    assert seen == ["gpt-5"] * 2
    assert list(inspect.signature(traced).parameters) == list(inspect.signature(original).parameters)
    assert typing.get_type_hints(traced) == typing.get_type_hints(original)


# What functions are


@pytest.mark.parametrize("name", NAMES)
def test_awaited_functions_are_coroutine_functions(name: str) -> None:
    function = getattr(wenwen.aio, name)
    awaited = not name.startswith("stream")  # those return a context manager
    assert inspect.iscoroutinefunction(function) is awaited
    assert asyncio.iscoroutinefunction(function) is awaited
    assert inspect.iscoroutinefunction(functools.partial(function, extra_headers={})) is awaited
    assert not inspect.iscoroutinefunction(getattr(wenwen, name))


def test_awaited_methods_are_coroutine_functions() -> None:
    client = wenwen.AsyncClient(api_key="sk-1")
    for path in PATHS:
        for name in methods(at(client, path)):
            # `stream` returns a context manager, `map` a job, `tool_runner` what is iterated over.
            awaited = name not in ("stream", "map", "map_edit", "tool_runner")
            assert inspect.iscoroutinefunction(getattr(at(client, path), name)) is awaited, (path, name)


def test_a_list_of_models_is_awaited_or_walked(gateway: LocalGateway) -> None:
    client = gateway.async_client()

    async def main() -> None:
        models = [model.id async for model in client.models.list()]
        assert models == [model.id for model in await client.models.list()]
        assert models == [model.id for model in await asyncio.create_task(client.models.list())]  # type: ignore[arg-type]

    asyncio.run(main())


@pytest.mark.parametrize("name", NAMES)
def test_signatures_and_hints_can_be_read(name: str) -> None:
    for function in (getattr(wenwen, name), getattr(wenwen.aio, name)):
        hints = typing.get_type_hints(function)
        assert hints["timeout"] == float | wenwen.Timeout | None
        assert {
            each
            for each, it in inspect.signature(function, eval_str=True).parameters.items()
            if it.kind == it.KEYWORD_ONLY
        } == set(hints)
        assert inspect.get_annotations(function, eval_str=True).keys() == hints.keys()
        assert callable(pydantic.validate_call(function))


@pytest.mark.parametrize("module", [wenwen, wenwen.aio])
def test_what_may_be_left_out_by_position(module: Any) -> None:
    assert str(inspect.signature(module.download)).startswith("(url, path=None, *")
    client = (wenwen.AsyncClient if module is wenwen.aio else wenwen.Client)(api_key="sk-1")
    inspect.signature(client.videos.download_content).bind("v")
    inspect.signature(client.responses.parse).bind(model="m", input="x")
    with pytest.raises(TypeError):
        inspect.signature(client.responses.retrieve).bind()


@pytest.mark.parametrize("path", PATHS)
def test_signatures_and_hints_of_methods(client: Any, path: str) -> None:
    for name in methods(at(client, path)):
        method = getattr(at(client, path), name)
        assert "self" not in inspect.signature(method, eval_str=True).parameters
        if name != "wait":
            assert "timeout" in typing.get_type_hints(method)


def test_clients_and_replies_can_be_read_too() -> None:
    for cls in (wenwen.Client, wenwen.AsyncClient):
        assert typing.get_type_hints(cls.__init__)["max_retries"] == int | None
        assert list(inspect.signature(cls, eval_str=True).parameters)[1:3] == ["api_key", "base_url"]
        for name, function in inspect.getmembers(cls, inspect.isfunction):
            if name[0] != "_":
                typing.get_type_hints(function)
                inspect.signature(function)
    assert typing.get_type_hints(wenwen.configure)["max_retries"] == int | None
    for name in dir(wenwen.types):
        value = getattr(wenwen.types, name)
        if isinstance(value, type):
            typing.get_type_hints(value)


def test_validate_call(call: Call, gateway: LocalGateway) -> None:
    create = pydantic.validate_call(call.client(gateway).responses.create)
    assert call.wait(create(**HELLO, temperature=0.5)).output_text
    assert gateway.requests[0].json() == {**HELLO, "temperature": 0.5}
    with pytest.raises(TypeError, match="Did you mean 'model'"):
        call.wait(create(modle="gpt-5"))


# pydantic and json


@pytest.fixture
def reply(gateway: LocalGateway) -> Any:
    return gateway.client().responses.create(**HELLO)


def test_a_reply_in_a_model(reply: Any) -> None:
    class State(pydantic.BaseModel):
        reply: wenwen.types.Response | wenwen.types.ChatCompletion | None = None
        others: list[wenwen.types.Response] = []

    data = reply.to_dict()
    state = State(reply=reply, others=[reply, data])
    assert state.reply is reply
    assert type(state.others[1]) is wenwen.types.Response
    assert state.model_dump() == {"reply": data, "others": [data, data]}
    again = State.model_validate_json(state.model_dump_json())
    assert again == state
    assert type(again.reply) is wenwen.types.Response
    assert State.model_json_schema()["$defs"] == {} if "$defs" in State.model_json_schema() else True
    assert "Response" in json.dumps(State.model_json_schema(mode="serialization"))
    with pytest.raises(pydantic.ValidationError, match="Input should be a Response or a dict"):
        State(reply=5)  # type: ignore[arg-type]
    chat = wenwen.types.ChatCompletion(choices=[])
    assert State(reply=chat).reply is chat


def test_a_reply_by_itself(reply: Any) -> None:
    adapter = pydantic.TypeAdapter(wenwen.types.Response)
    assert adapter.validate_python(reply) is reply
    assert adapter.validate_json(adapter.dump_json(reply)) == reply
    assert adapter.json_schema()["type"] == "object"
    assert json.loads(pydantic_core.to_json({"reply": reply})) == {"reply": reply.to_dict()}
    assert pydantic_core.to_jsonable_python([reply]) == [reply.to_dict()]

    class Loose(pydantic.BaseModel):
        reply: Any

    assert Loose(reply=reply).model_dump() == {"reply": reply.to_dict()}


@pytest.mark.parametrize("as_fields", [vars, lambda o: o.__dict__, lambda o: dict(o.__dict__)])
def test_json_dumps_by_attributes(reply: Any, as_fields: Any) -> None:
    assert json.loads(json.dumps({"reply": reply}, default=as_fields)) == {"reply": reply.to_dict()}
    assert json.loads(json.dumps(wenwen.Object(a={"b": [1]}), default=as_fields)) == {"a": {"b": [1]}}
    reply._note = "ours"
    assert "_note" not in vars(reply)


@pytest.mark.parametrize(
    ("only", "left"),
    [({"exclude": {"usage"}}, {"id", "output"}), ({"include": {"id", "usage"}}, {"id", "usage"}), ({}, None)],
)
def test_fields_that_are_left_out(only: dict[str, set[str]], left: set[str] | None) -> None:
    """As FastAPI's response_model_exclude and _include do."""
    data = {"id": "1", "output": [{"a": 1, "b": 2}], "usage": {"input_tokens": 5}}
    made = wenwen.types.Response(data)
    adapter = pydantic.TypeAdapter(wenwen.types.Response)
    for dumped in (adapter.dump_python(made, **only), json.loads(adapter.dump_json(made, **only))):  # type: ignore[arg-type]
        assert dumped.keys() == (left or data.keys())

    class State(pydantic.BaseModel):
        reply: wenwen.types.Response

    state = State(reply=made)
    assert state.model_dump(exclude={"reply": {"output": {0: {"b"}}}})["reply"]["output"] == [{"a": 1}]


def test_events_of_stream_helpers(call: Call, gateway: LocalGateway) -> None:
    with call.open(call.client(gateway).chat.completions.stream(**CHAT)) as stream:
        events = list(call.each(stream))
    for event in events:
        adapter: Any = pydantic.TypeAdapter(type(event))
        assert adapter.validate_python(event) is event
        dumped = adapter.dump_python(event)
        assert json.loads(adapter.dump_json(event)) == dumped == event.to_dict()
        assert dumped["type"] == event.type
        assert adapter.json_schema()["type"] == "object"
        with pytest.raises(pydantic.ValidationError):
            adapter.validate_python("x")
    assert {event.type for event in events} >= {"chunk", "content.delta", "content.done"}
    assert pydantic.TypeAdapter(wenwen.types.TaskAction).validate_python("IMAGINE") == "IMAGINE"


@pytest.mark.parametrize("path", PATHS)
def test_methods_go_into_other_processes(client: Any, path: str) -> None:
    for name in methods(at(client, path)):
        method = getattr(at(client, path), name)
        for again in (pickle.loads(pickle.dumps(method)), copy.copy(method), copy.deepcopy(method)):
            assert (again.__name__, type(again.__self__)) == (method.__name__, type(method.__self__))
            assert again.__self__._settings.root == "http://127.0.0.1:9"


def test_pydantics_names(reply: Any) -> None:
    reply["provider"] = "p"
    assert reply.model_extra["provider"] == "p"
    assert "output" not in reply.model_extra
    assert reply.model_fields_set == set(reply)
    copy = reply.model_copy(update={"status": "failed"}, deep=True)
    assert (copy.status, reply.status, type(copy), copy.request_id) == (
        "failed",
        "completed",
        type(reply),
        reply.request_id,
    )
    assert copy.output[0] is not reply.output[0]
    assert wenwen.types.Response.model_construct(status="completed").status == "completed"


def test_pydantic_is_not_loaded_for_it(gateway: LocalGateway) -> None:
    code = """
import sys, wenwen
reply = wenwen.create_response(model="m", input="x")
assert not hasattr(reply, "__pydantic_serializer__") and vars(reply)["output"]
assert "pydantic_core" not in sys.modules and "inspect" not in sys.modules, sorted(sys.modules)
"""
    subprocess.run(
        [sys.executable, "-c", code], env={**__import__("os").environ, **gateway.env()}, check=True, timeout=60
    )


# Attributes and arguments


def test_an_attribute_that_is_set_counts(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    completions, raw = client.chat.completions, client.chat.with_raw_response
    client.api_key = "sk-other"
    client.max_retries = 0
    client.timeout = 7
    assert (client.max_retries, client.timeout.total) == (0, 7)
    gateway.script(Reply(status=503), Reply(status=503))
    for each in (completions, raw.completions):
        with pytest.raises(wenwen.ServiceUnavailableError):
            call.wait(each.create(model="m", messages=[]))
    assert [request.header("Authorization") for request in gateway.requests] == ["Bearer sk-other"] * 2
    client.base_url = "http://127.0.0.1:1"
    with pytest.raises(wenwen.APIConnectionError):
        call.wait(completions.create(model="m", messages=[]))


@pytest.mark.parametrize(
    ("path", "name", "value", "message"),
    [
        ("", "timeot", 5, "Did you mean 'timeout'"),
        ("", "timeout", None, "None changes nothing"),
        ("", "default_headers", {}, "adds to those there are"),
        ("responses", "creat", 5, "Did you mean 'create'"),
        ("chat.completions", "timeout", 5, "has no attribute 'timeout'"),
    ],
)
def test_an_attribute_that_would_do_nothing_is_refused(
    client: Any, path: str, name: str, value: Any, message: str
) -> None:
    target = at(client, path) if path else client
    with pytest.raises(AttributeError, match=message):
        setattr(target, name, value)
    assert not hasattr(target, "creat")

    class Own(type(client)):  # type: ignore[misc]
        pass

    own = Own(api_key="sk-1")
    own.anything = 5
    assert own.anything == 5


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: wenwen.Client(base_ur="x"), r"^Client\(\) got an .* 'base_ur'. Did you mean 'base_url'\?"),  # type: ignore[call-arg]
        (lambda: wenwen.AsyncClient(timout=1), r"^AsyncClient\(\) got .* Did you mean 'timeout'\?"),  # type: ignore[call-arg]
        (lambda: wenwen.Client("sk-1"), r"^Client\(\) takes its arguments by name, and 1 came without"),  # type: ignore[arg-type]
        (lambda: wenwen.configure(api_kee="x"), r"^configure\(\) got .* Did you mean 'api_key'\?"),  # type: ignore[call-arg]
        (lambda: wenwen.Client(api_key="k").with_options(retries=1), r"^with_options\(\) got .* 'max_retries'\?"),  # type: ignore[call-arg]
        (
            lambda: wenwen.create_response("gpt-5", "hi"),
            r"^create_response\(\) takes .* create_response\(model=\.\.\., input",
        ),
        (lambda: wenwen.create_response(modle="gpt-5"), r"^create_response\(\) got .* Did you mean 'model'\?"),
        (lambda: wenwen.create_response(model="gpt-5", input=5.5), r"input is 5.5"),
        (lambda: wenwen.create_chat_completion(model="m"), r"^create_chat_completion\(\) misses .* 'messages'"),
        (lambda: wenwen.generate_content(contents="x"), r"^generate_content\(\) misses .* 'model'"),
        (lambda: wenwen.speak("Hello!", "alloy"), r"^speak\(\) takes input alone by position"),
        (
            lambda: wenwen.Client(api_key="k").responses.create("gpt-5"),  # type: ignore[call-overload]
            r"^create\(\) takes no positional arguments: name them, as in create\(model=\.\.\., input",
        ),
        (
            lambda: asyncio.run(wenwen.AsyncClient(api_key="k").videos.remix("v", "x")),
            r"^remix\(\) takes video_id alone by position",
        ),
        (lambda: wenwen.transcribe(), r"^transcribe\(\) missing .* 'file'"),
        (lambda: asyncio.run(wenwen.aio.create_message("m")), r"^create_message\(\) takes no positional"),
        (
            lambda: asyncio.run(wenwen.aio.create_message(modle="m")),
            r"^create_message\(\) got .* Did you mean 'model'\?",
        ),
    ],
)
def test_wrong_arguments_name_the_nearest_and_the_public_name(
    wrong: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENWEN_API_KEY", "sk-1")
    monkeypatch.setattr("wenwen._client._default", None)
    with pytest.raises(TypeError, match=message) as caught:
        wrong()
    frames = [frame.frame.f_locals for frame in caught.traceback]
    assert not any("unknown" in names and names["unknown"] for names in map(dict, frames))


# Methods are written once for both clients


@pytest.mark.parametrize("path", PATHS)
def test_what_is_made_for_an_async_client_stands_by_itself(path: str) -> None:
    one, other = (at(cls(api_key="sk-1"), path) for cls in (wenwen.Client, wenwen.AsyncClient))
    assert type(other).__name__ == f"Async{type(one).__name__}"
    assert getattr(sys.modules[type(other).__module__], type(other).__name__) is type(other)
    assert not isinstance(other, type(one))
    assert methods(one) == methods(other)
    assert ", awaited" in (type(other).__doc__ or "") and ", awaited" not in (type(one).__doc__ or "")
    for name in methods(one):
        theirs = [getattr(resource, name) for resource in (one, other)]
        assert [method.__qualname__ for method in theirs] == [f"{type(each).__name__}.{name}" for each in (one, other)]
        assert [*inspect.signature(theirs[0]).parameters] == [*inspect.signature(theirs[1]).parameters]
        assert theirs[0].__doc__ == theirs[1].__doc__ and theirs[0].__doc__.count("Form of the reply:") <= 1
        with patch.object(type(one), name, Mock(return_value="fake")):
            assert getattr(other, name).__func__ is theirs[1].__func__


def test_no_frame_of_ours_but_the_method(call: Call, gateway: LocalGateway) -> None:
    """What is asked the most has no other Python function in its way: an async one has that of the event loop's."""
    client = call.client(gateway)
    calls: list[tuple[Any, dict[str, Any]]] = [
        (client.responses, HELLO),
        (client.chat.completions, CHAT),
        (client.messages, {**CHAT, "max_tokens": 5}),
    ]
    seen: list[str] = []

    def profile(frame: Any, event: str, arg: object) -> None:
        home = frame.f_globals.get("__name__", "")
        if event == "call" and "wenwen" in home and home != "wenwen._frames":  # which an error is told with
            seen.append(frame.f_code.co_qualname)

    for resource, params in calls:
        call.wait(resource.create(**params))  # loads what the first one does
        seen.clear()
        sys.setprofile(profile)
        try:
            made = resource.create(**params)
            if call.is_async:
                with pytest.raises(RuntimeError, match="event loop"):
                    made.send(None)
        finally:
            sys.setprofile(None)
        assert seen == [f"{type(resource).__name__}.create", *(["call", "_running"] if call.is_async else [])]


def test_tracebacks_name_the_method(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """To whoever looks for a mistake of ours."""
    monkeypatch.setattr("wenwen._frames.SHOWN", True)
    client = call.client(gateway)
    gateway.script(*[400] * 5)
    for resource, name, params in (
        (client.responses, "create", HELLO),
        (client.responses, "retrieve", {"response_id": "r"}),
        (client.models, "list", {}),
        (client.embeddings, "create", {"model": "m", "input": "x"}),
        (client.images, "generate", {"prompt": "x"}),
    ):
        with pytest.raises(wenwen.BadRequestError) as caught:
            call.wait(getattr(resource, name)(**params))
        ours = [entry.name for entry in caught.traceback if "resources" in str(entry.path)]
        assert (name != "list") <= ours.count(name) == len(ours) - ours.count("_ask") <= 3, ours


def test_what_is_not_awaited_is_named() -> None:
    code = """
import warnings, wenwen
client = wenwen.AsyncClient(api_key="sk-1")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for method in (client.responses.create, client.images.edit, client.models.retrieve):
        method(model="m")
print(*[str(each.message) for each in caught], sep=chr(10))
"""
    said = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True).stdout
    for name in ("AsyncResponses.create", "AsyncImages.edit", "AsyncModels.retrieve"):
        assert f"coroutine '{name}' was never awaited" in said


def test_a_mock_of_an_async_method(gateway: LocalGateway) -> None:
    client = gateway.async_client()
    with patch.object(client.responses, "create", AsyncMock(return_value="fake")):
        assert asyncio.run(client.responses.create(**HELLO)) == "fake"
