"""A job: every row of any data through a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self, cast

from .._frames import frameless
from ._ajob import AsyncJob
from ._driver import TAKEN, Driver, filled
from ._row import JobPlan, Row
from ._run import Run, watched
from ._sinks import Sinks

if TYPE_CHECKING:
    from types import TracebackType

    from ._data import Source


class Job(Sinks, Driver):
    """Rows of data through a model: what `map` returns. It begins when it is iterated, run, or given to a sink.

    Iterating gives each row as it ends, when it is on disk; `rows()` and the sinks (`to_pandas()`, `to_jsonl(path)`, …)
    in the order of the data. Errors are rows. After an error of the job itself, the same call with the same `store`
    goes on.
    """

    _awaits = False

    def __iter__(self) -> Iterator[Row]:
        if self._run is not None and self._run.complete:
            return self._rows()
        if self._inputs is None:
            self._inputs = {}
        return self._each()

    def _started(self) -> Run:
        if self._run is None:
            from ..resources.pricing import Pricing

            self._begin(lambda: Pricing(self._asking.settings).list())
            self._items = iter(cast("Source", self._source))
            self._fill = self._filler()
        return self._must_go_on(cast("Run", self._run))

    @frameless
    def _each(self) -> Iterator[Row]:
        with watched():
            run = self._started()
            engine = run.engine
            raises = self._options.on_error == "raise"
            try:
                while not run.closed:
                    over = engine.over
                    self._feed(engine)
                    engine.take(self._taken, TAKEN, not over)
                    self._taken.reverse()
                    if over and not self._taken:
                        break
                    while self._taken:
                        row = self._settled(self._taken.pop())
                        if row is None:
                            continue
                        if raises and row.error is not None:
                            raise row.error
                        yield row
                    self._look()
            except GeneratorExit:
                raise  # whoever iterates may go on later
            except BaseException as error:
                run.halt(loud=isinstance(error, (KeyboardInterrupt, SystemExit)))
                run.tell()
                raise
            if not run.complete:
                self._must_go_on(run)
                self._end()

    def run(self) -> Self:
        """Runs it to its end, and returns it. Again: nothing happens."""
        if self._run is None or not self._run.complete:
            for _ in self._each():
                pass
        return self

    def rows(self) -> Iterator[Row]:
        """Runs it to its end; then the rows in the order of the data, from its store."""
        self.run()
        yield from self._rows()

    def plan(self) -> JobPlan:
        """What it would do, without a key or a request. The data are read for it."""
        plan, fill = self._planned()
        for item in cast("Source", self._source):
            self._count_in(plan, item, filled(fill, item))
        return self._plan(plan)

    def close(self) -> None:
        """Ends it: sends nothing new, and waits for what is in flight. What is done stays in its store."""
        run = self._run
        if run is not None and not run.closed:
            run.halt()
            if run.is_temporary:
                run.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def started(name: str, resource: Any, data: object, prompt: Any, params: dict[str, Any]) -> Job | AsyncJob:
    """The job of a resource's `map`."""
    return (AsyncJob if resource._awaits else Job)(resource, name, data, prompt, params)
