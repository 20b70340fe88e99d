"""Undeclared reads: which files a task opened without declaring them, and the line to add."""

from __future__ import annotations

import importlib
import inspect
import os
import runpy
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from daicho import Source, Task, output, source
from daicho.config.settings import Settings
from daicho.engine.assignment import Assignment, Guard
from daicho.engine.execute import execute
from daicho.engine.reads import notes_of, noting
from daicho.engine.stage import glance, of_path
from daicho.ledger.active import RunReference
from daicho.runtime import activate
from daicho.task.runtime import ProjectRuntime

Read = Callable[[Callable[[Path], object]], list[str]]


class Reader(Task):
    """Reads whatever a test says."""

    config: str = ""
    raw: Source = source("input/raw.txt")
    folder: Source = source("input/many")
    out = output("out.txt")

    def run(self) -> None:
        self.out.save("made")
        self.out.path.read_text()
        self.raw.load()
        BODIES[-1]()


BODIES: list[Callable[[], object]] = []


def nobody() -> RunReference:
    """Which run is the task's? None of these tests logs."""
    raise AssertionError("nobody asks")


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    """Run the task with a body, in a project with some files; what is noted."""
    root = tmp_path / "project"
    for name in (
        *(
            "input/raw.txt",
            "input/many/a.txt",
            "config/extra.json",
            "config/other.json",
            "code.py",
            "luigi.toml",
        ),
        *(".git/config", ".daicho/x.db", "mlruns/1/a/x.csv", "env/pyvenv.cfg", "env/lib/data.json", ".env"),
        *(f"images/{number}.png" for number in range(1_000)),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (tmp_path / "outside.txt").write_text("outside")
    time.sleep(0.02)  # what is there before the task begins is older than it
    runtime = ProjectRuntime(root, Settings())

    def run(body: Callable[[Path], object]) -> list[str]:
        with activate(runtime):
            task = Reader()
            guards = tuple(
                Guard(str(path), str(path), of_path(path), glance(path))
                for path in (root / task.raw.place, root / task.folder.place)
            )
            stage = root / "stage" / "launch" / str(task.task_id) / "out"
            BODIES.append(lambda: body(root))
            done, raised = execute(
                task, Assignment(task.task_id, str(stage), "log.txt", guards=guards), runtime, nobody
            )
        assert (None, "ran") == (raised, done.manifest.outcome)
        return list(done.manifest.notes)

    yield run
    BODIES.clear()


NOTE = '`Reader` read `config/extra.json`, which it does not declare: add `extra: Source = source("config/extra.json")`'


def test_an_undeclared_file_is_named(read: Read) -> None:
    """A project's file that is opened is named once, with the line to add."""

    def body(root: Path) -> None:
        for _ in range(3):
            (root / "config/extra.json").read_bytes()

    assert [NOTE] == read(body)


@pytest.mark.parametrize(
    "way",
    [
        lambda path: path.open().close(),
        lambda path: open(str(path)).close(),
        lambda path: open(os.fsencode(path)).close(),
        lambda path: os.close(os.open(path, os.O_RDONLY)),
        lambda path: os.close(os.open(str(path), os.O_RDWR)),
        lambda path: open(f"{path.parent}/../config/{path.name}").close(),
        lambda path: open(path, "r+").close(),
    ],
)
def test_every_way_to_open_is_seen(read: Read, way: Callable[[Path], object]) -> None:
    """Text, bytes, paths, descriptors, detours, and for reading and writing at once."""
    assert [NOTE] == read(lambda root: way(root / "config/extra.json"))


@pytest.mark.parametrize(
    "way",
    [
        lambda path: path.read_text(),
        lambda path: exec(path.read_bytes(), {"code": type("", (), {"py": 1})}),
        lambda path: runpy.run_path(str(path), {"code": type("", (), {"py": 1})}),
    ],
)
def test_a_source_that_is_read_as_data_is_named(read: Read, way: Callable[[Path], object]) -> None:
    """A Python file that is opened, or run as a text, is one that nothing else tells of."""
    note = '`Reader` read `code.py`, which it does not declare: add `code: Source = source("code.py")`'
    assert [note] == read(lambda root: way(root / "code.py"))


def test_a_source_that_is_imported_or_shown_is_not_named(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports and tracebacks read the text of code, too."""

    def body(root: Path) -> None:
        monkeypatch.syspath_prepend(str(root))
        (root / "imported.py").write_text("def fail():\n    raise KeyError\n")
        os.utime(root / "imported.py", (1, 1))
        module = importlib.import_module("imported")
        inspect.getsource(module)
        try:
            module.fail()
        except KeyError:
            traceback.format_exc()
        sys.modules.pop("imported")

    assert [] == read(body)


def test_relative_paths_are_seen(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path counts from where the task stood when it opened it."""

    def body(root: Path) -> None:
        monkeypatch.chdir(root / "config")
        open("extra.json").close()
        monkeypatch.chdir(root)

    assert [NOTE] == read(body)


def test_threads_are_seen(read: Read) -> None:
    """A thread that the task starts reads for the task."""

    def body(root: Path) -> None:
        thread = threading.Thread(target=(root / "config/extra.json").read_text)
        thread.start()
        thread.join()

    assert [NOTE] == read(body)


@pytest.mark.parametrize(
    "name",
    [
        *("input/raw.txt", "input/many/a.txt", "luigi.toml", ".git/config", ".daicho/x.db"),
        *("mlruns/1/a/x.csv", "env/lib/data.json", "../outside.txt"),
    ],
)
def test_what_is_declared_or_no_data_is_not_named(read: Read, name: str) -> None:
    """Sources, code, configuration, and what git, daicho and environments keep in the project are passed over."""
    assert [] == read(lambda root: (root / name).read_bytes())


def test_what_the_task_made_is_not_named(read: Read) -> None:
    """A file that was written meanwhile, by the task or a program that it started, is nothing that came in."""

    def body(root: Path) -> None:
        (root / "scratch.txt").write_text("x")
        (root / "scratch.txt").read_text()
        command = "import sys; open(sys.argv[1], 'w').write('x')"
        subprocess.run([sys.executable, "-c", command, str(root / "made.txt")], check=True)
        (root / "made.txt").read_text()

    assert [] == read(body)


def test_what_is_overwritten_was_not_read(read: Read) -> None:
    """Writing over a file or adding to it does not read it; what is missing was not read either."""

    def body(root: Path) -> None:
        with (root / "config/extra.json").open("a") as file:
            file.write("x")
        (root / "config/other.json").write_text("x")
        with pytest.raises(FileNotFoundError):
            (root / "config/none.json").read_text()

    assert [] == read(body)


def test_many_files_of_a_folder_are_one_note(read: Read) -> None:
    """A thousand pictures are one line, and the line to add names their folder."""

    def body(root: Path) -> None:
        for path in (root / "images").iterdir():
            path.read_bytes()

    line = 'add `images: Source = source("images")`'
    assert [f"`Reader` read 1,000 files in `images`, which it does not declare: {line}"] == read(body)


def test_nothing_is_seen_between_tasks(tmp_path: Path) -> None:
    """Only what is opened while a task runs is noted."""
    (tmp_path / "a.txt").write_text("a")
    with noting(tmp_path) as reads:
        pass
    (tmp_path / "a.txt").read_text()
    assert {} == reads.paths


@pytest.mark.parametrize(
    ("place", "attribute"),
    [
        ("config/extra.json", "extra"),
        ("config/config.json", "config_file"),  # a parameter of that name is there
        ("A-b c.tar.gz", "a_b_c"),
        ("data/2024.csv", "file_2024"),
        ("class.csv", "file_class"),
        (".env", "env"),
        ("run.txt", "run_file"),
        ("….txt", "file"),
    ],
)
def test_the_line_to_add_can_be_added(place: str, attribute: str) -> None:
    """The attribute is a name that the class does not have, and the class with that line is a class."""
    [note] = notes_of(Reader, [place])
    assert note.endswith(f'add `{attribute}: Source = source("{place}")`')
    more: dict[str, Any] = {"__annotations__": {attribute: "Source"}, attribute: source(place)}
    type("More", (Reader,), {"__module__": __name__, **more})


def test_notes_are_not_a_flood() -> None:
    """Ten are named, the rest is counted."""
    *named, last = notes_of(Reader, [f"{number}/a.txt" for number in range(25)])
    assert 10 == len(named)
    assert "`Reader` read 15 more files of the project, which it does not declare" == last
