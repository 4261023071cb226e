"""Everything that can break on the way, in each form of a call: one documented outcome, in time, nothing left behind.

`OUTCOMES` is the table of the guide's section "When things break". `python tests/core/test_faults.py` measures how long
each row takes under `timeout=1`; with `--readme` it prints the rows for python/README.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gzip
import itertools
import json
import pickle
import socket
import socketserver
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

import wenwen
from wenwen import Timeout
from wenwen.testing import Fault, LocalGateway, Reply

KEY = "sk-nobody-may-see-0123456789"
ID = "20261123-fault"
HEADERS = {"X-Oneapi-Request-Id": ID, "Retry-After-Ms": "1"}
HANG = 60.0  # seconds after which a call counts as hanging
WAV = b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x08\0\0" + bytes(2048)


class Out(NamedTuple):
    """What a fault comes to."""

    error: str | None = None
    """The exception; None: the reply is there, whole."""
    retried: bool = False
    head: bool = True
    """Whether the head had arrived, and with it the request id."""
    partial: bool = False
    """Whether the error has what had arrived of the stream."""

    def __str__(self) -> str:
        if self.error is None:
            return "the reply, retried" if self.retried else "the reply"
        name = f"`{self.error}`" + " with `partial`" * self.partial
        return f"{name}, {'retried' if self.retried else 'not retried'}"


UNSENT = Out("APIConnectionError", retried=True, head=False)
UNTRUSTED = Out("APIConnectionError", head=False)
BROKEN = Out("APIConnectionError", retried=True)
CUT = Out("IncompleteStreamError", partial=True)
SILENT = Out("APITimeoutError", head=False)
STALLED = Out("APITimeoutError")
STALLED_STREAM = Out("APITimeoutError", partial=True)
FINE = Out()
BAD = Out("APIResponseValidationError")
PAGE = Out("NotAnAPIError")

# Fault: what a call comes to, what a stream comes to. Those that `Fault` does not name have a place of their own below.
OUTCOMES: dict[str, tuple[Out, Out]] = {
    "nobody listens": (UNSENT, UNSENT),
    "no such name": (UNSENT, UNSENT),
    "close": (UNSENT, UNSENT),
    "reset": (UNSENT, UNSENT),
    "close in head": (UNSENT, UNSENT),
    "reset in head": (UNSENT, UNSENT),
    "noise": (UNSENT, UNSENT),
    "long head": (UNSENT, UNSENT),
    "two lengths": (UNSENT, UNSENT),
    "CONNECT refused by the proxy (502)": (UNSENT, UNSENT),
    "close after head": (BROKEN, BROKEN),
    "reset after head": (BROKEN, BROKEN),
    "not gzip": (BROKEN, BROKEN),
    "close in body": (BROKEN, CUT),
    "reset in body": (BROKEN, CUT),
    "close in chunk": (BROKEN, CUT),
    "reset in chunk": (BROKEN, CUT),
    "bad chunk size": (BROKEN, CUT),
    "huge chunk size": (BROKEN, CUT),
    "truncated gzip": (BROKEN, CUT),
    "length too long": (BROKEN, FINE),
    "length too short": (BAD, CUT),
    "truncated": (BAD, CUT),
    "unfinished": (BAD, CUT),
    "empty": (BAD, Out("IncompleteStreamError", retried=True)),
    "html": (PAGE, PAGE),
    "wrong type": (FINE, PAGE),
    "informational": (FINE, FINE),
    "bad utf-8": (FINE, FINE),
    "long line": (FINE, FINE),
    "stale": (Out(retried=True), Out(retried=True)),
    "silence": (SILENT, SILENT),
    "stall in head": (SILENT, SILENT),
    "slow head": (SILENT, SILENT),
    "no answer to the TLS handshake": (SILENT, SILENT),
    "stall after head": (STALLED, STALLED),
    "slow body": (STALLED, STALLED),
    "stall in body": (STALLED, STALLED_STREAM),
    "stall in chunk": (STALLED, STALLED_STREAM),
    "endless": (STALLED, STALLED_STREAM),
    "self-signed certificate": (UNTRUSTED, UNTRUSTED),
    "certificate of another host": (UNTRUSTED, UNTRUSTED),
    "expired certificate": (UNTRUSTED, UNTRUSTED),
    "CONNECT refused by the proxy (407)": (UNTRUSTED, UNTRUSTED),
    "redirect to another host": (Out("APIStatusError"), Out("APIStatusError")),
    "proxy answers 407": (Out("APIStatusError", head=False), Out("APIStatusError", head=False)),
    "proxy answers 502": (Out("InternalServerError", True, False), Out("InternalServerError", True, False)),
}
NAMED: tuple[str, ...] = get_args(Fault)
HANGING = [fault for fault, (out, _) in OUTCOMES.items() if out.error == "APITimeoutError"]


# Calls


@dataclass
class Case:
    """One way to make a call."""

    is_async: bool
    stream: bool
    form: bool
    """Whether the body is a multipart form."""

    def __str__(self) -> str:
        world, kind, body = (("sync", "async")[self.is_async], ("call", "stream")[self.stream], "JSON")
        return f"{world} {kind} with {'a form' if self.form else body}"

    def ask(self, client: Any, **options: Any) -> Any:
        """The reply, or all events."""
        create = client.audio.transcriptions.create if self.form else client.responses.create
        params: dict[str, Any] = {"model": "gpt-5", "input": "Tell me a story.", **options}
        if self.form:
            params = {"model": "gpt-4o-transcribe", "file": ("talk.wav", WAV), **options}
        if self.stream:
            params["stream"] = True

        async def wait() -> Any:
            reply = await create(**params)
            return [event async for event in reply] if self.stream else reply

        if self.is_async:
            return asyncio.run(wait())
        reply = create(**params)
        return list(reply) if self.stream else reply

    def answered(self, client: Any, **options: Any) -> None:
        """Asks, and looks at the reply."""
        reply = self.ask(client, **options)
        if self.stream:
            assert reply[-1].type == ("transcript.text.done" if self.form else "response.completed")
        else:
            assert reply.text if self.form else reply.output_text


CASES = [Case(*each) for each in itertools.product((False, True), repeat=3)]


def run_all(jobs: dict[str, Callable[[], Any]], workers: int = 8) -> dict[str, Any]:
    """Does all at once, in threads."""
    with ThreadPoolExecutor(workers) as pool:
        running = {name: pool.submit(job) for name, job in jobs.items()}
        results = {}
        for name, future in running.items():
            try:
                results[name] = future.result(HANG)
            except BaseException as error:
                error.add_note(f"in: {name}")
                raise
        return results


# Places that break by themselves


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def server(answer: bytes | None, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Answers each connection's first request with those bytes; None: never."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if context:
                with contextlib.suppress(OSError), context.wrap_socket(self.request, server_side=True) as wrapped:
                    wrapped.recv(65536)
            elif answer is None:
                self.request.recv(65536)
                self.request.recv(65536)
            else:
                self.request.recv(1 << 20)
                self.request.sendall(answer)
                self.request.recv(1 << 20)  # until the client leaves: a close on unread data would reset

    with _Server(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield serving.server_address[1]
        serving.shutdown()
        thread.join()


def certificate(folder: Path, name: str, days: int, signed_by: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
    """Writes `<name>.pem`, for that host name, which runs out in so many days."""
    pytest.importorskip("cryptography")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now, key = datetime.datetime.now(datetime.UTC), ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer, signer = (signed_by[0].subject, signed_by[1]) if signed_by else (title, key)
    builder = x509.CertificateBuilder(issuer, title, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=10))
    builder = builder.not_valid_after(now + datetime.timedelta(days=days))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
    signed = builder.sign(signer, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.pem").write_bytes(signed.public_bytes(pem) + secret)
    return signed, key


@contextlib.contextmanager
def tls(host: str, days: int, trusted: bool) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority = certificate(folder, "ca", 10)
        certificate(folder, host, days, authority if trusted else None)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / f"{host}.pem")
        with server(b"", context) as port:
            options: dict[str, Any] = {"base_url": f"https://localhost:{port}"}
            yield options | {"verify": folder / "ca.pem"} if trusted else options


@contextlib.contextmanager
def nobody() -> Iterator[dict[str, Any]]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        yield {"base_url": f"http://127.0.0.1:{taken.getsockname()[1]}"}


@contextlib.contextmanager
def proxy(status: str, base_url: str) -> Iterator[dict[str, Any]]:
    head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nRetry-After-Ms: 1\r\nConnection: close\r\n\r\n"
    with server(head.encode()) as port:
        yield {"base_url": base_url, "proxy": f"http://127.0.0.1:{port}"}


@contextlib.contextmanager
def unanswered() -> Iterator[dict[str, Any]]:
    with server(None) as port:
        yield {"base_url": f"https://localhost:{port}"}


PLACES: dict[str, Callable[[], contextlib.AbstractContextManager[dict[str, Any]]]] = {
    "nobody listens": nobody,
    "no such name": lambda: contextlib.nullcontext({"base_url": "http://gateway.invalid"}),
    "no answer to the TLS handshake": unanswered,
    "self-signed certificate": lambda: tls("localhost", 10, trusted=False),
    "certificate of another host": lambda: tls("elsewhere.example", 10, trusted=True),
    "expired certificate": lambda: tls("localhost", -1, trusted=True),
    "proxy answers 407": lambda: proxy("407 Proxy Authentication Required", "http://gateway.example"),
    "proxy answers 502": lambda: proxy("502 Bad Gateway", "http://gateway.example"),
    "CONNECT refused by the proxy (407)": lambda: proxy("407 Proxy Authentication Required", "https://gateway.example"),
    "CONNECT refused by the proxy (502)": lambda: proxy("502 Bad Gateway", "https://gateway.example"),
}


@dataclass
class Scene:
    """A fault, set up, and who calls into it."""

    fault: str
    client: Any
    gateway: LocalGateway
    here: bool
    """Whether the calls come to the gateway."""
    other: LocalGateway | None = field(default=None)

    def script(self, times: int | None) -> None:
        """What the next calls meet."""
        if self.other:
            place = f"{self.other.base_url}/responses"
            self.gateway.script(Reply(status=307, headers={**HEADERS, "Location": place}, body=b"", times=times))
        elif self.here:
            self.gateway.script(Reply(fault=self.fault, headers=HEADERS, times=times))  # type: ignore[arg-type]

    def warm(self, case: Case) -> None:
        """The connection that will turn out to be stale: kept from a call before."""
        self.gateway.script(Reply(fault="stale"))
        case.answered(self.client)
        time.sleep(0.1)  # until the connection is back in the pool
        self.gateway.clear()


@contextlib.contextmanager
def scene(fault: str, is_async: bool = False, **options: Any) -> Iterator[Scene]:
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(LocalGateway())
        place = PLACES[fault]() if fault in PLACES else contextlib.nullcontext({})
        where = {"api_key": KEY, **stack.enter_context(place), **options}
        client = (gateway.async_client if is_async else gateway.client)(**where)
        other = stack.enter_context(LocalGateway(host="127.0.0.2")) if fault == "redirect to another host" else None
        yield Scene(fault, client, gateway, fault not in PLACES, other)


# The table


def check(fault: str, case: Case) -> None:
    expected = OUTCOMES[fault][case.stream]
    limit = 1.0 if fault in HANGING else HANG
    attempts = 2 if expected.retried else 1
    with scene(fault, case.is_async, max_retries=1, timeout=limit) as here:
        gateway = here.gateway
        if fault == "stale":
            here.warm(case)
            case.answered(here.client)
            assert len(gateway.requests) == 1  # the attempt before it was reset before it was read
            assert gateway.connections == 2
            here.warm(case)
            case.answered(here.client, max_retries=0)  # it was never read: no retry is needed for it
            return
        here.script(times=None)
        if expected.error is None:
            case.answered(here.client)
        else:
            error = failure(case, here.client)
            assert type(error).__name__ == expected.error, error
            assert error.attempts == attempts
            assert error.request_id == (ID if expected.head else None)
            assert (error.partial is not None) == expected.partial
            if expected.partial:
                assert error.partial.text if case.form else error.partial.id
        if here.here:
            assert len(gateway.requests) == attempts
        if here.other:
            assert here.other.connections == 0  # and so the key was not there either
        # The client works on, and nothing stays open.
        gateway.clear_script()
        if here.here:
            case.answered(here.client, timeout=HANG)
            # One that is kept, and one that was not yet back when the last call looked for it.
            gateway.wait_until(lambda: gateway.open_connections <= 2)
            gateway.wait_until(lambda: all(request.ended != "open" for request in gateway.requests))
        # What is retried succeeds where the fault was a passing one.
        if here.here and expected.retried:
            gateway.clear()
            here.script(times=1)
            case.answered(here.client)
            assert len(gateway.requests) == 2


def failure(case: Case, client: Any, **options: Any) -> Any:
    with pytest.raises(wenwen.APIError) as caught:
        case.ask(client, **options)
    error = caught.value
    chain: BaseException | None = error
    while chain is not None:
        assert KEY not in f"{chain} {chain!r} {vars(chain)}"
        chain = chain.__cause__ or chain.__context__
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    return error


@pytest.mark.parametrize("fault", OUTCOMES)
def test_fault(fault: str) -> None:
    # Long lines take room. Sync calls in a row share their connections, those side by side do not.
    workers = {"long line": 2, "stale": 1}.get(fault, 8)
    run_all({str(case): lambda case=case: check(fault, case) for case in CASES}, workers)


def test_every_fault_is_in_the_table() -> None:
    assert {*OUTCOMES} == {*NAMED, *PLACES, "redirect to another host"}


def table() -> str:
    """The rows of the guide: faults of the same outcomes together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for fault, outs in OUTCOMES.items():
        name = f"`{fault}`" if fault in NAMED else fault
        groups.setdefault((str(outs[0]), str(outs[1])), []).append(name)
    rows = [f"| {', '.join(names)} | {call} | {stream} |" for (call, stream), names in groups.items()]
    return "\n".join(["| fault | a call | a stream |", "|---|---|---|", *rows])


