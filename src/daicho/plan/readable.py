"""The results of a plan, bound to its tasks' instances, so that they can be read where no task runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daicho.errors import NotFoundError
from daicho.plan import trust
from daicho.plan.plan import Plan
from daicho.plan.prepare import Context
from daicho.task.output import RUNTIME


def readable(context: Context, plan: Plan) -> Any:
    """The target of a plan, with its result and those below it bound to its instances.

    Raises:
        NotFoundError: If the target has no result.
    """
    target = plan.graph.targets[0]
    decision = plan.decisions[target]
    if decision.verdict != "reuse":
        why = "; ".join(reason.text for reason in decision.reasons)
        raise NotFoundError(
            f"there is no result of `{plan.label(target)}` for the present code, configuration and sources ({why})",
            hints=(f"make it: daicho run {plan.graph.nodes[target].family}",),
        )

    def locate(task: Any, role: str) -> Path:
        found = plan.decisions.get(task.task_id)
        if found is not None and found.pinned:
            return _pinned(plan, task, role)
        record = found.record if found is not None else None
        output = record.output(role) if record is not None else None
        if record is None or output is None:
            raise NotFoundError(f"there is no result of `{task.get_task_family()}.{role}` here")
        return trust.fetch(context, record, output)

    context.runtime.locate = locate
    for node in plan.graph.nodes.values():
        vars(node.task)[RUNTIME] = context.runtime
    return plan.graph.nodes[target].task


def _pinned(plan: Plan, task: Any, role: str) -> Path:
    """An output of a pinned task, which is where the configuration says, as it was when the plan was made."""
    folder = plan.graph.nodes[task.task_id].pin
    assert folder is not None
    output = next(each for each in plan.decisions[task.task_id].pinned if each.role == role)
    return folder / output.name
