"""The gateways of the soak, in a process of their own: prints {name: root} as JSON and serves until its input ends.

`usual` answers as the gateway does and keeps its journal, which must not grow for ever; each of the others answers
everything alike.
"""

from __future__ import annotations

import json
import socket
import sys
from typing import Any

from wenwen.testing import LocalGateway, Reply


def delta(text: str, number: int) -> dict[str, Any]:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    return {"type": "response.output_text.delta", "sequence_number": number, **place, "delta": text}


BEGUN = {"type": "response.created", "sequence_number": 0, "response": {"id": "resp_1", "output": []}}
EVENTS = [BEGUN, *(delta(f"word {number} ", number + 1) for number in range(30))]
ERROR = {"error": {"message": "no", "type": "new_api_error", "code": "x"}}
SILENT = 30.0  # longer than any caller waits

ANSWERS = {
    # Open after its first events, until the caller goes.
    "stalled": Reply(events=EVENTS, stall=4000),
    "broken": Reply(events=EVENTS, cut=4000),
    "cut": Reply(json={"id": "resp_1", "output": ["x" * 5000]}, cut=1000),
    "reset": Reply(close=True, reset=True),
    "silent": Reply(delay=SILENT),
    "html": Reply(html="<html>" + "x" * 2000),
    "half": Reply(body=b'{"id": "resp_1", "output": [', headers={"Content-Type": "application/json"}),
    "hidden": Reply(json=ERROR),
    "redirect": Reply(status=302, headers={"Location": "http://127.0.0.2:9/elsewhere"}, body=b""),
    **{f"status {status}": Reply(status=status) for status in (400, 401, 403, 404, 413, 422, 429, 500, 503, 529)},
}


def main() -> None:
    usual = LocalGateway().start()
    urls, running = {"usual": usual.root}, [usual]
    for name, reply in ANSWERS.items():
        reply.times = None
        gateway = LocalGateway(journal_entries=100).start()
        gateway.script(reply)
        running.append(gateway)
        urls[name] = gateway.root
    with socket.socket() as nobody:  # bound, and does not listen: connections are refused
        nobody.bind(("127.0.0.1", 0))
        urls["refused"] = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        print(json.dumps(urls), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
