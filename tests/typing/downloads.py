"""Every form of every call of `download`."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import wenwen
from wenwen import AsyncClient, BinaryContent, Client


def calls(client: Client) -> None:
    assert_type(client.download("https://x/a.png"), BinaryContent)
    assert_type(client.download("https://x/a.png", "a.png"), None)
    assert_type(client.download("https://x/a.png", path=Path("a.png")), None)


async def awaited(async_client: AsyncClient) -> None:
    assert_type(await async_client.download("https://x/a.png"), BinaryContent)
    assert_type(await async_client.download("https://x/a.png", "a.png"), None)
    assert_type(await async_client.download("https://x/a.png", path=Path("a.png")), None)


def functions() -> None:
    assert_type(wenwen.download("https://x/a.png"), BinaryContent)
    assert_type(wenwen.download("https://x/a.png", "a.png"), None)
    assert_type(wenwen.download("https://x/a.png", path=Path("a.png")), None)


async def awaited_functions() -> None:
    assert_type(await wenwen.aio.download("https://x/a.png"), BinaryContent)
    assert_type(await wenwen.aio.download("https://x/a.png", "a.png"), None)
    assert_type(await wenwen.aio.download("https://x/a.png", path=Path("a.png")), None)