def test_the_guide_has_the_table() -> None:
    guide = (Path(__file__).parents[2] / "python" / "README.md").read_text(encoding="utf-8")
    assert f"\n\n{table()}\n\n" in guide, "put there what `python tests/core/test_faults.py --readme` prints"


# What begins a task is not begun twice


def imagine(client: Any) -> Any:
    return client.midjourney.imagine(prompt="A cat")


def video(client: Any) -> Any:
    return client.videos.create(model="sora-2", prompt="A cat dances")


def video_of_a_picture(client: Any) -> Any:
    return client.videos.create(
        model="sora-2", prompt="A cat dances", input_reference=("cat.png", b"\x89PNG\r\n\x1a\n")
    )


def submit(fault: str, is_async: bool, task: Callable[[Any], Any]) -> None:
    limit = 1.0 if fault in HANGING else HANG
    with scene(fault, is_async, max_retries=3, timeout=limit) as here:

        async def wait() -> Any:
            return await task(here.client)

        if fault == "stale":
            here.warm(Case(is_async, stream=False, form=False))
        else:
            here.script(times=None)
        error: wenwen.APIError | None = None
        try:
            asyncio.run(wait()) if is_async else task(here.client)
        except wenwen.APIError as caught:
            error = caught
        assert len(here.gateway.requests) == (1 if here.here and fault != "stale" else 0)
        said = "the task may exist all the same" in str(error)
        if here.here:
            assert error is None or error.attempts == 1
            # A page or a redirect comes from elsewhere.
            assert said == (error is not None and fault not in ("html", "redirect to another host")), error
        else:
            assert error is not None and error.attempts == (4 if OUTCOMES[fault][0] == UNSENT else 1)
            assert said == (fault in HANGING)  # who knows how far it came


