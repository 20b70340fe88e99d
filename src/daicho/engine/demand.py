"""What a plan asks for: how many tasks may run at once, and what they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from daicho.engine.scheduler import amount_of
from daicho.errors import ConfigurationError
from daicho.plan.plan import Plan
from daicho.task.patience import patience_of
from daicho.task.yielding import yields


def workers(plan: Plan, jobs: int) -> tuple[int, int]:
    """How many workers a plan can use of so many, and how many of them at its beginning and at its widest place."""
    levels: dict[str, int] = {}
    wide: Counter[int] = Counter()
    grows = False
    for task_id, decision in plan:
        node = plan.graph.nodes[task_id]
        level = max((levels[edge.task_id] for edge in node.needs), default=0)
        works = decision.verdict != "reuse" and node.kind != "wrapper"
        grows = grows or (works and yields(node.task))
        levels[task_id] = level + works
        wide[level] += works
    most = jobs if grows else wide.total()  # what a task yields may be any number of tasks
    return max(min(jobs, most), 1), max(min(jobs, max(wide.values(), default=1)), 1)


def refuse_impossible(plan: Plan, totals: Mapping[str, int]) -> None:
    """See that each task that may run can have what it asks for.

    Raises:
        ConfigurationError: If a task needs more of a resource than there is.
        DeclarationError: If what a task says of its patience cannot be meant.
    """
    for task_id, decision in plan:
        task = plan.graph.nodes[task_id].task
        if decision.verdict == "reuse":
            continue
        patience_of(task)
        for name, amount in task.process_resources().items():
            if amount > amount_of(totals, name):
                raise ConfigurationError(
                    f"`{plan.label(task_id)}` needs {amount} of `{name}`, and there is {amount_of(totals, name)}",
                    hints=(f"say how much there is: [resources] {name} = {amount}",),
                )
