"""Functions as tools: what a model is told of them, and how it calls them."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cached_property, partial
from types import FunctionType, MethodType
from typing import Any, Generic, ParamSpec, TypeVar, cast, overload

from ._frames import frameless
from ._signature import Arguments, AsTheyCome, Injected, OfModel, Signature, arguments_of, name_of
from ._strict import mapped, strict_or_why, wire_name
from .types.shared import items, part

__all__ = ["Injected", "Tool", "beta_tool", "pydantic_function_tool", "tool", "tools_of", "wired"]

P = ParamSpec("P")
R = TypeVar("R")


@frameless
class Tool(Generic[P, R]):
    """A function that a model may call: what `tool` makes of one. Calling it calls the function.

    name, description: what the model is told. parameters: the JSON schema of what it may give. function: what is
    called; None for a tool that is only a schema. timeout: seconds; None for that of the run. thread: whether it may
    run in a thread.
    """

    _beside: Mapping[str, Any] = {}  # what `messages` alone knows of a tool
    _wire: Mapping[str, Any] | None = None  # its form there, of one that writes itself

    def __init__(
        self,
        function: Callable[P, R] | None,
        *,
        name: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        strict: bool | None = None,
        timeout: float | None = None,
        thread: bool = True,
        model: Any = None,
    ) -> None:
        self.function = function
        self.strict = strict
        self.timeout = timeout
        self.thread = thread
        self._given = (name, description, parameters, model)
        self._is_plain = False
        is_schema = function is None and (model is not None or parameters is not None)
        if isinstance(function, type) or not (callable(function) or is_schema):
            raise TypeError(_no_tool(function))
        if function is not None:
            self.__wrapped__ = function
            self.__doc__ = function.__doc__
            self.__module__ = getattr(function, "__module__", __name__)
        self.__name__ = name or name_of(model if function is None else function)
        if self.__name__ == "<lambda>":
            raise TypeError("a lambda has no name that would tell a model what it does: wenwen.tool(name=...)")
        self.name = wire_name(self.__name__)
        _check(timeout, parameters)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self.function is None:
            raise TypeError(f"the tool {self.name} is a schema without a function")
        return self.function(*args, **kwargs)

    def __get__(self, owner: object, cls: type | None = None) -> Tool[..., R]:
        """A tool within a class is a method, as its function would be."""
        if owner is None or not isinstance(self.function, FunctionType):
            return self
        name, description, parameters, _ = self._given
        return Tool(
            MethodType(self.function, owner),
            name=name,
            description=description,
            parameters=parameters,
            strict=self.strict,
            timeout=self.timeout,
            thread=self.thread,
        )

    def __getitem__(self, name: str) -> Any:
        """Of its form on the wire, which is all that openai's is: `tool["function"]["parameters"]`."""
        return self.to_dict("chat")[name]

    __iter__ = None

    def __repr__(self) -> str:
        return f"<Tool {self.name}>"

    @cached_property
    def _read(self) -> tuple[str | None, Signature | None, Arguments]:
        """The description, the function's signature, and its arguments: read when they are first needed, so that
        annotations may name what comes further down. Of a function that stands in a list itself they are kept with it:
        a schema takes a millisecond."""
        found = _known.get(self.function) if self._is_plain else None
        if found is None:
            found = self._read_now()
            if self._is_plain:
                _known[self.function] = found
        return found

    def _read_now(self) -> tuple[str | None, Signature | None, Arguments]:
        _, description, parameters, model = self._given
        if self.function is None and model is None:
            return description, None, AsTheyCome(parameters or {}, True)
        if self.function is None:
            doc = "" if model.__doc__ is None or model.__doc__.startswith(f"{model.__name__}(") else model.__doc__
            return description or inspect.cleandoc(doc) or None, None, OfModel(model)
        signature = Signature(self.function, _doc(self.function), typed=parameters is None)
        if parameters is not None:
            arguments: Arguments = AsTheyCome(parameters, signature.is_open)
        else:
            arguments = arguments_of(self.name, self.function, signature.parameters)
        return description or signature.about or None, signature, arguments

    @property
    def description(self) -> str | None:
        """What the model is told that it does; None without a docstring."""
        return self._read[0]

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        return self._read[2].schema

    input_schema = parameters  # anthropic's name

    @property
    def injected(self) -> dict[str, bool]:
        """The parameters that the caller gives, and whether they must be given."""
        signature = self._read[1]
        return signature.injected if signature else {}

    def parse(self, arguments: Mapping[str, Any]) -> Any:
        """A model's arguments as the function's types: a dict by name, without what was left out; of a model's class
        an instance. ValueError, with words for the model, where they do not fit."""
        _, signature, known = self._read
        hidden = signature.hidden if signature else ()
        return known.read({name: value for name, value in arguments.items() if name not in hidden})

    def call_with(self, parsed: Mapping[str, Any], context: Mapping[str, Any]) -> R:
        """Calls the function with what `parse` returned; the injected parameters come from `context`."""
        signature = self._read[1]
        assert signature is not None
        assert self.function is not None
        given: dict[str, Any] = {**parsed, **{name: context[name] for name in signature.injected if name in context}}
        first: list[Any] = []
        for name in signature.positional:
            if name not in given:
                break  # those behind it have defaults too
            first.append(given.pop(name))
        function: Callable[..., R] = self.function
        return function(*first, **given)

    def call(self, arguments: Mapping[str, Any]) -> R:
        """anthropic's name for: validate and call."""
        return self.call_with(self.parse(arguments), {})

    @property
    def is_async(self) -> bool:
        """Whether the function is a coroutine function. Others may return something to await all the same."""
        function: Any = self.function
        while isinstance(function, partial):
            function = function.func
        return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004

    def to_dict(self, dialect: str = "messages") -> dict[str, Any]:
        """What goes over the wire: of "messages", "responses", "chat" or "gemini"."""
        return dict(_WRITERS[dialect](self))


