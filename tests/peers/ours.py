"""What stands in a peer's tests in place of its own scaffolding: clients, a mock of connections, names of modules.

`PEERS_SUITE` says whose tests they are, `PEERS_UNDER_TEST` which package they run against: the peer itself, which says
what the scaffolding can carry, or `wenwen`. Loaded by the translated tests as `ours`; see `__main__.py`.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import enum
import functools
import importlib
import inspect
import json
import os
import re
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import httpx2
import pydantic
from answerer import Answerer

import wenwen
from wenwen.resources.messages import AsyncMessageStream, MessageStream

PEER = os.environ["PEERS_SUITE"]
OWN = os.environ["PEERS_UNDER_TEST"] == "wenwen"

# The session's answerer, at the address that the peer's tests name by TEST_API_BASE_URL.
MAIN = Answerer(PEER)
os.environ["TEST_API_BASE_URL"] = MAIN.url


class LacksError(AttributeError):
    """What a test needs and is not here."""


class Absent:
    """A name that is not here: it may be named, annotate and be handed on, and says so once it is used."""

    def __init__(self, name: str) -> None:
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **options: Any) -> Any:
        if os.environ.get("PYTEST_CURRENT_TEST"):
            raise LacksError(f"there is no {self.__name__}")
        return args[0] if len(args) == 1 and inspect.isfunction(args[0]) else self  # where the file is read

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")

    def __mro_entries__(self, bases: Any) -> Any:
        return ()

    def __getitem__(self, item: Any) -> Any:
        return self

    def __iter__(self) -> Any:
        return iter(())

    def __or__(self, other: Any) -> Any:
        return self

    __ror__ = __or__


# --- clients ---


def _handler(http_client: Any) -> Callable[[httpx2.Request], httpx2.Response] | None:
    """What answers for a client of httpx's, where that is a test's own."""
    transport = getattr(http_client, "_transport", None)
    if transport is None or isinstance(transport, (httpx2.HTTPTransport, httpx2.AsyncHTTPTransport)):
        return None

    def answer(request: httpx2.Request) -> httpx2.Response:
        handler = getattr(transport, "handler", None)
        if handler is None:
            handler = getattr(transport, "handle_async_request", None) or transport.handle_request
        response = handler(request)
        return asyncio.run(response) if inspect.isawaitable(response) else response

    return answer


ROOTS = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}


def _client(base: Any, name: str) -> Any:
    class Translated(base):
        """The client of the tests: `http_client=` with a transport of the test's becomes an address that answers so."""

        @functools.wraps(base.__init__)
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **_ours(options))

        def request(self, *args: Any, **options: Any) -> Any:
            if args and isinstance(args[-1], FinalRequestOptions):  # the peer's own form: class, then request
                asked = args[-1]
                body = {"body": asked.json_data, "cast_to": args[0], "options": asked.options()}
                return super().request(asked.method, asked.url, **body)
            return super().request(*args, **options)

        @functools.wraps(base.with_options)
        def with_options(self, **options: Any) -> Any:
            return super().with_options(**_ours(options))

        copy = with_options

        def _build_request(self, options: FinalRequestOptions) -> httpx2.Request:
            """What goes over the wire for a request: sent to an address that keeps it."""
            seen: list[httpx2.Request] = []

            def answer(request: httpx2.Request) -> httpx2.Response:
                seen.append(request)
                return httpx2.Response(200, json={})

            root = self.base_url if self.base_url != MAIN.url else ""
            address = Answerer(PEER, answer, root)
            client = base.with_options(self, base_url=address.url_of(root), max_retries=0)
            sent = base.request(client, options.method, options.url, body=options.json_data, options=options.options())
            if inspect.isawaitable(sent):
                with contextlib.ExitStack() as stack:
                    run = stack.enter_context(asyncio.Runner()).run if not _looped() else _elsewhere
                    run(sent)
            return seen[0]

    Translated.__name__ = Translated.__qualname__ = name
    return Translated


