"""Records and manifests: to JSON and back, whole."""

from __future__ import annotations

import json

from hypothesis import given

from daicho.record import Manifest, OutputRecord, Record
from tests.strategies import MANIFESTS, RECORDS


@given(RECORDS)
def test_a_record_survives_json(record: Record) -> None:
    """A record that was written as JSON is read as the same record, digests of its parts included."""
    read = Record.from_json(json.loads(json.dumps(record.to_json())))
    assert record == read
    assert record.summary == read.summary


@given(MANIFESTS)
def test_a_manifest_survives_json(manifest: Manifest) -> None:
    """A manifest that was written as JSON is read as the same manifest."""
    assert manifest == Manifest.from_json(json.loads(json.dumps(manifest.to_json())))


@given(RECORDS)
def test_the_schema_comes_first(record: Record) -> None:
    """Whoever reads a record's JSON sees first which schema it has."""
    assert ("schema", "daicho.record/1") == next(iter(record.to_json().items()))


@given(RECORDS)
def test_what_a_later_version_adds_is_passed_over(record: Record) -> None:
    """A record with keys that are not known yet can be read, also where its parts have them."""
    data = {**record.to_json(), "colour": "red"}
    data["outputs"] = [{**output, "colour": "red"} for output in data["outputs"]]
    assert record == Record.from_json(json.loads(json.dumps(data)))


def test_little_is_needed() -> None:
    """A record that says only what a record must say can be read."""
    assert Record("T", "T_1", None) == Record.from_json({"task": "T", "task_id": "T_1", "key": None})


def test_outputs_are_found_by_their_attribute() -> None:
    """An output is asked for by its attribute, not by its file."""
    output = OutputRecord("train", "train.csv", "csv", "0" * 64, 3)
    record = Record("T", "T_1", None, outputs=(output,))
    assert output is record.output("train")
    assert None is record.output("train.csv")


def test_a_record_is_placed_in_a_run() -> None:
    """A record gets the run that holds it, and is otherwise what it was."""
    record = Record("T", "T_1", "0" * 64, started=1.0, ended=3.5)
    placed = record.at(run_id="r", experiment_id="1", artifact_uri="file:x")
    assert ("r", "1", "file:x") == (placed.run_id, placed.experiment_id, placed.artifact_uri)
    assert record == placed.at(run_id=None, experiment_id=None, artifact_uri=None)  # type: ignore[arg-type]
    assert 2.5 == placed.seconds


@given(RECORDS)
def test_a_summary_tells_what_changed(record: Record) -> None:
    """A summary differs from another exactly in the part that differs."""
    from dataclasses import replace

    changed = replace(record, code={**record.code, "tasks:f": "0"})
    assert {"code"} == {part for part in record.summary if record.summary[part] != changed.summary[part]}
