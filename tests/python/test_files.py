"""Files that replies are written to: whole or not at all, where the caller said and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import os
import pathlib
import shutil
import signal
import stat
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Call

from wenwen._files import written
from wenwen.testing import LocalGateway, Reply
from wenwen.types.gemini import GeminiBlob
from wenwen.types.images import Image, ImageEditCompletedEvent

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 500
TEXT = base64.b64encode(PNG).decode()
FILE = Reply(body=PNG, headers={"Content-Type": "image/png"}, chunk_size=4096)
VIDEO = {"id": "video_1", "object": "video", "model": "m", "status": "completed"}
CLIP = {"code": "success", "data": {"task_id": "t", "status": "SUCCESS", "progress": "100%"}}
TASK = {"id": "1", "action": "IMAGINE", "status": "SUCCESS", "progress": "100%"}


def download(call: Call, gateway: LocalGateway, path: Any) -> None:
    gateway.script(FILE)
    call.wait(call.client(gateway).download(f"{gateway.base_url}/cat.png", path))


def image(call: Call, gateway: LocalGateway, path: Any) -> None:
    picture = Image(b64_json=TEXT)
    call.wait(picture.asave(path) if call.is_async else picture.save(path))


def image_at_a_url(call: Call, gateway: LocalGateway, path: Any) -> None:
    gateway.script({"created": 1, "data": [{"url": f"{gateway.base_url}/cat.png"}]}, FILE)
    picture = call.wait(call.client(gateway).images.generate(model="dall-e-3", prompt="x")).data[0]
    call.wait(picture.asave(path) if call.is_async else picture.save(path))


def event(call: Call, gateway: LocalGateway, path: Any) -> None:
    ImageEditCompletedEvent(type="image_edit.completed", b64_json=TEXT).save(path)


def blob(call: Call, gateway: LocalGateway, path: Any) -> None:
    GeminiBlob(mimeType="image/png", data=TEXT).save(path)


def speech(call: Call, gateway: LocalGateway, path: Any) -> None:
    gateway.script(FILE)
    call.wait(call.client(gateway).audio.speech.create(model="tts-1", voice="alloy", input="x")).save(path)


def streamed_speech(call: Call, gateway: LocalGateway, path: Any) -> None:
    gateway.script(FILE)
    speech = call.client(gateway).audio.speech.with_streaming_response
    with call.open(speech.create(model="tts-1", voice="alloy", input="x")) as reply:
        call.wait(reply.stream_to_file(path))


def video(call: Call, gateway: LocalGateway, path: Any) -> None:
    gateway.script(VIDEO, FILE)
    call.wait(call.wait(call.client(gateway).videos.retrieve("video_1")).save(path))


def clip(call: Call, gateway: LocalGateway, path: Any) -> None:
    gateway.script({**CLIP, "data": {**CLIP["data"], "result_url": f"{gateway.base_url}/cat.mp4"}}, FILE)  # type: ignore[dict-item]
    call.wait(call.wait(call.client(gateway).videos.generations.retrieve("t")).save(path))


def task(call: Call, gateway: LocalGateway, path: Any) -> None:
    gateway.script({**TASK, "imageUrl": f"{gateway.base_url}/cat.png"}, FILE)
    assert call.wait(call.wait(call.client(gateway).midjourney.fetch("1")).save(path)) == str(path)


SAVERS: list[Callable[[Call, LocalGateway, Any], None]] = [
    download, image, image_at_a_url, event, blob, speech, streamed_speech, video, clip, task,
]  # fmt: skip


@pytest.mark.parametrize("save", SAVERS, ids=lambda save: save.__name__)
def test_a_file_is_written_whole_and_keeps_its_mode(
    save: Callable[[Call, LocalGateway, Any], None], call: Call, gateway: LocalGateway, tmp_path: pathlib.Path
) -> None:
    path, link, precious = tmp_path / "图 片.png", tmp_path / "link.png", tmp_path / "precious"
    save(call, gateway, path)
    assert path.read_bytes() == PNG
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    path.write_bytes(b"longer" * 100_000)
    path.chmod(0o640)
    save(call, gateway, str(path))
    assert path.read_bytes() == PNG and stat.S_IMODE(path.stat().st_mode) == 0o640
    # A link is replaced; what it leads to stays.
    precious.write_bytes(b"mine")
    link.symlink_to(precious)
    save(call, gateway, link)
    assert (precious.read_bytes(), link.read_bytes(), link.is_symlink()) == (b"mine", PNG, False)
    assert {file.name for file in tmp_path.iterdir()} == {path.name, link.name, precious.name}
    with pytest.raises(FileNotFoundError, match=r"none/cat\.png"):
        save(call, gateway, tmp_path / "none" / "cat.png")


def test_a_folder_is_no_file(call: Call, gateway: LocalGateway, tmp_path: pathlib.Path) -> None:
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        download(call, gateway, tmp_path)
    assert list(tmp_path.iterdir()) == [] and gateway.last_request is None  # nothing was fetched for that


def test_a_link_to_a_folder_is_a_folder(call: Call, gateway: LocalGateway, tmp_path: pathlib.Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        download(call, gateway, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    download(call, gateway, tmp_path / "link" / "cat.png")
    assert [file.name for file in (tmp_path / "real").iterdir()] == ["cat.png"]


def test_what_goes_wrong_is_told_though_the_folder_is_gone(tmp_path: pathlib.Path) -> None:
    (tmp_path / "gone").mkdir()
    with pytest.raises(ZeroDivisionError), written(tmp_path / "gone" / "cat.png"):
        shutil.rmtree(tmp_path / "gone")
        raise ZeroDivisionError


def test_ctrl_c_as_a_file_is_begun(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"before")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fchmod", interrupted)
    with pytest.raises(KeyboardInterrupt):
        GeminiBlob(data=TEXT).save(path)
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == b"before"


def test_a_pipe_stays_one(call: Call, gateway: LocalGateway, tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    download(call, gateway, tmp_path / "pipe")
    reader.join(10)
    assert got == [PNG]


def test_two_writers_to_one_path(gateway: LocalGateway, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "cat.bin"
    contents = [bytes([n]) * 300_000 for n in range(8)]
    failed: list[BaseException] = []

    def write(content: bytes) -> None:
        try:
            for _ in range(5):
                GeminiBlob(data=base64.b64encode(content).decode()).save(path)
                assert path.read_bytes() in contents
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failed and path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("links", [True, False])
def test_a_writer_that_replaces_nothing(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:  # as on FAT
        monkeypatch.setattr(os, "link", refuse)
    path, mine = tmp_path / "a", tmp_path / "mine"
    with written(path, replace=False) as file:
        file.write(b"first")
    mine.write_bytes(b"mine")
    (tmp_path / "dangling").symlink_to("nowhere")
    for there in (path, tmp_path / "dangling"):
        with pytest.raises(FileExistsError), written(there, replace=False):
            pytest.fail("it is there")
    late = tmp_path / "late"
    with pytest.raises(FileExistsError), written(late, replace=False) as file:
        file.write(b"second")
        late.write_bytes(b"mine")
    assert path.read_bytes() == b"first" and late.read_bytes() == b"mine"
    assert sorted(os.listdir(tmp_path)) == ["a", "dangling", "late", "mine"]


def test_what_is_interrupted_leaves_nothing(gateway: LocalGateway, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"before")
    gateway.script(Reply(body=PNG, headers={"Content-Type": "image/png"}, stall=4096))

    async def cancelled() -> None:
        saving = asyncio.create_task(gateway.async_client().download(f"{gateway.base_url}/cat.png", path))
        while len(list(tmp_path.iterdir())) < 2:  # until the file is begun
            await asyncio.sleep(0.001)
        saving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saving

    asyncio.run(cancelled())
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == b"before"


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
# Between open() and the name of what it gave, Python closes the file, with a warning.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_ctrl_c_leaves_nothing(gateway: LocalGateway, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "cat.png"
    gateway.script(Reply(body=PNG, headers={"Content-Type": "image/png"}, stall=4096))

    def interrupt() -> None:
        while not list(tmp_path.iterdir()):  # until the file is begun
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            gateway.client().download(f"{gateway.base_url}/cat.png", path, timeout=60)
    finally:
        thread.join(10)
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("id", "name"),
    [("../victim", "___victim"), ("/etc/passwd", "_etc_passwd"), ("a\x00b", "a_b"), ("..", "__"), ("-rf", "_-rf"),
     ("com1", "_com1"), ("NUL", "_NUL"), ("图", "_"), ("C:\\x", "C__x"), ("a" * 300, "a" * 100), ("1-a_B", "1-a_B")],
)  # fmt: skip
def test_names_of_a_server_lead_nowhere_else(
    call: Call, gateway: LocalGateway, tmp_path: pathlib.Path, id: str, name: str
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    gateway.script({**TASK, "id": id, "imageUrl": f"{gateway.base_url}/x"}, FILE)
    saved = call.wait(call.wait(call.client(gateway).midjourney.fetch("1")).save(folder))
    assert saved == str(folder / f"{name}.png")
    assert [file.name for file in folder.iterdir()] == [f"{name}.png"] and list(tmp_path.iterdir()) == [folder]


def test_the_key_goes_to_the_gateway_s_own_files_alone(
    call: Call, gateway: LocalGateway, tmp_path: pathlib.Path
) -> None:
    with LocalGateway(host="127.0.0.2") as other:
        for at, key in ((gateway, f"Bearer {gateway.api_key}"), (other, None)):
            url = f"{at.root}/v1/videos/t/content"
            gateway.script({**CLIP, "data": {**CLIP["data"], "result_url": url}})  # type: ignore[dict-item]
            at.script(FILE)
            done = call.wait(call.client(gateway).videos.generations.retrieve("t"))
            call.wait(done.save(tmp_path / "a.mp4"))
            assert at.last_request.path == "/v1/videos/t/content"  # type: ignore[union-attr]
            assert at.last_request.header("authorization") == key  # type: ignore[union-attr]


def test_a_video_that_came_with_the_reply_or_not_at_all(
    call: Call, gateway: LocalGateway, tmp_path: pathlib.Path
) -> None:
    data = {**CLIP["data"], "result_url": f"data:video/mp4;base64,{TEXT}"}  # type: ignore[dict-item]
    gateway.script({**CLIP, "data": data}, {"task_id": "t", "status": "queued"}, CLIP)
    client = call.client(gateway)
    call.wait(call.wait(client.videos.generations.retrieve("t")).save(tmp_path / "a.mp4"))
    assert (tmp_path / "a.mp4").read_bytes() == PNG
    for words in ("no file \\(status 'queued'\\): wait", "no file \\(status 'SUCCESS'\\)$"):
        with pytest.raises(ValueError, match=words):
            call.wait(call.wait(client.videos.generations.retrieve("t")).save(tmp_path / "b.mp4"))
    assert not (tmp_path / "b.mp4").exists()
