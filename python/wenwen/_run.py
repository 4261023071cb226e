"""Runs of tools: a model is asked, what it calls is called, and it is told the results, until it answers.

`_Run` knows the order of things, the limits, the history and what each reply means. `ToolRun` here and `AsyncToolRun`
say how one asks, starts a call and waits; nothing of the former's suspends, so that each of its reads is over at once.
Neither is a generator: a read that a timeout or Ctrl-C ended goes on where it was. Whatever ends a run, each call has
exactly one result, since a step is made with its call and results are written from the steps.
"""

from __future__ import annotations

import contextvars
import copy
import inspect
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar

from ._core import hide_in
from ._dialects import DIALECTS, Dialect
from ._errors import IncompleteTurnError, MaxTurnsError, ToolError, ToolFailedError
from ._results import of_blocks, parts
from ._shown import Shows
from ._steps import Turn, find, read_calls, summed, turn_of, unfit, unknown
from ._tools import Tool, named, tools_of, wired
from .resources._base import Reading
from .types.shared import part
from .types.tools import Picture, Run, RunOptions, ToolResult

if TYPE_CHECKING:
    from types import TracebackType

E = TypeVar("E")  # the events
R = TypeVar("R")  # the whole reply

_OVER: Any = object()
_AT_ONCE = 16
_INTERRUPTED = "This call was interrupted before it had a result. It may have taken effect."


class Outcome(NamedTuple):
    """What came of a call, wherever it ran."""

    value: Any = None
    output: list[str | Picture] | None = None
    error: BaseException | None = None
    unwritable: bool = False  # the error is of what was returned
    seconds: float = 0.0


def called(tool: Tool[..., Any], step: ToolResult, context: Mapping[str, Any], most: int) -> Outcome | Any:
    """What came of a call; or what is to be awaited first."""
    began = time.perf_counter()
    try:
        value: Any = tool.call_with(step.parsed_arguments, context)
        if inspect.isawaitable(value) or _has(value, "__anext__"):
            return value
        if _has(value, "__next__"):  # a generator: what it does is the function's doing
            value = [*value]
    except BaseException as error:
        return Outcome(error=error, seconds=time.perf_counter() - began)
    return _outcome(value, most, began)


def _has(value: object, method: str) -> bool:
    return hasattr(type(value), method)


async def awaited(value: Any, most: int, began: float) -> Outcome:
    """What came of a call, once it has been awaited."""
    try:
        found = [one async for one in value] if _has(value, "__anext__") else await value
    except BaseException as error:
        return Outcome(error=error, seconds=time.perf_counter() - began)
    return _outcome(found, most, began)


def _outcome(value: Any, most: int, began: float) -> Outcome:
    """Of a function that has returned."""
    try:
        return Outcome(value, parts(value, most), seconds=time.perf_counter() - began)
    except Exception as error:
        return Outcome(value, error=error, unwritable=True, seconds=time.perf_counter() - began)


