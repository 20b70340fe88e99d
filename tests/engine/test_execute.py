"""One task in this process: what it must have saved, what it may read, what is noticed, and how its end is told."""

# mypy: allow-untyped-calls
from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import luigi
import pytest

from daicho import Source, Task, output, source
from daicho.config.settings import Settings
from daicho.digest import of_bytes, of_value
from daicho.engine.assignment import Assignment, Guard
from daicho.engine.execute import announced, execute
from daicho.engine.stage import glance, of_path
from daicho.errors import InputError, NotFoundError
from daicho.ledger.active import RunReference
from daicho.record import Failure, Manifest
from daicho.runtime import activate
from daicho.task import graph
from daicho.task.runtime import ProjectRuntime


@dataclass
class Bench:
    """A project in a folder, and tasks that run in it as a worker runs them."""

    root: Path
    runtime: ProjectRuntime
    guards: list[Guard] = field(default_factory=list)
    raised: BaseException | None = None

    def run(self, task: luigi.Task) -> Manifest:
        """Run a task whose dependencies have run on this bench."""
        readable = list(graph.build(task).readable(task.task_id))
        inputs = {
            (node.task_id, role): str(self.stage(node.task) / declared.name)
            for _, node in readable
            for role, declared in node.outputs.items()
        }
        roles = {node.task_id: role for role, node in readable}
        assignment = Assignment(
            task.task_id, str(self.stage(task)), "log.txt", inputs, roles, tuple(self.guards)
        )
        done, self.raised = execute(task, assignment, self.runtime, nobody)
        written = (self.stage(task).parent / "manifest.json").read_text()
        assert done.manifest == Manifest.from_json(json.loads(written))
        assert not done.touched
        return done.manifest

    def failed(self, task: luigi.Task) -> Failure:
        """Run a task that must fail; how it did."""
        manifest = self.run(task)
        assert "failed" == manifest.outcome
        assert manifest.failure is not None
        assert () == manifest.outputs
        return manifest.failure

    def stage(self, task: luigi.Task) -> Path:
        """Where a task's outputs are."""
        return self.root / "stage" / str(task.task_id) / "out"

    def guard(self, path: Path, name: str = "`data.train`") -> None:
        """Watch a file as the engine watches inputs and sources."""
        self.guards.append(Guard(name, str(path), of_path(path), glance(path)))


def nobody() -> RunReference:
    """Which run is the task's? None of these tests logs."""
    raise AssertionError("nobody asks")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench with tasks of its own."""
    made = Bench(tmp_path, ProjectRuntime(tmp_path, Settings()))
    with activate(made.runtime):
        yield made


def task_of(body: Callable[[Any], Any], **attributes: Any) -> Any:
    """A task with that body and these outputs."""
    return type("Made", (Task,), {"run": body, "__module__": __name__, **attributes})()


# ------------------------------------------------------------------------------------------ outputs


def test_outputs_are_collected(bench: Bench) -> None:
    """A task that saves what it declares has run; its outputs are there by role, name, format, digest and size."""

    def body(task: Any) -> None:
        task.text.save("hello")
        (task.folder.path / "deep").mkdir()
        (task.folder.path / "deep/a.bin").write_bytes(b"123")
        task.plain.path.write_text("{}")
        with task.nested.open("w") as file:
            file.write("é")

    task = task_of(
        body,
        text=output("a.txt"),
        folder=output("plots/"),
        plain=output("b.json"),
        nested=output("in/a/folder.txt"),
    )
    manifest = bench.run(task)
    assert ("ran", None, {}) == (manifest.outcome, manifest.failure, manifest.extra)
    assert manifest.started <= manifest.ended
    found = {each.role: (each.name, each.format, each.size, each.folder) for each in manifest.outputs}
    expected = {
        "text": ("a.txt", "text", 5, False),
        "folder": ("plots", "folder", 3, True),
        "plain": ("b.json", "json", 2, False),
        "nested": ("in/a/folder.txt", "text", 2, False),
    }
    assert expected == found
    digests = {each.role: each.digest for each in manifest.outputs}
    assert of_bytes(b"hello") == digests["text"]
    assert of_path(bench.stage(task) / "plots") == digests["folder"]


def test_a_task_without_outputs_has_run(bench: Bench) -> None:
    """Nothing declared and nothing saved is a result, too."""
    assert ("ran", ()) == (bench.run(task_of(lambda task: None)).outcome, ())


def test_a_declared_output_must_be_saved(bench: Bench) -> None:
    """What was declared but not saved is named, with its file and what to do."""
    failure = bench.failed(task_of(lambda task: task.one.save("x"), one=output("a.txt"), two=output("b.txt")))
    assert ("output", "`Made.two` was declared but not saved (`b.txt`)") == (failure.error, failure.message)
    assert "self.two.save" in failure.hints[0]


def test_a_declared_folder_must_be_made(bench: Bench) -> None:
    """A folder that was never touched is not saved either."""
    assert (
        "`Made.plots` was declared but not saved"
        in bench.failed(task_of(lambda task: None, plots=output("plots/"))).message
    )


def test_what_is_saved_must_be_declared(bench: Bench) -> None:
    """A file beside the declared ones is an error that names it, in a folder too."""

    def body(task: Any) -> None:
        task.one.save("x")
        (task.one.path.parent / "extra.txt").write_text("y")

    failure = bench.failed(task_of(body, one=output("in/a.txt")))
    assert "`Made` saved `in/extra.txt`, which it does not declare" == failure.message
    assert 'output("in/extra.txt")' in failure.hints[0]


def test_an_open_file_is_noticed(bench: Bench) -> None:
    """A file that is still open may be half-written."""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("only Linux tells which files are open")
    kept: list[Any] = []

    def body(task: Any) -> None:
        kept.append(task.one.open("w"))
        kept[0].write("half")

    try:
        failure = bench.failed(task_of(body, one=output("a.txt")))
    finally:
        kept[0].close()
    assert "`Made` has returned, but `a.txt` is still open" == failure.message


def test_a_folder_in_the_place_of_a_file(bench: Bench) -> None:
    """A folder where a file was declared is an error."""
    failure = bench.failed(task_of(lambda task: task.one.path.mkdir(), one=output("a.txt")))
    assert "`a.txt` was declared as a file, but a folder was saved" == failure.message


def test_a_file_in_the_place_of_a_folder(bench: Bench) -> None:
    """A file where a folder was declared is an error."""

    def body(task: Any) -> None:
        task.plots.path.rmdir()
        (bench.stage(task) / "plots").write_text("no folder")

    failure = bench.failed(task_of(body, plots=output("plots/")))
    assert "`plots` was declared as a folder, but a file was saved" == failure.message


def test_another_tasks_output_cannot_be_saved(bench: Bench) -> None:
    """Only a task's own `run()` writes its outputs: also what it depends on stays as it is."""
    bench.run(Numbers())
    failure = bench.failed(Spoiler(data=Numbers()))
    assert "`Numbers.numbers` can be written only by its own `run()`" in failure.message
    assert "input" == failure.error
    with pytest.raises(InputError):
        Numbers().numbers.save([])


