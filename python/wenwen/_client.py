"""`Client` and `AsyncClient`: configuration, and the resources that use it. Connections belong to the process."""

from __future__ import annotations

from . import _shown as _shown  # has replies show themselves
from ._core import Endpoint, Reply, Settings, add_query, hide, hide_in, send

# Loaded before it is needed: a process that has run out of files could not read it then.
from ._errors import InsecureConnectionWarning, WenwenError
from ._frames import frameless
from ._names import PARTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from os import PathLike
    from types import TracebackType
    from typing import Any, Never, Self

    from ._core import Timeout
    from ._telemetry import AttemptInfo, CallInfo
    from .resources._faces import AsyncParts, Parts


def _any() -> tuple[None, None]:
    return (None, None)  # no type is declared: a plain Object


# Their only keywords are the options of every call: a misspelt one must not end up in the body.
_OPTIONS: dict[str, int] = dict.fromkeys(Settings.CALL_OPTIONS, 0)
_METHODS = {id: Endpoint(id, _any, _any, lambda: (_OPTIONS, [])) for id in ("get", "post", "put", "patch", "delete")}

# Options of the peers' clients that ours has not, and what to do.
_PEERS = {
    "http_client": "connections are the process's own, and proxy=, verify= and timeout= say what it would be made for",
    "set_default_headers": "with_options has it; a client that is made has those of default_headers= alone",
    "set_default_query": "with_options has it; a client that is made has that of default_query= alone",
    "_strict_response_validation": "replies are taken as they come; wenwen.types says what they should have",
    "credentials": "api_key= may be a function, which is asked anew for each attempt",
    "workload_identity": "api_key= may be a function, which is asked anew for each attempt",
    "websocket_base_url": "there are no websockets here",
    "middleware": "a subclass, or a function in place of a method, sees every call",
}

_default: Settings | None = None
# What `configure` was given, beside the settings that it made, which count as long as they are the default ones.
_configured: tuple[Settings, dict[str, Any]] | None = None


def default_settings() -> Settings:
    """The settings of the module-level functions: the environment's, or what `configure` was given."""
    global _default
    if _default is not None:
        return _default
    settings = Settings({})
    if settings.has_key:  # without one, the environment is asked again: the error tells the user to set it
        _default = settings
    return settings


def configure(
    *unexpected: Never,
    api_key: str | Callable[[], str | Awaitable[str]] | None = None,
    base_url: str | None = None,
    timeout: float | Timeout | None = None,
    max_retries: int | None = None,
    max_response_bytes: int | None = None,
    default_headers: Mapping[str, str | None] | None = None,
    default_query: Mapping[str, object] | None = None,
    organization: str | None = None,
    project: str | None = None,
    auth_token: str | None = None,
    anthropic_version: str | None = None,
    proxy: str | bool | None = None,
    verify: bool | str | PathLike[str] | None = None,
    cert: str | PathLike[str] | tuple[str | PathLike[str], str | PathLike[str]] | None = None,
    allow_private: bool | None = None,
    on_request: Callable[[CallInfo], object] | None = None,
    on_response: Callable[[CallInfo], object] | None = None,
    on_attempt: Callable[[CallInfo, AttemptInfo], object] | None = None,
    **unknown: Never,
) -> None:
    """Sets what `wenwen.create_response` and the other functions of the module use; the options are those of `Client`.

    A `Client` that is made afterwards begins with them too: its own options go before, and headers and query are added
    to those there are. Replaces what was configured before: an option that is not given is the environment's or the
    default.
    """
    global _configured, _default
    if unexpected or unknown:
        unexpected, count = (), len(unexpected)
        refuse("configure", Settings.OPTIONS, count, unknown)
    api_key, base_url, proxy, default_headers, default_query, auth_token = hide(
        api_key, base_url, proxy, default_headers, default_query, auth_token
    )
    options = locals()
    del options["unexpected"], options["unknown"]
    _default = checked(Settings(options))
    _configured = _default, options
    for client in _shared.values():
        _adopt(client, _default)


def reconfigure(name: str, value: Any) -> None:
    """`configure` with one option more than there are."""
    before = _configured[1] if _configured and _configured[0] is _default else {}
    configure(**{**before, name: value})


