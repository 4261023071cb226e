"""`/v1beta/models/{model}:generateContent`: Gemini's own dialect. Its replies have camelCase fields; the usual ones can
be read in snake_case too.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation
says, and a field that is not declared here is an attribute all the same.
"""

# ruff: noqa: N815 (the API's names)
from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, Required, TypeAlias, TypedDict

from wenwen._core import Object, Reply

from ._answered import Answered, Kept
from ._calling import Calling
from .shared import RequestOptions, items, part
from .tools import RunOptions, ToolFunction, Tools, with_options

__all__ = [
    "BatchEmbedContentsBody", "BatchEmbedContentsParams", "BatchEmbedContentsResponse", "CountTokensBody",
    "CountTokensParams", "CountTokensResponse", "EmbedContentBody", "EmbedContentParams",
    "EmbedContentResponse", "GeminiBlob", "GeminiCandidate", "GeminiContent", "GeminiContentParam",
    "GeminiContents", "GeminiEmbedding", "GeminiFunctionCall", "GeminiGenerationConfig",
    "GeminiInlineDataParam", "GeminiModel", "GeminiModelList", "GeminiModelListParams", "GeminiPart",
    "GeminiPartParam", "GeminiUsageMetadata", "GenerateContentBody", "GenerateContentParams",
    "GenerateContentResponse", "GenerateContentRunParams",
]  # fmt: skip


# ---- the reply ----


