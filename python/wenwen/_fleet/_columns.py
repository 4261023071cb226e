"""The columns that answers become, decided before there is one: all batches of a fleet have one schema, also those
whose rows all failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._jobs._columns import FLOAT, JSON, NOTHING, TEXT, VECTOR, Type, joined, plain, settled, type_of
from .._jobs._sinks import _MORE, _unclashed
from .._strict import listed, mapped, resolved

# Of a picture its bytes, or where it is, which nothing is fetched from: as `datasets` has pictures.
PICTURE: Type = ("struct", {"bytes": ("bytes",), "path": TEXT})
PAINTING: tuple[str, ...] = ("images.generate", "images.edit")
_ALONE: dict[str, Type] = {"embeddings": VECTOR, "audio.speech": ("bytes",)}
_SIMPLE: dict[str, Type] = {
    "string": TEXT,
    "integer": ("int",),
    "number": FLOAT,
    "boolean": ("bool",),
    "null": NOTHING,
}


class Answer(NamedTuple):
    """The columns of an answer. fields: their names in it; None where it is one column. defaults: what stands in those
    that it may leave out."""

    fields: tuple[str, ...] | None
    types: tuple[Type, ...]
    defaults: Mapping[str, Any] = {}

    def cells(self, output: Any) -> list[Any]:
        """An answer that is a record, by its columns."""
        made, fields = mapped(output), self.fields or ()
        whole = {**self.defaults, **made}
        if _MORE in fields and _MORE not in made:
            whole[_MORE] = {name: value for name, value in made.items() if name not in fields} or None
        return [plain(whole.get(name)) for name in fields]

    def names(self, given: Iterable[str]) -> list[str]:
        """What they are called beside these, with `error` and `cost` behind them."""
        return _unclashed(self.fields, given)


def answer_of(endpoint: str, schema: Mapping[str, Any] | None, params: Mapping[str, Any]) -> Answer:
    """The columns of an endpoint's answers, of a class if there is a schema."""
    if schema is None:
        if endpoint in PAINTING:
            return Answer(None, (("list", PICTURE) if params.get("n") not in (None, 1) else PICTURE,))
        return Answer(None, (_ALONE.get(endpoint, JSON),))  # JSON: which a text is as it stands
    top = _followed(schema, schema)
    properties = mapped(top.get("properties"))
    if not properties or "anyOf" in top:
        return Answer(None, (settled(_type_of(schema, schema, ())),))
    fields = {str(name): settled(_type_of(part, schema, ())) for name, part in properties.items()}
    if top.get("additionalProperties") is True:
        fields.setdefault(_MORE, JSON)
    defaults = {str(name): mapped(part)["default"] for name, part in properties.items() if "default" in mapped(part)}
    return Answer(tuple(fields), tuple(fields.values()), defaults)


def _followed(node: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node, or what it refers to."""
    seen: list[str] = []
    while "$ref" in (node := mapped(node)) and node["$ref"] not in seen:
        seen.append(node["$ref"])
        node = resolved(schema, node["$ref"])
    return mapped(node)


def _type_of(node: Any, schema: Mapping[str, Any], within: tuple[str, ...]) -> Type:
    """The type of what a schema lets through; JSON for what is of several, or holds itself."""
    node = mapped(node)
    if "$ref" in node:
        if node["$ref"] in within:
            return JSON
        return _type_of(resolved(schema, node["$ref"]), schema, (*within, node["$ref"]))
    values = [node["const"]] if "const" in node else listed(node.get("enum"))
    if values:
        return joined(NOTHING, *map(type_of, values))
    for word in ("anyOf", "oneOf", "allOf"):
        if options := listed(node.get(word)):
            if word == "allOf" and len(options) > 1:
                return JSON
            return joined(NOTHING, *(_type_of(one, schema, within) for one in options))
    kind = node.get("type")
    if isinstance(kind, list):
        return joined(NOTHING, *(_type_of({**node, "type": one}, schema, within) for one in listed(kind)))
    if kind == "array":
        # Of a tuple, whose places differ, each has its own schema.
        return ("list", _type_of(node["items"], schema, within)) if mapped(node.get("items")) else JSON
    if kind == "object":
        parts = mapped(node.get("properties"))
        if not parts or node.get("additionalProperties") not in (None, False):
            return JSON
        return ("struct", {str(name): _type_of(part, schema, within) for name, part in parts.items()})
    return _SIMPLE.get(str(kind), JSON)
