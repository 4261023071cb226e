"""How fast it is, beside the others: `python tests/benchmarks`.

A server in one process, one client process for each adapter and case, rounds interleaved, so that the machine's moods
meet everybody. Prints a table and saves it with a picture of the ratios to `tests/benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from client import EVENTS

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent

CLIENTS = [
    "floor",
    "wenwen",
    "wenwen dict",
    "openai",
    "openai aiohttp",
    "wenwen messages",
    "anthropic",
    "aiohttp",
    "pyreqwest",
]
# Two are over openai's package, each for one case, and the last do jobs alone.
JOBS = ["wenwen", "wenwen loop", "openai", "openai aiohttp", "aiohttp", "litellm", "lm-deluge"]
# openai over our connections: what of a call is its own.
BRIDGE = "openai bridge"
ADAPTERS = [*CLIENTS, BRIDGE, "instructor", "pydantic-ai", "wenwen loop", "litellm", "lm-deluge"]
PYTHON = CLIENTS[1:]
ASYNC = ["floor", *PYTHON]
SYNC = [name for name in CLIENTS if name not in ("openai aiohttp", "aiohttp")]
WHOLE = ["wenwen", "wenwen dict", "openai", "aiohttp", "pyreqwest"]
# Case, unit, the time of one unit in the table, adapters.
CASES: dict[str, tuple[str, str, list[str]]] = {
    "import + client": ("start", "ms", [name for name in SYNC if name != "floor"]),
    "memory": ("start and first call over bare Python", "MB", [name for name in SYNC if name != "floor"]),
    "sync": ("call", "µs", [*SYNC, BRIDGE]),
    "async 1": ("call", "µs", ASYNC),
    "async 64": ("call", "µs", [*ASYNC, BRIDGE]),
    "async 1000": ("call", "µs", ASYNC),
    "async 5000": ("call", "µs", ASYNC),
    "tls 64": ("call over TLS", "µs", PYTHON),
    "tls new 300": ("call over a new TLS connection", "µs", PYTHON),
    "threads 8": ("call", "µs", [name for name in SYNC if name != "floor"]),
    "stream": ("event", "µs", [*SYNC, BRIDGE]),
    "async stream": ("event", "µs", [*ASYNC, BRIDGE]),
    "streams 500": ("event", "µs", ASYNC),
    "first event": ("stream", "µs", [name for name in SYNC if name != "floor"]),
    "1 MB reply": ("call", "µs", [name for name in PYTHON if name != "openai aiohttp"]),
    "1 MB Chinese": ("call", "µs", WHOLE),
    "1 MB escaped": ("call", "µs", WHOLE),  # as \\uXXXX
    "10 MB image": ("call", "ms", ["b64encode", *(name for name in PYTHON if name != "openai aiohttp")]),
    "50 MB upload": ("call", "ms", ["wenwen", "openai", "aiohttp", "pyreqwest"]),
    "embeddings": ("vector", "µs", ["wenwen", "openai", "aiohttp", "pyreqwest"]),
    "arguments 64k": ("call", "ms", ["wenwen", "openai", "wenwen messages", "anthropic", "aiohttp"]),
    "arguments 256k": ("call", "ms", ["wenwen", "openai", "wenwen messages", "anthropic", "aiohttp"]),
    "arguments 1m": ("call", "ms", ["wenwen", "openai", "wenwen messages", "anthropic", "aiohttp"]),
    "parsed": ("call", "µs", ["wenwen", "openai", "instructor"]),
    "tool loop": ("loop", "ms", ["wenwen", "pydantic-ai", "wenwen messages", "anthropic"]),
    "job 500": ("row", "µs", JOBS),
    "job 2000": ("row", "µs", JOBS),
    "job memory": ("a job of --rows rows over one of 10 000", "MB", ["wenwen", "wenwen loop", "lm-deluge"]),
    "job again": ("row", "µs", ["wenwen"]),
    "client": ("client", "µs", ["wenwen", "openai", "anthropic", "pyreqwest"]),
    "with_options": ("call", "µs", ["wenwen", "openai", "anthropic"]),
}
SCALE = {"µs": 1e6, "ms": 1e3}
# nginx has no certificate here, answers the next two before it has read them, and the next it cannot.
GATEWAY_ONLY = {"tls 64", "tls new 300", "10 MB image", "50 MB upload", "tool loop", "job 500", "job 2000"}
FLOOR_KINDS = {"stream": "stream", "async stream": "stream", "streams 500": "short"}
# Of what instructions are counted: how many units the shorter and the longer run do.
COUNTS = {
    "sync": (50, 250),
    "async 64": (64, 640),
    "stream": (EVENTS, 2 * EVENTS),
    "async stream": (EVENTS, 2 * EVENTS),
}
# Not anthropic, whose start alone takes half a minute under valgrind.
COUNTED = ["floor", "wenwen", "wenwen dict", "openai", BRIDGE, "aiohttp", "pyreqwest"]


def floor_command(binary: pathlib.Path, case: str, urls: dict[str, str], count: int) -> list[str]:
    """`count`: of calls or of streams."""
    return [str(binary), case, urls[FLOOR_KINDS.get(case, "small")], str(count)]


def run_floor(binary: pathlib.Path, case: str, urls: dict[str, str]) -> dict[str, Any]:
    """The floor counts to a number; its CPU time is asked of the system when it has ended. So much work that what its
    start takes (10 ms, to read certificates, and the connections) does not count."""
    flight = case.rpartition(" ")[2]
    count = 20 if case.endswith("stream") else 20 * max(1000, int(flight) if flight.isdigit() else 1)
    process = subprocess.Popen(floor_command(binary, case, urls, count), stdout=subprocess.PIPE)
    assert process.stdout is not None
    done = int(process.stdout.read() or 0)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not done:
        return {"missing": f"exit code {process.returncode}"}
    return {"cpu": (usage.ru_utime + usage.ru_stime) / done, "units": done, "rss": usage.ru_maxrss / 1024}


def run(adapter: str, case: str, urls: dict[str, str], budget: float, limit: float) -> dict[str, Any]:
    name, case = (adapter, "b64encode") if adapter == "b64encode" else (adapter, case)
    command = [sys.executable, str(HERE / "client.py"), name, case, json.dumps(urls), str(budget)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"missing": f"more than {limit:.0f} s"}
    if done.returncode:
        said = [line.strip(" |+-") for line in done.stderr.splitlines()]  # a group of errors ends with a frame's line
        return {"missing": next(filter(None, reversed(said)), f"exit code {done.returncode}")}
    return json.loads(done.stdout.strip().rpartition("\n")[2])  # some print words of their own before it


def counted(command: list[str]) -> int:
    """The instructions of a command and its threads, outside of the kernel. A machine's moods change seconds by half
    and these by a hundredth: they show what a change to the code is worth."""
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run([*valgrind, *command], capture_output=True, text=True)
    found = re.search(r"I +refs: +([\d,]+)", done.stderr)
    if done.returncode or not found:
        raise RuntimeError(done.stderr)
    return int(found[1].replace(",", ""))


def instructions(adapter: str, case: str, urls: dict[str, str], floor: pathlib.Path | None) -> float:
    """Instructions per unit: what a longer run takes more than a shorter one, so that starting, importing and
    connecting do not count."""

    def run(count: int) -> int:
        if adapter == "floor" and floor:
            return counted(floor_command(floor, case, urls, count // EVENTS if "stream" in case else count))
        return counted([sys.executable, str(HERE / "instructions.py"), adapter, case, json.dumps(urls), str(count)])

    few, many = COUNTS[case]
    return (run(many) - run(few)) / (many - few)


def instruction_table(cases: dict[str, list[str]], urls: dict[str, str], floor: pathlib.Path | None) -> str:
    """Several cells at a time: it changes nothing in what is counted."""
    cells = [(case, name) for case, names in cases.items() for name in names]
    with concurrent.futures.ThreadPoolExecutor(max(1, (os.cpu_count() or 2) - 1)) as pool:
        counts = pool.map(lambda cell: instructions(cell[1], cell[0], urls, floor), cells)
        found = dict(zip(cells, counts, strict=True))
    lines = []
    for case, names in cases.items():
        lines.append(f"\n{case}: thousands of instructions per {CASES[case][0]}, as a multiple of wenwen's")
        ours = found.get((case, "wenwen"))
        for name in names:
            count = found[case, name]
            lines.append(f"  {name:16} {count / 1e3:10.1f}" + (f" {count / ours:7.2f}" if ours else ""))
    return "\n".join(lines)


def build_floor() -> pathlib.Path | None:
    if not shutil.which("cargo"):
        return None
    command = [
        "cargo",
        "build",
        "--release",
        "--example",
        "floor",
        "--message-format=json-render-diagnostics",
        "--quiet",
    ]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "floor":
            return pathlib.Path(message["executable"])
    return None


def measured(results: list[dict[str, Any]], key: str, pick: Any = statistics.median) -> float | None:
    values = [result[key] for result in results if key in result]
    return pick(values) if values else None


def table(found: dict[str, dict[str, list[dict[str, Any]]]]) -> str:
    """CPU a unit, its ratio to ours, and what else there is to know."""
    lines = []
    for case, adapters in found.items():
        unit, shown, _ = CASES[case]
        what = f"MB, {unit}" if shown == "MB" else f"client CPU in {shown} per {unit}"
        lines.append(f"\n{case}: {what}")
        lines.append(f"  {'':16} {'minimum':>10} {'median':>10} {'ratio':>7} {'wall':>10} {'peak MB':>8}")
        key = "rss" if shown == "MB" else "cpu"
        scale = SCALE.get(shown, 1)
        ours = {name: measured(rows, key, min) for name, rows in adapters.items()}
        for name, rows in adapters.items():
            least, median, wall, rss = ours[name], measured(rows, key), measured(rows, "wall"), measured(rows, "rss")
            if least is None or median is None:
                lines.append(f"  {name:16} {rows[0].get('missing', '')}")
                continue
            base = ours.get("wenwen messages" if name == "anthropic" and "wenwen messages" in ours else "wenwen")
            ratio = f"{least / base:7.2f}" if base else ""
            line = f"  {name:16} {least * scale:10.2f} {median * scale:10.2f} {ratio:>7} "
            line += f"{(wall or 0) * scale if scale != 1 else 0:10.2f} {rss or 0:8.0f}"
            p99 = measured(rows, "p99")
            if p99 is not None:
                line += f"   p50 {measured(rows, 'p50') * 1e3:.2f} ms, p99 {p99 * 1e3:.2f} ms"  # type: ignore[operator]
            lines.append(line)
    return "\n".join(lines)


def picture(found: dict[str, dict[str, list[dict[str, Any]]]], path: pathlib.Path) -> bool:
    """How often our CPU time fits into that of the others, case by case."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    from matplotlib import pyplot

    others = ["openai", "openai aiohttp", "anthropic", "aiohttp", "pyreqwest", "floor", "instructor", "pydantic-ai"]
    cases = [case for case in found if "wenwen" in found[case]]
    figure, axes = pyplot.subplots(figsize=(10, 0.55 * len(cases) + 1.5))
    height = 0.8 / len(others)
    for index, name in enumerate(others):
        places, ratios = [], []
        for row, case in enumerate(cases):
            key = "rss" if CASES[case][1] == "MB" else "cpu"
            own = "wenwen messages" if name == "anthropic" and "wenwen messages" in found[case] else "wenwen"
            theirs, ours = measured(found[case].get(name, []), key, min), measured(found[case][own], key, min)
            if theirs and ours:
                places.append(row + (index - len(others) / 2) * height)
                ratios.append(theirs / ours)
        axes.barh(places, ratios, height, label=name)
    axes.set_yticks(range(len(cases)), cases)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlabel("CPU time (memory: MB) as a multiple of wenwen's; right of 1 is more than ours")
    axes.legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    return True


