"""`/v1/responses`: `client.responses`."""

from __future__ import annotations

from .._core import send
from ..types._schema import endpoint
from ..types.responses import (
    InputItemListParams,
    Response,
    ResponseCreateParams,
    ResponseDeleted,
    ResponseItemList,
    ResponseRetrieveParams,
    ResponseStreamEvent,
)
from ..types.shared import RequestOptions, part
from ._base import (
    AsyncResource,
    AsyncStreamingResponse,
    Resource,
    Streaming,
    StreamingResponse,
    documented,
    kept,
    no_positional,
)
from ._stream import AsyncStreamHelper, StreamHelper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, Generic, TypeVar, Unpack

    from .._core import APIResponse, Stream
    from .._loop import AsyncStream
    from ..types._calls import ByResponseId, CreateResponse, ListInputItems, RetrieveResponse
    from ..types._parsed import ParsedResponse

    T = TypeVar("T")  # a class of the user's

CREATE = endpoint("responses.create", reply=Response, event=ResponseStreamEvent, params=ResponseCreateParams)
RETRIEVE = endpoint("responses.retrieve", reply=Response, event=ResponseStreamEvent, params=ResponseRetrieveParams)
DELETE = endpoint("responses.delete", reply=ResponseDeleted, params=RequestOptions)
CANCEL = endpoint("responses.cancel", reply=Response, params=RequestOptions)
LIST_ITEMS = endpoint("responses.input_items.list", reply=ResponseItemList, params=InputItemListParams)

if TYPE_CHECKING:
    # The raw forms have the methods of the resource, each with the same result: R.
    R = TypeVar("R")
    _Dict = dict[str, Any]

    class RawInputItems(Generic[R]):
        list: ListInputItems[R, R]

    class RawResponses(Generic[R]):
        create: CreateResponse[R, R, R, R]
        retrieve: RetrieveResponse[R, R, R, R]
        delete: ByResponseId[R, R]
        cancel: ByResponseId[R, R]
        input_items: RawInputItems[R]


def _text(event: ResponseStreamEvent) -> str | None:
    text = part(event, "delta") if part(event, "type") == "response.output_text.delta" else None
    return text if isinstance(text, str) else None


class ResponseStream(StreamHelper[ResponseStreamEvent, Response]):
    """The events of a response, for a `with` block, which sends the request when it begins and closes the connection
    when it ends.

    Iterate over it for the events; those with a `delta` have the text up to them as `snapshot`. Or over `text_stream`
    for the answer's text alone. `get_final_response()` reads to the end and returns the whole.
    """

    __slots__ = ()
    _text = staticmethod(_text)

    def get_final_response(self) -> Response:
        """The whole response, read to its end. `status` says how it ended: "completed", "incomplete" or "failed"."""
        return self._final()


class AsyncResponseStream(AsyncStreamHelper[ResponseStreamEvent, Response]):
    """The events of a response, for an `async with` block, which sends the request when it begins and closes the
    connection when it ends.

    Iterate over it for the events; those with a `delta` have the text up to them as `snapshot`. Or over `text_stream`
    for the answer's text alone. `await get_final_response()` reads to the end and returns the whole.
    """

    __slots__ = ()
    _text = staticmethod(_text)

    async def get_final_response(self) -> Response:
        """The whole response, read to its end. `status` says how it ended: "completed", "incomplete" or "failed"."""
        return await self._final()


