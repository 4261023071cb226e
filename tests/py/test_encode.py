"""What Python values become in a request's body, and what cannot become anything."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import datetime
import enum
import json
import os
import random
import threading
import types
from pathlib import Path
from typing import Any, Literal

import numpy
import pydantic
import pytest
from conftest import Call, sample

import wenwen
from wenwen.testing import LocalGateway

REPLY = sample("2.2-responses-create/response.json")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PNG_URI = "data:image/png;base64," + base64.b64encode(PNG).decode()


class Color(enum.Enum):
    RED = "red"
    DEEP = ("a", 1)


class Level(enum.IntEnum):
    LOW = 1


class Role(enum.StrEnum):
    USER = "user"


@dataclasses.dataclass
class Message:
    role: str
    content: Any


@dataclasses.dataclass(slots=True, frozen=True)
class Slotted:
    a: int


class Model(pydantic.BaseModel):
    role: str
    when: datetime.date
    count: int | None = None


class Part(pydantic.BaseModel):
    type: Literal["input_text"] = "input_text"
    text: str
    note: str | None = None


class Turn(pydantic.BaseModel):
    role: str = "user"
    content: list[Part]


class Text(str):
    __slots__ = ()


def written(call: Call, gateway: LocalGateway, value: Any) -> Any:
    """What the gateway sees of a value."""
    call(gateway, model="m", input="i", extra_body={"value": value})
    request = gateway.last_request
    assert request is not None
    assert list(request.json()) == ["model", "input", "value"]
    return request.json()["value"]


SAME: list[Any] = [
    "",
    "plain",
    "中文 ünï 😀 \u2028\u2029\x7f",
    "".join(map(chr, range(32))) + '"\\/',
    "\0",
    0,
    -1,
    2**63 - 1,
    -(2**63),
    2**64,
    10**300,
    -(10**300),
    0.1,
    -0.0,
    1e308,
    5e-324,
    1.0,
    True,
    False,
    None,
    [],
    {},
    [[], [{}], {"a": []}],
    {"": 1, "中": 2, 'quote"': 3},
    [None] * 1000,
    "x" * 100_000,
]


@pytest.mark.parametrize("value", SAME, ids=lambda value: f"{value!r:.30}")
def test_json_values(call: Call, gateway: LocalGateway, value: Any) -> None:
    got = written(call, gateway, value)
    assert got == value
    assert type(got) is type(value)
    assert json.dumps(got) == json.dumps(value)


OTHER: list[tuple[Any, Any]] = [
    ((1, ("a", None)), [1, ["a", None]]),
    (range(3), [0, 1, 2]),
    ({"a": 1}.keys(), ["a"]),
    (types.MappingProxyType({"a": (1,)}), {"a": [1]}),
    ({2: "a", True: "b", None: "c"}, {"2": "a", "true": "b", "null": "c"}),
    (Color.RED, "red"),
    (Color.DEEP, ["a", 1]),
    (Level.LOW, 1),
    (Role.USER, "user"),
    ({Role.USER: Role.USER}, {"user": "user"}),
    (Text("sub"), "sub"),
    (Message("user", [Message("a", None)]), {"role": "user", "content": [{"role": "a", "content": None}]}),
    (Slotted(1), {"a": 1}),
    (Model(role="user", when=datetime.date(2025, 8, 8)), {"role": "user", "when": "2025-08-08"}),
    # A default that says something is sent, a null that nobody set is not.
    (
        Turn(content=[Part(text="Hi"), Part(text="!", note=None)]),
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Hi"},
                {"type": "input_text", "text": "!", "note": None},
            ],
        },
    ),
    (
        [Model(role="u", when=datetime.date(2025, 8, 8), count=None)],
        [{"role": "u", "when": "2025-08-08", "count": None}],
    ),
    (datetime.datetime(2025, 8, 8, 9, 0), "2025-08-08T09:00:00"),
    (wenwen.Object(a=wenwen.Object(b=1)), {"a": {"b": 1}}),
]


@pytest.mark.parametrize(("value", "want"), OTHER, ids=lambda value: f"{value!r:.30}")
def test_other_values(call: Call, gateway: LocalGateway, value: Any, want: Any) -> None:
    assert written(call, gateway, value) == want


def test_generators(call: Call, gateway: LocalGateway) -> None:
    assert written(call, gateway, (n * n for n in range(4))) == [0, 1, 4, 9]
    call(gateway, model="m", input=({"role": "user", "content": c} for c in "ab"))
    assert gateway.requests[-1].json()["input"] == [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]


def test_numpy(call: Call, gateway: LocalGateway) -> None:
    values = [
        numpy.int64(5),
        numpy.uint8(255),
        numpy.float64(0.1),
        numpy.float32(0.5),
        numpy.bool_(True),
        numpy.str_("s"),
    ]
    got = written(call, gateway, values)
    assert got == [5, 255, 0.1, 0.5, True, "s"]
    assert [type(value) for value in got] == [int, int, float, float, bool, str]
    assert written(call, gateway, numpy.arange(6).reshape(2, 3)) == [[0, 1, 2], [3, 4, 5]]
    assert written(call, gateway, numpy.array([1.5])) == [1.5]
    assert written(call, gateway, numpy.array(7)) == 7
    with pytest.raises(ValueError, match=r"^value\[1\]: NaN"):
        written(call, gateway, numpy.array([1.0, numpy.nan]))


def test_a_reply_fed_back(call: Call, gateway: LocalGateway) -> None:
    gateway.script(REPLY)
    reply = call(gateway, model="m", input="i")
    items = [{"role": "user", "content": "Hello!"}, *reply.output, Message("user", "And now?")]
    call(gateway, model="m", input=items)
    want = [{"role": "user", "content": "Hello!"}, *REPLY["output"], {"role": "user", "content": "And now?"}]
    assert gateway.requests[-1].json()["input"] == want
    assert written(call, gateway, reply) == REPLY


def test_stream_events_can_be_written(call: Call, gateway: LocalGateway) -> None:
    with call.open(call.client(gateway).responses.stream(model="m", input="i")) as stream:
        events = list(call.each(stream))
    assert written(call, gateway, events) == [event.to_dict() for event in events]


# Binary data


@pytest.fixture
def png(tmp_path: Path) -> Path:
    path = tmp_path / "picture.bin"
    path.write_bytes(PNG)
    return path


def test_pictures(call: Call, gateway: LocalGateway, png: Path) -> None:
    values = [PNG, bytearray(PNG), memoryview(PNG), memoryview(PNG + PNG)[: len(PNG)], png, "https://example.com/a.png"]
    content = [{"type": "input_image", "image_url": value} for value in values]
    call(gateway, model="m", input=[{"role": "user", "content": content}])
    got = [part["image_url"] for part in gateway.requests[0].json()["input"][0]["content"]]
    assert got == [PNG_URI] * 5 + ["https://example.com/a.png"]


def test_files(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b\n")
    (tmp_path / "noextension").write_bytes(b"\x00\x01")
    values = [tmp_path / "table.csv", tmp_path / "noextension", b"%PDF-1.7", b"", memoryview(b"abcdef")[::2]]
    content = [{"type": "input_file", "file_data": value} for value in values]
    audio = {"type": "input_audio", "input_audio": {"data": b"RIFF", "format": "wav"}}
    call(gateway, model="m", input=[{"role": "user", "content": [*content, audio]}])
    parts = gateway.requests[0].json()["input"][0]["content"]
    assert [part["file_data"] for part in parts[:-1]] == [
        "data:text/csv;base64,YSxiCg==",
        "data:application/octet-stream;base64,AAE=",
        "data:application/pdf;base64,JVBERi0xLjc=",
        "data:application/octet-stream;base64,",
        "data:application/octet-stream;base64,YWNl",
    ]
    assert parts[-1]["input_audio"]["data"] == "UklGRg=="


def test_a_file_that_is_not_there(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.png") as caught:
        call(gateway, model="m", input=[{"content": [{"image_url": tmp_path / "gone.png"}]}])
    assert caught.value.__notes__ == ["at input[0].content[0].image_url"]
    assert gateway.requests == []


# What cannot be written


def circle() -> Any:
    value: list[Any] = []
    value.append({"deeper": value})
    return value


def deep() -> Any:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


def self_object() -> Any:
    value = wenwen.Object()
    value.me = value
    return value


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        pytest.param(circle, ValueError, r"\[0\]\.deeper: .*circle", id="circle"),
        pytest.param(self_object, ValueError, r"\.me: .*circle", id="object in itself"),
        pytest.param(deep, ValueError, r"(\[0\])+: .*deep", id="too deep"),
        pytest.param(lambda: float("nan"), ValueError, ": NaN", id="NaN"),
        pytest.param(lambda: float("-inf"), ValueError, ": -inf", id="infinity"),
        pytest.param(lambda: {1, 2}, TypeError, r": \{1, 2\} \(set\).*list", id="set"),
        pytest.param(lambda: frozenset(), TypeError, r": frozenset\(\)", id="frozenset"),
        pytest.param(lambda: Message, TypeError, ": <class .*Message'> is a class", id="class"),
        pytest.param(object, TypeError, ": <object object", id="object"),
        pytest.param(lambda: len, TypeError, ": <built-in", id="function"),
        pytest.param(lambda: 1j, TypeError, ": 1j", id="complex"),
        pytest.param(lambda: PNG, TypeError, ": bytes is binary data.*image_url", id="bytes"),
        pytest.param(lambda: Path("x.png"), TypeError, ": .*Path is binary data", id="path"),
        pytest.param(lambda: "ab\ud83d", ValueError, r": .*surrogate '\\ud83d' at index 2", id="surrogate"),
        pytest.param(lambda: {"\udc00": 1}, ValueError, r"\['\\udc00'\]: .*surrogate", id="surrogate key"),
        pytest.param(lambda: {(1, 2): 1}, TypeError, r": the key \(1, 2\)", id="tuple key"),
        pytest.param(lambda: {1.5: 1}, TypeError, ": the key 1.5", id="float key"),
        pytest.param(lambda: {"a b": {3: object()}}, TypeError, r"\.a b\[3\]: <object", id="odd keys"),
        pytest.param(lambda: (object() for _ in "a"), TypeError, r"\[0\]: <object", id="in a generator"),
        pytest.param(lambda: Message("u", object()), TypeError, r"\.content: <object", id="in a dataclass"),
    ],
)
def test_what_cannot_be_written(call: Call, gateway: LocalGateway, make: Any, error: Any, match: str) -> None:
    items: list[Any] = [{"role": "user", "content": "x"}] * 3
    with pytest.raises(error, match=r"^input\[3\]\.content\[0\]\.text" + match):
        call(gateway, model="m", input=[*items, {"role": "user", "content": [{"type": "input_text", "text": make()}]}])
    with pytest.raises(error, match=r"^metadata\.key" + match):
        call(gateway, model="m", input="i", metadata={"key": make()})
    assert gateway.requests == []
    assert call(gateway, model="m", input="and after it all is well").output_text


def test_a_property_that_raises_keeps_its_own_error(call: Call, gateway: LocalGateway) -> None:
    class Odd(dict[str, Any]):
        def items(self) -> Any:
            raise AssertionError("a dict is read without asking it")

    assert written(call, gateway, Odd(a=1)) == {"a": 1}

    def failing() -> Any:
        yield 1
        raise LookupError("the source is gone")

    with pytest.raises(LookupError, match="the source is gone") as caught:
        call(gateway, model="m", input="i", metadata={"a": failing()})
    assert caught.value.__notes__ == ["at metadata.a"]


# Anything at all


def any_value(rng: random.Random, depth: int = 0) -> Any:
    """A random JSON value, odd characters and numbers more often than life has them."""
    kind = rng.randrange(9 if depth < 5 else 7)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.choice([0, -1, rng.randrange(-(2**70), 2**70), 2**53 + 1])
    if kind == 2:
        return rng.choice([0.0, -0.0, rng.random(), rng.uniform(-1e300, 1e300), 1e-320])
    if kind < 7:
        odd = '\0\x1f"\\/\x7f\x80\u2028\ufeff\uffff中😀\U0010ffff'
        return "".join(rng.choice([*odd, "a", chr(rng.randrange(32, 0xD800))]) for _ in range(rng.randrange(12)))
    if kind == 7:
        return [any_value(rng, depth + 1) for _ in range(rng.randrange(5))]
    return {str(any_value(rng, 9)): any_value(rng, depth + 1) for _ in range(rng.randrange(5))}


def test_any_value_survives_there_and_back(call: Call, gateway: LocalGateway) -> None:
    rng = random.Random(20250808)
    values = [any_value(rng) for _ in range(2000)]
    gateway.script({"id": "r", "values": values}, {"id": "r", "values": values})
    reply = call(gateway, model="m", input=values)
    got = gateway.requests[0].json()["input"]
    assert repr(got) == repr(values)  # repr tells 0.0 from -0.0 and 1 from True
    assert repr(reply.to_dict()["values"]) == repr(values)
    assert repr(json.loads(reply.to_json())["values"]) == repr(values)
    assert repr(call(gateway, model="m", input="i", as_dict=True)["values"]) == repr(values)


# Bodies that change while they are written

# What the encoder, the query and the form ask of a value, and what it answers.
ASKED: dict[str, Any] = {
    "__index__": 5,
    "__float__": 1.5,
    "__str__": "text",
    "__iter__": iter("a"),
    "isoformat": "2026-01-01",
    "model_dump": {},
    "tolist": [1],
    "keys": ["a"],
    "_repr_png_": PNG,
    "__fspath__": os.devnull,
    "__dataclass_fields__": {},
}
CHANGES: dict[str, Any] = {
    "more": lambda body: (
        body.update({f"more{n}": 0 for n in range(100)}) if isinstance(body, dict) else body.extend([0] * 100)
    ),
    "other": lambda body: (body.pop("z"), body.update(y=0)) if isinstance(body, dict) else body.reverse(),
    "none": lambda body: body.clear(),
}
SENT: dict[str, Any] = {
    "body": lambda client, value: client.post("/v1/x", body={"value": value}),
    "param": lambda client, value: client.responses.create(model="m", input="a", metadata={"value": value}),
    "extra_body": lambda client, value: client.responses.create(model="m", input="a", extra_body={"value": value}),
    "query": lambda client, value: client.get("/v1/x", query={"value": value}),
    "form": lambda client, value: client.audio.transcriptions.create(
        file=b"RIFF", model="m", extra_body={"value": value}
    ),
}


@pytest.mark.parametrize("where", SENT)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ASKED)
def test_a_body_that_its_own_values_change(
    call: Call, gateway: LocalGateway, name: str, change: str, where: str
) -> None:
    """What is sent is one of the two, or it is an error that `except Exception` sees."""
    for body in ({"z": 0, "input": []}, [0]):

        def answer(*_: object, body: Any = body, **__: object) -> Any:
            CHANGES[change](body)
            return ASKED[name]

        methods = {name: property(answer) if name == "__dataclass_fields__" else answer, "__getitem__": answer}
        value = type("Value", (), {**methods, "dtype": 1} if name == "tolist" else methods)()
        body.update(value=value, end=0) if isinstance(body, dict) else body.extend([value, 0])
        with contextlib.suppress(RuntimeError, TypeError, ValueError, KeyError, IndexError, wenwen.APIError):
            call.wait(SENT[where](call.client(gateway, max_retries=0), body))


def test_a_body_that_another_thread_changes(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    """While a file of it is read, here from a pipe whose writer comes late."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    part: dict[str, Any] = {"type": "input_image", "image_url": pipe}

    def feed() -> None:
        with pipe.open("wb") as file:  # opens when the encoder does
            part["detail"] = "low"
            file.write(PNG)

    thread = threading.Thread(target=feed)
    thread.start()
    with pytest.raises(RuntimeError, match="changed size"):
        call(gateway, model="m", input=[{"role": "user", "content": [part]}])
    thread.join()
    assert call(gateway, model="m", input="a").output_text
