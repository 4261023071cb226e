"""What openai's package has under this name: dicts that several dialects take."""

from __future__ import annotations

from typing import Any, TypeAlias

from .chat import ChatResponseFormatJSONSchemaParam as ResponseFormatJSONSchema
from .chat import FunctionDefinition
from .responses import ReasoningParam as Reasoning
from .shared import ChatModel, FunctionParameters, Metadata, ReasoningEffort, ResponsesModel

__all__ = [
    "ChatModel",
    "ComparisonFilter",
    "CompoundFilter",
    "CustomToolInputFormat",
    "FunctionDefinition",
    "FunctionParameters",
    "Metadata",
    "Reasoning",
    "ReasoningEffort",
    "ResponseFormatJSONObject",
    "ResponseFormatJSONSchema",
    "ResponseFormatText",
    "ResponsesModel",
]

ComparisonFilter: TypeAlias = dict[str, Any]
CompoundFilter: TypeAlias = dict[str, Any]
CustomToolInputFormat: TypeAlias = dict[str, Any]
ResponseFormatJSONObject: TypeAlias = dict[str, Any]
ResponseFormatText: TypeAlias = dict[str, Any]
