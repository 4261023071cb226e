"""`python -m wenwen`, run as a user runs it: as a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from wenwen.testing import LocalGateway, Reply

COMMAND = [sys.executable, "-m", "wenwen"]


def environment(gateway: LocalGateway | None = None, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WENWEN_")}
    return {**kept, "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1", **(gateway.env() if gateway else {}), **more}


def run(*arguments: str, gateway: LocalGateway | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    options = {"stdin": subprocess.DEVNULL, **options} if "input" not in options else options
    settings = {"env": environment(gateway), "capture_output": True, "encoding": "utf-8", "timeout": 60}
    return subprocess.run([*COMMAND, *arguments], **{**settings, **options})


@pytest.fixture
def gateway() -> Any:
    with LocalGateway() as gateway:
        yield gateway


def test_ask(gateway: LocalGateway) -> None:
    done = run("ask", "Hello!", gateway=gateway)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Hi! How can I help you today?\n", "")
    assert gateway.requests[0].json() == {"model": "gpt-5", "input": "Hello!", "stream": True}
    assert gateway.requests[0].header("authorization") == f"Bearer {gateway.api_key}"


def test_options_become_parameters(gateway: LocalGateway) -> None:
    given = ["--model=m", "--instructions=short", "--max-output-tokens=99", "--reasoning=low"]
    done = run("ask", "Where", "to?", *given, "--base-url", gateway.root, gateway=gateway)
    assert done.returncode == 0, done.stderr
    assert gateway.requests[0].json() == {
        "model": "m",
        "input": "Where to?",
        "instructions": "short",
        "max_output_tokens": 99,
        "reasoning": {"effort": "low"},
        "stream": True,
    }


@pytest.mark.parametrize("arguments", [["ask"], ["ask", "-"]])
def test_question_from_standard_input(gateway: LocalGateway, arguments: list[str]) -> None:
    done = run(*arguments, gateway=gateway, input="你好\n")
    assert done.returncode == 0, done.stderr
    assert "你好" in done.stdout
    assert gateway.requests[0].json()["input"] == "你好\n"


def test_json_is_the_whole_reply(gateway: LocalGateway) -> None:
    done = run("ask", "你好", "--json", gateway=gateway)
    reply = json.loads(done.stdout)
    assert reply["status"] == "completed" and "你好" in reply["output"][1]["content"][0]["text"]


def test_each_piece_is_shown_as_it_arrives() -> None:
    with (
        LocalGateway(event_delay=0.05) as gateway,
        subprocess.Popen(
            [*COMMAND, "ask", "Where do I begin?"], env=environment(gateway), stdout=subprocess.PIPE
        ) as process,
    ):
        assert process.stdout is not None
        first = os.read(process.stdout.fileno(), 4096)
        assert 0 < len(first) < 200  # a few words, not the whole
        assert gateway.requests[0].ended == "open"
        process.stdout.read()
    assert process.returncode == 0


def test_terminals_of_other_encodings(gateway: LocalGateway) -> None:
    changed = environment(gateway, PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    done = run("ask", "你好", env=changed, encoding="latin-1")
    assert done.returncode == 0 and "??" in done.stdout


def test_errors_are_one_line(gateway: LocalGateway) -> None:
    def fails(*arguments: str, code: int = 1, **options: Any) -> str:
        done = run(*arguments, gateway=gateway, **options)
        assert (done.returncode, done.stdout) == (code, "")
        assert "Traceback" not in done.stderr
        assert code == 2 or done.stderr.count("\n") == 1
        return done.stderr

    assert "no API key" in fails("ask", "x", env=environment())
    assert "base_url" in fails("ask", "x", "--base-url", "nonsense")
    gateway.script(403)
    assert re.match(r"wenwen: 403: .*insufficient_user_quota", fails("ask", "x"))
    failed = {"id": "r", "object": "response", "status": "failed", "output": [], "error": {"message": "no luck"}}
    gateway.script(Reply(events=[{"type": "response.failed", "response": failed}]))
    assert fails("ask", "x") == "wenwen: the model failed: no luck\n"
    assert "there is no question" in fails("ask", code=2)
    assert "usage:" in fails(code=2)
    assert "invalid choice" in fails("nonsense", code=2)


def test_what_had_arrived_stays() -> None:
    with LocalGateway([Reply(cut=9000)]) as gateway:
        done = run("ask", "Where do I begin?", gateway=gateway)
        assert done.returncode == 1 and done.stdout.startswith("Here is") and done.stdout.endswith("\n")
        assert done.stderr.startswith("wenwen: ") and done.stderr.count("\n") == 1
        done = run("ask", "Where do I begin?", "--max-output-tokens", "20", gateway=gateway)
        assert (done.returncode, done.stderr) == (0, "wenwen: the answer is incomplete: max_output_tokens\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_interrupt() -> None:
    with LocalGateway([Reply(stall=0)]) as gateway:
        process = subprocess.Popen([*COMMAND, "ask", "x"], env=environment(gateway), stderr=subprocess.PIPE)
        gateway.wait_until(lambda: gateway.last_request and gateway.last_request.status)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)
        assert (process.returncode, stderr.strip()) == (130, b"")
        gateway.wait_closed()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGPIPE's error")
def test_a_reader_that_has_enough() -> None:
    with LocalGateway(event_delay=0.02) as gateway:
        process = subprocess.Popen(
            [*COMMAND, "ask", "Where do I begin?"],
            env=environment(gateway),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(10) == 141


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_reasoning_is_dim_on_a_terminal_only(gateway: LocalGateway) -> None:
    import pty

    thought = {"type": "response.reasoning_summary_text.delta", "delta": "hmm", "item_id": "i", "summary_index": 0}
    answer = {"type": "response.output_text.delta", "delta": "yes", "item_id": "m", "content_index": 0}
    whole = {"id": "r", "object": "response", "status": "completed", "output": []}
    stream = Reply(events=[thought, answer, {"type": "response.completed", "response": whole}], times=2)
    gateway.script(stream)
    assert run("ask", "x", gateway=gateway).stdout == "yes\n"
    ours, theirs = pty.openpty()
    kept = environment(gateway)
    kept.pop("NO_COLOR", None)
    assert run("ask", "x", capture_output=False, stdout=theirs, env=kept).returncode == 0
    assert os.read(ours, 4096) == b"\x1b[2mhmm\x1b[0m\r\n\r\nyes\r\n"
    os.close(ours)
    os.close(theirs)


def test_demo() -> None:
    start = time.monotonic()
    done = run("demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - start < 30
    assert "\x1b" not in done.stdout  # no colours outside of a terminal
    assert max(map(len, re.findall(r"^  \|.*$", done.stdout, re.M))) <= 80
    for part in (
        "Hi! How can I help you today?\ncompleted gpt-5",
        "<class 'dict'>",
        "你好",
        "Here is what I can say about your message.",
        "bytes; image/png\nSUCCESS http://127.0.0.1:",
        "The quick brown fox\n(2, 1536)",
        "Hi! How can I help you today? [429, 200]",
        "quota | 403",
        "no reply within 0.5 s",
        "incomplete | Here is what",
    ):
        assert part in done.stdout, part
    assert re.search(r"^\d+ replies in \d+\.\d\d s$", done.stdout, re.M)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_demo_where_few_files_may_be_open() -> None:
    import resource

    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))  # noqa: E731
    done = run("demo", preexec_fn=limit)
    assert "\n100 replies in " in done.stdout


def test_version_and_help() -> None:
    assert re.fullmatch(r"wenwen \d+\.\d+\.\d+\n", run("--version").stdout)
    assert "ask" in run("--help").stdout and "demo" in run("--help").stdout
    assert "--instructions" in run("ask", "--help").stdout
