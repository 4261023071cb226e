"""What the peers' packages declare is here, or left out for a reason: see `peers.py`."""

from __future__ import annotations

import peers
import pytest


@pytest.mark.parametrize("peer", peers.CLIENTS)
def test_nothing_lacks_without_a_reason(peer: str) -> None:
    found = peers.installed(peer)
    if found is None:
        pytest.skip(f"{peer} is not installed: pip install {peer}")
    lacks, stale = peers.report(peer)
    print(*lacks, *(f"{entry}: left out, and no longer there" for entry in stale), sep="\n")
    if found == peers.WRITTEN_FOR[peer]:
        assert (lacks, stale) == ([], [])


def test_an_entry_covers_what_is_within_it() -> None:
    for place, entry, covered in (
        ("files.create", "files", True),
        ("files.create(purpose)", "files", True),
        ("files", "files", True),
        ("files_of_mine.create", "files", False),
        ("chat.completions.create(model)", "chat.completions.create", True),
        ("chat.completions.create(model)", "chat.completions.create(model)", True),
        ("chat.completions.create(models)", "chat.completions.create(model)", False),
    ):
        assert peers.Difference(place).covers(entry) == covered
