"""`/v1/audio`: `client.audio.transcriptions`, `client.audio.translations`, `client.audio.speech`."""

from __future__ import annotations

from .._core import send
from ..types._schema import endpoint
from ..types.audio import (
    SpeechAudioDeltaEvent,
    SpeechCreateParams,
    SpeechStreamEvent,
    Transcription,
    TranscriptionCreateParams,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationCreateParams,
    TranslationVerbose,
)
from ._base import AsyncResource, AsyncStreamingResponse, Resource, Streaming, StreamingResponse, documented, kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, Generic, TypeVar

    from .._core import APIResponse, BinaryContent, Endpoint, Stream
    from .._loop import AsyncStream
    from ..types._calls import CreateSpeech, CreateTranscription, CreateTranslation

# An IncompleteStreamError of speech has the audio so far in the form of one event.
SPEAK = endpoint("audio.speech.create", reply=SpeechAudioDeltaEvent, event=SpeechStreamEvent, params=SpeechCreateParams)
_TEXT = ("text", "srt", "vtt")


class _Formats:
    """The endpoint of each `response_format`: the same path, and the type that belongs to the reply."""

    def __init__(self, name: str, params: type, json: type, others: dict[str, type]) -> None:
        def of(id: str, reply: type) -> Endpoint:
            return endpoint(f"audio.{name}.{id}", reply=reply, event=TranscriptionStreamEvent, params=params)

        self._json = of("create", json)
        self._others = {format: of("create", reply) for format, reply in others.items()}
        # A gateway that answers it with JSON all the same is understood.
        self._others.update(dict.fromkeys(_TEXT, of("text.create", json)))

    def of(self, params: dict[str, Any]) -> Endpoint:
        format = params.get("response_format")
        format = getattr(format, "value", format)  # of an Enum
        return self._others.get(format, self._json) if isinstance(format, str) else self._json


TRANSCRIBE = _Formats(
    "transcriptions",
    TranscriptionCreateParams,
    Transcription,
    {"verbose_json": TranscriptionVerbose, "diarized_json": TranscriptionDiarized},
)
TRANSLATE = _Formats("translations", TranslationCreateParams, Translation, {"verbose_json": TranslationVerbose})


