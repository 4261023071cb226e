"""What a user meets when reading help, or when holding a helper wrong."""

from __future__ import annotations

import inspect
import pydoc

import pytest

import wenwen
from wenwen.resources.responses import AsyncResponses, Responses
from wenwen.testing import LocalGateway


def test_help() -> None:
    """What help() and Shift-Tab show: required parameters first, the form of the reply, then what every call takes."""
    options = ["extra_headers", "extra_query", "extra_body", "timeout", "max_retries", "max_response_bytes"]
    for function in (wenwen.create_response, wenwen.aio.create_response, Responses.create, AsyncResponses.create):
        names = [name for name in inspect.signature(function).parameters if name != "self"]
        assert names[:2] == ["model", "input"]
        assert names[-8:] == ["stream", "as_dict", *options]
        text = pydoc.plain(pydoc.render_doc(function))
        for name in names:
            assert f"    {name}: " in text, name
    assert "responses = <wenwen.resources.responses.Responses>" in pydoc.plain(pydoc.render_doc(wenwen.Client))


def test_helpers_outside_of_their_block(wenwen_gateway: LocalGateway) -> None:
    responses = wenwen_gateway.client().responses
    with pytest.raises(RuntimeError, match=r"`with .* as stream:`"):
        next(responses.stream(model="gpt-5", input="Hello!"))
    with pytest.raises(RuntimeError, match=r"`with .* as body:`"):
        responses.with_streaming_response.create(model="gpt-5", input="Hello!").read()
    streams = wenwen_gateway.async_client().responses
    with pytest.raises(RuntimeError, match=r"`async with .* as stream:`"):
        _ = streams.stream(model="gpt-5", input="Hello!").request_id
    assert wenwen_gateway.requests == []
