"""The functions of the module `wenwen`: calls with the default settings. Each is made when it is first asked for, with
its dialect's types, so that nobody loads a dialect that they do not use."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._core import BinaryContent, Stream
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
    from .types.midjourney import Task
    from .types.models import ModelList
    from .types.pricing import Prices
    from .types.responses import Response, ResponseStreamEvent
    from .types.videos import Video

    create_response: CreateResponse[Response, dict[str, Any], Stream[ResponseStreamEvent], Stream[dict[str, Any]]]
    create_chat_completion: CreateChatCompletion[
        ChatCompletion, dict[str, Any], Stream[ChatCompletionChunk], Stream[dict[str, Any]]
    ]
    create_message: CreateMessage[Message, dict[str, Any], Stream[RawMessageStreamEvent], Stream[dict[str, Any]]]
    create_embeddings: CreateEmbedding[CreateEmbeddingResponse, dict[str, Any]]
    imagine: SubmitImagine[Task, dict[str, Any]]
    blend: SubmitBlend[Task, dict[str, Any]]
    fetch_task: ByTaskId[Task, dict[str, Any]]
    generate_content: GenerateContent[
        GenerateContentResponse, dict[str, Any], Stream[GenerateContentResponse], Stream[dict[str, Any]]
    ]
    create_video: CreateVideo[Video, dict[str, Any]]
    list_models: ListAll[ModelList, dict[str, Any]]
    list_prices: ListAll[Prices, dict[str, Any]]
    generate_image: GenerateImage[ImagesResponse, dict[str, Any], Stream[ImageGenStreamEvent], Stream[dict[str, Any]]]
    edit_image: EditImage[ImagesResponse, dict[str, Any], Stream[ImageEditStreamEvent], Stream[dict[str, Any]]]
    download: Download[BinaryContent, None]
    speak: CreateSpeech[BinaryContent, Stream[SpeechStreamEvent], Stream[dict[str, Any]]]
    transcribe: CreateTranscription[
        str,
        Transcription,
        TranscriptionVerbose,
        TranscriptionDiarized,
        dict[str, Any],
        Stream[TranscriptionStreamEvent],
        Stream[dict[str, Any]],
    ]
    translate_audio: CreateTranslation[str, Translation, TranslationVerbose, dict[str, Any]]

# The resource module that has each function among its FUNCTIONS.
HOMES = {
    "create_response": "responses",
    "create_chat_completion": "chat",
    "create_message": "messages",
    "create_embeddings": "embeddings",
    **dict.fromkeys(("blend", "fetch_task", "imagine"), "midjourney"),
    "generate_content": "gemini",
    "create_video": "videos",
    "list_models": "models",
    "list_prices": "pricing",
    "generate_image": "images",
    "edit_image": "images",
    "download": "downloads",
    "speak": "audio",
    "transcribe": "audio",
    "translate_audio": "audio",
}


def make(name: str, module: str, prefix: str = "") -> Callable[..., Any]:
    """The function of that name, for `wenwen` or, with the prefix "Async", for `wenwen.aio`: a resource's method, with
    the default settings."""
    if name not in HOMES:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    from .resources._base import as_function

    home = f"wenwen.resources.{HOMES[name]}"
    owner, _, attribute = __import__(home, fromlist=("",)).FUNCTIONS[name].partition(".")
    return as_function(home, prefix + owner, attribute, name, module)


if not TYPE_CHECKING:

    def __getattr__(name):
        value = globals()[name] = make(name, "wenwen")
        return value
