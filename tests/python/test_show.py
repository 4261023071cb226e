"""How replies show themselves: in every form that a host may ask for, whatever a server has put into them."""

from __future__ import annotations

import base64
import contextlib
import html
import html.parser
import json
import os
import pprint
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Call
from pydantic import BaseModel

import wenwen
from wenwen import types
from wenwen._show._views import blocks_of
from wenwen._show._words import half, markdown
from wenwen.testing import LocalGateway, Reply

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
WAV = base64.b64encode(b"RIFF\x24\0\0\0WAVEfmt " + bytes(30)).decode()
DIALECTS = ["responses", "chat", "messages", "gemini"]


def reply_of(dialect: str, text: str, **more: Any) -> dict[str, Any]:
    """A reply with that answer, as it is on the wire; `more` are fields of what holds it."""
    if dialect == "responses":
        part = {"type": "output_text", "text": text, "annotations": [], **more}
        usage = {"input_tokens": 10, "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 2}}
        item = {"type": "message", "role": "assistant", "content": [part]}
        return {"object": "response", "model": "gpt-5", "status": "completed", "usage": usage, "output": [item]}
    if dialect == "chat":
        choice = {"index": 0, "message": {"role": "assistant", "content": text, **more}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 10, "completion_tokens": 5}
        return {"object": "chat.completion", "model": "gpt-5", "choices": [choice], "usage": usage}
    if dialect == "messages":
        usage = {"input_tokens": 10, "output_tokens": 5}
        content = [{"type": "text", "text": text, **more}]
        return {"type": "message", "model": "gpt-5", "content": content, "stop_reason": "end_turn", "usage": usage}
    candidate = {"content": {"parts": [{"text": text, **more}]}, "finishReason": "STOP"}
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5}
    return {"candidates": [candidate], "modelVersion": "gpt-5", "usageMetadata": usage}


CLASSES: dict[str, Any] = {
    "responses": types.Response,
    "chat": types.ChatCompletion,
    "messages": types.Message,
    "gemini": types.GenerateContentResponse,
}
ASK: dict[str, dict[str, Any]] = {
    "responses": {"model": "gpt-5", "input": "?"},
    "chat": {"model": "gpt-5", "messages": [{"role": "user", "content": "?"}]},
    "messages": {"model": "gpt-5", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]},
    "gemini": {"model": "gpt-5", "contents": "?"},
}
CREATE = {
    "responses": "create_response",
    "chat": "create_chat_completion",
    "messages": "create_message",
    "gemini": "generate_content",
}


def made(dialect: str, text: str, **more: Any) -> Any:
    return CLASSES[dialect](reply_of(dialect, text, **more))


def bundle(reply: Any) -> dict[str, str]:
    return reply._repr_mimebundle_(include=None, exclude=None)  # type: ignore[no-any-return]


# ---- what it shows ----


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_answer(call: Call, gateway: LocalGateway, dialect: str) -> None:
    gateway.script(Reply(json=reply_of(dialect, "# 标题\n\n**bold**"), headers={"X-Oneapi-Request-Id": "req-7"}))
    client = call.client(gateway)
    target = client.chat.completions if dialect == "chat" else getattr(client, dialect)
    method = target.generate_content if dialect == "gemini" else target.create
    shown = bundle(call.wait(method(**ASK[dialect])))
    assert set(shown) == {"text/plain", "text/markdown"}  # the host renders it: it prefers HTML where there is some
    assert shown["text/markdown"].startswith("# 标题\n\n**bold**\n\n<small>gpt-5 · 10 → 5 tokens")
    assert shown["text/plain"].startswith("# 标题\n\n**bold**\n\n— gpt-5 · 10 → 5 tokens")
    for text in shown.values():
        assert "req-7" in text


def test_the_cost_where_prices_are_known(gateway: LocalGateway) -> None:
    client = gateway.client()
    reply = client.chat.completions.create(**ASK["chat"])
    prices = client.pricing.list()
    assert f"${prices.cost(reply):.2g}" in bundle(reply)["text/plain"]
    del prices
    assert "$" not in bundle(reply)["text/plain"].rpartition("—")[2]


