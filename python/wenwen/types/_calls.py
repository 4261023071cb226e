"""The signatures of calls that may stream, written once for sync, async and module-level functions.

For type checkers only: nothing imports this module at run time.
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Literal, Protocol, TypeVar, Unpack, overload

from .audio import AudioFile, AudioResponseFormat, SpeechOptions, TranscriptionOptions, TranslationOptions
from .chat import ChatCompletionCreateParams, ChatCompletionRunParams
from .embeddings import EmbeddingCreateParams
from .gemini import GenerateContentParams, GenerateContentRunParams
from .images import ImageEditParams, ImageGenerateParams
from .messages import MessageCreateParams, MessageRunParams
from .midjourney import (
    ActionParams,
    BlendParams,
    ChangeParams,
    DescribeParams,
    ImagineParams,
    ModalParams,
    ShortenParams,
    SimpleChangeParams,
    TaskFields,
)
from .responses import InputItemListParams, ResponseCreateParams, ResponseRetrieveParams, ResponseRunParams
from .shared import DownloadOptions, RequestOptions
from .videos import VideoCreateParams, VideoGenerationCreateParams, VideoRemixParams

R_co = TypeVar("R_co", covariant=True)  # the typed reply
D_co = TypeVar("D_co", covariant=True)  # the reply as a dict
S_co = TypeVar("S_co", covariant=True)  # the stream of typed events
SD_co = TypeVar("SD_co", covariant=True)  # the stream of dicts
T_co = TypeVar("T_co", covariant=True)  # plain text
V_co = TypeVar("V_co", covariant=True)  # a transcript with times
W_co = TypeVar("W_co", covariant=True)  # a transcript with speakers


class CreateResponse(Protocol[R_co, D_co, S_co, SD_co]):
    """Ask a model for a response: `POST /v1/responses`.

    `stream=True` returns the events as they arrive; `as_dict=True` returns plain dicts instead of
    typed objects, for a reply and for the events of a stream alike.
    """

    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ResponseCreateParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[ResponseCreateParams],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[ResponseCreateParams],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[ResponseCreateParams],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[ResponseCreateParams],
    ) -> R_co | D_co | S_co | SD_co: ...


class RetrieveResponse(Protocol[R_co, D_co, S_co, SD_co]):
    """Fetch a stored response, or follow its events: `GET /v1/responses/{response_id}`."""

    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ResponseRetrieveParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[ResponseRetrieveParams],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[ResponseRetrieveParams],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[ResponseRetrieveParams],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        response_id: str,
        *,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[ResponseRetrieveParams],
    ) -> R_co | D_co | S_co | SD_co: ...


class ByResponseId(Protocol[R_co, D_co]):
    """A call that needs no more than the id of a stored response."""

    @overload
    def __call__(
        self, response_id: str, *, as_dict: Literal[False] = ..., **options: Unpack[RequestOptions]
    ) -> R_co: ...
    @overload
    def __call__(self, response_id: str, *, as_dict: Literal[True], **options: Unpack[RequestOptions]) -> D_co: ...


class ListInputItems(Protocol[R_co, D_co]):
    """The input of a stored response, a page of it: `GET /v1/responses/{response_id}/input_items`."""

    @overload
    def __call__(
        self, response_id: str, *, as_dict: Literal[False] = ..., **params: Unpack[InputItemListParams]
    ) -> R_co: ...
    @overload
    def __call__(self, response_id: str, *, as_dict: Literal[True], **params: Unpack[InputItemListParams]) -> D_co: ...


class CreateChatCompletion(Protocol[R_co, D_co, S_co, SD_co]):
    """Ask a model to go on with a conversation: `POST /v1/chat/completions`.

    `stream=True` returns the chunks as they arrive; `as_dict=True` returns plain dicts instead of
    typed objects, for a reply and for the chunks of a stream alike.
    """

    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ChatCompletionCreateParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[ChatCompletionCreateParams],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[ChatCompletionCreateParams],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[ChatCompletionCreateParams],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[ChatCompletionCreateParams],
    ) -> R_co | D_co | S_co | SD_co: ...


class CreateMessage(Protocol[R_co, D_co, S_co, SD_co]):
    """Ask a model for a message: `POST /v1/messages`.

    `stream=True` returns the events as they arrive; `as_dict=True` returns plain dicts instead of
    typed objects, for a reply and for the events of a stream alike.
    """

    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[MessageCreateParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[MessageCreateParams],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[MessageCreateParams],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[MessageCreateParams],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[MessageCreateParams],
    ) -> R_co | D_co | S_co | SD_co: ...


class CreateEmbedding(Protocol[R_co, D_co]):
    """Turn texts into vectors: `POST /v1/embeddings`.

    `as_dict=True` returns plain dicts and lists of floats instead of typed objects.
    """

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[EmbeddingCreateParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[EmbeddingCreateParams]) -> D_co: ...
    @overload
    def __call__(self, *, as_dict: bool = ..., **params: Unpack[EmbeddingCreateParams]) -> R_co | D_co: ...


class SubmitImagine(Protocol[R_co, D_co]):
    """Have four images drawn: `POST /mj/submit/imagine`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ImagineParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ImagineParams]) -> D_co: ...


