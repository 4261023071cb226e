"""Functions as tools: what a model is told of them, what it may give, and plain calls that hold them."""

# ruff: noqa: UP007, UP045 (annotations as people write them)

from __future__ import annotations

import asyncio
import copy
import dataclasses
import datetime
import decimal
import enum
import functools
import gc
import json
import math
import pickle
import subprocess
import sys
import uuid
import warnings
import weakref
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Optional, TypedDict, TypeVar, Union, Unpack

import attrs
import msgspec
import pydantic
import pytest
import typing_extensions
from conftest import Call
from test_run import DIALECTS

import wenwen
from wenwen import Injected
from wenwen._tools import tools_of
from wenwen.testing import LocalGateway


def tool(function: Any, **options: Any) -> wenwen.Tool[..., Any]:
    return wenwen.tool(**options)(function) if options else tools_of([function])[0]


def properties(function: Any) -> dict[str, Any]:
    return dict(tool(function).parameters["properties"])


# What a docstring says

DOCSTRINGS = {
    "google": """Does it.

    In two ways.

    Args:
        city: where it is,
            and more.
        days (int, optional): how many:
            - one
            - two
        nothing: no parameter of it.

    Returns:
        str: city: the thing.

    Raises:
        ValueError: never.
    """,
    "google without empty lines": """Does it.
    In two ways.
    Args:
      city (Literal["a", "b(c)"]): where it is, and more.
      days - how many: - one - two
    Returns: the thing.""",
    "numpy": """Does it.

    In two ways.

    Parameters
    ----------
    city : str
        where it is,
        and more.
    days (optional)
        how many:
        - one
        - two
    other
        thing

    Returns
    -------
    str
        the thing
    """,
    "sphinx": """Does it.

    In two ways.

    :param str city: where it is,
        and more.
    :param days: how many:
        - one
        - two
    :type days: int
    :return: the thing
    :raises ValueError: never
    """,
    "epydoc": """Does it.

    In two ways.

    @param city: where it is, and more.
    @type city: str
    @param days: how many: - one - two
    @return: the thing
    """,
}


@pytest.mark.parametrize("style", DOCSTRINGS)
def test_docstrings(style: str) -> None:
    def act(city: str, days: int = 1) -> str:
        return city

    act.__doc__ = DOCSTRINGS[style]
    made = tool(act)
    assert " ".join((made.description or "").split()) == "Does it. In two ways."
    told = {name: " ".join(one["description"].split()) for name, one in made.parameters["properties"].items()}
    assert told == {"city": "where it is, and more.", "days": "how many: - one - two"}


def test_docstrings_that_say_little() -> None:
    def act(city: str) -> str:
        return city

    for doc, about in [
        (None, None), ("", None), ("\n", None), ("Does it", "Does it"), ("Args:\n    city: x", None),
        ("Args are none: it says so.", "Args are none: it says so."),
        ("Does it.\n\nArgs:\n    city: x\n\nAnd more.", "Does it.\n\nAnd more."),
        ("Does it.\n\nExample:\n    >>> act('x')", "Does it.\n\nExample:\n    >>> act('x')"),
    ]:  # fmt: skip
        act.__doc__ = doc
        assert wenwen.tool(act).description == about
        written = wenwen.tool(act).to_dict("chat")["function"]
        assert written.get("description") == about and ("description" in written) is bool(about)


def test_an_annotation_says_more_than_a_docstring() -> None:
    def act(
        city: Annotated[str, "the city"],
        days: Annotated[int, pydantic.Field(description="the days", ge=1)] = 2,
        unit: str = pydantic.Field("c", description="the unit"),
        rest: str = "",
    ) -> Any:
        """
        Args:
            city: x
            days: x
            unit: x
            rest: the rest
        """
        return city, days, unit, rest

    told = {name: one["description"] for name, one in properties(act).items()}
    assert told == {"city": "the city", "days": "the days", "unit": "the unit", "rest": "the rest"}
    assert properties(act)["days"]["minimum"] == 1
    made = tool(act)
    assert made.parameters["required"] == ["city"]
    assert made.call({"city": "x"}) == ("x", 2, "c", "")
    with pytest.raises(ValueError, match="days: Input should be greater"):
        made.parse({"city": "x", "days": 0})


# What a signature says


class Unit(enum.Enum):
    C = "c"
    F = "f"


class Number(enum.IntEnum):
    ONE = 1


class Model(pydantic.BaseModel):
    x: int
    y: list[Model] = []


class Struct(msgspec.Struct):
    x: int


@dataclasses.dataclass
class Data:
    x: int


@attrs.define
class Attrs:
    x: int


class Typed(TypedDict):
    x: int


