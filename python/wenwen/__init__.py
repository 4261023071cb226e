"""The client for the Wenwen AI gateway: `wenwen.create_response(model="gpt-5", input="Hello!")`.

The key comes from WENWEN_API_KEY, the gateway's root from WENWEN_BASE_URL; `configure` or a `Client` say otherwise.
`wenwen.aio` has the same functions to await. Everything is loaded when it is first used.
"""

TYPE_CHECKING = False  # type checkers take it as true; the constant in `typing` would cost its import
if TYPE_CHECKING:
    from . import aio as aio
    from . import testing as testing
    from . import types as types
    from ._client import AsyncClient as AsyncClient
    from ._client import Client as Client
    from ._client import configure as configure
    from ._core import NO_TIMEOUT as NO_TIMEOUT
    from ._core import APIResponse as APIResponse
    from ._core import BinaryContent as BinaryContent
    from ._core import Headers as Headers
    from ._core import Object as Object
    from ._core import Reply as Reply
    from ._core import Stream as Stream
    from ._core import Timeout as Timeout
    from ._core import __version__ as __version__
    from ._errors import APIConnectionError as APIConnectionError
    from ._errors import APIError as APIError
    from ._errors import APIResponseValidationError as APIResponseValidationError
    from ._errors import APIStatusError as APIStatusError
    from ._errors import APITimeoutError as APITimeoutError
    from ._errors import AuthenticationError as AuthenticationError
    from ._errors import BadRequestError as BadRequestError
    from ._errors import ConflictError as ConflictError
    from ._errors import ContentFilterFinishReasonError as ContentFilterFinishReasonError
    from ._errors import DeadlineExceededError as DeadlineExceededError
    from ._errors import IncompleteStreamError as IncompleteStreamError
    from ._errors import InsecureConnectionWarning as InsecureConnectionWarning
    from ._errors import InternalServerError as InternalServerError
    from ._errors import LengthFinishReasonError as LengthFinishReasonError
    from ._errors import NotAnAPIError as NotAnAPIError
    from ._errors import NotFoundError as NotFoundError
    from ._errors import OverloadedError as OverloadedError
    from ._errors import PermissionDeniedError as PermissionDeniedError
    from ._errors import RateLimitError as RateLimitError
    from ._errors import RequestTooLargeError as RequestTooLargeError
    from ._errors import ResponseTooLargeError as ResponseTooLargeError
    from ._errors import ServiceUnavailableError as ServiceUnavailableError
    from ._errors import TaskFailedError as TaskFailedError
    from ._errors import TaskTimeoutError as TaskTimeoutError
    from ._errors import UnprocessableEntityError as UnprocessableEntityError
    from ._errors import WenwenError as WenwenError
    from ._functions import blend as blend
    from ._functions import create_chat_completion as create_chat_completion
    from ._functions import create_embeddings as create_embeddings
    from ._functions import create_message as create_message
    from ._functions import create_response as create_response
    from ._functions import create_video as create_video
    from ._functions import download as download
    from ._functions import edit_image as edit_image
    from ._functions import fetch_task as fetch_task
    from ._functions import generate_content as generate_content
    from ._functions import generate_image as generate_image
    from ._functions import imagine as imagine
    from ._functions import list_models as list_models
    from ._functions import list_prices as list_prices
    from ._functions import speak as speak
    from ._functions import transcribe as transcribe
    from ._functions import translate_audio as translate_audio
    from ._loop import AsyncStream as AsyncStream

# Where each name lives; None for a module of its own.
_HOMES: dict[str, str | None] = {
    **dict.fromkeys(("aio", "testing", "types"), None),
    **dict.fromkeys(("AsyncClient", "Client", "configure"), "_client"),
    **dict.fromkeys(
        (
            "NO_TIMEOUT",
            "APIResponse",
            "BinaryContent",
            "Headers",
            "Object",
            "Reply",
            "Stream",
            "Timeout",
            "__version__",
        ),
        "_core",
    ),
    **dict.fromkeys(
        (
            "APIConnectionError",
            "APIError",
            "APIResponseValidationError",
            "APIStatusError",
            "APITimeoutError",
            "AuthenticationError",
            "BadRequestError",
            "ConflictError",
            "ContentFilterFinishReasonError",
            "DeadlineExceededError",
            "IncompleteStreamError",
            "InsecureConnectionWarning",
            "InternalServerError",
            "LengthFinishReasonError",
            "NotAnAPIError",
            "NotFoundError",
            "OverloadedError",
            "PermissionDeniedError",
            "RateLimitError",
            "RequestTooLargeError",
            "ResponseTooLargeError",
            "ServiceUnavailableError",
            "TaskFailedError",
            "TaskTimeoutError",
            "UnprocessableEntityError",
            "WenwenError",
        ),
        "_errors",
    ),
    "create_response": "_functions",
    "create_chat_completion": "_functions",
    "create_message": "_functions",
    "create_embeddings": "_functions",
    **dict.fromkeys(("blend", "fetch_task", "imagine"), "_functions"),
    "create_video": "_functions",
    "download": "_functions",
    "generate_content": "_functions",
    "list_models": "_functions",
    "list_prices": "_functions",
    "speak": "_functions",
    "transcribe": "_functions",
    "translate_audio": "_functions",
    "edit_image": "_functions",
    "generate_image": "_functions",
    "AsyncStream": "_loop",
}

__all__ = [name for name in _HOMES if not name.startswith("_")]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'wenwen' has no attribute {name!r}")
    home = _HOMES[name]
    module = __import__(f"wenwen.{home or name}", fromlist=("",))
    value = globals()[name] = module if home is None else getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def _configure_logging() -> None:
    import os

    if level := os.environ.get("WENWEN_LOG"):
        from ._log import setup

        setup(level)


_configure_logging()
