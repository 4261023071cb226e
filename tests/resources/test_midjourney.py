"""`/mj` through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

import base64
import copy
import pickle
import socket
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES, Call, sample

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import Task

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
URI = "data:image/png;base64," + base64.b64encode(PNG).decode()
ONCE = {"retry-after-ms": "1"}
QUICK: Any = {"poll": 0.001}


def submit_reply(**fields: Any) -> Reply:
    """A submit's reply as the gateway writes it: JSON that is called text."""
    import json

    body = {"code": 1, "description": "提交成功", "properties": {}, "result": "1", **fields}
    return Reply(text=json.dumps(body), headers=ONCE)


def finished(call: Call, gateway: LocalGateway, prompt: str = "Cat", **options: Any) -> Any:
    client = call.client(gateway, **options)
    return call.wait(call.wait(client.midjourney.imagine(prompt=prompt)).wait(**QUICK))


# ---- the samples ----


TASKS = sorted(
    path.relative_to(SAMPLES)
    for path in (*SAMPLES.glob("5.[136]-*/response*.json"), *SAMPLES.glob("5.2-*/response*.json"))
    if not any(word in path.name for word in ("queue_full", "banned", "not_found"))
)


@pytest.mark.parametrize("path", TASKS, ids=str)
def test_names_of_the_samples(path: Path) -> None:
    data = sample(str(path))
    task = Task(data)
    assert copy.deepcopy(task) == task == data
    assert task.id == str(data.get("id") or data["result"])
    for wire, name in {"imageUrl": "image_url", "failReason": "fail_reason", "submitTime": "submit_time"}.items():
        assert getattr(task, wire) == getattr(task, name) == data.get(wire)


def test_states_of_the_samples() -> None:
    def task(name: str) -> Task:
        return Task(sample(f"5.3-mj-task-fetch/response{name}.json"))

    new, running, good, bad = task("_just_submitted"), task("_in_progress"), task(""), task("_failure")
    assert [t.is_done for t in (new, running, good, bad)] == [False, False, True, True]
    assert [t.succeeded for t in (new, running, good, bad)] == [False, False, True, False]
    assert [t.percent for t in (new, running, good, bad)] == [0, 46, 100, 100]
    assert bad.failed and bad.fail_reason == "[Banned prompt detected] ..."
    assert new.buttons is None and new.properties is None and new.queue_position is None
    assert good.button("u1").custom_id == good.button(good.button("U1").customId).customId
    assert not Task(status="PAUSED_BY_MARS", progress="").is_done and Task(progress="").percent is None
    assert Task(progress="waiting").percent is None and Task(progress="250%").percent == 100
    assert Task(status="CANCEL").failed


def test_submits_that_are_accepted(call: Call, gateway: LocalGateway) -> None:
    gateway.script(
        Reply(json=sample("5.1-mj-imagine/response_string_result.json")),
        Reply(json=sample("5.1-mj-imagine/response_queued_22.json")),
        Reply(json=sample("5.6-mj-action/response_exists_21.json")),
        submit_reply(code=21, description="Waiting for window confirm", properties={"remix": True}),
    )
    midjourney = call.client(gateway).midjourney
    plain, queued, exists, modal = (call.wait(midjourney.imagine(prompt="Cat")) for _ in range(4))
    assert (plain.id, plain.queue_position, plain.needs_modal) == ("1730621826053455", None, False)
    assert (queued.id, queued.queue_position, queued.needs_modal) == ("0741798445574458", 1, False)
    assert (exists.id, exists.code, exists.needs_modal) == ("0741798445574458", 21, False)
    assert (modal.id, modal.needs_modal) == ("1", True)
    with pytest.raises(wenwen.WenwenError, match=r"task 1 has not begun: it waits for task\.modal"):
        call.wait(modal.wait())
    assert len(gateway.requests) == 4


