"""The recorder's process: reads requests, answers them in order, never prints, and never dies of a request.

Where many results are to come, a second hand publishes some of them. When the pipe ends before the pipeline run was
closed, the parent is gone: what was begun and not published is ended as KILLED. So it is at ENOUGH, by which the parent
says that nobody wants to wait for the rest: the requests at hand are carried out, and no other one.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from daicho._importing import importing, settle
from daicho._process import connect
from daicho.ledger._mlflow import is_database, prepare
from daicho.ledger._opening import ENOUGH, Opening
from daicho.ledger._prompt import hasten_urllib3
from daicho.ledger._recorder_inbox import LOOK, Inbox
from daicho.ledger.messages import Request
from daicho.ledger.wal import fold_in

if TYPE_CHECKING:
    from daicho.ledger._recorder_desk import Desk

_SILENCE = 60.0  # seconds without a request after which the desk may say that it is there
_enough = threading.Event()


def main() -> None:
    """Serve the pipe whose descriptor is the last argument until it ends."""
    for number in (signal.SIGINT, signal.SIGTERM):  # these are for the parent, which tells us what to do
        signal.signal(number, signal.SIG_IGN)
    pipe = connect()
    _redirect(None)
    prepare()
    inbox = Inbox(pipe)
    signal.signal(ENOUGH, lambda number, frame: _leave(inbox))
    trouble = _load()  # the parent may still be thinking about what is to be done
    opening = inbox.get()
    if not isinstance(opening, Opening):
        return  # the parent ended before it had said anything
    _redirect(opening.log)
    if trouble is not None:
        raise trouble
    os.environ.update(opening.environment)
    os.environ["MLFLOW_TRACKING_URI"] = opening.store.uri
    from daicho.ledger._recorder_desk import Desk
    from daicho.ledger._recorder_hand import Hand

    desk = Desk(opening, Hand(opening, inbox))
    while (request := _next(inbox, desk)) is not None:
        answers = [*desk.hear(), *(() if request == LOOK else desk.answer(request))]
        answers += desk.settle(soon=inbox.empty)
        try:
            for each in answers:
                pipe.send(each)
        except OSError:
            pass  # the parent is gone; what it sent before is still worth recording
    if not _enough.is_set():
        list(desk.finish())
    desk.abandon()
    fold_in(opening.store)
    os._exit(0)  # all is written; unloading MLflow would keep the parent waiting for most of a second


def _load() -> Exception | None:
    """Import MLflow; what goes wrong with that is told when there is somewhere to tell it."""
    try:
        with importing():
            import_module("daicho.ledger._recorder_desk")
            if is_database(os.environ["MLFLOW_TRACKING_URI"]):
                # MLflow puts this third of a second off until it opens a store.
                import_module("mlflow.store.tracking.sqlalchemy_store")
            else:
                hasten_urllib3()
    except Exception as error:  # noqa: BLE001  # whatever is wrong with what is installed
        return error
    settle()
    return None


def _next(inbox: Inbox, desk: Desk) -> Request | Literal["look"] | None:
    """The next request, None for no more; signs of life while there is none."""
    while True:
        if _enough.is_set():
            return None
        desk.beat()
        try:
            request = inbox.get(timeout=_SILENCE)
        except queue.Empty:
            continue
        return None if _enough.is_set() or isinstance(request, Opening) else request


def _leave(inbox: Inbox) -> None:
    _enough.set()
    inbox.put(None)  # whoever waits for a request need not


def _redirect(log: str | None) -> None:
    """Point standard output and error at a file, or at nothing."""
    target = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(target, 1)
    os.dup2(target, 2)
    if target > 2:
        os.close(target)


if __name__ == "__main__":
    main()
