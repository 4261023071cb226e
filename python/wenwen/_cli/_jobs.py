"""`map` and `job`."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from wenwen._jobs import open_job

from . import CommandError, UsageError
from ._ask import client_of, params_of
from ._files import MOST, checked, schema_of, text_of
from ._screen import put, put_json, tell

if TYPE_CHECKING:
    from argparse import Namespace

# What tables can be written as, by the ending of the name; those of text may be packed.
_SINKS = {".jsonl": "to_jsonl", ".csv": "to_csv", ".parquet": "to_parquet"}
_PACKED = (".gz", ".zst")
# Options of the job that go on as they are.
_OPTIONS = ("store", "key", "max_concurrency", "rpm", "tpm", "budget", "max_elapsed", "validate_retries", "timeout")


def map_(options: Namespace) -> int:
    path = checked(options)
    sink = _sink(path)
    params = {"model": options.model, **params_of(options)}
    params |= {name: value for name in _OPTIONS if (value := getattr(options, name)) is not None}
    if options.schema is not None:
        params["output"] = schema_of(options.schema)
    if options.price is not None:
        params["price"] = tuple(options.price)
    if options.retry_errors:
        params["retry_errors"] = True
    if options.no_dedup:
        params["dedup"] = False
    if options.quiet:
        params["progress"] = False
    data: Any = _lines() if options.data == "-" else options.data
    responses: Any = client_of(options).responses
    with responses.map(data, options.prompt, **params) as job:
        if options.plan:
            _show(dataclasses.asdict(job.plan()), options.json)
            return 0
        return _written(job, sink, path, options)


def job(options: Namespace) -> int:
    path = checked(options)
    if path is not None and options.action != "export":
        raise UsageError(f"-o is for export, and not for {options.action}")
    sink = _sink(path)
    stored = open_job(options.store)
    if options.action == "export":
        return _written(stored, sink, path, options)
    if options.action == "retry":
        count = stored.retry_errors()
        if options.json:
            put_json({"retry": count})
        else:
            put(f"{count} rows will be asked again by the next `map` with this --store")
        return 0
    facts = dataclasses.asdict(stored.status())
    unknown = [dataclasses.asdict(request) for request in stored.unknown()]
    _show({**facts, "unknown": unknown if options.json else len(unknown)}, options.json)
    return 0


def _sink(path: str | None) -> str | None:
    """The method that writes a table of this name."""
    if path is None or path == "-":
        return None
    stem, ending = os.path.splitext(path.lower())
    packed = ending in _PACKED
    ending = os.path.splitext(stem)[1] if packed else ending
    if ending not in _SINKS or (packed and ending == ".parquet"):
        raise UsageError(f"-o {path}: give a name that ends in {', '.join(_SINKS)}")
    return _SINKS[ending]


def _written(job: Any, sink: str | None, path: str | None, options: Namespace) -> int:
    """All rows, as a file or as JSON lines; and how it went."""
    if sink is not None:
        getattr(job, sink)(path)
    else:
        # As they end; of a job that has ended in the order of its data.
        rows: Iterable[Any] = job.rows() if options.command == "job" else job
        for row in rows:
            error = None if row.error is None else str(row.error)
            put_json(
                {
                    "index": row.index, "key": row.key, "input": row.input, "output": row.output, "error": error,
                    "cost": row.cost,
                },
                None,
            )  # fmt: skip
    status = job.status()
    if sink is not None and options.json:
        put_json(dataclasses.asdict(status))
    elif not options.json:
        cost = "" if status.cost is None else f"; ${status.cost:.4f}"
        tell(f"{status.done} rows done, {status.failed} failed{cost}")
    return 1 if status.failed and options.command == "map" else 0


def _show(facts: dict[str, Any], as_json: bool) -> None:
    """Facts, a line for each: those that say something."""
    if as_json:
        put_json(facts)
        return
    for name, fact in facts.items():
        if fact or name in ("rows", "done", "failed"):
            put(f"{name.replace('_', ' '):<13} {f'{fact:.6g}' if isinstance(fact, float) else fact}")


def _lines() -> Iterator[Any]:
    """Rows of standard input: objects of JSON where the first line is one, else texts."""
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise CommandError("standard input is closed")
    objects: bool | None = None
    number = 0
    while line := sys.stdin.buffer.readline(MOST + 1):
        number += 1
        if len(line) > MOST:
            raise CommandError(f"line {number} of standard input is larger than {MOST >> 20} MB")
        text = text_of(line, f"line {number} of standard input").strip()
        if not text:
            continue
        if objects is None:
            objects = text.startswith("{")
        if not objects:
            yield text
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise CommandError(f"line {number} of standard input is no JSON: {error}") from None
        if not isinstance(row, dict):
            raise CommandError(f"line {number} of standard input is no object of JSON, as the first one is")
        yield row
