"""What goes wrong: the right class with all its facts, retried where that helps and only there, never hanging."""

from __future__ import annotations

import copy
import email.utils
import json
import logging
import operator
import os
import pickle
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import SAMPLES, Call, sample

import wenwen
from wenwen import Timeout, _errors
from wenwen.testing import LocalGateway, Reply

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
KEY = "sk-very-secret-0123456789"
SOON = {"retry-after-ms": "1"}
LONG = 60.0  # seconds that no test may wait


def failed(call: Call, target: Any, **params: Any) -> Any:
    with pytest.raises(wenwen.APIError) as caught:
        call(target, **{**HELLO, **params})
    return caught.value


def test_an_error_takes_nothing_to_a_terminal(call: Call, gateway: LocalGateway) -> None:
    """A traceback shows it as it is."""
    evil = "a\x1b]52;c;x\x07\x9b2J\u202eb\r\nc\td"
    gateway.script(Reply(status=400, json={"error": {"message": evil, "code": "\x1b[2J"}}), Reply(body=evil.encode()))
    error = failed(call, gateway)
    assert (error.message, error.code) == (evil, "\x1b[2J")
    for each in (error, pickle.loads(pickle.dumps(error)), failed(call, gateway)):
        assert str(each).replace("\n", "").replace("\t", "").isprintable()
        assert "\x1b" not in "".join(traceback.format_exception(each))


# Every error of the samples: class, status, code, type, message, category, and how often it is worth sending (of 4).

ID = "20250808092135123456789AbCdEfGh"
NEW = "new_api_error"
SATURATED = "当前分组上游负载已饱和，请稍后再试"
EXHAUSTED = "[sk-abc***xyz] 该令牌额度已用尽 !token.UnlimitedQuota && token.RemainQuota = -12"
ERRORS: dict[str, tuple[Any, ...]] = {
    "anthropic_401_openai_envelope": ("AuthenticationError", 401, None, NEW, "无效的令牌", "authentication", 1),
    "anthropic_500_gateway": ("InternalServerError", 500, None, NEW, "field messages is required", "server", 4),
    "anthropic_529_overloaded": ("OverloadedError", 529, None, "overloaded_error", "Overloaded", "overloaded", 4),
    "cdn_502_nginx": ("InternalServerError", 502, None, None, "Bad Gateway (an HTML page)", "server", 4),
    "cdn_504_nginx": (
        "DeadlineExceededError",
        504,
        None,
        None,
        "Gateway Timeout (an HTML page)",
        "upstream_timeout",
        2,
    ),
    "cdn_524_cloudflare": ("DeadlineExceededError", 524, None, None, "an error (an HTML page)", "upstream_timeout", 2),
    "html_200_wrong_path": ("NotAnAPIError", 200, None, None, "base_url", "not_an_api", 1),
    "mj_400_quota": ("BadRequestError", 400, "4", "upstream_error", "quota_not_enough", None, 1),
    "mj_400_task_not_found": ("BadRequestError", 400, "4", "upstream_error", "task_no_found", "bad_request", 1),
    "mj_429_code_30": ("RateLimitError", 429, "30", "upstream_error", "当前分组负载已饱和", "rate_limit", 4),
    "mj_503_openai_envelope": ("ServiceUnavailableError", 503, "model_not_found", NEW, "mj_imagine", "server", 2),
    "openai_200_error_body": (
        "NotFoundError",
        404,
        "model_not_found",
        "invalid_request_error",
        "The model 'nope' does not exist",
        "not_found",
        1,
    ),
    "openai_400_upstream": (
        "BadRequestError",
        400,
        "unsupported_parameter",
        "invalid_request_error",
        "Unsupported parameter: 'max_tokens' is not supported with this model.",
        "bad_request",
        1,
    ),
    "openai_401_invalid_token": ("AuthenticationError", 401, None, NEW, "无效的令牌", "authentication", 1),
    "openai_401_token_exhausted": ("AuthenticationError", 401, None, NEW, EXHAUSTED, "quota", 1),
    "openai_403_insufficient_user_quota": (
        "PermissionDeniedError",
        403,
        "insufficient_user_quota",
        NEW,
        "用户额度不足, 剩余额度: ＄0.000000",
        "quota",
        1,
    ),
    "openai_403_token_model_forbidden": (
        "PermissionDeniedError",
        403,
        None,
        NEW,
        "该令牌无权访问模型 gpt-5",
        "permission",
        1,
    ),
    "openai_404_invalid_url": (
        "NotFoundError",
        404,
        None,
        "invalid_request_error",
        "Invalid URL (POST /v1/nope)",
        "not_found",
        1,
    ),
    "openai_413_body_too_large": (
        "RequestTooLargeError",
        413,
        "read_request_body_failed",
        NEW,
        "request body too large",
        "bad_request",
        1,
    ),
    "openai_429_upstream_saturated": (
        "RateLimitError",
        429,
        "rate_limit_exceeded",
        "rate_limit_error",
        SATURATED,
        "rate_limit",
        4,
    ),
    "openai_429_user_limit": ("RateLimitError", 429, None, NEW, "1分钟内最多请求60次", "rate_limit", 4),
    "openai_501_not_implemented": (
        "InternalServerError",
        501,
        "api_not_implemented",
        NEW,
        "API not implemented",
        "server",
        1,
    ),
    "openai_502_bad_response": (
        "InternalServerError",
        502,
        "bad_response_status_code",
        "bad_response_status_code",
        "bad response status code 502",
        "server",
        4,
    ),
    "openai_503_no_channel": ("ServiceUnavailableError", 503, "model_not_found", NEW, "gpt-nope", "server", 2),
    "openai_error_with_event_stream_content_type": (
        "RateLimitError",
        429,
        "rate_limit_exceeded",
        "rate_limit_error",
        SATURATED,
        "rate_limit",
        4,
    ),
    "task_400_flat": ("BadRequestError", 400, "task_not_exist", None, "task_not_exist", "bad_request", 1),
}


def test_every_sample_is_here() -> None:
    assert sorted(ERRORS) == sorted(path.stem for path in SAMPLES.glob("_errors/*.json"))


TALK = [{"role": "user", "content": "Hello!"}]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("api", ["responses", "chat.completions", "messages"])
@pytest.mark.parametrize("name", ERRORS)
def test_samples(call: Call, gateway: LocalGateway, name: str, api: str, stream: bool) -> None:
    kind, status, code, type_, message, category, attempts = ERRORS[name]
    file = sample(f"_errors/{name}.json")
    headers = [*file["headers"].items(), *SOON.items()]
    if "X-Oneapi-Request-Id" not in file["headers"]:
        headers.append(("X-Oneapi-Request-Id", ""))  # a CDN's page has none
    gateway.script(Reply(status=file["status"], body=file["body"].encode(), headers=headers, times=None))
    create = operator.attrgetter(f"{api}.create")(call.client(gateway, max_retries=3))
    hello = HELLO if api == "responses" else {"model": "gpt-5", "max_tokens": 16, "messages": TALK}
    with pytest.raises(wenwen.APIError) as caught:
        call.wait(create(**hello, stream=stream))
    error: Any = caught.value
    assert type(error) is getattr(wenwen, kind)
    assert (error.status_code, error.code, error.type) == (status, code, type_)
    assert message in error.message
    assert "request id" not in error.message
    assert error.category == (category or error.category)
    assert error.param == ("max_tokens" if name == "openai_400_upstream" else "model" if "200_error" in name else None)
    assert error.request_id == (ID if ID in str(file["headers"]) else file["headers"].get("CF-RAY"))
    assert error.attempts == len(gateway.requests) == attempts
    assert error.elapsed > 0
    assert error.headers["content-type"] == file["headers"]["Content-Type"]
    assert error.response.status_code == file["status"]
    assert error.response.text == file["body"]
    is_json = file["body"].startswith("{")
    assert error.body == (json.loads(file["body"]) if is_json else file["body"])
    assert error.message in str(error)
    assert (f"request id {ID}" in str(error)) == (error.request_id == ID)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert {**vars(other), "response": None} == {**vars(error), "response": None}
        assert other.headers == error.headers


