"""The raw forms of every call of an `AsyncClient`."""

from __future__ import annotations

from typing import assert_type

from wenwen import APIResponse, AsyncClient, Headers
from wenwen.resources._base import AsyncStreamingResponse


async def raw(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.responses.with_raw_response.create(model="m", input="x"), APIResponse)
    assert_type(await client.responses.with_raw_response.retrieve("r"), APIResponse)
    assert_type(await client.responses.with_raw_response.delete("r"), APIResponse)
    assert_type(await client.responses.with_raw_response.cancel(response_id="r"), APIResponse)
    assert_type(await client.responses.with_raw_response.input_items.list("r", limit=2), APIResponse)
    assert_type(await client.chat.completions.with_raw_response.create(model="m", messages=[]), APIResponse)
    assert_type(
        await client.chat.with_raw_response.completions.create(model="m", messages=[], stream=flag), APIResponse
    )
    assert_type(await client.messages.with_raw_response.create(model="m", max_tokens=1, messages=[]), APIResponse)
    assert_type(await client.embeddings.with_raw_response.create(model="m", input=["x"], batch_size=2), APIResponse)
    assert_type(await client.gemini.with_raw_response.generate_content(model="m", contents="x"), APIResponse)
    assert_type(await client.gemini.with_raw_response.generate_content_stream(model="m", contents="x"), APIResponse)
    assert_type(await client.images.with_raw_response.generate(prompt="x"), APIResponse)
    assert_type(await client.images.with_raw_response.edit(prompt="x", image=b"png"), APIResponse)
    assert_type(await client.midjourney.with_raw_response.imagine(prompt="x"), APIResponse)
    assert_type(await client.midjourney.with_raw_response.blend(base64Array=[b"1", b"2"]), APIResponse)
    assert_type(await client.midjourney.with_raw_response.action(taskId="t", customId="c"), APIResponse)
    assert_type(await client.midjourney.with_raw_response.modal(taskId="t", prompt="x"), APIResponse)
    assert_type(await client.midjourney.with_raw_response.change(taskId="t", action="UPSCALE", index=1), APIResponse)
    assert_type(await client.midjourney.with_raw_response.simple_change(content="t U1"), APIResponse)
    assert_type(await client.midjourney.with_raw_response.describe(base64=b"png"), APIResponse)
    assert_type(await client.midjourney.with_raw_response.shorten(prompt="x"), APIResponse)
    assert_type(await client.midjourney.with_raw_response.fetch("t"), APIResponse)
    assert_type(await client.midjourney.with_raw_response.list(["t", 5]), APIResponse)
    assert_type(await client.midjourney.with_raw_response.seed("t"), APIResponse)
    assert_type(await client.models.with_raw_response.list(), APIResponse)
    assert_type(await client.models.with_raw_response.retrieve("m"), APIResponse)
    assert_type(await client.pricing.with_raw_response.list(), APIResponse)
    assert_type(await client.billing.with_raw_response.subscription(), APIResponse)
    assert_type(await client.billing.with_raw_response.usage(timeout=5), APIResponse)
    assert_type(await client.videos.with_raw_response.create(model="m", prompt="x"), APIResponse)
    assert_type(await client.videos.with_raw_response.retrieve("v"), APIResponse)
    assert_type(await client.videos.with_raw_response.remix("v", prompt="x"), APIResponse)
    assert_type(await client.videos.generations.with_raw_response.create(model="m", prompt="x"), APIResponse)
    assert_type(await client.videos.with_raw_response.generations.create(model="m", prompt="x"), APIResponse)
    assert_type(await client.videos.generations.with_raw_response.retrieve("t"), APIResponse)
    assert_type(await client.videos.with_raw_response.generations.retrieve("t"), APIResponse)
    assert_type(await client.audio.transcriptions.with_raw_response.create(b"wav", model="m"), APIResponse)
    assert_type(await client.audio.with_raw_response.transcriptions.create(b"wav", model="m"), APIResponse)
    assert_type(await client.audio.translations.with_raw_response.create(file=b"wav", model="m"), APIResponse)
    assert_type(await client.audio.with_raw_response.translations.create(file=b"wav", model="m"), APIResponse)
    assert_type(await client.audio.speech.with_raw_response.create("x", model="m", voice="alloy"), APIResponse)
    assert_type(await client.audio.with_raw_response.speech.create("x", model="m", voice="alloy"), APIResponse)
    assert_type(await client.videos.with_raw_response.download_content("v"), APIResponse)
    reply = await client.responses.with_raw_response.create(model="m", input="x", stream=flag)
    assert_type(reply.status_code, int)
    assert_type(reply.headers, Headers)
    assert_type(reply.content, bytes)


