"""Run recorded tasks again from their recorded inputs, and say whose outputs are not the same twice."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from daicho.compare.remade import ORDER, Remade, compare_outputs, worst
from daicho.engine.again import Again, again
from daicho.errors import NotFoundError, UsageError
from daicho.ledger.checked import Checked, mark_verified
from daicho.plan.plan import Plan
from daicho.plan.prepare import Context, Prepared, open_project, prepare
from daicho.provenance import read_machine
from daicho.record import Record
from daicho.verifying.verification import Verification, VerifiedTask


def verify(
    task: str | None = None,
    *,
    times: int = 2,
    params: Mapping[str, Any] | None = None,
    folder: str | Path = ".",
    config: str | Path | None = None,
    overrides: Sequence[str] = (),
) -> Verification:
    """Run tasks again from their recorded inputs, and compare what they make with what is recorded.

    What is verified are the results that a run would reuse now, so the code that runs is the project's own as it is.
    Each time the tasks run in a fresh process; nothing that they write or log reaches the store. On the run that holds
    a result it is written down how the comparison went, and plans mention a result that was not the same.

    Args:
        task: The task to verify; by default all tasks of the target that the configuration names.
        times: How many results there are to be of each task: the recorded one, and `times - 1` new ones.
        params: Values by `"Task.parameter"`.
        folder: Where to look for the project.
        config: Another configuration file.
        overrides: `Task.parameter=value` as on the command line.

    Raises:
        NotFoundError: If no task has a result that a run would reuse.
        UsageError: If the project, its configuration or the task is wrong, or `times` is less than 2.
        CorruptError: If a recorded input is not what was recorded.
        StoreError: If the store cannot be asked, or not be written to.
    """
    if times < 2:
        raise UsageError(
            f"{times} result{'' if times == 1 else 's'} of a task cannot be compared",
            hints=("the record counts as one: `--times 2` runs each task once more",),
        )
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides), params=params)
    context.ledger.check()
    return _verification(context, prepare(context, task), times, alone=task is not None)


def _verification(context: Context, prepared: Prepared, times: int, *, alone: bool) -> Verification:
    plan = prepared.planner.plan()
    chosen = _chosen(plan, alone=alone)
    recorded = {each: record for each in chosen if (record := _recorded(plan, each)) is not None}
    if not recorded:
        raise NotFoundError(
            f"nothing to verify: no result of {_labels(plan, chosen)} would be reused now",
            hints=("daicho run makes one; daicho why TASK says what changed since the last",),
        )
    found = _compared(prepared, recorded, times)
    tasks = tuple(_verified(plan, each, recorded.get(each), found[each]) for each in chosen)
    prepared.digests.save()
    _mark(context, tasks, times)
    return Verification(prepared.target, times, tasks)


def _chosen(plan: Plan, *, alone: bool) -> list[str]:
    """The tasks that were asked for: the target alone where it was named, or all of our own."""
    ours = [task_id for task_id, node in plan.graph.nodes.items() if node.kind == "task"]
    targets = [task_id for task_id in ours if task_id in plan.graph.targets]
    return targets if alone and targets else ours


def _recorded(plan: Plan, task_id: str) -> Record | None:
    decision = plan.decisions[task_id]
    return decision.record if decision.verdict == "reuse" else None


def _labels(plan: Plan, task_ids: Iterable[str]) -> str:
    names = [f"`{plan.label(task_id)}`" for task_id in task_ids]
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "") if names else "any task"


def _compared(
    prepared: Prepared, recorded: Mapping[str, Record], times: int
) -> Mapping[str, list[tuple[Again, tuple[Remade, ...]]]]:
    """What each task made each time, and how its outputs compare with the record's."""
    found: defaultdict[str, list[tuple[Again, tuple[Remade, ...]]]] = defaultdict(list)
    for _ in range(times - 1):
        with tempfile.TemporaryDirectory(prefix="daicho-verify-", ignore_cleanup_errors=True) as space:
            for made in again(prepared, recorded, Path(space).resolve()):
                outputs = (
                    compare_outputs(prepared.context.ledger, recorded[made.task_id], made.outputs, made.path)
                    if made.problem is None
                    else ()
                )
                found[made.task_id].append((made, outputs))
    return found


def _verified(
    plan: Plan,
    task_id: str,
    record: Record | None,
    times: Sequence[tuple[Again, tuple[Remade, ...]]],
) -> VerifiedTask:
    family, label = plan.graph.nodes[task_id].family, plan.label(task_id)
    if record is None:
        reasons = "; ".join(reason.text for reason in plan.decisions[task_id].reasons)
        return VerifiedTask(family, label, None, "skipped", problem=f"no result to compare with: {reasons}")
    outputs = _most_different([outputs for _, outputs in times])
    problem = next((made.problem for made, _ in times if made.problem is not None), None)
    if problem is not None:
        return VerifiedTask(family, label, record.run_id, "failed", outputs, problem)
    return VerifiedTask(family, label, record.run_id, worst(each.verdict for each in outputs), outputs)


def _most_different(times: Iterable[tuple[Remade, ...]]) -> tuple[Remade, ...]:
    """Of each output the run in which it differed most."""
    found: dict[str, Remade] = {}
    for outputs in times:
        for each in outputs:
            known = found.get(each.role)
            if known is None or ORDER.index(each.verdict) > ORDER.index(known.verdict):
                found[each.role] = each
    return tuple(found.values())


def _mark(context: Context, tasks: Iterable[VerifiedTask], times: int) -> None:
    """Write down on each task's run how it went."""
    machine = read_machine()
    for task in tasks:
        if task.run_id is not None:
            how = f"{times} results"
            checked = Checked.now(task.verdict, machine.user, machine.host, how, task.differing)
            mark_verified(context.store, task.run_id, checked)