def _ours(options: dict[str, Any]) -> dict[str, Any]:
    handler = _handler(options.pop("http_client", None))
    if handler:
        root = str(options.get("base_url") or ROOTS[PEER])
        options["base_url"] = Answerer(PEER, handler, root).url_of(root)
    return {
        name: value for name, value in options.items() if name not in ("admin_api_key", "_strict_response_validation")
    }


def _looped() -> bool:
    with contextlib.suppress(RuntimeError):
        return bool(asyncio.get_running_loop())
    return False


def _elsewhere(sent: Any) -> Any:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, sent).result()


class FinalRequestOptions:
    """A request as the peer's tests describe it, which is what `request` of a client takes."""

    def __init__(self, *, method: str, url: str, json_data: Any = None, files: Any = None, **more: Any) -> None:
        self.__dict__.update(method=method, url=url, json_data=json_data, files=files, more=more, **more)

    construct = classmethod(lambda cls, **given: cls(**given))

    def options(self) -> dict[str, Any]:
        return {name: value for name, value in self.more.items() if value is not None}


def make_request_options(**given: Any) -> dict[str, Any]:
    """Options of a call by the names that `options=` of `request` has for them."""
    names = {"extra_headers": "headers", "extra_body": "extra_json"}
    made = {names.get(name, name): value for name, value in given.items() if value is not None}
    params = {**made.pop("query", {}), **made.pop("extra_query", {})}
    return {**made, **({"params": params} if params else {})}


class Alias(type):
    """A class of ours under the peer's name: may be subscripted and derived from where a test's file is read."""

    of: type

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, cls.of)

    def __call__(cls, *args: Any, **options: Any) -> Any:
        return cls.of(*args, **options)


def alias(of: type) -> Any:
    return Alias(of.__name__, (), {"of": of})


def nothing() -> Any:
    return contextlib.nullcontext([])


class BaseClient:
    """Where tests patch how long is waited."""

    @staticmethod
    def _calculate_retry_timeout() -> None:
        pass


# --- a mock of connections, as respx has it ---


class Call(typing.NamedTuple):
    request: httpx2.Request
    response: httpx2.Response | None = None


class Calls(list[Call]):
    @property
    def last(self) -> Call:
        return self[-1]

    @property
    def call_count(self) -> int:
        return len(self)


class Route:
    def __init__(self, method: str | None, path: Any) -> None:
        self.method = method
        self.pattern = path
        self.calls = Calls()
        self.answer: Any = None

    def matches(self, request: httpx2.Request) -> bool:
        if self.method not in (None, request.method):
            return False
        wanted = urlsplit(str(self.pattern or ""))
        path = bare(request.url.path)
        query = not wanted.query or sorted(wanted.query.split("&")) == sorted(request.url.query.decode().split("&"))
        return not wanted.path or (bare(wanted.path).rstrip("/") == path.rstrip("/") and query)

    @property
    def called(self) -> bool:
        return bool(self.calls)

    @property
    def call_count(self) -> int:
        return len(self.calls)

    def mock(self, return_value: Any = None, side_effect: Any = None) -> Route:
        if isinstance(side_effect, (list, tuple)):
            side_effect = iter(side_effect)
        self.answer = side_effect if side_effect is not None else return_value
        return self

    def respond(self, status_code: int = 200, **options: Any) -> Route:
        return self.mock(httpx2.Response(status_code, **options))

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        answer = next(self.answer) if isinstance(self.answer, Iterator) else self.answer
        if isinstance(answer, type) and issubclass(answer, BaseException):
            answer = answer("mocked")
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            takes_route = "route" in inspect.signature(answer).parameters
            answer = answer(request, route=self) if takes_route else answer(request)
            if inspect.isawaitable(answer):
                answer = asyncio.run(answer)
        return answer if answer is not None else httpx2.Response(200)


def bare(path: str) -> str:
    return path.removeprefix("/v1") or "/"


