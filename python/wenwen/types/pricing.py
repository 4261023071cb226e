"""`/api/pricing`: what the models cost, and what a call did or would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from wenwen._core import Object, Reply

__all__ = ["BillingSubscription", "BillingUsage", "ModelPrice", "Prices", "PricingEndpoint", "PricingVendor"]

# new-api's convention: a ratio of 1 is $2 for a million prompt tokens.
_DOLLARS_PER_TOKEN = 2e-6


class ModelPrice(Object):
    """What a model costs. `cost()` does the sums; it is an estimate: the gateway's bill counts."""

    model_name: str
    quota_type: int  # 0: per token; 1: per call
    model_ratio: float  # of prompt tokens; 1 is $2 for a million
    model_price: float  # dollars per call
    completion_ratio: float  # of the answer's tokens, to the prompt's
    cache_ratio: float | None  # of prompt tokens read from a cache, to the others
    create_cache_ratio: float | None  # of prompt tokens written to a cache, to the others
    enable_groups: list[str]  # the groups of keys that may use it
    supported_endpoint_types: list[str]
    group_ratio: dict[str, float]  # what keys of a group pay, to the price; filled in from the whole list

    @property
    def per_call(self) -> bool:
        """Whether a call has one price, however long it is."""
        return self.quota_type == 1

    @property
    def input_price(self) -> float | None:
        """Dollars for a million prompt tokens; None where calls have one price."""
        return None if self.per_call else (self.model_ratio or 0) * _DOLLARS_PER_TOKEN * 1e6

    @property
    def output_price(self) -> float | None:
        """Dollars for a million tokens of answers; None where calls have one price."""
        price = self.input_price
        return None if price is None else price * _or(self.completion_ratio, 1.0)

    def cost(
        self,
        usage: Mapping[str, Any] | Object | None = None,
        *,
        input_tokens: float = 0,
        output_tokens: float = 0,
        cached_tokens: float = 0,
        calls: int = 1,
        group: str | None = None,
    ) -> float:
        """What calls cost, in US dollars: an estimate, without what depends on pictures, sound and tools.

        usage: the usage of a reply of any dialect, or the reply. Instead of it:
        input_tokens, output_tokens: tokens of one call; cached_tokens: those of the input that a cache had.
        calls: how many such calls (1).
        group: the group of the key; else "default", or the cheapest that has the model.
        """
        for name, value in (("calls", calls), ("input_tokens", input_tokens), ("output_tokens", output_tokens)):
            if value < 0:
                raise ValueError(f"{name} is {value!r}: give 0 or more")
        if not 0 <= cached_tokens <= input_tokens:
            raise ValueError(f"cached_tokens is {cached_tokens!r}: they are part of the {input_tokens!r} input_tokens")
        factor = self._group_ratio(group) * calls
        if self.per_call:
            return (self.model_price or 0) * factor
        fresh, cached, written, answer = input_tokens - cached_tokens, cached_tokens, 0.0, output_tokens
        if usage is not None:
            if input_tokens or output_tokens:
                raise TypeError("cost() takes usage, or input_tokens and output_tokens, not both")
            fresh, cached, written, answer = _tokens(usage)
        tokens = (
            fresh
            + cached * _or(self.cache_ratio, 1.0)
            + written * _or(self.create_cache_ratio, 1.0)
            + answer * _or(self.completion_ratio, 1.0)
        )
        return tokens * (self.model_ratio or 0) * _DOLLARS_PER_TOKEN * factor

    def _group_ratio(self, group: str | None) -> float:
        ratios = self.group_ratio or {}
        if group is None:
            return ratios["default"] if "default" in ratios else min(ratios.values(), default=1.0)
        if group not in ratios:
            known = ", ".join(ratios) or "none"
            raise ValueError(f"group is {group!r}: {self.model_name} is for the groups {known}")
        return ratios[group]


class PricingVendor(Object):
    """Who makes models."""

    id: int
    name: str


class PricingEndpoint(Object):
    """Where a dialect is spoken."""

    path: str  # "/v1/chat/completions"
    method: str  # "POST"


