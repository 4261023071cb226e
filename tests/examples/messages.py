"""A conversation, pictures and thinking."""

import os
from pathlib import Path

from wenwen import Client as Anthropic

client = Anthropic(api_key=os.environ.get("WENWEN_API_KEY"))

first = client.messages.create(
    max_tokens=1024, messages=[{"role": "user", "content": "Hello!"}], model="claude-sonnet-4-5"
)
print("first:", first.content[0].text)
second = client.messages.create(
    max_tokens=1024,
    messages=[
        {"role": "user", "content": "Hello!"},
        {"role": first.role, "content": first.content},
        {"role": "user", "content": "How are you?"},
    ],
    model="claude-sonnet-4-5",
)
print("second:", second.content[0].text, second.stop_reason)

path = Path(os.environ["PICTURE"])
picture = client.messages.create(
    max_tokens=1024,
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": path}},
            ],
        }
    ],
    model="claude-sonnet-4-5",
)
print("picture:", picture.model_dump_json(indent=2))

thoughtful = client.messages.create(
    model="claude-sonnet-4-5",
    max_tokens=3200,
    thinking={"type": "enabled", "budget_tokens": 1600},
    messages=[{"role": "user", "content": "Write a haiku about rivers."}],
)
for block in thoughtful.content:
    if block.type == "thinking":
        print("thinking:", block.thinking)
    elif block.type == "text":
        print("text:", block.text)
