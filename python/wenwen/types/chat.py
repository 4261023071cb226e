"""`/v1/chat/completions`: the reply, its choices and messages, the stream's chunks and events, the parameters.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation
says, and a field that is not declared here is an attribute all the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, Required, TypeAlias, TypedDict, TypeVar

from wenwen._core import Object, Reply

from ._answered import Answered, Kept
from ._calling import Calling
from .shared import Metadata, ReasoningEffort, RequestOptions, items, later, part
from .tools import RunOptions, ToolFunction, Tools, with_options

T = TypeVar("T")

__all__ = [
    "ChatCompletion", "ChatCompletionAllowedToolChoiceParam", "ChatCompletionAllowedToolsParam",
    "ChatCompletionAnnotation", "ChatCompletionAssistantMessageParam", "ChatCompletionAudio",
    "ChatCompletionAudioParam", "ChatCompletionChunk", "ChatCompletionContentPart",
    "ChatCompletionContentPartFileParam", "ChatCompletionContentPartImage",
    "ChatCompletionContentPartImageParam", "ChatCompletionContentPartInputAudioParam",
    "ChatCompletionContentPartParam", "ChatCompletionContentPartRefusalParam",
    "ChatCompletionContentPartText", "ChatCompletionContentPartTextParam", "ChatCompletionCreateParams",
    "ChatCompletionCustomToolInput", "ChatCompletionCustomToolParam", "ChatCompletionDeveloperMessageParam",
    "ChatCompletionFunctionCall", "ChatCompletionFunctionCallOptionParam",
    "ChatCompletionFunctionMessageParam", "ChatCompletionFunctionToolParam", "ChatCompletionMessage",
    "ChatCompletionMessageCustomToolCall", "ChatCompletionMessageCustomToolCallParam",
    "ChatCompletionMessageFunctionToolCall", "ChatCompletionMessageFunctionToolCallParam",
    "ChatCompletionMessageParam", "ChatCompletionMessageToolCall", "ChatCompletionMessageToolCallParam",
    "ChatCompletionMessageToolCallUnion", "ChatCompletionMessageToolCallUnionParam",
    "ChatCompletionModality", "ChatCompletionNamedToolChoiceCustomParam",
    "ChatCompletionNamedToolChoiceParam", "ChatCompletionPredictionContentParam",
    "ChatCompletionReasoningEffort", "ChatCompletionRole", "ChatCompletionRunParams",
    "ChatCompletionStreamEvent", "ChatCompletionStreamOptionsParam", "ChatCompletionSystemMessageParam",
    "ChatCompletionTokenLogprob", "ChatCompletionToolChoiceOptionParam", "ChatCompletionToolMessageParam",
    "ChatCompletionToolParam", "ChatCompletionToolUnionParam", "ChatCompletionURLCitation",
    "ChatCompletionUserMessageParam", "ChatJSONSchemaParam", "ChatModeration", "ChatModerationError",
    "ChatModerationResults", "ChatModerationResultsItem", "ChatResponseFormatJSONSchemaParam",
    "ChatResponseFormatParam", "ChatServiceTier", "Choice", "ChoiceDelta", "ChoiceDeltaAudio",
    "ChoiceDeltaFunctionCall", "ChoiceDeltaToolCall", "ChoiceDeltaToolCallFunction", "ChoiceLogprobs",
    "ChunkChoice", "ChunkEvent", "CompletionTokensDetails", "CompletionUsage", "ContentDeltaEvent",
    "ContentDoneEvent", "ContentFilterResult", "ContentFilterResults",
    "CreateChatCompletionRequestMessageParam", "FileFileParam", "FinishReason", "Function",
    "FunctionDefinition", "FunctionToolCallArgumentsDeltaEvent", "FunctionToolCallArgumentsDoneEvent",
    "ImageURL", "ImageURLParam", "InputAudioParam", "LogprobsContentDeltaEvent", "LogprobsContentDoneEvent",
    "LogprobsRefusalDeltaEvent", "LogprobsRefusalDoneEvent", "NamedFunctionParam",
    "ParsedChatCompletionMessage", "ParsedChoice", "ParsedFunction", "ParsedFunctionToolCall",
    "PromptFilterResult", "PromptTokensDetails", "ReasoningDeltaEvent", "RefusalDeltaEvent",
    "RefusalDoneEvent", "TopLogprob",
]  # fmt: skip

ChatCompletionRole: TypeAlias = Literal["developer", "system", "user", "assistant", "tool", "function"]

ChatCompletionModality: TypeAlias = Literal["text", "audio"]

ChatCompletionReasoningEffort: TypeAlias = ReasoningEffort

ChatServiceTier: TypeAlias = Literal["auto", "default", "flex", "scale", "priority", "fast"]

# An upstream may have others; "" in a chunk counts as null.
FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]


# ---- usage ----


class PromptTokensDetails(Object):
    """Which prompt tokens there were; each vendor fills in some."""

    cached_tokens: int | None
    cache_write_tokens: int | None
    cached_creation_tokens: int | None  # Claude's prompt cache, through chat
    audio_tokens: int | None
    image_tokens: int | None
    text_tokens: int | None


class CompletionTokensDetails(Object):
    """Which completion tokens there were; each vendor fills in some."""

    reasoning_tokens: int | None  # paid for and not shown
    audio_tokens: int | None
    image_tokens: int | None
    text_tokens: int | None
    accepted_prediction_tokens: int | None
    rejected_prediction_tokens: int | None


class CompletionUsage(Object):
    """What the call cost, in tokens."""

    prompt_tokens: int
    completion_tokens: int  # reasoning included
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails | None
    completion_tokens_details: CompletionTokensDetails | None
    prompt_cache_hit_tokens: int | None  # DeepSeek's
    prompt_cache_miss_tokens: int | None
    input_tokens: int | None  # some builds of the gateway repeat the counts under the names of `/v1/responses`
    output_tokens: int | None
    cost: float | None


# ---- what Azure adds ----


class ContentFilterResult(Object):
    """What one filter found."""

    filtered: bool
    severity: str | None  # "safe", "low", "medium" or "high"
    detected: bool | None


class ContentFilterResults(Object):
    """What each of Azure's filters found; {} in some chunks."""

    hate: ContentFilterResult | None
    self_harm: ContentFilterResult | None
    sexual: ContentFilterResult | None
    violence: ContentFilterResult | None
    jailbreak: ContentFilterResult | None


