"""`/v1/completions`: a text that goes on, the oldest dialect of OpenAI's.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation
says, and a field that is not declared here is an attribute all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, Required

from wenwen._core import Object, Reply

from .chat import ChatCompletionStreamOptionsParam, CompletionUsage
from .shared import RequestOptions, items

__all__ = ["Completion", "CompletionChoice", "CompletionCreateParams", "CompletionLogprobs"]


class CompletionLogprobs(Object):
    """How likely the tokens were, by their places."""

    tokens: list[str]
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float] | None]
    text_offset: list[int]


class CompletionChoice(Object):
    """A text that the model made."""

    index: int
    text: str
    finish_reason: Literal["stop", "length", "content_filter"] | None  # None in a stream, before the last chunk
    logprobs: CompletionLogprobs | None


class Completion(Reply):
    """The reply, and each chunk of a stream."""

    id: str
    object: Literal["text_completion"]
    created: int  # Unix seconds
    model: str  # as served
    choices: list[CompletionChoice]
    usage: CompletionUsage | None
    system_fingerprint: str | None

    @property
    def text(self) -> str:
        """The text of the first choice; "" if there is none."""
        for choice in items(self.get("choices"))[:1]:
            text = getattr(choice, "text", None)
            return text if isinstance(text, str) else ""
        return ""


class CompletionCreateParams(RequestOptions, total=False):
    """The parameters of `completions.create`.

    model: id of the model, e.g. "gpt-3.5-turbo-instruct". Required.
    prompt: the text that goes on, or several; as tokens too. Required.
    suffix: what comes behind the text that is made.
    max_tokens: limit for each text; default 16.
    temperature: how freely the model picks its words; 0 to 2, default 1.
    top_p: pick from the likeliest tokens that make up this share; 0 to 1, default 1.
    n: how many texts for each prompt; default 1.
    best_of: how many are made, of which the likeliest `n` are returned; default 1.
    stop: text at which it ends, or up to four of them.
    echo: True to have the prompt before the text.
    logprobs: likeliest tokens to return per position; 0 to 5.
    frequency_penalty: keeps words from being repeated; -2 to 2, default 0.
    presence_penalty: leads to other subjects; -2 to 2, default 0.
    logit_bias: by token, -100 to 100.
    seed: for the same text again, as far as that goes.
    stream_options: {"include_usage": False} to have no chunk with the usage, which is asked for otherwise.
    user: name for your end user.
    """

    model: Required[str]
    prompt: Required[str | Iterable[str] | Iterable[int] | Iterable[Iterable[int]] | None]
    suffix: str | None
    max_tokens: int | None
    temperature: float | None
    top_p: float | None
    n: int | None
    best_of: int | None
    stop: str | Iterable[str] | None
    echo: bool | None
    logprobs: int | None
    frequency_penalty: float | None
    presence_penalty: float | None
    logit_bias: Mapping[str, float] | None
    seed: int | None
    stream_options: ChatCompletionStreamOptionsParam | Mapping[str, object] | None
    user: str | None
