"""The memory: every record is in MLflow, and this is how it gets there and how it is found again.

`Ledger` reads, in milliseconds and without MLflow where the store is SQLite or a server. `Recorder` is a process beside
the work that writes, in an order that makes a kill at any instant harmless.
"""

from daicho.ledger._artifacts import State
from daicho.ledger._launches import Entry, Launch, Marks
from daicho.ledger._trails import Trail
from daicho.ledger.ledger import Ledger
from daicho.ledger.messages import (
    Answer,
    BeginTask,
    ClosePipeline,
    EndTask,
    OpenPipeline,
    PipelineClosed,
    PipelineOpened,
    Publish,
    Recorded,
    Refused,
    Request,
    TaskBegun,
    TaskEnded,
    TaskLine,
)
from daicho.ledger.recorder import Recorder
from daicho.ledger.store import Store, resolve
from daicho.ledger.withdrawal import Withdrawal, withdraw, withdrawal_of

__all__ = [
    "Answer",
    "BeginTask",
    "ClosePipeline",
    "EndTask",
    "Entry",
    "Launch",
    "Ledger",
    "Marks",
    "OpenPipeline",
    "PipelineClosed",
    "PipelineOpened",
    "Publish",
    "Recorded",
    "Recorder",
    "Refused",
    "Request",
    "State",
    "Store",
    "TaskBegun",
    "TaskEnded",
    "TaskLine",
    "Trail",
    "Withdrawal",
    "resolve",
    "withdraw",
    "withdrawal_of",
]
