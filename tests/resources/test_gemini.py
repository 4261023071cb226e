"""Gemini's own dialect through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

import base64
import copy
import inspect
import pickle
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES, Call, sample

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import GenerateContentResponse

PNG = b"\x89PNG\r\n\x1a\n and so on"
CHAT = SAMPLES / "n5-gemini-generate"
MODEL = "gemini-2.5-flash"


def sent(gateway: LocalGateway) -> Any:
    assert gateway.last_request is not None
    return gateway.last_request.json()


def ask(call: Call, gateway: LocalGateway, **params: Any) -> Any:
    params = {"model": MODEL, "contents": "你好", **params}
    return call.wait(call.client(gateway).gemini.generate_content(**params))


@pytest.mark.parametrize("folder", ["n5-gemini-generate", "n6-gemini-image-edit"])
def test_samples(call: Call, gateway: LocalGateway, folder: str) -> None:
    response = sample(f"{folder}/response.json")
    gateway.script(response)
    reply = ask(call, gateway)
    assert gateway.last_request is not None
    assert gateway.last_request.header("authorization") == f"Bearer {gateway.api_key}"
    assert reply.text == response["candidates"][0]["content"]["parts"][0]["text"]
    assert reply.candidates[0].finish_reason == "STOP"
    assert reply.usage_metadata.total_token_count == response["usageMetadata"]["totalTokenCount"]
    assert copy.deepcopy(reply) == GenerateContentResponse(response) == reply


def test_images(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    response = sample("n6-gemini-image-edit/response.json")
    gateway.script(response)
    reply = ask(call, gateway)
    data = base64.b64decode(response["candidates"][0]["content"]["parts"][1]["inlineData"]["data"])
    (image,) = reply.images
    assert (image.mime_type, image.bytes) == ("image/png", data)
    image.save(tmp_path / "dog.png")
    assert (tmp_path / "dog.png").read_bytes() == data
    assert reply.candidates[0].content.parts[1].inline_data.mimeType == "image/png"
    # The default answer of a model that draws.
    assert ask(call, gateway, model="gemini-2.5-flash-image").images[0].bytes.startswith(b"\x89PNG")


def test_function(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in gateway.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("wenwen._client._default", None)
    module: Any = wenwen.aio if call.is_async else wenwen
    assert call.wait(module.generate_content(model=MODEL, contents="Hello!")).text
    assert list(inspect.signature(module.generate_content).parameters)[:2] == ["model", "contents"]
    assert "349755828e0" in module.generate_content.__doc__
    monkeypatch.setattr("wenwen._client._default", None)


TEXT: Any = {"role": "user", "parts": [{"text": "Hi"}]}


@pytest.mark.parametrize(
    ("contents", "wire"),
    [
        ("Hi", [TEXT]),
        ([TEXT], [TEXT]),
        (TEXT, [TEXT]),
        (["Hi"], [TEXT]),
        ([{"text": "Hi"}], [TEXT]),
        (iter(["Hi"]), [TEXT]),
        ([TEXT, {"role": "model", "parts": [{"text": "Yes?"}]}, "Go on"],
         [TEXT, {"role": "model", "parts": [{"text": "Yes?"}]}, {"role": "user", "parts": [{"text": "Go on"}]}]),
        (["What is it?", PNG],
         [{"role": "user", "parts": [{"text": "What is it?"}, {"inline_data": {
             "data": base64.b64encode(PNG).decode(), "mime_type": "image/png"}}]}]),
        ([{"parts": [{"inlineData": {"mimeType": "image/webp", "data": PNG}}]}],
         [{"parts": [{"inlineData": {"mimeType": "image/webp", "data": base64.b64encode(PNG).decode()}}]}]),
        ([{"parts": [{"inline_data": {"mime_type": "image/png", "data": "aWE="}}]}],
         [{"parts": [{"inline_data": {"mime_type": "image/png", "data": "aWE="}}]}]),
    ],
)  # fmt: skip
def test_contents(gateway: LocalGateway, contents: Any, wire: Any) -> None:
    gateway.client().gemini.generate_content(model=MODEL, contents=contents)
    assert sent(gateway) == {"contents": wire}


def test_files(call: Call, gateway: LocalGateway, tmp_path: Path) -> None:
    path = tmp_path / "dog.jpg"
    path.write_bytes(b"\xff\xd8\xff rest")
    ask(call, gateway, contents=["golden, please", path])
    part = sent(gateway)["contents"][0]["parts"][1]
    data = base64.b64encode(path.read_bytes()).decode()
    assert part == {"inline_data": {"data": data, "mime_type": "image/jpeg"}}
    with pytest.raises(FileNotFoundError):
        ask(call, gateway, contents=[tmp_path / "nobody.png"])
    assert len(gateway.requests) == 1


def test_parameters_in_both_spellings(call: Call, gateway: LocalGateway) -> None:
    ask(
        call,
        gateway,
        model="models/gemini-2.5-pro",
        system_instruction="简洁",
        generation_config={"maxOutputTokens": 5},
        tool_config={"functionCallingConfig": {"mode": "NONE"}},
        safety_settings=[],
        tools=[{"googleSearch": {}}],
        cached_content="cachedContents/1",
    )
    assert gateway.last_request is not None
    assert gateway.last_request.path == "/v1beta/models/gemini-2.5-pro:generateContent"
    expected = {
        "contents": [{"role": "user", "parts": [{"text": "你好"}]}],
        "systemInstruction": {"parts": [{"text": "简洁"}]},
        "generationConfig": {"maxOutputTokens": 5},
        "toolConfig": {"functionCallingConfig": {"mode": "NONE"}},
        "safetySettings": [],
        "tools": [{"googleSearch": {}}],
        "cachedContent": "cachedContents/1",
    }
    assert sent(gateway) == expected
    del expected["contents"]
    ask(call, gateway, **expected)
    assert sent(gateway) == {"contents": [{"role": "user", "parts": [{"text": "你好"}]}], **expected}


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"contents": []}, ValueError, "contents is empty"),
        ({"contents": None}, TypeError, "contents has None"),
        ({"contents": [3.5]}, TypeError, "contents has 3.5"),
        ({"contents": [object()]}, TypeError, r"contents\[0\]\.parts\[0\]\.inline_data\.data"),
        ({"model": None}, TypeError, "model is None"),
        ({"model": ""}, ValueError, 'model is ""'),
        ({"temperature": 1}, TypeError, "temperature"),
        ({"stream": "yes"}, TypeError, "stream is 'yes'"),
        ({"generation_config": 3}, TypeError, "generationConfig"),
        ({"contents": [{"text": PNG}]}, TypeError, r"contents\[0\]\.parts\[0\]\.text"),
    ],
)
def test_bad_input_is_refused_here(call: Call, gateway: LocalGateway, params: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        ask(call, gateway, **params)
    assert gateway.requests == []


def test_what_is_missing(call: Call, gateway: LocalGateway) -> None:
    gemini = call.client(gateway).gemini
    with pytest.raises(TypeError, match=r"generate_content.*'model'"):
        call.wait(gemini.generate_content(contents="Hi"))
    for stream in (False, True):
        with pytest.raises(TypeError, match=r"generate_content.*'contents'"):
            call.wait(gemini.generate_content(model=MODEL, stream=stream))
    assert gateway.requests == []


def test_a_reply_goes_back(call: Call, gateway: LocalGateway) -> None:
    parts = [
        {"text": "Let me see.", "thought": True, "thoughtSignature": "c2ln"},
        {"functionCall": {"name": "f", "args": {}}},
    ]
    gateway.script({"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}]})
    reply = ask(call, gateway)
    assert (reply.text, reply.thoughts, reply.function_calls[0].name) == ("", "Let me see.", "f")
    answer = {"parts": [{"functionResponse": {"name": "f", "response": {"ok": 1}}}], "role": "user"}
    ask(call, gateway, contents=[TEXT, reply.candidates[0].content, answer])
    assert sent(gateway)["contents"] == [TEXT, {"role": "model", "parts": parts}, answer]


def test_default_answers(call: Call, gateway: LocalGateway) -> None:
    reply = ask(call, gateway, generation_config={"thinkingConfig": {"includeThoughts": True}})
    assert reply.thoughts
    assert reply.thoughts not in reply.text
    assert reply.usage_metadata.thoughtsTokenCount > 0
    assert reply.model_version == MODEL
    schema = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}
    tools = [{"functionDeclarations": [{"name": "weather", "parameters": schema}]}]
    reply = ask(call, gateway, tools=tools, tool_config={"functionCallingConfig": {"mode": "ANY"}})
    assert (reply.function_calls[0].name, list(reply.function_calls[0].args)) == ("weather", ["city"])
    config = {"responseMimeType": "application/json", "responseSchema": schema}
    assert ask(call, gateway, generation_config=config).text.startswith('{"city":')


@pytest.mark.parametrize("body", [{"contents": []}, {}, {"contents": None}])
def test_the_gateway_wants_contents(gateway: LocalGateway, body: Any) -> None:
    with pytest.raises(wenwen.InternalServerError, match="contents is required") as caught:
        gateway.client().post(f"/v1beta/models/{MODEL}:generateContent", body=body)
    assert (caught.value.code, caught.value.attempts) == ("invalid_request", 1)


# ---- streams ----


def chunks(call: Call, gateway: LocalGateway, **params: Any) -> list[Any]:
    return list(call.each(ask(call, gateway, stream=True, **params)))


def test_stream_sample(call: Call, gateway: LocalGateway) -> None:
    gateway.script(*[Reply(events=(CHAT / "stream.sse").read_bytes())] * 3)
    request = sample("n5-gemini-generate/request.json")
    events = chunks(call, gateway, **request)
    assert gateway.last_request is not None
    assert gateway.last_request.path == f"/v1beta/models/{MODEL}:streamGenerateContent"
    assert gateway.last_request.query == "alt=sse"
    assert sent(gateway) == request  # the path says that it is a stream
    whole = sample("n5-gemini-generate/response.json")
    assert [event.text for event in events] == ["您好。", "请问有什么我可以协助您的?"]
    assert "".join(event.text for event in events) == GenerateContentResponse(whole).text
    assert [event["candidates"][0]["index"] for event in chunks(call, gateway, as_dict=True)] == [0, 0]
    gemini = call.client(gateway).gemini
    with call.open(gemini.stream(model=MODEL, contents="Hi")) as stream:
        assert list(call.each(stream.text_stream)) == ["您好。", "请问有什么我可以协助您的?"]
        final = call.wait(stream.get_final_response())
    assert final.text == GenerateContentResponse(whole).text
    assert final.usage_metadata.totalTokenCount == 36
    assert (final.candidates[0].finishReason, len(final.candidates[0].content.parts)) == ("STOP", 1)


def test_googles_name_of_it(call: Call, gateway: LocalGateway) -> None:
    gemini = call.client(gateway).gemini
    events = list(call.each(call.wait(gemini.generate_content_stream(model=MODEL, contents="Hi"))))
    assert "".join(event.text for event in events) == ask(call, gateway, contents="Hi").text
    assert gemini.generate_content.__doc__ != gemini.generate_content_stream.__doc__


@pytest.mark.parametrize("model", [MODEL, "claude-sonnet-4-20250514", "gemini-2.5-flash-image"])
def test_a_stream_is_the_whole_reply(call: Call, gateway: LocalGateway, model: str) -> None:
    """A converted upstream (Claude's) ends with an event of its own."""
    params: Any = {
        "model": model,
        "contents": "画一只猫",
        "generation_config": {"thinkingConfig": {"includeThoughts": True}},
    }
    whole = ask(call, gateway, **params)
    with call.open(call.client(gateway).gemini.stream(**params)) as stream:
        events = call.each(stream)  # kept: a generator that goes closes what it yields from
        first = next(events)
        assert first.thoughts
        assert stream.snapshot.thoughts.startswith(first.thoughts)
        final = call.wait(stream.get_final_response())
    for name in ("text", "thoughts", "images"):
        assert getattr(final, name) == getattr(whole, name)
    assert final.usageMetadata == whole.usageMetadata
    assert final.candidates[0].content == whole.candidates[0].content


def test_stream_helper_as_dicts(call: Call, gateway: LocalGateway) -> None:
    with call.open(call.client(gateway).gemini.stream(model=MODEL, contents="Hi", as_dict=True)) as stream:
        text = "".join(call.each(stream.text_stream))
        final = call.wait(stream.get_final_response())
    assert isinstance(final, dict)
    assert final["candidates"][0]["content"]["parts"] == [{"text": text}]


def event(text: str, finish: str | None = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    return {"candidates": [{**candidate, "finishReason": finish} if finish else candidate]}


def test_a_stream_that_breaks_off(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(events=[event("He"), event("llo")]), Reply(events=[event("He"), "data: [DONE]\n\n"]))
    seen = []
    for expected in ("Hello", "He"):
        with pytest.raises(wenwen.IncompleteStreamError) as caught:
            for chunk in call.each(ask(call, gateway, stream=True)):
                seen.append(chunk.text)
        assert isinstance(caught.value.partial, GenerateContentResponse)
        assert caught.value.partial.text == expected
        assert pickle.loads(pickle.dumps(caught.value)).partial.text == expected
    assert seen == ["He", "llo", "He"]


def test_errors_in_a_stream(call: Call, gateway: LocalGateway) -> None:
    error = {"error": {"message": "quota", "type": "upstream_error", "param": "", "code": 429}}
    gateway.script(Reply(events=[event("He"), error]))
    with pytest.raises(wenwen.RateLimitError, match="quota") as caught:
        chunks(call, gateway)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "He"  # type: ignore[union-attr]


def test_an_array_instead_of_events(call: Call, gateway: LocalGateway) -> None:
    """Without alt=sse the gateway answers with an array."""
    gateway.script([event("He"), event("llo", "STOP")])
    assert [chunk.text for chunk in chunks(call, gateway)] == ["He", "llo"]
    answer = ask(call, gateway).text
    parts = chunks(call, gateway, extra_query={"alt": "json"})
    assert "".join(chunk.text for chunk in parts) == answer


def test_events_instead_of_a_reply(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(events=[event("He"), event("llo", "STOP")]))
    assert ask(call, gateway).text == "Hello"


def test_errors(call: Call, gateway: LocalGateway) -> None:
    """In OpenAI's envelope; a code may be a number."""
    error = {"error": {"message": "bad part (request id: x)", "type": "upstream_error", "param": "", "code": 400}}
    gateway.script(Reply(status=400, json=error), 401, 503, 503)
    with pytest.raises(wenwen.BadRequestError, match="bad part") as caught:
        ask(call, gateway)
    assert (caught.value.code, caught.value.type) == ("400", "upstream_error")
    with pytest.raises(wenwen.AuthenticationError):
        ask(call, gateway)
    with pytest.raises(wenwen.ServiceUnavailableError) as unavailable:
        ask(call, gateway, max_retries=0)
    assert unavailable.value.code == "model_not_found"


def test_a_blocked_prompt(call: Call, gateway: LocalGateway) -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"totalTokenCount": 3}}
    gateway.script(blocked, Reply(events=[blocked]), {"candidates": None, "modelVersion": MODEL})
    reply = ask(call, gateway)
    assert (reply.text, reply.images, reply.prompt_feedback.blockReason) == ("", [], "SAFETY")
    assert [chunk.text for chunk in chunks(call, gateway)] == [""]
    assert ask(call, gateway).text == ""


