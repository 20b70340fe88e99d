"""SIGKILL at any point of a launch: no half result is ever seen, and the next launch ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.killing import FAMILIES, FINAL, Zygote, left_over, running, visible, zygote

KILLS = int(os.environ.get("DAICHO_TEST_KILLS", "8"))
POINTS = int(os.environ.get("DAICHO_TEST_KILL_POINTS", "40"))
SEED = int(os.environ.get("DAICHO_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def launches(session_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Cheap launches."""
    with zygote(session_folder, tmp_path_factory.mktemp("kills")) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(launches: Zygote) -> dict[str, list[str]]:
    """The points that an undisturbed launch passes, by role; itself, it does all that is right."""
    root = launches.project()
    answer = launches.launch(root)
    assert (0, 0) == (answer["status"], answer["document"]["exit_status"]), answer
    _whole(root, answer)
    points: dict[str, list[str]] = answer["points"]
    return points


def test_every_kind_of_write_is_a_point(undisturbed: dict[str, list[str]]) -> None:
    """The points hold writes to the store, commits, and changes of files in each process."""
    assert {"main", "recorder", "worker"} == {role for role, points in undisturbed.items() if points}
    kinds = {point.split()[0] for points in undisturbed.values() for point in points}
    assert {"open", "os.rename", "os.link", "os.mkdir", "INSERT", "UPDATE", "COMMIT"} <= kinds
    assert 40 <= sum(map(len, undisturbed.values()))


def test_a_kill_at_every_point(launches: Zygote, undisturbed: dict[str, list[str]]) -> None:
    """A process that dies just before any write, alone or with all others as by a power cut."""
    every = [
        (role, number + 1, scope)
        for role, points in undisturbed.items()
        for number in range(len(points))
        for scope in ("self", "all")
    ]
    chosen = every[:: max(len(every) // POINTS, 1)] if POINTS else every
    assert len(chosen) >= min(POINTS or 40, 40)
    for kill in chosen:
        _survived(launches, f"{kill}: {undisturbed[kill[0]][kill[1] - 1]}", kill=kill)


def test_kills_at_random_times(launches: Zygote) -> None:
    """Some of the processes die at a random moment."""
    chance = random.Random(SEED)
    for _ in range(KILLS):
        roles = chance.choice([("main",), ("recorder",), ("worker",), ("main", "recorder", "worker")])
        delay = chance.uniform(0.0, 1.5)
        _survived(launches, f"seed {SEED}: {roles} after {delay} s", delay=delay, roles=roles)


def _survived(launches: Zygote, what: str, **death: Any) -> None:
    """After a death: nothing half is seen; the next launch reuses what counted, runs the rest, and leaves nothing."""
    root = launches.project()
    launches.launch(root, **death)
    counted = visible(root)
    assert {} == {task: wrong for task, wrong in counted.items() if wrong}, what
    after = launches.launch(root)
    assert (0, False) == (after["document"].get("exit_status"), after["left"]), (what, after)
    outcomes = {task["label"]: task["outcome"] for task in after["document"]["tasks"]}
    assert {"reused"} >= {outcomes[task] for task in counted}, (what, outcomes)
    _whole(root, after, what)


def _whole(root: Path, answer: dict[str, Any], what: str = "") -> None:
    found = visible(root)
    assert (FAMILIES, []) == (set(found), [wrong for each in found.values() for wrong in each]), what
    target = next(task for task in answer["document"]["tasks"] if task["label"] == "Third")
    assert FINAL == json.loads(Path(target["outputs"][0]["path"]).read_text()), what
    assert (0, []) == (running(root), left_over(root)), what
