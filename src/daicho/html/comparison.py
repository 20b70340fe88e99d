"""The page of a comparison, drawn from its document (`daicho.compare/1`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daicho.html.page import clean, number, render, size

_KINDS = ("configuration", "dependencies", "environment")
_SIGNS = {"+": "add", "-": "del", "@": "at", "!": "chg"}


def comparison_page(document: Mapping[str, Any]) -> str:
    """One self-contained page.

    Args:
        document: What `Comparison.to_json()` gives, with texts for numbers that JSON lacks.
    """
    sides = [
        {**side, "letter": chr(ord("A") + place) if place < 26 else str(place + 1)}
        for place, side in enumerate(document["sides"])
    ]
    return render(
        "comparison.html",
        sides=sides,
        title=" and ".join(clean(side["name"]) for side in sides[:3]) + (" …" if len(sides) > 3 else ""),
        summary=_summary(document),
        tasks=[(fact["name"], _cells(fact)) for fact in document["tasks"]],
        facts=[(kind, [(fact["name"], _cells(fact)) for fact in document[kind]]) for kind in _KINDS],
        code=[{**each, "lines": _lines(each["diff"].split("\n")[2:])} for each in document["code"]],
        metrics=[_metric(each) for each in document["metrics"]],
        contents=[(title, [_content(each) for each in document[title]]) for title in ("data", "outputs")],
        equal=[(name, count) for name, count in document["equal"].items() if count],
        notes=document["notes"],
    )


def _summary(document: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """What differs: the part of the page, its name, how much."""
    kinds = ("tasks", "configuration", "code", "data", "dependencies", "environment", "metrics", "outputs")
    return [(kind, kind.capitalize(), len(document[kind])) for kind in kinds if document[kind]]


def _cells(fact: Mapping[str, Any]) -> list[tuple[Any, bool]]:
    return list(zip(fact["values"], fact["there"], strict=True))


def _lines(lines: list[str]) -> list[tuple[str, str]]:
    """Lines with what each of them is: added, taken out, a heading."""
    return [(_SIGNS.get(each[:1], ""), clean(each)) for each in lines]


def _metric(metric: Mapping[str, Any]) -> dict[str, Any]:
    known = [(value, place) for place, value in enumerate(metric["values"]) if isinstance(value, int | float)]
    best = (max if metric["better"] == "higher" else min)(known)[1] if known else None
    changes = [(_change(change), _effect(change, metric["better"])) for change in metric["changes"]]
    return {"name": metric["name"], "cells": _cells(metric), "best": best, "changes": changes}


def _change(change: Any) -> str:
    if not isinstance(change, int | float):
        return ""
    return f"{'+' if change > 0 else '−' if change < 0 else '±'}{number(abs(change))}"


def _effect(change: Any, better: str) -> str:
    if not isinstance(change, int | float) or change == 0:
        return ""
    return "better" if (change > 0) == (better == "higher") else "worse"


def _content(content: Mapping[str, Any]) -> dict[str, Any]:
    told = []
    for place, digest in enumerate(content["digests"][1:], 1):
        found = content["differences"][place - 1] if content["differences"] else None
        told.append(
            {
                "letter": chr(ord("A") + place) if place < 26 else str(place + 1),
                "text": _text(content, place, digest, found),
                "lines": _lines(found["lines"]) if found is not None else [],
            }
        )
    sizes = [size(each) for each in content["sizes"]]
    return {**content, "told": told, "sizes": sizes}


def _text(content: Mapping[str, Any], place: int, digest: str | None, found: Mapping[str, Any] | None) -> str:
    first = content["digests"][0]
    if digest is None or first is None:
        return "gone" if digest is None else "new"
    if digest == first:
        return "equal"
    return clean(found["text"]) if found is not None else "differs"
