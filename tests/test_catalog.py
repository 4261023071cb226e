"""Models, prices and the account through the public face, on the local gateway."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from conftest import Call, sample

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import ModelList, ModelPrice, Prices

PRICES = sample("n12-pricing/response.json")
MODELS = sample("n1-models/response.json")


def test_models(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    models = call.wait(client.models.list())
    request = gateway.last_request
    assert request is not None
    assert (request.method, request.path, request.body) == ("GET", "/v1/models", b"")
    assert request.header("authorization") == f"Bearer {gateway.api_key}"
    assert isinstance(models, ModelList)
    assert models.object == "list"
    assert [model.id for model in models] == [model.id for model in models.data]
    assert models.data[1].supported_endpoint_types == ["anthropic", "openai"]
    assert [model.id for model in call.each(client.models.list())][:3] == [row["id"] for row in MODELS["data"]]
    as_dict = call.wait(client.models.list(as_dict=True))
    assert as_dict["data"][:3] == MODELS["data"]


def test_odd_and_raw_models(call: Call, gateway: LocalGateway) -> None:
    gateway.script(MODELS, {**MODELS, "data": None})
    client = call.client(gateway)
    models = call.wait(client.models.with_raw_response.list()).parse()
    assert copy.deepcopy(models) == models == MODELS
    assert list(call.wait(client.models.list())) == []


def test_one_model(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    model = call.wait(client.models.retrieve("gpt-4o"))
    assert (model.id, model.owned_by) == ("gpt-4o", "openai")
    assert gateway.last_request is not None
    assert gateway.last_request.path == "/v1/models/gpt-4o"
    # The refusal comes with status 200.
    with pytest.raises(wenwen.NotFoundError) as caught:
        call.wait(client.models.retrieve("nope"))
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert caught.value.body == sample("n1-models/response_retrieve_unknown_http200.json")
    assert gateway.last_request.status == 200
    assert len(gateway.requests) == 2
    with pytest.raises(ValueError, match='model is ""'):
        call.wait(client.models.retrieve(""))


@pytest.mark.parametrize("resource", ["models", "pricing"])
def test_failure_in_a_200(call: Call, gateway: LocalGateway, resource: str) -> None:
    gateway.script({"success": False, "message": "获取失败"})
    with pytest.raises(wenwen.APIError, match="获取失败"):
        call.wait(getattr(call.client(gateway, max_retries=0), resource).list())


def test_the_other_dialects_shapes(gateway: LocalGateway) -> None:
    client = gateway.client()
    headers = {"x-api-key": gateway.api_key, "anthropic-version": "2023-06-01"}
    listed = client.get("/v1/models", extra_headers=headers, as_dict=True)
    assert listed["data"][0]["type"] == "model"
    assert (listed["first_id"], listed["has_more"]) == (listed["data"][0]["id"], False)
    listed = client.get("/v1/models", extra_headers={"x-goog-api-key": gateway.api_key}, as_dict=True)
    assert [row["name"] for row in listed["models"]][:1] == ["gpt-4o"]
    # The first alone does not switch.
    assert "object" in client.get("/v1/models", extra_headers={"x-api-key": gateway.api_key}, as_dict=True)


def test_functions(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = wenwen.aio if call.is_async else wenwen
    monkeypatch.setenv("WENWEN_BASE_URL", gateway.base_url)
    # Prices need no key.
    assert call.wait(module.list_prices())["gpt-4o"].model_ratio == 1.25
    with pytest.raises(wenwen.WenwenError, match="WENWEN_API_KEY"):
        call.wait(module.list_models())
    monkeypatch.setenv("WENWEN_API_KEY", gateway.api_key)
    monkeypatch.setattr("wenwen._client._default", None)
    assert next(iter(call.each(module.list_models()))).id == "gpt-4o"
    monkeypatch.setattr("wenwen._client._default", None)


def test_prices_go_without_the_key(call: Call, gateway: LocalGateway) -> None:
    prices = call.wait(call.client(gateway).pricing.list())
    request = gateway.last_request
    assert request is not None
    assert (request.method, request.path) == ("GET", "/api/pricing")
    assert not [name for name, _ in request.headers if name.lower() in ("authorization", "x-api-key")]
    assert prices.headers["content-type"].startswith("application/json")  # it came compressed
    assert isinstance(prices, Prices)
    assert prices.usable_group == {"default": "默认分组"}
    assert [price.model_name for price in prices][:2] == ["gpt-4o", "claude-sonnet-4-20250514"]
    assert isinstance(prices["gpt-4o"], ModelPrice)
    with pytest.raises(KeyError, match="did you mean gpt-4o"):
        prices["gpt-4oo"]


def test_prices_that_are_not_compressed_are_the_same(gateway: LocalGateway) -> None:
    client = gateway.client()
    plain = client.pricing.list(extra_headers={"accept-encoding": "identity"})
    assert plain == client.pricing.list()
    sizes = [request.bytes_written for request in gateway.requests]
    assert sizes[0] > 2 * sizes[1]


def test_prices_sample(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(json=PRICES, gzip=True))
    prices = call.wait(call.client(gateway).pricing.list())
    assert prices["data"][0]["model_name"] == "gpt-4o"
    assert prices["gpt-4o"].cost(input_tokens=1_000_000) == pytest.approx(2.5)
    assert prices.to_dict() == PRICES  # reckoning leaves it as it came


def test_prices_too_often(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(status=429, body=b"", headers={"retry-after-ms": "1"}), None)
    assert call.wait(call.client(gateway).pricing.list())["gpt-5"].per_call is False
    gateway.script(Reply(status=429, body=b""))
    with pytest.raises(wenwen.RateLimitError, match="no body"):
        call.wait(call.client(gateway, max_retries=0).pricing.list())


ROWS: dict[str, Any] = {
    "data": [
        {"model_name": "m", "quota_type": 0, "model_ratio": 2, "completion_ratio": 3, "cache_ratio": 0.1,
         "create_cache_ratio": 1.25, "enable_groups": ["default", "vip"]},
        {"model_name": "plain", "quota_type": 0, "model_ratio": 0.5, "enable_groups": ["vip"]},
        {"model_name": "call", "quota_type": 1, "model_price": 0.1, "enable_groups": ["all"]},
    ],
    "group_ratio": {"default": 1, "vip": 0.5, "free": 0},
}  # fmt: skip
UNIT = 4e-6  # of "m": a ratio of 2 is $4 for a million


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        # chat, with and without a cache, and an upstream that names cache hits itself
        ({"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}, 100 + 30),
        ({"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 60}}, 40 + 6 + 30),
        ({"prompt_tokens": 100, "completion_tokens": 0, "prompt_cache_hit_tokens": 60}, 40 + 6),
        ({"prompt_tokens": 100, "total_tokens": 100}, 100),  # embeddings
        # responses
        ({"input_tokens": 100, "output_tokens": 10, "input_tokens_details": {"cached_tokens": 60}}, 40 + 6 + 30),
        # messages, whose cached tokens are not among the others
        ({"input_tokens": 40, "output_tokens": 10, "cache_read_input_tokens": 60}, 40 + 6 + 30),
        ({"input_tokens": 40, "output_tokens": 10, "cache_creation_input_tokens": 40}, 40 + 50 + 30),
        ({"input_tokens": 40, "output_tokens": 10}, 40 + 30),
        # Gemini
        ({"promptTokenCount": 100, "candidatesTokenCount": 6, "thoughtsTokenCount": 4}, 100 + 30),
        ({"promptTokenCount": 100, "cachedContentTokenCount": 60, "totalTokenCount": 100}, 40 + 6),
    ],
)
def test_costs_of_every_dialect(usage: dict[str, Any], tokens: float) -> None:
    prices = Prices(ROWS)
    name = "usageMetadata" if "promptTokenCount" in usage else "usage"
    model = "modelVersion" if "promptTokenCount" in usage else "model"
    for reply in (usage, wenwen.Object(usage), {name: usage, model: "m"}, wenwen.Object({name: usage, model: "m"})):
        assert prices["m"].cost(reply) == pytest.approx(tokens * UNIT)
        assert prices.cost(reply, model="m", group="vip") == pytest.approx(tokens * UNIT / 2)


def test_costs_of_real_replies(gateway: LocalGateway) -> None:
    client = gateway.client()
    prices = client.pricing.list()
    hello: Any = [{"role": "user", "content": "Hello!"}]
    for reply in (
        client.responses.create(model="gpt-5", input="Hello!"),
        client.chat.completions.create(model="gpt-4o", messages=hello),
        client.messages.create(model="claude-sonnet-4-20250514", messages=hello, max_tokens=100),
        client.gemini.generate_content(model="gemini-2.5-flash", contents="Hello!"),
    ):
        cost = prices.cost(reply)
        assert 0 < cost < 0.01
        assert prices.cost(reply.to_dict()) == cost
        assert prices.cost(reply, calls=10) == pytest.approx(10 * cost)
    # The name of a version stands for the model's.
    assert prices.cost({"model": "gpt-5-2025-08-07", "usage": {"input_tokens": 1_000_000}}) == pytest.approx(1.25)


def test_costs_in_advance() -> None:
    prices = Prices(ROWS)
    m = prices["m"]
    assert (m.input_price, m.output_price) == pytest.approx((4.0, 12.0))
    assert m.cost(input_tokens=100, output_tokens=10) == pytest.approx(130 * UNIT)
    assert m.cost(input_tokens=100, cached_tokens=60, calls=3) == pytest.approx(3 * 46 * UNIT)
    assert m.cost(input_tokens=100, group="vip") == pytest.approx(50 * UNIT)
    assert m.group_ratio == {"default": 1, "vip": 0.5}
    assert pickle.loads(pickle.dumps(m)).cost(input_tokens=100, group="vip") == pytest.approx(50 * UNIT)
    # Not for "default": what the cheapest group pays. No ratio for answers: the same as for prompts.
    assert prices["plain"].cost(input_tokens=60, output_tokens=40) == pytest.approx(100 * 1e-6 / 2)
    call = prices["call"]
    assert (call.per_call, call.input_price, call.output_price) == (True, None, None)
    assert call.cost() == pytest.approx(0.1)
    assert call.cost(calls=5, group="vip") == pytest.approx(0.25)
    assert prices.cost({"data": []}, model="call") == pytest.approx(0.1)


def test_costs_that_cannot_be_told() -> None:
    prices = Prices(ROWS)
    with pytest.raises(ValueError, match="'gold': m is for the groups default, vip"):
        prices["m"].cost(input_tokens=1, group="gold")
    with pytest.raises(ValueError, match="names no model"):
        prices.cost({"usage": {"input_tokens": 1}})
    with pytest.raises(ValueError, match="no usage to reckon with: it has model, id"):
        prices.cost({"model": "m", "id": "1"})
    with pytest.raises(TypeError, match="not both"):
        prices["m"].cost({"input_tokens": 1}, input_tokens=1)
    with pytest.raises(ValueError, match="cached_tokens is 2"):
        prices["m"].cost(input_tokens=1, cached_tokens=2)
    with pytest.raises(ValueError, match="calls is -1"):
        prices["m"].cost(calls=-1)
    with pytest.raises(KeyError, match="no price for the model 'xyz'"):
        prices.cost({"model": "xyz", "usage": {"input_tokens": 1}})


def test_account(call: Call, gateway: LocalGateway) -> None:
    billing = call.client(gateway, max_retries=0).billing
    subscription, usage = call.wait(billing.subscription()), call.wait(billing.usage())
    assert [request.path for request in gateway.requests] == [
        "/v1/dashboard/billing/subscription",
        "/v1/dashboard/billing/usage",
    ]
    assert subscription.hard_limit_usd - usage.total_usage / 100 == pytest.approx(12.6475)
    assert call.wait(billing.usage(as_dict=True)) == usage.to_dict()
    # Refused with status 200.
    gateway.script({"error": {"message": "无效的令牌", "type": "new_api_error", "param": "", "code": None}})
    with pytest.raises(wenwen.APIError, match="无效的令牌"):
        call.wait(billing.usage())


def test_keys_are_asked_for(gateway: LocalGateway) -> None:
    client = gateway.client()
    for path in ("/v1/models", "/v1/models/gpt-4o", "/v1/dashboard/billing/usage", "/v1/videos/video_1"):
        with pytest.raises(wenwen.AuthenticationError):
            client.get(path, extra_headers={"authorization": None})
    assert client.get("/api/pricing", extra_headers={"authorization": None}).success is True


def test_unknown_options_are_named(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    with pytest.raises(TypeError, match="timeout"):
        call.wait(client.models.list(timout=1))
    assert gateway.requests == []
