"""Every form of every call of `client.models`."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, Client
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.resources.models import AsyncModelPage
from wenwen.types import Model, ModelList


def calls(client: Client, flag: bool) -> None:
    assert_type(client.models.list(), ModelList)
    assert_type(client.models.list(as_dict=False), ModelList)
    assert_type(client.models.list(as_dict=True), dict[str, Any])
    assert_type(client.models.list(as_dict=flag), ModelList | dict[str, Any])
    assert_type(client.models.retrieve("m"), Model)
    assert_type(client.models.retrieve("m", as_dict=False), Model)
    assert_type(client.models.retrieve("m", as_dict=True), dict[str, Any])
    assert_type(client.models.retrieve("m", as_dict=flag), Model | dict[str, Any])


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.models.list(), ModelList)
    assert_type(await async_client.models.list(as_dict=False), ModelList)
    assert_type(await async_client.models.list(as_dict=True), dict[str, Any])
    assert_type(async_client.models.list(), AsyncModelPage)
    assert_type(async_client.models.list(as_dict=flag), AsyncModelPage | Coroutine[Any, Any, dict[str, Any]])
    assert_type([each async for each in async_client.models.list()], list[Model])
    assert_type(await async_client.models.retrieve("m"), Model)
    assert_type(await async_client.models.retrieve("m", as_dict=False), Model)
    assert_type(await async_client.models.retrieve("m", as_dict=True), dict[str, Any])
    assert_type(await async_client.models.retrieve("m", as_dict=flag), Model | dict[str, Any])


def functions(flag: bool) -> None:
    assert_type(wenwen.list_models(), ModelList)
    assert_type(wenwen.list_models(as_dict=False), ModelList)
    assert_type(wenwen.list_models(as_dict=True), dict[str, Any])
    assert_type(wenwen.list_models(as_dict=flag), ModelList | dict[str, Any])


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.list_models(), ModelList)
    assert_type(await wenwen.aio.list_models(as_dict=False), ModelList)
    assert_type(await wenwen.aio.list_models(as_dict=True), dict[str, Any])
    assert_type(wenwen.aio.list_models(), AsyncModelPage)
    assert_type(wenwen.aio.list_models(as_dict=flag), AsyncModelPage | Coroutine[Any, Any, dict[str, Any]])
    assert_type([each async for each in wenwen.aio.list_models()], list[Model])


def raw(client: Client) -> None:
    assert_type(client.models.with_raw_response.list(), APIResponse)
    assert_type(client.models.with_raw_response.retrieve("m"), APIResponse)
    assert_type(client.models.with_streaming_response.list(), StreamingResponse)
    assert_type(client.models.with_streaming_response.retrieve("m"), StreamingResponse)


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(await async_client.models.with_raw_response.list(), APIResponse)
    assert_type(await async_client.models.with_raw_response.retrieve("m"), APIResponse)
    assert_type(async_client.models.with_streaming_response.list(), AsyncStreamingResponse)
    assert_type(async_client.models.with_streaming_response.retrieve("m"), AsyncStreamingResponse)
