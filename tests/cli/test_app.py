"""The command line from outside: help, mistakes, and what is imported for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho import __version__
from daicho.cli.app import COMMANDS, SECTIONS, main
from daicho.cli.options import Place, split
from tests.cli.schemas import check
from tests.support.project import Project

HEAVY = {"luigi", "mlflow", "numpy", "pandas", "pydantic", "rich", "sqlite3"}
TASKS = """
    import sys
    from daicho import Task, output

    print("printed while the module is imported")

    class Numbers(Task):
        seed: int = 0
        numbers = output("numbers.json")
        def run(self): ...

    class Broken(Task):
        def requires(self):
            return {}["no such"]
        def run(self): ...
"""


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Help is written for 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help(arguments: list[str], snapshot: SnapshotAssertion, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command says what it does, with examples."""
    assert 0 == main(arguments)
    assert snapshot == capsys.readouterr().out


def test_every_command_has_its_place_in_help() -> None:
    """Each command stands in one part of the help."""
    assert sorted(COMMANDS) == sorted(name for names in SECTIONS.values() for name in names)


def test_no_argument_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`daicho` alone tells what there is."""
    assert 0 == main([])
    assert capsys.readouterr().out.startswith("Usage: daicho")


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], ["-V", "run"]])
def test_version(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The version is said, whatever stands behind."""
    assert 0 == main(arguments)
    assert f"daicho {__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["stauts", "Trainer"],
        ["Trainer.seed=1"],
        ["frobnicate"],
        ["run", "--jsn"],
        ["-C", "x", "run"],
        ["run", "A", "B"],
        ["show"],
        ["get"],
        ["get", "A.b", "C.d"],
        ["ui", "--port", "many"],
        ["run", "-c"],
        ["init"],
        ["init", "x", "--empty", "--adopt"],
        ["graph", "--mermaid", "--svg", "x.svg"],
        ["completion", "tcsh"],
        ["run", "--color", "blue"],
        ["status", "-C", "no-such-folder"],
    ],
    ids=" ".join,
)
def test_usage(arguments: list[str], snapshot: SnapshotAssertion, capsys: pytest.CaptureFixture[str]) -> None:
    """Each mistake is met with what was meant, and status 2."""
    assert 2 == main(arguments)
    said = capsys.readouterr()
    assert "" == said.out
    assert snapshot == said.err


