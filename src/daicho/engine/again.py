"""Recorded tasks run once more from what they read then, in a process of their own and without a record.

Nothing reaches the project's store: outputs stay in a scratch folder, and what a task logs goes to a store in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from daicho.config.environment import exported, of_worker
from daicho.engine.assigning import Assigner
from daicho.engine.assignment import Assignment, Done, RunGiven, RunWanted
from daicho.engine.executor import Died, TimedOut
from daicho.engine.pool import Pool, setup
from daicho.engine.yielded import given
from daicho.errors import DaichoError
from daicho.ledger.active import RunReference
from daicho.ledger.throwaway import Throwaway
from daicho.plan import trust
from daicho.plan.prepare import Prepared
from daicho.record import OutputRecord
from daicho.task.luigi_settings import for_luigi
from daicho.task.patience import patience_of


@dataclass(frozen=True)
class Again:
    """What a task made when it was run once more.

    Attributes:
        task_id: Which task.
        folder: Where its outputs lie.
        outputs: What it saved.
        problem: Why it did not come to its end; None if it did.
    """

    task_id: str
    folder: Path
    outputs: tuple[OutputRecord, ...] = ()
    problem: str | None = None

    def path(self, output: OutputRecord) -> Path:
        """Where an output lies."""
        return self.folder / output.name


def again(prepared: Prepared, task_ids: Iterable[str], folder: Path) -> Iterator[Again]:
    """Run recorded tasks once more, one after the other, in one fresh process.

    Args:
        prepared: A target that is planned, with a record for each of the tasks and for all that they read.
        task_ids: Which tasks.
        folder: A scratch folder, which the caller removes.

    Raises:
        StoreError: If the store cannot be asked.
    """
    context = prepared.context
    fetch = partial(trust.fetch, context)
    assigner = Assigner(folder / "tasks", context.root, prepared.planner, fetch, prepared.digests)
    (folder / "tasks").mkdir(parents=True)
    scratch = Throwaway(folder / "mlflow")
    with ExitStack() as stack:
        stack.enter_context(exported(context.settings.variables))
        stack.enter_context(for_luigi(context.settings))
        ask = stack.enter_context(scratch.serving())
        pool = _pool(prepared, folder)
        pool.listen(partial(given, prepared.planner, assigner, context.settings.resources))
        stack.callback(pool.close)
        for task_id in task_ids:
            yield _once(prepared, pool, assigner, task_id, ask)


def _pool(prepared: Prepared, folder: Path) -> Pool:
    context = prepared.context
    environment = of_worker(f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}")
    told = setup(str(context.root), prepared.modules, context.settings, prepared.reader.digests())
    return Pool(1, told, environment)


def _once(
    prepared: Prepared, pool: Pool, assigner: Assigner, task_id: str, ask: Callable[[], RunReference]
) -> Again:
    task = prepared.graph.nodes[task_id].task
    place = assigner.task_folder(task_id) / "out"
    try:
        assignment = replace(assigner.assign(task_id), timeout=patience_of(task).timeout)
    except DaichoError as error:
        return Again(task_id, place, problem=error.message)
    done = _wait(pool, task, assignment, ask)
    if isinstance(done, Died | TimedOut):
        return Again(task_id, place, problem=done.how if isinstance(done, Died) else "it took too long")
    manifest = done.manifest
    problem = None if manifest.failure is None else f"{manifest.failure.error}: {manifest.failure.message}"
    if done.suspended:
        problem = "what it yields is not there"
    elif manifest.outcome != "ran":
        problem = problem or "it was interrupted"
    return Again(task_id, place, manifest.outputs, problem)


def _wait(
    pool: Pool, task: Any, assignment: Assignment, ask: Callable[[], RunReference]
) -> Done | Died | TimedOut:
    pool.submit(task, assignment)
    while True:
        for happening in pool.happened(wait(pool.connections(), timeout=1)):
            if isinstance(happening, Done | Died | TimedOut):
                return happening
            if isinstance(happening, RunWanted):
                run = ask()
                pool.give_run(happening.task_id, RunGiven(run.run_id, run.experiment_id))
