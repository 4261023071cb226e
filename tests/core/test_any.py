"""Whatever a caller sends comes out as it went in, and whatever a server sends is a reply or a documented exception.

The values are hypothesis's, the same in each run. What the core does with bytes alone: `tests/fuzz`.
"""

from __future__ import annotations

import asyncio
import copy
import json
import math
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import SAMPLES, Call
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import wenwen
from wenwen.testing import LocalGateway, Reply

few = settings(
    derandomize=True,
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalGateway]:
    with LocalGateway(journal_entries=4) as gateway:
        yield gateway


@pytest.fixture(scope="module", params=["sync", "async"])
def calls(request: pytest.FixtureRequest) -> Iterator[Call]:
    if request.param == "sync":
        yield Call(None)
    else:
        with asyncio.Runner() as runner:
            yield Call(runner)


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
any_text = st.one_of(text, st.text(st.characters(), max_size=6))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.integers(-(10**300), 10**300),
    st.floats(allow_nan=False, allow_infinity=False),
)


def trees(leaves: st.SearchStrategy[Any], keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves, lambda sub: st.lists(sub, max_size=5) | st.dictionaries(keys, sub, max_size=5), max_leaves=20
    )


values = trees(scalars | text, text)
# With halves of surrogate pairs, which JSON can say and UTF-8 cannot.
odd_values = trees(scalars | any_text, any_text)


def same(left: Any, right: Any) -> bool:
    """Equal, and of the same types: 1 is not True and not 1.0, 0.0 not -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    return bool(left == right)


def whole(value: Any) -> Any:
    """The value as UTF-8 can say it."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {whole(key): whole(item) for key, item in value.items()}
    return value


@few
@given(value=values)
@example(value=0)
@example(value="")
@example(value=None)
def test_a_body_arrives_as_it_was_given(server: LocalGateway, calls: Call, value: Any) -> None:
    server.clear_script()
    server.script(Reply(json={}))
    calls.wait(calls.client(server).post("/v1/anything", body={"value": value, "list": [value]}))
    request = server.last_request
    assert request is not None
    assert same(json.loads(request.body), {"value": value, "list": [value]})


@few
@given(value=odd_values)
def test_a_text_that_is_none_is_refused_before_it_is_sent(server: LocalGateway, calls: Call, value: Any) -> None:
    server.clear_script()
    server.script(Reply(json={}))
    server.clear()
    try:
        calls.wait(calls.client(server).post("/v1/anything", body={"value": value}))
    except ValueError as error:
        assert not same(whole(value), value) and not server.requests
        assert "surrogate" in str(error) or "UTF-8" in str(error)
        server.clear_script()
    else:
        assert same(whole(value), value)


@few
@given(value=odd_values, ascii=st.booleans(), spaces=st.booleans())
def test_a_reply_is_what_the_gateway_sent(
    server: LocalGateway, calls: Call, value: Any, ascii: bool, spaces: bool
) -> None:
    """Escaped or not, the dict has every field; half a surrogate pair is U+FFFD."""
    sent = {"value": value}
    body = json.dumps(sent, ensure_ascii=ascii, indent=1 if spaces else None).encode("utf-8", "surrogatepass")
    server.clear_script()
    server.script(Reply(body=body, headers={"Content-Type": "application/json"}, chunk_size=7 if spaces else None))
    reply = calls.wait(calls.client(server).get("/v1/anything", as_dict=True))
    if ascii or same(whole(value), value):
        assert same(reply, whole(sent))
    server.script(Reply(body=body, headers={"Content-Type": "application/json"}))
    typed = calls.wait(calls.client(server).get("/v1/anything"))
    assert typed.to_dict() == reply and pickle.loads(pickle.dumps(typed)) == typed == copy.deepcopy(typed)
    assert json.loads(typed.to_json()) == reply


