"""The results of a run beside those that were made again: output by output, with the likely cause of a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from daicho.compare.remade import SAME, compare_outputs, worst
from daicho.digest import of_value
from daicho.ledger import Ledger
from daicho.plan.reasons import GONE, compare
from daicho.record import Record
from daicho.reproducing.environment import differences
from daicho.reproducing.reproduction import ReproducedTask
from daicho.reproducing.running import Made


def compared(
    ledger: Ledger, records: Iterable[Record], made: Made, *, tolerance: float
) -> tuple[ReproducedTask, ...]:
    """How recorded results compare with what was made.

    Args:
        ledger: Where the recorded bytes are.
        records: The recorded results.
        made: What was made.
        tolerance: How far two numbers may lie apart, in parts of the larger one, and still be close.

    Raises:
        StoreError: If the store cannot be asked.
    """
    listed = list(records)
    return tuple(_task(ledger, record, listed, made, tolerance) for record in listed)


def _task(
    ledger: Ledger, record: Record, records: list[Record], made: Made, tolerance: float
) -> ReproducedTask:
    alone = sum(each.task == record.task for each in records) == 1
    label = record.task if alone else f"{record.task} {str(record.run_id)[:8]}"
    new = _counterpart(record, made.records, alone=alone)
    if new is None:
        problem = _problem(record, made)
        return ReproducedTask(record.task, label, str(record.run_id), "failed", problem=problem)
    outputs = compare_outputs(
        ledger, record, new.outputs, lambda output: made.ledger.path(new, output), tolerance=tolerance
    )
    verdict = worst(output.verdict for output in outputs)
    cause = None if verdict in SAME and verdict != "close" else likely_cause(record, new)
    return ReproducedTask(record.task, label, str(record.run_id), verdict, outputs, cause)


def _counterpart(record: Record, made: Iterable[Record], *, alone: bool) -> Record | None:
    """The same task among those that were made: by its identity or key, or as the only one that it can be."""
    found = [each for each in made if each.task == record.task]
    same = [each for each in found if each.task_id == record.task_id or each.key == record.key]
    if same:
        return same[0]
    parameters = of_value(dict(record.parameters))
    likely = found if alone else [each for each in found if of_value(dict(each.parameters)) == parameters]
    return likely[0] if len(likely) == 1 else None


def _problem(record: Record, made: Made) -> str:
    own = [text for label, text in made.failures.items() if label.partition("(")[0] == record.task]
    if own:
        return own[0]
    if made.failures:
        label, text = next(iter(made.failures.items()))
        return f"not made, for `{label}` failed: {text}"
    return "not made: with the recorded code and configuration there is no such task with these parameters"


def likely_cause(old: Record, new: Record) -> str:
    """What is likely to be behind a difference: what differs of that which it was made from."""
    declared = {output.role: (output.name, output.format) for output in new.outputs}
    reasons = [each for each in compare(new, declared, old, {}) if each != GONE]
    own = [each.text for each in reasons if each.kind != "upstream"]
    if own:
        return f"made from other things than recorded: {'; '.join(own)}"
    if reasons:
        return f"what it reads differs already: {'; '.join(each.text for each in reasons)}"
    surroundings = differences(_environment(old), _environment(new))
    chance = f"it is not deterministic (daicho verify {old.task} tells)"
    if surroundings:
        return f"the environment differs ({'; '.join(surroundings)}), or {chance}"
    return f"nothing that it was made from differs, so {chance}"


def _environment(record: Record) -> dict[str, Any]:
    found = record.provenance.get("environment")
    return dict(found) if isinstance(found, dict) else {}


def differing(tasks: Iterable[ReproducedTask]) -> Iterator[str]:
    """What was not made again, for the mark on the run: `Trainer.model`."""
    for task in tasks:
        if task.verdict == "failed":
            yield task.label
        yield from (f"{task.label}.{output.role}" for output in task.outputs if output.verdict not in SAME)
