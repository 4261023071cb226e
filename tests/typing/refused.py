"""What type checkers refuse: mypy says where one of these comments is not needed."""

from __future__ import annotations

import wenwen
from wenwen import AsyncClient, Client


def parameters(client: Client) -> None:
    client.responses.create(modle="m", input="x")  # type: ignore[call-overload]
    client.responses.create(input="x", temperature="hot", model="m")  # type: ignore[call-overload]
    client.responses.create("m", "x")  # type: ignore[call-overload]
    client.responses.retrieve()  # type: ignore[call-overload]
    client.chat.completions.create(model="m")  # type: ignore[call-overload]
    client.models.list(as_dict="yes")  # type: ignore[call-overload]
    client.embeddings.create(model="m", input="x", stream=True)  # type: ignore[call-overload]
    client.midjourney.change(taskId="t", action="BLUR")  # type: ignore[call-overload]
    client.videos.remix("v", "x")  # type: ignore[call-overload]
    client.responses.stream(model="m", input="x", stream=True)  # type: ignore[call-overload]
    client.responses.map(["a"], model="m", store=wenwen.serve_jobs("a.db"))  # type: ignore[arg-type]
    client.responses.with_raw_response.create(modle="m")  # type: ignore[call-overload]
    client.responses.with_raw_response.stream(model="m")  # type: ignore[attr-defined]
    client.response  # type: ignore[attr-defined] # noqa: B018
    wenwen.create_response(modle="m")  # type: ignore[call-overload]
    wenwen.create_answer(model="m")  # type: ignore[attr-defined]


async def awaited(client: AsyncClient) -> None:
    await client.responses.create(modle="m", input="x")  # type: ignore[call-overload]
    await client.responses.stream(model="m", input="x")  # type: ignore[misc]
    client.responses.create(model="m", input="x").output_text  # type: ignore[attr-defined] # noqa: B018
    await wenwen.aio.create_response(model="m", inptu="x")  # type: ignore[call-overload]
    wenwen.aio.Client  # type: ignore[attr-defined] # noqa: B018