# The annotation, what a model gives, and what the function gets.
ANNOTATIONS: list[tuple[Any, Any, Any]] = [
    (str, "a", "a"),
    (int, 7, 7),
    (int, "7", 7),
    (float, 7, 7.0),
    (bool, True, True),
    (list[str], ["a"], ["a"]),
    (set[int], [1], {1}),
    (tuple[int, str], [1, "a"], (1, "a")),
    (dict[str, int], {"a": 1}, {"a": 1}),
    (dict, {"a": 1}, {"a": 1}),
    (list, [1], [1]),
    (Any, {"a": [1]}, {"a": [1]}),
    (Literal["a", "b"], "b", "b"),
    (Literal[1, 2], 2, 2),
    (Optional[int], None, None),
    (Union[int, str], "a", "a"),
    (int | None, 3, 3),
    (list[int] | None, None, None),
    (Optional[list[str]], ["a"], ["a"]),
    (Unit, "f", Unit.F),
    (Number, 1, Number.ONE),
    (Model, {"x": 1, "y": [{"x": 2}]}, Model(x=1, y=[Model(x=2)])),
    (list[Model], [{"x": 1}], [Model(x=1)]),
    (Data, {"x": 1}, Data(1)),
    (Typed, {"x": 1}, {"x": 1}),
    (Struct, {"x": 1}, Struct(1)),
    (list[Struct], [{"x": 1}], [Struct(1)]),
    (Attrs, {"x": 1}, Attrs(1)),
    (datetime.date, "2025-01-02", datetime.date(2025, 1, 2)),
    (datetime.datetime, "2025-01-02T03:04:05Z", datetime.datetime(2025, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)),
    (decimal.Decimal, "1.5", decimal.Decimal("1.5")),
    (uuid.UUID, "12345678-1234-5678-1234-567812345678", uuid.UUID("12345678-1234-5678-1234-567812345678")),
    (Annotated[int, pydantic.Field(ge=1)], 1, 1),
    (Annotated[int, msgspec.Meta(ge=1), "told"], 1, 1),
]


@pytest.mark.parametrize(("annotation", "given", "got"), ANNOTATIONS, ids=lambda value: str(value)[:40])
def test_annotations(call: Call, annotation: Any, given: Any, got: Any) -> None:
    seen: list[Any] = []

    def act(value: annotation) -> None:  # type: ignore[valid-type]
        seen.append(value)

    def maybe(value: annotation = None) -> None:  # type: ignore[valid-type]
        seen.append(value)

    act.__annotations__ = maybe.__annotations__ = {"value": annotation}
    for dialect in DIALECTS:
        seen.clear()
        calls = [("c1", "act", dialect.raw({"value": given})), ("c2", "maybe", dialect.raw({}))]
        with LocalGateway([dialect.reply(*calls), dialect.reply(text="x")]) as gateway:
            resource = dialect.method(call.client(gateway))
            call.wait(resource.run(**dialect.params(tools=[act, maybe], parallel=False)))
            assert seen == [got, None] and type(seen[0]) is type(got)
            schema = dialect.tools(gateway.requests[0].json())[0]["schema"]
        assert schema["required"] == ["value"]


def test_default_values_are_the_functions_own() -> None:
    marker = object()

    def act(a: int = 1, b: Any = marker, c: list[int] = [], *, d: str = None, e: int = -1) -> Any:  # type: ignore[assignment]  # noqa: B006, RUF013
        return a, b, c, d, e

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = tool(act)
        assert made.parameters.get("required", []) == []
    assert made.call({}) == (1, marker, [], None, -1)
    assert made.call({"d": None, "a": 3}) == (3, marker, [], None, -1)
    assert made.parameters["properties"]["a"]["default"] == 1


def test_defaults_and_bounds_that_json_has_not(call: Call) -> None:
    def act(
        most: float = math.inf,
        least: Annotated[float, pydantic.Field(ge=-math.inf, le=9)] = math.nan,
    ) -> float:
        return most

    for dialect in DIALECTS:
        with LocalGateway([dialect.reply(("c1", "act", dialect.raw({}))), dialect.reply(text="x")]) as gateway:
            reply = call.wait(dialect.method(call.client(gateway)).run(**dialect.params(tools=[act])))
            most = dialect.tools(gateway.requests[0].json())[0]["schema"]["properties"]["most"]
        assert most["type"] == "number" and "default" not in most
        assert reply.steps[0].result == math.inf


def test_names_that_a_model_of_pydantics_would_not_have() -> None:
    def act(copy: int, schema: str, model_dump: int, _id: str, json: str, self: int = 1, validate: int = 2) -> Any:
        return copy, schema, model_dump, _id, json, self, validate

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = tool(act)
        given = {"copy": 1, "schema": "a", "model_dump": 2, "_id": "b", "json": "c"}
        assert [*made.parameters["properties"]] == [*given, "self", "validate"]
        assert made.call(given) == (1, "a", 2, "b", "c", 1, 2)


def test_positional_and_open_parameters() -> None:
    def act(a: int, b: int = 2, /, c: int = 3, *args: int, d: int = 4, **more: int) -> Any:
        return a, b, c, args, d, more

    assert [*properties(act)] == ["a", "b", "c", "d"]
    assert tool(act).call({"a": 1, "c": 7}) == (1, 2, 7, (), 4, {})
    assert tool(act).call({"a": 1, "b": 5, "d": 8}) == (1, 5, 3, (), 8, {})


def counts(n: int) -> int:
    """Counts."""
    return n


class Counter:
    """A counter."""

    def __init__(self) -> None:
        self.sum = 0

    def add(self, n: int) -> int:
        """Adds."""
        self.sum += n
        return self.sum

    @classmethod
    def of_class(cls, n: int) -> str:
        """Of the class."""
        return cls.__name__

    @staticmethod
    def alone(n: int) -> int:
        """Alone."""
        return n

    @wenwen.tool(name="marked")
    def decorated(self, n: int) -> int:
        """Decorated."""
        return self.add(n)

    async def __call__(self, n: int) -> int:
        """Called."""
        return n


