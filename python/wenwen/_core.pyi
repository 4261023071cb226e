"""The Rust half of wenwen, as type checkers see it."""

import asyncio
import builtins
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from os import PathLike
from typing import Any, ClassVar, Final, Generic, Literal, Self, TypeVar, final

from typing_extensions import disjoint_base

_T_co = TypeVar("_T_co", covariant=True)

__version__: Final[str]
NO_TIMEOUT: Final[Timeout]

@disjoint_base
class Object:
    """A JSON object: fields are attributes and keys alike."""

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __new__(cls, data: Mapping[str, Any] | None = None, /, **fields: Any) -> Self: ...
    def __getattr__(self, name: str, /) -> Any: ...
    def __setattr__(self, name: str, value: Any, /) -> None: ...
    def __delattr__(self, name: str, /) -> None: ...
    def __getitem__(self, name: str, /) -> Any: ...
    def __setitem__(self, name: str, value: Any, /) -> None: ...
    def __delitem__(self, name: str, /) -> None: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __dir__(self) -> list[str]: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object, /) -> Self: ...
    def get(self, name: str, default: Any = None, /) -> Any:
        """The value of a field, or `default` where the reply has none."""

    def _output_text(self) -> str: ...
    def _ipython_key_completions_(self) -> list[str]: ...
    def keys(self) -> KeysView[str]: ...
    def values(self) -> ValuesView[Any]: ...
    def items(self) -> ItemsView[str, Any]: ...
    def to_dict(
        self,
        *,
        exclude_none: bool = False,
        exclude_defaults: bool = False,
        mode: object = None,
        by_alias: bool | None = None,
        use_api_names: bool | None = None,
        exclude_unset: bool | None = None,
        warnings: object = None,
    ) -> builtins.dict[str, Any]:
        """The reply as plain dicts and lists, every field as it came: a copy."""

    def to_json(
        self,
        *,
        indent: int | None = 2,
        exclude_none: bool = False,
        exclude_defaults: bool = False,
        mode: object = None,
        by_alias: bool | None = None,
        use_api_names: bool | None = None,
        exclude_unset: bool | None = None,
        warnings: object = None,
    ) -> str:
        """The reply as JSON text."""

    def model_dump(
        self,
        *,
        include: object = None,
        exclude: object = None,
        exclude_none: bool = False,
        exclude_defaults: bool = False,
        mode: object = None,
        by_alias: bool | None = None,
        exclude_unset: bool | None = None,
        round_trip: bool | None = None,
        warnings: object = None,
    ) -> builtins.dict[str, Any]: ...
    def dict(
        self,
        *,
        include: object = None,
        exclude: object = None,
        exclude_none: bool = False,
        exclude_defaults: bool = False,
        by_alias: bool | None = None,
        exclude_unset: bool | None = None,
    ) -> Any: ...
    def model_dump_json(
        self,
        *,
        indent: int | None = None,
        include: object = None,
        exclude: object = None,
        exclude_none: bool = False,
        exclude_defaults: bool = False,
        by_alias: bool | None = None,
        exclude_unset: bool | None = None,
        round_trip: bool | None = None,
        warnings: object = None,
    ) -> str: ...
    def json(
        self,
        *,
        indent: int | None = None,
        include: object = None,
        exclude: object = None,
        exclude_none: bool = False,
        exclude_defaults: bool = False,
        by_alias: bool | None = None,
        exclude_unset: bool | None = None,
    ) -> str: ...
    @classmethod
    def model_validate(cls, data: Mapping[str, Any], **options: object) -> Self: ...
    @classmethod
    def model_validate_json(cls, data: str | bytes) -> Self: ...
    @classmethod
    def model_construct(cls, _fields_set: object = None, **fields: Any) -> Self: ...
    @classmethod
    def construct(cls, _fields_set: object = None, **fields: Any) -> Self: ...
    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self: ...
    def copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self: ...

    model_fields: ClassVar[Mapping[str, Any]]

    @property
    def model_extra(self) -> builtins.dict[str, Any]: ...
    @property
    def model_fields_set(self) -> set[str]: ...
    @property
    def __pydantic_serializer__(self) -> Any: ...
    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any: ...
    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> builtins.dict[str, Any]: ...

