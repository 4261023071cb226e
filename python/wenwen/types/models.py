"""`/v1/models`: what the key may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from wenwen._core import Reply

from .shared import RequestOptions

__all__ = ["Model", "ModelDeleted", "ModelInfo", "ModelList", "ModelListParams", "ModelRetrieveParams"]


class Model(Reply):
    """A model that the key may use."""

    id: str  # what `model=` takes
    object: Literal["model"]
    created: int  # seconds since 1970; the gateway gives all the same
    owned_by: str  # the vendor
    # The dialects that serve it: "openai" (chat), "openai-response", "anthropic", "gemini", "image-generation",
    # "embeddings", "openai-video", "jina-rerank".
    supported_endpoint_types: list[str]
    shutdown_date: str | None  # OpenAI's own
    # Anthropic's own, in place of `object`, `created` and `owned_by`.
    type: Literal["model"] | None
    display_name: str | None
    created_at: str | None
    capabilities: dict[str, Any] | None
    lifecycle: str | None
    line: str | None
    max_input_tokens: int | None
    max_tokens: int | None
    deprecated_at: str | None
    retires_at: str | None


ModelInfo = Model  # anthropic's name


class ModelDeleted(Reply):
    """The reply to the deletion of a model."""

    id: str
    object: str
    deleted: bool


class ModelList(Reply):
    """The models that the key may use: the gateway's are all on one page. Iterating gives the models."""

    object: Literal["list"]
    data: list[Model]
    first_id: str | None  # Anthropic's own, as are the next two
    last_id: str | None  # pass it as `after_id` to get the next page
    has_more: bool | None

    def __iter__(self) -> Iterator[Model]:  # type: ignore[override]
        return iter(self.data or ())


class ModelListParams(RequestOptions, total=False):
    """The parameters of `models.list`, which are Anthropic's and go into the query: the gateway passes over them.

    limit: models per page; 1 to 1000, default 20.
    after_id: id of a model; the page starts behind it.
    before_id: id of a model; the page ends before it.
    lifecycle: "active", "deprecated", "retired"; default the first two.
    betas: names of features in the making; they go as the header `anthropic-beta`.
    workspace_id: which workspace of the key's; it goes as a header.
    """

    limit: int | None
    after_id: str | None
    before_id: str | None
    lifecycle: Iterable[Literal["active", "deprecated", "retired"]] | None
    betas: Iterable[str] | None
    workspace_id: str | None


class ModelRetrieveParams(RequestOptions, total=False):
    """The parameters of `models.retrieve` besides the model.

    model_id: the model, as Anthropic's package calls it.
    betas: names of features in the making; they go as the header `anthropic-beta`.
    workspace_id: which workspace of the key's; it goes as a header.
    """

    model_id: str | None
    betas: Iterable[str] | None
    workspace_id: str | None