@pytest.mark.parametrize("depth", [50, 150, 250, 1000, 100_000])
def test_depth(server: LocalGateway, calls: Call, depth: int) -> None:
    """Two hundred levels and more are no API's: an error that says so, not a full stack."""
    client = calls.client(server, max_retries=0, timeout=30)
    server.clear_script()
    body = b'{"id": "resp_1", "object": "response", "output": ' + b"[" * depth + b"null" + b"]" * depth + b"}"
    event = b'data: {"type": "response.completed", "response": ' + body + b"}\n\n"
    for reply in (Reply(body=body, headers={"Content-Type": "application/json"}), Reply(events=event)):
        for stream in (False, True):
            server.script(reply)
            try:
                outcome = calls(client, model="m", input="i", stream=stream)
                events = list(calls.each(outcome)) if stream else [outcome]
            except wenwen.APIError as error:
                assert depth > 100 and len(str(error)) < 1000
            else:
                assert depth < 200 and events
    deep: Any = None
    for _ in range(depth):
        deep = [deep]
    if depth < 200:
        calls(client, model="m", input="i", extra_body={"value": deep})
        assert server.last_request is not None and server.last_request.json()["value"] == deep
    else:
        with pytest.raises(ValueError, match=r"deep|nested|levels"):
            calls(client, model="m", input="i", extra_body={"value": deep})
    while deep is not None:  # taken apart from outside: Python's own way down is its stack
        deep = deep[0]


# Replies

CALLS: dict[str, Callable[[Any], Any]] = {
    "responses": lambda client: client.responses.create(model="m", input="i"),
    "chat": lambda client: client.chat.completions.create(model="m", messages=[]),
    "messages": lambda client: client.messages.create(model="m", max_tokens=1, messages=[]),
    "embeddings": lambda client: client.embeddings.create(model="m", input="i"),
    "images": lambda client: client.images.generate(model="m", prompt="p"),
    "speech": lambda client: client.audio.speech.create(model="m", input="i", voice="v"),
    "transcript": lambda client: client.audio.transcriptions.create(model="m", file=b"RIFF", response_format="text"),
    "midjourney": lambda client: client.midjourney.fetch("1"),
    "gemini": lambda client: client.gemini.generate_content(model="m", contents="c"),
    "videos": lambda client: client.videos.retrieve("v"),
    "models": lambda client: client.models.list(),
    "raw": lambda client: client.responses.with_raw_response.create(model="m", input="i"),
}
RESPONSES = [json.loads(path.read_bytes()) for path in sorted(SAMPLES.glob("*/response*.json"))]
STREAMS = [path.read_bytes() for path in sorted(SAMPLES.glob("*/*.sse"))]
TYPES = [
    "application/json",
    "text/event-stream",
    "text/html",
    "text/plain; charset=gbk",
    "audio/mpeg",
    "",
    "\xff",
    "a/b+json",
]


def look(value: Any, depth: int = 0) -> None:
    """Touches all that a reply has: nothing of it may fail."""
    if depth == 0:
        repr(value)
        if not isinstance(value, str | bytes | type(None)):
            pickle.loads(pickle.dumps(value))
    if isinstance(value, wenwen.Object):
        value.to_dict(), value.to_json(), value == value, value.get("x")
        for name in dir(value):
            if not name.startswith("_"):
                try:
                    item = getattr(value, name)
                except (AttributeError, ValueError):  # it was not sent; there is no picture in it
                    continue
                if not callable(item) and depth < 4:
                    look(item, depth + 1)
        for key in value.to_dict():
            look(value[key], depth + 1)
    elif isinstance(value, list):
        for item in value:
            look(item, depth + 1)
    elif isinstance(value, dict):
        for item in value.values():
            look(item, depth + 1)


def attempt(calls: Call, run: Callable[[], Any]) -> Any:
    """What comes of it: a value or a documented exception, which is a whole one."""
    try:
        return calls.wait(run())
    except wenwen.WenwenError as error:
        assert str(error)
        copied = pickle.loads(pickle.dumps(error))
        assert type(copied) is type(error) and str(copied) == str(error)
        if isinstance(error, wenwen.APIError):
            assert error.message and error.category and error.attempts in (1, 2)  # 2: a kept connection ended unread
            if error.partial is not None:
                look(error.partial)
        return error


@st.composite
def changed(draw: st.DrawFn, samples: list[Any]) -> Any:
    """A sample in which a few values are others, or missing."""
    sample = copy.deepcopy(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 4))):
        at = sample
        while isinstance(at, dict | list) and at:
            key = draw(st.sampled_from(sorted(at))) if isinstance(at, dict) else draw(st.integers(0, len(at) - 1))
            inner = at[key]
            if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
                if draw(st.booleans()):
                    at[key] = draw(odd_values)
                else:
                    del at[key]
                break
            at = inner
    return sample


