"""`python -m wenwen`: ask a model from the terminal, or see the package at work without a key."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import TYPE_CHECKING, Any

import wenwen

if TYPE_CHECKING:
    from collections.abc import Sequence

DIM, BOLD, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[0m"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an answer may hold what a terminal of another encoding cannot show
            stream.reconfigure(errors="replace")
    try:
        code = _demo() if options.command == "demo" else _ask(options, parser)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read has enough (`| head`). Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (wenwen.WenwenError, ValueError, OSError) as error:
        print(f"wenwen: {' '.join(str(error).split())}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m wenwen", description="The client for the Wenwen AI gateway, from the terminal."
    )
    parser.add_argument("--version", action="version", version=f"wenwen {wenwen.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    ask = commands.add_parser(
        "ask",
        help="ask a model; the answer is shown as it arrives",
        description="Asks a model and shows its answer as it arrives. The key is read from WENWEN_API_KEY.",
        epilog="Exit codes: 0 answered, 1 an error, 2 wrong arguments, 130 Ctrl-C.",
    )
    ask.add_argument("text", nargs="*", help="the question; - or nothing: read it from standard input")
    ask.add_argument("--model", default="gpt-5", help="which model answers (default: %(default)s)")
    ask.add_argument("--instructions", metavar="TEXT", help="a system message put before the question")
    ask.add_argument("--max-output-tokens", type=int, metavar="N", help="limit for the answer, reasoning included")
    ask.add_argument("--reasoning", metavar="EFFORT", help="how much the model thinks: minimal, low, medium, high, …")
    ask.add_argument("--base-url", metavar="URL", help="the gateway's root (default: WENWEN_BASE_URL, or the gateway)")
    ask.add_argument("--json", action="store_true", help="show the whole reply as JSON once it is complete")
    commands.add_parser(
        "demo",
        help="see the package at work on a gateway on this machine, without a key",
        description="Shows the package at work on a gateway on this machine. Needs no key and no network.",
    )
    return parser


def _ask(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    question = " ".join(options.text)
    if question in ("", "-"):
        if sys.stdin.isatty():
            print("Type the question; end it with Ctrl-D on a line of its own.", file=sys.stderr)
        question = sys.stdin.buffer.read().decode("utf-8", "replace")
    if not question.strip():
        parser.error("ask: there is no question")
    params: dict[str, Any] = {"model": options.model, "input": question}
    for name in ("instructions", "max_output_tokens"):
        if (value := getattr(options, name)) is not None:
            params[name] = value
    if options.reasoning:
        params["reasoning"] = {"effort": options.reasoning}
    client = wenwen.Client(base_url=options.base_url)
    # Streamed even where only the whole is shown: proxies give up on a reply that is silent for long.
    with client.responses.stream(**params) as stream:
        if not options.json:
            writer = _Writer()
            try:
                for event in stream:
                    writer.write(event)
            finally:
                writer.end()
        reply = stream.get_final_response()
    if options.json:
        print(reply.to_json())
    if reply.status == "failed":
        print(
            f"wenwen: the model failed: {reply.error.message if reply.error else '(no reason given)'}", file=sys.stderr
        )
        return 1
    if reply.status == "incomplete":
        details = reply.incomplete_details
        print(
            f"wenwen: the answer is incomplete: {details.reason if details else '(no reason given)'}", file=sys.stderr
        )
    return 0


class _Writer:
    """Writes an answer as it arrives: each piece at once, and on a terminal the reasoning too, dimmed."""

    def __init__(self) -> None:
        self._tty = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._thinking = False
        self._last = "\n"

    def write(self, event: Any) -> None:
        kind = event.type
        if kind in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
            if self._tty:
                self._put(event.delta if self._thinking else DIM + event.delta)
                self._thinking = True
        elif kind in ("response.output_text.delta", "response.refusal.delta"):
            self._rest()
            self._put(event.delta)

    def end(self) -> None:
        self._rest()
        if self._last != "\n":
            self._put("\n")

    def _rest(self) -> None:
        if self._thinking:
            self._thinking = False
            self._put(PLAIN + "\n\n")

    def _put(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
        self._last = text[-1:] or self._last


# The demo is this script, paragraph by paragraph: what is shown is what runs. $N is the number of calls at once.
_SCRIPT = """\
# A gateway on this machine: no key, no network
import wenwen
from wenwen.testing import LocalGateway, Reply
gateway = LocalGateway(event_delay=0.04).start()
wenwen.configure(base_url=gateway.base_url, api_key="sk-any", proxy=False)
print(gateway)

