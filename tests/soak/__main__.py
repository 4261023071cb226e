"""Whether anything grows that should not: `python tests/soak`.

A million calls in every form, a hundred thousand streams of which half are let go of midway, a hundred thousand errors;
clients and event loops that come and go. The gateway is a process of its own. The work comes in rounds that are all
alike; after each, with nothing in flight, memory, descriptors, threads, Python objects and tasks are counted, the
gateway's too. Prints a table and saves it with a picture to `tests/soak/results/`. The exit code is 1 where memory
rises faster than the limit after the first rounds, or where descriptors or threads do not come back.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import gc
import json
import os
import pathlib
import platform
import subprocess
import sys
import threading
import time

import work

HERE = pathlib.Path(__file__).parent
# Of the rounds: what they fill (pools, caches, the allocator's arenas, the gateway's journal) is no growth.
WARM_UP = 0.25


@dataclasses.dataclass
class Sample:
    """What there is of a process when nothing is in flight. Memory in MB."""

    seconds: float
    calls: int
    rss: float
    anonymous: float
    descriptors: int
    threads: int
    objects: int
    tasks: int
    gateway_rss: float
    gateway_anonymous: float
    gateway_descriptors: int
    gateway_threads: int


def memory(pid: int) -> tuple[float, float]:
    """Resident memory, and what of it is anonymous: the heap and the stacks, without the files that are mapped."""
    found = {}
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("VmRSS", "RssAnon"):
            found[name] = int(value.split()[0]) / 1024
    return found["VmRSS"], found["RssAnon"]


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


def settle(gateway: int) -> None:
    """Waits for what ends on its own, connections that were given up for one: until nothing changes for a while."""
    end = time.monotonic() + 5
    before: tuple[int, ...] = ()
    quiet = 0
    while quiet < 3 and time.monotonic() < end:
        gc.collect()
        now = (descriptors(os.getpid()), threads(os.getpid()), descriptors(gateway), threads(gateway))
        quiet = quiet + 1 if now == before else 0
        before = now
        time.sleep(0.05)


def sample(began: float, calls: int, gateway: int, tasks: int) -> Sample:
    gc.collect()
    own = os.getpid()
    return Sample(
        time.monotonic() - began,
        calls,
        *memory(own),
        descriptors(own),
        threads(own),
        len(gc.get_objects()),
        tasks,
        *memory(gateway),
        descriptors(gateway),
        threads(gateway),
    )


def slope(samples: list[Sample], name: str) -> float:
    """Units a 100 000 calls, of the straight line that fits best."""
    xs, ys = [s.calls / 1e5 for s in samples], [getattr(s, name) for s in samples]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((a - x) ** 2 for a in xs)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / spread if spread else 0.0


def table(samples: list[Sample]) -> str:
    """About twenty of the samples."""
    names = ["s", "calls", "RSS", "anon", "fds", "threads", "objects", "tasks", "gw RSS", "gw anon", "gw fds", "gw thr"]
    lines = [" ".join(f"{name:>8}" for name in names)]
    step = max(1, len(samples) // 20)
    chosen = sorted({*range(0, len(samples), step), len(samples) - 1})
    for row in (samples[at] for at in chosen):
        values = dataclasses.astuple(row)
        lines.append(" ".join(f"{value:8.1f}" if isinstance(value, float) else f"{value:8}" for value in values))
    return "\n".join(lines)


def picture(samples: list[Sample], warm: int, path: pathlib.Path) -> bool:
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    from matplotlib import pyplot

    calls = [s.calls / 1e6 for s in samples]
    figure, (top, bottom) = pyplot.subplots(2, 1, figsize=(8, 6), sharex=True)
    for name, label in (("rss", "RSS"), ("anonymous", "anonymous"), ("gateway_rss", "gateway's RSS")):
        top.plot(calls, [getattr(s, name) for s in samples], label=label)
    top.set_ylabel("MB")
    top.set_ylim(bottom=0)
    top.axvline(calls[warm], color="grey", linewidth=0.8, linestyle=":")
    top.legend(loc="lower right", fontsize=8)
    for name in ("descriptors", "threads", "tasks", "gateway_descriptors"):
        bottom.plot(calls, [getattr(s, name) for s in samples], label=name.replace("gateway_", "gateway's "))
    bottom.set_ylabel("descriptors, threads, tasks")
    bottom.set_xlabel("million calls (requests, streams, errors)")
    bottom.set_ylim(bottom=0)
    right = bottom.twinx()
    right.plot(calls, [s.objects / 1e3 for s in samples], color="black", linewidth=0.8, label="Python objects")
    right.set_ylabel("thousand objects")
    right.set_ylim(0, max(s.objects for s in samples) / 600)
    bottom.legend(loc="lower left", fontsize=8)
    right.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    return True


def judge(samples: list[Sample], warm: int, options: argparse.Namespace) -> list[str]:
    """What is wrong."""
    steady, wrong = samples[warm:], []
    for name, limit in (("anonymous", options.slope), ("gateway_anonymous", options.slope)):
        rise = slope(steady, name)
        grown = getattr(steady[-1], name) - getattr(steady[0], name)
        # In a short run a page more is a slope: it counts only from a rise that is no accident.
        if rise > limit and grown > options.noise:
            wrong.append(f"{name}: rises {rise:.2f} MB a 100 000 calls (limit {limit}), {grown:.1f} MB in all")
    # Idle connections are kept for the next calls, fewer or more of them; each has an end at the gateway.
    spare = {"descriptors": options.spare, "gateway_descriptors": options.spare}
    for name in ("descriptors", "threads", "gateway_descriptors", "gateway_threads", "tasks"):
        first, last = max(getattr(s, name) for s in samples[:warm]), getattr(samples[-1], name)
        if last > first + spare.get(name, 0):
            wrong.append(f"{name}: {first} after the first rounds, {last} in the end")
    rise = slope(steady, "objects")
    if rise > 100 and steady[-1].objects - steady[0].objects > 500:
        wrong.append(f"objects: {rise:.0f} more Python objects a 100 000 calls")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000, help="calls that are answered (1000000)")
    parser.add_argument("--streams", type=int, default=100_000, help="streams, half of them let go of (100000)")
    parser.add_argument("--errors", type=int, default=100_000, help="calls that fail (100000)")
    parser.add_argument("--rounds", type=int, default=100, help="in how many rounds, with a look after each (100)")
    parser.add_argument("--limit", type=float, default=5400, help="seconds after which it stops (5400)")
    parser.add_argument("--slope", type=float, default=0.5, help="MB a 100 000 calls that memory may rise (0.5)")
    parser.add_argument("--noise", type=float, default=2.0, help="MB whose rise is no growth yet (2)")
    parser.add_argument("--spare", type=int, default=10, help="descriptors that may be more: idle connections (10)")
    parser.add_argument("--only", action="append", choices=list(work.KINDS), help="only this kind; may be given again")
    parser.add_argument("--out", type=pathlib.Path, help="where table and picture go (tests/soak/results)")
    options = parser.parse_args()
    if not pathlib.Path("/proc/self/status").exists():
        print("The soak counts in /proc: it needs Linux.")
        return 2
    command = [sys.executable, str(HERE / "server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            urls = json.loads(server.stdout.readline())
            samples, spent = run(options, urls, server.pid)
        finally:
            server.stdin.close()
    warm = max(1, int(len(samples) * WARM_UP))
    wrong = judge(samples, warm, options) if len(samples) > 3 else ["it ended after less than 3 rounds"]
    done = f"{samples[-1].calls:,} calls in {samples[-1].seconds:.0f} s, {len(samples) - 1} rounds"
    heading = f"CPython {platform.python_version()}, {platform.system()}: {done}: {spent}"
    steady = samples[warm:]
    rises = ", ".join(f"{name} {slope(steady, name):+.3f}" for name in ("rss", "anonymous", "gateway_anonymous"))
    verdict = "\n".join(wrong) if wrong else "Flat."
    text = f"{heading}\nMB a 100 000 calls after the first quarter: {rises}\n\n{table(samples)}\n\n{verdict}\n"
    print(text)
    out = options.out or HERE / "results"
    out.mkdir(parents=True, exist_ok=True)
    (out / "table.txt").write_text(text, "utf-8")
    drawn = picture(samples, warm, out / "memory.png")
    print(f"Saved to {out}" + ("" if drawn else ", without the picture: matplotlib is not installed"))
    return 1 if wrong else 0


def run(options: argparse.Namespace, urls: dict[str, str], gateway: int) -> tuple[list[Sample], str]:
    """The rounds; the samples, and what was done."""
    end = time.monotonic() + options.limit
    wanted = {"requests": options.requests, "streams": options.streams, "errors": options.errors}
    soak = work.Work(urls)
    calls, began, tasks = 0, time.monotonic(), 0
    samples: list[Sample] = []
    totals: dict[str, int] = {}
    for number in range(options.rounds):
        for group, total in wanted.items():
            share = total * (number + 1) // options.rounds - total * number // options.rounds
            for kind, count in work.shares(group, share, options.only):
                done = work.KINDS[kind].run(soak, count)
                calls += done
                totals[group] = totals.get(group, 0) + done
        tasks = asyncio.run(count_tasks())
        settle(gateway)
        samples.append(sample(began, calls, gateway, tasks))
        if sys.stdout.isatty():
            print(f"\r{number + 1}/{options.rounds} {calls} calls, {samples[-1].anonymous:.1f} MB", end="", flush=True)
        if time.monotonic() > end:
            break
    # Threads that read files for uploads go after 5 s without one.
    time.sleep(6)
    samples.append(sample(began, calls, gateway, tasks))
    assert threading.active_count() == 1, threading.enumerate()
    return samples, ", ".join(f"{count:,} {group}" for group, count in totals.items())


async def count_tasks() -> int:
    return len(asyncio.all_tasks())


if __name__ == "__main__":
    raise SystemExit(main())
