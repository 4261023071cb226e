"""The clients that are compared: each does the same work in its own way. What one cannot do, it does not have.

Async methods begin with `a`. All look at what they got: a text, the type of each event, a matrix.
"""

from __future__ import annotations

import base64
import functools
import itertools
import os
import pathlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, ClassVar

KEY = "sk-benchmark"
ASK: dict[str, Any] = {"model": "gpt-5", "input": "Hello!"}
CHAT: dict[str, Any] = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hello!"}]}
MESSAGE: dict[str, Any] = {"max_tokens": 1024, **CHAT, "model": "claude-sonnet-4-20250514"}
EMBED: dict[str, Any] = {"model": "text-embedding-3-small", "input": ["Hello!"] * 1024}
TEMPLATE = "Classify this review: {text}"
HEADERS = {"Authorization": f"Bearer {KEY}"}


def picture(url: str) -> dict[str, Any]:
    part = {"type": "input_image", "image_url": url}
    return {"model": "gpt-5", "input": [{"role": "user", "content": [part]}]}


def data_uri(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


class OpenAI:
    """What openai's and our package have in common: the same calls."""

    suffix = ""
    more: ClassVar[dict[str, Any]] = {}

    def client(self, url: str) -> Any:
        return self.Client(api_key=KEY, base_url=f"{url}/v1", max_retries=0)

    def aclient(self, url: str) -> Any:
        return self.AsyncClient(api_key=KEY, base_url=f"{url}/v1", max_retries=0)

    def text(self, reply: Any) -> str:
        return reply.output_text

    def ask(self, client: Any) -> str:
        return self.text(client.responses.create(**ASK, **self.more))

    async def aask(self, client: Any) -> str:
        return self.text(await client.responses.create(**ASK, **self.more))

    async def arow(self, client: Any, text: str) -> str:
        return self.text(await client.responses.create(model=ASK["model"], input=text))

    def events(self, client: Any) -> Iterator[Any]:
        for event in client.responses.create(**ASK, **self.more, stream=True):
            yield event.type

    async def aevents(self, client: Any) -> AsyncIterator[Any]:
        async for event in await client.responses.create(**ASK, **self.more, stream=True):
            yield event.type

    def image(self, client: Any, data: bytes) -> str:
        return self.text(client.responses.create(**picture(data_uri(data)), **self.more))

    def upload(self, client: Any, path: pathlib.Path) -> str:
        return client.audio.transcriptions.create(model="whisper-1", file=path).text

    def embed(self, client: Any) -> Any:
        import numpy

        return numpy.array([row.embedding for row in client.embeddings.create(**EMBED).data], dtype="float32")

    def arguments(self, client: Any) -> int:
        with client.chat.completions.stream(**CHAT) as stream:
            call = stream.get_final_completion().choices[0].message.tool_calls[0]
        return len(call.function.arguments)

    def parsed(self, client: Any) -> str:
        from shapes import Solution

        reply = client.chat.completions.parse(**CHAT, response_format=Solution)
        return reply.choices[0].message.parsed.final_answer

    def options(self, client: Any) -> Any:
        return client.with_options(timeout=30)


class Openai(OpenAI):
    def __init__(self) -> None:
        import openai

        self.Client, self.AsyncClient = openai.OpenAI, openai.AsyncOpenAI


class OpenaiBridge(OpenAI):
    """openai over our connections."""

    def client(self, url: str) -> Any:
        import wenwen

        return wenwen.bridge.openai(wenwen.Client(api_key=KEY, base_url=url), max_retries=0)

    def aclient(self, url: str) -> Any:
        import wenwen

        return wenwen.bridge.async_openai(wenwen.Client(api_key=KEY, base_url=url), max_retries=0)


class OpenaiAiohttp(OpenAI):
    """openai over aiohttp, for which it is async only."""

    ask = events = image = upload = embed = arguments = parsed = client = options = None  # type: ignore[assignment]

    def aclient(self, url: str) -> Any:
        import openai

        client = openai.DefaultAioHttpClient()
        return openai.AsyncOpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0, http_client=client)