class PromptFilterResult(Object):
    """What the filters found in one of the prompts."""

    prompt_index: int
    content_filter_results: ContentFilterResults


# ---- the message ----


class ChatCompletionContentPartText(Object):
    """A text part of a message."""

    type: Literal["text"]
    text: str
    prompt_cache_breakpoint: Object | None  # mode, ttl


class ImageURL(Object):
    """An image by its URL."""

    url: str  # or a data URI
    detail: Literal["auto", "low", "high"] | None


class ChatCompletionContentPartImage(Object):
    """An image part of a message."""

    type: Literal["image_url"]
    image_url: ImageURL
    prompt_cache_breakpoint: Object | None  # mode, ttl


ChatCompletionContentPart: TypeAlias = ChatCompletionContentPartText | ChatCompletionContentPartImage


class ChatCompletionURLCitation(Object):
    """The place of a citation in the text, and the page it is from."""

    start_index: int
    end_index: int
    title: str
    url: str


class ChatCompletionAnnotation(Object):
    """A page that the web search found."""

    type: Literal["url_citation"]
    url_citation: ChatCompletionURLCitation


class ChatCompletionAudio(Object):
    """A spoken answer."""

    id: str
    data: str  # base64; the sizes in the head of a WAV may be 0xFFFFFFFF
    expires_at: int  # Unix seconds; until then `id` can stand for it in the next request
    transcript: str


class Function(Kept, Object):
    """The function to call."""

    name: str
    arguments: str  # JSON, as a rule valid; from some upstreams an object

    @property
    def parsed_arguments(self) -> Any:
        """The arguments as the types of the function, or as an instance of the class, that `run` or `parse` was given
        as this tool; None without one, or where they do not fit."""
        return getattr(self, "_parsed_arguments", None)


class ChatCompletionMessageFunctionToolCall(Object):
    """A call of one of your functions: answer it with a tool message that has its `id`."""

    id: str
    type: Literal["function"]
    function: Function


class ChatCompletionCustomToolInput(Object):
    """The custom tool to call."""

    name: str
    input: str


class ChatCompletionMessageCustomToolCall(Object):
    """A call of a custom tool."""

    id: str
    type: Literal["custom"]
    custom: ChatCompletionCustomToolInput


ChatCompletionMessageToolCall: TypeAlias = ChatCompletionMessageFunctionToolCall

ChatCompletionMessageToolCallUnion: TypeAlias = (
    ChatCompletionMessageFunctionToolCall | ChatCompletionMessageCustomToolCall
)


class ChatCompletionFunctionCall(Object):
    """The older form of a tool call."""

    name: str
    arguments: str


class ChatCompletionMessage(Kept, Object):
    """The model's answer; it can be put into the next request's messages as it is."""

    role: Literal["assistant"]
    content: str | None  # from some upstreams a list of parts: `text` reads both
    refusal: str | None
    reasoning_content: str | None  # what the model thought, as the gateway writes it; see `reasoning_text`
    reasoning: str | None
    reasoning_details: list[Object] | None
    annotations: list[ChatCompletionAnnotation] | None
    audio: ChatCompletionAudio | None
    tool_calls: list[ChatCompletionMessageToolCallUnion] | None
    function_call: ChatCompletionFunctionCall | None

    @property
    def parsed(self) -> Any:
        """The answer as an instance of the class that `parse` was given; None without one."""
        return object.__getattribute__(self, "__dict__").get("_parsed")

    @property
    def text(self) -> str:
        """The content as text, also where it is a list of parts; "" if there is none."""
        return content_text(self.content)

    @property
    def reasoning_text(self) -> str:
        """What the model thought: `reasoning_content`, `reasoning`, or what stands between <think> tags in the
        content; "" if it does not say."""
        for spelling in (self.reasoning_content, self.reasoning):
            if spelling:
                return spelling
        texts = [detail.get("text") for detail in items(self.reasoning_details) if isinstance(detail, Object)]
        if found := "".join(text for text in texts if isinstance(text, str)):
            return found
        _, opened, thought = self.text.partition("<think>")
        return thought.partition("</think>")[0].strip() if opened else ""

    @property
    def images(self) -> list[str]:
        """The images of the answer, as URLs and data URIs: Markdown images in the text, and image parts. Models that
        draw in a chat answer like this."""
        import re  # only here: it is slow to load

        image = r"!\[[^\]]*\]\(\s*<?([^\s)>]+)|(data:image/[\w.+-]+;base64,[A-Za-z0-9+/=]+)"
        found = [linked or bare for linked, bare in re.findall(image, self.text)]
        # Of two forms that vendors have beside the text.
        for each in (*items(self.content), *items(self.get("images"))):
            url: Any = each.get("image_url") if isinstance(each, Object) else None
            url = url.url if isinstance(url, Object) else url
            if isinstance(url, str):
                found.append(url)
        return list(dict.fromkeys(found))


