"""`/v1/embeddings`: `client.embeddings`."""

from __future__ import annotations

from copy import copy

from .._core import Object, send_all
from .._errors import APIResponseValidationError
from ..types._schema import endpoint
from ..types.embeddings import CreateEmbeddingResponse, Embedding, EmbeddingCreateParams
from ._base import Resource
from ._maps import mapped, started
from ._methods import awaited, documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._core import APIResponse
    from ._base import StreamingResponse
    from ._faces import AsyncEmbeddings as AsyncEmbeddings
    from ._faces import CreateEmbedding, MapEmbedding, RawEmbeddings

CREATE = endpoint("embeddings.create", reply=CreateEmbeddingResponse, params=EmbeddingCreateParams)
# For a caller who asks for base64 and wants to have it.
AS_SENT = endpoint("embeddings.as_sent.create", reply=CreateEmbeddingResponse, params=EmbeddingCreateParams)

_BATCH = 2048  # OpenAI's limit
_CONCURRENCY = 8

if TYPE_CHECKING:
    _Dict = dict[str, Any]


class Embeddings(Resource):
    """`/v1/embeddings`: turn texts into vectors."""

    if TYPE_CHECKING:
        create: CreateEmbedding[CreateEmbeddingResponse, _Dict]
        map: MapEmbedding
        with_raw_response: RawEmbeddings[APIResponse]
        with_streaming_response: RawEmbeddings[StreamingResponse]
    else:

        @documented(EmbeddingCreateParams)
        async def create(self, **params):
            """Turns texts into vectors: `POST /v1/embeddings`.

            Returns a `CreateEmbeddingResponse`: `reply.data[i].embedding` is the list of floats of the i-th text,
            `numpy.asarray(reply)` the float32 matrix of all, texts × dimensions, without a copy. More texts than
            `batch_size` are sent as several requests under one `timeout`; `usage` is then their sum, and the first that
            fails ends the others: its error has a note of the texts that it was about. Raises APIError and its kin for
            whatever goes wrong with the call, TypeError and ValueError for arguments that cannot be sent."""
            call = _Call(params, self._form)
            if len(call.parts) == 1:
                return await self._ask(call.endpoint, call.params, (), self._form)
            if not self._awaits:
                return call.join(send_all(self._settings, call.endpoint, call.parts, call.most))
            from .._loop import call_all

            return call.join(await call_all(self._settings, call.endpoint, call.parts, call.most))

        @documented(mapped(EmbeddingCreateParams, "input"), "data", "prompt", whole=True, lazy=True)
        def map(self, data, prompt=None, **params):
            """Makes a vector of each row of any data, as fast as its limits let.

            Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
            sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
            order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
            goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
            anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
            asked (no money, a wrong key), for the job."""
            return started("embeddings", self, data, prompt, params)


class _Call:
    """A call, checked, and cut into as many requests as it takes."""

    def __init__(self, params: dict[str, Any], form: str) -> None:
        if params.get("stream"):
            raise TypeError("create() of embeddings has no stream: the reply comes whole")
        size = _count(params, "batch_size", _BATCH)
        self.most = _count(params, "max_concurrency", _CONCURRENCY)
        asked = dict(params)
        extra: Any = params.get("extra_body")
        if hasattr(extra, "keys"):  # of anything else the core complains
            asked.update(extra)
        self.endpoint = AS_SENT if asked.get("encoding_format") == "base64" else CREATE
        # Quicker by far than numbers in decimals, and the reply has floats all the same.
        self.params = params if "encoding_format" in asked else {**params, "encoding_format": "base64"}
        self.parts: list[tuple[dict[str, Any], str]] = [(self.params, "")]
        if "input" not in params:  # the core says that it is missing, where extra_body has none either
            return
        value, many = _checked(params["input"])
        self.params["input"] = value
        if many and len(value) > size:
            if form != "parsed":
                raise ValueError(
                    f"input has {len(value)} texts, which take several requests, and a raw reply is one: give at most "
                    f"{size}, or a larger batch_size"
                )
            self._cut(value, size)

    def _cut(self, items: list[Any], size: int) -> None:
        self._as_dict = bool(self.params.pop("as_dict", False))
        self._counts: list[int] = []
        self.parts = []
        for start in range(0, len(items), size):
            part = items[start : start + size]
            self._counts.append(len(part))
            note = f"of {len(items)} texts this request had input[{start}:{start + len(part)}]; no other is sent now"
            self.parts.append(({**self.params, "input": part}, note))

    def join(self, replies: list[Any]) -> CreateEmbeddingResponse | dict[str, Any]:
        """One reply of all."""
        data: list[Embedding] = []
        usage: dict[str, Any] = {}
        for reply, count in zip(replies, self._counts, strict=True):
            found = [item for item in _list(getattr(reply, "data", None)) if isinstance(item, Embedding)]
            if len(found) != count:
                raise APIResponseValidationError(
                    f"the reply to input[{len(data)}:{len(data) + count}] has {len(found)} vectors: which belongs to "
                    "which text cannot be told",
                    category="bad_reply",
                    request_id=getattr(reply, "request_id", None),
                )
            for item in found:
                item.index = len(data)
                data.append(item)
            _add(usage, reply.get("usage"))
        whole: CreateEmbeddingResponse = copy(replies[0])
        whole["data"] = data
        if usage:
            whole["usage"] = usage
        return whole.to_dict() if self._as_dict else whole


