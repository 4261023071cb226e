"""The names that users meet, and where they live: the one table of them. What type checkers see of it (__init__.pyi,
aio.pyi, resources/_faces.pyi) is made by .ci/faces.py."""

# Of `wenwen`: each module (its own for ""), and what lives there.
NAMES = {
    "": "aio bridge testing types",
    "_client": "AsyncClient Client configure",
    "_core": "NO_TIMEOUT APIResponse BinaryContent Headers Object Reply Stream Timeout __version__",
    "_errors": """
        AnswerError AnswerRefusedError AnswerValidationError APIConnectionError APIError APIResponseValidationError
        APIStatusError APITimeoutError AuthenticationError BadRequestError BudgetError ConflictError
        ContentFilterFinishReasonError DeadlineExceededError IncompleteStreamError IncompleteTurnError
        InsecureConnectionWarning InternalServerError JobError JobTimeoutError LengthFinishReasonError MaxTurnsError
        NoAnswerError NotAnAPIError NotFoundError OverloadedError PermissionDeniedError RateLimitError
        RequestTooLargeError ResponseTooLargeError RowError ServiceUnavailableError StoreError TaskFailedError
        TaskTimeoutError ToolError ToolFailedError ToolRunError UnprocessableEntityError WenwenError
    """,
    "_fleet": "ArrowWorker WorkerConfig",
    "_jobs": """
        AsyncJob FleetStatus Governor Job JobPlan JobStatus JobStore Row StoredJob UnknownRequest open_job serve_jobs
    """,
    "_loop": "AsyncStream",
    "_show._magic": "load_ipython_extension unload_ipython_extension",
    "_run": "ToolRun",
    "_run_async": "AsyncToolRun",
    "_runner": "AsyncToolRunner ToolRunner",
    "_types": "NOT_GIVEN NotGiven Omit not_given omit",
    "_telemetry": "AttemptInfo CallInfo",
    "_tools": "Injected Tool beta_async_tool beta_tool pydantic_function_tool pydantic_responses_function_tool tool",
    "types.tools": "ToolCall ToolResult",
}

# The functions, also of `wenwen.aio`, and the methods that they call with the default settings.
FUNCTIONS = {
    "create_response": "responses.Responses.create",
    "create_chat_completion": "chat.Completions.create",
    "create_message": "messages.Messages.create",
    "run_response": "responses.Responses.run",
    "run_chat_completion": "chat.Completions.run",
    "run_message": "messages.Messages.run",
    "run_content": "gemini.Gemini.run",
    "parse": "responses.Responses.parse",
    "parse_response": "responses.Responses.parse",
    "parse_chat_completion": "chat.Completions.parse",
    "parse_message": "messages.Messages.parse",
    "parse_content": "gemini.Gemini.parse",
    "stream": "responses.Responses.stream",
    "stream_response": "responses.Responses.stream",
    "stream_chat_completion": "chat.Completions.stream",
    "stream_message": "messages.Messages.stream",
    "stream_content": "gemini.Gemini.stream",
    "create_embeddings": "embeddings.Embeddings.create",
    "imagine": "midjourney.Midjourney.imagine",
    "blend": "midjourney.Midjourney.blend",
    "fetch_task": "midjourney.Midjourney.fetch",
    "generate_content": "gemini.Gemini.generate_content",
    "create_video": "videos.Videos.create",
    "list_models": "models.Models.list",
    "list_prices": "pricing.Pricing.list",
    "generate_image": "images.Images.generate",
    "edit_image": "images.Images.edit",
    "download": "downloads.Downloads.download",
    "speak": "audio.Speech.create",
    "transcribe": "audio.Transcriptions.create",
    "translate_audio": "audio.Translations.create",
}

# More of them, which `from wenwen import *` leaves out: `map` is a name of Python's own.
MAPS = {"map": "responses.Responses.map"}

# The names that they have in the peers' packages, for code that says `openai.OpenAI()` after `import wenwen as openai`;
# a star import leaves them out: it would hide those of the peers.
PEERS = {
    "OpenAI": "Client",
    "AsyncOpenAI": "AsyncClient",
    "OpenAIError": "WenwenError",
    "Anthropic": "Client",
    "AsyncAnthropic": "AsyncClient",
    "AnthropicError": "WenwenError",
}

# What openai's module is set up by, `openai.api_key = "…"`: options of `configure`.
SETTINGS = (
    "api_key",
    "base_url",
    "timeout",
    "max_retries",
    "default_headers",
    "default_query",
    "organization",
    "project",
)

# Modules for engines, which it leaves out too: they are names of the engines' own.
ENGINES = "daft dask ray spark"

# The parts of a client, and the classes that they are of; an AsyncClient has their async forms. `wenwen` and
# `wenwen.aio` have them too, as openai's module has, of the default settings; a star import leaves them out.
PARTS = {
    "responses": "responses.Responses",
    "chat": "chat.Chat",
    "messages": "messages.Messages",
    "audio": "audio.Audio",
    "embeddings": "embeddings.Embeddings",
    "midjourney": "midjourney.Midjourney",
    "gemini": "gemini.Gemini",
    "models": "models.Models",
    "videos": "videos.Videos",
    "pricing": "pricing.Pricing",
    "billing": "pricing.Billing",
    "images": "images.Images",
    "completions": "completions.TextCompletions",
    "moderations": "moderations.Moderations",
    "rerank": "rerank.Rerank",
    "beta": "beta.Beta",
    "download": "downloads.Downloads.download",
}
