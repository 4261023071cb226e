"""The exceptions: openai's tree and names under `WenwenError`."""

from __future__ import annotations

import contextlib

from ._text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._core import Object
    from .types.tools import Run, ToolResult


class WenwenError(Exception):
    """Everything that wenwen raises on its own account; wrong arguments are TypeError and ValueError.

    As text it has no control characters of a server's words, which a traceback would take to a terminal: `message` has
    them as they came."""

    def __str__(self) -> str:
        return printable(super().__str__())


class InternalError(RuntimeError):
    """A mistake of ours: the Rust core panicked. No call should end so."""

    __slots__ = ()  # pyo3's own exception for panics is put under this one, and must have the same layout

    def __str__(self) -> str:
        return (
            f"wenwen has a bug: {super().__str__()}. Please report it, with this traceback and the lines on standard "
            'error that begin with "thread \'"'
        )


class InsecureConnectionWarning(UserWarning):
    """A client does not check whom it talks to: `verify=False`."""


class APIError(WenwenError):
    """A call that did not give what was asked for.

    message: what happened, in the server's words where it said any.
    status_code: the HTTP status; for an error inside a 200, the status that it stands for, 500 where it does not say;
        None without a reply.
    code, type, param: as the server names the error; None where it does not.
    category: what can be done about it, in a word: "bad_request", "authentication", "permission", "quota",
        "not_found", "rate_limit", "overloaded", "upstream_timeout", "server", "connection", "timeout",
        "not_an_api", "bad_reply", "too_large", "incomplete", "other"; and of an answer that is not of the class asked
        for, "bad_answer", "no_answer", "refusal", "length", "content_filter".
    request_id: the gateway's id of the request, for its support.
    body: the reply's JSON as dict, or the first 4 KB of its text; None without one.
    headers, response: the HTTP reply; None without one. request: what was asked: its `method` and `url`.
    attempts: how often the request was sent. elapsed: seconds over all attempts.
    partial: for a stream that broke off, the reply as far as it had arrived.
    """

    message: str
    status_code: int | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    category: str = "other"
    request_id: str | None = None
    body: Any = None
    response: Any = None
    request: Any = None
    attempts: int = 1
    elapsed: float = 0.0
    partial: Object | dict[str, Any] | None = None

    _words = ""

    def __init__(self, text: Any = None, request: Any = None, /, *, message: str | None = None, **facts: Any) -> None:
        """As the peers' are made, for tests: `APIError("no", request, body=None)`, `RateLimitError("no",
        response=response, body=None)`, `APITimeoutError(request)`, `APIConnectionError(request=request)`."""
        if text is not None and not isinstance(text, str):  # what begins with its request or its reply
            if hasattr(text, "status_code"):
                facts = {"response": text, "body": request, **facts}
                request = None
            else:
                request = text
            text = None
        text = text if text is not None else message if message is not None else self._words
        super().__init__(text)
        self.message = text if message is None else message
        if request is not None:
            facts["request"] = request
        if "attempts" not in facts:  # made by hand: what its reply says
            facts = {**_told(facts), **facts}
        self.__dict__.update(facts)

    @property
    def headers(self) -> Any:
        """The headers of the reply; None without one."""
        return None if self.response is None else self.response.headers


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    """What a reply and a body say of an error that is made by hand."""
    response: Any = facts.get("response")
    body: Any = facts.get("body")
    told: dict[str, Any] = {}
    if response is not None:
        headers: Any = getattr(response, "headers", None) or {}
        told = {"status_code": getattr(response, "status_code", None), "request_id": headers.get("x-request-id")}
        with contextlib.suppress(AttributeError, RuntimeError):  # httpx's raises where none was set
            told["request"] = response.request
    inner: Any = body.get("error", body) if hasattr(body, "get") else None
    if hasattr(inner, "get"):
        told |= {name: inner.get(name) for name in ("code", "type", "param")}
    return told


class ToolError(WenwenError):
    """For a tool to raise: the model is told its text. Of other exceptions it is told the kind alone, since a message
    may hold what is none of its business."""


