"""Launches of a user's project from outside, in a process of their own, and what they leave in its store."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.project import Project

PATIENCE = 120.0

_PROGRAM = """
import json, sys
import daicho
from daicho.errors import DaichoError

def tell(event):
    hints = getattr(getattr(event, "failure", None), "hints", ())
    told = (type(event).__name__, getattr(event, "name", ""), getattr(event, "text", ""), *hints)
    print(*told, file=sys.stderr, flush=True)

if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    options = daicho.Options(**asked.pop("options"))
    try:
        run = daicho.run(**asked, options=options, observers=[tell])
    except DaichoError as error:
        print(json.dumps({"error": error.code, "message": error.message}))
        sys.exit(error.exit_status)
    print(json.dumps(run.to_json()))
    sys.exit(run.exit_status)
"""


@dataclass(frozen=True)
class Launched:
    """A launch that has ended: its exit status, its document, and what was told meanwhile, a line each."""

    exit_status: int
    document: dict[str, Any]
    told: str

    @property
    def outcomes(self) -> dict[str, str]:
        """What became of each task, by label."""
        return {task["label"]: task["outcome"] for task in self.document["tasks"]}

    def task(self, label: str) -> dict[str, Any]:
        """One task of the document."""
        found: dict[str, Any] = next(task for task in self.document["tasks"] if task["label"] == label)
        return found

    def reasons(self, label: str) -> list[str]:
        """Why a task ran."""
        return [reason["text"] for reason in self.task(label)["reasons"]]


@dataclass
class Running:
    """A launch that goes on."""

    process: subprocess.Popen[str]

    def signal(self, number: signal.Signals) -> None:
        """Send its process a signal, as a terminal or a supervisor does."""
        self.process.send_signal(number)

    def ended(self) -> Launched:
        """Wait for its end."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return Launched(self.process.returncode, _document(out), err)


def _document(out: str) -> dict[str, Any]:
    """What was printed last; nothing where a signal ended the launch in the middle of that."""
    try:
        found: dict[str, Any] = json.loads(out.splitlines()[-1]) if out.strip() else {}
    except json.JSONDecodeError:
        return {}
    return found


def start(project: Project, target: str | None = None, env: Mapping[str, str] = {}, **asked: Any) -> Running:
    """Start a launch: `params`, `overrides` and `options` as `daicho.run` takes them."""
    request = json.dumps({"target": target, "options": {}, **asked})
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, request],
        cwd=project.root,
        env=project.environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    return Running(process)


def launch(
    project: Project, target: str | None = None, env: Mapping[str, str] = {}, **asked: Any
) -> Launched:
    """Launch, and wait for the end."""
    return start(project, target, env, **asked).ended()


@dataclass(frozen=True)
class StoredRun:
    """A run as the store has it."""

    run_id: str
    name: str
    status: str
    artifacts: Path
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def parent(self) -> str | None:
        """The run above it."""
        return self.tags.get("mlflow.parentRunId")


def stored(project: Project) -> list[StoredRun]:
    """The runs in the project's SQLite store, the oldest first."""
    file = project.root / "mlflow.db"
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as store:

        def of(table: str, run_id: str) -> dict[str, Any]:
            return dict(
                store.execute(f"SELECT key, value FROM {table} WHERE run_uuid = ?", (run_id,)).fetchall()
            )

        rows = store.execute(
            "SELECT run_uuid, name, status, artifact_uri FROM runs ORDER BY start_time, rowid"
        )
        return [
            StoredRun(
                run_id,
                name,
                status,
                Path(uri.removeprefix("file://")),
                of("tags", run_id),
                of("params", run_id),
                of("latest_metrics", run_id),
                tuple(
                    store.execute(
                        "SELECT d.name, d.dataset_source_type FROM inputs i JOIN datasets d"
                        " ON d.dataset_uuid = i.source_id WHERE i.destination_id = ?",
                        (run_id,),
                    ).fetchall()
                ),
            )
            for run_id, name, status, uri in rows.fetchall()
        ]


def tops(project: Project) -> list[StoredRun]:
    """The pipeline runs."""
    return [run for run in stored(project) if run.parent is None]


def until(happened: Callable[[], bool], what: str, running: Running | None = None) -> None:
    """Wait until something has happened."""
    end = time.monotonic() + PATIENCE
    while not happened():
        if running is not None and running.process.poll() is not None:
            raise AssertionError(f"it ended before {what}: {running.ended()}")
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


def staged(project: Project) -> list[str]:
    """What lies in the project's staging folder."""
    place = project.root / "mlruns" / ".daicho-stage"
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


def left_of(mark: str) -> list[int]:
    """The processes that live of those that a launch started: they have its mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir() if sys.platform == "linux" else ():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if f"DAICHO_TEST_LAUNCH={mark}\0".encode() in environment and state != "Z":
                found.append(int(entry.name))
    return found
