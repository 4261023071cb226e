"""Every form of every call that code for the peers' packages makes, and of what the gateway serves besides."""

from __future__ import annotations

from typing import Any, assert_type

from wenwen import APIResponse, AsyncClient, AsyncStream, Client, Stream
from wenwen.resources._base import AsyncStreamingResponse, StreamingResponse
from wenwen.types import (
    AsyncTask,
    AsyncVideo,
    AsyncVideoGeneration,
    AsyncVideoList,
    BatchEmbedContentsResponse,
    ChatCompletion,
    ChatModel,
    CodeExecutionTool20250825Param,
    CompactedResponse,
    Completion,
    CountTokensResponse,
    EmbedContentResponse,
    GeminiModelList,
    InputTokenCountResponse,
    KeyLog,
    KeyUsage,
    Message,
    MessageParam,
    MessageTokensCount,
    ModelDeleted,
    ModelList,
    ModerationCreateResponse,
    RerankResponse,
    Response,
    Task,
    ToolParam,
    UploadedImages,
    Video,
    VideoCharacter,
    VideoDeleted,
    VideoGeneration,
    VideoList,
)
from wenwen.types.chat import ChatCompletionMessageParam, ChatCompletionMessageToolCallParam, ChatCompletionToolParam
from wenwen.types.responses import CustomToolParam, ParsedResponse, ResponseFunctionToolCallParam, ResponseInputParam
from wenwen.types.shared_params import Reasoning


def parts_by_their_names(client: Client, model: ChatModel) -> None:
    call = ChatCompletionMessageToolCallParam(id="c", type="function", function={"name": "f", "arguments": "{}"})
    said: list[ChatCompletionMessageParam] = [{"role": "assistant", "tool_calls": [call]}]
    tools: list[ChatCompletionToolParam] = [{"type": "function", "function": {"name": "f"}}]
    client.chat.completions.create(model=model, messages=said, tools=tools)
    items: ResponseInputParam = [ResponseFunctionToolCallParam(type="function_call", call_id="c", name="f")]
    custom: CustomToolParam = {"type": "custom", "name": "f"}
    client.responses.create(model=model, input=items, tools=[custom], reasoning=Reasoning(effort="low"))
    parsed: ParsedResponse[int] = client.responses.parse(model=model, input="x", text_format=int)
    assert_type(parsed.output_parsed, int | None)
    turns: list[MessageParam] = [{"role": "user", "content": "x"}]
    tool: ToolParam = ToolParam(name="f", input_schema={"type": "object"})
    made: ToolParam = {"name": "f", "input_schema": {"type": "object"}}
    run = CodeExecutionTool20250825Param(type="code_execution_20250825", name="code_execution")
    client.messages.create(model=model, max_tokens=9, messages=turns, tools=[tool, made, run])


