"""What rows may ask: of each resource the call that a row is, and what of its reply is the row's output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .._core import Endpoint

    Params = dict[str, Any]
    Call = tuple[Endpoint, Params, Sequence[str]]


class Kind(NamedTuple):
    """prepare: parameters become a call, as in the resource's own method. output: of a typed reply. dialect: for
    answers of a class. alone: what a row may have of its own without that the rest of its call depends on it, and what
    becomes of it; None: anything. needs: what must be there for a call, in place of what each row has of its own."""

    prepare: Callable[[Params], Call]
    output: Callable[[Any], Any]
    dialect: str | None = None
    alone: dict[str, Callable[[Any], Any] | None] | None = None
    needs: dict[str, str] = {}  # noqa: RUF012


def _responses() -> Kind:
    from ..resources.responses import CREATE

    return Kind(lambda params: (CREATE, params, ()), lambda reply: reply.output_text, "responses")


def _chat() -> Kind:
    from ..resources.chat import CREATE

    return Kind(lambda params: (CREATE, params, ()), lambda reply: reply.text, "chat")


def _messages() -> Kind:
    from ..resources.messages import CREATE

    return Kind(lambda params: (CREATE, params, ()), lambda reply: reply.text, "messages")


def _gemini() -> Kind:
    from ..resources.gemini import _contents, _prepared

    def output(reply: Any) -> Any:
        return reply.text or _one(reply.images) or ""  # of a model that draws

    return Kind(lambda params: _prepared(dict(params), None), output, "gemini", {"contents": _contents}, {"model": "-"})


def _generate() -> Kind:
    from ..resources.images import GENERATE, _with_model

    return Kind(lambda params: (GENERATE, _with_model(params), ()), _pictures, alone={"prompt": None})


def _edit() -> Kind:
    from ..resources.images import EDIT, _with_model

    return Kind(lambda params: (EDIT, _with_model(params), ()), _pictures, alone={"prompt": None})


def _transcriptions() -> Kind:
    from ..resources.audio import TRANSCRIBE

    def output(reply: Any) -> Any:
        return reply if isinstance(reply, str) else reply.text

    return Kind(lambda params: (TRANSCRIBE.of(params), params, ()), output, alone={"file": None})


def _speech() -> Kind:
    from ..resources.audio import SPEAK

    def prepare(params: Params) -> Call:
        if params.get("stream_format") == "sse":
            raise ValueError("stream_format='sse' gives a stream, and a row has the whole sound: leave it out")
        return SPEAK, params, ()

    return Kind(prepare, lambda reply: reply, alone={"input": None})


def _embeddings() -> Kind:
    from ..resources.embeddings import _Call, _checked

    def prepare(params: Params) -> Call:
        call = _Call(dict(params), "raw")
        return call.endpoint, call.params, ()

    def output(reply: Any) -> Any:
        return _one([item.embedding for item in reply.data or ()])

    return Kind(prepare, output, alone={"input": lambda value: _checked(value)[0]})


def _pictures(reply: Any) -> Any:
    return _one(list(reply.data or ()))


def _one(found: list[Any]) -> Any:
    """What is one, alone; several as a list."""
    return found[0] if len(found) == 1 else found


_KINDS: dict[str, Callable[[], Kind]] = {
    "responses": _responses,
    "chat.completions": _chat,
    "messages": _messages,
    "gemini": _gemini,
    "images.generate": _generate,
    "images.edit": _edit,
    "audio.transcriptions": _transcriptions,
    "audio.speech": _speech,
    "embeddings": _embeddings,
}


def kind_of(resource: str) -> Kind:
    """The kind of a resource's rows."""
    return _KINDS[resource]()
