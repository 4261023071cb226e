"""A server on loopback that answers as a test says, or else with what the peer's own types say of the endpoint."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import os
import sys
import threading
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx2

# By the end of a path, and the method: the class of the reply, and of an event of its stream. A segment `*` is any id.
ROWS = {
    "openai": """
        POST   chat/completions               chat.ChatCompletion                 chat.ChatCompletionChunk
        POST   responses                      responses.Response                  responses.ResponseCreatedEvent
        GET    responses/*                    responses.Response                  responses.ResponseCreatedEvent
        DELETE responses/*                    -
        POST   responses/*/cancel             responses.Response
        POST   responses/compact              responses.CompactedResponse
        POST   responses/input_tokens         responses.input_token_count_response.InputTokenCountResponse
        GET    responses/*/input_items        responses.ResponseItem[]
        POST   completions                    Completion                          Completion
        POST   embeddings                     CreateEmbeddingResponse
        POST   images/generations             ImagesResponse                      ImageGenPartialImageEvent
        POST   images/edits                   ImagesResponse                      ImageEditPartialImageEvent
        POST   images/variations              ImagesResponse
        POST   audio/transcriptions           audio.Transcription                 audio.TranscriptionTextDeltaEvent
        POST   audio/translations             audio.Translation
        GET    models                         Model[]
        GET    models/*                       Model
        DELETE models/*                       ModelDeleted
        POST   moderations                    ModerationCreateResponse
        POST   videos                         Video
        GET    videos                         Video[]
        GET    videos/*                       Video
        DELETE videos/*                       VideoDeleteResponse
        POST   videos/edits                   Video
        POST   videos/extensions              Video
        POST   videos/*/remix                 Video
        POST   videos/characters              VideoCreateCharacterResponse
        GET    videos/characters/*            VideoGetCharacterResponse
    """,
    "anthropic": """
        POST   messages                       Message                             RawMessageStartEvent
        POST   messages?beta=true             beta.BetaMessage                    beta.BetaRawMessageStartEvent
        POST   messages/count_tokens          MessageTokensCount
        POST   messages/count_tokens?beta=true  beta.BetaMessageTokensCount
        GET    models                         ModelInfo[]
        GET    models/*                       ModelInfo
        GET    models?beta=true               beta.BetaModelInfo[]
        GET    models/*?beta=true             beta.BetaModelInfo
        POST   complete                       Completion                          Completion
    """,
}


def example(type_: Any, depth: int = 0) -> Any:
    """A value of a type, with all its fields as far as they do not go in circles."""
    origin, args = typing.get_origin(type_), typing.get_args(type_)
    if isinstance(type_, typing.TypeAliasType if hasattr(typing, "TypeAliasType") else ()):
        return example(type_.__value__, depth)
    if origin is typing.Annotated:
        return example(args[0], depth)
    if origin is typing.Literal:
        return args[0]
    if origin in (typing.Union, types.UnionType):
        if depth > 6 and type(None) in args:
            return None
        return example(args[0], depth)
    if origin is list or (inspect.isclass(origin) and issubclass(origin, typing.Sequence)):
        return [] if depth > 6 else [example(args[0], depth + 1)]
    if origin is dict:
        return {} if depth > 6 else {"foo": example(args[1], depth + 1)}
    if fields := getattr(type_, "model_fields", None):
        return {
            field.alias or name: example(field.annotation, depth + 1)
            for name, field in fields.items()
            if field.is_required() or depth < 4
        }
    plain = {str: "string", int: 0, float: 1.5, bool: True, datetime: "2026-01-02T03:04:05Z", date: "2026-01-02"}
    return plain.get(type_, {} if type_ in (object, typing.Any, dict) else None)


def resolve(package: str, name: str) -> Any:
    home, _, name = name.rpartition(".")
    return getattr(importlib.import_module(f"{package}.types{'.' * bool(home)}{home}"), name)


class Answerer:
    """Listens until the process ends. `handler` answers, where it gives None the peer's types do."""

    def __init__(self, peer: str, handler: Callable[[httpx2.Request], Any] | None = None, root: str = "") -> None:
        self.peer = peer
        self.handler = handler
        self.root = root
        self.seen: list[dict[str, Any]] = []
        answerer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                answerer.answer(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url_of(self, root: str) -> str:
        return self.url + urlsplit(root).path

    def request(self, handler: BaseHTTPRequestHandler) -> httpx2.Request:
        body = b""
        if length := handler.headers.get("Content-Length"):
            body = handler.rfile.read(int(length))
        elif "chunked" in handler.headers.get("Transfer-Encoding", ""):
            while size := int(handler.rfile.readline(), 16):
                body += handler.rfile.read(size)
                handler.rfile.readline()
            handler.rfile.readline()
        path = handler.path
        base = urlsplit(self.root)
        # Where the peer's root has no version, as its mock has none, ours adds it.
        if not base.path.rstrip("/").endswith("/v1") and self.peer == "openai":
            path = path.replace("/v1/", "/", 1)
        url = f"{base.scheme}://{base.netloc}{path}" if self.root else self.url + path
        return httpx2.Request(handler.command, url, headers=handler.headers.items(), content=body)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        request = self.request(handler)
        self.seen.append(
            {"method": request.method, "path": str(request.url).replace(self.url, ""), "body": request.content}
        )
        try:
            response = self.handler(request) if self.handler else None
        except Exception as error:
            self.seen[-1]["raised"] = repr(error)
            print(f"the test's own handler raised {error!r}", file=sys.stderr)
            handler.close_connection = True
            handler.connection.close()
            return
        response = self.usual(request) if response is None else response
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in ("content-length", "transfer-encoding")
        ]
        if response.status_code >= 500 and "retry-after" not in response.headers:
            headers.append(("retry-after-ms", "1"))  # the waits are tested by us
        handler.send_response(response.status_code)
        for name, value in headers:
            handler.send_header(name, value)
        if response.status_code in (204, 304):
            handler.end_headers()
            return
        try:
            whole = response.content
        except httpx2.ResponseNotRead:
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            for chunk in whole_events(pieces(response)):
                if chunk:
                    handler.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            handler.wfile.write(b"0\r\n\r\n")
            return
        whole = b"".join(whole_events([whole]))
        if "content-encoding" in response.headers:  # httpx has decoded it
            whole = getattr(response, "_raw_content", whole)
        handler.send_header("Content-Length", str(len(whole)))
        handler.end_headers()
        handler.wfile.write(whole)

    def usual(self, request: httpx2.Request) -> httpx2.Response:
        path = [part for part in request.url.path.split("/") if part]
        path = path[1:] if path[:1] == ["v1"] else path
        beta = "beta=true" in str(request.url)
        best = None
        for row in ROWS[self.peer].strip().splitlines():
            method, pattern, *classes = row.split()
            wanted, _, query = pattern.partition("?")
            parts = wanted.split("/")
            fits = len(parts) == len(path) and all(a in ("*", b) for a, b in zip(parts, path, strict=True))
            if method == request.method and fits and bool(query) <= beta:
                rank = (bool(query), -parts.count("*"))
                best = max(best or (rank, classes), (rank, classes), key=lambda each: each[0])
        if best is None:
            return httpx2.Response(404, json={"error": {"message": f"no row for {request.method} {request.url}"}})
        classes = best[1]
        if classes[0] == "-":
            return httpx2.Response(204)
        streams = len(classes) > 1 and (
            b'"stream":true' in request.content.replace(b": ", b":")
            or b'name="stream"\r\n\r\ntrue' in request.content
            or "stream=true" in str(request.url)
        )
        if streams:
            event = example(resolve(self.peer, classes[1]))
            name = f"event: {event['type']}\n" if "type" in event else ""
            return httpx2.Response(
                200,
                text=f"{name}data: {json.dumps(event)}\n\ndata: [DONE]\n\n",
                headers={"content-type": "text/event-stream"},
            )
        kind = classes[0]
        body = example(resolve(self.peer, kind.removesuffix("[]")))
        if kind.endswith("[]"):
            body = {"object": "list", "data": [body], "has_more": False, "first_id": "first", "last_id": "last"}
        return httpx2.Response(200, json=body)


def whole_events(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Without a last event that no blank line ends: it is none to the peer, and one here."""
    rest, is_events = b"", None
    for chunk in chunks:
        if is_events is None and chunk:
            is_events = chunk.startswith(b"event: ") and os.environ["PEERS_UNDER_TEST"] == "wenwen"
        rest += chunk
        end = rest.rfind(b"\n\n") + 2 if is_events else len(rest)
        end = 0 if end == 1 else end
        yield rest[:end]
        rest = rest[end:]


def pieces(response: httpx2.Response) -> Any:
    if isinstance(response.stream, httpx2.AsyncByteStream) and not isinstance(response.stream, httpx2.SyncByteStream):

        async def read() -> list[bytes]:
            return [chunk async for chunk in response.aiter_raw()]

        return asyncio.run(read())
    return response.iter_raw()
