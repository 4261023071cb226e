"""A tool of Anthropic's runner by which a model finds the others, which it is told of by name alone."""

import json
from typing import Any

from wenwen import Client as Anthropic
from wenwen import beta_tool

client = Anthropic()


@beta_tool(defer_loading=True)
def get_weather(location: str) -> str:
    """Looks the weather up.

    Args:
        location: The city.
    """
    return "73f"


def searcher(tools: list[Any]) -> Any:
    @beta_tool
    def search_tools(*, keyword: str) -> Any:
        """Finds tools by a word of their descriptions."""
        found = [tool.name for tool in tools if keyword in json.dumps(tool.to_dict())]
        return [{"type": "tool_reference", "tool_name": name} for name in found]

    return search_tools


tools = [get_weather]
runner = client.beta.messages.tool_runner(
    model="claude-sonnet-4-20250514",
    max_tokens=1024,
    tools=[*tools, searcher(tools)],
    messages=[{"role": "user", "content": "What is the weather in Boston?"}],
    betas=["tool-search-tool-2025-10-19"],
)
for message in runner:
    print("stopped:", message.stop_reason)
