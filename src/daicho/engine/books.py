"""The conversation with the recorder: what is asked of it, in which order, and what it has answered.

A task's record names the runs that it read from, so it is sent only when these are known; the order of requests is
the order in which tasks finished, so no record comes before those that it stands on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from typing import Any

from daicho.engine.stop import Stop
from daicho.errors import DaichoError, InternalError, StoreError
from daicho.ledger import (
    BeginTask,
    ClosePipeline,
    EndTask,
    PipelineClosed,
    PipelineOpened,
    Publish,
    Recorded,
    Recorder,
    Refused,
    TaskBegun,
    TaskEnded,
)
from daicho.ledger.active import RunReference
from daicho.record import Failure, Record

_PARTING = 10.0  # seconds that a recorder which is not waited for has to end its runs


@dataclass
class Books:
    """What the recorder has been asked and has answered so far.

    Attributes:
        recorder: The recorder's process.
        provenance: That of all records of this launch, which the recorder is told once.
        pipeline: The pipeline run's id, once there is one.
        runs: The run of each task that was begun; of several attempts that of the last.
        records: The record of each task that is in the ledger.
        metrics: What each recorded task logged.
        winners: The record of the same key that counts for everybody, where somebody else's was there earlier.
        differing: Other results of the same key, with other bytes.
        refused: What could not be recorded, and why.
        error: What made the recorder useless, if anything did.
        closed: What the pipeline run's metrics are, once it is complete.
        abandoned: Whether a person would not wait for the recorder.
        news: Tasks that were recorded since this was last looked at: whoever looks takes them out.
        wanted: Tasks that have touched MLflow and wait to be told which run is their own.
    """

    recorder: Recorder
    provenance: Mapping[str, Any] = field(default_factory=dict)
    pipeline: str | None = None
    experiment_id: str = ""
    runs: dict[str, str] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    metrics: dict[str, Mapping[str, float]] = field(default_factory=dict)
    winners: dict[str, Record] = field(default_factory=dict)
    differing: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    refused: dict[str, DaichoError] = field(default_factory=dict)
    error: DaichoError | None = None
    closed: Mapping[str, float] | None = None
    abandoned: bool = False
    news: deque[str] = field(default_factory=deque)
    wanted: set[str] = field(default_factory=set)
    _attempts: dict[str, int] = field(default_factory=dict)
    _tasks: dict[str, str] = field(default_factory=dict)
    _every: dict[str, str] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)
    _open: set[str] = field(default_factory=set)
    _finished: deque[tuple[frozenset[str], Callable[[], Publish]]] = field(default_factory=deque)

    @property
    def complete(self) -> bool:
        """Whether all that was finished is recorded, and the pipeline run is closed: nothing is needed any more."""
        return self.closed is not None and not (self._open or self._finished or self.refused or self.error)

    @property
    def waiting(self) -> int:
        """How many tasks' records are still to be written."""
        return len(self._open)

    def ask(self, request: Any) -> None:
        """Send a request as it is; what becomes of it is seen in the answers."""
        if self.error is not None:
            return
        try:
            self.recorder.send(request)
        except InternalError as error:
            self._lost(error)

    def begin(self, request: BeginTask) -> None:
        """A task starts, perhaps once more: the recorder knows each attempt by a name of its own."""
        task_id = request.task_id
        self._attempts[task_id] = self._attempts.get(task_id, 0) + 1
        self._tasks[self._name(task_id)] = task_id
        self._begun.add(task_id)
        self.runs.pop(task_id, None)
        self.refused.pop(task_id, None)
        self.ask(replace(request, task_id=self._name(task_id)))

    def run_of(self, task_id: str, attempt: int) -> str | None:
        """The run of one attempt, counted from 1."""
        return self._every.get(_named(task_id, attempt))

    def _name(self, task_id: str) -> str:
        return _named(task_id, self._attempts.get(task_id, 1))

    def publish(self, task_id: str, reads: frozenset[str], request: Callable[[], Publish]) -> None:
        """A task has run to its end; `reads` are tasks of this launch whose runs its record names."""
        if self.error is not None:
            return
        self._open.add(self._name(task_id))
        self._finished.append((reads, request))
        self._flush()

    def end(self, task_id: str, status: str, failure: Failure | None, log: str | None) -> None:
        """A task did not run to its end; one that never began has no run to end."""
        if task_id not in self._begun:
            return
        name = self._name(task_id)
        self._open.add(name)
        self.ask(EndTask(name, status, failure, log))
        if self.error is not None:
            self._open.discard(name)

    def answers(self) -> Iterator[tuple[str, str, str]]:
        """Of the tasks that have touched MLflow those whose run is known, with it; empty texts if there can be none."""
        for task_id in list(self.wanted):
            hopeless = task_id in self.refused or self.error is not None
            if task_id in self.runs or hopeless:
                self.wanted.discard(task_id)
                run_id = self.runs.get(task_id, "")
                yield task_id, run_id, self.experiment_id if run_id else ""

    def reference(self, task_id: str) -> RunReference:
        """A task's MLflow run; waits for the recorder to make it.

        Raises:
            StoreError: If there can be none.
        """
        while task_id not in self.runs:
            if self.error is not None or task_id in self.refused:
                raise StoreError("MLflow's store is away: there is no run to log to")
            self.read()
        return RunReference(self.runs[task_id], self.experiment_id)

    def close(self, request: ClosePipeline) -> None:
        """Nothing more will come: complete the pipeline run."""
        self.ask(request)

    def read(self, stop: Stop | None = None) -> None:
        """Take one answer, waiting for it, unless a person asks to stop; at the second time the recorder leaves off.

        What is finished and not recorded then waits on disk for the next launch.
        """
        if stop is not None and not self._answered(stop):
            return
        try:
            answer = self.recorder.receive()
        except InternalError as error:
            self._lost(error)
            return
        match answer:
            case PipelineOpened(run_id=run_id, experiment_id=experiment_id):
                self.pipeline, self.experiment_id = run_id, experiment_id
            case TaskBegun(task_id=name, run_id=run_id):
                self._every[name] = run_id
                task_id = self._tasks.get(name, name)
                if name == self._name(task_id):
                    self.runs[task_id] = run_id
                self._flush()
            case Recorded(record=record, metrics=metrics):
                record = record if record.provenance else replace(record, provenance=self.provenance)
                self.records[record.task_id], self.metrics[record.task_id] = record, metrics
                self._compare(answer)
                self._open.discard(self._name(record.task_id))
                self.news.append(record.task_id)
            case TaskEnded(task_id=name):
                self._open.discard(name)
            case PipelineClosed(metrics=metrics):
                self.closed = metrics
            case Refused():
                self._refuse(answer.error, answer.task_id)

    def _compare(self, recorded: Recorded) -> None:
        task_id = recorded.record.task_id
        if recorded.winner is not None:
            self.winners[task_id] = recorded.winner
        if recorded.differing:
            self.differing[task_id] = recorded.differing

    def _answered(self, stop: Stop) -> bool:
        waitable: list[Any] = [self.recorder.connection, stop]
        if self.recorder.connection in wait(waitable):
            return True
        stop.take()
        if not stop.ending:
            return False  # whoever asked once may change their mind
        self.abandoned = True
        self.recorder.abandon(_PARTING)
        self._lost(StoreError("stopped before all was recorded"))
        return False

    def _refuse(self, error: DaichoError, name: str | None) -> None:
        if name is None:
            self.error = self.error or error
            self._open.clear()
            return
        self._open.discard(name)
        task_id = self._tasks.get(name, name)
        if name == self._name(task_id):  # what is refused of an earlier attempt keeps nobody from the next
            self.refused[task_id] = error
            self._begun.discard(task_id)
        self._flush()

    def _lost(self, error: DaichoError) -> None:
        self.error = self.error or error
        self._open.clear()

    def _flush(self) -> None:
        """Send what is finished, in order, as far as the runs that it names are known (or can't be)."""
        while self._finished and not self.error:
            reads, request = self._finished[0]
            if any(task_id in self._begun and task_id not in self.runs for task_id in reads):
                return
            self._finished.popleft()
            asked = request()
            record = asked.record
            if record.provenance is self.provenance:
                record = replace(record, provenance={})
            self.ask(replace(asked, record=record, begun=self._name(record.task_id)))


def _named(task_id: str, attempt: int) -> str:
    return task_id if attempt == 1 else f"{task_id}~{attempt}"
