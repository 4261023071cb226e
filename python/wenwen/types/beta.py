"""The names that the peers' packages have for what is in the making: `BetaMessage` is `Message`, `BetaResponse` is
`Response`, and so on for every class of the same name without `Beta`."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from . import _all

    if not name.startswith("Beta") or not hasattr(_all, name.removeprefix("Beta")):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, getattr(_all, name.removeprefix("Beta")))
