"""What a function returned, as what a model can be told: texts and pictures."""

from __future__ import annotations

import base64
import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, cast

from ._core import BinaryContent
from .types.tools import Picture

# The APIs refuse an empty result, or take it for none at all.
_NOTHING = "(no output)"


def parts(value: Any, most: int) -> list[str | Picture]:
    """A result as texts and pictures, never empty: what is no text and no picture is JSON. Of a text of more than
    `most` characters, the middle is left out. TypeError for what cannot be written."""
    if (picture := _picture(value)) is not None:
        return [picture]
    if type(value) in (list, tuple) and any(_picture(one) is not None for one in value):
        return [part for one in value for part in parts(one, most)]
    return [_cut(_text(value), most)]


def _text(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, str) and not isinstance(value, Enum):
        return str(value) or _NOTHING
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    head = most * 3 // 4
    tail = most - head
    end = text[-tail:] if tail else ""
    return f"{text[:head]}\n… {len(text) - most} of {len(text)} characters are left out here …\n{end}"


def _plain(value: Any) -> Any:
    """What `json` does not know, as something that it does."""
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "model_dump"):  # pydantic's, and replies of ours
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if hasattr(value, "__attrs_attrs__"):
        return {field.name: getattr(value, field.name) for field in value.__attrs_attrs__}
    if hasattr(value, "__struct_fields__"):  # msgspec's
        return {name: getattr(value, name) for name in value.__struct_fields__}
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "to_dicts"):  # a table: one object for each row
        return value.to_dicts()
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return value.to_dict(orient="records")
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(cast("Mapping[Any, Any]", value))
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(cast("Iterable[Any]", value))
    # Numbers and names that are written as they show themselves: Decimal, UUID, Path, Fraction, timedelta …
    if type(value).__str__ is not object.__str__ and type(value).__module__ in _WRITTEN:
        return str(value)
    raise TypeError(
        f"a tool returned a {type(value).__name__}, which is neither text nor JSON nor a picture: return one of these"
    )


_WRITTEN = {"decimal", "uuid", "pathlib", "pathlib._local", "fractions", "datetime", "ipaddress", "zoneinfo"}


def _picture(value: Any) -> Picture | None:
    if isinstance(value, BinaryContent):
        kind = (value.content_type or "").partition(";")[0].strip()
        data = value.content
        return _of(data, _sniffed(data) or (kind if kind.startswith("image/") else None))
    if isinstance(value, (bytes, bytearray)):
        data = bytes(value)
        return _of(data, _sniffed(data))
    if _is(value, "PIL.Image", "Image"):
        kind = value.format if value.format in ("PNG", "JPEG", "WEBP") else "PNG"
        return _of(_saved(value.save, kind, quality=95), f"image/{kind.lower()}")
    if _is(value, "matplotlib.figure", "Figure"):
        return _of(_saved(value.savefig, "png"), "image/png")
    return None


def _of(data: bytes, media_type: str | None) -> Picture | None:
    return Picture(base64.b64encode(data).decode(), media_type) if media_type else None


def _is(value: Any, module: str, name: str) -> bool:
    """Whether it is of a class of a library that somebody has imported; nobody else has a value of it."""
    cls = getattr(sys.modules.get(module), name, None)
    return isinstance(cls, type) and isinstance(value, cls)


def _saved(save: Any, kind: str, **options: Any) -> bytes:
    import io

    file = io.BytesIO()
    save(file, format=kind, **options)
    return file.getvalue()


_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def _sniffed(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in _BEGINNINGS.items() if data.startswith(beginning)), None)
