"""The client for the Wenwen AI gateway: `wenwen.create_response(model="gpt-5", input="Hello!")`.

The key comes from WENWEN_API_KEY, the gateway's root from WENWEN_BASE_URL; `configure` or a `Client` say otherwise.
`wenwen.aio` has the same functions to await. Everything is loaded when it is first used.
"""

import sys as _sys

from ._names import ENGINES as _ENGINES
from ._names import FUNCTIONS as _FUNCTIONS
from ._names import MAPS as _MAPS
from ._names import NAMES as _NAMES
from ._names import PARTS as _PARTS
from ._names import PEERS as _PEERS
from ._names import SETTINGS as _SETTINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType as _ModuleType
else:
    _ModuleType = type(_sys)  # one module less to load
del TYPE_CHECKING

_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}

__all__ = [name for name in (*_HOMES, *_FUNCTIONS) if not name.startswith("_")]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name in _FUNCTIONS or name in _MAPS:
        from .resources._methods import as_function

        value: object = as_function(name, __name__)
    elif name in _PARTS:
        from ._client import Client, shared

        return shared(Client, name)
    elif name in _PEERS:
        value = __getattr__(_PEERS[name])
    elif name in _ENGINES.split():
        value = __import__(f"wenwen.{name}", fromlist=("",))
    elif name in _HOMES:
        home = _HOMES[name]
        module = __import__(f"wenwen.{home or name}", fromlist=("",))
        value = getattr(module, name) if home else module
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


class _Module(_ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        """`wenwen.api_key = "sk-…"` is `configure` with it and what was configured before, as openai's module takes
        it: nothing that is set so is without effect."""
        if name in _SETTINGS:
            from ._client import reconfigure

            reconfigure(name, value)
        else:
            super().__setattr__(name, value)


_sys.modules[__name__].__class__ = _Module


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_FUNCTIONS, *_MAPS, *_PARTS, *_PEERS, *_ENGINES.split()})


def _configure_logging() -> None:
    import os

    if level := os.environ.get("WENWEN_LOG"):
        from ._log import setup

        setup(level)


_configure_logging()
