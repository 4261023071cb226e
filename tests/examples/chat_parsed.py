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


QUESTION = [
    {"role": "system", "content": "You teach mathematics."},
    {"role": "user", "content": "Solve 8x + 31 = 2"},
]

client = OpenAI()
completion = client.chat.completions.parse(model="gpt-4o", messages=QUESTION, response_format=MathResponse)
message = completion.choices[0].message
if message.parsed:
    print("type:", type(message.parsed).__name__)
    print("steps:", message.parsed.steps)
    print("answer:", message.parsed.final_answer)
else:
    print("refusal:", message.refusal)

# The message goes back as it came.
again = [*QUESTION, message, {"role": "user", "content": "Once more, please"}]
more = client.chat.completions.parse(model="gpt-4o", messages=again, response_format=MathResponse)
print("type:", type(more.choices[0].message.parsed).__name__)

with client.chat.completions.stream(model="gpt-4o", messages=QUESTION, response_format=MathResponse) as stream:
    for event in stream:
        if event.type == "content.delta":
            print(f"delta: {event.delta}")
        elif event.type == "content.done" and event.parsed is not None:
            print("type:", type(event.parsed).__name__)
        elif event.type == "refusal.delta":
            print("refusal:", event.delta)
print("type:", type(stream.get_final_completion().choices[0].message.parsed).__name__)


async def main() -> None:
    completion = await AsyncOpenAI().chat.completions.parse(
        model="gpt-4o", messages=QUESTION, response_format=MathResponse
    )
    print("type:", type(completion.choices[0].message.parsed).__name__)


asyncio.run(main())
