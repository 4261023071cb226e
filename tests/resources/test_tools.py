"""The tools of `/v1/responses`, from the request to the answer: items, events and annotations."""

from __future__ import annotations

import base64
import itertools
import json
import pickle
from typing import Any

import pytest
from conftest import SAMPLES, Call, sample

import wenwen
from wenwen.testing import LocalGateway
from wenwen.types import responses

WEB = "2.4-responses-web-search"
SEARCH: dict[str, Any] = {"type": "web_search_preview"}
QUESTION = "What is the weather in Shanghai today?"
PNG = b"\x89PNG\r\n\x1a\n"
SERVER: dict[str, Any] = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example.com/"}

# One row per tool: the tool, what to include, its items, and the events between an item's beginning and its end.
IN = "in_progress"
TOOLS: dict[str, tuple[dict[str, Any], list[str], list[tuple[type, list[str]]]]] = {
    "web_search_preview": (
        SEARCH,
        ["web_search_call.action.sources"],
        [(responses.ResponseFunctionWebSearch, ["web_search_call." + step for step in (IN, "searching", "completed")])],
    ),
    "web_search": (
        {"type": "web_search", "filters": {"allowed_domains": ["weather.example.com"]}},
        ["web_search_call.action.sources"],
        [(responses.ResponseFunctionWebSearch, ["web_search_call." + step for step in (IN, "searching", "completed")])],
    ),
    "file_search": (
        {"type": "file_search", "vector_store_ids": ["vs_1"]},
        ["file_search_call.results"],
        [(responses.ResponseFileSearchToolCall, ["file_search_call." + s for s in (IN, "searching", "completed")])],
    ),
    "code_interpreter": (
        {"type": "code_interpreter", "container": {"type": "auto"}},
        ["code_interpreter_call.outputs"],
        [
            (
                responses.ResponseCodeInterpreterToolCall,
                [
                    "code_interpreter_call.in_progress",
                    "code_interpreter_call_code.delta",
                    "code_interpreter_call_code.done",
                    "code_interpreter_call.interpreting",
                    "code_interpreter_call.completed",
                ],
            )
        ],
    ),
    "image_generation": (
        {"type": "image_generation", "partial_images": 2, "size": "1536x1024"},
        [],
        [
            (
                responses.ImageGenerationCall,
                ["image_generation_call." + step for step in (IN, "generating", "partial_image", "completed")],
            )
        ],
    ),
    "mcp": (
        {**SERVER, "require_approval": "never", "allowed_tools": ["ask"], "authorization": "secret"},
        [],
        [
            (responses.McpListTools, ["mcp_list_tools.in_progress", "mcp_list_tools.completed"]),
            (
                responses.McpCall,
                ["mcp_call.in_progress", "mcp_call_arguments.delta", "mcp_call_arguments.done", "mcp_call.completed"],
            ),
        ],
    ),
}
by_tool = pytest.mark.parametrize("name", TOOLS)


def asked(name: str, **more: Any) -> dict[str, Any]:
    tool, include, _ = TOOLS[name]
    params = {"model": "gpt-4o", "input": QUESTION, "tools": [tool], "tool_choice": "required", "include": include}
    return {**params, **more}


