"""The functions of `wenwen`, to await: `await wenwen.aio.create_response(model="gpt-5", input="Hello!")`."""

from __future__ import annotations

from ._functions import HOMES, make

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from ._core import BinaryContent
    from ._loop import AsyncStream
    from .types._calls import (
        CreateChatCompletion,
        CreateEmbedding,
        CreateMessage,
        CreateResponse,
        CreateSpeech,
        CreateTranscription,
        CreateTranslation,
        Download,
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
    from .types.messages import Message, RawMessageStreamEvent
    from .types.responses import Response, ResponseStreamEvent

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
