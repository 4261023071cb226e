"""Arguments of tools as instances of a class, by responses: whole and streamed."""

from typing import Literal

from pydantic import BaseModel

import wenwen as openai
from wenwen import OpenAI


class Query(BaseModel):
    table: Literal["orders", "customers"]
    columns: list[str]


client = OpenAI()

response = client.responses.parse(
    model="gpt-4o", input="Which orders came late?", tools=[openai.pydantic_function_tool(Query)]
)
call = response.output[0]
assert call.type == "function_call"
assert isinstance(call.parsed_arguments, Query)
print("table:", call.parsed_arguments.table)

with client.responses.stream(
    model="gpt-4o", input="Which orders came late?", tools=[openai.pydantic_responses_function_tool(Query)]
) as stream:
    for event in stream:
        if event.type == "response.function_call_arguments.delta":
            print(f"delta: {event.delta}")
        elif event.type == "response.output_item.done":
            print("done:", event.item.name)
final = stream.get_final_response().output[0]
print("final:", type(final.parsed_arguments).__name__)