class TopLogprob(Object):
    """A token that might have stood there."""

    token: str
    bytes: list[int] | None
    logprob: float


class ChatCompletionTokenLogprob(Object):
    """A token and how likely it was."""

    token: str
    bytes: list[int] | None
    logprob: float
    top_logprobs: list[TopLogprob]


class ChoiceLogprobs(Object):
    """How likely the tokens of the answer were."""

    content: list[ChatCompletionTokenLogprob] | None
    refusal: list[ChatCompletionTokenLogprob] | None


# ---- the reply ----


class Choice(Object):
    """One of the answers; there are as many as `n` asked for."""

    index: int
    message: ChatCompletionMessage
    finish_reason: FinishReason
    logprobs: ChoiceLogprobs | None
    content_filter_results: ContentFilterResults | None


class ChatModerationResultsItem(Object):
    """What the moderation thinks of one text or picture."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]  # 0 to 1
    category_applied_input_types: dict[str, list[Literal["text", "image"]]]


class ChatModerationResults(Object):
    """What the moderation thinks of the input or the output."""

    type: Literal["moderation_results"]
    model: str
    results: list[ChatModerationResultsItem]


class ChatModerationError(Object):
    """The moderation itself failed."""

    type: Literal["error"]
    code: str
    message: str


class ChatModeration(Object):
    """The moderation of a completion."""

    input: ChatModerationResults | ChatModerationError | None
    output: ChatModerationResults | ChatModerationError | None


class ChatCompletion(Answered, Calling, Reply):
    """The reply of `create_chat_completion`; the text of the answer is `text`."""

    _dialect = "chat"

    id: str
    object: Literal["chat.completion"]
    created: int  # Unix seconds; 0 from some upstreams
    model: str  # as served: often a dated form of the name in the request
    choices: list[Choice]
    usage: CompletionUsage | None
    service_tier: ChatServiceTier | None
    system_fingerprint: str | None
    prompt_filter_results: list[PromptFilterResult] | None
    metadata: Metadata | None
    moderation: ChatModeration | None  # where it was asked for

    @property
    def text(self) -> str:
        """The text of the first choice; "" if there is none."""
        choices = self.choices
        message = choices[0].message if choices else None
        return message.text if message else ""


# ---- the chunks of a stream ----


class ChoiceDeltaFunctionCall(Object):
    """A piece of the older form of a tool call."""

    name: str | None
    arguments: str | None


class ChoiceDeltaToolCallFunction(Object):
    """The name comes with the first piece of a call; the arguments are to be joined."""

    name: str | None
    arguments: str | None


class ChoiceDeltaToolCall(Object):
    """A piece of a tool call."""

    index: int  # of the call; some upstreams leave it out
    id: str | None
    type: Literal["function"] | None
    function: ChoiceDeltaToolCallFunction | None


class ChoiceDeltaAudio(Object):
    """A piece of a spoken answer."""

    id: str | None
    data: str | None  # base64, each piece for itself
    transcript: str | None
    expires_at: int | None


class ChoiceDelta(Object):
    """What a chunk adds to a message."""

    role: Literal["developer", "system", "user", "assistant", "tool"] | None
    content: str | None
    refusal: str | None
    reasoning_content: str | None
    reasoning: str | None
    audio: ChoiceDeltaAudio | None
    tool_calls: list[ChoiceDeltaToolCall] | None
    function_call: ChoiceDeltaFunctionCall | None


class ChunkChoice(Object):
    """What a chunk adds to a choice."""

    index: int
    delta: ChoiceDelta
    finish_reason: FinishReason | None
    logprobs: ChoiceLogprobs | None
    content_filter_results: ContentFilterResults | None


class ChatCompletionChunk(Object):
    """A piece of a streamed completion."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]  # empty in the chunk that has the usage, and in Azure's first
    usage: CompletionUsage | None  # in the last chunk, as a rule
    service_tier: ChatServiceTier | None
    system_fingerprint: str | None
    prompt_filter_results: list[PromptFilterResult] | None
    moderation: ChatModeration | None  # where it was asked for
    obfuscation: str | None  # padding, against listeners
    snapshot: str | None  # in `.stream()`: what the content, or else the tool call's arguments, have grown to


# ---- the events of `.stream()` ----


def content_text(content: Any) -> str:
    """A content as text, also where it is a list of parts; "" if there is none."""
    if isinstance(content, str):
        return content
    texts = [each if isinstance(each, str) else part(each, "text") for each in items(content)]
    return "".join(text for text in texts if isinstance(text, str))


