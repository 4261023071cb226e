"""A response that is made in the background, watched for a while and then fetched whole."""

import asyncio

from wenwen import AsyncOpenAI


async def main() -> None:
    async with AsyncOpenAI() as client:
        id = None
        async for event in await client.responses.create(
            model="gpt-5", input="Write a long story", background=True, stream=True
        ):
            if event.type == "response.created":
                id = event.response.id
            if event.type == "response.output_text.delta":
                break
        assert id is not None
        async for event in await client.responses.retrieve(id, stream=True, starting_after=3):
            print("event:", event.type)
        print("whole:", (await client.responses.retrieve(id)).status)


asyncio.run(main())
