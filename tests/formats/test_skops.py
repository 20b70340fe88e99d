"""skops: a model with the same bytes for the same model, in a file that runs no code."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy
import pytest
import skops.io
from sklearn.base import BaseEstimator
from sklearn.cluster import Birch
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance

SKOPS = by_name("skops")
X = numpy.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)


def forest() -> RandomForestClassifier:
    """A small forest; its trees are what skops itself would not load."""
    return RandomForestClassifier(3, random_state=0).fit(X, Y)


def members(path: Path) -> dict[str, bytes]:
    """What is in the zip."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


class Keeper(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A model of somebody's own code: no file may bring it in by itself."""


class TestSkops(RepeatingConformance):
    """skops keeps the promises of a format."""

    name = "skops"
    file = "model.skops"
    wrong = {"a": "model"}

    def values(self) -> list[Any]:
        prepare = ColumnTransformer([("a", StandardScaler(), [0]), ("b", OneHotEncoder(), [1])])
        return [
            forest(),
            LogisticRegression().fit(X, Y),
            KNeighborsClassifier().fit(X, Y),
            HistGradientBoostingClassifier(max_iter=2, random_state=0).fit(X, Y),
            GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, Y),
            VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression())]).fit(X, Y),
            make_pipeline(SimpleImputer(), prepare, GaussianNB()).fit(X.round(), Y),
            GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9]}, scoring="accuracy", cv=StratifiedKFold(2)),
            FunctionTransformer(numpy.log1p),
            LogisticRegression(),
        ]

    def same(self, saved: Any, loaded: Any) -> bool:
        if hasattr(saved, "classes_"):
            assert numpy.array_equal(saved.predict(X.round()), loaded.predict(X.round()))
        return type(saved) is type(loaded) and repr(saved) == repr(loaded)


def test_an_array_that_two_places_share_is_shared_again(tmp_path: Path) -> None:
    """One object stays one object, and two equal ones stay two."""
    model = LogisticRegression().fit(X, Y)
    model.first_ = model.second_ = numpy.arange(3)
    model.third_ = numpy.arange(3)
    SKOPS.save(model, tmp_path / "a.skops")
    loaded = SKOPS.load(tmp_path / "a.skops")
    assert loaded.first_ is loaded.second_
    assert loaded.first_ is not loaded.third_
    assert [0, 1, 2] == loaded.third_.tolist()


def test_that_constants_are_shared_is_no_part_of_the_model(tmp_path: Path) -> None:
    """Whether two equal strings, numbers or tuples are one object is chance."""
    one, two = LogisticRegression(), LogisticRegression()
    text, number, pair = str(b"ab", "ascii"), numpy.float64(0.5), (1, "x")
    one.parts_ = [text, text, number, number, pair, pair]
    two.parts_ = [
        "ab",
        str(b"ab", "ascii"),
        numpy.float64(0.5),
        numpy.float64(0.5),
        (1, "x"),
        tuple(iter((1, "x"))),
    ]
    SKOPS.save(one, tmp_path / "a.skops")
    SKOPS.save(two, tmp_path / "b.skops")
    assert (tmp_path / "a.skops").read_bytes() == (tmp_path / "b.skops").read_bytes()


def test_what_lies_between_fields_is_no_part_of_the_model(tmp_path: Path) -> None:
    """The gaps of a structured array hold whatever was in memory."""
    kind = numpy.dtype([("flag", "u1"), ("number", "f8")], align=True)
    for name, rubbish in (("a", 1), ("b", 2)):
        model = LogisticRegression()
        model.table_ = numpy.full(2 * kind.itemsize, rubbish, "u1").view(kind)
        model.table_["flag"], model.table_["number"] = 1, 0.5
        SKOPS.save(model, tmp_path / f"{name}.skops")
    assert (tmp_path / "a.skops").read_bytes() == (tmp_path / "b.skops").read_bytes()


def test_another_model_has_other_bytes(tmp_path: Path) -> None:
    """Nothing that matters was made equal."""
    SKOPS.save(LogisticRegression().fit(X, Y), tmp_path / "a.skops")
    SKOPS.save(LogisticRegression().fit(X + 1e-9, Y), tmp_path / "b.skops")
    assert (tmp_path / "a.skops").read_bytes() != (tmp_path / "b.skops").read_bytes()


def test_the_file_is_one_that_skops_reads(tmp_path: Path) -> None:
    """Who has no daicho loads it with skops alone."""
    SKOPS.save(LogisticRegression().fit(X, Y), tmp_path / "a.skops")
    assert [] == skops.io.get_untrusted_types(file=tmp_path / "a.skops")
    assert (
        skops.io.load(tmp_path / "a.skops").predict(X) == SKOPS.load(tmp_path / "a.skops").predict(X)
    ).all()


