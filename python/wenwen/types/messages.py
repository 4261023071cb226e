"""`/v1/messages`: the reply, its content blocks, the stream's events, the parameters. Names as in anthropic's SDK.

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
from .shared import RequestOptions, later
from .tools import RunOptions, ToolFunction, Tools, with_options

# `Caller` and `OutputTokensDetails` mean something else in another dialect, and `wenwen.types.<name>` is that.
__all__ = [
    "AdvisorRedactedResultBlockParam", "AdvisorResultBlockParam", "AdvisorTool20260301Param",
    "AdvisorToolResultBlockParam", "AdvisorToolResultErrorParam", "AllThinkingTurnsParam",
    "AnthropicBetaParam", "AssistantMessageParam", "Base64ImageSourceParam", "Base64PDFSource",
    "Base64PDFSourceParam", "BashCodeExecutionOutputBlock", "BashCodeExecutionOutputBlockParam",
    "BashCodeExecutionResultBlock", "BashCodeExecutionResultBlockParam", "BashCodeExecutionToolResultBlock",
    "BashCodeExecutionToolResultBlockParam", "BashCodeExecutionToolResultError",
    "BashCodeExecutionToolResultErrorParam", "BillingPolicyParam", "CacheControlEphemeralParam",
    "CacheCreation", "CitationCharLocation", "CitationCharLocationParam", "CitationContentBlockLocation",
    "CitationContentBlockLocationParam", "CitationEvent", "CitationPageLocation",
    "CitationPageLocationParam", "CitationSearchResultLocationParam",
    "CitationWebSearchResultLocationParam", "CitationsConfig", "CitationsConfigParam",
    "CitationsConfigParamParam", "CitationsDelta", "CitationsSearchResultLocation",
    "CitationsWebSearchResultLocation", "ClearThinking20251015EditParam", "ClearToolUses20250919EditParam",
    "CodeExecutionOutputBlock", "CodeExecutionOutputBlockParam", "CodeExecutionResultBlock",
    "CodeExecutionResultBlockParam", "CodeExecutionTool20250522Param", "CodeExecutionTool20250825Param",
    "CodeExecutionTool20260120Param", "CodeExecutionTool20260521Param", "CodeExecutionToolResultBlock",
    "CodeExecutionToolResultBlockContent", "CodeExecutionToolResultBlockParam",
    "CodeExecutionToolResultBlockParamContentParam", "CodeExecutionToolResultError",
    "CodeExecutionToolResultErrorParam", "Compact20260112EditParam", "CompactionBlockParam",
    "CompactionConfigParam", "CompactionEvent", "ComputerToolset20260801Param",
    "ComputerToolsetConfigsParam", "Container", "ContainerParams", "ContainerUploadBlock",
    "ContainerUploadBlockParam", "ContentBlock", "ContentBlockDeltaEvent", "ContentBlockParam",
    "ContentBlockSourceContentParam", "ContentBlockSourceParam", "ContentBlockStartEvent",
    "ContentBlockStopEvent", "ContextManagementConfigParam", "DiagnosticsParam", "DirectCaller",
    "DirectCallerParam", "DocumentBlock", "DocumentBlockParam", "EncryptedCodeExecutionResultBlock",
    "EncryptedCodeExecutionResultBlockParam", "FallbackBlockParam", "FallbackInfoParam", "FallbackParam",
    "FallbacksParam", "FileDocumentSourceParam", "FileImageSourceParam", "ImageBlockParam",
    "ImageTransformationsParam", "InputJSONDelta", "InputJsonEvent", "InputTokensClearAtLeastParam",
    "InputTokensTriggerParam", "JSONOutputFormatParam", "MCPToolConfigParam", "MCPToolDefaultConfigParam",
    "MCPToolListingBlockParam", "MCPToolParam", "MCPToolParamParam", "MCPToolUseBlockParam",
    "MCPToolsetParam", "MemoryTool20250818Param", "Message", "MessageContentParam",
    "MessageCountTokensParams", "MessageCountTokensToolParam", "MessageCreateParams",
    "MessageCreateParamsContainerParam", "MessageDelta", "MessageDeltaEvent", "MessageDeltaUsage",
    "MessageParam", "MessageRunParams", "MessageStartEvent", "MessageStopEvent", "MessageStreamEvent",
    "MessageTokensCount", "MetadataParam", "OutputConfigParam", "ParsedContentBlock", "ParsedTextBlock",
    "PlainTextSource", "PlainTextSourceParam", "RawContentBlockDelta", "RawContentBlockDeltaEvent",
    "RawContentBlockStartEvent", "RawContentBlockStopEvent", "RawMessageDeltaEvent", "RawMessageStartEvent",
    "RawMessageStopEvent", "RawMessageStreamEvent", "RedactedThinkingBlock", "RedactedThinkingBlockParam",
    "RefusalStopDetails", "RequestDocumentBlockParam", "RequestMCPServerToolConfigurationParam",
    "RequestMCPServerURLDefinitionParam", "RequestMCPToolResultBlockParam", "RequestToolAdditionBlockParam",
    "RequestToolRemovalBlockParam", "SearchResultBlockParam", "ServerToolCaller",
    "ServerToolCaller20260120Param", "ServerToolCallerParam", "ServerToolUsage", "ServerToolUseBlock",
    "ServerToolUseBlockParam", "SignatureDelta", "SignatureEvent", "StopReason",
    "SystemMessageOutputConfigParam", "SystemMessageParam", "TextBlock", "TextBlockParam", "TextCitation",
    "TextCitationParam", "TextDelta", "TextEditorCodeExecutionCreateResultBlock",
    "TextEditorCodeExecutionCreateResultBlockParam", "TextEditorCodeExecutionStrReplaceResultBlock",
    "TextEditorCodeExecutionStrReplaceResultBlockParam", "TextEditorCodeExecutionToolResultBlock",
    "TextEditorCodeExecutionToolResultBlockParam", "TextEditorCodeExecutionToolResultError",
    "TextEditorCodeExecutionToolResultErrorParam", "TextEditorCodeExecutionViewResultBlock",
    "TextEditorCodeExecutionViewResultBlockParam", "TextEvent", "ThinkingBlock",
    "ThinkingBlockBindingParam", "ThinkingBlockParam", "ThinkingConfigAdaptiveParam",
    "ThinkingConfigBetweenToolsParam", "ThinkingConfigDisabledParam", "ThinkingConfigEnabledParam",
    "ThinkingConfigParam", "ThinkingDelta", "ThinkingEvent", "ThinkingTurnsParam", "TokenTaskBudgetParam",
    "ToolBash20241022Param", "ToolBash20250124Param", "ToolChangeMCPToolReferenceParam",
    "ToolChangeMCPToolsetReferenceParam", "ToolChangeToolDefinitionParam", "ToolChangeToolReferenceParam",
    "ToolChoiceAnyParam", "ToolChoiceAutoParam", "ToolChoiceNoneParam", "ToolChoiceParam",
    "ToolChoiceToolParam", "ToolComputerUse20241022Param", "ToolComputerUse20250124Param",
    "ToolComputerUse20251124Param", "ToolParam", "ToolReferenceBlock", "ToolReferenceBlockParam",
    "ToolResultBlockParam", "ToolSearchToolBm25_20251119Param", "ToolSearchToolRegex20251119Param",
    "ToolSearchToolResultBlock", "ToolSearchToolResultBlockParam", "ToolSearchToolResultError",
    "ToolSearchToolResultErrorParam", "ToolSearchToolSearchResultBlock",
    "ToolSearchToolSearchResultBlockParam", "ToolTextEditor20241022Param", "ToolTextEditor20250124Param",
    "ToolTextEditor20250429Param", "ToolTextEditor20250728Param", "ToolUnionParam", "ToolUseBlock",
    "ToolUseBlockParam", "ToolUsesKeepParam", "ToolUsesTriggerParam", "URLImageSourceParam",
    "URLPDFSourceParam", "Usage", "UserLocationParam", "UserMessageParam", "WebFetchBlock",
    "WebFetchBlockParam", "WebFetchTool20250910Param", "WebFetchTool20260209Param",
    "WebFetchTool20260309Param", "WebFetchTool20260318Param", "WebFetchToolResultBlock",
    "WebFetchToolResultBlockParam", "WebFetchToolResultErrorBlock", "WebFetchToolResultErrorBlockParam",
    "WebFetchURLSourceAllParam", "WebFetchURLSourceExceptParam", "WebFetchURLSourceNoneParam",
    "WebFetchURLSourceOnlyParam", "WebFetchURLSourceToolReferenceParam", "WebFetchURLSourcesParam",
    "WebSearchResultBlock", "WebSearchResultBlockParam", "WebSearchTool20250305Param",
    "WebSearchTool20260209Param", "WebSearchTool20260318Param", "WebSearchToolRequestErrorObjectParam",
    "WebSearchToolRequestErrorParam", "WebSearchToolResultBlock", "WebSearchToolResultBlockContent",
    "WebSearchToolResultBlockParam", "WebSearchToolResultBlockParamContentParam",
    "WebSearchToolResultError",
]  # fmt: skip


# ---- small vocabularies ----

StopReason: TypeAlias = Literal[
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
]


# ---- text and its citations ----


class CitationCharLocation(Object):
    """A stretch of a plain text document that the answer rests on."""

    type: Literal["char_location"]
    cited_text: str
    document_index: int
    document_title: str | None
    start_char_index: int
    end_char_index: int  # the first character behind it
    file_id: str | None


class CitationPageLocation(Object):
    """Pages of a PDF that the answer rests on."""

    type: Literal["page_location"]
    cited_text: str
    document_index: int
    document_title: str | None
    start_page_number: int  # from 1
    end_page_number: int  # the first page behind it
    file_id: str | None


class CitationContentBlockLocation(Object):
    """Blocks of a document made of blocks that the answer rests on."""

    type: Literal["content_block_location"]
    cited_text: str
    document_index: int
    document_title: str | None
    start_block_index: int
    end_block_index: int  # the first block behind it
    file_id: str | None


class CitationsWebSearchResultLocation(Object):
    """A web page that the answer rests on."""

    type: Literal["web_search_result_location"]
    cited_text: str
    url: str
    title: str | None
    encrypted_index: str  # to be sent back as it is


class CitationsSearchResultLocation(Object):
    """A search result of your own that the answer rests on."""

    type: Literal["search_result_location"]
    cited_text: str
    source: str
    title: str | None
    search_result_index: int
    start_block_index: int
    end_block_index: int  # the first block behind it


TextCitation: TypeAlias = (
    CitationCharLocation
    | CitationPageLocation
    | CitationContentBlockLocation
    | CitationsWebSearchResultLocation
    | CitationsSearchResultLocation
)


class TextBlock(Kept, Object):
    """A piece of the answer's text."""

    type: Literal["text"]
    text: str
    citations: list[TextCitation] | None

    @property
    def parsed_output(self) -> Any:
        """The answer as an instance of the class that `parse` or `stream` was given; None without one."""
        from .._answers import block_answer

        return block_answer(self)


