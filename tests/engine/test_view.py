"""Tasks that work with paths: they see what they read in one folder for each task, and no more; and what runs again."""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import luigi
import pytest
from luigi.util import requires

from daicho import RunTask, Task, output
from daicho.config.project import Project
from daicho.config.settings import compose
from daicho.record import Failure
from daicho.runtime import activate
from daicho.task.runtime import ProjectRuntime
from tests.engine.carrying import Carrying

Launch = Callable[..., Carrying]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Begin a launch of a project with two input files: `launch(toml)`; what came before is still recorded."""
    (tmp_path / "input").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"input/{name}.csv").write_text(name)
    carrying = Carrying(tmp_path)
    with ExitStack() as stack:

        def begin(toml: str = "") -> Carrying:
            (tmp_path / "luigi.toml").write_text('[PathConfig]\ninput = "./input/"\n' + toml)
            settings = compose(Project(tmp_path, tmp_path / "luigi.toml"), environment={})
            stack.enter_context(activate(ProjectRuntime(tmp_path, settings)))
            return carrying

        yield begin


class Load(RunTask):
    def build_input_output_path_dicts(self):
        inputs = {name: f"{self.path_config['input']}{name}.csv" for name in ("a", "b")}
        outputs = {name: f"{self.path_config['Load']}{name}" for name in ("a", "b")}
        return inputs, {**outputs, "deep": f"{self.path_config['Load']}in/deep.txt"}

    def run(self):
        for name in ("a", "b"):
            _write(self.output_paths_dict[name], _read(self.input_paths_dict[name]))
        os.mkdir(f"{self.path_config['Load']}in")
        _write(self.output_paths_dict["deep"], "deep")


@requires(Load)
class First(RunTask):
    def build_input_output_path_dicts(self):
        return {"a": f"{self.path_config['Load']}a"}, {"first": f"{self.path_config['First']}first"}

    def run(self):
        _write(
            self.output_paths_dict["first"], _read(self.input_paths_dict["a"]) + str(self.config.get("x", 0))
        )


@requires(First)
class Last(RunTask):
    """Reads from two tasks, one of which it needs only by way of the other."""

    def build_input_output_path_dicts(self):
        inputs = {"first": f"{self.path_config['First']}first", "load": self.path_config["Load"]}
        return inputs, {"last": f"{self.path_config['Last']}last/"}

    def run(self):
        found = sorted(os.listdir(self.input_paths_dict["load"]))
        os.mkdir(self.output_paths_dict["last"])
        _write(f"{self.output_paths_dict['last']}list", " ".join(found))
        _write(f"{self.output_paths_dict['last']}first", _read(self.input_paths_dict["first"]))


@requires(Load)
class Odd(RunTask):
    """Reads one file of Load, and then does what a test says."""

    body: ClassVar[Any] = None

    def build_input_output_path_dicts(self):
        return {"a": f"{self.path_config['Load']}a"}, {"odd": f"{self.path_config['Odd']}odd"}

    def run(self):
        type(self).body(self)


def _read(path: str) -> str:
    return Path(path).read_text()


def _write(path: str, text: str) -> None:
    Path(path).write_text(text)


def _last(carrying: Carrying) -> str:
    (found,) = [each for each in carrying.store.records if each.task == "Last"][-1:]
    return (carrying.store.places[str(found.run_id)] / "last/first").read_text()


def _odd(carrying: Carrying, body: Callable[[Any], object]) -> Failure:
    Odd.body = staticmethod(body)
    carrying.failures.clear()
    assert carrying.run(Odd())[-1] == "Odd"
    return carrying.failures["Odd"]


def test_files_under_their_names(launch: Launch) -> None:
    """What a task reads lies in one folder for each other task, under the names of the outputs; twice runs nothing."""
    carrying = launch()
    assert ["Load", "First", "Last"] == carrying.run(Last())
    assert ({}, ()) == (carrying.failures, carrying.notes)
    (last,) = [each for each in carrying.store.records if each.task == "Last"]
    assert "a b in" == (carrying.store.places[str(last.run_id)] / "last/list").read_text()
    assert {"First.first", "Load.a", "Load.b", "Load.deep"} == {each.role for each in last.inputs}
    assert [] == carrying.run(Last())


def test_only_what_is_read_makes_it_run_again(launch: Launch) -> None:
    """A new content of an output that nobody reads stops there; a section runs its task and what reads it."""
    carrying = launch()
    carrying.run(First())
    (carrying.root / "input/b.csv").write_text("other")
    assert ["Load"] == launch().run(First())
    (carrying.root / "input/a.csv").write_text("A")
    assert ["Load", "First"] == launch().run(First())
    assert ["First", "Last"] == launch("[First]\nx = 1\n").run(Last())[-2:]
    assert "A1" == _last(carrying)
    assert [] == launch("[first]\nx = 1\n").run(Last())


def test_a_pin_to_equal_bytes(launch: Launch, tmp_path: Path) -> None:
    """A pin to what is there anyway reuses all below it; one to other bytes runs what reads it, and is only read."""
    carrying = launch()
    carrying.run(Last())
    old = tmp_path / "mlruns/1/abc/artifacts/Load"
    (old / "in").mkdir(parents=True)
    for name, text in {"a": "a", "b": "b", "in/deep.txt": "deep"}.items():
        (old / name).write_text(text)
    pin = f'Load = "./{old.relative_to(tmp_path)}/"\n'
    assert [] == launch(pin).run(Last())
    (old / "a").write_text("old")
    assert ["First", "Last"] == launch(pin).run(Last())
    assert "old0" == _last(carrying)
    assert ["a", "b", "in"] == sorted(os.listdir(old))
    assert [] == launch().run(Last())


def test_both_kinds_in_one_graph(launch: Launch) -> None:
    """A new task reads an old one's outputs by name, an old one a new one's by path, each as if all were of its kind."""

    class New(Task):
        first: First
        sum = output("sum.txt")
        rest = output("rest.txt")

        def run(self) -> None:
            self.sum.save(self.first.first.path.read_text() + "!")
            self.rest.save("")

    @requires(New)
    class Old(RunTask):
        def build_input_output_path_dicts(self):
            return {"sum": f"{self.path_config['New']}sum.txt"}, {"old": f"{self.path_config['Old']}old.txt"}

        def run(self):
            _write(self.output_paths_dict["old"], _read(self.input_paths_dict["sum"]) + self.old.path.name)

    class Newest(Task):
        old: Old
        newest = output("newest.txt")

        def run(self) -> None:
            self.newest.save(self.old.old.load())

    carrying = launch()
    assert ["Load", "First", "New", "Old", "Newest"] == carrying.run(Newest(old=Old()))
    assert {} == carrying.failures
    newest = carrying.store.records[-1]
    assert "a0!old.txt" == (carrying.store.places[str(newest.run_id)] / "newest.txt").read_text()


def test_copied_parameters(launch: Launch) -> None:
    """What `@requires` copies from a new task onto an old one counts only if it is read, and only its value."""

    class Given(Task):
        width: int = 1
        height: int = 1
        area = output("area.txt")

        def run(self) -> None:
            self.area.save(str(self.width * abs(self.height)))

    @requires(Given)
    class Taken(RunTask):
        def build_input_output_path_dicts(self):
            return {"area": f"{self.path_config['Given']}area.txt"}, {"it": f"{self.path_config['Taken']}it"}

        def run(self):
            _write(self.output_paths_dict["it"], str(self.width))

    carrying = launch("[Given]\nwidth = 2\nheight = 6\n")
    assert ["Given", "Taken"] == carrying.run(Taken())
    taken = carrying.store.records[-1]
    assert ({}, ["parameter:Given.width"]) == (taken.parameters, list(taken.extra))
    assert ["Given"] == launch("[Given]\nwidth = 2\nheight = -6\n").run(Taken())
    assert ["Given", "Taken"] == launch("[Given]\nwidth = 3\nheight = 4\n").run(Taken())


def test_reading_what_was_not_named(launch: Launch) -> None:
    """A file of another task that is not among the inputs is not there: the sentence says what to write."""
    carrying = launch()
    failed = _odd(carrying, lambda task: _read(f"{task.path_config['Load']}b"))
    assert (
        "input",
        "`Odd` opens `b` of `Load`, which it has not named among its inputs",
        "name it in `build_input_output_path_dicts()`: f\"{self.path_config['Load']}b\"",
    ) == (failed.error, failed.message, failed.hints[0])
    failed = _odd(carrying, lambda task: _read(f"{task.path_config['First']}first"))
    assert "`Odd` opens `first` of `First`, which it has not named among its inputs" == failed.message
    failed = _odd(carrying, lambda task: task.requires().b.path)
    assert (
        "`Odd` reads `Load.b`, but does not depend on it",
        ("declare it: f\"{self.path_config['Load']}b\" among its inputs",),
    ) == (failed.message, failed.hints)
    failed = _odd(carrying, lambda task: _read("/nowhere/a"))
    assert "FileNotFoundError" == failed.error


def test_writing_where_it_must_not(launch: Launch) -> None:
    """What is written into another task's folder, or saved without a name, or not saved, is told with what to do."""
    carrying = launch()
    failed = _odd(carrying, lambda task: _write(f"{task.path_config['Load']}new", "x"))
    assert "`Odd` wrote `new` into the folder of `Load`" == failed.message
    failed = _odd(carrying, lambda task: None)
    assert ("write it in `run()`, to self.output_paths_dict['odd']",) == failed.hints

    def more(task: Any) -> None:
        _write(task.output_paths_dict["odd"], "x")
        _write(f"{task.path_config['Odd']}more", "x")

    failed = _odd(carrying, more)
    assert ("name it among the outputs of `build_input_output_path_dicts()`",) == failed.hints


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux tells which files are open")
def test_a_file_left_open(launch: Launch) -> None:
    """A file that is still open when `run()` returns would be recorded half-written: it fails."""
    kept: list[Any] = []
    failed = _odd(launch(), lambda task: kept.append(Path(task.output_paths_dict["odd"]).open("w")))  # noqa: SIM115
    kept.pop().close()
    assert "`Odd` has returned, but `odd` is still open" == failed.message


