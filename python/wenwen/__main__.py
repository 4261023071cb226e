"""`python -m wenwen`: ask a model from the terminal, or see the package at work without a key."""

from __future__ import annotations

import argparse
import io
import math
import os
import re
import sys
from typing import TYPE_CHECKING, Any, cast

import wenwen
from wenwen._text import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wenwen.resources.responses import ResponseStream

DIM, BOLD, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[0m"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit code."""
    parser, ask = _parsers()
    options, rest = parser.parse_known_args(arguments)
    if rest:
        (ask if options.command == "ask" else parser).error(_unknown(rest, ask))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an answer may hold what a terminal of another encoding cannot show
            stream.reconfigure(errors="replace")
    try:
        code = _demo() if options.command == "demo" else _ask(options, ask)
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
        _complain(str(error))
        return 1


def _complain(words: str) -> None:
    print(f"wenwen: {one_line(words)}", file=sys.stderr)


def _unknown(rest: list[str], ask: argparse.ArgumentParser) -> str:
    """What is wrong with arguments that no option takes."""
    from difflib import get_close_matches

    text = f"unrecognized arguments: {' '.join(rest)}"
    name = next((word.partition("=")[0] for word in rest if word.startswith("-")), None)
    known = re.findall(r"--[a-z-]+", ask.format_usage())
    close = get_close_matches(name, known, 1) if name else []
    return f"{text}: did you mean {close[0]}?" if close else text


def _number(
    kind: type[int] | type[float], least: float, most: float = math.inf, *, above: bool = False
) -> Callable[[str], float]:
    """Reads a number of an option, which is refused here where the API would refuse it."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if (least < value if above else least <= value) and value <= most and value != math.inf:
            return value
        what = "a whole number" if kind is int else "a number"
        span = f"from {least:g} to {most:g}" if most < math.inf else f"{'above' if above else 'of at least'} {least:g}"
        raise argparse.ArgumentTypeError(f"{text!r}: give {what} {span}")

    return read


def _parsers() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """The parser, and that of `ask`."""
    parser = argparse.ArgumentParser(
        prog="python -m wenwen", description="The client for the Wenwen AI gateway, from the terminal."
    )
    parser.add_argument("--version", action="version", version=f"wenwen {wenwen.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    ask = commands.add_parser(
        "ask",
        help="ask a model; the answer is shown as it arrives",
        description="Asks a model and shows its answer as it arrives. The key is read from WENWEN_API_KEY. "
        "What is piped in goes along with the question: cat report.txt | python -m wenwen ask 'Sum up'",
        epilog="Exit codes: 0 answered, 1 an error, 2 wrong arguments, 130 Ctrl-C.",
    )
    ask.add_argument("text", nargs="*", help="the question; - or nothing: read it from standard input")
    ask.add_argument("--model", default="gpt-5", help="which model answers (default: %(default)s)")
    ask.add_argument("--instructions", metavar="TEXT", help="a system message put before the question")
    whole, count = _number(int, 1), _number(int, 0)
    ask.add_argument("--max-output-tokens", type=whole, metavar="N", help="limit for the answer, reasoning included")
    heat = _number(float, 0, 2)
    ask.add_argument("--temperature", type=heat, metavar="T", help="how freely words are chosen: 0 to 2")
    ask.add_argument("--reasoning", metavar="EFFORT", help="how much the model thinks: minimal, low, medium, high, …")
    ask.add_argument("--base-url", metavar="URL", help="the gateway's root (default: WENWEN_BASE_URL, or the gateway)")
    seconds = _number(float, 0, above=True)
    ask.add_argument("--timeout", type=seconds, metavar="SECONDS", help="limit for the whole call (default: 600)")
    ask.add_argument(
        "--max-retries", type=count, metavar="N", help="how often a failed call is sent again (default: 2)"
    )
    ask.add_argument("--json", action="store_true", help="show the whole reply as JSON once it is complete")
    commands.add_parser(
        "demo",
        help="see the package at work on a gateway on this machine, without a key",
        description="Shows the package at work on a gateway on this machine. Needs no key and no network.",
    )
    return parser, ask


def _question(words: list[str]) -> str:
    """The question; what is piped in stands below it."""
    asked = " ".join(word for word in words if word != "-")
    if sys.stdin is None or (asked and "-" not in words and sys.stdin.isatty()):  # pyright: ignore[reportUnnecessaryComparison]
        return asked
    if sys.stdin.isatty():
        print("Type the question; end it with Ctrl-D on a line of its own.", file=sys.stderr)
    piped = sys.stdin.buffer.read().decode("utf-8", "replace")
    return f"{asked}\n\n{piped}" if asked and piped.strip() else asked or piped


def _ask(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    question = _question(options.text)
    if not question.strip():
        parser.error("there is no question")
    params: dict[str, Any] = {"model": options.model, "input": question}
    for name in ("instructions", "max_output_tokens", "temperature", "timeout", "max_retries"):
        if (value := getattr(options, name)) is not None:
            params[name] = value
    if options.reasoning:
        params["reasoning"] = {"effort": options.reasoning}
    client = wenwen.Client(base_url=options.base_url)
    # Streamed even where only the whole is shown: proxies give up on a reply that is silent for long.
    with cast("ResponseStream", client.responses.stream(**params)) as stream:
        if not options.json:
            writer = _Writer()
            try:
                for event in stream:
                    writer.write(event)
            finally:
                writer.end()
        reply = stream.get_final_response()
    if options.json:
        print(printable(reply.to_json()) if sys.stdout.isatty() else reply.to_json())
    if reply.status == "failed":
        _complain(f"the model failed: {reply.error.message if reply.error else '(no reason given)'}")
        return 1
    if reply.status == "incomplete":
        details = reply.incomplete_details
        _complain(f"the answer is incomplete: {details.reason if details else '(no reason given)'}")
    return 0


class _Writer:
    """Writes an answer as it arrives: each piece at once, and on a terminal the reasoning too, dimmed."""

    def __init__(self) -> None:
        self._shown: Callable[[str], str] = printable if sys.stdout.isatty() else str
        self._dims = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._thinking = False
        self._last = "\n"

    def write(self, event: Any) -> None:
        kind = event.type
        if kind in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
            if self._dims:
                self._put(("" if self._thinking else DIM) + self._shown(event.delta))
                self._thinking = True
        elif kind in ("response.output_text.delta", "response.refusal.delta"):
            self._rest()
            self._put(self._shown(event.delta))

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
