"""`/v1/responses`: the reply, its items and parts, the tools, the stream's events, the parameters.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation
says, and a field that is not declared here is an attribute all the same. Where a union has several
members, `type` tells them apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Required, TypeAlias, TypedDict

from wenwen._core import Object, Reply

from ._answered import Answered, Kept
from ._calling import Calling
from .shared import (
    Metadata,
    Misalignment,
    ReasoningEffort,
    RequestOptions,
    ResponseFormatJSONObject,
    ResponseFormatText,
    later,
)
from .tools import RunOptions, ToolFunction, Tools, with_options

# `ToolChoiceParam`, `ToolParam` and `UserLocationParam` of this one are here alone: those of `wenwen.types` are of
# messages, as in the peers' packages.
__all__ = [
    "ActionClick", "ActionDoubleClick", "ActionDrag", "ActionDragPath", "ActionFind", "ActionKeypress",
    "ActionMove", "ActionOpenPage", "ActionScreenshot", "ActionScroll", "ActionSearch",
    "ActionSearchSource", "ActionType", "ActionWait", "AdditionalTools", "Annotation",
    "AnnotationContainerFileCitation", "AnnotationFileCitation", "AnnotationFilePath",
    "AnnotationURLCitation", "ApplyPatchTool", "ApplyPatchToolParam", "Caller", "CallerDirect",
    "CallerProgram", "CodeInterpreter", "CodeInterpreterContainerAuto", "CodeInterpreterOutput",
    "CompactedResponse", "CompactionTrigger", "ComparisonFilter", "CompoundFilter", "ComputerAction",
    "ComputerActionList", "ComputerActionListParam", "ComputerActionParam", "ComputerTool",
    "ComputerToolParam", "ComputerUsePreviewTool", "ComputerUsePreviewToolParam", "ContainerAuto",
    "ContainerAutoParam", "ContainerNetworkPolicyAllowlist", "ContainerNetworkPolicyAllowlistParam",
    "ContainerNetworkPolicyDisabled", "ContainerNetworkPolicyDisabledParam",
    "ContainerNetworkPolicyDomainSecret", "ContainerNetworkPolicyDomainSecretParam", "ContainerReference",
    "ContainerReferenceParam", "Conversation", "CustomTool", "CustomToolInputFormat",
    "CustomToolInputFormatGrammar", "CustomToolInputFormatText", "CustomToolParam", "EasyInputMessage",
    "EasyInputMessageParam", "FileSearchResult", "FileSearchTool", "FileSearchToolParam",
    "FunctionCallOutputParam", "FunctionShellTool", "FunctionShellToolParam", "FunctionTool",
    "FunctionToolParam", "ImageDetail", "ImageGeneration", "ImageGenerationCall",
    "ImageGenerationCallError", "ImageGenerationCallErrorModerationDetails",
    "ImageGenerationInputImageMask", "ImageGenerationSvg", "ImageGenerationSvgReasoning",
    "IncompleteDetails", "InlineSkill", "InlineSkillParam", "InlineSkillSource", "InlineSkillSourceParam",
    "InputAudio", "InputItemListParams", "InputTokenCountParams", "InputTokenCountResponse",
    "InputTokensDetails", "ItemReference", "ItemStatus", "LocalEnvironment", "LocalEnvironmentParam",
    "LocalShell", "LocalShellCall", "LocalShellCallAction", "LocalShellCallOutput", "LocalSkill",
    "LocalSkillParam", "Logprob", "LogprobTopLogprob", "Mcp", "McpApprovalRequest", "McpApprovalResponse",
    "McpCall", "McpHttpError", "McpListTools", "McpListToolsTool", "McpProtocolError",
    "McpToolApprovalFilter", "McpToolCallError", "McpToolCallErrorParam", "McpToolExecutionError",
    "McpToolFilter", "Moderation", "ModerationError", "ModerationResult", "NamespaceTool",
    "NamespaceToolParam", "NetworkPolicy", "Operation", "OperationCreateFile", "OperationDeleteFile",
    "OperationUpdateFile", "Outcome", "OutcomeExit", "OutcomeTimeout", "OutputImage", "OutputLogs",
    "OutputTokensDetails", "ParsedResponseFunctionToolCall", "ParsedResponseOutputItem",
    "ParsedResponseOutputMessage", "ParsedResponseOutputText", "PendingSafetyCheck", "Program",
    "ProgramOutput", "ProgrammaticToolCalling", "PromptCacheBreakpoint", "PromptCacheDiagnostics",
    "PromptCacheOptions", "RankingOptions", "RankingOptionsHybridSearch", "Reasoning", "ReasoningParam",
    "ReasoningText", "Response", "ResponseApplyPatchToolCall", "ResponseApplyPatchToolCallOutput",
    "ResponseAudioDeltaEvent", "ResponseAudioDoneEvent", "ResponseAudioTranscriptDeltaEvent",
    "ResponseAudioTranscriptDoneEvent", "ResponseCodeInterpreterCallCodeDeltaEvent",
    "ResponseCodeInterpreterCallCodeDoneEvent", "ResponseCodeInterpreterCallCompletedEvent",
    "ResponseCodeInterpreterCallInProgressEvent", "ResponseCodeInterpreterCallInterpretingEvent",
    "ResponseCodeInterpreterToolCall", "ResponseCodeInterpreterToolCallParam", "ResponseCompactParams",
    "ResponseCompactionCompactingEvent", "ResponseCompactionItem", "ResponseCompactionItemParam",
    "ResponseCompactionItemParamParam", "ResponseCompletedEvent", "ResponseComputerToolCall",
    "ResponseComputerToolCallOutputItem", "ResponseComputerToolCallOutputScreenshot",
    "ResponseComputerToolCallOutputScreenshotParam", "ResponseComputerToolCallParam",
    "ResponseConfigurationUpdateItemParam", "ResponseContainerReference", "ResponseContentPart",
    "ResponseContentPartAddedEvent", "ResponseContentPartDoneEvent", "ResponseConversationParam",
    "ResponseConversationParamParam", "ResponseCreateParams", "ResponseCreatedEvent",
    "ResponseCustomToolCall", "ResponseCustomToolCallInputDeltaEvent",
    "ResponseCustomToolCallInputDoneEvent", "ResponseCustomToolCallItem", "ResponseCustomToolCallOutput",
    "ResponseCustomToolCallOutputItem", "ResponseCustomToolCallOutputParam", "ResponseCustomToolCallParam",
    "ResponseDeleted", "ResponseError", "ResponseErrorEvent", "ResponseFailedEvent",
    "ResponseFileSearchCallCompletedEvent", "ResponseFileSearchCallInProgressEvent",
    "ResponseFileSearchCallSearchingEvent", "ResponseFileSearchToolCall", "ResponseFileSearchToolCallParam",
    "ResponseFormatTextConfig", "ResponseFormatTextConfigParam", "ResponseFormatTextJSONSchemaConfig",
    "ResponseFormatTextJSONSchemaConfigParam", "ResponseFunctionCallArgumentsDeltaEvent",
    "ResponseFunctionCallArgumentsDoneEvent", "ResponseFunctionCallOutputItem",
    "ResponseFunctionCallOutputItemList", "ResponseFunctionCallOutputItemListParam",
    "ResponseFunctionCallOutputItemParam", "ResponseFunctionShellCallOutputContent",
    "ResponseFunctionShellCallOutputContentParam", "ResponseFunctionShellToolCall",
    "ResponseFunctionShellToolCallOutput", "ResponseFunctionToolCall", "ResponseFunctionToolCallItem",
    "ResponseFunctionToolCallOutputItem", "ResponseFunctionToolCallParam", "ResponseFunctionWebSearch",
    "ResponseFunctionWebSearchParam", "ResponseIdParams", "ResponseImageGenCallCompletedEvent",
    "ResponseImageGenCallGeneratingEvent", "ResponseImageGenCallInProgressEvent",
    "ResponseImageGenCallPartialImageEvent", "ResponseInProgressEvent", "ResponseIncludable",
    "ResponseIncompleteEvent", "ResponseInput", "ResponseInputAudio", "ResponseInputAudioParam",
    "ResponseInputContent", "ResponseInputContentParam", "ResponseInputFile", "ResponseInputFileContent",
    "ResponseInputFileContentParam", "ResponseInputFileParam", "ResponseInputImage",
    "ResponseInputImageContent", "ResponseInputImageContentParam", "ResponseInputImageParam",
    "ResponseInputItem", "ResponseInputItemParam", "ResponseInputMessageContentList",
    "ResponseInputMessageContentListParam", "ResponseInputMessageItem", "ResponseInputParam",
    "ResponseInputText", "ResponseInputTextContent", "ResponseInputTextContentParam",
    "ResponseInputTextParam", "ResponseItem", "ResponseItemList", "ResponseLocalEnvironment",
    "ResponseLogProb", "ResponseMcpCallArgumentsDeltaEvent", "ResponseMcpCallArgumentsDoneEvent",
    "ResponseMcpCallCompletedEvent", "ResponseMcpCallFailedEvent", "ResponseMcpCallInProgressEvent",
    "ResponseMcpListToolsCompletedEvent", "ResponseMcpListToolsFailedEvent",
    "ResponseMcpListToolsInProgressEvent", "ResponseOutputContent", "ResponseOutputItem",
    "ResponseOutputItemAddedEvent", "ResponseOutputItemDoneEvent", "ResponseOutputMessage",
    "ResponseOutputMessageParam", "ResponseOutputRefusal", "ResponseOutputRefusalParam",
    "ResponseOutputText", "ResponseOutputTextAnnotationAddedEvent", "ResponseOutputTextParam",
    "ResponsePrompt", "ResponsePromptParam", "ResponseQueuedEvent", "ResponseReasoningItem",
    "ResponseReasoningItemParam", "ResponseReasoningSummaryPartAddedEvent",
    "ResponseReasoningSummaryPartDoneEvent", "ResponseReasoningSummaryTextDeltaEvent",
    "ResponseReasoningSummaryTextDoneEvent", "ResponseReasoningTextDeltaEvent",
    "ResponseReasoningTextDoneEvent", "ResponseRefusalDeltaEvent", "ResponseRefusalDoneEvent",
    "ResponseRetrieveParams", "ResponseRunParams", "ResponseShellCallCommandAddedEvent",
    "ResponseShellCallCommandDeltaEvent", "ResponseShellCallCommandDoneEvent",
    "ResponseShellCallOutputContentDeltaEvent", "ResponseShellCallOutputContentDoneEvent", "ResponseStatus",
    "ResponseStreamEvent", "ResponseTextConfig", "ResponseTextConfigParam", "ResponseTextDeltaEvent",
    "ResponseTextDoneEvent", "ResponseToolSearchCall", "ResponseToolSearchOutputItem",
    "ResponseToolSearchOutputItemParam", "ResponseToolSearchOutputItemParamParam", "ResponseUsage",
    "ResponseWebSearchCallCompletedEvent", "ResponseWebSearchCallInProgressEvent",
    "ResponseWebSearchCallSearchingEvent", "ServiceTier", "ShellCallAction", "ShellCallOutputDelta",
    "ShellEnvironment", "Skill", "SkillReference", "SkillReferenceParam", "SummaryText", "Tool",
    "ToolCaller", "ToolChoice", "ToolChoiceAllowed", "ToolChoiceAllowedParam", "ToolChoiceApplyPatch",
    "ToolChoiceApplyPatchParam", "ToolChoiceCustom", "ToolChoiceCustomParam", "ToolChoiceFunction",
    "ToolChoiceFunctionParam", "ToolChoiceMcp", "ToolChoiceMcpParam", "ToolChoiceOptions",
    "ToolChoiceShell", "ToolChoiceShellParam", "ToolChoiceTypes", "ToolChoiceTypesParam",
    "ToolSearchOutputNamespaceToolParam", "ToolSearchTool", "ToolSearchToolParam", "ToolUsage",
    "ToolUsageImageGen", "ToolUsageImageGenCachedTokens", "ToolUsageImageGenTokens", "ToolUsageWebSearch",
    "UserLocation", "WebSearchAction", "WebSearchPreviewTool", "WebSearchPreviewToolParam", "WebSearchTool",
    "WebSearchToolFilters", "WebSearchToolParam",
]  # fmt: skip


# ---- small vocabularies ----

ImageDetail: TypeAlias = Literal["low", "high", "auto", "original"]

ItemStatus: TypeAlias = Literal["in_progress", "completed", "incomplete"]

ResponseStatus: TypeAlias = Literal["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"]

ServiceTier: TypeAlias = Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]

ToolCaller: TypeAlias = Literal["direct", "programmatic"]

ResponseIncludable: TypeAlias = Literal[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
]


# ---- parts of the input, as a reply repeats them ----


class PromptCacheBreakpoint(Object):
    """Marks the end of a prefix that the prompt cache should keep."""

    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | None


class ResponseInputText(Object):
    """A piece of text in the input."""

    type: Literal["input_text"]
    text: str
    prompt_cache_breakpoint: PromptCacheBreakpoint | None


class ResponseInputImage(Object):
    """An image in the input, by URL or by file id."""

    type: Literal["input_image"]
    detail: ImageDetail
    file_id: str | None
    image_url: str | None  # may be a data URI
    prompt_cache_breakpoint: PromptCacheBreakpoint | None


class ResponseInputFile(Object):
    """A file in the input: its content, its URL or its id."""

    type: Literal["input_file"]
    detail: Literal["auto", "low", "high"] | None
    file_data: str | None  # a data URI
    file_id: str | None
    file_url: str | None
    filename: str | None
    prompt_cache_breakpoint: PromptCacheBreakpoint | None


class InputAudio(Object):
    """The sound of an `input_audio` part."""

    data: str  # base64
    format: Literal["mp3", "wav"]


class ResponseInputAudio(Object):
    """A piece of sound in the input."""

    type: Literal["input_audio"]
    input_audio: InputAudio


ResponseInputContent: TypeAlias = ResponseInputText | ResponseInputImage | ResponseInputFile

ResponseInputMessageContentList: TypeAlias = list[ResponseInputContent]


class ResponseInputMessageItem(Object):
    """A message that was sent, as the list of input items returns it."""

    type: Literal["message"]
    id: str
    role: Literal["user", "system", "developer"]
    content: ResponseInputMessageContentList
    status: ItemStatus | None


class EasyInputMessage(Object):
    """A message in its short form, where the content may be a plain string."""

    type: Literal["message"] | None
    role: Literal["user", "assistant", "system", "developer"]
    content: str | ResponseInputMessageContentList
    phase: Literal["commentary", "final_answer"] | None


class ItemReference(Object):
    """Stands for an item the service has stored, by its id."""

    type: Literal["item_reference"] | None
    id: str


class CompactionTrigger(Object):
    """Asks for the conversation so far to be compacted."""

    type: Literal["compaction_trigger"]
    id: str | None


# ---- the message of the model ----


class AnnotationURLCitation(Object):
    """A stretch of the text that rests on a web page."""

    type: Literal["url_citation"]
    url: str
    title: str
    start_index: int  # in characters of the part's text
    end_index: int


class AnnotationFileCitation(Object):
    """A place in the text that rests on a file."""

    type: Literal["file_citation"]
    file_id: str
    filename: str
    index: int  # of the file in the list of files


class AnnotationContainerFileCitation(Object):
    """A stretch of the text that refers to a file in a container."""

    type: Literal["container_file_citation"]
    container_id: str
    file_id: str
    filename: str
    start_index: int  # in characters of the part's text
    end_index: int


class AnnotationFilePath(Object):
    """A file the model made."""

    type: Literal["file_path"]
    file_id: str
    index: int  # of the file in the list of files


Annotation: TypeAlias = (
    AnnotationFileCitation | AnnotationURLCitation | AnnotationContainerFileCitation | AnnotationFilePath
)


class LogprobTopLogprob(Object):
    """One of the likeliest tokens at a position."""

    token: str
    logprob: float  # natural logarithm
    bytes: list[int] | None  # UTF-8; missing in stream events


class Logprob(Object):
    """How likely a token of the text was; only with `include=["message.output_text.logprobs"]`."""

    token: str
    logprob: float  # natural logarithm
    bytes: list[int]  # UTF-8; a token may be a fraction of a character
    top_logprobs: list[LogprobTopLogprob]


class ResponseLogProb(Object):
    """How likely a token was, as the events of the text carry it."""

    token: str
    logprob: float  # natural logarithm
    top_logprobs: list[LogprobTopLogprob] | None


class ResponseOutputText(Kept, Object):
    """A piece of the answer's text."""

    type: Literal["output_text"]
    text: str
    annotations: list[Annotation]
    logprobs: list[Logprob] | None

    @property
    def parsed(self) -> Any:
        """The answer as an instance of the class that `parse` was given; None without one."""
        return object.__getattribute__(self, "__dict__").get("_parsed")


