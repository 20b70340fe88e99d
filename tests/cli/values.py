"""Values of the verbs, made by hand: what the views are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from daicho import Task, output
from daicho.engine.report import Run, RunTask
from daicho.engine.results import Outcome, TaskResult
from daicho.ledger import Launch
from daicho.plan.plan import Decision, Plan, Verdict
from daicho.plan.reasons import FIRST, Reason
from daicho.record import Failure, InputRecord, OutputRecord, Record, SourceRecord
from daicho.task.graph import build
from daicho.verbs.show import Shown

HERE = Path("/projects/titanic")
ESCAPE = "\x1b[2J\x1b]0;owned\x07"
FAILURE = Failure(
    "KeyError",
    "KeyError: 'Agee'",
    (
        "tasks.py:34 in run",
        "    33 |     frame = self.data.train.load()",
        '>   34 |     frame["Agee"].fillna(0)',
        "    35 | ",
    ),
    hints=("columns are: `Survived`, `Age`",),
)


class Numbers(Task):
    """Gives numbers."""

    seed: int = 0
    numbers = output("numbers.json")

    def run(self) -> None:
        """Not run here."""


class Total(Task):
    """Adds them."""

    parts: list[Numbers]
    total = output("total.json")

    def run(self) -> None:
        """Not run here."""


def decision(verdict: Verdict, *texts: str, run_id: str = "", user: str = "") -> Decision:
    """A decision, with a record where it is reused."""
    reasons = tuple(Reason("parameter" if verdict == "run" else "upstream", text) for text in texts)
    if verdict != "reuse":
        return Decision(verdict, reasons)
    record = Record("Numbers", "", "k" * 64, ended=1_795_502_167.0, run_id=run_id, provenance={"user": user})
    return Decision("reuse", (Reason("reused", "equal"),), "k" * 64, record if run_id else None)


def plan(parts: Sequence[Decision], total: Decision) -> Plan:
    """A plan of several `Numbers` below one `Total`."""
    graph = build(Total(parts=[Numbers(seed=seed) for seed in range(len(parts))]))
    return Plan(graph, dict(zip(graph.nodes, [*parts, total], strict=True)))


def task(name: str, outcome: Outcome, /, *files: str, local: bool = True, **known: Any) -> RunTask:
    """One task of a run, with the outputs of those names."""
    outputs = tuple(OutputRecord(file.partition(".")[0], file, "csv", "d" * 64, 1200) for file in files)
    places = {each.role: str(HERE / "mlruns" / "1" / name / "artifacts" / each.name) for each in outputs}
    result = TaskResult(outcome, (FIRST,), "k" * 64, outputs=outputs, **known)
    return RunTask(name, name, f"{name}_1", "task", {"seed": 0}, result, places if local else {})


def done(*tasks: RunTask, **known: Any) -> Run:
    """A run that ended well, of those tasks or of three."""
    usual = (
        task("Preprocessor", "reused", "train.csv"),
        task("Trainer", "ran", "model.skops", seconds=2.1, metrics={"cv_accuracy": 0.80922}),
        task(
            "Prediction",
            "ran",
            "prediction.csv",
            "metrics.csv",
            "confusion_matrix.png",
            seconds=0.2,
            metrics={"accuracy": 0.82536, "f1": 0.76375, "roc_auc": 0.87197},
        ),
    )
    run = Run(
        target="Prediction",
        status="done",
        name="Prediction calm-harbour-41",
        run_id="a" * 32,
        experiment_id="1",
        tasks=tasks or usual,
        seconds=2.94,
        store=f"sqlite:///{HERE}/mlflow.db",
        commit="4f2a9c1" + "0" * 33,
        dirty=True,
    )
    return replace(run, **known)


RECORD = Record(
    "Trainer",
    "Trainer_1",
    "0123456789abcdef" * 4,
    parameters={"seed": 0, "columns": ["Age", "Fare"], "kind": "tree"},
    code={"tasks:Trainer.run": "1", "classifier:build": "2"},
    sources=(SourceRecord("raw", "input/train.csv", "c" * 64, 61_194),),
    inputs=(InputRecord("data.train", "train.csv", "csv", "b" * 64, "Preprocessor", "f" * 32),),
    outputs=(OutputRecord("model", "model.skops", "skops", "d" * 64, 149_043),),
    reasons=("seed: 1 -> 0", "code: Trainer.run changed (tasks.py:31)"),
    provenance={
        "git": {"commit": "4f2a9c1" + "0" * 33, "branch": "main", "dirty": True},
        "environment": {
            "python": "3.11.9",
            "platform": "Linux",
            "packages": {"numpy": "2.0", "luigi": "3.8"},
        },
        "machine": {"user": "ana", "host": "laptop"},
    },
    started=1_795_502_167.0,
    ended=1_795_502_172.75,
    run_id="e" * 32,
)

PIPELINE = Launch(
    "a" * 32, "Prediction calm-harbour-41", "1", 1_795_502_160.0, "ana", "FAILED", str(HERE / "mlruns")
)


def shown_task(**known: Any) -> Shown:
    """One task's result."""
    shown = Shown(
        pipeline=PIPELINE,
        record=RECORD,
        metrics={"e" * 32: {"cv_accuracy": 0.80922, "loss": float("nan")}},
        paths={"model": str(HERE / "mlruns" / "1" / "eee" / "artifacts" / "model.skops")},
        log="".join(f"epoch {number}\n" for number in range(30)),
    )
    return replace(shown, **known)


def shown_pipeline(**known: Any) -> Shown:
    """A pipeline run in which one task was well and one was not."""
    records = (
        replace(RECORD, task="Preprocessor", run_id="f" * 32, provenance={"status": "FINISHED"}),
        replace(RECORD, provenance={"status": "FINISHED"}),
        replace(RECORD, task="Prediction", run_id="9" * 32, provenance={"status": "FAILED"}),
    )
    return Shown(pipeline=PIPELINE, tasks=records, metrics={"e" * 32: {"cv_accuracy": 0.80922}}, **known)
