"""json: plain values to the bit, or refused."""

from __future__ import annotations

from collections import OrderedDict
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance

JSON = by_name("json")

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def typed(value: Any) -> Any:
    """A value that equals another's only if the types within are the same, too."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return type(value), repr(value)


class TestJson(RepeatingConformance):
    """json keeps the promises of a format."""

    name = "json"
    file = "metrics.json"

    def values(self) -> list[Any]:
        return [{"b": 1, "a": [1.5, None, True, "é"]}, [], {}, "text", 3, 0.1, None, False]


class Colour(IntEnum):
    """An int that is not just an int."""

    RED = 1


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plain)
def test_any_plain_value_comes_back_with_its_types(tmp_path: Path, value: Any) -> None:
    """1, 1.0 and True are different, and stay so; so does every character."""
    JSON.save(value, tmp_path / "a.json")
    assert typed(value) == typed(JSON.load(tmp_path / "a.json"))


def test_the_order_of_keys_is_no_part_of_the_value(tmp_path: Path) -> None:
    """Equal dicts are the same bytes."""
    JSON.save({"b": {"y": 1, "x": 2}, "a": 1}, tmp_path / "a.json")
    JSON.save({"a": 1, "b": {"x": 2, "y": 1}}, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_the_file_is_made_to_be_read(tmp_path: Path) -> None:
    """UTF-8 as it is, two spaces, and a newline at the end."""
    JSON.save({"name": "台帳"}, tmp_path / "a.json")
    assert '{\n  "name": "台帳"\n}\n' == (tmp_path / "a.json").read_text("utf-8")


def test_subclasses_of_list_and_dict_come_back_plain(tmp_path: Path) -> None:
    """They are equal to plain ones, which come back."""
    JSON.save(OrderedDict(a=1), tmp_path / "a.json")
    assert {"a": 1} == JSON.load(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        ((1, 2), "json saves plain values .*, not a tuple", "list"),
        ({"a": [{1, 2}]}, r"`value\['a'\]\[0\]` is of type `set`", "sorted"),
        ({1: "a"}, "the value has the key 1, and JSON has keys of type str alone", "str"),
        ({"a": {None: 1}}, r"`value\['a'\]` has the key None", "str"),
        ([float("nan")], r"`value\[0\]` is nan, which JSON does not have", "None"),
        (float("-inf"), "the value is -inf", "None"),
        ({"auc": numpy.float64(0.5)}, r"`value\['auc'\]` is of type `float64`", ".item()"),
        (numpy.int64(1), "not an int64", ".item()"),
        (numpy.array([1]), "not a ndarray", ".tolist()"),
        ([Colour.RED], r"`value\[0\]` is of type `Colour`", "plain"),
        ([b"x"], r"`value\[0\]` is of type `bytes`", "plain"),
    ],
)
def test_what_json_cannot_keep_is_refused(tmp_path: Path, value: Any, message: str, hint: str) -> None:
    """The error leads to the part that would be lost, and says what to do."""
    with pytest.raises(FormatError, match=message) as caught:
        JSON.save(value, tmp_path / "a.json")
    assert hint in caught.value.hints[0]
    assert [] == list(tmp_path.iterdir())


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    """UTF-8 does not have it."""
    with pytest.raises(FormatError, match="surrogate"):
        JSON.save(["\ud800"], tmp_path / "a.json")


def test_a_value_that_holds_itself_is_refused(tmp_path: Path) -> None:
    """It has no end."""
    value: list[Any] = []
    value.append(value)
    with pytest.raises(FormatError, match="holds itself"):
        JSON.save(value, tmp_path / "a.json")


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    """The error says where reading ended."""
    (tmp_path / "a.json").write_text('{"a": ')
    with pytest.raises(FormatError, match="`a.json` cannot be read as json: Expecting value: line 1"):
        JSON.load(tmp_path / "a.json")
