"""What holds for one launch: the file, the overrides over it, and the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.config.project import Project, find_project
from daicho.config.settings import Settings, compose
from daicho.errors import ConfigurationError, ParameterError, Where
from daicho.runtime import Setting
from tests.strategies import NAMES


def _compose(folder: Path, text: str, name: str = "luigi.toml", **options: Any) -> Settings:
    (folder / name).write_text(text)
    return compose(Project(folder, folder / name), **{"environment": {}, **options})


def _values(settings: Settings, family: str) -> dict[str, Any]:
    return {name: setting.value for name, setting in settings.sections.get(family, {}).items()}


def test_nothing_is_configured_without_a_file(tmp_path: Path) -> None:
    """A project without a file has nothing configured, and can be overridden."""
    assert Settings() == compose(Project(tmp_path, None), environment={})
    settings = compose(Project(tmp_path, None), overrides=("T.x=1",), environment={})
    assert {"x": "1"} == _values(settings, "T")


def test_our_own_tables_are_read(tmp_path: Path) -> None:
    """`[RunConfig]` and `[daicho]` say what runs, where it is recorded, and where tasks are."""
    settings = _compose(
        tmp_path,
        """
        [RunConfig]
        task = "Prediction"
        experiment_name = "titanic"
        description = "who survived"

        [daicho]
        tasks = ["a", "b.c"]
        project = "ships"
        tracking_uri = "sqlite:///x.db"
        share = "boats"
        """,
    )
    assert ("Prediction", "titanic", "who survived") == (
        settings.target,
        settings.experiment,
        settings.description,
    )
    assert (("a", "b.c"), "ships", "sqlite:///x.db", ("boats",)) == (
        settings.modules,
        settings.project,
        settings.tracking_uri,
        settings.share,
    )
    assert {} == settings.sections


def test_a_flag(tmp_path: Path) -> None:
    """A flag is off where nobody sets it, a boolean in a file or in code, and `true` or `false` as text."""
    assert [False, True] == [_compose(tmp_path, text).wal for text in ("", "[daicho]\nwal = true\n")]
    text = "[daicho]\nwal = true\n"
    assert not _compose(tmp_path, text, environment={"DAICHO_daicho__wal": "False"}).wal
    assert not _compose(tmp_path, text, overrides=("daicho.wal=false",)).wal
    assert not _compose(tmp_path, text, params={"daicho.wal": False}).wal
    with pytest.raises(ConfigurationError, match="but must be true or false"):
        _compose(tmp_path, text, overrides=("daicho.wal=1",))


def test_other_tables_are_sections_of_tasks(tmp_path: Path) -> None:
    """Every other table holds the parameters of a task, with the place of each."""
    settings = _compose(tmp_path, "[Trainer]\nseed = 1\nrates = [0.1, 1]\n\n[Other]\nday = 2024-02-29\n")
    assert Setting(1, Where("luigi.toml", 2, "Trainer.seed"), "toml") == settings.sections["Trainer"]["seed"]
    assert [0.1, 1] == _values(settings, "Trainer")["rates"]
    assert ["Trainer", "Other"] == list(settings.sections)
    assert Where("luigi.toml", 2, "Trainer.seed") == settings.where("Trainer")
    assert None is settings.where("Nobody")


@pytest.mark.parametrize(
    "header", ["[my.ns.Task]", '["my.ns.Task"]', '[my."ns.Task"]', "[my]\n[my.ns]\n[my.ns.Task]"]
)
def test_a_namespace_is_a_table_of_tables(tmp_path: Path, header: str) -> None:
    """`[my.ns.Task]` configures the task of that family, however TOML nests it."""
    settings = _compose(tmp_path, f"{header}\nseed = 1\n")
    assert {"seed": 1} == _values(settings, "my.ns.Task")


def test_tables_of_luigi_and_of_paths_are_nobody_s_parameters(tmp_path: Path) -> None:
    """Luigi's own tables and `[PathConfig]` may stand in the file, and are no sections of tasks."""
    settings = _compose(
        tmp_path, "[core]\nlog_level = 'INFO'\n[worker]\n[PathConfig]\ninput = 'x'\n[T]\nx = 1\n"
    )
    assert ["T"] == list(settings.sections)