class ToolRunError(WenwenError):
    """A run of tools that did not come to an answer.

    run: everything so far: `steps`, the calls with their results; `turns`, the replies; `usage` of all; `history`, with
    a result for each call, from which the next call can go on. reply, steps, usage, history: the last reply, and those
    of `run`.
    """

    run: Run[Any]

    def __init__(self, text: str = "", **facts: object) -> None:
        super().__init__(text)
        self.__dict__.update(facts)

    @property
    def reply(self) -> Any:
        """The last reply; None before the first."""
        return self.run.turns[-1] if self.run.turns else None

    @property
    def steps(self) -> list[ToolResult]:
        """The calls with their results."""
        return self.run.steps

    @property
    def usage(self) -> dict[str, Any] | None:
        """The usage of all turns."""
        return self.run.usage

    @property
    def history(self) -> list[Any]:
        """The conversation, with a result for each call."""
        return self.run.history


class MaxTurnsError(ToolRunError):
    """A run of tools reached a limit before the model's answer: `limit` says which, "max_turns" or "budget". Calls that
    were open have not run."""

    limit: str = "max_turns"


class IncompleteTurnError(ToolRunError):
    """A reply that calls tools was cut short, by its limit of tokens for example, so that the calls may not be what the
    model meant: none of them has run. `reason` is the API's own."""

    reason: str | None = None


class ToolFailedError(ToolRunError):
    """A call of a tool failed, and `on_error="raise"` was said; or it returned what no model can be told. `step` is the
    call, `__cause__` the function's own exception."""

    step: ToolResult


class AnswerError(APIError):
    """An answer that is not of the class asked for: the reply came, and was paid for, and is here.

    reply: the whole reply. text: the answer's text, "" if there is none. usage: what was used, of all tries together;
    None where the server does not say. usage_partial: whether one of them has none, so that more was used. tries: what
    was asked again (`retries`): each with its `reply`, `text`, `usage` and `error`, the last one too.
    """

    status_code = 200
    reply: Any = None
    text: str = ""
    usage: Any = None
    usage_partial: bool = False
    tries: list[Any] = []  # noqa: RUF012

    def __reduce__(self) -> tuple[Any, ...]:
        # A cause is no part of a pickle otherwise. One of the user's that cannot be in one is there in words.
        cause = self.__cause__
        if cause is not None:
            import pickle

            try:
                pickle.dumps(cause)
            except Exception:
                cause = ValueError(str(cause))
        return type(self), self.args, {**self.__dict__, "__cause__": cause}


class AnswerValidationError(AnswerError, ValueError):
    """An answer that does not fit its class; `__cause__` is what the class has against it."""

    category = "bad_answer"


class NoAnswerError(AnswerError):
    """A reply without an answer: it is empty, calls tools instead, or failed. Raised where `parsed` is read."""

    category = "no_answer"


class AnswerRefusedError(AnswerError):
    """The model declined to answer; `text` has its words. Raised where `parsed` is read."""

    category = "refusal"


class LengthFinishReasonError(AnswerError):
    """The limit of tokens cut the answer short; `text` has what there is of it. completion: the reply."""

    category = "length"

    def __init__(
        self,
        text: str = "the answer was cut short by its limit of tokens",
        *,
        completion: object = None,
        **facts: Any,
    ) -> None:
        super().__init__(text, reply=completion, **facts)

    @property
    def completion(self) -> Any:
        """The reply, as openai calls it."""
        return self.reply


class ContentFilterFinishReasonError(AnswerError):
    """A content filter cut the answer short; `text` has what there is of it. completion: the reply."""

    category = "content_filter"

    def __init__(
        self, text: str = "the answer was cut short by a content filter", *, completion: object = None, **facts: Any
    ) -> None:
        super().__init__(text, reply=completion, **facts)

    @property
    def completion(self) -> Any:
        """The reply, as openai calls it."""
        return self.reply


class APIConnectionError(APIError):
    """No reply: the connection did not come up, or broke before a reply."""

    _words = "Connection error."


class APITimeoutError(APIConnectionError):
    """A limit of `timeout` ran out; `limit` says which: "total", "connect", "first_event" or "idle"."""

    limit: str = "total"
    _words = "Request timed out."


class TaskTimeoutError(APITimeoutError):
    """A task had not ended when the time for waiting was over. `task` can be waited for again; of several, `tasks` are
    all, and `task` the first that runs. One that was given as an id and never seen is None."""

    task: Any = None
    tasks: list[Any] = []  # noqa: RUF012