class ResponseOutputRefusal(Object):
    """What the model says where it declines to answer."""

    type: Literal["refusal"]
    refusal: str


ResponseOutputContent: TypeAlias = ResponseOutputText | ResponseOutputRefusal


class ResponseOutputMessage(Object):
    """A message of the model: the answer, as a rule."""

    type: Literal["message"]
    id: str
    role: Literal["assistant"]
    status: ItemStatus
    content: list[ResponseOutputContent]
    phase: Literal["commentary", "final_answer"] | None


class SummaryText(Object):
    """A paragraph of the summary of the model's reasoning."""

    type: Literal["summary_text"]
    text: str


class ReasoningText(Object):
    """A piece of the reasoning itself, from models that show it."""

    type: Literal["reasoning_text"]
    text: str


class ResponseReasoningItem(Object):
    """The model's reasoning; often the first item of the output, before the message."""

    type: Literal["reasoning"]
    id: str
    summary: list[SummaryText]  # empty unless `reasoning.summary` was asked for
    content: list[ReasoningText] | None
    encrypted_content: str | None  # only with `include=["reasoning.encrypted_content"]`
    status: ItemStatus | None


# ---- calls of the user's own functions and tools ----


class CallerDirect(Object):
    """The model itself made the call."""

    type: Literal["direct"]


class CallerProgram(Object):
    """A program the model wrote made the call."""

    type: Literal["program"]
    caller_id: str


Caller: TypeAlias = CallerDirect | CallerProgram


class ResponseFunctionToolCall(Kept, Object):
    """The model wants one of your functions called; answer with a `function_call_output` item."""

    type: Literal["function_call"]
    id: str | None
    call_id: str  # the id to answer with; not `id`
    name: str
    arguments: str  # JSON text, written by the model: it may be invalid
    status: ItemStatus | None
    namespace: str | None
    caller: Caller | None
    created_by: str | None

    @property
    def parsed_arguments(self) -> Any:
        """The arguments as the types of the function, or as an instance of the class, that `run` or `parse` was given
        as this tool; None without one, or where they do not fit."""
        return getattr(self, "_parsed_arguments", None)


class ResponseFunctionToolCallOutputItem(Object):
    """What your function returned."""

    type: Literal["function_call_output"]
    id: str
    call_id: str
    output: str | list[ResponseInputContent]
    status: ItemStatus
    name: str | None
    namespace: str | None
    caller: Caller | None
    created_by: str | None


class ResponseCustomToolCall(Object):
    """The model calls a tool of yours that takes free text instead of JSON."""

    type: Literal["custom_tool_call"]
    id: str | None
    call_id: str
    name: str
    input: str
    status: ItemStatus | None
    namespace: str | None
    caller: Caller | None
    created_by: str | None


class ResponseCustomToolCallOutputItem(Object):
    """What your custom tool returned."""

    type: Literal["custom_tool_call_output"]
    id: str
    call_id: str
    output: str | list[ResponseInputContent]
    status: ItemStatus
    caller: Caller | None
    created_by: str | None


# ---- web search and file search ----


class ActionSearchSource(Object):
    """A page the search turned up; only with `include=["web_search_call.action.sources"]`."""

    type: Literal["url"]
    url: str


class ActionSearch(Object):
    """The model searched the web."""

    type: Literal["search"]
    query: str | None
    queries: list[str] | None
    sources: list[ActionSearchSource] | None


class ActionOpenPage(Object):
    """The model opened a page of the results."""

    type: Literal["open_page"]
    url: str | None


class ActionFind(Object):
    """The model looked for a pattern in a page."""

    type: Literal["find_in_page"]
    url: str
    pattern: str


WebSearchAction: TypeAlias = ActionSearch | ActionOpenPage | ActionFind


class ResponseFunctionWebSearch(Object):
    """A web search by the built-in tool."""

    type: Literal["web_search_call"]
    id: str
    status: Literal["in_progress", "searching", "completed", "failed"]
    action: WebSearchAction  # None while the search runs, and from some models always


class FileSearchResult(Object):
    """A passage the file search found; only with `include=["file_search_call.results"]`."""

    file_id: str | None
    filename: str | None
    score: float | None  # 0 to 1
    text: str | None
    attributes: dict[str, str | float | bool] | None


class ResponseFileSearchToolCall(Object):
    """A search in vector stores by the built-in tool."""

    type: Literal["file_search_call"]
    id: str
    queries: list[str]
    status: Literal["in_progress", "searching", "completed", "incomplete", "failed"]
    results: list[FileSearchResult] | None


# ---- code, images, programs ----


class OutputLogs(Object):
    """What the code printed."""

    type: Literal["logs"]
    logs: str


class OutputImage(Object):
    """An image the code made."""

    type: Literal["image"]
    url: str


CodeInterpreterOutput: TypeAlias = OutputLogs | OutputImage


class ResponseCodeInterpreterToolCall(Object):
    """Python code the built-in tool ran."""

    type: Literal["code_interpreter_call"]
    id: str
    code: str | None
    container_id: str
    outputs: list[CodeInterpreterOutput] | None  # only with `include=["code_interpreter_call.outputs"]`
    status: Literal["in_progress", "completed", "incomplete", "interpreting", "failed"]


class ImageGenerationCallErrorModerationDetails(Object):
    """Where an image was blocked, and for what."""

    categories: list[str]
    moderation_stage: Literal["input", "output", "unknown"]


class ImageGenerationCallError(Object):
    """Why an image was not made."""

    code: str | None
    message: str
    param: str | None  # the parameter that it blames
    type: str
    moderation_details: ImageGenerationCallErrorModerationDetails | None


