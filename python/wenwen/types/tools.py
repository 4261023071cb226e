"""Runs of tools, in all dialects: the calls and their results, and what `run` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypedDict, TypeVar

__all__ = ["Picture", "Run", "RunOptions", "ToolCall", "ToolFunction", "ToolResult", "Tools"]

R = TypeVar("R")

# A function that a model may call, or a `wenwen.tool`; it stands in `tools` beside dicts in the API's form.
ToolFunction: TypeAlias = Callable[..., Any]

# What a list of several functions is to mypy, once it stands in a variable.
Tools: TypeAlias = Iterable[object]


class Picture(NamedTuple):
    """A picture that a tool returned, as it is sent."""

    data: str  # base64
    media_type: str

    @property
    def url(self) -> str:
        """A data URI."""
        return f"data:{self.media_type};base64,{self.data}"


class ToolCall:
    """A call of a function that a model asks for, in all dialects in the same form.

    id: the call's, as in the history. name: the tool's, in a namespace `namespace.name`; called: as the model spelt it.
    arguments: an object, as the model wrote them; None where they are none. raw: as they came. parsed_arguments: as the
    function's types, by name, without what was left out (of the tool that a class is, an instance); None where nobody
    has looked, or they do not fit. turn: in which reply of a run, from 0.
    """

    def __init__(self, id: str, called: str, raw: Any, turn: int = 0, has_id: bool = True) -> None:
        self.id = id
        self.has_id = has_id  # the model gave it
        self.called = called
        self.name = called.partition("<|")[0]  # without the channel that some models append
        self.raw = raw
        self.arguments: dict[str, Any] | None = None
        self.parsed_arguments: Any = None
        self.turn = turn

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}({self.raw if self.arguments is None else self.arguments!r:.200})>"


class ToolResult(ToolCall):
    """A call of a tool and what came of it; among the events of a run that is streamed, each when it is there.

    status: "done"; "failed": the function raised, or it could not be called so; "refused" by `before_tool`; "timeout";
    "interrupted": the run ended meanwhile; "skipped": it never began.
    result: what the function returned. output: what the model is told, texts and pictures; text: the texts.
    error: the exception, of a call that failed. seconds: how long it took.
    """

    type: Literal["tool_result"] = "tool_result"

    def __init__(self, id: str, called: str, raw: Any, turn: int = 0, has_id: bool = True) -> None:
        super().__init__(id, called, raw, turn, has_id)
        self.status: Literal["done", "failed", "refused", "timeout", "interrupted", "skipped"] = "skipped"
        self.result: Any = None
        self.output: list[str | Picture] = ["Not run: the run ended before."]
        self.error: BaseException | None = None
        self.seconds = 0.0

    @property
    def is_error(self) -> bool:
        """Whether the model is told that there is no result."""
        return self.status != "done"

    @property
    def text(self) -> str:
        """The texts of what the model is told."""
        told = "\n".join(one for one in self.output if isinstance(one, str))
        return f"Error: {told}" if self.is_error else told

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]} {self.status}>"

    def __getstate__(self) -> dict[str, Any]:
        """Without those of the function's own values that do not pickle: the rest is worth more."""
        import pickle

        state = dict(self.__dict__)
        for name in ("parsed_arguments", "result", "error"):
            try:
                pickle.dumps(state[name])
            except Exception:
                state[name] = None
        return state


class Run(Generic[R]):
    """Everything of a run of tools so far.

    steps: its calls with their results. turns: the replies, each as it came. usage: of all of them, a dict in the API's
    form; None without one. history: the conversation, with a result for each call: a next request can go on from it.
    """

    def __init__(
        self, steps: list[ToolResult], turns: list[R], usage: dict[str, Any] | None, history: list[Any]
    ) -> None:
        self.steps = steps
        self.turns = turns
        self.usage = usage
        self.history = history

    def __repr__(self) -> str:
        return f"<Run: {len(self.turns)} turns, {len(self.steps)} calls of tools>"


class RunOptions(TypedDict, total=False):
    """What `run` takes beside the parameters of the call.

    max_turns: how often the model may be asked; default 16. If it then still calls tools, a MaxTurnsError has all of
        it.
    budget: tokens of all turns together, after which no tool runs and the model is not asked again, but with a
        MaxTurnsError; default none.
    before_tool: a function that is given each call (`ToolCall`) before it runs, and returns True or None to allow it,
        False or a text that says why not to refuse it, or a dict of other arguments. An async client's may be a
        coroutine function.
    on_error: what becomes of a call that fails: "tell" (the default) tells the model, of an exception its kind alone,
        of a `ToolError` the text; a function that is given the `ToolResult` returns the text; "raise" raises a
        ToolFailedError.
    parallel: how many calls of a reply may run at once: True (the default) for up to 16, False for one by one.
        Coroutine functions run on an async client's loop; plain functions in threads, but under a sync client in the
        caller's thread if they run alone.
    tool_timeout: seconds for each call, after which the model is told so; default none. A thread cannot be stopped: it
        is left alone.
    context: values of the parameters that are `Injected`, by their names.
    max_result: characters of a result that the model is told, the middle is left out beyond that; default 100 000.
    reset_tool_choice: whether a `tool_choice` that forces a call is for the first turn alone; default true.
    """

    max_turns: int
    budget: int | None
    before_tool: Callable[[ToolCall], Any] | None
    on_error: Literal["tell", "raise"] | Callable[[ToolResult], str]
    parallel: bool | int
    tool_timeout: float | None
    context: Mapping[str, Any] | None
    max_result: int
    reset_tool_choice: bool


def with_options(params: type) -> str:
    """The words for the parameters of a run, which are a call's and the options."""
    lead, _, own = (params.__doc__ or "").partition("\n\n")
    _, _, options = (RunOptions.__doc__ or "").partition("\n\n")
    return f"The parameters of `run`: {lead[0].lower()}{lead[1:]}\n\n{own.rstrip()}\n{options.rstrip()}\n"
