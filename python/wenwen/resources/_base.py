"""What all resources share: their settings, their raw forms, and the documentation of their methods."""

from __future__ import annotations

from .._client import check_attribute, checked
from .._core import Body, Settings, hide_in
from .._files import written
from ..types.shared import RequestOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    import inspect
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
    from os import PathLike
    from types import TracebackType
    from typing import Any, Never, Self, TypeVar

    from .._core import Headers

    F = TypeVar("F", bound=Callable[..., Any])
    R = TypeVar("R", bound="Resource")


if TYPE_CHECKING:
    kept = property
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


class Resource:
    """A part of a client."""

    _settings: Settings
    _form: str

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


def _rebuilt(cls: type[R], options: dict[str, Any], form: str) -> R:
    return cls(checked(Settings(options)), form)


class AsyncResource(Resource):
    """A part of an async client."""

    _call: Callable[..., Coroutine[Any, Any, Any]]

    def __init__(self, settings: Settings, form: str = "parsed") -> None:
        from .._loop import call  # only here: a sync program never imports asyncio (46 ms)

        self.__dict__.update(_settings=settings, _form=form, _call=call)


class Streaming:
    """`with_streaming_response`: the methods of a resource, whose results are context managers."""

    def __init__(self, resource: Resource, manager: type[StreamingResponse] | type[AsyncStreamingResponse]) -> None:
        self._resource = resource
        self._manager = manager

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._resource, name)
        if isinstance(target, Streaming):
            return target
        if isinstance(target, Resource):
            return self.__dict__.setdefault(name, Streaming(target, self._manager))

        def open(*args: Any, **params: Any) -> StreamingResponse | AsyncStreamingResponse:
            hide_in(params)
            return self._manager(lambda: getattr(self._resource, name)(*args, **params))

        open.__name__ = open.__qualname__ = name
        open.__doc__ = target.__doc__
        open.__dict__["__wrapped__"] = target
        return self.__dict__.setdefault(name, open)


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
            self._body._is_whole()


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
            self._body._is_whole()


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
    from .._loop import body_chunk

    with written(path) as file:
        body = await send()
        try:
            while (chunk := await body_chunk(body)) is not None:
                file.write(chunk)
        finally:
            body.close()


# How a body is cut: a function is given its chunks, None at the end, and returns the pieces that are whole by then.


class Reading:
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


class AsyncReading:
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


def documented(
    params: type, *ids: str, streams: bool = False, dicts: bool = True, like: Callable[..., Any] | None = None
) -> Callable[[F], F]:
    """Gives a method that takes `**params` the parameters of a TypedDict, for `help()` and Shift-Tab; `like` another
    one's words too. `streams` and `dicts` say whether it takes `stream` and `as_dict`. What comes by position beyond
    `ids` is refused in words that help: by a frame of its own (1 % of a call), but where a method takes `*args` and
    refuses them itself."""

    def decorate(method: F) -> F:
        name, most = method.__name__, len(ids)

        def by_name(self: Resource, *args: Any, **given: Any) -> Any:
            hide_in(given)
            if len(args) > most:
                raise _positional(name, ids, params)
            return method(self, *args, **given)

        flags_of_code = method.__code__.co_flags
        function: Any = by_name
        if flags_of_code & _CO_VARARGS:
            function = method
        elif flags_of_code & _CO_COROUTINE:
            function = _flagged(function)
        function.__name__, function.__qualname__ = name, method.__qualname__
        function.__module__, function.__doc__ = method.__module__, method.__doc__
        parts = [_lead(like or function)]
        parts += [_section("Parameters", params)] if params is not RequestOptions else []
        flags = [name for name, has in (("stream", streams), ("as_dict", dicts)) if has]
        parts += ["\n".join(("Form of the reply:", *(_FLAGS[name] for name in flags)))] if flags else []
        parts.append(_section("Options of every call", RequestOptions))
        function.__doc__ = "\n\n".join(parts)
        _describe(function, params, ids, flags)
        _METHODS[function.__module__, function.__qualname__] = function
        return function  # type: ignore[no-any-return]

    return decorate


# As they were made, whoever has put others in their place since.
_METHODS: dict[tuple[str, str], Callable[..., Any]] = {}


def _describe(function: Any, params: type, ids: tuple[str, ...], flags: list[str]) -> None:
    signature = _Signature(function, params, ids, flags)
    function.__wrapped__ = signature
    function.__annotations__ = signature.texts()
    function.__get_pydantic_core_schema__ = _pydantic_schema


def _pydantic_schema(function: Any, handler: object) -> Any:
    """For pydantic's `validate_call`: the core knows the names and kinds of the arguments, and says what is wrong."""
    from pydantic_core import core_schema

    anything = core_schema.any_schema()
    arguments = core_schema.arguments_schema([], var_args_schema=anything, var_kwargs_schema=anything)
    return core_schema.call_schema(arguments, function)


