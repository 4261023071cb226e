"""Replies of a hostile size: refused at `max_response_bytes`, whatever they come as."""

from __future__ import annotations

import contextlib
import gzip
import json
import pathlib
import pickle
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply

LIMIT = 100_000
TEXT = {"Content-Type": "application/json"}
GZIP = {**TEXT, "Content-Encoding": "gzip"}
DELTA = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "word " * 100}


def reply_of(size: int) -> bytes:
    """A whole reply of that many bytes."""
    head = b'{"object": "response", "output": [], "padding": "'
    return head + b"x" * (size - len(head) - 2) + b'"}'


@contextlib.contextmanager
def endless(head: bytes, piece: bytes) -> Iterator[str]:
    """A server whose every reply goes on until its client hangs up."""

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(head)
            while True:
                connection.sendall(piece)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def refused(call: Call, client: Any, **params: Any) -> wenwen.ResponseTooLargeError:
    with pytest.raises(wenwen.ResponseTooLargeError, match="max_response_bytes") as caught:
        call(client, model="gpt-5", input="Hello!", **params)
    error = caught.value
    assert error.category == "too_large" and error.limit == LIMIT and error.attempts == 1
    assert str(LIMIT) in str(error) and "sk-" not in str(error)
    return error


def test_the_default_and_what_is_no_limit(gateway: LocalGateway, call: Call) -> None:
    client = call.client(gateway)
    assert client.max_response_bytes == 256 * 1024 * 1024
    client = client.with_options(max_response_bytes=LIMIT)
    assert client.max_response_bytes == pickle.loads(pickle.dumps(client)).max_response_bytes == LIMIT
    assert client.with_options(max_retries=0).max_response_bytes == LIMIT
    for wrong in (0, -1, True, 1.5, "1 MB", 2**64):
        with pytest.raises(ValueError, match=f"max_response_bytes is .*{wrong}"):
            call(client, model="gpt-5", input="Hello!", max_response_bytes=wrong)
        with pytest.raises(ValueError, match="max_response_bytes is"):
            call.client(gateway, max_response_bytes=wrong)
    assert gateway.requests == []
    assert call(client, model="gpt-5", input="Hello!", max_response_bytes=sys.maxsize).output_text


def test_the_limit_itself_is_allowed(gateway: LocalGateway, call: Call) -> None:
    client = call.client(gateway, max_response_bytes=LIMIT)
    for framing in ("length", "chunked", "close"):
        for size in (LIMIT, LIMIT + 1):
            gateway.script(Reply(body=reply_of(size), headers=TEXT, framing=framing, chunk_size=9999))
        assert len(call(client, model="gpt-5", input="Hello!").padding) > LIMIT - 100
        error = refused(call, client)
        assert error.size == (LIMIT + 1 if framing == "length" else None)
        # The call's own limit goes before the client's.
        gateway.script(Reply(body=reply_of(LIMIT + 1), headers=TEXT, framing=framing))
        assert call(client, model="gpt-5", input="Hello!", max_response_bytes=LIMIT + 1).padding
    assert gateway.script_left == 0


def test_an_error_says_all_that_errors_say(gateway: LocalGateway, call: Call) -> None:
    headers = {**TEXT, "X-Oneapi-Request-Id": "20261123-1", "Retry-After": "0"}
    gateway.script(Reply(body=reply_of(LIMIT + 5), headers=headers))
    error = refused(call, call.client(gateway, max_response_bytes=LIMIT, max_retries=5))
    assert len(gateway.requests) == 1
    assert isinstance(error, wenwen.APIError) and not isinstance(error, wenwen.APIConnectionError)
    assert (error.request_id, error.status_code, error.size) == ("20261123-1", 200, LIMIT + 5)
    assert error.headers is not None and error.headers["retry-after"] == "0" and error.elapsed > 0
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.limit, copy.size) == (type(error), str(error), error.limit, error.size)