def test_pyproject_holds_the_same_below_its_table(tmp_path: Path) -> None:
    """What stands below `[tool.daicho]` means what it would in `luigi.toml`."""
    text = """
    [project]
    name = "x"
    [tool.daicho]
    tasks = ["a"]
    [tool.daicho.RunConfig]
    task = "Prediction"
    [tool.daicho.Trainer]
    seed = 1
    [tool.daicho.my.ns.Task]
    seed = 2
    [tool.other]
    x = 1
    """
    settings = _compose(tmp_path, text, "pyproject.toml")
    assert (("a",), "Prediction") == (settings.modules, settings.target)
    assert {"seed": 1} == _values(settings, "Trainer")
    assert {"seed": 2} == _values(settings, "my.ns.Task")
    assert {"RunConfig", "x", "project"}.isdisjoint(settings.sections)


def test_later_wins(tmp_path: Path) -> None:
    """The file gives way to the command line, and that to values from code; the place tells which it was."""
    text = "[T]\na = 1\nb = 1\nc = 1\n"
    settings = _compose(tmp_path, text, overrides=("T.b=2", "T.c=2", "T.c=3"), params={"T.d": 4})
    assert {"a": 1, "b": "2", "c": "3", "d": 4} == _values(settings, "T")
    assert ["toml", "text", "text", "code"] == [each.origin for each in settings.sections["T"].values()]
    assert Where("command line", key="T.b") == settings.sections["T"]["b"].where
    assert 9 == _values(_compose(tmp_path, text, overrides=("T.a=2",), params={"T.a": 9}), "T")["a"]


@given(st.lists(NAMES, min_size=1, max_size=3).map(".".join), NAMES, st.text())
def test_an_override_is_cut_at_the_first_equals_and_the_last_dot(family: str, name: str, text: str) -> None:
    """A value may hold dots and equals signs, a family dots."""
    settings = compose(Project(Path(), None), overrides=(f"{family}.{name}={text}",), environment={})
    setting = Setting(text, Where("command line", key=f"{family}.{name}"), "text")
    assert {family: {name: setting}} == settings.sections


@pytest.mark.parametrize(
    "override", ["", "=", "seed=1", "Trainer.seed", ".seed=1", "Trainer.=1", "Trainer=a.b", "."]
)
def test_what_is_no_override_is_refused(override: str) -> None:
    """What does not say task, parameter and value is refused by its name (the value may be a secret), with an example."""
    with pytest.raises(ParameterError) as caught:
        compose(Project(Path(), None), overrides=(override,), environment={})
    name, equals, _ = override.partition("=")
    shown = f"{name}=…" if equals else name
    assert f"`{shown}` is not of the form Task.parameter=value" == caught.value.message
    assert "Trainer.seed=1" in caught.value.hints[0]


def test_params_need_a_task(tmp_path: Path) -> None:
    """A value from code is refused like an override when it does not name a task."""
    with pytest.raises(ParameterError, match=r"`seed` is not of the form"):
        compose(Project(tmp_path, None), params={"seed": 1}, environment={})


@pytest.mark.parametrize(
    ("environment", "uri"),
    [
        ({}, "from-file"),
        ({"TRACKING_URI": "short"}, "short"),
        ({"MLFLOW_TRACKING_URI": "long"}, "long"),
        ({"MLFLOW_TRACKING_URI": "long", "TRACKING_URI": "short"}, "long"),
        ({"MLFLOW_TRACKING_URI": "", "TRACKING_URI": ""}, "from-file"),
    ],
)
def test_the_environment_names_the_store(tmp_path: Path, environment: dict[str, str], uri: str) -> None:
    """MLflow's own variable comes first, then the short one, then the file."""
    text = "[daicho]\ntracking_uri = 'from-file'\n"
    assert uri == _compose(tmp_path, text, environment=environment).tracking_uri


def test_the_process_s_environment_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an environment of its own, a launch has that of the process."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "mine")
    assert "mine" == compose(Project(tmp_path, None)).tracking_uri


def test_the_file_is_kept_as_it_was_written(tmp_path: Path) -> None:
    """The text of `luigi.toml` is kept to the letter, comments included; of a `pyproject.toml` our tables are."""
    text = "# why\n[T]\nx   =   1\n"
    assert text == _compose(tmp_path, text).text
    own = _compose(tmp_path, '[project]\nname = "p"\n[tool.daicho.T]\nx = 1\n', "pyproject.toml")
    assert '["T"]\n"x" = 1\n' == own.text


def test_settings_stand_still(tmp_path: Path) -> None:
    """Composing the same twice gives the same value."""
    (tmp_path / "luigi.toml").write_text("[T]\nx = 1\n")
    project = find_project(tmp_path)
    assert compose(project, environment={}) == compose(project, environment={})
