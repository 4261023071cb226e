"""Rows out of whatever holds them: tables, files, iterables. Read as they are needed, a batch at a time. No library is
imported for it that the data's owner has not imported; those for .parquet and .zst are, when such a file is given."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, MappingView, Sequence
from importlib import import_module
from typing import IO, Any, NamedTuple, cast

# Rows that are made at once of a table's columns: a tenth of the work of one by one, and some 100 kB.
_BATCH = 1000
# The same for Hugging Face's data sets, whose rows may hold pictures.
_FEW = 64


class Source:
    """Rows, and what is known of them.

    columns: their names, of a table; None where each row has its own, or is no dict. total: how many; None if nobody
    knows. original: what the user gave. is_async: whether it can only be iterated by `async for`. replayable: whether
    it can be iterated again. steady: whether it then gives the same rows for certain, in the same order: a query may
    not, nor what shuffles. name: of a table's column that is given alone.

    Iterating gives dicts of plain values for tables, of which None is one that is missing, and the items themselves of
    all else."""

    __slots__ = ("_rows", "columns", "is_async", "name", "original", "replayable", "steady", "total")

    def __init__(
        self,
        original: object,
        rows: Callable[[], Any],
        *,
        columns: Iterable[object] | None = None,
        total: int | None = None,
        is_async: bool = False,
        replayable: bool = True,
        steady: bool = True,
        name: object = None,
    ) -> None:
        self.original = original
        self._rows = rows
        self.columns = None if columns is None else _names(columns)
        self.total = total
        self.is_async = is_async
        self.replayable = replayable
        self.steady = steady and replayable and not is_async
        self.name = None if name is None else str(name)

    def __iter__(self) -> Iterator[Any]:
        if self.is_async:
            raise TypeError("data is an async iterable: give it to wenwen.aio.map, or to an AsyncClient's")
        return cast("Iterator[Any]", iter(self._rows()))

    def __aiter__(self) -> AsyncIterator[Any]:
        return aiter(self._rows()) if self.is_async else _one_by_one(iter(self))


async def _one_by_one(rows: Iterator[Any]) -> AsyncIterator[Any]:
    for row in rows:
        yield row


def source_of(data: Any) -> Source:
    """The rows of `data`. TypeError or ValueError, with what to give instead, for what has none; FileNotFoundError for
    the name of a file that is not there."""
    if isinstance(data, str) or hasattr(data, "__fspath__"):
        return _file(data, os.fsdecode(data))
    known = kind_of(data)
    return _other(data) if known is None else _KNOWN[known](data)


def kind_of(data: object) -> tuple[str, str] | None:
    """The library and the class of a table, subclasses included; None for what is none."""
    kinds = ((cls.__module__.partition(".")[0], cls.__name__) for cls in type(data).__mro__)
    return next((kind for kind in kinds if kind in _KNOWN), None)


# ---- tables ----


def _names(columns: Iterable[Any]) -> tuple[str, ...]:
    """Names of columns as a prompt has them: those of several levels joined by "_"."""
    names: list[str] = []
    for column in columns:
        levels: Any = column if column.__class__ is tuple else (column,)
        names.append("_".join(str(level) for level in levels if level != ""))
    if not names:
        raise ValueError("data has no columns")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"data has two columns that are called {twice!r}: rename one of them")
    return tuple(names)


def _dicts(columns: tuple[str, ...], values: list[list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True))


_PLAIN = {str, int, float, bool, bytes, type(None)}


def _plain(value: Any) -> Any:
    """A value of a table without its library: numpy's numbers and arrays, pandas' times."""
    kind: Any = value.__class__
    if kind in _PLAIN:
        return None if value != value else value
    if kind is list or kind is tuple:
        return [_plain(one) for one in value]
    if kind is dict:
        return {name: _plain(one) for name, one in value.items()}
    if hasattr(value, "to_pydatetime"):  # but for nanoseconds, which datetime does not have
        return None if value != value else value if value.nanosecond else value.to_pydatetime()
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return value


def _pandas_values(series: Any) -> list[Any]:
    values: list[Any] = series.tolist()
    kind = series.dtype.kind
    if kind not in "biuf":
        values = [_plain(value) for value in values]
    if kind not in "biu" or type(series.dtype).__module__.startswith("pandas"):
        gone: list[bool] = series.isna().tolist()
        if True in gone:
            values = [None if missing else value for value, missing in zip(values, gone, strict=True)]
    return values


def _pandas_frame(frame: Any) -> Source:
    def rows() -> Iterator[Any]:
        for start in range(0, len(frame), _BATCH):
            part = frame.iloc[start : start + _BATCH]
            # By position: the names of a frame need not be strings.
            yield from _dicts(columns, [_pandas_values(part.iloc[:, at]) for at in range(len(columns))])

    columns = _names(frame.columns)
    return Source(frame, rows, columns=columns, total=len(frame))


def _pandas_series(series: Any) -> Source:
    def rows() -> Iterator[Any]:
        for start in range(0, len(series), _BATCH):
            yield from _pandas_values(series.iloc[start : start + _BATCH])

    return Source(series, rows, total=len(series), name=series.name)


def _pandas_index(index: Any) -> Source:
    return Source(index, lambda: iter(_pandas_values(index)), total=len(index), name=index.name)


def _polars_frame(frame: Any) -> Source:
    def rows() -> Iterator[Any]:
        return cast("Iterator[Any]", frame.iter_rows(named=True, buffer_size=_BATCH))

    return Source(frame, rows, columns=frame.columns, total=frame.height)


def _polars_series(series: Any) -> Source:
    def rows() -> Iterator[Any]:
        for start in range(0, len(series), _BATCH):
            yield from series.slice(start, _BATCH).to_list()

    return Source(series, rows, total=len(series), name=series.name or None)


def _polars_lazy(frame: Any) -> Source:
    def rows() -> Iterator[Any]:
        if hasattr(frame, "collect_batches"):
            for part in frame.collect_batches(chunk_size=_BATCH, lazy=True):
                yield from part.iter_rows(named=True)
        else:  # polars before 1.34
            yield from frame.collect(engine="streaming").iter_rows(named=True, buffer_size=_BATCH)

    return Source(frame, rows, columns=frame.collect_schema().names(), steady=False)


def _arrow(original: object, names: Iterable[str], batches: Callable[[], Iterable[Any]], **known: Any) -> Source:
    def rows() -> Iterator[Any]:
        for batch in batches():
            for start in range(0, batch.num_rows, _BATCH):  # a writer's batches may be millions of rows
                yield from batch.slice(start, _BATCH).to_pylist()

    return Source(original, rows, columns=names, **known)


def _arrow_table(table: Any) -> Source:
    return _arrow(table, table.schema.names, lambda: [table], total=table.num_rows)


def _arrow_reader(reader: Any) -> Source:
    return _arrow(reader, reader.schema.names, lambda: reader, replayable=False)


def _arrow_dataset(dataset: Any) -> Source:
    # Of Parquet the number of rows stands in each file's foot; of others they would have to be read.
    form = getattr(getattr(dataset, "format", None), "default_extname", None)
    total = dataset.count_rows() if form == "parquet" else None

    def batches() -> Any:
        return dataset.to_batches(batch_size=_BATCH)

    return _arrow(dataset, dataset.schema.names, batches, total=total, steady=hasattr(dataset, "files"))


def _arrow_scanner(scanner: Any) -> Source:
    return _arrow(scanner, scanner.projected_schema.names, scanner.to_batches, replayable=False)


def _arrow_array(array: Any) -> Source:
    def rows() -> Iterator[Any]:
        for start in range(0, len(array), _BATCH):
            yield from array.slice(start, _BATCH).to_pylist()

    return Source(array, rows, total=len(array))


def _hugging_face(data: Any) -> Source:
    # A transform of the user's makes what columns it likes.
    custom = getattr(data, "_format_type", None) == "custom"

    def rows() -> Iterator[Any]:
        # Values as Python has them, whatever format it has been given.
        for part in (data if custom else data.with_format(None)).iter(batch_size=_FEW):
            names = tuple(part)
            yield from _dicts(names, [part[name] for name in names])

    total = getattr(data, "num_rows", None)
    columns = None if custom else data.column_names
    return Source(data, rows, columns=columns, total=total, steady=total is not None)


def _splits(data: Any) -> Source:
    raise TypeError(
        f"data has the splits {', '.join(map(str, data))}: give one of them, data[{next(iter(data), '')!r}]"
    )


def _numpy(array: Any) -> Source:
    if not array.shape:
        raise TypeError("data is an array of no dimension: give a list")
    names: tuple[str, ...] | None = array.dtype.names

    def rows() -> Iterator[Any]:
        for start in range(0, len(array), _BATCH):
            part = array[start : start + _BATCH]
            if array.dtype.kind in "mM":
                part = part.astype(f"{array.dtype.kind}8[us]")  # nanoseconds would become ints
            values = [_plain(value) for value in part.tolist()]
            yield from values if names is None else (dict(zip(names, value, strict=True)) for value in values)

    return Source(array, rows, columns=names, total=len(array))


_KNOWN: dict[tuple[str, str], Callable[[Any], Source]] = {
    ("pandas", "DataFrame"): _pandas_frame,
    ("pandas", "Series"): _pandas_series,
    ("pandas", "Index"): _pandas_index,
    ("polars", "DataFrame"): _polars_frame,
    ("polars", "LazyFrame"): _polars_lazy,
    ("polars", "Series"): _polars_series,
    ("pyarrow", "Table"): _arrow_table,
    ("pyarrow", "RecordBatch"): _arrow_table,
    ("pyarrow", "RecordBatchReader"): _arrow_reader,
    ("pyarrow", "Dataset"): _arrow_dataset,
    ("pyarrow", "Scanner"): _arrow_scanner,
    ("pyarrow", "Array"): _arrow_array,
    ("pyarrow", "ChunkedArray"): _arrow_array,
    ("datasets", "Dataset"): _hugging_face,
    ("datasets", "IterableDataset"): _hugging_face,
    ("datasets", "DatasetDict"): _splits,
    ("datasets", "IterableDatasetDict"): _splits,
    ("numpy", "ndarray"): _numpy,
}


# ---- iterables ----

_KINDS = "give an iterable, a table (pandas, polars, pyarrow, datasets), or the path of a .jsonl, .csv or .parquet file"


def _other(data: Any) -> Source:
    kind = type(data).__name__
    if isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"data is {kind}: {_KINDS}")
    if isinstance(data, Mapping):
        return _columns(cast("Mapping[object, Any]", data))
    if isinstance(data, (set, frozenset)):
        raise TypeError("data is a set, whose order differs from run to run: give a list, sorted(data)")
    if callable(data) and not hasattr(data, "__iter__"):
        raise TypeError(f"data is the function {getattr(data, '__name__', kind)}: give what it returns")
    if isinstance(data, type):
        raise TypeError(f"data is the class {data.__name__}: {_KINDS}")
    if hasattr(data, "__arrow_c_stream__") and (arrow := _imported("pyarrow")) is not None:
        names = arrow.RecordBatchReader.from_stream(data).schema.names

        def batches() -> Any:
            return arrow.RecordBatchReader.from_stream(data)

        return _arrow(data, names, batches, replayable=False)
    if hasattr(data, "columns"):  # iterating over such a table gives its names
        raise TypeError(f"data is a {type(data).__module__}.{kind}: give it as a pandas, polars or pyarrow table")
    if hasattr(data, "description") and hasattr(data, "fetchmany"):
        return _cursor(data)
    if hasattr(data, "__aiter__"):
        return Source(data, lambda: data, is_async=True, replayable=not hasattr(data, "__anext__"))
    if not hasattr(data, "__iter__") and not hasattr(data, "__getitem__"):
        raise TypeError(f"data is {data!r} ({kind}): {_KINDS}")
    rows: Any = data
    total = len(rows) if hasattr(rows, "__len__") else None
    again = not hasattr(data, "__next__")
    return Source(data, lambda: rows, total=total, replayable=again, steady=isinstance(data, (Sequence, MappingView)))


def _columns(data: Mapping[object, Any]) -> Source:
    """A dict of columns. One row, which it might be taken for, has texts and numbers."""
    lists = [_listed(column) for column in data.values()]
    if not lists or any(not isinstance(column, (list, tuple, range)) for column in lists):
        raise TypeError("data is a dict: give a list of such, [row], or a dict of columns, which are lists")
    lengths = {len(column) for column in lists}
    if len(lengths) > 1:
        told = ", ".join(f"{name} has {len(column)}" for name, column in zip(data, lists, strict=True))
        raise ValueError(f"the columns of data differ in length: {told}")
    names = _names(data)
    return Source(data, lambda: _dicts(names, lists), columns=names, total=lengths.pop())


def _listed(column: Any) -> Any:
    """A column of a library as a list: numpy's, pandas', Arrow's, polars'."""
    names = ("tolist", "to_list", "to_pylist")
    return next((_plain(getattr(column, name)()) for name in names if hasattr(column, name)), column)


def _cursor(cursor: Any) -> Source:
    """What a database has answered: sqlite3's cursor, or another one of DB-API."""
    if cursor.description is None:
        raise ValueError("data is a cursor without a result: execute a SELECT first")
    names = _names(column[0] for column in cursor.description)

    def rows() -> Iterator[Any]:
        while part := cursor.fetchmany(_BATCH):
            for row in part:  # a tuple, unless the cursor has been told to make something else
                yield dict(row) if hasattr(row, "keys") else dict(zip(names, row, strict=True))

    return Source(cursor, rows, columns=names, replayable=False)