# ---- errors, and what is sent again ----


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (sample("5.1-mj-imagine/response_queue_full_23.json"), wenwen.RateLimitError, "队列已满,请稍后尝试"),
        (sample("5.1-mj-imagine/response_banned_24.json"), wenwen.BadRequestError, 'the banned word is "nude"'),
        ({"code": 3, "description": "无可用的账号实例"}, wenwen.ServiceUnavailableError, "无可用的账号实例"),
        ({"code": 4, "description": "base64格式错误"}, wenwen.BadRequestError, "base64格式错误"),
        ({"code": 5, "description": "x"}, wenwen.InternalServerError, "the task may exist"),
        ({"code": 9, "description": "x"}, wenwen.InternalServerError, "the task may exist"),
        ({"code": "30", "description": "x"}, wenwen.RateLimitError, "x"),
        ({"code": 77, "description": "x"}, wenwen.APIError, "x"),
    ],
    ids=lambda value: str(value["code"]) if isinstance(value, dict) else "",
)
def test_errors_inside_a_200(call: Call, gateway: LocalGateway, body: Any, kind: type, words: str) -> None:
    gateway.script(submit_reply(**{"result": None, **body}))
    with pytest.raises(kind, match=words) as caught:
        call.wait(call.client(gateway, max_retries=0).midjourney.imagine(prompt="Cat"))
    error = caught.value
    assert error.code == str(body["code"]) and error.body["code"] == body["code"]
    assert error.response.status_code == 200 and error.status_code != 200
    assert pickle.loads(pickle.dumps(error)).message == error.message
    streamed = gateway.client().midjourney.with_streaming_response.imagine(prompt="Cat")
    gateway.script(submit_reply(**body))
    with streamed as response, pytest.raises(kind):
        response.parse()


@pytest.mark.parametrize("result", [None, "", [], {}])
def test_an_acceptance_without_an_id(call: Call, gateway: LocalGateway, result: Any) -> None:
    """There is nothing to wait for; sent again it might be billed twice."""
    gateway.script(submit_reply(result=result))
    with pytest.raises(wenwen.InternalServerError, match="has no `result`: 提交成功; the task may exist all the same"):
        call.wait(call.client(gateway).midjourney.imagine(prompt="Cat"))
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("name", ["mj_400_quota", "mj_400_task_not_found", "mj_429_code_30", "mj_503_openai_envelope"])
def test_error_envelopes(call: Call, gateway: LocalGateway, name: str) -> None:
    error = sample(f"_errors/{name}.json")
    gateway.script(Reply(status=error["status"], body=error["body"].encode(), headers=error["headers"]))
    with pytest.raises(wenwen.APIStatusError) as caught:
        call.wait(call.client(gateway, max_retries=0).midjourney.imagine(prompt="Cat"))
    assert caught.value.status_code == error["status"]
    wanted = {"mj_400_quota": "quota", "mj_429_code_30": "rate_limit", "mj_503_openai_envelope": "server"}
    assert caught.value.category == wanted.get(name, "bad_request")
    assert "may exist" not in str(caught.value)


UNREACHED = '{"description":"do_request_failed ","type":"upstream_error","code":5}'


@pytest.mark.parametrize(
    ("reply", "submits", "looks", "uncertain"),
    [
        (Reply(close=True), 1, 2, True),
        (Reply(close=True, reset=True), 1, 2, True),
        (Reply(json={"code": 1, "result": 1}, cut=5), 1, 2, True),
        (Reply(stall=0), 1, 1, True),  # until the deadline
        (Reply(status=500, headers=ONCE), 1, 2, True),
        (Reply(status=502, headers=ONCE), 1, 2, True),
        (Reply(status=503, body=b"<html>busy</html>", headers=ONCE), 1, 2, True),
        (Reply(status=504, headers=ONCE), 1, 2, True),
        (Reply(status=524, headers=ONCE), 1, 2, True),
        (Reply(status=408, headers=ONCE), 1, 2, True),
        (Reply(body=b"", headers=ONCE), 1, 1, True),
        (Reply(status=400, body=UNREACHED.encode(), headers=ONCE), 1, 2, True),
        (Reply(status=500, headers={**ONCE, "x-should-retry": "true"}), 1, 2, True),
        (Reply(status=429, headers=ONCE), 2, 2, False),
        (Reply(status=503, headers=ONCE), 2, 2, False),
        (Reply(json={"code": 23, "description": "x"}, headers=ONCE), 2, 2, False),
        (Reply(json={"code": 24, "description": "x"}, headers=ONCE), 1, 1, False),
        (Reply(status=401, headers=ONCE), 1, 1, False),
        (Reply(status=400, headers=ONCE), 1, 1, False),
        (Reply(html="<html></html>"), 1, 1, False),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Reply) else "",
)
def test_a_submit_is_never_sent_twice_where_it_may_have_been_accepted(
    call: Call, gateway: LocalGateway, reply: Reply, submits: int, looks: int, uncertain: bool
) -> None:
    reply.times = None
    gateway.script(reply)
    timeout = 0.5 if reply.stall is not None else 20
    client = call.client(gateway, max_retries=1, timeout=timeout)
    for method, parameters in (
        ("imagine", {"prompt": "Cat"}),
        ("blend", {"base64Array": [URI, URI]}),
        ("action", {"taskId": "1", "customId": "x"}),
        ("modal", {"taskId": "1"}),
        ("change", {"taskId": "1", "action": "UPSCALE", "index": 1}),
        ("simple_change", {"content": "1 U1"}),
        ("describe", {"base64": URI}),
        ("shorten", {"prompt": "Cat"}),
    )[: None if uncertain and reply.stall is None else 1]:
        gateway.clear()
        with pytest.raises(wenwen.APIError) as caught:
            call.wait(getattr(client.midjourney, method)(**parameters))
        assert len(gateway.requests) == caught.value.attempts == submits, method
        assert ("the task may exist all the same, and be billed" in caught.value.message) is uncertain
    gateway.clear()
    with pytest.raises(wenwen.APIError) as caught:
        call.wait(client.midjourney.fetch("1"))
    assert len(gateway.requests) == looks and "may exist" not in str(caught.value)


