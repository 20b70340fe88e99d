"""What a person calls a result: a run's name or id, one task in it, a task, a file, a digest; and which run that is."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from daicho import digest
from daicho._nearest import nearest
from daicho.errors import NotFoundError, SourceError
from daicho.ledger import _marks as marks
from daicho.ledger import history
from daicho.ledger._launches import Launch
from daicho.ledger.ledger import Ledger
from daicho.record import Record

_ID = re.compile(r"[0-9a-f]{6,32}")
_DIGEST = re.compile(r"[0-9a-f]{12,64}")
_SHOWN = 5


@dataclass(frozen=True)
class Named:
    """What was meant: a pipeline run, or one task's run.

    Attributes:
        pipeline: The pipeline run; None where a task's run was named by itself.
        record: The task's run, as a light record; None where the whole pipeline run was meant.
        output: The output whose bytes were named, by its attribute.
    """

    pipeline: Launch | None = None
    record: Record | None = None
    output: str | None = None


Tasks = Callable[[], Iterable[str]]


def find(ledger: Ledger, what: str, *, here: Path | None = None, tasks: Tasks = tuple) -> Named:
    """The run that a text names.

    Args:
        ledger: Where to look.
        what: A pipeline run's name, the second half of it, or its id; `RUN/Task` for one task in it, reused or not;
            a task run's id; a task's name for its newest result, or else its newest attempt; a file or folder for
            the run that wrote what is in it; a digest. Of ids and digests the first digits will do, as long as they
            fit one alone.
        here: The folder that paths are relative to; None where no file is meant.
        tasks: Gives the names of the tasks that there are, for a hint.

    Raises:
        NotFoundError: If nothing of that name is recorded, or more than one thing.
        StoreError: If the store cannot be asked.
    """
    path = here / what if here is not None else None
    if path is not None and path.exists() and (os.sep in what or "." in what):
        found = _of_file(ledger, path)
        if found is not None:
            return found
    run, slash, task = what.partition("/")
    named = _of_run(ledger, run, task) or (None if slash else _of_task(ledger, what))
    if named is not None:
        return named
    if path is not None and path.exists():
        raise _unwritten(ledger, path, what)
    if _DIGEST.fullmatch(what) and (by_digest := _of_digest(ledger, what)):
        return by_digest
    if _ID.fullmatch(run):
        raise _not_ours(ledger, run)
    raise NotFoundError(
        f"nothing is recorded under `{what}`: no run of that name or id, no result of such a task, no such file",
        hints=(*nearest(what, tasks()), "daicho log lists the runs"),
    )


def run_of(found: Named) -> tuple[str, str]:
    """The run that was meant, by its id and by a person's name for it."""
    if found.record is not None:
        run = (
            found.pipeline.name.rpartition(" ")[2]
            if found.pipeline is not None
            else str(found.record.run_id)[:8]
        )
        return str(found.record.run_id), f"{found.record.task} of {run}"
    assert found.pipeline is not None
    return found.pipeline.run_id, found.pipeline.name


def only_one(runs: Iterable[Record], several: str) -> Record:
    """The one of these.

    Raises:
        NotFoundError: If there are several; the message says what they are.
    """
    first, *others = runs
    if others:
        shown = ", ".join(str(record.run_id)[:12] for record in (first, *others[: _SHOWN - 1]))
        raise NotFoundError(several, hints=(f"give the run's id, or more of it: {shown}",))
    return first


def in_run(ledger: Ledger, launch: Launch, task: str) -> Record:
    """One task of a pipeline run, by its family or its run's id, reused or not: a light record.

    Raises:
        NotFoundError: If there is none, or several.
    """
    listed = history.members(ledger, launch)
    ran = ledger.tasks_of(launch.run_id)  # attempts that failed and were made again are here alone
    fits = [member for member in listed if task in (member.task, member.run_id)]
    found = {member.run_id: ledger.run(member.run_id) for member in fits if member.run_id}
    records = [record for record in found.values() if record is not None]
    records = records or [record for record in ran if task in (record.task, record.run_id)][-1:]
    if not records:
        states = sorted({member.outcome for member in fits})
        raise NotFoundError(
            f"`{task}` has no run in `{launch.name}`: {', '.join(states)}"
            if states
            else f"no task `{task}` was in `{launch.name}`",
            hints=() if states else nearest(task, (member.task for member in listed)),
        )
    return only_one(records, f"several `{task}` were in `{launch.name}`")


