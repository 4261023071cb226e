"""Every form of every call of `client.chat`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, AsyncStream, Client, Stream
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.resources.chat import AsyncChatCompletionStream, ChatCompletionStream
from wenwen.types import ChatCompletion, ChatCompletionChunk, ChatCompletionStreamEvent
from wenwen.types._parsed import ParsedChatCompletion


class Answer:
    """A class of the user's."""


def calls(client: Client, flag: bool) -> None:
    assert_type(client.chat.completions.create(model="m", messages=[]), ChatCompletion)
    assert_type(client.chat.completions.create(model="m", messages=[], as_dict=False), ChatCompletion)
    assert_type(client.chat.completions.create(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(client.chat.completions.create(model="m", messages=[], as_dict=flag), ChatCompletion | dict[str, Any])
    assert_type(client.chat.completions.create(model="m", messages=[], stream=True), Stream[ChatCompletionChunk])
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(client.chat.completions.create(model="m", messages=[], stream=False), ChatCompletion)
    assert_type(client.chat.completions.create(model="m", messages=[], stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=True, as_dict=flag),
        Stream[ChatCompletionChunk] | Stream[dict[str, Any]],
    )
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=flag),
        ChatCompletion | Stream[ChatCompletionChunk],
    )
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=flag, as_dict=flag),
        ChatCompletion | dict[str, Any] | Stream[ChatCompletionChunk] | Stream[dict[str, Any]],
    )
    assert_type(client.chat.completions.stream(model="m", messages=[]), ChatCompletionStream)
    with client.chat.completions.stream(model="m", messages=[]) as stream:
        assert_type(stream, ChatCompletionStream)
        for event in stream:
            assert_type(event, ChatCompletionStreamEvent)
        assert_type(stream.text_stream, Iterator[str])
        assert_type(stream.get_final_completion(), ChatCompletion)
        assert_type(stream.until_done(), ChatCompletionStream)
        assert_type(stream.snapshot, ChatCompletion | None)
    assert_type(
        client.chat.completions.parse(response_format=Answer, model="m", messages=[]), ParsedChatCompletion[Answer]
    )


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.chat.completions.create(model="m", messages=[]), ChatCompletion)
    assert_type(await async_client.chat.completions.create(model="m", messages=[], as_dict=False), ChatCompletion)
    assert_type(await async_client.chat.completions.create(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(
        await async_client.chat.completions.create(model="m", messages=[], as_dict=flag),
        ChatCompletion | dict[str, Any],
    )
    assert_type(
        await async_client.chat.completions.create(model="m", messages=[], stream=True),
        AsyncStream[ChatCompletionChunk],
    )
    assert_type(
        await async_client.chat.completions.create(model="m", messages=[], stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await async_client.chat.completions.create(model="m", messages=[], stream=False), ChatCompletion)
    assert_type(
        await async_client.chat.completions.create(model="m", messages=[], stream=None, as_dict=True), dict[str, Any]
    )
    assert_type(
        await async_client.chat.completions.create(model="m", messages=[], stream=True, as_dict=flag),
        AsyncStream[ChatCompletionChunk] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.chat.completions.create(model="m", messages=[], stream=flag),
        ChatCompletion | AsyncStream[ChatCompletionChunk],
    )
    assert_type(
        await async_client.chat.completions.create(model="m", messages=[], stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.chat.completions.create(model="m", messages=[], stream=flag, as_dict=flag),
        ChatCompletion | dict[str, Any] | AsyncStream[ChatCompletionChunk] | AsyncStream[dict[str, Any]],
    )
    assert_type(async_client.chat.completions.stream(model="m", messages=[]), AsyncChatCompletionStream)
    async with async_client.chat.completions.stream(model="m", messages=[]) as stream:
        assert_type(stream, AsyncChatCompletionStream)
        async for event in stream:
            assert_type(event, ChatCompletionStreamEvent)
        assert_type(stream.text_stream, AsyncIterator[str])
        assert_type(await stream.get_final_completion(), ChatCompletion)
        assert_type(await stream.until_done(), AsyncChatCompletionStream)
        assert_type(stream.snapshot, ChatCompletion | None)
    assert_type(
        await async_client.chat.completions.parse(response_format=Answer, model="m", messages=[]),
        ParsedChatCompletion[Answer],
    )


def functions(flag: bool) -> None:
    assert_type(wenwen.create_chat_completion(model="m", messages=[]), ChatCompletion)
    assert_type(wenwen.create_chat_completion(model="m", messages=[], as_dict=False), ChatCompletion)
    assert_type(wenwen.create_chat_completion(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(wenwen.create_chat_completion(model="m", messages=[], as_dict=flag), ChatCompletion | dict[str, Any])
    assert_type(wenwen.create_chat_completion(model="m", messages=[], stream=True), Stream[ChatCompletionChunk])
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(wenwen.create_chat_completion(model="m", messages=[], stream=False), ChatCompletion)
    assert_type(wenwen.create_chat_completion(model="m", messages=[], stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=True, as_dict=flag),
        Stream[ChatCompletionChunk] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=flag), ChatCompletion | Stream[ChatCompletionChunk]
    )
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=flag, as_dict=flag),
        ChatCompletion | dict[str, Any] | Stream[ChatCompletionChunk] | Stream[dict[str, Any]],
    )


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.create_chat_completion(model="m", messages=[]), ChatCompletion)
    assert_type(await wenwen.aio.create_chat_completion(model="m", messages=[], as_dict=False), ChatCompletion)
    assert_type(await wenwen.aio.create_chat_completion(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], as_dict=flag), ChatCompletion | dict[str, Any]
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=True), AsyncStream[ChatCompletionChunk]
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.create_chat_completion(model="m", messages=[], stream=False), ChatCompletion)
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=None, as_dict=True), dict[str, Any]
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=True, as_dict=flag),
        AsyncStream[ChatCompletionChunk] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=flag),
        ChatCompletion | AsyncStream[ChatCompletionChunk],
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=flag, as_dict=flag),
        ChatCompletion | dict[str, Any] | AsyncStream[ChatCompletionChunk] | AsyncStream[dict[str, Any]],
    )


