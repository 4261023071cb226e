"""What is known of the calls of a run of tools, and of the run itself: plain data, which pickles."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any, Generic, Literal, TypeVar

from ._core import dumps
from ._dialects import Dialect, Found, Sent, arguments_in
from ._results import Picture
from ._signature import ArgumentsError
from ._tools import Tool

R = TypeVar("R")

_INTERRUPTED = "This call was interrupted before it had a result. It may have taken effect."
# What some models put around a function's name.
_WRAPPERS = ("functions.", "functions:", "default_api.", "default_api:", "tools.")


class ToolCall:
    """A call of a tool that the model asks for.

    id: the call's, as in the history. name: the tool's. arguments: as the model wrote them, an object; None where they
    are none. parsed_arguments: as the function's types, by name, without what was left out; of a class's tool an
    instance; None where they do not fit. turn: in which reply of the run, from 0.
    """

    def __init__(self, found: Found, turn: int, id: str) -> None:
        self.id = id
        self.has_id = found.id == id
        self.called = found.name
        self.name = found.name.partition("<|")[0]
        self.turn = turn
        self.raw = found.raw
        self.arguments: dict[str, Any] | None = None
        self.parsed_arguments: Any = None
        self.problem: str | None = None
        try:
            self.arguments = arguments_in(found.raw)
        except ValueError as error:
            self.problem = f"the arguments are no JSON object: {error}"

    def is_among(self, names: Collection[str]) -> bool:
        """Finds the tool that is meant: by its name, or without what a model wraps it in. Else that is the problem."""
        for name in (self.called, self.name):
            for candidate in (name, *(name.removeprefix(one) for one in _WRAPPERS if name.startswith(one))):
                if candidate in names:
                    self.name = candidate
                    return True
        near = get_close_matches(self.name, names, 3)
        there = ", ".join(near or list(names)[:20]) or "none"
        self.problem = f"there is no tool {self.called!r:.80}: " + ("did you mean " if near else "there are ") + there
        return False

    def parse(self, tool: Tool[..., Any]) -> Exception | None:
        """Reads the arguments; what is wrong with them becomes the problem."""
        if self.arguments is None:
            self.problem = f"{self.problem}. They must follow this schema: {dumps(tool.parameters):.2000}"
            return ArgumentsError(self.problem)
        try:
            self.parsed_arguments = tool.parse(self.arguments)
        except ArgumentsError as error:
            self.problem = str(error)
            return error
        return None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}({self.arguments if self.arguments is not None else self.raw!r})>"


class ToolResult(ToolCall):
    """A call of a tool and what came of it; among the events of a run that is streamed, each when it is there.

    status: "done"; "failed": the function raised, or the call was none that could be made; "refused" by `before_tool`;
    "timeout"; "interrupted": the run ended before it; "skipped": it never began.
    result: what the function returned. output: what the model is told, texts and pictures; text: the texts.
    error: the exception. seconds: how long it took.
    """

    type: Literal["tool_result"] = "tool_result"

    def __init__(self, found: Found, turn: int, id: str) -> None:
        super().__init__(found, turn, id)
        self.status: Literal["done", "failed", "refused", "timeout", "interrupted", "skipped"] = "interrupted"
        self.result: Any = None
        self.output: list[str | Picture] = [_INTERRUPTED]
        self.error: BaseException | None = None
        self.seconds = 0.0

    @property
    def is_error(self) -> bool:
        """Whether the model is told that it failed."""
        return self.status != "done"

    @property
    def text(self) -> str:
        """The texts of what the model is told."""
        told = "\n".join(one for one in self.output if isinstance(one, str))
        return f"Error: {told}" if self.is_error else told

    def end(self, status: Any, text: str, error: BaseException | None = None) -> None:
        """Of a call without a result."""
        self.status, self.output, self.error = status, [text], error

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]} {self.status}>"

    def __getstate__(self) -> dict[str, Any]:
        """Without what does not pickle of what is the function's own: the rest is worth more."""
        import pickle

        state = dict(self.__dict__)
        for name in ("parsed_arguments", "result", "error"):
            try:
                pickle.dumps(state[name])
            except Exception:
                state[name] = None
        return state


class Turn:
    """A reply of a run, and its calls."""

    def __init__(self, reply: Any, steps: Sequence[ToolResult], places: Sequence[int]) -> None:
        self.reply = reply
        self.steps = steps
        self.places = places
        self._is_open = False
        self._kept: list[Any] | None = None

    def open(self) -> None:
        """Leaves the calls to the caller: until they have results, the turn is no part of a conversation."""
        self.steps, self.places, self._is_open = (), (), True

    def written(self, dialect: Dialect) -> list[Any]:
        """The turn as a part of the conversation: each call with one result."""
        if self._is_open:
            return []
        if self._kept is not None:
            return self._kept
        sent = {at: Sent(step.id, step.arguments or {}) for at, step in zip(self.places, self.steps, strict=True)}
        return dialect.echo(self.reply, sent) + (dialect.results(self.steps) if self.steps else [])

    def keep(self, dialect: Dialect) -> None:
        """Writes it once for all requests to come: its calls have their results."""
        self._kept = self.written(dialect)


def turn_of(dialect: Dialect, reply: Any, number: int) -> Turn:
    """A reply with a step for each of its calls; ids that are missing or there twice are made."""
    found = dialect.calls(reply)
    steps: list[ToolResult] = []
    for one in found:
        seen = {step.id for step in steps}
        good = isinstance(one.id, str) and one.id and one.id not in seen
        steps.append(ToolResult(one, number, str(one.id) if good else f"call_{secrets.token_hex(12)}"))
    return Turn(reply, steps, [one.at for one in found])


class Run(Generic[R]):
    """Everything of a run of tools so far.

    steps: its calls with their results. turns: the replies, each as it came. usage: of all of them, in the API's form.
    history: the conversation, with a result for each call.
    """

    def __init__(self, steps: list[ToolResult], turns: list[R], usage: Any, history: list[Any]) -> None:
        self.steps = steps
        self.turns = turns
        self.usage = usage
        self.history = history

    def __repr__(self) -> str:
        return f"<Run of {len(self.turns)} turns, {len(self.steps)} calls of tools>"


def summed(first: Any, second: Any) -> Any:
    """Two usages as one: numbers add up, what is no number is the later one's."""
    if hasattr(first, "keys") and hasattr(second, "keys"):
        return {name: summed(first.get(name), second.get(name)) for name in dict.fromkeys([*first, *second])}
    if first is None or second is None:
        return second if first is None else first
    numbers = isinstance(first, (int, float)) and isinstance(second, (int, float))
    return first + second if numbers and not isinstance(first, bool) else second
