"""The Titanic example with autologging and four workers: what MLflow logs by itself lands in its own task's run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.launching import launch, stored, tops
from tests.support.project import Project

EXAMPLE = Path(__file__).parents[2] / "examples" / "titanic"
SEEDS = range(4)

MORE = """

class Compared(Task):
    trainers: list[Trainer]
    scores = output("scores.json")

    def run(self) -> None:
        import mlflow

        mlflow.log_metric("compared", len(self.trainers))
        self.scores.save([each.seed for each in self.trainers])


class Everything(Task):
    def requires(self):
        data = Preprocessor()
        return [
            Prediction(),
            Compared(trainers=[Trainer(data=data, seed=seed, members=seed + 2) for seed in range(4)]),
        ]
"""


@pytest.mark.slow
def test_every_metric_in_its_own_run(project: Callable[..., Project]) -> None:
    """Five fits at once and a prediction: each run has the parameters and scores of its own fit, no other has any."""
    files = {
        str(path.relative_to(EXAMPLE)): path.read_bytes()
        for path in EXAMPLE.rglob("*")
        if path.is_file() and path.suffix in (".py", ".csv", ".toml")
    }
    text = files.pop("tasks.py").decode()
    fits = "        train = self.data.train.load()\n"
    assert fits in text
    auto = f"        mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)\n{fits}"
    made = project(text.replace(fits, auto) + MORE, files.pop("luigi.toml").decode())
    for name, content in files.items():
        made.write(name, content)
    done = launch(made, "Everything", overrides=["Trainer.folds=2"], options={"jobs": 4})
    assert 0 == done.exit_status, done
    runs = {run.run_id: run for run in stored(made)}
    scores = set()
    for task in done.document["tasks"]:
        if task["run_id"] is None:
            continue
        run = runs[task["run_id"]]
        if task["task"] == "Trainer":
            seed, members = str(task["parameters"]["seed"]), str(task["parameters"]["members"])
            assert (seed, members) == (run.params["seed"], run.params["members"])
            assert (seed, members) == tuple(
                run.params[f"baggingclassifier__{name}"] for name in ("random_state", "n_estimators")
            )
            scores.add(run.metrics["training_log_loss"])
        else:
            assert not [name for name in run.metrics if name.startswith("training_")], task["label"]
            assert not [name for name in run.params if "bagging" in name], task["label"]
    assert len(SEEDS) + 1 == len(scores)  # no two fits are alike
    assert {"FINISHED"} == {run.status for run in runs.values()}
    assert {tops(made)[0].run_id, None} == {run.parent for run in runs.values()}
