"""Two people, one server with passwords, PostgreSQL and S3: what one has computed, the other executes nothing of."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from daicho.ledger._http import Connection
from tests.faults.team import Team, team
from tests.journeys.launching import Launched, launch
from tests.journeys.test_story import CONFIG, ROWS, TASKS, TOOLS
from tests.support.postgres import Postgres
from tests.support.project import Project

SIZE = int(os.environ.get("DAICHO_TEST_GRAPH", "40"))
TREE = """
    from daicho import Task, output

    class Node(Task):
        number: int
        count: int
        out = output("out.json")

        def requires(self):
            below = (2 * self.number + 1, 2 * self.number + 2)
            return [Node(number=each, count=self.count) for each in below if each < self.count]

        def run(self):
            self.out.save(self.number + sum(node.out.load() for node in self.requires()))
"""


@pytest.fixture(scope="module")
def ours(
    tmp_path_factory: pytest.TempPathFactory, session_folder: Path, postgres: Postgres
) -> Iterator[Team]:
    """The team's server."""
    with team(tmp_path_factory.mktemp("team"), session_folder, postgres.database()) as made:
        yield made


def _launched(made: Project, team: Team, *args: Any, **asked: Any) -> tuple[Launched, list[str], int]:
    """Launch; what was downloaded meanwhile, and the number of requests."""
    team.proxy.asked.clear()
    ended = launch(made, *args, **asked)
    assert 0 == ended.exit_status, ended
    return ended, team.proxy.downloads(), len(team.proxy.asked)


def _loaded(
    made: Project, team: Team, task: str, role: str, env: dict[str, str], *more: str
) -> tuple[Any, list[str]]:
    """An output as `daicho get` brings it here, and what was downloaded for it."""
    team.proxy.asked.clear()
    done = made.run("get", f"{task}.{role}", "-o", "got.json", *more, env=env)
    assert 0 == done.returncode, done.stderr
    return json.loads((made.root / "got.json").read_text()), team.proxy.downloads()


@pytest.mark.slow
@pytest.mark.server
def test_two_people(ours: Team) -> None:
    """The second runs nothing, also without a permission to write, and fetches the target's own outputs alone."""
    ana, ben = ours.join("ana"), ours.join("ben")
    config = CONFIG + '[daicho]\nproject = "ships"\n'
    files = {"tools.py": TOOLS, "input/train.json": ROWS}
    ships = {user: ours.project(user, TASKS, config, files) for user in ("ana", "ben")}
    first, _, _ = _launched(ships["ana"], ours, env=ana)
    assert {"ran"} == set(first.outcomes.values())
    second, fetched, _ = _launched(ships["ben"], ours, env=ben)
    assert ("up to date", {"reused"}, []) == (
        second.document["status"],
        set(second.outcomes.values()),
        fetched,
    )
    assert first.document["run_id"] == second.document["run_id"]
    got, fetched = _loaded(ships["ben"], ours, "Prediction", "prediction", ben)
    assert ([0, 0], ["prediction.json"]) == (got, [name.rpartition("/")[2] for name in fetched])
    assert any(
        name.endswith("/prediction.json") for name in ours.stored()
    )  # in the bucket, through the server
    assert ", ana, " in ships["ben"].run("why", "Trainer", env=ben).stdout
    wrong = ships["ben"].run("status", env={**ben, "MLFLOW_TRACKING_PASSWORD": "another"})
    assert (3, True) == (wrong.returncode, "refuses our credentials" in wrong.stderr), wrong


@pytest.mark.slow
@pytest.mark.server
def test_a_large_graph(ours: Team) -> None:
    """Of a graph of many tasks it is the same: the second asks a few questions and fetches one file."""
    cleo, dora = ours.join("cleo"), ours.join("dora")
    config = '[RunConfig]\nexperiment_name = "tree"\n[daicho]\nproject = "tree"\n'
    trees = {user: ours.project(user, TREE, config) for user in ("cleo", "dora")}
    params = {"Node.number": 0, "Node.count": SIZE}
    first, _, _ = _launched(trees["cleo"], ours, "Node", env=cleo, params=params)
    assert (SIZE, {"ran"}) == (
        len(first.document["tasks"]),
        {each["outcome"] for each in first.document["tasks"]},
    )
    second, fetched, questions = _launched(trees["dora"], ours, "Node", env=dora, params=params)
    outcomes = {each["outcome"] for each in second.document["tasks"]}
    assert (SIZE, {"reused"}, []) == (len(second.document["tasks"]), outcomes, fetched)
    assert questions <= 30  # a few for each layer, however many tasks it has
    settings = [f"{name}={value}" for name, value in params.items()]
    got, fetched = _loaded(trees["dora"], ours, "Node", "out", dora, *settings)
    assert (SIZE * (SIZE - 1) // 2, 1) == (got, len(fetched))


def test_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token goes with every request; a name and a password go before it."""
    seen: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.headers.get("Authorization"))
            self.send_response_only(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        uri = f"http://127.0.0.1:{server.server_port}"
        for name, value in (("TOKEN", "abc"), ("USERNAME", "ana"), ("PASSWORD", "secret")):
            monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)
            connection = Connection(uri)
            assert 200 == connection.ask("POST", "/", b"{}").status
            connection.close()
        server.shutdown()
    assert ["Bearer abc", "Bearer abc", "Basic YW5hOnNlY3JldA=="] == seen
