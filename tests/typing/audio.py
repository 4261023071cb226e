"""Every form of every call of `client.audio`."""

from __future__ import annotations

from typing import Any, Literal, assert_type

import wenwen
from wenwen import APIResponse, AsyncClient, AsyncStream, BinaryContent, Client, Stream
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.types import (
    SpeechStreamEvent,
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)


def calls(
    client: Client, flag: bool, format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None
) -> None:
    assert_type(client.audio.transcriptions.create(b"wav", model="m"), Transcription)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format="json"), Transcription)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format=None), Transcription)
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json"), TranscriptionVerbose
    )
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="diarized_json"), TranscriptionDiarized
    )
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format="text"), str)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format="srt", as_dict=True), str)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format="vtt", as_dict=flag), str)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json", as_dict=True),
        dict[str, Any],
    )
    assert_type(client.audio.transcriptions.create(b"wav", model="m", as_dict=flag), Transcription | dict[str, Any])
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranscriptionVerbose | dict[str, Any],
    )
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="diarized_json", as_dict=flag),
        TranscriptionDiarized | dict[str, Any],
    )
    assert_type(client.audio.transcriptions.create(b"wav", model="m", stream=True), Stream[TranscriptionStreamEvent])
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", stream=True, as_dict=flag),
        Stream[TranscriptionStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format=format, stream=flag, as_dict=flag),
        str
        | Transcription
        | TranscriptionVerbose
        | TranscriptionDiarized
        | dict[str, Any]
        | Stream[TranscriptionStreamEvent]
        | Stream[dict[str, Any]],
    )
    assert_type(client.audio.translations.create(file=b"wav", model="m"), Translation)
    assert_type(
        client.audio.translations.create(file=b"wav", model="m", response_format="verbose_json"), TranslationVerbose
    )
    assert_type(client.audio.translations.create(file=b"wav", model="m", response_format="text"), str)
    assert_type(client.audio.translations.create(file=b"wav", model="m", response_format="vtt", as_dict=flag), str)
    assert_type(client.audio.translations.create(file=b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(client.audio.translations.create(file=b"wav", model="m", as_dict=flag), Translation | dict[str, Any])
    assert_type(
        client.audio.translations.create(file=b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranslationVerbose | dict[str, Any],
    )
    assert_type(client.audio.speech.create("x", model="m", voice="alloy"), BinaryContent)
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", as_dict=True), BinaryContent)
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", as_dict=flag), BinaryContent)
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", stream_format="audio"), BinaryContent)
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", stream=False), BinaryContent)
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse"), Stream[SpeechStreamEvent]
    )
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", stream=True), Stream[SpeechStreamEvent])
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse", as_dict=True),
        Stream[dict[str, Any]],
    )
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream=True, as_dict=flag),
        Stream[SpeechStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse", as_dict=flag),
        Stream[SpeechStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream=flag, as_dict=flag),
        BinaryContent | Stream[SpeechStreamEvent] | Stream[dict[str, Any]],
    )


