"""The workloads, each in all the states that edits bring it into, and the files that every tool's project has."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

MODES: Final = ("cold", "noop", "clone", "status", "why", "param", "comment", "same", "helper")
"""What is done to a project, in this order; a tool leaves out what it has no word for.

cold: a new project. noop: again. clone: again without what the tool remembers on this machine beside its results.
status, why: the question what a run would do, and why. param: one middle task has another parameter.
comment: the source task's file has another comment. same: the source task says the same in other words.
helper: a function that all middle tasks call has another meaning.
"""

WORKLOADS: Final = ("wide", "chain", "titanic", "big", "folder", "sleep")

_BENCHING = """\
import json, os

def trace(text):
    handle = os.open(os.environ["BENCH_TRACE"], os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(handle, text.encode() + b"\\n")
    os.close(handle)

def filled(value):
    return {"value": value, "padding": "." * 1000}

def put(path, value):
    with open(path, "w") as file:
        json.dump(value, file)

def get(path):
    with open(path) as file:
        return json.load(file)

def write_big(path, mebibytes):
    block = bytearray(os.urandom(1 << 20))
    with open(path, "wb") as file:
        for number in range(mebibytes):
            block[:4] = number.to_bytes(4, "big")
            file.write(block)

def read_big(path):
    with open(path, "rb") as file:
        return sum(len(block) for block in iter(lambda: file.read(1 << 20), b""))

def write_many(folder, count):
    os.makedirs(folder, exist_ok=True)
    for number in range(count):
        with open(os.path.join(folder, f"{number:05}.txt"), "w") as file:
            file.write(f"{number}\\n" * 20)
"""

_MODELLING = """\
import pandas as pd
from sklearn.linear_model import RidgeClassifier
from benching import trace

KEPT = ["passenger", "class", "siblings", "parents"]

def prepare(train, test):
    trace("prepare")
    return train[[*KEPT, "survived"]], test[KEPT]

def fit(train, alpha):
    trace("fit")
    columns = train.drop(columns="survived").set_index("passenger")
    return RidgeClassifier(alpha=alpha, random_state=0).fit(columns, train["survived"])

def predict(model, test):
    columns = test.set_index("passenger")
    found = pd.DataFrame({"survived": model.predict(columns)}, index=columns.index).reset_index()
    trace(f"end {int(found.survived.sum())}")
    return found
"""


@dataclass(frozen=True)
class Job:
    """One workload in one state.

    Attributes:
        workload: Which.
        size: Its number of tasks, mebibytes or files.
        numbers: The parameters of the middle tasks.
        source: The line that gives the source task's value.
        helper: The line that gives the helper's.
        alpha: The model's parameter.
        sleep: Seconds that each middle task sleeps.
        workers: How many tasks may run at once.
    """

    workload: str
    size: int
    numbers: tuple[int, ...] = ()
    source: str = "value = 3 + 4"
    helper: str = "return base * 10 + number"
    alpha: float = 1.0
    sleep: float = 0.0
    workers: int = 1

    def after(self, mode: str) -> Job:
        """The state that a mode begins with."""
        if mode == "param":
            middle = len(self.numbers) // 2
            changed = tuple(
                each + 1_000_000 if at == middle else each for at, each in enumerate(self.numbers)
            )
            return replace(self, numbers=changed, alpha=self.alpha * 2)
        if mode == "comment":
            return replace(self, source=f"{self.source}  # {self.size} tasks read this")
        if mode == "same":
            return replace(self, source="value = 4 + 3")
        if mode == "helper":
            return replace(self, helper="return base * 10 + number + 1")
        return self

    @property
    def end(self) -> str | None:
        """What the last task's line in the trace must be in this state, if it ran; None where nobody knows."""
        if self.workload in ("wide", "sleep"):
            more = 1 if self.helper.endswith("+ 1") else 0
            return f"end {sum(70 + number + more for number in self.numbers)}"
        return f"end {7 + self.size}" if self.workload == "chain" else None

    def fill(self, template: str) -> str:
        """A template whose `@NAME@` are this state's values."""
        for name, value in asdict(self).items():
            template = template.replace(f"@{name.upper()}@", str(value))
        return template

    def files(self) -> dict[str, str]:
        """The files that are the same in each tool's project."""
        known = {"numbers": list(self.numbers), "size": self.size, "alpha": self.alpha}
        files = {"benching.py": _BENCHING, "job.json": json.dumps(known)}
        if self.workload in ("wide", "sleep"):
            files["helpers.py"] = f"def combine(base, number):\n    {self.helper}\n"
        if self.workload == "titanic":
            files["modelling.py"] = _MODELLING
        return files


def job(workload: str, size: int, workers: int = 1) -> Job:
    """A workload in its first state."""
    if workload == "sleep":
        return Job(workload, size, tuple(range(size)), sleep=0.5, workers=workers)
    return Job(workload, size, tuple(range(size)) if workload == "wide" else (), workers=workers)


def write_passengers(folder: Path, source: Path) -> None:
    """Two made-up passenger lists of the size of the known ones, from the example's own."""
    rows = list(csv.reader(source.open(encoding="utf-8")))
    head = ["passenger", "survived", "class", "siblings", "parents"]
    places = [rows[0].index(name) for name in ("PassengerId", "Survived", "Pclass", "SibSp", "Parch")]
    folder.mkdir(parents=True, exist_ok=True)
    for name, keeps in (("train", lambda at: at % 3 != 0), ("test", lambda at: at % 3 == 0)):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(head)
            out.writerows([row[place] for place in places] for at, row in enumerate(rows[1:]) if keeps(at))
