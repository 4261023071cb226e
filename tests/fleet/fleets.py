"""What the tests of all engines use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import wenwen
from wenwen.testing import LocalGateway, Reply, Request

KEY = "sk-travels-nowhere-81f2"


def answer(text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
    usage = {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20}
    return {"id": "resp_1", "object": "response", "status": "completed", "output": [message], "usage": usage}


def echo(request: Request) -> dict[str, Any]:
    return answer(f"re: {request.json()['input']}")


def sent(gateway: LocalGateway) -> Counter[str]:
    return Counter(request.json()["input"] for request in gateway.requests)


def client(gateway: LocalGateway) -> wenwen.Client:
    return wenwen.Client(api_key=None, base_url=gateway.base_url)


def is_listed(gateway: LocalGateway, store: Path) -> bool:
    """Whether what was asked more than once was in flight when somebody was killed, and is listed."""
    again = sum(times - 1 for times in sent(gateway).values())
    return again <= len(wenwen.open_job(store).unknown())


# A program that asks 200 texts of a gateway by an engine: what it gives to `map`.
CALL = """
import sys, wenwen
base_url, store = sys.argv[1:3]
options = dict(model="gpt-5", store=store, max_concurrency=5, progress=False)
options["client"] = wenwen.Client(api_key=None, base_url=base_url)
texts = [f"text {n}" for n in range(200)]
"""


def interrupted(code: str, folder: Path, number: signal.Signals = signal.SIGINT) -> str:
    """Runs a program that begins as CALL until some rows are done, and interrupts it as a terminal does, with all its
    processes: what was in flight is known, and the same call goes on. What it said."""
    store, delay = folder / "job.db", 0.3
    with LocalGateway(lambda request: Reply(json=echo(request), delay=delay)) as gateway:
        command = [sys.executable, "-c", CALL + code, gateway.base_url, str(store)]
        told = {**os.environ, "WENWEN_API_KEY": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=told, start_new_session=True) as process:
            while len(gateway.requests) < 20 and process.poll() is None:
                time.sleep(0.02)
            os.killpg(process.pid, number)
            said = process.communicate(timeout=120)[1]
        stored = wenwen.open_job(store)
        assert process.returncode != 0
        assert stored.unknown() == [], said
        assert 10 <= stored.status().done == len(gateway.requests) < 200, said
        assert f"{stored.status().done} rows are kept in {store}: the same call goes on from there" in said
        delay = 0.0
        subprocess.run(command, check=True, env=told, timeout=200)
        assert sent(gateway) == {f"text {n}": 1 for n in range(200)}
        return said
