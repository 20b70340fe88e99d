"""Stores to keep a ledger in: SQLite, PostgreSQL without a server, and a server with PostgreSQL behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from daicho.ledger import resolve
from tests.ledger.scene import Scene

KINDS = (
    "sqlite",
    pytest.param("server", marks=pytest.mark.server),
    pytest.param("postgres", marks=pytest.mark.postgres),
)


@pytest.fixture(scope="module", params=KINDS)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A ledger on each kind of store; tests of a module share its recorder and use keys of their own."""
    root = tmp_path_factory.mktemp("scene")
    uri = None
    if request.param == "server":
        uri = request.getfixturevalue("mlflow_server").uri
    elif request.param == "postgres":
        uri = request.getfixturevalue("postgres").database()
    made = Scene(root, resolve(root, uri), f"ships {uuid4().hex[:8]}", root / "recorder.log")
    yield made
    made.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Scene]:
    """A ledger on an SQLite store of the test's own."""
    made = Scene(tmp_path, resolve(tmp_path, None), "ships", tmp_path / "recorder.log")
    yield made
    made.stop()
