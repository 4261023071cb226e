"""Every form of every call of `client.midjourney`."""

from __future__ import annotations

from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, Client
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.types import AsyncTask, ImageSeed, Task


def calls(client: Client, flag: bool) -> None:
    assert_type(client.midjourney.imagine(prompt="x"), Task)
    assert_type(client.midjourney.imagine(prompt="x", as_dict=False), Task)
    assert_type(client.midjourney.imagine(prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.imagine(prompt="x", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.blend(base64Array=[b"1", b"2"]), Task)
    assert_type(client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=False), Task)
    assert_type(client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=True), dict[str, Any])
    assert_type(client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.action(taskId="t", customId="c"), Task)
    assert_type(client.midjourney.action(taskId="t", customId="c", as_dict=False), Task)
    assert_type(client.midjourney.action(taskId="t", customId="c", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.action(taskId="t", customId="c", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.modal(taskId="t", prompt="x"), Task)
    assert_type(client.midjourney.modal(taskId="t", prompt="x", as_dict=False), Task)
    assert_type(client.midjourney.modal(taskId="t", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.modal(taskId="t", prompt="x", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.change(taskId="t", action="UPSCALE", index=1), Task)
    assert_type(client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=False), Task)
    assert_type(client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=True), dict[str, Any])
    assert_type(client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.simple_change(content="t U1"), Task)
    assert_type(client.midjourney.simple_change(content="t U1", as_dict=False), Task)
    assert_type(client.midjourney.simple_change(content="t U1", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.simple_change(content="t U1", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.describe(base64=b"png"), Task)
    assert_type(client.midjourney.describe(base64=b"png", as_dict=False), Task)
    assert_type(client.midjourney.describe(base64=b"png", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.describe(base64=b"png", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.shorten(prompt="x"), Task)
    assert_type(client.midjourney.shorten(prompt="x", as_dict=False), Task)
    assert_type(client.midjourney.shorten(prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.shorten(prompt="x", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.fetch("t"), Task)
    assert_type(client.midjourney.fetch("t", as_dict=False), Task)
    assert_type(client.midjourney.fetch("t", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.fetch("t", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.list(["t", 5]), list[Task])
    assert_type(client.midjourney.list(["t", 5], as_dict=False), list[Task])
    assert_type(client.midjourney.list(["t", 5], as_dict=True), list[dict[str, Any]])
    assert_type(client.midjourney.list(["t", 5], as_dict=flag), list[Task] | list[dict[str, Any]])
    assert_type(client.midjourney.seed("t"), ImageSeed)
    assert_type(client.midjourney.seed("t", as_dict=False), ImageSeed)
    assert_type(client.midjourney.seed("t", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.seed("t", as_dict=flag), ImageSeed | dict[str, Any])
    task = client.midjourney.imagine(prompt="x")
    assert_type(client.midjourney.wait([task, "t"], 5, poll=1, progress=print, return_failed=flag), list[Task])
    assert_type(task.wait(progress=True), Task)
    assert_type(task.refresh(), Task)
    assert_type(task.action("U1"), Task)
    assert_type(task.modal(prompt="x"), Task)
    assert_type(task.seed(), str)
    assert_type(task.save("a.png"), str)


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.midjourney.imagine(prompt="x"), AsyncTask)
    assert_type(await async_client.midjourney.imagine(prompt="x", as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.imagine(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.imagine(prompt="x", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await async_client.midjourney.blend(base64Array=[b"1", b"2"]), AsyncTask)
    assert_type(await async_client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await async_client.midjourney.action(taskId="t", customId="c"), AsyncTask)
    assert_type(await async_client.midjourney.action(taskId="t", customId="c", as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.action(taskId="t", customId="c", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.midjourney.action(taskId="t", customId="c", as_dict=flag), AsyncTask | dict[str, Any]
    )
    assert_type(await async_client.midjourney.modal(taskId="t", prompt="x"), AsyncTask)
    assert_type(await async_client.midjourney.modal(taskId="t", prompt="x", as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.modal(taskId="t", prompt="x", as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.modal(taskId="t", prompt="x", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await async_client.midjourney.change(taskId="t", action="UPSCALE", index=1), AsyncTask)
    assert_type(await async_client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=False), AsyncTask)
    assert_type(
        await async_client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=True), dict[str, Any]
    )
    assert_type(
        await async_client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=flag),
        AsyncTask | dict[str, Any],
    )
    assert_type(await async_client.midjourney.simple_change(content="t U1"), AsyncTask)
    assert_type(await async_client.midjourney.simple_change(content="t U1", as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.simple_change(content="t U1", as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.simple_change(content="t U1", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await async_client.midjourney.describe(base64=b"png"), AsyncTask)
    assert_type(await async_client.midjourney.describe(base64=b"png", as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.describe(base64=b"png", as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.describe(base64=b"png", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await async_client.midjourney.shorten(prompt="x"), AsyncTask)
    assert_type(await async_client.midjourney.shorten(prompt="x", as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.shorten(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.shorten(prompt="x", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await async_client.midjourney.fetch("t"), AsyncTask)
    assert_type(await async_client.midjourney.fetch("t", as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.fetch("t", as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.fetch("t", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await async_client.midjourney.list(["t", 5]), list[AsyncTask])
    assert_type(await async_client.midjourney.list(["t", 5], as_dict=False), list[AsyncTask])
    assert_type(await async_client.midjourney.list(["t", 5], as_dict=True), list[dict[str, Any]])
    assert_type(await async_client.midjourney.list(["t", 5], as_dict=flag), list[AsyncTask] | list[dict[str, Any]])
    assert_type(await async_client.midjourney.seed("t"), ImageSeed)
    assert_type(await async_client.midjourney.seed("t", as_dict=False), ImageSeed)
    assert_type(await async_client.midjourney.seed("t", as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.seed("t", as_dict=flag), ImageSeed | dict[str, Any])
    task = await async_client.midjourney.imagine(prompt="x")
    assert_type(
        await async_client.midjourney.wait([task, "t"], 5, poll=1, progress=print, return_failed=flag), list[AsyncTask]
    )
    assert_type(await task.wait(progress=True), AsyncTask)
    assert_type(await task.refresh(), AsyncTask)
    assert_type(await task.action("U1"), AsyncTask)
    assert_type(await task.modal(prompt="x"), AsyncTask)
    assert_type(await task.seed(), str)
    assert_type(await task.save("a.png"), str)


def functions(flag: bool) -> None:
    assert_type(wenwen.imagine(prompt="x"), Task)
    assert_type(wenwen.imagine(prompt="x", as_dict=False), Task)
    assert_type(wenwen.imagine(prompt="x", as_dict=True), dict[str, Any])
    assert_type(wenwen.imagine(prompt="x", as_dict=flag), Task | dict[str, Any])
    assert_type(wenwen.blend(base64Array=[b"1", b"2"]), Task)
    assert_type(wenwen.blend(base64Array=[b"1", b"2"], as_dict=False), Task)
    assert_type(wenwen.blend(base64Array=[b"1", b"2"], as_dict=True), dict[str, Any])
    assert_type(wenwen.blend(base64Array=[b"1", b"2"], as_dict=flag), Task | dict[str, Any])
    assert_type(wenwen.fetch_task("t"), Task)
    assert_type(wenwen.fetch_task("t", as_dict=False), Task)
    assert_type(wenwen.fetch_task("t", as_dict=True), dict[str, Any])
    assert_type(wenwen.fetch_task("t", as_dict=flag), Task | dict[str, Any])


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.imagine(prompt="x"), AsyncTask)
    assert_type(await wenwen.aio.imagine(prompt="x", as_dict=False), AsyncTask)
    assert_type(await wenwen.aio.imagine(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.imagine(prompt="x", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await wenwen.aio.blend(base64Array=[b"1", b"2"]), AsyncTask)
    assert_type(await wenwen.aio.blend(base64Array=[b"1", b"2"], as_dict=False), AsyncTask)
    assert_type(await wenwen.aio.blend(base64Array=[b"1", b"2"], as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.blend(base64Array=[b"1", b"2"], as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await wenwen.aio.fetch_task("t"), AsyncTask)
    assert_type(await wenwen.aio.fetch_task("t", as_dict=False), AsyncTask)
    assert_type(await wenwen.aio.fetch_task("t", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.fetch_task("t", as_dict=flag), AsyncTask | dict[str, Any])


def raw(client: Client) -> None:
    assert_type(client.midjourney.with_raw_response.imagine(prompt="x"), APIResponse)
    assert_type(client.midjourney.with_raw_response.blend(base64Array=[b"1", b"2"]), APIResponse)
    assert_type(client.midjourney.with_raw_response.action(taskId="t", customId="c"), APIResponse)
    assert_type(client.midjourney.with_raw_response.modal(taskId="t", prompt="x"), APIResponse)
    assert_type(client.midjourney.with_raw_response.change(taskId="t", action="UPSCALE", index=1), APIResponse)
    assert_type(client.midjourney.with_raw_response.simple_change(content="t U1"), APIResponse)
    assert_type(client.midjourney.with_raw_response.describe(base64=b"png"), APIResponse)
    assert_type(client.midjourney.with_raw_response.shorten(prompt="x"), APIResponse)
    assert_type(client.midjourney.with_raw_response.fetch("t"), APIResponse)
    assert_type(client.midjourney.with_raw_response.list(["t", 5]), APIResponse)
    assert_type(client.midjourney.with_raw_response.seed("t"), APIResponse)
    assert_type(client.midjourney.with_streaming_response.imagine(prompt="x"), StreamingResponse)
    assert_type(client.midjourney.with_streaming_response.blend(base64Array=[b"1", b"2"]), StreamingResponse)
    assert_type(client.midjourney.with_streaming_response.action(taskId="t", customId="c"), StreamingResponse)
    assert_type(client.midjourney.with_streaming_response.modal(taskId="t", prompt="x"), StreamingResponse)
    assert_type(
        client.midjourney.with_streaming_response.change(taskId="t", action="UPSCALE", index=1), StreamingResponse
    )
    assert_type(client.midjourney.with_streaming_response.simple_change(content="t U1"), StreamingResponse)
    assert_type(client.midjourney.with_streaming_response.describe(base64=b"png"), StreamingResponse)
    assert_type(client.midjourney.with_streaming_response.shorten(prompt="x"), StreamingResponse)
    assert_type(client.midjourney.with_streaming_response.fetch("t"), StreamingResponse)
    assert_type(client.midjourney.with_streaming_response.list(["t", 5]), StreamingResponse)
    assert_type(client.midjourney.with_streaming_response.seed("t"), StreamingResponse)


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(await async_client.midjourney.with_raw_response.imagine(prompt="x"), APIResponse)
    assert_type(await async_client.midjourney.with_raw_response.blend(base64Array=[b"1", b"2"]), APIResponse)
    assert_type(await async_client.midjourney.with_raw_response.action(taskId="t", customId="c"), APIResponse)
    assert_type(await async_client.midjourney.with_raw_response.modal(taskId="t", prompt="x"), APIResponse)
    assert_type(
        await async_client.midjourney.with_raw_response.change(taskId="t", action="UPSCALE", index=1), APIResponse
    )
    assert_type(await async_client.midjourney.with_raw_response.simple_change(content="t U1"), APIResponse)
    assert_type(await async_client.midjourney.with_raw_response.describe(base64=b"png"), APIResponse)
    assert_type(await async_client.midjourney.with_raw_response.shorten(prompt="x"), APIResponse)
    assert_type(await async_client.midjourney.with_raw_response.fetch("t"), APIResponse)
    assert_type(await async_client.midjourney.with_raw_response.list(["t", 5]), APIResponse)
    assert_type(await async_client.midjourney.with_raw_response.seed("t"), APIResponse)
    assert_type(async_client.midjourney.with_streaming_response.imagine(prompt="x"), AsyncStreamingResponse)
    assert_type(async_client.midjourney.with_streaming_response.blend(base64Array=[b"1", b"2"]), AsyncStreamingResponse)
    assert_type(
        async_client.midjourney.with_streaming_response.action(taskId="t", customId="c"), AsyncStreamingResponse
    )
    assert_type(async_client.midjourney.with_streaming_response.modal(taskId="t", prompt="x"), AsyncStreamingResponse)
    assert_type(
        async_client.midjourney.with_streaming_response.change(taskId="t", action="UPSCALE", index=1),
        AsyncStreamingResponse,
    )
    assert_type(async_client.midjourney.with_streaming_response.simple_change(content="t U1"), AsyncStreamingResponse)
    assert_type(async_client.midjourney.with_streaming_response.describe(base64=b"png"), AsyncStreamingResponse)
    assert_type(async_client.midjourney.with_streaming_response.shorten(prompt="x"), AsyncStreamingResponse)
    assert_type(async_client.midjourney.with_streaming_response.fetch("t"), AsyncStreamingResponse)
    assert_type(async_client.midjourney.with_streaming_response.list(["t", 5]), AsyncStreamingResponse)
    assert_type(async_client.midjourney.with_streaming_response.seed("t"), AsyncStreamingResponse)