class ModelTool(dict[str, Any], Tool[..., Any]):  # type: ignore[misc]
    """A class as a tool that is only a schema, and the dict that goes out for it, in the form of "chat" or
    "responses"."""

    def __init__(self, model: Any, form: str, name: str | None, description: str | None) -> None:
        plain: Any = Tool
        plain.__init__(self, None, name=name, description=description, model=model)
        self._form = form
        self.update(plain.to_dict(self, form))
        self._made = deepcopy(self._inner)

    @property
    def _inner(self) -> dict[str, Any]:
        inner = self.get("function") if self._form == "chat" else self
        return cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}

    @property
    def name(self) -> str:
        """What the model is told that it is called."""
        return str(self._inner.get("name", self._name))

    @name.setter
    def name(self, name: str) -> None:
        self._name = name

    def to_dict(self, dialect: str = "messages") -> dict[str, Any]:
        """What goes over the wire, with what was changed in it."""
        plain: Any = Tool
        written: dict[str, Any] = deepcopy(plain.to_dict(self, dialect))
        place = written["function"] if dialect == "chat" else written
        inner, made = self._inner, self._made
        for name in dict.fromkeys([*made, *inner]):
            if inner.get(name) == made.get(name) or (name == "strict" and dialect == "gemini"):
                continue
            own = "input_schema" if name == "parameters" and dialect == "messages" else name
            place.pop(own, None)
            if name in inner:
                place[own] = inner[name]
        return written


def _check(timeout: object, parameters: object) -> None:
    if timeout is not None and not (isinstance(timeout, (int, float)) and timeout > 0):
        raise ValueError(f"timeout is {timeout!r}: give seconds, more than 0")
    if not (parameters is None or isinstance(parameters, Mapping)):
        raise TypeError(f"parameters is {parameters!r:.80}: give the JSON schema of the arguments, a dict")


def _doc(function: Any) -> str:
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, (FunctionType, MethodType)):
        return inspect.getdoc(function) or ""
    # An object that is called: its class says what it is, unless that is a class of Python's own.
    own = inspect.getdoc(type(function).__call__) if hasattr(type(function).__call__, "__globals__") else None
    return own or inspect.getdoc(function) or ""


