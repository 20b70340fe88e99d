"""Fixtures of all tests, and the rules of a session: an empty home, shared services, no skip in CI."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from subprocess import Popen

import pytest
from hypothesis import settings

from tests.support import postgres as postgres_service
from tests.support import server as server_service
from tests.support.environment import REQUIRE_ALL, isolate
from tests.support.git import Repository, repository
from tests.support.modules import forgotten
from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.server import MlflowServer
from tests.support.services import Facts, shared, stop_all

_FOLDER = "DAICHO_TEST_FOLDER"  # tells the workers which folder the session shares

# Time limits per example measure how busy the machine is.
settings.register_profile("daicho", deadline=None)
settings.load_profile("daicho")


# ------------------------------------------------------------------------------------------------ session


def pytest_configure(config: pytest.Config) -> None:
    """Begin the session: a folder that its workers share, and nobody's settings."""
    if _is_worker(config):
        return
    folder = Path(tempfile.mkdtemp(prefix="daicho-"))
    folder.chmod(0o755)  # PostgreSQL runs as somebody else
    os.environ[_FOLDER] = str(folder)
    isolate(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the session: stop what was started, and leave nothing behind."""
    if _is_worker(config) or _FOLDER not in os.environ:
        return
    folder = Path(os.environ.pop(_FOLDER))
    stop_all(folder)
    shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the services that they ask for."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "mlflow_server" in names:
            item.add_marker(pytest.mark.server)
        if "postgres" in names:
            item.add_marker(pytest.mark.postgres)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be skipped, a skipped test has failed."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be: {_reason(report.longrepr)}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Where nothing may be skipped, a skipped file has failed."""
    report = yield
    if REQUIRE_ALL and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be: {_reason(report.longrepr)}"
    return report


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _reason(longrepr: object) -> str:
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr)


# ----------------------------------------------------------------------------------------------- fixtures


@pytest.fixture(scope="session")
def session_folder() -> Path:
    """The folder that all workers of the session share; removed at its end."""
    return Path(os.environ[_FOLDER])


@pytest.fixture(autouse=True, scope="module")
def _own_modules_of_a_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What fixtures of a whole file import from a project is not there for other files."""
    with forgotten(tmp_path_factory.getbasetemp()):
        yield


@pytest.fixture(autouse=True)
def _own_modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test imports from a project is not there for the next: projects have modules of the same names."""
    with forgotten(tmp_path_factory.getbasetemp()):
        yield


@pytest.fixture
def project(tmp_path: Path, session_folder: Path) -> Callable[..., Project]:
    """Make a user's project: `project(tasks, config="", files={"input/train.csv": …}, name="project")`."""

    def make(
        tasks: str = "", config: str = "", files: Mapping[str, str | bytes] = {}, name: str = "project"
    ) -> Project:
        made = Project(root=tmp_path / name, home=tmp_path / "home", shared=session_folder)
        for path, content in {"tasks.py": tasks, "luigi.toml": config, **files}.items():
            made.write(path, content)
        return made

    return make


@pytest.fixture
def git() -> Callable[[Path], Repository]:
    """Put a folder under git: `git(project.root).commit()`."""
    return repository


@pytest.fixture(scope="session")
def postgres(session_folder: Path) -> Postgres:
    """A real PostgreSQL, one for the session; each test asks it for a database of its own."""
    facts = shared(session_folder, "postgres", postgres_service.start)
    return Postgres(port=int(facts["port"]), password=facts["password"])


@pytest.fixture(scope="session")
def mlflow_server(session_folder: Path, postgres: Postgres) -> MlflowServer:
    """A real MLflow server over HTTP, one for the session; each test uses experiments of its own."""

    def start(folder: Path) -> tuple[Popen[bytes], Facts]:
        return server_service.start(folder, shared=session_folder, database=postgres.database())

    facts = shared(session_folder, "mlflow", start)
    return MlflowServer(uri=facts["uri"], artifacts=Path(facts["artifacts"]))