@disjoint_base
class Reply(Object):
    """A reply of the gateway: an Object that knows the HTTP reply it came with."""

    @property
    def request_id(self) -> str | None:
        """The gateway's id of the request, for its support; None if it gave none."""

    @property
    def _request_id(self) -> str | None: ...
    @property
    def _settings(self) -> Settings | None: ...
    @property
    def headers(self) -> Headers:
        """The headers of the HTTP reply; empty for an object that came with none."""

@disjoint_base
class Vectors(Reply):
    """A reply of embeddings. It is a matrix too, read-only: `numpy.asarray(reply)` has a row for each of `data`."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """What numpy asks where there is no buffer: says why."""

    def __buffer__(self, flags: int, /) -> memoryview: ...

class Vector(Object):
    """One embedding. It is a vector too, read-only: `numpy.asarray(embedding)`."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """What numpy asks where there is no buffer: says why."""

    def __buffer__(self, flags: int, /) -> memoryview: ...

@final
class Headers:
    """Headers of a reply: a mapping whose keys have no case."""

    def __new__(cls, pairs: Iterable[tuple[str, str]] = ...) -> Self: ...
    def __getitem__(self, name: str, /) -> str: ...
    def __contains__(self, name: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def get(self, name: str, default: Any = None, /) -> Any: ...
    def keys(self) -> list[str]: ...
    def values(self) -> list[str]: ...
    def items(self) -> list[tuple[str, str]]: ...
    def get_list(self, name: str) -> list[str]:
        """All values of a header that may come several times."""

@final
class Timeout:
    """Limits in seconds; None is no limit.

    total: the whole call, attempts and the waits between them included, to the last byte of a reply or stream (600).
    connect: one connection: name look-up, TCP, TLS (10).
    first_event: silence before the first event of a stream; a ping starts it anew (None).
    idle: silence within a reply or a stream; any byte, a ping too, starts it anew (120).
    """

    def __new__(
        cls,
        total: float | None = 600.0,
        *,
        connect: float | None = 10.0,
        first_event: float | None = None,
        idle: float | None = 120.0,
    ) -> Self: ...
    @property
    def total(self) -> float | None: ...
    @property
    def connect(self) -> float | None: ...
    @property
    def first_event(self) -> float | None: ...
    @property
    def idle(self) -> float | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Settings:
    """What a client is configured with; it never changes."""

    OPTIONS: ClassVar[tuple[str, ...]]
    CALL_OPTIONS: ClassVar[tuple[str, ...]]
    DOWNLOAD_OPTIONS: ClassVar[tuple[str, ...]]
    SECRET_OPTIONS: ClassVar[tuple[str, ...]]

    def __new__(cls, options: dict[str, Any]) -> Self: ...
    def under(self, segment: str) -> Settings: ...
    def replace(self, *values: Any) -> Settings: ...
    def options(self) -> dict[str, Any]: ...
    @property
    def has_key(self) -> bool: ...
    @property
    def has_own_key(self) -> bool: ...
    @property
    def key(self) -> Any: ...
    @property
    def auth_token(self) -> Any: ...
    @property
    def verifies(self) -> bool: ...
    @property
    def root(self) -> str: ...
    @property
    def timeout(self) -> Timeout: ...
    @property
    def max_retries(self) -> int: ...
    @property
    def max_response_bytes(self) -> int: ...

@final
class Hidden:
    """A value on its way to the core, whose repr is `***`."""

    def get_secret_value(self) -> Any:
        """The value itself."""

def hide(*values: Any) -> tuple[Any, ...]: ...
def hide_in(options: dict[str, Any]) -> None: ...
def add_query(options: dict[str, Any], query: object, peers: object = None) -> None: ...

@final
class Endpoint:
    """A row of the endpoint table with the types that belong to it."""

    def __new__(
        cls,
        id: str,
        reply: Callable[[], tuple[Any, Any]],
        event: Callable[[], tuple[Any, Any]],
        params: Callable[[], tuple[dict[str, int], Sequence[str]]] | None = None,
    ) -> Self: ...
    @property
    def id(self) -> str: ...

@final
class Stream(Generic[_T_co]):
    """The events of a reply as they arrive: iterate over it. Leaving the `with` block, `close()`, or letting go of the
    stream closes the connection at once.

    It ends after its last event; a stream that breaks off before raises IncompleteStreamError, which has what had
    arrived as `partial`.
    """

    def __iter__(self) -> Self: ...
    def __next__(self) -> _T_co: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
    def close(self) -> None:
        """Ends the stream and its connection; what has arrived and was not read is gone."""

    def _leave(self) -> None: ...
    def _abandon(self) -> None: ...
    def _pop(self) -> _T_co | Self: ...
    def _reply(self) -> Any: ...
    def _partial(self, choice: int | None = None) -> Any: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def status_code(self) -> int: ...
    @classmethod
    def __class_getitem__(cls, _item: object) -> type[Self]: ...

@final
class APIResponse:
    """A reply as HTTP gave it; `parse()` makes of it what the call would have returned."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def attempts(self) -> int: ...
    @property
    def retries_taken(self) -> int: ...
    @property
    def elapsed(self) -> float: ...
    @property
    def content(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any: ...
    def parse(self) -> Any: ...
    def _with_stream(self, wrap: Callable[[Stream[Any]], object]) -> APIResponse: ...

@final
class Body:
    """A reply whose body is read piece by piece; iterating gives bytes."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def request_id(self) -> str | None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> bytes: ...
    def read(self) -> bytes: ...
    def parse(self) -> Any: ...
    def close(self) -> None: ...
    def _pop(self, whole: bool) -> Self | bytes | None: ...
    def _whole(self) -> bytes | None: ...
    def _stream(self) -> Stream[Any] | None: ...
    def _too_large(self, what: str) -> Exception: ...
    def _is_whole(self) -> None: ...
    @property
    def _streams(self) -> bool: ...
    @property
    def _most(self) -> int: ...

@final
class BinaryContent:
    """A reply that is a file: `content` has its bytes, `save(path)` writes them. `memoryview(reply)` copies nothing."""

    @property
    def content(self) -> bytes:
        """The bytes."""

    @property
    def content_type(self) -> str | None:
        """What the reply's header says it is: "audio/mpeg". None if it says nothing."""

    @property
    def headers(self) -> Headers: ...
    @property
    def request_id(self) -> str | None:
        """The gateway's id of the request; None if it gave none."""

    def read(self) -> bytes:
        """The bytes."""

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the bytes to a file."""

    def write_to_file(self, file: str | PathLike[str]) -> None:
        """openai's name for `save`."""

    def stream_to_file(self, file: str | PathLike[str], *, chunk_size: int | None = None) -> None:
        """openai's older name for `save`."""

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The bytes in pieces."""

    def _repr_html_(self) -> str | None:
        """A notebook plays or shows it, unless it is too large to be put into one."""

    def __bytes__(self) -> bytes: ...
    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

@final
class Mailbox:
    """A mailbox for one event loop. Only the loop's thread uses it."""

    def __new__(cls, threaded: bool) -> Self: ...
    def fileno(self) -> int: ...
    def bell(self) -> int: ...
    def wait(self, seconds: float) -> bool: ...
    def take(self) -> list[tuple[asyncio.Future[Any] | None, Any, BaseException | None]]: ...
    def submit(
        self,
        future: asyncio.Future[Any],
        settings: Settings,
        endpoint: Endpoint,
        params: dict[str, Any],
        ids: Sequence[str] | None = None,
        form: Literal["parsed", "raw", "body", "helper"] | str = "parsed",
        *,
        path: str | None = None,
        body: object = None,
        cast_to: object = None,
    ) -> None: ...
    def submit_all(
        self,
        future: asyncio.Future[Any],
        settings: Settings,
        endpoint: Endpoint,
        parts: Sequence[tuple[dict[str, Any], str]],
        most: int,
    ) -> None: ...
    def when_ready(self, future: asyncio.Future[Any], source: Stream[Any] | Body) -> None: ...
    def parse(self, future: asyncio.Future[Any], body: Body) -> None: ...
    def abort(self, future: asyncio.Future[Any]) -> None: ...

@final
class KeySlot:
    """Where the loop's thread puts the key that a function gave."""

    def put(self, value: object) -> None: ...
    def fail(self, error: BaseException) -> None: ...

def send(
    settings: Settings,
    endpoint: Endpoint,
    params: dict[str, Any],
    ids: Sequence[str] | None = None,
    form: str = "parsed",
    *,
    path: str | None = None,
    body: object = None,
    cast_to: object = None,
) -> Any:
    """A sync call."""

def send_all(
    settings: Settings, endpoint: Endpoint, parts: Sequence[tuple[dict[str, Any], str]], most: int
) -> list[Any]:
    """Several requests as one sync call: at most `most` at a time, under one deadline; the first failure ends the
    others, and gets the note of its part."""

def dumps(value: object, indent: int | None = None) -> str:
    """JSON as the wire has it; `indent` makes it readable."""

def partial_json(text: str) -> Any:
    """What of a JSON text is whole so far: a string, a number and a key without its value are left out until they are.
    None of nothing, and of what is no JSON."""

def exact_json(text: str) -> str:
    """The JSON text with its numbers so that no reader changes them: a whole number of more digits than a float keeps
    is written as one. ValueError for NaN, Infinity, and what is larger than any float."""

def _vector(bytes: bytes) -> object: ...
def _response(head: object, body: bytes) -> APIResponse: ...
def _content(head: object, body: bytes) -> BinaryContent: ...
def _timeout(limits: tuple[float | None, float | None, float | None, float | None]) -> Timeout: ...
def _rebuild(cls: type[Object], data: dict[str, Any], head: object) -> Object: ...

@final
class Gateway:
    def __new__(
        cls,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str | None = None,
        models: Sequence[str] | None = None,
        latency: float = 0.0,
        event_delay: float = 0.0,
        ping_interval: float | None = None,
        max_body: int | None = None,
        journal_entries: int | None = None,
        journal_bytes: int | None = None,
    ) -> Self: ...
    @property
    def root(self) -> str: ...
    @property
    def port(self) -> int: ...
    def close(self) -> None: ...
    def push(self, reply: GatewayReply) -> None: ...
    def clear_script(self) -> None: ...
    @property
    def script_left(self) -> int: ...
    def set_handler(self, on: bool) -> None: ...
    def next_call(self, timeout: float) -> GatewayCall | None: ...
    @property
    def requests(self) -> list[GatewayRequest]: ...
    @property
    def last_request(self) -> GatewayRequest | None: ...
    def clear(self) -> None: ...
    def wait(self, seen: int, timeout: float) -> int: ...
    @property
    def connections(self) -> int: ...
    @property
    def open_connections(self) -> int: ...

@final
class GatewayReply:
    def __new__(
        cls,
        *,
        status: int = 200,
        kind: str = "usual",
        pieces: Sequence[bytes] = ...,
        headers: Sequence[tuple[str, str]] = ...,
        delay: float | None = None,
        gap: float | None = None,
        chunk_size: int | None = None,
        pings: int = 0,
        ping_interval: float = 0.0,
        cut: int | None = None,
        stall: int | None = None,
        reset: bool = False,
        close: bool = False,
        framing: str = "auto",
        gzip: bool = False,
        fault: str | None = None,
        times: int = 1,
    ) -> Self: ...

@final
class GatewayCall:
    @property
    def request(self) -> GatewayRequest: ...
    def answer(self, reply: GatewayReply) -> bool: ...

@final
class GatewayRequest:
    @property
    def index(self) -> int: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> str: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...
    def header(self, name: str, default: str | None = None) -> str | None: ...
    @property
    def body(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any: ...
    def form(self) -> dict[str, list[str | tuple[str, str | None, bytes]]]:
        """The body parsed as a form: the parts of each name, a text as str, a file as (name, type, content)."""

    @property
    def wire_bytes(self) -> int: ...
    @property
    def connection(self) -> int: ...
    @property
    def arrived_at(self) -> float: ...
    @property
    def status(self) -> int | None: ...
    @property
    def bytes_written(self) -> int: ...
    @property
    def events_written(self) -> int: ...
    @property
    def ended(self) -> Literal["open", "answered", "client closed", "cut", "gateway closed"]: ...
    @property
    def ended_at(self) -> float | None: ...
