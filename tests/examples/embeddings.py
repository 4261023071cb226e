"""Which of some sentences is nearest to a question: written for openai, with its import line changed."""

from wenwen import Client as OpenAI

client = OpenAI()
sentences = ["The cat sat on the mat.", "Interest rates rose again.", "Where do cats sleep?"]
reply = client.embeddings.create(model="text-embedding-3-small", input=sentences, dimensions=256)
question = client.embeddings.create(
    model="text-embedding-3-small", input="Where do cats sleep?", dimensions=256, encoding_format="float"
)


def likeness(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


scores = [likeness(item.embedding, question.data[0].embedding) for item in reply.data]
nearest = sentences[scores.index(max(scores))]
print(nearest, f"{reply.usage.total_tokens + question.usage.total_tokens} tokens")