# ---- thinking ----


class ThinkingBlock(Object):
    """What the model thought before it answered; goes back into the conversation exactly as it came."""

    type: Literal["thinking"]
    thinking: str
    signature: str  # proves to the model that the thinking is its own


class RedactedThinkingBlock(Object):
    """Thinking that may not be read; goes back into the conversation exactly as it came."""

    type: Literal["redacted_thinking"]
    data: str


# ---- calls of tools ----


class DirectCaller(Object):
    """The model itself made the call."""

    type: Literal["direct"]


class ServerToolCaller(Object):
    """A program of the model made the call."""

    type: Literal["code_execution_20250825", "code_execution_20260120"]
    tool_id: str


Caller: TypeAlias = DirectCaller | ServerToolCaller


class ToolUseBlock(Kept, Object):
    """The model wants one of your tools called; answer with a `tool_result` block in a user message."""

    type: Literal["tool_use"]
    id: str  # the `tool_use_id` to answer with
    name: str
    input: dict[str, object]
    caller: Caller | None
    toolset_name: str | None

    @property
    def parsed_arguments(self) -> Any:
        """The arguments as the types of the function, or as an instance of the class, that `run` or `parse` was given
        as this tool; None without one, or where they do not fit."""
        return getattr(self, "_parsed_arguments", None)


class ServerToolUseBlock(Object):
    """The model called a tool of the service; its result is a block of the same message."""

    type: Literal["server_tool_use"]
    id: str
    name: str  # web_search, web_fetch, code_execution, …
    input: dict[str, object]
    caller: Caller | None


# ---- results of the service's tools ----


class WebSearchResultBlock(Object):
    """A page that the web search found."""

    type: Literal["web_search_result"]
    url: str
    title: str
    page_age: str | None
    encrypted_content: str  # to be sent back as it is


class WebSearchToolResultError(Object):
    """Why the web search failed."""

    type: Literal["web_search_tool_result_error"]
    error_code: str  # max_uses_exceeded, too_many_requests, query_too_long, unavailable, …


WebSearchToolResultBlockContent: TypeAlias = WebSearchToolResultError | list[WebSearchResultBlock]


class WebSearchToolResultBlock(Object):
    """What the web search found."""

    type: Literal["web_search_tool_result"]
    tool_use_id: str
    content: WebSearchToolResultBlockContent
    caller: Caller | None


class Base64PDFSource(Object):
    """The bytes of a PDF."""

    type: Literal["base64"]
    media_type: Literal["application/pdf"]
    data: str


class PlainTextSource(Object):
    """A text."""

    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str


class CitationsConfig(Object):
    """Whether the answer says where in a document it has something from."""

    enabled: bool