def checked(settings: Settings) -> Settings:
    """Whoever turns the check of certificates off is told so, each time."""
    if not settings.verifies:
        import warnings

        # After the user's own filters, which may say something else.
        warnings.simplefilter("always", InsecureConnectionWarning, append=True)
        text = "verify=False: certificates are not checked, anybody on the way can read the key"
        warnings.warn(text, InsecureConnectionWarning, stacklevel=4)
    return settings


def refuse(function: str, known: Iterable[str], positional: int, unknown: dict[str, Any]) -> None:
    """The TypeError for arguments that a function does not have."""
    name = next(iter(unknown), None)
    unknown.clear()  # a traceback that shows locals must not show them: one may be a key
    if name is None:
        raise TypeError(
            f"{function}() takes its arguments by name, and {positional} came without: {function}(api_key=...)"
        )
    hint = f" It has none: {_PEERS[name]}." if name in _PEERS else _nearest(name, known)
    raise TypeError(f"{function}() got an unexpected keyword argument {name!r}.{hint}")


def _nearest(name: str, known: Iterable[str]) -> str:
    import difflib

    known = list(known)
    near = difflib.get_close_matches(name, known, 1)
    return f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(known)}."


def check_attribute(target: object, name: str) -> None:
    """Refuses an attribute that would do nothing. What the class has may be replaced, for tests and instrumentation; so
    may what is private, and a class of the user's own has its own."""
    cls = type(target)
    if not (name.startswith("_") or hasattr(cls, name)) and cls.__module__.startswith("wenwen."):
        known = [each for each in dir(cls) if not each.startswith("_")]
        raise AttributeError(
            f"{cls.__name__} has no attribute {name!r}, so that setting it would do nothing.{_nearest(name, known)}"
        )


def _adopt(part: Any, settings: Settings) -> None:
    """Has a client, and the parts of it that were made, go by these settings."""
    if "_settings" in part.__dict__:
        part.__dict__["_settings"] = settings
    for child in [*part.__dict__.values()]:
        child = getattr(child, "__self__", child)  # of a method
        if type(child).__module__.startswith("wenwen.resources."):
            _adopt(child, settings)


_shared: dict[type, Any] = {}


def shared(cls: type[_Base], name: str) -> Any:
    """A part of the module's: one of a client with the default settings, which `configure` changes in it too."""
    settings = default_settings()
    client = _shared.get(cls)
    if client is None:
        client = _shared[cls] = object.__new__(cls)
        client.__dict__["_settings"] = settings
    elif client._settings is not settings:
        _adopt(client, settings)
    return getattr(client, name)


class _Resource:
    """Makes a resource, or a method of one, when it is first asked for, and keeps it."""

    def __init__(self, module: str, name: str, method: str | None = None) -> None:
        self._module = module
        self._class = name
        self._method = method

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, client: _Base | None, owner: type) -> Any:
        if client is None:
            return self
        module = __import__(f"wenwen.resources.{self._module}", fromlist=("",))
        made = getattr(module, self._class)(client._settings)
        if self._method is not None:
            made = getattr(made, self._method)
        return client.__dict__.setdefault(self._name, made)

    def __repr__(self) -> str:  # what help() shows
        return f"<wenwen.resources.{self._module}.{self._class}>"


class _Forms:
    """A client whose parts have another form."""

    def __init__(self, client: _Base, form: str) -> None:
        self._client = client
        self._form = form

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(self._client, name), self._form)

    def __dir__(self) -> list[str]:
        return [name for name in PARTS if hasattr(getattr(self._client, name), self._form)]


