"""The project in a folder, and the steps on it: each in a new process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutations import driver
from tests.mutations.project import FILES, LINKS
from tests.support.environment import environment

_SOURCES = str(Path(__file__).parents[2] / "src")


@dataclass(frozen=True)
class Answer:
    """What became of each task, by family."""

    tasks: Mapping[str, Mapping[str, Any]]

    @property
    def ran(self) -> set[str]:
        """The tasks that ran."""
        return {family for family, task in self.tasks.items() if task["verdict"] == "run"}

    @property
    def outputs(self) -> dict[str, Mapping[str, str]]:
        """The outputs of each task, run or reused, as text."""
        return {family: task["outputs"] for family, task in self.tasks.items()}

    @property
    def why(self) -> set[str]:
        """All reasons of the tasks that ran, as kind and what is named."""
        found = (reason for family in self.ran for reason in self.tasks[family]["reasons"])
        return {f"{each['kind']} {each.get('symbol') or each.get('name') or ''}".strip() for each in found}


@dataclass(frozen=True)
class Place:
    """A project and the results that are known of it."""

    folder: Path

    @property
    def root(self) -> Path:
        """The project."""
        return self.folder / "project"

    @property
    def shelf(self) -> Path:
        """The results."""
        return self.folder / "shelf"

    def copy(self, folder: Path) -> Place:
        """The same in another folder, with all times as they are."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Place(folder)

    def from_scratch(self) -> Place:
        """The project as it is now, without any result and whatever tools have left behind."""
        place = Place(self.folder / "scratch")
        left = shutil.ignore_patterns(".daicho", "__pycache__")
        shutil.copytree(self.root, place.root, symlinks=True, ignore=left)
        return place


def new(folder: Path) -> Place:
    """Write the project."""
    place = Place(folder)
    write(place.root)
    return place


def write(root: Path) -> None:
    """Write the project's files, over whatever is there."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, target in LINKS.items():
        (root / name).symlink_to(target)


class Steps:
    """Plans and runs projects, each in a process that has imported daicho and nothing else."""

    def __init__(self, folder: Path, env: Mapping[str, str] = {}) -> None:
        own = environment(folder, folder / "home", {"PYTHONPATH": _SOURCES})
        del own["PYTHONDONTWRITEBYTECODE"]  # bytecode of before an edit must do no harm
        self._process = subprocess.Popen(
            [sys.executable, driver.__file__],
            env=own | dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def take(self, *places: Place, **asked: Any) -> list[Answer]:
        """Take a step with each of some projects."""
        requests = [{"root": str(each.root), "shelf": str(each.shelf), **asked} for each in places]
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        print(json.dumps(requests), file=stdin, flush=True)
        if stdout.readline().strip() != "done":
            errors = [each.shelf / "error.txt" for each in places]
            raise AssertionError("\n".join(each.read_text() for each in errors if each.exists()))
        return [
            Answer(json.loads((each.shelf / "answer.json").read_text(encoding="utf-8"))) for each in places
        ]

    def close(self) -> None:
        """End the process that the others come from."""
        self._process.communicate(timeout=60)


def step(*places: Place, env: Mapping[str, str] = {}, **asked: Any) -> list[Answer]:
    """Take one step with each of some projects, in an interpreter that is started for it."""
    with closing(Steps(places[0].folder, env)) as steps:
        return steps.take(*places, **asked)
