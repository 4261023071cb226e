"""The replies of a run and their calls: which tool is meant, which arguments, and how a turn is written."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from ._core import dumps
from ._dialects import Dialect, Sent, arguments_in
from ._dialects import summed as summed
from ._signature import ArgumentsError
from ._tools import Tool
from .types.tools import ToolResult

# What some models put before a function's name.
_WRAPPERS = ("functions.", "functions:", "default_api.", "default_api:", "tools.")


def find(step: ToolResult, names: Collection[str]) -> bool:
    """Finds the tool that is meant: by its name, or without what a model wraps it in."""
    own = step.name.rpartition(".")
    # What a search of tools found has its own name as its namespace.
    for name in (step.called, step.name, *([own[2]] if own[0] == own[2] else [])):
        for candidate in (name, *(name.removeprefix(one) for one in _WRAPPERS if name.startswith(one))):
            if candidate in names:
                step.name = candidate
                return True
    return False


def unknown(step: ToolResult, names: Collection[str]) -> LookupError:
    """For the model: there is no such tool, and which there are."""
    near = get_close_matches(step.name, names, 3)
    there = ", ".join(near or list(names)[:20]) or "none"
    return LookupError(f"there is no tool {step.called!r:.80}: {'did you mean' if near else 'there are'} {there}")


def unfit(step: ToolResult, tool: Tool[..., Any]) -> ArgumentsError | None:
    """Reads the arguments; what is wrong with them, for the model."""
    try:
        step.parsed_arguments = tool.parse(arguments_in(step.raw))
    except ArgumentsError as error:
        return error
    except ValueError as error:
        schema = dumps(tool.parameters)
        return ArgumentsError(
            f"the arguments are no JSON object: {error}. They must follow this schema: {schema:.2000}"
        )
    return None


class Turn:
    """A reply of a run, and its calls."""

    def __init__(self, reply: Any, steps: Iterable[ToolResult] = (), places: Sequence[int] = ()) -> None:
        self.reply = reply
        self.steps = list(steps)
        self._places = places
        self._written: list[Any] | None = None
        self._added: list[Any] = []
        self.is_open = False

    def open(self) -> None:
        """Leaves the calls to the caller: until they have results, the turn is no part of the conversation."""
        self.steps, self._written, self.is_open = [], [], True

    def add(self, item: Any) -> None:
        """Something to be said behind it."""
        self._added.append(item)

    def written(self, dialect: Dialect) -> list[Any]:
        """The turn as a part of the conversation: each call with one result."""
        if self._written is not None:
            return self._written
        sent = {at: Sent(step.id, step.arguments or {}) for at, step in zip(self._places, self.steps, strict=True)}
        results = dialect.results(self.steps) if self.steps else []
        return [*dialect.echo(self.reply, sent), *results, *self._added]

    def keep(self, dialect: Dialect) -> None:
        """Writes it once for all requests to come: its calls have their results."""
        self._written = self.written(dialect)


def turn_of(dialect: Dialect, reply: Any, number: int) -> Turn:
    """A reply with a step for each of its calls; ids that are missing, or there twice, are made."""
    found = dialect.calls(reply)
    steps: list[ToolResult] = []
    seen: set[str] = set()
    for one in found:
        has_id = isinstance(one.id, str) and bool(one.id) and one.id not in seen
        step = ToolResult(str(one.id) if has_id else f"call_{secrets.token_hex(12)}", one.name, one.raw, number, has_id)
        seen.add(step.id)
        step.parsed_arguments = getattr(one.holder, "_parsed_arguments", None)
        try:
            step.arguments = arguments_in(one.raw)
        except ValueError:
            step.arguments = None
        steps.append(step)
    return Turn(reply, steps, [one.at for one in found])


def read_calls(dialect: Dialect, reply: Any, tools: dict[str, Tool[..., Any]]) -> None:
    """Gives the calls of a reply their `parsed_arguments`, where there is a tool for them and they fit."""
    for one in dialect.all_calls(reply):
        step = ToolResult(str(one.id), one.name, one.raw)
        if find(step, tools) and unfit(step, tools[step.name]) is None:
            one.holder._parsed_arguments = step.parsed_arguments
            reply._called = True
