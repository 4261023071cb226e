"""Every file of the samples: requests go out as they are, replies and events come back whole, whoever reads them.

A folder belongs to a call: one line in `FOLDERS`. A new file of a folder is found by itself; a new folder, error or
quirk that no table knows fails the first test.
"""

from __future__ import annotations

import email
import email.policy
import functools
import json
import pickle
import re
from base64 import b64decode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from conftest import SAMPLES, Call, sample
from test_errors import ERRORS

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import (
    AsyncTask,
    AsyncVideo,
    AsyncVideoGeneration,
    ChatCompletion,
    CreateEmbeddingResponse,
    GenerateContentResponse,
    ImageSeed,
    ImagesResponse,
    Message,
    Model,
    ModelList,
    Prices,
    Response,
    Task,
    Transcription,
    TranscriptionVerbose,
    Video,
    VideoGeneration,
)


class Api(NamedTuple):
    """The call that a folder's files belong to."""

    method: str  # its place in a client
    path: str  # what is in braces there are the method's arguments: /mj/task/{task_id}/fetch
    reply: Any = None  # the class of a whole reply; two where the async client has its own
    final: str = ""  # the method of the `.stream()` helper that returns the whole; without it, there is no helper
    streamed: Mapping[str, Any] = MappingProxyType({})  # what the client adds to a request for a stream
    verb: str = "POST"
    more: Mapping[str, Any] = MappingProxyType({})  # arguments that a sample of the body lacks
    known: bool = True  # whether the local gateway knows what a request is about; else the folder's reply is scripted


CHAT = Api(
    "chat.completions.create",
    "/v1/chat/completions",
    ChatCompletion,
    "get_final_completion",
    {"stream_options": {"include_usage": True}},
)
RESPONSES = Api("responses.create", "/v1/responses", Response, "get_final_response")
MESSAGES = Api("messages.create", "/v1/messages", Message, "get_final_message")
GENERATE = Api("images.generate", "/v1/images/generations", ImagesResponse)
EDIT = Api("images.edit", "/v1/images/edits", ImagesResponse)
IMAGINE = Api("midjourney.imagine", "/mj/submit/imagine", (Task, AsyncTask))
EMBEDDINGS = Api("embeddings.create", "/v1/embeddings", CreateEmbeddingResponse)
TRANSCRIPTIONS = Api("audio.transcriptions.create", "/v1/audio/transcriptions", Transcription)
GEMINI = Api(
    "gemini.generate_content",
    "/v1beta/models/gemini-2.5-flash:generateContent",
    GenerateContentResponse,
    "get_final_response",
    more={"model": "gemini-2.5-flash"},
)
KLING = Api("videos.generations.create", "/v1/video/generations", (VideoGeneration, AsyncVideoGeneration))
KLING_TASK = KLING._replace(method="videos.generations.retrieve", path="/v1/video/generations/{task_id}", verb="GET")

