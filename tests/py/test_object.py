"""`Object`, `Reply`, `Headers` and `Timeout`: attributes and keys at once, nothing lost, nothing fails to build."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from conftest import Call, sample

import wenwen
from wenwen import NO_TIMEOUT, Headers, Object, Timeout
from wenwen import Reply as WenwenReply
from wenwen.testing import LocalGateway, Reply
from wenwen.types import Response, ResponseOutputMessage, ResponseOutputText, ResponseReasoningItem

REPLY = sample("2.2-responses-create/response.json")
HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}


@pytest.fixture
def reply() -> Response:
    return Response(REPLY)


def fetched(call: Call, gateway: LocalGateway, body: Any) -> Any:
    gateway.script(Reply(body=body, headers={"Content-Type": "application/json"}) if isinstance(body, bytes) else body)
    return call(gateway, **HELLO)


# Reading


def test_attributes_and_keys(reply: Response) -> None:
    assert reply.id == reply["id"] == reply.get("id") == REPLY["id"]
    assert reply.usage.input_tokens_details.cached_tokens == 0
    assert reply["usage"]["input_tokens_details"]["cached_tokens"] == 0
    assert reply.output[1].content[0].text == reply["output"][1]["content"][0]["text"]
    assert "usage" in reply
    assert "nope" not in reply
    assert 5 not in reply
    assert len(reply) == len(REPLY)
    assert list(reply) == list(reply.keys()) == list(REPLY)
    assert dict(reply.items())["id"] == REPLY["id"]
    assert next(iter(reply.values())) == REPLY["id"]
    assert {**reply}.keys() == REPLY.keys()
    assert dict(reply) == REPLY


def test_missing_fields(reply: Response) -> None:
    assert reply.conversation is None  # declared, not sent
    assert "conversation" not in reply
    assert reply.get("conversation") is None
    assert reply.get("conversation", 5) == 5
    with pytest.raises(KeyError, match="conversation"):
        reply["conversation"]
    with pytest.raises(AttributeError, match="'Response' has no field 'output_txt'"):
        _ = reply.output_txt
    assert not hasattr(reply, "nope")
    assert not hasattr(reply, "_repr_html_")
    assert not hasattr(reply, "__array__")


def test_nested_values_are_the_same_each_time(reply: Response) -> None:
    assert reply.output is reply["output"]
    assert reply.output[0] is reply.output[0]
    assert reply.usage is reply.usage is reply["usage"] is reply.get("usage")
    reply.usage.input_tokens = 99
    assert reply.to_dict()["usage"]["input_tokens"] == 99


def test_classes_by_type(reply: Response) -> None:
    assert [type(item) for item in reply.output] == [ResponseReasoningItem, ResponseOutputMessage]
    assert type(reply.output[1].content[0]) is ResponseOutputText
    assert type(reply.metadata) is dict


def test_unknown_fields_and_types(call: Call, gateway: LocalGateway) -> None:
    reply = fetched(
        call,
        gateway,
        {
            "id": "resp_1",
            "brand_new": {"deep": [{"a": 1}]},
            "output": [{"type": "hologram", "beam": {"nm": 532}}, {"no": "type"}, None, "text", [{"b": 2}]],
        },
    )
    assert reply.brand_new.deep[0].a == 1
    assert type(reply.brand_new) is Object
    assert type(reply.output[0]) is Object
    assert reply.output[0].beam.nm == 532
    assert reply.output[1].no == "type"
    assert reply.output[2:4] == [None, "text"]
    assert reply.output[4][0].b == 2
    assert reply.output_text == ""


@pytest.mark.parametrize("value", [None, 5, 1.5, "text", True, [], {}, [5], ["a", None], {"type": 5}, [[{}]]])
def test_fields_of_the_wrong_type_never_fail(call: Call, gateway: LocalGateway, value: Any) -> None:
    for name in ("id", "output", "usage", "error", "text", "tools", "metadata", "created_at"):
        body = {**REPLY, name: value}
        reply = fetched(call, gateway, body)
        assert reply.to_dict() == body
        assert getattr(reply, name) == value
        assert isinstance(reply.output_text, str)
        assert repr(reply)
        assert pickle.loads(pickle.dumps(reply)) == body
    message = {"type": "message", "role": "assistant"}
    for content in (value, [value], [{"type": "output_text", "text": value}]):
        text = fetched(call, gateway, {**REPLY, "output": [{**message, "content": content}]}).output_text
        assert text == (value if isinstance(value, str) and content != [value] else "")


@pytest.mark.parametrize("body", [b"[1,2]", b'"text"', b"5", b"true", b"null", b"[]"])
def test_replies_that_are_no_objects(call: Call, gateway: LocalGateway, body: bytes) -> None:
    gateway.script(Reply(body=body))
    with pytest.raises(wenwen.InternalServerError, match="has no `output`"):
        call(gateway, model="gpt-5", input="Hello!", max_retries=0)


def test_numbers_and_text_survive(call: Call, gateway: LocalGateway) -> None:
    big = 2**200 + 1
    body = {
        "id": "r",
        "big": big,
        "low": -(2**63),
        "float": 0.1,
        "tiny": 5e-324,
        "one": 1.0,
        "text": "中文 \u2028 😀 \0",
    }
    reply = fetched(call, gateway, body)
    assert (reply.big, reply.low, reply.float, reply.tiny) == (big, -(2**63), 0.1, 5e-324)
    assert type(reply.one) is float
    assert reply.text == body["text"]
    assert json.loads(reply.to_json()) == body
    assert json.loads(reply.model_dump_json()) == body


@pytest.mark.parametrize("bad", [rb"\ud83d", rb"\ude00\ud83d", b"\xff\xfe"])
def test_half_characters_of_a_reply(call: Call, gateway: LocalGateway, bad: bytes) -> None:
    reply = fetched(call, gateway, b'{"id":"r","text":"a' + bad + rb'b \ud83d\ude00 \\ud83d"}')
    assert reply.text.startswith("a�")
    assert reply.text.endswith("b 😀 \\ud83d")
    assert reply.text.encode()


BEGIN = b'{"id":"r","output":[],"a":'


def test_deep_replies(call: Call, gateway: LocalGateway) -> None:
    deep = 150
    reply = fetched(call, gateway, BEGIN + b'{"a":' * (deep - 1) + b"1" + b"}" * deep)
    value = reply
    for _ in range(deep):
        value = value.a
    assert value == 1
    assert reply == copy.deepcopy(reply) == pickle.loads(pickle.dumps(reply))
    with pytest.raises(wenwen.APIResponseValidationError, match="JSON"):
        fetched(call, gateway, BEGIN + b'{"a":' * 100_000 + b"1" + b"}" * 100_000)


# Comparing and matching


def test_equality(reply: Response) -> None:
    assert reply == REPLY
    assert reply == Response(REPLY)
    _ = reply.output, reply.usage  # converted parts compare like the others
    assert reply == Response(REPLY)
    assert REPLY == reply
    assert reply != {**REPLY, "id": "other"}
    assert reply != "text"
    assert reply is not None
    with pytest.raises(TypeError, match="unhashable"):
        hash(reply)


def test_match(reply: Response) -> None:
    match reply:
        case Response(status="completed", usage=usage, output=[ResponseReasoningItem(), ResponseOutputMessage(id=id)]):
            assert (usage.total_tokens, id) == (86, REPLY["output"][1]["id"])
        case _:
            pytest.fail("no match by class")
    match reply:
        case {"status": "completed", "usage": {"total_tokens": total}, "output": [_, {"role": "assistant"}]}:
            assert total == 86
        case _:
            pytest.fail("no match by keys")
    match reply.output[0]:
        case ResponseOutputMessage():
            pytest.fail("matched another class")
        case Object(type="reasoning"):
            pass


# Copies


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        copy.deepcopy,
        *[lambda x, p=p: pickle.loads(pickle.dumps(x, p)) for p in range(pickle.HIGHEST_PROTOCOL + 1)],
    ],
)
def test_copies(call: Call, gateway: LocalGateway, copied: Any) -> None:
    reply = fetched(call, gateway, REPLY)
    _ = reply.output[1].content
    other = copied(reply)
    assert type(other) is Response
    assert other == reply
    assert other is not reply
    assert other.request_id == reply.request_id is not None
    assert other.headers == reply.headers
    assert other.output_text == reply.output_text
    item = copied(reply.output[1])
    assert type(item) is ResponseOutputMessage
    assert item.content[0].text == reply.output_text
    other.status = "changed"
    assert reply.status == "completed"


def test_a_deep_copy_shares_nothing(reply: Response) -> None:
    other = copy.deepcopy(reply)
    other.output[1].content[0].text = "changed"
    other.metadata["a"] = "b"
    assert reply.output_text == "Hi! How can I help you today?"
    assert reply.metadata == {}
    data = reply.to_dict()
    data["output"].clear()
    assert len(reply.output) == 2


# Writing


def test_setting_and_deleting(reply: Response) -> None:
    reply.status = "mine"
    reply["brand_new"] = {"a": 1}
    assert (reply["status"], reply.brand_new.a) == ("mine", 1)
    del reply.brand_new
    del reply["status"]
    assert reply.status is None
    assert "brand_new" not in reply
    with pytest.raises(AttributeError, match="nope"):
        del reply.nope
    with pytest.raises(KeyError, match="nope"):
        del reply["nope"]


def test_objects_of_ones_own() -> None:
    message = ResponseOutputMessage(id="m", type="message", content=[{"type": "output_text", "text": "hi"}])
    assert message.content[0].text == "hi"
    assert Object({"a": 1}, b=2) == {"a": 1, "b": 2}
    assert Object([("a", 1)]).a == 1
    assert Object() == {}
    source = {"list": [1]}
    Object(source).list.append(2)
    assert source == {"list": [1]}
    with pytest.raises((TypeError, ValueError)):
        Object(5)

    class Mine(WenwenReply):
        part: ResponseOutputText
        parts: list[ResponseOutputText]
        by_name: dict[str, ResponseOutputText]

    text = {"type": "output_text", "text": "t"}
    mine = Mine(part=text, parts=[text], by_name={"x": text})
    assert type(mine.part) is type(mine.parts[0]) is type(mine.by_name["x"]) is ResponseOutputText
    assert mine.request_id is None
    assert mine.to_dict() == {"part": text, "parts": [text], "by_name": {"x": text}}


def test_keys_as_field_and_as_method() -> None:
    class Press(Object):
        keys: list[str]

    assert Press({"keys": ["CTRL"]}).keys == ["CTRL"]
    assert Press().keys is None
    assert list(Object({"keys": ["CTRL"]}).keys()) == ["keys"]
    assert Object({"keys": ["CTRL"]})["keys"] == ["CTRL"]
    assert Press({"keys": ["CTRL"]}).to_dict() == {"keys": ["CTRL"]}


@pytest.mark.parametrize(
    "code",
    [
        "x = Object(); x.me = x; x.to_dict()",
        "x = Object(); x.me = [x]; copy.deepcopy(x)",
        "x = Object(); x.me = {'x': x}; pickle.dumps(x)",
        "x = Object(); x.me = x; x.to_json()",
        "x = Object(); x.me = x; y = Object(); y.me = y; x == y",
        "x = {}; x['me'] = x; Object(x)",
        "x = []; x.append(x); Object(me=x)",
    ],
)
def test_a_circle(code: str) -> None:
    script = f"import copy, pickle\nfrom wenwen import Object\ntry:\n {code}\nexcept RecursionError: print('circle')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "circle\n"), done.stderr


# Out


def test_to_dict_and_its_kin(reply: Response) -> None:
    _ = reply.output[1].content[0].text
    assert reply.to_dict() == reply.model_dump() == REPLY
    assert type(reply.to_dict()["output"][1]["content"][0]) is dict
    assert reply.to_json(indent=None) == reply.model_dump_json() == json.dumps(REPLY, separators=(",", ":"))
    assert reply.to_json() == reply.model_dump_json(indent=2) == json.dumps(REPLY, indent=2)
    without = reply.to_dict(exclude_none=True)
    assert "user" not in without
    assert without["reasoning"] == {"effort": "medium"}
    assert reply.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True) == without
    assert json.loads(reply.to_json(exclude_none=True)) == without


def test_model_validate(reply: Response) -> None:
    assert Response.model_validate(REPLY) == reply
    assert type(Response.model_validate_json(json.dumps(REPLY))) is Response
    assert Response.model_validate_json(json.dumps(REPLY).encode()) == reply
    with pytest.raises(ValueError, match="JSON"):
        Response.model_validate_json("{")
    with pytest.raises(TypeError, match="object"):
        Response.model_validate_json("[]")


def test_dir_and_repr(reply: Response) -> None:
    names = dir(Response({"brand_new": 1, "not a name": 2}))
    assert {"output", "usage", "output_text", "brand_new", "to_dict"} <= set(names)
    assert "not a name" not in names
    assert len(names) == len(set(names))
    assert repr(reply.usage).startswith("ResponseUsage(input_tokens=7, ")
    assert repr(reply).startswith("Response(id='resp_")
    assert len(repr(Object({"image": "A" * 100_000}))) < 1000
    # No name of a field, and no text, makes a line of its own or a sequence of a terminal's.
    forged = Object({"a\n2026 root": 1, "a.b": 2, "\x1b[8m": {"b\r": "\n"}, "值": "\x1b" * 1000, "\u202e": None})
    assert repr(forged).startswith("Object('a\\n2026 root'=1, 'a.b'=2, '\\x1b[8m'=Object('b\\r'='\\n'), 值='\\x1b\\x1b")
    assert repr(forged).isprintable()


class Mine(Object):
    def __repr__(self) -> str:
        return "mine"


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"a": "x" * 80 + "y" * 1000 + "z" * 40}, f"a='{'x' * 80} … {'z' * 40}' (1120 characters)"),
        ({"a": "x" * 120}, f"a='{'x' * 120}'"),
        ({"a": "\ud800" * 200}, f"a='{chr(92)}ud800"),
        ({"a": [*range(9)]}, "a=[0, 1, 2, … (9 items)]"),
        ({"a": [*range(8)]}, "a=[0, 1, 2, 3, 4, 5, 6, 7]"),
        ({"a": [0.5] * 9}, "a=[0.5, 0.5, 0.5, … (9 numbers)]"),
        ({"a": [[{"b": "x" * 500}] * 9] * 9}, "a=[[Object(b='" + "x" * 80 + " … " + "x" * 40 + "' (500 characters)), "),
        ({"a": [[], {}, None, True, 0, ""]}, "a=[[], Object(), None, True, 0, '']"),
        ({"x" * 200: 1}, f"'{'x' * 80} … {'x' * 40}' (200 characters)=1"),
        ({f"f{n}": n for n in range(100)}, "f0=0, f1=1, "),
    ],
    ids=["long", "short", "halves", "items", "few", "numbers", "nested", "empty", "name", "fields"],
)
def test_a_repr_is_a_short_line(fields: dict[str, Any], shown: str) -> None:
    text = repr(Object(fields))
    assert text.startswith(f"Object({shown}") and len(text) < 1100 and text.isprintable()
    assert "(100 fields)" in text or len(fields) == 1
    holder = Object()
    holder.a = [Mine()]
    assert repr(holder) == "Object(a=[mine])"


def test_a_repr_of_what_contains_itself_or_is_deep() -> None:
    circle = Object()
    circle.a, circle.b, circle.c = circle, [circle, circle], {"d": circle}
    deep: Any = "x"
    for _ in range(200):
        deep = {"a": [deep]}
    for value in (circle, Object(deep)):
        assert repr(value).startswith("Object(a=") and "…" in repr(value) and len(repr(value)) < 1100


def test_a_repr_has_no_key(call: Call, gateway: LocalGateway) -> None:
    """That a server says back, also where it would be cut in two."""
    key = "sk-0123456789abcdef"
    gateway.script(Reply(json={**REPLY, "metadata": {"said": "x" * 70 + key * 3 + "y" * 200}, "user": key}))
    reply = call.wait(call.client(gateway, api_key=key).responses.create(model="gpt-5", input="?"))
    assert "***" in repr(reply) and "sk-" not in repr(reply) and reply.user == key


def test_reply_knows_its_http_reply(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(json=REPLY, headers=[("X-Oneapi-Request-Id", "id-1"), ("X-A", "1"), ("X-A", "2")]))
    reply = call(gateway, **HELLO)
    assert reply.request_id == reply._request_id == "id-1"
    assert reply.headers["x-a"] == "1, 2"
    assert reply.headers.get_list("X-A") == ["1", "2"]
    assert "request_id" not in reply.to_dict()


# Headers, Timeout


def test_headers() -> None:
    headers = Headers([("Content-Type", "a"), ("X-Two", "1"), ("x-two", "2")])
    assert headers["CONTENT-TYPE"] == headers.get("content-type") == "a"
    assert headers["x-two"] == "1, 2"
    assert headers.get_list("X-TWO") == ["1", "2"]
    assert headers.get_list("nope") == []
    assert "X-TWO" in headers
    assert "nope" not in headers
    assert 5 not in headers
    assert headers.get("nope") is None
    assert headers.get("nope", "x") == "x"
    with pytest.raises(KeyError, match="nope"):
        headers["nope"]
    assert len(headers) == 2
    assert list(headers) == headers.keys() == ["content-type", "x-two"]
    assert headers.values() == ["a", "1, 2"]
    assert dict(headers) == {"content-type": "a", "x-two": "1, 2"} == headers
    assert headers == Headers([("content-type", "a"), ("x-two", "1"), ("X-Two", "2")])
    assert headers != Headers()
    assert copy.copy(headers) == copy.deepcopy(headers) == pickle.loads(pickle.dumps(headers)) == headers
    assert repr(headers) == "Headers({'content-type': 'a', 'x-two': '1, 2'})"
    match headers:
        case {"content-type": kind}:
            assert kind == "a"
        case _:
            pytest.fail("no mapping")


def test_timeout() -> None:
    default = Timeout()
    assert (default.total, default.connect, default.first_event, default.idle) == (600, 10, None, 120)
    short = Timeout(5, connect=None, first_event=2.5, idle=0.5)
    assert (short.total, short.connect, short.first_event, short.idle) == (5, None, 2.5, 0.5)
    assert pickle.loads(pickle.dumps(short)) == copy.copy(short) == copy.deepcopy(short) == short != default
    assert hash(Timeout()) == hash(default)
    assert repr(short) == "Timeout(total=5, connect=None, first_event=2.5, idle=0.5)"
    assert (NO_TIMEOUT.total, NO_TIMEOUT.connect, NO_TIMEOUT.first_event, NO_TIMEOUT.idle) == (None,) * 4
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="idle"):
            Timeout(idle=wrong)
    with pytest.raises(TypeError):
        Timeout("5")  # type: ignore[arg-type]


# Python code that runs in the middle of a method


class Meddling(str):
    """A key that does something when it is looked for."""

    __slots__ = ("act",)

    def __hash__(self) -> int:
        self.act()
        return hash(str(self))


INNER: dict[str, Any] = {
    "memoryview": lambda reply: bytes(memoryview(reply)),
    "set": lambda reply: reply.__setitem__(f"more{len(reply)}", 1),
    "delete": lambda reply: [reply.__delitem__(name) for name in [*reply.keys()][:2]],
    "repr": repr,
    "to_dict": lambda reply: reply.to_dict(),
    "deepcopy": copy.deepcopy,
    "reduce": lambda reply: reply.__reduce__(),
}
OUTER: dict[str, Any] = {
    "set": lambda reply, key: reply.__setitem__(key, 1),
    "get": lambda reply, key: reply.get(key),
    "item": lambda reply, key: reply[key],
    "delete": lambda reply, key: reply.__delitem__(key),
    "contains": lambda reply, key: key in reply,
    "update": lambda reply, key: type(reply)({**reply, key: 1}),
}


@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize("inner", INNER)
def test_a_method_within_another(call: Call, gateway: LocalGateway, outer: str, inner: str) -> None:
    vector = {"object": "embedding", "index": 0, "embedding": [0.5, 1.5]}
    gateway.script({"object": "list", "data": [vector], "model": "m", "usage": {"prompt_tokens": 1}})
    reply = call.wait(call.client(gateway).embeddings.create(model="m", input="a"))
    key = Meddling("other")
    key.act = lambda: None
    reply[key] = 0
    done = []

    def act() -> None:
        if not done:
            done.append(None)
            INNER[inner](reply)

    key.act = act
    OUTER[outer](reply, key)
    assert done


@pytest.mark.parametrize(
    "how", ["to_dict", "to_json", "__repr__", "__copy__", "__reduce__", "values", "items", "__dir__"]
)
def test_a_finalizer_that_changes_the_reply(how: str) -> None:
    """It runs whenever the collector does, in the middle of a method too: the reply is what it was or has become."""
    reply = WenwenReply({str(n): {"a": [{"b": n}]} for n in range(50)})

    class Changing:
        def __init__(self) -> None:
            self.circle = self

        def __del__(self) -> None:
            reply[f"more{len(reply)}"] = 1

    thresholds = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(20):
            for _ in range(5):
                Changing()
            getattr(reply, how)()
    finally:
        gc.set_threshold(*thresholds)
    assert reply.to_dict()["49"] == {"a": [{"b": 49}]}


def test_a_dict_that_changes_while_a_map_is_converted() -> None:
    """As in Python: RuntimeError, which `except Exception` sees."""
    declared = {}

    class Growing(Object):
        def __init__(self, *args: object) -> None:
            declared[f"more{len(declared)}"] = {}

    class Holding(Object):
        things: dict[str, Growing]

    Growing.__module__ = Holding.__module__ = __name__
    holding = Holding()
    globals()["Growing"] = Growing
    try:
        declared.update({"a": {}, "b": {}})
        holding["things"] = declared
        with pytest.raises(RuntimeError, match="changed size"):
            holding.things  # noqa: B018
    finally:
        del globals()["Growing"]


def test_indents_that_no_memory_holds() -> None:
    for indent in (256, 2**62, -1):
        with pytest.raises(OverflowError):
            WenwenReply({"a": {"b": 1}}).to_json(indent=indent)


# pydantic's names


MESSAGE: dict[str, Any] = {"type": "message", "role": None, "content": [{"type": "output_text", "text": "x"}]}
TREE: dict[str, Any] = {
    "id": "a",
    "usage": None,
    "output": [MESSAGE, {"type": "y"}],
    "extra": {"b": None, "c": 1},
}


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, TREE),
        ({"mode": "json", "by_alias": True, "exclude_unset": True, "round_trip": True, "warnings": False}, TREE),
        ({"include": {"id"}}, {"id": "a"}),
        ({"include": {"id": True, "extra": {"c"}}}, {"id": "a", "extra": {"c": 1}}),
        ({"include": set()}, {}),
        ({"include": {"nonsense"}}, {}),
        ({"include": ["id"]}, {"id": "a"}),
        ({"exclude": {"output", "extra"}}, {"id": "a", "usage": None}),
        (
            {"exclude": {"output": {"__all__": {"type", "content"}}, "extra": ...}},
            {"id": "a", "usage": None, "output": [{"role": None}, {}]},
        ),
        (
            {"exclude": {"output": {0: {"content"}, -1: True}, "extra": True}},
            {"id": "a", "usage": None, "output": [{"type": "message", "role": None}]},
        ),
        ({"include": {"id", "usage"}, "exclude": {"usage"}}, {"id": "a"}),
        ({"include": {"output": {0: {"content": {"__all__": {"text"}}}}}}, {"output": [{"content": [{"text": "x"}]}]}),
        ({"exclude_none": True, "include": {"id", "usage"}}, {"id": "a"}),
        ({"exclude_defaults": True, "include": {"usage", "extra"}}, {"extra": {"c": 1}}),
        ({"include": None, "exclude": None}, TREE),
    ],
)
def test_dumps_as_pydantic_makes_them(options: dict[str, Any], kept: dict[str, Any]) -> None:
    reply = Response(TREE)
    assert reply.model_dump(**options) == reply.dict(**options) == kept
    assert json.loads(reply.model_dump_json(**options)) == json.loads(reply.json(**options)) == kept
    assert "\n  " in reply.json(indent=2)
    assert reply.to_dict() == TREE  # a dump is a copy
    if "exclude_defaults" not in options:  # its dicts have no defaults, our objects have
        assert _pydantic_twin().model_dump(**options) == kept


def _pydantic_twin() -> Any:
    """The same fields as pydantic has them."""
    pydantic = pytest.importorskip("pydantic")
    fields = {"id": (Any, ...), "usage": (Any, None), "output": (Any, ...), "extra": (Any, ...)}
    return pydantic.create_model("Twin", **fields)(**TREE)


def test_dumps_refuse_what_they_do_not_know() -> None:
    for name in ("model_dump", "model_dump_json", "dict", "json", "to_dict", "to_json"):
        with pytest.raises(TypeError, match="'nonsense'"):
            getattr(Response(TREE), name)(nonsense=1)


def test_older_and_newer_names_of_pydantic() -> None:
    reply = Response(TREE)
    assert reply.copy(update={"id": "b"}) == reply.model_copy(update={"id": "b"}) == Response({**TREE, "id": "b"})
    assert reply.copy(deep=True) == reply
    assert Response.construct(**TREE) == Response.model_construct(_fields_set={"id"}, **TREE) == reply
    assert Response.model_validate(TREE, strict=True, context={}) == reply
    assert reply.model_extra == {"extra": TREE["extra"]}
    assert reply.model_fields_set == {*TREE}
    assert list(Response.model_fields)[:2] == list(reply.model_fields)[:2] == ["id", "object"]
    assert Response.model_fields["id"].annotation is str
    assert Response.model_fields["id"].is_required() is False
    assert wenwen.Object.model_fields == wenwen.Reply.model_fields == {}


def test_a_reply_is_a_mapping_and_no_key() -> None:
    reply = Response(TREE)
    assert isinstance(reply, Mapping)
    assert {**reply} == reply.model_dump()
    with pytest.raises(TypeError, match="unhashable"):
        hash(reply)
