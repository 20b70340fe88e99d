"""A real MLflow server over HTTP: PostgreSQL behind it, and artifacts that go through it."""

from __future__ import annotations

import http.client
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.environment import environment
from tests.support.services import Facts, free_port, until


@dataclass(frozen=True)
class MlflowServer:
    """A running MLflow server.

    Attributes:
        uri: What `MLFLOW_TRACKING_URI` names to use it.
        artifacts: The folder where it keeps what clients upload.
    """

    uri: str
    artifacts: Path


def start(folder: Path, *, shared: Path, database: str) -> tuple[subprocess.Popen[bytes], Facts]:
    """Start a server that keeps runs in the database and artifacts in the folder; returns when it answers."""
    port, log, artifacts = free_port(), folder / "log", folder / "artifacts"
    artifacts.mkdir()
    options = (
        *("--host=127.0.0.1", f"--port={port}", "--workers=1"),
        *(f"--backend-store-uri={database}", f"--artifacts-destination={artifacts}"),
    )
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", *options],
            cwd=folder,
            env=environment(shared, folder / "home", {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    until(lambda: _answers(port), what="the MLflow server", process=process, log=log)
    return process, {"uri": f"http://127.0.0.1:{port}", "artifacts": str(artifacts)}


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
