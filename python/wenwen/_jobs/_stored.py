"""The rows of a store, in the order of the data: of a job's own, or of one that is opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self, cast

from .._core import JobEngine, JobFile, Settings
from .._errors import StoreError
from .._frames import Frameless, frameless
from ._kinds import kind_of
from ._made import Maker
from ._row import JobStatus, Row, UnknownRequest
from ._sinks import Sinks

if TYPE_CHECKING:
    from os import PathLike

# Rows that are read at once.
_READ = 256


class Reading(Frameless):
    """What jobs and stores have in common."""

    _maker: Maker
    _resource: str
    _output: Any
    _path: str | None
    _count: int | None = None  # of the rows that are its own

    def _rows(self) -> Iterator[Row]:
        file = self._file()
        if file is None:
            return
        start = 0
        while ended := file.read(start, _READ):
            for one in ended:
                if self._count is not None and one.index >= self._count:
                    return
                if one.status != "again":
                    yield self._maker.row(one)
            start = ended[-1].index + 1

    def _file(self) -> JobFile | JobEngine | None:
        return None if self._path is None else JobFile(self._path)

    def unknown(self) -> list[UnknownRequest]:
        """Requests that were in flight when a job on this store was killed, or that broke off: they may have been paid
        for. Of a job that runs, those in flight too."""
        return [] if self._path is None else [UnknownRequest(*one) for one in JobFile(self._path).unknown()]


class StoredJob(Sinks, Reading):
    """A job's store: what `open_job` returns. It asks nothing; the call that made it goes on with it."""

    def __init__(self, path: str, output: Any) -> None:
        file = JobFile(path)
        self._path = path
        self._opened = file
        self._source = None
        self._resource = file.meta("resource") or "responses"
        try:
            kind = kind_of(self._resource)
        except KeyError:
            raise StoreError(f"{path} is of a job of {self._resource!r}, which this version does not know") from None
        chosen = None
        if kind.dialect is not None:
            from .._output import output_of

            schema = file.meta("output")
            if output is None and schema:
                import json

                output = json.loads(schema)
            chosen = None if output is None else output_of(output)
        self._output = output
        known = {"model": file.meta("model"), "response_format": file.meta("response_format")}
        endpoint, _, _ = kind.prepare({name: value for name, value in known.items() if value})
        self._maker = Maker(Settings({}), endpoint, kind, chosen)

    def __repr__(self) -> str:
        return f"<StoredJob of {self._resource}, {self._path}>"

    def run(self) -> Self:
        """Nothing: it is as it is."""
        return self

    def rows(self) -> Iterator[Row]:
        """The rows that have ended, in the order of the data."""
        return self._rows()

    def status(self) -> JobStatus:
        """How far it is, also while another process runs it."""
        done, failed, read, written, cost, running, unknown, unsure = self._opened.sums()
        known = cost + unsure if cost or unsure else None
        return JobStatus(None, done, failed, 0, running, read, written, known, 0, unknown, 0.0, 0.0, None, None)

    def retry_errors(self) -> int:
        """Has the rows that failed for good asked again by the next run of the job; how many there are."""
        return JobFile.retry_errors(cast("str", self._path))


@frameless
def open_job(path: str | PathLike[str], output: Any = None) -> StoredJob:
    """Opens the store of a job: `status()`, `rows()`, `unknown()`, `retry_errors()`, and all sinks of a job.

    path: what the job had as `store`. output: the class of its answers; without it they are dicts, as their schema in
    the store says. FileNotFoundError where there is none, StoreError for another file."""
    import os

    place = os.path.abspath(os.fsdecode(os.fspath(path)))
    if not os.path.isfile(place):
        raise FileNotFoundError(2, "no store of a job", place)
    return StoredJob(place, output)
