"""Outputs: declared names that every store can hold, files that only their own `run()` writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho import Output, Task, output
from daicho.errors import DaichoError, DeclarationError, InputError, NotFoundError
from daicho.task.output import RUNTIME
from daicho.task.runtime import ProjectRuntime, Work
from daicho.task.task import bound_outputs
from tests.task.conftest import Configure


class Writer(Task):
    number: int = 0
    text: Output[str] = output("deep/text.txt")
    table = output("table.json")
    plots = output("plots/")

    def run(self) -> None:
        self.text.save(f"number {self.number}")
        self.table.save({"number": self.number})
        (self.plots.path / "a.txt").write_text("a")


class Reader(Task):
    data: Writer
    result = output("result.txt")

    def run(self) -> None:
        self.result.save(self.data.text.load().upper())


def _work(
    runtime: ProjectRuntime, task: Any, stage: Path, inputs: Mapping[tuple[str, str], Path] = {}
) -> None:
    runtime.work = Work(task, stage, inputs)


@pytest.mark.parametrize(
    ("name", "plain", "format_", "folder"),
    [
        ("train.csv", "train.csv", "csv", False),
        ("a/b-c_d.2.json", "a/b-c_d.2.json", "json", False),
        ("plots/", "plots", "folder", True),
        ("größe.txt", "größe.txt", "text", False),
        ("with space.txt", "with space.txt", "text", False),
    ],
)
def test_a_name_tells_file_and_format(name: str, plain: str, format_: str, folder: bool) -> None:
    """The suffix tells the format, and a slash at the end a folder."""
    declared = output(name)
    assert (plain, format_, folder) == (declared.name, declared.format, declared.folder)


BAD_NAMES = [
    *("", "/", "/a.csv", "a//b.csv", "../a.csv", "a/../b.csv", "./a.csv", ".", ".."),
    *("a#b.csv", "a?b.csv", "a%b.csv", "a\\b.csv", "C:a.csv", "a*.csv", 'a".csv', "a<b.csv", "a|b.csv"),
    *("a\nb.csv", "a\0b.csv", " a.csv", "a.csv ", "a /b.csv"),
    *("daicho/a.csv", "daicho/", ".daicho.csv", "manifest.json", "a" * 197 + ".csv", "あ" * 80 + ".csv"),
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_some_store_cannot_hold_is_refused(name: str) -> None:
    """Names that a store would cut, refuse or take for something else are refused where they are declared."""
    with pytest.raises(DeclarationError, match=r"cannot be stored: ") as caught:
        output(name)
    assert caught.value.message.startswith(f"`output({name!r})`")
    assert "use letters" in caught.value.hints[0]


@given(st.text(max_size=12))
def test_a_name_that_is_taken_can_be_a_file(name: str) -> None:
    """Whatever name is taken lies below the folder that it is put in, and is a name of files."""
    try:
        declared = output(name, format="text")
    except DaichoError:
        return
    assert not Path(declared.name).is_absolute()
    assert ".." not in Path(declared.name).parts
    assert declared.name == Path(declared.name).as_posix()
    assert not set("\0\n#?%\\") & set(declared.name)


def test_an_unknown_suffix_is_refused_with_what_to_do() -> None:
    """Where the suffix says nothing a format must be named."""
    with pytest.raises(DaichoError, match="xyz"):
        output("a.xyz")
    assert "pickle" == output("a.xyz", format="pickle").format


def test_on_the_class_it_is_a_declaration() -> None:
    """Without an instance there is no file: the error says how to get one."""
    for use in (lambda: Writer.text.path, Writer.text.load, lambda: Writer.text.save("a"), Writer.text.open):
        with pytest.raises(DeclarationError, match=r"`text` is only a declaration here") as caught:
            use()
        assert "daicho.load" in caught.value.hints[0]


def test_an_output_knows_its_attribute_and_its_task() -> None:
    """An instance's outputs are its own, by attribute, in the order of the class."""
    task = Writer(number=3)
    outputs = bound_outputs(task)
    assert ["text", "table", "plots"] == list(outputs) == [each.role for each in outputs.values()]
    assert {task} == {each.task for each in outputs.values()}
    assert None is Writer.text.task


