"""A storm: workers that die in every way at any moment, people who lose patience; the results are those of a calm day.

`DAICHO_TEST_STORMS=20` makes it twenty rounds.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.launching import Launched, launch, left_of, staged, start, stored, until
from tests.support.project import Project

ROUNDS = int(os.environ.get("DAICHO_TEST_STORMS", "1"))
MOST = 40  # launches until all is done

# Before and after a launch a signal ends a process as it ends any other one.
ENDS = (0, 1, 130, -signal.SIGINT, -signal.SIGTERM)

TASKS = """
    import ctypes, os, random, signal, time
    from daicho import Task, output

    ENDS = [
        lambda: os._exit(0),
        lambda: os._exit(3),
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        lambda: ctypes.string_at(0),
        lambda: 1 / 0,
    ]

    class Cell(Task):
        layer: int
        place: int
        retries = 1
        retry_wait = 0.01
        out = output("out.json")

        def requires(self):
            if self.layer:
                return [Cell(layer=self.layer - 1, place=(self.place + step) % 20) for step in (0, 7)]

        def run(self):
            dice = random.SystemRandom()
            time.sleep(dice.random() * 0.05)
            if os.environ.get("STORM") and dice.random() < 0.12:
                dice.choice(ENDS)()
            time.sleep(dice.random() * 0.05)
            below = [cell.out.load() for cell in self.deps()]
            self.out.save(sum(below) % 1_000_003 + 31 * self.layer + self.place)

    class All(Task):
        def requires(self):
            return [Cell(layer=14, place=place) for place in range(20)]
"""


def digests(done: Launched) -> dict[str, str]:
    """What each task gave."""
    return {
        task["label"]: task["outputs"][0]["digest"]
        for task in done.document["tasks"]
        if task["outcome"] in ("ran", "reused") and task["outputs"]
    }


def disturbed(made: Project, dice: random.Random) -> Launched:
    """A launch in the storm: it may be asked to stop, once or twice or as a machine does that shuts down."""
    options: dict[str, Any] = {"jobs": dice.choice((2, 3, 4))}
    running = start(
        made, "All", env={"STORM": "1", "DAICHO_TEST_LAUNCH": made.root.parent.name}, options=options
    )
    signals = dice.choice(((), (), (signal.SIGINT,), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)))
    moment = dice.uniform(1, 12)
    for number in signals:
        try:
            running.process.wait(moment)
        except subprocess.TimeoutExpired:
            running.signal(number)
        moment = dice.uniform(0, 1)
    return running.ended()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_storm(project: Callable[..., Project], number: int) -> None:
    """After any number of deaths and interruptions all is there, byte for byte, and nothing is left behind."""
    calm = launch(project(TASKS, name="calm"), "All", options={"jobs": 2})
    assert 0 == calm.exit_status, calm
    made, dice = project(TASKS), random.Random(number)
    for _ in range(MOST):
        done = disturbed(made, dice)
        assert done.exit_status in ENDS, done
        until(lambda: left_of(made.root.parent.name) == [], "the end of all processes")
        assert {"RUNNING"}.isdisjoint(run.status for run in stored(made))
        assert digests(done).items() <= digests(calm).items() if done.document else True
        if done.exit_status == 0:
            break
    assert (0, 300) == (done.exit_status, len(digests(done)))
    assert digests(calm) == digests(done)
    assert [] == staged(made)
