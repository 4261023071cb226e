"""Where a job's rows go when they have ended: tables, files, folders. In input order, streamed from the ledger: a file
takes no more memory for more rows."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast, get_origin

from .._core import BinaryContent, Object, Vector, Vectors
from .._files import written
from .._frames import Frameless
from ..types.images import _sniffed
from ..types.shared import items, part
from ._columns import (
    FLOAT,
    JSON,
    NOTHING,
    TEXT,
    VECTOR,
    Type,
    arrow_type,
    cell,
    fitted,
    joined,
    json_text,
    plain,
    polars_type,
    settled,
    sound,
    type_of,
)
from ._data import Source, kind_of, zstd
from ._prompt import computed, fields_of

if TYPE_CHECKING:
    from ._row import Row

    StrPath = str | os.PathLike[str]

# Rows that become columns at once: a group of rows in Parquet, and what is in memory of a file.
_CHUNK = 5000
_END: Any = object()
_UNENDED = "the row has not ended: the job stopped before it"
_MORE = "model_extra"  # pydantic's name for what an answer has beyond its class's fields
# Of a .npy file: enough for any shape, and a multiple of 64.
_HEAD = 128

# What a sink needs: one of these libraries.
_NEEDS = {
    "to_pandas": ("pandas",),
    "to_polars": ("polars",),
    "to_arrow": ("pyarrow",),
    "to_numpy": ("numpy",),
    "to_parquet": ("pyarrow", "polars"),
}
_TEXTS = ("audio.transcriptions", "embeddings", "messages")


class Sinks(Frameless):
    """Where a job's rows go: each of these runs the job to its end first, and has all rows in input order, those that
    failed with their `error`.

    As a table the rows have the columns of the data as they were (`input` for what is no table and no dict), then the
    fields of `output=` (`output` for a text, a vector, a picture, a number), `error` (text; None for a good row) and
    `cost` (dollars; None if unknown). Where the data has a column of such a name, the new one gets `_output` behind
    it. What libraries or paths are missing is said before anything is sent."""

    if TYPE_CHECKING:
        _source: Source | None
        _output: Any
        _resource: str

        def run(self) -> object: ...
        def _rows(self) -> Iterator[Row]: ...

    def to_list(self) -> list[Row]:
        """The rows, in input order. They are in memory together: iterate over `rows()` where they are many."""
        return cast("list[Row]", self._sink("to_list"))

    def to_pandas(self) -> Any:
        """A pandas DataFrame, with the index of the DataFrame or Series that was given. Whole numbers and truth values
        stay such where rows failed (Int64, boolean)."""
        return self._sink("to_pandas")

    def to_polars(self) -> Any:
        """A polars DataFrame. What no type fits is JSON text."""
        return self._sink("to_polars")

    def to_arrow(self) -> Any:
        """A pyarrow Table. What no type fits is JSON text."""
        return self._sink("to_arrow")

    def to_numpy(self, path: StrPath | None = None) -> Any:
        """The vectors of embeddings as a float32 matrix, a row for each; NaN for a row that failed.

        path: a .npy file, which is written and then mapped read-only, so that no more than is looked at takes
            memory."""
        return self._sink("to_numpy", path)

    def to_jsonl(self, path: StrPath) -> Path:
        """A file of JSON, a line for each row; packed if its name ends in .gz or .zst. Bytes are base64, times ISO
        8601, decimals text."""
        return cast("Path", self._sink("to_jsonl", path))

    def to_csv(self, path: StrPath, *, excel: bool = False) -> Path:
        """A file of CSV, in UTF-8; packed if its name ends in .gz or .zst. None is an empty cell, what is a list or a
        record is JSON.

        excel: for spreadsheets: a mark of UTF-8 before the first byte, without which Excel takes Chinese for something
            else, and an apostrophe before texts that begin as a formula does, which it would run: an answer may be
            anybody's words. Default False: texts as they are."""
        return cast("Path", self._sink("to_csv", path, excel))

    def to_parquet(self, path: StrPath) -> Path:
        """A file of Parquet, by pyarrow, a few thousand rows at a time; or by polars, with all of them in memory."""
        return cast("Path", self._sink("to_parquet", path))

    def to_folder(self, path: StrPath) -> Path:
        """The pictures or sounds as files in a folder, which is made: `000017.png`, or `000017-2.png` for the second of
        a row, named by the row's number and by what the bytes are. `rows.jsonl` there says of each row its `index`,
        `files`, `input`, `error` and `cost`.

        A file that is there with other bytes is not written over: FileExistsError. A picture at a URL is fetched; what
        cannot be is raised when all others have been written."""
        return cast("Path", self._sink("to_folder", path))

    def _sink(self, name: str, *given: Any) -> Any:
        _check(self, name, *given)
        self.run()
        return getattr(_Ended(self), name)(*given)


