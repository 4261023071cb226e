"""Tools of Anthropic's runner: the messages of a run one by one, whole, streamed and awaited."""

import asyncio

from wenwen import AsyncClient as AsyncAnthropic
from wenwen import Client as Anthropic
from wenwen import beta_async_tool, beta_tool

QUESTION = [{"role": "user", "content": "What is the weather in Boston?"}]
client = Anthropic()


@beta_tool
def get_weather(location: str) -> str:
    """Looks the weather up.

    Args:
        location: The city and state, e.g. Boston, MA
    """
    print("called:", location)
    return "73f"


@beta_async_tool
async def get_weather_later(location: str) -> str:
    """Looks the weather up.

    Args:
        location: The city and state, e.g. Boston, MA
    """
    return "74f"


runner = client.beta.messages.tool_runner(
    model="claude-sonnet-4-20250514", max_tokens=1024, messages=QUESTION, tools=[get_weather]
)
for message in runner:
    print("stopped:", message.stop_reason)
print("answer:", message.content[0].text)

runner = client.beta.messages.tool_runner(
    model="claude-sonnet-4-20250514", max_tokens=1024, messages=QUESTION, tools=[get_weather], max_iterations=1
)
for _ in runner:
    response = runner.generate_tool_call_response()
    print("result:", response["content"][0]["content"] if response else None)

runner = client.beta.messages.tool_runner(
    model="claude-sonnet-4-20250514", max_tokens=1024, messages=QUESTION, tools=[get_weather], stream=True
)
for stream in runner:
    for event in stream:
        if event.type == "text":
            print(f"text: {event.text}")


async def main() -> None:
    async with AsyncAnthropic() as client:
        runner = client.beta.messages.tool_runner(
            model="claude-sonnet-4-20250514", max_tokens=1024, messages=QUESTION, tools=[get_weather_later]
        )
        print("later:", (await runner.until_done()).content[0].text)


asyncio.run(main())
