"""`/v1/responses`: `client.responses`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.responses import (
    CompactedResponse,
    InputItemListParams,
    InputTokenCountParams,
    InputTokenCountResponse,
    Response,
    ResponseCompactParams,
    ResponseCreateParams,
    ResponseDeleted,
    ResponseIdParams,
    ResponseItemList,
    ResponseRetrieveParams,
    ResponseRunParams,
    ResponseStreamEvent,
)
from ..types.shared import part
from ._base import Resource, inner
from ._maps import mapped, started
from ._methods import awaited, documented
from ._outputs import asked, opening, typed
from ._stream import AsyncStreamHelper, StreamHelper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._core import APIResponse, Stream
    from .._run import ToolRun as ToolRun
    from ..types._parsed import ParsedResponse as ParsedResponse
    from ._base import StreamingResponse
    from ._faces import AsyncInputItems as AsyncInputItems
    from ._faces import AsyncInputTokens as AsyncInputTokens
    from ._faces import AsyncResponses as AsyncResponses
    from ._faces import (
        ByResponseId,
        CompactResponse,
        CountInputTokens,
        CreateResponse,
        ListInputItems,
        MapResponse,
        ParseResponse,
        RawResponses,
        RetrieveResponse,
        RunResponse,
        StreamResponse,
    )
    from ._parsed_streams import AsyncParsedResponseStream as AsyncParsedResponseStream
    from ._parsed_streams import ParsedResponseStream as ParsedResponseStream


CREATE = endpoint("responses.create", reply=Response, event=ResponseStreamEvent, params=ResponseCreateParams)
RETRIEVE = endpoint("responses.retrieve", reply=Response, event=ResponseStreamEvent, params=ResponseRetrieveParams)
DELETE = endpoint("responses.delete", reply=ResponseDeleted, params=ResponseIdParams)
CANCEL = endpoint("responses.cancel", reply=Response, params=ResponseIdParams)
COMPACT = endpoint("responses.compact", reply=CompactedResponse, params=ResponseCompactParams)
COUNT = endpoint("responses.input_tokens.count", reply=InputTokenCountResponse, params=InputTokenCountParams)
LIST_ITEMS = endpoint("responses.input_items.list", reply=ResponseItemList, params=InputItemListParams)

if TYPE_CHECKING:
    _Dict = dict[str, Any]


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
        def list(self, response_id: str, **params):
            """A page of a stored response's input items: `GET /v1/responses/{response_id}/input_items`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return LIST_ITEMS, params, (response_id,)


