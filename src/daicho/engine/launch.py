"""One launch: a plan carried out. Turns come from Luigi's worker, decisions from the planner, ends from an executor.

What happens is told to observers; what is finished goes to the recorder at once, while the next task runs.
"""

from __future__ import annotations

import queue
import shutil
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from typing import Any

from daicho import events
from daicho.engine import ending
from daicho.engine.assigning import Assigner
from daicho.engine.assignment import Done, Entered, Progress, RunGiven, RunWanted
from daicho.engine.attempts import Attempts
from daicho.engine.books import Books
from daicho.engine.claims import Claims
from daicho.engine.executor import Died, Executor, Happening, TimedOut
from daicho.engine.outbox import set_aside, settled, write_draft
from daicho.engine.records import complete, draft_of
from daicho.engine.results import Attempt, Outcome, TaskResult
from daicho.engine.stop import Stop
from daicho.engine.telling import Teller, reason
from daicho.engine.worker import Worker
from daicho.engine.yielded import Yielded
from daicho.errors import DaichoError, InputError
from daicho.ledger import BeginTask, Publish
from daicho.plan.plan import Decision
from daicho.plan.planner import Planner
from daicho.record import Failure, Manifest
from daicho.runtime import Runtime, activate
from daicho.task import plain
from daicho.task.patience import patience_of, worth_retrying

_TICK = 0.2  # seconds between looks at what running tasks print


