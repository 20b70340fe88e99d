"""jsonl: plain values, one on each line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance
from tests.formats.values import plain, same

JSONL = by_name("jsonl")


class TestJsonl(RepeatingConformance):
    """jsonl keeps the promises of a format."""

    name = "jsonl"
    file = "log.jsonl"
    wrong = {"a": 1}

    def values(self) -> list[Any]:
        return [[], [{"b": 1, "a": [0.1, True]}, None, "é\u2028\r"], [[]]]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(plain, max_size=3))
def test_any_list_comes_back_exactly_or_is_refused(tmp_path: Path, value: list[Any]) -> None:
    """There is no third way; and each item is a line."""
    path = tmp_path / "a.jsonl"
    path.unlink(missing_ok=True)
    try:
        JSONL.save(value, path)
    except FormatError:
        assert [] == list(tmp_path.iterdir())
    else:
        assert same(value, JSONL.load(path))
        assert len(value) == path.read_bytes().count(b"\n")


def test_the_order_of_keys_is_no_part_of_the_value(tmp_path: Path) -> None:
    """Equal dicts are the same line."""
    JSONL.save([{"b": 1, "a": 2}, {"a": 2, "b": 1}], tmp_path / "a.jsonl")
    assert '{"a": 2, "b": 1}\n' * 2 == (tmp_path / "a.jsonl").read_text()


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    """Empty lines are passed over, and counted."""
    (tmp_path / "a.jsonl").write_text("1\n\n  \n2")
    assert [1, 2] == JSONL.load(tmp_path / "a.jsonl")
    (tmp_path / "a.jsonl").write_text("1\n\n{nope\n")
    with pytest.raises(FormatError, match="`a.jsonl` cannot be read as jsonl: line 3: "):
        JSONL.load(tmp_path / "a.jsonl")


def test_what_json_does_not_have_is_refused_by_its_place(tmp_path: Path) -> None:
    """The place leads to it."""
    with pytest.raises(
        FormatError, match=r"jsonl cannot keep this value: `value\[1\]\['x'\]` is of type `tuple`"
    ):
        JSONL.save([0, {"x": (1,)}], tmp_path / "a.jsonl")
