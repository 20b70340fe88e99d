"""The names by which daicho's entries are found in MLflow, and the short digests that it can look up."""

from __future__ import annotations

from daicho.digest import of_bytes

RESULT = "daicho.result"
"""Name and context of the dataset whose digest is a key: the one write that makes a result count."""
LAUNCH = "daicho.launch"
DEEP = "daicho.deep"
"""Name and context of the dataset by which a launch is found before any result is known: see `daicho.plan.deep`."""
SNAPSHOT = "daicho.snapshot"
KEPT = "daicho.source"
"""Name and context of the dataset whose digest is that of a source whose bytes are kept."""
KEPT_FOLDER = "daicho.source.folder"

PROJECT = "daicho.project"
TASK = "daicho.task"
KEY = "daicho.key"
RECORD = "daicho.record"
SUPERSEDES = "daicho.supersedes"
TARGET = "daicho.target"
WARNING = "daicho.warning"
FORGOTTEN = "daicho.forgotten"
OUTCOMES = "daicho.outcomes"
PIN = "daicho.pin"
NOTES = "daicho.notes"
REPRODUCED = "daicho.reproduced"
VERIFIED = "daicho.verified"
DIRTY = "daicho.git.dirty"
COMMIT = "mlflow.source.git.commit"
COMMAND = "mlflow.source.name"

PROCESS = "daicho.process"
"""On every run that daicho made: the process that owns its end."""
BEAT = "daicho.beat"

USER = "mlflow.user"
NAME = "mlflow.runName"
PARENT = "mlflow.parentRunId"
NOTE = "mlflow.note.content"
CONTEXT = "mlflow.data.context"

READ = (TASK, KEY, RECORD, SUPERSEDES, TARGET, LAUNCH, SNAPSHOT, FORGOTTEN, VERIFIED, USER, NAME, PARENT)
"""The tags that a reader needs."""

FOLDER = "daicho"
RECORD_FILE = "daicho/record.json"
LOG_FILE = "daicho/log.txt"
TRACEBACK_FILE = "daicho/traceback.txt"
SNAPSHOT_FILE = "daicho/snapshot.zip"
TASKS_FILE = "daicho/tasks.json"
SOURCES_FOLDER = "daicho/sources"

LONGEST_TAG = 5_000
LONGEST_RECORD = 4_500
LONGEST_PARAM = 6_000
LONGEST_NAME = 250
LONGEST_PROFILE = 1_000_000
"""MLflow would take 16 times as much; but it comes with every answer about the run."""


def short(digest: str) -> str:
    """The part of a digest that MLflow can look up: a dataset's digest has at most 36 characters."""
    return digest[:32]


def of_input(digest: str) -> str:
    """The short digest of something that was read, kept apart from keys, so that it can never look like one."""
    return short(of_bytes(f"input:{digest}".encode()))


def cut(text: str, longest: int) -> str:
    """The text, cut visibly where it is too long."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