class _HelperEvent:
    """An event that is made of a chunk; its values are its slots."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name, None) for name in self.__slots__}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._values() == other._values()

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        return None, self._values()

    def _shown(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if not name.startswith("_")}

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self._shown().items())
        return f"{type(self).__name__}({', '.join(shown)})"

    def to_dict(self, *, exclude_none: bool = False) -> dict[str, Any]:
        """The event as plain dicts; without its `snapshot`, which would repeat all that came before."""
        kind: Any = type(self)
        return Object({"type": kind.type, **self._shown()}).to_dict(exclude_none=exclude_none)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        from ._pydantic import made_here

        return made_here(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> dict[str, Any]:
        from ._pydantic import json_schema

        return json_schema(cls)


class ChunkEvent(_HelperEvent):
    """A chunk as it came; the events that are made of it follow."""

    __slots__ = ("_whole", "chunk")
    type: Literal["chunk"] = "chunk"
    chunk: ChatCompletionChunk
    _whole: Any

    @property
    def snapshot(self) -> ChatCompletion:
        """The completion as far as it has arrived; that may be some chunks further."""
        if not isinstance(self._whole, ChatCompletion):  # it is the stream
            self._whole = self._whole._partial()
        whole: ChatCompletion = self._whole
        return whole

    def _values(self) -> dict[str, Any]:
        return {"_whole": self.snapshot, "chunk": self.chunk}


class ContentDeltaEvent(_HelperEvent):
    """A piece of the answer's text."""

    __slots__ = ("_chunk", "_output", "delta", "index")
    type: Literal["content.delta"] = "content.delta"
    delta: str
    index: int  # of the choice
    _chunk: ChatCompletionChunk
    _output: Any

    @property
    def snapshot(self) -> str:
        """The text up to here."""
        return self._chunk.snapshot or ""

    @property
    def parsed(self) -> Any:
        """What of an answer of a class is there so far, as plain values: fields that are not whole yet are absent. Made
        when it is asked for, of the whole text. None without a class."""
        return None if self._output is None else self._output.partial(self.snapshot)


class ContentDoneEvent(_HelperEvent):
    """The answer's text is complete."""

    __slots__ = ("_whole", "content", "index")
    type: Literal["content.done"] = "content.done"
    content: str
    index: int  # of the choice
    _whole: ChatCompletion

    @property
    def parsed(self) -> Any:
        """The answer as an instance of the class that `stream` was given; None without one. Raises as the reply's own
        `parsed` does."""
        return self._whole.parsed


class RefusalDeltaEvent(_HelperEvent):
    """A piece of a refusal."""

    __slots__ = ("_so_far", "delta", "index")
    type: Literal["refusal.delta"] = "refusal.delta"
    delta: str
    index: int  # of the choice
    _so_far: tuple[list[str], int]

    @property
    def snapshot(self) -> str:
        """The refusal up to here."""
        parts, count = self._so_far
        return "".join(parts[:count])


class RefusalDoneEvent(_HelperEvent):
    """The refusal is complete."""

    __slots__ = ("index", "refusal")
    type: Literal["refusal.done"] = "refusal.done"
    refusal: str
    index: int  # of the choice


class LogprobsContentDeltaEvent(_HelperEvent):
    """How likely the tokens of a piece of the answer were."""

    __slots__ = ("_so_far", "content", "index")
    type: Literal["logprobs.content.delta"] = "logprobs.content.delta"
    content: list[ChatCompletionTokenLogprob]
    index: int  # of the choice
    _so_far: tuple[list[ChatCompletionTokenLogprob], int]

    @property
    def snapshot(self) -> list[ChatCompletionTokenLogprob]:
        """Of all tokens up to here."""
        tokens, count = self._so_far
        return tokens[:count]


class LogprobsContentDoneEvent(_HelperEvent):
    """How likely the tokens of the answer were, all of them."""

    __slots__ = ("content", "index")
    type: Literal["logprobs.content.done"] = "logprobs.content.done"
    content: list[ChatCompletionTokenLogprob]
    index: int  # of the choice


class LogprobsRefusalDeltaEvent(_HelperEvent):
    """How likely the tokens of a piece of a refusal were."""

    __slots__ = ("_so_far", "index", "refusal")
    type: Literal["logprobs.refusal.delta"] = "logprobs.refusal.delta"
    refusal: list[ChatCompletionTokenLogprob]
    index: int  # of the choice
    _so_far: tuple[list[ChatCompletionTokenLogprob], int]

    @property
    def snapshot(self) -> list[ChatCompletionTokenLogprob]:
        """Of all tokens up to here."""
        tokens, count = self._so_far
        return tokens[:count]


class LogprobsRefusalDoneEvent(_HelperEvent):
    """How likely the tokens of the refusal were, all of them."""

    __slots__ = ("index", "refusal")
    type: Literal["logprobs.refusal.done"] = "logprobs.refusal.done"
    refusal: list[ChatCompletionTokenLogprob]
    index: int  # of the choice


class ReasoningDeltaEvent(_HelperEvent):
    """A piece of what the model thinks."""

    __slots__ = ("delta", "index")
    type: Literal["reasoning.delta"] = "reasoning.delta"
    delta: str
    index: int  # of the choice


class FunctionToolCallArgumentsDeltaEvent(_HelperEvent):
    """A piece of a function call's arguments; "" of one that has only its name yet."""

    __slots__ = ("_so_far", "arguments_delta", "index", "name")
    type: Literal["tool_calls.function.arguments.delta"] = "tool_calls.function.arguments.delta"
    arguments_delta: str
    name: str | None  # of the function; None where the upstream has not told it yet
    index: int | None  # of the call; None where the upstream leaves it out
    _so_far: tuple[list[str], int]

    @property
    def arguments(self) -> str:
        """All of the call's arguments up to here."""
        parts, count = self._so_far
        return "".join(parts[:count])

    @property
    def parsed_arguments(self) -> Any:
        """What of the arguments is there so far: those that are not whole yet are absent. Made when it is asked for."""
        from wenwen._core import partial_json

        return partial_json(self.arguments)


