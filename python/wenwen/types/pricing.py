"""`/api/pricing`: what the models cost, and what a call did or would."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast
from weakref import ref

from wenwen._core import Object, Reply
from wenwen._frames import frameless

from .shared import items

__all__ = [
    "BillingSubscription", "BillingUsage", "KeyCall", "KeyLog", "KeyUsage", "KeyUsageData", "ModelPrice", "Prices",
    "PricingEndpoint", "PricingVendor",
]  # fmt: skip

# new-api's convention: a ratio of 1 is $2 for a million prompt tokens.
_DOLLARS_PER_TOKEN = 2e-6

# The list that came last, while it is kept: replies that are shown say by it what they cost.
latest: ref[Prices] | None = None


@frameless
class ModelPrice(Object):
    """What a model costs. `cost()` does the sums, as the gateway does them for its bill."""

    model_name: str
    quota_type: int  # 0: per token; 1: per call
    model_ratio: float  # of prompt tokens; 1 is $2 for a million
    model_price: float  # dollars per call: per picture, and per second of a video
    completion_ratio: float  # of the answer's tokens, to the prompt's
    cache_ratio: float | None  # of prompt tokens read from a cache, to the others (1)
    create_cache_ratio: (
        float | None
    )  # of prompt tokens written to a cache, to the others (1.25); for an hour: 1.6 times
    image_ratio: float | None  # of a prompt's tokens that are pictures, to the others (1)
    audio_ratio: float | None  # of tokens of sound, to the prompt's others
    audio_completion_ratio: float | None  # of an answer's tokens of sound, to the prompt's of sound
    billing_mode: str | None  # "tiered_expr": `billing_expr` is the price, and the ratios mean nothing
    billing_expr: str | None  # dollars for a million: 'tier("base", p * 30 + c * 150)'
    enable_groups: list[str]  # the groups of keys that may use it
    supported_endpoint_types: list[str]
    group_ratio: dict[str, float]  # what keys of a group pay, to the price; filled in from the whole list

    @property
    def per_call(self) -> bool:
        """Whether a call has one price, however long it is."""
        return self.quota_type == 1 and not self._tiered

    @property
    def input_price(self) -> float | None:
        """Dollars for a million prompt tokens; None where calls have one price or an expression says."""
        if self.per_call or self._tiered:
            return None
        return self._ratio("model_ratio") * _DOLLARS_PER_TOKEN * 1e6

    @property
    def output_price(self) -> float | None:
        """Dollars for a million tokens of answers; None where calls have one price or an expression says."""
        price = self.input_price
        return None if price is None else price * self._ratio("completion_ratio", 1.0)

    def cost(
        self,
        usage: Mapping[str, Any] | Object | None = None,
        *,
        input_tokens: float = 0,
        output_tokens: float = 0,
        cached_tokens: float = 0,
        seconds: float | None = None,
        characters: int | None = None,
        n: int | None = None,
        size: str | None = None,
        quality: str | None = None,
        ratios: Mapping[str, float] | None = None,
        calls: int = 1,
        group: str | None = None,
    ) -> float:
        """What calls cost, in US dollars: what the gateway bills, or ValueError where that cannot be told.

        usage: the usage of a reply of any dialect, or the reply, or a task.
        Instead of it, for a call in advance:
        input_tokens, output_tokens: tokens of one call; cached_tokens: those of the input that a cache had.
        seconds: of sound that is transcribed, or of a video; characters: of a text that is spoken.
        n, size, quality: of pictures; n as many as the reply has, else 1. dall-e's price depends on the others.
        ratios: what the price of a video is multiplied by: {"seconds": 8, "size": 1}. A task of this process knows
        its own, from the reply's header `X-New-Api-Other-Ratios`.
        calls: how many such calls (1).
        group: the group of the key; else "default", or the only one that has the model.
        """
        given = {"calls": calls, "input_tokens": input_tokens, "output_tokens": output_tokens, "seconds": seconds,
                 "characters": characters, "n": n}  # fmt: skip
        for name, value in given.items():
            if value is not None and not 0 <= value < math.inf:
                raise ValueError(f"{name} is {value!r}: give 0 or more")
        if not 0 <= cached_tokens <= input_tokens:
            raise ValueError(f"cached_tokens is {cached_tokens!r}: they are part of the {input_tokens!r} input_tokens")
        if usage is not None and (input_tokens or output_tokens or characters):
            raise TypeError("cost() takes usage, or input_tokens and output_tokens, not both")
        self._check()
        factor = self._group_ratio(group) * calls
        if usage is not None:
            _check_tools(usage, str(self.model_name))
            if _refunded(usage):
                return 0.0
        pictures = _pictures(usage) if n is None else n
        if self.per_call:
            times = self._times(usage, seconds, pictures, size, quality, ratios)
            return self._ratio("model_price") * times * factor
        if usage is not None:
            spent = _spent(usage)
        elif characters is not None:
            spent = _Spent(prompt=characters)
        elif seconds is not None and not input_tokens:
            spent = _Spent(prompt=_tokens_of(seconds))
        else:
            spent = _Spent(prompt=input_tokens, answer=output_tokens, cached=cached_tokens)
        if self._tiered:
            request = {"n": n, "size": size, "quality": quality}
            return _tiered(str(self.billing_expr or ""), spent, pictures, request) * factor
        return self._units(spent) * self._ratio("model_ratio") * _DOLLARS_PER_TOKEN * factor

    @property
    def _tiered(self) -> bool:
        return self.billing_mode == "tiered_expr"

    def _check(self) -> None:
        """Nothing here changes the price in a way that is not known."""
        if self.billing_mode not in (None, "", "ratio", "tiered_expr"):
            raise ValueError(f"{self.model_name} has the billing_mode {self.billing_mode!r}, which is not known here")
        if self.billing_expr and not self._tiered:
            raise ValueError(f"{self.model_name} has a billing_expr, {self.billing_expr!r}, and no billing_mode for it")
        if self.quota_type not in (None, 0, 1):
            raise ValueError(f"{self.model_name} has the quota_type {self.quota_type!r}, which is not known here")
        for name, value in self.items():
            # A ratio of 1 changes nothing.
            if name not in _KNOWN and any(word in name for word in _PRICY) and value and (value is True or value != 1):
                raise ValueError(
                    f"{self.model_name} has {name} {value!r}, which is not known here and may change the price"
                )

    def _ratio(self, name: str, default: float | None = None) -> float:
        value = self.get(name)
        if value is None and default is not None:
            return default
        if value is None:
            raise ValueError(f"the list does not say what {self.model_name} costs: it has no {name}")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
            raise ValueError(f"{self.model_name} has the {name} {value!r}, which is no price")
        return value

    def _units(self, spent: _Spent) -> float:
        """How many prompt tokens cost as much."""
        completion = self._ratio("completion_ratio", 1.0)
        sound = spent.sound or spent.answer_sound
        if sound and (self.audio_ratio is not None or self.audio_completion_ratio is not None):
            audio = self._ratio("audio_ratio", 1.0)
            return (
                max(0.0, spent.prompt - spent.sound)
                + spent.sound * audio
                + max(0.0, spent.answer - spent.answer_sound) * completion
                + spent.answer_sound * audio * self._ratio("audio_completion_ratio", 1.0)
            )
        if spent.sound and str(self.model_name).startswith("gemini"):
            raise ValueError(f"the list does not say what sound costs {self.model_name}: it has no audio_ratio")
        written = self._ratio("create_cache_ratio", 1.25)
        written = self._ratio("create_cache_ratio_5m", written)
        fresh = spent.prompt - spent.cached - spent.written - spent.written_1h - spent.pictures
        return (
            max(0.0, fresh)
            + spent.cached * self._ratio("cache_ratio", 1.0)
            + spent.written * written
            + spent.written_1h * self._ratio("create_cache_ratio_1h", written * 1.6)
            + spent.pictures * self._ratio("image_ratio", 1.0)
            + spent.answer * completion
        )

    def _times(
        self,
        reply: Any,
        seconds: float | None,
        pictures: int,
        size: str | None,
        quality: str | None,
        ratios: Mapping[str, float] | None,
    ) -> float:
        """How many times the price of a call one costs."""
        name = str(self.model_name)
        ratios = getattr(reply, "other_ratios", None) if ratios is None else ratios
        if ratios is not None:
            given: dict[str, Any] = dict(ratios)
            bad = {
                k: v for k, v in given.items() if v is True or not isinstance(v, (int, float)) or not 0 < v < math.inf
            }
            if bad:
                raise ValueError(f"ratios has {bad!r}: give numbers above 0")
            return math.prod(ratios.values())
        if name.startswith("dall-e"):
            if reply is not None and (size is None or (quality is None and name == "dall-e-3")):
                raise ValueError(
                    f"what {name} costs depends on size and quality, which the reply does not tell: give them"
                )
            wide = size in ("1024x1792", "1792x1024")
            fine = name == "dall-e-3" and quality == "hd"
            return pictures * _DALLE_SIZES.get(size or "", 1.0) * ((1.5 if wide else 2.0) if fine else 1.0)
        if "openai-video" in (self.supported_endpoint_types or ()) or _is_video(reply):
            if seconds is None or (size is not None and not name.startswith("sora")):
                raise ValueError(
                    f"what {name} costs depends on the seconds and the size of the video: give "
                    'ratios={"seconds": 8, "size": 1}, as the header X-New-Api-Other-Ratios of the reply has them'
                )
            return seconds * (1.666667 if size in ("1024x1792", "1792x1024") else 1.0)
        return pictures

    def _group_ratio(self, group: str | None) -> float:
        ratios: Mapping[str, Any] = self.group_ratio or {}
        if group is None and "default" not in ratios and len(set(ratios.values())) > 1:
            raise ValueError(
                f"{self.model_name} costs keys of its groups differently: give group= ({', '.join(ratios)})"
            )
        if group is None:
            if not ratios:
                return 1.0
            group = "default" if "default" in ratios else next(iter(ratios))
        if group not in ratios:
            known = ", ".join(ratios) or "none"
            raise ValueError(f"group is {group!r}: {self.model_name} is for the groups {known}")
        ratio = ratios[group]
        if isinstance(ratio, bool) or not isinstance(ratio, (int, float)) or not 0 <= ratio < math.inf:
            raise ValueError(f"the group {group!r} has the ratio {ratio!r}, which is no number")
        return ratio


# Other fields of these names are not known, and may be of the price.
_PRICY = ("ratio", "price", "billing", "charge", "discount", "multiplier")
_KNOWN = {*ModelPrice.__annotations__, "pricing_version", "create_cache_ratio_5m", "create_cache_ratio_1h"}
_DALLE_SIZES = {"256x256": 0.4, "512x512": 0.45, "1024x1792": 2.0, "1792x1024": 2.0}


class PricingVendor(Object):
    """Who makes models."""

    id: int
    name: str


class PricingEndpoint(Object):
    """Where a dialect is spoken."""

    path: str  # "/v1/chat/completions"
    method: str  # "POST"


@frameless
class Prices(Reply):
    """What all models cost: `prices["gpt-5"].cost(...)`, `prices.cost(reply)`. Iterating gives the models' rows."""

    group_ratio: dict[str, float]
    usable_group: dict[str, str]  # what each group is called
    vendors: list[PricingVendor]
    supported_endpoint: dict[str, PricingEndpoint]  # by dialect: "openai", "anthropic", …
    auto_groups: list[str]

    def __init__(self, data: Mapping[str, Any] | None = None, /, **fields: Any) -> None:
        global latest
        latest = ref(self)

    @property
    def data(self) -> list[ModelPrice]:
        """The models' rows."""
        return list(self._by_name().values())

    def _by_name(self) -> dict[str, ModelPrice]:
        own: dict[str, Any] = object.__getattribute__(self, "__dict__")
        made: dict[str, ModelPrice] | None = own.get("_made")
        if made is None:
            ratios: Any = self.group_ratio if hasattr(self.group_ratio, "items") else {}
            made = own["_made"] = {}
            for row in items(super().__getitem__("data")):
                fields: dict[str, Any] = dict(row.items()) if hasattr(row, "items") else {}
                groups = [*items(fields.get("enable_groups"))]
                # One that names no groups, or "all", is for all.
                every = not groups or "all" in groups
                fields["group_ratio"] = {name: ratio for name, ratio in ratios.items() if every or name in groups}
                made[str(fields.get("model_name") or "")] = ModelPrice(fields)
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
        reply: Mapping[str, Any] | Object | Sequence[Mapping[str, Any] | Object],
        *,
        model: str | None = None,
        seconds: float | None = None,
        n: int | None = None,
        size: str | None = None,
        quality: str | None = None,
        ratios: Mapping[str, float] | None = None,
        calls: int = 1,
        group: str | None = None,
    ) -> float:
        """What a call cost, in US dollars: what the gateway bills, or ValueError where the reply does not tell.

        reply: a reply or a task of any dialect, typed or a dict, or its usage; or a list of them. A task that failed
        costs nothing. Calls of the model's own tools (web search …) have no price in the list: give the usage alone.
        model: where the reply does not say, or says another name than the list has. Midjourney's tasks are listed as
        "mj_imagine" and the like.
        seconds, n, size, quality, ratios: as for `ModelPrice.cost`, where the reply does not tell.
        calls: how many such calls (1).
        group: the group of the key; else "default", or the only one that has the model.
        """
        more: Any = {"seconds": seconds, "n": n, "size": size, "quality": quality, "ratios": ratios}
        if isinstance(reply, (list, tuple)):
            return math.fsum(self.cost(one, model=model, calls=calls, group=group, **more) for one in reply)
        if not hasattr(reply, "get"):
            raise TypeError(
                f"{type(reply).__name__} is no reply: give one, a dict of one, its usage, or a list of them"
            )
        reply = cast("Mapping[str, Any] | Object", reply)
        name = model or reply.get("model") or reply.get("modelVersion") or _midjourney(reply)
        if not isinstance(name, str):
            raise ValueError("the reply names no model: give model=...")
        row: ModelPrice = self[self._listed(name)]
        return row.cost(reply, calls=calls, group=group, **more)

    def _listed(self, name: str) -> str:
        """The name in the list: a reply may name the version of a model that goes without it there."""
        import re

        names = self._by_name()
        short = re.sub(r"-(\d{4}-\d{2}-\d{2}|\d{8})$", "", name)
        return short if name not in names and short in names else name