class DocumentBlock(Object):
    """A document that was fetched."""

    type: Literal["document"]
    source: Base64PDFSource | PlainTextSource
    title: str | None
    citations: CitationsConfig | None


class WebFetchBlock(Object):
    """A page that was fetched."""

    type: Literal["web_fetch_result"]
    url: str
    content: DocumentBlock
    retrieved_at: str | None


class WebFetchToolResultErrorBlock(Object):
    """Why a page could not be fetched."""

    type: Literal["web_fetch_tool_result_error"]
    error_code: str  # url_not_allowed, url_not_accessible, unsupported_content_type, …


class WebFetchToolResultBlock(Object):
    """What came of fetching a page."""

    type: Literal["web_fetch_tool_result"]
    tool_use_id: str
    content: WebFetchBlock | WebFetchToolResultErrorBlock
    caller: Caller | None


class CodeExecutionOutputBlock(Object):
    """A file that a program made."""

    type: Literal["code_execution_output"]
    file_id: str


class CodeExecutionResultBlock(Object):
    """What a program wrote and how it ended."""

    type: Literal["code_execution_result"]
    stdout: str
    stderr: str
    return_code: int
    content: list[CodeExecutionOutputBlock]


class EncryptedCodeExecutionResultBlock(Object):
    """How a program ended, where what it wrote may not be read."""

    type: Literal["encrypted_code_execution_result"]
    encrypted_stdout: str
    stderr: str
    return_code: int
    content: list[CodeExecutionOutputBlock]


class CodeExecutionToolResultError(Object):
    """Why a program could not be run."""

    type: Literal["code_execution_tool_result_error"]
    error_code: str


CodeExecutionToolResultBlockContent: TypeAlias = (
    CodeExecutionToolResultError | CodeExecutionResultBlock | EncryptedCodeExecutionResultBlock
)


class CodeExecutionToolResultBlock(Object):
    """What came of running a program."""

    type: Literal["code_execution_tool_result"]
    tool_use_id: str
    content: CodeExecutionToolResultBlockContent


class BashCodeExecutionOutputBlock(Object):
    """A file that a shell command made."""

    type: Literal["bash_code_execution_output"]
    file_id: str


class BashCodeExecutionResultBlock(Object):
    """What a shell command wrote and how it ended."""

    type: Literal["bash_code_execution_result"]
    stdout: str
    stderr: str
    return_code: int
    content: list[BashCodeExecutionOutputBlock]


class BashCodeExecutionToolResultError(Object):
    """Why a shell command could not be run."""

    type: Literal["bash_code_execution_tool_result_error"]
    error_code: str


class BashCodeExecutionToolResultBlock(Object):
    """What came of a shell command."""

    type: Literal["bash_code_execution_tool_result"]
    tool_use_id: str
    content: BashCodeExecutionToolResultError | BashCodeExecutionResultBlock


class TextEditorCodeExecutionViewResultBlock(Object):
    """What is in a file."""

    type: Literal["text_editor_code_execution_view_result"]
    content: str
    file_type: Literal["text", "image", "pdf"]
    num_lines: int | None
    start_line: int | None
    total_lines: int | None


class TextEditorCodeExecutionCreateResultBlock(Object):
    """A file was written."""

    type: Literal["text_editor_code_execution_create_result"]
    is_file_update: bool


class TextEditorCodeExecutionStrReplaceResultBlock(Object):
    """A file was changed."""

    type: Literal["text_editor_code_execution_str_replace_result"]
    lines: list[str] | None
    new_lines: int | None
    new_start: int | None
    old_lines: int | None
    old_start: int | None


class TextEditorCodeExecutionToolResultError(Object):
    """Why a file could not be read or changed."""

    type: Literal["text_editor_code_execution_tool_result_error"]
    error_code: str
    error_message: str | None


class TextEditorCodeExecutionToolResultBlock(Object):
    """What came of reading or changing a file."""

    type: Literal["text_editor_code_execution_tool_result"]
    tool_use_id: str
    content: (
        TextEditorCodeExecutionToolResultError
        | TextEditorCodeExecutionViewResultBlock
        | TextEditorCodeExecutionCreateResultBlock
        | TextEditorCodeExecutionStrReplaceResultBlock
    )


class ToolReferenceBlock(Object):
    """A tool that the search for tools found."""

    type: Literal["tool_reference"]
    tool_name: str


class ToolSearchToolSearchResultBlock(Object):
    """The tools that were found."""

    type: Literal["tool_search_tool_search_result"]
    tool_references: list[ToolReferenceBlock]


class ToolSearchToolResultError(Object):
    """Why the search for tools failed."""

    type: Literal["tool_search_tool_result_error"]
    error_code: str
    error_message: str | None


class ToolSearchToolResultBlock(Object):
    """What came of a search for tools."""

    type: Literal["tool_search_tool_result"]
    tool_use_id: str
    content: ToolSearchToolResultError | ToolSearchToolSearchResultBlock


class ContainerUploadBlock(Object):
    """A file that was put into the container."""

    type: Literal["container_upload"]
    file_id: str


ContentBlock: TypeAlias = (
    TextBlock
    | ThinkingBlock
    | RedactedThinkingBlock
    | ToolUseBlock
    | ServerToolUseBlock
    | WebSearchToolResultBlock
    | WebFetchToolResultBlock
    | CodeExecutionToolResultBlock
    | BashCodeExecutionToolResultBlock
    | TextEditorCodeExecutionToolResultBlock
    | ToolSearchToolResultBlock
    | ContainerUploadBlock
)


# ---- the message ----


class CacheCreation(Object):
    """How long what was put into the cache stays there; tokens."""

    ephemeral_5m_input_tokens: int
    ephemeral_1h_input_tokens: int


class ServerToolUsage(Object):
    """How often the service's tools were used."""

    web_search_requests: int
    web_fetch_requests: int


class OutputTokensDetails(Object):
    """What the output tokens went into."""

    thinking_tokens: int


class Usage(Object):
    """What the call consumed; the whole input is `input_tokens` and both cache figures together."""

    input_tokens: int  # neither read from the cache nor put there
    output_tokens: int  # thinking included
    cache_creation_input_tokens: int | None
    cache_read_input_tokens: int | None
    cache_creation: CacheCreation | None
    output_tokens_details: OutputTokensDetails | None
    server_tool_use: ServerToolUsage | None
    service_tier: Literal["standard", "priority", "batch"] | None
    inference_geo: str | None
    speed: Literal["standard", "fast"] | None


class Container(Object):
    """Where programs of the model run."""

    id: str
    expires_at: str
    skills: list[Object] | None  # that were loaded in it: skill_id, type, version


class RefusalStopDetails(Object):
    """Why the model refused."""

    type: Literal["refusal"]
    category: str | None
    explanation: str | None


