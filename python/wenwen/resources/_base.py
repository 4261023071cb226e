"""What all resources share: their settings and their raw forms."""

from __future__ import annotations

from .._client import check_attribute, checked
from .._core import Body, Settings, hide_in, send
from .._files import written
from .._frames import Frameless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
    from os import PathLike
    from types import TracebackType
    from typing import Any, Self, TypeVar

    from .._core import Endpoint, Headers, SentRequest

    R = TypeVar("R", bound="Resource")


if TYPE_CHECKING:
    kept = property

    def inner(cls: type[R]) -> R: ...

else:

    class kept:  # noqa: N801
        """A property that is made when it is first asked for: the same object each time, so that what a test patches in
        it is there for the next caller."""

        def __init__(self, make):
            self._make = make
            self.__doc__ = make.__doc__
            self.__wrapped__ = make

        def __set_name__(self, owner, name):
            self._name = name

        def __get__(self, owner, cls):
            if owner is None:
                return self
            return owner.__dict__.setdefault(self._name, self._make(owner))

    class inner(kept):  # noqa: N801
        """A resource of a resource."""

        def __init__(self, cls):
            self.cls = cls
            super().__init__(lambda owner: cls(owner._settings, owner._form))
            self.__doc__ = cls.__doc__


class Resource:
    """A part of a client."""

    _settings: Settings
    _form: str
    _awaits = False  # whether it is one of an async client

    def __init__(self, settings: Settings, form: str = "parsed") -> None:
        self.__dict__.update(_settings=settings, _form=form)

    def __setattr__(self, name: str, value: Any) -> None:
        check_attribute(self, name)
        object.__setattr__(self, name, value)

    # As clients are: a method of one may go into a process pool.
    def __copy__(self) -> Self:
        return type(self)(self._settings, self._form)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.__copy__()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _rebuilt, (type(self), self._settings.options(), self._form)

    # What methods of several steps are made of. Here nothing of it suspends.

    async def _ask(
        self, endpoint: Endpoint, params: dict[str, Any], ids: Sequence[str] = (), form: str = "parsed", **more: Any
    ) -> Any:
        return send(self._settings, endpoint, params, ids, form, **more)

    async def _write(
        self,
        to: str | PathLike[str],
        endpoint: Endpoint,
        params: dict[str, Any],
        ids: Sequence[str] = (),
        **more: Any,
    ) -> None:
        """Writes the body of a reply to a file, piece by piece."""
        progress = params.pop("progress", None)
        with written(to) as file:
            body: Body = await self._ask(endpoint, params, ids, "body", **more)
            try:
                if progress is not None:
                    from ._loading import Loading, length

                    with Loading(progress, length(body.headers)) as loading:
                        while (chunk := await self._next_of(body)) is not None:
                            file.write(chunk)
                            loading.add(len(chunk))
                elif self._awaits:
                    while (chunk := await self._next_of(body)) is not None:
                        file.write(chunk)
                else:
                    file.writelines(body)
            finally:
                body.close()

    async def _next_of(self, body: Body) -> bytes | None:
        if not self._awaits:
            return next(body, None)
        from .._loop import body_chunk

        return await body_chunk(body)

    if not TYPE_CHECKING:  # their types are of each resource: a generated class that has its methods

        @kept
        def with_raw_response(self):
            """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
            return type(self)(self._settings, "raw")

        @kept
        def with_streaming_response(self):
            """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
            return Streaming(type(self)(self._settings, "body"))


def _rebuilt(cls: type[R], options: dict[str, Any], form: str) -> R:
    return cls(checked(Settings(options)), form)


class AsyncResource(Resource):
    """A part of an async client."""

    _awaits = True
    _call: Callable[..., Coroutine[Any, Any, Any]]

    def __init__(self, settings: Settings, form: str = "parsed") -> None:
        from .._loop import call  # only here: a sync program never imports asyncio (46 ms)

        self.__dict__.update(_settings=settings, _form=form, _call=call)

    def _ask(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, endpoint: Endpoint, params: dict[str, Any], ids: Sequence[str] = (), form: str = "parsed", **more: Any
    ) -> Coroutine[Any, Any, Any]:
        return self._call(self._settings, endpoint, params, ids, form, **more)


