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
    becomes of it; None: anything. needs: what must be there for a call, in place of what each row has of its own.
    binds: whether replies fetch what they have URLs of, the way of the client."""

    prepare: Callable[[Params], Call]
    output: Callable[[Any], Any]
    dialect: str | None = None
    alone: dict[str, Callable[[Any], Any] | None] | None = None
    needs: dict[str, str] = {}  # noqa: RUF012
    binds: bool = False


def _as_it_is(endpoint: Endpoint) -> Callable[[Params], Call]:
    def prepare(params: Params) -> Call:
        return endpoint, params, ()

    return prepare


def _attribute(name: str) -> Callable[[Any], Any]:
    def output(reply: Any) -> Any:
        return getattr(reply, name)

    return output


def _responses() -> Kind:
    from ..resources.responses import CREATE

    return Kind(_as_it_is(CREATE), _attribute("output_text"), "responses")


def _chat() -> Kind:
    from ..resources.chat import CREATE

    return Kind(_as_it_is(CREATE), _attribute("text"), "chat")


def _messages() -> Kind:
    from ..resources.messages import CREATE

    return Kind(_as_it_is(CREATE), _attribute("text"), "messages")


def _gemini() -> Kind:
    from ..resources.gemini import _contents, _prepared

    def prepare(params: Params) -> Call:
        return _prepared(dict(params), None)

    def output(reply: Any) -> Any:
        return reply.text or _one(reply.images) or ""  # of a model that draws

    return Kind(prepare, output, "gemini", {"contents": _contents}, {"model": "-"})


def _generate() -> Kind:
    from ..resources.images import GENERATE

    return _painting(GENERATE)


def _edit() -> Kind:
    from ..resources.images import EDIT

    return _painting(EDIT)


def _painting(endpoint: Endpoint) -> Kind:
    from ..resources.images import _with_model

    def prepare(params: Params) -> Call:
        return endpoint, _with_model(params), ()

    def output(reply: Any) -> Any:
        return _one(list(reply.data or ()))

    return Kind(prepare, output, alone={"prompt": None}, binds=True)


def _transcriptions() -> Kind:
    from ..resources.audio import TRANSCRIBE

    def prepare(params: Params) -> Call:
        return TRANSCRIBE.of(params), params, ()

    def output(reply: Any) -> Any:
        return reply if isinstance(reply, str) else reply.text

    return Kind(prepare, output, alone={"file": None})


def _speech() -> Kind:
    from ..resources.audio import SPEAK

    def prepare(params: Params) -> Call:
        if params.get("stream_format") == "sse":
            raise ValueError("stream_format='sse' gives a stream, and a row has the whole sound: leave it out")
        return SPEAK, params, ()

    def output(reply: Any) -> Any:
        return reply

    return Kind(prepare, output, alone={"input": None})


def _embeddings() -> Kind:
    from ..resources.embeddings import _Call, _checked

    def prepare(params: Params) -> Call:
        call = _Call(dict(params), "raw")
        return call.endpoint, call.params, ()

    def output(reply: Any) -> Any:
        return _one([item.embedding for item in reply.data or ()])

    def checked(value: Any) -> Any:
        return _checked(value)[0]

    return Kind(prepare, output, alone={"input": checked})


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
