"""`python -m wenwen`, run as a user runs it: as a process of its own. Of the commands' options test_cli_commands.py has
more, in this process."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen.testing import LocalGateway, Reply

COMMAND = [sys.executable, "-m", "wenwen"]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last conversation of whoever runs the tests stays what it is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def environment(gateway: LocalGateway | None = None, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WENWEN_")}
    return {**kept, "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1", **(gateway.env() if gateway else {}), **more}


def run(*arguments: str, gateway: LocalGateway | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    options = {"stdin": subprocess.DEVNULL, **options} if "input" not in options else options
    settings = {"env": environment(gateway), "capture_output": True, "encoding": "utf-8", "timeout": 60}
    return subprocess.run(**{"args": [*COMMAND, *arguments], **settings, **options})


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


@pytest.mark.parametrize(
    ("arguments", "piped", "sent"),
    [
        (["Sum", "up"], "a\nb\n", "Sum up\n\na\nb\n"),
        (["Sum up", "-"], "a", "Sum up\n\na"),
        (["Sum up"], "", "Sum up"),
        (["Sum up"], " \n", "Sum up"),
        (["-"], "a", "a"),
    ],
)
def test_a_question_and_what_is_piped_in(gateway: LocalGateway, arguments: list[str], piped: str, sent: str) -> None:
    done = run("ask", *arguments, gateway=gateway, input=piped)
    assert done.returncode == 0, done.stderr
    assert gateway.requests[0].json()["input"] == sent


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_a_terminal_is_not_read_where_there_is_a_question(gateway: LocalGateway) -> None:
    import pty

    ours, theirs = pty.openpty()
    assert run("ask", "Hello!", gateway=gateway, stdin=theirs).returncode == 0
    assert gateway.requests[0].json()["input"] == "Hello!"
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--modle=m", "did you mean --model?"),
        ("--instruction-s=m", "did you mean --instructions?"),
        ("--max-output-token-s", "did you mean --max-output-tokens?"),
        ("--wholly-other", "unrecognized arguments: --wholly-other\n"),
        ("--max-output-tokens=0", "'0': give a whole number of at least 1"),
        ("--max-output-tokens=1.5", "'1.5': give a whole number of at least 1"),
        ("--temperature=2.1", "'2.1': give a number from 0 to 2"),
        ("--temperature=-1", "'-1': give a number from 0 to 2"),
        ("--temperature=nan", "'nan': give a number from 0 to 2"),
        ("--timeout=0", "'0': give a number above 0"),
        ("--timeout=inf", "'inf': give a number above 0"),
        ("--max-retries=-1", "'-1': give a whole number of at least 0"),
        ("--max-retries=x", "'x': give a whole number of at least 0"),
    ],
)
def test_wrong_options_are_told_here(gateway: LocalGateway, argument: str, words: str) -> None:
    done = run("ask", "x", argument, gateway=gateway)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr and "Traceback" not in done.stderr
    assert not gateway.requests


def test_numbers_become_parameters_and_options(gateway: LocalGateway) -> None:
    done = run("ask", "x", "--temperature=0.5", "--max-retries=0", "--timeout=30", gateway=gateway)
    assert done.returncode == 0, done.stderr
    assert gateway.requests[0].json()["temperature"] == 0.5
    gateway.script(503, None)
    assert run("ask", "x", "--max-retries=0", gateway=gateway).returncode == 1


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


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("line", ["image x", "speak x", "embed x", "models", "usage", "ask x -o a.txt", "chat"])
def test_interrupts_leave_nothing(line: str, tmp_path: Path) -> None:
    (folder := tmp_path / "here").mkdir()
    with LocalGateway([Reply(stall=0)]) as gateway:
        process = subprocess.Popen(
            [*COMMAND, *line.split()],
            env=environment(gateway),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
        )
        assert process.stdin
        process.stdin.write(b"x\n")
        process.stdin.flush()
        if line != "chat":
            process.stdin.close()
            process.stdin = None
        gateway.wait_until(lambda: gateway.last_request and gateway.last_request.status)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)
        assert (process.returncode, stderr.strip(), os.listdir(folder)) == (130, b"", [])


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_interrupted_task_can_be_gone_on_with(gateway: LocalGateway) -> None:
    process = subprocess.Popen(
        [*COMMAND, "imagine", "x"], env=environment(gateway), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    gateway.wait_until(lambda: len(gateway.requests) == 2)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=10)
    assert process.returncode == 130 and re.search(rb"^the task goes on: wenwen imagine --task \d+$", stderr, re.M)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_interrupted_job_goes_on(tmp_path: Path) -> None:
    arguments = [*COMMAND, "map", "-", "--store", str(tmp_path / "r.db"), "-o", str(tmp_path / "out.jsonl")]
    with LocalGateway([Reply(stall=0)]) as gateway:
        kept = environment(gateway, XDG_CACHE_HOME=str(tmp_path))
        process = subprocess.Popen(arguments, env=kept, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdin and process.stderr
        process.stdin.write(b"one\ntwo\n")
        process.stdin.close()
        gateway.wait_until(lambda: len(gateway.requests) == 2)
        process.send_signal(signal.SIGINT)
        assert b"Ctrl-C again stops now" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        process.stderr.close()
        assert process.wait(20) == 130 and b"goes on from there" in said and b"Traceback" not in said
        assert not (tmp_path / "out.jsonl").exists()
        done = subprocess.run(arguments, env=kept, input=b"one\ntwo\n", capture_output=True, timeout=60)
        assert done.returncode == 0 and len((tmp_path / "out.jsonl").read_text().splitlines()) == 2


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


EVIL = "hi \x1b]52;c;ZXZpbA==\x07\x9b8m\u202ecod\ttab\r\nend"
SHOWN = "hi \\u001b]52;c;ZXZpbA==\\u0007\\u009b8m\\u202ecod"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.parametrize("arguments", [["ask", "x"], ["ask", "x", "--json"]])
def test_a_terminal_is_given_no_control_characters(gateway: LocalGateway, arguments: list[str]) -> None:
    import pty

    message = {"type": "message", "content": [{"type": "output_text", "text": EVIL}]}
    failed = {"id": "r", "object": "response", "status": "failed", "output": [], "error": {"message": EVIL}}
    gateway.script(
        Reply(events=[
            {"type": "response.reasoning_text.delta", "delta": EVIL, "item_id": "i", "content_index": 0},
            {"type": "response.output_text.delta", "delta": EVIL, "item_id": "m", "content_index": 0},
            {"type": "response.completed", "response": {**failed, "status": "completed", "output": [message]}},
        ]),
        Reply(status=400, json={"error": {"message": EVIL}}),
        Reply(events=[{"type": "response.failed", "response": failed}]),
    )  # fmt: skip
    for code in (0, 1, 1):
        ours, theirs = pty.openpty()
        both = {"capture_output": False, "stdout": theirs, "stderr": theirs}
        kept = environment(gateway, NO_COLOR="1")
        assert run(*arguments, env=kept, **both).returncode == code
        shown = os.read(ours, 1 << 16).decode()
        os.close(ours)
        os.close(theirs)
        assert SHOWN in shown and not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", shown)


def test_a_file_is_given_the_answer_as_it_is(gateway: LocalGateway) -> None:
    gateway.script(Reply(events=[
        {"type": "response.output_text.delta", "delta": EVIL, "item_id": "m", "content_index": 0},
        {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": []}},
    ]))  # fmt: skip
    done = run("ask", "x", gateway=gateway, encoding=None)
    assert done.stdout == f"{EVIL}\n".encode()


@pytest.mark.slow
def test_demo() -> None:
    before = os.times()
    done = run("demo")
    assert (done.returncode, done.stderr) == (0, "")
    after = os.times()  # what it worked, however busy the machine is
    assert after.children_user + after.children_system - before.children_user - before.children_system < 30
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
    assert re.search(r"^2000 rows; 1\d\d\d were there already$", done.stdout, re.M)
    assert re.search(r"^\d+ replies in \d+\.\d\d s$", done.stdout, re.M)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_demo_where_few_files_may_be_open() -> None:
    import resource

    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))  # noqa: E731
    done = run("demo", preexec_fn=limit)
    assert "\n100 replies in " in done.stdout


# ---- output that cannot be written ----

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
WRITERS = [
    "ask x",
    "ask x --json",
    "image x -o -",
    "embed x",
    "models",
    "usage --json",
    "completion zsh",
    "--help",
    "ask --help",
]


def shell(gateway: LocalGateway, line: str) -> subprocess.CompletedProcess[str]:
    line = line.replace("wenwen", f"{sys.executable} -m wenwen")
    return run(gateway=gateway, args=["bash", "-c", line], stdin=subprocess.DEVNULL, errors="replace")


@posix
@pytest.mark.parametrize("line", WRITERS)
def test_output_that_cannot_be_written(gateway: LocalGateway, line: str) -> None:
    done = shell(gateway, f"wenwen {line} >&-")
    assert "Traceback" not in done.stderr
    if "--help" not in line:  # which argparse then shows on standard error
        assert (done.returncode, done.stderr) == (1, "wenwen: standard output is closed\n")
        assert not gateway.requests  # nothing is paid that nobody sees
    done = shell(gateway, f"wenwen {line} | sleep 0; exit ${{PIPESTATUS[0]}}")
    assert done.returncode in (0, 141) and done.stderr == ""
    if os.path.exists("/dev/full"):
        done = shell(gateway, f"wenwen {line} > /dev/full")
        assert (done.returncode, done.stderr) == (1, "wenwen: No space left on device\n")
    done = shell(gateway, f"wenwen {line} 2>&-")
    assert done.returncode == 0 and done.stdout


@posix
@pytest.mark.parametrize("line", ["ask x -f no", "ask x --temperature 9", "nonsense", "image x --mask y"])
def test_errors_that_nobody_reads(gateway: LocalGateway, line: str) -> None:
    code = run(*line.split(), gateway=gateway).returncode
    assert code in (1, 2)
    for end in ("2>&-", "2>/dev/full", "2> >(sleep 0)", "<&- 2>&-"):
        done = shell(gateway, f"wenwen {line} {end}")
        assert done.returncode == code and "Traceback" not in done.stderr


@posix
def test_standard_input_that_is_closed(gateway: LocalGateway) -> None:
    assert shell(gateway, "wenwen ask x <&-").returncode == 0
    for line in ("ask", "ask x -", "speak", "chat", "embed", "transcribe -"):
        done = shell(gateway, f"wenwen {line} <&-")
        assert (done.returncode, done.stderr) == (1, "wenwen: standard input is closed\n"), line


def test_json_is_utf_8_whatever_the_terminal_is(gateway: LocalGateway) -> None:
    kept = environment(gateway, PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    done = run("ask", "你好", "--json", env=kept, encoding="utf-8")
    assert "你好" in json.loads(done.stdout)["output"][-1]["content"][0]["text"]


# ---- gateway ----


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_gateway_for_other_programs(number: int) -> None:
    arguments = ["gateway", "--port", "0", "--json", "--models", "gpt-5,mine"]
    with subprocess.Popen(
        [*COMMAND, *arguments], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        how = json.loads(process.stdout.readline())
        client = wenwen.Client(**how, proxy=False)
        assert client.responses.create(model="mine", input="Hello!").output_text
        assert process.stderr.readline() == "POST /v1/responses 200\n"
        port = how["base_url"].split(":")[2].split("/")[0]
        taken = run("gateway", "--port", port)
        assert taken.returncode == 1 and taken.stderr.count("\n") == 1 and "use" in taken.stderr
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_gateway_says_how_it_is_used() -> None:
    with subprocess.Popen(
        [*COMMAND, "gateway", "--port", "0"], env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        said = "".join(process.stdout.readline() for _ in range(5))
        assert re.search(r"^export WENWEN_BASE_URL=http://127.0.0.1:\d+/v1 WENWEN_API_KEY=sk-local$", said, re.M)
        process.kill()
    assert run("gateway", "--host", "192.0.2.1").returncode == 1


# ---- completion ----


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_of_the_parser(shell: str) -> None:
    from wenwen._cli._parser import parsers

    done = run("completion", shell)
    assert done.returncode == 0, done.stderr
    _, commands = parsers()
    for name, command in commands.items():
        assert re.search(rf"\b{name}\b", done.stdout)
        for option in command._option_string_actions:
            bare = option.lstrip("-")
            found = f"-{'l' if option.startswith('--') else 's'} {bare}" if shell == "fish" else option
            assert re.search(rf"{re.escape(found)}(?![\w-])", done.stdout), (name, option)
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=done.stdout, text=True, capture_output=True)
        assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["tr"], "transcribe"),
        (["--ver"], "--version"),
        (["ask", "--sch"], "--schema"),
        (["ask", "--schema", "sch"], "schema.json"),
        (["ask", "-f", "sch"], "schema.json"),
        (["ask", "sch"], ""),
        (["transcribe", "sch"], "schema.json"),
        (["transcribe", "--format", "s"], "srt"),
        (["transcribe", "--format", "=", "v"], "vtt verbose_json"),
        (["transcribe", "--format", "="], "text srt vtt verbose_json diarized_json"),
        (["job", "x.db", "ex"], "export"),
        (["completion", ""], "bash zsh fish"),
    ],
)
def test_what_bash_offers(typed: list[str], offered: str, tmp_path: Path) -> None:
    (tmp_path / "schema.json").touch()
    script = run("completion", "bash").stdout
    words = " ".join(f"'{word}'" for word in ["wenwen", *typed])
    script += f"COMP_WORDS=({words}); COMP_CWORD={len(typed)}; _wenwen; echo ${{COMPREPLY[*]}}"
    done = subprocess.run(["bash"], input=script, text=True, capture_output=True, cwd=tmp_path)
    assert (done.stdout.strip(), done.stderr) == (offered, "")


# ---- chat in a terminal ----

MARKDOWN = "# 标题\n\nSome **bold** text, &#x202e;hidden\x1b]52;c;x\x07.\n\n- one\n\n```py\nx = 1\n\ny = 2\n```\n\n[here](https://a.example)\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_a_chat_in_a_terminal(gateway: LocalGateway) -> None:
    pexpect = pytest.importorskip("pexpect")
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": MARKDOWN}]}
    pieces = [MARKDOWN[at : at + 5] for at in range(0, len(MARKDOWN), 5)]
    delta = {"type": "response.output_text.delta", "item_id": "m", "content_index": 0}
    ended = {"type": "response.completed", "response": {"id": "r", "status": "completed", "output": [message]}}
    gateway.script(Reply(events=[*({**delta, "delta": piece} for piece in pieces), ended]))
    kept = environment(gateway, TERM="xterm-256color")
    child = pexpect.spawn(
        *[COMMAND[0], [*COMMAND[1:], "chat"]], env=kept, encoding="utf-8", dimensions=(30, 60), timeout=20
    )
    child.expect("> ")
    child.sendline("Hello \\")
    child.expect("… ")
    child.sendline("you")
    child.expect("a.example.*\n.*> ")
    shown = child.before + child.after
    assert "标题" in shown and "\\u001b]52" in shown and not re.search("\u202e|\x1b\\]", shown)
    child.sendline("/file nothing")
    child.expect("No such file")
    child.sendline("/help")
    child.expect("stops an answer.\r\n.*> ")
    gateway.script(Reply(stall=0), 403)
    child.sendline("stop")
    gateway.wait_until(lambda: len(gateway.requests) == 2 and gateway.requests[1].status)
    child.sendintr()
    child.expect("stopped.*> ")
    child.sendline("fail")
    child.expect("wenwen: 403.*> ")
    child.sendline("/model mine")
    child.expect("mine\r\n.*> ")
    child.sendline("again")
    child.expect("again.*> ")
    child.sendline("/new")
    child.expect("new conversation.*> ")
    child.sendline("fresh")
    child.expect("fresh.*> ")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    asked = [request.json() for request in gateway.requests]
    assert asked[0]["input"] == "Hello \nyou"
    assert [len(body["input"]) for body in asked[1:4]] == [3, 3, 3] and asked[3]["model"] == "mine"
    assert asked[4]["input"] == "fresh"


def test_version_and_help() -> None:
    assert re.fullmatch(r"wenwen \d+\.\d+\.\d+\n", run("--version").stdout)
    assert "ask" in run("--help").stdout and "demo" in run("--help").stdout
    assert "--instructions" in run("ask", "--help").stdout