class AsyncSinks(Frameless):
    """`Sinks`, awaited: the same work in a thread, so that the event loop goes on."""

    if TYPE_CHECKING:
        _source: Source | None
        _output: Any
        _resource: str

        async def run(self) -> object: ...
        def _rows(self) -> Iterator[Row]: ...

    async def to_list(self) -> list[Row]:
        """The rows, in input order."""
        return cast("list[Row]", await self._sink("to_list"))

    async def to_pandas(self) -> Any:
        """A pandas DataFrame; see `Sinks.to_pandas`."""
        return await self._sink("to_pandas")

    async def to_polars(self) -> Any:
        """A polars DataFrame; see `Sinks.to_polars`."""
        return await self._sink("to_polars")

    async def to_arrow(self) -> Any:
        """A pyarrow Table; see `Sinks.to_arrow`."""
        return await self._sink("to_arrow")

    async def to_numpy(self, path: StrPath | None = None) -> Any:
        """The vectors as a matrix; see `Sinks.to_numpy`."""
        return await self._sink("to_numpy", path)

    async def to_jsonl(self, path: StrPath) -> Path:
        """A file of JSON lines; see `Sinks.to_jsonl`."""
        return cast("Path", await self._sink("to_jsonl", path))

    async def to_csv(self, path: StrPath, *, excel: bool = False) -> Path:
        """A file of CSV; see `Sinks.to_csv`."""
        return cast("Path", await self._sink("to_csv", path, excel))

    async def to_parquet(self, path: StrPath) -> Path:
        """A file of Parquet; see `Sinks.to_parquet`."""
        return cast("Path", await self._sink("to_parquet", path))

    async def to_folder(self, path: StrPath) -> Path:
        """The pictures or sounds as files in a folder; see `Sinks.to_folder`."""
        return cast("Path", await self._sink("to_folder", path))

    async def _sink(self, name: str, *given: Any) -> Any:
        import asyncio  # only here: a sync program never imports it (46 ms)

        _check(self, name, *given)
        await self.run()
        ended = _Ended(self)
        try:
            return await asyncio.to_thread(getattr(ended, name), *given)
        except asyncio.CancelledError:
            ended.cancelled = True  # the thread gives up at its next row, and leaves no file
            raise


def _check(job: Sinks | AsyncSinks, name: str, path: StrPath | None = None, *_: Any) -> None:
    """What can be said before the job has been paid for."""
    needs = _NEEDS.get(name, ())
    if needs and not any(find_spec(library) for library in needs):
        raise ModuleNotFoundError(f"{name} needs {' or '.join(needs)}: pip install {needs[0]}")
    if name == "to_numpy" and job._resource != "embeddings":
        raise TypeError(f"to_numpy is for vectors, and this is a job of {job._resource}: to_pandas, to_list, …")
    if name == "to_folder" and job._resource in _TEXTS:
        raise TypeError(f"to_folder is for pictures and sounds, and this is a job of {job._resource}: to_jsonl, …")
    if path is None:
        return
    place = os.fsdecode(path)
    if name == "to_folder":
        if os.path.lexists(place) and not os.path.isdir(place):
            raise NotADirectoryError(20, "it is a file: give the path of a folder", place)
        return
    if os.path.isdir(place):
        raise IsADirectoryError(21, "it is a folder: give the path of a file", place)
    folder = os.path.dirname(place) or "."
    if not os.path.isdir(folder):
        raise FileNotFoundError(2, "no such folder", folder)


