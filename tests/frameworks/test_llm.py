"""The plugin of the command line `llm`: what it sends and says, over its own command line and its Python."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wenwen.testing import LocalGateway, Reply

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(600)]

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
WEATHER = "What is the weather in Paris?"


def weather(city: str) -> str:
    """The weather in a city."""
    return "It is sunny."


def chunks(*deltas: dict[str, Any], finish: str = "stop") -> Reply:
    ends = [None] * (len(deltas) - 1) + [finish]
    choices = [{"index": 0, "delta": d, "finish_reason": end} for d, end in zip(deltas, ends, strict=True)]
    events = [{"object": "chat.completion.chunk", "model": "gpt-5-0", "choices": [each]} for each in choices]
    return Reply(events=[*events, "data: [DONE]\n\n"])


@pytest.fixture
def llm(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The package, with a folder of its own, no other plugin, and the plugin that an entry point has or would load."""
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path))
    monkeypatch.setenv("LLM_LOAD_PLUGINS", "")
    for name, value in gateway.env().items():
        monkeypatch.setenv(name, value)
    llm = pytest.importorskip("llm")
    from llm.plugins import load_plugins, pm

    import wenwen._llm

    load_plugins()
    pm.register(wenwen._llm)
    yield llm
    pm.unregister(wenwen._llm)


