"""What differs between the dialects for a run of tools: where the conversation stands, which calls a reply holds, how
their results are written, and how a reply goes back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from .types.shared import items, part
from .types.tools import Picture, ToolResult

# How a reply ended, by the word that the server has for it: "length", "filter", "refusal", "broken", "paused"; "" is
# well, and what is not here is unknown. A gateway that converts hands on words of its upstream's dialect, so that all
# are known in each: OpenAI's, Anthropic's, Gemini's, Mistral's, DeepSeek's, Zhipu's.
ENDS = {
    word: end
    for end, words in {
        "": "stop end_turn stop_sequence tool_calls tool_use function_call eos finish_reason_unspecified completed",
        "length": "length max_tokens max_output_tokens model_length model_context_window_exceeded",
        "filter": "content_filter safety recitation blocklist prohibited_content spii language sensitive model_armor "
        "image_safety image_recitation image_prohibited_content",
        "refusal": "refusal",
        "broken": "other error network_error insufficient_system_resource malformed_function_call malformed_response "
        "unexpected_tool_call too_many_tool_calls no_image image_other",
        "paused": "pause_turn compaction",
    }.items()
    for word in words.split()
}
_CUT = ("length", "filter", "refusal", "broken")


def end_of(reason: Any) -> str | None:
    """What a reason means; None where it is unknown. None, "" and what is no text are no reason."""
    return ENDS.get(reason.lower()) if isinstance(reason, str) and reason else ""


def _cut(reason: Any) -> str | None:
    return reason if end_of(reason) in _CUT else None


class Found(NamedTuple):
    """A call in a reply. `raw` are its arguments as they came."""

    at: int  # where it stands
    holder: Any  # the object of the reply that has the arguments
    id: str | None
    name: str
    raw: Any


class Sent(NamedTuple):
    """What of a call has to be other than it came, so that the history is taken: its id and arguments."""

    id: str
    arguments: dict[str, Any]


def summed(first: Any, second: Any) -> Any:
    """Two usages as one: numbers add up, what is no number is the later one's."""
    if hasattr(first, "keys") and hasattr(second, "keys"):
        return {name: summed(first.get(name), second.get(name)) for name in dict.fromkeys([*first, *second])}
    if first is None or second is None:
        return second if first is None else first
    numbers = isinstance(first, (int, float)) and isinstance(second, (int, float))
    return first + second if numbers and not isinstance(first, bool) else second


def arguments_in(raw: Any) -> dict[str, Any]:
    """A call's arguments, which are text or an object, by dialect and upstream. ValueError where they are no object."""
    if isinstance(raw, str):
        # Nothing at all is how some say that there are none. A line break within a string is understood, and no more.
        try:
            value = json.loads(raw, strict=False, parse_constant=_no_constant) if raw.strip() else None
        except RecursionError:
            raise ValueError("they are nested too deeply") from None
    else:
        value = raw.to_dict() if hasattr(raw, "to_dict") else raw
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"they are a {type(value).__name__}")
    return cast("dict[str, Any]", value)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _as_text(raw: Any, arguments: dict[str, Any]) -> str | None:
    """Arguments as text where they came otherwise; None where they are good as they are."""
    try:
        good = isinstance(raw, str) and isinstance(json.loads(raw, parse_constant=_no_constant), dict)
    except (ValueError, RecursionError):
        good = False
    return None if good else json.dumps(arguments, ensure_ascii=False)


def _plain(value: Any) -> dict[str, Any]:
    return value.to_dict() if hasattr(value, "to_dict") else dict(value)


