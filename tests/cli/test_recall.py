"""Answers that are given again: only as long as asking anew would give the same."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daicho.cli.recall import TOOK, question, recalled, remember
from daicho.plan.grounds import Grounds, grounds_of
from daicho.plan.plan import Plan
from daicho.plan.prepare import open_project, prepare
from tests.support.project import Project

ASKED = ["status"]
FAR = 10**18
"""Nanoseconds: files that were just written are taken for settled, for nobody touches them meanwhile."""

TASKS = '''
from daicho import Source, Task, output, source
import recalled_helpers

class Count(Task):
    """Counts."""
    raw: Source = source("input/words.txt")
    more: int = 0
    count = output("count.json")

    def run(self):
        self.count.save(recalled_helpers.length(self.raw.path.read_text()) + self.more)

class Double(Task):
    of: Count
    count = output("count.json")

    def run(self):
        self.count.save(2 * self.of.count.load())
'''


def _question() -> str:
    asked = question(ASKED)
    assert asked is not None
    return asked


def _recalled(arguments: list[str]) -> int | None:
    return recalled(arguments, question(arguments))


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose target is up to date."""
    folder = tmp_path_factory.mktemp("recall")
    (folder / "project").mkdir()
    project = Project(folder / "project", folder, folder)
    project.write("recalled_tasks.py", TASKS)
    project.write("recalled_helpers.py", "def length(text):\n    return len(text)\n")
    project.write("input/words.txt", "one two three")
    project.write(
        "luigi.toml",
        '[daicho]\ntasks = ["recalled_tasks"]\nproject = "recall"\n\n[RunConfig]\ntask = "Double"\n',
    )
    done = project.run("run")
    assert 0 == done.returncode, done.stderr
    return project


@pytest.fixture
def root(computed: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it to change, as the current folder."""
    copy = tmp_path / "copy"
    shutil.copytree(computed.root, copy, symlinks=True, ignore=shutil.ignore_patterns("answers"))
    monkeypatch.chdir(copy)
    path = list(sys.path)
    yield copy
    sys.path[:] = path
    _forget_modules()


def _forget_modules() -> None:
    for name in ("recalled_tasks", "recalled_helpers"):
        sys.modules.pop(name, None)


def _planned(root: Path) -> tuple[Plan, Grounds | None]:
    """The plan of now, and what it rests on."""
    _forget_modules()
    prepared = prepare(open_project(root))
    plan = prepared.planner.plan()
    return plan, grounds_of(prepared, plan, root, time.time_ns() + FAR)


def _kept(root: Path) -> str:
    plan, grounds = _planned(root)
    assert grounds is not None
    text = json.dumps(plan.to_json())
    remember(_question(), grounds, [(1, text)], 0)
    return text


def test_given_again(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing changed, the same text is printed, on the same streams, with the same status."""
    _, grounds = _planned(root)
    assert grounds is not None
    remember(
        _question(),
        grounds,
        [(1, "up to date ("), (2, "a warning\n"), (1, f"{3.25} s)\n")],
        1,
        (("3.25", TOOK),),
    )
    assert 1 == _recalled(ASKED)
    told = capsys.readouterr()
    assert "up to date (0.0 s)\n" == told.out
    assert "a warning\n" == told.err


CHANGES: dict[str, Callable[[Path], object]] = {
    "source": lambda root: (root / "input/words.txt").write_text("one two"),
    "code of a helper": lambda root: (root / "recalled_helpers.py").write_text("def length(text): return 1\n"),
    "a comment": lambda root: (root / "recalled_tasks.py").write_text(TASKS + "# a comment\n"),
    "configuration": lambda root: (root / "luigi.toml").write_text((root / "luigi.toml").read_text() + "[Count]\nmore=1\n"),
    "a pyproject.toml": lambda root: (root / "pyproject.toml").write_text("[project]\nname = 'other'\n"),
    "a .env": lambda root: (root / ".env").write_text("DAICHO_Count__more=2\n"),
    "a module that hides another": lambda root: (root / "json.py").write_text(""),
    "an output": lambda root: _overwrite(next((root / "mlruns").rglob("count.json"))),
    "an output that is gone": lambda root: next((root / "mlruns").rglob("count.json")).unlink(),
    "the store": lambda root: os.utime(root / "mlflow.db"),
    "the store is gone": lambda root: (root / "mlflow.db").unlink(),
    "a write-ahead log": lambda root: (root / "mlflow.db-wal").write_bytes(b""),
}  # fmt: skip


def _overwrite(path: Path) -> None:
    path.chmod(0o644)
    path.write_text("7")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_asked_anew(change: Callable[[Path], object], root: Path) -> None:
    """Whatever planning would look at: if it changed, the answer is worked out anew."""
    _kept(root)
    assert 0 == _recalled(ASKED)
    change(root)
    assert None is _recalled(ASKED)


def test_another_question(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other words, other surroundings, another folder: no answer is kept for these."""
    _kept(root)
    assert None is _recalled(["status", "Count"])
    assert None is _recalled([])
    with monkeypatch.context() as patch:
        patch.setenv("DAICHO_Count__more", "3")
        assert None is _recalled(ASKED)
    with monkeypatch.context() as patch:
        patch.chdir(root / "input")
        assert None is _recalled(ASKED)
    assert 0 == _recalled(ASKED)


def test_damaged_answer(root: Path) -> None:
    """A kept answer that is no answer is not given, and is no error."""
    _kept(root)
    (kept,) = (root / ".daicho/answers").iterdir()
    whole = kept.read_bytes()
    for damaged in (
        b"",
        b"\xff\xfe",
        whole[:100],
        whole.split(b"\n\n")[0],
        whole.replace(b"\n0\n", b"\nx\n", 1),
    ):
        kept.write_bytes(damaged)
        assert _recalled(ASKED) in (None, 0)
    kept.write_bytes(whole.split(b"\n")[0])
    assert None is _recalled(ASKED)


def test_what_was_touched_just_now_is_not_kept(root: Path) -> None:
    """Within the clock's grain a second write would not be seen: such an answer is not kept."""
    _forget_modules()
    prepared = prepare(open_project(root))
    assert None is grounds_of(prepared, prepared.planner.plan(), root, time.time_ns())


def test_graph_that_asks_the_clock_is_not_kept(root: Path) -> None:
    """A graph whose shape may be another one next time is planned anew each time."""
    odd = "import os\nclass Last(Task):\n    def requires(self): return [Count(more=len(os.listdir('.')))]\n    def run(self): pass\n"
    (root / "recalled_tasks.py").write_text(TASKS + odd)
    assert _planned(root)[1] is not None  # `Double` does not need it
    (root / "luigi.toml").write_text((root / "luigi.toml").read_text().replace('"Double"', '"Last"'))
    assert None is _planned(root)[1]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=3), first=st.integers(0, 3))
