"""The ends of tasks: what the recorder made of those that ran, why others did not, and what an attempt leaves."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from daicho import events
from daicho.engine.books import Books
from daicho.engine.results import Attempt, TaskResult
from daicho.engine.stage import MANIFEST
from daicho.engine.telling import Teller
from daicho.errors import DaichoError
from daicho.plan.plan import Decision
from daicho.plan.planner import Planner
from daicho.record import Failure, Manifest
from daicho.task.graph import Node


class Interrupted(BaseException):
    """A person asked to end what runs; raised only where the launch is between two steps."""


def taken(decision: Decision) -> TaskResult:
    """The result of a task that is reused."""
    return TaskResult(
        "reused", decision.reasons, decision.key, record=decision.record, outputs=decision.outputs
    )


def ran(decision: Decision, manifest: Manifest) -> TaskResult:
    """The result of a task that has run to its end."""
    return TaskResult(
        "ran",
        decision.reasons,
        decision.key,
        manifest.ended - manifest.started,
        outputs=manifest.outputs,
        notes=manifest.notes,
    )


def not_there(node: Node) -> Failure:
    """Why an external task cannot be done."""
    return Failure("missing", f"`{node.family}` stands for data that is made elsewhere, and it is not there")


def too_slow(timeout: float | None) -> Failure:
    """Why a task was ended after so many seconds."""
    sentence = f"it took longer than its `timeout`, {timeout:g} s"
    return Failure(
        "timed-out", sentence, hints=("if it needs more time, raise `timeout`: that is not in its key",)
    )


def refused(error: DaichoError) -> Failure:
    """The failure of a task that could not be started."""
    return Failure(error.code, error.message, hints=error.hints)


def not_started(planner: Planner, results: dict[str, TaskResult], teller: Teller) -> bool:
    """Put what had no turn among the results, and tell of it; whether something did not start."""
    graph = planner.graph
    bad = {task_id for task_id, result in results.items() if result.outcome not in ("ran", "reused")}
    left = False
    for task_id, decision in planner.decisions.items():
        if task_id in results or graph.nodes[task_id].kind == "wrapper":
            continue
        if decision.verdict == "reuse":
            results[task_id] = taken(decision)
            continue
        needs = next((edge.task_id for edge in graph.nodes[task_id].needs if edge.task_id in bad), None)
        bad.add(task_id)
        left = True
        results[task_id] = TaskResult("not started", decision.reasons, decision.key)
        name = teller.label(needs) if needs is not None else ""
        teller.tell(events.TaskNotStarted(task_id, teller.label(task_id), name))
    return left


def recorded(node: Node, result: TaskResult, books: Books, attempts: Sequence[Attempt]) -> TaskResult:
    """A task's result with what the recorder knows of it: nothing waits of a plain one, which has no record."""
    task_id = node.task_id
    error = books.refused.get(task_id) or books.error
    unwritten = result.outcome == "ran" and node.kind != "plain" and task_id not in books.records
    return replace(
        result,
        record=books.records.get(task_id, result.record),
        metrics=books.metrics.get(task_id, {}),
        run_id=books.runs.get(task_id),
        waits=error.message if unwritten and error is not None else None,
        attempts=tuple(
            replace(attempt, run_id=books.run_of(task_id, number))
            for number, attempt in enumerate(attempts, 1)
        ),
    )


def cleared(folder: Path, number: int) -> Path:
    """Make room for another attempt: of this one nothing is left but its log, under a name of its own."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    log, kept = folder / "log.txt", folder / f"log-{number}.txt"
    if log.exists():
        log.replace(kept)
    return kept


def text_of(log: Path) -> str:
    """What a task printed."""
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
