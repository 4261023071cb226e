"""JSON values beside their schema: what does not fit, and what is easily made to. For answers whose class did not take
them, and for those that have a schema and no class. Loaded by the first of either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import ge, gt, le, lt
from typing import Any, cast

from ._strict import listed, mapped, resolved

# Looks at a value's parts: a choice within a choice is tried in all ways, and a server's value may be as deep as it
# likes.
_LOOKS = 200_000
_FEW = 10  # problems that are told

_LENGTHS = {"minLength": lt, "maxLength": gt}
_BOUNDS = {"minimum": lt, "maximum": gt, "exclusiveMinimum": le, "exclusiveMaximum": ge}

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


def problems(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """What of a JSON value does not fit its schema, each with its place; none if it fits."""
    try:
        found = _Check(schema).problems(value, schema)
    except RecursionError:
        found = [("", "is nested too deeply to be checked")]
    return [f"{path.removeprefix('.') or 'it'} {what}" for path, what in found[:_FEW]]


def mended(value: Any, schema: Mapping[str, Any]) -> Any:
    """A JSON value with what a model often gets wrong set right: a null that says that a field is left out, and objects
    and lists that came as JSON text where the schema wants no text."""
    try:
        return _Check(schema).mended(value, schema)
    except RecursionError:
        return value


_Found = list[tuple[str, str]]  # places, as seen from the value, and what is wrong there


class _Check:
    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self._left = _LOOKS
        # By value and rule: choices within choices lead to each in many ways. The value stays, and so its id.
        self._known: dict[tuple[int, int], tuple[Any, _Found]] = {}
        self._made: dict[tuple[int, int], tuple[Any, Any]] = {}

    def _at(self, node: Any) -> Mapping[str, Any]:
        """A node, or what it refers to; what stands beside a reference counts as well."""
        node = mapped(node)
        for _ in range(100):  # or it goes round
            if "$ref" not in node:
                break
            beside = {name: rule for name, rule in node.items() if name != "$ref"}
            node = {**mapped(resolved(self._whole, node["$ref"])), **beside}
        return mapped(node)

    def problems(self, value: Any, rule: Any) -> _Found:
        key = id(value), id(rule)
        if key not in self._known:
            self._known[key] = value, self._problems(value, rule)
        return self._known[key][1]

    def _within(self, step: str, value: Any, rule: Any) -> _Found:
        return [(step + path, what) for path, what in self.problems(value, rule)]

    def _problems(self, value: Any, rule: Any) -> _Found:
        self._left -= 1
        if self._left < 0:
            return [("", "is too large to be checked")]
        if rule is False:
            return [("", "may not be there")]
        node = self._at(rule)
        kinds = listed(node.get("type")) or ([node["type"]] if "type" in node else [])
        if kinds and not any(_is(value, kind) for kind in kinds):
            return [("", f"is no {' or '.join(map(str, kinds))}")]
        found: _Found = []

        def say(what: str) -> None:
            found.append(("", what))

        if "const" in node and not _same(value, node["const"]):
            say(f"is not {node['const']!r}")
        if "enum" in node and not any(_same(value, one) for one in listed(node["enum"])):
            say(f"is none of {', '.join(map(repr, listed(node['enum'])))}")
        for part in listed(node.get("allOf")):
            found += self.problems(value, part)
        for word in ("anyOf", "oneOf"):
            tries = [self.problems(value, one) for one in listed(node.get(word))]
            fits = sum(not wrong for wrong in tries)
            if tries and not fits:
                found += sorted(tries, key=len)[0]
            elif word == "oneOf" and fits > 1:
                say(f"fits {fits} of its kinds, and may fit only one")
        if "not" in node and not self.problems(value, node["not"]):
            say("is what it may not be")
        if "if" in node:
            way = "else" if self.problems(value, node["if"]) else "then"
            found += self.problems(value, node.get(way, True))
        if isinstance(value, dict):
            self._object(cast("dict[str, Any]", value), node, found)
        elif isinstance(value, list):
            self._array(listed(value), node, found)
        elif isinstance(value, str):
            for word, wrong in _LENGTHS.items():
                if (limit := _number(node, word)) is not None and wrong(len(value), limit):
                    say(f"has {len(value)} characters, and {word} is {limit}")
            if "pattern" in node and not _matches(node["pattern"], value):
                say(f"does not match {node['pattern']!r}")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            for word, wrong in _BOUNDS.items():
                if (limit := _number(node, word)) is not None and wrong(value, limit):
                    say(f"is {value}, and {word} is {limit}")
            if (step := _number(node, "multipleOf")) and not _multiple(value, step):
                say(f"is {value}, and no multiple of {step}")
        return found

    def _object(self, value: dict[str, Any], node: Mapping[str, Any], found: _Found) -> None:
        properties, patterns = mapped(node.get("properties")), mapped(node.get("patternProperties"))
        needed = [name for name in listed(node.get("required")) if isinstance(name, str)]
        found += [(f".{name}", "is missing") for name in needed if name not in value]
        for name, one in value.items():
            rules = [properties[name]] if name in properties else []
            rules += [rule for pattern, rule in patterns.items() if _matches(pattern, name)]
            for rule in rules or [node.get("additionalProperties", True)]:
                found += self._within(f".{name}", one, rule)
            if "propertyNames" in node:
                found += self._within(f".{name}", name, node["propertyNames"])
            if len(found) > _FEW:
                return
        self._count(len(value), node, "Properties", found)

    def _array(self, value: list[Any], node: Mapping[str, Any], found: _Found) -> None:
        items = node.get("items", True)
        places = listed(node.get("prefixItems")) or listed(items)
        items = node.get("additionalItems", True) if isinstance(items, list) else items
        for at, one in enumerate(value):
            found += self._within(f"[{at}]", one, places[at] if at < len(places) else items)
            if len(found) > _FEW:
                return
        if node.get("uniqueItems") and len({repr(one) for one in value}) < len(value):
            found.append(("", "has an item twice"))
        self._count(len(value), node, "Items", found)

    def _count(self, count: int, node: Mapping[str, Any], what: str, found: _Found) -> None:
        for word, wrong in ((f"min{what}", lt), (f"max{what}", gt)):
            if (limit := _number(node, word)) is not None and wrong(count, limit):
                found.append(("", f"has {count}, and {word} is {limit}"))

    def mended(self, value: Any, rule: Any) -> Any:
        key = id(value), id(rule)
        if key not in self._made:
            self._made[key] = value, self._mended(value, rule)
        return self._made[key][1]

    def _mended(self, value: Any, rule: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            return value
        node = self._at(rule)
        if options := [*listed(node.get("anyOf")), *listed(node.get("oneOf"))]:
            for one in options:
                made = self.mended(value, one)
                if not self.problems(made, one):
                    return made
            return value
        if isinstance(value, str) and node.get("type") in ("object", "array"):
            from json import loads

            try:
                made = loads(value)
            except (ValueError, RecursionError):
                return value
            return self.mended(made, node) if _is(made, node["type"]) else value
        if isinstance(value, dict):
            properties, needed = mapped(node.get("properties")), listed(node.get("required"))
            rest = node.get("additionalProperties")
            kept: dict[str, Any] = {}
            for name, one in mapped(value).items():
                rule = properties.get(name, rest)
                left_out = one is None and name in properties and name not in needed
                if not left_out or not self.problems(None, rule):
                    kept[name] = self.mended(one, rule)
            return kept
        if isinstance(value, list):
            places = listed(node.get("prefixItems"))
            rest = node.get("items")
            return [self.mended(one, places[at] if at < len(places) else rest) for at, one in enumerate(listed(value))]
        return value


def _is(value: Any, kind: Any) -> bool:
    types: Any = _TYPES.get(str(kind), object)
    if isinstance(value, bool) or not isinstance(value, types):
        return isinstance(value, bool) and kind == "boolean"
    return kind != "integer" or bool(value % 1 == 0)


def _number(node: Mapping[str, Any], word: str) -> int | float | None:
    """A limit; None where there is none, or what is none."""
    limit = node.get(word)
    return limit if isinstance(limit, (int, float)) and not isinstance(limit, bool) else None


def _multiple(value: float, step: float) -> bool:
    """As the decimals are written: 0.3 is a multiple of 0.1, and no digit of a large number is lost."""
    from fractions import Fraction

    return Fraction(str(value)) % Fraction(str(step)) == 0


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _matches(pattern: Any, text: str) -> bool:
    try:
        return re.search(str(pattern), text) is not None
    except re.error:
        return True  # not of Python's kind: the server has seen to it
