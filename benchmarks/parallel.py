"""How near `-j` comes to the ideal, and what 10,000 tasks cost.

    python benchmarks/parallel.py sleeps     40 sleeps of half a second on 1, 2 and 8 workers
    python benchmarks/parallel.py graphs     10,000 tasks side by side, in one chain, and in layers

Sleeps are counted from when all workers are ready: before them, tasks that wait for each other take one worker each.
The graphs are of plain Luigi tasks, which have no records, run inline: what is measured is the engine alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

_SLEEPS = """
    import json, os, sys, time
    from pathlib import Path
    import daicho
    from daicho import Task, output

    class Ready(Task):
        place: int
        workers: int
        out = output("out.json")
        cache = False

        def run(self):
            Path(f"ready-{self.workers}-{self.place}").touch()
            while len(list(Path(".").glob(f"ready-{self.workers}-*"))) < self.workers:
                time.sleep(0.01)
            self.out.save([os.getpid(), time.time()])

    class Sleep(Task):
        place: int
        ready: list[Ready]
        out = output("out.json")

        def run(self):
            begun = time.time()
            time.sleep(0.5)
            Path(f"times-{self.ready[0].workers}").open("a").write(f"{begun} {time.time()}\\n")
            self.out.save(self.place)

    class All(Task):
        sleeps: list[Sleep]

    if __name__ == "__main__":
        workers = int(sys.argv[1])
        ready = [Ready(place=place, workers=workers) for place in range(workers)]
        target = All(sleeps=[Sleep(place=place, ready=ready) for place in range(40)])
        run = daicho.run(target, options=daicho.Options(jobs=workers, force=True))
        assert run.status == "done", run.status
        digests = [task.result.outputs[0].digest for task in run.of("ran") if task.task == "Sleep"]
        print(json.dumps([max(float(line.split()[1]) for line in Path(f"times-{workers}").open()),
                          min(float(line.split()[0]) for line in Path(f"times-{workers}").open()), digests]))
"""

_GRAPHS = """
    import json, sys, resource, time
    import luigi
    import daicho
    from daicho import Task

    DONE = set()

    class Step(luigi.Task):
        place = luigi.IntParameter()
        needs = luigi.ListParameter()

        def requires(self):
            return [STEPS[place] for place in self.needs]

        def complete(self):
            return self.place in DONE

        def run(self):
            DONE.add(self.place)

    def needs_of(shape, place, count):
        if shape == "wide":
            return []
        if shape == "deep":
            return [place - 1] if place else []
        layer = place // 100
        return [100 * (layer - 1) + (place * step) % 100 for step in (1, 3, 7)] if layer else []

    class All(luigi.Task):
        def requires(self):
            return STEPS

        def complete(self):
            return False

        def run(self):
            pass

    STEPS = []

    if __name__ == "__main__":
        shape, count = sys.argv[1], int(sys.argv[2])
        for place in range(count):
            STEPS.append(Step(place=place, needs=needs_of(shape, place, count)))
        began = time.process_time()
        run = daicho.run(STEPS, options=daicho.Options(inline=True))
        assert run.status == "done", run.status
        usage = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps([time.process_time() - began, usage.ru_maxrss / 1024]))
"""


def main() -> None:
    """Measure what the command line names."""
    with tempfile.TemporaryDirectory() as folder:
        if sys.argv[1] == "sleeps":
            _sleeps(Path(folder))
        else:
            _graphs(Path(folder))


def _sleeps(folder: Path) -> None:
    known = None
    for workers in (1, 2, 8):
        last, first, digests = _run(folder, _SLEEPS, str(workers))
        ideal = 40 / workers * 0.5
        assert known in (None, digests), "other bytes"
        known = digests
        print(f"{workers} workers: {last - first:.2f} s, {(last - first) / ideal:.3f} times the ideal")


def _graphs(folder: Path) -> None:
    for shape in ("wide", "deep", "layered"):
        for count in (1_000, 10_000):
            seconds, memory = _run(folder, _GRAPHS, shape, str(count))
            each = 1e6 * seconds / count
            print(
                f"{shape:8} {count:6} tasks: {seconds:6.2f} s of CPU, {each:5.0f} us a task, {memory:5.0f} MB"
            )


def _run(folder: Path, program: str, *arguments: str) -> list[Any]:
    (folder / "tasks.py").write_text(dedent(program))
    (folder / "luigi.toml").write_text("")
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "tasks.py", *arguments],
        cwd=folder,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    print(f"    ({time.perf_counter() - began:.1f} s in all)", file=sys.stderr)
    measured: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


if __name__ == "__main__":
    main()
