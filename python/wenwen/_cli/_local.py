"""`gateway` and `demo`: what needs no key and no network."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

from ._screen import BOLD, DIM, PLAIN, coloured, put, put_json, tell

if TYPE_CHECKING:
    from argparse import Namespace

    from wenwen.testing import LocalGateway

_LOOK = 0.25  # seconds between two looks at the journal
_JOURNAL = 1000  # requests that it holds


def gateway(options: Namespace) -> int:
    from wenwen.testing import LocalGateway

    names = ("host", "port", "models", "latency", "event_delay")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # an end as good as Ctrl-C
    try:
        with LocalGateway(journal_entries=_JOURNAL, **{name: getattr(options, name) for name in names}) as running:
            _tell_how(running, options.json)
            seen = -1
            while True:
                time.sleep(_LOOK)
                if not options.quiet:
                    seen = _show_requests(running, seen)
    except KeyboardInterrupt:
        return 0


def _tell_how(running: LocalGateway, as_json: bool) -> None:
    if as_json:
        put_json({"base_url": running.base_url, "api_key": running.api_key}, None)
        return
    put(
        f"A gateway at {running.root}, which takes any key. Ctrl-C ends it. For other programs:\n\n"
        f"export WENWEN_BASE_URL={running.base_url} WENWEN_API_KEY={running.api_key}\n"
        f"export OPENAI_BASE_URL={running.base_url} OPENAI_API_KEY={running.api_key}\n"
        f"export ANTHROPIC_BASE_URL={running.root} ANTHROPIC_API_KEY={running.api_key}\n"
    )


def _show_requests(running: LocalGateway, seen: int) -> int:
    """Those that came since, on standard error."""
    last = running.last_request
    if last is None or last.index == seen:
        return seen
    for request in running.requests:
        if request.index > seen:
            tell(f"{request.method} {request.path} {request.status or '…'}")
    return last.index


# The demo is this script, paragraph by paragraph: what is shown is what runs. $N is the number of calls at once.
_SCRIPT = """\
# A gateway on this machine: no key, no network
import wenwen
from wenwen.testing import LocalGateway, Reply
gateway = LocalGateway(event_delay=0.04).start()
wenwen.configure(base_url=gateway.base_url, api_key="sk-any", proxy=False)
print(gateway)

# Ask, and get a typed reply
reply = wenwen.create_response(model="gpt-5", input="Hello!")
print(reply.output_text)
print(reply.status, reply.model, f"{reply.usage.total_tokens} tokens")

# The same as a plain dict
data = wenwen.create_response(model="gpt-5", input="你好!", as_dict=True)
print(type(data), data["output"][-1]["content"][0]["text"])

# Stream: the answer as it arrives
params = {"model": "gpt-5", "input": "Where do I begin?", "stream": True}
for event in wenwen.create_response(**params):
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)
print()

# The other two dialects
question = [{"role": "user", "content": "Hello!"}]
chat = wenwen.create_chat_completion(model="gpt-5", messages=question)
message = wenwen.create_message(model="claude-sonnet-4", messages=question)
print(chat.text, "|", message.text)

# Images: one that comes with the reply, and Midjourney's, which are waited for
image = wenwen.generate_image(model="gpt-image-1", prompt="A cat").data[0]
print(len(image.bytes), "bytes;", image.content_type)
task = wenwen.imagine(prompt="A cat --ar 16:9").wait(poll=0.01)
print(task.status, task.action("U1").wait(poll=0.01).image_url)

# Speech and back, and vectors
speech = wenwen.speak("The quick brown fox", model="tts-1", voice="alloy",
                      response_format="wav")
print(wenwen.transcribe(speech, model="whisper-1").text)
model = "text-embedding-3-small"
vectors = wenwen.create_embeddings(model=model, input=["Hello!", "你好!"])
print(memoryview(vectors).shape)

# Async: $N calls at once, each of which takes the gateway half a second
import asyncio, time
gateway.script(Reply(delay=0.5, times=$N))
async def many():
    ask = wenwen.aio.create_response
    calls = [ask(model="gpt-5", input=f"Question {n}") for n in range($N)]
    return await asyncio.gather(*calls)
start = time.perf_counter()
replies = asyncio.run(many())
print(f"{len(replies)} replies in {time.perf_counter() - start:.2f} s")

# A retry: the gateway says 429, the call waits and succeeds
gateway.script(429)
reply = wenwen.create_response(model="gpt-5", input="Hello!")
print(reply.output_text, [r.status for r in gateway.requests[-2:]])

# An error: a class, a category to act on, and the gateway's own words
gateway.script(403)
try:
    wenwen.create_response(model="gpt-5", input="Hello!")
except wenwen.PermissionDeniedError as error:
    print(error.category, "|", error)

# A timeout: the limit of the whole call, retries included
gateway.script(Reply(delay=60))
try:
    wenwen.create_response(model="gpt-5", input="Hello!", timeout=0.5)
except wenwen.APITimeoutError as error:
    print(error)

# A stream that breaks off: an error, with what had arrived
gateway.script(Reply(cut=9000))
try:
    for event in wenwen.create_response(**params):
        pass
except wenwen.IncompleteStreamError as error:
    print(error.category, "|", error.partial.output_text)

# A job of 2000 rows that crashes, and the same call again: no reply is lost
import os, subprocess, sys, tempfile
folder = tempfile.TemporaryDirectory()
script = '''
import os, sys, wenwen
rows = [{"text": f"Review {n}"} for n in range(2000)]
job = wenwen.map(rows, "Good or bad? {text}", model="gpt-5",
                 store=sys.argv[1] + "/reviews.db", max_concurrency=50)
for count, row in enumerate(job):
    if count == int(sys.argv[2]):
        os._exit(1)
status = job.status()
print(status.done, "rows;", status.cached, "were there already")
'''
for crash in ("1000", "-1"):
    command = [sys.executable, "-c", script, folder.name, crash]
    subprocess.run(command, env=os.environ | gateway.env())
"""


def demo(options: Namespace) -> int:
    bold, dim, plain = (BOLD, DIM, PLAIN) if coloured() else ("", "", "")
    many = "1000" if _file_limit() >= 3000 else "100"  # a call in flight here is two sockets: both ends
    names: dict[str, Any] = {}
    try:
        for number, part in enumerate(_SCRIPT.replace("$N", many).split("\n\n"), 1):
            title, _, code = part.partition("\n")
            shown = "".join(f"{dim}  | {line}{plain}\n" for line in code.splitlines())
            print(f"{bold}{number}. {title.removeprefix('# ')}{plain}\n{shown}", flush=True)
            exec(code, names)
            print(flush=True)
    finally:
        if "gateway" in names:
            names["gateway"].close()
    print(f"{bold}With a key of your own:{plain} WENWEN_API_KEY=sk-… python -m wenwen ask 'Hello!'")
    return 0


def _file_limit() -> int:
    """How many files this process may have open: wenwen raises the soft limit to the hard one."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return 1 << 20
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 1 << 20 if hard == resource.RLIM_INFINITY else hard
