"""A response that is made in the background, by a server that keeps it: looked at until it is there."""

from wenwen import Client as OpenAI

client = OpenAI()

response = client.responses.create(model="gpt-5", input="Write a long story", background=True)
while response.status in ("queued", "in_progress"):
    print("status:", response.status)
    response = client.responses.retrieve(response.id)
print("done:", response.status)

response = client.responses.create(model="gpt-5", input="Write a longer story", background=True)
print("cancelled:", client.responses.cancel(response.id).status)
