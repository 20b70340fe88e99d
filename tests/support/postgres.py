"""A real PostgreSQL on a loopback port, with files and a password of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from tests.support.services import Facts, free_port, until

_USER = "daicho"
_CLUSTER = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
_SERVER = (
    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"),
    *(
        "-c",
        "fsync=off",
        "-c",
        "synchronous_commit=off",
        "-c",
        "full_page_writes=off",
    ),  # nothing must survive
)


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL server."""

    port: int
    password: str

    def database(self) -> str:
        """Make an empty database and return its address, password included, as SQLAlchemy reads it."""
        name = f"test_{secrets.token_hex(6)}"
        connection = psycopg2.connect(_address(self.port, self.password, "postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
        finally:
            connection.close()
        return _address(self.port, self.password, name).replace("postgresql:", "postgresql+psycopg2:")


def start(folder: Path) -> tuple[subprocess.Popen[bytes], Facts]:
    """Make a cluster in the folder and start a server on it; returns when it answers.

    Skips the test if PostgreSQL is not installed.
    """
    port, password, data, log = free_port(), secrets.token_hex(16), folder / "data", folder / "log"
    secret = folder / "password"
    secret.write_text(password)
    user = _unprivileged(folder, secret)
    groups = None if user is None else ()
    made = subprocess.run(
        [_program("initdb"), f"--pgdata={data}", f"--username={_USER}", f"--pwfile={secret}", *_CLUSTER],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        user=user,
        extra_groups=groups,
    )
    assert made.returncode == 0, made.stderr
    with log.open("wb") as out:
        process = subprocess.Popen(
            [_program("postgres"), "-D", str(data), "-p", str(port), *_SERVER],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            user=user,
            extra_groups=groups,
        )
    until(lambda: _answers(port, password), what="PostgreSQL", process=process, log=log)
    return process, {"port": str(port), "password": password}


def _unprivileged(*paths: Path) -> str | None:
    """Whom to run PostgreSQL as, since it refuses to be root's: somebody to whom the paths are handed over."""
    if os.geteuid() != 0:
        return None
    for path in paths:
        shutil.chown(path, "nobody")
    return "nobody"


def _program(name: str) -> str:
    folders = [os.environ.get("PATH", ""), *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
    path = shutil.which(name, path=os.pathsep.join(folders))
    if path is None:
        pytest.skip(f"needs PostgreSQL: no `{name}` on the PATH or in Debian's place for it")
    return path


def _address(port: int, password: str, database: str) -> str:
    return f"postgresql://{_USER}:{password}@127.0.0.1:{port}/{database}"


def _answers(port: int, password: str) -> bool:
    try:
        psycopg2.connect(_address(port, password, "postgres")).close()
    except psycopg2.OperationalError:
        return False
    return True
