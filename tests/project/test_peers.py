"""What the peers' packages declare is here, or left out for a reason: see `peers.py`."""

from __future__ import annotations

import importlib
import re
import typing

import peers
import pytest

# Parts of requests that no endpoint here takes: of sockets, of what is kept at the service.
NO_PARAMS = (
    r"Steer|ClientEvent|ConfigurationUpdate\w+ParamParam|Beta(Agent|Managed)|Browser|Computer\w+Config|UserProfile"
)
NO_PARAMS += r"|Monetary|Network|Packages|SelfHosted|Dream|Environment|Thread|OutputBehavior|Fallback\w*Credit"


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


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("openai.types.chat", "wenwen.types.chat"),
        ("openai.types.responses", "wenwen.types.responses"),
        ("openai.types.shared_params", "wenwen.types.shared_params"),
        ("anthropic.types", "wenwen.types"),
        ("anthropic.types.beta", "wenwen.types.beta"),
    ],
)
def test_the_names_of_what_is_sent(theirs: str, ours: str) -> None:
    """Those that annotations import; they may be called, or be unions, as theirs are."""
    peer = theirs.partition(".")[0]
    if peers.installed(peer) != peers.WRITTEN_FOR[peer]:
        pytest.skip(f"needs {peer} {peers.WRITTEN_FOR[peer]}")
    package, own = importlib.import_module(theirs), importlib.import_module(ours)
    names = [name for name in dir(package) if name[0].isupper() and name.endswith("Param")]
    if theirs.endswith("shared_params"):
        names = [name for name in dir(package) if name[0].isupper() and not name.startswith(("Decision", "OAuth"))]
    lacks = [name for name in names if not hasattr(own, name) and not re.search(NO_PARAMS, name)]
    assert lacks == []
    called = [name for name in names if hasattr(own, name) and typing.is_typeddict(getattr(package, name))]
    of_unions = [name for name in called if not callable(getattr(own, name))]
    assert of_unions == []
    assert len(names) > 10
