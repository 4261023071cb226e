"""What is seen of a call from outside: OpenTelemetry's spans and metrics, and the hooks and tags of a client.

Loaded by the first call that somebody watches; the core looks whether anybody does (`src/py/watch.rs`). Spans follow
OpenTelemetry's conventions for generative AI, which know an API by its dialect, whoever serves it. Whatever fails here
is told to the logger `wenwen`, and the call goes on: a reply that was paid for is not lost for a line about it.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ._core import Object, __version__, dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Hooks = tuple[Callable[..., object] | None, ...]

# What the conventions call a POST whose path ends so, and the API; other operations have the names of their endpoints.
_OPERATIONS = (
    ("/completions", "text_completion", "openai"),
    ("/responses", "chat", "openai"),
    ("/chat/completions", "chat", "openai"),
    ("/messages", "chat", "anthropic"),
    (":generateContent", "generate_content", "gcp.gemini"),
    (":streamGenerateContent", "generate_content", "gcp.gemini"),
    ("/embeddings", "embeddings", "openai"),
    (":embedContent", "embeddings", "gcp.gemini"),
    (":batchEmbedContents", "embeddings", "gcp.gemini"),
)
# Of the request, where it is a plain value there.
_ASKED = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "seed": "seed",
    "n": "choice.count",
    "candidate_count": "choice.count",
}
# What has an attribute of its own, where it is text there; and texts, one or several.
_TEXTS = {"service_tier": "openai.request.service_tier", "conversation": "gen_ai.conversation.id"}
_LISTS = {"stop": "stop_sequences", "stop_sequences": "stop_sequences", "encoding_format": "encoding_formats"}
# What is asked for, where the path says it.
_OUTPUTS = (("/images/generations", "image"), ("/images/edits", "image"), ("/audio/speech", "speech"))
# Of the reply, and its names there.
_ANSWERED = (
    ("gen_ai.response.id", "id", "responseId"),
    ("gen_ai.response.model", "model", "modelVersion"),
    ("openai.response.service_tier", "service_tier"),
    ("openai.response.system_fingerprint", "system_fingerprint"),
)
_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = tuple(4**power for power in range(14))


class AttemptInfo(NamedTuple):
    """An attempt of a call, as `on_attempt` sees it."""

    number: int
    """Which of the call's: 1 is the first."""
    status: int | None
    """The HTTP status; None where there was no reply."""
    elapsed: float
    """Seconds until its reply, or until it failed."""
    request_id: str | None
    """The gateway's id of it; None if it gave none."""
    failure: str | None
    """Why it failed; None if it did not."""
    retry_in: float | None
    """Seconds until the next attempt; None if this is the last."""