class ImageGenerationCall(Object):
    """An image made by the built-in tool."""

    type: Literal["image_generation_call"]
    id: str
    result: str | None  # base64
    status: Literal["in_progress", "completed", "generating", "failed"]
    revised_prompt: str | None  # what the image was made from
    background: str | None
    output_format: str | None
    quality: str | None
    size: str | None  # "1024x1024", say
    action: Literal["generate", "edit", "auto"] | None
    error: ImageGenerationCallError | None  # of one that failed
    svg_usage: Object | None  # the tokens of the SVG's author


class Program(Object):
    """A program the model wrote to call tools with."""

    type: Literal["program"]
    id: str
    call_id: str
    code: str
    fingerprint: str


class ProgramOutput(Object):
    """What such a program returned."""

    type: Literal["program_output"]
    id: str
    call_id: str
    result: str
    status: Literal["completed", "incomplete"]


# ---- MCP servers ----


class McpProtocolError(Object):
    """The MCP server broke off with an error of the protocol."""

    type: Literal["mcp_protocol_error"]
    code: int
    message: str


class McpToolExecutionError(Object):
    """The MCP server's tool failed."""

    type: Literal["mcp_tool_execution_error"]
    content: object


class McpHttpError(Object):
    """The MCP server answered with an HTTP error."""

    type: Literal["http_error"]
    code: int  # the HTTP status
    message: str


McpToolCallError: TypeAlias = McpProtocolError | McpToolExecutionError | McpHttpError


class McpCall(Object):
    """A call of a tool on an MCP server, made by the service."""

    type: Literal["mcp_call"]
    id: str
    server_label: str
    name: str
    arguments: str  # JSON text
    output: str | None
    error: McpToolCallError | None
    status: Literal["in_progress", "completed", "incomplete", "calling", "failed"] | None
    approval_request_id: str | None


class McpListToolsTool(Object):
    """A tool an MCP server offers."""

    name: str
    description: str | None
    input_schema: object
    annotations: object | None


class McpListTools(Object):
    """The tools an MCP server offers."""

    type: Literal["mcp_list_tools"]
    id: str
    server_label: str
    tools: list[McpListToolsTool]
    error: str | None


class McpApprovalRequest(Object):
    """The model waits for leave to call a tool of an MCP server."""

    type: Literal["mcp_approval_request"]
    id: str
    server_label: str
    name: str
    arguments: str  # JSON text


class McpApprovalResponse(Object):
    """The answer to such a request."""

    type: Literal["mcp_approval_response"]
    id: str
    approval_request_id: str
    approve: bool
    reason: str | None


# ---- computer use; places on the screen are in pixels ----


class _WithKeys(Object):
    """An action with keys held down meanwhile."""

    # The field here, not the method of a mapping.
    keys: list[str] | None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]


class ActionClick(_WithKeys):
    """Click a mouse button at a place."""

    type: Literal["click"]
    button: Literal["left", "right", "wheel", "back", "forward"]
    x: int
    y: int


class ActionDoubleClick(_WithKeys):
    """Double-click at a place."""

    type: Literal["double_click"]
    x: int
    y: int


class ActionDragPath(Object):
    """A point on the way of a drag."""

    x: int
    y: int


class ActionDrag(_WithKeys):
    """Drag the mouse along a path."""

    type: Literal["drag"]
    path: list[ActionDragPath]


class ActionKeypress(_WithKeys):
    """Press keys together."""

    type: Literal["keypress"]


class ActionMove(_WithKeys):
    """Move the mouse to a place."""

    type: Literal["move"]
    x: int
    y: int


class ActionScreenshot(Object):
    """Take a screenshot."""

    type: Literal["screenshot"]


class ActionScroll(_WithKeys):
    """Scroll at a place."""

    type: Literal["scroll"]
    x: int
    y: int
    scroll_x: int  # pixels
    scroll_y: int


class ActionType(Object):
    """Type text."""

    type: Literal["type"]
    text: str


class ActionWait(Object):
    """Wait a moment."""

    type: Literal["wait"]


ComputerAction: TypeAlias = (
    ActionClick
    | ActionDoubleClick
    | ActionDrag
    | ActionKeypress
    | ActionMove
    | ActionScreenshot
    | ActionScroll
    | ActionType
    | ActionWait
)

ComputerActionList: TypeAlias = list[ComputerAction]


class PendingSafetyCheck(Object):
    """A doubt about a computer action that you have to acknowledge."""

    id: str
    code: str | None
    message: str | None


class ResponseComputerToolCall(Object):
    """The model wants something done on a computer; answer with a screenshot."""

    type: Literal["computer_call"]
    id: str
    call_id: str
    action: ComputerAction | None  # the preview tool sends one, the later tool `actions`
    actions: ComputerActionList | None
    pending_safety_checks: list[PendingSafetyCheck]
    status: ItemStatus


class ResponseComputerToolCallOutputScreenshot(Object):
    """The screen after a computer action."""

    type: Literal["computer_screenshot"]
    file_id: str | None
    image_url: str | None


class ResponseComputerToolCallOutputItem(Object):
    """The screenshot you answered a computer call with."""

    type: Literal["computer_call_output"]
    id: str
    call_id: str
    output: ResponseComputerToolCallOutputScreenshot
    status: Literal["completed", "incomplete", "failed", "in_progress"]
    acknowledged_safety_checks: list[PendingSafetyCheck] | None
    created_by: str | None


# ---- shells and patches ----


class LocalShellCallAction(Object):
    """A command for the shell of your machine."""

    type: Literal["exec"]
    command: list[str]
    env: dict[str, str]
    timeout_ms: int | None
    user: str | None
    working_directory: str | None


class LocalShellCall(Object):
    """The model wants a command run on your machine (`local_shell` tool)."""

    type: Literal["local_shell_call"]
    id: str
    call_id: str
    action: LocalShellCallAction
    status: ItemStatus


class LocalShellCallOutput(Object):
    """What that command returned."""

    type: Literal["local_shell_call_output"]
    id: str
    output: str  # JSON text
    status: ItemStatus | None


class SkillReference(Object):
    """A stored skill, by its id."""

    type: Literal["skill_reference"]
    skill_id: str
    version: str | None  # a number, or "latest"


class InlineSkillSource(Object):
    """The zip file of an inline skill."""

    type: Literal["base64"]
    media_type: Literal["application/zip"]
    data: str  # base64


class InlineSkill(Object):
    """A skill sent along with the request."""

    type: Literal["inline"]
    name: str
    description: str
    source: InlineSkillSource


Skill: TypeAlias = SkillReference | InlineSkill


class LocalSkill(Object):
    """A skill in a folder of your machine."""

    name: str
    description: str
    path: str


class ContainerNetworkPolicyDisabled(Object):
    """The container has no network."""

    type: Literal["disabled"]


class ContainerNetworkPolicyDomainSecret(Object):
    """A secret that is put into requests to one domain."""

    domain: str
    name: str
    value: str


class ContainerNetworkPolicyAllowlist(Object):
    """The container reaches these domains and no others."""

    type: Literal["allowlist"]
    allowed_domains: list[str]
    domain_secrets: list[ContainerNetworkPolicyDomainSecret] | None


NetworkPolicy: TypeAlias = ContainerNetworkPolicyDisabled | ContainerNetworkPolicyAllowlist


class ContainerAuto(Object):
    """A container the service makes for the call."""

    type: Literal["container_auto"]
    file_ids: list[str] | None
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None
    network_policy: NetworkPolicy | None
    skills: list[Skill] | None


class ContainerReference(Object):
    """A container that exists already."""

    type: Literal["container_reference"]
    container_id: str


class LocalEnvironment(Object):
    """Your own machine."""

    type: Literal["local"]
    skills: list[LocalSkill] | None


ShellEnvironment: TypeAlias = ContainerAuto | LocalEnvironment | ContainerReference


class ShellCallAction(Object):
    """Commands for a shell and the limits they run under."""

    commands: list[str]
    max_output_length: int | None  # characters
    timeout_ms: int | None


class ResponseFunctionShellToolCall(Object):
    """Shell commands the model wants run (`shell` tool)."""

    type: Literal["shell_call"]
    id: str
    call_id: str
    action: ShellCallAction
    environment: ShellEnvironment | None
    status: ItemStatus
    caller: Caller | None
    created_by: str | None


class OutcomeTimeout(Object):
    """The command ran out of time."""

    type: Literal["timeout"]


class OutcomeExit(Object):
    """The command ended by itself."""

    type: Literal["exit"]
    exit_code: int


Outcome: TypeAlias = OutcomeTimeout | OutcomeExit


class ResponseFunctionShellCallOutputContent(Object):
    """What one command wrote and how it ended."""

    stdout: str
    stderr: str
    outcome: Outcome
    created_by: str | None


class ResponseFunctionShellToolCallOutput(Object):
    """What the commands of a shell call returned, one entry per command."""

    type: Literal["shell_call_output"]
    id: str
    call_id: str
    output: list[ResponseFunctionShellCallOutputContent]
    max_output_length: int | None  # characters
    status: ItemStatus
    caller: Caller | None
    created_by: str | None


class OperationCreateFile(Object):
    """Create a file."""

    type: Literal["create_file"]
    path: str
    diff: str


class OperationDeleteFile(Object):
    """Delete a file."""

    type: Literal["delete_file"]
    path: str


class OperationUpdateFile(Object):
    """Change a file."""

    type: Literal["update_file"]
    path: str
    diff: str


Operation: TypeAlias = OperationCreateFile | OperationDeleteFile | OperationUpdateFile


class ResponseApplyPatchToolCall(Object):
    """A change of one file that the model wants made."""

    type: Literal["apply_patch_call"]
    id: str
    call_id: str
    operation: Operation
    status: Literal["in_progress", "completed"]
    caller: Caller | None
    created_by: str | None


class ResponseApplyPatchToolCallOutput(Object):
    """Whether that change could be made."""

    type: Literal["apply_patch_call_output"]
    id: str
    call_id: str
    output: str | None
    status: Literal["completed", "failed"]
    caller: Caller | None
    created_by: str | None


# ---- tools, as the reply repeats them ----


class FunctionTool(Object):
    """A function of yours that the model may call."""

    type: Literal["function"]
    name: str
    description: str | None
    parameters: dict[str, object] | None  # a JSON schema
    strict: bool | None
    output_schema: dict[str, object] | None
    defer_loading: bool | None
    allowed_callers: list[ToolCaller] | None


class CustomToolInputFormatText(Object):
    """A custom tool takes any text."""

    type: Literal["text"]


class CustomToolInputFormatGrammar(Object):
    """A custom tool takes text that follows a grammar."""

    type: Literal["grammar"]
    syntax: Literal["lark", "regex"]
    definition: str


CustomToolInputFormat: TypeAlias = CustomToolInputFormatText | CustomToolInputFormatGrammar


class CustomTool(Object):
    """A tool of yours that takes free text."""

    type: Literal["custom"]
    name: str
    description: str | None
    format: CustomToolInputFormat | None
    defer_loading: bool | None
    allowed_callers: list[ToolCaller] | None


class NamespaceTool(Object):
    """A named group of functions and custom tools."""

    type: Literal["namespace"]
    name: str
    description: str
    tools: list[FunctionTool | CustomTool]


