"""The way to the gateway: proxies, trust, names, connections that are kept, and bodies of every size."""

from __future__ import annotations

import base64
import contextlib
import datetime
import gzip
import http.server
import ipaddress
import json
import os
import pickle
import selectors
import socket
import socketserver
import ssl
import subprocess
import sys
import textwrap
import threading
import time
import urllib.parse
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen import Client
from wenwen.testing import LocalGateway, Reply

cryptography = pytest.importorskip("cryptography")
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402

HELLO: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
ANSWER = "Hi! How can I help you today?"
PROXY_VARIABLES = [
    name for each in ("http", "https", "all", "no") for name in (f"{each}_proxy", f"{each}_PROXY".upper())
]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXY_VARIABLES, "REQUEST_METHOD", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def gateway() -> Iterator[LocalGateway]:
    with LocalGateway() as gateway:
        yield gateway


def client_of(gateway: LocalGateway, **options: Any) -> Client:
    """A client that knows nothing of local gateways: it heeds the environment's proxies."""
    return Client(**{"api_key": "sk-0123456789", "base_url": gateway.base_url, **options})


def ask(client: Client, **options: Any) -> str:
    return client.responses.create(**HELLO, **options).output_text


def subprocess_python(script: str, **environment: str | None) -> tuple[int, str, str]:
    package = str(Path(wenwen.__file__).parents[1])
    path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    merged = {**os.environ, "PYTHONPATH": path, **environment}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={name: value for name, value in merged.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr


# Proxies


class Proxy(socketserver.ThreadingTCPServer):
    """A proxy for HTTP, CONNECT and SOCKS5 that writes down what it was asked."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, password: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _ProxyConnection)
        self.seen: list[str] = []
        self.auth: list[str | None] = []
        self.password = password
        self.address = f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class _ProxyConnection(socketserver.StreamRequestHandler):
    server: Proxy
    rbufsize = 0  # what is not read here goes on to the other side

    def handle(self) -> None:
        first = self.rfile.read(1)
        if first == b"\x05":
            return self.socks()
        method, target, _ = (first + self.rfile.readline()).decode().split(" ", 2)
        headers = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            headers.append(line)
        self.server.seen.append(f"{method} {target}")
        auth = [line.partition(b":")[2].strip().decode() for line in headers if line.lower().startswith(b"proxy-auth")]
        self.server.auth.append(auth[0] if auth else None)
        wanted = self.server.password
        if wanted is not None and auth != [f"Basic {base64.b64encode(wanted.encode()).decode()}"]:
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return None
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port))) as other:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self.shovel(other)
            return None
        host, _, path = target.removeprefix("http://").partition("/")
        name, _, port = host.rpartition(":")
        kept = [line for line in headers if not line.lower().startswith((b"proxy-", b"connection"))]
        with socket.create_connection((name, int(port))) as other:
            head = f"{method} /{path} HTTP/1.1\r\nConnection: close\r\n".encode()
            other.sendall(head + b"".join(kept) + b"\r\n")
            self.shovel(other)
        return None

    def socks(self) -> None:
        self.rfile.read(self.rfile.read(1)[0])  # the methods on offer
        if self.server.password is not None:
            self.wfile.write(b"\x05\x02")
            _, length = self.rfile.read(2)
            user = self.rfile.read(length)
            given = b":".join([user, self.rfile.read(self.rfile.read(1)[0])]).decode()
            self.server.auth.append(given)
            self.wfile.write(b"\x01\x00" if given == self.server.password else b"\x01\x01")
            if given != self.server.password:
                return
        else:
            self.wfile.write(b"\x05\x00")
        kind = self.rfile.read(4)[3]
        if kind == 3:
            host = self.rfile.read(self.rfile.read(1)[0]).decode()
        else:
            host = str(ipaddress.ip_address(self.rfile.read(4 if kind == 1 else 16)))
        port = int.from_bytes(self.rfile.read(2), "big")
        self.server.seen.append(f"SOCKS {'name' if kind == 3 else 'address'} {host}:{port}")
        with socket.create_connection((host, port)) as other:
            self.wfile.write(b"\x05\x00\x00\x01" + bytes(6))
            self.shovel(other)

    def shovel(self, other: socket.socket) -> None:
        with selectors.DefaultSelector() as waiting:  # `select` itself knows no descriptors from 1024 on
            waiting.register(self.connection, selectors.EVENT_READ, (self.connection, other))
            waiting.register(other, selectors.EVENT_READ, (other, self.connection))
            while ready := waiting.select(30):
                for key, _ in ready:
                    source, sink = key.data
                    data = source.recv(65536)
                    if not data:
                        return
                    sink.sendall(data)


@contextmanager
def proxying(password: str | None = None) -> Iterator[Proxy]:
    with Proxy(password) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with proxying() as proxy:
        yield proxy


@pytest.mark.parametrize("form", ["http://{}", "{}", "http://{}/"])
def test_a_proxy_from_the_argument(gateway: LocalGateway, proxy: Proxy, form: str) -> None:
    client = client_of(gateway, proxy=form.format(proxy.address))
    assert ask(client) == ANSWER
    assert proxy.seen == [f"POST {gateway.base_url}/responses"]
    events = list(client.responses.create(**HELLO, stream=True))
    assert events[-1].type == "response.completed"
    assert len(proxy.seen) == 2


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_from_the_environment(
    gateway: LocalGateway, proxy: Proxy, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f"http://{proxy.address}")
    assert ask(client_of(gateway)) == ANSWER
    assert len(proxy.seen) == 1
    # No proxy: by the argument, by NO_PROXY in any of its forms, and for the gateway's own client.
    assert ask(client_of(gateway, proxy=False)) == ANSWER
    assert ask(gateway.client()) == ANSWER
    for bypass in ("127.0.0.1", "*", "127.0.0.0/8", "example.com, 127.0.0.1"):
        monkeypatch.setenv("NO_PROXY", bypass)
        assert ask(client_of(gateway)) == ANSWER
    assert len(proxy.seen) == 1
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert ask(client_of(gateway)) == ANSWER
    assert len(proxy.seen) == 2
    # The argument is obeyed whatever NO_PROXY says.
    monkeypatch.setenv("NO_PROXY", "*")
    assert ask(client_of(gateway, proxy=f"http://{proxy.address}")) == ANSWER
    assert len(proxy.seen) == 3


def test_options_that_lead_nowhere_else_keep_the_way(
    gateway: LocalGateway, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(gateway)
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
    assert ask(client.with_options(timeout=20, max_retries=0)) == ANSWER
    assert proxy.seen == []
    # Another place: the environment is asked how to get there.
    assert ask(client.with_options(base_url=gateway.base_url)) == ANSWER
    assert len(proxy.seen) == 1
    assert ask(client.with_options(proxy=False)) == ANSWER
    assert len(proxy.seen) == 1


def test_https_proxy_is_not_for_http_and_cgi_is_no_proxy(
    gateway: LocalGateway, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
    assert ask(client_of(gateway)) == ANSWER
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
    monkeypatch.setenv("REQUEST_METHOD", "GET")  # httpoxy
    assert ask(client_of(gateway)) == ANSWER
    assert proxy.seen == []
    monkeypatch.delenv("REQUEST_METHOD")
    monkeypatch.setenv("HTTP_PROXY", " ")
    assert ask(client_of(gateway)) == ANSWER
    assert proxy.seen == []


def test_a_proxy_with_a_password(gateway: LocalGateway) -> None:
    with proxying("user:p@ss-word") as proxy:
        client = client_of(gateway, proxy=f"http://user:p%40ss-word@{proxy.address}")
        assert ask(client) == ANSWER
        assert proxy.auth == ["Basic " + base64.b64encode(b"user:p@ss-word").decode()]
        assert all("p@ss" not in header[1] for request in gateway.requests for header in request.headers)
        assert "ss-word" not in repr(client)
        with pytest.raises(wenwen.APIStatusError) as refused:
            ask(client_of(gateway, proxy=f"http://user:hush-hush@{proxy.address}"))
        assert refused.value.status_code == 407
        assert "hush" not in str(refused.value) + repr(vars(refused.value))


def test_a_proxy_that_is_not_there_or_wrong(gateway: LocalGateway) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for scheme in ("http", "socks5"):
            client = client_of(gateway, proxy=f"{scheme}://user:hush-hush@{address}", max_retries=0)
            with pytest.raises(wenwen.APIConnectionError) as refused:
                ask(client)
            assert "hush" not in str(refused.value) + repr(vars(refused.value))
    for wrong in ("ftp://user:hush-hush@host", "http://", "socks5://", "://hush-hush"):
        with pytest.raises(ValueError, match="proxy") as caught:
            client_of(gateway, proxy=wrong)
        assert "hush" not in str(caught.value)
    with pytest.raises(TypeError, match="proxy"):
        client_of(gateway, proxy=3)
    assert not gateway.requests


DEAD = "http://127.0.0.1:9"


@pytest.mark.parametrize("wrong", ["ftp://user:hush-hush@h:1", "http://", "socks5://", "http://[::1", "h:99999"])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_variable_that_is_wrong_matters_where_it_is_used(
    gateway: LocalGateway, proxy: Proxy, name: str, wrong: str, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, wrong)
    where = {"api_key": "sk-0123456789", "base_url": gateway.base_url}
    with pytest.raises(ValueError, match=f"^{name} is not the URL of a proxy") as caught:
        call(call.new_client(**where), **HELLO)
    assert "hush" not in str(caught.value)
    call(call.new_client(**where, proxy=False), **HELLO)
    call(call.new_client(**where, proxy=f"http://{proxy.address}"), **HELLO)
    assert len(proxy.seen) == 1
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    call(call.new_client(**where), **HELLO)
    monkeypatch.delenv("NO_PROXY")
    if "all" in name.lower():
        monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
        call(call.new_client(**where), **HELLO)
        assert len(proxy.seen) == 2
    monkeypatch.delenv(name)
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", wrong)
    call(call.new_client(**where), **HELLO)
    assert len(gateway.requests) == (5 if "all" in name.lower() else 4)


def test_the_variables_of_the_client_itself(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an option stands for may be anything."""
    monkeypatch.setenv("WENWEN_BASE_URL", "ftp://h")
    monkeypatch.setenv("WENWEN_API_KEY", "sk-你的密钥")
    assert ask(client_of(gateway)) == ANSWER
    with pytest.raises(ValueError, match="WENWEN_API_KEY"):
        Client(base_url=gateway.base_url)
    with pytest.raises(ValueError, match="WENWEN_BASE_URL"):
        Client(api_key="sk-1")


@pytest.mark.parametrize(
    "bypass",
    [
        "127.0.0.1:{port}",
        "127.0.0.0/8:{port}",
        "localhost,127.0.0.0/8,::1/128",
        "[::1],127.0.0.1",
        "::1 .local 10.0.0.0/8 127.0.0.1",
        "fd07:b51a:cc66:f0::/64,0.0.0.0/0",
        "127.0.0.1:1,*",
        "::ffff:127.0.0.1",
    ],
)
def test_no_proxy(gateway: LocalGateway, bypass: str, call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", DEAD)
    monkeypatch.setenv("NO_PROXY", bypass.format(port=gateway.root.rpartition(":")[2]))
    where = {"api_key": "sk-0123456789", "base_url": gateway.base_url, "max_retries": 0}
    assert call(call.new_client(**where), **HELLO).output_text == ANSWER
    for other in ("127.0.0.1:1", "10.0.0.0/8", "27.0.0.1", "::1", ".", "localhost"):
        monkeypatch.setenv("NO_PROXY", other)
        with pytest.raises(wenwen.APIConnectionError, match="HTTP_PROXY"):
            call(call.new_client(**where), **HELLO)


@pytest.mark.parametrize("names", ["localhost", ".localhost", "*.localhost", "LOCALHOST.", "localhost:{port}"])
def test_no_proxy_by_name(gateway: LocalGateway, names: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = gateway.root.rpartition(":")[2]
    monkeypatch.setenv("ALL_PROXY", DEAD)
    monkeypatch.setenv("NO_PROXY", names.format(port=port))
    assert ask(client_of(gateway, base_url=f"http://localhost:{port}")) == ANSWER


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h", "socks", "socks4"])
@pytest.mark.parametrize("target", ["http", "https"])
def test_an_error_of_a_proxy_names_it(call: Any, scheme: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = f"the proxy {'socks5h' if scheme == 'socks' else scheme}://127.0.0.1:9"
    url = f"{scheme}://user:hush-hush@127.0.0.1:9/"
    where = {"api_key": "sk-1", "base_url": f"{target}://gateway.invalid", "max_retries": 0}
    for name in ("proxy=", f"{target}_proxy".upper(), "all_proxy"):
        if name != "proxy=":
            monkeypatch.setenv(name, url)
        with pytest.raises(wenwen.APIConnectionError) as refused:
            call(call.new_client(**where, **({"proxy": url} if name == "proxy=" else {})), **HELLO)
        assert f"{shown} ({name})" in str(refused.value)
        assert "hush" not in str(refused.value) + repr(vars(refused.value))
        assert "gateway.invalid" not in str(refused.value)
        if name != "proxy=":
            monkeypatch.delenv(name)


def test_a_proxy_that_refuses_is_named(gateway: LocalGateway) -> None:
    with proxying("user:p@ss-word") as proxy:
        with pytest.raises(wenwen.APIStatusError, match=rf"the proxy http://{proxy.address} \(proxy=\) refuses"):
            ask(client_of(gateway, proxy=f"http://{proxy.address}"))
        with pytest.raises(wenwen.APIConnectionError, match=rf"the proxy http://{proxy.address} \(proxy=\)"):
            ask(client_of(gateway, base_url="https://gateway.invalid", proxy=f"http://{proxy.address}"))


def test_socks_as_desktops_write_it(gateway: LocalGateway, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is SOCKS 5, and the proxy looks the names up."""
    port = gateway.root.rpartition(":")[2]
    monkeypatch.setenv("ALL_PROXY", f"socks://{proxy.address}/")
    assert ask(client_of(gateway, base_url=f"http://localhost:{port}")) == ANSWER
    assert proxy.seen == [f"SOCKS name localhost:{port}"]


def test_socks(gateway: LocalGateway, proxy: Proxy) -> None:
    port = gateway.root.rpartition(":")[2]
    assert ask(client_of(gateway, proxy=f"socks5://{proxy.address}")) == ANSWER
    assert ask(client_of(gateway, proxy=f"socks5h://{proxy.address}", base_url=f"http://localhost:{port}")) == ANSWER
    assert proxy.seen == [f"SOCKS address 127.0.0.1:{port}", f"SOCKS name localhost:{port}"]
    with proxying("user:hush-hush") as guarded:
        assert ask(client_of(gateway, proxy=f"socks5://user:hush-hush@{guarded.address}")) == ANSWER
        assert guarded.auth == ["user:hush-hush"]
        with pytest.raises(wenwen.APIConnectionError) as refused:
            ask(client_of(gateway, proxy=f"socks5://user:other-word@{guarded.address}", max_retries=0))
        assert "other-word" not in str(refused.value) + repr(vars(refused.value))


# Trust


@dataclass
class Secure:
    """An https server with a certificate of its own authority."""

    port: int
    folder: Path
    seen: list[dict[str, str]] = field(default_factory=list)

    def client(self, host: str = "localhost", **options: Any) -> Client:
        return Client(**{"api_key": "sk-0123456789", "base_url": f"https://{host}:{self.port}/v1", **options})


def _certificates(folder: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)

    def build(name: str, issuer: str, key: Any, signer: Any, *extensions: x509.ExtensionType) -> x509.Certificate:
        named = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, issuer)]
        builder = x509.CertificateBuilder(named[1], named[0], key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(signer, hashes.SHA256())

    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = build("Test CA", "Test CA", root, root, x509.BasicConstraints(True, None))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    server = build("localhost", "Test CA", leaf, root, names, x509.BasicConstraints(False, None))
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    secret = leaf.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(server.public_bytes(pem) + secret)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    folder = tmp_path_factory.mktemp("tls")
    _certificates(folder)
    seen: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append(dict(self.headers))
            part = {"type": "output_text", "text": ANSWER}
            reply = {"object": "response", "output": [{"type": "message", "role": "assistant", "content": [part]}]}
            if body.get("stream"):
                event = {"type": "response.completed", "response": {**reply, "status": "completed"}}
                data, kind = f"data: {json.dumps(event)}\n\n".encode(), "text/event-stream"
            else:
                data, kind = json.dumps(reply).encode(), "application/json"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            pass

        def finish_request(self, request: Any, address: Any) -> None:
            with context.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, address)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with Server(("127.0.0.1", 0), Handler) as server:
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield Secure(server.server_address[1], folder, seen)
        server.shutdown()
        thread.join()


def test_an_unknown_authority_is_refused(secure: Secure) -> None:
    before = len(secure.seen)
    with pytest.raises(wenwen.APIConnectionError) as refused:
        ask(secure.client())
    assert type(refused.value) is wenwen.APIConnectionError
    assert refused.value.attempts == 1
    assert "verify=" in str(refused.value)
    assert "SSL_CERT_FILE" in str(refused.value)
    assert "certificate" in str(refused.value)
    assert len(secure.seen) == before


def test_an_authority_by_argument(secure: Secure) -> None:
    for verify in (str(secure.folder / "ca.pem"), secure.folder / "ca.pem"):
        client = secure.client(verify=verify)
        assert ask(client) == ANSWER
        assert client.responses.create(**HELLO, stream=True).__next__().type == "response.completed"
    assert secure.seen[-1]["authorization"] == "Bearer sk-0123456789"
    (secure.folder / "empty.pem").write_text("nothing")
    (secure.folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for name in ("empty.pem", "broken.pem"):
        with pytest.raises(ValueError, match=name):
            ask(secure.client(verify=secure.folder / name))
    with pytest.raises(ValueError, match="no such file"):
        secure.client(verify="/nowhere/ca.pem")
    with pytest.raises(TypeError, match="verify"):
        secure.client(verify=3)
    # verify=True is the default.
    with pytest.raises(wenwen.APIConnectionError):
        ask(secure.client(verify=True))


class SelfSigned:
    """An https server by a certificate that nobody but itself has signed."""

    def __init__(self, folder: Path, days: tuple[int, int] = (-1, 1), is_authority: bool = True) -> None:
        now = datetime.datetime.now(datetime.UTC)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now + datetime.timedelta(days=days[0]))
        builder = builder.not_valid_after(now + datetime.timedelta(days=days[1]))
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        self.cert = folder / f"self{id(self)}.pem"
        self.cert.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
        secret = folder / f"self{id(self)}.key"
        secret.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.cert, secret)
        body = json.dumps({"object": "response", "status": "completed", "output": []}).encode()
        self.answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
                with self.context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(65536)
                    tls.sendall(self.answer)
            except OSError:
                if self.socket.fileno() < 0:
                    return

    def __enter__(self) -> SelfSigned:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


@pytest.mark.parametrize("is_authority", [True, False])
def test_a_server_that_is_trusted_by_its_own_certificate(
    tmp_path: Path, is_authority: bool, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reach(server: SelfSigned, host: str = "localhost", **options: Any) -> Any:
        where = {"api_key": "sk-1", "base_url": f"https://{host}:{server.port}", "max_retries": 0}
        return call(call.new_client(**where, **options), **HELLO)

    def refuses(server: SelfSigned, **options: Any) -> str:
        with pytest.raises(wenwen.APIConnectionError, match="certificate") as refused:
            reach(server, **options)
        return str(refused.value)

    with (
        SelfSigned(tmp_path, is_authority=is_authority) as own,
        SelfSigned(tmp_path, is_authority=is_authority) as other,
        SelfSigned(tmp_path, (-3, -2), is_authority) as expired,
        SelfSigned(tmp_path, (2, 3), is_authority) as early,
    ):
        assert reach(own, verify=own.cert).status == "completed"
        both = tmp_path / "both.pem"
        both.write_bytes(other.cert.read_bytes() + own.cert.read_bytes())
        assert reach(own, verify=both).status == "completed"
        # Another one of the same name, another name, another time.
        assert "verify=" in refuses(own, verify=other.cert)
        assert "verify=" in refuses(own)
        assert "127.0.0.1" in refuses(own, host="127.0.0.1", verify=own.cert)
        assert "expired" in refuses(expired, verify=expired.cert)
        assert "not valid yet" in refuses(early, verify=early.cert)
        monkeypatch.setenv("SSL_CERT_FILE", str(own.cert))
        assert reach(own).status == "completed"
        refuses(other)


def test_a_download_does_not_leave_tls(tmp_path: Path, gateway: LocalGateway, call: Any) -> None:
    with SelfSigned(tmp_path) as server:
        place = f"Location: {gateway.root}/x.png".encode()
        server.answer = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n" + place + b"\r\n\r\n"
        client = call.client(gateway, verify=server.cert, allow_private=True)
        with pytest.raises(wenwen.APIConnectionError, match="from https to http"):
            call.wait(client.download(f"https://localhost:{server.port}/x.png"))
        assert gateway.connections == 0


def test_downloads_through_a_proxy(gateway: LocalGateway, proxy: Proxy, call: Any) -> None:
    """The proxy may be where it likes, and looks names up itself: what the URL says is checked."""
    port = gateway.root.rpartition(":")[2]
    for at in (f"http://{proxy.address}", f"http://localhost:{proxy.server_address[1]}"):
        client = call.new_client(api_key="sk-1", base_url="http://198.51.100.7", proxy=at, max_retries=0)
        with pytest.raises(wenwen.APIError):
            call.wait(client.download("http://pictures.invalid:80/x.png"))
        assert proxy.seen == ["GET http://pictures.invalid/x.png"]
        proxy.seen.clear()
        for host in ("127.0.0.1", "localhost", "[::1]", "10.0.0.1"):
            with pytest.raises(wenwen.APIConnectionError, match="allow_private"):
                call.wait(client.download(f"http://{host}:{port}/x.png"))
        assert proxy.seen == []


def test_the_wrong_host_name_is_refused(secure: Secure) -> None:
    with pytest.raises(wenwen.APIConnectionError) as refused:
        ask(secure.client("127.0.0.1", verify=secure.folder / "ca.pem"))
    assert refused.value.attempts == 1
    assert "127.0.0.1" in str(refused.value)


def test_verify_false(secure: Secure) -> None:
    with pytest.warns(UserWarning, match="verify=False") as warned:
        client = secure.client("127.0.0.1", verify=False)
    assert warned[0].filename == __file__
    assert ask(client) == ANSWER
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trusting = secure.client(verify=secure.folder / "ca.pem").with_options(verify=False, base_url=None)
    assert ask(trusting) == ANSWER


_ASK = """
    import sys, wenwen
    try:
        reply = wenwen.create_response(model="m", input="Hello!", max_retries=0)
        print(reply.output_text)
    except (wenwen.WenwenError, ValueError) as error:
        print(type(error).__name__, error)
"""


def test_authorities_from_the_environment(secure: Secure, gateway: LocalGateway, tmp_path: Path) -> None:
    here = {"WENWEN_BASE_URL": f"https://localhost:{secure.port}", "WENWEN_API_KEY": "sk-0123456789"}
    ca = str(secure.folder / "ca.pem")
    assert subprocess_python(_ASK, **here, SSL_CERT_FILE=ca) == (0, ANSWER, "")
    empty = tmp_path / "empty"
    empty.mkdir()
    code, out, _ = subprocess_python(_ASK, **here, SSL_CERT_DIR=str(empty))
    assert code == 0
    assert "SSL_CERT_DIR" in out
    code, out, _ = subprocess_python(_ASK, **here, SSL_CERT_FILE=str(tmp_path / "missing.pem"))
    assert code == 0
    assert "SSL_CERT_FILE" in out
    # What is wrong with the store does not touch http://.
    assert subprocess_python(_ASK, **gateway.env(), SSL_CERT_DIR=str(empty)) == (0, ANSWER, "")
    assert subprocess_python(_ASK, **here, SSL_CERT_DIR=str(_hashed(secure, tmp_path))) == (0, ANSWER, "")


def _hashed(secure: Secure, tmp_path: Path) -> Path:
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "5ed36f99.0").write_bytes((secure.folder / "ca.pem").read_bytes())
    return folder


def test_the_environment_of_authorities_may_change(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook it is set after the first call has failed."""
    with pytest.raises(wenwen.APIConnectionError):
        ask(secure.client())
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.folder / "ca.pem"))
    assert ask(secure.client()) == ANSWER
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(wenwen.APIConnectionError):
        ask(secure.client())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs a mount namespace")
def test_a_container_without_a_store(secure: Secure, gateway: LocalGateway) -> None:
    """/etc/ssl and the like are empty: http:// works, https:// trusts Mozilla's roots and says what it does not."""
    script = f"""
        import os, ctypes, sys
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(0x00020000) or libc.mount(b"none", b"/", None, 0x44000, None):
            print("skip"); sys.exit()
        for folder in ("/etc/ssl", "/usr/share/ca-certificates", "/etc/pki", "/usr/lib/ssl", "/usr/local/ssl"):
            if os.path.isdir(folder) and libc.mount(b"none", folder.encode(), b"tmpfs", 0, None):
                print("skip"); sys.exit()
        import wenwen
        key = dict(api_key="sk-1", max_retries=0)
        plain = wenwen.Client(base_url="{gateway.base_url}", **key)
        print(plain.responses.create(model="m", input="Hello!").output_text)
        try:
            wenwen.Client(base_url="https://localhost:{secure.port}", **key).responses.create(model="m", input="Hello!")
        except wenwen.APIConnectionError as error:
            print(error)
    """
    code, out, said = subprocess_python(script, NO_PROXY="*")
    if out == "skip":
        pytest.skip("no mount namespace to be had")
    assert code == 0, said
    assert out.splitlines()[0] == ANSWER
    assert "verify=" in out.splitlines()[1]


def test_https_through_proxies(secure: Secure, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    verify = secure.folder / "ca.pem"
    assert ask(secure.client(verify=verify, proxy=f"http://{proxy.address}")) == ANSWER
    assert ask(secure.client(verify=verify, proxy=f"socks5h://{proxy.address}")) == ANSWER
    assert proxy.seen == [f"CONNECT localhost:{secure.port}", f"SOCKS name localhost:{secure.port}"]
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
    assert ask(secure.client(verify=verify)) == ANSWER
    assert proxy.seen[2:] == [f"CONNECT localhost:{secure.port}"]
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert ask(secure.client(verify=verify)) == ANSWER
    assert len(proxy.seen) == 3
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
    assert ask(secure.client(verify=verify)) == ANSWER
    assert len(proxy.seen) == 3
    with proxying("user:hush-hush") as guarded:
        inside = f"http://user:hush-hush@{guarded.address}"
        assert ask(secure.client(verify=verify, proxy=inside)) == ANSWER
        assert guarded.auth == ["Basic " + base64.b64encode(b"user:hush-hush").decode()]
        with pytest.raises(wenwen.APIConnectionError) as refused:
            ask(secure.client(verify=verify, proxy=f"http://user:other-word@{guarded.address}"))
        assert refused.value.attempts == 1
        assert "other-word" not in str(refused.value) + repr(vars(refused.value))
        assert "proxy" in str(refused.value)


def test_https_to_an_http_server_and_back(gateway: LocalGateway, secure: Secure) -> None:
    with pytest.raises(wenwen.APIConnectionError):
        ask(client_of(gateway, base_url=gateway.base_url.replace("http:", "https:"), max_retries=0))
    with pytest.raises(wenwen.APIError):
        ask(secure.client(base_url=f"http://localhost:{secure.port}", max_retries=0))


# Names and addresses


def test_a_name_that_does_not_resolve() -> None:
    client = Client(api_key="sk-0123456789", base_url="http://gateway.invalid/v1", max_retries=1, proxy=False)
    with pytest.raises(wenwen.APIConnectionError, match=r"gateway\.invalid") as refused:
        ask(client)
    assert refused.value.category == "connection"
    assert "0123456789" not in str(refused.value)


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(wenwen.APIConnectionError, match=f"127.0.0.1:{port}.*refused") as refused:
            ask(Client(api_key="sk-1", base_url=f"http://127.0.0.1:{port}", max_retries=1, proxy=False))
        assert refused.value.attempts == 2


def test_ipv6() -> None:
    try:
        gateway = LocalGateway(host="::1").start()
    except OSError:
        pytest.skip("no IPv6 here")
    with gateway:
        assert gateway.root.startswith("http://[::1]:")
        assert ask(gateway.client()) == ANSWER


def test_localhost_of_both_families(gateway: LocalGateway) -> None:
    """The name may lead to ::1 first, where nobody listens."""
    port = gateway.root.rpartition(":")[2]
    assert ask(client_of(gateway, base_url=f"http://localhost:{port}/v1")) == ANSWER


@pytest.mark.parametrize("form", ["{}", "{}/", "{}/v1", "{}/v1/", " {}/v1 ", "{}//", "{}/v1//"])
def test_forms_of_base_url(gateway: LocalGateway, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(client_of(gateway, base_url=form.format(gateway.root))) == ANSWER
    monkeypatch.setenv("WENWEN_BASE_URL", form.format(gateway.root))
    assert ask(Client(api_key="sk-1")) == ANSWER
    assert {request.path for request in gateway.requests} == {"/v1/responses"}


def test_base_url_with_a_prefix(gateway: LocalGateway) -> None:
    gateway.script(Reply(json={"object": "response"}, times=2))
    for form in ("/gate/way", "/gate/way/v1/"):
        client_of(gateway, base_url=gateway.root + form).responses.create(**HELLO)
    assert {request.path for request in gateway.requests} == {"/gate/way/v1/responses"}


@pytest.mark.parametrize(
    "root",
    ["/api/paas/v4", "/api/v3/", "/v2", "/v1beta/openai/", "/v1/openai", "/v1beta1", "/openai/deployments/x"],
)
def test_base_url_with_a_version_of_its_own(gateway: LocalGateway, root: str, call: Any) -> None:
    """It stands for the `/v1` of a path; a path without one goes behind what is before the version."""
    gateway.script(Reply(json={"object": "response", "data": []}, times=4))
    client = call.client(gateway, base_url=gateway.root + root)
    call(client, **HELLO)
    call.wait(client.models.list())
    call.wait(client.get("/v1/files"))
    call.wait(client.get("/v1beta/models"))
    root = root.rstrip("/")
    before = {"/api/paas/v4": "/api/paas", "/api/v3": "/api"}.get(root, "")
    assert [request.path for request in gateway.requests] == [
        f"{root}/responses",
        f"{root}/models",
        f"{root}/files",
        f"{before}/v1beta/models",
    ]
    assert pickle.loads(pickle.dumps(client)).base_url == client.base_url == gateway.root + root


@pytest.mark.parametrize(
    ("pasted", "path"),
    [
        ("/v1/chat/completions", "/v1/responses"),
        ("/v1/responses/", "/v1/responses"),
        ("/v1/messages", "/v1/responses"),
        ("/v1/models", "/v1/responses"),
        ("/v1/embeddings", "/v1/responses"),
        ("/v1/audio/speech", "/v1/responses"),
        ("/v1/images/generations", "/v1/responses"),
        ("/v1/videos", "/v1/responses"),
        ("/v1beta", "/v1/responses"),
        ("/v1beta/models/gemini-2.5-pro:generateContent", "/v1/responses"),
        ("/v1beta/models/gemini-2.5-pro:streamGenerateContent", "/v1/responses"),
        ("/mj/submit/imagine", "/v1/responses"),
        ("/gate/v1/chat/completions", "/gate/v1/responses"),
        ("/chat/completions", "/v1/responses"),
        ("/api/paas/v4/chat/completions", "/api/paas/v4/responses"),
        ("/models", "/models/v1/responses"),
    ],
)
def test_base_url_that_is_a_whole_endpoint(
    gateway: LocalGateway, pasted: str, path: str, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.script(Reply(json={"object": "response"}, times=2))
    call(call.client(gateway, base_url=gateway.root + pasted), **HELLO)
    monkeypatch.setenv("WENWEN_BASE_URL", gateway.root + pasted)
    call(call.new_client(api_key="sk-1"), **HELLO)
    assert [request.path for request in gateway.requests] == [path, path]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "api.wenwen-ai.com",
        "ftp://host",
        "http://",
        "http://user:hush-hush@host",
        "http://host?a=1",
        "file:///x",
        "/v1",
    ],
)
def test_base_urls_that_are_none(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="base_url") as caught:
        Client(api_key="sk-1", base_url=wrong)
    assert "hush" not in str(caught.value)
    if wrong:
        monkeypatch.setenv("WENWEN_BASE_URL", wrong)
        with pytest.raises(ValueError, match="WENWEN_BASE_URL"):
            Client(api_key="sk-1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(gateway: LocalGateway, status: int) -> None:
    with LocalGateway(host="127.0.0.2") as other:
        for place in (other.base_url + "/responses", gateway.base_url + "/elsewhere"):
            gateway.script(Reply(status=status, headers={"Location": place}))
            with pytest.raises(wenwen.APIStatusError) as refused:
                ask(client_of(gateway))
            assert refused.value.status_code == status
            assert refused.value.attempts == 1
            assert place in str(refused.value)
        assert other.connections == 0
    assert len(gateway.requests) == 2


# Connections


def test_one_connection_serves_calls_in_a_row(gateway: LocalGateway) -> None:
    client = gateway.client()
    for n in range(100):
        assert ask(client if n % 2 else gateway.client()) == ANSWER
    # A connection is free again a moment after the reply: a call that is faster opens another.
    assert gateway.connections <= 5
    before = gateway.connections
    for _ in range(10):
        list(client.responses.create(**HELLO, stream=True))
        with client.responses.stream(**HELLO) as stream:
            stream.until_done()
        assert client.responses.with_raw_response.create(**HELLO).parse().output_text == ANSWER
        with client.responses.with_streaming_response.create(**HELLO) as response:
            response.read()
        gateway.script(400)
        with pytest.raises(wenwen.BadRequestError):
            ask(client)
    # The end of a stream may arrive after its last event: then the call after it finds its connection not back yet.
    assert gateway.connections <= before + 5
    before = gateway.connections
    # One that is left early closes its connection, and only its own.
    next(client.responses.create(**HELLO, stream=True, extra_body={"input": "Tell me a story " * 50}))
    assert ask(client) == ANSWER
    assert gateway.connections <= before + 1


def test_a_kept_connection_that_the_server_has_closed(gateway: LocalGateway) -> None:
    port = int(gateway.root.rpartition(":")[2])
    client = client_of(gateway, max_retries=1)  # its end may be seen only after the request was written
    assert ask(client) == ANSWER
    gateway.close()
    with LocalGateway(port=port) as again:
        for _ in range(3):
            assert ask(client) == ANSWER
            time.sleep(0.2)  # a connection goes back just after its reply: a call at once may open another
        assert again.connections == 1


def test_a_connection_that_is_closed_as_the_request_arrives(gateway: LocalGateway) -> None:
    client = client_of(gateway, max_retries=1)
    for reset in (False, True):
        assert ask(client) == ANSWER
        gateway.script(Reply(close=True, reset=reset))
        assert ask(client) == ANSWER
    gateway.script(Reply(json={"object": "response"}, framing="close"))
    assert client.responses.create(**HELLO).object == "response"
    assert ask(client) == ANSWER


class Hasty(socketserver.ThreadingTCPServer):
    """Answers the first request of a connection, and closes it as the second arrives: with an end, or with a reset."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, how: str, answers: int = 1_000_000) -> None:
        super().__init__(("127.0.0.1", 0), _HastyConnection)
        self.how = how
        self.left = answers
        self.requests = 0
        self.cut = 0
        self.root = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class _HastyConnection(socketserver.StreamRequestHandler):
    server: Hasty

    def handle(self) -> None:
        for number in range(2):
            length = 0
            while (line := self.rfile.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            if not line:
                return
            if number and self.server.how == "unread":  # what is not read becomes a reset
                self.server.cut += 1
                return
            body = self.rfile.read(length)
            self.server.requests += 1
            if number or not self.server.left:
                self.server.cut += number
                if self.server.how == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            self.server.left -= 1
            event = {"type": "response.completed", "response": {"object": "response", "status": "completed"}}
            if b'"stream":true' in body:
                reply, kind = f"data: {json.dumps(event)}\n\n".encode(), "text/event-stream"
            else:
                reply, kind = (
                    json.dumps({**event["response"], "output": [], "id": "vid_1"}).encode(),
                    "application/json",
                )
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(reply)}\r\n\r\n"
            self.wfile.write(head.encode() + reply)


@pytest.mark.parametrize("how", ["end", "reset", "unread"])
def test_a_kept_connection_that_ends_before_a_reply_is_no_failure(how: str, call: Any) -> None:
    with Hasty(how) as server:
        client = call.new_client(api_key="sk-1", base_url=server.root, max_retries=0, proxy=False)
        for number in range(1000):
            if number % 2:
                assert call(client, **HELLO).status == "completed"
            else:
                assert call.events(client, **HELLO)[-1].type == "response.completed"
            if server.cut > 4:
                break
        assert server.cut > 4
        server.shutdown()


def test_a_task_that_costs_money_is_not_begun_again(call: Any) -> None:
    """What closes a connection may have read the request: only what costs no second task is sent again."""
    with Hasty("end") as server:
        client = call.new_client(api_key="sk-1", base_url=server.root, max_retries=0, proxy=False)
        failures = 0
        for _ in range(1000):
            try:
                call.wait(client.videos.create(model="sora-2", prompt="A cat"))
            except wenwen.APIConnectionError as error:
                assert error.attempts == 1
                failures += 1
            if failures > 2:
                break
        assert failures == server.cut > 2
        server.shutdown()


def test_once_and_no_more(call: Any) -> None:
    with Hasty("end", answers=1) as server:
        client = call.new_client(api_key="sk-1", base_url=server.root, max_retries=0, proxy=False)
        call(client, **HELLO)
        with pytest.raises(wenwen.APIConnectionError) as refused:
            call(client, **HELLO)
        # One that was not yet back when the call looked for it is no kept one.
        assert refused.value.attempts == 1 + server.cut == server.requests - 1
        before = server.requests
        with pytest.raises(wenwen.APIConnectionError) as refused:
            call(client, **HELLO)
        assert refused.value.attempts == server.requests - before == 1
        server.shutdown()


# Bodies


def test_a_request_of_10_mb(gateway: LocalGateway) -> None:
    image = os.urandom(10 << 20)
    part = {"type": "input_image", "image_url": image}
    reply = gateway.client().responses.create(model="m", input=[{"role": "user", "content": [part]}])
    assert reply.status == "completed"
    request = gateway.last_request
    assert request is not None
    sent = request.json()["input"][0]["content"][0]["image_url"]
    assert base64.b64decode(sent.partition(",")[2] if sent.startswith("data:") else sent) == image


def test_a_reply_and_an_event_of_64_mb(gateway: LocalGateway) -> None:
    size = 64 << 20
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "y" * size}]}
    response = {"object": "response", "status": "completed", "output": [message]}
    text = json.dumps(response)
    gateway.script(Reply(body=text.encode(), headers={"Content-Type": "application/json"}))
    client = gateway.client()
    assert len(ask(client)) == size
    image = {"type": "response.image_generation_call.partial_image", "partial_image_b64": "A" * (size - 200)}
    completed = {"type": "response.completed", "response": {"object": "response", "status": "completed", "output": []}}
    gateway.script(Reply(events=[image, completed]))
    events = list(client.responses.create(**HELLO, stream=True))
    assert [len(event.get("partial_image_b64", "")) for event in events] == [size - 200, 0]


def test_compressed_replies(gateway: LocalGateway) -> None:
    client = gateway.client()
    gateway.script(Reply(gzip=True, times=2), Reply(gzip=True, json={"object": "response", "x": "é" * 100_000}))
    assert ask(client) == ANSWER
    assert client.responses.with_raw_response.create(**HELLO).parse().output_text == ANSWER
    assert client.responses.create(**HELLO)["x"] == "é" * 100_000
    gateway.script(Reply(status=400, gzip=True))
    with pytest.raises(wenwen.BadRequestError) as refused:
        ask(client)
    assert isinstance(refused.value.body, dict)
    gateway.script(Reply(gzip=True))  # although it was asked not to
    assert list(client.responses.create(**HELLO, stream=True))[-1].type == "response.completed"
    assert [gateway.requests[0].header("accept-encoding"), gateway.requests[-1].header("accept-encoding")] == [
        "gzip",
        "identity",
    ]
    gateway.script(Reply(gzip=True, cut=30, times=3))
    with pytest.raises(wenwen.APIConnectionError):
        ask(client, max_retries=0)


TEXT = json.dumps({"object": "response", "status": "completed", "x": "é" * 200}).encode()


def _deflated(data: bytes, wbits: int) -> bytes:
    squeeze = zlib.compressobj(wbits=wbits)
    return squeeze.compress(data) + squeeze.flush()


ENCODED = {
    "gzip": gzip.compress(TEXT),
    "GZIP": gzip.compress(TEXT[:60]) + gzip.compress(b"") + gzip.compress(TEXT[60:]),
    "x-gzip": gzip.compress(TEXT[:1]) + gzip.compress(TEXT[1:]) + bytes(100),
    " Gzip ": b"".join(gzip.compress(bytes([byte])) for byte in TEXT),
    "identity, gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "Deflate": _deflated(TEXT, -15),
    "identity": TEXT,
    "": TEXT,
}


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("chunk", [None, 1, 7, 100])
def test_encodings(gateway: LocalGateway, encoding: str, chunk: int | None, call: Any) -> None:
    reply = Reply(
        body=ENCODED[encoding],
        headers={"Content-Type": "application/json", "Content-Encoding": encoding},
        chunk_size=chunk,
        times=4,
    )
    gateway.script(reply)
    client = call.client(gateway, max_retries=0)
    assert call(client, **HELLO)["x"] == "é" * 200
    raw = call.wait(client.responses.with_raw_response.create(**HELLO))
    assert raw.content == TEXT
    # The limit counts what comes out.
    with pytest.raises(wenwen.ResponseTooLargeError):
        call(client, **HELLO, max_response_bytes=len(TEXT) - 1)
    assert call(client, **HELLO, max_response_bytes=len(TEXT))["x"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_stream(gateway: LocalGateway, encoding: str, call: Any) -> None:
    squeeze = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
    response = {"object": "response", "status": "completed", "output": []}
    events = [{"type": "response.created", "response": response}, {"type": "response.completed", "response": response}]
    pieces = []
    for event in events:
        data = squeeze.compress(f"data: {json.dumps(event)}\n\n".encode()) + squeeze.flush(zlib.Z_SYNC_FLUSH)
        pieces.append(data)
    headers = {"Content-Type": "text/event-stream", "Content-Encoding": encoding}
    gateway.script(Reply(body=b"".join(pieces) + squeeze.flush(), headers=headers))
    assert [event.type for event in call.events(gateway, **HELLO)] == ["response.created", "response.completed"]
    # An event is there as soon as its bytes are.
    gateway.script(Reply(body=b"".join(pieces), headers=headers, cut=len(pieces[0])))
    stream = call.client(gateway, max_retries=0)
    events = call.each(call(stream, **HELLO, stream=True))
    assert next(events).type == "response.created"
    with pytest.raises(wenwen.IncompleteStreamError):
        next(events)


@pytest.mark.parametrize(
    ("encoding", "body", "message"),
    [
        ("br", b"\x0b\x02\x80{}\x03", '"br"'),
        ("zstd", b"\x28\xb5\x2f\xfd", '"zstd"'),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT)), '"gzip, gzip"'),
        ("aws-chunked", TEXT, '"aws-chunked"'),
        ("gzip", TEXT, "gzip"),
        ("gzip", gzip.compress(TEXT)[:-1], "gzip data are not complete"),
        ("gzip", gzip.compress(TEXT)[:5], "gzip data are not complete"),
        ("gzip", gzip.compress(TEXT)[:-8] + bytes(8), "gzip"),
        ("gzip", gzip.compress(TEXT) + b"rest", "gzip"),
        ("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)[:-1], "gzip data are not complete"),
        ("deflate", zlib.compress(TEXT)[:-1], "deflate data are not complete"),
        ("deflate", TEXT, "deflate"),
    ],
    # Not the bytes: gzip writes the time into them.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_decoded_is_an_error(
    gateway: LocalGateway, encoding: str, body: bytes, message: str, call: Any
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    gateway.script(Reply(body=body, headers=headers, times=3), Reply(status=400, body=body, headers=headers))
    client = call.client(gateway, max_retries=0)
    with pytest.raises(wenwen.APIError, match=message):
        call(client, **HELLO)
    with pytest.raises(wenwen.APIError, match=message):
        call.wait(client.responses.with_raw_response.create(**HELLO))
    with pytest.raises(wenwen.APIError):
        call.events(client, **HELLO)
    with pytest.raises(wenwen.BadRequestError, match=message if '"' in message else "Bad Request"):
        call(client, **HELLO)


def test_a_body_that_swells(gateway: LocalGateway, call: Any) -> None:
    """A megabyte that becomes a gigabyte is given up at the limit."""
    squeezed = _deflated(bytes(16 << 20), 31)
    gateway.script(Reply(body=squeezed * 64, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}))
    with pytest.raises(wenwen.ResponseTooLargeError):
        call(gateway, **HELLO)


@pytest.mark.parametrize("count", [101, 300, 900])
def test_many_headers(gateway: LocalGateway, count: int, call: Any) -> None:
    gateway.script(Reply(json={"object": "response"}, headers={f"llm_provider-x-{n}": str(n) for n in range(count)}))
    reply = call.wait(call.client(gateway).responses.with_raw_response.create(**HELLO))
    assert reply.headers[f"llm_provider-x-{count - 1}"] == str(count - 1)
    gateway.script(Reply(json={"object": "response"}, headers={f"x-{n}": str(n) for n in range(5000)}))
    with pytest.raises(wenwen.APIConnectionError):
        call(call.client(gateway, max_retries=0), **HELLO)


@pytest.mark.parametrize(
    "name",
    [
        "Content-Length",
        "transfer-encoding",
        "CONNECTION",
        "TE",
        "Trailer",
        "Upgrade",
        "Keep-Alive",
        "Proxy-Connection",
    ],
)
@pytest.mark.parametrize("value", ["1", "chunked", None])
def test_headers_that_frame_a_request(gateway: LocalGateway, name: str, value: str | None, call: Any) -> None:
    client = call.client(gateway)
    headers = {"X-Mine": "1", name: value}
    with pytest.raises(ValueError, match=f"extra_headers: '{name}'|extra_headers: \"{name}\""):
        call(client, **HELLO, extra_headers=headers)
    with pytest.raises(ValueError, match="extra_headers"):
        call.wait(client.get("/v1/models", extra_headers=headers))
    with pytest.raises(ValueError, match="extra_headers"):
        call.wait(client.download(gateway.root + "/x", extra_headers=headers))
    with pytest.raises(ValueError, match="default_headers"):
        call.client(gateway, default_headers=headers)
    with pytest.raises(ValueError, match="default_headers"):
        client.with_options(default_headers=headers)
    with pytest.raises(ValueError, match="default_headers"):
        wenwen.configure(default_headers=headers)
    assert not gateway.requests
    # The host is the caller's affair.
    call(client, **HELLO, extra_headers={"Host": "localhost:1"})
    assert gateway.requests[-1].header("host") == "localhost:1"


# Import


def test_what_is_imported(gateway: LocalGateway) -> None:
    script = """
        import sys
        before = set(sys.modules)
        import wenwen
        imported = set(sys.modules) - before
        heavy = {"asyncio", "logging", "typing", "ssl", "inspect", "json", "dataclasses", "re", "threading", "socket"}
        print(sorted(heavy & imported))
        client = wenwen.Client()
        assert client.responses.create(model="m", input="Hello!").output_text
        assert wenwen.create_response(model="m", input="Hello!").output_text
        assert list(wenwen.create_response(model="m", input="Hello!", stream=True))
        imported = set(sys.modules) - before
        print(sorted({"asyncio", "logging", "ssl", "inspect", "socket"} & imported))
    """
    code, out, said = subprocess_python(script, **gateway.env(), NO_PROXY="*", WENWEN_LOG=None)
    assert (code, said) == (0, "")
    assert out.splitlines() == ["[]", "[]"]


# Who this side is


def test_a_server_that_asks_who_is_there(tmp_path: Path, call: Any) -> None:
    with SelfSigned(tmp_path) as server, SelfSigned(tmp_path) as own:
        server.context.verify_mode = ssl.CERT_REQUIRED
        server.context.load_verify_locations(own.cert)
        key = own.cert.with_suffix(".key")
        both = tmp_path / "both.pem"
        both.write_bytes(key.read_bytes() + own.cert.read_bytes())
        where: dict[str, Any] = {"api_key": "sk-1", "base_url": f"https://localhost:{server.port}", "max_retries": 0}
        where["verify"] = server.cert
        for cert in ((own.cert, key), (str(own.cert), str(key)), both, str(both)):
            client = call.new_client(**where, cert=cert)
            assert call(client, **HELLO).status == "completed"
            assert call(client.with_options(timeout=5), **HELLO).status == "completed"
        assert call(pickle.loads(pickle.dumps(client)).with_options(api_key="sk-1"), **HELLO).status == "completed"
        with pytest.raises(wenwen.APIConnectionError):
            call(call.new_client(**where), **HELLO)
        with pytest.raises(wenwen.APIConnectionError):
            call(call.new_client(**where, cert=(server.cert, server.cert.with_suffix(".key"))), **HELLO)


def test_certificates_that_are_no_use(tmp_path: Path) -> None:
    with SelfSigned(tmp_path) as own, SelfSigned(tmp_path) as other:
        key = own.cert.with_suffix(".key")
        locked = tmp_path / "locked.pem"
        secret = serialization.load_pem_private_key(key.read_bytes(), None)
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        locked.write_bytes(secret.private_bytes(pem, pkcs8, serialization.BestAvailableEncryption(b"pass")))
        where: dict[str, Any] = {"api_key": "sk-1", "base_url": "https://localhost:1", "verify": own.cert}
        for cert, words in (
            ((own.cert, locked), "has a password.*openssl pkey"),
            ((own.cert, own.cert), "no PEM key"),
            ((key, key), "no PEM certificate"),
            (key, "no PEM certificate"),
            ((own.cert, other.cert.with_suffix(".key")), "not usable"),
            ("/nowhere/cert.pem", "no such file"),
        ):
            with pytest.raises(ValueError, match=words):
                ask(Client(**where, cert=cert))
        for wrong in (3, ("a", "b", "hush"), [], {"a": 1}, True):
            with pytest.raises(TypeError, match="cert is a") as refused:
                Client(**where, cert=wrong)  # type: ignore[arg-type]
            assert "hush" not in str(refused.value)
        # Without TLS it is nobody's.
        assert Client(api_key="sk-1", base_url="http://localhost:1", cert=own.cert).base_url == "http://localhost:1"


class Socket:
    """A socket of this machine's that leads to a gateway."""

    def __init__(self, path: Path, gateway: LocalGateway) -> None:
        self.base_url = f"http+unix://{str(path).replace('/', '%2F')}"
        self._to = urllib.parse.urlsplit(gateway.root)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                here, _ = self._server.accept()
            except OSError:
                return
            there = socket.create_connection((self._to.hostname or "", self._to.port or 0))
            threading.Thread(target=self._join, args=(here, there), daemon=True).start()

    def _join(self, here: socket.socket, there: socket.socket) -> None:
        with here, there:
            back = threading.Thread(target=self._copy, args=(there, here), daemon=True)
            back.start()
            self._copy(here, there)
            back.join()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)  # wakes who accepts
        self._server.close()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="sockets with a path are of Unix")
def test_a_gateway_behind_a_socket(tmp_path: Path, gateway: LocalGateway, call: Any) -> None:
    with Socket(tmp_path / "g w.sock", gateway) as server:
        for path, paths in (("", "/v1/responses"), ("/v1", "/v1/responses"), ("/x/v1/", "/x/v1/responses")):
            client = call.new_client(api_key=gateway.api_key, base_url=server.base_url + path, proxy="http://nowhere:1")
            with contextlib.suppress(wenwen.NotAnAPIError):  # below /x there is a page
                assert call(client, **HELLO).output_text
            assert gateway.last_request is not None
            assert (gateway.last_request.path, gateway.last_request.header("host")) == (paths, "localhost")
        client = call.new_client(api_key=gateway.api_key, base_url=server.base_url)
        assert client.base_url == server.base_url
        assert call(client.with_options(timeout=5), **HELLO).output_text
        assert call(pickle.loads(pickle.dumps(client)).with_options(api_key=gateway.api_key), **HELLO).output_text
        assert [event.type for event in call.events(client, **HELLO)][-1] == "response.completed"
        assert call(client.with_options(base_url=gateway.root), **HELLO).output_text
        with pytest.raises(wenwen.APIConnectionError):
            nowhere = client.with_options(base_url=server.base_url + "x", max_retries=0)
            call(nowhere, **HELLO)


def test_sockets_are_written_in_one_way() -> None:
    for wrong in ("http+unix:///run/x.sock", "http+unix://run", "http+unix://", "http+unix://x%2Fy"):
        with pytest.raises(ValueError, match="names no socket"):
            Client(api_key="sk-1", base_url=wrong)
    for wrong in ("https+unix://%2Fx", "unix:///x"):
        with pytest.raises(ValueError, match="base_url"):
            Client(api_key="sk-1", base_url=wrong)
