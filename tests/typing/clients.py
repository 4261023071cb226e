"""Every form of every call of a `Client`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, assert_type

from wenwen import BinaryContent, Client, Stream
from wenwen.resources.chat import ChatCompletionStream
from wenwen.resources.gemini import GenerateContentHelper
from wenwen.resources.messages import MessageStream
from wenwen.resources.responses import ResponseStream
from wenwen.types import (
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
    Task,
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
    Video,
    VideoGeneration,
)
from wenwen.types._parsed import ParsedChatCompletion, ParsedResponse


class Answer:
    """A class of the user's."""


def responses(client: Client, flag: bool) -> None:
    assert_type(client.responses.create(model="m", input="x"), Response)
    assert_type(client.responses.create(model="m", input="x", as_dict=False), Response)
    assert_type(client.responses.create(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(client.responses.create(model="m", input="x", as_dict=flag), Response | dict[str, Any])
    assert_type(client.responses.create(model="m", input="x", stream=True), Stream[ResponseStreamEvent])
    assert_type(client.responses.create(model="m", input="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(client.responses.create(model="m", input="x", stream=False), Response)
    assert_type(client.responses.create(model="m", input="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.responses.create(model="m", input="x", stream=True, as_dict=flag),
        Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.responses.create(model="m", input="x", stream=flag), Response | Stream[ResponseStreamEvent])
    assert_type(
        client.responses.create(model="m", input="x", stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        client.responses.create(model="m", input="x", stream=flag, as_dict=flag),
        Response | dict[str, Any] | Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.responses.retrieve("r"), Response)
    assert_type(client.responses.retrieve("r", as_dict=False), Response)
    assert_type(client.responses.retrieve("r", as_dict=True), dict[str, Any])
    assert_type(client.responses.retrieve("r", as_dict=flag), Response | dict[str, Any])
    assert_type(client.responses.retrieve("r", stream=True), Stream[ResponseStreamEvent])
    assert_type(client.responses.retrieve("r", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(client.responses.retrieve("r", stream=False), Response)
    assert_type(client.responses.retrieve("r", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.responses.retrieve("r", stream=True, as_dict=flag), Stream[ResponseStreamEvent] | Stream[dict[str, Any]]
    )
    assert_type(client.responses.retrieve("r", stream=flag), Response | Stream[ResponseStreamEvent])
    assert_type(client.responses.retrieve("r", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]])
    assert_type(
        client.responses.retrieve("r", stream=flag, as_dict=flag),
        Response | dict[str, Any] | Stream[ResponseStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.responses.delete("r"), ResponseDeleted)
    assert_type(client.responses.delete("r", as_dict=False), ResponseDeleted)
    assert_type(client.responses.delete("r", as_dict=True), dict[str, Any])
    assert_type(client.responses.delete("r", as_dict=flag), ResponseDeleted | dict[str, Any])
    assert_type(client.responses.cancel(response_id="r"), Response)
    assert_type(client.responses.cancel(response_id="r", as_dict=False), Response)
    assert_type(client.responses.cancel(response_id="r", as_dict=True), dict[str, Any])
    assert_type(client.responses.cancel(response_id="r", as_dict=flag), Response | dict[str, Any])
    assert_type(client.responses.input_items.list("r", limit=2), ResponseItemList)
    assert_type(client.responses.input_items.list("r", limit=2, as_dict=False), ResponseItemList)
    assert_type(client.responses.input_items.list("r", limit=2, as_dict=True), dict[str, Any])
    assert_type(client.responses.input_items.list("r", limit=2, as_dict=flag), ResponseItemList | dict[str, Any])
    assert_type(client.responses.stream(model="m", input="x"), ResponseStream)
    with client.responses.stream(model="m", input="x") as stream:
        assert_type(stream, ResponseStream)
        for event in stream:
            assert_type(event, ResponseStreamEvent)
        assert_type(stream.text_stream, Iterator[str])
        assert_type(stream.get_final_response(), Response)
        assert_type(stream.until_done(), ResponseStream)
        assert_type(stream.snapshot, Response | None)
    parsed = client.responses.parse(Answer, model="m", input="x")
    assert_type(parsed, ParsedResponse[Answer])
    assert_type(parsed.output_parsed, Answer | None)


def chat(client: Client, flag: bool) -> None:
    assert_type(client.chat.completions.create(model="m", messages=[]), ChatCompletion)
    assert_type(client.chat.completions.create(model="m", messages=[], as_dict=False), ChatCompletion)
    assert_type(client.chat.completions.create(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(client.chat.completions.create(model="m", messages=[], as_dict=flag), ChatCompletion | dict[str, Any])
    assert_type(client.chat.completions.create(model="m", messages=[], stream=True), Stream[ChatCompletionChunk])
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(client.chat.completions.create(model="m", messages=[], stream=False), ChatCompletion)
    assert_type(client.chat.completions.create(model="m", messages=[], stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=True, as_dict=flag),
        Stream[ChatCompletionChunk] | Stream[dict[str, Any]],
    )
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=flag),
        ChatCompletion | Stream[ChatCompletionChunk],
    )
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        client.chat.completions.create(model="m", messages=[], stream=flag, as_dict=flag),
        ChatCompletion | dict[str, Any] | Stream[ChatCompletionChunk] | Stream[dict[str, Any]],
    )
    assert_type(client.chat.completions.stream(model="m", messages=[]), ChatCompletionStream)
    with client.chat.completions.stream(model="m", messages=[]) as stream:
        assert_type(stream, ChatCompletionStream)
        for event in stream:
            assert_type(event, ChatCompletionStreamEvent)
        assert_type(stream.text_stream, Iterator[str])
        assert_type(stream.get_final_completion(), ChatCompletion)
        assert_type(stream.until_done(), ChatCompletionStream)
        assert_type(stream.snapshot, ChatCompletion | None)
    assert_type(
        client.chat.completions.parse(response_format=Answer, model="m", messages=[]), ParsedChatCompletion[Answer]
    )


def messages(client: Client, flag: bool) -> None:
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[]), Message)
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], as_dict=False), Message)
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], as_dict=True), dict[str, Any])
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], as_dict=flag), Message | dict[str, Any])
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=True), Stream[RawMessageStreamEvent]
    )
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], stream=False), Message)
    assert_type(client.messages.create(model="m", max_tokens=1, messages=[], stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=True, as_dict=flag),
        Stream[RawMessageStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=flag),
        Message | Stream[RawMessageStreamEvent],
    )
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        client.messages.create(model="m", max_tokens=1, messages=[], stream=flag, as_dict=flag),
        Message | dict[str, Any] | Stream[RawMessageStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.messages.stream(model="m", max_tokens=1, messages=[]), MessageStream)
    with client.messages.stream(model="m", max_tokens=1, messages=[]) as stream:
        assert_type(stream, MessageStream)
        for event in stream:
            assert_type(event, MessageStreamEvent)
        assert_type(stream.text_stream, Iterator[str])
        assert_type(stream.get_final_message(), Message)
        assert_type(stream.until_done(), MessageStream)
        assert_type(stream.snapshot, Message | None)
        assert_type(stream.get_final_text(), str)
        assert_type(stream.current_message_snapshot, Message)


