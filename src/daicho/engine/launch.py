"""One launch: a plan carried out. Turns come from Luigi's worker, decisions from the planner, ends from an executor.

What happens is told to observers; what is finished goes to the recorder at once, while the next task runs.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from daicho import events
from daicho.engine.assigning import Assigner
from daicho.engine.assignment import Done, RunGiven, RunWanted
from daicho.engine.books import Books
from daicho.engine.executor import Died, Executor, Happening
from daicho.engine.outbox import set_aside, settled, write_draft
from daicho.engine.records import complete, draft_of
from daicho.engine.results import TaskResult
from daicho.engine.stop import Stop
from daicho.engine.worker import Worker
from daicho.errors import DaichoError, InputError
from daicho.ledger import BeginTask, Publish
from daicho.plan.plan import Decision
from daicho.plan.planner import Planner
from daicho.record import Failure, Manifest
from daicho.runtime import Runtime, activate
from daicho.task import plain

_TICK = 0.2  # seconds between looks at what running tasks print


class Interrupted(BaseException):
    """A person asked to stop; raised only where the launch is between two steps."""


@dataclass
class Launch:
    """The state of one launch.

    Attributes:
        planner: What is decided, and decides what could not be yet.
        assigner: Where all files are.
        executor: What runs tasks.
        books: The recorder's end of it.
        runtime: What tasks reach in this process.
        stop: Whether to stop.
        provenance: Where results of this launch come from.
        tags: Tags that each task's run gets.
        observers: Who is told.
        stop_at_first: Whether the first failure stops the rest.
    """

    planner: Planner
    assigner: Assigner
    executor: Executor
    books: Books
    runtime: Runtime
    stop: Stop
    provenance: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    observers: Sequence[events.Observer] = ()
    stop_at_first: bool = False
    results: dict[str, TaskResult] = field(default_factory=dict)
    interrupted: bool = False
    _ready: deque[tuple[str, bool]] = field(default_factory=deque)
    _running: dict[str, Decision] = field(default_factory=dict)
    _wanted: set[str] = field(default_factory=set)
    _read: dict[str, int] = field(default_factory=dict)
    _worker: Worker | None = None

    def run(self) -> None:
        """Carry the plan out, and wait until all records are written."""
        graph = self.planner.graph
        with activate(self.runtime):
            self._worker = Worker(self, self.executor.size)
            try:
                for target in graph.targets:
                    self._worker.add(graph.nodes[target].task)
                self._worker.run()
            except Interrupted:
                self._cancel()
            finally:
                self.executor.close()
            self._tell_not_started()
            self._write_last()

    def turn(self, task_id: str) -> None:
        """A task's turn has come."""
        node = self.planner.graph.nodes[task_id]
        if node.kind == "plain" and plain.external(node.task):
            sentence = f"`{node.family}` stands for data that is made elsewhere, and it is not there"
            self._failed(task_id, "failed", 0.0, Failure("missing", sentence))
            return
        try:
            decision = self.planner.turn(task_id)
            if decision.verdict == "reuse":
                self._reused(task_id, decision)
                return
            assignment = self.assigner.assign(task_id)
        except DaichoError as error:
            self._running[task_id] = self.planner.decisions[task_id]
            self._failed(task_id, "failed", 0.0, Failure(error.code, error.message, hints=error.hints))
            return
        self._running[task_id] = decision
        if node.kind == "task":
            draft = draft_of(self.planner, task_id, decision, self.provenance)
            write_draft(draft, self.assigner.task_folder(task_id))
            self.books.begin(
                BeginTask(task_id, node.family, decision.key, self._label(task_id), self.tags, time.time())
            )
        self._tell(events.TaskStarted(task_id, self._label(task_id), _line(decision)))
        try:
            self.executor.submit(node.task, assignment)
        except DaichoError as error:  # it cannot be sent to another process
            self._failed(task_id, "failed", 0.0, Failure(error.code, error.message, hints=error.hints))

    def next_result(self) -> tuple[str, bool]:
        """Wait for the next task to end."""
        while not self._ready:
            self._step()
            if self.stop.requested:
                raise Interrupted
        return self._ready.popleft()

    def run_of(self, task_id: str) -> RunGiven:
        """A task's MLflow run, waiting for the recorder; empty texts if there can be none."""
        while task_id not in self.books.runs:
            if self.books.error is not None or task_id in self.books.refused:
                return RunGiven("", "")
            self.books.read()
        return RunGiven(self.books.runs[task_id], self.books.experiment_id)

    def _step(self) -> None:
        """Wait a moment for anything to happen, and see to it."""
        waitable: list[Any] = [*self.executor.connections(), self.stop]
        if self.books.error is None:
            waitable.append(self.books.recorder.connection)
        ready = wait(waitable, timeout=0 if self._ready else _TICK)
        for happening in self.executor.happened(ready):
            self._happened(happening)
        if self.books.error is None and self.books.recorder.connection in ready:
            self.books.read()
        self._tell_recorded()
        for task_id in [each for each in self._wanted if self._answerable(each)]:
            self._wanted.discard(task_id)
            self.executor.give_run(task_id, self.run_of(task_id))
        for task_id in self._running:
            self._tell_printed(task_id)

    def _answerable(self, task_id: str) -> bool:
        books = self.books
        return task_id in books.runs or task_id in books.refused or books.error is not None

    def _happened(self, happening: Happening) -> None:
        match happening:
            case RunWanted(task_id=task_id):
                self._wanted.add(task_id)
            case Died(task_id=task_id, how=how):
                outcome = "interrupted" if self.interrupted else "failed"
                self._failed(task_id, outcome, 0.0, Failure("worker-died", how))
            case Done(manifest=manifest):
                self._ended(manifest)

    def _ended(self, manifest: Manifest) -> None:
        task_id = manifest.task_id
        self._tell_printed(task_id, last=True)
        seconds = manifest.ended - manifest.started
        if manifest.outcome != "ran":
            failure = manifest.failure or Failure("unknown", "it failed without a word")
            # A task that raises KeyboardInterrupt by itself has failed: nobody asked it to stop.
            outcome = manifest.outcome if self.stop.requested else "failed"
            self._failed(task_id, outcome, seconds, failure)
            return
        decision = self._running.pop(task_id)
        self.planner.finished(task_id, manifest.outputs)
        if self.planner.graph.nodes[task_id].kind == "task":
            self.assigner.stage(task_id, manifest.outputs)
            self._publish(task_id, decision, manifest)
        self._tell_notes(task_id, manifest.notes)
        self.results[task_id] = TaskResult(
            "ran", decision.reasons, decision.key, seconds, outputs=manifest.outputs, notes=manifest.notes
        )
        self._tell(events.TaskFinished(task_id, self._label(task_id), seconds, _line(decision)))
        self._ready.append((task_id, True))

    def _publish(self, task_id: str, decision: Decision, manifest: Manifest) -> None:
        folder = self.assigner.task_folder(task_id)
        reads = frozenset(node.task_id for _, node in self.planner.graph.readable(task_id))

        def request() -> Publish:
            self.planner.runs.update(self.books.runs)
            draft = draft_of(self.planner, task_id, decision, self.provenance)
            return Publish(complete(draft, manifest), str(folder / "out"), str(folder / "log.txt"))

        self.books.publish(task_id, reads, request)

    def _reused(self, task_id: str, decision: Decision) -> None:
        self.results[task_id] = TaskResult(
            "reused", decision.reasons, decision.key, record=decision.record, outputs=decision.outputs
        )
        if self.planner.graph.nodes[task_id].kind != "wrapper":
            run_id = decision.record.run_id if decision.record is not None else None
            self._tell(events.TaskReused(task_id, self._label(task_id), run_id))
        self._ready.append((task_id, True))

    def _failed(self, task_id: str, outcome: str, seconds: float, failure: Failure) -> None:
        decision = self._running.pop(task_id, None)
        folder = self.assigner.task_folder(task_id)
        kept = set_aside(folder) if failure.error == InputError.code else None
        if kept is not None:
            failure = replace(failure, hints=(*failure.hints, f"what it saved is kept in `{kept}`"))
        log = _text(folder / "log.txt")
        status = "KILLED" if outcome == "interrupted" else "FAILED"
        self.books.end(task_id, status, failure, str(folder / "log.txt"))
        self.results[task_id] = TaskResult(
            "interrupted" if outcome == "interrupted" else "failed",
            decision.reasons if decision is not None else (),
            decision.key if decision is not None else None,
            seconds,
            failure=failure,
            log=log,
        )
        self._tell(events.TaskFailed(task_id, self._label(task_id), seconds, outcome, failure, log))
        self._ready.append((task_id, False))
        if self.stop_at_first and self._worker is not None:
            self._worker.stop_starting()

    def _cancel(self) -> None:
        """End what runs; each task tells how it ended, and so does the end of its process."""
        self.interrupted = True
        self.stop.take()
        self._tell(events.Stopping(len(self._running)))
        self.executor.cancel()
        while self._running:
            self._step()

    def _tell_not_started(self) -> None:
        graph = self.planner.graph
        bad = {
            task_id for task_id, result in self.results.items() if result.outcome in ("failed", "interrupted")
        }
        for task_id, decision in self.planner.decisions.items():
            if task_id in self.results or graph.nodes[task_id].kind == "wrapper":
                continue
            if decision.verdict == "reuse":
                self.results[task_id] = TaskResult(
                    "reused", decision.reasons, decision.key, record=decision.record, outputs=decision.outputs
                )
                continue
            needs = next((edge.task_id for edge in graph.nodes[task_id].edges if edge.task_id in bad), None)
            bad.add(task_id)
            self.results[task_id] = TaskResult("not started", decision.reasons, decision.key)
            name = self._label(needs) if needs is not None else ""
            self._tell(events.TaskNotStarted(task_id, self._label(task_id), name))

    def _write_last(self) -> None:
        """Wait for the recorder, and take over what it has made of each task."""
        if self.books.waiting:
            self._tell(events.Recording(self.books.waiting))
        while self.books.waiting and self.books.error is None:
            self.books.read(self.stop)
            self._tell_recorded()
        self._tell_recorded()
        self.interrupted = self.interrupted or self.books.abandoned
        for task_id, result in self.results.items():
            error = self.books.refused.get(task_id) or self.books.error
            unwritten = result.outcome == "ran" and task_id not in self.books.records
            plain_task = self.planner.graph.nodes[task_id].kind == "plain"
            self.results[task_id] = replace(
                result,
                record=self.books.records.get(task_id, result.record),
                metrics=self.books.metrics.get(task_id, {}),
                run_id=self.books.runs.get(task_id),
                waits=error.message if unwritten and error is not None and not plain_task else None,
            )

    def _tell_notes(self, task_id: str, notes: Sequence[str]) -> None:
        """What was noted while a task ran, once, however many tasks of a family it holds for."""
        known = {note for result in self.results.values() for note in result.notes}
        for note in notes:
            if note not in known:
                self._tell(events.TaskNoted(task_id, self._label(task_id), note))

    def _tell_recorded(self) -> None:
        """What was recorded since the last look need not be recorded by the next launch, and is told."""
        while self.books.news:
            task_id = self.books.news.popleft()
            settled(self.assigner.task_folder(task_id))
            metrics = self.books.metrics[task_id]
            run_id = self.books.runs.get(task_id, "")
            self._tell(events.TaskRecorded(task_id, self._label(task_id), run_id, metrics))

    def _tell_printed(self, task_id: str, *, last: bool = False) -> None:
        """What a task has printed since the last look, as whole lines; at the last look, whatever there is."""
        log = self.assigner.task_folder(task_id) / "log.txt"
        seen = self._read.get(task_id, 0)
        try:
            with log.open("rb") as file:
                file.seek(seen)
                text, newline, rest = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return
        self._read[task_id] = seen + len(text) + len(newline)
        if last and rest:
            text = text + newline + rest
        if newline or (last and rest):
            shown = text.decode("utf-8", "replace")
            self._tell(events.TaskPrinted(task_id, self._label(task_id), shown))

    def _label(self, task_id: str) -> str:
        return self.planner.graph.label(task_id)

    def _tell(self, event: events.Event) -> None:
        for observer in self.observers:
            observer(event)


def _line(decision: Decision) -> str:
    return "; ".join(reason.text for reason in decision.reasons)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
