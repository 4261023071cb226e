# Made by .ci/faces.py.
from typing import Any

from wenwen.resources._faces import (
    ByTaskId,
    CreateChatCompletion,
    CreateEmbedding,
    CreateMessage,
    CreateResponse,
    CreateVideo,
    EditImage,
    GenerateContent,
    GenerateImage,
    ListAll,
    ListModels,
    MapResponse,
    ParseChatCompletion,
    ParseContent,
    ParseMessage,
    ParseResponse,
    RunChatCompletion,
    RunContent,
    RunMessage,
    RunResponse,
    StreamChatCompletion,
    StreamContent,
    StreamMessage,
    StreamResponse,
    SubmitBlend,
    SubmitImagine,
)
from wenwen.resources.audio import Audio
from wenwen.resources.beta import Beta
from wenwen.resources.chat import Chat
from wenwen.resources.completions import TextCompletions
from wenwen.resources.embeddings import Embeddings
from wenwen.resources.gemini import Gemini
from wenwen.resources.images import Images
from wenwen.resources.messages import Messages
from wenwen.resources.midjourney import Midjourney
from wenwen.resources.models import Models
from wenwen.resources.moderations import Moderations
from wenwen.resources.pricing import Billing, Pricing
from wenwen.resources.rerank import Rerank
from wenwen.resources.responses import Responses
from wenwen.resources.videos import Videos
from wenwen.types._calls import CreateSpeech, CreateTranscription, CreateTranslation, Download
from wenwen.types.audio import (
    SpeechStreamEvent,
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)
from wenwen.types.chat import ChatCompletion, ChatCompletionChunk
from wenwen.types.embeddings import CreateEmbeddingResponse
from wenwen.types.gemini import GenerateContentResponse
from wenwen.types.images import ImageEditStreamEvent, ImageGenStreamEvent, ImagesResponse
from wenwen.types.messages import Message, RawMessageStreamEvent
from wenwen.types.midjourney import Task
from wenwen.types.models import ModelList
from wenwen.types.pricing import Prices
from wenwen.types.responses import Response, ResponseStreamEvent
from wenwen.types.videos import Video