@pytest.mark.parametrize("task", [imagine, video, video_of_a_picture])
def test_a_submit_is_not_repeated(task: Callable[[Any], Any]) -> None:
    faults = [fault for fault in OUTCOMES if fault != "long line" and not fault.startswith("proxy answers")]
    faults = [fault for fault in faults if fault not in ("no such name", "CONNECT refused by the proxy (502)")]
    faults.remove("stale")
    for is_async in (False, True):  # by itself: see test_fault
        submit("stale", is_async, task)
    jobs = {
        f"{fault}, {('sync', 'async')[is_async]}": lambda fault=fault, is_async=is_async: submit(fault, is_async, task)
        for fault in faults
        for is_async in (False, True)
    }
    run_all(jobs, 16)


# An error whose body breaks is still that error


@pytest.mark.parametrize("fault", ["close in body", "stall in body", "truncated", "empty", "not gzip", "bad utf-8"])
def test_the_status_of_an_error_outlives_its_body(fault: Any) -> None:
    def check(case: Case) -> None:
        with scene(fault, case.is_async, max_retries=1, timeout=1.0 if "stall" in fault else HANG) as here:
            here.gateway.script(Reply(status=400, fault=fault, headers=HEADERS))
            error = failure(case, here.client)
            assert type(error) is wenwen.BadRequestError
            assert (error.status_code, error.request_id, error.attempts) == (400, ID, 1)

    run_all({str(case): lambda case=case: check(case) for case in CASES})


