"""Files that replies name by URL: fetched without the key, saved piece by piece."""

from __future__ import annotations

import ipaddress
import pathlib
import pickle
import socket
from typing import Any

import pytest
from conftest import Call

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


def test_progress_of_a_file(
    gateway: LocalGateway, call: Call, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    download = call.client(gateway).download
    url, path, told = f"{gateway.base_url}/files/cat.png", tmp_path / "cat.png", list[Any]()
    for framing, total in (("length", len(PNG)), ("chunked", None)):
        gateway.script(Reply(body=PNG, headers={"Content-Type": "image/png"}, framing=framing))  # type: ignore[arg-type]
        told.clear()
        call.wait(download(url, path, progress=lambda done, all: told.append((done, all))))
        assert told[-1] == (len(PNG), total) and [done for done, _ in told] == sorted(done for done, _ in told)
        assert path.read_bytes() == PNG
    for progress in (True, False, None):
        gateway.script(PICTURE, PICTURE)
        call.wait(download(url, path, progress=progress))
        assert call.wait(download(url, progress=progress)).content == PNG
    assert capsys.readouterr().err.strip() == ""  # it took no second
    gateway.script(PICTURE)
    with pytest.raises(TypeError, match="progress is 'yes': give True for a bar"):
        call.wait(download(url, path, progress="yes"))


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


def test_at_most_five_redirects(gateway: LocalGateway, call: Call) -> None:
    on = [Reply(status=status, headers={"Location": "on"}) for status in (301, 302, 303, 307, 308)]
    gateway.script(*on, PICTURE)
    assert fetch(call, gateway).content == PNG
    assert gateway.last_request.path == "/v1/files/on"
    gateway.script(*on, on[0], PICTURE)
    with pytest.raises(wenwen.APIConnectionError, match="/v1/files/on is not followed: it is the sixth"):
        fetch(call, gateway)
    assert len(gateway.requests) == 6 + 6
    gateway.clear_script()
    for place in ("ftp://h/x", "file:///etc/passwd", "data:,x"):
        gateway.script(Reply(status=302, headers={"Location": place}))
        with pytest.raises(wenwen.APIConnectionError, match="not followed"):
            fetch(call, gateway)


INSIDE = [
    "http://127.0.0.1:{port}/x",
    "http://localhost:{port}/x",
    "http://a.localhost:{port}/x",
    "http://LOCALHOST.:{port}/x",
    "http://127.1:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://0.0.0.0:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://[64:ff9b::7f00:1]:{port}/x",
    "http://[2002:7f00:1::]:{port}/x",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1/x",
    "http://172.31.0.1/x",
    "http://192.168.1.1/x",
    "http://100.64.0.1/x",
    "http://224.0.0.1/x",
    "http://[fe80::1]/x",
    "http://[fd00::1]/x",
]


@pytest.mark.parametrize("url", INSIDE)
def test_this_machine_and_its_network_are_out_of_reach(gateway: LocalGateway, url: str, call: Call) -> None:
    """For a gateway that is elsewhere."""
    port = gateway.root.rpartition(":")[2]
    client = call.new_client(api_key="sk-1", base_url="http://198.51.100.7", proxy=False, max_retries=3)
    with pytest.raises(wenwen.APIConnectionError, match="allow_private=True") as refused:
        call.wait(client.download(url.format(port=port)))
    assert refused.value.attempts == 1
    assert gateway.connections == 0


def test_a_name_that_leads_inside(gateway: LocalGateway, call: Call) -> None:
    """What counts is the address that would be connected to."""
    name = socket.gethostname()
    try:
        found = {ipaddress.ip_address(entry[4][0]) for entry in socket.getaddrinfo(name, 80)}
    except OSError:
        found = set()
    if not found or not all(address.is_private for address in found):
        pytest.skip("this machine's name leads elsewhere")
    client = call.new_client(api_key="sk-1", base_url="http://198.51.100.7", proxy=False)
    with pytest.raises(wenwen.APIConnectionError, match=rf"{name}, which is .*allow_private=True") as refused:
        call.wait(client.download(f"http://{name}:{gateway.root.rpartition(':')[2]}/x.png"))
    assert refused.value.attempts == 1
    # A gateway there may name what is there.
    with pytest.raises(wenwen.APIConnectionError, match="refused"):
        call.wait(client.with_options(base_url=f"http://{name}", max_retries=0).download(f"http://{name}:9/x.png"))


@pytest.mark.parametrize("url", INSIDE[:2])
def test_who_wants_to_may(gateway: LocalGateway, url: str, call: Call, tmp_path: pathlib.Path) -> None:
    gateway.script(Reply(body=PNG, headers={"Content-Type": "image/png"}, times=None))
    url = url.format(port=gateway.root.rpartition(":")[2])
    where: dict[str, Any] = {"api_key": "sk-1", "base_url": "http://198.51.100.7", "proxy": False}
    client = call.new_client(**where)
    path = tmp_path / "a.png"
    assert call.wait(client.download(url, allow_private=True)).content == PNG
    call.wait(client.download(url, path, allow_private=True))
    assert path.read_bytes() == PNG
    for allowing in (
        call.new_client(**where, allow_private=True),
        client.with_options(allow_private=True),
        client.with_options(allow_private=True).with_options(max_retries=0),
    ):
        assert call.wait(allowing.download(url)).content == PNG
        assert call.wait(allowing.download(url, allow_private=None)).content == PNG
        assert call.wait(pickle.loads(pickle.dumps(allowing)).download(url, allow_private=True)).content == PNG
        for options in ({"allow_private": False}, {}):
            with pytest.raises(wenwen.APIConnectionError, match="allow_private"):
                call.wait(allowing.with_options(allow_private=False).download(url, **options))
        with pytest.raises(wenwen.APIConnectionError, match="allow_private"):
            call.wait(allowing.download(url, allow_private=False))
    for wrong in (1, "yes", []):
        with pytest.raises(TypeError, match="allow_private"):
            client.download(url, allow_private=wrong) if not call.is_async else call.wait(
                client.download(url, allow_private=wrong)
            )
        with pytest.raises(TypeError, match="allow_private"):
            call.new_client(**where, allow_private=wrong)
    # It is no option of other calls.
    with pytest.raises(TypeError, match="allow_private"):
        call.wait(client.get("/v1/models", allow_private=True))


def test_a_third_host_does_not_send_us_around(gateway: LocalGateway, call: Call) -> None:
    """Where the gateway is on this machine, its replies may name what else is there, but that leads no further."""
    with LocalGateway(PICTURE) as inside, LocalGateway() as third:
        client = call.client(gateway)
        third.script(Reply(status=302, headers={"Location": f"{inside.root}/secret"}, times=2))
        with pytest.raises(wenwen.APIConnectionError, match="allow_private=True"):
            call.wait(client.download(f"{third.root}/x.png"))
        assert inside.connections == 0
        assert call.wait(client.download(f"{third.root}/x.png", allow_private=True)).content == PNG
        # Back to the gateway it may.
        third.script(Reply(status=302, headers={"Location": f"{gateway.root}/y.png"}))
        gateway.script(PICTURE)
        assert call.wait(client.download(f"{third.root}/x.png")).content == PNG


METADATA = "http://169.254.169.254/latest/meta-data"


def test_what_replies_name(gateway: LocalGateway, call: Call, tmp_path: pathlib.Path) -> None:
    client = call.client(gateway)
    path = tmp_path / "x.png"
    gateway.script(Reply(json={"created": 1, "data": [{"url": METADATA}]}))
    image = call.wait(client.images.generate(model="gpt-image-1", prompt="A cat")).data[0]
    gateway.script(Reply(json={"id": "1", "status": "SUCCESS", "imageUrl": METADATA}))
    task = call.wait(client.midjourney.fetch("1"))
    done = {"code": "success", "data": {"task_id": "t", "status": "SUCCESS", "result_url": METADATA}}
    gateway.script(Reply(json=done))
    video = call.wait(client.videos.generations.retrieve("t"))
    attempts: list[Any] = [image.read, lambda: image.bytes, lambda: image.save(path)]
    attempts += [lambda: call.wait(task.save(path)), lambda: call.wait(video.save(path))]
    if call.is_async:
        attempts += [lambda: call.wait(image.abytes()), lambda: call.wait(image.asave(path))]
    for attempt in attempts:
        with pytest.raises(wenwen.APIConnectionError, match=r"169\.254\.169\.254 .*allow_private=True"):
            attempt()
    assert not path.exists()


def test_no_url(gateway: LocalGateway, call: Call) -> None:
    for url in ("", "cat.png", "/files/cat.png", "file:///etc/passwd", "data:image/png;base64,AAAA"):
        with pytest.raises(ValueError, match="not an http or https URL"):
            call.wait(call.client(gateway).download(url))
    assert gateway.requests == []


def test_of_the_module(wenwen_gateway: LocalGateway, call: Call) -> None:
    wenwen_gateway.script(PICTURE)
    download: Any = wenwen.aio.download if call.is_async else wenwen.download
    assert call.wait(download(f"{wenwen_gateway.base_url}/files/cat.png")).content == PNG
