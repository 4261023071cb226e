"""Values of the user's that call back into the object they are given to, while the collector and other threads run.

Over every class of the core and all that can be called of it, each class in a process of its own: whatever comes of it
is an ordinary exception, never a panic, a deadlock or a crash.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import functools
import gc
import inspect
import itertools
import subprocess
import sys
import threading
import unittest.mock
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import wenwen
from wenwen import _core
from wenwen.testing import LocalGateway

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
CLASSES = sorted(name for name, value in vars(_core).items() if isinstance(value, type))
# What nothing calls in passing, because it waits: for a request, for a letter.
WAITS = {("Gateway", "next_call"), ("Gateway", "wait"), ("Mailbox", "wait")}
STEPS = 300.0  # seconds until a deadlock is taken for one


FAILED: list[str] = []
POKES: list[int] = [0]


# Values


class Poker:
    """Calls what can be called of a target, wherever it is itself called."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.inside = threading.local()
        self.pokes = 0

    def __call__(self) -> None:
        if getattr(self.inside, "yes", False):
            return
        self.inside.yes = True
        try:
            self.pokes += 1
            POKES[0] += 1
            target, name = self.target, type(self.target).__name__
            for method in members(target):
                # What is Python, showing itself above all, is a hundred times slower and calls what is not.
                if self.pokes % 16 != 1 and isinstance(getattr(type(target), method, None), (FunctionType, property)):
                    continue
                if (name, method) not in WAITS and method not in ("close", "_abandon", "_leave", "__exit__"):
                    attempt(getattr, target, method)
                    attempt(lambda method: getattr(target, method)(), method)
            for act in (repr, str, len, hash, list, dict, memoryview, bool):
                attempt(act, target)
            attempt(lambda: target == target)
            attempt(setattr, target, "field", 1)
            attempt(lambda: target.__setitem__("other", [1]))
            attempt(lambda: target.__delitem__("other"))
            attempt(lambda: target.clear())
            if self.pokes % 64 == 1:  # a thorough collection takes a while; the threshold brings small ones
                gc.collect()
        finally:
            self.inside.yes = False


def members(target: Any) -> list[str]:
    own = [name for name in dir(type(target)) if not name.startswith("__") and name != "mro"]
    found = [
        "__iter__",
        "__next__",
        "__len__",
        "__copy__",
        "__reduce__",
        "__enter__",
        "__exit__",
        "__array__",
        "__bytes__",
    ]
    return own + [name for name in found if hasattr(type(target), name)]


