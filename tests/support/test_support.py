"""What tests stand on does what it says: projects, repositories and services are real and alone."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import psycopg2
import pytest

from tests.support.environment import require
from tests.support.git import Repository
from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.server import MlflowServer


def test_a_project_has_its_files(project: Callable[..., Project]) -> None:
    """A project holds its tasks, its configuration and its inputs, without the indentation of the test."""
    made = project("x = 1\n", "[RunConfig]\n", {"input/a.csv": "    a\n    1\n"})
    names = ["input/a.csv", "luigi.toml", "tasks.py"]
    assert names == sorted(str(p.relative_to(made.root)) for p in made.root.rglob("*") if p.is_file())
    assert "a\n1\n" == (made.root / "input/a.csv").read_text()


def test_a_project_runs_alone(project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch) -> None:
    """A project's programs see neither the tests' settings nor their home, but what the test hands over."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere.example")
    monkeypatch.setenv("NO_COLOR", "1")
    made = project()
    code = "import os; print([os.environ.get(n) for n in ('HOME', 'MLFLOW_TRACKING_URI', 'NO_COLOR', 'X')])"
    done = made.python("-c", code, env={"X": "1"})
    assert f"{[str(made.home), None, None, '1']}\n" == done.stdout


def test_commits_repeat(git: Callable[[Path], Repository], tmp_path: Path) -> None:
    """The same files under the same message are the same commit, whoever commits."""
    commits = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text("a")
        commits.add(git(tmp_path / name).commit("first"))
    assert 1 == len(commits)


def test_a_missing_tool_skips() -> None:
    """A tool that is not there skips the test that requires it, by name."""
    with pytest.raises(pytest.skip.Exception, match="no-such-tool"):
        require("no-such-tool")


def test_databases_are_apart(postgres: Postgres) -> None:
    """Each test's database is its own and empty."""
    one, two = (address.replace("+psycopg2", "") for address in (postgres.database(), postgres.database()))
    connection = psycopg2.connect(one)
    connection.cursor().execute("CREATE TABLE t (x int); COMMIT")
    connection.close()
    other = psycopg2.connect(two)
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename = 't'")
        assert (0,) == cursor.fetchone()
    other.close()


def test_the_server_answers(mlflow_server: MlflowServer) -> None:
    """The MLflow server answers over HTTP with the version that is installed here."""
    with urllib.request.urlopen(f"{mlflow_server.uri}/version", timeout=10) as answer:
        assert version("mlflow") == answer.read().decode()


def test_the_home_is_empty() -> None:
    """The tests' own home is none of a person's."""
    assert os.environ["HOME"].startswith(os.environ["DAICHO_TEST_FOLDER"])
