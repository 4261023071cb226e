"""Jobs beyond one process: the worker that engines run (Ray, Dask, Spark, Daft), and what the driver does for it."""

from __future__ import annotations

from ._config import WorkerConfig
from ._worker import ArrowWorker

__all__ = ["ArrowWorker", "WorkerConfig"]
