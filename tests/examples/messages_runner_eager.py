"""Tools of Anthropic's runner that run while the message still comes, and one that is asked for first."""

from wenwen import Client as Anthropic
from wenwen import beta_tool

client = Anthropic()


@beta_tool
def list_files(directory: str) -> str:
    """Lists the files of a directory.

    Args:
        directory: Which one.
    """
    return f"{directory}/a.log"


@beta_tool(defer_loading=True)
def delete_file(path: str) -> str:
    """Deletes a file.

    Args:
        path: Which one.
    """
    return f"deleted {path}"


runner = client.beta.messages.tool_runner(
    model="claude-sonnet-4-20250514",
    max_tokens=1024,
    max_iterations=5,
    tools=[list_files, delete_file],
    messages=[{"role": "user", "content": "List the files in /tmp, then delete the logs."}],
    stream=True,
    run_tools_eagerly=True,
)
for stream in runner:
    for event in stream:
        if event.type == "content_block_start" and event.content_block.type == "tool_use":
            if event.content_block.name == "delete_file":
                runner.defer_tool_call(event.content_block)
        elif event.type == "text":
            print(f"text: {event.text}")
    for call in runner.deferred_tool_calls:
        print("held:", call.name, call.input["path"])
