"""The functions of the module `wenwen`: calls with the default settings. Each is made when it is first asked for, with
its dialect's types, so that nobody loads a dialect that they do not use."""

from __future__ import annotations

from ._client import default_settings
from ._core import send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._core import Endpoint, Stream
    from .types._calls import CreateChatCompletion, CreateMessage, CreateResponse
    from .types.chat import ChatCompletion, ChatCompletionChunk
    from .types.messages import Message, RawMessageStreamEvent
    from .types.responses import Response, ResponseStreamEvent

    create_response: CreateResponse[Response, dict[str, Any], Stream[ResponseStreamEvent], Stream[dict[str, Any]]]
    create_chat_completion: CreateChatCompletion[
        ChatCompletion, dict[str, Any], Stream[ChatCompletionChunk], Stream[dict[str, Any]]
    ]
    create_message: CreateMessage[Message, dict[str, Any], Stream[RawMessageStreamEvent], Stream[dict[str, Any]]]

# The resource module that has each function in its FUNCTIONS.
HOMES = {"create_response": "responses", "create_chat_completion": "chat", "create_message": "messages"}


def make(name: str, module: str, caller: Callable[[Endpoint], Callable[..., Any]]) -> Callable[..., Any]:
    """The function of that name, for `wenwen` or `wenwen.aio`; `caller` makes one that calls an endpoint."""
    if name not in HOMES:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    from .resources._base import documented

    home = __import__(f"wenwen.resources.{HOMES[name]}", fromlist=("",))
    endpoint, params, like = home.FUNCTIONS[name]
    function = caller(endpoint)
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    return documented(params, streams=True, like=like)(function)


if not TYPE_CHECKING:

    def __getattr__(name):
        def caller(endpoint):
            def function(**params):
                return send(default_settings(), endpoint, params)

            return function

        value = globals()[name] = make(name, "wenwen", caller)
        return value
