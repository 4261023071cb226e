"""A tool and its result, whole and streamed."""

from wenwen import Client as Anthropic
from wenwen.types import MessageParam
from wenwen.types.messages import ToolParam

client = Anthropic()
question: MessageParam = {"role": "user", "content": "What is the weather in SF?"}
tools: list[ToolParam] = [
    {
        "name": "get_weather",
        "description": "The weather at a place",
        "input_schema": {
            "type": "object",
            "properties": {"location": {"type": "string", "description": "City and state"}},
            "required": ["location"],
        },
    }
]

message = client.messages.create(model="claude-sonnet-4-5", max_tokens=1024, messages=[question], tools=tools)
assert message.stop_reason == "tool_use"
tool = next(block for block in message.content if block.type == "tool_use")
print("call:", tool.name, tool.input)
response = client.messages.create(
    model="claude-sonnet-4-5",
    max_tokens=1024,
    messages=[
        question,
        {"role": message.role, "content": message.content},
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": tool.id,
                    "content": [{"type": "text", "text": "The weather is 73f"}],
                }
            ],
        },
    ],
    tools=tools,
)
print("answer:", response.content[0].text)

with client.messages.stream(model="claude-sonnet-4-5", max_tokens=1024, messages=[question], tools=tools) as stream:
    for event in stream:
        if event.type == "input_json":
            print("delta:", event.partial_json, event.snapshot)
