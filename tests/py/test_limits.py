"""A process that has reached a limit of its system still says clearly what is wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from wenwen.testing import LocalGateway

PROGRAM = """
import os, resource, sys
import wenwen
wenwen.create_response(model="gpt-5", input="Hello!")
client = wenwen.Client(base_url="http://127.0.0.1:9", max_retries=0, proxy=False)
client.responses
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []
try:
    while True:
        held.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
try:
    client.responses.create(model="gpt-5", input="Hello!")
except Exception as error:
    caught = error
for descriptor in held:
    os.close(descriptor)
print(type(caught).__name__, caught)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_out_of_files(wenwen_gateway: LocalGateway) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.stdout.startswith("APIConnectionError no connection to 127.0.0.1:9: Too many open files")


MANY = """
import asyncio, resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
import wenwen
from wenwen.testing import LocalGateway

async def main(client):
    calls = [client.responses.create(model="gpt-5", input="Hello!") for _ in range(1000)]
    return await asyncio.gather(*calls)

with LocalGateway(latency=2) as gateway:  # so that nearly all are in flight before the first is answered
    replies = asyncio.run(main(gateway.async_client(max_retries=0)))
    print(len(replies), gateway.connections > 600)  # each has two ends here
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_thousand_calls_where_the_soft_limit_is_the_usual_one() -> None:
    import resource

    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 4096:
        pytest.skip("the hard limit of open files is too low")
    done = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, timeout=180)
    assert (done.stdout, done.stderr) == ("1000 True\n", "")
