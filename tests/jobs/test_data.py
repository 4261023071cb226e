"""What a job's rows may come from."""

from __future__ import annotations

import asyncio
import datetime
import decimal
import gzip
import json
import sqlite3
import subprocess
import sys
from collections import namedtuple
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Call

from wenwen._jobs._data import source_of
from wenwen.testing import LocalGateway

ROWS = [{"t": "a", "n": 1}, {"t": None, "n": 2}, {"t": "c", "n": 3}]


def library(name: str) -> Any:
    return pytest.importorskip(name)


def arrow_table() -> Any:
    return library("pyarrow").Table.from_pylist(ROWS)


def cursor() -> sqlite3.Cursor:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table x (t text, n integer)")
    connection.executemany("insert into x values (:t, :n)", ROWS)
    return connection.execute("select * from x")


def named_cursor() -> sqlite3.Cursor:
    made = cursor()
    made.row_factory = sqlite3.Row
    return made


class Streamed:
    """What hands itself over as Arrow's stream, as DuckDB's and other libraries' tables do."""

    def __arrow_c_stream__(self, schema: object = None) -> Any:
        return arrow_table().__arrow_c_stream__(schema)


TABLES: dict[str, tuple[Callable[[], Any], int | None, bool]] = {
    # what is given, how many rows are known, whether they can be had again
    "pandas": (lambda: library("pandas").DataFrame(ROWS, index=[7, 7, 8]), 3, True),
    "polars": (lambda: library("polars").DataFrame(ROWS), 3, True),
    "polars lazy": (lambda: library("polars").DataFrame(ROWS).lazy(), None, True),
    "arrow": (arrow_table, 3, True),
    "arrow batch": (lambda: arrow_table().to_batches()[0], 3, True),
    "arrow reader": (lambda: arrow_table().to_reader(), None, False),
    "arrow dataset": (lambda: library("pyarrow.dataset").dataset(arrow_table()), None, True),
    "arrow scanner": (lambda: library("pyarrow.dataset").dataset(arrow_table()).scanner(), None, False),
    "arrow stream": (Streamed, None, False),
    "datasets": (lambda: library("datasets").Dataset.from_list(ROWS), 3, True),
    "datasets, formatted": (lambda: library("datasets").Dataset.from_list(ROWS).with_format("numpy"), 3, True),
    "datasets, iterable": (lambda: library("datasets").Dataset.from_list(ROWS).to_iterable_dataset(), None, True),
    "dict of columns": (lambda: {"t": ["a", None, "c"], "n": (1, 2, 3)}, 3, True),
    "dict of columns of polars": (lambda: {name: library("polars").DataFrame(ROWS)[name] for name in "tn"}, 3, True),
    "dict of columns of arrow": (lambda: {name: arrow_table()[name] for name in "tn"}, 3, True),
    "dict of a range": (lambda: {"t": ["a", None, "c"], "n": range(1, 4)}, 3, True),
    "cursor": (cursor, None, False),
    "cursor of rows": (named_cursor, None, False),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str) -> None:
    make, total, replayable = TABLES[name]
    source = source_of(make())
    assert (source.columns, source.total, source.replayable) == (("t", "n"), total, replayable)
    rows = list(source)
    assert rows == ROWS
    assert {type(row["n"]) for row in rows} == {int}
    if replayable:
        assert list(source) == ROWS


@pytest.mark.parametrize("name", ["pandas", "polars", "pyarrow"])
def test_columns_alone(name: str) -> None:
    lib = library(name)
    makes = {
        "pandas": lambda: lib.Series(["a", None], name="t"),
        "polars": lambda: lib.Series("t", ["a", None]),
        "pyarrow": lambda: lib.chunked_array([["a", None]]),
    }
    source = source_of(makes[name]())
    assert (list(source), source.columns, source.total) == (["a", None], None, 2)
    assert source.name == (None if name == "pyarrow" else "t")


