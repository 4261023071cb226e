# Made by .ci/faces.py.
from collections.abc import Callable, Coroutine, Iterable, Mapping
from os import PathLike
from typing import Any, Generic, Literal, Protocol, Required, TypeVar, Unpack, overload

from wenwen._core import APIResponse, BinaryContent, Object, Timeout
from wenwen._jobs import AsyncJob, Job
from wenwen._loop import AsyncStream
from wenwen._run import ToolRun
from wenwen._run_async import AsyncToolRun
from wenwen._runner import AsyncToolRunner
from wenwen.resources._base import AsyncResource, AsyncStreamingResponse
from wenwen.resources._parsed_streams import (
    AsyncParsedChatCompletionStream,
    AsyncParsedGenerateContentHelper,
    AsyncParsedMessageStream,
    AsyncParsedResponseStream,
    ParsedChatCompletionStream,
    ParsedGenerateContentHelper,
    ParsedMessageStream,
    ParsedResponseStream,
)
from wenwen.resources.audio import Audio
from wenwen.resources.beta import Beta
from wenwen.resources.chat import AsyncChatCompletionStream, Chat, ChatCompletionStream
from wenwen.resources.completions import TextCompletions
from wenwen.resources.embeddings import Embeddings
from wenwen.resources.gemini import AsyncGenerateContentHelper, Gemini, GenerateContentHelper
from wenwen.resources.images import Images
from wenwen.resources.messages import AsyncMessageStream, Messages, MessageStream
from wenwen.resources.midjourney import Midjourney
from wenwen.resources.models import AsyncModelPage, Models
from wenwen.resources.moderations import Moderations
from wenwen.resources.pricing import Billing, Pricing
from wenwen.resources.rerank import Rerank
from wenwen.resources.responses import AsyncResponseStream, Responses, ResponseStream
from wenwen.resources.videos import AsyncVideoPage, Videos
from wenwen.types._calls import CreateSpeech, CreateTranscription, CreateTranslation, Download, DownloadVideo
from wenwen.types._parsed import ParsedChatCompletion, ParsedContent, ParsedMessage, ParsedResponse
from wenwen.types.audio import (
    AudioResponseFormat,
    ChunkingStrategyVadConfig,
    SpeechStreamEvent,
    SpeechVoice,
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)
from wenwen.types.chat import (
    ChatCompletion,
    ChatCompletionAudioParam,
    ChatCompletionChunk,
    ChatCompletionCreateParams,
    ChatCompletionMessageParam,
    ChatCompletionModality,
    ChatCompletionPredictionContentParam,
    ChatCompletionRunParams,
    ChatCompletionStreamOptionsParam,
    ChatCompletionToolChoiceOptionParam,
    ChatCompletionToolUnionParam,
    ChatResponseFormatParam,
    ChatServiceTier,
)
from wenwen.types.completions import Completion, CompletionCreateParams
from wenwen.types.embeddings import CreateEmbeddingResponse, EmbeddingCreateParams
from wenwen.types.gemini import (
    BatchEmbedContentsParams,
    BatchEmbedContentsResponse,
    CountTokensParams,
    CountTokensResponse,
    EmbedContentParams,
    EmbedContentResponse,
    GeminiContentParam,
    GeminiGenerationConfig,
    GeminiModelList,
    GeminiModelListParams,
    GenerateContentParams,
    GenerateContentResponse,
    GenerateContentRunParams,
)
from wenwen.types.images import (
    Image,
    ImageBackground,
    ImageEditParams,
    ImageEditStreamEvent,
    ImageGenerateParams,
    ImageGenStreamEvent,
    ImageInputReferenceParam,
    ImageModel,
    ImageOutputFormat,
    ImageQuality,
    ImagesResponse,
)
from wenwen.types.jobs import AnswerJobOptions, JobOptions
from wenwen.types.messages import (
    CacheControlEphemeralParam,
    Message,
    MessageCountTokensParams,
    MessageCreateParams,
    MessageRunnerParams,
    MessageRunParams,
    MessageTokensCount,
    MetadataParam,
    OutputConfigParam,
    RawMessageStreamEvent,
    TextBlockParam,
    ThinkingConfigParam,
    ToolUnionParam,
)
from wenwen.types.midjourney import (
    ActionParams,
    AsyncTask,
    BlendParams,
    ChangeParams,
    DescribeParams,
    EditsParams,
    ImageSeed,
    ImagineParams,
    MidjourneyVideoParams,
    ModalParams,
    ShortenParams,
    SimpleChangeParams,
    SwapFaceParams,
    TaskFields,
    UploadedImages,
    UploadParams,
)
from wenwen.types.models import Model, ModelDeleted, ModelListParams, ModelRetrieveParams
from wenwen.types.moderations import ModerationCreateParams, ModerationCreateResponse
from wenwen.types.pricing import BillingSubscription, BillingUsage, KeyLog, KeyUsage, Prices
from wenwen.types.rerank import RerankCreateParams, RerankResponse
from wenwen.types.responses import (
    CompactedResponse,
    InputItemListParams,
    InputTokenCountParams,
    InputTokenCountResponse,
    ReasoningParam,
    Response,
    ResponseCompactParams,
    ResponseCreateParams,
    ResponseDeleted,
    ResponseIdParams,
    ResponseIncludable,
    ResponseItemList,
    ResponseRetrieveParams,
    ResponseRunParams,
    ResponseStreamEvent,
    ResponseTextConfigParam,
    ServiceTier,
    ToolChoiceParam,
    ToolParam,
)
from wenwen.types.shared import FileTypes, Progress, ReasoningEffort, RequestOptions
from wenwen.types.tools import RunOptions, ToolFunction, Tools
from wenwen.types.videos import (
    AsyncVideo,
    AsyncVideoGeneration,
    VideoCharacter,
    VideoCreateAndPollParams,
    VideoCreateCharacterParams,
    VideoCreateParams,
    VideoDeleted,
    VideoEditParams,
    VideoExtendParams,
    VideoGenerationCreateParams,
    VideoListParams,
    VideoPollParams,
    VideoRemixParams,
    _Task,
)

_Dict = dict[str, Any]
_AsyncTasks = list[AsyncTask]
_Dicts = list[_Dict]
R_co = TypeVar("R_co", covariant=True)  # the typed reply
D_co = TypeVar("D_co", covariant=True)  # the reply as a dict
S_co = TypeVar("S_co", covariant=True)  # the stream of typed events
SD_co = TypeVar("SD_co", covariant=True)  # the stream of dicts
R = TypeVar("R")  # what a raw form returns
T = TypeVar("T")  # a class of the user's

class _MapTranscription(JobOptions, total=False):
    model: str
    language: str | None
    languages: Iterable[str] | None
    keywords: Iterable[str] | None
    temperature: float | None
    timestamp_granularities: Iterable[Literal["word", "segment"]] | None
    include: Iterable[Literal["logprobs"]] | None
    chunking_strategy: Literal["auto"] | ChunkingStrategyVadConfig | Mapping[str, object] | None
    known_speaker_names: Iterable[str] | None
    known_speaker_references: Iterable[str | bytes | PathLike[str]] | None
    response_format: AudioResponseFormat | None

class MapTranscription(Protocol):
    """Writes down what is said in each file of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapTranscription],
    ) -> Job: ...

class AsyncMapTranscription(Protocol):
    """Writes down what is said in each file of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapTranscription],
    ) -> AsyncJob: ...

class _MapSpeech(JobOptions, total=False):
    model: str
    voice: SpeechVoice | str | Mapping[str, object]
    instructions: str | None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None
    speed: float | None
    stream_format: Literal["audio", "sse"] | None

class MapSpeech(Protocol):
    """Speaks the text of each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapSpeech],
    ) -> Job: ...

class AsyncMapSpeech(Protocol):
    """Speaks the text of each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapSpeech],
    ) -> AsyncJob: ...

class CreateChatCompletion(Protocol[R_co, D_co, S_co, SD_co]):
    """Asks a model to go on with a conversation: `POST /v1/chat/completions`.

    Returns a `ChatCompletion`, of which `text` is the answer; with `stream=True` a `Stream` of its chunks.
    Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
    that cannot be sent. https://wenwen-ai.apifox.cn/305778685e0"""
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ChatCompletionCreateParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[ChatCompletionCreateParams],
    ) -> D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: bool = ..., **params: Unpack[ChatCompletionCreateParams]
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[False] = ..., **params: Unpack[ChatCompletionCreateParams]
    ) -> S_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[True], **params: Unpack[ChatCompletionCreateParams]
    ) -> SD_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: bool = ..., **params: Unpack[ChatCompletionCreateParams]
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[False] = ..., **params: Unpack[ChatCompletionCreateParams]
    ) -> R_co | S_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[True], **params: Unpack[ChatCompletionCreateParams]
    ) -> D_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: bool = ..., **params: Unpack[ChatCompletionCreateParams]
    ) -> R_co | D_co | S_co | SD_co: ...

class _ChatCompletionCreateParams(RequestOptions, total=False):
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

class _ChatCompletionRunParams(_ChatCompletionCreateParams, RunOptions, total=False): ...

class RunChatCompletion(Protocol):
    """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

    Returns a `ChatCompletion`, whose `steps` are the calls with their results, `usage` that of all
    turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
    `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
    MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
    `run`."""
    @overload
    def __call__(
        self,
        *,
        output: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[_ChatCompletionRunParams],
    ) -> ParsedChatCompletion[T]: ...
    @overload
    def __call__(
        self, *, output: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[_ChatCompletionRunParams]
    ) -> ToolRun[ChatCompletionChunk, ParsedChatCompletion[T]]: ...
    @overload
    def __call__(
        self,
        *,
        response_format: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[_ChatCompletionRunParams],
    ) -> ParsedChatCompletion[T]: ...
    @overload
    def __call__(
        self,
        *,
        response_format: type[T],
        retries: int = ...,
        stream: Literal[True],
        **params: Unpack[_ChatCompletionRunParams],
    ) -> ToolRun[ChatCompletionChunk, ParsedChatCompletion[T]]: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., **params: Unpack[ChatCompletionRunParams]
    ) -> ChatCompletion: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], **params: Unpack[ChatCompletionRunParams]
    ) -> ToolRun[ChatCompletionChunk, ChatCompletion]: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., **params: Unpack[ChatCompletionRunParams]
    ) -> ChatCompletion | ToolRun[ChatCompletionChunk, ChatCompletion]: ...
    @overload
    def __call__(
        self,
        *,
        output: Any,
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[_ChatCompletionRunParams],
    ) -> ParsedChatCompletion[Any]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: Literal[True], **params: Unpack[_ChatCompletionRunParams]
    ) -> ToolRun[ChatCompletionChunk, ParsedChatCompletion[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: bool | None = ..., **params: Unpack[_ChatCompletionRunParams]
    ) -> ParsedChatCompletion[Any] | ToolRun[ChatCompletionChunk, ParsedChatCompletion[Any]]: ...

class AsyncRunChatCompletion(Protocol):
    """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

    Returns a `ChatCompletion`, whose `steps` are the calls with their results, `usage` that of all
    turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
    `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
    MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
    `run`."""
    @overload
    def __call__(
        self,
        *,
        output: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[_ChatCompletionRunParams],
    ) -> Coroutine[Any, Any, ParsedChatCompletion[T]]: ...
    @overload
    def __call__(
        self, *, output: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[_ChatCompletionRunParams]
    ) -> AsyncToolRun[ChatCompletionChunk, ParsedChatCompletion[T]]: ...
    @overload
    def __call__(
        self,
        *,
        response_format: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[_ChatCompletionRunParams],
    ) -> Coroutine[Any, Any, ParsedChatCompletion[T]]: ...
    @overload
    def __call__(
        self,
        *,
        response_format: type[T],
        retries: int = ...,
        stream: Literal[True],
        **params: Unpack[_ChatCompletionRunParams],
    ) -> AsyncToolRun[ChatCompletionChunk, ParsedChatCompletion[T]]: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., **params: Unpack[ChatCompletionRunParams]
    ) -> Coroutine[Any, Any, ChatCompletion]: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], **params: Unpack[ChatCompletionRunParams]
    ) -> AsyncToolRun[ChatCompletionChunk, ChatCompletion]: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., **params: Unpack[ChatCompletionRunParams]
    ) -> Coroutine[Any, Any, ChatCompletion] | AsyncToolRun[ChatCompletionChunk, ChatCompletion]: ...
    @overload
    def __call__(
        self,
        *,
        output: Any,
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[_ChatCompletionRunParams],
    ) -> Coroutine[Any, Any, ParsedChatCompletion[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: Literal[True], **params: Unpack[_ChatCompletionRunParams]
    ) -> AsyncToolRun[ChatCompletionChunk, ParsedChatCompletion[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: bool | None = ..., **params: Unpack[_ChatCompletionRunParams]
    ) -> (
        Coroutine[Any, Any, ParsedChatCompletion[Any]] | AsyncToolRun[ChatCompletionChunk, ParsedChatCompletion[Any]]
    ): ...

class _MapChatCompletion(AnswerJobOptions, total=False):
    model: str
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

class MapChatCompletion(Protocol):
    """Asks a model for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapChatCompletion],
    ) -> Job: ...

class AsyncMapChatCompletion(Protocol):
    """Asks a model for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapChatCompletion],
    ) -> AsyncJob: ...

