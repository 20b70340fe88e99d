"""Run one task in this process: the one way in which user code runs, whoever asked for it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import luigi

from daicho.engine import failure, stage
from daicho.engine.assignment import Assignment, Done
from daicho.engine.reads import Reads, notes_of, noting, undeclared
from daicho.engine.watch import CodeWatch
from daicho.errors import InputError, OutputError, TaskError
from daicho.fingerprint import observed
from daicho.ledger.active import RunReference, active_run
from daicho.record import Failure, Manifest, OutputRecord
from daicho.runtime import activate
from daicho.task.declare import outputs_of
from daicho.task.field import WATCH, Field
from daicho.task.runtime import ProjectRuntime, Work
from daicho.task.source import Source
from daicho.task.task import Task


def execute(
    task: luigi.Task,
    assignment: Assignment,
    runtime: ProjectRuntime,
    ask: Callable[[], RunReference],
    code: CodeWatch | None = None,
) -> tuple[Done, BaseException | None]:
    """Run a task and put its manifest on disk.

    Args:
        task: The task.
        assignment: Where its files are, and what it may read.
        runtime: The project; its `work` is this task for as long as it runs.
        ask: Gives the MLflow run that the task logs to; called only if it logs.
        code: The user's code in this process; None if what runs of it is not to be noted.

    Returns:
        How it went, and what was raised, if anything was. In the manifest that is `interrupted` for KeyboardInterrupt
        (a signal to stop), `failed` for all else.
    """
    folder = Path(assignment.stage)
    folder.mkdir(parents=True, exist_ok=True)
    extra: dict[str, str] = {}
    outputs: tuple[OutputRecord, ...] = ()
    notes: tuple[str, ...] = ()
    problem: Failure | None = None
    outcome = "ran"
    started = time.time()
    touched = False
    raised: BaseException | None = None
    try:
        stage.check(task.get_task_family(), assignment.guards)
        with _working(task, assignment, runtime, extra) as reads, active_run(ask) as use:
            try:
                _body(task, code, extra)
            finally:
                touched = use.touched
        ended = time.time()
        stage.check(task.get_task_family(), assignment.guards)
        if isinstance(task, Task):
            outputs = stage.collect(task.get_task_family(), folder, outputs_of(type(task)))
            notes = notes_of(type(task), undeclared(reads, assignment))
    except BaseException as error:  # noqa: BLE001  # a task may raise anything, and its end must be told
        ended = time.time()
        outcome = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        problem = failure.of_exception(error, runtime.root)
        raised = error
    manifest = Manifest(task.task_id, outcome, started, ended, outputs, extra, problem, notes)
    stage.write_manifest(manifest, folder.parent)
    return Done(manifest, touched), raised


def announced(
    task: luigi.Task,
    assignment: Assignment,
    runtime: ProjectRuntime,
    ask: Callable[[], RunReference],
    code: CodeWatch | None = None,
) -> Done:
    """Run a task as `execute` does, with Luigi's events and hooks around it, as its own worker would give them."""
    task.trigger_event(luigi.Event.START, task)
    done, raised = execute(task, assignment, runtime, ask, code)
    if raised is None:
        try:
            task.on_success()
        except Exception as error:  # noqa: BLE001  # a hook of the user's may raise anything
            return _failed_after(done, assignment, failure.of_exception(error, runtime.root))
        task.trigger_event(luigi.Event.SUCCESS, task)
    elif isinstance(raised, Exception):
        _told(task, raised)
    return done


def _failed_after(done: Done, assignment: Assignment, problem: Failure) -> Done:
    """A task whose `on_success()` raises has failed, although its body has not."""
    manifest = replace(done.manifest, outcome="failed", outputs=(), failure=problem)
    stage.write_manifest(manifest, Path(assignment.stage).parent)
    return replace(done, manifest=manifest)


def _told(task: luigi.Task, error: Exception) -> None:
    """Luigi's own ways of telling a task that it failed; what they raise must not hide the cause."""
    try:
        task.on_failure(error)
        task.trigger_event(luigi.Event.FAILURE, task, error)
    except Exception:  # noqa: BLE001  # the first error is the one that matters
        return


def _body(task: luigi.Task, code: CodeWatch | None, extra: dict[str, str]) -> None:
    """The body, and what runs of the user's code if that is to be noted."""
    if code is None:
        _run(task)
    else:
        code.run(task, lambda: _run(task), extra)


def _run(task: luigi.Task) -> None:
    """The body; one that yields, or that leaves a plain task's targets unmade, has not done its work."""
    found = task.run()
    family = task.get_task_family()
    if inspect.isgenerator(found):
        found.close()
        raise TaskError(
            f"`{family}.run()` yields: tasks that are found while running are not supported",
            hints=("declare what it needs: an annotated attribute, or `requires()`",),
        )
    if not isinstance(task, Task) and luigi.task.flatten(task.output()) and not task.complete():
        raise OutputError(
            f"`{family}` has run, but is not complete: a target of its `output()` is not there",
        )


@contextmanager
def _working(
    task: luigi.Task, assignment: Assignment, runtime: ProjectRuntime, extra: dict[str, str]
) -> Iterator[Reads]:
    """Make the task the one in hand, and watch what it reads: parameters of what it depends on, and files."""
    inputs = {each: Path(path) for each, path in assignment.inputs.items()}

    def note(other: luigi.Task, name: str) -> None:
        if runtime.work is None:
            return
        if isinstance(vars(other)[name], Source):
            raise InputError(
                f"`{task.get_task_family()}` reads `{other.get_task_family()}.{name}`, a source of another task",
                hints=(f"declare it: `{name}: Source = source({str(vars(other)[name])!r})`",),
            )
        role = assignment.roles[other.task_id]
        extra[observed.parameter(role, name)] = observed.value_of(other, name)

    with activate(runtime):
        watched = list(_readable(task, assignment.roles))
        for each in watched:
            extra.update(_unseen(each, assignment.roles[each.task_id]))
            vars(each)[WATCH] = note
        runtime.work = Work(task, Path(assignment.stage), inputs)
        try:
            with noting(runtime.root) as reads:
                yield reads
        finally:
            runtime.work = None
            for each in watched:
                vars(each).pop(WATCH, None)


def _readable(task: luigi.Task, roles: Mapping[str, str]) -> Iterator[luigi.Task]:
    """The tasks that a task may read, as instances of this process: its own, and through wrappers theirs."""
    waiting = [task]
    seen = {task.task_id}
    while waiting:
        for needed in waiting.pop().deps():
            if needed.task_id in roles and needed.task_id not in seen:
                seen.add(needed.task_id)
                yield needed
                if not (outputs_of(type(needed)) if isinstance(needed, Task) else needed.output()):
                    waiting.append(needed)


def _unseen(other: luigi.Task, role: str) -> dict[str, str]:
    """Parameters of Luigi's own classes: reading them is not seen, so they count as read."""
    return {
        observed.parameter(role, name): observed.value_of(other, name)
        for name, parameter in other.get_params()
        if parameter.significant and not isinstance(parameter, Field)
    }
