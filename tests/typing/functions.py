"""Every form of every function of `wenwen`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, assert_type

import wenwen
from wenwen import BinaryContent, Stream
from wenwen.types import (
    ChatCompletion,
    ChatCompletionChunk,
    CreateEmbeddingResponse,
    GenerateContentResponse,
    ImageEditStreamEvent,
    ImageGenStreamEvent,
    ImagesResponse,
    Message,
    ModelList,
    Prices,
    RawMessageStreamEvent,
    Response,
    ResponseStreamEvent,
    SpeechStreamEvent,
    Task,
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
    Video,
)


def typed(flag: bool) -> None:
    assert_type(wenwen.create_response(model="m", input="x"), Response)
    assert_type(wenwen.create_response(model="m", input="x", as_dict=False), Response)
    assert_type(wenwen.create_response(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(wenwen.create_response(model="m", input="x", as_dict=flag), Response | dict[str, Any])
    assert_type(wenwen.create_response(model="m", input="x", stream=True), Stream[ResponseStreamEvent])
    assert_type(wenwen.create_response(model="m", input="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(wenwen.create_response(model="m", input="x", stream=False), Response)
    assert_type(wenwen.create_response(model="m", input="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.create_response(model="m", input="x", stream=True, as_dict=flag),
        Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.create_response(model="m", input="x", stream=flag), Response | Stream[ResponseStreamEvent])
    assert_type(
        wenwen.create_response(model="m", input="x", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]]
    )
    assert_type(
        wenwen.create_response(model="m", input="x", stream=flag, as_dict=flag),
        Response | dict[str, Any] | Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.create_chat_completion(model="m", messages=[]), ChatCompletion)
    assert_type(wenwen.create_chat_completion(model="m", messages=[], as_dict=False), ChatCompletion)
    assert_type(wenwen.create_chat_completion(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(wenwen.create_chat_completion(model="m", messages=[], as_dict=flag), ChatCompletion | dict[str, Any])
    assert_type(wenwen.create_chat_completion(model="m", messages=[], stream=True), Stream[ChatCompletionChunk])
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(wenwen.create_chat_completion(model="m", messages=[], stream=False), ChatCompletion)
    assert_type(wenwen.create_chat_completion(model="m", messages=[], stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=True, as_dict=flag),
        Stream[ChatCompletionChunk] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=flag), ChatCompletion | Stream[ChatCompletionChunk]
    )
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.create_chat_completion(model="m", messages=[], stream=flag, as_dict=flag),
        ChatCompletion | dict[str, Any] | Stream[ChatCompletionChunk] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[]), Message)
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], as_dict=False), Message)
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], as_dict=True), dict[str, Any])
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], as_dict=flag), Message | dict[str, Any])
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], stream=True), Stream[RawMessageStreamEvent])
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], stream=False), Message)
    assert_type(wenwen.create_message(model="m", max_tokens=1, messages=[], stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=True, as_dict=flag),
        Stream[RawMessageStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=flag),
        Message | Stream[RawMessageStreamEvent],
    )
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.create_message(model="m", max_tokens=1, messages=[], stream=flag, as_dict=flag),
        Message | dict[str, Any] | Stream[RawMessageStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.create_embeddings(model="m", input=["x"], batch_size=2), CreateEmbeddingResponse)
    assert_type(wenwen.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=False), CreateEmbeddingResponse)
    assert_type(wenwen.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=flag),
        CreateEmbeddingResponse | dict[str, Any],
    )
    assert_type(wenwen.generate_content(model="m", contents="x"), GenerateContentResponse)
    assert_type(wenwen.generate_content(model="m", contents="x", as_dict=False), GenerateContentResponse)
    assert_type(wenwen.generate_content(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(
        wenwen.generate_content(model="m", contents="x", as_dict=flag), GenerateContentResponse | dict[str, Any]
    )
    assert_type(wenwen.generate_content(model="m", contents="x", stream=True), Stream[GenerateContentResponse])
    assert_type(wenwen.generate_content(model="m", contents="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(wenwen.generate_content(model="m", contents="x", stream=False), GenerateContentResponse)
    assert_type(wenwen.generate_content(model="m", contents="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.generate_content(model="m", contents="x", stream=True, as_dict=flag),
        Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.generate_content(model="m", contents="x", stream=flag),
        GenerateContentResponse | Stream[GenerateContentResponse],
    )
    assert_type(
        wenwen.generate_content(model="m", contents="x", stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.generate_content(model="m", contents="x", stream=flag, as_dict=flag),
        GenerateContentResponse | dict[str, Any] | Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.generate_image(prompt="x"), ImagesResponse)
    assert_type(wenwen.generate_image(prompt="x", as_dict=False), ImagesResponse)
    assert_type(wenwen.generate_image(prompt="x", as_dict=True), dict[str, Any])
    assert_type(wenwen.generate_image(prompt="x", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(wenwen.generate_image(prompt="x", stream=True), Stream[ImageGenStreamEvent])
    assert_type(wenwen.generate_image(prompt="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(wenwen.generate_image(prompt="x", stream=False), ImagesResponse)
    assert_type(wenwen.generate_image(prompt="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.generate_image(prompt="x", stream=True, as_dict=flag),
        Stream[ImageGenStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.generate_image(prompt="x", stream=flag), ImagesResponse | Stream[ImageGenStreamEvent])
    assert_type(wenwen.generate_image(prompt="x", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]])
    assert_type(
        wenwen.generate_image(prompt="x", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | Stream[ImageGenStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.edit_image(prompt="x", image=b"png"), ImagesResponse)
    assert_type(wenwen.edit_image(prompt="x", image=b"png", as_dict=False), ImagesResponse)
    assert_type(wenwen.edit_image(prompt="x", image=b"png", as_dict=True), dict[str, Any])
    assert_type(wenwen.edit_image(prompt="x", image=b"png", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=True), Stream[ImageEditStreamEvent])
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=False), ImagesResponse)
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        wenwen.edit_image(prompt="x", image=b"png", stream=True, as_dict=flag),
        Stream[ImageEditStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.edit_image(prompt="x", image=b"png", stream=flag), ImagesResponse | Stream[ImageEditStreamEvent])
    assert_type(
        wenwen.edit_image(prompt="x", image=b"png", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]]
    )
    assert_type(
        wenwen.edit_image(prompt="x", image=b"png", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | Stream[ImageEditStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(wenwen.imagine(prompt="x"), Task)
    assert_type(wenwen.imagine(prompt="x", as_dict=False), Task)
    assert_type(wenwen.imagine(prompt="x", as_dict=True), dict[str, Any])
    assert_type(wenwen.imagine(prompt="x", as_dict=flag), Task | dict[str, Any])
    assert_type(wenwen.blend(base64Array=[b"1", b"2"]), Task)
    assert_type(wenwen.blend(base64Array=[b"1", b"2"], as_dict=False), Task)
    assert_type(wenwen.blend(base64Array=[b"1", b"2"], as_dict=True), dict[str, Any])
    assert_type(wenwen.blend(base64Array=[b"1", b"2"], as_dict=flag), Task | dict[str, Any])
    assert_type(wenwen.fetch_task("t"), Task)
    assert_type(wenwen.fetch_task("t", as_dict=False), Task)
    assert_type(wenwen.fetch_task("t", as_dict=True), dict[str, Any])
    assert_type(wenwen.fetch_task("t", as_dict=flag), Task | dict[str, Any])
    assert_type(wenwen.list_models(), ModelList)
    assert_type(wenwen.list_models(as_dict=False), ModelList)
    assert_type(wenwen.list_models(as_dict=True), dict[str, Any])
    assert_type(wenwen.list_models(as_dict=flag), ModelList | dict[str, Any])
    assert_type(wenwen.list_prices(), Prices)
    assert_type(wenwen.list_prices(as_dict=False), Prices)
    assert_type(wenwen.list_prices(as_dict=True), dict[str, Any])
    assert_type(wenwen.list_prices(as_dict=flag), Prices | dict[str, Any])
    assert_type(wenwen.create_video(model="m", prompt="x"), Video)
    assert_type(wenwen.create_video(model="m", prompt="x", as_dict=False), Video)
    assert_type(wenwen.create_video(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(wenwen.create_video(model="m", prompt="x", as_dict=flag), Video | dict[str, Any])


def audio(flag: bool, format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None) -> None:
    assert_type(wenwen.transcribe(b"wav", model="m"), Transcription)
    assert_type(wenwen.transcribe(b"wav", model="m", response_format="json"), Transcription)
    assert_type(wenwen.transcribe(b"wav", model="m", response_format=None), Transcription)
    assert_type(wenwen.transcribe(b"wav", model="m", response_format="verbose_json"), TranscriptionVerbose)
    assert_type(wenwen.transcribe(b"wav", model="m", response_format="diarized_json"), TranscriptionDiarized)
    assert_type(wenwen.transcribe(b"wav", model="m", response_format="text"), str)
    assert_type(wenwen.transcribe(b"wav", model="m", response_format="srt", as_dict=True), str)
    assert_type(wenwen.transcribe(b"wav", model="m", response_format="vtt", as_dict=flag), str)
    assert_type(wenwen.transcribe(b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(wenwen.transcribe(b"wav", model="m", response_format="verbose_json", as_dict=True), dict[str, Any])
    assert_type(wenwen.transcribe(b"wav", model="m", as_dict=flag), Transcription | dict[str, Any])
    assert_type(
        wenwen.transcribe(b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranscriptionVerbose | dict[str, Any],
    )
    assert_type(
        wenwen.transcribe(b"wav", model="m", response_format="diarized_json", as_dict=flag),
        TranscriptionDiarized | dict[str, Any],
    )
    assert_type(wenwen.transcribe(b"wav", model="m", stream=True), Stream[TranscriptionStreamEvent])
    assert_type(wenwen.transcribe(b"wav", model="m", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(
        wenwen.transcribe(b"wav", model="m", stream=True, as_dict=flag),
        Stream[TranscriptionStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.transcribe(b"wav", model="m", response_format=format, stream=flag, as_dict=flag),
        str
        | Transcription
        | TranscriptionVerbose
        | TranscriptionDiarized
        | dict[str, Any]
        | Stream[TranscriptionStreamEvent]
        | Stream[dict[str, Any]],
    )
    assert_type(wenwen.translate_audio(file=b"wav", model="m"), Translation)
    assert_type(wenwen.translate_audio(file=b"wav", model="m", response_format="verbose_json"), TranslationVerbose)
    assert_type(wenwen.translate_audio(file=b"wav", model="m", response_format="text"), str)
    assert_type(wenwen.translate_audio(file=b"wav", model="m", response_format="vtt", as_dict=flag), str)
    assert_type(wenwen.translate_audio(file=b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(wenwen.translate_audio(file=b"wav", model="m", as_dict=flag), Translation | dict[str, Any])
    assert_type(
        wenwen.translate_audio(file=b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranslationVerbose | dict[str, Any],
    )
    assert_type(wenwen.speak("x", model="m", voice="alloy"), BinaryContent)
    assert_type(wenwen.speak("x", model="m", voice="alloy", as_dict=True), BinaryContent)
    assert_type(wenwen.speak("x", model="m", voice="alloy", as_dict=flag), BinaryContent)
    assert_type(wenwen.speak("x", model="m", voice="alloy", stream_format="audio"), BinaryContent)
    assert_type(wenwen.speak("x", model="m", voice="alloy", stream=False), BinaryContent)
    assert_type(wenwen.speak("x", model="m", voice="alloy", stream_format="sse"), Stream[SpeechStreamEvent])
    assert_type(wenwen.speak("x", model="m", voice="alloy", stream=True), Stream[SpeechStreamEvent])
    assert_type(wenwen.speak("x", model="m", voice="alloy", stream_format="sse", as_dict=True), Stream[dict[str, Any]])
    assert_type(wenwen.speak("x", model="m", voice="alloy", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(
        wenwen.speak("x", model="m", voice="alloy", stream=True, as_dict=flag),
        Stream[SpeechStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.speak("x", model="m", voice="alloy", stream_format="sse", as_dict=flag),
        Stream[SpeechStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        wenwen.speak("x", model="m", voice="alloy", stream=flag, as_dict=flag),
        BinaryContent | Stream[SpeechStreamEvent] | Stream[dict[str, Any]],
    )


def downloads() -> None:
    assert_type(wenwen.download("https://x/a.png"), BinaryContent)
    assert_type(wenwen.download("https://x/a.png", "a.png"), None)
    assert_type(wenwen.download("https://x/a.png", path=Path("a.png")), None)
