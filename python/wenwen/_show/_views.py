"""What each kind of reply shows: its answer, its pictures, what went wrong, and a line of facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from .._core import Object, Reply
from ..types._calling import Calling
from ..types.shared import items, part
from ._blocks import Alert, Block, Called, Code, Folded, Foot, Line, Links, Media, Said, Table, cut


def blocks_of(value: Any) -> list[Block] | None:
    """What it shows; None of what shows itself in its line alone."""
    view = _view(value)
    if view is None:
        return None
    found = [*(steps_of(value) if isinstance(value, Calling) else ()), *view(value)]
    wrong = [block for block in found if isinstance(block, Alert)]
    return [*wrong, *(block for block in found if not isinstance(block, Alert))]


def said(value: Any) -> str:
    """The text of an answer alone."""
    return "".join(block.text for block in blocks_of(value) or () if isinstance(block, Said))


def _view(value: Any) -> Callable[[Any], Iterator[Block]] | None:
    if isinstance(value, dict):  # of a stream with as_dict=True, which has no class to ask
        fields = cast("dict[str, Any]", value)
        return next((view for name, view in _BY_FIELD.items() if name in fields), None)
    for cls in type(value).__mro__:
        if cls.__module__.startswith("wenwen.") and (view := _BY_CLASS.get(cls.__name__)):
            return view
    return None


# ---- what many have ----


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _foot(reply: Any, *more: str) -> Foot:
    model = part(reply, "model") or part(reply, "modelVersion") or ""
    facts = [_text(model), _tokens(part(reply, "usage") or part(reply, "usageMetadata")), _cost(reply), *more]
    if isinstance(reply, Reply):
        facts.append(reply.request_id or "")
    return Foot([fact for fact in facts if fact])


_IN = ("input_tokens", "prompt_tokens", "promptTokenCount")
_OUT = ("output_tokens", "completion_tokens", "candidatesTokenCount")


def _tokens(usage: Any) -> str:
    counts = [
        next((n for name in names if (n := _number(part(usage, name))) is not None), None) for names in (_IN, _OUT)
    ]
    into, out = ("?" if count is None else f"{count:,}" for count in counts)
    if counts == [None, None]:
        total = _number(part(usage, "total_tokens"))
        return "" if total is None else f"{total:,} tokens"
    if counts[1] is None:
        return f"{into} tokens"
    thought = _number(part(usage, "thoughtsTokenCount"))
    for details in ("output_tokens_details", "completion_tokens_details"):
        thought = thought or _number(part(part(usage, details), "reasoning_tokens"))
    return f"{into} → {out} tokens" + (f" ({thought:,} thought)" if thought else "")


def _cost(reply: Any) -> str:
    """What it cost, where this program has asked for the prices, and these tell."""
    import sys

    latest = getattr(sys.modules.get("wenwen.types.pricing"), "latest", None)
    prices = latest and latest()
    if prices is None:
        return ""
    try:
        dollars = prices.cost(reply)
    except (LookupError, TypeError, ValueError):
        return ""
    return f"${dollars:.2g}" if 0 < dollars < 0.01 else f"${dollars:,.4g}"


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    except (TypeError, ValueError, RecursionError):
        return repr(value)


def _plain(value: Any) -> Any:
    from .._results import _plain as plain

    return plain(value)


def _answer(text: str) -> Iterator[Block]:
    """A text of the model's, of which JSON is code."""
    stripped = text.strip()
    if stripped[:1] in ("{", "[") and stripped[-1:] in ("}", "]") and len(stripped) < 1_000_000:
        try:
            yield Code(json.dumps(json.loads(stripped), ensure_ascii=False, indent=2), "json")
            return
        except (ValueError, RecursionError):
            pass
    if stripped:
        yield Said(text)


def _thought(text: str) -> Iterator[Block]:
    if text.strip():
        yield Folded(f"Thought: {cut(' '.join(text.replace('*', '').split()), 80)}", text)