class MockRouter:
    """The routes of one test, which `MAIN` asks first."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.calls = Calls()

    def route(self, *, method: str | None = None, path: Any = None, url: Any = None, **more: Any) -> Route:
        route = Route(method, path or url)
        self.routes.insert(0, route)
        return route

    def request(self, method: str, path: Any = None, **more: Any) -> Route:
        return self.route(method=method, path=path)

    def __getattr__(self, name: str) -> Any:
        if name in ("get", "post", "put", "patch", "delete"):
            return lambda path=None, **more: self.route(method=name.upper(), path=path or more.get("url"))
        raise AttributeError(name)

    def stop(self, *args: Any, **options: Any) -> None:
        pass

    def answer(self, request: httpx2.Request) -> httpx2.Response | None:
        route = next((each for each in self.routes if each.matches(request)), None)
        call = Call(request)
        self.calls.append(call)
        if route is None:
            return None
        route.calls.append(call)
        response = route(request)
        if OWN and response.status_code == 200 and not getattr(response, "_content", b"-") and request.method == "POST":
            return None  # an empty 200, which is no reply here, stands for any
        return response


# --- names ---


class Printed:
    """What a test compares with what the peer prints of an object: whatever stands there is in ours."""

    def __init__(self, value: Any) -> None:
        self.leaves: set[tuple[str, str]] = set()
        self.walk("", value)

    def walk(self, name: str, value: Any, depth: int = 0) -> None:
        if isinstance(value, (list, tuple)):
            for item in value:
                self.walk(name, item, depth + 1)
        elif isinstance(value, dict):
            for key, item in value.items():
                self.walk(str(key), item, depth + 1)
        elif not isinstance(value, enum.Enum) and (isinstance(value, wenwen.Object) or hasattr(value, "__dict__")):
            names = {*getattr(value, "__dict__", ()), *(n for n in dir(value) if not n.startswith("_"))}
            for each in names if depth < 12 else ():
                with contextlib.suppress(Exception):
                    item = getattr(value, each)
                    if not callable(item):
                        self.walk(each, item, depth + 1)
        else:
            self.leaves.add((name, re.sub(r"\s+", "", repr(value))))  # what is printed is wrapped

    def __eq__(self, other: object) -> bool:
        said = re.findall(r"(\w+)=('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|None|True|False|-?[\d.]+)[,)\n]", str(other))
        lost = {(name, re.sub(r"\s+", "", text)) for name, text in said} - self.leaves
        lost = {(name, text) for name, text in lost if text != "None"}  # a field that nothing filled is none of ours
        assert not lost, f"lost: {sorted(lost)}"
        return True

    __hash__ = None  # type: ignore[assignment]


class Words:
    """Some text, where a test has the peer's own words."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and bool(other.strip())

    __hash__ = None  # type: ignore[assignment]


def print_obj(value: object, monkeypatch: Any = None) -> Any:
    return Printed(value)


def snapshot(value: Any = None) -> Any:
    return value


def external(name: str) -> Any:
    """What a test has recorded: the file of that name."""
    found = next(iter(Path("tests").rglob(name.removeprefix("uuid:"))), None)
    if found is None:
        return None
    return json.loads(found.read_text()) if found.suffix == ".json" else found.read_text()


def recorded(exchanges: list[Any]) -> Callable[[httpx2.Request], httpx2.Response]:
    """Answers with what was recorded, one after the other."""
    left = iter(exchanges)

    def answer(request: httpx2.Request) -> httpx2.Response:
        response = next(left)["response"]
        body, headers = response.get("body"), response.get("headers", {})
        headers = {k: v for k, v in headers.items() if k in ("content-type", "request-id")}
        content = body if isinstance(body, str) else json.dumps(body)
        return httpx2.Response(response.get("status_code", 200), content=content, headers=headers)

    return answer


@contextlib.contextmanager
def update_env(**values: Any) -> Iterator[None]:
    with mock.patch.dict(os.environ):
        for name, value in values.items():
            name = renamed(name)
            if isinstance(value, str):
                os.environ[name] = value
            else:
                os.environ.pop(name, None)
        yield


def renamed(variable: str) -> str:
    return re.sub(r"^(OPENAI|ANTHROPIC)_(API_KEY|BASE_URL|LOG)$", r"WENWEN_\2", variable) if OWN else variable


