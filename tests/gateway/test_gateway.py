"""LocalGateway against what was seen on running gateways (REFERENCE G and H): a request, and the reply to it."""

from __future__ import annotations

import http.client
import json
import re
from typing import Any, NamedTuple, get_args

import pytest

import wenwen
from wenwen.testing import LocalGateway, Refusal, Reply, ScriptItem

JSON = "application/json; charset=utf-8"
SSE = "text/event-stream"
ID = r" \(request id: (\w{31})\)"

MODELS = ["gpt-5", "gpt-5-chat", "claude-sonnet-4-20250514", "dall-e-3", "sora-2"]
SAID: Any = [{"role": "user", "content": "Hello!"}]
PARTS: Any = [{"role": "user", "parts": [{"text": "Hello!"}]}]
CHAT: dict[str, Any] = {"model": "gpt-5", "messages": SAID}
RESPONSES: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
CLAUDE: dict[str, Any] = {"model": "claude-sonnet-4-20250514", "max_tokens": 99, "messages": SAID}
IMAGE: dict[str, Any] = {"model": "dall-e-3", "prompt": "a cat"}
SORA: dict[str, Any] = {"model": "sora-2", "prompt": "a cat"}
GEMINI = "/v1beta/models/gemini-2.5-flash"
NAMELESS: Any = {"type": "object", "properties": {}}


class Got(NamedTuple):
    status: int
    kind: str | None
    body: Any
    """Parsed where it is JSON. A request id in a text, if it is that of the header, is <id>."""
    headers: http.client.HTTPMessage


def send(gateway: LocalGateway, request: str, body: Any = None, key: str | None = "sk-test", **headers: str) -> Got:
    """`request`: "POST /v1/responses"; `body`: bytes, or what is sent as JSON; `headers`: with _ for -."""
    method, _, path = request.partition(" ")
    connection = http.client.HTTPConnection(gateway.root.removeprefix("http://"), timeout=10)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        data = body if isinstance(body, bytes) or body is None else json.dumps(body)
        connection.request(method, path, data, sent)
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    for found in re.findall(ID, text):
        assert found == response.headers["X-Oneapi-Request-Id"]
    text = re.sub(ID, " <id>", text)
    try:
        got = json.loads(text)
    except ValueError:
        got = text
    return Got(response.status, response.headers["Content-Type"], got, response.headers)


def own(message: str, code: str = "invalid_request") -> Any:
    """An error of the gateway itself, in OpenAI's dialect."""
    return {"error": {"message": f"{message} <id>", "type": "new_api_error", "param": "", "code": code}}


def routed(message: str, code: str = "") -> Any:
    """One of what lies before the endpoints, in all dialects."""
    return {"error": {"code": code, "message": f"{message} <id>", "type": "new_api_error"}}