class FunctionToolCallArgumentsDoneEvent(_HelperEvent):
    """The arguments of a function call are complete."""

    __slots__ = ("_parsed", "arguments", "id", "index", "name")
    type: Literal["tool_calls.function.arguments.done"] = "tool_calls.function.arguments.done"
    id: str | None
    name: str
    index: int  # of the call
    arguments: str  # JSON; from some upstreams an object
    _parsed: Any

    @property
    def parsed_arguments(self) -> Any:
        """The arguments as the types of the function, or as an instance of the class, that `stream` was given as this
        tool; else as Python values, None if they are not valid JSON."""
        import json

        if self._parsed is not None:
            return self._parsed
        arguments: Any = self.arguments
        if not isinstance(arguments, str):
            return arguments
        try:
            return json.loads(arguments)
        except ValueError:
            return None


ChatCompletionStreamEvent: TypeAlias = (
    ChunkEvent
    | ContentDeltaEvent
    | ContentDoneEvent
    | RefusalDeltaEvent
    | RefusalDoneEvent
    | LogprobsContentDeltaEvent
    | LogprobsContentDoneEvent
    | LogprobsRefusalDeltaEvent
    | LogprobsRefusalDoneEvent
    | ReasoningDeltaEvent
    | FunctionToolCallArgumentsDeltaEvent
    | FunctionToolCallArgumentsDoneEvent
)


class _Told:
    """What has been told of a stream. output: the class of its answer, if it has one. tools: those whose arguments are
    read. ended: choices that have ended. grown: by kind and choice what its pieces have been. names: of functions."""

    __slots__ = ("ended", "grown", "names", "output", "tools")

    def __init__(self, output: Any = None, tools: Any = None) -> None:
        self.output = output
        self.tools = tools
        self.ended: set[int] = set()
        self.grown: dict[tuple[str, int], list[Any]] = {}
        self.names: dict[tuple[str, int], str] = {}

    def so_far(self, kind: str, at: int, pieces: Iterable[Any]) -> tuple[list[Any], int]:
        grown = self.grown.setdefault((kind, at), [])
        grown += pieces
        return grown, len(grown)


def events_of(chunk: Any, stream: Any, told: _Told) -> Iterator[Any]:
    """The events of a chunk."""
    if not isinstance(chunk, ChatCompletionChunk):  # with `as_dict` it is the event itself
        yield chunk
        return
    yield ChunkEvent(chunk=chunk, _whole=stream)
    for choice in _all(chunk.choices, ChunkChoice):
        index: Any = choice.index
        at = index if isinstance(index, int) else 0
        delta: Any = choice.delta
        if isinstance(delta, ChoiceDelta):
            content: Any = delta.content
            if content and isinstance(content, str):
                yield ContentDeltaEvent(delta=content, index=at, _chunk=chunk, _output=told.output)
            reasoning: Any = delta.reasoning_content or delta.reasoning
            if reasoning and isinstance(reasoning, str):
                yield ReasoningDeltaEvent(delta=reasoning, index=at)
            refusal: Any = delta.refusal
            if refusal and isinstance(refusal, str):
                yield RefusalDeltaEvent(delta=refusal, index=at, _so_far=told.so_far("", at, [refusal]))
            for call in _all(delta.tool_calls, ChoiceDeltaToolCall):
                function: Any = call.function
                number: Any = call.index
                arguments: Any = part(function, "arguments")
                if isinstance(function, ChoiceDeltaToolCallFunction) and isinstance(arguments, (str, NoneType)):
                    place = f"call {number}"
                    if isinstance(function.name, str) and function.name:
                        told.names[place, at] = function.name
                        if number is None:  # another call begins
                            told.grown.pop((place, at), None)
                    yield FunctionToolCallArgumentsDeltaEvent(
                        arguments_delta=arguments or "",
                        name=told.names.get((place, at)),
                        index=number,
                        _so_far=told.so_far(place, at, [arguments or ""]),
                    )
        if choice.get("logprobs") is not None:
            for kind, (delta_event, _) in _LOGPROBS.items():
                if tokens := items(part(choice.logprobs, kind)):
                    yield delta_event(**{kind: tokens}, index=at, _so_far=told.so_far(kind, at, tokens))
        if choice.finish_reason and at not in told.ended:
            told.ended.add(at)
            yield from _ends(at, stream._partial(at), told)


_LOGPROBS: dict[str, tuple[Any, Any]] = {
    "content": (LogprobsContentDeltaEvent, LogprobsContentDoneEvent),
    "refusal": (LogprobsRefusalDeltaEvent, LogprobsRefusalDoneEvent),
}


def _all(values: Any, kind: type[T]) -> list[T]:
    """Those that are what the API says: a server may send anything."""
    return [value for value in items(values) if isinstance(value, kind)]


