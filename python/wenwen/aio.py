"""The functions of `wenwen`, to await: `await wenwen.aio.create_response(model="gpt-5", input="Hello!")`."""

from __future__ import annotations

from ._functions import HOMES, make

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from ._core import BinaryContent
    from ._loop import AsyncStream
    from .resources.models import AsyncModelPage
    from .types._calls import (
        ByTaskId,
        CreateChatCompletion,
        CreateEmbedding,
        CreateMessage,
        CreateResponse,
        CreateSpeech,
        CreateTranscription,
        CreateTranslation,
        CreateVideo,
        Download,
        EditImage,
        GenerateContent,
        GenerateImage,
        ListAll,
        SubmitBlend,
        SubmitImagine,
    )
    from .types.audio import (
        SpeechStreamEvent,
        Transcription,
        TranscriptionDiarized,
        TranscriptionStreamEvent,
        TranscriptionVerbose,
        Translation,
        TranslationVerbose,
    )
    from .types.chat import ChatCompletion, ChatCompletionChunk
    from .types.embeddings import CreateEmbeddingResponse
    from .types.gemini import GenerateContentResponse
    from .types.images import ImageEditStreamEvent, ImageGenStreamEvent, ImagesResponse
    from .types.messages import Message, RawMessageStreamEvent
    from .types.midjourney import AsyncTask
    from .types.pricing import Prices
    from .types.responses import Response, ResponseStreamEvent
    from .types.videos import AsyncVideo

    create_response: CreateResponse[
        Coroutine[Any, Any, Response],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[ResponseStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    create_chat_completion: CreateChatCompletion[
        Coroutine[Any, Any, ChatCompletion],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[ChatCompletionChunk]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    create_message: CreateMessage[
        Coroutine[Any, Any, Message],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[RawMessageStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    create_embeddings: CreateEmbedding[
        Coroutine[Any, Any, CreateEmbeddingResponse], Coroutine[Any, Any, dict[str, Any]]
    ]
    imagine: SubmitImagine[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, dict[str, Any]]]
    blend: SubmitBlend[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, dict[str, Any]]]
    fetch_task: ByTaskId[Coroutine[Any, Any, AsyncTask], Coroutine[Any, Any, dict[str, Any]]]
    generate_content: GenerateContent[
        Coroutine[Any, Any, GenerateContentResponse],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[GenerateContentResponse]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    create_video: CreateVideo[Coroutine[Any, Any, AsyncVideo], Coroutine[Any, Any, dict[str, Any]]]
    list_models: ListAll[AsyncModelPage, Coroutine[Any, Any, dict[str, Any]]]
    list_prices: ListAll[Coroutine[Any, Any, Prices], Coroutine[Any, Any, dict[str, Any]]]
    generate_image: GenerateImage[
        Coroutine[Any, Any, ImagesResponse],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[ImageGenStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    edit_image: EditImage[
        Coroutine[Any, Any, ImagesResponse],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[ImageEditStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    download: Download[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]
    speak: CreateSpeech[
        Coroutine[Any, Any, BinaryContent],
        Coroutine[Any, Any, AsyncStream[SpeechStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    transcribe: CreateTranscription[
        Coroutine[Any, Any, str],
        Coroutine[Any, Any, Transcription],
        Coroutine[Any, Any, TranscriptionVerbose],
        Coroutine[Any, Any, TranscriptionDiarized],
        Coroutine[Any, Any, dict[str, Any]],
        Coroutine[Any, Any, AsyncStream[TranscriptionStreamEvent]],
        Coroutine[Any, Any, AsyncStream[dict[str, Any]]],
    ]
    translate_audio: CreateTranslation[
        Coroutine[Any, Any, str],
        Coroutine[Any, Any, Translation],
        Coroutine[Any, Any, TranslationVerbose],
        Coroutine[Any, Any, dict[str, Any]],
    ]
else:

    def __getattr__(name):
        value = globals()[name] = make(name, "wenwen.aio", "Async")
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