@pytest.fixture
def run(llm: Any) -> Callable[..., str]:
    """The command line: what it prints, or the error that it shows."""
    import click
    from click.testing import CliRunner
    from llm import cli as commands

    import wenwen._llm

    if "wenwen" not in commands.cli.commands:  # its commands are asked of plugins as it is imported
        wenwen._llm.register_commands(commands.cli)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(commands.cli, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        if result.exit_code:
            raise click.ClickException(result.output)
        return result.output.strip()

    return run


@pytest.fixture(params=["sync", "async"])
def prompt(request: pytest.FixtureRequest, llm: Any) -> Callable[..., Any]:
    """`prompt(text, **options)` is the text of an answer and its Response; a chain of them where there are tools."""

    def prompt(text: str, **options: Any) -> Any:
        if request.param == "sync":
            model = llm.get_model("wenwen/gpt-5")
            response = (model.chain if "tools" in options else model.prompt)(text, **options)
            return response.text(), response

        async def main() -> Any:
            model = llm.get_async_model("wenwen/gpt-5")
            response = (model.chain if "tools" in options else model.prompt)(text, **options)
            return await response.text(), response

        return asyncio.run(main())

    return prompt


def test_it_is_announced() -> None:
    tomllib = pytest.importorskip("tomllib")
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert tomllib.loads(text)["project"]["entry-points"]["llm"] == {"wenwen": "wenwen._llm"}


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer(prompt: Any, gateway: LocalGateway, stream: bool) -> None:
    text, response = prompt("Hello there", system="Be short", temperature=0.5, max_tokens=99, stream=stream)
    assert "Hello there" in text
    (sent,) = gateway.requests
    assert sent.path == "/v1/chat/completions"
    assert sent.json()["messages"] == [
        {"role": "system", "content": "Be short"},
        {"role": "user", "content": "Hello there"},
    ]
    assert {key: sent.json()[key] for key in ("model", "temperature", "max_tokens")} == {
        "model": "gpt-5",
        "temperature": 0.5,
        "max_tokens": 99,
    }
    assert response.input_tokens > 0 < response.output_tokens
    assert response.response_json["usage"]["total_tokens"]


def test_a_conversation_and_the_key(run: Any, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "One" in run("-m", "wenwen/gpt-5", "One")
    monkeypatch.setenv("WENWEN_API_KEY", "sk-of-nobody")
    run("keys", "set", "wenwen", "--value", gateway.api_key)  # what llm keeps comes before the environment
    assert "Two" in run("-c", "Two")
    assert [message["role"] for message in gateway.requests[-1].json()["messages"]] == ["user", "assistant", "user"]
    run("-m", "wenwen/gpt-5", "Three", "--key", "sk-of-another")
    keys = [request.header("Authorization") for request in gateway.requests]
    assert keys == [f"Bearer {key}" for key in (gateway.api_key, gateway.api_key, "sk-of-another")]


def test_no_key(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENWEN_API_KEY")
    for arguments in (("-m", "wenwen/gpt-5", "Hello"), ("wenwen", "refresh")):
        with pytest.raises(Exception, match="llm keys set wenwen"):
            run(*arguments)


def test_the_list_of_models(run: Any, llm: Any, gateway: LocalGateway, tmp_path: Path) -> None:
    assert [model.model_id for model in llm.get_models() if model.model_id.startswith("wenwen/")] == [
        "wenwen/gpt-5",
        "wenwen/gpt-5-mini",
        "wenwen/claude-sonnet-4-20250514",
        "wenwen/gemini-2.5-flash",
    ]
    models = [{"id": "a"}, {"id": "b", "supported_endpoint_types": ["openai", "anthropic"]}]
    gateway.script({"object": "list", "data": [*models, {"id": "c", "supported_endpoint_types": ["embeddings"]}]}, 401)
    assert run("wenwen", "refresh").startswith("2 models")
    with pytest.raises(Exception, match="401"):
        run("wenwen", "refresh")
    assert "wenwen/b" in run("models", "-q", "wenwen")
    assert run("-m", "wenwen/b", "Hello")
    for broken in ("", "{", "3", "null"):
        (tmp_path / "wenwen-models.json").write_text(broken)
        assert "wenwen/gpt-5" in run("models", "-q", "wenwen")


def test_attachments(prompt: Any, gateway: LocalGateway, llm: Any, tmp_path: Path) -> None:
    picture, report = tmp_path / "a.png", tmp_path / "b.pdf"
    picture.write_bytes(PNG)
    report.write_bytes(b"%PDF-1.7\n")
    url = llm.Attachment(url="https://files.example.com/a.png", type="image/png")
    files = [llm.Attachment(path=str(picture)), llm.Attachment(content=PNG), url, llm.Attachment(path=str(report))]
    prompt("What is it?", attachments=files)
    text, first, second, third, fourth = gateway.requests[0].json()["messages"][0]["content"]
    assert text == {"type": "text", "text": "What is it?"}
    assert (
        first == second == {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgoAAAAAAAAAAA=="}}
    )
    assert third["image_url"]["url"] == "https://files.example.com/a.png"
    assert fourth["file"] == {"filename": "b.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjcK"}
    with pytest.raises(ValueError, match="audio"):
        prompt("What is it?", attachments=[llm.Attachment(content=b"", type="audio/wav")])


def test_a_schema(prompt: Any, gateway: LocalGateway, llm: Any) -> None:
    schema = llm.schema_dsl("name, age int")
    assert json.loads(prompt("Ada was 36", schema=schema)[0]).keys() == {"name", "age"}
    assert gateway.requests[0].json()["response_format"]["json_schema"] == {"name": "output", "schema": schema}


def test_tools(prompt: Any, gateway: LocalGateway) -> None:
    assert "It is sunny." in prompt(WEATHER, tools=[weather])[0]
    asked, answered = (request.json() for request in gateway.requests)
    assert asked["tools"][0]["function"]["description"] == "The weather in a city."
    _, said, result = answered["messages"]
    assert said["tool_calls"][0]["function"]["name"] == "weather"
    assert result == {"role": "tool", "tool_call_id": said["tool_calls"][0]["id"], "content": "It is sunny."}


def test_files_of_a_tool_follow_its_result(prompt: Any, gateway: LocalGateway, llm: Any) -> None:
    def weather(city: str) -> Any:
        """The weather in a city."""
        return llm.ToolOutput(output="here", attachments=[llm.Attachment(content=PNG, type="image/png")])

    prompt(WEATHER, tools=[weather])
    *_, result, files = gateway.requests[1].json()["messages"]
    assert (result["role"], result["content"]) == ("tool", "here")
    assert (files["role"], files["content"][0]["type"]) == ("user", "image_url")


def test_thoughts_are_not_the_answer(prompt: Any, gateway: LocalGateway) -> None:
    gateway.script(chunks({"reasoning_content": "Hm."}, {"reasoning": "So."}, {"content": "Yes"}))
    text, response = prompt("Is it?")
    assert text == "Yes"
    assert response.resolved_model == "gpt-5-0"


CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "weather", "arguments": "[1, 2]"}}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (chunks({"refusal": "I will not."}), "I will not"),
        (chunks({"content": "Well"}, {}, finish="content_filter"), "content filter"),
        (chunks({"tool_calls": [CALL]}, finish="tool_calls"), "no JSON object"),
        (Reply(status=400), "400"),
        (Reply(fault="unfinished"), "ended"),
    ],
    ids=["refused", "filtered", "arguments", "status", "cut"],
)
def test_what_fails_is_told(prompt: Any, gateway: LocalGateway, reply: Reply, said: str) -> None:
    gateway.script(*[reply] * 4)
    with pytest.raises(Exception, match=said):
        prompt("Hello")