# Limits


LONG = 60.0


def events_of(is_async: bool, gateway: LocalGateway, **options: Any) -> Any:
    """The events of a message, in either world."""
    params: dict[str, Any] = {"model": "claude-sonnet-4-20250514", "max_tokens": 100, **options}
    params["messages"] = [{"role": "user", "content": "Hello!"}]

    async def wait() -> list[Any]:
        return [event async for event in await gateway.async_client().messages.create(**params, stream=True)]

    return asyncio.run(wait()) if is_async else list(gateway.client().messages.create(**params, stream=True))


PING = 'event: ping\ndata: {"type": "ping"}\n\n'
START = {
    "type": "message_start",
    "message": {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "usage": {}},
}
STOP = [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}}, {"type": "message_stop"}]
both = pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])


@both
def test_pings_begin_the_idle_limit_anew(is_async: bool) -> None:
    def check(ping: str) -> None:
        with LocalGateway() as gateway:
            gateway.script(Reply(events=[START, *[ping] * 10, *STOP], chunk_delay=0.3))
            events = events_of(is_async, gateway, timeout=Timeout(LONG, idle=1.5))
            assert events[-1].type == "message_stop"

    pings = [PING, ": PING\n\n", ":\n", "\n"]
    run_all({repr(ping): lambda ping=ping: check(ping) for ping in pings})