# ------------------------------------------------------------------------------------------- inputs


class Numbers(Task):
    """Some numbers."""

    seed: int = 0
    raw: Source = source("x.txt")
    numbers = output("numbers.json")

    def run(self) -> None:
        self.numbers.save([self.seed])


class Between(Task):
    """A wrapper."""

    data: Numbers


class Spoiler(Task):
    """Writes what is not its own."""

    data: Numbers

    def run(self) -> None:
        self.data.numbers.save([])


class Reader(Task):
    """Reads what it depends on, as the function says."""

    data: Numbers
    through: Between | None = None
    out = output("out.json")

    def run(self) -> None:
        self.out.save(READS[0](self))


READS: list[Callable[[Reader], Any]] = []


def reader(read: Callable[[Any], Any], seed: int = 0, *, between: bool = False) -> Reader:
    """A reader that reads so."""
    READS[:] = [read]
    return Reader(data=Numbers(seed=seed), through=Between(data=Numbers(seed=9)) if between else None)


def test_inputs_are_read_where_they_lie(bench: Bench) -> None:
    """An upstream output is loaded, opened and found by path; nothing of that is noted beside the key."""
    bench.run(Numbers(seed=3))
    task = reader(lambda task: [task.data.numbers.load(), task.data.numbers.path.name], seed=3)
    manifest = bench.run(task)
    assert ("ran", {}) == (manifest.outcome, manifest.extra)
    assert [[3], "numbers.json"] == json.loads((bench.stage(task) / "out.json").read_text())


def test_a_dependencys_parameter_is_noted(bench: Bench) -> None:
    """A parameter of a dependency that `run()` reads is kept with its value's digest, through wrappers too."""
    task = reader(lambda task: task.data.seed + task.through.data.seed, seed=3, between=True)
    assert {
        "parameter:data.seed": of_value(3),
        "parameter:through.data.seed": of_value(9),
        "parameter:through.data": of_value(Numbers(seed=9).task_id),
    } == bench.run(task).extra
    assert {} == bench.run(reader(lambda task: None, seed=3)).extra


def test_reading_after_the_run_is_not_noted(bench: Bench) -> None:
    """What others read of a task before and after it ran is not what it read."""
    task = reader(lambda task: None)
    assert 0 == task.data.seed
    manifest = bench.run(task)
    assert 0 == task.data.seed
    assert {} == manifest.extra


