"""Texts that go on, through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Call

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import Completion

ASK: dict[str, Any] = {"model": "gpt-3.5-turbo-instruct", "prompt": "Once upon a time"}


def test_whole(call: Call, gateway: LocalGateway) -> None:
    completions = call.client(gateway).completions
    reply = call.wait(completions.create(**ASK, max_tokens=5, logit_bias={50256: -100}))
    assert isinstance(reply, Completion)
    assert reply.text == reply.choices[0].text != ""
    assert (reply.choices[0].finish_reason, reply.usage.completion_tokens) == ("length", 5)
    assert gateway.last_request is not None
    assert (gateway.last_request.path, gateway.last_request.json()) == (
        "/v1/completions",
        {**ASK, "max_tokens": 5, "logit_bias": {"50256": -100}},
    )
    assert call.wait(completions.create(**ASK, as_dict=True))["object"] == "text_completion"
    assert call.wait(completions.with_raw_response.create(**ASK)).parse().text


def test_streamed(call: Call, gateway: LocalGateway) -> None:
    completions = call.client(gateway).completions
    whole = call.wait(completions.create(**ASK))
    events = list(call.each(call.wait(completions.create(**ASK, stream=True))))
    assert "".join(event.text for event in events) == whole.text
    assert all(isinstance(event, Completion) for event in events)
    assert (events[-1].choices, events[-1].usage.total_tokens) == ([], whole.usage.total_tokens)
    dicts = list(call.each(call.wait(completions.create(**ASK, stream=True, as_dict=True))))
    assert dicts[0]["choices"][0]["text"] == events[0].text


def test_a_stream_that_breaks_off_has_the_text_so_far(call: Call, gateway: LocalGateway) -> None:
    def chunk(*choices: dict[str, Any]) -> dict[str, Any]:
        return {"id": "c", "object": "text_completion", "created": 1, "model": "m", "choices": list(choices)}

    pieces = [("a", 0), ("x", 1), ("b", 0), ("y", 1)]
    chunks = [chunk({"index": index, "text": text, "finish_reason": None}) for text, index in pieces]
    gateway.script(Reply(events=[*chunks, chunk({"index": 1, "text": "z", "finish_reason": "stop"})]))
    with pytest.raises(wenwen.IncompleteStreamError) as caught:
        list(call.each(call.wait(call.client(gateway, max_retries=0).completions.create(**ASK, stream=True))))
    partial: Any = caught.value.partial
    assert isinstance(partial, Completion)
    assert [(choice.text, choice.finish_reason) for choice in partial.choices] == [("ab", None), ("xyz", "stop")]
    assert partial.object == "text_completion"
    assert "message" not in partial.choices[0]


@pytest.mark.parametrize("choices", [[], None, [None], [{}], [{"text": None}], [{"text": 5}], "x", {"a": 1}])
def test_replies_of_any_shape_have_a_text(choices: Any) -> None:
    assert Completion({"choices": choices}).text == ""


def test_refusals(call: Call, gateway: LocalGateway) -> None:
    completions = call.client(gateway).completions
    with pytest.raises(TypeError, match="'prompt'"):
        call.wait(completions.create(model="m"))
    with pytest.raises(TypeError, match=r"max_tokns.*max_tokens"):
        call.wait(completions.create(**ASK, max_tokns=1))
    with pytest.raises(wenwen.InternalServerError, match="prompt"):
        call.wait(completions.create(model="m", prompt=""))
    with pytest.raises(wenwen.InternalServerError, match="prompt"):
        call.wait(completions.create(model="m", prompt="", stream=True))
