"""`%load_ext wenwen`: cells that ask a model."""

from __future__ import annotations

import re
from typing import Any

_HELP = """Asks a model what stands in the cell, and shows the answer while it arrives.

    %%ask --model gpt-5 --system "Answer in one sentence."
    What is {topic}?

    %ask --model gpt-5 What is {topic}?

A name in braces is the variable of that name; what names no variable stays as it is, and so does what stands in two
pairs of braces, without one of them. The whole reply is the cell's value: `_`, or --out NAME.
"""
_NAME = re.compile(r"\{\{(.*?)\}\}|\{([A-Za-z_]\w*)\}", re.DOTALL)


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext wenwen` calls: registers `%%ask` and `%ask`."""
    shell.register_magic_function(_magic(shell), "line_cell", "ask")


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext wenwen` calls."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("ask", None)


def filled(text: str, names: Any) -> str:
    """A text with the variables whose names stand in braces."""

    def value(found: re.Match[str]) -> str:
        if found[1] is not None:
            return f"{{{found[1]}}}"
        return str(names[found[2]]) if found[2] in names else found[0]

    return _NAME.sub(value, text)


def _magic(shell: Any) -> Any:
    import argparse
    import shlex

    from IPython.core.error import UsageError

    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> Any:
            raise UsageError(f"%%ask: {message}")

        def exit(self, status: int = 0, message: str | None = None) -> Any:
            raise UsageError(message or "see above")

    parser = Parser("%%ask", description=_HELP, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", "-m", default="gpt-5", help="the model's id (gpt-5)")
    parser.add_argument("--system", "-s", help="what the model is told before")
    parser.add_argument("--api", choices=[*_ASKS], default="responses", help="the dialect (responses)")
    parser.add_argument("--out", "-o", metavar="NAME", help="a variable for the reply")
    parser.add_argument("text", nargs="*", help="what to ask, before what stands in the cell")

    def ask(line: str, cell: str = "") -> Any:
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"%%ask: {error} in {line!r}") from None
        given = parser.parse_intermixed_args(words)
        text = filled("\n".join((" ".join(given.text), cell)).strip(), shell.user_ns)
        if not text:
            raise UsageError("%%ask: there is nothing to ask: write it into the cell")
        system = None if given.system is None else filled(given.system, shell.user_ns)
        reply = _ASKS[given.api](given.model, text, system).show()
        if given.out:
            shell.user_ns[given.out] = reply
        return reply

    ask.__doc__ = parser.format_help()
    return ask


def _responses(model: str, text: str, system: str | None) -> Any:
    import wenwen

    ask: Any = wenwen.stream_response
    more: Any = {} if system is None else {"instructions": system}
    return ask(model=model, input=text, **more)


def _chat(model: str, text: str, system: str | None) -> Any:
    import wenwen

    first: Any = [] if system is None else [{"role": "system", "content": system}]
    return wenwen.stream_chat_completion(model=model, messages=[*first, {"role": "user", "content": text}])


def _messages(model: str, text: str, system: str | None) -> Any:
    import wenwen

    ask: Any = wenwen.stream_message
    more: Any = {} if system is None else {"system": system}
    return ask(model=model, max_tokens=8192, messages=[{"role": "user", "content": text}], **more)


def _gemini(model: str, text: str, system: str | None) -> Any:
    import wenwen

    ask: Any = wenwen.stream_content
    more: Any = {} if system is None else {"config": {"system_instruction": system}}
    return ask(model=model, contents=text, **more)


_ASKS = {"responses": _responses, "chat": _chat, "messages": _messages, "gemini": _gemini}
