"""Which project a folder lies in, and what a project needs to be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.config.project import Project, find_project
from daicho.errors import ConfigurationError, ProjectError


def _write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_folder_with_luigi_toml_is_a_project(tmp_path: Path) -> None:
    """An empty `luigi.toml` makes a project."""
    file = _write(tmp_path / "luigi.toml")
    assert Project(tmp_path, file) == find_project(tmp_path)


def test_a_pyproject_with_our_table_is_a_project(tmp_path: Path) -> None:
    """A `[tool.daicho]` table makes a project, also an empty one."""
    file = _write(tmp_path / "pyproject.toml", "[tool.daicho]\n")
    assert Project(tmp_path, file) == find_project(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[tool.other]\n", "[daicho]\n", "tool = 1\n", "[project]\nname = 'daicho'\n"]
)
def test_another_pyproject_is_none(tmp_path: Path, text: str) -> None:
    """A `pyproject.toml` that does not speak of daicho makes no project: the search goes on upwards."""
    file = _write(tmp_path / "luigi.toml")
    _write(tmp_path / "inner" / "pyproject.toml", text)
    assert Project(tmp_path, file) == find_project(tmp_path / "inner")


def test_luigi_toml_comes_before_pyproject(tmp_path: Path) -> None:
    """Where both are there, `luigi.toml` is the configuration."""
    _write(tmp_path / "pyproject.toml", "[tool.daicho]\n")
    assert _write(tmp_path / "luigi.toml") == find_project(tmp_path).file


def test_the_nearest_project_upwards_counts(tmp_path: Path) -> None:
    """A command works from any folder of a project, and an inner project hides the outer one."""
    outer, inner = _write(tmp_path / "luigi.toml"), _write(tmp_path / "a" / "luigi.toml")
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "x").mkdir()
    assert Project(tmp_path / "a", inner) == find_project(tmp_path / "a" / "b" / "c")
    assert Project(tmp_path, outer) == find_project(tmp_path / "x")


def test_a_project_is_found_through_a_link(tmp_path: Path) -> None:
    """A link into a project leads to the project itself."""
    file = _write(tmp_path / "real" / "luigi.toml")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert Project(file.parent.resolve(), file.resolve()) == find_project(tmp_path / "link")


def test_another_file_may_be_chosen(tmp_path: Path) -> None:
    """`-c FILE` is another configuration of the same project, named from where the command was given."""
    _write(tmp_path / "luigi.toml")
    other = _write(tmp_path / "a" / "other.toml")
    assert Project(tmp_path, other) == find_project(tmp_path / "a", Path("other.toml"))
    assert Project(tmp_path, other) == find_project(tmp_path, Path("a/other.toml"))
    assert Project(tmp_path, other) == find_project(tmp_path, other)


def test_a_chosen_file_makes_a_project(tmp_path: Path) -> None:
    """Where there is no project around, the chosen file's folder is one."""
    other = _write(tmp_path / "a" / "other.toml")
    assert Project(tmp_path / "a", other) == find_project(tmp_path, Path("a/other.toml"))


def test_no_project_is_an_error_that_says_what_makes_one(tmp_path: Path) -> None:
    """Outside of any project the message says where it looked and what to do."""
    with pytest.raises(ProjectError, match=r"no project here") as caught:
        find_project(tmp_path)
    assert str(tmp_path) in caught.value.message
    assert "luigi.toml" in caught.value.message
    assert "daicho init" in caught.value.hints[0]
    assert "-C DIR" in caught.value.hints[1]


def test_a_bare_folder_is_a_project_where_that_is_asked_for(tmp_path: Path) -> None:
    """From Python, a folder may be a project without configuration."""
    assert Project(tmp_path, None) == find_project(tmp_path, bare=True)
    file = _write(tmp_path / "luigi.toml")
    assert Project(tmp_path, file) == find_project(tmp_path, bare=True)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    """A folder or a chosen file that is not there is an error of its own."""
    with pytest.raises(ProjectError, match=r"no folder `.*nowhere`"):
        find_project(tmp_path / "nowhere")
    with pytest.raises(ProjectError, match=r"no configuration file `other.toml`"):
        find_project(tmp_path, Path("other.toml"))


def test_a_broken_pyproject_on_the_way_is_named(tmp_path: Path) -> None:
    """Whether a file that cannot be read makes a project cannot be known: it is an error."""
    _write(tmp_path / "pyproject.toml", "[tool.daicho\n")
    with pytest.raises(ConfigurationError, match=r"pyproject.toml:1"):
        find_project(tmp_path)


def test_our_own_folder_is_ignored_by_git(tmp_path: Path) -> None:
    """`.daicho/` is made when it is needed, tells git to leave it alone, and may be made twice."""
    project = Project(tmp_path, None)
    assert not project.folder.exists()
    for _ in range(2):
        assert tmp_path / ".daicho" == project.make_folder()
    assert "*\n" == (tmp_path / ".daicho" / ".gitignore").read_text()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Where `.daicho/` cannot be made, the project's folder is named."""
    _write(tmp_path / ".daicho")  # a file in its place: root may write anywhere else
    with pytest.raises(ProjectError, match=r"cannot be written to") as caught:
        Project(tmp_path, None).make_folder()
    assert str(tmp_path) in caught.value.message
    assert ".daicho" in caught.value.hints[0]
