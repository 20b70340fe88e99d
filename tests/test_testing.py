"""`daicho.testing`: one task by itself, and several with a store that is gone afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import daicho
from daicho import Output, Source, Task, output, source
from daicho.errors import InputError, OutputError, UsageError
from daicho.testing import run_task, temporary_store


class Numbers(Task):
    """Counts."""

    count: int = 5
    scale: int
    numbers: Output[list[int]] = output("numbers.json")
    names: Output[str] = output("names.txt")

    def run(self) -> None:
        """Save both."""
        self.numbers.save([self.scale * each for each in daicho.progress(range(self.count))])
        self.names.save(f"{self.count}\n")


class Total(Task):
    """Adds, and what it is told more."""

    parts: list[Numbers]
    more: Source = source("more.json")
    total: Output[int] = output("total.json")

    def run(self) -> None:
        """Add."""
        added = sum(sum(part.numbers.load()) for part in self.parts)
        self.total.save(added + sum(self.more.load()))


class Hiding(Task):
    """Reads an output where the code of the class does not show it."""

    before: Numbers
    out: Output[str] = output("out.txt")

    def run(self) -> None:
        """Read both."""
        self.out.save(f"{_beside(self.before.numbers)} {self.before.numbers.load()}")


def _beside(found: Output[list[int]]) -> object:
    return found.task.names.load()


class Forgetful(Task):
    """Does not save what it declares."""

    out = output("out.json")

    def run(self) -> None:
        """Save nothing."""


class Logging(Task):
    """Logs a metric."""

    before: Numbers
    out: Output[int] = output("out.json")

    def run(self) -> None:
        """Log, and save."""
        import mlflow

        mlflow.log_metrics({"loss": 0.5, "steps": 3})
        self.out.save(len(self.before.names.load()))


def _total() -> Total:
    return Total(parts=[Numbers(scale=1), Numbers(scale=2)])


def test_a_task_with_given_inputs(tmp_path: Path) -> None:
    """A task reads the values that the test gives and a source of the folder, and what it saves comes back."""
    (tmp_path / "more.json").write_text("[100]")
    ran = run_task(_total(), inputs={"parts[0].numbers": [1, 2], "parts[1].numbers": [30]}, folder=tmp_path)
    assert 133 == ran["total"]
    assert {"total": 133} == ran.outputs
    assert "133" == ran.paths["total"].read_text().strip()
    assert ["more.json"] == [path.name for path in tmp_path.iterdir()]


def test_a_class_with_values(tmp_path: Path) -> None:
    """A class gets its values by name, also where a project's configuration has others."""
    (tmp_path / "luigi.toml").write_text("[Numbers]\ncount = 3\nscale = 9\n")
    assert [0, 9, 18] == run_task(Numbers, folder=tmp_path)["numbers"]
    assert [0, 1, 2] == run_task(Numbers, params={"Numbers.scale": 1}, folder=tmp_path)["numbers"]


def test_a_file_as_an_input(tmp_path: Path) -> None:
    """A path is read as it is."""
    given = tmp_path / "given.json"
    given.write_text("[7]")
    (tmp_path / "more.json").write_text("[]")
    task = Total(parts=[Numbers(scale=1)])
    assert 7 == run_task(task, inputs={"parts[0].numbers": given}, folder=tmp_path)["total"]
    assert "[7]" == given.read_text()


def test_what_the_files_are_is_gone_with_the_value(tmp_path: Path) -> None:
    """The files of a task's outputs are there as long as the value that knows them."""
    ran = run_task(Numbers, params={"Numbers.scale": 1}, folder=tmp_path)
    path = ran.paths["names"]
    assert path.is_file()
    del ran
    assert not path.exists()


def test_mistakes_of_a_test_are_named(tmp_path: Path) -> None:
    """An input that there is not, one that is missing, and a value that is missing: each says what to write."""
    (tmp_path / "more.json").write_text("[]")
    with pytest.raises(UsageError, match="`Total` has no input `parts.numbers`") as unknown:
        run_task(_total(), inputs={"parts.numbers": [1]}, folder=tmp_path)
    assert "did you mean `parts[" in str(unknown.value)
    with pytest.raises(
        InputError, match="`Total` reads `parts\\[1\\].numbers`, which the test does not give"
    ):
        run_task(_total(), inputs={"parts[0].numbers": [1]}, folder=tmp_path)
    with pytest.raises(UsageError, match="`Numbers.scale` has no value"):
        run_task(Numbers, folder=tmp_path)


def test_what_a_run_would_not_give(tmp_path: Path) -> None:
    """An output that the code does not show to be read is refused as in a run, though the test gives it."""
    inputs = {"before.numbers": [1], "before.names": "a"}
    with pytest.raises(InputError, match=r"reads `Numbers.names`, but its code shows only .* `numbers`"):
        run_task(Hiding(before=Numbers(scale=1)), inputs=inputs, folder=tmp_path)


def test_what_the_task_raises_is_raised(tmp_path: Path) -> None:
    """What a task does not do as it declares fails the test that runs it, and nothing is left behind."""
    with pytest.raises(OutputError, match="`Forgetful.out` was declared but not saved"):
        run_task(Forgetful, folder=tmp_path)


def test_outside_of_a_run_progress_only_yields() -> None:
    """The items come through, and no end is reached that is not there."""
    assert [1, 2] == list(daicho.progress([1, 2]))
    endless = daicho.progress(iter(int, 1))
    assert [0, 0] == [next(endless), next(endless)]


@pytest.mark.slow
def test_metrics_without_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a task logs is known, and goes to no store that anybody keeps."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    ran = run_task(Logging(before=Numbers(scale=1)), inputs={"before.names": "abc"}, folder=tmp_path)
    assert {"loss": 0.5, "steps": 3.0} == ran.metrics
    assert 3 == ran["out"]
    assert "http://127.0.0.1:9" == os.environ["MLFLOW_TRACKING_URI"]
    assert [] == list(tmp_path.iterdir())


@pytest.mark.slow
def test_several_tasks_with_a_temporary_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target runs inline, is found again, and can be loaded; afterwards there is no store."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with temporary_store(tmp_path) as store:
        assert store.uri == os.environ["MLFLOW_TRACKING_URI"]
        assert "done" == store.run(Numbers, params={"Numbers.scale": 3}).status
        assert store.status(Numbers, params={"Numbers.scale": 3}).nothing_to_do
        assert [0, 3, 6, 9, 12] == store.load(Numbers, params={"Numbers.scale": 3}).numbers.load()
    assert "MLFLOW_TRACKING_URI" not in os.environ
    assert not store.folder.exists()
    assert [] == list(tmp_path.iterdir())
