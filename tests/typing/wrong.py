"""What is wrong: each line carries the errors that mypy and pyright must find there; one that is missing is an error."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Literal

from daicho import Output, Source, Task, output, source


class Preprocessor(Task):
    columns: list[str]
    raw: Source = source("input/train.csv")
    train: Output[dict[str, int]] = output("train.json")

    def run(self) -> None:
        self.train.save(["a"])  # type: ignore[arg-type]
        self.train.save("a")  # type: ignore[arg-type]
        self.raw.save("a")  # type: ignore[attr-defined]


class Trainer(Task):
    data: Preprocessor
    seed: int = 0
    kind: Literal["forest", "linear"] = "forest"

    def run(self) -> None:
        number: int = self.data.train.load()  # type: ignore[assignment]
        print(number)
        self.data.train.lod()  # type: ignore[attr-defined]
        self.sed  # type: ignore[attr-defined]


data = Preprocessor(columns=["a"])
Trainer()  # type: ignore[call-arg]
Trainer(data=data, sed=3)  # type: ignore[call-arg]
Trainer(data=data, seed="3")  # type: ignore[arg-type]
Trainer(data=3)  # type: ignore[arg-type]
Trainer(data)  # type: ignore[call-arg]
Trainer(data=data, kind="tree")  # type: ignore[arg-type]
Preprocessor(columns="a")  # type: ignore[arg-type]
Preprocessor(columns=["a"], raw="other.csv")  # type: ignore[call-arg]
Preprocessor(columns=["a"], raw=Source("other.csv"))  # type: ignore[call-arg]
Preprocessor(columns=["a"], train=3)  # type: ignore[arg-type]
Trainer.configured(seed=3).sed  # type: ignore[attr-defined]
Trainer.configured(3)  # type: ignore[arg-type]
