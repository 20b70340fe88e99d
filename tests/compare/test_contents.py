"""How two contents of one format differ: each kind by its own measure, and never by running code."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho import formats
from daicho.compare import Difference, compare_files
from daicho.compare.arrays import compare_arrays
from daicho.compare.models import compare_models
from daicho.compare.tables import compare_tables
from daicho.compare.text import compare_texts, compare_values

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def saved(folder: Path, name: str, *values: Any) -> list[Path]:
    """Files that hold these values in the format that a name says."""
    paths = []
    for number, value in enumerate(values):
        path = folder / str(number) / name
        path.parent.mkdir()
        formats.for_file(name).save(value, path)
        paths.append(path)
    return paths


@given(PLAIN)
def test_a_value_equals_itself(value: Any) -> None:
    """No value differs from its own copy, whatever is in it; also not from what JSON makes of it."""
    again = json.loads(json.dumps(value))
    assert "equal" == compare_values(value, again).verdict


@given(PLAIN, PLAIN)
def test_differing_is_mutual(one: Any, other: Any) -> None:
    """Two values differ both ways or not at all, in as many places, by as much."""
    there, back = compare_values(one, other), compare_values(other, one)
    assert (there.verdict, there.facts, there.largest) == (back.verdict, back.facts, back.largest)


def test_values_by_place() -> None:
    """A difference is named by its place; types are values too; what is missing is called nothing."""
    found = compare_values({"a": [1, 2], "b": 1, "c": 0}, {"a": [1, 3], "b": True, "d": 0})
    assert ("a[1]: 2 -> 3", "b: 1 -> true", "c: 0 -> nothing", "d: nothing -> 0") == found.lines
    assert ("different", "4 places differ", 1, "a[1]") == (
        found.verdict,
        found.text,
        found.largest,
        found.where,
    )
    assert "close" == compare_values([1.0], [1.0 + 1e-9], tolerance=1e-6).verdict
    assert "different" == compare_values([1.0, "a"], [1.0 + 1e-9, "b"], tolerance=1e-6).verdict


@given(st.text(), st.text())
def test_texts_differ_where_they_do(one: str, other: str) -> None:
    """Texts are equal exactly if they are, and a diff tells how many lines came and went."""
    found = compare_texts(one, other)
    assert ("equal" if one == other else "different") == found.verdict
    if found.lines:
        assert found.facts["added"] == sum(line.startswith("+") for line in found.lines)


def test_long_texts() -> None:
    """A text too long for a diff is still told from which line on it differs."""
    lines = [str(number) for number in range(30_000)]
    found = compare_texts("\n".join(lines), "\n".join([*lines[:12_345], "x", *lines[12_346:]]))
    assert ("differs from line 12,346 on", ()) == (found.text, found.lines)


@pytest.mark.parametrize(
    ("old", "new", "text", "largest", "where"),
    [
        ([1.0, 2.0], [1.0, 2.5], "1 of 2 entries differ, by at most 0.5 at [1]", 0.5, "[1]"),
        ([[1, 2], [3, 4]], [[1, 2], [9, 5]], "2 of 4 entries differ, by at most 6 at [1, 0]", 6.0, "[1, 0]"),
        (
            [1.0, float("nan")],
            [1.0, 2.0],
            "1 of 2 entries differ, by at most inf at [1]",
            float("inf"),
            "[1]",
        ),
        (["a", "b"], ["a", "c"], "1 of 2 entries differ", None, ""),
        ([1.0], [1.0, 2.0], "shape 1 -> 2", None, ""),
        ([1.0], [1], "type float64 -> int64, equal values", None, ""),
        (2.0, 3.0, "2.0 -> 3.0", 1.0, "[0]"),
        ([0, 255], [255, 0], "2 of 2 entries differ, by at most 255 at [0]", 255.0, "[0]"),
    ],
)
def test_arrays(old: Any, new: Any, text: str, largest: float | None, where: str) -> None:
    """Shape, type, how many entries differ, and the largest difference with its place."""
    small = numpy.uint8 if old == [0, 255] else None
    found = compare_arrays(numpy.array(old, dtype=small), numpy.array(new, dtype=small))
    assert ("different", text, largest, where) == (found.verdict, found.text, found.largest, found.where)


def test_equal_arrays() -> None:
    """NaN equals NaN, no time equals no time, zero equals minus zero; structured ones are compared by field."""
    assert "equal" == compare_arrays(numpy.array([numpy.nan, 0.0]), numpy.array([numpy.nan, -0.0])).verdict
    nat = numpy.array(["NaT", "2024-01-01"], dtype="datetime64[D]")
    assert "equal" == compare_arrays(nat, nat.copy()).verdict
    kind = [("a", "f8"), ("b", "i4")]
    one, other = numpy.array([(1.0, 2)], dtype=kind), numpy.array([(1.0, 4)], dtype=kind)
    assert "field b: 1 of 1 entries differ, by at most 2 at [0]" == compare_arrays(one, other).text
    assert "equal" == compare_arrays(one, one.copy()).verdict
    assert "equal" == compare_arrays(numpy.zeros((0, 2)), numpy.zeros((0, 2))).verdict


def test_within_a_tolerance() -> None:
    """Close is what all lies within, in parts of the larger number; one that does not is different."""
    old = numpy.array([1.0, 1000.0])
    assert "close" == compare_arrays(old, old * (1 + 1e-8), tolerance=1e-6).verdict
    assert "different" == compare_arrays(old, old + numpy.array([1e-3, 0]), tolerance=1e-6).verdict
    assert "different" == compare_arrays(old, old * (1 + 1e-8)).verdict


def frame(**columns: Any) -> Any:
    """A table."""
    return pandas.DataFrame(columns)


@pytest.mark.parametrize(
    ("new", "text", "first"),
    [
        (
            frame(a=[1, 2, 4], b=["x", None, "z"]),
            "1 of 3 rows differ, in a, by at most 1",
            "row 2, a: 3 -> 4",
        ),
        (frame(a=[1, 2, 3], b=["x", "y", "z"]), "1 of 3 rows differ, in b", "row 1, b: None -> 'y'"),
        (frame(a=[1, 2], b=["x", None]), "3 -> 2 rows", ""),
        (frame(a=[1, 2, 3]), "column b is gone", ""),
        (frame(b=["x", None, "z"], a=[1, 2, 3]), "the columns stand in another order", ""),
        (frame(a=[1.0, 2, 3], b=["x", None, "z"]), "column a: type int64 -> float64", ""),
        (
            frame(a=[1, 2, 9], c=[1, 1, 1]),
            "1 of 3 rows differ, in a, by at most 6; column b is gone; column c is new",
            "row 2, a: 3 -> 9",
        ),
    ],
)
def test_tables(new: Any, text: str, first: str) -> None:
    """Rows, columns, types, and the cells that differ, the first with both its values."""
    found = compare_tables(
        frame(a=[1, 2, 3], b=pandas.Series(["x", None, "z"], dtype=object)),
        new.astype({"b": object}) if "b" in new else new,
    )
    assert ("different", text, first) == (found.verdict, found.text, found.first)


def test_equal_tables() -> None:
    """Missing is equal to missing; another index is a difference; small differences are close."""
    table = frame(a=[1.0, float("nan")], b=["x", None])
    assert "equal" == compare_tables(table, table.copy()).verdict
    assert "another index, equal cells" == compare_tables(table, table.set_axis([5, 6])).text
    assert "close" == compare_tables(table, table.assign(a=table["a"] * (1 + 1e-9)), tolerance=1e-6).verdict


def test_models() -> None:
    """What a model was made with and what it learnt are told apart; the same fit twice is equal."""
    linear = pytest.importorskip("sklearn.linear_model")
    tree = pytest.importorskip("sklearn.tree")
    inputs, wanted = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
    one, other = (linear.LogisticRegression(C=c).fit(inputs, wanted) for c in (1.0, 2.0))
    found = compare_models(one, other)
    assert "C: 1.0 -> 2.0" == found.first
    assert found.facts["parameters_differ"] == 1
    assert found.facts["parts_differ"] >= 2  # coefficients and intercept
    assert "equal" == compare_models(one, linear.LogisticRegression(C=1.0).fit(inputs, wanted)).verdict
    shallow, deep = (
        tree.DecisionTreeClassifier(max_depth=2, random_state=0).fit(inputs, labels)
        for labels in (wanted, [0, 1, 0, 1])
    )
    differing = compare_models(shallow, deep)
    assert (0, True) == (differing.facts["parameters_differ"], differing.facts["parts_differ"] > 0)
    assert "a LogisticRegression became a DecisionTreeClassifier" == compare_models(one, deep).text


class Trap:
    """Whoever unpickles it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_no_recorded_code_is_run(tmp_path: Path) -> None:
    """A pickle is compared by its bytes alone, whatever it is called; so is a format that is not known."""
    sprung = tmp_path / "sprung"
    old, new = tmp_path / "old.pkl", tmp_path / "new.pkl"
    old.write_bytes(pickle.dumps(Trap(sprung)))
    new.write_bytes(pickle.dumps([Trap(sprung), 1]))
    for name in ("pickle", "nobody's", "", "npy", "json", "skops", "csv"):
        found = compare_files(name, old, new)
        assert found.verdict in ("unknown", "different"), name
        assert not sprung.exists(), name
    assert "identical" == compare_files("pickle", old, old).verdict