FOLDERS: dict[str, Api] = {
    "1.1-chat": CHAT,
    "1.2-chat-stream": CHAT,
    "1.3-chat-structured": CHAT,
    "1.4-chat-tools": CHAT,
    "1.5-chat-vision": CHAT,
    "1.6-chat-image-edit": CHAT,
    "1.7-chat-image-generate": CHAT,
    "1.8-chat-audio": CHAT,
    "2.1-responses-vs-chat-guide": RESPONSES,
    "2.2-responses-create": RESPONSES,
    "2.3-responses-stream": RESPONSES,
    "2.4-responses-web-search": RESPONSES,
    "3.1-messages": MESSAGES,
    "3.2-messages-stream": MESSAGES,
    "3.3-messages-vision": MESSAGES,
    "3.4-messages-tools": MESSAGES,
    "4.1-images-dalle3": GENERATE,
    "4.2-images-gpt-image-1": GENERATE,
    "4.3-images-edit-dalle2": EDIT,
    "4.4-images-edit-gpt-image-1": EDIT,
    "5.1-mj-imagine": IMAGINE,
    "5.2-mj-blend": IMAGINE._replace(method="midjourney.blend", path="/mj/submit/blend"),
    "5.3-mj-task-fetch": Api(
        "midjourney.fetch", "/mj/task/{task_id}/fetch", (Task, AsyncTask), verb="GET", known=False
    ),
    "5.4-mj-list-by-condition": Api("midjourney.list", "/mj/task/list-by-condition", list),
    "5.5-mj-image-seed": Api("midjourney.seed", "/mj/task/{task_id}/image-seed", ImageSeed, verb="GET", known=False),
    "5.6-mj-action": IMAGINE._replace(method="midjourney.action", path="/mj/submit/action", known=False),
    "6.1-embeddings": EMBEDDINGS,
    "7.1-audio-transcriptions": TRANSCRIPTIONS,
    "n1-models": Api("models.list", "/v1/models", ModelList, verb="GET"),
    "n2-chat-thinking": CHAT,
    "n3-messages-thinking": MESSAGES,
    "n4-messages-prompt-cache": MESSAGES,
    "n5-gemini-generate": GEMINI,
    "n6-gemini-image-edit": GEMINI,
    "n7-videos-create": Api("videos.create", "/v1/videos", (Video, AsyncVideo)),
    "n8-videos-retrieve": Api("videos.retrieve", "/v1/videos/{id}", (Video, AsyncVideo), verb="GET", known=False),
    "n9-video-generations-kling": KLING,
    "n10-audio-speech": Api("audio.speech.create", "/v1/audio/speech", wenwen.BinaryContent),
    "n11-chat-video-sync": CHAT,
    "n12-pricing": Api("pricing.list", "/api/pricing", Prices, verb="GET"),
}

# Replies to another call, or to other arguments, than their folder's.
OTHERS = {
    "6.1-embeddings/response_base64.json": EMBEDDINGS._replace(more={"encoding_format": "base64"}),
    "7.1-audio-transcriptions/response.srt": TRANSCRIPTIONS._replace(more={"response_format": "srt"}),
    "7.1-audio-transcriptions/response.txt": TRANSCRIPTIONS._replace(more={"response_format": "text"}),
    "7.1-audio-transcriptions/response.vtt": TRANSCRIPTIONS._replace(more={"response_format": "vtt"}),
    "7.1-audio-transcriptions/response_verbose.json": TRANSCRIPTIONS._replace(
        reply=TranscriptionVerbose, more={"response_format": "verbose_json"}
    ),
    "n1-models/response_retrieve_unknown_http200.json": Api("models.retrieve", "/v1/models/{model}", Model, verb="GET"),
    "n9-video-generations-kling/response_error.json": KLING_TASK,
    "n9-video-generations-kling/response_fetch.json": KLING_TASK,
}

# Fields of a form that the client adds: builds of the gateway differ in the model that they take without one.
ADDED = {"4.3-images-edit-dalle2/request_page.json": [("model", "gpt-image-1")]}

# Replies and streams that are exceptions: the status they come with, and the class.
RAISES: dict[str, tuple[int, type[wenwen.APIError]]] = {
    "2.3-responses-stream/stream_error_event.sse": (200, wenwen.RateLimitError),
    "5.1-mj-imagine/response_banned_24.json": (200, wenwen.BadRequestError),
    "5.1-mj-imagine/response_queue_full_23.json": (200, wenwen.RateLimitError),
    "5.3-mj-task-fetch/response_error_not_found.json": (400, wenwen.BadRequestError),
    "n1-models/response_retrieve_unknown_http200.json": (200, wenwen.NotFoundError),
    "n9-video-generations-kling/response_error.json": (400, wenwen.BadRequestError),
}

# The whole reply that a stream is of, where the two samples are of one answer.
WHOLES = {
    "1.1-chat/stream.sse": "1.1-chat/response.json",
    "2.2-responses-create/stream.sse": "2.2-responses-create/response.json",
    "2.3-responses-stream/stream.sse": "2.3-responses-stream/response.json",
    "2.4-responses-web-search/stream.sse": "2.4-responses-web-search/response.json",
    "3.2-messages-stream/stream.sse": "3.2-messages-stream/response.json",
    "3.2-messages-stream/stream_thinking.sse": "n3-messages-thinking/response.json",
    "3.3-messages-vision/stream.sse": "3.3-messages-vision/response.json",
    "3.4-messages-tools/stream.sse": "3.4-messages-tools/response.json",
}

