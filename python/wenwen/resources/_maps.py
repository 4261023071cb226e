"""How the methods of resources take the rows of any data: `map`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._jobs._job import AsyncJob, Job

_OPTIONS = {
    "store": "str | PathLike[str]",
    "key": "str | Callable[[Any], object]",
    "max_concurrency": "int",
    "rpm": "float",
    "tpm": "float",
    "budget": "float",
    "price": "tuple[float, float] | ModelPrice | bool",
    "max_elapsed": "float",
    "retry_errors": "bool",
    "dedup": "bool",
    "durability": "Literal['process', 'power']",
    "on_error": "Literal['row', 'raise']",
    "on_quota": "Literal['stop', 'wait']",
    "on_unknown": "Literal['retry', 'error']",
    "progress": "bool | Callable[[JobStatus], object]",
}
_TYPED = {"output": "Any", "validate_retries": "int"}
_WORDS = """\
    data: a list or any iterable (an async client's: async ones too), a generator, a table of pandas, polars, pyarrow or
        Hugging Face, or the path of a .jsonl, .csv or .parquet file. Read as it is needed.
    prompt: what a row asks: a template over its columns ("Classify: {text}"), a function of the row that returns a text,
        messages or a dict of parameters, or None: rows are texts, or dicts of parameters themselves.
    store: the path of the job's store, an SQLite file: the same call goes on where it was. Without one it is a file in
        the user's cache folder, which goes when all rows were handed over.
    key: a column, or a function of a row, that names rows, so that they may move. Without one: place and content.
    max_concurrency, rpm, tpm: what runs at once, requests and tokens a minute, if you know them; else learned.
    budget: dollars that the job may cost, earlier runs on its store included. Hard: reserved before a request is sent.
    price: dollars per million tokens in and out, as in (0.25, 2.0); True for the gateway's list, which a budget without
        a price asks too; or a row of it. Without either, `cost` is None.
    max_elapsed: seconds for the whole job; `timeout` is for each request.
    retry_errors: whether rows that failed for good in an earlier run are asked again (False).
    dedup: whether rows that ask the same are asked once (True).
    durability: "process": whatever happens to the process, "power": to the machine.
    on_error: "row": errors are rows. "raise": the first ends the job.
    on_quota: what happens when there is no money: "stop", or "wait" and look again each minute.
    on_unknown: what becomes of rows that were in flight when a job was killed: "retry", or "error": they may have been
        paid for.
    progress: True for a bar, a line or lines of the log, as there is; False; a function of a JobStatus. None: True on a
        terminal or in a notebook.
"""
_WORDS_OF_CLASSES = """\
    output: what each answer is to be: a pydantic model, a dataclass, a TypedDict, …, or a JSON schema as a dict.
    validate_retries: how often to ask again, with what is wrong, where an answer does not fit (1). All of it counts.
"""


def mapped(params: type, *text: str, classes: bool = False) -> type:
    """The parameters of a call as `map` has them: those that rows fill, `text`, may be missing, and so may all that each
    row brings; and the options of jobs."""
    own = {"data": "Any", "prompt": "Any", **(_TYPED if classes else {}), **_OPTIONS}
    lead, _, described = (params.__doc__ or "").partition("\n\n")
    annotations: dict[str, Any] = {}
    for name, value in params.__annotations__.items():
        written = getattr(value, "__forward_arg__", None) or str(value)
        written = written.removeprefix("Required[").removesuffix("]") if written.startswith("Required[") else written
        if name not in own and name not in text:
            annotations[name] = written
    space: dict[str, Any] = {
        "__doc__": f"{lead}\n\n{_WORDS}{_WORDS_OF_CLASSES if classes else ''}{described}",
        "__annotations__": {**own, **annotations},
        "__module__": params.__module__,
    }
    return type(params.__name__, (dict,), space)


def started(name: str, resource: Any, data: object, prompt: Any, params: dict[str, Any]) -> Job | AsyncJob:
    """A job of a resource's rows."""
    from .._jobs._job import started

    return started(name, resource, data, prompt, params)
