"""Several files as one configuration: what they extend, what is laid over what, and who said it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from daicho.config.project import Project, find_project
from daicho.config.settings import Settings, compose
from daicho.errors import ConfigurationError, ProjectError, Where


def _write(root: Path, **files: str) -> Project:
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Project(root, root / "luigi.toml")


def _values(settings: Settings, family: str) -> dict[str, Any]:
    return {name: setting.value for name, setting in settings.sections[family].items()}


def test_a_file_lies_above_what_it_extends(tmp_path: Path) -> None:
    """A small file says only what differs: tables are merged key by key, all else is replaced whole."""
    _write(
        tmp_path,
        luigi="[RunConfig]\ntask = 'T'\n[T]\na = 1\nb = [1, 2]\nc = { x = 1, y = 1 }\n[U]\nd = 1\n",
        experiments__wide="[daicho]\nextends = '../luigi.toml'\n[T]\nb = [3]\nc = { y = 2 }\n",
    )
    settings = compose(Project(tmp_path, tmp_path / "experiments" / "wide.toml"), environment={})
    assert {"a": 1, "b": [3], "c": {"x": 1, "y": 2}} == _values(settings, "T")
    assert ({"d": 1}, "T") == (_values(settings, "U"), settings.target)
    assert ("luigi.toml", "experiments/wide.toml") == settings.files
    assert Where("luigi.toml", 4, "T.a") == settings.sections["T"]["a"].where
    assert Where("experiments/wide.toml", 4, "T.b") == settings.sections["T"]["b"].where
    assert Where("luigi.toml", 2, "RunConfig.task") == settings.places["RunConfig.task"]


def test_of_several_the_later_wins(tmp_path: Path) -> None:
    """In a list the later file lies above the earlier; one that several extend counts once, lowest."""
    project = _write(
        tmp_path,
        base="[T]\na = 0\nb = 0\nc = 0\n",
        one="[daicho]\nextends = 'base.toml'\n[T]\na = 1\nb = 1\n",
        two="[daicho]\nextends = 'base.toml'\n[T]\nb = 2\n",
        luigi="[daicho]\nextends = ['one.toml', 'two.toml']\n[T]\nd = 3\n",
    )
    settings = compose(project, environment={})
    assert {"a": 1, "b": 2, "c": 0, "d": 3} == _values(settings, "T")
    assert ("base.toml", "one.toml", "two.toml", "luigi.toml") == settings.files


def test_several_files_on_the_command_line(tmp_path: Path) -> None:
    """Files that are named, relative to the current folder, take the place of `luigi.toml`; the later wins."""
    _write(
        tmp_path,
        luigi="[T]\nz = 1\n",
        a__one="[T]\na = 1\nb = 1\n",
        a__two="[T]\nb = 2\n[daicho]\nproject = 'p'\n",
    )
    project = find_project(tmp_path / "a", Path(f"one.toml{os.pathsep}two.toml"))
    settings = compose(project, environment={})
    assert tmp_path == project.root
    assert ({"a": 1, "b": 2}, "p") == (_values(settings, "T"), settings.project)
    with pytest.raises(ProjectError, match=r"there is no configuration file `three.toml`"):
        find_project(tmp_path / "a", Path(f"one.toml{os.pathsep}three.toml"))


def test_the_text_of_all_files_is_kept(tmp_path: Path) -> None:
    """What is recorded as written is every file as it stands, below its name."""
    project = _write(tmp_path, base="[T]\na = 0 # why\n", luigi="[daicho]\nextends = 'base.toml'\n")
    expected = "# base.toml\n\n[T]\na = 0 # why\n\n# luigi.toml\n\n[daicho]\nextends = 'base.toml'\n"
    assert expected == compose(project, environment={}).text


def test_pyproject_may_extend_and_be_extended(tmp_path: Path) -> None:
    """`[tool.daicho]` is a configuration like any other."""
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'x'\n[tool.daicho]\nextends = 'base.toml'\n[tool.daicho.T]\na = 1\n"
    )
    _write(tmp_path, base="[T]\na = 0\nb = 0\n", luigi="[daicho]\nextends = 'pyproject.toml'\n[T]\nc = 2\n")
    below = compose(Project(tmp_path, tmp_path / "pyproject.toml"), environment={})
    assert {"a": 1, "b": 0} == _values(below, "T")
    assert Where("pyproject.toml", 6, "tool.daicho.T.a") == below.sections["T"]["a"].where
    assert {"a": 1, "b": 0, "c": 2} == _values(compose(find_project(tmp_path), environment={}), "T")


def test_a_value_may_become_a_table_and_back(tmp_path: Path) -> None:
    """A table takes the place of a value, and a value that of a table."""
    project = _write(
        tmp_path,
        base="[T]\na = 0\nb = { x = 1 }\n",
        luigi="[daicho]\nextends = 'base.toml'\n[T]\na = { y = 2 }\nb = 3\n",
    )
    assert {"a": {"y": 2}, "b": 3} == _values(compose(project, environment={}), "T")


def test_luigi_s_own_variable_names_a_file_above(tmp_path: Path) -> None:
    """`LUIGI_CONFIG_PATH` is laid over the project's file, as Luigi does it; one of its other format is not read."""
    project = _write(tmp_path, luigi="[T]\na = 0\nb = 0\n", conf__more="[T]\nb = 1\n")
    over = compose(project, environment={"LUIGI_CONFIG_PATH": "conf/more.toml"})
    assert {"a": 0, "b": 1} == _values(over, "T")
    for same in ("luigi.toml", "./luigi.toml", "/etc/luigi.cfg"):
        settings = compose(project, environment={"LUIGI_CONFIG_PATH": same})
        assert ({"a": 0, "b": 0}, ("luigi.toml",)) == (_values(settings, "T"), settings.files)
    chosen = find_project(tmp_path, Path("luigi.toml"))
    assert {"a": 0, "b": 0} == _values(
        compose(chosen, environment={"LUIGI_CONFIG_PATH": "conf/more.toml"}), "T"
    )


def test_several_broken_files_are_named_at_once(tmp_path: Path) -> None:
    """What is wrong in one file does not hide what is wrong in another."""
    project = _write(
        tmp_path, base="[T\n", other="[T]\nx\n", luigi="[daicho]\nextends = ['base.toml', 'other.toml']\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        compose(project, environment={})
    assert [("base.toml", 1), ("other.toml", 2)] == [
        (each.where.file, each.where.line) for each in caught.value.problems if each.where is not None
    ]


def test_project_root_says_where_the_project_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no project is around, the one that PROJECT_ROOT names is it; one that is around comes first."""
    _write(tmp_path / "a", luigi="")
    _write(tmp_path / "b", luigi="")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("PROJECT_ROOT", f"{tmp_path / 'a'}/")
    assert tmp_path / "a" == find_project(tmp_path / "elsewhere").root
    assert tmp_path / "b" == find_project(tmp_path / "b").root
    monkeypatch.setenv("PROJECT_ROOT", str(tmp_path / "nowhere"))
    with pytest.raises(ProjectError, match="no project here"):
        find_project(tmp_path / "elsewhere")
