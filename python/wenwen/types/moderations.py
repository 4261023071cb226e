"""`/v1/moderations`: whether a text or a picture may do harm.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation
says, and a field that is not declared here is an attribute all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Required

from wenwen._core import Object, Reply

from .shared import RequestOptions

__all__ = ["ModerationCreateParams", "ModerationCreateResponse", "ModerationVerdict"]


class ModerationVerdict(Object):
    """What was found in one input."""

    flagged: bool
    categories: dict[str, bool]  # "harassment", "hate/threatening", "self-harm", "sexual", "violence" …
    category_scores: dict[str, float]  # 0 to 1
    category_applied_input_types: dict[str, list[str]] | None  # "text", "image"


class ModerationCreateResponse(Reply):
    """What was found, for each input."""

    id: str
    model: str
    results: list[ModerationVerdict]


class ModerationCreateParams(RequestOptions, total=False):
    """The parameters of `moderations.create`.

    input: a text, a list of texts, or a list of parts: {"type": "text", "text": ...}, {"type": "image_url",
        "image_url": {"url": ...}}, where bytes and paths may stand for the URL. Required.
    model: "omni-moderation-latest" or another; the service has a default.
    """

    input: Required[str | Iterable[str] | Iterable[Mapping[str, object]]]
    model: str | None
