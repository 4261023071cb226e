# Made by .ci/faces.py.
from collections.abc import Coroutine, Iterable
from os import PathLike
from typing import Any, Generic, TypeVar, Unpack

from wenwen._core import APIResponse, BinaryContent, Timeout
from wenwen._loop import AsyncStream
from wenwen.resources._base import AsyncResource, AsyncStreamingResponse
from wenwen.resources.audio import Audio
from wenwen.resources.chat import AsyncChatCompletionStream, Chat
from wenwen.resources.embeddings import Embeddings
from wenwen.resources.gemini import AsyncGenerateContentHelper, Gemini
from wenwen.resources.images import Images
from wenwen.resources.messages import AsyncMessageStream, Messages
from wenwen.resources.midjourney import Midjourney
from wenwen.resources.models import AsyncModelPage, Models
from wenwen.resources.pricing import Billing, Pricing
from wenwen.resources.responses import AsyncResponseStream, Responses
from wenwen.resources.videos import Videos
from wenwen.types._calls import (
    ByModel,
    ByResponseId,
    ByTaskId,
    ByVideoId,
    ByVideoTask,
    CreateChatCompletion,
    CreateEmbedding,
    CreateMessage,
    CreateResponse,
    CreateSpeech,
    CreateTranscription,
    CreateTranslation,
    CreateVideo,
    CreateVideoGeneration,
    Download,
    DownloadVideo,
    EditImage,
    GenerateContent,
    GenerateContentStream,
    GenerateImage,
    ListAll,
    ListInputItems,
    ListTasks,
    RemixVideo,
    RetrieveResponse,
    SubmitAction,
    SubmitBlend,
    SubmitChange,
    SubmitDescribe,
    SubmitImagine,
    SubmitModal,
    SubmitShorten,
    SubmitSimpleChange,
)
from wenwen.types._parsed import ParsedChatCompletion, ParsedResponse
from wenwen.types.audio import (
    SpeechStreamEvent,
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)
from wenwen.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionCreateParams
from wenwen.types.embeddings import CreateEmbeddingResponse
from wenwen.types.gemini import GenerateContentParams, GenerateContentResponse
from wenwen.types.images import ImageEditStreamEvent, ImageGenStreamEvent, ImagesResponse
from wenwen.types.messages import Message, MessageCreateParams, RawMessageStreamEvent
from wenwen.types.midjourney import AsyncTask, ImageSeed
from wenwen.types.models import Model
from wenwen.types.pricing import BillingSubscription, BillingUsage, Prices
from wenwen.types.responses import (
    Response,
    ResponseCreateParams,
    ResponseDeleted,
    ResponseItemList,
    ResponseStreamEvent,
)
from wenwen.types.shared import Progress
from wenwen.types.videos import AsyncVideo, AsyncVideoGeneration, VideoCreateAndPollParams, VideoPollParams, _Task

_Dict = dict[str, Any]
T = TypeVar("T")
_AsyncTasks = list[AsyncTask]
_Dicts = list[_Dict]
R = TypeVar("R")  # what a raw form returns

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

class RawCompletions(Generic[R]):
    """The methods of `Completions`, each with the same kind of result."""

    create: CreateChatCompletion[R, R, R, R]

class RawChat(Generic[R]):
    """The methods of `Chat`, each with the same kind of result."""

    completions: RawCompletions[R]

class RawEmbeddings(Generic[R]):
    """The methods of `Embeddings`, each with the same kind of result."""

    create: CreateEmbedding[R, R]

class RawGemini(Generic[R]):
    """The methods of `Gemini`, each with the same kind of result."""

    generate_content: GenerateContent[R, R, R, R]
    generate_content_stream: GenerateContentStream[R, R]

class RawImages(Generic[R]):
    """The methods of `Images`, each with the same kind of result."""

    generate: GenerateImage[R, R, R, R]
    edit: EditImage[R, R, R, R]

class RawMessages(Generic[R]):
    """The methods of `Messages`, each with the same kind of result."""

    create: CreateMessage[R, R, R, R]

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
    fetch: ByTaskId[R, R]
    list: ListTasks[R, R]
    seed: ByTaskId[R, R]

class RawModels(Generic[R]):
    """The methods of `Models`, each with the same kind of result."""

    list: ListAll[R, R]
    retrieve: ByModel[R, R]

class RawPricing(Generic[R]):
    """The methods of `Pricing`, each with the same kind of result."""

    list: ListAll[R, R]

class RawBilling(Generic[R]):
    """The methods of `Billing`, each with the same kind of result."""

    subscription: ListAll[R, R]
    usage: ListAll[R, R]

class RawInputItems(Generic[R]):
    """The methods of `InputItems`, each with the same kind of result."""

    list: ListInputItems[R, R]

class RawResponses(Generic[R]):
    """The methods of `Responses`, each with the same kind of result."""

    input_items: RawInputItems[R]
    create: CreateResponse[R, R, R, R]
    retrieve: RetrieveResponse[R, R, R, R]
    delete: ByResponseId[R, R]
    cancel: ByResponseId[R, R]

class RawGenerations(Generic[R]):
    """The methods of `Generations`, each with the same kind of result."""

    create: CreateVideoGeneration[R, R]
    retrieve: ByVideoTask[R, R]