def _ends(at: int, whole: ChatCompletion | None, told: _Told) -> Iterator[ChatCompletionStreamEvent]:
    choices = _all(whole.choices, Choice) if whole is not None else []
    message = next((choice.message for choice in choices if choice.index == at), None)
    if whole is None or not isinstance(message, ChatCompletionMessage):
        return
    if message.text:
        whole._output = told.output
        yield ContentDoneEvent(content=message.text, index=at, _whole=whole)
    if message.refusal:
        yield RefusalDoneEvent(refusal=message.refusal, index=at)
    for kind, (_, done_event) in _LOGPROBS.items():
        if tokens := told.grown.get((kind, at)):
            yield done_event(**{kind: tokens}, index=at)
    if told.tools and message.tool_calls:
        from .._answers import read_calls

        read_calls(whole, told.tools)
    for index, call in enumerate(_all(message.tool_calls, Object)):
        function: Any = call.get("function")
        if isinstance(call, ChatCompletionMessageFunctionToolCall) and isinstance(function, Object):
            yield FunctionToolCallArgumentsDoneEvent(
                id=call.id,
                name=function.name,
                index=index,
                arguments=function.arguments,
                _parsed=getattr(function, "_parsed_arguments", None),
            )


# ---- other names in the openai package for the same shapes ----

Moderation: TypeAlias = ChatModeration
ParsedChatCompletionMessage: TypeAlias = ChatCompletionMessage
ParsedChoice: TypeAlias = Choice
ParsedFunction: TypeAlias = Function
ParsedFunctionToolCall: TypeAlias = ChatCompletionMessageFunctionToolCall

if TYPE_CHECKING:
    from ._parsed import ParsedChatCompletion as ParsedChatCompletion
else:
    __getattr__ = later(__name__, "ParsedChatCompletion")


# ---- the request: dicts that are often written by hand ----


class ChatCompletionContentPartTextParam(TypedDict, total=False):
    """A text part of a message.

    type: "text".
    text: the text.
    prompt_cache_breakpoint: {"mode": "explicit", "ttl": "30m"} to have what is up to here cached.
    """

    type: Required[Literal["text"]]
    text: Required[str]
    prompt_cache_breakpoint: Mapping[str, object] | None


class ImageURLParam(TypedDict, total=False):
    """An image.

    url: a URL or a data URI; bytes and the path of a file are sent as a data URI, which is the safe form: the
        gateway may fail to fetch a URL.
    detail: how closely the model looks: "low", "high" or "auto" (the default).
    """

    url: Required[str | bytes | os.PathLike[str]]
    detail: Literal["auto", "low", "high"]


class ChatCompletionContentPartImageParam(TypedDict, total=False):
    """An image part of a message.

    type: "image_url".
    image_url: the image, {"url": ...}.
    prompt_cache_breakpoint: {"mode": "explicit", "ttl": "30m"} to have what is up to here cached.
    """

    type: Required[Literal["image_url"]]
    image_url: Required[ImageURLParam]
    prompt_cache_breakpoint: Mapping[str, object] | None


class InputAudioParam(TypedDict, total=False):
    """A recording.

    data: base64; bytes and the path of a file are sent as base64.
    format: "wav" or "mp3".
    """

    data: Required[str | bytes | os.PathLike[str]]
    format: Required[Literal["wav", "mp3"]]


class ChatCompletionContentPartInputAudioParam(TypedDict, total=False):
    """A spoken part of a message.

    type: "input_audio".
    input_audio: the recording, {"data": ..., "format": ...}.
    prompt_cache_breakpoint: {"mode": "explicit", "ttl": "30m"} to have what is up to here cached.
    """

    type: Required[Literal["input_audio"]]
    input_audio: Required[InputAudioParam]
    prompt_cache_breakpoint: Mapping[str, object] | None


class FileFileParam(TypedDict, total=False):
    """A file, by `file_data` or by `file_id`.

    file_data: a data URI; bytes and the path of a file are sent as one.
    file_id: id of an uploaded file.
    filename: the name the model sees; needed next to bytes.
    """

    file_data: str | bytes | os.PathLike[str]
    file_id: str
    filename: str


class ChatCompletionContentPartFileParam(TypedDict, total=False):
    """A file part of a message.

    type: "file".
    file: the file, {"file_data": ..., "filename": ...}.
    """

    type: Required[Literal["file"]]
    file: Required[FileFileParam]


ChatCompletionContentPartParam: TypeAlias = (
    ChatCompletionContentPartTextParam
    | ChatCompletionContentPartImageParam
    | ChatCompletionContentPartInputAudioParam
    | ChatCompletionContentPartFileParam
    | Mapping[str, object]
    | Object
)


class ChatCompletionSystemMessageParam(TypedDict, total=False):
    """What the model is to follow throughout.

    role: "system"; newer models have "developer" for it and take both.
    content: the text, or a list of text parts.
    name: tells speakers of the same role apart.
    """

    role: Required[Literal["system", "developer"]]
    content: Required[str | Iterable[ChatCompletionContentPartParam]]
    name: str


ChatCompletionDeveloperMessageParam: TypeAlias = ChatCompletionSystemMessageParam


class ChatCompletionUserMessageParam(TypedDict, total=False):
    """What the user says.

    role: "user".
    content: the text, or a list of parts: text, images, recordings, files.
    name: tells speakers of the same role apart.
    """

    role: Required[Literal["user"]]
    content: Required[str | Iterable[ChatCompletionContentPartParam]]
    name: str


class ChatCompletionAssistantMessageParam(TypedDict, total=False):
    """An earlier answer. The message of a reply may stand here as it is.

    role: "assistant".
    content: the text, or a list of parts; None next to tool calls.
    tool_calls: the calls it made; each wants a tool message after it.
    refusal: its refusal.
    audio: {"id": ...} of an earlier spoken answer.
    reasoning_content: what it thought, for models that want it back.
    function_call: the older form of a tool call.
    name: tells speakers of the same role apart.
    """

    role: Required[Literal["assistant"]]
    content: str | Iterable[ChatCompletionContentPartParam] | None
    tool_calls: Iterable[Mapping[str, object] | Object]
    refusal: str | None
    audio: Mapping[str, object] | Object | None
    reasoning_content: str | None
    function_call: Mapping[str, object] | Object | None
    name: str


