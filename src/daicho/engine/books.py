"""The conversation with the recorder: what is asked of it, in which order, and what it has answered.

A task's record names the runs that it read from, so it is sent only when these are known; the order of requests is
the order in which tasks finished, so no record comes before those that it stands on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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


@dataclass
class Books:
    """What the recorder has been asked and has answered so far.

    Attributes:
        recorder: The recorder's process.
        pipeline: The pipeline run's id, once there is one.
        runs: The run of each task that was begun.
        records: The record of each task that is in the ledger.
        metrics: What each recorded task logged.
        refused: What could not be recorded, and why.
        error: What made the recorder useless, if anything did.
        closed: What the pipeline run's metrics are, once it is complete.
        abandoned: Whether a person would not wait for the recorder.
        news: Tasks that were recorded since this was last looked at: whoever looks takes them out.
    """

    recorder: Recorder
    pipeline: str | None = None
    experiment_id: str = ""
    runs: dict[str, str] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    metrics: dict[str, Mapping[str, float]] = field(default_factory=dict)
    refused: dict[str, DaichoError] = field(default_factory=dict)
    error: DaichoError | None = None
    closed: Mapping[str, float] | None = None
    abandoned: bool = False
    news: deque[str] = field(default_factory=deque)
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
        """A task starts."""
        self._begun.add(request.task_id)
        self.ask(request)

    def publish(self, task_id: str, reads: frozenset[str], request: Callable[[], Publish]) -> None:
        """A task has run to its end; `reads` are tasks of this launch whose runs its record names."""
        if self.error is not None:
            return
        self._open.add(task_id)
        self._finished.append((reads, request))
        self._flush()

    def end(self, task_id: str, status: str, failure: Failure | None, log: str | None) -> None:
        """A task did not run to its end; one that never began has no run to end."""
        if task_id not in self._begun:
            return
        self._open.add(task_id)
        self.ask(EndTask(task_id, status, failure, log))
        if self.error is not None:
            self._open.discard(task_id)

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
        """Take one answer, waiting for it, unless a person asks to stop: then the recorder is given up.

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
            case TaskBegun(task_id=task_id, run_id=run_id):
                self.runs[task_id] = run_id
                self._flush()
            case Recorded(record=record, metrics=metrics):
                self.records[record.task_id], self.metrics[record.task_id] = record, metrics
                self._open.discard(record.task_id)
                self.news.append(record.task_id)
            case TaskEnded(task_id=task_id):
                self._open.discard(task_id)
            case PipelineClosed(metrics=metrics):
                self.closed = metrics
            case Refused():
                self._refuse(answer.error, answer.task_id)

    def _answered(self, stop: Stop) -> bool:
        waitable: list[Any] = [self.recorder.connection, stop]
        if self.recorder.connection in wait(waitable):
            return True
        stop.take()
        self.abandoned = True
        self.recorder.kill()
        self._lost(StoreError("stopped before all was recorded"))
        return False

    def _refuse(self, error: DaichoError, task_id: str | None) -> None:
        if task_id is None:
            self.error = self.error or error
            self._open.clear()
            return
        self.refused[task_id] = error
        self._open.discard(task_id)
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
            self.ask(request())
