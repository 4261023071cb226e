"""A job's engine while it runs, and what has to be done when it is left: by its end, by an interruption, by nobody
holding it any more."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from .._core import JobEngine
from ._progress import clear

# How long requests in flight are waited for when a job is stopped: they are paid for.
PATIENCE = 30.0


class Run:
    """A job that runs: what has to be ended when nobody holds it any more."""

    def __init__(self, engine: JobEngine, store: str, is_temporary: bool) -> None:
        self.engine, self.store, self.is_temporary = engine, store, is_temporary
        self.complete = False  # all rows were handed over
        self.closed = False
        self.empty = False
        self.words = ""  # how to go on
        self.governed = False  # its store is a governor's

    def close(self, complete: bool = False) -> None:
        """Ends it now, with everything kept."""
        if self.closed:
            return
        self.closed, self.complete = True, complete
        try:
            _, done, failed, _, running, *_, billed, _ = self.engine.progress()
        except RuntimeError:
            return  # a child of the process that has it
        self.empty = not (done or failed or running or billed)
        given = f" with store={self.store!r}" if self.is_temporary else ""
        where = f"by the governor at {self.store}" if self.governed else f"in {self.store}"
        self.words = f"{done + failed:,} rows are kept {where}: the same call{given} goes on from there"
        self.engine.close()

    def halt(self, loud: bool = False) -> None:
        """Sends nothing new, waits for what is in flight, and closes. An interruption of that ends the waiting."""
        if self.closed:
            return
        clear()  # what is said from here on has lines of its own
        engine, until = self.engine, time.monotonic() + PATIENCE
        try:
            engine.stop(False)
            while not engine.over and time.monotonic() < until:
                if loud and (running := engine.progress()[4]):
                    loud = False
                    say(
                        f"stopping: {running} requests in flight are waited for, {PATIENCE:.0f} s at most; Ctrl-C "
                        "again stops now"
                    )
                # What has ended is on disk; nobody reads it here.
                engine.take([], 1 << 20, True)
        except KeyboardInterrupt:
            pass
        except RuntimeError:  # a child of the process that has it
            pass
        self.close()

    def tell(self) -> None:
        """How to go on."""
        if not (self.complete or self.empty):
            say(f"the job has not ended: {self.words}")

    def dispose(self) -> None:
        """Nobody has the job any more."""
        if not self.closed:
            self.halt()
            self.tell()
        if self.is_temporary and (self.complete or self.empty):
            for ending in ("", "-wal", "-shm", "-journal", "-lock"):
                Path(self.store + ending).unlink(missing_ok=True)

    def dispose_aside(self) -> None:
        """The same, where an event loop must not wait for it."""
        try:
            threading.Thread(target=self.dispose, name="wenwen-job-end").start()
        except RuntimeError:  # the program ends
            self.dispose()


def say(text: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # nobody hears it
        print(f"wenwen: {text}", file=sys.stderr, flush=True)


@contextmanager
def watched() -> Generator[None]:
    """SIGTERM is as Ctrl-C here: it raises, where nobody else hears it. Otherwise the process would be gone at once."""
    import signal

    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return

    def ended(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, ended)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is ended:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
