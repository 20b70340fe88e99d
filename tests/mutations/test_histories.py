"""Several steps, one after the other: back and forth, in quick succession, elsewhere, and with spoilt results."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.mutations.edit import behind_its_back, swap
from tests.mutations.running import Answer, Place, Steps, new, step

ALL = {"Prepare", "Train", "Report", "Dynamic", "Typed", "Unrelated"}


def _copy(clean: tuple[Place, Answer], folder: Path) -> Place:
    return clean[0].copy(folder / "copy")


def test_an_edit_that_is_taken_back(clean: tuple[Place, Answer], steps: Steps, tmp_path: Path) -> None:
    """Edit, run, revert, run: the last finds what the first has made; and so for each of three versions."""
    place = _copy(clean, tmp_path)
    made = {1: clean[1].outputs}
    for number in (2, 3):
        swap("constants.py", f"STEP = {number - 1}", f"STEP = {number}")(place.root)
        (answer,) = steps.take(place)
        assert {"Train", "Report"} == answer.ran
        made[number] = answer.outputs
    for number, before in ((1, 3), (3, 1), (2, 3)):
        swap("constants.py", f"STEP = {before}", f"STEP = {number}")(place.root)
        (answer,) = steps.take(place)
        assert set() == answer.ran
        assert made[number] == answer.outputs


def test_edits_in_quick_succession(clean: tuple[Place, Answer], steps: Steps, tmp_path: Path) -> None:
    """However often a constant changes within the clock's grain, what runs is what is written."""
    place = _copy(clean, tmp_path)
    for number in range(2, 8):
        behind_its_back("constants.py", f"STEP = {number - 1}", f"STEP = {number}")(place.root)
        (answer,) = steps.take(place)
        assert {"Train", "Report"} == answer.ran
        assert number == json.loads(answer.outputs["Train"]["model: model.json"])["values"][-2]


def test_another_checkout_and_another_user(clean: tuple[Place, Answer], tmp_path: Path) -> None:
    """The same files in another folder, of another age, in the hands of another user, give what is known."""
    place = _copy(clean, tmp_path)
    shutil.rmtree(place.root)
    shutil.copytree(new(tmp_path / "other").root, place.root, symlinks=True, copy_function=shutil.copyfile)
    (answer,) = step(place, env={"HOME": str(tmp_path), "USER": "somebody", "LOGNAME": "somebody"})
    assert set() == answer.ran


def test_checkouts_that_differ(clean: tuple[Place, Answer], steps: Steps, tmp_path: Path) -> None:
    """Two checkouts with one memory, edited differently, don't take each other's results."""
    place = _copy(clean, tmp_path)
    own = Place(tmp_path / "second")
    shutil.copytree(place.root, own.root, symlinks=True)
    own.shelf.symlink_to(place.shelf)
    swap("constants.py", "STEP = 1", "STEP = 9")(own.root)
    (theirs,) = steps.take(own)
    assert {"Train", "Report"} == theirs.ran
    (ours,) = steps.take(place)
    assert set() == ours.ran
    assert clean[1].outputs == ours.outputs


def test_a_result_that_is_gone(clean: tuple[Place, Answer], steps: Steps, tmp_path: Path) -> None:
    """An output that is not there any more is made again; what stands on it is not, for it is the same."""
    place = _copy(clean, tmp_path)
    (place.shelf / "run1" / "model.json").unlink()
    (answer,) = steps.take(place)
    assert {"Train"} == answer.ran
    assert {"missing"} == answer.why
    assert clean[1].outputs == answer.outputs


def test_a_result_that_is_spoilt(clean: tuple[Place, Answer], steps: Steps, tmp_path: Path) -> None:
    """A flipped bit is noticed before anything is computed from it."""
    place = _copy(clean, tmp_path)
    behind_its_back("run1/model.json", '"plain"', '"plaim"')(place.shelf)
    swap("templates/report.txt", "{title} ", "{title}: ")(place.root)
    (answer,) = steps.take(place)
    assert {"Train", "Report"} == answer.ran
    assert {"corrupt", "code templates/report.txt"} == answer.why
    assert clean[1].outputs["Train"] == answer.outputs["Train"]


def test_a_result_that_was_withdrawn(clean: tuple[Place, Answer], steps: Steps, tmp_path: Path) -> None:
    """What somebody has called wrong is not taken, and is the reason."""
    place = _copy(clean, tmp_path)
    (place.shelf / "withdrawn.json").write_text('["run1"]')
    (answer,) = steps.take(place)
    assert {"Train"} == answer.ran
    assert {"withdrawn"} == answer.why


@pytest.mark.parametrize(
    ("policy", "runs"), [("record", set()), ("python", set()), ("packages", {"Unrelated"})]
)
def test_another_version_of_a_package(tmp_path: Path, policy: str, runs: set[str]) -> None:
    """A package that the code imports is in the key where the policy says so, and named."""
    place = new(tmp_path / "place")
    site = tmp_path / "site"
    _install(site, "1.0")
    swap("luigi.toml", "[daicho]", f'[daicho]\nenvironment = "{policy}"')(place.root)
    swap("alone_helper.py", 'return "aside"', 'import aboard\n    return f"aside {aboard.VERSION}"')(
        place.root
    )
    path = {"PYTHONPATH": f"{_sources()}:{site}"}
    (first,) = step(place, env=path)
    assert ALL == first.ran
    _install(site, "2.0")
    (second,) = step(place, env=path)
    assert runs == second.ran
    assert ({"environment aboard"} if runs else set()) == second.why


def test_another_policy(clean: tuple[Place, Answer], steps: Steps, tmp_path: Path) -> None:
    """From when Python counts, all runs once, and says which Python it is."""
    place = _copy(clean, tmp_path)
    swap("luigi.toml", "[daicho]", '[daicho]\nenvironment = "python"')(place.root)
    (answer,) = steps.take(place)
    assert ALL == answer.ran
    assert {"environment python"} == answer.why
    told = {reason["text"] for task in answer.tasks.values() for reason in task["reasons"]}
    assert {f"Python {sys.version_info[0]}.{sys.version_info[1]} counts now"} == told


def test_a_file_that_is_read_in_passing(clean: tuple[Place, Answer], steps: Steps, tmp_path: Path) -> None:
    """Data that a task reads and does not declare cannot count: so it is named, with the line to add."""
    place = _copy(clean, tmp_path)
    swap("alone.py", "self.words.save(aside()", "self.words.save(open('README.md').read() + aside()")(
        place.root
    )
    (answer,) = steps.take(place)
    (note,) = answer.tasks["Unrelated"]["notes"]
    assert "`README.md`" in note
    assert 'Source = source("README.md")' in note


def _install(site: Path, version: str) -> None:
    shutil.rmtree(site, ignore_errors=True)
    (site / "aboard").mkdir(parents=True)
    (site / "aboard" / "__init__.py").write_text(f"VERSION = '{version}'\n")
    facts = site / f"aboard-{version}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: aboard\nVersion: {version}\n")
    (facts / "RECORD").write_text("aboard/__init__.py,,\n")


def _sources() -> str:
    return str(Path(__file__).parents[2] / "src")
