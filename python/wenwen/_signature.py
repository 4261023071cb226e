"""The parameters of a function as a JSON schema, and a model's arguments as what the function is annotated with: by
pydantic where it is installed, by msgspec for its own classes and where only it is there."""

from __future__ import annotations

import inspect
import json
import sys
import typing
from collections.abc import Callable, Mapping
from functools import cache, partial
from math import isfinite
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from ._docstring import read
from ._strict import mapped
from .types.shared import items

T = TypeVar("T")
INJECTED = "wenwen: given by the caller, hidden from the model"
Injected: typing.TypeAlias = Annotated[T, INJECTED]
"""`Injected[Database]`: a parameter of a tool that the model does not see and cannot set; its value comes from the
`context` of `run`, by its name. `Annotated[Database, wenwen.Injected]` says the same."""


class ArgumentsError(ValueError):
    """Arguments that a function cannot be called with; the text is for the model."""


class Parameter:
    """One of a function's parameters, as a model is told of it."""

    def __init__(self, name: str, annotation: Any, default: Any, described: str | None) -> None:
        self.name = name
        self.annotation = annotation
        self.default = default  # inspect.Parameter.empty: it must be given
        self.description = described

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty


class Signature:
    """What of a function's signature matters to a model, and to whoever calls it with a model's arguments."""

    def __init__(self, function: Callable[..., Any], doc: str, *, typed: bool = True) -> None:
        found: dict[str, tuple[Any, Any]] = {}  # of each parameter that a model may give, what it is and its default
        self.injected: dict[str, bool] = {}  # name: whether it must be given
        self.positional: list[str] = []  # which go by position
        bound = _bound(function)
        self.hidden = set(bound)  # what the model cannot set
        source = _source(function)
        self.is_open = False  # whether it takes any name
        signature = _signature_of(function, typed)
        for name, parameter in signature.parameters.items():
            if name in bound or parameter.kind is parameter.VAR_POSITIONAL:
                continue  # a model can give what has a name
            if parameter.kind is parameter.VAR_KEYWORD:
                self.is_open = True
                fields = _fields(source, function, parameter)  # of `**more` alone it knows none
            else:
                fields = {name: (_annotation(source, function, parameter, typed), parameter.default)}
            if parameter.kind is parameter.POSITIONAL_ONLY:
                self.positional.append(name)
            for own, (annotation, default) in fields.items():
                if _is_injected(annotation):
                    self.injected[own] = default is parameter.empty
                    self.hidden.add(own)
                else:
                    found[own] = annotation, default
        self.about, told = read(doc, {*signature.parameters, *found, *self.injected}) if doc else ("", {})
        self.parameters = [_parameter(name, *facts, told.get(name)) for name, facts in found.items() if typed]


