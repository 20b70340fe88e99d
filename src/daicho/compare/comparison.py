"""What differs between runs, by cause and in effect: the values. `between` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from daicho.compare.difference import Difference
from daicho.compare.sides import Side

SCHEMA = "daicho.compare/1"

Better = Literal["higher", "lower"]
Change = Literal["changed", "new", "gone"]


@dataclass(frozen=True)
class Fact:
    """Something that each side has, or has not: a parameter, a version, a metric.

    Attributes:
        name: What it is called: `Trainer.seed`, `numpy`, `Python`.
        values: Its value on each side; None where `there` says that it has none.
        there: Whether each side has it.
    """

    name: str
    values: tuple[Any, ...]
    there: tuple[bool, ...]

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {"name": self.name, "values": list(self.values), "there": list(self.there)}


@dataclass(frozen=True)
class Code:
    """A definition, or a file, that is not the same on all sides.

    Attributes:
        symbol: `module:name`, or the place of a file.
        tasks: The tasks whose code it is.
        change: `changed`, `new` or `gone`, as the second side has it against the first.
        file: The file that it stands in.
        parts: What of it changed, as far as that can be told.
        diff: The difference in unified form; empty where the text of one side is not known.
    """

    symbol: str
    tasks: tuple[str, ...]
    change: Change
    file: str | None = None
    parts: tuple[str, ...] = ()
    diff: str = ""

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {
            "symbol": self.symbol,
            "tasks": list(self.tasks),
            "change": self.change,
            "file": self.file,
            "parts": list(self.parts),
            "diff": self.diff,
        }


@dataclass(frozen=True)
class Content:
    """A source, an input or an output that is not the same on all sides.

    Attributes:
        task: The task that reads or wrote it.
        role: Its attribute.
        name: Its place or file.
        digests, sizes: Of each side; None where it has none.
        differences: How each further side's content differs from the first's; None where one has none, or both are
            the same.
    """

    task: str
    role: str
    name: str
    digests: tuple[str | None, ...]
    sizes: tuple[int | None, ...]
    differences: tuple[Difference | None, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {
            "task": self.task,
            "role": self.role,
            "name": self.name,
            "digests": list(self.digests),
            "sizes": list(self.sizes),
            "differences": [each.to_json() if each is not None else None for each in self.differences],
        }


@dataclass(frozen=True)
class Metric:
    """What a task measured, where it is not the same on all sides.

    Attributes:
        fact: Its values.
        better: Which way is better, by its name.
        changes: The change of each further side from the first; None where one has none.
    """

    fact: Fact
    better: Better
    changes: tuple[float | None, ...]

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {**self.fact.to_json(), "better": self.better, "changes": list(self.changes)}


@dataclass(frozen=True)
class Equal:
    """How many things of each kind are the same on all sides."""

    parameters: int = 0
    definitions: int = 0
    sources: int = 0
    packages: int = 0
    metrics: int = 0
    outputs: int = 0

    @property
    def count(self) -> int:
        """How many that is."""
        return sum(self.to_json().values())

    def to_json(self) -> dict[str, int]:
        """The value as JSON takes it."""
        return dict(vars(self))


@dataclass(frozen=True)
class Comparison:
    """What differs between two or more runs. The first is what the others are compared with.

    Attributes:
        sides: What was compared.
        tasks: Tasks that not all sides have: their labels, and whether each side has them.
        configuration, code, data, dependencies, environment: The causes.
        metrics, outputs: The effect.
        equal: What is the same.
        notes: What could not be compared, and why.
    """

    sides: tuple[Side, ...]
    tasks: tuple[Fact, ...] = ()
    configuration: tuple[Fact, ...] = ()
    code: tuple[Code, ...] = ()
    data: tuple[Content, ...] = ()
    dependencies: tuple[Fact, ...] = ()
    environment: tuple[Fact, ...] = ()
    metrics: tuple[Metric, ...] = ()
    outputs: tuple[Content, ...] = ()
    equal: Equal = Equal()
    notes: tuple[str, ...] = ()

    @property
    def causes(self) -> Mapping[str, int]:
        """How many causes of each kind there are."""
        kinds = ("configuration", "code", "data", "dependencies", "environment")
        return {kind: len(getattr(self, kind)) for kind in kinds}

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.tasks or any(self.causes.values()) or self.metrics or self.outputs)

    def to_json(self) -> dict[str, Any]:
        """All of it, as one JSON document."""
        lists = (
            "tasks",
            "configuration",
            "code",
            "data",
            "dependencies",
            "environment",
            "metrics",
            "outputs",
        )
        return {
            "schema": SCHEMA,
            "sides": [side.to_json() for side in self.sides],
            **{name: [each.to_json() for each in getattr(self, name)] for name in lists},
            "equal": self.equal.to_json(),
            "notes": list(self.notes),
        }