def _hidden(query: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The query and the options of a call, out of sight of tracebacks that show locals."""
    hide_in(options)
    query, peers = hide(query, options.get("options"))
    return query, options if peers is None else {**options, "options": peers}


def _endpoint(method: str, options: dict[str, Any]) -> Endpoint:
    endpoint = _METHODS.get(str(method).lower())
    if endpoint is None:
        if unknown := {name: None for name in options if name not in _OPTIONS}:
            refuse("request", _OPTIONS, 0, unknown)
        raise ValueError(f"method is {method!r}: give one of {', '.join(_METHODS)}")
    return endpoint


class _Base:
    _settings: Settings

    def __init__(
        self,
        *unexpected: Never,
        api_key: str | Callable[[], str | Awaitable[str]] | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        max_response_bytes: int | None = None,
        default_headers: Mapping[str, str | None] | None = None,
        default_query: Mapping[str, object] | None = None,
        organization: str | None = None,
        project: str | None = None,
        auth_token: str | None = None,
        anthropic_version: str | None = None,
        proxy: str | bool | None = None,
        verify: bool | str | PathLike[str] | None = None,
        cert: str | PathLike[str] | tuple[str | PathLike[str], str | PathLike[str]] | None = None,
        allow_private: bool | None = None,
        on_request: Callable[[CallInfo], object] | None = None,
        on_response: Callable[[CallInfo], object] | None = None,
        on_attempt: Callable[[CallInfo, AttemptInfo], object] | None = None,
        **unknown: Never,
    ) -> None:
        if unexpected or unknown:
            unexpected, count = (), len(unexpected)
            refuse(type(self).__name__, Settings.OPTIONS, count, unknown)
        # Out of sight of tracebacks that show locals.
        api_key, base_url, proxy, default_headers, default_query, auth_token = hide(
            api_key, base_url, proxy, default_headers, default_query, auth_token
        )
        options = locals()
        del options["self"], options["unexpected"], options["unknown"]
        if _configured is None or _configured[0] is not _default:
            settings = Settings(options)
        else:
            settings = Settings(_configured[1]).replace(*options.values())
        self.__dict__["_settings"] = checked(settings)
        if not self._settings.has_key and not self._settings.has_own_key:
            raise WenwenError("no API key: pass api_key=... or set the environment variable WENWEN_API_KEY")

    def with_options(
        self,
        *unexpected: Never,
        api_key: str | Callable[[], str | Awaitable[str]] | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        max_response_bytes: int | None = None,
        default_headers: Mapping[str, str | None] | None = None,
        default_query: Mapping[str, object] | None = None,
        organization: str | None = None,
        project: str | None = None,
        auth_token: str | None = None,
        anthropic_version: str | None = None,
        proxy: str | bool | None = None,
        verify: bool | str | PathLike[str] | None = None,
        cert: str | PathLike[str] | tuple[str | PathLike[str], str | PathLike[str]] | None = None,
        allow_private: bool | None = None,
        on_request: Callable[[CallInfo], object] | None = None,
        on_response: Callable[[CallInfo], object] | None = None,
        on_attempt: Callable[[CallInfo, AttemptInfo], object] | None = None,
        set_default_headers: Mapping[str, str | None] | None = None,
        set_default_query: Mapping[str, object] | None = None,
        **unknown: Never,
    ) -> Self:
        """A client like this one with some options changed; headers and query are added to those there are.

        set_default_headers, set_default_query: what stands in their place, {} for none; what `organization`, `project`
            and `auth_token` send stays.
        """
        if unexpected or unknown:
            unexpected, count = (), len(unexpected)
            refuse("with_options", Settings.OPTIONS, count, unknown)
        if not (api_key is base_url is proxy is auth_token is None and default_headers is default_query is None):
            api_key, base_url, proxy, default_headers, default_query, auth_token = hide(
                api_key, base_url, proxy, default_headers, default_query, auth_token
            )
        if not (set_default_headers is set_default_query is None):
            set_default_headers, set_default_query = hide(set_default_headers, set_default_query)
        client = object.__new__(type(self))
        settings = self._settings.replace(
            api_key,
            base_url,
            timeout,
            max_retries,
            max_response_bytes,
            default_headers,
            default_query,
            organization,
            project,
            auth_token,
            anthropic_version,
            proxy,
            verify,
            cert,
            allow_private,
            on_request,
            on_response,
            on_attempt,
            set_default_headers=set_default_headers,
            set_default_query=set_default_query,
        )
        client.__dict__["_settings"] = settings if verify is None else checked(settings)
        return client

    copy = with_options

    def with_tags(self, tags: Mapping[str, str | float | None] | None = None, /, **more: str | float | None) -> Self:
        """A client like this one whose calls have these tags, beside those that this one has; None takes one away.

        They are attributes of the calls' spans (OpenTelemetry), hooks see them as `call.tags`, and they are not sent.
        """
        merged: dict[Any, Any] = {**(self._settings.tags or {}), **(tags or {}), **more}
        wrong = [
            f"the tag {name!r} is a {type(value).__name__}: give names, and values that are a str, a bool or a number"
            for name, value in merged.items()
            if not (isinstance(name, str) and name and (value is None or isinstance(value, (str, int, float))))
        ]
        if wrong:
            # Whoever took it for with_options may have given a key, which a traceback with locals would show.
            tags, merged = None, {}
            more.clear()
            raise TypeError(wrong[0])
        client = object.__new__(type(self))
        settings = self._settings.tagged({name: value for name, value in merged.items() if value is not None})
        client.__dict__["_settings"] = settings
        return client

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in Settings.OPTIONS:
            check_attribute(self, name)
            object.__setattr__(self, name, value)
        elif value is None or name.startswith("default_"):
            why = (
                "None changes nothing"
                if value is None
                else f"with_options adds to those there are by {name}=..., set_{name}=... stands in their place"
            )
            raise AttributeError(f"{name} of a client is not set like this ({why}), but by client.with_options(...)")
        else:
            value = hide(value)[0]
            _adopt(self, self.with_options(**{name: value})._settings)

    @property
    def api_key(self) -> Any:
        """The key, which shows nowhere: `client.api_key.get_secret_value()` is its text, and another client takes it as
        it is. The function that gives it, where there is one; None without a key."""
        return self._settings.key

    @property
    def auth_token(self) -> Any:
        """What goes as `Authorization: Bearer …` in place of the key, in the same form; None where nothing does."""
        return self._settings.auth_token

    @property
    def organization(self) -> str | None:
        """OpenAI's header for it; None where it is not sent."""
        return self._settings.options()["organization"]  # type: ignore[no-any-return]

    @property
    def project(self) -> str | None:
        """OpenAI's header for it; None where it is not sent."""
        return self._settings.options()["project"]  # type: ignore[no-any-return]

    @property
    def default_headers(self) -> dict[str, str | None]:
        """What goes with every request besides ours, without what may be secret."""
        return self._settings.options()["default_headers"]  # type: ignore[no-any-return]

    @property
    def default_query(self) -> dict[str, object]:
        """What goes into every URL, without what may be secret."""
        return self._settings.options()["default_query"]  # type: ignore[no-any-return]

    def is_closed(self) -> bool:
        """Whether `close` was called. Calls work all the same: there is nothing to close."""
        return "_closed" in self.__dict__

    @property
    def with_raw_response(self) -> Any:
        """The same client, whose methods return HTTP replies: `client.with_raw_response.responses.create(...)`."""
        return _Forms(self, "with_raw_response")

    @property
    def with_streaming_response(self) -> Any:
        """The same client, whose methods return context managers for replies that are read piece by piece."""
        return _Forms(self, "with_streaming_response")

    @property
    def base_url(self) -> str:
        """The gateway's root, without `/v1`."""
        return self._settings.root

    @property
    def timeout(self) -> Timeout:
        """The limits of every call."""
        return self._settings.timeout

    @property
    def max_retries(self) -> int:
        """How often a failed attempt is repeated."""
        return self._settings.max_retries

    @property
    def max_response_bytes(self) -> int:
        """How large a reply may be."""
        return self._settings.max_response_bytes

    def _send(self, endpoint: Endpoint, params: dict[str, Any], **asked: Any) -> Any:
        """Makes a call, or what is to be awaited for it."""
        raise NotImplementedError

    # Written once: an AsyncClient's are made of them, to be awaited (`_awaited`).

    def get(self, path: str, *, cast_to: Any = Reply, query: Mapping[str, object] | None = None, **options: Any) -> Any:
        """GET of any path: `client.get("/v1/models")`. As `request`."""
        query, options = _hidden(query, options)
        return self.request("GET", path, cast_to=cast_to, query=query, **options)

    def post(
        self,
        path: str,
        *,
        cast_to: Any = Reply,
        body: object = None,
        query: Mapping[str, object] | None = None,
        **options: Any,
    ) -> Any:
        """POST of any JSON to any path: `client.post("/v1/responses", body={...})`. As `request`."""
        query, options = _hidden(query, options)
        return self.request("POST", path, cast_to=cast_to, body=body, query=query, **options)

    def put(
        self,
        path: str,
        *,
        cast_to: Any = Reply,
        body: object = None,
        query: Mapping[str, object] | None = None,
        **options: Any,
    ) -> Any:
        """PUT of any JSON to any path. As `request`."""
        query, options = _hidden(query, options)
        return self.request("PUT", path, cast_to=cast_to, body=body, query=query, **options)

    def patch(
        self,
        path: str,
        *,
        cast_to: Any = Reply,
        body: object = None,
        query: Mapping[str, object] | None = None,
        **options: Any,
    ) -> Any:
        """PATCH of any JSON to any path. As `request`."""
        query, options = _hidden(query, options)
        return self.request("PATCH", path, cast_to=cast_to, body=body, query=query, **options)

    def delete(
        self, path: str, *, cast_to: Any = Reply, query: Mapping[str, object] | None = None, **options: Any
    ) -> Any:
        """DELETE of any path. As `request`."""
        query, options = _hidden(query, options)
        return self.request("DELETE", path, cast_to=cast_to, query=query, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        cast_to: Any = Reply,
        body: object = None,
        query: Mapping[str, object] | None = None,
        options: Mapping[str, object] | None = None,
        stream_cls: object = None,
        **more: Any,
    ) -> Any:
        """A request of any kind: `client.request("POST", "/v1/responses", body={...})`.

        method: GET, POST, PUT, PATCH or DELETE.
        path: from the gateway's root; one as OpenAI's and Anthropic's packages have it, "/responses", begins below
            `/v1`.
        cast_to: the class of the reply: one of `wenwen.types`, a model of pydantic's, `object` for plain dicts.
        body: what goes as JSON. query: the parameters of the URL.
        options: the peers' names for options of a call: headers, params, extra_json, idempotency_key, timeout,
            max_retries. stream_cls: theirs for `stream=True`.
        Besides: as_dict, stream, and the options of every call (timeout, extra_headers, …).
        """
        query, options = hide(query, options)
        add_query(more, query, options)
        more |= {} if stream_cls is None else {"stream": True}
        endpoint = _endpoint(method, more)
        return self._send(endpoint, more, path=path, body=body, cast_to=cast_to)

    def __repr__(self) -> str:
        if "_settings" not in self.__dict__:
            return f"<{type(self).__name__}, not set up>"  # a traceback with locals, of an argument that is wrong
        verify = "" if self._settings.verifies else ", verify=False"
        return f"{type(self).__name__}(base_url={self.base_url!r}, max_retries={self.max_retries}{verify})"

    def __copy__(self) -> Self:
        return self.with_options()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.with_options()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[type, dict[str, Any]]]:
        return _rebuild, (type(self), self._settings.options())


