"""What the peers' packages declare and ours does not: methods, parameters, fields of replies.

`python tests/project/peers.py` compares with the `openai` and `anthropic` that are installed and lists the differences.
What is left out on purpose stands in `LEFT_OUT`, with the reason; an entry that matches nothing any more is listed too.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import wenwen
import wenwen.types
from wenwen._core import Object, Settings

# The versions that `LEFT_OUT` was written for: with others the comparison is a report, and no test.
WRITTEN_FOR = {"openai": "3.57.0", "anthropic": "2.14.0"}
CLIENTS = {"openai": "OpenAI", "anthropic": "Anthropic"}
# Where their types are, and ours.
TYPES = {
    "openai.types": "audio completions embeddings images models moderations videos",
    "openai.types.audio": "audio",
    "openai.types.chat": "chat",
    "openai.types.responses": "responses",
    "openai.types.shared": "chat responses shared",
    "openai.types.shared_params": "chat responses shared",
    "anthropic.types": "messages models",
}

# By place: a method, `method(parameter)`, `Class.field`; what stands before a dot or a bracket is left out with all
# that is within it. The reason is for whoever asks for it.
NOT_ROUTED = "the gateway has no such route (REFERENCE H.4); `client.post` and its kin reach it at other servers"
ACCOUNTS = "accounts are the affair of the gateway and its operator"
WEBSOCKETS = "there are no websockets here"


def each(reason: str, *places: str) -> dict[str, str]:
    return dict.fromkeys(" ".join(places).split(), reason)


STORED = ["delete", "list", "messages", "retrieve", "update"]
LEFT_OUT: dict[str, dict[str, str]] = {
    "openai": {
        **each(ACCOUNTS, "admin webhooks safety"),
        **each(
            NOT_ROUTED,
            "audio.voice_consents audio.voices batches beta.agents beta.assistants beta.chatkit beta.threads",
            "containers content_provenance_checks conversations decisions evals files fine_tuning",
            "images.create_variation skills uploads vector_stores",
            *(f"{prefix}chat.completions.{name}" for prefix in ("", "beta.") for name in STORED),
        ),
        **each(WEBSOCKETS, "beta.realtime beta.responses.connect live realtime responses.connect"),
        **each('text={"verbosity": ...}', "responses.parse(verbosity)"),
        **each("retrieve(id, stream=True)", "responses.stream(response_id) responses.stream(starting_after)"),
        **each(
            'a word of Python\'s, which no annotation can have: item["async"]',
            "CustomTool.async FunctionTool.async FunctionToolParam.async ResponseCustomToolCall.async",
            "ResponseCustomToolCallItem.async ResponseFunctionToolCall.async ResponseFunctionToolCallItem.async",
            "ParsedResponseFunctionToolCall.async",
        ),
    },
    "anthropic": {
        **each(ACCOUNTS, "beta.organization organization beta.user_profiles user_profiles"),
        **each(
            NOT_ROUTED,
            "beta.agents beta.compliance beta.deployment_runs beta.deployments beta.dreams beta.environments",
            "beta.files beta.memory_stores beta.messages.batches beta.messages.thread beta.sessions beta.skills",
            "beta.tunnels beta.vaults beta.webhooks files messages.batches skills",
        ),
        **each('output_config={"format": ...}', "messages.count_tokens(output_format)"),
        **each("messages.run(output=...)", "beta.messages.tool_runner(output_format)"),
    },
}


class Difference(NamedTuple):
    place: str

    def covers(self, entry: str) -> bool:
        rest = self.place.removeprefix(entry)
        return rest != self.place and (not rest or rest[0] in ".(")


def installed(peer: str) -> str | None:
    try:
        return version(peer)
    except PackageNotFoundError:
        return None


def is_resource(value: object, package: str) -> bool:
    return type(value).__module__.startswith(f"{package}.resources.") and not inspect.isroutine(value)


def methods(part: Any, package: str, path: str = "") -> Iterator[tuple[str, Any]]:
    """The methods of a client's parts, with their paths."""
    for name in dir(type(part)):
        if name.startswith(("_", "with_")):
            continue
        value = getattr(part, name)
        if is_resource(value, package):
            yield from methods(value, package, f"{path}{name}.")
        elif path and inspect.isroutine(value):
            yield f"{path}{name}", value


def parameters(method: Any) -> set[str]:
    return {*inspect.signature(method).parameters} - {*Settings.CALL_OPTIONS}


def classes(package: str) -> dict[str, set[str]]:
    """The fields of the models and TypedDicts in a package, by their names; of several with one name, what all have."""
    found: dict[str, set[str]] = {}
    top = importlib.import_module(package)
    files = pkgutil.iter_modules(getattr(top, "__path__", ()), f"{package}.")
    for module in (top, *(importlib.import_module(each.name) for each in files if not each.ispkg)):
        for name, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == module.__name__ and (fields := fields_of(value)):
                found[name] = found.get(name, fields) & fields
    return found


def fields_of(cls: type) -> set[str]:
    if issubclass(cls, Object):
        names = {name for base in cls.__mro__ for name in getattr(base, "__annotations__", ()) if base is not object}
        return names | {name for name, value in inspect.getmembers(cls) if isinstance(value, property)}
    if model := getattr(cls, "model_fields", None):
        return {field.alias or name for name, field in model.items()}
    return {*cls.__annotations__} if hasattr(cls, "__total__") else set()


def differences(peer: str) -> Iterator[str]:
    """The places of what the peer's package has and ours does not."""
    theirs = getattr(importlib.import_module(peer), CLIENTS[peer])(api_key="sk-x")
    ours = dict(methods(wenwen.Client(api_key="sk-x"), "wenwen"))
    for path, method in methods(theirs, peer):
        if path not in ours:
            yield path
        else:
            yield from (f"{path}({name})" for name in sorted(parameters(method) - parameters(ours[path])))
    for package, own in TYPES.items():
        if package.startswith(peer):
            known = {name: fields for each in own.split() for name, fields in classes(f"wenwen.types.{each}").items()}
            for name, fields in sorted(classes(package).items()):
                yield from (f"{name}.{field}" for field in sorted(fields - known.get(name, fields)))


def report(peer: str) -> tuple[list[str], list[str]]:
    """What lacks and is not left out on purpose, and the entries of `LEFT_OUT` that nothing matches."""
    found = [Difference(place) for place in dict.fromkeys(differences(peer))]
    entries = LEFT_OUT[peer]
    lacks = [each.place for each in found if not any(each.covers(entry) for entry in entries)]
    return lacks, [entry for entry in entries if not any(each.covers(entry) for each in found)]


if __name__ == "__main__":
    wrong = 0
    for peer in CLIENTS:
        if installed(peer) is None:
            print(f"{peer} is not installed")
            continue
        lacks, stale = report(peer)
        print(f"{peer} {installed(peer)}: {len(lacks)} more than ours, {len(LEFT_OUT[peer])} left out on purpose")
        for line in (*lacks, *(f"{entry}: left out, and no longer there" for entry in stale)):
            print(f"    {line}")
        wrong += len(lacks) + len(stale)
    sys.exit(wrong > 0)
