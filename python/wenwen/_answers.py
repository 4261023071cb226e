"""Calls whose answer is to be of a class: what goes out, where the answer is in the reply, what stands in its place,
and asking again. The same for all dialects, which differ by a table. Loaded by the first `parse` or typed `stream`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from ._core import Object, dumps, hide_in
from ._dialects import DIALECTS as CALLS
from ._dialects import end_of, summed
from ._errors import (
    AnswerError,
    AnswerRefusedError,
    AnswerValidationError,
    APIError,
    BadRequestError,
    ContentFilterFinishReasonError,
    LengthFinishReasonError,
    NoAnswerError,
)
from ._output import AmbiguousError, Output, output_of
from ._strict import listed, mapped
from .types.shared import items, part

# What is told to the model, or in an error, of what is wrong: so many lines of so many characters.
_LINES, _LONGEST = 10, 300
# Models that lose their way write blanks to the end; nobody pays for those twice.
_BLANK = 40
_BLANKS = re.compile(rf"\s{{{_BLANK},}}")
# The same answer so often in a row: it will not get better.
_SAME = 3


class Try:
    """An answer that did not fit. reply: as it came. text: the answer. usage: of this try. error: what was wrong."""

    __slots__ = ("error", "reply", "text", "usage")

    def __init__(self, reply: Any, text: str, usage: Any, error: BaseException | None) -> None:
        self.reply, self.text, self.usage, self.error = reply, text, usage, error

    def __repr__(self) -> str:
        return f"Try(error={self.error!r}, text={self.text!r})"

    def __reduce__(self) -> Any:
        import pickle

        error = self.error
        try:
            pickle.dumps(error)
        except Exception:
            error = ValueError(str(error))
        return Try, (self.reply, self.text, self.usage, error)


class Answer(NamedTuple):
    """An answer in a reply. readings: the texts that may be it, the likeliest first, each with the object that will
    have it as `parsed`. ended: why it is none: "length", "filter", "refusal", "tools", "stopped"; "" where it may be
    one. words: what the server or the model says of that."""

    readings: list[tuple[Any, str]]
    ended: str = ""
    words: str = ""

    @property
    def text(self) -> str:
        return self.readings[0][1] if self.readings else ""


class _Dialect(NamedTuple):
    """keyword: as the peers' packages call the class. answers: those of a reply. asked: the parameters with the schema.
    again: the parameters with the answer and what is wrong with it. raises: which ends `parse` itself raises; others
    are found where `parsed` is read."""

    keyword: str
    answers: Callable[[Any], Iterator[Answer]]
    asked: Callable[[dict[str, Any], Output[Any], str], dict[str, Any]]
    again: Callable[[dict[str, Any], str, str], dict[str, Any]]
    raises: tuple[str, ...] = ("length", "filter")


# ---- where answers are ----


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _readings(parts: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """Texts of one answer: together, and each for itself, the last one first."""
    spoken = [one for one in parts if one[1].strip()]
    return [*([(spoken[0][0], "".join(text for _, text in parts))] if len(spoken) > 1 else []), *reversed(spoken)]


def _why_none(reason: Any, refusal: str, calls: list[Any]) -> tuple[str, str]:
    """Why a text is no answer, by the server's word for how it ended, and what is said of that; "" where it may be."""
    end = end_of(reason)
    if end in ("length", "filter", "refusal"):
        return end, refusal
    if end == "paused":
        return "stopped", "the model paused: send its message back for it to go on"
    if refusal:
        return "refusal", refusal
    if calls:
        return "tools", f"it calls {', '.join(str(name) for name in calls)} instead of an answer"
    return "", "" if end == "" else f"it ended with {reason!r}"


