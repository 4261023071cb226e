"""Where a job's rows go when they have ended."""

from __future__ import annotations

import asyncio
import base64
import csv
import dataclasses
import datetime
import enum
import gzip
import json
import os
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import pytest
from conftest import Call
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel, TypeAdapter, computed_field

import wenwen
from wenwen._jobs._data import source_of
from wenwen._jobs._sinks import AsyncSinks, Sinks
from wenwen.testing import LocalGateway
from wenwen.types import Image

UNENDED = "the row has not ended: the job stopped before it"


@dataclasses.dataclass
class Row:
    """As a job gives it, of what sinks look at."""

    index: int
    input: Any
    output: Any = None
    reply: Any = None
    error: Exception | None = None
    cost: float | None = None


class Job(Sinks):
    """A job that has ended. outputs: of each row; an exception where it failed, `...` where it has not ended."""

    def __init__(
        self, data: Any, outputs: Iterable[Any], output: Any = None, resource: str = "responses", source: bool = True
    ) -> None:
        self._source = source_of(data)
        inputs = list(self._source) if self._source.replayable else [None] * 9
        if not source:
            self._source = None
        self._output, self._resource = output, resource
        self.runs = 0
        self.ended = [
            Row(index, inputs[index], None, None, value)
            if isinstance(value, Exception)
            else Row(index, inputs[index], value, cost=0.5)
            for index, value in enumerate(outputs)
            if value is not ...
        ]

    def run(self) -> None:
        self.runs += 1

    def _rows(self) -> Iterator[Any]:
        return iter(self.ended)


class AsyncJob(AsyncSinks):
    def __init__(self, job: Job) -> None:
        self._source, self._output, self._resource = job._source, job._output, job._resource
        self._rows = job._rows  # type: ignore[method-assign]
        self.job = job

    async def run(self) -> None:
        self.job.run()


