"""Jobs on Daft: `wenwen.daft.map(df, "Good or bad? {text}", model="gpt-5-mini", store="job.db")`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._client import AsyncClient, Client
    from ._fleet import WorkerConfig

__all__ = ["map"]


class _Asks:
    """What Daft has in each of its processes."""

    def __init__(self, config: WorkerConfig, names: list[str]) -> None:
        self._config, self._names = config, names

    async def ask(self, *columns: Any) -> Any:
        """The new columns of a batch."""
        arrow: Any = import_module("pyarrow")

        from ._fleet._worker import worker_of

        table = arrow.table([column.to_arrow() for column in columns], names=self._names)
        made = (await worker_of(self._config).aprocess(table)).select(range(len(columns), len(columns) + self._new))
        return made.to_struct_array().combine_chunks()

    @property
    def _new(self) -> int:
        return len(self._config.answer.types) + 2


def map(
    df: Any,
    prompt: str | Callable[[Any], Any] | None = None,
    *,
    endpoint: str = "responses",
    client: Client | AsyncClient | None = None,
    api_key_env: str | None = None,
    batch_size: int = 256,
    progress: bool | Callable[[Any], object] | None = None,
    **params: Any,
) -> Any:
    """Asks a model for each row of a Daft DataFrame: the DataFrame with the answer's columns, `error` and `cost` added.

    Lazy, as Daft is. With `store=` a row is asked once, however often Daft computes it: the governor that this process
    starts has one ledger, one budget and one limiter for all workers. Batches overlap and come as they end: Daft does
    not keep the order of the rows.

    df: a `daft.DataFrame`.
    batch_size: rows of a batch; batches overlap. Default: 256.
    prompt, endpoint, client, api_key_env, progress, params: as in `wenwen.ray.map`.

    ImportError without Daft; TypeError and ValueError for what cannot be asked, before anything is; what ends the job
    is raised where the DataFrame is collected, with all that is done kept.
    """
    from ._fleet._driver import engine, led

    daft = engine("daft", "daft")
    names: list[str] = list(df.column_names)
    given = df.schema().to_pyarrow_schema()
    config = led(
        prompt, lambda: _cluster(daft), progress, endpoint=endpoint, client=client, api_key_env=api_key_env,
        schema=given, **params,
    )  # fmt: skip
    new = list(config.columns(given))[len(given) :]
    kind = daft.DataType.struct({one.name: daft.DataType.from_arrow_type(one.type) for one in new})

    class Asks(_Asks):
        ask = daft.method.batch(return_dtype=kind, unnest=True, batch_size=batch_size)(_Asks.ask)

    asks = daft.cls(Asks, max_concurrency=32, use_process=False, max_retries=0)(config, names)
    return df.select(daft.col("*"), asks.ask(*(daft.col(name) for name in names)))


def _cluster(daft: Any) -> tuple[int, Callable[[], str | None]]:
    """How many processes there are, and the address at which they reach this one: None on one machine."""
    runner = daft.get_or_create_runner().name if hasattr(daft, "get_or_create_runner") else "native"
    if runner != "ray":
        return 1, lambda: None
    from ._fleet._driver import engine
    from .ray import _cluster

    return _cluster(engine("ray", "'ray[data]'"))
