"""The README is true: its code runs, its commands do what it says."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.support.project import Project

README = Path(__file__).parents[1] / "README.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def readme(tmp_path: Path) -> Project:
    """The project that the README describes."""
    project = Project(tmp_path / "numbers", tmp_path / "home", tmp_path)
    tasks, _ = _blocks("python")
    project.write("tasks.py", tasks)
    project.write("luigi.toml", _blocks("toml")[0])
    return project


def test_the_commands_of_the_readme_work(readme: Project) -> None:
    """Each command for the two tasks runs, and the code that follows holds."""
    commands = [
        shlex.split(line.partition("#")[0])[2:]
        for line in _blocks("console")[2].splitlines()
        if line.startswith("$ daicho") and not line.startswith("$ daicho ui")
    ]

    for command in commands:
        done = readme.run(*command)
        assert 0 == done.returncode, (command, done.stdout, done.stderr)

    assert (
        "21" in (readme.root / "total.json").read_text() or "15" in (readme.root / "total.json").read_text()
    )
    used = readme.python("-c", _blocks("python")[1])
    assert 0 == used.returncode, used.stderr


def test_the_commands_that_the_readme_names_are_make_targets() -> None:
    """The two commands of the README are in the Makefile."""
    makefile = (README.parent / "Makefile").read_text("utf-8")

    names = re.findall(r"^\$ make (\w+)", README.read_text("utf-8"), re.MULTILINE)

    assert names
    assert [f"\n{name}:" in makefile for name in names] == [True] * len(names)


def test_the_picture_is_there_and_shows_no_path_of_a_machine() -> None:
    """The terminal's picture is one of a real run, drawn without anything from elsewhere."""
    picture = (README.parent / "docs" / "images" / "terminal.svg").read_text("utf-8")

    assert "up&#160;to&#160;date" in picture
    assert sys.prefix not in picture
