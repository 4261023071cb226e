"""`map`, `job` and `jobs`."""

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


def serve(options: Namespace) -> int:
    import signal

    from wenwen import serve_jobs

    names = ("host", "port", "max_concurrency", "rpm", "tpm", "budget", "certificate", "private_network")
    given = {name: getattr(options, name) for name in names}
    token, where = _token(options)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # an end as good as Ctrl-C
    price = None if options.price is None else tuple(options.price)
    with serve_jobs(options.store, token=token, price=price, **given) as governor:
        try:
            if options.json:
                put_json({"address": governor.address, "store": governor.store, "token": where}, None)
            else:
                put(f"{governor.address} serves {governor.store}. Its token is in {where}. Ctrl-C ends it.")
            _watch(governor, options.quiet)
        except KeyboardInterrupt:
            pass
    status = governor.status()
    cost = "" if status.cost is None else f"; ${status.cost:.4f}"
    tell(f"{status.done} rows done, {status.failed} failed{cost}")
    return 0


def _token(options: Namespace) -> tuple[str, str]:
    """What workers must know, and where it is."""
    import secrets

    name = "WENWEN_JOBS_TOKEN"
    if options.token_file is None and (token := os.environ.get(name, "").strip()):
        return token, f"the environment's {name}"
    path = os.path.abspath(options.token_file or f"{options.store}-token")
    # Made for us alone, and not through a link that somebody else has put there.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        with open(os.open(path, flags, 0o600), "r+", encoding="ascii") as file:
            token = file.read().strip()
            if not token:
                token = secrets.token_urlsafe(32)
                file.seek(0)
                file.write(f"{token}\n")
    except (OSError, ValueError) as error:
        raise CommandError(f"the token's file, {path}, cannot be used: {error}") from error
    return token, path


def _watch(governor: Any, quiet: bool) -> None:
    """A line when it has changed, every ten seconds at most."""
    import time

    seen = None
    while True:
        status = governor.status()
        now = (status.done, status.failed, status.workers)
        if not quiet and now != seen and any(now):
            held = f", held back by {status.held}" if status.held else ""
            cost = "" if status.cost is None else f", ${status.cost:.4f}"
            tell(f"{status.workers} workers: {status.done} done, {status.failed} failed{cost}{held}")
        seen = now
        time.sleep(10)


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
