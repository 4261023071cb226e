"""What the annotations of the typed classes say, in the form that the core's `Object` works with.

A place in a reply is described by a pair: what becomes of a JSON object there, and what of a JSON array.

object: None (nothing declared: a plain Object), a class, "dict" (stays a dict), ({tag: class}, fallback) for a union
told apart by `type` (a tag may lead to {role: class}), or ("map", description of the values).
array: None (nothing declared), "list" (stays as it is), or the description of its items.

Called once per class and once per endpoint, when they are first used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Any, Literal, NotRequired, Required, TypeAlias, Union, cast, get_args, get_origin

from wenwen._core import Endpoint, Object

Description: TypeAlias = tuple[Any, Any]

_ANYTHING: Description = ("dict", "list")
_UNKNOWN: Description = (None, None)
_KINDS = {"str": 1, "int": 2, "float": 4, "bool": 8, "list": 16, "dict": 32}


def fields(cls: type) -> dict[str, Description]:
    """The declared fields of a class and its bases."""
    return {name: _describe(annotation) for name, annotation in _annotations(cls)}


def endpoint(id: str, *, reply: Any = None, event: Any = None, params: type | None = None) -> Endpoint:
    """The endpoint of that id in the core's table, with its types: the class of a whole reply, the class or union of a
    stream's events, the TypedDict of its parameters (without one, any name is taken)."""
    return Endpoint(
        id, lambda: _describe(reply), lambda: _describe(event), None if params is None else lambda: _parameters(params)
    )


def _parameters(params: type) -> tuple[dict[str, int], list[str]]:
    """The kinds of the parameters, and the names of those that must be there."""
    annotations = dict(_annotations(params))
    kinds = {name: _kinds(annotation) for name, annotation in annotations.items()}
    return kinds, [name for name, annotation in annotations.items() if get_origin(annotation) is Required]


def _annotations(cls: type) -> Iterator[tuple[str, Any]]:
    """Name and evaluated annotation of each field, those of the bases first."""
    # A TypedDict has its bases' annotations among its own, each told where it is from.
    is_params = getattr(cls, "__total__", None) is not None
    bases = [cls] if is_params else [base for base in reversed(cls.__mro__) if base is not object]
    for base in bases:
        space = vars(sys.modules[base.__module__])
        for name, annotation in base.__annotations__.items():
            if not isinstance(annotation, str):  # a ForwardRef, which knows its module where it is another
                module = annotation.__forward_module__
                space = vars(sys.modules[getattr(module, "__name__", module) or base.__module__])
                annotation = annotation.__forward_arg__
            yield name, eval(annotation, space)


def _members(annotation: Any) -> Iterator[Any]:
    """The members of a union, however it is written."""
    origin = get_origin(annotation)
    if origin in (UnionType, Union, Required, NotRequired):
        for member in get_args(annotation):
            yield from _members(member)
    else:
        yield annotation


def _describe(annotation: Any) -> Description:
    classes: list[type] = []
    in_dict: Any = None
    in_list: Any = None
    for member in _members(annotation):
        origin = get_origin(member) or member
        if member is Any or member is object:
            return _ANYTHING
        if not isinstance(origin, type):
            continue
        if issubclass(origin, Object):
            classes.append(origin)
        elif origin in (dict, Mapping):
            values = _describe(get_args(member)[1]) if get_args(member) else _ANYTHING
            in_dict = "dict" if values in (_ANYTHING, _UNKNOWN) else ("map", values)
        elif origin in (list, tuple, Iterable, Sequence):
            items = _describe(get_args(member)[0]) if get_args(member) else _ANYTHING
            in_list = "list" if items == _ANYTHING else items
    if len(classes) == 1:
        in_dict = classes[0]
    elif classes:
        in_dict = _union(classes)
    return in_dict, in_list


def _union(classes: list[type]) -> tuple[dict[str, Any], type | None]:
    tags: dict[str, Any] = {}
    fallback: type | None = None
    for cls in classes:
        values = _literals(cls, "type")
        if not values:
            fallback = fallback or cls
        for value in values:
            known = tags.get(value)
            if known is None:
                tags[value] = cls
                continue
            roles: dict[str, type] = {} if isinstance(known, type) else known
            for member in (cls, known) if isinstance(known, type) else (cls,):
                # The class named later in the union is the more special one.
                for role in _literals(member, "role"):
                    roles.setdefault(role, member)
            tags[value] = roles
    return tags, fallback


@cache
def _literals(cls: type, name: str) -> list[str]:
    """The values that a field is declared to have. Evaluates no other annotation: a stream has 58 kinds of events."""
    for base in cls.__mro__:
        if base is not object and (annotation := base.__annotations__.get(name)) is not None:
            declared = eval(annotation, vars(sys.modules[base.__module__]))
            if found := [value for member in _members(declared) for value in get_args(member)]:
                return found
    return []


def _kinds(annotation: Any) -> int:
    """The kinds of value that a parameter takes, as bits; 0 where that cannot be said."""
    kinds = 0
    for member in _members(annotation):
        origin = get_origin(member) or member
        if member is None or member is type(None):
            continue
        if origin is Literal:
            kinds |= _KINDS["str"]
        elif origin in (str, int, float, bool):
            kinds |= _KINDS[origin.__name__]
        elif origin in (list, tuple, Iterable, Sequence):
            kinds |= _KINDS["list"]
        elif origin is Mapping or (isinstance(origin, type) and issubclass(origin, (dict, Object))):
            kinds |= _KINDS["dict"]
        else:
            return 0
    return kinds


def picked(tree: Any, include: Any, exclude: Any) -> Any:
    """A dump with what `include` names alone and without what `exclude` names, as pydantic has them: names or places in
    a set, or in a dict for what is within."""
    if not isinstance(tree, (dict, list)):
        return tree
    size = len(cast("list[object]", tree))
    places: list[Any] = [*tree] if isinstance(tree, dict) else [*range(size)]
    kept: list[tuple[Any, Any]] = []
    for place in places:
        wanted, dropped = _within(include, place, size), _within(exclude, place, size)
        if (include is None or wanted) and dropped is not True:
            inner = [None if each is True or each is False else each for each in (wanted, dropped)]
            kept.append((place, picked(tree[place], *inner)))
    return dict(kept) if isinstance(tree, dict) else [value for _, value in kept]


def _within(names: Any, place: Any, count: int) -> Any:
    """Of a place: True for all of it, False for nothing, or the names within it."""
    if names is None:
        return False
    for name in (place, place - count if isinstance(place, int) else place, "__all__"):
        if name in names:
            inner: Any = names[name] if hasattr(names, "keys") else True
            return True if inner is ... else inner
    return False


class ModelField:
    """What a class says of a field, as pydantic's FieldInfo has it. Nothing is required: what the server left out is
    None."""

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self.default = self.alias = self.description = None

    def is_required(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"ModelField(annotation={self.annotation!r})"


@cache
def _model_fields(cls: type) -> dict[str, ModelField]:
    if cls.__module__ == Object.__module__:  # of the core: it declares none
        return {}
    return {name: ModelField(kind) for name, kind in _annotations(cls) if not name.startswith("_")}


def model_fields(cls: type) -> dict[str, ModelField]:
    """The declared fields of a class and its bases."""
    return dict(_model_fields(cls))
