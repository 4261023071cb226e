"""How the methods of resources take the class of an answer."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .._core import Endpoint


def typed(params: type, keyword: str, retries: bool = False, reads: bool = False) -> type:
    """The parameters of a call, and those of the class of its answer: `output`, or `keyword` as the peers call it."""
    own = {"output": "Any", keyword: "Any", **({"retries": "int"} if retries else {})}
    own |= {"parse_as": "Any"} if reads else {}
    words = (
        "    output: what the answer is to be: a pydantic model, a dataclass, a TypedDict, an Enum, a Literal, a type\n"
        "        like list[int], a msgspec.Struct, an attrs class, a TypeAdapter, or a JSON schema as a dict.\n"
        f"    {keyword}: the same, by the name that the peers' packages give it.\n"
    )
    if retries:
        words += (
            "    retries: how often to ask again, with the answer and what is wrong with it, if it does not fit (0).\n"
            "        Each is a call of its own; `usage` is of all together.\n"
        )
    if reads:
        words += (
            "    parse_as: the class that the answer is read as, where its schema went out with another response or\n"
            "        stands in the input: only that of `output` is sent. None: the answer is not read.\n"
        )
    lead, _, described = (params.__doc__ or "").partition("\n\n")
    # Its own words about `keyword` go, with the lines that belong to them.
    lines: list[str] = []
    goes = False
    for line in described.split("\n"):
        goes = line.startswith(f"    {keyword}:") or (goes and line.startswith("        "))
        lines += [] if goes else [line]
    annotations = {name: value for name, value in params.__annotations__.items() if name not in own}
    space: dict[str, Any] = {
        "__doc__": f"{lead}\n\n{words}" + "\n".join(lines),
        "__annotations__": {**own, **annotations},
        "__module__": params.__module__,
    }
    return type(params.__name__, (dict,), space)


def asked(dialect: str, keyword: str, endpoint: Endpoint, output: Any, params: dict[str, Any]) -> tuple[Any, ...]:
    """What a stream asks, and the class of its answer, where one is given by either name, and those of its calls."""
    if output is None and keyword not in params and not params.get("tools"):
        return endpoint, params, ()
    from .._answers import streamed

    return streamed(dialect, output, params) or (endpoint, params, ())


def opening(*plain: type) -> tuple[Callable[..., Any], ...]:
    """The streams of both clients: plain ones, or, where a class is given or functions are, those of its answers, which
    are loaded then."""

    def opens(cls: type) -> Callable[..., Any]:
        def opened(send: Callable[[], Any], *output: Any) -> Any:
            if not output:
                return cls(send)
            from . import _parsed_streams

            name = cls.__name__
            twin = f"AsyncParsed{name.removeprefix('Async')}" if name.startswith("Async") else f"Parsed{name}"
            return getattr(_parsed_streams, twin)(send, *output)

        return opened

    return tuple(opens(cls) for cls in plain)
