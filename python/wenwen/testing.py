"""A gateway of your own, on this machine, for tests and demonstrations.

    from wenwen.testing import LocalGateway, Reply

    with LocalGateway() as gateway:
        client = gateway.client()
        client.responses.create(model="gpt-5", input="Hello!").output_text

It answers as the real gateway does, refuses what the real one refuses, needs no key and no network, and can be told
what to answer next: other statuses, slow answers, streams that break off. `gateway.requests` holds what it was sent.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, cast

from ._core import Gateway, GatewayReply, GatewayRequest

if TYPE_CHECKING:
    from ._client import AsyncClient, Client

__all__ = ["Fault", "Handler", "LocalGateway", "Quota", "Refusal", "Reply", "Request", "ScriptItem"]

Request = GatewayRequest
"""A request of the journal: method, path, query, headers, body, `.json()`, `.form()`, status, how it ended."""

Fault: TypeAlias = Literal[
    # The connection: before, in the middle of and after the head, in the body, in a chunk of it. "close" ends it (FIN),
    # "reset" breaks it (RST), "stall" keeps it open and says nothing more.
    "close",
    "reset",
    "silence",
    "close in head",
    "reset in head",
    "stall in head",
    "close after head",
    "reset after head",
    "stall after head",
    "close in body",
    "reset in body",
    "stall in body",
    "close in chunk",
    "reset in chunk",
    "stall in chunk",
    "slow head",  # a byte each 0.2 s
    "slow body",
    "stale",  # answers, keeps the connection, and resets it when the next request comes on it
    # The head.
    "noise",  # bytes that are no HTTP
    "long head",  # 1 MB of headers
    "informational",  # 100 and 103 before the answer, which is whole
    "length too long",  # Content-Length is twice the body, and the connection closes after it
    "length too short",  # Content-Length is half of the body
    "two lengths",  # two of them, which differ
    "bad chunk size",
    "huge chunk size",
    # The body, well framed.
    "truncated",  # the first half of it
    "unfinished",  # the first half of the events
    "truncated gzip",
    "not gzip",  # plain, though its Content-Encoding says gzip
    "wrong type",  # Content-Type: image/x-odd
    "html",  # a web page
    "empty",
    "bad utf-8",  # in a string of the JSON
    "long line",  # 64 MB of white space (in a stream: of a comment) before it
    "endless",  # half of it, then white space (in a stream: comments) for as long as the client stays
]
"""The ways in which a gateway and what lies before it can break an answer, for `Reply(fault=...)`."""

Refusal: TypeAlias = Literal[
    "no money",  # 403, Midjourney: 400 with code 4
    "key disabled",  # 401, as the next two; the look-ups of the key's own account answer for those
    "key expired",
    "key used up",
    "no channel",  # 503, code model_not_found
    "rate limited",  # 429 without a body: the gateway's own limit for a user
    "system overloaded",  # 503
    "upstream failed",  # 500, Midjourney: 400 with code 5
    "empty stream",  # of chat: a made-up chunk and [DONE]; of others: no event. A whole reply: as "upstream failed"
]
"""What the gateway refuses a request with in certain cases, each in the form of the endpoint that is asked, for
`Reply(fault=...)`."""

_TICK = 0.05  # seconds between two looks at whether to stop: Ctrl-C and exit are never further away


class _Unset:
    """Stands for an argument that was not given, where None means null."""

    def __repr__(self) -> str:
        return "<not given>"

    def __reduce__(self) -> str:
        return "_UNSET"  # one object, also after pickling and copying


_UNSET: Any = _Unset()


@dataclass(kw_only=True, slots=True)
class Reply:
    """One scripted answer.

    Give at most one body: `json`, `text`, `html`, `body`, `events` or `raw`. Without one the gateway answers as it
    usually does with that `status` (200: what the endpoint answers by default; 429: its rate limit error; ...), and
    the other fields apply to that. An answer with an empty body is `Reply(status=204, body=b"")`.
    All times are seconds, all sizes bytes.
    """

    status: int = 200
    """The HTTP status, 100 to 999."""
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None
    """Sent as given, in this order and case; they replace the gateway's own of the same name (Content-Type,
    Content-Length, X-Oneapi-Request-Id, ...). A name may come twice when pairs are given."""
    json: Any = _UNSET
    """Any JSON value."""
    text: str | None = None
    """Sent as text/plain."""
    html: str | None = None
    """Sent as text/html."""
    body: bytes | Sequence[bytes] | None = None
    """Bytes; a list of bytes goes out chunk by chunk, each flushed on its own."""
    events: str | bytes | Iterable[Any] | None = None
    """An event stream. Strings and bytes go out as they are, blank line included; any other JSON value becomes a
    `data:` line, after an `event:` line when it is an object with a "type". One string or bytes is a whole stream."""
    raw: bytes | Sequence[bytes] | None = None
    """The whole answer, head included, sent as it is; the connection closes after it."""
    delay: float | None = None
    """Time before the head. Default: the gateway's `latency`."""
    chunk_delay: float | None = None
    """Time between two events or chunks. Default: the gateway's `event_delay` for events, else 0."""
    chunk_size: int | None = None
    """Cuts the body in chunks of that many bytes, each flushed on its own. Default: one chunk, or one per event."""
    pings: int = 0
    """How many comments (`: PING`) come before the first event."""
    ping_interval: float = 0.0
    """Time before each of these comments."""
    cut: int | None = None
    """Breaks the connection off after that many bytes of the body (of the whole answer with `raw`)."""
    stall: int | None = None
    """After that many bytes of the body, keeps the connection open and sends nothing more."""
    close: bool = False
    """Breaks the connection off before any head."""
    reset: bool = False
    """Whether `cut` and `close` reset the connection (RST) instead of ending it (FIN)."""
    framing: Literal["auto", "length", "chunked", "close"] = "auto"
    """What ends the body: Content-Length, chunks, or the end of the connection. "auto": length for a body in one
    piece, else chunked."""
    gzip: bool = False
    """Whether the body is sent compressed."""
    fault: Fault | Refusal | None = None
    """Breaks what would have been answered, in one of the ways that `Fault` names. It finds its place by itself: not
    together with `raw`, `cut`, `stall`, `close` and `reset`. Or what is answered: one of `Refusal`, without a status
    and a body."""
    times: int | None = 1
    """How many requests it answers; None: all that follow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """What a `LocalGateway` lets through, and how quickly: `LocalGateway(quota=Quota(rpm=6000))`.

    A request that a limit refuses is answered at once with 429, before the script is asked; where `money` is gone, with
    403. Look-ups (GET), Midjourney and videos are not limited, as on the real gateway. All limits that are given hold
    together; none of them is one by default. Times are seconds.
    """

    rpm: float | None = None
    """Requests a minute of an upstream, as a bucket that refills steadily: 6000 are 100 a second."""
    burst: float | None = None
    """How many of them pass at once after a quiet time. Default: as many as a fifth of a second brings, and 1."""
    tpm: float | None = None
    """Tokens a minute of an upstream, by the usage of the answers; a minute's at once after a quiet time."""
    max_concurrency: int | None = None
    """How many may run at once."""
    window: tuple[int, float] | None = None
    """The gateway's own limit, (3000, 60): so many in the last so many seconds. Answers with status 200 are counted,
    each when it is finished, so that after a quiet time more of them may pass."""
    money: int | None = None
    """How many requests are paid for; the others are refused as `"no money"`."""
    named: bool = False
    """Whether a refusal says which limit it was and how high that is, in the words of gateways and upstreams; without
    it the refusal has no body."""
    retry_after: float | None = None
    """What the refusals' `Retry-After` asks for. Default: there is none, like on the real gateway."""
    channels: float | Sequence[float] = ()
    """Requests a minute that the `x-ratelimit-*` headers of whole answers tell, whatever the limit is: one number is an
    upstream that says the same each time; of several, one after the other answers. Default: there are none."""
    latency: float | Sequence[float] = ()
    """Time before an answer, besides the gateway's own: one number, or quantiles at equal distances, between which it
    is drawn: (1, 3) is anything from 1 to 3, (1, 1, 1, 1, 20) has a tail. The same numbers in each run."""
    hangs: float = 0.0
    """The share of requests, 0 to 1, that are let through and never answered."""
    since: float = 0.0
    """When these limits take the place of those before, after the first request: `quota=[Quota(rpm=6000),
    Quota(rpm=3000, since=100), Quota(rpm=6000, since=250)]` halves for 150 s."""

    def __post_init__(self) -> None:
        for name in ("rpm", "burst", "tpm", "max_concurrency"):
            self._check(name, getattr(self, name), above=True)
        for name in ("money", "retry_after", "since"):
            self._check(name, getattr(self, name))
        window: Any = self.window
        if window is not None:
            try:
                answers, _ = window
            except (TypeError, ValueError):
                answers = None
            if not isinstance(answers, int):
                raise TypeError(f"window is {window!r}: give (answers, seconds)")
        for name in ("window", "channels", "latency"):
            several: Any = getattr(self, name)
            for value in several if hasattr(several, "__len__") else (several,):
                self._check(name, value, above=name != "latency")
        self._check("hangs", self.hangs)
        if self.hangs > 1:
            raise ValueError(f"hangs is {self.hangs}: give a share from 0 to 1")

    @staticmethod
    def _check(name: str, value: Any, above: bool = False) -> None:
        if value is None:
            return
        kind = "whole number" if name in ("max_concurrency", "money") else "number"
        if not isinstance(value, int if kind == "whole number" else (int, float)) or isinstance(value, bool):
            raise TypeError(f"{name} is {value!r}: give a {kind}")
        if not (0 < value < math.inf if above else 0 <= value < math.inf):
            raise ValueError(f"{name} is {value}: give a {kind} {'above 0' if above else 'of 0 or more'}")


