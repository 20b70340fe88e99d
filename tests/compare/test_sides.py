"""Which task is compared with which, and what counts as a difference: pure, on records made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from daicho.compare import Part, Side, compare_sides
from daicho.compare.pairing import pair
from daicho.ledger import Ledger, resolve
from daicho.record import OutputRecord, Record, SourceRecord


def part(task: str = "Trainer", *, metrics: Any = (), **facts: Any) -> Part:
    """A task of a side."""
    known = {"parameters": {"seed": 0}, "code": {"tasks:Trainer": "1"}, "run_id": "a" * 32, **facts}
    return Part(Record(task, f"{task}_1", "k" * 64, **known), dict(metrics))


def side(*parts: Part, name: str = "one") -> Side:
    """A side."""
    return Side(name, "a" * 32, "Trainer", parts=parts)


def ledger(folder: Path) -> Ledger:
    """A ledger without a store: nothing can be fetched."""
    return Ledger(resolve(folder, None), project="p", experiment="p", cache=folder / "cache")


def test_several_of_a_family() -> None:
    """Tasks of one family are paired by who they are; what is left, in order; labels tell them apart."""
    one = [part(parameters={"seed": seed}) for seed in (0, 1, 2)]
    one = [Part(replace(each.record, task_id=f"T{each.record.parameters['seed']}")) for each in one]
    rows = pair([side(*one), side(*reversed(one[1:]))])
    assert [
        ("Trainer(seed=1)", True),
        ("Trainer(seed=2)", True),
        ("Trainer(seed=0)", False),
    ] == [(row.label, row.parts[1] is not None) for row in rows]


def test_types_are_values(tmp_path: Path) -> None:
    """1, 1.0 and True are three values; NaN is one; what a side does not have is not None."""
    old = part(parameters={"a": 1, "b": 1, "c": float("nan"), "d": None, "e": None})
    new = part(parameters={"a": 1.0, "b": True, "c": float("nan"), "e": None})
    found = compare_sides([side(old), side(new)], ledger(tmp_path))
    assert [("Trainer.a", (True, True)), ("Trainer.b", (True, True)), ("Trainer.d", (True, False))] == [
        (fact.name, fact.there) for fact in found.configuration
    ]
    assert 2 == found.equal.parameters


def test_the_environment(tmp_path: Path) -> None:
    """Packages are dependencies; Python, the system and declared variables are the environment, each once."""

    def made(python: str, packages: dict[str, str], variable: str) -> dict[str, Any]:
        return {
            "provenance": {"environment": {"python": python, "platform": "Linux", "packages": packages}},
            "settings": {"environment:DOOR": variable},
        }

    old = made("3.11.9", {"numpy": "1", "luigi": "3"}, "d" * 64)
    new = made("3.12.1", {"numpy": "2", "new": "1", "luigi": "3"}, "e" * 64)
    sides = [side(part("A", **each), part("B", **each)) for each in (old, new)]
    found = compare_sides(sides, ledger(tmp_path))
    assert [("new", (None, "1")), ("numpy", ("1", "2"))] == [
        (each.name, each.values) for each in found.dependencies
    ]
    assert [
        ("python", ("3.11.9", "3.12.1")),
        ("variable DOOR", (f"sha256 {'d' * 12}", f"sha256 {'e' * 12}")),
    ] == [(each.name, each.values) for each in found.environment]
    assert 1 == found.equal.packages


def test_what_was_seen_to_run(tmp_path: Path) -> None:
    """Code that both were seen to run counts; what only one has run is no change of the code."""
    old = part(extra={"code:lib:shared": "1", "code:lib:only": "1"})
    new = part(extra={"code:lib:shared": "2"})
    found = compare_sides([side(old), side(new)], ledger(tmp_path))
    assert ["lib:shared"] == [each.symbol for each in found.code]
    assert ("not in the store, so not shown: the text of 1 definition",) == found.notes


def test_a_source_read_by_several_tasks_is_one(tmp_path: Path) -> None:
    """A changed source is one cause, with all tasks that read it; one that moved and is equal is none."""

    def read(digest: str, place: str = "b.csv") -> dict[str, Any]:
        return {
            "sources": (SourceRecord("raw", "a.csv", digest, 3), SourceRecord("same", place, "f" * 64, 3))
        }

    sides = [
        side(part("A", **read(digest * 64, place)), part("B", **read(digest * 64, place)))
        for digest, place in (("1", "b.csv"), ("2", "c.csv"))
    ]
    [data] = compare_sides(sides, ledger(tmp_path)).data
    assert ("A, B", "a.csv", (3, 3), (None,)) == (data.task, data.name, data.sizes, data.differences)


def test_metrics_and_outputs_of_three(tmp_path: Path) -> None:
    """Of several runs the others are compared with the first; a side that has not run a task has no say."""

    def made(digest: str, loss: float) -> Part:
        return part(
            metrics={"loss": loss, "nan": float("nan")},
            outputs=(OutputRecord("o", "o.bin", "csv", digest * 64, 300_000_000),),
        )

    waiting = part(run_id=None)
    found = compare_sides(
        [side(each) for each in (made("1", 0.5), made("1", 0.25), waiting, made("2", 0.75))], ledger(tmp_path)
    )
    [loss] = found.metrics
    assert ((0.5, 0.25, None, 0.75), "lower", (-0.25, None, 0.25)) == (
        loss.fact.values,
        loss.better,
        loss.changes,
    )
    [output] = found.outputs
    assert (("1" * 64, "1" * 64, None, "2" * 64), [None, None, "unknown"]) == (
        output.digests,
        [each.verdict if each is not None else None for each in output.differences],
    )
    assert 1 == found.equal.metrics


def test_nothing_in_common(tmp_path: Path) -> None:
    """Runs without a task in common differ in their tasks, and that is said."""
    found = compare_sides([side(part("A")), side(part("B"))], ledger(tmp_path))
    assert [("A", (True, False)), ("B", (False, True))] == [(each.name, each.values) for each in found.tasks]
    assert ("they have no task in common",) == found.notes
