"""The writes that need care: batches that clash with what was logged before, and inputs that race for one row."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from daicho.ledger._marks import CONTEXT, LONGEST_PARAM, LONGEST_TAG, WARNING, cut, of_input, short
from daicho.record import SourceRecord

_LARGEST = 500_000
_REFUSED_IN_NAMES = re.compile(r"[^\w.\-/: ]")


def batch(
    client: MlflowClient,
    run_id: str,
    *,
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    metrics: Mapping[str, float] | None = None,
) -> None:
    """Log all of it in one request; a parameter that was logged before with another value becomes a warning."""
    fitting = {_name(name): cut(value, LONGEST_PARAM) for name, value in (params or {}).items()}
    try:
        _batch(client, run_id, fitting, tags or {}, metrics or {})
    except MlflowException as error:
        if error.error_code != "INVALID_PARAMETER_VALUE" or not fitting:
            raise
        logged = client.get_run(run_id).data.params
        clashes = [name for name, value in fitting.items() if logged.get(name, value) != value]
        if not clashes:
            raise
        rest = {name: value for name, value in fitting.items() if name not in clashes}
        warning = f"logged before with another value: {', '.join(clashes)}"
        _batch(client, run_id, rest, {**(tags or {}), WARNING: warning}, metrics or {})


def _batch(
    client: MlflowClient,
    run_id: str,
    params: Mapping[str, str],
    tags: Mapping[str, str],
    metrics: Mapping[str, float],
) -> None:
    now = int(time.time() * 1000)
    *earlier, last = _chunks([Param(name, value) for name, value in params.items()])
    for some in earlier:
        client.log_batch(run_id, params=some)
    client.log_batch(
        run_id,
        metrics=[Metric(_name(name), value, now, 0) for name, value in metrics.items()],
        params=last,
        tags=[RunTag(name, cut(value, LONGEST_TAG)) for name, value in tags.items()],
    )


def _chunks(params: Sequence[Param]) -> list[list[Param]]:
    """Parameters in portions that a server takes: a hundred, and less than a million bytes, in one request."""
    chunks: list[list[Param]] = [[]]
    size = 0
    for param in params:
        size += len(json.dumps(param.value))
        if size > _LARGEST or len(chunks[-1]) == 100:
            chunks.append([])
            size = len(json.dumps(param.value))
        chunks[-1].append(param)
    return chunks


def _name(name: str) -> str:
    return _REFUSED_IN_NAMES.sub("_", name)[:250]


def mark(kind: str, digest: str, profile: str | None = None) -> DatasetInput:
    """The dataset by whose digest a run is found."""
    return dataset(kind, short(digest), kind, "{}", profile)


def dataset(name: str, digest: str, context: str, source: str, profile: str | None = None) -> DatasetInput:
    """Something that a run has read, or a mark."""
    thing = Dataset(name=cut(name, 400), digest=digest, source_type="local", source=source, profile=profile)
    return DatasetInput(thing, [InputTag(CONTEXT, cut(context, 400))])


def sources(records: Iterable[SourceRecord]) -> list[DatasetInput]:
    """Files from outside, as datasets with their names."""
    return [
        dataset(
            PurePosixPath(record.place).name or record.role,
            of_input(record.digest),
            "source",
            json.dumps({"place": record.place}),
        )
        for record in records
    ]


def inputs(client: MlflowClient, run_id: str, datasets: Sequence[DatasetInput]) -> None:
    """Log datasets in one transaction; once more where another run has just written an equal row first."""
    if not datasets:
        return
    try:
        client.log_inputs(run_id, list(datasets))
    except MlflowException as error:
        if not is_race(error):
            raise
        client.log_inputs(run_id, list(datasets))


def is_race(error: MlflowException) -> bool:
    """Whether a write failed because somebody else has just written an equal row."""
    text = str(error).lower()
    return any(sign in text for sign in ("unique constraint", "duplicate key", "duplicate entry"))
