"""Tasks that read some outputs of others: another output's new content stops there, and is out of their reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from daicho import Source, Task, output, source
from daicho.config.project import Project
from daicho.config.settings import compose
from daicho.record import Failure
from daicho.runtime import activate
from daicho.task.runtime import ProjectRuntime
from tests.engine.carrying import Carrying

Launch = Callable[[], Carrying]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Begin a launch of a project with two input files; what came before is still recorded."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(name)
    carrying = Carrying(tmp_path)
    with ExitStack() as stack:

        def begin() -> Carrying:
            settings = compose(Project(tmp_path, None), environment={})
            stack.enter_context(activate(ProjectRuntime(tmp_path, settings)))
            return carrying

        yield begin


class Split(Task):
    """Two outputs, each from a file of its own."""

    a: Source = source("a.txt")
    b: Source = source("b.txt")
    train = output("train.txt")
    test = output("test.txt")

    def run(self) -> None:
        """Copies."""
        self.train.save(self.a.path.read_text())
        self.test.save(self.b.path.read_text())


class Reader(Task):
    """Reads one of two outputs."""

    data: Split
    out = output("out.txt")

    def run(self) -> None:
        """Reads."""
        self.out.save(self.data.train.load())


class Whole(Task):
    """Reads nothing of what it needs: all of it counts."""

    data: Split
    out = output("out.txt")

    def run(self) -> None:
        """Writes."""
        self.out.save("whole")


class Odd(Task):
    """Reads one of two outputs, and then does what a test says."""

    data: Split
    out = output("out.txt")

    def run(self) -> None:
        """Does it."""
        self.out.save(str(_doing["it"](self.data.train)))


_doing: dict[str, Callable[[Any], object]] = {}


class Both(Task):
    """A wrapper around two readers."""

    reader: Reader
    whole: Whole


def test_only_what_is_read_makes_it_run_again(launch: Launch, tmp_path: Path) -> None:
    """A new content of an output that a task does not read leaves it as it is; its record names what it has read."""
    assert ["Split", "Reader", "Whole"] == launch().run(Both.configured())
    (tmp_path / "b.txt").write_text("other")
    assert ["Split", "Whole"] == launch().run(Both.configured())
    (tmp_path / "a.txt").write_text("other")
    carrying = launch()
    assert ["Split", "Reader", "Whole"] == carrying.run(Both.configured())
    assert {} == carrying.failures
    read = {each.task: [item.role for item in each.inputs] for each in carrying.store.records}
    assert {"Split": [], "Reader": ["data.train"], "Whole": ["data.train", "data.test"]} == read


def _odd(carrying: Carrying, body: Callable[[Any], object]) -> Failure:
    _doing["it"] = body
    carrying.failures.clear()
    assert "Odd" == carrying.run(Odd.configured())[-1]
    return carrying.failures["Odd"]


def test_what_is_out_of_reach(launch: Launch) -> None:
    """Another output is refused by its task, and not there beside the one that is read; nothing is written there."""
    carrying = launch()
    failed = _odd(carrying, lambda train: train.task.test.load())
    assert "`Odd` reads `Split.test`, but its code shows only that it reads `train`" == failed.message
    failed = _odd(carrying, lambda train: train.path.with_name("test.txt").read_text())
    assert (
        "input",
        "`Odd` opens `test.txt` beside an output of `data` that it reads",
        "read each output by its attribute, in a method of `Odd`: `self.data.….path`",
    ) == (failed.error, failed.message, failed.hints[0])
    failed = _odd(carrying, lambda train: train.path.with_name("new.txt").write_text("x"))
    assert "`Odd` wrote `new.txt` into the folder of" in failed.message
    failed = _odd(carrying, lambda _: Path("/nowhere/a").read_text())
    assert "FileNotFoundError" == failed.error
