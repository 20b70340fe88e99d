"""Which task of one run is which of another: by family; where there are several of one, by their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daicho.compare.sides import Part, Side


@dataclass(frozen=True)
class Row:
    """One task on all sides; None on those that do not have it."""

    label: str
    parts: tuple[Part | None, ...]

    @property
    def present(self) -> tuple[Part, ...]:
        """The sides that have it."""
        return tuple(part for part in self.parts if part is not None)


def pair(sides: Sequence[Side]) -> list[Row]:
    """The tasks of all sides, in the order in which the sides have them."""
    families = list(dict.fromkeys(part.record.task for side in sides for part in side.parts))
    rows: list[Row] = []
    for family in families:
        of_side = [[part for part in side.parts if part.record.task == family] for side in sides]
        if all(len(parts) <= 1 for parts in of_side):
            rows.append(Row(family, tuple(parts[0] if parts else None for parts in of_side)))
        else:
            rows.extend(_several(family, of_side))
    return rows


def _several(family: str, of_side: Sequence[Sequence[Part]]) -> list[Row]:
    """Several tasks of one family: those with the same parameters and inputs' names are one; the rest in order."""
    left = [list(parts) for parts in of_side]
    found: list[tuple[Part | None, ...]] = []
    for task_id in dict.fromkeys(part.record.task_id for parts in of_side for part in parts):
        here = [next((part for part in parts if part.record.task_id == task_id), None) for parts in left]
        if task_id and sum(part is not None for part in here) > 1:
            found.append(tuple(here))
            for parts, part in zip(left, here, strict=True):
                if part is not None:
                    parts.remove(part)
    most = max(map(len, left), default=0)
    found += [tuple(parts[place] if place < len(parts) else None for parts in left) for place in range(most)]
    return [Row(_label(family, parts, found), parts) for parts in found]


def _label(family: str, parts: tuple[Part | None, ...], others: Sequence[tuple[Part | None, ...]]) -> str:
    """`Trainer(seed=3)`: the family with the parameters in which its tasks differ."""
    first = next(part.record for part in parts if part is not None)
    known = [part.record.parameters for row in others for part in row if part is not None]
    telling = [
        name
        for name, value in first.parameters.items()
        if any(other.get(name, value) != value for other in known)
    ]
    shown = ", ".join(f"{name}={first.parameters[name]}" for name in telling)
    return f"{family}({shown})" if shown else f"{family} {str(first.run_id)[:8]}"
