"""Luigi alone, with local files named by the parameters; and gokart, which names them by a digest of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from jobs import Job

from contenders.base import Tool

_WIDE: Final = """\
import time
import luigi
from benching import filled, get, put, trace
from helpers import combine

class First(luigi.Task):
    def output(self):
        return luigi.LocalTarget("out/first.json")

    def run(self):
        trace("first")
        @SOURCE@
        self.output().makedirs()
        put(self.output().path, filled(value))

class Middle(luigi.Task):
    number = luigi.IntParameter()

    def requires(self):
        return First()

    def output(self):
        return luigi.LocalTarget(f"out/{self.number}.json")

    def run(self):
        trace(f"middle {self.number}")
        time.sleep(@SLEEP@)
        put(self.output().path, filled(combine(get(self.input().path)["value"], self.number)))

class Last(luigi.Task):
    numbers = luigi.ListParameter()

    def requires(self):
        return [Middle(number=number) for number in self.numbers]

    def output(self):
        return luigi.LocalTarget(f"out/last-{hash(self.numbers)}.json")

    def run(self):
        total = sum(get(each.path)["value"] for each in self.input())
        trace(f"end {total}")
        put(self.output().path, filled(total))

if __name__ == "__main__":
    luigi.build([Last(numbers=get("job.json")["numbers"])], local_scheduler=True, workers=@WORKERS@)
"""

_CHAIN: Final = """\
import luigi
from benching import filled, get, put, trace

class Last(luigi.Task):
    place = luigi.IntParameter()

    def requires(self):
        return Last(place=self.place - 1) if self.place else []

    def output(self):
        return luigi.LocalTarget(f"out/{self.place}.json")

    def run(self):
        value = get(self.input().path)["value"] + 1 if self.place else 7
        trace(f"end {value}")
        self.output().makedirs()
        put(self.output().path, filled(value))

if __name__ == "__main__":
    luigi.build([Last(place=get("job.json")["size"])], local_scheduler=True)
"""

_TITANIC: Final = """\
import pickle
import luigi
import pandas as pd
import modelling
from benching import get

class Prepare(luigi.Task):
    def output(self):
        return [luigi.LocalTarget(f"out/{name}.csv") for name in ("train", "test")]

    def run(self):
        frames = modelling.prepare(pd.read_csv("input/train.csv"), pd.read_csv("input/test.csv"))
        for target, frame in zip(self.output(), frames):
            target.makedirs()
            frame.to_csv(target.path, index=False)

class Fit(luigi.Task):
    alpha = luigi.FloatParameter()

    def requires(self):
        return Prepare()

    def output(self):
        return luigi.LocalTarget(f"out/model-{self.alpha}.pickle")

    def run(self):
        with open(self.output().path, "wb") as file:
            pickle.dump(modelling.fit(pd.read_csv(self.input()[0].path), self.alpha), file)

class Last(luigi.Task):
    alpha = luigi.FloatParameter()

    def requires(self):
        return Prepare(), Fit(alpha=self.alpha)

    def output(self):
        return luigi.LocalTarget(f"out/prediction-{self.alpha}.csv")

    def run(self):
        data, model = self.input()
        with open(model.path, "rb") as file:
            fitted = pickle.load(file)
        modelling.predict(fitted, pd.read_csv(data[1].path)).to_csv(self.output().path, index=False)

if __name__ == "__main__":
    luigi.build([Last(alpha=get("job.json")["alpha"])], local_scheduler=True)
"""

_GOKART_WIDE: Final = """\
import time
import gokart
import luigi
from benching import filled, get, trace
from helpers import combine

class First(gokart.TaskOnKart):
    def run(self):
        trace("first")
        @SOURCE@
        self.dump(filled(value))

class Middle(gokart.TaskOnKart):
    number = luigi.IntParameter()

    def requires(self):
        return First()

    def run(self):
        trace(f"middle {self.number}")
        time.sleep(@SLEEP@)
        self.dump(filled(combine(self.load()["value"], self.number)))

class Last(gokart.TaskOnKart):
    def requires(self):
        return [Middle(number=number) for number in get("job.json")["numbers"]]

    def run(self):
        total = sum(each["value"] for each in self.load())
        trace(f"end {total}")
        self.dump(filled(total))

if __name__ == "__main__":
    gokart.run(["Last", "--local-scheduler"])
"""

_GOKART_CHAIN: Final = """\
import gokart
import luigi
from benching import filled, get, trace

class Last(gokart.TaskOnKart):
    place = luigi.IntParameter(default=get("job.json")["size"])

    def requires(self):
        return Last(place=self.place - 1) if self.place else []

    def run(self):
        value = self.load()["value"] + 1 if self.place else 7
        trace(f"end {value}")
        self.dump(filled(value))

if __name__ == "__main__":
    gokart.run(["Last", "--local-scheduler"])
"""


def _luigi(job: Job) -> Mapping[str, str]:
    texts = {"wide": _WIDE, "sleep": _WIDE, "chain": _CHAIN, "titanic": _TITANIC}
    return {"pipeline.py": job.fill(texts[job.workload])}


def _gokart(job: Job) -> Mapping[str, str]:
    return {"pipeline.py": job.fill({"wide": _GOKART_WIDE, "chain": _GOKART_CHAIN}[job.workload])}


def _command(job: Job, mode: str) -> Sequence[str] | None:
    return ["python", "pipeline.py"] if mode not in ("clone", "status", "why") else None


TOOLS = [
    Tool(
        "luigi",
        ["luigi>=3.8,<3.9"],
        _luigi,
        _command,
        workloads=("wide", "chain", "titanic", "sleep"),
        note="looks at one file and believes it; code does not count",
        version_of="luigi",
    ),
    Tool(
        "gokart",
        ["gokart", "luigi<3.9"],
        _gokart,
        _command,
        workloads=("wide", "chain"),
        note="a digest of parameters; code and content do not count",
        version_of="gokart",
    ),
]
