"""What the replies of all dialects have in which a model may call tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .tools import Run, ToolCall, ToolResult


class Calling:
    """A reply that may hold calls of tools, and that may be what a run of tools came to."""

    _dialect = ""
    _run = cast("Run[Any] | None", None)  # no annotation: it would be a field

    @property
    def calls(self) -> list[ToolCall]:
        """The calls of your functions that the model asks for, in all dialects in the same form."""
        from .._dialects import DIALECTS
        from .._steps import turn_of

        return [*turn_of(DIALECTS[self._dialect], self, 0).steps]

    @property
    def steps(self) -> list[ToolResult]:
        """Of a reply of `run`: the calls of tools on the way to it, with their results; else none."""
        return self._run.steps if self._run else []

    @property
    def turns(self) -> list[Self]:
        """Of a reply of `run`: all replies, each as it came, with its own usage; else this one."""
        return self._run.turns if self._run else [self]

    @property
    def history(self) -> list[Any]:
        """Of a reply of `run`: the conversation up to this reply, to go on from; else what this reply adds to it."""
        if self._run:
            return self._run.history
        from .._dialects import DIALECTS
        from .._steps import Turn

        return Turn(self).written(DIALECTS[self._dialect])

    def run_tools(self, tools: Iterable[Any], **options: Any) -> list[Any]:
        """Runs the calls of this reply, all at once, and returns what goes on with the conversation: the reply, and a
        result for each call. Without calls, the reply alone.

        tools: the functions. Options: before_tool, on_error, parallel, tool_timeout, context and max_result, as of
        `run`. IncompleteTurnError where the reply was cut short: nothing runs then."""
        from .._run import by_hand

        run = by_hand(self, tools, options)
        run.until_done()
        return cast("list[Any]", run.history)

    async def run_tools_async(self, tools: Iterable[Any], **options: Any) -> list[Any]:
        """The same, awaited: coroutine functions run on the loop, plain ones in threads."""
        from .._run import by_hand
        from .._run_async import AsyncToolRun

        run = by_hand(self, tools, options, AsyncToolRun)
        try:
            await run.until_done()
        finally:
            await run.aclose()
        return cast("list[Any]", run.history)

    # A reply keeps its run, also after it was pickled or copied.

    def __reduce__(self) -> Any:
        plain: Any = super().__reduce__()
        return plain if self._run is None else (with_run, (plain, self._run))

    def __copy__(self) -> Any:
        return with_run(super().__copy__(), self._run)  # type: ignore[misc]

    def __deepcopy__(self, memo: object) -> Any:
        return with_run(super().__deepcopy__(memo), self._run)  # type: ignore[misc]


def with_run(made: Any, run: Run[Any] | None) -> Any:
    """A reply, or how it is made, with its run."""
    reply: Any = made[0](*made[1]) if made.__class__ is tuple else made
    if run is not None:
        reply._run = run
    return reply
