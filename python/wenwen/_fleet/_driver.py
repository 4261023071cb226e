"""What the driver does for its workers: it starts the governor that they lease from, and shows how far they are."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from .._jobs._progress import Progress, clear
from .._jobs._run import PATIENCE, say
from ._signals import hear, hear_no_more
from ._worker import abandon

if TYPE_CHECKING:
    from ._config import WorkerConfig

_LOOKS = 0.25  # seconds between two looks at a governor
_GONE = 3.0  # seconds after which workers that have not come back have gone
# What a governor has of a call; its workers lease it.
_GOVERNED = ("rpm", "tpm", "max_concurrency", "budget", "durability", "price")


def engine(name: str, *packages: str) -> Any:
    """An engine's module; ImportError with what to install."""
    try:
        return import_module(name)
    except ImportError as error:
        package = " ".join(packages)
        raise ImportError(f"wenwen.{name.partition('.')[0]} needs {name}: pip install {package} ({error})") from error


class _Served:
    """A governor of this process, and the calls that hold it."""

    def __init__(self, governor: Any, options: dict[str, Any]) -> None:
        self.governor, self.options = governor, options
        self.calls = 0
        self.over = threading.Event()
        self._unknown = self._listed()  # before it: nothing is told of these any more

    def _listed(self) -> int:
        """How many requests are in flight or unknown."""
        from .._jobs import open_job

        return len(open_job(self.governor.store).unknown())

    def serve(self, options: dict[str, Any]) -> None:
        """Another governor, with these limits, in the place of this one and at its address."""
        from .._jobs import serve_jobs

        place, store = self.governor.connect(), self.governor.store
        host, _, port = place.address.partition("://")[2].rpartition(":")
        self.governor.close()
        given: dict[str, Any] = {**options, "host": host.strip("[]"), "port": int(port), "token": place.token}
        given["private_network"] = True  # as it was told already
        self.governor, self.options = serve_jobs(store, **given), options

    def stop(self) -> None:
        """As `Run.halt`: sends nothing new, waits for what is in flight, and closes."""
        clear()  # what is said from here on has lines of its own
        try:
            if running := self.governor.status().running:
                say(
                    f"stopping: {running} requests in flight are waited for, {PATIENCE:.0f} s at most; Ctrl-C again "
                    "stops now"
                )
                self._drain()
        except KeyboardInterrupt:
            pass
        self.close(True)

    def _drain(self) -> None:
        """Workers tell a governor that lets nothing through how what they have in flight has ended, while there are
        any."""
        began = met = time.monotonic()
        known = self._unknown + self.governor.status().billed
        self.serve({**self.options, "rpm": _NOTHING})
        while self._listed() > known and (now := time.monotonic()) < began + PATIENCE and now < met + _GONE:
            if self.governor.status().workers:
                met = now
            time.sleep(0.05)

    def close(self, is_stopped: bool = False) -> None:
        """Ends it, and says how to go on where rows have not ended, or its workers were stopped."""
        if self.over.is_set():
            return
        self.over.set()
        status = self.governor.status()
        self.governor.close()
        if is_stopped or status.open or status.running:
            say(
                f"the job has not ended: {status.done + status.failed:,} rows are kept in {self.governor.store}: the "
                "same call goes on from there"
            )
        abandon(self.governor.connect())


_NOTHING = 1e-10  # requests a minute
_SERVED: dict[str, _Served] = {}  # by their stores


@atexit.register
def _end() -> None:
    """The program ends: so do its governors, now, since no thread begins any more."""
    while _SERVED:
        _SERVED.popitem()[1].close()


_lock = threading.RLock()  # of the finalizers, too, which come at any moment


def _stop() -> None:
    """What is on its way stops; of others nobody's Ctrl-C speaks."""
    for store, served in list(_SERVED.items()):
        if served.governor.status().open:
            _SERVED.pop(store, None)
            served.stop()
    if not _SERVED:
        hear_no_more()


