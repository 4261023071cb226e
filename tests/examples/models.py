"""The models of a key: a list, sync and async, and one of them."""

import asyncio

from wenwen import AsyncOpenAI, OpenAI

client = OpenAI()
names = [model.id for model in client.models.list()]
print("names:", len(names), names == [model.id for model in client.models.list().data])
print("one:", client.models.retrieve("gpt-5").id)


async def main() -> None:
    client = AsyncOpenAI()
    print("async:", [model.id async for model in client.models.list()] == names)
    print("page:", len((await client.models.list()).data))


asyncio.run(main())
