"""What is asked for with `-f` and `-F` runs although equal results are there."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.project import Project

TASKS = """
    from daicho import Task, output

    class Below(Task):
        o = output("o.json")
        def run(self): self.o.save(1)

    class Above(Task):
        below: Below
        o = output("o.json")
        def run(self): self.o.save(self.below.o.load())
    """

LOOK = """
import daicho
from daicho.errors import UnknownTaskError

def verdicts(force):
    plan = daicho.status("Above", force=force)
    return {plan.label(task): (decision.verdict, [reason.kind for reason in decision.reasons]) for task, decision in plan}

assert {"Below": ("run", ["forced"]), "Above": ("run", ["forced"])} == verdicts(True)
assert {"Below": ("run", ["first"]), "Above": ("run", ["forced"])} == verdicts(["Above"])
assert {"Below": ("run", ["forced"]), "Above": ("undecided", ["upstream"])} == verdicts(["Below"])
try:
    verdicts(["Abve"])
except UnknownTaskError as error:
    assert ("did you mean `Above`?",) == error.hints
else:
    raise AssertionError
"""


def test_all_or_some_tasks_are_forced(project: Callable[..., Project]) -> None:
    """True forces every task, names force those tasks alone, and a wrong name is met with the right one."""
    done = project(TASKS, "").python("-c", LOOK)

    assert (0, "") == (done.returncode, done.stderr)