def _parsed(reply: Any) -> list[Block] | None:
    """The answer as an instance of the user's class, by its fields; None where there is none."""
    if getattr(reply, "_values", None) is None and getattr(reply, "_output", None) is None:
        return None
    try:
        value = reply.parsed
    except Exception:  # it says why there is no answer, and the reply shows that too
        return None
    if value is None:
        return None
    text = _json(value)
    try:
        plain: Any = json.loads(text)
    except ValueError:
        plain = None
    name = type(value).__name__
    if isinstance(plain, dict) and plain:
        rows = [(str(key), _cell(one)) for key, one in cast("dict[str, Any]", plain).items()]
        return [Table((name, ""), rows)]
    return [Code(text, "json")]


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def steps_of(reply: Any) -> Iterator[Block]:
    """The calls of a run of tools, or of that which ended with a reply, with what came of them."""
    for step in reply.steps:
        is_running = step.status == "interrupted" and not isinstance(reply, Object)
        yield Called(_call(step)) if is_running else Called(_call(step), step.text, step.is_error)


def _calls(reply: Any) -> Iterator[Block]:
    """The calls that a reply asks for, and nobody has made."""
    if isinstance(reply, Calling):  # of a dict nobody has read them
        done = {step.id for step in reply.steps}
        yield from (Called(_call(call)) for call in reply.calls if call.id not in done)


def _call(call: Any) -> str:
    if call.arguments is None:
        return f"{call.name}({call.raw})"
    return f"{call.name}({', '.join(f'{name}={_cell_json(value)}' for name, value in call.arguments.items())})"


def _cell_json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=repr)
    except (TypeError, ValueError, RecursionError):
        return repr(value)


def _links(found: Sequence[tuple[Any, Any]]) -> Iterator[Block]:
    """Titles and URLs, each once."""
    known = dict[str, str]()
    for title, url in found:
        key = _text(url) or _text(title)
        if key:
            known.setdefault(key, _text(title))
    if known:
        yield Links([(title, url) for url, title in known.items()])


def _decoded(text: Any) -> bytes:
    """Of base64 or a data URI; nothing of what is neither."""
    from .._files import decoded

    try:
        return decoded(text) if isinstance(text, str) else b""
    except ValueError:
        return b""


def picture(data: bytes, caption: str = "") -> Media:
    """A picture by what its bytes are, whatever it was said to be: another thing is none."""
    from ..types.images import _sniffed

    return Media("image", _sniffed(data) or "", data, caption=caption)


def _at(url: str, caption: str = "", *, kind: str = "image", loads: bool = False) -> Media:
    """What is at a URL, or in a data URI."""
    if url.startswith("data:"):
        return picture(_decoded(url), caption) if kind == "image" else _sound(_decoded(url), kind, caption)
    return Media(kind, url=url, caption=caption, loads=loads)


# What a sound or a video begins with: at which byte, with what, and what it is.
_SOUNDS = (
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
)


def _sound(data: bytes, kind: str = "audio", caption: str = "") -> Media:
    found = (media for at, magic, media in _SOUNDS if data[at : at + len(magic)] == magic)
    media = next(found, "")
    return Media(media.partition("/")[0] or kind, media, data, caption=caption)


# ---- the four dialects ----


