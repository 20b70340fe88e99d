"""Values of tasks that were run again, made by hand: what the views and the schemas are shown."""

from __future__ import annotations

from daicho.compare import Difference
from daicho.compare.remade import Remade
from daicho.reproducing import ReproducedTask, Reproduction
from daicho.verifying import Verification, VerifiedTask
from tests.cli.values import HERE

SAME = Remade("train", "train.csv", "csv", Difference("identical", "bytes", "identical"))
EQUAL = Remade("model", "model.json", "json", Difference("equal", "value", "equal in value, not in bytes"))
DIFFERS = Remade(
    "scores",
    "scores.json",
    "json",
    Difference(
        "different",
        "value",
        "2 of 5 places differ: loss: 0.5 -> 0.25, …",
        first="loss: 0.5 -> 0.25",
        largest=float("nan"),
        where="loss",
        lines=("loss: 0.5 -> 0.25", "\x1b[2Jrate: 1 -> NaN"),
        facts={"differ": 2},
    ),
)
CAUSE = "nothing that it was made from differs, so it is not deterministic (daicho verify Trainer tells)"
NOTES = ("Python: 3.11.9 recorded, 3.12.1 here", "2 packages: numpy 2.1 -> 2.2, six (none) -> 1.16")


def reproduction(*tasks: ReproducedTask, **known: object) -> Reproduction:
    """A run that was made again; identical unless tasks say otherwise."""
    some = tasks or (ReproducedTask("Preprocessor", "Preprocessor", "a" * 32, "identical", (SAME,)),)
    facts = {
        "what": "Prediction calm-harbour-41", "run_id": "b" * 32, "verdict": some[-1].verdict, "given": (),
        "folder": HERE / "again", "python": HERE / "python", "made": True, "tolerance": 0.0, "who": "ana",
        "when": "2026-11-24T07:09:15Z", "where": "host", **known,
    }  # fmt: skip
    return Reproduction(tasks=some, **facts)  # type: ignore[arg-type]


NOT_REPRODUCED = reproduction(
    ReproducedTask("Preprocessor", "Preprocessor", "a" * 32, "identical", (SAME,)),
    ReproducedTask("Scaler", "Scaler", "e" * 32, "equal", (EQUAL,)),
    ReproducedTask("Trainer", "Trainer", "c" * 32, "different", (DIFFERS, EQUAL), CAUSE),
    ReproducedTask(
        "Report", "Report", "d" * 32, "failed", problem="not made, for `Trainer` failed: KeyError: 'Age'"
    ),
    given=("Loader",),
    made=False,
    notes=NOTES,
)

VERIFIED = Verification(
    "Prediction", 2, (VerifiedTask("Trainer", "Trainer(seed=1)", "a" * 32, "equal", (SAME, EQUAL)),)
)
NOT_VERIFIED = Verification(
    "Prediction",
    3,
    (
        VerifiedTask("Preprocessor", "Preprocessor", "a" * 32, "identical", (SAME,)),
        VerifiedTask("Trainer", "Trainer", "b" * 32, "different", (SAME, DIFFERS)),
        VerifiedTask("Report", "Report", "c" * 32, "failed", problem="ValueError: no `Age`"),
        VerifiedTask("Late", "Late", None, "skipped", problem="no result to compare with: first run"),
    ),
)
