"""The clean project, and what takes steps with it: once for each worker of the session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.mutations.running import Answer, Place, Steps, new, step


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Answer]:
    """The project after its first run."""
    place = new(tmp_path_factory.mktemp("mutations") / "clean")
    return place, step(place)[0]


@pytest.fixture(scope="session")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    """Takes steps in processes of their own."""
    with closing(Steps(tmp_path_factory.mktemp("steps"))) as found:
        yield found
