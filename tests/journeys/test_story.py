"""The story that the project is for: run, run again, change a seed, change it back, edit a comment, edit a helper."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.journeys.launching import Launched, launch, staged, stored, tops
from tests.support.git import Repository
from tests.support.project import Project

TASKS = """
    from daicho import Source, Task, output, source
    from tools import scaled

    class Preprocessor(Task):
        columns: list[str] = ["Age"]
        raw: Source = source("input/train.json")
        train = output("train.json")

        def run(self):
            print("keeping", *self.columns)
            self.train.save([{name: row[name] for name in self.columns} for row in self.raw.load()])

    class Trainer(Task):
        data: Preprocessor
        seed: int = 0
        model = output("model.json")

        def run(self):
            import mlflow
            mlflow.log_metric("loss", 1 / (1 + self.seed))
            mlflow.log_param("rows", len(self.data.train.load()))
            self.model.save({"seed": self.seed // 2})

    class Prediction(Task):
        model: Trainer
        data: Preprocessor
        prediction = output("prediction.json")

        def run(self):
            self.prediction.save([scaled(row["Age"], self.model.model.load()) for row in self.data.train.load()])
"""
TOOLS = "def scaled(age, model):\n    return age * model['seed']\n"
CONFIG = '[RunConfig]\ntask = "Prediction"\nexperiment_name = "ships"\n[Preprocessor]\ncolumns = ["Age"]\n'
ROWS = '[{"Age": 1, "Sex": "f"}, {"Age": 2, "Sex": "m"}]'


def ships(make: Callable[..., Project], name: str = "ships", config: str = CONFIG) -> Project:
    """The project of the story."""
    return make(TASKS, config, {"tools.py": TOOLS, "input/train.json": ROWS}, name=name)


def _outcomes(launched: Launched) -> list[str]:
    assert 0 == launched.exit_status, launched
    return [launched.outcomes[name] for name in ("Preprocessor", "Trainer", "Prediction")]


def test_the_story(project: Callable[..., Project], git: Callable[[Path], Repository]) -> None:
    """Each launch runs what must run and nothing else, says why, and its pipeline run is complete by itself."""
    made = ships(project)
    commit = git(made.root).commit()
    first = launch(made)
    assert ["ran", "ran", "ran"] == _outcomes(first)
    assert ["first run"] == first.reasons("Trainer")
    assert ("done", commit, False) == tuple(first.document[name] for name in ("status", "commit", "dirty"))
    assert "TaskPrinted Preprocessor keeping Age" in first.told
    _looks_right(made, first)

    again = launch(made)
    assert ["reused", "reused", "reused"] == _outcomes(again)
    assert ("up to date", first.document["name"]) == (again.document["status"], again.document["name"])
    assert first.document["run_id"] == again.document["run_id"]
    assert 4 == len(stored(made))

    same = launch(made, params={"Trainer.seed": 1})
    assert ["reused", "ran", "reused"] == _outcomes(same)
    assert ["seed: 0 -> 1"] == same.reasons("Trainer")
    _complete_by_itself(made, first, same)

    made.write("tools.py", "# how it is done\n" + TOOLS)
    assert "up to date" == launch(made).document["status"]
    made.write("tools.py", TOOLS.replace("*", "+"))
    edited = launch(made, params={"Trainer.seed": 2})
    assert ["reused", "ran", "ran"] == _outcomes(edited)
    assert ["code: scaled changed (tools.py:1)", "model.model changed (model.json)"] == edited.reasons(
        "Prediction"
    )
    assert edited.document["dirty"]
    assert "+" in (tops(made)[-1].artifacts / "daicho/changes.diff").read_text()

    made.write("tools.py", TOOLS)
    back = launch(made, options={"inline": True})
    assert ("up to date", first.document["name"]) == (back.document["status"], back.document["name"])
    assert 4 + 2 + 3 == len(stored(made))
    assert [] == staged(made)


def _looks_right(made: Project, first: Launched) -> None:
    """What a first launch leaves in MLflow: one pipeline run, a nested run for each task, artifacts, inputs, logs."""
    (pipeline,) = tops(made)
    runs = {run.name: run for run in stored(made) if run.parent == pipeline.run_id}
    assert {"Preprocessor", "Trainer", "Prediction"} == set(runs)
    assert {"FINISHED"} == {run.status for run in stored(made)}
    assert first.document["run_id"] == pipeline.run_id
    assert first.document["name"] == pipeline.name
    assert pipeline.name.startswith("Prediction ")
    trainer = runs["Trainer"]
    assert {"seed": "0", "rows": "2"} == dict(trainer.params)
    assert {"loss": 1.0} == dict(trainer.metrics)
    assert first.task("Trainer")["metrics"] == {"loss": 1.0}
    assert {"seed": 0} == json.loads((trainer.artifacts / "model.json").read_text())
    assert not (trainer.artifacts / "model.json").stat().st_mode & 0o222
    assert "keeping Age" in (runs["Preprocessor"].artifacts / "daicho/log.txt").read_text()
    record = json.loads((trainer.artifacts / "daicho/record.json").read_text())
    assert [runs["Preprocessor"].run_id] == [each["run_id"] for each in record["inputs"]]
    assert first.document["commit"] == trainer.tags["mlflow.source.git.commit"]
    assert first.document["commit"] == pipeline.tags["mlflow.source.git.commit"]
    assert "Trainer.loss" in pipeline.metrics
    assert "0" == pipeline.params["Trainer.seed"]


def _complete_by_itself(made: Project, first: Launched, same: Launched) -> None:
    """A pipeline run shows what was reused as well, and the sources are kept once for each tree."""
    old, new = tops(made)
    assert same.document["run_id"] == new.run_id
    assert [same.task("Trainer")["run_id"]] == [
        run.run_id for run in stored(made) if run.parent == new.run_id
    ]
    assert {"Preprocessor.columns", "Trainer.seed"} <= set(new.params)
    assert ("1", 0.5) == (new.params["Trainer.seed"], new.metrics["Trainer.loss"])
    table = json.loads((new.artifacts / "daicho/tasks.json").read_text())
    lines = {line["task"]: (line["outcome"], line["run_id"]) for line in table["tasks"]}
    expected = {
        "Preprocessor": ("reused", first.task("Preprocessor")["run_id"]),
        "Trainer": ("ran", same.task("Trainer")["run_id"]),
        "Prediction": ("reused", first.task("Prediction")["run_id"]),
    }
    assert expected == lines
    plan = json.loads((new.artifacts / "daicho/plan.json").read_text())
    assert ["reuse", "run", "undecided"] == [task["decision"] for task in plan["tasks"]]
    assert "Trainer" in new.tags["mlflow.note.content"]
    assert CONFIG == (new.artifacts / "daicho/luigi.toml").read_text()
    assert [1, 0] == [len(list(run.artifacts.rglob("*.zip"))) for run in (old, new)]
