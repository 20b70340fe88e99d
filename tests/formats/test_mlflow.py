"""mlflow: a model as MLflow's own folder."""

from __future__ import annotations

import importlib
import inspect
import threading
from pathlib import Path
from typing import Any

import numpy
import pytest

from daicho.digest import of_file, of_names, walk
from daicho.errors import FormatError
from daicho.formats import by_name, for_file

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # MLflow's advice on the type hints of models

MLFLOW = by_name("mlflow")
X, Y = numpy.arange(20.0).reshape(10, 2), numpy.arange(10) % 2


def logistic(**given: Any) -> Any:
    """A model of scikit-learn, which is imported where a test needs it: that takes seconds."""
    return importlib.import_module("sklearn.linear_model").LogisticRegression(**given)


def served(folder: Path) -> Any:
    """A model as MLflow serves it."""
    return importlib.import_module("mlflow.pyfunc").load_model(str(folder))


def double(values: Any) -> Any:
    """A function of somebody's own, which skops does not keep."""
    return 2 * values


def content(folder: Path) -> str:
    """The digest of a folder, as it counts for those that depend on it."""
    return of_names({name: of_file(path) for name, path in walk(folder)})


def test_a_model_comes_back_and_is_loaded_by_mlflow_too(tmp_path: Path) -> None:
    """With pins of what is installed, and nothing of the run, the time or chance in it: its content repeats."""
    model = logistic(C=0.5).fit(X, Y)
    MLFLOW.save(model, tmp_path / "model")
    assert ["model"] == [item.name for item in tmp_path.iterdir()]
    loaded = MLFLOW.load(tmp_path / "model")
    assert model.get_params() == loaded.get_params()
    assert model.coef_.tolist() == loaded.coef_.tolist()
    assert model.predict(X).tolist() == served(tmp_path / "model").predict(X).tolist()

    pins = (tmp_path / "model" / "requirements.txt").read_text().split()
    assert ["mlflow", "scikit-learn", "skops"] == sorted(pin.partition("==")[0] for pin in pins)
    said = (tmp_path / "model" / "MLmodel").read_text()
    assert [] == [word for word in ("run_id", "uuid", "utc_time", "model_id") if word in said]

    before = content(tmp_path / "model")
    MLFLOW.save(loaded, tmp_path / "model")
    assert before == content(tmp_path / "model")
    MLFLOW.save(logistic(C=0.5).fit(X, Y), tmp_path / "again")
    assert before == content(tmp_path / "again")


def test_what_skops_does_not_keep_is_pickled(tmp_path: Path) -> None:
    """The library's own way for any model."""
    turn = importlib.import_module("sklearn.preprocessing").FunctionTransformer(double)
    model = importlib.import_module("sklearn.pipeline").make_pipeline(turn, logistic()).fit(X, Y)
    MLFLOW.save(model, tmp_path / "model")
    assert (tmp_path / "model" / "model.pkl").exists()
    assert model.predict(X).tolist() == MLFLOW.load(tmp_path / "model").predict(X).tolist()


def test_a_model_of_no_library_is_one_of_mlflows_own(tmp_path: Path) -> None:
    """A PythonModel comes back as one, and is served as any other."""
    own: Any = importlib.import_module("mlflow.pyfunc").PythonModel

    class Louder(own):  # type: ignore[misc]  # its base is imported late
        def predict(self, context: Any, model_input: list[str]) -> list[str]:
            return [each.upper() for each in model_input]

    MLFLOW.save(Louder(), tmp_path / "model")
    loaded = MLFLOW.load(tmp_path / "model")
    assert "Louder" == type(loaded).__name__
    assert ["A"] == served(tmp_path / "model").predict(["a"])


@pytest.mark.parametrize("value", [[1], None, {"a": 1}, dict])
def test_what_is_no_model_is_refused(tmp_path: Path, value: Any) -> None:
    """What lay there stays; the hint says what to do with a model of another kind."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "before").touch()
    with pytest.raises(FormatError, match="mlflow saves a model, not (a |None)") as caught:
        MLFLOW.save(value, tmp_path / "model")
    assert "PythonModel" in caught.value.hints[0]
    assert ["before"] == [item.name for item in (tmp_path / "model").iterdir()]
    assert ["model"] == [item.name for item in tmp_path.iterdir()]


def test_what_cannot_be_pickled_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    """What lay there stays."""
    model = logistic()
    model.rest = threading.Lock()
    with pytest.raises(FormatError, match="mlflow cannot keep this value: .*lock"):
        MLFLOW.save(model, tmp_path / "model")
    assert [] == list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    """Whatever is wrong with it, the error says so; a missing one is missing."""
    with pytest.raises(FileNotFoundError):
        MLFLOW.load(tmp_path / "model")
    (tmp_path / "model").mkdir()
    with pytest.raises(
        FormatError, match="`model` cannot be read as mlflow: there is no file `MLmodel` in it"
    ):
        MLFLOW.load(tmp_path / "model")
    (tmp_path / "model" / "MLmodel").write_text("nothing")
    with pytest.raises(FormatError, match="its `MLmodel` says no flavours"):
        MLFLOW.load(tmp_path / "model")
    (tmp_path / "model" / "MLmodel").write_text("flavors: {mleap: {}}")
    with pytest.raises(FormatError, match="no flavour of it is known here: mleap"):
        MLFLOW.load(tmp_path / "model")
    (tmp_path / "model" / "MLmodel").write_text("flavors: {sklearn: {}}")
    with pytest.raises(FormatError, match="`model` cannot be read as mlflow") as caught:
        MLFLOW.load(tmp_path / "model")
    assert "requirements.txt" in caught.value.hints[0]


def test_it_is_asked_for_by_name() -> None:
    """A folder is a folder otherwise."""
    assert "mlflow" == for_file("model", "mlflow").name
    assert "folder" == for_file("model/").name


@pytest.mark.parametrize(
    "flavour", ["catboost", "lightgbm", "onnx", "prophet", "pytorch", "spacy", "statsmodels", "xgboost"]
)
def test_every_flavour_is_called_in_the_same_way(flavour: str) -> None:
    """The model first, the folder then, pins by name: what MLflow's next version has to keep."""
    module = importlib.import_module(f"mlflow.{flavour}")
    parameters = list(inspect.signature(module.save_model).parameters)
    assert "path" == parameters[1]
    assert "pip_requirements" in parameters
    assert [] == [
        each
        for each in inspect.signature(module.get_default_pip_requirements).parameters.values()
        if each.default is inspect.Parameter.empty
    ]
    assert callable(module.load_model)