class ParseChatCompletion(Protocol):
    """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns, and of each
    choice `message.parsed`.

    The schema of `output` goes out as `response_format`, strict where a strict one can express it. What comes
    and does not fit is an AnswerValidationError that has the reply; an answer that is cut short raises
    LengthFinishReasonError or ContentFilterFinishReasonError. Where the model declines or calls tools,
    `message.parsed` is None, and `parsed` raises AnswerRefusedError or NoAnswerError."""
    @overload
    def __call__(
        self, output: type[T], *, retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> ParsedChatCompletion[T]: ...
    @overload
    def __call__(
        self, *, response_format: type[T], retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> ParsedChatCompletion[T]: ...
    @overload
    def __call__(
        self, output: Any, *, retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> ParsedChatCompletion[Any]: ...
    @overload
    def __call__(
        self, *, response_format: Any, retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> ParsedChatCompletion[Any]: ...
    @overload
    def __call__(
        self, *, retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> ParsedChatCompletion[Any]: ...

class AsyncParseChatCompletion(Protocol):
    """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns, and of each
    choice `message.parsed`.

    The schema of `output` goes out as `response_format`, strict where a strict one can express it. What comes
    and does not fit is an AnswerValidationError that has the reply; an answer that is cut short raises
    LengthFinishReasonError or ContentFilterFinishReasonError. Where the model declines or calls tools,
    `message.parsed` is None, and `parsed` raises AnswerRefusedError or NoAnswerError."""
    @overload
    def __call__(
        self, output: type[T], *, retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> Coroutine[Any, Any, ParsedChatCompletion[T]]: ...
    @overload
    def __call__(
        self, *, response_format: type[T], retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> Coroutine[Any, Any, ParsedChatCompletion[T]]: ...
    @overload
    def __call__(
        self, output: Any, *, retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> Coroutine[Any, Any, ParsedChatCompletion[Any]]: ...
    @overload
    def __call__(
        self, *, response_format: Any, retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> Coroutine[Any, Any, ParsedChatCompletion[Any]]: ...
    @overload
    def __call__(
        self, *, retries: int = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> Coroutine[Any, Any, ParsedChatCompletion[Any]]: ...

class StreamChatCompletion(Protocol):
    """Streams a chat completion, for a `with` block: events with snapshots, `text_stream`,
    `get_final_completion()`.

    With `output` the answer is of that class: `partial` and `event.parsed` are what is there so far, and the
    `parsed` of `get_final_completion()` is an instance."""
    @overload
    def __call__(
        self, output: type[T], **params: Unpack[_ChatCompletionCreateParams]
    ) -> ParsedChatCompletionStream[T]: ...
    @overload
    def __call__(
        self, *, response_format: type[T], **params: Unpack[_ChatCompletionCreateParams]
    ) -> ParsedChatCompletionStream[T]: ...
    @overload
    def __call__(self, **params: Unpack[ChatCompletionCreateParams]) -> ChatCompletionStream: ...
    @overload
    def __call__(
        self, output: Any, **params: Unpack[_ChatCompletionCreateParams]
    ) -> ParsedChatCompletionStream[Any]: ...
    @overload
    def __call__(
        self, *, response_format: Any, **params: Unpack[_ChatCompletionCreateParams]
    ) -> ParsedChatCompletionStream[Any]: ...

class AsyncStreamChatCompletion(Protocol):
    """Streams a chat completion, for a `with` block: events with snapshots, `text_stream`,
    `get_final_completion()`.

    With `output` the answer is of that class: `partial` and `event.parsed` are what is there so far, and the
    `parsed` of `get_final_completion()` is an instance."""
    @overload
    def __call__(
        self, output: type[T], **params: Unpack[_ChatCompletionCreateParams]
    ) -> AsyncParsedChatCompletionStream[T]: ...
    @overload
    def __call__(
        self, *, response_format: type[T], **params: Unpack[_ChatCompletionCreateParams]
    ) -> AsyncParsedChatCompletionStream[T]: ...
    @overload
    def __call__(self, **params: Unpack[ChatCompletionCreateParams]) -> AsyncChatCompletionStream: ...
    @overload
    def __call__(
        self, output: Any, **params: Unpack[_ChatCompletionCreateParams]
    ) -> AsyncParsedChatCompletionStream[Any]: ...
    @overload
    def __call__(
        self, *, response_format: Any, **params: Unpack[_ChatCompletionCreateParams]
    ) -> AsyncParsedChatCompletionStream[Any]: ...

class CreateCompletion(Protocol[R_co, D_co, S_co, SD_co]):
    """Has a model go on with a text: `POST /v1/completions`, of which few models are left.

    Returns a `Completion`, of which `text` is the text; with `stream=True` a `Stream` of its pieces, each of
    which is one too. Raises APIError and its kin."""
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[CompletionCreateParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: Literal[True], **params: Unpack[CompletionCreateParams]
    ) -> D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: bool = ..., **params: Unpack[CompletionCreateParams]
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[False] = ..., **params: Unpack[CompletionCreateParams]
    ) -> S_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[True], **params: Unpack[CompletionCreateParams]
    ) -> SD_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: bool = ..., **params: Unpack[CompletionCreateParams]
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[False] = ..., **params: Unpack[CompletionCreateParams]
    ) -> R_co | S_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[True], **params: Unpack[CompletionCreateParams]
    ) -> D_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: bool = ..., **params: Unpack[CompletionCreateParams]
    ) -> R_co | D_co | S_co | SD_co: ...

class CreateEmbedding(Protocol[R_co, D_co]):
    """Turns texts into vectors: `POST /v1/embeddings`.

    Returns a `CreateEmbeddingResponse`: `reply.data[i].embedding` is the list of floats of the i-th text,
    `numpy.asarray(reply)` the float32 matrix of all, texts × dimensions, without a copy. More texts than
    `batch_size` are sent as several requests under one `timeout`; `usage` is then their sum, and the first that
    fails ends the others: its error has a note of the texts that it was about. Raises APIError and its kin for
    whatever goes wrong with the call, TypeError and ValueError for arguments that cannot be sent."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[EmbeddingCreateParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[EmbeddingCreateParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[EmbeddingCreateParams]) -> R_co | D_co: ...

class _MapEmbedding(JobOptions, total=False):
    model: str
    dimensions: int | None
    encoding_format: Literal["float", "base64"] | None
    user: str | None
    batch_size: int

class MapEmbedding(Protocol):
    """Makes a vector of each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapEmbedding],
    ) -> Job: ...

class AsyncMapEmbedding(Protocol):
    """Makes a vector of each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapEmbedding],
    ) -> AsyncJob: ...

class GenerateContent(Protocol[R_co, D_co, S_co, SD_co]):
    """Asks a Gemini model: `POST /v1beta/models/{model}:generateContent`; text and pictures, in and out.

    Returns a `GenerateContentResponse`: `text` is the answer, `images` its pictures, with `save(path)`. With
    `stream=True` a `Stream` of chunks, each of which is one too (`:streamGenerateContent?alt=sse`).
    Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
    that cannot be sent. https://wenwen-ai.apifox.cn/349755828e0 (pictures:
    https://wenwen-ai.apifox.cn/349750134e0)"""
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[GenerateContentParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: Literal[True], **params: Unpack[GenerateContentParams]
    ) -> D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: bool = ..., **params: Unpack[GenerateContentParams]
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[False] = ..., **params: Unpack[GenerateContentParams]
    ) -> S_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[True], **params: Unpack[GenerateContentParams]
    ) -> SD_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: bool = ..., **params: Unpack[GenerateContentParams]
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[False] = ..., **params: Unpack[GenerateContentParams]
    ) -> R_co | S_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[True], **params: Unpack[GenerateContentParams]
    ) -> D_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: bool = ..., **params: Unpack[GenerateContentParams]
    ) -> R_co | D_co | S_co | SD_co: ...

class GenerateContentStream(Protocol[R_co, D_co]):
    """Google's name for `generate_content(stream=True)`: a `Stream` of chunks."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[GenerateContentParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[GenerateContentParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[GenerateContentParams]) -> R_co | D_co: ...

class EmbedContent(Protocol[R_co, D_co]):
    """Turns a text into a vector: `POST /v1beta/models/{model}:embedContent`.

    Returns an `EmbedContentResponse`: `embedding.values`. Raises APIError and its kin."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[EmbedContentParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[EmbedContentParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[EmbedContentParams]) -> R_co | D_co: ...

class BatchEmbedContents(Protocol[R_co, D_co]):
    """Turns texts into vectors, in one request: `POST /v1beta/models/{model}:batchEmbedContents`.

    Returns a `BatchEmbedContentsResponse`: `embeddings`, in the order of the texts. Raises APIError and its
    kin."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[BatchEmbedContentsParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[BatchEmbedContentsParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[BatchEmbedContentsParams]) -> R_co | D_co: ...

class CountTokens(Protocol[R_co, D_co]):
    """How many tokens an input has: `POST /v1beta/models/{model}:countTokens`.

    The Wenwen gateway has no such route; Google's own API does."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[CountTokensParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[CountTokensParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[CountTokensParams]) -> R_co | D_co: ...