class Message(Answered, Calling, Reply):
    """The model's answer."""

    _dialect = "messages"

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str  # may be another name than was asked for
    content: list[ContentBlock]
    stop_reason: StopReason | None  # None only in a stream's `message_start`
    stop_sequence: str | None
    stop_details: RefusalStopDetails | None
    usage: Usage
    container: Container | None
    diagnostics: Object | None  # why a cache did not serve: cache_miss_reason
    context_management: Object | None  # what was dropped from a long conversation: applied_edits

    @property
    def text(self) -> str:
        """The text of all text blocks, joined; "" if there is none."""
        content = self.content or ()
        if isinstance(content, str):  # not by the specification, but some upstreams do it
            return content
        texts = (getattr(block, "text", None) for block in content if getattr(block, "type", None) == "text")
        return "".join(text or "" for text in texts)

    @property
    def parsed_output(self) -> Any:
        """The answer as an instance of the class that `parse` or `stream` was given; None without one, and where there
        is no answer: `parsed` says why."""
        from .._answers import answer_of

        return answer_of(self)


class MessageTokensCount(Reply):
    """How many tokens an input has."""

    input_tokens: int


# ---- the events of a stream ----


class TextDelta(Object):
    """More of a text."""

    type: Literal["text_delta"]
    text: str


class InputJSONDelta(Object):
    """More of a tool's input, as JSON text that may break off anywhere."""

    type: Literal["input_json_delta"]
    partial_json: str


class ThinkingDelta(Object):
    """More of the thinking."""

    type: Literal["thinking_delta"]
    thinking: str


class SignatureDelta(Object):
    """The signature of the thinking."""

    type: Literal["signature_delta"]
    signature: str


class CitationsDelta(Object):
    """One more citation of a text."""

    type: Literal["citations_delta"]
    citation: TextCitation


RawContentBlockDelta: TypeAlias = TextDelta | InputJSONDelta | CitationsDelta | ThinkingDelta | SignatureDelta


class RawMessageStartEvent(Object):
    """The message begins; its content is empty."""

    type: Literal["message_start"]
    message: Message


class MessageDelta(Object):
    """How the message ended."""

    stop_reason: StopReason | None
    stop_sequence: str | None
    stop_details: RefusalStopDetails | None
    container: Container | None


class MessageDeltaUsage(Object):
    """What the call consumed from its beginning; some upstreams send `output_tokens` alone."""

    output_tokens: int
    input_tokens: int | None
    cache_creation_input_tokens: int | None
    cache_read_input_tokens: int | None
    output_tokens_details: OutputTokensDetails | None
    server_tool_use: ServerToolUsage | None


class RawMessageDeltaEvent(Object):
    """The message is whole: why it ended and what it consumed."""

    type: Literal["message_delta"]
    delta: MessageDelta
    usage: MessageDeltaUsage


class RawMessageStopEvent(Object):
    """The last event."""

    type: Literal["message_stop"]


class RawContentBlockStartEvent(Object):
    """A block of the content begins; empty, but for the results of the service's tools, which come whole."""

    type: Literal["content_block_start"]
    index: int
    content_block: ContentBlock


class RawContentBlockDeltaEvent(Object):
    """More of a block."""

    type: Literal["content_block_delta"]
    index: int
    delta: RawContentBlockDelta


class RawContentBlockStopEvent(Object):
    """A block is whole."""

    type: Literal["content_block_stop"]
    index: int


RawMessageStreamEvent: TypeAlias = (
    RawMessageStartEvent
    | RawMessageDeltaEvent
    | RawMessageStopEvent
    | RawContentBlockStartEvent
    | RawContentBlockDeltaEvent
    | RawContentBlockStopEvent
)

MessageStartEvent: TypeAlias = RawMessageStartEvent
MessageDeltaEvent: TypeAlias = RawMessageDeltaEvent
ContentBlockStartEvent: TypeAlias = RawContentBlockStartEvent
ContentBlockDeltaEvent: TypeAlias = RawContentBlockDeltaEvent


# ---- what the helper of a stream adds ----


class TextEvent(Object):
    """More of a text, after the `content_block_delta` that brought it."""

    type: Literal["text"]
    text: str
    snapshot: str  # the block's text so far

    @property
    def parsed(self) -> Any:
        """What of an answer of a class is there so far, as plain values: fields that are not whole yet are absent. Made
        when it is asked for, of the whole text. None without a class."""
        output = getattr(self, "_output", None)
        return None if output is None else output.partial(self.snapshot)

    def parsed_snapshot(self) -> Any:
        """anthropic's name for `parsed`."""
        return self.parsed


class CitationEvent(Object):
    """One more citation, after the `content_block_delta` that brought it."""

    type: Literal["citation"]
    citation: TextCitation
    snapshot: list[TextCitation]  # the block's citations so far


class ThinkingEvent(Object):
    """More of the thinking, after the `content_block_delta` that brought it."""

    type: Literal["thinking"]
    thinking: str
    snapshot: str  # the block's thinking so far


class SignatureEvent(Object):
    """The signature of the thinking, after the `content_block_delta` that brought it."""

    type: Literal["signature"]
    signature: str


class CompactionEvent(Object):
    """The summary that takes the conversation's place, after the `content_block_delta` that brought it."""

    type: Literal["compaction"]
    content: str
    encrypted_content: str | None


class InputJsonEvent(Object):
    """More of a tool's input, after the `content_block_delta` that brought it."""

    type: Literal["input_json"]
    partial_json: str
    snapshot: object  # what of the input is whole so far; parsed when it is touched


class ContentBlockStopEvent(RawContentBlockStopEvent):
    """A block is whole, and here it is."""

    content_block: ContentBlock


class MessageStopEvent(RawMessageStopEvent):
    """The last event, with the whole message."""

    message: Message


MessageStreamEvent: TypeAlias = (
    TextEvent
    | CitationEvent
    | ThinkingEvent
    | SignatureEvent
    | CompactionEvent
    | InputJsonEvent
    | RawMessageStartEvent
    | RawMessageDeltaEvent
    | MessageStopEvent
    | RawContentBlockStartEvent
    | RawContentBlockDeltaEvent
    | ContentBlockStopEvent
)


# ---- other names in the anthropic package for the same shapes ----

ParsedContentBlock: TypeAlias = ContentBlock
ParsedTextBlock: TypeAlias = TextBlock

if TYPE_CHECKING:
    from ._parsed import ParsedMessage as ParsedMessage
else:
    __getattr__ = later(__name__, "ParsedMessage")


# ---- the request: dicts that are often written by hand ----


class CacheControlEphemeralParam(TypedDict, total=False):
    """Marks the end of a beginning of the request that the cache should keep.

    type: "ephemeral".
    ttl: how long: "5m" (the default) or "1h".
    """

    type: Required[Literal["ephemeral"]]
    ttl: Literal["5m", "1h"]


class TextBlockParam(TypedDict, total=False):
    """A text block of a message.

    type: "text".
    text: the text.
    cache_control: {"type": "ephemeral"} to have everything up to here cached.
    citations: of a block of the model's own sent back, as they came.
    """

    type: Required[Literal["text"]]
    text: Required[str]
    cache_control: CacheControlEphemeralParam | None
    citations: Iterable[Mapping[str, object] | Object] | None


