"""Jobs on Spark: `wenwen.spark.map(df, "Good or bad? {text}", model="gpt-5-mini", store="job.db")`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._client import AsyncClient, Client
    from ._fleet import WorkerConfig

__all__ = ["map"]

_AHEAD = 8  # batches of a task that are asked at once


def map(
    df: Any,
    prompt: str | Callable[[Any], Any] | None = None,
    *,
    endpoint: str = "responses",
    client: Client | AsyncClient | None = None,
    api_key_env: str | None = None,
    progress: bool | Callable[[Any], object] | None = None,
    **params: Any,
) -> Any:
    """Asks a model for each row of a Spark DataFrame: the same with the answer's columns, `error` and `cost` added.

    Lazy, as Spark is; the rows of a partition keep their order. With `store=` a row is asked once, however often Spark
    repeats a task or an action: the governor that this process starts, and that lives as long as it, has one ledger,
    one budget and one limiter for all executors. Executors need wenwen, pyarrow and pandas in the Python that
    PYSPARK_PYTHON names; set it before the session is made, as the key (`spark.executorEnv.WENWEN_API_KEY`).

    df: a `pyspark.sql.DataFrame`.
    prompt, endpoint, client, api_key_env, progress, params: as in `wenwen.ray.map`.

    ImportError without Spark; TypeError and ValueError for what cannot be asked, before anything is; what ends the job
    is raised by the action, with all that is done kept.
    """
    from ._fleet._driver import engine, led

    kinds = engine("pyspark.sql.pandas.types", "'pyspark[sql]'")
    types = engine("pyspark.sql.types", "'pyspark[sql]'")
    given = kinds.to_arrow_schema(df.schema)
    config = led(
        prompt, partial(_cluster, df.sparkSession), progress, keep=True, endpoint=endpoint, client=client,
        api_key_env=api_key_env, schema=given, **params,
    )  # fmt: skip
    new = kinds.from_arrow_schema(config.columns(given)).fields[len(given) :]
    return df.mapInArrow(partial(_batches, config), types.StructType([*df.schema.fields, *new]))


def _cluster(session: Any) -> tuple[int, Callable[[], str | None]]:
    """How many tasks run at once, and the address at which they reach this process: None on one machine."""
    import logging

    def told(name: str) -> str:
        return str(session.conf.get(name, None) or "")

    log = logging.getLogger("wenwen")
    if told("spark.speculation") == "true":
        log.warning("spark.speculation is on: tasks are run twice, which with store= waits for the other, else pays")
    try:
        context = session.sparkContext
    except Exception:  # Spark Connect: its driver is elsewhere
        return 1, lambda: _address()
    _check_python(log, context)
    local = str(context.master).startswith("local")
    return int(context.defaultParallelism), lambda: None if local else told("spark.driver.host") or _address()


def _address() -> str:
    raise ValueError(
        "how executors reach this process is not known: run `wenwen jobs serve job.db --host …` where they do, and "
        "give its address as store="
    )


def _check_python(log: Any, context: Any) -> None:
    import shutil
    import sys
    from pathlib import Path

    named = str(getattr(context, "pythonExec", "python3"))
    found = shutil.which(named)
    if str(context.master).startswith("local") and (found is None or Path(found) != Path(sys.executable)):
        log.warning(
            "Spark runs its workers with %s (%s), and this is %s: where wenwen is not there, set PYSPARK_PYTHON before "
            "the session is made",
            named, found, sys.executable,
        )  # fmt: skip


def _batches(config: WorkerConfig, batches: Iterable[Any]) -> Iterator[Any]:
    """A partition: some batches ahead, in their order."""
    from ._fleet._worker import worker_of

    worker, waiting = worker_of(config), deque[Any]()
    for batch in batches:
        waiting.append(worker.submit(batch))
        if len(waiting) >= _AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
