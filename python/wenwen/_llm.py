"""The plugin of the command line `llm` (https://llm.datasette.io), which alone imports it: models as `wenwen/gpt-5`.

All go by chat completions, in which the gateway speaks for every model. Their names come from a file, so that no `llm`
begins with a call: `llm wenwen refresh` writes it.
"""

# llm is where this is imported, and not where it is checked.
# mypy: disable-error-code="import-not-found, misc, untyped-decorator"
# pyright: basic, reportMissingImports=false, reportOptionalCall=false

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import click
import llm
from pydantic import Field

from ._client import AsyncClient, Client

try:
    from llm.parts import AttachmentPart, StreamEvent, TextPart, ToolCallPart, ToolResultPart
except ImportError:  # an older llm, which is to run as before
    StreamEvent = None

# Before the first refresh.
MODELS = ["gpt-5", "gpt-5-mini", "claude-sonnet-4-20250514", "gemini-2.5-flash"]


@llm.hookimpl
def register_models(register: Any) -> None:
    try:
        names = [str(name) for name in json.loads(_list().read_text("utf-8"))]
    except (OSError, TypeError, ValueError):
        names = MODELS
    for name in names if StreamEvent else ():
        register(Chat(name), AsyncChat(name))


@llm.hookimpl
def register_commands(cli: Any) -> None:
    @cli.group("wenwen")
    def group() -> None:
        "The models of a Wenwen gateway"

    @group.command()
    def refresh() -> None:
        "Asks the gateway which models the key may use, and remembers them"
        try:
            models = Client(api_key=Chat("").get_key()).models.list()
        except Exception as error:
            raise click.ClickException(str(error)) from error
        # One whose dialects the gateway does not say is believed to chat.
        names = [model.id for model in models if "openai" in (model.get("supported_endpoint_types") or ["openai"])]
        _list().write_text(json.dumps(names, indent=1), "utf-8")
        click.echo(f"{len(names)} models, in {_list()}")


def _list() -> Path:
    return Path(llm.user_dir()) / "wenwen-models.json"


class Shared:
    """What both kinds of models are, and what they send and say."""

    needs_key, key_env_var = "wenwen", "WENWEN_API_KEY"
    can_stream = supports_schema = supports_tools = True
    attachment_types = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf"})

    class Options(llm.Options):
        temperature: float | None = Field(default=None, ge=0, le=2, description="0 to 2: how much is left to chance")
        max_tokens: int | None = Field(default=None, gt=0, description="The most tokens of an answer")
        reasoning_effort: str | None = Field(default=None, description="How long it thinks: low, medium, high …")

    def __init__(self, name: str) -> None:
        self.name, self.model_id = name, f"wenwen/{name}"

    def asked(self, prompt: Any) -> dict[str, Any]:
        asked = {
            "model": self.name,
            "messages": list(_messages(prompt)),
            **prompt.options.model_dump(exclude_none=True),
        }
        if prompt.schema:
            asked["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "output", "schema": prompt.schema},
            }
        if prompt.tools:
            asked["tools"] = [
                _function(name=tool.name, description=tool.description or "", parameters=tool.input_schema)
                for tool in prompt.tools
            ]
        return asked

    def said(self, event: Any) -> Iterator[Any]:
        if event.type == "content.delta":
            yield StreamEvent(type="text", chunk=event.delta)
        elif event.type == "chunk":
            for choice in event.chunk.choices:
                if thought := choice.delta.get("reasoning_content") or choice.delta.get("reasoning"):
                    yield StreamEvent(type="reasoning", chunk=thought)

    def ended(self, reply: Any, response: Any) -> Iterator[Any]:
        """The calls of tools, the usage, and what `llm logs` keeps."""
        response.response_json = reply.to_dict()
        response.set_resolved_model(reply.model or self.name)
        if usage := reply.usage:
            response.set_usage(input=usage.prompt_tokens, output=usage.completion_tokens)
        choice = reply.choices[0]
        if choice.message.refusal or choice.finish_reason == "content_filter":
            raise llm.ModelError(choice.message.refusal or "The answer was stopped by a content filter.")
        for call in choice.message.tool_calls or ():
            name, text = call.function.name, call.function.arguments or "{}"
            try:
                arguments = dict(json.loads(text))
            except (TypeError, ValueError) as error:
                raise llm.ModelError(f"{name} is called with what is no JSON object: {text}") from error
            response.add_tool_call(llm.ToolCall(name=name, arguments=arguments, tool_call_id=call.id))
            yield StreamEvent(type="tool_call_name", chunk=name, tool_call_id=call.id)
            yield StreamEvent(type="tool_call_args", chunk=text, tool_call_id=call.id)


# Both stream whatever they are asked for, since a proxy before the gateway may give up on a silent call; llm itself
# waits with the text where it is to come whole.
class Chat(Shared, llm.KeyModel):
    def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any, key: str) -> Iterator[Any]:
        with Client(api_key=key).chat.completions.stream(**self.asked(prompt)) as events:
            for event in events:
                yield from self.said(event)
            yield from self.ended(events.get_final_completion(), response)


class AsyncChat(Shared, llm.AsyncKeyModel):
    async def execute(
        self, prompt: Any, stream: bool, response: Any, conversation: Any, key: str
    ) -> AsyncIterator[Any]:
        async with AsyncClient(api_key=key).chat.completions.stream(**self.asked(prompt)) as events:
            async for event in events:
                for piece in self.said(event):
                    yield piece
            for piece in self.ended(await events.get_final_completion(), response):
                yield piece


def _function(**said: Any) -> dict[str, Any]:
    return {"type": "function", "function": said}


def _attached(attachment: Any) -> dict[str, Any]:
    if attachment.resolve_type().startswith("image/"):
        return {"type": "image_url", "image_url": {"url": attachment.url or attachment.content_bytes()}}
    name = Path(attachment.path or attachment.url or "file.pdf").name
    data = f"data:application/pdf;base64,{attachment.base64_content()}"
    return {"type": "file", "file": {"filename": name, "file_data": data}}


def _messages(prompt: Any) -> Iterator[dict[str, Any]]:
    for message in prompt.messages:

        def of(kind: type, parts: Any = message.parts) -> list[Any]:
            return [part for part in parts if isinstance(part, kind)]

        text = "".join(part.text for part in of(TextPart))
        files = [_attached(part.attachment) for part in of(AttachmentPart)]
        calls = [
            {"id": part.tool_call_id, **_function(name=part.name, arguments=json.dumps(part.arguments))}
            for part in of(ToolCallPart)
        ]
        if files:
            yield {"role": message.role, "content": [*([{"type": "text", "text": text}] if text else ()), *files]}
        elif text or calls:
            yield {"role": message.role, "content": text or None, **({"tool_calls": calls} if calls else {})}
        for part in of(ToolResultPart):
            yield {"role": "tool", "tool_call_id": part.tool_call_id, "content": part.output}
        # A result is text alone in this dialect; the files of all follow the last.
        if files := [_attached(each) for part in of(ToolResultPart) for each in part.attachments]:
            yield {"role": "user", "content": files}
