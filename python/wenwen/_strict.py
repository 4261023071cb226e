"""JSON schemas in the form that a server holds a model to: "strict". One writer for all, which walks every level; what
the dialects take is a table. What a dialect cannot check is said in the description instead, and checked here when the
answer comes. Loaded by the first call that needs a schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from ._core import dumps

Schema = dict[str, Any]


class _Surface(NamedTuple):
    """What a dialect takes. rules: keywords that stay. formats: those of strings that stay. refs: `$ref`, in circles
    too where `cycles`. closed: whether objects must say `additionalProperties`. null: a type; else `nullable` beside
    one. enums: of which types. least: the largest `minItems`."""

    rules: frozenset[str]
    formats: frozenset[str]
    refs: bool = True
    cycles: bool = True
    closed: bool = True
    null: bool = True
    enums: frozenset[str] = frozenset(("string", "integer", "number", "boolean"))
    least: float = float("inf")


_FORMATS = frozenset(("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"))
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_OPENAI = _Surface(frozenset(("pattern", "format", "minItems", "maxItems", *_BOUNDS)), _FORMATS)
_ANTHROPIC = _Surface(frozenset(("format", "minItems")), _FORMATS | {"uri"}, cycles=False, least=1)
# Of two fields for a schema this is the older one, OpenAPI's, which every build of the gateway hands on.
_GEMINI = _Surface(
    frozenset(("format", "minItems", "maxItems", "minimum", "maximum")),
    frozenset(("date-time",)),
    refs=False,
    cycles=False,
    closed=False,
    null=False,
    enums=frozenset(("string",)),
)
_SURFACES = {
    **dict.fromkeys(("responses", "chat", "openai"), _OPENAI),
    **dict.fromkeys(("messages", "anthropic"), _ANTHROPIC),
    "gemini": _GEMINI,
}

# What is said of any value, and by its type; other keywords hold no value back.
_ANY = ("not", "if", "then", "else", "examples")
_RULES: dict[str, tuple[str, ...]] = {
    "string": ("format", "pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType"),
    "integer": _BOUNDS,
    "number": _BOUNDS,
    "boolean": (),
    "null": (),
    "array": ("minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains"),
    "object": ("minProperties", "maxProperties", "propertyNames", "dependentRequired", "dependentSchemas"),
}
_PARTS_OF_A_WHOLE = ("$defs", "definitions", "$schema", "$id", "$comment")
_ANNOTATIONS = frozenset(
    ("title", "description", "default", "examples", "discriminator", "deprecated", "readOnly", "writeOnly")
).union(_PARTS_OF_A_WHOLE)
# Groups that look around and references to groups: servers refuse them, and pydantic writes them for Decimal.
_TOO_MUCH = re.compile(r"\(\?(?!:)|\\[1-9bBAZzGk]")
# Parts of a schema, and levels: beyond that no server takes it, and a chain of described references doubles each time.
_PARTS, _LEVELS = 20_000, 100


class _LooseError(Exception):
    """A place of the schema that no strict one can express."""


def strict_or_why(schema: Mapping[str, Any], dialect: str) -> tuple[Schema, str | None]:
    """The schema for a dialect, and None; or, where it cannot be strict, as it may go out without, and why: the place,
    and what it is. Never changes what it was given."""
    surface = _SURFACES[dialect]
    try:
        return _Writer(schema, surface).root(), None
    except _LooseError as why:
        # Gemini takes less than JSON Schema whether strict or not.
        return dict(schema) if surface.refs else _Writer(schema, surface, lenient=True).root(), str(why)


def strict_schema(schema: Mapping[str, Any], dialect: str) -> tuple[Schema, bool]:
    """The schema for a dialect ("responses", "chat", "messages", "gemini"), and whether `strict` can be said of it."""
    written, why = strict_or_why(schema, dialect)
    return written, why is None


def resolved(schema: Mapping[str, Any], ref: Any) -> Any:
    """What a `$ref` within a schema stands for; ValueError where there is nothing."""
    target: Any = schema
    steps = str(ref).removeprefix("#").split("/")[1:]
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        target = mapped(target).get(name)
    if target is None or not str(ref).startswith("#"):
        raise ValueError(f"the schema refers to {ref!r}, which it does not have")
    return target


def mapped(value: Any) -> Mapping[str, Any]:
    """A mapping; an empty one of anything else."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    return cast("list[object]", value) if isinstance(value, list) else []


