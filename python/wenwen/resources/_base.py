"""What all resources share: their settings, their raw forms, and the documentation of their methods."""

from __future__ import annotations

from .._core import Body, Settings, hide_in
from .._files import written
from ..types.shared import RequestOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    import inspect
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
    from os import PathLike
    from types import TracebackType
    from typing import Any, TypeVar

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
            hide_in(params)
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
        return iter(self._body) if chunk_size is None else _resized(self._body, chunk_size)

    def iter_text(self) -> Iterator[str]:
        """The body as text, in pieces as they arrive."""
        decode = _decoder()
        for chunk in self._body:
            yield decode(chunk)
        yield decode(b"", True)

    def iter_lines(self) -> Iterator[str]:
        """The body line by line, without the line ends."""
        rest = ""
        for text in self.iter_text():
            *lines, rest = (rest + text).split("\n")
            for line in lines:
                yield line.removesuffix("\r")
        if rest:
            yield rest

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
        """The whole body as the typed reply."""
        self.read()
        return self._body._parse()

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

    async def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The body in pieces as they arrive, or of that many bytes."""
        from .._loop import body_chunks

        rest = bytearray()
        async for chunk in body_chunks(self._body):
            if chunk_size is None:
                yield chunk
                continue
            rest += chunk
            for piece in _taken(rest, chunk_size):
                yield piece
        if rest:
            yield bytes(rest)

    async def iter_text(self) -> AsyncIterator[str]:
        """The body as text, in pieces as they arrive."""
        decode = _decoder()
        async for chunk in self.iter_bytes():
            yield decode(chunk)
        yield decode(b"", True)

    async def iter_lines(self) -> AsyncIterator[str]:
        """The body line by line, without the line ends."""
        rest = ""
        async for text in self.iter_text():
            *lines, rest = (rest + text).split("\n")
            for line in lines:
                yield line.removesuffix("\r")
        if rest:
            yield rest

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
        """The whole body as the typed reply."""
        await self.read()
        return self._body._parse()

    async def stream_to_file(self, file: str | PathLike[str], *, chunk_size: int | None = None) -> None:
        """Writes the body to the file at that path, piece by piece."""
        with written(file) as out:
            async for chunk in self.iter_bytes(chunk_size):
                out.write(chunk)


def fetched(path: str | PathLike[str], send: Callable[[], Body]) -> None:
    """Writes the body of a reply to a file, piece by piece."""
    with written(path) as file:
        body = send()
        try:
            file.writelines(body)
        finally:
            body.close()


async def fetched_async(path: str | PathLike[str], send: Callable[[], Awaitable[Body]]) -> None:
    """The same, awaited."""
    from .._loop import body_chunks

    with written(path) as file:
        body = await send()
        try:
            async for chunk in body_chunks(body):
                file.write(chunk)
        finally:
            body.close()


def _resized(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    rest = bytearray()
    for chunk in chunks:
        rest += chunk
        yield from _taken(rest, size)
    if rest:
        yield bytes(rest)


def _taken(rest: bytearray, size: int) -> Iterator[bytes]:
    """Takes what makes whole pieces off the beginning."""
    if size < 1:
        raise ValueError(f"chunk_size is {size}: give a number of bytes")
    whole = len(rest) // size * size
    taken = bytes(rest[:whole])
    del rest[:whole]
    for start in range(0, whole, size):
        yield taken[start : start + size]


def _decoder() -> Callable[..., str]:
    import codecs

    return codecs.getincrementaldecoder("utf-8")("replace").decode


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