class Streaming:
    """`with_streaming_response`: the methods of a resource, whose results are context managers."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._manager = AsyncStreamingResponse if resource._awaits else StreamingResponse

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._resource, name)
        if isinstance(target, Streaming):
            return target
        if isinstance(target, Resource):
            return self.__dict__.setdefault(name, Streaming(target))
        if hasattr(target, "items"):  # several of a kind
            return {each: Streaming(part) for each, part in target.items()}

        def open(*args: Any, **params: Any) -> StreamingResponse | AsyncStreamingResponse:
            hide_in(params)
            return self._manager(lambda: getattr(self._resource, name)(*args, **params))

        open.__name__ = open.__qualname__ = name
        open.__doc__ = target.__doc__
        open.__dict__["__wrapped__"] = target
        return self.__dict__.setdefault(name, open)


class Entered(Frameless):
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

    __slots__ = ("_body", "_over")

    _body: Body
    _over: bool

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

    @property
    def attempts(self) -> int:
        """How often the request was sent."""
        return self._body.attempts

    @property
    def retries_taken(self) -> int:
        """openai's count: attempts after the first."""
        return self._body.attempts - 1

    @property
    def elapsed(self) -> float:
        """Seconds from the first attempt to the head of the reply."""
        return self._body.elapsed

    @property
    def request(self) -> SentRequest:
        """What was asked: its `method` and `url`."""
        return self._body.request

    http_request = request

    @property
    def http_response(self) -> Self:
        """The peers' name for the reply itself."""
        return self

    @property
    def method(self) -> str:
        """The method of the request."""
        return self._body.request.method

    @property
    def url(self) -> str:
        """The URL of the request, in which `***` stands for what is secret."""
        return self._body.request.url

    @property
    def http_version(self) -> str:
        """Always "HTTP/1.1": no other is spoken here."""
        return "HTTP/1.1"

    @property
    def is_closed(self) -> bool:
        """Whether its block has ended, or `close` was called."""
        return self._over


class StreamingResponse(_Head):
    """A reply whose head is here and whose body is read as you ask for it. Use it in a `with` block, which sends the
    request when it begins and closes the connection when it ends."""

    __slots__ = ("_send",)

    def __init__(self, send: Callable[[], Body]) -> None:
        self._send = send
        self._over = False

    def __enter__(self) -> StreamingResponse:
        self._body = self._send()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; what was not read is lost."""
        self._over = True
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
            self._body._is_whole()


class AsyncStreamingResponse(_Head):
    """A reply whose head is here and whose body is read as you ask for it. Use it in an `async with` block, which sends
    the request when it begins and closes the connection when it ends."""

    __slots__ = ("_send",)

    def __init__(self, send: Callable[[], Any]) -> None:
        self._send = send
        self._over = False

    async def __aenter__(self) -> AsyncStreamingResponse:
        self._body = await self._send()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connection; what was not read is lost."""
        self._over = True
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
            self._body._is_whole()


# How a body is cut: a function is given its chunks, None at the end, and returns the pieces that are whole by then.


class Reading(Frameless):
    """What is read by `for`, with a generator's methods. No generator: one that an exception has left is over, and the
    rest would be lost."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        raise NotImplementedError

    def send(self, value: None, /) -> Any:
        return next(self)

    def throw(self, error: BaseException, /) -> Any:
        self.close()
        raise error

    def close(self) -> None:
        raise NotImplementedError


class AsyncReading(Frameless):
    """The same for `async for`."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        raise NotImplementedError

    async def asend(self, value: None, /) -> Any:
        return await self.__anext__()

    async def athrow(self, error: BaseException, /) -> Any:
        await self.aclose()
        raise error

    async def aclose(self) -> None:
        raise NotImplementedError


class _Pieces(Reading):
    """A body cut in another way."""

    def __init__(self, body: Body, cut: Callable[[bytes | None], Iterable[Any]]) -> None:
        self._body = body
        self._cut = cut
        self._over = False
        self._ready: Iterator[Any] = iter(())

    def __next__(self) -> Any:
        while True:
            for piece in self._ready:
                return piece
            if self._over:
                raise StopIteration
            chunk = next(self._body, None)
            if self._over:
                raise StopIteration  # another thread closed it: what is left is no whole piece
            self._over = chunk is None
            self._ready = iter(self._cut(chunk))

    def close(self) -> None:
        """Ends the body too, as closing that does, and wakes whoever reads."""
        self._over = True
        self._ready = iter(())
        self._body.close()


class _AsyncPieces(AsyncReading):
    """The same, awaited."""

    def __init__(self, body: Body, cut: Callable[[bytes | None], Iterable[Any]]) -> None:
        from .._loop import body_chunk

        self._body = body
        self._next = body_chunk
        self._cut = cut
        self._over = False
        self._ready: Iterator[Any] = iter(())

    async def __anext__(self) -> Any:
        while True:
            for piece in self._ready:
                return piece
            if self._over:
                raise StopAsyncIteration
            chunk = await self._next(self._body)
            if self._over:
                raise StopAsyncIteration
            self._over = chunk is None
            self._ready = iter(self._cut(chunk))

    async def aclose(self) -> None:
        """As `_Pieces.close`."""
        self._over = True
        self._ready = iter(())
        self._body.close()


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