def test_what_a_content_length_announces_is_not_waited_for(gateway: LocalGateway, call: Call) -> None:
    client = call.client(gateway, max_response_bytes=LIMIT, timeout=wenwen.NO_TIMEOUT)
    for params in ({}, {"stream": True}):
        gateway.script(Reply(body=reply_of(LIMIT + 1), headers=TEXT, stall=0))
        assert refused(call, client, **params).size == LIMIT + 1
        gateway.wait_closed()
        gateway.clear()


def test_endless_replies(call: Call) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n"
    cases: list[tuple[bytes, bytes, dict[str, Any]]] = [
        (b"application/json", b'{"a": "' + b"x" * 65536, {}),
        # White space before the reply, which some gateways send to keep a connection open.
        (b"application/json", b" " * 65536, {}),
        (b"text/plain", b"x" * 65536, {}),
        # A line of an event stream.
        (b"text/event-stream", b"data: " + b"x" * 65536, {"stream": True}),
        (b"text/event-stream", b"x" * 65536, {"stream": True}),
        (b"text/event-stream", b":" + b"x" * 65536, {"stream": True}),
        # One event of many lines, and no event at all.
        (b"text/event-stream", b"data: x\n" * 8192, {"stream": True}),
        (b"text/event-stream", b"\n" * 65536, {"stream": True}),
        (b"text/event-stream", b": PING\n\n" * 8192, {"stream": True}),
        # Where no stream was asked for.
        (b"text/event-stream", b"data: " + b"x" * 65536, {}),
        (b"", b" " * 65536, {"stream": True}),
    ]
    for kind, piece, params in cases:
        with endless(head % kind, piece) as root:
            client = call.new_client(base_url=root, api_key="sk-1", max_response_bytes=LIMIT, timeout=30, proxy=False)
            assert refused(call, client, **params).size is None