ENVELOPES: list[tuple[bytes, str | None]] = [
    (b'{"error":{"message":"m"}}', "m"),
    (b'{"error":"m"}', "m"),
    (b'{"message":"m"}', "m"),
    (b'{"msg":"m"}', "m"),
    (b'{"detail":"m"}', "m"),
    (b'{"error_msg":"m"}', "m"),
    (b'{"error":{"message":"m (request id: A) (request id: B)"}}', "m"),
    (b'{"error":{"message":"","code":null}}', None),
    (b'{"error":[1]}', None),
    (b"[1]", None),
    (b"{", None),
    (b"", "(no body)"),
    (b"plain text", "plain text"),
    (b"\xff\xfe", None),
    (b'{"error":{"message":{"deep":1},"type":5,"param":["a"],"code":{}}}', None),
]


@pytest.mark.parametrize(("body", "message"), ENVELOPES, ids=lambda value: f"{value!r:.40}")
def test_envelopes(call: Call, gateway: LocalGateway, body: bytes, message: str | None) -> None:
    gateway.script(Reply(status=400, body=body, headers={"Content-Type": "application/json"}))
    error = failed(call, gateway)
    assert type(error) is wenwen.BadRequestError
    assert message is None or message in error.message
    assert error.message
    assert {type(value) for value in (error.code, error.type, error.param)} <= {str, type(None)}


