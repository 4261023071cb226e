"""Every form of every call of `client.messages`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, AsyncStream, Client, Stream
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.resources.messages import AsyncMessageStream, MessageStream
from wenwen.types import Message, MessageStreamEvent, RawMessageStreamEvent


def calls(client: Client, flag: bool) -> None:
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[]), Message)
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], as_dict=False), Message)
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], as_dict=True), dict[str, Any])
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], as_dict=flag), Message | dict[str, Any])
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=True), Stream[RawMessageStreamEvent]
    )
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], stream=False), Message)
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=True, as_dict=flag),
        Stream[RawMessageStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=flag),
        Message | Stream[RawMessageStreamEvent],
    )
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=flag, as_dict=flag),
        Message | dict[str, Any] | Stream[RawMessageStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.messages.stream(model="m", max_tokens=1, messages=[]), MessageStream)
    with client.messages.stream(model="m", max_tokens=1, messages=[]) as stream:
        assert_type(stream, MessageStream)
        for event in stream:
            assert_type(event, MessageStreamEvent)
        assert_type(stream.text_stream, Iterator[str])
        assert_type(stream.get_final_message(), Message)
        assert_type(stream.until_done(), MessageStream)
        assert_type(stream.snapshot, Message | None)
        assert_type(stream.get_final_text(), str)
        assert_type(stream.current_message_snapshot, Message)


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.messages.create(model="m", max_tokens=1, messages=[]), Message)
    assert_type(await async_client.messages.create(model="m", max_tokens=1, messages=[], as_dict=False), Message)
    assert_type(await async_client.messages.create(model="m", max_tokens=1, messages=[], as_dict=True), dict[str, Any])
    assert_type(
        await async_client.messages.create(model="m", max_tokens=1, messages=[], as_dict=flag), Message | dict[str, Any]
    )
    assert_type(
        await async_client.messages.create(model="m", max_tokens=1, messages=[], stream=True),
        AsyncStream[RawMessageStreamEvent],
    )
    assert_type(
        await async_client.messages.create(model="m", max_tokens=1, messages=[], stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await async_client.messages.create(model="m", max_tokens=1, messages=[], stream=False), Message)
    assert_type(
        await async_client.messages.create(model="m", max_tokens=1, messages=[], stream=None, as_dict=True),
        dict[str, Any],
    )
    assert_type(
        await async_client.messages.create(model="m", max_tokens=1, messages=[], stream=True, as_dict=flag),
        AsyncStream[RawMessageStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.messages.create(model="m", max_tokens=1, messages=[], stream=flag),
        Message | AsyncStream[RawMessageStreamEvent],
    )
    assert_type(
        await async_client.messages.create(model="m", max_tokens=1, messages=[], stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.messages.create(model="m", max_tokens=1, messages=[], stream=flag, as_dict=flag),
        Message | dict[str, Any] | AsyncStream[RawMessageStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(async_client.messages.stream(model="m", max_tokens=1, messages=[]), AsyncMessageStream)
    async with async_client.messages.stream(model="m", max_tokens=1, messages=[]) as stream:
        assert_type(stream, AsyncMessageStream)
        async for event in stream:
            assert_type(event, MessageStreamEvent)
        assert_type(stream.text_stream, AsyncIterator[str])
        assert_type(await stream.get_final_message(), Message)
        assert_type(await stream.until_done(), AsyncMessageStream)
        assert_type(stream.snapshot, Message | None)
        assert_type(await stream.get_final_text(), str)
        assert_type(stream.current_message_snapshot, Message)


def functions(flag: bool) -> None:
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[]), Message)
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], as_dict=False), Message)
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], as_dict=True), dict[str, Any])
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], as_dict=flag), Message | dict[str, Any])
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], stream=True), Stream[RawMessageStreamEvent])
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], stream=False), Message)
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=True, as_dict=flag),
        Stream[RawMessageStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=flag),
        Message | Stream[RawMessageStreamEvent],
    )
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=flag, as_dict=flag),
        Message | dict[str, Any] | Stream[RawMessageStreamEvent] | Stream[dict[str, Any]],
    )


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.create_message(model="m", max_tokens=1, messages=[]), Message)
    assert_type(await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], as_dict=False), Message)
    assert_type(await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], as_dict=flag), Message | dict[str, Any]
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=True),
        AsyncStream[RawMessageStreamEvent],
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=False), Message)
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=None, as_dict=True), dict[str, Any]
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=True, as_dict=flag),
        AsyncStream[RawMessageStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=flag),
        Message | AsyncStream[RawMessageStreamEvent],
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=flag, as_dict=flag),
        Message | dict[str, Any] | AsyncStream[RawMessageStreamEvent] | AsyncStream[dict[str, Any]],
    )


def raw(client: Client) -> None:
    assert_type(client.messages.with_raw_response.create(model="m", max_tokens=1, messages=[]), APIResponse)
    assert_type(client.messages.with_streaming_response.create(model="m", max_tokens=1, messages=[]), StreamingResponse)


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(await async_client.messages.with_raw_response.create(model="m", max_tokens=1, messages=[]), APIResponse)
    assert_type(
        async_client.messages.with_streaming_response.create(model="m", max_tokens=1, messages=[]),
        AsyncStreamingResponse,
    )