def wrapped(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


async def acounts(n: int) -> int:
    """Counts."""
    return n


@pytest.mark.parametrize(
    ("value", "name", "description", "result"),
    [
        (counts, "counts", "Counts.", 3),
        (acounts, "acounts", "Counts.", 3),
        (Counter().add, "add", "Adds.", 3),
        (Counter.of_class, "of_class", "Of the class.", "Counter"),
        (Counter.alone, "alone", "Alone.", 3),
        (Counter().decorated, "marked", "Decorated.", 3),
        (Counter(), "Counter", "Called.", 3),
        (functools.partial(counts), "counts", "Counts.", 3),
        (functools.partial(acounts), "acounts", "Counts.", 3),
        (functools.partial(Counter()), "Counter", "Called.", 3),
        (wrapped(counts), "counts", "Counts.", 3),
        (wrapped(acounts), "acounts", "Counts.", 3),
        (functools.lru_cache(counts), "counts", "Counts.", 3),
        (wenwen.tool(counts), "counts", "Counts.", 3),
        (wenwen.beta_tool(counts), "counts", "Counts.", 3),
        (wenwen.tool(lambda n: n, name="own", description="Own."), "own", "Own.", 3),
    ],
)
def test_kinds_of_callables(call: Call, value: Any, name: str, description: str, result: Any) -> None:
    for dialect in DIALECTS:
        with LocalGateway([dialect.reply(("c1", name, dialect.raw({"n": 3}))), dialect.reply(text="x")]) as gateway:
            reply = call.wait(dialect.method(call.client(gateway)).run(**dialect.params(tools=[value])))
            [sent] = dialect.tools(gateway.requests[0].json())
        assert (sent["name"], sent["description"], [*sent["schema"]["properties"]]) == (name, description, ["n"])
        if (isinstance(value, type(Counter().add)) and value.__name__ == "add") or name == "marked":
            assert reply.steps[0].result >= result
        else:
            assert reply.steps[0].result == result


def test_what_a_partial_gives_is_not_the_models(call: Call) -> None:
    def act(n: int, tenant: str, limit: int = 5) -> Any:
        return n, tenant, limit

    value = functools.partial(functools.partial(act, tenant="ours"), limit=7)
    dialect = DIALECTS[0]
    forged = json.dumps({"n": 1, "tenant": "theirs", "limit": 9})
    with LocalGateway([dialect.reply(("c1", "act", forged)), dialect.reply(text="x")]) as gateway:
        reply = call.wait(call.client(gateway).responses.run(**dialect.params(tools=[value])))
        assert [*dialect.tools(gateway.requests[0].json())[0]["schema"]["properties"]] == ["n"]
    assert reply.steps[0].result == (1, "ours", 7)


# What is the caller's


class Db:
    def __init__(self, name: str) -> None:
        self.name = name


def test_injected_parameters(call: Call) -> None:
    def act(n: int, db: Injected[Db], who: Annotated[str, Injected], more: Injected[int] = 7) -> Any:
        """Acts.

        Args:
            n: a number.
            db: a secret thing.
        """
        return n, db.name, who, more

    context = {"db": Db("ours"), "who": "Ada", "unused": 1}
    for dialect in DIALECTS:
        forged = dialect.raw({"n": 1, "db": {"name": "theirs"}, "who": "Eve", "more": 9})
        with LocalGateway([dialect.reply(("c1", "act", forged)), dialect.reply(text="x")]) as gateway:
            resource = dialect.method(call.client(gateway))
            reply = call.wait(resource.run(**dialect.params(tools=[act], context=context)))
            sent = gateway.requests[0].body
            assert b"db" not in sent and b"who" not in sent and b"secret" not in sent
            assert reply.steps[0].result == (1, "ours", "Ada", 7)
            with pytest.raises(TypeError, match="the tool act is to be given 'db' by its caller"):
                call.wait(resource.run(**dialect.params(tools=[act])))
            assert len(gateway.requests) == 2


Theirs = Injected
Who = typing_extensions.TypeAliasType("Who", Injected[str])
T = TypeVar("T")
Of = typing_extensions.TypeAliasType("Of", Annotated[T, Injected], type_params=(T,))
Json = typing_extensions.TypeAliasType("Json", "dict[str, Json] | int")


class Options(TypedDict):
    who: NotRequired[Injected[str]]
    most: NotRequired[Annotated[int, "how many"]]
    n: int


@pytest.mark.parametrize(
    "annotation",
    [
        Injected[str] | None,
        Optional[Injected[str]],
        Union[int, Injected[str]],
        "Theirs[str]",
        "Theirs[str] | None",
        Annotated[Optional[Injected[str]], "words"],
        Annotated[Theirs[str], pydantic.Field(min_length=1)],
        Who,
        "Who",
        Who | None,
        Of[str],
        "Of[str]",
    ],
    ids=str,
)
def test_what_is_injected_by_any_name(call: Call, annotation: Any) -> None:
    def act(n: Json, who: str = "nobody") -> Any:
        return n, who

    act.__annotations__["who"] = annotation
    schema = {"type": "object", "properties": {"n": {}}, "required": ["n"]}
    for made in (tool(act), tool(act, parameters=schema)):
        assert [*made.parameters["properties"]] == ["n"]
        for context, who in (({"who": "Ada"}, "Ada"), ({}, "nobody")):
            script = [DIALECTS[2].reply(("c1", "act", {"n": {"a": 1}, "who": "Eve"})), DIALECTS[2].reply(text="x")]
            with LocalGateway(script) as gateway:
                resource = call.client(gateway).messages
                reply = call.wait(resource.run(**DIALECTS[2].params(tools=[made], context=context)))
            assert reply.steps[0].result == ({"a": 1}, who)


def test_options_that_have_names(call: Call) -> None:
    def act(a: int, **options: Unpack[Options]) -> Any:
        """Acts.

        Args:
            a: one.
            n: another.
        """
        return a, options

    made = tool(act)
    assert made.injected == {"who": False}
    assert {name: one.get("description") for name, one in made.parameters["properties"].items()} == {
        "a": "one.", "most": "how many", "n": "another.",
    }  # fmt: skip
    assert made.parameters["required"] == ["a", "n"]
    assert made.call({"a": 1, "n": 2}) == (1, {"n": 2})
    assert made.call({"a": 1, "n": 2, "most": 3, "who": "Eve"}) == (1, {"n": 2, "most": 3})
    with pytest.raises(ValueError, match="n: Field required"):
        made.parse({"a": 1})


def test_what_a_schema_of_ones_own_does_not_name(call: Call) -> None:
    schema = {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]}

    def act(a: Nope, b: int = 2, secret: str = "ours") -> Any:  # type: ignore[name-defined]  # noqa: F821
        return a, b, secret

    made = tool(act, parameters=schema)
    assert made.call({"a": 1}) == (1, 2, "ours")
    for given, words in [
        ({"b": 1}, "a: Field required"),
        ({"a": 1, "secret": "theirs"}, "secret: there is no such parameter"),
    ]:
        for dialect in DIALECTS:
            script = [dialect.reply(("c1", "act", dialect.raw(given))), dialect.reply(text="x")]
            with LocalGateway(script) as gateway:
                resource = dialect.method(call.client(gateway))
                step = call.wait(resource.run(**dialect.params(tools=[made]))).steps[0]
            assert (step.status, step.text) == ("failed", f"Error: {words}")
    assert tool(act, parameters={**schema, "additionalProperties": True}).call({"a": 1, "secret": "x"}) == (1, 2, "x")
    with pytest.raises(TypeError, match=r"parameters is .*Model.*: give the JSON schema"):
        tool(act, parameters=Model)


