"""OpenAI's and Anthropic's clients, and those of httpx and httpx2, over our connections: what goes over the wire, what
comes back, and under which names it fails."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import gc
import gzip
import io
import json
import os
import pickle
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import anthropic
import httpx
import httpx2
import openai
import pytest
from conftest import Call

import wenwen
from wenwen import bridge
from wenwen.testing import LocalGateway, Reply

KEY = "sk-0123456789"
HELLO: list[Any] = [{"role": "user", "content": "Hello!"}]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
PATIENCE = 20.0  # a hang guard


class Asked:
    def __init__(self, head: bytes, body: bytes, file: Any) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = first.split(" ", 2)
        self.headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        self.body, self.file = body, file

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]


class Server:
    """Reads requests, writes down what they were, and lets a function answer: with bytes, or by itself."""

    def __init__(self, answer: Any = OK, reads: bool = True) -> None:
        self.answer, self.reads = answer, reads
        self.asked: list[Asked] = []
        self.connections = 0
        self.closed = threading.Event()  # a client has closed a connection
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as file:
            while head := self._head(file):
                self.asked.append(Asked(head, self._body(head, file) if self.reads else b"", file))
                answer = self.answer(connection, self.asked[-1]) if callable(self.answer) else self.answer
                if answer is not None:
                    connection.sendall(answer)
                if answer is None or b"close" in answer[:200]:
                    return
        self.closed.set()

    @staticmethod
    def _head(file: Any) -> bytes:
        lines: list[bytes] = []
        while (line := file.readline()) not in (b"", b"\r\n"):
            lines.append(line)
        return b"".join(lines).removesuffix(b"\r\n")

    @staticmethod
    def _body(head: bytes, file: Any) -> bytes:
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if lengths:
            return bytes(file.read(int(lengths[0])))
        if b"transfer-encoding: chunked" not in head.lower():
            return b""
        body = b""
        while size := int(file.readline(), 16):
            body += file.read(size)
            file.readline()
        file.readline()
        return body

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # which wakes `accept`
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def serve(answer: Any = OK, **options: Any) -> Server:
        servers.append(Server(answer, **options))
        return servers[-1]

    yield serve
    for server in servers:
        server.close()


@pytest.fixture(params=[httpx, httpx2], ids=lambda module: module.__name__)
def kit(request: pytest.FixtureRequest) -> ModuleType:
    module: ModuleType = request.param
    return module


def ours(base_url: str = "http://127.0.0.1:9", **options: Any) -> wenwen.Client:
    return wenwen.Client(**{"api_key": KEY, "base_url": base_url, "proxy": False, **options})


def theirs(call: Call, kit: Any, client: Any, **options: Any) -> Any:
    if call.is_async:
        return kit.AsyncClient(transport=bridge.async_transport(client), base_url=client.base_url, **options)
    return kit.Client(transport=bridge.transport(client), base_url=client.base_url, **options)


def peer(call: Call, name: str, client: Any, **options: Any) -> Any:
    return getattr(bridge, f"async_{name}" if call.is_async else name)(client, **options)


def pieces(call: Call, *given: bytes) -> Any:
    """As an iterator of the client's world."""

    async def awaited() -> AsyncIterator[bytes]:
        for piece in given:
            yield piece

    return awaited() if call.is_async else iter(given)


# What is sent, and what comes


def test_a_request_goes_as_it_stands(call: Call, kit: Any, serve: Any) -> None:
    server = serve()
    http = theirs(call, kit, ours(server.url))
    headers = [("X-One", "1"), ("x-many", "a"), ("x-many", "b"), ("X-Latin", "caf\xe9".encode("latin-1"))]
    path = "/any/%E4%B8%AD/a%2Fb?x=1&x=2&y=%20z"
    assert call.wait(http.request("PATCH", path, content=b"\x00\xff", headers=headers)).status_code == 200
    [asked] = server.asked
    assert (asked.method, asked.target, asked.body) == ("PATCH", path, b"\x00\xff")
    assert asked.all("x-many") == ["a", "b"] and asked.all("x-one") == ["1"] and asked.all("x-latin") == ["caf\xe9"]
    assert asked.all("content-length") == ["2"] and asked.all("host") == [server.url.removeprefix("http://")]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "POST", "PURGE"])
def test_methods(call: Call, kit: Any, serve: Any, method: str) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + b"hi" * (method != "HEAD"))
    http = theirs(call, kit, ours(server.url))
    for _ in range(2):
        response = call.wait(http.request(method, "/x"))
        assert response.content == b"hi" * (method != "HEAD") and response.headers["content-length"] == "2"
    assert [asked.method for asked in server.asked] == [method] * 2 and server.connections == 1
    assert server.asked[0].all("content-length") == ["0"] * (method == "POST")


