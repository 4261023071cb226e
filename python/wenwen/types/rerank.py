"""`/v1/rerank`: which of several texts answer a question best.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation
says, and a field that is not declared here is an attribute all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Required

from wenwen._core import Object, Reply

from .shared import RequestOptions

__all__ = ["RerankCreateParams", "RerankResponse", "RerankResult"]


class RerankResult(Object):
    """One of the documents, and how well it fits."""

    index: int  # its place among those that were given
    relevance_score: float  # the higher the better; mostly 0 to 1
    document: Object | str | None  # with a `text`, or the text; not with return_documents=False


class RerankResponse(Reply):
    """The documents, the best one first."""

    results: list[RerankResult]
    usage: Object | None  # prompt_tokens, total_tokens


class RerankCreateParams(RequestOptions, total=False):
    """The parameters of `rerank.create`.

    model: id of the model, e.g. "jina-reranker-v2-base-multilingual". Required.
    query: what is asked. Required.
    documents: the texts, or {"text": ...}. Required.
    top_n: how many to return; default all.
    return_documents: False to have their places alone.
    max_chunks_per_doc: in how many pieces a long document is looked at.
    overlap_tokens: by how many tokens these overlap.
    """

    model: Required[str]
    query: Required[str]
    documents: Required[Iterable[str | Mapping[str, object]]]
    top_n: int | None
    return_documents: bool | None
    max_chunks_per_doc: int | None
    overlap_tokens: int | None
