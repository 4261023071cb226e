"""What all resources share: their settings, their raw forms, and the documentation of their methods."""

from __future__ import annotations

import os

from .._core import Body, Settings
from ..types.shared import RequestOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    import inspect
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator
    from io import BufferedWriter
    from os import PathLike
    from types import TracebackType
    from typing import Any, Self, TypeVar

    from .._core import Headers

    F = TypeVar("F", bound=Callable[..., Any])
    R = TypeVar("R", bound="Resource")


class Resource:
    """A part of a client."""

    __slots__ = ("_form", "_settings")

    def __init__(self, settings: Settings, form: str = "parsed") -> None:
        self._settings = settings
        self._form = form


class AsyncResource(Resource):
    """A part of an async client."""

    __slots__ = ("_call",)

    def __init__(self, settings: Settings, form: str = "parsed") -> None:
        super().__init__(settings, form)
        from .._loop import call  # only here: a sync program never imports asyncio (46 ms)

        self._call = call


class Streaming:
    """`with_streaming_response`: the methods of a resource, whose results are context managers."""

    __slots__ = ("_manager", "_resource")

    def __init__(self, resource: Resource, manager: type[StreamingResponse] | type[AsyncStreamingResponse]) -> None:
        self._resource = resource
        self._manager = manager

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._resource, name)
        if isinstance(target, Resource):
            return Streaming(target, self._manager)

        def open(*args: Any, **params: Any) -> StreamingResponse | AsyncStreamingResponse:
            return self._manager(lambda: target(*args, **params))

        return open


class Entered:
    """What sends its request where its `with` block begins, and has nothing to show before that."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name in ("_body", "_stream"):
                how = "async with" if hasattr(type(self), "__aenter__") else "with"
                raise RuntimeError(f"nothing has been sent yet: use it in a block, `{how} ... as {name[1:]}:`")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class _Head(Entered):
    """The head of a reply whose body is read later."""

    __slots__ = ("_body",)

    _body: Body

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self._body.status_code

    @property
    def headers(self) -> Headers:
        """The headers of the reply."""
        return self._body.headers

    @property
    def request_id(self) -> str | None:
        """The gateway's id of the request; None if it gave none."""
        return self._body.request_id


class StreamingResponse(_Head):
    """A reply whose head is here and whose body is read as you ask for it. Use it in a `with` block, which sends the
    request when it begins and closes the connection when it ends."""

    __slots__ = ("_send",)

    def __init__(self, send: Callable[[], Body]) -> None:
        self._send = send

    def __enter__(self) -> StreamingResponse:
        self._body = self._send()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._body.close()

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The body in pieces as they arrive, or of that many bytes."""
        return iter(self._body) if chunk_size is None else _Pieces(self._body, _Sized(self._body, chunk_size))

    def iter_text(self) -> Iterator[str]:
        """The body as text, in pieces as they arrive."""
        return _Pieces(self._body, _text())

    def iter_lines(self) -> Iterator[str]:
        """The body line by line, without the line ends. One of more than `max_response_bytes` is a
        ResponseTooLargeError."""
        return _Pieces(self._body, _Lines(self._body))

    def read(self) -> bytes:
        """The whole body."""
        return self._body.read()

    def text(self) -> str:
        """The whole body as text."""
        return self.read().decode("utf-8", "replace")

    def json(self) -> Any:
        """The whole body as JSON."""
        import json

        return json.loads(self.read())

    def parse(self) -> Any:
        """What the call would have returned: the typed reply of the whole body, or the stream of its events."""
        return self._body.parse()

    def stream_to_file(self, file: str | PathLike[str], *, chunk_size: int | None = None) -> None:
        """Writes the body to the file at that path, piece by piece."""
        with written(file) as out:
            out.writelines(self.iter_bytes(chunk_size))


class AsyncStreamingResponse(_Head):
    """A reply whose head is here and whose body is read as you ask for it. Use it in an `async with` block, which sends
    the request when it begins and closes the connection when it ends."""

    __slots__ = ("_send",)

    def __init__(self, send: Callable[[], Any]) -> None:
        self._send = send

    async def __aenter__(self) -> AsyncStreamingResponse:
        self._body = await self._send()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._body.close()

    def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The body in pieces as they arrive, or of that many bytes."""
        return _AsyncPieces(self._body, _as_it_is if chunk_size is None else _Sized(self._body, chunk_size))

    def iter_text(self) -> AsyncIterator[str]:
        """The body as text, in pieces as they arrive."""
        return _AsyncPieces(self._body, _text())

    def iter_lines(self) -> AsyncIterator[str]:
        """The body line by line, without the line ends. One of more than `max_response_bytes` is a
        ResponseTooLargeError."""
        return _AsyncPieces(self._body, _Lines(self._body))

    async def read(self) -> bytes:
        """The whole body."""
        from .._loop import body_whole

        return await body_whole(self._body)

    async def text(self) -> str:
        """The whole body as text."""
        return (await self.read()).decode("utf-8", "replace")

    async def json(self) -> Any:
        """The whole body as JSON."""
        import json

        return json.loads(await self.read())

    async def parse(self) -> Any:
        """What the call would have returned: the typed reply of the whole body, or the stream of its events."""
        from .._loop import body_parsed

        return await body_parsed(self._body)

    async def stream_to_file(self, file: str | PathLike[str], *, chunk_size: int | None = None) -> None:
        """Writes the body to the file at that path, piece by piece."""
        with written(file) as out:
            async for chunk in self.iter_bytes(chunk_size):
                out.write(chunk)


