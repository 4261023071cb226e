"""Multipart forms, through `images.edit`: whatever a file is given as, and what went over the wire."""

from __future__ import annotations

import asyncio
import base64
import enum
import gzip
import io
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))
WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20)
EDIT: dict[str, Any] = {"model": "gpt-image-1", "prompt": "把它画成 a cat"}
OK = {"created": 1, "data": [{"b64_json": base64.b64encode(PNG).decode()}]}


class Part(NamedTuple):
    name: str
    filename: str | None
    kind: str | None
    data: bytes


def parts(request: Any) -> list[Part]:
    """The parts of a form, read by hand: nothing of ours may agree with itself in error."""
    kind = request.header("content-type")
    found = re.fullmatch(r"multipart/form-data; boundary=([-0-9a-z]+)", kind)
    assert found, kind
    assert int(request.header("content-length")) == len(request.body)
    assert request.header("transfer-encoding") is None
    boundary = b"--" + found[1].encode()
    first, *pieces, last = request.body.split(boundary)
    assert (first, last) == (b"", b"--\r\n")
    out = []
    for piece in pieces:
        assert piece.startswith(b"\r\n") and piece.endswith(b"\r\n")
        head, _, data = piece[2:-2].partition(b"\r\n\r\n")
        pattern = r'Content-Disposition: form-data; name="([^"]*)"(?:; filename="([^"]*)")?(?:\r\nContent-Type: (.*))?'
        match = re.fullmatch(pattern, head.decode())
        assert match, head
        out.append(Part(match[1], match[2], match[3], data))
    return out


def test_boundaries_cannot_be_guessed(call: Call, gateway: LocalGateway) -> None:
    """A file that somebody else wrote, who knows the one before, must not end its own part."""
    gateway.script(*[OK] * 8)
    client = call.client(gateway)
    for _ in range(8):
        call.wait(client.images.edit(**EDIT, image=PNG))
    kinds = [request.header("content-type") or "" for request in gateway.requests]
    found = [re.fullmatch(r"multipart/form-data; boundary=wenwen-([0-9a-f]{32})", kind) for kind in kinds]
    numbers = [match[1] for match in found if match]
    assert len({number[at : at + 4] for number in numbers for at in range(0, 32, 4)}) > 56, numbers  # of 64


def files(request: Any) -> list[Part]:
    return [part for part in parts(request) if part.filename is not None]


@pytest.fixture
def edit(call: Call, gateway: LocalGateway) -> Callable[..., list[Part]]:
    """Makes the call and returns the files that arrived."""

    def edit(image: Any, **params: Any) -> list[Part]:
        gateway.script(OK)
        call.wait(call.client(gateway).images.edit(image=image, **{**EDIT, **params}))
        assert gateway.last_request
        return files(gateway.last_request)

    return edit


Edit = Callable[..., list[Part]]


# ---- the kinds of files ----


def test_bytes(edit: Edit) -> None:
    for given in (PNG, bytearray(PNG), memoryview(PNG), memoryview(PNG + b"x")[:-1], memoryview(PNG[::-1])[::-1]):
        assert edit(given) == [Part("image", "image.png", "image/png", PNG)]
    assert edit(JPEG) == [Part("image", "image.jpg", "image/jpeg", JPEG)]
    assert edit(WEBP) == [Part("image", "image.webp", "image/webp", WEBP)]
    assert edit(b"what is this") == [Part("image", "image", "application/octet-stream", b"what is this")]


def test_paths(edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)
    (tmp_path / "noending").write_bytes(JPEG)
    (tmp_path / "wrong.jpg").write_bytes(PNG)
    want = [Part("image", "cat.png", "image/png", PNG)]
    assert edit(tmp_path / "cat.png") == want
    monkeypatch.chdir(tmp_path)
    assert edit(Path("cat.png")) == want
    assert edit(Path("noending")) == [Part("image", "noending.jpg", "image/jpeg", JPEG)]
    assert edit(Path("wrong.jpg")) == [Part("image", "wrong.jpg", "image/png", PNG)]

    class Place:
        def __fspath__(self) -> str:
            return "cat.png"

    assert edit(Place()) == want