class ListGeminiModels(Protocol[R_co, D_co]):
    """The models, as Gemini's dialect lists them: `GET /v1beta/models`. Returns a `GeminiModelList`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[GeminiModelListParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[GeminiModelListParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[GeminiModelListParams]) -> R_co | D_co: ...

class RunContent(Protocol):
    """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

    Returns a `GenerateContentResponse`, whose `steps` are the calls with their results, `usage` that of all
    turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
    `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
    MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
    `run`."""
    @overload
    def __call__(
        self,
        *,
        output: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[GenerateContentRunParams],
    ) -> ParsedContent[T]: ...
    @overload
    def __call__(
        self, *, output: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[GenerateContentRunParams]
    ) -> ToolRun[GenerateContentResponse, ParsedContent[T]]: ...
    @overload
    def __call__(
        self,
        *,
        response_schema: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[GenerateContentRunParams],
    ) -> ParsedContent[T]: ...
    @overload
    def __call__(
        self,
        *,
        response_schema: type[T],
        retries: int = ...,
        stream: Literal[True],
        **params: Unpack[GenerateContentRunParams],
    ) -> ToolRun[GenerateContentResponse, ParsedContent[T]]: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., **params: Unpack[GenerateContentRunParams]
    ) -> GenerateContentResponse: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], **params: Unpack[GenerateContentRunParams]
    ) -> ToolRun[GenerateContentResponse, GenerateContentResponse]: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., **params: Unpack[GenerateContentRunParams]
    ) -> GenerateContentResponse | ToolRun[GenerateContentResponse, GenerateContentResponse]: ...
    @overload
    def __call__(
        self,
        *,
        output: Any,
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[GenerateContentRunParams],
    ) -> ParsedContent[Any]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: Literal[True], **params: Unpack[GenerateContentRunParams]
    ) -> ToolRun[GenerateContentResponse, ParsedContent[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: bool | None = ..., **params: Unpack[GenerateContentRunParams]
    ) -> ParsedContent[Any] | ToolRun[GenerateContentResponse, ParsedContent[Any]]: ...

class AsyncRunContent(Protocol):
    """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

    Returns a `GenerateContentResponse`, whose `steps` are the calls with their results, `usage` that of all
    turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
    `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
    MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
    `run`."""
    @overload
    def __call__(
        self,
        *,
        output: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[GenerateContentRunParams],
    ) -> Coroutine[Any, Any, ParsedContent[T]]: ...
    @overload
    def __call__(
        self, *, output: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[GenerateContentRunParams]
    ) -> AsyncToolRun[GenerateContentResponse, ParsedContent[T]]: ...
    @overload
    def __call__(
        self,
        *,
        response_schema: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[GenerateContentRunParams],
    ) -> Coroutine[Any, Any, ParsedContent[T]]: ...
    @overload
    def __call__(
        self,
        *,
        response_schema: type[T],
        retries: int = ...,
        stream: Literal[True],
        **params: Unpack[GenerateContentRunParams],
    ) -> AsyncToolRun[GenerateContentResponse, ParsedContent[T]]: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., **params: Unpack[GenerateContentRunParams]
    ) -> Coroutine[Any, Any, GenerateContentResponse]: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], **params: Unpack[GenerateContentRunParams]
    ) -> AsyncToolRun[GenerateContentResponse, GenerateContentResponse]: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., **params: Unpack[GenerateContentRunParams]
    ) -> (
        Coroutine[Any, Any, GenerateContentResponse] | AsyncToolRun[GenerateContentResponse, GenerateContentResponse]
    ): ...
    @overload
    def __call__(
        self,
        *,
        output: Any,
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[GenerateContentRunParams],
    ) -> Coroutine[Any, Any, ParsedContent[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: Literal[True], **params: Unpack[GenerateContentRunParams]
    ) -> AsyncToolRun[GenerateContentResponse, ParsedContent[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: bool | None = ..., **params: Unpack[GenerateContentRunParams]
    ) -> Coroutine[Any, Any, ParsedContent[Any]] | AsyncToolRun[GenerateContentResponse, ParsedContent[Any]]: ...

class _MapContent(AnswerJobOptions, total=False):
    model: str
    system_instruction: str | GeminiContentParam | Mapping[str, object] | None
    generation_config: GeminiGenerationConfig | Mapping[str, object] | None
    tools: Iterable[ToolFunction | Mapping[str, object]] | Tools | None
    tool_config: Mapping[str, object] | None
    safety_settings: Iterable[Mapping[str, object]] | None
    cached_content: str | None

class MapContent(Protocol):
    """Asks a Gemini model for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapContent],
    ) -> Job: ...

class AsyncMapContent(Protocol):
    """Asks a Gemini model for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapContent],
    ) -> AsyncJob: ...

class ParseContent(Protocol):
    """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns.

    The schema of `output` goes out as `generationConfig.responseSchema`; one that this dialect cannot be held
    to (any keys, classes that hold themselves) goes out in words, as part of `systemInstruction`. What comes
    and does not fit is an AnswerValidationError that has the reply; an answer that is cut short raises
    LengthFinishReasonError or ContentFilterFinishReasonError. Where the model calls functions, `parsed` raises
    NoAnswerError."""
    @overload
    def __call__(
        self, output: type[T], *, retries: int = ..., **params: Unpack[GenerateContentParams]
    ) -> ParsedContent[T]: ...
    @overload
    def __call__(
        self, *, response_schema: type[T], retries: int = ..., **params: Unpack[GenerateContentParams]
    ) -> ParsedContent[T]: ...
    @overload
    def __call__(
        self, output: Any, *, retries: int = ..., **params: Unpack[GenerateContentParams]
    ) -> ParsedContent[Any]: ...
    @overload
    def __call__(
        self, *, response_schema: Any, retries: int = ..., **params: Unpack[GenerateContentParams]
    ) -> ParsedContent[Any]: ...
    @overload
    def __call__(self, *, retries: int = ..., **params: Unpack[GenerateContentParams]) -> ParsedContent[Any]: ...

class AsyncParseContent(Protocol):
    """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns.

    The schema of `output` goes out as `generationConfig.responseSchema`; one that this dialect cannot be held
    to (any keys, classes that hold themselves) goes out in words, as part of `systemInstruction`. What comes
    and does not fit is an AnswerValidationError that has the reply; an answer that is cut short raises
    LengthFinishReasonError or ContentFilterFinishReasonError. Where the model calls functions, `parsed` raises
    NoAnswerError."""
    @overload
    def __call__(
        self, output: type[T], *, retries: int = ..., **params: Unpack[GenerateContentParams]
    ) -> Coroutine[Any, Any, ParsedContent[T]]: ...
    @overload
    def __call__(
        self, *, response_schema: type[T], retries: int = ..., **params: Unpack[GenerateContentParams]
    ) -> Coroutine[Any, Any, ParsedContent[T]]: ...
    @overload
    def __call__(
        self, output: Any, *, retries: int = ..., **params: Unpack[GenerateContentParams]
    ) -> Coroutine[Any, Any, ParsedContent[Any]]: ...
    @overload
    def __call__(
        self, *, response_schema: Any, retries: int = ..., **params: Unpack[GenerateContentParams]
    ) -> Coroutine[Any, Any, ParsedContent[Any]]: ...
    @overload
    def __call__(
        self, *, retries: int = ..., **params: Unpack[GenerateContentParams]
    ) -> Coroutine[Any, Any, ParsedContent[Any]]: ...

class StreamContent(Protocol):
    """Streams an answer, for a `with` block: chunks, `text_stream`, `get_final_response()`.

    With `output` the answer is of that class: `partial` and `chunk.parsed` are what is there so far, and the
    `parsed` of `get_final_response()` is an instance."""
    @overload
    def __call__(self, output: type[T], **params: Unpack[GenerateContentParams]) -> ParsedGenerateContentHelper[T]: ...
    @overload
    def __call__(
        self, *, response_schema: type[T], **params: Unpack[GenerateContentParams]
    ) -> ParsedGenerateContentHelper[T]: ...
    @overload
    def __call__(self, **params: Unpack[GenerateContentParams]) -> GenerateContentHelper: ...
    @overload
    def __call__(self, output: Any, **params: Unpack[GenerateContentParams]) -> ParsedGenerateContentHelper[Any]: ...
    @overload
    def __call__(
        self, *, response_schema: Any, **params: Unpack[GenerateContentParams]
    ) -> ParsedGenerateContentHelper[Any]: ...

class AsyncStreamContent(Protocol):
    """Streams an answer, for a `with` block: chunks, `text_stream`, `get_final_response()`.

    With `output` the answer is of that class: `partial` and `chunk.parsed` are what is there so far, and the
    `parsed` of `get_final_response()` is an instance."""
    @overload
    def __call__(
        self, output: type[T], **params: Unpack[GenerateContentParams]
    ) -> AsyncParsedGenerateContentHelper[T]: ...
    @overload
    def __call__(
        self, *, response_schema: type[T], **params: Unpack[GenerateContentParams]
    ) -> AsyncParsedGenerateContentHelper[T]: ...
    @overload
    def __call__(self, **params: Unpack[GenerateContentParams]) -> AsyncGenerateContentHelper: ...
    @overload
    def __call__(
        self, output: Any, **params: Unpack[GenerateContentParams]
    ) -> AsyncParsedGenerateContentHelper[Any]: ...
    @overload
    def __call__(
        self, *, response_schema: Any, **params: Unpack[GenerateContentParams]
    ) -> AsyncParsedGenerateContentHelper[Any]: ...

class GenerateImage(Protocol[R_co, D_co, S_co, SD_co]):
    """Paints images from a prompt: `POST /v1/images/generations`.

    Returns an `ImagesResponse`; each image of its `data` has `save(path)`, `bytes` and `show()`, whether it
    came in base64 or is at a URL, which mostly expires within an hour. With `stream=True` (gpt-image) a
    `Stream` of events that are images too. Takes 10 to 120 s. Raises APIError and its kin for whatever goes
    wrong with the call, TypeError and ValueError for arguments that cannot be sent.
    https://wenwen-ai.apifox.cn/305836915e0"""
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ImageGenerateParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: Literal[True], **params: Unpack[ImageGenerateParams]
    ) -> D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: bool = ..., **params: Unpack[ImageGenerateParams]
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[False] = ..., **params: Unpack[ImageGenerateParams]
    ) -> S_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[True], **params: Unpack[ImageGenerateParams]
    ) -> SD_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: bool = ..., **params: Unpack[ImageGenerateParams]
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[False] = ..., **params: Unpack[ImageGenerateParams]
    ) -> R_co | S_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[True], **params: Unpack[ImageGenerateParams]
    ) -> D_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: bool = ..., **params: Unpack[ImageGenerateParams]
    ) -> R_co | D_co | S_co | SD_co: ...

class EditImage(Protocol[R_co, D_co, S_co, SD_co]):
    """Edits images, or makes one of several: `POST /v1/images/edits`, as a multipart form, or as JSON where the
    images are references.

    Returns an `ImagesResponse`; each image of its `data` has `save(path)`, `bytes` and `show()`. With
    `stream=True` (gpt-image) a `Stream` of events that are images too. Takes 10 to 120 s. Raises APIError and
    its kin for whatever goes wrong with the call; OSError for a file that cannot be opened, TypeError and
    ValueError for arguments that cannot be sent. https://wenwen-ai.apifox.cn/307224279e0"""
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: Literal[False] = ..., **params: Unpack[ImageEditParams]
    ) -> R_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: Literal[True], **params: Unpack[ImageEditParams]
    ) -> D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: bool = ..., **params: Unpack[ImageEditParams]
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[False] = ..., **params: Unpack[ImageEditParams]
    ) -> S_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[True], **params: Unpack[ImageEditParams]
    ) -> SD_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: bool = ..., **params: Unpack[ImageEditParams]
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[False] = ..., **params: Unpack[ImageEditParams]
    ) -> R_co | S_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[True], **params: Unpack[ImageEditParams]
    ) -> D_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: bool = ..., **params: Unpack[ImageEditParams]
    ) -> R_co | D_co | S_co | SD_co: ...

class _MapImage(JobOptions, total=False):
    model: ImageModel | str
    n: int | None
    size: str | None
    quality: ImageQuality | None
    style: Literal["vivid", "natural"] | None
    response_format: Literal["url", "b64_json"] | None
    output_format: ImageOutputFormat | None
    output_compression: int | None
    background: ImageBackground | None
    moderation: Literal["low", "auto"] | None
    partial_images: int | None
    user: str | None
    safety_identifier: str | None
    complexity: Literal["low", "medium", "high"] | None
    frame_count: int | None
    frame_duration_ms: int | None
    svg: Mapping[str, object] | None

class MapImage(Protocol):
    """Paints images for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapImage],
    ) -> Job: ...

class AsyncMapImage(Protocol):
    """Paints images for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapImage],
    ) -> AsyncJob: ...

class _MapImageEdit(JobOptions, total=False):
    model: ImageModel | str
    mask: FileTypes | Image | ImageInputReferenceParam | None
    markup: FileTypes | Image | ImageInputReferenceParam | None
    n: int | None
    size: str | None
    quality: ImageQuality | None
    input_fidelity: Literal["high", "low"] | None
    response_format: Literal["url", "b64_json"] | None
    output_format: ImageOutputFormat | None
    output_compression: int | None
    background: ImageBackground | None
    partial_images: int | None
    user: str | None
    safety_identifier: str | None
    complexity: Literal["low", "medium", "high"] | None
    frame_count: int | None
    frame_duration_ms: int | None
    svg: Mapping[str, object] | None