@both
@pytest.mark.parametrize("ping", [PING, ": PING\n\n"])
def test_silence_after_pings_is_idle(is_async: bool, ping: str) -> None:
    with LocalGateway() as gateway:
        gateway.script(Reply(events=[START, *[ping] * 3], chunk_delay=0.05, stall=10**6, headers=HEADERS))
        with pytest.raises(wenwen.APITimeoutError) as caught:
            events_of(is_async, gateway, timeout=Timeout(LONG, idle=0.5))
        error = caught.value
        assert (error.limit, error.request_id, error.partial.id) == ("idle", ID, "msg_1")  # type: ignore[union-attr]
        gateway.wait_closed()


@both
@pytest.mark.parametrize("ping", [PING, ": PING\n\n", None])
def test_first_event_with_the_facts_of_the_head(is_async: bool, ping: str | None) -> None:
    """Pings are signs of life: the time for the first event begins anew with each."""
    with LocalGateway() as gateway:
        pings = Reply(events=[ping] * 5, chunk_delay=0.3, stall=5 * len(ping or ""), headers=HEADERS)
        gateway.script(pings if ping else Reply(fault="stall after head", headers=HEADERS))
        with pytest.raises(wenwen.APITimeoutError) as caught:
            events_of(is_async, gateway, timeout=Timeout(LONG, first_event=1.0, idle=LONG))
        error = caught.value
        assert (error.limit, error.request_id, error.attempts, error.partial) == ("first_event", ID, 1, None)
        assert error.elapsed > (2.0 if ping else 0.9)
        assert error.response is not None and error.response.status_code == 200
        gateway.wait_closed()