class _Ended:
    """A job's rows, all of which have ended."""

    def __init__(self, job: Sinks | AsyncSinks) -> None:
        self.source = job._source
        self.resource = job._resource
        self.rows = job._rows
        self.fields = None if job._resource == "embeddings" else _fields(job._output)
        self.is_text = job._output is None and job._resource in ("responses", "chat.completions", "messages", "gemini")
        self.cancelled = False

    # ---- what is in a row ----

    def each(self, inputs: bool = True) -> Iterator[tuple[Any, Row | None]]:
        """Of each row the input and what became of it; None for one that the job did not come to.

        The input is the user's own object where it can be had again for certain: the ledger has JSON. Without `inputs`
        it is not looked at, where there is a table that has it."""
        source = self.source
        items: Iterator[Any] | None = None
        if source is not None and source.steady:
            items = iter(source) if inputs or source.total is None else iter(range(source.total))
        at = -1
        for row in self.rows():
            if self.cancelled:
                raise InterruptedError("the sink was cancelled")
            if items is None:
                yield row.input, row
                continue
            item = _END
            while at < row.index and (item := next(items, _END)) is not _END:
                at += 1
                if at < row.index:
                    yield item, None
            at = max(at, row.index)
            yield row.input if item is _END else item, row
        for item in items or ():
            yield item, None

    def result(self, row: Row | None) -> list[Any]:
        """The new columns of a row: the answer's, `error` and `cost`, plain."""
        output, *told = _told(row)
        if row is None or row.error is not None:
            return [*([None] * (1 if self.fields is None else len(self.fields))), *told]
        if self.fields is None:
            return [self._alone(output, row), *told]
        made = fields_of(output) or {}
        if _MORE in self.fields:
            made = {**made, _MORE: getattr(output, _MORE, None)}
        return [*(plain(made.get(name)) for name in self.fields), *told]

    def _alone(self, output: Any, row: Row) -> Any:
        """An answer that is one column."""
        if self.resource == "embeddings":
            vector = _vector(output, row.index)
            return None if vector is None else vector.tolist()
        if (files := _files(output)) is not None:
            contents = [plain(file) for file in files]
            return contents[0] if len(contents) == 1 else contents
        if isinstance(output, Object) and isinstance(text := output.get("text"), str):
            return text  # a transcript with times, which `reply` has
        return plain(output)

    def names(self) -> tuple[list[str], list[str]]:
        """The columns of the input, and the new ones: those of a name that is taken get "_output" behind it."""
        source = self.source
        if source is not None and source.columns is not None:
            given = list(source.columns)
        else:
            given = self._keys()
        return given, _unclashed(self.fields, given)

    def _keys(self) -> list[str]:
        """The columns of rows that have each their own."""
        keys: dict[str, None] = {}
        for item, _ in self.each():
            keys.update((str(name), None) for name in self.input(item))
        return list(keys)

    def input(self, item: Any) -> Mapping[str, Any]:
        """A row's input by columns."""
        fields = fields_of(item)
        return {(self.source and self.source.name) or "input": item} if fields is None else fields

    def inputs(self, item: Any, names: list[str]) -> list[Any]:
        """The same in the order of these, plain."""
        fields = self.input(item)
        return [plain(fields.get(name)) for name in names]

    # ---- in memory ----

    def to_list(self) -> list[Row]:
        return list(self.rows())

    def columns(self, inputs: bool = True) -> tuple[list[str], list[list[Any]]]:
        """All columns, or the new ones: names and values."""
        given, new = self.names()
        names = [*given, *new] if inputs else new
        values: list[list[Any]] = [[] for _ in names]
        for item, row in self.each(inputs):
            cells = [*(self.inputs(item, given) if inputs else ()), *self.result(row)]
            for column, value in zip(values, cells, strict=True):
                column.append(value)
        return names, values

    def to_pandas(self) -> Any:
        pandas: Any = import_module("pandas")
        frame = self._frame("pandas")
        names, values = self.columns(inputs=frame is None)
        made = {name: _pandas_column(pandas, column) for name, column in zip(names, values, strict=True)}
        made[names[-1]] = pandas.Series(values[-1], dtype="float64").array
        if frame is None:
            return pandas.DataFrame(made)
        levels = frame.columns.nlevels
        for name, column in made.items():
            frame[name if levels == 1 else (name, *[""] * (levels - 1))] = column
        return frame

    def to_polars(self) -> Any:
        polars: Any = import_module("polars")
        frame = self._frame("polars")
        names, values = self.columns(inputs=frame is None)
        made: list[Any] = []
        for name, kind, column in zip(names, self.types(names, values), values, strict=True):
            column = [fitted(value, kind) for value in column]
            try:
                made.append(polars.Series(name, column, dtype=polars_type(polars, kind)))
            except UnicodeEncodeError:
                made.append(polars.Series(name, sound(column), dtype=polars_type(polars, kind)))
        return polars.DataFrame(made) if frame is None else frame.hstack(made)

    def to_arrow(self) -> Any:
        arrow: Any = import_module("pyarrow")
        schema, tables = self.tables(arrow)
        return arrow.concat_tables([schema.empty_table(), *tables])

    def to_numpy(self, path: StrPath | None = None) -> Any:
        numpy: Any = import_module("numpy")
        if path is None:
            import io

            whole = io.BytesIO()
            shape = self._vectors(whole)
            return numpy.frombuffer(whole.getbuffer(), dtype="<f4").reshape(shape)
        with _whole(path) as file:
            file.write(bytes(_HEAD))
            shape = self._vectors(file)
            file.seek(0)
            file.write(_npy_head(shape))
        return numpy.load(path, mmap_mode="r" if shape[0] and shape[1] else None)  # of nothing there is no map

    def _vectors(self, file: IO[bytes]) -> tuple[int, int]:
        """Writes all vectors, and says how many there are and how long they are."""
        rows, length, behind = 0, 0, 0  # behind: rows that failed before the first vector
        nothing = b""
        for _, row in self.each(inputs=False):
            rows += 1
            vector = None if row is None else _vector(_told(row)[0], row.index)
            if row is None or vector is None:
                file.write(nothing)
                behind += not length
                continue
            if not length:
                length, nothing = len(vector), b"\x00\x00\xc0\x7f" * len(vector)
                for _ in range(behind):
                    file.write(nothing)
            if len(vector) != length:
                raise ValueError(f"row {row.index} has a vector of {len(vector)}, those before it are of {length}")
            file.write(vector)
        return rows, length

    def original(self, library: str, *classes: str) -> Any:
        """What the user gave, if it is of these classes."""
        original = None if self.source is None else self.source.original
        return original if kind_of(original) in [(library, name) for name in classes] else None

    def _frame(self, library: str) -> Any:
        """A frame of what the user gave, which columns may be added to: pandas' or polars'. None if it was none."""
        given: Any = self.original(library, "DataFrame", "Series")
        if given is None or hasattr(given, "columns"):
            return given if library == "polars" or given is None else given.copy(deep=False)
        name = "input" if given.name in (None, "") else given.name
        return given.alias(name).to_frame() if library == "polars" else given.to_frame(name)

    # ---- with types ----

    def types(self, names: list[str], values: list[list[Any]]) -> list[Type]:
        """The types of columns whose values are all there."""
        known = self._known(names)
        return [
            known.get(name) or settled(joined(NOTHING, *map(type_of, column)))
            for name, column in zip(names, values, strict=True)
        ]

    def _known(self, names: list[str]) -> dict[str, Type]:
        """Columns whose type is no question."""
        known: dict[str, Type] = {names[-2]: TEXT, names[-1]: FLOAT}
        if self.resource == "embeddings":
            known[names[-3]] = VECTOR
        elif self.is_text:
            known[names[-3]] = JSON  # which a text is as it stands
        return known

    def tables(self, arrow: Any) -> tuple[Any, Iterator[Any]]:
        """The rows as Arrow tables of some thousand, and their schema. The rows are gone through twice: a type that
        only the last row shows is the column's from the first on."""
        given, new = self.names()
        whole = self._arrow_table(arrow)
        if whole is not None:
            given, new = whole.schema.names, _unclashed(self.fields, whole.schema.names)
        names = new if whole is not None else [*given, *new]
        known = self._known(names)
        found = [NOTHING] * len(names)
        for chunk in self._chunks(given, whole is None) if known.keys() < set(names) else ():
            found = [
                kind if name in known else joined(kind, *map(type_of, column))
                for name, kind, column in zip(names, found, chunk, strict=True)
            ]
        kinds = [known.get(name) or settled(kind) for name, kind in zip(names, found, strict=True)]
        schema = arrow.schema([(name, arrow_type(arrow, kind)) for name, kind in zip(names, kinds, strict=True)])
        if whole is not None:
            schema = arrow.schema([*whole.schema, *schema], metadata=whole.schema.metadata)

        def made() -> Iterator[Any]:
            start = 0
            for chunk in self._chunks(given, whole is None):
                columns: list[Any] = []
                if whole is not None:
                    part = whole.slice(start, len(chunk[0]))
                    columns += part.columns
                    start += part.num_rows
                for kind, column in zip(kinds, chunk, strict=True):
                    values = [fitted(value, kind) for value in column]
                    try:
                        columns.append(arrow.array(values, arrow_type(arrow, kind)))
                    except UnicodeEncodeError:
                        columns.append(arrow.array(sound(values), arrow_type(arrow, kind)))
                yield arrow.table(columns, schema=schema)

        return schema, made()

    def _chunks(self, given: list[str], inputs: bool) -> Iterator[list[list[Any]]]:
        """Columns of some thousand rows."""
        each = self.each(inputs)
        while chunk := list(islice(each, _CHUNK)):
            rows = [[*(self.inputs(item, given) if inputs else ()), *self.result(row)] for item, row in chunk]
            yield [list(column) for column in zip(*rows, strict=True)]

    def _arrow_table(self, arrow: Any) -> Any:
        """What the user gave, if it is a table in memory: its types are kept."""
        if (table := self.original("pyarrow", "Table", "RecordBatch")) is not None:
            return table if hasattr(table, "combine_chunks") else arrow.Table.from_batches([table])
        if (data := self.original("datasets", "Dataset")) is not None:
            return data.with_format("arrow")[:]
        frame = self._frame("polars")
        if frame is not None:
            return frame.to_arrow()
        frame = self._frame("pandas")
        if frame is None:
            return None
        if not all(isinstance(name, str) for name in frame.columns):
            frame = frame.set_axis(list(cast("Source", self.source).columns or ()), axis=1)
        try:
            return arrow.Table.from_pandas(frame)
        except (arrow.ArrowException, UnicodeEncodeError):  # a column of several types, which arrow does not have
            return None

    # ---- files ----

    def to_jsonl(self, path: StrPath) -> Path:
        _, new = self.names()
        with _whole(path) as file, _text_of(file, path) as text:
            for item, row in self.each():
                # A row has the columns that it had: one that is not there is not null.
                line = {str(name): plain(value) for name, value in self.input(item).items()}
                line.update(zip(new, self.result(row), strict=True))
                text.write(json_text(line) + "\n")
        return Path(path)

    def to_csv(self, path: StrPath, excel: bool = False) -> Path:
        import csv

        given, new = self.names()
        with _whole(path) as file, _text_of(file, path) as text:
            writer = csv.writer(text)
            written_as = _as_text if excel else cell
            if excel:
                text.write("\ufeff")
            writer.writerow([written_as(name) for name in (*given, *new)])
            for item, row in self.each():
                cells = [written_as(value) for value in (*self.inputs(item, given), *self.result(row))]
                writer.writerow(cells)
        return Path(path)

    def to_parquet(self, path: StrPath) -> Path:
        if not find_spec("pyarrow"):
            with _whole(path) as file:
                self.to_polars().write_parquet(file)
            return Path(path)
        arrow: Any = import_module("pyarrow")
        schema, tables = self.tables(arrow)
        with _whole(path) as file, import_module("pyarrow.parquet").ParquetWriter(file, schema) as writer:
            for table in tables:
                writer.write_table(table)
        return Path(path)

    def to_folder(self, path: StrPath) -> Path:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        listing = folder / "rows.jsonl"
        _is_ours(listing)
        failed: list[Exception] = []
        with _whole(listing) as file, _text_of(file, listing) as text:
            for number, (item, row) in enumerate(self.each()):
                index = number if row is None else row.index
                output, error, cost = _told(row)
                names: list[str] = []
                try:
                    for content in _contents(output, row):
                        more = f"-{len(names) + 1}" if names else ""
                        name = f"{index:06d}{more}.{_ending(content)}"
                        _put(folder / name, content)
                        names.append(name)
                except FileExistsError:
                    raise
                except Exception as cause:  # it was not to be fetched, or is none: the others are written
                    failed.append(cause)
                    error = f"{type(cause).__name__}: {cause}"
                line = {"index": index, "files": names, "input": plain(item), "error": error, "cost": cost}
                text.write(json_text(line) + "\n")
        if failed:
            failed[0].add_note(
                f"{len(failed)} rows have no file for such a reason: {listing} has each; all else is there"
            )
            raise failed[0]
        return folder


