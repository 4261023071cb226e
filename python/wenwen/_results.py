"""What a function returned, as what a model can be told: texts and pictures."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, cast

from ._core import BinaryContent
from .types.images import _sniffed
from .types.shared import part
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


def of_blocks(value: Any) -> str | list[Any] | None:
    """What the blocks of an Anthropic result are as texts and pictures; None for what is no list of blocks."""
    if not isinstance(value, (list, tuple)):
        return None
    found: list[Any] = []
    for one in cast("Iterable[Any]", value):
        if part(one, "type") == "text" and isinstance(text := part(one, "text"), str):
            found.append(text)
        elif part(one, "type") == "image" and isinstance(data := part(source := part(one, "source"), "data"), str):
            found.append(Picture(data, str(part(source, "media_type"))))
        else:
            return None
    return found if any(isinstance(one, Picture) for one in found) else "\n".join(found)


def _text(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, str) and not isinstance(value, Enum):
        return str(value) or _NOTHING
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain)
    except TypeError:  # the keys, maybe
        return json.dumps(_keyed(value), ensure_ascii=False, default=lambda one: _keyed(_plain(one)))


def _keyed(value: Any) -> Any:
    """With keys that JSON has: those that `json` does not know are written as they are as values."""
    if isinstance(value, dict):
        fields = cast("Mapping[Any, Any]", value)
        return {_key(key): _keyed(one) for key, one in fields.items()}
    return [*map(_keyed, cast("list[Any]", value))] if isinstance(value, (list, tuple)) else value


def _key(key: Any) -> Any:
    if not (key is None or isinstance(key, (str, int, float))):
        written = _plain(key)
        if isinstance(written, (str, int, float)):
            return written
        raise TypeError(f"a tool returned a dict with the key {key!r:.80}: JSON's are texts")
    return key


def _cut(text: str, most: int) -> str:
    if not text.isascii():
        # Half a surrogate pair, as names of files have them, is in no request.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(text) <= most:
        return text
    head = most * 3 // 4
    tail = most - head
    end = text[-tail:] if tail else ""
    return f"{text[:head]}\n… {len(text) - most} of {len(text)} characters are left out here …\n{end}"


def _plain(value: Any) -> Any:
    """What `json` does not know, as something that it does."""
    kind: Any = value.__class__
    for has, write in _WAYS:
        if has(kind):
            return write(value)
    raise TypeError(
        f"a tool returned a {kind.__name__}, which is neither text nor JSON nor a picture: return one of these"
    )


def _fields(names: Callable[[Any], Iterable[str]]) -> Callable[[Any], dict[str, Any]]:
    return lambda value: {name: getattr(value, name) for name in names(value)}


def _with(*attributes: str) -> Callable[[Any], bool]:
    return lambda kind: all(hasattr(kind, name) for name in attributes)


_WRITTEN = {"decimal", "uuid", "pathlib", "pathlib._local", "fractions", "datetime", "ipaddress", "zoneinfo"}
_BYTES = (bytes, bytearray, memoryview)

# By what a class has, the first that fits; a class itself is none of them.
_WAYS: list[tuple[Callable[[Any], bool], Callable[[Any], Any]]] = [
    (lambda kind: issubclass(kind, type), lambda value: _refused(value)),
    (lambda kind: issubclass(kind, Enum), lambda value: value.value),
    (_with("model_dump"), lambda value: value.model_dump(mode="json")),  # pydantic's, and replies of ours
    (_with("__dataclass_fields__"), _fields(lambda value: value.__dataclass_fields__)),
    (_with("__attrs_attrs__"), _fields(lambda value: [field.name for field in value.__attrs_attrs__])),
    (_with("__struct_fields__"), _fields(lambda value: value.__struct_fields__)),  # msgspec's
    (_with("isoformat"), lambda value: value.isoformat()),
    (_with("to_dicts"), lambda value: value.to_dicts()),  # a table: one object for each row
    (_with("to_dict", "columns"), lambda value: value.to_dict(orient="records")),
    (_with("tolist"), lambda value: value.tolist()),
    (_with("keys", "__getitem__"), dict),
    # Of numbers and names: Decimal, UUID, Path, Fraction, timedelta …
    (lambda kind: kind.__module__ in _WRITTEN, str),
    (lambda kind: hasattr(kind, "__iter__") and not hasattr(kind, "__buffer__") and kind not in _BYTES, list),
]


def _refused(value: Any) -> Any:
    raise TypeError(f"a tool returned the class {value.__name__}: return an instance, or what it says")


def _picture(value: Any) -> Picture | None:
    if isinstance(value, Picture):
        return value
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