@both
def test_pings_hold_up_the_time_for_the_first_event(is_async: bool) -> None:
    with LocalGateway() as gateway:
        gateway.script(Reply(pings=6, ping_interval=0.3, headers=HEADERS))
        assert events_of(is_async, gateway, timeout=Timeout(LONG, first_event=1.0, idle=1.0))


@both
def test_a_drip_is_not_idle(is_async: bool) -> None:
    with LocalGateway() as gateway:
        gateway.script(Reply(body=[b" "] * 10 + [b'{"output": []}'], chunk_delay=0.1))
        case = Case(is_async, stream=False, form=False)
        client = (gateway.async_client if is_async else gateway.client)()
        assert case.ask(client, timeout=Timeout(LONG, idle=0.8)).output_text == ""


@both
def test_connect(is_async: bool) -> None:
    limits = Timeout(LONG, connect=0.3)
    with scene("no answer to the TLS handshake", is_async, timeout=limits, max_retries=1) as here:
        error = failure(Case(is_async, stream=False, form=True), here.client)
        assert (type(error), error.limit, error.attempts) == (wenwen.APITimeoutError, "connect", 2)


# What goes over the wire


def wire(fault: str, stream: bool = False) -> tuple[bytes, bytes, str]:
    """Head and body that a bare socket gets, and how the connection ends: "close", "reset" or "open"."""
    body = json.dumps({"model": "gpt-5", "input": "Hello!", "stream": stream}).encode()
    head = f"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    got, end = bytearray(), "open"
    enough = {"endless": 1_000_000, "slow head": 3}.get(fault, sys.maxsize)
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(LocalGateway([fault]))  # type: ignore[list-item]
        where = ("127.0.0.1", int(gateway.root.rpartition(":")[2]))
        connection = stack.enter_context(socket.create_connection(where))
        connection.settimeout(0.5)
        connection.sendall(head.encode() + body)
        while len(got) < enough:
            try:
                more = connection.recv(1 << 20)
            except ConnectionResetError:
                end = "reset"
                break
            except TimeoutError:  # a moment of silence: is that all?
                if (fault.startswith("stall") and got) or fault == "silence":
                    break
                if gateway.requests and gateway.requests[0].ended != "open":
                    break
                continue
            if not more:
                end = "close"
                break
            got += more
    before, blank, after = bytes(got).partition(b"\r\n\r\n")
    if fault == "informational":
        assert before.startswith(b"HTTP/1.1 100 ")
        between, _, after = after.partition(b"\r\n\r\n")
        assert between.startswith(b"HTTP/1.1 103 ")
        before, _, after = after.partition(b"\r\n\r\n")
    return before + blank, after, end


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        *(
            (f"{how}{place}", how)
            for how in ("close", "reset")
            for place in ("", " in head", " after head", " in body")
        ),
        *((f"stall{place}", "open") for place in (" in head", " after head", " in body", " in chunk")),
        ("silence", "open"),
        ("slow head", "open"),
        ("close in chunk", "close"),
        ("reset in chunk", "reset"),
    ],
)
def test_how_it_breaks_and_where(fault: str, end: str) -> None:
    head, body, ended = wire(fault)
    assert ended == end
    place = fault.partition(" ")[2]
    if place:
        assert head.startswith(b"HTTP" if fault != "slow head" else b"HT")
        assert head.endswith(b"\r\n\r\n") == (place not in ("head", "in head"))
        assert (len(body) > 100) == (place in ("in body", "in chunk"))
        assert (b"Transfer-Encoding: chunked" in head) == (place == "in chunk")
    else:
        assert (head, body) == (b"", b"")
    if place == "in chunk":
        assert body.endswith(b'400\r\ndata: {"')  # of 1024 bytes