def test_open_files(edit: Edit, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"junk" + PNG)
    want = [Part("image", "cat.png", "image/png", PNG)]
    for buffering in (-1, 0):
        with open(path, "rb", buffering=buffering) as file:
            file.seek(4)
            assert edit(file) == want
            assert file.tell() == 4  # a file on disk stays where it was
            assert edit(file) == want
            assert file.read() == PNG
    with open(path, "rb") as file:
        assert file.read(4) == b"junk"  # the rest is in Python's buffer
        assert edit(file) == want
    with open(path, "r+b") as file:
        file.seek(0, 2)
        file.write(b"more")  # not on disk yet
        file.seek(4)
        assert edit(file) == [Part("image", "cat.png", "image/png", PNG + b"more")]
        file.seek(0, 2)
        with pytest.raises(ValueError, match=r"image is a file that stands at its end, position \d+: .*seek\(0\)"):
            edit(file)


def test_files_in_memory(edit: Edit) -> None:
    file = io.BytesIO(b"junk" + PNG)
    file.seek(4)
    assert edit(file) == [Part("image", "image.png", "image/png", PNG)]
    assert file.tell() == len(file.getvalue())
    with pytest.raises(ValueError, match=r"image is a file that stands at its end, position 74: .*seek\(0\)"):
        edit(file)
    named = io.BytesIO(PNG)
    named.name = "x/猫.png"
    assert edit(named)[0].filename == "猫.png"


def test_temporary_files(edit: Edit) -> None:
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(PNG)  # not flushed
        file.seek(0)
        assert edit(file) == [Part("image", os.path.basename(file.name), "image/png", PNG)]
        assert file.tell() == 0
    for make in (tempfile.TemporaryFile, tempfile.SpooledTemporaryFile):
        with make() as unnamed:
            unnamed.write(PNG)
            unnamed.seek(0)
            assert edit(unnamed) == [Part("image", "image.png", "image/png", PNG)]


def test_files_that_decompress(edit: Edit, tmp_path: Path) -> None:
    """They have the descriptor of the compressed file: what they read counts."""
    with gzip.open(tmp_path / "cat.png.gz", "wb") as file:
        file.write(PNG)
    with gzip.open(tmp_path / "cat.png.gz", "rb") as file:
        assert edit(file)[0].data == PNG
    with zipfile.ZipFile(tmp_path / "cats.zip", "w") as archive:
        archive.writestr("pets/cat.png", PNG)
    with zipfile.ZipFile(tmp_path / "cats.zip") as archive, archive.open("pets/cat.png") as member:
        assert edit(member) == [Part("image", "cat.png", "image/png", PNG)]