async def awaited(
    async_client: AsyncClient,
    flag: bool,
    format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None,
) -> None:
    assert_type(await async_client.audio.transcriptions.create(b"wav", model="m"), Transcription)
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", response_format="json"), Transcription
    )
    assert_type(await async_client.audio.transcriptions.create(b"wav", model="m", response_format=None), Transcription)
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json"),
        TranscriptionVerbose,
    )
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", response_format="diarized_json"),
        TranscriptionDiarized,
    )
    assert_type(await async_client.audio.transcriptions.create(b"wav", model="m", response_format="text"), str)
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", response_format="srt", as_dict=True), str
    )
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", response_format="vtt", as_dict=flag), str
    )
    assert_type(await async_client.audio.transcriptions.create(b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json", as_dict=True),
        dict[str, Any],
    )
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", as_dict=flag), Transcription | dict[str, Any]
    )
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranscriptionVerbose | dict[str, Any],
    )
    assert_type(
        await async_client.audio.transcriptions.create(
            b"wav", model="m", response_format="diarized_json", as_dict=flag
        ),
        TranscriptionDiarized | dict[str, Any],
    )
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", stream=True),
        AsyncStream[TranscriptionStreamEvent],
    )
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.audio.transcriptions.create(b"wav", model="m", stream=True, as_dict=flag),
        AsyncStream[TranscriptionStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.audio.transcriptions.create(
            b"wav", model="m", response_format=format, stream=flag, as_dict=flag
        ),
        str
        | Transcription
        | TranscriptionVerbose
        | TranscriptionDiarized
        | dict[str, Any]
        | AsyncStream[TranscriptionStreamEvent]
        | AsyncStream[dict[str, Any]],
    )
    assert_type(await async_client.audio.translations.create(file=b"wav", model="m"), Translation)
    assert_type(
        await async_client.audio.translations.create(file=b"wav", model="m", response_format="verbose_json"),
        TranslationVerbose,
    )
    assert_type(await async_client.audio.translations.create(file=b"wav", model="m", response_format="text"), str)
    assert_type(
        await async_client.audio.translations.create(file=b"wav", model="m", response_format="vtt", as_dict=flag), str
    )
    assert_type(await async_client.audio.translations.create(file=b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.audio.translations.create(file=b"wav", model="m", as_dict=flag), Translation | dict[str, Any]
    )
    assert_type(
        await async_client.audio.translations.create(
            file=b"wav", model="m", response_format="verbose_json", as_dict=flag
        ),
        TranslationVerbose | dict[str, Any],
    )
    assert_type(await async_client.audio.speech.create("x", model="m", voice="alloy"), BinaryContent)
    assert_type(await async_client.audio.speech.create("x", model="m", voice="alloy", as_dict=True), BinaryContent)
    assert_type(await async_client.audio.speech.create("x", model="m", voice="alloy", as_dict=flag), BinaryContent)
    assert_type(
        await async_client.audio.speech.create("x", model="m", voice="alloy", stream_format="audio"), BinaryContent
    )
    assert_type(await async_client.audio.speech.create("x", model="m", voice="alloy", stream=False), BinaryContent)
    assert_type(
        await async_client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse"),
        AsyncStream[SpeechStreamEvent],
    )
    assert_type(
        await async_client.audio.speech.create("x", model="m", voice="alloy", stream=True),
        AsyncStream[SpeechStreamEvent],
    )
    assert_type(
        await async_client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse", as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.audio.speech.create("x", model="m", voice="alloy", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.audio.speech.create("x", model="m", voice="alloy", stream=True, as_dict=flag),
        AsyncStream[SpeechStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse", as_dict=flag),
        AsyncStream[SpeechStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await async_client.audio.speech.create("x", model="m", voice="alloy", stream=flag, as_dict=flag),
        BinaryContent | AsyncStream[SpeechStreamEvent] | AsyncStream[dict[str, Any]],
    )


def functions(
    flag: bool, format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None
) -> None:
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


async def awaited_functions(
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


def raw(client: Client) -> None:
    assert_type(client.audio.transcriptions.with_raw_response.create(b"wav", model="m"), APIResponse)
    assert_type(client.audio.with_raw_response.transcriptions.create(b"wav", model="m"), APIResponse)
    assert_type(client.audio.translations.with_raw_response.create(file=b"wav", model="m"), APIResponse)
    assert_type(client.audio.with_raw_response.translations.create(file=b"wav", model="m"), APIResponse)
    assert_type(client.audio.speech.with_raw_response.create("x", model="m", voice="alloy"), APIResponse)
    assert_type(client.audio.with_raw_response.speech.create("x", model="m", voice="alloy"), APIResponse)
    assert_type(client.audio.transcriptions.with_streaming_response.create(b"wav", model="m"), StreamingResponse)
    assert_type(client.audio.with_streaming_response.transcriptions.create(b"wav", model="m"), StreamingResponse)
    assert_type(client.audio.translations.with_streaming_response.create(file=b"wav", model="m"), StreamingResponse)
    assert_type(client.audio.with_streaming_response.translations.create(file=b"wav", model="m"), StreamingResponse)
    assert_type(client.audio.speech.with_streaming_response.create("x", model="m", voice="alloy"), StreamingResponse)
    assert_type(client.audio.with_streaming_response.speech.create("x", model="m", voice="alloy"), StreamingResponse)


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(await async_client.audio.transcriptions.with_raw_response.create(b"wav", model="m"), APIResponse)
    assert_type(await async_client.audio.with_raw_response.transcriptions.create(b"wav", model="m"), APIResponse)
    assert_type(await async_client.audio.translations.with_raw_response.create(file=b"wav", model="m"), APIResponse)
    assert_type(await async_client.audio.with_raw_response.translations.create(file=b"wav", model="m"), APIResponse)
    assert_type(await async_client.audio.speech.with_raw_response.create("x", model="m", voice="alloy"), APIResponse)
    assert_type(await async_client.audio.with_raw_response.speech.create("x", model="m", voice="alloy"), APIResponse)
    assert_type(
        async_client.audio.transcriptions.with_streaming_response.create(b"wav", model="m"), AsyncStreamingResponse
    )
    assert_type(
        async_client.audio.with_streaming_response.transcriptions.create(b"wav", model="m"), AsyncStreamingResponse
    )
    assert_type(
        async_client.audio.translations.with_streaming_response.create(file=b"wav", model="m"), AsyncStreamingResponse
    )
    assert_type(
        async_client.audio.with_streaming_response.translations.create(file=b"wav", model="m"), AsyncStreamingResponse
    )
    assert_type(
        async_client.audio.speech.with_streaming_response.create("x", model="m", voice="alloy"), AsyncStreamingResponse
    )
    assert_type(
        async_client.audio.with_streaming_response.speech.create("x", model="m", voice="alloy"), AsyncStreamingResponse
    )