def _count(params: dict[str, Any], name: str, default: int) -> int:
    value = params.pop(name, None)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is {_shown(value)}: give an int")
    if value < 1:
        raise ValueError(f"{name} is {value}: give 1 or more")
    return value


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []  # pyright: ignore[reportUnknownVariableType]


def _add(total: dict[str, Any], usage: Any) -> None:
    """Adds the numbers of a usage, field by field, those of its objects too; the first of what is no number stays."""
    if not isinstance(usage, Object):
        return
    for name, value in usage.items():
        before = total.get(name)
        if isinstance(value, Object):
            inner: Any = before
            if not hasattr(inner, "keys"):
                inner = total[name] = {}
            _add(inner, value)
        elif isinstance(value, (int, float)) and isinstance(before, (int, float)):
            total[name] = before + value
        elif before is None:
            total[name] = value


def _checked(value: Any) -> tuple[Any, bool]:
    """The input as it is sent, and whether it is many texts."""
    hint = "give a str, a list of str, a list of token ints, or a list of such lists"
    if value is None:
        raise TypeError(f"input is None: {hint}")
    if isinstance(value, str):
        if not value:
            raise ValueError("input is empty: give a text")
        return value, False
    items = _listed(value)
    if items is None:
        raise TypeError(f"input is {_shown(value)}: {hint}")
    if isinstance(items, str):  # an array of no dimension
        return _checked(items)
    if not items:
        raise ValueError("input is empty: give at least one text")
    if set(map(type, items)) == {str}:  # what it mostly is, at the speed of C
        if "" in items:
            raise ValueError(f"input[{items.index('')}] is empty: every text must have something in it")
        return items, True
    kinds = [_kind(item) for item in items]
    for number, (item, kind) in enumerate(zip(items, kinds, strict=True)):
        if kind is None:
            raise TypeError(f"input[{number}] is {_shown(item)}: {hint}")
        if kind != kinds[0]:
            raise TypeError(f"input[{number}] is {_shown(item)} where input[0] is {_shown(items[0])}: give one kind")
    if kinds[0] == "token":
        return [_token(items, number, "input") for number in range(len(items))], False
    for number, item in enumerate(items):
        if kinds[0] == "text":
            if not item:
                raise ValueError(f"input[{number}] is empty: every text must have something in it")
            continue
        tokens = _listed(item)
        if not tokens:
            raise ValueError(f"input[{number}] is empty: every text must have something in it")
        items[number] = [_token(tokens, place, f"input[{number}]") for place in range(len(tokens))]
    return items, True


def _listed(value: Any) -> Any:
    """Anything ordered as a list; None for what is not."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return None
    if hasattr(value, "tolist"):  # numpy's arrays, pandas' columns, tensors
        value = value.tolist()
        if isinstance(value, str):  # of an array of no dimension
            return value
    # Sets have no order; pandas' tables and other mappings are no column.
    unordered = hasattr(value, "isdisjoint") or hasattr(value, "keys")
    return list(value) if hasattr(value, "__iter__") and not unordered else None


def _kind(item: Any) -> str | None:
    if isinstance(item, str):
        return "text"
    if isinstance(item, bool) or item is None:
        return None
    if isinstance(item, (list, tuple)) or (hasattr(item, "tolist") and getattr(item, "shape", True)):
        return "tokens"
    return "token" if hasattr(item, "__index__") else None


def _token(tokens: list[Any], place: int, name: str) -> int:
    token = tokens[place]
    if isinstance(token, bool) or not hasattr(token, "__index__"):
        raise TypeError(f"{name}[{place}] is {_shown(token)}: a list of tokens holds ints")
    number = int(token)
    if number < 0:
        raise ValueError(f"{name}[{place}] is {number}: a token is 0 or more")
    return number


def _shown(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:60] + '…'} ({type(value).__name__})"


if not TYPE_CHECKING:
    AsyncEmbeddings = awaited(Embeddings)
