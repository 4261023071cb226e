"""The benchmark runs, with ourselves alone and for a moment; what it measures then says nothing."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from wenwen.testing import LocalGateway

pytestmark = pytest.mark.slow

BENCHMARKS = pathlib.Path(__file__).parents[1] / "benchmarks"
CASES = [
    "import + client",
    "memory",
    "async 64",
    "threads 8",
    "streams 500",
    "first event",
    "parsed",
    "tool loop",
    "job again",
    "with_options",
]


def test_the_benchmark_prints_and_saves_its_table(tmp_path: pathlib.Path) -> None:
    which = [word for case in CASES for word in ("--case", case)]
    short = ["--rounds", "1", "--budget", "0.01", "--rows", "300", "--adapter", "wenwen", "--out", str(tmp_path)]
    if hasattr(os, "sched_setaffinity"):
        short += ["--cores", "2"]
    command = [sys.executable, str(BENCHMARKS), *short, *which]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    table = (tmp_path / "table.txt").read_text("utf-8")
    for case in CASES:
        assert f"\n{case}: " in table and f"\n{case}: " in done.stdout
    rows = [line.split() for line in table.splitlines() if line.startswith("  wenwen ")]
    assert len(rows) == len(CASES)
    for _, minimum, median, ratio, *_ in rows:
        assert float(minimum) >= 0 and float(median) >= float(minimum) and ratio == "1.00"


@pytest.mark.parametrize("case", ["sync", "async 64", "stream", "async stream"])
def test_what_instructions_are_counted_of_does_its_work(case: str) -> None:
    """`--instructions` runs this under valgrind."""
    with LocalGateway() as gateway:
        urls = json.dumps({"small": gateway.root, "stream": gateway.root})
        command = [sys.executable, str(BENCHMARKS / "instructions.py"), "wenwen", case, urls]
        for count in (64, 20_000) if "stream" in case else (64, 128):
            before = len(gateway.requests)
            subprocess.run([*command, str(count)], check=True, timeout=60)
            made = count // 20_000 if "stream" in case else count
            assert len(gateway.requests) - before == made
