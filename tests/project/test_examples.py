"""Scripts after the examples of the openai and anthropic packages run with another import line.

Each is run as a script of its own against a local gateway that the environment names.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wenwen.testing import LocalGateway, Reply

EXAMPLES = Path(__file__).parents[1] / "examples"
SOON = {"retry-after-ms": "1"}
TEST = "You wrote: “Say this is a test”"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)

CHECKS: dict[str, Callable[[LocalGateway, Lines], None]] = {}


class Lines:
    """What a script has printed: the lines with each label."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __getitem__(self, label: str) -> list[str]:
        return re.findall(rf"^{re.escape(label)}: ?(.*)$", self.text, re.MULTILINE)

    def joined(self, label: str) -> str:
        """The pieces of a text that was printed one by one; each keeps its spaces."""
        return "".join(re.findall(rf"^{label}: (.*)$", self.text, re.MULTILINE))


def checks(check: Callable[[LocalGateway, Lines], None]) -> Callable[[LocalGateway, Lines], None]:
    CHECKS[check.__name__] = check
    return check


def sent(gateway: LocalGateway) -> list[Any]:
    return [request.json() for request in gateway.requests]


def paths(gateway: LocalGateway) -> set[str]:
    return {f"{request.method} {request.path}" for request in gateway.requests}


def response(status: str) -> dict[str, Any]:
    return {"id": "resp_1", "object": "response", "status": status, "model": "gpt-5", "output": []}


