"""Every test of planning has tasks of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.plan.memory import Shelf, alone


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """Tasks of one test are not those of another."""
    with alone():
        yield


@pytest.fixture
def shelf() -> Shelf:
    """A ledger in memory, empty."""
    return Shelf()
