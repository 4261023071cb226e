"""The same with the async client."""

import asyncio

from wenwen import AsyncClient as AsyncOpenAI

client = AsyncOpenAI()


async def main() -> None:
    response = await client.responses.create(model="gpt-5", input="Explain gravity to a child of five.")
    print("whole:", response.output_text)

    stream = await client.responses.create(model="gpt-5", input="Explain gravity to a child of five.", stream=True)
    async for event in stream:
        if event.type == "response.output_text.delta":
            print("delta:", event.delta)

    async with client.responses.stream(model="gpt-5", input="Explain gravity to a child of five.") as events:
        async for event in events:
            if "output_text" in event.type:
                print(event.type)
        print("final:", (await events.get_final_response()).output_text)


asyncio.run(main())
