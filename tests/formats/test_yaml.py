"""yaml: plain values."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance
from tests.formats.values import plain, same

YAML = by_name("yaml")
NOON = datetime.datetime(2020, 1, 1, 12, 0, 0, 5, tzinfo=datetime.UTC).replace(tzinfo=None)


class Keys(dict[str, int]):
    """A dict of somebody's own."""


class TestYaml(RepeatingConformance):
    """yaml keeps the promises of a format."""

    name = "yaml"
    file = "settings.yaml"
    garbage = b"a: [1"

    def values(self) -> list[Any]:
        return [
            None,
            {},
            {"b": 1, "a": {"é \n": ["x\r\n\0\x85\u2028\ufeff😀", 2.5, True, None], "": -0.0, "<<": b"\0"}},
            {"at": NOON, "utc": NOON.replace(tzinfo=datetime.UTC), "day": NOON.date()},
            ["yes", "1e5", "0o7", "12:30:00", "~", "=", "", 1e20, 1e-7, math.inf, {"s": {2, 1}}],
        ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plain)
def test_any_value_comes_back_exactly_or_is_refused(tmp_path: Path, value: Any) -> None:
    """There is no third way."""
    path = tmp_path / "a.yaml"
    path.unlink(missing_ok=True)
    try:
        YAML.save(value, path)
    except FormatError:
        assert [] == list(tmp_path.iterdir())
    else:
        assert same(value, YAML.load(path))


def test_neither_order_nor_identity_is_part_of_the_value(tmp_path: Path) -> None:
    """Equal dicts are the same file, also where one object stands twice."""
    twice = [1, 2]
    YAML.save({"b": twice, "a": twice}, tmp_path / "a.yaml")
    YAML.save({"a": [1, 2], "b": [1, 2]}, tmp_path / "b.yaml")
    assert (tmp_path / "a.yaml").read_bytes() == (tmp_path / "b.yaml").read_bytes()


def test_a_dict_of_somebodys_own_comes_back_as_a_plain_one(tmp_path: Path) -> None:
    """It is equal to it."""
    YAML.save(Keys(a=1), tmp_path / "a.yaml")
    assert {"a": 1} == YAML.load(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"x": (1,)}, r"`value\['x'\]` is of type `tuple` and would come back as `list`"),
        ([{1: 2}], "1 is a key of type `int`"),
        ({"x": object()}, "cannot represent an object of type `object`"),
    ],
)
def test_what_yaml_does_not_keep_is_refused(tmp_path: Path, value: Any, why: str) -> None:
    """The error gives the reason once; nothing is written."""
    with pytest.raises(FormatError, match=f"^yaml cannot keep this value: {why}") as caught:
        YAML.save(value, tmp_path / "a.yaml")
    assert 1 == str(caught.value).count("cannot keep")
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_would_make_objects_is_refused(tmp_path: Path) -> None:
    """No code runs when a file is loaded."""
    (tmp_path / "a.yaml").write_text(f"!!python/object/apply:os.mkdir ['{tmp_path}/made']")
    with pytest.raises(
        FormatError, match="`a.yaml` cannot be read as yaml: could not determine a constructor"
    ):
        YAML.load(tmp_path / "a.yaml")
    assert not (tmp_path / "made").exists()