class PlainStyle(Task):
    """Declares its dependency as Luigi does."""

    out = output("out.json")

    def requires(self) -> list[luigi.Task]:
        return [Numbers(seed=5)]

    def run(self) -> None:
        (numbers,) = self.requires()
        self.out.save(numbers.seed)  # type: ignore[attr-defined]


def test_requires_is_watched_as_well(bench: Bench) -> None:
    """Also what comes out of `requires()` while it runs is a dependency whose parameters are noted."""
    assert {"parameter:requires[0].seed": of_value(5)} == bench.run(PlainStyle()).extra


class Plain(luigi.Task):
    """A task of plain Luigi with parameters of its own kinds."""

    seed = luigi.IntParameter(default=1)
    every = luigi.TimeDeltaParameter(default=timedelta(hours=1))
    options = luigi.DictParameter(default={"a": [1, 2]})
    month = luigi.MonthParameter(default=luigi.MonthParameter().parse("2024-02"))
    quiet = luigi.BoolParameter(default=False, significant=False)

    def complete(self) -> bool:
        return True


class AbovePlain(Task):
    """Depends on it."""

    data: Plain
    out = output("out.json")

    def run(self) -> None:
        self.out.save(None)


def test_parameters_of_plain_tasks_count_as_read(bench: Bench) -> None:
    """Reading Luigi's own parameters is not seen, so all that are significant are noted."""
    names = {"seed", "every", "options", "month"}
    assert {f"parameter:data.{name}" for name in names} == set(bench.run(AbovePlain(data=Plain())).extra)


def test_reading_what_is_no_dependency(bench: Bench) -> None:
    """Another task's output cannot be read without depending on it, and the error says how to."""
    bench.run(Numbers(seed=7))
    failure = bench.failed(reader(lambda task: Numbers(seed=7).numbers.load()))
    assert "`Reader` reads `Numbers.numbers`, but does not depend on it" == failure.message
    assert "numbers: Numbers" in failure.hints[0]


def test_another_tasks_source_cannot_be_read(bench: Bench) -> None:
    """A dependency's source is in that one's key, not in this one's."""
    failure = bench.failed(reader(lambda task: task.data.raw.path.read_text()))
    assert "`Reader` reads `Numbers.raw`, a source of another task" == failure.message
    assert "declare it: `raw: Source = source('x.txt')`" in failure.hints[0]


@pytest.mark.parametrize("change", ["other bytes", "gone", "back again"])
def test_an_input_that_changes_under_the_task(bench: Bench, tmp_path: Path, change: str) -> None:
    """What was read must be at the end what it was at the start; a change that was undone is none."""
    file = tmp_path / "train.csv"
    file.write_text("one")
    bench.guard(file)

    def body(task: Any) -> None:
        if change == "gone":
            file.unlink()
            return
        file.write_text("two")
        if change == "back again":
            file.write_text("one")

    manifest = bench.run(task_of(body))
    if change == "back again":
        assert "ran" == manifest.outcome
        return
    assert manifest.failure is not None
    assert "input" == manifest.failure.error
    expected = {
        "gone": "`data.train` is gone",
        "other bytes": "`data.train` changed while `Made` was to read it",
    }
    assert manifest.failure.message.startswith(expected[change])


def test_an_input_that_changed_before(bench: Bench, tmp_path: Path) -> None:
    """A task does not start on what is no longer what was planned with."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/a").write_text("one")
    bench.guard(tmp_path / "folder", "the source `folder`")
    (tmp_path / "folder/b").write_text("two")
    ran: list[int] = []
    failure = bench.failed(task_of(lambda task: ran.append(1)))
    assert [] == ran
    assert failure.message.startswith("the source `folder` changed")


def test_outputs_of_nothing_that_runs(bench: Bench) -> None:
    """Outside of a run an output has no place, and the error says so."""
    with pytest.raises(NotFoundError, match="`Numbers.numbers` has no result here"):
        _ = Numbers().numbers.path


def test_run_by_hand(bench: Bench) -> None:
    """Calling another task's `run()` from within one is refused."""
    failure = bench.failed(reader(lambda task: task.data.run()))
    assert "`Numbers.run()` was called by hand, outside of a run" == failure.message


# --------------------------------------------------------------------------------------------- ends


def test_a_failure_shows_the_users_own_frames(bench: Bench) -> None:
    """The cause first; then the project's own frames with the line that failed; the whole traceback beside it."""
    tools = bench.root / "tools.py"
    tools.write_text("def scale(x):\n    # a comment\n    return x / 0\n")
    spec: dict[str, Any] = {}
    exec(compile(tools.read_text(), str(tools), "exec"), spec)
    failure = bench.failed(task_of(lambda task: json.loads("1", parse_int=spec["scale"])))
    assert ("TypeError", 1) == (failure.error, len(failure.message.splitlines()))
    expected = ("tools.py:3 in scale", "     2 |     # a comment", ">    3 |     return x / 0")
    assert expected == failure.frames
    assert "execute.py" in failure.traceback
    assert "json" in failure.traceback