class UserLocation(Object):
    """Roughly where the user is, for the web search."""

    type: Literal["approximate"] | None
    city: str | None
    country: str | None  # two letters, ISO 3166
    region: str | None
    timezone: str | None  # IANA name


class WebSearchToolFilters(Object):
    """Limits the web search to some domains."""

    allowed_domains: list[str] | None


class WebSearchTool(Object):
    """The built-in web search."""

    type: Literal["web_search", "web_search_2025_08_26"]
    filters: WebSearchToolFilters | None
    search_context_size: Literal["low", "medium", "high"] | None
    user_location: UserLocation | None
    external_web_access: bool | None


class WebSearchPreviewTool(Object):
    """The built-in web search in its first form."""

    type: Literal["web_search_preview", "web_search_preview_2025_03_11"]
    search_context_size: Literal["low", "medium", "high"] | None
    search_content_types: list[Literal["text", "image"]] | None
    user_location: UserLocation | None


class ComparisonFilter(Object):
    """Compares an attribute of a file with a value."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str
    value: str | float | bool | list[str | float]


class CompoundFilter(Object):
    """Joins filters with and / or."""

    type: Literal["and", "or"]
    filters: list[ComparisonFilter | CompoundFilter]


class RankingOptionsHybridSearch(Object):
    """How much meaning and words weigh in the ranking."""

    embedding_weight: float
    text_weight: float


class RankingOptions(Object):
    """How the file search ranks what it found."""

    ranker: Literal["auto", "default-2024-11-15"] | None
    score_threshold: float | None  # 0 to 1
    hybrid_search: RankingOptionsHybridSearch | None


class FileSearchTool(Object):
    """The built-in search in vector stores."""

    type: Literal["file_search"]
    vector_store_ids: list[str]
    filters: ComparisonFilter | CompoundFilter | None
    max_num_results: int | None  # 1 to 50
    ranking_options: RankingOptions | None


class CodeInterpreterContainerAuto(Object):
    """A container the service makes for the code interpreter."""

    type: Literal["auto"]
    file_ids: list[str] | None
    memory_limit: Literal["1g", "4g", "16g", "64g"] | None
    network_policy: NetworkPolicy | None


class CodeInterpreter(Object):
    """The built-in Python interpreter."""

    type: Literal["code_interpreter"]
    container: str | CodeInterpreterContainerAuto
    allowed_callers: list[ToolCaller] | None


class ImageGenerationInputImageMask(Object):
    """The part of the image that may change."""

    file_id: str | None
    image_url: str | None


class ImageGenerationSvgReasoning(Object):
    """How much the author of an SVG thinks."""

    effort: ReasoningEffort | None


class ImageGenerationSvg(Object):
    """Who writes an SVG."""

    model: str | None
    reasoning: ImageGenerationSvgReasoning | None


class ImageGeneration(Object):
    """The built-in image generation."""

    type: Literal["image_generation"]
    action: Literal["generate", "edit", "auto"] | None
    background: Literal["transparent", "opaque", "auto"] | None
    input_fidelity: Literal["high", "low"] | None
    input_image_mask: ImageGenerationInputImageMask | None
    model: str | None
    moderation: Literal["auto", "low"] | None
    output_compression: int | None  # percent
    output_format: Literal["png", "webp", "jpeg"] | None
    partial_images: int | None  # 0 to 3
    quality: Literal["low", "medium", "high", "auto"] | None
    size: str | None  # "1024x1024", say, or "auto"
    complexity: Literal["low", "medium", "high"] | None
    frame_count: int | None  # of a GIF, 2 to 16
    frame_duration_ms: int | None
    svg: ImageGenerationSvg | None  # who writes an SVG


class McpToolFilter(Object):
    """Picks tools of an MCP server."""

    read_only: bool | None
    tool_names: list[str] | None


class McpToolApprovalFilter(Object):
    """Which tools of an MCP server need your leave and which do not."""

    always: McpToolFilter | None
    never: McpToolFilter | None


class Mcp(Object):
    """An MCP server whose tools the model may call."""

    type: Literal["mcp"]
    server_label: str
    server_url: str | None
    server_description: str | None
    connector_id: (
        Literal[
            "connector_dropbox",
            "connector_gmail",
            "connector_googlecalendar",
            "connector_googledrive",
            "connector_microsoftteams",
            "connector_outlookcalendar",
            "connector_outlookemail",
            "connector_sharepoint",
        ]
        | None
    )
    allowed_tools: list[str] | McpToolFilter | None
    require_approval: McpToolApprovalFilter | Literal["always", "never"] | None
    authorization: str | None
    headers: dict[str, str] | None
    tunnel_id: str | None
    defer_loading: bool | None
    allowed_callers: list[ToolCaller] | None


class ComputerTool(Object):
    """The built-in computer use."""

    type: Literal["computer"]


class ComputerUsePreviewTool(Object):
    """The built-in computer use in its first form."""

    type: Literal["computer_use_preview"]
    display_height: int  # pixels
    display_width: int
    environment: Literal["windows", "mac", "linux", "ubuntu", "browser"]


class LocalShell(Object):
    """Lets the model ask for commands on your machine."""

    type: Literal["local_shell"]


class FunctionShellTool(Object):
    """Lets the model use a shell, in a container or on your machine."""

    type: Literal["shell"]
    environment: ShellEnvironment | None
    allowed_callers: list[ToolCaller] | None


class ApplyPatchTool(Object):
    """Lets the model ask for changes of files."""

    type: Literal["apply_patch"]
    allowed_callers: list[ToolCaller] | None


class ToolSearchTool(Object):
    """Lets the model look up tools whose loading was deferred."""

    type: Literal["tool_search"]
    description: str | None
    execution: Literal["server", "client"] | None
    parameters: object | None


class ProgrammaticToolCalling(Object):
    """Lets the model call tools from programs it writes; also a form of `tool_choice`."""

    type: Literal["programmatic_tool_calling"]


Tool: TypeAlias = (
    FunctionTool
    | FileSearchTool
    | ComputerTool
    | ComputerUsePreviewTool
    | WebSearchTool
    | Mcp
    | CodeInterpreter
    | ProgrammaticToolCalling
    | ImageGeneration
    | LocalShell
    | FunctionShellTool
    | CustomTool
    | NamespaceTool
    | ToolSearchTool
    | WebSearchPreviewTool
    | ApplyPatchTool
)


class ResponseToolSearchCall(Object):
    """The model looks for tools."""

    type: Literal["tool_search_call"]
    id: str
    call_id: str | None
    arguments: object
    execution: Literal["server", "client"]
    status: ItemStatus
    created_by: str | None


class ResponseToolSearchOutputItem(Object):
    """The tools that were found."""

    type: Literal["tool_search_output"]
    id: str
    call_id: str | None
    tools: list[Tool]
    execution: Literal["server", "client"]
    status: ItemStatus
    created_by: str | None


class AdditionalTools(Object):
    """Tools that joined the conversation after its start."""

    type: Literal["additional_tools"]
    id: str
    role: Literal["unknown", "user", "assistant", "system", "critic", "discriminator", "developer", "tool"]
    tools: list[Tool]


class ResponseCompactionItem(Object):
    """The earlier conversation, compacted; send it back as it is."""

    type: Literal["compaction"]
    id: str
    encrypted_content: str
    created_by: str | None


ResponseOutputItem: TypeAlias = (
    ResponseOutputMessage
    | ResponseFileSearchToolCall
    | ResponseFunctionToolCall
    | ResponseFunctionToolCallOutputItem
    | ResponseFunctionWebSearch
    | ResponseComputerToolCall
    | ResponseComputerToolCallOutputItem
    | ResponseReasoningItem
    | Program
    | ProgramOutput
    | ResponseToolSearchCall
    | ResponseToolSearchOutputItem
    | AdditionalTools
    | ResponseCompactionItem
    | ImageGenerationCall
    | ResponseCodeInterpreterToolCall
    | LocalShellCall
    | LocalShellCallOutput
    | ResponseFunctionShellToolCall
    | ResponseFunctionShellToolCallOutput
    | ResponseApplyPatchToolCall
    | ResponseApplyPatchToolCallOutput
    | McpCall
    | McpListTools
    | McpApprovalRequest
    | McpApprovalResponse
    | ResponseCustomToolCall
    | ResponseCustomToolCallOutputItem
)

# In the next two unions a "message" has two classes; its `role` tells which.
ResponseItem: TypeAlias = ResponseInputMessageItem | ResponseOutputItem

ResponseInputItem: TypeAlias = EasyInputMessage | ResponseOutputItem | CompactionTrigger | ItemReference

ResponseInput: TypeAlias = list[ResponseInputItem]


# ---- the choice of a tool ----

ToolChoiceOptions: TypeAlias = Literal["none", "auto", "required"]


class ToolChoiceAllowed(Object):
    """The model may only use these of the tools."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"]
    tools: list[dict[str, object]]


class ToolChoiceTypes(Object):
    """The model has to use this built-in tool."""

    type: Literal[
        "file_search",
        "web_search_preview",
        "computer",
        "computer_use_preview",
        "computer_use",
        "web_search_preview_2025_03_11",
        "image_generation",
        "code_interpreter",
    ]


class ToolChoiceFunction(Object):
    """The model has to call this function."""

    type: Literal["function"]
    name: str


class ToolChoiceMcp(Object):
    """The model has to use this MCP server."""

    type: Literal["mcp"]
    server_label: str
    name: str | None


class ToolChoiceCustom(Object):
    """The model has to call this custom tool."""

    type: Literal["custom"]
    name: str


class ToolChoiceApplyPatch(Object):
    """The model has to change a file."""

    type: Literal["apply_patch"]


class ToolChoiceShell(Object):
    """The model has to use the shell."""

    type: Literal["shell"]


ToolChoice: TypeAlias = (
    ToolChoiceOptions
    | ToolChoiceAllowed
    | ToolChoiceTypes
    | ToolChoiceFunction
    | ToolChoiceMcp
    | ToolChoiceCustom
    | ProgrammaticToolCalling
    | ToolChoiceApplyPatch
    | ToolChoiceShell
)


# ---- the reply ----


class ResponseFormatTextJSONSchemaConfig(Object):
    """The answer is JSON that follows a schema."""

    type: Literal["json_schema"]
    name: str
    schema: dict[str, object]
    description: str | None
    strict: bool | None

    @property
    def schema_(self) -> dict[str, object]:
        """The same as `schema`, under the name it has in the openai package."""
        return self.schema


ResponseFormatTextConfig: TypeAlias = ResponseFormatText | ResponseFormatTextJSONSchemaConfig | ResponseFormatJSONObject


class ResponseTextConfig(Object):
    """The form of the answer's text. The text itself is `Response.output_text`."""

    format: ResponseFormatTextConfig | None
    verbosity: Literal["low", "medium", "high"] | None


class Reasoning(Object):
    """How much the model was to think, and whether it was to sum that up."""

    effort: ReasoningEffort | None
    summary: Literal["auto", "concise", "detailed"] | None
    generate_summary: Literal["auto", "concise", "detailed"] | None  # the old name of `summary`
    context: Literal["auto", "current_turn", "all_turns"] | None
    mode: str | None  # "standard" or "pro"