def test_run_writes_into_its_stage(configure: Configure, tmp_path: Path) -> None:
    """While a task runs its outputs lie in its stage, folders made, and can be read back."""
    runtime, task, stage = configure(), Writer(number=3), tmp_path / "stage"
    _work(runtime, task, stage)
    task.run()
    assert "number 3" == (stage / "deep/text.txt").read_text()
    assert "a" == (stage / "plots/a.txt").read_text()
    assert {"number": 3} == task.table.load()
    with task.text.open("a") as file:
        file.write(" ä")
    with task.text.open() as file:
        assert "number 3 ä" == file.read()
    with task.text.open("rb") as file:
        assert "number 3 ä".encode() == file.read()


def test_run_reads_what_it_depends_on(configure: Configure, tmp_path: Path) -> None:
    """An output of a dependency is read where the engine says that it lies."""
    runtime, data = configure(), Writer()
    (tmp_path / "input.txt").write_text("small")
    task = Reader(data=data)
    _work(runtime, task, tmp_path / "stage", {(data.task_id, "text"): tmp_path / "input.txt"})
    task.run()
    assert "SMALL" == (tmp_path / "stage/result.txt").read_text()
    assert data.complete()
    assert not Writer(number=1).complete()


def test_an_input_that_is_not_declared_is_refused(configure: Configure, tmp_path: Path) -> None:
    """A task that reads what it does not depend on is told so, with what to write."""
    runtime, task = configure(), Reader(data=Writer())
    _work(runtime, task, tmp_path)
    with pytest.raises(InputError) as caught:
        Writer(number=9).text.load()
    assert "`Reader` reads `Writer.text`, but does not depend on it" == caught.value.message
    assert ("declare it: an attribute `writer: Writer` in `Reader`",) == caught.value.hints


@pytest.mark.parametrize("mode", ["w", "a", "x", "r+", "wb"])
def test_nobody_else_s_output_is_written(configure: Configure, tmp_path: Path, mode: str) -> None:
    """A result that is there cannot be changed: not by another task, not outside of a run."""
    runtime, data = configure(), Writer()
    for running in (None, Work(Reader(data=data), tmp_path, {})):
        runtime.work = running
        with pytest.raises(InputError, match=r"`Writer.text` can be written only by its own `run\(\)`"):
            data.text.save("x")
        with pytest.raises(InputError, match=r"`Writer.text` can be written only by its own `run\(\)`"):
            data.text.open(mode)


def test_run_by_hand_is_refused(configure: Configure, tmp_path: Path) -> None:
    """Calling another task's `run()`, or one outside of a run, is refused with what to do instead."""
    runtime, data = configure(), Writer()
    for running in (None, Work(Reader(data=data), tmp_path, {})):
        runtime.work = running
        with pytest.raises(InputError, match=r"`Writer.run\(\)` was called by hand"):
            data.run()


def test_without_a_result_there_is_no_path(configure: Configure, tmp_path: Path) -> None:
    """Where no task runs, an output lies where its result does, or nowhere."""
    runtime, task = configure(), Writer()
    with pytest.raises(NotFoundError, match=r"`Writer.text` has no result"):
        task.text.load()
    runtime.locate = lambda task, role: tmp_path / f"{role}.txt"
    (tmp_path / "text.txt").write_text("found")
    assert "found" == task.text.load()


def test_a_loaded_task_knows_its_own_place(configure: Configure, tmp_path: Path) -> None:
    """A task that was loaded reads its result, whatever else is going on."""
    own = configure()
    own.locate = lambda task, role: tmp_path / "own.txt"
    (tmp_path / "own.txt").write_text("own")
    task = Writer(number=7)
    vars(task)[RUNTIME] = own
    configure()
    assert "own" == task.text.load()


def test_a_subclass_may_say_another_file() -> None:
    """An output that is declared again replaces the one that was inherited; None takes it away."""

    class Changed(Writer):
        table = output("other.csv")
        plots = None  # type: ignore[assignment]

    assert {"text": "deep/text.txt", "table": "other.csv"} == {
        role: each.name for role, each in bound_outputs(Changed()).items()
    }