ScriptItem: TypeAlias = Reply | Fault | Refusal | dict[str, Any] | list[Any] | int | None
"""A `Reply`; the name of a `Fault`, which breaks the default answer, or of a `Refusal`; a dict or list, sent as JSON; a
status, with the gateway's usual body for it; None, the default answer."""

Handler: TypeAlias = Callable[[Request], ScriptItem]
"""A function that is given each request and returns what to answer."""


class LocalGateway:
    """The gateway on a loopback address of this machine, on a thread of its own.

    script: what to answer: a list of replies for the next requests in order, whatever their path, with the default
        answers after them; or a function that is given each request and returns a reply.
    api_key: the only key it accepts. Default: any key that is not empty.
    models: the only models there are: another one is refused with 503, and lists of models and prices have no other.
        Default: any model is taken.
    host, port: a loopback address; port 0 takes a free one. Requests to another Host are refused with 403: a page in a
        browser could send them.
    latency: seconds before each answer. Refusals are not delayed.
    event_delay: seconds between two events of a stream.
    ping_interval: seconds of silence after which a stream carries a comment (`: PING`), before its first event too.
        With it, what an upstream refuses after a first comment (`latency`, `Reply(status=500, delay=...)`) comes as a
        line of JSON in a 200. Default: none, like the real gateway.
    journal_entries: how many requests the journal holds (default 10 000); the oldest go. 0 turns it off.
    journal_bytes: how many bytes of bodies it holds (default 64 MB); the oldest bodies go, their entries stay.
    max_body: the largest request body in bytes (default 128 MB); a larger one is refused with 400, audio with 413.
    quota: what it lets through and how quickly, a `Quota`, or several one after the other; see `limit`. Default: all.

    Its own words are English, and Chinese where the request's `Accept-Language` begins with zh. Connections on which
    the client says nothing for 60 s are closed.

    An answer fits the schema that it is asked for, and is the same for the same schema. Tools are called with arguments
    that fit their parameters: those whose name shares a word with the user's, several at once where the request lets
    it; else all, if the user speaks of tools, or the first, if the user asks something (`?`). Where the request wants a
    call, those or one of each of the first four. Once they have returned something, the answer says what, or has it in
    the fields of its schema. Schemas, names, lists of tools and histories that OpenAI, Anthropic or Gemini would refuse
    are refused with 400.

    A Midjourney task goes one step further each time it is looked at. A prompt with a parameter that Midjourney does
    not have (`--colour`) fails; one with "nude", "naked", "gore" or "blood" is refused.

    It serves from `start()`, or from entering `with`, until `close()`. A function is called on one thread that belongs
    to the gateway, one request at a time; what it raises is answered with 500, kept in `errors`, and raised again
    where the `with` block ends. A forked child cannot use its parent's gateway object, but can send requests to it.
    """

    def __init__(
        self,
        script: Iterable[ScriptItem] | Handler | Reply | None = None,
        *,
        api_key: str | None = None,
        models: Iterable[str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        latency: float = 0.0,
        event_delay: float = 0.0,
        ping_interval: float | None = None,
        journal_entries: int | None = None,
        journal_bytes: int | None = None,
        max_body: int | None = None,
        quota: Quota | Iterable[Quota] = (),
    ) -> None:
        if isinstance(models, str):
            raise TypeError(f"models is {models!r}: give a list of names")
        self._options: dict[str, Any] = {
            "api_key": api_key,
            "models": None if models is None else list(models),
            "host": host,
            "port": port,
            "latency": latency,
            "event_delay": event_delay,
            "ping_interval": ping_interval,
            "journal_entries": journal_entries,
            "journal_bytes": journal_bytes,
            "max_body": max_body,
        }
        self._core: Gateway | None = None
        self._first: list[Any] = []  # the script, until there is a gateway to take it
        self._quotas = _quotas((quota,) if isinstance(quota, Quota) else tuple(quota))
        self._handler: _HandlerThread | None = None
        self.errors: list[BaseException] = []
        """What the script's function has raised."""
        if script is None:
            pass
        elif callable(script) or isinstance(script, Reply):
            self._first = [script]
        elif isinstance(cast("object", script), (str, bytes, Mapping)):  # iterable, but no script
            raise TypeError(f"script must be a list of replies or a function, not {type(script).__name__}")
        else:
            self._first = list(script)
            for item in self._first:
                _compiled(item)  # a wrong item is told here, where it was written

    # Life

    def start(self) -> Self:
        """Begins to serve. A second call does nothing."""
        if self._core is None:
            self._core = Gateway(**self._options)
            self._core.limit(self._quotas)
            first, self._first = self._first, []
            self.script(*first)
        return self

    def close(self) -> None:
        """Closes every connection and frees the port. The journal can still be read."""
        if self._core is not None:
            self._core.close()
            if self._handler is not None:
                self._handler.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        if error is None and self.errors:
            raise self.errors[0]

    def __del__(self) -> None:
        if getattr(self, "_core", None) is not None:
            self.close()

    def __repr__(self) -> str:
        return f"<LocalGateway {self._core.root if self._core else 'not started'}>"

    @property
    def _running(self) -> Gateway:
        if self._core is None:
            raise RuntimeError("the gateway is not started: use it in a with statement, or call start()")
        return self._core

    # Reaching it

    @property
    def root(self) -> str:
        """Its address without a path: http://127.0.0.1:<port>."""
        return self._running.root

    @property
    def base_url(self) -> str:
        """Its address with /v1."""
        return self.root + "/v1"

    @property
    def api_key(self) -> str:
        """A key that it accepts."""
        return self._options["api_key"] or "sk-local"

    def client(self, **options: Any) -> Client:
        """A `wenwen.Client` of this gateway; the options are the client's."""
        from ._client import Client

        return Client(**self._client_options(options))

    def async_client(self, **options: Any) -> AsyncClient:
        """A `wenwen.AsyncClient` of this gateway; the options are the client's."""
        from ._client import AsyncClient

        return AsyncClient(**self._client_options(options))

    def _client_options(self, options: dict[str, Any]) -> dict[str, Any]:
        # No proxy: one from the environment would not find its way back to this machine.
        return {"base_url": self.base_url, "api_key": self.api_key, "proxy": False, **options}

    def env(self) -> dict[str, str]:
        """The environment that makes the module-level functions, here or in a child process, use this gateway."""
        bypass = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
        no_proxy = ",".join(filter(None, (bypass, "127.0.0.1", "localhost", "::1")))
        return {"WENWEN_BASE_URL": self.base_url, "WENWEN_API_KEY": self.api_key, "no_proxy": no_proxy}

    # What it answers

    def script(self, *replies: ScriptItem | Handler) -> None:
        """Appends replies for the next requests, or sets the function that answers when no replies are left."""
        compiled = [reply if callable(reply) else _compiled(reply) for reply in replies]
        if self._core is None:
            self._first.extend(replies)
            return
        for reply in compiled:
            if isinstance(reply, GatewayReply):
                self._core.push(reply)
            elif self._handler is not None:
                self._handler.function = reply
            else:
                self._core.set_handler(True)
                self._handler = _HandlerThread(self._core, reply, self.errors)

    def clear_script(self) -> None:
        """Forgets the replies that have not been taken, and the function: what follows is answered by default.
        A request that waits for the function is answered with 500."""
        self._first.clear()
        if self._core is not None:
            self._core.clear_script()
            self._core.set_handler(False)
            if self._handler is not None:
                self._handler.stop()
                self._handler = None

    def limit(self, *quotas: Quota) -> None:
        """Sets what it lets through from now on, in the place of what there was: one `Quota`, several whose `since`
        says when each of them begins, or none, which lets everything through. Counts begin anew."""
        self._quotas = _quotas(quotas)
        if self._core is not None:
            self._core.limit(self._quotas)

    @property
    def script_left(self) -> int:
        """How many scripted replies have not been taken."""
        return self._running.script_left

    # What it was sent

    @property
    def requests(self) -> list[Request]:
        """The requests so far, oldest first. Each fills in while it is answered."""
        return self._running.requests

    @property
    def last_request(self) -> Request | None:
        """The newest request."""
        return self._running.last_request

    def clear(self) -> None:
        """Forgets the requests so far."""
        self._running.clear()

    @property
    def connections(self) -> int:
        """How many connections it has accepted."""
        return self._running.connections

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        return self._running.open_connections

    def wait_until(self, condition: Callable[[], Any], timeout: float = 5.0) -> Any:
        """Waits until `condition()` is true and returns its value; looked at again whenever something happens at the
        gateway, and every 50 ms. TimeoutError after `timeout` seconds."""
        core, end, seen = self._running, time.monotonic() + timeout, 0
        while True:
            seen = core.wait(seen, 0.0)  # counted before the look, so that nothing falls between the two
            if value := condition():
                return value
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"not within {timeout} s: {getattr(condition, '__name__', condition)}")
            core.wait(seen, min(_TICK, left))

    def wait_closed(self, n: int = 1, timeout: float = 5.0) -> list[Request]:
        """Waits until `n` requests have ended because their client went away; returns them."""

        def closed() -> list[Request] | None:
            gone = [request for request in self.requests if request.ended == "client closed"]
            return gone if len(gone) >= n else None

        try:
            return self.wait_until(closed, timeout)  # type: ignore[no-any-return]
        except TimeoutError:
            ended = [request.ended for request in self.requests]
            raise TimeoutError(f"not {n} requests left by their client within {timeout} s, but {ended}") from None


