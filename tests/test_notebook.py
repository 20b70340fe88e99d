"""A notebook, executed: values draw themselves, a class in a cell is a task, and redefined it is another one."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from daicho.notebook import html
from daicho.record import Record
from tests.cli.explained import must_run, reused
from tests.cli.values import ESCAPE, FAILURE, RECORD, decision, done, plan, task

CELLS = [
    """
import daicho
from daicho import Task, output

class Cell(Task):
    n: int = 2
    out = output("out.json")
    def run(self):
        self.out.save(self.n)
""",
    "daicho.status(Cell)",
    "daicho.run(Cell, options=daicho.Options(inline=True))",
    """
class Cell(Task):
    n: int = 2
    out = output("out.json")
    def run(self):
        self.out.save(self.n + 1)

daicho.why(Cell)
""",
    "daicho.run(Cell, options=daicho.Options(inline=True)).status, daicho.load(Cell).out.load()",
    "daicho.graph(Cell)",
    'daicho.run(Cell, params={"Cell.n": 7})',
]


@pytest.mark.slow
def test_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan, run, reason and graph are drawn; a redefined task runs again; without `inline` it is refused clearly."""
    import nbformat
    from nbclient import NotebookClient

    (tmp_path / "luigi.toml").touch()
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    new: Any = nbformat.v4
    notebook = new.new_notebook(cells=[new.new_code_cell(cell) for cell in CELLS])

    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()

    shown = [_result(cell) for cell in notebook.cells]
    assert "first run" in shown[1]["text/html"]
    assert "ran in" in shown[2]["text/html"]
    assert "code: Cell changed" in shown[3]["text/html"]
    assert "('done', 3)" == shown[4]["text/plain"]
    assert shown[5]["image/svg+xml"].startswith("<svg")
    assert "is defined in an interactive session" in shown[6]["text/html"]
    assert "Options(inline=True)" in shown[6]["text/html"]


def _result(cell: Any) -> dict[str, Any]:
    return next((dict(each["data"]) for each in cell.outputs if each.output_type == "execute_result"), {})


def _text(drawn: str) -> str:
    without = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<style>.*?</style>", "", drawn))
    return re.sub(r"\s+", " ", unescape(without)).strip()


def test_a_plan_is_a_table_and_a_picture() -> None:
    """Each task with its decision and why; below it the graph, but for one that is too large to be looked at."""
    value = plan([decision("reuse", run_id="a" * 32), decision("run", "seed: 0 -> 1")], decision("undecided"))
    drawn = value._repr_html_()
    assert "↻ Numbers(seed=1) run seed: 0 -> 1" in _text(drawn)
    assert "<svg" in drawn
    assert "Numbers × 500 499 reuse" not in _text(drawn)
    many = html(plan([decision("reuse")] * 500, decision("run")))
    assert "Numbers × 500" in _text(many)


def test_a_run_is_a_table_with_what_failed() -> None:
    """Each task with its time and metrics; a failure with its sentence and what to do."""
    drawn = _text(
        done(task("Trainer", "failed", failure=FAILURE, seconds=0.9), status="failed")._repr_html_()
    )
    assert "failed in 0.9 s KeyError: 'Agee'" in drawn
    assert "columns are: `Survived`, `Age`" in drawn
    assert "✓ Trainer ran in 2.1 s cv_accuracy 0.8092" in _text(done()._repr_html_())


def test_reasons_and_records_are_drawn() -> None:
    """Why a task runs, and what is known of a result, in a few lines."""
    assert "must run" in _text(must_run()._repr_html_())
    assert "is up to date" in _text(reused()._repr_html_())
    drawn = _text(RECORD._repr_html_())
    assert "parameters seed = 0, columns = ['Age', 'Fare'], kind = 'tree'" in drawn
    assert "outputs model.skops (149.0 kB)" in drawn


def test_nothing_from_elsewhere_is_markup() -> None:
    """What looks like markup, or like an order to a terminal, is text; and pages from elsewhere are not asked for."""
    hostile = f"<img src=x onerror=alert(1)>{ESCAPE}"
    values = [
        done(
            task(hostile, "failed", failure=replace(FAILURE, message=hostile)),
            target=hostile,
            problem=hostile,
        ),
        replace(RECORD, task=hostile, parameters={hostile: hostile}),
        plan([decision("run", hostile)], decision("run", hostile)),
    ]
    for value in values:
        drawn = value._repr_html_()  # type: ignore[attr-defined]
        assert "<img" not in drawn
        assert "\x1b" not in drawn
        assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_empty_facts_are_left_out() -> None:
    """A record of which little is known is as short as that."""
    assert "sources" not in _text(html(Record("A", "A_1", None)))


def test_other_values_are_refused() -> None:
    """What daicho does not know it does not draw."""
    with pytest.raises(TypeError, match="does not draw a int"):
        html(3)
