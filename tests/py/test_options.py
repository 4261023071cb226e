"""The options of clients and calls: what the core's table has, every signature, copy, pickle and page of help has."""

from __future__ import annotations

import copy
import inspect
import multiprocessing
import pickle
import traceback
import typing
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen import AsyncClient, Client, InsecureConnectionWarning, Timeout, _client
from wenwen._core import Settings
from wenwen.resources._base import Resource, Streaming
from wenwen.testing import LocalGateway
from wenwen.types.shared import DownloadOptions, RequestOptions, UploadOptions

PNG = b"\x89PNG\r\n\x1a\n"
SECRET = "sk-hides-x1y2z3"
PACKAGE = str(Path(wenwen.__file__).parent)
# Each with a value that is not its default; of those that may be secret, what is no secret of it comes back.
VALUES: dict[str, Any] = {
    "api_key": "sk-another",
    "base_url": "http://127.0.0.1:9/root",
    "timeout": Timeout(7, connect=1, first_event=2, idle=3),
    "max_retries": 7,
    "max_response_bytes": 12345,
    "default_headers": {"user-agent": "mine", "x-stainless-lang": None},
    "default_query": {"a": "1", "b": ["x", "y"]},
    "organization": "org-1",
    "project": "proj-1",
    "auth_token": "token-1",
    "anthropic_version": "2099-01-01",
    "proxy": "http://127.0.0.1:3128/",
    "verify": False,
    "cert": (__file__, __file__),
    "allow_private": True,
    "on_request": print,
    "on_response": print,
    "on_attempt": print,
}
# They stay behind when a client is pickled.
LEFT = ("api_key", "auth_token", "on_request", "on_response", "on_attempt")
HIDDEN: dict[str, Any] = {
    "api_key": SECRET,
    "base_url": f"http://127.0.0.1/?key={SECRET}",
    "default_headers": {"x-any": SECRET},
    "default_query": {"key": SECRET},
    "auth_token": SECRET,
    "proxy": f"http://user:{SECRET}@127.0.0.1:9",
    "extra_headers": {"x-any": SECRET},
    "extra_query": {"key": SECRET},
}
DEFAULTS = Settings({}).options()

pytestmark = pytest.mark.filterwarnings("ignore::wenwen.InsecureConnectionWarning")