def _responses(reply: Any) -> Iterator[Answer]:
    output = items(part(reply, "output"))
    kinds = [part(item, "type") for item in output]
    messages = [item for item, kind in zip(output, kinds, strict=True) if kind == "message"]
    # Of another phase, "commentary", is what the model says on its way; and where none is named, the last one counts.
    final = [one for one in messages if part(one, "phase") == "final_answer"]
    messages = final or [one for one in messages if not part(one, "phase")]
    readings: list[tuple[Any, str]] = []
    refusal = ""
    for message in reversed(messages):
        content = part(message, "content")
        texts: list[tuple[Any, str]] = []
        for one in items(content):
            if part(one, "type") == "output_text":
                texts.append((one, _text(part(one, "text"))))
            elif not readings:  # or something was said after it
                refusal = refusal or _text(part(one, "refusal"))
        readings += _readings(texts or [(message, _text(content))])
    status = part(reply, "status")
    names: list[str] = []
    # What is called final is meant as the answer, whatever was called on the way to it.
    if not final and len(messages) < len(output):
        calls = CALLS["responses"]
        names = [*(call.name for call in calls.calls(reply)), *calls.others(reply)]
    ended, words = _why_none("", refusal, names)
    if status == "incomplete" or (messages and part(messages[-1], "status") == "incomplete"):
        reason = part(part(reply, "incomplete_details"), "reason")
        ended = "filter" if end_of(reason) == "filter" else "length"
    elif status in ("failed", "cancelled") or (status in ("queued", "in_progress") and not readings):
        ended, words = "stopped", _text(part(part(reply, "error"), "message")) or f"the response is {status}"
    yield Answer(readings, ended, words)


def _chat(reply: Any) -> Iterator[Answer]:
    for choice in items(part(reply, "choices")):
        message = part(choice, "message")
        called = [part(call, "function") or part(call, "custom") for call in items(part(message, "tool_calls"))]
        called += [one] if (one := part(message, "function_call")) else []
        reason, text = part(choice, "finish_reason"), _text(getattr(message, "text", None))
        ended, words = _why_none(reason, _text(part(message, "refusal")), [part(call, "name") for call in called])
        yield Answer(_readings([(message, text)]), ended, words or (text if ended == "refusal" else ""))


def _messages(reply: Any) -> Iterator[Answer]:
    content = part(reply, "content")
    blocks = items(content)
    texts = [(block, _text(part(block, "text"))) for block in blocks if part(block, "type") == "text"]
    # A citation begins a new block; what follows the last tool, or thought, is the answer.
    last: list[tuple[Any, str]] = []
    for block in reversed(blocks):
        if part(block, "type") == "text":
            last.insert(0, (block, _text(part(block, "text"))))
        elif any(text.strip() for _, text in last):
            break
    readings = [*_readings(last), *_readings(texts)] if len(last) < len(texts) else _readings(texts)
    if _text(content):  # not by the specification, but some upstreams do it
        readings = _readings([(reply, _text(content))])
    calls = [part(block, "name") for block in blocks if part(block, "type") == "tool_use"]
    ended, words = _why_none(part(reply, "stop_reason"), "", calls)
    if ended == "refusal":
        words = _text(part(part(reply, "stop_details"), "explanation")) or "".join(text for _, text in texts)
    yield Answer(readings, ended, words)


def _gemini(reply: Any) -> Iterator[Answer]:
    candidates = items(part(reply, "candidates"))
    feedback = part(reply, "promptFeedback")
    if not candidates and (reason := _text(part(feedback, "blockReason"))):
        yield Answer([], "filter", f"the prompt was blocked: {_text(part(feedback, 'blockReasonMessage')) or reason}")
    for candidate in candidates:
        parts = items(part(part(candidate, "content"), "parts"))
        text = "".join(_text(part(one, "text")) for one in parts if not part(one, "thought"))
        calls = [part(call, "name") for one in parts if (call := part(one, "functionCall")) is not None]
        ended, words = _why_none(part(candidate, "finishReason"), "", calls)
        if ended != "tools" and (said := _text(part(candidate, "finishMessage"))):
            words = f"{words}: {said}" if words else said
        yield Answer(_readings([(candidate, text)]), ended, words)