def test_readers(edit: Edit) -> None:
    class Mine(io.BufferedReader):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(size)[::-1]

    class Duck:
        def read(self) -> bytearray:
            return bytearray(PNG)

    assert edit(Mine(io.BytesIO(PNG[::-1])))[0].data == PNG  # type: ignore[arg-type]
    assert edit(Duck()) == [Part("image", "image.png", "image/png", PNG)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_pipes(edit: Edit, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(PNG))
    writer.start()
    assert edit(pipe) == [Part("image", "pipe.png", "image/png", PNG)]
    writer.join()
    writer = threading.Thread(target=lambda: pipe.write_bytes(PNG))
    writer.start()
    with open(pipe, "rb") as file:
        assert edit(file) == [Part("image", "pipe.png", "image/png", PNG)]
    writer.join()


def test_tuples(edit: Edit, tmp_path: Path) -> None:
    assert edit(("cat.png", PNG)) == [Part("image", "cat.png", "image/png", PNG)]
    assert edit(("cat", PNG)) == [Part("image", "cat.png", "image/png", PNG)]
    assert edit((None, PNG)) == [Part("image", "image.png", "image/png", PNG)]
    assert edit(("cat.png", JPEG, "image/x-own")) == [Part("image", "cat.png", "image/x-own", JPEG)]
    assert edit(("cat.png", PNG, None, {"X-Ignored": "yes"})) == [Part("image", "cat.png", "image/png", PNG)]
    (tmp_path / "a").write_bytes(PNG)
    assert edit(("b.png", tmp_path / "a")) == [Part("image", "b.png", "image/png", PNG)]
    assert edit(("b.png", io.BytesIO(PNG))) == [Part("image", "b.png", "image/png", PNG)]


def test_data_uris(edit: Edit) -> None:
    uri = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert edit(uri) == [Part("image", "image.png", "image/png", PNG)]
    with pytest.raises(ValueError, match="image is a data URI whose base64 is broken"):
        edit("data:image/png;base64,%%%")


def test_pil_pictures(edit: Edit, tmp_path: Path) -> None:
    pil = pytest.importorskip("PIL.Image")
    made = pil.new("RGBA", (4, 4), (255, 0, 0, 128))
    (sent,) = edit(made)
    assert sent[:3] == ("image", "image.png", "image/png")
    assert pil.open(io.BytesIO(sent.data)).getpixel((1, 1)) == (255, 0, 0, 128)
    pil.new("RGB", (32, 32), (200, 30, 30)).save(tmp_path / "red.jpg")
    (sent,) = edit(pil.open(tmp_path / "red.jpg"))
    assert sent[:3] == ("image", "image.jpg", "image/jpeg")
    assert pil.open(io.BytesIO(sent.data)).size == (32, 32)
    (sent,) = edit(pil.new("L", (4, 4)), mask=pil.new("1", (4, 4)))[1:]
    assert sent[:3] == ("mask", "mask.png", "image/png")


def test_images_of_an_earlier_reply(edit: Edit, gateway: LocalGateway) -> None:
    client = gateway.client()
    first = client.images.generate(model="gpt-image-1", prompt="a cat").data[0]
    assert edit(first) == [Part("image", "image.png", "image/png", first.bytes)]
    far = client.images.generate(model="dall-e-2", prompt="a cat").data[0]
    with pytest.raises(ValueError, match=r"image is an image at the URL .*abytes"):
        edit(far)
    with pytest.raises(ValueError, match=r"image is Image\(\), which holds no b64_json"):
        edit(wenwen.types.Image())
    gateway.clear_script()
    fetched = client.download(far.url)
    assert edit(fetched)[0].data == far.bytes


def test_several(edit: Edit, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    with open(path, "rb") as file:
        sent = edit([path, PNG, io.BytesIO(JPEG), file, ("d.webp", WEBP), path], mask=PNG)
    assert [part[:3] for part in sent] == [
        ("image[]", "a.png", "image/png"),
        ("image[]", "image.png", "image/png"),
        ("image[]", "image.jpg", "image/jpeg"),
        ("image[]", "a.png", "image/png"),
        ("image[]", "d.webp", "image/webp"),
        ("image[]", "a.png", "image/png"),
        ("mask", "mask.png", "image/png"),
    ]
    assert [part.data for part in sent] == [PNG, PNG, JPEG, PNG, WEBP, PNG, PNG]
    assert edit([path]) == [Part("image", "a.png", "image/png", PNG)]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("一只 猫.png", "一只 猫.png"),
        ('a"b.png', "a%22b.png"),
        ("a\r\nX-Evil: 1\r\n\r\nb.png", "a%0D%0AX-Evil: 1%0D%0A%0D%0Ab.png"),
        ("a\\b.png", "a%5Cb.png"),
        ("a\0b.png", "a%00b.png"),
        ("🐱.png", "🐱.png"),
    ],
)
def test_names(edit: Edit, name: str, sent: str) -> None:
    assert edit((name, PNG)) == [Part("image", sent, "image/png", PNG)]