class Base64ImageSourceParam(TypedDict, total=False):
    """The bytes of an image.

    type: "base64".
    data: base64; bytes and the path of a file are sent as that.
    media_type: "image/jpeg", "image/png", "image/gif" or "image/webp"; next to bytes or a path it may be left out.
    """

    type: Required[Literal["base64"]]
    data: Required[str | bytes | os.PathLike[str]]
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp"]


class URLImageSourceParam(TypedDict, total=False):
    """An image on the web. Not every upstream of the gateway fetches it: base64 is safer.

    type: "url".
    url: its URL.
    """

    type: Required[Literal["url"]]
    url: Required[str]


class ImageBlockParam(TypedDict, total=False):
    """An image in a message.

    type: "image".
    source: its bytes or its URL.
    transformations: what to do with it first.
    cache_control: {"type": "ephemeral"} to have everything up to here cached.
    """

    type: Required[Literal["image"]]
    source: Required[Base64ImageSourceParam | URLImageSourceParam | Mapping[str, object]]
    transformations: Mapping[str, object] | None
    cache_control: CacheControlEphemeralParam | None


class Base64PDFSourceParam(TypedDict, total=False):
    """The bytes of a PDF.

    type: "base64".
    data: base64; bytes and the path of a file are sent as that.
    media_type: "application/pdf"; next to bytes or a path it may be left out.
    """

    type: Required[Literal["base64"]]
    data: Required[str | bytes | os.PathLike[str]]
    media_type: Literal["application/pdf"]


class PlainTextSourceParam(TypedDict, total=False):
    """A document that is plain text.

    type: "text".
    data: the text.
    media_type: "text/plain".
    """

    type: Required[Literal["text"]]
    data: Required[str]
    media_type: Required[Literal["text/plain"]]


class ContentBlockSourceParam(TypedDict, total=False):
    """A document made of blocks.

    type: "content".
    content: a text, or text and image blocks.
    """

    type: Required[Literal["content"]]
    content: Required[str | Iterable[TextBlockParam | ImageBlockParam]]


class URLPDFSourceParam(TypedDict, total=False):
    """A PDF on the web.

    type: "url".
    url: its URL.
    """

    type: Required[Literal["url"]]
    url: Required[str]


class DocumentBlockParam(TypedDict, total=False):
    """A document in a message.

    type: "document".
    source: a PDF's bytes or URL, a text, or blocks.
    title: its title, which the model reads.
    context: what else the model should know about it; not cited.
    citations: {"enabled": True} to have the answer say where it has something from.
    cache_control: {"type": "ephemeral"} to have everything up to here cached.
    """

    type: Required[Literal["document"]]
    source: Required[
        Base64PDFSourceParam | PlainTextSourceParam | ContentBlockSourceParam | URLPDFSourceParam | Mapping[str, object]
    ]
    title: str | None
    context: str | None
    citations: Mapping[str, object] | None
    cache_control: CacheControlEphemeralParam | None


class SearchResultBlockParam(TypedDict, total=False):
    """A search result of your own, for the model to cite.

    type: "search_result".
    source: where it is from, a URL for instance.
    title: its title.
    content: text blocks.
    citations: {"enabled": True} to have it cited.
    cache_control: {"type": "ephemeral"} to have everything up to here cached.
    """

    type: Required[Literal["search_result"]]
    source: Required[str]
    title: Required[str]
    content: Required[Iterable[TextBlockParam]]
    citations: Mapping[str, object]
    cache_control: CacheControlEphemeralParam | None


class ThinkingBlockParam(TypedDict, total=False):
    """Thinking of the model, sent back; the block of the reply may stand for it as it is.

    type: "thinking".
    thinking: as it came.
    signature: as it came.
    """

    type: Required[Literal["thinking"]]
    thinking: Required[str]
    signature: Required[str]


class RedactedThinkingBlockParam(TypedDict, total=False):
    """Thinking that may not be read, sent back; the block of the reply may stand for it as it is.

    type: "redacted_thinking".
    data: as it came.
    """

    type: Required[Literal["redacted_thinking"]]
    data: Required[str]


class ToolUseBlockParam(TypedDict, total=False):
    """A call of a tool, sent back; the block of the reply may stand for it as it is.

    type: "tool_use".
    id: as it came.
    name: the tool's name.
    input: the input, as a dict.
    caller: as it came.
    toolset_name: as it came.
    cache_control: {"type": "ephemeral"} to have everything up to here cached.
    """

    type: Required[Literal["tool_use"]]
    id: Required[str]
    name: Required[str]
    input: Required[Mapping[str, object] | Object]
    caller: Mapping[str, object] | Object | None
    toolset_name: str | None
    cache_control: CacheControlEphemeralParam | None


class ToolResultBlockParam(TypedDict, total=False):
    """What a tool returned, in the user message after the call.

    type: "tool_result".
    tool_use_id: the `id` of the call.
    content: the result: a text, or text, image and document blocks.
    is_error: whether the tool failed; the content then says how.
    toolset_name: as the call has it.
    cache_control: {"type": "ephemeral"} to have everything up to here cached.
    """

    type: Required[Literal["tool_result"]]
    tool_use_id: Required[str]
    content: str | Iterable[TextBlockParam | ImageBlockParam | DocumentBlockParam | SearchResultBlockParam | Object]
    is_error: bool
    toolset_name: str | None
    cache_control: CacheControlEphemeralParam | None


ContentBlockParam: TypeAlias = (
    TextBlockParam
    | ImageBlockParam
    | DocumentBlockParam
    | SearchResultBlockParam
    | ThinkingBlockParam
    | RedactedThinkingBlockParam
    | ToolUseBlockParam
    | ToolResultBlockParam
    | Mapping[str, object]
    | Object
)


class MessageParam(TypedDict, total=False):
    """A message of the conversation.

    role: who speaks: "user" or "assistant"; some models take "system" in the middle.
    content: the text, or a list of blocks; those of a reply may stand as they are.
    """

    role: Required[Literal["user", "assistant", "system"]]
    content: Required[str | Iterable[ContentBlockParam]]


class ToolParam(TypedDict, total=False):
    """A tool of yours that the model may call.

    name: letters, digits, "_" and "-"; at most 64 characters.
    input_schema: JSON schema of the input, an object.
    description: what it does and when to call it; the model reads this.
    type: "custom"; may be left out.
    strict: whether the input has to follow the schema exactly.
    input_examples: inputs for the model to learn from.
    cache_control: {"type": "ephemeral"} to have the tools up to here cached.
    defer_loading: leave it out until the model finds it by tool search.
    eager_input_streaming: have the input streamed while it is written, without a check that it is JSON.
    allowed_callers: who may call it: "direct" (the model), "code_execution_20250825" (its programs), …
    """

    name: Required[str]
    input_schema: Required[Mapping[str, object]]
    description: str
    type: Literal["custom"] | None
    strict: bool
    input_examples: Iterable[Mapping[str, object]]
    cache_control: CacheControlEphemeralParam | None
    defer_loading: bool
    eager_input_streaming: bool | None
    allowed_callers: Iterable[str]


