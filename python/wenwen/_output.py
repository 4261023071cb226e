"""The class of an answer: what its schema is, and how the model's text becomes an instance of it. Pydantic's classes
and whatever its TypeAdapter takes, msgspec's, attrs', and plain JSON schemas. Loaded by the first call that asks for
one; neither pydantic nor msgspec is loaded before."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from types import UnionType
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NotRequired,
    Required,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from ._core import dumps, exact_json, partial_json
from ._strict import mapped, resolved, strict_or_why, wire_name

T = TypeVar("T")

WRAPPED = "value"  # the key of what is no object: strict schemas begin with one
_WRAPPER = re.compile(rf'\s*\{{\s*"{WRAPPED}"\s*:')
# Names under which models put what was asked for, one level deeper.
_ENVELOPES = (WRAPPED, "output", "result", "answer", "response", "data", "parameters", "arguments", "input")
_OPENING = re.compile(r"[\[{]")
_STARTS = 32  # places where JSON may begin that are tried in an answer with words around it

_INSTALL = 'pip install "wenwen[output]" (pydantic), or msgspec; a plain JSON schema, as a dict, needs neither'


class Output(Generic[T]):
    """What an answer is to be. name: as the APIs take it. schema: JSON schema as its library writes it. wrapped:
    whether it is no object, and goes out as the only field of one."""

    __slots__ = ("_made", "_read", "_wire", "given", "name", "schema", "wrapped")

    def __init__(self, given: Any, made: _Made) -> None:
        self.given = given
        self._made = made
        self._read = made.read
        self._wire: dict[str, tuple[dict[str, Any], str | None]] = {}
        self.schema = made.schema
        self.name = wire_name(made.name)
        self.wrapped = not _is_object(made.schema)

    def __repr__(self) -> str:
        return f"<Output {self._made.name}>"

    def __reduce__(self) -> Any:
        return output_of, (self.given,)

    def wire(self, dialect: str) -> tuple[dict[str, Any], str | None]:
        """The schema as a dialect takes it, and None; or why it cannot be strict: then it may go out without."""
        if dialect not in self._wire:
            schema = self.schema
            if self.wrapped:
                inner = {name: part for name, part in schema.items() if name not in _DEFS}
                defs: dict[str, Any] = {name: schema[name] for name in _DEFS if name in schema}
                schema = {"type": "object", "properties": {WRAPPED: inner}, "required": [WRAPPED], **defs}
            written, why = strict_or_why(schema, dialect)
            if why is not None and self.wrapped and written.get("type") == "object":
                written.setdefault("additionalProperties", False)
            self._wire[dialect] = written, why
        return self._wire[dialect]

    @property
    def strict(self) -> bool:
        """Whether OpenAI's dialects hold the model to the schema."""
        return self.wire("chat")[1] is None

    def validate(self, value: Any) -> T:
        """A JSON value as an instance."""
        return self.validate_json(dumps(value))

    def validate_json(self, text: str) -> T:
        """The model's text as an instance. What stands around the JSON, a fence or words, is seen through if just one
        value in it fits. Raises what the class raises, or ValueError."""
        try:
            return self._plain(text)
        except Exception as first:
            return self._seen_through(text, first)

    def _plain(self, text: str) -> T:
        text = exact_json(text)
        if self.wrapped and (begins := _WRAPPER.match(text)) and (end := text.rstrip()).endswith("}"):
            try:
                return cast("T", self._read(end[begins.end() : -1]))
            except Exception:
                if len(mapped(_loads(text))) == 1:
                    raise
        return cast("T", self._read(text))

    def _seen_through(self, text: str, first: Exception) -> T:
        fits: dict[str, T] = {}
        told, found = first, 0
        for json in _within(text):
            found += 1
            for form in chain((json,) if json != text else (), self._mended(json)):
                try:
                    fits[form] = self._plain(form)
                    break
                except Exception as error:
                    # Of one value in the answer what is wrong with it; of an answer that is none, that.
                    told = error if form is json and found == 1 else told
        if len(fits) == 1:
            return next(iter(fits.values()))
        if fits:
            raise ValueError(f"{len(fits)} values of the answer fit: which one is meant cannot be known")
        raise told if found == 1 else first

    def _mended(self, json: str) -> Iterator[str]:
        """Other readings of the JSON: an envelope taken off, what was left out as null, objects that are text."""
        from ._check import mended

        value = _loads(json)
        if self.wrapped and list(mapped(value)) == [WRAPPED]:
            value = value[WRAPPED]
        values = [value]
        if len(only := mapped(value)) == 1:
            values += [inner for name, inner in only.items() if name in (*_ENVELOPES, self.name)]
        for one in values:
            made = mended(one, self.schema)
            if made is not value and made != value:
                yield dumps(made)

    def partial(self, text: str) -> Any:
        """What of the answer is there, as plain values and not validated: a field that is not whole yet is absent. None
        before there is anything."""
        text = text.rpartition("</think>")[2].lstrip()
        if text.startswith("```"):
            text = text.partition("\n")[2]
        begins = _OPENING.search(text)
        value = partial_json(text[begins.start() :]) if begins else None
        return mapped(value).get(WRAPPED) if self.wrapped and isinstance(value, dict) else value


