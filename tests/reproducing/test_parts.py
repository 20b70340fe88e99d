"""The parts of making a run again: its configuration as a file, what of the environment it sees, and its Python."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daicho._version import __version__
from daicho.errors import CorruptError, ProjectError
from daicho.record import InputRecord, OutputRecord, Record
from daicho.reproducing.comparing import likely_cause
from daicho.reproducing.configuration import configuration, masked, pinned
from daicho.reproducing.environment import Environment, differences, find_uv, install, make, packages
from daicho.reproducing.recorded import Recorded
from daicho.reproducing.running import surroundings


def record(task: str = "Train", **known: Any) -> Record:
    """A record of a task."""
    facts = {"task_id": task, "key": "k", "run_id": task.lower(), "code": {"tasks:Train.run": "d"}, **known}
    return Record(task, **facts)


def run_of(*records: Record, text: str = "", words: tuple[str, ...] = (), **known: Any) -> Recorded:
    """A recorded run of these results."""
    return Recorded(
        name="Train calm-harbour-41",
        run_id="p",
        targets=("Train",),
        records=records,
        about=known.pop("about", {}),
        user="ana",
        text=text,
        words=words,
        tree="t",
        files=known.pop("files", {"tasks.py": b""}),
    )


def told(run: Recorded, **known: Any) -> dict[str, Any]:
    """Its configuration, read."""
    return tomllib.loads(configuration(run, known.get("places", {}), known.get("pins", {})))


def test_recorded_parameters_win() -> None:
    """Files are laid over each other, what was recorded of a task lies above, its sources' places too."""
    text = (
        '# luigi.toml\n\n[RunConfig]\ntask = "Train"\n[Train]\nseed = 1\nloud = true\n[daicho]\nextends = "x"\n'
        'tracking_uri = "***"\nwal = true\nenvironment = "record"\n\n# wide.toml\n\n[Train]\nseed = 2\n'
    )
    run = run_of(
        record(parameters={"seed": 3, "sizes": [1, 2], "none": None, "config.rate": 0.5}),
        record("my.ns.Load", parameters={"name": "a"}),
        text=text,
    )
    found = told(run, places={("my.ns.Load", "raw"): "input/raw.csv"}, pins={"Given": "given/r"})
    assert {
        "RunConfig": {"task": "Train"},
        "Train": {"seed": 3, "loud": True, "sizes": [1, 2], "rate": 0.5},
        "daicho": {"environment": "record"},
        "my": {"ns": {"Load": {"name": "a", "raw": "input/raw.csv"}}},
        "PathConfig": {"Given": "given/r"},
    } == found


def test_what_tasks_of_a_family_do_not_share_is_left_to_the_code() -> None:
    """Of several tasks of a family only the values that all of them had are written; 1 and True are two."""
    run = run_of(
        record(parameters={"seed": 1, "depth": 2, "flag": 1}),
        record(parameters={"seed": 2, "depth": 2, "flag": True}),
    )
    assert {"depth": 2} == told(run)["Train"]


def test_secrets_are_not_taken_for_their_stars() -> None:
    """A masked value is left out, so that a task misses its secret and says so; which ones is told."""
    run = run_of(
        record(parameters={"api_key": "***", "seed": 1}),
        text='[Train]\napi_key = "***"\nurl = "https://***@example.org"\n[daicho]\ntracking_uri = "***"\n',
    )
    assert {"seed": 1} == told(run)["Train"]
    assert ("Train.api_key", "Train.url") == masked(run)


def test_configuration_that_is_damaged() -> None:
    """What pins tasks is read from the recorded files; where they cannot be read, the error says of which run."""
    assert {"Old": "runs/1/"} == pinned(run_of(record(), text='[PathConfig]\nOld = "runs/1/"\n'))
    with pytest.raises(CorruptError, match="recorded with Train calm-harbour-41 cannot be read"):
        told(run_of(record(), text="[Train"))


def test_what_the_run_sees_of_the_environment(tmp_path: Path) -> None:
    """Neither another store nor other values of recorded parameters, nor the user's own modules; secrets stay."""
    run = run_of(record(parameters={"seed": 1, "token": "***"}))
    present = {
        "MLFLOW_TRACKING_URI": "http://elsewhere",
        "MLFLOW_RUN_ID": "r",
        "TRACKING_URI": "http://elsewhere",
        "DAICHO_Train__seed": "7",
        "DAICHO_Train__token": "hidden",
        "AWS_PROFILE": "mine",
        "PYTHONPATH": os.pathsep.join(
            [str(tmp_path / "mine"), str(tmp_path / "lib"), str(tmp_path / "mine" / "src")]
        ),
    }
    here = Environment(Path(sys.executable), made=False)
    found = surroundings(run, tmp_path / "again", here, tmp_path / "mine", present)
    assert f"sqlite:///{tmp_path / 'again' / 'mlflow.db'}" == found["MLFLOW_TRACKING_URI"]
    assert ("hidden", "mine", str(tmp_path / "lib")) == (
        found["DAICHO_Train__token"],
        found["AWS_PROFILE"],
        found["PYTHONPATH"],
    )
    assert not {"MLFLOW_RUN_ID", "TRACKING_URI", "DAICHO_Train__seed"} & found.keys()
    built = surroundings(
        run, tmp_path / "again", Environment(Path("p"), made=True), tmp_path / "mine", present
    )
    assert "PYTHONPATH" not in built