def test_content_that_looks_like_a_form(edit: Edit) -> None:
    data = b'\r\n--wenwen-\r\nContent-Disposition: form-data; name="model"\r\n\r\nevil\r\n--\r\n' + bytes(range(256))
    assert edit(data)[0].data == data


# ---- the other fields ----


def test_fields(call: Call, gateway: LocalGateway) -> None:
    class Size(enum.Enum):
        LARGE = "1024x1024"

    gateway.script(OK)
    params: dict[str, Any] = {"n": 2, "size": Size.LARGE, "user": None, "output_compression": 80}
    extra = {
        "flag": True,
        "off": False,
        "share": 0.5,
        "none": None,
        "tags": ["a", "b"],
        "deep": {"x": {"y": 1}, "z": []},
    }
    call.wait(call.client(gateway).images.edit(image=PNG, **EDIT, **params, extra_body=extra))
    assert gateway.last_request
    sent = parts(gateway.last_request)
    assert [(part.name, part.data.decode()) for part in sent if part.filename is None] == [
        ("model", "gpt-image-1"), ("prompt", "把它画成 a cat"), ("n", "2"), ("size", "1024x1024"),
        ("output_compression", "80"), ("flag", "true"), ("off", "false"), ("share", "0.5"), ("tags[]", "a"),
        ("tags[]", "b"), ("deep[x][y]", "1"),
    ]  # fmt: skip
    assert all(part.kind is None for part in sent if part.filename is None)
    assert gateway.last_request.header("accept") == "application/json"


# ---- refusals, before anything is sent ----


