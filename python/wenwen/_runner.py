"""`messages.tool_runner`: a run of tools that shows each message of the model's, as Anthropic's package has it.

The order of things is a run's (`_run.py`); here the caller sees a message before its calls are run, may look away, and
may have the conversation go on otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from ._core import JobTemplate, hide_in
from ._run import ToolRun, _at_once, _split
from ._run_async import AsyncToolRun
from .resources._base import AsyncReading, Reading
from .resources.messages import CREATE

if TYPE_CHECKING:
    from .types.messages import Message

_MOST = 1 << 30  # turns: it is the caller who looks


class _Runner:
    _run: Any

    def __init__(self, resource: Any, params: dict[str, Any]) -> None:
        hide_in(params)
        if resource._form != "parsed":
            raise TypeError(
                "tool_runner() has no raw form: it makes several calls. Each message has request_id and headers"
            )
        self._streams = params.pop("stream", None) or False
        most = params.pop("max_iterations", None)
        if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
            raise ValueError(f"max_iterations is {most!r}: give a number above 0")
        self._left = _MOST if most is None else most
        options = {"max_turns": _MOST, **_split("messages", params)}
        driver: Any = AsyncToolRun if resource._awaits else ToolRun
        self._run = driver(None, False, "messages", params, **options).begin()
        # What cannot be sent is refused here already, as everywhere.
        JobTemplate(resource._settings, CREATE, self._run._request(), ())
        self._resource = resource
        self._helper: Any = None  # of the message that is being streamed
        self._last: Message | None = None
        self._is_open = False  # whether the last message's calls are still to be run

    async def _next(self) -> Any:
        """The next message, or the stream of it; None at the end."""
        await self._settle()
        if self._left <= 0 or self._run._over:
            return None
        await self._called()
        self._left -= 1
        request = self._run._request()
        if self._streams:
            self._helper = await self._opened(self._resource.stream(**request))
            return self._helper
        return self._took(await self._asked(self._resource.create(**request)))

    def _took(self, message: Any) -> Message:
        self._run.take(message)
        self._is_open = True
        last: Message = self._run._turns[-1].reply if self._run._over else message
        self._last = last
        return last

    async def _settle(self) -> None:
        """Reads what is left of a message that is being streamed."""
        helper, self._helper = self._helper, None
        if helper is not None:
            message = await self._asked(helper.get_final_message())
            await self._asked(helper.close())
            self._took(message)

    async def _called(self) -> None:
        """Runs the calls of the last message."""
        run = self._run
        self._is_open = False
        while run._ready or run._unasked or run._waiting or run._running:
            await run._step()

    async def _response(self) -> dict[str, Any] | None:
        await self._settle()
        await self._called()
        if not self._run._turns or not self._run._turns[-1].steps:
            return None
        return self._run._turns[-1].written(self._run._dialect)[-1]  # type: ignore[no-any-return]

    async def _rest(self) -> Message:
        try:
            while await self._next() is not None:
                pass
        finally:
            await self._run._closed()
        assert self._last is not None
        return self._last

    def append_messages(self, *messages: Any) -> None:
        """Has the conversation go on with these, behind what there is of it: dicts, or messages of the model's."""
        for message in messages:
            said: Any = message
            if not isinstance(message, Mapping):
                said = {"role": message.role, "content": message.content}
            self._run._turns[-1].add(said) if self._run._turns else self._run._begun.append(said)

    def set_messages_params(self, params: Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
        """Other parameters for the requests to come: a dict, or a function of those there are. Its `messages` are the
        whole conversation."""
        run = self._run
        given = dict(params(run._request()) if callable(params) else params)
        run._begun, run._turns = [*given.pop("messages", run.history)], []
        run._params = {**given, "tools": given.get("tools", run._params.get("tools"))}

    # How it waits

    async def _asked(self, value: Any) -> Any:
        return value

    async def _opened(self, helper: Any) -> Any:
        return helper.__enter__()


class ToolRunner(_Runner, Reading):
    """The messages of a run of tools, one by one: iterating asks the model, and runs what the last message called
    before it asks again. With `stream=True` each is a `MessageStream`. `until_done()` gives the last message."""

    def __next__(self) -> Any:
        found = _at_once(self._next())
        if found is None:
            raise StopIteration
        return found

    def until_done(self) -> Message:
        """Reads to the end, for the model's answer."""
        return _at_once(self._rest())  # type: ignore[no-any-return]

    def generate_tool_call_response(self) -> dict[str, Any] | None:
        """Runs the calls of the last message, once, for the message with their results; None where it has none."""
        return _at_once(self._response())  # type: ignore[no-any-return]

    def close(self) -> None:
        """Ends it: the model is not asked again."""
        self._left = 0
        self._run.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncToolRunner(_Runner, AsyncReading):
    """The messages of a run of tools, one by one: `async for` asks the model, and runs what the last message called
    before it asks again. With `stream=True` each is an `AsyncMessageStream`. `await until_done()` gives the last
    message."""

    async def __anext__(self) -> Any:
        found = await self._next()
        if found is None:
            raise StopAsyncIteration
        return found

    async def until_done(self) -> Message:
        """Reads to the end, for the model's answer."""
        return await self._rest()

    async def generate_tool_call_response(self) -> dict[str, Any] | None:
        """Runs the calls of the last message, once, for the message with their results; None where it has none."""
        return await self._response()

    async def aclose(self) -> None:
        """Ends it: the model is not asked again."""
        self._left = 0
        await self._run.aclose()

    close = aclose

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def _asked(self, value: Any) -> Any:
        return await value

    async def _opened(self, helper: Any) -> Any:
        return await helper.__aenter__()


def runner(resource: Any, params: dict[str, Any]) -> ToolRunner | AsyncToolRunner:
    """`tool_runner` of a resource."""
    return (AsyncToolRunner if resource._awaits else ToolRunner)(resource, params)
