"""Frameworks over this package: for each one call, one stream, one tool and one structured answer, on LocalGateway,
sync and async.

`bash .ci/run frameworks` makes environments that have them and runs this there; what is not installed is skipped. The
guide's table says which way each goes: a `wenwen.Client` or `AsyncClient` itself where it takes one, else the bridge.
What a framework does not have, `lacks` says.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from wenwen import bridge
from wenwen.testing import LocalGateway

# Nothing goes outside, and nothing is asked of a hub. Before they are imported.
os.environ |= {
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "MEM0_TELEMETRY": "False",
    "MEM0_DIR": os.path.join(tempfile.gettempdir(), "wenwen-mem0"),
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_TELEMETRY": "False",
    "LANGSMITH_TRACING": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}

# Some take half a minute to import, on a machine that has nothing else to do.
pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(600)]

ASK = "Hello!"
WEATHER = "What is the weather in Paris?"
ADA = "Ada Lovelace was 36 when she died."
SUN = "It is sunny and 21 degrees."


def weather(city: str) -> str:
    """The weather in a city.

    Args:
        city: The name of the city.
    """
    assert isinstance(city, str)
    return SUN


def person() -> Any:
    from pydantic import BaseModel

    class Person(BaseModel):
        name: str
        age: int

    return Person


async def listed(pieces: AsyncIterator[Any], said: Callable[[Any], Any]) -> list[str]:
    """What the pieces of a stream say."""
    return [text async for piece in pieces if (text := said(piece))]


SYNC = "it is awaited alone"
ASYNC = "it is sync alone"


class Framework:
    """What each does, sync and (`a…`) async: the answer's text, what a stream's pieces say, the answer after a tool,
    and a Person."""

    package: str
    lacks: dict[str, str] = {}
    runs_tools = True

    def __init__(self, gateway: LocalGateway, way: str) -> None:
        self.way = way
        ours, awaited = gateway.client(), gateway.async_client()
        self.base_url = gateway.base_url
        if way == "client":
            self.client: Any = ours
            self.async_client: Any = awaited
            self.claude: Any = ours
            self.async_claude: Any = awaited
        else:
            self.client, self.async_client = bridge.openai(ours), bridge.async_openai(awaited)
            if importlib.util.find_spec("anthropic"):
                self.claude, self.async_claude = bridge.anthropic(ours), bridge.async_anthropic(awaited)
        self.transport = bridge.transport(ours)


class OpenAIAgents(Framework):
    package = "agents"
    lacks = {"stream": SYNC}

    def model(self) -> Any:
        from agents import OpenAIResponsesModel

        return OpenAIResponsesModel("gpt-5", self.async_client)

    def agent(self, **options: Any) -> Any:
        from agents import Agent

        return Agent(name="a", model=self.model(), **options)

    def run(self, text: str, **options: Any) -> Any:
        from agents import Runner

        return Runner.run_sync(self.agent(**options), text).final_output

    async def arun(self, text: str, **options: Any) -> Any:
        from agents import Runner

        return (await Runner.run(self.agent(**options), text)).final_output

    def call(self) -> Any:
        return self.run(ASK)

    async def acall(self) -> Any:
        return await self.arun(ASK)

    async def astream(self) -> Any:
        from agents import Runner

        def said(event: Any) -> Any:
            is_delta = event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
            return event.data.delta if is_delta else None

        return await listed(Runner.run_streamed(self.agent(), ASK).stream_events(), said)

    def tool(self) -> Any:
        from agents import function_tool

        return self.run(WEATHER, tools=[function_tool(weather)])

    async def atool(self) -> Any:
        from agents import function_tool

        return await self.arun(WEATHER, tools=[function_tool(weather)])

    def structured(self) -> Any:
        return self.run(ADA, output_type=person())

    async def astructured(self) -> Any:
        return await self.arun(ADA, output_type=person())


class OpenAIAgentsChat(OpenAIAgents):
    def model(self) -> Any:
        from agents import OpenAIChatCompletionsModel

        return OpenAIChatCompletionsModel("gpt-5", self.async_client)


class PydanticAI(Framework):
    package = "pydantic_ai"

    def model(self) -> Any:
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        return OpenAIChatModel("gpt-5", provider=OpenAIProvider(openai_client=self.async_client))

    def agent(self, **options: Any) -> Any:
        from pydantic_ai import Agent

        return Agent(self.model(), **options)

    def call(self) -> Any:
        return self.agent().run_sync(ASK).output

    async def acall(self) -> Any:
        return (await self.agent().run(ASK)).output

    def stream(self) -> Any:
        with self.agent().run_stream_sync(ASK) as result:
            return list(result.stream_text(delta=True, debounce_by=None))

    async def astream(self) -> Any:
        async with self.agent().run_stream(ASK) as result:
            return await listed(result.stream_text(delta=True, debounce_by=None), str)

    def tool(self) -> Any:
        return self.agent(tools=[weather]).run_sync(WEATHER).output

    async def atool(self) -> Any:
        return (await self.agent(tools=[weather]).run(WEATHER)).output

    def structured(self) -> Any:
        return self.agent(output_type=person()).run_sync(ADA).output

    async def astructured(self) -> Any:
        return (await self.agent(output_type=person()).run(ADA)).output


class PydanticAIResponses(PydanticAI):
    def model(self) -> Any:
        from pydantic_ai.models.openai import OpenAIResponsesModel
        from pydantic_ai.providers.openai import OpenAIProvider

        return OpenAIResponsesModel("gpt-5", provider=OpenAIProvider(openai_client=self.async_client))


class Instructor(Framework):
    package = "instructor"
    runs_tools = False  # a tool is how it asks for an answer of a class
    model = "gpt-5"

    def made(self, **options: Any) -> Any:
        import instructor

        return instructor.from_openai(self.client, **options)

    def amade(self, **options: Any) -> Any:
        import instructor

        return instructor.from_openai(self.async_client, **options)

    def asked(self, text: str, **options: Any) -> dict[str, Any]:
        return {"model": self.model, "messages": [{"role": "user", "content": text}], "max_tokens": 100, **options}

    @staticmethod
    def text(reply: Any) -> Any:
        return reply.choices[0].message.content

    def call(self) -> Any:
        return self.text(self.made().create(**self.asked(ASK, response_model=None)))

    async def acall(self) -> Any:
        return self.text(await self.amade().create(**self.asked(ASK, response_model=None)))

    def stream(self) -> Any:
        pieces = self.made().create_partial(**self.asked(ADA, response_model=person()))
        return [piece.name for piece in pieces if piece.name]

    async def astream(self) -> Any:
        pieces = self.amade().create_partial(**self.asked(ADA, response_model=person()))
        return await listed(pieces, lambda piece: piece.name)

    def tool(self) -> Any:
        import instructor

        return self.made(mode=instructor.Mode.TOOLS).create(**self.asked(ADA, response_model=person())).name

    async def atool(self) -> Any:
        import instructor

        return (await self.amade(mode=instructor.Mode.TOOLS).create(**self.asked(ADA, response_model=person()))).name

    def structured(self) -> Any:
        return self.made().create(**self.asked(ADA, response_model=person()))

    async def astructured(self) -> Any:
        return await self.amade().create(**self.asked(ADA, response_model=person()))


class InstructorAnthropic(Instructor):
    model = "claude-sonnet-4-5"

    def made(self, **options: Any) -> Any:
        import instructor

        return instructor.from_anthropic(self.claude, **options)

    def amade(self, **options: Any) -> Any:
        import instructor

        return instructor.from_anthropic(self.async_claude, **options)

    @staticmethod
    def text(reply: Any) -> Any:
        return reply.content[0].text


class LangChainOpenAI(Framework):
    package = "langchain_openai"

    def model(self) -> Any:
        import httpx
        from langchain_openai import ChatOpenAI

        if self.way == "client":
            given = {
                "root_client": self.client,
                "client": self.client.chat.completions,
                "root_async_client": self.async_client,
                "async_client": self.async_client.chat.completions,
            }
        else:
            given = {
                "base_url": self.base_url,
                "http_client": httpx.Client(transport=self.transport),
                "http_async_client": httpx.AsyncClient(transport=self.transport),
            }
        return ChatOpenAI(model="gpt-5", api_key=bridge.KEY, **self.options(), **given)

    def options(self) -> dict[str, Any]:
        return {}

    def call(self) -> Any:
        return self.model().invoke(ASK).text

    async def acall(self) -> Any:
        return (await self.model().ainvoke(ASK)).text

    def stream(self) -> Any:
        return [chunk.text for chunk in self.model().stream(ASK) if chunk.text]

    async def astream(self) -> Any:
        return await listed(self.model().astream(ASK), lambda chunk: chunk.text)

    def tool(self) -> Any:
        from langchain_core.messages import HumanMessage
        from langchain_core.tools import tool

        made = tool(weather)
        model = self.model().bind_tools([made])
        asked = HumanMessage(WEATHER)
        answer = model.invoke([asked])
        results = [made.invoke(call) for call in answer.tool_calls]
        return model.invoke([asked, answer, *results]).text

    async def atool(self) -> Any:
        from langchain_core.messages import HumanMessage
        from langchain_core.tools import tool

        made = tool(weather)
        model = self.model().bind_tools([made])
        asked = HumanMessage(WEATHER)
        answer = await model.ainvoke([asked])
        results = [await made.ainvoke(call) for call in answer.tool_calls]
        return (await model.ainvoke([asked, answer, *results])).text

    def structured(self) -> Any:
        return self.model().with_structured_output(person()).invoke(ADA)

    async def astructured(self) -> Any:
        return await self.model().with_structured_output(person()).ainvoke(ADA)


class LangChainResponses(LangChainOpenAI):
    def options(self) -> dict[str, Any]:
        return {"use_responses_api": True}


class LangChainAnthropic(LangChainOpenAI):
    package = "langchain_anthropic"

    def model(self) -> Any:
        from langchain_anthropic import ChatAnthropic

        model = ChatAnthropic(model="claude-sonnet-4-5", api_key=bridge.KEY)
        model.__dict__.update(_client=self.claude, _async_client=self.async_claude)
        return model


class LlamaIndex(Framework):
    package = "llama_index.llms.openai"

    def model(self) -> Any:
        from llama_index.llms.openai import OpenAI

        options = {"api_key": bridge.KEY, "api_base": self.base_url, "reuse_client": True}
        return OpenAI("gpt-4o", **options, openai_client=self.client, async_openai_client=self.async_client)

    def call(self) -> Any:
        return self.model().complete(ASK).text

    async def acall(self) -> Any:
        return (await self.model().acomplete(ASK)).text

    def stream(self) -> Any:
        return [chunk.delta for chunk in self.model().stream_complete(ASK) if chunk.delta]

    async def astream(self) -> Any:
        return await listed(await self.model().astream_complete(ASK), lambda chunk: chunk.delta)

    def tool(self) -> Any:
        from llama_index.core.tools import FunctionTool

        return str(self.model().predict_and_call([FunctionTool.from_defaults(weather)], WEATHER))

    async def atool(self) -> Any:
        from llama_index.core.agent.workflow import FunctionAgent

        return str(await FunctionAgent(tools=[weather], llm=self.model()).run(WEATHER))

    def structured(self) -> Any:
        return self.model().as_structured_llm(person()).complete(ADA).raw

    async def astructured(self) -> Any:
        return (await self.model().as_structured_llm(person()).acomplete(ADA)).raw


class Haystack(Framework):
    package = "haystack"

    def model(self, **options: Any) -> Any:
        from haystack.components.generators.chat import OpenAIChatGenerator
        from haystack.utils import Secret

        return OpenAIChatGenerator(
            api_key=Secret.from_token(bridge.KEY),
            model="gpt-5",
            api_base_url=self.base_url,
            http_client_kwargs={"transport": self.transport},
            **options,
        )

    def ask(self, text: str, **options: Any) -> Any:
        from haystack.dataclasses import ChatMessage

        return self.model(**options).run([ChatMessage.from_user(text)])["replies"][0].text

    async def aask(self, text: str, **options: Any) -> Any:
        from haystack.dataclasses import ChatMessage

        return (await self.model(**options).run_async([ChatMessage.from_user(text)]))["replies"][0].text

    def call(self) -> Any:
        return self.ask(ASK)

    async def acall(self) -> Any:
        return await self.aask(ASK)

    def stream(self) -> Any:
        pieces: list[str] = []
        self.ask(ASK, streaming_callback=lambda chunk: pieces.append(chunk.content))
        return [piece for piece in pieces if piece]

    async def astream(self) -> Any:
        pieces: list[str] = []

        async def said(chunk: Any) -> None:
            pieces.append(chunk.content)

        await self.aask(ASK, streaming_callback=said)
        return [piece for piece in pieces if piece]

    def agent(self) -> Any:
        from haystack.components.agents import Agent
        from haystack.tools import create_tool_from_function

        return Agent(chat_generator=self.model(), tools=[create_tool_from_function(weather)])

    def tool(self) -> Any:
        from haystack.dataclasses import ChatMessage

        return self.agent().run(messages=[ChatMessage.from_user(WEATHER)])["messages"][-1].text

    async def atool(self) -> Any:
        from haystack.dataclasses import ChatMessage

        return (await self.agent().run_async(messages=[ChatMessage.from_user(WEATHER)]))["messages"][-1].text

    def structured(self) -> Any:
        cls = person()
        return cls.model_validate_json(self.ask(ADA, generation_kwargs={"response_format": cls}))

    async def astructured(self) -> Any:
        cls = person()
        return cls.model_validate_json(await self.aask(ADA, generation_kwargs={"response_format": cls}))


class AutoGen(Framework):
    package = "autogen_ext.models.openai"
    lacks = dict.fromkeys(("call", "stream", "tool", "structured"), SYNC)

    def model(self) -> Any:
        from autogen_ext.models.openai import BaseOpenAIChatCompletionClient

        info = {"vision": False, "function_calling": True, "json_output": True, "structured_output": True}
        more = {"family": "unknown", "multiple_system_messages": True}
        return BaseOpenAIChatCompletionClient(
            self.async_client, create_args={"model": "gpt-5"}, model_info={**info, **more}
        )

    async def acall(self) -> Any:
        from autogen_core.models import UserMessage

        return (await self.model().create([UserMessage(content=ASK, source="user")])).content

    async def astream(self) -> Any:
        from autogen_core.models import UserMessage

        stream = self.model().create_stream([UserMessage(content=ASK, source="user")])
        return await listed(stream, lambda piece: piece if isinstance(piece, str) else None)

    async def atool(self) -> Any:
        from autogen_agentchat.agents import AssistantAgent

        agent = AssistantAgent("a", self.model(), tools=[weather], reflect_on_tool_use=True)
        return (await agent.run(task=WEATHER)).messages[-1].content

    async def astructured(self) -> Any:
        from autogen_core.models import UserMessage

        cls = person()
        result = await self.model().create([UserMessage(content=ADA, source="user")], json_output=cls)
        return cls.model_validate_json(result.content)


class LiteLLM(Framework):
    package = "litellm"

    def asked(self, text: str, client: Any, **options: Any) -> dict[str, Any]:
        messages = options.pop("messages", [{"role": "user", "content": text}])
        return {"model": "openai/gpt-5", "messages": messages, "client": client, "api_key": bridge.KEY, **options}

    def ask(self, text: str, **options: Any) -> Any:
        import litellm

        return litellm.completion(**self.asked(text, self.client, **options))

    async def aask(self, text: str, **options: Any) -> Any:
        import litellm

        return await litellm.acompletion(**self.asked(text, self.async_client, **options))

    def call(self) -> Any:
        return self.ask(ASK).choices[0].message.content

    async def acall(self) -> Any:
        return (await self.aask(ASK)).choices[0].message.content

    def stream(self) -> Any:
        return [text for chunk in self.ask(ASK, stream=True) if (text := chunk.choices[0].delta.content)]

    async def astream(self) -> Any:
        return await listed(await self.aask(ASK, stream=True), lambda chunk: chunk.choices[0].delta.content)

    @staticmethod
    def after(first: Any) -> dict[str, Any]:
        calls = first.choices[0].message.tool_calls
        results = [{"role": "tool", "tool_call_id": call.id, "content": weather("Paris")} for call in calls]
        said = first.choices[0].message.model_dump(exclude_none=True)
        return {"messages": [{"role": "user", "content": WEATHER}, said, *results], "tools": TOOLS}

    def tool(self) -> Any:
        first = self.ask(WEATHER, tools=TOOLS)
        return self.ask("", **self.after(first)).choices[0].message.content

    async def atool(self) -> Any:
        first = await self.aask(WEATHER, tools=TOOLS)
        return (await self.aask("", **self.after(first))).choices[0].message.content

    def structured(self) -> Any:
        cls = person()
        return cls.model_validate_json(self.ask(ADA, response_format=cls).choices[0].message.content)

    async def astructured(self) -> Any:
        cls = person()
        return cls.model_validate_json((await self.aask(ADA, response_format=cls)).choices[0].message.content)


SCHEMA: dict[str, Any] = {
    "name": "weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TOOLS = [{"type": "function", "function": SCHEMA}]


def form(cls: Any) -> dict[str, Any]:
    """As `response_format` has a class."""
    schema = {**cls.model_json_schema(), "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": schema}}


class Smolagents(Framework):
    package = "smolagents"
    lacks = dict.fromkeys(("acall", "astream", "atool", "astructured"), ASYNC)

    def model(self) -> Any:
        from smolagents import OpenAIModel

        model = OpenAIModel("gpt-4o", api_base=self.base_url, api_key=bridge.KEY)
        model.client = self.client
        return model

    def ask(self, text: str, **options: Any) -> Any:
        return self.model().generate([{"role": "user", "content": [{"type": "text", "text": text}]}], **options)

    def call(self) -> Any:
        return self.ask(ASK).content

    def stream(self) -> Any:
        messages = [{"role": "user", "content": [{"type": "text", "text": ASK}]}]
        return [piece.content for piece in self.model().generate_stream(messages) if piece.content]

    def tool(self) -> Any:
        from smolagents import ToolCallingAgent, tool

        # One step, the tool; then it asks for the answer in words.
        return str(
            ToolCallingAgent(tools=[tool(weather)], model=self.model(), verbosity_level=0).run(WEATHER, max_steps=1)
        )

    def structured(self) -> Any:
        cls = person()
        return cls.model_validate_json(self.ask(ADA, response_format=form(cls)).content)


class Chatlas(Framework):
    package = "chatlas"

    def chat(self) -> Any:
        from chatlas import ChatOpenAI

        chat = ChatOpenAI(model="gpt-5", base_url=self.base_url, api_key=bridge.KEY)
        chat.provider._client, chat.provider._async_client = self.client, self.async_client
        return chat

    def call(self) -> Any:
        return str(self.chat().chat(ASK, echo="none", stream=False))

    async def acall(self) -> Any:
        return await (await self.chat().chat_async(ASK, echo="none", stream=False)).get_content()

    def stream(self) -> Any:
        return list(self.chat().stream(ASK, echo="none"))

    async def astream(self) -> Any:
        return await listed(await self.chat().stream_async(ASK, echo="none"), str)

    def tool(self) -> Any:
        chat = self.chat()
        chat.register_tool(weather)
        return str(chat.chat(WEATHER, echo="none"))

    async def atool(self) -> Any:
        chat = self.chat()
        chat.register_tool(weather)
        return await (await chat.chat_async(WEATHER, echo="none")).get_content()

    def structured(self) -> Any:
        return self.chat().chat_structured(ADA, data_model=person(), echo="none")

    async def astructured(self) -> Any:
        return await self.chat().chat_structured_async(ADA, data_model=person(), echo="none")


class DSPy(Framework):
    """It goes over litellm, whose sessions have our connections; a client it would copy with its locks."""

    package = "dspy"

    def model(self) -> Any:
        import dspy
        import litellm
        import openai

        litellm.client_session = openai.DefaultHttpxClient(transport=self.transport)
        litellm.aclient_session = openai.DefaultAsyncHttpxClient(transport=self.transport)
        return dspy.LM("openai/gpt-4o", engine="litellm", api_base=self.base_url, api_key=bridge.KEY, cache=False)

    def context(self, adapter: Any = None) -> Any:
        import dspy

        return dspy.context(lm=self.model(), adapter=adapter or dspy.JSONAdapter())

    def person(self) -> Any:
        import dspy

        fields = {"text": (str, dspy.InputField()), "who": (person(), dspy.OutputField())}
        return dspy.Predict(dspy.Signature(fields))

    def asked(self) -> tuple[Any, Any]:
        import dspy

        fields = {
            "question": (str, dspy.InputField()),
            "tools": (list[dspy.Tool], dspy.InputField()),
            "calls": (dspy.ToolCalls, dspy.OutputField()),
        }
        return dspy.Predict(dspy.Signature(fields)), dspy.ChatAdapter(use_native_function_calling=True)

    def call(self) -> Any:
        return self.model()(ASK)[0]

    async def acall(self) -> Any:
        return (await self.model().acall(ASK))[0]

    def stream(self) -> Any:
        import dspy

        with self.context():
            return [str(piece) for piece in dspy.streamify(self.person(), async_streaming=False)(text=ADA)]

    async def astream(self) -> Any:
        import dspy

        with self.context():
            return await listed(dspy.streamify(self.person())(text=ADA), str)

    def tool(self) -> Any:
        import dspy

        made = dspy.Tool(weather)
        asked, adapter = self.asked()
        with self.context(adapter):
            said = asked(question=WEATHER, tools=[made])
        return said.calls.tool_calls[0].execute(functions=[made])

    async def atool(self) -> Any:
        import dspy

        made = dspy.Tool(weather)
        asked, adapter = self.asked()
        with self.context(adapter):
            said = await asked.acall(question=WEATHER, tools=[made])
        return said.calls.tool_calls[0].execute(functions=[made])

    def structured(self) -> Any:
        with self.context():
            return self.person()(text=ADA).who

    async def astructured(self) -> Any:
        with self.context():
            return (await self.person().acall(text=ADA)).who


class Mem0(Framework):
    package = "mem0"
    lacks = {
        "stream": "it asks for answers that are whole",
        **dict.fromkeys(("acall", "astream", "atool", "astructured"), ASYNC),
    }

    def model(self) -> Any:
        from mem0.configs.llms.openai import OpenAIConfig
        from mem0.llms.openai import OpenAILLM

        model = OpenAILLM(OpenAIConfig(model="gpt-4o", api_key=bridge.KEY, openai_base_url=self.base_url))
        model.client = self.client
        return model

    def ask(self, text: str, **options: Any) -> Any:
        return self.model().generate_response([{"role": "user", "content": text}], **options)

    def call(self) -> Any:
        import mem0

        keys = {"api_key": bridge.KEY, "openai_base_url": self.base_url}
        with tempfile.TemporaryDirectory() as folder:
            config = {
                "llm": {"provider": "openai", "config": {"model": "gpt-4o", **keys}},
                "embedder": {"provider": "openai", "config": {"model": "text-embedding-3-small", **keys}},
                "vector_store": {"provider": "qdrant", "config": {"path": f"{folder}/vectors"}},
                "history_db_path": f"{folder}/history.db",
            }
            memory = mem0.Memory.from_config(config)
            memory.llm.client = memory.embedding_model.client = self.client
            memory.add(ADA, user_id="ada")  # which asks what to keep: LocalGateway says nothing of that
            [kept] = memory.add(ADA, user_id="ada", infer=False)["results"]
            assert kept["memory"] == ADA
            memory.search("Ada", filters={"user_id": "ada"})
            memory.close()
        return self.ask(ASK)

    def tool(self) -> Any:
        return weather(**self.ask(WEATHER, tools=TOOLS)["tool_calls"][0]["arguments"])

    def structured(self) -> Any:
        cls = person()
        return cls.model_validate_json(self.ask(ADA, response_format=form(cls)))


# Each with the ways that it goes.
WAYS: list[tuple[type[Framework], str]] = [
    (OpenAIAgents, "bridge"),
    (OpenAIAgentsChat, "bridge"),
    (PydanticAI, "bridge"),
    (PydanticAIResponses, "bridge"),
    (Instructor, "bridge"),
    (InstructorAnthropic, "bridge"),
    (LangChainOpenAI, "bridge"),
    (LangChainResponses, "client bridge"),
    (LangChainAnthropic, "client bridge"),
    (LlamaIndex, "client bridge"),
    (Haystack, "bridge"),
    (AutoGen, "client bridge"),
    (LiteLLM, "bridge"),
    (Smolagents, "client bridge"),
    (Chatlas, "client bridge"),
    (DSPy, "bridge"),
    (Mem0, "client bridge"),
]
TASKS = [prefix + task for task in ("call", "stream", "tool", "structured") for prefix in ("", "a")]
CASES = [
    pytest.param(framework, way, task, id=f"{framework.__name__}-{way}-{task}")
    for framework, ways in WAYS
    for way in ways.split()
    for task in TASKS
    if task not in framework.lacks
]


@pytest.mark.parametrize(("framework", "way", "task"), CASES)
def test_framework(gateway: LocalGateway, framework: type[Framework], way: str, task: str) -> None:
    if not is_installed(framework.package):
        pytest.skip(f"{framework.package} is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        got = getattr(framework(gateway, way), task)()
        if inspect.iscoroutine(got):
            got = asyncio.run(got)
    # Over our connections: the framework has nothing but the key's place.
    assert gateway.requests and not any(bridge.KEY in str(request.headers) for request in gateway.requests)
    bodies = [request.json() for request in gateway.requests]
    match task.removeprefix("a"):
        case "structured":
            assert type(got).__name__ == "Person" and isinstance(got.age, int), got
        case "stream":
            assert len(got) > 1 and all(got), got
            assert all(body["stream"] is True for body in bodies)
        case _:
            assert isinstance(got, str) and got, got
    if "tool" in task:
        assert any(body.get("tools") for body in bodies)
        assert not framework.runs_tools or "sunny" in got or any(b"sunny" in each.body for each in gateway.requests)


def is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # what it is in
        return False