@pytest.fixture(params=["sync", "async"])
def sink(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`sink(job, name, …)` is `job.name(…)`, sync or awaited."""

    def called(job: Job, name: str, *given: Any, **named: Any) -> Any:
        if request.param == "sync":
            return getattr(job, name)(*given, **named)
        return asyncio.run(getattr(AsyncJob(job), name)(*given, **named))

    return called


class Mood(enum.Enum):
    GOOD = "good"


class Where(BaseModel):
    city: str
    at: datetime.datetime | None = None


class Review(BaseModel):
    mood: Mood = Mood.GOOD
    stars: int = 5
    where: Where | None = None
    price: Decimal = Decimal("1.10")
    tags: set[str] = set()
    id: uuid.UUID | None = None
    text: str = "t"


REVIEW = ["mood", "stars", "where", "price", "tags", "id", "text"]
NOON = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)
REVIEWS = [
    Review(where=Where(city="京", at=NOON)),
    ValueError("no"),
    Review(tags={"x"}, price=Decimal("22.333"), id=uuid.UUID(int=1)),
    ...,
]
RECORDS: list[dict[str, Any]] = [
    {"mood": "good", "stars": 5, "where": {"city": "京", "at": NOON}, "price": Decimal("1.10"), "tags": [], "id": None},
    dict.fromkeys(REVIEW[:-1]),
    {"mood": "good", "stars": 5, "where": None, "price": Decimal("22.333"), "tags": ["x"], "id": str(uuid.UUID(int=1))},
    dict.fromkeys(REVIEW[:-1]),
]
for record, text in zip(RECORDS, ["t", None, "t", None], strict=True):
    record["text_output"] = text
ERRORS = [None, "ValueError: no", None, UNENDED]
COSTS = [0.5, None, 0.5, None]
GIVEN = {"text": ["a", "b", "c", "d"], "n": [1, 2, 3, 4]}
WHOLE = [
    {"text": t, "n": n, **record, "error": error, "cost": cost}
    for t, n, record, error, cost in zip(*GIVEN.values(), RECORDS, ERRORS, COSTS, strict=True)
]


def as_json(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(
        json.dumps(rows, default=lambda value: value.isoformat() if hasattr(value, "isoformat") else str(value))
    )
    return made


MAKES: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pytest.importorskip("pandas").DataFrame(GIVEN),
    "polars": lambda: pytest.importorskip("polars").DataFrame(GIVEN),
    "arrow": lambda: pytest.importorskip("pyarrow").table(GIVEN),
    "datasets": lambda: pytest.importorskip("datasets").Dataset.from_dict(GIVEN),
    "dict": lambda: GIVEN,
    "rows": lambda: [dict(zip(GIVEN, values, strict=True)) for values in zip(*GIVEN.values(), strict=True)],
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("given", MAKES)
def test_every_table_of_every_data(sink: Callable[..., Any], given: str, tmp_path: Path) -> None:
    job = Job(MAKES[given](), REVIEWS, Review)
    polars, arrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow.parquet")

    def decimals(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:  # of one scale in a column: 1.100
        return [{**row, "price": row["price"] and row["price"].normalize()} for row in rows]

    assert decimals(sink(job, "to_arrow").to_pylist()) == decimals(WHOLE)
    assert decimals(sink(job, "to_polars").to_dicts()) == decimals(WHOLE)
    frame = sink(job, "to_pandas")
    assert list(frame.columns) == list(WHOLE[0]) and frame["cost"].dtype == "float64"
    assert frame["where"].tolist() == [row["where"] for row in WHOLE]
    assert sink(job, "to_parquet", tmp_path / "x.parquet") == tmp_path / "x.parquet"
    assert decimals(arrow.read_table(tmp_path / "x.parquet").to_pylist()) == decimals(WHOLE)
    assert polars.read_parquet(tmp_path / "x.parquet").columns == list(WHOLE[0])
    assert sink(job, "to_jsonl", tmp_path / "x.jsonl") == tmp_path / "x.jsonl"
    assert list(source_of(tmp_path / "x.jsonl")) == as_json(WHOLE)
    assert sink(job, "to_csv", str(tmp_path / "x.csv")) == tmp_path / "x.csv"
    rows = list(source_of(tmp_path / "x.csv"))
    assert [row["n"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["tags"] for row in rows] == ["[]", "", '["x"]', ""]
    assert json.loads(rows[0]["where"]) == {"city": "京", "at": "2024-01-01T12:00:00+00:00"}
    assert [row["error"] for row in rows] == ["", "ValueError: no", "", UNENDED]
    assert sorted(os.listdir(tmp_path)) == ["x.csv", "x.jsonl", "x.parquet"]
    assert job.runs == 6


def test_to_list(sink: Callable[..., Any]) -> None:
    job = Job(["a", "b"], ["x", ValueError("no")])
    assert sink(job, "to_list") == job.ended


# ---- pandas ----


def test_pandas_keeps_what_was_given() -> None:
    pandas = pytest.importorskip("pandas")
    given = pandas.DataFrame(
        {("a", "x"): ["1", "2"], ("a", "y"): pandas.Categorical(["p", "q"])}, index=pandas.Index([7, 7], name="key")
    )
    frame = Job(given, ["one", ValueError("no")]).to_pandas()
    assert list(given.columns) == [("a", "x"), ("a", "y")]
    assert list(frame.columns) == [("a", "x"), ("a", "y"), ("output", ""), ("error", ""), ("cost", "")]
    assert frame.index.equals(given.index) and frame.index.name == "key"
    assert frame[("a", "y")].dtype == "category"
    assert frame["output"].tolist()[0] == "one" and frame["error"].tolist()[1] == "ValueError: no"
    series = Job(given[("a", "x")].rename("s"), ["one", "two"]).to_pandas()
    assert (list(series.columns), list(series.index)) == (["s", "output", "error", "cost"], [7, 7])
    assert list(Job(pandas.Series(["a"]), ["one"]).to_pandas().columns) == ["input", "output", "error", "cost"]


def test_pandas_keeps_whole_numbers() -> None:
    pytest.importorskip("pandas")

    class Numbers(BaseModel):
        whole: int
        truth: bool
        huge: int

    job = Job(["a", "b"], [Numbers(whole=2**62 + 1, truth=True, huge=2**70), ValueError("no")], Numbers)
    frame = job.to_pandas()
    assert [str(frame[name].dtype) for name in ("whole", "truth", "huge")] == ["Int64", "boolean", "object"]
    assert [frame[name][0] for name in ("whole", "truth", "huge")] == [2**62 + 1, True, 2**70]


def test_an_index_of_pandas_in_files(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    given = pandas.DataFrame({0: ["a", "b"]}, index=pandas.Index(["x", "y"], name="key"))
    Job(given, ["one", "two"]).to_parquet(tmp_path / "x.parquet")
    frame = pandas.read_parquet(tmp_path / "x.parquet")
    assert frame.index.tolist() == ["x", "y"]
    assert list(frame.columns) == ["0", "output", "error", "cost"]


# ---- fields ----


@dataclasses.dataclass
class Data:
    a: int
    b: str = ""


class Tuple(NamedTuple):
    a: int
    b: str = ""


class Typed(TypedDict, total=False):
    a: int
    b: str


class Alias(BaseModel):
    a: int = Field(alias="A")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def b(self) -> str:
        return ""


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


class Root(RootModel[list[int]]):
    pass


SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}


@pytest.mark.parametrize(
    ("output", "value", "columns"),
    [
        (Data, Data(1), {"a": 1, "b": ""}),
        (Tuple, Tuple(1), {"a": 1, "b": ""}),
        (Typed, {"a": 1}, {"a": 1, "b": None}),
        (Alias, Alias(A=1), {"a": 1, "b": ""}),
        (Loose, Loose(a=1, c=[2]), {"a": 1, "model_extra": {"c": [2]}}),
        (TypeAdapter(Data), Data(1), {"a": 1, "b": ""}),
        (SCHEMA, {"a": 1, "b": "x"}, {"a": 1, "b": "x"}),
        (Root, Root([1]), {"output": [1]}),
        (dict[str, int], {"x": 1}, {"output": {"x": 1}}),
        (list[Data], [Data(1)], {"output": [{"a": 1, "b": ""}]}),
        (Mood, Mood.GOOD, {"output": "good"}),
        (int, 5, {"output": 5}),
        (Data | None, None, {"output": None}),
        ({"type": "array", "items": {}}, [1, None], {"output": [1, None]}),
        ({"type": "object", "additionalProperties": {}}, {"x": 1}, {"output": {"x": 1}}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_fields_of_answers(output: Any, value: Any, columns: dict[str, Any], tmp_path: Path) -> None:
    Job(["q"], [value], output).to_jsonl(tmp_path / "x.jsonl")
    assert list(source_of(tmp_path / "x.jsonl")) == [{"input": "q", **columns, "error": None, "cost": 0.5}]


def test_classes_of_msgspec_and_attrs(tmp_path: Path) -> None:
    import attrs
    import msgspec

    struct = msgspec.defstruct("Struct", [("a", int), ("b", str, "")])
    kind = attrs.make_class("Kind", {"a": attrs.field(type=int), "b": attrs.field(default="")})
    for cls in (struct, kind):
        Job(["q"], [cls(1)], cls).to_jsonl(tmp_path / "x.jsonl")
        assert list(source_of(tmp_path / "x.jsonl")) == [{"input": "q", "a": 1, "b": "", "error": None, "cost": 0.5}]


def test_names_that_are_taken(tmp_path: Path) -> None:
    data = [{"output": 1, "error": 2, "error_output": 3}]
    Job(data, ["x"]).to_jsonl(tmp_path / "x.jsonl")
    names = ["output", "error", "error_output", "output_output", "error_output_2", "cost"]
    assert list(next(iter(source_of(tmp_path / "x.jsonl")))) == names


# ---- types ----


def test_columns_that_no_type_fits(tmp_path: Path) -> None:
    polars, arrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow.parquet")
    data = [
        {"mixed": 1, "number": 1, "deep": [1], "record": {"a": 1}, "half": "\ud83d", "big": 2**64, "none": None},
        {"mixed": "x", "number": 2.5, "deep": [2.5], "record": {"b": {"c": 1}}, "half": "x", "big": 1, "none": None},
        {"mixed": [1], "number": None, "deep": None, "record": None, "half": None, "big": None, "none": None},
        "text",
    ]
    expected: dict[str, list[Any]] = {
        "mixed": ["1", "x", "[1]", None],
        "number": [1.0, 2.5, None, None],
        "deep": [[1.0], [2.5], None, None],
        "record": [{"a": 1, "b": None}, {"a": None, "b": {"c": 1}}, None, None],
        "half": ["?", "x", None, None],
        "big": ["18446744073709551616", "1", None, None],
        "none": [None] * 4,
        "input": [None, None, None, "text"],
    }
    job = Job(data, ["a"] * 4)
    job.to_parquet(tmp_path / "x.parquet")
    for made in (
        job.to_arrow().to_pydict(),
        job.to_polars().to_dict(as_series=False),
        arrow.read_table(tmp_path / "x.parquet").to_pydict(),
        polars.read_parquet(tmp_path / "x.parquet").to_dict(as_series=False),
    ):
        assert {name: made[name] for name in expected} == expected


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(exclude_categories=()), max_size=5),
    st.binary(max_size=3), st.datetimes(), st.datetimes(timezones=st.just(datetime.UTC)), st.dates(), st.times(),
    st.timedeltas(), st.decimals(),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=3), some, max_size=3)
)


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "", "output"]), VALUES, max_size=3), max_size=5))
@settings(max_examples=50, deadline=None)
def test_any_values(rows: list[dict[str, Any]]) -> None:
    polars, arrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow.parquet")
    pandas = pytest.importorskip("pandas")
    job = Job(rows, ["x"] * len(rows))
    with tempfile.TemporaryDirectory() as folder:
        assert job.to_arrow().num_rows == len(rows)
        assert len(job.to_polars()) == len(job.to_pandas()) == len(rows)
        assert len(arrow.read_table(job.to_parquet(Path(folder) / "x.parquet"))) == len(rows)
        assert len(list(source_of(job.to_csv(Path(folder) / "x.csv")))) == len(rows)
        assert len(list(source_of(job.to_jsonl(Path(folder) / "x.jsonl")))) == len(rows)
    assert polars and pandas


def test_a_type_that_only_the_last_row_shows(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow.parquet")
    count = 12_000

    class Score(BaseModel):
        value: float | str | None = None

    outputs = [Score() for _ in range(count - 2)] + [Score(value=1.5), Score(value="high")]
    Job(range(count), outputs, Score).to_parquet(tmp_path / "x.parquet")
    table = arrow.read_table(tmp_path / "x.parquet")
    assert table.num_rows == count
    assert table["value"].to_pylist()[-3:] == [None, "1.5", "high"]
    assert arrow.ParquetFile(tmp_path / "x.parquet").num_row_groups == 3


def test_columns_that_arrow_does_not_have(tmp_path: Path) -> None:
    pandas, arrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow.parquet")
    given = pandas.DataFrame({"a": pandas.Series([1, "x"], dtype=object)})
    Job(given, ["p", "q"]).to_parquet(tmp_path / "x.parquet")
    assert arrow.read_table(tmp_path / "x.parquet")["a"].to_pylist() == ["1", "x"]


def test_no_rows(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow.parquet")
    job = Job([], [], Data)
    assert job.to_arrow().schema.names == ["a", "b", "error", "cost"]
    assert pytest.importorskip("polars") and job.to_polars().shape == (0, 4)
    assert pytest.importorskip("pandas") is not None and job.to_pandas().shape == (0, 4)
    job.to_parquet(tmp_path / "x.parquet")
    assert arrow.read_table(tmp_path / "x.parquet").num_rows == 0
    job.to_csv(tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "a,b,error,cost\n"
    job.to_jsonl(tmp_path / "x.jsonl")
    assert (tmp_path / "x.jsonl").read_bytes() == b""


@pytest.mark.parametrize("missing", ["polars alone", "neither"])
def test_parquet_by_what_is_there(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    polars = pytest.importorskip("polars")
    real = wenwen._jobs._sinks.find_spec
    gone = ("pyarrow",) if missing == "polars alone" else ("pyarrow", "polars")
    monkeypatch.setattr("wenwen._jobs._sinks.find_spec", lambda name: None if name in gone else real(name))
    job = Job(["a"], ["x"])
    if missing == "neither":
        with pytest.raises(ModuleNotFoundError, match="to_parquet needs pyarrow or polars: pip install pyarrow"):
            job.to_parquet(tmp_path / "x.parquet")
        assert job.runs == 0
    else:
        job.to_parquet(tmp_path / "x.parquet")
        assert polars.read_parquet(tmp_path / "x.parquet").columns == ["input", "output", "error", "cost"]


def test_replies_that_cannot_be_read(tmp_path: Path) -> None:
    """A row's output is made when it is looked at, and may turn out to be an error."""

    class Lazy(Row):
        @property  # type: ignore[override]
        def output(self) -> Any:
            self.error = ValueError("broken")
            return None

        @output.setter
        def output(self, value: Any) -> None: ...

    for resource in ("responses", "embeddings", "images.generate"):
        job = Job(["a"], [], None, resource)
        job.ended = [Lazy(0, "a")]
        job.to_jsonl(tmp_path / "x.jsonl")
        assert next(iter(source_of(tmp_path / "x.jsonl")))["error"] == "ValueError: broken"
    job.ended = [Lazy(0, "a")]
    job.to_folder(tmp_path / "folder")
    assert next(iter(source_of(tmp_path / "folder" / "rows.jsonl")))["error"] == "ValueError: broken"


# ---- inputs ----


@pytest.mark.parametrize(
    ("data", "source"), [((letter for letter in "ab"), True), (["a", "b"], False)], ids=["generator", "stored"]
)
def test_inputs_that_the_ledger_alone_has(data: Any, source: bool, tmp_path: Path) -> None:
    job = Job(data, ["x", "y"], source=source)
    for row, value in zip(job.ended, [{"q": 1}, "text"], strict=True):
        row.input = value  # as JSON gives it back
    job.to_jsonl(tmp_path / "x.jsonl")
    rows = list(source_of(tmp_path / "x.jsonl"))
    assert [(row.get("q"), row.get("input"), row["output"]) for row in rows] == [(1, None, "x"), (None, "text", "y")]


def test_inputs_of_what_shuffles(call: Call, gateway: LocalGateway) -> None:
    """A table has the inputs that were sent, and not those of another look at the data."""
    pytest.importorskip("pandas")

    class Shuffles:
        looks = 0

        def __iter__(self) -> Iterator[str]:
            self.looks += 1
            return iter([f"look {self.looks}"])

    job = call.client(gateway).responses.map(Shuffles(), model="gpt-5-mini", progress=False)
    assert call.wait(job.to_pandas())["input"].tolist() == [request.json()["input"] for request in gateway.requests]


def test_inputs_that_are_no_values(tmp_path: Path) -> None:
    data = [Path("a.png"), b"\x00\xff", [{"role": "user", "content": "x"}], float("inf"), float("nan"), Data(1)]
    Job(data, ["x"] * 6).to_jsonl(tmp_path / "x.jsonl")
    rows = list(source_of(tmp_path / "x.jsonl"))
    assert [row.get("input") for row in rows] == ["a.png", "AP8=", data[2], "inf", None, None]
    assert rows[5]["a"] == 1


def test_an_async_source(tmp_path: Path) -> None:
    class Rows:
        def __aiter__(self) -> Any:
            raise AssertionError

    job = Job(["a"], ["x"])
    job._source = source_of(Rows())
    asyncio.run(AsyncJob(job).to_jsonl(tmp_path / "x.jsonl"))
    assert next(iter(source_of(tmp_path / "x.jsonl")))["input"] == "a"


# ---- vectors ----


def vectors(count: int) -> list[Any]:
    with LocalGateway() as gateway:
        reply = gateway.client().embeddings.create(model="text-embedding-3-small", input=["a"] * count, dimensions=4)
    return list(reply.data)


def test_vectors(sink: Callable[..., Any], tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    one, two = vectors(2)
    outputs = [ValueError("no"), one, [1.0, 2.0, 3.0, 4.0], numpy.array([5, 6, 7, 8]), [], [two], ...]
    job = Job(list("abcdefg"), outputs, None, "embeddings")
    nothing = [float("nan")] * 4
    expected = numpy.array(
        [nothing, one.embedding, [1, 2, 3, 4], [5, 6, 7, 8], nothing, two.embedding, nothing], "float32"
    )
    matrix = sink(job, "to_numpy")
    assert matrix.dtype == "float32" and numpy.array_equal(matrix, expected, equal_nan=True)
    mapped = sink(job, "to_numpy", tmp_path / "x.npy")
    assert isinstance(mapped, numpy.memmap) and numpy.array_equal(mapped, expected, equal_nan=True)
    assert numpy.array_equal(numpy.load(tmp_path / "x.npy"), expected, equal_nan=True)
    assert os.listdir(tmp_path) == ["x.npy"]
    arrow = pytest.importorskip("pyarrow")
    assert sink(job, "to_arrow").schema.field("output").type == arrow.list_(arrow.float32())
    assert sink(job, "to_polars")["output"].to_list()[2] == [1, 2, 3, 4]
    assert sink(job, "to_pandas")["output"].tolist()[3] == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("outputs", "shape"), [([], (0, 0)), ([ValueError("no")], (1, 0))], ids=["no rows", "no vector"]
)
def test_no_vectors(outputs: list[Any], shape: tuple[int, int], tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    job = Job(["a"] * len(outputs), outputs, None, "embeddings")
    assert job.to_numpy().shape == job.to_numpy(tmp_path / "x.npy").shape == shape


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        ([[1.0], ValueError("no"), [1.0, 2.0]], "row 2 has a vector of 2, those before it are of 1"),
        ([[[1.0], [2.0]]], "row 0 has 2 vectors"),
    ],
)
def test_vectors_that_are_no_matrix(outputs: list[Any], words: str, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    job = Job(["a"] * len(outputs), outputs, None, "embeddings")
    with pytest.raises(ValueError, match=words):
        job.to_numpy(tmp_path / "x.npy")
    assert os.listdir(tmp_path) == []


# ---- files ----


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_packed_files(kind: str, ending: str, tmp_path: Path) -> None:
    if ending == ".zst":
        pytest.importorskip("zstandard")
    path = tmp_path / f"x.{kind}{ending}"
    job = Job(["a,\r\n\"b'", "\x00\u2028中\ud83d"], ["x", "y"])
    getattr(job, f"to_{kind}")(path)
    half = "\ud83d" if kind == "jsonl" else "\\ud83d"
    assert [row["input"] for row in source_of(path)] == ["a,\r\n\"b'", f"\x00\u2028中{half}"]
    if ending == ".gz":
        assert gzip.decompress(path.read_bytes())
        first = path.read_bytes()
        getattr(job, f"to_{kind}")(path)
        assert path.read_bytes() == first


def test_csv_for_spreadsheets(tmp_path: Path) -> None:
    answers = ["=1+1", "-5", "+1e3", "-x", "@x", "\t=1", "＝1", "plain", "'", ""]
    job = Job(["中"] * len(answers), answers)
    job.to_csv(tmp_path / "x.csv", excel=True)
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    made = ["'=1+1", "-5", "+1e3", "'-x", "'@x", "'\t=1", "'＝1", "plain", "'", ""]
    assert [row["output"] for row in source_of(tmp_path / "x.csv")] == made
    job.to_csv(tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes().startswith(b"input")
    assert [row["output"] for row in source_of(tmp_path / "x.csv")] == answers


def test_csv_that_others_read(tmp_path: Path) -> None:
    Job(["a"], ["b\rc"]).to_csv(tmp_path / "x.csv")
    with open(tmp_path / "x.csv", newline="") as file:
        assert list(csv.reader(file))[1] == ["a", "b\rc", "", "0.5"]


SINKS = ["to_jsonl", "to_csv", "to_parquet", "to_numpy"]


def broken(name: str) -> Job:
    """A job whose second row breaks the sink."""
    pytest.importorskip("pyarrow" if name == "to_parquet" else "numpy")

    class Breaks:
        def tolist(self) -> Any:
            raise KeyboardInterrupt

    outputs = [[1.0], Breaks()]
    return Job(["a", "b"], outputs, None, "embeddings" if name == "to_numpy" else "images.generate")


@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
@pytest.mark.parametrize("name", SINKS)
def test_a_file_appears_whole_or_not_at_all(name: str, there: bool, tmp_path: Path) -> None:
    path = tmp_path / "x"
    if there:
        path.write_bytes(b"mine")
    with pytest.raises(KeyboardInterrupt):
        getattr(broken(name), name)(path)
    assert os.listdir(tmp_path) == (["x"] if there else [])
    assert not there or path.read_bytes() == b"mine"


@pytest.mark.parametrize("name", SINKS)
def test_what_is_said_before_the_job_is_paid_for(name: str, sink: Callable[..., Any], tmp_path: Path) -> None:
    resource = "embeddings" if name == "to_numpy" else "responses"
    job = Job(["a"], [[1.0]], None, resource)
    with pytest.raises(IsADirectoryError, match="it is a folder: give the path of a file"):
        sink(job, name, tmp_path)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        sink(job, name, tmp_path / "no" / "x")
    assert job.runs == 0


def test_libraries_that_are_missing(sink: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wenwen._jobs._sinks.find_spec", lambda name: None)
    for name, library in {"to_pandas": "pandas", "to_polars": "polars", "to_arrow": "pyarrow"}.items():
        job = Job(["a"], ["x"])
        with pytest.raises(ModuleNotFoundError, match=f"{name} needs {library}: pip install {library}"):
            sink(job, name)
        assert job.runs == 0


def test_sinks_of_another_kind_of_job(sink: Callable[..., Any], tmp_path: Path) -> None:
    job = Job(["a"], ["x"])
    with pytest.raises(TypeError, match="to_numpy is for vectors, and this is a job of responses"):
        sink(job, "to_numpy")
    job = Job(["a"], [[1.0]], None, "embeddings")
    with pytest.raises(TypeError, match="to_folder is for pictures and sounds, and this is a job of embeddings"):
        sink(job, "to_folder", tmp_path / "x")
    assert job.runs == 0 and os.listdir(tmp_path) == []


def test_a_sink_that_is_cancelled(tmp_path: Path) -> None:
    job = Job(["a", "b"], ["x", "y"])
    begun, goes_on, ended = threading.Event(), threading.Event(), threading.Event()

    def rows() -> Iterator[Any]:
        yield job.ended[0]
        begun.set()
        goes_on.wait(30)
        try:
            yield job.ended[1]
        finally:
            ended.set()

    async def main() -> None:
        sinks = AsyncJob(job)
        sinks._rows = rows  # type: ignore[method-assign]
        task = asyncio.create_task(sinks.to_jsonl(tmp_path / "x.jsonl"))
        await asyncio.to_thread(begun.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        goes_on.set()
        await asyncio.to_thread(ended.wait, 30)

    asyncio.run(main())
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_files_take_no_memory(tmp_path: Path) -> None:
    program = """
import resource, sys
sys.path += sys.argv[1:3]
from test_sinks import Job, Row
from wenwen._jobs._data import source_of

class Many(Job):
    def __init__(self, count):
        super().__init__([], [])
        self._source, self.count = source_of(range(count)), count
    def _rows(self):
        return (Row(index, index, "x" * 500, cost=0.1) for index in range(self.count))

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

for count in (10_000, 60_000):
    for name in ("to_jsonl", "to_csv", "to_parquet"):
        getattr(Many(count), name)(sys.argv[3])
    if count == 10_000:
        before = peak()
print(peak() - before)
"""
    pytest.importorskip("pyarrow")
    ran = subprocess.run(
        [sys.executable, "-c", program, *map(str, (*Path(__file__).parents[:2], tmp_path / "x"))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(ran.stdout) < 20_000  # kB; the rows are 30 MB


# ---- folders ----

PNG, MP3 = b"\x89PNG\r\n\x1a\nxx", b"ID3xx"


def image(content: bytes) -> Image:
    return Image({"b64_json": base64.b64encode(content).decode()})


def test_pictures(sink: Callable[..., Any], tmp_path: Path) -> None:
    outputs = [[image(PNG)], ValueError("no"), [image(PNG), image(b"<svg>")], ..., image(b"GIF8")]
    job = Job(list("abcde"), outputs, None, "images.generate")
    folder = tmp_path / "new" / "pictures"
    for _ in range(2):  # the same again
        assert sink(job, "to_folder", folder) == folder
    names = ["000000.png", "000002-2.bin", "000002.png", "000004.gif", "rows.jsonl"]
    assert sorted(os.listdir(folder)) == names
    assert (folder / "000002-2.bin").read_bytes() == b"<svg>"
    rows = list(source_of(folder / "rows.jsonl"))
    assert [row["files"] for row in rows] == [["000000.png"], [], ["000002.png", "000002-2.bin"], [], ["000004.gif"]]
    assert [row["index"] for row in rows] == [0, 1, 2, 3, 4]
    assert [row["error"] for row in rows] == [None, "ValueError: no", None, UNENDED, None]
    assert [row["cost"] for row in rows] == [0.5, None, 0.5, None, 0.5]
    assert [row["input"] for row in rows] == list("abcde")


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"\xff\xd8\xff", "jpg"), (b"RIFF1234WEBP", "webp"), (b"RIFF1234WAVE", "wav"), (b"ID3", "mp3"),
        (b"\xff\xfb\x90", "mp3"), (b"\xff\xf1\x50", "aac"), (b"fLaC", "flac"), (b"OggS", "ogg"),
        (b"1234ftypM4A", "m4a"), (b"", "bin"), (b"\xff", "bin"), (b"../../x.png", "bin"),
    ],
)  # fmt: skip
def test_endings_by_what_the_bytes_are(content: bytes, ending: str, tmp_path: Path) -> None:
    Job(["a"], [content], None, "audio.speech").to_folder(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [f"000000.{ending}", "rows.jsonl"]
    assert (tmp_path / f"000000.{ending}").read_bytes() == content


def test_speech(tmp_path: Path) -> None:
    with LocalGateway() as gateway:
        sound = gateway.client().audio.speech.create(model="tts-1", voice="alloy", input="a")
    Job(["a"], [sound], None, "audio.speech").to_folder(tmp_path)
    (name,) = [name for name in os.listdir(tmp_path) if name != "rows.jsonl"]
    assert (tmp_path / name).read_bytes() == sound.content


def test_files_of_others_stay(tmp_path: Path) -> None:
    job = Job(["a"], [image(PNG)], None, "images.generate")
    (tmp_path / "000000.png").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="with other content: give another folder, or remove it"):
        job.to_folder(tmp_path)
    assert (tmp_path / "000000.png").read_bytes() == b"mine" and os.listdir(tmp_path) == ["000000.png"]
    (tmp_path / "000000.png").unlink()
    (tmp_path / "elsewhere").write_bytes(PNG)
    (tmp_path / "000000.png").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        job.to_folder(tmp_path)
    (tmp_path / "000000.png").unlink()
    (tmp_path / "rows.jsonl").write_text("mine")
    with pytest.raises(FileExistsError, match="none of a job's"):
        job.to_folder(tmp_path)
    assert (tmp_path / "rows.jsonl").read_text() == "mine"
    with pytest.raises(NotADirectoryError):
        job.to_folder(tmp_path / "elsewhere")


def test_pictures_that_cannot_be_fetched(tmp_path: Path) -> None:
    gone = Image({"url": "http://127.0.0.1:9/x.png"})
    job = Job(["a", "b", "c"], [gone, image(PNG), Image({})], None, "images.generate")
    with pytest.raises(wenwen.APIConnectionError) as caught:
        job.to_folder(tmp_path)
    assert "2 rows have no file for such a reason" in caught.value.__notes__[-1]
    assert sorted(os.listdir(tmp_path)) == ["000001.png", "rows.jsonl"]
    errors = [row["error"] for row in source_of(tmp_path / "rows.jsonl")]
    assert errors[0].startswith("APIConnectionError: ") and errors[1] is None and "no picture here" in errors[2]


def test_pictures_beside_a_text(tmp_path: Path) -> None:
    data = base64.b64encode(PNG).decode()
    content = f"Here: ![](data:image/png;base64,{data})"
    with LocalGateway() as gateway:
        gateway.script({"choices": [{"message": {"role": "assistant", "content": content}}]})
        chat = gateway.client().chat.completions.create(model="x", messages=[{"role": "user", "content": "Draw!"}])
        gateway.script({"status": "completed", "output": [{"type": "image_generation_call", "result": data}]})
        response = gateway.client().responses.create(model="x", input="Draw!")
        text = gateway.client().responses.create(model="x", input="Say!")
    job = Job(["a", "b", "c"], ["", "", "no picture"])
    for row, reply in zip(job.ended, (chat, response, text), strict=True):
        row.reply = reply
    job.to_folder(tmp_path)
    assert [row["files"] for row in source_of(tmp_path / "rows.jsonl")] == [["000000.png"], ["000001.png"], []]
    assert (tmp_path / "000000.png").read_bytes() == (tmp_path / "000001.png").read_bytes() == PNG


def test_pictures_in_tables(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    at = Image({"url": "http://127.0.0.1:9/x.png"})
    job = Job(["a", "b"], [[image(PNG)], [at]], None, "images.generate")
    assert job.to_pandas()["output"].tolist() == [PNG, "http://127.0.0.1:9/x.png"]  # nothing is fetched
    job.to_jsonl(tmp_path / "x.jsonl")
    assert next(iter(source_of(tmp_path / "x.jsonl")))["output"] == base64.b64encode(PNG).decode()


# ---- through a job ----


class Mark(BaseModel):
    stars: int
    mood: Mood


DATA = [{"text": "a"}, {"text": None}, {"text": "c"}]


def rows_of(path: Path) -> list[Any]:
    return [{name: row[name] for name in ("text", "stars", "mood", "error")} for row in source_of(path)]


def test_a_job_and_its_store(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    store = tmp_path / "x.db"
    job = call.client(gateway).responses.map(
        DATA, "Rate {text}", model="gpt-5-mini", output=Mark, store=store, progress=False
    )
    assert call.wait(job.to_jsonl(tmp_path / "x.jsonl")) == tmp_path / "x.jsonl"
    first, second, third = rows_of(tmp_path / "x.jsonl")
    assert first["text"] == "a" and type(first["stars"]) is int and first["mood"] == "good" and first["error"] is None
    words = "RowError: row 1: {text} is missing (None): {text!s} writes it so"
    assert second == {"text": None, "stars": None, "mood": None, "error": words}
    assert third["text"] == "c"
    for output in (None, Mark):
        wenwen.open_job(store, output).to_jsonl(tmp_path / "y.jsonl")
        assert rows_of(tmp_path / "y.jsonl") == [first, second, third]
    frame = pytest.importorskip("pandas") and call.wait(job.to_pandas())
    assert frame["stars"].dtype == "Int64" and frame["text"].tolist()[0] == "a"
    assert len(gateway.requests) == 2


def test_a_job_in_parquet_and_csv(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    frame = pytest.importorskip("pandas").DataFrame(DATA, index=["x", "y", "z"])
    arrow = pytest.importorskip("pyarrow.parquet")
    job = call.client(gateway).chat.completions.map(frame, "Say {text}", model="gpt-5-mini", progress=False)
    call.wait(job.to_parquet(tmp_path / "x.parquet"))
    call.wait(job.to_csv(tmp_path / "x.csv"))
    columns = ["text", "output", "error", "cost"]
    table = arrow.read_table(tmp_path / "x.parquet")
    assert table.to_pandas().index.tolist() == ["x", "y", "z"]
    assert list(table.to_pandas().columns) == list(call.wait(job.to_pandas()).columns) == columns
    csv_rows = list(source_of(tmp_path / "x.csv"))
    assert [row["output"] for row in csv_rows] == [text or "" for text in table["output"].to_pylist()]
    assert len(gateway.requests) == 2


def test_a_job_of_vectors(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    job = call.client(gateway).embeddings.map(
        ["a", None, "b"], model="text-embedding-3-small", dimensions=8, progress=False
    )
    matrix = call.wait(job.to_numpy(tmp_path / "x.npy"))
    assert matrix.shape == (3, 8) and numpy.isnan(matrix).all(axis=1).tolist() == [False, True, False]
    reply = gateway.client().embeddings.create(model="text-embedding-3-small", dimensions=8, input=["a", "b"])
    assert numpy.array_equal(matrix[[0, 2]], numpy.asarray(reply))
    assert numpy.array_equal(call.wait(job.to_numpy()), matrix, equal_nan=True)


def test_a_job_of_pictures_and_sounds(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    client = call.client(gateway)
    pictures = client.images.map(["a", "b"], "Draw {}", model="gpt-image-1", progress=False)
    assert call.wait(pictures.to_folder(tmp_path / "pictures")) == tmp_path / "pictures"
    assert sorted(os.listdir(tmp_path / "pictures")) == ["000000.png", "000001.png", "rows.jsonl"]
    sounds = client.audio.speech.map(["a", None], model="tts-1", voice="alloy", response_format="wav", progress=False)
    call.wait(sounds.to_folder(tmp_path / "sounds"))
    assert sorted(os.listdir(tmp_path / "sounds")) == ["000000.wav", "rows.jsonl"]
    said = list(source_of(tmp_path / "sounds" / "rows.jsonl"))
    assert [row["files"] for row in said] == [["000000.wav"], []] and "the row is None" in said[1]["error"]


def test_a_sink_that_cannot_be_is_said_before_anything_is_sent(
    call: Call, gateway: LocalGateway, tmp_path: Path
) -> None:
    job = call.client(gateway).responses.map(["a"], model="gpt-5-mini", progress=False)
    for name, place, error in (
        ("to_csv", (tmp_path / "no" / "x.csv",), FileNotFoundError),
        ("to_jsonl", (tmp_path,), IsADirectoryError),
        ("to_numpy", (), TypeError),
    ):
        with pytest.raises(error):
            call.wait(getattr(job, name)(*place))
    assert not gateway.requests
