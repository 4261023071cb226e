"""How the methods of resources are made: written once, for both clients, and documented by their parameters.

A resource is the class of a sync client; `awaited` makes the class of an async one of it.
"""

from __future__ import annotations

import sys

from .._core import hide_in, send
from .._frames import frameless, without_frames
from .._names import FUNCTIONS, MAPS
from ..types._schema import endpoint
from ..types.shared import RequestOptions, UploadOptions
from ._base import AsyncResource, Resource, inner

TYPE_CHECKING = False
if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .._core import Endpoint


class Method:
    """A method as its resource writes it, of which those of both clients are made. See `documented`."""

    def __init__(
        self,
        body: Any,
        params: type | None,
        ids: tuple[str, ...] = (),
        flags: Iterable[str] = (),
        *,
        sends: Endpoint | tuple[Endpoint, Endpoint] | None = None,
        opens: tuple[Callable[..., Any], Callable[..., Any]] | None = None,
        page: Callable[[Any], Any] | None = None,
        whole: bool = False,
        lazy: bool = False,
    ) -> None:
        self.body = body
        self.name: str = body.__name__
        self.params = params
        self.ids = ids
        self.flags = [*flags]
        self.sends = sends if isinstance(sends, tuple) else (sends, sends)
        self.opens = opens
        self.page = page
        self.whole = whole
        # An async client's returns something to await, and is no `async def`: what it returns may be more than that.
        self.returns_more = whole or page is not None
        self.is_awaited = not lazy

    def make(self, owner: str, awaits: bool) -> Any:
        """The method of the class `owner`."""
        qualname = f"{owner}.{self.name}"
        body = _named(self.body, self.name, qualname)
        if self.params is None:
            function = frameless(body) if awaits else _named(self._stepped(body), self.name, qualname)
            if function is not body:
                function.__wrapped__ = body  # whose signature it has
                function.__annotations__ = body.__annotations__
        else:
            function = self._awaited(body) if awaits else self._plain(body)
            function = _named(function, self.name, qualname, flagged=awaits and self.returns_more and self.is_awaited)
        function.__module__, function.__doc__ = body.__module__, body.__doc__
        function.__method__ = self
        if self.params is not None:
            parts = [_lead(function)]
            parts += [_section("Parameters", self.params)] if self.params is not RequestOptions else []
            parts += ["\n".join(("Form of the reply:", *(_FLAGS[name] for name in self.flags)))] if self.flags else []
            parts.append(_section("Options of every call", RequestOptions))
            function.__doc__ = "\n\n".join(parts)
            self.describe(function)
            _METHODS[function.__module__, qualname] = function
        return function

    def describe(self, function: Any) -> None:
        """Gives the function the signature of the method."""
        signature = _Signature(function, self)
        function.__wrapped__ = signature
        function.__annotations__ = signature.texts()
        function.__get_pydantic_core_schema__ = _pydantic_schema

    def _refuse(self, given: dict[str, Any]) -> None:
        """Refuses what came by position and has no place there."""
        hide_in(given)
        raise _positional(self.name, self.ids, self.params or RequestOptions)

    # The two below differ by `await`, once for all methods.

    def _plain(self, body: Any) -> Any:
        refuse, most = self._refuse, len(self.ids)
        endpoint: Any = self.sends[0]

        def sent(self: Resource, *args: Any, **given: Any) -> Any:
            try:
                return send(self._settings, endpoint, given, args and refuse(given), self._form)
            except BaseException as error:
                without_frames(error)
                raise

        def asked(self: Resource, *args: Any, **given: Any) -> Any:
            try:
                hide_in(given)
                if len(args) > most:
                    refuse(given)
                endpoint, params, ids = body(self, *args, **given)
                return send(self._settings, endpoint, params, ids, self._form)
            except BaseException as error:
                without_frames(error)
                raise

        if self.whole:
            return self._as_it_is(body)
        if _is_async(body):
            return self._stepped(body)
        return self._opened(body, False) if self.opens else asked if endpoint is None else sent

    def _awaited(self, body: Any) -> Any:
        refuse, most = self._refuse, len(self.ids)
        endpoint: Any = self.sends[1]
        page: Any = self.page

        async def sent(self: AsyncResource, *args: Any, **given: Any) -> Any:
            try:
                return await self._call(self._settings, endpoint, given, args and refuse(given), self._form)
            except BaseException as error:
                without_frames(error)
                raise

        async def asked(self: AsyncResource, *args: Any, **given: Any) -> Any:
            try:
                hide_in(given)
                if len(args) > most:
                    refuse(given)
                endpoint, params, ids = body(self, *args, **given)
                return await self._call(self._settings, endpoint, params, ids, self._form)
            except BaseException as error:
                without_frames(error)
                raise

        async def stepped(self: AsyncResource, *args: Any, **given: Any) -> Any:
            try:
                hide_in(given)
                if len(args) > most:
                    refuse(given)
                return await body(self, *args, **given)
            except BaseException as error:
                without_frames(error)
                raise

        def paged(self: AsyncResource, *args: Any, **given: Any) -> Any:
            coming = self._call(self._settings, endpoint, given, args and refuse(given), self._form)
            return page(coming) if self._form == "parsed" else coming

        if self.whole:
            return self._as_it_is(body)
        if _is_async(body):
            return stepped
        return paged if page else self._opened(body, True) if self.opens else asked if endpoint is None else sent

    def _opened(self, body: Any, awaits: bool) -> Any:
        refuse, most = self._refuse, len(self.ids)
        helper: Any = self.opens and self.opens[awaits]

        def opened(self: Any, *args: Any, **given: Any) -> Any:
            try:
                hide_in(given)
                _only_parsed(self)
                if len(args) > most:
                    refuse(given)
                endpoint, params, ids, *more = body(self, *args, **given)
                ask = self._call if awaits else send
                return helper(lambda: ask(self._settings, endpoint, params, ids, "helper"), *more)
            except BaseException as error:
                without_frames(error)
                raise

        return opened

    def _as_it_is(self, body: Any) -> Any:
        refuse, most = self._refuse, len(self.ids)

        def whole(self: Resource, *args: Any, **given: Any) -> Any:
            try:
                hide_in(given)
                return body(self, *args, **given) if len(args) <= most else refuse(given)
            except BaseException as error:
                without_frames(error)
                raise

        return whole

    def _stepped(self, body: Any) -> Any:
        """Runs an `async def` to its end at once: nothing of ours suspends."""
        refuse, most = self._refuse, len(self.ids) if self.params is not None else sys.maxsize

        def stepped(self: Resource, *args: Any, **given: Any) -> Any:
            hide_in(given)
            try:
                if len(args) > most:
                    refuse(given)
                steps = body(self, *args, **given)
                steps.send(None)
            except StopIteration as done:
                return done.value
            except BaseException as error:
                without_frames(error)
                raise
            steps.close()
            raise TypeError("progress has to be awaited: give a plain function, or wait with an AsyncClient's task")

        return stepped


