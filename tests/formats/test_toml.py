"""toml: a dict of plain values, dates and times among them."""

from __future__ import annotations

import datetime
import math
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance
from tests.formats.values import plain, same

TOML = by_name("toml")
NOON = datetime.datetime(2020, 1, 1, 12, 0, 0, 5, tzinfo=datetime.UTC).replace(tzinfo=None)


class TestToml(RepeatingConformance):
    """toml keeps the promises of a format."""

    name = "toml"
    file = "settings.toml"
    wrong = [1]

    def values(self) -> list[Any]:
        times = {
            "at": NOON,
            "utc": NOON.replace(tzinfo=datetime.UTC),
            "day": NOON.date(),
            "hour": NOON.time(),
        }
        return [
            {},
            {"b": 1, "a": {"é \n": ["x\r\n\0", 2.5, True], "": -0.0}, "t": times},
            {"tables": [{"a": 1}, {"b": []}], "mixed": [{"a": 1}, 2], "big": [math.inf, 2**70]},
        ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=4), plain, max_size=3))
def test_any_dict_comes_back_exactly_or_is_refused(tmp_path: Path, value: dict[str, Any]) -> None:
    """There is no third way; the standard library's reader is the judge."""
    path = tmp_path / "a.toml"
    path.unlink(missing_ok=True)
    try:
        TOML.save(value, path)
    except FormatError:
        assert [] == list(tmp_path.iterdir())
    else:
        assert same(value, TOML.load(path))
        assert same(value, tomllib.loads(path.read_bytes().decode()))


def test_the_order_of_keys_is_no_part_of_the_value(tmp_path: Path) -> None:
    """Equal dicts are the same file, within as well as without."""
    TOML.save({"b": {"d": 1, "c": 2}, "a": 0}, tmp_path / "a.toml")
    TOML.save({"a": 0, "b": {"c": 2, "d": 1}}, tmp_path / "b.toml")
    assert (tmp_path / "a.toml").read_bytes() == (tmp_path / "b.toml").read_bytes()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"x": None}, "NoneType"),
        ({"x": [(1,)]}, r"`value\['x'\]\[0\]` is of type `tuple` and would come back as `list`"),
        ({"x": {1: 2}}, "1 is a key of type `int`"),
        ({"x": NOON.replace(tzinfo=ZoneInfo("Asia/Tokyo"))}, "Asia/Tokyo"),
        ({"x": "\ud800"}, "surrogates not allowed"),
    ],
)
def test_what_toml_does_not_have_is_refused(tmp_path: Path, value: Any, why: str) -> None:
    """The error gives the reason once; nothing is written."""
    with pytest.raises(FormatError, match=f"^toml cannot keep this value: .*{why}") as caught:
        TOML.save(value, tmp_path / "a.toml")
    assert 1 == str(caught.value).count("cannot keep")
    assert [] == list(tmp_path.iterdir())


def test_what_holds_itself_is_refused(tmp_path: Path) -> None:
    """It has no end."""
    value: dict[str, Any] = {}
    value["x"] = value
    with pytest.raises(FormatError, match="holds itself"):
        TOML.save(value, tmp_path / "a.toml")
