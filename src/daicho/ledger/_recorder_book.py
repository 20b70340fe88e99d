"""What a recorder knows while it works: the client, the experiment, and the runs that it has begun."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Experiment, Run

from daicho.ledger._first import opened
from daicho.ledger._marks import LONGEST_TAG, cut
from daicho.ledger._opening import Opening
from daicho.ledger._owners import Ownership
from daicho.ledger._recorder_area import Area
from daicho.ledger._recorder_store import make
from daicho.ledger.ledger import Ledger
from daicho.ledger.messages import Publish
from daicho.ledger.wal import switch_on
from daicho.record import Record


@dataclass(frozen=True)
class Begun:
    """A run that was begun. `adopted` is somebody else's, whose end is not ours."""

    run_id: str
    experiment_id: str
    artifact_uri: str
    area: Area
    tags: Mapping[str, str] = field(default_factory=dict)
    adopted: bool = False

    def of(self, request: Publish) -> Record:
        """The record that is to be published, as it stands in this run."""
        return request.record.at(
            run_id=self.run_id, experiment_id=self.experiment_id, artifact_uri=self.artifact_uri
        )


def name_of(request: Publish) -> str:
    """The name under which a result's task was begun."""
    return request.begun or request.record.task_id


def client_of(opening: Opening) -> MlflowClient:
    """A client for the store, which is made first if it does not exist."""
    store = opening.store
    make(store)
    if opening.wal:
        switch_on(store)
    # When a store is opened first, MLflow fixes its default experiment's artifacts below the current folder.
    with contextlib.nullcontext() if store.artifacts is None else contextlib.chdir(store.artifacts.parent):
        client: MlflowClient = opened(store)
        return client


def ledger_of(opening: Opening) -> Ledger:
    """What a recorder reads of the ledger that it writes."""
    return Ledger(
        opening.store,
        project=opening.project,
        experiment=opening.experiment,
        cache=Path(tempfile.gettempdir()),
    )


class Book:
    """The recorder's state: one pipeline run, the runs of tasks that are neither published nor ended, and what was
    published and not told of yet, each with what it supersedes.
    """

    def __init__(self, opening: Opening, client: MlflowClient, experiment: Experiment) -> None:
        self.opening = opening
        self.client = client
        self.experiment = experiment
        self.pipeline: Begun | None = None
        self.tasks: dict[str, Begun] = {}
        self.published: list[tuple[Record, tuple[Record, ...]]] = []
        self.ownership = Ownership.begin()
        self.ledger = ledger_of(opening)

    def create(
        self, experiment_id: str, name: str, tags: Mapping[str, str], started: float | None = None
    ) -> Begun:
        """Create a run with its tags, all in one transaction. MLflow checks no lengths here, so they are cut."""
        fitting = {key: cut(value, LONGEST_TAG) for key, value in {**tags, **self.ownership.tags}.items()}
        run = self.client.create_run(
            experiment_id,
            start_time=None if started is None else int(started * 1000),
            tags=fitting,
            run_name=cut(name, 250),
        )
        return self.begun(run, fitting)

    def done(self, begun: Begun, request: Publish, replaced: tuple[Record, ...]) -> None:
        """A result was published in a run, and replaces others."""
        self.tasks.pop(name_of(request), None)
        self.published.append((begun.of(request), replaced))

    def begun(self, run: Run, tags: Mapping[str, str], *, adopted: bool = False) -> Begun:
        """What is known of a run that MLflow handed out."""
        info: Any = run.info
        area = Area(self.opening.store, info.artifact_uri)
        return Begun(info.run_id, info.experiment_id, info.artifact_uri, area, tags, adopted)
