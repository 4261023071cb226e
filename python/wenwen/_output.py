"""The class of an answer: what its schema is, and how the model's text becomes an instance of it. Pydantic's classes
and whatever its TypeAdapter takes, msgspec's, attrs', and plain JSON schemas. Loaded by the first call that asks for
one; neither pydantic nor msgspec is loaded before."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
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
from ._strict import listed, mapped, resolved, strict_or_why, wire_name

T = TypeVar("T")

WRAPPED = "value"  # the key of what is no object: strict schemas begin with one
_WRAPPER = re.compile(rf'\s*\{{\s*"{WRAPPED}"\s*:')
# Names under which models put what was asked for, one level deeper.
_ENVELOPES = (WRAPPED, "output", "result", "answer", "response", "data", "parameters", "arguments", "input")
_OPENING = re.compile(r"[\[{]")
# What begins like a JSON object, or like either, as far as it is there: `{y}` and `[see` among words do not.
_OBJECT = re.compile(r"""\{\s*(?:["'}]|$)""")
_EITHER = re.compile(r"""\{\s*(?:["'}]|$)|\[\s*(?:["'{\[\]\-\d]|true|false|null|$)""")
_STRINGS_AND_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_THOUGHT, _THOUGHT_OVER = re.compile(r"\s*<think(?:ing)?>"), re.compile(r"</think(?:ing)?>")
_MOST = 32  # values that are tried in an answer with words around it

_INSTALL = 'pip install "wenwen[output]" (pydantic), or msgspec; a plain JSON schema, as a dict, needs neither'


class Output(Generic[T]):
    """What an answer is to be. name: as the APIs take it. schema: JSON schema as its library writes it. wrapped:
    whether it is no object, and goes out as the only field of one."""

    __slots__ = ("_made", "_optional", "_wire", "given", "name", "schema", "wrapped")

    def __init__(self, given: Any, made: _Made) -> None:
        self.given = given
        self._made = made
        self._wire: dict[str, tuple[dict[str, Any], str | None]] = {}
        self.schema = made.schema
        self.name = wire_name(made.name)
        self.wrapped = not _is_object(made.schema)
        self._optional = _all_optional(made.schema)

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

    def _read(self, text: str) -> T:
        value: Any = self._made.read(text)
        # Where a class needs no field, whatever is an object would do: an error, a refusal, an envelope.
        if self._optional and not getattr(value, "model_fields_set", None):
            keys = mapped(_loads(text)).keys()
            if keys and keys.isdisjoint(self._optional):
                raise ValueError(f"it has none of the fields {', '.join(self._optional)}")
        return cast("T", value)

    def _plain(self, text: str) -> T:
        text = exact_json(text)
        if self.wrapped and (begins := _WRAPPER.match(text)) and (end := text.rstrip()).endswith("}"):
            try:
                return self._read(end[begins.end() : -1])
            except Exception:
                if len(mapped(_loads(text))) == 1:
                    raise
        return self._read(text)

    def _seen_through(self, text: str, first: Exception) -> T:
        fits: list[T] = []
        told = first
        tried: set[str] = set()
        for json in _within(text, _EITHER if self.wrapped else _OBJECT):
            if json in tried:
                continue
            tried.add(json)
            for form in chain((json,) if json != text else (), self._mended(json)):
                try:
                    fits.append(self._plain(form))
                    break
                except Exception as error:
                    # Of one value in the answer what is wrong with it; of an answer that is none, that.
                    told = error if form is json and len(tried) == 1 else told
        if fits and all(_same(fits[0], other) for other in fits[1:]):
            return fits[0]
        if fits:
            raise AmbiguousError(f"{len(fits)} values of the answer fit: which one is meant cannot be known")
        raise told if len(tried) == 1 else first

    def _mended(self, json: str) -> Iterator[str]:
        """Other readings of the JSON: an envelope taken off, what was left out as null, objects that are text, lines
        that break within a text."""
        from ._check import mended

        came = value = _loads(json)
        if self.wrapped and list(mapped(value)) == [WRAPPED]:
            value = value[WRAPPED]
        values = [value]
        if len(only := mapped(value)) == 1:
            values += [inner for name, inner in only.items() if name in (*_ENVELOPES, self.name)]
        for one in values:
            made = mended(one, self.schema)
            if made is not came and (made != came or _CONTROL.search(json)):
                yield dumps(made)

    def partial(self, text: str) -> Any:
        """What of the answer is there, as plain values and not validated: a field that is not whole yet is absent. None
        before there is anything."""
        text = _said(text)
        begins = (_EITHER if self.wrapped else _OBJECT).search(text)
        value = partial_json(text[begins.start() :]) if begins else None
        if not self.wrapped or not isinstance(value, dict):
            return value
        whole = mapped(cast("object", value))
        return whole.get(WRAPPED) if WRAPPED in whole or not whole else whole


class AmbiguousError(ValueError):
    """An answer that can be read in several ways."""


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
    # `A | B` equals `B | A`, and reads otherwise.
    return _cached(given, repr(given) if get_args(given) else "")


@lru_cache(maxsize=256)
def _cached(given: Any, _order: str) -> Output[Any]:
    made = _made(given)
    _warn_of_twins(made.schema, made.schema)
    return Output(given, made)


def _made(given: Any) -> _Made:
    if given is type or get_origin(given) is type:
        raise TypeError(f"{given!r}: {_KINDS}. No JSON is a class: give the class itself")
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


def _warn_of_twins(node: Any, schema: Mapping[str, Any]) -> None:
    """Warns of a union of classes with the same fields: which one an answer is of cannot be known."""
    if isinstance(node, list):
        for one in cast("list[object]", node):
            _warn_of_twins(one, schema)
    if not isinstance(node, Mapping):
        return
    options = [_resolved(one, schema) for one in listed(mapped(node).get("anyOf"))]
    for at, later in enumerate(options):
        fields = mapped(later.get("properties"))
        for earlier in options[:at]:
            own = mapped(earlier.get("properties"))
            if fields and own.keys() == fields.keys() and all(_overlap(fields[key], own[key], schema) for key in own):
                import warnings

                names = [str(one.get("title", "one of its classes")) for one in (later, earlier)]
                warnings.warn(
                    f"an answer of {names[0]} is read as {names[1]}, which has the same fields and stands before it: "
                    "give each a field that says which it is, like kind: Literal['a']",
                    stacklevel=2,
                )
    for one in mapped(node).values():
        _warn_of_twins(one, schema)


def _resolved(node: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    node = mapped(node)
    return mapped(resolved(schema, node["$ref"])) if "$ref" in node else node


def _overlap(one: Any, other: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value may be of both, as far as types and the values that are named say."""
    one, other = _resolved(one, schema), _resolved(other, schema)
    kinds = [listed(each.get("enum")) or [each["const"]] if "const" in each else [] for each in (one, other)]
    if all(kinds):
        return any(value in kinds[1] for value in kinds[0])
    types = [each.get("type") for each in (one, other)]
    return None in types or types[0] == types[1]


def _by_msgspec(given: Any) -> _Made:
    json: Any = __import__("msgspec.json").json
    decoder = json.Decoder(given)
    schema: dict[str, Any] = json.schema(given)
    return _Made(_name(given) or "answer", schema, decoder.decode)


def _by_schema(given: Mapping[str, Any]) -> _Made:
    try:
        schema = mapped(_spelled(given))
    except RecursionError:
        raise TypeError(f"{_KINDS}. The schema holds itself, or is too deep: let it refer to its parts") from None
    kind = schema.get("type")
    known = ("object", "array", "string", "integer", "number", "boolean", "null")
    if not (kind in known or isinstance(kind, list) or any(word in schema for word in _SCHEMA_WORDS)):
        raise TypeError(f"{given!r}: {_KINDS}. It is a dict, and no JSON schema; formats of the API go to create()")

    def read(text: str) -> Any:
        from json import loads

        from ._check import problems

        value = loads(text)
        if wrong := problems(value, schema):
            raise ValueError("; ".join(wrong))
        return value

    title = schema.get("title")
    return _Made(title if isinstance(title, str) and title else "answer", dict(schema), read)


def _spelled(node: Any) -> Any:
    """A schema in Google's or OpenAPI's spelling, types in capitals and `nullable`, as JSON schema has it."""
    if isinstance(node, list):
        return [_spelled(one) for one in cast("list[object]", node)]
    if not isinstance(node, Mapping):
        return node
    out: dict[str, Any] = {}
    for name, part in mapped(node).items():
        if name in _NAMED:
            out[name] = {key: _spelled(one) for key, one in mapped(part).items()} if isinstance(part, Mapping) else part
        else:
            out[name] = part if name in _VALUES else _spelled(part)
    if isinstance(kind := out.get("type"), str) and kind.isupper():
        out["type"] = kind.lower()
    if out.get("nullable") is True and isinstance(kind := out.get("type"), str):
        del out["nullable"]
        out["type"] = [kind, "null"]
        if isinstance(enum := out.get("enum"), list) and None not in enum:
            out["enum"] = [*cast("list[object]", enum), None]
    return out


_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_VALUES = ("default", "const", "enum", "example", "examples")
_SCHEMA_WORDS = ("properties", "anyOf", "oneOf", "allOf", "$ref", "enum", "const")
_KINDS = (
    "give a pydantic model, a dataclass, a TypedDict, an Enum, a Literal, a type like list[int], a msgspec.Struct, an "
    "attrs class, a TypeAdapter or a JSON schema"
)


_LAZY = (Iterable, Iterator, Generator)


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
    """The type, with lists for iterables, which pydantic would read one by one and later, and its `typing.TypedDict`s
    made anew by typing_extensions: below Python 3.12 pydantic takes only those."""
    if given in within:
        return given
    if given in _LAZY:
        return list
    if (
        sys.version_info < (3, 12)
        and isinstance(given, type)
        and type(given).__module__ == "typing"
        and hasattr(given, "__required_keys__")
    ):
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
    if origin in _LAZY:
        return list[_for_pydantic(args[0], within)]  # type: ignore[misc]
    anew = tuple(_for_pydantic(one, within) for one in args)
    if anew == args:
        return given
    return cast("Any", Union)[anew] if origin in (Union, UnionType) else origin[anew]


def _root(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema, or what it is nothing but a reference to."""
    seen: list[Any] = []
    while (ref := schema.get("$ref")) is not None and ref not in seen:
        seen.append(ref)
        beside = {name: rule for name, rule in schema.items() if name != "$ref"}
        schema = {**mapped(resolved({**schema, **beside}, ref)), **{k: v for k, v in beside.items() if k in _DEFS}}
    return schema


def _all_optional(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of an object that needs none of them and has no other; else none."""
    schema = _root(schema)
    open = schema.get("additionalProperties") or schema.get("patternProperties") or schema.get("required")
    return () if open else tuple(mapped(schema.get("properties")))


def _is_object(schema: Mapping[str, Any]) -> bool:
    schema = _root(schema)
    return (
        "anyOf" not in schema
        and "oneOf" not in schema
        and (schema.get("type") == "object" or ("type" not in schema and ("properties" in schema or "allOf" in schema)))
    )


_DEFS = ("$defs", "definitions")
_NO_JSON = object()
_CONTROL = re.compile(r"[\x00-\x1f]")


def _loads(text: str) -> Any:
    """The value; `_NO_JSON` where there is none. A line may break within a text: what is meant is plain."""
    from json import loads

    try:
        return loads(exact_json(text), strict=False)
    except (ValueError, RecursionError):
        return _NO_JSON


def _said(text: str) -> str:
    """An answer without what the model thought before it; nothing of one whose thought has no end."""
    at = 0
    while opened := _THOUGHT.match(text, at):
        over = _THOUGHT_OVER.search(text, opened.end())
        if over is None:
            return ""
        at = over.end()
    text = text[at:].strip()
    if text[:1] not in ("{", "[", "`") and (over := _THOUGHT_OVER.search(text)):
        return text[over.end() :].strip()  # of some templates the beginning of the thought is no part of the answer
    return text


def _within(text: str, like: re.Pattern[str]) -> Iterator[str]:
    """The JSON values in an answer: itself, what its only fence holds, or those that stand among words and begin like
    one. Of a value that is broken, or cut, no part is one: it would be taken for the whole."""
    text = _said(text)
    if text.startswith("```") and text.endswith("```") and len(text) > 6:
        first, line, rest = text[3:-3].partition("\n")
        text = (rest if line and (not first.strip() or first.strip().isidentifier()) else text[3:-3]).strip()
    if _loads(text) is not _NO_JSON:
        yield text
        return
    from json import JSONDecoder

    decode = JSONDecoder(strict=False).raw_decode
    at: int | None = 0
    found = 0
    while at is not None and found < _MOST and (begins := _OPENING.search(text, at)):
        at = begins.start()
        try:
            _, end = decode(text, at)
        except (ValueError, RecursionError):
            at = _end(text, at) if _EITHER.match(text, at) else at + 1
            continue
        if like.match(text, at):
            found += 1
            yield text[at:end]
        at = end


def _end(text: str, at: int) -> int | None:
    """Where the brackets that open there are closed again; None where they are not."""
    depth = 0
    for found in _STRINGS_AND_BRACKETS.finditer(text, at):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return None


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:
        return False
