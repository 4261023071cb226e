"""Retries, timeouts and extras, of a client and of a call."""

from wenwen import Client as OpenAI
from wenwen import Timeout

HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}

with OpenAI(timeout=20.0, max_retries=0, default_headers={"X-App": "example"}) as client:
    print("patient:", client.with_options(max_retries=5).chat.completions.create(**HELLO).choices[0].message.content)
    print("quick:", client.with_options(timeout=5.0).chat.completions.create(**HELLO).choices[0].message.content)
    print("one call:", client.responses.create(model="gpt-5", input="Hello!", timeout=5).output_text)
    reply = client.responses.create(
        model="gpt-5",
        input="Hello!",
        extra_headers={"X-Call": "1"},
        extra_query={"trace": "yes"},
        extra_body={"new_option": {"deep": True}},
    )
    print("extras:", reply.output_text)
    print("undocumented:", reply.surprise.depth)

client = OpenAI(timeout=Timeout(60.0, connect=2.0))
print("finer:", client.chat.completions.create(**HELLO).choices[0].message.content)
posted = client.post("/v1/responses", cast_to=dict, body={"model": "gpt-5", "input": "Hello!"})
print("by hand:", posted["object"])