class _Spent(NamedTuple):
    """The tokens of a call. All of `prompt`: that which a cache had or took, pictures and sound are parts of it."""

    prompt: float = 0
    answer: float = 0
    cached: float = 0
    written: float = 0  # to a cache
    written_1h: float = 0  # to one that lasts an hour
    pictures: float = 0
    pictures_cached: float = 0
    sound: float = 0
    answer_pictures: float = 0
    answer_sound: float = 0


def _tokens_of(seconds: float) -> float:
    """The gateway takes a minute of sound for 1000 tokens."""
    return round(math.ceil(seconds) / 60 * 1000)


def _tiered(text: str, spent: _Spent, pictures: int, request: Mapping[str, object]) -> float:
    from ._tiers import Tiers

    price = Tiers(text)
    values = {"len": spent.prompt, "image_count": float(pictures)}
    cached, seen = spent.cached, spent.pictures
    if "img_cr" in price.names:
        values["img_cr"] = spent.pictures_cached
        cached, seen = cached - spent.pictures_cached, seen - spent.pictures_cached
    written, hour = spent.written, spent.written_1h
    if "cc1h" not in price.names:
        written, hour = written + hour, 0.0
    values |= {"cr": cached, "cc": written, "cc1h": hour, "img": seen, "ai": spent.sound}
    values |= {"img_o": spent.answer_pictures, "ao": spent.answer_sound}
    # What the expression does not name is priced as the rest is.
    values["p"] = max(0.0, spent.prompt - sum(values.get(name, 0) for name in _PARTS & price.names))
    values["c"] = max(0.0, spent.answer - sum(values[name] for name in ("img_o", "ao") if name in price.names))
    return price(values, request)