def _no_tool(value: Any) -> str:
    if isinstance(value, type):
        return (
            f"the class {value.__name__} is no tool: wenwen.pydantic_function_tool({value.__name__}) makes a schema of "
            "it, and a function of yours can take it as a parameter"
        )
    return f"{value!r:.80} is no tool: give a function, a Tool, or a dict in the API's form"


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...
@overload
def tool(
    function: Callable[P, R],
    /,
    *,
    name: str | None = ...,
    description: str | None = ...,
    parameters: Mapping[str, Any] | None = ...,
    strict: bool | None = ...,
    timeout: float | None = ...,
    thread: bool = ...,
) -> Tool[P, R]: ...
@overload
def tool(
    *,
    name: str | None = ...,
    description: str | None = ...,
    parameters: Mapping[str, Any] | None = ...,
    strict: bool | None = ...,
    timeout: float | None = ...,
    thread: bool = ...,
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...
@frameless
def tool(function: Any = None, /, **options: Any) -> Any:
    """A function as a tool, where its name, docstring and annotations do not say it all; also as a decorator.

    name: what the model calls it (the function's). description: what it does (the docstring's). parameters: the JSON
    schema of the arguments, which then come as they are, under its names alone (made of the annotations).
    strict: whether the model is held to the schema (where the schema allows it without loss; False: never).
    timeout: seconds for a call (that of the run). thread: False for a function that must run in the thread, or on the
    event loop, of its caller (True).
    """

    def made(function: Any) -> Tool[..., Any]:
        return Tool(function, **options)

    return made if function is None else made(function)


@frameless
def pydantic_function_tool(model: type, *, name: str | None = None, description: str | None = None) -> Tool[..., Any]:
    """A class as a tool that is only a schema, as in openai's package: the model fills it in, and the arguments of its
    call are an instance of it, `parsed_arguments`. It is no function: a run ends where it is called. As there it is
    also the dict that goes out, and what is changed in that (`tool["function"]["strict"] = False`) goes out changed, in
    all dialects."""
    return ModelTool(model, "chat", name, description)


@frameless
def pydantic_responses_function_tool(
    model: type, *, name: str | None = None, description: str | None = None, defer_loading: bool | None = None
) -> Tool[..., Any]:
    """The same for `responses`. defer_loading: whether the model finds it by a search of tools alone (False)."""
    made = ModelTool(model, "responses", name, description)
    if isinstance(defer_loading, bool):
        made["defer_loading"] = defer_loading
    return made


@frameless
def beta_tool(
    function: Any = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    input_schema: Mapping[str, Any] | type | None = None,
    strict: bool | None = None,
    **more: Any,
) -> Any:
    """anthropic's name for `tool`. The schema may be a model's class, whose arguments come as they are all the same.
    What else `messages` knows of a tool goes along: defer_loading, cache_control, allowed_callers, input_examples,
    eager_input_streaming."""
    if unknown := next((one for one in more if one not in _MORE), None):
        raise TypeError(f"beta_tool() got an unexpected keyword argument {unknown!r}. It has {', '.join(_MORE)}")
    schema: Any = OfModel(input_schema).schema if isinstance(input_schema, type) else input_schema

    def made(function: Any) -> Tool[..., Any]:
        one = Tool(function, name=name, description=description, parameters=schema, strict=strict)
        one._beside = {name: value for name, value in more.items() if value is not None}
        return one

    return made if function is None else made(function)


_MORE = ("defer_loading", "cache_control", "allowed_callers", "input_examples", "eager_input_streaming")


beta_async_tool = beta_tool


# What `_read` has found, by the function. It holds no function: one that is made for each request ends with it.
_known: weakref.WeakKeyDictionary[Any, tuple[str | None, Signature | None, Arguments]] = weakref.WeakKeyDictionary()


def tools_of(values: Iterable[Any]) -> list[Any]:
    """Functions as `Tool`s, also within a mapping that holds tools; mappings as they are."""
    if not hasattr(values, "__iter__") or isinstance(values, (str, Mapping)):
        raise TypeError(f"tools is {values!r:.80}: give a list of functions, and of dicts in the API's form")
    found: list[Any] = []
    for value in values:
        if isinstance(value, Tool):
            found.append(value)
        elif hasattr(value, "keys") and not isinstance(value, type):
            found.append(_with_inner(value, tools_of))
        elif hasattr(value, "to_dict") and not isinstance(value, type):
            found.append(_of_object(value))
        else:
            made = Tool(value)
            made._is_plain = isinstance(value, FunctionType)
            found.append(made)
    return found


# Where a tool holds others: a namespace of `responses`, the declarations of Gemini.
_INNER = ("tools", "functionDeclarations", "function_declarations")


def inner_of(tool: Any) -> tuple[str, Any] | None:
    """The tools that a tool in the API's form holds, and where they stand."""
    found = ((name, part(tool, name)) for name in _INNER)
    return next(
        ((name, held) for name, held in found if hasattr(held, "__iter__") and not isinstance(held, (str, Mapping))),
        None,
    )


def _with_inner(tool: Any, change: Callable[[Any], list[Any]]) -> Any:
    """A tool in the API's form, with the tools that it holds changed where they are more than dicts."""
    held = inner_of(tool)
    if held is None or (isinstance(held[1], (list, tuple)) and not any(map(callable, cast("list[Any]", held[1])))):
        return tool
    return {**tool, held[0]: change(held[1])}


def named(
    tools: Iterable[Any], dialect: str, by_hand: bool = False, prefix: str = ""
) -> Iterator[tuple[str, Tool[..., Any]]]:
    """The `Tool`s of a list by the names that they are called by: with its namespace, where they are in one. `by_hand`:
    also what holds a model to a schema as the API has it, whose arguments are JSON for sure."""
    for one in tools:
        if isinstance(one, Tool):
            yield f"{prefix}{one.name}", one
        elif held := inner_of(one):
            inner = f"{part(one, 'name')}." if dialect == "responses" else ""
            yield from named(held[1], dialect, by_hand, inner)
        elif by_hand:
            function = part(one, "function") if dialect == "chat" else one
            name = part(function, "name")
            if part(function, "strict") is True and isinstance(name, str) and name:
                yield f"{prefix}{name}", Tool(None, name=name, parameters={})


def _of_object(value: Any) -> Any:
    """A tool that writes itself by `to_dict()`, as Anthropic's do; one with `call(arguments)` may be called."""
    wire = value.to_dict()
    call = getattr(value, "call", None)
    if not callable(call):
        return {**wire}
    schema = mapped(wire.get("input_schema")) or {"type": "object"}  # none: the service knows it by its type

    def made(**arguments: Any) -> Any:
        return call(arguments)

    tool: Tool[..., Any] = Tool(made, name=wire.get("name"), parameters=schema)
    tool._wire = {**wire}
    return tool


def _strict(tool: Tool[..., Any], dialect: str) -> tuple[dict[str, Any], bool]:
    """The schema for a dialect, and whether the model is held to it. Written once: it is most of a tool's time."""
    known: dict[Any, tuple[dict[str, Any], bool]] = tool.__dict__.setdefault("_schemas", {})
    key = dialect, tool.strict
    if key not in known:
        known[key] = _schema(tool, dialect)
    return known[key]


def _schema(tool: Tool[..., Any], dialect: str) -> tuple[dict[str, Any], bool]:
    """Unless it was said, a model is held to a schema where nothing is lost: a strict one has no optional parameters,
    whose defaults the function knows. Gemini takes a part of JSON Schema, strict or not."""
    if dialect == "gemini":
        return strict_or_why(tool.parameters, dialect)[0], False
    loose = tool.parameters
    if tool.strict is False or (tool.strict is None and (dialect == "messages" or _has_optional(loose))):
        return loose, False
    written, why = strict_or_why(loose, dialect)
    if why is not None and tool.strict:
        raise TypeError(f"the tool {tool.name} cannot be strict: {why}")
    return (written, True) if why is None else (loose, False)


def _has_optional(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        node = mapped(schema)
        return not {*mapped(node.get("properties"))} <= {*node.get("required", ())} or any(
            map(_has_optional, node.values())
        )
    return any(map(_has_optional, items(schema)))


def _of_responses(tool: Tool[..., Any]) -> dict[str, Any]:
    schema, strict = _strict(tool, "responses")
    # Without a word, strict is meant there.
    return {
        "type": "function",
        "name": tool.name,
        **_described(tool),
        "parameters": schema,
        "strict": strict,
    }


def _of_chat(tool: Tool[..., Any]) -> dict[str, Any]:
    schema, strict = _strict(tool, "chat")
    function = {"name": tool.name, **_described(tool), "parameters": schema}
    return {"type": "function", "function": {**function, "strict": True} if strict else function}


def _of_messages(tool: Tool[..., Any]) -> dict[str, Any]:
    if tool._wire is not None:
        return {**tool._wire}
    schema, strict = _strict(tool, "messages")
    written = {"name": tool.name, **_described(tool), "input_schema": schema}
    return {**written, **({"strict": True} if strict else {}), **tool._beside}


def _of_gemini(tool: Tool[..., Any]) -> dict[str, Any]:
    written = {"name": tool.name, **_described(tool)}
    if not tool.parameters.get("properties"):  # an object without any is refused there
        return written
    schema, _ = _strict(tool, "gemini")  # what may be left out stays so
    return {**written, "parameters": {**schema, "required": tool.parameters.get("required", [])}}


def _described(tool: Tool[..., Any]) -> dict[str, str]:
    return {"description": tool.description} if tool.description else {}


_WRITERS: dict[str, Callable[[Tool[..., Any]], dict[str, Any]]] = {
    "responses": _of_responses,
    "chat": _of_chat,
    "messages": _of_messages,
    "gemini": _of_gemini,
}


def wired(tools: Iterable[Any], dialect: str) -> list[Any]:
    """A list of tools as it goes over the wire: functions become their schemas. Called by the core for each request
    whose `tools` hold one."""
    from ._dialects import DIALECTS

    found = tools_of(tools)
    names = [name for name, _ in named(found, dialect)]
    others = [name for one in found if not isinstance(one, Tool) for name in DIALECTS[dialect].function_names(one)]
    for name in names:
        if [*names, *others].count(name) > 1:
            raise ValueError(f"two tools are called {name!r}: wenwen.tool(name=...) gives one another name")

    def write(tools: Iterable[Any]) -> list[Any]:
        return [one.to_dict(dialect) if isinstance(one, Tool) else _with_inner(one, write) for one in tools]

    written = write(found)
    if dialect != "gemini" or not names:
        return written
    # All functions stand in one tool there.
    functions = [own for own, one in zip(written, found, strict=True) if isinstance(one, Tool)]
    rest = [own for own, one in zip(written, found, strict=True) if not isinstance(one, Tool)]
    return [{"functionDeclarations": functions}, *rest] if functions else rest