def _only_parsed(resource: Resource) -> None:
    if resource._form != "parsed":
        raise TypeError(
            "stream() has no raw form: call create(stream=True), or take request_id and headers of what it returns"
        )


def _is_async(function: Any) -> bool:
    return bool(function.__code__.co_flags & _CO_COROUTINE)


def documented(
    params: type,
    *ids: str,
    streams: bool = False,
    dicts: bool = True,
    sends: Endpoint | tuple[Endpoint, Endpoint] | None = None,
    opens: tuple[Callable[..., Any], Callable[..., Any]] | None = None,
    page: Callable[[Any], Any] | None = None,
    whole: bool = False,
    lazy: bool = False,
) -> Callable[[Any], Any]:
    """Makes a method of its body, which is written once for both clients, and gives it the parameters of a TypedDict,
    for `help()` and Shift-Tab. `streams` and `dicts` say whether it takes `stream` and `as_dict`. What comes by
    position beyond `ids` is refused in words that help.

    A body says what is asked: it returns an endpoint, parameters, and the ids of its path. One of several steps is an
    `async def`, made of `self._ask`; a sync client runs it to its end at once, since nothing of it suspends there.

    sends: an endpoint that takes the parameters as they are: there is no body, and no frame of one (1 % of a call).
    opens: the stream helpers of both clients, which ask where their block begins; what the body returns beyond the ids
        is given to them too.
    page: what an async client's result is wrapped in.
    whole: the body makes its calls itself, of both clients' resources, and what it returns is the result.
    lazy: which is nothing to await, with an async client either.
    """
    flags = [name for name, has in (("stream", streams), ("as_dict", dicts)) if has]

    def decorate(body: Any) -> Any:
        owner = body.__qualname__.rpartition(".")[0]
        more: Any = {"sends": sends, "opens": opens, "page": page, "whole": whole, "lazy": lazy}
        return Method(body, params, ids, flags, **more).make(owner, False)

    return decorate


