"""What a recorder knows while it works: the client, the experiment, and the runs that it has begun."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Experiment, Run

from daicho.ledger._marks import LONGEST_TAG, cut
from daicho.ledger._opening import Opening
from daicho.ledger._owners import Ownership
from daicho.ledger._recorder_area import Area
from daicho.ledger.ledger import Ledger
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
        self.ledger = Ledger(
            opening.store,
            project=opening.project,
            experiment=opening.experiment,
            cache=Path(tempfile.gettempdir()),
        )

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

    def begun(self, run: Run, tags: Mapping[str, str], *, adopted: bool = False) -> Begun:
        """What is known of a run that MLflow handed out."""
        info: Any = run.info
        area = Area(self.opening.store, info.artifact_uri)
        return Begun(info.run_id, info.experiment_id, info.artifact_uri, area, tags, adopted)
