"""`/v1/embeddings`: the reply, its vectors, the parameters.

The classes read the reply as it came: a field that is missing or null is None whatever its annotation says, and a field
that is not declared here is an attribute all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Required, TypeAlias

from wenwen._core import Object, Vector, Vectors

from .shared import RequestOptions

__all__ = ["CreateEmbeddingResponse", "Embedding", "EmbeddingCreateParams", "EmbeddingInput", "EmbeddingUsage"]

# A text or its tokens, or many of either: a list, a tuple, a generator, a numpy array, a column of pandas.
EmbeddingInput: TypeAlias = str | Iterable[str] | Iterable[int] | Iterable[Iterable[int]]


class EmbeddingUsage(Object):
    """What the call cost, in tokens; of a call that took several requests the sums."""

    prompt_tokens: int
    total_tokens: int


class Embedding(Vector):
    """One vector. `embedding` is its list of floats; `numpy.asarray(item)` is a read-only float32 array of it, without
    a copy."""

    object: Literal["embedding"]
    index: int  # which text of the input it belongs to
    embedding: list[float]  # the text of the wire where encoding_format="base64" was asked for


class CreateEmbeddingResponse(Vectors):
    """The vectors, in the order of the input.

    `reply.data[i].embedding` is a list of floats, made when it is first touched. `numpy.asarray(reply)` is the float32
    matrix of all of them, one row for each, without a copy and read-only; `numpy.array(reply)` is a copy to write to;
    `memoryview(reply)` is the same without numpy. The matrix is made of what `data` holds when it is first asked for.
    Where the vectors differ in length there is none: BufferError says which.

    Like every reply it is a mapping of its fields: `len(reply)` and `for name in reply` are about these,
    `len(reply.data)` and `for item in reply.data` about the vectors. Vectors come in the order of their `index`; where
    the server numbers them otherwise than 0 to n-1, in the order of the wire. A list of numbers and base64 are both
    read, whatever was asked for; base64 that is broken is an APIResponseValidationError.
    """

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage


class EmbeddingCreateParams(RequestOptions, total=False):
    """Parameters of `POST /v1/embeddings`.

    input: the text, or many: a list, tuple, generator, numpy array or column of str, or the same of tokens (a list of
        ints is one text, a list of such lists many). None may be empty; OpenAI's models take 8192 tokens each.
    model: "text-embedding-3-small" (1536 numbers), "text-embedding-3-large" (3072), "text-embedding-ada-002" (1536) or
        another.
    dimensions: how many numbers a vector has; only models from text-embedding-3 on can be asked. Default: the
        model's.
    encoding_format: "float" for numbers on the wire, "base64" for base64, and then `embedding` is that text. Default:
        base64 on the wire, which is quicker, and floats in the reply.
    user: an id of your end user, for the provider's abuse checks.
    batch_size: texts per request (2048, OpenAI's limit; other vendors take 10 to 100). More are sent as several
        requests and come back as one reply. OpenAI also takes 300 000 tokens per request at most, which are not counted
        here: with long texts set this lower.
    max_concurrency: how many of these requests are under way at once (8).
    """

    input: Required[EmbeddingInput]
    model: Required[str]
    dimensions: int | None
    encoding_format: Literal["float", "base64"] | None
    user: str | None
    batch_size: int
    max_concurrency: int
