"""Medians as a table for people, and what one more task costs."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from contenders import ALL

Row = Mapping[str, Any]


def table(rows: Sequence[Row]) -> str:
    """One line for each job and mode: seconds, peak MiB, how many tasks ran, whether that was right; then slopes."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["workload"], row["size"], row["workers"], row["mode"], row["tool"]].append(row)
    lines = [
        "| workload | mode | tool | wall s | CPU s | MiB | ran | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (workload, size, workers, mode, tool), found in groups.items():
        name = f"{workload} {size:,}" + (f" on {workers}" if workers > 1 else "")
        bad = "stale" if any(row["right"] is False for row in found) else ""
        bad = "failed" if any(row["status"] for row in found) else bad
        bad = "too slow" if any(row["status"] is None for row in found) else bad
        lines.append(
            f"| {name} | {mode} | {tool} | {_median(found, 'wall'):.2f} | {_median(found, 'cpu'):.2f} "
            f"| {_median(found, 'memory'):.0f} | {found[-1]['ran']} | {bad} |"
        )
    slopes = list(_slopes(groups))
    if slopes:
        lines += [
            "",
            "| one more task, ms | tool | from | to | wall | CPU |",
            "| --- | --- | --- | --- | --- | --- |",
            *slopes,
        ]
    lines += ["", *(f"{tool}: {ALL[tool].note}" for tool in _named(rows) if tool in ALL and ALL[tool].note)]
    return "\n".join(lines)


def _median(rows: Iterable[Row], name: str) -> float:
    return statistics.median(row[name] for row in rows)


def _slopes(groups: Mapping[tuple[Any, ...], Sequence[Row]]) -> Iterator[str]:
    """Between neighbouring sizes of the wide graph."""
    sizes: dict[tuple[str, str, int], dict[int, Sequence[Row]]] = defaultdict(dict)
    for (workload, size, workers, mode, tool), found in groups.items():
        if workload == "wide" and all(row["status"] == 0 for row in found):
            sizes[mode, tool, workers][size] = found
    for (mode, tool, _), by_size in sizes.items():
        listed = sorted(by_size)
        for low, high in pairwise(listed):
            wall, cpu = (
                1000 * (_median(by_size[high], name) - _median(by_size[low], name)) / (high - low)
                for name in ("wall", "cpu")
            )
            yield f"| {mode} | {tool} | {low:,} | {high:,} | {wall:.2f} | {cpu:.2f} |"


def _named(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row["tool"] for row in rows))