class InputTokens(Resource):
    """How large an input is."""

    if TYPE_CHECKING:
        count: CountInputTokens[InputTokenCountResponse, _Dict]
    else:

        @documented(InputTokenCountParams, sends=COUNT)
        def count(self, **params):
            """How many tokens an input has: `POST /v1/responses/input_tokens`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""


class Responses(Resource):
    """`/v1/responses`: ask a model, whole or streamed. https://wenwen-ai.apifox.cn/333476950e0"""

    if TYPE_CHECKING:
        create: CreateResponse[Response, _Dict, Stream[ResponseStreamEvent], Stream[_Dict]]
        run: RunResponse
        retrieve: RetrieveResponse[Response, _Dict, Stream[ResponseStreamEvent], Stream[_Dict]]
        delete: ByResponseId[ResponseDeleted, _Dict]
        cancel: ByResponseId[Response, _Dict]
        map: MapResponse
        compact: CompactResponse[CompactedResponse, _Dict]
        with_raw_response: RawResponses[APIResponse]
        with_streaming_response: RawResponses[StreamingResponse]
    else:

        @documented(ResponseCreateParams, streams=True, sends=CREATE)
        def create(self, **params):
            """Asks a model for a response: `POST /v1/responses`.

            Returns a `Response`, of which `output_text` is the answer; with `stream=True` a `Stream` of its events.
            Raises APIError and its kin for whatever goes wrong with the call, TypeError and ValueError for arguments
            that cannot be sent. https://wenwen-ai.apifox.cn/333476950e0"""

        @documented(mapped(ResponseCreateParams, "input", classes=True), "data", "prompt", whole=True, lazy=True)
        def map(self, data, prompt=None, **params):
            """Asks a model for each row of any data, as fast as its limits let.

            Returns a `Job`, or an `AsyncJob` with an async client: it begins when it is iterated, run, or given to a
            sink. Iterating gives each `Row` as it ends; `to_pandas()`, `to_jsonl(path)` and others have them in the
            order of the data. A row is on disk before anybody is told of it, and the same call with the same `store`
            goes on. What fails is the row's `error`. Raises TypeError and ValueError for what cannot be asked, before
            anything is sent; BudgetError, StoreError, JobTimeoutError, and the APIError that says why no row can be
            asked (no money, a wrong key), for the job."""
            return started("responses", self, data, prompt, params)

        @documented(ResponseRetrieveParams, "response_id", streams=True)
        def retrieve(self, response_id: str, **params):
            """A stored response, or its events from the beginning: `GET /v1/responses/{response_id}`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return RETRIEVE, params, (response_id,)

        @documented(ResponseIdParams, "response_id")
        def delete(self, response_id: str, **params):
            """Deletes a stored response: `DELETE /v1/responses/{response_id}`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return DELETE, params, (response_id,)

        @documented(ResponseIdParams, "response_id")
        def cancel(self, response_id: str, **params):
            """Ends a response that is made in the background: `POST /v1/responses/{response_id}/cancel`.

            The Wenwen gateway has no such route (404); other servers of the dialect do."""
            return CANCEL, params, (response_id,)

        @documented(ResponseCompactParams, sends=COMPACT)
        def compact(self, **params):
            """Makes a conversation shorter: `POST /v1/responses/compact`.

            Returns a `CompactedResponse`, whose `output` is the input of the next call. Raises APIError and its kin."""

    if TYPE_CHECKING:
        parse: ParseResponse
        stream: StreamResponse
    else:

        @documented(typed(ResponseCreateParams, "text_format", retries=True, reads=True), "output", dicts=False)
        async def parse(self, output=None, **params):
            """Asks for an answer that is an instance of a class of yours: the `parsed` of what it returns.

            The schema of `output` goes out as `text.format`, strict where a strict one can express it. What comes and
            does not fit is an AnswerValidationError that has the reply. Where there is no answer, `output_parsed` is
            None, and `parsed` raises what says why: AnswerRefusedError, LengthFinishReasonError,
            ContentFilterFinishReasonError, NoAnswerError. Messages of the phase "commentary" are no answers."""
            from .._answers import parse

            return await parse(self, "responses", output, params)

        @documented(typed(ResponseRunParams, "text_format", retries=True), streams=True, dicts=False, whole=True)
        def run(self, **params):
            """Asks a model that may call functions of yours, calls them, and tells it the results, until it answers.

            Returns a `Response`, whose `steps` are the calls with their results, `usage` that of all
            turns, `history` the whole conversation. With `stream=True` a `ToolRun`: the events of all turns, and a
            `ToolResult` for each call. The history is sent each time, with what the model thought as it came. Raises
            MaxTurnsError, IncompleteTurnError, ToolFailedError, and what a call raises: each has everything so far as
            `run`."""
            from .._run import started

            return started("responses", self, params)

        @documented(
            typed(ResponseCreateParams, "text_format"), "output", opens=opening(ResponseStream, AsyncResponseStream)
        )
        def stream(self, output=None, **params):
            """Streams a response, for a `with` block: events with snapshots, `text_stream`, `get_final_response()`.

            With `output` the answer is of that class: `partial` and `event.parsed` are what is there so far, and the
            `parsed` of `get_final_response()` is an instance."""
            return asked("responses", "text_format", CREATE, output, params)

    input_items = inner(InputItems)
    input_tokens = inner(InputTokens)


if not TYPE_CHECKING:
    AsyncInputItems, AsyncInputTokens, AsyncResponses = awaited(InputItems), awaited(InputTokens), awaited(Responses)