def test_refusals(edit: Edit, gateway: LocalGateway, tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    empty = tmp_path / "empty.png"
    empty.write_bytes(b"")
    missing = tmp_path / "no such.png"
    wrong: list[tuple[Any, type[Exception], str]] = [
        (missing, FileNotFoundError, "image: .*no such.png"),
        (__file__, TypeError, r"image is a text of .*: give Path\(…\), bytes or an open file"),
        (("a.png", __file__), TypeError, r"image is a text of .*give Path"),
        (("a.png", __file__, "image/png"), TypeError, r"image is a text of .*give Path"),
        ([PNG, __file__], TypeError, r"image\[1\] is a text of .*give Path"),
        ("", TypeError, "image is a text of 0 characters"),
        (tmp_path, IsADirectoryError, "image is a directory.*" + re.escape(str(tmp_path))),
        (empty, ValueError, "image is empty"),
        (b"", ValueError, "image is empty"),
        (io.BytesIO(), ValueError, "image is empty"),
        ([], ValueError, "image is an empty list"),
        ([PNG, b""], ValueError, r"image\[1\] is empty"),
        ("https://example.com/cat.png", ValueError, r"image is the URL .*cat.png.*wenwen.download"),
        (base64.b64encode(PNG * 100).decode(), TypeError, "image is a text of 9336 characters.*b64decode"),
        (io.StringIO("text"), TypeError, "image is a file that is read as text.*binary mode"),
        (numpy.zeros((2, 2)), TypeError, r"(?s)image is array\(.* \(ndarray\): give Path\(…\), bytes"),
        (17, TypeError, r"image is 17 \(int\): give Path"),
        ({"a": 1}, TypeError, r"image is \{'a': 1\} \(dict\): give Path"),
        ((PNG,), TypeError, "image is a tuple of 1"),
        ((PNG, PNG), TypeError, r"image: a tuple is \(name, content\).*several files are a list"),
        (("a.png", PNG, 7), TypeError, "its type is 7"),
        (("a.png", PNG, "image/png\r\nX: y"), ValueError, "image: the type .* no header"),
        ([PNG, [PNG]], TypeError, r"image\[1\] is \["),
    ]
    for given, error, message in wrong:
        with pytest.raises(error, match=message) as raised:
            edit(given)
        if isinstance(raised.value, FileNotFoundError):
            assert raised.value.filename == str(missing)
    with pytest.raises(ValueError, match="mask is empty"):
        edit(PNG, mask=b"")

    with open(__file__, encoding="utf-8") as text, pytest.raises(TypeError, match="is read as text"):
        edit(text)

    class Text:
        def read(self) -> str:
            return "text"

    with pytest.raises(TypeError, match=r"an object whose read\(\) gives str, not bytes"):
        edit(Text())
    for mode, buffering in (("wb", -1), ("wb", 0), ("ab", -1)):
        with (
            open(missing, mode, buffering) as file,
            pytest.raises(ValueError, match="image is a file open for writing"),
        ):
            edit(file)
    with pytest.raises(ValueError, match="image is a closed file"):
        edit(file)
    assert gateway.requests == []


# ---- on the way ----


def test_a_retry_sends_all_of_it_again(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    data = PNG + os.urandom(700_000)
    path = tmp_path / "a.png"
    path.write_bytes(b"junk" + data)
    gateway.script(500, 502, OK)
    client = call.client(gateway, max_retries=2)
    with open(path, "rb") as file:
        file.seek(4)
        call.wait(client.images.edit(image=[file, io.BytesIO(data)], **EDIT))
    assert len(gateway.requests) == 3
    for request in gateway.requests:
        assert [part.data for part in files(request)] == [data, data]


def test_what_is_appended_meanwhile_is_not_sent(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)

    def answer(request: Any) -> Any:
        with open(path, "ab") as file:
            file.write(b"more")
        return 500 if len(gateway.requests) == 1 else OK

    gateway.script(answer)
    call.wait(call.client(gateway, max_retries=1).images.edit(image=path, **EDIT))
    assert [files(request)[0].data for request in gateway.requests] == [PNG, PNG]


def test_a_file_that_shrinks(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(3_000_000))

    def answer(request: Any) -> Any:
        os.truncate(path, 1_000_000)
        return 500

    gateway.script(answer)
    with pytest.raises(
        wenwen.APIConnectionError, match="a file could not be read while it was sent: it became shorter"
    ):
        call.wait(call.client(gateway, max_retries=5).images.edit(image=path, **EDIT))
    assert len(gateway.requests) == 1


def test_a_file_that_is_deleted_is_sent_all_the_same(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)

    def answer(request: Any) -> Any:
        path.unlink(missing_ok=True)
        return 500 if len(gateway.requests) == 1 else OK

    if sys.platform != "win32":
        gateway.script(answer)
        call.wait(call.client(gateway, max_retries=1).images.edit(image=path, **EDIT))
        assert [files(request)[0].data for request in gateway.requests] == [PNG, PNG]


def test_too_large(call: Call, tmp_path: Path) -> None:
    """Refused while the upload runs: the refusal is what counts, not that the rest could not be sent."""
    path = tmp_path / "large.png"
    with open(path, "wb") as file:
        file.write(PNG)
        file.truncate(64 << 20)
    with LocalGateway(max_body=1 << 20) as gateway:
        client = call.client(gateway)
        for _ in range(5):
            with pytest.raises(wenwen.BadRequestError, match="request body exceeds 1 MB") as raised:
                call.wait(client.images.edit(image=path, **EDIT))
            assert raised.value.attempts == 1
        with pytest.raises(wenwen.RequestTooLargeError, match="too large"):  # a status of its own, for audio alone
            call.wait(client.audio.transcriptions.create(file=path, model="whisper-1"))
        assert call.wait(client.images.edit(image=PNG, **EDIT)).data[0].bytes


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_file_is_not_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with open(path, "wb") as file:
        file.write(PNG)
        for _ in range(64):
            file.write(os.urandom(1 << 20))
    code = """
        import pathlib, sys, wenwen
        def peak():
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        client = wenwen.Client(max_retries=0)
        edit = dict(model="gpt-image-1", prompt="x")
        client.images.edit(image=b"\\x89PNG\\r\\n\\x1a\\n", **edit)
        before = peak()
        client.images.edit(image=pathlib.Path(sys.argv[1]), **edit)
        print(peak() - before)
    """
    with LocalGateway(journal_bytes=0) as gateway:
        gateway.script(OK, OK)
        env = {**os.environ, **gateway.env()}
        run = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), path], env=env, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        assert int(run.stdout) < 48 * 1024  # KiB; 64 MB were sent
        assert gateway.requests[-1].wire_bytes > 64 << 20


