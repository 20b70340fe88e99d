"""Beginning a project: what is made, and what is never touched."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import daicho
from daicho.errors import ProjectError, UsageError
from daicho.testing import run_task

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "titanic"


def _kept() -> set[str]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."]
    done = subprocess.run(listed, cwd=EXAMPLE, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_example_is_the_one_of_the_repository(tmp_path: Path) -> None:
    """Every file of the example that git keeps is there, byte for byte, and nothing that runs have left."""
    begun = daicho.init(tmp_path / "new" / "titanic")
    assert _kept() == set(begun.files)
    assert begun.folder == tmp_path / "new" / "titanic"
    for name in _kept():
        assert (EXAMPLE / name).read_bytes() == (begun.folder / name).read_bytes()
    assert ["titanic"] == [path.name for path in begun.folder.parent.iterdir()]


def test_a_nearly_empty_project_can_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its two tasks plan at once, in a folder that was there and empty."""
    (tmp_path / "new").mkdir()
    daicho.init(tmp_path / "new", example=None)
    assert {".gitignore", "luigi.toml", "tasks.py"} == {path.name for path in (tmp_path / "new").iterdir()}
    monkeypatch.syspath_prepend(str(tmp_path / "new"))
    monkeypatch.delitem(sys.modules, "tasks", raising=False)
    try:
        from tasks import Total  # type: ignore[import-not-found]

        assert 6 == run_task(Total, inputs={"data.numbers": [1, 2, 3]}, folder=tmp_path / "new")["total"]
    finally:
        sys.modules.pop("tasks", None)


@pytest.mark.parametrize("name", ["file", "full"])
def test_what_is_there_stays(name: str, tmp_path: Path) -> None:
    """A folder with something in it, and a file of that name, are refused and left as they are."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()
    with pytest.raises(ProjectError):
        daicho.init(tmp_path / name, example=None)
    assert ["file", "full", "full/x"] == sorted(
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")
    )


def test_no_other_example() -> None:
    """An example that there is not is met with those that there are."""
    with pytest.raises(UsageError, match="no example `iris`"):
        daicho.init("x", example="iris")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("there", "added"),
    [
        ("train.py", {"luigi.toml", "tasks.py"}),
        ("tasks.py", {"luigi.toml"}),
        ("tasks/__init__.py", {"luigi.toml"}),
        ("src/tasks.py", {"luigi.toml"}),
    ],
)
def test_code_that_is_there_is_adopted(there: str, added: set[str], tmp_path: Path) -> None:
    """`luigi.toml` is added, and tasks only where there are none; the second time it is a project already."""
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("x = 1\n")
    begun = daicho.adopt(tmp_path)
    assert added == set(begun.files)
    assert "x = 1\n" == (tmp_path / there).read_text()
    with pytest.raises(UsageError, match="is a project already"):
        daicho.adopt(tmp_path)


def test_a_project_in_pyproject_is_one_already(tmp_path: Path) -> None:
    """A `[tool.daicho]` table makes a project: nothing is added."""
    (tmp_path / "pyproject.toml").write_text("[tool.daicho]\n")
    with pytest.raises(UsageError, match="is a project already"):
        daicho.adopt(tmp_path)
    assert ["pyproject.toml"] == [path.name for path in tmp_path.iterdir()]


def test_a_folder_that_is_not_there_is_not_adopted(tmp_path: Path) -> None:
    """Adopting what is not there says how to make it."""
    with pytest.raises(ProjectError, match="there is no folder"):
        daicho.adopt(tmp_path / "nowhere")


@pytest.mark.slow
def test_the_wheel_has_the_example(tmp_path: Path) -> None:
    """A wheel holds the example's files, the templates, and nothing that runs have left."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = {name.partition("daicho/templates/")[2] for name in packed.namelist()} - {""}
        assert {f"titanic/{name}" for name in _kept()} == {
            name for name in names if name.startswith("titanic/")
        }
        assert (EXAMPLE / "tasks.py").read_bytes() == packed.read("daicho/templates/titanic/tasks.py")
    assert {"adopted.toml.txt", "empty/gitignore.txt", "empty/luigi.toml.txt", "empty/tasks.py.txt"} <= names
