"""What is known of one execution: the record, and the values in it. Frozen, printable, to and from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self, TypeVar

from daicho._drawn import html
from daicho.digest import of_value

SCHEMA = "daicho.record/1"

T = TypeVar("T")


@dataclass(frozen=True)
class OutputRecord:
    """An output as it was saved. `role` is its attribute, `name` its file; `size` is in bytes."""

    role: str
    name: str
    format: str
    digest: str
    size: int
    folder: bool = False


@dataclass(frozen=True)
class InputRecord:
    """An output of another task that was read: `role` says by which way (`data.train`, `requires[0].model`)."""

    role: str
    name: str
    format: str
    digest: str
    task: str
    run_id: str | None = None


@dataclass(frozen=True)
class SourceRecord:
    """A source as it was when it was read: `place` as it was declared, `size` in bytes."""

    role: str
    place: str
    digest: str
    size: int


@dataclass(frozen=True)
class Record:
    """One execution of one task.

    Attributes:
        task: The task's family.
        task_id: Luigi's identity of the instance.
        key: The whole key, 64 hexadecimal digits; None for what must not be found again (`cache = False`).
        parameters: Significant parameters, as JSON values.
        code: Digest by symbol (`module:qualified name`) of the code that the task can reach.
        sources, inputs, outputs: What came in and what went out.
        version: The task's own `version`, or "".
        settings: Other things that are in the key, by name (environment policy, for example).
        extra: What was seen to matter while the task ran: a later hit must match it as well.
        supersedes: Runs whose results this one replaces.
        reasons: Why it ran, a line each.
        notes: What a person should know of how it ran: files that it read and does not declare, for example.
        provenance: Git, environment, machine, snapshot: JSON values for people and for rebuilding.
        started, ended: Seconds since the epoch, UTC.
        run_id, experiment_id, artifact_uri: The MLflow run that holds it; None until there is one.
    """

    task: str
    task_id: str
    key: str | None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[SourceRecord, ...] = ()
    inputs: tuple[InputRecord, ...] = ()
    outputs: tuple[OutputRecord, ...] = ()
    version: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    supersedes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    started: float = 0.0
    ended: float = 0.0
    run_id: str | None = None
    experiment_id: str | None = None
    artifact_uri: str | None = None

    def _repr_html_(self) -> str:
        return html(self)

    @property
    def seconds(self) -> float:
        """How long `run()` took."""
        return self.ended - self.started

    @property
    def summary(self) -> dict[str, str]:
        """Sixteen digits for each kind of thing that it came from, by which records are compared quickly.

        `environment` is there once it is known: it tells whether two were made by the same Python and packages.
        """
        parts: dict[str, object] = {
            "parameters": dict(self.parameters),
            "code": dict(self.code),
            "sources": {source.role: source.digest for source in self.sources},
            "inputs": {item.role: item.digest for item in self.inputs},
        }
        made_by = self.provenance.get("environment")
        if isinstance(made_by, Mapping):
            parts["environment"] = (made_by.get("python"), made_by.get("packages"))
        return {name: of_value(value)[:16] for name, value in parts.items()}

    def output(self, role: str) -> OutputRecord | None:
        """The output of that attribute, or None."""
        return next((output for output in self.outputs if output.role == role), None)

    def at(self, *, run_id: str, experiment_id: str, artifact_uri: str) -> Self:
        """The same record, held by an MLflow run."""
        return replace(self, run_id=run_id, experiment_id=experiment_id, artifact_uri=artifact_uri)

    def to_json(self) -> dict[str, Any]:
        """The record as one JSON object whose first key is `schema`."""
        # `asdict` would copy what lies within to the last text, for each of thousands.
        parts = {name: [vars(each) for each in vars(self)[name]] for name in ("sources", "inputs", "outputs")}
        return {"schema": SCHEMA, **vars(self), **parts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The record that a JSON object describes; keys of a later version are passed over."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        for name, kind in (("sources", SourceRecord), ("inputs", InputRecord), ("outputs", OutputRecord)):
            known[name] = tuple(_known(kind, item) for item in known.get(name, ()))
        for name in ("supersedes", "reasons", "notes"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)


def _known(kind: type[T], item: Mapping[str, Any]) -> T:
    return kind(**{each.name: item[each.name] for each in fields(kind) if each.name in item})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Failure:
    """How a task failed: the sentence on top, the user's own frames, and the whole traceback for the record."""

    error: str
    message: str
    frames: tuple[str, ...] = ()
    traceback: str = ""
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What a worker did with one task: on disk before it answers, so that nothing finished is lost.

    `outcome` is "ran" or "failed" or "interrupted"; `notes` are sentences for people.
    """

    task_id: str
    outcome: str
    started: float
    ended: float
    outputs: tuple[OutputRecord, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The manifest as one JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The manifest that a JSON object describes."""
        known = dict(data)
        known["outputs"] = tuple(OutputRecord(**item) for item in data["outputs"])
        known["notes"] = tuple(data.get("notes", ()))
        if data["failure"] is not None:
            failure = dict(data["failure"])
            known["failure"] = Failure(
                **{**failure, "frames": tuple(failure["frames"]), "hints": tuple(failure["hints"])}
            )
        return cls(**known)