@pytest.mark.parametrize(
    "arguments", [["run", "--jsn", "--json"], ["show", "--json"], ["run", "A", "B", "--json"]]
)
def test_mistakes_are_documents_too(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With --json stdout holds one document, whatever happens."""
    assert 2 == main(arguments)
    document = json.loads(capsys.readouterr().out)
    check("error", document)
    assert ("usage", 2) == (document["code"], document["exit_status"])


@pytest.mark.parametrize(
    ("allowed", "arguments"),
    [(set(), "--version"), ({"click"}, "--help"), ({"click"}, "run --help"), ({"click"}, "stauts")],
)
def test_what_is_imported(allowed: set[str], arguments: str) -> None:
    """The version needs nothing, help only click."""
    program = f"import sys; sys.argv = ['daicho', *{arguments.split()!r}]\nfrom daicho.cli.__main__ import main\nmain()\nprint(*sys.modules)"
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    loaded = set(done.stdout.split())
    assert allowed == (HEAVY | {"click"}) & loaded
    assert allowed or not any(name.startswith("daicho.cli.") for name in loaded - {"daicho.cli.__main__"})


def test_targets_and_overrides() -> None:
    """What holds a `=` is an override, split by nobody but the configuration."""
    assert (None, ()) == split([])
    assert ("A", ("B.c=1=2", "B.d=")) == split(["B.c=1=2", "A", "B.d="])


def test_the_next_command_is_for_the_same_project() -> None:
    """A command to go on with has the folder and the file, quoted for the shell."""
    assert "daicho ui" == Place().command("ui")
    assert "daicho show a/B -C 'my folder' -c x.toml" == Place("my folder", "x.toml").command("show", "a/B")


def test_planning(project: Callable[..., Project]) -> None:
    """`status`, `run -n` and `--check` say the same; what modules print is no part of it; nothing is made."""
    made = project(TASKS, '[RunConfig]\ntask = "Numbers"\n')
    status = made.run("status", "--json")
    check("plan", json.loads(status.stdout))
    assert (0, "printed while the module is imported\n") == (status.returncode, status.stderr)
    dry = made.run("run", "-n", "Numbers.seed=1")
    assert "  ↻ Numbers  run  first run\nNumbers: 1 task, 1 run\n" == dry.stdout
    assert [1, 1] == [made.run(*words, "--check").returncode for words in (["status"], ["run"])]
    assert {"tasks.py", "luigi.toml"} >= {path.name for path in made.root.iterdir()} - {
        ".daicho",
        "__pycache__",
    }


@pytest.mark.parametrize(
    ("status", "code", "arguments"),
    [
        (2, "unknown-task", ["Nmubers"]),
        (2, "configuration", ["Numbers", "Numbers.sed=1"]),
        (2, "parameter", ["Numbers", "Numbers.seed=x"]),
        (2, "parameter", ["Numbers", "seed=1"]),
        (2, "user-code", ["Broken"]),
        (2, "configuration", []),
    ],
)
def test_projects_that_cannot_run(
    status: int, code: str, arguments: list[str], project: Callable[..., Project], snapshot: SnapshotAssertion
) -> None:
    """What is wrong before anything runs is one error, without a traceback."""
    made = project(TASKS)
    done = made.run("run", *arguments, "--json")
    document = json.loads(done.stdout)
    check("error", document)
    assert (status, code) == (done.returncode, document["code"])
    assert snapshot == done.stderr


def test_debug_shows_the_traceback(project: Callable[..., Project]) -> None:
    """With --debug the traceback of an error stands above its sentence."""
    stderr = project(TASKS).run("run", "Nmubers", "--debug").stderr
    assert "Traceback (most recent call last)" in stderr
    assert "error[unknown-task]: there is no task `Nmubers`" in stderr.splitlines()


def test_a_store_that_does_not_answer(project: Callable[..., Project]) -> None:
    """A store that is away is told in one line, with status 3."""
    made = project(TASKS, '[daicho]\ntracking_uri = "http://127.0.0.1:9"\n')
    done = made.run("status", "Numbers")
    assert (3, "") == (done.returncode, done.stdout)
    assert "error[store-unreachable]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("streams", ["0", "1", "2", "0 1 2"])
def test_closed_streams(streams: str, project: Callable[..., Project]) -> None:
    """A process that was started without a standard stream works, and writes into no other file."""
    made = project(TASKS)
    closing = " ".join(f"{number}>&-" for number in streams.split())
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m daicho status Numbers {closing}', sys.executable],
        cwd=made.root,
        env=made.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    assert "first run" in done.stdout or "1" in streams


def test_beginning_a_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made is said in one line, and what to do next; --json has the same; what is there is refused."""
    monkeypatch.chdir(tmp_path)
    assert 0 == main(["init", "my numbers", "--empty"])
    said = capsys.readouterr()
    assert "✓ made my numbers/: luigi.toml, tasks.py and 1 other file\n" == said.out
    assert "next: cd 'my numbers' && daicho run\n" == said.err
    assert 2 == main(["init", "my numbers"])
    assert "error[project]: `my numbers` is not empty" in capsys.readouterr().err
    (tmp_path / "old").mkdir()
    assert 0 == main(["init", "--adopt", "-C", "old", "--json"])
    document = json.loads(capsys.readouterr().out)
    check("init", document)
    assert ["luigi.toml", "tasks.py"] == document["files"]


def test_the_graph_is_drawn(project: Callable[..., Project]) -> None:
    """A tree, Mermaid, a picture in a file or on stdout: of the same plan."""
    made = project(TASKS, '[RunConfig]\ntask = "Numbers"\n')
    assert "↻ Numbers  run: first run\nNumbers: 1 task, 1 run\n" == made.run("graph").stdout
    assert made.run("graph", "--mermaid").stdout.startswith("flowchart LR\n")
    assert "✓ Numbers is drawn in graph.svg\n" == made.run("graph", "--svg", "graph.svg").stdout
    assert (made.root / "graph.svg").read_text() == made.run("graph", "--svg", "-").stdout
    assert 2 == made.run("graph", "--svg", "nowhere/graph.svg").returncode


def test_whoever_reads_no_further_is_left_alone(project: Callable[..., Project]) -> None:
    """A pipe that is closed early is no error, and is told of to nobody."""
    made = project(TASKS)
    done = subprocess.run(
        ["bash", "-c", '"$0" -m daicho completion zsh | head -1; exit "${PIPESTATUS[0]}"', sys.executable],
        cwd=made.root,
        env=made.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (0, "#compdef daicho\n", "") == (done.returncode, done.stdout, done.stderr)


def test_an_old_encoding(project: Callable[..., Project]) -> None:
    """Where the terminal knows ASCII alone the marks are ASCII."""
    done = project(TASKS).run("status", "Numbers", env={"PYTHONIOENCODING": "ascii"})
    assert "  * Numbers  run  first run" == done.stdout.splitlines()[0]
