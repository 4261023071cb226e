"""`completion`: what a shell offers, made of the parser."""

from __future__ import annotations

import argparse
import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from ._parser import COMMANDS, parsers
from ._screen import put

if TYPE_CHECKING:
    from argparse import Namespace


class _Option(NamedTuple):
    """names: empty of what is no option. words: those there are to choose from. files: whether it takes one. takes:
    whether it takes anything. about: what it is, in few words. again: whether it may be given again."""

    names: list[str]
    words: list[str]
    files: bool
    takes: bool
    about: str
    again: bool


def completion(options: Namespace) -> int:
    parser, commands = parsers()
    table = {name: (_about(COMMANDS[name].about), _options(command)) for name, command in commands.items()}
    put({"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell](table, _options(parser)), end="")
    return 0


def _options(parser: argparse.ArgumentParser) -> list[_Option]:
    found: list[_Option] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        files = action.metavar in ("FILE", "STORE") or action.dest == "data"
        text = parser._get_formatter()._expand_help(action) if action.help else ""
        words = [str(word) for word in action.choices or ()]
        again = isinstance(action, argparse._AppendAction)
        found.append(_Option(list(action.option_strings), words, files, action.nargs != 0, _about(text), again))
    return found


def _about(text: str | None) -> str:
    """The first words of a help, with nothing that means something to a shell."""
    first = re.split(r"[;:(]", text or "", maxsplit=1)[0].strip()
    return re.sub(r"[^\w .,/+<>=-]", "", first)


_Table = dict[str, tuple[str, list[_Option]]]


def _bash(table: _Table, own: list[_Option]) -> str:
    def words(options: list[_Option]) -> str:
        return " ".join(name for option in options for name in option.names)

    cases: list[str] = []
    for command, (_, options) in table.items():
        values = [
            f"                {'|'.join(option.names)}) {_offer(option)}; return ;;"
            for option in options
            if option.names and option.takes
        ]
        # Files last: they set what parts words.
        free = sorted((option for option in options if not option.names), key=lambda option: option.files)
        offers = "; ".join(_offer(option) for option in free if option.words or option.files)
        cases.append(
            "\n".join([
                f"        {command})",
                '            case "$before" in',
                *values,
                "            esac",
                f'            if [[ $now == -* ]]; then COMPREPLY=($(compgen -W "{words(options)}" -- "$now"))',
                f"            else {offers or ':'}; fi ;;",
            ])
        )  # fmt: skip
    body = "\n".join(cases)
    return f"""\
_wenwen() {{
    local now=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
    COMPREPLY=()
    # bash takes --format=srt for three words.
    [[ $before == = ]] && before=${{COMP_WORDS[COMP_CWORD - 2]}}
    [[ $now == = ]] && now='' before=${{COMP_WORDS[COMP_CWORD - 1]}}
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "{" ".join(table)} {words(own)}" -- "$now"))
        return
    fi
    case "${{COMP_WORDS[1]}}" in
{body}
    esac
}}
complete -o filenames -F _wenwen wenwen
"""


def _offer(option: _Option) -> str:
    """What bash offers as its value."""
    parts = [f'COMPREPLY+=($(compgen -W "{" ".join(option.words)}" -- "$now"))'] if option.words else []
    parts += ["local IFS=$'\\n'; COMPREPLY+=($(compgen -f -- \"$now\"))"] if option.files else []
    return "; ".join(parts) or ":"


def _zsh(table: _Table, own: list[_Option]) -> str:
    def spec(option: _Option) -> list[str]:
        value = f"({' '.join(option.words)})" if option.words else "_files" if option.files else ""
        if not option.names:
            return [f"'*: :{value or ' '}'"]
        value = f":value:{value or ' '}" if option.takes else ""
        star = "*" if option.again else ""
        return [f"'{star}{name}[{option.about}]{value}'" for name in option.names]

    def specs(options: list[_Option]) -> str:
        return " \\\n                ".join(text for option in options for text in spec(option))

    commands = "\n".join(f"        '{name}:{about}'" for name, (about, _) in table.items())
    cases = "\n".join(f"            {name}) _arguments -s {specs(options)} ;;" for name, (_, options) in table.items())
    return f"""\
#compdef wenwen
_wenwen() {{
    local -a commands
    commands=(
{commands}
    )
    local context state state_descr line
    typeset -A opt_args
    _arguments -C {specs(own)} '1: :->command' '*:: :->rest'
    case $state in
        command) _describe command commands ;;
        rest)
            case $line[1] in
{cases}
            esac ;;
    esac
}}
compdef _wenwen wenwen
"""


def _fish(table: _Table, own: list[_Option]) -> str:
    def line(condition: str, option: _Option) -> str:
        parts = ["complete -c wenwen", f"-n '{condition}'"]
        for name in option.names:
            parts.append(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}")
        if option.takes and option.names:
            parts.append("-r" if option.files else "-x")
        if option.files and not option.names:
            parts.append("-F")
        if option.words:
            parts.append(f"-a {shlex.quote(' '.join(option.words))}")
        if option.about and option.names:
            parts.append(f"-d {shlex.quote(option.about)}")
        return " ".join(parts)

    lines = ["complete -c wenwen -f"]
    lines += [line("__fish_use_subcommand", option) for option in own]
    for name, (about, _) in table.items():
        lines.append(f"complete -c wenwen -n __fish_use_subcommand -a {name} -d {shlex.quote(about)}")
    for name, (_, options) in table.items():
        condition = f"__fish_seen_subcommand_from {name}"
        lines += [line(condition, option) for option in options if option.names or option.words or option.files]
    return "\n".join(lines) + "\n"