class ChatCompletionToolMessageParam(TypedDict, total=False):
    """What your function returned, as an answer to a tool call.

    role: "tool".
    tool_call_id: the `id` of the call.
    content: the result as text (JSON, as a rule), or a list of text parts.
    """

    role: Required[Literal["tool"]]
    tool_call_id: Required[str]
    content: Required[str | Iterable[ChatCompletionContentPartParam]]


ChatCompletionMessageParam: TypeAlias = (
    ChatCompletionSystemMessageParam
    | ChatCompletionUserMessageParam
    | ChatCompletionAssistantMessageParam
    | ChatCompletionToolMessageParam
    | Mapping[str, object]
    | Object
)


class FunctionDefinition(TypedDict, total=False):
    """A function of yours.

    name: letters, digits, "_" and "-"; at most 64 characters.
    description: what it does and when to call it; the model reads this.
    parameters: JSON schema of the arguments.
    strict: whether the arguments have to follow the schema exactly.
    """

    name: Required[str]
    description: str
    parameters: Mapping[str, object]
    strict: bool | None


class ChatCompletionFunctionToolParam(TypedDict, total=False):
    """A function of yours that the model may call. Nested here, while `/v1/responses` has it flat.

    type: "function".
    function: the function.
    """

    type: Required[Literal["function"]]
    function: Required[FunctionDefinition]


ChatCompletionToolParam: TypeAlias = ChatCompletionFunctionToolParam

ChatCompletionToolUnionParam: TypeAlias = ChatCompletionFunctionToolParam | ToolFunction | Mapping[str, object] | Object


class NamedFunctionParam(TypedDict, total=False):
    """A function by its name.

    name: the name.
    """

    name: Required[str]


class ChatCompletionNamedToolChoiceParam(TypedDict, total=False):
    """Makes the model call one function.

    type: "function".
    function: {"name": ...}.
    """

    type: Required[Literal["function"]]
    function: Required[NamedFunctionParam]


ChatCompletionToolChoiceOptionParam: TypeAlias = (
    Literal["none", "auto", "required"] | ChatCompletionNamedToolChoiceParam | Mapping[str, object] | Object
)


class ChatCompletionAudioParam(TypedDict, total=False):
    """How the answer is to be spoken.

    format: "wav", "aac", "mp3", "flac", "opus" or "pcm16"; a stream needs "pcm16".
    voice: "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin" or "cedar".
    """

    format: Required[Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]]
    voice: Required[str | Mapping[str, object]]


class ChatCompletionPredictionContentParam(TypedDict, total=False):
    """A text that much of the answer will be the same as.

    type: "content".
    content: the text, or a list of text parts.
    """

    type: Required[Literal["content"]]
    content: Required[str | Iterable[ChatCompletionContentPartParam]]


class ChatCompletionStreamOptionsParam(TypedDict, total=False):
    """What a stream carries beside the answer.

    include_usage: whether a last chunk has the usage.
    include_obfuscation: False leaves out the padding of the chunks.
    """

    include_usage: bool
    include_obfuscation: bool


class ChatJSONSchemaParam(TypedDict, total=False):
    """The schema of an answer.

    name: letters, digits, "_" and "-"; at most 64 characters.
    schema: the JSON schema; with `strict`, every property must be required and additionalProperties false.
    description: what the format is for; the model reads this.
    strict: whether the answer has to follow the schema exactly; default false.
    """

    name: Required[str]
    schema: Mapping[str, object]
    description: str
    strict: bool | None


class ChatResponseFormatJSONSchemaParam(TypedDict, total=False):
    """Holds the answer to a JSON schema. Nested here, while `/v1/responses` has it flat.

    type: "json_schema".
    json_schema: the schema and its name.
    """

    type: Required[Literal["json_schema"]]
    json_schema: Required[ChatJSONSchemaParam]


ChatResponseFormatParam: TypeAlias = ChatResponseFormatJSONSchemaParam | Mapping[str, object] | Object