class RawVideos(Generic[R]):
    """The methods of `Videos`, each with the same kind of result."""

    generations: RawGenerations[R]
    create: CreateVideo[R, R]
    retrieve: ByVideoId[R, R]
    remix: RemixVideo[R, R]
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
    with_raw_response: RawSpeech[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawSpeech[AsyncStreamingResponse]

class AsyncAudio(AsyncResource):
    """Speech to text and text to speech, awaited."""

    transcriptions: AsyncTranscriptions
    translations: AsyncTranslations
    speech: AsyncSpeech
    with_raw_response: RawAudio[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawAudio[AsyncStreamingResponse]

class AsyncCompletions(AsyncResource):
    """`/v1/chat/completions`, awaited: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/305778685e0"""

    create: CreateChatCompletion[
        Coroutine[Any, Any, ChatCompletion],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[ChatCompletionChunk]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    def stream(self, **params: Unpack[ChatCompletionCreateParams]) -> AsyncChatCompletionStream: ...
    async def parse(  # type: ignore[misc]
        self,
        *,
        response_format: type[T] | None = None,
        **params: Unpack[ChatCompletionCreateParams],  # pyright: ignore[reportGeneralTypeIssues]
    ) -> ParsedChatCompletion[T]: ...
    with_raw_response: RawCompletions[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawCompletions[AsyncStreamingResponse]

class AsyncChat(AsyncResource):
    """Conversations in OpenAI's older form, awaited."""

    completions: AsyncCompletions
    with_raw_response: RawChat[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawChat[AsyncStreamingResponse]

class AsyncDownloads(AsyncResource):
    """Files at other places, awaited."""

    download: Download[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]

class AsyncEmbeddings(AsyncResource):
    """`/v1/embeddings`, awaited: turn texts into vectors."""

    create: CreateEmbedding[Coroutine[Any, Any, CreateEmbeddingResponse], Coroutine[Any, Any, _Dict]]
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
    def stream(self, **params: Unpack[GenerateContentParams]) -> AsyncGenerateContentHelper: ...
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
    def stream(self, **params: Unpack[MessageCreateParams]) -> AsyncMessageStream: ...
    with_raw_response: RawMessages[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawMessages[AsyncStreamingResponse]

class AsyncMidjourney(AsyncResource):
    """`/mj`, awaited: draw with Midjourney. A submit returns a `Task` at once, which is waited for:
    `client.midjourney.imagine(prompt="Cat").wait().save("cat.png")`. https://wenwen-ai.apifox.cn/308815708e0"""

    imagine: SubmitImagine[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    blend: SubmitBlend[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    action: SubmitAction[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    modal: SubmitModal[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    change: SubmitChange[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    simple_change: SubmitSimpleChange[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    describe: SubmitDescribe[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
    shorten: SubmitShorten[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
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
    with_raw_response: RawMidjourney[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawMidjourney[AsyncStreamingResponse]

class AsyncModels(AsyncResource):
    """`/v1/models`, awaited: what the key may use."""

    list: ListAll[AsyncModelPage, Coroutine[Any, Any, _Dict]]
    retrieve: ByModel[Coroutine[Any, Any, Model], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawModels[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawModels[AsyncStreamingResponse]

class AsyncPricing(AsyncResource):
    """`/api/pricing`, awaited: what the models cost."""

    list: ListAll[Coroutine[Any, Any, Prices], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawPricing[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawPricing[AsyncStreamingResponse]

class AsyncBilling(AsyncResource):
    """What the key may spend and has spent, awaited."""

    subscription: ListAll[Coroutine[Any, Any, BillingSubscription], Coroutine[Any, Any, _Dict]]
    usage: ListAll[Coroutine[Any, Any, BillingUsage], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawBilling[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawBilling[AsyncStreamingResponse]

class AsyncInputItems(AsyncResource):
    """The input of stored responses, awaited."""

    list: ListInputItems[Coroutine[Any, Any, ResponseItemList], Coroutine[Any, Any, _Dict]]

class AsyncResponses(AsyncResource):
    """`/v1/responses`, awaited: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/333476950e0"""

    input_items: AsyncInputItems
    create: CreateResponse[
        Coroutine[Any, Any, Response],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[ResponseStreamEvent]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    retrieve: RetrieveResponse[
        Coroutine[Any, Any, Response],
        Coroutine[Any, Any, _Dict],
        Coroutine[Any, Any, AsyncStream[ResponseStreamEvent]],
        Coroutine[Any, Any, AsyncStream[_Dict]],
    ]
    delete: ByResponseId[Coroutine[Any, Any, ResponseDeleted], Coroutine[Any, Any, _Dict]]
    cancel: ByResponseId[Coroutine[Any, Any, Response], Coroutine[Any, Any, _Dict]]
    def stream(self, **params: Unpack[ResponseCreateParams]) -> AsyncResponseStream: ...
    async def parse(
        self, text_format: type[T] | None = None, **params: Unpack[ResponseCreateParams]
    ) -> ParsedResponse[T]: ...
    with_raw_response: RawResponses[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawResponses[AsyncStreamingResponse]

class AsyncGenerations(AsyncResource):
    """`/v1/video/generations`, awaited: videos by Kling and others."""

    create: CreateVideoGeneration[Coroutine[Any, Any, AsyncVideoGeneration], Coroutine[Any, Any, _Dict]]
    retrieve: ByVideoTask[Coroutine[Any, Any, AsyncVideoGeneration], Coroutine[Any, Any, _Dict]]
    with_raw_response: RawGenerations[Coroutine[Any, Any, APIResponse]]
    with_streaming_response: RawGenerations[AsyncStreamingResponse]

class AsyncVideos(AsyncResource):
    """`/v1/videos`, awaited: videos by Sora, Veo and others."""

    generations: AsyncGenerations
    create: CreateVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
    retrieve: ByVideoId[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
    remix: RemixVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
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
    download: Download[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]