def pair(id: str, reply: Any, async_reply: Any, params: type) -> tuple[Endpoint, Endpoint]:
    """The endpoint of replies that can act, which an async client's do otherwise: the one at `[self._awaits]`."""
    return endpoint(id, reply=reply, params=params), endpoint(id, reply=async_reply, params=params)


def steps(body: Any) -> Any:
    """Makes a method of an `async def` that says its parameters itself."""
    return Method(body, None).make(body.__qualname__.rpartition(".")[0], False)


def awaited(cls: type[Resource]) -> Any:
    """The class of an async client: the same bodies, awaited."""
    name = f"Async{cls.__name__}"
    doc = cls.__doc__ or ""
    cut = min(place for place in (doc.find(": "), doc.find(". "), len(doc) - 1) if place > 0)
    space = {"__module__": cls.__module__, "__doc__": f"{doc[:cut]}, awaited{doc[cut:]}"}
    for key, value in vars(cls).items():
        if type(value) is inner:
            space[key] = inner(_AWAITED[value.cls])
        elif hasattr(value, "__method__"):
            space[key] = value.__method__.make(name, True)
        elif not key.startswith("__"):
            space[key] = value
    made = _AWAITED[cls] = type(name, (AsyncResource,), space)
    return made


_AWAITED: dict[type, type] = {}

# As they were made, whoever has put others in their place since.
_METHODS: dict[tuple[str, str], Callable[..., Any]] = {}


def _pydantic_schema(function: Any, handler: object) -> Any:
    """For pydantic's `validate_call`: the core knows the names and kinds of the arguments, and says what is wrong."""
    from pydantic_core import core_schema

    anything = core_schema.any_schema()
    arguments = core_schema.arguments_schema([], var_args_schema=anything, var_kwargs_schema=anything)
    return core_schema.call_schema(arguments, function)


def as_function(name: str, module: str, prefix: str = "") -> Callable[..., Any]:
    """The function of that name, for `wenwen` or, with the prefix "Async", for `wenwen.aio`: a resource's method, with
    the default settings. The method is looked up at each call, so that one which was patched or instrumented counts."""
    from .._client import default_settings

    home, owner, attribute = {**FUNCTIONS, **MAPS}[name].split(".")
    home, owner = f"wenwen.resources.{home}", prefix + owner
    resource = getattr(__import__(home, fromlist=("",)), owner)
    method: Any = _METHODS[home, f"{owner}.{attribute}"]

    def bound() -> Callable[..., Any]:
        return getattr(resource(default_settings()), attribute)  # type: ignore[no-any-return]

    def blame(error: BaseException) -> None:
        """A wrong argument is told by the name that the user called."""
        text = str(error) if isinstance(error, TypeError) else ""
        for own in (f"{attribute}()", f"{owner}.{attribute}()"):
            if text.startswith(own):
                text = text.removeprefix(own).replace(f" as in {attribute}(", f" as in {name}(")
                error.args = (f"{name}(){text}",)

    function: Any
    comes_later = not method.__method__.returns_more and method.__method__.opens is None
    if prefix and comes_later:

        async def awaited(*args: Any, **params: Any) -> Any:
            hide_in(params)
            try:
                return await bound()(*args, **params)
            except BaseException as error:
                blame(error)
                without_frames(error)
                raise

        function = awaited
    else:

        def called(*args: Any, **params: Any) -> Any:
            hide_in(params)
            try:
                return bound()(*args, **params)
            except BaseException as error:
                blame(error)
                without_frames(error)
                raise

        function = called

    # The stream helpers have a block of their own.
    awaits = prefix == "Async" and method.__method__.opens is None and method.__method__.is_awaited
    function = _named(function, name, name, flagged=awaits and not _is_async(function))
    function.__module__ = module
    function.__doc__ = method.__doc__
    method.__method__.describe(function)
    return function  # type: ignore[no-any-return]