def test_a_submit_that_found_no_connection_is_sent_again(call: Call) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    client = call.new_client(api_key="sk-x", base_url=f"http://127.0.0.1:{port}", proxy=False, max_retries=1)
    with pytest.raises(wenwen.APIConnectionError) as caught:
        call.wait(client.midjourney.imagine(prompt="Cat"))
    assert caught.value.attempts == 2 and "may exist" not in str(caught.value)


def test_wrong_arguments(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    midjourney = call.client(gateway).midjourney
    for kind, words, send in (
        (TypeError, "Did you mean 'prompt'", lambda: midjourney.imagine(promt="Cat")),
        (TypeError, "misses its required keyword argument 'prompt'", lambda: midjourney.imagine(mode="FAST")),
        (TypeError, "prompt is 5: give str", lambda: midjourney.imagine(prompt=5)),
        (ValueError, r"base64Array\[1\] is 'cat.png'", lambda: midjourney.blend(base64Array=[URI, "cat.png"])),
        (ValueError, "base64Array has 1 images: give 2 to 5", lambda: midjourney.blend(base64Array=[PNG])),
        (ValueError, "base64Array has 6 images: give 2 to 5", lambda: midjourney.blend(base64Array=[PNG] * 6)),
        (TypeError, "is one image", lambda: midjourney.imagine(prompt="x", base64Array=PNG)),
        (TypeError, "is one image", lambda: midjourney.imagine(prompt="x", base64Array=tmp_path)),
        (TypeError, "base64Array is '", lambda: midjourney.imagine(prompt="x", base64Array=URI)),
        (ValueError, "base64 is 'cat.png'", lambda: midjourney.describe(base64="cat.png")),
        (ValueError, "maskBase64 is 'cat.png'", lambda: midjourney.modal(taskId="1", maskBase64="cat.png")),
        (OSError, "nothing.png", lambda: midjourney.describe(base64=tmp_path / "nothing.png")),
        (TypeError, "1.5 is no task", lambda: midjourney.fetch(1.5)),
        (ValueError, 'task_id is ""', lambda: midjourney.fetch("")),
        (TypeError, "'1': give a list", lambda: midjourney.list("1")),
        (TypeError, "'1': give a list", lambda: midjourney.wait("1")),
        (TypeError, "None: give a list", lambda: midjourney.list(None)),
        (TypeError, "None: give a list", lambda: midjourney.wait(None)),
        (ValueError, "'' has no id", lambda: midjourney.wait([""])),
        (ValueError, "poll is 0", lambda: midjourney.wait(["1"], poll=0)),
        (ValueError, "timeout is -1", lambda: midjourney.wait(["1"], timeout=-1)),
    ):
        with pytest.raises(kind, match=words):
            call.wait(send())
    assert gateway.requests == []


def test_images_in_every_form(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    class Picture:  # as PIL's images are
        def _repr_png_(self) -> bytes:
            return PNG

    (tmp_path / "cat.png").write_bytes(PNG)
    images = [PNG, bytearray(PNG), memoryview(PNG), tmp_path / "cat.png", Picture(), URI]
    midjourney = call.client(gateway).midjourney
    call.wait(midjourney.imagine(prompt="Cat", base64Array=iter(images)))
    sent = gateway.last_request
    assert sent and sent.json() == {"prompt": "Cat", "base64Array": [URI] * 6}
    call.wait(midjourney.blend(base64Array=images[:2], dimensions="PORTRAIT"))
    call.wait(midjourney.describe(base64=images[3]))
    assert [request.json() for request in gateway.requests[1:]] == [
        {"base64Array": [URI, URI], "dimensions": "PORTRAIT"},
        {"base64": URI},
    ]


# ---- waiting ----


def test_a_task_from_submit_to_image(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    task = call.wait(call.client(gateway).midjourney.imagine(prompt="Cat --ar 16:9", state="mine"))
    seen: list[Any] = []
    same = call.wait(task.wait(**QUICK, progress=lambda task: seen.append((task.status, task.progress))))
    assert same is task and task.succeeded and task.state == "mine" and task.action == "IMAGINE"
    assert seen == [("", "0%"), ("SUBMITTED", "0%"), ("IN_PROGRESS", "46%"), ("SUCCESS", "100%")]
    assert task.finish_time >= task.start_time >= task.submit_time > 1_700_000_000_000
    assert task.image_url == f"{gateway.root}/mj/image/{task.id}"
    assert {request.path for request in gateway.requests[1:]} == {f"/mj/task/{task.id}/fetch"}
    count = len(gateway.requests)
    assert call.wait(task.wait()) is task and len(gateway.requests) == count  # it has ended: nothing to ask
    for path in (tmp_path / "cat.png", tmp_path):
        saved = call.wait(task.save(path))
        assert Path(saved).read_bytes().startswith(b"\x89PNG")
    assert saved == str(tmp_path / f"{task.id}.png")
    sent = gateway.last_request
    assert sent and sent.path == f"/mj/image/{task.id}" and sent.header("authorization") is None
    assert "sk-local" not in str(sent.headers)
    assert call.wait(task.seed()).isdigit()


def test_clicks(call: Call, gateway: LocalGateway) -> None:
    task = finished(call, gateway)
    upscaled = call.wait(task.action("u2"))
    sent = gateway.last_request
    assert sent and sent.json() == {"taskId": task.id, "customId": task.button("U2").customId}
    with pytest.raises(ValueError, match=rf"task {upscaled.id} has no buttons \(status '[A-Z]*'\): .* wait\(\) first"):
        call.wait(upscaled.action("Upscale (Subtle)"))
    call.wait(upscaled.wait(**QUICK))
    assert upscaled.action == "UPSCALE" and upscaled.button("Vary (Region)").emoji == "🖌️"
    again = call.wait(task.action("U2", chooseSameChannel=True))  # the result is there: no new task
    assert again.id == upscaled.id and call.wait(again.wait()).succeeded
    rerolled = call.wait(call.wait(task.action("🔄")).wait(**QUICK))
    varied = call.wait(call.wait(rerolled.action(rerolled.button("V3").customId)).wait(**QUICK))
    assert (rerolled.action, varied.action) == ("REROLL", "VARIATION") and varied.button("U4")
    with pytest.raises(ValueError, match=r"has no button 'U5'; it has 'U1', 'U2', .*, '🔄', 'V1'"):
        call.wait(task.action("U5"))


def test_modal(call: Call, gateway: LocalGateway) -> None:
    upscaled = call.wait(call.wait(finished(call, gateway).action("U1")).wait(**QUICK))
    for button, more in (("Custom Zoom", {"prompt": "Cat --zoom 1.8"}), ("Vary (Region)", {"maskBase64": PNG})):
        task = call.wait(upscaled.action(button))
        assert task.code == 21 and task.needs_modal
        assert call.wait(task.refresh()).status == "MODAL" and task.needs_modal
        begun = call.wait(task.modal(**more))
        sent = gateway.last_request
        assert sent and sent.path == "/mj/submit/modal" and sent.json()["taskId"] == task.id
        assert not begun.needs_modal and call.wait(begun.wait(**QUICK)).succeeded
        with pytest.raises(wenwen.BadRequestError, match="任务状态错误"):
            call.wait(task.modal(prompt="again"))
    assert sent.json()["maskBase64"] == URI


def test_other_submits(call: Call, gateway: LocalGateway) -> None:
    task = finished(call, gateway)
    midjourney = call.client(gateway).midjourney
    for send in (
        midjourney.change(taskId=task.id, action="UPSCALE", index=1),
        midjourney.change(taskId=task.id, action="REROLL"),
        midjourney.simple_change(content=f"{task.id} V2"),
        midjourney.shorten(prompt="a very long prompt"),
        midjourney.describe(base64=PNG),
    ):
        done = call.wait(call.wait(send).wait(**QUICK))
        assert done.succeeded
    assert done.action == "DESCRIBE" and done.prompt.startswith("1️⃣")


def test_a_task_that_fails(call: Call, gateway: LocalGateway) -> None:
    with pytest.raises(wenwen.TaskFailedError, match=r"Unrecognized parameter\(s\): `--colour`") as caught:
        finished(call, gateway, "Cat --colour red")
    task = caught.value.task
    assert task.failed and task.progress == "100%" and not task.image_url
    assert not isinstance(caught.value, wenwen.APIError)
    loaded = pickle.loads(pickle.dumps(caught.value))
    assert loaded.task == task and loaded.tasks == [task] and str(loaded) == str(caught.value)
    with pytest.raises(ValueError, match=r"has no image \(status 'FAILURE'\)$"):
        call.wait(task.save("x.png"))
    with pytest.raises(ValueError, match=r"has no buttons \(status 'FAILURE'\)$"):
        call.wait(task.action("U1"))
    with pytest.raises(wenwen.BadRequestError, match="task_status_not_success"):
        call.wait(task.seed())


def test_a_wait_that_is_over_can_go_on(call: Call, gateway: LocalGateway) -> None:
    task = call.wait(call.client(gateway).midjourney.imagine(prompt="Cat"))
    with pytest.raises(wenwen.TaskTimeoutError, match=rf"the task has not ended within 0.05 s: {task.id}") as caught:
        call.wait(task.wait(0.05, poll=60))
    assert isinstance(caught.value, wenwen.APITimeoutError) and caught.value.task is task
    assert pickle.loads(pickle.dumps(caught.value)).task == task
    assert call.wait(caught.value.task.wait(wenwen.NO_TIMEOUT, **QUICK)).succeeded


def test_what_passes_does_not_end_a_wait(call: Call, gateway: LocalGateway) -> None:
    task = call.wait(call.client(gateway, max_retries=0).midjourney.imagine(prompt="Cat"))
    passing: list[Any] = [
        500, 502, 504, 524, 429, 503, 529, Reply(close=True), Reply(cut=5), Reply(body=b""),
        Reply(status=400, body=UNREACHED.encode()),
    ]  # fmt: skip
    gateway.script(*passing)
    assert call.wait(task.wait(**QUICK)).succeeded
    # Two of them were answered before the connection broke: the task went on.
    assert len(gateway.requests) == 1 + len(passing) + 4 - 2


def test_what_passes_is_told_when_time_is_over(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, max_retries=0)
    task = call.wait(client.midjourney.imagine(prompt="Cat"))
    gateway.script(Reply(status=502, times=None))
    with pytest.raises(wenwen.TaskTimeoutError, match="the last look failed: 502") as caught:
        call.wait(client.midjourney.wait([task], 1, poll=60))
    assert isinstance(caught.value.__cause__, wenwen.InternalServerError)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_does_not_pass_ends_a_wait(call: Call, gateway: LocalGateway, status: int) -> None:
    task = call.wait(call.client(gateway).midjourney.imagine(prompt="Cat"))
    gateway.script(status)
    with pytest.raises(wenwen.APIStatusError) as caught:
        call.wait(task.wait(**QUICK))
    assert caught.value.status_code == status and len(gateway.requests) == 2


def test_many_tasks_in_one_request(call: Call, gateway: LocalGateway) -> None:
    midjourney = call.client(gateway).midjourney
    tasks = [call.wait(midjourney.imagine(prompt=f"Cat {n}")) for n in range(5)]
    gateway.clear()
    wanted = [tasks[3], tasks[0].id, tasks[4], int(tasks[1].id), tasks[3]]
    seen: list[str] = []
    done = call.wait(midjourney.wait(iter(wanted), **QUICK, progress=lambda task: seen.append(task.id)))
    assert [task.prompt for task in done] == ["Cat 3", "Cat 0", "Cat 4", "Cat 1", "Cat 3"]
    assert all(task.succeeded for task in done) and done[0] is tasks[3] and done[4] is tasks[3]
    requests = gateway.requests
    assert len(requests) == 4 and {request.path for request in requests} == {"/mj/task/list-by-condition"}
    assert len(seen) == 16 and not tasks[2].is_done
    assert requests[0].json() == {"ids": [tasks[n].id for n in (3, 0, 4, 1)]}
    # One that was given by its id knows its client too, and so does a copy of it.
    assert call.wait(copy.copy(done[1]).action("U1")).id and done[1].request_id
    assert call.wait(midjourney.wait([])) == [] and call.wait(midjourney.list([])) == []


def test_only_those_that_run_are_asked_for(call: Call, gateway: LocalGateway) -> None:
    ended = finished(call, gateway)
    midjourney = call.client(gateway).midjourney
    bad = call.wait(midjourney.imagine(prompt="Cat --colour red"))
    gateway.clear()
    done = call.wait(midjourney.wait([ended, bad], **QUICK, return_failed=True))
    assert [task.status for task in done] == ["SUCCESS", "FAILURE"]
    assert {str(request.json()["ids"]) for request in gateway.requests} == {f"['{bad.id}']"}
    with pytest.raises(wenwen.TaskFailedError, match="colour") as caught:
        call.wait(midjourney.wait(done))
    assert caught.value.task is bad and caught.value.tasks == [ended, bad]


def test_ids_that_the_gateway_does_not_know(call: Call, gateway: LocalGateway) -> None:
    midjourney = call.client(gateway).midjourney
    task = call.wait(midjourney.imagine(prompt="Cat"))
    assert [found.id for found in call.wait(midjourney.list(["1", task, "2"]))] == [task.id]
    with pytest.raises(wenwen.NotFoundError, match=r"no such task: 1, 2 \(") as caught:
        call.wait(midjourney.wait(["1", task, "2"], **QUICK))
    assert caught.value.status_code == 404 and len(gateway.requests) == 5
    with pytest.raises(wenwen.BadRequestError, match="task_no_found"):
        call.wait(midjourney.fetch("1"))
    # Left out once, and there again: a slow copy of the database.
    gateway.script([], [])
    assert call.wait(midjourney.wait([task], **QUICK))[0].succeeded


def test_progress_on_stderr(
    call: Call, gateway: LocalGateway, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    midjourney = call.client(gateway).midjourney
    task = call.wait(midjourney.imagine(prompt="Cat"))
    call.wait(task.wait(**QUICK, progress=True))
    assert capsys.readouterr().err.splitlines() == [
        f"task {task.id} 0 % submitted",
        f"task {task.id} 46 % in progress",
        f"task {task.id} 100 % success",
    ]
    other = call.wait(midjourney.imagine(prompt="Cat"))
    call.wait(midjourney.wait([task, other], **QUICK, progress=True))
    assert capsys.readouterr().err.splitlines() == ["2 tasks 50 %", "2 tasks 73 %", "2 tasks 100 %"]


def test_progress_gives_a_terminal_no_control_characters(
    call: Call, gateway: LocalGateway, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    evil = {"id": "1\x1b[2J\n\u202e2", "action": "IMAGINE"}
    later = {**evil, "status": "IN\x1b]0;x\x07\x9bPROGRESS", "progress": "7%"}
    gateway.script({**evil, "status": "SUBMITTED"}, later, {**evil, "status": "SUCCESS", "progress": "100%"})
    midjourney = call.client(gateway).midjourney
    call.wait(call.wait(midjourney.fetch("1")).wait(**QUICK, progress=True))
    shown = capsys.readouterr().err
    assert "7 % in\\u001b]0;x\\u0007\\u009bprogress" in shown and "task 1\\u001b[2J \\u202e2 " in shown
    assert all(character.isprintable() for character in shown.replace("\n", ""))
    assert len(shown.splitlines()) == 2


def test_progress_with_tqdm(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []

    class Bar:
        n = 0

        def __init__(self, **options: Any) -> None:
            said.append(options["total"])
            assert options["bar_format"].count("rate") == 0  # of a task that waits for its turn it would say nothing

        def set_description(self, text: str, refresh: bool) -> None:
            said.append(text.split(maxsplit=2)[2])

        def refresh(self) -> None:
            said.append(self.n)

        def close(self) -> None:
            said.append("closed")

    auto: Any = types.ModuleType("tqdm.auto")
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    task = call.wait(call.client(gateway).midjourney.imagine(prompt="Cat"))
    call.wait(task.wait(**QUICK, progress=True))
    assert said == [100, "submitted", 0, "submitted", 0, "in progress", 46, "success", 100, "closed"]


# ---- the public face ----


def test_functions_of_the_module(call: Call, wenwen_gateway: LocalGateway) -> None:
    module: Any = wenwen.aio if call.is_async else wenwen
    task = call.wait(module.imagine(prompt="Cat"))
    blended = call.wait(module.blend(base64Array=[PNG, PNG]))
    assert call.wait(blended.wait(**QUICK)).action == "BLEND"
    assert call.wait(module.fetch_task(task.id)).id == call.wait(module.fetch_task(int(task.id), as_dict=True))["id"]
    assert call.wait(module.imagine(prompt="Cat", as_dict=True))["code"] == 1
    # An unpickled task belongs to the default client.
    assert call.wait(pickle.loads(pickle.dumps(task)).wait(**QUICK)).succeeded
    assert "mode: " in module.imagine.__doc__ and "308815708e0" in module.imagine.__doc__


def test_raw_forms(call: Call, gateway: LocalGateway) -> None:
    midjourney = call.client(gateway).midjourney
    raw = call.wait(midjourney.with_raw_response.imagine(prompt="Cat"))
    assert raw.status_code == 200 and raw.headers["content-type"] == "text/plain; charset=utf-8"
    task = raw.parse()
    assert raw.json() == task.to_dict() and task.request_id == raw.request_id
    assert call.wait(task.wait(**QUICK)).succeeded
    with call.open(midjourney.with_streaming_response.fetch(task.id)) as response:
        assert call.wait(response.parse()) == task
    (listed,) = call.wait(midjourney.with_raw_response.list([task])).parse()
    assert listed == task
    assert call.wait(call.client(gateway).midjourney.list([task], as_dict=True)) == [task.to_dict()]


def test_options_reach_the_call(call: Call, gateway: LocalGateway) -> None:
    midjourney = call.client(gateway).midjourney
    call.wait(midjourney.imagine(prompt="Cat", extra_body={"new": 1}, extra_headers={"x-a": "b"}, extra_query={"q": 1}))
    sent = gateway.last_request
    assert sent and sent.json() == {"prompt": "Cat", "new": 1} and sent.header("x-a") == "b" and sent.query == "q=1"


# ---- the local gateway ----


def test_refusals_of_the_local_gateway(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway, max_retries=0)
    midjourney, new = client.midjourney, call.wait(client.midjourney.imagine(prompt="Cat"))
    wrong = {"taskId": new.id, "customId": "MJ::JOB::upsample::1::x"}
    for words, send in (
        ("prompt_is_required", lambda: midjourney.imagine(prompt="")),
        ("task_not_found", lambda: midjourney.action(**{**wrong, "taskId": "1"})),
        ("task_status_not_success", lambda: midjourney.action(**wrong)),
        ("index_is_required", lambda: midjourney.change(taskId=new.id, action="UPSCALE")),
        ("task_not_found", lambda: midjourney.modal(taskId="1", prompt="x")),
        ("task_no_found", lambda: midjourney.seed("1")),
        ("task_status_not_success", lambda: midjourney.seed(new)),
    ):
        with pytest.raises(wenwen.BadRequestError, match=words) as caught:
            call.wait(send())
        body = caught.value.body
        assert body == {"description": f"{words} ", "type": "upstream_error", "code": 4}
        assert caught.value.code == "4" and caught.value.request_id
    # Where the request is routed by what it holds, the refusal is of the router's form.
    for words, send in (
        ("custom_id_is_required", lambda: midjourney.action(taskId=new.id, customId="")),
        ("unknown_action:MJ::BOOKMARK::x", lambda: midjourney.action(taskId=new.id, customId="MJ::BOOKMARK::x")),
        ("invalid_request", lambda: midjourney.simple_change(content="U1")),
        ("json: cannot unmarshal number", lambda: midjourney.imagine(prompt="x", extra_body={"prompt": 5})),
    ):
        with pytest.raises(wenwen.BadRequestError, match=f"Invalid request: .*{words}") as caught:
            call.wait(send())
        assert caught.value.type == "new_api_error" and caught.value.request_id
    for words, send in (
        ("base64List参数错误", lambda: midjourney.blend(base64Array=[URI, URI], extra_body={"base64Array": [URI]})),
        ("base64格式错误", lambda: midjourney.imagine(prompt="x", extra_body={"base64Array": ["x"]})),
        ('the banned word is "nude"', lambda: midjourney.imagine(prompt="a Nude cat")),
    ):
        with pytest.raises(wenwen.BadRequestError, match=words) as caught:
            call.wait(send())
        assert caught.value.response and caught.value.response.status_code == 200


def test_tasks_of_another_key_are_not_seen(call: Call, gateway: LocalGateway) -> None:
    task = call.wait(call.client(gateway).midjourney.imagine(prompt="Cat"))
    other = call.client(gateway, api_key="sk-other").midjourney
    assert call.wait(other.list([task])) == []
    for look in (other.fetch, other.seed):
        with pytest.raises(wenwen.BadRequestError, match="task_no_found"):
            call.wait(look(task))
    with pytest.raises(wenwen.AuthenticationError):
        call.wait(call.client(gateway, default_headers={"authorization": None}).midjourney.fetch(task))


def test_lists_and_pictures_of_the_local_gateway(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    ids = [call.wait(client.midjourney.imagine(prompt="Cat")).id for _ in range(3)]
    assert [task.id for task in call.wait(client.midjourney.list(ids))] == ids[::-1]
    for _ in range(2):
        task = call.wait(client.midjourney.fetch(ids[0]))
    assert task.status == "IN_PROGRESS" and f"/mj/image/{task.id}?rand=" in task.image_url  # a preview
    with pytest.raises(wenwen.BadRequestError, match="midjourney_task_not_found"):
        call.wait(client.get("/mj/image/1"))


# What the gateway routes besides

PICTURE = b"\x89PNG\r\n\x1a\n and so on"
SHOWN = "data:image/png;base64," + base64.b64encode(PICTURE).decode()


@pytest.mark.parametrize(
    ("method", "path", "params", "sent"),
    [
        (
            "edits",
            "/mj/submit/edits",
            {"prompt": "a hat", "base64Array": [PICTURE], "maskBase64": PICTURE},
            {"prompt": "a hat", "base64Array": [SHOWN], "maskBase64": SHOWN},
        ),
        (
            "video",
            "/mj/submit/video",
            {"image": PICTURE, "endImage": "https://example.com/a.png", "motion": "low", "loop": True},
            {"image": SHOWN, "endImage": "https://example.com/a.png", "motion": "low", "loop": True},
        ),
        (
            "swap_face",
            "/mj/insight-face/swap",
            {"sourceBase64": PICTURE, "targetBase64": SHOWN},
            {"sourceBase64": SHOWN, "targetBase64": SHOWN},
        ),
    ],
)
def test_more_submits(call: Call, gateway: LocalGateway, method: str, path: str, params: Any, sent: Any) -> None:
    task = call.wait(getattr(call.client(gateway).midjourney, method)(**params))
    assert gateway.last_request is not None
    assert (gateway.last_request.path, gateway.last_request.json()) == (path, sent)
    assert call.wait(task.wait(poll=0.001)).status == "SUCCESS"


def test_uploads(call: Call, gateway: LocalGateway) -> None:
    midjourney = call.client(gateway).midjourney
    uploaded = call.wait(midjourney.upload(base64Array=[PICTURE, SHOWN]))
    assert len(uploaded.urls) == 2
    assert uploaded.urls == uploaded.result
    assert gateway.last_request is not None
    assert gateway.last_request.json() == {"base64Array": [SHOWN, SHOWN]}
    gateway.script({"code": 24, "description": "banned", "result": None})
    with pytest.raises(wenwen.BadRequestError, match="banned"):
        call.wait(midjourney.upload(base64Array=[PICTURE]))
    with pytest.raises(ValueError, match="base64Array has 0 images"):
        call.wait(midjourney.upload(base64Array=[]))


def test_modes_go_by_a_path_of_their_own(call: Call, gateway: LocalGateway) -> None:
    client = call.client(gateway)
    task = call.wait(client.midjourney.modes["fast"].imagine(prompt="Cat"))
    done = call.wait(task.wait(poll=0.001))
    call.wait(call.wait(done.action("U1")).refresh())
    paths = {request.path.partition("/mj/")[0] for request in gateway.requests}
    assert paths == {"/mj-fast"}
    assert [*client.midjourney.modes] == ["fast", "relax", "turbo"]
    # Below a path of the gateway's own, and not behind a version.
    for root, path in (("/a", "/a/mj-turbo/mj"), ("/a/v4", "/a/mj-turbo/mj"), ("/v1", "/mj-turbo/mj")):
        gateway.script({"code": 1, "result": "1"})
        other = client.with_options(base_url=f"{gateway.root}{root}").midjourney.modes["turbo"]
        call.wait(other.imagine(prompt="Cat"))
        assert gateway.requests[-1].path == f"{path}/submit/imagine"
