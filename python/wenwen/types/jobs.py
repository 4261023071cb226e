"""The options of jobs: `map`."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from wenwen._core import Object

from .shared import RequestOptions

if TYPE_CHECKING:
    from wenwen._jobs import JobStore
else:
    JobStore = Any  # each client loads this module, and need not load what jobs are made of

__all__ = ["AnswerJobOptions", "JobOptions"]


class JobOptions(RequestOptions, total=False):
    """Options of a job, beside the parameters of its calls.

    store: the path of the job's store, an SQLite file: the same call goes on where it was; or a governor's, which many
        processes share: its `connect()`, or "tcp://host:port". Without one it is a file in the user's cache folder,
        which goes when all rows were handed over.
    key: a column, or a function of a row, that names rows, so that they may move. Without one: place and content.
    max_concurrency: how many requests run at once, if you know it; else learned.
    rpm, tpm: requests and tokens a minute, if you know them; else learned.
    budget: dollars that the job may cost, earlier runs on its store included. Hard: reserved before a request is sent.
    price: dollars per million tokens in and out, as in (0.25, 2.0); True for the gateway's list, which a budget without
        a price asks too; or a row of it. Without either, `cost` is None.
    max_elapsed: seconds for the whole job; `timeout` is for each request.
    retry_errors: whether rows that failed for good in an earlier run are asked again (False).
    dedup: whether rows that ask the same are asked once (True).
    durability: "process": what is on disk stays whatever happens to the process, "power": to the machine. ("process")
    on_error: "row": errors are rows; "raise": the first ends the job. ("row")
    on_quota: what happens when there is no money: "stop", or "wait" and look again each minute. ("stop")
    on_unknown: what becomes of rows that were in flight when a job was killed, and may have been paid for: "retry" asks
        them again, "error" does not. ("retry")
    progress: True for a bar, a line or lines of the log, as there is; False; or a function of a `JobStatus`. Default:
        True on a terminal or in a notebook.
    """

    store: str | PathLike[str] | JobStore | None
    key: str | Callable[[Any], object] | None
    max_concurrency: int | None
    rpm: float | None
    tpm: float | None
    budget: float | None
    price: tuple[float, float] | Object | bool | None
    max_elapsed: float | None
    retry_errors: bool
    dedup: bool
    durability: Literal["process", "power"]
    on_error: Literal["row", "raise"]
    on_quota: Literal["stop", "wait"]
    on_unknown: Literal["retry", "error"]
    progress: bool | Callable[[Any], object] | None


class AnswerJobOptions(JobOptions, total=False):
    """Options of a job whose answers may be of a class.

    output: what each answer is to be: a pydantic model, a dataclass, a TypedDict, an Enum, …, or a JSON schema.
    validate_retries: how often to ask again, with what is wrong, where an answer does not fit. All of it counts. (1)
    """

    output: Any
    validate_retries: int