def test_the_request_id_of_a_message(call: Call, gateway: LocalGateway) -> None:
    text = '{"error":{"message":"m (request id: A) (request id: B)"}}'
    gateway.script(Reply(raw=f"HTTP/1.1 400 Bad\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()))
    error = failed(call, gateway)
    assert (error.message, error.request_id) == ("m", "B")


def test_a_long_body_is_cut(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(status=400, text="x" * 100_000), Reply(status=400, json={"message": "y" * 100_000}))
    error = failed(call, gateway)
    assert len(error.body) == 4096
    assert len(error.message) < 300
    assert len(failed(call, gateway).body["message"]) == 100_000


@pytest.mark.parametrize("body", [b'{"id": "resp_1", "outp', b"[1,", b'{"a":1}x'])
def test_a_reply_that_is_no_whole_json(call: Call, gateway: LocalGateway, body: bytes) -> None:
    gateway.script(Reply(body=body, headers={"Content-Type": "application/json"}))
    error = failed(call, gateway)
    assert type(error) is wenwen.APIResponseValidationError
    assert error.category == "bad_reply"
    assert len(gateway.requests) == 1


def test_an_empty_reply(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(body=b"", headers={"Content-Type": "application/json"}), Reply(status=204, body=b""))
    assert type(failed(call, gateway)) is wenwen.APIResponseValidationError
    assert call(gateway, **HELLO) is None


# Errors in a 2xx

PICTURE = {"model": "gpt-image-1", "prompt": "a cat"}
SPOKEN = {"model": "tts-1", "input": "Hello!", "voice": "alloy"}
SAID = {"model": "gpt-5", "messages": TALK}
ASKED = {"model": "gemini-2.5-pro", "contents": "Hello!"}
HEARD = {"model": "whisper-1", "file": ("a.wav", b"RIFF")}
ENDPOINTS: dict[str, dict[str, Any]] = {
    "responses.create": HELLO,
    "chat.completions.create": SAID,
    "messages.create": {**SAID, "max_tokens": 16},
    "gemini.generate_content": ASKED,
    "images.generate": PICTURE,
    "images.edit": {**PICTURE, "image": b"\x89PNG\r\n\x1a\n"},
    "embeddings.create": {"model": "e", "input": "Hello!"},
    "audio.transcriptions.create": HEARD,
    "audio.translations.create": HEARD,
    "audio.speech.create": SPOKEN,
    "models.list": {},
    "models.retrieve": {"model": "gpt-5"},
    "pricing.list": {},
    "billing.subscription": {},
    "billing.usage": {},
    "midjourney.imagine": {"prompt": "a cat"},
    "midjourney.fetch": {"task_id": "1"},
    "midjourney.list": {"tasks": ["1"]},
    "midjourney.seed": {"task_id": "1"},
    "videos.create": {"model": "sora-2", "prompt": "a cat"},
    "videos.retrieve": {"video_id": "1"},
    "videos.generations.create": {"model": "kling", "prompt": "a cat"},
    "videos.generations.retrieve": {"task_id": "1"},
}
STREAMED = [name for name in ENDPOINTS if name.split(".")[0] in ("responses", "chat", "messages", "images", "gemini")]


def made(call: Call, gateway: LocalGateway, name: str, **more: Any) -> Any:
    client = call.client(gateway, max_retries=more.pop("max_retries", 0))
    *path, method = name.split(".")
    resource = operator.attrgetter(".".join(path))(client)
    if more.pop("raw", False):
        resource = resource.with_raw_response
    params = dict(ENDPOINTS[name])
    if name.startswith("midjourney.") and name != "midjourney.imagine":
        return call.wait(getattr(resource, method)(*params.values(), **more))
    reply = call.wait(getattr(resource, method)(**params, **more))
    return list(call.each(reply)) if more.get("stream") else reply


def error_of(call: Call, gateway: LocalGateway, name: str, body: Any, **more: Any) -> Any:
    gateway.clear_script()
    reply = Reply(body=json.dumps(body).encode(), headers={"Content-Type": "application/json", **SOON}, times=None)
    gateway.script(reply)
    with pytest.raises(wenwen.APIError) as caught:
        made(call, gateway, name, **more)
    return caught.value


# What was sent instead of an answer: its message, code and the status that it stands for.
INSTEAD: list[tuple[Any, str, str | None, int]] = [
    ({"error": {"message": "no", "type": "t", "code": "rate_limit_exceeded"}}, "no", "rate_limit_exceeded", 429),
    ({"error": "no"}, "no", None, 500),
    (
        {"error": {"message": "no"}, "id": "", "object": "", "created": 0, "choices": None, "data": None},
        "no",
        None,
        500,
    ),
    ({"errors": [{"message": "no", "code": 10000}, {"message": "nor"}]}, "no", "10000", 500),
    ({"success": False, "message": "no"}, "no", None, 500),
    ({"success": False}, "", None, 500),
    ({"message": "no"}, "no", None, 500),
    ({"msg": "no"}, "no", None, 500),
    ({"detail": "no"}, "no", None, 500),
    ({"detail": [{"loc": ["body", "model"], "msg": "no", "type": "missing"}]}, "no", None, 500),
    ({"error_msg": "no", "error_code": 110}, "no", "110", 500),
    ({"error_message": "no"}, "no", None, 500),
    ({"errorMessage": "no", "errorCode": "Unauthorized"}, "no", "Unauthorized", 401),
    ({"err_msg": "no"}, "no", None, 500),
    ({"errmsg": "no", "errcode": 40001}, "no", "40001", 500),
    ({"status": "449", "msg": "no", "body": None}, "no", "449", 429),
    ({"status": 403, "message": "no"}, "no", None, 403),
    ({"status": "error", "message": "no"}, "no", None, 500),
    ({"base_resp": {"status_code": 1004, "status_msg": "no"}, "choices": None}, "no", "1004", 401),
    ({"code": 401, "msg": "no"}, "no", "401", 401),
    ({"code": "InvalidApiKey", "message": "no", "request_id": "r-1"}, "no", "InvalidApiKey", 401),
    ({"code": "vendor's own", "message": "no"}, "no", "vendor's own", 500),
    ({"object": "error", "message": "no", "type": "NotFoundError", "code": None}, "no", None, 404),
    ([{"error": {"message": "no", "code": 503}}], "no", "503", 503),
    ({"error": {"message": json.dumps({"error": {"message": "no", "code": 404}})}}, "no", "404", 404),
]
# And in words of ours.
NOTHING: list[Any] = [
    None,
    "text",
    3,
    0,
    True,
    False,
    1.5,
    {},
    {"x": 1},
    {"message": None},
    {"error": {}},
    {"error": 0},
]


@pytest.mark.parametrize("name", ENDPOINTS)
def test_errors_inside_a_200(call: Call, gateway: LocalGateway, name: str) -> None:
    for body, message, code, status in INSTEAD:
        if name.startswith("midjourney.") and isinstance(body, dict) and "code" in body:
            continue  # its codes are its own
        if name == "midjourney.list" and isinstance(body, list):
            continue  # tasks of whatever kind
        error = error_of(call, gateway, name, body)
        assert isinstance(error, wenwen.APIStatusError), body
        assert message in error.message and len(error.message) < 300, body
        assert (error.code, error.status_code, error.response.status_code) == (code, status, 200), body
        assert error.body == body
        if status == 500:
            assert error.category == "server"


@pytest.mark.parametrize("name", [name for name in ENDPOINTS if name != "audio.speech.create"])
def test_a_200_that_holds_nothing(call: Call, gateway: LocalGateway, name: str) -> None:
    for body in [*NOTHING, *([] if name == "midjourney.list" else [[], [1]])]:
        error = error_of(call, gateway, name, body)
        assert (type(error), error.status_code, error.category) == (wenwen.InternalServerError, 500, "server"), body
        assert error.message


@pytest.mark.parametrize("body", [{"code": 401, "msg": "no"}, {"detail": "no"}, "no"])
@pytest.mark.parametrize("name", ["responses.create", "messages.create", "embeddings.create", "videos.retrieve"])
def test_in_every_form_of_a_call(call: Call, gateway: LocalGateway, name: str, body: Any) -> None:
    for more in ({"as_dict": True}, {"raw": True}):
        error = error_of(call, gateway, name, body, **more)
        assert isinstance(error, wenwen.APIStatusError) and "no" in error.message


@pytest.mark.parametrize("name", STREAMED)
def test_where_a_stream_was_asked_for(call: Call, gateway: LocalGateway, name: str) -> None:
    if name == "gemini.generate_content":
        return
    for body in ({"code": 401, "msg": "no"}, {"error": "no"}, {"base_resp": {"status_code": 1, "status_msg": "no"}}):
        assert "no" in error_of(call, gateway, name, body, stream=True).message
    for nothing in (None, [], "no", {}):
        assert error_of(call, gateway, name, nothing, stream=True).status_code == 500


def test_of_the_module_and_of_any_path(wenwen_gateway: LocalGateway, call: Call) -> None:
    gateway = wenwen_gateway
    gateway.script(*[Reply(json={"code": 401, "msg": "no"})] * 2)
    with pytest.raises(wenwen.AuthenticationError, match="no"):
        call.function(**HELLO)
    client = call.client(gateway, max_retries=0)
    with pytest.raises(wenwen.AuthenticationError, match="no"):
        call.wait(client.get("/v1/whatever"))
    # Of other paths nobody knows what they answer.
    for body in (None, [], "pong", 3, {}, {"message": "pong"}, {"detail": "?"}, {"id": "1"}, {"code": 0, "msg": "ok"}):
        gateway.script(Reply(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"}))
        reply = call.wait(client.get("/v1/whatever", as_dict=True))
        assert reply == body
    for body in ({"error": "no"}, {"success": False, "message": "no"}, {"object": "error", "message": "no"}):
        gateway.script(body)
        with pytest.raises(wenwen.InternalServerError, match="no"):
            call.wait(client.post("/v1/whatever", body={}))


# What looks like an error and is a reply, or says little and is one all the same.
REPLIES: list[tuple[str, dict[str, Any]]] = [
    (
        "responses.create",
        {"id": "r", "object": "response", "status": "failed", "error": {"message": "m"}, "output": []},
    ),
    ("responses.create", {"error": {"message": "m"}, "status": "failed", "id": "r"}),
    ("responses.create", {"error": None, "output": [{"type": "message"}]}),
    ("responses.create", {"id": "r"}),
    ("chat.completions.create", {"choices": [{"message": {"content": "a"}}], "error": {}, "code": 0, "message": ""}),
    ("chat.completions.create", {"error": None, "message": "success", "code": 200, "choices": []}),
    ("chat.completions.create", {"base_resp": {"status_code": 0, "status_msg": "success"}, "choices": [{}]}),
    ("chat.completions.create", {"id": "", "object": "", "created": 0, "choices": [], "usage": {}}),
    ("chat.completions.create", {"errors": [], "error": False, "success": True, "id": "c", "choices": []}),
    ("messages.create", {"id": "m", "type": "message", "role": "assistant", "content": []}),
    ("messages.create", {"type": "message", "content": [{"type": "text", "text": "a"}]}),
    ("gemini.generate_content", {"promptFeedback": {"blockReason": "SAFETY"}}),
    ("gemini.generate_content", {"usageMetadata": {}}),
    ("images.generate", {"created": 10}),
    ("images.generate", {"data": []}),
    ("embeddings.create", {"object": "list", "data": []}),
    ("audio.transcriptions.create", {"text": ""}),
    ("models.list", {"data": []}),
    ("models.list", {"object": "list", "success": True, "data": None, "message": ""}),
    ("pricing.list", {"success": True, "data": []}),
    ("videos.create", {"id": "v", "status": "queued", "error": None}),
    ("videos.create", {"id": "v", "status": "failed", "error": {"message": "m", "code": "c"}}),
    ("videos.create", {"error": {"message": "m"}, "object": "video", "id": "v"}),
    ("videos.generations.retrieve", {"code": "success", "message": "", "data": {"task_id": "1", "status": "SUCCESS"}}),
    ("videos.generations.create", {"code": 0, "message": "SUCCEED", "data": {"task_id": "1"}}),
    ("midjourney.fetch", {"id": "1", "status": "", "description": "Submit success", "failReason": ""}),
    ("midjourney.fetch", {"id": "1", "status": "FAILURE", "failReason": "no", "error": "no"}),
    ("midjourney.imagine", {"code": 22, "description": "queued", "result": 1}),
    ("billing.usage", {"total_usage": 0}),
]


@pytest.mark.parametrize(("name", "body"), REPLIES, ids=str)
def test_what_is_a_reply_all_the_same(call: Call, gateway: LocalGateway, name: str, body: dict[str, Any]) -> None:
    gateway.script(body, body)
    assert made(call, gateway, name) is not None
    assert made(call, gateway, name, as_dict=True) == body


def test_an_error_inside_a_200_is_retried_like_its_kin(call: Call, gateway: LocalGateway) -> None:
    for body, attempts in (({"x": 1}, 3), ({"code": 429, "msg": "m"}, 3), ({"code": 401, "msg": "m"}, 1)):
        error = error_of(call, gateway, "responses.create", body, max_retries=2)
        assert error.attempts == attempts
    # A task that may have begun is not begun again.
    for body in (None, {"x": 1}, {"message": "no"}):
        error = error_of(call, gateway, "videos.create", body, max_retries=2)
        assert error.attempts == 1 and "may exist all the same" in error.message


@pytest.mark.parametrize("api", ["responses", "chat.completions", "messages"])
@pytest.mark.parametrize(
    ("error", "status", "attempts"),
    [
        ({"type": "<nil>", "message": "m"}, 500, 2),
        ({"type": "new_api_error", "message": "m"}, 500, 2),
        ({"type": "bad_response_status_code", "message": "bad response status code 503"}, 503, 2),
        ({"type": "bad_response_status_code", "message": "m"}, 500, 2),
        ({"type": "openai_error", "code": "bad_response_status_code", "message": "got 401 of 3"}, 401, 1),
        ({"type": "claude_error", "message": "m"}, 500, 2),
        ({"type": "openai_error", "message": "m"}, 500, 2),
        ({"type": "bad_response_body", "message": "m"}, 500, 2),
        ({"type": "x", "code": "channel:no_available_key", "message": "m"}, 500, 2),
        ({"code": "get_channel_failed", "message": "m"}, 500, 2),
        ({"code": "aws_invoke_error", "message": "m"}, 500, 2),
        ({"code": "1302", "message": "m"}, 429, 2),
        ({"code": 1301, "message": "m"}, 400, 1),
        ({"code": "Throttling.RateQuota", "message": "m"}, 429, 2),
        ({"code": 77, "message": "m"}, 500, 2),
        ({"status": "UNAVAILABLE", "code": 503, "message": "m"}, 503, 2),
        ({"type": "sensitive_words_detected", "message": "m"}, 400, 1),
        ({"type": "overloaded_error", "message": "m"}, 529, 2),
        ("m", 500, 2),
        (None, 500, 2),
    ],
)
def test_errors_after_a_ping(
    call: Call, gateway: LocalGateway, api: str, error: Any, status: int, attempts: int
) -> None:
    """A bare line of JSON in a 200, whatever the upstream's status was (REFERENCE H.2)."""
    line = {"error": error, "type": "error"} if error else {"success": False, "message": "m"}
    reply = Reply(events=[": PING\n\n", json.dumps(line)], times=None)
    gateway.script(reply)
    create = operator.attrgetter(f"{api}.create")(call.client(gateway, max_retries=1))
    hello = HELLO if api == "responses" else {"model": "gpt-5", "max_tokens": 16, "messages": TALK}
    with pytest.raises(wenwen.APIStatusError) as caught:
        call.wait(create(**hello, stream=True))
    assert (caught.value.status_code, len(gateway.requests)) == (status, attempts)
    assert caught.value.message.startswith(("m", "bad", "got"))


# Errors of other gateways, servers and upstreams: message, code, type, param.
OTHERS: list[tuple[Any, tuple[str | None, ...]]] = [
    ({"statusCode": 404, "error": "Not Found", "message": "no route"}, ("no route", None, None, None)),
    ({"statusCode": 400, "code": "FST_1", "error": "Bad Request", "message": "m"}, ("m", "FST_1", None, None)),
    ({"timestamp": "t", "status": 500, "error": "Internal Server Error", "message": "m"}, ("m", None, None, None)),
    ({"message": ["a is wrong", "b is wrong"], "error": "Bad Request"}, ("a is wrong; b is wrong", None, None, None)),
    ({"error": "Not Found", "message": ""}, ("Not Found", None, None, None)),
    ({"error": "invalid_token", "error_description": "it is old"}, ("it is old", "invalid_token", None, None)),
    ({"error": "the model is gone", "message": "failed"}, ("the model is gone", None, None, None)),
    ({"error": ["m", "n"], "error_type": "validation"}, ("m; n", None, "validation", None)),
    ([{"error": {"code": 429, "message": "m", "status": "X_Y"}}], ("m", "429", "X_Y", None)),
    ([{"code": "c", "message": "m"}], ("m", "c", None, None)),
    ({"errors": [{"code": 7, "message": "m"}], "success": False}, ("m", "7", None, None)),
    ({"detail": [{"loc": ["body", "n"], "msg": "m", "type": "t"}]}, ("m", None, "t", "body.n")),
    ({"detail": {"status": "quota", "message": "m"}}, ("m", None, "quota", None)),
    ({"detail": {"error": {"message": "m", "code": "c"}}}, ("m", "c", None, None)),
    ({"title": "T", "status": 422, "detail": "m", "type": "about:blank"}, ("m", None, "about:blank", None)),
    ({"ResponseMetadata": {"Error": {"Code": "c", "Message": "m"}}}, ("m", "c", None, None)),
    ({"Response": {"Error": {"Code": "c", "Message": "m"}, "RequestId": "r"}}, ("m", "c", None, None)),
    ({"header": {"code": 11200, "message": "m", "status": 2}}, ("m", "11200", None, None)),
    ({"error": {"message": '{"error":{"message":"m","type":"t","param":"p","code":"c"}}'}}, ("m", "c", "t", "p")),
    ({"code": "outer", "message": '[{"error":{"message":"m","code":"c"}}]'}, ("m", "c", None, None)),
    ({"code": "outer", "message": '{"error":{"message":"m"}}'}, ("m", "outer", None, None)),
    ({"code": "outer", "message": '{"no": "words"}'}, ('{"no": "words"}', "outer", None, None)),
    (
        {"message": 'up: {"error":{"message":"m","code":"c"}}'},
        ('up: {"error":{"message":"m","code":"c"}}', "c", None, None),
    ),
    ({"message": "no { JSON"}, ("no { JSON", None, None, None)),
    ({"error": {"message": {"error": {"message": "m", "code": "c"}}}}, ("m", "c", None, None)),
    ("m", ("m", None, None, None)),
    ({"error": {"message": "\ud83d m", "code": "c"}}, ("\ufffd m", "c", None, None)),
]


@pytest.mark.parametrize(("body", "facts"), OTHERS, ids=str)
def test_envelopes_of_others(call: Call, gateway: LocalGateway, body: Any, facts: tuple[str | None, ...]) -> None:
    gateway.script(Reply(status=400, body=json.dumps(body).encode(), headers={"Content-Type": "application/json"}))
    error = failed(call, gateway)
    assert (error.message, error.code, error.type, error.param) == facts
    # The same in an event stream: LiteLLM's for one that failed at its start.
    text = f": ping\n\nevent: error\ndata: {json.dumps(body)}\n\ndata: [DONE]\n\n"
    gateway.script(Reply(status=400, body=text.encode(), headers={"Content-Type": "text/event-stream"}))
    if isinstance(body, dict):
        error = failed(call, gateway, stream=True)
        assert (error.message, error.code, error.type, error.param) == facts


REQUEST_IDS = "x-oneapi-request-id x-request-id request-id x-litellm-call-id apim-request-id x-ms-request-id"


@pytest.mark.parametrize("name", [*REQUEST_IDS.split(), "x-amzn-requestid", "cf-ray"])
def test_request_ids_of_headers(call: Call, gateway: LocalGateway, name: str) -> None:
    # Empty, so that the gateway adds none of its own.
    headers = {"x-oneapi-request-id": "", name: "id-471", "Content-Type": "application/json"}
    gateway.script(Reply(status=400, body=b"{}", headers=headers), Reply(body=b'{"id": "r"}', headers=headers))
    assert failed(call, gateway).request_id == "id-471"
    assert call(gateway, **HELLO).request_id == "id-471"


@pytest.mark.parametrize(
    "body", [{"request_id": "r"}, {"requestId": "r"}, {"error": {"message": "m", "request_id": "r"}}]
)
def test_request_ids_of_bodies(call: Call, gateway: LocalGateway, body: Any) -> None:
    headers = {"x-oneapi-request-id": "", "Content-Type": "application/json"}
    gateway.script(Reply(status=400, body=json.dumps(body).encode(), headers=headers))
    assert failed(call, gateway).request_id == "r"


def test_what_an_error_in_a_200_costs(gateway: LocalGateway) -> None:
    """Its memory is that of its body, whatever stands beside the words."""
    size = 8 << 20
    script = """
import resource, wenwen
client = wenwen.Client(max_retries=0)
def call(what):
    try:
        what()
    except wenwen.APIError as error:
        del error
call(lambda: client.responses.create(model="m", input="x"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
call(lambda: client.responses.with_raw_response.create(model="m", input="x"))
call(lambda: client.midjourney.with_raw_response.fetch("1"))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10)
"""
    zeros = b"0," * (size // 2) + b"0"
    gateway.script(
        {"error": "m"},
        Reply(body=b'{"x":[' + zeros + b'],"id":"1"', headers={"Content-Type": "application/json"}),
        Reply(body=b'{"id":"1","x":[' + zeros + b"]}", headers={"Content-Type": "application/json"}),
    )
    env = {**os.environ, **gateway.env()}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    assert int(done.stdout) < 8 * size


# Retries


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_how_often(call: Call, gateway: LocalGateway, retries: int) -> None:
    gateway.script(Reply(status=500, headers=SOON, times=None))
    error = failed(call, gateway, max_retries=retries)
    assert error.attempts == len(gateway.requests) == retries + 1
    assert len({request.body for request in gateway.requests}) == 1
    assert (f"{retries + 1} attempts" in str(error)) == (retries > 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "0"},
        {"Retry-After": "0.001"},
        {"Retry-After-Ms": "1", "Retry-After": "1000"},
        {"Retry-After": email.utils.formatdate(0, usegmt=True)},
        {"Retry-After": email.utils.formatdate(time.time() - 5, usegmt=True)},
    ],
)
def test_retry_after(call: Call, gateway: LocalGateway, headers: dict[str, str]) -> None:
    gateway.script(*[Reply(status=429, headers=headers)] * 20)
    began = time.monotonic()
    call(gateway, **HELLO, max_retries=20)
    assert len(gateway.requests) == 21
    assert time.monotonic() - began < 20  # without the headers: over two minutes


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "120"},
        {"Retry-After-Ms": "120000"},
        {"Retry-After": email.utils.formatdate(time.time() + 3600, usegmt=True)},
        {"Retry-After": "1e300"},
    ],
)
def test_retry_after_past_the_deadline_is_not_waited_for(
    call: Call, gateway: LocalGateway, headers: dict[str, str]
) -> None:
    gateway.script(Reply(status=429, headers=headers))
    error = failed(call, gateway, timeout=LONG)
    assert type(error) is wenwen.RateLimitError
    assert error.attempts == len(gateway.requests) == 1
    assert error.elapsed < LONG / 2