def test_a_stream_over_all_its_events(gateway: LocalGateway, call: Call) -> None:
    client = call.client(gateway, max_response_bytes=LIMIT)
    events: list[Any] = [{"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}}]
    gateway.script(Reply(events=events + [DELTA] * 300))
    seen = 0
    with pytest.raises(wenwen.ResponseTooLargeError) as caught:
        for event in call.each(call(client, model="gpt-5", input="Hello!", stream=True)):
            seen += len(json.dumps(event.to_dict()))
    assert LIMIT * 0.7 < seen <= LIMIT
    partial = caught.value.partial
    assert isinstance(partial, wenwen.types.Response) and partial.id == "resp_1"
    assert LIMIT // 2 < len(partial.output_text) < LIMIT
    # Its connection is closed, and the client works on.
    assert gateway.wait_until(lambda: gateway.open_connections == 0)
    assert call.events(client, model="gpt-5", input="Hello!")[-1].type == "response.completed"
    with pytest.raises(wenwen.ResponseTooLargeError) as caught, contextlib.ExitStack() as stack:
        gateway.script(Reply(events=events + [DELTA] * 300))
        stream = stack.enter_context(call.open(client.responses.stream(model="gpt-5", input="Hello!")))
        call.wait(stream.get_final_response())


WORDS = 2000
PIECE = "a dozen more"
TEXTS: dict[str, tuple[Any, list[Any]]] = {
    "responses": (
        lambda client: client.responses.stream(model="m", input="i", as_dict=True),
        [{**DELTA, "delta": PIECE}] * WORDS,
    ),
    "chat": (
        lambda client: client.chat.completions.stream(model="m", messages=[], as_dict=True),
        [{"choices": [{"index": 0, "delta": {"content": PIECE}}]}] * WORDS,
    ),
    "chat arguments": (
        lambda client: client.chat.completions.stream(model="m", messages=[], as_dict=True),
        [{"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": PIECE}}]}}]}]
        * WORDS,
    ),
    "a whole message": (
        lambda client: client.messages.stream(model="m", max_tokens=1, messages=[], as_dict=True),
        [{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": PIECE * WORDS}}]
        + [{"type": "content_block_stop", "index": 0}] * WORDS,
    ),
    "an input": (
        lambda client: client.messages.stream(model="m", max_tokens=1, messages=[], as_dict=True),
        [{"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "name": "f", "input": {}}}]
        + [{"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "["}}]
        + [
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "input_json_delta", "partial_json": "1234567890, "},
            }
        ]
        * WORDS,
    ),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_snapshots_that_are_made_at_once(gateway: LocalGateway, call: Call, kind: str) -> None:
    """Their sum is the square of the text: as dicts, at most 64 times the limit of the reply."""
    opened, events = TEXTS[kind]
    gateway.script(Reply(events=events), Reply(events=events))
    size, limit = 0, 300_000
    with call.open(opened(call.client(gateway, max_response_bytes=limit))) as stream:
        with pytest.raises(wenwen.ResponseTooLargeError, match=r"snapshots.*max_response_bytes") as caught:
            for event in call.each(stream):
                size += sum(len(json.dumps(event.get(name, ""))) for name in ("snapshot", "content_block"))
        assert limit < size < 80 * limit
        assert caught.value.limit == limit and caught.value.partial is not None
        assert list(call.each(stream)) == []
    # With the default, all of it.
    with call.open(opened(call.client(gateway))) as stream:
        with pytest.raises(wenwen.IncompleteStreamError):
            for event in call.each(stream):
                size = len(json.dumps(event))
        assert size > WORDS


def test_compressed_replies_count_as_decompressed(gateway: LocalGateway, call: Call) -> None:
    client = call.client(gateway, max_response_bytes=LIMIT)
    gateway.script(Reply(body=gzip.compress(reply_of(LIMIT)), headers=GZIP))
    assert call(client, model="gpt-5", input="Hello!").padding
    for body in (gzip.compress(reply_of(LIMIT + 1)), gzip.compress(b" " * 10**7), gzip.compress(b"x" * 10**7)):
        assert len(body) < 20_000
        gateway.script(Reply(body=body, headers=GZIP))
        assert refused(call, client).size is None
    # An event stream, though it was asked not to be compressed: whole, endless, one line.
    kind = {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}
    done = b'data: {"type": "response.completed", "response": {"id": "resp_1", "output": []}}\n\n'
    gateway.script(Reply(body=gzip.compress(b": PING\n\n" * 100 + done), headers=kind))
    assert call.events(client, model="gpt-5", input="Hello!")[-1].response.id == "resp_1"
    for text in (b": PING\n\n" * 10**6, b"data: " + b"x" * 10**7):
        gateway.script(Reply(body=gzip.compress(text), headers=kind))
        refused(call, client, stream=True)


def test_encodings_upon_encodings_are_no_way_around(gateway: LocalGateway, call: Call) -> None:
    """One gzip was offered: what comes upon it is not unpacked, so it is no JSON, and deflate counts as gzip does."""
    once = gzip.compress(reply_of(10**7))
    twice = gzip.compress(once)
    pairs = [("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")]
    client = call.client(gateway, max_response_bytes=LIMIT)
    for body, headers in (
        (twice, {**TEXT, "Content-Encoding": "gzip, gzip"}),
        (twice, pairs),
        (twice, GZIP),
        (once, TEXT),
        (once, {**TEXT, "Content-Encoding": "br"}),
        (zlib.compress(reply_of(10**7)), {**TEXT, "Content-Encoding": "deflate"}),
    ):
        gateway.script(Reply(body=body, headers=headers))
        with pytest.raises((wenwen.APIResponseValidationError, wenwen.ResponseTooLargeError)):
            call(client, model="gpt-5", input="Hello!")


def test_bodies_of_errors_are_read_up_to_a_megabyte(gateway: LocalGateway, call: Call) -> None:
    """The status is worth more than the news that its page is long."""
    client = call.client(gateway, max_retries=0)
    huge = b'{"error": {"message": "' + b"x" * 10**7 + b'"}}'
    for body, headers in ((huge, TEXT), (gzip.compress(huge), GZIP), (b"<html>" + b" " * 10**7, {})):
        gateway.script(Reply(status=500, body=body, headers=headers))
        with pytest.raises(wenwen.InternalServerError) as caught:
            call(client, model="gpt-5", input="Hello!")
        error = caught.value
        assert isinstance(error.body, str) and len(error.body) <= 4096 and len(str(error)) < 1000
        assert error.response is not None and len(error.response.content) <= 1 << 20
    # What fits is read whole.
    message = "é" * 400_000
    gateway.script(Reply(status=400, json={"error": {"message": message}}))
    with pytest.raises(wenwen.BadRequestError) as bad:
        call(client, model="gpt-5", input="Hello!")
    assert bad.value.message == message
    for kind in (b"application/json", b"text/event-stream"):
        with endless(b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: %s\r\n\r\n" % kind, b"data: x\n\n" * 8192) as root:
            client = call.new_client(base_url=root, api_key="sk-1", max_retries=0, timeout=30, proxy=False)
            for stream in (False, True):
                with pytest.raises(wenwen.InternalServerError):
                    call(client, model="gpt-5", input="Hello!", stream=stream)


def test_a_broken_body_is_not_carried_around_whole(gateway: LocalGateway, call: Call) -> None:
    gateway.script(Reply(body=b'{"output": "' + b"x" * 10**6, headers=TEXT))
    with pytest.raises(wenwen.APIResponseValidationError) as caught:
        call(gateway, model="gpt-5", input="Hello!")
    assert isinstance(caught.value.body, str) and len(caught.value.body) == 4096


def test_files(gateway: LocalGateway, call: Call, tmp_path: pathlib.Path) -> None:
    """In memory they have the limit; piece by piece they need none."""
    client = call.client(gateway, max_response_bytes=LIMIT)
    url, png = f"{gateway.base_url}/cat.png", b"\x89PNG\r\n\x1a\n" + b"x" * LIMIT
    headers = {"Content-Type": "image/png"}
    for framing in ("length", "chunked"):
        big = Reply(body=png, headers=headers, framing=framing, chunk_size=9999)
        gateway.script(big, big, big, big, big)
        with pytest.raises(wenwen.ResponseTooLargeError, match="max_response_bytes"):
            call.wait(client.download(url))
        assert len(call.wait(client.download(url, max_response_bytes=10**6))) == len(png)
        call.wait(client.download(url, tmp_path / "cat.png"))
        assert (tmp_path / "cat.png").read_bytes() == png
        speech: Any = {"model": "tts-1", "input": "Hello!", "voice": "alloy"}
        with pytest.raises(wenwen.ResponseTooLargeError):
            call.wait(client.audio.speech.create(**speech))
        with call.open(client.audio.speech.with_streaming_response.create(**speech)) as body:
            assert sum(len(piece) for piece in call.each(body.iter_bytes())) == len(png)
    # `read` takes the whole into memory.
    gateway.script(*[Reply(body=png, headers=headers, framing=framing) for framing in ("length", "chunked")])
    for _ in range(2):
        with (
            call.open(client.audio.speech.with_streaming_response.create(**speech)) as body,
            pytest.raises(wenwen.ResponseTooLargeError),
        ):
            call.wait(body.read())


def test_raw_replies_and_vectors(gateway: LocalGateway, call: Call) -> None:
    client = call.client(gateway, max_response_bytes=LIMIT)
    gateway.script(Reply(body=reply_of(LIMIT + 1), headers=TEXT))
    with pytest.raises(wenwen.ResponseTooLargeError):
        call.wait(client.responses.with_raw_response.create(model="gpt-5", input="Hello!"))
    vector = {"object": "embedding", "index": 0, "embedding": [0.5] * LIMIT}
    gateway.script(Reply(json={"object": "list", "data": [vector], "model": "m"}, framing="chunked"))
    with pytest.raises(wenwen.ResponseTooLargeError):
        call.wait(client.embeddings.create(model="text-embedding-3-small", input="Hello!"))
    gateway.script(Reply(body=reply_of(LIMIT + 1), headers=TEXT))
    with pytest.raises(wenwen.ResponseTooLargeError):
        call.wait(client.get("/v1/models"))


def test_a_task_that_was_begun_is_told_of(gateway: LocalGateway, call: Call) -> None:
    gateway.script(Reply(body=reply_of(LIMIT + 1), headers=TEXT))
    client = call.client(gateway, max_response_bytes=LIMIT)
    with pytest.raises(wenwen.ResponseTooLargeError, match="may exist all the same"):
        call.wait(client.midjourney.imagine(prompt="a cat"))
    assert len(gateway.requests) == 1


def test_of_the_module(wenwen_gateway: LocalGateway, call: Call) -> None:
    wenwen.configure(base_url=wenwen_gateway.base_url, api_key="sk-1", max_response_bytes=LIMIT, proxy=False)
    wenwen_gateway.script(Reply(body=reply_of(LIMIT + 1), headers=TEXT))
    with pytest.raises(wenwen.ResponseTooLargeError):
        call.function(model="gpt-5", input="Hello!")


BOMB = """
import gzip, resource, zlib
import wenwen
from wenwen.testing import LocalGateway, Reply

packer, bomb = zlib.compressobj(6, zlib.DEFLATED, 31), b""
for _ in range(512):
    bomb += packer.compress(bytes(1 << 20))
bomb += packer.flush()
with LocalGateway() as gateway:
    client = gateway.client(max_response_bytes=4 << 20)
    client.responses.create(model="gpt-5", input="Hello!")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for kind in ("application/json", "text/event-stream"):
        for stream in (False, True):
            headers = {"Content-Type": kind, "Content-Encoding": "gzip"}
            gateway.script(Reply(body=bomb, headers=headers), Reply(status=500, body=bomb, headers=headers))
            for error in (wenwen.APIError, wenwen.InternalServerError):
                try:
                    client.responses.create(model="gpt-5", input="Hello!", stream=stream, max_retries=0)
                    print("passed")
                except error:
                    pass
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, "MB")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="where the most memory is counted in kilobytes")
def test_a_bomb_takes_no_memory() -> None:
    done = subprocess.run([sys.executable, "-c", BOMB], capture_output=True, text=True, timeout=100)
    assert done.stderr == ""
    megabytes, unit = done.stdout.split()
    assert unit == "MB" and int(megabytes) < 48


@pytest.mark.parametrize("way", ["iter_lines", "iter_bytes"])
def test_what_a_reader_holds_has_the_limit_too(call: Call, way: str) -> None:
    """A body has no limit piece by piece; a line or a piece of it does."""
    lines = [b"x" * 900_000, b"y" * 900_000, b"z" * 3_000_000]
    with LocalGateway([Reply(body=b"\n".join(lines), headers={"Content-Type": "text/plain"}, times=2)]) as gateway:
        client = call.client(gateway, max_response_bytes=1_000_000)
        with call.open(client.responses.with_streaming_response.create(model="m", input="x")) as reply:
            pieces = reply.iter_lines() if way == "iter_lines" else reply.iter_bytes(2_000_000)
            got: list[Any] = []
            with pytest.raises(wenwen.ResponseTooLargeError, match="more than the 1000000 bytes") as caught:
                got.extend(call.each(pieces))
            assert got == ([line.decode() for line in lines[:2]] if way == "iter_lines" else [])
            assert caught.value.limit == 1_000_000
        with call.open(client.responses.with_streaming_response.create(model="m", input="x")) as reply:
            assert sum(map(len, call.each(reply.iter_bytes(500_000)))) == sum(map(len, lines)) + 2