# ---- what goes out ----


def _words(schema: Mapping[str, Any]) -> str:
    """For a dialect that takes strict schemas alone."""
    return f"Answer with JSON alone, without any words around it. It has to fit this JSON schema:\n{dumps(schema)}"


def _only_one(given: Any, keyword: str, place: str) -> None:
    if given is not None:
        raise TypeError(f"{place} is given, and {keyword} is one: give only one of them")


def _described(output: Output[Any], dialect: str) -> dict[str, Any]:
    schema, why = output.wire(dialect)
    return {"name": output.name, "schema": schema, "strict": why is None}


def _ask_responses(params: dict[str, Any], output: Output[Any], keyword: str) -> dict[str, Any]:
    text = mapped(params.get("text"))
    if "format" in text:
        raise TypeError(f"text has a format, and {keyword} is one: give only one of them")
    return {**params, "text": {**text, "format": {"type": "json_schema", **_described(output, "responses")}}}


def _ask_chat(params: dict[str, Any], output: Output[Any], keyword: str) -> dict[str, Any]:
    _only_one(params.get("response_format"), keyword, "response_format")
    return {**params, "response_format": {"type": "json_schema", "json_schema": _described(output, "chat")}}


def _ask_messages(params: dict[str, Any], output: Output[Any], keyword: str) -> dict[str, Any]:
    config = mapped(params.get("output_config"))
    _only_one(config.get("format"), keyword, "output_config.format")
    schema, why = output.wire("messages")
    if why is None:
        return {**params, "output_config": {**config, "format": {"type": "json_schema", "schema": schema}}}
    system = params.get("system")
    if isinstance(system, (list, tuple)):
        told: Any = [*cast("list[Any]", system), {"type": "text", "text": _words(schema)}]
    else:
        told = f"{system}\n\n{_words(schema)}" if system else _words(schema)
    return {**params, "system": told}


def _ask_gemini(params: dict[str, Any], output: Output[Any], keyword: str) -> dict[str, Any]:
    config = dict(mapped(params.get("generationConfig")))
    for name in ("responseSchema", "response_schema", "responseJsonSchema", "response_json_schema"):
        _only_one(config.get(name), keyword, f"generation_config.{name}")
    config.pop("response_mime_type", None)
    config["responseMimeType"] = "application/json"
    schema, why = output.wire("gemini")
    if why is None:
        return {**params, "generationConfig": {**config, "responseSchema": schema}}
    instruction = params.get("systemInstruction")
    parts = [*items(part(instruction, "parts")), {"text": _words(output.wire("chat")[0])}]
    return {**params, "generationConfig": config, "systemInstruction": {"parts": parts}}