def test_never_another_answer(
    edits: list[str], first: int, root: Path, computed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """After any edits, what is given again is what asking anew gives."""
    shutil.rmtree(root)
    shutil.copytree(computed.root, root, symlinks=True, ignore=shutil.ignore_patterns("answers"))
    os.chdir(root)
    for place, edit in enumerate(edits):
        if place == first:
            _keep_if_possible(root)
        try:
            CHANGES[edit](root)
        except (OSError, StopIteration):
            continue  # an earlier edit took away what this one is about
    capsys.readouterr()
    if _recalled(ASKED) is not None:
        assert _anew(root) == json.loads(capsys.readouterr().out)


def _keep_if_possible(root: Path) -> None:
    try:
        _kept(root)
    except Exception:
        return


def _anew(root: Path) -> Any:
    return json.loads(json.dumps(_planned(root)[0].to_json()))


def _settled(project: Project, *names: str) -> None:
    """Wait until these are older than the clock's grain: what was touched just now is not trusted."""
    while time.time() - max(os.stat(project.root / name).st_mtime for name in names) < 2.1:
        time.sleep(0.05)


def test_whole_command(computed: Project) -> None:
    """The command gives its own answer again, says so, and loads nothing for it."""
    _settled(computed, ".", "mlflow.db")
    told = [json.loads(computed.run("run", "--json").stdout) for _ in range(3)]
    assert [False, True] == [each["remembered"] for each in (told[0], told[-1])]
    assert {**told[0], "remembered": True, "seconds": 0} == {**told[-1], "seconds": 0}
    again = computed.python(
        "-c",
        "import sys; sys.argv = ['daicho', 'run', '--json']\n"
        "from daicho.cli.__main__ import main\nmain()\n"
        "print(sorted({'click', 'luigi', 'dataclasses', 'json'} & set(sys.modules)), file=sys.stderr)",
    )
    assert "[]\n" == again.stderr
    assert json.loads(again.stdout)["remembered"]


DELETES = """
import os, sys
from mlflow import MlflowClient

client = MlflowClient("sqlite:///mlflow.db")
client.delete_run(sys.argv[1])
os._exit(0)  # or else the last one to leave would bring it into the database
"""


@pytest.mark.slow
def test_whole_command_in_wal_mode(computed: Project, tmp_path: Path) -> None:
    """An answer is kept there too, and not given again after a commit that leaves the database's own file alone."""
    shutil.copytree(computed.root, tmp_path / "project", ignore=shutil.ignore_patterns("answers"))
    project = Project(tmp_path / "project", tmp_path, tmp_path)
    project.write(
        "luigi.toml", (computed.root / "luigi.toml").read_text().replace("]\n", "]\nwal = true\n", 1)
    )
    project.write("input/words.txt", "one")
    ran = json.loads(project.run("run", "--json").stdout)
    database = project.root / "mlflow.db"
    assert [("Count", "ran"), ("Double", "ran")] == [
        (task["label"], task["outcome"]) for task in ran["tasks"]
    ]
    _settled(project, ".", "mlflow.db", "mlflow.db-wal")
    told = [json.loads(project.run("run", "--json").stdout)["remembered"] for _ in range(3)]
    assert [False, True] == [told[0], told[-1]]
    before = database.stat()
    deleted = project.python("-c", DELETES, ran["tasks"][-1]["run_id"])
    assert 0 == deleted.returncode, deleted.stderr
    assert (before.st_mtime_ns, before.st_size) == (database.stat().st_mtime_ns, database.stat().st_size)
    again = json.loads(project.run("run", "--json").stdout)
    outcomes = [task["outcome"] for task in again["tasks"]]
    assert (False, ["reused", "ran"]) == (again["remembered"], outcomes)
