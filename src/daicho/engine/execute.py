"""Run one task in this process: the one way in which user code runs, whoever asked for it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import luigi

from daicho.engine import failure, stage, view
from daicho.engine.assignment import Assignment, Done, Guard
from daicho.engine.dynamic import Suspended, Want, Yields
from daicho.engine.hiding import without_secrets
from daicho.engine.reads import Reads, notes_of, noting, undeclared
from daicho.engine.watch import CodeWatch
from daicho.errors import InputError, OutputError
from daicho.fingerprint import observed
from daicho.ledger.active import RunReference, active_run
from daicho.record import Failure, Manifest, OutputRecord
from daicho.runtime import activate
from daicho.task.field import WATCH, Field
from daicho.task.layout import pending
from daicho.task.patience import worth_retrying
from daicho.task.run_task import CONFIG, RunTask, is_copy
from daicho.task.runtime import ProjectRuntime, Work
from daicho.task.secret import Secret
from daicho.task.source import Source
from daicho.task.task import Task, declared_outputs


@dataclass
class _Attempt:
    """One attempt at a task, and what comes of it."""

    task: luigi.Task
    assignment: Assignment
    runtime: ProjectRuntime
    extra: dict[str, str] = field(default_factory=dict)
    outputs: tuple[OutputRecord, ...] = ()
    notes: tuple[str, ...] = ()
    ended: float = 0.0
    touched: bool = False

    def run(self, ask: Callable[[], RunReference], code: CodeWatch | None, want: Want | None) -> None:
        """Run the task from its top to its end, or until it has to wait for what it yields."""
        task, family = self.task, self.task.get_task_family()
        stage.check(family, self.assignment.guards)
        guards = list(self.assignment.guards)
        working = _working(task, self.assignment, self.runtime, self.extra, guards, want)
        with working as work, active_run(ask) as use:
            try:
                with _naming_missed(task, self.assignment, self.runtime):
                    _body(task, code, self.extra, work.yields)
            finally:
                self.touched = use.touched
        self.ended = time.time()
        stage.check(family, guards)
        if isinstance(task, Task):
            self.outputs = _collected(task, self.assignment)
            read = undeclared(work.reads, replace(self.assignment, guards=tuple(guards)))
            self.notes = notes_of(type(task), read)


def execute(
    task: luigi.Task,
    assignment: Assignment,
    runtime: ProjectRuntime,
    ask: Callable[[], RunReference],
    code: CodeWatch | None = None,
    want: Want | None = None,
) -> tuple[Done, BaseException | None]:
    """Run a task and put its manifest on disk.

    Args:
        task: The task.
        assignment: Where its files are, and what it may read.
        runtime: The project; its `work` is this task for as long as it runs.
        ask: Gives the MLflow run that the task logs to; called only if it logs.
        code: The user's code in this process; None if what runs of it is not to be noted.
        want: Asks for tasks that it yields; None if it must not yield any.

    Returns:
        How it went, and what was raised, if anything was. In the manifest that is `interrupted` for KeyboardInterrupt
        (a signal to stop), `failed` for all else. If it is suspended there is no manifest on disk.
    """
    folder = Path(assignment.stage)
    folder.mkdir(parents=True, exist_ok=True)
    attempt = _Attempt(task, assignment, runtime)
    problem: Failure | None = None
    raised: BaseException | None = None
    outcome, started = "ran", time.time()
    try:
        attempt.run(ask, code, want)
    except Suspended:
        return Done(Manifest(task.task_id, outcome, started, time.time()), suspended=True), None
    except BaseException as error:  # noqa: BLE001  # a task may raise anything, and its end must be told
        attempt.ended = time.time()
        outcome = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        problem = failure.of_exception(error, runtime.root)
        raised = error
    problem = without_secrets(task, problem, Path(assignment.log))
    manifest = Manifest(
        task.task_id, outcome, started, attempt.ended, attempt.outputs, attempt.extra, problem, attempt.notes
    )
    stage.write_manifest(manifest, folder.parent)
    return Done(manifest, attempt.touched), raised


def announced(
    task: luigi.Task,
    assignment: Assignment,
    runtime: ProjectRuntime,
    ask: Callable[[], RunReference],
    code: CodeWatch | None = None,
    look: Callable[[BaseException], None] | None = None,
    want: Want | None = None,
) -> Done:
    """Run a task as `execute` does, with Luigi's events and hooks around it, as its own worker would give them."""
    task.trigger_event(luigi.Event.START, task)
    done, raised = execute(task, assignment, runtime, ask, code, want)
    if done.suspended:
        return done
    if raised is None:
        try:
            task.on_success()
        except Exception as error:  # noqa: BLE001  # a hook of the user's may raise anything
            return _failed_after(done, assignment, failure.of_exception(error, runtime.root))
        task.trigger_event(luigi.Event.SUCCESS, task)
        return done
    if isinstance(raised, Exception):
        if look is not None:
            look(raised)
        _told(task, raised)
    return replace(done, retryable=worth_retrying(task, raised))


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


