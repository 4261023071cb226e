"""The signatures of calls that may stream, written once for sync, async and module-level functions.

For type checkers only: nothing imports this module at run time.
"""

from __future__ import annotations

from os import PathLike
from typing import Literal, Protocol, TypeVar, Unpack, overload

from .chat import ChatCompletionCreateParams
from .images import ImageEditParams, ImageGenerateParams
from .messages import MessageCreateParams
from .responses import InputItemListParams, ResponseCreateParams, ResponseRetrieveParams
from .shared import RequestOptions

R_co = TypeVar("R_co", covariant=True)  # the typed reply
D_co = TypeVar("D_co", covariant=True)  # the reply as a dict
S_co = TypeVar("S_co", covariant=True)  # the stream of typed events
SD_co = TypeVar("SD_co", covariant=True)  # the stream of dicts


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


class Download(Protocol[R_co, D_co]):
    """Fetch a file that a reply names by its URL, without sending the key there; with a `path`, into that file."""

    @overload
    def __call__(self, url: str, path: None = None, **options: Unpack[RequestOptions]) -> R_co: ...
    @overload
    def __call__(self, url: str, path: str | PathLike[str], **options: Unpack[RequestOptions]) -> D_co: ...
