"""Frameworks over this package: for each one call, one stream, one tool and one structured answer, on LocalGateway.

`bash .ci/run frameworks` makes environments that have them and runs this there; what is not installed is skipped. The
guide's table says which way each goes: a `wenwen.Client` or `AsyncClient` itself where it takes one, else the bridge.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import warnings
from typing import Any

import pytest

from wenwen import bridge
from wenwen.testing import LocalGateway

# Nothing goes outside, and nothing is asked of a hub. Before they are imported.
os.environ |= {
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "MEM0_TELEMETRY": "False",
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


class Framework:
    """What each does: the answer's text, that of a stream's pieces, the answer after a tool, and a Person."""

    package: str

    def __init__(self, gateway: LocalGateway, way: str) -> None:
        self.gateway = gateway
        ours, awaited = gateway.client(), gateway.async_client()
        self.ours = ours
        self.base_url = gateway.base_url
        if way == "client":
            self.client: Any = ours
            self.async_client: Any = awaited
            self.claude: Any = ours
            self.async_claude: Any = awaited
        elif way == "bridge":
            self.client, self.async_client = bridge.openai(ours), bridge.async_openai(ours)
            if importlib.util.find_spec("anthropic"):
                self.claude, self.async_claude = bridge.anthropic(ours), bridge.async_anthropic(ours)
        self.transport = bridge.transport(ours)


class OpenAIAgents(Framework):
    package = "agents"

    def model(self) -> Any:
        from agents import OpenAIResponsesModel

        return OpenAIResponsesModel("gpt-5", self.async_client)

    def agent(self, **options: Any) -> Any:
        from agents import Agent

        return Agent(name="a", model=self.model(), **options)

    def call(self) -> Any:
        from agents import Runner

        return Runner.run_sync(self.agent(), ASK).final_output

    def stream(self) -> Any:
        from agents import Runner

        async def main() -> str:
            result = Runner.run_streamed(self.agent(), ASK)
            deltas = [event.data.delta async for event in result.stream_events() if _is_delta(event)]
            return "".join(deltas)

        return asyncio.run(main())

    def tool(self) -> Any:
        from agents import Runner, function_tool

        return Runner.run_sync(self.agent(tools=[function_tool(weather)]), WEATHER).final_output

    def structured(self) -> Any:
        from agents import Runner

        return Runner.run_sync(self.agent(output_type=person()), ADA).final_output


def _is_delta(event: Any) -> bool:
    return event.type == "raw_response_event" and event.data.type == "response.output_text.delta"


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

    def stream(self) -> Any:
        async def main() -> str:
            async with self.agent().run_stream(ASK) as result:
                return "".join([piece async for piece in result.stream_text(delta=True)])

        return asyncio.run(main())

    def tool(self) -> Any:
        return self.agent(tools=[weather]).run_sync(WEATHER).output

    def structured(self) -> Any:
        return self.agent(output_type=person()).run_sync(ADA).output


class PydanticAIResponses(PydanticAI):
    def model(self) -> Any:
        from pydantic_ai.models.openai import OpenAIResponsesModel
        from pydantic_ai.providers.openai import OpenAIProvider

        return OpenAIResponsesModel("gpt-5", provider=OpenAIProvider(openai_client=self.async_client))


class Instructor(Framework):
    package = "instructor"

    def call(self) -> Any:
        import instructor

        made = instructor.from_openai(self.client)
        return made.create(model="gpt-5", messages=[{"role": "user", "content": ADA}], response_model=person()).name

    def stream(self) -> Any:
        import instructor

        made = instructor.from_openai(self.client)
        messages = [{"role": "user", "content": ADA}]
        *_, last = made.create_partial(model="gpt-5", messages=messages, response_model=person())
        return last.name

    def tool(self) -> Any:
        import instructor

        made = instructor.from_openai(self.client, mode=instructor.Mode.TOOLS)
        return made.create(model="gpt-5", messages=[{"role": "user", "content": ADA}], response_model=person()).name

    def structured(self) -> Any:
        import instructor

        async def main() -> Any:
            made = instructor.from_openai(self.async_client)
            messages = [{"role": "user", "content": ADA}]
            return await made.create(model="gpt-5", messages=messages, response_model=person())

        return asyncio.run(main())


class LangChainOpenAI(Framework):
    package = "langchain_openai"

    def model(self) -> Any:
        import httpx
        from langchain_openai import ChatOpenAI

        return ChatOpenAI(
            model="gpt-5",
            base_url=self.base_url,
            api_key=bridge.KEY,
            http_client=httpx.Client(transport=self.transport),
            http_async_client=httpx.AsyncClient(transport=self.transport),
        )

    def call(self) -> Any:
        return self.model().invoke(ASK).text

    def stream(self) -> Any:
        async def main() -> str:
            return "".join([chunk.text async for chunk in self.model().astream(ASK)])

        assert asyncio.run(main())
        return "".join(chunk.text for chunk in self.model().stream(ASK))

    def tool(self) -> Any:
        from langchain_core.messages import HumanMessage
        from langchain_core.tools import tool

        made = tool(weather)
        model = self.model().bind_tools([made])
        asked = HumanMessage(WEATHER)
        answer = model.invoke([asked])
        results = [made.invoke(call) for call in answer.tool_calls]
        return model.invoke([asked, answer, *results]).text

    def structured(self) -> Any:
        return self.model().with_structured_output(person()).invoke(ADA)


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

    def stream(self) -> Any:
        return "".join(chunk.delta for chunk in self.model().stream_complete(ASK))

    def tool(self) -> Any:
        from llama_index.core.agent.workflow import FunctionAgent

        async def main() -> Any:
            return await FunctionAgent(tools=[weather], llm=self.model()).run(WEATHER)

        return str(asyncio.run(main()))

    def structured(self) -> Any:
        return self.model().as_structured_llm(person()).complete(ADA).raw


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

    def call(self) -> Any:
        from haystack.dataclasses import ChatMessage

        async def main() -> Any:
            return await self.model().run_async([ChatMessage.from_user(ASK)])

        assert asyncio.run(main())["replies"][0].text
        return self.model().run([ChatMessage.from_user(ASK)])["replies"][0].text

    def stream(self) -> Any:
        from haystack.dataclasses import ChatMessage

        pieces: list[str] = []
        model = self.model(streaming_callback=lambda chunk: pieces.append(chunk.content))
        model.run([ChatMessage.from_user(ASK)])
        return "".join(pieces)

    def tool(self) -> Any:
        from haystack.components.agents import Agent
        from haystack.dataclasses import ChatMessage
        from haystack.tools import create_tool_from_function

        agent = Agent(chat_generator=self.model(), tools=[create_tool_from_function(weather)])
        return agent.run(messages=[ChatMessage.from_user(WEATHER)])["messages"][-1].text

    def structured(self) -> Any:
        from haystack.dataclasses import ChatMessage

        cls = person()
        model = self.model(generation_kwargs={"response_format": cls})
        return cls.model_validate_json(model.run([ChatMessage.from_user(ADA)])["replies"][0].text)


class AutoGen(Framework):
    package = "autogen_ext.models.openai"

    def model(self) -> Any:
        from autogen_ext.models.openai import BaseOpenAIChatCompletionClient

        info = {"vision": False, "function_calling": True, "json_output": True, "structured_output": True}
        more = {"family": "unknown", "multiple_system_messages": True}
        return BaseOpenAIChatCompletionClient(
            self.async_client, create_args={"model": "gpt-5"}, model_info={**info, **more}
        )

    def call(self) -> Any:
        from autogen_core.models import UserMessage

        return asyncio.run(self.model().create([UserMessage(content=ASK, source="user")])).content

    def stream(self) -> Any:
        from autogen_core.models import UserMessage

        async def main() -> str:
            stream = self.model().create_stream([UserMessage(content=ASK, source="user")])
            return "".join([piece async for piece in stream if isinstance(piece, str)])

        return asyncio.run(main())

    def tool(self) -> Any:
        from autogen_agentchat.agents import AssistantAgent

        agent = AssistantAgent("a", self.model(), tools=[weather], reflect_on_tool_use=True)
        return asyncio.run(agent.run(task=WEATHER)).messages[-1].content

    def structured(self) -> Any:
        from autogen_core.models import UserMessage

        cls = person()
        result = asyncio.run(self.model().create([UserMessage(content=ADA, source="user")], json_output=cls))
        return cls.model_validate_json(result.content)


class LiteLLM(Framework):
    package = "litellm"

    def ask(self, text: str, **options: Any) -> Any:
        import litellm

        messages = options.pop("messages", [{"role": "user", "content": text}])
        return litellm.completion("openai/gpt-5", messages, client=self.client, api_key=bridge.KEY, **options)

    def call(self) -> Any:
        import litellm

        async def main() -> Any:
            messages = [{"role": "user", "content": ASK}]
            return await litellm.acompletion("openai/gpt-5", messages, client=self.async_client, api_key=bridge.KEY)

        assert asyncio.run(main()).choices[0].message.content
        return self.ask(ASK).choices[0].message.content

    def stream(self) -> Any:
        return "".join(chunk.choices[0].delta.content or "" for chunk in self.ask(ASK, stream=True))

    def tool(self) -> Any:
        tools = [{"type": "function", "function": SCHEMA}]
        first = self.ask(WEATHER, tools=tools).choices[0].message
        results = [
            {"role": "tool", "tool_call_id": call.id, "content": weather("Paris")} for call in first.tool_calls or []
        ]
        messages = [{"role": "user", "content": WEATHER}, first.model_dump(exclude_none=True), *results]
        return self.ask("", messages=messages, tools=tools).choices[0].message.content

    def structured(self) -> Any:
        cls = person()
        return cls.model_validate_json(self.ask(ADA, response_format=cls).choices[0].message.content)


SCHEMA: dict[str, Any] = {
    "name": "weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


class Smolagents(Framework):
    package = "smolagents"

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
        return "".join(piece.content or "" for piece in self.model().generate_stream(messages))

    def tool(self) -> Any:
        from smolagents import ToolCallingAgent, tool

        @tool
        def weather(city: str) -> str:
            """The weather in a city.

            Args:
                city: The name of the city.
            """
            return SUN

        called = self.ask(WEATHER, tools_to_call_from=[weather]).tool_calls[0].function
        assert called.name == "weather" and ToolCallingAgent(tools=[weather], model=self.model())
        return weather(city="Paris")

    def structured(self) -> Any:
        cls = person()
        schema = {
            "name": "person",
            "strict": True,
            "schema": {**cls.model_json_schema(), "additionalProperties": False},
        }
        said = self.ask(ADA, response_format={"type": "json_schema", "json_schema": schema})
        return cls.model_validate_json(said.content)


class Chatlas(Framework):
    package = "chatlas"

    def chat(self) -> Any:
        from chatlas import ChatOpenAI

        chat = ChatOpenAI(model="gpt-5", base_url=self.base_url, api_key=bridge.KEY)
        chat.provider._client, chat.provider._async_client = self.client, self.async_client
        return chat

    def call(self) -> Any:
        return str(self.chat().chat(ASK, echo="none", stream=False))

    def stream(self) -> Any:
        return "".join(self.chat().stream(ASK, echo="none"))

    def tool(self) -> Any:
        chat = self.chat()
        chat.register_tool(weather)
        return str(chat.chat(WEATHER, echo="none"))

    def structured(self) -> Any:
        return self.chat().chat_structured(ADA, data_model=person(), echo="none")


class DSPy(Framework):
    """It goes over litellm, whose sessions have our connections; a client it would copy with its locks."""

    package = "dspy"

    def model(self) -> Any:
        import dspy
        import litellm
        import openai

        litellm.client_session = openai.DefaultHttpxClient(transport=self.transport)
        litellm.aclient_session = openai.DefaultAsyncHttpxClient(transport=self.transport)
        return dspy.LM("openai/gpt-4o", api_base=self.base_url, api_key=bridge.KEY, cache=False)

    def person(self) -> Any:
        import dspy

        fields = {"text": (str, dspy.InputField()), "who": (person(), dspy.OutputField())}
        return dspy.Predict(dspy.Signature(fields))

    def call(self) -> Any:
        assert asyncio.run(self.model().acall(ASK))
        return self.model()(ASK)[0]

    def stream(self) -> Any:
        import dspy

        async def main() -> str:
            with dspy.context(lm=self.model(), adapter=dspy.JSONAdapter()):
                *pieces, last = [piece async for piece in dspy.streamify(self.person())(text=ADA)]
            assert len(pieces) > 1
            return str(last.who.name)

        return asyncio.run(main())

    def tool(self) -> Any:
        import dspy

        made = dspy.Tool(weather)
        fields = {
            "question": (str, dspy.InputField()),
            "tools": (list[dspy.Tool], dspy.InputField()),
            "calls": (dspy.ToolCalls, dspy.OutputField()),
        }
        with dspy.context(lm=self.model(), adapter=dspy.ChatAdapter(use_native_function_calling=True)):
            said = dspy.Predict(dspy.Signature(fields))(question=WEATHER, tools=[made])
        return said.calls.tool_calls[0].execute(functions=[made])

    def structured(self) -> Any:
        import dspy

        with dspy.context(lm=self.model(), adapter=dspy.JSONAdapter()):
            return self.person()(text=ADA).who


class Mem0(Framework):
    package = "mem0"

    def model(self) -> Any:
        from mem0.configs.llms.openai import OpenAIConfig
        from mem0.llms.openai import OpenAILLM

        model = OpenAILLM(OpenAIConfig(model="gpt-4o", api_key=bridge.KEY, openai_base_url=self.base_url))
        model.client = self.client
        return model

    def call(self) -> Any:
        return self.model().generate_response([{"role": "user", "content": ASK}])

    def tool(self) -> Any:
        tools = [{"type": "function", "function": SCHEMA}]
        answer = self.model().generate_response([{"role": "user", "content": WEATHER}], tools=tools)
        return weather(**answer["tool_calls"][0]["arguments"])

    def structured(self) -> Any:
        cls = person()
        schema = {
            "name": "person",
            "strict": True,
            "schema": {**cls.model_json_schema(), "additionalProperties": False},
        }
        form = {"type": "json_schema", "json_schema": schema}
        said = self.model().generate_response([{"role": "user", "content": ADA}], response_format=form)
        return cls.model_validate_json(said)


# Each with the ways that it goes.
WAYS: list[tuple[type[Framework], str]] = [
    (OpenAIAgents, "bridge"),
    (OpenAIAgentsChat, "bridge"),
    (PydanticAI, "bridge"),
    (PydanticAIResponses, "bridge"),
    (Instructor, "bridge"),
    (LangChainOpenAI, "bridge"),
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
TASKS = ["call", "stream", "tool", "structured"]
CASES = [
    pytest.param(framework, way, task, id=f"{framework.__name__}-{way}-{task}")
    for framework, ways in WAYS
    for way in ways.split()
    for task in TASKS
    if hasattr(framework, task)
]


@pytest.mark.parametrize(("framework", "way", "task"), CASES)
def test_framework(gateway: LocalGateway, framework: type[Framework], way: str, task: str) -> None:
    if not is_installed(framework.package):
        pytest.skip(f"{framework.package} is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        got = getattr(framework(gateway, way), task)()
    assert gateway.requests
    if task == "structured":
        assert type(got).__name__ == "Person" and isinstance(got.age, int), got
    else:
        assert isinstance(got, str) and got, got
    if task == "tool" and framework is not Instructor:
        assert "sunny" in got or any(b"sunny" in request.body for request in gateway.requests)


def is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # what it is in
        return False
