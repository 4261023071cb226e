"""Types without `typing`, which takes longer to load than a call takes (a first call was 17 ms of CPU with it and its
TypedDicts, and is 5 without).

A module of types that ends in `late(__name__)` imports from `typing` and `collections.abc` for type checkers only. Its
annotations are text anyway; an alias that holds something of theirs is written in quotes; and its TypedDicts are plain
classes (`TypedDict` here), of which a call needs no more than the annotations and the documentation. Whoever asks for
one of them from outside of the package, or for the module's whole dict (`typing.get_type_hints` does), has the module
completed first, and finds what the source says.
"""

from __future__ import annotations

import sys
from _thread import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any
else:
    ModuleType = type(sys)

# The dict of a module as it is, which completes nothing.
_dict_of: Callable[[ModuleType], dict[str, Any]] = vars(ModuleType)["__dict__"].__get__


# What annotations may name of `collections.abc` and `typing`; and the variable of `shared.Progress`.
NAMES = (
    "Any", "Callable", "Coroutine", "IO", "Iterable", "Iterator", "Literal", "Mapping", "NotRequired", "Required",
    "Self", "Sequence", "TypeAlias",
)  # fmt: skip


class Light:
    """A class that is `typing`'s in the source."""

    def __init_subclass__(cls, **options: Any) -> None:
        cls._options = options  # type: ignore[attr-defined]


class TypedDict(Light):
    pass


class Protocol(Light):
    pass


def cast(_kind: str, value: Any) -> Any:
    return value


def late(name: str) -> None:
    """Has the module of that name completed when somebody needs it."""
    sys.modules[name].__class__ = _Late


def names(module: str) -> dict[str, Any]:
    """What a module of types has, completed or not."""
    return _dict_of(sys.modules[module])


class _Late(ModuleType):
    def __getattribute__(self, name: str) -> Any:
        if name == "__dict__":
            _complete(self)
            return _dict_of(self)
        value = super().__getattribute__(name)
        if isinstance(value, (str, type)):
            # Modules of the package get what is light; `_all` is the public door to the names.
            caller = sys._getframe(1).f_globals.get("__name__", "")
            if caller.startswith("wenwen.") and caller != "wenwen.types._all":
                return light(value) if isinstance(value, type) else value
            if is_late(self, name, value):
                _complete(self)
                return _dict_of(self)[name]
        return value


def is_late(module: ModuleType, name: str, value: Any) -> bool:
    """Whether a value is not what the source says."""
    if isinstance(value, str):
        homes = (module, sys.modules["wenwen.types.shared"])
        return any(_dict_of(home).get("__annotations__", {}).get(name) == "TypeAlias" for home in homes)
    return isinstance(value, type) and issubclass(value, Light)


_made: dict[type, type] = {}  # light to real
_light: dict[type, type] = {}  # and back
_complete_ones: list[ModuleType] = []
_lock = RLock()


def _real(cls: type) -> type:
    """The class that a light one stands for."""
    import types
    import typing

    if cls in (TypedDict, Protocol):
        return getattr(typing, cls.__name__)  # type: ignore[no-any-return]
    if cls not in _made:
        space = {
            name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__", "_options")
        }
        bases = tuple(_real(base) for base in cls.__bases__)
        _made[cls] = types.new_class(cls.__name__, bases, vars(cls)["_options"], lambda own: own.update(space))
        _light[_made[cls]] = cls
    return _made[cls]


def light(cls: type) -> type:
    """The light class that another one was made of, or itself."""
    return _light.get(cls, cls)


def fields_of(cls: type) -> dict[str, str]:
    """The fields of a light class, those of its bases first."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        found.update(vars(base).get("__annotations__", ()))
    return found


def _complete(module: ModuleType) -> None:
    """Puts in what the source imports for type checkers, the classes, and the aliases: in this order."""
    with _lock:
        if module not in _complete_ones:
            _fill(module)
            _complete_ones.append(module)


def _fill(module: ModuleType) -> None:
    import collections.abc
    import typing

    space = _dict_of(module)
    known: dict[str, Any] = {name: getattr(collections.abc, name, None) or getattr(typing, name) for name in NAMES}
    _Task = typing.TypeVar("_Task")
    known["_Task"] = _Task
    for name, value in {**known, **space}.items():
        space[name] = _real(value) if isinstance(value, type) and issubclass(value, Light) else value
    shared = sys.modules["wenwen.types.shared"]
    for name, value in {**space}.items():
        if is_late(module, name, value):
            space[name] = eval(f"({value})", space) if name in space["__annotations__"] else vars(shared)[name]
