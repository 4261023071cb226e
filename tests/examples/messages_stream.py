"""Streams of messages: events, texts, the whole; sync and async."""

import asyncio

from wenwen import AsyncClient as AsyncAnthropic
from wenwen import Client as Anthropic

QUESTION = [{"role": "user", "content": "Say hello there!"}]

client = Anthropic()
with client.messages.stream(max_tokens=1024, messages=QUESTION, model="claude-sonnet-4-5") as stream:
    for text in stream.text_stream:
        print("text:", text)
    print("final:", stream.get_final_text())

with client.messages.stream(
    model="claude-sonnet-4-5",
    max_tokens=3200,
    thinking={"type": "enabled", "budget_tokens": 1600},
    messages=QUESTION,
) as stream:
    print("kinds:", sorted({event.type for event in stream if event.type in ("thinking", "text")}))

for event in client.messages.create(max_tokens=1024, messages=QUESTION, model="claude-sonnet-4-5", stream=True):
    print("event:", event.type)


async def main() -> None:
    async with AsyncAnthropic().messages.stream(
        max_tokens=1024, messages=QUESTION, model="claude-sonnet-4-5"
    ) as stream:
        async for event in stream:
            if event.type == "text":
                print("async text:", event.text)
            elif event.type == "content_block_stop":
                print("block:", event.content_block.type)
    # The whole is there after the block, too, when all of it was read inside.
    print("accumulated:", (await stream.get_final_message()).to_json())


asyncio.run(main())
