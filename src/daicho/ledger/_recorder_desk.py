"""The recorder's desk: who answers which request, what has been begun, and what becomes of errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from daicho.errors import DaichoError, InternalError, StoreUnreachableError
from daicho.ledger import _recorder_pipeline as pipeline
from daicho.ledger import _recorder_tasks as tasks
from daicho.ledger._errors import explain, note
from daicho.ledger._opening import Opening
from daicho.ledger._recorder_book import Book, client_of, name_of
from daicho.ledger._recorder_experiment import experiment
from daicho.ledger._recorder_hand import Done, Hand
from daicho.ledger.messages import (
    Answer,
    BeginTask,
    ClosePipeline,
    EndTask,
    OpenPipeline,
    Publish,
    Recorded,
    Refused,
    Request,
)
from daicho.record import Record

_AWAY = 10.0  # seconds for which a store that did not answer is not asked again
_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between attempts, while it may be only a hiccup
_MANY = 50  # published results, of which the parent is told at the latest
_LATE = 0.5  # seconds after which it is told, however many they are
_LONG = 20.0  # seconds of silence that are no hiccup


class Desk:
    """Answers requests. Every error becomes an answer."""

    def __init__(self, opening: Opening, hand: Hand) -> None:
        self._opening = opening
        self._hand = hand
        self._book: Book | None = None
        self._away: tuple[float, DaichoError] | None = None
        self._provenance: Mapping[str, Any] = {}
        self._since = time.monotonic()

    def answer(self, request: Request) -> Iterator[Answer]:
        """Carry out a request; once more, after a pause, where the store did not answer for the first time.

        There is no answer for a result that was published, or given to another hand: `settle` tells of it.
        """
        whole = self._whole(request)
        if isinstance(whole, ClosePipeline):
            yield from self._heard(self._hand.finish())
            yield from self.settle()
        elif isinstance(whole, Publish):
            while (taken := self._taken(whole)) is None:
                yield from self._heard(self._hand.hear(wait=True))
            if taken:
                return
        yield from self._carefully(whole)

    def hear(self) -> Iterator[Answer]:
        """See what has become of what was given to other hands; what they could not do is done here."""
        return self._heard(self._hand.hear())

    def finish(self) -> Iterator[Answer]:
        """Wait until nothing is in other hands."""
        return self._heard(self._hand.finish())

    def _carefully(self, request: Request) -> Iterator[Answer]:
        answer = self._patiently(lambda: self._attempt(request), _task_of(request))
        if answer is not None:
            yield answer

    def _taken(self, request: Publish) -> bool | None:
        begun = None if self._book is None else self._book.tasks.get(name_of(request))
        return begun is not None and self._hand.take(request, begun, willing=self._away is None)

    def _heard(self, done: Iterable[Done]) -> Iterator[Answer]:
        for request, replaced in done:
            if not self._noted(request, replaced):
                yield from self._carefully(request)

    def _noted(self, request: Publish, replaced: tuple[Record, ...] | None) -> bool:
        """Whether a result is published, which was in other hands."""
        if self._book is None or replaced is None:
            return False
        self._book.done(self._book.tasks[name_of(request)], request, replaced)
        return True

    def _whole(self, request: Request) -> Request:
        """A request with what is the same for all of a launch, and was said once: thousands of copies would add up."""
        if isinstance(request, OpenPipeline):
            self._provenance = request.provenance
        if isinstance(request, Publish) and not request.record.provenance:
            return replace(request, record=replace(request.record, provenance=self._provenance))
        return request

    def settle(self, *, soon: bool = True) -> Sequence[Answer]:
        """Tell of what was published: one question for all of it is far less than one for each.

        Unless it is to be `soon`, that waits for some more; not for long, for others wait to hear of it, and not with
        results that have no key: if this process died, nobody would know that they are recorded.
        """
        if self._book is None or not self._book.published:
            self._since = time.monotonic()
            return ()
        records = [record for record, _ in self._book.published]
        few = len(records) <= _MANY and all(record.key is not None for record in records)
        if not soon and few and time.monotonic() - self._since < _LATE:
            return ()
        self._since = time.monotonic()
        book, told = self._book, list[Recorded]()
        refused = self._patiently(lambda: self._told(book, told))
        return [self._short(each) for each in (told if refused is None else tasks.unsettled(book))]

    def _short(self, told: Recorded) -> Recorded:
        if told.record.provenance is not self._provenance:
            return told
        return replace(told, record=replace(told.record, provenance={}))

    def _told(self, book: Book, told: list[Recorded]) -> Answer | None:
        try:
            told += tasks.settle(book)
            return None
        except Exception as error:  # noqa: BLE001 (it is published all the same)
            note()
            return Refused(explain(error, self._opening.store))

    def _patiently(self, attempt: Callable[[], Answer | None], task_id: str | None = None) -> Answer | None:
        if self._away is not None and time.monotonic() < self._away[0]:
            return Refused(self._away[1], task_id)
        begun = time.monotonic()
        answer = attempt()
        for pause in _PAUSES if self._away is None else ():
            if _unanswered(answer) is None or time.monotonic() - begun > _LONG:
                break
            time.sleep(pause)
            answer = attempt()
        error = _unanswered(answer)
        self._away = None if error is None else (time.monotonic() + _AWAY, error)
        return answer

    def _attempt(self, request: Request) -> Answer | None:
        try:
            return self._carry_out(self._opened(), request)
        except Exception as error:  # noqa: BLE001 (a recorder never dies of a request)
            note()
            return Refused(explain(error, self._opening.store), _task_of(request))

    def beat(self) -> None:
        """Say now and then that this launch lives, for other machines that wonder."""
        if self._book is None or self._book.pipeline is None:
            return
        try:
            self._book.ownership.beat(self._book.client, self._book.pipeline.run_id)
        except Exception:  # noqa: BLE001 (the next one may arrive)
            note()

    def abandon(self) -> None:
        """End as KILLED what was begun and neither published nor ended; what is in other hands is waited for."""
        for done in self._hand.finish():
            self._noted(*done)
        self._hand.leave()
        if self._book is None:
            return
        try:
            pipeline.abandon(self._book)
        except Exception:  # noqa: BLE001 (nobody is left who could be told)
            note()

    def _opened(self) -> Book:
        if self._book is None:
            opening = self._opening
            client = client_of(opening)
            self._book = Book(opening, client, experiment(client, opening))
            self._hand.open()
        return self._book

    def _carry_out(self, book: Book, request: Request) -> Answer | None:
        match request:
            case OpenPipeline():
                opened = pipeline.open_(book, request)
                _end_orphans(book)
                return opened
            case BeginTask():
                return tasks.begin(book, request)
            case Publish():
                tasks.publish(book, request)
                return None
            case EndTask():
                return tasks.end(book, request)
            case ClosePipeline():
                return pipeline.close(book, request)
            case _:
                raise InternalError(f"the recorder does not know the request `{type(request).__name__}`")


def _unanswered(answer: Answer | None) -> DaichoError | None:
    """The error of a store that did not answer."""
    error = answer.error if isinstance(answer, Refused) else None
    return error if isinstance(error, StoreUnreachableError) else None


def _end_orphans(book: Book) -> None:
    try:
        for run_id in book.ownership.end_orphans(book.client, book.opening.project):
            book.begun(book.client.get_run(run_id), {}).area.tidy()
    except Exception:  # noqa: BLE001 (the next launch will do it)
        note()


def _task_of(request: Request) -> str | None:
    if isinstance(request, Publish):
        return name_of(request)
    return getattr(request, "task_id", None)