@pytest.mark.parametrize(("status", "should", "attempts"), [(400, "true", 2), (500, "false", 1), (500, "odd", 2)])
def test_x_should_retry(call: Call, gateway: LocalGateway, status: int, should: str, attempts: int) -> None:
    gateway.script(Reply(status=status, headers={**SOON, "x-should-retry": should}, times=None))
    assert failed(call, gateway, max_retries=1).attempts == len(gateway.requests) == attempts


@pytest.mark.parametrize(
    "code", ["sensitive_words_detected", "invalid_request", "count_token_failed", "insufficient_quota"]
)
def test_500_that_is_the_callers_fault(call: Call, gateway: LocalGateway, code: str) -> None:
    gateway.script(Reply(status=500, json={"error": {"message": "m", "code": code}}, headers=SOON, times=None))
    assert failed(call, gateway).attempts == len(gateway.requests) == 1


@pytest.mark.parametrize(
    ("error", "category"),
    [
        ({"code": "invalid_request"}, "bad_request"),
        ({"code": "convert_request_failed"}, "bad_request"),
        ({"code": "count_audio_tokens_failed"}, "bad_request"),
        ({"code": "prompt_blocked"}, "bad_request"),
        ({"code": "bad_request_body"}, "bad_request"),
        ({"code": "model_price_error"}, "bad_request"),
        ({"code": "context_length_exceeded"}, "bad_request"),
        ({"type": "sensitive_words_detected"}, "bad_request"),  # on /v1/messages the type says the code
        ({"code": "access_denied"}, "permission"),
        ({"code": "do_request_failed"}, "server"),
        ({"code": "channel:invalid_key"}, "server"),
        ({"code": None, "type": "new_api_error"}, "server"),
    ],
)
def test_what_a_500_blames(call: Call, gateway: LocalGateway, error: Any, category: str) -> None:
    for name in ("responses.create", "messages.create", "images.generate", "videos.create"):
        gateway.script(Reply(status=500, json={"error": {"message": "m", **error}}))
        with pytest.raises(wenwen.InternalServerError) as caught:
            made(call, gateway, name)
        assert caught.value.category == category
        gateway.script({"error": {"message": "m", **error}})
        with pytest.raises(wenwen.APIStatusError) as caught:
            made(call, gateway, name)
        assert caught.value.category == category


