"""A job of many processes: `serve_jobs`, what has its governor as `store`, and who is lost."""

from __future__ import annotations

import json
import pickle
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fleets import answer, echo
from processes import TOKEN, killed

import wenwen
from wenwen.testing import LocalGateway, Quota, Request


@pytest.fixture
def local() -> Iterator[LocalGateway]:
    with LocalGateway(script=echo) as gateway:
        yield gateway


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_governor_is_another_store(tmp_path: Path, mode: str) -> None:
    import asyncio

    texts = [f"text {number % 50}" for number in range(80)]
    with LocalGateway(script=echo) as gateway, wenwen.serve_jobs(tmp_path / "job.db") as governor:
        store = pickle.loads(pickle.dumps(governor.connect()))
        assert store == governor.connect()

        def run(**options: Any) -> list[Any]:
            options = {"model": "gpt-5", "store": store, "progress": False, **options}
            if mode == "sync":
                return gateway.client().responses.map(texts, **options).to_list()

            async def awaited() -> list[Any]:
                async with gateway.async_client() as client:
                    return await client.responses.map(texts, **options).to_list()

            return asyncio.run(awaited())

        for cached in (False, True):
            rows = run()
            assert [row.output for row in rows] == [f"re: {text}" for text in texts]
            assert [row.index for row in rows] == list(range(80))
            assert len(gateway.requests) == 50
            assert all(row.cached for row in rows) or not cached
        status = governor.status()
        assert (status.done, status.failed, status.open, status.held) == (50, 0, 0, "input")
        assert store.status().done == 50
        # Another model, and what is the whole fleet's.
        with pytest.raises(wenwen.StoreError, match="its model is gpt-5, and here it is gpt-4"):
            run(model="gpt-4")
        for name in ("budget", "rpm", "tpm", "max_concurrency"):
            with pytest.raises(ValueError, match=f"{name} is given with a governor's store"):
                run(**{name: 1})
    assert wenwen.open_job(tmp_path / "job.db").status().done == 50
    assert governor.status().done == 50


def test_keys_are_names_over_a_fleet(tmp_path: Path, local: LocalGateway) -> None:
    with wenwen.serve_jobs(tmp_path / "job.db") as governor:
        client, store = local.client(), governor.connect()

        def run(rows: list[dict[str, str]]) -> dict[Any, str]:
            job = client.responses.map(rows, "{text}", model="gpt-5", store=store, key="id", progress=False)
            return {row.key: row.output for row in job}

        assert run([{"id": "a", "text": "one"}, {"id": "b", "text": "two"}]) == {"a": "re: one", "b": "re: two"}
        assert run([{"id": "b", "text": "two"}, {"id": "a", "text": "new"}]) == {"a": "re: new", "b": "re: two"}
    assert {row.key: row.output for row in wenwen.open_job(tmp_path / "job.db").rows()} == {
        "a": "re: new",
        "b": "re: two",
    }


def test_answers_that_do_not_fit(tmp_path: Path, local: LocalGateway) -> None:
    """What Python looks at counts once it has: for others, and in the store."""
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }

    def script(request: Request) -> Any:
        said = json.dumps(request.json()["input"])
        reply = echo(request) if isinstance(request.json()["input"], str) else answer("again")
        good = "good" in said or "does not" in said.lower() or not isinstance(request.json()["input"], str)
        text = '{"n": 1}' if good and "bad" not in said else "no"
        reply["output"][0]["content"][0]["text"] = text
        return reply

    local.script(script)
    with wenwen.serve_jobs(tmp_path / "job.db") as governor:
        client, store = local.client(), governor.connect()
        options: dict[str, Any] = {"model": "gpt-5", "store": store, "output": schema, "progress": False}
        for _ in range(2):
            rows = client.responses.map(["good", "mended", "bad"], **options).to_list()
            assert [row.output for row in rows] == [{"n": 1}, {"n": 1}, None]
            assert isinstance(rows[2].error, wenwen.AnswerError)
            assert len(local.requests) == 5
        status = governor.status()
        assert (status.done, status.failed, status.open) == (2, 1, 0)


def test_a_budget_ends_every_job(tmp_path: Path, local: LocalGateway) -> None:
    local.script(echo)
    # Ten cents a row: what it takes is what it is thought to take.
    with wenwen.serve_jobs(tmp_path / "job.db", budget=3.0, price=(0.0, 10_000.0)) as governor:
        jobs = [
            local.client().responses.map(
                [f"{name} {number}" for number in range(60)], model="gpt-5", store=governor.connect(), progress=False,
                max_output_tokens=10,
            )
            for name in "ab"
        ]  # fmt: skip
        for job in jobs:
            with pytest.raises(wenwen.BudgetError, match="budget of \\$3 is used up"):
                job.run()
        cost = governor.status().cost
        assert cost is not None
        assert cost <= 3.0
        assert cost == pytest.approx(0.1 * len(local.requests))
    with pytest.raises(wenwen.BudgetError, match="without a price"):
        wenwen.serve_jobs(tmp_path / "other.db", budget=1.0)


