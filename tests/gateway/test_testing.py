"""wenwen.testing over real sockets, spoken to by the standard library's client: it must not depend on ours."""

from __future__ import annotations

import http.client
import json
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from wenwen.testing import LocalGateway, Reply, Request, ScriptItem

HELLO = {"model": "gpt-5", "input": "Hello!"}
KEY = "sk-very-secret"


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self) -> Any:
        return json.loads(self.body)


def post(gateway: LocalGateway, body: Any = HELLO, path: str = "/v1/responses", **headers: str) -> Answer:
    connection = http.client.HTTPConnection(gateway.root.removeprefix("http://"), timeout=10)
    try:
        sent = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **headers}
        connection.request("POST", path, json.dumps(body), sent)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def send(gateway: LocalGateway, body: Any = HELLO) -> socket.socket:
    """A request whose answer is left to the caller."""
    data = json.dumps(body).encode()
    head = f"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
    head += "Content-Type: application/json\r\n"
    host, _, port = gateway.root.removeprefix("http://").rpartition(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
    return connection


def test_default_answer() -> None:
    with LocalGateway() as gateway:
        reply = post(gateway).json()
        assert reply["output"][1]["content"][0]["text"] == "Hi! How can I help you today?"
        assert post(gateway, {**HELLO, "stream": True}).headers["Content-Type"] == "text/event-stream"
        assert post(gateway, path="/nope").headers["Content-Type"].startswith("text/html")
        assert gateway.base_url == gateway.root + "/v1"
        env = gateway.env()
        assert (env["WENWEN_BASE_URL"], env["WENWEN_API_KEY"]) == (gateway.base_url, gateway.api_key)
        assert "127.0.0.1" in env["no_proxy"].split(",")


def test_key() -> None:
    with LocalGateway(api_key="sk-right") as gateway:
        assert gateway.api_key == "sk-right"
        assert post(gateway).status == 401
        assert post(gateway, Authorization="Bearer sk-right").status == 200


def test_script_of_every_kind() -> None:
    script: list[ScriptItem] = [
        {"a": "é"},
        [1, 2],
        429,
        None,
        Reply(status=503, headers={"Retry-After": "0.1"}),
        Reply(json=None),
        Reply(text="é", headers=[("X-Twice", "1"), ("X-Twice", "2")]),
        Reply(html="<p>"),
        Reply(body=b"\x00\xff"),
        Reply(body=[b"a", b"b"]),
        Reply(events=[{"type": "a.b"}, "data: [DONE]\n\n", b": x\n\n", {"z": 1}]),
        Reply(events="data: 1\n\ndata: 2\n\ndata: 3"),
        Reply(raw=b"HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok"),
        Reply(status=204, body=b""),
    ]
    with LocalGateway(script) as gateway:
        answers = [post(gateway) for _ in script]
        bodies = [answer.body for answer in answers]
        assert [answer.status for answer in answers] == [200, 200, 429, 200, 503, *[200] * 7, 299, 204]
        assert bodies[:2] == ['{"a":"é"}'.encode(), b"[1,2]"]
        assert answers[2].json()["error"]["code"] == "rate_limit_exceeded"
        assert answers[3].json()["object"] == "response"
        assert answers[4].headers["Retry-After"] == "0.1" and answers[4].json()["error"]
        assert answers[6].headers.get_all("X-Twice") == ["1", "2"]
        assert bodies[5:10] == [b"null", "é".encode(), b"<p>", b"\x00\xff", b"ab"]
        assert bodies[10] == b'event: a.b\ndata: {"type":"a.b"}\n\ndata: [DONE]\n\n: x\n\ndata: {"z":1}\n\n'
        assert bodies[11] == b"data: 1\n\ndata: 2\n\ndata: 3"
        assert bodies[12:] == [b"ok", b""]
        # After the script, the defaults; and more can be added at any time.
        assert gateway.script_left == 0 and post(gateway).status == 200
        gateway.script(Reply(status=500, times=2), 418)
        assert [post(gateway).status for _ in range(4)] == [500, 500, 418, 200]
        gateway.script(Reply(json=1, times=None))
        assert [post(gateway).json() for _ in range(3)] == [1, 1, 1]
        gateway.clear_script()
        assert post(gateway).json()["object"] == "response"
        assert gateway.requests[10].events_written == 3  # the comment is no event


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("text", TypeError),
        ([object()], TypeError),
        ([True], TypeError),
        ([Reply(json=1, text="")], TypeError),
        ([Reply(json={1, 2})], TypeError),
        ([Reply(status=99)], ValueError),
        ([Reply(delay=-1)], ValueError),
        ([Reply(times=0)], ValueError),
        ([Reply(headers={"a": "b\r\nc: d"})], ValueError),
        ([Reply(framing="no")], ValueError),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_script_is_told_where_it_is_written(script: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        LocalGateway(script)


def test_only_loopback() -> None:
    with pytest.raises(ValueError, match="loopback"):
        LocalGateway(host="0.0.0.0").start()
    with LocalGateway() as gateway, pytest.raises(OSError, match="cannot serve"):
        LocalGateway(port=int(gateway.root.rpartition(":")[2])).start()
    with pytest.raises(RuntimeError, match="not started"):
        _ = LocalGateway().root


def test_function() -> None:
    seen: list[tuple[str, str]] = []

    def answer(request: Request) -> ScriptItem:
        seen.append((request.path, threading.current_thread().name))
        return None if request.path == "/v1/responses" else {"you": request.json()["input"]}

    with LocalGateway(answer) as gateway:
        assert post(gateway).json()["object"] == "response"
        assert post(gateway, path="/x").json() == {"you": "Hello!"}
        gateway.script(503)  # a reply goes before the function
        assert [post(gateway, path="/x").status for _ in range(2)] == [503, 200]
    assert [path for path, _ in seen] == ["/v1/responses", "/x", "/x"]
    assert {thread for _, thread in seen} == {"wenwen-gateway-handler"}
    assert "wenwen-gateway-handler" not in {thread.name for thread in threading.enumerate()}


def test_what_a_function_raises_comes_out_of_the_block() -> None:
    def answer(request: Request) -> ScriptItem:
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"), LocalGateway(answer) as gateway:
        assert post(gateway).status == 500
        assert [type(error) for error in gateway.errors] == [LookupError]
    with pytest.raises(ZeroDivisionError), LocalGateway(answer) as gateway:  # not over another exception
        post(gateway)
        _ = 1 / 0


def test_journal() -> None:
    with LocalGateway() as gateway:
        before = time.monotonic()
        post(gateway, path="/v1/responses?a=b")
        gateway.wait_until(lambda: gateway.last_request and gateway.last_request.ended == "answered")
        request = gateway.last_request
        assert request is not None
        assert (request.index, request.method, request.path, request.query) == (0, "POST", "/v1/responses", "a=b")
        assert request.json() == HELLO and json.loads(request.text) == HELLO == json.loads(request.body)
        assert ("Authorization", f"Bearer {KEY}") in request.headers
        assert request.header("AUTHORIZATION") == f"Bearer {KEY}"
        assert request.header("x-none") is None and request.header("x-none", "y") == "y"
        assert KEY not in repr(gateway.requests) and "sk-***" in repr(request)
        assert request.status == 200 and request.bytes_written > 1000
        assert request.ended_at is not None
        assert before <= request.arrived_at <= request.ended_at <= time.monotonic()
        assert (request.connection, gateway.connections) == (1, 1)
        gateway.clear()
        assert gateway.requests == [] and gateway.last_request is None
        gateway.wait_until(lambda: gateway.open_connections == 0)
        post(gateway)
    assert len(gateway.requests) == 1  # also after closing
    with LocalGateway(journal_entries=2, journal_bytes=60) as gateway:
        for _ in range(3):
            post(gateway)
        assert [request.index for request in gateway.requests] == [1, 2]
        assert gateway.requests[1].json() == HELLO
        with pytest.raises(RuntimeError, match="dropped the body"):
            _ = gateway.requests[0].body


def test_a_leaving_client() -> None:
    with LocalGateway([Reply(stall=10), Reply(delay=60), Reply(events=["a\n\n"] * 1000, chunk_delay=0.01)]) as gateway:
        for n in range(3):
            connection = send(gateway)
            gateway.wait_until(lambda n=n: len(gateway.requests) == n + 1)
            left = time.monotonic()
            connection.close()
            gone = gateway.wait_closed(n + 1)
            assert gone[n].ended_at is not None and gone[n].ended_at - left < 0.1
        with pytest.raises(TimeoutError, match="not 4 requests left"):
            gateway.wait_closed(4, timeout=0.05)
        with pytest.raises(TimeoutError):
            gateway.wait_until(lambda: False, timeout=0.05)


def test_faults() -> None:
    with LocalGateway() as gateway:
        gateway.script(Reply(json={"a": 1}, cut=3))
        with pytest.raises(http.client.IncompleteRead) as cut:
            post(gateway)
        assert cut.value.partial == b'{"a'
        gateway.script(Reply(close=True))
        with pytest.raises(http.client.RemoteDisconnected):
            post(gateway)
        gateway.script(Reply(close=True, reset=True))
        with pytest.raises(ConnectionResetError):
            post(gateway)
        gateway.wait_until(lambda: [request.ended for request in gateway.requests] == ["cut"] * 3)
        assert gateway.requests[1].status is None
        gateway.script(Reply(json={"a": 1}, delay=0.1, chunk_size=2, chunk_delay=0.02))
        start = time.monotonic()
        assert post(gateway).json() == {"a": 1}
        assert time.monotonic() - start >= 0.16


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork() -> None:
    program = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from test_testing import *
with LocalGateway(lambda request: None) as gateway:
    waiting = send(gateway)
    child = os.fork()
    if child == 0:
        try:
            gateway.requests
        except RuntimeError as error:
            assert "parent process" in str(error)
        assert post(gateway).status == 200
        gateway.close()
        del gateway
        with LocalGateway() as own:
            assert post(own).status == 200
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert post(gateway).status == 200
"""
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, env=environment)


def test_exit_with_everything_under_way() -> None:
    program = f"""
import sys
sys.path[:0] = {sys.path!r}
from test_testing import *
gateways = [LocalGateway(lambda request: None).start(), LocalGateway([Reply(stall=1)]).start()]
connections = [send(gateway) for gateway in gateways]
sys.exit(5)
"""
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    done = subprocess.run([sys.executable, "-c", program], timeout=30, env=environment, capture_output=True)
    assert (done.returncode, done.stderr) == (5, b"")


def test_reply_copies() -> None:
    reply = Reply(status=429, headers={"Retry-After": "1"})
    assert pickle.loads(pickle.dumps(reply)) == reply


def test_fixture(wenwen_gateway: LocalGateway) -> None:
    assert os.environ["WENWEN_BASE_URL"] == wenwen_gateway.base_url
    assert os.environ["WENWEN_API_KEY"] == wenwen_gateway.api_key
    assert post(wenwen_gateway).status == 200
