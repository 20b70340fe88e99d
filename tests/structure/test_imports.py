"""Imports are cheap: what every command pays for before it knows what it is asked."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = {"click", "importlib.metadata", "luigi", "matplotlib", "mlflow", "numpy", "pandas", "pyarrow"}
HEAVY |= {"pydantic", "rich", "skops", "sklearn"}


@pytest.mark.parametrize(
    "statement",
    [
        "import daicho",
        "import daicho; daicho.__version__",
        "import daicho.errors",
        "import daicho.digest",
        "import daicho.record",
        "import daicho.events",
        "import daicho.runtime",
        "import daicho.cli.__main__",
    ],
)
def test_nothing_heavy_is_imported(statement: str) -> None:
    """Neither the package, nor its words, nor the command's front door load a heavy library."""
    assert set() == HEAVY & _imported(statement)


def test_heavy_imports_are_noticed() -> None:
    """A heavy library that a statement loads is seen."""
    assert {"click"} <= _imported("import click")


def _imported(statement: str) -> set[str]:
    # Without `site`, whose .pth files may import what daicho did not; its folders are handed over instead.
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"{statement}\nimport sys\nprint(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())
