"""A response, whole and streamed, with pictures and with JSON."""

import base64
import os

from wenwen import Client as OpenAI

client = OpenAI(api_key=os.environ.get("WENWEN_API_KEY"))

response = client.responses.create(
    model="gpt-5", instructions="You are a careful teacher.", input="How do I reverse a list in Python?"
)
print("whole:", response.output_text)
print("request id:", response._request_id)
print("dict:", sorted(response.to_dict()) == sorted(response.model_dump()), response.to_json().startswith("{"))

stream = client.responses.create(model="gpt-5", input="A bedtime story in one sentence, please.", stream=True)
for event in stream:
    if event.type == "response.output_text.delta":
        print("delta:", event.delta)
    elif event.type == "response.completed":
        print("usage:", event.response.usage.total_tokens)

picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(8)).decode()
for url in ("https://files.example.com/raccoon.jpg", f"data:image/png;base64,{picture}"):
    response = client.responses.create(
        model="gpt-5",
        input=[
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is in this picture?"},
                    {"type": "input_image", "image_url": url},
                ],
            }
        ],
    )
    print("picture:", response.output_text)

response = client.responses.create(
    model="gpt-5",
    input=[{"role": "user", "content": "How much? Answer in JSON."}],
    text={"format": {"type": "json_object"}},
)
print("json:", response.output_text)

response = client.responses.create(
    model="gpt-4o", input="What was in the news today?", tools=[{"type": "web_search_preview"}]
)
print("items:", [item.type for item in response.output])
for part in response.output[-1].content:
    for annotation in part.annotations:
        print("source:", annotation.url)
