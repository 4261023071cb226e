"""`/v1beta/models/{model}:generateContent`: `client.gemini`."""

from __future__ import annotations

from .._core import add_query
from ..types._schema import endpoint
from ..types.gemini import (
    BatchEmbedContentsBody,
    BatchEmbedContentsParams,
    BatchEmbedContentsResponse,
    CountTokensBody,
    CountTokensParams,
    CountTokensResponse,
    EmbedContentBody,
    EmbedContentParams,
    EmbedContentResponse,
    GeminiModelList,
    GeminiModelListParams,
    GenerateContentBody,
    GenerateContentParams,
    GenerateContentResponse,
    GenerateContentRunParams,
    text_of,
)
from ._base import Resource
from ._maps import mapped, started
from ._methods import awaited, documented
from ._outputs import opening, typed
from ._stream import AsyncStreamHelper, StreamHelper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._core import APIResponse, Endpoint, Stream
    from .._run import ToolRun as ToolRun
    from ..types._parsed import ParsedContent as ParsedContent
    from ._base import StreamingResponse
    from ._faces import AsyncGemini as AsyncGemini
    from ._faces import (
        BatchEmbedContents,
        CountTokens,
        EmbedContent,
        GenerateContent,
        GenerateContentStream,
        ListGeminiModels,
        MapContent,
        ParseContent,
        RawGemini,
        RunContent,
        StreamContent,
    )
    from ._parsed_streams import AsyncParsedGenerateContentHelper as AsyncParsedGenerateContentHelper
    from ._parsed_streams import ParsedGenerateContentHelper as ParsedGenerateContentHelper

GENERATE = endpoint("gemini.generate_content", reply=GenerateContentResponse, params=GenerateContentBody)
STREAM = endpoint(
    "gemini.stream.generate_content",
    reply=GenerateContentResponse,
    event=GenerateContentResponse,
    params=GenerateContentBody,
)
EMBED = endpoint("gemini.embed_content", reply=EmbedContentResponse, params=EmbedContentBody)
EMBED_ALL = endpoint("gemini.batch_embed_contents", reply=BatchEmbedContentsResponse, params=BatchEmbedContentsBody)
COUNT = endpoint("gemini.count_tokens", reply=CountTokensResponse, params=CountTokensBody)
LIST = endpoint("gemini.list_models", reply=GeminiModelList, params=GeminiModelListParams)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


_CAMEL = {
    "system_instruction": "systemInstruction",
    "generation_config": "generationConfig",
    "tool_config": "toolConfig",
    "safety_settings": "safetySettings",
    "cached_content": "cachedContent",
    "task_type": "taskType",
    "output_dimensionality": "outputDimensionality",
}


def _prepared(params: dict[str, Any], streams: object) -> tuple[Endpoint, dict[str, Any], tuple[str]]:
    """The endpoint, its parameters in the API's spelling, and the model, which is a part of the path."""
    model = _model(params, "generate_content")
    wire = in_the_apis_spelling(params)
    if "contents" in wire:
        wire["contents"] = _contents(wire["contents"])
    if streams:
        wire["stream"] = streams
        add_query(wire, {"alt": "sse"})
    return STREAM if streams else GENERATE, wire, (model,)


def _model(params: dict[str, Any], method: str) -> str:
    """Takes the model out, which is a part of the path."""
    if "model" not in params:
        raise TypeError(f"{method}() misses its required keyword argument 'model'")
    model = params.pop("model")
    if not isinstance(model, str):
        raise TypeError(f'model is {model!r}: give the id of a model, like "gemini-2.5-flash"')
    return model.removeprefix("models/")


def _content(content: Any) -> Any:
    """One message, of which a vector is made."""
    messages = _contents(content)
    if len(messages) > 1:
        raise ValueError(f"content has {len(messages)} messages: batch_embed_contents makes a vector of each")
    return messages[0]


