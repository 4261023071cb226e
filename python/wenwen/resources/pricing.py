"""`/api/pricing` and the account: `client.pricing`, `client.billing`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.pricing import BillingSubscription, BillingUsage, KeyLog, KeyUsage, Prices
from ..types.shared import RequestOptions
from ._base import Resource
from ._methods import awaited, documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._core import APIResponse
    from ._base import StreamingResponse
    from ._faces import AsyncBilling as AsyncBilling
    from ._faces import AsyncPricing as AsyncPricing
    from ._faces import ListAll, RawBilling, RawPricing

LIST = endpoint("pricing.list", reply=Prices, params=RequestOptions)
SUBSCRIPTION = endpoint("billing.subscription", reply=BillingSubscription, params=RequestOptions)
USAGE = endpoint("billing.usage", reply=BillingUsage, params=RequestOptions)
KEY = endpoint("billing.key", reply=KeyUsage, params=RequestOptions)
LOG = endpoint("billing.log", reply=KeyLog, params=RequestOptions)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


class Pricing(Resource):
    """`/api/pricing`: what the models cost."""

    if TYPE_CHECKING:
        list: ListAll[Prices, _Dict]
        with_raw_response: RawPricing[APIResponse]
        with_streaming_response: RawPricing[StreamingResponse]
    else:

        @documented(RequestOptions, sends=LIST)
        def list(self, **options):
            """What all models cost: `GET /api/pricing`. Needs no key, and sends none.

            Returns `Prices`: `prices["gpt-5"].cost(input_tokens=1000, output_tokens=200)` and `prices.cost(reply)`
            reckon in US dollars, as the gateway does for its bill; ValueError where the list and the reply do not tell
            all of it. RateLimitError where the address asks too often: fetch it once and keep it."""


class Billing(Resource):
    """What the key may spend and has spent."""

    if TYPE_CHECKING:
        subscription: ListAll[BillingSubscription, _Dict]
        usage: ListAll[BillingUsage, _Dict]
        key: ListAll[KeyUsage, _Dict]
        log: ListAll[KeyLog, _Dict]
        with_raw_response: RawBilling[APIResponse]
        with_streaming_response: RawBilling[StreamingResponse]
    else:

        @documented(RequestOptions, sends=SUBSCRIPTION)
        def subscription(self, **options):
            """What the key may spend, in US dollars: `GET /v1/dashboard/billing/subscription`."""

        @documented(RequestOptions, sends=USAGE)
        def usage(self, **options):
            """What the key has spent, in hundredths of a dollar: `GET /v1/dashboard/billing/usage`."""

        @documented(RequestOptions, sends=KEY)
        def key(self, **options):
            """What the key itself may spend and has spent, for which models, and when it expires:
            `GET /api/usage/token/`. Answers for a key that is used up or expired too. Returns a `KeyUsage`: `data`."""

        @documented(RequestOptions, sends=LOG)
        def log(self, **options):
            """The calls of the key, the newest first: `GET /api/log/token`. Returns a `KeyLog`."""


if not TYPE_CHECKING:
    AsyncPricing, AsyncBilling = awaited(Pricing), awaited(Billing)