@contextlib.contextmanager
def serving(server: str) -> Iterator[dict[str, str]]:
    """The server, running; its URLs by name."""
    command = [sys.executable, str(HERE / "server.py"), *(["nginx"] if server == "nginx" else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


def measure(
    case: str, names: list[str], urls: dict[str, str], floor: pathlib.Path | None, options: argparse.Namespace
) -> dict[str, list[dict[str, Any]]]:
    """All rounds of one case, adapter by adapter."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name, results in rows.items():
            if results and "missing" in results[-1]:
                continue  # it will not be otherwise the next time
            if name == "floor" and floor:
                results.append(run_floor(floor, case, urls))
            else:
                results.append(run(name, case, urls, options.budget, options.limit))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (3)")
    parser.add_argument("--budget", type=float, default=0.3, help="seconds of work a measurement (0.3)")
    parser.add_argument("--limit", type=float, default=30.0, help="seconds after which a client is given up (30)")
    parser.add_argument("--case", action="append", choices=list(CASES), help="only this case; may be given again")
    parser.add_argument("--adapter", action="append", choices=ADAPTERS, help="only this adapter; may be given again")
    parser.add_argument("--server", choices=["gateway", "nginx"], default="gateway", help="who answers (gateway)")
    parser.add_argument("--cores", type=int, help="so many cores for server and clients together (all; Linux)")
    parser.add_argument("--rows", type=int, default=100_000, help="of the jobs that are measured by rows (100000)")
    parser.add_argument("--instructions", action="store_true", help="count instructions instead (valgrind)")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "results", help="where table and picture go")
    options = parser.parse_args()
    if options.instructions and not shutil.which("valgrind"):
        parser.error("--instructions needs valgrind")
    if options.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    os.environ["BENCHMARK_ROWS"] = str(options.rows)
    chosen = options.adapter or (COUNTED if options.instructions else ADAPTERS)
    floor = build_floor() if "floor" in chosen else None
    known = {name for name in (*chosen, "b64encode") if name != "floor" or floor}
    cases = {case: [name for name in CASES[case][2] if name in known] for case in options.case or CASES}
    options.out.mkdir(exist_ok=True)
    python = f"CPython {platform.python_version()}"
    with serving(options.server) as urls:
        if options.instructions:
            cases = {case: names for case, names in cases.items() if case in COUNTS}
            text = f"{python}.\n{instruction_table(cases, urls, floor)}\n"
            print(text)
            (options.out / "instructions.txt").write_text(text, "utf-8")
            return
        if options.server == "nginx":
            cases = {case: names for case, names in cases.items() if case not in GATEWAY_ONLY}
        found: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for case, names in cases.items():
            found[case] = measure(case, names, urls, floor, options)
            print(table({case: found[case]}), flush=True)
    about = f"{python}, {options.cores or os.cpu_count()} cores, server: {options.server}"
    heading = f"{about}, {options.rounds} rounds of {options.budget:g} s.\n"
    heading += "Ratio: its minimum to wenwen's (anthropic: to wenwen messages)."
    name = "table" if options.server == "gateway" else f"table-{options.server}"
    (options.out / f"{name}.txt").write_text(heading + "\n" + table(found) + "\n", "utf-8")
    drawn = picture(found, options.out / f"{name.replace('table', 'ratios')}.png")
    print(
        f"\n{heading}\nSaved to {options.out}" + ("" if drawn else ", without the picture: matplotlib is not installed")
    )


if __name__ == "__main__":
    main()
