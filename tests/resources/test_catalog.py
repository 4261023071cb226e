"""Models, prices and the account through the public face, on the local gateway."""

from __future__ import annotations

import copy
import pickle
import re
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


TIERS = 'len <= 200000 ? tier("short", p * 3 + c * 15 + cr * 0.3) : tier("long", p * 6 + c * 22.5 + cr * 0.6)'


@pytest.mark.parametrize(
    ("expression", "usage", "dollars"),
    [
        ('tier("base", p * 30 + c * 150)', {"input_tokens": 5, "output_tokens": 6}, 1050),
        # What is not named apart is in p and c.
        ('tier("b", p * 2)', {"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 60}}, 200),
        ('tier("b", p * 2 + cr)', {"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 60}}, 140),
        ('tier("b", p * 2 + cr)', {"input_tokens": 40, "cache_read_input_tokens": 60}, 140),
        ('tier("b", p * 2)', {"input_tokens": 40, "cache_read_input_tokens": 60}, 200),
        ('tier("b", p + cc * 10 + cc1h * 100)',
         {"input_tokens": 1, "cache_creation_input_tokens": 5,
          "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3}}, 321),
        ('tier("b", p + c * 10 + img * 100 + ai * 1000 + ao * 1e4 + img_o * 1e5)',
         {"promptTokenCount": 10, "candidatesTokenCount": 10,
          "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 1}, {"modality": "AUDIO", "tokenCount": 2}],
          "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 3}]}, 7 + 70 + 100 + 2000 + 3e5),
        # The tier goes by all of the prompt, whatever a cache had of it.
        (TIERS, {"input_tokens": 100, "output_tokens": 10}, 450),
        (TIERS, {"input_tokens": 100, "cache_read_input_tokens": 200_000, "output_tokens": 10}, 600 + 225 + 120_000),
        ('v1:(tier("a", fixed(0.01))) * (p > 1 && !(c >= 3) || false ? 2 : 1)', {"input_tokens": 5}, 20_000),
        ("max(p, c) + min(p, c) * -1 + floor(1.5) - (2 ** 3 ** 1 - 8) % 5", {"input_tokens": 5, "output_tokens": 2}, 4),
    ],
)  # fmt: skip
def test_costs_by_expressions(expression: str, usage: dict[str, Any], dollars: float) -> None:
    row = {"model_name": "m", "quota_type": 0, "model_ratio": 1, "billing_mode": "tiered_expr",
           "billing_expr": expression, "enable_groups": ["vip"]}  # fmt: skip
    price = Prices({"data": [row], "group_ratio": {"vip": 0.5}})["m"]
    assert price.cost(usage) == pytest.approx(dollars / 2e6)
    assert price.cost({"usage": usage}, calls=3) == pytest.approx(3 * dollars / 2e6)
    assert (price.per_call, price.input_price, price.output_price) == (False, None, None)


@pytest.mark.parametrize(
    "expression",
    ['tier("a", p * 30)|||when(header("x") has "y") * 6', 'u("seconds") * 0.4', 'p * (param("tier") == "fast" ? 6 : 1)',
     "p *", "p / 0", "p $ 1", "p * q", "-p", "1e999", "", "p p", "(" * 5000, "1" + "+1" * 50_000, '"p"', "true",
     "max()", "fixed(1, 2)", "2 ** 1e9", "p ? 1 : 2", "hour('UTC') < 8 ? p : p * 2"],
)  # fmt: skip
def test_an_expression_that_is_not_known_is_shown(expression: str) -> None:
    price = ModelPrice(model_name="m", quota_type=0, model_ratio=1, billing_mode="tiered_expr", billing_expr=expression)
    with pytest.raises(ValueError, match=re.escape(f"in {expression[:100]!r}"[:-1])):
        price.cost(input_tokens=5, output_tokens=6)


MEDIA = {"model_name": "m", "quota_type": 0, "model_ratio": 0.5, "completion_ratio": 4, "cache_ratio": 0.1,
         "create_cache_ratio": 1.25, "image_ratio": 2, "audio_ratio": 10, "audio_completion_ratio": 3}  # fmt: skip
SOUND = {"audio_tokens": 10}


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        # a cache for an hour, as Anthropic counts it and as the gateway does in chat
        ({"input_tokens": 10, "cache_creation_input_tokens": 30,
          "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}, 10 + 12.5 + 40),
        ({"input_tokens": 10, "cache_creation_input_tokens": 30, "cache_read_input_tokens": 0}, 10 + 37.5),
        ({"prompt_tokens": 10, "claude_cache_creation_5_m_tokens": 10, "claude_cache_creation_1_h_tokens": 20,
          "prompt_tokens_details": {"cached_creation_tokens": 30}}, 10 + 12.5 + 40),
        ({"prompt_tokens": 40, "prompt_tokens_details": {"cache_write_tokens": 30}}, 10 + 37.5),
        # pictures in a prompt
        ({"input_tokens": 100, "output_tokens": 5, "input_tokens_details": {"text_tokens": 40, "image_tokens": 60}},
         40 + 120 + 20),
        # sound on both sides, under the names of chat, of transcriptions and of Gemini
        ({"prompt_tokens": 30, "completion_tokens": 15, "prompt_tokens_details": SOUND,
          "completion_tokens_details": SOUND}, 20 + 100 + 20 + 300),
        ({"type": "tokens", "input_tokens": 30, "output_tokens": 5, "input_token_details": SOUND}, 20 + 100 + 20),
        ({"promptTokenCount": 30, "candidatesTokenCount": 5, "toolUsePromptTokenCount": 2,
          "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 10}]}, 22 + 100 + 20),
        ({"type": "duration", "seconds": 89.2}, 1500),  # a minute is 1000 tokens
        ({"task": "transcribe", "duration": 59.5, "text": "Hi"}, 1000),
        # the gateway fills in the names of other dialects
        ({"prompt_tokens": 0, "input_tokens": 10, "prompt_tokens_details": {"cached_tokens": 0},
          "input_tokens_details": {"cached_tokens": 5}}, 5 + 0.5),
        ({"prompt_tokens": 0, "input_tokens": 10, "cache_read_input_tokens": 10}, 10 + 1),
        ({"prompt_tokens": 0, "completion_tokens": 0, "input_tokens": 10, "output_tokens": 1}, 14),
        # what one number lacks, the sum tells
        ({"prompt_tokens": 10, "total_tokens": 12}, 18),
        ({"output_tokens": 2, "total_tokens": 12}, 18),
        ({"promptTokenCount": 10, "totalTokenCount": 12}, 18),
    ],
)  # fmt: skip
def test_costs_of_pictures_sound_and_caches(usage: dict[str, Any], tokens: float) -> None:
    assert ModelPrice(MEDIA).cost(usage) == pytest.approx(tokens * 1e-6)


def test_costs_of_sound_in_advance() -> None:
    price = ModelPrice(model_name="m", quota_type=0, model_ratio=15)
    assert price.cost(seconds=60) == pytest.approx(0.03)
    assert price.cost(characters=1000) == pytest.approx(0.03)


def test_costs_of_pictures() -> None:
    rows = [{"model_name": name, "quota_type": 1, "model_price": 0.04} for name in ("dall-e-3", "dall-e-2", "flux")]
    prices = Prices({"data": rows})
    two = {"created": 1, "data": [{"url": "https://x"}, {"b64_json": "AAAA"}]}
    assert prices.cost(two, model="flux") == pytest.approx(0.08)
    assert prices.cost(two, model="flux", n=4) == pytest.approx(0.16)
    assert prices.cost({"data": [{"embedding": [1.0]}] * 3}, model="flux") == pytest.approx(0.04)
    with pytest.raises(ValueError, match="dall-e-3 costs depends on size and quality"):
        prices.cost(two, model="dall-e-3")
    for more, dollars in (({}, 0.04), ({"quality": "hd"}, 0.08), ({"size": "1792x1024"}, 0.08),
                          ({"size": "1024x1792", "quality": "hd", "n": 2}, 0.24)):  # fmt: skip
        assert prices["dall-e-3"].cost(**more) == pytest.approx(dollars)
    assert prices["dall-e-2"].cost(size="256x256") == pytest.approx(0.016)


def test_costs_of_tasks(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    prices = call.wait(client.pricing.list())
    video = call.wait(client.videos.create(model="sora-2", prompt="A cat", seconds=8))
    assert video.other_ratios == {"seconds": 8, "size": 1}
    assert prices.cost(video) == pytest.approx(3.2)
    later = call.wait(video.refresh())
    done = call.wait(later.wait(poll=0.01))
    assert prices.cost([video, later, done]) == pytest.approx(9.6)
    assert prices.cost(done, ratios={"seconds": 4, "size": 1.5}, calls=2) == pytest.approx(4.8)
    for unknown in (video.to_dict(), call.wait(client.videos.retrieve(video.id))):
        with pytest.raises(ValueError, match="X-New-Api-Other-Ratios"):
            prices.cost(unknown)
        assert prices.cost(unknown, ratios={"seconds": 8}) == pytest.approx(3.2)
    assert prices.cost({**video.to_dict(), "status": "failed"}) == 0
    fetched = {"code": "success", "data": {"task_id": "t", "status": "SUCCESS"}}
    with pytest.raises(ValueError, match="X-New-Api-Other-Ratios"):
        prices.cost(fetched, model="mj_imagine")
    assert prices.cost({"data": {"task_id": "t", "status": "FAILURE"}}, model="mj_imagine") == 0
    with pytest.raises(ValueError, match="depends on the seconds"):
        prices["sora-2"].cost()
    assert prices["sora-2"].cost(seconds=8) == pytest.approx(3.2)
    task = call.wait(call.wait(client.midjourney.imagine(prompt="A cat")).wait(poll=0.01))
    assert prices.cost(task) == prices.cost(task.to_dict()) == pytest.approx(0.1)
    assert prices.cost({**task.to_dict(), "status": "FAILURE"}) == 0


def test_costs_of_a_submitted_task_by_its_header(call: Call, gateway: LocalGateway) -> None:
    ratios = {"X-New-Api-Other-Ratios": '{"seconds": 5, "mode": 2}'}
    ended = {"task_id": "t", "status": "SUCCESS", "progress": "100%"}
    gateway.script(
        Reply(json={"id": "t", "task_id": "t", "model": "kling", "status": "queued"}, headers=ratios),
        Reply(json={"code": "success", "data": ended}),
    )
    client = call.client(gateway)
    task = call.wait(client.videos.generations.create(model="kling", prompt="x"))
    prices = Prices({"data": [{"model_name": "kling", "quota_type": 1, "model_price": 0.1}]})
    assert prices.cost(task) == pytest.approx(1)
    done = call.wait(task.wait(poll=0.01))
    assert prices.cost(done, model="kling") == pytest.approx(1)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"billing_mode": "by_moon"}, "billing_mode 'by_moon'"),
        ({"billing_expr": "p * 1"}, "no billing_mode"),
        ({"quota_type": 2}, "quota_type 2"),
        ({"video_ratio": 3}, "video_ratio 3"),
        ({"minimum_charge": True}, "minimum_charge True"),
        ({"price_per_second": {"1080p": 2}}, "price_per_second"),
        ({"model_ratio": None}, "no model_ratio"),
        ({"model_ratio": "1.5"}, "'1.5', which is no price"),
        ({"model_ratio": -1}, "-1, which is no price"),
        ({"completion_ratio": True}, "completion_ratio True"),
        ({"quota_type": 1}, "no model_price"),
        ({"group_ratio": {"a": 1, "b": 2}}, "give group= \\(a, b\\)"),
        ({"group_ratio": {"default": "x"}}, "ratio 'x'"),
    ],
)
def test_prices_that_cannot_be_told(row: dict[str, Any], words: str) -> None:
    whole = {"model_name": "m", "quota_type": 0, "model_ratio": 1, "tags": "x", "icon": "y", "vendor_id": 3, **row}
    with pytest.raises(ValueError, match=words):
        ModelPrice(whole).cost(input_tokens=5, output_tokens=6)


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        ({"usage": None}, "no usage"),
        ({"usage": {}}, "no usage"),
        ({"usage": {"total_tokens": 11}}, "no usage"),
        ({"usage": {"output_tokens": 6}}, "no usage"),
        ({"usage": [1]}, "the usage is"),
        # The gateway counts such answers for itself.
        ({"choices": [{}], "usage": {"prompt_tokens": 5}}, "no usage"),
        ({"output": [{}], "usage": {"input_tokens": 5, "output_tokens": None}}, "no usage"),
        ({"content": [{}], "usage": {"input_tokens": 0, "output_tokens": 0}}, "no usage"),
        ({"candidates": [{}], "usageMetadata": {"promptTokenCount": 5, "thoughtsTokenCount": 3}}, "no usage"),
        ({"prompt_tokens": "5"}, "prompt_tokens '5'"),
        ({"prompt_tokens": -5}, "prompt_tokens -5"),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": [1]}}, "cached_tokens"),
        ({"prompt_tokens": 5, "prompt_tokens_details": [1]}, "prompt_tokens_details that are none"),
        ({"usage": {"input_tokens": 5}, "output": [{"type": "web_search_call"}]}, "web_search_call"),
        ({"usage": {"input_tokens": 5, "server_tool_use": {"web_search_requests": 2}}}, "web_search"),
        ({"input_tokens": 5, "server_tool_use": {"web_search_requests": 1}}, "web_search"),
        ({"usageMetadata": {"promptTokenCount": 5}, "candidates": [{"groundingMetadata": {"x": 1}}]}, "google_search"),
    ],
)
def test_usage_that_tells_no_cost(usage: dict[str, Any], words: str) -> None:
    prices = Prices({"data": [{"model_name": "m", "quota_type": 0, "model_ratio": 1}]})
    with pytest.raises(ValueError, match=words):
        prices.cost(usage, model="m")
    with pytest.raises(ValueError, match=words):
        prices.cost([wenwen.Object(usage)], model="m")


def test_the_list_does_not_tell_what_sound_costs_gemini() -> None:
    usage = {"promptTokenCount": 9, "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 9}]}
    with pytest.raises(ValueError, match="no audio_ratio"):
        ModelPrice(model_name="gemini-2.5-flash", quota_type=0, model_ratio=1).cost(usage)


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


# The key


def test_what_a_key_may_spend(call: Call, gateway: LocalGateway) -> None:
    billing = call.client(gateway).billing
    usage = call.wait(billing.key()).data
    assert usage.total_granted == usage.total_used + usage.total_available
    assert (usage.unlimited_quota, usage.expires_at) == (False, 0)
    for refusal, says in (
        ("key expired", lambda data: data.expires_at > 0),
        ("key used up", lambda d: not d.total_available),
    ):
        gateway.script(refusal)
        assert says(call.wait(billing.key()).data)


def test_the_calls_of_a_key(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    for model in ("gpt-5", "gpt-4o"):
        call.wait(client.responses.create(model=model, input="Hello!"))
    log = call.wait(client.billing.log())
    assert [each.model_name for each in log] == ["gpt-4o", "gpt-5"]
    assert log.data[0].quota > 0
    assert call.wait(client.billing.log(as_dict=True))["success"] is True


def test_a_wrong_key_is_told(call: Call) -> None:
    with LocalGateway(api_key="sk-right") as gateway:
        client = call.client(gateway, api_key="sk-wrong", max_retries=0)
        for ask in (client.billing.key, client.billing.log):
            with pytest.raises(wenwen.APIError):
                call.wait(ask())


@pytest.mark.parametrize(
    "row",
    [5, None, "x", {"model_name": 3}, {"model_name": ["m"]}, {"model_name": "m", "enable_groups": 4}],
    ids=["int", "null", "text", "name", "names", "groups"],
)
@pytest.mark.parametrize("ratios", [{}, 3, {"default": "x"}], ids=["none", "int", "text"])
def test_rows_of_prices_of_any_type(call: Call, gateway: LocalGateway, row: Any, ratios: Any) -> None:
    gateway.script({"data": [row, {"model_name": "gpt-5", "model_ratio": 1}], "group_ratio": ratios})
    prices = call.wait(call.client(gateway).pricing.list())
    assert len(prices.data) == 2
    assert prices["gpt-5"].model_ratio == 1