def raw(client: Client, flag: bool) -> None:
    assert_type(client.chat.completions.with_raw_response.create(model="m", messages=[]), APIResponse)
    assert_type(client.chat.with_raw_response.completions.create(model="m", messages=[], stream=flag), APIResponse)
    assert_type(client.chat.completions.with_streaming_response.create(model="m", messages=[]), StreamingResponse)
    assert_type(
        client.chat.with_streaming_response.completions.create(model="m", messages=[], stream=flag), StreamingResponse
    )
    with client.chat.with_streaming_response.completions.create(model="m", messages=[]) as body:
        assert_type(body, StreamingResponse)
        assert_type(body.read(), bytes)
        assert_type(body.text(), str)
        for line in body.iter_lines():
            assert_type(line, str)
        for piece in body.iter_bytes(5):
            assert_type(piece, bytes)
        body.stream_to_file("a.json")


async def awaited_raw(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.chat.completions.with_raw_response.create(model="m", messages=[]), APIResponse)
    assert_type(
        await async_client.chat.with_raw_response.completions.create(model="m", messages=[], stream=flag), APIResponse
    )
    assert_type(
        async_client.chat.completions.with_streaming_response.create(model="m", messages=[]), AsyncStreamingResponse
    )
    assert_type(
        async_client.chat.with_streaming_response.completions.create(model="m", messages=[], stream=flag),
        AsyncStreamingResponse,
    )
    async with async_client.chat.with_streaming_response.completions.create(model="m", messages=[]) as body:
        assert_type(body, AsyncStreamingResponse)
        assert_type(await body.read(), bytes)
        assert_type(await body.text(), str)
        async for line in body.iter_lines():
            assert_type(line, str)
        async for piece in body.iter_bytes(5):
            assert_type(piece, bytes)
        await body.stream_to_file("a.json")
