"""A question, whole and streamed, and the HTTP reply behind it."""

import os

from wenwen import Client as OpenAI

client = OpenAI(
    api_key=os.environ.get("WENWEN_API_KEY"),  # what it would take by itself
)

completion = client.chat.completions.create(
    model="gpt-4o",
    messages=[
        {"role": "developer", "content": "Answer as a sailor would."},
        {"role": "user", "content": "How do I reverse a list in Python?"},
    ],
)
print("whole:", completion.choices[0].message.content)
print("request id:", completion._request_id)

stream = client.chat.completions.create(
    model="gpt-4o",
    messages=[{"role": "user", "content": "How do I reverse a list in Python?"}],
    stream=True,
)
print("streamed: ", end="")
for chunk in stream:
    if not chunk.choices:
        continue
    print(chunk.choices[0].delta.content or "", end="", flush=True)
print()

first = next(
    stream := client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Say one word"}], max_tokens=5, temperature=0, stream=True
    )
)
print("first chunk:", first.to_json(indent=None))
stream.close()

raw = client.chat.completions.with_raw_response.create(
    model="gpt-4o", messages=[{"role": "user", "content": "Say this is a test"}]
)
print("raw:", raw.status_code, raw.headers.get("X-Oneapi-Request-Id") == raw.request_id)
print("parsed:", raw.parse().choices[0].message.content)

with client.chat.completions.with_streaming_response.create(
    model="gpt-4o", messages=[{"role": "user", "content": "Say this is a test"}], stream=True
) as response:
    lines = [line for line in response.iter_lines() if line]
print("lines:", len(lines), lines[-1])
