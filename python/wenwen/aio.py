"""The functions and parts of `wenwen`, to await: `await wenwen.aio.create_response(model="gpt-5", input="Hello!")`."""

from __future__ import annotations

from ._names import FUNCTIONS as _FUNCTIONS
from ._names import MAPS as _MAPS
from ._names import PARTS as _PARTS


def __getattr__(name: str) -> object:
    if name in _PARTS and name not in _FUNCTIONS:
        from ._client import AsyncClient, shared

        return shared(AsyncClient, name)
    if name not in _FUNCTIONS and name not in _MAPS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .resources._methods import as_function

    value = globals()[name] = as_function(name, __name__, "Async")
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_FUNCTIONS, *_MAPS, *_PARTS})
