"""A recorder's work that is killed in the middle: `python -m tests.ledger.dying ROOT` kills itself at each write.

For every write of a publication there is one task whose process dies just before it, and one whose process dies just
after it. Prints, for each, the step and the record as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import mlflow.store.tracking.sqlalchemy_store  # noqa: F401  (else each child would import it anew)
from mlflow import MlflowClient

from daicho.ledger import BeginTask, OpenPipeline, Publish, resolve
from daicho.ledger import _recorder_pipeline as pipeline
from daicho.ledger import _recorder_tasks as tasks
from daicho.ledger._opening import Opening
from daicho.ledger._recorder_book import Book
from daicho.ledger._recorder_experiment import experiment
from daicho.ledger._recorder_store import make
from tests.ledger.scene import PROJECT, Scene

STEPS = ("create_run", "log_batch", "set_terminated", "log_inputs")


class DyingClient(MlflowClient):
    """Dies before or after its first call of one method."""

    def __init__(self, uri: str, step: str, when: str) -> None:
        super().__init__(uri)
        self._death = (step, when)

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name not in STEPS:
            return value
        step, when = super().__getattribute__("_death")
        return _fatal(value, when) if name == step else value


def _fatal(method: Any, when: str) -> Any:
    def call(*args: Any, **details: Any) -> Any:
        if when == "after":
            method(*args, **details)
        os.kill(os.getpid(), signal.SIGKILL)

    return call


def main() -> None:
    """Make the store, then die in children, once for each step."""
    root = Path(sys.argv[1])
    store = resolve(root, None)
    scene = Scene(root, store, "ships", root / "log")
    opening = Opening(store, PROJECT, "ships")
    make(store)
    for step in STEPS:
        for when in ("before", "after"):
            record = scene.draft()
            child = os.fork()
            if child == 0:
                _die(opening, record, str(scene.stage(record.task_id)), step, when)
            assert -signal.SIGKILL == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            print(json.dumps({"step": step, "when": when, "record": record.to_json()}))


def _die(opening: Opening, record: Any, stage: str, step: str, when: str) -> None:
    client = MlflowClient(opening.store.uri)
    book = Book(opening, client, experiment(client, opening))
    pipeline.open_(book, OpenPipeline("Prediction lost-cause-1", "Prediction"))
    book.client = DyingClient(opening.store.uri, step, when)
    tasks.begin(book, BeginTask(record.task_id, record.task, record.key, record.task))
    tasks.publish(book, Publish(record, stage))
    os._exit(3)


if __name__ == "__main__":
    main()
