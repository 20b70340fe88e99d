"""A project with a recorded run of an old commit with local changes; since then everything has changed."""

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
    import os
    import random
    from daicho import Source, Task, output, source
    import helper

    class Preprocess(Task):
        columns: list[str]
        raw: Source = source("input/train.csv")
        train = output("train.json")

        def run(self):
            head, *lines = self.raw.path.read_text().splitlines()
            rows = [dict(zip(head.split(","), line.split(","))) for line in lines]
            self.train.save([{name: row[name] for name in self.columns} for row in rows])

    class Train(Task):
        data: Preprocess
        seed: int = 0
        factor: float = 1.0
        model = output("model.json")

        def run(self):
            noise = float(os.environ.get("NOISE", "0"))
            ages = [float(row["Age"]) for row in self.data.train.load()]
            self.model.save({"mean": helper.mean(ages) * self.factor + noise, "seed": random.Random(self.seed).random()})

    class Report(Task):
        trained: Train
        title: str = "none"
        text = output("report.txt")

        def run(self):
            self.text.save(f"{self.title}: {self.trained.model.load()['seed']}\\n")

    class Chance(Task):
        data: Preprocess
        drawn = output("drawn.json")
        rows = output("rows.json")

        def run(self):
            self.rows.save(len(self.data.train.load()))
            self.drawn.save({"drawn": random.random()})

    class Everything(Task):
        report: Report
        chance: Chance
"""
HELPER = """
    def mean(values):
        "The mean."
        return sum(values) / len(values)
"""
CONFIG = """
[RunConfig]
experiment_name = "NAME"
task = "Everything"
[daicho]
project = "NAME"
[Preprocess]
columns = ["Age", "Sex"]
[Report]
title = "of old"
token = "hidden"
"""
TRAIN = "Age,Sex,Name\n22,male,Ada\n38,female,Ben\n26,female,Cem\n"


@dataclass(frozen=True)
class Made:
    """The project, the environment that names its store, and its run as `daicho run --json` told of it."""

    project: Project
    env: Mapping[str, str]
    run: Mapping[str, Any]
    git: Repository

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    @property
    def name(self) -> str:
        """The second half of the pipeline run's name."""
        return str(self.run["name"]).rpartition(" ")[2]

    def run_of(self, task: str) -> str:
        """The run of a task."""
        return str(next(each["run_id"] for each in self.run["tasks"] if each["task"] == task))


def make(folder: Path, shared: Path, uri: str | None = None, user: str = "ana") -> Made:
    """Make the project as a user, run it at a commit with a local change, and change everything afterwards."""
    project = Project(folder / "project", folder / "home", shared)
    config = CONFIG.replace("NAME", f"again {uuid4().hex[:8]}").replace('token = "hidden"\n', "")
    files = {
        "tasks.py": TASKS,
        "helper.py": HELPER.replace("/ len(values)", "/ (len(values) + 1)"),
        "luigi.toml": config,
        "input/train.csv": TRAIN,
    }
    for path, content in files.items():
        project.write(path, content)
    git = repository(project.root)
    project.write(".gitignore", ".daicho/\nmlflow.db*\nmlruns/\n__pycache__/\n")
    git.commit("first")
    project.write("helper.py", HELPER)
    env = {"LOGNAME": user, **({"MLFLOW_TRACKING_URI": uri} if uri is not None else {})}
    done = project.run("run", "--json", "Train.factor=2", env=env)
    assert 0 == done.returncode, done.stderr
    project.write("helper.py", HELPER.replace("sum(values)", "max(values)"))
    project.write("tasks.py", TASKS.replace("len(self.data", "1 + len(self.data"))
    project.write("luigi.toml", config.replace("of old", "of new").replace('"Age", "Sex"', '"Age"'))
    project.write("input/train.csv", TRAIN.replace("22", "23"))
    git.commit("everything is another thing now")
    project.write("scratch.py", "unfinished = True\n")
    return Made(project, env, json.loads(done.stdout), git)
