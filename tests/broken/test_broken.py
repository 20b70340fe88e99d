"""Broken projects: each is one clear message with its place, exit status 2, and nothing has run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.app import main
from tests.broken.cases import CASES, Case
from tests.support.project import Project

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]")
_PLACELESS = {
    "a file that is not there", "a module that there is not", "a source that is not there",
    "a target that is misspelt, on the command line", "a configuration that there is not", "a value that is missing",
    "a secret that is missing", "an override without a task", "two targets", "no target at all", "a ring of tasks",
    "no module of tasks", "escapes in a target", "escapes in a path",
}  # fmt: skip
"""Mistakes of which there is no line to show."""


def _made(case: Case, project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch) -> Project:
    made = project(case.tasks, "", {"input.csv": "a\n1\n", **case.files})
    made.write("luigi.toml", case.config if isinstance(case.config, bytes) else case.config.encode())
    if not case.tasks:
        (made.root / "tasks.py").unlink()
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(made.root)
    return made


@pytest.mark.parametrize("name", CASES)
def test_broken(
    name: str,
    project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
) -> None:
    """It is one clear message with file and line where there is one; status 2, and nothing ran or was made."""
    made = _made(CASES[name], project, monkeypatch)
    before = _there(made.root)
    status = main(CASES[name].arguments)
    said = capsys.readouterr()
    assert (2, "") == (status, said.out)
    assert None is _CONTROL.search(said.err)
    assert "Traceback" not in said.err
    assert "hunter2" not in said.err
    assert ("  --> " in said.err) is (name not in _PLACELESS)
    assert max(map(len, said.err.split("\n"))) < 1_000
    assert before == _there(made.root)
    assert snapshot == said.err.replace(str(made.root), "<project>")


@pytest.mark.parametrize("name", ["many things at once", "a text for a number", "escapes in a value"])
def test_documents(
    name: str,
    project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With `--json` the same is one document, which lists each problem where there are several."""
    _made(CASES[name], project, monkeypatch)
    assert 2 == main([*CASES[name].arguments, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert ("daicho.error/1", 2) == (document["schema"], document["exit_status"])
    several = name == "many things at once"
    assert (6 if several else 0) == len(document["problems"])
    for problem in document["problems"] or [document]:
        assert {"code", "message", "where", "hints"} <= set(problem)
        assert problem["where"]


def _there(root: Path) -> set[str]:
    """What lies in a folder, but for what Python and daicho keep to be quick."""
    found = (str(path.relative_to(root)) for path in root.rglob("*"))
    return {each for each in found if not each.startswith((".daicho", "__pycache__"))}
