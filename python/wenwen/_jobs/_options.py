"""What a job is told beside the parameters of its calls, and what these cost."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from .._core import hide_in
from .._errors import BudgetError
from ..types.pricing import ModelPrice

if TYPE_CHECKING:
    from ..types.pricing import Prices
    from ._governor import JobStore


@dataclass(slots=True)
class Options:
    """The options of `map`; what each is says its documentation."""

    store: Any = None  # then a str, absolute, or a JobStore
    key: str | Callable[[Any], Any] | None = None
    max_concurrency: int | None = None
    rpm: float | None = None
    tpm: float | None = None
    budget: float | None = None
    price: Any = None
    max_elapsed: float | None = None
    validate_retries: int = 1
    retry_errors: bool = False
    dedup: bool = True
    durability: str = "process"
    on_error: str = "row"
    on_quota: str = "stop"
    on_unknown: str = "retry"
    progress: Any = None

    def __post_init__(self) -> None:
        for name, words in _WORDS.items():
            _one_of(name, getattr(self, name), words)
        for name in ("max_concurrency", "rpm", "tpm", "budget", "max_elapsed"):
            _above(name, getattr(self, name), whole=name == "max_concurrency")
        retries: Any = self.validate_retries
        if type(retries) is not int or retries < 0:
            raise TypeError(f"validate_retries is {retries!r}: give a number of times to ask again, 0 for none")
        for name in ("retry_errors", "dedup"):
            if type(getattr(self, name)) is not bool:
                raise TypeError(f"{name} is {getattr(self, name)!r}: give True or False")
        if not (self.key is None or isinstance(self.key, str) or callable(self.key)):
            raise TypeError(f"key is {self.key!r}: give the name of a column, or a function of a row")
        if self.store is not None and (place := _governed(self.store)) is not None:
            self.store = place
            for name in ("max_concurrency", "rpm", "tpm", "budget"):
                if getattr(self, name) is not None:
                    raise ValueError(
                        f"{name} is given with a governor's store, and is that of all workers: give it there"
                    )
            if self.durability != "process":
                raise ValueError("durability is given with a governor's store: give it there")
        elif self.store is not None:
            self.store = os.path.abspath(os.fsdecode(cast("str", os.fspath(self.store))))
        _checked_price(self.price)


_WORDS = {
    "durability": ("process", "power"),
    "on_error": ("row", "raise"),
    "on_quota": ("stop", "wait"),
    "on_unknown": ("retry", "error"),
}
_NAMES = frozenset(each.name for each in fields(Options))


def split(params: dict[str, Any]) -> tuple[Options, dict[str, Any]]:
    """The options among a call's keywords, and the others. None is what is not given."""
    hide_in(params)
    own = {name: value for name, value in params.items() if name in _NAMES and value is not None}
    rest = {name: value for name, value in params.items() if name not in _NAMES}
    for name in ("stream", "max_retries"):
        if rest.get(name) is not None and rest.pop(name) is not False:
            why = "rows have their replies whole" if name == "stream" else "what is sent again, the job decides"
            raise TypeError(f"map() takes no {name}: {why}")
    return Options(**own), rest


def _governed(store: Any) -> JobStore | None:
    """The governor's place that it is; None where it is a path."""
    from ._governor import JobStore, is_address

    return store if isinstance(store, JobStore) else JobStore.of(store) if is_address(store) else None


def _one_of(name: str, value: Any, words: tuple[str, ...]) -> None:
    if value not in words:
        raise ValueError(f"{name} is {value!r}: give {' or '.join(map(repr, words))}")


def _above(name: str, value: Any, whole: bool) -> None:
    if value is None:
        return
    kinds = int if whole else (int, float)
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}: give {'an int' if whole else 'a number'}")
    if not 0 < value < math.inf:
        raise ValueError(f"{name} is {value!r}: give a number above 0")


# ---- prices ----

# Dollars for a million tokens of input, of output, of input that a cache had and that was written to it; for a call.
Figures = tuple[float, float, float, float, float]


def _checked_price(price: Any) -> None:
    if price is None or isinstance(price, (bool, ModelPrice)):
        return
    if not isinstance(price, (tuple, list)) or len(price) != 2:  # pyright: ignore[reportUnknownArgumentType]
        raise TypeError(
            f"price is {price!r}: give dollars per million tokens in and out, as in price=(0.25, 2.0), True for the "
            "gateway's own price, or a row of client.pricing.list()"
        )
    for value in price:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < math.inf:
            raise ValueError(f"price has {value!r}: give dollars per million tokens, 0 or more")


def figures_of(options: Options, params: dict[str, Any], ask: Callable[[], Prices]) -> Figures | None:
    """What the calls cost; None where nobody wants to know. `ask` asks the gateway for its list."""
    price, model = options.price, params.get("model")
    if isinstance(price, (tuple, list)):
        read, written = map(float, cast("tuple[float, float]", price))
        return read, written, read, read, 0.0
    if not price and not isinstance(price, ModelPrice) and options.budget is None:
        return None
    told = "budget" if options.budget is not None else "price"
    hint = "give price=(0.25, 2.0), in dollars per million tokens in and out"
    if not isinstance(price, ModelPrice):
        if not isinstance(model, str):
            raise BudgetError(f"{told} is given, and the model is not the same for all rows: {hint}")
        prices = ask()
        try:
            price = prices[prices._listed(model)]
        except KeyError as error:
            raise BudgetError(f"{told} is given, and the gateway has {error.args[0]}; {hint}") from None
    try:
        return _figures(price, params)
    except ValueError as error:
        raise BudgetError(f"{told} is given, and what the model costs cannot be told: {error}; {hint}") from error


def _figures(price: ModelPrice, params: dict[str, Any]) -> Figures:
    if price.per_call:
        n, size, quality = params.get("n"), params.get("size"), params.get("quality")
        return 0.0, 0.0, 0.0, 0.0, price.cost(n=n or 1, size=size, quality=quality)
    million = 1_000_000
    written = {"input_tokens": 0, "output_tokens": 0, "cache_creation_input_tokens": million}
    return (
        price.cost(input_tokens=million),
        price.cost(output_tokens=million),
        price.cost(input_tokens=million, cached_tokens=million),
        price.cost(written),
        0.0,
    )
