"""What a release needs beside the checks of `.ci/run`.

python .ci/release.py version [TAG]    the version is one: Cargo.toml, the newest of the changelog, the recipe, TAG
python .ci/release.py try              the installed package works: sync, streamed and async calls
python .ci/release.py wheels [TARGET…] wheels for other systems than this one, cross-compiled with `ziglang` of PyPI
                                       into dist/; without TARGET all that can be built here
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What rustup can have everywhere, and zig can link. Windows' and macOS' own linkers make the wheels that are published.
TARGETS = {
    "x86_64-unknown-linux-gnu": "manylinux2014",
    "aarch64-unknown-linux-gnu": "manylinux2014",
    "x86_64-unknown-linux-musl": "musllinux_1_2",
    "aarch64-unknown-linux-musl": "musllinux_1_2",
    "x86_64-pc-windows-gnu": None,
}


def version(tag: str = "") -> None:
    found = {
        "Cargo.toml": r'^version = "(.+)"$',
        "python/CHANGELOG.md": r"^## (\S+)",
        ".github/conda/recipe.yaml": r'^  version: "(.+)"$',
    }
    versions = {}
    for name, pattern in found.items():
        match = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        versions[name] = match[1] if match else "none"
    if tag:
        versions["the tag"] = tag.removeprefix("v")
    print(*(f"{name}: {each}" for name, each in versions.items()), sep="\n")
    if len(set(versions.values())) > 1:
        sys.exit("the versions differ: a release has one")


def attempt() -> None:
    import asyncio

    import wenwen
    from wenwen.testing import LocalGateway

    with LocalGateway() as gateway:
        client = gateway.client()
        assert client.responses.create(model="gpt-5", input="Hello!").output_text
        assert [*client.responses.create(model="gpt-5", input="Hello!", stream=True)][-1].type == "response.completed"
        reply = asyncio.run(gateway.async_client().responses.create(model="gpt-5", input="Hello!"))
        print(sys.version.split()[0], wenwen.__version__, reply.output_text)


def wheels(*targets: str) -> None:
    dist = ROOT / "dist"
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        bin_ = Path(folder, "bin")
        tools = ["ziglang", "maturin>=1.9,<2"]
        subprocess.run([bin_ / "python", "-m", "pip", "install", "--quiet", *tools], check=True)
        environment = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": folder}
        for target in targets or TARGETS:
            subprocess.run(["rustup", "target", "add", target], check=True)
            options = ["--release", "--locked", "--zig", "--target", target, "--out", str(dist)]
            command = [str(bin_ / "maturin"), "build", *options]
            if libc := TARGETS.get(target):
                command += ["--compatibility", libc]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
    for wheel in sorted(dist.glob("*.whl")):
        print(f"{wheel.stat().st_size / 1e6:5.2f} MB  {wheel.name}")


if __name__ == "__main__":
    commands = {"version": version, "try": attempt, "wheels": wheels}
    arguments = sys.argv[1:]
    if not arguments or arguments[0] not in commands:
        sys.exit(__doc__)
    commands[arguments[0]](*arguments[1:])