class written:  # noqa: N801
    """`open(path, "wb")`, of which there is a file at that path only once the block has ended well."""

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = os.fspath(path)
        self._part = f"{self._path}.{os.getpid()}.part"

    def __enter__(self) -> BufferedWriter:
        self._file = open(self._part, "wb")
        return self._file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None:
            os.replace(self._part, self._path)
        else:
            os.unlink(self._part)


# How a body is cut: a function that is given its chunks, None at the end, and returns the pieces that are whole by then.


class _Pieces:
    """A body cut in another way. No generator: one that an exception has left is over, and the rest would be lost."""

    def __init__(self, body: Body, cut: Callable[[bytes | None], Iterable[Any]]) -> None:
        self._body = body
        self._cut = cut
        self._ready: Iterator[Any] = iter(())
        self._over = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        while True:
            for piece in self._ready:
                return piece
            if self._over:
                raise StopIteration
            chunk = next(self._body, None)
            self._over = chunk is None
            self._ready = iter(self._cut(chunk))


class _AsyncPieces:
    """The same, awaited."""

    def __init__(self, body: Body, cut: Callable[[bytes | None], Iterable[Any]]) -> None:
        from .._loop import body_chunk

        self._body = body
        self._next = body_chunk
        self._cut = cut
        self._ready: Iterator[Any] = iter(())
        self._over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        while True:
            for piece in self._ready:
                return piece
            if self._over:
                raise StopAsyncIteration
            chunk = await self._next(self._body)
            self._over = chunk is None
            self._ready = iter(self._cut(chunk))


def _as_it_is(chunk: bytes | None) -> Iterable[bytes]:
    return () if chunk is None else (chunk,)


class _Sized:
    """Pieces of a number of bytes; the last may be shorter."""

    def __init__(self, body: Body, size: int) -> None:
        if size < 1:
            raise ValueError(f"chunk_size is {size}: give a number of bytes")
        self._body = body
        self._size = size
        self._rest = bytearray()

    def __call__(self, chunk: bytes | None) -> Iterable[bytes]:
        rest, size = self._rest, self._size
        if chunk is None:
            return (bytes(rest),) if rest else ()
        rest += chunk
        whole = len(rest) // size * size
        if len(rest) - whole > self._body._most:
            raise _too_large(self._body, "a piece")
        taken = bytes(rest[:whole])
        del rest[:whole]
        return [taken[start : start + size] for start in range(0, whole, size)]


def _text() -> Callable[[bytes | None], Iterable[str]]:
    import codecs

    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    return lambda chunk: filter(None, (decode(chunk or b"", chunk is None),))