PLAN = "You exceeded your current quota, please check your plan and billing details."
# Status, error, and whether there is no money. Where two differ in a word, it is the word that tells.
MONEY: list[tuple[int, dict[str, Any], bool]] = [
    # The gateway
    (403, {"code": "insufficient_user_quota", "message": "m"}, True),
    (403, {"code": "pre_consume_token_quota_failed", "message": "m"}, True),
    (403, {"code": "quota_not_enough", "message": "m"}, True),
    (403, {"type": "new_api_error", "message": "用户额度不足, 剩余额度: ＄0.000000"}, True),
    (403, {"type": "new_api_error", "message": "预扣费额度失败, 用户剩余额度: ＄0.000020"}, True),
    (403, {"type": "new_api_error", "message": "订阅额度不足"}, True),
    (403, {"type": "new_api_error", "message": "token quota is not enough, token remain quota: ＄0.000002"}, True),
    (403, {"type": "new_api_error", "message": "user quota is not enough, user quota: $0, need quota: $1"}, True),
    (401, {"type": "new_api_error", "message": "This token quota is exhausted"}, True),
    (401, {"type": "new_api_error", "message": "[sk-a***] 该令牌额度已用尽"}, True),
    (401, {"type": "new_api_error", "message": "Invalid token"}, False),
    (403, {"type": "new_api_error", "message": "该令牌无权访问模型 gpt-5"}, False),
    (429, {"type": "new_api_error", "message": "您已达到请求数限制：1分钟内最多请求2次"}, False),
    (429, {"message": "当前分组上游负载已饱和，请稍后再试"}, False),
    # OpenAI, Azure
    (429, {"code": "insufficient_quota", "type": "insufficient_quota", "message": PLAN}, True),
    (429, {"message": PLAN}, True),
    (429, {"code": "billing_hard_limit_reached", "message": "Billing hard limit has been reached"}, True),
    (429, {"type": "billing_not_active", "message": "Your account is not active"}, True),
    (429, {"code": "rate_limit_exceeded", "message": "Rate limit reached for gpt-5: Limit 3 per minute"}, False),
    (429, {"type": "tokens", "message": "Limit 30000, Requested 40000"}, False),
    # Google says the same of both.
    (429, {"code": 429, "message": PLAN, "status": "RESOURCE_EXHAUSTED"}, False),
    (429, {"code": 429, "message": PLAN + " Quota exceeded for metric: x. Please retry in 37s."}, False),
    (429, {"code": 429, "message": "Your prepayment credits are depleted.", "status": "RESOURCE_EXHAUSTED"}, True),
    (403, {"message": "This API method requires billing to be enabled.", "status": "PERMISSION_DENIED"}, True),
    # Anthropic, DeepSeek, Zhipu, Moonshot, Aliyun, Volcengine, MiniMax, SiliconFlow, OpenRouter, xAI, Fireworks
    (400, {"type": "invalid_request_error", "message": "Your credit balance is too low to access the API"}, True),
    (402, {"type": "billing_error", "message": "m"}, True),
    (429, {"type": "rate_limit_error", "message": "would exceed the rate limit of 4 tokens per minute"}, False),
    (402, {"code": "invalid_request_error", "type": "unknown_error", "message": "Insufficient Balance"}, True),
    (500, {"message": "Insufficient Balance"}, True),
    (429, {"code": "1113", "message": "m"}, True),
    (429, {"code": "x", "message": "您的账户余额不足或无可用资源包，请充值。"}, True),
    (429, {"code": "1302", "message": "您的账户已达到速率限制，请您控制请求频率"}, False),
    (429, {"type": "exceeded_current_quota_error", "message": "m"}, True),
    (429, {"type": "rate_limit_reached_error", "message": "max RPM: 3, please try again after 1 seconds"}, False),
    (400, {"code": "Arrearage", "message": "make sure your account is in good standing."}, True),
    (403, {"code": "AllocationQuota.FreeTierOnly", "message": "m"}, True),
    (429, {"code": "Throttling.AllocationQuota", "message": "Allocated quota exceeded, try again later."}, False),
    (403, {"code": "AccountOverdueError", "message": "m"}, True),
    (403, {"code": "x", "message": "The account has an overdue balance"}, True),
    (500, {"code": "1008", "message": "m"}, True),
    (403, {"code": 30001, "message": "Sorry, your account balance is insufficient"}, True),
    (402, {"code": 402, "message": "This request requires more credits, or fewer max_tokens."}, True),
    (429, {"code": 429, "message": "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock more"}, False),
    (403, {"message": "Your team has either used all available credits or reached its monthly spending limit."}, True),
    (412, {"message": "Account is suspended, possibly due to reaching the monthly spending limit"}, True),
    (402, {"message": "m"}, True),
    # LiteLLM
    (422, {"type": "budget_exceeded", "code": "422", "message": "Budget has been exceeded! Current cost: 12.5"}, True),
    (400, {"message": "ExceededBudget: User=u over budget. Spend=1, Budget=0.5"}, True),
    # What names money in passing
    (400, {"message": "Unknown parameter: 'balance'"}, False),
    (404, {"message": "The model `quota-1` does not exist"}, False),
]


