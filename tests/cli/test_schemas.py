"""Documents are as the schemas say that are shipped with daicho."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from daicho.cli.completion import Script
from daicho.cli.printer import portable
from daicho.ledger import Withdrawal
from daicho.verbs.config import Configuration, TaskValues, Value
from daicho.verbs.doctor import Check, Diagnosis
from daicho.verbs.forget import Forgotten
from daicho.verbs.gc import Going, Housekeeping
from daicho.verbs.get import Got
from daicho.verbs.graph import graphed
from daicho.verbs.init import Begun
from daicho.verbs.ui import Page
from tests.cli import compared, remade
from tests.cli.explained import first, must_run, reused, undecided
from tests.cli.schemas import check, schema
from tests.cli.values import FAILURE, decision, done, plan, shown_pipeline, shown_task, task

WITHDRAWAL = Withdrawal("it saw test data", "ana", "2026-11-24T07:09:15Z")

DOCUMENTS: list[tuple[str, Any]] = [
    (
        "plan",
        plan([decision("reuse", run_id="a" * 32), decision("run", "seed: 0 -> 1")], decision("undecided")),
    ),
    ("run", done()),
    ("run", done(task("A", "failed", failure=FAILURE, metrics={"loss": float("nan")}), status="failed")),
    ("show", shown_task()),
    ("show", shown_pipeline()),
    ("show", shown_task(forgotten=WITHDRAWAL)),
    ("forget", Forgotten("Trainer", "a" * 32, "b" * 64, 1_795_502_167.0, "ben", WITHDRAWAL)),
    (
        "config",
        Configuration(
            "/p",
            ("luigi.toml",),
            (Value("RunConfig.task", "A", "luigi.toml:2"),),
            (
                TaskValues(
                    "A", "A", (Value("token", "***", "environment", masked=True), Value("x", None, "missing"))
                ),
            ),
        ),
    ),
    ("log", compared.log()),
    ("compare", compared.comparison()),
    ("compare", compared.three()),
    ("tag", compared.TAGGED),
    ("note", compared.NOTED),
    ("export", compared.EXPORTED),
    ("reproduce", remade.reproduction()),
    ("reproduce", remade.NOT_REPRODUCED),
    ("verify", remade.NOT_VERIFIED),
    ("show", shown_pipeline(entry=compared.entry())),
    ("graph", graphed(plan([decision("reuse"), decision("run", "seed: 0 -> 1")], decision("undecided")))),
    ("init", Begun(Path("titanic"), ("luigi.toml", "tasks.py"), "titanic", adopted=False)),
    ("completion", Script.of("fish")),
    ("why", must_run()),
    ("why", undecided()),
    ("why", reused()),
    ("why", first()),
    (
        "gc",
        Housekeeping(
            True, 9, 4, 10, 30, (Going("a" * 32, "Trainer", pipeline=False, started=1.5, size=3),), 4, 1
        ),
    ),
    ("gc", Housekeeping(done=False, cache_bytes=0, cache_freed=0, cache_limit=10)),
    ("doctor", Diagnosis((Check("store", "wrong", "it is away", ("start it",)), Check("git", "ok", "well")))),
    ("get", Got("A", "b", "b.csv", Path("b.csv"), "d" * 64, 3, None)),
    (
        "ui",
        Page("http://127.0.0.1:5000/#/experiments/1", "http://127.0.0.1:5000/health", ("mlflow", "server")),
    ),
]


@pytest.mark.parametrize(("name", "value"), DOCUMENTS, ids=[name for name, _ in DOCUMENTS])
def test_documents(name: str, value: Any) -> None:
    """Each document is as its schema says, and holds nothing that the schema does not describe."""
    check(name, json.loads(json.dumps(portable(value.to_json()))))


def test_every_schema_is_tested() -> None:
    """Each schema that is shipped has a document here, or is that of errors or events, which have their own tests."""
    shipped = {path.name.removesuffix(".json") for path in (files("daicho.cli") / "schemas").iterdir()}
    assert shipped == {name for name, _ in DOCUMENTS} | {"error", "events"}


@pytest.mark.parametrize(
    "change",
    [
        {"seconds": "3"},
        {"seconds": -1.0},
        {"status": "well"},
        {"dirty": None},
        {"more": 1},
        {"schema": "daicho.run/2"},
    ],
)
def test_wrong_documents_are_found(change: dict[str, Any]) -> None:
    """The check of these tests sees a wrong type, a value out of range, and a key too many."""
    document = {**json.loads(json.dumps(done().to_json())), **change}
    with pytest.raises(AssertionError):
        check("run", document)


def test_missing_keys_are_found() -> None:
    """The check of these tests sees a key that is missing, deep inside too."""
    document = replace(done()).to_json()
    del document["tasks"][0]["outcome"]
    with pytest.raises(AssertionError, match="outcome"):
        check("run", document)


@pytest.mark.parametrize(
    "name",
    [
        "log",
        "compare",
        "tag",
        "note",
        "export",
        "plan",
        "run",
        "show",
        "why",
        "config",
        "forget",
        "get",
        "ui",
        "error",
    ],
)
def test_schemas_name_themselves(name: str) -> None:
    """A schema's name is the first value of its document."""
    assert f"daicho.{name}/1" == schema(name)["$id"] == schema(name)["properties"]["schema"]["const"]
