"""The pytest fixture `wenwen_gateway`. Every pytest run where wenwen is installed loads it: it imports nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from wenwen.testing import LocalGateway


@pytest.fixture
def wenwen_gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalGateway]:
    """A local gateway for one test, which the environment points to: the module-level functions use it too."""
    from wenwen.testing import LocalGateway

    with LocalGateway() as gateway:
        for name, value in gateway.env().items():
            monkeypatch.setenv(name, value)
        # The module-level functions read the environment once: here again, and after the test once more.
        monkeypatch.setattr("wenwen._client._default", None)
        yield gateway
