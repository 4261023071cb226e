"""Every form of every call of `client.responses`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, AsyncStream, Client, Headers, Stream
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.resources.responses import AsyncResponseStream, ResponseStream
from wenwen.types import Response, ResponseDeleted, ResponseItemList, ResponseStreamEvent
from wenwen.types._parsed import ParsedResponse


class Answer:
    """A class of the user's."""


def calls(client: Client, flag: bool) -> None:
    assert_type(client.responses.create(model="m", input="x"), Response)
    assert_type(client.responses.create(model="m", input="x", as_dict=False), Response)
    assert_type(client.responses.create(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(client.responses.create(model="m", input="x", as_dict=flag), Response | dict[str, Any])
    assert_type(client.responses.create(model="m", input="x", stream=True), Stream[ResponseStreamEvent])
    assert_type(client.responses.create(model="m", input="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(client.responses.create(model="m", input="x", stream=False), Response)
    assert_type(client.responses.create(model="m", input="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.responses.create(model="m", input="x", stream=True, as_dict=flag),
        Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.responses.create(model="m", input="x", stream=flag), Response | Stream[ResponseStreamEvent])
    assert_type(
        client.responses.create(model="m", input="x", stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        client.responses.create(model="m", input="x", stream=flag, as_dict=flag),
        Response | dict[str, Any] | Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.responses.retrieve("r"), Response)
    assert_type(client.responses.retrieve("r", as_dict=False), Response)
    assert_type(client.responses.retrieve("r", as_dict=True), dict[str, Any])
    assert_type(client.responses.retrieve("r", as_dict=flag), Response | dict[str, Any])
    assert_type(client.responses.retrieve("r", stream=True), Stream[ResponseStreamEvent])
    assert_type(client.responses.retrieve("r", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(client.responses.retrieve("r", stream=False), Response)
    assert_type(client.responses.retrieve("r", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.responses.retrieve("r", stream=True, as_dict=flag), Stream[ResponseStreamEvent] | Stream[dict[str, Any]]
    )
    assert_type(client.responses.retrieve("r", stream=flag), Response | Stream[ResponseStreamEvent])
    assert_type(client.responses.retrieve("r", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]])
    assert_type(
        client.responses.retrieve("r", stream=flag, as_dict=flag),
        Response | dict[str, Any] | Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.responses.delete("r"), ResponseDeleted)
    assert_type(client.responses.delete("r", as_dict=False), ResponseDeleted)
    assert_type(client.responses.delete("r", as_dict=True), dict[str, Any])
    assert_type(client.responses.delete("r", as_dict=flag), ResponseDeleted | dict[str, Any])
    assert_type(client.responses.cancel(response_id="r"), Response)
    assert_type(client.responses.cancel(response_id="r", as_dict=False), Response)
    assert_type(client.responses.cancel(response_id="r", as_dict=True), dict[str, Any])
    assert_type(client.responses.cancel(response_id="r", as_dict=flag), Response | dict[str, Any])
    assert_type(client.responses.input_items.list("r", limit=2), ResponseItemList)
    assert_type(client.responses.input_items.list("r", limit=2, as_dict=False), ResponseItemList)
    assert_type(client.responses.input_items.list("r", limit=2, as_dict=True), dict[str, Any])
    assert_type(client.responses.input_items.list("r", limit=2, as_dict=flag), ResponseItemList | dict[str, Any])
    assert_type(client.responses.stream(model="m", input="x"), ResponseStream)
    with client.responses.stream(model="m", input="x") as stream:
        assert_type(stream, ResponseStream)
        for event in stream:
            assert_type(event, ResponseStreamEvent)
        assert_type(stream.text_stream, Iterator[str])
        assert_type(stream.get_final_response(), Response)
        assert_type(stream.until_done(), ResponseStream)
        assert_type(stream.snapshot, Response | None)
    parsed = client.responses.parse(Answer, model="m", input="x")
    assert_type(parsed, ParsedResponse[Answer])
    assert_type(parsed.output_parsed, Answer | None)


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.responses.create(model="m", input="x"), Response)
    assert_type(await async_client.responses.create(model="m", input="x", as_dict=False), Response)
    assert_type(await async_client.responses.create(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(await async_client.responses.create(model="m", input="x", as_dict=flag), Response | dict[str, Any])
    assert_type(
        await async_client.responses.create(model="m", input="x", stream=True), AsyncStream[ResponseStreamEvent]
    )
    assert_type(
        await async_client.responses.create(model="m", input="x", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await async_client.responses.create(model="m", input="x", stream=False), Response)
    assert_type(await async_client.responses.create(model="m", input="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await async_client.responses.create(model="m", input="x", stream=True, as_dict=flag),
        AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.responses.create(model="m", input="x", stream=flag),
        Response | AsyncStream[ResponseStreamEvent],
    )
    assert_type(
        await async_client.responses.create(model="m", input="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.responses.create(model="m", input="x", stream=flag, as_dict=flag),
        Response | dict[str, Any] | AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await async_client.responses.retrieve("r"), Response)
    assert_type(await async_client.responses.retrieve("r", as_dict=False), Response)
    assert_type(await async_client.responses.retrieve("r", as_dict=True), dict[str, Any])
    assert_type(await async_client.responses.retrieve("r", as_dict=flag), Response | dict[str, Any])
    assert_type(await async_client.responses.retrieve("r", stream=True), AsyncStream[ResponseStreamEvent])
    assert_type(await async_client.responses.retrieve("r", stream=True, as_dict=True), AsyncStream[dict[str, Any]])
    assert_type(await async_client.responses.retrieve("r", stream=False), Response)
    assert_type(await async_client.responses.retrieve("r", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await async_client.responses.retrieve("r", stream=True, as_dict=flag),
        AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await async_client.responses.retrieve("r", stream=flag), Response | AsyncStream[ResponseStreamEvent])
    assert_type(
        await async_client.responses.retrieve("r", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.responses.retrieve("r", stream=flag, as_dict=flag),
        Response | dict[str, Any] | AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await async_client.responses.delete("r"), ResponseDeleted)
    assert_type(await async_client.responses.delete("r", as_dict=False), ResponseDeleted)
    assert_type(await async_client.responses.delete("r", as_dict=True), dict[str, Any])
    assert_type(await async_client.responses.delete("r", as_dict=flag), ResponseDeleted | dict[str, Any])
    assert_type(await async_client.responses.cancel(response_id="r"), Response)
    assert_type(await async_client.responses.cancel(response_id="r", as_dict=False), Response)
    assert_type(await async_client.responses.cancel(response_id="r", as_dict=True), dict[str, Any])
    assert_type(await async_client.responses.cancel(response_id="r", as_dict=flag), Response | dict[str, Any])
    assert_type(await async_client.responses.input_items.list("r", limit=2), ResponseItemList)
    assert_type(await async_client.responses.input_items.list("r", limit=2, as_dict=False), ResponseItemList)
    assert_type(await async_client.responses.input_items.list("r", limit=2, as_dict=True), dict[str, Any])
    assert_type(
        await async_client.responses.input_items.list("r", limit=2, as_dict=flag), ResponseItemList | dict[str, Any]
    )
    assert_type(async_client.responses.stream(model="m", input="x"), AsyncResponseStream)
    async with async_client.responses.stream(model="m", input="x") as stream:
        assert_type(stream, AsyncResponseStream)
        async for event in stream:
            assert_type(event, ResponseStreamEvent)
        assert_type(stream.text_stream, AsyncIterator[str])
        assert_type(await stream.get_final_response(), Response)
        assert_type(await stream.until_done(), AsyncResponseStream)
        assert_type(stream.snapshot, Response | None)
    parsed = await async_client.responses.parse(Answer, model="m", input="x")
    assert_type(parsed, ParsedResponse[Answer])
    assert_type(parsed.output_parsed, Answer | None)


def functions(flag: bool) -> None:
    assert_type(wenwen.create_response(model="m", input="x"), Response)
    assert_type(wenwen.create_response(model="m", input="x", as_dict=False), Response)
    assert_type(wenwen.create_response(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(wenwen.create_response(model="m", input="x", as_dict=flag), Response | dict[str, Any])
    assert_type(wenwen.create_response(model="m", input="x", stream=True), Stream[ResponseStreamEvent])
    assert_type(wenwen.create_response(model="m", input="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(wenwen.create_response(model="m", input="x", stream=False), Response)
    assert_type(wenwen.create_response(model="m", input="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.create_response(model="m", input="x", stream=True, as_dict=flag),
        Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.create_response(model="m", input="x", stream=flag), Response | Stream[ResponseStreamEvent])
    assert_type(
        wenwen.create_response(model="m", input="x", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]]
    )
    assert_type(
        wenwen.create_response(model="m", input="x", stream=flag, as_dict=flag),
        Response | dict[str, Any] | Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.create_response(model="m", input="x"), Response)
    assert_type(await wenwen.aio.create_response(model="m", input="x", as_dict=False), Response)
    assert_type(await wenwen.aio.create_response(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.create_response(model="m", input="x", as_dict=flag), Response | dict[str, Any])
    assert_type(await wenwen.aio.create_response(model="m", input="x", stream=True), AsyncStream[ResponseStreamEvent])
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=True, as_dict=True), AsyncStream[dict[str, Any]]
    )
    assert_type(await wenwen.aio.create_response(model="m", input="x", stream=False), Response)
    assert_type(await wenwen.aio.create_response(model="m", input="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=True, as_dict=flag),
        AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=flag), Response | AsyncStream[ResponseStreamEvent]
    )
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=flag, as_dict=flag),
        Response | dict[str, Any] | AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )


def raw(client: Client, flag: bool) -> None:
    assert_type(client.responses.with_raw_response.create(model="m", input="x"), APIResponse)
    assert_type(client.responses.with_raw_response.retrieve("r"), APIResponse)
    assert_type(client.responses.with_raw_response.delete("r"), APIResponse)
    assert_type(client.responses.with_raw_response.cancel(response_id="r"), APIResponse)
    assert_type(client.responses.with_raw_response.input_items.list("r", limit=2), APIResponse)
    reply = client.responses.with_raw_response.create(model="m", input="x", stream=flag)
    assert_type(reply.status_code, int)
    assert_type(reply.headers, Headers)
    assert_type(reply.content, bytes)
    assert_type(client.responses.with_streaming_response.create(model="m", input="x"), StreamingResponse)
    assert_type(client.responses.with_streaming_response.retrieve("r"), StreamingResponse)
    assert_type(client.responses.with_streaming_response.delete("r"), StreamingResponse)
    assert_type(client.responses.with_streaming_response.cancel(response_id="r"), StreamingResponse)
    assert_type(client.responses.with_streaming_response.input_items.list("r", limit=2), StreamingResponse)


async def awaited_raw(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.responses.with_raw_response.create(model="m", input="x"), APIResponse)
    assert_type(await async_client.responses.with_raw_response.retrieve("r"), APIResponse)
    assert_type(await async_client.responses.with_raw_response.delete("r"), APIResponse)
    assert_type(await async_client.responses.with_raw_response.cancel(response_id="r"), APIResponse)
    assert_type(await async_client.responses.with_raw_response.input_items.list("r", limit=2), APIResponse)
    reply = await async_client.responses.with_raw_response.create(model="m", input="x", stream=flag)
    assert_type(reply.status_code, int)
    assert_type(reply.headers, Headers)
    assert_type(reply.content, bytes)
    assert_type(async_client.responses.with_streaming_response.create(model="m", input="x"), AsyncStreamingResponse)
    assert_type(async_client.responses.with_streaming_response.retrieve("r"), AsyncStreamingResponse)
    assert_type(async_client.responses.with_streaming_response.delete("r"), AsyncStreamingResponse)
    assert_type(async_client.responses.with_streaming_response.cancel(response_id="r"), AsyncStreamingResponse)
    assert_type(async_client.responses.with_streaming_response.input_items.list("r", limit=2), AsyncStreamingResponse)