def test_a_schema_of_ones_own(call: Call) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}

    @wenwen.tool(name="own.name", description="Own.", parameters=schema)
    def act(db: Injected[str], **given: Any) -> Any:
        return db, given

    assert act.parameters == schema
    dialect = DIALECTS[2]
    with LocalGateway([dialect.reply(("c1", act.name, {"a": "x", "db": "e"})), dialect.reply(text="x")]) as gateway:
        reply = call.wait(call.client(gateway).messages.run(**dialect.params(tools=[act], context={"db": "d"})))
        [sent] = dialect.tools(gateway.requests[0].json())
    assert (sent["schema"], sent["description"]) == (schema, "Own.")
    assert sent["name"] == act.name != "own.name"
    assert reply.steps[0].result == ("d", {"a": "x"})


# What is no tool


def test_what_is_no_tool(call: Call, gateway: LocalGateway) -> None:
    def unknown(a: Nope) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    def strange(a: threading_lock) -> None: ...  # type: ignore[valid-type]

    import threading

    threading_lock = type(threading.Lock())
    strange.__annotations__ = {"a": threading_lock}

    def open_ended(*args: Any, **more: Any) -> None: ...

    for value, words in [
        (unknown, "the parameter 'a' of the tool 'unknown' cannot be a Nope"),
        (strange, "the parameter 'a' of the tool 'strange' cannot be a lock"),
        (lambda n: n, r"a lambda has no name .* wenwen.tool\(name="),
        (Model, r"the class Model is no tool: wenwen.pydantic_function_tool\(Model\)"),
        (7, "7 is no tool"),
        (None, "None is no tool"),
        (dict, "the class dict is no tool"),
        (max, "'max' does not say what it takes: write a function around it"),
        (str.upper, "str.upper is a method without its object: give that of an instance"),
        (Counter.add, "Counter.add is a method without its object: give that of an instance"),
        (math.gcd, r"'gcd' takes \*integers, of which a model knows no name"),
        (open_ended, r"'open_ended' takes \*args.*, \*\*more.*: wenwen.tool\(parameters="),
        ("weather", "'weather' is no tool"),
    ]:
        for dialect in DIALECTS:
            with pytest.raises(TypeError, match=words):
                call.wait(dialect.method(call.client(gateway)).run(**dialect.params(tools=[value])))
    for tools in (counts, "counts", {"name": "x"}, 7):
        with pytest.raises(TypeError, match=r"tools is .*: give a list"):
            call.wait(call.client(gateway).responses.run(model="m", input="x", tools=tools))
    twice = [counts, wenwen.tool(acounts, name="counts")]
    with pytest.raises(ValueError, match="two tools are called 'counts'"):
        call.wait(call.client(gateway).responses.run(model="m", input="x", tools=twice))
    # A dict of the same name would have the run end where the function is called.
    for dialect in DIALECTS:
        same = [counts, tool(counts).to_dict(dialect.name)]
        if dialect.name == "gemini":
            same = [counts, {"functionDeclarations": same[1:]}]
        with pytest.raises(ValueError, match="two tools are called 'counts'"):
            call.wait(dialect.method(call.client(gateway)).run(**dialect.params(tools=same)))
    assert not gateway.requests


