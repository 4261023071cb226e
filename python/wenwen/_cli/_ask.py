"""`ask` and `chat`."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import wenwen
from wenwen.types.shared import items, part

from . import CommandError, UsageError
from ._files import (
    MOST,
    checked,
    part_from,
    part_of,
    remember,
    remembered,
    save,
    schema_of,
    standard_input,
    text_of,
)
from ._parser import MODEL
from ._screen import DIM, PLAIN, as_json, coloured, complain, put, put_json, shown, tell

if TYPE_CHECKING:
    from argparse import Namespace

    from wenwen.resources.responses import ResponseStream
    from wenwen.types import Response


def client_of(options: Namespace) -> wenwen.Client:
    """A client with the options of the call."""
    given = {name: value for name in ("timeout", "max_retries") if (value := getattr(options, name, None)) is not None}
    return wenwen.Client(base_url=options.base_url, **given)


def params_of(options: Namespace) -> dict[str, Any]:
    """What `ask`, `chat` and `map` say to a model, beside the question."""
    names = ("instructions", "max_output_tokens", "temperature")
    params = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.reasoning:
        params["reasoning"] = {"effort": options.reasoning}
    return params


# ---- ask ----


def ask(options: Namespace) -> int:
    path = checked(options)
    schema = None if options.schema is None else schema_of(options.schema)
    content = _content(options)
    answer = Answer(live=path is None and not options.json and schema is None)
    try:
        reply = _Talk(options).say(content, answer, schema)
    except wenwen.AnswerValidationError as error:  # it was paid for
        raise CommandError(f"{error}. It was: {error.text}") from None
    if options.json:
        whole = as_json(reply)
    else:
        whole = answer.text if schema is None or reply.status == "failed" else as_json(cast("Any", reply).parsed)
    if path is not None and path != "-":
        if reply.status != "failed":
            save(path, whole.encode("utf-8", "backslashreplace") + b"\n", options.force)
    elif options.json:
        put_json(reply)
    elif not answer.live:
        put(whole)
    return _verdict(reply)


def _content(options: Namespace) -> str | list[dict[str, Any]]:
    """The question; what is piped in stands below it, and then the files."""
    asked = " ".join(word for word in options.text if word != "-")
    closed = sys.stdin is None  # pyright: ignore[reportUnnecessaryComparison]
    piped = b""
    if "-" in options.text or not (asked or options.files) or not (closed or sys.stdin.isatty()):
        piped = b"" if "-" in options.files else standard_input("question")
    parts = [part_of(path) for path in options.files]
    more = part_from(piped, "standard input")
    if more["type"] == "input_text":
        text = text_of(piped, "standard input")
        asked = f"{asked}\n\n{text}" if asked and text.strip() else asked or text
    else:
        parts.insert(0, more)
    if not parts and not asked.strip():
        raise UsageError("there is no question")
    if not parts:
        return asked
    return [{"type": "input_text", "text": asked}, *parts] if asked.strip() else parts


def _verdict(reply: Response) -> int:
    """The exit code of a reply; what is not as it should be is said."""
    if reply.status == "failed":
        error = part(reply, "error")
        complain(f"the model failed: {part(error, 'message') or error or '(no reason given)'}")
        return 1
    if reply.status == "incomplete":
        reason = part(part(reply, "incomplete_details"), "reason")
        complain(f"the answer is incomplete: {reason or '(no reason given)'}")
    return 0


class _Talk:
    """A conversation: what was said, and to whom."""

    def __init__(self, options: Namespace) -> None:
        self.client = client_of(options)
        self.params = params_of(options)
        self.items: list[Any] = []
        self.model: str = options.model or MODEL
        if options.chat:
            kept = remembered()
            self.items = kept["input"]
            self.model = options.model or kept["model"]
            if kept.get("instructions"):
                self.params.setdefault("instructions", kept["instructions"])

    def say(self, content: str | list[Any], answer: Answer, schema: dict[str, Any] | None = None) -> Response:
        """Asks, shows the answer, and keeps both."""
        question = {"role": "user", "content": content}
        params: dict[str, Any] = {"model": self.model, **self.params}
        # The form that is the same for every server, where there is nothing else to say.
        params["input"] = [*self.items, question] if self.items or not isinstance(content, str) else content
        asked: Any = self.client.responses.stream
        # Streamed even where only the whole is shown: proxies give up on a reply that is silent for long.
        with cast("ResponseStream", asked(**params) if schema is None else asked(schema, **params)) as stream:
            try:
                for event in stream:
                    answer.write(event)
            finally:
                answer.end()
            reply = stream.get_final_response()
        if not answer.text and reply.output_text:  # of a server that says all of it at the end
            answer.add(reply.output_text)
            answer.end()
        if reply.status != "failed":
            self.items = [*self.items, question, *items(part(reply, "output"))]
            kept = {"model": self.model, "instructions": self.params.get("instructions"), "input": self.items}
            remember(kept)
        return reply


class Answer:
    """Writes an answer as it arrives: each piece at once, and on a terminal the reasoning too, dimmed. live: whether it
    is written at all."""

    def __init__(self, live: bool = True) -> None:
        self.live = live
        self._pieces: list[str] = []
        self._thinking = False
        self._last = "\n"

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._pieces)

    def write(self, event: Any) -> None:
        kind, delta = part(event, "type"), part(event, "delta")
        if not isinstance(delta, str):
            return
        if kind in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
            self.think(delta)
        elif kind in ("response.output_text.delta", "response.refusal.delta"):
            self.add(delta)

    def think(self, text: str) -> None:
        if self.live and coloured():
            self._put(("" if self._thinking else DIM) + shown(text))
            self._thinking = True

    def add(self, text: str) -> None:
        self._pieces.append(text)
        if self.live:
            self._rest()
            self._put(shown(text))

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


# ---- chat ----

_HELP = """\
/file FILE    send a text, picture or PDF along with the next question; a URL of a picture too
/model NAME   ask another model from now on
/new          begin anew
/exit         end it, as Ctrl-D does
A line that ends with \\ goes on in the next one. Ctrl-C stops an answer."""


def chat(options: Namespace) -> int:
    talk = _Talk(options)
    terminal = sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison]
    if terminal:
        with suppress(ImportError):
            import_module("readline")  # what `input` edits lines with
        tell(f"{talk.model} · /help says more, Ctrl-D ends it")
    parts: list[Any] = []
    while (line := _typed("> ") if terminal else _piped()) is not None:
        # Commands are typed: what is piped in may be anybody's.
        command, _, word = line.strip().partition(" ")
        if not line.strip():
            continue
        if terminal and command in ("/help", "/new", "/model", "/file", "/exit"):
            if command == "/exit":
                break
            _obey(command, word.strip(), talk, parts)
            continue
        content = [{"type": "input_text", "text": line}, *parts] if parts else line
        try:
            reply = talk.say(content, _writer(options))
        except KeyboardInterrupt:
            if not terminal:
                raise
            tell("stopped; the question is forgotten")
            continue
        except (wenwen.WenwenError, ValueError) as error:
            if not terminal:
                raise
            complain(error)
            continue
        parts = []
        if options.json:
            put_json(reply, None)
        if _verdict(reply) and not terminal:
            return 1
    if terminal:
        print(file=sys.stderr)
    return 0


def _writer(options: Namespace) -> Answer:
    if options.json:
        return Answer(live=False)
    if not options.plain and sys.stdout.isatty():
        with suppress(ImportError):
            from ._markdown import MarkdownAnswer

            return MarkdownAnswer()
    return Answer()


def _obey(command: str, word: str, talk: _Talk, parts: list[Any]) -> None:
    if command == "/help":
        print(_HELP, file=sys.stderr)
    elif command == "/new":
        talk.items = []
        parts.clear()
        tell("a new conversation")
    elif command == "/model":
        talk.model = word or talk.model
        tell(f"the model is {talk.model}")
    else:
        try:
            if word in ("", "-"):
                raise CommandError("/file: give the name of a file")
            parts.append(part_of(word))
            tell(f"{word} goes along with the next question")
        except (CommandError, OSError) as error:
            complain(error)


def _typed(prompt: str) -> str | None:
    lines: list[str] = []
    try:
        while True:
            if sys.stdout.isatty():
                line = input(prompt)
            else:  # `input` would write the prompt to what is not the terminal
                print(prompt, end="", file=sys.stderr, flush=True)
                line = sys.stdin.readline()
                if not line:
                    return None
                line = line.rstrip("\r\n")
            if not line.endswith("\\"):
                return "\n".join([*lines, line])
            lines.append(line[:-1])
            prompt = "… "
    except EOFError:
        return None


def _piped() -> str | None:
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
        raise CommandError("standard input is closed")
    line = sys.stdin.buffer.readline(MOST + 1)
    if len(line) > MOST:
        raise CommandError(f"a line of standard input is larger than {MOST >> 20} MB, the most that the gateway takes")
    return text_of(line, "standard input").rstrip("\r\n") if line else None
