"""mlflow: a model as MLflow's own folder, saved by the flavour of its library; loadable by `mlflow.pyfunc`.

This is the one file beside the ledger that imports MLflow. What the model needs to run is pinned to the versions
that are installed, never found out by loading it in another process. What MLflow notes of the moment (the run, a
random id, the time) is taken out of the folder, so that it does not count in its digest.
"""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from daicho.errors import FormatError, MissingExtraError
from daicho.formats._files import sibling
from daicho.formats._mlflow_folder import flavours_in, forget_the_moment
from daicho.formats._refusals import not_exact, not_readable, wrong_kind
from daicho.formats._skops import model_bytes
from daicho.formats._skops_trusted import TRUSTED

_BY_LIBRARY: Final[Mapping[str, str]] = {
    "catboost": "catboost",
    "lightgbm": "lightgbm",
    "onnx": "onnx",
    "prophet": "prophet",
    "sklearn": "sklearn",
    "spacy": "spacy",
    "statsmodels": "statsmodels",
    "torch": "pytorch",
    "xgboost": "xgboost",
}
"""The flavour that saves a model, by the library that its class, or the nearest of its bases, comes from."""

_OWN: Final = "python_function"


class Mlflow:
    """Saves a model of a library that MLflow has a flavour for, or an `mlflow.pyfunc.PythonModel`."""

    name = "mlflow"
    suffixes: tuple[str, ...] = ()
    folder = True
    runs_code = True
    repeats = False

    def save(self, value: Any, path: Path) -> None:
        """Write a model's folder."""
        flavour = _flavour_of(value)
        if flavour is None:
            known = ", ".join(_BY_LIBRARY)
            hint = f"a model is one of {known}; wrap any other in an `mlflow.pyfunc.PythonModel`"
            raise wrong_kind("mlflow", "a model", value, path, hint)
        part = sibling(path)
        shutil.rmtree(part, ignore_errors=True)
        try:
            _write(flavour, value, part, path)
            forget_the_moment(part)
            if path.is_dir():
                shutil.rmtree(path)
            part.replace(path)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise

    def load(self, path: Path) -> Any:
        """Give the model back, by its own flavour; this runs code that the folder holds."""
        said = flavours_in(path)
        flavour = next((each for each in (*_BY_LIBRARY.values(), _OWN) if each in said), None)
        if flavour is None:
            raise not_readable("mlflow", path, f"no flavour of it is known here: {', '.join(sorted(said))}")
        try:
            loaded = _module(flavour).load_model(str(path))
            return loaded.unwrap_python_model() if flavour == _OWN else loaded
        except Exception as error:  # loading a model runs anything, so it raises anything
            hint = "what the model needs must be installed: its `requirements.txt` says it"
            raise not_readable("mlflow", path, error, hint) from error


def _flavour_of(model: Any) -> str | None:
    pyfunc = sys.modules.get("mlflow.pyfunc.model")  # whoever has a PythonModel has imported it
    if pyfunc is not None and isinstance(model, pyfunc.PythonModel):
        return _OWN
    libraries = (base.__module__.partition(".")[0] for base in type(model).__mro__)
    return next((_BY_LIBRARY[each] for each in libraries if each in _BY_LIBRARY), None)


def _module(flavour: str) -> Any:
    import mlflow  # noqa: F401  # said out loud, for the contract of layers to see

    return importlib.import_module("mlflow.pyfunc" if flavour == _OWN else f"mlflow.{flavour}")


def _write(flavour: str, model: Any, part: Path, path: Path) -> None:
    module, where = _module(flavour), str(part)
    try:
        if flavour == _OWN:
            module.save_model(
                where, python_model=model, pip_requirements=module.get_default_pip_requirements()
            )
        elif flavour == "sklearn":
            _write_sklearn(module, model, part)
        else:
            module.save_model(model, where, pip_requirements=module.get_default_pip_requirements())
    except Exception as error:  # saving a model pickles parts of it, which may raise anything
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise not_exact("mlflow", said[0].rstrip("."), path) from error


def _write_sklearn(module: Any, model: Any, part: Path) -> None:
    """By skops where that keeps the model, since such bytes can be made to repeat; else pickled, as any can be."""
    where = str(part)
    try:
        model_bytes(model, part)
    except (FormatError, MissingExtraError):
        pins = module.get_default_pip_requirements(include_cloudpickle=True)
        module.save_model(model, where, serialization_format="cloudpickle", pip_requirements=pins)
        return
    pins = module.get_default_pip_requirements(include_skops=True)
    module.save_model(
        model, where, serialization_format="skops", skops_trusted_types=list(TRUSTED), pip_requirements=pins
    )