class GeminiBlob(Object):
    """Data in a reply, an image mostly."""

    mimeType: str  # e.g. "image/png"
    data: str  # base64

    @property
    def mime_type(self) -> str:
        """What it is, e.g. "image/png"."""
        return self.mimeType

    @property
    def bytes(self) -> bytes:
        """The data, decoded."""
        import base64

        return base64.b64decode(self.data)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the data to a file."""
        from .._files import write

        write(path, self.bytes)


class GeminiFunctionCall(Kept, Object):
    """A function that the model wants called."""

    id: str | None
    name: str
    args: dict[str, Any]

    @property
    def parsed_arguments(self) -> Any:
        """The arguments as the types of the function, or as an instance of the class, that `run` or `parse` was given
        as this tool; None without one, or where they do not fit."""
        return getattr(self, "_parsed_arguments", None)


class GeminiPart(Object):
    """A piece of an answer: text, or data, or a function call."""

    text: str | None
    thought: bool | None  # True: the text is what the model thinks
    inlineData: GeminiBlob | None
    functionCall: GeminiFunctionCall | None
    fileData: Object | None
    thoughtSignature: str | None  # send the part back as it is, this too

    @property
    def inline_data(self) -> GeminiBlob | None:
        """Data, an image mostly."""
        return self.inlineData

    @property
    def function_call(self) -> GeminiFunctionCall | None:
        """A function that the model wants called."""
        return self.functionCall


class GeminiContent(Object):
    """What one side said. May stand in `contents` of the next request as it is."""

    role: Literal["model", "user"]
    parts: list[GeminiPart]


class GeminiCandidate(Kept, Object):
    """An answer."""

    content: GeminiContent
    # "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "MALFORMED_FUNCTION_CALL" and others.
    finishReason: str | None
    index: int
    safetyRatings: list[Object] | None

    @property
    def finish_reason(self) -> str | None:
        """Why it ended: "STOP", "MAX_TOKENS", "SAFETY" and others."""
        return self.finishReason

    @property
    def parsed(self) -> Any:
        """The answer as an instance of the class that `parse` or `stream` was given; None without one."""
        return getattr(self, "_parsed", None)


class GeminiUsageMetadata(Object):
    """What was used, in tokens."""

    promptTokenCount: int  # what came from a cache included
    candidatesTokenCount: int
    thoughtsTokenCount: int | None
    cachedContentTokenCount: int | None
    totalTokenCount: int

    @property
    def prompt_token_count(self) -> int:
        """Of the request, what came from a cache included."""
        return self.promptTokenCount

    @property
    def candidates_token_count(self) -> int:
        """Of the answers, without thoughts."""
        return self.candidatesTokenCount

    @property
    def total_token_count(self) -> int:
        """Of all."""
        return self.totalTokenCount


def parts_of(reply: Mapping[str, Any] | Object) -> list[Any]:
    """The parts of the first answer, of a reply or a chunk, typed or a dict."""
    for candidate in items(part(reply, "candidates")):
        if hasattr(candidate, "get") and not candidate.get("index"):
            return [one for one in items(part(candidate.get("content"), "parts")) if hasattr(one, "get")]
    return []


def text_of(reply: Mapping[str, Any] | Object, thoughts: bool = False) -> str:
    """The text of the first answer, or what the model thought."""
    texts = (one.get("text") for one in parts_of(reply) if bool(one.get("thought")) is thoughts)
    return "".join(text for text in texts if isinstance(text, str))


class GenerateContentResponse(Answered, Calling, Reply):
    """The reply of `generate_content`, and each chunk of its stream. `text` is the answer."""

    _dialect = "gemini"

    candidates: list[GeminiCandidate]
    usageMetadata: GeminiUsageMetadata | None
    modelVersion: str | None
    responseId: str | None
    promptFeedback: Object | None  # why a prompt was blocked, if it was

    @property
    def text(self) -> str:
        """The text of the first answer, without what the model thought; "" if there is none."""
        return text_of(self)

    @property
    def thoughts(self) -> str:
        """What the model thought, where it was asked to say so; "" if there is none."""
        return text_of(self, True)

    @property
    def images(self) -> list[GeminiBlob]:
        """The images of the first answer: `bytes`, `mime_type`, `save(path)`."""
        blobs = [part.get("inlineData") for part in parts_of(self)]
        return [blob for blob in blobs if isinstance(blob, GeminiBlob)]

    @property
    def function_calls(self) -> list[GeminiFunctionCall]:
        """The functions that the model wants called."""
        calls = [part.get("functionCall") for part in parts_of(self)]
        return [call for call in calls if isinstance(call, GeminiFunctionCall)]

    @property
    def usage_metadata(self) -> GeminiUsageMetadata | None:
        """What was used, in tokens."""
        return self.usageMetadata

    @property
    def usage(self) -> GeminiUsageMetadata | None:
        """`usage_metadata`, by the name of the other dialects."""
        return self.usageMetadata

    @property
    def model_version(self) -> str | None:
        """The model that answered."""
        return self.modelVersion

    @property
    def prompt_feedback(self) -> Object | None:
        """Why the prompt was blocked, if it was."""
        return self.promptFeedback


# ---- the request ----


class GeminiInlineDataParam(TypedDict, total=False):
    """Data in a request: an image, a sound, a PDF."""

    mime_type: str  # found out where it is left out and `data` is bytes or a path
    data: Required[str | bytes | os.PathLike[str]]  # base64, bytes or a file


class GeminiPartParam(TypedDict, total=False):
    """A piece of a message: one of its fields."""

    text: str
    inline_data: GeminiInlineDataParam
    file_data: Mapping[str, str]  # {"mime_type": ..., "file_uri": ...}
    function_call: Mapping[str, object]
    function_response: Mapping[str, object]  # {"name": ..., "response": {...}}


class GeminiContentParam(TypedDict, total=False):
    """What one side said."""

    role: Literal["user", "model"]
    parts: Required[Iterable[GeminiPartParam | Mapping[str, object] | GeminiPart]]


GeminiContents: TypeAlias = (
    str
    | Iterable[
        str
        | bytes
        | os.PathLike[str]
        | GeminiContentParam
        | GeminiPartParam
        | GeminiContent
        | GeminiPart
        | Mapping[str, object]
    ]
)


class GeminiGenerationConfig(TypedDict, total=False):
    """How to answer; in the API's spelling."""

    temperature: float  # 0 to 2
    topP: float
    topK: int
    candidateCount: int
    maxOutputTokens: int
    stopSequences: Iterable[str]
    seed: int
    presencePenalty: float
    frequencyPenalty: float
    responseMimeType: str  # "text/plain", "application/json"
    responseSchema: Mapping[str, object]
    responseJsonSchema: Mapping[str, object]
    responseModalities: Iterable[str]  # "TEXT", "IMAGE", "AUDIO"
    thinkingConfig: Mapping[str, object]  # {"thinkingBudget": ..., "includeThoughts": ...}
    imageConfig: Mapping[str, object]  # {"aspectRatio": "16:9"}
    speechConfig: Mapping[str, object]


class GenerateContentParams(RequestOptions, total=False):
    """The parameters of `generate_content`; each is welcome in the API's camelCase too.

    model: id of the model, e.g. "gemini-2.5-flash". Required.
    contents: a text; or a list of texts, bytes, paths and parts, which are one message (an image and a question); or a
        list of messages, {"role": "user" or "model", "parts": [...]}. Required.
    system_instruction: what the model should keep to: a text, or {"parts": [...]}.
    generation_config: {"temperature": ..., "maxOutputTokens": ..., "responseModalities": ["TEXT", "IMAGE"], ...}
        (`GeminiGenerationConfig`).
    tools: your functions, as they are or as {"functionDeclarations": [...]}, {"googleSearch": {}} and others.
    tool_config: {"functionCallingConfig": {"mode": "AUTO" (the default), "ANY" or "NONE"}}.
    safety_settings: [{"category": ..., "threshold": ...}].
    cached_content: name of a cache to go on from.
    """

    model: Required[str]
    contents: Required[GeminiContents]
    system_instruction: str | GeminiContentParam | Mapping[str, object] | None
    generation_config: GeminiGenerationConfig | Mapping[str, object] | None
    tools: Iterable[ToolFunction | Mapping[str, object]] | Tools | None
    tool_config: Mapping[str, object] | None
    safety_settings: Iterable[Mapping[str, object]] | None
    cached_content: str | None