def _rebuild(cls: type[_Base], options: dict[str, Any]) -> _Base:
    client = object.__new__(cls)
    client.__dict__["_settings"] = checked(Settings(options))
    return client


if not TYPE_CHECKING:

    def _parts(name, prefix):
        parts = {}
        for part, home in PARTS.items():
            module, owner, *method = home.split(".")
            parts[part] = _Resource(module, prefix + owner, *method)
        return type(name, (), {"__module__": __name__, **parts})

    Parts, AsyncParts = _parts("Parts", ""), _parts("AsyncParts", "Async")


class Client(_Base, Parts):
    """A client of the gateway.

    api_key: the key, or a function that returns one, asked anew for each attempt; else WENWEN_API_KEY.
    base_url: the gateway's root, with or without `/v1`, or a whole endpoint of it; else WENWEN_BASE_URL, else
        https://api.wenwen-ai.com. A version of its own at its end (`/api/paas/v4`, `/v1beta/openai`) stands in place of
        the `/v1` of all paths; those without one (`/mj/…`, `/v1beta/…`) go behind what is before it. By a socket of
        this machine: `http+unix://%2Frun%2Fgateway.sock/v1`.
    timeout: seconds for a whole call, attempts included (600), or a `Timeout` with all limits.
    max_retries: how often a failed attempt is repeated where that makes sense (2).
    max_response_bytes: how large a reply may be, decompressed, a stream over all its events (256 MiB); beyond that it
        is a ResponseTooLargeError. What is written to a file piece by piece may be larger.
    default_headers, default_query: sent with every request; a header that is None is not sent. Those that frame a
        request (Content-Length, Transfer-Encoding, Connection …) are a ValueError.
    organization, project: OpenAI's headers, for servers that go by them (None).
    auth_token: what goes as `Authorization: Bearer …` in place of the key, as Anthropic's package has it.
    anthropic_version: of the dialect of `/v1/messages` ("2023-06-01").
    proxy: its URL (http, https, socks5, socks5h, socks4, socks4a); False for none; else HTTP_PROXY, HTTPS_PROXY,
        ALL_PROXY, NO_PROXY.
    verify: the path of a PEM file with the only certificates to trust, of authorities or of the server itself; False to
        trust anybody, which warns each time (InsecureConnectionWarning); else SSL_CERT_FILE, the system's authorities
        and Mozilla's.
    cert: what a gateway that asks for it is shown: the path of a PEM file with a certificate and its key, or of two,
        (certificate, key), a key without a password (None). Where the URLs of replies lead, it is not shown.
    allow_private: True lets the URLs that replies name, of pictures for example, lead to this machine and its network
        (False). Where the gateway itself is there, they may without it.
    on_request, on_response, on_attempt: plain functions that are called before a call is sent, with its `CallInfo`;
        when it, or its stream, has ended, well or not, with the same; after each attempt, with that and an
        `AttemptInfo`. What `on_request` raises is the call's, and nothing is sent; what the others raise is logged.

    Holds no connection: any number of clients, in any threads and forked processes, share those of the process, and
    there is nothing to close. Pickles without its key (where it is loaded, WENWEN_API_KEY counts), without hooks and
    tags, without a proxy's user and password, and with those default headers alone that are known to be harmless
    (OpenAI-Organization, X-Request-Id …; X-Tenant is not).
    """

    def _send(self, endpoint: Endpoint, params: dict[str, Any], **asked: Any) -> Any:
        return send(self._settings, endpoint, params, **asked)

    def close(self) -> None:
        """Nothing to do: connections belong to the process. Here for code written for other clients."""
        self.__dict__["_closed"] = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__dict__["_closed"] = True


