"""Values of the verbs on old results, made by hand: what the views and the page are shown."""

from __future__ import annotations

from typing import Any

from daicho.compare import Code, Comparison, Content, Difference, Equal, Fact, Metric, Side
from daicho.ledger import Entry, Launch, Marks
from daicho.verbs.export import Exported
from daicho.verbs.log import Log
from daicho.verbs.note import Noted
from daicho.verbs.tag import Tagged
from tests.cli.values import HERE

EVIL = '<script>alert("1")</script>'
DIFF = "--- tasks.py\n+++ tasks.py\n@@ -1,2 +1,2 @@\n def run(self):\n-    return 1\n+    return 2"


def entry(name: str = "calm-harbour-41", **known: Any) -> Entry:
    """A pipeline run."""
    launch = Launch(
        "a" * 32, f"Prediction {name}", "1", 1_795_502_160.0, "ana", known.pop("status", "FINISHED")
    )
    facts: dict[str, Any] = {
        "target": "Prediction",
        "ended": 1_795_502_170.0,
        "commit": "4f2a9c1" + "0" * 33,
        "dirty": True,
        "command": "daicho run",
        "outcomes": {"ran": {"Trainer": 1, "Prediction": 1}, "reused": {"Preprocessor": 1}},
        "params": {"Trainer.alpha": "0.1", "Trainer.seed": "0"},
        "metrics": {"Trainer.accuracy": 0.793, "Trainer.loss": float("nan")},
    }
    return Entry(launch, **{**facts, **known})


def log() -> Log:
    """Two runs that differ in a parameter and in a metric, one of them pinned and noted; there are more."""
    marked = Marks({"paper": "yes"}, ("the run of the paper (ana, 2026-11-24T07:09:15Z)",), "ana, 2026-11-24")
    other = entry(
        "green-tide-17",
        status="FAILED",
        commit=None,
        params={"Trainer.alpha": "0.5", "Trainer.seed": "0"},
        metrics={"Trainer.accuracy": 0.811},
        outcomes={"failed": {"Trainer": 1}, "not started": {"Prediction": 1}},
    )
    return Log((other, entry(marks=marked)), ("Trainer.alpha",), ("Trainer.accuracy", "Trainer.loss"), 7)


def side(name: str, **known: Any) -> Side:
    """One of what is compared."""
    facts = {"started": 1_795_502_160.0, "user": "ana", "commit": "4f2a9c1" + "0" * 33, "dirty": False}
    return Side(name, "a" * 32, "Prediction", **{**facts, **known})


def comparison() -> Comparison:
    """Two runs that differ in everything."""
    both, first = (True, True), (True, False)
    table = Difference(
        "different", "table", "12 of 418 rows differ, in Survived, by at most 1", "row 3, Survived: 0 -> 1", 1.0,
        "row 3, Survived", ("row 3, Survived: 0 -> 1", "row 9, Survived: 1 -> 0"), {"rows": [418, 418]},
    )  # fmt: skip
    sizes = (2_839, 2_839)
    return Comparison(
        sides=(side("calm-harbour-41"), side("green-tide-17", user="ben", dirty=True)),
        tasks=(Fact("Extra", (True, False), both),),
        configuration=(Fact("Trainer.alpha", (0.1, 0.5), both), Fact(f"Trainer.{EVIL}", (EVIL, None), first)),
        code=(
            Code("tasks:Trainer", ("Trainer",), "changed", "tasks.py", ("Trainer.run",), DIFF),
            Code("helper:new", ("Trainer", "Prediction"), "new", "helper.py"),
        ),
        data=(
            Content(
                "Preprocessor", "raw", "input/train.csv", ("a" * 64, "b" * 64), (61_194, 61_200), (None,)
            ),
        ),
        dependencies=(Fact("numpy", ("2.0", "2.1"), both), Fact("gone", ("1", None), first)),
        environment=(Fact("python", ("3.11.9", "3.12.1"), both),),
        metrics=(
            Metric(Fact("Trainer.accuracy", (0.793, 0.811), both), "higher", (0.018,)),
            Metric(Fact("Trainer.loss", (0.2, 0.25), both), "lower", (0.05,)),
            Metric(Fact("Trainer.odd", (float("nan"), 1.0), both), "higher", (float("nan"),)),
        ),
        outputs=(
            Content("Prediction", "prediction", "prediction.csv", ("a" * 64, "b" * 64), sizes, (table,)),
            Content("Trainer", "plot", "plot.png", ("a" * 64, None), (3, None), (None,)),
        ),
        equal=Equal(parameters=7, definitions=12, sources=2, packages=40),
        notes=("not in the store, so not shown: the text of 1 definition",),
    )


def three() -> Comparison:
    """Three runs: the others against the first."""
    there = (True, True, True)
    return Comparison(
        sides=tuple(side(name) for name in ("calm-harbour-41", "green-tide-17", "amber-fox-08")),
        configuration=(Fact("Trainer.alpha", (0.1, 0.5, 0.9), there),),
        metrics=(Metric(Fact("Trainer.accuracy", (0.793, 0.811, 0.8), there), "higher", (0.018, 0.007)),),
        outputs=(
            Content("Trainer", "model", "m.json", ("a" * 64, "a" * 64, "b" * 64), (3, 3, 4), (None, None)),
        ),
        equal=Equal(parameters=1),
    )


TAGGED = Tagged("Prediction calm-harbour-41", "a" * 32, {"paper": "yes"}, "ana, 2026-11-24T07:09:15Z")
NOTED = Noted("Prediction calm-harbour-41", "a" * 32, ("a note (ana, 2026-11-24T07:09:15Z)",))
EXPORTED = Exported(
    "Prediction calm-harbour-41", HERE / "out", ("Trainer",), 2, 31, 323_700, ("input/big.csv",)
)
