"""All commands, their options, their examples: what `--help` says, what is completed, what runs."""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EXITS = "Exit codes: 0 done, 1 it failed, 2 wrong arguments, 130 Ctrl-C, 141 nobody reads the output."
MODEL = "gpt-5"


class Command(NamedTuple):
    """run: the function, in a module beside this one. about: a line for the list of commands. more: what else --help
    says. options: adds them to its parser."""

    run: str
    about: str
    more: str
    examples: str
    options: Callable[[Parser], None]


class _Formatter(argparse.HelpFormatter):
    """Examples stay as they are; the rest is filled."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class Parser(argparse.ArgumentParser):
    """A parser whose errors say no key, and nothing to a terminal but words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, **options)

    def error(self, message: str) -> Any:
        from wenwen._text import one_line

        from ._screen import masked

        super().error(one_line(masked(message)))

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse says nothing where it cannot write, and all is well. Of an error the code says it.
        if file is sys.stdout and file is not None:
            file.write(message)
        else:
            with contextlib.suppress(AttributeError, OSError):  # argparse of some versions only
                super()._print_message(message, file)


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; SystemExit where they are wrong, and of --help."""
    parser, commands = parsers()
    options, rest = parser.parse_known_args(arguments)
    if rest:
        command = commands[options.command]
        command.error(_unknown(rest, command))
    return options


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """The parser, and those of the commands."""
    # As the user has called it.
    name = "python -m wenwen" if os.path.basename(sys.argv[0]) == "__main__.py" else "wenwen"
    parser = Parser(
        prog=name,
        description="The client for the Wenwen AI gateway, from the terminal. The key is read from WENWEN_API_KEY.",
        epilog=f"`{name} COMMAND --help` has examples.\n{_EXITS}",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    group = parser.add_subparsers(dest="command", required=True, metavar="command")
    made: dict[str, Parser] = {}
    for word, command in COMMANDS.items():
        examples = "\n".join(f"  {line}" for line in command.examples.splitlines())
        made[word] = group.add_parser(
            word,
            help=command.about,
            description=f"{command.about[0].upper()}{command.about[1:]}. {command.more}".strip(),
            epilog=f"Examples:\n{examples}\n\n{_EXITS}",
        )
        made[word].set_defaults(run=command.run)
        command.options(made[word])
    return parser, made


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from wenwen import __version__

        print(f"wenwen {__version__}")
        parser.exit()


def _unknown(rest: list[str], parser: Parser) -> str:
    """What is wrong with arguments that no option takes. Their values are not said again: they may be a key."""
    from difflib import get_close_matches

    names = [word.partition("=")[0] for word in rest if word.startswith("-")]
    text = f"unrecognized arguments: {' '.join(names or rest)}"
    if any(name in ("--key", "--api-key", "--token") for name in names):
        return f"{text}: the key is read from WENWEN_API_KEY, where no list of processes shows it"
    if names and parser.prog.endswith(" imagine"):
        return f"{text}: put the prompt in quotes, with Midjourney's parameters in it"
    known = [name for name in parser._option_string_actions if name.startswith("--")]
    close = get_close_matches(names[0], known, 1) if names else []
    return f"{text}: did you mean {close[0]}?" if close else text


# ---- kinds of values ----


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


_COUNT, _WHOLE, _ABOVE = _number(int, 0), _number(int, 1), _number(float, 0, above=True)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


# ---- options of several commands ----


def _call(parser: Parser, timeout: str = "600", *, retries: bool = True) -> None:
    group = parser.add_argument_group("the call")
    group.add_argument(
        "--base-url", metavar="URL", help="the gateway's root (default: WENWEN_BASE_URL, or the gateway)"
    )
    group.add_argument("--timeout", type=_ABOVE, metavar="SECONDS", help=f"limit for the whole of it ({timeout})")
    if retries:
        group.add_argument("--max-retries", type=_COUNT, metavar="N", help="how often a failed call is sent again (2)")


def _json(parser: Parser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"show {what} as JSON")


def _output(parser: Parser, what: str) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", help=what)
    parser.add_argument("--force", action="store_true", help="replace a file that is there")


def _model(parser: Parser, default: str) -> None:
    parser.add_argument("-m", "--model", default=default, metavar="MODEL", help="which model (default: %(default)s)")


def _asking(parser: Parser) -> None:
    """What `ask`, `chat` and `map` say to a model."""
    parser.add_argument("--instructions", metavar="TEXT", help="a system message put before the question")
    parser.add_argument("--max-output-tokens", type=_WHOLE, metavar="N", help="limit for an answer, reasoning included")
    heat = _number(float, 0, 2)
    parser.add_argument("--temperature", type=heat, metavar="T", help="how freely words are chosen: 0 to 2")
    parser.add_argument("--reasoning", metavar="EFFORT", help="how much it thinks: minimal, low, medium, high, …")


def _schema(parser: Parser) -> None:
    parser.add_argument(
        "--schema", metavar="FILE", help="the answer is JSON of this JSON schema, checked; a file, or the schema itself"
    )


# ---- the commands ----


def _ask(parser: Parser) -> None:
    parser.add_argument("text", nargs="*", help="the question; - or nothing: read it from standard input")
    parser.add_argument("-m", "--model", metavar="MODEL", help=f"which model answers (default: {MODEL})")
    parser.add_argument(
        "-f", "--file", "--image", action="append", default=[], metavar="FILE", dest="files",
        help="goes along: text, a picture or a PDF; may be given again, and be a URL",
    )  # fmt: skip
    parser.add_argument("-c", "--chat", action="store_true", help="go on with the last conversation")
    _schema(parser)
    _asking(parser)
    _json(parser, "the whole reply")
    _output(parser, "write the answer to this file, once it is whole")
    _call(parser)


def _chat(parser: Parser) -> None:
    parser.add_argument("-m", "--model", metavar="MODEL", help=f"which model answers (default: {MODEL})")
    parser.add_argument(
        "-c", "--continue", "--chat", dest="chat", action="store_true", help="go on with the last conversation"
    )
    _asking(parser)
    parser.add_argument("--plain", action="store_true", help="show answers as they come, not as Markdown")
    _json(parser, "each reply, a line for each,")
    _call(parser)


def _image(parser: Parser) -> None:
    parser.add_argument("prompt", nargs="*", help="what to paint; - or nothing: read it from standard input")
    _model(parser, "gpt-image-1")
    parser.add_argument(
        "--edit", action="append", default=[], metavar="FILE", help="paint this picture anew; may be given again"
    )
    parser.add_argument("--mask", metavar="FILE", help="where to paint: the transparent parts of this PNG")
    parser.add_argument("-n", type=_number(int, 1, 10), metavar="N", help="how many pictures (1)")
    parser.add_argument("--size", metavar="WxH", help="1024x1024, 1536x1024, …")
    parser.add_argument("--quality", metavar="QUALITY", help="low, medium, high; standard, hd (dall-e-3)")
    parser.add_argument("--background", metavar="KIND", help="transparent, opaque or auto")
    parser.add_argument("--format", choices=("png", "jpeg", "webp"), help="of gpt-image's pictures (png)")
    _output(parser, "the file, or a folder, or - for standard output; its ending becomes what the picture is")
    _json(parser, "the reply, with the files' names in place of the pictures,")
    _call(parser)


def _imagine(parser: Parser) -> None:
    parser.add_argument("prompt", nargs="*", help="what to paint; - or nothing: read it from standard input")
    parser.add_argument(
        "--image", action="append", default=[], metavar="FILE", help="a picture to go by; may be given again"
    )
    parser.add_argument(
        "--click", action="append", default=[], metavar="BUTTON",
        help="then click this button: U1 to U4, V1 to V4, 🔄, …; may be given again",
    )  # fmt: skip
    parser.add_argument("--task", metavar="ID", help="go on with a task that was submitted before, without a prompt")
    parser.add_argument("--no-wait", action="store_true", help="submit, show the task's id, and do not wait")
    parser.add_argument("--poll", type=_ABOVE, default=5.0, metavar="SECONDS", help="between two looks (5)")
    _output(parser, "the file, or a folder; its ending becomes what the picture is")
    _json(parser, "the task")
    _call(parser, "3660")


def _speak(parser: Parser) -> None:
    parser.add_argument("text", nargs="*", help="what to say; - or nothing: read it from standard input")
    _model(parser, "gpt-4o-mini-tts")
    parser.add_argument(
        "--voice", default="alloy", metavar="VOICE", help="alloy, coral, sage, … (default: %(default)s)"
    )
    parser.add_argument("--instructions", metavar="TEXT", help="how to speak, in words")
    parser.add_argument("--speed", type=_number(float, 0.25, 4), metavar="X", help="0.25 to 4 (1)")
    parser.add_argument(
        "--format", choices=("mp3", "opus", "aac", "flac", "wav", "pcm"), help="default: the ending of FILE, or mp3"
    )
    _output(parser, "the file, or - for standard output")
    _json(parser, "what was written")
    _call(parser)


def _transcribe(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="the sound; - for standard input")
    _model(parser, "whisper-1")
    parser.add_argument("--language", metavar="CODE", help="of the sound, in two letters: zh (default: found out)")
    parser.add_argument("--prompt", metavar="TEXT", help="words that may come up")
    parser.add_argument("--translate", action="store_true", help="into English")
    parser.add_argument(
        "--format", default="text", choices=("text", "srt", "vtt", "verbose_json", "diarized_json"),
        help="subtitles, times, speakers, where the model has them (default: %(default)s)",
    )  # fmt: skip
    _output(parser, "write the text to this file")
    _json(parser, "the whole reply")
    _call(parser)


def _embed(parser: Parser) -> None:
    parser.add_argument("text", nargs="*", help="texts; - or nothing: each line of standard input is one")
    parser.add_argument(
        "-f", "--file", action="append", default=[], metavar="FILE", dest="files", help="a text; may be given again"
    )
    _model(parser, "text-embedding-3-small")
    parser.add_argument("--dimensions", type=_WHOLE, metavar="N", help="how many numbers a vector has")
    parser.add_argument("--batch-size", type=_WHOLE, metavar="N", help="texts a request (2048)")
    _output(parser, "the file: .npy (a float32 matrix), .json, or .jsonl")
    _json(parser, "the whole reply")
    _call(parser)


def _models(parser: Parser) -> None:
    parser.add_argument("words", nargs="*", help="only those with these words in their name, vendor or dialects")
    parser.add_argument("-p", "--prices", action="store_true", help="with what they cost, in US dollars")
    parser.add_argument("--group", metavar="NAME", help="the group of the key, for the prices (default)")
    _json(parser, "them")
    _call(parser)


def _usage(parser: Parser) -> None:
    _json(parser, "it")
    _call(parser)


def _map(parser: Parser) -> None:
    parser.add_argument(
        "data", help="a .jsonl, .csv or .parquet file (.gz and .zst too); - for lines of standard input"
    )
    parser.add_argument(
        "prompt", nargs="?", help="a template over the columns: 'Classify: {text}'; else rows are texts or parameters"
    )
    _model(parser, MODEL)
    _schema(parser)
    _asking(parser)
    parser.add_argument("--store", metavar="FILE", help="where replies are kept; the same command goes on from there")
    parser.add_argument("--key", metavar="COLUMN", help="a column that names rows, which may then move")
    parser.add_argument(
        "--max-concurrency", type=_WHOLE, metavar="N", help="calls in flight at once (default: learned)"
    )
    parser.add_argument("--rpm", type=_ABOVE, metavar="N", help="requests a minute (default: learned)")
    parser.add_argument("--tpm", type=_ABOVE, metavar="N", help="tokens a minute (default: learned)")
    parser.add_argument("--budget", type=_ABOVE, metavar="DOLLARS", help="never more than that")
    price = _number(float, 0)
    parser.add_argument(
        "--price", type=price, nargs=2, metavar=("IN", "OUT"), help="dollars a million tokens (default: the gateway's)"
    )
    parser.add_argument("--max-elapsed", type=_ABOVE, metavar="SECONDS", help="limit for the whole job")
    parser.add_argument("--validate-retries", type=_COUNT, metavar="N", help="asks again for what --schema refuses (1)")
    parser.add_argument("--retry-errors", action="store_true", help="ask again for rows that failed before")
    parser.add_argument("--no-dedup", action="store_true", help="ask for each of rows that are the same")
    parser.add_argument("--plan", action="store_true", help="say what it would do and cost; nothing is sent")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress on standard error")
    _output(parser, "the table: .jsonl, .csv or .parquet, in the order of the data (default: JSON lines as they end)")
    _json(parser, "at the end how it went, with -o,")
    _call(parser, "600, of a row", retries=False)


def _job(parser: Parser) -> None:
    parser.add_argument("store", metavar="STORE", help="the file that `map --store` has made")
    parser.add_argument(
        "action", nargs="?", default="status", choices=("status", "export", "retry"),
        help="how it stands (the default); its rows; mark what failed to be asked again by the next `map`",
    )  # fmt: skip
    _output(parser, "export: the table: .jsonl, .csv or .parquet (default: JSON lines)")
    _json(parser, "it")


def _jobs(parser: Parser) -> None:
    parser.add_argument("action", choices=("serve",), help="run the governor of a job of many processes")
    parser.add_argument("store", metavar="STORE", help="the ledger, which `job` shows; made if it is not there")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="of this machine (%(default)s)")
    parser.add_argument(
        "--port", type=_number(int, 0, 65535), default=0, metavar="N", help="0: a free one (%(default)s)"
    )
    parser.add_argument(
        "--token-file", metavar="FILE",
        help="what workers must know, in a file; WENWEN_JOBS_TOKEN, or made: beside the store, for you alone",
    )  # fmt: skip
    parser.add_argument("--certificate", metavar="FILE", help="TLS: a PEM file with a certificate and its key")
    parser.add_argument(
        "--private-network", action="store_true", help="another host without TLS: nobody else can hear what is said"
    )
    parser.add_argument("--max-concurrency", type=_number(int, 1), metavar="N", help="requests at once, of all workers")
    parser.add_argument("--rpm", type=_number(float, 0), metavar="N", help="requests a minute (default: learned)")
    parser.add_argument("--tpm", type=_number(float, 0), metavar="N", help="tokens a minute (default: learned)")
    parser.add_argument("--budget", type=_number(float, 0), metavar="DOLLARS", help="the most to spend; needs --price")
    parser.add_argument(
        "--price", type=_number(float, 0), nargs=2, metavar=("IN", "OUT"), help="dollars for a million tokens"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="do not show how far it is")
    _json(parser, "where it is, in one line,")


def _gateway(parser: Parser) -> None:
    parser.add_argument(
        "--port", type=_number(int, 0, 65535), default=8099, metavar="N", help="0: a free one (%(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="of this machine (%(default)s)")
    parser.add_argument("--models", type=_words, metavar="A,B", help="the only models there are (default: any)")
    parser.add_argument("--latency", type=_number(float, 0), default=0.0, metavar="SECONDS", help="before answers (0)")
    parser.add_argument("--event-delay", type=_number(float, 0), default=0.0, metavar="SECONDS", help="of streams (0)")
    parser.add_argument("-q", "--quiet", action="store_true", help="do not show the requests")
    _json(parser, "how to use it, in one line,")


def _demo(parser: Parser) -> None:
    pass


def _completion(parser: Parser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


COMMANDS = {
    "ask": Command(
        "_ask.ask",
        "ask a model; the answer is shown as it arrives",
        "What is piped in goes along with the question, below it.",
        "wenwen ask 'What is Rust?'\n"
        "cat report.txt | wenwen ask 'Sum this up.'\n"
        "wenwen ask 'What do these show?' -f photo.png -f report.pdf\n"
        "wenwen ask --chat 'And in one sentence?'\n"
        "wenwen ask 'Ada Lovelace was 36 when she died.' --schema person.json -o person-1.json",
        _ask,
    ),
    "chat": Command(
        "_ask.chat",
        "talk with a model; answers are shown as Markdown if rich is installed",
        "Ctrl-C stops an answer, Ctrl-D ends it; /help has more. Without a terminal each line of standard input is a "
        "question.",
        "wenwen chat --model claude-sonnet-4\nwenwen chat --continue",
        _chat,
    ),
    "image": Command(
        "_pictures.image",
        "paint a picture",
        "The file's name is shown; without -o it is made of the prompt.",
        "wenwen image 'A cat in a box' -o cat.png\n"
        "wenwen image 'A cat in a box' --model dall-e-3 --size 1792x1024\n"
        "wenwen image 'The same at night' --edit cat.png -n 3 -o night",
        _image,
    ),
    "imagine": Command(
        "_pictures.imagine",
        "paint with Midjourney, and wait for it",
        "Midjourney's own parameters stand in the prompt.",
        "wenwen imagine 'A cat in a box --ar 16:9' -o wide.png\n"
        "wenwen imagine 'A cat in a box' --click U1\n"
        "wenwen imagine --task 1712205491372224 --click V2",
        _imagine,
    ),
    "speak": Command(
        "_sound.speak",
        "say a text",
        "The file's name is shown; without -o it is made of the text.",
        "wenwen speak 'Good morning' -o morning.mp3\n"
        "wenwen speak --voice coral --format wav -o - 'Good morning' | aplay\n"
        "wenwen speak - -o book.mp3 < chapter.txt",
        _speak,
    ),
    "transcribe": Command(
        "_sound.transcribe",
        "write down what is said",
        "",
        "wenwen transcribe talk.mp3\nwenwen transcribe talk.mp3 --format srt -o talk.srt\n"
        "wenwen transcribe --translate - < vortrag.wav",
        _transcribe,
    ),
    "embed": Command(
        "_embed.embed",
        "make vectors of texts",
        "Without -o and --json a line for each text, which is a JSON list.",
        "wenwen embed 'Hello!' 'How are you?'\nwenwen embed - -o vectors.npy < sentences.txt",
        _embed,
    ),
    "models": Command(
        "_account.models",
        "list the models that the key may use, and their prices",
        "Prices are for a million tokens in and out, or a call.",
        "wenwen models\nwenwen models claude --prices\nwenwen models image --json",
        _models,
    ),
    "usage": Command("_account.usage", "show what the key has left", "", "wenwen usage\nwenwen usage --json", _usage),
    "map": Command(
        "_jobs.map_",
        "ask a model about each row of a table",
        "No paid reply is lost: each is on disk before it is shown, and the same command with the same --store goes on "
        "where it was. Ctrl-C once waits for what is in flight.",
        "wenwen map reviews.csv 'Classify: {text}' --store reviews.db -o out.csv\n"
        "wenwen map reviews.csv 'Classify: {text}' --schema schema.json --budget 5 --model gpt-5-mini\n"
        "wenwen map reviews.csv 'Classify: {text}' --plan",
        _map,
    ),
    "job": Command(
        "_jobs.job",
        "look at what `map` has stored",
        "",
        "wenwen job reviews.db\nwenwen job reviews.db export -o out.jsonl\nwenwen job reviews.db retry",
        _job,
    ),
    "jobs": Command(
        "_jobs.serve",
        "serve one job to many processes, on one machine or more",
        "It has their ledger, limits and budget: give its address as `store` of their jobs, and its token as "
        "WENWEN_JOBS_TOKEN. Ctrl-C ends it, with 0 and everything kept.",
        "wenwen jobs serve reviews.db\n"
        "wenwen jobs serve reviews.db --rpm 6000 --budget 20 --price 0.25 2\n"
        "wenwen jobs serve reviews.db --host 0.0.0.0 --certificate governor.pem",
        _jobs,
    ),
    "gateway": Command(
        "_local.gateway",
        "run a gateway on this machine, for other programs to try",
        "It answers as the real one does, takes any key, and costs nothing. Ctrl-C ends it, with 0.",
        "wenwen gateway\nwenwen gateway --port 8080 --models gpt-5,claude-sonnet-4 --latency 0.5",
        _gateway,
    ),
    "demo": Command(
        "_local.demo",
        "see the package at work on a gateway on this machine, without a key",
        "Needs no network.",
        "wenwen demo",
        _demo,
    ),
    "completion": Command(
        "_completion.completion",
        "show a shell's completions of this command",
        "",
        "source <(wenwen completion bash)        # in ~/.bashrc\n"
        "source <(wenwen completion zsh)         # in ~/.zshrc, after compinit\n"
        "wenwen completion fish | source         # in config.fish",
        _completion,
    ),
}