# Odd streams: the call, and the text of the answer or the exception.
QUIRKS: dict[str, tuple[Api, str | type[wenwen.APIError]]] = {
    "chat_done_without_finish_reason.sse": (CHAT, wenwen.IncompleteStreamError),
    "chat_empty_data_and_id_fields.sse": (CHAT, "ok"),
    "chat_eof_without_done.sse": (CHAT, "ok"),
    "chat_finish_reason_empty_string.sse": (CHAT, "ok"),
    "chat_json_body_for_stream_request.json": (CHAT, "ok"),
    "chat_last_event_without_blank_line.sse": (CHAT, "ok"),
    "chat_no_space_crlf_bom.sse": (CHAT, "ok"),
    "chat_ping_before_first_byte.sse": (CHAT, "ok"),
    "chat_ping_then_raw_json_error.sse": (CHAT, wenwen.InternalServerError),
    "chat_reasoning_variants.sse": (CHAT, "<think>\nc\n</think>\nd"),
    "chat_usage_in_every_chunk.sse": (CHAT, "ok"),
    "messages_done_terminator.sse": (MESSAGES, "ok"),
    "messages_error_event.sse": (MESSAGES, wenwen.OverloadedError),
    "messages_no_event_lines.sse": (MESSAGES, "ok"),
    "responses_done_terminator.sse": (RESPONSES, "Hi! How can I help you today?"),
    "responses_no_sequence_number.sse": (RESPONSES, "Hi! How can I help you today?"),
    "responses_unknown_event.sse": (RESPONSES, "Hi! How can I help you today?"),
}


def files(pattern: str) -> list[str]:
    """The files of the folders in the table."""
    paths = sorted(path for folder in FOLDERS for path in (SAMPLES / folder).glob(pattern))
    return [path.relative_to(SAMPLES).as_posix() for path in paths]


REPLIES, REQUESTS, STREAMS = files("response*"), files("request*.json"), files("stream*.sse")


def api(file: str) -> Api:
    return OTHERS.get(file) or FOLDERS[file.partition("/")[0]]


def reply_class(call: Call, file: str) -> Any:
    cls = api(file).reply
    return cls[call.is_async] if isinstance(cls, tuple) else cls


def method(client: Any, api: Api) -> Any:
    return functools.reduce(getattr, api.method.split("."), client)


def request(file: str) -> tuple[list[str], dict[str, Any]]:
    """A request as the arguments of its method."""
    described, call = sample(file), api(file)
    if "path" not in described:
        return [], {**described, **call.more}
    path = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+?)", call.path), described["path"])
    assert path, f"{described['path']} is not {call.path}"
    params: dict[str, Any] = dict(described.get("query") or described.get("body") or {})
    for name, value in described.get("fields", ()):
        kept = json.loads(value) if re.fullmatch(r"\d+(\.\d+)?|true|false", value) else value
        put(params, name, kept)
    for file_ in described.get("files", ()):
        put(params, file_["name"], (file_["filename"], b64decode(file_["content_base64"]), file_["content_type"]))
    return list(path.groups()), params


def put(params: dict[str, Any], name: str, value: Any) -> None:
    """A form has lists as fields that end in []."""
    if name.endswith("[]"):
        params.setdefault(name.removesuffix("[]"), []).append(value)
    else:
        assert name not in params
        params[name] = value


def example(file: str) -> tuple[list[str], dict[str, Any]]:
    """Some arguments for the call that the file is a reply to, not for a stream."""
    folder, call = file.partition("/")[0], api(file)
    if call.method != FOLDERS[folder].method or not (SAMPLES / folder / "request.json").exists():
        return ["x"] * call.path.count("{"), {}
    args, params = request(f"{folder}/request.json")
    params = {name: value for name, value in params.items() if name not in ("stream", "stream_options")}
    return args, {**params, **call.more}


def scripted(file: str, **options: Any) -> Reply:
    kinds = {"json": "application/json", "sse": "text/event-stream"}
    kind = kinds.get(file.rpartition(".")[2], "text/plain; charset=utf-8")
    return Reply(body=(SAMPLES / file).read_bytes(), headers={"Content-Type": kind}, **options)