def assert_matches_type(type_: Any, value: object, *, path: list[str], allow_none: bool = False) -> None:
    """As the peers' own: that a reply is of its class, and each field of what the class says."""
    origin = typing.get_origin(type_)
    if origin is typing.Annotated:
        return assert_matches_type(typing.get_args(type_)[0], value, path=path)
    if isinstance(type_, Absent):
        raise LacksError(f"there is no {type_.__name__}")
    if isinstance(type_, Page):
        items = getattr(value, "data", None)
        assert isinstance(items, list), (path, value)
        for item in items:
            assert_matches_type(type_.item, item, path=path)
        return None
    if type_ is typing.Any or type_ is object:
        return None
    if type_ is None or type_ is type(None):
        assert value is None, path
    elif origin in (typing.Union, types.UnionType):
        assert any(_matches(each, value, path) for each in typing.get_args(type_)), (path, type_, value)
    elif origin is typing.Literal:
        assert value in typing.get_args(type_), (path, type_, value)
    elif origin is list or (inspect.isclass(origin) and issubclass(origin, typing.Sequence)):
        assert isinstance(value, list), (path, type_, value)
        for item in value:
            assert_matches_type(typing.get_args(type_)[0], item, path=path)
    elif origin in (typing.Required, typing.NotRequired):
        return assert_matches_type(typing.get_args(type_)[0], value, path=path)
    else:
        assert isinstance(value, origin or ((int, float) if type_ in (int, float) else type_)), (path, type_, value)
        if isinstance(value, wenwen.Object) and len(path) < 12:
            for name, hint in typing.get_type_hints(type(value), include_extras=True).items():
                if not name.startswith("_") and (found := getattr(value, name)) is not None:
                    assert_matches_type(hint, found, path=[*path, name])
    return None


def _matches(type_: Any, value: Any, path: list[str]) -> bool:
    try:
        assert_matches_type(type_, value, path=path)
    except AssertionError:
        return False
    return True


class Page:
    """A page of the peer's: a list here has its items as `data` too."""

    def __init__(self, item: Any = None) -> None:
        self.item = item

    def __getitem__(self, item: Any) -> Page:
        return Page(item)