class CallInfo:
    """A call, as the hooks of a client see it: what is asked, and, once it has ended, what came of it.

    It has neither the key nor any header. `params` and `reply` are the call's own: look at them, change nothing.
    """

    endpoint: str
    """What is called: `"responses.create"`."""
    operation: str
    """What OpenTelemetry calls it: `"chat"`; else as `endpoint`."""
    provider: str
    """Whose dialect it speaks: `"openai"`, `"anthropic"`, `"gcp.gemini"`, `"midjourney"`."""
    model: str | None
    """The model that is asked; None where the call names none."""
    method: str
    """The HTTP method."""
    host: str
    """The host that is asked."""
    path: str
    """The path there, without a query."""
    params: Mapping[str, Any]
    """What is sent, without the options of the call."""
    streams: bool
    """Whether events are asked for."""
    tags: Mapping[str, Any]
    """Those of `with_tags`."""
    attempts: list[AttemptInfo]
    """Those that have ended."""
    reply: Any
    """What the call returned; of a stream what it adds up to, as far as it was read. None before, and of an error."""
    error: BaseException | None
    """What the call raised."""
    elapsed: float | None
    """Seconds until its end, that of its stream; None before."""
    input_tokens: int | None
    """Tokens of input, those of a cache too; None where the reply says nothing of it."""
    output_tokens: int | None
    """Tokens of output, those of thinking too."""

    def __init__(self, hooks: Hooks, tags: Mapping[str, Any]) -> None:
        self.tags = tags
        self.attempts = []
        self.reply = self.error = self.elapsed = self.input_tokens = self.output_tokens = None
        self._hooks = hooks
        self._span: Any = None
        self._metrics: dict[str, Any] = {}
        self._headers: list[tuple[str, str]] = []
        self._ended = False
        self._first: float | None = None  # seconds until the first event of a stream
        self._process = os.getpid()
        self._began = time.perf_counter()

    @property
    def request_id(self) -> str | None:
        """The gateway's id of the last attempt; None if there was none yet, or it gave none."""
        return self.attempts[-1].request_id if self.attempts else None

    @property
    def status_code(self) -> int | None:
        """The HTTP status of the last attempt."""
        return self.attempts[-1].status if self.attempts else None

    def __repr__(self) -> str:
        state = "under way" if not self._ended else "ended" if self.error is None else type(self.error).__name__
        return f"<CallInfo {self.endpoint}, model {self.model or 'none'}, {state}>"

    # The core calls these.

    def _attempt(self, *told: Any) -> None:
        attempt = AttemptInfo(*told)
        self.attempts.append(attempt)
        if self.streams and attempt.failure is None:
            self._first = time.perf_counter() - self._began
        _tried(_note_attempt, self, attempt)
        self._tell(2, self, attempt)

    def _end(self, reply: Any, error: BaseException | None) -> None:
        """Once: the first who says so knows why."""
        if self._ended or self._process != os.getpid():
            return
        self._ended = True
        self.reply, self.error, self.elapsed = reply, error, time.perf_counter() - self._began
        _tried(_note_end, self)
        self._tell(1, self)
        self._span = None

    def _left(self) -> None:
        self._end(None, sys.exception())

    def __del__(self) -> None:
        """Nobody reads on: a stream that was let go of, a call that ended with its event loop."""
        if not sys.is_finalizing():
            self._end(None, None)

    def _tell(self, hook: int, *arguments: Any) -> None:
        function = self._hooks[hook]
        if function is not None:
            _tried(function, *arguments)


def begin(
    watch: tuple[Any, ...] | None,
    endpoint: str,
    place: tuple[str, str | None, int | None, str],
    params: Any,
    streams: bool,
) -> CallInfo | None:
    """A call that is about to be sent. watch: the client's hooks and tags. None if nobody watches.

    What `on_request` raises is the call's: nothing is sent."""
    *hooks, tags = watch or (None, None, None, None)
    call = CallInfo(tuple(hooks), tags or {})
    call.endpoint = endpoint
    call.method, call.host, call.path = place[0], place[1] or "", place[3]
    call.operation, call.provider = endpoint, "midjourney" if "/mj/" in call.path else "openai"
    for end, operation, provider in _OPERATIONS:
        if call.method == "POST" and call.path.endswith(end):
            call.operation, call.provider = operation, provider
    # A body of any kind may have been given to `client.post`.
    call.params = cast("Mapping[str, Any]", params if isinstance(params, (dict, Object)) else {})
    call.model = _text(call.params.get("model")) or _model_of(call.path)
    call.streams = streams
    _tried(_begin_span, call, place[2])
    if call._span is None and watch is None:
        call._ended = True
        return None
    if hooks[0] is not None:
        try:
            hooks[0](call)
        except BaseException as error:
            call._hooks = (None, None, None)  # of a call that was not made there is nothing to tell
            call._end(None, error)
            raise
    return call


def _tried(function: Callable[..., object], *arguments: Any) -> None:
    try:
        function(*arguments)
    except Exception:
        import logging

        name = getattr(function, "__qualname__", repr(function))
        logging.getLogger("wenwen").exception("%s failed; the call goes on", name)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _model_of(path: str) -> str | None:
    """Gemini's are in the path."""
    _, found, rest = path.partition("/models/")
    if not (found and ":" in rest):
        return None
    from urllib.parse import unquote

    return unquote(rest.partition(":")[0]) or None


# OpenTelemetry