def _forked() -> None:
    """What a child has of its parent's is not its own to end."""
    global _lock
    _lock = threading.RLock()
    for served in _SERVED.values():
        served.over.set()
    _SERVED.clear()
    hear_no_more()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def led(
    prompt: Any, cluster: Callable[[], tuple[int, Callable[[], str | None]]], progress: Any, *, keep: bool = False,
    **params: Any,
) -> WorkerConfig:  # fmt: skip
    """What an engine's workers are told: the call, checked, and the governor that they lease from, running.

    cluster: the first two of `governed`, looked for once the call is good. params: those of `WorkerConfig.of`."""
    from ._config import WorkerConfig

    config = WorkerConfig.of(prompt, **params)
    return governed(config, *cluster(), progress, keep)


def governed(
    config: WorkerConfig, workers: int, host: Callable[[], str | None], progress: Any, keep: bool = False
) -> WorkerConfig:
    """The configuration that goes to the workers. Its store is a governor's: one that is started here for a path; one
    that runs; without a store each worker has its part of the limits.

    workers: how many there are at most. host: the address that they reach this process at; None where all of them run
    on this machine. progress: as `map` has it. keep: whether the governor lives as long as this process: where the
    engine has no object that holds the configuration; else as long as somebody has the dataset."""
    store = config.options.get("store")
    if store is None:
        logging.getLogger("wenwen").warning(
            "no store=: nothing is kept of this job, a task that the engine repeats is paid for again, and each of %d "
            "workers has its part of rpm, tpm, budget and max_concurrency; store='job.db' makes one job of it",
            workers,
        )
        return config.shared(workers)
    if not isinstance(store, str) or "://" in store:
        return config  # a governor that runs already
    options = {name: config.options[name] for name in _GOVERNED if name in config.options}
    if options.get("price") is False:
        del options["price"]
    if options.get("price") is True or ("budget" in options and "price" not in options):
        options["price"] = _listed(config)
    served = _served(store, options, host)
    led = replace(config.told(store=served.governor.connect(), **dict.fromkeys(_GOVERNED)), is_led=True)
    if not keep:
        weakref.finalize(led, _left, store, served)
    if served.calls == 1:
        show = Progress(progress, None)
        threading.Thread(target=_watch, args=(served, show), name="wenwen-fleet", daemon=True).start()
    return led


def _listed(config: WorkerConfig) -> Any:
    """What the model costs, by the gateway's list: this process asks it, once for the fleet."""
    from .._client import Client, _rebuild
    from .._errors import BudgetError

    key = config.key if callable(config.key) else os.environ.get(config.key)
    prices = cast("Client", _rebuild(Client, {**config.settings, "api_key": key})).pricing.list()
    try:
        return prices[prices._listed(config.params["model"])]
    except KeyError as error:
        raise BudgetError(
            f"price or budget is given, and the gateway has {error.args[0]}; give price=(0.25, 2.0), in dollars per "
            "million tokens in and out"
        ) from None


def _served(store: str, options: dict[str, Any], host: Callable[[], str | None]) -> _Served:
    """The governor of a store: the one that this process has, or a new one. With other limits than it has one takes its
    place and its address: what an engine has not ended yet of an earlier call goes by them, too."""
    from .._jobs import serve_jobs

    with _lock:
        served = _SERVED.get(store)
        if served is None or served.options != options:
            if served is not None:
                served.serve(options)
            else:
                address = host()
                near: dict[str, Any] = {} if address is None else {"host": address, "private_network": True}
                served = _SERVED[store] = _Served(serve_jobs(store, **options, **near), options)
        served.calls += 1
    hear(_stop)
    return served


def _left(store: str, served: _Served) -> None:
    """A call is over, or its dataset has gone."""
    with _lock:
        served.calls -= 1
        if served.calls or served.over.is_set():
            return
        if _SERVED.get(store) is served:
            del _SERVED[store]
        if not _SERVED:
            hear_no_more()
    try:
        threading.Thread(target=served.close, name="wenwen-fleet-end").start()  # whoever lets go of it need not wait
    except RuntimeError:  # the program ends
        served.close()


def _watch(served: _Served, show: Progress) -> None:
    """Shows how far a fleet is, while there are workers."""
    status: Any = None
    while not served.over.wait(_LOOKS):
        with _lock:  # its governor may be another one
            now = served.governor.status()
        if now.workers:
            status = now
            show.update(now)
    if status is not None:
        show.close(status)