@pytest.mark.parametrize(
    ("code", "message"), [(3, "the task called sys.exit(3)"), (None, "the task called sys.exit()")]
)
def test_sys_exit_is_a_failure(bench: Bench, code: int | None, message: str) -> None:
    """A task that leaves Python has not done its work, whatever status it asks for."""
    failure = bench.failed(task_of(lambda task: sys.exit(code)))
    assert ("SystemExit", message) == (failure.error, failure.message)


def test_an_interrupt_is_told_from_a_failure(bench: Bench) -> None:
    """KeyboardInterrupt is a wish to stop."""

    def body(task: Any) -> None:
        raise KeyboardInterrupt

    assert "interrupted" == bench.run(task_of(body)).outcome


def test_daichos_own_errors_keep_their_hints(bench: Bench) -> None:
    """A format's refusal reaches people as a sentence with its hints, by its own code."""
    failure = bench.failed(task_of(lambda task: task.one.save(object()), one=output("a.json")))
    assert "format" == failure.error
    assert "Error" not in failure.message.split()[0]


def test_an_exception_group_and_a_cause(bench: Bench) -> None:
    """The sentence is that of the exception itself; what led to it is in the traceback."""

    def body(task: Any) -> None:
        try:
            raise OSError("the disk")
        except OSError as error:
            raise ExceptionGroup("two things", [ValueError("one")]) from error

    failure = bench.failed(task_of(body))
    assert "ExceptionGroup: two things (1 sub-exception)" == failure.message.splitlines()[0]
    assert "the disk" in failure.traceback


def test_what_stands_after_a_failure(bench: Bench) -> None:
    """The next task of the same process runs as if nothing had been."""
    bench.failed(task_of(lambda task: 1 / 0))
    assert None is bench.runtime.work
    assert "ran" == bench.run(Numbers()).outcome


# ------------------------------------------------------------------------------------- plain Luigi


class Made(luigi.Task):
    """A plain task that makes a file, or says that it does."""

    path = luigi.Parameter()
    really = luigi.BoolParameter(default=True)

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(self.path)

    def run(self) -> None:
        if self.really:
            Path(self.path).write_text("made")


class Yields(luigi.Task):
    """A plain task with dynamic dependencies."""

    def run(self) -> Iterator[luigi.Task]:
        yield Made(path=os.devnull)


def test_a_plain_task_runs(bench: Bench, tmp_path: Path) -> None:
    """A task of plain Luigi runs, has no outputs of ours, and has its target."""
    manifest = bench.run(Made(path=str(tmp_path / "a")))
    assert ("ran", (), "made") == (manifest.outcome, manifest.outputs, (tmp_path / "a").read_text())


def test_a_plain_task_that_makes_nothing_has_failed(bench: Bench, tmp_path: Path) -> None:
    """It ran, but its target is not there: what depends on it must not start."""
    failure = bench.failed(Made(path=str(tmp_path / "a"), really=False))
    assert "`Made` has run, but is not complete: a target of its `output()` is not there" == failure.message


def test_a_task_that_yields_where_nobody_runs_others(bench: Bench) -> None:
    """What it yields is not passed over in silence."""
    failure = bench.failed(Yields())
    assert "`Yields.run()` yields tasks, and nobody is here to run them" == failure.message
    assert "daicho.run(…)" in failure.hints[0]


def test_luigis_events_and_hooks_are_called(bench: Bench, tmp_path: Path) -> None:
    """START, SUCCESS and FAILURE, `on_success` and `on_failure`: as Luigi's own worker calls them."""
    heard: list[str] = []

    class Loud(luigi.Task):
        fails = luigi.BoolParameter(default=False)

        def run(self) -> None:
            if self.fails:
                raise ValueError("no")

        def on_success(self) -> None:
            heard.append("on_success")

        def on_failure(self, exception: BaseException) -> str:
            heard.append(f"on_failure {exception}")
            raise RuntimeError("and the hook fails, too")

    for event in ("START", "SUCCESS", "FAILURE"):
        Loud.event_handler(getattr(luigi.Event, event))(lambda *_, event=event: heard.append(event))
    for fails in (False, True):
        task = Loud(fails=fails)
        assignment = Assignment(task.task_id, str(tmp_path / task.task_id / "out"), "log.txt")
        done = announced(task, assignment, bench.runtime, nobody)
        if fails:
            assert done.manifest.failure is not None
            assert "ValueError: no" == done.manifest.failure.message
    assert ["START", "on_success", "SUCCESS", "START", "on_failure no"] == heard
