"""What is configured, as a person reads it."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.views.config import lines
from daicho.verbs.config import Configuration, TaskValues, Value

FOUND = Configuration(
    "/srv/ana/titanic",
    ("luigi.toml", "experiments/wide.toml"),
    (
        Value("RunConfig.task", "Prediction", "luigi.toml:4"),
        Value("RunConfig.experiment_name", "titanic", "default"),
        Value("daicho.tracking_uri", "postgresql://ana:***@db/mlflow", ".env:2"),
        Value("daicho.tasks", ["tasks"], "default"),
    ),
    (
        TaskValues(
            "Loader",
            "Loader",
            (
                Value(
                    "columns",
                    ["Pclass", "Sex", "Age", "Fare", "Embarked", "Title", "FamilySize", "x"],
                    "luigi.toml:9",
                ),
                Value("token", "***", "environment", masked=True),
                Value("note", "", "class default, tasks.py:12"),
                Value("bad", "\x1b[2Jred", "command line"),
            ),
        ),
        TaskValues(
            "Trainer",
            "Trainer(rate=0.9)",
            (Value("seed", None, "missing"), Value("day", None, "class default")),
        ),
        TaskValues("Done", "Done", ()),
    ),
)


@pytest.mark.parametrize("width", [None, 60, 100])
def test_values(width: int | None, snapshot: SnapshotAssertion) -> None:
    """Each value stands beside its name and where it came from, on any width."""
    assert snapshot == "\n".join(line.plain for line in lines(FOUND, width=width))


def test_without_a_file() -> None:
    """A project without a configuration file says so."""
    first, *_ = lines(Configuration("/p", (), (), ()), width=None)
    assert "/p  no configuration file" == first.plain