def test_how_environments_differ() -> None:
    """Python, the system, and versions of packages, of many the first; what is equal is silent."""
    then: Mapping[str, Any] = {
        "python": "3.11.9",
        "platform": "Linux",
        "packages": {"a": "1", "b": "1", "c": "2"},
    }
    assert () == differences(then, then)
    many = dict.fromkeys("abcdef", "9")
    assert (
        "Python: 3.11.9 recorded, 3.12.1 here",
        "6 packages: a 1 -> 9, b 1 -> 9, c 2 -> 9, d (none) -> 9, and 2 more",
    ) == differences(then, {**then, "python": "3.12.1", "packages": many})


def test_what_is_installed() -> None:
    """All that was, exactly; but neither daicho nor the project itself, whose code is laid out."""
    then = {"packages": {"daicho": "1", "my-project": "2", "numpy": "2.1", "odd": "unknown"}}
    assert ("numpy==2.1",) == packages(then, {"My_Project"})
    assert ["uv", "pip", "install", "--quiet", "--no-deps", "--python", "e/bin/python"] == install(
        "uv", Path("e/bin/python")
    )


def test_likely_causes() -> None:
    """What differs of that which a result was made from, the nearest first; else the environment; else chance."""
    here = {"environment": {"python": "3.12.1", "packages": {"numpy": "2"}}}
    out = OutputRecord("out", "out.json", "json", "d" * 64, 3)
    read = InputRecord("data.train", "train.csv", "csv", "a" * 64, "Load")
    old = record(parameters={"seed": 1}, inputs=(read,), outputs=(out,), provenance=here)
    other = replace(old, inputs=(replace(read, digest="b" * 64),))
    newer = replace(old, provenance={"environment": {"python": "3.12.1", "packages": {"numpy": "3"}}})
    assert "what it reads differs already: data.train changed (train.csv)" == likely_cause(old, other)
    assert "made from other things than recorded: seed: 1 -> 2" == likely_cause(
        old, replace(other, parameters={"seed": 2})
    )
    assert likely_cause(old, newer).startswith(
        "the environment differs (1 package: numpy 2 -> 3), or it is not deterministic"
    )
    assert "daicho verify Train tells" in likely_cause(old, old)


def wheel(folder: Path, name: str, version: str) -> None:
    """A distribution with one module."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(
            f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all the index that uv has."""
    try:
        find_uv()
    except ProjectError:
        pytest.skip("needs `uv`")
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel(folder, "small", "1.5")
    for name, value in {
        "UV_FIND_LINKS": str(folder),
        "UV_NO_INDEX": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }.items():
        monkeypatch.setenv(name, value)
    return folder


def test_an_environment_as_recorded(index: Path, tmp_path: Path) -> None:
    """It has the recorded versions and daicho itself; what cannot be had exactly is said."""
    python = ".".join(map(str, sys.version_info[:3]))
    then = {"python": python, "packages": {"small": "1.5", "daicho": "0.0.0.dev999"}}
    made = make(then, tmp_path / "environment", ())
    assert made.made
    assert (f"daicho 0.0.0.dev999 can't be had: {__version__} is taken, as here",) == made.notes
    asked = subprocess.run(
        [made.python, "-c", "import small, daicho; print(small.VERSION, daicho.__version__)"],
        capture_output=True,
        text=True,
        check=True,
        env={},
    )
    assert f"1.5 {__version__}" == asked.stdout.strip()
    minor = ".".join(map(str, sys.version_info[:2]))
    near = make({"python": f"{minor}.999", "packages": {"small": "1.5"}}, tmp_path / "near", ())
    assert (f"Python {minor}.999 can't be had here: the nearest {minor} is taken",) == near.notes


def test_an_environment_that_cannot_be_made(index: Path, tmp_path: Path) -> None:
    """A version that the index lacks, a Python that nobody has, a record that says nothing: an error with a way out."""
    python = ".".join(map(str, sys.version_info[:3]))
    for then, message in (
        (
            {"python": python, "packages": {"small": "9.9"}},
            r"the recorded packages cannot be installed: .*small",
        ),
        ({"python": "3.99.1", "packages": {"small": "1.5"}}, r"Python 3.99.1 can't be had: "),
        ({"python": python}, "does not say which Python"),
    ):
        with pytest.raises(ProjectError, match=message) as caught:
            make(then, tmp_path / "environment", ())
        assert "--here" in caught.value.hints[-1]
