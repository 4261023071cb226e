"""The same with the async client."""

import asyncio

from wenwen import AsyncClient as AsyncOpenAI


async def main() -> None:
    async with AsyncOpenAI() as client:
        completion = await client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Say this is a test"}]
        )
        print("whole:", completion.choices[0].message.content)

        stream = await client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Say this is a test"}], stream=True
        )
        print("streamed: ", end="")
        async for chunk in stream:
            if chunk.choices:
                print(chunk.choices[0].delta.content or "", end="")
        print()

        raw = await client.chat.completions.with_raw_response.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Say this is a test"}]
        )
        print("raw:", raw.parse().choices[0].message.content)

        async with client.chat.completions.with_streaming_response.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Say this is a test"}]
        ) as response:
            print("body:", (await response.json())["object"])

        async with client.chat.completions.stream(
            model="gpt-4o", messages=[{"role": "user", "content": "Say this is a test"}]
        ) as events:
            async for event in events:
                if event.type == "content.delta":
                    print("delta:", event.delta)
                elif event.type == "content.done":
                    print("done:", event.content)
            print("final:", (await events.get_final_completion()).choices[0].message.content)


asyncio.run(main())