def plain(value: Any) -> Any:
    """Without what differs from answer to answer."""
    if isinstance(value, dict):
        return {key: "" if key in ("id", "container_id") else plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def check(name: str, item: Any) -> None:
    """What an item of the tool says when it is done."""
    if name.startswith("web_search"):
        assert item.action.type == "search"
        assert item.action.query == QUESTION
        assert [type(source) for source in item.action.sources] == [responses.ActionSearchSource]
    elif name == "file_search":
        assert item.queries == [QUESTION]
        assert type(item.results[0]) is responses.FileSearchResult
        assert 0 <= item.results[0].score <= 1
    elif name == "code_interpreter":
        assert item.outputs[0].type == "logs"
        assert item.outputs[0].logs == f"{len(QUESTION)}\n"
        assert item.container_id.startswith("cntr_")
        compile(item.code, "", "exec")
    elif name == "image_generation":
        assert base64.b64decode(item.result).startswith(PNG)
        assert (item.size, item.quality, item.revised_prompt) == ("1536x1024", "high", QUESTION)
    elif type(item) is responses.McpListTools:
        assert [tool.name for tool in item.tools] == ["ask"]
        assert item.tools[0].input_schema["type"] == "object"
    else:
        assert (item.server_label, item.name, item.error) == ("docs", "ask", None)
        assert json.loads(item.arguments) == {"query": QUESTION}
        assert json.loads(item.output) == {"found": QUESTION}


@by_tool
def test_items(call: Call, gateway: LocalGateway, name: str) -> None:
    tool, _, items = TOOLS[name]
    reply = call(gateway, **asked(name))
    assert gateway.requests[0].json() == asked(name)
    assert [type(item) for item in reply.output] == [kind for kind, _ in items] + [responses.ResponseOutputMessage]
    for item in reply.output[:-1]:
        assert item.get("status", "completed") == "completed"
        check(name, item)
    assert reply.output_text
    assert reply.tools[0].type == tool["type"]
    assert "secret" not in reply.to_json()
    assert call(gateway, **asked(name), as_dict=True).keys() == reply.to_dict().keys()
    assert pickle.loads(pickle.dumps(reply)) == reply


@by_tool
@pytest.mark.parametrize("as_dict", [False, True])
def test_events(call: Call, gateway: LocalGateway, name: str, as_dict: bool) -> None:
    items = TOOLS[name][2]
    events = call.events(gateway, **asked(name), as_dict=as_dict)
    final = events[-1]["response"]
    assert plain(dict(call(gateway, **asked(name), as_dict=True))["output"]) == plain(
        final["output"] if as_dict else final.to_dict()["output"]
    )
    assert {issubclass(type(event), responses._Event) for event in events} == {not as_dict}
    for index, (_, steps) in enumerate(items):
        of_item = [event for event in events if event.get("output_index") == index]
        kinds = [kind for kind, _ in itertools.groupby(event["type"].removeprefix("response.") for event in of_item)]
        assert kinds == ["output_item.added", *steps, "output_item.done"]
        assert {event["item_id"] for event in of_item[1:-1]} == {final["output"][index]["id"]}
        assert of_item[-1]["item"] == final["output"][index]
        assert of_item[0]["item"].get("status", IN) == IN
        done = of_item[-1]["item"]
        for field in ("code", "arguments"):
            if field in done:
                assert "".join(event["delta"] for event in of_item if "delta" in event) == done[field]
    if name == "image_generation":
        partial = [event for event in events if event["type"].endswith("partial_image")]
        assert [event["partial_image_index"] for event in partial] == [0, 1]
        assert all(base64.b64decode(event["partial_image_b64"]).startswith(PNG) for event in partial)


@by_tool
def test_the_helper(call: Call, gateway: LocalGateway, name: str) -> None:
    items = TOOLS[name][2]
    with call.open(call.client(gateway).responses.stream(**asked(name))) as stream:
        for event in call.each(stream):
            if event.type == "response.output_item.done" and event.output_index < len(items):
                # The snapshot holds it as it ended, and knows its class.
                item = stream.snapshot.output[event.output_index]
                assert (type(item), item) == (items[event.output_index][0], event.item)
            elif event.type.endswith("code.delta") or event.type.endswith("arguments.delta"):
                item = stream.snapshot.output[event.output_index]  # it may know more than was delivered
                assert item.get("code", item.get("arguments")).startswith(event.snapshot)
        final = call.wait(stream.get_final_response())
    assert [type(item) for item in final.output] == [kind for kind, _ in items] + [responses.ResponseOutputMessage]
    for item in final.output[:-1]:
        check(name, item)


# Web search


def test_the_search_of_the_sample(call: Call, gateway: LocalGateway) -> None:
    """The same fields in the same order, the same events, whole and streamed."""

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return [(key, shape(inner)) for key, inner in value.items()]
        return [shape(inner) for inner in value] if isinstance(value, list) else type(value)

    request = {**sample(f"{WEB}/request.json"), "input": "上海今天的天气怎么样?"}
    want = sample(f"{WEB}/response.json")
    assert shape(call(gateway, **request, as_dict=True)) == shape(want)
    text = (SAMPLES / WEB / "stream.sse").read_text(encoding="utf-8")
    wanted = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]

    def steps(events: Any) -> list[Any]:
        return [kind for kind, _ in itertools.groupby(shape(event | {"type": event["type"]}) for event in events)]

    events = call.events(gateway, **request, as_dict=True)
    assert steps(events) == steps(wanted)
    kinds = [kind for kind, _ in itertools.groupby(event["type"] for event in events)]
    assert kinds == [kind for kind, _ in itertools.groupby(event["type"] for event in wanted)]


def test_citations(call: Call, gateway: LocalGateway) -> None:
    for name, host in [("web_search_preview", "www.example.com"), ("web_search", "weather.example.com")]:
        part = call(gateway, **asked(name)).output[-1].content[0]
        cited = part.annotations[0]
        assert type(cited) is responses.AnnotationURLCitation
        assert (cited.url, cited.title) == (f"https://{host}/", host)
        assert part.text[cited.start_index : cited.end_index] == f"([{host}]({cited.url}))"
        events = call.events(gateway, **asked(name))
        added = [event for event in events if event.type == "response.output_text.annotation.added"]
        assert [(event.annotation_index, type(event.annotation)) for event in added] == [(0, type(cited))]
        assert [event.annotation for event in added] == events[-1].response.output[-1].content[0].annotations
    cited = call(gateway, **asked("file_search")).output[-1].content[0].annotations[0]
    assert type(cited) is responses.AnnotationFileCitation
    assert cited.filename == "notes.txt"