THOUGHTS: dict[str, tuple[Any, Any]] = {
    "responses": (lambda r: r["output"].insert(0, {"type": "reasoning", "summary": [{"text": "**Let me** see"}]}), {}),
    "chat": (None, {"reasoning_content": "**Let me** see"}),
    "messages": (lambda r: r["content"].insert(0, {"type": "thinking", "thinking": "**Let me** see"}), {}),
    "gemini": (
        lambda r: r["candidates"][0]["content"]["parts"].insert(0, {"text": "**Let me** see", "thought": True}),
        {},
    ),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_thinking_is_folded_away(dialect: str) -> None:
    change, more = THOUGHTS[dialect]
    data = reply_of(dialect, "Done.", **more)
    if change:
        change(data)
    shown = bundle(CLASSES[dialect](data))
    folded = "<details><summary>Thought: Let me see</summary>\n\n**Let me** see\n\n</details>"
    assert shown["text/markdown"].startswith(f"{folded}\n\nDone.")
    assert shown["text/plain"].startswith("Thought: Let me see: **Let me** see\n\nDone.")
    if dialect == "chat":
        tagged = made("chat", "<think>**Let me** see</think>Done.")
        assert bundle(tagged)["text/markdown"].startswith(f"{folded}\n\nDone.")


CALLS: dict[str, Any] = {
    "responses": {
        "output": [{"type": "function_call", "call_id": "1", "name": "weather", "arguments": '{"a": "<b>"}'}]
    },
    "chat": {
        "choices": [
            {
                "message": {
                    "tool_calls": [
                        {"id": "1", "type": "function", "function": {"name": "weather", "arguments": '{"a": "<b>"}'}}
                    ]
                },
                "finish_reason": "tool_calls",
            }
        ]
    },
    "messages": {"content": [{"type": "tool_use", "id": "1", "name": "weather", "input": {"a": "<b>"}}]},
    "gemini": {"candidates": [{"content": {"parts": [{"functionCall": {"name": "weather", "args": {"a": "<b>"}}}]}}]},
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_calls_of_tools(dialect: str) -> None:
    shown = bundle(CLASSES[dialect](CALLS[dialect]))
    assert '🔧 weather(a="<b>")' in shown["text/plain"]
    assert "🔧 <code>weather(a=&#34;&#60;b&#62;&#34;)</code>" in shown["text/markdown"]


def test_a_run_shows_its_calls_with_their_results(call: Call, gateway: LocalGateway) -> None:
    def weather(city: str = "") -> str:
        return f"sunny in <{city}>"

    gateway.script(Reply(json=CALLS["chat"] | {"model": "m"}), Reply(json=reply_of("chat", "Nice.")))
    chat = call.client(gateway).chat.completions
    reply = call.wait(chat.run(**ASK["chat"], tools=[wenwen.tool(lambda a: f"sunny in {a}", name="weather")]))
    assert '🔧 weather(a="<b>") → sunny in <b>' in bundle(reply)["text/plain"]
    assert weather  # an example of what tools are


CITED: dict[str, Any] = {
    "responses": {"annotations": [{"type": "url_citation", "title": "A [page]", "url": "https://a.example/x"}]},
    "chat": {
        "annotations": [{"type": "url_citation", "url_citation": {"title": "A [page]", "url": "https://a.example/x"}}]
    },
    "messages": {"citations": [{"title": "A [page]", "url": "https://a.example/x"}]},
}


@pytest.mark.parametrize("dialect", CITED)
def test_citations(dialect: str) -> None:
    shown = bundle(made(dialect, "So it is.", **CITED[dialect]))
    assert '1. <a href="https://a.example/x">A &#91;page&#93;</a>' in shown["text/markdown"]
    assert "[1] A [page] https://a.example/x" in shown["text/plain"]


def test_geminis_sources() -> None:
    data = reply_of("gemini", "So it is.")
    web = {"web": {"uri": "https://a.example/x", "title": "A page"}}
    data["candidates"][0]["groundingMetadata"] = {"groundingChunks": [web, web]}
    assert bundle(types.GenerateContentResponse(data))["text/markdown"].count("https://a.example/x") == 1


WRONG: list[tuple[Any, dict[str, Any], str]] = [
    (types.Response, {"status": "failed", "error": {"message": "out of <b>luck</b>"}}, "out of <b>luck</b>"),
    (
        types.Response,
        {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
        "max_output_tokens",
    ),
    (
        types.Response,
        {"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}]},
        "refused: no",
    ),
    (types.ChatCompletion, {"choices": [{"message": {"refusal": "no"}}]}, "refused: no"),
    (types.ChatCompletion, {"choices": [{"message": {"content": "a"}, "finish_reason": "length"}]}, "length"),
    (types.Message, {"content": [], "stop_reason": "refusal", "stop_details": {"explanation": "no"}}, "refused: no"),
    (types.Message, {"content": [{"type": "text", "text": "a"}], "stop_reason": "max_tokens"}, "max_tokens"),
    (types.GenerateContentResponse, {"promptFeedback": {"blockReason": "SAFETY"}}, "SAFETY"),
    (types.GenerateContentResponse, {"candidates": [{"finishReason": "RECITATION"}]}, "RECITATION"),
    (types.Task, {"id": "1", "status": "FAILURE", "failReason": "banned"}, "banned"),
    (types.Video, {"id": "1", "status": "failed", "error": {"message": "banned"}}, "banned"),
    (types.ImagesResponse, {"data": []}, "no picture"),
]


@pytest.mark.parametrize(("cls", "data", "words"), WRONG)
def test_what_went_wrong_stands_first(cls: Any, data: dict[str, Any], words: str) -> None:
    shown = bundle(cls(data))
    assert shown["text/plain"].startswith("⚠️") and words in shown["text/plain"].partition("\n")[0]
    assert shown["text/markdown"].startswith("⚠️ **")


class Person(BaseModel):
    name: str
    age: int


def test_parsed_answers_by_their_fields(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(json=reply_of("responses", '{"name": "<Ada>", "age": 36}')))
    reply = call.wait(call.client(gateway).responses.parse(Person, **ASK["responses"]))
    shown = bundle(reply)
    assert "| name | &#60;Ada&#62; |\n| age | 36 |" in shown["text/markdown"]
    assert "&lt;Ada&gt;</td></tr>" in shown["text/html"] and shown["text/plain"].startswith("Person\nname    <Ada>")


def test_json_is_code() -> None:
    assert bundle(made("chat", '{"a": ["<b>"]}'))["text/markdown"].startswith('\n```json\n{\n  "a": [\n    "<b>"')


@pytest.mark.parametrize(
    "data",
    [
        ("responses", {"output": [{"type": "image_generation_call", "result": PNG}]}),
        ("chat", {"choices": [{"message": {"content": f"Look: ![cat](data:image/png;base64,{PNG})"}}]}),
        ("chat", {"choices": [{"message": {"images": [{"image_url": {"url": f"data:image/png;base64,{PNG}"}}]}}]}),
        ("gemini", {"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": PNG}}]}}]}),
    ],
)
def test_pictures_within_an_answer(data: tuple[str, dict[str, Any]]) -> None:
    shown = bundle(CLASSES[data[0]](data[1]))
    assert f'<img src="data:image/png;base64,{PNG}"' in shown.get("text/html", shown["text/markdown"])
    assert PNG not in shown["text/plain"]


