"""Every form of every call of `client.pricing` and `client.billing`."""

from __future__ import annotations

from typing import Any, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, Client
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.types import BillingSubscription, BillingUsage, Prices


def calls(client: Client, flag: bool) -> None:
    assert_type(client.pricing.list(), Prices)
    assert_type(client.pricing.list(as_dict=False), Prices)
    assert_type(client.pricing.list(as_dict=True), dict[str, Any])
    assert_type(client.pricing.list(as_dict=flag), Prices | dict[str, Any])
    assert_type(client.billing.subscription(), BillingSubscription)
    assert_type(client.billing.subscription(as_dict=False), BillingSubscription)
    assert_type(client.billing.subscription(as_dict=True), dict[str, Any])
    assert_type(client.billing.subscription(as_dict=flag), BillingSubscription | dict[str, Any])
    assert_type(client.billing.usage(timeout=5), BillingUsage)
    assert_type(client.billing.usage(timeout=5, as_dict=False), BillingUsage)
    assert_type(client.billing.usage(timeout=5, as_dict=True), dict[str, Any])
    assert_type(client.billing.usage(timeout=5, as_dict=flag), BillingUsage | dict[str, Any])


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.pricing.list(), Prices)
    assert_type(await async_client.pricing.list(as_dict=False), Prices)
    assert_type(await async_client.pricing.list(as_dict=True), dict[str, Any])
    assert_type(await async_client.pricing.list(as_dict=flag), Prices | dict[str, Any])
    assert_type(await async_client.billing.subscription(), BillingSubscription)
    assert_type(await async_client.billing.subscription(as_dict=False), BillingSubscription)
    assert_type(await async_client.billing.subscription(as_dict=True), dict[str, Any])
    assert_type(await async_client.billing.subscription(as_dict=flag), BillingSubscription | dict[str, Any])
    assert_type(await async_client.billing.usage(timeout=5), BillingUsage)
    assert_type(await async_client.billing.usage(timeout=5, as_dict=False), BillingUsage)
    assert_type(await async_client.billing.usage(timeout=5, as_dict=True), dict[str, Any])
    assert_type(await async_client.billing.usage(timeout=5, as_dict=flag), BillingUsage | dict[str, Any])


def functions(flag: bool) -> None:
    assert_type(wenwen.list_prices(), Prices)
    assert_type(wenwen.list_prices(as_dict=False), Prices)
    assert_type(wenwen.list_prices(as_dict=True), dict[str, Any])
    assert_type(wenwen.list_prices(as_dict=flag), Prices | dict[str, Any])


async def awaited_functions(flag: bool) -> None:
    assert_type(await wenwen.aio.list_prices(), Prices)
    assert_type(await wenwen.aio.list_prices(as_dict=False), Prices)
    assert_type(await wenwen.aio.list_prices(as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.list_prices(as_dict=flag), Prices | dict[str, Any])


def raw(client: Client) -> None:
    assert_type(client.pricing.with_raw_response.list(), APIResponse)
    assert_type(client.billing.with_raw_response.subscription(), APIResponse)
    assert_type(client.billing.with_raw_response.usage(timeout=5), APIResponse)
    assert_type(client.pricing.with_streaming_response.list(), StreamingResponse)
    assert_type(client.billing.with_streaming_response.subscription(), StreamingResponse)
    assert_type(client.billing.with_streaming_response.usage(timeout=5), StreamingResponse)


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(await async_client.pricing.with_raw_response.list(), APIResponse)
    assert_type(await async_client.billing.with_raw_response.subscription(), APIResponse)
    assert_type(await async_client.billing.with_raw_response.usage(timeout=5), APIResponse)
    assert_type(async_client.pricing.with_streaming_response.list(), AsyncStreamingResponse)
    assert_type(async_client.billing.with_streaming_response.subscription(), AsyncStreamingResponse)
    assert_type(async_client.billing.with_streaming_response.usage(timeout=5), AsyncStreamingResponse)
