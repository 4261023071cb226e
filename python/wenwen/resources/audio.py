"""`/v1/audio`: `client.audio.transcriptions`, `client.audio.translations`, `client.audio.speech`."""

from __future__ import annotations

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
from ._base import Resource, inner
from ._maps import mapped, started
from ._methods import awaited, documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._core import APIResponse, BinaryContent, Endpoint, Stream
    from ..types._calls import CreateSpeech, CreateTranscription, CreateTranslation
    from ._base import StreamingResponse
    from ._faces import (
        AsyncAudio as AsyncAudio,
    )
    from ._faces import (
        AsyncSpeech as AsyncSpeech,
    )
    from ._faces import (
        AsyncTranscriptions as AsyncTranscriptions,
    )
    from ._faces import (
        AsyncTranslations as AsyncTranslations,
    )
    from ._faces import (
        MapSpeech,
        MapTranscription,
        RawAudio,
        RawSpeech,
        RawTranscriptions,
        RawTranslations,
    )

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
    _Dict = dict[str, Any]


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
        map: MapTranscription
        with_raw_response: RawTranscriptions[APIResponse]
        with_streaming_response: RawTranscriptions[StreamingResponse]
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
            return TRANSCRIBE.of(params), {"file": file, **params}, ()

        @documented(mapped(TranscriptionCreateParams, "file"), "data", "prompt", whole=True, lazy=True)
        def map(self, data, prompt=None, **params):
            """Writes down what is said in each file of any data, as fast as its limits let.

            Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
            sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
            order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
            goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
            anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
            asked (no money, a wrong key), for the job."""
            return started("audio.transcriptions", self, data, prompt, params)


class Translations(Resource):
    """`/v1/audio/translations`: speech in any language to English text."""

    if TYPE_CHECKING:
        create: CreateTranslation[str, Translation, TranslationVerbose, _Dict]
        with_raw_response: RawTranslations[APIResponse]
        with_streaming_response: RawTranslations[StreamingResponse]
    else:

        @documented(TranslationCreateParams, "file")
        def create(self, file, **params):
            """Writes down in English what is said in a file, in any language: `POST /v1/audio/translations`.

            Returns a `Translation`, of which `text` is the text, a `TranslationVerbose` for the format "verbose_json",
            a str for "text", "srt" and "vtt". Raises APIError and its kin for whatever goes wrong with the call,
            TypeError, ValueError and OSError for arguments that cannot be sent."""
            return TRANSLATE.of(params), {"file": file, **params}, ()


class Speech(Resource):
    """`/v1/audio/speech`: text to speech."""

    if TYPE_CHECKING:
        create: CreateSpeech[BinaryContent, Stream[SpeechStreamEvent], Stream[_Dict]]
        map: MapSpeech
        with_raw_response: RawSpeech[APIResponse]
        with_streaming_response: RawSpeech[StreamingResponse]
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
            return SPEAK, _speech(input, params), ()

        @documented(mapped(SpeechCreateParams, "input"), "data", "prompt", whole=True, lazy=True)
        def map(self, data, prompt=None, **params):
            """Speaks the text of each row of any data, as fast as its limits let.

            Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
            sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
            order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
            goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
            anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
            asked (no money, a wrong key), for the job."""
            return started("audio.speech", self, data, prompt, params)


class Audio(Resource):
    """Speech to text and text to speech."""

    transcriptions = inner(Transcriptions)

    translations = inner(Translations)

    speech = inner(Speech)

    if TYPE_CHECKING:
        with_raw_response: RawAudio[APIResponse]
        with_streaming_response: RawAudio[StreamingResponse]


if not TYPE_CHECKING:
    AsyncTranscriptions, AsyncTranslations, AsyncSpeech, AsyncAudio = (
        awaited(Transcriptions),
        awaited(Translations),
        awaited(Speech),
        awaited(Audio),
    )
