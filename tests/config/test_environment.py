"""Values from the environment and from `.env`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from daicho.config.environment import exported, variable
from daicho.config.project import Project
from daicho.config.settings import Settings, compose
from daicho.errors import ConfigurationError, Where
from daicho.runtime import Setting
from tests.strategies import NAMES


def _compose(
    root: Path, env: str = "", toml: str = "", environment: Mapping[str, str] = {}, **more: Any
) -> Settings:
    (root / ".env").write_text(env)
    (root / "luigi.toml").write_text(toml)
    return compose(Project(root, root / "luigi.toml"), environment=environment, **more)


def test_order(tmp_path: Path) -> None:
    """The environment lies above the files, `.env` below what is really set, the command line above both."""
    settings = _compose(
        tmp_path,
        "DAICHO_T__b=env\nDAICHO_T__c=env\nexport DAICHO_T__d='env'\n",
        "[T]\na = 'file'\nb = 'file'\nc = 'file'\nd = 'file'\n",
        {"DAICHO_T__c": "real", "DAICHO_T__d": "real"},
        overrides=("T.d=line",),
    )
    assert {
        "a": Setting("file", Where("luigi.toml", 2, "T.a"), "toml"),
        "b": Setting("env", Where(".env", 1, "DAICHO_T__b"), "text"),
        "c": Setting("real", Where("environment", None, "DAICHO_T__c"), "text"),
        "d": Setting("line", Where("command line", None, "T.d"), "text"),
    } == settings.sections["T"]


def test_our_own_values_can_be_set_so_too(tmp_path: Path) -> None:
    """`[RunConfig]` and `[daicho]` are no exception: variables and overrides reach them."""
    settings = _compose(
        tmp_path,
        toml="[RunConfig]\ntask = 'A'\nexperiment_name = 'x'\n",
        environment={"DAICHO_RunConfig__task": "B", "DAICHO_daicho__share": "other"},
        overrides=("RunConfig.experiment_name=trial", "daicho.tasks=['a', 'b']"),
    )
    assert ("B", "trial", ("other",), ("a", "b")) == (
        settings.target,
        settings.experiment,
        settings.share,
        settings.modules,
    )
    assert (
        Where("command line", key="RunConfig.experiment_name") == settings.places["RunConfig.experiment_name"]
    )


@given(NAMES, NAMES)
def test_a_namespace_has_underscores_between(family: str, key: str) -> None:
    """The name of a variable leads back to the parameter, if no part of it has two underscores itself."""
    name = variable(f"my.ns.{family}", key)
    settings = compose(Project(Path("nowhere"), None), environment={name: "1"})
    if (
        "__" not in f"{family}-{key}"
        and not family.startswith("_")
        and not family.endswith("_")
        and key[0] != "_"
    ):
        assert {f"my.ns.{family}": [key]} == {
            each: list(section) for each, section in settings.sections.items()
        }


def test_other_variables_are_nobody_s(tmp_path: Path) -> None:
    """A variable that names no section and key is not ours to read, though it begins as ours do."""
    environment = {"DAICHO_GIT_COMMIT": "x", "DAICHO_": "x", "DAICHO__x": "x", "OTHER__x": "x"}
    assert {} == _compose(tmp_path, environment=environment).sections


def test_the_published_names_are_honoured(tmp_path: Path) -> None:
    """`TRACKING_URI` in `.env` names the store; `MLFLOW_TRACKING_URI` comes before it, and before the file."""
    toml = "[daicho]\ntracking_uri = 'sqlite:///file.db'\n"
    found = _compose(tmp_path, "PROJECT_ROOT=/app/\nTRACKING_URI=sqlite:///env.db\n", toml)
    assert ("sqlite:///env.db", Where(".env", 2, "TRACKING_URI")) == (
        found.tracking_uri,
        found.places["daicho.tracking_uri"],
    )
    found = _compose(tmp_path, "TRACKING_URI=a\nMLFLOW_TRACKING_URI=b\n", toml)
    assert "b" == found.tracking_uri
    assert "real" == _compose(tmp_path, "TRACKING_URI=a\n", toml, {"TRACKING_URI": "real"}).tracking_uri


def test_reading_changes_nothing_and_a_launch_ends_as_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.env` is put into this process's environment for the length of a launch, below what is set, and not before."""
    monkeypatch.setenv("DAICHO_TEST_A", "real")
    before = dict(os.environ)
    settings = _compose(tmp_path, "DAICHO_TEST_A=env\nDAICHO_TEST_B=env\n", environment=before)
    assert before == dict(os.environ)
    with exported(settings.variables):
        assert ("real", "env") == (os.environ["DAICHO_TEST_A"], os.environ["DAICHO_TEST_B"])
    assert before == dict(os.environ)


def test_a_folder_of_that_name_is_left_alone(tmp_path: Path) -> None:
    """Some keep a virtual environment in `.env`."""
    (tmp_path / ".env").mkdir()
    assert Settings() == compose(Project(tmp_path, None), environment={})


def test_a_line_that_is_none_is_named_but_not_shown(tmp_path: Path) -> None:
    """A mistake in `.env` is an error with its line; what stands there may be a secret."""
    with pytest.raises(ConfigurationError, match=r"a line of `.env` cannot be understood") as caught:
        _compose(tmp_path, "A=1\n\n= hunter2\n")
    assert Where(".env", 3) == caught.value.where
    assert "hunter2" not in str(caught.value)


def test_what_is_shown_of_settings_holds_no_value(tmp_path: Path) -> None:
    """A value may be a secret, so none is in what Python shows of the settings."""
    settings = _compose(
        tmp_path,
        "DAICHO_T__token=hunter2\nOTHER=hunter2\n",
        environment={"MLFLOW_TRACKING_URI": "http://me:hunter2@host"},
        overrides=("T.pin=hunter2",),
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" == settings.sections["T"]["token"].value