bodies = st.one_of(
    st.binary(max_size=200),
    odd_values.map(lambda value: json.dumps(value).encode()),
    changed(RESPONSES).map(lambda value: json.dumps(value).encode()),
    st.tuples(st.sampled_from(RESPONSES), st.floats(0, 1)).map(
        lambda cut: (text := json.dumps(cut[0]).encode())[: int(len(text) * cut[1])]
    ),
)


@pytest.mark.parametrize("name", CALLS)
@few
@given(
    body=bodies,
    status=st.sampled_from([200] * 6 + [201, 204, 299, 302, 400, 401, 404, 429, 500, 503, 529, 999]),
    kind=st.sampled_from(["application/json"] * 6 + TYPES),
    framing=st.sampled_from(["length", "chunked", "close"]),
    size=st.none() | st.integers(1, 50),
    cut=st.none() | st.integers(0, 60),
)
def test_any_reply(
    server: LocalGateway,
    calls: Call,
    name: str,
    body: bytes,
    status: int,
    kind: str,
    framing: Any,
    size: int | None,
    cut: int | None,
) -> None:
    server.clear_script()
    server.script(
        Reply(status=status, body=body, headers={"Content-Type": kind}, framing=framing, chunk_size=size, cut=cut)
    )
    client = calls.client(server, max_retries=0, timeout=10)
    reply = attempt(calls, lambda: CALLS[name](client))
    if name == "raw" and not isinstance(reply, Exception):
        reply.text, reply.content, reply.headers, repr(reply)
        reply = attempt(calls, reply.parse)
    look(reply)


# Streams

OPEN: dict[str, Callable[[Any, bool], Any]] = {
    "responses": lambda client, as_dict: client.responses.create(model="m", input="i", stream=True, as_dict=as_dict),
    "chat": lambda client, as_dict: client.chat.completions.create(
        model="m", messages=[], stream=True, as_dict=as_dict
    ),
    "messages": lambda client, as_dict: client.messages.create(
        model="m", max_tokens=1, messages=[], stream=True, as_dict=as_dict
    ),
    "images": lambda client, as_dict: client.images.generate(model="m", prompt="p", stream=True, as_dict=as_dict),
    "transcript": lambda client, as_dict: client.audio.transcriptions.create(
        model="m", file=b"RIFF", stream=True, as_dict=as_dict
    ),
    "gemini": lambda client, as_dict: client.gemini.generate_content_stream(model="m", contents="c", as_dict=as_dict),
}
HELPERS: dict[str, tuple[Callable[[Any, bool], Any], str]] = {
    "responses": (
        lambda client, as_dict: client.responses.stream(model="m", input="i", as_dict=as_dict),
        "get_final_response",
    ),
    "chat": (
        lambda client, as_dict: client.chat.completions.stream(model="m", messages=[], as_dict=as_dict),
        "get_final_completion",
    ),
    "messages": (
        lambda client, as_dict: client.messages.stream(model="m", max_tokens=1, messages=[], as_dict=as_dict),
        "get_final_message",
    ),
    "gemini": (
        lambda client, as_dict: client.gemini.stream(model="m", contents="c", as_dict=as_dict),
        "get_final_response",
    ),
}


@st.composite
def changed_streams(draw: st.DrawFn) -> bytes:
    """A stream whose events are changed, cut, doubled, or in another order."""
    blocks = draw(st.sampled_from(STREAMS)).split(b"\n\n")
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(blocks) - 1))
        name, sep, data = blocks[at].rpartition(b"data: ")
        how = draw(st.integers(0, 5))
        if how == 0:
            blocks.insert(draw(st.integers(0, len(blocks) - 1)), blocks[at])
        elif how == 1:
            blocks[at] = blocks[at][: draw(st.integers(0, len(blocks[at])))]
        elif how == 2 and len(blocks) > 1:
            del blocks[at]
        elif how == 3:
            blocks[at] += draw(st.binary(max_size=20))
        else:
            try:
                value = draw(changed([json.loads(data)]))
            except ValueError:
                continue
            blocks[at] = name + sep + json.dumps(value).encode()
    return b"\n\n".join(blocks)


streams = st.one_of(changed_streams(), changed_streams(), changed_streams(), bodies)


