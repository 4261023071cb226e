"""Answers of a class, by messages: whole and streamed."""

from pydantic import BaseModel

from wenwen import Client as Anthropic


class Order(BaseModel):
    product: str
    quantity: int


client = Anthropic()
asked = {
    "model": "claude-sonnet-4-20250514",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "Extract: two boxes of green tea, please"}],
}

message = client.beta.messages.parse(**asked, output_format=Order)
print("type:", type(message.parsed_output).__name__)

with client.messages.stream(**asked, output_format=Order) as stream:
    for event in stream:
        if event.type == "text":
            print(f"text: {event.text}")
            print("so far:", sorted(event.parsed_snapshot() or {}))
    print("type:", type(stream.get_final_message().parsed_output).__name__)
