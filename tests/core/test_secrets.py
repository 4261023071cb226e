"""The key shows nowhere: whatever is called, fails, is shown, logged, pickled or walked through."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import gc
import inspect
import json
import logging
import os
import pickle
import socket
import subprocess
import sys
import textwrap
import threading
import traceback
import types
import urllib.parse
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen import _client
from wenwen._names import FUNCTIONS
from wenwen.resources._base import Resource, Streaming
from wenwen.testing import LocalGateway, Reply

# With letters that JSON and URLs write in another way.
KEY = 'sk-Zq7"x+9/Lw\\5=T1d8%Vb3'
PASSWORD = "pw-Hn4xk2Wc9"
HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
MESSAGES = [{"role": "user", "content": "Hello!"}]
CHAT: dict[str, Any] = {"model": "gpt-4o", "messages": MESSAGES}
MESSAGE: dict[str, Any] = {"model": "claude-sonnet-4-20250514", "max_tokens": 9, "messages": MESSAGES}
PACKAGE = str(Path(wenwen.__file__).parent)


@pytest.fixture(autouse=True)
def with_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback has our frames where `python -X dev` shows them, and these show no key."""
    monkeypatch.setattr("wenwen._frames.SHOWN", True)


def spellings(secret: str) -> set[bytes]:
    """How it may be written: plain, quoted for URLs and JSON, in hexadecimal, in base64 at each of its three places."""
    raw = secret.encode()
    plain = {secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret), json.dumps(secret)[1:-1]}
    plain |= {repr(secret)[1:-1], json.dumps(json.dumps(secret)[1:-1])[1:-1], raw.hex()}
    found = {spelling.encode() for spelling in plain}
    for pad in range(3):
        # Without the letters that hold bits of what stands before and after.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            found.add(encode(b"\0" * pad + raw).rstrip(b"=")[pad and pad + 1 : -1])
    return found


SECRETS = {spelling for secret in (KEY, PASSWORD) for spelling in spellings(secret)}


def shows(text: str | bytes) -> bool:
    raw = text.encode(errors="surrogateescape") if isinstance(text, str) else bytes(text)
    return any(spelling in raw for spelling in SECRETS)


def test_the_search_finds() -> None:
    for text in (f"Bearer {KEY}", repr({"a": KEY}), json.dumps([KEY]), urllib.parse.urlencode({"key": KEY})):
        assert shows(text), text
    for before in ("", "a", "ab", "user:"):
        assert shows(base64.b64encode(f"{before}{PASSWORD} and more".encode())), before
    assert not shows("sk-***")


PNG = ("cat.png", b"\x89PNG\r\n\x1a\n", "image/png")
PLACES = (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType, types.CodeType, types.FrameType)


