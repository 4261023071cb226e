"""Every form of every call of `client.images`."""

from __future__ import annotations

from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, AsyncStream, Client, Stream
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.types import ImageEditStreamEvent, ImageGenStreamEvent, ImagesResponse


def calls(client: Client, flag: bool) -> None:
    assert_type(client.images.generate(prompt="x"), ImagesResponse)
    assert_type(client.images.generate(prompt="x", as_dict=False), ImagesResponse)
    assert_type(client.images.generate(prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.images.generate(prompt="x", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(client.images.generate(prompt="x", stream=True), Stream[ImageGenStreamEvent])
    assert_type(client.images.generate(prompt="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(client.images.generate(prompt="x", stream=False), ImagesResponse)
    assert_type(client.images.generate(prompt="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.images.generate(prompt="x", stream=True, as_dict=flag),
        Stream[ImageGenStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.images.generate(prompt="x", stream=flag), ImagesResponse | Stream[ImageGenStreamEvent])
    assert_type(client.images.generate(prompt="x", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]])
    assert_type(
        client.images.generate(prompt="x", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | Stream[ImageGenStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.images.edit(prompt="x", image=b"png"), ImagesResponse)
    assert_type(client.images.edit(prompt="x", image=b"png", as_dict=False), ImagesResponse)
    assert_type(client.images.edit(prompt="x", image=b"png", as_dict=True), dict[str, Any])
    assert_type(client.images.edit(prompt="x", image=b"png", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(client.images.edit(prompt="x", image=b"png", stream=True), Stream[ImageEditStreamEvent])
    assert_type(client.images.edit(prompt="x", image=b"png", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(client.images.edit(prompt="x", image=b"png", stream=False), ImagesResponse)
    assert_type(client.images.edit(prompt="x", image=b"png", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.images.edit(prompt="x", image=b"png", stream=True, as_dict=flag),
        Stream[ImageEditStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.images.edit(prompt="x", image=b"png", stream=flag), ImagesResponse | Stream[ImageEditStreamEvent]
    )
    assert_type(
        client.images.edit(prompt="x", image=b"png", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]]
    )
    assert_type(
        client.images.edit(prompt="x", image=b"png", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | Stream[ImageEditStreamEvent] | Stream[dict[str, Any]],
    )
    for image in client.images.generate(prompt="x").data:
        assert_type(image.read(), bytes)
        image.save("a.png")


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.images.generate(prompt="x"), ImagesResponse)
    assert_type(await async_client.images.generate(prompt="x", as_dict=False), ImagesResponse)
    assert_type(await async_client.images.generate(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await async_client.images.generate(prompt="x", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(await async_client.images.generate(prompt="x", stream=True), AsyncStream[ImageGenStreamEvent])
    assert_type(await async_client.images.generate(prompt="x", stream=True, as_dict=True), AsyncStream[dict[str, Any]])
    assert_type(await async_client.images.generate(prompt="x", stream=False), ImagesResponse)
    assert_type(await async_client.images.generate(prompt="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await async_client.images.generate(prompt="x", stream=True, as_dict=flag),
        AsyncStream[ImageGenStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.images.generate(prompt="x", stream=flag), ImagesResponse | AsyncStream[ImageGenStreamEvent]
    )
    assert_type(
        await async_client.images.generate(prompt="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.images.generate(prompt="x", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | AsyncStream[ImageGenStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await async_client.images.edit(prompt="x", image=b"png"), ImagesResponse)
    assert_type(await async_client.images.edit(prompt="x", image=b"png", as_dict=False), ImagesResponse)
    assert_type(await async_client.images.edit(prompt="x", image=b"png", as_dict=True), dict[str, Any])
    assert_type(await async_client.images.edit(prompt="x", image=b"png", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(
        await async_client.images.edit(prompt="x", image=b"png", stream=True), AsyncStream[ImageEditStreamEvent]
    )
    assert_type(
        await async_client.images.edit(prompt="x", image=b"png", stream=True, as_dict=True), AsyncStream[dict[str, Any]]
    )
    assert_type(await async_client.images.edit(prompt="x", image=b"png", stream=False), ImagesResponse)
    assert_type(await async_client.images.edit(prompt="x", image=b"png", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await async_client.images.edit(prompt="x", image=b"png", stream=True, as_dict=flag),
        AsyncStream[ImageEditStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.images.edit(prompt="x", image=b"png", stream=flag),
        ImagesResponse | AsyncStream[ImageEditStreamEvent],
    )
    assert_type(
        await async_client.images.edit(prompt="x", image=b"png", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.images.edit(prompt="x", image=b"png", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | AsyncStream[ImageEditStreamEvent] | AsyncStream[dict[str, Any]],
    )
    for image in (await async_client.images.generate(prompt="x")).data:
        assert_type(await image.abytes(), bytes)
        await image.asave("a.png")


def functions(flag: bool) -> None:
    assert_type(wenwen.generate_image(prompt="x"), ImagesResponse)
    assert_type(wenwen.generate_image(prompt="x", as_dict=False), ImagesResponse)
    assert_type(wenwen.generate_image(prompt="x", as_dict=True), dict[str, Any])
    assert_type(wenwen.generate_image(prompt="x", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(wenwen.generate_image(prompt="x", stream=True), Stream[ImageGenStreamEvent])
    assert_type(wenwen.generate_image(prompt="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(wenwen.generate_image(prompt="x", stream=False), ImagesResponse)
    assert_type(wenwen.generate_image(prompt="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.generate_image(prompt="x", stream=True, as_dict=flag),
        Stream[ImageGenStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.generate_image(prompt="x", stream=flag), ImagesResponse | Stream[ImageGenStreamEvent])
    assert_type(wenwen.generate_image(prompt="x", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]])
    assert_type(
        wenwen.generate_image(prompt="x", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | Stream[ImageGenStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.edit_image(prompt="x", image=b"png"), ImagesResponse)
    assert_type(wenwen.edit_image(prompt="x", image=b"png", as_dict=False), ImagesResponse)
    assert_type(wenwen.edit_image(prompt="x", image=b"png", as_dict=True), dict[str, Any])
    assert_type(wenwen.edit_image(prompt="x", image=b"png", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=True), Stream[ImageEditStreamEvent])
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=False), ImagesResponse)
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.edit_image(prompt="x", image=b"png", stream=True, as_dict=flag),
        Stream[ImageEditStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=flag), ImagesResponse | Stream[ImageEditStreamEvent])
    assert_type(
        wenwen.edit_image(prompt="x", image=b"png", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]]
    )
    assert_type(
        wenwen.edit_image(prompt="x", image=b"png", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | Stream[ImageEditStreamEvent] | Stream[dict[str, Any]],
    )


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.generate_image(prompt="x"), ImagesResponse)
    assert_type(await wenwen.aio.generate_image(prompt="x", as_dict=False), ImagesResponse)
    assert_type(await wenwen.aio.generate_image(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.generate_image(prompt="x", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(await wenwen.aio.generate_image(prompt="x", stream=True), AsyncStream[ImageGenStreamEvent])
    assert_type(await wenwen.aio.generate_image(prompt="x", stream=True, as_dict=True), AsyncStream[dict[str, Any]])
    assert_type(await wenwen.aio.generate_image(prompt="x", stream=False), ImagesResponse)
    assert_type(await wenwen.aio.generate_image(prompt="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.generate_image(prompt="x", stream=True, as_dict=flag),
        AsyncStream[ImageGenStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.generate_image(prompt="x", stream=flag), ImagesResponse | AsyncStream[ImageGenStreamEvent]
    )
    assert_type(
        await wenwen.aio.generate_image(prompt="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.generate_image(prompt="x", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | AsyncStream[ImageGenStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png"), ImagesResponse)
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", as_dict=False), ImagesResponse)
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", stream=True), AsyncStream[ImageEditStreamEvent])
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=True, as_dict=True), AsyncStream[dict[str, Any]]
    )
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", stream=False), ImagesResponse)
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=True, as_dict=flag),
        AsyncStream[ImageEditStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=flag),
        ImagesResponse | AsyncStream[ImageEditStreamEvent],
    )
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | AsyncStream[ImageEditStreamEvent] | AsyncStream[dict[str, Any]],
    )


def raw(client: Client) -> None:
    assert_type(client.images.with_raw_response.generate(prompt="x"), APIResponse)
    assert_type(client.images.with_raw_response.edit(prompt="x", image=b"png"), APIResponse)
    assert_type(client.images.with_streaming_response.generate(prompt="x"), StreamingResponse)
    assert_type(client.images.with_streaming_response.edit(prompt="x", image=b"png"), StreamingResponse)


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(await async_client.images.with_raw_response.generate(prompt="x"), APIResponse)
    assert_type(await async_client.images.with_raw_response.edit(prompt="x", image=b"png"), APIResponse)
    assert_type(async_client.images.with_streaming_response.generate(prompt="x"), AsyncStreamingResponse)
    assert_type(async_client.images.with_streaming_response.edit(prompt="x", image=b"png"), AsyncStreamingResponse)