def attempt(action: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Whatever it raises, unless nobody would catch it."""
    try:
        return action(*args, **named)
    except Exception as error:
        check(error)
    return None


def check(error: BaseException | None) -> None:
    """A panic, of pyo3's own class, is a RuntimeError of ours: it would pass for any other, so it is written down."""
    while error is not None:
        text = f"{type(error).__name__}: {error}"
        if any(
            word in text for word in ("PanicException", "InternalError", "lready borrowed", "lready mutably borrowed")
        ):
            FAILED.append(text)
        error = error.__cause__ or error.__context__


def poking(name: str, answer: Callable[[Any], Any]) -> Callable[..., Any]:
    def special(self: Any, *_: Any, **__: Any) -> Any:
        self.poke()
        return answer(self)

    special.__name__ = name
    return special


def evil(base: type, *args: Any, **answers: Callable[[Any], Any]) -> Callable[[Poker], Any]:
    """Makes a value of a class like `base`, each of whose special methods pokes first."""
    names = {f"__{name}__": answer for name, answer in answers.items()}
    body = {name: poking(name, answer) for name, answer in names.items()}
    if base is dict:
        body |= {name: poking(name, lambda self, name=name: getattr(dict, name)(self)) for name in ("items", "keys")}
    if base is object:
        body |= {"items": poking("items", lambda _: [("a", 1)]), "keys": poking("keys", lambda _: ["a"])}
    cls = type(f"Evil_{base.__name__}", (base,), body)

    def make(poke: Poker) -> Any:
        value = cls(*args)
        value.poke = poke
        return value

    return make


VALUES: dict[str, Callable[[Poker], Any]] = {
    "object": evil(
        object,
        **{name: lambda _: "a" for name in ("str", "repr", "fspath", "format")},
        **{name: lambda _: 1 for name in ("int", "index", "hash", "len", "length_hint", "call")},
        **{name: lambda _: True for name in ("eq", "lt", "contains", "bool")},
        iter=lambda _: iter(["a"]),
        getitem=lambda _: 1,
        float=lambda _: 1.0,
        bytes=lambda _: b"a",
        enter=lambda _: None,
        **{"del": lambda _: None},
    ),
    "str": evil(
        str, "input", str=lambda _: "input", hash=lambda self: str.__hash__(self), eq=lambda _: True, repr=lambda _: "x"
    ),
    "int": evil(int, 3, index=lambda _: 3, int=lambda _: 3, str=lambda _: "3", eq=lambda _: True, hash=lambda _: 3),
    "float": evil(float, 0.5, float=lambda _: 0.5, str=lambda _: "0.5", repr=lambda _: "0.5"),
    "bytes": evil(bytes, b"abc", bytes=lambda _: b"abc", len=lambda _: 3, iter=lambda _: iter(b"abc")),
    "list": evil(list, ["a", 1], iter=lambda self: list.__iter__(self), len=lambda _: 2, getitem=lambda _: "a"),
    "dict": evil(
        dict,
        {"input": 1},
        iter=lambda self: dict.__iter__(self),
        len=lambda _: 1,
        getitem=lambda _: 1,
        bool=lambda _: True,
    ),
    "exception": evil(ValueError, "x", str=lambda _: "x", repr=lambda _: "x"),
}


def rubbish(poke: Poker) -> None:
    """A circle that the next collection finalizes, wherever that is."""
    value = VALUES["object"](poke)
    value.circle = value


# Objects


def held(gateway: LocalGateway) -> dict[str, Callable[[], Any]]:
    """A function for each class that makes an object of it."""
    client = gateway.client()
    responses, speech = client.responses, client.audio.speech
    said: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "Hello!"}
    vectors: dict[str, Any] = {"model": "text-embedding-3-small", "input": ["a", "b"], "dimensions": 4}

    def request() -> Any:
        responses.create(**HELLO)
        return gateway._core.last_request  # type: ignore[union-attr]

    def call() -> Any:
        core = gateway._core
        assert core is not None
        core.set_handler(True)
        threading.Thread(target=attempt, args=(lambda: responses.create(**HELLO, timeout=2),), daemon=True).start()
        found = core.next_call(20)
        core.set_handler(False)
        return found

    def slot() -> Any:
        """As the loop's thread gets one, to put a key into it."""
        found: list[Any] = []

        async def answer_key(function: object, slot: Any) -> None:
            found.append(slot)

        async def main() -> None:
            asks = gateway.async_client(api_key=lambda: "sk-1").responses.create(**HELLO)
            task = asyncio.ensure_future(asks)
            while not found:
                await asyncio.sleep(0.001)
            task.cancel()

        with unittest.mock.patch("wenwen._loop.answer_key", answer_key):
            asyncio.run(main())
        return found[0]

    def body() -> Any:
        return responses.with_streaming_response.create(**HELLO).__enter__()._body

    stores = itertools.count()

    def template() -> Any:
        from wenwen.resources.responses import CREATE

        return _core.JobTemplate(client._settings, CREATE, {"model": "gpt-5"}, [])

    def engine() -> Any:
        return _core.JobEngine(template(), f"{next(stores)}.db", [])

    def ended() -> Any:
        rows: list[Any] = []
        job = engine()
        job.put(None, {"input": "Hello!"}, "Hello!")
        job.finish()
        while not rows:
            job.take(rows, 1, True)
        job.close()
        return rows[0]

    def file() -> Any:
        ended()
        return _core.JobFile(f"{next(stores) - 1}.db")

    return {
        "APIResponse": lambda: responses.with_raw_response.create(**HELLO),
        "BinaryContent": lambda: speech.create(**said),
        "Body": body,
        "EndedRow": ended,
        "Endpoint": lambda: _core.Endpoint(
            "responses.create", lambda: (None, None), lambda: (None, None), lambda: ({"model": 1}, ["model"])
        ),
        "Gateway": lambda: _core.Gateway(),
        "GatewayCall": call,
        "GatewayReply": lambda: _core.GatewayReply(),
        "GatewayRequest": request,
        "Headers": lambda: _core.Headers([("a", "1"), ("b", "2")]),
        "Hidden": lambda: _core.hide(5)[0],
        "JobEngine": engine,
        "JobFile": file,
        "JobGovernor": lambda: _core.JobGovernor(f"{next(stores)}.db", "127.0.0.1", 0, "a token"),
        "JobPlan": lambda: _core.JobPlan(template(), None),
        "JobTemplate": template,
        "KeySlot": slot,
        "Mailbox": lambda: _core.Mailbox(True),
        "Object": lambda: _core.Object({"a": {"b": [1, {"c": 2}]}, "field": "x"}),
        "Relay": lambda: _core.Relay(client._settings, "GET", client.base_url, [], b"", (None,) * 4),
        "Reply": lambda: responses.create(**HELLO),
        "SentRequest": lambda: responses.with_raw_response.create(**HELLO).http_request,
        "Settings": lambda: client._settings,
        "Stream": lambda: responses.create(**HELLO, stream=True),
        "Timeout": lambda: wenwen.Timeout(5),
        "Vector": lambda: client.embeddings.create(**vectors).data[0],
        "Vectors": lambda: client.embeddings.create(**vectors),
    }


