"""The values of the verbs in a notebook: compact HTML without anything from elsewhere, on light and dark ground.

Nothing needs to be switched on: the values ask for it in `_repr_html_`. What comes from elsewhere is escaped.
"""

from __future__ import annotations

import html as _html
from collections.abc import Iterable, Iterator, Sequence
from functools import singledispatch
from typing import Any

from daicho.compare.remade import SAME
from daicho.engine.report import Run, RunTask
from daicho.html.page import clean, half, moment, number, size
from daicho.plan.plan import Plan, Verdict
from daicho.record import Record
from daicho.reproducing.reproduction import ReproducedTask, Reproduction
from daicho.verbs.graph import GraphNode, graphed
from daicho.verbs.why import Why
from daicho.verifying.verification import Verification, VerifiedTask

_MOST_ROWS = 40
_MOST_BOXES = 60
_MARKS: dict[Verdict, str] = {"run": "↻", "reuse": "·", "undecided": "?"}
_ENDS = {"ran": "✓", "reused": "·", "not started": "–"}

# No ground of its own and no colour of text but of marks: it stands on whatever the notebook's theme is.
_STYLE = """<style>
.daicho-value { overflow-x: auto }
.daicho-value table { border-collapse: collapse; margin: .3em 0 }
.daicho-value td { text-align: left; vertical-align: top; padding: .1em 1.2em .1em 0; white-space: pre-wrap }
.daicho-value .dim { opacity: .65 }
.daicho-value .run, .daicho-value .warn { color: #b8860b }
.daicho-value .bad { color: #d1242f }
.daicho-value .good { color: #2da44e }
.daicho-value .undecided { color: #388bfd }
</style>"""

Cell = tuple[str, str]  # a text, and its class
Row = Sequence[Cell]


@singledispatch
def html(value: object) -> str:
    """A value of a verb as HTML.

    Raises:
        TypeError: If it is no value that daicho draws.
    """
    raise TypeError(f"daicho does not draw a {type(value).__name__}")


@html.register
def _plan(value: Plan) -> str:
    drawn = graphed(value)
    targets = ", ".join(value.label(task_id) for task_id in value.graph.targets)
    counts = ", ".join(f"{count:,} {verdict}" for verdict, count in value.counts.items())
    nodes = [node for node in drawn.nodes if node.kind != "wrapper"]
    picture = drawn.svg() if 1 < len(drawn.nodes) <= _MOST_BOXES else ""
    return _whole(
        [(targets, "strong"), (f": {counts}", "")], _shortened(map(_planned, nodes), len(nodes)), picture
    )


def _planned(node: GraphNode) -> Row:
    verdict = node.verdict
    why = node.note if len(node.tasks) > 1 else "; ".join(node.reasons)
    return [(_MARKS[verdict], verdict), (node.name, ""), (verdict, verdict), (why, "dim")]


@html.register
def _run(value: Run) -> str:
    tasks = [task for task in value.tasks if task.kind != "wrapper"]
    style = {"failed": "bad", "interrupted": "warn"}.get(value.status, "good")
    head = [
        (value.target, "strong"),
        (": ", ""),
        (value.status, style),
        (f" · {value.seconds:.1f} s · {half(value.name)}", "dim"),
    ]
    failures = [task.result.failure for task in tasks if task.result.failure is not None]
    hints = dict.fromkeys(hint for failure in failures for hint in failure.hints)
    notes = [[("hint", "undecided"), (hint, "")] for hint in hints]
    notes += [[("!", "warn"), (note, "")] for note in (value.problem, *value.notes) if note]
    return _whole(head, _shortened(map(_ended, tasks), len(tasks)), _table(notes))