class Wenwen(OpenAI):
    def __init__(self) -> None:
        import wenwen

        self.Client, self.AsyncClient = wenwen.Client, wenwen.AsyncClient

    def image(self, client: Any, data: bytes) -> str:
        return self.text(client.responses.create(**picture(data)))  # type: ignore[arg-type]

    def embed(self, client: Any) -> Any:
        import numpy

        return numpy.asarray(client.embeddings.create(**EMBED))

    def loop(self, client: Any) -> str:
        from shapes import weather

        return self.text(client.responses.run(**ASK, tools=[weather]))

    def job(self, client: Any, rows: Iterable[dict[str, Any]], flight: int, store: str) -> Iterator[Any]:
        limits = {"max_concurrency": flight, "store": store, "progress": False, "dedup": False}
        return client.responses.map(rows, TEMPLATE, model=ASK["model"], **limits)


class WenwenLoop(Wenwen):
    """What a script does that has no jobs: a task a row, and a semaphore. It keeps nothing."""

    job = None  # type: ignore[assignment]


class WenwenDict(Wenwen):
    more: ClassVar[dict[str, Any]] = {"as_dict": True}
    upload = embed = arguments = parsed = loop = options = None  # type: ignore[assignment]

    def text(self, reply: Any) -> str:
        return reply["output"][1]["content"][0]["text"]

    def events(self, client: Any) -> Iterator[Any]:
        for event in client.responses.create(**ASK, as_dict=True, stream=True):
            yield event["type"]

    async def aevents(self, client: Any) -> AsyncIterator[Any]:
        async for event in await client.responses.create(**ASK, as_dict=True, stream=True):
            yield event["type"]

    def image(self, client: Any, data: bytes) -> str:
        return self.text(client.responses.create(**picture(data), as_dict=True))  # type: ignore[arg-type]


class Anthropic:
    suffix = "_message"

    def __init__(self) -> None:
        import anthropic

        self.Client, self.AsyncClient = anthropic.Anthropic, anthropic.AsyncAnthropic

    def client(self, url: str) -> Any:
        return self.Client(api_key=KEY, base_url=url, max_retries=0)

    def aclient(self, url: str) -> Any:
        return self.AsyncClient(api_key=KEY, base_url=url, max_retries=0)

    def ask(self, client: Any) -> str:
        return client.messages.create(**MESSAGE).content[0].text

    async def aask(self, client: Any) -> str:
        return (await client.messages.create(**MESSAGE)).content[0].text

    def events(self, client: Any) -> Iterator[Any]:
        for event in client.messages.create(**MESSAGE, stream=True):
            yield event.type

    async def aevents(self, client: Any) -> AsyncIterator[Any]:
        async for event in await client.messages.create(**MESSAGE, stream=True):
            yield event.type

    def encoded(self, data: bytes) -> Any:
        return base64.b64encode(data).decode()

    def image(self, client: Any, data: bytes) -> str:
        source = {"type": "base64", "media_type": "image/png", "data": self.encoded(data)}
        content = [{"type": "image", "source": source}]
        message = {"role": "user", "content": content}
        return client.messages.create(**{**MESSAGE, "messages": [message]}).content[0].text

    def arguments(self, client: Any) -> int:
        with client.messages.stream(**MESSAGE) as stream:
            return len(stream.get_final_message().content[0].input["rows"])

    @functools.cached_property
    def tool(self) -> Any:
        from anthropic import beta_tool
        from shapes import weather

        return beta_tool(weather)

    def loop(self, client: Any) -> str:
        # It would leave the history with the server, which a gateway of several upstreams does not keep.
        runner = client.beta.messages.tool_runner(**MESSAGE, tools=[self.tool], thread=False)
        return runner.until_done().content[0].text

    def options(self, client: Any) -> Any:
        return client.with_options(timeout=30)


class WenwenMessages(Anthropic):
    """Our package in anthropic's dialect."""

    def __init__(self) -> None:
        import wenwen

        self.Client, self.AsyncClient = wenwen.Client, wenwen.AsyncClient

    def encoded(self, data: bytes) -> Any:
        return data  # the core does it

    def loop(self, client: Any) -> str:
        from shapes import weather

        return client.messages.run(**MESSAGE, tools=[weather]).text

    options = None  # type: ignore[assignment]