def test_what_is_wrong_with_it() -> None:
    def lengths(head: bytes) -> list[int]:
        return [int(line.split()[1]) for line in head.splitlines() if line.startswith(b"Content-Length:")]

    usual = wire("informational")
    whole = len(usual[1])
    assert lengths(usual[0]) == [whole] and usual[2] == "open"
    assert json.loads(usual[1])["status"] == "completed"
    head, body, end = wire("length too long")
    assert (lengths(head)[0] > whole, len(body), end) == (True, whole, "close")
    head, body, end = wire("length too short")
    assert (lengths(head)[0] < whole, len(body), end) == (True, whole, "open")
    assert len({*lengths(wire("two lengths")[0])}) == 2
    assert wire("bad chunk size")[1].endswith(b"\r\nwxyz\r\n")
    assert wire("huge chunk size")[1].endswith(b"\r\nfffffffffffffffff\r\n")
    assert wire("noise")[0][:5] != b"HTTP/"
    assert len(wire("long head")[0]) > 1 << 20
    head, body, _ = wire("truncated")
    assert lengths(head) == [len(body)] == [whole // 2]
    assert wire("unfinished", stream=True)[1].endswith(b"}\n\n\r\n0\r\n\r\n")
    head, body, _ = wire("truncated gzip")
    assert b"Content-Encoding: gzip" in head and lengths(head) == [len(body)]
    with pytest.raises(EOFError):
        gzip.decompress(body)
    head, body, _ = wire("not gzip")
    assert b"Content-Encoding: gzip" in head and json.loads(body)
    assert b"Content-Type: image/x-odd\r\n" in wire("wrong type")[0]
    head, body, _ = wire("html")
    assert b"Content-Type: text/html" in head and body.startswith(b"<!doctype html>")
    assert lengths(wire("empty")[0]) == [0]
    for stream in (False, True):
        with pytest.raises(UnicodeDecodeError):
            wire("bad utf-8", stream)[1].decode()
        assert wire("endless", stream)[2] == "open"
    assert len(max(wire("long line", stream=True)[1].splitlines(), key=len)) == 64 << 20


# The words


def test_names_and_mistakes() -> None:
    with pytest.raises(ValueError, match='no such fault: "rest"; there are') as caught:
        LocalGateway([Reply(fault="rest")])  # type: ignore[arg-type]
    assert all(f'"{fault}"' in str(caught.value) for fault in NAMED)
    assert str(caught.value).count(", ") == len(NAMED) - 1
    with pytest.raises(ValueError, match="no such fault"):
        LocalGateway(["rest"])  # type: ignore[list-item]
    for more in ({"cut": 1}, {"stall": 1}, {"close": True}, {"reset": True}, {"raw": b""}):
        with pytest.raises(TypeError, match="not with raw, cut, stall"):
            LocalGateway([Reply(fault="reset", **more)])  # type: ignore[arg-type]


def test_a_name_is_a_reply() -> None:
    with LocalGateway(["reset", "close in body"]) as gateway:
        assert gateway.client().responses.create(model="gpt-5", input="Hello!").output_text
        gateway.wait_until(lambda: [request.ended for request in gateway.requests] == ["cut", "cut", "answered"])
        assert [request.status for request in gateway.requests] == [None, 200, 200]
        gateway.script(lambda _: "html")
        with pytest.raises(wenwen.NotAnAPIError):
            gateway.client().responses.create(model="gpt-5", input="Hello!")
        assert gateway.last_request is not None and gateway.last_request.status == 200


# Measured


def measure() -> None:
    """Prints how long each fault takes under `timeout=1`, its retries included."""
    with scene("close", timeout=20) as here:  # what the first call of a process does once
        CASES[0].answered(here.client)
    slowest = 0.0
    print(f"{'fault':36} {'max ms':>7}  outcome of a call; of a stream")
    for fault in OUTCOMES:
        took: list[float] = []
        names: list[str] = []
        for case in CASES:
            with scene(fault, case.is_async, timeout=1) as here:
                if fault == "stale":
                    here.warm(case)
                else:
                    here.script(times=None)
                began = time.perf_counter()
                try:
                    case.ask(here.client)
                    name = "reply"
                except wenwen.APIError as error:
                    name = f"{type(error).__name__} ({error.attempts})"
                took.append(time.perf_counter() - began)
                names.append(name)
        slowest = max(slowest, *took)
        print(f"{fault:36} {max(took) * 1000:7.0f}  {names[0]}; {names[2]}", flush=True)
    print(f"slowest: {slowest * 1000:.0f} ms")


if __name__ == "__main__":
    print(table()) if "--readme" in sys.argv else measure()
