"""A tool that is an object with `to_dict` and `call`, as Anthropic's memory tool and those of an MCP server are."""

from typing import Any

from wenwen import Anthropic, ToolError

client = Anthropic()


class Memory:
    name = "memory"

    def __init__(self) -> None:
        self.files: dict[str, str] = {}

    def to_dict(self) -> dict[str, Any]:
        return {"type": "memory_20250818", "name": self.name}

    def call(self, command: dict[str, Any]) -> str:
        if command["command"] == "create":
            self.files[command["path"]] = command["file_text"]
            return "created"
        try:
            return self.files[command["path"]]
        except KeyError:
            raise ToolError(f"{command['path']} is not there") from None


memory = Memory()
messages: list[Any] = [{"role": "user", "content": "Remember that I like tea."}]
runner = client.beta.messages.tool_runner(
    model="claude-sonnet-4-5",
    max_tokens=1024,
    messages=messages,
    tools=[memory],
    betas=["context-management-2025-06-27"],
    context_management={"edits": [{"type": "clear_tool_uses_20250919"}]},
)
for message in runner:
    if message.context_management:
        print("edits:", [edit.type for edit in message.context_management.applied_edits])
    messages.append({"role": "assistant", "content": message.content})
    response = runner.generate_tool_call_response()
    if response:
        messages.append(response)
        print("result:", response["content"][0]["content"])
print("files:", memory.files)

# A conversation that goes on where the run ended, with another model to fall back on.
message = client.beta.messages.create(
    model="claude-sonnet-4-5",
    max_tokens=1024,
    messages=[*messages, {"role": "user", "content": "What do I like?"}],
    tools=[memory.to_dict()],
    fallbacks=[{"model": "claude-opus-4-1"}],
    betas=["server-side-fallback-2026-07-01"],
)
print("stopped:", message.stop_reason)
