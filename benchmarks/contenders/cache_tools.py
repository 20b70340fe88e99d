"""Tools that remember functions: joblib and redun; and DVC, which remembers commands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from jobs import Job

from contenders.base import Tool

_JOBLIB_WIDE: Final = """\
import time
from joblib import Memory
from benching import filled, get, trace
from helpers import combine

memory = Memory("out", verbose=0)

@memory.cache
def first():
    trace("first")
    @SOURCE@
    return filled(value)

@memory.cache
def middle(base, number):
    trace(f"middle {number}")
    time.sleep(@SLEEP@)
    return filled(combine(base["value"], number))

@memory.cache
def last(values):
    total = sum(each["value"] for each in values)
    trace(f"end {total}")
    return filled(total)

base = first()
last([middle(base, number) for number in get("job.json")["numbers"]])
"""

_JOBLIB_CHAIN: Final = """\
from joblib import Memory
from benching import filled, get, trace

memory = Memory("out", verbose=0)

@memory.cache
def link(place, before):
    value = before["value"] + 1 if place else 7
    trace(f"end {value}")
    return filled(value)

value = None
for place in range(get("job.json")["size"] + 1):
    value = link(place, value)
"""

_JOBLIB_TITANIC: Final = """\
import pandas as pd
from joblib import Memory
import modelling
from benching import get

memory = Memory("out", verbose=0)
train, test = memory.cache(modelling.prepare)(pd.read_csv("input/train.csv"), pd.read_csv("input/test.csv"))
model = memory.cache(modelling.fit)(train, get("job.json")["alpha"])
memory.cache(modelling.predict)(model, test)
"""

_REDUN_WIDE: Final = """\
import time
from redun import task
from benching import filled, get, trace
from helpers import combine

redun_namespace = "bench"

@task()
def first():
    trace("first")
    @SOURCE@
    return filled(value)

@task()
def middle(base, number):
    trace(f"middle {number}")
    time.sleep(@SLEEP@)
    return filled(combine(base["value"], number))

@task()
def last(values):
    total = sum(each["value"] for each in values)
    trace(f"end {total}")
    return filled(total)

@task()
def main(numbers: list[int]):
    base = first()
    return last([middle(base, number) for number in numbers])
"""

_DVC_STEPS: Final = {
    "first.py": """\
import os
from benching import filled, put, trace
trace("first")
@SOURCE@
os.makedirs("out/middle", exist_ok=True)
put("out/first.json", filled(value))
""",
    "middle.py": """\
import os, sys
from benching import filled, get, put, trace
from helpers import combine
number = int(sys.argv[1])
trace(f"middle {number}")
os.makedirs("out/middle", exist_ok=True)
put(sys.argv[2], filled(combine(get("out/first.json")["value"], number)))
""",
    "last.py": """\
import glob
from benching import filled, get, put, trace
total = sum(get(path)["value"] for path in glob.glob("out/middle/*.json"))
trace(f"end {total}")
put("out/last.json", filled(total))
""",
    "dvc.yaml": """\
stages:
  first:
    cmd: python first.py
    deps: [first.py]
    outs: [out/first.json]
  middle:
    foreach: ${numbers}
    do:
      cmd: python middle.py ${item} out/middle/${key}.json
      deps: [middle.py, out/first.json]
      outs: ["out/middle/${key}.json"]
  last:
    cmd: python last.py
    deps: [last.py, out/middle]
    outs: [out/last.json]
""",
}


def _joblib(job: Job) -> Mapping[str, str]:
    texts = {"wide": _JOBLIB_WIDE, "chain": _JOBLIB_CHAIN, "titanic": _JOBLIB_TITANIC}
    return {"pipeline.py": job.fill(texts[job.workload])}


def _redun(job: Job) -> Mapping[str, str]:
    return {"pipeline.py": job.fill(_REDUN_WIDE)}


def _dvc(job: Job) -> Mapping[str, str]:
    files = {name: job.fill(text) for name, text in _DVC_STEPS.items()}
    numbers = json.dumps({f"at{place}": number for place, number in enumerate(job.numbers)})
    return {**files, "params.yaml": f"numbers: {numbers}\n"}


def _counts(mode: str) -> bool:
    return mode not in ("clone", "status", "why")


def _by_python(job: Job, mode: str) -> Sequence[str] | None:
    return ["python", "pipeline.py"] if _counts(mode) else None


def _by_redun(job: Job, mode: str) -> Sequence[str] | None:
    given = ["--numbers", *map(str, job.numbers)]
    return ["redun", "run", "pipeline.py", "main", *given] if _counts(mode) else None


def _by_dvc(job: Job, mode: str) -> Sequence[str] | None:
    if mode == "status":
        return ["dvc", "status"]
    return ["dvc", "repro", "--quiet"] if _counts(mode) else None


TOOLS = [
    Tool(
        "joblib",
        ["joblib"],
        _joblib,
        _by_python,
        note="one function's own text; records nothing",
        version_of="joblib",
    ),
    Tool(
        "redun",
        ["redun"],
        _redun,
        _by_redun,
        workloads=("wide",),
        note="one function's own text",
        version_of="redun",
    ),
    Tool(
        "dvc",
        ["dvc"],
        _dvc,
        _by_dvc,
        workloads=("wide",),
        prepare=(["git", "init", "-q"], ["dvc", "init", "-q"]),
        note="whole files that are listed by hand; a process for each task",
        version_of="dvc",
    ),
]
