"""What a wheel holds beside the package: the Titanic example, which `daicho init` copies.

An editable install has the example in its checkout, and takes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LEFT_BY_RUNS = {
    ".daicho",
    "__pycache__",
    "mlartifacts",
    "mlflow.db",
    "mlflow.db-wal",
    "mlflow.db-shm",
    "mlruns",
}


class Templates(BuildHookInterface[Any]):
    """Puts the example among the templates."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files and where they go."""
        if version == "editable":
            return
        example = Path(self.root) / "examples" / "titanic"
        for path in sorted(example.rglob("*")):
            name = path.relative_to(example)
            if path.is_file() and not LEFT_BY_RUNS & set(name.parts):
                build_data["force_include"][str(path)] = f"daicho/templates/titanic/{name.as_posix()}"