class MapImageEdit(Protocol):
    """Edits images for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapImageEdit],
    ) -> Job: ...

class AsyncMapImageEdit(Protocol):
    """Edits images for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapImageEdit],
    ) -> AsyncJob: ...

class CreateMessage(Protocol[R_co, D_co, S_co, SD_co]):
    """Asks a model for a message: `POST /v1/messages`.

    Returns a `Message`, of which `text` is the answer; with `stream=True` a `Stream` of its events. Raises
    APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments that
    cannot be sent. https://wenwen-ai.apifox.cn/307273240e0"""
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[MessageCreateParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: Literal[True], **params: Unpack[MessageCreateParams]
    ) -> D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: bool = ..., **params: Unpack[MessageCreateParams]
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[False] = ..., **params: Unpack[MessageCreateParams]
    ) -> S_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[True], **params: Unpack[MessageCreateParams]
    ) -> SD_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: bool = ..., **params: Unpack[MessageCreateParams]
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[False] = ..., **params: Unpack[MessageCreateParams]
    ) -> R_co | S_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[True], **params: Unpack[MessageCreateParams]
    ) -> D_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: bool = ..., **params: Unpack[MessageCreateParams]
    ) -> R_co | D_co | S_co | SD_co: ...

class CountMessageTokens(Protocol[R_co, D_co]):
    """How many tokens an input has: `POST /v1/messages/count_tokens`.

    The Wenwen gateway has no such route (404); other servers of the dialect do."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[MessageCountTokensParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[MessageCountTokensParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[MessageCountTokensParams]) -> R_co | D_co: ...

class RunMessage(Protocol):
    """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

    Returns a `Message`, whose `steps` are the calls with their results, `usage` that of all
    turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
    `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
    MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
    `run`."""
    @overload
    def __call__(
        self,
        *,
        output: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[MessageRunParams],
    ) -> ParsedMessage[T]: ...
    @overload
    def __call__(
        self, *, output: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[MessageRunParams]
    ) -> ToolRun[RawMessageStreamEvent, ParsedMessage[T]]: ...
    @overload
    def __call__(
        self,
        *,
        output_format: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[MessageRunParams],
    ) -> ParsedMessage[T]: ...
    @overload
    def __call__(
        self, *, output_format: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[MessageRunParams]
    ) -> ToolRun[RawMessageStreamEvent, ParsedMessage[T]]: ...
    @overload
    def __call__(self, *, stream: Literal[False] | None = ..., **params: Unpack[MessageRunParams]) -> Message: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], **params: Unpack[MessageRunParams]
    ) -> ToolRun[RawMessageStreamEvent, Message]: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., **params: Unpack[MessageRunParams]
    ) -> Message | ToolRun[RawMessageStreamEvent, Message]: ...
    @overload
    def __call__(
        self,
        *,
        output: Any,
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[MessageRunParams],
    ) -> ParsedMessage[Any]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: Literal[True], **params: Unpack[MessageRunParams]
    ) -> ToolRun[RawMessageStreamEvent, ParsedMessage[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: bool | None = ..., **params: Unpack[MessageRunParams]
    ) -> ParsedMessage[Any] | ToolRun[RawMessageStreamEvent, ParsedMessage[Any]]: ...

class AsyncRunMessage(Protocol):
    """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

    Returns a `Message`, whose `steps` are the calls with their results, `usage` that of all
    turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
    `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
    MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
    `run`."""
    @overload
    def __call__(
        self,
        *,
        output: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[MessageRunParams],
    ) -> Coroutine[Any, Any, ParsedMessage[T]]: ...
    @overload
    def __call__(
        self, *, output: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[MessageRunParams]
    ) -> AsyncToolRun[RawMessageStreamEvent, ParsedMessage[T]]: ...
    @overload
    def __call__(
        self,
        *,
        output_format: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[MessageRunParams],
    ) -> Coroutine[Any, Any, ParsedMessage[T]]: ...
    @overload
    def __call__(
        self, *, output_format: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[MessageRunParams]
    ) -> AsyncToolRun[RawMessageStreamEvent, ParsedMessage[T]]: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., **params: Unpack[MessageRunParams]
    ) -> Coroutine[Any, Any, Message]: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], **params: Unpack[MessageRunParams]
    ) -> AsyncToolRun[RawMessageStreamEvent, Message]: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., **params: Unpack[MessageRunParams]
    ) -> Coroutine[Any, Any, Message] | AsyncToolRun[RawMessageStreamEvent, Message]: ...
    @overload
    def __call__(
        self,
        *,
        output: Any,
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[MessageRunParams],
    ) -> Coroutine[Any, Any, ParsedMessage[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: Literal[True], **params: Unpack[MessageRunParams]
    ) -> AsyncToolRun[RawMessageStreamEvent, ParsedMessage[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: bool | None = ..., **params: Unpack[MessageRunParams]
    ) -> Coroutine[Any, Any, ParsedMessage[Any]] | AsyncToolRun[RawMessageStreamEvent, ParsedMessage[Any]]: ...

class _MapMessage(AnswerJobOptions, total=False):
    model: str
    max_tokens: int
    system: str | Iterable[TextBlockParam | Mapping[str, object]] | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    stop_sequences: Iterable[str] | None
    tools: Iterable[ToolUnionParam] | Tools | None
    tool_choice: ToolChoiceParam | Mapping[str, object] | Object | None
    thinking: ThinkingConfigParam | Mapping[str, object] | Object | None
    output_config: OutputConfigParam | Mapping[str, object] | Object | None
    cache_control: CacheControlEphemeralParam | Mapping[str, object] | None
    metadata: MetadataParam | Mapping[str, object] | None
    service_tier: Literal["auto", "standard_only"] | None
    container: str | Mapping[str, object] | None
    mcp_servers: Iterable[Mapping[str, object]] | None
    context_management: Mapping[str, object] | None
    inference_geo: str | None
    speed: Literal["standard", "fast"] | None
    diagnostics: Mapping[str, object] | None
    billing_policy: str | Mapping[str, object] | None
    compaction: Mapping[str, object] | None
    fallbacks: str | Iterable[Mapping[str, object]] | None
    fallback_credit_token: str | None
    thread: str | Mapping[str, object] | None
    betas: Iterable[str] | None
    user_profile_id: str | None
    workspace_id: str | None

class MapMessage(Protocol):
    """Asks a Claude model for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapMessage],
    ) -> Job: ...

class AsyncMapMessage(Protocol):
    """Asks a Claude model for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapMessage],
    ) -> AsyncJob: ...

class ParseMessage(Protocol):
    """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns.

    The schema of `output` goes out as `output_config.format`; one that this dialect cannot be held to (any
    keys, classes that hold themselves) goes out in words, as part of `system`. What comes and does not fit is
    an AnswerValidationError that has the reply; an answer that is cut short raises LengthFinishReasonError.
    Where the model declines or calls tools, `parsed_output` is None, and `parsed` raises AnswerRefusedError or
    NoAnswerError."""
    @overload
    def __call__(
        self, output: type[T], *, retries: int = ..., **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[T]: ...
    @overload
    def __call__(
        self, *, output_format: type[T], retries: int = ..., **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[T]: ...
    @overload
    def __call__(
        self, output: Any, *, retries: int = ..., **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[Any]: ...
    @overload
    def __call__(
        self, *, output_format: Any, retries: int = ..., **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[Any]: ...
    @overload
    def __call__(self, *, retries: int = ..., **params: Unpack[MessageCreateParams]) -> ParsedMessage[Any]: ...

class AsyncParseMessage(Protocol):
    """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns.

    The schema of `output` goes out as `output_config.format`; one that this dialect cannot be held to (any
    keys, classes that hold themselves) goes out in words, as part of `system`. What comes and does not fit is
    an AnswerValidationError that has the reply; an answer that is cut short raises LengthFinishReasonError.
    Where the model declines or calls tools, `parsed_output` is None, and `parsed` raises AnswerRefusedError or
    NoAnswerError."""
    @overload
    def __call__(
        self, output: type[T], *, retries: int = ..., **params: Unpack[MessageCreateParams]
    ) -> Coroutine[Any, Any, ParsedMessage[T]]: ...
    @overload
    def __call__(
        self, *, output_format: type[T], retries: int = ..., **params: Unpack[MessageCreateParams]
    ) -> Coroutine[Any, Any, ParsedMessage[T]]: ...
    @overload
    def __call__(
        self, output: Any, *, retries: int = ..., **params: Unpack[MessageCreateParams]
    ) -> Coroutine[Any, Any, ParsedMessage[Any]]: ...
    @overload
    def __call__(
        self, *, output_format: Any, retries: int = ..., **params: Unpack[MessageCreateParams]
    ) -> Coroutine[Any, Any, ParsedMessage[Any]]: ...
    @overload
    def __call__(
        self, *, retries: int = ..., **params: Unpack[MessageCreateParams]
    ) -> Coroutine[Any, Any, ParsedMessage[Any]]: ...

class StreamMessage(Protocol):
    """Streams a message, for a `with` block: events with snapshots, `text_stream`, `get_final_message()`.

    With `output` the answer is of that class: `partial` and `event.parsed` are what is there so far, and the
    `parsed` of `get_final_message()` is an instance."""
    @overload
    def __call__(self, output: type[T], **params: Unpack[MessageCreateParams]) -> ParsedMessageStream[T]: ...
    @overload
    def __call__(self, *, output_format: type[T], **params: Unpack[MessageCreateParams]) -> ParsedMessageStream[T]: ...
    @overload
    def __call__(self, **params: Unpack[MessageCreateParams]) -> MessageStream: ...
    @overload
    def __call__(self, output: Any, **params: Unpack[MessageCreateParams]) -> ParsedMessageStream[Any]: ...
    @overload
    def __call__(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> ParsedMessageStream[Any]: ...

class AsyncStreamMessage(Protocol):
    """Streams a message, for a `with` block: events with snapshots, `text_stream`, `get_final_message()`.

    With `output` the answer is of that class: `partial` and `event.parsed` are what is there so far, and the
    `parsed` of `get_final_message()` is an instance."""
    @overload
    def __call__(self, output: type[T], **params: Unpack[MessageCreateParams]) -> AsyncParsedMessageStream[T]: ...
    @overload
    def __call__(
        self, *, output_format: type[T], **params: Unpack[MessageCreateParams]
    ) -> AsyncParsedMessageStream[T]: ...
    @overload
    def __call__(self, **params: Unpack[MessageCreateParams]) -> AsyncMessageStream: ...
    @overload
    def __call__(self, output: Any, **params: Unpack[MessageCreateParams]) -> AsyncParsedMessageStream[Any]: ...
    @overload
    def __call__(
        self, *, output_format: Any, **params: Unpack[MessageCreateParams]
    ) -> AsyncParsedMessageStream[Any]: ...

class SubmitImagine(Protocol[R_co, D_co]):
    """Has four images drawn: `POST /mj/submit/imagine`.

    Returns a `Task` at once: `task.wait()` waits for its images, `task.action("U1")` picks one of them. Raises
    RateLimitError where the queue is full (code 23: not billed), BadRequestError for a banned word (code 24,
    which the message names) and for a wrong parameter, APIError and its kin for the rest.

    A submit is billed, so it is sent again only where it certainly was not accepted. After a connection that
    broke, a timeout or a 5xx the task may exist: the message says so.
    https://wenwen-ai.apifox.cn/308815708e0"""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ImagineParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ImagineParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[ImagineParams]) -> R_co | D_co: ...

