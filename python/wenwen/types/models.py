"""`/v1/models`: what the key may use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from wenwen._core import Reply

__all__ = ["Model", "ModelList"]


class Model(Reply):
    """A model that the key may use."""

    id: str  # what `model=` takes
    object: Literal["model"]
    created: int  # seconds since 1970; the gateway gives all the same
    owned_by: str  # the vendor
    # The dialects that serve it: "openai" (chat), "openai-response", "anthropic", "gemini", "image-generation",
    # "embeddings", "openai-video", "jina-rerank".
    supported_endpoint_types: list[str]


class ModelList(Reply):
    """The models that the key may use, all on one page. Iterating gives the models."""

    object: Literal["list"]
    data: list[Model]

    def __iter__(self) -> Iterator[Model]:  # type: ignore[override]
        return iter(self.data or ())