def _ended(task: RunTask) -> Row:
    result, ended = task.result, task.outcome
    bad = ended not in _ENDS
    took = f"{ended} in {result.seconds:.1f} s" if result.seconds is not None else ended
    told = (
        result.failure.message
        if result.failure is not None
        else ", ".join(f"{name} {number(each)}" for name, each in result.metrics.items())
    )
    mark = (_ENDS.get(ended, "✗"), "bad" if bad else "good" if ended == "ran" else "dim")
    return [mark, (task.label, ""), (took, "bad" if bad else "dim"), (told, "bad" if bad else "")]


@html.register
def _why(value: Why) -> str:
    sentence = {"run": "must run", "reuse": "is up to date", "undecided": "is undecided"}[value.verdict]
    head = [(value.label, "strong"), (f" {sentence}", value.verdict)]
    reasons = [(cause.task, cause.reason.text) for cause in value.causes] or [
        (value.label, reason.text) for reason in value.decision.reasons
    ]
    rows: list[Row] = [
        [(_MARKS[value.verdict], value.verdict), (task if task != value.label else "", "dim"), (text, "")]
        for task, text in reasons
    ]
    rows += [[("=", "dim"), ("", ""), (f"{value.equal.count} other things are equal", "dim")]] * bool(
        value.equal.count
    )
    rows += [[("", ""), ("hint", "undecided"), (hint, "")] for hint in value.hints]
    return _whole(head, rows)


@html.register
def _record(value: Record) -> str:
    facts: Iterator[tuple[str, str]] = iter(
        [
            ("run", f"{value.run_id or ''} {moment(value.started)}, {value.seconds:.1f} s"),
            ("parameters", ", ".join(f"{name} = {_short(each)}" for name, each in value.parameters.items())),
            ("sources", ", ".join(f"{each.place} ({size(each.size)})" for each in value.sources)),
            ("inputs", ", ".join(f"{each.role} (from {each.task})" for each in value.inputs)),
            ("outputs", ", ".join(f"{each.name} ({size(each.size)})" for each in value.outputs)),
            ("code", f"{len(value.code)} definitions" if value.code else ""),
            ("key", value.key or ""),
        ]
    )
    return _whole([(value.task, "strong")], [[(name, "dim"), (text, "")] for name, text in facts if text])


@html.register
def _reproduction(value: Reproduction) -> str:
    head = [
        ("Reproduced" if value.same else "Not reproduced", "good" if value.same else "bad"),
        (f" {value.what}", ""),
    ]
    return _whole(head, _shortened(map(_remade, value.tasks), len(value.tasks)))


@html.register
def _verification(value: Verification) -> str:
    head = [
        (value.target, "strong"),
        (": the same" if value.same else ": not the same", "good" if value.same else "bad"),
    ]
    return _whole(head, _shortened(map(_remade, value.tasks), len(value.tasks)))


def _remade(task: ReproducedTask | VerifiedTask) -> Row:
    style = "good" if task.verdict in SAME else "dim" if task.verdict == "skipped" else "bad"
    texts = [f"{each.name}: {each.difference.text}" for each in task.outputs if each.verdict != "identical"]
    return [
        (task.label, ""),
        (task.verdict, style),
        ("; ".join([*texts, *filter(None, [task.problem])]), "dim"),
    ]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _shortened(rows: Iterable[Row], count: int) -> list[Row]:
    kept = [row for _, row in zip(range(_MOST_ROWS), rows, strict=False)]
    more = count - len(kept)
    return kept + [[("", ""), (f"… and {more:,} more", "dim")]] * bool(more)


def _whole(head: Sequence[Cell], rows: Iterable[Row], below: str = "") -> str:
    return (
        f'{_STYLE}<div class="daicho-value"><div>{"".join(map(_cell, head))}</div>{_table(rows)}{below}</div>'
    )


def _table(rows: Iterable[Row]) -> str:
    drawn = "".join(f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{drawn}</table>" if drawn else ""


def _cell(cell: Cell) -> str:
    text, style = cell
    shown = _html.escape(clean(text))
    if style == "strong":
        return f"<b>{shown}</b>"
    return f'<span class="{style}">{shown}</span>' if style else shown
