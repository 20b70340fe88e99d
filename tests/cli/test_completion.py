"""What Tab completes, asked as the shells ask it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from daicho.cli.app import COMMANDS
from daicho.cli.completion import Script
from daicho.plan import names

HEAVY = {"luigi", "mlflow", "numpy", "pandas", "pydantic", "rich", "sqlite3", "tasks"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder in which names are remembered."""
    (tmp_path / ".daicho").mkdir()
    names.remember(
        tmp_path / ".daicho",
        parameters={"Numbers": ["count", "seed"], "Total": ["data"]},
        outputs={"Numbers": ["numbers"], "Total": ["total"]},
    )
    names.remember_run(tmp_path / ".daicho", "Total calm-harbour-41")
    names.remember_run(tmp_path / ".daicho", "Total green-tide-17")
    (tmp_path / "below").mkdir()
    return tmp_path


def _complete(folder: Path, *words: str) -> list[str]:
    """What the shell is told, in the place of the last word; and that nothing heavy was loaded for it."""
    program = (
        "import sys, atexit\n"
        "sys.argv = ['daicho']\n"
        "from daicho.cli.__main__ import main\n"
        f"atexit.register(lambda: sys.stderr.write(' '.join({HEAVY!r} & set(sys.modules))))\n"
        "main()"
    )
    asked = {
        "_DAICHO_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["daicho", *words]),
        "COMP_CWORD": str(len(words)),
    }
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, **asked},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "" == done.stderr
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([""], list(COMMANDS)),
        (["st"], ["status"]),
        (["run", ""], ["Numbers", "Total"]),
        (["run", "Total", "Numbers."], ["Numbers.count=", "Numbers.seed="]),
        (["run", "-F", "T"], ["Total"]),
        (["run", "--stop"], ["--stop-at-first"]),
        (["status", "-C", "..", "N"], ["Numbers"]),
        (["get", ""], ["Numbers.numbers", "Total.total"]),
        (["show", ""], ["green-tide-17", "calm-harbour-41", "Numbers", "Total"]),
        (["forget", "g"], ["green-tide-17"]),
        (["run", "--color", "a"], ["auto", "always"]),
        (["nothing", "a"], []),
    ],
    ids=" ".join,
)
def test_words_are_completed(words: list[str], expected: list[str], project: Path) -> None:
    """Commands, options, and remembered names, also from a folder below; nothing of the user's is imported."""
    assert expected == _complete(project / "below", *words)


def test_outside_of_a_project_there_are_commands(tmp_path: Path) -> None:
    """Where nothing is remembered, commands and options are completed all the same."""
    assert [] == _complete(tmp_path, "run", "")
    assert ["status"] == _complete(tmp_path, "st")


def test_what_is_broken_is_nothing(project: Path) -> None:
    """A file of names that cannot be read is none at all, and is written anew."""
    file = project / ".daicho" / "names.json"
    file.write_text("[")
    assert names.Names() == names.known(project)
    names.remember_run(project / ".daicho", "a b-1")
    assert ["b-1"] == list(names.known(project).runs)


def test_runs_are_remembered_the_newest_first() -> None:
    """A folder that cannot be written to is no error."""
    names.remember(Path("/nowhere"), runs=["a"])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(shell: str) -> None:
    """Each shell gets a script that asks daicho."""
    assert "_DAICHO_COMPLETE" in Script.of(shell).text
    assert "%(" not in Script.of(shell).text


def test_bash_takes_the_script() -> None:
    """Bash reads it, and completes `daicho` by it; a value goes right behind its `=`."""
    done = subprocess.run(
        ["bash", "-c", f"{Script.of('bash').text}\ncomplete -p daicho"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "-F _daicho_completion daicho" in done.stdout
    assert "nospace" in Script.of("bash").text