_PARTS = {"cr", "cc", "cc1h", "img", "img_cr", "ai"}


def _plain(value: Any) -> Any:
    return value.to_dict() if hasattr(value, "to_dict") else value


def _spent(reply: Mapping[str, Any] | Object) -> _Spent:
    """Of a usage of any dialect, or a reply that has one."""
    usage: Mapping[str, Any] = _plain(reply.get("usage") or reply.get("usageMetadata") or reply)
    if not hasattr(usage, "get"):
        raise ValueError(f"the usage is {usage!r:.80}: give that of a reply, or input_tokens=, output_tokens=")

    def count(*names: str, of: Any = usage) -> float | None:
        """The first that is more than 0: the gateway fills in those of other dialects with 0."""
        found = None
        for name in names:
            value = of.get(name) if hasattr(of, "get") else None
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
                raise ValueError(f"the usage has {name} {value!r}, which is no number of tokens")
            found = float(value)
            if found:
                break
        return found

    # Of a transcription that is billed by time, and of one in the format "verbose_json".
    seconds = count("seconds") if usage.get("type") == "duration" else count("duration") if "text" in usage else None
    if seconds is not None:
        return _Spent(prompt=_tokens_of(seconds))
    prompt, answer = count("prompt_tokens", "input_tokens"), count("completion_tokens", "output_tokens")
    inner, outer = _details(usage, _INPUT_DETAILS), _details(usage, _OUTPUT_DETAILS)
    if usage.get("promptTokenCount") is not None or usage.get("totalTokenCount") is not None:
        prompt, answer, thoughts = (count(f"{name}TokenCount") for name in ("prompt", "candidates", "thoughts"))
        if answer is not None or not (count("totalTokenCount") or _answers(reply)):
            answer = (answer or 0) + (thoughts or 0)
        inner, outer = _modalities(usage.get("promptTokensDetails")), _modalities(usage.get("candidatesTokensDetails"))
        if prompt is not None and answer is not None:
            prompt += count("toolUsePromptTokenCount") or 0
    total = count("total_tokens", "totalTokenCount")
    if total is not None and prompt is not None and answer is None:
        answer = max(0.0, total - prompt)
    if total is not None and prompt is None and answer is not None:
        prompt = max(0.0, total - answer)
    # Where an answer has no tokens, the gateway counts for itself, and bills that.
    if prompt is None or (_answers(reply) and (answer is None or not prompt + answer)):
        given = ", ".join(cast("Any", usage).keys()) or "nothing"
        raise ValueError(
            f"no usage to reckon with: it has {given}; give a reply's usage, or input_tokens=, output_tokens="
        )
    cached = count("cached_tokens", of=inner) or count(
        "cache_read_input_tokens", "prompt_cache_hit_tokens", "cachedContentTokenCount"
    )
    cached = cached or 0
    hour = count("ephemeral_1h_input_tokens", of=usage.get("cache_creation")) or count(
        "claude_cache_creation_1_h_tokens"
    )
    minutes = count("ephemeral_5m_input_tokens", of=usage.get("cache_creation")) or count(
        "claude_cache_creation_5_m_tokens"
    )
    hour, minutes = hour or 0, minutes or 0
    written = count("cache_creation_input_tokens") or count(*_WRITTEN, of=inner) or 0
    written = max(written - hour, minutes)
    # Anthropic counts these apart; so does the gateway where it makes chat of such a reply.
    anthropic = not usage.get("prompt_tokens") and any(name in usage for name in _ANTHROPIC)
    if anthropic or count("claude_cache_creation_5_m_tokens", "claude_cache_creation_1_h_tokens"):
        prompt += cached + written + hour
    return _Spent(
        prompt=prompt,
        answer=answer or 0,
        cached=cached,
        written=written,
        written_1h=hour,
        pictures=count("image_tokens", of=inner) or 0,
        pictures_cached=count("image_tokens", of=inner.get("cached_tokens_details")) or 0,
        sound=count("audio_tokens", of=inner) or 0,
        answer_pictures=count("image_tokens", of=outer) or 0,
        answer_sound=count("audio_tokens", of=outer) or 0,
    )


