"""Rows of a job that have ended, and how far a job is."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast

from .._shown import Shown

if TYPE_CHECKING:
    from .._core import EndedRow
    from .._errors import WenwenError
    from ._made import Maker

# What is made when it is first looked at: nobody looks at all of it.
_LATER = ("input", "output", "reply", "error", "usage")


class _Kept:
    """What a row of a job is made of. No field of it."""

    __slots__ = ("_later",)
    _later: tuple[Maker, EndedRow]


@dataclass(slots=True)
class Row(_Kept, Shown):
    """A row of a job that has ended.

    index: its place in the data, from 0. key: its name, where the job has `key=`; else None.
    input: the row of the data: the user's own, while the job runs; from a store as JSON has it.
    output: the answer: a text; an instance of `output=`; a list of floats, a picture, a transcript, sound. None where
        the row failed.
    reply: all of the reply, as the call returns it; None where there was none.
    error: the exception, as the call raises it; None of a row that is done.
    usage: what was used, as the reply says it; of all tries where an answer was asked for again.
    cost: in dollars; None where the price is not known. Of a row that another one paid for, 0.
    attempts: requests that were sent for it. elapsed: seconds from the first to the end.
    cached: it was there already, from an earlier run, or another row asked the same.
    """

    index: int
    key: str | None
    input: Any
    output: Any
    reply: Any = field(repr=False)
    error: WenwenError | None
    usage: Any = field(repr=False)
    cost: float | None
    attempts: int
    elapsed: float | None
    cached: bool

    def __getattr__(self, name: str) -> Any:
        if name not in _LATER:
            raise AttributeError(f"a Row has no attribute {name!r}: it has {', '.join(_NAMES)}")
        maker, ended = self._later
        value = getattr(maker, name)(self, ended)
        setattr(self, name, value)
        return value

    def __getstate__(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in _NAMES)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for name, value in zip(_NAMES, state, strict=True):
            setattr(self, name, value)


_NAMES = tuple(each.name for each in fields(Row))


@dataclass(frozen=True, slots=True)
class JobStatus(Shown):
    """How far a job is.

    total: how many rows there are; None where nobody knows yet. done, failed: rows that ended so, of earlier runs too.
    cached: of these, those that this run did not send. running: requests in flight.
    input_tokens, output_tokens: of this run. cost: dollars of all runs; None where the price is not known.
    refused: attempts that a limit or an overload refused. billed: attempts that failed and may have been paid for.
    elapsed: seconds. rate: rows a second, lately. eta: seconds that are left; None where that is not known.
    held: what holds it back: "quota", "concurrency", "budget", "input", "reader", "governor" (a fleet's is not there),
    or None.
    """

    total: int | None
    done: int
    failed: int
    cached: int
    running: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    refused: int
    billed: int
    elapsed: float
    rate: float
    eta: float | None
    held: str | None


@dataclass(frozen=True, slots=True)
class JobPlan(Shown):
    """What a job would do.

    rows: of the data. done: of these, those that the store has. duplicates: those that ask what another asks.
    requests: what is left to be sent. input_tokens, output_tokens: a guess of what these will take, by their length.
    cost: a guess in dollars; None where no price is given.
    """

    rows: int
    done: int
    duplicates: int
    requests: int
    input_tokens: int
    output_tokens: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class UnknownRequest:
    """A request that was in flight when a job was killed, or broke off: whether it was paid for nobody can say.

    index: the row. attempt: which of its requests, from 1. cost: the most that it may have cost, in dollars; None where
    the price is not known.
    """

    index: int
    attempt: int
    cost: float | None


def json_of(value: Any) -> str:
    """A row of the data as JSON, for the ledger: what JSON does not have as text. Of bytes how many they are."""
    import json

    from ._columns import sound

    def text(part: Any) -> Any:
        if isinstance(part, (bytes, bytearray)):
            return f"<{len(part)} bytes>"
        return str(part)

    def keyed(part: Any) -> Any:
        if isinstance(part, dict):
            return {str(name): keyed(one) for name, one in cast("Any", part).items()}
        return [keyed(one) for one in part] if type(part) in (list, tuple) else part

    try:
        return str(sound(json.dumps(keyed(value), default=text, ensure_ascii=False)))
    except (TypeError, ValueError, RecursionError):
        return json.dumps(sound(str(value)[:10_000]))