def test_what_is_not_asked_for_is_not_included(call: Call, gateway: LocalGateway) -> None:
    item = call(gateway, **asked("web_search", include=[])).output[0]
    assert item.action.sources is None
    assert call(gateway, **asked("file_search", include=None)).output[0].results is None
    assert call(gateway, **asked("code_interpreter", include=[])).output[0].outputs is None


def test_the_model_decides(call: Call, gateway: LocalGateway) -> None:
    def used(**params: Any) -> list[str]:
        reply = call(gateway, **{"model": "gpt-4o", "tools": [SEARCH], **params})
        return [item.type for item in reply.output]

    searched = ["web_search_call", "message"]
    assert used(input=[{"role": "user", "content": "hi"}]) == ["message"]
    assert used(input=QUESTION) == used(input=QUESTION, tool_choice="auto") == searched
    assert used(input="今天有什么新闻", tool_choice=None) == searched
    assert used(input=QUESTION, tool_choice="none") == ["message"]
    assert used(input="hi", tool_choice="required") == used(input="hi", tool_choice=SEARCH) == searched
    assert used(input="hi", tool_choice={"type": "web_search"}) == searched
    assert used(input=QUESTION, model="gpt-5") == ["reasoning", *searched]
    drawing = {"type": "image_generation"}
    both = [SEARCH, drawing]
    assert used(input="Draw a cat", tools=both) == ["image_generation_call", "message"]
    assert used(input=QUESTION, tools=both, tool_choice=drawing) == ["image_generation_call", "message"]
    allowed: dict[str, Any] = {"type": "allowed_tools", "mode": "auto", "tools": [drawing]}
    assert used(input=QUESTION, tools=both, tool_choice=allowed) == ["message"]
    allowed["mode"] = "required"
    assert used(input=QUESTION, tools=both, tool_choice=allowed) == ["image_generation_call", "message"]


def test_a_cut_answer_has_no_citation(call: Call, gateway: LocalGateway) -> None:
    reply = call.events(gateway, **asked("web_search", max_output_tokens=16))[-1].response
    assert reply.status == "incomplete"
    assert reply.output[0].status == "completed"
    assert reply.output[-1].content[0].annotations == []


def test_a_schema_holds_after_a_search(call: Call, gateway: LocalGateway) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    text = {"format": {"type": "json_schema", "name": "place", "schema": schema}}
    reply = call(gateway, **asked("web_search", text=text))
    assert [item.type for item in reply.output] == ["web_search_call", "message"]
    assert set(json.loads(reply.output_text)) == {"city"}


# Tools of the user's own


FUNCTION = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CUSTOM = {"type": "custom", "name": "run_sql", "description": "Runs a query"}


def test_function_calls_are_fed_back(call: Call, gateway: LocalGateway) -> None:
    params: dict[str, Any] = {"model": "gpt-5", "tools": [FUNCTION, SEARCH]}
    conversation: list[Any] = [{"role": "user", "content": QUESTION}]
    for streamed in (False, True):
        ask = {**params, "input": conversation, "tool_choice": {"type": "function", "name": "get_weather"}}
        first = call.events(gateway, **ask)[-1].response if streamed else call(gateway, **ask)
        wanted = first.output[-1]
        assert type(wanted) is responses.ResponseFunctionToolCall
        assert set(json.loads(wanted.arguments)) == {"city"}
        conversation += first.output  # reasoning and call, as they came
        results = [f"sunny, 2{n} degrees" for n in range(2)]
        more = {**wanted.to_dict(), "id": "fc_2", "call_id": "call_2"}
        conversation += [
            more,
            {"type": "function_call_output", "call_id": wanted.call_id, "output": results[0]},
            {
                "type": "function_call_output",
                "call_id": "call_2",
                "output": [{"type": "input_text", "text": results[1]}],
            },
        ]
        answer = call(gateway, **params, input=conversation, tool_choice="auto")
        assert [item.type for item in answer.output] == ["reasoning", "message"]
        assert all(result in answer.output_text for result in results)
        sent = gateway.requests[-1].json()["input"]
        assert sent[-5:-3] == [item.to_dict() for item in first.output]
        conversation += [*answer.output, {"role": "user", "content": "And tomorrow?"}]