class UserLocationParam(TypedDict, total=False):
    """Roughly where the user is.

    type: "approximate".
    city: name of the city.
    country: two letters, ISO 3166, e.g. "CN".
    region: name of the province or state.
    timezone: IANA name, e.g. "Asia/Shanghai".
    """

    type: Required[Literal["approximate"]]
    city: str | None
    country: str | None
    region: str | None
    timezone: str | None


class WebSearchTool20250305Param(TypedDict, total=False):
    """The service's web search. Not every upstream of the gateway has it.

    type: "web_search_20250305".
    name: "web_search".
    max_uses: how often the model may search in one call.
    allowed_domains: the only domains to search; not together with `blocked_domains`.
    blocked_domains: domains to leave out.
    user_location: roughly where the user is.
    allowed_callers: who may call it: "direct", "code_execution_20250825" and later ones.
    defer_loading: True to have it found by the search for tools alone.
    strict: True to hold its input to its schema.
    cache_control: {"type": "ephemeral"} to have the tools up to here cached.
    """

    type: Required[Literal["web_search_20250305"]]
    name: Required[Literal["web_search"]]
    max_uses: int | None
    allowed_domains: Iterable[str] | None
    blocked_domains: Iterable[str] | None
    user_location: UserLocationParam | None
    allowed_callers: Iterable[str] | None
    defer_loading: bool | None
    strict: bool | None
    cache_control: CacheControlEphemeralParam | None


ToolUnionParam: TypeAlias = ToolParam | WebSearchTool20250305Param | ToolFunction | Mapping[str, object] | Object


class ToolChoiceAutoParam(TypedDict, total=False):
    """The model decides whether it calls a tool.

    type: "auto".
    disable_parallel_tool_use: True for at most one call.
    """

    type: Required[Literal["auto"]]
    disable_parallel_tool_use: bool


class ToolChoiceAnyParam(TypedDict, total=False):
    """Makes the model call a tool, of its choice.

    type: "any".
    disable_parallel_tool_use: True for exactly one call.
    """

    type: Required[Literal["any"]]
    disable_parallel_tool_use: bool


class ToolChoiceToolParam(TypedDict, total=False):
    """Makes the model call one tool.

    type: "tool".
    name: the tool's name.
    disable_parallel_tool_use: True for exactly one call.
    """

    type: Required[Literal["tool"]]
    name: Required[str]
    disable_parallel_tool_use: bool


class ToolChoiceNoneParam(TypedDict, total=False):
    """Keeps the model from calling a tool.

    type: "none".
    """

    type: Required[Literal["none"]]


ToolChoiceParam: TypeAlias = ToolChoiceAutoParam | ToolChoiceAnyParam | ToolChoiceToolParam | ToolChoiceNoneParam


class ThinkingConfigEnabledParam(TypedDict, total=False):
    """Has the model think before it answers.

    type: "enabled".
    budget_tokens: limit for the thinking; at least 1024, and less than `max_tokens`.
    display: "summarized" (the default), or "omitted" for the signature alone.
    """

    type: Required[Literal["enabled"]]
    budget_tokens: Required[int]
    display: Literal["summarized", "omitted"] | None


class ThinkingConfigAdaptiveParam(TypedDict, total=False):
    """Lets the model decide how much it thinks.

    type: "adaptive".
    display: "summarized" (the default), or "omitted" for the signature alone.
    """

    type: Required[Literal["adaptive"]]
    display: Literal["summarized", "omitted"] | None


class ThinkingConfigDisabledParam(TypedDict, total=False):
    """Keeps the model from thinking.

    type: "disabled".
    """

    type: Required[Literal["disabled"]]


ThinkingConfigParam: TypeAlias = ThinkingConfigEnabledParam | ThinkingConfigAdaptiveParam | ThinkingConfigDisabledParam


class JSONOutputFormatParam(TypedDict, total=False):
    """Holds the answer to a JSON schema.

    type: "json_schema".
    schema: the JSON schema.
    """

    type: Required[Literal["json_schema"]]
    schema: Required[Mapping[str, object]]


class OutputConfigParam(TypedDict, total=False):
    """The form of the answer, and the effort put into it.

    format: {"type": "json_schema", "schema": ...} to hold the answer to a schema.
    effort: "low", "medium", "high", "xhigh" or "max"; no model has all.
    """

    format: JSONOutputFormatParam | None
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None


class MetadataParam(TypedDict, total=False):
    """Notes about the request.

    user_id: an id of your end user that says nothing about the person, for abuse reports.
    """

    user_id: str | None


# ---- the request: parameters of the call ----


class MessageCreateParams(RequestOptions, total=False):
    """The parameters of `create_message` and `messages.create`.

    model: id of the model, e.g. "claude-sonnet-4-20250514"; with "-thinking" at its end the gateway has it think.
        Required.
    max_tokens: limit for the answer, thinking included; tokens. Give it always: without it the gateway sends a
        default of its own.
    messages: the conversation so far, of {"role": ..., "content": ...}; content is a text or a list of blocks, where
        those of an earlier reply may stand as they are. Required.
    system: what the model is told before the conversation: a text, or text blocks.
    temperature: how freely the model picks its words; 0 to 1, default 1.
    top_p: pick from the likeliest tokens that make up this share. Change this or `temperature`, not both.
    top_k: pick from this many of the likeliest tokens.
    stop_sequences: texts at which the answer ends; `stop_sequence` of the reply says which it was.
    tools: the tools the model may use: your functions (as they are, or `ToolParam`), and the service's, like the web
        search.
    tool_choice: {"type": "auto"} (the default), "any", "none", or "tool" with a "name".
    thinking: {"type": "enabled", "budget_tokens": 2048} to have the model think first; "adaptive", "disabled".
    output_config: {"format": ...} to hold the answer to a JSON schema, {"effort": ...}.
    cache_control: {"type": "ephemeral"} to have the whole request cached. On the gateway the cache needs a channel of
        its own: ask its operator.
    metadata: {"user_id": ...}, for abuse reports.
    service_tier: "auto" (the default) or "standard_only"; the gateway may leave it out.
    container: id of the container for programs, from an earlier reply.
    mcp_servers: MCP servers to use. The gateway does not support them yet.
    context_management: what to drop from a long conversation.
    inference_geo: where the model should run; the gateway may leave it out.
    speed: "standard" (the default) or "fast".
    diagnostics: {"previous_message_id": ...} to be told why the cache of an earlier call did not serve.
    billing_policy: how the call is billed. In the making.
    compaction: when and how the service makes a long conversation shorter. In the making.
    fallbacks: models to ask where this one declines. In the making.
    fallback_credit_token: what an earlier reply gave for such a call. In the making.
    thread: a conversation that the service keeps. In the making.
    betas: names of features in the making; they go as the header `anthropic-beta`.
    user_profile_id: whom the call is for; it goes as a header.
    workspace_id: which workspace of the key's; it goes as a header.
    """

    model: Required[str]
    max_tokens: int
    messages: Required[Iterable[MessageParam | Mapping[str, object] | Object]]
    system: str | Iterable[TextBlockParam | Mapping[str, object]] | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    stop_sequences: Iterable[str] | None
    tools: Iterable[ToolUnionParam] | Tools | None
    tool_choice: ToolChoiceParam | Mapping[str, object] | Object | None
    thinking: ThinkingConfigParam | Mapping[str, object] | Object | None
    output_config: OutputConfigParam | Mapping[str, object] | Object | None
    cache_control: CacheControlEphemeralParam | Mapping[str, object] | None
    metadata: MetadataParam | Mapping[str, object] | None
    service_tier: Literal["auto", "standard_only"] | None
    container: str | Mapping[str, object] | None
    mcp_servers: Iterable[Mapping[str, object]] | None
    context_management: Mapping[str, object] | None
    inference_geo: str | None
    speed: Literal["standard", "fast"] | None
    diagnostics: Mapping[str, object] | None
    billing_policy: str | Mapping[str, object] | None
    compaction: Mapping[str, object] | None
    fallbacks: str | Iterable[Mapping[str, object]] | None
    fallback_credit_token: str | None
    thread: str | Mapping[str, object] | None
    betas: Iterable[str] | None
    user_profile_id: str | None
    workspace_id: str | None