class _HandlerThread:
    """Calls the script's function. A thread of Python's, because a thread of Rust's that entered Python could be
    caught inside it when the interpreter ends.

    Not a daemon: the interpreter waits for it, and it leaves by itself once the main thread is done, so a gateway that
    nobody closed holds nothing up.
    """

    def __init__(self, core: Gateway, function: Handler, errors: list[BaseException]) -> None:
        self.function = function
        self._core = core
        self._errors = errors
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="wenwen-gateway-handler", daemon=False)
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        # From inside the function, or in a forked child, there is nothing to wait for.
        if self._thread is not threading.current_thread() and self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        main = threading.main_thread()
        while not self._stopped and main.is_alive():
            call = self._core.next_call(_TICK)
            if call is None:
                continue
            try:
                reply = _compiled(self.function(call.request))
            except BaseException as error:  # also pytest's failures, which are no Exceptions
                self._errors.append(error)
                reply = GatewayReply(status=500)
            call.answer(reply)


def _quotas(quotas: tuple[Any, ...]) -> tuple[Quota, ...]:
    for quota in quotas:
        if not isinstance(quota, Quota):
            raise TypeError(f"{quota!r:.100} is no Quota")
    return quotas


def _dumps(value: Any) -> bytes:
    import json

    def other(value: Any) -> Any:
        if hasattr(value, "to_dict"):
            return value.to_dict()
        raise TypeError(f"a reply cannot hold a {type(value).__name__}: it is not JSON")

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=other).encode("utf-8", "surrogatepass")