# ---- files ----


def _file(data: object, path: str) -> Source:
    ending = os.path.splitext(path.lower().removesuffix(".gz").removesuffix(".zst"))[1]
    read = _FILES.get(ending)
    shown = path if len(path) <= 100 else path[:100] + "…"
    if not os.path.exists(path):
        if isinstance(data, os.PathLike) or (read and "\n" not in path):
            raise FileNotFoundError(2, "no such file", path)
        raise ValueError(f"data is the text {shown!r}, and no such file is there: give a path, or a list of texts")
    if os.path.isdir(path):
        raise ValueError(f"{shown} is a folder: give a file, or pyarrow.dataset.dataset({shown!r})")
    if read is None or (ending == ".parquet" and not path.lower().endswith(ending)):
        raise ValueError(f"{shown}: give a .jsonl, .csv or .parquet file; the first two may be .gz or .zst")
    return read(data, path)


def _jsonl(original: object, path: str) -> Source:
    from json import JSONDecoder

    # NaN is no JSON, and what Python and pandas write for a missing value.
    decode = JSONDecoder(parse_constant=lambda name: None if name == "NaN" else float(name)).decode

    def rows() -> Iterator[Any]:
        with _opened(path) as file:
            for line in _lines(file, path):
                text = line.text.strip()
                if text:
                    try:
                        yield decode(text)
                    except (ValueError, RecursionError) as error:
                        hint = "; of a JSON array give the list, json.load(file)" if text[0] == "[" else ""
                        raise ValueError(f"{path}, line {line.number} is no JSON: {error}{hint}") from None

    _opened(path).close()  # what it takes to read it is missed now
    return Source(original, rows)


