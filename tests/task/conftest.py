"""A project's runtime around every test: nothing is configured until the test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from daicho.config.project import Project
from daicho.config.settings import compose
from daicho.runtime import activate
from daicho.task.runtime import ProjectRuntime

Configure = Callable[..., ProjectRuntime]


@pytest.fixture(autouse=True)
def configure(tmp_path: Path) -> Iterator[Configure]:
    """Begin a launch: `configure(toml, overrides=("T.x=1",), params={"T.x": 1})`; one without anything has begun."""
    with ExitStack() as stack:

        def begin(toml: str = "", **overrides: Any) -> ProjectRuntime:
            (tmp_path / "luigi.toml").write_text(toml)
            project = Project(tmp_path, tmp_path / "luigi.toml")
            runtime = ProjectRuntime(tmp_path, compose(project, environment={}, **overrides))
            stack.enter_context(activate(runtime))
            return runtime

        begin()
        yield begin