def embeddings(client: Client, flag: bool) -> None:
    assert_type(client.embeddings.create(model="m", input=["x"], batch_size=2), CreateEmbeddingResponse)
    assert_type(client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=False), CreateEmbeddingResponse)
    assert_type(client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=True), dict[str, Any])
    assert_type(
        client.embeddings.create(model="m", input=["x"], batch_size=2, as_dict=flag),
        CreateEmbeddingResponse | dict[str, Any],
    )


def gemini(client: Client, flag: bool) -> None:
    assert_type(client.gemini.generate_content(model="m", contents="x"), GenerateContentResponse)
    assert_type(client.gemini.generate_content(model="m", contents="x", as_dict=False), GenerateContentResponse)
    assert_type(client.gemini.generate_content(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(
        client.gemini.generate_content(model="m", contents="x", as_dict=flag), GenerateContentResponse | dict[str, Any]
    )
    assert_type(client.gemini.generate_content(model="m", contents="x", stream=True), Stream[GenerateContentResponse])
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(client.gemini.generate_content(model="m", contents="x", stream=False), GenerateContentResponse)
    assert_type(client.gemini.generate_content(model="m", contents="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=True, as_dict=flag),
        Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=flag),
        GenerateContentResponse | Stream[GenerateContentResponse],
    )
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=flag, as_dict=True),
        dict[str, Any] | Stream[dict[str, Any]],
    )
    assert_type(
        client.gemini.generate_content(model="m", contents="x", stream=flag, as_dict=flag),
        GenerateContentResponse | dict[str, Any] | Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )
    assert_type(client.gemini.generate_content_stream(model="m", contents="x"), Stream[GenerateContentResponse])
    assert_type(
        client.gemini.generate_content_stream(model="m", contents="x", as_dict=False), Stream[GenerateContentResponse]
    )
    assert_type(client.gemini.generate_content_stream(model="m", contents="x", as_dict=True), Stream[dict[str, Any]])
    assert_type(
        client.gemini.generate_content_stream(model="m", contents="x", as_dict=flag),
        Stream[GenerateContentResponse] | Stream[dict[str, Any]],
    )
    assert_type(client.gemini.stream(model="m", contents="x"), GenerateContentHelper)
    with client.gemini.stream(model="m", contents="x") as stream:
        assert_type(stream, GenerateContentHelper)
        for event in stream:
            assert_type(event, GenerateContentResponse)
        assert_type(stream.text_stream, Iterator[str])
        assert_type(stream.get_final_response(), GenerateContentResponse)
        assert_type(stream.until_done(), GenerateContentHelper)
        assert_type(stream.snapshot, GenerateContentResponse | None)


