"""A pickle of a shared store is read only where this project's configuration allows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faults.killing import zygote

TASKS = """
from daicho import Task, output

class Model(Task):
    out = output("model.pkl", format="pickle")

    def run(self):
        self.out.save({1, 2})

class Use(Task):
    model: Model
    factor: int
    out = output("out.json")

    def run(self):
        self.out.save(self.factor * sum(self.model.out.load()))
"""
CONFIG = '[RunConfig]\ntask = "Use"\n[Use]\nfactor = {factor}\n[daicho]\nproject = "models"\n{more}\n'


def _project(folder: Path, factor: int, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "tasks.py").write_text(TASKS)
    (folder / "luigi.toml").write_text(CONFIG.format(factor=factor, more=more))
    return folder


def _outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {task["label"]: task["outcome"] for task in answer["document"]["tasks"]}


@pytest.mark.slow
def test_a_shared_store(session_folder: Path, tmp_path: Path) -> None:
    """In a store of the project's own it is read; in one that others write to only if the configuration allows it."""
    with zygote(session_folder, tmp_path) as launches:
        one = _project(tmp_path / "one", 1)
        assert {"Model": "ran", "Use": "ran"} == _outcomes(launches.launch(one))
        _project(one, 2)
        assert {"Model": "reused", "Use": "ran"} == _outcomes(launches.launch(one))
        env = {"MLFLOW_TRACKING_URI": f"sqlite:///{one / 'mlflow.db'}"}
        two = _project(tmp_path / "two", 3)
        refused = launches.launch(two, environment=env)
        assert {"Model": "reused", "Use": "failed"} == _outcomes(refused)
        failure = next(task["failure"] for task in refused["document"]["tasks"] if task["label"] == "Use")
        assert ("untrusted", True) == (failure["error"], "`pickle`" in failure["message"])
        assert '`[daicho] allow = ["pickle"]`' in failure["hints"][0]
        _project(two, 3, 'allow = "pickle"')
        assert {"Model": "reused", "Use": "ran"} == _outcomes(launches.launch(two, environment=env))