class _Run(Generic[E, R]):
    """The core of a run. See `RunOptions` for the options."""

    def __init__(
        self,
        ask: Callable[..., Any] | None,
        streams: bool,
        kind: str,
        params: dict[str, Any],
        *,
        max_turns: int = 16,
        budget: int | None = None,
        before_tool: Callable[[ToolResult], Any] | None = None,
        on_error: Any = "tell",
        parallel: bool | int = True,
        tool_timeout: float | None = None,
        context: Mapping[str, Any] | None = None,
        max_result: int = 100_000,
        reset_tool_choice: bool = True,
        output: Any = None,
        retries: int = 0,
    ) -> None:
        _check(max_turns, budget, before_tool, on_error, parallel, tool_timeout, context, max_result)
        self._ask: Any = ask
        self._streams = streams
        self._stream: Any = None
        self._dialect: Dialect = DIALECTS[kind]
        self._max_turns = max_turns
        self._budget = budget
        self._before = before_tool
        self._on_error = on_error
        self._most_at_once = _AT_ONCE if parallel is True else max(1, parallel)
        self._timeout = tool_timeout
        self._context = dict(context or {})
        self._max_result = max_result
        self._resets = reset_tool_choice
        self._output = output  # an Output, of `_output.py`
        self._retries = retries
        self._tries: list[Any] = []
        found = tools_of(params.pop("tools", None) or ())
        self._tools: dict[str, Tool[..., Any]] = dict(named(found, kind))
        # Functions of the caller's own that have no body here: a run hands over where one is called.
        self._foreign = {
            name for one in found if not isinstance(one, Tool) for name in self._dialect.function_names(one)
        }
        self._foreign |= {name for name, one in self._tools.items() if one.function is None}
        for one in self._tools.values():
            for name, needed in one.injected.items():
                if needed and name not in self._context:
                    raise TypeError(
                        f"the tool {one.name} is to be given {name!r} by its caller: context={{{name!r}: ...}}"
                    )
        if found:
            params["tools"] = wired(found, kind)
        self._params = params
        self._begun: list[Any] = []
        self._usage: Any = None
        self._turns: list[Turn] = []
        self._unasked: deque[ToolResult] = deque()  # before_tool has not been asked
        self._waiting: deque[ToolResult] = deque()
        self._running: dict[ToolResult, float | None] = {}  # and when it is given up
        self._ready: deque[ToolResult] = deque()
        self._over = self._by_hand = False
        self._holds = False  # whether somebody looks at a reply before its calls are sorted
        self._final: R | None = None

    def begin(self) -> Self:
        """Takes the conversation from the parameters."""
        name = self._dialect.history
        if name not in self._params:
            raise TypeError(f"run() misses its required keyword argument '{name}'")
        self._begun = self._dialect.begin(self._params)
        return self

    # The order of things

    async def _step(self) -> Any:
        """The next that there is to see: an event, a result, or `_OVER`."""
        try:
            return await self._next()
        except BaseException as error:
            self._attach(error)
            if isinstance(error, Exception):
                await self._closed()
            if isinstance(error, StopAsyncIteration):  # of a function of the caller's; Python turns a StopIteration
                raise RuntimeError("a function of the run raised StopAsyncIteration") from error
            raise

    async def _next(self) -> Any:
        while True:
            if self._ready:
                return self._ready.popleft()
            if self._over:
                return _OVER
            # Whoever waits here may find it closed: by another thread, another task, or a function of the run.
            if self._unasked:
                step = self._unasked[0]
                decision = await self._asked_before(step)
                if not self._over:
                    self._decide(step, decision)
            elif self._waiting or self._running:
                found = await self._one()
                if found is not None:
                    return found
            elif self._by_hand:
                self._over = True
            elif (stream := self._stream) is not None:
                event = await self._event()
                if event is not _OVER:
                    return event
                if not self._over:
                    self._stream = None
                    self.take(stream._reply())
            elif self._streams:
                self._stream = await self._asked({**self._request(), "stream": True})
                if self._over:
                    await self._closed()
            else:
                self.take(await self._asked(self._request()))

    async def _one(self) -> ToolResult | None:
        """Waits for one more result; None once the run is closed."""
        while not self._over:
            while self._waiting and len(self._running) < self._most_at_once and not self._over:
                # What is called here holds up all others: they begin before it, where they may run at once.
                others = self._waiting if self._most_at_once > 1 else ()
                step = next((one for one in others if not self._is_here(one)), self._waiting[0])
                limit, here = self._limit(step), self._is_here(step)
                self._waiting.remove(step)
                self._running[step] = None if limit is None else time.monotonic() + limit
                self._tell(step, "interrupted", _INTERRUPTED)  # unless there comes a result
                self._start(step, here)
            until = min((end for end in self._running.values() if end is not None), default=None)
            came = await self._result(until)
            if self._over:
                break
            if came is None:
                step = next(one for one, end in self._running.items() if end == until)
                self._give_up(step)
                return self._expire(step, self._limit(step) or 0.0)
            step = came[0]
            if step in self._running:  # and was not given up
                del self._running[step]
                return self._settle(*came)
        return None

    def _give_up(self, step: ToolResult) -> None:
        """Waits for a call no longer."""
        del self._running[step]

    # How it waits

    async def _asked(self, request: dict[str, Any]) -> Any:
        """The model's reply, or the stream of it."""
        raise NotImplementedError

    async def _event(self) -> Any:
        """The stream's next, or `_OVER`."""
        raise NotImplementedError

    async def _asked_before(self, step: ToolResult) -> Any:
        """What `before_tool` says."""
        raise NotImplementedError

    def _is_here(self, step: ToolResult) -> bool:
        """Whether a call holds up whoever starts it."""
        return False

    def _start(self, step: ToolResult, here: bool) -> None:
        raise NotImplementedError

    async def _result(self, until: float | None) -> tuple[ToolResult, Outcome] | None:
        """A call that is over, and what came of it; None if there is none by then, or the run is closed."""
        raise NotImplementedError

    async def _closed(self) -> None:
        raise NotImplementedError

    # What there is so far

    @property
    def steps(self) -> list[ToolResult]:
        """The calls of tools so far, with their results."""
        return [step for turn in self._turns for step in turn.steps]

    @property
    def turns(self) -> list[R]:
        """The replies so far, each as it came."""
        return [turn.reply for turn in self._turns]

    @property
    def usage(self) -> Any:
        """The usage of all turns so far, as a dict in the API's form; None without one."""
        return self._usage

    @property
    def history(self) -> list[Any]:
        """The conversation so far, with a result for each call: a next request can go on from it."""
        return [*self._begun, *(one for turn in self._turns for one in turn.written(self._dialect))]

    @property
    def reply(self) -> R | None:
        """The answer, once it is there."""
        return self._final

    def state(self) -> Run[R]:
        """All of it, as plain data."""
        return Run(self.steps, self.turns, self.usage, self.history)

    def _attach(self, error: BaseException) -> None:
        """An exception that leaves a run has what there was of it."""
        try:
            error.run = self.state()  # type: ignore[attr-defined]
        except Exception:  # one that takes no attributes
            return

    # What a reply means

    def _request(self) -> dict[str, Any]:
        for turn in self._turns:
            turn.keep(self._dialect)
        params = {**self._params, self._dialect.history: self.history}
        if self._resets and any(turn.steps for turn in self._turns):
            params = self._dialect.released(params)
        return params

    def take(self, reply: R) -> None:
        """Goes on from a reply: with its calls, with the next request, or to the end."""
        dialect = self._dialect
        turn = turn_of(dialect, reply, len(self._turns))
        self._turns.append(turn)
        used = part(reply, dialect.usage)
        self._usage = summed(self._usage, used.to_dict() if hasattr(used, "to_dict") else used)
        names = {*self._tools, *self._foreign}
        calls = {step.name for step in turn.steps if find(step, names)}
        if calls:
            read_calls(dialect, reply, self._tools)
        if dialect.others(reply) or calls & self._foreign:
            # The caller's to do, who has the whole turn: half of it could not be sent.
            turn.open()
            return self._end(reply)
        if not turn.steps and not dialect.paused(reply):
            return self._end(reply)
        self._check_cut(turn)
        self._check_limits(turn)
        if not self._holds:
            self._open(turn.steps)

    def by_hand(self, reply: R) -> None:
        """Takes one reply's calls and no more."""
        turn = turn_of(self._dialect, reply, 0)
        self._turns.append(turn)
        self._check_cut(turn)
        names = {*self._tools, *self._foreign}
        others = {step.name for step in turn.steps if find(step, names)} & self._foreign
        if others or self._dialect.others(reply):
            named = ", ".join(others) or "something else than functions"
            raise ValueError(
                f"the reply calls {named}, which has no function here: its calls are yours to answer, all in one turn"
            )
        self._open(turn.steps)
        self._by_hand = True

    def _check_cut(self, turn: Turn) -> None:
        if turn.steps and (reason := self._dialect.cut(turn.reply)):
            self._skip(turn, f"the answer was cut short ({reason}), so that the call may not be whole")
            raise IncompleteTurnError(
                f"the model's calls of tools were cut short ({reason}): none of them has run", reason=reason
            )

    def _end(self, reply: Any) -> None:
        turn = self._turns[-1]
        turn.reply = copy.copy(reply)  # as it came: the answer's usage is that of all turns
        if len(self._turns) > 1 and self._usage is not None:
            reply[self._dialect.usage] = self._usage
        if self._output is not None and not turn.is_open and not self._fits(turn, reply):
            return
        reply._run = self.state()
        self._over, self._final = True, reply

    def _fits(self, turn: Turn, reply: Any) -> bool:
        """Makes the answer an instance of the class that was asked for; or has the model told what is wrong with it."""
        from ._answers import Try, asked_again, settle
        from ._errors import AnswerValidationError
        from .types._parsed import CLASSES

        reply.__class__ = CLASSES[self._dialect.name]
        try:
            settle(reply, self._output)
        except AnswerValidationError as error:
            used = part(turn.reply, self._dialect.usage)
            self._tries.append(Try(turn.reply, error.text, used, error.__cause__))
            error.tries = self._tries
            if self._retries <= 0 or len(self._turns) >= self._max_turns:
                raise
            self._retries -= 1
            turn.add(self._dialect.said(asked_again(error)))
            return False
        reply._tries = self._tries
        return True

    def _check_limits(self, turn: Turn) -> None:
        turns, used = len(self._turns), self._dialect.tokens(self.usage)
        if turns >= self._max_turns:
            limit, value = "max_turns", self._max_turns
        elif self._budget is not None and used >= self._budget:
            limit, value = "budget", self._budget
        else:
            return
        self._skip(turn, "the run has reached its limit")
        raise MaxTurnsError(f"no answer within {limit}={value}: {turns} turns, {used} tokens", limit=limit)

    def _skip(self, turn: Turn, why: str) -> None:
        for step in turn.steps:
            self._tell(step, "skipped", f"Not run: {why}.")

    def _open(self, steps: Iterable[ToolResult]) -> None:
        """Sorts a turn's calls: those that cannot be made have their result already."""
        for step in steps:
            tool = self._tools.get(step.name)
            error = unknown(step, self._tools) if tool is None else unfit(step, tool)
            if error is not None:
                self._fail(step, error, str(error))
                self._ready.append(step)
            else:
                (self._waiting if self._before is None else self._unasked).append(step)

    def _tool(self, step: ToolResult) -> Tool[..., Any]:
        return self._tools[step.name]

    def _limit(self, step: ToolResult) -> float | None:
        own = self._tool(step).timeout
        return self._timeout if own is None else own

    def _decide(self, step: ToolResult, decision: Any) -> None:
        """What `before_tool` said of a call."""
        self._unasked.popleft()
        if decision is None or decision is True:
            self._waiting.append(step)
        elif decision is False or isinstance(decision, str):
            self._tell(step, "refused", decision or "This call was not allowed.")
            self._ready.append(step)
        elif isinstance(decision, Mapping):
            step.arguments = {**decision}
            step.parsed_arguments = self._tool(step).parse(step.arguments)
            self._waiting.append(step)
        else:
            if inspect.iscoroutine(decision):
                decision.close()
            raise TypeError(
                f"before_tool returned {decision!r:.80}: give True, False, a text that says why not, or other arguments"
            )

    def _settle(self, step: ToolResult, came: Outcome) -> ToolResult:
        """What came of a call."""
        step.result, step.seconds = came.value, came.seconds
        if came.error is None:
            step.status, step.output = "done", came.output or []
        elif came.unwritable:
            self._tell(step, "failed", "The function returned what cannot be told.", came.error)
            raise ToolFailedError(f"{step.name}: {came.error}", step=step) from came.error
        elif _is_told(came.error):
            self._fail(step, came.error, of_blocks(_content(came.error)) or str(came.error) or "The function failed.")
        elif isinstance(came.error, Exception) or type(came.error).__name__ == "CancelledError":
            self._fail(step, came.error, f"The function failed ({type(came.error).__name__}).")
        else:  # Ctrl-C, SystemExit: not the model's affair
            self._tell(step, "failed", "The function failed.", came.error)
            raise came.error
        return step

    def _expire(self, step: ToolResult, limit: float) -> ToolResult:
        text = f"no result within {limit:g} s. The call was given up, and may have taken effect"
        step.seconds = limit
        self._fail(step, TimeoutError(f"{step.name}: {text}"), text[0].upper() + text[1:] + ".", "timeout")
        return step

    def _fail(self, step: ToolResult, error: BaseException, text: Any, status: str = "failed") -> None:
        self._tell(step, status, text, error)
        if _logs():
            _log(step, error)
        if self._on_error == "raise":
            raise ToolFailedError(f"{step.name}: {text if isinstance(text, str) else step.text}", step=step) from error
        if callable(self._on_error):
            told = self._on_error(step)
            if not isinstance(told, str):
                raise TypeError(f"on_error returned {told!r:.80}: give the text that the model is told")
            step.output = parts(told, self._max_result)

    def _tell(self, step: ToolResult, status: Any, text: Any, error: BaseException | None = None) -> None:
        """Of a call without a result."""
        step.status, step.output, step.error = status, parts(text, self._max_result), error


