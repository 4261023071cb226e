"""`embed`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from . import CommandError, UsageError
from ._ask import client_of
from ._files import checked, read, save, standard_input, text_of
from ._screen import as_json, put_bytes, put_json

if TYPE_CHECKING:
    from argparse import Namespace

    from wenwen.types import CreateEmbeddingResponse

_FORMATS = (".npy", ".json", ".jsonl")


def embed(options: Namespace) -> int:
    path = checked(options)
    ending = os.path.splitext(path or "")[1].lower()
    if path is not None and path != "-" and ending not in _FORMATS:
        raise UsageError(f"-o {path}: give a name that ends in {', '.join(_FORMATS)}")
    texts = _texts(options)
    params: dict[str, Any] = {"model": options.model, "input": texts}
    params |= {name: value for name in ("dimensions", "batch_size") if (value := getattr(options, name)) is not None}
    reply = cast("CreateEmbeddingResponse", cast("Any", client_of(options).embeddings.create)(**params))
    if len(reply.data) != len(texts):
        raise CommandError(f"{len(texts)} texts were sent, and {len(reply.data)} vectors came")
    if ending == ".npy":
        try:
            data = _npy(memoryview(reply))
        except BufferError as error:  # they differ in length
            raise CommandError(f"{error}: -o with .jsonl takes them all the same") from None
    elif options.json or ending == ".json":
        if path is None:
            put_json(reply)
            return 0
        data = as_json(reply).encode() + b"\n"
    else:
        data = b"".join(as_json(vector.embedding, None).encode() + b"\n" for vector in reply.data)
    if path is None or path == "-":
        put_bytes(data)
    else:
        save(path, data, options.force)
    return 0


def _texts(options: Namespace) -> list[str]:
    if options.text and options.text != ["-"]:
        texts = list(options.text)
    elif options.text or not options.files:
        text = text_of(standard_input("texts, each in a line,"), "standard input")
        texts = text.split("\n")
        texts = [line.removesuffix("\r") for line in (texts[:-1] if texts[-1] == "" else texts)]
    else:
        texts = []
    texts += [text_of(read(name), name) for name in options.files]
    if not texts:
        raise UsageError("there is no text")
    empty = [number for number, text in enumerate(texts, 1) if not text.strip()]
    if empty:
        raise UsageError(f"text {empty[0]} is empty: none may be")
    return texts


def _npy(matrix: memoryview) -> bytes:
    """The file that `numpy.load` reads: float32, a row for each text."""
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(matrix.shape or ())}, }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\0" + len(head).to_bytes(2, "little") + head.encode() + matrix.tobytes()
