"""How much of a quota a job gets over real sockets, and what it is refused: `python tests/soak/quotas.py [NAME …]`.

Each scenario is a job against a gateway of a process of its own, with a limit that nobody told it. Prints what share of
the quota came and how many requests were refused, as a share of rows. The exit code is 1 where less than 90 % came, or
more than 5 % was refused of what has no window. Minutes, with a release build on a quiet machine; the same in virtual
time is `tests/jobs/limiter.rs`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import wenwen

# Limits, rows, the seconds that the quota gives them at best, and the share of rows that may be refused.
SCENARIOS: dict[str, tuple[str, int, float, float]] = {
    "storm": ("Quota(rpm=6000, latency=(0.05, 0.15))", 3000, 30.0, 0.05),
    "at once": ("Quota(max_concurrency=200, latency=(0.5, 1.5))", 10_000, 50.0, 0.05),
    # A window gives what it lets through in the mean, 50 a second. It counts answers when they are there: at the start
    # as many pass besides as are underway, and as many are refused when it closes. Hence three windows of rows.
    "minute": ("Quota(window=(3000, 60), latency=(0.5, 1.5), named=True)", 9000, 180.0, 0.3),
    "halved": (
        "Quota(rpm=6000, latency=0.3), Quota(rpm=3000, since=30, latency=0.3), Quota(rpm=6000, since=60, latency=0.3)",
        9000,
        105.0,
        0.05,
    ),
    "thousand": ("Quota(rpm=60_000, latency=(1, 3))", 60_000, 62.0, 0.05),
    "tail": ("Quota(rpm=6000, latency=(0.2,) * 50 + (20,))", 9000, 110.0, 0.05),
    "tokens": ("Quota(tpm=120_000, latency=0.2)", 6000, 0.0, 0.05),
    "headers": ("Quota(rpm=6000, latency=0.2, channels=1500)", 6000, 60.0, 0.05),
    "hang": ("Quota(rpm=6000, latency=0.2, hangs=0.005)", 6000, 90.0, 0.05),
}
SERVER = """
import sys
from wenwen.testing import LocalGateway, Quota
with LocalGateway(quota=[{}]) as gateway:
    print(gateway.base_url, flush=True)
    sys.stdin.read()
"""


def run(name: str) -> bool:
    quota, rows, ideal, most = SCENARIOS[name]
    command = [sys.executable, "-c", SERVER.format(quota)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert server.stdout is not None and server.stdin is not None
        client = wenwen.Client(base_url=server.stdout.readline().strip(), api_key="sk-any", proxy=False)
        began = time.perf_counter()
        data = (f"Text {number}" for number in range(rows))
        job = client.responses.map(data, model="gpt-5", store=Path(folder, "job.db"), progress=False)
        job.run()
        took, status = time.perf_counter() - began, job.status()
        server.stdin.close()
    if not ideal:  # of tokens, which are known afterwards: a minute's worth is there at once
        ideal = max(0.0, (status.input_tokens + status.output_tokens) / 2000 - 60)
    share, refused = ideal / took, status.refused / rows
    print(f"{name:9} {share:5.0%} in {took:.1f} s, {refused:.1%} refused, {status.failed} failed", flush=True)
    lost = 3 if "hangs" in quota else 0  # one row of 40 000 hangs at its second try too, and is an error
    return status.failed <= lost and status.done + status.failed == rows and share >= 0.9 and refused <= most


if __name__ == "__main__":
    sys.exit(0 if min([run(name) for name in sys.argv[1:] or SCENARIOS]) else 1)
