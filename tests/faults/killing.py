"""A project to be killed in, the zygote that launches it, and what must hold after every death."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho.digest import of_file, of_names, walk
from tests.support.environment import environment

ROOT = Path(__file__).parents[2]

TASKS = """
from daicho import Task, output

class First(Task):
    rows = output("deep/rows.json")
    plots = output("plots/")

    def run(self):
        self.rows.save([1, 2, 3])
        for name in ("a", "b"):
            (self.plots.path / f"{name}.txt").write_text(name * 10)

class Second(Task):
    first: First
    out = output("out.json")

    def run(self):
        self.out.save(sum(self.first.rows.load()))

class Third(Task):
    first: First
    second: Second
    out = output("out.json")

    def run(self):
        self.out.save([self.second.out.load(), sorted(p.name for p in self.first.plots.path.iterdir())])
"""
CONFIG = '[RunConfig]\ntask = "Third"\nexperiment_name = "ships"\n'
FINAL = [6, ["a.txt", "b.txt"]]
FAMILIES = {"First", "Second", "Third"}


@dataclass
class Zygote:
    """The process that forks launches."""

    process: subprocess.Popen[str]
    space: Path
    number: int = 0

    def launch(self, root: Path, **asked: Any) -> dict[str, Any]:
        """Launch a project's default target, and wait until all processes of it are gone."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.number += 1
        book = self.space / f"book-{self.number}"
        self.process.stdin.write(json.dumps({"root": str(root), "book": str(book), **asked}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def project(self) -> Path:
        """A fresh project."""
        self.number += 1
        root = self.space / f"project-{self.number}"
        root.mkdir()
        (root / "tasks.py").write_text(TASKS)
        (root / "luigi.toml").write_text(CONFIG)
        return root


@contextmanager
def zygote(shared: Path, space: Path) -> Iterator[Zygote]:
    """A zygote with a home of its own."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.zygote"],
        cwd=ROOT,
        env=environment(shared, space / "home", {"PYTHONPATH": paths}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert "ready" == process.stdout.readline().strip()
    try:
        yield Zygote(process, space)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def visible(root: Path) -> dict[str, list[str]]:
    """The tasks whose results count, with what is wrong with each: nothing may ever be.

    Read with SQL and by hand, so that a mistake of daicho's own readers cannot hide another one.
    """
    database = root / "mlflow.db"
    if not database.exists():
        return {}
    with closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True, timeout=30)) as store:
        marked = store.execute(
            "SELECT r.run_uuid, r.status, r.artifact_uri FROM runs r JOIN inputs i ON i.destination_id = r.run_uuid"
            " JOIN datasets d ON d.dataset_uuid = i.source_id WHERE d.name = 'daicho.result'"
        ).fetchall()
        tags = {run: dict(_tags(store, run)) for run, _, _ in marked}
    found: dict[str, list[str]] = {}
    for run, status, uri in marked:
        wrong = found.setdefault(tags[run]["daicho.task"], [])
        if status != "FINISHED":
            wrong.append(f"{run} is {status}")
        wrong += _wrong_outputs(Path(uri.removeprefix("file://")), json.loads(tags[run]["daicho.record"]))
    return found


def running(root: Path) -> int:
    """How many runs MLflow takes for running."""
    with closing(sqlite3.connect(f"file:{root / 'mlflow.db'}?mode=ro", uri=True, timeout=30)) as store:
        found: int = store.execute("SELECT count(*) FROM runs WHERE status = 'RUNNING'").fetchone()[0]
    return found


def left_over(root: Path) -> list[str]:
    """What lies staged, or hidden among the artifacts, that nobody needs."""
    staged = [path for path in (root / "mlruns/.daicho-stage").rglob("*") if path.is_file()]
    return [str(path.relative_to(root)) for path in (*staged, *root.glob("mlruns/*/*/**/.daicho-*"))]


def _tags(store: sqlite3.Connection, run: str) -> list[tuple[str, str]]:
    return store.execute("SELECT key, value FROM tags WHERE run_uuid = ?", (run,)).fetchall()


def _wrong_outputs(folder: Path, record: dict[str, Any]) -> Iterator[str]:
    for _, name, _, digest, _, is_folder in record["o"]:
        path = folder / name
        try:
            actual = (
                of_names({each: of_file(file) for each, file in walk(path)}) if is_folder else of_file(path)
            )
        except OSError as error:
            actual = str(error)
        if actual != digest:
            yield f"{path}: {actual}"