def test_a_function_ends_though_it_was_a_tool(call: Call, gateway: LocalGateway) -> None:
    """A server that makes one for each request keeps none of them."""
    ended: list[weakref.ref[Any]] = []
    for dialect in DIALECTS:

        def act(n: int, given: Any = dialect) -> int:
            return n

        gateway.script(dialect.reply(("c1", "act", dialect.raw({"n": 1}))), dialect.reply(text="x"))
        call.wait(dialect.method(call.client(gateway)).run(**dialect.params(tools=[act])))
        ended.append(weakref.ref(act))
        del act
    gc.collect()
    assert [one() for one in ended] == [None] * 4


def test_names_are_made_to_fit(call: Call) -> None:
    def 天气(城市: str) -> str:
        return 城市

    long = wenwen.tool(counts, name="c" * 100)
    for dialect in DIALECTS:
        made = tools_of([天气])[0]
        assert made.name.isascii() and made.name != "天气" and len(long.name) <= 64
        script = [dialect.reply(("c1", made.name, dialect.raw({"城市": "北京"}))), dialect.reply(text="x")]
        with LocalGateway(script) as gateway:
            reply = call.wait(dialect.method(call.client(gateway)).run(**dialect.params(tools=[天气, long])))
        assert reply.steps[0].result == "北京"


def test_classes_of_the_function_around(call: Call) -> None:
    class Here(pydantic.BaseModel):
        x: int

    def act(here: Here) -> int:
        return here.x

    dialect = DIALECTS[0]
    with LocalGateway([dialect.reply(("c1", "act", '{"here": {"x": 1}}')), dialect.reply(text="x")]) as gateway:
        reply = call.wait(call.client(gateway).responses.run(**dialect.params(tools=[act])))
    assert reply.steps[0].result == 1


def test_a_return_annotation_is_nobodys_business() -> None:
    def act(n: int) -> Nope:  # type: ignore[name-defined]  # noqa: F821
        return n

    assert tool(act).call({"n": 1}) == 1


# Strictness


def optional(n: int = 1) -> int:
    return n


def test_strict_where_nothing_is_lost(call: Call, gateway: LocalGateway) -> None:
    def free(values: dict[str, int]) -> None: ...

    def sent(dialect: Any, value: Any) -> Any:
        method = "generate_content" if dialect.name == "gemini" else "create"
        call.wait(getattr(dialect.method(call.client(gateway)), method)(**dialect.params(tools=[value])))
        return dialect.tools(gateway.last_request.json())[0]  # type: ignore[union-attr]

    strict = wenwen.tool(strict=True)
    responses, chat, messages, gemini = DIALECTS
    assert [sent(responses, one)["strict"] for one in (counts, optional, free)] == [True, False, False]
    assert [sent(chat, one).get("strict") for one in (counts, optional, free)] == [True, None, None]
    assert "strict" not in sent(messages, counts) and sent(messages, strict(counts))["strict"] is True
    assert sent(responses, strict(optional))["strict"] is True
    assert sent(responses, strict(optional))["schema"]["required"] == ["n"]
    assert sent(responses, optional)["schema"]["properties"]["n"]["default"] == 1
    assert sent(responses, wenwen.tool(counts, strict=False))["strict"] is False
    assert "default" not in str(sent(gemini, optional)["schema"]["properties"]["n"].get("default", ""))
    assert sent(gemini, optional)["schema"]["required"] == []
    with pytest.raises(TypeError, match="the tool free cannot be strict"):
        sent(chat, strict(free))


# Plain calls


@pytest.mark.parametrize("form", ["whole", "stream", "helper", "raw", "body", "function", "as_dict"])
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_plain_call_sends_the_schema_and_runs_nothing(
    call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch, dialect: Any, form: str
) -> None:
    def act(n: int) -> None:
        """Acts."""
        raise AssertionError("it must not run")

    given: Any = {
        "responses": {"type": "web_search_preview"},
        "chat": {"type": "function", "function": {"name": "given", "parameters": {"type": "object"}}},
        "messages": {"name": "given", "input_schema": {"type": "object"}},
        "gemini": {"functionDeclarations": [{"name": "given"}]},
    }[dialect.name]
    gateway.script(dialect.reply(("c1", "act", dialect.raw({"n": 1}))))
    resource = dialect.method(call.client(gateway))
    name = "generate_content" if dialect.name == "gemini" else "create"
    params = dialect.params(tools=(one for one in (act, given)))
    if form == "stream":
        list(call.each(call.wait(getattr(resource, name)(**params, stream=True))))
    elif form == "helper":
        with call.open(resource.stream(**params)) as stream:
            list(call.each(stream))
    elif form == "raw":
        call.wait(getattr(resource.with_raw_response, name)(**params))
    elif form == "body":
        with call.open(getattr(resource.with_streaming_response, name)(**params)) as body:
            call.wait(body.read())
    elif form == "function":
        for variable, value in gateway.env().items():
            monkeypatch.setenv(variable, value)
        functions = {"responses": "create_response", "chat": "create_chat_completion", "messages": "create_message",
                     "gemini": "generate_content"}  # fmt: skip
        wenwen.configure(base_url=gateway.base_url, api_key=gateway.api_key)
        call.wait(getattr(wenwen.aio if call.is_async else wenwen, functions[dialect.name])(**params))
    else:
        call.wait(getattr(resource, name)(**params, as_dict=form == "as_dict"))
    tools = gateway.requests[0].json()["tools"]
    assert len(tools) == 2 and given in tools
    own = next(one for one in tools if one != given)
    [own] = dialect.tools({"tools": [own]})
    assert (own["name"], own["description"], own["schema"]["required"]) == ("act", "Acts.", ["n"])