@pytest.mark.parametrize(("status", "error", "is_quota"), MONEY, ids=str)
def test_no_money(call: Call, gateway: LocalGateway, status: int, error: Any, is_quota: bool) -> None:
    bodies = [("chat.completions.create", {"error": error}), ("videos.create", error), ("images.generate", error)]
    for name, body in [*bodies, ("messages.create", {"type": "error", "error": error})]:
        gateway.script(Reply(status=status, json=body, headers=SOON, times=None))
        seen = len(gateway.requests)
        with pytest.raises(wenwen.APIStatusError) as caught:
            made(call, gateway, name, max_retries=1)
        gateway.clear_script()
        assert (caught.value.category == "quota") == is_quota
        assert caught.value.status_code == status
        assert len(gateway.requests) - seen == (2 if status == 429 and not is_quota else 1)
        # Sent inside a 200 it is the same, but for what only the status said.
        if error == {"message": "m"}:
            continue
        gateway.script(body)
        with pytest.raises(wenwen.APIStatusError) as caught:
            made(call, gateway, name)
        assert (caught.value.category == "quota") == is_quota


@pytest.mark.parametrize("reset", [False, True])
def test_closed_before_the_head(call: Call, gateway: LocalGateway, reset: bool) -> None:
    gateway.script(Reply(close=True, reset=reset))
    assert call(gateway, **HELLO, max_retries=1).output_text
    assert len(gateway.requests) == 2
    # The kept connection, and the fresh one that stands in for it.
    gateway.script(*[Reply(close=True, reset=reset)] * 2)
    error = failed(call, gateway, max_retries=0)
    assert type(error) is wenwen.APIConnectionError
    assert (error.category, error.status_code, error.body, error.headers) == ("connection", None, None, None)


def test_closed_in_the_body(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(json={"id": "x" * 1000}, cut=500))
    error = failed(call, gateway, max_retries=0)
    assert type(error) is wenwen.APIConnectionError
    assert error.request_id is not None
    assert error.headers is not None
    gateway.script(Reply(status=400, json={"message": "m" * 1000}, cut=500))
    assert type(failed(call, gateway, max_retries=0)) is wenwen.BadRequestError


