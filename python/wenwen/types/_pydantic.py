"""What pydantic asks of a class: a reply as the field of a model, a FastAPI return type, `TypeAdapter`, `to_json`.

Only pydantic's own questions lead here, so that it is loaded already.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic_core import PydanticCustomError, SchemaSerializer, core_schema

from wenwen._core import Object, Reply


def schema(cls: type[Object]) -> core_schema.CoreSchema:
    """An object of the class, or a mapping that becomes one; as everywhere, none of its fields is checked."""

    def made(value: Any) -> Object:
        if isinstance(value, cls):
            return value
        # Of another dialect, it belongs to another member of the union.
        if isinstance(value, Mapping) and (not isinstance(value, Object) or type(value) in (Object, Reply)):
            return cls.model_validate(value)  # pyright: ignore[reportUnknownArgumentType]
        raise PydanticCustomError("wenwen_type", "Input should be a {name} or a dict", {"name": cls.__name__})

    return core_schema.no_info_plain_validator_function(made, serialization=_SERIALIZATION)


def _plain(value: Any, info: core_schema.SerializationInfo) -> Any:
    if not hasattr(value, "to_dict"):
        return value
    plain = value.to_dict(exclude_none=info.exclude_none)
    only: dict[str, Any] = {"include": info.include, "exclude": info.exclude}
    return plain if info.include is info.exclude is None else _ANY.to_python(plain, **only)


_ANY = SchemaSerializer(core_schema.any_schema())
_SERIALIZATION = core_schema.plain_serializer_function_ser_schema(_plain, info_arg=True)


def made_here(cls: type) -> core_schema.CoreSchema:
    """An object of the class, which only this package makes."""
    return core_schema.is_instance_schema(cls, serialization=_SERIALIZATION)


def json_schema(cls: type[Any]) -> dict[str, Any]:
    """For OpenAPI: an object, whose fields are the server's affair."""
    words = (cls.__doc__ or "").partition("\n\n")[0]
    described = {"description": " ".join(words.split())} if words else {}
    return {"title": cls.__name__, "type": "object", "additionalProperties": True, **described}


@cache
def serializer() -> SchemaSerializer:
    """For a reply where pydantic knows of no type."""
    return SchemaSerializer(core_schema.any_schema(serialization=_SERIALIZATION))