def _responses(reply: Any) -> Iterator[Block]:
    status = _text(part(reply, "status"))
    if words := part(part(reply, "error"), "message") or part(reply, "error"):
        yield Alert(_text(words) or _json(words))
    elif status in ("failed", "cancelled"):
        yield Alert(f"the response is {status}")
    if reason := part(part(reply, "incomplete_details"), "reason"):
        yield Alert(f"incomplete: {reason}")
    parsed, links = _parsed(reply), list[tuple[Any, Any]]()
    yield from () if parsed is None else parsed
    calls = [*_calls(reply)]
    for item in items(part(reply, "output")):
        kind = _text(part(item, "type"))
        content = part(item, "content")
        if kind == "reasoning":
            parts = [*items(part(item, "summary")), *items(content)]
            yield from _thought("\n\n".join(_text(part(one, "text")) for one in parts))
        elif kind == "message":
            for one in items(content):
                if words := _text(part(one, "refusal")):
                    yield Alert(f"refused: {words}")
                elif parsed is None:
                    yield from _answer(_text(part(one, "text")))
                links += [_cited(note) for note in items(part(one, "annotations"))]
            if parsed is None:
                yield from _answer(_text(content))
        elif kind == "image_generation_call":
            yield picture(_decoded(part(item, "result")), _text(part(item, "revised_prompt")))
        elif kind == "web_search_call":
            action = part(item, "action")
            yield Called(f"web search: {part(action, 'query') or part(action, 'url') or part(item, 'status') or ''}")
        elif kind and kind not in ("function_call", "function_call_output"):
            yield Folded(kind.replace("_", " "), f"{_fence(_json(item))}")
    yield from calls
    yield from _links(links)
    yield _foot(reply, status)


def _fence(text: str) -> str:
    from ._words import block

    return block(text, "json")


def _cited(note: Any) -> tuple[Any, Any]:
    inner = part(note, "url_citation") or note
    return part(inner, "title") or part(inner, "filename"), part(inner, "url") or part(inner, "file_id")


def _chat(reply: Any) -> Iterator[Block]:
    from ..types.chat import content_text

    choices = items(part(reply, "choices"))
    parsed = _parsed(reply) if len(choices) < 2 else None
    links, reasons = list[tuple[Any, Any]](), list[str]()
    for choice in choices:
        message = part(choice, "message")
        reason = _text(part(choice, "finish_reason"))
        reasons.append(reason)
        if words := _text(part(message, "refusal")):
            yield Alert(f"refused: {words}")
        elif reason in ("length", "content_filter"):
            yield Alert(f"the answer was cut short: {reason}")
        if len(choices) > 1:
            yield Line(f"Choice {part(choice, 'index')}")
        thought, text = _chat_texts(message, content_text(part(message, "content")))
        yield from _thought(thought)
        text, drawn = _drawn(text)
        if parsed is None or not choices:
            yield from _answer(text)
        else:
            yield from parsed
        yield from drawn
        for one in (*items(part(message, "content")), *items(part(message, "images"))):
            url = part(one, "image_url")
            if url := _text(url) or _text(part(url, "url")):
                yield _at(url)
        audio = part(message, "audio")
        if data := _decoded(part(audio, "data")):
            yield _sound(data, caption=_text(part(audio, "transcript")))
        links += [_cited(note) for note in items(part(message, "annotations"))]
    links += [("", one) for one in items(part(reply, "citations"))]
    yield from _calls(reply)
    yield from _links(links)
    yield _foot(reply, ", ".join(dict.fromkeys(filter(None, reasons))))


def _chat_texts(message: Any, text: str) -> tuple[str, str]:
    """What the model thought, and what it said."""
    for name in ("reasoning_content", "reasoning"):
        if thought := _text(part(message, name)):
            return thought, text
    details = "".join(_text(part(one, "text")) for one in items(part(message, "reasoning_details")))
    before, opened, rest = text.partition("<think>")
    if details or not opened or before.strip():
        return details, text
    thought, _, rest = rest.partition("</think>")
    return thought, rest


def _drawn(text: str) -> tuple[str, list[Block]]:
    """A text, and the pictures that it holds as data URIs."""
    if "data:image/" not in text:
        return text, []
    import re

    found: list[Block] = []

    def taken(image: re.Match[str]) -> str:
        found.append(_at(image[2], image[1] or ""))
        return ""

    pattern = r"!\[([^\]\n]{0,1000})\]\(\s*(data:image/[\w.+-]{1,30};base64,[A-Za-z0-9+/=]+)\s*\)"
    return re.sub(pattern, taken, text), found


