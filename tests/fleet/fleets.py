"""What the tests of all engines use."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import wenwen
from wenwen.testing import LocalGateway, Request

KEY = "sk-travels-nowhere-81f2"


def answer(text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
    usage = {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20}
    return {"id": "resp_1", "object": "response", "status": "completed", "output": [message], "usage": usage}


def echo(request: Request) -> dict[str, Any]:
    return answer(f"re: {request.json()['input']}")


def sent(gateway: LocalGateway) -> Counter[str]:
    return Counter(request.json()["input"] for request in gateway.requests)


def client(gateway: LocalGateway) -> wenwen.Client:
    return wenwen.Client(api_key=None, base_url=gateway.base_url)


def is_listed(gateway: LocalGateway, store: Path) -> bool:
    """Whether what was asked more than once was in flight when somebody was killed, and is listed."""
    again = sum(times - 1 for times in sent(gateway).values())
    return again <= len(wenwen.open_job(store).unknown())
