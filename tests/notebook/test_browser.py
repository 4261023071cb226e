"""A notebook in JupyterLab in a browser: what stands in the page after its cells have run.

WENWEN_SCREENSHOTS=1 has it renew the pictures in this folder."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import wenwen
from wenwen.testing import LocalGateway, Reply

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of theirs
    pytest.importorskip("jupyterlab")
    nbformat = pytest.importorskip("nbformat")
    webdriver = pytest.importorskip("selenium.webdriver")

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
RENEW = os.environ.get("WENWEN_SCREENSHOTS")
pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not (BROWSER and DRIVER), reason="Chromium and its driver are not installed"),
]

ANSWER = r"""## 排序算法

The **usual** way is \(O(n \log n)\), where $a < b$ decides; it costs $5 and $10:

$$\sum_{i=1}^{n} i = \frac{n(n+1)}{2}$$

| Name | Worst | In place |
|---|---|---|
| `merge` | $n \log n$ | no |
| heap | `O(n<log n>)` | 是 |

1. Take it apart:

   ```python
   def halves(items: list[int]) -> tuple[list[int], list[int]]:
       return items[: len(items) // 2], items[len(items) // 2 :]  # a < b & c
   ```

2. Put it together — see [the page](https://example.com/sort).
"""
HOSTILE = r"""Hello <script>window.owned = 1</script><img src=x onerror="window.owned = 2">

![pixel](http://127.0.0.1:{port}/pixel.png) <style>@import "http://127.0.0.1:{port}/style.css";</style>
[press](javascript:window.owned=3) <iframe src="http://127.0.0.1:{port}/frame"></iframe>
<svg onload="window.owned = 4"></svg> $\href{{javascript:window.owned=5}}{{x}}$
\\(\href{{javascript:window.owned=6}}{{y}}\\)
&#36;\href{{javascript:window.owned=7}}{{z}}&#36; \begin{{align}}\href{{javascript:window.owned=8}}{{w}}\end{{align}}

`` ` <img src=x onerror="window.owned = 9"> ` ``

$$ ``` $$ <img src=x onerror="window.owned = 10"> $$ ``` $$

| a | b |
|---|---|
| `x | <img src=x onerror="window.owned = 11"> ` |

```mermaid
graph TD; A["<img src=http://127.0.0.1:{port}/mermaid.png onerror='window.owned=12'>"] --> B
click A "javascript:window.owned=13"
```

</details></div></div><h1 id="broken-out">out</h1>
"""


def reply_of(text: str, thought: str = "") -> dict[str, Any]:
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
    output: list[Any] = (
        [{"type": "reasoning", "summary": [{"type": "summary_text", "text": thought}]}] if thought else []
    )
    usage = {"input_tokens": 1234, "output_tokens": 567, "total_tokens": 1801}
    return {"object": "response", "model": "gpt-5", "status": "completed", "usage": usage, "output": [*output, message]}


def pieces_of(text: str) -> Reply:
    """A chat answer, a word at a time."""
    chunk = {"object": "chat.completion.chunk", "model": "gpt-5"}
    words = [f"{word} " if word else "\n" for line in text.splitlines() for word in [*line.split(" "), ""]]
    events: list[Any] = [{**chunk, "choices": [{"index": 0, "delta": {"content": word}}]} for word in words]
    events += [{**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, "data: [DONE]\n\n"]
    return Reply(events=events, chunk_delay=0.03)


CELLS = {
    "setup": """
        import wenwen
        client = wenwen.Client()
        prices = client.pricing.list()
        %load_ext wenwen
    """,
    "answer": """
        wenwen.create_response(model="gpt-5", input="How are things sorted?")
    """,
    "stream": """
        stream = wenwen.create_chat_completion(
            model="gpt-5", messages=[{"role": "user", "content": "How are things sorted?"}], stream=True
        )
        reply = stream.show()
    """,
    "ask": """
        %%ask --model gpt-5 --api chat
        How are things sorted?
    """,
    "hostile": """
        wenwen.create_response(model="gpt-5", input="Hello!")
    """,
    "hostile stream": """
        wenwen.stream_chat_completion(model="gpt-5", messages=[{"role": "user", "content": "Hello!"}])
    """,
    "hostile task": """
        wenwen.types.Task(HOSTILE_TASK)
    """,
    "pictures": """
        wenwen.generate_image(model="gpt-image-1", prompt="Three cats", n=3)
    """,
    "task": """
        wenwen.imagine(prompt="Cat").wait(poll=0.1)
    """,
    "speech": """
        wenwen.speak(model="tts-1", input="Hello!", voice="alloy")
    """,
    "tools": """
        def weather(city: str) -> str:
            "The weather in a city."
            return f"It is sunny in {city}."

        wenwen.run_response(model="gpt-5", input="Is it nicer in Paris?", tools=[weather])
    """,
    "parsed": """
        from dataclasses import dataclass

        @dataclass
        class Person:
            name: str
            age: int

        wenwen.parse(Person, model="gpt-5", input="Ada Lovelace was 36 when she died.")
    """,
    "vectors": """
        wenwen.create_embeddings(model="text-embedding-3-small", input=["one", "two"])
    """,
    "models": """
        wenwen.list_models()
    """,
    "prices": """
        prices
    """,
    "list": """
        [reply, reply]
    """,
    "error": """
        away = client.with_options(base_url="http://127.0.0.1:9", max_retries=0)
        away.responses.create(model="gpt-5", input="Hello!")
    """,
}


class _Evil(BaseHTTPRequestHandler):
    """Whom hostile answers would have the page call."""

    def do_GET(self) -> None:  # the name is http.server's
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        self.send_error(404)

    def log_message(self, *args: object) -> None:
        pass


class Lab:
    """The page, after all cells have run."""

    def __init__(self, driver: Any, seen: list[str]) -> None:
        self.driver = driver
        self.seen = seen

    def cell(self, name: str) -> Any:
        return self.driver.find_elements("css selector", ".jp-CodeCell")[[*CELLS].index(name)]

    def output(self, name: str) -> Any:
        return self.cell(name).find_element("css selector", ".jp-Cell-outputArea")

    def all(self, name: str, selector: str) -> list[Any]:
        return self.output(name).find_elements("css selector", selector)  # type: ignore[no-any-return]

    def text(self, name: str) -> str:
        return self.output(name).text  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home = tmp_path_factory.mktemp("lab")
    evil = ThreadingHTTPServer(("127.0.0.1", 0), _Evil)
    evil.seen = []  # type: ignore[attr-defined]
    threading.Thread(target=evil.serve_forever, daemon=True).start()
    port = evil.server_port
    hostile = HOSTILE.format(port=port)
    bad = f'http://127.0.0.1:{port}/"><script>window.owned=20</script>'
    task = {"id": hostile, "prompt": hostile, "status": "FAILURE", "failReason": hostile, "imageUrl": bad}
    cells = []
    for name, source in CELLS.items():
        source = textwrap.dedent(source).strip().replace("HOSTILE_TASK", repr(task))
        cells.append(
            nbformat.v4.new_code_cell(source, metadata={"tags": ["raises-exception"] if name == "error" else []})
        )
    (home / "work").mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), home / "work" / "replies.ipynb")
    (home / "settings").mkdir()
    settings = {
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    }
    (home / "settings" / "overrides.json").write_text(json.dumps(settings))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        at = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with LocalGateway() as gateway:
        # In the order of the cells; those behind are answered as the gateway does by itself.
        answer = Reply(json=reply_of(ANSWER, "They ask about **sorting**: merge, heap."))
        gateway.script(None, answer, pieces_of(ANSWER), pieces_of(ANSWER))
        gateway.script(Reply(json=reply_of(hostile, hostile)), pieces_of(hostile))
        package = str(Path(wenwen.__file__).parents[1])
        places = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "HOME")
        env = {
            **os.environ,
            **gateway.env(),
            **{name: str(home / name.lower()) for name in places},
            "NO_PROXY": "*",
            "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")])),
        }
        options = {
            "IdentityProvider.token": "",
            "ServerApp.port": at.rpartition(":")[2],
            "ServerApp.root_dir": home / "work",
            "LabApp.app_settings_dir": home / "settings",
            "LabApp.expose_app_in_browser": "True",
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += [f"--{name}={value}" for name, value in options.items()]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(command, env=env, cwd=home, stdout=log, stderr=log)
        try:
            _wait(lambda: server.poll() is not None or _answers(f"{at}/api"), 120)
            assert server.poll() is None, (home / "log").read_text()
            driver = _browser(home)
            try:
                _run(driver, f"{at}/lab/tree/replies.ipynb")
                yield Lab(driver, evil.seen)  # type: ignore[attr-defined]
            finally:
                driver.quit()
        finally:
            server.terminate()
            server.wait(30)
            evil.shutdown()


def _answers(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def _wait(done: Any, most: float) -> None:
    end = time.monotonic() + most
    while not done():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.1)


def _browser(home: Path) -> Any:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    flags = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1000,1200", "--no-first-run"]
    # Whoever is not this machine is not there.
    flags += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={home / 'browser'}"]
    for flag in (*flags, "--no-proxy-server"):
        options.add_argument(flag)
    service = webdriver.ChromeService(executable_path=DRIVER)
    return webdriver.Chrome(options=options, service=service)


# What each cell has shown, at each change; and when all have run.
WATCH = """
window.lengths = {};
const cells = [...document.querySelectorAll('.jp-CodeCell')];
cells.forEach((cell, at) => {
    const seen = window.lengths[at] = [];
    new MutationObserver(() => {
        const length = cell.querySelector('.jp-Cell-outputArea').textContent.length;
        if (length !== seen[seen.length - 1]) seen.push(length);
    }).observe(cell, {subtree: true, childList: true, characterData: true});
});
window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => { window.ran = true; });
"""


def _run(driver: Any, url: str) -> None:
    driver.get(url)
    ready = """
        const context = window.jupyterapp?.shell.currentWidget?.sessionContext, kernel = context?.session?.kernel;
        return document.querySelectorAll('.jp-CodeCell').length === arguments[0] && context?.isReady
            && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';"""
    _wait(lambda: driver.execute_script(ready, len(CELLS)), 120)
    driver.execute_script("window.jupyterapp.shell.collapseLeft()")
    driver.execute_script(WATCH)
    _wait(lambda: driver.execute_script("return window.ran === true"), 120)


@pytest.mark.parametrize("name", ["answer", "stream", "ask"])
def test_an_answer_is_rendered(lab: Lab, name: str) -> None:
    assert [one.text.rstrip("¶") for one in lab.all(name, "h2")] == ["排序算法"]
    assert [one.text for one in lab.all(name, "td")][::3] == ["merge", "heap"]
    code = lab.all(name, "pre")[0].text
    assert "def halves" in code and "# a < b & c" in code
    assert "O(n<log n>)" in [one.text for one in lab.all(name, "code")]
    _wait(lambda: len(lab.all(name, "mjx-container")) == 4, 60)  # MathJax comes later
    assert "it costs $5 and $10:" in lab.text(name)
    assert [one.get_attribute("href") for one in lab.all(name, "a[href^=https]")] == ["https://example.com/sort"]
    if name == "answer":
        assert "1,234 → 567 tokens" in lab.text(name) and "$0.0072" in lab.text(name)
        (folded,) = lab.all(name, "details")
        assert folded.get_attribute("open") is None and folded.text == "Thought: They ask about sorting: merge, heap."


def test_a_stream_grows_in_its_place(lab: Lab) -> None:
    lengths = lab.driver.execute_script("return window.lengths")
    for name in ("stream", "ask", "hostile stream"):
        assert len(lab.all(name, ".jp-OutputArea-output")) == 1
        assert len(lengths[str([*CELLS].index(name))]) > 3


@pytest.mark.parametrize("name", ["hostile", "hostile stream", "hostile task"])
def test_a_hostile_answer_is_text(lab: Lab, name: str) -> None:
    assert "<script>window.owned = 1</script>" in lab.text(name)
    assert not lab.all(name, "script, iframe, style, [onerror], [onload], #broken-out")
    for link in lab.driver.find_elements("css selector", "a"):
        for attribute in ("href", "xlink:href"):
            assert "javascript:" not in (link.get_attribute(attribute) or "")
    for link in lab.all(name, "mjx-container a"):
        raise AssertionError(link.get_attribute("outerHTML"))
    assert lab.driver.execute_script("return window.owned === undefined")
    assert lab.seen == []


@pytest.mark.parametrize(("name", "count"), [("pictures", 3), ("task", 1)])
def test_pictures_are_decoded(lab: Lab, name: str, count: int) -> None:
    images = lab.all(name, "img")
    assert len(images) == count
    for image in images:
        _wait(lambda image=image: lab.driver.execute_script("return arguments[0].complete", image), 30)
        assert lab.driver.execute_script("return arguments[0].naturalWidth", image) > 0
    if name == "task":
        assert "[U1] [U2] [U3] [U4] [🔄]" in lab.text(name)


def test_sound_has_a_player(lab: Lab) -> None:
    (player,) = lab.all("speech", "audio[controls]")
    assert str(player.get_attribute("src")).startswith("data:audio/mpeg;base64,")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tools", ['🔧 weather(city="', "→ It is sunny in"]),
        ("parsed", ["Person", "name", "age"]),
        ("vectors", ["2 vectors of 1,536 numbers", "text-embedding-3-small"]),
        ("models", ["Model", "gpt-4o", "10 models"]),
        ("prices", ["$2.5", "$10", "Input / 1M tokens"]),
        ("list", ["[ChatCompletion(shows=", " … "]),
        ("error", ["APIConnectionError", "----> 2 away.responses.create"]),
    ],
)
def test_what_stands_there(lab: Lab, name: str, words: list[str]) -> None:
    for word in words:
        assert word in lab.text(name)
    if name == "error":
        assert "wenwen/" not in lab.text(name)
    if name in ("models", "prices", "parsed"):
        assert lab.all(name, "table")


def test_screenshots(lab: Lab, tmp_path: Path) -> None:
    """Those in this folder are of this notebook: of each cell that shows something of its own."""
    pictures = ["answer", "hostile", "pictures", "task", "tools", "parsed", "models", "prices", "error"]
    folder = Path(__file__).parent if RENEW else tmp_path
    for name in pictures:
        cell = lab.cell(name)
        lab.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", cell)
        assert cell.screenshot(str(folder / f"{name}.png"))
        assert (Path(__file__).parent / f"{name}.png").exists()