# What is done with each, in a process of its own


def work(name: str) -> None:
    if name == "functions":
        functions()
        return
    with LocalGateway() as gateway:
        make = held(gateway)[name]
        seen: set[str] = set()
        for kind, count in itertools.product(VALUES, range(4)):
            gc.freeze()  # modules are not looked through at each step
            target = make()
            poke = Poker(target)
            for way, act in ways(target, functools.partial(VALUES[kind], poke), count).items():
                rubbish(poke)
                attempt(act)
                seen.add(way)
            attempt(repr, target)
        assert len(seen) > 10
        last = make()
        stop = threading.Event()
        thread = threading.Thread(target=lambda: [Poker(last)() for _ in iter(stop.is_set, True)])
        thread.start()
        for _ in range(20):
            Poker(last)()
        stop.set()
        thread.join()
        # And all of it works still.
        assert gateway.client().responses.create(**HELLO).output_text


def ways(target: Any, value: Callable[[], Any], count: int) -> dict[str, Callable[[], Any]]:
    """What can be done with an object and values: its methods with that many of them; with none, all else."""
    cls, found = type(target), members(target)

    def method(name: str) -> Callable[[], Any]:
        return lambda: getattr(target, name)(*[value() for _ in range(count)])

    def by_name(name: str) -> Callable[[], Any]:
        return lambda: getattr(target, name)(**{each: value() for each in names(getattr(target, name))})

    methods = {name: method(name) for name in found if (cls.__name__, name) not in WAITS or count}
    if count:
        return methods
    return methods | {
        **{f"{name} by name": by_name(name) for name in found},
        "getattr": lambda: getattr(target, value()),
        "setattr": lambda: setattr(target, "field", value()),
        "a name of their own": lambda: setattr(target, value(), value()),
        "getitem": lambda: target[value()],
        "setitem": lambda: target.__setitem__("input", value()),
        "setitem, again": lambda: target.__setitem__("input", value()),
        "a key of their own": lambda: target.__setitem__(value(), value()),
        "delitem": lambda: target.__delitem__(value()),
        "in": lambda: value() in target,
        "eq": lambda: (target == value(), value() == target, target != value()),
        "call": lambda: cls(value()),
        "call with data": lambda: cls({"input": value()}),
        "call by name": lambda: cls(**{each: value() for each in names(cls)}),
    }


def names(function: Any) -> list[str]:
    """What it takes by name."""
    try:
        return [name for name in inspect.signature(function).parameters if name not in ("self", "args", "kwargs")]
    except (TypeError, ValueError):
        return []


