"""The environment that tests run in: nobody's home, nobody's settings, and tools that must be there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

REQUIRE_ALL = os.environ.get("DAICHO_TEST_REQUIRE_ALL") == "1"
"""Whether a test that would be skipped fails instead, as in CI."""

_SETTINGS = ("DAICHO_", "GIT_", "LUIGI_", "MLFLOW_", "XDG_")
_OF_THE_TERMINAL = ("CLICOLOR", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "TERM")
_OF_THE_TESTS = ("CI", "PYTEST_", "PYTHON", "VIRTUAL_ENV")


def require(tool: str) -> str:
    """The path of a program, or a skip that names it (in CI: a failure)."""
    path = shutil.which(tool)
    if path is None:
        pytest.skip(f"needs `{tool}`, which is not on the PATH")
    return path


def isolate(folder: Path) -> None:
    """Take the settings of whoever runs the tests out of this process and give it an empty home."""
    kept = ("DAICHO_TEST_", *_OF_THE_TESTS)
    for name in [name for name in os.environ if name.startswith(_SETTINGS) and not name.startswith(kept)]:
        del os.environ[name]
    os.environ.update(_settings(folder, folder / "home"))


def environment(folder: Path, home: Path, extra: Mapping[str, str] = {}) -> dict[str, str]:
    """What a program that a test starts finds in its environment.

    Args:
        folder: The folder that the whole session shares.
        home: The program's home, made if missing.
        extra: Variables of the test's own.
    """
    dropped = (*_SETTINGS, *_OF_THE_TERMINAL, *_OF_THE_TESTS)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | _settings(folder, home) | {"COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1"} | dict(extra)


def _settings(folder: Path, home: Path) -> dict[str, str]:
    home.mkdir(parents=True, exist_ok=True)
    return {
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": str(folder / "matplotlib"),  # its list of fonts takes seconds to make: once is enough
    }
