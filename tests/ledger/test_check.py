"""Stores that cannot be used say so within seconds, why, and what to do."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from daicho.errors import StoreError, StoreUnreachableError
from daicho.ledger import Ledger, OpenPipeline, Refused, resolve
from tests.ledger.scene import Scene

Answer = tuple[int, bytes]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """A server that gives one answer to whatever it is asked; its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, body = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _ledger(root: Path, uri: str | None) -> Ledger:
    return Ledger(resolve(root, uri), project="ships", experiment="ships", cache=root / "cache")


def test_what_is_not_there_yet_is_fine(tmp_path: Path) -> None:
    """A store that does not exist yet can be used, holds nothing, and is not made by looking."""
    ledger = _ledger(tmp_path, None)
    ledger.check()
    assert {} == ledger.find(["a" * 64])
    assert (None, None, []) == (ledger.launch("a" * 64), ledger.pipeline("abcdef"), ledger.newest("T"))
    assert [] == list(tmp_path.iterdir())


def test_not_a_database(tmp_path: Path) -> None:
    """A file that is something else is named."""
    (tmp_path / "mlflow.db").write_bytes(b"x" * 5_000)
    with pytest.raises(StoreError, match="is not a database of MLflow"):
        _ledger(tmp_path, None).check()


def test_somebody_elses_database(tmp_path: Path) -> None:
    """A database that is not MLflow's is left alone."""
    connection = sqlite3.connect(tmp_path / "mlflow.db")
    connection.execute("CREATE TABLE things (x)")
    connection.close()
    with pytest.raises(StoreError, match="is not a database of MLflow"):
        _ledger(tmp_path, None).check()


@pytest.mark.parametrize(
    ("version", "what"), [("df50e92ffc5e", "mlflow db upgrade"), ("ffffffffffff", "newer MLflow")]
)
def test_another_version(tmp_path: Path, version: str, what: str) -> None:
    """A database of an older MLflow can be upgraded, one of a newer needs a newer MLflow."""
    connection = sqlite3.connect(tmp_path / "mlflow.db")
    connection.execute("CREATE TABLE alembic_version (version_num)")
    connection.execute("INSERT INTO alembic_version VALUES (?)", [version])
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match=what):
        _ledger(tmp_path, None).check()


@pytest.fixture
def nobody() -> Iterator[None]:
    """Somebody who is not root, who may write anywhere."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


def test_a_folder_that_may_not_be_written(nobody: None) -> None:
    """A store that would have to be made where nobody may write, or lies where nobody may look, is refused."""
    with tempfile.TemporaryDirectory() as space:
        Path(space).chmod(0o555)
        with pytest.raises(StoreError, match="no permission"):
            _ledger(Path(space) / "new", None).check()
        Path(space).chmod(0o000)
        for ask in (Ledger.check, lambda ledger: ledger.find(["a" * 64])):
            with pytest.raises(StoreError, match="no permission"):
                ask(_ledger(Path(space), None))
        Path(space).chmod(0o755)


@pytest.mark.parametrize("scheme", ["http", "postgresql"])
def test_nobody_listens(tmp_path: Path, scheme: str) -> None:
    """A server that is not there is reported at once, without its password."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(StoreUnreachableError, match="does not answer") as caught:
        _ledger(tmp_path, f"{scheme}://ada:hush@127.0.0.1:{port}/x").check()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "what"),
    [
        (403, b"Invalid Host header - possible DNS rebinding attack detected", "--allowed-hosts"),
        (401, b"You are not authenticated", "MLFLOW_TRACKING_USERNAME"),
        (404, b"<html>nginx</html>", "not an MLflow server"),
    ],
)
def test_a_server_that_refuses(
    tmp_path: Path, serve: Callable[[Answer], str], status: int, body: bytes, what: str
) -> None:
    """What a server says when it refuses becomes advice."""
    with pytest.raises(StoreError, match=what):
        _ledger(tmp_path, serve((status, body))).check()


def test_credentials_are_sent(
    tmp_path: Path, serve: Callable[[Answer], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that answers is asked with what the environment says; an empty one is a store."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "hush")
    ledger = _ledger(tmp_path, serve((200, json.dumps({}).encode())))
    ledger.check()
    assert {} == ledger.find(["a" * 64])


@pytest.mark.slow
def test_a_deleted_experiment(own: Scene) -> None:
    """An experiment that a person deleted is not silently made anew."""
    from mlflow import MlflowClient

    own.open()
    own.close()
    own.stop()
    client = MlflowClient(own.store.uri)
    experiment = client.get_experiment_by_name("ships")
    assert experiment is not None
    client.delete_experiment(experiment.experiment_id)
    refused = own.ask(OpenPipeline("x", "x"), Refused)
    assert "experiments restore" in str(refused.error)


@pytest.mark.slow
def test_a_store_that_is_away(tmp_path: Path) -> None:
    """A recorder whose store does not answer says so for each request, and goes on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    scene = Scene(tmp_path, resolve(tmp_path, f"http://127.0.0.1:{port}"), "ships", tmp_path / "log")
    for _ in range(2):
        assert isinstance(scene.ask(OpenPipeline("x", "x"), Refused).error, StoreUnreachableError)
    scene.stop()
