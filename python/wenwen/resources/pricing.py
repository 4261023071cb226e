"""`/api/pricing` and the account: `client.pricing`, `client.billing`."""

from __future__ import annotations

from .._core import send
from ..types._schema import endpoint
from ..types.pricing import BillingSubscription, BillingUsage, Prices
from ..types.shared import RequestOptions
from ._base import AsyncResource, AsyncStreamingResponse, Resource, Streaming, StreamingResponse, documented, kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, Generic, TypeVar

    from .._core import APIResponse
    from ..types._calls import ListAll

LIST = endpoint("pricing.list", reply=Prices, params=RequestOptions)
SUBSCRIPTION = endpoint("billing.subscription", reply=BillingSubscription, params=RequestOptions)
USAGE = endpoint("billing.usage", reply=BillingUsage, params=RequestOptions)

if TYPE_CHECKING:
    R = TypeVar("R")
    _Dict = dict[str, Any]

    class RawPricing(Generic[R]):
        list: ListAll[R, R]

    class RawBilling(Generic[R]):
        subscription: ListAll[R, R]
        usage: ListAll[R, R]


class Pricing(Resource):
    """`/api/pricing`: what the models cost."""

    if TYPE_CHECKING:
        list: ListAll[Prices, _Dict]
    else:

        @documented(RequestOptions)
        def list(self, **options):
            """What all models cost: `GET /api/pricing`. Needs no key, and sends none.

            Returns `Prices`: `prices["gpt-5"].cost(input_tokens=1000, output_tokens=200)` and `prices.cost(reply)`
            reckon in US dollars, as the gateway does for its bill; ValueError where the list and the reply do not tell
            all of it. RateLimitError where the address asks too often: fetch it once and keep it."""
            return send(self._settings, LIST, options, (), self._form)

    @kept
    def with_raw_response(self) -> RawPricing[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Pricing(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawPricing[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Pricing(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class AsyncPricing(AsyncResource):
    """`/api/pricing`, awaited: what the models cost."""

    if TYPE_CHECKING:
        list: ListAll[Coroutine[Any, Any, Prices], Coroutine[Any, Any, _Dict]]
    else:

        @documented(RequestOptions, like=Pricing.list)
        async def list(self, **options):
            return await self._call(self._settings, LIST, options, (), self._form)

    @kept
    def with_raw_response(self) -> RawPricing[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncPricing(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawPricing[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncPricing(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


class Billing(Resource):
    """What the key may spend and has spent."""

    if TYPE_CHECKING:
        subscription: ListAll[BillingSubscription, _Dict]
        usage: ListAll[BillingUsage, _Dict]
    else:

        @documented(RequestOptions)
        def subscription(self, **options):
            """What the key may spend, in US dollars: `GET /v1/dashboard/billing/subscription`."""
            return send(self._settings, SUBSCRIPTION, options, (), self._form)

        @documented(RequestOptions)
        def usage(self, **options):
            """What the key has spent, in hundredths of a dollar: `GET /v1/dashboard/billing/usage`."""
            return send(self._settings, USAGE, options, (), self._form)

    @kept
    def with_raw_response(self) -> RawBilling[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Billing(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawBilling[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Billing(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class AsyncBilling(AsyncResource):
    """What the key may spend and has spent, awaited."""

    if TYPE_CHECKING:
        subscription: ListAll[Coroutine[Any, Any, BillingSubscription], Coroutine[Any, Any, _Dict]]
        usage: ListAll[Coroutine[Any, Any, BillingUsage], Coroutine[Any, Any, _Dict]]
    else:

        @documented(RequestOptions, like=Billing.subscription)
        async def subscription(self, **options):
            return await self._call(self._settings, SUBSCRIPTION, options, (), self._form)

        @documented(RequestOptions, like=Billing.usage)
        async def usage(self, **options):
            return await self._call(self._settings, USAGE, options, (), self._form)

    @kept
    def with_raw_response(self) -> RawBilling[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncBilling(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawBilling[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncBilling(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {"list_prices": "Pricing.list"}