class _Made(NamedTuple):
    """What a library makes of a class."""

    name: str
    schema: dict[str, Any]
    read: Callable[[str], Any]


def output_of(given: Any) -> Output[Any]:
    """The output that a class, a type or a JSON schema stands for. TypeError for what is none."""
    if given.__class__ is Output:
        return given
    try:
        hash(given)
    except TypeError:
        return Output(given, _made(given))  # a schema, mostly
    return _cached(given)


@lru_cache(maxsize=256)
def _cached(given: Any) -> Output[Any]:
    return Output(given, _made(given))


def _made(given: Any) -> _Made:
    if isinstance(given, Mapping):
        return _by_schema(mapped(given))
    if isinstance(given, type) and hasattr(given, "model_json_schema") and hasattr(given, "model_validate_json"):
        model: Any = given
        return _Made(model.__name__, model.model_json_schema(), model.model_validate_json)
    makers = (_by_msgspec, _by_pydantic) if _is_of_msgspec(given) else (_by_pydantic, _by_msgspec)
    failed: list[Exception] = []
    missing = 0
    for make in makers:
        try:
            return make(given)
        except ImportError:
            missing += 1
        except Exception as error:
            failed.append(error)
    if missing == len(makers) or (missing and _is_of_msgspec(given)):
        raise TypeError(f"{given!r}: answers of a type need a library that makes them: {_INSTALL}")
    raise TypeError(f"{given!r}: {_KINDS}. {failed[0]}") from failed[0]


def _by_pydantic(given: Any) -> _Made:
    adapts: Any = __import__("pydantic").TypeAdapter
    adapter: Any = given if isinstance(given, adapts) else adapts(_for_pydantic(given, ()))
    schema = adapter.json_schema()
    return _Made(_name(given) or schema.get("title") or "answer", schema, adapter.validate_json)


def _by_msgspec(given: Any) -> _Made:
    json: Any = __import__("msgspec.json").json
    decoder = json.Decoder(given)
    schema: dict[str, Any] = json.schema(given)
    return _Made(_name(given) or "answer", schema, decoder.decode)


def _by_schema(schema: Mapping[str, Any]) -> _Made:
    kind = schema.get("type")
    known = ("object", "array", "string", "integer", "number", "boolean", "null")
    if not (kind in known or isinstance(kind, list) or any(word in schema for word in _SCHEMA_WORDS)):
        raise TypeError(f"{schema!r}: {_KINDS}. It is a dict, and no JSON schema; formats of the API go to create()")

    def read(text: str) -> Any:
        from json import loads

        from ._check import problems

        value = loads(text)
        if wrong := problems(value, schema):
            raise ValueError("; ".join(wrong))
        return value

    title = schema.get("title")
    return _Made(title if isinstance(title, str) and title else "answer", dict(schema), read)


