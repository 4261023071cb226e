"""A page of a list, as an async client gives it."""

from __future__ import annotations

from .._frames import frameless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Generator
    from typing import Any


@frameless
class AsyncPage:
    """What is to come: await it for the page, or iterate over it with `async for`."""

    __slots__ = ("_page",)

    def __init__(self, coming: Coroutine[Any, Any, Any]) -> None:
        self._page = coming

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._page.__await__()

    # A coroutine too, for `asyncio.run` and `create_task`.
    def send(self, value: None, /) -> Any:
        return self._page.send(value)

    def throw(self, *error: Any) -> Any:
        return self._page.throw(*error)

    def close(self) -> None:
        self._page.close()

    async def __aiter__(self) -> AsyncIterator[Any]:
        for item in (await self._page)["data"] or ():
            yield item
