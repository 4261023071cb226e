"""The module in place of a client, as `openai` can be used too."""

import asyncio

import wenwen as openai

MESSAGES = [{"role": "user", "content": "Say this is a test"}]

openai.max_retries = 1
openai.default_headers = {"X-App": "example"}

print("whole:", openai.chat.completions.create(model="gpt-5", messages=MESSAGES).choices[0].message.content)
for chunk in openai.chat.completions.create(model="gpt-5", messages=MESSAGES, stream=True):
    for choice in chunk.choices:
        if choice.delta.content:
            print(f"delta: {choice.delta.content}")
print("response:", openai.responses.create(model="gpt-5", input="Say this is a test").output_text)


async def main() -> None:
    completion = await openai.aio.chat.completions.create(model="gpt-5", messages=MESSAGES)
    print("async:", completion.choices[0].message.content)


asyncio.run(main())
