"""Jobs on Dask: `wenwen.dask.map(ddf, "Good or bad? {text}", model="gpt-5-mini", store="job.db")`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._client import AsyncClient, Client
    from ._fleet import WorkerConfig

__all__ = ["map"]


def map(
    data: Any,
    prompt: str | Callable[[Any], Any] | None = None,
    *,
    endpoint: str = "responses",
    client: Client | AsyncClient | None = None,
    api_key_env: str | None = None,
    progress: bool | Callable[[Any], object] | None = None,
    **params: Any,
) -> Any:
    """Asks a model for each row of a Dask DataFrame or Bag: the same with the answers added.

    Lazy, as Dask is. A DataFrame gets the answer's columns, `error` and `cost`, its rows, their order and its index
    stay; a Bag's items become dicts of what they were (`input` for what is no dict) and these. With `store=` a row is
    asked once, however often it is computed: the governor that this process starts, and that lives as long as it, has
    one ledger, one budget and one limiter for all workers. The rows of a partition, and of all partitions that a
    process computes, run together.

    data: a `dask.dataframe.DataFrame` or a `dask.bag.Bag`.
    prompt, endpoint, client, api_key_env, progress, params: as in `wenwen.ray.map`.

    ImportError without Dask; TypeError and ValueError for what cannot be asked, before anything is; what ends the job
    is raised by `compute`, with all that is done kept.
    """
    from ._fleet._driver import engine, led

    engine("dask", "'dask[distributed,dataframe]'")
    is_frame = hasattr(data, "_meta") and hasattr(data, "map_partitions")
    if not is_frame and not (hasattr(data, "map_partitions") and hasattr(data, "npartitions")):
        raise TypeError(f"data is a {type(data).__name__}: give a DataFrame or a Bag of dask's")
    schema = _schema_of(data._meta) if is_frame else None
    # What is persisted, or computed by futures, holds no configuration.
    config = led(
        prompt, _cluster, progress, keep=True, endpoint=endpoint, client=client, api_key_env=api_key_env,
        schema=schema, **params,
    )  # fmt: skip
    if not is_frame:
        return data.map_partitions(_items, config)
    return data.map_partitions(_frame, config, meta=_with(data._meta, _none(schema), config), enforce_metadata=False)


def _cluster() -> tuple[int, Callable[[], str | None]]:
    """How many processes there are, and the address at which they reach this one: None on one machine."""
    import os
    import sys

    dask: Any = import_module("dask")

    distributed: Any = sys.modules.get("distributed")
    try:
        client: Any = distributed.get_client()
    except (AttributeError, ValueError):  # not imported, or no cluster: threads of this process, or its children
        return (os.cpu_count() or 1) if dask.config.get("scheduler", "") == "processes" else 1, lambda: None
    address = str(client.scheduler.address)
    workers = len(client.scheduler_info()["workers"]) or 1
    near = address.startswith("inproc:") or "://127.0.0.1:" in address or "://localhost:" in address
    return workers, lambda: None if near else str(distributed.utils.get_ip())


def _schema_of(frame: Any) -> Any:
    arrow: Any = import_module("pyarrow")

    return arrow.Schema.from_pandas(_named(frame), preserve_index=False).remove_metadata()


def _named(frame: Any) -> Any:
    """A frame whose columns have texts for names."""
    from ._jobs._data import _names

    return frame.set_axis(list(_names(frame.columns)), axis=1)


def _none(schema: Any) -> Any:
    return schema.empty_table()


def _frame(frame: Any, config: WorkerConfig) -> Any:
    """A partition with its answers."""
    arrow: Any = import_module("pyarrow")

    from ._fleet._worker import worker_of

    batch = arrow.Table.from_pandas(_named(frame), preserve_index=False)
    return _with(frame, batch, config, worker_of(config).process(batch))


def _with(frame: Any, batch: Any, config: WorkerConfig, answered: Any = None) -> Any:
    """A frame of pandas' with the new columns, of types that are the same in all partitions."""
    answered = config.columns(batch.schema).empty_table() if answered is None else answered
    made = frame.copy(deep=False)
    for name in answered.schema.names[batch.num_columns :]:
        column = answered.column(name)
        made[name] = column.to_pandas(types_mapper=_dtype).array
    return made


def _dtype(kind: Any) -> Any:
    """pandas' type for one of Arrow's: whole numbers and truth values stay such beside rows that failed."""
    pandas: Any = import_module("pandas")

    plain = {"int64": "Int64", "bool": "boolean", "string": "string"}
    if str(kind) == "double":
        return None
    return pandas.api.types.pandas_dtype(plain[str(kind)]) if str(kind) in plain else pandas.ArrowDtype(kind)


def _items(items: Iterable[Any], config: WorkerConfig) -> list[dict[str, Any]]:
    """A partition of a bag."""
    from ._fleet._worker import worker_of

    return worker_of(config).submit_rows(list(items)).result()