def endless(tmp_path: Path) -> Path:
    """A file that no socket's buffer holds."""
    path = tmp_path / "endless.png"
    with open(path, "wb") as file:
        file.write(PNG)
        file.truncate(200 << 20)
    return path


class Deaf:
    """A server that takes a connection and reads the beginning, then nothing more until asked to."""

    def __init__(self) -> None:
        import socket

        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.closed = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        connection, _ = self.listener.accept()
        with connection:
            connection.settimeout(20)
            assert connection.recv(1000)
            self.begun.set()
            self.go_on.wait(20)
            try:
                while connection.recv(1 << 20):
                    pass
            except ConnectionError:
                pass
            self.closed.set()

    def __enter__(self) -> Deaf:
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self.thread.join()
        self.listener.close()


def test_the_deadline_ends_an_upload(call: Call, tmp_path: Path) -> None:
    with Deaf() as server:
        client = call.new_client(api_key="sk-1", base_url=server.url, proxy=False)
        with pytest.raises(wenwen.APITimeoutError):
            call.wait(client.images.edit(image=endless(tmp_path), **EDIT, timeout=0.5))
        server.go_on.set()
        assert server.closed.wait(10)


UPLOADS: dict[str, tuple[str, dict[str, Any]]] = {
    "images.edit": ("image", EDIT),
    "audio.transcriptions.create": ("file", {"model": "whisper-1"}),
    "audio.translations.create": ("file", {"model": "whisper-1"}),
    "videos.create": ("input_reference", {"model": "sora-2", "prompt": "a cat"}),
    "videos.edit": ("video", {"prompt": "a cat"}),
}


def upload(client: Any, name: str, data: object, form: str = "", **options: Any) -> Any:
    *parts, method = name.split(".")
    for part in (*parts, form):
        client = getattr(client, part) if part else client
    field, params = UPLOADS[name]
    return getattr(client, method)(**{field: data}, **params, **options)


