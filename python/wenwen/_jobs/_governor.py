"""A job of many processes: its governor, and what their jobs have as `store`. Both ends are Rust's (`src/fleet`)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .._core import JobGovernor, fleet_sums
from .._errors import BudgetError
from ._options import _above, _checked_price, _one_of, figures_of
from ._row import JobStatus

if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType

    from ..types.pricing import ModelPrice, Prices

# The environment's names of what an address does not hold.
_TOKEN, _CERTIFICATE = "WENWEN_JOBS_TOKEN", "WENWEN_JOBS_CERTIFICATE"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class FleetStatus(JobStatus):
    """How far a fleet is: a job's figures, of all workers together. `done` and `failed` count what the store had
    before, `cached` the times that a worker was told of a row that was done already; `total` and `eta` are None, for
    nobody knows how many rows there will be."""

    workers: int = 0
    """Processes that are connected."""
    open: int = 0
    """Rows that workers have and that have not ended."""


@dataclass(frozen=True, slots=True)
class JobStore:
    """The `store` of a fleet's jobs: where their governor is. May be pickled, and holds the token, which it shows
    nowhere: give it to workers, and keep it out of files."""

    address: str
    """`"tcp://host:port"`, or `"tls://host:port"` with a certificate."""
    token: str = field(repr=False)
    certificate: str | None = field(default=None, repr=False)
    """The governor's certificate or its authority's, as PEM text: nobody else is believed."""

    def __post_init__(self) -> None:
        scheme, _, _ = _parts(self.address)
        if not isinstance(self.token, str) or not self.token:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ValueError("token is empty: give the one that the governor has")
        if (scheme == "tls") is not (self.certificate is not None):
            what = "needs the governor's certificate" if scheme == "tls" else "goes without a certificate"
            raise ValueError(f"address is {self.address!r}: {scheme}:// {what}")

    @classmethod
    def of(cls, address: str) -> Self:
        """By its address alone: the token is that of the environment (WENWEN_JOBS_TOKEN), and with tls:// the
        certificate the file that WENWEN_JOBS_CERTIFICATE names."""
        scheme, _, _ = _parts(address)
        token = os.environ.get(_TOKEN, "").strip()
        if not token:
            raise ValueError(f"store is {address!r}, and {_TOKEN} is not set: give the governor's token there")
        if scheme == "tcp":
            return cls(address, token)
        path = os.environ.get(_CERTIFICATE)
        if not path:
            raise ValueError(f"store is {address!r}, and {_CERTIFICATE} is not set: give its certificate's file there")
        return cls(address, token, Path(path).read_text())

    def status(self) -> FleetStatus:
        """How far the fleet is. StoreError where the governor cannot be asked."""
        return _status(fleet_sums(*self._place()))

    def _place(self) -> tuple[str, int, str, str | None]:
        _, host, port = _parts(self.address)
        return host, port, self.token, self.certificate

    def __str__(self) -> str:
        return self.address


def is_address(store: object) -> bool:
    """Whether it is a governor's, and no path."""
    return isinstance(store, str) and store.startswith(("tcp://", "tls://"))


def _parts(address: str) -> tuple[str, str, int]:
    scheme, _, rest = address.partition("://")
    host, _, port = rest.rpartition(":")
    if scheme not in ("tcp", "tls") or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError(f"address is {address!r}: give 'tcp://host:port', or 'tls://host:port'")
    return scheme, host, int(port)


def _status(facts: Any) -> FleetStatus:
    counts, (spent, priced), elapsed, held, workers, rows = facts
    done, failed, cached, running, read, written, refused, billed = counts
    rate = 0.0
    cost = spent if priced else None
    return FleetStatus(
        None, done, failed, cached, running, read, written, cost, refused, billed, elapsed, rate, None, held, workers,
        rows,
    )  # fmt: skip