def _told(row: Row | None) -> tuple[Any, str | None, float | None]:
    """Output, `error` and `cost` of a row. The output first: where the reply cannot be read, that is the error."""
    if row is None:
        return None, _UNENDED, None
    output = row.output
    if row.error is None:
        return output, None, row.cost
    return None, f"{type(row.error).__name__}: {row.error}", row.cost


# ---- answers ----


def _fields(output: Any) -> tuple[str, ...] | None:
    """The columns that an answer of a class becomes; None for one that is a single column."""
    kind = get_origin(output) or getattr(output, "_type", output)  # of a TypeAdapter what it adapts
    if isinstance(kind, Mapping):
        schema = cast("Mapping[str, Any]", kind)
        return tuple(schema.get("properties") or ()) or None if "anyOf" not in schema else None
    if not isinstance(kind, type) or getattr(kind, "__pydantic_root_model__", False):
        return None
    cls: Any = kind
    for names in ("model_fields", "__dataclass_fields__", "_fields", "__struct_fields__"):
        if found := getattr(cls, names, None):
            more = (_MORE,) if getattr(cls, "model_config", {}).get("extra") == "allow" else ()
            return (*found, *computed(cls), *more)
    if (attrs := getattr(cls, "__attrs_attrs__", None)) is not None:
        return tuple(field.name for field in attrs)
    return tuple(cls.__annotations__) if hasattr(cls, "__required_keys__") else None  # a TypedDict


