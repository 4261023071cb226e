"""Where the store of a job is that was given none."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import time
from pathlib import Path


def _cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def new_store() -> str:
    """A path for a new store, in the user's cache folder, which is made; in the system's for temporary files where
    nothing can be written there. Nobody else can read it: answers may be anybody's."""
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{secrets.token_hex(4)}.db"
    try:
        folder = _cache() / "wenwen" / "jobs"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(folder, os.W_OK):
            return str(folder / name)
    except (OSError, RuntimeError):  # no such folder, or no home
        pass
    return str(Path(tempfile.mkdtemp(prefix="wenwen-")) / name)