def _messages(reply: Any) -> Iterator[Block]:
    reason = _text(part(reply, "stop_reason"))
    if reason == "refusal":
        yield Alert(f"refused: {_text(part(part(reply, 'stop_details'), 'explanation')) or 'the model declines'}")
    elif reason in ("max_tokens", "model_context_window_exceeded", "pause_turn"):
        yield Alert(f"the answer was cut short: {reason}")
    content, parsed = part(reply, "content"), _parsed(reply)
    texts, links = list[str](), list[tuple[Any, Any]]()
    yield from () if parsed is None else parsed
    calls = [*_calls(reply)]
    for block in items(content):
        kind = _text(part(block, "type"))
        if kind == "text":
            # A citation begins a new block within a sentence.
            texts.append(_text(part(block, "text")))
            links += [
                (part(one, "title") or part(one, "document_title"), part(one, "url"))
                for one in items(part(block, "citations"))
            ]
            continue
        if parsed is None:
            yield from _answer("".join(texts))
        texts.clear()
        if kind == "thinking":
            yield from _thought(_text(part(block, "thinking")))
        elif kind == "server_tool_use":
            yield Called(f"{part(block, 'name')}: {cut(_cell(_dict(part(block, 'input'))), 200)}")
        elif kind == "web_search_tool_result":
            links += [(part(one, "title"), part(one, "url")) for one in items(part(block, "content"))]
        elif kind and kind not in ("tool_use", "redacted_thinking"):
            yield Folded(kind.replace("_", " "), _fence(_json(block)))
    if parsed is None:
        yield from _answer("".join(texts) or _text(content))
    yield from calls
    yield from _links(links)
    yield _foot(reply, reason)


def _dict(value: Any) -> Any:
    return value.to_dict() if hasattr(value, "to_dict") else value


def _gemini(reply: Any) -> Iterator[Block]:
    if reason := part(part(reply, "promptFeedback"), "blockReason"):
        words = _text(part(part(reply, "promptFeedback"), "blockReasonMessage"))
        yield Alert(f"the prompt was blocked: {words or reason}")
    parsed, links, reasons = _parsed(reply), list[tuple[Any, Any]](), list[str]()
    yield from () if parsed is None else parsed
    candidates = items(part(reply, "candidates"))
    for candidate in candidates:
        reason = _text(part(candidate, "finishReason"))
        reasons.append(reason)
        if reason not in ("", "STOP", "FINISH_REASON_UNSPECIFIED"):
            yield Alert(f"{reason}: {_text(part(candidate, 'finishMessage')) or 'the answer was cut short'}")
        thought, text, media = list[str](), list[str](), list[Block]()
        for one in items(part(part(candidate, "content"), "parts")):
            (thought if part(one, "thought") else text).append(_text(part(one, "text")))
            if data := part(one, "inlineData"):
                raw = _decoded(part(data, "data"))
                is_sound = _text(part(data, "mimeType")).startswith(("audio/", "video/"))
                media.append(_sound(raw) if is_sound else picture(raw))
            for kind in ("executableCode", "codeExecutionResult"):
                if code := part(one, kind):
                    language = _text(part(code, "language")).lower()
                    media.append(Code(_text(part(code, "code")) or _text(part(code, "output")), language))
        yield from _thought("".join(thought))
        if parsed is None:
            yield from _answer("".join(text))
        yield from media
        for chunk in items(part(part(candidate, "groundingMetadata"), "groundingChunks")):
            web = part(chunk, "web")
            links.append((part(web, "title"), part(web, "uri")))
    yield from _calls(reply)
    yield from _links(links)
    yield _foot(reply, ", ".join(dict.fromkeys(filter(None, reasons))))


# ---- pictures, sounds, videos, tasks ----


def _images(reply: Any) -> Iterator[Block]:
    found = items(part(reply, "data"))
    if not found:
        yield Alert("there is no picture here")
    for image in found:
        caption, url = _text(part(image, "revised_prompt")), _text(part(image, "url"))
        if data := _decoded(part(image, "b64_json")):
            yield picture(data, caption)._replace(is_small=len(found) > 1)
        elif url:
            yield _at(url, caption)
    facts = [_text(part(reply, name)) for name in ("size", "quality")]
    count = f"{len(found)} picture{'' if len(found) == 1 else 's'}"
    yield _foot(reply, count, *facts)