class SubmitBlend(Protocol[R_co, D_co]):
    """Blends 2 to 5 images into new ones: `POST /mj/submit/blend`.

    Returns a `Task` at once. Errors as of `imagine`. https://wenwen-ai.apifox.cn/308817874e0"""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[BlendParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[BlendParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[BlendParams]) -> R_co | D_co: ...

class SubmitAction(Protocol[R_co, D_co]):
    """Clicks a button of a finished task: `POST /mj/submit/action`. `task.action("U1")` is shorter.

    Returns the new `Task`. If that `needs_modal` ("Vary (Region)", "Custom Zoom"), it begins with
    `task.modal(prompt=...)`. Errors as of `imagine`. https://wenwen-ai.apifox.cn/308835035e0"""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ActionParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ActionParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[ActionParams]) -> R_co | D_co: ...

class SubmitModal(Protocol[R_co, D_co]):
    """Answers a task that `needs_modal`: `POST /mj/submit/modal`. Returns the `Task` that begins.

    Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ModalParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ModalParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[ModalParams]) -> R_co | D_co: ...

class SubmitChange(Protocol[R_co, D_co]):
    """Enlarges or varies an image of a task by its number: `POST /mj/submit/change`. Returns the new `Task`.

    Not on the gateway's pages, but routed by it; buttons (`task.action`) do more. Errors as of `imagine`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ChangeParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ChangeParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[ChangeParams]) -> R_co | D_co: ...

class SubmitSimpleChange(Protocol[R_co, D_co]):
    """The same in a line of text: `POST /mj/submit/simple-change`. Returns the new `Task`.

    Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[SimpleChangeParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[SimpleChangeParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[SimpleChangeParams]) -> R_co | D_co: ...

class SubmitDescribe(Protocol[R_co, D_co]):
    """Has prompts written for an image: `POST /mj/submit/describe`. Returns a `Task`, whose `prompt` has them
    when it has ended.

    Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[DescribeParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[DescribeParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[DescribeParams]) -> R_co | D_co: ...

class SubmitShorten(Protocol[R_co, D_co]):
    """Has a prompt made shorter: `POST /mj/submit/shorten`. Returns a `Task`.

    Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ShortenParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ShortenParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[ShortenParams]) -> R_co | D_co: ...

class SubmitEdits(Protocol[R_co, D_co]):
    """Draws a part of a picture of yours anew: `POST /mj/submit/edits`. Returns a `Task`.

    Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[EditsParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[EditsParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[EditsParams]) -> R_co | D_co: ...

class SubmitVideo(Protocol[R_co, D_co]):
    """Makes a video of a picture: `POST /mj/submit/video`. Returns a `Task`, whose `videoUrl` is where it is.

    Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[MidjourneyVideoParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[MidjourneyVideoParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[MidjourneyVideoParams]) -> R_co | D_co: ...

class SwapFace(Protocol[R_co, D_co]):
    """Puts a face into a picture: `POST /mj/insight-face/swap`. Returns a `Task`.

    Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[SwapFaceParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[SwapFaceParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[SwapFaceParams]) -> R_co | D_co: ...

class UploadImages(Protocol[R_co, D_co]):
    """Puts pictures where prompts can name them: `POST /mj/submit/upload-discord-images`. Returns an
    `UploadedImages`: `urls`.

    Not on the gateway's pages, but routed by it. Errors as of `imagine`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[UploadParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[UploadParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[UploadParams]) -> R_co | D_co: ...

class ByTaskId(Protocol[R_co, D_co]):
    """Looks at a task: `GET /mj/task/{task_id}/fetch`.

    The seed of a task that succeeded: `GET /mj/task/{task_id}/image-seed`. Returns an `ImageSeed`, of which
    `seed` is the number as text, for `--seed` in a prompt. The gateway asks Midjourney for it, up to 30 s."""
    @overload
    def __call__(
        self, task_id: TaskFields | str | int, *, as_dict: Literal[False] = ..., **params: Unpack[RequestOptions]
    ) -> R_co: ...
    @overload
    def __call__(
        self, task_id: TaskFields | str | int, *, as_dict: Literal[True], **params: Unpack[RequestOptions]
    ) -> D_co: ...
    @overload
    def __call__(
        self, task_id: TaskFields | str | int, *, as_dict: bool = ..., **params: Unpack[RequestOptions]
    ) -> R_co | D_co: ...

class ListTasks(Protocol[R_co, D_co]):
    """Looks at several tasks (or ids) at once: `POST /mj/task/list-by-condition`.

    Returns a list of `Task`s in an order of the gateway's own; it leaves out those that there are not.
    https://wenwen-ai.apifox.cn/308833696e0"""
    @overload
    def __call__(
        self, ids: Iterable[TaskFields | str | int], *, as_dict: Literal[False] = ..., **params: Unpack[RequestOptions]
    ) -> R_co: ...
    @overload
    def __call__(
        self, ids: Iterable[TaskFields | str | int], *, as_dict: Literal[True], **params: Unpack[RequestOptions]
    ) -> D_co: ...
    @overload
    def __call__(
        self, ids: Iterable[TaskFields | str | int], *, as_dict: bool = ..., **params: Unpack[RequestOptions]
    ) -> R_co | D_co: ...

class ListModels(Protocol[R_co, D_co]):
    """The models that the key may use: `GET /v1/models`.

    Returns a `ModelList`, all on one page: `for model in client.models.list()`, or `data`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ModelListParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ModelListParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[ModelListParams]) -> R_co | D_co: ...

class ByModel(Protocol[R_co, D_co]):
    """One model: `GET /v1/models/{model}`.

    Raises NotFoundError for a model that the gateway's own list lacks; it may work all the same: what counts is
    `list()`."""
    @overload
    def __call__(
        self, model: str = ..., *, as_dict: Literal[False] = ..., **params: Unpack[ModelRetrieveParams]
    ) -> R_co: ...
    @overload
    def __call__(self, model: str = ..., *, as_dict: Literal[True], **params: Unpack[ModelRetrieveParams]) -> D_co: ...
    @overload
    def __call__(
        self, model: str = ..., *, as_dict: bool = ..., **params: Unpack[ModelRetrieveParams]
    ) -> R_co | D_co: ...

class DeleteModel(Protocol[R_co, D_co]):
    """Deletes a model of your own making: `DELETE /v1/models/{model}`.

    The Wenwen gateway has no such route (501); other servers of the dialect do."""
    @overload
    def __call__(self, model: str, *, as_dict: Literal[False] = ..., **params: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, model: str, *, as_dict: Literal[True], **params: Unpack[RequestOptions]) -> D_co: ...
    @overload
    def __call__(self, model: str, *, as_dict: bool = ..., **params: Unpack[RequestOptions]) -> R_co | D_co: ...

class CreateModeration(Protocol[R_co, D_co]):
    """Says whether texts and pictures may do harm: `POST /v1/moderations`.

    Returns a `ModerationCreateResponse`, whose `results` say for each input whether it is `flagged`, and in
    which `categories`. Raises APIError and its kin."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ModerationCreateParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ModerationCreateParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[ModerationCreateParams]) -> R_co | D_co: ...

class ListAll(Protocol[R_co, D_co]):
    """What all models cost: `GET /api/pricing`. Needs no key, and sends none.

    What the key may spend, in US dollars: `GET /v1/dashboard/billing/subscription`.

    What the key has spent, in hundredths of a dollar: `GET /v1/dashboard/billing/usage`.

    What the key itself may spend and has spent, for which models, and when it expires:
    `GET /api/usage/token/`. Answers for a key that is used up or expired too. Returns a `KeyUsage`: `data`.

    The calls of the key, the newest first: `GET /api/log/token`. Returns a `KeyLog`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[RequestOptions]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[RequestOptions]) -> R_co | D_co: ...

class CreateRerank(Protocol[R_co, D_co]):
    """Puts texts in the order in which they answer a question: `POST /v1/rerank`, in Jina's and Cohere's form.

    Returns a `RerankResponse`, whose `results` have the `index` of a document and its `relevance_score`, the
    best one first. Raises APIError and its kin."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[RerankCreateParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[RerankCreateParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[RerankCreateParams]) -> R_co | D_co: ...

class ListInputItems(Protocol[R_co, D_co]):
    """A page of a stored response's input items: `GET /v1/responses/{response_id}/input_items`.

    The Wenwen gateway has no such route (404); other servers of the dialect do."""
    @overload
    def __call__(
        self, response_id: str, *, as_dict: Literal[False] = ..., **params: Unpack[InputItemListParams]
    ) -> R_co: ...
    @overload
    def __call__(self, response_id: str, *, as_dict: Literal[True], **params: Unpack[InputItemListParams]) -> D_co: ...
    @overload
    def __call__(
        self, response_id: str, *, as_dict: bool = ..., **params: Unpack[InputItemListParams]
    ) -> R_co | D_co: ...

class CountInputTokens(Protocol[R_co, D_co]):
    """How many tokens an input has: `POST /v1/responses/input_tokens`.

    The Wenwen gateway has no such route (404); other servers of the dialect do."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[InputTokenCountParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[InputTokenCountParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[InputTokenCountParams]) -> R_co | D_co: ...

class CreateResponse(Protocol[R_co, D_co, S_co, SD_co]):
    """Asks a model for a response: `POST /v1/responses`.

    Returns a `Response`, of which `output_text` is the answer; with `stream=True` a `Stream` of its events.
    Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
    that cannot be sent. https://wenwen-ai.apifox.cn/333476950e0"""
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ResponseCreateParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: Literal[True], **params: Unpack[ResponseCreateParams]
    ) -> D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., as_dict: bool = ..., **params: Unpack[ResponseCreateParams]
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[False] = ..., **params: Unpack[ResponseCreateParams]
    ) -> S_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: Literal[True], **params: Unpack[ResponseCreateParams]
    ) -> SD_co: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], as_dict: bool = ..., **params: Unpack[ResponseCreateParams]
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[False] = ..., **params: Unpack[ResponseCreateParams]
    ) -> R_co | S_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: Literal[True], **params: Unpack[ResponseCreateParams]
    ) -> D_co | SD_co: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., as_dict: bool = ..., **params: Unpack[ResponseCreateParams]
    ) -> R_co | D_co | S_co | SD_co: ...

