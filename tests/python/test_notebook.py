"""In a notebook, executed without a browser: what a cell awaits and shows, and what Tab and Shift-Tab tell."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen.testing import LocalGateway

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of theirs
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")

# Whatever Jupyter's packages warn of is not ours to fail for; the kernel, another process, has its own filters.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]

ANSWER = "Hi! How can I help you today?"
CELLS = {
    "sync": """
        import wenwen
        reply = wenwen.create_response(model="gpt-5", input="Hello!")
        reply.output_text
    """,
    "await": """
        (await wenwen.aio.create_response(model="gpt-5", input="Hello!")).output_text
    """,
    "many": """
        import asyncio
        replies = await asyncio.gather(*(wenwen.aio.create_response(model="gpt-5", input="Hello!") for _ in range(50)))
        len({each.id for each in replies})
    """,
    "stream": """
        for event in wenwen.create_response(model="gpt-5", input="Hello!", stream=True):
            if event.type == "response.output_text.delta":
                print(event.delta, end="", flush=True)
    """,
    "async stream": """
        async for event in await wenwen.aio.create_response(model="gpt-5", input="Hello!", stream=True):
            if event.type == "response.output_text.delta":
                print(event.delta, end="", flush=True)
    """,
    "helper": """
        client = wenwen.Client()
        with client.responses.stream(model="gpt-5", input="Hello!") as stream:
            final = stream.get_final_response()
        final.output_text
    """,
    "sync while the loop is busy": """
        async def tick():
            return (await wenwen.aio.create_response(model="gpt-5", input="Hello!")).output_text
        task = asyncio.create_task(tick())
        (wenwen.create_response(model="gpt-5", input="Hello!").output_text, await task)
    """,
    "error": """
        try:
            wenwen.create_response(model="gpt-5", input="Hello!", api_kee="x")
        except TypeError as error:
            print(error)
    """,
    "shown": """
        reply
    """,
    "many shown": """
        [reply, reply]
    """,
    "stream at the end": """
        wenwen.create_response(model="gpt-5", input="Hello!", stream=True)
    """,
    "async stream at the end": """
        await wenwen.aio.create_response(model="gpt-5", input="Hello!", stream=True)
    """,
    "helper at the end": """
        wenwen.stream(model="gpt-5", input="Hello!")
    """,
    "shown and kept": """
        kept = wenwen.stream_message(
            model="claude", max_tokens=999, messages=[{"role": "user", "content": "Hello!"}]
        ).show()
        kept
    """,
    "kept": """
        kept
    """,
    "awaited": """
        (await wenwen.aio.stream(model="gpt-5", input="Hello!").show()).output_text
    """,
    "extension": """
        %load_ext wenwen
        topic = "Hello"
    """,
    "ask": """
        %%ask --model gpt-5 --out answer --system "Be {topic}"
        {topic}! {{topic}} {unknown} {"a": 1}
    """,
    "asked": """
        (_.id == answer.id, answer.output_text)
    """,
    "ask in a line": """
        %ask --api chat {topic}!
    """,
    "ask for nothing": """
        %ask --model gpt-5
    """,
    "wrong option": """
        %ask --mdel gpt-5 Hello!
    """,
    "traceback": """
        wenwen.Client(base_url="http://127.0.0.1:9", max_retries=0).responses.create(model="gpt-5", input="Hello!")
    """,
    "awaited traceback": """
        client = wenwen.AsyncClient(base_url="http://127.0.0.1:9", max_retries=0)
        await client.responses.create(model="gpt-5", input="Hello!")
    """,
    "misspelt traceback": """
        wenwen.create_response(model="gpt-5", input="Hello!", api_kee="x")
    """,
    "traceback through a function of the user's": """
        def key():
            raise wenwen.WenwenError("no key today")
        wenwen.Client(api_key=key).responses.create(model="gpt-5", input="Hello!")
    """,
    "traceback of somebody else's": """
        def f():
            raise ValueError("mine")
        f()
    """,
    "broken stream at the end": """
        import wenwen.testing
        own = wenwen.testing.LocalGateway().start()
        chunk = {"object": "chat.completion.chunk", "model": "gpt-5"}
        words = [{**chunk, "choices": [{"index": 0, "delta": {"content": f"word {n} "}}]} for n in range(50)]
        ask = {"model": "gpt-5", "messages": [{"role": "user", "content": "?"}]}
        def chat(kind, **how):
            own.script(wenwen.testing.Reply(events=words, **how))
            return getattr(own, kind)(max_retries=0).chat.completions
        chat("client", cut=900).create(**ask, stream=True)
    """,
    "broken async stream at the end": """
        await chat("async_client", cut=900).create(**ask, stream=True)
    """,
    "broken helper at the end": """
        chat("client", cut=900).stream(**ask)
    """,
    "broken stream": """
        chat("client", cut=900).stream(**ask).show()
    """,
    "refused helper at the end": """
        own.script(401)
        own.client().chat.completions.stream(**ask)
    """,
    "interrupted stream": """
        import _thread, threading, time
        before = len(own.requests)
        def interrupt():
            while len(own.requests) == before or own.requests[-1].events_written < 5:
                time.sleep(0.01)
            _thread.interrupt_main()
        chats = chat("client", chunk_delay=0.1)
        threading.Thread(target=interrupt).start()
        chats.create(**ask, stream=True).show()
    """,
    "interrupted call": """
        own.script(wenwen.testing.Reply(delay=60))
        threading.Timer(0.3, _thread.interrupt_main).start()
        own.client().responses.create(model="gpt-5", input="Hello!")
    """,
    "traceback of a run": """
        away = wenwen.Client(base_url="http://127.0.0.1:9", max_retries=0)
        away.responses.run(model="gpt-5", input="?", tools=[])
    """,
    "traceback of a stream": """
        away.responses.stream(model="gpt-5", input="?").show()
    """,
    "traceback of parse": """
        away.responses.parse(int, model="gpt-5", input="?")
    """,
    "traceback of a wait": """
        wenwen.Client().midjourney.wait(["nothing"], poll=0.001)
    """,
    "traceback of a job": """
        away.responses.map(["a"], model="gpt-5", progress=False, max_elapsed=0.1).run()
    """,
    "traceback of a job's argument": """
        away.responses.map(["a"], modell="gpt-5")
    """,
    "traceback of a tool's argument": """
        away.responses.run(model="gpt-5", input="?", tools=[3])
    """,
    "traceback of a file": """
        from pathlib import Path
        away.audio.transcriptions.create(model="whisper-1", file=Path("nothing.mp3"))
    """,
    "traceback of a price": """
        wenwen.Client().pricing.list()["nothing"]
    """,
    "tab": """
        from IPython import get_ipython
        def tab(text):
            matches = get_ipython().kernel.do_complete(text, len(text))["matches"]
            return {match.rpartition(".")[2] for match in matches}
        fields = {"id", "output", "output_text", "usage", "model", "status", "to_dict", "to_json"}
        print(fields - tab("reply."))
        print({"total_tokens", "input_tokens"} - tab("reply.usage."))
        print({"create_response", "Client", "AsyncClient", "configure", "aio"} - tab("wenwen."))
        print({"create", "stream", "retrieve", "with_raw_response"} - tab("client.responses."))
    """,
    "tab on keys": """
        matches = get_ipython().kernel.do_complete('reply["', 7)["matches"]
        print({"usage", "output", "id"} - {match.removeprefix("reply[").strip("'\\"]") for match in matches})
    """,
    "shift-tab": """
        import inspect
        for function in (wenwen.create_response, wenwen.aio.create_response, client.responses.create):
            names = list(inspect.signature(function).parameters)
            wanted = {"model", "input", "stream", "tools", "timeout", "extra_body", "as_dict"}
            print(wanted - set(names), "self" in names)
        tip = get_ipython().kernel.do_inspect("wenwen.create_response", len("wenwen.create_response"))
        text = tip["data"]["text/plain"]
        print(all(name in text for name in ("model", "max_output_tokens", "previous_response_id", "timeout")))
    """,
    "interrupt": """
        import _thread, threading, time, wenwen.testing
        gateway = wenwen.testing.LocalGateway(wenwen.testing.Reply(delay=60)).start()
        timer = threading.Timer(0.3, _thread.interrupt_main)
        timer.start()
        try:
            gateway.client().responses.create(model="gpt-5", input="Hello!")
        except KeyboardInterrupt:
            print("interrupted", len(gateway.wait_closed()))
        gateway.close()
    """,
    "after": """
        wenwen.create_response(model="gpt-5", input="Hello!").output_text
    """,
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each cell put out, from one kernel."""
    import textwrap

    package = str(Path(wenwen.__file__).parents[1])
    path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    cells = [nbformat.v4.new_code_cell(textwrap.dedent(source).strip()) for source in CELLS.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    home = str(tmp_path_factory.mktemp("home"))
    with LocalGateway(event_delay=0.005) as gateway, pytest.MonkeyPatch.context() as patch:
        for name, value in {**gateway.env(), "NO_PROXY": "*", "PYTHONPATH": path, "IPYTHONDIR": home}.items():
            patch.setenv(name, value)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


def shown(outputs: list[Any]) -> str:
    """What a reader sees, in one text."""
    texts = []
    for output in outputs:
        if output.output_type == "error":
            pytest.fail("\n".join(output.traceback))
        texts.append(output.text if output.output_type == "stream" else output.data["text/plain"])
    return "".join(texts).strip()


@pytest.mark.parametrize("cell", ["sync", "await", "helper", "after"])
def test_a_call(outputs: dict[str, list[Any]], cell: str) -> None:
    assert shown(outputs[cell]) == repr(ANSWER)


def test_many_awaited(outputs: dict[str, list[Any]]) -> None:
    assert shown(outputs["many"]) == "50"


@pytest.mark.parametrize("cell", ["stream", "async stream"])
def test_a_stream_that_is_shown(outputs: dict[str, list[Any]], cell: str) -> None:
    assert shown(outputs[cell]) == ANSWER


def test_a_sync_call_while_the_loop_has_work(outputs: dict[str, list[Any]]) -> None:
    assert shown(outputs["sync while the loop is busy"]) == repr((ANSWER, ANSWER))


def test_a_wrong_keyword(outputs: dict[str, list[Any]]) -> None:
    assert "api_kee" in shown(outputs["error"])


def test_a_reply_at_the_end_of_a_cell(outputs: dict[str, list[Any]]) -> None:
    assert shown(outputs["shown"]).startswith(f"{ANSWER}\n\n— gpt-5")


def test_lists_of_replies_are_short(outputs: dict[str, list[Any]]) -> None:
    text = shown(outputs["many shown"])
    assert text.count(f"Response(shows={ANSWER!r}") == 2 and len(text) < 500


SHOWN = ["shown", "stream at the end", "async stream at the end", "helper at the end", "shown and kept", "kept", "ask"]


@pytest.mark.parametrize("cell", [*SHOWN, "ask in a line"])
def test_it_is_shown_once(outputs: dict[str, list[Any]], cell: str) -> None:
    (output,) = outputs[cell]
    assert set(output.data) == {"text/plain", "text/markdown"}
    for text in output.data.values():
        assert " tokens" in text and "ou" in text


def test_a_stream_that_is_awaited_and_shown(outputs: dict[str, list[Any]]) -> None:
    first, last = outputs["awaited"]
    assert ANSWER in first.data["text/markdown"] and last.data["text/plain"] == repr(ANSWER)


def test_a_cell_that_asks(outputs: dict[str, list[Any]]) -> None:
    said = 'Hello! {topic} {unknown} {"a": 1}'
    assert shown(outputs["asked"]).startswith("(True,") and said in shown(outputs["asked"])
    assert "there is nothing to ask" in shown(outputs["ask for nothing"])
    assert "unrecognized arguments: --mdel" in shown(outputs["wrong option"])


@pytest.mark.parametrize(
    ("cell", "frames"),
    [
        ("traceback", 1),
        ("awaited traceback", 1),
        ("misspelt traceback", 1),
        ("traceback through a function of the user's", 2),
        ("traceback of somebody else's", 2),
        *((name, 1) for name in CELLS if name.startswith(("traceback of a", "traceback of parse"))),
        ("interrupted call", 1),
    ],
)
def test_tracebacks_show_the_users_lines_alone(outputs: dict[str, list[Any]], cell: str, frames: int) -> None:
    (output,) = outputs[cell]
    text = re.sub("\x1b\\[[0-9;]*m", "", "\n".join(output.traceback))
    assert text.count("---->") == text.count("Cell In[") == frames and "File " not in text, text
    assert output.evalue in text


BROKEN = [name for name in CELLS if name.startswith("broken ")]


@pytest.mark.parametrize("cell", BROKEN)
def test_a_stream_that_breaks_off_shows_what_came_and_why(outputs: dict[str, list[Any]], cell: str) -> None:
    came, error = outputs[cell]
    assert came.data["text/markdown"].startswith("word 0 word 1 ") and error.ename == "IncompleteStreamError"
    text = "\n".join(error.traceback)
    assert "broke off" in text and "wenwen/" not in text


def test_a_stream_that_is_refused_says_why(outputs: dict[str, list[Any]]) -> None:
    (error,) = outputs["refused helper at the end"]
    assert error.ename == "AuthenticationError" and "wenwen/" not in "\n".join(error.traceback)


def test_a_stream_that_is_interrupted_keeps_what_came(outputs: dict[str, list[Any]]) -> None:
    came, error = outputs["interrupted stream"]
    assert came.data["text/markdown"].startswith("word 0 word 1 ") and error.ename == "KeyboardInterrupt"
    assert "wenwen/" not in "\n".join(error.traceback)


def test_tab(outputs: dict[str, list[Any]]) -> None:
    assert shown(outputs["tab"]).splitlines() == ["set()"] * 4


def test_tab_on_keys(outputs: dict[str, list[Any]]) -> None:
    assert shown(outputs["tab on keys"]) == "set()"


def test_shift_tab(outputs: dict[str, list[Any]]) -> None:
    assert shown(outputs["shift-tab"]).splitlines() == ["set() False"] * 3 + ["True"]


def test_the_stop_button(outputs: dict[str, list[Any]]) -> None:
    assert shown(outputs["interrupt"]) == "interrupted 1"