def _task(task: Any) -> Iterator[Block]:
    status = _text(part(task, "status"))
    if status in ("FAILURE", "CANCEL"):
        yield Alert(_text(part(task, "failReason")) or f"the task ended as {status}")
    if url := _text(part(task, "imageUrl")):
        yield _at(url, _text(part(task, "prompt")), loads=True)
    elif prompt := _text(part(task, "prompt")):
        yield Line(prompt)
    videos = [*items(part(task, "videoUrls"))] or [part(task, "videoUrl")]
    for video in videos:
        if address := _text(video) or _text(part(video, "url")):
            yield _at(address, kind="video", loads=True)
    labels = [_text(part(one, "label")) or _text(part(one, "emoji")) for one in items(part(task, "buttons"))]
    if any(labels):
        yield Line("  ".join(f"[{label}]" for label in labels if label))
    what = _text(part(task, "action")) or _text(part(task, "description"))
    progress = _text(part(task, "progress")) if status not in ("SUCCESS", "FAILURE") else ""
    number = part(task, "id") or part(task, "result")
    yield _foot(task, what, status, progress, "" if number is None else str(number))


def _video(video: Any) -> Iterator[Block]:
    error = part(video, "error")
    inner = part(video, "data")
    reason = _text(part(error, "message")) or _text(error) or getattr(video, "fail_reason", None)
    status = _text(part(inner, "status")) or _text(part(video, "status"))
    if getattr(video, "failed", False) or (error and reason):
        yield Alert(_text(reason) or f"the video ended as {status}")
    prompt = _text(part(video, "prompt"))
    if url := _text(getattr(video, "url", None)):
        yield _at(url, prompt, kind="video", loads=True)
    elif prompt:
        yield Line(prompt)
    progress = part(video, "progress") if part(video, "progress") is not None else part(inner, "progress")
    shown = "" if progress in (None, "") else f"{str(progress).rstrip('%')} %"
    seconds = _text(part(video, "seconds"))
    number = part(video, "id") or part(video, "task_id") or part(inner, "task_id")
    size = _text(part(video, "size"))
    yield _foot(video, f"{seconds} s" if seconds else "", size, status, shown, "" if number is None else str(number))


def _transcript(reply: Any) -> Iterator[Block]:
    speakers = [one for one in items(part(reply, "segments")) if part(one, "speaker")]
    if speakers:
        yield Table(
            ("Speaker", "From", "Said"),
            [(str(part(one, "speaker")), _seconds(part(one, "start")), _text(part(one, "text"))) for one in speakers],
        )
    elif text := _text(part(reply, "text")):
        yield Line(text) if len(text) < 2000 else Said(text)
    yield _foot(reply, _text(part(reply, "language")), _seconds(part(reply, "duration")))


def _seconds(value: Any) -> str:
    return f"{value:.1f} s" if isinstance(value, (int, float)) else f"{value} s" if _text(value) else ""


# ---- vectors and lists ----


def _embeddings(reply: Any) -> Iterator[Block]:
    data = items(part(reply, "data"))
    try:
        rows, columns = cast("tuple[int, int]", memoryview(reply).shape)
        shape = f"{rows:,} vector{'' if rows == 1 else 's'} of {columns:,} numbers"
    except (BufferError, TypeError, ValueError):
        shape = f"{len(data):,} vector{'' if len(data) == 1 else 's'}, of different lengths or as text"
    yield Line(shape)
    yield _foot(reply)


def _models(reply: Any) -> Iterator[Block]:
    yield _model_table(items(part(reply, "data")))
    yield _foot(reply, f"{len(items(part(reply, 'data')))} models")


def _model(model: Any) -> Iterator[Block]:
    yield _model_table([model])