class ResponsePrompt(Object):
    """The stored prompt the request was made from."""

    id: str
    version: str | None
    variables: dict[str, str | ResponseInputContent] | None


class ResponseError(Object):
    """Why the response failed. Not the error of a refused request: that one is an exception."""

    code: Literal[
        "server_error",
        "rate_limit_exceeded",
        "invalid_prompt",
        "data_residency_mismatch",
        "bio_policy",
        "vector_store_timeout",
        "invalid_image",
        "invalid_image_format",
        "invalid_base64_image",
        "invalid_image_url",
        "image_too_large",
        "image_too_small",
        "image_parse_error",
        "image_content_policy_violation",
        "invalid_image_mode",
        "image_file_too_large",
        "unsupported_image_media_type",
        "empty_image_file",
        "failed_to_download_image",
        "image_file_not_found",
    ]
    message: str
    param: str | None  # the parameter that it blames
    type: str | None
    misalignment: Misalignment | None  # why it was blocked


class IncompleteDetails(Object):
    """Why the response stopped early."""

    reason: Literal["max_output_tokens", "content_filter"] | None


class Conversation(Object):
    """The stored conversation the response belongs to."""

    id: str


class InputTokensDetails(Object):
    """The input tokens, by kind."""

    cached_tokens: int
    cache_write_tokens: int | None  # newer models only
    cache_write_tokens_details: Object | None  # by how long they are kept: ttl_30m_tokens, ttl_12h_tokens


class OutputTokensDetails(Object):
    """The output tokens, by kind."""

    reasoning_tokens: int


class ResponseUsage(Object):
    """The tokens a response took."""

    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int  # reasoning included
    output_tokens_details: OutputTokensDetails
    total_tokens: int


class ModerationResult(Object):
    """What the moderation thinks of the input or the output."""

    type: Literal["moderation_result"]
    flagged: bool
    model: str
    categories: dict[str, bool]
    category_scores: dict[str, float]  # 0 to 1
    category_applied_input_types: dict[str, list[Literal["text", "image"]]]


class ModerationError(Object):
    """The moderation itself failed."""

    type: Literal["error"]
    code: str
    message: str


class Moderation(Object):
    """The moderation of a response; only if `moderation` was asked for."""

    input: ModerationResult | ModerationError
    output: ModerationResult | ModerationError


class PromptCacheOptions(Object):
    """How the prompt cache was used."""

    mode: Literal["implicit", "explicit"]
    ttl: Literal["30m"]


class PromptCacheDiagnostics(Object):
    """What became of the prompt cache."""

    type: Literal["cache_hit", "cache_miss", "comparison_response_not_found", "unavailable"]
    reason: str | None  # this and the others: of a miss alone
    cache_missed_tokens: int | None
    comparison_reusable_tokens: int | None


class ToolUsageImageGenTokens(Object):
    """Which tokens there were."""

    image_tokens: int
    text_tokens: int


class ToolUsageImageGenCachedTokens(Object):
    """Which tokens came from the cache."""

    cached_image_tokens: int
    cached_text_tokens: int


class ToolUsageImageGen(Object):
    """What the images of a response cost."""

    input_tokens: int
    input_tokens_details: ToolUsageImageGenTokens
    output_tokens: int
    total_tokens: int
    cached_tokens: int | None
    cached_tokens_details: ToolUsageImageGenCachedTokens | None
    output_tokens_details: ToolUsageImageGenTokens | None


class ToolUsageWebSearch(Object):
    """How often the web was searched."""

    num_requests: int


class ToolUsage(Object):
    """What the built-in tools of a response cost."""

    image_gen: ToolUsageImageGen | None
    web_search: ToolUsageWebSearch | None


class Response(Answered, Calling, Reply):
    """The reply of `create_response`; the text of the answer is `output_text`."""

    _dialect = "responses"

    id: str
    object: Literal["response"]
    created_at: float  # Unix seconds
    completed_at: float | None  # Unix seconds
    status: ResponseStatus | None
    error: ResponseError | None
    incomplete_details: IncompleteDetails | None
    model: str  # as served: often a dated form of the name in the request
    output: list[ResponseOutputItem]  # the first item need not be the message
    usage: ResponseUsage | None  # None while the response is in progress
    instructions: str | list[ResponseInputItem] | None
    tools: list[Tool]
    tool_choice: ToolChoice
    parallel_tool_calls: bool
    reasoning: Reasoning | None
    text: ResponseTextConfig | None
    temperature: float | None
    top_p: float | None
    top_logprobs: int | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    truncation: Literal["auto", "disabled"] | None
    background: bool | None
    store: bool | None
    conversation: Conversation | None
    previous_response_id: str | None
    prompt: ResponsePrompt | None
    prompt_cache_key: str | None
    prompt_cache_options: PromptCacheOptions | None
    prompt_cache_retention: Literal["in_memory", "24h"] | None
    moderation: Moderation | None
    metadata: Metadata | None
    safety_identifier: str | None
    service_tier: ServiceTier | None  # the tier that served, not the one asked for
    user: str | None
    access_programs: Object | None  # that it was made under: cyber
    image: Object | None  # what became of its images: context_compression
    input_transformations: list[Object] | None  # reasoning items that were left out: id, action, reason, type
    prompt_cache_diagnostics: PromptCacheDiagnostics | None
    tool_usage: ToolUsage | None

    @property
    def output_text(self) -> str:
        """The text of all messages in `output`, joined; "" if there is none."""
        return self._output_text()

    @property
    def output_parsed(self) -> Any:
        """The answer as an instance of the class that `parse` or `stream` was given; None without one, and where there
        is no answer: `parsed` says why."""
        from .._answers import answer_of

        return answer_of(self)


class ResponseDeleted(Reply):
    """The reply to the deletion of a stored response."""

    id: str
    object: Literal["response"]
    deleted: bool


class CompactedResponse(Reply):
    """A conversation made shorter: its `output` is the input of the next call, as it is."""

    id: str
    object: Literal["response.compaction"]
    created_at: int  # Unix seconds
    output: list[ResponseOutputItem]
    usage: ResponseUsage
    image: Object | None  # what became of its images: context_compression


class InputTokenCountResponse(Reply):
    """How many tokens an input has."""

    object: Literal["response.input_tokens"]
    input_tokens: int


class ResponseItemList(Reply):
    """A page of the input items of a stored response."""

    object: Literal["list"]
    data: list[ResponseItem]
    first_id: str
    last_id: str  # pass it as `after` to get the next page
    has_more: bool


# ---- the events of a stream ----


class _Event(Object):
    """What every event carries."""

    sequence_number: int  # counts from 0; some gateways leave it out


class _ItemEvent(_Event):
    """What the events about one item of the output carry."""

    item_id: str
    output_index: int  # of the item in `Response.output`


class ResponseCreatedEvent(_Event):
    """The response exists; always the first event."""

    type: Literal["response.created"]
    response: Response


class ResponseQueuedEvent(_Event):
    """The response waits for its turn."""

    type: Literal["response.queued"]
    response: Response


class ResponseCompactionCompactingEvent(_Event):
    """More of the summary of the earlier conversation has been written; it is not shown."""

    type: Literal["response.compaction.compacting"]
    item_id: str  # of the item with the summary
    output_index: int


class ResponseInProgressEvent(_Event):
    """The model works on the response."""

    type: Literal["response.in_progress"]
    response: Response


class ResponseCompletedEvent(_Event):
    """The response is complete; the last event, with the whole of it and its usage: `response.done` with some."""

    type: Literal["response.completed", "response.done"]
    response: Response


class ResponseFailedEvent(_Event):
    """The response failed; the last event, with the reason in `response.error`."""

    type: Literal["response.failed"]
    response: Response


class ResponseIncompleteEvent(_Event):
    """The response stopped early; the last event, with the reason in `response.incomplete_details`."""

    type: Literal["response.incomplete"]
    response: Response


class ResponseErrorEvent(_Event):
    """The stream ends in an error instead of a response."""

    type: Literal["error"]
    code: str | None
    message: str
    param: str | None


class ResponseOutputItemAddedEvent(_Event):
    """A new item of the output begins; it is still empty."""

    type: Literal["response.output_item.added"]
    output_index: int
    item: ResponseOutputItem


class ResponseOutputItemDoneEvent(_Event):
    """An item of the output is complete."""

    type: Literal["response.output_item.done"]
    output_index: int
    item: ResponseOutputItem


ResponseContentPart: TypeAlias = ResponseOutputText | ResponseOutputRefusal | ReasoningText


class ResponseContentPartAddedEvent(_ItemEvent):
    """A new part of an item begins."""

    type: Literal["response.content_part.added"]
    content_index: int
    part: ResponseContentPart


class ResponseContentPartDoneEvent(_ItemEvent):
    """A part of an item is complete."""

    type: Literal["response.content_part.done"]
    content_index: int
    part: ResponseContentPart


class ResponseTextDeltaEvent(_ItemEvent):
    """More of the answer's text."""

    type: Literal["response.output_text.delta"]
    content_index: int
    delta: str
    logprobs: list[ResponseLogProb]
    snapshot: str | None  # the text so far; only filled by the `.stream()` helper

    @property
    def parsed(self) -> Any:
        """What of an answer of a class is there so far, as plain values: fields that are not whole yet are absent. Made
        when it is asked for, of the whole text. None without a class."""
        output = getattr(self, "_output", None)
        return None if output is None else output.partial(self.snapshot or "")


class ResponseTextDoneEvent(_ItemEvent):
    """A part's text is complete."""

    type: Literal["response.output_text.done"]
    content_index: int
    text: str
    logprobs: list[ResponseLogProb]

    @property
    def parsed(self) -> Any:
        """The answer as an instance of the class that `stream` was given; None without one, and of what the model says
        on its way. Raises AnswerValidationError where the text does not fit."""
        read = getattr(self, "_read", None)
        return None if read is None else read()


class ResponseOutputTextAnnotationAddedEvent(_ItemEvent):
    """The text got a citation or a file."""

    type: Literal["response.output_text.annotation.added"]
    content_index: int
    annotation_index: int
    annotation: Annotation | None


class ResponseRefusalDeltaEvent(_ItemEvent):
    """More of a refusal."""

    type: Literal["response.refusal.delta"]
    content_index: int
    delta: str
    snapshot: str | None  # the refusal so far; only filled by the `.stream()` helper


class ResponseRefusalDoneEvent(_ItemEvent):
    """A refusal is complete."""

    type: Literal["response.refusal.done"]
    content_index: int
    refusal: str


class ResponseFunctionCallArgumentsDeltaEvent(_ItemEvent):
    """More of a function call's arguments."""

    type: Literal["response.function_call_arguments.delta"]
    delta: str
    snapshot: str | None  # the arguments so far; only filled by the `.stream()` helper


class ResponseFunctionCallArgumentsDoneEvent(_ItemEvent):
    """A function call's arguments are complete."""

    type: Literal["response.function_call_arguments.done"]
    name: str
    arguments: str  # JSON text


class ResponseCustomToolCallInputDeltaEvent(_ItemEvent):
    """More of a custom tool call's input."""

    type: Literal["response.custom_tool_call_input.delta"]
    delta: str
    snapshot: str | None  # the input so far; only filled by the `.stream()` helper