def _begin_span(call: CallInfo, port: int | None) -> None:
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None or isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return
    known: dict[str, Any] = {
        "gen_ai.operation.name": call.operation,
        "gen_ai.provider.name": call.provider,
        "server.address": call.host,
    }
    if call.model is not None:
        known["gen_ai.request.model"] = call.model
    if port is not None:
        known["server.port"] = port
    call._metrics = known
    asked: dict[str, Any] = {**call.tags, **known}
    for source in (call.params, _object(call.params.get("generationConfig"))):
        for name, attribute in _ASKED.items():
            value = source.get(name, source.get(_camel(name)))
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                asked[f"gen_ai.request.{attribute}"] = value
        for name, attribute in _LISTS.items():
            texts = [one for one in _listed(source.get(name, source.get(_camel(name)))) if isinstance(one, str)]
            if texts:
                asked[f"gen_ai.request.{attribute}"] = texts
    for name, attribute in _TEXTS.items():
        value = call.params.get(name)
        if text := _text(_object(value).get("id")) or _text(value):
            asked[attribute] = text
    dimensions = call.params.get("dimensions", call.params.get("outputDimensionality"))
    if call.operation == "embeddings" and isinstance(dimensions, int):
        asked["gen_ai.embeddings.dimension.count"] = dimensions
    if output := _output_of(call):
        asked["gen_ai.output.type"] = output
    if call.streams:
        asked["gen_ai.request.stream"] = True
    tracer = trace.get_tracer("wenwen", __version__)
    name = f"{call.operation} {call.model}" if call.model else call.operation
    call._span = span = tracer.start_span(name, kind=trace.SpanKind.CLIENT, attributes=asked)
    from opentelemetry import propagate

    carrier: dict[str, str] = {}
    propagate.inject(carrier, trace.set_span_in_context(span))
    # Baggage is the program's own, and the gateway is somebody else.
    call._headers = [(name.lower(), value) for name, value in carrier.items() if name.lower() != "baggage"]
    if span.is_recording() and _shows_contents():
        _set_json(span, "gen_ai.system_instructions", _instructions(call.params))
        _set_json(span, "gen_ai.input.messages", _asked_messages(call.params))


def _output_of(call: CallInfo) -> str | None:
    """What kind of answer is asked for, where the call says so."""
    for end, output in _OUTPUTS:
        if call.path.endswith(end):
            return output
    asked = call.params.get("response_format") or _object(call.params.get("text")).get("format")
    asked = asked or _object(call.params.get("output_config")).get("format")
    kind = _text(_object(asked).get("type")) if call.operation == "chat" else None
    return "json" if kind in ("json_schema", "json_object") else kind if kind == "text" else None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _note_attempt(call: CallInfo, attempt: AttemptInfo) -> None:
    if call._span is None:
        return
    names = {"status": "http.response.status_code"}
    told = {names.get(name, f"wenwen.{name}"): value for name, value in attempt._asdict().items() if value is not None}
    call._span.add_event("wenwen.attempt", told)


def _note_end(call: CallInfo) -> None:
    told = _told(call.reply)
    call.input_tokens = told.pop("gen_ai.usage.input_tokens", None)
    call.output_tokens = told.pop("gen_ai.usage.output_tokens", None)
    span = call._span
    if span is None:
        return
    try:
        used = {"input": call.input_tokens, "output": call.output_tokens}
        for kind, tokens in used.items():
            if tokens is not None:
                span.set_attribute(f"gen_ai.usage.{kind}_tokens", tokens)
        span.set_attributes(told)
        if call._first is not None:
            span.set_attribute("gen_ai.response.time_to_first_chunk", call._first)
        if call.request_id is not None:
            span.set_attribute("wenwen.request_id", call.request_id)
        if call.error is not None:
            from opentelemetry.trace import Status, StatusCode

            call._metrics["error.type"] = type(call.error).__qualname__
            span.set_attribute("error.type", type(call.error).__qualname__)
            span.set_status(Status(StatusCode.ERROR, str(call.error)))
        if call.reply is not None and span.is_recording() and _shows_contents():
            _set_json(span, "gen_ai.output.messages", _answered_messages(_plain(call.reply)))
    finally:
        span.end()
    if "gen_ai.response.model" in told:
        call._metrics["gen_ai.response.model"] = told["gen_ai.response.model"]
    duration, usage, first = _instruments()
    duration.record(call.elapsed, call._metrics)
    if call._first is not None:
        first.record(call._first, call._metrics)
    if call.error is None:
        for kind, tokens in used.items():
            if tokens is not None:
                usage.record(tokens, {**call._metrics, "gen_ai.token.type": kind})


