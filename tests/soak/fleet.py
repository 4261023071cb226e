"""A job of many processes, for long: `python tests/soak/fleet.py storm`, `… kills`.

storm: four workers, a quota of 100 requests a second that nobody tells, and money for nine tenths of the rows. The exit
code is 1 where less than 95 % of the quota came, more than 5 % of the requests were refused, or what was paid is not
the budget, to the cent. Needs a quiet machine.
kills: workers, then their governor, then the driver that has it and has started them, by turns alone and with them, are
killed 20 times each at random moments. It fails where a row is lost, is
stored twice, or was paid more often than is listed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import wenwen
from wenwen.testing import LocalGateway, Quota

sys.path.insert(0, str(Path(__file__).parents[1] / "fleet"))
from fleets import echo
from processes import TOKEN, WORKER, children, killed

# Dollars for a million tokens of an answer, and for one of the ten that `echo` has.
PRICE, ANSWER = 100.0, 0.001


def storm(rows: int, workers: int, rate: float) -> int:
    """With money for nine tenths of the rows."""
    budget = rows * ANSWER * 0.9
    quota = Quota(rpm=rate * 60, latency=0.3)
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalGateway(script=echo, quota=quota, journal_entries=4 * rows) as gateway,
        wenwen.serve_jobs(Path(folder) / "job.db", token=TOKEN, budget=budget, price=(0.0, PRICE)) as governor,
        children() as child,
    ):
        each = rows // workers
        parts = [(number * each, (number + 1) * each) for number in range(workers)]
        fleet = [child(WORKER, gateway.base_url, governor.address, *part) for part in parts]
        began, took, status = 0.0, 1.0, governor.status()
        while any(one.process.poll() is None for one in fleet):
            if status.done and not began:
                began = time.monotonic()
            ended, last, status = time.monotonic(), status, governor.status()
            if status.done > last.done:
                took = ended - began
            time.sleep(0.02)
        answers = sum(request.status == 200 for request in gateway.requests)
    used, share, cost = status.done / took / rate, status.refused / (status.done + status.refused), status.cost or 0.0
    print(f"{workers} workers, {rate:g}/s: {status.done} rows in {took:.1f} s, {used:.1%} of the quota")
    print(f"{status.refused} refused, {share:.1%} of the requests; ${cost:.3f} of ${budget:.3f} for {answers} answers")
    exact = budget - 2 * ANSWER < cost < budget + 1e-9 and abs(cost - answers * ANSWER) < 1e-9
    return int(not exact or used < 0.95 or share > 0.05)


def kills(rows: int, times: int, lost: str, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        quota = Quota(rpm=rows, latency=0.1)
        left = killed(Path(folder) / "job.db", lost, count=rows, times=times, quota=quota, seed=seed, away=1.0)
    print(f"{times} kills of a {lost}: {left.told} rows handed over, {left.twice} paid twice, {left.unknown} listed")
    return int(left.twice > left.unknown)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("storm", "kills"))
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--lost", nargs="+", default=["worker", "governor", "driver"])
    options = parser.parse_args()
    if options.what == "storm":
        return storm(options.rows, options.workers, options.rate)
    ends = [kills(options.rows, options.times, lost, options.seed) for lost in options.lost]
    return max(ends)


if __name__ == "__main__":
    sys.exit(main())