from . import aio as aio
from . import bridge as bridge
from . import daft as daft
from . import dask as dask
from . import ray as ray
from . import spark as spark
from . import testing as testing
from . import types as types
from ._client import AsyncClient as AsyncClient
from ._client import Client as Client
from ._client import configure as configure
from ._core import NO_TIMEOUT as NO_TIMEOUT
from ._core import APIResponse as APIResponse
from ._core import BinaryContent as BinaryContent
from ._core import Headers as Headers
from ._core import Object as Object
from ._core import Reply as Reply
from ._core import Stream as Stream
from ._core import Timeout as Timeout
from ._core import __version__ as __version__
from ._errors import AnswerError as AnswerError
from ._errors import AnswerRefusedError as AnswerRefusedError
from ._errors import AnswerValidationError as AnswerValidationError
from ._errors import APIConnectionError as APIConnectionError
from ._errors import APIError as APIError
from ._errors import APIResponseValidationError as APIResponseValidationError
from ._errors import APIStatusError as APIStatusError
from ._errors import APITimeoutError as APITimeoutError
from ._errors import AuthenticationError as AuthenticationError
from ._errors import BadRequestError as BadRequestError
from ._errors import BudgetError as BudgetError
from ._errors import ConflictError as ConflictError
from ._errors import ContentFilterFinishReasonError as ContentFilterFinishReasonError
from ._errors import DeadlineExceededError as DeadlineExceededError
from ._errors import IncompleteStreamError as IncompleteStreamError
from ._errors import IncompleteTurnError as IncompleteTurnError
from ._errors import InsecureConnectionWarning as InsecureConnectionWarning
from ._errors import InternalServerError as InternalServerError
from ._errors import JobError as JobError
from ._errors import JobTimeoutError as JobTimeoutError
from ._errors import LengthFinishReasonError as LengthFinishReasonError
from ._errors import MaxTurnsError as MaxTurnsError
from ._errors import NoAnswerError as NoAnswerError
from ._errors import NotAnAPIError as NotAnAPIError
from ._errors import NotFoundError as NotFoundError
from ._errors import OverloadedError as OverloadedError
from ._errors import PermissionDeniedError as PermissionDeniedError
from ._errors import RateLimitError as RateLimitError
from ._errors import RequestTooLargeError as RequestTooLargeError
from ._errors import ResponseTooLargeError as ResponseTooLargeError
from ._errors import RowError as RowError
from ._errors import ServiceUnavailableError as ServiceUnavailableError
from ._errors import StoreError as StoreError
from ._errors import TaskFailedError as TaskFailedError
from ._errors import TaskTimeoutError as TaskTimeoutError
from ._errors import ToolError as ToolError
from ._errors import ToolFailedError as ToolFailedError
from ._errors import ToolRunError as ToolRunError
from ._errors import UnprocessableEntityError as UnprocessableEntityError
from ._errors import WenwenError as WenwenError
from ._fleet import ArrowWorker as ArrowWorker
from ._fleet import WorkerConfig as WorkerConfig
from ._jobs import AsyncJob as AsyncJob
from ._jobs import FleetStatus as FleetStatus
from ._jobs import Governor as Governor
from ._jobs import Job as Job
from ._jobs import JobPlan as JobPlan
from ._jobs import JobStatus as JobStatus
from ._jobs import JobStore as JobStore
from ._jobs import Row as Row
from ._jobs import StoredJob as StoredJob
from ._jobs import UnknownRequest as UnknownRequest
from ._jobs import open_job as open_job
from ._jobs import serve_jobs as serve_jobs
from ._loop import AsyncStream as AsyncStream
from ._run import ToolRun as ToolRun
from ._run_async import AsyncToolRun as AsyncToolRun
from ._runner import AsyncToolRunner as AsyncToolRunner
from ._runner import ToolRunner as ToolRunner
from ._show._magic import load_ipython_extension as load_ipython_extension
from ._show._magic import unload_ipython_extension as unload_ipython_extension
from ._telemetry import AttemptInfo as AttemptInfo
from ._telemetry import CallInfo as CallInfo
from ._tools import Injected as Injected
from ._tools import Tool as Tool
from ._tools import beta_async_tool as beta_async_tool
from ._tools import beta_tool as beta_tool
from ._tools import pydantic_function_tool as pydantic_function_tool
from ._tools import pydantic_responses_function_tool as pydantic_responses_function_tool
from ._tools import tool as tool
from ._types import NOT_GIVEN as NOT_GIVEN
from ._types import NotGiven as NotGiven
from ._types import Omit as Omit
from ._types import not_given as not_given
from ._types import omit as omit
from .types.tools import ToolCall as ToolCall
from .types.tools import ToolResult as ToolResult