_made: tuple[Any, tuple[Any, Any, Any]] | None = None


def _instruments() -> tuple[Any, Any, Any]:
    """The histograms of durations, tokens and first events, of the provider of meters that there is."""
    global _made
    from opentelemetry import metrics

    provider = metrics.get_meter_provider()
    if _made is None or _made[0] is not provider:
        meter = metrics.get_meter("wenwen", __version__)

        def histogram(name: str, unit: str, text: str, bounds: tuple[float, ...]) -> Any:
            advice = {"explicit_bucket_boundaries_advisory": bounds}
            try:
                return meter.create_histogram(name, unit=unit, description=text, **advice)
            except TypeError:  # before 1.30
                return meter.create_histogram(name, unit=unit, description=text)

        made = (
            histogram("gen_ai.client.operation.duration", "s", "GenAI operation duration.", _SECONDS),
            histogram("gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.", _TOKENS),
            histogram("gen_ai.client.operation.time_to_first_chunk", "s", "Time to receive the first chunk.", _SECONDS),
        )
        _made = provider, made
    return _made[1]


def _plain(reply: Any) -> Mapping[str, Any]:
    """A reply's fields; none where it has none."""
    if hasattr(reply, "parse") and hasattr(reply, "content"):  # with_raw_response
        reply = reply.parse()
    fields: Mapping[str, Any] = _object(reply)
    return fields


def _told(reply: Any) -> dict[str, Any]:
    """What a reply of any dialect says of itself."""
    fields = _plain(reply)
    told: dict[str, Any] = {}
    for attribute, *names in _ANSWERED:
        value = next((value for name in names if (value := _text(fields.get(name)))), None)
        if value is not None:
            told[attribute] = value
    reasons = [*_reasons(fields)]
    if reasons:
        told["gen_ai.response.finish_reasons"] = reasons
    if fields.get("usage") or fields.get("usageMetadata"):
        from .types.pricing import _spent

        try:
            spent = _spent(fields)
        except ValueError:
            return told
        told["gen_ai.usage.input_tokens"] = int(spent.prompt)
        told["gen_ai.usage.output_tokens"] = int(spent.answer)
        usage = _object(fields.get("usage") or fields.get("usageMetadata"))
        more = {
            "cache_read.input": spent.cached,
            "cache_creation.input": spent.written + spent.written_1h,
            "reasoning.output": _thought(usage),
        }
        told |= {f"gen_ai.usage.{kind}_tokens": int(count) for kind, count in more.items() if count}
    return told


def _thought(usage: Any) -> int:
    """Tokens of thinking, of any dialect's usage."""
    details = (usage.get("output_tokens_details"), usage.get("completion_tokens_details"))
    counts = [usage.get("thoughtsTokenCount"), *(_object(one).get("reasoning_tokens") for one in details)]
    return next((count for count in counts if isinstance(count, int) and count > 0), 0)


def _reasons(fields: Mapping[str, Any]) -> Iterator[str]:
    for choice in (*_each(fields.get("choices")), *_each(fields.get("candidates"))):
        reason = choice.get("finish_reason") or choice.get("finishReason")
        if isinstance(reason, str):
            yield reason
    details = fields.get("incomplete_details")
    reason = fields.get("stop_reason") or _object(details).get("reason")
    reason = reason or (fields.get("object") == "response" and fields.get("status"))
    if isinstance(reason, str):
        yield reason


def _object(value: Any) -> Any:
    """The value where it has fields, else something without any."""
    return value if hasattr(value, "get") else {}


def _each(values: Any) -> list[Any]:
    """Those that have fields."""
    return [value for value in _listed(values) if hasattr(value, "get")]


def _listed(value: Any) -> list[Any]:
    """A value that may be one or several."""
    return list(cast("list[Any]", value)) if isinstance(value, (list, tuple)) else [] if value is None else [value]