def _speech(input: object, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters of speech: `stream` is a `stream_format`."""
    params["input"] = input
    stream, format = params.get("stream"), params.get("stream_format")
    if stream and format is None:
        params["stream_format"] = "sse"
    elif stream and format != "sse":
        raise ValueError(
            f"stream=True gives the events of stream_format='sse', and stream_format is {format!r}: for the audio as "
            "it arrives use with_streaming_response"
        )
    elif format == "sse" and stream is not None and not stream:
        raise ValueError("stream_format='sse' gives a stream, and stream is False: leave out one of them")
    elif format == "sse":
        params["stream"] = True
    return params


if TYPE_CHECKING:
    # The raw forms have the methods of the resource, each with the same result: R.
    R = TypeVar("R")
    _Dict = dict[str, Any]

    class RawTranscriptions(Generic[R]):
        create: CreateTranscription[R, R, R, R, R, R, R]

    class RawTranslations(Generic[R]):
        create: CreateTranslation[R, R, R, R]

    class RawSpeech(Generic[R]):
        create: CreateSpeech[R, R, R]

    class RawAudio(Generic[R]):
        transcriptions: RawTranscriptions[R]
        translations: RawTranslations[R]
        speech: RawSpeech[R]


class Transcriptions(Resource):
    """`/v1/audio/transcriptions`: speech to text."""

    if TYPE_CHECKING:
        create: CreateTranscription[
            str,
            Transcription,
            TranscriptionVerbose,
            TranscriptionDiarized,
            _Dict,
            Stream[TranscriptionStreamEvent],
            Stream[_Dict],
        ]
    else:

        @documented(TranscriptionCreateParams, "file", streams=True)
        def create(self, file, **params):
            """Writes down what is said in a file: `POST /v1/audio/transcriptions`.

            Returns a `Transcription`, of which `text` is the text, a `TranscriptionVerbose` or `TranscriptionDiarized`
            for these formats, a str for "text", "srt" and "vtt"; with `stream=True` a `Stream` of events, which ends
            in one that has all of the text: the only one from whisper-1, which does not stream. The gateway reads the
            whole transcript before it sends anything, so that events come no earlier than a reply. Raises APIError and
            its kin for whatever goes wrong with the call, TypeError, ValueError and OSError for arguments that cannot
            be sent."""
            return send(self._settings, TRANSCRIBE.of(params), {"file": file, **params}, (), self._form)

    @kept
    def with_raw_response(self) -> RawTranscriptions[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Transcriptions(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawTranscriptions[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Transcriptions(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class Translations(Resource):
    """`/v1/audio/translations`: speech in any language to English text."""

    if TYPE_CHECKING:
        create: CreateTranslation[str, Translation, TranslationVerbose, _Dict]
    else:

        @documented(TranslationCreateParams, "file")
        def create(self, file, **params):
            """Writes down in English what is said in a file, in any language: `POST /v1/audio/translations`.

            Returns a `Translation`, of which `text` is the text, a `TranslationVerbose` for the format "verbose_json",
            a str for "text", "srt" and "vtt". Raises APIError and its kin for whatever goes wrong with the call,
            TypeError, ValueError and OSError for arguments that cannot be sent."""
            return send(self._settings, TRANSLATE.of(params), {"file": file, **params}, (), self._form)

    @kept
    def with_raw_response(self) -> RawTranslations[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Translations(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawTranslations[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Translations(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class Speech(Resource):
    """`/v1/audio/speech`: text to speech."""

    if TYPE_CHECKING:
        create: CreateSpeech[BinaryContent, Stream[SpeechStreamEvent], Stream[_Dict]]
    else:

        @documented(SpeechCreateParams, "input", streams=True)
        def create(self, input, **params):
            """Speaks a text: `POST /v1/audio/speech`.

            Returns the audio, a `BinaryContent`: `save(path)` writes it to a file, `content` has its bytes, a notebook
            plays it. With `stream=True`, which is sent as `stream_format="sse"`, a `Stream` of events, whose pieces of
            audio are in `audio_bytes`. For the audio itself as it arrives, to a file for example: `with
            client.audio.speech.with_streaming_response.create(...) as reply: reply.stream_to_file(path)`. Raises
            APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments that
            cannot be sent."""
            return send(self._settings, SPEAK, _speech(input, params), (), self._form)

    @kept
    def with_raw_response(self) -> RawSpeech[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Speech(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawSpeech[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Speech(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class Audio(Resource):
    """Speech to text and text to speech."""

    @kept
    def transcriptions(self) -> Transcriptions:
        """`/v1/audio/transcriptions`."""
        return Transcriptions(self._settings, self._form)

    @kept
    def translations(self) -> Translations:
        """`/v1/audio/translations`."""
        return Translations(self._settings, self._form)

    @kept
    def speech(self) -> Speech:
        """`/v1/audio/speech`."""
        return Speech(self._settings, self._form)

    @kept
    def with_raw_response(self) -> RawAudio[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Audio(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawAudio[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Audio(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class AsyncTranscriptions(AsyncResource):
    """`/v1/audio/transcriptions`, awaited: speech to text."""

    if TYPE_CHECKING:
        create: CreateTranscription[
            Coroutine[Any, Any, str],
            Coroutine[Any, Any, Transcription],
            Coroutine[Any, Any, TranscriptionVerbose],
            Coroutine[Any, Any, TranscriptionDiarized],
            Coroutine[Any, Any, _Dict],
            Coroutine[Any, Any, AsyncStream[TranscriptionStreamEvent]],
            Coroutine[Any, Any, AsyncStream[_Dict]],
        ]
    else:

        @documented(TranscriptionCreateParams, "file", streams=True, like=Transcriptions.create)
        async def create(self, file, **params):
            return await self._call(self._settings, TRANSCRIBE.of(params), {"file": file, **params}, (), self._form)

    @kept
    def with_raw_response(self) -> RawTranscriptions[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncTranscriptions(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawTranscriptions[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncTranscriptions(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


class AsyncTranslations(AsyncResource):
    """`/v1/audio/translations`, awaited: speech in any language to English text."""

    if TYPE_CHECKING:
        create: CreateTranslation[
            Coroutine[Any, Any, str],
            Coroutine[Any, Any, Translation],
            Coroutine[Any, Any, TranslationVerbose],
            Coroutine[Any, Any, _Dict],
        ]
    else:

        @documented(TranslationCreateParams, "file", like=Translations.create)
        async def create(self, file, **params):
            return await self._call(self._settings, TRANSLATE.of(params), {"file": file, **params}, (), self._form)

    @kept
    def with_raw_response(self) -> RawTranslations[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncTranslations(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawTranslations[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncTranslations(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


class AsyncSpeech(AsyncResource):
    """`/v1/audio/speech`, awaited: text to speech."""

    if TYPE_CHECKING:
        create: CreateSpeech[
            Coroutine[Any, Any, BinaryContent],
            Coroutine[Any, Any, AsyncStream[SpeechStreamEvent]],
            Coroutine[Any, Any, AsyncStream[_Dict]],
        ]
    else:

        @documented(SpeechCreateParams, "input", streams=True, like=Speech.create)
        async def create(self, input, **params):
            return await self._call(self._settings, SPEAK, _speech(input, params), (), self._form)

    @kept
    def with_raw_response(self) -> RawSpeech[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncSpeech(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawSpeech[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncSpeech(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


class AsyncAudio(AsyncResource):
    """Speech to text and text to speech, awaited."""

    @kept
    def transcriptions(self) -> AsyncTranscriptions:
        """`/v1/audio/transcriptions`."""
        return AsyncTranscriptions(self._settings, self._form)

    @kept
    def translations(self) -> AsyncTranslations:
        """`/v1/audio/translations`."""
        return AsyncTranslations(self._settings, self._form)

    @kept
    def speech(self) -> AsyncSpeech:
        """`/v1/audio/speech`."""
        return AsyncSpeech(self._settings, self._form)

    @kept
    def with_raw_response(self) -> RawAudio[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncAudio(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawAudio[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncAudio(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {
    "transcribe": "Transcriptions.create",
    "translate_audio": "Translations.create",
    "speak": "Speech.create",
}
