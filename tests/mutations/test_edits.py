"""Over a hundred edits of a project: what must run has run, nothing else has, and the reason names the edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutations.dynamic import BESIDE, DYNAMIC
from tests.mutations.edit import Edit
from tests.mutations.inputs import ASKED, DATA, ENVIRONMENT, OUTPUTS, PARAMETERS
from tests.mutations.neutral import CONSERVATIVE, NEUTRAL
from tests.mutations.running import Answer, Place, Steps, step
from tests.mutations.semantic import SEMANTIC

CHANGING = [*SEMANTIC, *DYNAMIC, *DATA, *PARAMETERS, *ENVIRONMENT, *OUTPUTS]
EDITS = [*CHANGING, *NEUTRAL, *BESIDE, *CONSERVATIVE, *ASKED]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_an_edit(clean: tuple[Place, Answer], steps: Steps, tmp_path: Path, edit: Edit) -> None:
    """Results are those of a run from scratch, what runs is what the case says, and so is why."""
    place, before = clean[0].copy(tmp_path / "edited"), clean[1]
    edit.apply(place.root)
    asked = {"overrides": edit.overrides, "force": edit.force}
    both = place, place.from_scratch()
    after, scratch = step(*both, env=edit.env, **asked) if edit.env else steps.take(*both, **asked)
    assert set() == {each for each, outputs in scratch.outputs.items() if outputs != after.outputs[each]}
    assert edit.runs == after.ran
    assert edit.why == after.why
    assert edit.needless == {each for each in after.ran if after.outputs[each] == before.outputs[each]}


def test_the_cases_are_many() -> None:
    """Every case has a name of its own, and there are enough of them; needless runs stand in one list alone."""
    names = [edit.name for edit in EDITS]
    assert len(names) == len(set(names)) >= 80
    assert all(edit.runs > edit.needless for edit in CHANGING)
    assert all(not edit.runs for edit in (*NEUTRAL, *BESIDE))
    assert all(edit.needless == edit.runs for edit in (*CONSERVATIVE, *ASKED))
