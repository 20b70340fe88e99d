"""The manual's table of faults names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_fault_has_its_proof() -> None:
    """Every row of `docs/faults.md` names a test, and every test that is named is there."""
    rows = [line for line in (ROOT / "docs/faults.md").read_text().splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 15
    for row in rows:
        named = NAMED.findall(row)
        assert named, row
        assert [] == [f"{file}::{test}" for file, test in named if test not in _tests(ROOT / file)]


def _tests(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