@pytest.mark.parametrize("form", ["", "with_raw_response", "with_streaming_response"])
@pytest.mark.parametrize("name", UPLOADS)
def test_progress_of_what_is_sent(call: Call, gateway: LocalGateway, name: str, form: str, tmp_path: Path) -> None:
    """Up to all of the body, of each attempt anew."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG + os.urandom(1_000_000))
    reply = {"created": 1, "data": [{"url": "https://a.example"}], "text": "Hi", "id": "v1", "object": "video"}
    gateway.script(503, Reply(json=reply))
    client = call.client(gateway, max_retries=1)
    told: list[tuple[int, int]] = []
    made = upload(client, name, path, form, progress=lambda *n: told.append(n))
    if form == "with_streaming_response":
        with call.open(made):
            pass
    call.wait(made)
    sizes = [len(request.body) for request in gateway.requests]
    assert len(sizes) == 2 and [all for _, all in told] == [sizes[0]] * len(told)
    first = told.index((sizes[0], sizes[0])) + 1
    for attempt in (told[:first], told[first:]):
        assert attempt == sorted(attempt) and attempt[-1] == (sizes[1], sizes[1])


@pytest.mark.parametrize("bar", ["tqdm", "line"])
def test_what_takes_long_to_send_is_shown(
    call: Call, gateway: LocalGateway, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, bar: str
) -> None:
    def send(progress: object, **options: Any) -> str:
        gateway.script(OK)
        call.wait(upload(call.client(gateway, **options), "images.edit", PNG + bytes(700_000), progress=progress))
        return capsys.readouterr().err

    if bar == "line":
        monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    else:
        pytest.importorskip("tqdm.auto")
    for progress in (True, False, None):
        assert send(progress).strip() == ""  # it took no second
    monkeypatch.setattr("wenwen.resources._loading._AFTER", 0.0)
    shown = send(True)
    assert shown == "0.7 of 0.7 MB\n" if bar == "line" else "700k/700k" in shown and "100%" in shown
    assert send(False) == ""


def test_what_a_function_of_progress_raises_ends_the_call(call: Call, gateway: LocalGateway) -> None:
    def wrong(done: int, all: int) -> None:
        raise LookupError("mine")

    gateway.script(Reply(delay=60))
    with pytest.raises(LookupError, match="mine"):
        call.wait(upload(call.client(gateway), "images.edit", PNG + bytes(700_000), progress=wrong))
    for given in ("yes", 3, []):
        with pytest.raises(TypeError, match=r"progress is .*: give True for a bar, or a function"):
            call.wait(upload(call.client(gateway), "images.edit", PNG, progress=given))
    with pytest.raises(TypeError, match="'progress'"):
        call(gateway, model="gpt-5", input="?", progress=True)


def test_an_upload_that_is_given_up_leaves_its_line_whole(
    call: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setattr("wenwen.resources._loading._AFTER", 0.0)
    with Deaf() as server:
        client = call.new_client(api_key="sk-1", base_url=server.url, proxy=False, max_retries=0)
        with pytest.raises(wenwen.APITimeoutError):
            call.wait(client.images.edit(image=endless(tmp_path), **EDIT, timeout=0.5, progress=True))
    assert re.fullmatch(r"\d+\.\d of 209\.7 MB\n", capsys.readouterr().err)


def test_many_at_once(gateway: LocalGateway, tmp_path: Path) -> None:
    """One file, sent by many at the same time."""
    path = tmp_path / "a.png"
    data = PNG + os.urandom(600_000)
    path.write_bytes(data)

    async def main(file: Any) -> None:
        client = gateway.async_client()
        await asyncio.gather(*(client.images.edit(image=file, **EDIT) for _ in range(20)))

    gateway.script(Reply(json=OK, times=None))
    with open(path, "rb") as file:
        asyncio.run(main(file))
    assert {files(request)[0].data for request in gateway.requests} == {data}
    assert len(gateway.requests) == 20


def test_fields_of_any_depth(call: Call, gateway: LocalGateway) -> None:
    """And those that never end."""
    client = call.client(gateway)
    gateway.script(Reply(json={"text": "Hello!"}, times=None))

    def send(value: Any) -> list[tuple[str, Any]]:
        params: dict[str, Any] = {"file": ("a.wav", b"RIFF"), "model": "whisper-1"}
        call.wait(client.audio.transcriptions.create(**params, extra_body={"x": value}))
        assert gateway.last_request is not None
        return [(name, one) for name, all in gateway.last_request.form().items() for one in all if name[0] == "x"]

    circle: dict[str, Any] = {}
    circle["a"] = [circle]
    maps: Any = "x"
    lists: Any = "x"
    for _ in range(100_000):
        maps, lists = {"a": maps}, [lists]
    assert send({"a": [1, {"b": 2}], "c": None}) == [("x[a][]", "1"), ("x[a][][b]", "2")]
    assert send({"a": {1}, "b": range(2)}) == [("x[a][]", "1"), ("x[b][]", "0"), ("x[b][]", "1")]
    for endless in (circle, maps, lists):
        with pytest.raises(ValueError, match=r"^x: more than 200 levels deep, or it contains itself"):
            send(endless)
