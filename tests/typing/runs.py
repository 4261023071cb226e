"""What type checkers know of tools and their runs: read by mypy and pyright, and never run."""

from collections.abc import Coroutine
from typing import Annotated, Any, assert_type

import wenwen
from wenwen import AsyncClient, AsyncToolRun, Client, Injected, Tool, ToolCall, ToolResult, ToolRun
from wenwen._runner import ToolRunner
from wenwen.types import ChatCompletion, GenerateContentResponse, Message, Response, Run
from wenwen.types._parsed import ParsedMessage, ParsedResponse
from wenwen.types.chat import ChatCompletionChunk
from wenwen.types.messages import RawMessageStreamEvent
from wenwen.types.responses import ResponseStreamEvent


def weather(city: str, days: Annotated[int, "how many"] = 1) -> str:
    """The weather."""
    return city * days


async def web(query: str, key: Injected[str]) -> list[str]:
    """Searches."""
    return [query, key]


@wenwen.tool
def plain(n: int) -> int:
    return n


@wenwen.tool(name="other", timeout=3.0, thread=False)
async def other(n: int) -> int:
    return n


class Query:
    text: str


def before(call: ToolCall) -> bool | str:
    return call.name != "other" or "no"


def tell(result: ToolResult) -> str:
    return f"{result.error}"


TOOLS = [weather, web, plain, other, wenwen.pydantic_function_tool(Query), {"type": "web_search_preview"}]


def sync(client: Client, flag: bool) -> None:
    assert_type(plain(3), int)
    running: Coroutine[Any, Any, int] = other(3)
    running.close()
    assert_type(wenwen.pydantic_function_tool(Query), Tool[..., Any])
    reply = client.responses.run(
        model="m", input="x", tools=TOOLS, before_tool=before, on_error=tell, context={"key": 1}
    )
    assert_type(reply, Response)
    assert_type(reply.steps, list[ToolResult])
    assert_type(reply.turns, list[Response])
    assert_type(reply.calls, list[ToolCall])
    assert_type(reply.run_tools([weather]), list[Any])
    assert_type(reply.steps[0].text, str)
    run = client.responses.run(model="m", input="x", tools=TOOLS, stream=True, max_turns=3, on_error="raise")
    assert_type(run, ToolRun[ResponseStreamEvent, Response])
    for event in run:
        assert_type(event, ResponseStreamEvent | ToolResult)
    assert_type(run.reply, Response | None)
    with run as entered:
        assert_type(entered, ToolRun[ResponseStreamEvent, Response])
    assert_type(
        client.responses.run(model="m", input="x", tools=TOOLS, stream=flag),
        Response | ToolRun[ResponseStreamEvent, Response],
    )
    messages = [{"role": "user", "content": "x"}]
    assert_type(client.chat.completions.run(model="m", messages=messages, tools=TOOLS), ChatCompletion)
    assert_type(
        client.chat.completions.run(model="m", messages=messages, tools=TOOLS, stream=True),
        ToolRun[ChatCompletionChunk, ChatCompletion],
    )
    assert_type(client.messages.run(model="m", max_tokens=9, messages=messages, tools=TOOLS), Message)
    assert_type(
        client.messages.run(model="m", max_tokens=9, messages=messages, tools=TOOLS, stream=True),
        ToolRun[RawMessageStreamEvent, Message],
    )
    runner = client.messages.tool_runner(model="m", max_tokens=9, messages=messages, tools=TOOLS)
    assert_type(runner, ToolRunner)
    assert_type(runner.until_done(), Message)
    assert_type(client.gemini.run(model="m", contents="x", tools=[weather]), GenerateContentResponse)
    assert_type(wenwen.run_response(model="m", input="x", tools=[weather]), Response)
    assert_type(wenwen.run_chat_completion(model="m", messages=messages, tools=[weather]), ChatCompletion)
    assert_type(wenwen.run_message(model="m", messages=messages, tools=[weather]), Message)
    assert_type(wenwen.run_content(model="m", contents="x", tools=[weather]), GenerateContentResponse)
    assert_type(client.responses.run(model="m", input="x", tools=TOOLS, output=Query), ParsedResponse[Query])
    assert_type(client.responses.run(model="m", input="x", tools=TOOLS, text_format=Query).parsed, Query)
    assert_type(
        client.messages.run(model="m", messages=messages, tools=TOOLS, output=Query, stream=True),
        ToolRun[RawMessageStreamEvent, ParsedMessage[Query]],
    )
    assert_type(client.gemini.run(model="m", contents="x", output={"type": "object"}).parsed, Any)
    assert_type(
        client.chat.completions.run(model="m", messages=messages, response_format=Query, retries=2).parsed, Query
    )
    client.responses.create(model="m", input="x", tools=TOOLS)
    client.chat.completions.create(model="m", messages=messages, tools=TOOLS)
    client.messages.create(model="m", messages=messages, tools=TOOLS)
    client.gemini.generate_content(model="m", contents="x", tools=[weather, {"googleSearch": {}}])
    try:
        client.responses.run(model="m", input="x", tools=TOOLS)
    except wenwen.MaxTurnsError as error:
        assert_type(error.steps, list[ToolResult])
        assert_type(error.run, Run[Any])


async def awaited(async_client: AsyncClient) -> None:
    reply = await async_client.responses.run(model="m", input="x", tools=TOOLS)
    assert_type(reply, Response)
    assert_type(await reply.run_tools_async([web]), list[Any])
    async for event in async_client.responses.run(model="m", input="x", tools=TOOLS, stream=True):
        assert_type(event, ResponseStreamEvent | ToolResult)
    assert_type((await async_client.responses.run(model="m", input="x", tools=TOOLS, output=Query)).parsed, Query)
    run = await async_client.messages.run(model="m", max_tokens=9, messages=[], tools=TOOLS, stream=True)
    assert_type(run, AsyncToolRun[RawMessageStreamEvent, Message])
    runner = async_client.messages.tool_runner(model="m", max_tokens=9, messages=[], tools=TOOLS)
    assert_type(await runner.until_done(), Message)
    assert_type(await wenwen.aio.run_message(model="m", messages=[], tools=TOOLS), Message)
    assert_type(await wenwen.aio.run_content(model="m", contents="x", tools=[weather]), GenerateContentResponse)
    chat = async_client.chat.completions.run(model="m", messages=[], tools=TOOLS)
    assert_type(await chat, ChatCompletion)
    assert_type(await async_client.gemini.run(model="m", contents="x", tools=[weather]), GenerateContentResponse)
    assert_type(await wenwen.aio.run_response(model="m", input="x", tools=TOOLS), Response)
    assert_type(await wenwen.aio.run_chat_completion(model="m", messages=[], tools=TOOLS), ChatCompletion)


def wrong(client: Client) -> None:
    client.responses.run(model="m", input="x", tools=3)  # type: ignore[call-overload]  # pyright: ignore
    client.responses.run(model="m", input="x", tools=[weather], max_turn=3)  # type: ignore[call-overload]  # pyright: ignore
    client.responses.run(model="m", input="x", tools=[weather], as_dict=True)  # type: ignore[call-overload]  # pyright: ignore
    plain("x")  # type: ignore[arg-type]  # pyright: ignore
