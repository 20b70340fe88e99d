"""What is right: mypy and pyright accept all of it, and know the types."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Literal, assert_type

import luigi

from daicho import Output, Source, Task, output, param, source


class Color(Enum):
    RED = "red"


class Preprocessor(Task):
    columns: list[str]
    share: float = 0.8
    raw: Source = source("input/train.csv")
    train: Output[dict[str, int]] = output("train.json")
    table = output("table.csv")

    def run(self) -> None:
        assert_type(self.columns, list[str])
        assert_type(self.raw, Source)
        assert_type(self.raw.path, Path)
        self.train.save({"a": 1})
        self.table.save(object())


class Trainer(Task):
    data: Preprocessor
    kind: Literal["forest", "linear"] = "forest"
    day: date = date(2024, 2, 29)
    color: Color = Color.RED
    name: str | None = None
    grid: dict[str, list[float]] = {}
    threads: int = param(default=4, significant=False)
    seed: int = 0
    model: Output[str] = output("model.txt")

    def run(self) -> None:
        assert_type(self.data, Preprocessor)
        assert_type(self.data.train, Output[dict[str, int]])
        assert_type(self.data.train.load(), dict[str, int])
        assert_type(self.data.train.path, Path)
        assert_type(self.kind, Literal["forest", "linear"])
        assert_type(self.name, str | None)
        assert_type(self.threads, int)
        self.model.save("trained")
        with self.model.open("w") as file:
            file.write("trained")


class Better(Trainer):
    seed = 7
    depth: int = 3


class Report(Task):
    trainers: list[Trainer]
    named: dict[str, Trainer] = {}
    best: Trainer | None = None


class Plain(Task):
    number = luigi.IntParameter(default=3)


data = Preprocessor(columns=["a"])
trainer = Trainer(data=data, seed=3, kind="linear", threads=2)
assert_type(trainer, Trainer)
assert_type(trainer.seed, int)
assert_type(trainer.data.train.load(), dict[str, int])
assert_type(trainer.data.table.load(), Any)
assert_type(Trainer.configured(seed=3), Trainer)
assert_type(Trainer.configured().data.columns, list[str])
assert_type(Better(data=data, depth=2), Better)
assert_type(Better(data=data).model.load(), str)
report = Report(trainers=[trainer, Better(data=data)], best=trainer)
assert_type(report.trainers[0].model.load(), str)
for needed in report.trainers:
    assert_type(needed, Trainer)