class Instructor:
    """Over openai's package, which does its own `parse` there."""

    suffix = ""

    def client(self, url: str) -> Any:
        import instructor

        # The mode in which the schema goes out as that of the others does: by default it is a tool's.
        return instructor.from_openai(Openai().client(url), mode=instructor.Mode.JSON_SCHEMA)

    def parsed(self, client: Any) -> str:
        from shapes import Solution

        return client.chat.completions.create(**CHAT, response_model=Solution, max_retries=0).final_answer


class PydanticAI:
    """Over openai's package."""

    suffix = ""

    def client(self, url: str) -> Any:
        import pydantic_ai
        from pydantic_ai.models.openai import OpenAIResponsesModel
        from pydantic_ai.providers.openai import OpenAIProvider
        from shapes import weather

        model = OpenAIResponsesModel(ASK["model"], provider=OpenAIProvider(openai_client=Openai().aclient(url)))
        return pydantic_ai.Agent(model, tools=[weather])

    def loop(self, client: Any) -> str:
        return client.run_sync(ASK["input"]).output


class Aiohttp:
    """What people write by hand who want it fast."""

    suffix = ""

    def __init__(self) -> None:
        import aiohttp
        import orjson

        self.aiohttp, self.dumps, self.loads = aiohttp, orjson.dumps, orjson.loads

    async def aclient(self, url: str) -> Any:
        connector = self.aiohttp.TCPConnector(limit=0)
        session = self.aiohttp.ClientSession(base_url=url, headers=HEADERS, connector=connector, read_bufsize=1 << 20)
        return session

    async def aask(self, client: Any, body: dict[str, Any] = ASK) -> str:
        async with client.post("/v1/responses", data=self.dumps(body)) as reply:
            reply.raise_for_status()
            return self.loads(await reply.read())["output"][1]["content"][0]["text"]

    async def arow(self, client: Any, text: str) -> str:
        return await self.aask(client, {**ASK, "input": text})

    async def aevents(self, client: Any) -> AsyncIterator[Any]:
        async with client.post("/v1/responses", data=self.dumps({**ASK, "stream": True})) as reply:
            async for line in reply.content:
                if line.startswith(b"data: "):
                    yield self.loads(line[6:])["type"]

    async def aimage(self, client: Any, data: bytes) -> str:
        return await self.aask(client, picture(data_uri(data)))

    async def aupload(self, client: Any, path: pathlib.Path) -> str:
        form = self.aiohttp.FormData({"model": "whisper-1"})
        form.add_field("file", path.open("rb"), filename=path.name, content_type="audio/wav")
        async with client.post("/v1/audio/transcriptions", data=form) as reply:
            return self.loads(await reply.read())["text"]

    async def aembed(self, client: Any) -> Any:
        import numpy

        async with client.post("/v1/embeddings", data=self.dumps({**EMBED, "encoding_format": "base64"})) as reply:
            rows = self.loads(await reply.read())["data"]
        return numpy.stack([numpy.frombuffer(base64.b64decode(row["embedding"]), "float32") for row in rows])

    async def aarguments(self, client: Any) -> int:
        parts = []
        async with client.post("/v1/chat/completions", data=self.dumps({**CHAT, "stream": True})) as reply:
            async for line in reply.content:
                if line.startswith(b"data: {"):
                    for call in self.loads(line[6:])["choices"][0]["delta"].get("tool_calls", ()):
                        parts.append(call["function"].get("arguments", ""))
        return len("".join(parts))


