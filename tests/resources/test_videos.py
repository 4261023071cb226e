"""Videos through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

import base64
import copy
import inspect
import io
import json
import pickle
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from conftest import Call, sample

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import AsyncVideo, AsyncVideoGeneration, Video, VideoGeneration

PNG = b"\x89PNG\r\n\x1a\n and so on"
CAT: dict[str, Any] = {"model": "sora-2", "prompt": "画只猫在草地上跳舞"}
KLING = "n9-video-generations-kling"
FAST: dict[str, Any] = {"poll": 0.001}
CREATED = sample("n7-videos-create/response.json")
DONE = sample("n8-videos-retrieve/response.json")
FAILED = sample("n8-videos-retrieve/response_failed.json")
BEGUN = sample(f"{KLING}/response.json")
FETCHED = sample(f"{KLING}/response_fetch.json")


def sent(gateway: LocalGateway) -> Any:
    assert gateway.last_request is not None
    return gateway.last_request.json()


def paths(gateway: LocalGateway) -> list[str]:
    return [f"{request.method} {request.path}" for request in gateway.requests]


def begin(call: Call, gateway: LocalGateway, **params: Any) -> Any:
    return call.wait(call.client(gateway).videos.create(**{**CAT, **params}))


def test_samples(call: Call, gateway: LocalGateway) -> None:
    gateway.script(CREATED, DONE, FAILED)
    videos = call.client(gateway).videos
    video = begin(call, gateway)
    assert (video.done, video.failed, video.url) == (False, False, None)
    done = call.wait(video.refresh())
    assert paths(gateway)[-1] == "GET /v1/videos/video_68e6ab2f"
    assert type(done) is (AsyncVideo if call.is_async else Video)
    assert done.to_dict() == DONE
    assert (done.done, done.failed, done.url) == (True, False, DONE["metadata"]["url"])
    assert copy.deepcopy(done) == done
    failed = call.wait(videos.retrieve("video_68e6ab2f"))  # its error is its own, and no error of the call
    assert (failed.done, failed.failed, failed.error.code) == (True, True, "moderation_blocked")


@pytest.mark.parametrize(("seconds", "wire"), [(8, "8"), ("12", "12"), (None, None)])
def test_seconds_are_a_text_on_the_wire(call: Call, gateway: LocalGateway, seconds: Any, wire: Any) -> None:
    begin(call, gateway, seconds=seconds)
    assert sent(gateway)["seconds"] == wire


def test_from_begin_to_file(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []
    video = begin(call, gateway, seconds=8, size="1280x720")
    assert (video.status, video.progress, video.seconds, video.size) == ("queued", 0, "8", "1280x720")
    assert "x-new-api-other-ratios" in video.headers
    done = call.wait(video.wait(progress=lambda video: seen.append((video.status, video.progress)), **FAST))
    assert seen == [("in_progress", 30), ("in_progress", 70), ("completed", 100)]
    assert done.url.endswith(f"{video.id}.mp4")
    assert paths(gateway) == ["POST /v1/videos", *[f"GET /v1/videos/{video.id}"] * 3]
    call.wait(done.save(tmp_path / "cat.mp4"))
    data = (tmp_path / "cat.mp4").read_bytes()
    assert data[4:8] == b"ftyp"
    content = call.wait(call.client(gateway).videos.download_content(video.id))
    assert (content.content, content.content_type) == (data, "video/mp4")
    assert paths(gateway)[-1] == f"GET /v1/videos/{video.id}/content"
    # A part of it, where the gateway is new enough.
    part = call.wait(call.client(gateway).videos.download_content(video.id, extra_headers={"range": "bytes=4-7"}))
    assert (part.content, part.headers["content-range"]) == (b"ftyp", f"bytes 4-7/{len(data)}")
    assert call.wait(done.wait(**FAST)) == done  # nothing to wait for
    remixed = call.wait(call.client(gateway).videos.remix(video.id, prompt="in the rain"))
    assert (remixed.remixed_from_video_id, remixed.seconds, sent(gateway)) == (video.id, "8", {"prompt": "in the rain"})


def test_download_that_breaks_off_leaves_no_file(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    video = call.wait(begin(call, gateway).wait(**FAST))
    gateway.script(Reply(body=b"x" * 1000, headers={"content-type": "video/mp4"}, cut=500))
    with pytest.raises(wenwen.APIConnectionError):
        call.wait(video.save(tmp_path / "cat.mp4"))
    assert list(tmp_path.iterdir()) == []


def test_content_that_is_not_there(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    videos = call.client(gateway).videos
    video = begin(call, gateway)
    for path in (None, tmp_path / "cat.mp4"):
        with pytest.raises(wenwen.BadRequestError, match="not completed yet, current status: queued"):
            call.wait(videos.download_content(video.id, path))
        with pytest.raises(wenwen.NotFoundError, match="Task not found"):
            call.wait(videos.download_content("video_nobody", path))
    assert list(tmp_path.iterdir()) == []


def test_errors_are_flat(call: Call, gateway: LocalGateway) -> None:
    videos = call.client(gateway).videos
    for make in (lambda: videos.retrieve("nobody"), lambda: videos.generations.retrieve("nobody")):
        with pytest.raises(wenwen.BadRequestError, match="task_not_exist") as caught:
            call.wait(make())
        assert caught.value.code == "task_not_exist"
        assert caught.value.body == sample(f"{KLING}/response_error.json")
    for make in (
        lambda: videos.create(model="sora-2", prompt=" "),
        lambda: videos.generations.create(model="k", prompt=""),
    ):
        with pytest.raises(wenwen.BadRequestError, match="prompt is required"):
            call.wait(make())
    with pytest.raises(wenwen.BadRequestError, match="sora-2 size is invalid"):
        begin(call, gateway, size="1024x1792")
    with pytest.raises(wenwen.BadRequestError, match="Supported values are: '4', '8'") as refused:
        begin(call, gateway, seconds=5)
    assert json.loads(refused.value.body["message"])["error"]["param"] == "seconds"  # what the upstream sent, whole
    with pytest.raises(wenwen.BadRequestError, match="seconds of type string"):
        begin(call, gateway, extra_body={"seconds": 4})
    gateway.script(500)
    with pytest.raises(wenwen.InternalServerError) as failed:
        call.wait(videos.retrieve("video_1", max_retries=0))
    assert (failed.value.body["code"], failed.value.body["data"]) == ("fail_to_fetch_task", None)


def test_bad_input_is_refused_here(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    videos = call.client(gateway).videos
    with pytest.raises(TypeError, match="'prompt'"):
        call.wait(videos.create(model="sora-2"))
    with pytest.raises(TypeError, match="duration"):
        call.wait(videos.create(duration=4, **CAT))
    with pytest.raises(TypeError, match="size"):
        call.wait(videos.create(size=720, **CAT))
    with pytest.raises(ValueError, match="video_id"):
        call.wait(videos.retrieve(""))
    with pytest.raises(FileNotFoundError):
        call.wait(videos.create(input_reference=tmp_path / "nobody.png", **CAT))
    assert gateway.requests == []


def test_a_first_picture(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    for picture in (PNG, path):
        assert begin(call, gateway, input_reference=picture, seconds=4).status == "queued"
        request = gateway.last_request
        assert request is not None
        assert (request.header("content-type") or "").startswith("multipart/form-data; boundary=")
        assert b'name="input_reference"; filename="' in request.body
        assert b"Content-Type: image/png\r\n\r\n" + PNG in request.body
        assert b'name="seconds"\r\n\r\n4\r\n' in request.body
    url = "https://files.example.com/cat.png"
    begin(call, gateway, input_reference=url)
    assert sent(gateway) == {**CAT, "input_reference": url}
    begin(call, gateway, images=[PNG, url])
    data = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert sent(gateway)["images"] == [data, url]


# ---- waiting ----


def test_failure_carries_the_video(call: Call, gateway: LocalGateway) -> None:
    gateway.script(CREATED, {**CREATED, "status": "in_progress", "progress": 50}, FAILED)
    video = begin(call, gateway)
    with pytest.raises(wenwen.TaskFailedError, match="content policy violation") as caught:
        call.wait(video.wait(**FAST))
    assert caught.value.task == FAILED
    assert type(caught.value.task) is type(video)
    assert "moderation_blocked" in str(caught.value)
    assert isinstance(caught.value, wenwen.WenwenError)
    assert pickle.loads(pickle.dumps(caught.value)).task == FAILED


def test_deadline_carries_the_video(call: Call, gateway: LocalGateway) -> None:
    gateway.script(CREATED, Reply(json={**CREATED, "status": "in_progress", "progress": 50}, times=None))
    video = begin(call, gateway)
    with pytest.raises(
        wenwen.TaskTimeoutError, match=r"the task has not ended within 0.5 s: .* \(50 % in progress\)"
    ) as caught:
        call.wait(video.wait(timeout=0.5, poll=0.01))
    assert caught.value.task.progress == 50
    assert isinstance(caught.value, wenwen.APITimeoutError)
    assert (caught.value.category, caught.value.limit) == ("timeout", "total")
    assert len(gateway.requests) > 2
    gateway.clear_script()
    gateway.script(Reply(json=DONE, times=None))  # the look that the deadline broke off may take one
    assert call.wait(caught.value.task.wait(wenwen.NO_TIMEOUT, **FAST)).status == "completed"


def test_one_look_comes_before_a_short_deadline(call: Call, gateway: LocalGateway) -> None:
    gateway.script(CREATED, DONE)
    assert call.wait(begin(call, gateway).wait(timeout=0.2, poll=60)).status == "completed"


def test_waiting_survives_what_passes(call: Call, gateway: LocalGateway) -> None:
    gateway.script(CREATED, 502, Reply(close=True), 429, Reply(html="<p>", status=504), 500, DONE)
    client = call.client(gateway, max_retries=0)
    video = call.wait(client.videos.create(**CAT))
    assert call.wait(video.wait(**FAST)).status == "completed"
    assert gateway.script_left == 0


def test_waiting_ends_with_what_does_not_pass(call: Call, gateway: LocalGateway) -> None:
    for error in (401, Reply(status=400, json=sample(f"{KLING}/response_error.json"))):
        gateway.script(CREATED, error)
        with pytest.raises(wenwen.APIStatusError):
            call.wait(begin(call, gateway).wait(**FAST))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"timeout": 0}, ValueError, "timeout is 0: give seconds above 0, or wenwen.NO_TIMEOUT"),
        ({"timeout": "5"}, ValueError, "timeout is '5'"),
        ({"poll": 0}, ValueError, "poll is 0: give seconds above 0"),
        ({"poll": None}, ValueError, "poll is None"),
        ({"poll": True}, ValueError, "poll is True"),
        ({"progress": 1}, TypeError, "progress is 1: give True for a bar"),
    ],
)
def test_odd_options_of_wait(call: Call, gateway: LocalGateway, options: Any, error: Any, message: str) -> None:
    video = begin(call, gateway)
    with pytest.raises(error, match=message):
        call.wait(video.wait(**options))
    assert len(gateway.requests) == 1


def test_progress_that_raises_ends_the_wait(call: Call, gateway: LocalGateway) -> None:
    video = begin(call, gateway)
    with pytest.raises(ZeroDivisionError):
        call.wait(video.wait(progress=lambda video: 1 // (video.progress - 70), **FAST))


def test_progress_that_is_awaited(gateway: LocalGateway) -> None:
    import asyncio

    seen: list[int] = []

    async def progress(video: AsyncVideo) -> None:
        await asyncio.sleep(0)
        seen.append(video.progress)

    async def main() -> None:
        video = await gateway.async_client().videos.create(**CAT)
        await video.wait(progress=progress, poll=0.001)

    asyncio.run(main())
    assert seen == [30, 70, 100]


def test_progress_that_only_an_async_client_awaits(gateway: LocalGateway) -> None:
    import asyncio

    async def progress(video: Video) -> None:
        await asyncio.sleep(0)

    video = gateway.client().videos.create(**CAT)
    with pytest.raises(TypeError, match="progress has to be awaited: give a plain function"):
        video.wait(progress=progress)


def test_progress_line(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    video = begin(call, gateway)
    call.wait(video.wait(progress=True, **FAST))
    assert screen.getvalue().splitlines() == [
        f"task {video.id} {state}" for state in ("30 % in progress", "70 % in progress", "100 % completed")
    ]
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    call.wait(begin(call, gateway).wait(progress=True, **FAST))
    shown = terminal.getvalue()
    assert shown.count("\r") == 3
    assert shown.endswith(" 100 % completed" + " " * (len("70 % in progress") - len("100 % completed")) + "\n")
    monkeypatch.setattr(sys, "stderr", None)  # as under pythonw
    assert call.wait(begin(call, gateway).wait(progress=True, **FAST)).status == "completed"


def test_progress_bar_of_tqdm(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []

    class Bar:
        n = 0

        def __init__(self, **options: Any) -> None:
            shown.append(options)

        def set_description(self, words: str, refresh: bool) -> None:
            self.words = words

        def refresh(self) -> None:
            shown.append((self.words.split(maxsplit=2)[2], self.n))

        def close(self) -> None:
            shown.append("closed")

    module = types.ModuleType("tqdm.auto")
    module.tqdm = Bar  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    call.wait(begin(call, gateway).wait(progress=True, **FAST))
    states = [("in progress", 30), ("in progress", 70), ("completed", 100)]
    bar = {"total": 100, "unit": "%", "bar_format": "{desc}{percentage:3.0f}%|{bar}| {elapsed}"}  # no rate
    assert shown == [bar, *states, "closed"]


def test_openais_names_of_it(call: Call, gateway: LocalGateway) -> None:
    """They return a failed video as it is."""
    videos = call.client(gateway).videos
    video = call.wait(videos.create_and_poll(poll_interval_ms=1, seconds=8, **CAT))
    assert (video.status, video.seconds) == ("completed", "8")
    assert call.wait(videos.poll(video.id, poll_interval_ms=1)) == video
    gateway.script(CREATED, FAILED)
    assert call.wait(videos.create_and_poll(poll_interval_ms=1, **CAT)).status == "failed"
    gateway.script(CREATED, Reply(json=CREATED, times=None))
    with pytest.raises(wenwen.TaskTimeoutError):
        call.wait(videos.create_and_poll(poll_interval_ms=1, timeout=0.3, **CAT))
    with pytest.raises(ValueError, match="poll"):
        call.wait(videos.create_and_poll(poll_interval_ms=0, **CAT))
    gateway.clear_script()
    limits: Any
    for limits in (None, wenwen.NO_TIMEOUT, wenwen.Timeout(60)):
        assert call.wait(videos.create_and_poll(poll_interval_ms=1, timeout=limits, **CAT)).status == "completed"


def test_help_of_openais_names(call: Call, gateway: LocalGateway) -> None:
    videos = call.client(gateway).videos
    for method, first in ((videos.create_and_poll, "model"), (videos.poll, "video_id")):
        names = list(inspect.signature(method).parameters)
        assert names[0] == first
        assert {"poll_interval_ms", "progress", "timeout"} < set(names)
        for name in names[1:]:
            assert f"    {name}:" in method.__doc__
    assert inspect.signature(wenwen.create_video).parameters["prompt"].default is inspect.Parameter.empty


def test_a_pickled_video_waits_with_the_default_settings(
    gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = pickle.loads(pickle.dumps(gateway.client().videos.create(**CAT)))
    for name, value in gateway.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("wenwen._client._default", None)
    assert video.wait(**FAST).status == "completed"
    monkeypatch.setattr("wenwen._client._default", None)


# ---- what is billed ----


@pytest.mark.parametrize("failure", [500, 502, 504, 524, Reply(close=True), Reply(json={}, cut=1), Reply(status=503)])
def test_a_submit_that_may_have_been_accepted_is_not_repeated(call: Call, gateway: LocalGateway, failure: Any) -> None:
    if isinstance(failure, Reply) and failure.status == 503:
        failure = Reply(status=503, json={"code": "overloaded", "message": "busy", "data": None})
    videos = call.client(gateway).videos
    for make in (
        lambda: videos.create(**CAT),
        lambda: videos.remix("video_1", prompt="x"),
        lambda: videos.generations.create(model="kling-v1-6", prompt="x"),
    ):
        gateway.clear()
        gateway.script(failure)
        with pytest.raises(wenwen.APIError, match="may exist all the same, and be billed"):
            call.wait(make())
        assert len(gateway.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_submit_that_was_turned_away_is_repeated(call: Call, gateway: LocalGateway, status: int) -> None:
    gateway.script(Reply(status=status, headers={"retry-after-ms": "1"}))
    assert begin(call, gateway).status == "queued"
    assert paths(gateway) == ["POST /v1/videos"] * 2


def test_looks_are_repeated(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(status=502, headers={"retry-after-ms": "1"}), DONE)
    assert call.wait(call.client(gateway).videos.retrieve("video_68e6ab2f")).status == "completed"


# ---- Kling ----


def test_kling_samples(call: Call, gateway: LocalGateway) -> None:
    gateway.script(BEGUN, FETCHED)
    task = call.wait(call.client(gateway).videos.generations.create(model="kling-v1-6", prompt="x"))
    assert (task.task_id, task.status, task.progress, task.done, task.url) == ("task_9f1c", "queued", 0, False, None)
    done = call.wait(task.refresh())
    assert paths(gateway)[-1] == "GET /v1/video/generations/task_9f1c"
    assert type(done) is (AsyncVideoGeneration if call.is_async else VideoGeneration)
    assert done.to_dict() == FETCHED
    assert (done.task_id, done.status, done.progress) == ("task_9f1c", "SUCCESS", 100)
    assert (done.done, done.failed, done.fail_reason) == (True, False, None)
    assert done.url == "https://files.example.com/k/1.mp4"
    assert copy.deepcopy(done) == done


URL = "https://files.example.com/k/2.mp4"


@pytest.mark.parametrize(
    ("data", "url"),
    [
        ({"status": "SUCCESS", "result_url": URL, "data": FETCHED["data"]["data"]}, URL),
        ({"status": "SUCCESS", "fail_reason": URL}, URL),  # older builds
        ({"status": "SUCCESS", "fail_reason": "", "data": {"works": [{"video": {"url": URL}}]}}, URL),
        ({"status": "SUCCESS", "fail_reason": "", "data": None}, None),
        ({"status": "IN_PROGRESS", "result_url": URL}, None),
        ({"status": "FAILURE", "fail_reason": URL}, None),
    ],
)
def test_where_the_video_is(data: dict[str, Any], url: str | None) -> None:
    assert VideoGeneration({"code": "success", "data": data}).url == url


@pytest.mark.parametrize(
    ("progress", "per_cent"), [("50%", 50), ("", 0), (None, 0), ("7.5%", 7), (30, 30), ("soon", 0)]
)
def test_progress_of_kling(progress: Any, per_cent: int) -> None:
    assert VideoGeneration({"data": {"status": "IN_PROGRESS", "progress": progress}}).progress == per_cent


def test_kling_from_begin_to_end(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    generations = call.client(gateway).videos.generations
    seen: list[tuple[str, int]] = []
    params: Any = {"model": "kling-v1-6", "prompt": "x", "image": path, "metadata": {"image_tail": PNG}, "duration": 5}
    task = call.wait(generations.create(**params))
    data = base64.b64encode(PNG).decode()
    assert sent(gateway) == {**params, "image": data, "metadata": {"image_tail": data}}
    done = call.wait(task.wait(progress=lambda task: seen.append((task.status, task.progress)), **FAST))
    assert seen == [("QUEUED", 20), ("IN_PROGRESS", 50), ("SUCCESS", 100)]
    assert done.url == f"https://files.example.com/k/{task.task_id}.mp4"
    assert (done.data.action, done.data.data["data"]["task_status"]) == ("generate", "succeed")


def test_kling_failure(call: Call, gateway: LocalGateway) -> None:
    data = {**FETCHED["data"], "status": "FAILURE", "fail_reason": "内容违规", "data": None}
    gateway.script(BEGUN, {**FETCHED, "data": data})
    task = call.wait(call.client(gateway).videos.generations.create(model="kling-v1-6", prompt="x"))
    with pytest.raises(wenwen.TaskFailedError, match="video task_9f1c failed: 内容违规") as caught:
        call.wait(task.wait(**FAST))
    assert caught.value.task.data == data


def test_sync_video_in_a_chat(call: Call, gateway: LocalGateway) -> None:
    """N11: one long call to chat; the link is in the answer."""
    request = sample("n11-chat-video-sync/request.json")
    reply = call.wait(call.client(gateway).chat.completions.create(**request))
    assert sent(gateway) == request
    assert ".mp4)" in reply.choices[0].message.content


def test_function_and_raw_forms(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in gateway.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("wenwen._client._default", None)
    module: Any = wenwen.aio if call.is_async else wenwen
    video = call.wait(module.create_video(**CAT))
    assert call.wait(video.wait(**FAST)).status == "completed"
    videos = call.client(gateway).videos
    raw = call.wait(videos.with_raw_response.retrieve(video.id))
    assert (raw.status_code, raw.parse().id) == (200, video.id)
    raw = call.wait(videos.with_raw_response.generations.create(model="k", prompt="x"))
    assert raw.parse().status == "queued"
    with call.open(videos.with_streaming_response.download_content(video.id)) as body:
        assert call.wait(body.read())[4:8] == b"ftyp"
    monkeypatch.setattr("wenwen._client._default", None)


# Of other servers, and Kling's own paths


@pytest.mark.parametrize("given", ["id", "reply", "file"])
def test_a_video_made_of_another(call: Call, gateway: LocalGateway, tmp_path: Path, given: str) -> None:
    videos = call.client(gateway).videos
    gateway.script(DONE, CREATED, CREATED)
    done = call.wait(videos.retrieve("v"))
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    video = {"id": {"id": done.id}, "reply": done, "file": tmp_path / "a.mp4"}[given]
    edited = call.wait(videos.edit(video=video, prompt="in the rain"))
    assert type(edited) is (AsyncVideo if call.is_async else Video)
    call.wait(videos.extend(video=video, prompt="it goes on", seconds=8))
    assert paths(gateway)[1:] == ["POST /v1/videos/edits", "POST /v1/videos/extensions"]
    edit, extend = gateway.requests[1:]
    if given == "file":
        assert edit.form()["video"] == [("a.mp4", "video/mp4", b"\0\0\0\x18ftypmp42")]
        assert (extend.form()["seconds"], extend.form()["prompt"]) == (["8"], ["it goes on"])
    else:
        assert edit.json() == {"video": {"id": done.id}, "prompt": "in the rain"}
        assert extend.json() == {"video": {"id": done.id}, "prompt": "it goes on", "seconds": "8"}


def test_a_reference_in_place_of_a_picture(call: Call, gateway: LocalGateway) -> None:
    begin(call, gateway, input_reference={"image_url": "https://example.com/a.png"})
    assert sent(gateway)["input_reference"] == {"image_url": "https://example.com/a.png"}


def test_videos_that_are_kept(call: Call, gateway: LocalGateway) -> None:
    videos = call.client(gateway).videos
    page = {"object": "list", "data": [DONE], "first_id": "a", "last_id": "b", "has_more": True}
    character = {"id": "char_1", "name": "Tom", "created_at": 1}
    gateway.script(page, page, {"id": "v", "object": "video.deleted", "deleted": True}, character, character)
    listed = call.wait(videos.list(after="a", limit=2, order="asc"))
    assert [video.id for video in listed] == [DONE["id"]]
    assert type(listed.data[0]) is (AsyncVideo if call.is_async else Video)
    assert (listed.has_more, listed.last_id, gateway.requests[0].query) == (True, "b", "after=a&limit=2&order=asc")
    if call.is_async:
        assert [video.id for video in call.each(videos.list())] == [DONE["id"]]
    else:
        assert [video.id for video in videos.list()] == [DONE["id"]]
    assert call.wait(videos.delete("v")).deleted is True
    assert call.wait(videos.create_character(name="Tom", video=b"abc")).id == "char_1"
    assert gateway.requests[-1].form()["name"] == ["Tom"]
    assert call.wait(videos.get_character("char_1")).name == "Tom"
    assert paths(gateway)[2:] == [
        "DELETE /v1/videos/v",
        "POST /v1/videos/characters",
        "GET /v1/videos/characters/char_1",
    ]


@pytest.mark.parametrize("variant", ["thumbnail", "spritesheet", None])
def test_pictures_of_a_video(call: Call, gateway: LocalGateway, tmp_path: Path, variant: Any) -> None:
    videos = call.client(gateway).videos
    gateway.script(*[Reply(body=PNG, headers={"content-type": "image/png"})] * 2)
    assert call.wait(videos.download_content("v", variant=variant)).content == PNG
    call.wait(videos.download_content("v", tmp_path / "a.png", variant=variant))
    assert (tmp_path / "a.png").read_bytes() == PNG
    assert {request.query for request in gateway.requests} == {f"variant={variant}" if variant else ""}


@pytest.mark.parametrize("name", ["text2video", "image2video"])
def test_klings_own_paths(call: Call, gateway: LocalGateway, name: str) -> None:
    kling = call.client(gateway).videos.kling
    params = {"image": PNG} if name == "image2video" else {}
    task = call.wait(getattr(kling, name)(model="kling-v1-6", prompt="A cat", **params))
    assert type(task) is (AsyncVideoGeneration if call.is_async else VideoGeneration)
    assert paths(gateway) == [f"POST /kling/v1/videos/{name}"]
    assert call.wait(task.wait(**FAST)).url
    assert call.wait(getattr(kling.with_raw_response, name)(model="k", prompt="A cat")).status_code == 200


def test_a_video_of_no_model_is_openais_default(call: Call, gateway: LocalGateway) -> None:
    videos = call.client(gateway).videos
    call.wait(videos.create(prompt="a cat"))
    call.wait(videos.create(prompt="a cat", extra_body={"model": "veo"}))
    call.wait(videos.create(prompt="a cat", model="sora-2-pro"))
    assert [request.json()["model"] for request in gateway.requests] == ["sora-2", "veo", "sora-2-pro"]
