"""The web search of messages, whole and streamed."""

from wenwen import Client as Anthropic

client = Anthropic()
asked = {
    "model": "claude-sonnet-4-20250514",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "What is new in New York?"}],
    "tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 2}],
}

message = client.messages.create(**asked)
print("usage:", message.usage.output_tokens > 0)
print("answer:", "".join(block.text for block in message.content if block.type == "text"))

with client.messages.stream(**asked) as stream:
    for event in stream:
        if event.type == "content_block_start":
            print("block:", event.content_block.type)
    print("final:", stream.get_final_message().stop_reason)
