"""A store for one run that nobody keeps: what a task logs to while it is tested by itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from daicho.ledger._first import opened
from daicho.ledger.active import RunReference
from daicho.ledger.store import resolve

_NAME = "tested"


@dataclass
class Throwaway:
    """Makes a store below a folder when a task first logs something, and knows afterwards what it logged."""

    folder: Path
    _metrics: Callable[[], Mapping[str, float]] = field(default=dict)

    @property
    def metrics(self) -> Mapping[str, float]:
        """The last value of each metric; none where MLflow was not used."""
        return self._metrics()

    @contextmanager
    def serving(self) -> Iterator[Callable[[], RunReference]]:
        """For the length of a block, what gives the run. MLflow's own settings are what they were afterwards."""
        before = os.environ.get("MLFLOW_TRACKING_URI")
        try:
            yield self._ask
        finally:
            os.environ.pop("MLFLOW_TRACKING_URI", None)
            if before is not None:
                os.environ["MLFLOW_TRACKING_URI"] = before

    def _ask(self) -> RunReference:
        self.folder.mkdir(exist_ok=True)
        store = resolve(self.folder, f"sqlite:///{self.folder / 'mlflow.db'}")
        os.environ["MLFLOW_TRACKING_URI"] = store.uri
        client = opened(store)
        known = client.get_experiment_by_name(_NAME)
        experiment = (
            known.experiment_id
            if known is not None
            else client.create_experiment(_NAME, artifact_location=(self.folder / "artifacts").as_uri())
        )
        run = client.create_run(experiment).info.run_id
        self._metrics = lambda: dict(client.get_run(run).data.metrics)
        return RunReference(run, experiment)