def _is_told(error: BaseException) -> bool:
    """Whether the model is told what it says: a ToolError, ours or Anthropic's, whose own tools raise that."""
    return isinstance(error, ToolError) or any(
        kind.__name__ == "ToolError" and kind.__module__.startswith("anthropic.") for kind in type(error).__mro__
    )


def _content(error: BaseException) -> Any:
    return error.args[0] if isinstance(error, ToolError) and error.args else getattr(error, "content", None)


def _logs() -> bool:
    import sys

    return "logging" in sys.modules


def _log(step: ToolResult, error: BaseException) -> None:
    import logging

    logging.getLogger("wenwen").info("the tool %s failed", step.name, exc_info=error)


def _check(
    max_turns: object,
    budget: object,
    before_tool: object,
    on_error: object,
    parallel: object,
    tool_timeout: object,
    context: object,
    max_result: object,
) -> None:
    for name, value, none in (
        ("max_turns", max_turns, False),
        ("budget", budget, True),
        ("max_result", max_result, False),
        ("parallel", parallel, False),
        ("tool_timeout", tool_timeout, True),
    ):
        if (value is None and none) or (name == "parallel" and isinstance(value, bool)):
            continue
        kinds = (int, float) if name == "tool_timeout" else int
        if isinstance(value, bool) or not isinstance(value, kinds) or not value > 0:
            raise ValueError(f"{name} is {value!r}: give a number above 0")
    if not (before_tool is None or callable(before_tool)):
        raise TypeError(f"before_tool is {before_tool!r}: give a function that takes the call")
    if on_error not in ("tell", "raise") and not callable(on_error):
        raise ValueError(f'on_error is {on_error!r}: give "tell", "raise", or a function that takes the failed call')
    if not (context is None or isinstance(context, Mapping)):
        raise TypeError(f"context is {context!r:.80}: give a dict, the values by the parameters' names")