@pytest.mark.parametrize("status", [201, 204, 304, 400, 404, 429, 500, 503, 599])
def test_any_status_is_handed_on_and_nothing_sent_again(call: Call, kit: Any, serve: Any, status: int) -> None:
    body = b"" if status in (204, 304) else b'{"error": {"message": "no"}}'
    head = f"HTTP/1.1 {status} As It Is\r\nX-Id: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n".encode()
    server = serve(head + b"Retry-After: 0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    response = call.wait(theirs(call, kit, ours(server.url)).post("/v1/responses", json={}))
    assert (response.status_code, response.content, response.reason_phrase) == (status, body, "As It Is")
    assert response.headers.get_list("set-cookie") == ["a", "b"] and response.http_version == "HTTP/1.1"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("HTTP/1.0 200 OK\r\n", b"to the end"),
        ("HTTP/1.1 200\r\nConnection: close\r\n", b"to the end"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
            b"2\r\nto\r\n8;x=1\r\n the end\r\n0\r\nX-Trailer: 1\r\n\r\n",
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 10\r\n",
            b"to the end",
        ),
    ],
    ids=["HTTP/1.0", "close", "chunked", "informational"],
)
def test_framings(call: Call, kit: Any, serve: Any, head: str, body: bytes) -> None:
    def answer(connection: socket.socket, _: Asked) -> bytes | None:
        connection.sendall(head.encode() + b"\r\n" + body)
        return None if "HTTP/1.0" in head or "close" in head else b""

    response = call.wait(theirs(call, kit, ours(serve(answer).url)).get("/"))
    assert response.content == b"to the end" and response.status_code == 200
    assert response.http_version == head[:8]