def test_tools_as_they_always_were(call: Call, gateway: LocalGateway) -> None:
    for tools in ([], (), None, [{"type": "web_search_preview"}], iter([{"type": "web_search_preview"}])):
        kept = tools if not hasattr(tools, "__next__") else [{"type": "web_search_preview"}]
        call(gateway, model="m", input="hi", tools=tools)
        assert gateway.last_request.json()["tools"] == (None if kept is None else list(kept))  # type: ignore[union-attr]


# Tools of other packages' code


class Query(pydantic.BaseModel):
    """Asks."""

    text: str = pydantic.Field(description="what")


def test_a_class_as_a_tool(call: Call) -> None:
    made = wenwen.pydantic_function_tool(Query)
    written = made.to_dict("chat")
    assert written["function"]["name"] == "Query" and written["function"]["strict"] is True
    assert written["function"]["description"] == "Asks."
    assert (
        wenwen.pydantic_function_tool(Query, name="ask", description="x").to_dict("chat")["function"]["name"] == "ask"
    )
    for dialect in DIALECTS:
        with LocalGateway([dialect.reply(("c1", "Query", dialect.raw({"text": "x"})))]) as gateway:
            reply = call.wait(dialect.method(call.client(gateway)).run(**dialect.params(tools=[made])))
            assert len(gateway.requests) == 1
        assert made.parse(reply.calls[0].arguments) == reply.calls[0].parsed_arguments == Query(text="x")


def held(dialect: Any, reply: Any) -> Any:
    """What of a reply has the arguments of its first call."""
    if dialect.name == "responses":
        return next(item for item in reply.output if item.type == "function_call")
    if dialect.name == "chat":
        return reply.choices[0].message.tool_calls[0].function
    if dialect.name == "messages":
        return next(block for block in reply.content if block.type == "tool_use")
    return reply.function_calls[0]


def test_arguments_of_a_reply_as_types(call: Call) -> None:
    def act(query: Query, n: int) -> None: ...

    made = wenwen.pydantic_function_tool(Query)
    for dialect in DIALECTS:
        for value, name, given, got in [
            (made, "Query", {"text": "x"}, Query(text="x")),
            (made, "Query", {"text": 1}, None),
            (act, "act", {"query": {"text": "x"}, "n": 1}, {"query": Query(text="x"), "n": 1}),
        ]:
            for method in ("parse", "run"):
                if method == "run" and value is act:
                    continue
                with LocalGateway([dialect.reply(("c1", name, dialect.raw(given)))]) as gateway:
                    resource = dialect.method(call.client(gateway))
                    params = dialect.params(tools=(one for one in [value]))
                    reply = call.wait(getattr(resource, method)(**params))
                assert held(dialect, reply).parsed_arguments == got
                for copied in (
                    copy.copy,
                    copy.deepcopy,
                    lambda one: one.model_copy(),
                    lambda one: one.model_copy(deep=True),
                    lambda one: pickle.loads(pickle.dumps(one)),
                ):
                    assert held(dialect, copied(reply)).parsed_arguments == got
                    assert copied(held(dialect, reply)).parsed_arguments == got


def test_a_class_as_a_tool_is_the_dict_that_goes_out(call: Call) -> None:
    made: Any = wenwen.pydantic_function_tool(Query)
    assert made == made.to_dict("chat") and made["type"] == "function" and isinstance(made, wenwen.Tool)
    assert json.loads(json.dumps(made)) == made == copy.deepcopy(made) == {**made}
    made["function"] |= {"name": "ask", "description": "Other.", "defer_loading": True, "allowed_callers": ["direct"]}
    made["function"]["strict"] = False
    del made["function"]["parameters"]["additionalProperties"]
    assert made.name == "ask"
    for dialect in DIALECTS:
        with LocalGateway([dialect.reply(("c1", "ask", dialect.raw({"text": "x"})))]) as gateway:
            reply = call.wait(dialect.method(call.client(gateway)).parse(**dialect.params(tools=[made])))
            (sent,) = dialect.tools(gateway.requests[0].json())
        assert (sent["name"], sent["description"], sent["defer_loading"]) == ("ask", "Other.", True)
        assert sent.get("strict", False) is False and "additionalProperties" not in sent["schema"]
        assert held(dialect, reply).parsed_arguments == Query(text="x")
    for wanted in (True, False, None):
        late: Any = wenwen.pydantic_responses_function_tool(Query, defer_loading=wanted)
        assert late == late.to_dict("responses") and late.get("defer_loading") is wanted


