"""A server for a team: passwords, PostgreSQL for the runs, S3 for the artifacts, all of it real and on this machine."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.faults.proxy import Proxy
from tests.support.environment import environment
from tests.support.project import Project
from tests.support.services import free_port, stop, until

_BUCKET = "artifacts"
_KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests", "AWS_DEFAULT_REGION": "us-east-1"}


@dataclass(frozen=True)
class Team:
    """The server as its users reach it, who counts what they ask, and what lies in the bucket."""

    proxy: Proxy
    folder: Path
    shared: Path
    admin: str
    s3: str

    def project(self, user: str, tasks: str, config: str, files: Mapping[str, str] = {}) -> Project:
        """A checkout of a user's own, in a folder and with a home that are nobody else's."""
        made = Project(self.folder / user / "checkout", self.folder / user / "home", self.shared)
        for name, content in {"tasks.py": tasks, "luigi.toml": config, **files}.items():
            made.write(name, content)
        return made

    def join(self, user: str) -> dict[str, str]:
        """Give somebody an account; what they set in their environment."""
        password = secrets.token_hex(8)
        body = json.dumps({"username": user, "password": password}).encode()
        request = urllib.request.Request(f"{self.proxy.server}/api/2.0/mlflow/users/create", body)
        pair = base64.b64encode(f"admin:{self.admin}".encode()).decode()
        request.add_header("Authorization", f"Basic {pair}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert user == json.loads(answer.read())["user"]["username"]
        return {
            "MLFLOW_TRACKING_URI": self.proxy.uri,
            "MLFLOW_TRACKING_USERNAME": user,
            "MLFLOW_TRACKING_PASSWORD": password,
            "LOGNAME": user,
        }

    def stored(self) -> list[str]:
        """The names of what lies in the bucket."""
        pages = _s3(self.s3).get_paginator("list_objects_v2").paginate(Bucket=_BUCKET)
        return [item["Key"] for page in pages for item in page.get("Contents", ())]


@contextmanager
def team(folder: Path, shared: Path, database: str) -> Iterator[Team]:
    """Start it; stopped at the end."""
    admin, s3, port = secrets.token_hex(8), f"http://127.0.0.1:{free_port()}", free_port()
    with ExitStack() as stack:
        options = ("-m", "moto.server", "-H", "127.0.0.1", "-p", s3.rpartition(":")[2])
        stack.enter_context(
            _service(options, folder / "s3.log", environment(shared, folder / "home", _KEYS), s3)
        )
        _s3(s3).create_bucket(Bucket=_BUCKET)
        server = f"http://127.0.0.1:{port}"
        asked = (
            *("-m", "mlflow", "server", "--host=127.0.0.1", f"--port={port}", "--workers=1"),
            *(
                "--app-name=basic-auth",
                f"--backend-store-uri={database}",
                f"--artifacts-destination=s3://{_BUCKET}",
            ),
        )
        known = environment(shared, folder / "home", {**_KEYS, **_settings(folder, admin, s3)})
        stack.enter_context(_service(asked, folder / "server.log", known, f"{server}/health"))
        proxy = stack.enter_context(Proxy(server))
        yield Team(proxy, folder, shared, admin, s3)


def _settings(folder: Path, admin: str, s3: str) -> dict[str, str]:
    config = folder / "auth.ini"
    config.write_text(
        "[mlflow]\ndefault_permission = READ\n"
        f"database_uri = sqlite:///{folder / 'users.db'}\nadmin_username = admin\nadmin_password = {admin}\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
        "auth_cache_ttl_seconds = 600\n"
    )
    return {
        "MLFLOW_AUTH_CONFIG_PATH": str(config),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": secrets.token_hex(16),
        "MLFLOW_S3_ENDPOINT_URL": s3,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }


@contextmanager
def _service(options: tuple[str, ...], log: Path, env: Mapping[str, str], address: str) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *options], cwd=log.parent, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: _answers(address), what=options[1], process=process, log=log)
        yield
    finally:
        stop(process.pid)
        process.wait(timeout=60)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=10).close()
    except OSError as error:
        return getattr(error, "code", None) is not None
    return True


def _s3(address: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=address,
        aws_access_key_id="tests",
        aws_secret_access_key="tests",
        region_name="us-east-1",
    )
