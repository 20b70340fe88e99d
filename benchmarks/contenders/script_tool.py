"""A script by hand that records each task in MLflow, and nothing more: the floor of whatever records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from jobs import Job

from contenders.base import Tool

_HEAD: Final = """\
import os, tempfile, time
import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from benching import filled, get, put, trace

mlflow.set_tracking_uri(os.environ.get("BENCH_STORE", "sqlite:///mlflow.db"))
client = MlflowClient()
experiment = mlflow.set_experiment("bench").experiment_id
pipeline = client.create_run(experiment, run_name="pipeline").info.run_id
os.makedirs("out", exist_ok=True)

def record(name, parameters, path, seconds):
    tags = {"mlflow.parentRunId": pipeline}
    run = client.create_run(experiment, run_name=name, tags=tags).info.run_id
    now = int(time.time() * 1000)
    client.log_batch(
        run,
        metrics=[Metric("seconds", seconds, now, 0)],
        params=[Param(key, str(value)) for key, value in parameters.items()],
    )
    client.log_artifact(run, path)
    client.set_terminated(run)

def step(name, work, parameters, path):
    began = time.time()
    work(path)
    record(name, parameters, path, time.time() - began)

job = get("job.json")
"""

_WIDE: Final = (
    _HEAD
    + """\
from helpers import combine

def first(path):
    trace("first")
    @SOURCE@
    put(path, filled(value))

def middle(number):
    def work(path):
        trace(f"middle {number}")
        time.sleep(@SLEEP@)
        put(path, filled(combine(get("out/first.json")["value"], number)))
    return work

def last(path):
    total = sum(get(f"out/{number}.json")["value"] for number in job["numbers"])
    trace(f"end {total}")
    put(path, filled(total))

step("first", first, {"kind": "first", "size": job["size"], "at": 0}, "out/first.json")
for number in job["numbers"]:
    step("middle", middle(number), {"kind": "middle", "number": number, "at": 1}, f"out/{number}.json")
step("last", last, {"kind": "last", "size": job["size"], "at": 2}, "out/last.json")
client.set_terminated(pipeline)
"""
)

_CHAIN: Final = (
    _HEAD
    + """\
def link(place):
    def work(path):
        value = get(f"out/{place - 1}.json")["value"] + 1 if place else 7
        trace(f"end {value}")
        put(path, filled(value))
    return work

for place in range(job["size"] + 1):
    step("link", link(place), {"kind": "link", "place": place, "size": job["size"]}, f"out/{place}.json")
client.set_terminated(pipeline)
"""
)

_TITANIC: Final = (
    _HEAD
    + """\
import pickle
import pandas as pd
import modelling

def prepare(path):
    train, test = modelling.prepare(pd.read_csv("input/train.csv"), pd.read_csv("input/test.csv"))
    os.makedirs(path, exist_ok=True)
    train.to_csv(f"{path}/train.csv", index=False)
    test.to_csv(f"{path}/test.csv", index=False)

def fit(path):
    model = modelling.fit(pd.read_csv("out/data/train.csv"), job["alpha"])
    with open(path, "wb") as file:
        pickle.dump(model, file)

def predict(path):
    with open("out/model.pickle", "rb") as file:
        model = pickle.load(file)
    modelling.predict(model, pd.read_csv("out/data/test.csv")).to_csv(path, index=False)

step("prepare", prepare, {"kind": "prepare"}, "out/data")
step("fit", fit, {"kind": "fit", "alpha": job["alpha"]}, "out/model.pickle")
step("predict", predict, {"kind": "predict"}, "out/prediction.csv")
client.set_terminated(pipeline)
"""
)

_TEXTS: Final = {"wide": _WIDE, "chain": _CHAIN, "titanic": _TITANIC}


def _files(job: Job) -> Mapping[str, str]:
    return {"pipeline.py": job.fill(_TEXTS[job.workload])}


def _command(job: Job, mode: str) -> Sequence[str] | None:
    return ["python", "pipeline.py"] if mode in ("cold", "noop") else None


TOOL = Tool(
    "script",
    ["mlflow>=3.17,<4"],
    _files,
    _command,
    note="computes no keys, checks nothing, reuses nothing: its noop runs all again",
    serves=True,
    version_of="mlflow",
)
