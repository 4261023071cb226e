"""Moderations through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway
from wenwen.types import ModerationCreateResponse

PNG = b"\x89PNG\r\n\x1a\n and so on"


def test_texts(call: Call, gateway: LocalGateway) -> None:
    moderations = call.client(gateway).moderations
    reply = call.wait(moderations.create(input=["I kill you", "Hello!"]))
    assert isinstance(reply, ModerationCreateResponse)
    assert [verdict.flagged for verdict in reply.results] == [True, False]
    assert reply.results[0].categories["violence"] is True
    assert reply.results[0].category_scores["violence"] > 0.5
    assert call.wait(moderations.create(input="Hello!", model="m", as_dict=True))["model"] == "m"


def test_pictures(call: Call, gateway: LocalGateway) -> None:
    parts = [{"type": "image_url", "image_url": {"url": PNG}}, {"type": "text", "text": "a"}]
    call.wait(call.client(gateway).moderations.create(input=parts))
    assert gateway.last_request is not None
    sent = gateway.last_request.json()["input"]
    assert sent[0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert sent[1] == parts[1]


def test_refusals(call: Call, gateway: LocalGateway) -> None:
    moderations = call.client(gateway).moderations
    with pytest.raises(TypeError, match="'input'"):
        call.wait(moderations.create())
    with pytest.raises(wenwen.InternalServerError, match="input"):
        call.wait(moderations.create(input=""))
