"""The driver is honest: the same edits through `daicho run`, with workers, a recorder and MLflow on SQLite."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.mutations.dynamic import DYNAMIC
from tests.mutations.edit import Edit
from tests.mutations.neutral import NEUTRAL
from tests.mutations.running import Answer, write
from tests.mutations.semantic import ROWS
from tests.support.project import Project

_NAMES = ("helper of the helper, third module", "function that a parameter names", "comment in a helper")
EDITS = [edit for edit in (*ROWS, *DYNAMIC, *NEUTRAL) if edit.name in _NAMES]


def _launch(project: Project) -> Answer:
    ended = project.run("run", "--json")
    assert 0 == ended.returncode, ended.stderr
    tasks = json.loads(ended.stdout)["tasks"]
    found = {}
    for task in tasks:
        outputs = {each["output"]: Path(each["path"]).read_text() for each in task["outputs"]}
        verdict = {"ran": "run", "reused": "reuse"}[task["outcome"]]
        found[task["task"]] = {"verdict": verdict, "reasons": task["reasons"], "outputs": outputs}
    return Answer(found)


@pytest.mark.slow
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_an_edit_for_real(project: Callable[..., Project], edit: Edit) -> None:
    """What runs, and why, is what the case says; the results are those of a run from scratch."""
    edited, scratch = project(name="edited"), project(name="scratch")
    write(edited.root)
    _launch(edited)
    edit.apply(edited.root)
    after = _launch(edited)
    write(scratch.root)
    edit.apply(scratch.root)
    assert edit.runs == after.ran
    assert edit.why == after.why
    assert _launch(scratch).outputs == after.outputs


def test_the_cases_are_there() -> None:
    """All three kinds are crossed."""
    assert 3 == len(EDITS)