def test_raw_and_streaming_responses(call: Call, gateway: LocalGateway) -> None:
    gemini = call.client(gateway).gemini
    raw = call.wait(gemini.with_raw_response.generate_content(model=MODEL, contents="Hi"))
    assert raw.status_code == 200
    assert "Hi" in raw.parse().text
    with call.open(gemini.with_streaming_response.generate_content(model=MODEL, contents="Hi", stream=True)) as body:
        assert call.wait(body.read()).startswith(b"data: {")


def test_keys_of_google(gateway: LocalGateway) -> None:
    """The gateway takes a key in Google's header and in the query as well."""
    client = gateway.client(default_headers={"authorization": None, "x-goog-api-key": gateway.api_key})
    assert client.gemini.generate_content(model=MODEL, contents="Hi").text
    client = gateway.client(default_headers={"authorization": None}, default_query={"key": gateway.api_key})
    assert client.gemini.generate_content(model=MODEL, contents="Hi").text
    with pytest.raises(wenwen.AuthenticationError):
        gateway.client(default_headers={"authorization": None}).gemini.generate_content(model=MODEL, contents="Hi")


# Vectors, tokens, models


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("a", [{"text": "a"}]),
        ([{"text": "a"}, "b"], [{"text": "a"}, {"text": "b"}]),
        ({"role": "user", "parts": [{"text": "a"}]}, [{"text": "a"}]),
    ],
)
def test_a_vector(call: Call, gateway: LocalGateway, content: Any, parts: Any) -> None:
    gemini = call.client(gateway).gemini
    reply = call.wait(
        gemini.embed_content(model="models/gemini-embedding-001", content=content, output_dimensionality=3)
    )
    assert len(reply.embedding.values) == 3
    assert reply.embedding["values"] == reply.embedding.values
    assert gateway.last_request is not None
    assert gateway.last_request.path == "/v1beta/models/gemini-embedding-001:embedContent"
    assert gateway.last_request.json() == {"content": {"role": "user", "parts": parts}, "outputDimensionality": 3}