def _answers(reply: Mapping[str, Any] | Object) -> bool:
    """Whether it is a reply that has an answer."""
    return any(reply.get(name) for name in ("choices", "output", "content", "candidates"))


_INPUT_DETAILS = ("prompt_tokens_details", "input_tokens_details", "input_token_details")
_OUTPUT_DETAILS = ("completion_tokens_details", "output_tokens_details", "output_token_details")
_ANTHROPIC = ("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation")
_WRITTEN = ("cached_creation_tokens", "cache_write_tokens", "cache_creation_tokens")


def _details(usage: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Those of all names together: the gateway fills in those of other dialects with 0."""
    found: dict[str, Any] = {}
    for name in names:
        details: Any = usage.get(name) or {}
        if not hasattr(details, "items"):
            raise ValueError(f"the usage has {name} that are none: {details!r:.80}")
        found |= {key: value for key, value in details.items() if value}
    return found


def _modalities(details: Any) -> dict[str, Any]:
    """Gemini's list as the other dialects have it."""
    return {f"{str(row.get('modality')).lower()}_tokens": row.get("tokenCount") for row in _objects(details)}


_TOOLS = ("web_search_call", "file_search_call", "image_generation_call")


def _check_tools(reply: Any, model: str) -> None:
    """The gateway bills them apart, at prices that its list does not have."""
    used = [item["type"] for item in _objects(reply.get("output")) if item.get("type") in _TOOLS]
    usage = reply.get("usage") or reply
    server = usage.get("server_tool_use") if hasattr(usage, "get") else None
    used += ["web_search"] if server and server.get("web_search_requests") else []
    used += ["web_search"] if model.endswith("search-preview") and reply.get("choices") else []
    used += ["google_search" for candidate in _objects(reply.get("candidates")) if candidate.get("groundingMetadata")]
    if used:
        raise ValueError(
            f"the call used {used[0]}, for which the list has no price: give the tokens alone (usage, or "
            "input_tokens=, output_tokens=), and add that"
        )


def _pictures(reply: Any) -> int:
    """How many pictures a reply has; 1 where it is of another kind."""
    data = reply.get("data") if hasattr(reply, "get") else None
    return max(1, sum(bool(item.get("b64_json") or item.get("url")) for item in _objects(data)))


def _objects(value: Any) -> list[Any]:
    """What of a list is an object, typed or a dict."""
    return [item for item in value if hasattr(item, "get")] if isinstance(value, list) else []  # pyright: ignore


def _is_video(reply: Any) -> bool:
    """Whether it is a task of `/v1/videos` or `/v1/video/generations`."""
    if hasattr(reply, "other_ratios"):
        return True
    return hasattr(reply, "get") and (reply.get("object") == "video" or "task_id" in _inner(reply))


def _inner(task: Any) -> Any:
    """Where a task has its fields."""
    data = task.get("data")
    return data if hasattr(data, "get") else task


def _refunded(reply: Any) -> bool:
    """Whether it is a task that failed."""
    failed = ("failed", "failure", "cancelled")
    return (_is_video(reply) or "failReason" in reply) and str(_inner(reply).get("status")).lower() in failed


def _midjourney(task: Any) -> str | None:
    """What the list calls it: "mj_imagine", "swap_face"."""
    action = task.get("action")
    if not isinstance(action, str) or not action.isupper():
        return None
    return "swap_face" if action == "SWAP_FACE" else f"mj_{action.lower()}"


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


class KeyUsageData(Object):
    """What a key may spend and has spent, in the gateway's units: 500 000 are a dollar, unless its operator says
    otherwise."""

    object: str  # "token_usage"
    name: str
    total_granted: int
    total_used: int
    total_available: int
    unlimited_quota: bool
    model_limits: dict[str, bool] | None  # the models that it may use; all where `model_limits_enabled` is false
    model_limits_enabled: bool
    expires_at: int  # seconds since 1970; 0 for never


class KeyUsage(Reply):
    """What a key may spend and has spent: `data`."""

    code: bool
    message: str
    data: KeyUsageData


class KeyCall(Object):
    """A call that was billed, in the gateway's log."""

    id: int
    created_at: int  # seconds since 1970
    type: int
    content: str  # how the price came about, in words
    token_name: str
    model_name: str
    quota: int  # what it cost, in the units of `KeyUsageData`
    prompt_tokens: int
    completion_tokens: int
    use_time: int  # seconds
    is_stream: bool | None
    group: str
    other: str  # JSON


class KeyLog(Reply):
    """The calls of a key, the newest first. Iterating gives the calls."""

    success: bool
    message: str
    data: list[KeyCall]

    def __iter__(self) -> Iterator[KeyCall]:  # type: ignore[override]
        return iter(self.data or ())