def passed(message: str, code: str | None, param: str = "") -> Any:
    """An upstream's, in OpenAI's dialect."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def claude(message: str, kind: str = "new_api_error") -> Any:
    return {"error": {"type": kind, "message": f"{message} <id>"}, "type": "error"}


def midjourney(description: str, code: int = 4) -> Any:
    return {"description": f"{description} ", "type": "upstream_error", "code": code}


def task(code: str, message: Any) -> Any:
    return {"code": code, "message": message if isinstance(message, str) else dumps(message), "data": None}


def dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def pattern(param: str, masked: str | None = None) -> Any:
    wanted = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
    return passed(f"Invalid '{masked or param}': string does not match pattern. {wanted}", "invalid_value", param)


def no_channel(model: str) -> Any:
    return routed(f"No available channel for model {model} under group default (distributor)", "model_not_found")


NOT_IMPLEMENTED = {
    "error": {"message": "API not implemented", "type": "new_api_error", "param": "", "code": "api_not_implemented"}
}
NO_MODEL = routed("Model name not specified, model name cannot be empty")
NOT_JSON = routed("Invalid request: invalid JSON request body")
TOKEN = routed("Invalid token")
PAGE = re.compile("(?i)<!doctype html>")
UPSTREAM = "upstream error: do request failed"
NO_MONEY = "user quota is not enough, user quota: ＄0.000000, need quota: ＄0.003000"
SECONDS = passed("Invalid value: '5'. Supported values are: '4', '8', and '12'.", "invalid_value", "seconds")
FAILED = {"error": {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}}
MADE_UP = {"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9}

# Request, body, status, Content-Type, the reply.
ROUTES: list[tuple[str, Any, int, str, Any]] = [
    ("POST /v1/nope", {}, 404, JSON, passed("Invalid URL (POST /v1/nope)", "")),
    ("GET /v1/responses", None, 404, JSON, passed("Invalid URL (GET /v1/responses)", "")),
    ("GET /v1/responses/resp_1", None, 404, JSON, passed("Invalid URL (GET /v1/responses/resp_1)", "")),
    ("POST /v1/messages/count_tokens", {}, 404, JSON, passed("Invalid URL (POST /v1/messages/count_tokens)", "")),
    ("POST /v1/messages/batches", {}, 404, JSON, passed("Invalid URL (POST /v1/messages/batches)", "")),
    ("DELETE /v1/models/gpt-5", None, 404, JSON, passed("Invalid URL (DELETE /v1/models/gpt-5)", "")),
    ("GET /api/nope", None, 404, JSON, passed("Invalid URL (GET /api/nope)", "")),
    ("POST /v1beta/nope", {}, 404, JSON, passed("Invalid URL (POST /v1beta/nope)", "")),
    ("POST /chat/completions", CHAT, 200, "text/html; charset=utf-8", PAGE),
    ("POST /mj/submit/nope", {}, 200, "text/html; charset=utf-8", PAGE),
    ("GET /mj-fast/mj/nope", None, 200, "text/html; charset=utf-8", PAGE),
    ("GET /mj/submit/imagine", None, 200, "text/html; charset=utf-8", PAGE),
    *(
        (request, {}, 501, JSON, NOT_IMPLEMENTED)
        for request in ("POST /v1/files", "POST /v1/fine-tunes", "POST /v1/images/variations", "DELETE /v1/files/f")
    ),
    *(
        (request, None, 501, JSON, NOT_IMPLEMENTED)
        for request in ("GET /v1/files", "GET /v1/files/f/content", "GET /v1/fine-tunes/f/events")
    ),
    # What is wrong before the endpoint is known.
    ("POST /v1/responses", {}, 400, JSON, NO_MODEL),
    ("POST /v1/messages", {"model": None}, 400, JSON, NO_MODEL),
    ("POST /v1/images/edits", {"model": ""}, 400, JSON, NO_MODEL),
    ("POST /kling/v1/videos/text2video", {"model_name": "kling-v1"}, 400, JSON, NO_MODEL),
    ("POST /v1/chat/completions", {"model": 5}, 400, JSON, routed("Invalid request: field model must be a string")),
    ("POST /v1/messages", b'{"model": ', 400, JSON, NOT_JSON),
    ("POST /v1/videos", b"", 400, JSON, NOT_JSON),
    (
        "POST /mj/submit/imagine",
        b'{"prompt"',
        400,
        JSON,
        routed("Invalid request: Invalid Midjourney request: invalid JSON request body"),
    ),
    (
        "POST /mj/submit/imagine",
        {"prompt": 5},
        400,
        JSON,
        routed(
            "Invalid request: Invalid Midjourney request: json: cannot unmarshal number into Go struct field "
            "MidjourneyRequest.prompt of type string"
        ),
    ),
    ("POST /mj/submit/action", {"taskId": "1"}, 400, JSON, routed("Invalid request: custom_id_is_required")),
    ("POST /mj/submit/action", {"customId": "x"}, 400, JSON, routed("Invalid request: unknown_action:x")),
    # What the gateway has against a request: 500 where it is the request's fault (H.1).
    ("POST /v1/responses", {"model": "gpt-5"}, 500, JSON, own("input is required")),
    (
        "POST /v1/responses",
        {**RESPONSES, "temperature": "hot"},
        500,
        JSON,
        own("json: cannot unmarshal string into Go struct field ***.temperature of type float64"),
    ),
    ("POST /v1/chat/completions", {"model": "gpt-5", "messages": []}, 500, JSON, own("field messages is required")),
    ("POST /v1/chat/completions", {**CHAT, "max_tokens": 1 << 30}, 500, JSON, own("max_tokens is invalid")),
    (
        "POST /v1/chat/completions",
        {**CHAT, "web_search_options": {"search_context_size": "huge"}},
        500,
        JSON,
        own("invalid search_context_size, must be one of: high, medium, low"),
    ),
    ("POST /v1/messages", {**CLAUDE, "messages": []}, 500, JSON, claude("field messages is required")),
    (
        "POST /v1/messages",
        {**CLAUDE, "stream": "yes"},
        500,
        JSON,
        claude("json: cannot unmarshal string into Go struct field ***.stream of type bool"),
    ),
    (f"POST {GEMINI}:generateContent", {"contents": []}, 500, JSON, own("contents is required")),
    ("POST /v1/embeddings", {"model": "e"}, 500, JSON, own("input is empty")),
    (
        "POST /v1/images/generations",
        {**IMAGE, "size": "512x512"},
        500,
        JSON,
        own("size must be one of 1024x1024, 1024x1792 or 1792x1024 for dall-e-3"),
    ),
    (
        "POST /v1/images/generations",
        {**IMAGE, "model": "dall-e-2", "size": "1024x1792"},
        500,
        JSON,
        own("size must be one of 256x256, 512x512, or 1024x1024 for dall-e-2 or dall-e"),
    ),
    (
        "POST /v1/images/generations",
        {**IMAGE, "size": "1024×1024"},
        500,
        JSON,
        own(
            "size an unexpected error occurred in the parameter, please use 'x' instead of the multiplication sign '×'"
        ),
    ),
    ("POST /v1/completions", {"model": "gpt-5"}, 500, JSON, own("field prompt is required")),
    ("POST /v1/moderations", {}, 500, JSON, own("field input is required")),
    ("POST /v1/rerank", {"model": "r", "documents": ["a"]}, 500, JSON, own("query is empty")),
    ("POST /v1/rerank", {"model": "r", "query": "a"}, 500, JSON, own("documents is empty")),
    ("POST /mj/submit/imagine", {"prompt": ""}, 400, JSON, midjourney("prompt_is_required")),
    ("POST /mj-relax/mj/submit/imagine", {"prompt": ""}, 400, JSON, midjourney("prompt_is_required")),
    ("GET /mj/task/1/fetch", None, 400, JSON, midjourney("task_no_found")),
    ("POST /v1/videos", {"model": "sora-2"}, 400, JSON, task("invalid_request", "prompt is required")),
    ("POST /v1/videos", {**SORA, "size": "1x1"}, 400, JSON, task("invalid_size", "sora-2 size is invalid")),
    ("POST /v1/video/generations", {"model": "k"}, 400, JSON, task("invalid_request", "prompt is required")),
    ("GET /v1/videos/v", None, 400, JSON, task("task_not_exist", "task_not_exist")),
    # What an upstream has against it: no request id in OpenAI's dialect, no code in Anthropic's.
    (
        "POST /v1/chat/completions",
        {**CHAT, "n": 0},
        400,
        JSON,
        passed("Invalid 'n': expected a value between 1 and 128.", "invalid_value", "n"),
    ),
    (
        "POST /v1/images/generations",
        {"model": "gpt-image-1", "prompt": ""},
        400,
        JSON,
        passed("Missing required parameter: 'prompt'.", "missing_required_parameter"),
    ),
    (
        "POST /v1/images/generations",
        {**IMAGE, "n": 2},
        400,
        JSON,
        passed("Invalid 'n': 2 is not between 1 and 1.", "integer_out_of_range"),
    ),
    (
        "POST /v1/messages",
        {**CLAUDE, "messages": [{"role": "robot", "content": "x"}]},
        400,
        JSON,
        claude("***.***.role: Input should be 'user' or 'assistant'", "<nil>"),
    ),
    ("POST /v1/videos", {**SORA, "seconds": "5"}, 400, JSON, task("fail_to_fetch_task", SECONDS)),
    # The names of schemas and tools.
    (
        "POST /v1/responses",
        {**RESPONSES, "text": {"format": {"type": "json_schema", "name": "人物", "schema": NAMELESS}}},
        400,
        JSON,
        pattern("text.format.name", "***.***.name"),
    ),
    (
        "POST /v1/responses",
        {**RESPONSES, "tools": [{"type": "web_search"}, {"type": "function", "name": "a b", "parameters": NAMELESS}]},
        400,
        JSON,
        pattern("tools[1].name"),
    ),
    (
        "POST /v1/responses",
        {**RESPONSES, "tools": [{"type": "function", "name": "a" * 65, "parameters": NAMELESS}]},
        400,
        JSON,
        passed(
            "Invalid 'tools[0].name': string too long. Expected a string with maximum length 64, but got a string with "
            "length 65 instead.",
            "string_above_max_length",
            "tools[0].name",
        ),
    ),
    (
        "POST /v1/responses",
        {**RESPONSES, "tools": [{"type": "custom", "name": ""}]},
        400,
        JSON,
        passed(
            "Invalid 'tools[0].name': empty string. Expected a string with minimum length 1, but got an empty string "
            "instead.",
            "empty_string",
            "tools[0].name",
        ),
    ),
    (
        "POST /v1/chat/completions",
        {**CHAT, "response_format": {"type": "json_schema", "json_schema": {"name": "Box[int]", "schema": NAMELESS}}},
        400,
        JSON,
        pattern("response_format.json_schema.name", "response_format.json_schema.name"),
    ),
    (
        "POST /v1/chat/completions",
        {**CHAT, "response_format": {"type": "json_schema", "json_schema": {"schema": NAMELESS}}},
        400,
        JSON,
        passed(
            "Missing required parameter: 'response_format.json_schema.name'.",
            "missing_required_parameter",
            "response_format.json_schema.name",
        ),
    ),
    (
        "POST /v1/chat/completions",
        {**CHAT, "tools": [{"type": "function", "function": {"name": "a.b", "parameters": NAMELESS}}]},
        400,
        JSON,
        pattern("tools[0].function.name", "tools[0].***.name"),
    ),
    (
        "POST /v1/messages",
        {**CLAUDE, "tools": [{"name": "a b", "input_schema": NAMELESS}]},
        400,
        JSON,
        claude("***.***.***.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'", "<nil>"),
    ),
    # The same to a stream, under the stream's type; what the gateway itself refuses is no stream yet.
    (
        "POST /v1/chat/completions",
        {**CHAT, "stream": True, "messages": []},
        500,
        JSON,
        own("field messages is required"),
    ),
    (
        "POST /v1/chat/completions",
        {**CHAT, "stream": True, "n": 0},
        400,
        SSE,
        passed("Invalid 'n': expected a value between 1 and 128.", "invalid_value", "n"),
    ),
    (
        "POST /v1/responses",
        {**RESPONSES, "stream": True, "tools": [{"type": "function", "name": "a b"}]},
        400,
        SSE,
        pattern("tools[0].name"),
    ),
    (
        "POST /v1/messages",
        {**CLAUDE, "stream": True, "messages": [{"role": "robot", "content": "x"}]},
        400,
        SSE,
        claude("***.***.role: Input should be 'user' or 'assistant'", "<nil>"),
    ),
    (
        f"POST {GEMINI}:streamGenerateContent",
        {"contents": [{"role": "user"}]},
        400,
        SSE,
        {
            "error": {
                "message": "* ***.contents[0].parts: ***.parts must not be empty.",
                "type": "upstream_error",
                "param": "",
                "code": "400",
            }
        },
    ),
]


@pytest.mark.parametrize(("request_line", "body", "status", "kind", "reply"), ROUTES)
def test_a_request_and_its_reply(request_line: str, body: Any, status: int, kind: str, reply: Any) -> None:
    with LocalGateway() as gateway:
        got = send(gateway, request_line, body)
    assert (got.status, got.kind) == (status, kind)
    if isinstance(reply, re.Pattern):
        assert reply.match(got.body)
    else:
        assert got.body == reply
    assert len(got.headers["X-Oneapi-Request-Id"]) == 31


def function(name: str = "f", parameters: Any = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "parameters": parameters or NAMELESS, **more}


def tools(*functions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**CHAT, "tools": [{"type": "function", "function": each} for each in functions], **more}


def strict(schema: Any, **fields: Any) -> dict[str, Any]:
    """A chat whose answer follows a schema: one property, unless all of it is given."""
    if fields:
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
        schema |= {name: value for name, value in fields.items() if value is not None}
    return {
        **CHAT,
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": schema}},
    }


def field(schema: Any) -> dict[str, Any]:
    return strict(schema, type="object")


def responses_format(schema: Any) -> dict[str, Any]:
    made = field(schema)["response_format"]["json_schema"]
    return {**RESPONSES, "text": {"format": {"type": "json_schema", **made}}}


def nested(levels: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    return schema


def wide(count: int, length: int = 1) -> Any:
    names = [f"{at}".ljust(length, "x") for at in range(count)]
    properties = {name: {"type": "string"} for name in names}
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def chosen(count: int, length: int = 1) -> Any:
    return {"type": "string", "enum": [f"{at}".ljust(length, "x") for at in range(count)]}


TOO_MANY = [f"f{at}" for at in range(129)]
TOO_LONG = "Expected an array with maximum length 128, but got an array with length 129 instead."


def turns(*messages: Any) -> dict[str, Any]:
    return {**CHAT, "messages": [*SAID, *messages]}


def claude_turns(*contents: Any, **more: Any) -> dict[str, Any]:
    said = ({"role": "user" if at % 2 else "assistant", "content": each} for at, each in enumerate(contents))
    return {**CLAUDE, "messages": [*SAID, *said], **more}


def claude_tool(name: str = "f", schema: Any = NAMELESS, **more: Any) -> dict[str, Any]:
    return {**CLAUDE, "tools": [{"name": name, "input_schema": schema, **more}]}


def claude_format(schema: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    return {**CLAUDE, "output_config": {"format": {"type": "json_schema", "schema": schema}}}


def functions(*names: str) -> dict[str, Any]:
    return {"contents": PARTS, "tools": [{"functionDeclarations": [{"name": name} for name in names]}]}


CALL: Any = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
USE: Any = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
DONE: Any = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}
CALLED: Any = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
RETURNED: Any = {"type": "function_call_output", "call_id": "call_1", "output": "x"}
TEXT, LIST = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
OPTIONAL: Any = {"type": ["string", "null"]}
FORMAT = "response_format 'n': In context="
A = "('properties', 'a')"
CHAT_PATH, RESPONSES_PATH, CLAUDE_PATH = "POST /v1/chat/completions", "POST /v1/responses", "POST /v1/messages"

# What an upstream has against a request, and its words; in Anthropic's dialect and Gemini's they are all there is.
REFUSED: list[tuple[str, Any, str, str | None, str]] = [
    *(
        (CHAT_PATH, field(schema), f"{FORMAT}{words}", None, "response_format")
        for schema, words in [
            ({**TEXT, "default": "x"}, f"{A}, 'default' is not permitted."),
            ({"oneOf": [TEXT]}, f"{A}, 'oneOf' is not permitted."),
            ({"allOf": [TEXT]}, f"{A}, 'allOf' is not permitted."),
            ({**LIST, "uniqueItems": True}, f"{A}, 'uniqueItems' is not permitted."),
            ({"type": "array"}, f"{A}, array schema missing items."),
            ({"type": "array", "prefixItems": [TEXT]}, f"{A}, 'prefixItems' is not permitted."),
            ({**TEXT, "format": "uri"}, f"{A}, 'uri' is not a valid format."),
            ({}, f"{A}, schema must have a 'type' key."),
            (True, "(), schema must have a 'type' key."),
            ({"type": "object"}, f"{A}, 'additionalProperties' is required to be supplied and to be false."),
            ({"type": "object", "additionalProperties": TEXT}, f"{A}, 'additionalProperties' is required"),
            ({"type": "array", "items": NAMELESS}, "('properties', 'a', 'items'), 'additionalProperties' is required"),
            ({"anyOf": [TEXT, NAMELESS]}, "('properties', 'a', 'anyOf', '1'), 'additionalProperties' is required"),
            ({"$ref": "#/$defs/x"}, f"{A}, reference to component '#/$defs/x' which was not found in the schema."),
        ]
    ),
    (
        CHAT_PATH,
        strict(TEXT, required=[]),
        f"{FORMAT}(), 'required' is required to be supplied and to be an array including every key in properties. "
        "Missing 'a'.",
        None,
        "response_format",
    ),
    (
        CHAT_PATH,
        strict({"$ref": "#/$defs/b", "description": "x"}, **{"$defs": {"b": TEXT}}),
        "response_format 'n': context=('properties', 'a'), $ref cannot have keywords {'description'}.",
        None,
        "response_format",
    ),
    (
        CHAT_PATH,
        strict(LIST),
        """response_format 'n': schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.""",
        None,
        "response_format",
    ),
    (
        RESPONSES_PATH,
        {
            **RESPONSES,
            "text": {"format": {"type": "json_schema", "name": "n", "strict": True, "schema": {"anyOf": []}}},
        },
        """response_format 'n': schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.""",
        "invalid_json_schema",
        "text.format.schema",
    ),
    (
        CHAT_PATH,
        tools(function(parameters=LIST)),
        """function 'f': schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.""",
        "invalid_function_parameters",
        "tools[0].function.parameters",
    ),
    (
        RESPONSES_PATH,
        {**RESPONSES, "tools": [{"type": "function", **function(strict=True)}]},
        "function 'f': In context=(), 'additionalProperties' is required",
        "invalid_function_parameters",
        "tools[0].parameters",
    ),
    (
        RESPONSES_PATH,
        {
            **RESPONSES,
            "tools": [
                {"type": "function", **function(parameters={"type": "object", "properties": {"l": {"type": "array"}}})}
            ],
        },
        "function 'f': In context=('properties', 'l'), array schema missing items.",
        "invalid_function_parameters",
        "tools[0].parameters",
    ),
    *(
        (
            path,
            body,
            "Invalid JSON schema: regex lookaround is not supported. Found at $.",
            code,
            at,
        )
        for path, body, code, at in [
            (CHAT_PATH, field({**TEXT, "pattern": "^(?!a)"}), None, "response_format"),
            (
                RESPONSES_PATH,
                responses_format({**TEXT, "pattern": "(?<=a)b"}),
                "invalid_json_schema",
                "text.format.schema",
            ),
        ]
    ),
    *(
        (
            CHAT_PATH,
            tools(function(parameters={"type": "object", "properties": {}, rule: []})),
            "Invalid schema for function 'f': schema must have type 'object' and not have "
            "'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
            "invalid_function_parameters",
            "tools[0].function.parameters",
        )
        for rule in ("oneOf", "anyOf", "allOf", "enum", "not")
    ),
    # How large a schema may be.
    *(
        (
            RESPONSES_PATH,
            responses_format(schema),
            f"Invalid schema for response_format 'n': {words}",
            "invalid_json_schema",
            "text.format.schema",
        )
        for schema, words in [
            (nested(10), "11 levels of nesting exceeds limit of 10."),
            (wide(5000), "5001 parameters exceed the limit of 5000."),
            (chosen(1001), "Expected at most 1000 enum values in total within a single schema when using structured "),
            (chosen(251, 60), "Expected at most 15000 characters in an enum of more than 250 values"),
            (wide(4, 30_001), "Expected at most 120000 characters of names and enum values in total"),
        ]
    ),
    (CHAT_PATH, tools(*map(function, TOO_MANY)), TOO_LONG, "array_above_max_length", "tools"),
    (
        RESPONSES_PATH,
        {**RESPONSES, "tools": [{"type": "function", **function(name)} for name in TOO_MANY]},
        TOO_LONG,
        "array_above_max_length",
        "tools",
    ),
    (
        CHAT_PATH,
        tools(function(), function("g"), function()),
        "'f' is that of another tool",
        "invalid_value",
        "tools[2].function.name",
    ),
    (
        CHAT_PATH,
        tools(),
        "Invalid 'tools': empty array. Expected an array with minimum length 1",
        "empty_array",
        "tools",
    ),
    (CHAT_PATH, {**CHAT, "tool_choice": "auto"}, "'tool_choice' is only allowed when 'tools'", None, "tool_choice"),
    (
        CHAT_PATH,
        tools(function(), tool_choice={"type": "function", "function": {"name": "g"}}),
        "Tool choice 'g' not found in 'tools' parameter.",
        None,
        "tool_choice",
    ),
    # Histories.
    (
        CHAT_PATH,
        turns({"role": "tool", "tool_call_id": "call_1", "content": "x"}),
        "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        None,
        "messages.[1].role",
    ),
    (
        CHAT_PATH,
        turns({"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "user", "content": "x"}),
        "The following tool_call_ids did not have response messages: call_1",
        None,
        "messages",
    ),
    (
        CHAT_PATH,
        turns({"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool", "content": "x"}),
        "messages with role 'tool' must have a 'tool_call_id'.",
        None,
        "messages.[2].tool_call_id",
    ),
    (
        CHAT_PATH,
        turns({"role": "assistant", "content": "x", "tool_calls": []}),
        "empty array",
        "empty_array",
        "messages[1].tool_calls",
    ),
    (
        CHAT_PATH,
        turns({"role": "assistant", "content": None, "tool_calls": [{**CALL, "id": "c" * 41}]}),
        "string too long. Expected a string with maximum length 40, but got a string with length 41 instead.",
        "string_above_max_length",
        "messages[1].tool_calls[0].id",
    ),
    (
        CHAT_PATH,
        turns(
            {"role": "assistant", "content": None, "tool_calls": [{**CALL, "function": {"name": "f", "arguments": {}}}]}
        ),
        "expected a string",
        "invalid_type",
        "messages[1].tool_calls[0].function.arguments",
    ),
    (
        CHAT_PATH,
        turns(
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "image_url", "image_url": {"url": "x"}}]},
        ),
        "Invalid value: 'image_url'. Supported values are: 'text'.",
        "invalid_value",
        "messages[2].content[0].type",
    ),
    (
        CHAT_PATH,
        turns({"role": "assistant", "content": "x", "parsed": {"a": 1}}),
        "Unknown parameter",
        "unknown_parameter",
        "messages[1].parsed",
    ),
    (
        RESPONSES_PATH,
        {**RESPONSES, "input": [{**CALLED, "parsed_arguments": {}}, RETURNED]},
        "Unknown parameter",
        "unknown_parameter",
        "input[0].parsed_arguments",
    ),
    (
        RESPONSES_PATH,
        {**RESPONSES, "input": [*SAID, {"type": "reasoning", "id": "rs_1", "summary": []}, *SAID]},
        "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
        None,
        "input",
    ),
    (RESPONSES_PATH, {**RESPONSES, "input": [CALLED]}, "No tool output found for function call call_1.", None, "input"),
    # Anthropic's.
    *(
        (CLAUDE_PATH, claude_format(schema), words, "<nil>", "")
        for schema, words in [
            ({"type": "integer", "minimum": 1}, "For 'integer' type, properties minimum are not supported"),
            ({"type": "number", "multipleOf": 1}, "For 'number' type, properties multipleOf are not supported"),
            (
                {**TEXT, "minLength": 1, "maxLength": 2},
                "For 'string' type, properties minLength, maxLength are not supported",
            ),
            ({**LIST, "minItems": 2}, "For 'array' type, 'minItems' values other than 0 or 1 are not supported"),
            ({**LIST, "maxItems": 2}, "For 'array' type, properties maxItems are not supported"),
            (NAMELESS, "For 'object' type, 'additionalProperties' must be explicitly set to false"),
            ({"oneOf": [TEXT]}, "Schema type 'oneOf' is not supported"),
            ({"$ref": "#"}, "Recursive/circular $ref is not supported"),
            ({**TEXT, "format": "binary"}, "For 'string' type, format 'binary' is not supported"),
        ]
    ),
    (
        CLAUDE_PATH,
        {**CLAUDE, "tools": [{"name": "f", "input_schema": NAMELESS}] * 2},
        "tools: Tool names must be unique.",
        "<nil>",
        "",
    ),
    (CLAUDE_PATH, {**CLAUDE, "tools": [{"name": "f"}]}, "input_schema: Field required", "<nil>", ""),
    (CLAUDE_PATH, claude_tool(schema={}), "type: Field required", "<nil>", ""),
    (CLAUDE_PATH, claude_tool(schema=LIST), "type: Input should be 'object'", "<nil>", ""),
    (
        CLAUDE_PATH,
        claude_tool(schema={**NAMELESS, "anyOf": []}),
        "input_schema does not support oneOf, allOf, or anyOf at the top level",
        "<nil>",
        "",
    ),
    (CLAUDE_PATH, claude_tool(strict=True), "'additionalProperties' must be explicitly set to false", "<nil>", ""),
    (
        CLAUDE_PATH,
        {**CLAUDE, "tools": [{"name": f"f{at}", "input_schema": wide(0), "strict": True} for at in range(21)]},
        "Too many strict tools (21). The maximum number of strict tools supported is 20.",
        "<nil>",
        "",
    ),
    (
        CLAUDE_PATH,
        claude_tool(schema={**wide(25), "required": []}, strict=True),
        "Schemas contains too many optional parameters (25), which would make grammar compilation inefficient.",
        "<nil>",
        "",
    ),
    (
        CLAUDE_PATH,
        claude_format({**wide(17), "properties": dict.fromkeys(wide(17)["properties"], OPTIONAL)}),
        "Schemas contains too many parameters with union types (17 parameters with type arrays or anyOf).",
        "<nil>",
        "",
    ),
    (
        CLAUDE_PATH,
        claude_turns([USE], "x"),
        "`tool_use` ids were found without `tool_result` blocks immediately after: toolu_1.",
        "<nil>",
        "",
    ),
    (
        CLAUDE_PATH,
        claude_turns([USE], [{"type": "text", "text": "x"}, DONE]),
        "without `tool_result` blocks",
        "<nil>",
        "",
    ),
    (
        CLAUDE_PATH,
        claude_turns([USE], [DONE, DONE]),
        "Found multiple `tool_result` blocks with id: toolu_1",
        "<nil>",
        "",
    ),
    (CLAUDE_PATH, claude_turns([USE, USE], [DONE]), "messages: `tool_use` ids must be unique", "<nil>", ""),
    (
        CLAUDE_PATH,
        claude_turns("x", [DONE]),
        "unexpected `tool_use_id` found in `tool_result` blocks: toolu_1.",
        "<nil>",
        "",
    ),
    (CLAUDE_PATH, claude_turns([], "x"), "all messages must have non-empty content", "<nil>", ""),
    (
        CLAUDE_PATH,
        claude_turns([{"type": "text", "text": ""}], "x"),
        "text content blocks must be non-empty",
        "<nil>",
        "",
    ),
    (
        CLAUDE_PATH,
        claude_turns([{"type": "text", "text": "x", "parsed_output": None}], "x"),
        "parsed_output: Extra inputs are not permitted",
        "<nil>",
        "",
    ),
    (CLAUDE_PATH, claude_turns([{"type": "thinking", "thinking": "x"}], "x"), "signature: Field required", "<nil>", ""),
    (
        CLAUDE_PATH,
        claude_turns([USE], [DONE], max_tokens=2048, thinking={"type": "enabled", "budget_tokens": 1024}),
        "Expected `thinking` or `redacted_thinking`, but found `tool_use`.",
        "<nil>",
        "",
    ),
    # Gemini's.
    (f"POST {GEMINI}:generateContent", functions("f", "f"), "Duplicate function declaration found: f", "400", ""),
    (
        f"POST {GEMINI}:generateContent",
        functions("f", "a b"),
        "Invalid function name. Must start with a letter",
        "400",
        "",
    ),
    (
        f"POST {GEMINI}:generateContent",
        {"contents": [*PARTS, {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]}, *PARTS]},
        "the number of function response parts is equal to the number of function call parts",
        "400",
        "",
    ),
]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("request_line", "body", "words", "code", "param"), REFUSED)
def test_what_an_upstream_refuses(
    gateway: LocalGateway, request_line: str, body: Any, words: str, code: str | None, param: str, streamed: bool
) -> None:
    if streamed and GEMINI in request_line:
        request_line = request_line.replace("generateContent", "streamGenerateContent")
    elif streamed:
        body = {**body, "stream": True}
    got = send(gateway, request_line, body)
    assert (got.status, got.kind) == (400, SSE if streamed else JSON)
    error = got.body["error"]
    # Of names with dots only the last part is shown.
    plain = words.replace("response_format.", "***.").replace("text.format.", "***.***.")
    assert words in error["message"] or plain in error["message"], error
    if request_line == CLAUDE_PATH:
        assert error["type"] == code
    else:
        assert (error["code"], error["param"]) == (code, param)


def test_what_an_upstream_takes(gateway: LocalGateway) -> None:
    """The neighbours of what it refuses."""
    closed = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    bounded = {**TEXT, "pattern": "^a+$", "minLength": 1, "format": "date-time", "description": "x", "title": "y"}
    taken: list[tuple[str, Any]] = [
        (CHAT_PATH, field(bounded)),
        (CHAT_PATH, field({"type": ["integer", "null"], "minimum": 1, "multipleOf": 2})),
        (CHAT_PATH, field({**LIST, "minItems": 1, "maxItems": 3})),
        (CHAT_PATH, field({"anyOf": [closed, {"$ref": "#"}, {"type": "null"}]})),
        (CHAT_PATH, field({"enum": ["a"], "type": "string"})),
        *(
            (CHAT_PATH, field(schema))
            for schema in (nested(9), wide(4999), chosen(1000), chosen(250, 80), chosen(251, 59))
        ),
        (CHAT_PATH, tools(*map(function, TOO_MANY[:128]))),
        (CHAT_PATH, tools(function(parameters={"type": "object", "properties": {"a": {"pattern": "(?=a)"}}}))),
        (CLAUDE_PATH, claude_tool(schema={**wide(25), "required": []})),
        (CLAUDE_PATH, claude_tool(schema={**wide(24), "required": []}, strict=True)),
        (CLAUDE_PATH, claude_format({**wide(16), "properties": dict.fromkeys(wide(16)["properties"], OPTIONAL)})),
        (CHAT_PATH, tools(function("n" * 64), function("N" * 64), parallel_tool_calls=False)),
        (CHAT_PATH, tools({"name": "f"})),
        (CHAT_PATH, {**CHAT, "tools": None, "tool_choice": None}),
        (RESPONSES_PATH, {**RESPONSES, "tools": []}),
        (
            RESPONSES_PATH,
            {**RESPONSES, "input": [CALLED, RETURNED, {**CALLED, "call_id": "2"}, {**RETURNED, "call_id": "2"}]},
        ),
        (RESPONSES_PATH, {**RESPONSES, "input": [{"type": "reasoning", "id": "r", "summary": []}, CALLED, RETURNED]}),
        (CLAUDE_PATH, claude_format({**TEXT, "default": "x", "format": "uri"})),
        (CLAUDE_PATH, claude_format({**LIST, "minItems": 1})),
        (CLAUDE_PATH, claude_tool(schema={"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}})),
        (CLAUDE_PATH, claude_tool(schema=closed, strict=True)),
        (CLAUDE_PATH, claude_turns([USE], [DONE, {"type": "text", "text": "x"}])),
        (CLAUDE_PATH, claude_turns([{"type": "thinking", "thinking": "x", "signature": "of another origin"}], "x")),
        (CLAUDE_PATH, {**CLAUDE, "tools": []}),
        (f"POST {GEMINI}:generateContent", functions("f", "g.h:i-j_k")),
    ]
    for request_line, body in taken:
        assert send(gateway, request_line, body).status == 200, body


def test_thoughts_go_back_as_they_came(gateway: LocalGateway) -> None:
    thinking = {"max_tokens": 2048, "thinking": {"type": "enabled", "budget_tokens": 1024}}
    content = send(gateway, CLAUDE_PATH, {**CLAUDE, **thinking}).body["content"]
    thought = content[0]
    assert send(gateway, CLAUDE_PATH, claude_turns(content, "Go on")).status == 200
    signature = thought["signature"]
    for changed in (
        {**thought, "thinking": thought["thinking"] + " "},
        {**thought, "thinking": ""},
        {**thought, "signature": signature[:-2] + ("0" if signature[-2] != "0" else "1") + "="},
    ):
        got = send(gateway, CLAUDE_PATH, claude_turns([changed, *content[1:]], "Go on"))
        assert got.status == 400
        assert "Invalid `signature` in `thinking` block" in got.body["error"]["message"]


SCRIPTED: list[tuple[ScriptItem, str, Any, int, str | None, Any]] = [
    # Statuses.
    (400, "POST /v1/messages", CLAUDE, 400, JSON, claude("Unsupported value.", "<nil>")),
    (400, "POST /v1/chat/completions", CHAT, 400, JSON, passed("Unsupported value.", "unsupported_value")),
    (401, "POST /v1/messages", CLAUDE, 401, JSON, TOKEN),
    (401, "POST /mj/submit/imagine", {"prompt": "x"}, 401, JSON, TOKEN),
    (403, "POST /v1/chat/completions", CHAT, 403, JSON, own(NO_MONEY, "insufficient_user_quota")),
    (403, "POST /v1/messages", CLAUDE, 403, JSON, claude(NO_MONEY)),
    (500, "POST /v1/responses", RESPONSES, 500, JSON, own(UPSTREAM, "do_request_failed")),
    (500, "POST /v1/responses", {**RESPONSES, "stream": True}, 500, SSE, own(UPSTREAM, "do_request_failed")),
    (500, "POST /v1/messages", CLAUDE, 500, JSON, claude(UPSTREAM)),
    (500, "POST /mj/submit/imagine", {"prompt": "x"}, 500, JSON, midjourney("do_request_failed", 5)),
    (500, "POST /v1/videos", SORA, 500, JSON, task("fail_to_fetch_task", FAILED)),
    (500, "GET /kling/v1/videos/text2video/1", None, 500, JSON, task("fail_to_fetch_task", FAILED)),
    (
        502,
        "POST /v1/chat/completions",
        CHAT,
        502,
        JSON,
        {
            "error": {
                "message": "openai_error",
                "type": "bad_response_status_code",
                "param": "",
                "code": "bad_response_status_code",
            }
        },
    ),
    (502, "POST /v1/messages", CLAUDE, 502, JSON, claude("bad response status code 502", "bad_response_status_code")),
    (529, "POST /v1/messages", CLAUDE, 529, JSON, claude("Overloaded", "<nil>")),
    (429, "POST /v1/videos", SORA, 429, JSON, task("fail_to_fetch_task", "当前分组上游负载已饱和，请稍后再试")),
    (503, "POST /v1/messages", CLAUDE, 503, JSON, no_channel(CLAUDE["model"])),
    (503, f"POST {GEMINI}:generateContent", {"contents": PARTS}, 503, JSON, no_channel("gemini-2.5-flash")),
    (503, "POST /mj-fast/mj/submit/imagine", {"prompt": "x"}, 503, JSON, no_channel("mj_imagine")),
    # By name.
    ("no money", "POST /v1/responses", RESPONSES, 403, JSON, own(NO_MONEY, "insufficient_user_quota")),
    ("no money", f"POST {GEMINI}:generateContent", {}, 403, JSON, own(NO_MONEY, "insufficient_user_quota")),
    ("no money", "POST /v1/messages", CLAUDE, 403, JSON, claude(NO_MONEY)),
    ("no money", "POST /mj/submit/imagine", {"prompt": "x"}, 400, JSON, midjourney("quota_not_enough")),
    ("no money", "POST /v1/videos", SORA, 403, JSON, task("quota_not_enough", NO_MONEY)),
    *((name, "POST /v1/messages", CLAUDE, 401, JSON, TOKEN) for name in ("key disabled", "key expired", "key used up")),
    ("key disabled", "GET /api/usage/token/", None, 401, JSON, {"success": False, "message": "Invalid token"}),
    ("no channel", "POST /v1/messages", CLAUDE, 503, JSON, no_channel(CLAUDE["model"])),
    ("no channel", "POST /mj/submit/blend", {}, 503, JSON, no_channel("mj_blend")),
    ("rate limited", "POST /v1/responses", RESPONSES, 429, None, ""),
    (
        "system overloaded",
        "POST /v1/messages",
        CLAUDE,
        503,
        JSON,
        {"error": {"type": "new_api_error", "message": "system cpu overloaded (current: 97.3%, threshold: 90%)"}},
    ),
    ("upstream failed", "POST /v1/chat/completions", CHAT, 500, JSON, own(UPSTREAM, "do_request_failed")),
    ("upstream failed", "POST /mj/submit/imagine", {"prompt": "x"}, 400, JSON, midjourney("do_request_failed", 5)),
    ("upstream failed", "POST /v1/videos", SORA, 500, JSON, task("fail_to_fetch_task", FAILED)),
    ("empty stream", "POST /v1/responses", {**RESPONSES, "stream": True}, 200, SSE, ""),
    ("empty stream", "POST /v1/messages", {**CLAUDE, "stream": True}, 200, SSE, ""),
    ("empty stream", "POST /v1/chat/completions", CHAT, 500, JSON, own(UPSTREAM, "do_request_failed")),
    (Reply(fault="no channel", delay=0.01), "POST /v1/responses", RESPONSES, 503, JSON, no_channel("gpt-5")),
    # After a keep-alive comment there is no status left: a line of JSON alone.
    (
        Reply(status=500, pings=2),
        "POST /v1/messages",
        {**CLAUDE, "stream": True},
        200,
        SSE,
        ": PING\n\n: PING\n\n" + dumps(claude(UPSTREAM)),
    ),
    (
        Reply(fault="upstream failed", pings=1),
        "POST /v1/responses",
        {**RESPONSES, "stream": True},
        200,
        SSE,
        ": PING\n\n" + dumps(own(UPSTREAM, "do_request_failed")),
    ),
]


@pytest.mark.parametrize(("script", "request_line", "body", "status", "kind", "reply"), SCRIPTED)
def test_a_script_and_its_reply(
    script: ScriptItem, request_line: str, body: Any, status: int, kind: str | None, reply: Any
) -> None:
    with LocalGateway([script]) as gateway:
        got = send(gateway, request_line, body)
    assert (got.status, got.kind) == (status, kind)
    assert got.body == reply


def test_an_empty_chat_stream_has_a_made_up_chunk() -> None:
    with LocalGateway(["empty stream"]) as gateway:
        got = send(gateway, "POST /v1/chat/completions", {**CHAT, "stream": True})
    first, last, _ = got.body.split("\n\n")
    chunk = json.loads(first.removeprefix("data: "))
    assert (chunk["id"], chunk["created"], chunk["choices"], chunk["usage"]) == ("", 0, [], MADE_UP)
    assert last == "data: [DONE]"


def test_pings_begin_before_the_upstream_answers() -> None:
    with LocalGateway([Reply(status=500, delay=0.05)], ping_interval=0.02, latency=0.05) as gateway:
        got = send(gateway, "POST /v1/chat/completions", {**CHAT, "stream": True})
        assert (got.status, got.kind) == (200, SSE)
        assert got.body.startswith(": PING\n\n")
        assert json.loads(got.body.rpartition("\n\n")[2]) == own(UPSTREAM, "do_request_failed")
        # Not for a whole reply, nor for what the gateway itself refuses.
        gateway.script(Reply(status=500, delay=0.05))
        assert send(gateway, "POST /v1/chat/completions", CHAT).status == 500
        assert send(gateway, "POST /v1/chat/completions", {"model": "gpt-5", "stream": True}).status == 500
        assert send(gateway, "POST /v1/chat/completions", {**CHAT, "stream": True}, key=None).status == 401
        got = send(gateway, "POST /v1/responses", {**RESPONSES, "stream": True})
        assert got.status == 200 and got.body.startswith(": PING\n\n") and "response.completed" in got.body


@pytest.mark.parametrize(
    ("request_line", "body", "model"),
    [
        ("POST /v1/responses", RESPONSES, None),
        ("POST /v1/responses", {**RESPONSES, "model": "gpt-6"}, "gpt-6"),
        ("POST /v1/responses", {**RESPONSES, "model": "GPT-5", "stream": True}, "GPT-5"),
        ("POST /v1/chat/completions", {**CHAT, "model": "gpt-50"}, "gpt-50"),
        ("POST /v1/messages", {**CLAUDE, "model": "claude"}, "claude"),
        ("POST /v1/messages", CLAUDE, None),
        ("POST /v1/embeddings", {"model": "e", "input": "x"}, "e"),
        ("POST /v1/images/generations", {**IMAGE, "model": "dall-e"}, "dall-e"),
        ("POST /v1/audio/speech", {"model": "tts-1", "input": "x", "voice": "alloy"}, "tts-1"),
        ("POST /v1/videos", {**SORA, "model": "veo"}, "veo"),
        ("POST /v1/video/generations", {**SORA, "model": "kling"}, "kling"),
        ("POST /kling/v1/videos/image2video", {**SORA, "model": "kling"}, "kling"),
        ("POST /v1/moderations", {"input": "x"}, "text-moderation-stable"),
        ("POST /v1/rerank", {"model": "r", "query": "x", "documents": ["x"]}, "r"),
        (f"POST {GEMINI}:generateContent", {"contents": PARTS}, "gemini-2.5-flash"),
        (f"POST {GEMINI}:streamGenerateContent", {"contents": PARTS}, "gemini-2.5-flash"),
        ("POST /mj/submit/imagine", {"prompt": "x"}, "mj_imagine"),
        ("POST /mj-fast/mj/submit/describe", {}, "mj_describe"),
        ("POST /suno/submit/music", {"prompt": "x"}, "suno_music"),
    ],
)
def test_models_that_there_are(request_line: str, body: Any, model: str | None) -> None:
    with LocalGateway(models=MODELS) as gateway:
        got = send(gateway, request_line, body)
        if model is None:
            assert got.status == 200
        else:
            assert (got.status, got.kind, got.body) == (503, JSON, no_channel(model))


def test_lists_of_the_models_that_there_are() -> None:
    with LocalGateway(models=["gpt-5", "mine"]) as gateway:
        client = gateway.client()
        assert [model.id for model in client.models.list()] == ["gpt-5", "mine"]
        assert [price.model_name for price in client.pricing.list()] == ["gpt-5"]
        for path in ("/v1beta/models", "/v1/models?key=sk-test"):
            assert [row["name"] for row in send(gateway, f"GET {path}").body["models"]] == ["gpt-5", "mine"]
        assert send(gateway, "GET /v1/models/gpt-4o").body["error"]["code"] == "model_not_found"
        assert send(gateway, "GET /api/usage/token/").body["data"]["model_limits"] == {"gpt-5": True, "mine": True}
        with pytest.raises(wenwen.ServiceUnavailableError, match="gpt-4o") as caught:
            client.responses.create(model="gpt-4o", input="x", max_retries=0)
        assert caught.value.code == "model_not_found"
    with pytest.raises(TypeError, match="list of names"):
        LocalGateway(models="gpt-5")


@pytest.mark.parametrize(
    ("script", "request_line", "body", "english", "chinese"),
    [
        (401, "POST /v1/responses", RESPONSES, "Invalid token", "无效的令牌"),
        (403, "POST /v1/responses", RESPONSES, NO_MONEY, "用户额度不足, 剩余额度: ＄0.000000"),
        (403, "POST /v1/messages", CLAUDE, NO_MONEY, "用户额度不足, 剩余额度: ＄0.000000"),
        (
            503,
            "POST /mj/submit/imagine",
            {"prompt": "x"},
            "No available channel for model mj_imagine under group default (distributor)",
            "分组 default 下模型 mj_imagine 无可用渠道（distributor）",
        ),
        (
            None,
            "POST /v1/responses",
            {},
            "Model name not specified, model name cannot be empty",
            "未指定模型名称，模型名称不能为空",
        ),
        (
            None,
            "POST /v1/responses",
            b"{",
            "Invalid request: invalid JSON request body",
            "无效的请求，invalid JSON request body",
        ),
        (None, "POST /v1/responses", {"model": "gpt-5"}, "input is required", "input is required"),
    ],
)
def test_languages(script: ScriptItem, request_line: str, body: Any, english: str, chinese: str) -> None:
    with LocalGateway(script and Reply(status=script, times=None)) as gateway:  # type: ignore[arg-type]
        for language, words in (
            (None, english),
            ("en-US,zh;q=0.5", english),
            ("*", english),
            ("é", english),
            ("zh", chinese),
            ("zh-CN,zh;q=0.9,en;q=0.8", chinese),
            ("ZH-TW", chinese),
        ):
            headers = {} if language is None else {"Accept_Language": language}
            assert send(gateway, request_line, body, **headers).body["error"]["message"] == f"{words} <id>"


def test_keys_are_looked_up_though_they_are_used_up() -> None:
    with LocalGateway(["key used up", "key expired", None]) as gateway:
        used, expired, good = (send(gateway, "GET /api/usage/token/").body["data"] for _ in range(3))
        assert used["total_available"] == 0 < good["total_available"]
        assert 0 < expired["expires_at"] and good["expires_at"] == 0
        send(gateway, "POST /v1/responses", RESPONSES)
        send(gateway, "POST /v1/responses", RESPONSES, key="sk-other")
        log = send(gateway, "GET /api/log/token").body
        assert log["success"] is True and [row["model_name"] for row in log["data"]] == ["gpt-5"]
        assert send(gateway, "GET /api/usage/token", key=None).body["success"] is False


def test_every_refusal_has_its_name() -> None:
    with LocalGateway() as gateway:
        for name in get_args(Refusal):
            gateway.script(name)
            assert send(gateway, "POST /v1/responses", RESPONSES).status >= 400
        for wrong in (Reply(status=500, fault="no money"), Reply(json={}, fault="no money")):
            with pytest.raises(ValueError, match="whole answer"):
                gateway.script(wrong)
        with pytest.raises(ValueError, match=r'no such fault: "no honey"; there are .*"no money"'):
            gateway.script("no honey")  # type: ignore[arg-type]


def test_modes_of_midjourney() -> None:
    with LocalGateway() as gateway:
        for mode in ("mj-fast", "mj-relax", "mj-turbo"):
            made = send(gateway, f"POST /{mode}/mj/submit/imagine", {"prompt": "Cat"}).body
            got = send(gateway, f"GET /{mode}/mj/task/{made['result']}/fetch")
            assert (got.status, got.body["action"], made["code"]) == (200, "IMAGINE", 1)


@pytest.mark.parametrize(
    ("path", "body", "action"),
    [
        ("edits", {"prompt": "Cat", "image": "data:image/png;base64,AA=="}, "EDITS"),
        ("video", {"prompt": "Cat", "motion": "low"}, "VIDEO"),
        (
            "swap",
            {"sourceBase64": "data:image/png;base64,AA==", "targetBase64": "data:image/png;base64,AA=="},
            "SWAP_FACE",
        ),
    ],
)
def test_other_submits_of_midjourney(path: str, body: Any, action: str) -> None:
    path = "/mj/insight-face/swap" if path == "swap" else f"/mj/submit/{path}"
    with LocalGateway() as gateway:
        made = send(gateway, f"POST {path}", body).body
        assert send(gateway, f"GET /mj/task/{made['result']}/fetch").body["action"] == action
        picture = {"base64Array": ["data:image/png;base64,AA=="]}
        assert len(send(gateway, "POST /mj/submit/upload-discord-images", picture).body["result"]) == 1


def test_more_endpoints(gateway: LocalGateway) -> None:
    """Those that the package has no methods for."""
    made = send(gateway, "POST /v1/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "Say it"}).body
    assert (made["object"], made["choices"][0]["finish_reason"]) == ("text_completion", "stop")
    body = {"model": "m", "prompt": "Say it", "stream": True, "stream_options": {"include_usage": True}}
    events = send(gateway, "POST /v1/completions", body).body.split("\n\n")[:-1]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-1]]
    assert "".join(choice["text"] for chunk in chunks for choice in chunk["choices"]) == made["choices"][0]["text"]
    assert (events[-1], chunks[-1]["usage"]) == ("data: [DONE]", made["usage"])
    moderated = send(gateway, "POST /v1/moderations", {"input": ["a cat", "I will kill it"]}).body
    assert [result["flagged"] for result in moderated["results"]] == [False, True]
    body = {"model": "rerank", "query": "red cat", "documents": ["a dog", "a red cat", {"text": "a cat"}], "top_n": 2}
    ranked = send(gateway, "POST /v1/rerank", body).body["results"]
    assert [(row["index"], row["document"]["text"]) for row in ranked] == [(1, "a red cat"), (2, "a cat")]
    compact = send(gateway, "POST /v1/responses/compact", RESPONSES).body
    assert (compact["object"], compact["output"][0]["type"]) == ("response.compaction", "compaction")
    one = send(gateway, f"POST {GEMINI}:embedContent", {"content": PARTS[0], "outputDimensionality": 3}).body
    both = send(gateway, f"POST {GEMINI}:batchEmbedContents", {"requests": [{"content": PARTS[0]}] * 2}).body
    assert len(one["embedding"]["values"]) == 3 and [len(e["values"]) for e in both["embeddings"]] == [768, 768]
    for version in ("v1", "v1beta"):
        path = GEMINI.replace("v1beta", version)
        said = send(gateway, f"POST {path}:generateContent", {"contents": PARTS}).body["candidates"][0]["content"]
        assert said["parts"][0]["text"]
    edit = {"model": "gpt-image-1", "prompt": "red", "images": [{"image_url": "https://example.com/cat.png"}]}
    assert send(gateway, "POST /v1/images/edits", edit).body["data"][0]["b64_json"]


def test_gemini_streams_events_without_being_asked_for_them(gateway: LocalGateway) -> None:
    for query in ("", "?alt=sse", "?alt=json"):
        got = send(gateway, f"POST {GEMINI}:streamGenerateContent{query}", {"contents": PARTS})
        assert got.kind == SSE and got.body.startswith('data: {"candidates":')


@pytest.mark.parametrize(
    ("path", "more", "ratios"),
    [
        ("/v1/videos", {}, {"seconds": 4, "size": 1}),
        ("/v1/videos", {"seconds": "8"}, {"seconds": 8, "size": 1}),
        (
            "/v1/videos",
            {"model": "sora-2-pro", "size": "1792x1024", "seconds": "12"},
            {"seconds": 12, "size": 1.666667},
        ),
        ("/v1/video/generations", {"model": "kling-v1"}, {}),
        ("/kling/v1/videos/text2video", {"model": "kling-v1"}, {}),
    ],
)
def test_ratios_of_videos(gateway: LocalGateway, path: str, more: Any, ratios: Any) -> None:
    got = send(gateway, f"POST {path}", {**SORA, **more})
    assert got.body["id"].startswith("task_") and json.loads(got.headers["X-New-Api-Other-Ratios"]) == ratios
    if path != "/v1/videos":
        for _ in range(3):
            done = send(gateway, f"GET {path}/{got.body['id']}").body
        assert (done["code"], done["data"]["status"]) == ("success", "SUCCESS")


def test_a_sora_task_is_served_by_the_gateway_itself(gateway: LocalGateway) -> None:
    id = send(gateway, "POST /v1/video/generations", SORA).body["task_id"]
    for _ in range(3):
        done = send(gateway, f"GET /v1/video/generations/{id}").body["data"]
    assert done["result_url"] == f"{gateway.root}/v1/videos/{id}/content"
    assert send(gateway, f"GET /v1/videos/{id}/content", key=None).status == 401


def test_prices_of_every_kind(gateway: LocalGateway) -> None:
    rows = send(gateway, "GET /api/pricing", key=None).body["data"]
    for name in ("image_ratio", "audio_ratio", "audio_completion_ratio", "cache_ratio", "create_cache_ratio"):
        assert any(row.get(name) for row in rows), name
    (tiered,) = [row for row in rows if row.get("billing_mode") == "tiered_expr"]
    assert tiered["billing_expr"].startswith('tier("base", p * ')
