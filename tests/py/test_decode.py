"""JSON to Python: what Python's own reader takes is the same here, and what it refuses is refused."""

from __future__ import annotations

import json
import random
import threading
from typing import Any

import pytest

from wenwen.testing import LocalGateway, Reply
from wenwen.types.responses import Response

LONG = 2000


def read(text: bytes) -> Any:
    """The value, as a field of a reply."""
    return Response.model_validate_json(b'{"value": ' + text + b"}").to_dict()["value"]


VALUES = {
    "words": "[null, true, false]",
    "numbers": "[0, -0, 1, -1, 1.5, -1e5, 1E+2, 2e-3, 1e999]",
    "large numbers": "[9223372036854775807, 9223372036854775808, -12345678901234567890, 1.12345678901234567890]",
    "odd numbers": "[Infinity, -Infinity]",
    "white space": ' [ 1 ,\n2\t,\r{ "a" : [ ] , "b" : { } } ] ',
    "twice": '{"a": 1, "a": {"a": 2}}',
    "escapes": r'["\"\\\/\b\f\n\r\t", "\u4e2d\u00e9\uD83D\ude00", "a\u0000b", {"k\u0065y": 1}]',
    "short": '["", "a", "1234567", "12345678", "123456789", "中", "é", "😀"]',
    "delete": '"\x7f"',
    "keys": json.dumps({f"{'x' * length}{last}": length for length in range(80) for last in "ab"}),
    "ascii": json.dumps("word " * LONG),
    "latin": json.dumps("é" * LONG, ensure_ascii=False),
    "chinese": json.dumps("中文，" * LONG, ensure_ascii=False),
    "beyond": json.dumps("😀\U0010ffff" * LONG, ensure_ascii=False),
    "mixed": json.dumps("中a é😀\n\"" * LONG, ensure_ascii=False),
    "mostly ascii": json.dumps("a word, and “one” in quotes " * LONG, ensure_ascii=False),
    "escaped": json.dumps("中é😀" * LONG),
    "escaped beside": '"' + r'中\u6587\n\u00e9\u0041😀\ud83d\ude00\u4E2D.' * LONG + '"',
    "escaped lines": json.dumps("第一行\n\n第二行\t“好”\n" * LONG),
    "lengths": json.dumps([f"{'a' * at}{c}{'b' * (size - at)}" for c in "中é😀" for size in range(110, 140) for at in
                           (0, 1, 5, 7, 64, size - 1)], ensure_ascii=False),
    "runs": json.dumps(["a".join("中" * count for count in range(30)), "中".join("a" * count for count in range(30)),
                        "é".join("я" * count for count in range(30))] * 3, ensure_ascii=False),
    "names": '[{"type": "a", "id": "1"}, {"type": "a", "id": "2"}, {"type": "b"}, {"type": {"type": "b"}}, '
             r'{"type": null}, {"type": "b"}, {"type": "\u0062"}, {"t\u0079pe": "b"}, {"type": ""}, {"type": ["b"]},'
             ' {"type": "中"}, {"type": "%s"}, {"type": "b", "type": "c"}]' % ("c" * 100),
    "digits": "[" + ", ".join(sign + "9" * count for sign in ("", "-") for count in range(1, 25)) + "]",
    "deep": "[" * 190 + "]" * 190,
}  # fmt: skip


@pytest.mark.parametrize("text", VALUES.values(), ids=VALUES)
def test_what_is_read(text: str) -> None:
    assert repr(read(text.encode())) == repr(json.loads(text))


def test_the_number_that_is_none() -> None:
    assert repr(read(b"[NaN]")) == "[nan]"


@pytest.mark.parametrize("before", [0, LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        (b"\xff", "\ufffd"),
        (b"\xe4\xb8", "\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"\xc0\x80", "\ufffd\ufffd"),
        (b"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"),
        (rb"\ud83d", "\ufffd"),
        (rb"\ude00!", "\ufffd!"),
        (rb"\u4e2d\ud83d\u4e2d", "中\ufffd中"),
    ],
    ids=["byte", "cut", "surrogate", "overlong", "too large", "high half", "low half", "half among whole ones"],
)
def test_texts_that_are_cut_are_mended(before: int, wrong: bytes, shown: str) -> None:
    assert read(b'"' + "中".encode() * before + wrong + b'"') == "中" * before + shown


WRONG = [
    "", "nul", "truE", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "--1", "'a'", '"', '"a', '"\\', '"\\x"',
    '"\\u12"', '"\\u+123"', '"\n"', '"' + "a" * 100 + '\x01"', "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "{",
    '{"a"', '{"a"}', '{"a":', '{"a":}', '{"a":1,}', '{"a" 1}', "{a: 1}", "{1: 1}", "1 2", "[" * 100_000,
    '{"a":' * 100_000, '"\\u4e2d\\u12g4"', '"\\u4e2d\\u', '"\\u4e2d\\', '"\\u4e2d\\x"', '"' + "中" * 100 + '\x01"',
    '{"type": "a', '{"type": "\n"}', '{"type" "a"}', '{"type": a"}',
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not valid JSON: .+"):
        read(text.encode())


def test_what_is_made_of_pieces() -> None:
    """As Python's own reader has it, whatever it is."""
    dice = random.Random(7)
    pieces = [*'[]{},:"\\ 01.-eE', "null", '"a"', '"中"', "é", "\\u00e9", "1.5", '{"a":1}', "[1,2]", "\n", "\x01"]
    for _ in range(3000):
        text = "".join(dice.choice(pieces) for _ in range(dice.randrange(1, 12)))
        try:
            wanted = repr(json.loads(text))
        except ValueError:
            wanted = "refused"
        try:
            found = repr(read(text.encode()))
        except ValueError:
            found = "refused"
        # A reader that is strict within, after what would end the whole: `1}, {"value": 2`.
        assert found == wanted or (wanted == "refused" and "}" in text), text


def test_a_reply_of_a_megabyte_of_chinese(gateway: LocalGateway, call: Any) -> None:
    text = "你好，世界。" * 60_000
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
    body = json.dumps({"object": "response", "status": "completed", "output": [message]}, ensure_ascii=False)
    gateway.script(Reply(body=body.encode(), headers={"Content-Type": "application/json"}, times=None))
    client = call.client(gateway)
    assert call(client, model="gpt-5", input="Hello!").output_text == text


def test_keys_are_one_object_in_all_threads() -> None:
    text = json.dumps([{f"key{number}": number for number in range(50)}] * 20).encode()

    def work() -> None:
        for _ in range(50):
            assert read(text) == json.loads(text)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = read(b'[{"type": 1}, {"type": 2}]')
    assert next(iter(first)) is next(iter(second))