def _model_table(models: list[Any]) -> Table:
    def dialects(model: Any) -> str:
        return ", ".join(_text(one) for one in items(part(model, "supported_endpoint_types")))

    rows = [(_text(part(one, "id")), _text(part(one, "owned_by")), dialects(one)) for one in models]
    return Table(("Model", "Of", "Dialects"), rows)


def _prices(prices: Any) -> Iterator[Block]:
    from ..types.pricing import ModelPrice

    rows = [ModelPrice(row) for row in items(prices.get("data")) if hasattr(row, "get")]
    yield _price_table(rows)
    yield _foot(prices, f"{len(rows)} models", "US dollars, before the ratio of the key's group")


def _price(price: Any) -> Iterator[Block]:
    yield _price_table([price])
    if text := _text(part(price, "billing_expr")):
        yield Code(text)


def _price_table(prices: list[Any]) -> Table:
    def dollars(price: Any, name: str) -> str:
        try:
            value = getattr(price, name)
        except (TypeError, ValueError):
            return "?"
        return f"${value:,.4g}" if isinstance(value, (int, float)) else ""

    rows = [
        (
            str(part(one, "model_name")),
            "" if one.per_call else dollars(one, "input_price"),
            "" if one.per_call else dollars(one, "output_price"),
            dollars(one, "model_price") if one.per_call else "",
        )
        for one in prices
    ]
    return Table(("Model", "Input / 1M tokens", "Output / 1M tokens", "A call"), rows)


def _money(reply: Any) -> Iterator[Block]:
    facts = [(name, str(value)) for name, value in dict(_dict(reply)).items() if isinstance(value, (int, float, str))]
    yield Table(("", ""), facts)


def _row(row: Any) -> Iterator[Block]:
    """A row of a job: its answer, or why there is none."""
    view = _view(row.reply)
    if row.error is not None:
        yield Alert(f"{type(row.error).__name__}: {row.error}")
    elif view is not None:
        yield from (block for block in view(row.reply) if not isinstance(block, Foot))
    else:
        yield Line(repr(row.reply))
    cost = "" if row.cost is None else f"${row.cost:.2g}"
    tries = "" if row.attempts < 2 else f"{row.attempts} attempts"
    facts = (f"row {row.index}", row.key or "", cost, tries, "cached" if row.cached else "")
    yield Foot([fact for fact in facts if fact])


def _counts(value: Any) -> Iterator[Block]:
    """How far a job is, or what it would do."""
    from dataclasses import fields

    facts = [(one.name.replace("_", " "), getattr(value, one.name)) for one in fields(value)]
    rows = [
        (name, f"{fact:,.4g}" if isinstance(fact, float) else str(fact)) for name, fact in facts if fact is not None
    ]
    yield Table(("", ""), rows)


def _any(reply: Any) -> Iterator[Block]:
    """A reply of any path."""
    yield Code(_json(_dict(reply)), "json")
    yield _foot(reply)


_BY_CLASS: Mapping[str, Callable[[Any], Iterator[Block]]] = {
    "Response": _responses,
    "ChatCompletion": _chat,
    "Message": _messages,
    "GenerateContentResponse": _gemini,
    "ImagesResponse": _images,
    "TaskFields": _task,
    "_Video": _video,
    "_VideoGeneration": _video,
    "Transcription": _transcript,
    "TranscriptionVerbose": _transcript,
    "TranscriptionDiarized": _transcript,
    "Translation": _transcript,
    "CreateEmbeddingResponse": _embeddings,
    "ModelList": _models,
    "Model": _model,
    "Prices": _prices,
    "ModelPrice": _price,
    "BillingSubscription": _money,
    "BillingUsage": _money,
    "Row": _row,
    "JobStatus": _counts,
    "JobPlan": _counts,
    "Reply": _any,
}

# Of dicts, by a field that only these have, the surest first.
_BY_FIELD: Mapping[str, Callable[[Any], Iterator[Block]]] = {
    "output": _responses,
    "choices": _chat,
    "candidates": _gemini,
    "content": _messages,
    "data": _images,
    "text": _transcript,
}