class Pyreqwest:
    suffix = ""

    def __init__(self) -> None:
        import orjson
        import pyreqwest.client

        self.module, self.dumps, self.loads = pyreqwest.client, orjson.dumps, orjson.loads

    def client(self, url: str) -> Any:
        return self.module.SyncClientBuilder().base_url(url).default_headers(HEADERS).http1_only().build()

    def aclient(self, url: str) -> Any:
        return self.module.ClientBuilder().base_url(url).default_headers(HEADERS).http1_only().build()

    def ask(self, client: Any, body: dict[str, Any] = ASK) -> str:
        reply = client.post("/v1/responses").body_bytes(self.dumps(body)).build().send()
        return self.loads(memoryview(reply.bytes()))["output"][1]["content"][0]["text"]

    async def aask(self, client: Any) -> str:
        reply = await client.post("/v1/responses").body_bytes(self.dumps(ASK)).build().send()
        return self.loads(memoryview(await reply.bytes()))["output"][1]["content"][0]["text"]

    def events(self, client: Any) -> Iterator[Any]:
        request = client.post("/v1/responses").body_bytes(self.dumps({**ASK, "stream": True}))
        with request.build_streamed() as reply:
            rest, reader = b"", reply.body_reader
            while chunk := reader.read_chunk():
                *lines, rest = (rest + bytes(chunk)).split(b"\n")
                for line in lines:
                    if line.startswith(b"data: "):
                        yield self.loads(line[6:])["type"]

    async def aevents(self, client: Any) -> AsyncIterator[Any]:
        request = client.post("/v1/responses").body_bytes(self.dumps({**ASK, "stream": True}))
        async with request.build_streamed() as reply:
            rest, reader = b"", reply.body_reader
            while chunk := await reader.read_chunk():
                *lines, rest = (rest + bytes(chunk)).split(b"\n")
                for line in lines:
                    if line.startswith(b"data: "):
                        yield self.loads(line[6:])["type"]

    def image(self, client: Any, data: bytes) -> str:
        return self.ask(client, picture(data_uri(data)))

    def upload(self, client: Any, path: pathlib.Path) -> str:
        from pyreqwest.multipart import FormBuilder

        form = FormBuilder().text("model", "whisper-1").sync_file("file", path)
        reply = client.post("/v1/audio/transcriptions").multipart(form).build().send()
        return self.loads(memoryview(reply.bytes()))["text"]

    def embed(self, client: Any) -> Any:
        import numpy

        body = self.dumps({**EMBED, "encoding_format": "base64"})
        rows = self.loads(memoryview(client.post("/v1/embeddings").body_bytes(body).build().send().bytes()))["data"]
        return numpy.stack([numpy.frombuffer(base64.b64decode(row["embedding"]), "float32") for row in rows])


class Litellm:
    """Its own way for many rows: a thread each, at most 100. They are a list, so that a job is many calls of it."""

    suffix = "_chat"

    def client(self, url: str) -> Any:
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would ask for one and wait
        import litellm

        return functools.partial(litellm.batch_completion, model="openai/gpt-5", api_base=f"{url}/v1", api_key=KEY)

    def job(self, client: Any, rows: Iterable[dict[str, Any]], flight: int, store: str) -> Iterator[Any]:
        rows = iter(rows)
        while some := list(itertools.islice(rows, 500)):
            talks = [[{"role": "user", "content": TEMPLATE.format(**row)}] for row in some]
            for reply in client(messages=talks, max_workers=flight):
                yield reply.choices[0].message.content


class LmDeluge:
    """Without its cache, which would be what our ledger is. Limits are far above what it reaches."""

    suffix = "_chat"

    def client(self, url: str) -> Any:
        import lm_deluge
        from lm_deluge.models import register_model

        register_model(
            id="benchmark", name="gpt-5", api_base=f"{url}/v1", api_key_env_var="BENCHMARK_KEY", api_spec="openai"
        )
        os.environ["BENCHMARK_KEY"] = KEY
        return lm_deluge.LLMClient("benchmark", max_requests_per_minute=10**7, max_tokens_per_minute=10**10)

    def job(self, client: Any, rows: Iterable[dict[str, Any]], flight: int, store: str) -> Iterator[Any]:
        client.max_concurrent_requests = flight
        rows = iter(rows)
        while some := list(itertools.islice(rows, 5000)):
            texts = [TEMPLATE.format(**row) for row in some]
            for reply in client.process_prompts_sync(texts, show_progress=False):
                yield reply.completion


ADAPTERS: dict[str, type] = {
    "wenwen": Wenwen,
    "wenwen loop": WenwenLoop,
    "wenwen dict": WenwenDict,
    "wenwen messages": WenwenMessages,
    "openai": Openai,
    "openai aiohttp": OpenaiAiohttp,
    "openai bridge": OpenaiBridge,
    "anthropic": Anthropic,
    "aiohttp": Aiohttp,
    "pyreqwest": Pyreqwest,
    "instructor": Instructor,
    "pydantic-ai": PydanticAI,
    "litellm": Litellm,
    "lm-deluge": LmDeluge,
}
