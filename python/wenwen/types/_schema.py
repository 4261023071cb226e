"""What the annotations of the typed classes say, in the form that the core's `Object` works with.

A place in a reply is described by a pair: what becomes of a JSON object there, and what of a JSON array.

object: None (nothing declared: a plain Object), a class, "dict" (stays a dict), ({tag: class}, fallback) for a union
told apart by `type` (a tag may lead to {role: class}), or ("map", description of the values).
array: None (nothing declared), "list" (stays as it is), or the description of its items.

Called once per class and once per endpoint, when they are first used. Annotations are read without `typing`: what is
its, and what is `collections.abc`'s, is known here by its name.
"""

from __future__ import annotations

from wenwen._core import Endpoint, Object

from ._late import NAMES, TypedDict, cast, light, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    Description: TypeAlias = tuple[Any, Any]

_ANYTHING: Description = ("dict", "list")
_UNKNOWN: Description = (None, None)
_KINDS = {"str": 1, "int": 2, "float": 4, "bool": 8, "list": 16, "dict": 32}
_LISTS = ("list", "tuple", "Iterable", "Sequence")
_DICTS = ("dict", "Mapping")


def fields(cls: type) -> dict[str, Description]:
    """The declared fields of a class and its bases."""
    return {name: _describe(annotation) for name, annotation in _annotations(cls)}


def endpoint(id: str, *, reply: Any = None, event: Any = None, params: type | None = None) -> Endpoint:
    """The endpoint of that id in the core's table, with its types: the class of a whole reply, the class or union of a
    stream's events, the TypedDict of its parameters (without one, any name is taken)."""
    parameters = None if params is None else lambda: _parameters(light(params))
    return Endpoint(id, lambda: _describe(reply), lambda: _describe(event), parameters)


def _parameters(params: type) -> tuple[dict[str, int], list[str]]:
    """The kinds of the parameters, and the names of those that must be there."""
    annotations = dict(_annotations(params))
    kinds = {name: _kinds(annotation) for name, annotation in annotations.items()}
    return kinds, [name for name, annotation in annotations.items() if _name(annotation) == "Required"]


class _Form:
    """Stands for what is `typing`'s or `collections.abc`'s."""

    def __init__(self, name: str, args: tuple[Any, ...] = ()) -> None:
        self.__name__ = name
        self.__args__ = args

    def __getitem__(self, args: Any) -> _Form:
        return _Form(self.__name__, cast("Any", args) if isinstance(args, tuple) else (args,))

    def __or__(self, other: Any) -> _Form:
        return _Form("Union", (self, other))

    def __ror__(self, other: Any) -> _Form:
        return _Form("Union", (other, self))


class _Names(dict[str, "Any"]):
    """The names that annotations of a module may use. An alias in quotes is read."""

    def __init__(self, module: str) -> None:
        super().__init__(_FORMS)
        self._space = names(module)

    def __missing__(self, name: str) -> Any:
        value = self._space[name]  # KeyError: one of Python's own
        return eval(f"({value})", {}, self) if isinstance(value, str) else value


_FORMS = {name: _Form(name) for name in NAMES} | {"_Task": _Form("Any")}


def _annotations(cls: type) -> Iterator[tuple[str, Any]]:
    """Name and meaning of each field, those of the bases first."""
    for base in reversed(cls.__mro__):
        if base.__module__ not in ("builtins", "wenwen._core", "wenwen.types._late"):
            space = _Names(base.__module__)
            for name, annotation in base.__annotations__.items():
                yield name, eval(annotation, {}, space) if isinstance(annotation, str) else annotation


def _name(annotation: Any) -> str | None:
    """What it is called, without its arguments."""
    origin = getattr(annotation, "__origin__", annotation)
    name: str | None = getattr(origin, "__name__", None)
    return name


def _args(annotation: Any) -> tuple[Any, ...]:
    args: tuple[Any, ...] = getattr(annotation, "__args__", ())
    return args


def _members(annotation: Any) -> Iterator[Any]:
    """The members of a union, however it is written."""
    if isinstance(annotation, _UnionType) or _name(annotation) in ("Union", "Required", "NotRequired"):
        for member in _args(annotation):
            yield from _members(member)
    else:
        yield annotation


_UnionType = type(int | str)


def _is_object(member: Any) -> bool:
    return isinstance(member, type) and issubclass(member, Object)


def _describe(annotation: Any) -> Description:
    classes: list[type] = []
    in_dict: Any = None
    in_list: Any = None
    for member in _members(annotation):
        member = getattr(member, "__origin__", member) if _is_object(getattr(member, "__origin__", None)) else member
        if _is_object(member):
            classes.append(member)
            continue
        name, args = _name(member), _args(member)
        if name in ("Any", "object"):
            return _ANYTHING
        if name in _DICTS:
            values = _describe(args[1]) if args else _ANYTHING
            in_dict = "dict" if values in (_ANYTHING, _UNKNOWN) else ("map", values)
        elif name in _LISTS:
            items = _describe(args[0]) if args else _ANYTHING
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


_found: dict[tuple[type, str], list[str]] = {}


def _literals(cls: type, name: str) -> list[str]:
    """The values that a field is declared to have. Evaluates no other annotation: a stream has 58 kinds of events."""
    if (cls, name) not in _found:
        _found[cls, name] = []
        for base in cls.__mro__:
            if base is not object and (annotation := base.__annotations__.get(name)) is not None:
                if annotation.startswith("Literal['") and annotation.find("]") == len(annotation) - 1:
                    found = annotation[9:-2].split("', '")  # what nearly all are: a tenth of the time
                else:
                    declared = eval(annotation, {}, _Names(base.__module__))
                    found = [value for member in _members(declared) for value in _args(member)]
                if found:
                    _found[cls, name] = found
                    break
    return _found[cls, name]


def _kinds(annotation: Any) -> int:
    """The kinds of value that a parameter takes, as bits; 0 where that cannot be said."""
    kinds = 0
    for member in _members(annotation):
        name = _name(member)
        if member is None or member is type(None):
            continue
        if name == "Literal":
            kinds |= _KINDS["str"]
        elif member in (str, int, float, bool):
            kinds |= _KINDS[member.__name__]
        elif name in _LISTS:
            kinds |= _KINDS["list"]
        elif name in _DICTS or (isinstance(member, type) and issubclass(member, (TypedDict, dict, Object))):
            kinds |= _KINDS["dict"]
        else:
            return 0
    return kinds
