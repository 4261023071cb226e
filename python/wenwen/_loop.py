"""Async calls: the Python side of the mailbox (`src/py/mailbox.rs`), one per event loop."""

from __future__ import annotations

import asyncio
import signal
import threading
import weakref
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ._core import Body, Mailbox, Object, Stream
from ._frames import without_frames
from ._shown import AsyncShows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
    from types import TracebackType
    from typing import Self

    from ._core import APIResponse, Endpoint, Headers, JobEngine, KeySlot, Relay, Settings

T = TypeVar("T")

# A mailbox is kept by its loop, as an argument of the reader, or by its helper thread. Kept here it would never go: the
# futures that it holds hold their loop, and the connections of a loop that was closed under its calls would stay open.
_mailboxes: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.ref[Mailbox]] = weakref.WeakKeyDictionary()


async def call(
    settings: Settings,
    endpoint: Endpoint,
    params: dict[str, Any],
    ids: Sequence[str] = (),
    form: str = "parsed",
    **more: Any,
) -> Any:
    """Makes a call and waits for its outcome; cancelling the task closes the connection."""
    loop = _running()
    mailbox = _mailbox(loop)
    future = loop.create_future()
    mailbox.submit(future, settings, endpoint, params, ids, form, **more)
    try:
        reply = await future
    except BaseException as error:
        mailbox.abort(future)
        if future.done() and not future.cancelled() and future.exception() is None:
            # It came at the last moment. The error's traceback would hold it, and with it its connection.
            reply = future.result()
            if form == "raw":
                reply._awaited(_close, awaitable)
            elif reply.__class__ in (Body, Stream):
                _close(reply)
        without_frames(error)
        raise
    if reply.__class__ is Stream:
        return AsyncStream(reply)
    return reply._awaited(AsyncStream, awaitable) if form == "raw" else reply


def awaitable(reply: Any) -> Any:
    """A parsed reply that may be awaited too, and gives itself: `await raw.parse()` is what Anthropic's package has,
    `raw.parse()` what openai's has."""
    cls: Any = reply.__class__
    if not isinstance(reply, Object):
        return reply
    made = _awaitable.get(cls)
    if made is None:

        def itself(self: Any) -> Generator[Any, Any, Any]:
            return self
            yield

        def reduced(self: Any) -> tuple[Any, ...]:
            rebuild, (_, *rest) = cls.__reduce__(self)
            return rebuild, (cls, *rest)

        names = {name: getattr(cls, name) for name in ("__module__", "__qualname__", "__doc__")}
        space = {**names, "__slots__": (), "__await__": itself, "__reduce__": reduced}
        made = _awaitable[cls] = type(cls.__name__, (cls,), space)
    reply.__class__ = made
    return reply


_awaitable: dict[type, type] = {}


async def closed() -> None:
    """What there is to await where nothing was open."""


async def call_all(
    settings: Settings, endpoint: Endpoint, parts: Sequence[tuple[dict[str, Any], str]], most: int
) -> list[Any]:
    """Makes a call of several requests and waits for their replies; cancelling the task closes the connections."""
    return cast(
        "list[Any]",
        await _wait(lambda mailbox, future: mailbox.submit_all(future, settings, endpoint, parts, most)),
    )


async def _wait(start: Callable[[Mailbox, asyncio.Future[Any]], None]) -> Any:
    """A step of a call that `start` begins."""
    loop = _running()
    mailbox = _mailbox(loop)
    future = loop.create_future()
    try:
        start(mailbox, future)
        del start  # the traceback of an error would hold what it waits for
        return await future
    except BaseException:
        mailbox.abort(future)
        raise


def _close(reply: Body | Stream[Any]) -> None:
    reply.close()


def _running() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "wenwen.AsyncClient and wenwen.aio need an event loop of asyncio's kind, and none runs here. Under trio "
            "call a wenwen.Client in a thread: await anyio.to_thread.run_sync(lambda: "
            "client.responses.create(...)), or trio.to_thread.run_sync"
        ) from None


