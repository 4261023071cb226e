"""The signatures of calls whose results follow from more than `stream` and `as_dict`; those of the others are made by
.ci/faces.py.

For type checkers only: nothing imports this module at run time.
"""

from __future__ import annotations

from os import PathLike
from typing import Literal, Protocol, TypeVar, Unpack, overload

from .audio import AudioFile, AudioResponseFormat, SpeechOptions, TranscriptionOptions, TranslationOptions
from .shared import DownloadParams
from .videos import VideoDownloadParams

R_co = TypeVar("R_co", covariant=True)  # the typed reply
D_co = TypeVar("D_co", covariant=True)  # the reply as a dict
S_co = TypeVar("S_co", covariant=True)  # the stream of typed events
SD_co = TypeVar("SD_co", covariant=True)  # the stream of dicts
T_co = TypeVar("T_co", covariant=True)  # plain text
V_co = TypeVar("V_co", covariant=True)  # a transcript with times
W_co = TypeVar("W_co", covariant=True)  # a transcript with speakers


class Download(Protocol[R_co, D_co]):
    """Fetch a file that a reply names by its URL, without sending the key there; with a `path`, into that file."""

    @overload
    def __call__(self, url: str, path: None = None, **options: Unpack[DownloadParams]) -> R_co: ...
    @overload
    def __call__(self, url: str, path: str | PathLike[str], **options: Unpack[DownloadParams]) -> D_co: ...


class DownloadVideo(Protocol[R_co, D_co]):
    """Fetch the file of a video, or write it to a path: `GET /v1/videos/{video_id}/content`."""

    @overload
    def __call__(self, video_id: str, path: None = ..., **options: Unpack[VideoDownloadParams]) -> R_co: ...
    @overload
    def __call__(self, video_id: str, path: str | PathLike[str], **options: Unpack[VideoDownloadParams]) -> D_co: ...


class CreateTranscription(Protocol[T_co, R_co, V_co, W_co, D_co, S_co, SD_co]):
    """Write down what is said: `POST /v1/audio/transcriptions`.

    `response_format` decides what is returned; `stream=True` returns the events as they arrive; `as_dict=True` returns
    plain dicts instead of typed objects.
    """

    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["text", "srt", "vtt"],
        stream: Literal[False] | None = ...,
        as_dict: bool = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> T_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["json"] | None = ...,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["verbose_json"],
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> V_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["diarized_json"],
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> W_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["json", "verbose_json", "diarized_json"] | None = ...,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[TranscriptionOptions],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: AudioResponseFormat | None = ...,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: AudioResponseFormat | None = ...,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[TranscriptionOptions],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["json"] | None = ...,
        stream: Literal[False] | None = ...,
        as_dict: bool = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["verbose_json"],
        stream: Literal[False] | None = ...,
        as_dict: bool = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> V_co | D_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["diarized_json"],
        stream: Literal[False] | None = ...,
        as_dict: bool = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> W_co | D_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: AudioResponseFormat | None = ...,
        stream: Literal[True],
        as_dict: bool = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: AudioResponseFormat | None = ...,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[TranscriptionOptions],
    ) -> T_co | R_co | V_co | W_co | D_co | S_co | SD_co: ...


class CreateTranslation(Protocol[T_co, R_co, V_co, D_co]):
    """Write down in English what is said in any language: `POST /v1/audio/translations`.

    `response_format` decides what is returned; `as_dict=True` returns a plain dict instead of a typed object.
    """

    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["text", "srt", "vtt"],
        as_dict: bool = ...,
        **params: Unpack[TranslationOptions],
    ) -> T_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["json"] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[TranslationOptions],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["verbose_json"],
        as_dict: Literal[False] = ...,
        **params: Unpack[TranslationOptions],
    ) -> V_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["json", "verbose_json"] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[TranslationOptions],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["json"] | None = ...,
        as_dict: bool = ...,
        **params: Unpack[TranslationOptions],
    ) -> R_co | D_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["verbose_json"],
        as_dict: bool = ...,
        **params: Unpack[TranslationOptions],
    ) -> V_co | D_co: ...
    @overload
    def __call__(
        self,
        file: AudioFile,
        *,
        response_format: Literal["json", "text", "srt", "verbose_json", "vtt"] | None = ...,
        as_dict: bool = ...,
        **params: Unpack[TranslationOptions],
    ) -> T_co | R_co | V_co | D_co: ...


class CreateSpeech(Protocol[R_co, S_co, SD_co]):
    """Speak a text: `POST /v1/audio/speech`.

    Returns the audio; `stream=True`, or openai's `stream_format="sse"`, returns the events as they arrive.
    """

    @overload
    def __call__(
        self,
        input: str,
        *,
        stream_format: Literal["audio"] | None = ...,
        stream: Literal[False] | None = ...,
        as_dict: bool = ...,
        **params: Unpack[SpeechOptions],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        input: str,
        *,
        stream_format: Literal["sse"],
        stream: Literal[True] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[SpeechOptions],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        input: str,
        *,
        stream_format: Literal["sse"],
        stream: Literal[True] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[SpeechOptions],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        input: str,
        *,
        stream_format: Literal["sse"] | None = ...,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[SpeechOptions],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        input: str,
        *,
        stream_format: Literal["sse"] | None = ...,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[SpeechOptions],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        input: str,
        *,
        stream_format: Literal["sse"],
        stream: Literal[True] | None = ...,
        as_dict: bool = ...,
        **params: Unpack[SpeechOptions],
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self,
        input: str,
        *,
        stream_format: Literal["sse"] | None = ...,
        stream: Literal[True],
        as_dict: bool = ...,
        **params: Unpack[SpeechOptions],
    ) -> S_co | SD_co: ...
    @overload
    def __call__(
        self,
        input: str,
        *,
        stream_format: Literal["audio", "sse"] | None = ...,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[SpeechOptions],
    ) -> R_co | S_co | SD_co: ...