def test_sound_within_an_answer() -> None:
    shown = bundle(made("chat", "", audio={"data": WAV, "transcript": "Hi"}))
    assert f'<audio controls src="data:audio/wav;base64,{WAV}"' in shown["text/html"]


def test_pictures() -> None:
    images = [
        {"b64_json": PNG, "revised_prompt": "a <cat>"},
        {"url": "https://a.example/1.png"},
        {"b64_json": "PHN2Zz4="},
    ]
    shown = bundle(types.ImagesResponse({"created": 1, "data": images}))
    page = shown["text/html"]
    assert f'<img src="data:image/png;base64,{PNG}"' in page and "a &lt;cat&gt;" in page
    assert '<a href="https://a.example/1.png"' in page and "<img" not in page.replace("<img", "", 1)
    assert PNG not in shown["text/markdown"] + shown["text/plain"] and "3 pictures" in shown["text/plain"]


def test_a_task_with_its_picture_and_buttons() -> None:
    buttons = [{"label": "U1", "emoji": ""}, {"label": "", "emoji": "🔄"}, {"label": None}, None]
    data = {"id": "17", "action": "IMAGINE", "status": "SUCCESS", "prompt": "Cat", "progress": "100%"}
    task = types.Task({**data, "imageUrl": "https://a.example/1.png", "buttons": buttons})
    shown = bundle(task)
    assert '<img src="https://a.example/1.png" alt="Cat"' in shown["text/html"]
    assert "[U1] [🔄]" in shown["text/plain"] and shown["text/plain"].endswith("— IMAGINE · SUCCESS · 17")
    running = bundle(types.AsyncTask({**data, "status": "IN_PROGRESS", "progress": "46%", "imageUrl": ""}))
    assert "46%" in running["text/html"] and "Cat" in running["text/plain"]


