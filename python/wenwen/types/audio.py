"""`/v1/audio`: transcripts, plain and with times, the events of their streams, speech, the parameters.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation
says, and a field that is not declared here is an attribute all the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import IO, Literal, Required, TypeAlias, TypedDict

from wenwen._core import BinaryContent, Object, Reply

from .shared import RequestOptions, UploadOptions

__all__ = [
    "AudioFile", "AudioResponseFormat", "ChunkingStrategyVadConfig", "SpeechAudioDeltaEvent", "SpeechAudioDoneEvent",
    "SpeechCreateParams", "SpeechStreamEvent", "SpeechUsage", "SpeechVoice", "Transcription",
    "TranscriptionCreateParams", "TranscriptionCreateResponse", "TranscriptionDiarized", "TranscriptionDiarizedSegment",
    "TranscriptionInputTokenDetails", "TranscriptionLanguage", "TranscriptionLogprob", "TranscriptionSegment",
    "TranscriptionStreamEvent", "TranscriptionTextDeltaEvent", "TranscriptionTextDoneEvent",
    "TranscriptionTextSegmentEvent", "TranscriptionUsage", "TranscriptionUsageDuration", "TranscriptionUsageTokens",
    "TranscriptionVerbose", "TranscriptionWord", "Translation", "TranslationCreateParams",
    "TranslationCreateResponse", "TranslationVerbose",
]  # fmt: skip

AudioResponseFormat: TypeAlias = Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"]

# Upstreams have others.
SpeechVoice: TypeAlias = Literal[
    "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar"
]

_Content: TypeAlias = str | bytes | bytearray | memoryview | os.PathLike[str] | IO[bytes] | BinaryContent

# A path, its bytes, an open file, a reply of `speak`; or (name, content), (name, content, type).
AudioFile: TypeAlias = _Content | tuple[str | None, _Content] | tuple[str | None, _Content, str | None]


# ---- usage ----


class TranscriptionInputTokenDetails(Object):
    """Which input tokens there were."""

    text_tokens: int | None
    audio_tokens: int | None


class TranscriptionUsageTokens(Object):
    """What the call cost, of a model that is paid by the token."""

    type: Literal["tokens"]
    input_tokens: int
    input_token_details: TranscriptionInputTokenDetails | None
    output_tokens: int
    total_tokens: int


class TranscriptionUsageDuration(Object):
    """What the call cost, of a model that is paid by the length of the audio."""

    type: Literal["duration"]
    seconds: float


TranscriptionUsage: TypeAlias = TranscriptionUsageTokens | TranscriptionUsageDuration


# ---- transcripts ----


class TranscriptionLogprob(Object):
    """How likely a token was."""

    token: str | None
    logprob: float | None
    bytes: list[int] | None  # of the token in UTF-8


class TranscriptionLanguage(Object):
    """A language that is spoken in the audio."""

    code: str


class Transcription(Reply):
    """What was said: the format "json"."""

    text: str
    usage: TranscriptionUsage | None  # whisper-1 may tell none
    logprobs: list[TranscriptionLogprob] | None  # where `include` asked for them
    languages: list[TranscriptionLanguage] | None


class TranscriptionSegment(Object):
    """Some seconds of the audio."""

    id: int
    seek: int
    start: float  # seconds
    end: float
    text: str
    tokens: list[int]
    temperature: float
    avg_logprob: float  # below -1: it has gone wrong
    compression_ratio: float  # above 2.4: it repeats itself
    no_speech_prob: float


class TranscriptionWord(Object):
    """A word and when it was said."""

    word: str
    start: float  # seconds
    end: float


class TranscriptionVerbose(Reply):
    """What was said and when: the format "verbose_json"."""

    task: str | None
    language: str  # its English name: "chinese"
    duration: float | str  # seconds; a string from some upstreams
    text: str
    segments: list[TranscriptionSegment] | None
    words: list[TranscriptionWord] | None  # where `timestamp_granularities` asked for them
    usage: TranscriptionUsage | None


class TranscriptionDiarizedSegment(Object):
    """What one speaker said."""

    type: Literal["transcript.text.segment"]
    id: str
    start: float  # seconds
    end: float
    text: str
    speaker: str  # one of `known_speaker_names`, or "A", "B", …


class TranscriptionDiarized(Reply):
    """What was said and by whom: the format "diarized_json"."""

    task: str | None
    duration: float | str
    text: str
    segments: list[TranscriptionDiarizedSegment]
    usage: TranscriptionUsage | None


class Translation(Reply):
    """What was said, in English: the format "json"."""

    text: str


class TranslationVerbose(TranscriptionVerbose):
    """What was said, in English, and when: the format "verbose_json"."""


# openai's names.
TranscriptionCreateResponse: TypeAlias = Transcription | TranscriptionDiarized | TranscriptionVerbose
TranslationCreateResponse: TypeAlias = Translation | TranslationVerbose


# ---- the events of a transcript ----


class TranscriptionTextDeltaEvent(Object):
    """More of the text."""

    type: Literal["transcript.text.delta"]
    delta: str
    logprobs: list[TranscriptionLogprob] | None
    segment_id: str | None  # from models that tell speakers apart


class TranscriptionTextSegmentEvent(Object):
    """What one speaker said, complete."""

    type: Literal["transcript.text.segment"]
    id: str
    start: float  # seconds
    end: float
    text: str
    speaker: str


class TranscriptionTextDoneEvent(Object):
    """All of the text: the last event."""

    type: Literal["transcript.text.done"]
    text: str
    usage: TranscriptionUsage | None
    logprobs: list[TranscriptionLogprob] | None
    languages: list[TranscriptionLanguage] | None


TranscriptionStreamEvent: TypeAlias = (
    TranscriptionTextDeltaEvent | TranscriptionTextSegmentEvent | TranscriptionTextDoneEvent
)


# ---- the events of speech ----


class SpeechUsage(Object):
    """What the call cost, in tokens."""

    input_tokens: int
    output_tokens: int
    total_tokens: int


class SpeechAudioDeltaEvent(Object):
    """More of the audio."""

    type: Literal["speech.audio.delta"]
    audio: str  # base64

    @property
    def audio_bytes(self) -> bytes:
        """The audio, decoded."""
        from base64 import b64decode

        return b64decode(self.audio or "")


class SpeechAudioDoneEvent(Object):
    """The last event: all of the audio has come."""

    type: Literal["speech.audio.done"]
    usage: SpeechUsage | None


SpeechStreamEvent: TypeAlias = SpeechAudioDeltaEvent | SpeechAudioDoneEvent


# ---- parameters ----


class ChunkingStrategyVadConfig(TypedDict, total=False):
    """How the audio is cut where nobody speaks.

    type: "server_vad".
    threshold: how loud speech is; 0 to 1, default 0.5.
    prefix_padding_ms: what is kept before speech begins; milliseconds, default 300.
    silence_duration_ms: the silence that ends it; milliseconds, default 200.
    """

    type: Required[Literal["server_vad"]]
    threshold: float
    prefix_padding_ms: int
    silence_duration_ms: int


class TranscriptionOptions(UploadOptions, total=False):
    """The parameters that do not decide what the reply is: see `TranscriptionCreateParams`."""

    model: Required[str]
    language: str | None
    languages: Iterable[str] | None
    prompt: str | None
    keywords: Iterable[str] | None
    temperature: float | None
    timestamp_granularities: Iterable[Literal["word", "segment"]] | None
    include: Iterable[Literal["logprobs"]] | None
    chunking_strategy: Literal["auto"] | ChunkingStrategyVadConfig | Mapping[str, object] | None
    known_speaker_names: Iterable[str] | None
    known_speaker_references: Iterable[str | bytes | os.PathLike[str]] | None


class TranscriptionCreateParams(TranscriptionOptions, total=False):
    """The parameters of `transcribe` and `audio.transcriptions.create`.

    file: the audio: a `pathlib.Path`, bytes, an open file, or (name, content); flac, mp3, mp4, mpeg, mpga, m4a, ogg,
        wav or webm, at most 25 MB. A file without a name gets one by its first bytes. Required.
    model: id of the model: "whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", … Required.
    language: of the audio, by its code of two letters, "zh"; default: the model finds out.
    languages: those that may be spoken; for gpt-transcribe.
    prompt: words that may come up, or the text that went before, in the language of the audio.
    keywords: words to listen for; for gpt-transcribe.
    temperature: how freely the model picks its words; 0 to 1, default 0.
    timestamp_granularities: what to give times for: ["segment"] (the default), ["word"] or both; with the format
        "verbose_json".
    include: ["logprobs"] for how likely each token was; with the format "json", not from whisper-1.
    chunking_strategy: how long audio is cut: "auto", or {"type": "server_vad", ...}; default not at all.
    known_speaker_names: names of up to 4 speakers; for models that tell speakers apart.
    known_speaker_references: a sample of each, 2 to 10 seconds: bytes, a `pathlib.Path`, or a data URI.
    response_format: form of the transcript: "json" (the default), "verbose_json" with times, "diarized_json" with
        speakers; "text", "srt" or "vtt" make it a plain str. No model has all: whisper-1 has no speakers,
        gpt-4o-transcribe only "json".
    progress: True for a bar where sending takes more than a second (tqdm's if it is installed), or a function that is
        given the bytes that are on their way, and how many there are in all.
    """

    file: Required[AudioFile]
    response_format: AudioResponseFormat | None


class TranslationOptions(UploadOptions, total=False):
    """The parameters that do not decide what the reply is: see `TranslationCreateParams`."""

    model: Required[str]
    prompt: str | None
    temperature: float | None


class TranslationCreateParams(TranslationOptions, total=False):
    """The parameters of `translate_audio` and `audio.translations.create`.

    file: the audio, as for `transcribe`. Required.
    model: id of the model: "whisper-1". Required.
    prompt: words that may come up, or the text that went before, in English.
    temperature: how freely the model picks its words; 0 to 1, default 0.
    response_format: form of the text: "json" (the default), "verbose_json" with times; "text", "srt" or "vtt" make it
        a plain str.
    progress: True for a bar where sending takes more than a second (tqdm's if it is installed), or a function that is
        given the bytes that are on their way, and how many there are in all.
    """

    file: Required[AudioFile]
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt"] | None


class SpeechOptions(RequestOptions, total=False):
    """The parameters that do not decide what the reply is: see `SpeechCreateParams`."""

    model: Required[str]
    voice: Required[SpeechVoice | str | Mapping[str, object]]
    instructions: str | None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None
    speed: float | None


class SpeechCreateParams(SpeechOptions, total=False):
    """The parameters of `speak` and `audio.speech.create`.

    input: the text to speak; at most 4096 characters. Required.
    model: id of the model: "tts-1", "tts-1-hd", "gpt-4o-mini-tts", … Required.
    voice: who speaks: "alloy", "ash", "coral", "echo", "sage", "shimmer", …, or {"id": ...} for one of your own.
        Required.
    instructions: how to speak, in words; not for tts-1 and tts-1-hd.
    response_format: form of the audio: "mp3" (the default), "opus", "aac", "flac", "wav", or "pcm": samples of 16 bits,
        24000 a second.
    speed: 0.25 to 4, default 1.
    stream_format: "audio" (the default), or "sse" for a stream of events, which is what `stream=True` asks for; not
        from tts-1 and tts-1-hd.
    """

    input: Required[str]
    stream_format: Literal["audio", "sse"] | None