def test_files_of_each_format(tmp_path: Path) -> None:
    """A file is loaded by its format and compared as what it holds."""
    for name, old, new, text in (
        ("a.json", {"a": 1}, {"a": 2}, "a: 1 -> 2"),
        ("a.txt", "a\nb\n", "a\nc\n", "+1 -1 lines"),
        ("a.npy", numpy.zeros(3), numpy.ones(3), "3 of 3 entries differ, by at most 1 at [0]"),
        ("a.csv", frame(a=[1, 2]), frame(a=[1, 3]), "1 of 2 rows differ, in a, by at most 1"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        one, other, again = saved(folder, name, old, new, old)
        form = formats.for_file(name).name
        assert ("different", text) == told(compare_files(form, one, other)), name
        assert "identical" == compare_files(form, one, again).verdict


def told(found: Difference) -> tuple[str, str]:
    """What is said of it."""
    return found.verdict, found.text


def test_pictures(tmp_path: Path) -> None:
    """Pixels are compared, and where they differ is said."""
    pytest.importorskip("PIL")
    old = numpy.zeros((4, 5), dtype=numpy.uint8)
    new = old.copy()
    new[1:3, 2] = 255
    one, other, larger = saved(
        tmp_path, "a.png", *map(picture, (old, new, numpy.zeros((4, 6), dtype=numpy.uint8)))
    )
    assert ("different", "pixels differ from (2, 1) to (3, 3)") == told(compare_files("figure", one, other))
    assert ("different", "5 x 4 -> 6 x 4 pixels") == told(compare_files("figure", one, larger))


def picture(array: Any) -> Any:
    """An image of pixels."""
    from PIL import Image

    return Image.fromarray(array)


def test_folders(tmp_path: Path) -> None:
    """Files that came, went and changed are named."""
    for folder, files in (
        ("old", {"a": "1", "b/c": "2", "d": "3"}),
        ("new", {"a": "1", "b/c": "9", "e": "3"}),
    ):
        for name, text in files.items():
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_text(text)
    found = compare_files("folder", tmp_path / "old", tmp_path / "new")
    assert ("different", "1 differ, 1 new, 1 gone of 4 files") == told(found)
    assert ("- d", "+ e", "! b/c") == found.lines
    assert "identical" == compare_files("folder", tmp_path / "old", tmp_path / "old").verdict
