"""What a LocalGateway lets through, over real sockets and the standard library's client. Limits refill too slowly for a
test to see, or the test lifts them: no time plays a part."""

from __future__ import annotations

import http.client
import json
import socket
import time
from typing import Any

import pytest

import wenwen
from wenwen.testing import LocalGateway, Quota, Reply

SLOW = 1e-3  # a minute: nothing comes back within a test
TEXT = {"model": "gpt-5", "input": "Hello!"}
TALK = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hello!"}]}


def post(gateway: LocalGateway, path: str = "/v1/responses", body: Any = TEXT, method: str = "POST") -> Any:
    """The response, whose .body is its content."""
    connection = http.client.HTTPConnection(gateway.root.removeprefix("http://"), timeout=10)
    try:
        headers = {"Authorization": "Bearer sk-x", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if method == "POST" else None, headers)
        response: Any = connection.getresponse()
        response.body = response.read()
        return response
    finally:
        connection.close()


def statuses(gateway: LocalGateway, count: int) -> list[int]:
    return [post(gateway).status for _ in range(count)]


def hang(gateway: LocalGateway) -> socket.socket:
    """A request whose answer nobody waits for."""
    host, _, port = gateway.root.removeprefix("http://").rpartition(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    body = json.dumps(TEXT)
    connection.sendall(
        f"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk-x\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    return connection


@pytest.mark.parametrize(
    ("quota", "passed", "status", "words"),
    [
        (Quota(rpm=SLOW, burst=3), 3, 429, ""),
        (Quota(rpm=SLOW), 1, 429, ""),
        (Quota(rpm=SLOW, burst=2, named=True), 2, 429, "on requests per min (RPM): Limit 1, Used 1, Requested 1."),
        (Quota(window=(2, 300.0)), 2, 429, ""),
        (Quota(window=(2, 300.0), named=True), 2, 429, "您已达到请求数限制：5分钟内最多请求2次 (request id: "),
        (Quota(tpm=10), 1, 429, ""),
        (Quota(tpm=10, named=True), 1, 429, "on tokens per min (TPM): Limit 10, "),
        (Quota(tpm=SLOW), 1, 429, ""),
        (Quota(max_concurrency=1), 6, 200, "Hi!"),  # one after the other
        (Quota(money=2), 2, 403, "insufficient_user_quota"),
        (Quota(money=0), 0, 403, "insufficient_user_quota"),
        (Quota(money=2, rpm=SLOW), 1, 429, ""),  # what is refused costs nothing
        (Quota(), 6, 200, "Hi!"),
    ],
)
def test_a_limit_lets_so_many_through(quota: Quota, passed: int, status: int, words: str) -> None:
    with LocalGateway(quota=quota) as gateway:
        assert statuses(gateway, 6) == [*[200] * passed, *[status] * (6 - passed)]
        last = post(gateway)
        assert words in last.body.decode() and bool(words) == bool(last.body)
        assert last.headers["Retry-After"] is None and last.headers["X-Oneapi-Request-Id"]
        gateway.limit()
        assert statuses(gateway, 6) == [200] * 6
        gateway.limit(quota)  # its counts begin anew
        assert statuses(gateway, 6) == [*[200] * passed, *[status] * (6 - passed)]


def test_what_runs_at_once() -> None:
    for named, words in (False, ""), (True, "您已达到并发请求数限制：最多同时处理2个请求"):
        with LocalGateway(quota=Quota(hangs=1)) as gateway:
            held = [hang(gateway), hang(gateway)]
            gateway.wait_until(lambda gateway=gateway: len(gateway.requests) == 2)
            gateway.limit(Quota(max_concurrency=2, named=named))  # those that run stay counted
            refused = post(gateway)
            assert refused.status == 429 and words in refused.body.decode()
            held[0].close()
            gateway.wait_closed(1)
            assert statuses(gateway, 3) == [200] * 3
            held[1].close()


def test_the_window_counts_what_was_answered() -> None:
    with LocalGateway([500, Reply(status=400), "close"], quota=Quota(window=(2, 60))) as gateway:
        assert statuses(gateway, 2) == [500, 400]
        with pytest.raises((http.client.HTTPException, OSError)):
            post(gateway)
        assert statuses(gateway, 4) == [200, 200, 429, 429]


def test_refused_requests_leave_the_script_alone() -> None:
    with LocalGateway([Reply(json={"a": 1})], quota=Quota(money=0)) as gateway:
        assert statuses(gateway, 2) == [403, 403] and gateway.script_left == 1
        gateway.limit()
        assert post(gateway).body == b'{"a":1}'


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/responses", TEXT),
        ("/v1/chat/completions", TALK),
        ("/v1/messages", {**TALK, "max_tokens": 9}),
        ("/v1beta/models/gemini-2.5-flash:generateContent", {"contents": [{"parts": [{"text": "Hello!"}]}]}),
        ("/v1/embeddings", TEXT),
        ("/v1/images/generations", {"model": "gpt-image-1", "prompt": "a cat"}),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_each_dialect_is_limited(path: str, body: Any, named: bool) -> None:
    with LocalGateway(quota=Quota(rpm=SLOW, tpm=1, named=named, retry_after=7)) as gateway:
        first = post(gateway, path, body)
        assert first.status == 200 and first.headers["Retry-After"] is None
        second = post(gateway, path, body)
        assert (second.status, second.headers["Retry-After"]) == (429, "7")
        assert bool(second.body) == named
        if named:
            assert json.loads(second.body)["error"]["message"].startswith("Rate limit reached")
        # By the usage of that answer, where it has one.
        gateway.limit(Quota(tpm=1))
        assert [post(gateway, path, body).status for _ in range(2)] == [200, 429]


def test_look_ups_and_tasks_are_not_limited() -> None:
    with LocalGateway(quota=Quota(rpm=SLOW)) as gateway:
        assert statuses(gateway, 2) == [200, 429]
        for method, path in ("GET", "/v1/models"), ("GET", "/api/pricing"), ("POST", "/mj/submit/imagine"):
            assert post(gateway, path, {"prompt": "a cat"}, method).status == 200
        assert statuses(gateway, 1) == [429]


def test_headers_of_channels() -> None:
    def told(quota: Quota, **more: Any) -> list[str | None]:
        with LocalGateway(quota=quota) as gateway:
            replies = [post(gateway, body={**TEXT, **more}) for _ in range(4)]
            return [reply.headers["x-ratelimit-limit-requests"] for reply in replies]

    assert told(Quota()) == [None] * 4
    assert told(Quota(channels=1500)) == ["1500"] * 4
    assert told(Quota(channels=(60, 100, 1e9))) == ["60", "100", "1000000000", "60"]
    assert told(Quota(channels=60, money=2)) == ["60", "60", None, None]
    assert told(Quota(channels=60), stream=True) == [None] * 4
    with LocalGateway(quota=Quota(channels=60, rpm=SLOW, burst=4)) as gateway:
        assert post(gateway).headers["x-ratelimit-remaining-requests"] == "45"
        headers = post(gateway).headers
        assert headers["x-ratelimit-remaining-requests"] == "30" and headers["x-ratelimit-reset-requests"] == "30000ms"


def test_limits_follow_each_other() -> None:
    with LocalGateway(quota=[Quota(since=0.2, money=1), Quota(money=0)]) as gateway:
        assert post(gateway).status == 403
        while (status := post(gateway).status) == 403:
            time.sleep(0.01)
        assert status == 200 and statuses(gateway, 2) == [403, 403]


def test_answers_take_their_time() -> None:
    with LocalGateway(quota=Quota(latency=(0.05, 0.1), money=2)) as gateway:
        for status, least in (200, 0.05), (200, 0.05), (403, 0.0):
            began = time.monotonic()
            assert post(gateway).status == status and time.monotonic() - began >= least


def test_some_are_never_answered() -> None:
    with LocalGateway(quota=Quota(hangs=0.5)) as gateway, pytest.raises(wenwen.APITimeoutError):
        for _ in range(20):
            gateway.client(timeout=0.2, max_retries=0).responses.create(model="gpt-5", input="Hello!")


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"rpm": 0}, ValueError, "rpm is 0: give a number above 0"),
        ({"rpm": -1.0}, ValueError, "rpm is -1.0"),
        ({"rpm": float("nan")}, ValueError, "rpm is nan"),
        ({"tpm": float("inf")}, ValueError, "tpm is inf"),
        ({"rpm": "60"}, TypeError, "rpm is '60'"),
        ({"burst": True}, TypeError, "burst is True"),
        ({"max_concurrency": 0}, ValueError, "max_concurrency is 0"),
        ({"max_concurrency": 2.5}, TypeError, "give a whole number"),
        ({"money": -1}, ValueError, "money is -1: give a whole number of 0 or more"),
        ({"window": 3000}, TypeError, r"window is 3000: give \(answers, seconds\)"),
        ({"window": (3000, 0)}, ValueError, "window is 0"),
        ({"window": (2.5, 60)}, TypeError, "window is"),
        ({"channels": [60, 0]}, ValueError, "channels is 0"),
        ({"latency": [1, -1]}, ValueError, "latency is -1"),
        ({"latency": "1"}, TypeError, "latency is '1'"),
        ({"hangs": 1.5}, ValueError, "hangs is 1.5: give a share from 0 to 1"),
        ({"since": -1}, ValueError, "since is -1"),
    ],
)
def test_wrong_limits_are_told_where_they_are_written(options: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Quota(**options)
    with pytest.raises(TypeError, match="is no Quota"):
        LocalGateway(quota=[options])
    with LocalGateway() as gateway, pytest.raises(TypeError, match="is no Quota"):
        gateway.limit(options)
