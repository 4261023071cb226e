"""What is not given: for code that hands its own optional arguments on, `create(temperature=temperature)`.

An argument with such a value is left out, at any depth of a body too. The peers' own values, `openai.omit` and
`anthropic.NOT_GIVEN` for example, are as good: the core knows them all by their names (src/py/omit.rs).
"""

from __future__ import annotations

from typing import Any, Literal


class NotGiven:
    """What `NOT_GIVEN` is: an argument with this value is left out."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "NOT_GIVEN"


class Omit:
    """What `omit` is: an argument with this value is left out; of headers, the client's own of that name too."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "omit"


# Any, so that type checkers take them for every parameter.
omit: Any = Omit()
not_given: Any = NotGiven()
NOT_GIVEN: Any = not_given
