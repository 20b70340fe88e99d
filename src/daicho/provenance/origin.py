"""All that is written down about where the results of one launch come from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho.provenance.environment import Environment, read_environment
from daicho.provenance.first_party import first_party_files, git_ignored
from daicho.provenance.git import Git, read_git
from daicho.provenance.machine import Machine, read_machine
from daicho.provenance.snapshot import Snapshot, take_snapshot


@dataclass(frozen=True)
class Origin:
    """The commit, the environment, the machine, and the first-party sources."""

    git: Git
    environment: Environment
    machine: Machine
    snapshot: Snapshot

    def to_json(self) -> dict[str, Any]:
        """What each record holds: all but the diff and the files, which the pipeline run has once."""
        git = self.git.to_json()
        git.pop("diff", None)
        return {
            "git": git,
            "environment": self.environment.to_json(),
            "machine": self.machine.to_json(),
            "snapshot": self.snapshot.digest,
        }

    def notes(self) -> tuple[str, ...]:
        """What a person should know of it."""
        if self.git.source != "none":
            return ()
        why = self.git.note or "not in a git repository"
        return (f"{why}: results carry no commit (in a container, set DAICHO_GIT_COMMIT)",)

    def tags(self) -> Mapping[str, str]:
        """MLflow's own tags for these things."""
        found = {
            "mlflow.source.type": "LOCAL",
            "mlflow.source.git.commit": self.git.commit,
            "mlflow.source.git.branch": self.git.branch,
            "mlflow.source.git.repoURL": self.git.remote,
            "daicho.git.dirty": "true" if self.git.dirty else None,
        }
        return {name: value for name, value in found.items() if value}


def read_origin(root: Path, files: Iterable[Path]) -> Origin:
    """Gather it.

    Args:
        root: The project's folder.
        files: First-party sources that are known to count; modules that are imported are added.
    """
    imported = [
        file
        for module in list(sys.modules.values())
        if isinstance(file := getattr(module, "__file__", None), str) and file.endswith(".py")
    ]
    own = first_party_files(root, [*files, *imported])
    ignored = git_ignored(root, own)
    snapshot = take_snapshot(root, own, ignored=ignored.__contains__)
    return Origin(read_git(root), read_environment(root), read_machine(), snapshot)
