"""Making an SQLite store that does not exist yet: a copy of a template, put in its place in one step.

MLflow needs seconds for its migrations, and several processes that make one store at once crash. So the empty database
is made once per version of MLflow, in the user's cache folder, and whoever puts a copy in place first has won.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient

from daicho.ledger.store import Store


def make(store: Store) -> None:
    """Make the store if it is an SQLite file that is not there.

    Raises:
        OSError: If the folder cannot be written.
    """
    database = store.database
    if database is None or database.exists():
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".daicho-", dir=database.parent) as space:
        fresh = Path(space) / database.name
        template = _template()
        if template is None:
            _make_empty(fresh)
        else:
            shutil.copyfile(template, fresh)
        _place(fresh, database)


def _place(fresh: Path, database: Path) -> None:
    try:
        os.link(fresh, database)  # unlike a rename, it fails where somebody was faster
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not database.exists():
            os.rename(fresh, database)


def _template() -> Path | None:
    """The empty database of the installed MLflow; None where the cache folder cannot be used."""
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "daicho"
    template = folder / f"mlflow-{mlflow.__version__}.db"
    if template.exists():
        return template
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{template.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # only saves work: without it, each would make one
            if not template.exists():
                with tempfile.TemporaryDirectory(dir=folder) as space:
                    _make_empty(Path(space) / "new.db")
                    os.replace(Path(space) / "new.db", template)
    except OSError:
        return None
    return template


def _make_empty(path: Path) -> None:
    """Let MLflow make a database, and take out the experiment whose artifact root would be in this folder."""
    MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments(max_results=1)
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM experiments")
    connection.commit()
    connection.close()