@pytest.mark.parametrize("name", OPEN)
@few
@given(
    body=streams, size=st.none() | st.integers(1, 500), json_type=st.booleans(), cut=st.none() | st.integers(0, 3000)
)
def test_any_stream(
    server: LocalGateway, calls: Call, name: str, body: bytes, size: int | None, json_type: bool, cut: int | None
) -> None:
    """Its events, then its end or one documented exception; as dicts, typed and with a helper."""
    kind = "application/json" if json_type else "text/event-stream"
    reply = Reply(body=body, headers={"Content-Type": kind}, chunk_size=size, cut=cut)
    client = calls.client(server, max_retries=0, timeout=10)
    server.clear_script()
    for as_dict in (False, True):
        server.script(reply)
        events: list[Any] = []

        def read(as_dict: bool = as_dict, events: list[Any] = events) -> None:
            events.extend(calls.each(calls.wait(OPEN[name](client, as_dict))))

        attempt(calls, read)
        look(events)
    if name not in HELPERS:
        return
    opened, final = HELPERS[name]
    server.script(reply)

    def help_with() -> None:
        with calls.open(opened(client, False)) as stream:
            look(list(calls.each(stream)))
            look(calls.wait(getattr(stream, final)()))

    attempt(calls, help_with)
    for as_dict in (False, True):
        server.script(reply)

        def read_texts(as_dict: bool = as_dict) -> None:
            with calls.open(opened(client, as_dict)) as stream:
                assert all(isinstance(text, str) for text in calls.each(stream.text_stream))
                look(stream.snapshot)

        attempt(calls, read_texts)


def test_what_was_found(server: LocalGateway, calls: Call) -> None:
    """Replies and chunks that once ended a stream in silence or in an exception of Python's own."""
    client = calls.client(server, max_retries=0, timeout=10)
    server.clear_script()
    # A whole reply that does not say why it ended is whole all the same.
    whole = {"id": "1", "object": "chat.completion", "choices": [{"index": 0, "message": {"content": "Hi"}}]}
    server.script(Reply(json=whole))
    with calls.open(HELPERS["chat"][0](client, False)) as stream:
        assert calls.wait(stream.get_final_completion()).text == "Hi"
    # Nothing that could be an event, and a depth that only the reader of whole replies takes.
    deep = b'{"id": "1", "choices": ' + b"[" * 150 + b"]" * 150 + b"}"
    for body in (b"[]", b"7", b"null", b"{}", deep):
        server.script(Reply(body=body, headers={"Content-Type": "application/json"}))
        kind = wenwen.APIResponseValidationError if body is deep else wenwen.InternalServerError
        with pytest.raises(kind):
            list(calls.each(calls.wait(OPEN["chat"](client, False))))
    # A last event without the response that it should bring: what had arrived is the reply; nothing is none.
    created = {"type": "response.created", "response": {"id": "resp_1"}}
    end = {"type": "response.completed", "response": None}
    server.script(Reply(events=[created, end]), Reply(events=[end]))
    with calls.open(HELPERS["responses"][0](client, False)) as stream:
        reply = calls.wait(stream.get_final_response())
        assert (reply.id, reply.status) == ("resp_1", "completed")
    with pytest.raises(wenwen.IncompleteStreamError), calls.open(HELPERS["responses"][0](client, False)) as stream:
        calls.wait(stream.get_final_response())
    server.script(Reply(events=[{"type": "message_stop"}]))
    with pytest.raises(wenwen.IncompleteStreamError), calls.open(HELPERS["messages"][0](client, False)) as stream:
        calls.wait(stream.get_final_message())
    # White space that JSON does not know.
    server.script(Reply(events='data: {"candidates": [{"finishReason": "STOP"}]}\x0c\n\n'))
    assert len(list(calls.each(calls.wait(OPEN["gemini"](client, False))))) == 1
    odd: list[Any] = ["", None, 7, [1], {"index": [0]}, {"delta": 7}, {"delta": {"tool_calls": 7, "refusal": {}}}]
    odd += [{"delta": {"content": "a", "tool_calls": [7, {"function": 7}]}, "finish_reason": "stop"}]
    server.script(*[Reply(events=[{"id": "1", "choices": odd}, {"choices": 7}])] * 2)
    with calls.open(HELPERS["chat"][0](client, False)) as stream:
        assert "content.done" in [event.type for event in calls.each(stream)]
    with calls.open(HELPERS["chat"][0](client, True)) as stream:
        assert list(calls.each(stream.text_stream)) == ["a"]
