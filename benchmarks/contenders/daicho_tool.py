"""daicho itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from jobs import Job

from contenders.base import Tool

_HEAD: Final = """\
import time
from daicho import Source, Task, output, source
from benching import filled, trace
"""

_WIDE: Final = (
    _HEAD
    + """\
from helpers import combine

class First(Task):
    out = output("value.json")

    def run(self):
        trace("first")
        @SOURCE@
        self.out.save(filled(value))

class Middle(Task):
    first: First
    number: int
    out = output("value.json")

    def run(self):
        trace(f"middle {self.number}")
        time.sleep(@SLEEP@)
        self.out.save(filled(combine(self.first.out.load()["value"], self.number)))

class Last(Task):
    numbers: list[int]
    out = output("value.json")

    def requires(self):
        return [Middle(number=number) for number in self.numbers]

    def run(self):
        total = sum(each.out.load()["value"] for each in self.requires())
        trace(f"end {total}")
        self.out.save(filled(total))
"""
)

_CHAIN: Final = (
    _HEAD
    + """\
class Last(Task):
    place: int
    out = output("value.json")

    def requires(self):
        return [Last(place=self.place - 1)] if self.place else []

    def run(self):
        value = self.requires()[0].out.load()["value"] + 1 if self.place else 7
        trace(f"end {value}")
        self.out.save(filled(value))
"""
)

_TITANIC: Final = """\
import mlflow
import pandas
import sklearn.linear_model
from daicho import Source, Task, output, source
import modelling

class Prepare(Task):
    raw_train: Source = source("input/train.csv")
    raw_test: Source = source("input/test.csv")
    train = output("train.csv")
    test = output("test.csv")

    def run(self):
        train, test = modelling.prepare(self.raw_train.load(), self.raw_test.load())
        self.train.save(train)
        self.test.save(test)

class Fit(Task):
    data: Prepare
    alpha: float = 1.0
    model = output("model.pickle", format="pickle")  # as all the others keep it

    def run(self):
        self.model.save(modelling.fit(self.data.train.load(), self.alpha))

class Last(Task):
    data: Prepare
    fitted: Fit
    prediction = output("prediction.csv")

    def run(self):
        self.prediction.save(modelling.predict(self.fitted.model.load(), self.data.test.load()))
"""

_BIG: Final = """\
from daicho import Task, output
from benching import filled, read_big, trace, write_big

class Big(Task):
    size: int
    out = output("big.bin", format="bytes")

    def run(self):
        write_big(self.out.path, self.size)

class Last(Task):
    big: Big
    out = output("value.json")

    def run(self):
        self.out.save(filled(read_big(self.big.out.path)))
"""

_FOLDER: Final = """\
from daicho import Task, output
from benching import filled, write_many

class Last(Task):
    size: int
    out = output("many/")

    def run(self):
        write_many(self.out.path, self.size)
"""

_TEXTS: Final = {
    "wide": _WIDE, "sleep": _WIDE, "chain": _CHAIN, "titanic": _TITANIC, "big": _BIG, "folder": _FOLDER,
}  # fmt: skip


def _files(job: Job) -> Mapping[str, str]:
    numbers = list(job.numbers)
    settings = {
        "wide": f"[Last]\nnumbers = {numbers}\n",
        "sleep": f"[Last]\nnumbers = {numbers}\n",
        "chain": f"[Last]\nplace = {job.size}\n",
        "titanic": f"[Fit]\nalpha = {job.alpha}\n",
        "big": f"[Big]\nsize = {job.size}\n",
        "folder": f"[Last]\nsize = {job.size}\n",
    }
    head = '[RunConfig]\nexperiment_name = "bench"\ntask = "Last"\n'
    return {"tasks.py": job.fill(_TEXTS[job.workload]), "luigi.toml": head + settings[job.workload]}


def _in_wal_mode(job: Job) -> Mapping[str, str]:
    files = _files(job)
    return {**files, "luigi.toml": f"{files['luigi.toml']}[daicho]\nwal = true\n"}


def _command(job: Job, mode: str) -> Sequence[str] | None:
    if mode == "status":
        return ["daicho", "status"]
    if mode == "why":
        return ["daicho", "why", "Last"]
    return ["daicho", "run", *(["-j", str(job.workers)] if job.workers > 1 else [])]


TOOL = Tool(
    "daicho",
    [str(Path(__file__).parents[2])],
    _files,
    _command,
    workloads=("wide", "chain", "titanic", "big", "folder", "sleep"),
    forget=(".daicho",),
    serves=True,
    version_of="daicho",
)
WAL = replace(
    TOOL,
    name="daicho-wal",
    files=_in_wal_mode,
    workloads=("wide", "chain"),
    note="`[daicho] wal = true`",
    serves=False,
    lives_with="daicho",
)
