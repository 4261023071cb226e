"""Async calls: the Python side of the mailbox (`src/py/mailbox.rs`), one per event loop."""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ._core import Body, Mailbox, Stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from types import TracebackType

    from ._core import Endpoint, Headers, KeySlot, Settings

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
    except BaseException:
        mailbox.abort(future)
        if future.done() and not future.cancelled() and future.exception() is None:
            # It came at the last moment. The error's traceback would hold it, and with it its connection.
            reply = future.result()
            if form == "raw":
                reply._with_stream(_close)
            elif reply.__class__ in (Body, Stream):
                _close(reply)
        raise
    if reply.__class__ is Stream:
        return AsyncStream(reply)
    return reply._with_stream(AsyncStream) if form == "raw" else reply


async def call_all(
    settings: Settings, endpoint: Endpoint, parts: Sequence[tuple[dict[str, Any], str]], most: int
) -> list[Any]:
    """Makes a call of several requests and waits for their replies; cancelling the task closes the connections."""
    return cast(
        "list[Any]",
        await _wait(lambda mailbox, future: mailbox.submit_all(future, settings, endpoint, parts, most)),
    )


async def _wait(start: Callable[[Mailbox, asyncio.Future[Any]], None]) -> Any:
    """A later step of a call: the next events of a stream, the next bytes of a body."""
    loop = _running()
    mailbox = _mailbox(loop)
    future = loop.create_future()
    try:
        start(mailbox, future)
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
        loop.add_reader(mailbox.fileno(), _drain, mailbox)
    except NotImplementedError:  # Windows' Proactor loop, and loops that are not asyncio's own
        mailbox = Mailbox(True)
        # Not a daemon: it looks up every 50 ms and ends with the loop or the main thread, so it holds nothing up.
        threading.Thread(target=_pump, args=(weakref.ref(loop), mailbox), name="wenwen-mailbox").start()
    _mailboxes[loop] = weakref.ref(mailbox)
    return mailbox


def _drain(mailbox: Mailbox) -> None:
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


async def _more(stream: Stream[Any]) -> None:
    """Waits for events."""
    try:
        await _wait(lambda mailbox, future: mailbox.when_ready(future, stream))
    except (asyncio.CancelledError, GeneratorExit):
        stream.close()
        raise


class AsyncStream(Generic[T]):
    """The events of a reply as they arrive: `async for event in stream`.

    Leaving an `async with` block, `close()`, cancelling the task that reads, or letting go of the stream closes the
    connection at once. It ends after its last event; a stream that breaks off before raises IncompleteStreamError,
    which has what had arrived as `partial`.
    """

    __slots__ = ("__weakref__", "_stream")

    def __init__(self, stream: Stream[T]) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncStream[T]:
        return self

    async def __anext__(self) -> T:
        stream = self._stream
        # No `cast` and no lambda here: a call and a cell are a tenth of an event's time.
        while (event := stream._pop()) is stream:
            await _more(stream)
        return event  # type: ignore[return-value]

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


async def body_chunks(body: Body) -> AsyncIterator[bytes]:
    """A body piece by piece."""
    while (chunk := await _read(body, False)) is not None:
        yield chunk


async def body_whole(body: Body) -> bytes:
    """A whole body; again the same afterwards."""
    whole = body._whole()
    if whole is None:
        whole = await _read(body, True)
    if whole is None:
        raise RuntimeError("the body has been read piece by piece already")
    return whole


async def _read(body: Body, whole: bool) -> bytes | None:
    try:
        return cast("bytes | None", await _wait(lambda mailbox, future: mailbox.next_bytes(future, body, whole)))
    except (asyncio.CancelledError, GeneratorExit):
        body.close()
        raise