class ResponseCustomToolCallInputDoneEvent(_ItemEvent):
    """A custom tool call's input is complete."""

    type: Literal["response.custom_tool_call_input.done"]
    input: str


class ResponseReasoningTextDeltaEvent(_ItemEvent):
    """More of the reasoning."""

    type: Literal["response.reasoning_text.delta"]
    content_index: int
    delta: str
    snapshot: str | None  # the reasoning so far; only filled by the `.stream()` helper


class ResponseReasoningTextDoneEvent(_ItemEvent):
    """A piece of the reasoning is complete."""

    type: Literal["response.reasoning_text.done"]
    content_index: int
    text: str


class ResponseReasoningSummaryPartAddedEvent(_ItemEvent):
    """A paragraph of the reasoning's summary begins."""

    type: Literal["response.reasoning_summary_part.added"]
    summary_index: int
    part: SummaryText


class ResponseReasoningSummaryPartDoneEvent(_ItemEvent):
    """A paragraph of the reasoning's summary is complete."""

    type: Literal["response.reasoning_summary_part.done"]
    summary_index: int
    part: SummaryText
    status: Literal["incomplete"] | None


class ResponseReasoningSummaryTextDeltaEvent(_ItemEvent):
    """More of the reasoning's summary."""

    type: Literal["response.reasoning_summary_text.delta"]
    summary_index: int
    delta: str
    snapshot: str | None  # the paragraph so far; only filled by the `.stream()` helper


class ResponseReasoningSummaryTextDoneEvent(_ItemEvent):
    """The text of a summary's paragraph is complete."""

    type: Literal["response.reasoning_summary_text.done"]
    summary_index: int
    text: str


class ResponseWebSearchCallInProgressEvent(_ItemEvent):
    """A web search begins."""

    type: Literal["response.web_search_call.in_progress"]


class ResponseWebSearchCallSearchingEvent(_ItemEvent):
    """A web search runs."""

    type: Literal["response.web_search_call.searching"]


class ResponseWebSearchCallCompletedEvent(_ItemEvent):
    """A web search is over."""

    type: Literal["response.web_search_call.completed"]


class ResponseFileSearchCallInProgressEvent(_ItemEvent):
    """A file search begins."""

    type: Literal["response.file_search_call.in_progress"]


class ResponseFileSearchCallSearchingEvent(_ItemEvent):
    """A file search runs."""

    type: Literal["response.file_search_call.searching"]


class ResponseFileSearchCallCompletedEvent(_ItemEvent):
    """A file search is over."""

    type: Literal["response.file_search_call.completed"]


class ResponseCodeInterpreterCallInProgressEvent(_ItemEvent):
    """The code interpreter is called."""

    type: Literal["response.code_interpreter_call.in_progress"]


class ResponseCodeInterpreterCallCodeDeltaEvent(_ItemEvent):
    """More of the code for the interpreter."""

    type: Literal["response.code_interpreter_call_code.delta"]
    delta: str
    snapshot: str | None  # the code so far; only filled by the `.stream()` helper


class ResponseCodeInterpreterCallCodeDoneEvent(_ItemEvent):
    """The code for the interpreter is complete."""

    type: Literal["response.code_interpreter_call_code.done"]
    code: str


class ResponseCodeInterpreterCallInterpretingEvent(_ItemEvent):
    """The code runs."""

    type: Literal["response.code_interpreter_call.interpreting"]


class ResponseCodeInterpreterCallCompletedEvent(_ItemEvent):
    """The code has run."""

    type: Literal["response.code_interpreter_call.completed"]


class ResponseImageGenCallInProgressEvent(_ItemEvent):
    """An image was asked for."""

    type: Literal["response.image_generation_call.in_progress"]


class ResponseImageGenCallGeneratingEvent(_ItemEvent):
    """An image is being made."""

    type: Literal["response.image_generation_call.generating"]


class ResponseImageGenCallPartialImageEvent(_ItemEvent):
    """A preview of the image; only if the tool's `partial_images` asked for some."""

    type: Literal["response.image_generation_call.partial_image"]
    partial_image_b64: str  # base64
    partial_image_index: int
    background: str | None
    output_format: str | None
    quality: str | None
    size: str | None


class ResponseImageGenCallCompletedEvent(_ItemEvent):
    """The image is ready."""

    type: Literal["response.image_generation_call.completed"]


class ResponseMcpCallInProgressEvent(_ItemEvent):
    """A tool of an MCP server is called."""

    type: Literal["response.mcp_call.in_progress"]


class ResponseMcpCallArgumentsDeltaEvent(_ItemEvent):
    """More of an MCP call's arguments."""

    type: Literal["response.mcp_call_arguments.delta"]
    delta: str
    snapshot: str | None  # the arguments so far; only filled by the `.stream()` helper


class ResponseMcpCallArgumentsDoneEvent(_ItemEvent):
    """An MCP call's arguments are complete."""

    type: Literal["response.mcp_call_arguments.done"]
    arguments: str  # JSON text


class ResponseMcpCallCompletedEvent(_ItemEvent):
    """An MCP call has returned."""

    type: Literal["response.mcp_call.completed"]


class ResponseMcpCallFailedEvent(_ItemEvent):
    """An MCP call has failed."""

    type: Literal["response.mcp_call.failed"]


class ResponseMcpListToolsInProgressEvent(_ItemEvent):
    """An MCP server is asked for its tools."""

    type: Literal["response.mcp_list_tools.in_progress"]


class ResponseMcpListToolsCompletedEvent(_ItemEvent):
    """An MCP server has listed its tools."""

    type: Literal["response.mcp_list_tools.completed"]


class ResponseMcpListToolsFailedEvent(_ItemEvent):
    """An MCP server could not list its tools."""

    type: Literal["response.mcp_list_tools.failed"]


class ResponseAudioDeltaEvent(_Event):
    """More of the spoken answer."""

    type: Literal["response.audio.delta"]
    delta: str  # base64


class ResponseAudioDoneEvent(_Event):
    """The spoken answer is complete."""

    type: Literal["response.audio.done"]


class ResponseAudioTranscriptDeltaEvent(_Event):
    """More of the transcript of the spoken answer."""

    type: Literal["response.audio.transcript.delta"]
    delta: str
    snapshot: str | None  # the transcript so far; only filled by the `.stream()` helper


class ResponseAudioTranscriptDoneEvent(_Event):
    """The transcript is complete."""

    type: Literal["response.audio.transcript.done"]


class ResponseShellCallCommandAddedEvent(_Event):
    """A command of a shell call begins."""

    type: Literal["response.shell_call_command.added"]
    output_index: int
    command_index: int
    command: str


class ResponseShellCallCommandDeltaEvent(_Event):
    """More of a shell call's command."""

    type: Literal["response.shell_call_command.delta"]
    output_index: int
    command_index: int
    delta: str
    obfuscation: str | None


class ResponseShellCallCommandDoneEvent(_Event):
    """A command of a shell call is complete."""

    type: Literal["response.shell_call_command.done"]
    output_index: int
    command_index: int
    command: str


class ShellCallOutputDelta(Object):
    """What a command has written since the last event."""

    stdout: str | None
    stderr: str | None


class ResponseShellCallOutputContentDeltaEvent(_ItemEvent):
    """More of what a shell call's command writes."""

    type: Literal["response.shell_call_output_content.delta"]
    command_index: int
    delta: ShellCallOutputDelta


class ResponseShellCallOutputContentDoneEvent(_ItemEvent):
    """A shell call's command has ended."""

    type: Literal["response.shell_call_output_content.done"]
    command_index: int
    output: list[ResponseFunctionShellCallOutputContent]


ResponseStreamEvent: TypeAlias = (
    ResponseCreatedEvent
    | ResponseQueuedEvent
    | ResponseCompactionCompactingEvent
    | ResponseInProgressEvent
    | ResponseCompletedEvent
    | ResponseFailedEvent
    | ResponseIncompleteEvent
    | ResponseErrorEvent
    | ResponseOutputItemAddedEvent
    | ResponseOutputItemDoneEvent
    | ResponseContentPartAddedEvent
    | ResponseContentPartDoneEvent
    | ResponseTextDeltaEvent
    | ResponseTextDoneEvent
    | ResponseOutputTextAnnotationAddedEvent
    | ResponseRefusalDeltaEvent
    | ResponseRefusalDoneEvent
    | ResponseFunctionCallArgumentsDeltaEvent
    | ResponseFunctionCallArgumentsDoneEvent
    | ResponseCustomToolCallInputDeltaEvent
    | ResponseCustomToolCallInputDoneEvent
    | ResponseReasoningTextDeltaEvent
    | ResponseReasoningTextDoneEvent
    | ResponseReasoningSummaryPartAddedEvent
    | ResponseReasoningSummaryPartDoneEvent
    | ResponseReasoningSummaryTextDeltaEvent
    | ResponseReasoningSummaryTextDoneEvent
    | ResponseWebSearchCallInProgressEvent
    | ResponseWebSearchCallSearchingEvent
    | ResponseWebSearchCallCompletedEvent
    | ResponseFileSearchCallInProgressEvent
    | ResponseFileSearchCallSearchingEvent
    | ResponseFileSearchCallCompletedEvent
    | ResponseCodeInterpreterCallInProgressEvent
    | ResponseCodeInterpreterCallCodeDeltaEvent
    | ResponseCodeInterpreterCallCodeDoneEvent
    | ResponseCodeInterpreterCallInterpretingEvent
    | ResponseCodeInterpreterCallCompletedEvent
    | ResponseImageGenCallInProgressEvent
    | ResponseImageGenCallGeneratingEvent
    | ResponseImageGenCallPartialImageEvent
    | ResponseImageGenCallCompletedEvent
    | ResponseMcpCallInProgressEvent
    | ResponseMcpCallArgumentsDeltaEvent
    | ResponseMcpCallArgumentsDoneEvent
    | ResponseMcpCallCompletedEvent
    | ResponseMcpCallFailedEvent
    | ResponseMcpListToolsInProgressEvent
    | ResponseMcpListToolsCompletedEvent
    | ResponseMcpListToolsFailedEvent
    | ResponseAudioDeltaEvent
    | ResponseAudioDoneEvent
    | ResponseAudioTranscriptDeltaEvent
    | ResponseAudioTranscriptDoneEvent
    | ResponseShellCallCommandAddedEvent
    | ResponseShellCallCommandDeltaEvent
    | ResponseShellCallCommandDoneEvent
    | ResponseShellCallOutputContentDeltaEvent
    | ResponseShellCallOutputContentDoneEvent
)


# ---- other names in the openai package for the same shapes ----

ResponseInputTextContent: TypeAlias = ResponseInputText
ResponseInputImageContent: TypeAlias = ResponseInputImage
ResponseInputFileContent: TypeAlias = ResponseInputFile
ResponseFunctionCallOutputItem: TypeAlias = ResponseInputContent
ResponseFunctionCallOutputItemList: TypeAlias = ResponseInputMessageContentList
ResponseFunctionToolCallItem: TypeAlias = ResponseFunctionToolCall
ResponseCustomToolCallItem: TypeAlias = ResponseCustomToolCall
ResponseCustomToolCallOutput: TypeAlias = ResponseCustomToolCallOutputItem
ResponseContainerReference: TypeAlias = ContainerReference
ResponseLocalEnvironment: TypeAlias = LocalEnvironment
ParsedResponseFunctionToolCall: TypeAlias = ResponseFunctionToolCall
ParsedResponseOutputItem: TypeAlias = ResponseOutputItem
ParsedResponseOutputMessage: TypeAlias = ResponseOutputMessage
ParsedResponseOutputText: TypeAlias = ResponseOutputText