class InputItems(Resource):
    """The input of stored responses."""

    if TYPE_CHECKING:
        list: ListInputItems[ResponseItemList, _Dict]
    else:

        @documented(InputItemListParams, "response_id")
        def list(self, response_id, **params):
            """A page of a stored response's input items: `GET /v1/responses/{response_id}/input_items`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return send(self._settings, LIST_ITEMS, params, (response_id,), self._form)


class Responses(Resource):
    """`/v1/responses`: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/333476950e0"""

    if TYPE_CHECKING:
        create: CreateResponse[Response, _Dict, Stream[ResponseStreamEvent], Stream[_Dict]]
        retrieve: RetrieveResponse[Response, _Dict, Stream[ResponseStreamEvent], Stream[_Dict]]
        delete: ByResponseId[ResponseDeleted, _Dict]
        cancel: ByResponseId[Response, _Dict]
    else:

        @documented(ResponseCreateParams, streams=True)
        def create(self, *args, **params):
            """Asks a model for a response: `POST /v1/responses`.

            Returns a `Response`, of which `output_text` is the answer; with `stream=True` a `Stream` of its events.
            Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
            that cannot be sent. https://wenwen-ai.apifox.cn/333476950e0"""
            return send(self._settings, CREATE, params, args and no_positional(self.create, params), self._form)

        @documented(ResponseRetrieveParams, "response_id", streams=True)
        def retrieve(self, response_id, **params):
            """A stored response, or its events from the beginning: `GET /v1/responses/{response_id}`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return send(self._settings, RETRIEVE, params, (response_id,), self._form)

        @documented(RequestOptions, "response_id")
        def delete(self, response_id, **params):
            """Deletes a stored response: `DELETE /v1/responses/{response_id}`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return send(self._settings, DELETE, params, (response_id,), self._form)

        @documented(RequestOptions, "response_id")
        def cancel(self, response_id, **params):
            """Ends a response that is made in the background: `POST /v1/responses/{response_id}/cancel`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return send(self._settings, CANCEL, params, (response_id,), self._form)

    if TYPE_CHECKING:

        def stream(self, **params: Unpack[ResponseCreateParams]) -> ResponseStream: ...

        def parse(
            self, text_format: type[T] | None = None, **params: Unpack[ResponseCreateParams]
        ) -> ParsedResponse[T]: ...
    else:

        @documented(ResponseCreateParams, "text_format", dicts=False)
        def parse(self, text_format=None, **params):
            """Asks for an answer that is an instance of a class of yours: `output_parsed` of what it returns.

            `text_format` is a pydantic model, or any class with `model_json_schema` and `model_validate_json`. Its
            schema goes out as `text.format`, and the answer comes back through it; what the class raises, this raises.
            An answer that is cut short is not parsed: `output_parsed` is None and `status` is "incomplete"."""
            from ..types._parsed import ParsedResponse, attach, prepared

            params = prepared(params, "text_format", text_format, self._form)
            return attach(send(self._settings, CREATE, params, cast_to=ParsedResponse), text_format)

        @documented(ResponseCreateParams)
        def stream(self, **params):
            """Streams a response, for a `with` block: events with snapshots, `text_stream`, `get_final_response()`."""
            return ResponseStream(lambda: send(self._settings, CREATE, params, (), "helper"))

    @kept
    def input_items(self) -> InputItems:
        """The input of stored responses."""
        return InputItems(self._settings, self._form)

    @kept
    def with_raw_response(self) -> RawResponses[APIResponse]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return Responses(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawResponses[StreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(Responses(self._settings, "body"), StreamingResponse)  # type: ignore[return-value]


class AsyncInputItems(AsyncResource):
    """The input of stored responses."""

    if TYPE_CHECKING:
        list: ListInputItems[Coroutine[Any, Any, ResponseItemList], Coroutine[Any, Any, _Dict]]
    else:

        @documented(InputItemListParams, "response_id", like=InputItems.list)
        async def list(self, response_id, **params):
            return await self._call(self._settings, LIST_ITEMS, params, (response_id,), self._form)


class AsyncResponses(AsyncResource):
    """`/v1/responses`, awaited: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/333476950e0"""

    if TYPE_CHECKING:
        create: CreateResponse[
            Coroutine[Any, Any, Response],
            Coroutine[Any, Any, _Dict],
            Coroutine[Any, Any, AsyncStream[ResponseStreamEvent]],
            Coroutine[Any, Any, AsyncStream[_Dict]],
        ]
        retrieve: RetrieveResponse[
            Coroutine[Any, Any, Response],
            Coroutine[Any, Any, _Dict],
            Coroutine[Any, Any, AsyncStream[ResponseStreamEvent]],
            Coroutine[Any, Any, AsyncStream[_Dict]],
        ]
        delete: ByResponseId[Coroutine[Any, Any, ResponseDeleted], Coroutine[Any, Any, _Dict]]
        cancel: ByResponseId[Coroutine[Any, Any, Response], Coroutine[Any, Any, _Dict]]

        def stream(self, **params: Unpack[ResponseCreateParams]) -> AsyncResponseStream: ...

        async def parse(
            self, text_format: type[T] | None = None, **params: Unpack[ResponseCreateParams]
        ) -> ParsedResponse[T]: ...
    else:

        @documented(ResponseCreateParams, "text_format", dicts=False, like=Responses.parse)
        async def parse(self, text_format=None, **params):
            from ..types._parsed import ParsedResponse, attach, prepared

            params = prepared(params, "text_format", text_format, self._form)
            return attach(await self._call(self._settings, CREATE, params, cast_to=ParsedResponse), text_format)

        @documented(ResponseCreateParams, streams=True, like=Responses.create)
        async def create(self, *args, **params):
            return await self._call(
                self._settings, CREATE, params, args and no_positional(self.create, params), self._form
            )

        @documented(ResponseRetrieveParams, "response_id", streams=True, like=Responses.retrieve)
        async def retrieve(self, response_id, **params):
            return await self._call(self._settings, RETRIEVE, params, (response_id,), self._form)

        @documented(RequestOptions, "response_id", like=Responses.delete)
        async def delete(self, response_id, **params):
            return await self._call(self._settings, DELETE, params, (response_id,), self._form)

        @documented(RequestOptions, "response_id", like=Responses.cancel)
        async def cancel(self, response_id, **params):
            return await self._call(self._settings, CANCEL, params, (response_id,), self._form)

        @documented(ResponseCreateParams, like=Responses.stream)
        def stream(self, **params):
            return AsyncResponseStream(lambda: self._call(self._settings, CREATE, params, (), "helper"))

    @kept
    def input_items(self) -> AsyncInputItems:
        """The input of stored responses."""
        return AsyncInputItems(self._settings, self._form)

    @kept
    def with_raw_response(self) -> RawResponses[Coroutine[Any, Any, APIResponse]]:
        """The same methods; each returns the HTTP reply, whose `parse()` is what it would have returned."""
        return AsyncResponses(self._settings, "raw")  # type: ignore[return-value]

    @kept
    def with_streaming_response(self) -> RawResponses[AsyncStreamingResponse]:
        """The same methods; each returns a context manager for a reply whose body is read piece by piece."""
        return Streaming(AsyncResponses(self._settings, "body"), AsyncStreamingResponse)  # type: ignore[return-value]


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {"create_response": "Responses.create"}