def _csv(original: object, path: str, delimiter: str = ",") -> Source:
    import csv

    def records(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        # The limit is the process's, 128 kB unless somebody has raised it, and texts may be longer.
        csv.field_size_limit(max(csv.field_size_limit(), 2**31 - 1))
        reader = csv.reader((line.text for line in _lines(file, path)), delimiter=delimiter, strict=True)
        while True:
            begins = reader.line_num + 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise ValueError(f"{path}, line {begins} is no CSV: {error}") from None
            if record:
                yield begins, record

    def rows() -> Iterator[Any]:
        with _opened(path) as file:
            each = records(file)
            next(each, None)
            for number, record in each:
                if len(record) != len(columns):
                    wanted = f"{len(record)} fields, and the first line has {len(columns)}"
                    raise ValueError(f"{path}, line {number} has {wanted}: {', '.join(columns)}")
                yield dict(zip(columns, record, strict=True))

    with _opened(path) as file:
        _, first = next(records(file), (0, None))
    if first is None:
        raise ValueError(f"{path} is empty: its first line has the names of the columns")
    columns = _names(first)
    if len(columns) == 1 and (other := next((sign for sign in ";\t|" if sign in columns[0]), None)) is not None:
        how = "name it .tsv" if other == "\t" else f"read it by pandas.read_csv(path, sep={other!r})"
        raise ValueError(f"{path}: its columns, {columns[0]!r}, are parted by {other!r}, and by a comma here: {how}")
    return Source(original, rows, columns=columns)


def _tsv(original: object, path: str) -> Source:
    return _csv(original, path, "\t")


def _parquet(original: object, path: str) -> Source:
    try:
        if (arrow := _imported("pyarrow.parquet")) is not None:
            with arrow.ParquetFile(path) as file:
                names, total = file.schema_arrow.names, file.metadata.num_rows

            def batches() -> Iterator[Any]:
                with arrow.ParquetFile(path) as file:
                    yield from file.iter_batches(batch_size=_BATCH)

            return _arrow(original, names, batches, total=total)
        if (polars := _imported("polars")) is not None:
            source = _polars_lazy(polars.scan_parquet(path, glob=False, hive_partitioning=False))
            source.total = polars.scan_parquet(path, glob=False).select(polars.len()).collect().item()
            source.original, source.steady = original, True
            return source
    except Exception as error:
        if isinstance(error, OSError):
            raise
        raise ValueError(f"{path} cannot be read as Parquet: {error}") from error
    raise ModuleNotFoundError(f"{path}: Parquet is read by pyarrow or polars: pip install pyarrow")


_FILES = {".jsonl": _jsonl, ".ndjson": _jsonl, ".csv": _csv, ".tsv": _tsv, ".parquet": _parquet}


class _Line(NamedTuple):
    number: int
    text: str


def _lines(file: IO[bytes], path: str) -> Iterator[_Line]:
    """The lines of a file, each decoded by itself, so that one that is broken has its number."""
    number = 0
    lines = iter(file)
    while True:
        number += 1
        try:
            line = next(lines)
        except StopIteration:
            return
        except _broken() as error:
            raise ValueError(f"{path}, line {number}: the file is cut off or damaged: {error}") from None
        try:
            yield _Line(number, line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}, line {number} is not UTF-8: save it so, or read it by pandas: {error}") from None


def _opened(path: str) -> IO[bytes]:
    """A file for reading, unpacked."""
    name = path.lower()
    if name.endswith(".gz"):
        import gzip

        return cast("IO[bytes]", gzip.open(path, "rb"))
    if name.endswith(".zst"):
        library = zstd(path)
        return unpacked(open(path, "rb"), library)
    return open(path, "rb")


def _broken() -> tuple[type[Exception], ...]:
    """What reading raises, zlib and zstd included: looked up only when something was raised."""
    import zlib

    kinds: list[type[Exception]] = [EOFError, OSError, zlib.error]
    for module in ("compression.zstd", "backports.zstd", "zstandard"):
        if (error := getattr(sys.modules.get(module), "ZstdError", None)) is not None:
            kinds.append(error)
    return tuple(kinds)


def zstd(path: str) -> Any:
    """A library for .zst files. ModuleNotFoundError, with what to install, where there is none."""
    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        if (module := _imported(name)) is not None:
            return module
    raise ModuleNotFoundError(f"{path}: .zst files need a library: pip install zstandard")


def unpacked(file: IO[bytes], library: Any) -> IO[bytes]:
    """The content of a .zst file, of one frame or several. A frame that is cut off is an EOFError: zstandard's own
    reader takes it for the end."""
    import io

    new: Callable[[], Any] = (
        (lambda: library.ZstdDecompressor().decompressobj())
        if library.__name__ == "zstandard"
        else library.ZstdDecompressor
    )

    class Unpacked(io.RawIOBase):
        frame: Any = None
        packed, left = b"", memoryview(b"")

        def readable(self) -> bool:
            return True

        def close(self) -> None:
            file.close()
            super().close()

        def readinto(self, buffer: Any) -> int:
            while not self.left:
                self.packed = self.packed or file.read(1 << 14)
                if not self.packed:
                    if self.frame is None:
                        return 0
                    raise EOFError("its last frame has no end")
                frame = self.frame = self.frame or new()
                self.left = memoryview(frame.decompress(self.packed))
                self.packed = b""
                if frame.eof:
                    self.packed, self.frame = frame.unused_data, None
            count = min(len(buffer), len(self.left))
            buffer[:count], self.left = self.left[:count], self.left[count:]
            return count

    return cast("IO[bytes]", io.BufferedReader(Unpacked(), 1 << 17))


def _imported(name: str) -> Any:
    """A library, or None where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        return None