def test_what_is_compressed_is_theirs_to_decode(call: Call, kit: Any, serve: Any) -> None:
    body = gzip.compress(b'{"a": 1}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    http = theirs(call, kit, ours(serve(head + body).url))
    assert call.wait(http.get("/")).json() == {"a": 1}
    with call.open(http.stream("GET", "/")) as response:
        raw = response.aiter_raw() if call.is_async else response.iter_raw()
        assert b"".join(call.each(raw)) == body and response.headers["content-encoding"] == "gzip"


def test_bytes_are_handed_on_as_they_come(call: Call, kit: Any, serve: Any) -> None:
    opened, read = threading.Event(), threading.Event()

    def answer(connection: socket.socket, _: Asked) -> bytes:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        assert opened.wait(PATIENCE)
        connection.sendall(b"one")
        assert read.wait(PATIENCE)
        return b"two"

    with call.open(theirs(call, kit, ours(serve(answer).url)).stream("GET", "/")) as response:
        opened.set()  # the head is here before any of the body is
        got = []
        for piece in call.each(response.aiter_raw() if call.is_async else response.iter_raw()):
            got.append(piece)
            read.set()
    assert got == [b"one", b"two"]


def test_large_replies_wait_for_their_reader(call: Call, kit: Any, serve: Any) -> None:
    size = 20 << 20
    http = theirs(call, kit, ours(serve(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size).url))
    with call.open(http.stream("GET", "/")) as response:
        read = 0
        for piece in call.each(response.aiter_raw() if call.is_async else response.iter_raw()):
            read += len(piece)
    assert read == size


# Bodies of requests


BIG = os.urandom(1 << 20) * 5


def test_uploads(call: Call, kit: Any, serve: Any) -> None:
    server = serve()
    http = theirs(call, kit, ours(server.url))
    small = [b"a", b"", b"bc"]
    call.wait(http.post("/", content=BIG))
    call.wait(http.post("/", content=pieces(call, *small)))
    call.wait(http.post("/", content=pieces(call, *[BIG] * 3), headers={"Content-Length": str(3 * len(BIG))}))
    call.wait(http.post("/", content=pieces(call)))
    call.wait(http.post("/", files={"file": ("a.bin", io.BytesIO(BIG))}, data={"model": "m"}))
    assert [len(asked.body) for asked in server.asked[:4]] == [len(BIG), 3, 3 * len(BIG), 0]
    assert server.asked[1].body == b"abc" and server.asked[1].all("transfer-encoding") == ["chunked"]
    assert server.asked[2].body == BIG * 3 and not server.asked[2].all("transfer-encoding")
    assert BIG in server.asked[4].body and b'name="model"' in server.asked[4].body
    assert server.connections == 1


def test_an_upload_goes_out_as_it_is_made(call: Call, kit: Any, serve: Any) -> None:
    arrived = threading.Event()

    def answer(_: socket.socket, asked: Asked) -> bytes:
        assert asked.file.read(10) == b"5\r\nfirst\r\n"
        arrived.set()
        assert asked.file.read(16) == b"6\r\nsecond\r\n0\r\n\r\n"
        return OK

    def made() -> Iterator[bytes]:
        yield b"first"
        assert arrived.wait(PATIENCE)
        yield b"second"

    async def awaited() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.to_thread(arrived.wait, PATIENCE)
        yield b"second"

    http = theirs(call, kit, ours(serve(answer, reads=False).url))
    assert call.wait(http.post("/", content=awaited() if call.is_async else made())).status_code == 200


def test_an_answer_before_the_end_of_an_upload(call: Call, kit: Any, serve: Any) -> None:
    server = serve(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno", reads=False)
    endless = pieces(call, *[BIG] * 40)
    response = call.wait(theirs(call, kit, ours(server.url)).post("/", content=endless))
    assert response.status_code == 413 and response.content == b"no"


@pytest.mark.parametrize(("length", "words"), [("2", "too much"), ("4", "too little")])
def test_a_length_that_is_not_kept(call: Call, kit: Any, serve: Any, length: str, words: str) -> None:
    http = theirs(call, kit, ours(serve().url))
    for content in (b"abc", pieces(call, b"ab", b"c")):
        with pytest.raises(kit.LocalProtocolError, match=words):
            call.wait(http.post("/", content=content, headers={"Content-Length": length}))


def test_an_upload_whose_maker_fails(call: Call, kit: Any, serve: Any) -> None:
    server = serve(reads=False, answer=lambda connection, _: connection.recv(1 << 20) and None)

    def made() -> Iterator[bytes]:
        yield b"first"
        raise KeyError("mine")

    async def awaited() -> AsyncIterator[bytes]:
        for piece in made():
            yield piece

    with pytest.raises(KeyError, match="mine"):
        http = theirs(call, kit, ours(server.url))
        call.wait(http.post("/", content=awaited() if call.is_async else made()))


# Failures


def silent(connection: socket.socket, _: Asked) -> None:
    while connection.recv(1 << 16):
        pass


def reset(connection: socket.socket, _: Asked) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stalled(connection: socket.socket, asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal")
    silent(connection, asked)


def unread(connection: socket.socket, _: Asked) -> None:
    time.sleep(5)


def part(text: str) -> Callable[..., None]:
    def answer(connection: socket.socket, _: Asked) -> None:
        connection.sendall(text.encode())

    return answer


@pytest.mark.parametrize(
    ("answer", "name", "options"),
    [
        pytest.param(silent, "ReadTimeout", {"timeout": 0.3}, id="silent"),
        pytest.param(reset, "ReadError", {}, id="reset"),
        pytest.param(part(""), "RemoteProtocolError", {}, id="closed"),
        pytest.param(part("HTTP/1.1 2"), "RemoteProtocolError", {}, id="closed in the head"),
        pytest.param(part("SSH-2.0-x\r\n\r\n"), "RemoteProtocolError", {}, id="no HTTP"),
        pytest.param(part("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal"), "RemoteProtocolError", {}, id="cut"),
        pytest.param(
            part("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhal\r\n"),
            "RemoteProtocolError",
            {},
            id="cut between chunks",
        ),
        pytest.param(
            part("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhal\r\n"),
            "RemoteProtocolError",
            {},
            id="no chunk",
        ),
        pytest.param(stalled, "ReadTimeout", {"timeout": 0.3}, id="stalled"),
        pytest.param(unread, "WriteTimeout", {"timeout": (2, 2, 0.3, 2), "content": BIG * 8}, id="unread"),
    ],
)
def test_failures(call: Call, kit: Any, serve: Any, answer: Any, name: str, options: dict[str, Any]) -> None:
    server = serve(answer, reads=answer is not unread)
    if isinstance(limits := options.get("timeout"), tuple):
        options = {
            **options,
            "timeout": kit.Timeout(**dict(zip(("connect", "read", "write", "pool"), limits, strict=True))),
        }
    with pytest.raises(getattr(kit, name)) as raised:
        call.wait(theirs(call, kit, ours(server.url)).post("/", **options))
    assert raised.value.request.method == "POST" and str(raised.value) and len(server.asked) == 1
    assert KEY not in str(raised.value)


def test_nobody_listens(call: Call, kit: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(kit.ConnectError, match=r"no connection to 127\.0\.0\.1"):
            call.wait(theirs(call, kit, ours(url)).get("/"))


@pytest.mark.parametrize(
    ("url", "headers", "name"),
    [
        ("ftp://h/x", {}, "UnsupportedProtocol"),
        ("/a/%2e%2e/b", {}, "LocalProtocolError"),
        ("/a\\b", {}, "LocalProtocolError"),
        ("/", {"x": "a\r\nHost: other"}, "LocalProtocolError"),
    ],
    ids=["scheme", "another path", "backslash", "line break"],
)
def test_what_cannot_be_sent(call: Call, kit: Any, serve: Any, url: str, headers: Any, name: str) -> None:
    server = serve()
    with pytest.raises(getattr(kit, name)):
        call.wait(theirs(call, kit, ours(server.url)).get(url, headers=headers))
    assert not server.asked


# Limits


def trickle(kind: str, enough: threading.Event | None = None) -> Callable[..., bytes]:
    """A body of spaces, one at a time, which ends when somebody says so."""

    def answer(connection: socket.socket, _: Asked) -> bytes:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        while not (enough or threading.Event()).wait(0.02):
            connection.sendall(b"1\r\n \r\n")
        return b"0\r\n\r\n"

    return answer


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream", "audio/mpeg"])
def test_the_client_s_deadline_is_that_of_the_whole(call: Call, kit: Any, serve: Any, kind: str) -> None:
    http = theirs(call, kit, ours(serve(trickle(kind)).url, timeout=0.5))
    with pytest.raises(kit.ReadTimeout, match=r"did not end within 0\.5 s"):
        call.wait(http.get("/", timeout=None))


@pytest.mark.parametrize("kind", ["application/json", "application/problem+JSON; x=1"])
def test_one_number_is_the_deadline_of_json(call: Call, kit: Any, serve: Any, kind: str) -> None:
    """A stream or a file may take longer, as long as it does not fall silent, and so may JSON by limits of its own."""
    enough = threading.Event()
    longer = [("text/event-stream", 2), ("audio/mpeg", 2), (kind, kit.Timeout(2, connect=5))]
    with contextlib.ExitStack() as stack:
        streams = []
        for other, timeout in longer:
            http = theirs(call, kit, ours(serve(trickle(other, enough)).url))
            streams.append(stack.enter_context(call.open(http.stream("GET", "/", timeout=timeout))))
        with pytest.raises(kit.ReadTimeout):  # of one that began after them, and has no end
            call.wait(theirs(call, kit, ours(serve(trickle(kind)).url)).get("/", timeout=2))
        enough.set()
        for stream in streams:
            assert call.wait(stream.aread() if call.is_async else stream.read()).strip() == b""


def test_a_peer_s_retries_are_of_the_same_call(call: Call, serve: Any) -> None:
    server = serve(silent)
    client = peer(call, "openai", ours(server.url, timeout=0.5), max_retries=2)
    for asked in (1, 2):  # the next call has its own time
        with pytest.raises(openai.APITimeoutError):
            call.wait(client.responses.create(model="m", input="x"))
        assert len(server.asked) == asked  # its retries found none left


def test_idle_is_the_client_s(call: Call, kit: Any, serve: Any) -> None:
    http = theirs(call, kit, ours(serve(stalled).url, timeout=wenwen.Timeout(idle=0.3)))
    with pytest.raises(kit.ReadTimeout, match="idle"):
        call.wait(http.get("/", timeout=30))


# The key


def test_the_key_goes_to_the_gateway_alone(call: Call, kit: Any, serve: Any) -> None:
    other = serve()
    there = f"HTTP/1.1 307 Over\r\nLocation: {other.url}/x\r\nContent-Length: 0\r\n\r\n".encode()
    gateway = serve(there)
    for name in ("x-api-key", "authorization", "x-goog-api-key", "api-key"):
        value = bridge.KEY if name != "authorization" else f"Bearer {bridge.KEY}"
        http = theirs(call, kit, ours(gateway.url), follow_redirects=True)
        assert call.wait(http.post("/", json={}, headers={name: value})).content == b"hi"
        assert gateway.asked[-1].all(name) == [value.replace(bridge.KEY, KEY)]
    call.wait(theirs(call, kit, ours(gateway.url), follow_redirects=True).get("/"))
    assert gateway.asked[-1].all("authorization") == [f"Bearer {KEY}"]
    assert len(other.asked) == 5 and not any(KEY in value for asked in other.asked for _, value in asked.headers)


def test_a_key_of_the_request_s_own_is_left_alone(call: Call, kit: Any, serve: Any) -> None:
    server = serve()
    http = theirs(call, kit, ours(server.url))
    call.wait(http.get("/", headers={"x-api-key": "sk-mine", "authorization": f"Bearer {bridge.KEY}"}))
    assert server.asked[0].all("x-api-key") == ["sk-mine"] and not server.asked[0].all("authorization")


def test_keys_of_functions(call: Call, kit: Any, serve: Any) -> None:
    server, keys = serve(), iter(["sk-first-one", "sk-second-one"])

    async def awaited() -> str:
        return next(keys)

    client = ours(server.url, api_key=awaited if call.is_async else lambda: next(keys))
    http = theirs(call, kit, client)
    call.wait(http.get("/"))
    call.wait(http.get("/"))
    assert [asked.all("authorization") for asked in server.asked] == [["Bearer sk-first-one"], ["Bearer sk-second-one"]]
    with pytest.raises(StopIteration if not call.is_async else RuntimeError):
        call.wait(http.get("/"))
    with pytest.raises(TypeError, match="async api_key"):
        kit.Client(transport=bridge.transport(ours(server.url, api_key=awaited))).get(server.url)


def test_what_else_a_client_has_goes_along(call: Call, kit: Any, serve: Any) -> None:
    server, other = serve(), serve()
    options: dict[str, Any] = {
        "default_headers": {"x-team": "a", "user-agent": "ours"},
        "default_query": {"v": 1, "w": 2},
    }
    http = theirs(call, kit, ours(server.url, organization="org", **options))
    call.wait(http.get("/?w=3"))
    [asked] = server.asked
    assert asked.target == "/?w=3&v=1" and asked.all("x-team") == ["a"] and asked.all("openai-organization") == ["org"]
    assert asked.all("user-agent") != ["ours"]  # the request says another
    call.wait(http.get(other.url + "/"))
    assert other.asked[0].target == "/" and not other.asked[0].all("x-team") + other.asked[0].all("authorization")


def test_a_key_of_the_client_s_own_headers(call: Call, kit: Any, serve: Any) -> None:
    server = serve()
    client = ours(server.url, auth_token="token-0123")
    call.wait(theirs(call, kit, client).get("/", headers={"x-api-key": bridge.KEY}))
    assert server.asked[0].all("authorization") == ["Bearer token-0123"] and not server.asked[0].all("x-api-key")


@pytest.mark.parametrize("name", ["openai", "async_openai", "anthropic", "async_anthropic"])
def test_the_key_is_in_none_of_theirs(name: str) -> None:
    client = getattr(bridge, name)(ours())
    assert client.api_key == bridge.KEY
    for thing in (client, client._client, client._client._transport):
        assert KEY not in repr(thing) and KEY not in repr(vars(thing))


def test_transports_can_be_copied_and_pickled(kit: Any, monkeypatch: pytest.MonkeyPatch, serve: Any) -> None:
    server = serve()
    made = bridge.transport(ours(server.url))
    pickled = pickle.dumps(made)
    assert KEY.encode() not in pickled
    monkeypatch.setenv("WENWEN_API_KEY", "sk-there")
    for each in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickled)):
        kit.Client(transport=each).get(server.url)
    assert [asked.all("authorization") for asked in server.asked] == [[f"Bearer {KEY}"]] * 2 + [["Bearer sk-there"]]


# Connections


def test_they_outlive_what_held_them(call: Call, kit: Any, serve: Any) -> None:
    server = serve()
    client = ours(server.url)
    for _ in range(3):  # a client of theirs that is closed takes none of ours along
        http = theirs(call, kit, client)
        with call.open(http):
            call.wait(http.get("/"))
    call.wait(theirs(call, kit, client).get("/"))
    assert server.connections == 1


def test_loops_and_threads(kit: Any, serve: Any) -> None:
    server = serve()
    http = kit.AsyncClient(transport=bridge.async_transport(ours(server.url)))
    sync = kit.Client(transport=bridge.transport(ours(server.url)))

    async def main() -> list[int]:
        replies = await asyncio.gather(*(http.get(server.url) for _ in range(20)))
        return [reply.status_code for reply in replies]

    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(asyncio.run(main()))) for _ in range(3)]
    threads += [threading.Thread(target=lambda: results.append(sync.get(server.url).status_code)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(map(str, results)) == sorted(map(str, [[200] * 20] * 3 + [200] * 10))
    assert asyncio.run(main()) == asyncio.run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forks() -> None:
    script = """
        import os, sys
        import httpx2, wenwen
        from wenwen.testing import LocalGateway

        with LocalGateway() as gateway:
            client = wenwen.bridge.openai(gateway.client())
            assert client.responses.create(model="gpt-5", input="Hello!").status == "completed"
            stream = client.responses.create(model="gpt-5", input="Hello!", stream=True)
            next(iter(stream))
            child = os.fork()
            if not child:
                assert client.responses.create(model="gpt-5", input="Hello!").status == "completed"
                stream.close()
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            assert client.responses.create(model="gpt-5", input="Hello!").status == "completed"
            assert [event for event in stream][-1].type == "response.completed"
        print("done")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "done", done.stderr


def test_a_proxy_of_the_client_s(call: Call, kit: Any, serve: Any) -> None:
    proxy = serve()
    client = ours("http://gateway.invalid", proxy=proxy.url)
    assert call.wait(theirs(call, kit, client).get("http://gateway.invalid/v1/models")).content == b"hi"
    assert proxy.asked[0].target == "http://gateway.invalid/v1/models"
    refusing = serve(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(kit.ProxyError):
        call.wait(theirs(call, kit, ours(proxy=refusing.url)).get("https://gateway.invalid/"))


# Giving up


def test_cancelling_closes_the_connection(kit: Any, serve: Any) -> None:
    async def main(server: Server, reads: bool) -> None:
        http = kit.AsyncClient(transport=bridge.async_transport(ours(server.url)))
        begun = asyncio.Event()

        async def ask() -> None:
            async with http.stream("GET", server.url) as response:
                async for _ in response.aiter_raw():
                    begun.set()

        task = asyncio.ensure_future(ask())
        if reads:
            await begun.wait()
        while not server.asked:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.closed.wait, PATIENCE)

    def told(answer: Callable[..., None]) -> Any:
        def answered(connection: socket.socket, asked: Asked) -> None:
            answer(connection, asked)
            server.closed.set()

        server = serve(answered)
        return server

    asyncio.run(main(told(silent), False))
    asyncio.run(main(told(stalled), True))


@pytest.mark.parametrize("given", ["bytes", "pieces"])
def test_cancelling_an_upload_closes_the_connection(kit: Any, serve: Any, given: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield BIG

    async def main() -> None:
        http = kit.AsyncClient(transport=bridge.async_transport(ours(server.url)))
        content = BIG * 20 if given == "bytes" else endless()
        task = asyncio.ensure_future(http.post(server.url, content=content))
        assert await asyncio.to_thread(begun.wait, PATIENCE)  # and reads no further: the rest waits to be sent
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        over.set()
        assert await asyncio.to_thread(server.closed.wait, PATIENCE)

    def answer(connection: socket.socket, _: Asked) -> None:
        begun.set()
        over.wait(PATIENCE)
        with contextlib.suppress(ConnectionError):
            silent(connection, _)
        server.closed.set()

    begun, over = threading.Event(), threading.Event()
    server = serve(answer, reads=False)
    asyncio.run(main())


@pytest.mark.parametrize("how", ["close", "let go"])
def test_a_stream_that_is_left(call: Call, kit: Any, serve: Any, how: str) -> None:
    def answer(connection: socket.socket, asked: Asked) -> None:
        stalled(connection, asked)
        server.closed.set()

    server = serve(answer)
    http = theirs(call, kit, ours(server.url))
    response = call.wait(http.send(http.build_request("GET", "/"), stream=True))
    if how == "close":
        call.wait(response.aclose() if call.is_async else response.close())
    del response
    gc.collect()
    assert server.closed.wait(PATIENCE)


# The peers' clients


def wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16000)
        sound.writeframes(bytes(32000))
    return file.getvalue()


def test_calls_of_openai(call: Call, gateway: LocalGateway) -> None:
    client = peer(call, "openai", call.client(gateway))
    assert call.wait(client.responses.create(model="gpt-5", input="Hello!")).status == "completed"
    *_, last = call.each(call.wait(client.responses.create(model="gpt-5", input="Hello!", stream=True)))
    assert last.type == "response.completed"
    chunks = call.wait(client.chat.completions.create(model="gpt-5", messages=HELLO, stream=True))
    assert [chunk.choices[0].finish_reason for chunk in call.each(chunks) if chunk.choices][-1] == "stop"
    file = ("a.wav", wav(), "audio/wav")
    text = call.wait(client.audio.transcriptions.create(model="whisper-1", file=file))
    assert text.text and gateway.last_request
    assert gateway.last_request.form()["file"] == [("a.wav", "audio/wav", wav())]
    with call.open(
        client.audio.speech.with_streaming_response.create(model="tts-1", voice="alloy", input="Hello!")
    ) as response:
        assert b"".join(call.each(response.iter_bytes()))
    assert len(call.wait(client.embeddings.create(model="text-embedding-3-small", input="a")).data) == 1
    assert call.wait(client.models.list()).data
    raw = call.wait(client.responses.with_raw_response.create(model="gpt-5", input="Hello!"))
    assert raw.http_response.status_code == 200 and raw.headers["content-type"].startswith("application/json")


def test_calls_of_anthropic(call: Call, gateway: LocalGateway) -> None:
    client = peer(call, "anthropic", call.client(gateway))
    said: dict[str, Any] = {"model": "claude-sonnet-4-20250514", "max_tokens": 100, "messages": HELLO}
    assert call.wait(client.messages.create(**said)).content[0].text
    *_, last = call.each(call.wait(client.messages.create(**said, stream=True)))
    assert last.type == "message_stop"
    with call.open(client.messages.stream(**said)) as stream:
        assert call.wait(stream.get_final_message()).stop_reason


@pytest.mark.parametrize(
    ("name", "package"), [("openai", openai), ("anthropic", anthropic)], ids=["openai", "anthropic"]
)
def test_errors_are_the_peers_own(call: Call, gateway: LocalGateway, serve: Any, name: str, package: Any) -> None:
    def ask(client: Any) -> Any:
        if name == "openai":
            return call.wait(client.chat.completions.create(model="gpt-5", messages=HELLO))
        return call.wait(client.messages.create(model="claude-x", max_tokens=9, messages=HELLO))

    for status, error in ((400, "BadRequestError"), (401, "AuthenticationError"), (429, "RateLimitError")):
        gateway.script(status)
        with pytest.raises(getattr(package, error)):
            ask(peer(call, name, call.client(gateway, max_retries=0)))
    before = len(gateway.requests)
    gateway.script(*[Reply(status=500, headers={"Retry-After": "0.01"})] * 2)
    assert ask(peer(call, name, call.client(gateway, max_retries=2)))
    assert len(gateway.requests) == before + 3  # its own retries, and none beneath
    with pytest.raises(package.APITimeoutError):
        ask(peer(call, name, ours(serve(silent).url, timeout=0.3, max_retries=0)))
    with pytest.raises(package.APIConnectionError):
        ask(peer(call, name, ours("http://127.0.0.1:9", max_retries=0)))


def test_options_copies_and_hooks(call: Call, gateway: LocalGateway) -> None:
    seen: list[Any] = []

    def hook(request: Any) -> None:
        seen.append(request.method)

    async def awaited(request: Any) -> None:
        hook(request)

    client = peer(call, "openai", call.client(gateway, organization="ours"), default_headers={"x-a": "1"})
    client._client.event_hooks = {"request": [awaited if call.is_async else hook]}
    for each in (client, client.copy(), client.with_options(timeout=httpx2.Timeout(5, connect=1), max_retries=0)):
        assert call.wait(each.responses.create(model="gpt-5", input="Hello!", timeout=9)).status == "completed"
        assert gateway.last_request
        headers = dict(gateway.last_request.headers)
        assert (headers["authorization"], headers["x-a"]) == ("Bearer sk-local", "1")
        assert headers["openai-organization"] == "ours"
    assert seen == ["POST"] * 3
    mine = client.with_options(api_key="sk-mine")
    call.wait(mine.responses.create(model="gpt-5", input="Hello!"))
    assert gateway.last_request and dict(gateway.last_request.headers)["authorization"] == "Bearer sk-mine"


PEERS = pytest.mark.parametrize("name", ["openai", "anthropic"])
PACKAGES: dict[str, Any] = {"openai": openai, "anthropic": anthropic}
EVENT = {
    "openai": b'data: {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}\n\n',
    "anthropic": b'event: ping\ndata: {"type": "ping"}\n\nevent: message_stop\ndata: {"type": "message_stop"}\n\n',
}
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99999\r\n\r\n"


def ask(name: str, client: Any, text: str = "Hello!", **options: Any) -> Any:
    """A chat completion, or a message."""
    messages = [{"role": "user", "content": text}]
    if name == "openai":
        return client.chat.completions.create(model="m", messages=messages, **options)
    return client.messages.create(model="m", max_tokens=9, messages=messages, **options)


def answered(_: socket.socket, asked: Asked) -> bytes:
    """A reply whose id is what was asked."""
    text = json.loads(asked.body)["messages"][0]["content"]
    body = json.dumps({"id": text, "choices": [], "content": []}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@PEERS
@pytest.mark.parametrize("how", ["leave", "close", "cancel", "timeout"])
def test_a_connection_of_a_stream_that_is_left_is_not_used_again(call: Call, serve: Any, name: str, how: str) -> None:
    def answer(connection: socket.socket, asked: Asked) -> bytes | None:
        if not json.loads(asked.body).get("stream"):
            return answered(connection, asked)
        connection.sendall(STREAM + EVENT[name])
        silent(connection, asked)
        server.closed.set()
        return None

    async def cancelled() -> None:
        begun = asyncio.Event()

        async def read() -> None:
            async for _ in await ask(name, client, stream=True):
                begun.set()

        task = asyncio.ensure_future(read())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    server = serve(answer)
    package = PACKAGES[name]
    client = peer(call, name, ours(server.url), max_retries=0)
    if how == "cancel":
        if not call.is_async:
            return
        call.wait(cancelled())
    elif how == "timeout":
        with pytest.raises((httpx2.ReadTimeout, package.APITimeoutError)):
            list(call.each(call.wait(ask(name, client, stream=True, timeout=package.Timeout(20, read=0.3)))))
    else:
        stream = call.wait(ask(name, client, stream=True))
        with call.open(stream) if how == "leave" else contextlib.nullcontext():
            events = call.each(stream)
            next(events)
        if how == "close":
            call.wait(stream.close())
    assert server.closed.wait(PATIENCE)
    assert call.wait(ask(name, client, "next")).id == "next"
    assert server.connections == 2 and len(server.asked) == 2


@PEERS
@pytest.mark.parametrize("where", ["call", "client", "copy"])
def test_timeouts_in_the_peers_own_terms(call: Call, serve: Any, name: str, where: str) -> None:
    server = serve(silent)
    client = peer(call, name, ours(server.url), **({"timeout": 0.3} if where == "client" else {}), max_retries=0)
    if where == "copy":
        client = client.with_options(timeout=PACKAGES[name].Timeout(20, read=0.3))
    with pytest.raises(PACKAGES[name].APITimeoutError):
        call.wait(ask(name, client, **({"timeout": 0.3} if where == "call" else {})))
    assert len(server.asked) <= 1


@PEERS
@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_retries_are_the_peers_own(call: Call, serve: Any, name: str, status: int, stream: bool) -> None:
    def answer(connection: socket.socket, asked: Asked) -> bytes:
        if len(server.asked) < 3:
            wait = (b"Retry-After: 0.01", b"retry-after-ms: 10")[len(server.asked) - 1]
            return b"HTTP/1.1 %d No\r\n%s\r\nContent-Length: 2\r\n\r\n{}" % (status, wait)
        if not stream:
            return answered(connection, asked)
        length = str(len(EVENT[name])).encode()
        return STREAM.replace(b"99999", length) + EVENT[name]

    server = serve(answer)
    client = peer(call, name, ours(server.url), max_retries=2)
    reply = call.wait(ask(name, client, "once more", stream=stream))
    assert list(call.each(reply)) if stream else reply.id == "once more"
    assert [asked.all("x-stainless-retry-count") for asked in server.asked] == [["0"], ["1"], ["2"]]
    assert len({asked.body for asked in server.asked}) == 1 and server.connections == 1


@PEERS
def test_what_is_not_to_be_retried_is_not(call: Call, serve: Any, name: str) -> None:
    server = serve(b"HTTP/1.1 429 No\r\nx-should-retry: false\r\nContent-Length: 2\r\n\r\n{}")
    with pytest.raises(PACKAGES[name].RateLimitError):
        call.wait(ask(name, peer(call, name, ours(server.url), max_retries=2)))
    assert len(server.asked) == 1


@PEERS
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_of_the_gateway_s_own(call: Call, serve: Any, name: str, status: int) -> None:
    """With its key; what becomes of the method is the peer's to say."""

    def answer(connection: socket.socket, asked: Asked) -> bytes:
        if asked.target != "/there":
            return b"HTTP/1.1 %d Over\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n" % status
        return answered(connection, asked) if asked.method == "POST" else answered(connection, first)

    server = serve(answer)
    first = Asked(b"GET / HTTP/1.1", json.dumps({"messages": HELLO}).encode(), None)
    assert call.wait(ask(name, peer(call, name, ours(server.url)))).id == "Hello!"
    before, after = server.asked
    assert after.method == ("POST" if status > 303 else "GET") and after.body == (before.body if status > 303 else b"")
    for key in ("authorization", "x-api-key"):
        assert after.all(key) == before.all(key) and bridge.KEY not in str(after.headers)
    assert KEY in str(after.headers) and server.connections == 1


def test_large_uploads_of_a_peer_s(call: Call, kit: Any, serve: Any) -> None:
    """50 MB as a form, and piece by piece."""
    body = BIG * 10
    server = serve(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"id": "f"}')
    made = (openai.AsyncOpenAI if call.is_async else openai.OpenAI)(
        api_key=bridge.KEY, base_url=f"{server.url}/v1", http_client=theirs(call, kit, ours(server.url))
    )
    assert call.wait(made.files.create(file=("a.bin", io.BytesIO(body)), purpose="batch")).id == "f"
    assert body in server.asked[0].body and server.asked[0].all("authorization") == [f"Bearer {KEY}"]
    call.wait(theirs(call, kit, ours(server.url)).post("/", content=pieces(call, *[BIG] * 10)))
    assert server.asked[1].body == body


def test_raw_bytes_of_a_peer_s(call: Call, kit: Any, serve: Any) -> None:
    body = bytes(range(256)) * 4096
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    made = (openai.AsyncOpenAI if call.is_async else openai.OpenAI)(
        api_key=bridge.KEY, base_url=f"{server.url}/v1", http_client=theirs(call, kit, ours(server.url))
    )
    spoken: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "Hello!"}
    assert call.wait(made.files.content("f")).content == body
    assert call.wait(made.audio.speech.create(**spoken)).read() == body
    assert call.wait(made.audio.speech.with_raw_response.create(**spoken)).content == body
    with call.open(made.audio.speech.with_streaming_response.create(**spoken)) as response:
        assert b"".join(call.each(response.iter_bytes(7000))) == body
    assert server.connections == 1


@PEERS
def test_one_peer_in_many_threads_and_loops(serve: Any, name: str) -> None:
    """Each call has its own answer, and what a loop leaves behind the next one uses."""
    server = serve(answered)
    sync, awaited = getattr(bridge, name)(ours(server.url)), getattr(bridge, f"async_{name}")(ours(server.url))

    async def both(prefix: str) -> list[str]:
        replies = await asyncio.gather(*(ask(name, awaited, f"{prefix}-{at}") for at in range(5)))
        return [reply.id for reply in replies]

    def calls(thread: int) -> list[str]:
        got = [ask(name, sync, f"{thread}-{at}").id for at in range(5)]
        return got + asyncio.run(both(f"{thread}-a")) + asyncio.run(both(f"{thread}-b"))

    with ThreadPoolExecutor(16) as pool:
        for thread, got in enumerate(pool.map(calls, range(32))):
            assert got == [f"{thread}-{each}{at}" for each in ("", "a-", "b-") for at in range(5)]
    assert len(server.asked) == 32 * 15 and server.connections < 32 * 15


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@PEERS
def test_forks_of_a_process_whose_threads_are_in_calls(name: str) -> None:
    script = f"""
        import asyncio, os, threading
        import wenwen
        from wenwen.testing import LocalGateway

        def ask(client):
            messages = [{{"role": "user", "content": "Hello!"}}]
            if {name!r} == "openai":
                return client.chat.completions.create(model="gpt-5", messages=messages)
            return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=messages)

        async def wait(client):
            return await ask(client)

        with LocalGateway() as gateway:
            sync = wenwen.bridge.{name}(gateway.client())
            awaited = wenwen.bridge.async_{name}(gateway.client())
            over = threading.Event()

            def busy():
                while not over.is_set():
                    ask(sync)

            threads = [threading.Thread(target=busy) for _ in range(4)]
            for thread in threads:
                thread.start()
            asyncio.run(wait(awaited))
            for _ in range(5):
                child = os.fork()
                if not child:
                    assert ask(sync).id and asyncio.run(wait(awaited)).id
                    os._exit(0)
                assert os.waitpid(child, 0)[1] == 0
                assert ask(sync).id and asyncio.run(wait(awaited)).id
            over.set()
            for thread in threads:
                thread.join()
        print("done")
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=100
    )
    assert done.stdout.strip() == "done", done.stderr


def test_roots_with_versions_of_their_own() -> None:
    for root, of_openai, of_anthropic in (
        ("http://h", "http://h/v1/", "http://h"),
        ("http://h/x/v1", "http://h/x/v1/", "http://h/x"),
        ("http://h/api/paas/v4", "http://h/api/paas/v4/", "http://h/api/paas"),
    ):
        assert str(bridge.openai(ours(root)).base_url) == of_openai
        assert str(bridge.anthropic(ours(root)).base_url).rstrip("/") == of_anthropic


def test_the_default_client(monkeypatch: pytest.MonkeyPatch, gateway: LocalGateway) -> None:
    for name, value in gateway.env().items():
        monkeypatch.setenv(name, value)
    assert bridge.openai().responses.create(model="gpt-5", input="Hello!").status == "completed"
    monkeypatch.delenv("WENWEN_API_KEY")
    monkeypatch.setattr("wenwen._client._default", None)
    with pytest.raises(wenwen.WenwenError, match="no API key"):
        bridge.transport()
    with pytest.raises(TypeError, match="client is a str"):
        bridge.openai("sk-1")  # type: ignore[arg-type]


def test_nothing_of_theirs_is_imported() -> None:
    script = """
        import sys
        import wenwen
        client = wenwen.Client(api_key="sk-0123456789")
        wenwen.bridge.transport(client), wenwen.bridge.async_transport(client)
        print([name for name in ("httpx", "httpx2", "openai", "anthropic") if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
