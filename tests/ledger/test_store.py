"""Addresses of stores: absolute, anchored at the project, and never printed with a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.errors import StoreError
from daicho.ledger import resolve


def test_no_address_is_a_file_in_the_project(tmp_path: Path) -> None:
    """Without an address the store is `mlflow.db` in the project's folder, with artifacts beside it."""
    store = resolve(tmp_path, None)
    assert (f"sqlite:///{tmp_path}/mlflow.db", "sqlite") == (store.uri, store.kind)
    assert (tmp_path / "mlflow.db", tmp_path / "mlruns") == (store.database, store.artifacts)


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("sqlite:///runs/my.db", "/project/runs/my.db"),
        ("sqlite:////elsewhere/my.db", "/elsewhere/my.db"),
        ("sqlite+pysqlite:///my.db", "/project/my.db"),
        ("sqlite:///my.db?timeout=3", "/project/my.db"),
    ],
)
def test_a_database_is_relative_to_the_project(uri: str, place: str) -> None:
    """A relative path of SQLite starts at the project's folder, wherever the command was called."""
    assert Path(place) == resolve(Path("/project"), uri).database


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("http://localhost:5000/", "http"),
        ("https://example.org/mlflow", "http"),
        ("postgresql://localhost/x", "other"),
        ("mysql+pymysql://localhost/x", "other"),
        ("databricks://profile", "other"),
    ],
)
def test_other_stores(uri: str, kind: str) -> None:
    """Servers are asked by HTTP, all other stores through MLflow's client."""
    assert kind == resolve(Path("/project"), uri).kind


def test_artifacts_of_a_database_lie_in_the_project() -> None:
    """Artifacts of a database that MLflow talks to itself lie in the project's folder; a server knows its own."""
    assert Path("/project/mlruns") == resolve(Path("/project"), "postgresql://localhost/x").artifacts
    assert None is resolve(Path("/project"), "http://localhost").artifacts


@pytest.mark.parametrize(
    "uri", ["./mlruns", "file:///project/mlruns", "mlruns", "sqlite://", "sqlite:///:memory:"]
)
def test_what_cannot_hold_a_ledger(uri: str) -> None:
    """Plain folders and databases in memory are refused, with what to take instead."""
    with pytest.raises(StoreError, match="sqlite:///mlflow.db"):
        resolve(Path("/project"), uri)


@pytest.mark.parametrize(
    "uri",
    [
        "https://ada:hush@example.org/mlflow",
        "https://hush@example.org",
        "postgresql+psycopg2://ada:hush@example.org/x",
        "postgresql://ada:p@hush@example.org/x",
        "postgresql://example.org/x?user=ada&password=hush",
    ],
)
def test_no_password_is_shown(uri: str) -> None:
    """Neither text nor representation of a store shows its credentials; its address keeps them."""
    store = resolve(Path("/project"), uri)
    assert "hush" not in f"{store} {store!r} {[store]}"
    assert "example.org" in str(store)
    assert uri == store.uri
