"""Where the ledger is: a store's address, made absolute, and what of it lies on this machine."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from daicho.errors import StoreError

_SQLITE = re.compile(r"sqlite(\+\w+)?:///(?P<path>[^?]*)(?P<query>\?.*)?", re.DOTALL)
_DATABASES = ("postgresql", "mysql", "mssql")
_SECRET = re.compile(r"(?P<scheme>[\w+.-]+://)(?P<user>[^:@/\s]*):[^/\s]*@|(?P<web>https?://)[^/\s]*@")
_SECRET_OPTION = re.compile(r"(?P<name>password|passwd|pwd|token|secret)=[^&\s]+", re.IGNORECASE)


@dataclass(frozen=True, repr=False)
class Store:
    """A tracking store of MLflow.

    Attributes:
        uri: Its absolute address as MLflow takes it, with credentials if it has any: never print it, print the store.
        kind: `sqlite` and `http` are read without MLflow; everything else through its client.
        database: The file of an SQLite store.
        artifacts: Where artifacts go if daicho makes the experiment: `mlruns` beside the file of an SQLite store,
            or in the project's folder for another database; None where a server knows.
    """

    uri: str
    kind: Literal["sqlite", "http", "other"]
    database: Path | None = None
    artifacts: Path | None = None

    @property
    def new(self) -> bool:
        """Whether it is a file that is not there, or empty: one that MLflow has yet to fill."""
        file = self.database
        return file is not None and not (file.exists() and file.stat().st_size > 0)

    @property
    def identity(self) -> str:
        """What is the same for everybody who uses this store from this machine, under whatever account."""
        if self.database is not None:
            return os.path.realpath(self.database)
        parts = urlsplit(self.uri)
        return f"{parts.scheme.partition('+')[0]}://{parts.hostname}:{parts.port or ''}{parts.path}"

    def __str__(self) -> str:
        return mask(self.uri)

    def __repr__(self) -> str:
        return f"Store({str(self)!r})"


def mask(text: str) -> str:
    """A text without the passwords of the addresses in it."""
    return _SECRET_OPTION.sub(r"\g<name>=***", _SECRET.sub(_masked, text))


def _masked(match: re.Match[str]) -> str:
    return f"{match['web']}***@" if match["web"] else f"{match['scheme']}{match['user']}:***@"


def resolve(root: Path, uri: str | None) -> Store:
    """The store of a project.

    Args:
        root: The project's folder: relative paths are relative to it.
        uri: A tracking address as MLflow knows it; None for `mlflow.db` in the project's folder.

    Raises:
        StoreError: If MLflow could not keep a ledger there.
    """
    if not uri:
        return _sqlite(Path(root).absolute() / "mlflow.db")
    match = _SQLITE.fullmatch(uri)
    if match is not None:
        if match["path"] in ("", ":memory:"):
            raise StoreError(
                "a ledger in memory would be forgotten at once",
                hints=("name a file: `sqlite:///mlflow.db`",),
            )
        return _sqlite(Path(root).absolute() / match["path"])
    scheme = urlsplit(uri).scheme if "://" in uri or uri.startswith("file:") else ""
    if scheme in ("http", "https"):
        return Store(uri.rstrip("/"), "http")
    if scheme in ("", "file", "sqlite"):
        raise StoreError(
            f"`{mask(uri)}` cannot hold a ledger: MLflow's plain folders of files are in maintenance mode",
            hints=(
                "name a database (`sqlite:///mlflow.db`, `postgresql://…`) or a server (`http://…`)",
                "an old folder is converted by: mlflow migrate-filestore",
            ),
        )
    # MLflow would put the artifacts of a database that it talks to itself below the *current* folder.
    home = Path(root).absolute() / "mlruns" if scheme.partition("+")[0] in _DATABASES else None
    return Store(uri, "other", None, home)


def _sqlite(path: Path) -> Store:
    # Not Path.resolve(): where the user's path goes through a link, messages should show the user's path.
    return Store(f"sqlite:///{path}", "sqlite", path, path.parent / "mlruns")