_Dict = dict[str, Any]
create_response: CreateResponse[Response, _Dict, Stream[ResponseStreamEvent], Stream[_Dict]]
create_chat_completion: CreateChatCompletion[ChatCompletion, _Dict, Stream[ChatCompletionChunk], Stream[_Dict]]
create_message: CreateMessage[Message, _Dict, Stream[RawMessageStreamEvent], Stream[_Dict]]
run_response: RunResponse
run_chat_completion: RunChatCompletion
run_message: RunMessage
run_content: RunContent
parse: ParseResponse
parse_response: ParseResponse
parse_chat_completion: ParseChatCompletion
parse_message: ParseMessage
parse_content: ParseContent
stream: StreamResponse
stream_response: StreamResponse
stream_chat_completion: StreamChatCompletion
stream_message: StreamMessage
stream_content: StreamContent
create_embeddings: CreateEmbedding[CreateEmbeddingResponse, _Dict]
imagine: SubmitImagine[Task, _Dict]
blend: SubmitBlend[Task, _Dict]
fetch_task: ByTaskId[Task, _Dict]
generate_content: GenerateContent[GenerateContentResponse, _Dict, Stream[GenerateContentResponse], Stream[_Dict]]
create_video: CreateVideo[Video, _Dict]
list_models: ListModels[ModelList, _Dict]
list_prices: ListAll[Prices, _Dict]
generate_image: GenerateImage[ImagesResponse, _Dict, Stream[ImageGenStreamEvent], Stream[_Dict]]
edit_image: EditImage[ImagesResponse, _Dict, Stream[ImageEditStreamEvent], Stream[_Dict]]
download: Download[BinaryContent, None]
speak: CreateSpeech[BinaryContent, Stream[SpeechStreamEvent], Stream[_Dict]]
transcribe: CreateTranscription[
    str,
    Transcription,
    TranscriptionVerbose,
    TranscriptionDiarized,
    _Dict,
    Stream[TranscriptionStreamEvent],
    Stream[_Dict],
]
translate_audio: CreateTranslation[str, Translation, TranslationVerbose, _Dict]
map: MapResponse
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
OpenAI = Client
AsyncOpenAI = AsyncClient
OpenAIError = WenwenError
Anthropic = Client
AsyncAnthropic = AsyncClient
AnthropicError = WenwenError
__all__ = [
    "NOT_GIVEN",
    "NO_TIMEOUT",
    "APIConnectionError",
    "APIError",
    "APIResponse",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AnswerError",
    "AnswerRefusedError",
    "AnswerValidationError",
    "ArrowWorker",
    "AsyncClient",
    "AsyncJob",
    "AsyncStream",
    "AsyncToolRun",
    "AsyncToolRunner",
    "AttemptInfo",
    "AuthenticationError",
    "BadRequestError",
    "BinaryContent",
    "BudgetError",
    "CallInfo",
    "Client",
    "ConflictError",
    "ContentFilterFinishReasonError",
    "DeadlineExceededError",
    "FleetStatus",
    "Governor",
    "Headers",
    "IncompleteStreamError",
    "IncompleteTurnError",
    "Injected",
    "InsecureConnectionWarning",
    "InternalServerError",
    "Job",
    "JobError",
    "JobPlan",
    "JobStatus",
    "JobStore",
    "JobTimeoutError",
    "LengthFinishReasonError",
    "MaxTurnsError",
    "NoAnswerError",
    "NotAnAPIError",
    "NotFoundError",
    "NotGiven",
    "Object",
    "Omit",
    "OverloadedError",
    "PermissionDeniedError",
    "RateLimitError",
    "Reply",
    "RequestTooLargeError",
    "ResponseTooLargeError",
    "Row",
    "RowError",
    "ServiceUnavailableError",
    "StoreError",
    "StoredJob",
    "Stream",
    "TaskFailedError",
    "TaskTimeoutError",
    "Timeout",
    "Tool",
    "ToolCall",
    "ToolError",
    "ToolFailedError",
    "ToolResult",
    "ToolRun",
    "ToolRunError",
    "ToolRunner",
    "UnknownRequest",
    "UnprocessableEntityError",
    "WenwenError",
    "WorkerConfig",
    "aio",
    "beta_async_tool",
    "beta_tool",
    "blend",
    "bridge",
    "configure",
    "create_chat_completion",
    "create_embeddings",
    "create_message",
    "create_response",
    "create_video",
    "download",
    "edit_image",
    "fetch_task",
    "generate_content",
    "generate_image",
    "imagine",
    "list_models",
    "list_prices",
    "load_ipython_extension",
    "not_given",
    "omit",
    "open_job",
    "parse",
    "parse_chat_completion",
    "parse_content",
    "parse_message",
    "parse_response",
    "pydantic_function_tool",
    "pydantic_responses_function_tool",
    "run_chat_completion",
    "run_content",
    "run_message",
    "run_response",
    "serve_jobs",
    "speak",
    "stream",
    "stream_chat_completion",
    "stream_content",
    "stream_message",
    "stream_response",
    "testing",
    "tool",
    "transcribe",
    "translate_audio",
    "types",
    "unload_ipython_extension",
]