async def streaming(client: AsyncClient, flag: bool) -> None:
    assert_type(client.responses.with_streaming_response.create(model="m", input="x"), AsyncStreamingResponse)
    assert_type(client.responses.with_streaming_response.retrieve("r"), AsyncStreamingResponse)
    assert_type(client.responses.with_streaming_response.delete("r"), AsyncStreamingResponse)
    assert_type(client.responses.with_streaming_response.cancel(response_id="r"), AsyncStreamingResponse)
    assert_type(client.responses.with_streaming_response.input_items.list("r", limit=2), AsyncStreamingResponse)
    assert_type(client.chat.completions.with_streaming_response.create(model="m", messages=[]), AsyncStreamingResponse)
    assert_type(
        client.chat.with_streaming_response.completions.create(model="m", messages=[], stream=flag),
        AsyncStreamingResponse,
    )
    assert_type(
        client.messages.with_streaming_response.create(model="m", max_tokens=1, messages=[]), AsyncStreamingResponse
    )
    assert_type(
        client.embeddings.with_streaming_response.create(model="m", input=["x"], batch_size=2), AsyncStreamingResponse
    )
    assert_type(client.gemini.with_streaming_response.generate_content(model="m", contents="x"), AsyncStreamingResponse)
    assert_type(
        client.gemini.with_streaming_response.generate_content_stream(model="m", contents="x"), AsyncStreamingResponse
    )
    assert_type(client.images.with_streaming_response.generate(prompt="x"), AsyncStreamingResponse)
    assert_type(client.images.with_streaming_response.edit(prompt="x", image=b"png"), AsyncStreamingResponse)
    assert_type(client.midjourney.with_streaming_response.imagine(prompt="x"), AsyncStreamingResponse)
    assert_type(client.midjourney.with_streaming_response.blend(base64Array=[b"1", b"2"]), AsyncStreamingResponse)
    assert_type(client.midjourney.with_streaming_response.action(taskId="t", customId="c"), AsyncStreamingResponse)
    assert_type(client.midjourney.with_streaming_response.modal(taskId="t", prompt="x"), AsyncStreamingResponse)
    assert_type(
        client.midjourney.with_streaming_response.change(taskId="t", action="UPSCALE", index=1), AsyncStreamingResponse
    )
    assert_type(client.midjourney.with_streaming_response.simple_change(content="t U1"), AsyncStreamingResponse)
    assert_type(client.midjourney.with_streaming_response.describe(base64=b"png"), AsyncStreamingResponse)
    assert_type(client.midjourney.with_streaming_response.shorten(prompt="x"), AsyncStreamingResponse)
    assert_type(client.midjourney.with_streaming_response.fetch("t"), AsyncStreamingResponse)
    assert_type(client.midjourney.with_streaming_response.list(["t", 5]), AsyncStreamingResponse)
    assert_type(client.midjourney.with_streaming_response.seed("t"), AsyncStreamingResponse)
    assert_type(client.models.with_streaming_response.list(), AsyncStreamingResponse)
    assert_type(client.models.with_streaming_response.retrieve("m"), AsyncStreamingResponse)
    assert_type(client.pricing.with_streaming_response.list(), AsyncStreamingResponse)
    assert_type(client.billing.with_streaming_response.subscription(), AsyncStreamingResponse)
    assert_type(client.billing.with_streaming_response.usage(timeout=5), AsyncStreamingResponse)
    assert_type(client.videos.with_streaming_response.create(model="m", prompt="x"), AsyncStreamingResponse)
    assert_type(client.videos.with_streaming_response.retrieve("v"), AsyncStreamingResponse)
    assert_type(client.videos.with_streaming_response.remix("v", prompt="x"), AsyncStreamingResponse)
    assert_type(client.videos.generations.with_streaming_response.create(model="m", prompt="x"), AsyncStreamingResponse)
    assert_type(client.videos.with_streaming_response.generations.create(model="m", prompt="x"), AsyncStreamingResponse)
    assert_type(client.videos.generations.with_streaming_response.retrieve("t"), AsyncStreamingResponse)
    assert_type(client.videos.with_streaming_response.generations.retrieve("t"), AsyncStreamingResponse)
    assert_type(client.audio.transcriptions.with_streaming_response.create(b"wav", model="m"), AsyncStreamingResponse)
    assert_type(client.audio.with_streaming_response.transcriptions.create(b"wav", model="m"), AsyncStreamingResponse)
    assert_type(
        client.audio.translations.with_streaming_response.create(file=b"wav", model="m"), AsyncStreamingResponse
    )
    assert_type(
        client.audio.with_streaming_response.translations.create(file=b"wav", model="m"), AsyncStreamingResponse
    )
    assert_type(
        client.audio.speech.with_streaming_response.create("x", model="m", voice="alloy"), AsyncStreamingResponse
    )
    assert_type(
        client.audio.with_streaming_response.speech.create("x", model="m", voice="alloy"), AsyncStreamingResponse
    )
    assert_type(client.videos.with_streaming_response.download_content("v"), AsyncStreamingResponse)
    async with client.chat.with_streaming_response.completions.create(model="m", messages=[]) as body:
        assert_type(body, AsyncStreamingResponse)
        assert_type(await body.read(), bytes)
        assert_type(await body.text(), str)
        async for line in body.iter_lines():
            assert_type(line, str)
        async for piece in body.iter_bytes(5):
            assert_type(piece, bytes)
        await body.stream_to_file("a.json")