class RunResponse(Protocol):
    """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

    Returns a `Response`, whose `steps` are the calls with their results, `usage` that of all
    turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
    `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
    MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
    `run`."""
    @overload
    def __call__(
        self,
        *,
        output: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[ResponseRunParams],
    ) -> ParsedResponse[T]: ...
    @overload
    def __call__(
        self, *, output: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[ResponseRunParams]
    ) -> ToolRun[ResponseStreamEvent, ParsedResponse[T]]: ...
    @overload
    def __call__(
        self,
        *,
        text_format: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[ResponseRunParams],
    ) -> ParsedResponse[T]: ...
    @overload
    def __call__(
        self, *, text_format: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[ResponseRunParams]
    ) -> ToolRun[ResponseStreamEvent, ParsedResponse[T]]: ...
    @overload
    def __call__(self, *, stream: Literal[False] | None = ..., **params: Unpack[ResponseRunParams]) -> Response: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], **params: Unpack[ResponseRunParams]
    ) -> ToolRun[ResponseStreamEvent, Response]: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., **params: Unpack[ResponseRunParams]
    ) -> Response | ToolRun[ResponseStreamEvent, Response]: ...
    @overload
    def __call__(
        self,
        *,
        output: Any,
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[ResponseRunParams],
    ) -> ParsedResponse[Any]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: Literal[True], **params: Unpack[ResponseRunParams]
    ) -> ToolRun[ResponseStreamEvent, ParsedResponse[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: bool | None = ..., **params: Unpack[ResponseRunParams]
    ) -> ParsedResponse[Any] | ToolRun[ResponseStreamEvent, ParsedResponse[Any]]: ...

class AsyncRunResponse(Protocol):
    """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

    Returns a `Response`, whose `steps` are the calls with their results, `usage` that of all
    turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
    `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
    MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
    `run`."""
    @overload
    def __call__(
        self,
        *,
        output: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[ResponseRunParams],
    ) -> Coroutine[Any, Any, ParsedResponse[T]]: ...
    @overload
    def __call__(
        self, *, output: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[ResponseRunParams]
    ) -> AsyncToolRun[ResponseStreamEvent, ParsedResponse[T]]: ...
    @overload
    def __call__(
        self,
        *,
        text_format: type[T],
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[ResponseRunParams],
    ) -> Coroutine[Any, Any, ParsedResponse[T]]: ...
    @overload
    def __call__(
        self, *, text_format: type[T], retries: int = ..., stream: Literal[True], **params: Unpack[ResponseRunParams]
    ) -> AsyncToolRun[ResponseStreamEvent, ParsedResponse[T]]: ...
    @overload
    def __call__(
        self, *, stream: Literal[False] | None = ..., **params: Unpack[ResponseRunParams]
    ) -> Coroutine[Any, Any, Response]: ...
    @overload
    def __call__(
        self, *, stream: Literal[True], **params: Unpack[ResponseRunParams]
    ) -> AsyncToolRun[ResponseStreamEvent, Response]: ...
    @overload
    def __call__(
        self, *, stream: bool | None = ..., **params: Unpack[ResponseRunParams]
    ) -> Coroutine[Any, Any, Response] | AsyncToolRun[ResponseStreamEvent, Response]: ...
    @overload
    def __call__(
        self,
        *,
        output: Any,
        retries: int = ...,
        stream: Literal[False] | None = ...,
        **params: Unpack[ResponseRunParams],
    ) -> Coroutine[Any, Any, ParsedResponse[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: Literal[True], **params: Unpack[ResponseRunParams]
    ) -> AsyncToolRun[ResponseStreamEvent, ParsedResponse[Any]]: ...
    @overload
    def __call__(
        self, *, output: Any, retries: int = ..., stream: bool | None = ..., **params: Unpack[ResponseRunParams]
    ) -> Coroutine[Any, Any, ParsedResponse[Any]] | AsyncToolRun[ResponseStreamEvent, ParsedResponse[Any]]: ...

class RetrieveResponse(Protocol[R_co, D_co, S_co, SD_co]):
    """A stored response, or its events from the beginning: `GET /v1/responses/{response_id}`.

    The Wenwen gateway has no such route (404); other servers of the dialect do."""
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ResponseRetrieveParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[ResponseRetrieveParams],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: Literal[False] | None = ...,
        as_dict: bool = ...,
        **params: Unpack[ResponseRetrieveParams],
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[ResponseRetrieveParams],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[ResponseRetrieveParams],
    ) -> SD_co: ...
    @overload
    def __call__(
        self, response_id: str, *, stream: Literal[True], as_dict: bool = ..., **params: Unpack[ResponseRetrieveParams]
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: bool | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ResponseRetrieveParams],
    ) -> R_co | S_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: bool | None = ...,
        as_dict: Literal[True],
        **params: Unpack[ResponseRetrieveParams],
    ) -> D_co | SD_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[ResponseRetrieveParams],
    ) -> R_co | D_co | S_co | SD_co: ...

class ByResponseId(Protocol[R_co, D_co]):
    """Deletes a stored response: `DELETE /v1/responses/{response_id}`.

    Ends a response that is made in the background: `POST /v1/responses/{response_id}/cancel`."""
    @overload
    def __call__(
        self, response_id: str, *, as_dict: Literal[False] = ..., **params: Unpack[ResponseIdParams]
    ) -> R_co: ...
    @overload
    def __call__(self, response_id: str, *, as_dict: Literal[True], **params: Unpack[ResponseIdParams]) -> D_co: ...
    @overload
    def __call__(self, response_id: str, *, as_dict: bool = ..., **params: Unpack[ResponseIdParams]) -> R_co | D_co: ...

class _MapResponse(AnswerJobOptions, total=False):
    model: str
    instructions: str | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    temperature: float | None
    top_p: float | None
    top_logprobs: int | None
    tools: Iterable[ToolParam] | Tools | None
    tool_choice: ToolChoiceParam | None
    parallel_tool_calls: bool | None
    text: ResponseTextConfigParam | Mapping[str, object] | Object | None
    reasoning: ReasoningParam | Mapping[str, object] | Object | None
    include: Iterable[ResponseIncludable] | None
    previous_response_id: str | None
    conversation: str | Mapping[str, object] | Object | None
    metadata: Mapping[str, str] | None
    user: str | None
    safety_identifier: str | None
    prompt_cache_key: str | None
    prompt_cache_options: Mapping[str, object] | Object | None
    prompt_cache_retention: Literal["in_memory", "24h"] | None
    service_tier: ServiceTier | None
    truncation: Literal["auto", "disabled"] | None
    context_management: Iterable[Mapping[str, object]] | None
    moderation: Mapping[str, object] | None
    background: bool | None
    stream_options: Mapping[str, object] | None
    access_programs: Mapping[str, object] | None
    background_options: Mapping[str, object] | None
    image: Mapping[str, object] | Object | None
    multi_agent: Mapping[str, object] | None
    betas: Iterable[str] | None

class MapResponse(Protocol):
    """Asks a model for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapResponse],
    ) -> Job: ...

class AsyncMapResponse(Protocol):
    """Asks a model for each row of any data, as fast as its limits let.

    Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
    sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
    order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
    goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
    anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
    asked (no money, a wrong key), for the job."""
    def __call__(
        self,
        data: object,
        prompt: str | Callable[[Any], Any] | None = ...,
        *,
        as_dict: bool = ...,
        **params: Unpack[_MapResponse],
    ) -> AsyncJob: ...

class CompactResponse(Protocol[R_co, D_co]):
    """Makes a conversation shorter: `POST /v1/responses/compact`.

    Returns a `CompactedResponse`, whose `output` is the input of the next call. Raises APIError and its kin."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ResponseCompactParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ResponseCompactParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[ResponseCompactParams]) -> R_co | D_co: ...

class ParseResponse(Protocol):
    """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns.

    The schema of `output` goes out as `text.format`, strict where a strict one can express it. What comes and
    does not fit is an AnswerValidationError that has the reply. Where there is no answer, `output_parsed` is
    None, and `parsed` raises what says why: AnswerRefusedError, LengthFinishReasonError,
    ContentFilterFinishReasonError, NoAnswerError. Messages of the phase "commentary" are no answers."""
    @overload
    def __call__(
        self, output: Any = ..., *, text_format: Any = ..., parse_as: type[T], **params: Unpack[ResponseCreateParams]
    ) -> ParsedResponse[T]: ...
    @overload
    def __call__(
        self, output: Any = ..., *, text_format: Any = ..., parse_as: None, **params: Unpack[ResponseCreateParams]
    ) -> ParsedResponse[None]: ...
    @overload
    def __call__(
        self, output: type[T], *, retries: int = ..., **params: Unpack[ResponseCreateParams]
    ) -> ParsedResponse[T]: ...
    @overload
    def __call__(
        self, *, text_format: type[T], retries: int = ..., **params: Unpack[ResponseCreateParams]
    ) -> ParsedResponse[T]: ...
    @overload
    def __call__(
        self, output: Any, *, retries: int = ..., **params: Unpack[ResponseCreateParams]
    ) -> ParsedResponse[Any]: ...
    @overload
    def __call__(
        self, *, text_format: Any, retries: int = ..., **params: Unpack[ResponseCreateParams]
    ) -> ParsedResponse[Any]: ...
    @overload
    def __call__(self, *, retries: int = ..., **params: Unpack[ResponseCreateParams]) -> ParsedResponse[Any]: ...

class AsyncParseResponse(Protocol):
    """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns.

    The schema of `output` goes out as `text.format`, strict where a strict one can express it. What comes and
    does not fit is an AnswerValidationError that has the reply. Where there is no answer, `output_parsed` is
    None, and `parsed` raises what says why: AnswerRefusedError, LengthFinishReasonError,
    ContentFilterFinishReasonError, NoAnswerError. Messages of the phase "commentary" are no answers."""
    @overload
    def __call__(
        self, output: Any = ..., *, text_format: Any = ..., parse_as: type[T], **params: Unpack[ResponseCreateParams]
    ) -> Coroutine[Any, Any, ParsedResponse[T]]: ...
    @overload
    def __call__(
        self, output: Any = ..., *, text_format: Any = ..., parse_as: None, **params: Unpack[ResponseCreateParams]
    ) -> Coroutine[Any, Any, ParsedResponse[None]]: ...
    @overload
    def __call__(
        self, output: type[T], *, retries: int = ..., **params: Unpack[ResponseCreateParams]
    ) -> Coroutine[Any, Any, ParsedResponse[T]]: ...
    @overload
    def __call__(
        self, *, text_format: type[T], retries: int = ..., **params: Unpack[ResponseCreateParams]
    ) -> Coroutine[Any, Any, ParsedResponse[T]]: ...
    @overload
    def __call__(
        self, output: Any, *, retries: int = ..., **params: Unpack[ResponseCreateParams]
    ) -> Coroutine[Any, Any, ParsedResponse[Any]]: ...
    @overload
    def __call__(
        self, *, text_format: Any, retries: int = ..., **params: Unpack[ResponseCreateParams]
    ) -> Coroutine[Any, Any, ParsedResponse[Any]]: ...
    @overload
    def __call__(
        self, *, retries: int = ..., **params: Unpack[ResponseCreateParams]
    ) -> Coroutine[Any, Any, ParsedResponse[Any]]: ...

class StreamResponse(Protocol):
    """Streams a response, for a `with` block: events with snapshots, `text_stream`, `get_final_response()`.

    With `output` the answer is of that class: `partial` and `event.parsed` are what is there so far, and the
    `parsed` of `get_final_response()` is an instance."""
    @overload
    def __call__(self, output: type[T], **params: Unpack[ResponseCreateParams]) -> ParsedResponseStream[T]: ...
    @overload
    def __call__(self, *, text_format: type[T], **params: Unpack[ResponseCreateParams]) -> ParsedResponseStream[T]: ...
    @overload
    def __call__(self, **params: Unpack[ResponseCreateParams]) -> ResponseStream: ...
    @overload
    def __call__(self, output: Any, **params: Unpack[ResponseCreateParams]) -> ParsedResponseStream[Any]: ...
    @overload
    def __call__(self, *, text_format: Any, **params: Unpack[ResponseCreateParams]) -> ParsedResponseStream[Any]: ...

class AsyncStreamResponse(Protocol):
    """Streams a response, for a `with` block: events with snapshots, `text_stream`, `get_final_response()`.

    With `output` the answer is of that class: `partial` and `event.parsed` are what is there so far, and the
    `parsed` of `get_final_response()` is an instance."""
    @overload
    def __call__(self, output: type[T], **params: Unpack[ResponseCreateParams]) -> AsyncParsedResponseStream[T]: ...
    @overload
    def __call__(
        self, *, text_format: type[T], **params: Unpack[ResponseCreateParams]
    ) -> AsyncParsedResponseStream[T]: ...
    @overload
    def __call__(self, **params: Unpack[ResponseCreateParams]) -> AsyncResponseStream: ...
    @overload
    def __call__(self, output: Any, **params: Unpack[ResponseCreateParams]) -> AsyncParsedResponseStream[Any]: ...
    @overload
    def __call__(
        self, *, text_format: Any, **params: Unpack[ResponseCreateParams]
    ) -> AsyncParsedResponseStream[Any]: ...

