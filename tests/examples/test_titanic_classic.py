"""The Titanic in the published layout: its data, both ways to run it, and its store for a team."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.journeys.launching import launch, stored, tops
from tests.support.environment import environment, require
from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.services import free_port, stop, until

EXAMPLES = Path(__file__).parents[2] / "examples"
CLASSIC = EXAMPLES / "titanic-classic"
PAGE = EXAMPLES.parent / "docs" / "published.md"
TASKS = ["Preprocessor", "Trainer", "Prediction"]
SECRETS = ("POSTGRES_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY")


@pytest.fixture
def classic(tmp_path: Path, session_folder: Path) -> Project:
    """A copy of the example."""
    left = shutil.ignore_patterns(".daicho", "mlruns", "mlflow.db*", "__pycache__")
    shutil.copytree(CLASSIC, tmp_path / "classic", ignore=left)
    return Project(root=tmp_path / "classic", home=tmp_path / "home", shared=session_folder)


def _compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CLASSIC / "docker-compose.yml").read_text())
    return found


# ------------------------------------------------------------------------------------------- the project


def test_it_is_complete() -> None:
    """Everything that the layout has is there, and the passengers are those of the other Titanic."""
    names = (
        "Dockerfile", "docker-compose.yml", "requirements.txt", "luigi.toml", ".env", ".env.example", "README.md",
        "src/runner.py", *(f"src/tasks/{name.lower()}.py" for name in TASKS),
    )  # fmt: skip
    assert [] == [name for name in names if not (CLASSIC / name).is_file()]
    for name in ("train.csv", "test.csv"):
        assert (EXAMPLES / "titanic/input" / name).read_bytes() == (CLASSIC / "input" / name).read_bytes()


@pytest.mark.slow
def test_one_task_at_a_time(classic: Project) -> None:
    """Each step of `docs/published.md` runs the task that moved, and what reads other bytes than before, by both ways."""
    assert {"ran"} == set(launch(classic).outcomes.values())
    steps = re.findall(r"```python\n# (src/tasks/\w+\.py)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert ["preprocessor", "prediction", "trainer"] == [Path(place).stem for place, _ in steps]
    for place, text in steps:
        classic.write(place, text)
        moved = launch(classic)
        assert 0 == moved.exit_status, moved
        name = Path(place).stem.capitalize()
        assert "ran" == moved.outcomes[name]
        if name == "Preprocessor":
            assert {"reused"} == {moved.outcomes["Trainer"], moved.outcomes["Prediction"]}
        else:
            assert "reused" == moved.outcomes["Preprocessor"]
    before = len(stored(classic))
    last = classic.python("src/runner.py")
    assert (0, before + 1) == (last.returncode, len(stored(classic))), last.stderr


@pytest.mark.slow
def test_both_ways_in(classic: Project) -> None:
    """Its own runner makes what `daicho run` finds; another seed runs what it must, and the runner finds that."""
    first = classic.python("src/runner.py")
    assert 0 == first.returncode, first.stderr
    runs = {run.name: run for run in stored(classic) if run.parent is not None}
    assert TASKS == list(runs)
    assert 0.7 < runs["Trainer"].metrics["accuracy"] < 0.9
    assert ("0", "1.0") == tuple(runs["Trainer"].params[name] for name in ("seed", "alpha"))
    (top,) = tops(classic)
    assert ("Prediction", "FINISHED") == (top.params["task"], top.status)
    predicted = (runs["Prediction"].artifacts / "test_prediction.csv").read_text().splitlines()
    assert (418, {"0", "1"}) == (len(predicted) - 1, {each.rpartition(",")[2] for each in predicted[1:]})
    assert {"reused"} == set(launch(classic).outcomes.values())

    seeded = launch(classic, overrides=["Trainer.alpha=1000"])
    assert {"Preprocessor": "reused", "Trainer": "ran", "Prediction": "ran"} == seeded.outcomes
    before = len([run for run in stored(classic) if run.parent is not None])
    config = classic.root / "luigi.toml"
    config.write_text(config.read_text().replace("alpha = 1.0", "alpha = 1000"))
    again = classic.python("src/runner.py")
    assert (0, before) == (again.returncode, len([run for run in stored(classic) if run.parent is not None]))
    assert {"1.0", "1000"} == {
        run.params["Trainer.alpha"] for run in tops(classic) if run.name == "Prediction"
    }


# -------------------------------------------------------------------------------------- the team's store


def test_the_compose_file() -> None:
    """Images with versions, health checks, loopback alone, the commit as a build argument, and no secret in any file."""
    services = _compose()["services"]
    assert {"postgres", "s3", "mlflow", "pipeline", "backup"} == set(services)
    for name, service in services.items():
        assert "build" in service or re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*", service["image"]), name
        assert "profiles" in service or "test" in service["healthcheck"], name
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", ())), name
        assert all(each["condition"] == "service_healthy" for each in service.get("depends_on", {}).values())
        if "build" in service:
            assert "DAICHO_GIT_COMMIT" in service["build"]["args"]
    assert ["mlflow"] == [name for name, service in services.items() if "ports" in service]
    text = (CLASSIC / "docker-compose.yml").read_text()
    for secret in SECRETS:
        assert f"${{{secret}:?" in text
        assert not re.search(rf"{secret}=.+", (CLASSIC / ".env.example").read_text())
        assert secret not in (CLASSIC / ".env").read_text()
    assert "ARG DAICHO_GIT_COMMIT" in (CLASSIC / "Dockerfile").read_text()
    assert {".git", "mlruns"} <= set((CLASSIC / ".dockerignore").read_text().split())
    assert {"runs", "files"} == set(_compose()["volumes"])


def test_the_servers_command() -> None:
    """Files go through the server, which takes no other host names than those it is known by."""
    command = _compose()["services"]["mlflow"]["command"]
    options = dict(each.partition("=")[::2] for each in command if each.startswith("--"))
    assert ["mlflow", "server"] == command[:2]
    assert {"--serve-artifacts", "--artifacts-destination", "--allowed-hosts"} <= set(options)
    assert "--default-artifact-root" not in options
    assert {"localhost:5000", "127.0.0.1:5000", "mlflow:5000"} == set(options["--allowed-hosts"].split(","))
    assert "password" not in " ".join(command).lower()


@contextmanager
def _serving(
    command: list[str], folder: Path, shared: Path, extra: Mapping[str, str], port: int
) -> Iterator[None]:
    """A server that runs until the block ends."""
    import http.client

    def answers() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    folder.mkdir()
    with (folder / "log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=environment(shared, folder / "home", extra),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        until(answers, what=command[0], process=process, log=folder / "log")
        yield
    finally:
        stop(process.pid)
        process.wait(timeout=30)


@contextmanager
def _team(folder: Path, shared: Path, database: str, endpoint: str) -> Iterator[str]:
    """The server of `docker-compose.yml` by its own command, with another port and another place of its services."""
    service, port = _compose()["services"]["mlflow"], free_port()
    stands_for = {"--host": "127.0.0.1", "--port": str(port), "--workers": "1"}
    said: dict[str, str] = dict(each.partition("=")[::2] for each in service["command"][2:])
    options = {name: stands_for.get(name, value).replace(":5000", f":{port}") for name, value in said.items()}
    command = ["mlflow", "server", *(f"{name}={value}" if value else name for name, value in options.items())]
    extra = {
        **service["environment"],
        "MLFLOW_BACKEND_STORE_URI": database,
        "MLFLOW_S3_ENDPOINT_URL": endpoint,
        **_keys(),
    }
    with _serving(command, folder, shared, extra, port):
        yield f"http://127.0.0.1:{port}"


def _keys() -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


def _s3(endpoint: str) -> Any:
    import boto3

    keys = {name.lower(): value for name, value in _keys().items() if name != "AWS_DEFAULT_REGION"}
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)


def _plain(database: str) -> str:
    """An address as PostgreSQL's own programs read it."""
    return database.replace("postgresql+psycopg2:", "postgresql:")


