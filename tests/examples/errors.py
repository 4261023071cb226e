"""What is raised, and what it says."""

import wenwen as openai
from wenwen import Client as OpenAI

HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Say this is a test"}]}
client = OpenAI(max_retries=0)

for _ in range(3):
    try:
        client.chat.completions.create(**HELLO)
    except openai.RateLimitError as error:
        print("rate limit:", error.status_code, error.request_id is not None)
    except openai.APIStatusError as error:
        print("status:", type(error).__name__, error.status_code, error.response.status_code)
    else:
        print("all right")

try:
    OpenAI(base_url="http://127.0.0.1:1", max_retries=0).responses.create(model="gpt-5", input="Hello!")
except openai.APIConnectionError as error:
    print("no connection:", isinstance(error, openai.APIError), error.__cause__ is None or str(error.__cause__))

try:
    client.with_options(timeout=0.2).responses.create(model="gpt-5", input="Hello!")
except openai.APITimeoutError as error:
    print("timeout:", isinstance(error, openai.APIConnectionError))
