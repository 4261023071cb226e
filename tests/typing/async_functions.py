"""Every form of every function of `wenwen.aio`."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Literal, assert_type

import wenwen
from wenwen import AsyncStream, BinaryContent
from wenwen.resources.models import AsyncModelPage
from wenwen.types import (
    AsyncTask,
    AsyncVideo,
    ChatCompletion,
    ChatCompletionChunk,
    CreateEmbeddingResponse,
    GenerateContentResponse,
    ImageEditStreamEvent,
    ImageGenStreamEvent,
    ImagesResponse,
    Message,
    Model,
    ModelList,
    Prices,
    RawMessageStreamEvent,
    Response,
    ResponseStreamEvent,
    SpeechStreamEvent,
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)


async def typed(flag: bool) -> None:
    assert_type(await wenwen.aio.create_response(model="m", input="x"), Response)
    assert_type(await wenwen.aio.create_response(model="m", input="x", as_dict=False), Response)
    assert_type(await wenwen.aio.create_response(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.create_response(model="m", input="x", as_dict=flag), Response | dict[str, Any])
    assert_type(await wenwen.aio.create_response(model="m", input="x", stream=True), AsyncStream[ResponseStreamEvent])
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=True, as_dict=True), AsyncStream[dict[str, Any]]
    )
    assert_type(await wenwen.aio.create_response(model="m", input="x", stream=False), Response)
    assert_type(await wenwen.aio.create_response(model="m", input="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=True, as_dict=flag),
        AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=flag), Response | AsyncStream[ResponseStreamEvent]
    )
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_response(model="m", input="x", stream=flag, as_dict=flag),
        Response | dict[str, Any] | AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.create_chat_completion(model="m", messages=[]), ChatCompletion)
    assert_type(await wenwen.aio.create_chat_completion(model="m", messages=[], as_dict=False), ChatCompletion)
    assert_type(await wenwen.aio.create_chat_completion(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], as_dict=flag), ChatCompletion | dict[str, Any]
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=True), AsyncStream[ChatCompletionChunk]
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.create_chat_completion(model="m", messages=[], stream=False), ChatCompletion)
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=None, as_dict=True), dict[str, Any]
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=True, as_dict=flag),
        AsyncStream[ChatCompletionChunk] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=flag),
        ChatCompletion | AsyncStream[ChatCompletionChunk],
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_chat_completion(model="m", messages=[], stream=flag, as_dict=flag),
        ChatCompletion | dict[str, Any] | AsyncStream[ChatCompletionChunk] | AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.create_message(model="m", max_tokens=1, messages=[]), Message)
    assert_type(await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], as_dict=False), Message)
    assert_type(await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], as_dict=flag), Message | dict[str, Any]
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=True),
        AsyncStream[RawMessageStreamEvent],
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=False), Message)
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=None, as_dict=True), dict[str, Any]
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=True, as_dict=flag),
        AsyncStream[RawMessageStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=flag),
        Message | AsyncStream[RawMessageStreamEvent],
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.create_message(model="m", max_tokens=1, messages=[], stream=flag, as_dict=flag),
        Message | dict[str, Any] | AsyncStream[RawMessageStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.create_embeddings(model="m", input=["x"], batch_size=2), CreateEmbeddingResponse)
    assert_type(
        await wenwen.aio.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=False), CreateEmbeddingResponse
    )
    assert_type(await wenwen.aio.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.create_embeddings(model="m", input=["x"], batch_size=2, as_dict=flag),
        CreateEmbeddingResponse | dict[str, Any],
    )
    assert_type(await wenwen.aio.generate_content(model="m", contents="x"), GenerateContentResponse)
    assert_type(await wenwen.aio.generate_content(model="m", contents="x", as_dict=False), GenerateContentResponse)
    assert_type(await wenwen.aio.generate_content(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", as_dict=flag),
        GenerateContentResponse | dict[str, Any],
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=True), AsyncStream[GenerateContentResponse]
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.generate_content(model="m", contents="x", stream=False), GenerateContentResponse)
    assert_type(await wenwen.aio.generate_content(model="m", contents="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=True, as_dict=flag),
        AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=flag),
        GenerateContentResponse | AsyncStream[GenerateContentResponse],
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.generate_content(model="m", contents="x", stream=flag, as_dict=flag),
        GenerateContentResponse | dict[str, Any] | AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.generate_image(prompt="x"), ImagesResponse)
    assert_type(await wenwen.aio.generate_image(prompt="x", as_dict=False), ImagesResponse)
    assert_type(await wenwen.aio.generate_image(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.generate_image(prompt="x", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(await wenwen.aio.generate_image(prompt="x", stream=True), AsyncStream[ImageGenStreamEvent])
    assert_type(await wenwen.aio.generate_image(prompt="x", stream=True, as_dict=True), AsyncStream[dict[str, Any]])
    assert_type(await wenwen.aio.generate_image(prompt="x", stream=False), ImagesResponse)
    assert_type(await wenwen.aio.generate_image(prompt="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.generate_image(prompt="x", stream=True, as_dict=flag),
        AsyncStream[ImageGenStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.generate_image(prompt="x", stream=flag), ImagesResponse | AsyncStream[ImageGenStreamEvent]
    )
    assert_type(
        await wenwen.aio.generate_image(prompt="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.generate_image(prompt="x", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | AsyncStream[ImageGenStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png"), ImagesResponse)
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", as_dict=False), ImagesResponse)
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", stream=True), AsyncStream[ImageEditStreamEvent])
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=True, as_dict=True), AsyncStream[dict[str, Any]]
    )
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", stream=False), ImagesResponse)
    assert_type(await wenwen.aio.edit_image(prompt="x", image=b"png", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=True, as_dict=flag),
        AsyncStream[ImageEditStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=flag),
        ImagesResponse | AsyncStream[ImageEditStreamEvent],
    )
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.edit_image(prompt="x", image=b"png", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | AsyncStream[ImageEditStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.imagine(prompt="x"), AsyncTask)
    assert_type(await wenwen.aio.imagine(prompt="x", as_dict=False), AsyncTask)
    assert_type(await wenwen.aio.imagine(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.imagine(prompt="x", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await wenwen.aio.blend(base64Array=[b"1", b"2"]), AsyncTask)
    assert_type(await wenwen.aio.blend(base64Array=[b"1", b"2"], as_dict=False), AsyncTask)
    assert_type(await wenwen.aio.blend(base64Array=[b"1", b"2"], as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.blend(base64Array=[b"1", b"2"], as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await wenwen.aio.fetch_task("t"), AsyncTask)
    assert_type(await wenwen.aio.fetch_task("t", as_dict=False), AsyncTask)
    assert_type(await wenwen.aio.fetch_task("t", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.fetch_task("t", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await wenwen.aio.list_models(), ModelList)
    assert_type(await wenwen.aio.list_models(as_dict=False), ModelList)
    assert_type(await wenwen.aio.list_models(as_dict=True), dict[str, Any])
    assert_type(wenwen.aio.list_models(), AsyncModelPage)
    assert_type(wenwen.aio.list_models(as_dict=flag), AsyncModelPage | Coroutine[Any, Any, dict[str, Any]])
    assert_type([each async for each in wenwen.aio.list_models()], list[Model])
    assert_type(await wenwen.aio.list_prices(), Prices)
    assert_type(await wenwen.aio.list_prices(as_dict=False), Prices)
    assert_type(await wenwen.aio.list_prices(as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.list_prices(as_dict=flag), Prices | dict[str, Any])
    assert_type(await wenwen.aio.create_video(model="m", prompt="x"), AsyncVideo)
    assert_type(await wenwen.aio.create_video(model="m", prompt="x", as_dict=False), AsyncVideo)
    assert_type(await wenwen.aio.create_video(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.create_video(model="m", prompt="x", as_dict=flag), AsyncVideo | dict[str, Any])


async def audio(
    flag: bool, format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None
) -> None:
    assert_type(await wenwen.aio.transcribe(b"wav", model="m"), Transcription)
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", response_format="json"), Transcription)
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", response_format=None), Transcription)
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", response_format="verbose_json"), TranscriptionVerbose)
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", response_format="diarized_json"), TranscriptionDiarized)
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", response_format="text"), str)
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", response_format="srt", as_dict=True), str)
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", response_format="vtt", as_dict=flag), str)
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(
        await wenwen.aio.transcribe(b"wav", model="m", response_format="verbose_json", as_dict=True), dict[str, Any]
    )
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", as_dict=flag), Transcription | dict[str, Any])
    assert_type(
        await wenwen.aio.transcribe(b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranscriptionVerbose | dict[str, Any],
    )
    assert_type(
        await wenwen.aio.transcribe(b"wav", model="m", response_format="diarized_json", as_dict=flag),
        TranscriptionDiarized | dict[str, Any],
    )
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", stream=True), AsyncStream[TranscriptionStreamEvent])
    assert_type(await wenwen.aio.transcribe(b"wav", model="m", stream=True, as_dict=True), AsyncStream[dict[str, Any]])
    assert_type(
        await wenwen.aio.transcribe(b"wav", model="m", stream=True, as_dict=flag),
        AsyncStream[TranscriptionStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.transcribe(b"wav", model="m", response_format=format, stream=flag, as_dict=flag),
        str
        | Transcription
        | TranscriptionVerbose
        | TranscriptionDiarized
        | dict[str, Any]
        | AsyncStream[TranscriptionStreamEvent]
        | AsyncStream[dict[str, Any]],
    )
    assert_type(await wenwen.aio.translate_audio(file=b"wav", model="m"), Translation)
    assert_type(
        await wenwen.aio.translate_audio(file=b"wav", model="m", response_format="verbose_json"), TranslationVerbose
    )
    assert_type(await wenwen.aio.translate_audio(file=b"wav", model="m", response_format="text"), str)
    assert_type(await wenwen.aio.translate_audio(file=b"wav", model="m", response_format="vtt", as_dict=flag), str)
    assert_type(await wenwen.aio.translate_audio(file=b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(await wenwen.aio.translate_audio(file=b"wav", model="m", as_dict=flag), Translation | dict[str, Any])
    assert_type(
        await wenwen.aio.translate_audio(file=b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranslationVerbose | dict[str, Any],
    )
    assert_type(await wenwen.aio.speak("x", model="m", voice="alloy"), BinaryContent)
    assert_type(await wenwen.aio.speak("x", model="m", voice="alloy", as_dict=True), BinaryContent)
    assert_type(await wenwen.aio.speak("x", model="m", voice="alloy", as_dict=flag), BinaryContent)
    assert_type(await wenwen.aio.speak("x", model="m", voice="alloy", stream_format="audio"), BinaryContent)
    assert_type(await wenwen.aio.speak("x", model="m", voice="alloy", stream=False), BinaryContent)
    assert_type(
        await wenwen.aio.speak("x", model="m", voice="alloy", stream_format="sse"), AsyncStream[SpeechStreamEvent]
    )
    assert_type(await wenwen.aio.speak("x", model="m", voice="alloy", stream=True), AsyncStream[SpeechStreamEvent])
    assert_type(
        await wenwen.aio.speak("x", model="m", voice="alloy", stream_format="sse", as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.speak("x", model="m", voice="alloy", stream=True, as_dict=True), AsyncStream[dict[str, Any]]
    )
    assert_type(
        await wenwen.aio.speak("x", model="m", voice="alloy", stream=True, as_dict=flag),
        AsyncStream[SpeechStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.speak("x", model="m", voice="alloy", stream_format="sse", as_dict=flag),
        AsyncStream[SpeechStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await wenwen.aio.speak("x", model="m", voice="alloy", stream=flag, as_dict=flag),
        BinaryContent | AsyncStream[SpeechStreamEvent] | AsyncStream[dict[str, Any]],
    )


async def downloads() -> None:
    assert_type(await wenwen.aio.download("https://x/a.png"), BinaryContent)
    assert_type(await wenwen.aio.download("https://x/a.png", "a.png"), None)
    assert_type(await wenwen.aio.download("https://x/a.png", path=Path("a.png")), None)
