"""What the replies of all dialects have that may be of a class of the user's, and the parts of them that hold it."""

from __future__ import annotations

from typing import Any, cast


class Kept:
    """What stands beside the data of an object, and goes along where it is copied or pickled: an answer is not made
    again."""

    _keeps = cast("tuple[str, ...]", ("_parsed", "_parsed_arguments"))  # no annotation: it would be a field

    def _beside(self) -> dict[str, Any]:
        own: dict[str, Any] = object.__getattribute__(self, "__dict__")
        if "_output" in own and not any(name in own for name in self._keeps):
            self._read()
        return {name: own[name] for name in self._keeps if name in own}

    def _read(self) -> None:
        from .._answers import block_answer

        block_answer(self)

    def _put(self, beside: dict[str, Any]) -> Any:
        for name, value in beside.items():
            setattr(self, name, value)
        return self

    def __reduce__(self) -> Any:
        plain: Any = super().__reduce__()
        beside = self._beside()
        # The arguments of a call may be what no pickle takes: the rest is worth more.
        for name in ("_called", "_parsed_arguments"):
            if name in beside:
                beside[name] = _without_what_fails(beside[name])
        return (_rebuilt, (*plain, beside)) if beside else plain

    def __copy__(self) -> Any:
        return _put(super().__copy__(), self._beside())  # type: ignore[misc]

    def __deepcopy__(self, memo: object, /) -> Any:
        from copy import deepcopy

        return _put(super().__deepcopy__(memo), deepcopy(self._beside()))  # type: ignore[misc]

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Any:
        """A copy, as pydantic's models make one: `update` are fields to set in it, `deep` copies what it holds too."""
        from copy import deepcopy

        made: Any = super().model_copy(update=update, deep=deep)  # type: ignore[misc]
        return _put(made, deepcopy(self._beside()) if deep else self._beside())


def _without_what_fails(value: Any) -> Any:
    import pickle

    if isinstance(value, list):
        return [_without_what_fails(one) for one in cast("list[object]", value)]
    try:
        pickle.dumps(value)
    except Exception:
        return None
    return value


def _put(made: Any, beside: dict[str, Any]) -> Any:
    return made._put(beside) if beside else made


def _rebuilt(make: Any, arguments: tuple[Any, ...], beside: dict[str, Any]) -> Any:
    return _put(make(*arguments), beside)


class Answered(Kept):
    """A reply that knows its answer as an instance of the class that `parse` or `stream` was given."""

    _keeps = ("_values", "_tries", "_usage_partial")

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

    @property
    def usage_partial(self) -> bool:
        """Whether one of several tries does not say what it used: it was more than `usage`, which is of the others."""
        return bool(getattr(self, "_usage_partial", False))

    def _read(self) -> None:
        from .._answers import answer_of

        answer_of(self)

    def _beside(self) -> dict[str, Any]:
        beside = super()._beside()
        if getattr(self, "_called", False):
            beside["_called"] = [getattr(call, "_parsed_arguments", None) for call in self._callers()]
        return beside

    def _put(self, beside: dict[str, Any]) -> Any:
        super()._put(beside)
        if "_values" in beside:
            from .._answers import put

            put(self, beside["_values"], self.tries)
        if "_called" in beside:
            for call, arguments in zip(self._callers(), beside["_called"], strict=False):
                call._parsed_arguments = arguments
        return self

    def _callers(self) -> list[Any]:
        """What of the reply has the arguments of each call."""
        from .._dialects import DIALECTS

        dialect: str = self._dialect  # type: ignore[attr-defined]
        return [found.holder for found in DIALECTS[dialect].all_calls(self)]
