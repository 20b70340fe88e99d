"""A user's project in which tasks read some of another's outputs: what runs again, and what is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.launching import launch
from tests.support.project import Project

TASKS = """
    from daicho import Source, Task, output, source
    from helper import beside

    class Split(Task):
        a: Source = source("a.txt")
        b: Source = source("b.txt")
        train = output("train.txt")
        test = output("test.txt")

        def run(self):
            self.train.save(self.a.path.read_text())
            self.test.save(self.b.path.read_text())

    class Trainer(Task):
        data: Split
        model = output("model.txt")

        def run(self):
            self.model.save(self.data.train.load())

    class Score(Task):
        data: Split
        trainer: Trainer
        score = output("score.txt")

        def run(self):
            self.score.save(self.trainer.model.load() + self.data.test.load())

    class Hidden(Task):
        data: Split
        out = output("out.txt")

        def run(self):
            self.out.save(beside(self.data.train))

    class Every(Task):
        hidden: Hidden
        score: Score
"""
FILES = {"helper.py": "def beside(found):\n    return found.task.test.load()\n", "a.txt": "a", "b.txt": "b"}


@pytest.mark.slow
def test_only_what_is_read_counts(project: Callable[..., Project]) -> None:
    """An output that a task does not read may change without it; one that it reads out of sight is refused by name."""
    made = project(TASKS, "", FILES)
    first = launch(made, "Every")
    ran = {"Split": "ran", "Trainer": "ran", "Score": "ran", "Hidden": "failed"}
    assert ran == {label: first.outcomes[label] for label in ran}
    assert "write `self.data.test` in a method of `Hidden`" in first.told
    made.write("b.txt", "other")
    second = launch(made, "Score")
    assert {"Split": "ran", "Trainer": "reused", "Score": "ran"} == second.outcomes
    assert ["data.test changed (test.txt)"] == second.reasons("Score")
