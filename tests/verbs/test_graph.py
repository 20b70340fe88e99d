"""The graph of a target: which boxes there are, and what is drawn of them."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from daicho import Task, output
from daicho.plan.plan import Decision, Plan
from daicho.task.graph import build
from daicho.verbs.graph import Graphed, graphed
from tests.cli.values import decision, plan


class Hostile(Task):
    """A task with a value that would be markup."""

    text: str
    out = output("out.json")

    def run(self) -> None:
        """Not run here."""


class Both(Task):
    """Needs two."""

    parts: list[Hostile]
    out = output("out.json")

    def run(self) -> None:
        """Not run here."""


def _wide(count: int = 40) -> Graphed:
    parts = [decision("reuse", run_id="a" * 32)] * (count - 1) + [decision("run", "seed: 0 -> 1")]
    return graphed(plan(parts, decision("undecided")))


def _hostile() -> Graphed:
    graph = build(Both(parts=[Hostile(text='"]; <script>alert(1)</script>\x1b[2J'), Hostile(text="b|`&")]))
    return graphed(Plan(graph, {task_id: Decision("run") for task_id in graph.nodes}))


def test_a_wide_layer_is_one_node_for_each_family() -> None:
    """Forty equal tasks are `Numbers × 40`, with how many of them are reused and run; what matters most is told."""
    numbers, total = _wide().nodes
    assert ("Numbers × 40", {"run": 1, "reuse": 39}, "run") == (
        numbers.name,
        numbers.verdicts,
        numbers.verdict,
    )
    assert ("seed: 0 -> 1",) == numbers.reasons
    assert ("Total", (0,), True) == (total.name, total.needs, total.target)


def test_few_tasks_stand_alone() -> None:
    """Two tasks of a family are two boxes, told apart by their parameters."""
    found = graphed(plan([decision("reuse"), decision("run")], decision("undecided")))
    assert ["Numbers(seed=0)", "Numbers(seed=1)", "Total"] == [node.name for node in found.nodes]
    assert ((0, 2), (1, 2)) == found.edges


def test_a_thousand_tasks_are_few_boxes() -> None:
    """However many tasks there are, the picture stays small."""
    assert 2 == len(_wide(1000).nodes)
    assert len(_wide(1000).svg()) < 6000


def test_the_picture_is_a_document_of_its_own() -> None:
    """The SVG parses, names every box, loads nothing from elsewhere, and knows a dark screen."""
    picture = _wide().svg()
    root = ET.fromstring(picture)
    texts = "".join(root.itertext())
    assert "Numbers × 40" in texts
    assert "39 reuse" in texts
    assert "prefers-color-scheme: dark" in picture
    assert ["http://www.w3.org/2000/svg"] == re.findall(r"https?://[^\"')]+", picture)


def test_nothing_in_a_picture_is_markup() -> None:
    """A parameter's value that looks like markup, or moves a cursor, is text in both pictures."""
    found = _hostile()
    ET.fromstring(found.svg())
    assert "<script" not in found.svg()
    assert "\x1b" not in found.svg() + found.mermaid()
    boxes = [line for line in found.mermaid().splitlines() if line.lstrip().startswith("t") and "[" in line]
    assert [True] * 3 == [
        re.fullmatch(r' +t\d+\["[^"<>`;|\]]*(#\d+;[^"<>`|\]]*)*<br/>[^"]*"\]:::run', each) is not None
        for each in boxes
    ]


def test_mermaid_has_every_box_and_edge() -> None:
    """The words for Mermaid hold each box with its decision, and each edge once."""
    assert (
        'flowchart LR\n    t0["Numbers × 40<br/>1 run, 39 reuse"]:::run\n    t1["Total<br/>undecided"]:::undecided\n'
        "    t0 --> t1\n"
    ) == _wide().mermaid().partition("    classDef")[0]