def plain(name: str, strict: bool) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"text": {"type": "string"}}}
    return {"type": "function", "name": name, "parameters": schema, "strict": strict}


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
def test_arguments_of_several_answers_and_of_tools_by_hand(call: Call, streams: bool) -> None:
    """As openai's package reads them: a class, a function, what is strict by hand; not what is not."""

    def act(text: str) -> None: ...

    tools: list[Any] = [plain("strict", True), plain("loose", False), act, wenwen.pydantic_function_tool(Query)]
    names = ["strict", "loose", "act", "Query", "nobody"]
    for dialect in DIALECTS:
        given = tools if dialect.name == "responses" else tools[2:]
        if dialect.name == "chat":
            given = [{"type": "function", "function": one} for one in tools[:2]] + tools[2:]
        calls = [(f"c{at}", name, dialect.raw({"text": "x"})) for at, name in enumerate(names)]
        with LocalGateway([dialect.reply(*calls)]) as gateway:
            resource = dialect.method(call.client(gateway))
            params = dialect.params(tools=(one for one in given))
            if streams:
                with call.open(resource.stream(**params)) as stream:
                    final = next(name for name in dir(stream) if name.startswith("get_final_"))
                    reply = call.wait(getattr(stream, final)())
            else:
                reply = call.wait(resource.parse(**params))
        by_hand = {"text": "x"} if dialect.name in ("responses", "chat") else None
        read = [one.parsed_arguments for one in reply.calls]
        assert read == [by_hand, None, {"text": "x"}, Query(text="x"), None]