def _positional(name: str, ids: tuple[str, ...], params: type) -> TypeError:
    allowed = "no positional arguments" if not ids else f"{', '.join(ids)} alone by position"
    return TypeError(f"{name}() takes {allowed}: name them, as in {name}({_example(ids, params)})")


def _example(ids: tuple[str, ...], params: type) -> str:
    required = [name for name, text in _texts(params) if text.startswith("Required[")]
    return ", ".join(f"{name}=..." for name in (*ids, *required))


_CO_COROUTINE = 0x80


def _named(function: Any, name: str, qualname: str, *, flagged: bool = False) -> Any:
    """The function under that name, in tracebacks too. `flagged`: it is no `async def`, but returns something to await,
    and counts as a coroutine function."""
    code = function.__code__
    # The flag alone changes no call; it is what `inspect` looks at. Its own way of saying so begins with Python 3.12,
    # and its import costs a sync program 10 ms. Made anew, since 3.13 warns where a function gets another kind of code.
    flags = code.co_flags | (_CO_COROUTINE if flagged else 0)
    code = code.replace(co_name=name, co_qualname=qualname, co_flags=flags)
    made: Any = type(function)(code, function.__globals__, name, function.__defaults__, function.__closure__)
    for each in ("__kwdefaults__", "__module__", "__doc__", "__annotations__", "__dict__"):
        setattr(made, each, getattr(function, each))
    made.__qualname__ = qualname
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
    """The annotations of a TypedDict as they are written, its own before those of all uploads and of every call."""
    options = RequestOptions.__annotations__
    uploads = UploadOptions.__annotations__.keys() - options.keys()
    own = {name: value for name, value in params.__annotations__.items() if name not in options}
    for name, annotation in {**dict(sorted(own.items(), key=lambda one: one[0] in uploads)), **options}.items():
        yield name, getattr(annotation, "__forward_arg__", None) or str(annotation)


class _Signature:
    """Stands behind a function as `__wrapped__`: `inspect.signature` finds the parameters here, made when asked for,
    since importing `inspect` costs 10 ms, and `typing.get_type_hints` the names that they are written in."""

    def __init__(self, function: Callable[..., Any], method: Method) -> None:
        self._function, self._method = function, method
        self.__module__ = function.__module__
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any, **params: Any) -> Any:
        return self._function(*args, **params)

    def _params(self) -> type:
        return self._method.params or RequestOptions

    def _fields(self) -> Iterator[tuple[str, str, bool]]:
        """Name, annotation and whether it must be given, of all that is given by name."""
        params, ids, flags = self._params(), self._method.ids, self._method.flags
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
        from .._jobs import JobStore
        from ..types import jobs, shared, tools

        own = vars(sys.modules[self._params().__module__])
        return {**vars(jobs), **vars(shared), **vars(tools), **own, "JobStore": JobStore}

    @property
    def __signature__(self) -> inspect.Signature:
        from inspect import Parameter, Signature

        body = self._method.body
        defaults = dict(zip(reversed(self._method.ids), reversed(body.__defaults__ or ()), strict=False))
        is_method = self._function.__code__.co_varnames[:1] == ("self",)
        found = [
            Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=defaults.get(name, Parameter.empty))
            for name in (*(["self"] if is_method else []), *self._method.ids)
        ]
        for name, text, required in self._fields():
            default = Parameter.empty if required else False if name in self._method.flags else _Text("...")
            found.append(Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=_Text(text)))
        return Signature(found)


class _Text(str):
    """Shows itself without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
