"""How the methods of resources take the rows of any data: `map`."""

from __future__ import annotations

from ..types.jobs import AnswerJobOptions, JobOptions
from ..types.shared import RequestOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._jobs import AsyncJob, Job

_WORDS = """\
    data: a list or any iterable (an async client's: async ones too), a generator, a table of pandas, polars, pyarrow or
        Hugging Face, or the path of a .jsonl, .csv or .parquet file. Read as it is needed.
    prompt: what a row asks: a template over its columns ("Classify: {text}"), a function of the row that returns a
        text, messages or a dict of parameters, or None: rows are texts, or dicts of parameters themselves.
"""


def mapped(params: type, *filled: str, classes: bool = False) -> type:
    """The parameters of a call as `map` has them: with the options of jobs, without what rows fill. None must be given:
    each row may bring its own."""
    options = RequestOptions.__annotations__
    own: dict[str, Any] = {"data": "object", "prompt": "Any"}
    words = [_WORDS]
    for each in (AnswerJobOptions, JobOptions) if classes else (JobOptions,):
        # A TypedDict has its bases' annotations among its own.
        named = {name: value for name, value in each.__annotations__.items() if name not in {**own, **options}}
        own |= named
        words.append(_described(each))
    lead, _, described = (params.__doc__ or "").partition("\n\n")
    for name, value in params.__annotations__.items():
        text = getattr(value, "__forward_arg__", None) or str(value)
        if name not in own and name not in filled:
            own[name] = text.removeprefix("Required[").removesuffix("]") if text.startswith("Required[") else text
    space: dict[str, Any] = {
        "__doc__": f"{lead}\n\n{''.join(words)}{_without_progress(described)}",
        "__annotations__": own,
        "__module__": params.__module__,
    }
    return type(params.__name__, (dict,), space)


def _without_progress(described: str) -> str:
    """A job has its own, of its rows."""
    kept: list[str] = []
    left_out = False
    for line in described.splitlines(keepends=True):
        if not line.startswith("        "):
            left_out = line.startswith("    progress: ")
        if not left_out:
            kept.append(line)
    return "".join(kept)


def _described(params: type) -> str:
    lines = (params.__doc__ or "").partition("\n\n")[2].rstrip().splitlines()
    return "".join(f"{line}\n" for line in lines)


def started(name: str, resource: Any, data: object, prompt: Any, params: dict[str, Any]) -> Job | AsyncJob:
    """A job of a resource's rows."""
    from .._jobs._job import started

    return started(name, resource, data, prompt, params)
