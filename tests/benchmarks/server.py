"""The server of all cases, in a process of its own: prints {name: URL} as JSON and serves until its input ends.

Local gateways of this package, one a reply, each with that reply prepared once; a loop of tools has one that counts
results. Behind TLS a server of asyncio's has the small reply. With the argument `nginx`, that server with the same
bodies, as a second opinion.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pathlib
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

from client import EVENTS

from wenwen.testing import LocalGateway, Reply, Request

SAMPLES = pathlib.Path(__file__).parent.parent / "samples"
SHORT = 100  # of each of many streams
VECTORS, SIZE = 1024, 1536
LATENCY = 0.1
TURNS = 5  # of a loop, each with a call of a tool, before its answer
ARGUMENTS = {"arguments_64k": 1 << 16, "arguments_256k": 1 << 18, "arguments_1m": 1 << 20}


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sse(events: Iterator[Any] | list[Any], named: bool, done: bool = False) -> bytes:
    lines = [
        f"event: {event['type']}\ndata: {compact(event)}\n\n" if named else f"data: {compact(event)}\n\n"
        for event in events
    ]
    return "".join([*lines, "data: [DONE]\n\n"] if done else lines).encode()


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text("utf-8"))


def response(text: str | None = None) -> Any:
    reply = sample("2.2-responses-create/response.json")
    if text is not None:
        reply["output"][1]["content"][0]["text"] = text
    return reply


def message(text: str | None = None) -> Any:
    reply = sample("3.1-messages/response.json")
    if text is not None:
        reply["content"][0]["text"] = text
    return reply


def response_events(count: int) -> list[Any]:
    base = response(" word" * count)
    begun = {**base, "status": "in_progress", "output": [], "usage": None}
    item = base["output"][1]["id"]
    place = {"item_id": item, "output_index": 0, "content_index": 0}
    events: list[Any] = [{"type": "response.created", "sequence_number": 0, "response": begun}]
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
    opened = {"id": item, "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    events.append({"type": "response.output_item.added", "output_index": 0, "item": opened})
    events.append({"type": "response.content_part.added", **place, "part": part})
    for _ in range(count):
        events.append({"type": "response.output_text.delta", **place, "delta": " word", "logprobs": []})
    events.append({"type": "response.completed", "response": base})
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def message_events(count: int) -> list[Any]:
    begun = {**message(), "content": [], "stop_reason": None}
    return [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *[{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " word"}}] * count,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": count},
        },
        {"type": "message_stop"},
    ]


def arguments(size: int) -> str:
    """Of a tool call: JSON of about that size."""
    return compact({"rows": [{"id": number, "text": "word " * 10} for number in range(size // 70)]})


def pieces(text: str) -> list[str]:
    return [text[at : at + 16] for at in range(0, len(text), 16)]


def tool_chunks(size: int) -> list[Any]:
    def chunk(delta: Any, reason: str | None = None) -> Any:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1754641720, "model": "gpt-5",
            "system_fingerprint": "fp_1", "choices": [choice],
        }  # fmt: skip

    def call(**function: str) -> Any:
        return {"tool_calls": [{"index": 0, "function": function}]}

    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "save", "arguments": ""}}
    return [
        chunk({"role": "assistant", "content": None, "tool_calls": [first]}),
        *[chunk(call(arguments=piece)) for piece in pieces(arguments(size))],
        chunk({}, "tool_calls"),
    ]


def tool_events(size: int) -> list[Any]:
    block = {"type": "tool_use", "id": "toolu_1", "name": "save", "input": {}}
    return [
        {"type": "message_start", "message": {**message(), "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *[
            {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": piece}}
            for piece in pieces(arguments(size))
        ],
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": None},
            "usage": {"output_tokens": 9},
        },
        {"type": "message_stop"},
    ]


def embeddings() -> Any:
    rows = []
    for index in range(VECTORS):
        vector = struct.pack(f"<{SIZE}f", *(((index * 31 + at * 17) % 1000) / 1000 - 0.5 for at in range(SIZE)))
        rows.append({"object": "embedding", "index": index, "embedding": base64.b64encode(vector).decode()})
    usage = {"prompt_tokens": VECTORS, "total_tokens": VECTORS}
    return {"object": "list", "data": rows, "model": "text-embedding-3-small", "usage": usage}


def response_call(turn: int) -> Any:
    """The turn of a loop: what it thought, and a call."""
    reply = response()
    call = {"id": f"fc_{turn}", "call_id": f"call_{turn}", "name": "weather", "arguments": '{"city":"Paris","days":2}'}
    reply["output"][1] = {"type": "function_call", "status": "completed", **call}
    return reply


def message_call(turn: int) -> Any:
    call = {"id": f"toolu_{turn}", "name": "weather", "input": {"city": "Paris", "days": 2}}
    return {**message(), "content": [{"type": "tool_use", **call}], "stop_reason": "tool_use"}


def turns(replies: list[Any], result: bytes) -> Callable[[Request], Reply]:
    """Answers by how many results the history has, whoever sends it and however often."""
    whole = [Reply(json=reply) for reply in replies]
    return lambda request: whole[request.body.count(result)]


def loops() -> Iterator[tuple[str, Callable[[Request], Reply]]]:
    yield "loop", turns([*map(response_call, range(TURNS)), response()], b'"function_call_output"')
    yield "loop_message", turns([*map(message_call, range(TURNS)), message()], b'"tool_result"')


def bodies() -> Iterator[tuple[str, bytes, str]]:
    """Name, body and type of every reply."""
    plain, events = "application/json", "text/event-stream"
    mega, chinese = "word " * 210_000, "流水不腐，户枢不蠹。" * 35_000
    yield "small", compact(response()).encode(), plain
    yield "small_message", compact(message()).encode(), plain
    yield "small_chat", compact(sample("1.1-chat/response.json")).encode(), plain
    yield "large", compact(response(mega)).encode(), plain
    yield "large_message", compact(message(mega)).encode(), plain
    yield "chinese", compact(response(chinese)).encode(), plain
    yield "escaped", json.dumps(response(chinese[::2])).encode(), plain  # as Python's servers write it
    yield "stream", sse(response_events(EVENTS), True), events
    yield "stream_message", sse(message_events(EVENTS), True), events
    yield "short", sse(response_events(SHORT), True), events
    yield "short_message", sse(message_events(SHORT), True), events
    yield "embeddings", compact(embeddings()).encode(), plain
    yield "transcription", b'{"text":"Hello!"}', plain
    yield "parsed", compact(sample("1.3-chat-structured/response.json")).encode(), plain
    for name, size in ARGUMENTS.items():
        yield name, sse(tool_chunks(size), False, done=True), events
        yield f"{name}_message", sse(tool_events(size), True), events


class Secured(asyncio.Protocol):
    """Answers every request, and may close its connection then."""

    def __init__(self, body: bytes, closes: bool) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.answer = head.encode() + (b"Connection: close\r\n" if closes else b"") + b"\r\n" + body
        self.closes, self.read = closes, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.read += data
        head, end, body = self.read.partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
        if end and len(body) >= length:
            self.read = b""
            self.transport.write(self.answer)
            if self.closes:
                self.transport.close()


def certified(folder: str) -> ssl.SSLContext:
    """With a certificate for localhost, by the authority `ca.pem`."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    mine = ["-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
    for subject, name, more in (("Benchmark CA", "ca", []), ("localhost", "server", [*mine, *names])):
        out = ["-subj", f"/CN={subject}", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"]
        subprocess.run([*new, *out, *more], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
    return context


def secured(body: bytes, folder: str) -> Iterator[tuple[str, str]]:
    """Name and URL: of a server that keeps connections, and of one that does not. And where the authority is."""
    context, loop = certified(folder), asyncio.new_event_loop()
    for name, closes in (("tls", False), ("tls_new", True)):
        serving = loop.create_server(
            lambda closes=closes: Secured(body, closes), "127.0.0.1", 0, ssl=context, backlog=1024
        )
        server = loop.run_until_complete(serving)
        yield name, f"https://localhost:{server.sockets[0].getsockname()[1]}"
    threading.Thread(target=loop.run_forever, daemon=True).start()
    yield "ca", f"{folder}/ca.pem"


def gateways() -> None:
    running, urls = [], {}
    fixed = ((name, Reply(body=body, headers={"Content-Type": kind}, times=None)) for name, body, kind in bodies())
    for name, script in (*fixed, *loops()):
        # Of rows of jobs: as late as a model, and at once.
        for place, latency in ((name, 0.0), (name.replace("small", "late"), LATENCY)):
            if place not in urls:
                gateway = LocalGateway(script, journal_entries=0, latency=latency).start()
                running.append(gateway)
                urls[place] = gateway.root
    with tempfile.TemporaryDirectory() as folder:
        for suffix, reply in (("", response()), ("_message", message())):
            place = pathlib.Path(folder, f"of{suffix}")
            place.mkdir()
            urls.update((name + suffix, url) for name, url in secured(compact(reply).encode(), str(place)))
        print(json.dumps(urls), flush=True)
        sys.stdin.read()


CONF = """
daemon off; pid {root}/pid; error_log stderr crit; worker_processes 1; worker_rlimit_nofile 20000;
events {{ worker_connections 12000; }}
http {{
    access_log off; keepalive_requests 100000000; client_max_body_size 200m; client_body_buffer_size 128k;
    client_body_temp_path {root}/body; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
    uwsgi_temp_path {root}/u; scgi_temp_path {root}/s; default_type application/json;
{servers}
}}
"""
# A static file for a POST: nginx refuses that with 405, and a page of its own for a refusal is asked for with GET.
SERVER = """    server {{
        listen 127.0.0.1:{port}; root {root}; error_page 405 =200 /{name};
        location / {{ return 405; }}
        location = /{name} {{ internal; types {{ }} default_type {kind}; }}
    }}"""


def nginx(port: int = 18_400) -> None:
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        servers, urls = [], {}
        for number, (name, body, kind) in enumerate(bodies()):
            pathlib.Path(root, name).write_bytes(body)
            servers.append(SERVER.format(port=port + number, root=root, name=name, kind=kind))
            urls[name] = f"http://127.0.0.1:{port + number}"
        pathlib.Path(root, "conf").write_text(CONF.format(root=root, servers="\n".join(servers)))
        with subprocess.Popen(["nginx", "-p", root, "-c", f"{root}/conf"]) as server:
            for _ in range(100):
                try:
                    urllib.request.urlopen(urllib.request.Request(urls["small"], data=b"{}")).read()
                    break
                except OSError:
                    time.sleep(0.05)
            print(json.dumps(urls), flush=True)
            sys.stdin.read()
            server.terminate()


if __name__ == "__main__":
    nginx() if sys.argv[1:] == ["nginx"] else gateways()
