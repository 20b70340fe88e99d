"""What MLflow, SQLite and the network say when they fail, in words that a person can act on."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
import sys
import traceback
from collections.abc import Iterator

from daicho.errors import DaichoError, StoreError, StoreUnreachableError, of_disk
from daicho.ledger.store import Store, mask

_ASLEEP = (
    *(
        "connection refused",
        "failed to establish",
        "max retries exceeded",
        "could not connect",
        "can't connect",
    ),
    *("connection to server", "name or service not known", "getaddrinfo", "no route to host", "timed out"),
    *("connection reset", "remote end closed", "failed with exception", "incompleteread", "broken pipe"),
    *(
        "server closed the connection",
        "terminating connection",
        "the database system is",
        "deadlock detected",
    ),
    *("too many connections", "too many clients", "connection already closed", "connection is closed"),
    *("error code 429", "error code 500", "error code 502", "error code 503", "error code 504"),
)
"""Words of an unreachable store, in any library's message."""

_LATER = "make room, then run again: what is finished waits and is recorded then"


@contextlib.contextmanager
def explained(store: Store) -> Iterator[None]:
    """Turn every error of the store inside the block into a `StoreError` of ours."""
    try:
        yield
    except DaichoError:
        raise
    except Exception as error:
        raise explain(error, store) from error


def explain(error: BaseException, store: Store) -> DaichoError:
    """The error of ours that says what another library's error means for this store."""
    if isinstance(error, DaichoError):
        return error
    text = mask(str(error)).strip()
    known = _by_number(error, store) or _by_text(text.lower(), store)
    if known is not None:
        return known
    first = text.splitlines()[0] if text else type(error).__name__
    return StoreError(f"the store `{store}` refused: {first[:500]}", hints=("daicho doctor looks closer",))


def note() -> None:
    """Write the present error into the log, without passwords."""
    with contextlib.suppress(OSError):  # who only wants to tell of a full disk does not die of it
        sys.stderr.write(mask(traceback.format_exc()))
        sys.stderr.flush()


def unreachable(store: Store, detail: str = "") -> StoreUnreachableError:
    """The store does not answer."""
    what = "MLflow server" if store.kind == "http" else "store"
    return StoreUnreachableError(
        f"the {what} at `{store}` does not answer" + (f" ({detail})" if detail else ""),
        hints=("see that it runs and that the address is right",),
    )


def foreign_host(store: Store) -> StoreError:
    """The server's protection against DNS rebinding does not know the name in the address."""
    return StoreError(
        f"the MLflow server at `{store}` refuses requests under this host name",
        hints=(
            "start it with `mlflow server --allowed-hosts NAME,NAME:PORT`, naming the host in the address",
        ),
    )


def no_entry(store: Store) -> StoreError:
    """The server wants another name or password."""
    return StoreError(
        f"the MLflow server at `{store}` refuses our credentials",
        hints=("set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN",),
    )


def no_server(store: Store) -> StoreError:
    """Something answers, but it is not MLflow."""
    return StoreError(
        f"what answers at `{store}` is not an MLflow server",
        hints=("see that the port is right, and the path too where the server has a prefix",),
    )


def outdated(store: Store) -> StoreError:
    """The database is of an older MLflow."""
    return StoreError(
        f"the database `{store}` was made by an older MLflow than the one installed here",
        hints=(f"make a copy of it, then run: mlflow db upgrade {store}",),
    )


def newer(store: Store) -> StoreError:
    """The database is of a newer MLflow."""
    return StoreError(
        f"the database `{store}` was made by a newer MLflow than the one installed here",
        hints=("install that version of mlflow here",),
    )


def no_database(store: Store) -> StoreError:
    """The file is something else."""
    return StoreError(
        f"`{store.database}` is not a database of MLflow",
        hints=("name another file as tracking address, or move this one away",),
    )


def forbidden(store: Store, path: object) -> StoreError:
    """A file or folder may not be read or written."""
    return StoreError(
        f"the store `{store}` cannot be used: no permission for `{path}`",
        hints=("see who owns it, and whether its disk is mounted read-only",),
    )


def _by_number(error: BaseException, store: Store) -> DaichoError | None:
    number = getattr(error, "errno", None)
    named = getattr(error, "filename2", None) or getattr(error, "filename", None)  # of a copy, where it goes
    path = named or store.database or store
    full = of_disk(error)
    if full is not None:
        return StoreError(f"`{path}` could not be written: {full}", hints=(_LATER,))
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return forbidden(store, path)
    if isinstance(error, ConnectionError | TimeoutError):
        return unreachable(store, str(error))
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return no_database(store)
    return None


def _by_text(text: str, store: Store) -> DaichoError | None:
    if "out-of-date database schema" in text:
        return outdated(store)
    if "can't locate revision" in text:
        return newer(store)
    if "invalid host header" in text:
        return foreign_host(store)
    if "not a database" in text:
        return no_database(store)
    if "error code 401" in text or "unauthorized" in text or "password authentication failed" in text:
        return no_entry(store)
    if "readonly database" in text or "unable to open database" in text:
        return forbidden(store, store.database or store)
    if "database is locked" in text or "locking protocol" in text:
        return StoreUnreachableError(
            f"the database `{store}` stayed locked by somebody else",
            hints=("see which program holds it open, then run again",),
        )
    if "database or disk is full" in text or "no space left" in text:
        return StoreError(f"no space is left on the disk of `{store}`", hints=(_LATER,))
    if "disk i/o error" in text:
        return StoreError(
            f"the database `{store}` could not be read or written: its disk is full, broken, or limits files",
            hints=(_LATER,),
        )
    return unreachable(store) if any(sign in text for sign in _ASLEEP) else None