def test_videos_are_not_fetched_before_they_are_played() -> None:
    data = {"id": "v1", "status": "completed", "progress": 100, "metadata": {"url": "https://a.example/1.mp4"}}
    page = bundle(types.Video(data))["text/html"]
    assert '<video controls src="https://a.example/1.mp4" preload="none"' in page
    kling = types.VideoGeneration(
        {"data": {"task_id": "k", "status": "SUCCESS", "result_url": "https://a.example/1.mp4"}}
    )
    assert "<video controls" in bundle(kling)["text/html"]
    assert "40 %" in bundle(types.Video({"id": "v1", "status": "in_progress", "progress": 40}))["text/plain"]


def test_a_file(call: Call, gateway: LocalGateway) -> None:
    speech = call.client(gateway).audio.speech
    shown = bundle(call.wait(speech.create(model="tts-1", input="Hi", voice="alloy")))
    assert shown["text/html"].startswith('<audio controls src="data:audio/mpeg;base64,')
    assert shown["text/plain"].startswith("<BinaryContent audio/mpeg")


def test_vectors_models_and_prices(gateway: LocalGateway) -> None:
    client = gateway.client()
    vectors = bundle(client.embeddings.create(model="text-embedding-3-small", input=["a", "b"]))
    assert vectors["text/plain"].startswith("2 vectors of 1,536 numbers\n\n— text-embedding-3-small · 2 tokens")
    models, prices = bundle(client.models.list()), bundle(client.pricing.list())
    for shown, cell in ((models, "gpt-4o"), (prices, "$2.5")):
        assert f'<td style="text-align:left">{cell}</td>' in html.unescape(shown["text/html"])
        assert shown["text/markdown"].startswith("| Model |") and cell in shown["text/plain"]
    many = types.ModelList({"data": [{"id": f"m{n}"} for n in range(1000)]})
    assert "… 980 more" in bundle(many)["text/plain"] and "… 500 more" in bundle(many)["text/html"]


# ---- in a line ----


def test_lists_of_replies_are_short() -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    reply = made("responses", "Word " * 1000)
    assert pretty(reply).startswith("Word Word") and len(pretty(reply)) > 4000
    lines = pretty([reply, reply])
    assert len(lines) < 700 and lines.count("Response(shows='Word Word") == 2 and " … " in lines
    assert pretty(types.Image({"b64_json": PNG})).startswith("Image(b64_json=")
    assert "\n" not in pprint.pformat(reply, width=10**6)


def test_rich() -> None:
    rich = pytest.importorskip("rich.pretty")
    shown = rich.pretty_repr(made("chat", "Hi \x1b[31mthere\n"))
    assert shown.startswith("ChatCompletion(") and "gpt-5" in shown and "Hi" in shown and "\x1b" not in shown