def events_in(file: str) -> list[Any]:
    """The events of a well-formed stream that a client delivers, by a parser that shares nothing with ours."""
    lines = re.split("[\r\n]+", (SAMPLES / file).read_bytes().decode("utf-8-sig"))
    data = [line[5:].strip() for line in lines if line.startswith("data:")]
    events = [json.loads(text) for text in data if text not in ("", "[DONE]")]
    return [event for event in events if event.get("type") != "ping"]


def touch(value: Any) -> None:
    """Reads every value there is, and every attribute that is declared, so that all are converted."""
    if isinstance(value, wenwen.Object):
        assert type(value) is not wenwen.Object, f"no class is declared for {value}"
        declared = [name for cls in type(value).__mro__ for name in getattr(cls, "__annotations__", ())]
        for name in [*value.keys(), *(name for name in declared if not name.startswith("_"))]:
            touch(getattr(value, name))
            if not isinstance(getattr(type(value), name, None), property):  # which stands for the field: Prices.data
                touch(value.get(name))
    elif isinstance(value, dict):
        for inner in value.values():
            touch(inner)
    elif isinstance(value, list):
        for inner in value:
            touch(inner)


def same(value: Any, source: Any) -> None:
    """The value is its source field by field, in the same order, and stays that after every conversion."""
    if isinstance(source, list):
        assert type(value) is list
        for one, its in zip(value, source, strict=True):
            same(one, its)
        return
    want = json.dumps(source)
    for _ in range(2):
        twin = pickle.loads(pickle.dumps(value))
        for each in (value, twin):
            assert each == source
            assert json.dumps(each.to_dict()) == want
            assert json.dumps(json.loads(each.to_json())) == want
        touch(value)


# The tables


def test_every_file_is_known() -> None:
    folders = {path.name for path in SAMPLES.iterdir() if path.is_dir()}
    assert folders == FOLDERS.keys() | {"_errors", "_sse-quirks"}
    assert {path.name for path in SAMPLES.iterdir() if path.is_file()} == {"README.md", "REFERENCE.md"}
    assert {path.stem for path in (SAMPLES / "_errors").iterdir()} == set(ERRORS)  # test_errors.py goes through them
    assert {path.name for path in (SAMPLES / "_sse-quirks").iterdir()} == set(QUIRKS)
    everything = {path.relative_to(SAMPLES).as_posix() for folder in FOLDERS for path in (SAMPLES / folder).iterdir()}
    assert everything == {*REPLIES, *REQUESTS, *STREAMS}
    assert {*RAISES, *WHOLES, *OTHERS, *ADDED} <= everything
    assert set(WHOLES.values()) <= set(REPLIES)


# Requests


@pytest.mark.parametrize("file", REQUESTS)
def test_requests(call: Call, gateway: LocalGateway, file: str) -> None:
    args, params = request(file)
    send = method(call.client(gateway), api(file))
    if not api(file).known:
        gateway.script(scripted(f"{file.partition('/')[0]}/response.json"))
    result = call.wait(send(*args, **params))
    if params.get("stream"):
        assert len(list(call.each(result))) > 3
    else:
        assert type(result) is reply_class(call, file)
    sent, source = gateway.requests[-1], sample(file)
    path = source["path"] if "path" in source else api(file).path
    assert (sent.method, sent.path) == (source.get("method", api(file).verb), path)
    assert sent.query == urlencode(source.get("query") or {})
    if "path" not in source:
        assert sent.json() == {**(api(file).streamed if params.get("stream") else {}), **source}
    elif "fields" in source:
        assert sorted(form(sent)) == sorted(
            [(name, "", "", value.encode()) for name, value in [*ADDED.get(file, ()), *source["fields"]]]
            + [
                (one["name"], one["filename"], one["content_type"], b64decode(one["content_base64"]))
                for one in source["files"]
            ]
        )
    else:
        assert sent.body == b""


def form(sent: Any) -> list[tuple[str, str, str, bytes]]:
    """The parts of a multipart body: name, name and type of the file, content."""
    head = f"Content-Type: {sent.header('Content-Type')}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + sent.body, policy=email.policy.HTTP).iter_parts()
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename() or "",
            part.get_content_type() if part.get_filename() else "",
            part.get_payload(decode=True),
        )
        for part in parts
    ]


# Whole replies