class CreateVideoGeneration(Protocol[R_co, D_co]):
    """Begins a video: `POST /v1/video/generations`.

    Begins a video of a text: `POST /kling/v1/videos/text2video`. As `videos.generations.create`.

    Begins a video of a picture: `POST /kling/v1/videos/image2video`. As `videos.generations.create`."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[VideoGenerationCreateParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[VideoGenerationCreateParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[VideoGenerationCreateParams]) -> R_co | D_co: ...

class ByVideoTask(Protocol[R_co, D_co]):
    """How a video is doing: `GET /v1/video/generations/{task_id}`. Its `status`, `progress`, `url`.

    Raises BadRequestError with the code "task_not_exist" for an id that the key does not have."""
    @overload
    def __call__(self, task_id: str, *, as_dict: Literal[False] = ..., **params: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, task_id: str, *, as_dict: Literal[True], **params: Unpack[RequestOptions]) -> D_co: ...
    @overload
    def __call__(self, task_id: str, *, as_dict: bool = ..., **params: Unpack[RequestOptions]) -> R_co | D_co: ...

class CreateVideo(Protocol[R_co, D_co]):
    """Begins a video: `POST /v1/videos`.

    Returns a `Video`: `video = video.wait()`, then `video.save("cat.mp4")`. The video is billed, so a request
    that may have been accepted is never sent again. Raises APIError and its kin, TypeError and ValueError for
    arguments that cannot be sent."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[VideoCreateParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[VideoCreateParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[VideoCreateParams]) -> R_co | D_co: ...

class ByVideoId(Protocol[R_co, D_co]):
    """How a video is doing: `GET /v1/videos/{video_id}`. Its `status`, `progress`, `error`.

    Deletes a video: `DELETE /v1/videos/{video_id}`."""
    @overload
    def __call__(self, video_id: str, *, as_dict: Literal[False] = ..., **params: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, video_id: str, *, as_dict: Literal[True], **params: Unpack[RequestOptions]) -> D_co: ...
    @overload
    def __call__(self, video_id: str, *, as_dict: bool = ..., **params: Unpack[RequestOptions]) -> R_co | D_co: ...

class RemixVideo(Protocol[R_co, D_co]):
    """Begins another video like one that is completed: `POST /v1/videos/{video_id}/remix`."""
    @overload
    def __call__(self, video_id: str, *, as_dict: Literal[False] = ..., **params: Unpack[VideoRemixParams]) -> R_co: ...
    @overload
    def __call__(self, video_id: str, *, as_dict: Literal[True], **params: Unpack[VideoRemixParams]) -> D_co: ...
    @overload
    def __call__(self, video_id: str, *, as_dict: bool = ..., **params: Unpack[VideoRemixParams]) -> R_co | D_co: ...

class EditVideo(Protocol[R_co, D_co]):
    """Begins another video, made of one that is completed or of a file: `POST /v1/videos/edits`.

    The Wenwen gateway has no such route (404), but `remix`; other servers of the dialect do."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[VideoEditParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[VideoEditParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[VideoEditParams]) -> R_co | D_co: ...

class ExtendVideo(Protocol[R_co, D_co]):
    """Begins a video that goes on where another ends: `POST /v1/videos/extensions`.

    The Wenwen gateway has no such route (404); other servers of the dialect do."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[VideoExtendParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[VideoExtendParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[VideoExtendParams]) -> R_co | D_co: ...