def test_a_folder_without_a_suffix(launch: Launch) -> None:
    """An output whose name says nothing may be a folder."""
    Odd.body = staticmethod(lambda task: _folder(task.output_paths_dict["odd"]))
    carrying = launch()
    carrying.run(Odd())
    assert ({}, [True]) == (carrying.failures, [each.folder for each in carrying.store.records[-1].outputs])


def test_a_section_of_another_task(launch: Launch) -> None:
    """A section of a dependency that was read counts from then on."""
    Odd.body = staticmethod(lambda task: _write(task.output_paths_dict["odd"], str(task.requires().config)))
    carrying = launch("[Load]\nx = 1\n")
    assert ["Load", "Odd"] == carrying.run(Odd())
    assert ["parameter:Load.config"] == list(carrying.store.records[-1].extra)
    assert [] == launch("[Load]\nx = 1\n").run(Odd())
    assert ["Load", "Odd"] == launch("[Load]\nx = 2\n").run(Odd())


def test_undeclared_files_are_noted(launch: Launch) -> None:
    """A file of the project that it opens by another path than its inputs is noted."""

    def body(task: Any) -> None:
        _write(task.output_paths_dict["odd"], _read(f"{task.path_config['input']}b.csv"))

    Odd.body = staticmethod(body)
    carrying = launch()
    for name in ("a", "b"):
        os.utime(carrying.root / f"input/{name}.csv", (1, 1))
    carrying.run(Odd())
    assert (
        "`Odd` read `input/b.csv`, which is not among the inputs that it names by their paths",
    ) == carrying.notes


def test_luigis_own_view(launch: Launch) -> None:
    """While it runs, `input()` gives Luigi's targets of what it reads, and `output()` where it writes."""
    seen: list[Any] = []

    def body(task: Any) -> None:
        seen.extend([_read(task.input()[0].path), isinstance(task.output()[0], luigi.LocalTarget)])
        _write(task.output()[0].path, "x")

    Odd.body = staticmethod(body)
    carrying = launch()
    carrying.run(Odd())
    assert ({}, ["a", True]) == (carrying.failures, seen)


def _folder(path: str) -> None:
    os.mkdir(path)
    _write(f"{path}/a", "a")