class Dialect:
    """One of the four. `history` is the parameter that holds the conversation, `method` the resource's that asks."""

    name: str
    method = "create"
    history: str
    usage = "usage"

    def begin(self, params: dict[str, Any]) -> list[Any]:
        """The conversation as a list."""
        raise NotImplementedError

    def calls(self, reply: Any) -> list[Found]:
        """The calls of functions in a reply."""
        raise NotImplementedError

    def all_calls(self, reply: Any) -> list[Found]:
        """Those of all its answers, where there are several."""
        return self.calls(reply)

    def others(self, reply: Any) -> list[str]:
        """What else the reply waits for, that is the caller's to do."""
        return []

    def cut(self, reply: Any) -> str | None:
        """Why the reply was cut short; None if it was not."""
        raise NotImplementedError

    def paused(self, reply: Any) -> bool:
        """Whether the service wants to be asked again to go on."""
        return False

    def echo(self, reply: Any, sent: Mapping[int, Sent]) -> list[Any]:
        """The reply as a part of the conversation: as it came, but for the calls that would not be taken."""
        raise NotImplementedError

    def results(self, steps: Sequence[ToolResult]) -> list[Any]:
        """The results of a reply's calls, behind it."""
        raise NotImplementedError

    def said(self, text: str) -> Any:
        """A message of the user's."""
        return {"role": "user", "content": text}

    def asked(self, params: dict[str, Any], output: Any, name: str) -> dict[str, Any]:
        """The parameters with the schema of the answer."""
        from ._answers import DIALECTS as ANSWERS

        return ANSWERS[self.name].asked(params, output, name)

    def released(self, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters without an order to call a tool: a model that obeyed it at each turn would never answer."""
        choice = params.get("tool_choice")
        free = self._free(choice) if choice is not None else None
        return params if free is None else {**params, "tool_choice": free}

    def _free(self, choice: Any) -> Any:
        raise NotImplementedError

    def function_names(self, tool: Any) -> Iterable[str]:
        """The functions that a tool in the API's own form names."""
        name = part(tool, "name")
        return (name,) if isinstance(name, str) else ()

    def tokens(self, usage: Any) -> int:
        """All tokens of a turn."""
        total = part(usage, "total_tokens")
        return total if isinstance(total, int) else sum(_count(usage, name) for name in self._counts)

    _counts: Sequence[str] = ("input_tokens", "output_tokens")


def _count(usage: Any, name: str) -> int:
    count = part(usage, name)
    return int(count) if isinstance(count, (int, float)) else 0


def _free_choice(choice: Any) -> Any:
    """OpenAI's two dialects; None where there is nothing to change."""
    if not hasattr(choice, "get"):
        return "auto" if choice == "required" else None
    allowed = choice if "mode" in choice else choice.get("allowed_tools")
    if choice.get("type") != "allowed_tools":
        return "auto"
    if part(allowed, "mode") != "required":
        return None
    freed = {**_plain(allowed), "mode": "auto"}
    return freed if allowed is choice else {**_plain(choice), "allowed_tools": freed}


class Responses(Dialect):
    name = "responses"
    history = "input"

    def begin(self, params: dict[str, Any]) -> list[Any]:
        given = params["input"]
        return [{"role": "user", "content": given}] if isinstance(given, str) else list(given)

    def calls(self, reply: Any) -> list[Found]:
        return [
            Found(at, item, part(item, "call_id"), self._called(item), part(item, "arguments"))
            for at, item in enumerate(items(reply.get("output")))
            if part(item, "type") == "function_call"
        ]

    @staticmethod
    def _called(item: Any) -> str:
        """With its namespace; a function that was found by a search of tools has its own name for that."""
        name, namespace = str(part(item, "name")), part(item, "namespace")
        return f"{namespace}.{name}" if namespace and isinstance(namespace, str) else name

    def function_names(self, tool: Any) -> Iterable[str]:
        if part(tool, "type") != "namespace":
            return super().function_names(tool)
        inner = [part(one, "name") for one in part(tool, "tools") or () if not callable(one)]
        return [f"{part(tool, 'name')}.{name}" for name in inner if isinstance(name, str)]

    def others(self, reply: Any) -> list[str]:
        output = items(reply.get("output"))
        done = [None, *(part(item, "call_id") for item in output if str(part(item, "type")).endswith("_output"))]
        found: list[str] = []
        for item in output:
            kind = str(part(item, "type"))
            waits = kind != "function_call" and kind.endswith("_call") and part(item, "call_id") not in done
            if waits or kind == "mcp_approval_request":
                found.append(str(part(item, "name") or kind))
        return found

    def cut(self, reply: Any) -> str | None:
        if reply.get("status") not in ("incomplete", "failed", "cancelled"):
            return None
        reason = part(reply.get("incomplete_details"), "reason")
        return reason if isinstance(reason, str) else str(reply.get("status"))

    def echo(self, reply: Any, sent: Mapping[int, Sent]) -> list[Any]:
        output: list[Any] = list(items(reply.get("output")))
        for at, (id, arguments) in sent.items():
            text = _as_text(output[at].get("arguments"), arguments)
            if text is not None or output[at].get("call_id") != id:
                plain = _plain(output[at])
                output[at] = {**plain, "call_id": id, "arguments": plain.get("arguments") if text is None else text}
        return output

    def results(self, steps: Sequence[ToolResult]) -> list[Any]:
        return [{"type": "function_call_output", "call_id": step.id, "output": self._output(step)} for step in steps]

    @staticmethod
    def _output(step: ToolResult) -> Any:
        if not any(isinstance(one, Picture) for one in step.output):
            return step.text
        return [
            {"type": "input_image", "image_url": one.url}
            if isinstance(one, Picture)
            else {"type": "input_text", "text": one}
            for one in step.output
        ]

    def _free(self, choice: Any) -> Any:
        return _free_choice(choice)


class Chat(Dialect):
    name = "chat"
    history = "messages"
    _counts = ("prompt_tokens", "completion_tokens")

    def begin(self, params: dict[str, Any]) -> list[Any]:
        if params.get("n") not in (None, 1):
            raise ValueError(f"n is {params['n']}: a run goes on with one answer")
        return list(params["messages"])

    @staticmethod
    def _choice(reply: Any) -> Any:
        return next(iter(items(reply.get("choices"))), None)

    def _message(self, reply: Any) -> Any:
        message = part(self._choice(reply), "message")
        return message if hasattr(message, "get") else {"role": "assistant", "content": ""}

    def calls(self, reply: Any) -> list[Found]:
        return self._calls(self._message(reply))

    def all_calls(self, reply: Any) -> list[Found]:
        messages = (part(choice, "message") for choice in items(reply.get("choices")))
        return [call for message in messages if hasattr(message, "get") for call in self._calls(message)]

    @staticmethod
    def _calls(message: Any) -> list[Found]:
        found: list[Found] = []
        for at, call in enumerate(items(message.get("tool_calls"))):
            function = part(call, "function")
            if hasattr(function, "get"):
                if not hasattr(function, "parsed_arguments"):  # of a call that does not say its type
                    from .types.chat import Function

                    function = call["function"] = Function(function)
                name, arguments = str(part(function, "name")), part(function, "arguments")
                found.append(Found(at, function, part(call, "id"), name, arguments))
        return found

    def others(self, reply: Any) -> list[str]:
        calls = items(self._message(reply).get("tool_calls"))
        custom = [call for call in calls if not hasattr(part(call, "function"), "get")]
        return [str(part(part(call, "custom"), "name") or part(call, "type")) for call in custom]

    def cut(self, reply: Any) -> str | None:
        return _cut(part(self._choice(reply), "finish_reason"))

    def echo(self, reply: Any, sent: Mapping[int, Sent]) -> list[Any]:
        message = self._message(reply)
        calls: list[Any] = list(items(message.get("tool_calls")))
        if message.get("role") != "assistant":
            message = {**_plain(message), "role": "assistant"}
        changed = False
        for at, (id, arguments) in sent.items():
            call = calls[at]
            text = _as_text(part(call["function"], "arguments"), arguments)
            if text is not None or call.get("id") != id:
                changed = True
                plain = _plain(call)
                function = plain["function"] if text is None else {**plain["function"], "arguments": text}
                calls[at] = {**plain, "type": "function", "id": id, "function": function}
        return [{**_plain(message), "tool_calls": calls} if changed else message]

    def results(self, steps: Sequence[ToolResult]) -> list[Any]:
        written: list[Any] = []
        shown: list[Any] = []  # a tool's message holds text alone there: pictures follow in one of the user's
        for step in steps:
            pictures = [one for one in step.output if isinstance(one, Picture)]
            if pictures:
                told = "the picture" if len(pictures) == 1 else f"the {len(pictures)} pictures"
                shown.append({"type": "text", "text": f"{told} of {step.name} ({step.id}):"})
                shown += [{"type": "image_url", "image_url": {"url": one.url}} for one in pictures]
            text = step.text or "(see the next message of the user)"
            written.append({"role": "tool", "tool_call_id": step.id, "content": text})
        return [*written, {"role": "user", "content": shown}] if shown else written

    def _free(self, choice: Any) -> Any:
        return _free_choice(choice)

    def function_names(self, tool: Any) -> Iterable[str]:
        return super().function_names(part(tool, "function"))


# What a `tool_result` may hold, and the field that tells each from other data.
_BLOCKS = {
    "text": "text",
    "image": "source",
    "document": "source",
    "search_result": "source",
    "tool_reference": "tool_name",
}


def _are_blocks(result: Any) -> bool:
    """Whether a function returned content as `messages` has it, which goes out as it is."""
    blocks = items(result)
    return bool(blocks) and all(part(one, _BLOCKS.get(str(part(one, "type")), "")) is not None for one in blocks)


class Messages(Dialect):
    name = "messages"
    history = "messages"
    _counts = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")

    def begin(self, params: dict[str, Any]) -> list[Any]:
        return list(params["messages"])

    def calls(self, reply: Any) -> list[Found]:
        return [
            Found(at, block, part(block, "id"), str(part(block, "name")), part(block, "input"))
            for at, block in enumerate(items(reply.get("content")))
            if part(block, "type") == "tool_use"
        ]

    def cut(self, reply: Any) -> str | None:
        reason = reply.get("stop_reason")
        kinds = [part(block, "type") for block in items(reply.get("content"))]
        if reason != "tool_use" and "fallback" in kinds and "tool_use" in kinds:
            return "refusal"  # of the model that called: another answered in its place
        return _cut(reason)

    def paused(self, reply: Any) -> bool:
        return end_of(reply.get("stop_reason")) == "paused"

    def echo(self, reply: Any, sent: Mapping[int, Sent]) -> list[Any]:
        content = reply.get("content")
        if sent:
            content = list(items(content))
            for at, (id, arguments) in sent.items():
                raw = content[at].get("input")
                if content[at].get("id") != id or not hasattr(raw, "keys"):
                    content[at] = {**_plain(content[at]), "id": id, "input": arguments}
        return [{"role": "assistant", "content": content}] if content else []

    def results(self, steps: Sequence[ToolResult]) -> list[Any]:
        return [{"role": "user", "content": [self._result(step) for step in steps]}]

    @staticmethod
    def _result(step: ToolResult) -> dict[str, Any]:
        content: Any = step.text
        if any(isinstance(one, Picture) for one in step.output):
            content = [
                {"type": "image", "source": {"type": "base64", "media_type": one.media_type, "data": one.data}}
                if isinstance(one, Picture)
                else {"type": "text", "text": one}
                for one in step.output
            ]
        elif step.status == "done" and _are_blocks(step.result):
            content = [*step.result]
        result = {"type": "tool_result", "tool_use_id": step.id, "content": content}
        return {**result, "is_error": True} if step.is_error else result

    def _free(self, choice: Any) -> Any:
        if part(choice, "type") not in ("any", "tool"):
            return None
        kept = {name: value for name, value in _plain(choice).items() if name == "disable_parallel_tool_use"}
        return {"type": "auto", **kept}

    def tokens(self, usage: Any) -> int:
        return sum(_count(usage, name) for name in self._counts)


class Gemini(Dialect):
    name = "gemini"
    method = "generate_content"
    history = "contents"
    usage = "usageMetadata"

    def begin(self, params: dict[str, Any]) -> list[Any]:
        from .resources.gemini import _contents

        config = params.get("generation_config") or params.get("generationConfig")
        if part(config, "candidateCount") not in (None, 1):
            raise ValueError(f"candidateCount is {part(config, 'candidateCount')}: a run goes on with one answer")
        return _contents(params["contents"])

    def said(self, text: str) -> Any:
        return {"role": "user", "parts": [{"text": text}]}

    def asked(self, params: dict[str, Any], output: Any, name: str) -> dict[str, Any]:
        from .resources.gemini import in_the_apis_spelling

        wire = in_the_apis_spelling(params)
        params.clear()
        return super().asked(wire, output, name)

    @staticmethod
    def _candidate(reply: Any) -> Any:
        for candidate in items(reply.get("candidates")):
            if hasattr(candidate, "get") and not candidate.get("index"):
                return candidate
        return None

    def calls(self, reply: Any) -> list[Found]:
        return self._calls(self._candidate(reply))

    def all_calls(self, reply: Any) -> list[Found]:
        return [call for candidate in items(reply.get("candidates")) for call in self._calls(candidate)]

    @staticmethod
    def _calls(candidate: Any) -> list[Found]:
        found: list[Found] = []
        for at, one in enumerate(items(part(part(candidate, "content"), "parts"))):
            call = part(one, "functionCall")
            if call is not None:
                found.append(Found(at, call, part(call, "id"), str(part(call, "name")), part(call, "args")))
        return found

    def cut(self, reply: Any) -> str | None:
        return _cut(part(self._candidate(reply), "finishReason"))

    def echo(self, reply: Any, sent: Mapping[int, Sent]) -> list[Any]:
        content = part(self._candidate(reply), "content")
        parts: list[Any] = list(items(part(content, "parts")))
        if not parts:
            return []
        changed = part(content, "role") != "model"
        for at, (_, arguments) in sent.items():  # ids stay as they are: not all models take one
            call = parts[at]["functionCall"]
            if not hasattr(call.get("args"), "keys"):
                parts[at] = {**_plain(parts[at]), "functionCall": {**_plain(call), "args": arguments}}
                changed = True
        return [{**_plain(content), "role": "model", "parts": parts} if changed else content]

    def results(self, steps: Sequence[ToolResult]) -> list[Any]:
        answers: list[Any] = []
        pictures: list[Any] = []
        for step in steps:
            # As text within an object: the API reads some keys, like "$ref", as its own.
            response = {"error" if step.is_error else "result": step.text}
            answer = {"name": step.called, "response": response}
            answers.append({"functionResponse": {"id": step.id, **answer} if step.has_id else answer})
            pictures += [
                {"inlineData": {"mimeType": one.media_type, "data": one.data}}
                for one in step.output
                if isinstance(one, Picture)
            ]
        return [{"role": "user", "parts": [*answers, *pictures]}]

    def released(self, params: dict[str, Any]) -> dict[str, Any]:
        for name in ("tool_config", "toolConfig"):
            config = params.get(name)
            for calling in ("functionCallingConfig", "function_calling_config"):
                if str(part(part(config, calling), "mode")).upper() == "ANY":
                    return {**params, name: {**_plain(config), calling: {"mode": "AUTO"}}}
        return params

    def function_names(self, tool: Any) -> Iterable[str]:
        declared = part(tool, "functionDeclarations") or part(tool, "function_declarations")
        return [name for one in declared or () if isinstance(name := part(one, "name"), str) and not callable(one)]

    def tokens(self, usage: Any) -> int:
        total = part(usage, "totalTokenCount")
        names = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
        return total if isinstance(total, int) else sum(_count(usage, name) for name in names)


DIALECTS: dict[str, Dialect] = {one.name: one for one in (Responses(), Chat(), Messages(), Gemini())}