class SubmitBlend(Protocol[R_co, D_co]):
    """Blend images: `POST /mj/submit/blend`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[BlendParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[BlendParams]) -> D_co: ...


class SubmitAction(Protocol[R_co, D_co]):
    """Click a button of a finished task: `POST /mj/submit/action`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ActionParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ActionParams]) -> D_co: ...


class SubmitModal(Protocol[R_co, D_co]):
    """Answer a task that waits for it: `POST /mj/submit/modal`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ModalParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ModalParams]) -> D_co: ...


class SubmitChange(Protocol[R_co, D_co]):
    """Enlarge or vary an image by its number: `POST /mj/submit/change`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ChangeParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ChangeParams]) -> D_co: ...


class SubmitSimpleChange(Protocol[R_co, D_co]):
    """The same in a line of text: `POST /mj/submit/simple-change`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[SimpleChangeParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[SimpleChangeParams]) -> D_co: ...


class SubmitDescribe(Protocol[R_co, D_co]):
    """Have prompts written for an image: `POST /mj/submit/describe`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[DescribeParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[DescribeParams]) -> D_co: ...


class SubmitShorten(Protocol[R_co, D_co]):
    """Have a prompt made shorter: `POST /mj/submit/shorten`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[ShortenParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[ShortenParams]) -> D_co: ...


class ByTaskId(Protocol[R_co, D_co]):
    """A call that needs no more than a task of Midjourney's, or its id."""

    @overload
    def __call__(
        self, task_id: TaskFields | str | int, *, as_dict: Literal[False] = ..., **options: Unpack[RequestOptions]
    ) -> R_co: ...
    @overload
    def __call__(
        self, task_id: TaskFields | str | int, *, as_dict: Literal[True], **options: Unpack[RequestOptions]
    ) -> D_co: ...


class ListTasks(Protocol[R_co, D_co]):
    """Look at several tasks at once: `POST /mj/task/list-by-condition`."""

    @overload
    def __call__(
        self,
        ids: Iterable[TaskFields | str | int],
        *,
        as_dict: Literal[False] = ...,
        **options: Unpack[RequestOptions],
    ) -> R_co: ...
    @overload
    def __call__(
        self, ids: Iterable[TaskFields | str | int], *, as_dict: Literal[True], **options: Unpack[RequestOptions]
    ) -> D_co: ...


class Download(Protocol[R_co, D_co]):
    """Fetch a file that a reply names by its URL, without sending the key there; with a `path`, into that file."""

    @overload
    def __call__(self, url: str, path: None = None, **options: Unpack[DownloadOptions]) -> R_co: ...
    @overload
    def __call__(self, url: str, path: str | PathLike[str], **options: Unpack[DownloadOptions]) -> D_co: ...


class ListAll(Protocol[R_co, D_co]):
    """A call that needs nothing: what there is, on one page."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **options: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **options: Unpack[RequestOptions]) -> D_co: ...


class ByModel(Protocol[R_co, D_co]):
    """A call that needs no more than the id of a model."""

    @overload
    def __call__(self, model: str, *, as_dict: Literal[False] = ..., **options: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, model: str, *, as_dict: Literal[True], **options: Unpack[RequestOptions]) -> D_co: ...


class ByVideoId(Protocol[R_co, D_co]):
    """A call that needs no more than the id of a video."""

    @overload
    def __call__(self, video_id: str, *, as_dict: Literal[False] = ..., **options: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, video_id: str, *, as_dict: Literal[True], **options: Unpack[RequestOptions]) -> D_co: ...


class ByVideoTask(Protocol[R_co, D_co]):
    """A call that needs no more than the id of a task."""

    @overload
    def __call__(self, task_id: str, *, as_dict: Literal[False] = ..., **options: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, task_id: str, *, as_dict: Literal[True], **options: Unpack[RequestOptions]) -> D_co: ...


class CreateVideo(Protocol[R_co, D_co]):
    """Begin a video: `POST /v1/videos`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[VideoCreateParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[VideoCreateParams]) -> D_co: ...


class RemixVideo(Protocol[R_co, D_co]):
    """Begin a video like another one: `POST /v1/videos/{video_id}/remix`."""

    @overload
    def __call__(self, video_id: str, *, as_dict: Literal[False] = ..., **params: Unpack[VideoRemixParams]) -> R_co: ...
    @overload
    def __call__(self, video_id: str, *, as_dict: Literal[True], **params: Unpack[VideoRemixParams]) -> D_co: ...