class TaskFailedError(WenwenError):
    """A task ended without a result; the message says why. `task` is the one that failed; `tasks` are all that were
    waited for."""

    task: Any = None
    tasks: list[Any] = []  # noqa: RUF012

    def __init__(self, text: str = "", **facts: object) -> None:
        super().__init__(text)
        self.__dict__.update(facts)


class JobError(WenwenError):
    """A job that ended before its rows did. What was paid for is kept in `store`, and the same call goes on from there;
    `status`, a `JobStatus`, says how far it came (None before it began)."""

    status: Any = None
    store: str | None = None

    def __init__(self, text: str = "", **facts: object) -> None:
        super().__init__(text)
        self.__dict__.update(facts)


class BudgetError(JobError):
    """The `budget` of a job is used up, or what its model costs is not known."""


class JobTimeoutError(JobError):
    """The `max_elapsed` of a job is over."""


class StoreError(JobError):
    """The store of a job cannot be used: it is another job's, in use by another process, or the disk is full."""


class RowError(WenwenError, ValueError):
    """A row of a job that was not sent, since nothing can be asked of it: a column that is missing in it, a function of
    yours that raised (`__cause__` is what). The message has its number, from 0."""


class IncompleteStreamError(APIConnectionError):
    """A stream ended before its last event; `partial` is the reply as far as it had arrived."""


class APIResponseValidationError(APIError):
    """A reply with a good status whose body is empty, broken JSON, or JSON in place of a file."""

    _words = "Data returned by API invalid for expected schema."


class NotAnAPIError(APIResponseValidationError):
    """A 200 that is not the API, mostly an HTML page: base_url leads somewhere else."""


class ResponseTooLargeError(APIError):
    """A reply of more bytes than `max_response_bytes` allows, counted when decompressed, a stream over all its events.
    Reading stopped there, or did not begin. `partial` has what a stream had brought. Also where the snapshots of
    `.stream(as_dict=True)`, made at every event, are more than 64 times the limit together.

    limit: the bytes that were allowed. size: those that the reply has, where its Content-Length says it; else None."""

    limit: int = 0
    size: int | None = None


class APIStatusError(APIError):
    """The gateway answered with an error."""


class BadRequestError(APIStatusError):
    """400: the request is wrong."""


class AuthenticationError(APIStatusError):
    """401: the key is wrong, expired or used up."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this, or the account has no money left (category "quota")."""


class NotFoundError(APIStatusError):
    """404: no such path, model or object."""


class ConflictError(APIStatusError):
    """409"""


class RequestTooLargeError(APIStatusError):
    """413: the body is larger than the gateway takes."""


class UnprocessableEntityError(APIStatusError):
    """422: the upstream found the request wrong."""


class RateLimitError(APIStatusError):
    """429: too many requests, or an upstream account without money (category "quota")."""


class InternalServerError(APIStatusError):
    """500 and above: the gateway or its upstream failed; or found the request wrong (category "bad_request" or
    "permission")."""


class ServiceUnavailableError(InternalServerError):
    """503: no upstream for the model (often a misspelt one), or overload."""


class DeadlineExceededError(InternalServerError):
    """504, 524: the upstream took too long; it may be at work still."""


class OverloadedError(InternalServerError):
    """529: the upstream has too much to do."""


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: RequestTooLargeError,
    422: UnprocessableEntityError,
    429: RateLimitError,
    503: ServiceUnavailableError,
    504: DeadlineExceededError,
    524: DeadlineExceededError,
    529: OverloadedError,
}

_BY_KIND: dict[str, type[APIError]] = {
    "connection": APIConnectionError,
    "timeout": APITimeoutError,
    "incomplete": IncompleteStreamError,
    "bad_reply": APIResponseValidationError,
    "too_large": ResponseTooLargeError,
    "not_an_api": NotAnAPIError,
}


def build(kind: str, status: int | None, text: str, facts: dict[str, Any]) -> APIError:
    """The exception for an error of the core; `text` is what `str()` shows."""
    if kind == "status":
        cls: type[APIError] = APIError
        if status is not None:
            cls = _BY_STATUS.get(status) or (InternalServerError if status >= 500 else APIStatusError)
    else:
        cls = _BY_KIND[kind]
    return cls(text, **facts)
