"""`models` and `usage`."""

from __future__ import annotations

import datetime
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import wenwen
from wenwen._strict import mapped
from wenwen._text import one_line
from wenwen.types.shared import items, part

from . import CommandError
from ._ask import client_of
from ._screen import put, put_json, put_table

if TYPE_CHECKING:
    from argparse import Namespace

    from wenwen.types import ModelPrice, Prices

# The gateway's unit of money.
_UNITS = 500_000  # to the dollar


# ---- models ----


def models(options: Namespace) -> int:
    client = client_of(options)
    rows = {str(model.id): model.to_dict() for model in items(client.models.list().get("data")) if part(model, "id")}
    wanted = [word.casefold() for word in options.words]

    def fits(row: dict[str, Any]) -> bool:
        said = [row.get("id"), row.get("owned_by"), *items(row.get("supported_endpoint_types"))]
        text = " ".join(map(str, said)).casefold()
        return all(word in text for word in wanted)

    found = {name: row for name, row in sorted(rows.items()) if fits(row)}
    if not found:
        from difflib import get_close_matches

        close = get_close_matches(" ".join(wanted), rows, 3)
        hint = f": did you mean {', '.join(close)}?" if close else ""
        raise CommandError(f"no model of {len(rows)} has {' and '.join(map(repr, options.words)) or 'a name'}{hint}")
    if options.prices:
        prices = client.pricing.list()
        groups = mapped(part(prices, "group_ratio"))
        if options.group is not None and options.group not in groups:
            raise CommandError(f"--group {options.group}: there are {', '.join(map(str, groups)) or 'none'}")
        for name, row in found.items():
            row["price"] = _price(prices, name, options.group)
    if options.json:
        put_json(list(found.values()))
    elif options.prices:
        lines = ([name, *_money(row["price"]), str(row.get("owned_by") or "")] for name, row in found.items())
        put_table(["MODEL", "$/M IN", "$/M OUT", "$/CALL", "VENDOR"], lines, right=(1, 2, 3))
    else:
        lines = (
            [name, str(row.get("owned_by") or ""), ", ".join(map(str, items(row.get("supported_endpoint_types"))))]
            for name, row in found.items()
        )
        put_table(["MODEL", "VENDOR", "DIALECTS"], lines)
    return 0


def _price(prices: Prices, name: str, group: str | None) -> dict[str, float | None]:
    """In US dollars: of a million tokens, or of a call; None where the list does not say, or an expression does."""
    price: dict[str, float | None] = {"input": None, "output": None, "call": None}
    with suppress(KeyError, ValueError):
        row: ModelPrice = prices[name]
        if row.per_call:
            price["call"] = row.cost(ratios={"one": 1.0}, group=group)
        elif row.input_price is not None:
            price["input"] = row.cost(input_tokens=1_000_000, group=group)
            price["output"] = row.cost(output_tokens=1_000_000, group=group)
    return price


def _money(price: dict[str, float | None]) -> list[str]:
    return ["" if value is None else f"{value:.6g}" for value in price.values()]


# ---- usage ----


def usage(options: Namespace) -> int:
    client = client_of(options)
    try:
        facts: dict[str, Any] = _of_token(client.get("/api/usage/token/", as_dict=True))
    except wenwen.NotFoundError:  # an older gateway: what it tells of the account
        granted = client.billing.subscription().get("hard_limit_usd")
        spent = client.billing.usage().get("total_usage")
        spent = spent / 100 if isinstance(spent, (int, float)) else None
        left = granted - spent if isinstance(granted, (int, float)) and spent is not None else None
        facts = dict.fromkeys(("name", "left", "used", "granted", "unlimited", "expires", "models"))
        facts |= {"left": left, "used": spent, "granted": granted}
    if options.json:
        put_json(facts)
        return 0
    said = "no limit" if facts["unlimited"] else _dollars(facts["left"])
    put(f"left     {said}\nused     {_dollars(facts['used'])}")
    if not facts["unlimited"]:
        put(f"granted  {_dollars(facts['granted'])}")
    put(f"expires  {facts['expires'] or 'never'}")
    for label, text in (("key", facts["name"]), ("models", ", ".join(facts["models"] or ()))):
        if text:
            put(f"{label:<9}{one_line(str(text))}")
    return 0


def _of_token(reply: Any) -> dict[str, Any]:
    """Dollars, and when it expires, of what the gateway says of a key."""
    data = mapped(part(reply, "data"))
    counted = ("total_available", "total_used", "total_granted")
    if not any(isinstance(data.get(name), (int, float)) for name in counted):
        raise CommandError(f"the gateway does not say what the key has left: {part(reply, 'message') or reply!r:.200}")
    left, used, granted = (
        data[name] / _UNITS if isinstance(data.get(name), (int, float)) else None for name in counted
    )
    until = data.get("expires_at")
    expires = None
    if isinstance(until, (int, float)) and until > 0:
        with suppress(ValueError, OverflowError, OSError):
            expires = datetime.datetime.fromtimestamp(until, datetime.UTC).isoformat(timespec="seconds")
    limits = mapped(data.get("model_limits"))
    return {
        "name": data.get("name"),
        "left": left,
        "used": used,
        "granted": granted,
        "unlimited": bool(data.get("unlimited_quota")),
        "expires": expires,
        "models": sorted(map(str, limits)) if data.get("model_limits_enabled") else None,
    }


def _dollars(value: Any) -> str:
    return f"${value:.4f}" if isinstance(value, (int, float)) else "unknown"
