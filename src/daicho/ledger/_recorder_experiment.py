"""The experiment that runs go to: got or made, and marked as this project's."""

from __future__ import annotations

import re
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Experiment
from mlflow.exceptions import MlflowException

from daicho.errors import StoreError
from daicho.ledger import _recorder_calls as calls
from daicho.ledger._marks import LONGEST_TAG, NOTE, PROJECT, cut
from daicho.ledger._opening import Opening

_DESCRIBED = "daicho.description"
_LONGEST_ROOT = 150  # a run's folder and its two parents come below it; databases keep 200 characters


def experiment(client: MlflowClient, opening: Opening) -> Experiment:
    """Get or make the experiment of that name; the project's tag is set unless it bears another's.

    Raises:
        StoreError: If it was deleted, or its artifacts could have no place.
        MlflowException: If the store refuses.
    """
    found = client.get_experiment_by_name(opening.experiment) or _make(client, opening)
    if found.lifecycle_stage != "active":
        raise StoreError(
            f"the experiment `{opening.experiment}` was deleted in `{opening.store}`",
            hints=(
                f"bring it back: mlflow experiments restore --experiment-id {found.experiment_id}",
                "or give `[RunConfig] experiment_name` another name",
            ),
        )
    if PROJECT not in found.tags:
        _set(client, found, PROJECT, opening.project)
    _describe(client, found, cut(opening.description, LONGEST_TAG))
    return found


def _make(client: MlflowClient, opening: Opening) -> Experiment:
    try:
        client.create_experiment(opening.experiment, artifact_location=_location(opening))
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    found = client.get_experiment_by_name(opening.experiment)
    if found is None:
        raise StoreError(f"the experiment `{opening.experiment}` could not be made in `{opening.store}`")
    return found


def _location(opening: Opening) -> str | None:
    """Where artifacts go: beside the database; None leaves it to the server."""
    root: Path | None = opening.store.artifacts
    if root is None:
        return None
    place = str(root / _slug(opening.experiment))
    if opening.store.kind == "other" and len(place) > _LONGEST_ROOT:
        raise StoreError(
            f"the path of the artifacts is too long for the database: `{place}`",
            hints=("move the project to a shorter path, or keep the ledger behind an MLflow server",),
        )
    sign = next((sign for sign in "#?%" if sign in place), None)
    if sign is not None:
        raise StoreError(
            f"MLflow cannot keep artifacts below a path with {sign!r} in it: `{place}`",
            hints=("rename that folder",),
        )
    return place


def _slug(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:60] or "experiment"


def _describe(client: MlflowClient, found: Experiment, description: str) -> None:
    """Set the description, unless a person has written another one on the page."""
    present, ours = found.tags.get(NOTE), found.tags.get(_DESCRIBED)
    if description and present in (None, "", ours) and present != description:
        _set(client, found, NOTE, description)
        _set(client, found, _DESCRIBED, description)


def _set(client: MlflowClient, found: Experiment, name: str, value: str) -> None:
    """Set a tag; once more where another launch has just set it first."""
    try:
        client.set_experiment_tag(found.experiment_id, name, value)
    except MlflowException as error:
        if not calls.is_race(error):
            raise
        client.set_experiment_tag(found.experiment_id, name, value)
