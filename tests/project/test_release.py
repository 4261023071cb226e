"""What a release needs: one version, and workflows that a linter takes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import wenwen

ROOT = Path(__file__).resolve().parents[2]
RELEASE = ROOT / ".ci" / "release.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, RELEASE, *arguments], capture_output=True, text=True, check=False)


def test_the_version_is_one() -> None:
    done = run("version", f"v{wenwen.__version__}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_tag_of_another_version_is_no_release() -> None:
    done = run("version", "v0.0.999")
    assert done.returncode != 0
    assert "the versions differ" in done.stderr
    assert "the tag: 0.0.999" in done.stdout


def test_the_package_as_it_is_installed_works() -> None:
    done = run("try")
    assert done.returncode == 0, done.stderr
    assert wenwen.__version__ in done.stdout


@pytest.mark.skipif(not shutil.which("actionlint"), reason="actionlint is not installed")
def test_the_workflows_are_clean() -> None:
    done = subprocess.run(["actionlint"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