@pytest.mark.parametrize("file", REPLIES)
def test_replies(call: Call, gateway: LocalGateway, file: str) -> None:
    args, params = example(file)
    create = method(call.client(gateway), api(file))
    if file in RAISES:
        status, error = RAISES[file]
        gateway.script(scripted(file, status=status))
        with pytest.raises(error) as caught:
            call.wait(create(*args, **params, max_retries=0))
        assert type(caught.value) is error and caught.value.body == sample(file)
        return
    gateway.script(scripted(file), scripted(file))
    reply, as_dict = call.wait(create(*args, **params)), call.wait(create(*args, **params, as_dict=True))
    if not file.endswith(".json"):
        assert reply == as_dict == (SAMPLES / file).read_text(encoding="utf-8")
        assert type(reply) is str
        return
    assert type(reply) is reply_class(call, file)
    same(reply, sample(file))
    assert json.dumps(as_dict) == json.dumps(sample(file))


# Streams


@pytest.mark.parametrize("file", STREAMS)
def test_streams(call: Call, gateway: LocalGateway, file: str) -> None:
    gateway.script(*[scripted(file, chunk_size=size) for size in (None, 7)], scripted(file))
    args, params = example(file)
    client = call.client(gateway, max_retries=0)
    create = method(client, api(file))
    want = events_in(file)
    if file in RAISES:
        for as_dict in (False, True):
            events = []
            with pytest.raises(RAISES[file][1]):
                for event in call.each(call.wait(create(*args, **params, stream=True, as_dict=as_dict))):
                    events.append(event)
            assert events == want[:-1]
        return
    for event, source in zip(call.each(call.wait(create(*args, **params, stream=True))), want, strict=True):
        same(event, source)
    dicts = list(call.each(call.wait(create(*args, **params, stream=True, as_dict=True))))
    assert json.dumps(dicts) == json.dumps(want)
    if api(file).final:
        final = whole(call, client, api(file), params)
        assert type(final) is api(file).reply
        same(final, json.loads(final.to_json()))
        if other := WHOLES.get(file):
            assert trimmed(final.to_dict()) == trimmed(sample(other))


def whole(call: Call, client: Any, api: Api, params: dict[str, Any]) -> Any:
    """What the `.stream()` helper says at its end."""
    helper = method(client, api._replace(method=api.method.rpartition(".")[0] + ".stream"))
    with call.open(helper(**params)) as stream:
        return call.wait(getattr(stream, api.final)())


def trimmed(reply: Any) -> Any:
    """Without what one of two samples of an answer has and the other leaves out."""
    reply = {name: value for name, value in reply.items() if name not in ("id", "created", "usage", "service_tier")}
    for choice in reply.get("choices", ()):
        choice.pop("logprobs", None)
        for name in ("refusal", "annotations"):
            choice["message"].pop(name, None)
    return reply


# Quirks


@pytest.mark.parametrize("name", QUIRKS)
@pytest.mark.parametrize("size", [None, 3])
def test_quirks(call: Call, gateway: LocalGateway, name: str, size: int | None) -> None:
    api, want = QUIRKS[name]
    gateway.script(scripted(f"_sse-quirks/{name}", chunk_size=size, times=3))
    client = call.client(gateway, max_retries=0)
    params: dict[str, Any] = {"model": "m", "input": "Hi"}
    if api is not RESPONSES:
        params = {"model": "m", "max_tokens": 16, "messages": [{"role": "user", "content": "Hi"}]}
    create = method(client, api)
    if not isinstance(want, str):
        with pytest.raises(want):
            list(call.each(call.wait(create(**params, stream=True))))
        with pytest.raises(want):
            whole(call, client, api, params)
        return
    text = "output_text" if api is RESPONSES else "text"
    final = whole(call, client, api, params)
    assert getattr(final, text) == want
    # And a stream that nobody asked for (G.6).
    assert getattr(call.wait(create(**params)), text) == want
    events = list(call.each(call.wait(create(**params, stream=True))))
    if name.endswith(".sse"):
        assert [event.to_dict() for event in events] == events_in(f"_sse-quirks/{name}")
    if name == "chat_reasoning_variants.sse":
        assert final.choices[0].message.reasoning_text == "a"
    if name == "chat_usage_in_every_chunk.sse":
        assert final.usage.total_tokens == 7