@pytest.fixture(autouse=True)
def configured(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the environment, as each process begins."""
    monkeypatch.setenv("WENWEN_API_KEY", "sk-there")
    monkeypatch.setattr(_client, "_default", None)


def options_of(part: Any) -> dict[str, Any]:
    return part._settings.options()  # type: ignore[no-any-return]


def test_the_values_are_of_the_table() -> None:
    assert list(VALUES) == list(Settings.OPTIONS)
    assert set(HIDDEN) == set(Settings.SECRET_OPTIONS)
    assert list(DEFAULTS) == [name for name in VALUES if name not in LEFT]
    # Which a client's page of help says.
    assert "Pickles without its key" in (Client.__doc__ or "") and "without hooks" in (Client.__doc__ or "")


@pytest.mark.parametrize("name", VALUES)
def test_a_value_goes_along(call: Call, name: str) -> None:
    """And changes nothing else."""
    expected = {**DEFAULTS, name: VALUES[name]}
    for left in LEFT:
        expected.pop(left, None)
    made = call.new_client(**{name: VALUES[name]})
    plain = call.new_client()
    wenwen.configure(**{name: VALUES[name]})
    ways = {
        "new": made,
        "with_options": plain.with_options(**{name: VALUES[name]}),
        "with_options of it": made.with_options(),
        "with_options of another option": made.with_options(max_retries=VALUES["max_retries"]),
        "copy": copy.copy(made),
        "deepcopy": copy.deepcopy(made),
        "pickle": pickle.loads(pickle.dumps(made)),
        "a part's pickle": pickle.loads(pickle.dumps(made.responses)),
        "a part's copy": copy.copy(made.chat.completions),
    }
    for way, client in ways.items():
        also = {"max_retries": VALUES["max_retries"]} if way == "with_options of another option" else {}
        assert options_of(client) == {**expected, **also}, way
        assert client._settings.has_key
    assert (_client._default and _client._default.options()) == expected
    if name.startswith("default_"):
        with pytest.raises(AttributeError, match="with_options adds"):
            setattr(plain, name, VALUES[name])
    else:
        setattr(plain, name, VALUES[name])
        assert options_of(plain) == expected
    assert options_of(plain.responses) == options_of(plain)


def test_values_in_a_spawned_process() -> None:
    clients: list[Any] = [
        kind(**{name: value}) for kind in (Client, AsyncClient) for name, value in VALUES.items() if name not in LEFT
    ]
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        there = list(pool.map(options_of, [*clients, *(client.responses for client in clients)]))
    assert there == [options_of(client) for client in clients] * 2


@pytest.mark.parametrize("name", [name for name in VALUES if name not in LEFT])
def test_none_is_not_given(name: str) -> None:
    assert options_of(Client(**{"api_key": "sk-1", name: None})) == DEFAULTS
    changed = Client(api_key="sk-1").with_options(**{name: VALUES[name]})
    assert options_of(changed.with_options(**{name: None})) == options_of(changed)


def test_with_options_keeps_the_key_or_changes_it(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, api_key="sk-1")
    for made, key in (
        (client.with_options(max_retries=1), "sk-1"),
        (client.with_options(api_key="sk-2"), "sk-2"),
        (client.with_options(api_key=lambda: "sk-3").with_options(timeout=9), "sk-3"),
        (client.with_options(api_key=lambda: "sk-3").with_options(api_key="sk-4"), "sk-4"),
    ):
        call(made, model="gpt-5", input="Hello!")
        assert gateway.last_request is not None
        assert gateway.last_request.header("authorization") == f"Bearer {key}"


# Names


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_signatures_have_all_in_the_tables_order(kind: type[Any]) -> None:
    for function in (kind, kind.with_options, kind.copy, wenwen.configure):
        parameters = inspect.signature(function).parameters.values()
        named = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
        own = [] if function in (kind, wenwen.configure) else ["set_default_headers", "set_default_query"]
        assert named == [*Settings.OPTIONS, *own], function
        assert all(one.default is None for one in parameters if one.kind is one.KEYWORD_ONLY)
    hints = [typing.get_type_hints(f) for f in (kind.__init__, kind.with_options, wenwen.configure)]
    assert [{name: hint[name] for name in VALUES} for hint in hints] == [{name: hints[0][name] for name in VALUES}] * 3


def documented(text: str | None) -> dict[str, str]:
    """Name to what is said of it, where a line begins with `name:` or `name, other:`."""
    said: dict[str, str] = {}
    names: list[str] = []
    for line in inspect.cleandoc(text or "").splitlines():
        head, colon, _ = line.partition(": ")
        if not line.startswith(" ") and colon and all(name.isidentifier() for name in head.split(", ")):
            names = head.split(", ")
        elif not line.startswith(" "):
            names = []
        for name in names:
            said[name] = f"{said.get(name, '')} {line.strip()}"
    return said


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_help_has_all_with_their_defaults(kind: type[Any]) -> None:
    said = documented(kind.__doc__)
    assert list(said) == list(Settings.OPTIONS)
    shown = {**{name: f"({value})" for name, value in DEFAULTS.items()}}
    shown |= {
        "base_url": DEFAULTS["base_url"],
        "timeout": f"({DEFAULTS['timeout'].total:g})",
        "max_response_bytes": f"({DEFAULTS['max_response_bytes'] >> 20} MiB)",
        "anthropic_version": f'("{DEFAULTS["anthropic_version"]}")',
    }
    # What is empty or the environment's is said in words.
    for name in ("default_headers", "default_query", "proxy", "verify"):
        assert shown.pop(name) in ("({})", "(None)", "(True)")
    assert {name: text for name, text in shown.items() if text not in said[name]} == {}


def test_the_options_of_calls_have_one_type_and_one_page() -> None:
    for kind, names in (
        (RequestOptions, Settings.CALL_OPTIONS),
        (DownloadOptions, Settings.DOWNLOAD_OPTIONS),
        (UploadOptions, Settings.UPLOAD_OPTIONS),
    ):
        # These two are of the signatures' overloads.
        expected = set(names) - {"stream", "as_dict"}
        assert set(typing.get_type_hints(kind)) == expected
        pages = [base.__doc__ for base in (RequestOptions, kind)]
        assert set(documented("\n".join(map(inspect.cleandoc, filter(None, pages))))) == expected


def methods(client: Any) -> Iterator[tuple[str, Any]]:
    """What sends a request: the methods of a client's parts, their raw and streaming forms, and the functions."""
    waiting: list[tuple[str, Any]] = [("client", client)]
    while waiting:
        path, owner = waiting.pop()
        for name in dir(type(owner._resource if isinstance(owner, Streaming) else owner)):
            if name.startswith("_") or name in ("with_options", "with_tags", "copy", "close", "aclose", "is_closed"):
                continue
            found = getattr(owner, name)
            if isinstance(found, (Resource, Streaming)):
                if path.count("with_") == 0 or "with_" not in name:
                    waiting.append((f"{path}.{name}", found))
            elif (
                callable(found)
                and name != "wait"
                and not (name in ("parse", "run", "stream", "tool_runner") and "with_" in path)
            ):
                yield f"{path}.{name}", found
    module: Any = wenwen.aio if isinstance(client, AsyncClient) else wenwen
    for name in __import__("wenwen._names", fromlist=("",)).FUNCTIONS:
        yield name, getattr(module, name)


def test_every_call_takes_them_and_no_others(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    wenwen.configure(api_key="sk-1", base_url=gateway.root, proxy=False)
    client = call.client(gateway)
    found = dict(methods(client))
    assert len(found) > 100
    values: dict[str, Any] = {"messages": [{"role": "user", "content": "a"}], "base64Array": [PNG, PNG], "ids": ["1"]}
    values |= {"base64": PNG, "url": "http://127.0.0.1:9/x", "text_format": Pet}
    values |= {"data": ["a"], "contents": ["a"], "response_format": Pet, "image": PNG, "file": b"RIFF"}
    for path, method in found.items():
        parameters = inspect.signature(method).parameters
        takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters.values())  # get, post, delete: see their help
        known = Settings.DOWNLOAD_OPTIONS if path.endswith("download") else Settings.CALL_OPTIONS
        missing = set(known) - {"stream", "as_dict"} - set(parameters)
        assert takes_any or not missing, path
        assert "allow_private" not in parameters or path.endswith("download"), path
        needed = [name for name, one in parameters.items() if one.default is one.empty and one.kind < one.VAR_KEYWORD]
        given = {name: values.get(name, "a") for name in needed if name not in known}
        if "path" in given:
            given["path"] = "/v1/x" if takes_any else tmp_path / "file"
        # A misspelt option, a client's, another endpoint's.
        for wrong in ("max_retrys", "verify", "default_query", "allow_private"):
            if wrong in known:
                continue
            with pytest.raises(TypeError, match=wrong):
                send(call, method, {**given, wrong: None if wrong == "max_retrys" else 1})
    assert gateway.requests == []
    assert not list(tmp_path.iterdir())


class Pet:
    """Stands for a pydantic model."""

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {"type": "object", "properties": {}}

    @classmethod
    def model_validate_json(cls, text: str) -> Pet:
        return cls()


def send(call: Call, method: Any, given: dict[str, Any]) -> None:
    made = call.wait(method(**given))
    if hasattr(made, "__enter__") or hasattr(made, "__aenter__"):
        with call.open(made):
            pass


@pytest.mark.parametrize("name", ["nonsense", "", "API_KEY", "extra_headers", "stream", "as_dict", "extra_body"])
def test_a_client_has_no_others(call: Call, name: str, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    makers: list[Callable[..., object]] = [
        *(call.new_client, client.with_options, client.copy, wenwen.configure, lambda **o: call.client(gateway, **o)),
        lambda **o: Settings(o),
        lambda **o: _client._rebuild(type(client), o),
    ]
    for make in makers:
        for value in (None, 1, "a"):
            with pytest.raises(TypeError, match=f"'{name}'"):
                make(**{name: value})


@pytest.mark.parametrize("count", [0, 1, len(VALUES) - 1, len(VALUES) + 1, 99])
def test_all_values_are_given_or_none(count: int) -> None:
    with pytest.raises(TypeError, match=f"{count} values for the {len(VALUES)} options"):
        Settings({}).replace(*[None] * count)


# Queries


def deep(levels: int, each: Callable[[Any], Any]) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = each(value)
    return value


IN_MAPS, IN_LISTS, IN_BOTH = (lambda v: {"a": v}), (lambda v: [v]), (lambda v: ({"a": v},))
CIRCLE: dict[str, Any] = {}
CIRCLE["a"] = [CIRCLE]


@pytest.mark.parametrize("option", ["default_query", "extra_query", "query"])
def test_what_a_query_may_hold(call: Call, gateway: LocalGateway, option: str) -> None:
    client = call.client(gateway)

    def ask(value: Any) -> str:
        if option == "default_query":
            call.wait(client.with_options(default_query={"q": value}).get("/v1/models"))
        else:
            call.wait(client.get("/v1/models", **{option: {"q": value}}))
        assert gateway.last_request is not None
        return urllib.parse.unquote_plus(gateway.last_request.query)

    for value, sent in (
        ("a b", "q=a b"),
        (True, "q=true"),
        (1.5, "q=1.5"),
        (None, ""),
        ([], ""),
        ({}, ""),
        (["a", "b"], "q[]=a&q[]=b"),
        ((1, False), "q[]=1&q[]=false"),
        ({"a": 1, "b": "x"}, "q[a]=1&q[b]=x"),
        ({"a": [1, {"b": 2}]}, "q[a][]=1&q[a][][b]=2"),
        ([[1]], "q[][]=1"),
    ):
        assert ask(value) == sent, value
    for wrong in (b"abc", bytearray(b"abc"), memoryview(b"abc"), [b"abc"], {"a": b"abc"}):
        with pytest.raises(TypeError, match="bytes"):
            ask(wrong)
    for each in (IN_MAPS, IN_LISTS, IN_BOTH):
        assert ask(deep(20, each)).endswith("=x")
        with pytest.raises(ValueError, match=r"^q: more than 200 levels deep"):
            ask(deep(100_000, each))
    with pytest.raises(ValueError, match=r"^q: more than 200 levels deep, or it contains itself"):
        ask(CIRCLE)


def test_a_nested_query_goes_along(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, default_query={"q": {"a": [1, 2], "b": [[3]]}})
    call.wait(pickle.loads(pickle.dumps(client)).get("/v1/models", extra_headers={"authorization": "Bearer sk-local"}))
    assert gateway.last_request is not None
    assert urllib.parse.unquote(gateway.last_request.query) == "q[a][]=1&q[a][]=2&q[b][][]=3"


# Secrets


def frames(error: BaseException) -> str:
    """The locals of our frames, as a traceback shows them."""
    shown = [
        repr(frame.f_locals)
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename.startswith(PACKAGE)
    ]
    assert shown
    return f"{error} {error!r} {shown}"


@pytest.fixture
def with_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `python -X dev` shows them."""
    monkeypatch.setattr("wenwen._frames.SHOWN", True)


@pytest.mark.usefixtures("with_frames")
@pytest.mark.parametrize("name", HIDDEN)
def test_a_secret_value_is_in_no_frame_and_no_pickle(call: Call, name: str, gateway: LocalGateway) -> None:
    if name in Settings.OPTIONS:
        client = call.client(gateway)
        for make in (call.new_client, client.with_options, wenwen.configure):
            with pytest.raises((ValueError, TypeError)) as caught:
                make(**{"api_key": "sk-1", name: HIDDEN[name], "verify": 5})
            assert SECRET not in frames(caught.value)
        if name != "base_url":
            made = call.new_client(**{"api_key": SECRET, name: HIDDEN[name]})
            assert SECRET.encode() not in pickle.dumps(made) + pickle.dumps(made.responses)
            assert SECRET not in f"{made!r} {made._settings!r} {options_of(made)}"
    else:
        for path, method in methods(call.client(gateway)):
            if path.endswith("responses.create") or path == "create_response":
                with pytest.raises((ValueError, TypeError)) as caught:
                    send(call, method, {"model": "m", "input": "a", name: HIDDEN[name], "timeout": "soon"})
                assert SECRET not in frames(caught.value), path


def test_the_check_of_certificates_is_warned_of_however_it_is_turned_off() -> None:
    dumped = pickle.dumps(Client(verify=False))
    for make in (
        lambda: Client(verify=False),
        lambda: Client().with_options(verify=False),
        lambda: pickle.loads(dumped),
    ):
        with pytest.warns(InsecureConnectionWarning):
            make()
