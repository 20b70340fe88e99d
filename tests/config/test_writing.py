"""Configuration is written so that it reads back."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from daicho.config.project import find_project
from daicho.config.settings import compose
from daicho.config.writing import written
from tests.support.project import Project

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | TEXTS
    | st.dates()
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, st.dictionaries(TEXTS, VALUES, max_size=4), max_size=4))
def test_toml_reads_back(tables: dict[str, dict[str, Any]]) -> None:
    """Whatever TOML can say is written so that it reads back as the same."""
    filled = {name: table for name, table in tables.items() if table}
    assert filled == tomllib.loads(written(tables))


def test_the_table_of_a_pyproject_is_recorded(project: Callable[..., Project]) -> None:
    """The text that is recorded holds our tables of `pyproject.toml`, and nothing else of that file."""
    made = project()
    (made.root / "luigi.toml").unlink()
    made.write(
        "pyproject.toml",
        '[project]\nname = "p"\n[tool.daicho]\ntasks = ["flow"]\n[tool.daicho.Train]\nseed = 3\nsizes = [1]\n',
    )
    text = compose(find_project(made.root), environment={}).text
    assert {"daicho": {"tasks": ["flow"]}, "Train": {"seed": 3, "sizes": [1]}} == tomllib.loads(text)