def in_the_apis_spelling(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters as the API spells them."""
    wire: dict[str, Any] = {_CAMEL.get(name, name): value for name, value in params.items()}
    instruction = wire.get("systemInstruction")
    if isinstance(instruction, str):
        wire["systemInstruction"] = {"parts": [{"text": instruction}]}
    return wire


def _contents(contents: Any) -> list[Any]:
    """Messages as the API has them. What stands next to each other without being a message is one of the user's."""
    if isinstance(contents, (str, bytes)) or hasattr(contents, "keys") or not hasattr(contents, "__iter__"):
        contents = [contents]
    messages: list[Any] = []
    parts: list[Any] | None = None
    for item in contents:
        if hasattr(item, "keys") and ("parts" in item or "role" in item):
            messages.append(item)
            parts = None
            continue
        if parts is None:
            messages.append({"role": "user", "parts": (parts := [])})
        if item is None or isinstance(item, (int, float)):
            raise TypeError(f"contents has {item!r}: give texts, bytes, paths, parts or messages")
        if isinstance(item, str):
            parts.append({"text": item})
        elif hasattr(item, "keys"):
            parts.append(item)
        else:  # bytes, a path, a picture: the core says what it is, or that it is none of them
            parts.append({"inline_data": {"data": item}})
    if not messages:
        raise ValueError("contents is empty: give a text, or a list of messages")
    return messages


def _text(event: GenerateContentResponse) -> str | None:
    return text_of(event)


class GenerateContentHelper(StreamHelper[GenerateContentResponse, GenerateContentResponse]):
    """The chunks of an answer, for a `with` block, which sends the request when it begins and closes the connection
    when it ends.

    Iterate over it for the chunks, or over `text_stream` for the answer's text alone. `get_final_response()` reads to
    the end and returns the whole.
    """

    __slots__ = ()
    _text = staticmethod(_text)

    def get_final_response(self) -> GenerateContentResponse:
        """The whole answer, read to its end."""
        return self._final()


class AsyncGenerateContentHelper(AsyncStreamHelper[GenerateContentResponse, GenerateContentResponse]):
    """The chunks of an answer, for an `async with` block, which sends the request when it begins and closes the
    connection when it ends.

    Iterate over it for the chunks, or over `text_stream` for the answer's text alone. `await get_final_response()`
    reads to the end and returns the whole.
    """

    __slots__ = ()
    _text = staticmethod(_text)

    async def get_final_response(self) -> GenerateContentResponse:
        """The whole answer, read to its end."""
        return await self._final()


class Gemini(Resource):
    """Gemini's own dialect: `/v1beta/models/{model}:generateContent`. https://wenwen-ai.apifox.cn/349755828e0"""

    if TYPE_CHECKING:
        generate_content: GenerateContent[
            GenerateContentResponse, _Dict, Stream[GenerateContentResponse], Stream[_Dict]
        ]
        generate_content_stream: GenerateContentStream[Stream[GenerateContentResponse], Stream[_Dict]]
        embed_content: EmbedContent[EmbedContentResponse, _Dict]
        batch_embed_contents: BatchEmbedContents[BatchEmbedContentsResponse, _Dict]
        count_tokens: CountTokens[CountTokensResponse, _Dict]
        list_models: ListGeminiModels[GeminiModelList, _Dict]
        run: RunContent
        map: MapContent

        parse: ParseContent
        stream: StreamContent

        with_raw_response: RawGemini[APIResponse]
        with_streaming_response: RawGemini[StreamingResponse]
    else:

        @documented(GenerateContentParams, streams=True)
        def generate_content(self, **params):
            """Asks a Gemini model: `POST /v1beta/models/{model}:generateContent`; text and pictures, in and out.

            Returns a `GenerateContentResponse`: `text` is the answer, `images` its pictures, with `save(path)`. With
            `stream=True` a `Stream` of chunks, each of which is one too (`:streamGenerateContent?alt=sse`).
            Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
            that cannot be sent. https://wenwen-ai.apifox.cn/349755828e0 (pictures:
            https://wenwen-ai.apifox.cn/349750134e0)"""
            return _prepared(params, params.pop("stream", None))

        @documented(mapped(GenerateContentParams, "contents", classes=True), "data", "prompt", whole=True, lazy=True)
        def map(self, data, prompt=None, **params):
            """Asks a Gemini model for each row of any data, as fast as its limits let.

            Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
            sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
            order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
            goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
            anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
            asked (no money, a wrong key), for the job."""
            return started("gemini", self, data, prompt, params)

        @documented(GenerateContentParams)
        def generate_content_stream(self, **params):
            """Google's name for `generate_content(stream=True)`: a `Stream` of chunks."""
            return _prepared(params, True)

        @documented(EmbedContentParams)
        def embed_content(self, **params):
            """Turns a text into a vector: `POST /v1beta/models/{model}:embedContent`.

            Returns an `EmbedContentResponse`: `embedding.values`. Raises APIError and its kin."""
            model, wire = _model(params, "embed_content"), in_the_apis_spelling(params)
            if "content" in wire:
                wire["content"] = _content(wire["content"])
            return EMBED, wire, (model,)

        @documented(BatchEmbedContentsParams)
        def batch_embed_contents(self, **params):
            """Turns texts into vectors, in one request: `POST /v1beta/models/{model}:batchEmbedContents`.

            Returns a `BatchEmbedContentsResponse`: `embeddings`, in the order of the texts. Raises APIError and its
            kin."""
            model, wire = _model(params, "batch_embed_contents"), in_the_apis_spelling(params)
            if "contents" in wire:
                contents = wire.pop("contents")
                if isinstance(contents, (str, bytes)) or not hasattr(contents, "__iter__"):
                    raise TypeError(f"contents is {contents!r:.80}: give a list of texts, also for one")
                of_each = {name: wire.pop(name) for name in ("taskType", "outputDimensionality") if name in wire}
                named = {"model": f"models/{model}", **of_each}
                wire["requests"] = [{**named, "content": _content(each)} for each in contents]
            return EMBED_ALL, wire, (model,)

        @documented(CountTokensParams)
        def count_tokens(self, **params):
            """How many tokens an input has: `POST /v1beta/models/{model}:countTokens`.

            The Wenwen gateway has no such route; Google's own API does."""
            model = _model(params, "count_tokens")
            if "contents" in params:
                params["contents"] = _contents(params["contents"])
            return COUNT, params, (model,)

        @documented(GeminiModelListParams)
        def list_models(self, **params):
            """The models, as Gemini's dialect lists them: `GET /v1beta/models`. Returns a `GeminiModelList`."""
            names = {"page_size": "pageSize", "page_token": "pageToken"}
            query = {names[name]: params.pop(name) for name in [*params] if name in names}
            add_query(params, {name: value for name, value in query.items() if value is not None})
            return LIST, params, ()

        @documented(
            typed(GenerateContentRunParams, "response_schema", retries=True), streams=True, dicts=False, whole=True
        )
        def run(self, **params):
            """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

            Returns a `GenerateContentResponse`, whose `steps` are the calls with their results, `usage` that of all
            turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
            `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
            MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
            `run`."""
            from .._run import started

            return started("gemini", self, params)

        @documented(typed(GenerateContentParams, "response_schema", retries=True), "output", dicts=False)
        async def parse(self, output=None, **params):
            """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns.

            The schema of `output` goes out as `generationConfig.responseSchema`; one that this dialect cannot be held
            to (any keys, classes that hold themselves) goes out in words, as part of `systemInstruction`. What comes
            and does not fit is an AnswerValidationError that has the reply; an answer that is cut short raises
            LengthFinishReasonError or ContentFilterFinishReasonError. Where the model calls functions, `parsed` raises
            NoAnswerError."""
            from .._answers import parse

            return await parse(self, "gemini", output, params, lambda wire: _prepared(wire, None))

        @documented(
            typed(GenerateContentParams, "response_schema"),
            "output",
            opens=opening(GenerateContentHelper, AsyncGenerateContentHelper),
        )
        def stream(self, output=None, **params):
            """Streams an answer, for a `with` block: chunks, `text_stream`, `get_final_response()`.

            With `output` the answer is of that class: `partial` and `chunk.parsed` are what is there so far, and the
            `parsed` of `get_final_response()` is an instance."""
            if output is None and "response_schema" not in params and not params.get("tools"):
                return _prepared(params, True)
            from .._answers import streamed

            return streamed("gemini", output, params, lambda wire: _prepared(wire, True)) or _prepared(params, True)


if not TYPE_CHECKING:
    AsyncGemini = awaited(Gemini)