class CreateVideoGeneration(Protocol[R_co, D_co]):
    """Begin a video: `POST /v1/video/generations`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[VideoGenerationCreateParams]) -> R_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[VideoGenerationCreateParams]) -> D_co: ...


class DownloadVideo(Protocol[R_co, D_co]):
    """Fetch the file of a video, or write it to a path: `GET /v1/videos/{video_id}/content`."""

    @overload
    def __call__(self, video_id: str, path: None = ..., **options: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, video_id: str, path: str | PathLike[str], **options: Unpack[RequestOptions]) -> D_co: ...


class GenerateContentStream(Protocol[S_co, SD_co]):
    """Ask a Gemini model, streamed: `POST /v1beta/models/{model}:streamGenerateContent`."""

    @overload
    def __call__(self, *, as_dict: Literal[False] = ..., **params: Unpack[GenerateContentParams]) -> S_co: ...
    @overload
    def __call__(self, *, as_dict: Literal[True], **params: Unpack[GenerateContentParams]) -> SD_co: ...


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
        stream_format: Literal["audio", "sse"] | None = ...,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[SpeechOptions],
    ) -> R_co | S_co | SD_co: ...


class GenerateImage(Protocol[R_co, D_co, S_co, SD_co]):
    """Paint images from a prompt: `POST /v1/images/generations`.

    `stream=True` returns the events as they arrive; `as_dict=True` returns plain dicts instead of
    typed objects, for a reply and for the events of a stream alike.
    """

    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ImageGenerateParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[ImageGenerateParams],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[ImageGenerateParams],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[ImageGenerateParams],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[ImageGenerateParams],
    ) -> R_co | D_co | S_co | SD_co: ...


class EditImage(Protocol[R_co, D_co, S_co, SD_co]):
    """Edit images: `POST /v1/images/edits`, as a multipart form.

    `stream=True` returns the events as they arrive; `as_dict=True` returns plain dicts instead of
    typed objects, for a reply and for the events of a stream alike.
    """

    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[ImageEditParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[ImageEditParams],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[ImageEditParams],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[ImageEditParams],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[ImageEditParams],
    ) -> R_co | D_co | S_co | SD_co: ...


class GenerateContent(Protocol[R_co, D_co, S_co, SD_co]):
    """Ask a Gemini model: `POST /v1beta/models/{model}:generateContent`.

    `stream=True` returns the chunks as they arrive; `as_dict=True` returns plain dicts instead of
    typed objects, for a reply and for the chunks of a stream alike.
    """

    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[False] = ...,
        **params: Unpack[GenerateContentParams],
    ) -> R_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[False] | None = ...,
        as_dict: Literal[True],
        **params: Unpack[GenerateContentParams],
    ) -> D_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[False] = ...,
        **params: Unpack[GenerateContentParams],
    ) -> S_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: Literal[True],
        as_dict: Literal[True],
        **params: Unpack[GenerateContentParams],
    ) -> SD_co: ...
    @overload
    def __call__(
        self,
        *,
        stream: bool | None = ...,
        as_dict: bool = ...,
        **params: Unpack[GenerateContentParams],
    ) -> R_co | D_co | S_co | SD_co: ...


class RunResponse(Protocol[R_co, S_co]):
    """Ask a model that may call functions of yours, until it answers.

    `stream=True` returns the run as it goes on: its events, and a `ToolResult` for each call.
    """

    @overload
    def __call__(self, *, stream: Literal[False] | None = ..., **params: Unpack[ResponseRunParams]) -> R_co: ...
    @overload
    def __call__(self, *, stream: Literal[True], **params: Unpack[ResponseRunParams]) -> S_co: ...
    @overload
    def __call__(self, *, stream: bool | None = ..., **params: Unpack[ResponseRunParams]) -> R_co | S_co: ...


class RunChatCompletion(Protocol[R_co, S_co]):
    """Ask a model that may call functions of yours, until it answers.

    `stream=True` returns the run as it goes on: its events, and a `ToolResult` for each call.
    """

    @overload
    def __call__(self, *, stream: Literal[False] | None = ..., **params: Unpack[ChatCompletionRunParams]) -> R_co: ...
    @overload
    def __call__(self, *, stream: Literal[True], **params: Unpack[ChatCompletionRunParams]) -> S_co: ...
    @overload
    def __call__(self, *, stream: bool | None = ..., **params: Unpack[ChatCompletionRunParams]) -> R_co | S_co: ...


class RunMessage(Protocol[R_co, S_co]):
    """Ask a model that may call functions of yours, until it answers.

    `stream=True` returns the run as it goes on: its events, and a `ToolResult` for each call.
    """

    @overload
    def __call__(self, *, stream: Literal[False] | None = ..., **params: Unpack[MessageRunParams]) -> R_co: ...
    @overload
    def __call__(self, *, stream: Literal[True], **params: Unpack[MessageRunParams]) -> S_co: ...
    @overload
    def __call__(self, *, stream: bool | None = ..., **params: Unpack[MessageRunParams]) -> R_co | S_co: ...


class RunContent(Protocol[R_co, S_co]):
    """Ask a model that may call functions of yours, until it answers.

    `stream=True` returns the run as it goes on: its events, and a `ToolResult` for each call.
    """

    @overload
    def __call__(self, *, stream: Literal[False] | None = ..., **params: Unpack[GenerateContentRunParams]) -> R_co: ...
    @overload
    def __call__(self, *, stream: Literal[True], **params: Unpack[GenerateContentRunParams]) -> S_co: ...
    @overload
    def __call__(self, *, stream: bool | None = ..., **params: Unpack[GenerateContentRunParams]) -> R_co | S_co: ...