def _mailbox(loop: asyncio.AbstractEventLoop) -> Mailbox:
    ref = _mailboxes.get(loop)
    return (ref and ref()) or _open(loop)


def _open(loop: asyncio.AbstractEventLoop) -> Mailbox:
    mailbox = Mailbox(False)
    try:
        if mailbox.fileno() < 0:
            raise NotImplementedError
        loop.add_reader(mailbox.fileno(), _drain, mailbox, _Alarm(mailbox))
    except NotImplementedError:  # Windows' Proactor loop, and loops that are not asyncio's own
        mailbox = Mailbox(True)
        # Not a daemon: it looks up every 50 ms and ends with the loop or the main thread, so it holds nothing up.
        threading.Thread(target=_pump, args=(weakref.ref(loop), mailbox), name="wenwen-mailbox").start()
    _mailboxes[loop] = weakref.ref(mailbox)
    return mailbox


class _Alarm:
    """Has signals ring the mailbox while its loop is open. asyncio's runner sets no wakeup descriptor: a Ctrl-C that
    came as the loop was about to wait, or that another thread got, was heard when the reply came."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._rings = threading.current_thread() is threading.main_thread()
        if self._rings:
            before = signal.set_wakeup_fd(mailbox.bell(), warn_on_full_buffer=False)
            if before != -1:  # somebody else hears them
                signal.set_wakeup_fd(before)
                self._rings = False

    def __del__(self) -> None:
        """The loop was closed: its handle of the mailbox has gone."""
        if not self._rings:
            return
        if threading.current_thread() is not threading.main_thread():
            _kept.append(self._mailbox)  # nobody may have its descriptor while signals are written there
            return
        before = signal.set_wakeup_fd(-1)
        if before not in (-1, self._mailbox.bell()):  # set since
            signal.set_wakeup_fd(before)


_kept: list[Mailbox] = []


def _drain(mailbox: Mailbox, _: object = None) -> None:
    letters = mailbox.take()
    letters.reverse()
    _deliver(letters)


def _deliver(letters: list[tuple[asyncio.Future[Any] | None, Any, BaseException | None]]) -> None:
    """The next letter is the last one."""
    # Python calls are made here and not in Rust: a thread that is ended while it runs Python must have no Rust below.
    try:
        while letters:
            future, result, error = letters[-1]
            if future is None:
                letters.pop()
                if error is not None:
                    raise error
                function, arguments = cast("tuple[Callable[..., Any], Sequence[Any]]", result)
                function(*arguments)
                continue
            if not future.done():
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)
            letters.pop()
    except BaseException:
        # Ctrl-C, or a logging handler that raises: the others are to have theirs all the same.
        asyncio.get_running_loop().call_soon(_deliver, letters)
        raise


def _pump(loop_ref: weakref.ref[asyncio.AbstractEventLoop], mailbox: Mailbox) -> None:
    main = threading.main_thread()
    while main.is_alive():
        rung = mailbox.wait(0.05)
        loop = loop_ref()
        if loop is None or loop.is_closed():
            return
        if rung:
            try:
                loop.call_soon_threadsafe(_drain, mailbox)
            except RuntimeError:  # closed just now
                return
        del loop


async def answer_key(function: Callable[[], str | Awaitable[str]], slot: KeySlot) -> None:
    """Asks the user's `api_key` function and puts the key where the attempt waits for it."""
    try:
        key = function()
        if not isinstance(key, str) and hasattr(key, "__await__"):
            key = await key
        slot.put(key)
    except BaseException as error:
        slot.fail(error)
        if not isinstance(error, Exception):
            raise


def _more(source: Stream[Any] | Body | Relay) -> Coroutine[Any, Any, None]:
    """Waits for something to read. Whoever gives up may read on later: what arrives meanwhile stays there."""
    return _wait(lambda mailbox, future: mailbox.when_ready(future, source))


def job_mailbox() -> Mailbox:
    """The mailbox of the running loop, for a job's keys and lines of the log."""
    return _mailbox(_running())