class ToolRun(Shows, _Run[E, R], Reading):
    """A run of tools as it goes on: iterate over it for the events of all turns, and a `ToolResult` for each call when
    it is there. `reply` is the answer afterwards; `steps`, `usage` and `history` are there at any time. Leaving a
    `with` block, or `close()`, ends it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._done: queue.SimpleQueue[tuple[ToolResult, Outcome] | None] = queue.SimpleQueue()

    def __next__(self) -> E | ToolResult:
        found = _at_once(self._step())
        if found is _OVER:
            raise StopIteration
        return found  # type: ignore[no-any-return]

    async def _asked(self, request: dict[str, Any]) -> Any:
        return self._ask(**request)

    async def _event(self) -> Any:
        return next(self._stream, _OVER)

    async def _asked_before(self, step: ToolResult) -> Any:
        return self._before(step)  # type: ignore[misc]

    def _is_here(self, step: ToolResult) -> bool:
        tool = self._tool(step)
        alone = self._most_at_once == 1 or (len(self._waiting) == 1 and not self._running)
        return not tool.thread or (alone and not tool.is_async and self._limit(step) is None)

    def _start(self, step: ToolResult, here: bool) -> None:
        if here:
            self._done.put((step, self._called(step)))
            return
        work = contextvars.copy_context().run, self._called, step, self._done
        # Not one of a pool, whose threads the program waits for at its end: what hangs, hangs alone.
        threading.Thread(target=_worked, args=work, name=f"wenwen-{step.name}", daemon=True).start()

    def _called(self, step: ToolResult) -> Outcome:
        began = time.perf_counter()
        came = called(self._tool(step), step, self._context, self._max_result)
        return came if isinstance(came, Outcome) else _in_a_loop(awaited(came, self._max_result, began))

    async def _result(self, until: float | None) -> tuple[ToolResult, Outcome] | None:
        while True:
            # Looked at each second: where a wait without end cannot be interrupted, Ctrl-C is heard.
            left = 1.0 if until is None else min(1.0, max(0.0, until - time.monotonic()))
            try:
                return self._done.get(timeout=left)
            except queue.Empty:
                if until is not None and time.monotonic() >= until:
                    return None

    async def _closed(self) -> None:
        self.close()

    def close(self) -> None:
        """Ends the run, whoever reads it. Functions that are at work in threads cannot be stopped; what they return is
        not awaited."""
        self._over = True
        self._done.put(None)  # wakes a reader
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def until_done(self) -> Self:
        """Reads to the end."""
        for _ in self:
            pass
        return self

    def answer(self) -> R:
        """Reads to the end, for the answer."""
        try:
            reply = self.until_done().reply
        except BaseException:
            self.close()
            raise
        assert reply is not None
        return reply

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _at_once(steps: Coroutine[Any, Any, Any]) -> Any:
    """The result of what never suspends."""
    try:
        steps.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a sync run has been suspended")


def _worked(
    run: Callable[..., Outcome], work: Callable[..., Outcome], step: ToolResult, done: queue.SimpleQueue[Any]
) -> None:
    done.put((step, run(work, step)))


def _in_a_loop(outcome: Coroutine[Any, Any, Outcome]) -> Outcome:
    """A coroutine's result, where nobody runs a loop: in a thread, each has its own."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(outcome)
    # In a notebook the caller's thread has a loop, which cannot run another.
    done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    run = contextvars.copy_context().run
    threading.Thread(target=lambda: done.put(run(asyncio.run, outcome)), daemon=True).start()
    while True:
        try:
            return done.get(timeout=1.0)  # see `_result`
        except queue.Empty:
            continue


