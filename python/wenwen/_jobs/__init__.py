"""Jobs: `map` over any data. Loaded by the first of them."""

from __future__ import annotations

from ._ajob import AsyncJob
from ._governor import FleetStatus, Governor, JobStore, serve_jobs
from ._job import Job
from ._row import JobPlan, JobStatus, Row, UnknownRequest
from ._stored import StoredJob, open_job

__all__ = [
    "AsyncJob",
    "FleetStatus",
    "Governor",
    "Job",
    "JobPlan",
    "JobStatus",
    "JobStore",
    "Row",
    "StoredJob",
    "UnknownRequest",
    "open_job",
    "serve_jobs",
]
