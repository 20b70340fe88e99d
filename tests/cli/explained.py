"""Explanations made by hand: what the view of `daicho why` is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from daicho.plan.cause import Cause, Equal
from daicho.plan.changes import Change
from daicho.plan.earlier import Earlier
from daicho.plan.neutral import Neutral
from daicho.plan.plan import Decision
from daicho.plan.price import Price
from daicho.plan.reasons import FIRST, Reason
from daicho.provenance.blame import NOT_COMMITTED, Commit
from daicho.record import Record
from daicho.verbs.why import Why

EARLIER = Earlier(
    "0bcfd6ae" + "0" * 24,
    "Prediction calm-harbour-41",
    "ana",
    1_795_502_160.0,
    1_795_502_167.0,
    "4f2a9c1" + "0" * 33,
    dirty=True,
)
COMMIT = Commit("839c638" + "0" * 33, "Bo", 1_795_502_000.0, "Weigh the classes")
DIFF = "--- tasks.py\n+++ tasks.py\n@@ -1 +1,2 @@\n def run(self):\n-    fit()\n+    fit(self.weights)"
ALPHA = Reason("parameter", "alpha: 0.1 -> 0.3", name="alpha")
CODE = Reason("code", "code: Trainer changed (tasks.py:20)", "tasks:Trainer", "tasks.py", 20)
DRIFT = Reason("environment", "made with numpy 2.0; here 2.1")
SOURCE = Reason("source", "input/train.csv changed (61,194 -> 61,250 bytes)", name="raw")


NOTHING = Price()


def must_run(**known: Any) -> Why:
    """A task that must run, for many reasons."""
    causes = (
        Cause(ALPHA, "Trainer", 0.1, 0.3, "luigi.toml:7"),
        Cause(CODE, "Trainer", change=Change(("Trainer.run",), (34, 35), COMMIT, DIFF)),
        Cause(
            replace(CODE, text="code: build changed (classifier.py:9)"),
            "Trainer",
            change=Change(commit=NOT_COMMITTED),
        ),
    )
    why = Why(
        task="Trainer",
        label="Trainer(seed=1)",
        task_id="Trainer_1",
        decision=Decision("run", tuple(cause.reason for cause in causes), "k" * 64),
        causes=tuple(replace(cause, task="Trainer(seed=1)") for cause in causes),
        earlier=EARLIER,
        equal=Equal(
            ("seed",), ("raw", "labels"), ("tasks:Task", "tasks:output", "classifier:fit"), ("data.train",)
        ),
        neutral=(Neutral("comment", "tasks.py", 31), Neutral("other definition", "tasks.py", 50, 2)),
        notes=("tasks.py:40 getattr with a name that is computed",),
        target="Prediction",
        follow=(*(f"Fold({number})" for number in range(13)), "Prediction"),
        siblings=3,
        price=Price(1, 0, 72.0, 0),
        hints=("the earlier result is taken again with `Trainer.alpha=0.1` and `git revert 839c638`",),
    )
    return replace(why, **known)


def undecided() -> Why:
    """A task that waits for one below it."""
    waits = Reason("upstream", "decided once `Preprocessor` has run")
    return must_run(
        decision=Decision("undecided", (waits,)),
        causes=(Cause(SOURCE, "Preprocessor", 61_194, 61_250, "input/train.csv", 891),),
        neutral=(),
        notes=(),
        siblings=1,
        price=Price(1, 2, 3.5, 1),
        hints=(),
    )


def reused(price: Price = NOTHING) -> Why:
    """A task whose result is there."""
    return must_run(
        decision=Decision(
            "reuse", (Reason("reused", "equal"), DRIFT), "k" * 64, Record("Trainer", "", "k" * 64)
        ),
        causes=(),
        neutral=(),
        notes=(),
        follow=(),
        siblings=1,
        price=price,
        hints=("to have it made again: `daicho run Trainer -f`",),
    )


def first() -> Why:
    """A task that never ran."""
    return Why(
        "Trainer",
        "Trainer",
        "Trainer_1",
        Decision("run", (FIRST,)),
        (Cause(FIRST, "Trainer"),),
        price=Price(1, 0, 0, 1),
    )
