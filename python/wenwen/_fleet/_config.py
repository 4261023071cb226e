"""What a worker is told: frozen, picklable, and without a key."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self, cast

from .._core import Settings, dumps, hide_in
from .._errors import WenwenError
from .._jobs._ajob import AsyncJob
from .._jobs._kinds import _KINDS
from .._jobs._options import _NAMES
from ._columns import PAINTING, Answer, answer_of

if TYPE_CHECKING:
    from .._client import AsyncClient, Client

# The part of a client that an endpoint is a method of, where its name is another one.
_PARTS: dict[str, str] = dict.fromkeys(PAINTING, "images")
# What a worker is not told: the fleet decides it.
_REFUSED = {
    "max_elapsed": "end the engine's own task, the same call goes on later",
    "on_error": "errors are rows, in the column `error`",
    "progress": "workers show none",
}
_SHARED = ("rpm", "tpm", "budget")  # what a fleet without a governor has each its part of
_ENVIRONMENT = "WENWEN_API_KEY"
# What is a key among headers, and in a URL.
_KEYS = {
    "extra_headers": (
        "authorization", "proxy-authorization", "cookie", "api-key", "x-api-key", "x-goog-api-key", "mj-api-secret",
    ),
    "extra_query": ("key", "api_key", "api-key", "token", "access_token"),
}  # fmt: skip
_NO_KEY = (
    "a key does not travel with a job's configuration, which engines write to logs and disks: leave it out, and set "
    "{name} where the workers run, or name another variable by api_key_env=, or give a client whose api_key is a "
    "function of a module of yours, which each worker calls"
)


@dataclass(frozen=True)
class WorkerConfig:
    """All that an `ArrowWorker` has to know; picklable, by whatever an engine pickles with. `WorkerConfig.of` makes it.

    endpoint: whose rows they are. prompt: the template, or the function of a row, pickled as the engine does: by
    reference where it is a module's. params: create's keywords. options: those of the job, its store among them.
    output: the JSON schema of the answers as text; None for texts. settings: of the client, without what is secret.
    key: the name of the environment variable that has the key where the worker runs, or a function that gives it.
    is_led: whether its governor is the driver's, which does not outlive that. id: of the call that made it: a process
    has one engine for it."""

    endpoint: str
    prompt: str | Callable[[Any], Any] | None = field(repr=False)
    params: Mapping[str, Any] = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    output: str | None = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)
    key: str | Callable[[], Any]
    is_led: bool = field(default=False, repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)

    @classmethod
    def of(
        cls,
        prompt: str | Callable[[Any], Any] | None = None,
        *,
        endpoint: str = "responses",
        client: Client | AsyncClient | None = None,
        api_key_env: str | None = None,
        schema: Any = None,
        **params: Any,
    ) -> Self:
        """The configuration of a call `map(data, prompt, **params)`, checked as that checks it.

        prompt: as `map` has it: a template over the columns, a function of a row (a dict), or None.
        endpoint: "responses", "chat.completions", "messages", "gemini", "embeddings", "images.generate", "images.edit",
            "audio.transcriptions" or "audio.speech". Default: "responses".
        client: whose settings are taken: base_url, timeout, …, what is harmless of them. Default: those of `configure`
            and the environment. TypeError for one with a key of its own.
        api_key_env: the environment variable that has the key where the workers run. Default: WENWEN_API_KEY.
        schema: the pyarrow schema of the batches, if it is known: a column that the template names and that is not
            there is a ValueError now.
        params: create's keywords, `output`, and the options of jobs: `store`, `key`, `max_concurrency`, `rpm`, `tpm`,
            `budget`, `price`, `validate_retries`, `retry_errors`, `dedup`, `durability`, `on_quota`, `on_unknown`.
        """
        if endpoint not in _KINDS:
            raise ValueError(f"endpoint is {endpoint!r}: give one of {', '.join(map(repr, _KINDS))}")
        for name, why in _REFUSED.items():
            if params.get(name) is not None:
                raise TypeError(f"a job of workers takes no {name}: {why}")
        settings, key = _carried(client, api_key_env)
        for name, keys in _KEYS.items():
            if any(str(each).lower() in keys for each in params.get(name) or ()):
                hide_in(params)  # out of sight of tracebacks that show locals
                raise TypeError(f"{name} has a key: {_NO_KEY.format(name=api_key_env or _ENVIRONMENT)}")
        # A job that never begins: it says what is wrong with the call.
        data: Any = [] if schema is None else schema.empty_table()
        probe = AsyncJob(_resource(endpoint, _client(settings, "-")), endpoint, data, prompt, {**params})
        asking = probe._asking
        if asking.template.as_dict:
            raise TypeError("a job of workers takes no as_dict: answers become columns")
        output = None if asking.chosen is None else dumps(asking.chosen.schema)
        given = {name: getattr(probe._options, name) for name in _NAMES if params.get(name) is not None}
        return cls(endpoint, prompt, {name: params[name] for name in asking.fixed}, given, output, settings, key)

    def __deepcopy__(self, memo: object) -> Self:
        return self  # frozen

    def __dask_tokenize__(self) -> Any:
        return type(self).__name__, self.id

    def told(self, **options: Any) -> Self:
        """The same with other options of the job; None takes one away."""
        merged = {name: value for name, value in {**self.options, **options}.items() if value is not None}
        return replace(self, options=merged)

    def shared(self, workers: int) -> Self:
        """The same for each of so many workers that know nothing of each other: of the rate and the money its part."""
        options = {name: self.options[name] / workers for name in _SHARED if name in self.options}
        if (most := self.options.get("max_concurrency")) is not None:
            options["max_concurrency"] = max(1, most // workers)
        return self.told(**options)

    @cached_property
    def schema(self) -> dict[str, Any] | None:
        """The JSON schema of the answers."""
        return None if self.output is None else cast("dict[str, Any]", json.loads(self.output))

    @cached_property
    def answer(self) -> Answer:
        """The columns of the answers."""
        return answer_of(self.endpoint, self.schema, self.params)

    @property
    def is_painting(self) -> bool:
        """Whether its answers are pictures."""
        return self.endpoint in PAINTING

    def columns(self, given: Any) -> Any:
        """The pyarrow schema of what comes out where a schema goes in: its columns and metadata, and the answer's."""
        arrow: Any = import_module("pyarrow")

        from .._jobs._columns import FLOAT, TEXT, arrow_type

        kinds = (*self.answer.types, TEXT, FLOAT)
        new = [
            arrow.field(name, arrow_type(arrow, kind))
            for name, kind in zip(self.answer.names(given.names), kinds, strict=True)
        ]
        return arrow.schema([*given, *new], metadata=given.metadata)

    def resource(self) -> Any:
        """The resource that asks, of a client that is made here."""
        key = self.key
        if isinstance(key, str):
            found = os.environ.get(key)
            if not found:
                raise WenwenError(
                    f"no API key: {key} is not set in the worker's environment. It does not travel with the job: set "
                    'it where workers run (Ray: ray.init(runtime_env={"env_vars": {…}}); Spark: spark.executorEnv.…)'
                )
            key = found
        return _resource(self.endpoint, _client(self.settings, key))


def _client(settings: Mapping[str, Any], key: Any) -> Any:
    from .._client import AsyncClient, _rebuild

    return _rebuild(AsyncClient, {**settings, "api_key": key})


def _resource(endpoint: str, client: Any) -> Any:
    for part in _PARTS.get(endpoint, endpoint).split("."):
        client = getattr(client, part)
    return client


def _carried(client: Any, env: str | None) -> tuple[dict[str, Any], str | Callable[[], Any]]:
    """Of a client, or the default one, what travels, and where its key comes from."""
    from .._client import default_settings

    settings: Settings = default_settings() if client is None else client._settings
    key = settings.key
    name = env or _ENVIRONMENT
    words = _NO_KEY.format(name=name)
    if settings.auth_token is not None or settings.has_own_key:
        raise TypeError(f"the client has an auth_token, or a key among its headers: {words}")
    if callable(key):
        if env is not None:
            raise TypeError("the client's api_key is a function, and api_key_env is given: leave one of them out")
        return settings.options(), key
    # What the environment has here it may have there; any other one was given as it is.
    if key is not None and key.get_secret_value() != os.environ.get(name, os.environ.get(_ENVIRONMENT)):
        raise TypeError(f"the client has a key of its own: {words}")
    return settings.options(), name
