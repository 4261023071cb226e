"""Embeddings through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

import asyncio
import base64
import copy
import io
import json
import math
import pickle
import runpy
import struct
import threading
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import wenwen
import wenwen.types
from wenwen.testing import LocalGateway, Quota, Reply
from wenwen.types.embeddings import CreateEmbeddingResponse, Embedding, EmbeddingUsage

SAMPLES = Path(__file__).parents[1] / "samples" / "6.1-embeddings"
SMALL = "text-embedding-3-small"


class Face:
    """The sync and the async face under one name: each call is made to its end."""

    def __init__(self, gateway: LocalGateway, is_async: bool) -> None:
        self.gateway = gateway
        self.is_async = is_async
        self.client: Any = gateway.async_client() if is_async else gateway.client()

    def make(self, **options: Any) -> Any:
        return self.gateway.async_client(**options) if self.is_async else self.gateway.client(**options)

    def run(self, make: Callable[[], Any]) -> Any:
        async def run() -> Any:
            return await make()

        return asyncio.run(run()) if self.is_async else make()

    def create(self, client: Any = None, /, **params: Any) -> Any:
        return self.run(lambda: (client or self.client).embeddings.create(**{"model": SMALL, **params}))

    @property
    def sent(self) -> Any:
        assert self.gateway.last_request is not None
        return self.gateway.last_request.json()


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def face(request: pytest.FixtureRequest, wenwen_gateway: LocalGateway) -> Face:
    return Face(wenwen_gateway, request.param)


def load(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))


def packed(*floats: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(floats)}f", *floats)).decode()


def singles(*floats: float) -> list[float]:
    """The floats as 32 bits hold them."""
    return array("f", floats).tolist()


def body(*embeddings: Any, indices: Iterable[Any] | None = None, **more: Any) -> dict[str, Any]:
    numbers = range(len(embeddings)) if indices is None else indices
    data = [
        {"object": "embedding", "index": index, "embedding": embedding}
        for index, embedding in zip(numbers, embeddings, strict=True)
    ]
    usage = {"prompt_tokens": 3, "total_tokens": 4}
    return {"object": "list", "data": data, "model": "m", "usage": usage, **more}


# ---- the samples ----


def test_base64(face: Face) -> None:
    want, request = load("response_base64.json"), load("request_base64.json")
    floats = singles(0.0023064255, -0.009327292, -0.0028842222)
    face.gateway.script(want, want)

    # A caller who asks for base64 has what the wire has; the matrix is there all the same.
    reply = face.create(**request)
    assert isinstance(reply.data[0], Embedding) and isinstance(reply.usage, EmbeddingUsage)
    assert reply.data[0].embedding == "ZicXO4DRGLw4BT27"
    assert memoryview(reply).tolist() == [floats]

    reply = face.create(model=SMALL, input=request["input"])
    assert face.sent == request  # asked for by default
    assert reply.data[0].embedding == floats


@pytest.mark.parametrize("name", ["response.json", "response_base64.json"])
def test_rebuilt_from_dicts(name: str) -> None:
    want = load(name)
    for reply in (CreateEmbeddingResponse(want), CreateEmbeddingResponse.model_validate_json(json.dumps(want))):
        assert reply.to_dict() == want == reply
        view = memoryview(reply)
        assert view.shape == (len(want["data"]), 3) and view.format == "f"
        assert memoryview(reply.data[0]).tolist() == view.tolist()[0]


# ---- the matrix ----


def test_matrix(face: Face) -> None:
    numpy = pytest.importorskip("numpy")
    reply = face.create(input=["a", "b", "c"])
    matrix = numpy.asarray(reply)
    assert matrix.shape == (3, 1536) and matrix.dtype == numpy.float32
    assert matrix.flags.c_contiguous and not matrix.flags.writeable
    # Nothing is copied, now or again; a row is a piece of it.
    assert numpy.shares_memory(matrix, numpy.asarray(reply))
    assert numpy.shares_memory(matrix[1], numpy.asarray(reply.data[1]))
    assert numpy.array_equal(matrix[2], numpy.asarray(reply.data[2]))
    assert numpy.allclose(numpy.linalg.norm(matrix, axis=1), 1)
    assert not numpy.array_equal(matrix[0], matrix[1])
    # Lists are the same numbers, kept once made.
    assert reply.data[0].embedding is reply.data[0].embedding
    assert reply.data[0].embedding == matrix[0].tolist()
    assert numpy.array_equal(numpy.asarray(reply.data[0]), matrix[0])
    # numpy.array is a copy to write to; other types by numpy's own means.
    own = numpy.array(reply)
    own *= 2
    assert not numpy.shares_memory(own, matrix) and own[0, 0] == matrix[0, 0] * 2
    assert numpy.asarray(reply, dtype="float64").dtype == numpy.float64
    # It outlives the reply.
    before = matrix.copy()
    del reply
    assert numpy.array_equal(matrix, before)


def test_memoryview(wenwen_gateway: LocalGateway) -> None:
    wenwen_gateway.script(body(packed(1, 2, 3), packed(4, 5, 6)))
    reply = wenwen_gateway.client().embeddings.create(model="m", input=["a", "b"])
    view = memoryview(reply)
    assert (view.shape, view.strides, view.format, view.itemsize) == ((2, 3), (12, 4), "f", 4)
    assert view.readonly and view.c_contiguous and view.nbytes == 24
    assert view.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert bytes(view) == struct.pack("<6f", 1, 2, 3, 4, 5, 6) == b"".join([reply])
    row = memoryview(reply.data[1])
    assert (row.shape, row.strides, row.tolist()) == ((3,), (4,), [4, 5, 6])
    with pytest.raises((BufferError, TypeError)):  # something that writes
        io.BytesIO(b"x").readinto(reply)


def test_the_matrix_is_what_data_holds_when_it_is_first_asked_for(wenwen_gateway: LocalGateway) -> None:
    wenwen_gateway.script(*[body(packed(1, 2), packed(3, 4))] * 2)
    client = wenwen_gateway.client()
    reply = client.embeddings.create(model="m", input=["a", "b"])
    reply.data[0].embedding[0] = 9
    reply.data.reverse()
    assert memoryview(reply).tolist() == [[3, 4], [9, 2]]
    reply.data.pop()
    assert memoryview(reply).shape == (2, 2)
    reply = client.embeddings.create(model="m", input=["a", "b"])
    reply.data.reverse()  # none of them touched
    assert memoryview(reply).tolist() == [[3, 4], [1, 2]]


def test_a_reply_is_a_mapping_too(wenwen_gateway: LocalGateway) -> None:
    reply = wenwen_gateway.client().embeddings.create(model=SMALL, input=["a", "b"])
    assert list(reply) == ["object", "data", "model", "usage"] and len(reply) == 4
    assert len(reply.data) == 2 == len(reply["data"])
    assert [item.index for item in reply.data] == [0, 1]
    assert reply.request_id == reply.headers["x-oneapi-request-id"]


def test_repr_is_short_and_makes_no_lists(wenwen_gateway: LocalGateway) -> None:
    client = wenwen_gateway.client()
    for form in ("base64", "float"):
        options: dict[str, Any] = {"encoding_format": form} if form == "float" else {}
        reply = client.embeddings.create(model=SMALL, input=["a", "b"], **options)
        first = reply.data[0].embedding[:3]
        shown = f"embedding=[{', '.join(map(repr, first))}, … (1536 numbers)]"
        assert shown in repr(reply) and len(repr(reply)) < 500
    assert "embedding=[1.0, 2.0])" in repr(CreateEmbeddingResponse(body([1.0, 2.0])))


def test_pickle_copy_and_equality(face: Face) -> None:
    reply = face.create(input=["a", "b"])
    pickled = pickle.dumps(reply)
    assert len(pickled) < 2 * 1536 * 4 + 2000  # vectors go as bytes
    for other in (pickle.loads(pickled), copy.copy(reply), copy.deepcopy(reply), face.create(input=["a", "b"])):
        assert type(other) is CreateEmbeddingResponse
        assert bytes(memoryview(other)) == bytes(memoryview(reply))
        assert other == reply and other.to_dict() == reply.to_dict()
    assert pickle.loads(pickled).request_id == reply.request_id
    item = pickle.loads(pickle.dumps(reply.data[1]))
    assert item == reply.data[1] and item.embedding == reply.data[1].embedding
    assert reply != face.create(input=["a", "c"])
    assert reply == face.create(input=["a", "b"], as_dict=True)


# ---- what the wire may hold ----


def test_forms_of_vectors(face: Face) -> None:
    """A list of numbers or base64, whatever was asked, also mixed, in any order."""
    mixed = body([0.1, 2], packed(0.3, 4), indices=[1, 0], extra={"a": None})
    face.gateway.script(mixed, mixed, mixed)
    for options in ({}, {"encoding_format": "float"}):
        reply = face.create(input=["x", "y"], **options)
        assert [item.index for item in reply.data] == [0, 1]
        assert [item.embedding for item in reply.data] == [singles(0.3, 4), [0.1, 2]]
        assert memoryview(reply).tolist() == [singles(0.3, 4), singles(0.1, 2)]
        assert memoryview(reply.data[1]).tolist() == singles(0.1, 2)
        assert reply.extra == {"a": None}
    assert face.create(input=["x", "y"], as_dict=True)["data"][1]["embedding"] == [0.1, 2]


def test_bits_survive(face: Face) -> None:
    odd = struct.pack("<6f", -0.0, math.inf, -math.inf, 1e-45, 3.4e38, 0) + b"\x01\x00\xc0\x7f"
    face.gateway.script(body(base64.b64encode(odd).decode()))
    reply = face.create(input="x")
    assert bytes(memoryview(reply)) == odd == bytes(memoryview(pickle.loads(pickle.dumps(reply))))
    floats = reply.data[0].embedding
    assert math.copysign(1, floats[0]) == -1 and math.isnan(floats[-1]) and floats[1:3] == [math.inf, -math.inf]


@pytest.mark.parametrize("indices", [[0, 0], [1, 2], [None, 0], ["1", "0"], [1, -1], [0, 10**30]])
def test_indices_that_number_nothing_leave_the_order_of_the_wire(face: Face, indices: list[Any]) -> None:
    face.gateway.script(body(packed(7), packed(8), indices=indices))
    reply = face.create(input=["x", "y"])
    assert memoryview(reply).tolist() == [[7], [8]]
    assert [item.index for item in reply.data] == indices


def test_vectors_of_different_lengths(face: Face) -> None:
    numpy = pytest.importorskip("numpy")
    for ragged in (body(packed(1), packed(1, 2)), body([1], packed(1, 2)), body([1.0], [1.0, 2.0])):
        face.gateway.script(ragged)
        reply = face.create(input=["x", "y"])
        assert [item.embedding for item in reply.data] == [[1], [1, 2]]
        assert numpy.asarray(reply.data[1]).tolist() == [1, 2]
        for ask in (memoryview, numpy.asarray, numpy.array):
            with pytest.raises(BufferError, match=r"data\[1\] has 2 numbers and data\[0\] has 1"):
                ask(reply)


@pytest.mark.parametrize("broken", ["AAA*", "AAAAAAA=", "A", "向量"])
def test_broken_base64(face: Face, broken: str) -> None:
    wrong = body(packed(1), broken)
    face.gateway.script(wrong, wrong, wrong)
    with pytest.raises(wenwen.APIResponseValidationError, match=r"data\[1\].embedding of the reply is") as caught:
        face.create(input=["x", "y"])
    assert caught.value.body == wrong and caught.value.attempts == 1
    raw = face.run(lambda: face.client.embeddings.with_raw_response.create(model="m", input=["x", "y"]))
    with pytest.raises(wenwen.APIResponseValidationError, match=r"data\[1\]"):
        raw.parse()
    # Not so for a caller who wants what the wire has.
    reply = face.create(input=["x", "y"], encoding_format="base64")
    assert reply.data[1].embedding == broken
    with pytest.raises(BufferError, match=r"data\[1\].embedding is"):
        memoryview(reply)


def test_forgiven_base64(face: Face) -> None:
    text = packed(1e-3, 7.5)
    face.gateway.script(
        body(text.rstrip("=")),
        Reply(body=json.dumps(body(text)).replace(text, text.replace("A", "\\u0041")).encode()),
    )
    for _ in range(2):
        assert face.create(input="x").data[0].embedding == singles(1e-3, 7.5)


@pytest.mark.parametrize(
    "odd",
    [
        {"object": "list", "data": []},
        {"object": "list", "data": None},
        {"object": "list"},
        {"object": "list", "data": {"a": 1}},
        {"object": "list", "data": [1, None]},
        {"object": "list", "data": [{"index": 0}]},
        {"object": "list", "data": [{"embedding": None}]},
        {"object": "list", "data": [{"embedding": ["a"]}]},
        {"object": "list", "data": [{"embedding": {"a": [1]}}]},
        {"object": "list", "data": [{"embedding": 1.5}, {"embedding": True}]},
    ],
)
def test_odd_replies(face: Face, odd: dict[str, Any]) -> None:
    face.gateway.script(odd, odd)
    reply = face.create(input="x")
    assert reply == odd and reply.to_dict() == odd and repr(reply)
    assert pickle.loads(pickle.dumps(reply)) == reply == copy.deepcopy(reply)
    if odd.get("data") == []:
        assert memoryview(reply).shape == (0, 0)
    else:
        with pytest.raises(BufferError, match="data"):
            memoryview(reply)
    assert face.create(input="x", as_dict=True) == odd


def test_bodies_that_are_not_whole(face: Face) -> None:
    whole = json.dumps(body(packed(1, 2))).encode()
    face.gateway.script(
        Reply(body=b"\xef\xbb\xbf" + whole, headers={"Content-Type": "application/json"}),
        Reply(body=whole[:-1] + b',"note":"\xff"}', headers={"Content-Type": "application/json"}),
        Reply(body=whole[:-20], headers={"Content-Type": "application/json"}),
        {"error": {"message": "later", "type": "t", "code": 400}},
    )
    assert face.create(input="x").data[0].embedding == [1, 2]
    assert face.create(input="x").note == "\ufffd"
    with pytest.raises(wenwen.APIResponseValidationError, match="not valid JSON"):
        face.create(input="x")
    with pytest.raises(wenwen.APIError, match="later"):
        face.create(input="x")


# ---- what is sent ----


def test_inputs(face: Face) -> None:
    numpy = pytest.importorskip("numpy")

    class Column:  # what pandas' columns have
        def tolist(self) -> list[str]:
            return ["a", "b"]

    class Text(str):
        __slots__ = ()

    for given in (
        ["a", "b"], ("a", "b"), (text for text in "ab"), iter(["a", "b"]), numpy.array(["a", "b"]),
        numpy.array(["a", "b"], dtype=object), Column(), [Text("a"), "b"], [numpy.str_("a"), "b"],
    ):  # fmt: skip
        reply = face.create(input=given, dimensions=2, user="u")
        assert face.sent == {
            "model": SMALL, "input": ["a", "b"], "dimensions": 2, "user": "u", "encoding_format": "base64",
        }  # fmt: skip
        assert len(reply.data) == 2 and len(reply.data[0].embedding) == 2
    for given, sent in (
        ("a", "a"), (numpy.array("a"), "a"), ([1, 2], [1, 2]), (numpy.array([1, 2]), [1, 2]), (range(1, 3), [1, 2]),
        ([[1, 2], [3]], [[1, 2], [3]]), ((numpy.int64(n) for n in (1, 2)), [1, 2]),
        ([(1,), numpy.array([2])], [[1], [2]]), (numpy.array([[1], [2]]), [[1], [2]]),
    ):  # fmt: skip
        face.create(input=given, encoding_format="float")
        assert face.sent == {"model": SMALL, "input": sent, "encoding_format": "float"}


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (None, TypeError, "input is None"),
        ("", ValueError, "input is empty"),
        ([], ValueError, "input is empty"),
        ((text for text in ()), ValueError, "input is empty"),
        (["a", ""], ValueError, r"input\[1\] is empty"),
        ([[1], []], ValueError, r"input\[1\] is empty"),
        (["a", None], TypeError, r"input\[1\] is None"),
        (["a", float("nan")], TypeError, r"input\[1\] is nan \(float\)"),
        (["a", 1], TypeError, r"input\[1\] is 1 \(int\) where input\[0\] is 'a'"),
        ([1, "a"], TypeError, r"input\[1\] is 'a'"),
        ([[1], "a"], TypeError, r"input\[1\] is 'a'"),
        ([[1, "a"]], TypeError, r"input\[0\]\[1\] is 'a'"),
        ([-1], ValueError, r"input\[0\] is -1"),
        ([True], TypeError, r"input\[0\] is True"),
        ([1.5], TypeError, r"input\[0\] is 1.5"),
        (b"a", TypeError, "input is b'a'"),
        ([b"a"], TypeError, r"input\[0\] is b'a'"),
        ({"a"}, TypeError, r"input is {'a'} \(set\)"),
        ({"text": "a"}, TypeError, "input is .*dict"),
        ([["a"]], TypeError, r"input\[0\]\[0\] is 'a'"),
        (5, TypeError, r"input is 5 \(int\)"),
        (memoryview(array("i", [1])), TypeError, "input is <memory"),
    ],
)
def test_inputs_that_are_refused(face: Face, given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        face.create(input=given)
    assert face.gateway.requests == []


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size is 0: give 1 or more"),
        ({"batch_size": "10"}, TypeError, "batch_size is '10'"),
        ({"max_concurrency": True}, TypeError, "max_concurrency is True"),
        ({"stream": True}, TypeError, "no stream"),
        ({"dimension": 2}, TypeError, "Did you mean 'dimensions'"),
        ({"dimensions": "2"}, TypeError, "dimensions is '2': give int"),
        ({"batch_size": 1, "user": 7}, TypeError, "user is 7"),
    ],
)
def test_parameters_that_are_refused(face: Face, params: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        face.create(input=["a", "b"], **params)
    with pytest.raises(TypeError, match="misses its required keyword argument 'input'"):
        face.create()
    assert face.gateway.requests == []


def test_options(face: Face) -> None:
    face.create(extra_body={"input": "a", "encoding_format": "float", "input_type": "query"})
    assert face.sent == {"model": SMALL, "input": "a", "encoding_format": "float", "input_type": "query"}
    reply = face.create(input=["a"], extra_body={"encoding_format": "base64"}, extra_headers={"X-Own": "1"})
    assert isinstance(reply.data[0].embedding, str)
    assert face.gateway.last_request is not None and face.gateway.last_request.header("x-own") == "1"


# ---- more than a request takes ----


def test_many_inputs(face: Face) -> None:
    texts = [f"text {number}" for number in range(5000)]
    whole = face.create(input=(text for text in texts), dimensions=4)
    requests = face.gateway.requests
    assert sorted(len(request.json()["input"]) for request in requests) == [904, 2048, 2048]
    assert all(request.json()["dimensions"] == 4 for request in requests)
    assert [item.index for item in whole.data] == list(range(5000))
    assert memoryview(whole).shape == (5000, 4)
    for number in (0, 2047, 2048, 4096, 4999):
        alone = face.create(input=texts[number], dimensions=4)
        assert bytes(memoryview(whole.data[number])) == bytes(memoryview(alone))
    assert whole.usage.total_tokens == whole.usage.prompt_tokens
    assert whole.model == SMALL and whole.request_id
    assert pickle.loads(pickle.dumps(whole)) == whole
    as_dict = face.create(input=texts, dimensions=4, as_dict=True, batch_size=1000)
    assert type(as_dict) is dict and as_dict == whole
    assert len(face.gateway.requests) == 3 + 5 + 5
    base64s = face.create(input=texts[:3], batch_size=2, dimensions=4, encoding_format="base64")
    assert base64s.data[2].embedding == base64.b64encode(memoryview(whole.data[2])).decode()
    # Tokens: a list of them is one text, however long.
    face.create(input=[1, 2, 3], batch_size=1)
    assert face.sent["input"] == [1, 2, 3]
    assert len(face.create(input=[[1], [2], [3]], batch_size=2).data) == 3
    # A larger batch is the caller's to ask for: others than OpenAI's models may take it.
    with pytest.raises(wenwen.BadRequestError, match="maximum length 2048"):
        face.create(input=texts, batch_size=5000)


def test_usage_is_added_up(face: Face) -> None:
    usages: list[Any] = [
        {"prompt_tokens": 1, "total_tokens": 1, "details": {"text": 1, "kind": "a"}, "cost": 0.5},
        None,
        {"prompt_tokens": 2, "total_tokens": 3, "details": {"text": 2, "kind": "b"}, "later": 1, "odd": 5},
        {"details": 7, "odd": {"a": 1}},
    ]
    face.gateway.script(*[body(packed(n), usage=usage) for n, usage in enumerate(usages)])
    reply = face.create(input=["a", "b", "c", "d"], batch_size=1, max_concurrency=1)
    assert reply.usage == {
        "prompt_tokens": 3, "total_tokens": 4, "details": {"text": 3, "kind": "a"}, "cost": 0.5, "later": 1,
        "odd": {"a": 1},
    }  # fmt: skip
    assert isinstance(reply.usage, EmbeddingUsage)
    assert memoryview(reply).tolist() == [[0], [1], [2], [3]]
    face.gateway.script(*[body(packed(n), usage=None) for n in range(2)])
    assert face.create(input=["a", "b"], batch_size=1).usage is None


@pytest.mark.parametrize("asked", [False, True])
def test_parts_are_under_way_together(face: Face, asked: bool) -> None:
    """None is answered, so that all that may be under way at once have arrived, and no more. A key that is asked for is
    asked for by each."""
    face.gateway.script(Reply(stall=10, times=None))
    keys = (f"sk-{n}" for n in range(100))

    async def later() -> str:
        return next(keys)

    client = face.make(api_key="sk-0" if not asked else later if face.is_async else lambda: next(keys))
    caught: list[BaseException] = []

    def create() -> None:
        try:
            face.create(client, input=["a"] * 12, batch_size=1, max_concurrency=3, dimensions=1, max_retries=0)
        except wenwen.APIConnectionError as error:
            caught.append(error)

    thread = threading.Thread(target=create)
    thread.start()
    face.gateway.wait_until(lambda: len(face.gateway.requests) == 3)
    face.gateway.close()
    thread.join()
    assert len(face.gateway.requests) == 3
    assert "of 12 texts" in caught[0].__notes__[0]
    used = sorted(request.header("authorization") for request in face.gateway.requests)
    assert used == ([f"Bearer sk-{n}" for n in range(3)] if asked else ["Bearer sk-0"] * 3)


def test_a_part_is_under_way_while_another_one_asks_for_its_key(face: Face) -> None:
    face.gateway.script(Reply(stall=10, times=None))
    asked = 0

    def key() -> str:
        nonlocal asked
        # All that asked before are on their way, and none is answered.
        face.gateway.wait_until(lambda: len(face.gateway.requests) == asked)
        asked += 1
        if asked == 4:
            raise LookupError("no more keys")
        return f"sk-{asked}"

    client = face.make(api_key=key, max_retries=0)
    with pytest.raises(LookupError, match="no more keys") as caught:
        face.create(client, input=["a"] * 12, batch_size=1, max_concurrency=4, dimensions=1)
    assert "of 12 texts" in caught.value.__notes__[0]
    assert len(face.gateway.wait_closed(3)) == 3


def test_a_key_that_fails_is_not_asked_for_again(face: Face) -> None:
    asked: list[int] = []

    def key() -> str:
        asked.append(1)
        raise LookupError("no key")

    with pytest.raises(LookupError, match="no key"):
        face.create(face.make(api_key=key), input=["a"] * 12, batch_size=1, max_concurrency=12, dimensions=1)
    # An event loop may have been told of several before it runs the first.
    assert len(asked) == 1 or face.is_async
    assert len(face.gateway.requests) == 0


def test_the_first_failure_ends_the_rest(face: Face) -> None:
    face.gateway.script(None, Reply(status=400), Reply(stall=10, times=None))
    with pytest.raises(wenwen.BadRequestError) as caught:
        face.create(input=[str(n) for n in range(100)], batch_size=10, max_concurrency=2, dimensions=1)
    [note] = caught.value.__notes__
    assert "of 100 texts this request had input[" in note
    assert caught.value.status_code == 400
    assert len(face.gateway.requests) <= 4
    face.gateway.clear_script()
    assert pickle.loads(pickle.dumps(caught.value)).status_code == 400


def test_the_timeout_covers_all_parts(face: Face) -> None:
    face.gateway.script(Reply(delay=0.2, times=None))
    with pytest.raises(wenwen.APITimeoutError) as caught:
        face.create(input=["a"] * 50, batch_size=1, max_concurrency=1, dimensions=1, timeout=0.7)
    assert caught.value.limit == "total"
    assert 2 <= len(face.gateway.requests) <= 4
    assert "0.7" in str(caught.value)


def test_a_part_with_too_few_vectors(face: Face) -> None:
    wrong: tuple[Any, ...] = (body(packed(3)), {"object": "list", "data": 5}, {"object": "list", "data": [1, 2]})
    for part in wrong:
        face.gateway.script(body(packed(1), packed(2)), part)
        with pytest.raises(wenwen.APIResponseValidationError, match=r"input\[2:4\] has [01] vectors"):
            face.create(input=["a", "b", "c", "d"], batch_size=2, max_concurrency=1)


def test_retries_and_keys_of_parts(face: Face) -> None:
    face.gateway.script(Reply(status=502, headers={"retry-after-ms": "1"}), None, None)
    keys = iter(f"sk-{n}" for n in range(100))
    reply = face.create(face.make(api_key=lambda: next(keys)), input=["a", "b", "c"], batch_size=1, dimensions=1)
    assert len(reply.data) == 3
    used = {request.header("authorization") for request in face.gateway.requests}
    assert used == {f"Bearer sk-{n}" for n in range(4)}


@pytest.mark.parametrize(
    "quota",
    [
        pytest.param(Quota(rpm=1200, burst=2, latency=0.02), id="rate"),
        pytest.param(Quota(rpm=1200, burst=2, retry_after=0.2), id="retry-after"),
        pytest.param(Quota(max_concurrency=3, latency=0.02, named=True), id="at once, named"),
        pytest.param(Quota(window=(20, 1)), id="window"),
    ],
)
def test_a_limit_that_one_part_runs_into_slows_the_others(face: Face, quota: Quota) -> None:
    """Each for itself would be refused more often than it is tried."""
    face.gateway.limit(quota)
    reply = face.create(face.make(max_retries=4), input=["a"] * 40, batch_size=1, dimensions=1)
    assert len(reply.data) == 40
    answers = [request.status for request in face.gateway.requests]
    assert answers.count(200) == 40 and answers.count(429) <= 25


def test_cancelled_parts_close_their_connections(wenwen_gateway: LocalGateway) -> None:
    wenwen_gateway.script(Reply(stall=10, times=None))

    async def main() -> None:
        client = wenwen_gateway.async_client()
        call = asyncio.ensure_future(client.embeddings.create(model=SMALL, input=["a"] * 3, batch_size=1))
        await asyncio.to_thread(wenwen_gateway.wait_until, lambda: len(wenwen_gateway.requests) == 3)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(main())
    assert len(wenwen_gateway.wait_closed(3)) == 3


# ---- the other forms of the call ----


def test_the_module_level_functions(wenwen_gateway: LocalGateway) -> None:
    reply = wenwen.create_embeddings(model=SMALL, input=["a", "b"])
    assert memoryview(reply).shape == (2, 1536)
    as_dict = wenwen.create_embeddings(model=SMALL, input="a", as_dict=True)
    assert type(as_dict) is dict and as_dict["data"][0]["embedding"] == reply.data[0].embedding

    async def main() -> Any:
        assert await wenwen.aio.create_embeddings(model=SMALL, input="a", as_dict=True) == as_dict
        return await wenwen.aio.create_embeddings(model=SMALL, input=["a", "b"], batch_size=1)

    assert bytes(memoryview(asyncio.run(main()))) == bytes(memoryview(reply))
    assert len(wenwen_gateway.requests) == 5


def test_raw_and_streaming_response(wenwen_gateway: LocalGateway) -> None:
    client = wenwen_gateway.client()
    raw = client.embeddings.with_raw_response.create(model=SMALL, input="a", dimensions=2)
    assert raw.status_code == 200 and isinstance(raw.json()["data"][0]["embedding"], str)
    parsed = raw.parse()
    assert type(parsed) is CreateEmbeddingResponse and len(parsed.data[0].embedding) == 2
    with client.embeddings.with_streaming_response.create(model=SMALL, input="a", dimensions=2) as response:
        assert response.parse() == parsed
    options: dict[str, Any] = {"as_dict": True}
    raw = client.embeddings.with_raw_response.create(model=SMALL, input="a", dimensions=2, **options)
    assert raw.parse() == parsed and type(raw.parse()) is dict
    with pytest.raises(ValueError, match="a raw reply is one"):
        client.embeddings.with_raw_response.create(model=SMALL, input=["a", "b"], batch_size=1)

    async def main() -> None:
        client = wenwen_gateway.async_client()
        raw = await client.embeddings.with_raw_response.create(model=SMALL, input="a", dimensions=2)
        assert raw.parse() == parsed
        async with client.embeddings.with_streaming_response.create(model=SMALL, input="a", dimensions=2) as response:
            assert await response.parse() == parsed

    asyncio.run(main())
    posted = client.post(
        "/v1/embeddings", body={"model": SMALL, "input": "a", "dimensions": 2}, cast_to=CreateEmbeddingResponse
    )
    assert memoryview(posted).tolist() == memoryview(parsed).tolist()


def test_types_have_one_home() -> None:
    assert wenwen.types.CreateEmbeddingResponse is CreateEmbeddingResponse
    assert wenwen.types.EmbeddingCreateParams.__annotations__.keys() >= {"input", "model", "dimensions", "batch_size"}


def test_the_example(wenwen_gateway: LocalGateway, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(Path(__file__).parents[1] / "examples" / "embeddings.py"))
    assert capsys.readouterr().out.startswith("Where do cats sleep? ")
    assert [request.json()["encoding_format"] for request in wenwen_gateway.requests] == ["base64", "float"]


# ---- the local gateway ----


def post(gateway: LocalGateway, **fields: Any) -> Any:
    """What the gateway answers to a body as it is."""
    return gateway.client(max_retries=0).post("/v1/embeddings", body=fields, as_dict=True)


def test_the_local_gateways_vectors(wenwen_gateway: LocalGateway) -> None:
    floats = post(wenwen_gateway, model=SMALL, input=["a", "b", "a"])
    assert list(floats) == list(load("response.json"))
    assert list(floats["data"][0]) == ["object", "index", "embedding"]
    a, b, again = (item["embedding"] for item in floats["data"])
    assert a == again != b
    assert math.isclose(sum(x * x for x in a), 1, abs_tol=1e-5)
    text = post(wenwen_gateway, model=SMALL, input="a", encoding_format="base64")["data"][0]["embedding"]
    assert base64.b64decode(text) == struct.pack("<1536f", *a)
    sizes = {SMALL: 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536, "bge-m3": 1536}
    for model, size in sizes.items():
        assert len(post(wenwen_gateway, model=model, input="a")["data"][0]["embedding"]) == size
    assert (
        len(post(wenwen_gateway, model="text-embedding-3-large", input="a", dimensions=7)["data"][0]["embedding"]) == 7
    )
    assert post(wenwen_gateway, model=SMALL, input=[[1, 2], [3]])["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    assert post(wenwen_gateway, model=SMALL, input="Hello!")["usage"]["total_tokens"] == 2


@pytest.mark.parametrize(
    ("fields", "status", "code", "message"),
    [
        ({}, 500, "invalid_request", "input is empty"),
        ({"input": None}, 500, "invalid_request", "input is empty"),
        ({"input": ""}, 400, "", "'$.input' is invalid"),
        ({"input": []}, 400, "", "'$.input' is invalid"),
        ({"input": ["a", ""]}, 400, "", "'$.input' is invalid"),
        ({"input": ["a", 1]}, 400, "", "'$.input' is invalid"),
        ({"input": {"a": 1}}, 400, "", "'$.input' is invalid"),
        (
            {"input": ["a"] * 2049},
            400,
            "array_above_max_length",
            "maximum length 2048, but got an array with length 2049",
        ),
        ({"input": "字" * 8193}, 400, "", "maximum context length is 8192 tokens, however you requested 8193"),
        ({"input": ["字" * 8000] * 38}, 400, "max_tokens_per_request", "Requested 304000 tokens, max 300000"),
        ({"input": "a", "model": ""}, 400, "", "Model name not specified"),
        ({"input": "a", "encoding_format": "int8"}, 400, "invalid_value", "'float' and 'base64'"),
        ({"input": "a", "encoding_format": 1}, 500, "invalid_request", "cannot unmarshal number"),
        ({"input": "a", "dimensions": "2"}, 500, "invalid_request", "Go struct field ***.dimensions of type int"),
        ({"input": "a", "dimensions": 0}, 400, "invalid_value", "'dimensions' = 0"),
        ({"input": "a", "dimensions": 1537}, 400, "invalid_value", "'dimensions' = 1537"),
        ({"input": "a", "dimensions": 2, "model": "text-embedding-ada-002"}, 400, "", "does not support specifying"),
    ],
)
def test_the_local_gateways_refusals(
    wenwen_gateway: LocalGateway, fields: dict[str, Any], status: int, code: str, message: str
) -> None:
    with pytest.raises(wenwen.APIStatusError) as caught:
        post(wenwen_gateway, **{"model": SMALL, **fields})
    error = caught.value
    assert error.status_code == status and message in str(error)
    assert (error.body["error"]["code"] or "") == code
    # What an upstream has said is passed on without the request's id (REFERENCE H.1).
    relayed = status == 400 and "Model name" not in message
    assert error.request_id and (error.request_id in error.body["error"]["message"]) is not relayed