# ---- hostile answers ----

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<svg/onload=alert(1)>",
    "</details></small><script>alert(1)</script>",
    "<iframe src='data:text/html,<script>alert(1)</script>'>",
    "<style>@import 'https://evil.example'</style>",
    "<!-- x --><![CDATA[ x ]]><?php x ?>",
    "![x](https://evil.example/pixel.png)",
    "![x][y]\n\n[y]: https://evil.example/pixel.png",
    "[x](javascript:alert(1)) [x](java&#115;cript:alert(1)) [x](\njavascript:alert(1)) [x](<javascript:alert(1)>)",
    "[x](data:text/html,<script>alert(1)</script>) [x](vbscript:x) [x](file:///etc/passwd) [x](//evil.example)",
    "[x][y]\n\n[y]: javascript:alert(1)\n\n[x]:\njavascript:alert(1)",
    '[x](https://a.example"onmouseover="alert(1))',
    "<javascript:alert(1)> <https://a.example>",
    "`` ` <img src=x onerror=alert(1)> ` ``",
    "a ` b\n`<img src=x onerror=alert(1)>` c `",
    "| a | b |\n|---|---|\n| `x | <img src=x onerror=alert(1)> ` |",
    "```\ncode\n````\n<img src=x onerror=alert(1)>\n```\n<script>alert(1)</script>",
    "- ```\n  x\n```\n<img src=x onerror=alert(1)>\n```",
    "> ```\n> <script>alert(1)</script>\n<script>alert(1)</script>",
    "~~~\n```\n~~~\n<script>alert(1)</script>\n```",
    "``` {=html}\n<script>alert(1)</script>\n```\n`<b onclick=alert(1)>`{=html}",
    "$$ x ``` $$\n<img src=x onerror=alert(1)>\n$$ ``` $$",
    r"\(\href{javascript:alert(1)}{x}\) $\style{x}{y}$ \[ \require{html} \def\frac{x} ![x](https://evil.example/p) \]",
    "\x1b]0;owned\x07\x1b[2J \x9b31m \u202e evil \u2066 \u2028 <scr\x00ipt>alert(1)</scr\x00ipt>",
    "\r<script>alert(1)</script>\r\x0b<script>",
    "[x](https://a.example){onclick=alert(1)}\n\n# x {onclick=alert(1)}",
]

# What Markdown is made of, and what stands around it.
TAGS = {
    *("p", "br", "code", "pre", "em", "strong", "a", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("blockquote", "table", "thead", "tbody", "tr", "th", "td", "del", "s", "hr", "sub", "sup", "b", "i", "u", "kbd"),
    *("small", "details", "summary", "div", "figure", "figcaption", "span"),
}


class Page(html.parser.HTMLParser):
    """What of a page would run, load, or lead to more than a web page."""

    def __init__(self, page: str, pictures: bool) -> None:
        super().__init__()
        self.bad: list[Any] = []
        self._pictures = pictures
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS and not (self._pictures and tag in ("img", "audio", "video")):
            self.bad.append(tag)
        for name, value in attrs:
            if name == "href" and not re.match(r"https?://|mailto:|#", value or ""):
                self.bad.append((tag, name, value))
            if name == "src" and not re.match(r"https?://|data:(image/(png|jpeg|gif|webp)|audio/|video/)", value or ""):
                self.bad.append((tag, name, value))
            if name.startswith("on"):
                self.bad.append((tag, name, value))

    def handle_comment(self, data: str) -> None:
        self.bad.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def pages(text: str) -> Iterator[str]:
    """Markdown as hosts make pages of it: nbconvert's way, and that of VS Code and GitHub, neither of which filters."""
    found = False
    try:
        from nbconvert.filters.markdown_mistune import markdown2html_mistune
    except ImportError:
        pass
    else:
        found = True
        yield str(markdown2html_mistune(text))
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        pass
    else:
        found = True
        yield MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    if not found:
        pytest.skip("neither nbconvert nor markdown-it-py is installed")


def kinds(words: str) -> dict[str, Any]:
    """Replies of every kind with these words wherever words can be."""
    url = f"https://a.example/{words}"
    person = {"name": words, words: words}
    return {
        **{dialect: made(dialect, words) for dialect in DIALECTS},
        "thought": made("chat", "x", reasoning_content=words, refusal=words),
        "json": made("chat", json.dumps(person)),
        "cited": made("responses", "x", annotations=[{"title": words, "url": words}, {"title": "", "url": url}]),
        "called": types.Response({"output": [{"type": "function_call", "name": words, "arguments": words}]}),
        "other": types.Response({"output": [{"type": words}, {"type": "web_search_call", "action": {"query": words}}]}),
        "facts": types.Response({"model": words, "status": words, "error": {"message": words}, "output": words}),
        "images": types.ImagesResponse(
            {"data": [{"url": words, "revised_prompt": words}, {"url": url}], "size": words}
        ),
        "task": types.Task(
            {
                "id": words,
                "imageUrl": words,
                "prompt": words,
                "status": words,
                "buttons": [{"label": words}],
                "videoUrl": words,
                "videoUrls": [url],
                "action": words,
            }
        ),
        "shown task": types.Task(
            {"id": "1", "imageUrl": url, "prompt": words, "status": "FAILURE", "failReason": words}
        ),
        "video": types.Video(
            {"id": words, "status": words, "metadata": {"url": words}, "prompt": words, "size": words}
        ),
        "transcript": types.Transcription({"text": words}),
        "speakers": types.TranscriptionDiarized({"segments": [{"speaker": words, "start": words, "text": words}]}),
        "models": types.ModelList({"data": [{"id": words, "owned_by": words, "supported_endpoint_types": [words]}]}),
        "prices": types.Prices({"data": [{"model_name": words, "billing_expr": words}]}),
        "money": types.BillingUsage({words: words}),
        "vectors": types.CreateEmbeddingResponse({"model": words, "data": [{"embedding": words}]}),
        "any": wenwen.Reply({words: words, "steps": words, "calls": words}),
    }


@pytest.mark.parametrize("words", HOSTILE)
def test_no_host_runs_or_loads_what_a_server_says(words: str) -> None:
    for kind, reply in kinds(words).items():
        shown = bundle(reply)
        # A picture at a URL is that of a task, which was asked for; of an answer it is a link.
        pictures = kind in ("shown task", "task")
        found = [*pages(shown["text/markdown"]), *([shown["text/html"]] if "text/html" in shown else [])]
        for page in found:
            assert not Page(page, pictures).bad, (kind, page)
        for text in shown.values():
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text), (kind, text)


