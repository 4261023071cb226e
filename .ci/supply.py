"""What the package is made of: `python .ci/supply.py` checks it, with `--write` the list of licences is made anew.

Each crate comes from crates.io and builds with the `rust-version` of Cargo.toml; each that goes into the wheel has a
permissive licence. Their licences, which are to go along with the binary, are in python/THIRD-PARTY.txt.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "python" / "THIRD-PARTY.txt"
TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc"]
# In the order of preference, where a crate offers several.
ALLOWED = ["MIT", "Zlib", "ISC", "BSD-3-Clause", "BSD-2-Clause", "0BSD", "Unicode-3.0", "Apache-2.0"]
ALLOWED += ["CDLA-Permissive-2.0"]
FILES = {"MIT": "*MIT*", "Apache-2.0": "*APACHE*", "Zlib": "*ZLIB*", "ISC": "*ISC*", "Unicode-3.0": "*UNICODE*"}


def metadata() -> dict:
    command = ["cargo", "metadata", "--locked", "--format-version=1", "--features=python"]
    command += [f"--filter-platform={target}" for target in TARGETS]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def shipped(data: dict) -> list[dict]:
    """The crates whose code is in the wheel: not those that only help to build or test it."""
    packages = {package["id"]: package for package in data["packages"]}
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    found, open_ = set(), [data["resolve"]["root"]]
    while open_:
        id = open_.pop()
        if id not in found:
            found.add(id)
            for dependency in nodes[id]["deps"]:
                is_macro = any("proc-macro" in target["kind"] for target in packages[dependency["pkg"]]["targets"])
                if not is_macro and any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                    open_.append(dependency["pkg"])
    found.remove(data["resolve"]["root"])
    return sorted((packages[id] for id in found), key=lambda package: (package["name"], package["version"]))


def chosen(licence: str) -> list[str] | None:
    """The licences that count for us in an expression: of alternatives the first allowed. None: not allowed."""
    licence = licence.replace("/", " OR ")
    parts = []
    for part in re.split(r" AND (?![^(]*\))", licence):
        names = re.split(r" OR ", part.strip("() "))
        best = next((name for name in ALLOWED if name in names), None)
        if best is None:
            return None
        parts.append(best)
    return parts


def texts(package: dict, licences: list[str]) -> list[str]:
    """The licence files of a crate, those of the licences that count."""
    folder = Path(package["manifest_path"]).parent
    every = [path for pattern in ("LICEN[CS]E*", "license*", "COPYING*", "UNLICENSE*") for path in folder.glob(pattern)]
    every = sorted({path for path in every if path.is_file()})
    wanted = [path for name in licences for path in every if path.match(FILES.get(name, "?"))]
    plain = [path for path in every if path.stem.upper() in ("LICENSE", "LICENCE", "COPYING")]
    files = dict.fromkeys(wanted or plain or every)
    notices = sorted(folder.glob("NOTICE*")) if "Apache-2.0" in licences else []
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in [*files, *notices]]


def version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split("."))


def main() -> int:
    data = metadata()
    packages = {package["id"]: package for package in data["packages"]}
    own = packages[data["resolve"]["root"]]
    wrong = []
    by_text: dict[str, list[str]] = {}
    crates = shipped(data)
    for package in data["packages"]:
        name = f"{package['name']} {package['version']}"
        if package is not own and package["source"] != "registry+https://github.com/rust-lang/crates.io-index":
            wrong.append(f"{name} comes from {package['source']}, not from crates.io")
        if package["rust_version"] and version(package["rust_version"]) > version(own["rust_version"]):
            wrong.append(f"{name} needs Rust {package['rust_version']}; Cargo.toml promises {own['rust_version']}")
    lines = []
    for package in crates:
        name = f"{package['name']} {package['version']}"
        licences = chosen(package["license"] or "")
        if licences is None:
            wrong.append(f"{name} has the licence {package['license']!r}, which is not among {', '.join(ALLOWED)}")
            continue
        lines.append(f"{name}: {' and '.join(licences)}; {package['repository'] or package['homepage']}")
        found = texts(package, licences)
        if not found:
            authors = ", ".join(re.sub(r" <.*?>", "", author) for author in package["authors"])
            found = [f"The crate has no file of its own: {' and '.join(licences)}, by {authors or 'its authors'}."]
        for text in found:
            by_text.setdefault(text, []).append(name)
    rule = "\n\n" + "=" * 100 + "\n"
    content = "Rust crates that are part of the wheel of wenwen, and their licences. Made by .ci/supply.py.\n"
    content += "The standard library of Rust is part of it too: MIT, copyright The Rust Project Developers.\n\n"
    content += "\n".join(lines)
    for text, names in by_text.items():
        content += f"{rule}{', '.join(names)}\n\n{text}"
    content += "\n"
    if "--write" in sys.argv:
        LIST.write_text(content, encoding="utf-8")
    elif not LIST.exists() or LIST.read_text(encoding="utf-8") != content:
        wrong.append(f"{LIST.relative_to(ROOT)} is not up to date: python .ci/supply.py --write")
    for text in wrong:
        print(text, file=sys.stderr)
    print(f"{len(data['packages']) - 1} crates, {len(crates)} of them in the wheel, Rust {own['rust_version']}")
    return 1 if wrong else 0


sys.exit(main())