# Ask, and get a typed reply
reply = wenwen.create_response(model="gpt-5", input="Hello!")
print(reply.output_text)
print(reply.status, reply.model, f"{reply.usage.total_tokens} tokens")

# The same as a plain dict
data = wenwen.create_response(model="gpt-5", input="你好!", as_dict=True)
print(type(data), data["output"][-1]["content"][0]["text"])

# Stream: the answer as it arrives
params = {"model": "gpt-5", "input": "Where do I begin?", "stream": True}
for event in wenwen.create_response(**params):
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)
print()

# The other two dialects
question = [{"role": "user", "content": "Hello!"}]
chat = wenwen.create_chat_completion(model="gpt-5", messages=question)
message = wenwen.create_message(model="claude-sonnet-4", messages=question)
print(chat.text, "|", message.text)

# Images: one that comes with the reply, and Midjourney's, which are waited for
image = wenwen.generate_image(model="gpt-image-1", prompt="A cat").data[0]
print(len(image.bytes), "bytes;", image.content_type)
task = wenwen.imagine(prompt="A cat --ar 16:9").wait(poll=0.01)
print(task.status, task.action("U1").wait(poll=0.01).image_url)

# Speech and back, and vectors
speech = wenwen.speak("The quick brown fox", model="tts-1", voice="alloy",
                      response_format="wav")
print(wenwen.transcribe(speech, model="whisper-1").text)
model = "text-embedding-3-small"
vectors = wenwen.create_embeddings(model=model, input=["Hello!", "你好!"])
print(memoryview(vectors).shape)

# Async: $N calls at once, each of which takes the gateway half a second
import asyncio, time
gateway.script(Reply(delay=0.5, times=$N))
async def many():
    ask = wenwen.aio.create_response
    calls = [ask(model="gpt-5", input=f"Question {n}") for n in range($N)]
    return await asyncio.gather(*calls)
start = time.perf_counter()
replies = asyncio.run(many())
print(f"{len(replies)} replies in {time.perf_counter() - start:.2f} s")

# A retry: the gateway says 429, the call waits and succeeds
gateway.script(429)
reply = wenwen.create_response(model="gpt-5", input="Hello!")
print(reply.output_text, [r.status for r in gateway.requests[-2:]])

# An error: a class, a category to act on, and the gateway's own words
gateway.script(403)
try:
    wenwen.create_response(model="gpt-5", input="Hello!")
except wenwen.PermissionDeniedError as error:
    print(error.category, "|", error)

# A timeout: the limit of the whole call, retries included
gateway.script(Reply(delay=60))
try:
    wenwen.create_response(model="gpt-5", input="Hello!", timeout=0.5)
except wenwen.APITimeoutError as error:
    print(error)

# A stream that breaks off: an error, with what had arrived
gateway.script(Reply(cut=9000))
try:
    for event in wenwen.create_response(**params):
        pass
except wenwen.IncompleteStreamError as error:
    print(error.category, "|", error.partial.output_text)
"""


def _demo() -> int:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    bold, dim, plain = (BOLD, DIM, PLAIN) if colour else ("", "", "")
    many = "1000" if _file_limit() >= 3000 else "100"  # a call in flight here is two sockets: both ends
    names: dict[str, Any] = {}
    try:
        for number, part in enumerate(_SCRIPT.replace("$N", many).split("\n\n"), 1):
            title, _, code = part.partition("\n")
            shown = "".join(f"{dim}  | {line}{plain}\n" for line in code.splitlines())
            print(f"{bold}{number}. {title.removeprefix('# ')}{plain}\n{shown}", flush=True)
            exec(code, names)
            print(flush=True)
    finally:
        if "gateway" in names:
            names["gateway"].close()
    print(f"{bold}With a key of your own:{plain} WENWEN_API_KEY=sk-… python -m wenwen ask 'Hello!'")
    return 0


def _file_limit() -> int:
    """How many files this process may have open: wenwen raises the soft limit to the hard one."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return 1 << 20
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 1 << 20 if hard == resource.RLIM_INFINITY else hard


if __name__ == "__main__":
    sys.exit(main())
