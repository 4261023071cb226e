"""Jobs on Ray: `wenwen.ray.map(ds, "Good or bad? {text}", model="gpt-5-mini", store="job.db")`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._client import AsyncClient, Client
    from ._fleet import WorkerConfig

__all__ = ["map"]


class _Asks:
    """What an actor of Ray's holds: one engine, for all the batches that it has at once."""

    def __init__(self, config: WorkerConfig) -> None:
        from ._fleet import ArrowWorker

        self._worker = ArrowWorker(config)

    async def __call__(self, batch: Any) -> Any:
        return await self._worker.aprocess(batch)


def map(
    ds: Any,
    prompt: str | Callable[[Any], Any] | None = None,
    *,
    endpoint: str = "responses",
    client: Client | AsyncClient | None = None,
    api_key_env: str | None = None,
    concurrency: int | tuple[int, int] | None = None,
    num_cpus: float = 0,
    batch_size: int = 256,
    progress: bool | Callable[[Any], object] | None = None,
    **params: Any,
) -> Any:
    """Asks a model for each row of a Ray Dataset: the Dataset with the answer's columns, `error` and `cost` added.

    Lazy, as Ray is: rows are asked when the Dataset is read or written. With `store=` a row is asked once, however
    often Ray repeats a task or you read the Dataset: the governor that this process starts has one ledger, one budget
    and one limiter for all nodes. Rows come in Ray's order: `DataContext.execution_options.preserve_order` keeps that
    of the data.

    ds: a `ray.data.Dataset`.
    prompt: a template over the columns, a function of a row, which travels as Ray pickles it, or None.
    endpoint: "responses", "chat.completions", "messages", "gemini", "embeddings", "images.generate", "images.edit",
        "audio.transcriptions" or "audio.speech". Default: "responses".
    client: whose settings the workers take, without its key. Default: `configure`'s and the environment's.
    api_key_env: the environment variable that has the key where workers run. Default: WENWEN_API_KEY.
    concurrency: how many actors there are, or (least, most). Each has one engine, which keeps hundreds of requests in
        flight. Default: one for each node.
    num_cpus: of the cluster's CPUs what an actor is counted as. Default: 0, for its work is waiting: what reads the
        data has room beside any number of actors, on one CPU too.
    batch_size: rows of a batch; several batches of an actor overlap. Default: 256.
    progress: as `map` has it, of the whole job. Default: on a terminal or in a notebook.
    params: create's keywords, `output`, and the options of jobs: `store` (a path of this machine, a `JobStore`, or the
        address of a governor), `budget`, `rpm`, `price`, `key`, …; without a store each actor has its part of them.

    ImportError without Ray; TypeError and ValueError for what cannot be asked, before anything is; what ends the job
    (no money, a budget that is used up) is raised by Ray as the error of the task, with all that is done kept.
    """
    from ._fleet._driver import engine, led

    ray = engine("ray", "'ray[data]'")
    data = engine("ray.data", "'ray[data]'")
    known = ds.schema(fetch_if_missing=False)
    base = getattr(known, "base_schema", None)
    schema = base if hasattr(base, "empty_table") else None
    nodes, host = _cluster(ray)
    least, most = concurrency if isinstance(concurrency, tuple) else (concurrency or nodes,) * 2
    _look_for_room(ray, least, num_cpus)
    config = led(
        prompt, lambda: (most, host), progress, endpoint=endpoint, client=client, api_key_env=api_key_env,
        schema=schema, **params,
    )  # fmt: skip
    return ds.map_batches(
        _Asks,
        fn_constructor_kwargs={"config": config},
        batch_format="pyarrow",
        batch_size=batch_size,
        num_cpus=num_cpus,
        udf_modifying_row_count=False,
        # Several tasks of an actor, and of each several batches: a slow row holds up its own batch alone.
        compute=data.ActorPoolStrategy(min_size=least, max_size=most, max_concurrent_calls_per_actor=8),
    )


def _cluster(ray: Any) -> tuple[int, Callable[[], str | None]]:
    """How many nodes there are, and the address at which they reach this process: None on one machine."""
    nodes = sum(bool(node["Alive"]) for node in ray.nodes()) or 1
    return nodes, lambda: None if nodes == 1 else str(ray.util.get_node_ip_address())


def _look_for_room(ray: Any, actors: int, num_cpus: float) -> None:
    """Says it where actors leave a task that reads no CPU: Ray waits for ever then, unless the cluster grows."""
    import logging

    cpus = float(ray.cluster_resources().get("CPU", 0))
    if num_cpus and actors * num_cpus + 1 > cpus:
        logging.getLogger("wenwen").warning(
            "%d actors of num_cpus=%g leave less than one of the cluster's %g CPUs to what reads the data: unless the "
            "cluster grows, Ray waits for ever; give fewer actors, or num_cpus=0",
            actors, num_cpus, cpus,
        )  # fmt: skip