class ListVideos(Protocol[R_co, D_co]):
    """A page of the videos that the service keeps: `GET /v1/videos`. Iterating gives those of this page;
    `has_more` says whether there is another, `list(after=page.last_id)`.

    The Wenwen gateway has no such route (404); other servers of the dialect do."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[VideoListParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[VideoListParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[VideoListParams]) -> R_co | D_co: ...

class CreateCharacter(Protocol[R_co, D_co]):
    """Makes somebody who may be in videos: `POST /v1/videos/characters`.

    The Wenwen gateway has no such route (404); other servers of the dialect do."""
    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[VideoCreateCharacterParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[VideoCreateCharacterParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[VideoCreateCharacterParams]) -> R_co | D_co: ...

class ByCharacterId(Protocol[R_co, D_co]):
    """Who may be in videos: `GET /v1/videos/characters/{character_id}`.

    The Wenwen gateway has no such route (404); other servers of the dialect do."""
    @overload
    def __call__(
        self, character_id: str, *, as_dict: Literal[False] = ..., **params: Unpack[RequestOptions]
    ) -> R_co: ...
    @overload
    def __call__(self, character_id: str, *, as_dict: Literal[True], **params: Unpack[RequestOptions]) -> D_co: ...
    @overload
    def __call__(self, character_id: str, *, as_dict: bool = ..., **params: Unpack[RequestOptions]) -> R_co | D_co: ...

class RawTranscriptions(Generic[R]):
    """The methods of `Transcriptions`, each with the same kind of result."""

    create: CreateTranscription[R, R, R, R, R, R, R]

class RawTranslations(Generic[R]):
    """The methods of `Translations`, each with the same kind of result."""

    create: CreateTranslation[R, R, R, R]

class RawSpeech(Generic[R]):
    """The methods of `Speech`, each with the same kind of result."""

    create: CreateSpeech[R, R, R]

class RawAudio(Generic[R]):
    """The methods of `Audio`, each with the same kind of result."""

    transcriptions: RawTranscriptions[R]
    translations: RawTranslations[R]
    speech: RawSpeech[R]

class RawBeta(Generic[R]):
    """The methods of `Beta`, each with the same kind of result."""

    chat: RawChat[R]
    messages: RawMessages[R]
    models: RawModels[R]
    responses: RawResponses[R]

class RawCompletions(Generic[R]):
    """The methods of `Completions`, each with the same kind of result."""

    create: CreateChatCompletion[R, R, R, R]
    def parse(
        self, output: Any = ..., *, response_format: Any = ..., **params: Unpack[_ChatCompletionCreateParams]
    ) -> R: ...

class RawChat(Generic[R]):
    """The methods of `Chat`, each with the same kind of result."""

    completions: RawCompletions[R]

class RawTextCompletions(Generic[R]):
    """The methods of `TextCompletions`, each with the same kind of result."""

    create: CreateCompletion[R, R, R, R]

class RawEmbeddings(Generic[R]):
    """The methods of `Embeddings`, each with the same kind of result."""

    create: CreateEmbedding[R, R]

class RawGemini(Generic[R]):
    """The methods of `Gemini`, each with the same kind of result."""

    generate_content: GenerateContent[R, R, R, R]
    generate_content_stream: GenerateContentStream[R, R]
    embed_content: EmbedContent[R, R]
    batch_embed_contents: BatchEmbedContents[R, R]
    count_tokens: CountTokens[R, R]
    list_models: ListGeminiModels[R, R]
    def parse(self, output: Any = ..., *, response_schema: Any = ..., **params: Unpack[GenerateContentParams]) -> R: ...

class RawImages(Generic[R]):
    """The methods of `Images`, each with the same kind of result."""

    generate: GenerateImage[R, R, R, R]
    edit: EditImage[R, R, R, R]

class RawMessages(Generic[R]):
    """The methods of `Messages`, each with the same kind of result."""

    create: CreateMessage[R, R, R, R]
    count_tokens: CountMessageTokens[R, R]
    def parse(self, output: Any = ..., *, output_format: Any = ..., **params: Unpack[MessageCreateParams]) -> R: ...

class RawMidjourney(Generic[R]):
    """The methods of `Midjourney`, each with the same kind of result."""

    imagine: SubmitImagine[R, R]
    blend: SubmitBlend[R, R]
    action: SubmitAction[R, R]
    modal: SubmitModal[R, R]
    change: SubmitChange[R, R]
    simple_change: SubmitSimpleChange[R, R]
    describe: SubmitDescribe[R, R]
    shorten: SubmitShorten[R, R]
    edits: SubmitEdits[R, R]
    video: SubmitVideo[R, R]
    swap_face: SwapFace[R, R]
    upload: UploadImages[R, R]
    fetch: ByTaskId[R, R]
    list: ListTasks[R, R]
    seed: ByTaskId[R, R]

class RawModels(Generic[R]):
    """The methods of `Models`, each with the same kind of result."""

    list: ListModels[R, R]
    retrieve: ByModel[R, R]
    delete: DeleteModel[R, R]

class RawModerations(Generic[R]):
    """The methods of `Moderations`, each with the same kind of result."""

    create: CreateModeration[R, R]

class RawPricing(Generic[R]):
    """The methods of `Pricing`, each with the same kind of result."""

    list: ListAll[R, R]

class RawBilling(Generic[R]):
    """The methods of `Billing`, each with the same kind of result."""

    subscription: ListAll[R, R]
    usage: ListAll[R, R]
    key: ListAll[R, R]
    log: ListAll[R, R]

class RawRerank(Generic[R]):
    """The methods of `Rerank`, each with the same kind of result."""

    create: CreateRerank[R, R]

class RawInputItems(Generic[R]):
    """The methods of `InputItems`, each with the same kind of result."""

    list: ListInputItems[R, R]

class RawInputTokens(Generic[R]):
    """The methods of `InputTokens`, each with the same kind of result."""

    count: CountInputTokens[R, R]

class RawResponses(Generic[R]):
    """The methods of `Responses`, each with the same kind of result."""

    input_items: RawInputItems[R]
    input_tokens: RawInputTokens[R]
    create: CreateResponse[R, R, R, R]
    retrieve: RetrieveResponse[R, R, R, R]
    delete: ByResponseId[R, R]
    cancel: ByResponseId[R, R]
    compact: CompactResponse[R, R]
    def parse(
        self, output: Any = ..., *, text_format: Any = ..., parse_as: Any = ..., **params: Unpack[ResponseCreateParams]
    ) -> R: ...

class RawGenerations(Generic[R]):
    """The methods of `Generations`, each with the same kind of result."""

    create: CreateVideoGeneration[R, R]
    retrieve: ByVideoTask[R, R]

class RawKling(Generic[R]):
    """The methods of `Kling`, each with the same kind of result."""

    text2video: CreateVideoGeneration[R, R]
    image2video: CreateVideoGeneration[R, R]

class RawVideos(Generic[R]):
    """The methods of `Videos`, each with the same kind of result."""

    generations: RawGenerations[R]
    kling: RawKling[R]
    create: CreateVideo[R, R]
    retrieve: ByVideoId[R, R]
    remix: RemixVideo[R, R]
    edit: EditVideo[R, R]
    extend: ExtendVideo[R, R]
    list: ListVideos[R, R]
    delete: ByVideoId[R, R]
    create_character: CreateCharacter[R, R]
    get_character: ByCharacterId[R, R]
    download_content: ByVideoId[R, R]

class AsyncTranscriptions(AsyncResource):
    """`/v1/audio/transcriptions`, awaited: speech to text."""

    create: CreateTranscription[
        Coroutine[Any, Any, str],
        Coroutine[Any, Any, Transcription],
        Coroutine[Any, Any, TranscriptionVerbose],
        Coroutine[Any, Any, TranscriptionDiarized],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[TranscriptionStreamEvent]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    map: AsyncMapTranscription
    with_raw_response: RawTranscriptions[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawTranscriptions[AsyncStreamingResponse]

class AsyncTranslations(AsyncResource):
    """`/v1/audio/translations`, awaited: speech in any language to English text."""

    create: CreateTranslation[
        Coroutine[Any, Any, str],
        Coroutine[Any, Any, Translation],
        Coroutine[Any, Any, TranslationVerbose],
        Coroutine[Any, Any, _Dict],
    ]
    with_raw_response: RawTranslations[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawTranslations[AsyncStreamingResponse]

class AsyncSpeech(AsyncResource):
    """`/v1/audio/speech`, awaited: text to speech."""

    create: CreateSpeech[
        Coroutine[Any, Any, BinaryContent],
        Coroutine[Any, Any, AsyncStream[SpeechStreamEvent]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    map: AsyncMapSpeech
    with_raw_response: RawSpeech[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawSpeech[AsyncStreamingResponse]

class AsyncAudio(AsyncResource):
    """Speech to text and text to speech, awaited."""

    transcriptions: AsyncTranscriptions
    translations: AsyncTranslations
    speech: AsyncSpeech
    with_raw_response: RawAudio[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawAudio[AsyncStreamingResponse]

class AsyncBeta(AsyncResource):
    """What the peers' packages have in the making, awaited: the same as without `beta`. `betas=` of `messages` names
    features."""

    chat: AsyncChat
    messages: AsyncMessages
    models: AsyncModels
    responses: AsyncResponses
    with_raw_response: RawBeta[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawBeta[AsyncStreamingResponse]

class AsyncCompletions(AsyncResource):
    """`/v1/chat/completions`, awaited: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/305778685e0"""

    create: CreateChatCompletion[
        Coroutine[Any, Any, ChatCompletion],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[ChatCompletionChunk]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    run: AsyncRunChatCompletion
    map: AsyncMapChatCompletion
    parse: AsyncParseChatCompletion
    stream: AsyncStreamChatCompletion
    with_raw_response: RawCompletions[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawCompletions[AsyncStreamingResponse]

class AsyncChat(AsyncResource):
    """Conversations in OpenAI's older form, awaited."""

    completions: AsyncCompletions
    with_raw_response: RawChat[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawChat[AsyncStreamingResponse]

class AsyncTextCompletions(AsyncResource):
    """`/v1/completions`, awaited: texts that go on, whole or streamed."""

    create: CreateCompletion[
        Coroutine[Any, Any, Completion],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[Completion]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    with_raw_response: RawTextCompletions[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawTextCompletions[AsyncStreamingResponse]

class AsyncDownloads(AsyncResource):
    """Files at other places, awaited."""

    download: Download[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]

class AsyncEmbeddings(AsyncResource):
    """`/v1/embeddings`, awaited: turn texts into vectors."""

    create: CreateEmbedding[Coroutine[Any, Any, CreateEmbeddingResponse], Coroutine[Any, Any, _Dict]]
    map: AsyncMapEmbedding
    with_raw_response: RawEmbeddings[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawEmbeddings[AsyncStreamingResponse]

class AsyncGemini(AsyncResource):
    """Gemini's own dialect, awaited: `/v1beta/models/{model}:generateContent`. https://wenwen-ai.apifox.cn/349755828e0"""

    generate_content: GenerateContent[
        Coroutine[Any, Any, GenerateContentResponse],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[GenerateContentResponse]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    generate_content_stream: GenerateContentStream[
        Coroutine[Any, Any, AsyncStream[GenerateContentResponse]], Coroutine[Any, Any, AsyncStream[_Dict]]
    ]
    embed_content: EmbedContent[Coroutine[Any, Any, EmbedContentResponse], Coroutine[Any, Any, _Dict]]
    batch_embed_contents: BatchEmbedContents[
        Coroutine[Any, Any, BatchEmbedContentsResponse], Coroutine[Any, Any, _Dict]
    ]
    count_tokens: CountTokens[Coroutine[Any, Any, CountTokensResponse], Coroutine[Any, Any, _Dict]]
    list_models: ListGeminiModels[Coroutine[Any, Any, GeminiModelList], Coroutine[Any, Any, _Dict]]
    run: AsyncRunContent
    map: AsyncMapContent
    parse: AsyncParseContent
    stream: AsyncStreamContent
    with_raw_response: RawGemini[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawGemini[AsyncStreamingResponse]

class AsyncImages(AsyncResource):
    """`/v1/images`, awaited: paint images, whole or streamed. https://wenwen-ai.apifox.cn/305836915e0"""

    generate: GenerateImage[
        Coroutine[Any, Any, ImagesResponse],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[ImageGenStreamEvent]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    edit: EditImage[
        Coroutine[Any, Any, ImagesResponse],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[ImageEditStreamEvent]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    map: AsyncMapImage
    map_edit: AsyncMapImageEdit
    with_raw_response: RawImages[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawImages[AsyncStreamingResponse]

class AsyncMessages(AsyncResource):
    """`/v1/messages`, awaited: ask a Claude model, whole or streamed. https://wenwen-ai.apifox.cn/307273240e0"""

    create: CreateMessage[
        Coroutine[Any, Any, Message],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[RawMessageStreamEvent]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    count_tokens: CountMessageTokens[Coroutine[Any, Any, MessageTokensCount], Coroutine[Any, Any, _Dict]]
    run: AsyncRunMessage
    map: AsyncMapMessage
    def tool_runner(self, *, stream: bool | None = ..., **params: Unpack[MessageRunnerParams]) -> AsyncToolRunner: ...
    parse: AsyncParseMessage
    stream: AsyncStreamMessage
    with_raw_response: RawMessages[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawMessages[AsyncStreamingResponse]

class AsyncMidjourney(AsyncResource):
    """`/mj`, awaited: draw with Midjourney. A submit, `client.midjourney.imagine(prompt="Cat")`, returns a task at
    once, whose `wait()` returns it with its image. https://wenwen-ai.apifox.cn/308815708e0"""

    imagine: SubmitImagine[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    blend: SubmitBlend[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    action: SubmitAction[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    modal: SubmitModal[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    change: SubmitChange[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    simple_change: SubmitSimpleChange[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    describe: SubmitDescribe[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    shorten: SubmitShorten[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    edits: SubmitEdits[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    video: SubmitVideo[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    swap_face: SwapFace[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    upload: UploadImages[Coroutine[Any, Any, UploadedImages], Coroutine[Any, Any, _Dict]]
    fetch: ByTaskId[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    list: ListTasks[Coroutine[Any, Any, _AsyncTasks], Coroutine[Any, Any, _Dicts]]
    seed: ByTaskId[Coroutine[Any, Any, ImageSeed], Coroutine[Any, Any, _Dict]]
    async def wait(
        self,
        tasks: Iterable[AsyncTask | str],
        timeout: float | Timeout | None = None,
        *,
        poll: float = 5.0,
        progress: Progress[AsyncTask] = None,
        return_failed: bool = False,
    ) -> _AsyncTasks: ...
    async def _wait_one(
        self, task: Any, timeout: float | Timeout | None, *, poll: float, progress: Progress[Any]
    ) -> Any: ...
    @property
    def modes(self) -> dict[Literal["fast", "relax", "turbo"], AsyncMidjourney]: ...
    with_raw_response: RawMidjourney[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawMidjourney[AsyncStreamingResponse]

class AsyncModels(AsyncResource):
    """`/v1/models`, awaited: what the key may use."""

    list: ListModels[AsyncModelPage, Coroutine[Any, Any, _Dict]]
    retrieve: ByModel[Coroutine[Any, Any, Model], Coroutine[Any, Any, _Dict]]
    delete: DeleteModel[Coroutine[Any, Any, ModelDeleted], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawModels[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawModels[AsyncStreamingResponse]

class AsyncModerations(AsyncResource):
    """`/v1/moderations`, awaited: find what may do harm."""

    create: CreateModeration[Coroutine[Any, Any, ModerationCreateResponse], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawModerations[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawModerations[AsyncStreamingResponse]

class AsyncPricing(AsyncResource):
    """`/api/pricing`, awaited: what the models cost."""

    list: ListAll[Coroutine[Any, Any, Prices], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawPricing[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawPricing[AsyncStreamingResponse]

class AsyncBilling(AsyncResource):
    """What the key may spend and has spent, awaited."""

    subscription: ListAll[Coroutine[Any, Any, BillingSubscription], Coroutine[Any, Any, _Dict]]
    usage: ListAll[Coroutine[Any, Any, BillingUsage], Coroutine[Any, Any, _Dict]]
    key: ListAll[Coroutine[Any, Any, KeyUsage], Coroutine[Any, Any, _Dict]]
    log: ListAll[Coroutine[Any, Any, KeyLog], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawBilling[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawBilling[AsyncStreamingResponse]

class AsyncRerank(AsyncResource):
    """`/v1/rerank`, awaited: put texts in the order in which they answer a question."""

    create: CreateRerank[Coroutine[Any, Any, RerankResponse], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawRerank[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawRerank[AsyncStreamingResponse]

class AsyncInputItems(AsyncResource):
    """The input of stored responses, awaited."""

    list: ListInputItems[Coroutine[Any, Any, ResponseItemList], Coroutine[Any, Any, _Dict]]

class AsyncInputTokens(AsyncResource):
    """How large an input is, awaited."""

    count: CountInputTokens[Coroutine[Any, Any, InputTokenCountResponse], Coroutine[Any, Any, _Dict]]

class AsyncResponses(AsyncResource):
    """`/v1/responses`, awaited: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/333476950e0"""

    input_items: AsyncInputItems
    input_tokens: AsyncInputTokens
    create: CreateResponse[
        Coroutine[Any, Any, Response],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[ResponseStreamEvent]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    run: AsyncRunResponse
    retrieve: RetrieveResponse[
        Coroutine[Any, Any, Response],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[ResponseStreamEvent]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    delete: ByResponseId[Coroutine[Any, Any, ResponseDeleted], Coroutine[Any, Any, _Dict]]
    cancel: ByResponseId[Coroutine[Any, Any, Response], Coroutine[Any, Any, _Dict]]
    map: AsyncMapResponse
    compact: CompactResponse[Coroutine[Any, Any, CompactedResponse], Coroutine[Any, Any, _Dict]]
    parse: AsyncParseResponse
    stream: AsyncStreamResponse
    with_raw_response: RawResponses[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawResponses[AsyncStreamingResponse]

class AsyncGenerations(AsyncResource):
    """`/v1/video/generations`, awaited: videos by Kling and others."""

    create: CreateVideoGeneration[Coroutine[Any, Any, AsyncVideoGeneration], Coroutine[Any, Any, _Dict]]
    retrieve: ByVideoTask[Coroutine[Any, Any, AsyncVideoGeneration], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawGenerations[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawGenerations[AsyncStreamingResponse]

class AsyncKling(AsyncResource):
    """`/kling/v1/videos`, awaited: the same tasks under Kling's own paths."""

    text2video: CreateVideoGeneration[Coroutine[Any, Any, AsyncVideoGeneration], Coroutine[Any, Any, _Dict]]
    image2video: CreateVideoGeneration[Coroutine[Any, Any, AsyncVideoGeneration], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawKling[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawKling[AsyncStreamingResponse]

class AsyncVideos(AsyncResource):
    """`/v1/videos`, awaited: videos by Sora, Veo and others."""

    generations: AsyncGenerations
    kling: AsyncKling
    create: CreateVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
    retrieve: ByVideoId[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
    remix: RemixVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
    edit: EditVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
    extend: ExtendVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
    list: ListVideos[AsyncVideoPage, Coroutine[Any, Any, _Dict]]
    delete: ByVideoId[Coroutine[Any, Any, VideoDeleted], Coroutine[Any, Any, _Dict]]
    create_character: CreateCharacter[Coroutine[Any, Any, VideoCharacter], Coroutine[Any, Any, _Dict]]
    get_character: ByCharacterId[Coroutine[Any, Any, VideoCharacter], Coroutine[Any, Any, _Dict]]
    download_content: DownloadVideo[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]
    async def create_and_poll(self, **params: Unpack[VideoCreateAndPollParams]) -> AsyncVideo: ...
    async def poll(self, video_id: str, **options: Unpack[VideoPollParams]) -> AsyncVideo: ...
    async def _finish(
        self, task: _Task, timeout: float | Timeout | None, *, poll: float, progress: Progress[Any]
    ) -> Any: ...
    async def _save(self, url: str, path: str | PathLike[str]) -> None: ...
    with_raw_response: RawVideos[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawVideos[AsyncStreamingResponse]

class Parts:
    responses: Responses
    chat: Chat
    messages: Messages
    audio: Audio
    embeddings: Embeddings
    midjourney: Midjourney
    gemini: Gemini
    models: Models
    videos: Videos
    pricing: Pricing
    billing: Billing
    images: Images
    completions: TextCompletions
    moderations: Moderations
    rerank: Rerank
    beta: Beta
    download: Download[BinaryContent, None]

class AsyncParts:
    responses: AsyncResponses
    chat: AsyncChat
    messages: AsyncMessages
    audio: AsyncAudio
    embeddings: AsyncEmbeddings
    midjourney: AsyncMidjourney
    gemini: AsyncGemini
    models: AsyncModels
    videos: AsyncVideos
    pricing: AsyncPricing
    billing: AsyncBilling
    images: AsyncImages
    completions: AsyncTextCompletions
    moderations: AsyncModerations
    rerank: AsyncRerank
    beta: AsyncBeta
    download: Download[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]
