"""`messages.tool_runner`: a run of tools that shows each message of the model's, as Anthropic's package has it.

The order of things is a run's (`_run.py`); here the caller sees a message before its calls are run, may look away, and
may have the conversation go on otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from ._core import JobTemplate, hide_in
from ._dialects import end_of
from ._run import ToolRun, _at_once, _split
from ._run_async import AsyncToolRun
from ._steps import Turn, find, turn_of
from ._tools import Tool, tools_of, wired
from ._types import NotGiven, Omit
from .resources._base import AsyncReading, Reading
from .resources.messages import CREATE
from .types.shared import items, part

if TYPE_CHECKING:
    from .types.messages import Message, ToolUseBlock
    from .types.tools import ToolResult

_COMPACTING = "the conversation is being compacted, which replaces it: change it with the next message"
_MOST = 1 << 30  # turns: it is the caller who looks


class _Runner:
    _run: Any

    def __init__(self, resource: Any, params: dict[str, Any]) -> None:
        hide_in(params)
        if resource._form != "parsed":
            raise TypeError(
                "tool_runner() has no raw form: it makes several calls. Each message has request_id and headers"
            )
        # The peer's own may be there, and say nothing.
        params = {name: value for name, value in params.items() if not isinstance(value, (Omit, NotGiven))}
        self._streams = params.pop("stream", None) or False
        self._is_eager = params.pop("run_tools_eagerly", None) or False
        if self._is_eager and not self._streams:
            raise ValueError("run_tools_eagerly is for stream=True: a message that comes whole has nothing to wait for")
        most = params.pop("max_iterations", None)
        if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
            raise ValueError(f"max_iterations is {most!r}: give a number above 0")
        if params.get("thread") is False:  # where Anthropic's package would have the service keep the conversation
            del params["thread"]
        _check_compaction(params)
        self._left = _MOST if most is None else most
        options = {"max_turns": _MOST, **_split("messages", params)}
        driver: Any = AsyncToolRun if resource._awaits else ToolRun
        self._run = driver(None, False, "messages", params, **options).begin()
        self._run._holds = True
        # What cannot be sent is refused here already, as everywhere.
        JobTemplate(resource._settings, CREATE, self._run._request(), ())
        self._resource = resource
        self._helper: Any = None  # of the message that is being streamed
        self._last: Message | None = None
        self._is_open = False  # whether the last message's calls are still to be run
        self._known: dict[str, Tool[..., Any]] = self._run._tools
        self._changed: dict[str, bool] = {}  # what was added and removed here, which goes before the conversation
        self._changes: list[dict[str, Any]] = []  # what the model is still to be told of it
        self._compaction: Mapping[str, Any] | None = None  # is asked for before the next turn
        self._compacting = False  # while what came of it is looked at
        self._shown: Turn | None = None  # the message that is looked at
        self._told: tuple[Turn, dict[str, Any]] | None = None  # the results of a turn, as they were handed out
        self._last_compaction: Any = None
        self._eager = _Eager(self)

    async def _next(self) -> Any:
        """The next message, or the stream of it; None at the end. One that failed was the last."""
        try:
            return await self._advance()
        except BaseException:
            self._left, self._compaction, self._compacting = 0, None, False
            raise

    async def _advance(self) -> Any:
        await self._settle()
        self._shown = None
        run = self._run
        if run._over or self._left <= 0:
            return await self._compacted() if run._over and self._compaction is not None else None
        await self._called()
        reason = run._turns[-1].reply.get("stop_reason") if run._turns else None
        if self._changes and reason != "pause_turn":  # which has to stay the last, to be gone on with
            self._say({"role": "system", "content": self._changes})
            self._changes = []
        if self._compaction is not None and end_of(reason) != "paused":
            return await self._compacted()
        self._left -= 1
        return await self._sent(run._request())

    async def _sent(self, request: dict[str, Any]) -> Any:
        if self._streams:
            self._helper = await self._opened(self._resource.stream(**request))
            if self._is_eager and not self._compacting:
                self._helper._stream = self._eager.begin(self._helper._stream)
            return self._helper
        return self._took(await self._asked(self._resource.create(**request)))

    def _took(self, message: Any) -> Message:
        if self._compacting:
            self._last_compaction = message
            return message  # type: ignore[no-any-return]
        run = self._run
        is_cut = bool(run._dialect.cut(message) and run._dialect.calls(message))
        if is_cut:
            # Its calls may not be whole: it is the last, and whoever goes on has them.
            run._turns.append(Turn(message))
            run._turns[-1].is_open = True
            run._end(message)
        else:
            run.take(message)
        self._is_open = not is_cut
        self._shown = run._turns[-1]
        last: Message = run._turns[-1].reply if run._over else message
        self._last = last
        return last

    async def _settle(self) -> None:
        """Reads what is left of a message that is being streamed, and goes on from a compaction."""
        helper, self._helper = self._helper, None
        if helper is not None:
            message = await self._asked(helper.get_final_message())
            await self._asked(helper.close())
            self._took(message)
        if self._compacting:
            self._begin_anew(self._last_compaction)

    async def _called(self) -> None:
        """Runs the calls of the last message."""
        run = self._run
        if self._is_open:
            self._is_open = False
            turn = run._turns[-1]
            done = self._eager.ended()
            rest = [step for step in turn.steps if step.id not in done]
            turn.steps[:] = [done.pop(step.id, step) for step in turn.steps]
            self._offer(rest)
        await self._rest_of_the_calls()

    def _offer(self, steps: list[ToolResult]) -> None:
        """Sorts calls, by the tools that there are now."""
        run = self._run
        gone = {*self._gone()}
        run._tools = {name: tool for name, tool in self._known.items() if name not in gone}
        for step in steps:
            if not find(step, run._tools):
                import warnings

                known = ", ".join(run._tools) or "none"
                text = f"the model called {step.name!r:.80}, which the tool runner has not: there are {known}"
                warnings.warn(text, UserWarning, stacklevel=2)
        run._open(steps)

    async def _rest_of_the_calls(self) -> None:
        run = self._run
        while run._ready or run._unasked or run._waiting or run._running:
            await run._step()

    async def _response(self) -> dict[str, Any] | None:
        if self._compacting:
            return None
        await self._settle()
        await self._called()
        turn: Turn | None = next(reversed(self._run._turns), None)
        if turn is None or not turn.steps:
            return None
        if self._told is None or self._told[0] is not turn:
            self._told = turn, self._run._dialect.results(turn.steps)[-1]
        return self._told[1]

    async def _rest(self) -> Message:
        try:
            while await self._next() is not None:
                pass
        finally:
            await self._run._closed()
        assert self._last is not None
        return self._last

    # The conversation

    def _say(self, said: Any) -> None:
        """Adds to the conversation, behind what there is of it."""
        if self._run._turns:
            self._run._turns[-1].add(said)
        else:
            self._run._begun.append(said)

    def append_messages(self, *messages: Any) -> None:
        """Has the conversation go on with these, behind what there is of it: dicts, or messages of the model's."""
        if self._compacting:
            raise ValueError(_COMPACTING)
        for message in messages:
            said: Any = message
            if not isinstance(message, Mapping):
                said = {"role": message.role, "content": message.content}
            self._say(said)

    def set_messages_params(self, params: Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
        """Other parameters for the requests to come: a dict, or a function of those there are. Its `messages` are the
        conversation before the message that you are at, which follows them with the results of its calls."""
        run = self._run
        shown = [turn for turn in run._turns if turn is self._shown]
        run._turns = [turn for turn in run._turns if turn is not self._shown]
        try:
            now = run._request()
        finally:
            before, run._turns = run._turns, [*run._turns, *shown]
        given = dict(params({**now, "messages": [*now["messages"]]}) if callable(params) else params)
        _check_compaction(given)
        messages = given.pop("messages", now["messages"])
        if self._compacting and messages != now["messages"]:
            raise ValueError(_COMPACTING)
        if self._compaction is not None or self._compacting:
            _check_edits(given)
        if messages != now["messages"] or not before:
            run._begun, run._turns = [*messages], shown
        run._params = {**given, "tools": given.get("tools", run._params.get("tools"))}

    # Tools that come and go

    def add_tools(self, *tools: Any) -> None:
        """Gives the model more tools from its next turn on, without a change of `tools`, which would cost it its cache:
        functions, or dicts in the API's form, which are not run here. One takes the place of another of its name, also
        for what the model has called already."""
        for tool in tools_of(tools):
            (definition,) = wired([tool], "messages")
            name = str(part(definition, "name"))
            self._known = {one: known for one, known in self._known.items() if one != name}
            if isinstance(tool, Tool):
                self._known[name] = tool
            self._changed[name] = True
            told = {"type": "tool_definition", "definition": {**definition}}
            self._changes.append({"type": "tool_addition", "tool": told})

    def remove_tools(self, *tools: Any) -> None:
        """Takes tools away from the model, by name or as they were given: what it calls all the same is an error that
        it is told. In the conversation, so that its cache stays."""
        for tool in tools:
            name = tool if isinstance(tool, str) else str(part(wired([tool], "messages")[0], "name"))
            self._changed[name] = False
            self._changes.append({"type": "tool_removal", "tool": {"type": "tool_reference", "name": name}})

    def _gone(self) -> list[str]:
        """The tools that were taken away: by the conversation, and by what was said here."""
        there: dict[str, bool] = {}
        for message in self._run.history:
            blocks = part(message, "content")
            blocks = [] if isinstance(blocks, str) else items(blocks)
            if part(message, "role") == "assistant":
                found: list[Any] = [items(part(one, "tool_changes")) for one in blocks]
                blocks = [change for changes in found for change in changes]
            for block in blocks:
                if (kind := part(block, "type")) in ("tool_addition", "tool_removal"):
                    tool = part(block, "tool")
                    there[str(part(tool, "name") or part(part(tool, "definition"), "name"))] = kind == "tool_addition"
        return [name for name, is_there in {**there, **self._changed}.items() if not is_there]

    # A shorter conversation

    def compact_before_next_turn(self, compaction: Mapping[str, Any] | None = None) -> None:
        """Has the service put the conversation shorter before the model's next turn, in the middle of a run or behind
        its end: what it answers is a message too, with `stop_reason == "compaction"`, and takes the place of all before
        it. `compaction` says how ({"type": "summarize"}). Takes `betas=["compact-2026-09-04"]`."""
        if not self._compacting:
            _check_edits(self._run._params)
            self._compaction = {"type": "summarize"} if compaction is None else compaction

    async def _compacted(self) -> Any:
        """Asks for it."""
        config, self._compaction = self._compaction, None
        run = self._run
        if run._turns and run._turns[-1].is_open:
            import logging

            text = "the conversation is not compacted: it ends with calls of tools that have no results"
            logging.getLogger("wenwen").warning(text)
            return None
        _check_edits(run._params)
        self._compacting = True
        return await self._sent(_for_compaction(run._request(), config))

    def _begin_anew(self, message: Any) -> None:
        """Goes on from a compaction, if it is one."""
        self._compacting = False
        content = message.get("content")
        if any(part(one, "type") == "compaction" and part(one, "content") for one in items(content)):
            # A tool that the conversation took away stays so.
            self._changed.update(dict.fromkeys(self._gone(), False))
            self._run._begun, self._run._turns = [{"role": "assistant", "content": content}], []
            self._last = message
        else:
            import logging

            logging.getLogger("wenwen").warning("a compaction has no summary: the conversation stays as it is")

    # Calls while the message still comes

    def defer_tool_call(self, call: ToolUseBlock | str) -> None:
        """With `run_tools_eagerly`: has a call of this message, its block or id, wait until you are done with the
        message. Say so before you read on behind its block."""
        self._eager.hold(call if isinstance(call, str) else call.id)

    @property
    def deferred_tool_calls(self) -> list[ToolUseBlock]:
        """What `defer_tool_call` has wait, as far as their blocks are whole: leave the loop and they do not run."""
        return self._eager.held()

    # How it waits

    async def _asked(self, value: Any) -> Any:
        return value

    async def _opened(self, helper: Any) -> Any:
        return helper.__enter__()


class _Eager:
    """The calls of a message that run while it still comes, in place of its stream: a call is whole once the model has
    gone on to something else, for what is cut off ends its last block too. It runs when the next event is asked for, so
    that whoever saw the one before it could have it wait."""

    def __init__(self, runner: Any) -> None:
        self._runner = runner
        self.done: dict[str, ToolResult] = {}
        self._is_done: set[str] = set()
        self.begin(None)

    def begin(self, stream: Any) -> _Eager:
        self._stream = stream
        self._whole: list[Any] = []
        self._held: set[str] = set()
        self._closed: Any = None  # a call whose block has ended
        self._due: Any = None
        self._is_other = False  # another model goes on: what was called last may be cut off
        return self

    def hold(self, id: str) -> None:
        if id not in self._is_done:
            self._held.add(id)

    def held(self) -> list[Any]:
        return [block for block in self._whole if block.id in self._held and block.id not in self._is_done]

    def ended(self) -> dict[str, ToolResult]:
        """What has run, by the id of its call: the rest runs now."""
        self._whole = []
        return self.done

    def _seen(self, event: Any) -> None:
        kind = part(event, "type")
        block = part(event, "content_block")
        if kind == "content_block_stop" and part(block, "type") == "tool_use":
            self._whole.append(block)
            self._closed = None if self._is_other else block
        elif kind == "content_block_start" and part(block, "type") == "fallback":
            self._is_other, self._closed = True, None
        elif kind == "content_block_start" or part(part(event, "delta"), "stop_reason") == "tool_use":
            self._due, self._closed = self._closed, None

    async def _ran(self) -> None:
        block, self._due = self._due, None
        if block is None or block.id in self._held:
            return
        runner = self._runner
        turn = turn_of(runner._run._dialect, {"content": [block]}, len(runner._run._turns))
        if find(turn.steps[0], runner._run._tools):  # what there is not is told with the rest
            self._is_done.add(block.id)
            runner._offer(turn.steps)
            await runner._rest_of_the_calls()
            self.done[block.id] = turn.steps[0]

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        event = next(self._stream)  # first: once it fails nothing runs
        _at_once(self._ran())
        self._seen(event)
        return event

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> Any:
        event = await self._stream.__anext__()
        await self._ran()
        self._seen(event)
        return event

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _check_compaction(params: Mapping[str, Any]) -> None:
    if params.get("compaction") is not None:
        raise ValueError(
            "compaction would have each request of a tool runner compact: compact_before_next_turn() says when"
        )


def _check_edits(params: Mapping[str, Any]) -> None:
    edits = part(params.get("context_management"), "edits")
    if any(str(part(edit, "type")).startswith("compact_") for edit in items(edits)):
        raise ValueError(
            "context_management has a compaction of its own, which cannot stand beside compact_before_next_turn(): "
            "leave one of them out"
        )


def _for_compaction(request: dict[str, Any], config: Any) -> dict[str, Any]:
    """The request without what shapes an answer, which there is none of."""
    asked = {name: value for name, value in request.items() if name not in ("context_management", "stop_sequences")}
    if part(asked.get("tool_choice"), "type") in ("any", "tool"):
        del asked["tool_choice"]
    if asked.get("output_config"):
        asked["output_config"] = _unformatted(asked["output_config"])
    if isinstance(asked.get("fallbacks"), list):
        asked["fallbacks"] = [
            {**one, "output_config": _unformatted(one["output_config"])} if one.get("output_config") else one
            for one in asked["fallbacks"]
        ]
    return {**asked, "compaction": config}


def _unformatted(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name != "format"}


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