def _body(task: luigi.Task, code: CodeWatch | None, extra: dict[str, str], yields: Yields) -> None:
    """The body, and what runs of the user's code if that is to be noted."""
    if code is None:
        _run(task, yields)
    else:
        code.run(task, lambda: _run(task, yields), extra)


def _run(task: luigi.Task, yields: Yields) -> None:
    """The body; one that leaves a plain task's targets unmade has not done its work."""
    found = task.run()
    if inspect.isgenerator(found):
        yields.drive(found)
    if not isinstance(task, Task) and luigi.task.flatten(task.output()) and not task.complete():
        raise OutputError(
            f"`{task.get_task_family()}` has run, but is not complete: a target of its `output()` is not there",
        )


@dataclass(frozen=True)
class _Working:
    """A task that is in hand: the files that it reads, and what it yields."""

    reads: Reads
    yields: Yields


@contextmanager
def _working(
    task: luigi.Task,
    assignment: Assignment,
    runtime: ProjectRuntime,
    extra: dict[str, str],
    guards: list[Guard],
    want: Want | None,
) -> Iterator[_Working]:
    """Make the task the one in hand, and watch what it reads: parameters of what it depends on, and files."""
    inputs = {each: Path(path) for each, path in assignment.inputs.items()}
    roles = dict(assignment.roles)

    def note(other: luigi.Task, name: str) -> None:
        if runtime.work is None or isinstance(vars(other).get(name), Secret):
            return
        if name != CONFIG and isinstance(vars(other)[name], Source):
            raise InputError(
                f"`{task.get_task_family()}` reads `{other.get_task_family()}.{name}`, a source of another task",
                hints=(f"declare it: `{name}: Source = source({str(vars(other)[name])!r})`",),
            )
        extra[observed.parameter(roles[other.task_id], name)] = observed.value_of(other, name)

    def watch(other: luigi.Task) -> None:
        vars(other)[WATCH] = note
        watched.append(other)

    folders = {family: Path(path) for family, path in assignment.folders.items()}
    with activate(runtime):
        watched = list(_readable(task, assignment.roles))
        for each in watched:
            extra.update(_unseen(each, assignment.roles[each.task_id]))
            vars(each)[WATCH] = note
        declared_outputs(task)  # said before it is watched, like those of what it reads
        copies = _copies(task, watched)
        if copies:
            vars(task)[WATCH] = lambda _, name: note(copies[name], name) if name in copies else None
        runtime.work = Work(task, Path(assignment.stage), inputs, folders)
        yields = Yields(task, runtime, want, inputs, roles, guards, watch, extra)
        try:
            with noting(runtime.root) as reads:
                yield _Working(reads, yields)
        finally:
            runtime.work = None
            for each in (task, *watched):
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
                if not (declared_outputs(needed) if isinstance(needed, Task) else needed.output()):
                    waiting.append(needed)


def _copies(task: luigi.Task, needed: Iterable[luigi.Task]) -> dict[str, luigi.Task]:
    """Parameters that `@requires` has copied and that are in no key of this task: reading one reads its giver's."""
    if not isinstance(task, RunTask):
        return {}
    return {
        name: each
        for each in needed
        for name, parameter in task.get_params()
        if is_copy(task, parameter) and name in vars(each) and not isinstance(vars(each)[name], Source)
    }


@contextmanager
def _naming_missed(task: luigi.Task, assignment: Assignment, runtime: ProjectRuntime) -> Iterator[None]:
    """A file that is not there: of another task's folder it can only be one that is not among the inputs."""
    folders = {family: Path(path) for family, path in assignment.folders.items()}
    try:
        yield
    except FileNotFoundError as error:
        found = view.missed(
            task.get_task_family(),
            error,
            folders,
            pending(runtime.root),
            by_path=isinstance(task, RunTask),
        )
        if found is not None:
            raise found from error
        raise


def _collected(task: Task, assignment: Assignment) -> tuple[OutputRecord, ...]:
    """What the task has saved, where it had to, and nowhere else."""
    family = task.get_task_family()
    view.check(family, map(Path, assignment.folders.values()))
    named_by = "build_input_output_path_dicts()" if isinstance(task, RunTask) else None
    return stage.collect(family, Path(assignment.stage), declared_outputs(task), named_by)


def _unseen(other: luigi.Task, role: str) -> dict[str, str]:
    """Parameters of Luigi's own classes: reading them is not seen, so they count as read."""
    return {
        observed.parameter(role, name): observed.value_of(other, name)
        for name, parameter in other.get_params()
        if parameter.significant and not isinstance(parameter, Field)
    }