if TYPE_CHECKING:
    from ._parsed import ParsedResponse as ParsedResponse
else:
    __getattr__ = later(__name__, "ParsedResponse")


# ---- the request: dicts that are often written by hand ----


class ResponseInputTextParam(TypedDict, total=False):
    """A text part of a message.

    type: "input_text".
    text: the text.
    prompt_cache_breakpoint: {"mode": "explicit"} to have the prompt cached up to here.
    """

    type: Required[Literal["input_text"]]
    text: Required[str]
    prompt_cache_breakpoint: Mapping[str, object] | None


class ResponseInputImageParam(TypedDict, total=False):
    """An image part of a message, by `image_url` or by `file_id`.

    type: "input_image".
    image_url: a URL or a data URI; bytes and the path of a file are sent as a data URI.
    file_id: id of an uploaded file.
    detail: how closely the model looks: "low", "high", "auto" (the default) or "original".
    prompt_cache_breakpoint: {"mode": "explicit"} to have the prompt cached up to here.
    """

    type: Required[Literal["input_image"]]
    image_url: str | bytes | os.PathLike[str] | None
    file_id: str | None
    detail: ImageDetail | None
    prompt_cache_breakpoint: Mapping[str, object] | None


class ResponseInputFileParam(TypedDict, total=False):
    """A file part of a message, by `file_data`, `file_url` or `file_id`.

    type: "input_file".
    file_data: a data URI; bytes and the path of a file are sent as one.
    file_url: URL of the file.
    file_id: id of an uploaded file.
    filename: the name the model sees; needed next to bytes.
    detail: how closely the model looks at the pages: "low", "high" or "auto" (the default).
    prompt_cache_breakpoint: {"mode": "explicit"} to have the prompt cached up to here.
    """

    type: Required[Literal["input_file"]]
    file_data: str | bytes | os.PathLike[str] | None
    file_url: str | None
    file_id: str | None
    filename: str | None
    detail: Literal["auto", "low", "high"] | None
    prompt_cache_breakpoint: Mapping[str, object] | None


ResponseInputContentParam: TypeAlias = (
    ResponseInputTextParam | ResponseInputImageParam | ResponseInputFileParam | Mapping[str, object] | Object
)


class EasyInputMessageParam(TypedDict, total=False):
    """A message of the input.

    role: who speaks: "user", "assistant", "system" or "developer".
    content: the text, or a list of parts.
    type: "message"; may be left out.
    phase: for the model's own messages sent back: "commentary" or "final_answer", as it came.
    """

    role: Required[Literal["user", "assistant", "system", "developer"]]
    content: Required[str | Iterable[ResponseInputContentParam]]
    type: Literal["message"]
    phase: Literal["commentary", "final_answer"] | None


class FunctionCallOutputParam(TypedDict, total=False):
    """What your function returned, as an answer to a `function_call` item.

    type: "function_call_output".
    call_id: the `call_id` of the call (not its `id`).
    output: the result as text (JSON, as a rule), or a list of parts.
    id: id of the item, if it has one.
    status: "in_progress", "completed" or "incomplete".
    """

    type: Required[Literal["function_call_output"]]
    call_id: Required[str]
    output: Required[str | Iterable[ResponseInputContentParam]]
    id: str | None
    status: ItemStatus | None


ResponseInputItemParam: TypeAlias = EasyInputMessageParam | FunctionCallOutputParam | Mapping[str, object] | Object

ResponseInputParam: TypeAlias = list[ResponseInputItemParam]


class FunctionToolParam(TypedDict, total=False):
    """A function of yours that the model may call. Flat here, while chat nests it under "function".

    type: "function".
    name: letters, digits, "_" and "-"; at most 64 characters.
    description: what it does and when to call it; the model reads this.
    parameters: JSON schema of the arguments.
    strict: whether the arguments have to follow the schema exactly.
    output_schema: JSON schema of what it returns.
    defer_loading: leave it out until the model finds it by tool search.
    allowed_callers: who may call it: "direct" (the model), "programmatic" (its programs).
    """

    type: Required[Literal["function"]]
    name: Required[str]
    description: str | None
    parameters: Mapping[str, object] | None
    strict: bool | None
    output_schema: Mapping[str, object] | None
    defer_loading: bool
    allowed_callers: Iterable[ToolCaller] | None


class UserLocationParam(TypedDict, total=False):
    """Roughly where the user is.

    type: "approximate".
    city: name of the city.
    country: two letters, ISO 3166, e.g. "CN".
    region: name of the province or state.
    timezone: IANA name, e.g. "Asia/Shanghai".
    """

    type: Literal["approximate"]
    city: str | None
    country: str | None
    region: str | None
    timezone: str | None


class WebSearchToolParam(TypedDict, total=False):
    """The built-in web search. Not every model of the gateway has it.

    type: "web_search"; "web_search_preview" is the first form, which the gateway's own page shows.
    search_context_size: how much of the pages the model reads: "low", "medium" (the default) or "high".
    user_location: roughly where the user is.
    filters: {"allowed_domains": [...]}; not with "web_search_preview".
    external_web_access: False to stay with pages the service has stored; not with "web_search_preview".
    search_content_types: "text", "image" or both; only with "web_search_preview".
    """

    type: Required[
        Literal[
            "web_search",
            "web_search_2025_08_26",
            "web_search_preview",
            "web_search_preview_2025_03_11",
        ]
    ]
    search_context_size: Literal["low", "medium", "high"]
    user_location: UserLocationParam | None
    filters: Mapping[str, object] | None
    external_web_access: bool
    search_content_types: Iterable[Literal["text", "image"]]


WebSearchPreviewToolParam: TypeAlias = WebSearchToolParam

ToolParam: TypeAlias = FunctionToolParam | WebSearchToolParam | ToolFunction | Mapping[str, object] | Object


class ToolChoiceFunctionParam(TypedDict, total=False):
    """Makes the model call one function.

    type: "function"; "custom" for a custom tool.
    name: the function's name.
    """

    type: Required[Literal["function", "custom"]]
    name: Required[str]


class ToolChoiceAllowedParam(TypedDict, total=False):
    """Limits the model to some of the tools, without a change of `tools` (which the cache depends on).

    type: "allowed_tools".
    mode: "auto" (it may use one of them) or "required" (it has to).
    tools: the tools, e.g. {"type": "function", "name": "get_weather"}.
    """

    type: Required[Literal["allowed_tools"]]
    mode: Required[Literal["auto", "required"]]
    tools: Required[Iterable[Mapping[str, object]]]


ToolChoiceParam: TypeAlias = (
    ToolChoiceOptions | ToolChoiceFunctionParam | ToolChoiceAllowedParam | Mapping[str, object] | Object
)


class ReasoningParam(TypedDict, total=False):
    """How much the model thinks. For models that reason; others refuse it.

    effort: "none", "minimal", "low", "medium" (the default), "high", "xhigh" or "max"; no model has all.
    summary: have the reasoning summed up: "auto", "concise" or "detailed".
    generate_summary: the old name of `summary`.
    context: which reasoning the model sees again: "auto", "current_turn" or "all_turns".
    mode: "standard" or "pro".
    """

    effort: ReasoningEffort | None
    summary: Literal["auto", "concise", "detailed"] | None
    generate_summary: Literal["auto", "concise", "detailed"] | None
    context: Literal["auto", "current_turn", "all_turns"] | None
    mode: str


class ResponseFormatTextJSONSchemaConfigParam(TypedDict, total=False):
    """Holds the answer to a JSON schema. Flat here, while chat nests it under "json_schema".

    type: "json_schema".
    name: letters, digits, "_" and "-"; at most 64 characters.
    schema: the JSON schema.
    description: what the format is for; the model reads this.
    strict: whether the answer has to follow the schema exactly; default false.
    """

    type: Required[Literal["json_schema"]]
    name: Required[str]
    schema: Required[Mapping[str, object]]
    description: str
    strict: bool | None


ResponseFormatTextConfigParam: TypeAlias = ResponseFormatTextJSONSchemaConfigParam | Mapping[str, object] | Object


class ResponseTextConfigParam(TypedDict, total=False):
    """The form of the answer's text.

    format: {"type": "text"} (the default), {"type": "json_object"} or a JSON schema.
    verbosity: "low", "medium" (the default) or "high".
    """

    format: ResponseFormatTextConfigParam
    verbosity: Literal["low", "medium", "high"] | None


class ResponsePromptParam(TypedDict, total=False):
    """A stored prompt to make the request from.

    id: id of the prompt.
    version: its version; the latest by default.
    variables: values for the prompt's variables: text, or parts of a message.
    """

    id: Required[str]
    version: str | None
    variables: Mapping[str, str | ResponseInputContentParam] | None


# ---- the request: parameters of the calls ----


