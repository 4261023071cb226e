"""Files that replies name by URL: fetched without the key, saved piece by piece."""

from __future__ import annotations

import pathlib
import pickle
from typing import Any

import pytest
from tests.conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4096
PICTURE = Reply(body=PNG, headers={"Content-Type": "image/png"})


def fetch(call: Call, gateway: LocalGateway, *args: Any, **options: Any) -> Any:
    return call.wait(call.client(gateway, **options).download(f"{gateway.base_url}/files/cat.png", *args))


def test_a_file(gateway: LocalGateway, call: Call) -> None:
    gateway.script(PICTURE)
    content = fetch(call, gateway, default_headers={"X-Team": "data"}, default_query={"tag": "a"})
    assert isinstance(content, wenwen.BinaryContent)
    assert content.content == content.read() == bytes(content) == bytes(memoryview(content)) == PNG
    assert content.content_type == content.headers["content-type"] == "image/png"
    assert len(content) == len(PNG) and b"".join(content.iter_bytes(1000)) == PNG
    assert "image/png" in repr(content) and str(len(PNG)) in repr(content)
    copy = pickle.loads(pickle.dumps(content))
    assert copy.content == PNG and copy.request_id == content.request_id
    # Nothing of the client's own goes to another place.
    request = gateway.last_request
    names = {name.lower() for name, _ in request.headers}
    assert not names & {"authorization", "x-api-key", "x-team", "content-type"}
    assert request.query == "" and request.method == "GET"


def test_into_a_file(gateway: LocalGateway, call: Call, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "图片.png"
    gateway.script(500, PICTURE)
    assert fetch(call, gateway, path, max_retries=1) is None
    assert path.read_bytes() == PNG
    gateway.script(PICTURE)
    assert fetch(call, gateway, str(path)) is None
    assert [file.name for file in tmp_path.iterdir()] == ["图片.png"]


def test_what_fails_leaves_no_file(gateway: LocalGateway, call: Call, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "cat.png"
    gateway.script(Reply(body=PNG, headers={"Content-Type": "image/png"}, cut=100_000))
    with pytest.raises(wenwen.APIConnectionError, match="broke off"):
        fetch(call, gateway, path)
    gateway.script(404)
    with pytest.raises(wenwen.NotFoundError):
        fetch(call, gateway, path, max_retries=0)
    page, error = b"<!DOCTYPE html><html>expired</html>", b'{"error": {"message": "no"}}'
    odd: list[tuple[bytes, str, str]] = [
        (page, "text/html", "a link that has expired"),
        (error, "application/json", "no"),
    ]
    # Whatever it is called.
    for kind in ("image/png", "application/octet-stream", "video/mp4"):
        odd += [(page, kind, "a link that has expired"), (b" \n" + error, kind, "no"), (b"[1, 2]", kind, "with JSON")]
        odd += [(b'"gone"', kind, "with JSON"), (b"null", kind, "with JSON"), (b"", kind, "empty body")]
    for body, kind, why in odd:
        gateway.script(*[Reply(body=body, headers={"Content-Type": kind})] * 2)
        with pytest.raises(wenwen.APIError, match=why) as saved:
            fetch(call, gateway, path, max_retries=0)
        with pytest.raises(wenwen.APIError, match=why) as fetched:
            fetch(call, gateway, max_retries=0)
        assert type(saved.value) is type(fetched.value)
    gateway.script(PICTURE)
    with pytest.raises(FileNotFoundError):
        fetch(call, gateway, tmp_path / "none" / "cat.png")
    assert list(tmp_path.iterdir()) == []


def test_what_only_begins_like_a_page_or_like_json(gateway: LocalGateway, call: Call, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g/>" * 500_000 + b"</svg>"
    short = [b"null and void", b"[1] and more", b'""" and more', b"t", b"7"]
    for body in (svg, *short, b"[" + PNG, b"{" + PNG, b" \n" * 300_000 + PNG):
        for size in (None, 4 if body in short else 100_000):
            gateway.script(Reply(body=body, headers={"Content-Type": "image/svg+xml"}, chunk_size=size))
            fetch(call, gateway, path)
            assert path.read_bytes() == body
        gateway.script(Reply(body=body, headers={"Content-Type": "image/svg+xml"}))
        assert fetch(call, gateway).content == body


def test_redirects_are_followed(gateway: LocalGateway, call: Call) -> None:
    """Unlike the API's, whose key would go along."""
    with LocalGateway(host="127.0.0.2") as other:
        other.script(PICTURE)
        gateway.script(Reply(status=302, headers={"Location": f"{other.base_url}/there.png"}))
        assert fetch(call, gateway).content == PNG
        assert other.last_request.path.endswith("/there.png") and "authorization" not in other.last_request.headers


def test_no_url(gateway: LocalGateway, call: Call) -> None:
    for url in ("", "cat.png", "/files/cat.png", "file:///etc/passwd", "data:image/png;base64,AAAA"):
        with pytest.raises(ValueError, match="not an http or https URL"):
            call.wait(call.client(gateway).download(url))
    assert gateway.requests == []


def test_of_the_module(wenwen_gateway: LocalGateway, call: Call) -> None:
    wenwen_gateway.script(PICTURE)
    download: Any = wenwen.aio.download if call.is_async else wenwen.download
    assert call.wait(download(f"{wenwen_gateway.base_url}/files/cat.png")).content == PNG
