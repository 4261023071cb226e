"""OpenAI's and Anthropic's own clients, and any of httpx, over the connections of this package.

For code that must hold one of them: a framework that takes an `openai.AsyncOpenAI`, or an `httpx.Client`. Elsewhere a
`wenwen.Client` does the same and takes a fraction of the time.

    client = wenwen.bridge.openai()             # an openai.OpenAI; async_openai, anthropic and async_anthropic likewise
    httpx.Client(transport=wenwen.bridge.transport())

What is sent is theirs: bodies, headers, retries, how replies are read, which exceptions are raised. The rest is that of
the `wenwen.Client` that is given: key, root, proxy, certificates, connections that belong to the process and not to a
loop, a thread or a parent, and `timeout` as the deadline of the whole call. Its hooks and spans do not see these calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._client import Client, default_settings
from .._core import Relay
from ._transport import Transport

if TYPE_CHECKING:
    from anthropic import Anthropic, AsyncAnthropic
    from openai import AsyncOpenAI, OpenAI

    from .._client import AsyncClient
    from .._core import Settings

__all__ = ["KEY", "anthropic", "async_anthropic", "async_openai", "async_transport", "openai", "transport"]

KEY: str = Relay.KEY
"""Stands for the client's key where a framework wants one: on its way to the gateway it becomes the key, and to other
hosts it goes as it is."""


def openai(client: Client | AsyncClient | None = None, /, **options: Any) -> OpenAI:
    """An `openai.OpenAI` over the connections of a client; by default over those of the module's functions.

    options: the further ones of `openai.OpenAI`: max_retries (the client's), default_headers, organization … A
    `timeout` is added to the client's, which stays the deadline of the whole call.
    """
    peer: OpenAI = _peer("openai", "OpenAI", client, options)
    return peer


def async_openai(client: Client | AsyncClient | None = None, /, **options: Any) -> AsyncOpenAI:
    """An `openai.AsyncOpenAI`; as `openai`."""
    peer: AsyncOpenAI = _peer("openai", "AsyncOpenAI", client, options)
    return peer


def anthropic(client: Client | AsyncClient | None = None, /, **options: Any) -> Anthropic:
    """An `anthropic.Anthropic`; as `openai`."""
    peer: Anthropic = _peer("anthropic", "Anthropic", client, options)
    return peer


def async_anthropic(client: Client | AsyncClient | None = None, /, **options: Any) -> AsyncAnthropic:
    """An `anthropic.AsyncAnthropic`; as `openai`."""
    peer: AsyncAnthropic = _peer("anthropic", "AsyncAnthropic", client, options)
    return peer


def transport(client: Client | AsyncClient | None = None, /) -> Transport:
    """The connections of a client for one of httpx or httpx2: `httpx.Client(transport=wenwen.bridge.transport())`.

    It is one for their async clients too. A request to the client's gateway gets its key in the place of `KEY`, or
    where there is none, and its default headers and query. Other hosts get what the request says.
    """
    return Transport(_settings(client))


def async_transport(client: Client | AsyncClient | None = None, /) -> Transport:
    """The same under the name that an `httpx.AsyncClient` is made with."""
    return transport(client)


def _settings(client: Client | AsyncClient | None) -> Settings:
    if client is None:
        return Client()._settings if not default_settings().has_key else default_settings()  # or says what is missing
    settings: Settings | None = getattr(client, "_settings", None)
    if settings is None:
        raise TypeError(f"client is a {type(client).__name__}: give a wenwen.Client, an AsyncClient, or nothing")
    return settings


def _peer(package: str, name: str, client: Client | AsyncClient | None, options: dict[str, Any]) -> Any:
    """One of the peers' clients. Its key is a place for ours, which no repr, pickle or copy of it has; its limits are
    those of the connections, so that it ends nothing before them."""
    peer: Any = __import__(package)
    settings = _settings(client)
    limits = settings.timeout
    http_client = peer.DefaultAsyncHttpxClient if name.startswith("Async") else peer.DefaultHttpxClient
    ours = {
        "api_key": KEY,
        "base_url": Relay.roots(settings)[package == "anthropic"],
        "max_retries": settings.max_retries,
        "timeout": peer.Timeout(limits.total, connect=limits.connect),
        "http_client": http_client(transport=Transport(settings)),
    }
    return getattr(peer, name)(**{**ours, **options})