class MessageCountTokensParams(RequestOptions, total=False):
    """The parameters of `messages.count_tokens`: those of `messages.create` that make up the input.

    model: id of the model, e.g. "claude-sonnet-4-20250514". Required.
    messages: the conversation so far, of {"role": ..., "content": ...}. Required.
    system: what the model is told before the conversation: a text, or text blocks.
    tools: the tools the model may use, functions of yours too.
    tool_choice: {"type": "auto"} (the default), "any", "none", or "tool" with a "name".
    thinking: {"type": "enabled", "budget_tokens": 2048} to have the model think first.
    output_config: {"format": ...} to hold the answer to a JSON schema, {"effort": ...}.
    cache_control: {"type": "ephemeral"} to have the whole request cached.
    mcp_servers: MCP servers to use.
    context_management: what to drop from a long conversation.
    speed: "standard" (the default) or "fast".
    billing_policy: how the call is billed. In the making.
    compaction: when and how the service makes a long conversation shorter. In the making.
    betas: names of features in the making; they go as the header `anthropic-beta`.
    user_profile_id: whom the call is for; it goes as a header.
    workspace_id: which workspace of the key's; it goes as a header.
    """

    model: Required[str]
    messages: Required[Iterable[MessageParam | Mapping[str, object] | Object]]
    system: str | Iterable[TextBlockParam | Mapping[str, object]] | None
    tools: Iterable[ToolUnionParam] | Tools | None
    tool_choice: ToolChoiceParam | Mapping[str, object] | Object | None
    thinking: ThinkingConfigParam | Mapping[str, object] | Object | None
    output_config: OutputConfigParam | Mapping[str, object] | Object | None
    cache_control: CacheControlEphemeralParam | Mapping[str, object] | None
    mcp_servers: Iterable[Mapping[str, object]] | None
    context_management: Mapping[str, object] | None
    speed: Literal["standard", "fast"] | None
    billing_policy: str | Mapping[str, object] | None
    compaction: Mapping[str, object] | None
    betas: Iterable[str] | None
    user_profile_id: str | None
    workspace_id: str | None


class MessageRunParams(MessageCreateParams, RunOptions, total=False):
    """The parameters of `run`: those of the call, and how it goes on."""


MessageRunParams.__doc__ = with_options(MessageCreateParams)


class MessageRunnerParams(MessageRunParams, total=False):
    """The parameters of `tool_runner`: those of `run`, and when it ends."""

    max_iterations: int | None
    run_tools_eagerly: bool | None


MessageRunnerParams.__doc__ = (
    f"{(MessageRunParams.__doc__ or '').rstrip()}\n"
    "    max_iterations: how many messages of the model's there may be; default none. What the last one calls\n"
    "        does not run.\n"
    "    run_tools_eagerly: with `stream=True`, runs a call once the model has gone on behind it, while the message\n"
    "        still comes (False).\n"
)


# ---- other names in the anthropic package: parts of a request that are written as they are sent ----
# Called too, as theirs are: `ServerToolUseBlockParam(type=...)` is a dict.