def functions() -> None:
    """What is sent: parameters and options of a call, which poke the client, the parameters and a reply."""
    with LocalGateway() as gateway:
        client = gateway.client()
        reply = client.responses.create(**HELLO)
        for kind, target in itertools.product(VALUES, (reply, client._settings, {"a": [1]}, gateway._core)):
            poke = Poker(target)
            sent(client, target, functools.partial(VALUES[kind], poke), functools.partial(rubbish, poke))
        shared_with_a_thread(client)
        assert client.responses.create(**HELLO).output_text


def sent(client: Any, target: Any, value: Callable[[], Any], litter: Callable[[], None]) -> None:
    create = client.responses.create
    for name in ("input", "metadata", "model", "tools", "temperature", "extra_headers", "extra_query", "extra_body"):
        for each in (value(), {"a": value()}, [value(), {"b": [value()]}]):
            litter()
            attempt(create, **{**HELLO, name: each})
    for name in ("timeout", "max_retries", "max_response_bytes", "stream", "as_dict"):
        attempt(create, **{**HELLO, name: value()})
    for name in _core.Settings.OPTIONS:
        for each in (value(), {"a": value()}):
            attempt(client.with_options, **{name: each})
    attempt(lambda: create(**{**HELLO, value(): 1}))
    for file in (value(), (value(), value()), ("a.wav", value(), value())):
        attempt(client.audio.transcriptions.create, file=file, model=value())
    params = {"input": value(), "metadata": {"a": value()}, "model": value(), "x": target}
    attempt(client.get, value(), query={"a": value()})
    attempt(client.post, "/v1/responses", body=params, cast_to=value())
    for each in (value(), [value()], {"a": value()}, attempt(lambda: {value(): 1}), params):
        attempt(_core.dumps, each)
        attempt(lambda each: _core.Object({"a": each}).to_json(), each)
        attempt(lambda each: _core.Object({"a": each}).to_dict(exclude_none=True), each)
        attempt(_core.hide_in, {"extra_query": each})
        attempt(_core.add_query, {"extra_query": each}, each)


def shared_with_a_thread(client: Any) -> None:
    """Another thread changes what is being written."""
    params: dict[str, Any] = {**HELLO, "metadata": {str(n): [n] for n in range(50)}, "tools": [{"a": 1}] * 50}
    reply = _core.Object({"a": dict(params["metadata"])})
    stop = threading.Event()

    def change() -> None:
        for n in itertools.count():
            if stop.is_set():
                return
            for each in (params["metadata"], reply["a"]):
                each[str(n % 99)] = [n] if n % 2 else {"n": n}
                if str(n * 7 % 99) in each:
                    del each[str(n * 7 % 99)]
            if n % 3:
                params["tools"].append({"n": n})
            else:
                del params["tools"][: n % 5]

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for n in range(200):
            attempt(lambda: _core.dumps(params))
            attempt(lambda: (reply.to_json(), reply.to_dict(), repr(reply), list(reply.a or ())))
            if n % 10 == 0:
                attempt(lambda: client.responses.create(**params))
                attempt(lambda: client.get("/v1/models", query={"a": params["metadata"], "b": params["tools"]}))
    finally:
        stop.set()
        thread.join()


# The tests


def test_every_class_is_there() -> None:
    with LocalGateway() as gateway:
        assert sorted(held(gateway)) == CLASSES


@pytest.mark.parametrize("name", [*CLASSES, "functions"])
def test_values_that_call_back(name: str, tmp_path: Path) -> None:
    command = [sys.executable, __file__, name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 * STEPS, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stdout + done.stderr[-4000:]
    assert "panicked" not in done.stderr and "PanicException" not in done.stderr, done.stderr[-4000:]


def unraisable(hook: Any) -> None:
    """Of finalizers: to be looked at as any other."""
    check(hook.exc_value)


if __name__ == "__main__":
    faulthandler.dump_traceback_later(STEPS, exit=True)
    sys.unraisablehook = unraisable
    warnings.simplefilter("ignore")
    sys.setswitchinterval(1e-5)
    gc.set_threshold(3, 3, 3)
    with contextlib.redirect_stdout(None):  # where a stream shows itself
        work(sys.argv[1])
    print("\n".join(dict.fromkeys(FAILED)) or "done")
    sys.exit(bool(FAILED) or POKES[0] < 50)
