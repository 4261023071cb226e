"""What the rows of a job ask: looked at once, before anything is sent; then the part that each row has of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from .._core import JobTemplate, Settings
from .._errors import AnswerValidationError
from ..types.shared import part
from ._kinds import kind_of
from ._made import Maker
from ._prompt import fields_of, filler_of

if TYPE_CHECKING:
    from .._core import Endpoint
    from .._output import Output
    from ._data import Source
    from ._options import Options

    # An endpoint and its ids: of a row whose call is made anew.
    Own = tuple[Endpoint, list[str]]


class NoKeyError(ValueError):
    """A row has no name."""


class Asking:
    """The call that every row of a resource's `map` is.

    fixed: the parameters that are the same for all. chosen: the class of the answers, if they are of one. template:
    what is the same for all, encoded."""

    def __init__(
        self,
        resource: Any,
        name: str,
        source: Source,
        prompt: Any,
        options: Options,
        fixed: dict[str, Any],
        output: Any,
    ) -> None:
        self.settings: Settings = resource._settings
        self.kind = kind_of(name)
        self._name, self._source, self._prompt, self._options = name, source, prompt, options
        self.chosen, self._keyword = self._class(output, fixed)
        self.fixed = dict(sorted(fixed.items()))
        self.filler()  # what is wrong with the prompt
        self._needs = {name: value for name, value in self.kind.needs.items() if name not in self.fixed}
        endpoint, wire, ids = self._call({**self._needs, **self.fixed})
        self._wired = frozenset((*wire, *self.fixed))
        self.template = JobTemplate(self.settings, endpoint, wire, list(ids))
        if resource._form != "parsed":
            raise TypeError("map() has no raw form: a row has its reply")
        if self.chosen is not None and self.template.as_dict:
            raise TypeError("map() cannot take as_dict with a class: take one of them")
        alone = self.kind.alone
        self._alone = (
            None if alone is None or self._needs else {n: make for n, make in alone.items() if n not in self.fixed}
        )
        self._endpoint = endpoint

    def maker(self) -> Maker:
        """What makes rows of what comes."""
        return Maker(self.settings, self._endpoint, self.kind, self.chosen, self.template.as_dict)

    def filler(self) -> Callable[[Any], Any]:
        """What makes of a row its parameters; a new one for each pass over the data."""
        return filler_of(self._prompt, self._source, self._name, self.fixed)

    def _class(self, output: Any, fixed: dict[str, Any]) -> tuple[Output[Any] | None, str]:
        dialect = self.kind.dialect
        if dialect is None:
            if output is not None:
                raise TypeError(f"output is a class, and the replies of {self._name} are none of classes: leave it out")
            return None, ""
        from .._answers import DIALECTS, chosen

        given = fixed.get(DIALECTS[dialect].keyword)
        kinds = ("text", "json_object", "json_schema")
        if output is None and (given is None or part(given, "type") in kinds):
            return None, ""  # a format as the API has it
        return chosen(dialect, output, fixed)

    def _call(self, params: dict[str, Any]) -> tuple[Endpoint, dict[str, Any], Any]:
        """All parameters of a row, or those that are the same for all, as a call."""
        endpoint, wire, ids = self.kind.prepare(params)
        if self.chosen is not None:
            from .._answers import DIALECTS

            wire = DIALECTS[cast("str", self.kind.dialect)].asked(wire, self.chosen, self._keyword)
        return endpoint, wire, ids

    def own(self, params: dict[str, Any]) -> tuple[dict[str, Any], Own | None]:
        """What a row has of its own, for the engine; with an endpoint where all of its call is made anew."""
        alone = self._alone
        if self.kind.alone is None:
            if params.keys().isdisjoint(self._wired):
                return params, None
        elif alone is not None and params.keys() <= alone.keys():
            own = {name: value if (make := alone[name]) is None else make(value) for name, value in params.items()}
            return own, None
        endpoint, wire, ids = self._call({**self.fixed, **params})
        return wire, (endpoint, list(ids))

    def again(self, params: dict[str, Any], error: AnswerValidationError) -> tuple[dict[str, Any], Own]:
        """What asks for an answer again, with what was wrong with it."""
        from .._answers import _BLANKS, DIALECTS, _kept, asked_again

        dialect = DIALECTS[cast("str", self.kind.dialect)]
        endpoint, wire, ids = self.kind.prepare({**self.fixed, **params})
        text = _BLANKS.sub(" ", error.text).strip()
        wire = dialect.again(_kept(dict(wire)), text, asked_again(error))
        return dialect.asked(wire, cast("Output[Any]", self.chosen), self._keyword), (endpoint, list(ids))

    def key(self, item: Any) -> str | None:
        """The name of a row; NoKeyError where it has none."""
        key = self._options.key
        if key is None:
            return None
        if callable(key):
            try:
                made = key(item)
            except Exception as error:
                raise NoKeyError(f"the function that is key raised {type(error).__name__}: {error}") from error
        else:
            row = fields_of(item)
            if row is None or key not in row:
                raise NoKeyError(f"key is {key!r}, and a row has no such column: {item!r:.200}")
            made = row[key]
        if made is None:
            raise NoKeyError(f"the key of a row is None: {item!r:.200}")
        name = str(made)
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise NoKeyError(f"the key of a row is no valid Unicode: {name!r:.200}: {error.reason}") from None
        return name