def calls(client: Client, flag: bool) -> None:
    assert_type(client.responses.compact(model="m", input="x"), CompactedResponse)
    assert_type(client.responses.compact(model="m", input="x", as_dict=False), CompactedResponse)
    assert_type(client.responses.compact(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(client.responses.compact(model="m", input="x", as_dict=flag), CompactedResponse | dict[str, Any])
    assert_type(client.responses.input_tokens.count(model="m", input="x"), InputTokenCountResponse)
    assert_type(client.responses.input_tokens.count(model="m", input="x", as_dict=False), InputTokenCountResponse)
    assert_type(client.responses.input_tokens.count(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(
        client.responses.input_tokens.count(model="m", input="x", as_dict=flag),
        InputTokenCountResponse | dict[str, Any],
    )
    assert_type(client.messages.count_tokens(model="m", messages=[]), MessageTokensCount)
    assert_type(client.messages.count_tokens(model="m", messages=[], as_dict=False), MessageTokensCount)
    assert_type(client.messages.count_tokens(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(client.messages.count_tokens(model="m", messages=[], as_dict=flag), MessageTokensCount | dict[str, Any])
    assert_type(client.completions.create(model="m", prompt="x"), Completion)
    assert_type(client.completions.create(model="m", prompt="x", as_dict=False), Completion)
    assert_type(client.completions.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.completions.create(model="m", prompt="x", as_dict=flag), Completion | dict[str, Any])
    assert_type(client.completions.create(model="m", prompt="x", stream=True), Stream[Completion])
    assert_type(client.completions.create(model="m", prompt="x", stream=True, as_dict=True), Stream[dict[str, Any]])
    assert_type(client.moderations.create(input=["x"]), ModerationCreateResponse)
    assert_type(client.moderations.create(input=["x"], as_dict=False), ModerationCreateResponse)
    assert_type(client.moderations.create(input=["x"], as_dict=True), dict[str, Any])
    assert_type(client.moderations.create(input=["x"], as_dict=flag), ModerationCreateResponse | dict[str, Any])
    assert_type(client.rerank.create(model="m", query="x", documents=["y"]), RerankResponse)
    assert_type(client.rerank.create(model="m", query="x", documents=["y"], as_dict=False), RerankResponse)
    assert_type(client.rerank.create(model="m", query="x", documents=["y"], as_dict=True), dict[str, Any])
    assert_type(
        client.rerank.create(model="m", query="x", documents=["y"], as_dict=flag), RerankResponse | dict[str, Any]
    )
    assert_type(client.models.delete("m"), ModelDeleted)
    assert_type(client.models.delete("m", as_dict=False), ModelDeleted)
    assert_type(client.models.delete("m", as_dict=True), dict[str, Any])
    assert_type(client.models.delete("m", as_dict=flag), ModelDeleted | dict[str, Any])
    assert_type(client.gemini.embed_content(model="m", content="x"), EmbedContentResponse)
    assert_type(client.gemini.embed_content(model="m", content="x", as_dict=False), EmbedContentResponse)
    assert_type(client.gemini.embed_content(model="m", content="x", as_dict=True), dict[str, Any])
    assert_type(
        client.gemini.embed_content(model="m", content="x", as_dict=flag), EmbedContentResponse | dict[str, Any]
    )
    assert_type(client.gemini.batch_embed_contents(model="m", contents=["x"]), BatchEmbedContentsResponse)
    assert_type(
        client.gemini.batch_embed_contents(model="m", contents=["x"], as_dict=False), BatchEmbedContentsResponse
    )
    assert_type(client.gemini.batch_embed_contents(model="m", contents=["x"], as_dict=True), dict[str, Any])
    assert_type(
        client.gemini.batch_embed_contents(model="m", contents=["x"], as_dict=flag),
        BatchEmbedContentsResponse | dict[str, Any],
    )
    assert_type(client.gemini.count_tokens(model="m", contents="x"), CountTokensResponse)
    assert_type(client.gemini.count_tokens(model="m", contents="x", as_dict=False), CountTokensResponse)
    assert_type(client.gemini.count_tokens(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(client.gemini.count_tokens(model="m", contents="x", as_dict=flag), CountTokensResponse | dict[str, Any])
    assert_type(client.gemini.list_models(), GeminiModelList)
    assert_type(client.gemini.list_models(as_dict=False), GeminiModelList)
    assert_type(client.gemini.list_models(as_dict=True), dict[str, Any])
    assert_type(client.gemini.list_models(as_dict=flag), GeminiModelList | dict[str, Any])
    assert_type(client.billing.key(), KeyUsage)
    assert_type(client.billing.key(as_dict=False), KeyUsage)
    assert_type(client.billing.key(as_dict=True), dict[str, Any])
    assert_type(client.billing.key(as_dict=flag), KeyUsage | dict[str, Any])
    assert_type(client.billing.log(), KeyLog)
    assert_type(client.billing.log(as_dict=False), KeyLog)
    assert_type(client.billing.log(as_dict=True), dict[str, Any])
    assert_type(client.billing.log(as_dict=flag), KeyLog | dict[str, Any])
    assert_type(client.midjourney.edits(prompt="x", base64Array=[b"x"]), Task)
    assert_type(client.midjourney.edits(prompt="x", base64Array=[b"x"], as_dict=False), Task)
    assert_type(client.midjourney.edits(prompt="x", base64Array=[b"x"], as_dict=True), dict[str, Any])
    assert_type(client.midjourney.edits(prompt="x", base64Array=[b"x"], as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.video(image=b"x"), Task)
    assert_type(client.midjourney.video(image=b"x", as_dict=False), Task)
    assert_type(client.midjourney.video(image=b"x", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.video(image=b"x", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.swap_face(sourceBase64=b"x", targetBase64=b"y"), Task)
    assert_type(client.midjourney.swap_face(sourceBase64=b"x", targetBase64=b"y", as_dict=False), Task)
    assert_type(client.midjourney.swap_face(sourceBase64=b"x", targetBase64=b"y", as_dict=True), dict[str, Any])
    assert_type(client.midjourney.swap_face(sourceBase64=b"x", targetBase64=b"y", as_dict=flag), Task | dict[str, Any])
    assert_type(client.midjourney.upload(base64Array=[b"x"]), UploadedImages)
    assert_type(client.midjourney.upload(base64Array=[b"x"], as_dict=False), UploadedImages)
    assert_type(client.midjourney.upload(base64Array=[b"x"], as_dict=True), dict[str, Any])
    assert_type(client.midjourney.upload(base64Array=[b"x"], as_dict=flag), UploadedImages | dict[str, Any])
    assert_type(client.videos.edit(video={"id": "v"}, prompt="x"), Video)
    assert_type(client.videos.edit(video={"id": "v"}, prompt="x", as_dict=False), Video)
    assert_type(client.videos.edit(video={"id": "v"}, prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.videos.edit(video={"id": "v"}, prompt="x", as_dict=flag), Video | dict[str, Any])
    assert_type(client.videos.extend(video=b"x", prompt="x", seconds=4), Video)
    assert_type(client.videos.extend(video=b"x", prompt="x", seconds=4, as_dict=False), Video)
    assert_type(client.videos.extend(video=b"x", prompt="x", seconds=4, as_dict=True), dict[str, Any])
    assert_type(client.videos.extend(video=b"x", prompt="x", seconds=4, as_dict=flag), Video | dict[str, Any])
    assert_type(client.videos.list(limit=2), VideoList)
    assert_type(client.videos.list(limit=2, as_dict=False), VideoList)
    assert_type(client.videos.list(limit=2, as_dict=True), dict[str, Any])
    assert_type(client.videos.list(limit=2, as_dict=flag), VideoList | dict[str, Any])
    assert_type(client.videos.delete("v"), VideoDeleted)
    assert_type(client.videos.delete("v", as_dict=False), VideoDeleted)
    assert_type(client.videos.delete("v", as_dict=True), dict[str, Any])
    assert_type(client.videos.delete("v", as_dict=flag), VideoDeleted | dict[str, Any])
    assert_type(client.videos.create_character(name="x", video=b"x"), VideoCharacter)
    assert_type(client.videos.create_character(name="x", video=b"x", as_dict=False), VideoCharacter)
    assert_type(client.videos.create_character(name="x", video=b"x", as_dict=True), dict[str, Any])
    assert_type(client.videos.create_character(name="x", video=b"x", as_dict=flag), VideoCharacter | dict[str, Any])
    assert_type(client.videos.get_character("c"), VideoCharacter)
    assert_type(client.videos.get_character("c", as_dict=False), VideoCharacter)
    assert_type(client.videos.get_character("c", as_dict=True), dict[str, Any])
    assert_type(client.videos.get_character("c", as_dict=flag), VideoCharacter | dict[str, Any])
    assert_type(client.videos.kling.text2video(model="m", prompt="x"), VideoGeneration)
    assert_type(client.videos.kling.text2video(model="m", prompt="x", as_dict=False), VideoGeneration)
    assert_type(client.videos.kling.text2video(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(client.videos.kling.text2video(model="m", prompt="x", as_dict=flag), VideoGeneration | dict[str, Any])
    assert_type(client.videos.kling.image2video(model="m", prompt="x", image=b"x"), VideoGeneration)
    assert_type(client.videos.kling.image2video(model="m", prompt="x", image=b"x", as_dict=False), VideoGeneration)
    assert_type(client.videos.kling.image2video(model="m", prompt="x", image=b"x", as_dict=True), dict[str, Any])
    assert_type(
        client.videos.kling.image2video(model="m", prompt="x", image=b"x", as_dict=flag),
        VideoGeneration | dict[str, Any],
    )
    assert_type(client.midjourney.modes["fast"].imagine(prompt="x"), Task)
    assert_type(client.beta.messages.create(model="m", max_tokens=5, messages=[]), Message)
    assert_type(client.beta.chat.completions.create(model="m", messages=[]), ChatCompletion)
    assert_type(client.beta.responses.create(model="m", input="x"), Response)
    assert_type(client.beta.models.list(), ModelList)


async def awaited(async_client: AsyncClient, flag: bool) -> None:
    assert_type(await async_client.responses.compact(model="m", input="x"), CompactedResponse)
    assert_type(await async_client.responses.compact(model="m", input="x", as_dict=False), CompactedResponse)
    assert_type(await async_client.responses.compact(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.responses.compact(model="m", input="x", as_dict=flag), CompactedResponse | dict[str, Any]
    )
    assert_type(await async_client.responses.input_tokens.count(model="m", input="x"), InputTokenCountResponse)
    assert_type(
        await async_client.responses.input_tokens.count(model="m", input="x", as_dict=False), InputTokenCountResponse
    )
    assert_type(await async_client.responses.input_tokens.count(model="m", input="x", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.responses.input_tokens.count(model="m", input="x", as_dict=flag),
        InputTokenCountResponse | dict[str, Any],
    )
    assert_type(await async_client.messages.count_tokens(model="m", messages=[]), MessageTokensCount)
    assert_type(await async_client.messages.count_tokens(model="m", messages=[], as_dict=False), MessageTokensCount)
    assert_type(await async_client.messages.count_tokens(model="m", messages=[], as_dict=True), dict[str, Any])
    assert_type(
        await async_client.messages.count_tokens(model="m", messages=[], as_dict=flag),
        MessageTokensCount | dict[str, Any],
    )
    assert_type(await async_client.completions.create(model="m", prompt="x"), Completion)
    assert_type(await async_client.completions.create(model="m", prompt="x", as_dict=False), Completion)
    assert_type(await async_client.completions.create(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(await async_client.completions.create(model="m", prompt="x", as_dict=flag), Completion | dict[str, Any])
    assert_type(await async_client.completions.create(model="m", prompt="x", stream=True), AsyncStream[Completion])
    assert_type(
        await async_client.completions.create(model="m", prompt="x", stream=True, as_dict=True),
        AsyncStream[dict[str, Any]],
    )
    assert_type(await async_client.moderations.create(input=["x"]), ModerationCreateResponse)
    assert_type(await async_client.moderations.create(input=["x"], as_dict=False), ModerationCreateResponse)
    assert_type(await async_client.moderations.create(input=["x"], as_dict=True), dict[str, Any])
    assert_type(
        await async_client.moderations.create(input=["x"], as_dict=flag), ModerationCreateResponse | dict[str, Any]
    )
    assert_type(await async_client.rerank.create(model="m", query="x", documents=["y"]), RerankResponse)
    assert_type(await async_client.rerank.create(model="m", query="x", documents=["y"], as_dict=False), RerankResponse)
    assert_type(await async_client.rerank.create(model="m", query="x", documents=["y"], as_dict=True), dict[str, Any])
    assert_type(
        await async_client.rerank.create(model="m", query="x", documents=["y"], as_dict=flag),
        RerankResponse | dict[str, Any],
    )
    assert_type(await async_client.models.delete("m"), ModelDeleted)
    assert_type(await async_client.models.delete("m", as_dict=False), ModelDeleted)
    assert_type(await async_client.models.delete("m", as_dict=True), dict[str, Any])
    assert_type(await async_client.models.delete("m", as_dict=flag), ModelDeleted | dict[str, Any])
    assert_type(await async_client.gemini.embed_content(model="m", content="x"), EmbedContentResponse)
    assert_type(await async_client.gemini.embed_content(model="m", content="x", as_dict=False), EmbedContentResponse)
    assert_type(await async_client.gemini.embed_content(model="m", content="x", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.gemini.embed_content(model="m", content="x", as_dict=flag),
        EmbedContentResponse | dict[str, Any],
    )
    assert_type(await async_client.gemini.batch_embed_contents(model="m", contents=["x"]), BatchEmbedContentsResponse)
    assert_type(
        await async_client.gemini.batch_embed_contents(model="m", contents=["x"], as_dict=False),
        BatchEmbedContentsResponse,
    )
    assert_type(await async_client.gemini.batch_embed_contents(model="m", contents=["x"], as_dict=True), dict[str, Any])
    assert_type(
        await async_client.gemini.batch_embed_contents(model="m", contents=["x"], as_dict=flag),
        BatchEmbedContentsResponse | dict[str, Any],
    )
    assert_type(await async_client.gemini.count_tokens(model="m", contents="x"), CountTokensResponse)
    assert_type(await async_client.gemini.count_tokens(model="m", contents="x", as_dict=False), CountTokensResponse)
    assert_type(await async_client.gemini.count_tokens(model="m", contents="x", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.gemini.count_tokens(model="m", contents="x", as_dict=flag),
        CountTokensResponse | dict[str, Any],
    )
    assert_type(await async_client.gemini.list_models(), GeminiModelList)
    assert_type(await async_client.gemini.list_models(as_dict=False), GeminiModelList)
    assert_type(await async_client.gemini.list_models(as_dict=True), dict[str, Any])
    assert_type(await async_client.gemini.list_models(as_dict=flag), GeminiModelList | dict[str, Any])
    assert_type(await async_client.billing.key(), KeyUsage)
    assert_type(await async_client.billing.key(as_dict=False), KeyUsage)
    assert_type(await async_client.billing.key(as_dict=True), dict[str, Any])
    assert_type(await async_client.billing.key(as_dict=flag), KeyUsage | dict[str, Any])
    assert_type(await async_client.billing.log(), KeyLog)
    assert_type(await async_client.billing.log(as_dict=False), KeyLog)
    assert_type(await async_client.billing.log(as_dict=True), dict[str, Any])
    assert_type(await async_client.billing.log(as_dict=flag), KeyLog | dict[str, Any])
    assert_type(await async_client.midjourney.edits(prompt="x", base64Array=[b"x"]), AsyncTask)
    assert_type(await async_client.midjourney.edits(prompt="x", base64Array=[b"x"], as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.edits(prompt="x", base64Array=[b"x"], as_dict=True), dict[str, Any])
    assert_type(
        await async_client.midjourney.edits(prompt="x", base64Array=[b"x"], as_dict=flag), AsyncTask | dict[str, Any]
    )
    assert_type(await async_client.midjourney.video(image=b"x"), AsyncTask)
    assert_type(await async_client.midjourney.video(image=b"x", as_dict=False), AsyncTask)
    assert_type(await async_client.midjourney.video(image=b"x", as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.video(image=b"x", as_dict=flag), AsyncTask | dict[str, Any])
    assert_type(await async_client.midjourney.swap_face(sourceBase64=b"x", targetBase64=b"y"), AsyncTask)
    assert_type(await async_client.midjourney.swap_face(sourceBase64=b"x", targetBase64=b"y", as_dict=False), AsyncTask)
    assert_type(
        await async_client.midjourney.swap_face(sourceBase64=b"x", targetBase64=b"y", as_dict=True), dict[str, Any]
    )
    assert_type(
        await async_client.midjourney.swap_face(sourceBase64=b"x", targetBase64=b"y", as_dict=flag),
        AsyncTask | dict[str, Any],
    )
    assert_type(await async_client.midjourney.upload(base64Array=[b"x"]), UploadedImages)
    assert_type(await async_client.midjourney.upload(base64Array=[b"x"], as_dict=False), UploadedImages)
    assert_type(await async_client.midjourney.upload(base64Array=[b"x"], as_dict=True), dict[str, Any])
    assert_type(await async_client.midjourney.upload(base64Array=[b"x"], as_dict=flag), UploadedImages | dict[str, Any])
    assert_type(await async_client.videos.edit(video={"id": "v"}, prompt="x"), AsyncVideo)
    assert_type(await async_client.videos.edit(video={"id": "v"}, prompt="x", as_dict=False), AsyncVideo)
    assert_type(await async_client.videos.edit(video={"id": "v"}, prompt="x", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.videos.edit(video={"id": "v"}, prompt="x", as_dict=flag), AsyncVideo | dict[str, Any]
    )
    assert_type(await async_client.videos.extend(video=b"x", prompt="x", seconds=4), AsyncVideo)
    assert_type(await async_client.videos.extend(video=b"x", prompt="x", seconds=4, as_dict=False), AsyncVideo)
    assert_type(await async_client.videos.extend(video=b"x", prompt="x", seconds=4, as_dict=True), dict[str, Any])
    assert_type(
        await async_client.videos.extend(video=b"x", prompt="x", seconds=4, as_dict=flag), AsyncVideo | dict[str, Any]
    )
    assert_type(await async_client.videos.list(limit=2), AsyncVideoList)
    assert_type(await async_client.videos.list(limit=2, as_dict=False), AsyncVideoList)
    assert_type(await async_client.videos.list(limit=2, as_dict=True), dict[str, Any])
    assert_type([each async for each in async_client.videos.list(limit=2)], list[AsyncVideo])
    assert_type(await async_client.videos.delete("v"), VideoDeleted)
    assert_type(await async_client.videos.delete("v", as_dict=False), VideoDeleted)
    assert_type(await async_client.videos.delete("v", as_dict=True), dict[str, Any])
    assert_type(await async_client.videos.delete("v", as_dict=flag), VideoDeleted | dict[str, Any])
    assert_type(await async_client.videos.create_character(name="x", video=b"x"), VideoCharacter)
    assert_type(await async_client.videos.create_character(name="x", video=b"x", as_dict=False), VideoCharacter)
    assert_type(await async_client.videos.create_character(name="x", video=b"x", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.videos.create_character(name="x", video=b"x", as_dict=flag), VideoCharacter | dict[str, Any]
    )
    assert_type(await async_client.videos.get_character("c"), VideoCharacter)
    assert_type(await async_client.videos.get_character("c", as_dict=False), VideoCharacter)
    assert_type(await async_client.videos.get_character("c", as_dict=True), dict[str, Any])
    assert_type(await async_client.videos.get_character("c", as_dict=flag), VideoCharacter | dict[str, Any])
    assert_type(await async_client.videos.kling.text2video(model="m", prompt="x"), AsyncVideoGeneration)
    assert_type(await async_client.videos.kling.text2video(model="m", prompt="x", as_dict=False), AsyncVideoGeneration)
    assert_type(await async_client.videos.kling.text2video(model="m", prompt="x", as_dict=True), dict[str, Any])
    assert_type(
        await async_client.videos.kling.text2video(model="m", prompt="x", as_dict=flag),
        AsyncVideoGeneration | dict[str, Any],
    )
    assert_type(await async_client.videos.kling.image2video(model="m", prompt="x", image=b"x"), AsyncVideoGeneration)
    assert_type(
        await async_client.videos.kling.image2video(model="m", prompt="x", image=b"x", as_dict=False),
        AsyncVideoGeneration,
    )
    assert_type(
        await async_client.videos.kling.image2video(model="m", prompt="x", image=b"x", as_dict=True), dict[str, Any]
    )
    assert_type(
        await async_client.videos.kling.image2video(model="m", prompt="x", image=b"x", as_dict=flag),
        AsyncVideoGeneration | dict[str, Any],
    )
    assert_type(await async_client.midjourney.modes["relax"].imagine(prompt="x"), AsyncTask)
    assert_type(await async_client.beta.messages.create(model="m", max_tokens=5, messages=[]), Message)
    assert_type(await async_client.beta.chat.completions.create(model="m", messages=[]), ChatCompletion)
    assert_type(await async_client.beta.responses.create(model="m", input="x"), Response)
    assert_type(await async_client.beta.models.list(), ModelList)


def raw(client: Client) -> None:
    assert_type(client.responses.with_raw_response.compact(model="m", input="x"), APIResponse)
    assert_type(client.responses.with_streaming_response.compact(model="m", input="x"), StreamingResponse)
    assert_type(client.responses.with_raw_response.input_tokens.count(model="m", input="x"), APIResponse)
    assert_type(client.responses.with_streaming_response.input_tokens.count(model="m", input="x"), StreamingResponse)
    assert_type(client.messages.with_raw_response.count_tokens(model="m", messages=[]), APIResponse)
    assert_type(client.messages.with_streaming_response.count_tokens(model="m", messages=[]), StreamingResponse)
    assert_type(client.completions.with_raw_response.create(model="m", prompt="x"), APIResponse)
    assert_type(client.completions.with_streaming_response.create(model="m", prompt="x"), StreamingResponse)
    assert_type(client.moderations.with_raw_response.create(input=["x"]), APIResponse)
    assert_type(client.moderations.with_streaming_response.create(input=["x"]), StreamingResponse)
    assert_type(client.rerank.with_raw_response.create(model="m", query="x", documents=["y"]), APIResponse)
    assert_type(client.rerank.with_streaming_response.create(model="m", query="x", documents=["y"]), StreamingResponse)
    assert_type(client.models.with_raw_response.delete("m"), APIResponse)
    assert_type(client.models.with_streaming_response.delete("m"), StreamingResponse)
    assert_type(client.gemini.with_raw_response.embed_content(model="m", content="x"), APIResponse)
    assert_type(client.gemini.with_streaming_response.embed_content(model="m", content="x"), StreamingResponse)
    assert_type(client.gemini.with_raw_response.batch_embed_contents(model="m", contents=["x"]), APIResponse)
    assert_type(
        client.gemini.with_streaming_response.batch_embed_contents(model="m", contents=["x"]), StreamingResponse
    )
    assert_type(client.gemini.with_raw_response.count_tokens(model="m", contents="x"), APIResponse)
    assert_type(client.gemini.with_streaming_response.count_tokens(model="m", contents="x"), StreamingResponse)
    assert_type(client.gemini.with_raw_response.list_models(), APIResponse)
    assert_type(client.gemini.with_streaming_response.list_models(), StreamingResponse)
    assert_type(client.billing.with_raw_response.key(), APIResponse)
    assert_type(client.billing.with_streaming_response.key(), StreamingResponse)
    assert_type(client.billing.with_raw_response.log(), APIResponse)
    assert_type(client.billing.with_streaming_response.log(), StreamingResponse)
    assert_type(client.midjourney.with_raw_response.edits(prompt="x", base64Array=[b"x"]), APIResponse)
    assert_type(client.midjourney.with_streaming_response.edits(prompt="x", base64Array=[b"x"]), StreamingResponse)
    assert_type(client.midjourney.with_raw_response.video(image=b"x"), APIResponse)
    assert_type(client.midjourney.with_streaming_response.video(image=b"x"), StreamingResponse)
    assert_type(client.midjourney.with_raw_response.swap_face(sourceBase64=b"x", targetBase64=b"y"), APIResponse)
    assert_type(
        client.midjourney.with_streaming_response.swap_face(sourceBase64=b"x", targetBase64=b"y"), StreamingResponse
    )
    assert_type(client.midjourney.with_raw_response.upload(base64Array=[b"x"]), APIResponse)
    assert_type(client.midjourney.with_streaming_response.upload(base64Array=[b"x"]), StreamingResponse)
    assert_type(client.videos.with_raw_response.edit(video={"id": "v"}, prompt="x"), APIResponse)
    assert_type(client.videos.with_streaming_response.edit(video={"id": "v"}, prompt="x"), StreamingResponse)
    assert_type(client.videos.with_raw_response.extend(video=b"x", prompt="x", seconds=4), APIResponse)
    assert_type(client.videos.with_streaming_response.extend(video=b"x", prompt="x", seconds=4), StreamingResponse)
    assert_type(client.videos.with_raw_response.list(limit=2), APIResponse)
    assert_type(client.videos.with_streaming_response.list(limit=2), StreamingResponse)
    assert_type(client.videos.with_raw_response.delete("v"), APIResponse)
    assert_type(client.videos.with_streaming_response.delete("v"), StreamingResponse)
    assert_type(client.videos.with_raw_response.create_character(name="x", video=b"x"), APIResponse)
    assert_type(client.videos.with_streaming_response.create_character(name="x", video=b"x"), StreamingResponse)
    assert_type(client.videos.with_raw_response.get_character("c"), APIResponse)
    assert_type(client.videos.with_streaming_response.get_character("c"), StreamingResponse)
    assert_type(client.videos.kling.with_raw_response.text2video(model="m", prompt="x"), APIResponse)
    assert_type(client.videos.with_raw_response.kling.text2video(model="m", prompt="x"), APIResponse)
    assert_type(client.videos.kling.with_streaming_response.text2video(model="m", prompt="x"), StreamingResponse)
    assert_type(client.videos.with_streaming_response.kling.text2video(model="m", prompt="x"), StreamingResponse)
    assert_type(client.videos.kling.with_raw_response.image2video(model="m", prompt="x", image=b"x"), APIResponse)
    assert_type(client.videos.with_raw_response.kling.image2video(model="m", prompt="x", image=b"x"), APIResponse)
    assert_type(
        client.videos.kling.with_streaming_response.image2video(model="m", prompt="x", image=b"x"), StreamingResponse
    )
    assert_type(
        client.videos.with_streaming_response.kling.image2video(model="m", prompt="x", image=b"x"), StreamingResponse
    )


async def awaited_raw(async_client: AsyncClient) -> None:
    assert_type(await async_client.responses.with_raw_response.compact(model="m", input="x"), APIResponse)
    assert_type(async_client.responses.with_streaming_response.compact(model="m", input="x"), AsyncStreamingResponse)
    assert_type(await async_client.responses.with_raw_response.input_tokens.count(model="m", input="x"), APIResponse)
    assert_type(
        async_client.responses.with_streaming_response.input_tokens.count(model="m", input="x"), AsyncStreamingResponse
    )
    assert_type(await async_client.messages.with_raw_response.count_tokens(model="m", messages=[]), APIResponse)
    assert_type(
        async_client.messages.with_streaming_response.count_tokens(model="m", messages=[]), AsyncStreamingResponse
    )
    assert_type(await async_client.completions.with_raw_response.create(model="m", prompt="x"), APIResponse)
    assert_type(async_client.completions.with_streaming_response.create(model="m", prompt="x"), AsyncStreamingResponse)
    assert_type(await async_client.moderations.with_raw_response.create(input=["x"]), APIResponse)
    assert_type(async_client.moderations.with_streaming_response.create(input=["x"]), AsyncStreamingResponse)
    assert_type(await async_client.rerank.with_raw_response.create(model="m", query="x", documents=["y"]), APIResponse)
    assert_type(
        async_client.rerank.with_streaming_response.create(model="m", query="x", documents=["y"]),
        AsyncStreamingResponse,
    )
    assert_type(await async_client.models.with_raw_response.delete("m"), APIResponse)
    assert_type(async_client.models.with_streaming_response.delete("m"), AsyncStreamingResponse)
    assert_type(await async_client.gemini.with_raw_response.embed_content(model="m", content="x"), APIResponse)
    assert_type(
        async_client.gemini.with_streaming_response.embed_content(model="m", content="x"), AsyncStreamingResponse
    )
    assert_type(
        await async_client.gemini.with_raw_response.batch_embed_contents(model="m", contents=["x"]), APIResponse
    )
    assert_type(
        async_client.gemini.with_streaming_response.batch_embed_contents(model="m", contents=["x"]),
        AsyncStreamingResponse,
    )
    assert_type(await async_client.gemini.with_raw_response.count_tokens(model="m", contents="x"), APIResponse)
    assert_type(
        async_client.gemini.with_streaming_response.count_tokens(model="m", contents="x"), AsyncStreamingResponse
    )
    assert_type(await async_client.gemini.with_raw_response.list_models(), APIResponse)
    assert_type(async_client.gemini.with_streaming_response.list_models(), AsyncStreamingResponse)
    assert_type(await async_client.billing.with_raw_response.key(), APIResponse)
    assert_type(async_client.billing.with_streaming_response.key(), AsyncStreamingResponse)
    assert_type(await async_client.billing.with_raw_response.log(), APIResponse)
    assert_type(async_client.billing.with_streaming_response.log(), AsyncStreamingResponse)
    assert_type(await async_client.midjourney.with_raw_response.edits(prompt="x", base64Array=[b"x"]), APIResponse)
    assert_type(
        async_client.midjourney.with_streaming_response.edits(prompt="x", base64Array=[b"x"]), AsyncStreamingResponse
    )
    assert_type(await async_client.midjourney.with_raw_response.video(image=b"x"), APIResponse)
    assert_type(async_client.midjourney.with_streaming_response.video(image=b"x"), AsyncStreamingResponse)
    assert_type(
        await async_client.midjourney.with_raw_response.swap_face(sourceBase64=b"x", targetBase64=b"y"), APIResponse
    )
    assert_type(
        async_client.midjourney.with_streaming_response.swap_face(sourceBase64=b"x", targetBase64=b"y"),
        AsyncStreamingResponse,
    )
    assert_type(await async_client.midjourney.with_raw_response.upload(base64Array=[b"x"]), APIResponse)
    assert_type(async_client.midjourney.with_streaming_response.upload(base64Array=[b"x"]), AsyncStreamingResponse)
    assert_type(await async_client.videos.with_raw_response.edit(video={"id": "v"}, prompt="x"), APIResponse)
    assert_type(async_client.videos.with_streaming_response.edit(video={"id": "v"}, prompt="x"), AsyncStreamingResponse)
    assert_type(await async_client.videos.with_raw_response.extend(video=b"x", prompt="x", seconds=4), APIResponse)
    assert_type(
        async_client.videos.with_streaming_response.extend(video=b"x", prompt="x", seconds=4), AsyncStreamingResponse
    )
    assert_type(await async_client.videos.with_raw_response.list(limit=2), APIResponse)
    assert_type(async_client.videos.with_streaming_response.list(limit=2), AsyncStreamingResponse)
    assert_type(await async_client.videos.with_raw_response.delete("v"), APIResponse)
    assert_type(async_client.videos.with_streaming_response.delete("v"), AsyncStreamingResponse)
    assert_type(await async_client.videos.with_raw_response.create_character(name="x", video=b"x"), APIResponse)
    assert_type(
        async_client.videos.with_streaming_response.create_character(name="x", video=b"x"), AsyncStreamingResponse
    )
    assert_type(await async_client.videos.with_raw_response.get_character("c"), APIResponse)
    assert_type(async_client.videos.with_streaming_response.get_character("c"), AsyncStreamingResponse)
    assert_type(await async_client.videos.kling.with_raw_response.text2video(model="m", prompt="x"), APIResponse)
    assert_type(await async_client.videos.with_raw_response.kling.text2video(model="m", prompt="x"), APIResponse)
    assert_type(
        async_client.videos.kling.with_streaming_response.text2video(model="m", prompt="x"), AsyncStreamingResponse
    )
    assert_type(
        async_client.videos.with_streaming_response.kling.text2video(model="m", prompt="x"), AsyncStreamingResponse
    )
    assert_type(
        await async_client.videos.kling.with_raw_response.image2video(model="m", prompt="x", image=b"x"), APIResponse
    )
    assert_type(
        await async_client.videos.with_raw_response.kling.image2video(model="m", prompt="x", image=b"x"), APIResponse
    )
    assert_type(
        async_client.videos.kling.with_streaming_response.image2video(model="m", prompt="x", image=b"x"),
        AsyncStreamingResponse,
    )
    assert_type(
        async_client.videos.with_streaming_response.kling.image2video(model="m", prompt="x", image=b"x"),
        AsyncStreamingResponse,
    )
