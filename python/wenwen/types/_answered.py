"""What the replies of all dialects have that may be of a class of the user's."""

from __future__ import annotations

from typing import Any


class Answered:
    """A reply that knows its answer as an instance of the class that `parse` or `stream` was given."""

    @property
    def parsed(self) -> Any:
        """The answer as an instance of the class that `parse` or `stream` was given; None where there was none.

        Raises what says why there is no answer: AnswerRefusedError, LengthFinishReasonError,
        ContentFilterFinishReasonError, NoAnswerError."""
        from .._answers import parsed_of

        return parsed_of(self)

    @property
    def tries(self) -> list[Any]:
        """The answers before this one that did not fit (`retries`): each with its `reply`, `text`, `usage`, `error`."""
        tries: list[Any] = getattr(self, "_tries", [])
        return tries

    # The answer stands beside the data, and goes along: it is not validated again.
    def __reduce__(self) -> Any:
        plain: Any = super().__reduce__()
        values = getattr(self, "_values", None)
        return plain if values is None else (_rebuilt, (*plain, values, self.tries))

    def __copy__(self) -> Any:
        return _with_answer(super().__copy__(), self, lambda values: values)  # type: ignore[misc]

    def __deepcopy__(self, _memo: object, /) -> Any:
        from copy import deepcopy

        return _with_answer(super().__deepcopy__(_memo), self, deepcopy)  # type: ignore[misc]


def _rebuilt(make: Any, arguments: tuple[Any, ...], values: list[Any], tries: list[Any]) -> Any:
    from .._answers import put

    return put(make(*arguments), values, tries)


def _with_answer(copy: Any, reply: Any, copied: Any) -> Any:
    from .._answers import put

    values = getattr(reply, "_values", None)
    return copy if values is None else put(copy, copied(values), reply.tries)
