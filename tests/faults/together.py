"""A pipeline of many small tasks that overlap, whose every execution leaves a line; and several launches of it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.journeys.launching import Launched, start
from tests.support.project import Project

TASKS = """
    import os, time
    from pathlib import Path
    from daicho import Task, output

    def executed(line):
        file = os.open(os.environ["EXECUTED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, (line + "\\n").encode())
        os.close(file)

    class Part(Task):
        number: int
        lap: int
        out = output("out.json")

        def run(self):
            executed(f"Part {self.number} {self.lap}")
            time.sleep(0.1)
            self.out.save(self.number)

    class Sum(Task):
        first: int
        lap: int
        out = output("out.json")

        def requires(self):
            return [Part(number=number % 8, lap=self.lap) for number in range(self.first, self.first + 3)]

        def run(self):
            executed(f"Sum {self.first} {self.lap}")
            self.out.save(sum(part.out.load() for part in self.requires()))

    class Total(Task):
        first: int
        lap: int
        out = output("out.json")

        def requires(self):
            return [Sum(first=self.first, lap=self.lap), Sum(first=(self.first + 1) % 4, lap=self.lap)]

        def run(self):
            executed(f"Total {self.first} {self.lap}")
            self.out.save(sum(part.out.load() for part in self.requires()))
"""
"""Total 0 to 3 depend on Sum 0 to 3, and these on Part 0 to 5: fourteen tasks, most of them in several graphs."""

ALL = 14


def all_at_once(
    projects: list[Project], lap: int, executed: Path, env: Mapping[str, str]
) -> list[tuple[int, Launched]]:
    """Launch as many as there are projects given, each for one of four targets; target and what came of it."""
    running = [
        (place % 4, start(made, "Total", {**env, "EXECUTED": str(executed)}, params=_params(place % 4, lap)))
        for place, made in enumerate(projects)
    ]
    return [(first, each.ended()) for first, each in running]


def executions(executed: Path, lap: int) -> Counter[str]:
    """How often each task of a lap was executed."""
    return Counter(line for line in executed.read_text().splitlines() if line.endswith(f" {lap}"))


def _params(first: int, lap: int) -> dict[str, int]:
    return {"Total.first": first, "Total.lap": lap}
