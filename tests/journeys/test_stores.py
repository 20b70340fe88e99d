"""One store for several people: what one has made, another finds; with a server nothing is fetched that is not read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.journeys.launching import launch, start, stored, until
from tests.journeys.proxy import Proxy
from tests.journeys.test_story import CONFIG, ships
from tests.support.project import Project
from tests.support.server import MlflowServer

LOAD = """
import daicho, json
prediction = daicho.load("Prediction")
print(json.dumps([prediction.prediction.load(), prediction.model.model.load(), prediction.model.seed]))
"""
PRICES = """
import daicho
from daicho.verbs.why import why
before = why("Prediction").price.fetch
loaded = daicho.load("Prediction").prediction.load()
print(loaded, [before, why("Prediction").price.fetch, 0 < why("Trainer", params={"Trainer.seed": 4}).price.fetch])
"""
OUTCOMES = ["Preprocessor", "Trainer", "Prediction"]


def _cached(made: Project) -> list[str]:
    """The files that were fetched from the store."""
    return sorted(path.name for path in (made.root / ".daicho/cache").rglob("*") if path.suffix == ".json")


@pytest.mark.slow
def test_two_folders_share_a_store(project: Callable[..., Project]) -> None:
    """A second copy of a project runs nothing that the first has made, and loads it, with what it stands on."""
    one = ships(project, "one", CONFIG + '[daicho]\nproject = "ships"\n')
    env = {"MLFLOW_TRACKING_URI": f"sqlite:///{one.root / 'mlflow.db'}"}
    assert {"ran"} == set(launch(one, env=env).outcomes.values())
    two = ships(project, "deeper/two", CONFIG + '[daicho]\nproject = "ships"\n')
    again = launch(two, env=env)
    assert ({"reused"}, "up to date") == (set(again.outcomes.values()), again.document["status"])
    loaded = two.python("-c", LOAD, env=env)
    assert [[0, 0], {"seed": 0}, 0] == json.loads(loaded.stdout), loaded.stderr
    assert not (two.root / "mlflow.db").exists()
    assert 4 == len(stored(one))
    changed = two.python(
        "-c", LOAD.replace('"Prediction")', '"Prediction", params={"Trainer.seed": 7})'), env=env
    )
    assert "there is no result of `Prediction`" in changed.stderr
    assert "hint: make it: daicho run Prediction" in changed.stderr


@pytest.mark.slow
def test_a_server_and_two_clones(project: Callable[..., Project], mlflow_server: MlflowServer) -> None:
    """With a server: the second clone runs nothing, fetches only what is read, and what it adds, the first finds."""
    config = CONFIG + f'[daicho]\nproject = "ships-{uuid4().hex[:8]}"\n'
    config = config.replace('"ships"', f'"ships {uuid4().hex[:8]}"')
    env = {"MLFLOW_TRACKING_URI": mlflow_server.uri}
    one, two = ships(project, "one", config), ships(project, "two", config)
    first = launch(one, env=env)
    assert (0, {"ran"}) == (first.exit_status, set(first.outcomes.values())), first
    assert not (one.root / "mlruns").exists()
    again = launch(two, env=env)
    assert ("up to date", first.document["run_id"]) == (again.document["status"], again.document["run_id"])
    assert [] == _cached(two)
    loaded = two.python("-c", PRICES, env=env)
    assert "[0, 0] [13, 0, True]" == loaded.stdout.strip(), loaded.stderr
    assert ["prediction.json"] == _cached(two)
    added = launch(two, params={"Trainer.seed": 4}, env=env)
    assert ["reused", "ran", "ran"] == [added.outcomes[name] for name in OUTCOMES], added
    assert ["prediction.json", "train.json"] == _cached(two)
    back = launch(one, params={"Trainer.seed": 4}, env=env)
    assert ("up to date", {"reused"}) == (back.document["status"], set(back.outcomes.values()))


AWAY = """
    import time
    from pathlib import Path
    from daicho import Task, output

    class Slow(Task):
        out = output("out.json")

        def run(self):
            Path("started").touch()
            while not Path("go").exists():
                time.sleep(0.05)
            self.out.save(1)

    class Above(Task):
        slow: Slow
        out = output("out.json")

        def run(self):
            self.out.save(self.slow.out.load() + 1)
"""


@pytest.fixture
def proxy(mlflow_server: MlflowServer) -> Iterator[Proxy]:
    """A way to the server that can be cut."""
    made = Proxy(mlflow_server.uri)
    made.mend()
    yield made
    made.cut()


@pytest.mark.slow
def test_a_store_that_goes_away(project: Callable[..., Project], proxy: Proxy) -> None:
    """The run goes on and says that its results wait; the next one records them and runs nothing again."""
    name = f"away {uuid4().hex[:8]}"
    made = project(AWAY, f'[RunConfig]\nexperiment_name = "{name}"\n[daicho]\nproject = "{name}"\n')
    env = {"MLFLOW_TRACKING_URI": proxy.uri}
    running = start(made, "Above", env)
    until((made.root / "started").exists, "the slow task", running)
    proxy.cut()
    (made.root / "go").touch()
    ended = running.ended()
    assert (3, {"Slow": "ran", "Above": "ran"}) == (ended.exit_status, ended.outcomes), ended
    assert ended.document["problem"]
    assert {True} == {bool(task["waits"]) for task in ended.document["tasks"]}

    away = launch(made, "Above", env)
    assert (3, "store-unreachable") == (away.exit_status, away.document["error"])

    proxy.mend()
    after = launch(made, "Above", env)
    assert (0, {"Slow": "reused", "Above": "reused"}) == (after.exit_status, after.outcomes), after
    left = [path for path in (made.home / ".local/share/daicho").glob("project-*/**/*") if path.is_file()]
    assert [] == left


def test_a_store_that_cannot_be(project: Callable[..., Project], tmp_path: Path) -> None:
    """A store that is not there at the start: nothing runs, exit status 3, and one sentence."""
    made = project(AWAY)
    refused = launch(made, "Above", {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})
    assert (3, "store-unreachable") == (refused.exit_status, refused.document["error"])
    assert not (made.root / "started").exists()