def job_ready(engine: JobEngine) -> tuple[asyncio.Future[None], Callable[[], None]]:
    """What is done when a job has something to take, or room for rows; and what forgets that."""
    loop = _running()
    mailbox = _mailbox(loop)
    future = loop.create_future()
    mailbox.when_ready(future, engine)
    return future, lambda: mailbox.abort(future)


class AsyncStream(AsyncShows, Generic[T]):
    """The events of a reply as they arrive: `async for event in stream`.

    Leaving an `async with` block, `close()`, letting go of the stream, or the end of a task that was cancelled while it
    read closes the connection at once. After a read that a timeout ended, the next one goes on where that was. It ends
    after its last event; a stream that breaks off before raises IncompleteStreamError, which has what had arrived as
    `partial`.
    """

    __slots__ = ("__weakref__", "_reader", "_stream")

    def __init__(self, stream: Stream[T]) -> None:
        self._stream = stream
        self._reader: weakref.ref[asyncio.Task[Any]] | None = None

    @property
    def response(self) -> APIResponse:
        """The HTTP reply whose body these are: its status and headers."""
        return self._stream.response

    def __aiter__(self) -> AsyncStream[T]:
        return self

    def __await__(self) -> Generator[Any, Any, Self]:
        """Itself: for `await raw.parse()`, as Anthropic's package has it."""
        return self
        yield

    async def __anext__(self) -> T:
        stream = self._stream
        # No `cast` and no lambda here: a call and a cell are a tenth of an event's time.
        try:
            while (event := stream._pop()) is stream:
                del event
                await _more(stream)
            return event  # type: ignore[return-value]
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                self._left()
            # The traceback of a cancellation may live long: it must not keep a stream open that nobody reads on.
            del self, stream
            without_frames(error)
            raise

    def _left(self) -> None:
        """A read was cancelled. By a timeout, and the next read goes on; or with its task, whose exception may keep the
        stream for long: it is closed when that ends so, unless somebody else has read on."""
        self._stream._leave()
        task = asyncio.current_task()
        if task is None or (self._reader is not None and self._reader() is task):
            return
        frame = getattr(task.get_coro(), "cr_frame", None)
        if frame is not None and frame.f_globals.get("__name__", "").startswith(("asyncio.", "wenwen.")):
            return  # of this read alone: `wait_for` makes one in Python 3.11
        self._reader = weakref.ref(task)
        own = weakref.ref(self._stream)

        def ended(task: asyncio.Task[Any]) -> None:
            if task.cancelled() and (stream := own()) is not None:
                stream._abandon()

        task.add_done_callback(ended)

    async def __aenter__(self) -> AsyncStream[T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    async def close(self) -> None:
        """Ends the stream and its connection."""
        self._stream.close()

    aclose = close

    @property
    def request_id(self) -> str | None:
        """The gateway's id of the request; None if it gave none."""
        return self._stream.request_id

    @property
    def headers(self) -> Headers:
        """The headers of the HTTP reply."""
        return self._stream.headers

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self._stream.status_code

    def _reply(self) -> Any:
        return self._stream._reply()

    def _partial(self, choice: int | None = None) -> Any:
        return self._stream._partial(choice)

    def __repr__(self) -> str:
        return f"<Async{repr(self._stream)[1:]}"


async def body_chunk(body: Body, whole: bool = False) -> bytes | None:
    """The next piece of a body, or all that is left; None at the end."""
    while (chunk := body._pop(whole)) is body:
        await _more(body)
    return cast("bytes | None", chunk)


async def body_whole(body: Body) -> bytes:
    """A whole body; again the same afterwards."""
    whole = body._whole()
    if whole is None:
        whole = await body_chunk(body, True)
    if whole is None:
        raise RuntimeError("the body has been read piece by piece already")
    return whole


async def body_parsed(body: Body) -> Any:
    """What the call would have returned."""
    if not body._streams:
        await body_whole(body)
        return body.parse()
    stream = body._stream() or await _wait(lambda mailbox, future: mailbox.parse(future, body))
    return AsyncStream(stream)