class _Lines:
    """Lines without their ends. What has no end yet is kept in parts: to join them at each would be quadratic."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._parts: list[bytes] = []
        self._size = 0

    def __call__(self, chunk: bytes | None) -> Iterable[str]:
        if chunk is None:
            rest = b"".join(self._parts)
            return (rest.decode("utf-8", "replace"),) if rest else ()
        *lines, rest = chunk.split(b"\n")
        if lines:
            self._parts.append(lines[0])
            lines[0] = b"".join(self._parts)
            self._parts, self._size = [], 0
        self._parts.append(rest)
        self._size += len(rest)
        if max(self._size, *map(len, lines), 0) > self._body._most:
            raise _too_large(self._body, "a line")
        return [line.removesuffix(b"\r").decode("utf-8", "replace") for line in lines]


def _too_large(body: Body, what: str) -> Exception:
    error = body._too_large(what)
    body.close()
    return error


def documented(
    params: type, *ids: str, streams: bool = False, dicts: bool = True, like: Callable[..., Any] | None = None
) -> Callable[[F], F]:
    """Gives a function that takes `**params` the parameters of a TypedDict, for `help()` and Shift-Tab; `like` another
    one's words too. `streams` and `dicts` say whether it takes `stream` and `as_dict`."""

    def decorate(function: F) -> F:
        parts = [_lead(like or function)]
        parts += [_section("Parameters", params)] if params is not RequestOptions else []
        flags = [name for name, has in (("stream", streams), ("as_dict", dicts)) if has]
        parts += ["\n".join(("Form of the reply:", *(_FLAGS[name] for name in flags)))] if flags else []
        parts.append(_section("Options of every call", RequestOptions))
        function.__doc__ = "\n\n".join(parts)
        function.__wrapped__ = _Signature(function, params, ids, flags)  # type: ignore[attr-defined]
        return function

    return decorate


def as_function(function: F, method: Callable[..., Any], name: str, module: str) -> F:
    """Names and documents a module's function as the method that it calls."""
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.__doc__ = method.__doc__
    _, params, ids, flags = method.__wrapped__._described  # type: ignore[attr-defined]
    function.__wrapped__ = _Signature(function, params, ids, flags)  # type: ignore[attr-defined]
    return function


def _lead(function: Callable[..., Any]) -> str:
    """A function's own words, without their indentation."""
    words = (function.__doc__ or "").partition("\n\nParameters:")[0].partition("\n\nOptions of every call:")[0]
    return "\n".join(line.strip() for line in words.splitlines())


_FLAGS = {
    "stream": "    stream: True for the events as they arrive, one by one, instead of the whole reply.",
    "as_dict": "    as_dict: True for plain dicts instead of typed objects.",
}


def _section(title: str, params: type) -> str:
    _, _, described = (params.__doc__ or "").partition("\n\n")
    return f"{title}:\n{described.rstrip()}"


class _Signature:
    """Stands behind a function as `__wrapped__`: `inspect.signature` finds the parameters here, made when asked for,
    since importing `inspect` costs 10 ms."""

    def __init__(self, function: Callable[..., Any], params: type, ids: tuple[str, ...], flags: list[str]) -> None:
        self._described = function, params, ids, flags
        self.__module__ = function.__module__
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any, **params: Any) -> Any:
        return self._described[0](*args, **params)

    @property
    def __signature__(self) -> inspect.Signature:
        from inspect import Parameter, Signature

        function, params, ids, flags = self._described
        is_method = function.__code__.co_varnames[:1] == ("self",)
        positional = (*(["self"] if is_method else []), *ids)
        found = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in positional]
        options = RequestOptions.__annotations__
        own = {name: value for name, value in params.__annotations__.items() if name not in (*options, *ids)}
        for name, annotation in {**own, **dict.fromkeys(flags, "bool"), **options}.items():
            text = getattr(annotation, "__forward_arg__", str(annotation))
            required = text.startswith("Required[")
            found.append(
                Parameter(
                    name,
                    Parameter.KEYWORD_ONLY,
                    default=Parameter.empty if required else False if name in flags else _Text("..."),
                    annotation=_Text(text.removeprefix("Required[").removesuffix("]") if required else text),
                )
            )
        return Signature(found)


class _Text(str):
    """Shows itself without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