class Governor:
    """The service that has the ledger, the limits and the budget of a job of many processes: what `serve_jobs` returns.
    It runs in threads of this process until `close()`, also as a context manager; those hold up no other."""

    def __init__(self, core: JobGovernor, store: str, token: str, certificate: str | None) -> None:
        host, port = core.address
        self._core = core
        self._certificate = certificate
        self.store = store
        """The path of its ledger, which `open_job` reads."""
        self.address = f"{'tls' if certificate else 'tcp'}://{f'[{host}]' if ':' in host else host}:{port}"
        """As `JobStore.address`."""
        self._token = token
        self._last: FleetStatus | None = None

    def __repr__(self) -> str:
        return f"<Governor of {self.store} at {self.address}>"

    def __reduce__(self) -> Any:
        raise TypeError("a governor is this process's own: give its connect() to workers")

    def connect(self) -> JobStore:
        """What workers' jobs have as their `store`."""
        return JobStore(self.address, self._token, self._certificate)

    def status(self) -> FleetStatus:
        """How far the fleet is."""
        facts = self._core.sums()
        if facts is not None:
            self._last = _rated(_status(facts), self._last)
        if self._last is None:
            raise RuntimeError("this governor was closed")
        return self._last

    def close(self) -> None:
        """Ends it, with everything kept. Workers finish what they have in flight, and wait for the next governor on
        this store and address."""
        if self._core.sums() is not None:
            self.status()
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _rated(status: FleetStatus, last: FleetStatus | None) -> FleetStatus:
    """With the rows a second since it was asked before."""
    import dataclasses

    if last is None or status.elapsed <= last.elapsed:
        return status
    rows = status.done + status.failed - last.done - last.failed
    return dataclasses.replace(status, rate=max(0, rows) / (status.elapsed - last.elapsed))


def serve_jobs(
    store: str | PathLike[str],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: str | None = None,
    max_concurrency: int | None = None,
    rpm: float | None = None,
    tpm: float | None = None,
    budget: float | None = None,
    price: tuple[float, float] | ModelPrice | None = None,
    durability: str = "process",
    certificate: str | PathLike[str] | None = None,
    private_network: bool = False,
) -> Governor:
    """Starts the governor of a job of many processes. `governor.connect()` is the `store` of their jobs: whatever rows
    these are given, and however often an engine repeats them, none is paid twice, and limits and budget are those of
    all. A row is known by its `key=`, or else by what it asks.

    store: the path of the ledger; a governor goes on where the last one on it was, and a second one is refused.
    port: 0 for one that is free. token: what workers must know; by default a random one.
    max_concurrency, rpm, tpm, budget, durability: as of `map`, for all workers together; they are not given there.
    price: (dollars per million tokens in, out) or a row of `client.pricing.list()`; needed with a budget.
    host: this machine by default. Another one takes certificate= (a PEM file with the certificate and its key: TLS), or
    private_network=True where nobody else can hear: prompts and replies are in the clear there, the token never is.

    StoreError where the store or the port cannot be had."""
    path = os.path.abspath(os.fsdecode(os.fspath(store)))
    for name, value in (("max_concurrency", max_concurrency), ("rpm", rpm), ("tpm", tpm), ("budget", budget)):
        _above(name, value, whole=name == "max_concurrency")
    _one_of("durability", durability, ("process", "power"))
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 65535:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(f"port is {port!r}: give a number up to 65535, 0 for one that is free")
    if token is not None and (not isinstance(token, str) or len(token) < 16):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError("token is shorter than 16 characters: give a longer one, or none for a random one")
    if host not in _LOOPBACK and certificate is None and not private_network:
        raise ValueError(
            f"host is {host!r}, which others can reach: give certificate= (a PEM file with a certificate and its key), "
            "or private_network=True where nobody else can hear"
        )
    figures = _figures(budget, price)
    pem = None if certificate is None else Path(certificate).read_text()
    token = token or secrets.token_urlsafe(32)
    core = JobGovernor(
        path,
        host,
        port,
        token,
        max_concurrency=max_concurrency,
        rpm=rpm,
        tpm=tpm,
        budget=budget,
        prices=figures,
        durable=durability == "power",
        identity=None if pem is None else (pem, pem),
    )
    # The key stays here.
    return Governor(core, path, token, None if pem is None else _certificates(pem))


def _figures(budget: float | None, price: Any) -> tuple[float, float, float, float, float] | None:
    from ._options import Options

    if price is True:
        raise TypeError("price is True, and a governor asks no gateway: give price=(0.25, 2.0), or a row of its list")
    _checked_price(price)
    if budget is not None and not price:
        raise BudgetError(
            "budget is given without a price: give price=(0.25, 2.0), in dollars per million tokens in and out"
        )
    nobody: Callable[[], Prices] = _nobody
    return figures_of(Options(budget=budget, price=price), {}, nobody)


def _nobody() -> Prices:
    raise RuntimeError("a governor asks no gateway")


def _certificates(pem: str) -> str:
    """The certificates of a PEM text, without keys."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    parts = [part.split(end)[0] for part in pem.split(begin)[1:]]
    return "".join(f"{begin}{part}{end}\n" for part in parts)