def _unclashed(fields: Iterable[str] | None, given: Iterable[str]) -> list[str]:
    """Names for the new columns, none of which is taken."""
    taken = set(given)
    made: list[str] = []
    for name in (*(("output",) if fields is None else fields), "error", "cost"):
        free, number = name, 1
        while free in taken:
            free = f"{name}_output" if number == 1 else f"{name}_output_{number}"
            number += 1
        taken.add(free)
        made.append(free)
    return made


def _vector(output: Any, index: int) -> memoryview | None:
    """A row's only vector; None where the server gave none."""
    from array import array

    vector: Any = output.data if isinstance(output, Vectors) else output
    if vector is None or (vector.__class__ is list and not vector):
        return None
    if vector.__class__ in (list, tuple) and vector and not isinstance(vector[0], (int, float)):
        if len(vector) != 1:
            raise ValueError(f"row {index} has {len(vector)} vectors: a column holds one for each row, to_list() all")
        vector = vector[0]
    if isinstance(vector, Vector):
        return memoryview(vector)
    return memoryview(array("f", vector.tolist() if hasattr(vector, "tolist") else vector))


def _files(output: Any) -> list[Any] | None:
    """The pictures or sounds of an answer; None for another kind of answer."""
    if isinstance(output, (bytes, bytearray, memoryview, BinaryContent)):
        return [output]
    kind: Any = output.__class__
    if issubclass(kind, Object):
        if hasattr(kind, "b64_json") or hasattr(kind, "bytes"):
            return [output]
        output = output.get("data")
    if output.__class__ in (list, tuple) and output:
        found = [_files(one) for one in output]
        return None if None in found else [file for files in found for file in files or ()]
    return None


