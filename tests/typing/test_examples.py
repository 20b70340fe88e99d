"""Type checkers see what tasks are: what is right passes, and every line that is wrong is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

CHECKERS = pytest.mark.parametrize(
    "command",
    [
        pytest.param(["pyright", "--pythonpath", sys.executable], id="pyright"),
        pytest.param(
            ["mypy", "--strict", "--no-incremental"], id="mypy", marks=pytest.mark.slow
        ),  # ten seconds
    ],
)


def _check(command: list[str], *files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command, *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@CHECKERS
def test_every_line_is_judged_as_it_says(command: list[str]) -> None:
    """A checker finds exactly the errors that the files expect: none in what is right, each in what is wrong."""
    done = _check(command, HERE / "right.py", HERE / "wrong.py")
    assert 0 == done.returncode, done.stdout + done.stderr


@CHECKERS
def test_an_error_that_is_missing_is_noticed(command: list[str], tmp_path: Path) -> None:
    """Where a checker does not find an expected error, that is an error: the expectations are alive."""
    text = (HERE / "wrong.py").read_text()
    mends = {
        'seed="3"': "seed=3",
        "Trainer()": "Trainer(data=data)",
        "sed=3": "seed=3",
        'kind="tree"': "seed=4",
    }
    for wrong, right in mends.items():
        assert 1 == text.count(wrong)
        text = text.replace(wrong, right)
    mended = tmp_path / "mended.py"
    mended.write_text(text)
    done = _check(command, mended)
    assert 1 == done.returncode, done.stdout + done.stderr
    assert len(mends) == done.stdout.count("error: Un"), done.stdout