def as_function(home: str, owner: str, attribute: str, name: str, module: str) -> Callable[..., Any]:
    """A module's function: a resource's method, with the default settings. The method is looked up at each call, so
    that one which was patched or instrumented counts."""
    from .._client import default_settings

    resource = getattr(__import__(home, fromlist=("",)), owner)
    method = _METHODS[home, f"{owner}.{attribute}"]
    _, params, ids, flags = method.__wrapped__.described  # type: ignore[attr-defined]

    def bound() -> Callable[..., Any]:
        return getattr(resource(default_settings()), attribute)  # type: ignore[no-any-return]

    def blame(error: TypeError) -> None:
        """A wrong argument is told by the name that the user called."""
        text = str(error)
        for own in (f"{attribute}()", f"{owner}.{attribute}()"):
            if text.startswith(own):
                text = text.removeprefix(own).replace(f" as in {attribute}(", f" as in {name}(")
                error.args = (f"{name}(){text}",)

    function: Any
    if owner.startswith("Async") and not hasattr(method, "returns_awaitable"):

        async def awaited(*args: Any, **params: Any) -> Any:
            hide_in(params)
            try:
                return await bound()(*args, **params)
            except TypeError as error:
                blame(error)
                raise

        function = awaited
    else:

        def called(*args: Any, **params: Any) -> Any:
            hide_in(params)
            try:
                return bound()(*args, **params)
            except TypeError as error:
                blame(error)
                raise

        function = coroutine_function(called) if owner.startswith("Async") else called

    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.__doc__ = method.__doc__
    _describe(function, params, ids, flags)
    return function  # type: ignore[no-any-return]


def _positional(name: str, ids: tuple[str, ...], params: type) -> TypeError:
    allowed = "no positional arguments" if not ids else f"{', '.join(ids)} alone by position"
    return TypeError(f"{name}() takes {allowed}: name them, as in {name}({_example(ids, params)})")


def no_positional(method: Any, params: dict[str, Any]) -> Never:
    """Refuses the positional arguments of a method that has none."""
    hide_in(params)
    raise _positional(method.__name__, (), method.__wrapped__.described[1])


def _example(ids: tuple[str, ...], params: type) -> str:
    required = [name for name, text in _texts(params) if text.startswith("Required[")]
    return ", ".join(f"{name}=..." for name in (*ids, *required))


def coroutine_function(function: F) -> F:
    """A function that is no `async def`, but returns something to await, as one that counts as a coroutine function."""
    function.returns_awaitable = True  # type: ignore[attr-defined]
    return _flagged(function)  # type: ignore[no-any-return]


_CO_VARARGS, _CO_COROUTINE = 0x04, 0x80


def _flagged(function: Any) -> Any:
    code = function.__code__
    # The flag alone changes no call; it is what `inspect` looks at. Its own way of saying so begins with Python 3.12,
    # and its import costs a sync program 10 ms. Made anew, since 3.13 warns where a function gets another kind of code.
    flagged = code.replace(co_flags=code.co_flags | _CO_COROUTINE)
    made = type(function)(flagged, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    for name in ("__kwdefaults__", "__doc__", "__qualname__", "__module__", "__annotations__", "__dict__"):
        setattr(made, name, getattr(function, name))
    return made


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


def _texts(params: type) -> Iterator[tuple[str, str]]:
    """The annotations of a TypedDict as they are written, its own before those of every call."""
    options = RequestOptions.__annotations__
    own = {name: value for name, value in params.__annotations__.items() if name not in options}
    for name, annotation in {**own, **options}.items():
        yield name, getattr(annotation, "__forward_arg__", None) or str(annotation)


class _Signature:
    """Stands behind a function as `__wrapped__`: `inspect.signature` finds the parameters here, made when asked for,
    since importing `inspect` costs 10 ms, and `typing.get_type_hints` the names that they are written in."""

    def __init__(self, function: Callable[..., Any], params: type, ids: tuple[str, ...], flags: list[str]) -> None:
        self.described = function, params, ids, flags
        self.__module__ = function.__module__
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any, **params: Any) -> Any:
        return self.described[0](*args, **params)

    def _fields(self) -> Iterator[tuple[str, str, bool]]:
        """Name, annotation and whether it must be given, of all that is given by name."""
        _, params, ids, flags = self.described
        options = RequestOptions.__annotations__
        for name, text in _texts(params):
            if flags and name in options:
                yield from ((flag, "bool", False) for flag in flags)
                flags = []
            required = text.startswith("Required[")
            if name not in ids:
                yield name, text.removeprefix("Required[").removesuffix("]") if required else text, required

    def texts(self) -> dict[str, str]:
        """`__annotations__`."""
        return {name: text for name, text, _ in self._fields()}

    @property
    def __globals__(self) -> dict[str, Any]:
        import sys

        from ..types import shared

        return {**vars(shared), **vars(sys.modules[self.described[1].__module__])}

    @property
    def __signature__(self) -> inspect.Signature:
        from inspect import Parameter, Signature

        function, _, ids, flags = self.described
        is_method = function.__code__.co_varnames[:1] == ("self",)
        positional = (*(["self"] if is_method else []), *ids)
        found = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in positional]
        for name, text, required in self._fields():
            default = Parameter.empty if required else False if name in flags else _Text("...")
            found.append(Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=_Text(text)))
        return Signature(found)


class _Text(str):
    """Shows itself without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