class Prices(Reply):
    """What all models cost: `prices["gpt-5"].cost(...)`, `prices.cost(reply)`. Iterating gives the models' rows."""

    group_ratio: dict[str, float]
    usable_group: dict[str, str]  # what each group is called
    vendors: list[PricingVendor]
    supported_endpoint: dict[str, PricingEndpoint]  # by dialect: "openai", "anthropic", …
    auto_groups: list[str]

    @property
    def data(self) -> list[ModelPrice]:
        """The models' rows."""
        return list(self._by_name().values())

    def _by_name(self) -> dict[str, ModelPrice]:
        own: dict[str, Any] = object.__getattribute__(self, "__dict__")
        made: dict[str, ModelPrice] | None = own.get("_made")
        if made is None:
            ratios = self.group_ratio or {}
            rows: list[Any] = super().__getitem__("data") or []
            made = own["_made"] = {}
            for row in rows:
                fields: dict[str, Any] = dict(row.items())
                groups: list[str] = fields.get("enable_groups") or []
                # One that names no groups, or "all", is for all.
                every = not groups or "all" in groups
                fields["group_ratio"] = {name: ratio for name, ratio in ratios.items() if every or name in groups}
                made[fields.get("model_name") or ""] = ModelPrice(fields)
        return made

    def __iter__(self) -> Iterator[ModelPrice]:  # type: ignore[override]
        return iter(self.data)

    def __getitem__(self, name: str, /) -> Any:
        if name in self:
            return super().__getitem__(name)
        rows = self._by_name()
        if name in rows:
            return rows[name]
        from difflib import get_close_matches

        close = get_close_matches(name, rows, 3)
        hint = f": did you mean {', '.join(close)}?" if close else ""
        raise KeyError(f"no price for the model {name!r}{hint}")

    def cost(
        self,
        reply: Mapping[str, Any] | Object,
        *,
        model: str | None = None,
        calls: int = 1,
        group: str | None = None,
    ) -> float:
        """What a call cost, in US dollars: an estimate from the usage that its reply tells, of any dialect.

        reply: a reply, typed or a dict, or its usage.
        model: where the reply does not say, or says another name than the list has.
        calls: how many such calls (1).
        group: the group of the key; else "default", or the cheapest that has the model.
        """
        name = model or reply.get("model") or reply.get("modelVersion")
        if not isinstance(name, str):
            raise ValueError("the reply names no model: give model=...")
        row: ModelPrice = self[self._listed(name)]
        return row.cost(None if row.per_call else reply, calls=calls, group=group)

    def _listed(self, name: str) -> str:
        """The name in the list: a reply may name the version of a model that goes without it there."""
        import re

        names = self._by_name()
        short = re.sub(r"-(\d{4}-\d{2}-\d{2}|\d{8})$", "", name)
        return short if name not in names and short in names else name


def _or(ratio: float | None, default: float) -> float:
    return default if ratio is None else ratio


def _tokens(usage: Mapping[str, Any] | Object) -> tuple[float, float, float, float]:
    """Of a usage or a reply that has one: prompt tokens that no cache had, those one had, those written to one, and
    those of the answer."""
    inner = usage.get("usage") or usage.get("usageMetadata") or usage

    def number(name: str, source: Any = inner) -> float:
        value = source.get(name) if hasattr(source, "get") else None
        return float(value) if isinstance(value, (int, float)) else 0.0

    def has(name: str) -> bool:
        return hasattr(inner, "get") and inner.get(name) is not None

    if has("promptTokenCount") or has("totalTokenCount"):
        cached = number("cachedContentTokenCount")
        answer = number("candidatesTokenCount") + number("thoughtsTokenCount")
        return number("promptTokenCount") - cached, cached, 0.0, answer
    if has("prompt_tokens"):
        cached = number("cached_tokens", inner.get("prompt_tokens_details")) or number("prompt_cache_hit_tokens")
        return number("prompt_tokens") - cached, cached, 0.0, number("completion_tokens")
    if has("input_tokens"):
        if has("cache_read_input_tokens") or has("cache_creation_input_tokens"):  # Anthropic counts these apart
            cached, written = number("cache_read_input_tokens"), number("cache_creation_input_tokens")
            return number("input_tokens"), cached, written, number("output_tokens")
        cached = number("cached_tokens", inner.get("input_tokens_details"))
        return number("input_tokens") - cached, cached, 0.0, number("output_tokens")
    given = ", ".join(cast("Any", usage).keys()) or "nothing"
    raise ValueError(f"no usage to reckon with: it has {given}; give a reply's usage, or input_tokens=, output_tokens=")


class BillingSubscription(Reply):
    """What the key may spend. What is left is `hard_limit_usd` less `total_usage` / 100 of `billing.usage()`."""

    object: str
    has_payment_method: bool
    soft_limit_usd: float
    hard_limit_usd: float  # all that was ever granted
    system_hard_limit_usd: float
    access_until: int  # seconds since 1970; 0: for ever


class BillingUsage(Reply):
    """What the key has spent."""

    object: str
    total_usage: float  # hundredths of a dollar