def test_plain_values_of_pandas() -> None:
    pandas, numpy = library("pandas"), library("numpy")
    frame = pandas.DataFrame(
        {
            "float": [1.5, float("nan")],
            "time": pandas.to_datetime(["2024-01-01 10:00", None]),
            "category": pandas.Categorical(["x", None]),
            "nullable": pandas.array([1, None], dtype="Int64"),
            "truth": [True, False],
            "nested": [numpy.array([[1, 2]]), [numpy.float32(1.5), float("nan")]],
            "dict": [{"a": numpy.int64(1)}, None],
            "other": [decimal.Decimal("1.10"), pandas.NA],
            "span": pandas.to_timedelta([1, None], unit="s"),
        }
    )
    first, second = source_of(frame)
    assert first == {
        "float": 1.5,
        "time": datetime.datetime(2024, 1, 1, 10),
        "category": "x",
        "nullable": 1,
        "truth": True,
        "nested": [[1, 2]],
        "dict": {"a": 1},
        "other": decimal.Decimal("1.10"),
        "span": datetime.timedelta(seconds=1),
    }
    assert [type(first[name]) for name in ("float", "nullable", "truth", "time")] == [
        float, int, bool, datetime.datetime,
    ]  # fmt: skip
    assert second == {**dict.fromkeys(first), "truth": False, "nested": [1.5, None]}


def test_nanoseconds_are_kept() -> None:
    pandas = library("pandas")
    time = pandas.Timestamp("2024-01-01 00:00:00.123456789")
    assert list(source_of(pandas.Series([time]))) == [time]


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ([0, 1], ("0", "1")),
        ([("a", "x"), ("a", "")], ("a_x", "a")),
        ([1.5, "x"], ("1.5", "x")),
    ],
    ids=["numbers", "levels", "others"],
)
def test_names_of_columns(names: list[Any], columns: tuple[str, ...]) -> None:
    pandas = library("pandas")
    if isinstance(names[0], tuple):
        names = pandas.MultiIndex.from_tuples(names)
    source = source_of(pandas.DataFrame([[1, 2]], columns=names))
    assert source.columns == columns
    assert list(source) == [dict(zip(columns, [1, 2], strict=True))]


def test_arrays_of_numpy() -> None:
    numpy = library("numpy")
    assert list(source_of(numpy.array(["a", "b"]))) == ["a", "b"]
    assert list(source_of(numpy.array([["a"], ["b"]]))) == [["a"], ["b"]]
    assert list(source_of(numpy.array(["2024-01-01"], dtype="M8[ns]"))) == [datetime.datetime(2024, 1, 1)]
    records = source_of(numpy.array([("a", 1)], dtype=[("t", "U1"), ("n", "i4")]))
    assert (records.columns, list(records)) == (("t", "n"), [{"t": "a", "n": 1}])


def test_what_gives_the_same_again_for_certain(tmp_path: Path) -> None:
    class Shuffles:
        def __iter__(self) -> Iterator[int]:
            return iter([2, 1])

    (tmp_path / "x.jsonl").write_text("1")
    steady = [[1], (1,), range(1), {"a": 1}.keys(), {"a": [1]}, tmp_path / "x.jsonl"]
    assert all(source_of(data).steady for data in steady)
    assert source_of(Shuffles()).replayable and not source_of(Shuffles()).steady
    assert not source_of(iter([1])).steady and not source_of(iter([1])).replayable


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", TABLES)
def test_tables_that_give_the_same_again_for_certain(name: str) -> None:
    steady = ("pandas", "polars", "arrow", "arrow batch", "datasets", "datasets, formatted")
    assert source_of(TABLES[name][0]()).steady is (name in steady or name.startswith("dict of"))


def test_iterables() -> None:
    for data in (["a", 1], ("a", 1), {"a": 0, 1: 0}.keys()):
        source = source_of(data)
        assert (list(source), list(source), source.total, source.replayable) == (["a", 1], ["a", 1], 2, True)
    point = namedtuple("point", "x y")(1, 2)
    assert list(source_of([point])) == [point]
    source = source_of(letter for letter in "ab")
    assert (source.total, source.replayable, source.columns, list(source)) == (None, False, None, ["a", "b"])


def test_rows_are_read_as_they_are_needed() -> None:
    made = 0

    def rows() -> Iterator[int]:
        nonlocal made
        while True:
            yield made
            made += 1

    each = iter(source_of(rows()))
    assert [next(each), next(each), made] == [0, 1, 1]
    assert next(iter(source_of(range(10_000_000)))) == 0