def images(client: Client, flag: bool) -> None:
    assert_type(client.images.generate(prompt="x"), ImagesResponse)
    assert_type(client.images.generate(prompt="x", as_dict=False), ImagesResponse)
    assert_type(client.images.generate(prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.images.generate(prompt="x", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(client.images.generate(prompt="x", stream=True), Stream[ImageGenStreamEvent])
    assert_type(client.images.generate(prompt="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(client.images.generate(prompt="x", stream=False), ImagesResponse)
    assert_type(client.images.generate(prompt="x", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.images.generate(prompt="x", stream=True, as_dict=flag),
        Stream[ImageGenStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.images.generate(prompt="x", stream=flag), ImagesResponse | Stream[ImageGenStreamEvent])
    assert_type(client.images.generate(prompt="x", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]])
    assert_type(
        client.images.generate(prompt="x", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | Stream[ImageGenStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(client.images.edit(prompt="x", image=b"png"), ImagesResponse)
    assert_type(client.images.edit(prompt="x", image=b"png", as_dict=False), ImagesResponse)
    assert_type(client.images.edit(prompt="x", image=b"png", as_dict=True), dict[str, Any])
    assert_type(client.images.edit(prompt="x", image=b"png", as_dict=flag), ImagesResponse | dict[str, Any])
    assert_type(client.images.edit(prompt="x", image=b"png", stream=True), Stream[ImageEditStreamEvent])
    assert_type(client.images.edit(prompt="x", image=b"png", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(client.images.edit(prompt="x", image=b"png", stream=False), ImagesResponse)
    assert_type(client.images.edit(prompt="x", image=b"png", stream=None, as_dict=True), dict[str, Any])
    assert_type(
        client.images.edit(prompt="x", image=b"png", stream=True, as_dict=flag),
        Stream[ImageEditStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.images.edit(prompt="x", image=b"png", stream=flag), ImagesResponse | Stream[ImageEditStreamEvent]
    )
    assert_type(
        client.images.edit(prompt="x", image=b"png", stream=flag, as_dict=True), dict[str, Any] | Stream[dict[str, Any]]
    )
    assert_type(
        client.images.edit(prompt="x", image=b"png", stream=flag, as_dict=flag),
        ImagesResponse | dict[str, Any] | Stream[ImageEditStreamEvent] | Stream[dict[str, Any]],
    )
    for image in client.images.generate(prompt="x").data:
        assert_type(image.read(), bytes)
        image.save("a.png")


def midjourney(client: Client, flag: bool) -> None:
    assert_type(client.midjourney.imagine(prompt="x"), Task)
    assert_type(client.midjourney.imagine(prompt="x", as_dict=False), Task)
    assert_type(client.midjourney.imagine(prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.imagine(prompt="x", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.blend(base64Array=[b"1", b"2"]), Task)
    assert_type(client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=False), Task)
    assert_type(client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=True), dict[str, Any])
    assert_type(client.midjourney.blend(base64Array=[b"1", b"2"], as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.action(taskId="t", customId="c"), Task)
    assert_type(client.midjourney.action(taskId="t", customId="c", as_dict=False), Task)
    assert_type(client.midjourney.action(taskId="t", customId="c", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.action(taskId="t", customId="c", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.modal(taskId="t", prompt="x"), Task)
    assert_type(client.midjourney.modal(taskId="t", prompt="x", as_dict=False), Task)
    assert_type(client.midjourney.modal(taskId="t", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.modal(taskId="t", prompt="x", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.change(taskId="t", action="UPSCALE", index=1), Task)
    assert_type(client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=False), Task)
    assert_type(client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=True), dict[str, Any])
    assert_type(client.midjourney.change(taskId="t", action="UPSCALE", index=1, as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.simple_change(content="t U1"), Task)
    assert_type(client.midjourney.simple_change(content="t U1", as_dict=False), Task)
    assert_type(client.midjourney.simple_change(content="t U1", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.simple_change(content="t U1", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.describe(base64=b"png"), Task)
    assert_type(client.midjourney.describe(base64=b"png", as_dict=False), Task)
    assert_type(client.midjourney.describe(base64=b"png", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.describe(base64=b"png", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.shorten(prompt="x"), Task)
    assert_type(client.midjourney.shorten(prompt="x", as_dict=False), Task)
    assert_type(client.midjourney.shorten(prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.shorten(prompt="x", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.fetch("t"), Task)
    assert_type(client.midjourney.fetch("t", as_dict=False), Task)
    assert_type(client.midjourney.fetch("t", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.fetch("t", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.list(["t", 5]), list[Task])
    assert_type(client.midjourney.list(["t", 5], as_dict=False), list[Task])
    assert_type(client.midjourney.list(["t", 5], as_dict=True), list[dict[str, Any]])
    assert_type(client.midjourney.list(["t", 5], as_dict=flag), list[Task] | list[dict[str, Any]])
    assert_type(client.midjourney.seed("t"), ImageSeed)
    assert_type(client.midjourney.seed("t", as_dict=False), ImageSeed)
    assert_type(client.midjourney.seed("t", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.seed("t", as_dict=flag), ImageSeed | dict[str, Any])
    task = client.midjourney.imagine(prompt="x")
    assert_type(client.midjourney.wait([task, "t"], 5, poll=1, progress=print, return_failed=flag), list[Task])
    assert_type(task.wait(progress=True), Task)
    assert_type(task.refresh(), Task)
    assert_type(task.action("U1"), Task)
    assert_type(task.modal(prompt="x"), Task)
    assert_type(task.seed(), str)
    assert_type(task.save("a.png"), str)


def models(client: Client, flag: bool) -> None:
    assert_type(client.models.list(), ModelList)
    assert_type(client.models.list(as_dict=False), ModelList)
    assert_type(client.models.list(as_dict=True), dict[str, Any])
    assert_type(client.models.list(as_dict=flag), ModelList | dict[str, Any])
    assert_type(client.models.retrieve("m"), Model)
    assert_type(client.models.retrieve("m", as_dict=False), Model)
    assert_type(client.models.retrieve("m", as_dict=True), dict[str, Any])
    assert_type(client.models.retrieve("m", as_dict=flag), Model | dict[str, Any])


def pricing(client: Client, flag: bool) -> None:
    assert_type(client.pricing.list(), Prices)
    assert_type(client.pricing.list(as_dict=False), Prices)
    assert_type(client.pricing.list(as_dict=True), dict[str, Any])
    assert_type(client.pricing.list(as_dict=flag), Prices | dict[str, Any])


def billing(client: Client, flag: bool) -> None:
    assert_type(client.billing.subscription(), BillingSubscription)
    assert_type(client.billing.subscription(as_dict=False), BillingSubscription)
    assert_type(client.billing.subscription(as_dict=True), dict[str, Any])
    assert_type(client.billing.subscription(as_dict=flag), BillingSubscription | dict[str, Any])
    assert_type(client.billing.usage(timeout=5), BillingUsage)
    assert_type(client.billing.usage(timeout=5, as_dict=False), BillingUsage)
    assert_type(client.billing.usage(timeout=5, as_dict=True), dict[str, Any])
    assert_type(client.billing.usage(timeout=5, as_dict=flag), BillingUsage | dict[str, Any])


def videos(client: Client, flag: bool) -> None:
    assert_type(client.videos.create(model="m", prompt="x"), Video)
    assert_type(client.videos.create(model="m", prompt="x", as_dict=False), Video)
    assert_type(client.videos.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.videos.create(model="m", prompt="x", as_dict=flag), Video | dict[str, Any])
    assert_type(client.videos.retrieve("v"), Video)
    assert_type(client.videos.retrieve("v", as_dict=False), Video)
    assert_type(client.videos.retrieve("v", as_dict=True), dict[str, Any])
    assert_type(client.videos.retrieve("v", as_dict=flag), Video | dict[str, Any])
    assert_type(client.videos.remix("v", prompt="x"), Video)
    assert_type(client.videos.remix("v", prompt="x", as_dict=False), Video)
    assert_type(client.videos.remix("v", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.videos.remix("v", prompt="x", as_dict=flag), Video | dict[str, Any])
    assert_type(client.videos.generations.create(model="m", prompt="x"), VideoGeneration)
    assert_type(client.videos.generations.create(model="m", prompt="x", as_dict=False), VideoGeneration)
    assert_type(client.videos.generations.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.videos.generations.create(model="m", prompt="x", as_dict=flag), VideoGeneration | dict[str, Any])
    assert_type(client.videos.generations.retrieve("t"), VideoGeneration)
    assert_type(client.videos.generations.retrieve("t", as_dict=False), VideoGeneration)
    assert_type(client.videos.generations.retrieve("t", as_dict=True), dict[str, Any])
    assert_type(client.videos.generations.retrieve("t", as_dict=flag), VideoGeneration | dict[str, Any])
    assert_type(client.videos.create_and_poll(model="m", prompt="x", poll_interval_ms=5), Video)
    video = client.videos.poll("v", progress=print)
    assert_type(video, Video)
    assert_type(video.wait(), Video)
    assert_type(video.refresh(), Video)
    video.save("a.mp4")
    task = client.videos.generations.retrieve("t")
    assert_type(task.wait(5, poll=1), VideoGeneration)
    assert_type(task.refresh(), VideoGeneration)
    task.save(Path("a.mp4"))


def audio(
    client: Client, flag: bool, format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None
) -> None:
    assert_type(client.audio.transcriptions.create(b"wav", model="m"), Transcription)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format="json"), Transcription)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format=None), Transcription)
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json"), TranscriptionVerbose
    )
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="diarized_json"), TranscriptionDiarized
    )
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format="text"), str)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format="srt", as_dict=True), str)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", response_format="vtt", as_dict=flag), str)
    assert_type(client.audio.transcriptions.create(b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json", as_dict=True),
        dict[str, Any],
    )
    assert_type(client.audio.transcriptions.create(b"wav", model="m", as_dict=flag), Transcription | dict[str, Any])
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranscriptionVerbose | dict[str, Any],
    )
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format="diarized_json", as_dict=flag),
        TranscriptionDiarized | dict[str, Any],
    )
    assert_type(client.audio.transcriptions.create(b"wav", model="m", stream=True), Stream[TranscriptionStreamEvent])
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", stream=True, as_dict=flag),
        Stream[TranscriptionStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.audio.transcriptions.create(b"wav", model="m", response_format=format, stream=flag, as_dict=flag),
        str
        | Transcription
        | TranscriptionVerbose
        | TranscriptionDiarized
        | dict[str, Any]
        | Stream[TranscriptionStreamEvent]
        | Stream[dict[str, Any]],
    )
    assert_type(client.audio.translations.create(file=b"wav", model="m"), Translation)
    assert_type(
        client.audio.translations.create(file=b"wav", model="m", response_format="verbose_json"), TranslationVerbose
    )
    assert_type(client.audio.translations.create(file=b"wav", model="m", response_format="text"), str)
    assert_type(client.audio.translations.create(file=b"wav", model="m", response_format="vtt", as_dict=flag), str)
    assert_type(client.audio.translations.create(file=b"wav", model="m", as_dict=True), dict[str, Any])
    assert_type(client.audio.translations.create(file=b"wav", model="m", as_dict=flag), Translation | dict[str, Any])
    assert_type(
        client.audio.translations.create(file=b"wav", model="m", response_format="verbose_json", as_dict=flag),
        TranslationVerbose | dict[str, Any],
    )
    assert_type(client.audio.speech.create("x", model="m", voice="alloy"), BinaryContent)
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", as_dict=True), BinaryContent)
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", as_dict=flag), BinaryContent)
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", stream_format="audio"), BinaryContent)
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", stream=False), BinaryContent)
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse"), Stream[SpeechStreamEvent]
    )
    assert_type(client.audio.speech.create("x", model="m", voice="alloy", stream=True), Stream[SpeechStreamEvent])
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse", as_dict=True),
        Stream[dict[str, Any]],
    )
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream=True, as_dict=True), Stream[dict[str, Any]]
    )
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream=True, as_dict=flag),
        Stream[SpeechStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream_format="sse", as_dict=flag),
        Stream[SpeechStreamEvent] | Stream[dict[str, Any]],
    )
    assert_type(
        client.audio.speech.create("x", model="m", voice="alloy", stream=flag, as_dict=flag),
        BinaryContent | Stream[SpeechStreamEvent] | Stream[dict[str, Any]],
    )


def downloads(client: Client) -> None:
    assert_type(client.download("https://x/a.png"), BinaryContent)
    assert_type(client.download("https://x/a.png", "a.png"), None)
    assert_type(client.download("https://x/a.png", path=Path("a.png")), None)
    assert_type(client.videos.download_content("v"), BinaryContent)
    assert_type(client.videos.download_content("v", "a.png"), None)
    assert_type(client.videos.download_content("v", path=Path("a.png")), None)
