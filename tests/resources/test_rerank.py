"""Reranking through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway
from wenwen.types import RerankResponse

ASK: dict[str, Any] = {"model": "jina-reranker", "query": "the cat", "documents": ["a dog", "the cat sleeps"]}


def test_the_best_comes_first(call: Call, gateway: LocalGateway) -> None:
    rerank = call.client(gateway).rerank
    reply = call.wait(rerank.create(**ASK))
    assert isinstance(reply, RerankResponse)
    assert [result.index for result in reply.results] == [1, 0]
    assert reply.results[0].relevance_score > reply.results[1].relevance_score
    assert reply.results[0].document.text == "the cat sleeps"
    assert reply.usage.total_tokens > 0
    only = call.wait(rerank.create(**ASK, top_n=1, return_documents=False, as_dict=True))
    assert [result["index"] for result in only["results"]] == [1]
    assert "document" not in only["results"][0]
    assert gateway.last_request is not None
    assert (gateway.last_request.path, gateway.last_request.json()) == (
        "/v1/rerank", {**ASK, "top_n": 1, "return_documents": False},
    )  # fmt: skip


@pytest.mark.parametrize("missing", ["model", "query", "documents"])
def test_refusals(call: Call, gateway: LocalGateway, missing: str) -> None:
    rerank = call.client(gateway).rerank
    with pytest.raises(TypeError, match=f"'{missing}'"):
        call.wait(rerank.create(**{name: value for name, value in ASK.items() if name != missing}))
    with pytest.raises(wenwen.InternalServerError, match="documents is empty"):
        call.wait(rerank.create(**{**ASK, "documents": []}))
