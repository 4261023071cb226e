"""Every form of every call of `client.gemini`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, AsyncStream, Client, Stream
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.resources.gemini import AsyncGenerateContentHelper, GenerateContentHelper
from wenwen.types import GenerateContentResponse


def calls(client: Client, flag: bool) -> None:
    assert_type(client.gemini.generate_content(model="m", contents="x"), GenerateContentResponse)
    assert_type(client.gemini.generate_content(model="m", contents="x", as_dict=False), GenerateContentResponse)
    assert_type(client.gemini.generate_content(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(
        client.gemini.generate_content(model="m", contents="x", as_dict=flag), GenerateContentResponse | dict[str, Any]
    )
    assert_type(client.gemini.generate_content(model="m", contents="x", stream=True), Stream[GenerateContentResponse])
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(client.gemini.generate_content(model="m", contents="x", stream=False), GenerateContentResponse)
    assert_type(client.gemini.generate_content(model="m", contents="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=True, as_dict=flag),
        Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=flag),
        GenerateContentResponse | Stream[GenerateContentResponse],
    )
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=flag, as_dict=flag),
        GenerateContentResponse | dict[str, Any] | Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )
    assert_type(client.gemini.generate_content_stream(model="m", contents="x"), Stream[GenerateContentResponse])
    assert_type(
        client.gemini.generate_content_stream(model="m", contents="x", as_dict=False), Stream[GenerateContentResponse]
    )
    assert_type(client.gemini.generate_content_stream(model="m", contents="x", as_dict=True), Stream[dict[str, Any]])
    assert_type(
        client.gemini.generate_content_stream(model="m", contents="x", as_dict=flag),
        Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )
    assert_type(client.gemini.stream(model="m", contents="x"), GenerateContentHelper)
    with client.gemini.stream(model="m", contents="x") as stream:
        assert_type(stream, GenerateContentHelper)
        for event in stream:
            assert_type(event, GenerateContentResponse)
        assert_type(stream.text_stream, Iterator[str])
        assert_type(stream.get_final_response(), GenerateContentResponse)
        assert_type(stream.until_done(), GenerateContentHelper)
        assert_type(stream.snapshot, GenerateContentResponse | None)


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.gemini.generate_content(model="m", contents="x"), GenerateContentResponse)
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", as_dict=False), GenerateContentResponse
    )
    assert_type(await async_client.gemini.generate_content(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", as_dict=flag),
        GenerateContentResponse | dict[str, Any],
    )
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", stream=True),
        AsyncStream[GenerateContentResponse],
    )
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", stream=False), GenerateContentResponse
    )
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", stream=None, as_dict=True), dict[str, Any]
    )
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", stream=True, as_dict=flag),
        AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", stream=flag),
        GenerateContentResponse | AsyncStream[GenerateContentResponse],
    )
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.gemini.generate_content(model="m", contents="x", stream=flag, as_dict=flag),
        GenerateContentResponse | dict[str, Any] | AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.gemini.generate_content_stream(model="m", contents="x"), AsyncStream[GenerateContentResponse]
    )
    assert_type(
        await async_client.gemini.generate_content_stream(model="m", contents="x", as_dict=False),
        AsyncStream[GenerateContentResponse],
    )
    assert_type(
        await async_client.gemini.generate_content_stream(model="m", contents="x", as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.gemini.generate_content_stream(model="m", contents="x", as_dict=flag),
        AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )
    assert_type(async_client.gemini.stream(model="m", contents="x"), AsyncGenerateContentHelper)
    async with async_client.gemini.stream(model="m", contents="x") as stream:
        assert_type(stream, AsyncGenerateContentHelper)
        async for event in stream:
            assert_type(event, GenerateContentResponse)
        assert_type(stream.text_stream, AsyncIterator[str])
        assert_type(await stream.get_final_response(), GenerateContentResponse)
        assert_type(await stream.until_done(), AsyncGenerateContentHelper)
        assert_type(stream.snapshot, GenerateContentResponse | None)


def functions(flag: bool) -> None:
    assert_type(wenwen.generate_content(model="m", contents="x"), GenerateContentResponse)
    assert_type(wenwen.generate_content(model="m", contents="x", as_dict=False), GenerateContentResponse)
    assert_type(wenwen.generate_content(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(
        wenwen.generate_content(model="m", contents="x", as_dict=flag), GenerateContentResponse | dict[str, Any]
    )
    assert_type(wenwen.generate_content(model="m", contents="x", stream=True), Stream[GenerateContentResponse])
    assert_type(wenwen.generate_content(model="m", contents="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(wenwen.generate_content(model="m", contents="x", stream=False), GenerateContentResponse)
    assert_type(wenwen.generate_content(model="m", contents="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.generate_content(model="m", contents="x", stream=True, as_dict=flag),
        Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.generate_content(model="m", contents="x", stream=flag),
        GenerateContentResponse | Stream[GenerateContentResponse],
    )
    assert_type(
        wenwen.generate_content(model="m", contents="x", stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.generate_content(model="m", contents="x", stream=flag, as_dict=flag),
        GenerateContentResponse | dict[str, Any] | Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.generate_content(model="m", contents="x"), GenerateContentResponse)
    assert_type(await wenwen.aio.generate_content(model="m", contents="x", as_dict=False), GenerateContentResponse)
    assert_type(await wenwen.aio.generate_content(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", as_dict=flag),
        GenerateContentResponse | dict[str, Any],
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=True), AsyncStream[GenerateContentResponse]
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.generate_content(model="m", contents="x", stream=False), GenerateContentResponse)
    assert_type(await wenwen.aio.generate_content(model="m", contents="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=True, as_dict=flag),
        AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=flag),
        GenerateContentResponse | AsyncStream[GenerateContentResponse],
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=flag, as_dict=flag),
        GenerateContentResponse | dict[str, Any] | AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )


def raw(client: Client) -> None:
    assert_type(client.gemini.with_raw_response.generate_content(model="m", contents="x"), APIResponse)
    assert_type(client.gemini.with_raw_response.generate_content_stream(model="m", contents="x"), APIResponse)
    assert_type(client.gemini.with_streaming_response.generate_content(model="m", contents="x"), StreamingResponse)
    assert_type(
        client.gemini.with_streaming_response.generate_content_stream(model="m", contents="x"), StreamingResponse
    )


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(await async_client.gemini.with_raw_response.generate_content(model="m", contents="x"), APIResponse)
    assert_type(
        await async_client.gemini.with_raw_response.generate_content_stream(model="m", contents="x"), APIResponse
    )
    assert_type(
        async_client.gemini.with_streaming_response.generate_content(model="m", contents="x"), AsyncStreamingResponse
    )
    assert_type(
        async_client.gemini.with_streaming_response.generate_content_stream(model="m", contents="x"),
        AsyncStreamingResponse,
    )