AssistantMessageParam: TypeAlias = MessageParam
UserMessageParam: TypeAlias = MessageParam
SystemMessageParam: TypeAlias = MessageParam
RequestDocumentBlockParam: TypeAlias = DocumentBlockParam
AnthropicBetaParam: TypeAlias = str
MessageCountTokensToolParam: TypeAlias = ToolUnionParam
FallbacksParam: TypeAlias = list[dict[str, Any]]
MessageContentParam: TypeAlias = str | list[ContentBlockParam]
AdvisorRedactedResultBlockParam: TypeAlias = dict[str, Any]
AdvisorResultBlockParam: TypeAlias = dict[str, Any]
AdvisorTool20260301Param: TypeAlias = dict[str, Any]
AdvisorToolResultBlockParam: TypeAlias = dict[str, Any]
AdvisorToolResultErrorParam: TypeAlias = dict[str, Any]
AllThinkingTurnsParam: TypeAlias = dict[str, Any]
BashCodeExecutionOutputBlockParam: TypeAlias = dict[str, Any]
BashCodeExecutionResultBlockParam: TypeAlias = dict[str, Any]
BashCodeExecutionToolResultBlockParam: TypeAlias = dict[str, Any]
BashCodeExecutionToolResultErrorParam: TypeAlias = dict[str, Any]
BillingPolicyParam: TypeAlias = dict[str, Any]
CitationCharLocationParam: TypeAlias = dict[str, Any]
CitationContentBlockLocationParam: TypeAlias = dict[str, Any]
CitationPageLocationParam: TypeAlias = dict[str, Any]
CitationSearchResultLocationParam: TypeAlias = dict[str, Any]
CitationWebSearchResultLocationParam: TypeAlias = dict[str, Any]
CitationsConfigParam: TypeAlias = dict[str, Any]
CitationsConfigParamParam: TypeAlias = dict[str, Any]
ClearThinking20251015EditParam: TypeAlias = dict[str, Any]
ClearToolUses20250919EditParam: TypeAlias = dict[str, Any]
CodeExecutionOutputBlockParam: TypeAlias = dict[str, Any]
CodeExecutionResultBlockParam: TypeAlias = dict[str, Any]
CodeExecutionTool20250522Param: TypeAlias = dict[str, Any]
CodeExecutionTool20250825Param: TypeAlias = dict[str, Any]
CodeExecutionTool20260120Param: TypeAlias = dict[str, Any]
CodeExecutionTool20260521Param: TypeAlias = dict[str, Any]
CodeExecutionToolResultBlockParam: TypeAlias = dict[str, Any]
CodeExecutionToolResultBlockParamContentParam: TypeAlias = dict[str, Any]
CodeExecutionToolResultErrorParam: TypeAlias = dict[str, Any]
Compact20260112EditParam: TypeAlias = dict[str, Any]
CompactionBlockParam: TypeAlias = dict[str, Any]
CompactionConfigParam: TypeAlias = dict[str, Any]
ComputerToolset20260801Param: TypeAlias = dict[str, Any]
ComputerToolsetConfigsParam: TypeAlias = dict[str, Any]
ContainerParams: TypeAlias = dict[str, Any]
ContainerUploadBlockParam: TypeAlias = dict[str, Any]
ContentBlockSourceContentParam: TypeAlias = dict[str, Any]
ContextManagementConfigParam: TypeAlias = dict[str, Any]
DiagnosticsParam: TypeAlias = dict[str, Any]
DirectCallerParam: TypeAlias = dict[str, Any]
EncryptedCodeExecutionResultBlockParam: TypeAlias = dict[str, Any]
FallbackBlockParam: TypeAlias = dict[str, Any]
FallbackInfoParam: TypeAlias = dict[str, Any]
FallbackParam: TypeAlias = dict[str, Any]
FileDocumentSourceParam: TypeAlias = dict[str, Any]
FileImageSourceParam: TypeAlias = dict[str, Any]
ImageTransformationsParam: TypeAlias = dict[str, Any]
InputTokensClearAtLeastParam: TypeAlias = dict[str, Any]
InputTokensTriggerParam: TypeAlias = dict[str, Any]
MCPToolConfigParam: TypeAlias = dict[str, Any]
MCPToolDefaultConfigParam: TypeAlias = dict[str, Any]
MCPToolListingBlockParam: TypeAlias = dict[str, Any]
MCPToolParam: TypeAlias = dict[str, Any]
MCPToolParamParam: TypeAlias = dict[str, Any]
MCPToolUseBlockParam: TypeAlias = dict[str, Any]
MCPToolsetParam: TypeAlias = dict[str, Any]
MessageCreateParamsContainerParam: TypeAlias = dict[str, Any]
MemoryTool20250818Param: TypeAlias = dict[str, Any]
RequestMCPServerToolConfigurationParam: TypeAlias = dict[str, Any]
RequestMCPServerURLDefinitionParam: TypeAlias = dict[str, Any]
RequestMCPToolResultBlockParam: TypeAlias = dict[str, Any]
RequestToolAdditionBlockParam: TypeAlias = dict[str, Any]
RequestToolRemovalBlockParam: TypeAlias = dict[str, Any]
ServerToolCaller20260120Param: TypeAlias = dict[str, Any]
ServerToolCallerParam: TypeAlias = dict[str, Any]
ServerToolUseBlockParam: TypeAlias = dict[str, Any]
SystemMessageOutputConfigParam: TypeAlias = dict[str, Any]
TextCitationParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionCreateResultBlockParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionStrReplaceResultBlockParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionToolResultBlockParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionToolResultErrorParam: TypeAlias = dict[str, Any]
TextEditorCodeExecutionViewResultBlockParam: TypeAlias = dict[str, Any]
ThinkingBlockBindingParam: TypeAlias = dict[str, Any]
ThinkingConfigBetweenToolsParam: TypeAlias = dict[str, Any]
ThinkingTurnsParam: TypeAlias = dict[str, Any]
TokenTaskBudgetParam: TypeAlias = dict[str, Any]
ToolBash20241022Param: TypeAlias = dict[str, Any]
ToolBash20250124Param: TypeAlias = dict[str, Any]
ToolChangeMCPToolReferenceParam: TypeAlias = dict[str, Any]
ToolChangeMCPToolsetReferenceParam: TypeAlias = dict[str, Any]
ToolChangeToolDefinitionParam: TypeAlias = dict[str, Any]
ToolChangeToolReferenceParam: TypeAlias = dict[str, Any]
ToolComputerUse20241022Param: TypeAlias = dict[str, Any]
ToolComputerUse20250124Param: TypeAlias = dict[str, Any]
ToolComputerUse20251124Param: TypeAlias = dict[str, Any]
ToolReferenceBlockParam: TypeAlias = dict[str, Any]
ToolSearchToolBm25_20251119Param: TypeAlias = dict[str, Any]
ToolSearchToolRegex20251119Param: TypeAlias = dict[str, Any]
ToolSearchToolResultBlockParam: TypeAlias = dict[str, Any]
ToolSearchToolResultErrorParam: TypeAlias = dict[str, Any]
ToolSearchToolSearchResultBlockParam: TypeAlias = dict[str, Any]
ToolTextEditor20241022Param: TypeAlias = dict[str, Any]
ToolTextEditor20250124Param: TypeAlias = dict[str, Any]
ToolTextEditor20250429Param: TypeAlias = dict[str, Any]
ToolTextEditor20250728Param: TypeAlias = dict[str, Any]
ToolUsesKeepParam: TypeAlias = dict[str, Any]
ToolUsesTriggerParam: TypeAlias = dict[str, Any]
WebFetchBlockParam: TypeAlias = dict[str, Any]
WebFetchTool20250910Param: TypeAlias = dict[str, Any]
WebFetchTool20260209Param: TypeAlias = dict[str, Any]
WebFetchTool20260309Param: TypeAlias = dict[str, Any]
WebFetchTool20260318Param: TypeAlias = dict[str, Any]
WebFetchToolResultBlockParam: TypeAlias = dict[str, Any]
WebFetchToolResultErrorBlockParam: TypeAlias = dict[str, Any]
WebFetchURLSourceAllParam: TypeAlias = dict[str, Any]
WebFetchURLSourceExceptParam: TypeAlias = dict[str, Any]
WebFetchURLSourceNoneParam: TypeAlias = dict[str, Any]
WebFetchURLSourceOnlyParam: TypeAlias = dict[str, Any]
WebFetchURLSourceToolReferenceParam: TypeAlias = dict[str, Any]
WebFetchURLSourcesParam: TypeAlias = dict[str, Any]
WebSearchResultBlockParam: TypeAlias = dict[str, Any]
WebSearchTool20260209Param: TypeAlias = dict[str, Any]
WebSearchTool20260318Param: TypeAlias = dict[str, Any]
WebSearchToolRequestErrorObjectParam: TypeAlias = dict[str, Any]
WebSearchToolRequestErrorParam: TypeAlias = dict[str, Any]
WebSearchToolResultBlockParam: TypeAlias = dict[str, Any]
WebSearchToolResultBlockParamContentParam: TypeAlias = dict[str, Any]