def test_custom_tools(call: Call, gateway: LocalGateway) -> None:
    params: dict[str, Any] = {"model": "gpt-4.1", "tools": [CUSTOM]}
    for choice in ("required", {"type": "custom", "name": "run_sql"}):
        events = call.events(gateway, **params, input="How many users?", tool_choice=choice)
        item = events[-1].response.output[0]
        assert type(item) is responses.ResponseCustomToolCall
        assert (item.name, item.input) == ("run_sql", "How many users?")
        of_input = [event for event in events if "custom_tool_call_input" in event.type]
        assert "".join(event.delta for event in of_input[:-1]) == of_input[-1].input == item.input
    output = {"type": "custom_tool_call_output", "call_id": item.call_id, "output": "17 rows"}
    turn = [{"role": "user", "content": "How many users?"}, item, output]
    reply = call(gateway, **params, input=turn, tool_choice="required")
    assert "17 rows" in reply.output_text


def test_leave_for_an_mcp_call(call: Call, gateway: LocalGateway) -> None:
    params: dict[str, Any] = {"model": "gpt-4.1", "tools": [SERVER]}
    first = call.events(gateway, **params, input=QUESTION)[-1].response
    assert [type(item) for item in first.output] == [responses.McpListTools, responses.McpApprovalRequest]
    request = first.output[-1]
    for approve in (True, False):
        answer = {"type": "mcp_approval_response", "approval_request_id": request.id, "approve": approve}
        turn = [{"role": "user", "content": QUESTION}, *first.output, answer]
        reply = call(gateway, **params, input=turn)
        assert [item.type for item in reply.output] == (["mcp_call"] if approve else []) + ["message"]
        if approve:
            made = reply.output[0]
            assert (made.name, made.arguments) == (request.name, request.arguments)
            assert made.approval_request_id == request.id
    # Listed but not called where nothing has to be looked up.
    assert [item.type for item in call(gateway, **params, input="hi").output] == ["mcp_list_tools", "message"]
    never = {**SERVER, "require_approval": {"never": {"tool_names": ["search"]}}}
    reply = call(gateway, **{**params, "tools": [never]}, input=QUESTION)
    assert [item.type for item in reply.output] == ["mcp_list_tools", "mcp_call", "message"]


# Likelihoods


def test_logprobs(call: Call, gateway: LocalGateway) -> None:
    params: dict[str, Any] = {
        "model": "gpt-4o",
        "input": "你好 Hello!",
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 2,
    }
    part = call(gateway, **params).output[-1].content[0]
    assert "".join(one.token for one in part.logprobs) == part.text
    for one in part.logprobs:
        assert type(one) is responses.Logprob
        assert bytes(one.bytes).decode() == one.token
        assert [type(top) for top in one.top_logprobs] == [responses.LogprobTopLogprob] * 2
        assert one.logprob == max(top.logprob for top in one.top_logprobs) < 0
    events = call.events(gateway, **params)
    for event in events:
        if event.type == "response.output_text.delta":
            assert [(type(one), one.token) for one in event.logprobs] == [(responses.ResponseLogProb, event.delta)]
    assert call(gateway, model="gpt-4o", input="Hi", top_logprobs=2).output[-1].content[0].logprobs == []


# Refusals


@pytest.mark.parametrize(
    ("params", "param", "words"),
    [
        ({"tools": [SEARCH, {"type": "telepathy"}]}, "tools[1].type", "Invalid value: 'telepathy'"),
        ({"tools": [{"type": "file_search"}]}, "tools[0].vector_store_ids", "Missing required parameter"),
        ({"tools": [{"type": "mcp"}]}, "tools[0].server_label", "Missing required parameter"),
        ({"tools": [{"type": "code_interpreter"}]}, "tools[0].container", "Missing required parameter"),
        ({"tools": [FUNCTION], "tool_choice": SEARCH}, "tool_choice", "'web_search_preview' not found in 'tools'"),
        ({"tools": [FUNCTION], "tool_choice": {"type": "function", "name": "f"}}, "tool_choice", "'f' not found"),
        ({"include": ["web_search_call.sources"]}, "include[0]", "web_search_call.action.sources"),
        (
            {"input": [{"type": "function_call_output", "call_id": "call_1", "output": "x"}]},
            "input",
            "No tool call found for function call output with call_id call_1",
        ),
        (
            {"input": [{"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}]},
            "input",
            "No tool output found for function call call_1",
        ),
    ],
)
def test_what_the_upstream_refuses(
    call: Call, gateway: LocalGateway, params: dict[str, Any], param: str, words: str
) -> None:
    for stream in (False, True):
        with pytest.raises(wenwen.BadRequestError) as caught:
            call(gateway, **{"model": "gpt-4o", "input": "Hi", **params}, stream=stream)
        error = caught.value
        assert words in error.message
        assert (error.type, error.param, error.attempts) == ("invalid_request_error", param, 1)
    # An earlier response may hold the other half.
    if param == "input":
        assert call(gateway, **{"model": "gpt-4o", **params}, previous_response_id="resp_1").output_text
