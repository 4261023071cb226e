"""By what hosts ask things of this package to show themselves. How they do is in `_show`, which is loaded then."""

from __future__ import annotations

from ._core import BinaryContent, Object, Stream
from ._frames import Frameless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def _repr_mimebundle_(self: Any, include: object = None, exclude: object = None) -> dict[str, str]:
    """What a notebook shows of it."""
    from ._show import bundle

    return bundle(self)


def _repr_pretty_(self: Object, printer: Any, cycle: bool) -> None:
    """What IPython's terminal shows of it, and of one in a list."""
    from ._show import pretty

    pretty(self, printer, cycle)


def __rich_repr__(self: Object) -> Iterator[tuple[str, Any]]:  # noqa: N807
    """What `rich` shows of it."""
    from ._show import facts

    return facts(self)


class Shown:
    """Something of Python's own that a notebook shows as it shows replies."""

    __slots__ = ()

    _repr_mimebundle_ = _repr_mimebundle_


class Shows(Frameless):
    """A stream that shows itself."""

    __slots__ = ()

    def show(self) -> Any:
        """Reads to the end, and shows the answer while it arrives: in a notebook rendered, below the cell; elsewhere on
        standard output, rendered too where that is a terminal and `rich` is installed. Returns the whole reply. A
        stream that ends a cell does this by itself."""
        from ._show._live import show

        return show(self)

    def _ipython_display_(self) -> None:
        from ._show._live import show_here

        show_here(self)

    def _display_(self) -> Any:
        """marimo's: what it shows in the stream's place."""
        return self.show()


class AsyncShows(Frameless):
    """The same, awaited."""

    __slots__ = ()

    async def show(self) -> Any:
        """Reads to the end, and shows the answer while it arrives: in a notebook rendered, below the cell; elsewhere on
        standard output, rendered too where that is a terminal and `rich` is installed. Returns the whole reply. A
        stream that ends a cell does this by itself."""
        from ._show._live import show_awaited

        return await show_awaited(self)

    def _ipython_display_(self) -> None:
        from ._show._live import show_later

        show_later(self)

    def _display_(self) -> Any:
        from ._show._live import show_now

        return show_now(self)


# Rust makes these classes. What is read of them is Python's all the same.
for _cls, _methods in (
    (Object, (_repr_mimebundle_, _repr_pretty_, __rich_repr__)),
    (BinaryContent, (_repr_mimebundle_,)),
    (Stream, (Shows.show, Shows._ipython_display_, Shows._display_)),
):
    for _method in _methods:
        setattr(_cls, _method.__name__, _method)
