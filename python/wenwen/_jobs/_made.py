"""What is made of a row that has ended: its reply, its output, its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .. import _errors
from .._core import dumps
from .._errors import AnswerError, APIError, RowError, WenwenError
from ..types.shared import part
from ._row import Row

if TYPE_CHECKING:
    from .._core import EndedRow, Endpoint, Settings
    from .._output import Output
    from ._kinds import Kind

MISSING: Any = object()
_new = Row.__new__

_ANSWERS: dict[str, type[AnswerError]] = {
    cls.category: cls
    for cls in (
        _errors.AnswerValidationError,
        _errors.NoAnswerError,
        _errors.AnswerRefusedError,
        _errors.LengthFinishReasonError,
        _errors.ContentFilterFinishReasonError,
    )
}


def failure(error: BaseException, kind: str) -> str:
    """An error of ours as it stands in the ledger."""
    from ._columns import sound

    facts = {"kind": kind, "category": getattr(error, "category", "row"), "message": str(error)}
    return dumps(sound({**facts, "text": getattr(error, "text", "")}))


class Maker:
    """Makes rows of what the ledger has.

    settings, endpoint: of the calls. kind: of the resource. chosen: the class of the answers, if they are of one.
    as_dict: whether replies are plain dicts. since: what was written before that, an earlier run did (seconds since
    1970)."""

    def __init__(
        self,
        settings: Settings,
        endpoint: Endpoint,
        kind: Kind,
        chosen: Output[Any] | None,
        as_dict: bool = False,
        since: float | None = None,
    ) -> None:
        self.settings, self.endpoint, self.kind, self.chosen = settings, endpoint, kind, chosen
        self.as_dict, self.since = as_dict, since

    def row(self, ended: EndedRow) -> Row:
        """The row. What takes time to make of it is made when it is first looked at."""
        row = _new(Row)
        row.index, row.key, row.cost = ended.index, ended.key, ended.cost
        row.attempts, row.elapsed = ended.attempts, ended.elapsed
        written = ended.ended
        if written is None or self.since is None:
            row.cached = ended.cached
        else:
            row.cached = written < self.since or (ended.status == "done" and not ended.attempts)
        row._later = self, ended  # type: ignore[misc]  # a slot of its base
        return row

    def input(self, row: Row, ended: EndedRow) -> Any:
        import json

        written = ended.input
        return None if written is None else json.loads(written)

    def typed(self, ended: EndedRow) -> Any:
        """The reply, typed."""
        return ended.reply(self.settings, self.endpoint, False)

    def reply(self, row: Row, ended: EndedRow) -> Any:
        if not ended.has_reply:
            return None
        if self.as_dict:
            return ended.reply(self.settings, self.endpoint, True)
        reply = self.typed(ended)
        if self.kind.binds and (bind := getattr(reply, "_bind", None)) is not None:
            bind(self.settings)
        return reply

    def answer(self, ended: EndedRow) -> tuple[Any, Any]:
        """The reply and the answer of a class; AnswerError where it is none."""
        from .._answers import settle

        reply = settle(self.typed(ended), self.chosen)  # type: ignore[arg-type]
        return reply, reply.parsed

    def _settled(self, row: Row, ended: EndedRow) -> tuple[Any, Any]:
        """Output and error."""
        if ended.status != "done":
            return None, self._failure(row, ended)
        try:
            if self.chosen is None:
                if (text := ended.text(self.endpoint)) is not None:
                    return text, None
                return self.kind.output(self.typed(ended) if self.as_dict else row.reply), None
            return self.answer(ended)[1], None
        except WenwenError as error:
            return None, error

    def output(self, row: Row, ended: EndedRow) -> Any:
        output, error = self._settled(row, ended)
        row.error = error
        return output

    def error(self, row: Row, ended: EndedRow) -> Any:
        if ended.status == "done" and self.chosen is None:
            return None
        row.output, error = self._settled(row, ended)
        return error

    def _failure(self, row: Row, ended: EndedRow) -> WenwenError | None:
        import json

        facts: dict[str, Any] = json.loads(ended.failure or "{}")
        if facts.get("kind") == "row":
            return RowError(facts.get("message", ""))
        if facts.get("kind") != "answer":
            return cast("WenwenError | None", ended.error())
        error: APIError
        cls = _ANSWERS.get(str(facts.get("category")))
        if cls is None:
            error = APIError(facts.get("message", ""), category=facts.get("category"))
        else:
            error = cls(facts.get("message", ""))
            error.reply, error.text = row.reply, facts.get("text", "")
        error.usage = row.usage  # type: ignore[attr-defined]
        error.attempts = ended.attempts
        return error

    def usage(self, row: Row, ended: EndedRow) -> Any:
        reply = row.reply
        if reply is None or isinstance(reply, str) or not hasattr(reply, "get"):
            return None
        return part(reply, "usage") or part(reply, "usageMetadata")
