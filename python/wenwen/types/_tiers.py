"""new-api's price expressions (`billing_mode: "tiered_expr"`, REFERENCE H.3): arithmetic over the tokens of a call, in
dollars for a million of them, of which each class of calls may have its own."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from typing import NoReturn

_Value: TypeAlias = "float | str | bool"
_Lazy: TypeAlias = Callable[[], _Value]  # only the branch that is taken is reckoned

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<sign>&&|\|\||[<>=!]=|\*\*|[-+*/%^()<>!?:,]))"""
)
# By how tightly they bind; "and" and "or" are taken apart, since their right side may go unasked.
_BINARY: dict[str, tuple[int, Callable[[float, float], _Value]]] = {
    "||": (1, lambda a, b: False),
    "&&": (2, lambda a, b: False),
    "==": (3, operator.eq),
    "!=": (3, operator.ne),
    "<": (4, operator.lt),
    "<=": (4, operator.le),
    ">": (4, operator.gt),
    ">=": (4, operator.ge),
    "+": (5, operator.add),
    "-": (5, operator.sub),
    "*": (6, operator.mul),
    "/": (6, lambda a, b: a / b),
    "%": (6, math.fmod),
    "**": (8, math.pow),
    "^": (8, math.pow),
}
_WORDS = {"and": "&&", "or": "||", "not": "!"}
_FUNCTIONS: dict[str, Callable[[list[float]], float]] = {
    "max": max,
    "min": min,
    "abs": lambda of: abs(*of),
    "ceil": lambda of: math.ceil(*of),
    "floor": lambda of: math.floor(*of),
    "fixed": lambda of: 1e6 * float(*of),  # for the call, whatever its tokens
}


class Tiers:
    """An expression. ValueError, which shows it, for what is not known or cannot be reckoned."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        body = text.removeprefix("v1:").rstrip()
        end = 0
        while end < len(body):
            found = _TOKEN.match(body, end)
            if found is None or found.lastgroup is None:
                self._fail(f"{body[end : end + 20].strip()!r} is not known")
            kind, word = found.lastgroup, found[found.lastgroup]
            self._tokens.append(("sign", _WORDS[word]) if word in _WORDS else (kind, word))
            end = found.end()
        # What it counts apart is not among `p` and `c`.
        after = [word for _, word in self._tokens[1:]] + [""]
        self.names = {w for (kind, w), then in zip(self._tokens, after, strict=False) if kind == "name" and then != "("}

    def __call__(self, values: Mapping[str, float], request: Mapping[str, object]) -> float:
        """What a call costs, in dollars. values: its tokens; request: what is known of its parameters."""
        self._at, self._values, self._request = 0, values, request
        try:
            made = self._ternary()
            if self._at < len(self._tokens):
                self._fail(f"{self._tokens[self._at][1]!r} was not expected")
            cost = self._number(made())
        except (ArithmeticError, RecursionError) as error:
            self._fail(f"it cannot be reckoned ({error})")
        except (TypeError, ValueError) as error:
            if isinstance(error, _UnknownError):
                raise
            self._fail(str(error))
        if not math.isfinite(cost) or cost < 0:
            self._fail(f"it makes {cost:g}")
        return cost / 1e6

    def _fail(self, words: str) -> NoReturn:
        raise _UnknownError(f"a price that cannot be reckoned here: {words}, in {self._text[:500]!r}") from None

    def _number(self, value: _Value) -> float:
        if isinstance(value, (bool, str)):
            self._fail(f"{value!r} is no number")
        return float(value)

    def _truth(self, value: _Value) -> bool:
        return value if isinstance(value, bool) else self._fail(f"{value!r} is no condition")

    def _take(self, *words: str) -> str:
        """The next sign, if it is one of these."""
        if self._at < len(self._tokens):
            kind, word = self._tokens[self._at]
            if kind == "sign" and word in words:
                self._at += 1
                return word
        return ""

    def _need(self, word: str) -> None:
        if not self._take(word):
            self._fail(f"{word!r} is missing")

    def _ternary(self) -> _Lazy:
        condition = self._binary(1)
        if not self._take("?"):
            return condition
        one = self._ternary()
        self._need(":")
        other = self._ternary()
        return lambda: one() if self._truth(condition()) else other()

    def _binary(self, least: int) -> _Lazy:
        left = self._unary()
        while word := self._take(*(word for word, (binds, _) in _BINARY.items() if binds >= least)):
            binds, _ = _BINARY[word]
            left = self._joined(word, left, self._binary(binds if binds == 8 else binds + 1))
        return left

    def _joined(self, word: str, left: _Lazy, right: _Lazy) -> _Lazy:
        if word == "&&":
            return lambda: self._truth(left()) and self._truth(right())
        if word == "||":
            return lambda: self._truth(left()) or self._truth(right())
        do = _BINARY[word][1]
        if word in ("==", "!="):
            return lambda: do(left(), right())  # type: ignore[arg-type]
        return lambda: do(self._number(left()), self._number(right()))

    def _unary(self) -> _Lazy:
        word = self._take("-", "+", "!", "(")
        if word == "(":
            inner = self._ternary()
            self._need(")")
            return inner
        if word == "!":
            inner = self._unary()
            return lambda: not self._truth(inner())
        if word:
            inner = self._binary(7)
            return lambda: -self._number(inner()) if word == "-" else self._number(inner())
        return self._atom()

    def _atom(self) -> _Lazy:
        kind, word = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        self._at += 1
        if kind == "number":
            number = float(word)
            return lambda: number
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", word[1:-1])
            return lambda: text
        if kind != "name":
            self._fail(f"{word!r} was not expected" if word else "it breaks off")
        if word in ("true", "false"):
            return lambda: word == "true"
        if not self._take("("):
            return lambda: self._values[word] if word in self._values else self._fail(f"{word} is not known")
        arguments: list[_Lazy] = []
        while not self._take(")"):
            arguments.append(self._ternary())
            if not self._take(","):
                self._need(")")
                break
        return lambda: self._called(word, arguments)

    def _called(self, name: str, arguments: list[_Lazy]) -> _Value:
        if name == "tier" and len(arguments) == 2:
            return self._number(arguments[1]())
        if name == "param" and len(arguments) == 1 and (value := self._request.get(str(arguments[0]()))) is not None:
            return value  # type: ignore[return-value]
        if name in _FUNCTIONS:
            return float(_FUNCTIONS[name]([self._number(argument()) for argument in arguments]))
        self._fail(f"what {name}(…) was for the call is not known")


class _UnknownError(ValueError):
    pass