def _again(place: str, role: str, said: Callable[[str], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The parameters with one more turn in the conversation at `place`. Of several tries the last one alone."""

    def again(params: dict[str, Any], text: str, wrong: str) -> dict[str, Any]:
        before = params.get(place)
        turns = [{"role": "user", **said(before)}] if isinstance(before, str) else [*(before or ())]
        return {**params, place: [*turns, {"role": role, **said(text)}, {"role": "user", **said(wrong)}]}

    return again


def _content(text: str) -> dict[str, Any]:
    return {"content": text}


def _parts(text: str) -> dict[str, Any]:
    return {"parts": [{"text": text}]}


DIALECTS = {
    "responses": _Dialect("text_format", _responses, _ask_responses, _again("input", "assistant", _content), ()),
    "chat": _Dialect("response_format", _chat, _ask_chat, _again("messages", "assistant", _content)),
    "messages": _Dialect("output_format", _messages, _ask_messages, _again("messages", "assistant", _content)),
    "gemini": _Dialect("response_schema", _gemini, _ask_gemini, _again("contents", "model", _parts)),
}


def _dialect_of(reply: Any) -> _Dialect:
    return DIALECTS[reply._dialect]


# ---- the answer of a reply ----


def put(reply: Any, values: list[tuple[Any, ...]], tries: list[Try]) -> Any:
    """Gives a copy of a reply its answers, each with its place among the readings; an empty tuple is none."""
    for answer, value in zip(_dialect_of(reply).answers(reply), values, strict=False):
        if value and value[1] < len(answer.readings):
            answer.readings[value[1]][0]._parsed = value[0]
    reply._values, reply._tries = values, tries
    return reply


def settle(reply: Any, output: Output[Any], raises: bool = True) -> Any:
    """Makes the answers of a reply. What does not fit is an AnswerValidationError, if it is to be raised."""
    dialect = _dialect_of(reply)
    values: list[tuple[Any, ...]] = []
    failed: AnswerError | None = None
    for answer in dialect.answers(reply):
        value: tuple[Any, ...] = ()
        if answer.ended in ("", "tools") and answer.readings:
            try:
                value = _read(output, answer)
                answer.readings[value[1]][0]._parsed = value[0]
            except Exception as error:
                if not answer.ended and failed is None:
                    failed = _unfit(reply, output, answer, error)
        elif answer.ended in dialect.raises and failed is None:
            failed = _ended(reply, answer)
        values.append(value)
    reply._values, reply._tries = values, []
    if failed is not None and raises:
        raise failed from failed.__cause__
    return reply


def _read(output: Output[Any], answer: Answer) -> tuple[Any, int]:
    first: Exception | None = None
    for at, (_, text) in enumerate(answer.readings):
        try:
            return output.validate_json(text), at
        except AmbiguousError:
            raise
        except Exception as error:
            first = first or error
    raise first or ValueError("the answer is empty")


def parsed_of(reply: Any) -> Any:
    """`reply.parsed`."""
    if (so_far := getattr(reply, "_so_far", None)) is not None:  # a chunk of a stream
        output, texts, count = so_far
        return output.partial("".join(texts[:count]))
    values = getattr(reply, "_values", None)
    if values is None:
        output = getattr(reply, "_output", None)
        if output is None:
            return None
        values = settle(reply, output)._values
    if values and values[0]:
        return values[0][0]
    raise _ended(reply, next(_dialect_of(reply).answers(reply), Answer([])))


def answer_of(reply: Any) -> Any:
    """The peers' attributes: the answer, or None."""
    if getattr(reply, "_values", None) is None:
        output = getattr(reply, "_output", None)
        if output is None:
            return None
        settle(reply, output, raises=False)
    return next((value[0] for value in reply._values[:1] if value), None)


def block_answer(block: Any) -> Any:
    """`parsed_output` of a block: what was read of it, or, of a stream's, what can be."""
    if (output := getattr(block, "_output", None)) is not None and not hasattr(block, "_parsed"):
        try:
            block._parsed = output.validate_json(_text(part(block, "text")))
        except Exception:
            block._parsed = None
    return getattr(block, "_parsed", None)


def text_of(reply: Any) -> str:
    """The text of the first answer, as far as it is there."""
    return "" if reply is None else next(_dialect_of(reply).answers(reply), Answer([])).text


def reader(event: Any, output: Output[Any], stream: Any) -> Callable[[], Any]:
    """`parsed` of the event that has a part's whole text."""
    made: list[Any] = []

    def read() -> Any:
        reply = stream._partial()
        if not made:
            text, index = _text(event.text), event.output_index
            output_items = items(part(reply, "output"))
            item = output_items[index] if isinstance(index, int) and 0 <= index < len(output_items) else None
            if part(item, "phase") not in (None, "", "final_answer"):
                return None
            try:
                made.append(output.validate_json(text))
            except Exception as error:
                raise _unfit(reply, output, Answer([(event, text)]), error) from error
        return made[0]

    return read


_ENDED: dict[str, tuple[type[AnswerError], str]] = {
    "length": (LengthFinishReasonError, "the answer was cut short by its limit of tokens"),
    "filter": (ContentFilterFinishReasonError, "the answer was cut short by a content filter"),
    "refusal": (AnswerRefusedError, "the model declined to answer"),
}


def _ended(reply: Any, answer: Answer) -> AnswerError:
    """What stands in an answer's place."""
    cls, text = _ENDED.get(answer.ended, (NoAnswerError, "the reply has no answer"))
    words = answer.words
    if not answer.ended and answer.readings:
        cls, text = AnswerValidationError, "the answer does not fit the class that was asked for"
    elif not answer.ended:
        words = f"it is empty; {words}" if words else "it is empty"
    elif answer.ended == "length" and (blanks := len(answer.text) - len(answer.text.rstrip())) >= _BLANK:
        words = f"it ends in {blanks} blanks"
    said = words if answer.ended == "refusal" else answer.text
    words = words[: _LONGEST * 3]
    return _told_of(cls(f"{text}: {words}" if words else text), reply, said)


def _unfit(reply: Any, output: Output[Any], answer: Answer, cause: Exception) -> AnswerError:
    wrong = "; ".join([*told(cause), *([answer.words] if answer.words else [])])
    error = _told_of(AnswerValidationError(f"the answer does not fit {output.name}: {wrong}"), reply, answer.text)
    error.__cause__ = cause
    return error


def endless(reply: Any, count: int) -> AnswerError:
    """Of a stream that is nothing but blanks any more."""
    text = text_of(reply)
    words = f"the answer went on with {count} blanks, and was ended"
    return _told_of(AnswerValidationError(words), reply, text)


def _usage_of(reply: Any) -> Any:
    return part(reply, CALLS[reply._dialect].usage) if reply is not None else None


def _told_of(error: AnswerError, reply: Any, text: str) -> AnswerError:
    error.reply, error.text = reply, text
    error.usage = _usage_of(reply)
    error.request_id = getattr(reply, "request_id", None)
    return error


def told(error: BaseException) -> list[str]:
    """What is wrong with an answer: places and rules, without the values, which may be long and are somebody's."""
    lines: list[str] = []
    listing: Any = getattr(error, "errors", None)
    if callable(listing):
        try:
            for one in cast("Any", listing)(include_url=False, include_input=False, include_context=False):
                place = ".".join(str(step) for step in one["loc"])
                lines.append(f"{place}: {one['msg']}" if place else str(one["msg"]))
        except Exception:
            lines = []
    lines = lines or [str(error) or type(error).__name__]
    more = [f"and {len(lines) - _LINES} more"] if len(lines) > _LINES else []
    return [line[:_LONGEST] for line in lines[:_LINES]] + more


# ---- the calls ----


def chosen(dialect: str, output: Any, params: dict[str, Any]) -> tuple[Output[Any] | None, str]:
    """The class that a call was given, by whichever name, which is taken out of its parameters, and that name."""
    hide_in(params)
    keyword = DIALECTS[dialect].keyword
    name = "output"
    if keyword in params:
        if output is not None:
            raise TypeError(f"output and {keyword} are the same: give only one of them")
        output, name = params.pop(keyword), keyword
    if output is None:
        return None, name
    try:
        return output_of(output), name
    except TypeError as error:
        raise TypeError(f"{name} is {error}") from error.__cause__


def streamed(
    dialect: str,
    output: Any,
    params: dict[str, Any],
    prepare: Callable[[dict[str, Any]], tuple[Any, dict[str, Any], Any]] | None = None,
) -> tuple[Any, dict[str, Any], Any, Output[Any] | None, dict[str, Any]] | None:
    """What a stream is opened with whose answer, or the arguments of whose calls, are of a class; None for one that has
    none."""
    from .types._parsed import ENDPOINTS, GEMINI_STREAM

    tools = _functions(params, dialect)
    wanted, name = None, DIALECTS[dialect].keyword
    # Else it is a format as the API has it.
    if output is not None or mapped(params.get(name)).get("type") not in ("text", "json_object", "json_schema"):
        wanted, name = chosen(dialect, output, params)
    if wanted is None and (not tools or params.get("as_dict")):
        return None
    if params.pop("as_dict", False):
        raise TypeError("stream() cannot take as_dict with a class: take one of them")
    if params.pop("retries", 0):
        raise TypeError("stream() cannot take retries: what was shown cannot be taken back. parse() asks again")
    _, params, ids = prepare(params) if prepare else (None, params, ())
    endpoint = GEMINI_STREAM if dialect == "gemini" else ENDPOINTS[dialect]
    asked = params if wanted is None else DIALECTS[dialect].asked(params, wanted, name)
    return endpoint, asked, ids, wanted, tools


async def parse(
    resource: Any,
    dialect: str,
    output: Any,
    params: dict[str, Any],
    prepare: Callable[[dict[str, Any]], tuple[Any, dict[str, Any], Any]] | None = None,
) -> Any:
    """Asks until the answer fits, or `retries` are used up. `parse_as` is the class of an answer whose schema was sent
    before, or by hand; None for one that is not read."""
    from .types._parsed import CLASSES, ENDPOINTS

    hide_in(params)
    for flag in ("stream", "as_dict"):
        if params.pop(flag, False):
            raise TypeError(f"parse() cannot take {flag}: call create(), or stream()")
    retries = params.pop("retries", 0)
    if type(retries) is not int or retries < 0:
        raise TypeError(f"retries is {retries!r}: give a number of times to ask again, 0 for none")
    if retries and resource._form != "parsed":
        raise TypeError(
            "parse() cannot take retries in a raw form: it asks once, and the reply's parse() reads the answer"
        )
    wanted, name = chosen(dialect, output, params)
    _, params, ids = prepare(params) if prepare else (None, params, ())
    kind, tools = DIALECTS[dialect], _functions(params, dialect)
    ahead = _read_as(params, wanted)
    asked = params if wanted is None else kind.asked(_kept(params) if retries else params, wanted, name)
    if ahead:
        (wanted,) = ahead
        if retries:
            raise TypeError(
                "parse() cannot take retries with parse_as: an answer that does not fit is asked again by hand"
            )
    if resource._form != "parsed":

        def read(value: Any) -> Any:
            reply = CLASSES[dialect](value)
            read_calls(reply, tools)
            return reply if wanted is None else settle(reply, wanted)

        return await resource._ask(ENDPOINTS[dialect], dict(asked), ids, resource._form, cast_to=read)
    tries: list[Try] = []
    while True:
        # The core takes its options out of what it is given.
        try:
            reply = await resource._ask(ENDPOINTS[dialect], dict(asked), ids)
        except APIError as error:
            if wanted is not None and isinstance(error, BadRequestError):
                error.add_note(f"{name} as it was sent: {_measures(wanted.wire(dialect)[0])}")
            if tries:
                error.__dict__["tries"] = tries
            raise
        read_calls(reply, tools)
        if wanted is None:
            return reply
        try:
            return _added_up(settle(reply, wanted), tries)
        except AnswerError as error:
            error.tries = tries = [*tries, Try(reply, error.text, error.usage, error.__cause__)]
            error.usage, error.usage_partial = _sum([one.usage for one in tries])
            same = [one.text for one in tries[-_SAME:]]
            hopeless = len(same) == _SAME and len(set(same)) == 1
            if not isinstance(error, AnswerValidationError) or len(tries) > retries or hopeless:
                raise
            words = asked_again(error)
            asked = kind.asked(kind.again(_kept(params), _BLANKS.sub(" ", error.text).strip(), words), wanted, name)


def _read_as(params: dict[str, Any], wanted: Output[Any] | None) -> tuple[Output[Any] | None] | None:
    """The class that answers are read as, where that is not the one whose schema goes out: `parse_as`, and the last
    item of the input that sets a format for what follows."""
    given = "parse_as" in params
    own = params.pop("parse_as", None)
    told = params.get("input") if isinstance(params.get("input"), (list, tuple)) else ()
    updates = [
        part(part(item, "text"), "format") for item in told or () if part(item, "type") == "configuration_update"
    ]
    last = next((part(one, "type") for one in reversed(updates) if one is not None), None)
    if last == "text" and own is not None:
        raise TypeError("parse_as cannot go with a plain-text format update in the input: there is no JSON to read")
    if last == "json_schema" and not given and wanted is not None:
        raise TypeError(
            "the input has a format update, which goes before the class. Pass parse_as=..., what answers are"
        )
    if not given:
        return (None,) if last == "text" else None
    if own is None:
        return (None,)
    try:
        return (output_of(own),)
    except TypeError as error:
        raise TypeError(f"parse_as is {error}") from error.__cause__


def read_calls(reply: Any, tools: dict[str, Any]) -> None:
    """Gives the calls of a reply their `parsed_arguments`."""
    if tools and reply is not None:
        from ._steps import read_calls

        read_calls(CALLS[reply._dialect], reply, tools)


def _functions(params: dict[str, Any], dialect: str) -> dict[str, Any]:
    """The functions and classes among the tools, by name: the arguments of their calls are read too."""
    given = params.get("tools")
    if given is None or isinstance(given, (str, Mapping)) or not hasattr(given, "__iter__"):
        return {}
    from ._tools import inner_of, named, tools_of

    given = params["tools"] = list(given)
    if any(callable(one) or inner_of(one) for one in given):
        given = params["tools"] = tools_of(given)
    return dict(named(given, dialect, by_hand=True))


def asked_again(error: AnswerError) -> str:
    """What the model is told of an answer that does not fit."""
    wrong = "\n".join(f"- {line}" for line in told(error.__cause__ or error))
    return f"Your answer does not fit the JSON schema:\n{wrong}\nAnswer again, with JSON that fits it alone."


def _kept(params: dict[str, Any]) -> dict[str, Any]:
    """What is asked again has to be there still: lists of what was an iterator."""
    for name in ("input", "messages", "contents"):
        value = params.get(name)
        if value is not None and not isinstance(value, (str, list, Object, Mapping)):
            params[name] = list(value)
    return params


def _added_up(reply: Any, tries: list[Try]) -> Any:
    if tries:
        total, reply._usage_partial = _sum([*(one.usage for one in tries), _usage_of(reply)])
        if total is not None:
            reply[CALLS[reply._dialect].usage] = total
        reply._tries = tries
    return reply


def _sum(usages: list[Any]) -> tuple[Any, bool]:
    """Usages together, whatever numbers a server counts; and whether some are not known."""
    known = [usage for usage in usages if hasattr(usage, "to_dict")]
    total: Any = None
    for usage in known:
        total = summed(total, usage.to_dict())
    return type(known[-1])(total) if known else None, len(known) < len(usages)


def _measures(schema: Any) -> str:
    """How large a schema is: servers have limits of their own, and do not say which was passed."""
    counts = {"properties": 0, "enum values": 0, "unions": 0, "levels": 0}

    def look(node: Any, level: int) -> None:
        if isinstance(node, dict):
            node = mapped(node)
            properties = mapped(node.get("properties"))
            counts["properties"] += len(properties)
            counts["enum values"] += len(listed(node.get("enum")))
            counts["unions"] += "anyOf" in node
            counts["levels"] = max(counts["levels"], level)
            for name, one in node.items():
                look(one, level + (name in ("properties", "items")))
        elif isinstance(node, list):
            for one in listed(node):
                look(one, level)

    look(schema, 0)
    return ", ".join(f"{count} {name}" for name, count in counts.items())