def test_no_money_ends_every_job_and_those_that_begin_soon(tmp_path: Path, local: LocalGateway) -> None:
    local.script(
        lambda request: wenwen.testing.Reply(
            status=403, json={"error": {"message": "no money", "code": "insufficient_user_quota"}}
        )
    )
    with wenwen.serve_jobs(tmp_path / "job.db") as governor:
        for _ in range(3):
            with pytest.raises(wenwen.PermissionDeniedError, match="no money"):
                local.client().responses.map(["a", "b"], model="gpt-5", store=governor.connect(), progress=False).run()
        assert len(local.requests) <= 2
        local.script(echo)
        rows = local.client().responses.map(
            ["a"], model="gpt-5", store=governor.connect(), on_quota="wait", progress=False
        )
        assert [row.output for row in rows] == ["re: a"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"host": "0.0.0.0"}, "which others can reach"),
        ({"token": "short"}, "shorter than 16"),
        ({"port": 70000}, "up to 65535"),
        ({"rpm": 0}, "above 0"),
        ({"durability": "none"}, "'process' or 'power'"),
    ],
    ids=["host", "token", "port", "rpm", "durability"],
)
def test_what_is_refused(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wenwen.serve_jobs(tmp_path / "job.db", **options)
    assert not (tmp_path / "job.db").exists()


def test_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENWEN_JOBS_TOKEN", raising=False)
    client = wenwen.Client(api_key="sk-test", base_url="http://127.0.0.1:1")
    with pytest.raises(ValueError, match="WENWEN_JOBS_TOKEN is not set"):
        client.responses.map(["a"], model="gpt-5", store="tcp://127.0.0.1:1")
    for address in ("tcp://127.0.0.1", "tcp://:1", "tcp://a:b", "tcp://a:99999", "http://a:1"):
        with pytest.raises(ValueError, match="give 'tcp://host:port'"):
            wenwen.JobStore(address, TOKEN)
    with pytest.raises(ValueError, match="needs the governor's certificate"):
        wenwen.JobStore("tls://a:1", TOKEN)
    store = wenwen.JobStore("tcp://127.0.0.1:1", TOKEN)
    assert TOKEN not in repr(store) + str(store)
    assert pickle.loads(pickle.dumps(store)) == store
    with pytest.raises(wenwen.StoreError, match="is not there"):
        client.responses.map(["a"], model="gpt-5", store=store, progress=False).run()
    job = client.responses.map(["a"], model="gpt-5", store=store)
    for method in (job.plan, job.unknown, job.retry_errors):
        with pytest.raises(RuntimeError, match="store is a governor's"):
            method()


def test_the_token_is_in_no_text(tmp_path: Path) -> None:
    with wenwen.serve_jobs(tmp_path / "job.db", token=TOKEN) as governor:
        assert TOKEN not in repr(governor) + repr(governor.connect())
        other = wenwen.JobStore(governor.address, "another token, guessed")
        with pytest.raises(wenwen.StoreError, match="the token is another") as caught:
            other.status()
        assert "guessed" not in str(caught.value)
        with pytest.raises(TypeError, match="give its connect"):
            pickle.dumps(governor)
        with pytest.raises(wenwen.StoreError, match="in use by process"):
            wenwen.serve_jobs(tmp_path / "job.db")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("lost", ["worker", "governor", "driver"])
def test_whoever_is_lost_no_row_is(tmp_path: Path, lost: str) -> None:
    left = killed(tmp_path / "job.db", lost, count=400, times=3, quota=Quota(latency=0.03), seed=20)
    # What was asked twice was in flight when its worker was killed, and is listed. Of a governor nothing is, unless a
    # busy machine keeps a worker from being back in time: `governor.rs` counts that.
    assert left.twice <= left.unknown


# As it was: without the names that a fleet's rows have. Each has a request of which nobody knows what became.
FORMAT_1 = """
DROP TABLE inflight;
CREATE TABLE inflight (
    seq INTEGER PRIMARY KEY,
    attempt INTEGER NOT NULL,   -- from 1
    sent REAL NOT NULL,         -- seconds since 1970
    cost REAL                   -- the most that it may cost, in dollars
) WITHOUT ROWID;
INSERT INTO inflight VALUES (2, 1, 1.5, 0.25);
DROP TABLE unknown;
CREATE TABLE unknown (
    seq INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    sent REAL NOT NULL,
    cost REAL,
    noticed REAL NOT NULL       -- when it broke off, or when the next job found it, seconds since 1970
);
INSERT INTO unknown VALUES (3, 1, 1.5, 0.5, 2.5);
PRAGMA user_version = 1;
"""


@pytest.mark.parametrize("opened", ["by a job", "by a governor"])
def test_a_store_of_format_1(tmp_path: Path, local: LocalGateway, opened: str) -> None:
    """Whoever reads leaves it as it is; whoever writes brings it up to the format of today, with what was in flight."""
    path = tmp_path / "job.db"
    client, options = local.client(), dict[str, Any](model="gpt-5", progress=False)
    client.responses.map(["a", "b"], store=path, **options).run()
    with sqlite3.connect(path) as old:
        old.executescript(FORMAT_1)
    old.close()

    def facts() -> tuple[int, list[tuple[Any, ...]], int]:
        store = wenwen.open_job(path)
        with sqlite3.connect(path) as reader:
            [version] = reader.execute("PRAGMA user_version").fetchone()
        reader.close()
        return version, [(one.index, one.attempt, one.cost) for one in store.unknown()], store.status().done

    listed = [(2, 1, 0.25), (3, 1, 0.5)]
    assert facts() == (1, listed, 2)
    for _ in range(2):
        if opened == "by a job":
            rows = client.responses.map(["a", "b", "c"], store=path, **options).to_list()
        else:
            with wenwen.serve_jobs(path) as governor:
                rows = client.responses.map(["a", "b", "c"], store=governor.connect(), **options).to_list()
                assert governor.status().done == 3
        assert [row.output for row in rows] == ["re: a", "re: b", "re: c"]
        assert facts() == (2, listed, 3)
    assert len(local.requests) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_command(tmp_path: Path, local: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENWEN_JOBS_TOKEN", raising=False)
    local.script(echo)
    store = tmp_path / "job.db"
    command = [sys.executable, "-m", "wenwen", "jobs", "serve", str(store), "--rpm", "60000", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        token = Path(facts["token"])
        assert token == tmp_path / "job.db-token"
        assert token.stat().st_mode & 0o777 == 0o600
        monkeypatch.setenv("WENWEN_JOBS_TOKEN", token.read_text())
        rows = local.client().responses.map(["a", "b"], model="gpt-5", store=facts["address"], progress=False).to_list()
        assert [row.output for row in rows] == ["re: a", "re: b"]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (0, "")
        assert "2 rows done, 0 failed" in err
        assert token.read_text().strip() not in out + err
    finally:
        process.kill()
    assert wenwen.open_job(store).status().done == 2


def _self_signed(folder: Path) -> tuple[Path, str]:
    """A file with a certificate for 127.0.0.1 and its key; the certificate."""
    import datetime
    import ipaddress

    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "governor")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    path = folder / "governor.pem"
    path.write_text(pem + private)
    return path, pem


def test_tls(tmp_path: Path, local: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    path, certificate = _self_signed(tmp_path)
    with wenwen.serve_jobs(tmp_path / "job.db", certificate=path, token=TOKEN) as governor:
        store = governor.connect()
        assert store.address.startswith("tls://127.0.0.1:")
        # The key is the governor's alone.
        assert store.certificate == certificate
        assert b"PRIVATE" not in pickle.dumps(store)
        rows = local.client().responses.map(["a"], model="gpt-5", store=store, progress=False).to_list()
        assert [row.output for row in rows] == ["re: a"]
        monkeypatch.setenv("WENWEN_JOBS_TOKEN", TOKEN)
        monkeypatch.setenv("WENWEN_JOBS_CERTIFICATE", str(path))
        rows = local.client().responses.map(["a"], model="gpt-5", store=store.address, progress=False).to_list()
        assert rows[0].cached
        # Another's certificate, and none.
        (tmp_path / "other").mkdir()
        _, other = _self_signed(tmp_path / "other")
        with pytest.raises(wenwen.StoreError, match="certificate"):
            wenwen.JobStore(store.address, TOKEN, other).status()
        with pytest.raises(wenwen.StoreError, match="is not there"):
            wenwen.JobStore(store.address.replace("tls", "tcp"), TOKEN).status()
    (tmp_path / "empty").write_text("")
    with pytest.raises(wenwen.StoreError, match="no PEM"):
        wenwen.serve_jobs(tmp_path / "other.db", certificate=tmp_path / "empty")
