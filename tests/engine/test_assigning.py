"""What a task is told when it starts: what lies there must be what the plan is made of."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.project import Project

TASKS = """
    from pathlib import Path
    import luigi
    from daicho import Task, output

    class Good(Task):
        o = output("o.txt")
        def run(self): self.o.save("good")

    class Evil(Task):
        good: Good
        priority = 10
        o = output("o.txt")
        def run(self):
            place = self.good.o.path
            place.chmod(0o644)
            place.write_text("EVIL")
            self.o.save("done")

    class Reader(Task):
        good: Good
        o = output("o.txt")
        def run(self): self.o.save(self.good.o.load())

    class Both(Task):
        evil: Evil
        reader: Reader

    class Data(luigi.ExternalTask):
        def output(self): return luigi.LocalTarget("data.csv")

    class Changer(Task):
        o = output("o.txt")
        def run(self):
            Path("data.csv").write_text("2")
            self.o.save("changed")

    class Use(Task):
        changer: Changer
        o = output("o.txt")
        def requires(self): return Data()
        def run(self): self.o.save(Path("data.csv").read_text())
    """

RUN = """
import sys, daicho

if __name__ == "__main__":
    done = daicho.run(sys.argv[1])
    for task in done.tasks:
        print(task.task, task.outcome, task.result.failure.message if task.result.failure else "")
"""


def test_an_input_that_a_sibling_changed_is_not_read(project: Callable[..., Project]) -> None:
    """A task that writes into its input fails, and so does the next that would have read it."""
    made = project(TASKS, "")
    made.write("go.py", RUN)

    told = made.python("go.py", "Both").stdout

    assert "Evil failed `good.o` changed while `Evil` was to read it" in told
    assert "Reader failed `good.o` changed while `Reader` was to read it" in told


def test_a_plain_target_that_changes_is_noticed(project: Callable[..., Project]) -> None:
    """What a plain Luigi task stands for is guarded like a source: its dependants read what is in their key."""
    made = project(TASKS, "")
    made.write("go.py", RUN)
    made.write("data.csv", "1")

    told = made.python("go.py", "Use").stdout

    assert "Use failed `requires` changed since it was looked at" in told
