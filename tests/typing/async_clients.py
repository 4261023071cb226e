"""Every form of every call of an `AsyncClient`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, Literal, assert_type

from wenwen import AsyncClient, AsyncStream, BinaryContent
from wenwen.resources.chat import AsyncChatCompletionStream
from wenwen.resources.gemini import AsyncGenerateContentHelper
from wenwen.resources.messages import AsyncMessageStream
from wenwen.resources.models import AsyncModelPage
from wenwen.resources.responses import AsyncResponseStream
from wenwen.types import (
    AsyncTask,
    AsyncVideo,
    AsyncVideoGeneration,
    BillingSubscription,
    BillingUsage,
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionStreamEvent,
    CreateEmbeddingResponse,
    GenerateContentResponse,
    ImageEditStreamEvent,
    ImageGenStreamEvent,
    ImageSeed,
    ImagesResponse,
    Message,
    MessageStreamEvent,
    Model,
    ModelList,
    Prices,
    RawMessageStreamEvent,
    Response,
    ResponseDeleted,
    ResponseItemList,
    ResponseStreamEvent,
    SpeechStreamEvent,
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)
from wenwen.types._parsed import ParsedChatCompletion, ParsedResponse


class Answer:
    """A class of the user's."""


async def responses(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.responses.create(model="m", input="x"), Response)
    assert_type(await client.responses.create(model="m", input="x", as_dict=False), Response)
    assert_type(await client.responses.create(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(await client.responses.create(model="m", input="x", as_dict=flag), Response | dict[str, Any])
    assert_type(await client.responses.create(model="m", input="x", stream=True), AsyncStream[ResponseStreamEvent])
    assert_type(
        await client.responses.create(model="m", input="x", stream=True, as_dict=True), AsyncStream[dict[str, Any]]
    )
    assert_type(await client.responses.create(model="m", input="x", stream=False), Response)
    assert_type(await client.responses.create(model="m", input="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await client.responses.create(model="m", input="x", stream=True, as_dict=flag),
        AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.responses.create(model="m", input="x", stream=flag), Response | AsyncStream[ResponseStreamEvent]
    )
    assert_type(
        await client.responses.create(model="m", input="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.responses.create(model="m", input="x", stream=flag, as_dict=flag),
        Response | dict[str, Any] | AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await client.responses.retrieve("r"), Response)
    assert_type(await client.responses.retrieve("r", as_dict=False), Response)
    assert_type(await client.responses.retrieve("r", as_dict=True), dict[str, Any])
    assert_type(await client.responses.retrieve("r", as_dict=flag), Response | dict[str, Any])
    assert_type(await client.responses.retrieve("r", stream=True), AsyncStream[ResponseStreamEvent])
    assert_type(await client.responses.retrieve("r", stream=True, as_dict=True), AsyncStream[dict[str, Any]])
    assert_type(await client.responses.retrieve("r", stream=False), Response)
    assert_type(await client.responses.retrieve("r", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await client.responses.retrieve("r", stream=True, as_dict=flag),
        AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await client.responses.retrieve("r", stream=flag), Response | AsyncStream[ResponseStreamEvent])
    assert_type(
        await client.responses.retrieve("r", stream=flag, as_dict=True), dict[str, Any] | AsyncStream[dict[str, Any]]
    )
    assert_type(
        await client.responses.retrieve("r", stream=flag, as_dict=flag),
        Response | dict[str, Any] | AsyncStream[ResponseStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await client.responses.delete("r"), ResponseDeleted)
    assert_type(await client.responses.delete("r", as_dict=False), ResponseDeleted)
    assert_type(await client.responses.delete("r", as_dict=True), dict[str, Any])
    assert_type(await client.responses.delete("r", as_dict=flag), ResponseDeleted | dict[str, Any])
    assert_type(await client.responses.cancel(response_id="r"), Response)
    assert_type(await client.responses.cancel(response_id="r", as_dict=False), Response)
    assert_type(await client.responses.cancel(response_id="r", as_dict=True), dict[str, Any])
    assert_type(await client.responses.cancel(response_id="r", as_dict=flag), Response | dict[str, Any])
    assert_type(await client.responses.input_items.list("r", limit=2), ResponseItemList)
    assert_type(await client.responses.input_items.list("r", limit=2, as_dict=False), ResponseItemList)
    assert_type(await client.responses.input_items.list("r", limit=2, as_dict=True), dict[str, Any])
    assert_type(await client.responses.input_items.list("r", limit=2, as_dict=flag), ResponseItemList | dict[str, Any])
    assert_type(client.responses.stream(model="m", input="x"), AsyncResponseStream)
    async with client.responses.stream(model="m", input="x") as stream:
        assert_type(stream, AsyncResponseStream)
        async for event in stream:
            assert_type(event, ResponseStreamEvent)
        assert_type(stream.text_stream, AsyncIterator[str])
        assert_type(await stream.get_final_response(), Response)
        assert_type(await stream.until_done(), AsyncResponseStream)
        assert_type(stream.snapshot, Response | None)
    parsed = await client.responses.parse(Answer, model="m", input="x")
    assert_type(parsed, ParsedResponse[Answer])
    assert_type(parsed.output_parsed, Answer | None)


async def chat(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.chat.completions.create(model="m", messages=[]), ChatCompletion)
    assert_type(await client.chat.completions.create(model="m", messages=[], as_dict=False), ChatCompletion)
    assert_type(await client.chat.completions.create(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(
        await client.chat.completions.create(model="m", messages=[], as_dict=flag), ChatCompletion | dict[str, Any]
    )
    assert_type(
        await client.chat.completions.create(model="m", messages=[], stream=True), AsyncStream[ChatCompletionChunk]
    )
    assert_type(
        await client.chat.completions.create(model="m", messages=[], stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await client.chat.completions.create(model="m", messages=[], stream=False), ChatCompletion)
    assert_type(await client.chat.completions.create(model="m", messages=[], stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await client.chat.completions.create(model="m", messages=[], stream=True, as_dict=flag),
        AsyncStream[ChatCompletionChunk] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.chat.completions.create(model="m", messages=[], stream=flag),
        ChatCompletion | AsyncStream[ChatCompletionChunk],
    )
    assert_type(
        await client.chat.completions.create(model="m", messages=[], stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.chat.completions.create(model="m", messages=[], stream=flag, as_dict=flag),
        ChatCompletion | dict[str, Any] | AsyncStream[ChatCompletionChunk] | AsyncStream[dict[str, Any]],
    )
    assert_type(client.chat.completions.stream(model="m", messages=[]), AsyncChatCompletionStream)
    async with client.chat.completions.stream(model="m", messages=[]) as stream:
        assert_type(stream, AsyncChatCompletionStream)
        async for event in stream:
            assert_type(event, ChatCompletionStreamEvent)
        assert_type(stream.text_stream, AsyncIterator[str])
        assert_type(await stream.get_final_completion(), ChatCompletion)
        assert_type(await stream.until_done(), AsyncChatCompletionStream)
        assert_type(stream.snapshot, ChatCompletion | None)
    assert_type(
        await client.chat.completions.parse(response_format=Answer, model="m", messages=[]),
        ParsedChatCompletion[Answer],
    )


async def messages(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.messages.create(model="m", max_tokens=1, messages=[]), Message)
    assert_type(await client.messages.create(model="m", max_tokens=1, messages=[], as_dict=False), Message)
    assert_type(await client.messages.create(model="m", max_tokens=1, messages=[], as_dict=True), dict[str, Any])
    assert_type(
        await client.messages.create(model="m", max_tokens=1, messages=[], as_dict=flag), Message | dict[str, Any]
    )
    assert_type(
        await client.messages.create(model="m", max_tokens=1, messages=[], stream=True),
        AsyncStream[RawMessageStreamEvent],
    )
    assert_type(
        await client.messages.create(model="m", max_tokens=1, messages=[], stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await client.messages.create(model="m", max_tokens=1, messages=[], stream=False), Message)
    assert_type(
        await client.messages.create(model="m", max_tokens=1, messages=[], stream=None, as_dict=True), dict[str, Any]
    )
    assert_type(
        await client.messages.create(model="m", max_tokens=1, messages=[], stream=True, as_dict=flag),
        AsyncStream[RawMessageStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.messages.create(model="m", max_tokens=1, messages=[], stream=flag),
        Message | AsyncStream[RawMessageStreamEvent],
    )
    assert_type(
        await client.messages.create(model="m", max_tokens=1, messages=[], stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.messages.create(model="m", max_tokens=1, messages=[], stream=flag, as_dict=flag),
        Message | dict[str, Any] | AsyncStream[RawMessageStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(client.messages.stream(model="m", max_tokens=1, messages=[]), AsyncMessageStream)
    async with client.messages.stream(model="m", max_tokens=1, messages=[]) as stream:
        assert_type(stream, AsyncMessageStream)
        async for event in stream:
            assert_type(event, MessageStreamEvent)
        assert_type(stream.text_stream, AsyncIterator[str])
        assert_type(await stream.get_final_message(), Message)
        assert_type(await stream.until_done(), AsyncMessageStream)
        assert_type(stream.snapshot, Message | None)
        assert_type(await stream.get_final_text(), str)
        assert_type(stream.current_message_snapshot, Message)


async def embeddings(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.embeddings.create(model="m", input=["x"], batch_size=2), CreateEmbeddingResponse)
    assert_type(
        await client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=False), CreateEmbeddingResponse
    )
    assert_type(await client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=True), dict[str, Any])
    assert_type(
        await client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=flag),
        CreateEmbeddingResponse | dict[str, Any],
    )


async def gemini(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.gemini.generate_content(model="m", contents="x"), GenerateContentResponse)
    assert_type(await client.gemini.generate_content(model="m", contents="x", as_dict=False), GenerateContentResponse)
    assert_type(await client.gemini.generate_content(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(
        await client.gemini.generate_content(model="m", contents="x", as_dict=flag),
        GenerateContentResponse | dict[str, Any],
    )
    assert_type(
        await client.gemini.generate_content(model="m", contents="x", stream=True), AsyncStream[GenerateContentResponse]
    )
    assert_type(
        await client.gemini.generate_content(model="m", contents="x", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await client.gemini.generate_content(model="m", contents="x", stream=False), GenerateContentResponse)
    assert_type(
        await client.gemini.generate_content(model="m", contents="x", stream=None, as_dict=True), dict[str, Any]
    )
    assert_type(
        await client.gemini.generate_content(model="m", contents="x", stream=True, as_dict=flag),
        AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.gemini.generate_content(model="m", contents="x", stream=flag),
        GenerateContentResponse | AsyncStream[GenerateContentResponse],
    )
    assert_type(
        await client.gemini.generate_content(model="m", contents="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.gemini.generate_content(model="m", contents="x", stream=flag, as_dict=flag),
        GenerateContentResponse | dict[str, Any] | AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.gemini.generate_content_stream(model="m", contents="x"), AsyncStream[GenerateContentResponse]
    )
    assert_type(
        await client.gemini.generate_content_stream(model="m", contents="x", as_dict=False),
        AsyncStream[GenerateContentResponse],
    )
    assert_type(
        await client.gemini.generate_content_stream(model="m", contents="x", as_dict=True), AsyncStream[dict[str, Any]]
    )
    assert_type(
        await client.gemini.generate_content_stream(model="m", contents="x", as_dict=flag),
        AsyncStream[GenerateContentResponse] | AsyncStream[dict[str, Any]],
    )
    assert_type(client.gemini.stream(model="m", contents="x"), AsyncGenerateContentHelper)
    async with client.gemini.stream(model="m", contents="x") as stream:
        assert_type(stream, AsyncGenerateContentHelper)
        async for event in stream:
            assert_type(event, GenerateContentResponse)
        assert_type(stream.text_stream, AsyncIterator[str])
        assert_type(await stream.get_final_response(), GenerateContentResponse)
        assert_type(await stream.until_done(), AsyncGenerateContentHelper)
        assert_type(stream.snapshot, GenerateContentResponse | None)


async def images(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.images.generate(prompt="x"), ImagesResponse)
    assert_type(await client.images.generate(prompt="x", as_dict=False), ImagesResponse)
    assert_type(await client.images.generate(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await client.images.generate(prompt="x", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(await client.images.generate(prompt="x", stream=True), AsyncStream[ImageGenStreamEvent])
    assert_type(await client.images.generate(prompt="x", stream=True, as_dict=True), AsyncStream[dict[str, Any]])
    assert_type(await client.images.generate(prompt="x", stream=False), ImagesResponse)
    assert_type(await client.images.generate(prompt="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await client.images.generate(prompt="x", stream=True, as_dict=flag),
        AsyncStream[ImageGenStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.images.generate(prompt="x", stream=flag), ImagesResponse | AsyncStream[ImageGenStreamEvent]
    )
    assert_type(
        await client.images.generate(prompt="x", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.images.generate(prompt="x", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | AsyncStream[ImageGenStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(await client.images.edit(prompt="x", image=b"png"), ImagesResponse)
    assert_type(await client.images.edit(prompt="x", image=b"png", as_dict=False), ImagesResponse)
    assert_type(await client.images.edit(prompt="x", image=b"png", as_dict=True), dict[str, Any])
    assert_type(await client.images.edit(prompt="x", image=b"png", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(await client.images.edit(prompt="x", image=b"png", stream=True), AsyncStream[ImageEditStreamEvent])
    assert_type(
        await client.images.edit(prompt="x", image=b"png", stream=True, as_dict=True), AsyncStream[dict[str, Any]]
    )
    assert_type(await client.images.edit(prompt="x", image=b"png", stream=False), ImagesResponse)
    assert_type(await client.images.edit(prompt="x", image=b"png", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        await client.images.edit(prompt="x", image=b"png", stream=True, as_dict=flag),
        AsyncStream[ImageEditStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.images.edit(prompt="x", image=b"png", stream=flag),
        ImagesResponse | AsyncStream[ImageEditStreamEvent],
    )
    assert_type(
        await client.images.edit(prompt="x", image=b"png", stream=flag, as_dict=True),
        dict[str, Any] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.images.edit(prompt="x", image=b"png", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | AsyncStream[ImageEditStreamEvent] | AsyncStream[dict[str, Any]],
    )
    for image in (await client.images.generate(prompt="x")).data:
        assert_type(await image.abytes(), bytes)
        await image.asave("a.png")


async def midjourney(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.midjourney.imagine(prompt="x"), AsyncTask)
    assert_type(await client.midjourney.imagine(prompt="x", as_dict=False), AsyncTask)
    assert_type(await client.midjourney.imagine(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await client.midjourney.imagine(prompt="x", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await client.midjourney.blend(base64Array=[b"1", b"2"]), AsyncTask)
    assert_type(await client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=False), AsyncTask)
    assert_type(await client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=True), dict[str, Any])
    assert_type(await client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await client.midjourney.action(taskId="t", customId="c"), AsyncTask)
    assert_type(await client.midjourney.action(taskId="t", customId="c", as_dict=False), AsyncTask)
    assert_type(await client.midjourney.action(taskId="t", customId="c", as_dict=True), dict[str, Any])
    assert_type(await client.midjourney.action(taskId="t", customId="c", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await client.midjourney.modal(taskId="t", prompt="x"), AsyncTask)
    assert_type(await client.midjourney.modal(taskId="t", prompt="x", as_dict=False), AsyncTask)
    assert_type(await client.midjourney.modal(taskId="t", prompt="x", as_dict=True), dict[str, Any])
    assert_type(await client.midjourney.modal(taskId="t", prompt="x", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await client.midjourney.change(taskId="t", action="UPSCALE", index=1), AsyncTask)
    assert_type(await client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=False), AsyncTask)
    assert_type(await client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=True), dict[str, Any])
    assert_type(
        await client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=flag), AsyncTask | dict[str, Any]
    )
    assert_type(await client.midjourney.simple_change(content="t U1"), AsyncTask)
    assert_type(await client.midjourney.simple_change(content="t U1", as_dict=False), AsyncTask)
    assert_type(await client.midjourney.simple_change(content="t U1", as_dict=True), dict[str, Any])
    assert_type(await client.midjourney.simple_change(content="t U1", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await client.midjourney.describe(base64=b"png"), AsyncTask)
    assert_type(await client.midjourney.describe(base64=b"png", as_dict=False), AsyncTask)
    assert_type(await client.midjourney.describe(base64=b"png", as_dict=True), dict[str, Any])
    assert_type(await client.midjourney.describe(base64=b"png", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await client.midjourney.shorten(prompt="x"), AsyncTask)
    assert_type(await client.midjourney.shorten(prompt="x", as_dict=False), AsyncTask)
    assert_type(await client.midjourney.shorten(prompt="x", as_dict=True), dict[str, Any])
    assert_type(await client.midjourney.shorten(prompt="x", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await client.midjourney.fetch("t"), AsyncTask)
    assert_type(await client.midjourney.fetch("t", as_dict=False), AsyncTask)
    assert_type(await client.midjourney.fetch("t", as_dict=True), dict[str, Any])
    assert_type(await client.midjourney.fetch("t", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await client.midjourney.list(["t", 5]), list[AsyncTask])
    assert_type(await client.midjourney.list(["t", 5], as_dict=False), list[AsyncTask])
    assert_type(await client.midjourney.list(["t", 5], as_dict=True), list[dict[str, Any]])
    assert_type(await client.midjourney.list(["t", 5], as_dict=flag), list[AsyncTask] | list[dict[str, Any]])
    assert_type(await client.midjourney.seed("t"), ImageSeed)
    assert_type(await client.midjourney.seed("t", as_dict=False), ImageSeed)
    assert_type(await client.midjourney.seed("t", as_dict=True), dict[str, Any])
    assert_type(await client.midjourney.seed("t", as_dict=flag), ImageSeed | dict[str, Any])
    task = await client.midjourney.imagine(prompt="x")
    assert_type(
        await client.midjourney.wait([task, "t"], 5, poll=1, progress=print, return_failed=flag), list[AsyncTask]
    )
    assert_type(await task.wait(progress=True), AsyncTask)
    assert_type(await task.refresh(), AsyncTask)
    assert_type(await task.action("U1"), AsyncTask)
    assert_type(await task.modal(prompt="x"), AsyncTask)
    assert_type(await task.seed(), str)
    assert_type(await task.save("a.png"), str)


async def models(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.models.list(), ModelList)
    assert_type(await client.models.list(as_dict=False), ModelList)
    assert_type(await client.models.list(as_dict=True), dict[str, Any])
    assert_type(client.models.list(), AsyncModelPage)
    assert_type(client.models.list(as_dict=flag), AsyncModelPage | Coroutine[Any, Any, dict[str, Any]])
    assert_type([each async for each in client.models.list()], list[Model])
    assert_type(await client.models.retrieve("m"), Model)
    assert_type(await client.models.retrieve("m", as_dict=False), Model)
    assert_type(await client.models.retrieve("m", as_dict=True), dict[str, Any])
    assert_type(await client.models.retrieve("m", as_dict=flag), Model | dict[str, Any])


async def pricing(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.pricing.list(), Prices)
    assert_type(await client.pricing.list(as_dict=False), Prices)
    assert_type(await client.pricing.list(as_dict=True), dict[str, Any])
    assert_type(await client.pricing.list(as_dict=flag), Prices | dict[str, Any])


async def billing(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.billing.subscription(), BillingSubscription)
    assert_type(await client.billing.subscription(as_dict=False), BillingSubscription)
    assert_type(await client.billing.subscription(as_dict=True), dict[str, Any])
    assert_type(await client.billing.subscription(as_dict=flag), BillingSubscription | dict[str, Any])
    assert_type(await client.billing.usage(timeout=5), BillingUsage)
    assert_type(await client.billing.usage(timeout=5, as_dict=False), BillingUsage)
    assert_type(await client.billing.usage(timeout=5, as_dict=True), dict[str, Any])
    assert_type(await client.billing.usage(timeout=5, as_dict=flag), BillingUsage | dict[str, Any])


async def videos(client: AsyncClient, flag: bool) -> None:
    assert_type(await client.videos.create(model="m", prompt="x"), AsyncVideo)
    assert_type(await client.videos.create(model="m", prompt="x", as_dict=False), AsyncVideo)
    assert_type(await client.videos.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(await client.videos.create(model="m", prompt="x", as_dict=flag), AsyncVideo | dict[str, Any])
    assert_type(await client.videos.retrieve("v"), AsyncVideo)
    assert_type(await client.videos.retrieve("v", as_dict=False), AsyncVideo)
    assert_type(await client.videos.retrieve("v", as_dict=True), dict[str, Any])
    assert_type(await client.videos.retrieve("v", as_dict=flag), AsyncVideo | dict[str, Any])
    assert_type(await client.videos.remix("v", prompt="x"), AsyncVideo)
    assert_type(await client.videos.remix("v", prompt="x", as_dict=False), AsyncVideo)
    assert_type(await client.videos.remix("v", prompt="x", as_dict=True), dict[str, Any])
    assert_type(await client.videos.remix("v", prompt="x", as_dict=flag), AsyncVideo | dict[str, Any])
    assert_type(await client.videos.generations.create(model="m", prompt="x"), AsyncVideoGeneration)
    assert_type(await client.videos.generations.create(model="m", prompt="x", as_dict=False), AsyncVideoGeneration)
    assert_type(await client.videos.generations.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(
        await client.videos.generations.create(model="m", prompt="x", as_dict=flag),
        AsyncVideoGeneration | dict[str, Any],
    )
    assert_type(await client.videos.generations.retrieve("t"), AsyncVideoGeneration)
    assert_type(await client.videos.generations.retrieve("t", as_dict=False), AsyncVideoGeneration)
    assert_type(await client.videos.generations.retrieve("t", as_dict=True), dict[str, Any])
    assert_type(await client.videos.generations.retrieve("t", as_dict=flag), AsyncVideoGeneration | dict[str, Any])
    assert_type(await client.videos.create_and_poll(model="m", prompt="x", poll_interval_ms=5), AsyncVideo)
    video = await client.videos.poll("v", progress=print)
    assert_type(video, AsyncVideo)
    assert_type(await video.wait(), AsyncVideo)
    assert_type(await video.refresh(), AsyncVideo)
    await video.save("a.mp4")
    task = await client.videos.generations.retrieve("t")
    assert_type(await task.wait(5, poll=1), AsyncVideoGeneration)
    assert_type(await task.refresh(), AsyncVideoGeneration)
    await task.save(Path("a.mp4"))


async def audio(
    client: AsyncClient,
    flag: bool,
    format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None,
) -> None:
    assert_type(await client.audio.transcriptions.create(b"wav", model="m"), Transcription)
    assert_type(await client.audio.transcriptions.create(b"wav", model="m", response_format="json"), Transcription)
    assert_type(await client.audio.transcriptions.create(b"wav", model="m", response_format=None), Transcription)
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json"),
        TranscriptionVerbose,
    )
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", response_format="diarized_json"),
        TranscriptionDiarized,
    )
    assert_type(await client.audio.transcriptions.create(b"wav", model="m", response_format="text"), str)
    assert_type(await client.audio.transcriptions.create(b"wav", model="m", response_format="srt", as_dict=True), str)
    assert_type(await client.audio.transcriptions.create(b"wav", model="m", response_format="vtt", as_dict=flag), str)
    assert_type(await client.audio.transcriptions.create(b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json", as_dict=True),
        dict[str, Any],
    )
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", as_dict=flag), Transcription | dict[str, Any]
    )
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranscriptionVerbose | dict[str, Any],
    )
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", response_format="diarized_json", as_dict=flag),
        TranscriptionDiarized | dict[str, Any],
    )
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", stream=True), AsyncStream[TranscriptionStreamEvent]
    )
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", stream=True, as_dict=flag),
        AsyncStream[TranscriptionStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.audio.transcriptions.create(b"wav", model="m", response_format=format, stream=flag, as_dict=flag),
        str
        | Transcription
        | TranscriptionVerbose
        | TranscriptionDiarized
        | dict[str, Any]
        | AsyncStream[TranscriptionStreamEvent]
        | AsyncStream[dict[str, Any]],
    )
    assert_type(await client.audio.translations.create(file=b"wav", model="m"), Translation)
    assert_type(
        await client.audio.translations.create(file=b"wav", model="m", response_format="verbose_json"),
        TranslationVerbose,
    )
    assert_type(await client.audio.translations.create(file=b"wav", model="m", response_format="text"), str)
    assert_type(
        await client.audio.translations.create(file=b"wav", model="m", response_format="vtt", as_dict=flag), str
    )
    assert_type(await client.audio.translations.create(file=b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(
        await client.audio.translations.create(file=b"wav", model="m", as_dict=flag), Translation | dict[str, Any]
    )
    assert_type(
        await client.audio.translations.create(file=b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranslationVerbose | dict[str, Any],
    )
    assert_type(await client.audio.speech.create("x", model="m", voice="alloy"), BinaryContent)
    assert_type(await client.audio.speech.create("x", model="m", voice="alloy", as_dict=True), BinaryContent)
    assert_type(await client.audio.speech.create("x", model="m", voice="alloy", as_dict=flag), BinaryContent)
    assert_type(await client.audio.speech.create("x", model="m", voice="alloy", stream_format="audio"), BinaryContent)
    assert_type(await client.audio.speech.create("x", model="m", voice="alloy", stream=False), BinaryContent)
    assert_type(
        await client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse"),
        AsyncStream[SpeechStreamEvent],
    )
    assert_type(
        await client.audio.speech.create("x", model="m", voice="alloy", stream=True), AsyncStream[SpeechStreamEvent]
    )
    assert_type(
        await client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse", as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.audio.speech.create("x", model="m", voice="alloy", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.audio.speech.create("x", model="m", voice="alloy", stream=True, as_dict=flag),
        AsyncStream[SpeechStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse", as_dict=flag),
        AsyncStream[SpeechStreamEvent] | AsyncStream[dict[str, Any]],
    )
    assert_type(
        await client.audio.speech.create("x", model="m", voice="alloy", stream=flag, as_dict=flag),
        BinaryContent | AsyncStream[SpeechStreamEvent] | AsyncStream[dict[str, Any]],
    )


async def downloads(client: AsyncClient) -> None:
    assert_type(await client.download("https://x/a.png"), BinaryContent)
    assert_type(await client.download("https://x/a.png", "a.png"), None)
    assert_type(await client.download("https://x/a.png", path=Path("a.png")), None)
    assert_type(await client.videos.download_content("v"), BinaryContent)
    assert_type(await client.videos.download_content("v", "a.png"), None)
    assert_type(await client.videos.download_content("v", path=Path("a.png")), None)
