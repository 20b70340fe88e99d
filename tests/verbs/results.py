"""A project with two pipeline runs that differ in each kind of cause, for the tests of what people do with results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.support.git import Repository, repository
from tests.support.project import Project

TASKS = """
    from pathlib import Path
    import helper
    from daicho import Source, Task, output, source

    class Prepare(Task):
        "Reads the numbers."
        task_namespace = "my.ns"
        raw: Source = source("input/raw.txt")
        words: Source = source("input/words")
        big: Source = source("input/big.txt", keep=True)
        lost: Source = source("input/lost.txt")
        numbers = output("numbers.json")
        folder = output("parts/")

        def run(self):
            (self.folder.path / "a.txt").write_text("a")
            self.big.path.read_text(), self.lost.path.read_text(), list(self.words.path.iterdir())
            self.numbers.save([int(line) for line in self.raw.path.read_text().split()])

    class Train(Task):
        data: Prepare
        factor: int = 2
        note: str = "<b>bold</b>"
        model = output("model.json")
        text = output("report.txt")
        opaque = output("opaque.pkl", format="pickle")

        def run(self):
            import mlflow

            print("training")
            total = helper.total(self.data.numbers.load(), self.factor)
            mlflow.log_metrics({"accuracy": total / 100, "loss": 1 - total / 100})
            self.model.save({"total": total, "weights": [1.5, total]})
            self.text.save(f"first\\ntotal {total}\\n")
            self.opaque.save({"total": total})

    class Report(Task):
        trained: Train
        out = output("report.json")

        def run(self):
            self.out.save({"told": self.trained.model.load()})
"""
HELPER = """
    def total(numbers, factor):
        "The sum."
        return sum(numbers) * factor


    def unused():
        return 1
"""
CONFIG = '[RunConfig]\nexperiment_name = "NAME"\ntask = "Report"\n[daicho]\nproject = "NAME"\nkeep = "20 B"\n'


@dataclass(frozen=True)
class Made:
    """The project, its environment, and its two runs as `daicho run --json` told of them."""

    project: Project
    env: Mapping[str, str]
    old: Mapping[str, Any]
    new: Mapping[str, Any]

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    def name(self, which: str = "old") -> str:
        """The second half of a pipeline run's name."""
        run: Mapping[str, Any] = getattr(self, which)
        return str(run["name"]).rpartition(" ")[2]

    def run_of(self, task: str, which: str = "old") -> str:
        """The run of a task."""
        tasks = getattr(self, which)["tasks"]
        return str(next(each["run_id"] for each in tasks if each["task"] == task))


def make(folder: Path, shared: Path, uri: str | None) -> Made:
    """Make the project and run it twice: at a commit with local changes, and with everything changed."""
    project = Project(folder / "project", folder / "home", shared)
    name = f"results {uuid4().hex[:8]}"
    files = {
        "tasks.py": TASKS,
        "helper.py": HELPER,
        "luigi.toml": CONFIG.replace("NAME", name),
        "input/raw.txt": "1\n2\n",
        "input/words/one.txt": "one",
        "input/words/deep/zwei#.txt": "zwei",
        "input/big.txt": "x" * 50,
        "input/lost.txt": "y" * 50,
    }
    for path, content in files.items():
        project.write(path, content)
    git: Repository = repository(project.root)
    git.commit("first")
    project.write("helper.py", HELPER.replace("The sum.", "All of it."))
    env = {"MLFLOW_TRACKING_URI": uri} if uri is not None else {}
    old = _launch(project, env)
    project.write("helper.py", HELPER.replace("sum(numbers) * factor", "sum(numbers) * factor + 1"))
    project.write("input/raw.txt", "1\n3\n")
    new = _launch(project, env, "Train.factor=3")
    return Made(project, env, old, new)


def _launch(project: Project, env: Mapping[str, str], *overrides: str) -> Mapping[str, Any]:
    done = project.run("run", "--json", *overrides, env=env)
    assert 0 == done.returncode, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found
