"""What each row of a job asks."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import pickle
import sqlite3
from collections import namedtuple
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest
from conftest import Call
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

import wenwen
from wenwen import RowError
from wenwen._jobs._data import source_of
from wenwen._jobs._prompt import filler_of
from wenwen.testing import LocalGateway
from wenwen.types import ResponseInputText


def fill(data: Any, prompt: Any = None, resource: str = "responses", /, **fixed: Any) -> list[Any]:
    """What each row asks; for one that cannot be asked, its error."""
    source = source_of(data)
    filler = filler_of(prompt, source, resource, fixed)
    made: list[Any] = []
    for row in source:
        try:
            made.append(filler(row))
        except RowError as error:
            made.append(error)
    return made


def text(data: Any, prompt: str) -> list[str]:
    return [row["input"] if isinstance(row, dict) else str(row) for row in fill(data, prompt)]


class Mood(str, enum.Enum):  # noqa: UP042 (the older way)
    GOOD = "good"


COLUMNS = {
    "text": ["good", "bad"],
    "stars": [5, 1.5],
    "deep": [{"a": {"b": ["x", "y"]}}, {"a": {"b": ["z"]}}],
    "a.b": ["dot", "dot"],
    "two words": ["2", "2"],
}


@pytest.mark.parametrize(
    ("prompt", "made"),
    [
        ("Classify: {text}", "Classify: good"),
        ("{text}{text} {stars}", "goodgood 5"),
        ("{{{text}}} {{}}", "{good} {}"),
        ("{stars:.2f}|{stars:>4}|{text:_^8}", "5.00|   5|__good__"),
        ("{text!r} {stars!s:>3}", "'good'   5"),
        ("{deep[a][b][1]} {deep[a]}", 'y {"b": ["x", "y"]}'),
        ("{a.b} {two words}", "dot 2"),
        ("the same for all", "the same for all"),
    ],
)
def test_templates(prompt: str, made: str) -> None:
    assert text(COLUMNS, prompt)[0] == made
    rows = [dict(zip(COLUMNS, values, strict=True)) for values in zip(*COLUMNS.values(), strict=True)]
    assert text(rows, prompt)[0] == made


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("{txet}", r"\{txet\} is no column: did you mean 'text'\?"),
        ("{zzz}", "there are text, stars, deep, a.b, two words"),
        ("{text.__class__}", "attributes are not looked at"),
        ("{text.__class__.__mro__[1]}", "attributes are not looked at|is no column"),
        ("{deep[a].b}", "something behind it"),
        ("{deep[a}", "expected|not closed"),
        ("{}", "names no column; there are text"),
        ("{0}", "is no column"),
        ("{text", "brace that is meant as one is written twice"),
        ("}", "brace that is meant as one is written twice"),
        ('{"a": 1} {text}', "brace that is meant as one is written twice"),
        ("{text:{stars}}", "a place within a place"),
        ("{text!x}", "there are !s, !r and !a"),
    ],
)
def test_templates_that_are_refused(prompt: str, words: str) -> None:
    for data in (COLUMNS, [{name: column[0] for name, column in COLUMNS.items()}]):
        with pytest.raises(ValueError, match=words) as caught:
            fill(data, prompt)
        assert not isinstance(caught.value, RowError)


def test_many_columns_are_not_all_named() -> None:
    with pytest.raises(ValueError, match=r"c19 and 480 more$"):
        fill({f"c{number}": [1] for number in range(500)}, "{elsewhere}")


@pytest.mark.parametrize(
    ("value", "prompt", "made"),
    [
        (None, "{x}", "row 0: {x} is missing (None): {x!s} writes it so"),
        (float("nan"), "{x}", "row 0: {x} is missing (nan)"),
        (None, "{x:.2f}", "row 0: {x} is missing"),
        (None, "{x!s}", "None"),
        (True, "{x}", "True"),
        (Mood.GOOD, "{x}", "good"),
        (0, "{x}", "0"),
        ("", "[{x}]", "[]"),
        ([], "{x}", "[]"),
        ({"中": None}, "{x}", '{"中": null}'),
        (b"x", "{x}", "row 0: {x} is bytes, which are no text"),
        ("2", "{x:.2f}", "row 0: {x:.2f}: str: Unknown format code 'f'"),
        ("abc", "{x[0]}", "row 0: x is 'abc' (str), and has no [0]"),
        ([1], "{x[1]}", "row 0: x has 1 items, and no [1]"),
        ([1], "{x[-1]}", "row 0: x has 1 items, and no [-1]"),
        ({"name": 1}, "{x[nmae]}", "row 0: x has no 'nmae': did you mean 'name'?"),
        ({1: "int"}, "{x[1]}", "int"),
        ({"1": "text"}, "{x[1]}", "text"),
        (None, "{x[a]}", "row 0: x is None (NoneType), and has no [a]"),
        ({"a": None}, "{x[a]}", "row 0: {x[a]} is missing"),
        ({"a": {}}, "{x[a][b]}", "row 0: x[a] has no 'b'"),
    ],
)
def test_values_in_templates(value: Any, prompt: str, made: str) -> None:
    """One that cannot be written is an error of its row: no prompt says "None"."""
    (row,) = fill([{"x": value}], prompt)
    if made.startswith("row 0"):
        assert isinstance(row, RowError) and made in str(row)
    else:
        assert row == {"input": made}


def test_rows_without_columns() -> None:
    assert text(["a", "b"], "Say {}") == ["Say a", "Say b"]
    assert text(["a"], "Say {text}!") == ["Say a!"]
    assert text(["a"], "{0}") == ["a"]
    assert text([3, 4.5], "{} {:.1f}") == ["3 3.0", "4.5 4.5"]
    assert text([("a", 1), ("b", 2)], "{0}: {1}") == ["a: 1", "b: 2"]
    with pytest.raises(
        ValueError, match=r"row 0: \{review\} names a column, and the row is 'a' \(str\): \{\} is the row"
    ):
        fill(["a"], "{review}")
    assert [str(row) for row in fill([{"a": 1}, "x"], "{a}")][1].startswith("row 1: {a} names a column")


@pytest.mark.parametrize("prompt", ["{text}", "{review}"])
@pytest.mark.parametrize("library", ["", "pandas", "polars", "pyarrow"])
def test_what_is_many_is_no_text(library: str, prompt: str) -> None:
    """A list in a line of JSON, or a piece of a large table: `{}` writes it, if that is meant."""
    columns = {"text": ["a", "b"], "review": ["c", "d"]}
    row: Any = [{"text": "a"}, {"text": "b"}]
    if library:
        module = pytest.importorskip(library)
        row = module.table(columns) if library == "pyarrow" else module.DataFrame(columns)
    with pytest.raises(ValueError, match="names a column, and the row is"):
        fill([row], prompt)
    assert len(text([row], "All: {}")) == 1


def test_an_index_is_no_column() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": ["a"]}, index=pandas.Index(["x"], name="id"))
    with pytest.raises(ValueError, match=r"\{id\} is no column.*it names the index: give data\.reset_index\(\)"):
        fill(frame, "{id}: {text}")
    assert text(frame.reset_index(), "{id}: {text}") == ["x: a"]


def test_a_column_of_a_name() -> None:
    pandas = pytest.importorskip("pandas")
    series = pandas.Series(["a", None], name="review")
    assert text(series, "{review}")[0] == text(series, "{}")[0] == "a"
    assert "row 1: {review} is missing" in text(series, "{review}")[1]


def test_columns_that_a_row_lacks() -> None:
    with pytest.raises(ValueError, match=r"row 0: \{a\} is no column: there are b"):
        fill([{"b": 1}, {"a": 1}], "{a}")
    with pytest.raises(ValueError, match=r"row 0: \{a\} is no column: there are none"):
        fill([{}, {"a": 1}], "{a}")
    first, second, third = fill([{"a": 1}, {"b": 1}, {"a": 2}], "{a}")
    assert (first, third) == ({"input": "1"}, {"input": "2"})
    assert isinstance(second, RowError) and str(second) == "row 1: {a} is no column: there are b"


class Model(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


@dataclasses.dataclass
class Data:
    a: int


def _database_row() -> Any:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    return connection.execute("select 1 as a, 2 as b").fetchone()


@pytest.mark.parametrize(
    "row",
    [Model(a=1), Data(1), namedtuple("Tuple", "a")(1), wenwen.Object(a=1), _database_row()],
    ids=lambda row: type(row).__name__,
)
def test_rows_that_are_records(row: Any) -> None:
    assert text([row], "{a}") == ["1"]


def test_records_with_more_than_their_class_says() -> None:
    assert text([Model(a=1, b=2)], "{b}") == ["2"]


PIECES = ["{", "}", "{{", "}}", "a", "b", "[", "]", ".", "!r", ":", ">5", "0", "{a}", "{a[b]}", "{}", " ", "中"]
ROWS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=2),
    lambda some: st.lists(some, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "0"]), some, max_size=2),
)


@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join), ROWS)
@settings(max_examples=200, deadline=None)
def test_any_template(prompt: str, row: Any) -> None:
    """A text, an error of the row, or one of the prompt."""
    try:
        made = fill([row, row], prompt)
    except ValueError as error:
        assert not isinstance(error, RowError)
    else:
        assert all(isinstance(one, RowError) or type(one["input"]) is str for one in made)


# ---- functions ----


def test_functions() -> None:
    assert fill([3], lambda row: Mood.GOOD) == [{"input": "good"}]
    messages = [{"role": "user", "content": "x"}]
    made = fill(COLUMNS, lambda row: {"good": row["text"], "bad": messages}[row["text"]])
    assert made == [{"input": "good"}, {"input": messages}]
    assert fill([3], lambda row: {"input": "x", "temperature": row}) == [{"input": "x", "temperature": 3}]
    assert fill([3], lambda row: {"temperature": 0}, input="fixed") == [{"temperature": 0}]


def test_functions_that_fail() -> None:
    made = fill([1, 0, None], lambda row: str(1 / row))
    assert made[0] == {"input": "1.0"}
    assert str(made[1]) == "row 1: the prompt's function raised ZeroDivisionError: division by zero"
    assert isinstance(made[1].__cause__, ZeroDivisionError)
    assert isinstance(made[2].__cause__, TypeError)
    assert isinstance(fill([0], lambda row: str(1 / row))[0], RowError)  # of the first row, too


def test_what_functions_may_not_return() -> None:
    for value in (5, b"x", object(), True, {1, 2}):
        with pytest.raises(TypeError, match=r"row 0: what the prompt's function returned is .*give a text"):
            fill([1], lambda row, value=value: value)
        made = fill([1, 2], lambda row, value=value: "x" if row == 1 else value)
        assert isinstance(made[1], RowError)
    assert str(fill([1], lambda row: None)[0]) == "row 0: what the prompt's function returned is None"
    with pytest.raises(TypeError, match="has 'inptu', which is no parameter: did you mean 'input'"):
        fill([1], lambda row: {"inptu": "x"})
    with pytest.raises(TypeError, match="has no 'input', which is what is asked"):
        fill([1], lambda row: {"temperature": 0})


async def asked(row: Any) -> str:
    await asyncio.sleep(0)
    return str(1 / row)


class Asks:
    async def __call__(self, row: Any) -> str:
        return await asked(row)


@pytest.mark.parametrize("function", [asked, Asks()], ids=["function", "object"])
def test_coroutine_functions(function: Any) -> None:
    filler = filler_of(function, source_of([1, 0]), "responses", {})
    assert iscoroutinefunction(filler)
    assert asyncio.run(filler(1)) == {"input": "1.0"}
    with pytest.raises(RowError, match="row 1: the prompt's function raised ZeroDivisionError"):
        asyncio.run(filler(0))


def test_a_coroutine_that_is_returned() -> None:
    with pytest.raises(TypeError, match=r"to be awaited \(an async def, for wenwen\.aio\.map\)"):
        fill([1], lambda row: asked(row))


def test_what_is_no_prompt() -> None:
    for prompt in (5, ["{x}"], b"{x}"):
        with pytest.raises(TypeError, match=r"prompt is .*: give a template, a function, or None"):
            fill(["a"], prompt)


# ---- none ----


def test_rows_as_they_are() -> None:
    message = ResponseInputText(type="input_text", text="x")
    assert fill(["a", {"input": "b", "temperature": None}, [message]]) == [
        {"input": "a"},
        {"input": "b", "temperature": None},
        {"input": [message]},
    ]
    made = fill(["a", None, 3, {"inptu": "x"}, {"temperature": 1}, float("nan")])
    assert [str(row) for row in made[1:]] == [
        "row 1: the row is None",
        "row 2: the row is 3 (int): give a text, a list of messages, or a dict of parameters",
        "row 3: the row has 'inptu', which is no parameter: did you mean 'input'?",
        "row 4: the row has no 'input', which is what is asked",
        "row 5: the row is nan",
    ]
    for wrong in (3, {"inptu": "x"}):
        with pytest.raises(TypeError, match="row 0: the row"):
            fill([wrong])


def test_tables_of_parameters() -> None:
    data = {"input": ["a", None, "c"], "temperature": [0.5, 0.5, None], "instructions": [float("nan"), "x", "y"]}
    first, second, third = fill(data)
    assert first == {"input": "a", "temperature": 0.5}  # what a table lacks is left out
    assert str(second) == "row 1: input is None"
    assert third == {"input": "c", "instructions": "y"}


def test_tables_that_are_no_parameters() -> None:
    with pytest.raises(
        ValueError, match=r"the column 'review' is no parameter of responses: give a prompt .*\{review\}"
    ):
        fill({"review": ["a"]})
    with pytest.raises(ValueError, match="no column 'input', which is what responses asks: give a prompt"):
        fill({"text": ["a"]})  # `text` is a parameter, and not the one that asks


# ---- endpoints ----


@pytest.mark.parametrize(
    ("resource", "made"),
    [
        ("responses", {"input": "Say a"}),
        ("chat.completions", {"messages": [{"role": "user", "content": "Say a"}]}),
        ("messages", {"messages": [{"role": "user", "content": "Say a"}]}),
        ("gemini", {"contents": "Say a"}),
        ("images.generate", {"prompt": "Say a"}),
        ("images.edit", {"prompt": "Say a"}),
        ("audio.speech", {"input": "Say a"}),
        ("embeddings", {"input": "Say a"}),
    ],
)
def test_what_a_text_is(resource: str, made: dict[str, Any]) -> None:
    assert fill(["a"], "Say {}", resource) == [made]
    assert fill(["Say a"], None, resource) == [made]
    assert fill(["a"], lambda row: f"Say {row}", resource) == [made]
    assert fill([made], None, resource) == [made]
    name, value = next(iter(made.items()))
    with pytest.raises(TypeError, match=f"{name} is what"):
        fill(["a"], "Say {}", resource, **{name: value})
    with pytest.raises(TypeError, match=f"{name} is what the rows are"):
        fill(["a"], None, resource, **{name: value})


def test_files() -> None:
    paths: list[Any] = [Path("a.mp3"), b"RIFF", ("a.mp3", b"x"), "data:audio/mp3;base64,AA=="]
    assert fill(paths, None, "audio.transcriptions") == [{"file": path} for path in paths]
    assert fill([{"path": "a"}], lambda row: Path(row["path"]), "audio.transcriptions") == [{"file": Path("a")}]
    for prompt in (None, "{}", lambda row: row):
        with pytest.raises(TypeError, match=r"somebody else's words: give bytes or a pathlib\.Path"):
            fill(["/etc/passwd"], prompt, "audio.transcriptions")
    made = fill([b"x", "/etc/passwd"], None, "audio.transcriptions")
    assert isinstance(made[1], RowError)


def test_pictures_to_edit() -> None:
    assert fill([Path("a.png"), b"x"], "Make it blue", "images.edit") == [
        {"prompt": "Make it blue", "image": Path("a.png")},
        {"prompt": "Make it blue", "image": b"x"},
    ]
    assert fill([Path("a.png")], lambda row: row, "images.edit", prompt="x") == [{"image": Path("a.png")}]


def test_errors_of_rows_are_pickled() -> None:
    error = pickle.loads(pickle.dumps(fill([None])[0]))
    assert isinstance(error, RowError) and isinstance(error, wenwen.WenwenError) and isinstance(error, ValueError)
    assert str(error) == "row 0: the row is None"


# ---- through a job ----

PICTURE = b"\x89PNG\r\n\x1a\n" + b"x" * 32
MAPS: dict[str, tuple[dict[str, Any], str]] = {
    # of each `map` what else it needs, and the field of the request that the text is in
    "responses.map": ({"model": "gpt-5-mini"}, "input"),
    "chat.completions.map": ({"model": "gpt-5-mini"}, "messages"),
    "messages.map": ({"model": "claude-haiku-4-5", "max_tokens": 9}, "messages"),
    "gemini.map": ({"model": "gemini-2.5-flash"}, "contents"),
    "images.map": ({"model": "gpt-image-1"}, "prompt"),
    "audio.speech.map": ({"model": "tts-1", "voice": "alloy"}, "input"),
    "embeddings.map": ({"model": "text-embedding-3-small"}, "input"),
}


def mapped(call: Call, gateway: LocalGateway, name: str, *given: Any, **params: Any) -> list[Any]:
    method: Any = call.client(gateway)
    for part in name.split("."):
        method = getattr(method, part)
    rows: list[Any] = call.wait(method(*given, **MAPS.get(name, ({}, ""))[0], **params, progress=False).to_list())
    return rows


@pytest.mark.parametrize("name", MAPS)
def test_each_endpoint_is_asked(call: Call, gateway: LocalGateway, name: str) -> None:
    data = [{"x": "中"}, {"x": None}, {}, {"x": "b"}]
    rows = mapped(call, gateway, name, data, "Say {x}")
    assert [None if row.error is None else str(row.error) for row in rows] == [
        None,
        "row 1: {x} is missing (None): {x!s} writes it so",
        "row 2: {x} is no column: there are none",
        None,
    ]
    assert {type(row.error) for row in rows} == {type(None), RowError}
    assert rows[0].output is not None and rows[1].output is None
    texts = [str(request.json()[MAPS[name][1]]) for request in gateway.requests]
    assert len(texts) == 2 and all(any(f"Say {x}" in text for text in texts) for x in "中b")


def test_files_are_sent(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"ID3" + b"x" * 64)
    (tmp_path / "a.png").write_bytes(PICTURE)
    sounds = [tmp_path / "a.mp3", "/etc/passwd"]
    rows = mapped(call, gateway, "audio.transcriptions.map", sounds, model="whisper-1")
    assert rows[0].error is None and isinstance(rows[1].error, RowError)
    mapped(call, gateway, "images.map_edit", [tmp_path / "a.png"], "Make it blue", model="gpt-image-1")
    bodies = [request.body for request in gateway.requests]
    assert len(bodies) == 2 and b"ID3xxx" in bodies[0] and b"Make it blue" in bodies[1] and PICTURE in bodies[1]


def test_parameters_of_each_row(call: Call, gateway: LocalGateway) -> None:
    data = {"input": ["a", "b", None], "temperature": [0.5, None, 1.0]}
    rows = mapped(call, gateway, "responses.map", data, instructions="Short.")
    assert [type(row.error) for row in rows] == [type(None), type(None), RowError]
    sent = sorted((request.json() for request in gateway.requests), key=lambda body: str(body["input"]))
    for body in sent:
        assert (body.pop("model"), body.pop("instructions")) == ("gpt-5-mini", "Short.")
    assert sent == [{"input": "a", "temperature": 0.5}, {"input": "b"}]


def test_a_coroutine_function_in_a_job(call: Call, gateway: LocalGateway) -> None:
    if not call.is_async:
        with pytest.raises(TypeError, match=r"coroutine function: give it to wenwen\.aio\.map"):
            mapped(call, gateway, "responses.map", [1], asked)
        return
    rows = mapped(call, gateway, "responses.map", [1, 0, 2], asked)
    assert [str(row.error) for row in rows] == [
        "None", "row 1: the prompt's function raised ZeroDivisionError: division by zero", "None",
    ]  # fmt: skip
    assert sorted(request.json()["input"] for request in gateway.requests) == ["0.5", "1.0"]


@pytest.mark.parametrize(
    ("data", "prompt", "error"),
    [
        (COLUMNS, "{txet}", ValueError),
        ([{"a": 1}], "{b}", ValueError),
        ([1], None, TypeError),
        ([1], lambda row: row, TypeError),
        ([{"inptu": "a"}], None, TypeError),
        (COLUMNS, None, ValueError),
    ],
    ids=["column", "first row", "kind", "function", "parameter", "table"],
)
def test_what_is_wrong_with_all_rows_is_raised(
    call: Call, gateway: LocalGateway, data: Any, prompt: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        mapped(call, gateway, "responses.map", data, prompt)
    assert not isinstance(caught.value, RowError) and not gateway.requests


def test_rows_that_were_corrected(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    store = tmp_path / "x.db"
    rows = mapped(call, gateway, "responses.map", ["a", None], "Say {}", store=store)
    assert [type(row.error) for row in rows] == [type(None), RowError]
    rows = mapped(call, gateway, "responses.map", ["a", "b"], "Say {}", store=store)
    assert [row.error for row in rows] == [None, None]
    assert [request.json()["input"] for request in gateway.requests] == ["Say a", "Say b"]
