"""What the page of a pipeline run shows: common parameters and metrics, a short note, and the whole as a table."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from daicho.ledger._marks import LONGEST_TAG
from daicho.ledger._rows import Row
from daicho.ledger._text import plain
from daicho.ledger.messages import TaskLine

T = TypeVar("T")
_MOST = 200
_ROWS = 50
_VIEW = "workflowType=machine_learning"  # or the page opens in the view for language models


@dataclass(frozen=True)
class Summary:
    """`Family.name` by value, where a family has one instance, or all of its instances one value."""

    params: Mapping[str, str]
    metrics: Mapping[str, float]


def summary(lines: Sequence[TaskLine], metrics: Mapping[str, Mapping[str, float]]) -> Summary:
    """The parameters and metrics of all tasks that have one value a family, at most 200 of each."""
    params = _common(
        (line.task, {name: plain(value) for name, value in line.parameters.items()}) for line in lines
    )
    values = _common((line.task, metrics.get(line.run_id or "", {})) for line in lines)
    return Summary(params, values)


def _common(items: Iterable[tuple[str, Mapping[str, T]]]) -> dict[str, T]:
    """What all instances of a family have, with one value."""
    instances: Counter[str] = Counter()
    seen: defaultdict[str, list[T]] = defaultdict(list)
    families: dict[str, str] = {}
    for family, values in items:
        instances[family] += 1
        for name, value in values.items():
            full = f"{family}.{name}"
            families[full] = family
            seen[full].append(value)
    common = {
        name: values[0]
        for name, values in seen.items()
        if len(values) == instances[families[name]]
        and (len(values) == 1 or all(value == values[0] for value in values))
    }
    return dict(sorted(common.items())[:_MOST])


def table(lines: Sequence[TaskLine], rows: Mapping[str, Row]) -> dict[str, Any]:
    """All tasks with their parameters and metrics, as one JSON value."""
    return {
        "schema": "daicho.tasks/1",
        "tasks": [_entry(line, rows.get(line.run_id or "")) for line in lines],
    }


def _entry(line: TaskLine, row: Row | None) -> dict[str, Any]:
    values = {**asdict(line), "parameters": {name: plain(value) for name, value in line.parameters.items()}}
    if row is None:
        return values
    return {
        **values,
        "experiment_id": row.experiment_id,
        "metrics": {name: _json(value) for name, value in row.metrics.items()},
    }


def _json(number: float) -> float | str:
    """A number as JSON knows it; what JSON does not know becomes a text."""
    return number if math.isfinite(number) else str(number)


def outcomes(lines: Sequence[TaskLine]) -> str:
    """What became of how many tasks of which family, as a tag that `daicho log` reads."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        found[line.outcome][line.task] += 1
    whole = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    if len(whole) <= LONGEST_TAG:
        return whole
    return json.dumps({outcome: {"": families.total()} for outcome, families in found.items()})


def note(lines: Sequence[TaskLine], rows: Mapping[str, Row], experiment_id: str) -> str:
    """The description in Markdown: one line of what happened (pages fold after four), then a table."""
    happened = Counter(line.outcome for line in lines)
    head = ", ".join(f"{number} {outcome}" for outcome, number in happened.most_common()) or "nothing to do"
    text = f"{head}\n\n| task | what happened | time | run |\n| --- | --- | --- | --- |\n"
    shown = 0
    # The page folds after a few rows: what happened comes first, in the order in which it did.
    for line in sorted(lines, key=lambda line: line.outcome == "reused")[:_ROWS]:
        row = rows.get(line.run_id or "")
        entry = _line(line, row.experiment_id if row is not None else experiment_id)
        if len(text) + len(entry) > LONGEST_TAG - 100:
            break
        text += entry
        shown += 1
    left = len(lines) - shown
    return text + (f"\n{left} more are in the artifact `daicho/tasks.json`\n" if left else "")


def _line(line: TaskLine, experiment_id: str) -> str:
    seconds = "" if line.seconds is None else f"{line.seconds:.1f} s"
    what = line.outcome + (f": {line.reason}" if line.reason else "")
    link = ""
    if line.run_id:
        link = f"[{line.run_id[:8]}](#/experiments/{experiment_id}/runs/{line.run_id}?{_VIEW})"
    return f"| {_escape(line.task)} | {_escape(what)} | {seconds} | {link} |\n"


def _escape(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = " ".join(text.split())[:200]
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#!" else sign for sign in text)