class ChatCompletionCreateParams(RequestOptions, total=False):
    """The parameters of `create_chat_completion` and `chat.completions.create`.

    model: id of the model, e.g. "gpt-4o"; Claude and Gemini models too. Required.
    messages: the conversation: dicts with "role" and "content"; the message of an earlier reply may stand as it
        is. Required.
    max_completion_tokens: limit for the answer, reasoning included; tokens, default none.
    max_tokens: the older form of `max_completion_tokens`, which many upstreams know only.
    temperature: how freely the model picks its words; 0 to 2, default 1. Change this or `top_p`, not both. The
        gateway drops it for models that reason.
    top_p: pick from the likeliest tokens that make up this share; 0 to 1, default 1.
    n: how many answers to make; 1 to 128, default 1.
    stop: a text that ends the answer when it comes up, or up to four.
    presence_penalty: against tokens that came up at all; -2 to 2, default 0.
    frequency_penalty: against tokens that came up often; -2 to 2, default 0.
    logit_bias: {token id: -100 to 100}, added to what the model thinks of these tokens.
    logprobs: whether to return how likely each token was; default false.
    top_logprobs: likeliest tokens to return per position; 0 to 20. Also needs `logprobs`.
    response_format: form of the answer: {"type": "json_schema", "json_schema": ...}, {"type": "json_object"} or
        {"type": "text"} (the default). The answer is JSON as text.
    tools: the functions the model may call, as they are or as `ChatCompletionFunctionToolParam`.
    tool_choice: "auto" (the default), "none", "required", or {"type": "function", "function": {"name": ...}}.
    parallel_tool_calls: whether the model may call several tools at once; default true.
    functions: the older form of `tools`.
    function_call: the older form of `tool_choice`.
    modalities: what the answer is made of: ["text"] (the default) or ["text", "audio"].
    audio: voice and format of a spoken answer, {"voice": ..., "format": ...}.
    reasoning_effort: how much the model thinks: "none", "minimal", "low", "medium" (the default), "high", "xhigh"
        or "max"; no model has all.
    verbosity: how much it says: "low", "medium" (the default) or "high".
    web_search_options: {"search_context_size": "low", "medium" or "high", "user_location": ...}, for models that
        search.
    prediction: a text that much of the answer will be the same as; makes it come faster.
    stream_options: {"include_usage": ..., "include_obfuscation": ...}. Streams ask for their usage unless this is
        given; an upstream that refuses the question is asked again without it.
    store: whether the service keeps the completion; default false.
    metadata: notes kept with the completion; at most 16 pairs, keys of 64 and values of 512 characters.
    service_tier: "auto" (the default), "default", "flex", "scale", "priority" or "fast".
    seed: the same seed gives the same answer, as far as the model can.
    user: name for your end user; the older form of `safety_identifier` and `prompt_cache_key`.
    safety_identifier: stable name for your end user, hashed, for abuse reports; at most 64 characters.
    prompt_cache_key: requests with the same key are likelier to share a cached prompt.
    prompt_cache_options: {"mode": "implicit" or "explicit", "ttl": "30m"}; how long the cache keeps the prompt.
    prompt_cache_retention: how long the cache keeps the prompt at most: "in_memory" or "24h".
    moderation: have input and output checked, {"model": ..., "policy": ...}; default none.
    thinking: for Claude and others: {"type": "enabled", "budget_tokens": ...}.
    enable_thinking: for Qwen and others: whether the model thinks.
    reasoning: for upstreams that want it as an object: {"effort": ...}.
    """

    model: Required[str]
    messages: Required[Iterable[ChatCompletionMessageParam]]
    max_completion_tokens: int | None
    max_tokens: int | None
    temperature: float | None
    top_p: float | None
    n: int | None
    stop: str | Iterable[str] | None
    presence_penalty: float | None
    frequency_penalty: float | None
    logit_bias: Mapping[str, int] | None
    logprobs: bool | None
    top_logprobs: int | None
    response_format: ChatResponseFormatParam | None
    tools: Iterable[ChatCompletionToolUnionParam] | Tools | None
    tool_choice: ChatCompletionToolChoiceOptionParam | None
    parallel_tool_calls: bool | None
    functions: Iterable[Mapping[str, object]] | None
    function_call: str | Mapping[str, object] | None
    modalities: Iterable[ChatCompletionModality] | None
    audio: ChatCompletionAudioParam | Mapping[str, object] | Object | None
    reasoning_effort: ReasoningEffort | None
    verbosity: Literal["low", "medium", "high"] | None
    web_search_options: Mapping[str, object] | None
    prediction: ChatCompletionPredictionContentParam | Mapping[str, object] | Object | None
    stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | None
    store: bool | None
    metadata: Mapping[str, str] | None
    service_tier: ChatServiceTier | None
    seed: int | None
    user: str | None
    safety_identifier: str | None
    prompt_cache_key: str | None
    prompt_cache_options: Mapping[str, object] | Object | None
    prompt_cache_retention: Literal["in_memory", "24h"] | None
    moderation: Mapping[str, object] | None
    thinking: Mapping[str, object] | None
    enable_thinking: bool | None
    reasoning: Mapping[str, object] | None


class ChatCompletionRunParams(ChatCompletionCreateParams, RunOptions, total=False):
    """The parameters of `run`: those of the call, and how it goes on."""


ChatCompletionRunParams.__doc__ = with_options(ChatCompletionCreateParams)


# ---- other names in the openai package: parts of a request that are written as they are sent ----
# Called too, as theirs are: `ChatCompletionMessageToolCallParam(type=...)` is a dict.

CreateChatCompletionRequestMessageParam: TypeAlias = ChatCompletionMessageParam
ChatCompletionAllowedToolChoiceParam: TypeAlias = dict[str, Any]
ChatCompletionAllowedToolsParam: TypeAlias = dict[str, Any]
ChatCompletionContentPartRefusalParam: TypeAlias = dict[str, Any]
ChatCompletionCustomToolParam: TypeAlias = dict[str, Any]
ChatCompletionFunctionMessageParam: TypeAlias = dict[str, Any]
ChatCompletionFunctionCallOptionParam: TypeAlias = dict[str, Any]
ChatCompletionMessageCustomToolCallParam: TypeAlias = dict[str, Any]
ChatCompletionMessageFunctionToolCallParam: TypeAlias = dict[str, Any]
ChatCompletionMessageToolCallParam: TypeAlias = dict[str, Any]
ChatCompletionMessageToolCallUnionParam: TypeAlias = dict[str, Any]
ChatCompletionNamedToolChoiceCustomParam: TypeAlias = dict[str, Any]