def is_ours(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "wenwen"


def inside(value: Any, deep: bool) -> Iterator[Any]:
    """What can be reached from an object in one step."""
    with contextlib.suppress(Exception):
        yield from vars(value).items()
    if isinstance(value, BaseException):
        yield from (value.args, value.__cause__, value.__context__, getattr(value, "__notes__", None))
    elif is_ours(value) and not deep:  # there some make new ones of their kind for ever
        for name in dir(value):
            if name.startswith("__") and name not in ("__dict__", "__slots__"):
                continue
            with warnings.catch_warnings(), contextlib.suppress(Exception):
                warnings.simplefilter("ignore")
                found = getattr(value, name)
                if not callable(found):
                    yield name, found
    yield from gc.get_referents(value)


def grep(*roots: Any) -> None:
    """Looks for the key in everything that can be reached, in what it shows of itself, and in its pickle."""
    waiting, seen, kept = [(root, type(root).__name__) for root in roots], set(), []
    while waiting:
        value, path = waiting.pop()
        assert len(seen) < 100_000, path
        if id(value) in seen or isinstance(value, PLACES):
            continue
        seen.add(id(value))
        kept.append(value)  # an id is used again
        if isinstance(value, (str, bytes, bytearray)):
            assert not shows(value), path
            continue
        if isinstance(value, (int, float, type(None))):
            continue
        if is_ours(value) or isinstance(value, BaseException):
            assert not shows(repr(value)), path
            assert not shows(str(value)), path
            with contextlib.suppress(TypeError, AttributeError, RuntimeError, pickle.PicklingError):
                assert not shows(pickle.dumps(value)), path
                assert not shows(pickle.dumps(value, 0)), path
        if type(value).__name__.endswith("Stream"):
            continue  # has the events so far: what good ones say is the user's
        if isinstance(value, (types.MethodType, types.CoroutineType, asyncio.Future)) or not (
            is_ours(value) or isinstance(value, (dict, list, tuple, set, BaseException, contextlib.ExitStack))
        ):
            continue
        waiting += [(one, f"{path}.{type(one).__name__}") for one in inside(value, path.count(".") > 2)]


def holds_no_key(file: str) -> bool:
    """A file of the package, whose frames a user's traceback shows; the local gateway's keys open nothing."""
    return file.startswith(PACKAGE) and not file.endswith("testing.py")


def grep_error(error: BaseException) -> None:
    """An exception, its chain, its traceback as it is shown with all locals, and the locals of our frames."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    for one in chain:
        grep(one)
        assert not shows("".join(traceback.format_exception(one)))
        for entry in traceback.TracebackException.from_exception(one, capture_locals=True).stack:
            # The test's own frames may hold it.
            if holds_no_key(entry.filename):
                assert not shows(str(entry.locals)), (entry.name, entry.locals)
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if holds_no_key(frame.f_code.co_filename):
                grep(dict(frame.f_locals))


def raised(action: Callable[[], object]) -> BaseException:
    try:
        action()
    except (wenwen.WenwenError, ValueError, TypeError, OSError) as error:
        return error
    raise AssertionError("no error")


async def given() -> str:
    return KEY


# How the key is given: the options of a client, and those of a call.
WAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "argument": ({"api_key": KEY}, {}),
    "function": ({"api_key": lambda: KEY}, {}),
    "default header": ({"default_headers": {"Authorization": f"Bearer {KEY}"}}, {}),
    "google's header": ({"default_headers": {"x-goog-api-key": KEY}}, {}),
    "midjourney's header": ({"default_headers": {"mj-api-secret": KEY}}, {}),
    "default query": ({"default_query": {"key": KEY}}, {}),
    "header": ({}, {"extra_headers": {"x-api-key": KEY}}),
    "query": ({}, {"extra_query": {"key": KEY}}),
}


def echoes() -> dict[str, Reply]:
    """Answers that say the key, as a server with a loose tongue would."""
    json_key, url_key = json.dumps(KEY)[1:-1], urllib.parse.quote_plus(KEY)
    headers = {"X-Echo": KEY, "X-Request-Id": KEY, "X-Oneapi-Request-Id": KEY}
    error = {"message": f"no such key: {KEY}", "type": KEY, "code": KEY, "param": KEY}
    delta = {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0}
    created = {"type": "response.created", "sequence_number": 0, "response": {"id": KEY, "output": []}}
    event = f"data: {json.dumps({**delta, 'sequence_number': 1, 'delta': KEY})}\n\n"
    return {
        "status": Reply(status=400, json={"error": error}, headers=headers),
        "status in text": Reply(status=403, text=f"{KEY} {url_key} {json_key}", headers=headers),
        "status in a page": Reply(status=502, html=f"<html>{KEY}", headers=headers),
        "midjourney's": Reply(json={"code": 24, "description": KEY, "properties": {"bannedWord": KEY}}),
        "hidden": Reply(json={"error": error}, headers=headers),
        "page": Reply(html=f"<html>{KEY}", headers=headers),
        "text": Reply(text=f"your key: {KEY}", headers={"Content-Type": "application/json", **headers}),
        "broken json": Reply(body=b'{"key": "%s", ' % json_key.encode(), headers={"Content-Type": "application/json"}),
        "cut": Reply(json={"id": KEY, "x": "y" * 999}, cut=200, headers=headers),
        "redirect": Reply(status=302, body=b"", headers={"Location": f"http://127.0.0.2:9/?key={url_key}", **headers}),
        "error event": Reply(events=[created, event, {"type": "error", **error}], headers=headers),
        "first error event": Reply(events=[{"type": "error", "error": error}]),
        "malformed event": Reply(events=[created, event, f"data: {{{KEY}\n\n"], headers=headers),
        "stream that ends": Reply(events=[created, event], headers=headers),
        "stream that breaks off": Reply(events=[created, event, "data: " + "x" * 99], cut=400, headers=headers),
    }


FORMS: dict[str, Callable[[Call, Any, dict[str, Any]], object]] = {
    "responses": lambda call, client, more: call.wait(client.responses.create(**HELLO, **more)),
    "stream": lambda call, client, more: call.events(client, **HELLO, **more),
    "dict stream": lambda call, client, more: call.events(client, **HELLO, as_dict=True, **more),
    "chat": lambda call, client, more: call.wait(client.chat.completions.create(**CHAT, **more)),
    "messages": lambda call, client, more: call.wait(client.messages.create(**MESSAGE, **more)),
    "raw": lambda call, client, more: call.wait(client.responses.with_raw_response.create(**HELLO, **more)).parse(),
    "streaming": lambda call, client, more: streamed(call, client, more),
    "embeddings": lambda call, client, more: call.wait(
        client.embeddings.create(model="text-embedding-3-small", input="a", **more)
    ),
    "upload": lambda call, client, more: call.wait(
        client.audio.transcriptions.create(file=("a.wav", b"RIFF"), model="whisper-1", **more)
    ),
    "speech": lambda call, client, more: call.wait(
        client.audio.speech.create(model="tts-1", voice="alloy", input="Hello!", **more)
    ),
    "midjourney": lambda call, client, more: call.wait(client.midjourney.imagine(prompt="a cat", **more)),
    "midjourney list": lambda call, client, more: call.wait(client.midjourney.list(["1"], **more)),
    "gemini": lambda call, client, more: call.wait(
        client.gemini.generate_content(model="gemini-2.5-flash", contents="Hello!", **more)
    ),
    "image": lambda call, client, more: call.wait(client.images.generate(prompt="a cat", **more)),
    "edit": lambda call, client, more: call.wait(client.images.edit(prompt="a hat", image=PNG, **more)),
    "video": lambda call, client, more: call.wait(client.videos.create(model="sora-2", prompt="a cat", **more)),
    "helper": lambda call, client, more: helped(call, client.responses.stream(**HELLO, **more)),
    "chat helper": lambda call, client, more: helped(call, client.chat.completions.stream(**CHAT, **more)),
    "parse": lambda call, client, more: call.wait(client.responses.parse(**HELLO, **more)),
    "function": lambda call, client, more: call.function(**HELLO, **more),
    "get": lambda call, client, more: call.wait(client.get("/v1/models", **more)),
}


def helped(call: Call, manager: Any) -> None:
    with call.open(manager) as stream:
        list(call.each(stream))


def streamed(call: Call, client: Any, more: dict[str, Any]) -> None:
    with call.open(client.responses.with_streaming_response.create(**HELLO, **more)) as response:
        call.wait(response.parse())


@pytest.mark.parametrize("way", WAYS)
def test_errors_that_a_server_words(call: Call, way: str) -> None:
    options, more = WAYS[way]
    if call.is_async and way == "function":
        options = {"api_key": given}
    failed = 0
    for reply in echoes().values():
        reply.times = None
        with LocalGateway(reply) as gateway:
            client = call.client(gateway, max_retries=0, **{"api_key": "sk-another-key", **options})
            grep(client)
            for form in FORMS.values():
                # What the gateway says in a good reply is the user's; what fails must not say it.
                try:
                    form(call, client, more)
                except (wenwen.WenwenError, ValueError) as error:
                    failed += 1
                    grep_error(error)
                    grep_error(pickle.loads(pickle.dumps(error)))
            grep(client)
    assert failed > 100


def test_errors_of_the_way(call: Call) -> None:
    """Nobody there, a name that does not resolve, silence, connections that break, proxies that refuse."""
    with socket.socket() as closed, LocalGateway() as gateway, answering(b"HTTP/1.1 407 No\r\n\r\n") as proxy:
        closed.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
        user = f"user:{PASSWORD}@"
        for options in (
            {"base_url": f"http://{nobody}"},
            {"base_url": "http://no-such-host.invalid"},
            {"base_url": f"https://{gateway.root.partition('://')[2]}"},
            {"proxy": f"http://{user}{nobody}"},
            {"proxy": f"https://{user}{nobody}"},
            {"proxy": f"socks5://{user}{nobody}"},
            {"proxy": f"http://{user}{proxy.address}", "base_url": "https://127.0.0.1:9"},
        ):
            options = {"base_url": gateway.base_url, "api_key": KEY, "max_retries": 1, "timeout": 1, **options}
            client = call.new_client(**options)
            grep(client)
            for form in ("responses", "stream", "upload"):
                grep_error(raised(lambda form=form, client=client: FORMS[form](call, client, {})))  # type: ignore[misc]
        for reply in (Reply(delay=9), Reply(close=True), Reply(raw=b"\0\1\2")):
            reply.times = None
            gateway.clear_script()
            gateway.script(reply)
            client = call.client(gateway, api_key=KEY, max_retries=0, timeout=0.1)
            for form in FORMS.values():
                grep_error(raised(lambda form=form, client=client: form(call, client, {})))  # type: ignore[misc]


def test_what_is_wrong_with_options_and_arguments(call: Call, gateway: LocalGateway) -> None:
    """The mistake is named, the frames of ours hold what was given, and neither shows it."""
    wrong: list[dict[str, Any]] = [
        {"timeout": "soon"},
        {"max_retries": -1},
        {"base_url": f"http://user:{PASSWORD}@127.0.0.1"},
        {"base_url": f"http://127.0.0.1/v1?key={KEY}"},
        {"base_url": f"ftp://user:{PASSWORD}@127.0.0.1/?key={KEY}"},
        {"proxy": f"nonsense://user:{PASSWORD}@127.0.0.1"},
        {"proxy": f"http://user:{PASSWORD}@"},
        {"proxy": 5},
        {"api_key": f"{KEY}\n{KEY}"},
        {"api_key": KEY.encode()},
        {"default_headers": f"Authorization: {KEY}"},
        {"default_headers": {"Authorization": f"Bearer {KEY}\n"}},
        {"default_headers": {5: KEY}},
        {"default_query": KEY},
        {"verify": "/nowhere.pem"},
        {"nonsense": KEY},
    ]
    given = {"api_key": KEY, "default_headers": {"x-api-key": KEY}, "default_query": {"key": KEY}}
    proxy = {"proxy": f"http://user:{PASSWORD}@127.0.0.1:9"}
    for options in wrong:
        if "nonsense" not in options:
            makers = (
                lambda **o: call.new_client(**o),
                lambda **o: call.client(gateway).with_options(**o),
                lambda **o: wenwen.configure(**o),
                lambda **o: call.client(gateway, **o),
            )
            for make in makers:
                error = raised(lambda make=make, o={**given, **proxy, **options}: make(**o))  # type: ignore[misc]
                # The frames of the test itself hold the options.
                text = f"{error!r} {error} {error.args}"
                assert not shows(text), options
                grep_error(error)
    client = call.client(gateway, api_key=KEY)
    for action in (
        lambda: client.get(f"/v1/models?key={KEY}#a"),
        lambda: client.responses.create(**HELLO, api_key=KEY),
        lambda: client.download(f"ftp://127.0.0.1/?key={KEY}"),
    ):
        assert not shows(str(raised(lambda action=action: call.wait(action()))))  # type: ignore[misc]
    assert gateway.requests == []


def test_objects_of_calls_that_succeed(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    client = call.client(
        gateway,
        api_key=KEY,
        default_headers={
            "X-Title": "data",
            "X-Tenant": "acme",
            "Referer": "http://h/?a",
            "x-goog-api-key": KEY,
            "Cookie": KEY,
        },
        default_query={"key": KEY, "a": "1"},
    )
    odd = client.with_options(default_headers={"X-Odd": f"of {KEY}"}, default_query={"odd": [KEY]})
    patient = client.with_options(timeout=9, api_key=lambda: KEY) if not call.is_async else client.with_options()
    raw = call.wait(client.responses.with_raw_response.create(**HELLO))
    reply = raw.parse()
    events = call.wait(client.responses.create(**HELLO, stream=True))
    vectors = call.wait(client.embeddings.create(model="text-embedding-3-small", input=["a", "b"]))
    task = call.wait(client.midjourney.imagine(prompt="a cat"))
    speech = call.wait(client.audio.speech.create(model="tts-1", voice="alloy", input="Hello!"))
    with call.open(client.responses.with_streaming_response.create(**HELLO)) as response:
        grep(response)
    with call.open(client.responses.stream(**HELLO)) as helper:
        grep(helper)
    found = [client, patient, raw, reply, events, list(call.each(events)), vectors, task, speech, client.responses, odd]
    grep(*found, copy.copy(client), copy.deepcopy(client))
    for shown in (gateway, gateway.requests, gateway.last_request):
        assert not shows(f"{shown!r} {shown}")
    assert KEY in (gateway.requests[0].header("authorization") or "")  # who asks for it is told
    # The key stays behind, what is no secret goes along.
    monkeypatch.setenv("WENWEN_API_KEY", "sk-there")
    there = pickle.loads(pickle.dumps(odd))
    call(there, **HELLO)
    request = gateway.last_request
    assert request is not None and request.header("authorization") == "Bearer sk-there"
    assert (request.header("x-title"), request.query) == ("data", "a=1")
    assert request.header("x-tenant") is request.header("referer") is None
    assert not shows(str(request.headers))
    # A copy in the same process has all of it.
    call(copy.deepcopy(client), **HELLO)
    assert KEY in (gateway.last_request.header("authorization") or "")  # type: ignore[union-attr]


def methods(client: Any) -> Iterator[tuple[str, Any]]:
    """All that can be called of a client, its resources and their raw and streaming forms."""
    waiting: list[tuple[str, Any]] = [("client", client)]
    while waiting:
        path, owner = waiting.pop()
        if path.count(".") > 5:
            continue
        kind = type(owner._resource if isinstance(owner, Streaming) else owner)
        for name in dir(kind):
            if name.startswith("_") or name in ("with_options", "copy", "close", "aclose", "wait", "download"):
                continue
            found = getattr(owner, name)
            if isinstance(found, (Resource, Streaming)):
                waiting.append((f"{path}.{name}", found))
            elif callable(found):
                yield f"{path}.{name}", found


MISTAKES: dict[str, Callable[[list[str]], dict[str, Any]]] = {
    "nothing is given": lambda _: {},
    "numbers": lambda names: dict.fromkeys(names, 5),
    "objects": lambda names: dict.fromkeys(names, object()),
    "texts": lambda names: dict.fromkeys(names, "a"),
    "lists": lambda names: {name: [] for name in names},
    "an unknown parameter": lambda names: {**dict.fromkeys(names, "a"), "nonsense": 1},
    "an option": lambda names: {**dict.fromkeys(names, "a"), "timeout": "soon"},
}
OPTIONS = {"timeout", "max_retries", "max_response_bytes", "extra_body", "extra_headers", "extra_query", "as_dict"}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_a_call_is_given_is_not_in_our_frames(call: Call, mistake: str) -> None:
    """Whatever goes wrong, before anything is sent or later, with any method."""
    secret = {"extra_headers": {"x-api-key": KEY}, "extra_query": {"key": KEY}}
    with LocalGateway(Reply(status=400, json={"error": {"message": "no"}}, times=None)) as gateway:
        client = call.client(gateway, max_retries=0)
        functions = wenwen.aio if call.is_async else wenwen
        found = [*methods(client), ("download", client.download)]
        found += [(name, getattr(functions, name)) for name in FUNCTIONS]
        assert len(found) > 120
        wenwen.configure(api_key="sk-1", base_url=gateway.root, max_retries=0)
        failed = 0
        for path, method in found:
            target = getattr(method, "__wrapped__", method)
            names = [
                name
                for name, parameter in inspect.signature(target).parameters.items()
                if name not in OPTIONS and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
            ]
            required = ["path"] if path.endswith((".get", ".post", ".delete")) and "path" in names else []
            given = {**dict.fromkeys(required, "/v1/x"), **MISTAKES[mistake](names), **secret}
            if "query" in names and not path.startswith("client.rerank"):  # that of a URL, and not what is asked
                given["query"] = {"key": KEY}
            try:
                made = call.wait(method(**given))
                if hasattr(made, "__enter__") or hasattr(made, "__aenter__"):
                    with call.open(made):
                        pass
            except (wenwen.WenwenError, ValueError, TypeError, OSError, RuntimeError) as error:
                failed += 1
                for frame, _ in traceback.walk_tb(error.__traceback__):  # `grep_error` takes minutes for all of them
                    if holds_no_key(frame.f_code.co_filename):
                        assert not shows(repr(frame.f_locals)), (path, frame)
        assert failed > len(found) * 0.9, failed


def test_a_tasks_own_methods_show_nothing(call: Call, gateway: LocalGateway) -> None:
    secret = {"extra_headers": {"x-api-key": KEY}, "extra_query": {"key": KEY}}
    done = {"id": "1", "status": "SUCCESS", "progress": "100%", "buttons": []}
    client = call.client(gateway, max_retries=0)
    gateway.script(*[Reply(json=done)] * 3)
    task = call.wait(client.midjourney.fetch("1"))
    for act in (lambda: task.action("U1", **secret), lambda: task.modal(nonsense=1, **secret)):
        grep_error(raised(lambda act=act: call.wait(act())))  # type: ignore[misc]


def test_module_level_settings(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_client, "_default", None)
    wenwen.configure(api_key=KEY, base_url=gateway.root, proxy=False)
    assert wenwen.create_response(**HELLO).output_text
    settings = _client._default
    grep(settings, vars(_client), wenwen.__dict__)
    monkeypatch.setattr(_client, "_default", None)
    monkeypatch.setenv("WENWEN_API_KEY", KEY)
    monkeypatch.setenv("WENWEN_BASE_URL", gateway.root)
    assert wenwen.create_response(**HELLO).output_text
    grep(_client._default)
    monkeypatch.setenv("WENWEN_API_KEY", f"{KEY}\n{KEY}")
    grep_error(raised(lambda: wenwen.Client()))


def test_a_proxys_password_is_not_pickled(call: Call) -> None:
    client = call.new_client(api_key=KEY, proxy=f"http://user:{PASSWORD}@127.0.0.1:3128")
    grep(client)
    options = client.__reduce__()[1][1]
    assert options["proxy"] == "http://127.0.0.1:3128/"
    os.environ["WENWEN_API_KEY"] = "sk-there"
    try:
        grep(pickle.loads(pickle.dumps(client)))
    finally:
        del os.environ["WENWEN_API_KEY"]


def test_half_a_key(call: Call, gateway: LocalGateway) -> None:
    """Where a text is cut short."""
    client = call.client(gateway, api_key=KEY, max_retries=0)
    for length in (100, 200, 4096):
        for before in range(length - len(KEY) - 20, length, 3):
            text = "x" * before + KEY
            replies = [Reply(status=403, text=text), Reply(events=[f"data: {text}\n\n"]), Reply(text=text)]
            for reply, stream in zip(replies, (False, True, False), strict=True):
                gateway.script(reply)
                ask = call.events if stream else call
                error = raised(lambda ask=ask: ask(client, **HELLO))  # type: ignore[misc]
                assert isinstance(error, wenwen.APIError)
                assert KEY[:6] not in f"{error} {error.body}", before


def test_logs(
    call: Call, gateway: LocalGateway, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(1)
    logging.getLogger("wenwen").setLevel(1)
    try:
        for reply in (*echoes().values(), *[None] * 3):
            gateway.script(*[reply] * 2)
            client = call.client(gateway, api_key=KEY, max_retries=1, default_query={"key": KEY})
            with contextlib.suppress(wenwen.WenwenError):
                call(client, **HELLO, extra_headers={"x-api-key": KEY})
            gateway.clear_script()
    finally:
        logging.getLogger("wenwen").setLevel(logging.NOTSET)
    assert "POST /v1/responses" in caplog.text
    assert not shows(caplog.text)
    for record in caplog.records:
        grep(vars(record))
    assert not shows("".join(capfd.readouterr()))


# Other hosts


def test_redirects_take_no_key_elsewhere(call: Call, gateway: LocalGateway) -> None:
    with LocalGateway(host="127.0.0.2") as other:
        for status in (301, 302, 303, 307, 308):
            gateway.script(Reply(status=status, body=b"", headers={"Location": f"{other.root}/v1/responses"}))
            error = raised(lambda: call(gateway, **HELLO))
            grep_error(error)
            assert "127.0.0.2" in str(error)
        assert other.requests == []


def test_downloads_take_no_key_elsewhere(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    with LocalGateway(Reply(body=b"picture", times=None), host="127.0.0.2") as other:
        client = call.client(gateway, api_key=KEY, default_headers={"Cookie": KEY}, default_query={"key": KEY})
        away = Reply(status=302, body=b"", headers={"Location": f"{other.root}/b.png"})
        for url in (f"{other.root}/a.png", f"{gateway.root}/a.png"):
            gateway.script(away, away)
            assert bytes(call.wait(client.download(url))) == b"picture"
            call.wait(client.download(url, tmp_path / "a.png"))
            gateway.clear_script()
        assert len(other.requests) == 4
        for request in (*other.requests, *gateway.requests):
            assert not shows(f"{request.method} {request.path}?{request.query} {request.headers} {request.text}")
        # A key that the caller sends there on purpose is not carried on, whatever its name.
        for name in ("Authorization", "Cookie", "x-api-key", "mj-api-secret", "Proxy-Authorization", *ODD_NAMES):
            gateway.script(away)
            assert call.wait(client.download(f"{gateway.root}/a.png", extra_headers={name: KEY, "Range": "bytes=0-"}))
            assert gateway.last_request.header(name) == KEY  # type: ignore[union-attr]
            assert not shows(str(other.last_request.headers))  # type: ignore[union-attr]
            assert other.last_request.header("range") == "bytes=0-"  # type: ignore[union-attr]
        # On the same host it is.
        gateway.script(Reply(status=307, body=b"", headers={"Location": "/b.png"}), Reply(body=b"picture"))
        call.wait(client.download(f"{gateway.root}/a.png", extra_headers={"x-auth": KEY}))
        assert (gateway.last_request.path, gateway.last_request.header("x-auth")) == ("/b.png", KEY)  # type: ignore[union-attr]


ODD_NAMES = (
    "apikey",
    "x-auth",
    "token",
    "x-auth-key",
    "x-access-key",
    "x-amz-security-token",
    "x-subscription",
    "x-pw",
)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_client_is_pickled_without_headers_that_may_hold_a_key(call: Call, name: str) -> None:
    headers = {name: KEY, "X-Request-Id": "7", "User-Agent": "mine", "X-Gone": None}
    dumped = pickle.dumps(call.new_client(api_key="sk-1", default_headers=headers))
    assert not shows(dumped.decode("latin-1"))
    for kept in (b"x-request-id", b"user-agent", b"x-gone"):
        assert kept in dumped


class Answering:
    """Answers every connection alike, and writes down how each began."""

    def __init__(self, answer: bytes) -> None:
        self.heads: list[bytes] = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                head = b""
                while b"\r\n\r\n" not in head and (more := connection.recv(4096)):
                    head += more
                self.heads.append(head)
                connection.sendall(self._answer)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[Answering]:
    server = Answering(answer)
    try:
        yield server
    finally:
        server.close()


def test_a_proxy_that_tunnels_sees_no_key(call: Call) -> None:
    with answering(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n") as proxy:
        for user in ("", "user:word@"):
            client = call.new_client(
                api_key=KEY,
                base_url="https://gateway.invalid",
                proxy=f"http://{user}{proxy.address}",
                default_headers={"x-api-key": KEY},
                default_query={"key": KEY},
                max_retries=0,
            )
            grep_error(raised(lambda client=client: call(client, **HELLO)))  # type: ignore[misc]
        assert len(proxy.heads) == 2
        for head in proxy.heads:
            assert head.startswith(b"CONNECT gateway.invalid:443")
            assert not shows(head)


# A process and all that it prints

NOISY = """
    import asyncio, faulthandler, logging, sys, traceback
    logging.basicConfig(level=1)
    import wenwen

    client = wenwen.Client(max_retries=1)
    print(client, [client], vars(client), dir(client))

    def shown(error):
        traceback.print_exception(error)
        print("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))

    def step(model):
        try:
            print(client.responses.create(model=model, input="Hello!"))
        except wenwen.APIError as error:
            shown(error)

    for _ in range(4):
        step("gpt-5")

    async def main():
        other = wenwen.AsyncClient(max_retries=0)
        results = await asyncio.gather(
            *(other.responses.create(model="gpt-5", input="Hello!") for _ in range(6)), return_exceptions=True
        )
        for result in results:
            shown(result) if isinstance(result, Exception) else print(result)
        task = asyncio.create_task(other.responses.create(model="gpt-5", input="Hello!", timeout=9))
        await asyncio.sleep(0)
        print(task, task.get_stack())
        task.print_stack()
        task.cancel()
        asyncio.create_task(other.responses.create(model="gpt-5", input="lost"))
        await asyncio.sleep(0.2)

    asyncio.run(main(), debug=True)
    faulthandler.dump_traceback(all_threads=True)
    wenwen.Client(timeout="soon")
"""


def output(arguments: list[str], environment: dict[str, str], code: int | None = None) -> str:
    """What a process says. The key is in its environment, where it belongs."""
    path = os.pathsep.join(filter(None, [str(Path(PACKAGE).parent), os.environ.get("PYTHONPATH")]))
    loud = {"RUST_LOG": "trace", "RUST_BACKTRACE": "full", "WENWEN_LOG": "debug", "PYTHONASYNCIODEBUG": "1"}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-X", "faulthandler", *arguments],
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **loud, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    text = (done.stdout + done.stderr).decode()
    assert code is None or done.returncode == code, text
    return text


def test_what_a_process_prints(gateway: LocalGateway) -> None:
    replies = [echoes()[name] for name in ("status", "hidden", "page", "redirect", "broken json", "cut")]
    for reply in replies:
        gateway.script(reply, reply)
    text = output(["-c", textwrap.dedent(NOISY)], {**gateway.env(), "WENWEN_API_KEY": KEY}, 1)
    assert all(part in text for part in ("no such key: ***", "Task", "TypeError"))
    assert not shows(text)


def test_what_the_command_line_prints(gateway: LocalGateway) -> None:
    here = {**gateway.env(), "WENWEN_API_KEY": KEY}
    for reply in (None, *(echoes()[name] for name in ("status", "page", "first error event", "redirect"))):
        gateway.clear_script()
        gateway.script(*[reply] * 3)  # an error of the server's own is tried three times
        text = output(["-m", "wenwen", "ask", "Hello!"], here, 0 if reply is None else 1)
        assert text and not shows(text)
    for url in (f"http://user:{PASSWORD}@127.0.0.1", f"http://127.0.0.1/?key={KEY}", "http://no-such-host.invalid"):
        assert not shows(output(["-m", "wenwen", "ask", "--base-url", url, "Hello!"], here, 1))
    proxy = {**here, "http_proxy": f"http://user:{PASSWORD}@127.0.0.1:9", "no_proxy": ""}
    assert not shows(output(["-m", "wenwen", "ask", "Hello!"], proxy, 1))
    assert not shows(output(["-m", "wenwen", "ask", "Hello!"], {**here, "WENWEN_API_KEY": f"{KEY} {KEY}"}, 1))


# Certificates that nobody checks


def test_not_verifying_is_told_each_time(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENWEN_API_KEY", "sk-there")
    monkeypatch.setattr(_client, "_default", None)
    client = call.new_client()
    assert "verify" not in repr(client)

    def warned(make: Callable[[], Any]) -> Any:
        made = None
        for _ in range(2):
            with pytest.warns(wenwen.InsecureConnectionWarning, match="verify=False") as caught:
                made = make()
            assert len(caught) == 1 and caught[0].filename.startswith(str(Path(__file__).parents[1]))
        return made

    def derive() -> Any:
        return client.with_options(verify=False)

    def build() -> Any:
        return call.new_client(verify=False)

    trusting = warned(derive)
    assert "verify=False" in repr(trusting) and "verify=False" in repr(warned(build))
    warned(lambda: wenwen.configure(verify=False))
    pickled = pickle.dumps(trusting)
    assert "verify=False" in repr(warned(lambda: pickle.loads(pickled)))
    # What comes of a client that was told of is no news; what checks again is none either.
    assert "verify=False" in repr(trusting.with_options(timeout=3))
    assert "verify" not in repr(trusting.with_options(verify=True))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore", wenwen.InsecureConnectionWarning)
        build()
    assert caught == []


def test_not_verifying_is_seen_without_any_filters() -> None:
    script = "import wenwen\nfor n in range(3): wenwen.Client(api_key='sk-1', verify=False)"
    path = os.pathsep.join(filter(None, [str(Path(PACKAGE).parent), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    environment.pop("PYTHONWARNINGS", None)
    for more, times in (({}, 3), ({"PYTHONWARNINGS": "ignore"}, 0)):
        done = subprocess.run(
            [sys.executable, "-c", script], env={**environment, **more}, capture_output=True, text=True, check=True
        )
        assert done.stderr.count("InsecureConnectionWarning: verify=False") == times, done.stderr


def test_the_environment_does_not_turn_it_off(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WENWEN_VERIFY", "PYTHONHTTPSVERIFY", "SSL_VERIFY", "NODE_TLS_REJECT_UNAUTHORIZED"):
        monkeypatch.setenv(name, "0")
    for name in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, "")
    assert call.new_client(api_key=KEY)._settings.verifies
    for off in (0, None, ""):
        with contextlib.suppress(TypeError, ValueError):
            assert call.new_client(api_key=KEY, verify=off)._settings.verifies


def test_the_search_reaches() -> None:
    """The test of the test: a key that is somewhere in there is found."""

    class Holder:
        def __init__(self, value: object) -> None:
            self.value = value

    Holder.__module__ = "wenwen.test"
    error = wenwen.APIError("no", body={"a": [KEY]})
    for leak in (Holder(KEY), {"a": Holder([KEY])}, error, wenwen.APIError(KEY)):
        with pytest.raises(AssertionError):
            grep(leak)
    chained = wenwen.APIError("no")
    chained.__cause__ = ValueError(KEY)
    with pytest.raises(AssertionError):
        grep_error(chained)
    noted = wenwen.APIError("no")
    noted.add_note(KEY)
    with pytest.raises(AssertionError):
        grep_error(noted)
