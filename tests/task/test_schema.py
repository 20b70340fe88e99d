"""The JSON Schema of `luigi.toml`: editors find what we find, and nothing else."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tomllib
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import luigi
import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel

from daicho import Secret, Source, Task, output, param, source
from daicho.task.schema import schema_of

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src"
EXAMPLE = ROOT / "examples" / "titanic" / "luigi.toml"


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Model(BaseModel):
    depth: int = 3


class Loader(Task):
    """Load the passenger lists.

    From wherever they are.
    """

    columns: list[str]
    day: dt.date = dt.date(2026, 1, 1)
    token: Secret
    raw: Source = source("input.csv")
    table = output("table.json")

    def run(self) -> None: ...


class Trainer(Task):
    data: Loader
    seed: int = param(default=0, description="Where chance begins.")
    kind: Literal["ridge", "lasso"] = "ridge"
    colour: Colour = Colour.RED
    model: Model = Model()
    options: dict[str, int] = {}
    password: str = "none"
    number = luigi.IntParameter(default=1)

    def run(self) -> None: ...


class Spaced(Task):
    task_namespace = "my.ns"
    size: int = 1


class Free(Task):
    free_section = True
    size: int = 1


SCHEMA = schema_of([Loader, Trainer, Spaced, Free])


def _json(value: Any) -> Any:
    """A TOML value as editors see it: dates are texts."""
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def _faults(toml: str, schema: dict[str, Any] = SCHEMA) -> list[str]:
    found = Draft7Validator(schema).iter_errors(_json(tomllib.loads(toml)))
    return [".".join(map(str, error.absolute_path)) for error in found]


def test_it_is_a_schema() -> None:
    """It is a JSON Schema itself, and says of each table and key what it is."""
    Draft7Validator.check_schema(SCHEMA)
    trainer = SCHEMA["properties"]["Trainer"]["properties"]
    assert {"type": "integer", "description": "Where chance begins.", "default": 0} == trainer["seed"]
    assert "Load the passenger lists." == SCHEMA["properties"]["Loader"]["description"]
    assert "default" not in trainer["password"]
    assert "token" not in SCHEMA["properties"]["Loader"]["properties"]


@pytest.mark.parametrize(
    "toml",
    [
        "",
        "[RunConfig]\ntask = 'Trainer'\nexperiment_name = 'x'\ndescription = 'y'\n",
        "[RunConfig]\ntask = 'Trainer.wide'\n",
        "[daicho]\nextends = ['a.toml']\ntasks = 'a'\nenvironment = 'python'\n",
        "[daicho]\nwal = true\n",
        "[PathConfig]\ninput = './input/'\nTrainer = './mlruns/1/x/artifacts/'\n",
        "[core]\nlog_level = 'INFO'\n[worker]\nkeep_alive = true\n",
        "[Loader]\ncolumns = ['a']\nday = 2026-02-03\nraw = 'other.csv'\n",
        "[Trainer]\nseed = 3\nkind = 'lasso'\ncolour = 'blue'\ndata = 'Loader'\nnumber = 3\n",
        "[Trainer.model]\ndepth = 4\n[Trainer.options]\na = 1\n",
        "[Trainer.wide]\nseed = 3\n",
        "[my.ns.Spaced]\nsize = 3\n",
        "['my.ns.Spaced']\nsize = 3\n",
        "[defaults]\nseed = 3\nsize = 1\n",
        "[Free]\nanything = [1, { a = 2 }]\nsize = 3\n",
    ],
)
def test_what_is_right_fits(toml: str) -> None:
    """A configuration that we take is one that an editor takes."""
    assert [] == _faults(toml)


@pytest.mark.parametrize(
    ("toml", "place"),
    [
        ("[Trianer]\n", ""),
        ("[Trainer]\nsede = 3\n", "Trainer.sede"),
        ("[Trainer]\nseed = 'three'\n", "Trainer.seed"),
        ("[Trainer]\nkind = 'rigde'\n", "Trainer.kind"),
        ("[Trainer]\ncolour = 'green'\n", "Trainer.colour"),
        ("[Trainer]\nmodel = { depth = 'x' }\n", "Trainer.model.depth"),
        ("[Trainer.wide]\nsede = 3\n", "Trainer.wide"),
        ("[Loader]\ntoken = 'hunter2'\n", "Loader.token"),
        ("[Loader]\ncolumns = [1]\n", "Loader.columns.0"),
        ("[my.ns.Spaced]\nsize = 'x'\n", "my.ns.Spaced.size"),
        ("[RunConfig]\ntask = 'Trianer'\n", "RunConfig.task"),
        ("[daicho]\nenvironment = 'package'\n", "daicho.environment"),
        ("[daicho]\nwal = 'true'\n", "daicho.wal"),
        ("[defaults]\nseed = 'x'\n", "defaults.seed"),
        ("[defaults]\nsede = 3\n", "defaults"),
    ],
)
def test_what_is_wrong_does_not(toml: str, place: str) -> None:
    """What we refuse, an editor underlines at the same place."""
    assert [place] == _faults(toml)


def test_of_an_example() -> None:
    """The example's own file fits the schema that the command makes of its tasks."""
    done = subprocess.run(
        [sys.executable, "-m", "daicho", "config", "--schema", "-C", str(EXAMPLE.parent)],
        env={**os.environ, "PYTHONPATH": str(SOURCES), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    schema = json.loads(done.stdout)
    assert [] == _faults(EXAMPLE.read_text(), schema)
    assert ["Trainer.zzz"] == _faults(EXAMPLE.read_text().replace("[Trainer]", "[Trainer]\nzzz = 1"), schema)
