"""A server that errs, hangs up, cuts answers off or never answers: what passes is overcome, what lasts loses nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.killing import CONFIG, FAMILIES, Zygote, zygote
from tests.faults.proxy import Fault, Proxy
from tests.journeys.launching import PATIENCE, launch, start
from tests.support.project import Project
from tests.support.server import MlflowServer
from tests.support.services import until

pytestmark = pytest.mark.slow

SOME = "/(runs/search|runs/create|runs/log-inputs)$|(PUT|GET) .*rows.json"
"""A request of each kind."""

PASSING = {
    "an error": Fault("status", status=500),
    "busy for a while": Fault("status", 3, SOME),
    "too many requests": Fault("status", status=429),
    "it hangs up": Fault("drop"),
    "it is away for a while": Fault("drop", 3, SOME),
    "the answer is lost": Fault("lose"),
    "the answer is cut off": Fault("cut", 1, SOME),
    "the answer is late": Fault("delay"),
}
LASTING = {
    "no record gets its mark": Fault("status", None, "runs/log-inputs", 500),
    "no upload arrives": Fault("drop", None, "PUT /api/2.0/mlflow-artifacts"),
    "no write is ever answered": Fault("hang", None, "mlflow/runs/(create|update|log)"),
}
AT_THE_START = {
    "errors": Fault("status", None, status=500),
    "is busy": Fault("status", None),
    "hangs up": Fault("drop", None),
    "never answers": Fault("hang", None),
}
IMPATIENT = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "2"}


@pytest.fixture(scope="module")
def launches(session_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Cheap launches."""
    with zygote(session_folder, tmp_path_factory.mktemp("network")) as made:
        yield made


@pytest.fixture
def proxy(mlflow_server: MlflowServer) -> Iterator[Proxy]:
    """A way to the server that spoils what it is told to."""
    with Proxy(mlflow_server.uri) as made:
        yield made


def _project(launches: Zygote) -> Path:
    root = launches.project()
    name = f"ships {uuid4().hex[:8]}"
    config = CONFIG.replace('"ships"', f'"{name}"')
    (root / "luigi.toml").write_text(f'{config}[daicho]\nproject = "{name}"\n')
    return root


def _launch(launches: Zygote, root: Path, proxy: Proxy, **more: str) -> dict[str, Any]:
    answer = launches.launch(root, environment={"MLFLOW_TRACKING_URI": proxy.uri, **more})
    document: dict[str, Any] = answer["document"]
    assert not answer["left"], answer
    return document


def _came(document: dict[str, Any]) -> tuple[int, Any, set[str]]:
    outcomes = {task["outcome"] for task in document.get("tasks", ())}
    assert FAMILIES == {task["label"] for task in document.get("tasks", ())}, document
    return document["exit_status"], document["problem"], outcomes


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes(fault: str, launches: Zygote, proxy: Proxy) -> None:
    """A fault of every request's first times is overcome: recording, asking and fetching end as if nothing had been."""
    root = _project(launches)
    proxy.spoil(PASSING[fault])
    assert (0, None, {"ran"}) == _came(_launch(launches, root, proxy)), fault
    assert {"POST", "PUT"} <= {what.split()[0] for what in proxy.spoilt}
    tasks = root / "tasks.py"
    tasks.write_text(tasks.read_text() + "    extra = 1\n")  # the last task runs, and fetches what it reads
    proxy.spoil(PASSING[fault])
    assert (0, None, {"ran", "reused"}) == _came(_launch(launches, root, proxy))
    assert "GET" in {what.split()[0] for what in proxy.spoilt}
    proxy.spoil(None)
    assert (0, None, {"reused"}) == _came(_launch(launches, root, proxy))


@pytest.mark.parametrize("fault", LASTING)
def test_what_lasts(fault: str, launches: Zygote, proxy: Proxy) -> None:
    """A fault that stays throws nothing away: results wait, exit status 3, and the next run records them."""
    root = _project(launches)
    proxy.spoil(None)
    first = _launch(launches, root, proxy)
    assert (0, None, {"ran"}) == _came(first)
    tasks = root / "tasks.py"
    tasks.write_text(tasks.read_text().replace("[1, 2, 3]", "[1, 2, 4]"))
    proxy.spoil(LASTING[fault])
    status, problem, outcomes = _came(_launch(launches, root, proxy, **IMPATIENT))
    assert (3, True, {"ran"}) == (status, bool(problem), outcomes), problem
    proxy.spoil(None)
    assert (0, None, {"reused"}) == _came(_launch(launches, root, proxy))


MANY = """
from daicho import Task, output

class Part(Task):
    number: int
    out = output("out.json")

    def run(self):
        self.out.save(self.number)

class Whole(Task):
    parts: list[Part] = [Part(number=number) for number in range(60)]
    out = output("out.json")

    def run(self):
        self.out.save(sum(part.out.load() for part in self.parts))
"""


def test_it_goes_away_while_many_are_recorded(project: Callable[..., Project], proxy: Proxy) -> None:
    """Where two processes record, neither loses what it held when the server went away: the next run records it."""
    name = f"parts {uuid4().hex[:8]}"
    made = project(MANY, f'[RunConfig]\ntask = "Whole"\n[daicho]\nproject = "{name}"\n')
    address = {"MLFLOW_TRACKING_URI": proxy.uri}
    proxy.spoil(None)
    running = start(made, env={**address, **IMPATIENT})
    until(lambda: _marks(proxy) > 20, what="the twentieth record", patience=PATIENCE)
    proxy.spoil(Fault("drop", None))
    first = running.ended()
    assert (3, True) == (first.exit_status, bool(first.document["problem"])), first
    proxy.spoil(None)
    second = launch(made, env=address)
    assert 0 == second.exit_status, second
    ran = {label for label, outcome in first.outcomes.items() if outcome == "ran"}
    assert len(ran) > 20
    assert {"reused"} == {second.outcomes[label] for label in ran}


def _marks(proxy: Proxy) -> int:
    return sum("runs/log-inputs" in what for what in proxy.asked)


@pytest.mark.parametrize("fault", AT_THE_START)
def test_a_dead_server(fault: str, launches: Zygote, proxy: Proxy) -> None:
    """A server that is of no use at the start is reported within seconds, and nothing runs."""
    root = _project(launches)
    proxy.spoil(AT_THE_START[fault])
    begun = time.monotonic()
    document = _launch(launches, root, proxy, **IMPATIENT)
    assert (3, "store-unreachable") == (document["exit_status"], document["error"]), document
    assert time.monotonic() - begun < 30