class AsyncClient(_Base, AsyncParts):
    def _send(self, endpoint: Endpoint, params: dict[str, Any], **asked: Any) -> Any:
        from ._loop import call

        return call(self._settings, endpoint, params, **asked)

    async def close(self) -> None:
        """Nothing to do: connections belong to the process. Here for code written for other clients."""
        self.__dict__["_closed"] = True

    aclose = close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__dict__["_closed"] = True


AsyncClient.__doc__ = (Client.__doc__ or "").replace("A client of the gateway.", "A client of the gateway, awaited.")


class _Readable:
    """Stands behind a function as `__wrapped__`, for `inspect` and `typing.get_type_hints`: with the names of its
    annotations, which are imported when somebody reads them."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self.__module__, self.__name__ = function.__module__, function.__name__
        self.__qualname__, self.__doc__ = function.__qualname__, function.__doc__

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._function(*args, **options)

    @property
    def __globals__(self) -> dict[str, Any]:
        import collections.abc
        import os
        import types
        import typing

        from . import _core, _telemetry

        return {
            **vars(collections.abc),
            **vars(types),
            **vars(typing),
            **vars(_core),
            "PathLike": os.PathLike,
            "AttemptInfo": _telemetry.AttemptInfo,
            "CallInfo": _telemetry.CallInfo,
            **globals(),
        }

    @property
    def __signature__(self) -> Any:
        import inspect

        return inspect.signature(self._function, follow_wrapped=False)


configure = frameless(configure)
for _class in (_Base, Client, AsyncClient):
    frameless(_class)
for _names in (vars(_Base), vars(Client), vars(AsyncClient), {"configure": configure}):
    for _function in _names.values():
        if type(_function) is type(configure):
            _function.__dict__["__wrapped__"] = _Readable(_function.__dict__.get("__wrapped__", _function))


def _awaited(name: str) -> Any:
    """A method of an AsyncClient, of the one that both clients share."""
    shared = getattr(_Base, name)

    async def awaited(self: AsyncClient, *args: Any, **options: Any) -> Any:
        query, options = _hidden(options.get("query"), options)
        if query is not None:
            options["query"] = query
        return await shared(self, *args, **options)

    awaited = frameless(awaited)
    awaited.__name__, awaited.__qualname__ = name, f"AsyncClient.{name}"
    awaited.__doc__ = (shared.__doc__ or "").replace("`client.", "`await client.")
    awaited.__annotations__ = shared.__annotations__
    awaited.__dict__["__wrapped__"] = shared.__wrapped__
    return awaited


for _name in ("get", "post", "put", "patch", "delete", "request"):
    setattr(AsyncClient, _name, _awaited(_name))
