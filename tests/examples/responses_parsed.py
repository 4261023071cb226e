"""Answers as instances of a pydantic model."""

import asyncio

from pydantic import BaseModel

from wenwen import AsyncClient as AsyncOpenAI
from wenwen import Client as OpenAI


class Step(BaseModel):
    explanation: str
    output: str


class MathResponse(BaseModel):
    steps: list[Step]
    final_answer: str


client = OpenAI()
response = client.responses.parse(input="Solve 8x + 31 = 2", model="gpt-4o", text_format=MathResponse)
print("type:", type(response.output_parsed).__name__)

for output in response.output:
    if output.type != "message":
        raise Exception("not a message")
    for item in output.content:
        if item.type != "output_text":
            raise Exception("not a text")
        if not item.parsed:
            raise Exception("not parsed")
        print("type:", type(item.parsed).__name__)
        print("answer:", item.parsed.final_answer)

message = response.output[0]
assert message.type == "message"
text = message.content[0]
assert text.type == "output_text"
print("type:", type(text.parsed).__name__)

with client.responses.stream(input="Solve 8x + 31 = 2", model="gpt-4o", text_format=MathResponse) as stream:
    for event in stream:
        if event.type == "response.output_text.delta":
            print(f"delta: {event.delta}")
print("type:", type(stream.get_final_response().output_parsed).__name__)


async def main() -> None:
    response = await AsyncOpenAI().responses.parse(input="Solve 8x + 31 = 2", model="gpt-4o", text_format=MathResponse)
    print("type:", type(response.output_parsed).__name__)


asyncio.run(main())