def test_code_is_what_the_model_wrote() -> None:
    text = "1. Run:\n   ```python\n   if a < b:\n       x = '</script>' & `y`\n   ```\n\nThen `vector<int>` and `a|b`."
    for page in pages(markdown(text)):
        assert "if a < b:\n    x = '</script>' & `y`" in html.unescape(re.sub("<[^>]*>", "", page))
        code = [html.unescape(found) for found in re.findall("<code>([^<]*)</code>", page)]
        assert code[-2:] == ["vector<int>", "a|b"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\(x^2 < y\) and \[\int_0^1\]", r"$x^2 \lt  y$ and $$\int_0^1$$"),
        ("it costs $5 and $10", "it costs <span>&#36;</span>5 and <span>&#36;</span>10"),
        ("$a_1 + b$ is", "$a_1 + b$ is"),
        ("a < b && c > d", "a &#60; b &#38;&#38; c > d"),
        ("x<br>y H<sub>2</sub>O", "x<br>y H<sub>2</sub>O"),
        ("<https://a.example/x>", "https://a.example/x"),
        (
            r"\\(\href{javascript:x}{y}\\) \$1",
            r"<span>&#92;</span>(<span>&#92;</span>href&#123;javascript:x}&#123;y}"
            "<span>&#92;</span>) <span>&#36;</span>1",
        ),
        (
            "&#36;\\href{x}{y}&dollar; &nbsp;&lt;",
            "&#38;#36;<span>&#92;</span>href&#123;x}&#123;y}&#38;dollar; &nbsp;&lt;",
        ),
        ("[docs](https://a.example/x_(y) 'title') + [mail](mailto:a@b)", None),
        ("```mermaid\nA-->B\n```", "\n\n```\nA-->B\n```\n\n"),
        ("中文 **粗体** — “quotes” 😀", None),
        ("| a | b |\n|---|---|\n| 1 | *2* |", None),
        ("- [ ] task\n- ~~gone~~\n\n> quoted\n\n---", None),
    ],
)
def test_markdown_stays_what_it_is(text: str, shown: str | None) -> None:
    assert markdown(text) == (text if shown is None else shown)


LONG = {
    "words": "word " * 2_000_000,
    "ticks": "`a" * 5_000_000,
    "brackets": r"\[" * 5_000_000,
    "pictures": "![" * 5_000_000,
    "links": "[x](https://" * 1_000_000,
    "fences": "```\n" * 2_500_000,
    "tags": "<" * 10_000_000,
    "marks": "-\n" * 5_000_000,
}


@pytest.mark.parametrize("name", LONG)
def test_long_answers_are_cut_and_say_so(name: str) -> None:
    began = time.process_time()
    shown = bundle(made("chat", LONG[name]))
    half(LONG[name][:100_001])
    assert time.process_time() - began < 20  # against hanging: it takes a second
    for form in ("text/plain", "text/markdown"):
        assert "more characters are not shown" in shown[form]
    assert len(shown["text/plain"]) < 200_000 and len(shown["text/markdown"]) < 1_500_000


VALUES: list[Any] = [None, "", "x", 0, 1, -1.5, False, [], {}, [None], [1], ["x"], [[]], [{}], {"a": None}, {"text": 1}]