def _event(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    name = cast("Mapping[str, Any]", value).get("type") if isinstance(value, Mapping) else None
    line = b"event: " + name.encode() + b"\n" if isinstance(name, str) else b""
    return line + b"data: " + _dumps(value) + b"\n\n"


def _events(value: Any) -> list[bytes]:
    if isinstance(value, (str, bytes, bytearray)):
        whole = _event(value)
        return [event + b"\n\n" for event in whole.split(b"\n\n")[:-1]] + [whole.rpartition(b"\n\n")[2]]
    return [_event(event) for event in value]


def _pieces(value: bytes | Sequence[bytes]) -> list[bytes]:
    return [bytes(value)] if isinstance(value, (bytes, bytearray, memoryview)) else [bytes(piece) for piece in value]


def _compiled(item: Any) -> GatewayReply:
    """What the core takes for an item of a script."""
    if item is None:
        return GatewayReply()
    if isinstance(item, int) and not isinstance(item, bool):
        return GatewayReply(status=item)
    if isinstance(item, (dict, list)):
        return GatewayReply(kind="json", pieces=[_dumps(item)])
    if isinstance(item, str):
        return GatewayReply(fault=item)
    if not isinstance(item, Reply):
        raise TypeError(
            f"a script holds Reply, a fault, dict, list, a status or None, not {type(item).__name__}: {item!r:.100}"
        )
    bodies: list[tuple[str, Callable[[], list[bytes]]]] = []
    if item.json is not _UNSET:
        bodies.append(("json", lambda: [_dumps(item.json)]))
    if (text := item.text) is not None:
        bodies.append(("text", lambda: [text.encode()]))
    if (html := item.html) is not None:
        bodies.append(("html", lambda: [html.encode()]))
    if (body := item.body) is not None:
        bodies.append(("bytes", lambda: _pieces(body)))
    if (events := item.events) is not None:
        bodies.append(("events", lambda: _events(events)))
    if (raw := item.raw) is not None:
        bodies.append(("raw", lambda: _pieces(raw)))
    if len(bodies) > 1:
        raise TypeError(f"a Reply has one body, not {' and '.join(kind for kind, _ in bodies)}")
    if item.times is not None and item.times < 1:
        raise ValueError(f"times must be 1 or more, or None for all that follow, not {item.times}")
    if item.fault is not None and (item.cut, item.stall, item.close, item.reset, item.raw) != (
        None,
        None,
        False,
        False,
        None,
    ):
        raise TypeError(f"fault={item.fault!r} finds its place by itself: not with raw, cut, stall, close or reset")
    kind, made = bodies[0] if bodies else ("usual", list[bytes])
    headers = item.headers or ()
    if isinstance(headers, Mapping):
        headers = cast("Mapping[str, str]", headers).items()
    return GatewayReply(
        status=item.status,
        kind=kind,
        pieces=made(),
        headers=[(str(name), str(value)) for name, value in headers],
        delay=item.delay,
        gap=item.chunk_delay,
        chunk_size=item.chunk_size,
        pings=item.pings,
        ping_interval=item.ping_interval,
        cut=item.cut,
        stall=item.stall,
        reset=item.reset,
        close=item.close,
        framing=item.framing,
        gzip=item.gzip,
        fault=item.fault,
        times=item.times or 0,
    )