class Namespace:
    """A module of the peer's, by the names that are asked of it."""

    def __init__(self, module: str) -> None:
        self.__dict__["_module"] = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return named(self._module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(wenwen, name, value)


def assert_signatures_in_sync(
    source: Any, check: Any, *, exclude_params: set[str] = frozenset(), description: str = ""
) -> None:
    """As the peers' own, by names: that a method takes what another does. `as_dict` is ours, where there is a dict."""
    lacks = {*inspect.signature(source).parameters} - {*inspect.signature(check).parameters}
    lacks -= {*exclude_params, "as_dict"}
    assert not lacks, lacks


def bare_chunk(chunk: Any) -> dict[str, Any]:
    """A chunk as it came; those of a helper have their `snapshot` too."""
    return {name: value for name, value in chunk.to_dict().items() if name != "snapshot"}


def type_to_text_format_param(type_: Any) -> dict[str, Any]:
    """The schema of a class as it is sent."""
    from wenwen._output import output_of

    output = output_of(type_)
    schema, why = output.wire("responses")
    return {"type": "json_schema", "name": output.name, "schema": schema, "strict": why is None}


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


# The names of modules of the peer's own that the tests use in passing, and of what has another name here.
PROVIDED: dict[str, Any] = {
    "Absent": Absent,
    "BaseModel": pydantic.BaseModel,
    "Call": Call,
    "Calls": Calls,
    "MockRouter": MockRouter,
    "Route": Route,
    "assert_matches_type": assert_matches_type,
    "ResponseFormatT": typing.TypeVar("ResponseFormatT"),
    "is_dict": _is(dict),
    "is_given": lambda value: not isinstance(value, (wenwen.Omit, wenwen.NotGiven)),
    "is_list": _is(list),
    "print_obj": print_obj,
    "external": external,
    "snapshot": snapshot,
    "get_snapshot_value": snapshot,
    "outsource": snapshot,
    "update_env": update_env,
    "PYDANTIC_V1": False,
    "PYDANTIC_V2": True,
    "DefaultHttpxClient": httpx2.Client,
    "DefaultHttpx2Client": httpx2.Client,
    "DefaultAsyncHttpxClient": httpx2.AsyncClient,
    "DefaultAsyncHttpx2Client": httpx2.AsyncClient,
    "DefaultAioHttpClient": httpx2.AsyncClient,
}
SCAFFOLDING = {
    "Absent",
    "Call",
    "Calls",
    "MockRouter",
    "Route",
    "assert_matches_type",
    "print_obj",
    "external",
    "snapshot",
    "get_snapshot_value",
    "outsource",
    "update_env",
}
if OWN:
    PROVIDED |= {
        "assert_signatures_in_sync": assert_signatures_in_sync,
        "type_to_text_format_param": type_to_text_format_param,
        "OpenAI": _client(wenwen.Client, "OpenAI"),
        "AsyncOpenAI": _client(wenwen.AsyncClient, "AsyncOpenAI"),
        "Anthropic": _client(wenwen.Client, "Anthropic"),
        "AsyncAnthropic": _client(wenwen.AsyncClient, "AsyncAnthropic"),
        "OpenAIError": wenwen.WenwenError,
        "AnthropicError": wenwen.WenwenError,
        "HttpxBinaryResponseContent": wenwen.BinaryContent,
        **{
            name: alias(wenwen.APIResponse)
            for name in (
                *("APIResponse", "AsyncAPIResponse", "BaseAPIResponse", "LegacyAPIResponse"),
                *("AsyncBinaryAPIResponse", "BinaryAPIResponse", "StreamedBinaryAPIResponse"),
            )
        },
        "BetaMessageStream": MessageStream,
        "BetaAsyncMessageStream": AsyncMessageStream,
        "NoneType": type(None),
        "ModelInfo": wenwen.types.Model,
        "BaseClient": BaseClient,
        "FinalRequestOptions": FinalRequestOptions,
        "make_request_options": make_request_options,
        "StreamAlreadyConsumed": wenwen.WenwenError,
        "Timeout": wenwen.Timeout,
        "BetaFunctionTool": alias(wenwen.Tool),
        "BetaAsyncFunctionTool": alias(wenwen.Tool),
        "BetaFunctionToolResultType": Any,
        "BetaInputJsonEvent": wenwen.types.messages.InputJsonEvent,
        "InputJsonEvent": wenwen.types.messages.InputJsonEvent,
        "BetaCompactionEvent": wenwen.types.messages.CompactionEvent,
        "BetaToolRunner": alias(wenwen.ToolRunner),
        "BetaStreamingToolRunner": alias(wenwen.ToolRunner),
        "BetaAsyncToolRunner": alias(wenwen.AsyncToolRunner),
        "BetaAsyncStreamingToolRunner": alias(wenwen.AsyncToolRunner),
        **{
            f"{kind}{name}": Page()
            for kind in ("Sync", "Async")
            for name in ("Page", "CursorPage", "ConversationCursorPage")
        },
    }


def named(module: str, name: str) -> Any:
    """A name that a test imports."""
    if name in SCAFFOLDING and not (PEER == "openai" and name == "assert_matches_type" and not OWN):
        return PROVIDED[name]
    if not OWN or module.startswith("tests."):
        found = importlib.import_module(module)
        return getattr(found, name) if hasattr(found, name) else importlib.import_module(f"{module}.{name}")
    if name in PROVIDED:
        return PROVIDED[name]
    parts = module.split(".")
    private = len(parts) > 1 and parts[1].startswith("_")
    if parts[1:2] == ["types"]:
        homes = [f"wenwen.{'.'.join(parts[1:3])}", "wenwen.types"]
    else:
        homes = ["wenwen"]
    for home in homes:
        with contextlib.suppress(ImportError, AttributeError):
            return getattr(importlib.import_module(home), name)
    if not private and name.startswith("_"):
        return Namespace(f"{module}.{name}")
    if name in ("types", "resources"):
        return Namespace(f"{module}.{name}")
    return Absent(f"{module}.{name}")


def module(name: str) -> Any:
    return Namespace(name) if OWN else importlib.import_module(name)


def to_json(value: object) -> str:
    return json.dumps(value)
