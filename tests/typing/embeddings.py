"""Every form of every call of `client.embeddings`."""

from __future__ import annotations

from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, Client
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.types import CreateEmbeddingResponse


def calls(client: Client, flag: bool) -> None:
    assert_type(client.embeddings.create(model="m", input=["x"], batch_size=2), CreateEmbeddingResponse)
    assert_type(client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=False), CreateEmbeddingResponse)
    assert_type(client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=True), dict[str, Any])
    assert_type(
        client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=flag),
        CreateEmbeddingResponse | dict[str, Any],
    )


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.embeddings.create(model="m", input=["x"], batch_size=2), CreateEmbeddingResponse)
    assert_type(
        await async_client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=False),
        CreateEmbeddingResponse,
    )
    assert_type(
        await async_client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=True), dict[str, Any]
    )
    assert_type(
        await async_client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=flag),
        CreateEmbeddingResponse | dict[str, Any],
    )


def functions(flag: bool) -> None:
    assert_type(wenwen.create_embeddings(model="m", input=["x"], batch_size=2), CreateEmbeddingResponse)
    assert_type(wenwen.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=False), CreateEmbeddingResponse)
    assert_type(wenwen.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=flag),
        CreateEmbeddingResponse | dict[str, Any],
    )


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.create_embeddings(model="m", input=["x"], batch_size=2), CreateEmbeddingResponse)
    assert_type(
        await wenwen.aio.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=False), CreateEmbeddingResponse
    )
    assert_type(await wenwen.aio.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=flag),
        CreateEmbeddingResponse | dict[str, Any],
    )


def raw(client: Client) -> None:
    assert_type(client.embeddings.with_raw_response.create(model="m", input=["x"], batch_size=2), APIResponse)
    assert_type(
        client.embeddings.with_streaming_response.create(model="m", input=["x"], batch_size=2), StreamingResponse
    )


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(
        await async_client.embeddings.with_raw_response.create(model="m", input=["x"], batch_size=2), APIResponse
    )
    assert_type(
        async_client.embeddings.with_streaming_response.create(model="m", input=["x"], batch_size=2),
        AsyncStreamingResponse,
    )