@pytest.mark.slow
def test_a_team_shares_and_survives(
    classic: Project, tmp_path: Path, session_folder: Path, postgres: Postgres
) -> None:
    """Results go through the server to S3 and are reused from it; a backup of both brings every result back."""
    require("pg_dump"), require("psql")
    port = free_port()
    endpoint, first, second = f"http://127.0.0.1:{port}", postgres.database(), postgres.database()
    moto = ["moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _serving(moto, tmp_path / "s3", session_folder, _keys(), port):
        s3 = _s3(endpoint)
        s3.create_bucket(Bucket="mlflow")
        with _team(tmp_path / "first", session_folder, first, endpoint) as uri:
            made = launch(classic, env={"MLFLOW_TRACKING_URI": uri})
            assert {"ran"} == set(made.outcomes.values()), made
            refused = classic.python("-c", _ASK.format(port=urlsplit(uri).port))
            assert "403" == refused.stdout.strip(), refused.stderr
        backup = tmp_path / "backup"
        backup.mkdir()
        _run("pg_dump", ["pg_dump", "--no-owner", f"--file={backup / 'runs.sql'}", _plain(first)])
        _down(s3, backup / "files")
        _empty(s3)
        _up(s3, backup / "files")
        _run(
            "psql",
            ["psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={backup / 'runs.sql'}", _plain(second)],
        )
        shutil.rmtree(classic.root / ".daicho")
        with _team(tmp_path / "second", session_folder, second, endpoint) as uri:
            env = {"MLFLOW_TRACKING_URI": uri}
            again = launch(classic, env=env)
            assert {"reused"} == set(again.outcomes.values()), again
            got = classic.run("get", "Prediction.prediction", "-o", "mine.csv", env=env)
            assert 0 == got.returncode, got.stderr
            assert 419 == len((classic.root / "mine.csv").read_text().splitlines())


_ASK = """
import http.client
connection = http.client.HTTPConnection("127.0.0.1", {port})
connection.request("GET", "/api/2.0/mlflow/experiments/search?max_results=1", headers={{"Host": "elsewhere.example"}})
print(connection.getresponse().status)
"""


def _run(what: str, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert 0 == done.returncode, f"{what}: {done.stderr}"


def _objects(s3: Any) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="mlflow")
    return [each["Key"] for page in pages for each in page.get("Contents", ())]


def _down(s3: Any, folder: Path) -> None:
    for key in _objects(s3):
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        s3.download_file("mlflow", key, str(folder / key))


def _empty(s3: Any) -> None:
    for key in _objects(s3):
        s3.delete_object(Bucket="mlflow", Key=key)
    s3.delete_bucket(Bucket="mlflow")


def _up(s3: Any, folder: Path) -> None:
    s3.create_bucket(Bucket="mlflow")
    for path in folder.rglob("*"):
        if path.is_file():
            s3.upload_file(str(path), "mlflow", path.relative_to(folder).as_posix())