class ResponseCreateParams(RequestOptions, total=False):
    """The parameters of `create_response` and `responses.create`.

    model: id of the model, e.g. "gpt-5". Required.
    input: what the model answers to: a string, or a list of messages and other items, where items of an
        earlier reply may stand as they are. Required.
    instructions: a system message put before the input; not carried over by `previous_response_id`.
    max_output_tokens: limit for the answer, reasoning included; tokens, at least 16, default none.
    max_tool_calls: limit for calls of built-in tools, all tools together; default none.
    temperature: how freely the model picks its words; 0 to 2, default 1. Change this or `top_p`, not both.
    top_p: pick from the likeliest tokens that make up this share; 0 to 1, default 1.
    top_logprobs: likeliest tokens to return per position; 0 to 20, default 0. Also needs
        "message.output_text.logprobs" in `include`.
    tools: the tools the model may use: your functions (as they are, or `FunctionToolParam`), the web search
        (`WebSearchToolParam`), file_search, code_interpreter, image_generation, mcp and others.
    tool_choice: "auto" (the default), "none", "required", or a dict that names one tool.
    parallel_tool_calls: whether the model may call several tools at once; default true.
    text: form of the answer: {"format": ...} for JSON, {"verbosity": ...} for its length.
    reasoning: {"effort": ..., "summary": ...}; how much the model thinks, default effort "medium".
    include: more to have in the reply, e.g. "reasoning.encrypted_content",
        "web_search_call.action.sources", "message.output_text.logprobs".
    store: whether the service keeps the response; default true. The gateway cannot fetch it again.
    previous_response_id: id of the response to go on from; not together with `conversation`. The gateway
        may send the next call to another upstream that does not know it: sending the history is safer.
    conversation: a stored conversation, its id or {"id": ...}; the items are added to it.
    prompt: a stored prompt, {"id": ..., "version": ..., "variables": ...}.
    metadata: notes kept with the response; at most 16 pairs, keys of 64 and values of 512 characters.
    user: name for your end user; the older form of `safety_identifier` and `prompt_cache_key`.
    safety_identifier: stable name for your end user, hashed, for abuse reports; at most 64 characters.
    prompt_cache_key: requests with the same key are likelier to share a cached prompt.
    prompt_cache_options: {"mode": "implicit" or "explicit", "ttl": "30m"}; how long the cache keeps the
        prompt at least, and whether only breakpoints count.
    prompt_cache_retention: how long the cache keeps the prompt at most: "in_memory" or "24h".
    service_tier: "auto" (the default), "default", "flex", "scale", "priority", "fast" or "ultrafast".
    truncation: what happens if the input is too long: "disabled" (the default) is an error, "auto" drops
        items from the front.
    context_management: when to compact the conversation, e.g.
        [{"type": "compaction", "compact_threshold": 100000}]; the threshold is in tokens.
    moderation: have input and output checked, {"model": ..., "policy": ...}; default none.
    background: return at once and work on; default false. Of no use through the gateway, which cannot
        fetch the result.
    stream_options: {"include_obfuscation": False} leaves out the padding of stream events.
    access_programs: programs of access to make it under: {"cyber": "standard", "daybreak_blue" or "daybreak_red"}.
    background_options: with `background`: {"completion_window": "soonest" (the default), "2h" or "8h"}.
    image: {"context_compression": "auto" (the default), "enabled" or "disabled"} for pictures of the input.
    multi_agent: {"enabled": true, ...} to have the model work with agents of its own. In the making.
    betas: names of features in the making; they go as the header `OpenAI-Beta`.
    """

    model: Required[str]
    input: Required[str | Iterable[ResponseInputItemParam]]
    instructions: str | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    temperature: float | None
    top_p: float | None
    top_logprobs: int | None
    tools: Iterable[ToolParam] | Tools | None
    tool_choice: ToolChoiceParam | None
    parallel_tool_calls: bool | None
    text: ResponseTextConfigParam | Mapping[str, object] | Object | None
    reasoning: ReasoningParam | Mapping[str, object] | Object | None
    include: Iterable[ResponseIncludable] | None
    store: bool | None
    previous_response_id: str | None
    conversation: str | Mapping[str, object] | Object | None
    prompt: ResponsePromptParam | Mapping[str, object] | Object | None
    metadata: Mapping[str, str] | None
    user: str | None
    safety_identifier: str | None
    prompt_cache_key: str | None
    prompt_cache_options: Mapping[str, object] | Object | None
    prompt_cache_retention: Literal["in_memory", "24h"] | None
    service_tier: ServiceTier | None
    truncation: Literal["auto", "disabled"] | None
    context_management: Iterable[Mapping[str, object]] | None
    moderation: Mapping[str, object] | None
    background: bool | None
    stream_options: Mapping[str, object] | None
    access_programs: Mapping[str, object] | None
    background_options: Mapping[str, object] | None
    image: Mapping[str, object] | Object | None
    multi_agent: Mapping[str, object] | None
    betas: Iterable[str] | None


class ResponseRunParams(ResponseCreateParams, RunOptions, total=False):
    """The parameters of `run`: those of the call, and how it goes on."""


ResponseRunParams.__doc__ = with_options(ResponseCreateParams)


class ResponseRetrieveParams(RequestOptions, total=False):
    """The parameters of `responses.retrieve` besides the id; they go into the query.

    include: more to have in the reply, as in `ResponseCreateParams`.
    include_obfuscation: False leaves out the padding of stream events.
    starting_after: `sequence_number` of the last event you have; only with `stream=True`.
    betas: names of features in the making; they go as the header `OpenAI-Beta`.
    """

    include: Iterable[ResponseIncludable] | None
    include_obfuscation: bool | None
    starting_after: int | None
    betas: Iterable[str] | None


class ResponseIdParams(RequestOptions, total=False):
    """The parameters of `responses.delete` and `responses.cancel` besides the id.

    betas: names of features in the making; they go as the header `OpenAI-Beta`.
    """

    betas: Iterable[str] | None


class ResponseCompactParams(RequestOptions, total=False):
    """The parameters of `responses.compact`.

    model: id of the model, e.g. "gpt-5". Required.
    input: the conversation: a string, or a list of messages and other items, where items of an earlier reply may stand
        as they are.
    instructions: a system message put before the input.
    previous_response_id: id of the response to go on from.
    prompt_cache_key: requests with the same key are likelier to share a cached prompt.
    prompt_cache_options: {"mode": "implicit" or "explicit", "ttl": "30m"}.
    prompt_cache_retention: how long the cache keeps the prompt at most: "in_memory" or "24h".
    service_tier: "auto" (the default), "default", "flex", "priority" or "fast".
    image: {"context_compression": "auto" (the default), "enabled" or "disabled"} for pictures of the input.
    betas: names of features in the making; they go as the header `OpenAI-Beta`.
    """

    model: Required[str]
    input: str | Iterable[ResponseInputItemParam] | None
    instructions: str | None
    previous_response_id: str | None
    prompt_cache_key: str | None
    prompt_cache_options: Mapping[str, object] | Object | None
    prompt_cache_retention: Literal["in_memory", "24h"] | None
    service_tier: ServiceTier | None
    image: Mapping[str, object] | Object | None
    betas: Iterable[str] | None


class InputTokenCountParams(RequestOptions, total=False):
    """The parameters of `responses.input_tokens.count`: those of `responses.create` that make up the input.

    model: id of the model, e.g. "gpt-5".
    input: a string, or a list of messages and other items.
    instructions: a system message put before the input.
    conversation: a stored conversation, its id or {"id": ...}.
    previous_response_id: id of the response to go on from.
    tools: the tools the model may use, functions of yours too.
    tool_choice: "auto" (the default), "none", "required", or a dict that names one tool.
    parallel_tool_calls: whether the model may call several tools at once; default true.
    text: form of the answer: {"format": ...} for JSON, {"verbosity": ...} for its length.
    reasoning: {"effort": ..., "summary": ...}; how much the model thinks.
    truncation: "disabled" (the default) or "auto".
    personality: a style of the model's own: "friendly", "pragmatic".
    betas: names of features in the making; they go as the header `OpenAI-Beta`.
    """

    model: str | None
    input: str | Iterable[ResponseInputItemParam] | None
    instructions: str | None
    conversation: str | Mapping[str, object] | Object | None
    previous_response_id: str | None
    tools: Iterable[ToolParam] | Tools | None
    tool_choice: ToolChoiceParam | None
    parallel_tool_calls: bool | None
    text: ResponseTextConfigParam | Mapping[str, object] | Object | None
    reasoning: ReasoningParam | Mapping[str, object] | Object | None
    truncation: Literal["auto", "disabled"] | None
    personality: str | None
    betas: Iterable[str] | None


class InputItemListParams(RequestOptions, total=False):
    """The parameters of `responses.input_items.list` besides the id; they go into the query.

    after: id of an item; the page starts behind it.
    include: more to have in the reply, as in `ResponseCreateParams`.
    limit: items per page; 1 to 100, default 20.
    order: "asc" or "desc" (the default), by time.
    betas: names of features in the making; they go as the header `OpenAI-Beta`.
    """

    after: str | None
    include: Iterable[ResponseIncludable] | None
    limit: int | None
    order: Literal["asc", "desc"] | None
    betas: Iterable[str] | None


# ---- other names in the openai package: parts of a request that are written as they are sent ----
# Called too, as theirs are: `ResponseFunctionToolCallParam(type=...)` is a dict.

ResponseInputTextContentParam: TypeAlias = ResponseInputTextParam
ResponseInputImageContentParam: TypeAlias = ResponseInputImageParam
ResponseInputFileContentParam: TypeAlias = ResponseInputFileParam
ResponseInputMessageContentListParam: TypeAlias = list[ResponseInputContentParam]
ResponseFunctionCallOutputItemParam: TypeAlias = ResponseInputContentParam
ResponseFunctionCallOutputItemListParam: TypeAlias = list[ResponseInputContentParam]
ComputerActionListParam: TypeAlias = list[dict[str, Any]]
ApplyPatchToolParam: TypeAlias = dict[str, Any]
ComputerActionParam: TypeAlias = dict[str, Any]
ComputerToolParam: TypeAlias = dict[str, Any]
ComputerUsePreviewToolParam: TypeAlias = dict[str, Any]
ContainerAutoParam: TypeAlias = dict[str, Any]
ContainerNetworkPolicyAllowlistParam: TypeAlias = dict[str, Any]
ContainerNetworkPolicyDisabledParam: TypeAlias = dict[str, Any]
ContainerNetworkPolicyDomainSecretParam: TypeAlias = dict[str, Any]
ContainerReferenceParam: TypeAlias = dict[str, Any]
CustomToolParam: TypeAlias = dict[str, Any]
FileSearchToolParam: TypeAlias = dict[str, Any]
FunctionShellToolParam: TypeAlias = dict[str, Any]
InlineSkillParam: TypeAlias = dict[str, Any]
InlineSkillSourceParam: TypeAlias = dict[str, Any]
LocalEnvironmentParam: TypeAlias = dict[str, Any]
LocalSkillParam: TypeAlias = dict[str, Any]
McpToolCallErrorParam: TypeAlias = dict[str, Any]
NamespaceToolParam: TypeAlias = dict[str, Any]
ResponseCodeInterpreterToolCallParam: TypeAlias = dict[str, Any]
ResponseCompactionItemParam: TypeAlias = dict[str, Any]
ResponseCompactionItemParamParam: TypeAlias = dict[str, Any]
ResponseComputerToolCallOutputScreenshotParam: TypeAlias = dict[str, Any]
ResponseComputerToolCallParam: TypeAlias = dict[str, Any]
ResponseConfigurationUpdateItemParam: TypeAlias = dict[str, Any]
ResponseConversationParam: TypeAlias = dict[str, Any]
ResponseConversationParamParam: TypeAlias = dict[str, Any]
ResponseCustomToolCallOutputParam: TypeAlias = dict[str, Any]
ResponseCustomToolCallParam: TypeAlias = dict[str, Any]
ResponseFileSearchToolCallParam: TypeAlias = dict[str, Any]
ResponseFunctionShellCallOutputContentParam: TypeAlias = dict[str, Any]
ResponseFunctionToolCallParam: TypeAlias = dict[str, Any]
ResponseFunctionWebSearchParam: TypeAlias = dict[str, Any]
ResponseInputAudioParam: TypeAlias = dict[str, Any]
ResponseOutputMessageParam: TypeAlias = dict[str, Any]
ResponseOutputRefusalParam: TypeAlias = dict[str, Any]
ResponseOutputTextParam: TypeAlias = dict[str, Any]
ResponseReasoningItemParam: TypeAlias = dict[str, Any]
ResponseToolSearchOutputItemParam: TypeAlias = dict[str, Any]
ResponseToolSearchOutputItemParamParam: TypeAlias = dict[str, Any]
SkillReferenceParam: TypeAlias = dict[str, Any]
ToolChoiceApplyPatchParam: TypeAlias = dict[str, Any]
ToolChoiceCustomParam: TypeAlias = dict[str, Any]
ToolChoiceMcpParam: TypeAlias = dict[str, Any]
ToolChoiceShellParam: TypeAlias = dict[str, Any]
ToolChoiceTypesParam: TypeAlias = dict[str, Any]
ToolSearchOutputNamespaceToolParam: TypeAlias = dict[str, Any]
ToolSearchToolParam: TypeAlias = dict[str, Any]