@pytest.mark.parametrize("name", [*kinds("x")])
def test_whatever_a_field_is(name: str) -> None:
    reply = kinds("x")[name]

    def changed(value: Any, at: Any) -> Iterator[Any]:
        """The same with another value at one place."""
        if at > 5:
            return
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from ({**value, key: one} for one in VALUES)
                yield from ({**value, key: one} for one in changed(inner, at + 1))
        elif isinstance(value, list):
            for n, inner in enumerate(value):
                yield from ([*value[:n], one, *value[n + 1 :]] for one in VALUES)
                yield from ([*value[:n], one, *value[n + 1 :]] for one in changed(inner, at + 1))

    for data in changed(reply.to_dict(), 0):
        assert blocks_of(type(reply)(data)) is not None
        assert bundle(type(reply)(data))["text/plain"] is not None


# ---- streams ----


def streamed(dialect: str, pieces: list[str]) -> Reply:
    """An answer, piece by piece."""
    if dialect == "chat":
        chunk = {"object": "chat.completion.chunk", "model": "gpt-5"}
        events: list[Any] = [{**chunk, "choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
        events += [{**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, "data: [DONE]\n\n"]
        return Reply(events=events)
    return Reply(events=[reply_of("gemini", piece) for piece in pieces])


@pytest.mark.parametrize("dialect", ["chat", "gemini"])
@pytest.mark.parametrize("form", ["stream", "helper", "dicts"])
def test_a_stream_shows_itself(
    call: Call, gateway: LocalGateway, capsys: pytest.CaptureFixture[str], dialect: str, form: str
) -> None:
    gateway.script(streamed(dialect, ["Hel", "lo \x1b[2J", "**world**"]))
    client = call.client(gateway)
    target = client.chat.completions if dialect == "chat" else client.gemini
    if form == "helper":
        stream = target.stream(**ASK[dialect])
    else:
        method = target.create if dialect == "chat" else target.generate_content
        stream = call.wait(method(**ASK[dialect], stream=True, as_dict=form == "dicts"))
    reply = call.wait(stream.show())
    shown = capsys.readouterr().out
    assert shown.startswith("Hello \\u001b[2J**world**\n") and "— gpt-5" in shown
    assert isinstance(reply, dict) if form == "dicts" else isinstance(reply, CLASSES[dialect])


def test_a_stream_that_breaks_off_shows_what_came(
    call: Call, gateway: LocalGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = streamed("chat", ["Half a word", "x" * 500])
    gateway.script(Reply(events=whole.events, cut=200, times=None))
    stream = call.wait(call.client(gateway, max_retries=0).chat.completions.create(**ASK["chat"], stream=True))
    with pytest.raises(wenwen.IncompleteStreamError):
        call.wait(stream.show())
    assert capsys.readouterr().out.startswith("Half a word")


ENTITIES = [
    "&#x202e;evil &#27;[31m &#x1b;]0;x&#7; &#155;31m",
    "[x&#27;](https://a&#27;.example/&#x202e;) <https://a.example/&#27;>",
    "| &#27;[2J | b |\n|---|---|\n| &#x9b; | &#8238; |",
    "# &#27;\n- &#27;\n> &#27;\n\n1. **&#27;** *&#x2066;* ~~&#27;~~ ![&#27;](https://a.example/&#27;)",
    "\x1b]8;;https://evil.example\x07x\x1b]8;;\x07 `&#27;` \x9b2J",
    "```\n\x1b[31m &#27;\n```",
]
# What a terminal is told to do: colours, what rich moves its own lines by, and what IPython begins and ends with.
MOVES = re.compile(r"\x1b\[(?:[0-9;]*m|[0-9]*[ABCDGK]|\?\d+[hl])|\x1b\[2[23];0t|\x1b\]0;IPython[^\x07]*\x07")
PTY = """if True:
    import sys, time
    import wenwen
    from wenwen.testing import LocalGateway, Reply
    texts = eval(sys.argv[2])
    with LocalGateway() as gateway:
        client = gateway.client()
        for text in texts:
            chunk = {"object": "chat.completion.chunk", "model": "gpt-5"}
            pieces = [text[at : at + 7] for at in range(0, len(text), 7)]
            events = [{**chunk, "choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
            events += [{**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, "data: [DONE]\\n\\n"]
            gateway.script(Reply(events=events, chunk_delay=0.03))
            ask = {"model": "gpt-5", "messages": [{"role": "user", "content": "?"}]}
            reply = client.chat.completions.create(**ask, stream=True).show()
            if sys.argv[1] == "ipython":
                from IPython.terminal.interactiveshell import TerminalInteractiveShell
                shell = TerminalInteractiveShell.instance()
                shell.user_ns.update(reply=reply, error=wenwen.BadRequestError(text))
                for cell in ("reply", "[reply]", "reply.choices", "raise error"):
                    shell.run_cell(cell)
            elif sys.argv[1] == "rich":
                import rich
                rich.print(reply, reply.choices, [reply])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="it has no such terminals")
@pytest.mark.parametrize("host", ["python", "ipython", "rich"])
def test_a_terminal_is_told_nothing_by_an_answer(host: str, tmp_path: Any) -> None:
    """While it arrives and at the end, whatever its entities stand for."""
    import pty

    pytest.importorskip("rich")
    if host == "ipython":
        pytest.importorskip("IPython")
    read, write = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "IPYTHONDIR": str(tmp_path), "COLUMNS": "100", "LINES": "30"}
    command = [sys.executable, "-c", PTY, host, repr(ENTITIES)]
    process = subprocess.Popen(command, stdin=write, stdout=write, stderr=write, env=env, close_fds=True)
    os.close(write)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while piece := os.read(read, 65536):
            shown += piece
    os.close(read)
    assert process.wait() == 0, shown.decode()
    text = MOVES.sub("", shown.decode())
    assert text.count("gpt-5") >= len(ENTITIES) and "evil" in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text), repr(text)


def test_a_console_that_has_not_every_letter(gateway: LocalGateway) -> None:
    gateway.script(streamed("chat", ["Grüße ", "\U0001f600"]))
    program = """if True:
        import wenwen
        messages = [{"role": "user", "content": "?"}]
        wenwen.create_chat_completion(model="gpt-5", messages=messages, stream=True).show()
    """
    env = {**os.environ, **gateway.env(), "PYTHONIOENCODING": "latin-1"}
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, env=env, check=True)
    assert found.stdout.startswith("Grüße \\U0001f600\n".encode("latin-1"))


def test_a_run_shows_itself(call: Call, gateway: LocalGateway, capsys: pytest.CaptureFixture[str]) -> None:
    run = call.client(gateway).responses.run(
        **ASK["responses"], tools=[wenwen.tool(lambda city: f"sunny in {city}", name="weather")], stream=True
    )
    reply = call.wait(run.show())
    shown = capsys.readouterr().out
    assert reply.output_text in shown and "🔧 weather(" in shown and len(reply.steps) == 1


TEXT = """# Title

Some **bold** words, `code`, [a link](https://a.example/x) and \\(x^2\\).

| a | b |
|---|---|
| 1 | **2** |

```python
x = [1, 2]  # `y`
```

1. one
2. two ~~gone~~
"""


def test_half_a_text_never_shows_marks_that_the_rest_will_close() -> None:
    for at in range(len(TEXT) + 1):
        shown = half(TEXT[:at])
        outside = re.sub(r"```.*?(```|$)", "", shown, flags=re.DOTALL)
        assert outside.count("**") % 2 == 0 and outside.count("`") % 2 == 0, shown
        assert not re.search(r"\[a link\](?!\(https://a\.example/x\))", shown), shown
        assert "| a | b |" not in shown or "|---" in shown, shown
        assert not re.search(r"\\\((?!x\^2\\\))", shown), shown
    assert half(TEXT) == TEXT


def test_nothing_is_loaded_before_something_is_shown() -> None:
    program = """if True:
        import sys, wenwen
        from wenwen.testing import LocalGateway
        with LocalGateway() as gateway:
            client = gateway.client()
            reply = client.responses.create(model="gpt-5", input="Hello!")
            [*client.responses.create(model="gpt-5", input="Hello!", stream=True)]
            repr(reply), str(reply)
        print([name for name in sys.modules if "_show." in name or name in ("wenwen._show", "IPython", "rich")])
        reply._repr_mimebundle_()
        print([name for name in sys.modules if name in ("IPython", "rich", "asyncio")])
    """
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["[]", "[]"]