def _of_run(ledger: Ledger, run: str, task: str) -> Named | None:
    pipeline = ledger.pipeline(run)
    if pipeline is not None:
        return Named(pipeline, in_run(ledger, pipeline, task) if task else None)
    if task or not _ID.fullmatch(run):
        return None
    runs = [record for record in ledger._tasks(ledger._like("run_id", f"{run}%")) if record.task]
    return Named(record=only_one(runs, f"several task runs begin with `{run}`")) if runs else None


def _of_task(ledger: Ledger, task: str) -> Named | None:
    found = ledger.newest(task, limit=1) or ledger.attempts(task, limit=1)
    return Named(record=found[0]) if found else None


def _of_digest(ledger: Ledger, what: str) -> Named | None:
    wrote = history.writers(ledger, what)
    whole = {output.digest for record in wrote for output in record.outputs if output.digest.startswith(what)}
    if len(whole) > 1:
        raise NotFoundError(
            f"several digests begin with `{what}`",
            hints=("give more of it: " + ", ".join(sorted(each[:20] for each in whole)[:_SHOWN]),),
        )
    if wrote:
        return _wrote(wrote[0], whole.pop())
    keyed = history.of_key(ledger, what)
    return Named(record=keyed[0]) if len({record.key for record in keyed}) == 1 else None


def _of_file(ledger: Ledger, path: Path) -> Named | None:
    content = _content(path)
    wrote = history.writers(ledger, content)
    # Several may have written the same: the newest, but rather one that called it so.
    called = [each for each in wrote if any(path.name == Path(output.name).name for output in each.outputs)]
    return _wrote((called or wrote)[0], content) if wrote else None


def _wrote(record: Record, content: str) -> Named:
    role = next(output.role for output in record.outputs if output.digest == content)
    return Named(record=record, output=role)


def _content(path: Path) -> str:
    try:
        if path.is_dir():
            return digest.of_names({name: digest.of_file(file) for name, file in digest.walk(path)})
        return digest.of_file(path)
    except (OSError, SourceError) as error:
        raise NotFoundError(f"`{path}` cannot be read: {error.strerror or error}") from error


def _unwritten(ledger: Ledger, path: Path, what: str) -> NotFoundError:
    content = _content(path)
    read = history.readers(ledger, content)
    where = f"it is a source, read by `{read[0].task}` in run {str(read[0].run_id)[:12]}" if read else ""
    changed = "perhaps it was changed since; daicho show TASK names what a task wrote"
    return NotFoundError(
        f"no run wrote what is in `{what}` (sha256 {content[:12]})", hints=(where or changed,)
    )


def _not_ours(ledger: Ledger, run: str) -> NotFoundError:
    """What an id is that names no run of this project."""
    rows = ledger._like("run_id", f"{run}%", everywhere=True)
    row = rows[0] if rows else None
    if row is None:
        return NotFoundError(
            f"there is no run `{run}` in `{ledger.store}`", hints=("daicho log lists the runs",)
        )
    if marks.TASK not in row.tags and marks.TARGET not in row.tags:
        return NotFoundError(
            f"run {row.run_id} is none of daicho's: it was logged to MLflow by something else",
            hints=("daicho ui shows it in MLflow's page",),
        )
    project = ledger.project_of(row.experiment_id)
    return NotFoundError(
        f"run {row.run_id} belongs to the project `{project or 'of another store'}`",
        hints=('to count its results here: [daicho] share = ["…"]',),
    )
