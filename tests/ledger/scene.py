"""A ledger and its recorder on a real store, and the few steps that tests take with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from daicho.digest import of_bytes, of_names
from daicho.ledger import (
    Answer,
    BeginTask,
    ClosePipeline,
    EndTask,
    Ledger,
    OpenPipeline,
    PipelineClosed,
    PipelineOpened,
    Publish,
    Recorded,
    Recorder,
    Request,
    Store,
    TaskBegun,
    TaskEnded,
    TaskLine,
)
from daicho.record import OutputRecord, Record, SourceRecord

PROJECT = "ships"
PATIENCE = 90.0

A = TypeVar("A", bound=Answer)
Content = bytes | Mapping[str, bytes]


def new_key() -> str:
    """A key that no other test has."""
    return of_bytes(uuid4().bytes)


@dataclass
class Scene:
    """One store, one experiment, a ledger that reads it, and a recorder that is started when it is needed."""

    root: Path
    store: Store
    experiment: str
    log: Path
    wal: bool = False
    tasks: int = 0
    _recorder: Recorder | None = field(default=None, repr=False)

    @property
    def recorder(self) -> Recorder:
        """The recorder."""
        if self._recorder is None:
            self._recorder = self.start()
        return self._recorder

    def start(self, **settings: Any) -> Recorder:
        """Another recorder on this store."""
        known = {
            "project": PROJECT,
            "experiment": self.experiment,
            "log": self.log,
            "wal": self.wal,
            "tasks": self.tasks,
        }
        return Recorder.start(self.store, **{**known, **settings})

    def stop(self) -> None:
        """End the recorder."""
        if self._recorder is not None:
            self._recorder.close(timeout=PATIENCE)
            self._recorder = None

    def ledger(self, **settings: Any) -> Ledger:
        """A ledger that has asked nothing yet."""
        known = {"project": PROJECT, "experiment": self.experiment, "cache": self.root / "cache", **settings}
        return Ledger(self.store, **known)

    def ask(self, request: Request, kind: type[A], recorder: Recorder | None = None) -> A:
        """Send a request and wait for its answer, which must be of that kind."""
        recorder = recorder or self.recorder
        recorder.send(request)
        assert recorder.connection.poll(PATIENCE), "no answer"
        answer = recorder.receive()
        assert isinstance(answer, kind), f"{answer}\n{self.log.read_text()}"
        return answer

    def open(self, name: str = "Prediction calm-harbour-41", **details: Any) -> str:
        """Open a pipeline run; its id."""
        return self.ask(OpenPipeline(name, "Prediction", **details), PipelineOpened).run_id

    def close(self, *lines: TaskLine, **details: Any) -> PipelineClosed:
        """Close the pipeline run."""
        return self.ask(ClosePipeline("FINISHED", lines, **details), PipelineClosed)

    def begin(self, record: Record, name: str = "") -> str:
        """Begin the run of a record's task; its id."""
        request = BeginTask(record.task_id, record.task, record.key, name or record.task)
        return self.ask(request, TaskBegun).run_id

    def end(self, record: Record, status: str, **details: Any) -> None:
        """End the run of a task that failed."""
        self.ask(EndTask(record.task_id, status, **details), TaskEnded)

    def draft(
        self, key: str | None = "", outputs: Mapping[str, Content] = {"scores.csv": b"a\n1\n"}, **facts: Any
    ) -> Record:
        """A record as it is before it is published, with its outputs staged. Without a key it gets a new one."""
        task_id = f"Trainer_{uuid4().hex}"
        made = tuple(_stage(self.stage(task_id), name, content) for name, content in outputs.items())
        known: dict[str, Any] = {
            "task": "Trainer",
            "key": new_key() if key == "" else key,
            "parameters": {"seed": 3, "columns": ["Age", "Sex"]},
            "code": {"tasks:Trainer": "0" * 64},
            "sources": (SourceRecord("raw", "input/train.csv", "a" * 64, 10),),
            "started": time.time() - 1,
            "ended": time.time(),
            **facts,
        }
        return Record(task_id=task_id, outputs=made, **known)

    def stage(self, task_id: str) -> Path:
        """The staging folder of a task."""
        return self.root / "stage" / task_id

    def send_off(self, record: Record, log: Path | None = None) -> Recorded:
        """Publish a record that was begun."""
        request = Publish(record, str(self.stage(record.task_id)), None if log is None else str(log))
        return self.ask(request, Recorded)

    def publish(self, key: str | None = "", **facts: Any) -> Record:
        """Begin and publish a record; as it is recorded."""
        record = self.draft(key, **facts)
        self.begin(record)
        return self.send_off(record).record


def _stage(folder: Path, name: str, content: Content) -> OutputRecord:
    files = {"": content} if isinstance(content, bytes) else {f"/{part}": content[part] for part in content}
    for part, data in files.items():
        path = folder / (name + part)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if isinstance(content, bytes):
        digest = of_bytes(content)
    else:
        digest = of_names({part: of_bytes(data) for part, data in content.items()})
    size = sum(map(len, files.values()))
    role = name.partition(".")[0]
    return OutputRecord(
        role, name, name.partition(".")[2], digest, size, folder=not isinstance(content, bytes)
    )


def wait(happened: Callable[[], bool], what: str) -> None:
    """Wait until something has happened."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)