def test_somebody_elses_skops_file_loads(tmp_path: Path) -> None:
    """What skops itself wrote is read too."""
    skops.io.dump(forest(), tmp_path / "a.skops")
    assert (forest().predict(X) == SKOPS.load(tmp_path / "a.skops").predict(X)).all()


def test_no_address_and_no_time_is_left(tmp_path: Path) -> None:
    """Members are numbered, times are 1980, ids are small."""
    SKOPS.save(forest(), tmp_path / "a.skops")
    with zipfile.ZipFile(tmp_path / "a.skops") as file:
        assert {(1980, 1, 1, 0, 0, 0)} == {info.date_time for info in file.infolist()}
    names = list(members(tmp_path / "a.skops"))
    assert [f"{number}.npy" for number in range(len(names) - 1)] == names[:-1]
    text = members(tmp_path / "a.skops")["schema.json"].decode()
    assert all(int(part.split(",")[0].split("}")[0]) < 1000 for part in text.split('"__id__":')[1:])


def test_own_code_is_refused_when_it_is_saved(tmp_path: Path) -> None:
    """Not when somebody needs the model: the error names the type and what to do."""
    with pytest.raises(FormatError, match=r"not known to be safe to load: .*test_skops.Keeper") as caught:
        SKOPS.save(make_pipeline(StandardScaler(), Keeper()), tmp_path / "a.skops")
    assert "of your own" in caught.value.hints[0]
    assert 'format="pickle"' in caught.value.hints[1]
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_asks_for_own_code_is_not_loaded(tmp_path: Path) -> None:
    """A file that somebody made on purpose runs nothing."""
    skops.io.dump(Keeper(), tmp_path / "a.skops")
    with pytest.raises(FormatError, match=r"`a.skops` cannot be read as skops: it needs types .*Keeper"):
        SKOPS.load(tmp_path / "a.skops")


def test_a_file_that_calls_a_function_is_not_loaded(tmp_path: Path) -> None:
    """Neither the system's functions nor what scikit-learn's modules happen to import are callable from a file."""
    for module, name in (("os", "system"), ("sklearn.datasets._base", "urlretrieve"), ("builtins", "eval")):
        argument = {
            "__class__": "str",
            "__module__": "builtins",
            "__loader__": "JsonNode",
            "content": '"touch owned"',
        }
        arguments = {
            "__class__": "tuple",
            "__module__": "builtins",
            "__loader__": "TupleNode",
            "content": [argument],
        }
        schema = {
            "__class__": name,
            "__module__": module,
            "__loader__": "ConstructorFromReduceNode",
            "content": arguments,
        }
        with zipfile.ZipFile(tmp_path / "a.skops", "w") as file:
            file.writestr("schema.json", json.dumps({**schema, "protocol": 2}))
        with pytest.raises(FormatError, match=f"not known to be safe to load: {module}.{name}"):
            SKOPS.load(tmp_path / "a.skops")


def test_a_model_that_skops_cannot_dump_is_refused(tmp_path: Path) -> None:
    """What skops says is said, and what else there is."""
    with pytest.raises(FormatError, match="Birch are not supported") as caught:
        SKOPS.save(Birch(), tmp_path / "a.skops")
    assert 'format="pickle"' in caught.value.hints[-1]


def test_a_model_that_would_not_come_back_is_refused(tmp_path: Path) -> None:
    """A dict with the keys 1 and "1" would lose one of them."""
    model = LogisticRegression()
    model.counts_ = {1: "a", "1": "b"}
    with pytest.raises(FormatError, match="it would not come back as it is"):
        SKOPS.save(model, tmp_path / "a.skops")


def test_a_model_that_holds_itself_is_refused(tmp_path: Path) -> None:
    """skops has no way to write it."""
    model = LogisticRegression()
    model.self_ = model
    with pytest.raises(FormatError, match="it holds itself"):
        SKOPS.save(model, tmp_path / "a.skops")


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    """The zip's own checks tell."""
    SKOPS.save(forest(), tmp_path / "a.skops")
    data = bytearray((tmp_path / "a.skops").read_bytes())
    data[data.index(b"sklearn.tree._tree")] ^= 1
    (tmp_path / "a.skops").write_bytes(data)
    assert zipfile.is_zipfile(io.BytesIO(data))
    with pytest.raises(FormatError, match="`a.skops` cannot be read as skops"):
        SKOPS.load(tmp_path / "a.skops")
