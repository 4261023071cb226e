"""Every form of every call of `client.videos`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, BinaryContent, Client
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.types import AsyncVideo, AsyncVideoGeneration, Video, VideoGeneration


def calls(client: Client, flag: bool) -> None:
    assert_type(client.videos.create(model="m", prompt="x"), Video)
    assert_type(client.videos.create(model="m", prompt="x", as_dict=False), Video)
    assert_type(client.videos.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.videos.create(model="m", prompt="x", as_dict=flag), Video | dict[str, Any])
    assert_type(client.videos.retrieve("v"), Video)
    assert_type(client.videos.retrieve("v", as_dict=False), Video)
    assert_type(client.videos.retrieve("v", as_dict=True), dict[str, Any])
    assert_type(client.videos.retrieve("v", as_dict=flag), Video | dict[str, Any])
    assert_type(client.videos.remix("v", prompt="x"), Video)
    assert_type(client.videos.remix("v", prompt="x", as_dict=False), Video)
    assert_type(client.videos.remix("v", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.videos.remix("v", prompt="x", as_dict=flag), Video | dict[str, Any])
    assert_type(client.videos.generations.create(model="m", prompt="x"), VideoGeneration)
    assert_type(client.videos.generations.create(model="m", prompt="x", as_dict=False), VideoGeneration)
    assert_type(client.videos.generations.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.videos.generations.create(model="m", prompt="x", as_dict=flag), VideoGeneration | dict[str, Any])
    assert_type(client.videos.generations.retrieve("t"), VideoGeneration)
    assert_type(client.videos.generations.retrieve("t", as_dict=False), VideoGeneration)
    assert_type(client.videos.generations.retrieve("t", as_dict=True), dict[str, Any])
    assert_type(client.videos.generations.retrieve("t", as_dict=flag), VideoGeneration | dict[str, Any])
    assert_type(client.videos.download_content("v"), BinaryContent)
    assert_type(client.videos.download_content("v", "a.png"), None)
    assert_type(client.videos.download_content("v", path=Path("a.png")), None)
    assert_type(client.videos.create_and_poll(model="m", prompt="x", poll_interval_ms=5), Video)
    video = client.videos.poll("v", progress=print)
    assert_type(video, Video)
    assert_type(video.wait(), Video)
    assert_type(video.refresh(), Video)
    video.save("a.mp4")
    task = client.videos.generations.retrieve("t")
    assert_type(task.wait(5, poll=1), VideoGeneration)
    assert_type(task.refresh(), VideoGeneration)
    task.save(Path("a.mp4"))


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.videos.create(model="m", prompt="x"), AsyncVideo)
    assert_type(await async_client.videos.create(model="m", prompt="x", as_dict=False), AsyncVideo)
    assert_type(await async_client.videos.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(await async_client.videos.create(model="m", prompt="x", as_dict=flag), AsyncVideo | dict[str, Any])
    assert_type(await async_client.videos.retrieve("v"), AsyncVideo)
    assert_type(await async_client.videos.retrieve("v", as_dict=False), AsyncVideo)
    assert_type(await async_client.videos.retrieve("v", as_dict=True), dict[str, Any])
    assert_type(await async_client.videos.retrieve("v", as_dict=flag), AsyncVideo | dict[str, Any])
    assert_type(await async_client.videos.remix("v", prompt="x"), AsyncVideo)
    assert_type(await async_client.videos.remix("v", prompt="x", as_dict=False), AsyncVideo)
    assert_type(await async_client.videos.remix("v", prompt="x", as_dict=True), dict[str, Any])
    assert_type(await async_client.videos.remix("v", prompt="x", as_dict=flag), AsyncVideo | dict[str, Any])
    assert_type(await async_client.videos.generations.create(model="m", prompt="x"), AsyncVideoGeneration)
    assert_type(
        await async_client.videos.generations.create(model="m", prompt="x", as_dict=False), AsyncVideoGeneration
    )
    assert_type(await async_client.videos.generations.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.videos.generations.create(model="m", prompt="x", as_dict=flag),
        AsyncVideoGeneration | dict[str, Any],
    )
    assert_type(await async_client.videos.generations.retrieve("t"), AsyncVideoGeneration)
    assert_type(await async_client.videos.generations.retrieve("t", as_dict=False), AsyncVideoGeneration)
    assert_type(await async_client.videos.generations.retrieve("t", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.videos.generations.retrieve("t", as_dict=flag), AsyncVideoGeneration | dict[str, Any]
    )
    assert_type(await async_client.videos.download_content("v"), BinaryContent)
    assert_type(await async_client.videos.download_content("v", "a.png"), None)
    assert_type(await async_client.videos.download_content("v", path=Path("a.png")), None)
    assert_type(await async_client.videos.create_and_poll(model="m", prompt="x", poll_interval_ms=5), AsyncVideo)
    video = await async_client.videos.poll("v", progress=print)
    assert_type(video, AsyncVideo)
    assert_type(await video.wait(), AsyncVideo)
    assert_type(await video.refresh(), AsyncVideo)
    await video.save("a.mp4")
    task = await async_client.videos.generations.retrieve("t")
    assert_type(await task.wait(5, poll=1), AsyncVideoGeneration)
    assert_type(await task.refresh(), AsyncVideoGeneration)
    await task.save(Path("a.mp4"))


def functions(flag: bool) -> None:
    assert_type(wenwen.create_video(model="m", prompt="x"), Video)
    assert_type(wenwen.create_video(model="m", prompt="x", as_dict=False), Video)
    assert_type(wenwen.create_video(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(wenwen.create_video(model="m", prompt="x", as_dict=flag), Video | dict[str, Any])


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.create_video(model="m", prompt="x"), AsyncVideo)
    assert_type(await wenwen.aio.create_video(model="m", prompt="x", as_dict=False), AsyncVideo)
    assert_type(await wenwen.aio.create_video(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.create_video(model="m", prompt="x", as_dict=flag), AsyncVideo | dict[str, Any])


def raw(client: Client) -> None:
    assert_type(client.videos.with_raw_response.create(model="m", prompt="x"), APIResponse)
    assert_type(client.videos.with_raw_response.retrieve("v"), APIResponse)
    assert_type(client.videos.with_raw_response.remix("v", prompt="x"), APIResponse)
    assert_type(client.videos.generations.with_raw_response.create(model="m", prompt="x"), APIResponse)
    assert_type(client.videos.with_raw_response.generations.create(model="m", prompt="x"), APIResponse)
    assert_type(client.videos.generations.with_raw_response.retrieve("t"), APIResponse)
    assert_type(client.videos.with_raw_response.generations.retrieve("t"), APIResponse)
    assert_type(client.videos.with_raw_response.download_content("v"), APIResponse)
    assert_type(client.videos.with_streaming_response.create(model="m", prompt="x"), StreamingResponse)
    assert_type(client.videos.with_streaming_response.retrieve("v"), StreamingResponse)
    assert_type(client.videos.with_streaming_response.remix("v", prompt="x"), StreamingResponse)
    assert_type(client.videos.generations.with_streaming_response.create(model="m", prompt="x"), StreamingResponse)
    assert_type(client.videos.with_streaming_response.generations.create(model="m", prompt="x"), StreamingResponse)
    assert_type(client.videos.generations.with_streaming_response.retrieve("t"), StreamingResponse)
    assert_type(client.videos.with_streaming_response.generations.retrieve("t"), StreamingResponse)
    assert_type(client.videos.with_streaming_response.download_content("v"), StreamingResponse)


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(await async_client.videos.with_raw_response.create(model="m", prompt="x"), APIResponse)
    assert_type(await async_client.videos.with_raw_response.retrieve("v"), APIResponse)
    assert_type(await async_client.videos.with_raw_response.remix("v", prompt="x"), APIResponse)
    assert_type(await async_client.videos.generations.with_raw_response.create(model="m", prompt="x"), APIResponse)
    assert_type(await async_client.videos.with_raw_response.generations.create(model="m", prompt="x"), APIResponse)
    assert_type(await async_client.videos.generations.with_raw_response.retrieve("t"), APIResponse)
    assert_type(await async_client.videos.with_raw_response.generations.retrieve("t"), APIResponse)
    assert_type(await async_client.videos.with_raw_response.download_content("v"), APIResponse)
    assert_type(async_client.videos.with_streaming_response.create(model="m", prompt="x"), AsyncStreamingResponse)
    assert_type(async_client.videos.with_streaming_response.retrieve("v"), AsyncStreamingResponse)
    assert_type(async_client.videos.with_streaming_response.remix("v", prompt="x"), AsyncStreamingResponse)
    assert_type(
        async_client.videos.generations.with_streaming_response.create(model="m", prompt="x"), AsyncStreamingResponse
    )
    assert_type(
        async_client.videos.with_streaming_response.generations.create(model="m", prompt="x"), AsyncStreamingResponse
    )
    assert_type(async_client.videos.generations.with_streaming_response.retrieve("t"), AsyncStreamingResponse)
    assert_type(async_client.videos.with_streaming_response.generations.retrieve("t"), AsyncStreamingResponse)
    assert_type(async_client.videos.with_streaming_response.download_content("v"), AsyncStreamingResponse)