class GenerateContentRunParams(GenerateContentParams, RunOptions, total=False):
    """The parameters of `run`: those of the call, and how it goes on."""


GenerateContentRunParams.__doc__ = with_options(GenerateContentParams)


class GenerateContentBody(RequestOptions, total=False):
    """What of them goes into the body, as the API spells it."""

    contents: Required[list[Any]]
    systemInstruction: Mapping[str, object] | None
    generationConfig: Mapping[str, object] | None
    tools: Iterable[Mapping[str, object]] | None
    toolConfig: Mapping[str, object] | None
    safetySettings: Iterable[Mapping[str, object]] | None
    cachedContent: str | None


# ---- embeddings, tokens, models ----


class GeminiEmbedding(Object):
    """A vector."""

    @property
    def values(self) -> list[float]:  # type: ignore[override]
        """Its numbers."""
        return self["values"]  # type: ignore[no-any-return]


class EmbedContentResponse(Reply):
    """The vector of a text."""

    embedding: GeminiEmbedding


class BatchEmbedContentsResponse(Reply):
    """The vectors of several texts, in their order."""

    embeddings: list[GeminiEmbedding]


class CountTokensResponse(Reply):
    """How many tokens an input has."""

    totalTokens: int
    cachedContentTokenCount: int | None
    promptTokensDetails: list[Object] | None  # by kind: modality, tokenCount

    @property
    def total_tokens(self) -> int:
        """`totalTokens`."""
        return self.totalTokens


class GeminiModel(Object):
    """A model."""

    name: str  # "models/gemini-2.5-flash"; of the gateway without "models/"
    displayName: str | None
    description: str | None
    inputTokenLimit: int | None
    outputTokenLimit: int | None
    supportedGenerationMethods: list[str] | None


class GeminiModelList(Reply):
    """A page of the models. Iterating gives the models."""

    models: list[GeminiModel]
    nextPageToken: str | None  # pass it as `page_token` to get the next page

    def __iter__(self) -> Iterator[GeminiModel]:  # type: ignore[override]
        return iter(self.models or ())


class EmbedContentParams(RequestOptions, total=False):
    """The parameters of `gemini.embed_content`.

    model: id of the model, e.g. "gemini-embedding-001"; it becomes a part of the path. Required.
    content: the text; or parts, or a message. Required.
    task_type: what the vector is for: "RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY",
        "CLASSIFICATION", "CLUSTERING" …
    title: of a document, with "RETRIEVAL_DOCUMENT".
    output_dimensionality: how many numbers the vector has; default the model's.
    """

    model: Required[str]
    content: Required[GeminiContents]
    task_type: str | None
    title: str | None
    output_dimensionality: int | None


class EmbedContentBody(RequestOptions, total=False):
    """What of them goes into the body, as the API spells it."""

    content: Required[Any]
    taskType: str | None
    title: str | None
    outputDimensionality: int | None


class BatchEmbedContentsParams(RequestOptions, total=False):
    """The parameters of `gemini.batch_embed_contents`.

    model: id of the model, e.g. "gemini-embedding-001"; it becomes a part of the path. Required.
    contents: the texts; each may be parts or a message too. Required.
    task_type: what the vectors are for: "RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY",
        "CLASSIFICATION", "CLUSTERING" …
    output_dimensionality: how many numbers a vector has; default the model's.
    """

    model: Required[str]
    contents: Required[Iterable[GeminiContents]]
    task_type: str | None
    output_dimensionality: int | None


class BatchEmbedContentsBody(RequestOptions, total=False):
    """What of them goes into the body, as the API spells it."""

    requests: Required[list[Any]]


class CountTokensParams(RequestOptions, total=False):
    """The parameters of `gemini.count_tokens`.

    model: id of the model, e.g. "gemini-2.5-flash"; it becomes a part of the path. Required.
    contents: what would be asked, as in `generate_content`. Required.
    """

    model: Required[str]
    contents: Required[GeminiContents]


class CountTokensBody(RequestOptions, total=False):
    """What of them goes into the body, as the API spells it."""

    contents: Required[list[Any]]


class GeminiModelListParams(RequestOptions, total=False):
    """The parameters of `gemini.list_models`; they go into the query.

    page_size: models per page; default 50.
    page_token: the `nextPageToken` of the page before.
    """

    page_size: int | None
    page_token: str | None