class _Writer:
    def __init__(self, schema: Mapping[str, Any], surface: _Surface, lenient: bool = False) -> None:
        self._whole = schema
        self._surface = surface
        self._lenient = lenient
        self._defs: dict[str, Any] = {}
        self._keys: dict[str, str] = {}
        self._within: set[str] = set()  # references that are being written
        self._left = _PARTS

    def root(self) -> Schema:
        whole = dict(self._whole)
        seen: set[str] = set()
        while isinstance(ref := whole.get("$ref"), str):  # it must be an object itself
            if ref in seen:
                raise ValueError(f"the schema is nothing but a circle: {ref!r}")
            seen.add(ref)
            whole = {**resolved(self._whole, ref), **{name: it for name, it in whole.items() if name != "$ref"}}
        written = self._node(whole, "")
        if written.get("type") != "object" and not self._lenient:
            raise _LooseError("its root is no object")
        if self._defs:
            written["$defs"] = self._defs
        return written

    def _loose(self, path: str, what: str, instead: Schema) -> Schema:
        if self._lenient:
            return instead
        raise _LooseError(f"{path or 'its root'} is {what}")

    def _node(self, node: Any, path: str) -> Schema:
        self._left -= 1
        if self._left < 0 or path.count(".") > _LEVELS:
            return self._loose(path, "deeper or larger than any server takes", {"type": "object"})
        if not isinstance(node, Mapping):
            return self._loose(path, "of any kind", {"type": "string", "description": "any JSON, as text"})
        node = mapped(node)
        if "$ref" in node:
            return self._ref(node, path)
        if "allOf" in node:
            node = self._joined(node, path)
        if options := listed(node.get("anyOf", node.get("oneOf"))):
            return self._options(node, options, path)
        types = node.get("type")
        several = listed(types)
        if "const" in node or "enum" in node:
            values = [node["const"]] if "const" in node else list(listed(node["enum"]))
            if "null" in several and None not in values:
                values.append(None)
            return self._enum(node, values, path)
        if several:
            rules = {name: value for name, value in node.items() if name not in _ANNOTATIONS}
            members = [self._node({**rules, "type": one}, path) for one in several]
            return self._union(members, node)
        if types is None:
            types = "object" if "properties" in node else "array" if "items" in node or "prefixItems" in node else None
        if types == "object":
            return self._object(node, path)
        if types == "array":
            return self._array(node, path)
        if not isinstance(types, str) or types not in _RULES:
            return self._node(None, path)
        if types == "null" and not self._surface.null:
            return {"type": "string", "nullable": True}
        return self._said({"type": types}, node, types)

    def _ref(self, node: Mapping[str, Any], path: str) -> Schema:
        ref = str(node["$ref"])
        target = resolved(self._whole, ref)
        beside = {name: value for name, value in node.items() if name not in ("$ref", *_PARTS_OF_A_WHOLE)}
        if beside.get("default", ...) is None:
            del beside["default"]
        round = ref in self._within
        if round and not self._surface.cycles:
            return self._loose(path, f"a circle: {ref!r} holds itself", {"type": "object"})
        key = self._keys.setdefault(ref, self._key(ref))
        if (beside and not round) or not self._surface.refs:
            # A reference stands alone there, so what it stands for is written out.
            return self._inside(ref, {**mapped(target), **beside} if beside else target, path)
        if key not in self._defs and not round:
            self._defs[key] = None  # in the order in which they are found
            self._defs[key] = self._inside(ref, target, f"{path}.{key}")
        alone: Schema = {"$ref": f"#/$defs/{key.replace('~', '~0').replace('/', '~1')}"}
        return self._said({"anyOf": [alone]}, beside) if beside else alone

    def _inside(self, ref: str, node: Any, path: str) -> Schema:
        inner = ref not in self._within
        self._within.add(ref)
        try:
            return self._node(node, path)
        finally:
            if inner:
                self._within.discard(ref)

    def _key(self, ref: str) -> str:
        name = ref.rpartition("/")[2].replace("~1", "/").replace("~0", "~").strip("#") or "root"
        key, others = name, set(self._keys.values())
        while key in others:
            key += "_"
        return key

    def _joined(self, node: Mapping[str, Any], path: str, within: tuple[str, ...] = ()) -> Schema:
        """`allOf` as one schema."""
        joined = {name: value for name, value in node.items() if name != "allOf"}
        for part in listed(node["allOf"]):
            self._left -= 1
            if self._left < 0:
                break  # the next step says so
            part = mapped(part)
            ref = str(part.get("$ref"))
            if "$ref" in part:
                if ref in within:
                    self._loose(path, f"a circle: {ref!r} holds itself", {})
                    continue
                beside = {name: value for name, value in part.items() if name != "$ref"}
                part = {**mapped(resolved(self._whole, ref)), **beside}
            part = self._joined(part, path, (*within, ref)) if "allOf" in part else part
            for name, value in part.items():
                if name == "required":
                    joined[name] = [*listed(joined.get(name)), *listed(value)]
                elif name == "properties":
                    own, value = mapped(joined.get(name)), mapped(value)
                    joined[name] = {**own, **{key: {"allOf": [own[key], it]} if key in own else it
                                              for key, it in value.items()}}  # fmt: skip
                elif name in joined and joined[name] != value and name not in _ANNOTATIONS:
                    self._loose(path, f"of two {name!r} at once", {})
                else:
                    joined.setdefault(name, value)
        return joined

    def _options(self, node: Mapping[str, Any], options: list[Any], path: str) -> Schema:
        rules = [name for name in node if name not in _ANNOTATIONS and name not in ("anyOf", "oneOf", "type")]
        if rules:
            return self._loose(path, f"a choice with {rules[0]!r} beside it", {"type": "object"})
        return self._union([self._node(one, f"{path}|{at}") for at, one in enumerate(options)], node)

    def _union(self, members: list[Schema], node: Mapping[str, Any]) -> Schema:
        if self._surface.null:
            return self._said({"anyOf": members}, node)
        rest = [member for member in members if member != {"type": "string", "nullable": True}]
        one: Schema = dict(rest[0]) if len(rest) == 1 else {"anyOf": rest or members}
        if len(rest) < len(members):
            one["nullable"] = True
        return self._said(one, node)

    def _enum(self, node: Mapping[str, Any], values: list[Any], path: str) -> Schema:
        kinds: dict[str, list[Any]] = {}
        for value in values:
            kinds.setdefault(_KINDS.get(value.__class__, ""), []).append(value)
        if "" in kinds or not values:
            return self._loose(path, "a choice of values that are no scalars", {"type": "string"})
        members: list[Schema] = []
        for kind, ones in kinds.items():
            if kind == "null":
                members.append(self._node({"type": "null"}, path))
            elif kind in self._surface.enums:
                members.append({"type": kind, "enum": ones})
            else:
                members.append({"type": kind, "description": f"one of {dumps(ones)[1:-1]}"})
        if len(members) == 1:
            return self._said(members[0], node)
        return self._union(members, node)

    def _object(self, node: Mapping[str, Any], path: str) -> Schema:
        properties = mapped(node.get("properties"))
        closed = "properties" in node or node.get("additionalProperties") is False
        if not closed or node.get("additionalProperties", False) is not False or node.get("patternProperties"):
            what = "an object of any keys"
            values = node.get("additionalProperties")
            if not properties and self._lenient:
                more = {"description": f"keys to values: {dumps(values)}"} if mapped(values) else {}
                return self._said({"type": "object", **more}, node)
            if not self._lenient:
                self._loose(path, what, {})
        needed: Any = node.get("required") or ()
        written: Schema = {}
        for name, value in properties.items():
            one = self._node(value, f"{path}.{name}")
            # Where the model need not say anything and does not know what is taken then, it may say null.
            written[name] = one if name in needed or "default" in mapped(value) else self._optional(one)
        out: Schema = {"type": "object", "properties": written}
        if self._surface.closed:
            out["additionalProperties"] = False
        elif written:
            out["propertyOrdering"] = list(written)  # else it writes them by the alphabet, the answer before its reason
        out["required"] = list(written)
        return self._said(out, node, "object")

    def _optional(self, one: Schema) -> Schema:
        takes_null = one.get("nullable") or {"type": "null"} in one.get("anyOf", ())
        if takes_null:
            return one
        if not self._surface.null:
            return {**one, "nullable": True}
        return {"anyOf": [one, {"type": "null"}]}

    def _array(self, node: Mapping[str, Any], path: str) -> Schema:
        items: Any = node.get("items")
        places = listed(node.get("prefixItems")) or listed(items)
        out: Schema = {"type": "array"}
        if not places:
            out["items"] = self._node(items or None, f"{path}[]")
            return self._said(out, node, "array")
        # A tuple: of each place's kind, and as many; the order is said in words.
        written = [self._node(place, f"{path}[{at}]") for at, place in enumerate(places)]
        order = ", ".join(_brief(one, place) for one, place in zip(written, places, strict=True))
        if isinstance(items, Mapping):
            written.append(self._node(items, f"{path}[]"))
        kinds = [{name: value for name, value in one.items() if name != "title"} for one in written]
        kinds = [one for at, one in enumerate(kinds) if one not in kinds[:at]]
        out["items"] = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        return self._said(out, node, "array", {"items in this order": order})

    def _said(
        self, out: Schema, node: Mapping[str, Any], kind: str | None = None, words: Mapping[str, str] = {}
    ) -> Schema:
        """Adds what the dialect takes of a node's rules; the others go into the description."""
        surface, told = self._surface, dict(words)
        for name in (*_RULES.get(kind or "", ()), *_ANY):
            if name not in node:
                continue
            value = node[name]
            stays = name in surface.rules and not (
                (name == "format" and value not in surface.formats)
                or (name == "pattern" and _TOO_MUCH.search(str(value)))
                or (name == "minItems" and not (isinstance(value, int) and value <= surface.least))
            )
            if stays:
                out[name] = value
            else:
                told[name] = value if isinstance(value, str) else dumps(value)
        if node.get("default") is not None:
            told["default"] = dumps(node["default"])
        if isinstance(title := node.get("title"), str):
            out["title"] = title
        said = [text for text in (node.get("description"), out.get("description")) if isinstance(text, str) and text]
        if told:
            said.append(f"({'; '.join(f'{name}: {value}' for name, value in told.items())})")
        if said:
            out["description"] = "\n".join(dict.fromkeys(said))
        return out


_KINDS: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    type(None): "null",
}


def _brief(written: Schema, node: Any) -> str:
    kind = str(written.get("type", "one of several kinds"))
    title = mapped(node).get("title")
    return f"{title} ({kind})" if isinstance(title, str) else kind


def wire_name(name: str) -> str:
    """A name as the APIs take it: [a-zA-Z0-9_-]{1,64}; two that lose something stay two."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in name)
    if plain == name and 0 < len(name) <= 64:
        return name
    from zlib import crc32

    return f"{plain[:55]}_{crc32(name.encode('utf-8', 'surrogatepass')):08x}"
