"""Whose runs they are: each bears the process that owns its end, so that the next launch can end those of the dead.

On the same machine a lease tells whether a process lives, which is true after a crash and a reboot as well. Of other
machines only their silence tells: a living launch says now and then that it is there. To be wrong does no harm: a
status makes no result count, and whoever lives sets it right at the end.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from mlflow import MlflowClient

from daicho.ledger._marks import BEAT, PARENT, PROCESS, PROJECT, WARNING
from daicho.ledger.leases import Leases, data_folder, place_id

EVERY = 300.0  # seconds between two signs of life
_SILENCE = 3600.0  # seconds without one, after which a launch of another machine is taken for dead


@dataclass(frozen=True)
class Owner:
    """A recorder's process: where it is, and the lease that it holds for as long as it lives."""

    host: str
    pid: int
    place: str
    lease: str

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Self | None:
        """What a run's tags say; None if they name no owner that could be known."""
        try:
            said = json.loads(tags[PROCESS])
            return cls(str(said["host"]), int(said["pid"]), str(said["place"]), str(said["lease"]))
        except (KeyError, TypeError, ValueError):
            return None


@dataclass
class Ownership:
    """What this process says of itself, and what it finds out about others."""

    owner: Owner | None
    leases: Leases
    _beat: float = field(default_factory=time.monotonic)

    @classmethod
    def begin(cls) -> Self:
        """Take this process's lease; where there can be none, its runs bear no owner."""
        leases = Leases(data_folder() / "alive")
        try:
            place = place_id()
        except OSError:
            return cls(None, leases)
        owner = Owner(os.uname().nodename, os.getpid(), place, uuid.uuid4().hex)
        leases.take(owner.lease)
        return cls(owner, leases)

    @property
    def tags(self) -> dict[str, str]:
        """What a run bears from its creation on."""
        return {} if self.owner is None else {PROCESS: json.dumps(vars(self.owner))}

    def beat(self, client: MlflowClient, run_id: str) -> None:
        """Give a sign of life on the pipeline run, if it is time for one."""
        if time.monotonic() - self._beat >= EVERY:
            self._beat = time.monotonic()
            client.set_tag(run_id, BEAT, str(int(time.time())))

    def end_orphans(self, client: MlflowClient, project: str) -> list[str]:
        """End as KILLED the project's runs that a dead process has left RUNNING; their ids."""
        ended = list(self._orphans(client, project))
        for run_id in ended:
            client.set_tag(run_id, WARNING, "its process ended without a word")
            client.set_terminated(run_id, "KILLED")
        return ended

    def _orphans(self, client: MlflowClient, project: str) -> Iterator[str]:
        ours = client.search_experiments(filter_string=f"tags.`{PROJECT}` = '{project.replace(chr(39), '')}'")
        found = client.search_runs(
            [each.experiment_id for each in ours], "attributes.status = 'RUNNING'", max_results=1000
        )
        for run in found:
            owner = Owner.of(run.data.tags)
            if owner is None or owner == self.owner:
                continue
            here = self.owner is not None and owner.place == self.owner.place
            if self.leases.free(owner.lease) if here else _silent(client, run):
                yield run.info.run_id


def _silent(client: MlflowClient, run: Any) -> bool:
    """Whether the launch that a run belongs to, on another machine, has given no sign of life for long."""
    above = run.data.tags.get(PARENT)
    pipeline = client.get_run(above) if above else run
    if pipeline.info.status != "RUNNING":
        return True  # a launch ends its tasks before itself
    last = float(pipeline.data.tags.get(BEAT) or 0)
    return bool(time.time() - max(last, run.info.start_time / 1000) > _SILENCE)
