"""Answers as instances of a class of the user's: pydantic's, or any with its `model_json_schema` and
`model_validate_json`. Loaded by the first `parse`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from .._core import hide_in
from .._errors import ContentFilterFinishReasonError, LengthFinishReasonError
from .chat import ChatCompletion
from .responses import Response

T = TypeVar("T")


class _Attached:
    """A reply that knows the class of its answer, also after it was pickled or copied."""

    _format: Any

    def __reduce__(self) -> Any:
        return _reattach, (super().__reduce__(), self._format)

    def __copy__(self) -> Any:
        plain: Any = super().__reduce__()
        return _reattach(plain, self._format)

    def __deepcopy__(self, _memo: object) -> Any:
        return self.__copy__()


class ParsedResponse(_Attached, Response, Generic[T]):
    """The reply of `responses.parse`: a `Response` whose answer is an instance of your class."""

    @property
    def output_parsed(self) -> T | None:
        """The answer; None where the model declined to give it or was cut short."""
        found = (part.parsed for part in _parts(self) if part.parsed is not None)
        return next(found, None)


class ParsedChatCompletion(_Attached, ChatCompletion, Generic[T]):
    """The reply of `chat.completions.parse`: each message has the answer as an instance of your class, `parsed`."""


def _reattach(reduced: tuple[Callable[..., Any], tuple[Any, ...]], format: Any) -> Any:
    make, arguments = reduced[:2]
    return attach(make(*arguments), format)


def _list(value: Any) -> list[Any]:
    return value  # type: ignore[no-any-return]


def _dict(value: Any) -> dict[str, Any]:
    return value  # type: ignore[no-any-return]


def _parts(response: Response) -> Iterator[Any]:
    for item in response.output or ():
        # Of another phase, "commentary", is what the model says on its way.
        answers = item.type == "message" and item.get("phase") in (None, "final_answer")
        content: Any = item.content if answers else None
        if type(content) is list:
            yield from (part for part in _list(content) if part.type == "output_text")


def attach(reply: Any, format: Any) -> Any:
    """Parses the answers of a reply and keeps them beside its data."""
    reply._format = None  # until all are parsed: an error's reply is pickled as it is
    if format is None:
        return reply
    if isinstance(reply, Response):
        for part in _parts(reply) if reply.status != "incomplete" else ():
            part._parsed = format.model_validate_json(part.text)
    else:
        for choice in reply.choices or ():
            if choice.finish_reason == "length":
                raise LengthFinishReasonError(completion=reply)
            if choice.finish_reason == "content_filter":
                raise ContentFilterFinishReasonError(completion=reply)
            message = choice.message
            if message and message.content and not message.refusal:
                message._parsed = format.model_validate_json(message.text)
    reply._format = format
    return reply


# Lists of schemas by name, and values that are no schemas.
_NAMED = ("properties", "$defs", "definitions")
_VALUES = ("enum", "const", "default", "examples", "required")


def schema(format: Any) -> dict[str, Any]:
    """The JSON schema of a class in the form that the API's strict mode takes: objects take no other fields, and all
    their fields are required."""
    whole = format.model_json_schema()

    def strict(value: Any) -> Any:
        if type(value) is list:
            return [strict(one) for one in _list(value)]
        if type(value) is not dict:
            return value
        part = _dict(value)
        if "$ref" in part and len(part) > 1:  # a reference stands alone there
            target = whole
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return strict({**target, **{name: value for name, value in part.items() if name != "$ref"}})
        closed: dict[str, Any] = {}
        for name, inner in part.items():
            if name in _NAMED:
                closed[name] = {key: strict(one) for key, one in inner.items()}
            elif name != "default" or inner is not None:
                closed[name] = inner if name in _VALUES else strict(inner)
        if closed.get("type") == "object":
            closed.setdefault("additionalProperties", False)
            closed["required"] = list(closed.get("properties", ()))
        return closed

    return strict(whole)  # type: ignore[no-any-return]


def _name(name: str) -> str:
    """A class's name as the API takes it: [a-zA-Z0-9_-]{1,64}; two that lose something stay two."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in name)
    if plain == name and 0 < len(name) <= 64:
        return name
    from zlib import crc32

    return f"{plain[:55]}_{crc32(name.encode()):08x}"


def prepared(params: dict[str, Any], given: str, format: Any, form: str) -> dict[str, Any]:
    """The parameters of a call whose answer is to be of the class `format`, which came as the parameter `given`."""
    hide_in(params)
    if form != "parsed":
        raise TypeError(
            "parse() has no raw form: call create(), or take request_id and headers of what parse() returns"
        )
    for name in ("stream", "as_dict"):
        if params.pop(name, False):
            raise TypeError(f"parse() cannot take {name}: call create(), or stream()")
    if format is None:
        return params
    if not (hasattr(format, "model_json_schema") and hasattr(format, "model_validate_json")):
        raise TypeError(
            f"{given} is {format!r}: give a pydantic model, or a class with model_json_schema and model_validate_json"
        )
    described = {"name": _name(format.__name__), "schema": schema(format), "strict": True}
    if given == "response_format":
        return {**params, given: {"type": "json_schema", "json_schema": described}}
    text: dict[str, Any] = params.get("text") or {}
    if "format" in text:
        raise TypeError(f"text has a format, and {given} is one: give only one of them")
    return {**params, "text": {**text, "format": {"type": "json_schema", **described}}}
