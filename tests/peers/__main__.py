"""The peers' own test suites against `wenwen`: `python tests/peers [openai] [anthropic] [--sdist DIR] [-k NAME]`.

Fetches each peer's source from PyPI by pip, or takes those in DIR, changes the imports of its tests (`translate.py`),
and runs what applies (`left_out.py`) twice: against the peer itself, which says what this scaffolding can carry, and
against `wenwen`. Prints how many of those apply, how many pass, what was left out and why. Takes minutes; needs the
peers, httpx2, pytest and pytest-timeout. Nothing of the peers' is kept.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).parent))

import translate

VERSIONS = {"openai": "3.57.0", "anthropic": "2.14.0"}
HERE = Path(__file__).parent


def fetched(peer: str, folder: Path, given: Path | None) -> Path:
    """The unpacked source of a peer."""
    name = f"{peer}-{VERSIONS[peer]}"
    if given and (given / name).is_dir():
        return given / name
    if given is None:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "--dest", str(folder), f"{peer}=={VERSIONS[peer]}"], check=True)
    with tarfile.open((given or folder) / f"{name}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder / name


def run(peer: str, under_test: str, source: Path, folder: Path, names: str | None) -> dict[str, tuple[str, str]]:
    """What came of each test: "passed", "failed" or "skipped", and why."""
    folder.mkdir()
    translate.translate(peer, source, folder, under_test == "wenwen")
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "tests", "-q", "-p", "no:cacheprovider", "-W", "ignore", "--timeout=60"]
    command += ["-o", "addopts=", "--tb=short", "--continue-on-collection-errors", f"--rootdir={folder}"]
    command += [f"--junitxml={report}", *(["-k", names] if names else [])]
    where = os.pathsep.join([str(HERE), str(HERE.parents[1] / "python"), str(folder)])
    environment = {**os.environ, "PEERS_SUITE": peer, "PEERS_UNDER_TEST": under_test, "PYTHONPATH": where}
    with (folder / "log.txt").open("w") as log:
        subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        child = next((each for each in case if each.tag in ("failure", "error", "skipped")), None)
        kind = "passed" if child is None else "skipped" if child.tag == "skipped" else "failed"
        why = "" if child is None else child.get("message", "").partition("\n")[0]
        outcomes[f"{case.get('classname')}::{case.get('name')}"] = (kind, why)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/peers", description=__doc__)
    parser.add_argument("peer", nargs="*", choices=[*VERSIONS, []], default=[])
    parser.add_argument("--sdist", type=Path, metavar="DIR", help="where the peers' sdists are, unpacked or not")
    parser.add_argument("-k", metavar="NAME", help="only the tests whose names have this, as pytest's -k")
    options = parser.parse_args()
    short = False
    for peer in options.peer or VERSIONS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            source = fetched(peer, folder, options.sdist)
            theirs = run(peer, peer, source, folder / "theirs", options.k)
            ours = run(peer, "wenwen", source, folder / "ours", options.k)
        skipped = Counter(why for kind, why in ours.values() if kind == "skipped")
        applies = [
            test for test, (kind, _) in ours.items() if kind != "skipped" and theirs.get(test, "?")[0] == "passed"
        ]
        failed = {test: ours[test][1] for test in applies if ours[test][0] == "failed"}
        carried = sum(kind != "skipped" for kind, _ in ours.values()) - len(applies)
        print(f"{peer} {VERSIONS[peer]}: {len(applies)} apply, {len(applies) - len(failed)} pass", end="")
        print(f" ({100 * (1 - len(failed) / max(1, len(applies))):.1f} %)")
        for test, why in failed.items():
            print(f"  failed: {test}: {why:.150}")
        print(f"  left out: {skipped.total()}; {carried} more that the scaffolding does not carry")
        for why, count in Counter(re_inside(why) for why in skipped.elements()).most_common():
            print(f"  {count:5}  {why:.150}")
        short |= len(failed) > 0.02 * len(applies)
    return int(short)


def re_inside(why: str) -> str:
    return "uses what is the peer's own affair" if why.startswith("uses ") else why


if __name__ == "__main__":
    sys.exit(main())
