"""Arguments of tools as instances of a class of enums, lists and unions: whole and streamed."""

from enum import StrEnum

from pydantic import BaseModel

import wenwen as openai


class Table(StrEnum):
    orders = "orders"
    customers = "customers"


class Operator(StrEnum):
    eq = "="
    lt = "<"


class Dynamic(BaseModel):
    column: str


class Condition(BaseModel):
    column: str
    operator: Operator
    value: str | int | Dynamic


class Query(BaseModel):
    """Looks rows up."""

    table: Table
    conditions: list[Condition]


client = openai.OpenAI()
asked = {
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "Which orders of May came late?"}],
    "tools": [openai.pydantic_function_tool(Query)],
}

completion = client.chat.completions.parse(**asked)
call = (completion.choices[0].message.tool_calls or [])[0]
print("call:", call.function.name)
assert isinstance(call.function.parsed_arguments, Query)
print("table:", call.function.parsed_arguments.table.value)
print("value:", type(call.function.parsed_arguments.conditions[0].value).__name__)

with client.chat.completions.stream(**asked, parallel_tool_calls=True) as stream:
    for event in stream:
        if event.type == "tool_calls.function.arguments.delta":
            print(f"delta: {event.arguments_delta}")
        elif event.type == "tool_calls.function.arguments.done":
            print("done:", type(event.parsed_arguments).__name__)
final = stream.get_final_completion().choices[0].message.tool_calls[0]
print("final:", type(final.function.parsed_arguments).__name__)
