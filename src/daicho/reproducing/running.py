"""A laid-out run carried out: `python -m daicho run` of its environment, in its folder, with a store of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho.config.environment import of_worker, variable
from daicho.errors import InternalError, ProjectError, StoreError
from daicho.ledger import Ledger, history, resolve
from daicho.provenance import MASK
from daicho.record import Record
from daicho.reproducing.environment import Environment
from daicho.reproducing.recorded import Recorded

_PREFIXES = ("MLFLOW_TRACKING_", "MLFLOW_EXPERIMENT_", "LUIGI_CONFIG")
_NAMES = (
    "MLFLOW_RUN_ID", "MLFLOW_REGISTRY_URI", "TRACKING_URI", "PROJECT_ROOT", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """What was made.

    Attributes:
        ledger: The store that holds it.
        records: What came of each task, in full; those without a result are left out.
        failures: How tasks failed, by label.
    """

    ledger: Ledger
    records: tuple[Record, ...]
    failures: Mapping[str, str]


def carry_out(
    run: Recorded,
    project: Path,
    environment: Environment,
    *,
    root: Path,
    variables: Mapping[str, str],
    redirected: Iterable[str] = (),
) -> Made:
    """Run the targets, one after the other, into the folder's own store.

    Args:
        run: What is recorded.
        project: The folder that it is laid out in.
        environment: What is to run it.
        root: The user's own project, whose modules must not be found.
        variables: What the user's `.env` says.
        redirected: `Family.role` of sources that have another place now.

    Raises:
        ProjectError: If nothing could be run: the message is that of the run.
        StoreError: If the new store cannot be used.
    """
    space = surroundings(run, project, environment, root, {**variables, **os.environ})
    ours = set(redirected)
    words = [word for word in run.words if word.partition("=")[0] not in ours]
    runs: dict[str, None] = {}
    failures: dict[str, str] = {}
    for target in run.targets:
        document = _run(
            [str(environment.python), "-P", "-m", "daicho", "run", target, *words, "--json"], project, space
        )
        for task in document["tasks"]:
            if task["failure"] is not None:
                failures[task["label"]] = f"{task['failure']['error']}: {task['failure']['message']}"
            elif task["run_id"] is not None:
                runs[task["run_id"]] = None
    store = resolve(project, None)
    ledger = Ledger(store, project="", experiment="", share=("*",), cache=project / ".daicho" / "cache")
    return Made(ledger, tuple(history.records(ledger, runs).values()), failures)


def surroundings(
    run: Recorded, project: Path, environment: Environment, root: Path, present: Mapping[str, str]
) -> dict[str, str]:
    """The environment variables of the run: those that are here, but for what would make it another.

    What says where this project's store is, and values of parameters that are recorded, are left out: secrets are not
    recorded, so they stay.
    """
    recorded = {
        variable(record.task, name)
        for record in run.records
        for name, value in record.parameters.items()
        if value != MASK
    }
    found = {
        name: value
        for name, value in present.items()
        if not name.startswith(_PREFIXES) and name not in _NAMES and name not in recorded
    }
    places = present.get("PYTHONPATH", "").split(os.pathsep) if not environment.made else []
    own = os.path.realpath(root)
    kept = [each for each in places if each and not Path(os.path.realpath(each)).is_relative_to(own)]
    if kept:
        found["PYTHONPATH"] = os.pathsep.join(kept)
    return {**found, **of_worker(resolve(project, None).uri), "NO_COLOR": "1"}


def _run(command: list[str], project: Path, space: Mapping[str, str]) -> Mapping[str, Any]:
    done = subprocess.run(
        command,
        cwd=project,
        env=dict(space),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode == 130:
        raise KeyboardInterrupt
    try:
        document = json.loads(done.stdout)
    except ValueError:
        document = {}
    if isinstance(document, dict) and isinstance(document.get("tasks"), list):
        return document
    raise _error(document, done.returncode, done.stderr, project)


def _error(document: Any, status: int, said: str, project: Path) -> Exception:
    if not isinstance(document, dict) or "message" not in document:
        last = next((each.strip() for each in reversed(said.splitlines()) if each.strip()), "it said nothing")
        return InternalError(
            f"the run ended with exit status {status}: {last}", hints=(f"it lies in `{project}`",)
        )
    several = [str(each.get("message")) for each in document.get("problems", ())]
    problem = "; ".join([str(document["message"]), *several])
    message = f"it cannot be run as it is laid out in `{project}`: {problem}"
    hints = tuple(str(each) for each in document.get("hints", ()))
    return (StoreError if status == 3 else ProjectError)(message, hints=hints)