def test_async_iterables() -> None:
    async def rows() -> AsyncIterator[int]:
        yield 1
        yield 2

    async def read(data: Any) -> list[Any]:
        return [row async for row in source_of(data)]

    assert asyncio.run(read(rows())) == [1, 2]
    assert asyncio.run(read([3, 4])) == [3, 4]
    source = source_of(rows())
    assert source.is_async and not source.replayable
    with pytest.raises(TypeError, match=r"give it to wenwen\.aio\.map"):
        iter(source)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ("hello", ValueError, "'hello', and no such file is there: give a path, or a list of texts"),
        ("a" * 5000, ValueError, "…"),
        ("a\nb.csv", ValueError, "no such file"),
        ("", ValueError, "no such file"),
        ("rows.jsonl", FileNotFoundError, "rows.jsonl"),
        (Path("rows.txt"), FileNotFoundError, "rows.txt"),
        (str(Path(__file__).parent), ValueError, "is a folder"),
        (__file__, ValueError, "give a .jsonl, .csv or .parquet file"),
        (b"bytes", TypeError, "data is bytes"),
        (None, TypeError, "None"),
        (5, TypeError, "data is 5"),
        ({"a": 1}, TypeError, r"give a list of such, \[row\]"),
        ({}, TypeError, "dict"),
        ({"a": [1], "b": [1, 2]}, ValueError, "a has 1, b has 2"),
        ({"b", "a"}, TypeError, r"sorted\(data\)"),
        (len, TypeError, "the function len: give what it returns"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_data(data: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        source_of(data)


def test_tables_that_cannot_be_told_apart() -> None:
    pandas = library("pandas")
    with pytest.raises(ValueError, match="two columns that are called 'a': rename one of them"):
        source_of(pandas.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(ValueError, match="two columns"):
        source_of(pandas.DataFrame([[1, 2]], columns=[0, "0"]))
    with pytest.raises(ValueError, match="no columns"):
        source_of(pandas.DataFrame(index=[1, 2]))


def test_tables_of_libraries_that_are_not_known() -> None:
    class Frame:
        columns = ("a", "b")

        def __iter__(self) -> Iterator[str]:
            return iter(self.columns)

    with pytest.raises(TypeError, match="Frame: give it as a pandas, polars or pyarrow table"):
        source_of(Frame())


def test_a_transform_makes_columns_of_its_own() -> None:
    data = library("datasets").Dataset.from_list(ROWS)
    source = source_of(data.with_transform(lambda part: {"made": [str(n) for n in part["n"]]}))
    assert source.columns is None and source.total == 3
    assert list(source) == [{"made": "1"}, {"made": "2"}, {"made": "3"}]


def test_splits() -> None:
    datasets = library("datasets")
    data = datasets.DatasetDict({"train": datasets.Dataset.from_list(ROWS)})
    with pytest.raises(TypeError, match=r"the splits train: give one of them, data\['train'\]"):
        source_of(data)


# ---- files ----


def packed(name: str, content: bytes) -> bytes:
    if name.endswith(".gz"):
        return gzip.compress(content)
    return library("zstandard").compress(content) if name.endswith(".zst") else content


@pytest.mark.parametrize("name", ["x.jsonl", "X.NDJSON", "x.jsonl.gz", "x.jsonl.zst"])
@pytest.mark.parametrize("given", [str, Path])
def test_json_lines(tmp_path: Path, name: str, given: Callable[[Path], Any]) -> None:
    lines = b'\xef\xbb\xbf{"a": 1, "b": 1.0, "c": "\xe4\xb8\xad\xe2\x80\xa8"}\r\n\n"text"\n[1, null]\n{"x": NaN}'
    path = tmp_path / name
    path.write_bytes(packed(name, lines))
    source = source_of(given(path))
    expected = [{"a": 1, "b": 1.0, "c": "中\u2028"}, "text", [1, None], {"x": None}]
    assert list(source) == list(source) == expected
    assert [type(value) for value in next(iter(source)).values()] == [int, float, str]
    assert source.replayable and source.columns is None


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.csv.zst", "x.tsv"])
def test_csv(tmp_path: Path, name: str) -> None:
    text = 'id,text\r\n1,"a\r\n""b"", c"\r\n\r\n02,中\r\n'
    if name.endswith(".tsv"):
        text = 'id\ttext\r\n1\t"a\r\n""b"", c"\r\n\r\n02\t中\r\n'
    path = tmp_path / name
    path.write_bytes(packed(name, b"\xef\xbb\xbf" + text.encode()))
    source = source_of(path)
    assert source.columns == ("id", "text")
    assert list(source) == [{"id": "1", "text": 'a\r\n"b", c'}, {"id": "02", "text": "中"}]


def test_long_fields_of_csv(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"text\n{'x' * 1_000_000}\n")
    assert len(next(iter(source_of(tmp_path / "x.csv")))["text"]) == 1_000_000


@pytest.mark.parametrize("hidden", ["", "pyarrow"])
def test_parquet(tmp_path: Path, hidden: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x[1].parquet"
    library("pyarrow.parquet").write_table(arrow_table(), path)
    if hidden:
        library("polars")
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    source = source_of(path)
    assert (source.columns, source.total, source.original) == (("t", "n"), 3, path)
    assert list(source) == list(source) == ROWS


def test_parquet_without_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    for name in ("pyarrow", "pyarrow.parquet", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match="pip install pyarrow"):
        source_of(tmp_path / "x.parquet")


def test_zstd_without_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.jsonl.zst").write_bytes(b"")
    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match="pip install zstandard"):
        source_of(tmp_path / "x.jsonl.zst")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.jsonl", b'{"a": 1}\n{"a": ', r"x\.jsonl, line 2 is no JSON"),
        ("x.jsonl", b'{"a": 1}\n\n{"a": 1}}', "line 3 is no JSON"),
        ("x.jsonl", b"1\n" + b"[" * 100_000, "line 2 is no JSON"),
        ("x.jsonl", b"1\n" + b"1" * 5000, "line 2 is no JSON"),
        ("x.jsonl", b'1\n"\xff"', "line 2 is not UTF-8"),
        ("x.csv", b"a,b\n1,2\n3\n", "line 3 has 1 fields, and the first line has 2: a, b"),
        ("x.csv", b"a,b\n1,2,3\n", "line 2 has 3 fields"),
        ("x.csv", b'a,b\n"1\n2",3\n"x', "line 4 is no CSV: unexpected end of data"),
        ("x.csv", b'a,b\n"x"y,1\n', "line 2 is no CSV"),
        ("x.csv", b"a,b\n1,\xb9\n", "line 2 is not UTF-8"),
        ("x.csv", b"", "its first line has the names of the columns"),
        ("x.csv", b"a,a\n1,2\n", "two columns that are called 'a'"),
        ("x.csv", b"\xef\xbb\xbfa;b\n1;2\n", r"'a;b', are parted by ';'.* pandas\.read_csv\(path, sep=';'\)"),
        ("x.csv", b"sep=;\na;b\n1;2\n", "parted by ';'"),
        ("x.csv", b"a\tb\n1\t2\n", "name it .tsv"),
        ("x.jsonl", b'[\n{"a": 1}\n]', r"line 1 is no JSON.*json\.load"),
    ],
    ids=lambda value: value.decode("latin-1")[:12] if isinstance(value, bytes) else None,
)
def test_broken_lines(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=words):
        list(source_of(tmp_path / name))


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.jsonl.zst", "x.csv.gz", "x.csv.zst"])
def test_packed_files_that_are_cut_off(tmp_path: Path, name: str) -> None:
    head = b"a\n" if "csv" in name else b""
    whole = packed(name, head + b"".join(b"%d\n" % number for number in range(100_000)))
    path = tmp_path / name
    path.write_bytes(whole + packed(name, b"1\n"))  # members, frames: one file
    assert len(list(source_of(path))) == 100_001
    for part in (whole[: len(whole) // 2], whole[:-1], b"nothing of the kind"):
        path.write_bytes(part)
        with pytest.raises(ValueError, match=r"line \d+: the file is cut off or damaged"):
            list(source_of(path))


def test_a_broken_parquet_file(tmp_path: Path) -> None:
    library("pyarrow")
    (tmp_path / "x.parquet").write_bytes(b"PAR1 not")
    with pytest.raises(ValueError, match=r"x\.parquet cannot be read as Parquet"):
        source_of(tmp_path / "x.parquet")


def test_large_files_are_read_as_they_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b"1\n" * 100_000 + b"broken"))
    each = iter(source_of(path))
    assert [next(each) for _ in range(1000)] == [1] * 1000


def test_no_library_is_loaded_that_nobody_uses(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": 1}')
    program = """
import sys, wenwen._jobs._data, wenwen._jobs._prompt, wenwen._jobs._sinks
from wenwen._jobs._data import source_of
assert list(source_of(sys.argv[1])) == [{"a": 1}] == list(source_of([{"a": 1}]))
names = {"pandas", "polars", "pyarrow", "datasets", "numpy", "zstandard", "pydantic", "msgspec"}
print(sorted(names & set(sys.modules)))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "x.jsonl")], capture_output=True, text=True, check=False
    )
    assert (ran.stdout.strip(), ran.stderr) == ("[]", "")


def test_numbers_stay_what_they_are(tmp_path: Path) -> None:
    rows = [{"big": 2**70, "exact": 0.1, "zero": -0.0, "text": "1"}]
    (tmp_path / "x.jsonl").write_text(json.dumps(rows[0]))
    assert str(list(source_of(tmp_path / "x.jsonl"))) == str(rows)


# ---- through a job ----


def asked(gateway: LocalGateway) -> list[str]:
    return sorted(request.json()["input"] for request in gateway.requests)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", TABLES)
def test_a_job_over_each_table(call: Call, gateway: LocalGateway, name: str) -> None:
    job = call.client(gateway).responses.map(TABLES[name][0](), "Say {n}", model="gpt-5-mini", progress=False)
    rows = call.wait(job.to_list())
    assert [(row.index, row.input) for row in rows] == list(enumerate(ROWS))
    assert asked(gateway) == ["Say 1", "Say 2", "Say 3"]


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.csv", "x.parquet"])
def test_a_job_over_a_file(call: Call, gateway: LocalGateway, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "x.parquet":
        library("pyarrow.parquet").write_table(arrow_table(), path)
    elif name == "x.csv":
        path.write_text("t,n\na,1\n,2\nc,3\n")
    else:
        path.write_bytes(packed(name, "\n".join(map(json.dumps, ROWS)).encode()))
    job = call.client(gateway).responses.map(path, "Say {n}", model="gpt-5-mini", progress=False)
    assert len(list(call.each(job))) == 3
    assert asked(gateway) == ["Say 1", "Say 2", "Say 3"]


def test_a_job_over_async_rows(gateway: LocalGateway) -> None:
    async def rows() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    async def main() -> None:
        client = gateway.async_client()
        job = client.responses.map(rows(), "Say {}", model="gpt-5-mini", progress=False)
        assert [row.input for row in await job.to_list()] == ["a", "b"]

    asyncio.run(main())
    assert asked(gateway) == ["Say a", "Say b"]
    with pytest.raises(TypeError, match=r"async iterable: give it to wenwen\.aio\.map"):
        gateway.client().responses.map(rows(), "Say {}", model="gpt-5-mini")


def test_a_line_that_is_broken_stops_a_job(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"n": 1}\n{"n": 2}\n{"n": ')
    store = tmp_path / "x.db"
    job = call.client(gateway).responses.map(
        tmp_path / "x.jsonl", "Say {n}", model="gpt-5-mini", store=store, progress=False
    )
    with pytest.raises(ValueError, match=r"x\.jsonl, line 3 is no JSON"):
        call.wait(job.run())
    (tmp_path / "x.jsonl").write_text('{"n": 1}\n{"n": 2}\n{"n": 3}\n')
    job = call.client(gateway).responses.map(
        tmp_path / "x.jsonl", "Say {n}", model="gpt-5-mini", store=store, progress=False
    )
    assert [row.input for row in call.wait(job.to_list())] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert asked(gateway) == ["Say 1", "Say 2", "Say 3"]  # each of them once


def test_what_is_no_data_is_said_before_anything_is_sent(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    for data, error in (("hello", ValueError), (None, TypeError), ("x.csv", FileNotFoundError)):
        with pytest.raises(error):
            client.responses.map(data, "Say {}", model="gpt-5-mini")
    assert not gateway.requests