def test_connection_refused(call: Call) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        port = taken.getsockname()[1]
        client = call.new_client(api_key=KEY, base_url=f"http://127.0.0.1:{port}", proxy=False)
        error = failed(call, client, max_retries=1)
    assert type(error) is wenwen.APIConnectionError
    assert error.attempts == 2
    assert f"127.0.0.1:{port}" in error.message
    assert KEY not in str(error)


def test_incomplete_streams_are_not_repeated(call: Call, gateway: LocalGateway) -> None:
    created = {"type": "response.created", "response": {"id": "resp_1"}}
    gateway.script(Reply(events=[created], headers=SOON))
    with pytest.raises(wenwen.IncompleteStreamError) as caught:
        call.events(gateway, **HELLO, max_retries=5)
    assert caught.value.attempts == len(gateway.requests) == 1


@pytest.mark.skipif(sys.platform == "darwin", reason="has no 127.0.0.2")
def test_redirects_are_not_followed(call: Call) -> None:
    with LocalGateway(host="127.0.0.2") as other, LocalGateway() as gateway:
        for status in (301, 302, 307, 308):
            gateway.script(Reply(status=status, headers={"Location": f"{other.root}/v1/responses"}, body=b""))
            error = failed(call, gateway)
            assert type(error) is wenwen.APIStatusError
            assert (error.status_code, error.attempts) == (status, 1)
            assert other.root in error.message
        assert other.connections == 0


# Timeouts


def timed_out(call: Call, gateway: LocalGateway, limit: str, reply: Reply, **params: Any) -> Any:
    gateway.script(reply)
    began = time.monotonic()
    with pytest.raises(wenwen.APITimeoutError) as caught:
        if params.pop("stream", False):
            call.events(gateway, **HELLO, **params)
        else:
            call(gateway, **HELLO, **params)
    assert time.monotonic() - began < 20
    error = caught.value
    assert (error.limit, error.category, error.attempts) == (limit, "timeout", 1)
    assert f"`{limit}`" in error.message
    assert isinstance(error, wenwen.APIConnectionError)
    assert pickle.loads(pickle.dumps(error)).limit == limit
    assert len(gateway.requests) == 1
    gateway.wait_closed()
    return error


@pytest.mark.parametrize("stream", [False, True])
def test_total(call: Call, gateway: LocalGateway, stream: bool) -> None:
    error = timed_out(call, gateway, "total", Reply(delay=LONG), timeout=0.2, stream=stream)
    assert (error.status_code, error.headers) == (None, None)


@pytest.mark.parametrize("stream", [False, True])
def test_total_over_a_drip(call: Call, gateway: LocalGateway, stream: bool) -> None:
    body = json.dumps({"type": "response.created", "x": "x" * 3000}).encode()
    data = (b"data: " + body + b"\n\n") if stream else body
    kind = "text/event-stream" if stream else "application/json"
    drip = Reply(body=data, headers={"Content-Type": kind}, chunk_size=1, chunk_delay=0.02)
    error = timed_out(call, gateway, "total", drip, timeout=Timeout(0.3, idle=LONG), stream=stream)
    assert (error.status_code, error.response is None) in [(None, True), (200, False)]


def test_total_over_a_drip_of_events(call: Call, gateway: LocalGateway) -> None:
    created = {"type": "response.created", "response": {"id": "resp_1"}}
    deltas = [{"type": "response.output_text.delta", "output_index": 0, "delta": "x"}] * 3000
    drip = Reply(events=[created, *deltas], chunk_delay=0.02)
    error = timed_out(call, gateway, "total", drip, timeout=1.0, stream=True)
    assert error.request_id is not None
    assert set(error.partial.output_text) == {"x"}


def test_total_over_retries(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(status=500, headers=SOON, times=2), Reply(delay=LONG))
    error = failed(call, gateway, timeout=1.5)
    assert type(error) is wenwen.APITimeoutError
    assert error.attempts == len(gateway.requests) == 3
    assert "the attempt before had failed: 500" in error.message


def test_a_pause_that_does_not_fit_is_not_made(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(status=500, times=None))
    error = failed(call, gateway, timeout=0.3)  # the first pause is 0.375 s at least
    assert (type(error), error.attempts) == (wenwen.InternalServerError, 1)


@pytest.mark.parametrize("stream", [False, True])
def test_idle(call: Call, gateway: LocalGateway, stream: bool) -> None:
    created = json.dumps({"type": "response.created", "response": {"id": "resp_1"}})
    reply = Reply(events=[f"data: {created}\n\n"], stall=10**6) if stream else Reply(json={"id": "x"}, stall=3)
    error = timed_out(call, gateway, "idle", reply, timeout=Timeout(LONG, idle=0.3), stream=stream)
    assert error.request_id is not None
    assert error.status_code == 200
    if stream:
        assert error.partial.id == "resp_1"


def test_pings_reset_idle(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(pings=10, ping_interval=0.2))
    assert call.events(gateway, **HELLO, timeout=Timeout(LONG, idle=1.0))[-1].type == "response.completed"


def test_first_event(call: Call, gateway: LocalGateway) -> None:
    """Pings that come too seldom do not help."""
    reply = Reply(pings=1000, ping_interval=1.0)
    error = timed_out(call, gateway, "first_event", reply, timeout=Timeout(LONG, first_event=0.3), stream=True)
    assert error.partial is None


def test_first_event_says_nothing_about_the_later_ones(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(chunk_delay=0.1))
    limits = Timeout(LONG, first_event=1.0)
    assert call.events(gateway, **HELLO, timeout=limits)[-1].type == "response.completed"