def calling(*blocks: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    content = [{"type": "tool_use", "id": f"c{at}", "name": n, "input": i} for at, (n, i) in enumerate(blocks)]
    return {"type": "message", "role": "assistant", "content": content, "stop_reason": "tool_use", "usage": {}}


def remembering(id: str, **command: str) -> dict[str, Any]:
    call = {"type": "tool_use", "id": id, "name": "memory", "input": command}
    edits = {"applied_edits": [{"type": "clear_tool_uses_20250919"}]}
    return {**calling(), "content": [call], "context_management": edits}


QUERY = '{"table":"orders","conditions":[{"column":"day","operator":"<","value":{"column":"due"}}]}'
CHOSEN = {
    "object": "chat.completion",
    "model": "gpt-4o",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "Query", "arguments": QUERY}}],
            },
        }
    ],
}
COLUMNS = '{"table":"orders","columns":["id"]}'
CALLED = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "Query", "arguments": COLUMNS}
TEXT = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
EVENTS = [
    {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
    {"type": "response.output_text.delta", "sequence_number": 1, **TEXT, "delta": "Once"},
    {"type": "response.completed", "sequence_number": 2, "response": response("completed")},
]

# What is scripted for those that need more than the gateway's usual answers.
SCRIPTS: dict[str, list[Any]] = {
    "responses_background": [response(each) for each in ("queued", "in_progress", "completed", "queued", "cancelled")],
    "responses_background_async": [Reply(events=EVENTS), Reply(events=EVENTS[1:]), response("completed")],
    "responses_count": [{"object": "response.input_tokens", "input_tokens": 11}],
    "chat_parsed_tools": [CHOSEN, None],
    "responses_parsed_tools": [{**response("completed"), "output": [CALLED]}, None],
    "messages_memory": [
        remembering("c0", command="view", path="/memories/a"),
        remembering("c1", command="create", path="/memories/a", file_text="tea"),
        None,
        None,
    ],
    "messages_runner_eager": [
        calling(("list_files", {"directory": "/tmp"}), ("delete_file", {"path": "/tmp/a.log"})),
        None,
    ],
    "messages_tool_search": [calling(("search_tools", {"keyword": "weather"})), None],
    "errors": [Reply(status=429), 400, None, Reply(delay=30)],
    "options": [
        Reply(status=500, headers=SOON, times=4),
        *[None] * 3,
        {"object": "response", "output": [], "surprise": {"depth": 3}},
    ],
}


@checks
def chat(gateway: LocalGateway, lines: Lines) -> None:
    assert "reverse a list" in lines["whole"][0]
    assert lines["streamed"][0] == lines["whole"][0]
    assert lines["request id"][0]
    assert json.loads(lines["first chunk"][0])["object"] == "chat.completion.chunk"
    assert lines["raw"] == ["200 True"]
    assert TEST in lines["parsed"][0]
    assert lines["lines"][0].endswith("data: [DONE]")
    assert paths(gateway) == {"POST /v1/chat/completions"}
    assert [body.get("stream") for body in sent(gateway)] == [None, True, True, None, True]
    assert sent(gateway)[0]["messages"][0] == {"role": "developer", "content": "Answer as a sailor would."}
    assert gateway.requests[0].header("Authorization") == f"Bearer {gateway.api_key}"


@checks
def chat_async(gateway: LocalGateway, lines: Lines) -> None:
    assert TEST in lines["whole"][0]
    assert lines["whole"] == lines["streamed"] == lines["raw"] == lines["done"] == lines["final"]
    assert lines.joined("delta") == lines["whole"][0]
    assert lines["body"] == ["chat.completion"]
    assert len(gateway.requests) == 5


@checks
def chat_tools(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["call"] == ['get_weather {"city":"Boston, MA","unit":"c"}']
    assert "26 degrees c in Boston, MA" in lines["answer"][0]
    assert lines.joined("delta") == '{"city":"Boston, MA","unit":"c"}'
    assert lines["done"] == lines["call"]
    assert lines["final"] == ["tool_calls"]
    said, result = sent(gateway)[1]["messages"][1:]
    assert said["tool_calls"][0]["id"] == result["tool_call_id"]


@checks
def chat_parsed(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["type"] == ["MathResponse"] * 5
    assert json.loads(lines.joined("delta"))["final_answer"]
    assert lines["steps"][0].startswith("[Step(")
    assert {body["response_format"]["json_schema"]["name"] for body in sent(gateway)} == {"MathResponse"}


@checks
def responses(gateway: LocalGateway, lines: Lines) -> None:
    assert "reverse a list" in lines["whole"][0]
    assert lines["dict"] == ["True True"]
    assert "bedtime story" in lines.joined("delta")
    assert int(lines["usage"][0]) > 0
    assert len(lines["picture"]) == 2
    assert json.loads(lines["json"][0])
    assert lines["items"] == ["['web_search_call', 'message']"]
    assert lines["source"] == ["https://www.example.com/"]
    urls = [body["input"][0]["content"][1]["image_url"] for body in sent(gateway)[2:4]]
    assert urls[0] == "https://files.example.com/raccoon.jpg"
    assert urls[1].startswith("data:image/png;base64,iVBOR")
    assert sent(gateway)[4]["text"] == {"format": {"type": "json_object"}}


@checks
def responses_async(gateway: LocalGateway, lines: Lines) -> None:
    assert "Explain gravity" in lines["whole"][0]
    assert lines.joined("delta") == lines["whole"][0] == lines["final"][0]
    assert lines.text.count("response.output_text.done") == 1
    assert paths(gateway) == {"POST /v1/responses"}


@checks
def responses_parsed(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["type"] == ["MathResponse"] * 5
    assert json.loads(lines.joined("delta"))["final_answer"]
    assert {body["text"]["format"]["name"] for body in sent(gateway)} == {"MathResponse"}
    assert all(body["text"]["format"]["strict"] for body in sent(gateway))


@checks
def responses_tools(gateway: LocalGateway, lines: Lines) -> None:
    assert json.loads(lines["so far"][-1]) == {"sign": "Aquarius"}
    assert "you will meet an otter" in lines["answer"][0]
    kinds = [item.get("type", "message") for item in sent(gateway)[1]["input"]]
    assert kinds == ["message", "reasoning", "function_call", "function_call_output"]


@checks
def messages(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["first"] == ["Hi! How can I help you today?"]
    assert "How are you?" in lines["second"][0]
    assert lines["second"][0].endswith(" end_turn")
    assert "image you sent" in lines.text
    assert lines["thinking"][0]
    assert "haiku" in lines["text"][0]
    second, picture = sent(gateway)[1:3]
    assert second["messages"][1] == {"role": "assistant", "content": [{"type": "text", "text": lines["first"][0]}]}
    source = picture["messages"][0]["content"][1]["source"]
    assert source == {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgoAAAAAAAAAAA=="}
    assert gateway.requests[0].header("x-api-key") == gateway.api_key


@checks
def messages_stream(gateway: LocalGateway, lines: Lines) -> None:
    assert lines.joined("text") == lines.joined("async text") == lines["final"][0]
    assert lines["kinds"] == ["['text', 'thinking']"]
    assert (lines["event"][0], lines["event"][-1]) == ("message_start", "message_stop")
    assert lines["block"] == ["text"]
    whole = json.loads(lines.text.partition("accumulated:")[2])
    assert whole["content"][0]["text"] == lines["final"][0]
    assert paths(gateway) == {"POST /v1/messages"}


@checks
def messages_tools(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["call"] == ["get_weather {'location': 'Boston, MA'}"]
    assert "The weather is 73f" in lines["answer"][0]
    assert lines["delta"][-1].endswith("{'location': 'Boston, MA'}")
    said, result = sent(gateway)[1]["messages"][1:]
    assert said["content"][0]["id"] == result["content"][0]["tool_use_id"]


@checks
def messages_runner(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["called"] == ["Boston, MA"] * 3
    assert lines["stopped"] == ["tool_use", "end_turn"]
    assert "73f" in lines["answer"][0]
    assert lines["result"] == ["73f"]
    assert lines.joined("text") == lines["answer"][0]
    assert "74f" in lines["later"][0]
    assert len(gateway.requests) == 7


@checks
def messages_parsed(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["type"] == ["Order"] * 2
    assert json.loads(lines.joined("text")).keys() == {"product", "quantity"}
    assert (lines["so far"][0], lines["so far"][-1]) == ("[]", "['product', 'quantity']")
    assert all("schema" in body["output_config"]["format"] for body in sent(gateway))


@checks
def messages_search(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["usage"] == ["True"]
    assert lines["answer"][0]
    assert lines["block"]
    assert lines["final"] == ["end_turn"]
    assert {body["tools"][0]["type"] for body in sent(gateway)} == {"web_search_20250305"}


@checks
def module_client(gateway: LocalGateway, lines: Lines) -> None:
    assert TEST in lines["whole"][0]
    assert lines["whole"][0] == lines.joined("delta") == lines["async"][0]
    assert TEST in lines["response"][0]
    assert {request.header("X-App") for request in gateway.requests} == {"example"}


@checks
def responses_background(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["status"] == ["queued", "in_progress"]
    assert (lines["done"], lines["cancelled"]) == (["completed"], ["cancelled"])
    assert [request.path for request in gateway.requests][1:] == [
        *["/v1/responses/resp_1"] * 2,
        "/v1/responses",
        "/v1/responses/resp_1/cancel",
    ]


@checks
def videos(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["status"] == ["completed"]
    assert lines["saved"] == ["True"]


@checks
def errors(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["rate limit"] == ["429 True"]
    assert lines["status"] == ["BadRequestError 400 400"]
    assert "all right" in lines.text
    assert lines["no connection"][0].startswith("True")
    assert lines["timeout"] == ["True"]
    assert len(gateway.requests) == 4


@checks
def options(gateway: LocalGateway, lines: Lines) -> None:
    assert [len(lines[label]) for label in ("patient", "quick", "one call", "finer", "by hand")] == [1] * 5
    assert lines["undocumented"] == ["3"]
    assert [request.status for request in gateway.requests] == [500] * 4 + [200] * 6
    extra = gateway.requests[7]
    assert (extra.header("X-App"), extra.header("X-Call"), extra.query) == ("example", "1", "trace=yes")
    assert extra.json()["new_option"] == {"deep": True}
    assert lines["by hand"] == ["response"]


@checks
def audio(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["transcription"] == lines["translation"] == ["The quick brown fox jumped over the lazy dogs."]
    assert [request.path.rpartition("/")[2] for request in gateway.requests] == [
        "speech",
        "transcriptions",
        "translations",
    ]


@checks
def messages_runner_eager(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["held"] == ["delete_file /tmp/a.log"]
    assert lines["text"]
    first, second = sent(gateway)
    assert [tool.get("defer_loading") for tool in first["tools"]] == [None, True]
    assert [result["content"] for result in second["messages"][-1]["content"]] == ["/tmp/a.log", "deleted /tmp/a.log"]


@checks
def messages_tool_search(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["stopped"] == ["tool_use", "end_turn"]
    (result,) = sent(gateway)[1]["messages"][-1]["content"]
    assert result["content"] == [{"type": "tool_reference", "tool_name": "get_weather"}]


@checks
def chat_parsed_tools(gateway: LocalGateway, lines: Lines) -> None:
    assert (lines["call"], lines["table"], lines["value"]) == (["Query"], ["orders"], ["Dynamic"])
    assert json.loads(lines.joined("delta")).keys() == {"table", "conditions"}
    assert lines["done"] == lines["final"] == ["Query"]
    tools = [body["tools"][0]["function"] for body in sent(gateway)]
    assert [(tool["name"], tool["strict"]) for tool in tools] == [("Query", True)] * 2


@checks
def responses_parsed_tools(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["table"] == ["orders"]
    assert json.loads(lines.joined("delta")).keys() == {"table", "columns"}
    assert lines["done"] == lines["final"] == ["Query"]
    assert [body["tools"][0]["name"] for body in sent(gateway)] == ["Query"] * 2


@checks
def responses_count(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["tokens"] == ["11"]
    assert paths(gateway) == {"POST /v1/responses/input_tokens"}


@checks
def responses_background_async(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["event"] == ["response.output_text.delta", "response.completed"]
    assert lines["whole"] == ["completed"]
    assert gateway.requests[1].query == "starting_after=3&stream=true"


@checks
def models(gateway: LocalGateway, lines: Lines) -> None:
    count, same = lines["names"][0].split()
    assert (same, lines["async"], lines["page"]) == ("True", ["True"], [count])
    assert lines["one"] == ["gpt-5"]
    assert paths(gateway) == {"GET /v1/models", "GET /v1/models/gpt-5"}


@checks
def messages_memory(gateway: LocalGateway, lines: Lines) -> None:
    assert lines["edits"] == ["['clear_tool_uses_20250919']"] * 2
    assert lines["result"] == ["Error: /memories/a is not there", "created"]
    assert lines["files"] == ["{'/memories/a': 'tea'}"]
    assert [body["tools"] for body in sent(gateway)] == [[{"type": "memory_20250818", "name": "memory"}]] * 4
    assert gateway.requests[0].header("anthropic-beta") == "context-management-2025-06-27"
    assert sent(gateway)[3]["fallbacks"] == [{"model": "claude-opus-4-1"}]
    roles = [message["role"] for message in sent(gateway)[3]["messages"]]
    assert roles == ["user", "assistant"] * 3 + ["user"]


def test_every_example_is_here() -> None:
    elsewhere = {"embeddings", "images"}  # by the tests of their endpoints
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(CHECKS) | elsewhere


@pytest.mark.parametrize("name", CHECKS)
def test_example(name: str, tmp_path: Path) -> None:
    if "_parsed" in name:
        pytest.importorskip("pydantic")
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    with LocalGateway(SCRIPTS.get(name)) as gateway:
        source = str(Path(sys.modules["wenwen"].__file__ or "").parents[1])
        environment = {**os.environ, **gateway.env(), "PICTURE": str(picture), "PYTHONPATH": source, "PYTHONUTF8": "1"}
        command = [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=60)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        CHECKS[name](gateway, Lines(done.stdout))