_SCHEMA_WORDS = ("properties", "anyOf", "oneOf", "allOf", "$ref", "enum", "const")
_KINDS = (
    "give a pydantic model, a dataclass, a TypedDict, an Enum, a Literal, a type like list[int], a msgspec.Struct, an "
    "attrs class, a TypeAdapter or a JSON schema"
)


def _is_of_msgspec(given: Any) -> bool:
    """Whether msgspec is to be asked first: for its own classes and attrs', also within a list or a union."""
    if hasattr(given, "__struct_fields__") or hasattr(given, "__attrs_attrs__"):
        return True
    return any(_is_of_msgspec(one) for one in get_args(given))


def _name(given: Any) -> str:
    """What a type is called; "" where it has no name of its own."""
    if get_origin(given) is Annotated:
        return _name(get_args(given)[0])
    args = [name for one in get_args(given) if (name := _name(one))]
    own = getattr(given, "__name__", None) or ""
    return "_".join([own, *args]) if isinstance(own, str) and own else "_or_".join(args)


def _for_pydantic(given: Any, within: tuple[Any, ...]) -> Any:
    """The type, its `typing.TypedDict`s made anew by typing_extensions: below Python 3.12 pydantic takes only those."""
    if sys.version_info >= (3, 12) or given in within:
        return given
    if isinstance(given, type) and type(given).__module__ == "typing" and hasattr(given, "__required_keys__"):
        modern: Any = __import__("typing_extensions")
        hints: dict[str, Any] = {}
        needed: Any = getattr(given, "__required_keys__")  # noqa: B009
        for name, hint in get_type_hints(given, include_extras=True).items():
            must = name in needed
            while get_origin(hint) in (Required, NotRequired):
                must, hint = get_origin(hint) is Required, get_args(hint)[0]
            hint = _for_pydantic(hint, (*within, given))
            hints[name] = modern.Required[hint] if must else modern.NotRequired[hint]
        made: Any = modern.TypedDict(given.__name__, hints)
        made.__doc__, made.__module__ = given.__doc__, given.__module__
        return made
    args, origin = get_args(given), cast("Any", get_origin(given))
    if not args or origin is Literal:
        return given
    if origin is Annotated:
        return cast("Any", Annotated)[(_for_pydantic(args[0], within), *args[1:])]
    anew = tuple(_for_pydantic(one, within) for one in args)
    if anew == args:
        return given
    return cast("Any", Union)[anew] if origin in (Union, UnionType) else origin[anew]


def _is_object(schema: Mapping[str, Any]) -> bool:
    seen: list[Any] = []
    while (ref := schema.get("$ref")) is not None and ref not in seen:
        seen.append(ref)
        beside = {name: rule for name, rule in schema.items() if name != "$ref"}
        schema = {**mapped(resolved({**schema, **beside}, ref)), **{k: v for k, v in beside.items() if k in _DEFS}}
    return (
        "anyOf" not in schema
        and "oneOf" not in schema
        and (schema.get("type") == "object" or ("type" not in schema and ("properties" in schema or "allOf" in schema)))
    )


_DEFS = ("$defs", "definitions")
_NO_JSON = object()


def _loads(text: str) -> Any:
    from json import loads

    try:
        return loads(text)
    except (ValueError, RecursionError):
        return _NO_JSON


def _within(text: str) -> Iterator[str]:
    """The JSON values in an answer: itself, what its only fence holds, or those that stand among words. What a model
    thought before it is left out."""
    text = text.rpartition("</think>")[2].strip()
    if text.startswith("```") and text.endswith("```") and len(text) > 6:
        first, line, rest = text[3:-3].partition("\n")
        text = (rest if line and (not first.strip() or first.strip().isidentifier()) else text[3:-3]).strip()
    if _loads(text) is not _NO_JSON:
        yield text
        return
    from json import JSONDecoder

    decode = JSONDecoder().raw_decode
    at = 0
    for _ in range(_STARTS):
        begins = _OPENING.search(text, at)
        if begins is None:
            return
        at = begins.start() + 1
        try:
            _, end = decode(text, begins.start())
        except (ValueError, RecursionError):
            continue
        yield text[begins.start() : end]
        at = end