def test_arguments_of_all_answers(call: Call, gateway: LocalGateway) -> None:
    function = {"name": "Query", "arguments": '{"text": "x"}'}
    message = {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": function}]}
    choices = [{"index": at, "message": message, "finish_reason": "tool_calls"} for at in range(2)]
    gateway.script({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": choices})
    tool = wenwen.pydantic_function_tool(Query)
    reply = call.wait(call.client(gateway).chat.completions.parse(model="m", messages=[], n=2, tools=[tool]))
    for twin in (reply, pickle.loads(pickle.dumps(reply))):
        read = [choice.message.tool_calls[0].function.parsed_arguments for choice in twin.choices]
        assert read == [Query(text="x")] * 2


def test_arguments_in_the_events_of_a_stream(call: Call, gateway: LocalGateway) -> None:
    by_name = {dialect.name: dialect for dialect in DIALECTS}
    tool = wenwen.pydantic_function_tool(Query)
    client = call.client(gateway)
    for name, kind in (("chat", "tool_calls.function.arguments.done"), ("responses", "response.completed")):
        dialect = by_name[name]
        gateway.script(dialect.reply(("c1", "Query", dialect.raw({"text": "x"}))))
        with call.open(dialect.method(client).stream(**dialect.params(tools=[tool]))) as stream:
            (event,) = [event for event in call.each(stream) if event.type == kind]
        holder = event if name == "chat" else held(dialect, event.response)
        assert holder.parsed_arguments == Query(text="x")


def test_tools_within_a_tool(call: Call, gateway: LocalGateway) -> None:
    def act(text: str) -> str:
        """Acts."""
        return f"done: {text}"

    query = wenwen.pydantic_function_tool(Query)
    client = call.client(gateway)
    items = [
        {"type": "function_call", "call_id": f"c{at}", "name": name, "arguments": '{"text": "x"}'} | more
        for at, (name, more) in enumerate(
            [
                ("act", {"namespace": "box"}),
                ("Query", {"namespace": "box"}),
                ("plain", {"namespace": "box"}),
                ("act", {"namespace": "other"}),
                ("act", {}),
                ("Query", {"namespace": "Query"}),  # one that a search of tools found
                ("act", {"namespace": ""}),
            ]
        )
    ]
    whole = {"id": "r", "object": "response", "created_at": 1, "model": "m", "status": "completed", "output": items}
    for inner in ([act, query, plain("plain", True)], iter([act, query, plain("plain", True)])):
        gateway.script(whole)
        box = {"type": "namespace", "name": "box", "description": "Of tools", "tools": inner}
        reply = call.wait(client.responses.parse(model="m", input="Hi", tools=[box, query]))
        read = [item.parsed_arguments for item in reply.output]
        assert read == [{"text": "x"}, Query(text="x"), {"text": "x"}, None, None, Query(text="x"), None]
        sent = gateway.requests[-1].json()["tools"]
        assert [one["name"] for one in sent] == ["box", "Query"]
        assert [(one["type"], one["name"], one["strict"]) for one in sent[0]["tools"]] == [
            ("function", "act", True), ("function", "Query", True), ("function", "plain", True),
        ]  # fmt: skip
    # A plain call sends them too, and a run calls them.
    call.wait(client.responses.create(model="m", input="Hi", tools=[{**box, "tools": (act,)}]))
    assert gateway.requests[-1].json()["tools"][0]["tools"][0]["name"] == "act"
    gateway.script({**whole, "output": items[:1]}, {**whole, "output": []})
    run = call.wait(client.responses.run(model="m", input="Hi", tools=[{**box, "tools": [act]}]))
    assert [(step.name, step.result) for step in run.steps] == [("box.act", "done: x")]
    with pytest.raises(ValueError, match=r"two tools are called 'box\.act'"):
        call.wait(client.responses.create(model="m", input="Hi", tools=[{**box, "tools": [act, plain("act", True)]}]))
    for name in ("functionDeclarations", "function_declarations"):
        call.wait(client.gemini.generate_content(model="m", contents="Hi", tools=[{name: [act]}, {"googleSearch": {}}]))
        sent = gateway.requests[-1].json()["tools"]
        assert [one["name"] for one in sent[0][name]] == ["act"] and sent[1] == {"googleSearch": {}}


def test_beta_tool() -> None:
    @wenwen.beta_tool
    def first(n: int) -> int:
        """First.

        Args:
            n: a number
        """
        return n

    @wenwen.beta_tool(name="named", description="Second.", input_schema={"type": "object"})
    async def second(**given: Any) -> Any:
        return given

    assert first.to_dict()["input_schema"] == first.input_schema
    assert first(3) == first.call({"n": "3"}) == 3
    assert (second.name, second.description, second.input_schema) == ("named", "Second.", {"type": "object"})
    assert asyncio.run(second.call({"x": 1})) == {"x": 1}


def test_a_tool_is_its_function() -> None:
    made = wenwen.tool(counts)
    assert made(4) == 4 and made.__name__ == "counts" and made.__doc__ == "Counts."
    assert repr(made) == "<Tool counts>"
    assert tools_of([counts])[0].parameters is tools_of([counts])[0].parameters
    for timeout in (0, -1):
        with pytest.raises(ValueError, match="timeout is"):
            wenwen.tool(counts, timeout=timeout)


# Without the libraries

PROGRAM = """
import sys
for name in {hidden!r}:
    sys.modules[name] = None
import wenwen

def act(n: int, m: str = "x") -> int:
    "Acts."
    return n

def none() -> int:
    return 1

given = wenwen.tool(act, parameters={{"type": "object", "properties": {{"n": {{"type": "integer"}}}}}})
assert given.call({{"n": 3}}) == 3 and wenwen.tool(none).call({{}}) == 1
print(wenwen.tool(act).to_dict())
assert wenwen.tool(act).call({{"n": "3"}}) == 3
"""


@pytest.mark.parametrize("hidden", [["pydantic"], ["pydantic", "msgspec"], ["msgspec"]])
def test_without_the_libraries(hidden: list[str]) -> None:
    program = PROGRAM.format(hidden=hidden)
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60)
    if len(hidden) == 2:
        assert "pip install 'wenwen[output]'" in done.stderr.splitlines()[-1]
    else:
        assert done.returncode == 0, done.stderr
        assert "'n': {'type': 'integer'}" in done.stdout and "'default': 'x'" in done.stdout


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    program = (
        "import sys, wenwen; wenwen.tool; print([n for n in ('pydantic', 'msgspec', 'asyncio') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"


# What is told of results


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("a", "a"),
        ("", "(no output)"),
        (None, "(no output)"),
        ([], "[]"),
        ({}, "{}"),
        (0, "0"),
        (False, "false"),
        (True, "true"),
        ({"ä": [1, None]}, '{"ä": [1, null]}'),
        ((1, "a"), '[1, "a"]'),
        ({1}, "[1]"),
        (iter([1, 2]), "[1, 2]"),
        (Unit.C, '"c"'),
        (Model(x=1), '{"x": 1, "y": []}'),
        ([Struct(1), Data(2), Attrs(3)], '[{"x": 1}, {"x": 2}, {"x": 3}]'),
        (datetime.date(2025, 1, 2), '"2025-01-02"'),
        ([decimal.Decimal("1.50"), uuid.UUID(int=1)], '["1.50", "00000000-0000-0000-0000-000000000001"]'),
        (Path("a/b"), '"a/b"'),
        (datetime.timedelta(hours=1), '"1:00:00"'),
        ({"$ref": "#/x"}, '{"$ref": "#/x"}'),
        ({datetime.date(2025, 1, 2): {Unit.C: 1}, 1: {None: 2}}, '{"2025-01-02": {"c": 1}, "1": {"null": 2}}'),
        ([Struct({uuid.UUID(int=1): decimal.Decimal(2)})], '[{"x": {"00000000-0000-0000-0000-000000000001": "2"}}]'),  # type: ignore[arg-type]
        (wenwen.Object({"a": {"b": 1}}), '{"a": {"b": 1}}'),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_results(result: Any, text: str) -> None:
    from wenwen._results import parts

    assert parts(result, 1000) == [text]


def test_results_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    from wenwen._results import parts

    assert parts({"a": numpy.arange(3), "b": numpy.int64(7), "c": numpy.float32(0.5)}, 1000) == [
        '{"a": [0, 1, 2], "b": 7, "c": 0.5}'
    ]


def test_pictures_of_matplotlib() -> None:
    from wenwen._results import Picture, parts

    class Figure:
        def savefig(self, file: Any, format: str) -> None:
            assert format == "png"
            file.write(b"\x89PNG\r\n\x1a\n")

    module: Any = type(sys)("matplotlib.figure")
    module.Figure = Figure
    sys.modules["matplotlib.figure"] = module
    try:
        assert [type(one) for one in parts(["see", Figure()], 1000)] == [str, Picture]
    finally:
        del sys.modules["matplotlib.figure"]


@pytest.mark.parametrize("result", [object(), b"\x00\x01", {"a": {object()}}, {("a", "b"): 1}, counts, Model])
def test_results_that_cannot_be_told(result: Any) -> None:
    from wenwen._results import parts

    with pytest.raises(TypeError):
        parts(result, 1000)