def test_vectors(call: Call, gateway: LocalGateway) -> None:
    gemini = call.client(gateway).gemini
    ask: dict[str, Any] = {"model": "m", "task_type": "CLUSTERING", "output_dimensionality": 2}
    reply = call.wait(gemini.batch_embed_contents(contents=["a", {"role": "user", "parts": [{"text": "b"}]}], **ask))
    assert [len(embedding.values) for embedding in reply.embeddings] == [2, 2]
    assert gateway.last_request is not None
    assert gateway.last_request.path == "/v1beta/models/m:batchEmbedContents"
    assert gateway.last_request.json()["requests"] == [
        {
            "model": "models/m",
            "taskType": "CLUSTERING",
            "outputDimensionality": 2,
            "content": {"role": "user", "parts": [{"text": text}]},
        }
        for text in "ab"
    ]
    assert len(call.wait(gemini.batch_embed_contents(model="m", contents=[], as_dict=True))["embeddings"]) == 0


@pytest.mark.parametrize(
    ("method", "params", "error", "words"),
    [
        ("embed_content", {"content": "a"}, TypeError, "'model'"),
        ("embed_content", {"model": "m"}, TypeError, "'content'"),
        ("embed_content", {"model": 5, "content": "a"}, TypeError, "model is 5"),
        ("embed_content", {"model": "m", "content": ""}, None, ""),
        ("embed_content", {"model": "m", "content": []}, ValueError, "contents is empty"),
        ("embed_content", {"model": "m", "content": [{"role": "user"}, {"role": "user"}]}, ValueError, "2 messages"),
        ("batch_embed_contents", {"model": "m", "contents": "a"}, TypeError, "give a list"),
        ("batch_embed_contents", {"model": "m"}, TypeError, "'requests'|'contents'"),
        ("count_tokens", {"model": "m"}, TypeError, "'contents'"),
        ("list_models", {"model": "m"}, TypeError, "'model'"),
    ],
)
def test_vectors_of_nothing(
    call: Call, gateway: LocalGateway, method: str, params: Any, error: Any, words: str
) -> None:
    ask = getattr(call.client(gateway).gemini, method)
    if error is None:
        assert call.wait(ask(**params)).embedding.values
        return
    with pytest.raises(error, match=words):
        call.wait(ask(**params))
    assert gateway.requests == []


def test_models(call: Call, gateway: LocalGateway) -> None:
    page = call.wait(call.client(gateway).gemini.list_models(page_size=5, page_token="t", extra_query={"a": 1}))
    assert [model.name for model in page] == [model.name for model in page.models]
    assert page.nextPageToken is None
    assert gateway.last_request is not None
    assert sorted(gateway.last_request.query.split("&")) == ["a=1", "pageSize=5", "pageToken=t"]
    call.wait(call.client(gateway).gemini.list_models(page_size=None))
    assert gateway.last_request.query == ""