def _contents(output: Any, row: Row | None) -> Iterator[bytes]:
    """The bytes of a row's pictures or sounds, fetched where they are at a URL."""
    files = _files(output)
    if files is None and row is not None and row.error is None:
        files = _drawn(row.reply)
    for file in files or ():
        content: Any = file.content if isinstance(file, BinaryContent) else file
        yield bytes(content.read() if hasattr(content, "read") else getattr(content, "bytes", content))


def _drawn(reply: Any) -> list[Any]:
    """The pictures in a reply whose answer is a text."""
    from ..types.images import Image

    if hasattr(reply, "images"):
        return list(reply.images)
    # Of a response base64, of a chat data URIs and URLs.
    drawn = [Image(b64_json=part(item, "result")) for item in items(part(reply, "output")) if part(item, "result")]
    message = part(next(iter(items(part(reply, "choices"))), None), "message")
    drawn += [Image(url=url) for url in getattr(message, "images", ())]
    for image in drawn:
        image._settings = getattr(reply, "_settings", None)
    return drawn


# ---- files ----


@contextmanager
def _whole(path: StrPath) -> Generator[IO[bytes]]:
    """A file that is there when the block has ended well, on disk, and not before."""
    with written(path) as file:
        yield file
        file.flush()
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            os.fsync(file.fileno())