@dataclass
class Launch:
    """The state of one launch.

    Attributes:
        planner: What is decided, and decides what could not be yet.
        assigner: Where all files are.
        executor: What runs tasks.
        books: The recorder's end of it.
        claims: What other launches of this machine must not compute at the same time.
        runtime: What tasks reach in this process.
        stop: Whether to stop.
        teller: Tells observers.
        provenance: Where results of this launch come from.
        tags: Tags that each task's run gets.
        resources: How much there is of what tasks share.
        stop_at_first: Whether the first failure stops the rest.
    """

    planner: Planner
    assigner: Assigner
    executor: Executor
    books: Books
    claims: Claims
    runtime: Runtime
    stop: Stop
    teller: Teller
    provenance: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, int] = field(default_factory=dict)
    stop_at_first: bool = False
    results: dict[str, TaskResult] = field(default_factory=dict)
    interrupted: bool = False
    _ready: deque[tuple[str, bool | None]] = field(default_factory=deque)
    _running: dict[str, Decision] = field(default_factory=dict)
    _attempts: Attempts = field(default_factory=Attempts)
    _since: dict[str, float] = field(default_factory=dict)
    _finishing: bool = False
    _looked: float = 0.0
    _worker: Worker | None = None

    def __post_init__(self) -> None:
        """What tasks yield joins the same plan."""
        self.yielded = Yielded(self.planner, self.assigner, self.teller, self._taken, self.resources)

    def run(self) -> None:
        """Carry the plan out, and wait until all records are written."""
        with activate(self.runtime):
            worker = self._worker = Worker(self, self.executor.size, self.resources)
            self.executor.listen(self.yielded.answer)
            try:
                for target in self.planner.graph.targets:
                    worker.add(self.planner.graph.nodes[target].task)
                self._heed()
                worker.run()
            except ending.Interrupted:
                self._cancel()
            finally:
                self.executor.close()
            self._give_up()
            left = ending.not_started(self.planner, self.results, self.teller)
            self.interrupted = self.interrupted or (self._finishing and left)
            self._write_last()
            self.claims.close()

    # ------------------------------------------------------------------------------ what Luigi's worker asks

    def turn(self, task_id: str) -> None:
        """A task's turn has come."""
        node = self.planner.graph.nodes[task_id]
        if node.kind == "plain" and plain.external(node.task):
            self._failed(task_id, "failed", 0.0, ending.not_there(node))
            return
        try:
            decision = self._decided(task_id)
            if decision is None:
                note = self.claims.note(task_id)
                self.teller.notes(task_id, [note] if note else [])
                self._ready.append((task_id, None))
                return
            if decision.verdict == "reuse":
                self._taken(task_id)
                self._ready.append((task_id, True))
                return
            if decision.verdict == "undecided":
                self._wait(task_id, begun=False)
                return
            goes_on = self.yielded.goes_on(task_id)
            if not goes_on:
                self._attempts.begin(task_id, patience_of(node.task))
            assignment = self.assigner.assign(task_id)
            if node.kind == "task":
                draft = draft_of(self.planner, task_id, decision, self.provenance)
                write_draft(draft, self.assigner.task_folder(task_id))
        except DaichoError as error:
            self._running[task_id] = self.planner.decisions[task_id]
            self._failed(task_id, "failed", 0.0, ending.refused(error))
            return
        self._running[task_id] = decision
        if node.kind == "task" and not goes_on:
            self._begin(task_id, decision)
        self._since[task_id] = time.monotonic()
        number, most = self._attempts.number(task_id), self._attempts.most(task_id)
        self.teller.started(task_id, decision, number, most)
        try:
            self.executor.submit(node.task, replace(assignment, timeout=self._attempts.timeout(task_id)))
        except DaichoError as error:  # it cannot be sent to another process
            self._failed(task_id, "failed", 0.0, ending.refused(error))

    def next_result(self) -> tuple[str, bool | None]:
        """Wait for the next task to end."""
        self._heed()
        while not self._ready:
            if self._wake():
                raise queue.Empty
            self._step()
            self._heed()
        return self._ready.popleft()

    def resting(self) -> bool:
        """Whether tasks wait for another attempt, or for what another launch computes."""
        return self.yielded.any_ready or self._attempts.next is not None or self.claims.waiting

    def rest(self) -> None:
        """Nothing runs: wait until one of those that rest is ready for its turn."""
        while self.resting() and not self._wake():
            self._step()
            self._heed()

    # ------------------------------------------------------------------------------ what happens

    def _decided(self, task_id: str) -> Decision | None:
        """The decision now; None if another launch computes the task. Between attempts it stays ours."""
        return self.planner.turn(task_id) if self._attempts.number(task_id) else self.claims.turn(task_id)

    def _begin(self, task_id: str, decision: Decision) -> None:
        node, number = self.planner.graph.nodes[task_id], self._attempts.number(task_id)
        tags = self.tags if number == 1 else {**self.tags, "daicho.attempt": str(number)}
        label = self.teller.label(task_id)
        self.books.begin(BeginTask(task_id, node.family, decision.key, label, tags, time.time()))

    def _step(self) -> None:
        """Wait a moment for anything to happen, and see to it."""
        waitable: list[Any] = [*self.executor.connections(), self.stop]
        if self.books.error is None:
            waitable.append(self.books.recorder.connection)
        ready = wait(waitable, timeout=_TICK if self.executor.idle() and not self._ready else 0)
        for happening in self.executor.happened(ready):
            self._happened(happening)
        if self.books.error is None and self.books.recorder.connection in ready:
            self.books.read()
        self._tell_recorded()
        for task_id, run_id, experiment_id in self.books.answers():
            self.executor.give_run(task_id, RunGiven(run_id, experiment_id))
        if time.monotonic() - self._looked >= _TICK:
            self._looked = time.monotonic()
            for task_id in self._running:
                self.teller.printed(task_id)

    def _wake(self) -> bool:
        """Have those that rested get another turn; whether there were any. Luigi must know that they rest."""
        assert self._worker is not None
        woken = [*self._attempts.due(time.monotonic()), *self.claims.freed(), *self.yielded.ready()]
        for task_id in woken:
            self._worker.again(task_id)
        return bool(woken)

    def _happened(self, happening: Happening) -> None:
        match happening:
            case RunWanted(task_id=task_id):
                self.books.wanted.add(task_id)
            case Entered(task_id=task_id, phase=phase):
                if phase == "hashing":  # what it waited for before, imports say, is not its time
                    self._since[task_id] = time.monotonic()
                self.teller.tell(events.TaskPhase(task_id, self.teller.label(task_id), phase))
            case Progress(task_id=task_id, done=done, total=total):
                self.teller.tell(events.TaskProgress(task_id, self.teller.label(task_id), done, total))
            case Died(task_id=task_id, how=how):
                outcome: Outcome = "interrupted" if self.interrupted else "failed"
                self._fell(task_id, outcome, Failure("worker-died", how), ChildProcessError())
            case TimedOut(task_id=task_id):
                self._fell(
                    task_id, "timed out", ending.too_slow(self._attempts.timeout(task_id)), TimeoutError()
                )
            case Done(manifest=manifest, suspended=True):
                self._suspended(manifest.task_id)
            case Done(manifest=manifest, retryable=retryable):
                self._ended(manifest, retryable=retryable)

    def _fell(self, task_id: str, outcome: Outcome, failure: Failure, error: Exception) -> None:
        """A task was ended from outside."""
        task = self.planner.graph.nodes[task_id].task
        seconds = time.monotonic() - self._since[task_id]
        self.teller.printed(task_id, last=True)
        self._failed(task_id, outcome, seconds, failure, retryable=worth_retrying(task, error))

    def _ended(self, manifest: Manifest, *, retryable: bool) -> None:
        task_id = manifest.task_id
        self.teller.printed(task_id, last=True)
        seconds = manifest.ended - manifest.started
        if manifest.outcome != "ran":
            failure = manifest.failure or Failure("unknown", "it failed without a word")
            # A task that raises KeyboardInterrupt by itself has failed: nobody asked it to stop.
            interrupted = manifest.outcome == "interrupted" and self.stop.ending
            outcome: Outcome = "interrupted" if interrupted else "failed"
            self._failed(task_id, outcome, seconds, failure, retryable=retryable)
            return
        decision = self._running.pop(task_id)
        self._attempts.end(task_id, Attempt("ran", seconds))
        self.planner.finished(task_id, manifest.outputs)
        if self.planner.graph.nodes[task_id].kind == "task":
            self.assigner.stage(task_id, manifest.outputs)
            self._publish(task_id, decision, manifest)
        self.teller.notes(task_id, manifest.notes)
        self.results[task_id] = ending.ran(decision, manifest)
        label = self.teller.label(task_id)
        self.teller.over(task_id, events.TaskFinished(task_id, label, seconds, reason(decision)))
        self._ready.append((task_id, True))

    def _publish(self, task_id: str, decision: Decision, manifest: Manifest) -> None:
        folder, readable = self.assigner.task_folder(task_id), self.planner.graph.readable(task_id)
        reads = frozenset(node.task_id for _, node in readable)

        def request() -> Publish:
            known = {each: self.books.runs[each] for each in reads if each in self.books.runs}
            self.planner.runs.update(known)
            draft = draft_of(self.planner, task_id, decision, self.provenance)
            return Publish(complete(draft, manifest), str(folder / "out"), str(folder / "log.txt"))

        self.books.publish(task_id, reads, request)

    def _taken(self, task_id: str) -> None:
        decision = self.planner.decisions[task_id]
        self.results[task_id] = ending.taken(decision)
        if self.planner.graph.nodes[task_id].kind != "wrapper":
            run_id = decision.record.run_id if decision.record is not None else None
            self.teller.over(task_id, events.TaskReused(task_id, self.teller.label(task_id), run_id))

    def _suspended(self, task_id: str) -> None:
        """A task has yielded what is not there yet: it starts over once it is."""
        self.teller.printed(task_id, last=True)
        self._running.pop(task_id)
        shutil.rmtree(self.assigner.task_folder(task_id) / "out", ignore_errors=True)
        self._wait(task_id, begun=True)

    def _wait(self, task_id: str, *, begun: bool) -> None:
        assert self._worker is not None
        for task in self.yielded.wait(task_id, begun=begun):
            self._worker.add(task)
        self._ready.append((task_id, None))

    # ------------------------------------------------------------------------------ what goes wrong

    def _failed(
        self, task_id: str, outcome: Outcome, seconds: float, failure: Failure, *, retryable: bool = False
    ) -> None:
        """A task did not run to its end: there is another attempt, or that was all."""
        decision = self._running.pop(task_id, None)
        folder = self.assigner.task_folder(task_id)
        kept = set_aside(folder) if failure.error == InputError.code else None
        if kept is not None:
            failure = replace(failure, hints=(*failure.hints, f"what it saved is kept in `{kept}`"))
        number = self._attempts.number(task_id)
        self._attempts.end(task_id, Attempt(outcome, seconds, failure.message))
        again = retryable and not self.stop.requested and outcome != "interrupted"
        pause = self._attempts.rest(task_id, time.monotonic()) if again else None
        log = folder / "log.txt" if pause is None else ending.cleared(folder, number)
        self.books.end(task_id, "KILLED" if outcome == "interrupted" else "FAILED", failure, str(log))
        reasons, key = (decision.reasons, decision.key) if decision is not None else ((), None)
        result = self.results[task_id] = TaskResult(
            outcome, reasons, key, seconds, failure=failure, log=ending.text_of(log)
        )
        if pause is not None:
            self.teller.retried(task_id, result, number, self._attempts.most(task_id), pause)
            self._ready.append((task_id, None))
            return
        self._failed_for_good(task_id, result)
        self._ready.append((task_id, False))
        if self.stop_at_first:
            self._start_nothing()

    def _failed_for_good(self, task_id: str, result: TaskResult) -> None:
        self.claims.release(task_id)
        self.teller.failed(task_id, result, self._attempts.number(task_id), self._attempts.most(task_id))

    def _heed(self) -> None:
        """Do what a person asked for: the first time let what runs finish, the second time end it."""
        if self.stop.ending:
            raise ending.Interrupted
        if self.stop.requested and not self._finishing:
            self._finishing = True
            self.stop.take()
            self.teller.tell(events.Stopping(len(self._running), ending=False))
            self._start_nothing()

    def _start_nothing(self) -> None:
        """Start nothing more, and wait for nothing but what runs."""
        if self._worker is not None:
            self._worker.stop_starting()
        self.claims.give_up()
        for task_id in self._attempts.give_up():
            self._failed_for_good(task_id, self.results[task_id])

    def _cancel(self) -> None:
        """End what runs; each task tells how it ended, and so does the end of its process."""
        self.interrupted = True
        self.stop.take()
        self.teller.tell(events.Stopping(len(self._running)))
        self._start_nothing()
        self.executor.cancel()
        while self._running:
            self._step()

    # ------------------------------------------------------------------------------ the end

    def _give_up(self) -> None:
        """What waits for what it yields waits for ever now; the runs that it has begun must end."""
        stopped = self._finishing or self.interrupted
        for task_id, outcome, failure in self.yielded.given_up(self.results, stopped=stopped):
            self._running[task_id] = self.planner.decisions[task_id]
            self._failed(task_id, outcome, 0.0, failure)
            self.interrupted = stopped

    def _write_last(self) -> None:
        """Wait for the recorder, and take over what it has made of each task."""
        if self.books.waiting:
            self.teller.tell(events.Recording(self.books.waiting))
        while self.books.waiting and self.books.error is None:
            self.books.read(self.stop)
            self._tell_recorded()
            if self.stop.requested and not self._finishing:
                self._finishing = True
                self.teller.tell(events.Stopping(0, ending=False))
        self._tell_recorded()
        self.interrupted |= self.books.abandoned
        for task_id, result in self.results.items():
            node, ended = self.planner.graph.nodes[task_id], self._attempts.ended(task_id)
            self.results[task_id] = ending.recorded(node, result, self.books, ended)

    def _tell_recorded(self) -> None:
        """What was recorded since the last look need not be recorded by the next launch, and is told."""
        while self.books.news:
            task_id = self.books.news.popleft()
            settled(self.assigner.task_folder(task_id))
            self.claims.release(task_id, recorded=True)
            notes = self.claims.compare(
                task_id, self.books, self.assigner, self._running.keys() | self.results.keys()
            )
            self.teller.notes(task_id, notes)
            self.results[task_id] = replace(
                self.results[task_id], notes=(*self.results[task_id].notes, *notes)
            )
            run_id, metrics = self.books.runs.get(task_id, ""), self.books.metrics[task_id]
            self.teller.tell(events.TaskRecorded(task_id, self.teller.label(task_id), run_id, metrics))
        if self.books.error is not None or self.books.refused:
            self.claims.settle(self.books)
