"""Open MLflow's page on the project's store: where the page is, and the server that has to be started for it."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daicho.errors import NotFoundError, ProjectError
from daicho.plan.prepare import open_project

SCHEMA = "daicho.ui/1"
PORT = 5000


@dataclass(frozen=True)
class Page:
    """MLflow's page.

    Attributes:
        url: The page at the view that tells the story: the pipeline runs of the experiment.
        health: What answers when the server is ready.
        command: The server to start, on loopback; empty where one is running already.
        environment: What to add to its environment.
    """

    url: str
    health: str
    command: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Where the page is, as one JSON document."""
        return {"schema": SCHEMA, "url": self.url, "command": list(self.command)}


def ui(*, folder: str | Path = ".", config: str | Path | None = None, port: int | None = None) -> Page:
    """Where MLflow's page for a project is, and what to start for it.

    Args:
        folder: Where to look for the project.
        config: Another configuration file.
        port: The port on 127.0.0.1; 5000, or a free one where that is taken, by default.

    Raises:
        NotFoundError: If there is nothing to show yet.
        ProjectError: If the port is taken.
        StoreError: If the store cannot be asked.
    """
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    experiment = context.ledger.experiment_id()
    if experiment is None:
        raise NotFoundError("nothing is recorded yet", hints=("run something first: daicho run",))
    view = f"/#/experiments/{experiment}/runs?workflowType=machine_learning"
    store = context.store
    if store.kind == "http":
        server = store.uri.rstrip("/")
        return Page(server + view, server + "/health")
    chosen = _port(port)
    server = f"http://127.0.0.1:{chosen}"
    command = (
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(chosen)),
        *("--workers", "1"),
    )
    environment = {
        "MLFLOW_BACKEND_STORE_URI": store.uri,  # not in the arguments, where every user of the machine sees it
        "MLFLOW_DEFAULT_ARTIFACT_ROOT": str(store.artifacts or context.root / "mlruns"),
        "MLFLOW_SERVE_ARTIFACTS": "false",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONSAFEPATH": "1",
    }
    return Page(server + view, server + "/health", command, {**os.environ, **environment})


def _port(wanted: int | None) -> int:
    for port in (wanted,) if wanted is not None else (PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ProjectError(
        f"port {wanted} on 127.0.0.1 is taken", hints=("choose another: daicho ui --port 5001",)
    )