@pytest.fixture
def full_backlog() -> Iterator[int]:
    """A port whose queue is full, so that no connection comes up."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(8):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.append(client)
        time.sleep(0.1)
        with socket.socket() as probe:
            probe.settimeout(0.3)
            if probe.connect_ex(listener.getsockname()) == 0:
                pytest.skip("connections come up although nobody accepts them")
        yield listener.getsockname()[1]
        for client in waiting:
            client.close()


def test_connect(call: Call, full_backlog: int) -> None:
    client = call.new_client(api_key=KEY, base_url=f"http://127.0.0.1:{full_backlog}", proxy=False, max_retries=0)
    error = failed(call, client, timeout=Timeout(LONG, connect=0.3))
    assert type(error) is wenwen.APITimeoutError
    assert (error.limit, error.status_code) == ("connect", None)
    assert error.elapsed < LONG / 2


# The tree


def test_the_tree() -> None:
    for cls in (wenwen.APIConnectionError, wenwen.APIStatusError, wenwen.APIResponseValidationError):
        assert issubclass(cls, wenwen.APIError)
    assert issubclass(wenwen.APIError, wenwen.WenwenError)
    assert issubclass(wenwen.APITimeoutError, wenwen.APIConnectionError)
    assert issubclass(wenwen.IncompleteStreamError, wenwen.APIConnectionError)
    assert issubclass(wenwen.NotAnAPIError, wenwen.APIResponseValidationError)
    for cls in (wenwen.ServiceUnavailableError, wenwen.DeadlineExceededError, wenwen.OverloadedError):
        assert issubclass(cls, wenwen.InternalServerError)


CLASSES = [cls for cls in vars(_errors).values() if isinstance(cls, type) and issubclass(cls, wenwen.WenwenError)]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_is_public_documented_and_pickles(cls: Any) -> None:
    assert getattr(wenwen, cls.__name__) is cls
    assert cls.__name__ in wenwen.__all__
    assert cls.__doc__
    error = cls("text", code="c", attempts=3) if issubclass(cls, wenwen.APIError) else cls("text")
    error.add_note("a note")
    other = pickle.loads(pickle.dumps(error))
    assert (type(other), str(other), vars(other)) == (cls, "text", vars(error))


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (402, "APIStatusError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (413, "RequestTooLargeError"),
        (418, "APIStatusError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailableError"),
        (504, "DeadlineExceededError"),
        (524, "DeadlineExceededError"),
        (529, "OverloadedError"),
        (599, "InternalServerError"),
    ],
)
def test_classes_by_status(call: Call, gateway: LocalGateway, status: int, name: str) -> None:
    gateway.script(Reply(status=status, json={"error": {"message": "m"}}))
    assert type(failed(call, gateway, max_retries=0)).__name__ == name


# Logging


def test_one_line_an_attempt(call: Call, gateway: LocalGateway, caplog: pytest.LogCaptureFixture) -> None:
    prompt = "a prompt that is nobody's business"
    echo = {"error": {"message": f"bad input:\n{prompt}", "code": "upstream_error"}}
    gateway.script(Reply(status=500, json=echo, headers=SOON), Reply(status=502, text=prompt, headers=SOON))
    with caplog.at_level(logging.INFO, logger="wenwen"):
        reply = call(call.client(gateway, api_key=KEY), model="m", input=prompt)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == len(gateway.requests) == 3
    assert {(record.name, record.levelname) for record in caplog.records} == {("wenwen", "INFO")}
    for number, (line, status) in enumerate(zip(lines, (500, 502, 200), strict=True), 1):
        assert line.startswith(f"POST /v1/responses {status} in ")
        assert f" ms, attempt {number}" in line
        assert prompt not in line
        assert KEY not in line
        assert "\n" not in line
    assert "server (upstream_error) (retry in 0.00 s)" in lines[0]
    assert lines[2].endswith(f"request id {reply.request_id}")


def test_the_line_of_a_failure(call: Call, gateway: LocalGateway, caplog: pytest.LogCaptureFixture) -> None:
    gateway.script(Reply(close=True), 400)
    with caplog.at_level(logging.INFO, logger="wenwen"):
        failed(call, gateway, max_retries=0)
        failed(call, gateway, max_retries=0)
    lines = [record.getMessage() for record in caplog.records]
    assert "POST /v1/responses no reply in " in lines[0]
    assert "bad_request" in lines[1]
    assert all(line.endswith("(no retry)") for line in lines)


SCRIPT = """
import wenwen
wenwen.create_response(model="m", input="the prompt", max_retries=0)
"""


@pytest.mark.parametrize(("level", "lines"), [(None, 0), ("", 0), ("info", 1), (" DEBUG", 1), ("warning", 0)])
def test_wenwen_log(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch, level: str | None, lines: int) -> None:
    for name, value in {**gateway.env(), "WENWEN_API_KEY": KEY}.items():
        monkeypatch.setenv(name, value)
    if level is not None:
        monkeypatch.setenv("WENWEN_LOG", level)
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert len(done.stderr.splitlines()) == lines
    assert done.stderr.count("POST /v1/responses 200 in ") == lines
    assert KEY not in done.stderr
    assert "the prompt" not in done.stderr


def test_wenwen_log_of_another_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENWEN_LOG", "loud")
    done = subprocess.run([sys.executable, "-c", "import wenwen"], capture_output=True, text=True, check=True)
    assert done.stderr == "WENWEN_LOG='loud' is no level: use info, warning or debug\n"


def test_a_panic_is_an_exception() -> None:
    """pyo3's own class for it, which derives from BaseException otherwise, says what to report."""
    (panic,) = _errors.InternalError.__subclasses__()
    assert panic.__name__ == "PanicException" and issubclass(panic, RuntimeError)
    try:
        raise panic("index out of bounds")
    except Exception as error:
        assert "index out of bounds" in str(error) and "report" in str(error)
    assert "already borrowed" in str(_errors.InternalError("already borrowed"))


# Exceptions that are made by hand, as tests of code for the peers' packages do


class Request:
    method, url = "POST", "https://api.example.com/v1/responses"


class Headed:
    """A reply as httpx has it."""

    def __init__(self, status_code: int, request: Any = None, **headers: str) -> None:
        self.status_code = status_code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._request = request

    @property
    def request(self) -> Any:
        if self._request is None:
            raise RuntimeError("The request instance has not been set on this response.")
        return self._request


REQUEST = Request()
LIMITED = Headed(429, REQUEST, x_request_id="req-1", retry_after="5")


@pytest.mark.parametrize(
    ("error", "text", "has"),
    [
        (wenwen.APIError("no", REQUEST, body=None), "no", {"request": REQUEST, "body": None, "status_code": None}),
        (
            wenwen.APIError("no", REQUEST, body={"code": "c", "type": "t", "param": "p", "message": "m"}),
            "no",
            {"code": "c", "type": "t", "param": "p"},
        ),
        (
            wenwen.RateLimitError("slow", response=LIMITED, body={"error": {"code": "c"}}),
            "slow",
            {"status_code": 429, "code": "c", "request": REQUEST, "request_id": "req-1", "response": LIMITED},
        ),
        (wenwen.BadRequestError("no", response=Headed(400), body=None), "no", {"status_code": 400, "request": None}),
        (wenwen.APIConnectionError(request=REQUEST), "Connection error.", {"request": REQUEST}),
        (wenwen.APIConnectionError(message="gone", request=REQUEST), "gone", {"message": "gone"}),
        (wenwen.APITimeoutError(REQUEST), "Request timed out.", {"request": REQUEST}),
        (wenwen.APITimeoutError(request=REQUEST), "Request timed out.", {"request": REQUEST}),
        (
            wenwen.APIResponseValidationError(LIMITED, {"a": 1}, message="bad"),
            "bad",
            {"status_code": 429, "body": {"a": 1}, "response": LIMITED},
        ),
        (wenwen.APIError("no"), "no", {"attempts": 1, "body": None, "headers": None}),
        (wenwen.APIError(), "", {"message": ""}),
        (wenwen.APIStatusError("no", response=LIMITED, body="text"), "no", {"body": "text", "code": None}),
    ],
)
def test_exceptions_made_by_hand(error: wenwen.APIError, text: str, has: dict[str, Any]) -> None:
    assert str(error) == text
    assert {name: getattr(error, name) for name in has} == has
    with pytest.raises(wenwen.WenwenError):
        raise error


def test_their_headers_are_those_of_the_reply() -> None:
    error = wenwen.RateLimitError("slow", response=LIMITED, body=None)
    assert error.headers["retry-after"] == "5"


def test_they_pickle() -> None:
    error = wenwen.RateLimitError("slow", response=None, body={"error": {"code": "c"}})
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code) == (wenwen.RateLimitError, "slow", "c")
