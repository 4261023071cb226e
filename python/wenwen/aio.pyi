# Made by .ci/faces.py.
from collections.abc import Coroutine
from typing import Any

from wenwen._core import BinaryContent
from wenwen._loop import AsyncStream
from wenwen.resources._faces import (
    AsyncAudio,
    AsyncBeta,
    AsyncBilling,
    AsyncChat,
    AsyncEmbeddings,
    AsyncGemini,
    AsyncImages,
    AsyncMapResponse,
    AsyncMessages,
    AsyncMidjourney,
    AsyncModels,
    AsyncModerations,
    AsyncParseChatCompletion,
    AsyncParseContent,
    AsyncParseMessage,
    AsyncParseResponse,
    AsyncPricing,
    AsyncRerank,
    AsyncResponses,
    AsyncRunChatCompletion,
    AsyncRunContent,
    AsyncRunMessage,
    AsyncRunResponse,
    AsyncStreamChatCompletion,
    AsyncStreamContent,
    AsyncStreamMessage,
    AsyncStreamResponse,
    AsyncTextCompletions,
    AsyncVideos,
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
    SubmitBlend,
    SubmitImagine,
)
from wenwen.resources.models import AsyncModelPage
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
from wenwen.types.midjourney import AsyncTask
from wenwen.types.pricing import Prices
from wenwen.types.responses import Response, ResponseStreamEvent
from wenwen.types.videos import AsyncVideo

_Dict = dict[str, Any]
create_response: CreateResponse[
    Coroutine[Any, Any, Response],
    Coroutine[Any, Any, _Dict],
    Coroutine[Any, Any, AsyncStream[ResponseStreamEvent]],
    Coroutine[Any, Any, AsyncStream[_Dict]],
]
create_chat_completion: CreateChatCompletion[
    Coroutine[Any, Any, ChatCompletion],
    Coroutine[Any, Any, _Dict],
    Coroutine[Any, Any, AsyncStream[ChatCompletionChunk]],
    Coroutine[Any, Any, AsyncStream[_Dict]],
]
create_message: CreateMessage[
    Coroutine[Any, Any, Message],
    Coroutine[Any, Any, _Dict],
    Coroutine[Any, Any, AsyncStream[RawMessageStreamEvent]],
    Coroutine[Any, Any, AsyncStream[_Dict]],
]
run_response: AsyncRunResponse
run_chat_completion: AsyncRunChatCompletion
run_message: AsyncRunMessage
run_content: AsyncRunContent
parse: AsyncParseResponse
parse_response: AsyncParseResponse
parse_chat_completion: AsyncParseChatCompletion
parse_message: AsyncParseMessage
parse_content: AsyncParseContent
stream: AsyncStreamResponse
stream_response: AsyncStreamResponse
stream_chat_completion: AsyncStreamChatCompletion
stream_message: AsyncStreamMessage
stream_content: AsyncStreamContent
create_embeddings: CreateEmbedding[Coroutine[Any, Any, CreateEmbeddingResponse], Coroutine[Any, Any, _Dict]]
imagine: SubmitImagine[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
blend: SubmitBlend[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
fetch_task: ByTaskId[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, _Dict]]
generate_content: GenerateContent[
    Coroutine[Any, Any, GenerateContentResponse],
    Coroutine[Any, Any, _Dict],
    Coroutine[Any, Any, AsyncStream[GenerateContentResponse]],
    Coroutine[Any, Any, AsyncStream[_Dict]],
]
create_video: CreateVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, _Dict]]
list_models: ListModels[AsyncModelPage, Coroutine[Any, Any, _Dict]]
list_prices: ListAll[Coroutine[Any, Any, Prices], Coroutine[Any, Any, _Dict]]
generate_image: GenerateImage[
    Coroutine[Any, Any, ImagesResponse],
    Coroutine[Any, Any, _Dict],
    Coroutine[Any, Any, AsyncStream[ImageGenStreamEvent]],
    Coroutine[Any, Any, AsyncStream[_Dict]],
]
edit_image: EditImage[
    Coroutine[Any, Any, ImagesResponse],
    Coroutine[Any, Any, _Dict],
    Coroutine[Any, Any, AsyncStream[ImageEditStreamEvent]],
    Coroutine[Any, Any, AsyncStream[_Dict]],
]
download: Download[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]
speak: CreateSpeech[
    Coroutine[Any, Any, BinaryContent],
    Coroutine[Any, Any, AsyncStream[SpeechStreamEvent]],
    Coroutine[Any, Any, AsyncStream[_Dict]],
]
transcribe: CreateTranscription[
    Coroutine[Any, Any, str],
    Coroutine[Any, Any, Transcription],
    Coroutine[Any, Any, TranscriptionVerbose],
    Coroutine[Any, Any, TranscriptionDiarized],
    Coroutine[Any, Any, _Dict],
    Coroutine[Any, Any, AsyncStream[TranscriptionStreamEvent]],
    Coroutine[Any, Any, AsyncStream[_Dict]],
]
translate_audio: CreateTranslation[
    Coroutine[Any, Any, str],
    Coroutine[Any, Any, Translation],
    Coroutine[Any, Any, TranslationVerbose],
    Coroutine[Any, Any, _Dict],
]
map: AsyncMapResponse
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
