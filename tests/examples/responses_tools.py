"""The model calls a function, whose result goes back with the next request."""

import json

from wenwen import Client as OpenAI

client = OpenAI()
tools = [
    {
        "type": "function",
        "name": "get_horoscope",
        "description": "Today's horoscope for a sign",
        "parameters": {
            "type": "object",
            "properties": {"sign": {"type": "string", "enum": ["Aquarius", "Leo"]}},
            "required": ["sign"],
        },
    }
]
items = [{"role": "user", "content": "What is my horoscope? I am an Aquarius."}]

with client.responses.stream(model="gpt-5", input=items, tools=tools) as stream:
    for event in stream:
        if event.type == "response.function_call_arguments.delta":
            print("so far:", event.snapshot)
    response = stream.get_final_response()

items += response.output
for item in response.output:
    if item.type == "function_call":
        result = {"horoscope": f"{json.loads(item.arguments)['sign']}: you will meet an otter."}
        items.append({"type": "function_call_output", "call_id": item.call_id, "output": json.dumps(result)})

print("answer:", client.responses.create(model="gpt-5", input=items, tools=tools).output_text)
