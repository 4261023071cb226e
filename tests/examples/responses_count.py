"""How many tokens a request would be, of a server that counts them."""

from wenwen import OpenAI

client = OpenAI()
counted = client.responses.input_tokens.count(
    model="gpt-5",
    instructions="Be short.",
    input=[{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Is it warm in Rome?"}]}],
    tools=[
        {
            "type": "function",
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"location": {"type": "string"}},
                "required": ["location"],
                "additionalProperties": False,
            },
            "strict": True,
        }
    ],
    tool_choice={"type": "function", "name": "get_weather"},
)
print("tokens:", counted.input_tokens)
