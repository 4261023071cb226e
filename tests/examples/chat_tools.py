"""The model calls a function, and answers from what it returned."""

import json

from wenwen import Client as OpenAI

client = OpenAI()
tools = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
                "required": ["city", "unit"],
            },
        },
    }
]


def get_weather(city: str, unit: str) -> str:
    return f"26 degrees {unit} in {city}"


messages = [{"role": "user", "content": "How is the weather in Paris?"}]
completion = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools)
message = completion.choices[0].message
assert completion.choices[0].finish_reason == "tool_calls"
messages.append(message)
for call in message.tool_calls or []:
    print("call:", call.function.name, call.function.arguments)
    result = get_weather(**json.loads(call.function.arguments))
    messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
print("answer:", client.chat.completions.create(model="gpt-4o", messages=messages).choices[0].message.content)

with client.chat.completions.stream(
    model="gpt-4o",
    messages=[{"role": "user", "content": "How is the weather in Paris?"}],
    tools=tools,
    parallel_tool_calls=True,
) as stream:
    for event in stream:
        if event.type == "tool_calls.function.arguments.delta":
            print("delta:", event.arguments_delta)
        elif event.type == "tool_calls.function.arguments.done":
            print("done:", event.name, event.arguments)
print("final:", stream.get_final_completion().choices[0].finish_reason)