@contextmanager
def _text_of(file: IO[bytes], path: StrPath) -> Generator[IO[str]]:
    """A file for text, packed as its name says. Half a character is written as JSON has it: `\\ud83d`."""
    import gzip
    import io

    name = os.fspath(path).lower()
    packed: Any = None
    if name.endswith(".gz"):
        packed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0)
    elif name.endswith(".zst"):
        library = zstd(os.fspath(path))
        new: Callable[[], Any] = (
            (lambda: library.ZstdCompressor().stream_writer(file, closefd=False))
            if library.__name__ == "zstandard"
            else (lambda: library.ZstdFile(file, "wb"))
        )
        packed = new()
    text = io.TextIOWrapper(packed or file, "utf-8", "backslashreplace", newline="")
    try:
        yield text
        text.flush()
    finally:
        text.detach()
        if packed is not None:
            packed.close()


def _npy_head(shape: tuple[int, int]) -> bytes:
    told = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    return b"\x93NUMPY\x01\x00" + (_HEAD - 10).to_bytes(2, "little") + told.ljust(_HEAD - 11).encode() + b"\n"


def _as_text(value: Any) -> Any:
    """A cell for a spreadsheet, in which nothing is a formula."""
    value = cell(value)
    if isinstance(value, str) and value[:1] in tuple("=+-@\t\r＝＋－＠"):
        try:
            float(value)
        except ValueError:
            return f"'{value}"
    return value


_NULLABLE = {frozenset((int, type(None))): "Int64", frozenset((bool, type(None))): "boolean"}


def _pandas_column(pandas: Any, values: list[Any]) -> Any:
    """Values as an array of pandas. Left to itself it makes floats of whole numbers where one is missing."""
    kinds: set[Any] = {value.__class__ for value in values}
    nothing = kinds <= {type(None)}
    dtype: Any = object if nothing else _NULLABLE.get(frozenset(kinds))
    try:
        return pandas.Series(values, dtype=dtype).array
    except UnicodeEncodeError:
        return _pandas_column(pandas, sound(values))
    except (ArithmeticError, TypeError, ValueError):  # numbers of more than 64 bits
        return pandas.Series(values, dtype=object).array


# Beside the pictures that `_sniffed` knows, which every page can show.
_BEGINNINGS = (
    (4, b"ftypavif", "avif"), (4, b"ftyphei", "heic"), (8, b"WAVE", "wav"), (0, b"ID3", "mp3"), (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"), (4, b"ftyp", "m4a"), (0, b"\x1a\x45\xdf\xa3", "webm"), (0, b"BM", "bmp"),
)  # fmt: skip


def _ending(content: bytes) -> str:
    """What a file is, by its first bytes and nothing else; "bin" for what is not known, as raw samples."""
    if kind := _sniffed(content):
        return kind.removeprefix("image/").replace("jpeg", "jpg")
    for at, begins, ending in _BEGINNINGS:
        if content.startswith(begins, at):
            return ending
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0:  # a frame of MPEG: layer 0 is AAC
        return "aac" if content[1] & 0x06 == 0 else "mp3"
    return "bin"


def _put(path: Path, content: bytes) -> None:
    """Writes a file, unless it is there."""
    if not os.path.lexists(path):
        with _whole(path) as file:
            file.write(content)
    elif path.is_symlink() or not path.is_file() or path.read_bytes() != content:
        raise FileExistsError(17, "it is there, with other content: give another folder, or remove it", str(path))


def _is_ours(listing: Path) -> None:
    """Refuses a list of files that a job has not written."""
    import json

    if not os.path.lexists(listing):
        return
    try:
        with open(listing, "rb") as file:
            first = file.readline()
        ours = not listing.is_symlink() and (not first or {"index", "files", "error"} <= set(json.loads(first)))
    except (OSError, TypeError, ValueError):
        ours = False
    if not ours:
        raise FileExistsError(17, "it is there, and none of a job's: give another folder", str(listing))
