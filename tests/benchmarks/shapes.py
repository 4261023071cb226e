"""The class of an answer, and the function that a model calls. A file of its own: who only starts does not pay for
pydantic."""

from __future__ import annotations

from pydantic import BaseModel


class Step(BaseModel):
    explanation: str
    output: str


class Solution(BaseModel):
    """What tests/samples/1.3-chat-structured answers."""

    steps: list[Step]
    final_answer: str


def weather(city: str, days: int = 1) -> str:
    """The weather in a city.

    Args:
        city: where.
        days: how many.
    """
    return f"Sunny in {city}, for {days} days."