# Contents, which are shown on request alone


def _shows_contents() -> bool:
    """As the instrumentations of OpenTelemetry are asked for it. Events are not written: they have none."""
    asked = os.environ.get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "")
    return asked.strip().lower() in ("true", "span_only", "span_and_event")


def _set_json(span: Any, name: str, value: list[Any]) -> None:
    if value:
        span.set_attribute(name, dumps(value))


def _instructions(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    system = params.get("instructions") or params.get("system") or params.get("systemInstruction")
    return _parts(_object(system).get("parts") or _object(system).get("content") or system)


def _asked_messages(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    for name in ("messages", "input", "contents", "prompt"):
        asked = params.get(name)
        if asked:
            return [_message(item, "user") for item in _listed(asked)]
    return []


def _answered_messages(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    choices = [*_each(fields.get("choices")), *_each(fields.get("candidates"))]
    if choices:
        reasons = [*_reasons(fields), *[""] * len(choices)]
        messages = [_message(choice.get("message") or choice.get("content") or {}, "assistant") for choice in choices]
        return [{**message, "finish_reason": reason} for message, reason in zip(messages, reasons, strict=False)]
    parts = [part for item in _each(fields.get("output")) for part in _message(item, "assistant")["parts"]]
    parts = parts or _parts(fields.get("content") if fields.get("role") else None)
    reason = next(_reasons(fields), "")
    return [{"role": "assistant", "parts": parts, "finish_reason": reason}] if parts else []


def _message(item: Any, role: str) -> dict[str, Any]:
    """One message of any dialect. Gemini's have parts and no content, items of responses are one part themselves."""
    if not hasattr(item, "get"):
        return {"role": role, "parts": _parts(item)}
    content = item.get("content") or item.get("parts")
    if item.get("role") == "tool":
        answer = {"type": "tool_call_response", "id": _text(item.get("tool_call_id")), "response": _texts(content)}
        return {"role": "tool", "parts": [answer]}
    parts = _parts(item if content is None and "type" in item else content)
    parts += [_part(call) for call in _each(item.get("tool_calls"))]
    # An item of responses has no role of its own, but says by its part whose it is.
    role = {"tool_call": "assistant", "tool_call_response": "tool"}.get(parts[0]["type"], role) if parts else role
    return {"role": _text(item.get("role")) or role, "parts": parts}


def _parts(content: Any) -> list[dict[str, Any]]:
    return [_part(item) for item in _listed(content)]


def _part(item: Any) -> dict[str, Any]:
    if isinstance(item, str):
        return {"type": "text", "content": item}
    if not hasattr(item, "get"):
        return {"type": type(item).__name__}
    inner = item.get("function") or item.get("functionCall")
    kind = _text(item.get("type"))
    if hasattr(inner, "get") or kind in ("function_call", "tool_use"):
        named = inner if hasattr(inner, "get") else item
        given = next((named[name] for name in ("arguments", "input", "args") if name in named), None)
        id = item.get("call_id") or item.get("id")
        return {"type": "tool_call", "id": _text(id), "name": _text(named.get("name")), "arguments": _copied(given)}
    inner = item.get("functionResponse")
    if hasattr(inner, "get") or kind in ("function_call_output", "tool_result"):
        id = item.get("call_id") or item.get("tool_use_id")
        given = inner.get("response") if hasattr(inner, "get") else item.get("output", item.get("content"))
        return {"type": "tool_call_response", "id": _text(id), "response": _copied(given)}
    thought = item.get("thinking") or (item.get("text") if item.get("thought") is True else None)
    if isinstance(thought, str):
        return {"type": "reasoning", "content": thought}
    text = item.get("text") or item.get("refusal")
    if isinstance(text, str):
        return {"type": "text", "content": text}
    # Pictures, files and sounds are too much for a span: it says that they are there.
    return {"type": kind or next(iter(item), "unknown")}


def _copied(value: Any) -> Any:
    """What a span can hold of arguments and results of tools."""
    try:
        dumps(value)
    except (TypeError, ValueError):
        return repr(value)
    return value


def _texts(content: Any) -> str:
    return "".join(part["content"] for part in _parts(content) if part["type"] == "text")