def _signature_of(function: Any, typed: bool) -> inspect.Signature:
    """TypeError for what says nothing of how it is called."""
    try:
        found = inspect.signature(function)
    except ValueError:
        raise TypeError(f"{name_of(function)!r} does not say what it takes: write a function around it") from None
    named = [one for one in found.parameters.values() if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    first = next(iter(found.parameters), None)
    within = getattr(function, "__qualname__", "").rpartition(".")[0]
    if first == "self" and within and not within.endswith("<locals>"):
        raise TypeError(f"{function.__qualname__} is a method without its object: give that of an instance")
    if typed and found.parameters and not named and not any(map(_unpacks, found.parameters.values())):
        raise TypeError(
            f"{name_of(function)!r} takes {', '.join(map(str, found.parameters.values()))}, of which a model knows no "
            "name: wenwen.tool(parameters={...}) says them; a function that wraps another needs functools.wraps"
        )
    return found


def _annotation(source: Any, function: Any, parameter: inspect.Parameter, typed: bool) -> Any:
    try:
        return _resolved(source, function, parameter.name, parameter.annotation)
    except TypeError:
        # Beside a schema that was given by hand, it only says what is the caller's.
        if typed or "Injected" in str(parameter.annotation):
            raise
        return Any


def _unpacks(parameter: inspect.Parameter) -> bool:
    is_text = isinstance(parameter.annotation, str)
    unpacks = "Unpack" in parameter.annotation if is_text else get_origin(parameter.annotation) is typing.Unpack
    return parameter.kind is parameter.VAR_KEYWORD and unpacks


def _fields(source: Any, function: Any, parameter: inspect.Parameter) -> dict[str, tuple[Any, Any]]:
    """Of `**options: Unpack[Options]`: the TypedDict's, each with what it is where it is left out."""
    if not _unpacks(parameter):
        return {}
    [kind] = get_args(_resolved(source, function, parameter.name, parameter.annotation))
    fields: dict[str, tuple[Any, Any]] = {}
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        needed = name in kind.__required_keys__
        # Of annotations that are texts, the class knows no marks.
        while (mark := getattr(get_origin(hint), "_name", None)) in ("Required", "NotRequired", "ReadOnly"):
            needed = needed if mark == "ReadOnly" else mark == "Required"
            [hint] = get_args(hint)
        fields[name] = hint, parameter.empty if needed else _LEFT_OUT
    return fields


_LEFT_OUT: Any = object()  # the default of what has none


def _is_injected(annotation: Any, aliases: tuple[Any, ...] = ()) -> bool:
    """Whether anything in it is the caller's: `Injected[Db] | None` too, and by another name."""
    if get_origin(annotation) is Annotated and any(
        one is INJECTED or one is Injected for one in annotation.__metadata__
    ):
        return True
    alias = next((one for one in (annotation, get_origin(annotation)) if type(one).__name__ == "TypeAliasType"), None)
    if alias is not None and alias not in aliases and _is_injected(alias.__value__, (*aliases, alias)):
        return True
    return any(_is_injected(one, aliases) for one in get_args(annotation))


def _bound(function: Any) -> Mapping[str, Any]:
    """What a `partial` has given already."""
    return function.keywords if isinstance(function, partial) else {}


def _source(function: Any) -> Any:
    """The function in which the annotations stand."""
    while True:
        if isinstance(function, partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif hasattr(function, "__func__"):
            function = function.__func__
        elif hasattr(function, "__globals__") or isinstance(function, type) or not callable(function):
            return function
        else:
            function = type(function).__call__
            if not hasattr(function, "__globals__"):  # of C, which has no annotations
                return function


def _resolved(source: Any, function: Any, name: str, annotation: Any) -> Any:
    """An annotation, evaluated where it is a text: each for itself, so that one which is wrong is told by its name."""
    if annotation is inspect.Parameter.empty:
        return Any
    spaces: dict[str, Any] = {}
    code = getattr(source, "__code__", None)
    for cell_name, cell in zip(
        getattr(code, "co_freevars", ()), getattr(source, "__closure__", None) or (), strict=False
    ):
        try:
            spaces[cell_name] = cell.cell_contents
        except ValueError:  # not set yet
            continue
    spaces |= {one.__name__: one for one in getattr(source, "__type_params__", ())}
    module = getattr(source, "__globals__", {})
    holder = type("", (), {"__annotations__": {name: annotation}})
    try:
        return typing.get_type_hints(holder, module, spaces, include_extras=True)[name]
    except NameError:
        # A class that stands in the function around, which only uses it in the annotation: it is in that one's frame.
        around = getattr(source, "__qualname__", "").split(".<locals>")[0].rpartition(".")[2]
        frame = sys._getframe(1) if "<locals>" in getattr(source, "__qualname__", "") else None
        while frame is not None:
            if frame.f_globals is module and frame.f_code.co_name != "<module>":
                try:
                    return typing.get_type_hints(holder, module, {**frame.f_locals, **spaces}, include_extras=True)[
                        name
                    ]
                except NameError:
                    pass
            frame = frame.f_back
        raise _wrong(function, name, annotation, f"it names what {around or 'its module'} does not have") from None
    except Exception as error:
        raise _wrong(function, name, annotation, str(error)) from error


def _wrong(function: Any, name: str, annotation: Any, why: str) -> TypeError:
    shown = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", annotation)
    return TypeError(f"the parameter {name!r} of the tool {name_of(function)!r} cannot be a {shown}: {why}")


def name_of(function: Any) -> str:
    """The function's own name, for a tool and for messages."""
    while isinstance(function, partial):
        function = function.func
    return getattr(function, "__name__", None) or type(function).__name__


def _parameter(name: str, annotation: Any, default: Any, told: str | None) -> Parameter:
    if get_origin(annotation) is Annotated:  # a text there is what the model is told
        texts = [one for one in annotation.__metadata__ if isinstance(one, str)]
        told = texts[0] if texts else None if _describes(annotation.__metadata__) else told
    elif _describes([default]):
        told = None
    if default is None and not _takes_none(annotation):
        annotation = Union[annotation, None]  # noqa: UP007 (not all that stands in an annotation has `|`)
    return Parameter(name, annotation, default, told)


def _describes(extras: Any) -> bool:
    """Whether pydantic's Field or msgspec's Meta says what a parameter is."""
    return any(isinstance(getattr(one, "description", None), str) for one in extras)


def _takes_none(annotation: Any) -> bool:
    if annotation in (Any, None, type(None), object):
        return True
    if get_origin(annotation) is Annotated:
        return _takes_none(get_args(annotation)[0])
    return get_origin(annotation) in (Union, UnionType) and any(map(_takes_none, get_args(annotation)))


class Arguments:
    """The arguments of a function: their JSON schema, and how a model's become the function's own."""

    schema: dict[str, Any]

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments as the function's types, without those that were left out; ArgumentsError with words for the
        model where they do not fit."""
        raise NotImplementedError


class AsTheyCome(Arguments):
    """Those of a schema that was given by hand."""

    def __init__(self, schema: Mapping[str, Any], is_open: bool) -> None:
        self.schema = dict(schema)
        self._is_open = is_open or self.schema.get("additionalProperties") or "patternProperties" in self.schema

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        known = mapped(self.schema.get("properties"))
        wrong = [f"{name}: Field required" for name in self.schema.get("required") or () if name not in arguments]
        if not self._is_open:
            wrong += [f"{name}: there is no such parameter" for name in arguments if name not in known]
        if wrong:
            raise ArgumentsError("; ".join(wrong[:10]))
        return dict(arguments)


def arguments_of(name: str, function: Any, parameters: list[Parameter]) -> Arguments:
    """Made by the library whose classes the annotations have."""
    if not parameters:
        return _None()
    failed: list[Exception] = []
    for make in (_Pydantic, _Msgspec):
        try:
            return make(name, parameters)
        except ImportError:
            continue
        except Exception as error:
            failed.append(error)
    if not failed:
        raise TypeError(
            f"the tool {name!r} needs pydantic or msgspec for the schema of its parameters: pip install "
            "'wenwen[output]', or give the schema yourself, wenwen.tool(parameters={...})"
        )
    for parameter in parameters:  # which one is it?
        try:
            _Pydantic(name, [parameter])
        except ImportError:
            break
        except Exception as error:
            first = str(error).partition("\n")[0]
            raise _wrong(function, parameter.name, parameter.annotation, first) from error
    raise TypeError(f"the parameters of the tool {name!r}: {failed[0]}") from failed[0]


class _None(Arguments):
    """A function without parameters."""

    schema = {"type": "object", "properties": {}, "additionalProperties": False}  # noqa: RUF012

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments:
            raise ArgumentsError(f"{', '.join(arguments)}: there are no such parameters, the function takes none")
        return {}


def _finite(schema: Any) -> Any:
    """Without defaults and bounds that JSON cannot say: the function knows them."""
    if isinstance(schema, dict):
        return {name: _finite(one) for name, one in mapped(schema).items() if not _is_infinite(one)}
    return [*map(_finite, items(schema))] if isinstance(schema, list) else schema


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float) and not isfinite(value)


@cache
def _untitled() -> Any:
    """pydantic's writer of schemas, without titles, which repeat the names, and without warnings of defaults that are
    no JSON."""
    from pydantic.json_schema import GenerateJsonSchema

    class Untitled(GenerateJsonSchema):
        ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012

        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

    return Untitled


def _told(error: Any) -> ArgumentsError:
    """What is wrong by path and rule, without the values and without links to pydantic's pages."""
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg']}" for one in wrong[:10]]
    return ArgumentsError("; ".join(told))


class _Pydantic(Arguments):
    """By a model with a field for each parameter. The fields have names of ours and the parameters' as aliases: `copy`,
    `schema` or `_id` would be a model's own."""

    def __init__(self, name: str, parameters: list[Parameter]) -> None:
        from pydantic import ConfigDict, Field, create_model
        from pydantic.fields import FieldInfo

        fields: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._always: set[str] = set()
        for index, one in enumerate(parameters):
            field = f"p{index}"
            facts: dict[str, Any] = {"alias": one.name}
            annotation = one.annotation
            if isinstance(one.default, FieldInfo):  # days: int = Field(1, ge=1), of which Python's default is the Field
                annotation = Annotated[annotation, one.default]
                self._always.add(field)
            elif not one.required:
                facts["default"] = one.default
            if one.description:
                facts["description"] = one.description
            fields[field], self._names[field] = (annotation, Field(**facts)), one.name
        self._model = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        self.schema = _finite(self._model.model_json_schema(by_alias=True, schema_generator=_untitled()))
        self.schema.pop("title", None)

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        from pydantic import ValidationError

        try:
            found = self._model.model_validate_json(json.dumps(arguments))
        except ValidationError as error:
            raise _told(error) from error
        given = found.model_fields_set | self._always
        return {name: getattr(found, field) for field, name in self._names.items() if field in given}


class _Msgspec(Arguments):
    """By a struct with a field for each parameter, in the same way."""

    def __init__(self, name: str, parameters: list[Parameter]) -> None:
        import msgspec

        fields: list[Any] = []
        for index, one in enumerate(parameters):
            annotation = one.annotation
            if one.description:
                annotation = Annotated[annotation, msgspec.Meta(description=one.description)]
            if one.required:
                fields.append((f"p{index}", annotation))
            else:
                fields.append((f"p{index}", annotation | msgspec.UnsetType, msgspec.UNSET))
        self._names = {f"p{index}": one.name for index, one in enumerate(parameters)}
        self._struct = msgspec.defstruct(name, fields, rename=self._names, forbid_unknown_fields=True, kw_only=True)
        [schema], known = msgspec.json.schema_components([self._struct], ref_template="#/$defs/{name}")
        own = schema["$ref"].rpartition("/")[2]
        self.schema = {**known.pop(own), "additionalProperties": False}
        self.schema.pop("title", None)
        if known:
            self.schema["$defs"] = known
        for one in parameters:
            if not one.required:
                self._tell(self.schema["properties"][one.name], one.default)
        self.schema = _finite(self.schema)

    @staticmethod
    def _tell(schema: dict[str, Any], default: Any) -> None:
        import msgspec

        try:
            schema["default"] = msgspec.to_builtins(default)
        except (TypeError, ValueError):  # none that JSON has: the function knows it
            schema.pop("default", None)

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        import msgspec

        try:
            found = msgspec.json.decode(json.dumps(arguments), type=self._struct, strict=False)
        except msgspec.ValidationError as error:
            raise ArgumentsError(str(error).replace("`$.", "`")) from error
        given = {name: getattr(found, field) for field, name in self._names.items()}
        return {name: value for name, value in given.items() if value is not msgspec.UNSET}


class OfModel(Arguments):
    """Those of a tool that is a class: its fields, and an instance of it."""

    def __init__(self, model: Any) -> None:
        from pydantic import TypeAdapter

        self._adapter: TypeAdapter[Any] = TypeAdapter(model)
        self.schema = _finite(self._adapter.json_schema(schema_generator=_untitled()))
        self.schema.pop("title", None)

    def read(self, arguments: dict[str, Any]) -> Any:
        from pydantic import ValidationError

        try:
            return self._adapter.validate_json(json.dumps(arguments))
        except ValidationError as error:
            raise _told(error) from error