def _split(kind: str, params: dict[str, Any]) -> dict[str, Any]:
    """Takes the options of a run out of the parameters, the class of the answer too, whose schema goes in there."""
    options = {name: params.pop(name) for name in RunOptions.__annotations__ if name in params}
    retries = params.pop("retries", 0)
    if type(retries) is not int or retries < 0:
        raise TypeError(f"retries is {retries!r}: give a number of times to ask again, 0 for none")
    keyword = _KEYWORDS[kind]
    is_format = isinstance(params.get(keyword), Mapping) and kind == "chat"  # the API's own
    if "output" not in params and (is_format or keyword not in params):
        return options
    from ._answers import chosen

    output, name = chosen(kind, params.pop("output", None), {} if is_format else params)
    if output is not None:
        params.update(DIALECTS[kind].asked(params, output, name))
    return {**options, "output": output, "retries": retries}


# As the peers' packages call the class of an answer.
_KEYWORDS = {
    "responses": "text_format",
    "chat": "response_format",
    "messages": "output_format",
    "gemini": "response_schema",
}


def started(kind: str, resource: Any, params: dict[str, Any]) -> Any:
    """`run` of a resource: the answer, or with `stream=True` the run."""
    hide_in(params)
    if resource._form != "parsed":
        raise TypeError(
            "run() has no raw form: it makes several calls. Each reply of `turns` has request_id and headers"
        )
    if params.pop("as_dict", False):
        raise TypeError("run() cannot take as_dict: reply.to_dict() makes a dict of its reply")
    streams = params.pop("stream", None) or False
    ask = getattr(resource, DIALECTS[kind].method)
    driver: Any = ToolRun
    if hasattr(resource, "_call"):
        from ._run_async import AsyncToolRun

        driver = AsyncToolRun
    run = driver(ask, streams, kind, params, **_split(kind, params)).begin()
    return run if streams else run.answer()


def by_hand(reply: Any, tools: Any, options: dict[str, Any], driver: Any = ToolRun) -> Any:
    """`run_tools` of a reply: what is still to be read to its end."""
    taken = [name for name in RunOptions.__annotations__ if name not in ("max_turns", "budget", "reset_tool_choice")]
    for name in options:
        if name not in taken:
            raise TypeError(f"run_tools() has no {name}: it runs the calls of one reply, and takes {', '.join(taken)}")
    run = driver(None, False, reply._dialect, {"tools": tools}, **options)
    try:
        run.by_hand(reply)
    except BaseException as error:
        run._attach(error)
        raise
    return run
