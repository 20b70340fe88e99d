"""The recorder's desk: who answers which request, what has been begun, and what becomes of errors."""

from __future__ import annotations

import contextlib
import sys
import time
import traceback

from mlflow import MlflowClient

from daicho.errors import DaichoError, InternalError, StoreUnreachableError
from daicho.ledger import _recorder_pipeline as pipeline
from daicho.ledger import _recorder_tasks as tasks
from daicho.ledger._errors import explain
from daicho.ledger._opening import Opening
from daicho.ledger._recorder_book import Book
from daicho.ledger._recorder_experiment import experiment
from daicho.ledger._recorder_store import make
from daicho.ledger.messages import (
    Answer,
    BeginTask,
    ClosePipeline,
    EndTask,
    OpenPipeline,
    Publish,
    Refused,
    Request,
)
from daicho.ledger.store import Store, mask

_AWAY = 10.0  # seconds for which a store that did not answer is not asked again


class Desk:
    """Answers requests. Every error becomes an answer."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._book: Book | None = None
        self._away: tuple[float, DaichoError] | None = None

    def answer(self, request: Request) -> Answer:
        """Carry out a request."""
        try:
            if self._away is not None and time.monotonic() < self._away[0]:
                raise self._away[1]
            return self._carry_out(self._opened(), request)
        except Exception as error:  # noqa: BLE001 (a recorder never dies of a request)
            _note()
            known = explain(error, self._opening.store)
            if isinstance(known, StoreUnreachableError):
                self._away = (time.monotonic() + _AWAY, known)
            return Refused(known, _task_of(request))

    def abandon(self) -> None:
        """End as KILLED what was begun and neither published nor ended."""
        if self._book is None:
            return
        try:
            pipeline.abandon(self._book)
        except Exception:  # noqa: BLE001 (nobody is left who could be told)
            _note()

    def _opened(self) -> Book:
        if self._book is None:
            opening = self._opening
            client = _client(opening.store)
            self._book = Book(opening, client, experiment(client, opening))
        return self._book

    def _carry_out(self, book: Book, request: Request) -> Answer:
        match request:
            case OpenPipeline():
                return pipeline.open_(book, request)
            case BeginTask():
                return tasks.begin(book, request)
            case Publish():
                return tasks.publish(book, request)
            case EndTask():
                return tasks.end(book, request)
            case ClosePipeline():
                return pipeline.close(book, request)
            case _:
                raise InternalError(f"the recorder does not know the request `{type(request).__name__}`")


def _note() -> None:
    """Write the present error into the log, without passwords."""
    sys.stderr.write(mask(traceback.format_exc()))
    sys.stderr.flush()


def _client(store: Store) -> MlflowClient:
    make(store)
    # When a store is opened first, MLflow fixes its default experiment's artifacts below the current folder.
    with contextlib.nullcontext() if store.artifacts is None else contextlib.chdir(store.artifacts.parent):
        return MlflowClient(tracking_uri=store.uri)


def _task_of(request: Request) -> str | None:
    if isinstance(request, Publish):
        return request.record.task_id
    return getattr(request, "task_id", None)
