"""What lies in the folder of an MLflow model: which flavours it says, and what in it is only of the moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from daicho._lazy import need
from daicho.formats._refusals import not_readable
from daicho.formats._skops_bytes import canonical

FILE: Final = "MLmodel"

_OF_THE_MOMENT: Final = (
    "artifact_path",
    "model_id",
    "model_size_bytes",
    "model_uuid",
    "run_id",
    "utc_time_created",
)
"""Who saved it, when, and as which of many; and a size that was taken before the files were made to repeat."""


def forget_the_moment(folder: Path) -> None:
    """Take out of a model's folder what differs each time although the model does not."""
    yaml, file = _yaml(), folder / FILE
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    kept = {name: value for name, value in said.items() if name not in _OF_THE_MOMENT}
    file.write_text(yaml.safe_dump(kept, allow_unicode=True, sort_keys=True), encoding="utf-8")
    for model in folder.rglob("*.skops"):
        model.write_bytes(canonical(model.read_bytes()))


def flavours_in(folder: Path) -> frozenset[str]:
    """The names of the flavours that can load a model.

    Raises:
        FormatError: If it is no model's folder.
        FileNotFoundError: If there is none.
    """
    yaml = _yaml()
    if folder.exists() and not (folder / FILE).is_file():
        raise not_readable("mlflow", folder, f"there is no file `{FILE}` in it")
    try:
        said: Any = yaml.safe_load((folder / FILE).read_text(encoding="utf-8"))
        return frozenset(said["flavors"])
    except (ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise not_readable("mlflow", folder, f"its `{FILE}` says no flavours") from error


def _yaml() -> Any:
    return need("yaml", extra="yaml", why="the mlflow format")
